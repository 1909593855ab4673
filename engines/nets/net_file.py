"""A trained net as a file: safetensors with its experiment in the header. Nothing in such a file can run.

Tensors are named '0.weight', '0.bias', '1.weight', ... in the order of `Trainer.weights()`.
Format: https://huggingface.co/docs/safetensors; an eight-byte length, a JSON header, then the numbers.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engines.experiment import Experiment
from engines.files import DescriptionError, load_strict
from engines.nets import count, stack

FORMAT, VERSION = "deep-learning-playground net", 1
MAX_NET_BYTES = 24_000_000
MAX_HEADER_BYTES = 1_000_000
MIME, SUFFIX = "application/octet-stream", ".safetensors"

Pairs = list[tuple[np.ndarray, np.ndarray]]


class SavedNet(NamedTuple):
    """weights: a pair a layer, float32. epoch: how long it had trained. accuracy: right answers on the test digits, or None.

    digits: which it was trained on, 'full' or 'builtin', or None where that is not known.
    """

    experiment: Experiment
    weights: Pairs
    epoch: float
    accuracy: float | None = None
    digits: str | None = None


class NoNet(ValueError):
    """A file that holds no net that can be used here; one or two sentences for the visitor."""


def shapes(experiment: Experiment) -> list[tuple[tuple[int, int], tuple[int]]]:
    """The shapes of every pair of weights of a digits net, the output layer last."""
    net = experiment.net
    if net.kind == "dense":
        return [((i, o), (o,)) for i, o in pairwise(count.sizes(net))]
    return [(w.shape, b.shape) for w, b in stack.initial_weights(net, 0)]


def to_bytes(saved: SavedNet) -> bytes:
    """The file. Raises NoNet where weights have overflowed."""
    told = {"epoch": repr(float(saved.epoch))} | ({} if saved.accuracy is None else {"accuracy": repr(float(saved.accuracy))})
    told |= {"digits": saved.digits} if saved.digits else {}
    return packed(saved.experiment, saved.weights, told)


def packed(experiment: Experiment, weights: Pairs, told: dict[str, str]) -> bytes:
    """Weights with their experiment and what else is told of them. Raises NoNet where weights have overflowed."""
    from safetensors.numpy import save

    tensors = {}
    for i, pair in enumerate(weights):
        for name, array in zip(("weight", "bias"), pair, strict=True):
            if not np.isfinite(array).all():
                raise NoNet(
                    "These weights have overflowed, so there is no net worth keeping. Reset it, or go back in the recording."
                )
            tensors[f"{i}.{name}"] = np.ascontiguousarray(array, np.float32)
    kept = {"format": FORMAT, "version": str(VERSION), "experiment": experiment.model_dump_json()}
    return save(tensors, kept | told)


def from_bytes(content: bytes) -> SavedNet:
    """The net in a file that anybody may have made. Raises NoNet with a sentence that says what is wrong and what to do."""
    metadata = metadata_of(content)
    experiment = experiment_of(metadata)
    if experiment.data.kind != "digits":
        raise NoNet("This net does not read digits, so it cannot be opened on this page.")
    epoch, accuracy = number(metadata.get("epoch")) or 0.0, number(metadata.get("accuracy"))
    right = accuracy if accuracy is not None and 0 <= accuracy <= 1 else None
    known = metadata.get("digits")
    weights = weights_of(content, shapes(experiment))
    return SavedNet(experiment, weights, max(0.0, epoch), right, known if known in ("full", "builtin") else None)


def metadata_of(content: bytes, most: int = MAX_NET_BYTES, most_header: int = MAX_HEADER_BYTES) -> dict[str, str]:
    """What a file tells of its numbers. most, most_header: bytes. Raises NoNet where it is none of ours."""
    if len(content) > most:
        raise NoNet(f"The file is larger than {most // 1_000_000} MB; no net of this page is.")
    try:
        size = struct.unpack_from("<Q", content)[0]
        header = json.loads(content[8 : 8 + size]) if 2 <= size <= min(most_header, len(content) - 8) else None
    except (struct.error, ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise NoNet("This is no safetensors file, or only a part of one: its header cannot be read. Download it again.")
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise NoNet("This safetensors file was not saved by this playground: it does not say which net its numbers belong to.")
    if metadata.get("version") != str(VERSION):
        raise NoNet(
            f"This net was saved by another version (format {str(metadata.get('version'))[:20]}, here {VERSION}): "
            "open it where it was saved, or update the playground."
        )
    return metadata


def experiment_of(metadata: dict[str, str]) -> Experiment:
    """The description in a file's metadata. Raises NoNet where it does not fit."""
    try:
        return load_strict(str(metadata.get("experiment", "")))
    except DescriptionError as error:
        raise NoNet(f"The net's description does not fit this version: {error}.") from None
    except ValueError as error:
        raise NoNet(f"The net's description cannot be read: {error}.") from None


def weights_of(content: bytes, expected: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> Pairs:
    """The pairs of weights in a file, of the expected shapes. Raises NoNet where they are others, damaged or not finite."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors: dict[str, np.ndarray] = load(content)
    except (SafetensorError, ValueError, KeyError, TypeError, MemoryError):
        raise NoNet("The numbers of this file are damaged or cut off. Download it again.") from None
    names = [f"{i}.{part}" for i in range(len(expected)) for part in ("weight", "bias")]
    if sorted(tensors) != sorted(names):
        raise NoNet(f"The description is of a net with {len(expected)} layers that have weights, but the numbers are of another.")
    return [tuple(_tensor(tensors, i, j, shape) for j, shape in enumerate(pair)) for i, pair in enumerate(expected)]


def _tensor(tensors: dict[str, np.ndarray], layer: int, part: int, shape: tuple[int, ...]) -> np.ndarray:
    array = tensors[f"{layer}.{('weight', 'bias')[part]}"]
    if array.shape != shape or array.dtype != np.float32:
        raise NoNet(
            f"Layer {layer + 1} should hold {' x '.join(map(str, shape))} numbers (float32) and holds "
            f"{' x '.join(map(str, array.shape))} ({array.dtype})."
        )
    if not np.isfinite(array).all():
        raise NoNet(f"Layer {layer + 1} holds numbers that are not finite: this net had overflowed before it was saved.")
    return array


def number(text: Any) -> float | None:
    """A finite number told as text, else None: a hand-made file may hold a whole number of any length in its place."""
    try:
        value = float(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if np.isfinite(value) else None
