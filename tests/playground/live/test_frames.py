"""Frames: what is packed comes out again, each viewer gets only what is new, and nothing breaks JSON."""

import json
import math
import time

import numpy as np
import pytest

from engines.experiment import Experiment, text_experiment
from engines.live import CurveView, DataView, RunState, Snapshot, diagnose
from engines.live.curve import Curve
from engines.live.diagnosis import Evidence
from engines.nets.recurrent.live_sample import Sample
from engines.training import Metrics
from playground.live.frames import Position, decode, encode, pack


def rows(first: int, last: int) -> np.ndarray:
    epochs = np.arange(first, last + 1, dtype=np.float32)
    return np.stack([epochs, epochs * 2, epochs * 3, epochs * 4, epochs * 5], 1)


def snapshot(**fields) -> Snapshot:
    points = np.arange(30, dtype=np.float32).reshape(10, 3)
    whole = {
        "id": 7,
        "revision": 3,
        "experiment": Experiment(),
        "run": RunState("playing", "Größe", 120, 6.0, 1.5, 0.03, 1200.0, 12_000.0),
        "metrics": Metrics(6.0, 0.25, 0.5, 0.9, math.nan),
        "data": DataView(1, 6, 4, "classification", ({"name": "x", "low": -5.0, "high": 5.0},) * 2, points),
        "layers": [{"name": "output", "gradient": math.inf, "units": 1, "dead": 0}],
        "histogram": {"low": -1.0, "high": 1.0, "counts": [1, 2], "near_zero": 0.5, "threshold": 0.05},
        "sections": {"surface": np.full((100, 100), 128, np.uint8), "theta": np.linspace(0, 1, 25, dtype=np.float32)},
        "diagnosis": diagnose(Evidence(experiment=Experiment(learning_rate=5), stopped="nan")),
    }
    made = Snapshot(**(whole | fields))
    return made._replace(packed=pack(made))


def curve_of(last: int, capacity: int = 2048) -> Curve:
    curve = Curve(capacity)
    curve.add(rows(1, last))
    return curve


def test_everything_goes_through() -> None:
    facts = {"inside": {"answer": 3, "z": [math.nan, 1.0]}}
    shown = snapshot(curve=curve_of(5).view(), overlay=CurveView(2, 3, rows(1, 3), None), facts=facts)
    header, curve, overlay, sections = decode(encode(shown, Position()))
    assert header["id"] == 7
    assert header["run"]["status"] == "playing"
    assert header["run"]["message"] == "Größe"
    assert header["revision"] == 3
    assert header["metrics"] == {"train_loss": 0.25, "test_loss": 0.5, "train_accuracy": 0.9, "test_accuracy": None}
    assert header["layers"][0]["gradient"] is None
    assert header["histogram"]["counts"] == [1, 2]
    assert header["facts"] == {"inside": {"answer": 3, "z": [None, 1.0]}}
    assert header["recording"] == {"count": 0, "position": None, "epochs": [0.0, 0.0]}
    assert header["data"]["train"] == 6
    assert header["data"]["axes"][0]["name"] == "x"
    assert header["diagnosis"][0]["remedies"][0]["key"] == "rate_usual"
    assert Experiment.model_validate(header["experiment"]) == shown.experiment
    np.testing.assert_array_equal(curve, rows(1, 5))
    np.testing.assert_array_equal(overlay, rows(1, 3))
    assert header["curve"] == {"version": 1, "start": 0, "rows": 5}
    np.testing.assert_array_equal(sections["points"], shown.data.points)
    np.testing.assert_array_equal(sections["theta"], shown.sections["theta"])
    np.testing.assert_array_equal(sections["surface"], shown.sections["surface"])


def test_only_what_is_new_is_sent_again() -> None:
    position, curve = Position(), curve_of(5)
    encode(snapshot(curve=curve.view()), position)
    header, table, _, sections = decode(encode(snapshot(curve=curve.view()), position))
    assert {"experiment", "data", "curve", "overlay"}.isdisjoint(header)
    assert len(table) == 0
    assert "points" not in sections
    curve.add(rows(6, 8))
    header, table, _, _ = decode(encode(snapshot(curve=curve.view(), revision=4), position))
    assert header["curve"] == {"version": 1, "start": 5, "rows": 3}
    assert "experiment" in header
    np.testing.assert_array_equal(table, rows(6, 8))


def test_an_unchanged_diagnosis_is_sent_once() -> None:
    shown, position = snapshot(), Position()
    assert "diagnosis" in decode(encode(shown, position))[0]
    assert "diagnosis" not in decode(encode(shown, position))[0]
    assert decode(encode(shown._replace(diagnosis=()), position))[0]["diagnosis"] == []


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_a_viewer_that_follows_has_the_whole_curve(batch: int) -> None:
    curve, position, have = Curve(64), Position(), np.zeros((0, 5), np.float32)
    version = None
    for first in range(1, 300, batch):
        curve.add(rows(first, first + batch - 1))
        header, table, _, _ = decode(encode(snapshot(curve=curve.view()), position))
        said = header["curve"]
        have = have if said["version"] == version else have[:0]
        version = said["version"]
        have = np.concatenate([have[: said["start"]], table])
        np.testing.assert_array_equal(have, curve.view().table())


def test_a_frame_without_sections_has_no_blob() -> None:
    empty = Snapshot(1, 1, Experiment(), RunState("starting"))
    header, curve, overlay, sections = decode(encode(empty, Position()))
    assert header["sections"] == [] and header["facts"] == {}
    assert header["metrics"]["train_loss"] is None
    assert len(curve) == len(overlay) == len(sections) == 0


def test_headers_are_strict_json() -> None:
    message = encode(snapshot(metrics=Metrics(1.0, math.nan, math.inf, -math.inf, 0.0)), Position())
    size = int.from_bytes(message[:4], "little")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(message[4 : 4 + size], parse_constant=refuse)


def test_encoding_for_a_viewer_is_cheap() -> None:
    shown, position = snapshot(curve=curve_of(2000).view()), Position()
    encode(shown, position)
    costs = []
    for _ in range(300):
        position.curve = (1, 1999)
        began = time.perf_counter()
        encode(shown, position)
        costs.append(time.perf_counter() - began)
    assert sorted(costs)[150] < 60e-6


def test_samples_travel_once_and_again_when_there_are_others() -> None:
    samples = (Sample(4, 0.1, "", "e ttoe", True), Sample(9, 0.2, "All:", "the king", True))
    first, position = snapshot(facts={"samples": samples, "text": {"alphabet": "ab"}}), Position()
    header, *_ = decode(encode(first, position))
    assert header["samples"][1] == {"step": 9, "epoch": 0.2, "prime": "All:", "text": "the king", "done": True}
    assert header["facts"] == {"text": {"alphabet": "ab"}}
    assert "samples" not in decode(encode(first._replace(id=8), position))[0]
    none = snapshot(facts={"samples": ()})
    assert decode(encode(none, position))[0]["samples"] == []
    assert "samples" not in decode(encode(none, position))[0]
    assert "samples" not in decode(encode(snapshot(facts={}), position))[0]
    assert len(decode(encode(first, position))[0]["samples"]) == 2


def test_a_text_of_the_visitor_s_own_stays_on_the_server() -> None:
    experiment = text_experiment(data__source="own", data__own="secret " * 100, data__name="mine.txt")
    header, *_ = decode(encode(snapshot(experiment=experiment), Position()))
    assert "own" not in header["experiment"]["data"] and header["experiment"]["data"]["name"] == "mine.txt"
    points = decode(encode(snapshot(), Position()))[0]
    assert points["experiment"]["data"]["own"] == []
