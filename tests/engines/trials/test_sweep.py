"""Sweeps: order, errors as of a lone trainer, what is impossible, and what a stop leaves."""

from __future__ import annotations

import numpy as np
import pytest

from engines.training import make_trainer
from engines.trials import Line, Sweep, knobs
from engines.trials.sweep import order
from tests.engines.trials.small import experiment

BASE = experiment(batch_size=10)
KNOBS = {knob.key: knob for knob in knobs(BASE)}
RATES = Line(KNOBS["learning_rate"], (0.01, 0.1, 100.0))
PULLS = Line(KNOBS["l2"], (1e-4, 10.0))


def swept(across=RATES, up=PULLS, examples=150, seeds=1, **more):
    sweep = Sweep(BASE, across, up, examples, seeds, rest_s=lambda: 0.0, **more)
    sweep.run()
    return sweep


def error_alone(described, seed, steps):
    """Share of all test digits that a trainer gets wrong after so many steps, by NumPy."""
    trainer = make_trainer(described.change(seed=seed, epochs=0))
    while trainer.step < steps:
        trainer.advance(1)
    h = trainer.digits.test_images.reshape(-1, 784) / 255
    layers = trainer.weights()
    for w, b in layers[:-1]:
        h = np.tanh(h @ np.float64(w) + b)
    answers = (h @ np.float64(layers[-1][0]) + layers[-1][1]).argmax(1)
    return np.mean(answers != trainer.digits.test_labels)


def test_cells_have_the_errors_of_lone_trainers_and_the_best_is_found():
    sweep = swept(seeds=2)
    cells = sweep.snapshot()
    assert cells.status.tolist() == [["done"] * 3, ["done", "done", "diverged"]]
    for row, column in [(0, 0), (0, 1), (0, 2)]:
        for place in range(2):
            expected = error_alone(sweep.experiment_at(row, column), place, 15)
            assert cells.errors[row, column, place] == pytest.approx(expected)
    finite = np.where(cells.status == "done", cells.errors.mean(2), np.inf)
    assert cells.best == np.unravel_index(finite.argmin(), finite.shape)
    assert np.isnan(cells.errors[1, 2]).all() and cells.diverged[1, 2] == 2 and np.isnan(cells.mean[1, 2])
    assert (sweep.status, cells.share) == ("done", 1)
    assert np.array_equal(cells.errors, swept(seeds=2).snapshot().errors, equal_nan=True)


def test_every_cell_sees_as_many_digits():
    seen = []

    class Watched:
        def __init__(self, described):
            self._trainer = make_trainer(described)

        def __getattr__(self, name):
            return getattr(self._trainer, name)

        def settled(self):
            seen.append(self._trainer.step * self._trainer.spec.batch)
            return self._trainer.settled()

    batches = Line(KNOBS["batch_size"], (10, 50))
    swept(Line(KNOBS["learning_rate"], (0.1,)), batches, 150, make=Watched)
    assert seen == [150, 150]


def test_what_cannot_be_built_is_marked_with_a_sentence():
    sweep = swept(Line(KNOBS["units.0"], (12, 5000)), Line(KNOBS["learning_rate"], (0.1,)), 50)
    cells = sweep.snapshot()
    assert cells.status.tolist() == [["done", "impossible"]]
    assert "1024" in cells.told[0, 1] and cells.told[0, 0] == ""
    with pytest.raises(ValueError, match="1024"):
        sweep.experiment_at(0, 1)


def test_a_trainer_that_fails_is_told():
    def make(described):
        raise ValueError("no room")

    cells = swept(make=make).snapshot()
    assert (cells.status == "impossible").all() and (cells.told == "no room").all() and cells.best is None


def test_cancel_keeps_the_cells_that_are_done():
    sweep = Sweep(BASE, RATES, PULLS, 150, 1, rest_s=lambda: 0.0)
    sweep.run(lambda share: sweep.cancel() if share >= 0.5 else None)
    cells = sweep.snapshot()
    assert (cells.status == "done").sum() == 3 and (cells.status == "waiting").sum() == 3
    assert np.isfinite(cells.errors).sum() == 3 and cells.best is not None and sweep.status == "cancelled"


def test_a_paused_sweep_goes_on():
    sweep = Sweep(BASE, RATES, PULLS, 150, 1, rest_s=lambda: 0.0)
    sweep.run(lambda share: sweep.pause() if share >= 0.5 else None)
    assert sweep.status == "paused"
    sweep.resume()
    sweep.run()
    assert np.array_equal(sweep.snapshot().errors, swept().snapshot().errors, equal_nan=True)


@pytest.mark.parametrize("shape", [(8, 8), (8, 1), (1, 8), (5, 3), (2, 2), (1, 1), (7, 4)])
@pytest.mark.parametrize("shared", [(True, False), (False, True), (True, True), (False, False)])
def test_every_cell_has_its_turn_once(shape, shared):
    cells = order(shape, *shared)
    assert sorted(cells) == sorted(np.ndindex(*shape))


def test_the_map_is_filled_coarsely_first():
    cells = order((8, 8), True, False)
    assert set(cells[:4]) == {(2, 2), (2, 6), (6, 2), (6, 6)}
    assert {(row % 2, column % 2) for row, column in cells[:16]} == {(0, 0)}
    assert len({row for row, _ in cells[:4]}) == len({column for _, column in cells[:4]}) == 2


@pytest.mark.parametrize(("across", "up", "changing"), [(True, False, 0), (False, True, 1)])
def test_values_that_share_a_program_are_the_inner_loop(across, up, changing):
    for begin, end in [(0, 4), (4, 16), (16, 64)]:
        outer = [cell[changing] for cell in order((8, 8), across, up)[begin:end]]
        assert outer == sorted(outer)


@pytest.mark.parametrize(
    ("across", "up", "examples", "seeds", "told"),
    [
        (RATES, RATES, 100, 1, "cannot be varied together"),
        (Line(KNOBS["l1"], (0.1,)), PULLS, 100, 1, "L1 penalty and L2 penalty cannot be varied together"),
        (Line(KNOBS["learning_rate"], ()), PULLS, 100, 1, "1 to 8 values, not 0"),
        (Line(KNOBS["learning_rate"], tuple(range(1, 10))), PULLS, 100, 1, "1 to 8 values, not 9"),
        (RATES, PULLS, 0, 1, "1 to 600,000 digits, not 0"),
        (RATES, PULLS, 10**7, 1, "1 to 600,000 digits, not 10,000,000"),
        (RATES, PULLS, 100, 4, "1 to 3 seeds, not 4"),
    ],
)
def test_too_much_is_refused_in_words(across, up, examples, seeds, told):
    with pytest.raises(ValueError, match=told):
        Sweep(BASE, across, up, examples, seeds)
