"""The component's files, and what its events may say."""

import pytest

from playground.descent.component import ASSETS, place_in, runner_in, script, style
from playground.live.component import ASSETS as SHARED


def test_the_bundle_is_every_file_that_is_named_in_order():
    names = (ASSETS / "ORDER").read_text("utf-8").split()
    text = script()
    assert names[-1] == "main.js"
    for name in names:
        path = SHARED / name.removeprefix("../") if name.startswith("../") else ASSETS / name
        assert path.read_text("utf-8") in text
    assert "../palette.js" in names
    assert text.count("export default") == 1


def test_no_script_is_left_out():
    named = set((ASSETS / "ORDER").read_text("utf-8").split())
    assert {path.name for path in ASSETS.glob("*.js")} == {name for name in named if not name.startswith("../")}


def test_every_style_sheet_is_taken():
    assert all(path.read_text("utf-8") in style() for path in ASSETS.glob("*.css"))
    assert style()


@pytest.mark.parametrize(
    ("edited", "place"),
    [
        ({"start": [1, 2.5]}, (1.0, 2.5)),
        ({"start": (0, 0), "more": 1}, (0.0, 0.0)),
        (None, None),
        ("x", None),
        ({}, None),
        ({"start": [1]}, None),
        ({"start": [1, 2, 3]}, None),
        ({"start": ["1", 2]}, None),
        ({"start": [True, 2]}, None),
        ({"start": {"x": 1, "y": 2}}, None),
    ],
)
def test_only_a_place_is_a_place(edited, place):
    assert place_in(edited) == place


@pytest.mark.parametrize(
    ("chosen", "runner"),
    [(0, 0), (2, 2), (1.0, 1), (3, None), (-1, None), (1.5, None), (True, None), ("1", None), (None, None), ({}, None)],
)
def test_only_a_runner_is_a_runner(chosen, runner):
    assert runner_in(chosen, 3) == runner
