"""How fields of links are written and read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.optimizers import OPTIMIZERS
from playground import keys
from playground.packing import Unreadable
from tests.strategies import choices


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_come_back_to_the_bit(values):
    text = keys.write_numbers(values)
    assert keys.read_numbers(text) == values and "+" not in text and " " not in text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(choices(OPTIMIZERS))
def test_choices_come_back(choice):
    read = keys.read_choice(keys.write_choice(OPTIMIZERS)(choice))
    assert {**OPTIMIZERS[choice.key].defaults(), **read["settings"]} == choice.settings and read["key"] == choice.key


@pytest.mark.parametrize("text", ["", "x", "1,", "1e", "--1", "1e9999", "0x1", "١"])
def test_what_is_no_number(text):
    with pytest.raises(Unreadable):
        keys.read_numbers(text)


def test_of_an_address_the_last_of_repeated_keys_counts_and_the_page_s_own_are_left_out():
    assert keys.given({"a": ["1", "2"], "b": [], "ui_x": "1", "embed": "true", "c": None}) == {"a": "2", "b": "", "c": "None"}
    assert len(keys.given({str(i): "1" for i in range(500)})) == 100


def test_what_cannot_be_read_is_named_and_the_rest_is_written():
    table = (keys.number("n", "a", "1", "b"), keys.text("t", "t"))
    raw = {"a": [{"b": 1}, {"b": 2}], "t": ""}
    filled, problems = keys.fill(raw, {"n": "5", "t": "hi", "v": "1"}, table)
    assert filled == {"a": [{"b": 1}, {"b": 5}], "t": "hi"} and problems == []
    filled, problems = keys.fill(raw, {"n": "five", "t": "x" * 501, "zz": "1", "v": "2"}, table)
    assert filled == raw
    assert [problem.path for problem in problems] == [("a", 1, "b"), ("t",), ("zz",), ("v",)]
    assert "far too long" in problems[1].text
