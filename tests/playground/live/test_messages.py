"""Messages from a browser: the set, and everything that is not in it."""

import base64
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from engines.data.drawn import Moves, as_digit
from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from engines.training import Inside, Look, Writing
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
    {"do": "look"},
    {"do": "look", "inside": {}},
    {"do": "look", "inside": {"digit": 3, "values": "z", "weights": "d", "unit": [2, 0, 4, 4], "maps": ["saliency", "occlusion"]}},
    {"do": "look", "inside": {"unit": None, "maps": []}},
    {"do": "look", "inside": None},
    {"do": "remedy", "key": "leaky"},
    {"do": "write"},
    {"do": "write", "temperature": 0, "top_k": 0, "top_p": 0, "prime": "", "seed": 0, "length": 1},
    {"do": "write", "temperature": 1e9, "top_k": 100_000, "top_p": 1, "prime": "To be\n\u2603", "seed": 2**31 - 1, "length": 2000},
    {"do": "type", "text": "ROMEO:"},
    {"do": "type", "text": None},
    {"do": "draw", "raster": None},
    {"do": "draw", "raster": base64.b64encode(bytes(112 * 112)).decode(), "side": 112},
    {"do": "draw", "moves": {"shift_x": 3, "rotation": -40.5, "scale": 1.2}},
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
    '{"do":"look","inside":true}',
    '{"do":"look","inside":[]}',
    '{"do":"look","inside":{"digit":-1}}',
    '{"do":"look","inside":{"digit":1.0}}',
    '{"do":"look","inside":{"digit":1000000}}',
    '{"do":"look","inside":{"digit":null}}',
    '{"do":"look","inside":{"values":"w"}}',
    '{"do":"look","inside":{"values":["a"]}}',
    '{"do":"look","inside":{"weights":"a"}}',
    '{"do":"look","inside":{"unit":[1,2,3]}}',
    '{"do":"look","inside":{"unit":[1,2,3,-4]}}',
    '{"do":"look","inside":{"unit":[1,2,3,true]}}',
    '{"do":"look","inside":{"maps":"saliency"}}',
    '{"do":"look","inside":{"maps":["heat"]}}',
    '{"do":"look","inside":{"maps":["saliency","saliency","saliency"]}}',
    '{"do":"look","inside":{"picture":[[0]]}}',
    '{"do":"look","inside":{"moves":{}}}',
    '{"do":"write","temperature":-1}',
    '{"do":"write","temperature":1e10}',
    '{"do":"write","temperature":"hot"}',
    '{"do":"write","temperature":NaN}',
    '{"do":"write","top_k":1.5}',
    '{"do":"write","top_p":1.01}',
    '{"do":"write","seed":-1}',
    '{"do":"write","length":0}',
    '{"do":"write","length":2001}',
    '{"do":"write","prime":5}',
    '{"do":"write","style":"verse"}',
    json.dumps({"do": "write", "prime": "x" * 401}),
    '{"do":"type"}',
    '{"do":"type","text":5}',
    json.dumps({"do": "type", "text": "x" * 2001}),
    '{"do":"weight","layer":0}',
    '{"do":"set"}',
    '{"do":"set","changes":[1]}',
    '{"do":"speed","value":["max"]}',
    '{"do":"remedy","key":{}}',
    '{"do":"draw","raster":"AAAA"}',
    '{"do":"draw","raster":"AAAA","side":112}',
    '{"do":"draw","raster":"","side":0}',
    json.dumps({"do": "draw", "raster": base64.b64encode(bytes(225**2)).decode(), "side": 225}),
    json.dumps({"do": "draw", "raster": "!" * 1048, "side": 28}),
    json.dumps({"do": "draw", "raster": "\u00e4" * 1048, "side": 28}),
    '{"do":"draw","raster":[0,0],"side":28}',
    '{"do":"draw","raster":null,"moves":[1]}',
    '{"do":"draw","moves":{"shift_x":NaN}}',
    '{"do":"draw","moves":{"shift_x":"3"}}',
    '{"do":"draw","moves":{"zoom":3}}',
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


def test_wishes_for_samples_are_kept_and_typed_text_is_looked_at(run: LiveRun) -> None:
    obey_parsed(run, {"do": "write", **Writing()._asdict()})
    obey_parsed(run, {"do": "write", "temperature": 0.2, "seed": 5})
    obey_parsed(run, {"do": "write", "prime": "All:", "length": 40})
    obey_parsed(run, {"do": "type", "text": "a\ud800"})
    assert run.look_at.writing == Writing(temperature=0.2, seed=5, prime="All:", length=40)
    assert run.look_at.typed == "a?"
    obey_parsed(run, {"do": "type", "text": None})
    obey_parsed(run, {"do": "write", **Writing()._asdict()})
    assert run.look_at.typed is None and run.look_at.writing == Writing()


