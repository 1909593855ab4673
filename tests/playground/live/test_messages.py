"""Messages from a browser: the set, and everything that is not in it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from playground.live.messages import MAX_BYTES, obey, obey_parsed
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer


@pytest.fixture(scope="module")
def run():
    """One watched run for the module."""
    pool = Pool(workers=1)
    made = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
    made.watch(lambda: None)
    eventually(lambda: made.status == "ready")
    yield made
    pool.stop()


GOOD = [
    {"do": "ack"},
    {"do": "play"},
    {"do": "pause"},
    {"do": "step"},
    {"do": "epoch"},
    {"do": "reset"},
    {"do": "new_weights"},
    {"do": "cancel"},
    {"do": "continue"},
    {"do": "overlay_off"},
    {"do": "speed", "value": "max"},
    {"do": "rate", "value": 0.1},
    {"do": "rate", "value": 1},
    {"do": "seek", "at": 0},
    {"do": "seek", "at": None},
    {"do": "set", "changes": {"data.source": "spiral"}},
    {"do": "weight", "layer": 0, "row": 0, "column": 0, "value": 0.5},
    {"do": "look", "hover": [1, 0], "warp": [1, 0, 1]},
    {"do": "look", "hover": None, "warp": None},
    {"do": "remedy", "key": "leaky"},
]
BAD = [
    "",
    "a",
    "null",
    "[]",
    "{}",
    '{"do":5}',
    '{"do":"__class__"}',
    '{"do":"rate"}',
    '{"do":"rate","value":NaN}',
    '{"do":"rate","value":true}',
    '{"do":"rate","value":"0.1"}',
    '{"do":"seek","at":1.5}',
    '{"do":"seek","at":99999999999999}',
    '{"do":"look","hover":[1]}',
    '{"do":"look","hover":[-1,0]}',
    '{"do":"look","hover":"ab"}',
    '{"do":"weight","layer":0}',
    '{"do":"set"}',
    '{"do":"set","changes":[1]}',
    '{"do":"speed","value":["max"]}',
    '{"do":"remedy","key":{}}',
    "[" * 100_000,
    '{"do":"set","changes":{"a":' + "[" * 50_000 + "]" * 50_000 + "}}",
    '"' + "x" * MAX_BYTES + '"',
]


@pytest.mark.parametrize("message", GOOD, ids=lambda m: json.dumps(m)[:40])
def test_known(run: LiveRun, message: dict) -> None:
    assert obey(run, json.dumps(message)) == message["do"]
    assert obey_parsed(run, message) == message["do"]


@pytest.mark.parametrize("text", BAD, ids=lambda t: t[:30])
def test_unknown_is_said_and_ignored(run: LiveRun, text: str) -> None:
    run.say("-")
    eventually(lambda: run.snapshot.run.message == "-")
    before = run.accepted
    assert obey(run, text) is None
    eventually(lambda: "did not understand" in (run.snapshot.run.message or ""))
    assert run.accepted == before


PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
PATHS = some.sampled_from(["seed", "data", "data.own", "net.layers", "net.layers.0.units", "optimizer.settings", "cost", "x.y", ""])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=some.sampled_from(sorted({message["do"] for message in GOOD})),
    fields=some.dictionaries(some.sampled_from(["value", "at", "hover", "warp", "layer", "row", "column", "key"]), PLAIN),
    changes=some.dictionaries(PATHS, PLAIN, max_size=3) | PLAIN,
)
def test_no_message_raises(run: LiveRun, name: str, fields: dict, changes: object) -> None:
    obey_parsed(run, {"do": name, "changes": changes} | fields)
    assert Experiment.model_validate(run.experiment.model_dump()) == run.experiment
