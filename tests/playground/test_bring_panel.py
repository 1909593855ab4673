"""'Look inside' on the Network and Digits pages through AppTest: from the button to the Backprop page."""

from __future__ import annotations

import pytest

from engines.live import the_pool
from engines.trace.brought import find
from engines.trace.study import Study
from playground import bring_panel
from playground.study_links import from_query
from tests.playground.pages.opening import open_page

PAGES = ["network", "digits"]
SMALL = {"network": {"data": "xor", "in": "x.y.xy"}, "digits": {"net": "16relu", "digits": "builtin"}}


@pytest.fixture(autouse=True)
def gone(monkeypatch, tmp_path):
    """Where the visitor is sent. The built-in digits, and no run that outlives its test."""
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    places = []
    monkeypatch.setattr(bring_panel, "go_to", lambda page, query: places.append((page, query)))
    yield places
    the_pool().stop()


def _opened(page):
    app = open_page(page, **SMALL[page])
    app.session_state[f"{page}.bring"] = True
    return app.run()


@pytest.mark.parametrize("page", PAGES)
def test_closed_it_holds_nothing(page):
    app = open_page(page, **SMALL[page])
    assert not [w.key for kind in (app.button, app.number_input) for w in kind if (w.key or "").startswith(f"{page}.bring_")]


@pytest.mark.parametrize(("page", "widths"), [("network", (3, 4, 2, 1)), ("digits", (784, 16, 10))])
def test_the_net_and_the_example_are_taken_along(page, widths, gone):
    app = _opened(page)
    app.number_input(key=f"{page}.bring_index").set_value(7).run()
    app.button(key=f"{page}.bring_go").click().run()
    assert not app.exception and not [w for w in app.warning if "look at" in w.value]
    ((where, query),) = gone
    study, problems = from_query(query, Study())
    assert where == "backprop" and not problems and study.widths == widths
    assert " 7" in find(study.brought).said


def test_a_point_is_told_before_it_is_taken():
    assert any("Training point 1 at x = " in caption.value for caption in _opened("network").caption)


def test_what_cannot_be_brought_is_said(monkeypatch, gone):
    def nothing(run, index):
        raise bring_panel.NothingToBring("These weights have overflowed.")

    monkeypatch.setattr(bring_panel, "bring", nothing)
    app = _opened("network")
    app.button(key="network.bring_go").click().run()
    assert not app.exception and not gone and any("overflowed" in warning.value for warning in app.warning)