def test_looking_inside_is_changed_part_by_part(run: LiveRun) -> None:
    sent = {"digit": 3, "values": "z", "weights": "d", "unit": [2, 0, 4, 4], "maps": ["saliency"]}
    obey_parsed(run, {"do": "look", "hover": [1, 0], "warp": None, "inside": None})
    obey_parsed(run, {"do": "look", "inside": sent})
    obey_parsed(run, {"do": "look", "inside": {"unit": None, "digit": 5}})
    obey_parsed(run, {"do": "look", "inside": {"digit": 9, "values": "nothing"}})
    obey_parsed(run, {"do": "look", "warp": [1, 0, 1]})
    assert run.look_at == Look((1, 0), (1, 0, 1), Inside(digit=5, values="z", weights="d", maps=("saliency",)))
    obey_parsed(run, {"do": "look", "inside": None, "hover": None})
    assert run.look_at == Look(None, (1, 0, 1), None)
    obey_parsed(run, {"do": "look", "inside": {}, "warp": None})
    assert run.look_at == Look(inside=Inside())
    obey_parsed(run, {"do": "look", "inside": None})


def stroke(side: int, rows: slice, columns: slice) -> tuple[np.ndarray, str]:
    raster = np.zeros((side, side), np.uint8)
    raster[rows, columns] = 255
    return raster, base64.b64encode(raster.tobytes()).decode()


@pytest.mark.parametrize("side", [28, 112, 224])
def test_a_drawing_becomes_the_picture_that_is_looked_at(run: LiveRun, side: int) -> None:
    raster, text = stroke(side, slice(side // 4, side), slice(side // 3, side // 2))
    assert obey_parsed(run, {"do": "draw", "raster": text, "side": side, "moves": {"noise": 0.5}}) == "draw"
    inside = run.look_at.inside
    assert (inside.picture == as_digit(raster)).all() and inside.moves == Moves(noise=0.5)
    # moves alone keep the picture, and those not mentioned are back where they were
    assert obey_parsed(run, {"do": "draw", "moves": {"shift_x": 99, "scale": 1.5}}) == "draw"
    assert run.look_at.inside.picture is inside.picture and run.look_at.inside.moves == Moves(shift_x=14, scale=1.5)
    assert obey_parsed(run, {"do": "draw", "raster": None}) == "draw"
    assert run.look_at.inside.picture is None and run.look_at.inside.moves.scale == 1.5


def test_next_to_nothing_is_told_until_there_is_more(run: LiveRun) -> None:
    line, dot = stroke(112, slice(10, 90), slice(50, 58))[1], stroke(112, slice(50, 58), slice(50, 58))[1]
    obey_parsed(run, {"do": "draw", "raster": line, "side": 112})
    assert run.look_at.inside.picture is not None
    obey_parsed(run, {"do": "draw", "raster": dot, "side": 112})
    assert run.look_at.inside.picture is None
    eventually(lambda: "larger digit" in (run.snapshot.run.message or ""))
    obey_parsed(run, {"do": "draw", "raster": line, "side": 112})
    eventually(lambda: run.snapshot.run.message is None)
    run.say("Something else.")
    eventually(lambda: run.snapshot.run.message == "Something else.")
    obey_parsed(run, {"do": "draw", "raster": line, "side": 112})
    said = []
    run.visit(lambda driver: said.append(driver.message))
    eventually(lambda: said)
    assert said == ["Something else."]


PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
PATHS = some.sampled_from(["seed", "data", "data.own", "net.layers", "net.layers.0.units", "optimizer.settings", "cost", "x.y", ""])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=some.sampled_from(sorted({message["do"] for message in GOOD})),
    fields=some.dictionaries(some.sampled_from(["value", "at", "hover", "warp", "inside", "layer", "row", "column", "key"]), PLAIN),
    changes=some.dictionaries(PATHS, PLAIN, max_size=3) | PLAIN,
)
def test_no_message_raises(run: LiveRun, name: str, fields: dict, changes: object) -> None:
    obey_parsed(run, {"do": name, "changes": changes} | fields)
    assert Experiment.model_validate(run.experiment.model_dump()) == run.experiment
