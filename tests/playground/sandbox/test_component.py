"""The sandbox's files, what it is sent, and what its events may say."""

import json
import math

import numpy as np
import pytest

from playground.live.component import ASSETS as SHARED
from playground.sandbox.component import ASSETS, image_in, payload, script, style


def test_the_bundle_is_every_file_that_is_named_in_order():
    names = (ASSETS / "ORDER").read_text("utf-8").split()
    text = script()
    assert names[-1] == "main.js" and text.count("export default") == 1
    for name in names:
        path = SHARED / name.removeprefix("../") if name.startswith("../") else ASSETS / name
        assert path.read_text("utf-8") in text
    assert {path.name for path in ASSETS.glob("*.js")} == {name for name in names if not name.startswith("../")}


def test_every_style_sheet_is_taken():
    assert all(path.read_text("utf-8") in style() for path in (*ASSETS.glob("*.css"), SHARED / "inside.css"))


def test_what_is_sent_is_plain():
    sent = payload(np.eye(5), np.ones((3, 3), np.float32), np.zeros((3, 3), np.float32), 0, 1)
    assert json.loads(json.dumps(sent)) == sent
    assert sent["image"][4] == [0, 0, 0, 0, 1] and sent["padding"] == 0 and sent["stride"] == 1


def test_a_painted_image_is_taken():
    found = image_in({"image": [0, 0.5, 1, 0]}, 2)
    assert found.tolist() == [[0, 0.5], [1, 0]]


@pytest.mark.parametrize(
    "event",
    [
        None,
        "x",
        {},
        {"image": [0, 0, 0]},
        {"image": "0000"},
        {"image": [0, 0, 0, True]},
        {"image": [0, 0, 0, 1.01]},
        {"image": [0, 0, 0, -0.1]},
        {"image": [0, 0, 0, math.nan]},
        {"image": [0, 0, 0, "1"]},
        {"image": [[0, 0], [0, 0]]},
    ],
)
def test_what_is_no_image_is_not_taken(event):
    assert image_in(event, 2) is None
