"""The clickable matrix: its files, what it is sent, and what its events may say."""

import json
import math

import numpy as np
import pytest

from playground import bundle
from playground.confusion.component import ASSETS, cell_in, payload


def test_the_bundle_is_every_file_that_is_named_in_order():
    names = (ASSETS / "ORDER").read_text("utf-8").split()
    text = bundle.script(ASSETS)
    assert names[-1] == "main.js" and text.count("export default") == 1
    assert {path.name for path in ASSETS.glob("*.js")} == {name for name in names if not name.startswith("../")}
    assert all(path.read_text("utf-8") in text for path in ASSETS.glob("*.js"))
    assert (bundle.LIVE / "palette.js").read_text("utf-8") in text
    assert all(path.read_text("utf-8") in bundle.style(ASSETS, "view.css") for path in ASSETS.glob("*.css"))


def test_what_is_sent_is_plain():
    sent = payload(np.eye(10, dtype=np.int64) * 7, (4, 9))
    assert json.loads(json.dumps(sent)) == sent
    assert sent["counts"][3] == [0, 0, 0, 7, 0, 0, 0, 0, 0, 0] and sent["picked"] == [4, 9]
    assert payload(np.eye(2), None)["picked"] is None


def test_a_click_carries_its_cell():
    assert cell_in([4, 9], 10) == (4, 9) and cell_in((0.0, 3.0), 10) == (0, 3)


@pytest.mark.parametrize(
    "event", [None, "49", {}, [], [4], [4, 9, 1], [4, 10], [-1, 2], ["4", 9], [True, 1], [math.nan, 1], [1.5, 2]]
)
def test_what_is_no_cell_is_not_taken(event):
    assert cell_in(event, 10) is None
