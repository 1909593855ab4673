"""A study as a program of its own: a script or a notebook that needs only JAX and NumPy, and prints the same numbers.

The text lies in `templates/study.txt`, in blocks; what the study does not use is left out.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from engines.activations import ACTIVATIONS
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.trace.examples import EXAMPLES
from engines.trace.net import Net
from engines.trace.study import Study, Typed, material, signed
from playground.programs import code_of, filler, helper, joined, notebook

LONGEST_WRITTEN = 64
MOST_NUMBERS = 1_000_000
_fill = filler("study")


def to_script(study: Study) -> str:
    """A Python program that goes through the pass rule by rule and prints cost, gradients and updated weights.

    Where there is no pass (a net that was brought and is gone), or the net is too large for a file, the program says just that.
    """
    try:
        net, x, t = material(study)
    except ValueError as problem:
        return f"# %%\nraise SystemExit({str(problem)!r})\n"
    if sum(weight.size for weight in net.weights) > MOST_NUMBERS:
        said = f"this net has more than {MOST_NUMBERS:,} weights, too many for a script"
        return f"# %%\nraise SystemExit({said!r})\n"
    return joined(_blocks(study, net, x, t))


def to_notebook(study: Study) -> str:
    """The script as a Jupyter notebook (nbformat 4.5): JSON text."""
    return notebook(to_script(study))


def _blocks(study: Study, net: Net, x: np.ndarray, t: np.ndarray) -> Iterator[str]:
    """The program, block by block."""
    drawn = not study.published and bool(EXAMPLES[study.examples].code)
    net_text = _drawn(study) if drawn else _given(study, net, x, t)
    packed = "unpacked(" in net_text
    imports = ["import base64", "import zlib", ""] * packed + ["import jax", "import jax.numpy as jnp", "import numpy as np"]
    title = EXAMPLES[study.examples].label
    yield _fill("start", title=title, imports="\n".join(imports), rate=repr(study.learning_rate))
    yield net_text
    if drawn and study.typed:
        yield _fill("typed", lines="\n".join(map(_typed, study.typed)))
    if drawn:
        yield _signed(study)
    yield _functions(net)
    biases = "[b - RATE * g for b, g in zip(BIASES, bias_gradients)]" if net.train_biases else "BIASES  # left alone"
    yield _fill("passes", new_biases=biases)


def _drawn(study: Study) -> str:
    """Examples and weights by the code that draws them, from the same generator in the same order."""
    entry, code = EXAMPLES[study.examples], code_of(INITIALIZERS, study.initializer)
    return _fill(
        "drawn",
        help=entry.help,
        helper=helper(code),
        seed=study.seed,
        sizes=f"{study.batch}, {study.inputs}, {study.outputs}",
        examples=entry.code,
        pairs=repr(list(pairwise(study.widths))),
        initializer=code,
    )


def _typed(typed: Typed) -> str:
    kind, number = typed.matrix[0], typed.matrix[1:]
    place = {"X": "x", "T": "t"}.get(kind) or f"{'WEIGHTS' if kind == 'W' else 'BIASES'}[{int(number or 1) - 1}]"
    at = typed.column if kind == "b" else f"{typed.row}, {typed.column}"
    return f"{place}[{at}] = {typed.value!r}"


def _signed(study: Study) -> str:
    """What makes of targets 0 and 1 what the cost takes, where that is something else."""
    if study.cost == "softmax_cross_entropy":
        return _fill("signed", **{"as": "one 1 a row"}, line="t = np.eye(t.shape[1])[t.argmax(1)]")
    if signed(np.zeros((1, 1)), study.cost)[0, 0] < 0:
        return _fill("signed", **{"as": "-1 and 1"}, line="t = np.where(t > 0.5, 1.0, -1.0)")
    return ""


def _given(study: Study, net: Net, x: np.ndarray, t: np.ndarray) -> str:
    """Examples and weights as they are, numbers and all."""
    weights, biases = ("\n".join(f"    {_array(part)}," for part in parts) for parts in (net.weights, net.biases))
    text = "".join([weights, biases, _array(x), _array(t)])
    return _fill(
        "given",
        help=EXAMPLES[study.examples].help,
        unpack=_fill("unpack") if "unpacked(" in text else "",
        x=_array(x),
        t=_array(t),
        weights=weights,
        biases=biases,
    )


def _array(value: np.ndarray) -> str:
    """A short array with its numbers written out, exactly; a long one, of 32-bit numbers, packed."""
    if value.size <= LONGEST_WRITTEN:
        return f"np.array({value.tolist()!r})"
    packed = base64.b64encode(zlib.compress(value.astype("<f4").tobytes(), 9)).decode()
    return f"unpacked({packed!r}, {', '.join(map(str, value.shape))})"


def _functions(net: Net) -> str:
    table = LOSSES if net.cost in LOSSES else CLASS_LOSSES
    entry = table[net.cost]
    code = entry.code if table is LOSSES else re.sub(r"\bz\b", "y", entry.code)
    lines = [f"    lambda z: {ACTIVATIONS[key].code},  # {ACTIVATIONS[key].label}" for key in net.activations]
    return _fill("functions", functions="\n".join(lines), cost=entry.label, code=code)
