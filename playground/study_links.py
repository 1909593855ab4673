"""Study <-> query string: short, readable, versioned; only what differs from the page's default is written.

    ?v=1&trace=pixels&net=5tanh-4relu&outputs=3&batch=128&rate=0.1&typed=W1.0.1~0.5,b2.0.0~-1&step=7&example=-1

A layer is its units and activation. A typed number is its matrix, row and column, and behind ~ its value. With other examples than
the default's, the inputs, outputs and batch that these fix are what nothing is written for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engines.initializers import INITIALIZERS
from engines.problems import listed, short
from engines.trace.examples import EXAMPLES
from engines.trace.repair import find_study_problems
from engines.trace.study import MAX_TYPED, HiddenLayer, Study, Typed
from playground.keys import NUMBER, VERSION, Key, as_text, choice, differing, fill, given, number, read_number, text, write_number
from playground.packing import Unreadable

_LAYER = re.compile(r"(\d{1,9})([a-z][a-z0-9_]{0,39})")
_TYPED = re.compile(rf"([A-Za-z]\d?)\.(\d{{1,6}})\.(\d{{1,6}})~({NUMBER})")
_LONGEST_TYPED = 50


def _write_layers(layers: tuple[HiddenLayer, ...]) -> str:
    return "-".join(f"{layer.units}{layer.activation}" for layer in layers) or "none"


def _read_layers(text: str) -> list[dict[str, Any]]:
    found = [_LAYER.fullmatch(part) for part in text.split("-")] if text != "none" else []
    if not all(found):
        raise Unreadable(f"{short(text)} should be layers like 8tanh-4relu, or none")
    return [{"units": int(layer[1]), "activation": layer[2]} for layer in found]


def _write_typed(typed: tuple[Typed, ...]) -> str:
    return ",".join(f"{t.matrix}.{t.row}.{t.column}~{write_number(t.value)}" for t in typed)


def _read_typed(text: str) -> list[dict[str, Any]]:
    typed = []
    for part in text.split(",") if text else []:
        found = _TYPED.fullmatch(part)
        if not found:
            raise Unreadable(f"{short(part)} should be a matrix, row, column and number like W1.0.1~0.5")
        typed.append({"matrix": found[1], "row": int(found[2]), "column": int(found[3]), "value": read_number(found[4])})
    return typed


def _read_switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise Unreadable(f"{short(text)} should be 1 for yes or 0 for no")
    return text == "1"


STUDY_KEYS = (
    text("trace", "examples"),
    number("inputs", "inputs"),
    Key("net", ("layers",), _write_layers, _read_layers),
    number("outputs", "outputs"),
    text("out", "output"),
    text("cost", "cost"),
    choice("init", INITIALIZERS, "initializer"),
    Key("biases", ("train_biases",), lambda value: str(int(value)), _read_switch),
    number("batch", "batch"),
    number("rate", "learning_rate"),
    number("seed", "seed"),
    text("brought", "brought"),
    Key("typed", ("typed",), _write_typed, _read_typed, MAX_TYPED * _LONGEST_TYPED),
    number("step", "step"),
    number("example", "example"),
)


def to_query(study: Study, default: Study) -> dict[str, str]:
    """The keys and values of a link to `study` on a page whose default is `default`; empty for the default itself."""
    base = _with_examples(default, study.examples)
    pairs = differing(STUDY_KEYS, study, base)
    if base is not default:
        pairs = {"trace": study.examples} | pairs
    return {"v": VERSION} | pairs if pairs else {}


def _with_examples(default: Study, examples: str) -> Study:
    """The default with these examples, and with the inputs, outputs and batch that they fix."""
    return default if examples == default.examples else default.change(examples=examples)


def to_text(study: Study, default: Study) -> str:
    """The query string itself, without '?'."""
    return as_text(to_query(study, default))


def from_query(params: Mapping[str, Any], default: Study) -> tuple[Study, list[str]]:
    """The study that a link describes, and one sentence a key or value that does not fit (the default's is taken).

    Never raises. Keys that start with `ui_` or `embed` are none of ours and pass in silence.
    """
    values = given(params)
    key = values.get("trace", "")
    base = _with_examples(default, key) if key in EXAMPLES else default
    raw, problems = fill(base.model_dump(mode="json"), values, STUDY_KEYS)
    study, more = find_study_problems(raw, base)
    return study, listed(problems + more)
