"""What all descriptions have in common: places in plain data, choices of tables, problems in words."""

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from engines.descent.race import Race
from engines.descriptions import Choice, Description, describe_error, known, replaced
from engines.experiment import Experiment
from engines.optimizers import OPTIMIZERS
from engines.surfaces import SURFACES
from tests.strategies import experiments, races


def test_a_place_in_plain_data_is_replaced_and_the_rest_stays():
    raw = {"a": [{"b": 1}, {"b": 2}], "c": ({"d": 3},)}
    assert replaced(raw, ["a", "1", "b"], 9) == {"a": [{"b": 1}, {"b": 9}], "c": ({"d": 3},)}
    assert replaced(raw, ["c", "0"], 9)["c"] == [9]
    assert replaced(raw, ["e"], 9)["e"] == 9
    assert raw["a"][1]["b"] == 2


@pytest.mark.parametrize("path", ["x.y", "a.2", "a.-1", "a.b", "a.0.b.c", "a.1e0"])
def test_a_place_that_is_not_there(path):
    with pytest.raises(LookupError):
        replaced({"a": [{"b": 1}, {"b": 2}]}, path.split("."), 9)


def test_change_reaches_into_lists():
    race = Race().change(runners__2__learning_rate=0.5, runners__0__optimizer=Choice(key="lion"))
    assert race.runners[2].learning_rate == 0.5 and race.runners[0].optimizer.settings["b1"] == 0.9
    assert Experiment().change(net__layers__0__units=7).net.layers[0].units == 7
    with pytest.raises(ValueError, match=r"runners\.40\.learning_rate: there is no such field"):
        race.change(runners__40__learning_rate=1)


def test_known_names_what_there_is():
    assert known(OPTIMIZERS, "adam") == "adam"
    with pytest.raises(ValueError, match="there is no surface called 'alps'; choose from saddle"):
        known(SURFACES, "alps")


def test_errors_become_sentences():
    with pytest.raises(ValidationError) as caught:
        Race().change(runners__1__learning_rate=1e9, start=(0, 1e9))
    assert describe_error(caught.value) == [
        "runner 2, learning rate: 1e9 is above the largest allowed, 100",
        "start, y: 1e9 is above the largest allowed, 1e6",
    ]


@pytest.mark.parametrize(("kind", "strategy"), [(Experiment, experiments), (Race, races)])
def test_every_description_survives_json_and_says_where_it_belongs(kind, strategy):
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(strategy())
    def check(description: Description):
        assert kind.model_validate_json(description.to_json()) == description
        assert description.change() == description
        assert (
            description.page in ("network", "digits", "descent", "backprop") and description.subject == description.change().subject
        )

    check()
    assert kind.noun in ("experiment", "race")
