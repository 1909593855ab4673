"""A picture of the visitor's own in place of the test digit."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engines.data.drawn import Moves
from tests.engines.live.conftest import eventually

PICTURE = np.full((28, 28), 7, np.uint8)


def test_what_is_not_given_is_kept(start) -> None:
    run = start()
    assert run.look_at.inside is None
    run.look(inside={"digit": 5, "values": "z"})
    run.draw(PICTURE)
    run.draw(moves=Moves(rotation=9))
    inside = run.look_at.inside
    assert (inside.digit, inside.values, inside.moves.rotation) == (5, "z", 9) and inside.picture is PICTURE
    run.look(inside={"digit": 6})
    assert run.look_at.inside.picture is PICTURE
    run.draw(None)
    assert run.look_at.inside.picture is None and run.look_at.inside.digit == 6 and run.look_at.inside.moves.rotation == 9


def test_a_drawing_opens_the_look_inside(start) -> None:
    run = start()
    run.draw(PICTURE)
    assert run.look_at.inside.picture is PICTURE and run.look_at.hover is None


@pytest.mark.parametrize("picture", [np.zeros((28, 27), np.uint8), np.zeros((28, 28)), np.zeros((2, 28, 28), np.uint8)])
def test_what_is_no_picture_is_refused_in_words(start, picture) -> None:
    run = start()
    before = run.look_at
    run.draw(picture)
    eventually(lambda: "28 by 28" in (run.snapshot.run.message or ""))
    assert run.look_at is before


def test_two_who_look_at_once_lose_nothing(start) -> None:
    run = start()

    def drawing() -> None:
        for k in range(500):
            run.draw(moves=Moves(shift_x=k))

    thread = threading.Thread(target=drawing)
    thread.start()
    for k in range(500):
        run.look(inside={"digit": k})
    thread.join()
    assert run.look_at.inside.digit == 499 and run.look_at.inside.moves.shift_x == 499
