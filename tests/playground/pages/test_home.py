"""Home: what it is, a run that is really training, cards for every page, the device."""

from __future__ import annotations

import subprocess
import sys
import time

from playground.page import pages
from tests.playground.pages.opening import open_page


def test_home_says_what_it_is_and_leads_to_every_page():
    app = open_page("home")
    assert not app.exception
    assert "watch it learn" in app.markdown[0].value
    text = " ".join(block.value for block in app.markdown)
    for page in pages():
        assert page.default or (page.title in text and page.summary in text)


def test_the_miniature_really_trains_and_the_device_is_named():
    app = open_page("home")
    run = app.session_state["live.run.home"]
    run.watch(lambda: None)
    end = time.monotonic() + 60
    while run.snapshot.run.step < 100 and time.monotonic() < end:
        time.sleep(0.05)
    assert run.snapshot.run.step >= 100
    app.run()
    assert any("Computed on" in caption.value for caption in app.caption)


def test_pages_are_found_without_loading_jax():
    code = "import sys, playground.page as p; p.pages(); assert 'jax' not in sys.modules, 'jax is imported'"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
