"""Every figure of the table can be run, and the command line and the worker behave."""

from __future__ import annotations

import importlib
import json
import re
from typing import ClassVar

import pytest

from bench import __main__ as command
from bench.controls import every_change
from bench.figures import FIGURES
from bench.peers.environment import NoPeer
from bench.report import Measured
from bench.rounds import against_torch, alternate
from bench.worker import Worker
from engines.experiment import Experiment
from engines.live.edits import edited


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_complete(name):
    figure = FIGURES[name]
    module, function = figure.measure.split(":")
    assert callable(getattr(importlib.import_module(f"bench.{module}"), function))
    assert re.fullmatch(r"[a-z0-9_]+", name)
    assert figure.what
    assert figure.unit
    assert figure.limits or figure.peer
    assert figure.peer or all(limit.of == "value" for limit in figure.limits)


def test_command_prints_one_object_a_figure(monkeypatch, capsys):
    monkeypatch.setattr("bench.live.play", lambda quick: Measured(12.0))
    monkeypatch.setattr("bench.live.pause", lambda quick: Measured(13.0 if quick else 1.0))
    monkeypatch.setattr(command, "_keep_to", lambda cores: None)
    assert command.main(["live_play", "live_pause", "--quick"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["name"], line["value"]) for line in lines] == [("live_play", 12.0), ("live_pause", 13.0)]


def test_a_figure_that_fails_is_told_and_costs_only_itself(monkeypatch, capsys):
    def broken(quick):
        raise RuntimeError("no browser here")

    monkeypatch.setattr("bench.live.play", broken)
    monkeypatch.setattr("bench.live.pause", lambda quick: Measured(13.0))
    monkeypatch.setattr(command, "_keep_to", lambda cores: None)
    assert command.main(["live_play", "live_pause"]) == 1
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["value"] is None
    assert "no browser here" in first["note"]
    assert second["value"] == 13.0


@pytest.mark.parametrize("arguments", [["nonsense"], ["live_play", "--quick", "--write"]])
def test_command_refuses_what_it_cannot_do(arguments):
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    assert end.value.code == 2


class Echo:
    """What a worker is asked to make in the tests below."""

    made: ClassVar[int] = 0

    def __init__(self, base: int) -> None:
        self.base = base

    def add(self, more: int) -> int:
        print("libraries print things")
        return self.base + more


def test_worker_answers_and_tells_errors():
    with Worker("tests.bench.test_figures:Echo", base=3) as worker:
        assert worker.do("add", more=4) == 7
        with pytest.raises(RuntimeError, match="TypeError"):
            worker.do("add", more="x")
        assert worker.do("add", more=5) == 8


def test_rounds_alternate_and_ratios_favour_the_better():
    slow, fast = iter([10.0, 20.0, 30.0]), iter([1.0, 4.0, 5.0])
    measured = alternate(lambda: next(fast), lambda: next(slow), 3, higher=False)
    assert (measured.value, measured.peer_value, measured.ratio) == (4.0, 20.0, 6.0)
    assert alternate(lambda: 4.0, lambda: 2.0, 1, higher=True).ratio == 2.0


def test_without_the_peer_the_figure_is_still_measured(monkeypatch):
    def unavailable():
        raise NoPeer("torch could not be installed: no network")

    monkeypatch.setattr("bench.rounds.python", unavailable)
    monkeypatch.setattr(Echo, "round", lambda self: 2.0, raising=False)
    monkeypatch.setattr("bench.rounds.Worker", _Inline)
    measured = against_torch("tests.bench.test_figures:Echo", "torch_nets:PlaneTraining", 3, base=1)
    assert (measured.value, measured.peer_value) == (2.0, None)
    assert "no network" in measured.note


class _Inline:
    """A worker that works in this process."""

    def __init__(self, make, *_, **arguments):
        self.made = Echo(**arguments)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def do(self, method, **arguments):
        return getattr(self.made, method)(**arguments)


def test_every_change_of_controls_is_accepted_and_changes_something():
    experiment, touched = Experiment(), set()
    for change in every_change():
        changed, _ = edited(experiment, change)
        assert changed != experiment, change
        touched |= set(change)
        experiment = changed
    fields = {name for name in Experiment.model_fields if name not in ("version", "data", "net")}
    assert fields <= {path.split(".")[0] for path in touched}
