"""CSV of visitors: what is read, and that every problem names its line."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.data.own import OwnData, OwnDataError, materialize, parse_csv

PLAIN = "x,y,label\n1,10,a\n3,30,b\n2,20,a\n2.5,12,b\n"


def _points(found):
    return sorted((p.x, p.y, p.t) for p in found.data.own)


def test_two_features_and_two_classes():
    found = parse_csv(PLAIN)
    assert _points(found) == [(-5, -5, -1), (0, 0, -1), (2.5, -4, 1), (5, 5, 1)]
    assert found.rows == 4 and found.data.source == "own" and found.data.own_task == "classification"
    assert found.data.axes[1].model_dump() == {"name": "y", "low": 10, "high": 30}
    assert "a is the orange class, b the blue one" in found.notes[0]
    assert [len(part.t) for part in materialize(found.data)] == [2, 2]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.removeprefix("x,y,label\n"),
        "\ufeff" + PLAIN,
        "\n\n" + PLAIN.replace("\n", "\n\n"),
        '"x","y","label"\n"1","10","a"\n3,30,b\n 2 , 20 ,a\n2.5,12,b',
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
    ],
)
def test_ways_to_write_the_same(text):
    assert _points(parse_csv(text)) == _points(parse_csv(PLAIN))


def test_latin_1_names():
    assert parse_csv("größe,y,k\n1,2,ä\n2,3,b\n".encode("latin-1")).data.axes[0].name == "größe"


def test_one_feature_lies_on_the_x_axis():
    found = parse_csv("1,no\n2,yes\n3,no\n")
    assert _points(found) == [(-5, 0, -1), (0, 0, 1), (5, 0, -1)]
    assert found.data.axes[1].name == ""


def test_many_numbers_become_a_regression():
    found = parse_csv("1,1,10\n2,3,15\n3,2,20\n")
    assert found.data.own_task == "regression"
    assert [t for *_, t in _points(found)] == [-1, 0, 1]
    assert "10 became -1 and 20 became 1" in found.notes[0]


def test_two_numbers_are_classes_the_lower_one_orange():
    assert "0 is the orange class, 1 the blue one" in parse_csv("1,1,1\n2,2,0.0\n3,3,0\n").notes[0]


def test_a_constant_feature_is_named():
    found = parse_csv("1,7,a\n2,7,b\n")
    assert any("y is 7 in every line" in note for note in found.notes)
    assert {y for _, y, _ in _points(found)} == {0}


def test_the_split_follows_share_and_seed():
    text = "\n".join(f"{i},{i * i},{i % 2}" for i in range(100))
    flags = [[p.test for p in parse_csv(text, 0.3, seed).data.own] for seed in (0, 0)]
    assert flags[0] == flags[1] and flags[0].count(False) == 30
    assert _points(parse_csv(text, 0.3, 0)) == _points(parse_csv(text, 0.8, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no lines with data"),
        ("\n \n,,\n", "no lines with data"),
        ("x,y,label\n", "no lines of data"),
        ("1,2,a\n", "one line of data"),
        ("a\nb\n", "line 1 has 1 column"),
        ("1,2,3,4\n", "line 1 has 4 columns"),
        ("1,2,a\n1,2,3,b\n2,3,b", "line 2 has 4 cells"),
        ("1,2,a\n2,,b\n", "line 2: y is empty"),
        ("1,2,a\nnan,1,b\n", "line 2: x is not a number (nan)"),
        ("1,2,a\n-inf,1,b\n", "line 2: x is not a number (-inf)"),
        ("1,2,a\n1_0,1,b\n", "line 2: x is not a number (1_0)"),
        ("1,2,a\n1e300,1,b\n", "line 2: x is far too large"),
        ("u,v,w\n1,2,a\n3,foo,b\n", "line 3: v is not a number (foo)"),
        ("1,2,a\n2,3,\n", "line 2: label is empty"),
        ("1,2,1\n2,3,NaN\n3,4,3", "line 2: label is empty or not a number"),
        ("1,2,1\n2,3,2\n3,4,3\n4,5,x", "line 4: label is not a number (x)"),
        ("1,2,a\n3,4,a\n", "label is a in every line"),
        ("1,2,5\n3,4,5.0\n", "label is 5 in every line"),
        ("1,2,a\n3,4,b\n5,6,c\n", "3 different texts (a, b, c)"),
        ("1,2,a\n1,2,b\n", "all points lie on one spot"),
        (b"PK\x03\x04 and so on", "save the sheet as CSV"),
        (b"\x00\x01\x02\x03", "not a text file"),
        ("x" * 200_000 + ",1,a\n1,2,b", "far too long"),
    ],
)
def test_problems_are_said_with_their_line(text, said):
    with pytest.raises(OwnDataError) as caught:
        parse_csv(text)
    assert said in str(caught.value)


def test_at_most_ten_lines_are_listed_in_order():
    with pytest.raises(OwnDataError) as caught:
        parse_csv("1,2,a\n" + "x,2,b\n" * 30)
    assert len(caught.value.problems) == 11 and caught.value.problems[-1] == "and 20 more"
    assert caught.value.problems[0].startswith("line 2:") and caught.value.problems[9].startswith("line 11:")


def test_a_million_rows_are_not_read_to_the_end():
    text = "\n".join(f"{i % 97},{i % 89},{i % 2}" for i in range(1_000_000)).encode()
    start = time.thread_time()
    found = parse_csv(text)
    assert time.thread_time() - start < 1
    assert found.rows == 2000
    assert any("larger than 1 MB" in note for note in found.notes) and any("first 2,000 are used" in note for note in found.notes)


def test_a_file_cut_within_a_character_is_still_utf_8():
    line = "1,2,ä\n2,3,ö\n"
    assert "ä is the orange class" in parse_csv((" " + line * 100_000).encode()).notes[-1]


def test_a_narrow_range_and_a_wide_one():
    found = parse_csv("1,1e100,a\n1.0000000000000002,-1e100,b\n1,0,a")
    assert np.isfinite([(p.x, p.y) for p in found.data.own]).all()


cell = st.one_of(
    st.sampled_from(["1", "-2.5", "a", "b", "", "nan", "inf", "1e999", '"', "'", "1,5", " ", "\x00", "yes"]),
    st.floats().map(str),
    st.text(max_size=4),
)
files = st.lists(st.lists(cell, min_size=1, max_size=4), max_size=12).flatmap(
    lambda rows: st.sampled_from([",", ";", "\t"]).map(lambda mark: "\n".join(mark.join(row) for row in rows))
)


@settings(max_examples=700, deadline=None, derandomize=True)
@given(st.one_of(files, files.map(lambda t: t.encode("utf-8", "replace")), st.binary(max_size=200)))
def test_any_file_is_read_or_refused_with_a_sentence(text):
    try:
        found = parse_csv(text)
    except OwnDataError as error:
        assert error.problems and len(error.problems) <= 11
    else:
        assert isinstance(found, OwnData) and len(materialize(found.data)[0].t) >= 1
