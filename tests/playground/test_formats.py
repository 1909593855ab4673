"""Which page a link is for, and that every kind of description has its ways in and out."""

import pytest

from engines.descent.race import Race, race_on
from engines.experiment import Experiment, digits_experiment
from engines.trace.study import Study
from playground.formats import EXPERIMENT, RACE, STUDY, format_of, page_of_link

PAGES = {"network": Experiment(), "digits": digits_experiment(), "descent": Race(), "backprop": Study()}


def test_every_kind_has_its_format():
    assert format_of(Experiment()) is EXPERIMENT and format_of(digits_experiment()) is EXPERIMENT and format_of(Race()) is RACE
    assert format_of(Study()) is STUDY


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("params", "meant"),
    [
        ({}, None),
        ({"seed": "1", "v": "1"}, None),
        ({"nonsense": "1"}, None),
        ({"surface": "beale"}, "descent"),
        ({"runners": "adam", "seed": "3"}, "descent"),
        ({"f": "x"}, "descent"),
        ({"digits": "full", "rate": "0.1"}, "digits"),
        ({"data": "spiral"}, "network"),
        ({"points": "abc"}, "network"),
        ({"trace": "pixels"}, "backprop"),
        ({"typed": "W1.0.0~1", "net": "4tanh"}, "backprop"),
        ({"trace": "xor", "rate": "0.1", "cost": "huber"}, "backprop"),
    ],
)
def test_the_keys_of_a_link_tell_its_page(page, params, meant):
    assert page_of_link(params, PAGES[page]) == (meant or page)


def test_keys_that_experiments_of_both_pages_have_stay_on_the_page():
    assert page_of_link({"opt": "adam"}, PAGES["digits"]) == "digits"
    assert page_of_link({"opt": "adam"}, PAGES["network"]) == "network"
    assert page_of_link({"opt": "adam"}, PAGES["descent"]) == "network"
    assert page_of_link({"noise": "0.1", "seed": "1"}, PAGES["descent"]) == "descent"
    assert page_of_link({"rate": "0.1", "net": "4tanh"}, PAGES["backprop"]) == "backprop"
    assert page_of_link({"rate": "0.1", "net": "4tanh"}, PAGES["descent"]) == "network"


def test_a_link_of_every_page_is_known_elsewhere():
    links = {
        "network": EXPERIMENT.to_query(Experiment().change(data__source="spiral"), Experiment()),
        "digits": EXPERIMENT.to_query(digits_experiment(data__source="full"), digits_experiment()),
        "descent": RACE.to_query(race_on("beale"), Race()),
        "backprop": STUDY.to_query(Study(examples="pixels"), Study()),
    }
    for meant, link in links.items():
        for default in PAGES.values():
            assert page_of_link(link, default) == meant
