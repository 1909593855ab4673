"""Optimizers' colours: told apart with any colour vision, readable on both pages, one for each entry of the table."""

import json
import re
from itertools import combinations

import numpy as np
import pytest

from engines.optimizers import OPTIMIZERS
from playground.colours import GRADIENT, MAP, OPTIMIZER_COLOURS, OPTIMIZER_MARKS, PAGE, looks, mixed
from playground.descent.component import ASSETS

# Machado, Oliveira & Fernandes 2009, severity 1, linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
THEMES = [("light", 0), ("dark", 1)]


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def oklab(colour, vision):
    seen = np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1)
    return TO_LAB @ np.cbrt(TO_CONES @ seen)


def contrast(one, other):
    low, high = sorted(linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_every_optimizer_has_a_colour_and_a_mark():
    assert list(OPTIMIZER_COLOURS) == list(OPTIMIZER_MARKS) == list(OPTIMIZERS)


@pytest.mark.parametrize(("theme", "index"), THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_stay_apart(theme, index, vision):
    colours = {key: oklab(pair[index], vision) for key, pair in OPTIMIZER_COLOURS.items()}
    distances = {(a, b): np.linalg.norm(colours[a] - colours[b]) for a, b in combinations(colours, 2)}
    assert min(distances.values()) > 0.07
    close = [pair for pair, distance in distances.items() if distance < 0.085]
    assert all(OPTIMIZER_MARKS[a] != OPTIMIZER_MARKS[b] for a, b in close)
    assert min(np.linalg.norm(colour - oklab(GRADIENT[theme], vision)) for colour in colours.values()) > 0.06


@pytest.mark.parametrize(("theme", "index"), THEMES)
def test_colours_stand_out_from_the_page(theme, index):
    assert min(contrast(pair[index], PAGE[theme]) for pair in OPTIMIZER_COLOURS.values()) >= 3


def test_no_trail_vanishes_on_the_dark_map():
    assert min(contrast(dark, shade) for _, dark in OPTIMIZER_COLOURS.values() for shade in MAP["dark"]) >= 3


@pytest.mark.parametrize("theme", MAP)
def test_figures_shade_heights_as_the_map_does(theme):
    stops = re.search(rf"const RAMP_{theme.upper()} = (\[\[.*\]\]);", (ASSETS / "map_scale.js").read_text("utf-8"))[1]
    assert [f"#{r:02X}{g:02X}{b:02X}" for r, g, b in json.loads(stops)] == list(MAP[theme])


def test_the_second_of_an_optimizer_is_dashed():
    drawn = looks(["adam", "sgd", "adam", "adam"])
    assert [look.dash for look in drawn] == [False, False, True, False]
    assert drawn[0].light == drawn[2].light == OPTIMIZER_COLOURS["adam"][0]
    assert drawn[0].colour(dark=True) == OPTIMIZER_COLOURS["adam"][1]


def test_an_optimizer_without_a_colour_is_grey():
    assert looks(["new"])[0].light == "#8A8F98"


def test_colours_mix():
    assert mixed("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mixed("#102030", "#FFFFFF", 0) == "#102030"
