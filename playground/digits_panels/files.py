"""'Save and load': the trained net itself, with the experiment it belongs to, as a safetensors file."""

from __future__ import annotations

from typing import Any

from engines.data import digits
from engines.experiment import Experiment
from engines.nets import stack
from engines.nets.net_file import MAX_NET_BYTES, SavedNet, from_bytes, to_bytes
from playground.net_files import NetFiles

SETS = {"full": "the full MNIST", "builtin": "the built-in digits"}


def _kept(experiment: Experiment) -> str:
    numbers = sum(row.parameters for row in stack.rows(stack.as_stack(experiment.net)))
    return (
        f"Its {numbers:,} weights and biases together with the experiment, in one file. Any program that reads safetensors finds "
        "the numbers; nothing in such a file can run. *Share*, at the top of the page, has the experiment without its weights: as "
        "a link, a notebook or a script."
    )


def _taken(driver: Any) -> SavedNet:
    trainer = driver.ready
    accuracy = trainer.report.metrics.test_accuracy if trainer.report else None
    return SavedNet(driver.experiment, trainer.weights(), driver.epoch, accuracy, _set(trainer.digits))


def _set(found: digits.Digits) -> str:
    return "builtin" if found.source == "builtin" else "full"


def _told(saved: SavedNet) -> list[str]:
    told = []
    if saved.epoch and saved.accuracy is not None:
        told.append(f"When last measured it read {100 * saved.accuracy:.4g} % of its test digits rightly.")
    here = _set(digits.load(saved.experiment.data.source))
    if saved.digits not in (None, here):
        told.append(f"It learned from {SETS[saved.digits]}, and here it meets {SETS[here]}: figures will differ.")
    return told


FILES = NetFiles(
    page="digits",
    name="digits-net",
    kept=_kept,
    replaced="layers and settings",
    taken=_taken,
    to_bytes=to_bytes,
    from_bytes=from_bytes,
    told=_told,
    most_bytes=MAX_NET_BYTES,
)
draw = FILES.draw
