"""The component's files, and what its events may say."""

import math

import pytest

from playground.backprop.component import ASSETS, Entry, Place, entry_in, place_in, rest_in, script, style


def test_the_bundle_is_every_file_that_is_named_in_order():
    names = (ASSETS / "ORDER").read_text("utf-8").split()
    text = script()
    assert names[-1] == "main.js" and text.count("export default") == 1
    assert {path.name for path in ASSETS.glob("*.js")} == {name for name in names if "/" not in name}
    places = [text.index((ASSETS / name).read_text("utf-8")) for name in names if "/" not in name]
    assert places == sorted(places)
    assert all(path.read_text("utf-8") in style() for path in ASSETS.glob("*.css"))


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({"layer": 2, "row": 0, "column": 1}, Place(2, 0, 1)),
        ({"layer": 2, "row": None, "column": 1}, Place(2, None, 1)),
        ({"layer": 2, "column": 1}, Place(2, None, 1)),
        ({"layer": 2.0, "row": 0, "column": 1}, None),
        ({"layer": True, "row": 0, "column": 1}, None),
        ({"layer": 1, "row": -1, "column": 1}, None),
        ({"layer": 1, "row": 0, "column": 10**9}, None),
        ({"layer": 1, "row": 0}, None),
        (None, None),
        ([1, 2], None),
    ],
)
def test_only_a_weight_is_a_weight(event, place):
    assert place_in(event) == place


@pytest.mark.parametrize(
    ("event", "rest"),
    [
        ({"step": 3, "example": 0}, (3, 0)),
        ({"step": 3, "example": -1}, (3, -1)),
        ({"step": -1, "example": 0}, None),
        ({"step": 3, "example": -2}, None),
        ({"step": "3", "example": 0}, None),
        ({"step": 3}, None),
        (None, None),
    ],
)
def test_only_an_operation_and_an_example_are_a_rest(event, rest):
    assert rest_in(event) == rest


GOOD = {"matrix": "W1", "row": 0, "column": 1, "value": 0.5}


def test_a_typed_number_is_finite_and_has_a_place():
    assert entry_in(GOOD) == Entry("W1", 0, 1, 0.5)
    assert entry_in(GOOD | {"value": 3}) == Entry("W1", 0, 1, 3.0)
    for wrong in ({"value": math.nan}, {"value": math.inf}, {"value": "1"}, {"value": True}, {"value": None}, {"row": -1},
                  {"column": 1.5}, {"matrix": 3}, {"matrix": "W1" * 9}):  # fmt: skip
        assert entry_in(GOOD | wrong) is None
    assert entry_in(None) is None and entry_in("W1") is None
