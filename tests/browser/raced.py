"""Reading the Descent view from a test, and the race that it should show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from playwright.sync_api import expect

STREAMLIT_ASKS = ("/_stcore/host-config", "/_stcore/health")
"""Opened on a page's own address, Streamlit's browser side looks for its server below that page before it looks at the root."""

READY = "() => window.__descent && window.__descent.ready && window.__descent.drawn > 0"
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


def until(tab, expression: str, timeout_s: float = 15.0) -> dict:
    """Wait until a JavaScript expression of `p` (the view's state) holds; the state then."""
    tab.wait_for_function(f"() => {{ const p = window.__descent; return p && ({expression}); }}", timeout=timeout_s * 1000)
    return state(tab)


def ready(tab) -> dict:
    """Wait until a race is drawn; on a server's first race JAX is loaded and programs are compiled."""
    tab.wait_for_function(READY, timeout=90_000)
    return state(tab)


def raced_again(tab, act: Callable[[], object]) -> dict:
    """Do what makes another race; the state when it is on screen."""
    before = state(tab)["revision"]
    act()
    until(tab, f"p.revision !== {before!r}")
    tab.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    return state(tab)


def query(tab) -> str:
    """What stands behind the '?' of the address."""
    return tab.evaluate("() => decodeURIComponent(location.search.slice(1))")


def query_has(tab, text: str) -> None:
    """Wait until the address holds `text`."""
    tab.wait_for_function("(text) => decodeURIComponent(location.search).includes(text)", arg=text, timeout=15_000)


def scrub(tab, step: int) -> None:
    """Move the slider of the play bar."""
    slider = tab.get_by_label("Step of the race")
    slider.evaluate("(s, step) => { s.value = step; s.dispatchEvent(new Event('input')); }", step)
    until(tab, f"p.step === {step}")


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
    expect(chip).to_contain_text(words, timeout=10_000)
    return chip.inner_text()


def update_values(tab) -> list[list[float]]:
    """The results in 'One update': a pair (x, y) a line, the last one where the runner stands after it."""
    values = tab.locator(".update-value").all_inner_texts()
    flat = [numbers(text)[0] for text in values]
    return [flat[i : i + 2] for i in range(0, len(flat), 2)]


def prints(tab) -> list[int]:
    """A number a canvas of the map, the charts and the 3-D view; it changes with the picture."""
    return tab.locator(".map-layer, .run-chart canvas, .surface3d-top").evaluate_all(PRINTS)


def choose(tab, menu: str, entry: str | re.Pattern) -> None:
    """Take an entry of a Streamlit menu."""
    tab.get_by_role("combobox", name=menu).click()
    tab.get_by_role("option", name=entry).first.click()


def on_map(tab, across: float, down: float) -> tuple[float, float]:
    """A place on the screen, from shares of the map's box."""
    box = tab.locator(".map-stage").bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drag_start(tab, across: float, down: float) -> None:
    """Press on the map, pull the start to another place, let go."""
    tab.locator(".map-stage").scroll_into_view_if_needed()
    x, y = on_map(tab, across, down)
    tab.mouse.move(x - 30, y - 20)
    tab.mouse.down()
    tab.mouse.move(x - 10, y - 5, steps=3)
    tab.mouse.move(x, y)
    tab.mouse.up()
