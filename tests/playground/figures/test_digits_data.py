"""The balance of the training digits, and the colours of right and wrong."""

import re

import numpy as np
import pytest

from playground.figures.digits_data import VERDICT, balance_html


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_bars_are_the_counts():
    counts = np.array([3, 1, 0, 0, 0, 0, 0, 0, 0, 1206])
    shown = balance_html(counts)
    heights = [float(found) for found in re.findall(r"height:([\d.]+)px;background", shown)]
    assert heights == pytest.approx(150 * counts / 1206, abs=0.05)
    assert "digit 9: 1,206 examples (99.7 %)" in shown and "9: 1,206." in shown and shown.count("<b ") == 10
    assert "0.0px" in balance_html(np.zeros(10, int))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_right_and_wrong_can_be_read_as_text(theme):
    ground = {"light": "#FFFFFF", "dark": "#14171C"}[theme]
    assert all(contrast(colour, ground) > 4.5 for colour in VERDICT[theme])
