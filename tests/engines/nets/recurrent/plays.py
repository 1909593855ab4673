"""A small text and small experiments on it, for the tests of training."""

from __future__ import annotations

from engines.experiment import Experiment, text_experiment

LINES = ["First Citizen:\nBefore we proceed any further, hear me speak.", "All:\nSpeak, speak.", "Second Citizen:\nWould you so?"]
PLAY = "\n\n".join(LINES[i * i % 3] if i % 7 else "Exeunt." for i in range(60)) + "\n"


def small(**changes) -> Experiment:
    """A quick experiment: a simple RNN of 16 units on 2,000 characters, four streams of eight characters, plain steps."""
    usual = {
        "data__source": "own",
        "data__own": PLAY,
        "data__sequence": 8,
        "net__cell": "rnn",
        "net__units": 16,
        "net__embedding": 0,
        "optimizer": {"key": "sgd"},
        "learning_rate": 0.5,
        "clip_norm": 0.0,
        "batch_size": 4,
    }
    return text_experiment(**usual | changes)
