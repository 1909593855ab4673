"""The race as an SVG file: valid XML, everything in it, nothing of a visitor's text unescaped."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

import numpy as np
import pytest

from playground.colours import OPTIMIZER_COLOURS, OPTIMIZER_MARKS, looks
from playground.figures.contours import contours
from playground.figures.race_svg import LEFT, MOST_POINTS, SIDE, TOP, Picture, mark, race_svg
from playground.figures.winners import Cast

SVG = "{http://www.w3.org/2000/svg}"
LINE = np.linspace(-2, 2, 41)
X, Y = np.meshgrid(LINE, LINE)


def picture(**changes):
    walk = np.cumsum(np.full((2, 50, 2), 0.02), axis=1)
    usual = {
        "title": "Saddle & more <b>",
        "domain": (-2.0, 2.0, -2.0, 2.0),
        "names": ("w₁", "w<2"),
        "lines": contours(LINE, LINE, X * X - Y * Y, np.array([-1.0, 0.0, 1.0])),
        "stationary": (
            SimpleNamespace(x=0.0, y=0.0, kind="saddle", lowest=False),
            SimpleNamespace(x=1.0, y=1.0, kind="minimum", lowest=True),
            SimpleNamespace(x=-1.0, y=1.0, kind="maximum", lowest=False),
        ),
        "position": walk,
        "runner": np.array([0, 1]),
        "cast": Cast(("SGD", "Adam"), looks(["sgd", "adam"])),
        "said": ("Left & gone.", "Stuck."),
    }
    return Picture(**(usual | changes))


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_xml_with_all_that_was_given(dark):
    text = race_svg(picture(), dark=dark)
    root = ET.fromstring(text)
    words = {element.text for element in root.iter(f"{SVG}text")}
    assert {"Saddle & more <b>", "w₁", "w<2", "SGD", "Adam", "Left & gone.", "Stuck."} <= words
    assert {"−2", "0", "2"} <= words
    strokes = [element.get("stroke") for element in root.iter(f"{SVG}polyline")]
    assert OPTIMIZER_COLOURS["sgd"][dark] in strokes and OPTIMIZER_COLOURS["adam"][dark] in strokes


def test_places_are_where_they_belong():
    still = np.zeros((1, 5, 2))
    root = ET.fromstring(race_svg(picture(position=still, runner=np.array([1]), stationary=())))
    start = next(element for element in root.iter(f"{SVG}circle") if element.get("r") == "4")
    assert float(start.get("cx")) == LEFT + SIDE / 2 and float(start.get("cy")) == TOP + SIDE / 2


def test_long_paths_are_thinned_and_end_where_they_end():
    walk = np.stack([np.linspace(-2, 2, 2001), np.linspace(-2, 1, 2001)], 1)[None]
    root = ET.fromstring(race_svg(picture(position=walk, runner=np.array([0]))))
    trail = next(element for element in root.iter(f"{SVG}polyline") if element.get("stroke") == OPTIMIZER_COLOURS["sgd"][0])
    points = trail.get("points").split()
    assert len(points) <= MOST_POINTS + 1
    assert points[-1] == f"{LEFT + SIDE:.1f},{TOP + SIDE / 4:.1f}"


def test_the_second_of_an_optimizer_is_dashed():
    text = race_svg(picture(cast=Cast(("Adam", "Adam (2)"), looks(["adam", "adam"]))))
    assert text.count("stroke-dasharray") == 1


@pytest.mark.parametrize("name", sorted(set(OPTIMIZER_MARKS.values())))
def test_every_mark_is_an_element(name):
    assert ET.fromstring(mark(name, 10, 20, 6, "#123456", "none")).get("fill") == "#123456"


def test_many_runners_fit():
    names = tuple(f"R{i}" for i in range(24))
    text = race_svg(
        picture(cast=Cast(names, looks(["adam"] * 24)), said=("x",) * 24, position=np.zeros((24, 3, 2)), runner=np.arange(24))
    )
    root = ET.fromstring(text)
    height = float(root.get("height"))
    assert max(float(element.get("y")) for element in root.iter(f"{SVG}text") if element.get("y")) < height
