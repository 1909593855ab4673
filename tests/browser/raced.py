"""Reading the Descent view from a test, and the race that it should show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.waiting import PATIENCE_S, START_S, drawn, eventually, held, place_in

STREAMLIT_ASKS = ("/_stcore/host-config", "/_stcore/health")
"""Opened on a page's own address, Streamlit's browser side looks for its server below that page before it looks at the root."""

PLAY_AND_WATCH = """() => new Promise((resolve) => {
  const find = (root) => root.querySelector(".descent-bar .play")
    || [...root.querySelectorAll("*")].reduce((hit, node) => hit || (node.shadowRoot && find(node.shadowRoot)), null);
  const { drawn } = window.__descent;
  const start = performance.now();
  find(document).click();
  const look = () => {
    const now = performance.now();
    const moving = window.__descent.step > 0 && window.__descent.drawn > drawn;
    if (moving || now - start > 3000) resolve(now - start);
    else setTimeout(look, 2);
  };
  look();
})"""
PRINTS = """(canvases) => canvases.map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let print = 0;
  for (let i = 0; i < data.length; i += 3) print = (31 * print + data[i]) | 0;
  return print;
})"""


def listen(tab, troubles: list[str]) -> None:
    """Collect what the page complains about. Refused requests are judged by their answers, not by the console's line on them."""
    tab.on("pageerror", lambda error: troubles.append(f"thrown: {error}"))
    tab.on("response", lambda r: r.status >= 400 and not r.url.endswith(STREAMLIT_ASKS) and troubles.append(f"{r.status} {r.url}"))
    loading = "Failed to load resource"
    tab.on("console", lambda m: m.type == "error" and not m.text.startswith(loading) and troubles.append(f"console: {m.text}"))


def state(tab) -> dict:
    """What the view says of itself: step, playing, frames, drawn, chosen, revision."""
    return tab.evaluate("() => ({ ...window.__descent })")


def until(tab, expression: str, timeout_s: float = PATIENCE_S) -> dict:
    """Wait until a JavaScript expression of `p` (the view's state) holds; the state then."""
    return held(tab, "__descent", expression, timeout_s)


def ready(tab) -> dict:
    """Wait until a race is drawn; on a server's first race JAX is loaded and programs are compiled."""
    return until(tab, "p.ready && p.drawn > 0", START_S)


def raced_again(tab, act: Callable[[], object]) -> dict:
    """Do what makes another race; the state when it is on screen."""
    before = state(tab)["revision"]
    act()
    until(tab, f"p.revision !== {before!r}")
    drawn(tab)
    return state(tab)


def query(tab) -> str:
    """What stands behind the '?' of the address."""
    return tab.evaluate("() => decodeURIComponent(location.search.slice(1))")


def query_has(tab, text: str) -> None:
    """Wait until the address holds `text`."""
    tab.wait_for_function("(text) => decodeURIComponent(location.search).includes(text)", arg=text)


def scrub(tab, step: int) -> None:
    """Move the slider of the play bar."""
    slider = tab.get_by_label("Step of the race")
    slider.evaluate("(s, step) => { s.value = step; s.dispatchEvent(new Event('input')); }", step)
    until(tab, f"p.step === {step}")
    drawn(tab)


def numbers(text: str) -> list[float]:
    """The numbers in a text as the view writes them: real minus signs, powers as 1.20e−5."""
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text.replace("−", "-").replace(",", ""))]


def close(shown: float, computed: float) -> bool:
    """Whether a number that is shown with three digits is the computed one."""
    return math.isclose(shown, float(computed), rel_tol=6e-3, abs_tol=1e-12)


def chips(tab) -> list[str]:
    """What the legend says of each runner, without its name."""
    return tab.locator(".chip-state").all_inner_texts()


def wait_chip(tab, index: int, words: str | re.Pattern) -> str:
    """Wait until the legend says `words` of a runner; all that it says."""
    chip = tab.locator(".chip-state").nth(index)
    expect(chip).to_contain_text(words)
    return chip.inner_text()


def update_values(tab) -> list[list[float]]:
    """The results in 'One update': a pair (x, y) a line, the last one where the runner stands after it."""
    values = tab.locator(".update-value").all_inner_texts()
    flat = [numbers(text)[0] for text in values]
    return [flat[i : i + 2] for i in range(0, len(flat), 2)]


def prints(tab) -> list[int]:
    """A number a canvas of the map, the charts and the 3-D view; it changes with the picture."""
    return tab.locator(".map-layer, .run-chart canvas, .surface3d-top").evaluate_all(PRINTS)


def settled_prints(tab) -> list[int]:
    """The pictures' numbers once no part has anything more to draw."""

    def look() -> list[int]:
        before = prints(tab)
        drawn(tab)
        after = prints(tab)
        assert before == after
        return after

    return eventually(look)


def choose(tab, menu: str, entry: str | re.Pattern) -> None:
    """Take an entry of a Streamlit menu."""
    tab.get_by_role("combobox", name=menu).click()
    tab.get_by_role("option", name=entry).first.click()


def on_map(tab, across: float, down: float) -> tuple[float, float]:
    """A place on the screen, from shares of the map's box."""
    return place_in(tab.locator(".map-stage"), across, down)


def drag_start(tab, across: float, down: float) -> None:
    """Press on the map, pull the start to another place, let go."""
    x, y = on_map(tab, across, down)
    tab.mouse.move(x - 30, y - 20)
    tab.mouse.down()
    tab.mouse.move(x - 10, y - 5, steps=3)
    tab.mouse.move(x, y)
    tab.mouse.up()
