"""Text nets in files: what comes back is what was kept, and nothing else gets in."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from engines.data.alphabet import alphabet_of
from engines.experiment import digits_experiment
from engines.nets.net_file import NoNet, packed
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import initial_weights
from engines.nets.recurrent.text_file import MAX_TEXT_NET_BYTES, SavedText, from_bytes, to_bytes
from tests.engines.nets.recurrent.plays import PLAY, small

ALPHABET = alphabet_of(PLAY).alphabet


def saved_of(experiment, alphabet=ALPHABET):
    return SavedText(experiment, initial_weights(experiment.net, len(alphabet), 3), alphabet, 2.5, 1.25)


def with_metadata(**changes):
    content = to_bytes(saved_of(small()))
    size = struct.unpack_from("<Q", content)[0]
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] |= changes
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + size :]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("embedding", [0, 5])
def test_there_and_back(cell, embedding):
    saved = saved_of(small(net__cell=cell, net__embedding=embedding, net__layers=2))
    again = from_bytes(to_bytes(saved))
    assert (again.experiment, *again[2:]) == (saved.experiment, ALPHABET, 2.5, 1.25)
    for pair, other in zip(saved.weights, again.weights, strict=True):
        for one, two in zip(pair, other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_any_script_survives():
    alphabet = alphabet_of('日本語😀é\u202e\n\x1b"\\').alphabet
    assert from_bytes(to_bytes(saved_of(small(), alphabet))).alphabet == alphabet


BAD = {
    "empty": (b"", "no safetensors file"),
    "too large": (b"\0" * (MAX_TEXT_NET_BYTES + 1), "larger than 64 MB"),
    "no alphabet": (with_metadata(alphabet=""), "alphabet is missing or damaged"),
    "alphabet out of order": (with_metadata(alphabet=ALPHABET.characters[::-1]), "alphabet is missing or damaged"),
    "another alphabet": (with_metadata(alphabet=ALPHABET.characters[:-1]), "should hold"),
    "another net": (with_metadata(experiment=small(net__layers=2).model_dump_json()), "layers that have weights"),
    "no description": (with_metadata(experiment="{"), "cannot be read"),
    "digits": (packed(digits_experiment(), [], {}), "does not read text"),
    "cut off": (to_bytes(saved_of(small()))[:-20], "damaged or cut off"),
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_else_gets_in(name):
    content, said = BAD[name]
    with pytest.raises(NoNet, match=said):
        from_bytes(content)


def test_an_overflowed_net_is_not_kept():
    saved = saved_of(small())
    saved.weights[0][0][0, 0] = np.inf
    with pytest.raises(NoNet, match="overflowed"):
        to_bytes(saved)
