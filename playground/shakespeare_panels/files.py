"""'Save and load': the trained net itself, with its experiment and its alphabet, as a safetensors file."""

from __future__ import annotations

from typing import Any

from engines.data.alphabet import Alphabet
from engines.experiment import Experiment
from engines.nets.net_file import NoNet
from engines.nets.recurrent.net import parameter_count
from engines.nets.recurrent.text_file import MAX_TEXT_NET_BYTES, SavedText, from_bytes, to_bytes
from playground import text_source
from playground.net_files import NetFiles


def _kept(experiment: Experiment) -> str:
    numbers = parameter_count(experiment.net, len(text_source.alphabet(experiment.data)))
    what = "the experiment, its alphabet and your text" if experiment.data.source == "own" else "the experiment and its alphabet"
    return (
        f"Its {numbers:,} weights and biases together with {what}, in one file. Any program that reads "
        "safetensors finds the numbers; nothing in such a file can run. `python -m engines sample` writes with it."
    )


def _taken(driver: Any) -> SavedText:
    trainer, last = driver.ready, driver.curve.at(driver.epoch)
    nats = None if last is None else float(last[2])
    return SavedText(driver.experiment, trainer.weights(), Alphabet(trainer.corpus.alphabet.characters), driver.epoch, nats)


def _told(saved: SavedText) -> list[str]:
    here = text_source.alphabet(saved.experiment.data)
    if here != saved.alphabet.characters:
        raise NoNet(_another_alphabet(saved, here))
    if not saved.epoch or saved.nats is None:
        return []
    return [f"When last measured it needed {saved.nats:.3f} nats a character on text it had not seen."]


def _another_alphabet(saved: SavedText, here: str) -> str:
    told = f"it reads {len(saved.alphabet)} different characters, and its text here has {len(here)} or other ones."
    if saved.experiment.data.source in ("auto", "shakespeare") and not text_source.has_full():
        return f"{told} Get Tiny Shakespeare first (at the top of the page)."
    return told


FILES = NetFiles(
    page="shakespeare",
    name="text-net",
    kept=_kept,
    replaced="text and settings",
    taken=_taken,
    to_bytes=to_bytes,
    from_bytes=from_bytes,
    told=_told,
    most_bytes=MAX_TEXT_NET_BYTES,
)
draw = FILES.draw
