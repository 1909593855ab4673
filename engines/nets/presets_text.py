"""Experiments on texts worth starting from; part of `engines.presets`. Each says what to look at and what to try."""

from __future__ import annotations

from typing import Any

from engines.descriptions import Choice, Preset
from engines.experiment import text_experiment

_KARPATHY = "After char-rnn (Karpathy 2015, The Unreasonable Effectiveness of Recurrent Neural Networks)"


def _cell(cell: str, rate: float, **changes: Any) -> Any:
    return text_experiment(data__source="shakespeare", net__cell=cell, learning_rate=rate, epochs=40, **changes)


TEXTS = [
    Preset(
        key="shakespeare-lstm",
        label="Shakespeare, letter by letter (LSTM)",
        help="Watch the samples: first spaces, then spelling, then speakers' names with their colons. Try temperature 0.2 and 1.5.",
        source=_KARPATHY,
        experiment=_cell("lstm", 0.01, schedule=Choice(key="cosine", settings={"length": 40, "floor": 0.05})),
    ),
    Preset(
        key="shakespeare-gru",
        label="The same with a GRU",
        help="Two gates instead of three and no separate memory: does it learn as fast as the LSTM? Race them from one seed.",
        source="Cho et al. 2014; Chung et al. 2014",
        experiment=_cell("gru", 0.01, schedule=Choice(key="cosine", settings={"length": 40, "floor": 0.05})),
    ),
    Preset(
        key="shakespeare-rnn",
        label="The same with a simple RNN",
        help="It spells, but it forgets whose turn it is to speak. Look at the gradient against the time lag, then take an LSTM.",
        source="Elman 1990; Bengio, Simard & Frasconi 1994",
        experiment=_cell("rnn", 0.003),
    ),
    Preset(
        key="shakespeare-3x512",
        label="Three layers of 512, as published",
        help="The net of the published samples. On two cores a step takes seconds; with a graphics card it writes well in minutes.",
        source=_KARPATHY,
        experiment=_cell(
            "lstm", 0.002, net__layers=3, net__units=512, net__dropout=0.5, batch_size=100, data__sequence=50, clip_norm=5.0
        ),
    ),
    Preset(
        key="sonnets-quick",
        label="The Sonnets in a minute",
        help="It spells within a minute. Watch the validation loss turn up later: so short a text is soon known by heart.",
        source="Shakespeare 1609; Elman 1990",
        experiment=text_experiment(data__source="sonnets", batch_size=16, data__sequence=32, net__dropout=0.2, epochs=30),
    ),
]
