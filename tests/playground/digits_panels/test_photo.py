"""The photo tab, through AppTest."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from streamlit.testing.v1 import AppTest

from engines.data.photo import Photo
from playground.digits_panels.photo import SHOWN, answered, chosen
from tests.engines.data.reader import examples
from tests.engines.data.test_photo import alike, filed, taken, written
from tests.playground.digits_panels.fake import said


class Drawn:
    """A run that remembers what it was given to look at."""

    def __init__(self, token: str = "one") -> None:
        self.token, self.pictures, self.status = token, [], "paused"
        self.snapshot = SimpleNamespace(facts={}, sections={})

    def draw(self, picture):
        self.pictures.append(picture)

    def reads(self, answer, sure):
        """Let its net have answered about the last picture."""
        bars = np.full(10, (1 - sure) / 9, np.float32)
        bars[answer] = sure
        sections = {"looked": self.pictures[-1], "looked_bars": bars}
        self.snapshot = SimpleNamespace(facts={"inside": {"source": "drawn"}}, sections=sections)


def script():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.photo import draw

    draw(st.session_state["run"])
    jobs.progress()


def opened() -> tuple[AppTest, Drawn]:
    app, run = AppTest.from_function(script, default_timeout=30), Drawn()
    app.session_state["run"] = run
    app.run()
    assert not app.exception
    return app, run


def brought(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].set_value((name, content, "image/png")).run()
    assert not app.exception
    return app


def photo(number: int) -> bytes:
    return filed(taken(written(examples()[0][number])))


def test_a_photo_is_shown_and_looked_at_once():
    app, run = opened()
    assert not app.button and "large, on plain paper" in said(app)
    brought(app, "seven.png", photo(2))
    assert len(run.pictures) == 1 and alike(run.pictures[0], examples()[0][2]) > 0.9
    assert len(app.get("html")) == 1 and "what the net gets" in said(app) and not app.warning
    # another rerun does not take away what has been drawn since
    app.run()
    assert len(run.pictures) == 1
    app.button[0].click().run()
    assert (run.pictures[1] == run.pictures[0]).all()
    app.button[1].click().run()
    assert run.pictures[2] is None


def test_what_is_no_digit_is_told_and_the_one_before_stays():
    app, run = opened()
    brought(app, "seven.png", photo(2))
    brought(app, "empty.png", filed(np.full((60, 60), 250, np.uint8)))
    assert "nothing stands out" in app.warning[0].value
    assert len(run.pictures) == 1 and (app.session_state[SHOWN].picture == run.pictures[0]).all()
    assert "From the photo before" in said(app)
    brought(app, "three.png", photo(5))
    assert not app.warning and len(run.pictures) == 2


def test_another_run_gets_the_photo_too():
    app, run = opened()
    brought(app, "seven.png", photo(2))
    app.session_state["run"] = other = Drawn("two")
    app.run()
    assert len(run.pictures) == len(other.pictures) == 1


def test_the_answer_stands_beside_the_picture_and_doubt_is_said():
    app, run = opened()
    brought(app, "seven.png", photo(2))
    assert "Read as" not in said(app)
    run.reads(7, 0.982)
    app.run()
    assert "**Read as 7**, at 98 %." in said(app) and "guess" not in said(app)
    run.reads(7, 0.43)
    app.run()
    assert "**Read as 7**, at 43 %. No more than a guess" in said(app)
    run.snapshot.sections["looked"] = np.zeros((28, 28), np.uint8)
    assert answered(run.snapshot, run.pictures[-1]) is None, "the live view shows something else"


def test_what_was_taken_of_several_shapes_is_said():
    assert chosen(Photo(np.zeros((28, 28), np.uint8))) == ""
    assert chosen(Photo(np.zeros((28, 28), np.uint8), others=2)).startswith("There are 3 shapes of about this size")
    assert chosen(Photo(np.zeros((28, 28), np.uint8), joined=2)).startswith("2 shapes lie so close together")
