"""Numbers, colours and canvases of the views, without a page or a server around them."""

from __future__ import annotations

import pytest

from playground.live.component import ASSETS
from tests.browser.waiting import visitor

NAMES = (ASSETS / "ORDER").read_text("utf-8").split()
PARTS = NAMES[: NAMES.index("session.js")]


@pytest.fixture(scope="module")
def tab(chrome):
    """A page with nothing but the scripts of the view."""
    context = visitor(chrome)
    page = context.new_page()
    page.add_script_tag(content="\n".join((ASSETS / name).read_text("utf-8") for name in PARTS))
    yield page
    context.close()


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("format(999.4)", "999"),
        ("format(999.6)", "1000"),
        ("format(-999.6)", "−1000"),
        ("format(-0)", "0"),
        ("format(1e30)", "1.00e30"),
        ("format(1e-30)", "1.00e−30"),
        ("formatShare(0.123456)", "12.3 %"),
        ("formatShare(1)", "100 %"),
        ("formatShare(0)", "0 %"),
        ("formatShare(1e-10)", "1.00e−8 %"),
        ("formatShare(NaN)", "–"),
        ("tickText(20000)", "20000"),
        ("tickText(-20000000)", "−2e7"),
        ("tickText(120000)", "1.2e5"),
        ("tickText(-0)", "0"),
    ],
)
def test_a_number_fits_its_place_and_the_house_s_way_of_writing(tab, said, text):
    assert tab.evaluate(said) == text


@pytest.mark.parametrize(
    ("low", "high"), [(1e8, 1e8 + 3e-8), (0, 0), (0, "Infinity"), ("NaN", 1), (-1e30, 1e30), (0, 1e-30), (1e16, 1e16 + 4)]
)
def test_ticks_end(tab, low, high):
    assert tab.evaluate(f"niceTicks({low}, {high}, 5).length") < 20


def test_figures_are_read_on_every_ground(tab):
    """WCAG: a contrast of 4.5 to 1 for small text; worked out here from its definition."""
    grounds = """() => [...Array(201).keys()].flatMap((i) => [false, true].flatMap((dark) =>
      [diverging(i / 100 - 1, dark), shareGround(i % 2 === 0, i / 200, { dark })].map((ground) => [ground, textOn(ground)])))"""

    def light(colour):
        parts = [v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for ground, ink in tab.evaluate(grounds):
        dim, bright = sorted((light(ground), light([int(ink[i : i + 2], 16) for i in (1, 3, 5)])))
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (ground, ink)


def test_a_curve_of_one_point_is_seen(tab):
    """After one epoch there is one row: a line of one point leaves nothing on a canvas."""
    inked = """() => {
      const plot = new CurveChart({ wake() {}, wakeLater() {} });
      Object.assign(plot, { width: 300, height: 200, theme: readTheme(document.body) });
      const context = plot.begin(plot.theme);
      const frame = { width: 240, x: (epoch) => 50 + epoch, y: (v) => 150 - 100 * v };
      const inked = (column, value) => {
        context.clearRect(0, 0, 300, 200);
        const array = new Float32Array([1, value, value, 0, 0]);
        plot.line(context, frame, { array, rows: 1 }, column, { dash: column === 2 ? [5, 4] : [], style: "#000", width: 1.8 });
        return context.getImageData(0, 0, 300, 200).data.some((part) => part);
      };
      return [inked(1, 0.5), inked(2, 0.5), inked(1, NaN)];
    }"""
    assert tab.evaluate(inked) == [True, True, False]


def test_a_canvas_of_as_many_pixels_as_before_still_gets_its_new_size(tab):
    """At twice the zoom half the width has the same number of pixels."""
    sizes = """() => {
      const canvas = el("canvas");
      const at = (ratio, side) => {
        Object.defineProperty(window, "devicePixelRatio", { value: ratio, configurable: true });
        fitCanvas(canvas, side, side);
        return [canvas.width, canvas.style.width];
      };
      const told = [at(1, 300), at(2, 150)];
      delete window.devicePixelRatio;
      return told;
    }"""
    assert tab.evaluate(sizes) == [[300, "300px"], [300, "150px"]]


def test_other_pixels_of_the_screen_are_noticed(chrome):
    """A canvas of the wrong number of pixels is blurred, and one that is drawn in parts loses those that do not change."""
    context = visitor(chrome)
    page = context.new_page()
    page.add_script_tag(content="\n".join((ASSETS / name).read_text("utf-8") for name in ("palette.js", "dom.js")))
    page.evaluate("() => { window.keys = []; window.end = watchPixels(() => keys.push(readTheme(document.body).key)); }")
    devtools = context.new_cdp_session(page)

    def ratio(value: float) -> None:
        """As by zooming: the size changes along."""
        size = {"width": 800, "height": 600 + int(4 * value)}
        devtools.send("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": value, "mobile": False})
        page.wait_for_function(f"devicePixelRatio === {value} && innerHeight === {size['height']}")

    ratio(2)
    page.wait_for_function("keys.length === 1", timeout=3000)
    ratio(1.25)
    page.wait_for_function("new Set(keys).size === 2", timeout=3000)
    page.evaluate("end()")
    ratio(3)
    page.wait_for_timeout(100)
    assert len(page.evaluate("keys")) == 2
    context.close()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x41, "A"),
        (0x20, "space"),
        (0x200D, "U+200D"),
        (0xFE0F, "U+FE0F"),
        (0x200F, "U+200F"),
        (0x2003, "U+2003"),
        (0x301, "\u25cc\u0301"),
        (0x5D0, "\u05d0"),
        (0x1F600, "\U0001f600"),
        (7, "U+0007"),
    ],
)
def test_a_character_that_would_not_be_seen_is_named(tab, code, name):
    assert tab.evaluate(f"characterName(String.fromCodePoint({code}))") == name
