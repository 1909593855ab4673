"""What the component is sent: complete, plain JSON beside float32 matrices, and exactly what the pass was."""

import base64
import json
import zlib

import numpy as np
import pytest

from engines.trace.operations import RULES
from engines.trace.study import Study
from playground.backprop.component import Place
from playground.backprop.payload import LARGEST_SENT, blocks, payload, placed
from playground.backprop.traced import traced

DEEP = Study(
    examples="random",
    inputs=4,
    layers=[{"units": 5, "activation": "tanh"}, {"units": 3, "activation": "relu"}],
    outputs=2,
    batch=7,
    train_biases=True,
)
WIDE = Study(examples="random", inputs=16, layers=[{"units": 16}], outputs=16, batch=256)


def sections_of(data):
    """Matrices by symbol, as trace_data.js reads them."""
    raw, found, at = zlib.decompress(base64.b64decode(data["blob"])), {}, 0
    for symbol, kind, rows, columns in data["layout"]:
        assert kind == "f4"
        found[symbol] = np.frombuffer(raw, "<f4", rows * columns, at).reshape(rows, columns)
        at += 4 * rows * columns
    assert at == len(raw)
    return found


@pytest.mark.parametrize("study", [Study(), DEEP, WIDE], ids=["worked", "deep", "wide"])
def test_every_matrix_is_what_the_pass_has(study):
    of = traced(study)
    data = payload(of)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    found = sections_of(data)
    assert set(found) == set(of.trace.values) == set(data["matrices"])
    for symbol, value in of.trace.values.items():
        about, whole = data["matrices"][symbol], np.atleast_2d(value)
        assert about["shape"] == list(whole.shape) and about["name"] and about["latex"] and about["blocks"] is None
        np.testing.assert_array_equal(found[symbol], whole.astype("f4"))


def test_the_header_says_what_is_done_and_by_which_rule():
    of = traced(DEEP)
    data = payload(of)
    assert [rule["key"] for rule in data["rules"]] == list(RULES)
    assert data["net"]["widths"] == [4, 5, 3, 2]
    assert [a["label"] for a in data["net"]["activations"]] == ["Tanh", "ReLU", "Sigmoid"]
    assert [(o["rule"], o["output"]) for o in data["operations"]] == [(o.rule, o.output) for o in of.trace.operations]
    assert {s for o in data["operations"] for s in (*o["inputs"], o["output"])} <= set(data["matrices"])
    assert data["summary"] == {"total": of.trace.total, "total_after": of.total_after}
    assert data["study"]["batch"] == 7 and data["study"]["train_biases"] is True
    kinds = {symbol: about["kind"] for symbol, about in data["matrices"].items()}
    assert (kinds["W1"], kinds["G1"], kinds["D2"], kinds["T"], kinds["C"], kinds["A1"]) == (
        "weight", "gradient", "gradient", "target", "cost", "signal")  # fmt: skip


def test_where_one_looks_is_not_part_of_the_revision():
    here, there = (payload(traced(study)) for study in (DEEP, DEEP.change(step=9, example=3)))
    assert here["revision"] == there["revision"] != payload(traced(DEEP.change(seed=1)))["revision"]
    moved = placed(here, DEEP.change(step=9, example=-1), Place(1, None, 2))
    assert moved["revision"] == here["revision"]
    assert (moved["study"]["step"], moved["study"]["example"]) == (9, -1)
    assert moved["selected"] == {"layer": 1, "row": None, "column": 2}
    assert here["study"]["step"] == 0
    beyond = placed(here, DEEP.change(step=1000, example=200), None)
    assert (beyond["study"]["step"], beyond["study"]["example"]) == (len(here["operations"]) - 1, 6)


def test_a_block_shows_its_largest_entry():
    matrix = np.zeros((300, 200))
    matrix[7, 3], matrix[299, 199] = -5.0, 2.0
    cut, (high, wide) = blocks(matrix)
    assert cut.size <= LARGEST_SENT and cut.shape == (-(-300 // high), -(-200 // wide))
    assert cut[7 // high, 3 // wide] == -5 and cut[-1, -1] == 2 and np.count_nonzero(cut) == 2
    small, one = blocks(np.eye(3))
    assert one == (1, 1) and (small == np.eye(3)).all()


def test_numbers_that_overflow_are_no_numbers_in_the_header():
    study = DEEP.change(learning_rate=100, typed=[{"matrix": "X", "row": 0, "column": 0, "value": 1e4}], output="quadratic")
    data = payload(traced(study))
    json.dumps(data, allow_nan=False)
