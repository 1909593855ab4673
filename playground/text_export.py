"""A text experiment as a program of its own: the text, the net, the training, and writing with what it has learned."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from engines.data import text
from engines.data.alphabet import MAX_CHARACTERS, alphabet_of
from engines.data.sources import DataProblem
from engines.data.text import FILE, MIRRORS
from engines.descriptions import Choice
from engines.experiment import Experiment, TextData
from engines.initializers import INITIALIZERS
from engines.nets.recurrent import transformer
from engines.nets.recurrent.assessment import MOST_STREAMS, SHORTEST_STREAM
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.sizes import batch_that_fits
from engines.regularizers import PENALTIES
from playground.programs import code_of, filler, helper
from playground.source_text import together

USUAL_EPOCHS = 5
_GATES = {"rnn": 1, "gru": 3, "lstm": 4}
_ORTHOGONAL = Choice(key="orthogonal")
_fill, _common = filler("text"), filler("script")


def blocks(e: Experiment, optimizer: str) -> Iterator[str]:
    """The program, block by block. optimizer: the block that defines it."""
    found = _text(e.data)
    yield _start(e, found)
    yield _text_block(e.data, found)
    yield _alphabet(found)
    yield from _net(e)
    yield _cost(e)
    yield optimizer
    changed = "optax.apply_updates(weights, change)"
    if e.max_norm:
        yield _common("max_norm", max_norm=repr(e.max_norm))
        changed = f"shorten({changed})"
    yield from _training(e, changed)
    yield _writing(e)


def _text(data: TextData) -> text.Text:
    """The text that the page uses; where its own cannot be learned, what was given stands in for it."""
    try:
        return text.own(data.own, data.name) if data.source == "own" else text.load(data.source)
    except (ValueError, DataProblem):
        return text.Text(data.own or "No text was found.\n", "own", "")


def _is_plays(found: text.Text) -> bool:
    return found.source in ("data_dir", "cache") and found.sentence.startswith("Tiny Shakespeare:")


def _title(e: Experiment, found: text.Text) -> str:
    if e.data.source == "own":
        return "Your own text, letter by letter"
    return "Shakespeare, letter by letter" if _is_plays(found) else "The Sonnets, letter by letter"


def _start(e: Experiment, found: text.Text) -> str:
    imports = ["import jax", "import jax.numpy as jnp", "import numpy as np", "import optax"]
    if _is_plays(found):
        imports = ["import hashlib", "import os", "import urllib.request", "from pathlib import Path", "", *imports]
    if _rare(found):
        imports = ["from collections import Counter", "", *imports]
    return _fill(
        "start",
        title=_title(e, found),
        exception=";\n# drawn differently: which values dropout leaves out" if e.net.dropout else "",
        imports="\n".join(imports),
        seed=e.seed,
        epochs=e.epochs or USUAL_EPOCHS,
        batch=min(e.batch_size, batch_that_fits(e.net, len(_characters(found)), e.data.sequence)),
        sequence=e.data.sequence,
        validation=repr(e.data.validation),
        carry=e.data.carry,
        rate=repr(e.learning_rate),
    )


# ---- text


def _text_block(data: TextData, found: text.Text) -> str:
    if _is_plays(found):
        return _fill("shakespeare", mirror=MIRRORS[0], md5=FILE.md5)
    label = "The text you gave" if data.source == "own" else "Shakespeare's Sonnets"
    return _fill("given", label=label, lines="\n".join(f"    {_quoted(line)}," for line in found.text.split("\n")))


def _quoted(line: str) -> str:
    """A line as a string of Python, with the quotes that formatters want."""
    plain = repr(line)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in line else plain


def _characters(found: text.Text) -> str:
    try:
        return alphabet_of(found.text).alphabet.characters
    except ValueError:
        return found.text[:1] + "\n"


def _rare(found: text.Text) -> bool:
    return len(set(found.text)) > MAX_CHARACTERS


def _alphabet(found: text.Text) -> str:
    if not _rare(found):
        return _fill("alphabet", characters="CHARACTERS = sorted(set(text))", number="number_of[character]")
    lines = [
        f"COUNTS = Counter(character for character in text if character != {_REPLACEMENT})",
        f"FREQUENT = sorted(COUNTS, key=lambda character: (-COUNTS[character], character))[:{MAX_CHARACTERS - 1}]",
        f"CHARACTERS = sorted([*FREQUENT, {_REPLACEMENT}])  # the last one stands for all that are rarer",
    ]
    return _fill("alphabet", characters="\n".join(lines), number=f"number_of.get(character, number_of[{_REPLACEMENT}])")


_REPLACEMENT = r'"\ufffd"'


# ---- net


def _net(e: Experiment) -> Iterator[str]:
    net, drawn = e.net, code_of(INITIALIZERS, e.net.initializer)
    cell = CELLS[net.cell]
    helpers = [drawn] if net.cell == "transformer" else [drawn, code_of(INITIALIZERS, _ORTHOGONAL)]
    embedding = _fill("first_embedding") if net.embedding else ""
    told = f"{net.layers} layer{'s' if net.layers > 1 else ''} of {net.units}, {cell.label}. {cell.help} ({cell.source}.)"
    yield _fill(
        "net",
        description="\n# ".join(wrap(told, 126)),
        layers=net.layers,
        units=net.units,
        embedding=net.embedding,
        helper="".join(dict.fromkeys(map(helper, helpers))),
        initializer=INITIALIZERS[net.initializer.key].label,
        draw=drawn,
        first=embedding + _first(net.cell),
    )
    key, dropped = (", key=None", _DROPPED.format(rate=net.dropout)) if net.dropout else ("", "")
    if net.cell == "transformer":
        source = together([transformer.sequence, transformer.normalise], plain=True).replace("As `Cell.sequence`", "One layer")
        source = f"HEAD_SIZE, EPSILON = {transformer.HEAD_SIZE}, {transformer.EPSILON!r}\n{source}"
        yield _fill("transformer", source=source, key_argument=key, dropped=dropped)
        return
    yield _fill(net.cell)
    yield _fill("recurrent", key_argument=key, dropped=dropped)


_DROPPED = """
        if key is not None:
            x = x * jax.random.bernoulli(jax.random.fold_in(key, layer), 1 - {rate}, x.shape) / (1 - {rate})"""


def _first(cell: str) -> str:
    if cell == "transformer":
        return _fill("first_transformer", wide=transformer.MLP_TIMES)
    forget = "\n    bias[UNITS : 2 * UNITS] = 1  # the forget gates start open" if cell == "lstm" else ""
    back = "np.zeros(3 * UNITS)" if cell == "gru" else "NONE"
    return _fill("first_recurrent", gates=_GATES[cell], forget=forget, back_bias=back)


# ---- training


def _cost(e: Experiment) -> str:
    penalty = PENALTIES[e.penalty.key]
    l1, l2 = penalty.strengths(e.penalty.settings)
    sums = [(l1, "abs(w).sum()"), (l2 / 2, "(w**2).sum()")]
    terms = [f"{factor!r} * sum({part} for w, b in weights)" for factor, part in sums if factor]
    return _fill(
        "cost",
        key_argument=", key" if e.net.dropout else "",
        key_given=", key" if e.net.dropout else "",
        plus=f" and the {penalty.label} penalty on the weights" if terms else "",
        total=" + ".join(["mean", *terms]),
    )


def _training(e: Experiment, changed: str) -> Iterator[str]:
    yield _fill(
        "training",
        streams=f"{e.batch_size} streams" if e.batch_size > 1 else "one stream",
        step_key=", jax.random.fold_in(key, at)" if e.net.dropout else "",
        changed=changed,
        shortest=SHORTEST_STREAM,
        most_streams=MOST_STREAMS,
    )
    yield _fill("run", before='best, stale = float("inf"), 0\n' if e.patience else "")
    if e.patience:
        yield _common("patience", patience=e.patience)


def _writing(e: Experiment) -> str:
    """Writing with a memory, or by looking back over what is written."""
    if e.net.cell == "transformer":
        return _fill(
            "sample",
            reader=_fill("reader_transformer").strip("\n"),
            reading="    logits = last(known)",
            reading_on="        known.append(found[-1])\n        logits = last(known)",
        )
    return _fill(
        "sample",
        reader=_fill("reader_recurrent").strip("\n"),
        reading="    state = fresh(1)\n    for character in known:\n        logits, state = read_on(weights, character, state)",
        reading_on="        logits, state = read_on(weights, found[-1], state)",
    )
