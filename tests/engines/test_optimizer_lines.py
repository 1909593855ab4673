"""What is told is what is computed: each line's text, filled in with numbers, gives the line's value."""

import math
import re

import jax.numpy as jnp
import numpy as np
import pytest

from engines.optimizer_lines import WRITTEN, Names, run
from engines.optimizers import OPTIMIZERS, Clock, narrate, narrate_rmsprop

LINES = [(key, line) for key, entry in OPTIMIZERS.items() for line in entry.lines]
IDS = [f"{key}-{line.symbol}" for key, line in LINES]


def _numbers(key, rng):
    entry = OPTIMIZERS[key]
    given = {name: jnp.float32(rng.normal()) for name in ("g", "p", "m")}
    given |= {"v": jnp.float32(rng.uniform(0.1, 2)), "m": jnp.float32(rng.uniform(0.1, 2))}
    return Names(
        {k: jnp.float32(v) for k, v in entry.defaults().items()},
        **given,
        step=jnp.float32(7),
        epoch=jnp.float32(6),
        learning_rate=jnp.float32(0.3),
    )


def _evaluated(text, values):
    """The text with numbers in place of names, as arithmetic in double precision."""
    code = re.sub(r"{(\w+)}", r"values['\1']", text)
    for sign, operator in {"·": "*", "−": "-", "²": "**2", "^": "**", "√": "sqrt"}.items():
        code = code.replace(sign, operator)
    return eval(code, {"values": values, "sqrt": math.sqrt, "sign": np.sign})


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_the_text_of_every_line_gives_its_value(key):
    names = _numbers(key, np.random.default_rng(1))
    for line in OPTIMIZERS[key].lines:
        before = {name: float(value) for name, value in names.items()}
        run((line,), names)
        if line.text:
            assert float(names[line.symbol]) == pytest.approx(_evaluated(line.text, before), rel=1e-5)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_update_is_its_lines(key):
    entry, names = OPTIMIZERS[key], _numbers(key, np.random.default_rng(2))
    arguments = (names.g, names.p, names.m, names.v, Clock(names.step, names.epoch), dict(names))
    told, move = narrate(entry, *arguments), entry.update(*arguments)
    assert list(told) == [line.symbol for line in entry.lines]
    assert (move.change, move.first, move.second) == (told["change"], told.get("m", names.m), told.get("v", names.v))


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_lines_begin_with_the_gradient_end_with_the_change_and_name_each_value_once(key):
    symbols = [line.symbol for line in OPTIMIZERS[key].lines]
    assert symbols[0] == "g" and symbols[-1] == "change" and len(set(symbols)) == len(symbols)


def reads(line):
    """The names in a line's text."""
    return set(re.findall(r"{(\w+)}", line.text))


@pytest.mark.parametrize(("key", "line"), LINES, ids=IDS)
def test_every_line_can_be_told(key, line):
    assert line.latex and line.words.endswith(".") and line.symbol in WRITTEN and reads(line) <= set(WRITTEN)
    known = {"g", "p", "m", "v", "step", "learning_rate", *OPTIMIZERS[key].defaults()}
    earlier = [other.symbol for other in OPTIMIZERS[key].lines[: OPTIMIZERS[key].lines.index(line)]]
    assert reads(line) <= known | set(earlier)


def test_a_line_as_a_formula_in_plain_characters():
    lines = {line.symbol: line.plain for line in OPTIMIZERS["adam"].lines}
    assert lines["m"] == "m = β₁ · m + (1 − β₁) · g" and lines["g"] == "g"
    assert lines["change"] == "Δw = −η · m̂ / (rms + ε)"


@pytest.mark.parametrize(("gradient", "rms", "ratio"), [(1e-5, 5e-5, 0.2), (100.0, 25.0, 4.0)])
def test_the_textbook_pair_of_rmsprop(gradient, rms, ratio):
    told = narrate_rmsprop(jnp.float32(gradient), jnp.float32(rms))
    assert float(told["rms"]) == pytest.approx(rms, rel=1e-6)
    assert float(told["ratio"]) == pytest.approx(ratio, rel=1e-6)
    assert float(told["change"]) == pytest.approx(-ratio, rel=1e-6)


def test_a_rule_tells_arrays_of_any_shape():
    told = narrate(
        OPTIMIZERS["adam"], *[jnp.ones((3, 4))] * 4, Clock(1.0, 0.0), OPTIMIZERS["adam"].defaults() | {"learning_rate": 1.0}
    )
    assert {value.shape for value in told.values()} == {(3, 4)}
