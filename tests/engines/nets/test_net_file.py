"""Nets in files: what comes back is what was kept, and nothing else gets in."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load, save

from engines.experiment import Experiment, digits_experiment
from engines.nets.net_file import FORMAT, MAX_NET_BYTES, NoNet, SavedNet, from_bytes, shapes, to_bytes
from engines.nets.presets_stack import STACKS

DENSE = digits_experiment(net__layers=[{"units": 7, "activation": "tanh"}])
NETS = {"dense": DENSE, **{key: digits_experiment(net=net) for key, net in STACKS.items()}}


def saved_of(experiment, seed=0):
    rng = np.random.default_rng(seed)
    weights = [tuple(rng.normal(size=shape).astype(np.float32) for shape in pair) for pair in shapes(experiment)]
    return SavedNet(experiment, weights, 2.5, 0.97, "builtin")


@pytest.mark.parametrize("name", NETS)
def test_there_and_back(name):
    saved = saved_of(NETS[name])
    again = from_bytes(to_bytes(saved))
    assert (again.experiment, *again[2:]) == (saved.experiment, 2.5, 0.97, "builtin")
    for (w, b), (v, c) in zip(saved.weights, again.weights, strict=True):
        np.testing.assert_array_equal(w, v)
        np.testing.assert_array_equal(b, c)


def test_any_reader_of_safetensors_finds_the_numbers():
    saved = saved_of(DENSE)
    np.testing.assert_array_equal(load(to_bytes(saved))["1.weight"], saved.weights[1][0])


def with_metadata(**changes):
    content = to_bytes(saved_of(DENSE))
    size = struct.unpack_from("<Q", content)[0]
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] |= changes
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + size :]


def with_tensors(**changes):
    saved = saved_of(DENSE)
    kept = {"format": FORMAT, "version": "1", "experiment": DENSE.model_dump_json()}
    return save(load(to_bytes(saved)) | changes, kept)


BAD = {
    "empty": (b"", "no safetensors file"),
    "text": (b"hello, I am not a net at all", "no safetensors file"),
    "json": (b'{"version": 1}', "no safetensors file"),
    "huge header": (struct.pack("<Q", 2**60) + b"{}", "no safetensors file"),
    "deep": (struct.pack("<Q", 90_000) + b"[" * 90_000, "no safetensors file"),
    "cut off": (to_bytes(saved_of(DENSE))[:-40], "damaged or cut off"),
    "too large": (b"\0" * (MAX_NET_BYTES + 1), "larger than 24 MB"),
    "another's": (save({"a": np.zeros(3, np.float32)}), "not saved by this playground"),
    "newer": (with_metadata(version="2"), "another version (format 2, here 1)"),
    "no description": (with_metadata(experiment="[1, 2"), "description cannot be read"),
    "half a description": (
        with_metadata(experiment=DENSE.model_dump_json().replace('"tanh"', '"thang"')),
        "does not fit this version",
    ),
    "points": (with_metadata(experiment=Experiment().model_dump_json()), "does not read digits"),
    "another net": (
        with_metadata(experiment=digits_experiment().change(net__layers=[]).model_dump_json()),
        "1 layers that have weights",
    ),
    "another width": (
        with_metadata(experiment=DENSE.change(net__layers=[{"units": 8}]).model_dump_json()),
        "Layer 1 should hold 784 x 8 numbers (float32) and holds 784 x 7 (float32)",
    ),
    "other numbers": (with_tensors(**{"1.bias": np.zeros(10)}), "holds 10 (float64)"),
    "nan": (with_tensors(**{"0.bias": np.full(7, np.nan, np.float32)}), "Layer 1 holds numbers that are not finite"),
    "endless figures": (with_metadata(epoch=10**400, accuracy=10**400), "damaged or cut off"),
    "more": (with_tensors(**{"2.bias": np.zeros(10, np.float32)}), "numbers are of another"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_net_is_told(name):
    content, told = BAD[name]
    with pytest.raises(NoNet) as caught:
        from_bytes(content)
    assert told in str(caught.value)


def test_figures_that_are_no_numbers_are_left_out():
    for figure in ("inf", "-0.1", "97"):
        saved = from_bytes(with_metadata(epoch="soon", accuracy=figure, digits="letters"))
        assert saved[2:] == (0.0, None, None)
    assert from_bytes(with_metadata(epoch="-3")).epoch == 0


def test_a_net_that_overflowed_is_not_kept():
    saved = saved_of(DENSE)
    saved.weights[0][1][0] = np.inf
    with pytest.raises(NoNet, match="overflowed"):
        to_bytes(saved)
