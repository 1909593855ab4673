"""Small pictures: the PNG is the picture, texts are escaped, colours follow the theme."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from playground.colours import INK
from playground.digits_panels import thumbs
from playground.figures.digits_data import VERDICT

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)


def decoded(address):
    kind, content = address.split(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_ink_on_clear_paper(dark):
    pixels = decoded(thumbs.uri(IMAGES[0][:20], dark=dark))
    assert pixels.shape == (20, 28, 4)
    np.testing.assert_array_equal(pixels[..., 3], IMAGES[0][:20])
    ink = INK["dark" if dark else "light"]
    assert "#{:02X}{:02X}{:02X}".format(*pixels[3, 3, :3]) == ink and (pixels[..., :3] == pixels[0, 0, :3]).all()


def test_a_grid_has_every_picture_with_its_text():
    text = thumbs.grid(IMAGES, ["1 < 2", "b", "c"], dark=False, size=30, right=[True, False, False])
    found = re.findall(r'<img src="([^"]+)" alt="([^"]*)"', text)
    assert [alt for _, alt in found] == ["1 &lt; 2", "b", "c"] and text.count('role="listitem"') == 3
    for (address, _), image in zip(found, IMAGES, strict=True):
        np.testing.assert_array_equal(decoded(address)[..., 3], image)
    right, wrong = VERDICT["light"]
    assert text.count(right) == 1 and text.count(wrong) == 2 and 'width="30"' in text
    assert thumbs.grid(IMAGES, ["", "", ""], dark=True, right=[True] * 3).count(VERDICT["dark"][0]) == 3


def test_pictures_can_stand_below_each_other_and_names_are_for_readers():
    pairs = np.stack([IMAGES, IMAGES[::-1]], 1)
    text = thumbs.grid(pairs, dark=True, names=['a "digit"', "b", "c"])
    found = re.findall(r'<img src="([^"]+)" alt="([^"]*)"', text)
    assert [alt for _, alt in found] == ["a &quot;digit&quot;"] * 2 + ["b"] * 2 + ["c"] * 2
    np.testing.assert_array_equal(decoded(found[1][0])[..., 3], IMAGES[2])
    assert text.count('role="listitem"') == 3
