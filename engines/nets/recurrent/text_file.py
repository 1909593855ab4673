"""A trained text net as a file: as `engines.nets.net_file`, with the alphabet its numbers stand for."""

from __future__ import annotations

from typing import NamedTuple

from engines.data.alphabet import Alphabet
from engines.experiment import Experiment
from engines.nets.net_file import NoNet, Pairs, experiment_of, metadata_of, number, packed, weights_of
from engines.nets.recurrent.net import weight_shapes

MAX_TEXT_NET_BYTES, MAX_TEXT_HEADER_BYTES = 64_000_000, 32_000_000
"""The largest net with the longest text of a visitor's own in its description."""


class SavedText(NamedTuple):
    """weights: pairs, float32, as `weight_shapes` orders them. epoch: how long it had trained. nats: validation loss, or None."""

    experiment: Experiment
    weights: Pairs
    alphabet: Alphabet
    epoch: float
    nats: float | None = None


def to_bytes(saved: SavedText) -> bytes:
    """The file. Raises NoNet where weights have overflowed."""
    told = {"epoch": repr(float(saved.epoch)), "alphabet": saved.alphabet.characters}
    told |= {} if saved.nats is None else {"nats": repr(float(saved.nats))}
    return packed(saved.experiment, saved.weights, told)


def from_bytes(content: bytes) -> SavedText:
    """The net in a file that anybody may have made. Raises NoNet with a sentence that says what is wrong and what to do."""
    metadata = metadata_of(content, MAX_TEXT_NET_BYTES, MAX_TEXT_HEADER_BYTES)
    experiment = experiment_of(metadata)
    if experiment.data.kind != "text":
        raise NoNet("This net does not read text, so it cannot write any.")
    try:
        alphabet = Alphabet(str(metadata.get("alphabet", "")))
    except ValueError:
        raise NoNet("This file does not say which characters the net knows: its alphabet is missing or damaged.") from None
    shapes = [((m.fan_in, m.fan_out), (m.fan_out if m.bias else 0,)) for m in weight_shapes(experiment.net, len(alphabet))]
    nats = number(metadata.get("nats"))
    weights = weights_of(content, shapes)
    return SavedText(experiment, weights, alphabet, max(0.0, number(metadata.get("epoch")) or 0.0), nats)
