"""Text nets: characters a second against PyTorch, and how fast they write. The classes run in a worker's process."""

from __future__ import annotations

import time
from typing import Any

from bench.report import Measured
from bench.rounds import against_torch, alone
from bench.worker import Worker

BATCH, SEQUENCE = 32, 64
ALPHABET = 65


def lstm_small(quick: bool) -> Measured:
    """LSTM 1 x 128 on one core."""
    return _characters("lstm", 1, 128, 10 if quick else 60, quick)


def gru_small(quick: bool) -> Measured:
    """GRU 1 x 128 on one core."""
    return _characters("gru", 1, 128, 10 if quick else 60, quick)


def lstm_large(quick: bool) -> Measured:
    """LSTM 3 x 512, the published net, on one core; it is evaluated after every fourth step."""
    return _characters("lstm", 3, 512, 1 if quick else 3, quick)


def _characters(cell: str, layers: int, units: int, steps: int, quick: bool) -> Measured:
    net = {"cell": cell, "layers": layers, "units": units}
    rest = {"batch": BATCH, "sequence": SEQUENCE, "steps": steps}
    return against_torch("bench.text:TextTraining", "torch_recurrent:TextTraining", 3 if quick else 9, higher=True, **net, **rest)


def writing(quick: bool) -> Measured:
    """LSTM 1 x 128 writing a text, one core."""
    with Worker("bench.text:Writing", layers=1, units=128, count=500 if quick else 5000) as worker:
        return alone(lambda: worker.do("round"), 3 if quick else 9)


class TextTraining:
    """A text net trained by its trainer in chunks of `steps` steps; evaluations are left out, as in the peer."""

    def __init__(self, cell: str, layers: int, units: int, batch: int, sequence: int, steps: int) -> None:
        from engines.device import enable_compilation_cache
        from engines.experiment import Choice, text_experiment
        from engines.training import make_trainer

        enable_compilation_cache()
        net = {"net__cell": cell, "net__layers": layers, "net__units": units}
        rest = {"optimizer": Choice(key="adam"), "learning_rate": 0.002, "batch_size": batch, "clip_norm": 1.0, "epochs": 0}
        self.trainer: Any = make_trainer(text_experiment(**net, data__sequence=sequence, **rest))
        self.characters, self.steps = batch * sequence, steps
        self.round()

    def round(self) -> float:
        """Characters a second, over the calls that trained and did not evaluate."""
        done, spent, evaluated = 0, 0.0, 0
        while done < self.steps:
            start = time.perf_counter()
            advance = self.trainer.advance(self.steps - done)
            if advance.steps and not len(advance.rows):
                spent += time.perf_counter() - start
                done += advance.steps
            evaluated += bool(len(advance.rows))
            if evaluated > 10 + self.steps:
                raise RuntimeError(f"every call of {self.steps} steps ends in an evaluation: take fewer")
        return done * self.characters / spent


class Writing:
    """An LSTM with its first weights, writing `count` characters at temperature 0.8."""

    def __init__(self, layers: int, units: int, count: int) -> None:
        from engines.device import enable_compilation_cache
        from engines.experiment import RecurrentNet
        from engines.nets.recurrent.net import initial_weights
        from engines.nets.recurrent.sampling import Writer

        enable_compilation_cache()
        net = RecurrentNet(cell="lstm", layers=layers, units=units)
        self.writer, self.count = Writer(net, initial_weights(net, ALPHABET, 0), ALPHABET, SEQUENCE), count
        self.round()

    def round(self) -> float:
        """Characters a second."""
        state, _ = self.writer.read(self.writer.fresh(), [0])
        start = time.perf_counter()
        self.writer.write(state, self.count, 0.8)
        return self.count / (time.perf_counter() - start)
