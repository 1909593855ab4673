"""What the runners of a race are called: the optimizer's name, and what sets two of the same optimizer apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engines.descent.race import Runner
from engines.optimizers import OPTIMIZERS
from engines.schedules import SCHEDULES

_MOMENTUM = ("momentum", "start", "ramp")


def optimizer_name(key: str) -> str:
    """The optimizer with this key in few words, without what its label says in brackets."""
    return OPTIMIZERS[key].label.split(" (")[0]


def full_names(runners: Sequence[Runner]) -> tuple[str, ...]:
    """One short name a runner, all different: 'Momentum', and where there are several of it 'Momentum 0.9', 'Momentum 0.5 → 0.99'.

    Runners of one optimizer are told apart by their settings, else by their rates, else by their schedules, else by a number.
    """
    names = [optimizer_name(runner.optimizer.key) for runner in runners]
    for told in (_settings, _rates, _schedules):
        for alike in _alike(names):
            for i, text in zip(alike, told([runners[i] for i in alike]), strict=True):
                names[i] += text
    for alike in _alike(names):
        for number, i in enumerate(alike[1:], 2):
            names[i] += f" ({number})"
    return tuple(names)


def _alike(names: Sequence[str]) -> list[list[int]]:
    """The places of each name that occurs more than once."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    return [[i for i, name in enumerate(names) if name == wanted] for wanted in repeated]


def _settings(group: Sequence[Runner]) -> list[str]:
    """What differs in the settings of runners of one optimizer; a momentum that can rise is told without its name."""
    entry = OPTIMIZERS[group[0].optimizer.key]
    rises = any(setting.key == "ramp" for setting in entry.settings)
    said = _momenta(group) if rises else [""] * len(group)
    for setting in entry.settings:
        values = [f"{runner.optimizer.settings[setting.key]:.4g}" for runner in group]
        if not (rises and setting.key in _MOMENTUM) and len(set(values)) > 1:
            said = [f"{text}, {setting.label.lower()} {value}" for text, value in zip(said, values, strict=True)]
    return said


def _momenta(group: Sequence[Runner]) -> list[str]:
    """' 0.9', or ' 0.5 → 0.99' for a momentum that rises; how fast only where that is all that differs."""
    said, paces = [], []
    for runner in group:
        full, start, ramp = (runner.optimizer.settings[key] for key in _MOMENTUM)
        said.append(f" {start:.4g} → {full:.4g}" if ramp else f" {full:.4g}")
        paces.append(f" in {ramp:.4g} steps" if ramp else "")
    if len(set(said)) == 1:
        said = [text + pace for text, pace in zip(said, paces, strict=True)]
    return said if len(set(said)) > 1 else [""] * len(group)


def _rates(group: Sequence[Runner]) -> list[str]:
    rates = [f", rate {runner.learning_rate:.3g}" for runner in group]
    return rates if len(set(rates)) > 1 else [""] * len(group)


def _schedules(group: Sequence[Runner]) -> list[str]:
    schedules = [f", {SCHEDULES[runner.schedule.key].label.lower()}" for runner in group]
    return schedules if len(set(schedules)) > 1 else [""] * len(group)
