"""What is wrong with a description, in words: which field, what it held, why that does not fit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

MAX_SHOWN = 12

_NAMES = {
    ("learning_rate",): "learning rate",
    ("batch_size",): "batch size",
    ("clip_norm",): "gradient clipping",
    ("clip_value",): "gradient clipping by value",
    ("max_norm",): "max-norm",
    ("data", "source"): "data",
    ("data", "count"): "number of points",
    ("data", "noise"): "noise",
    ("data", "train_fraction"): "share of training points",
    ("data", "train_count"): "number of training digits",
    ("data", "distortions"): "distortions",
    ("data", "seed"): "data seed",
    ("data", "own"): "own points",
    ("data", "own_task"): "task of the own points",
    ("data", "axes"): "axes",
    ("data", "name"): "name of your text",
    ("data", "validation"): "share of validation text",
    ("data", "sequence"): "sequence length",
    ("data", "carry"): "carried state",
    ("net", "inputs"): "inputs",
    ("net", "layers"): "layers",
    ("net", "output"): "output activation",
    ("net", "border"): "border",
    ("net", "scaling"): "scaling of the pixels",
    ("net", "head"): "output layer",
    ("net", "cell"): "cell",
    ("net", "units"): "units",
    ("net", "embedding"): "embedding",
    ("net", "dropout"): "dropout",
    ("net", "initializer"): "initialisation",
    ("start", 0): "start, x",
    ("start", 1): "start, y",
    ("window", 0): "window, left edge",
    ("window", 1): "window, right edge",
    ("window", 2): "window, lower edge",
    ("window", 3): "window, upper edge",
    ("ring",): "number of starts on the ring",
    ("ring_radius",): "radius of the ring",
    ("noise",): "gradient noise",
    ("glance",): "digits in a glance",
    ("layers",): "layers",
    ("output",): "output activation",
    ("initializer",): "initialisation",
    ("train_biases",): "train biases",
    ("batch",): "examples in the batch",
    ("typed",): "typed numbers",
}
_ONE_OF = {
    "layers": "layer",
    "own points": "point",
    "inputs": "input",
    "axes": "axis",
    "runners": "runner",
    "typed numbers": "typed number",
}
_TAGS = {"points", "digits", "text", "plane", "dense", "stack", "recurrent"}

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing that does not fit: where, why, and what was done about it."""

    path: Path
    text: str
    remedy: str = ""

    def friendly(self) -> str:
        """For the screen: 'learning rate: 1e9 is above the largest allowed, 100; using 0.03'."""
        return f"{field_name(self.path)}: {self.text}" + (f"; {self.remedy}" if self.remedy else "")

    def exact(self) -> str:
        """For the command line, with the field as the file spells it: 'net.layers.0.units: 99 is above ...'."""
        return f"{'.'.join(map(_printable, self.path)) or 'experiment'}: {self.text}"


def field_name(path: Path) -> str:
    """What a field is called on the screen: ('net', 'layers', 1, 'units') -> 'layer 2, units'."""
    if not path:
        return "experiment"
    parents = [path[:i] for i in range(len(path), 0, -1) if path[:i] in _NAMES]
    head = parents[0] if parents else path[:1]
    name, rest = _NAMES.get(head, _printable(head[0])), [part for part in path[len(head) :] if part != "settings"]
    if rest and isinstance(rest[0], int):
        name = _ONE_OF.get(name, name)
        name = f"{name} {rest.pop(0) + 1}"
    return ", ".join([name, *(_printable(part).replace("_", " ") for part in rest)])


def with_article(noun: str) -> str:
    """'an experiment', 'a race'."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _printable(part: str | int) -> str:
    """A name out of a file or a link, fit to be shown."""
    return "".join(c if c.isprintable() else "?" for c in str(part)[:40]) or "''"


def listed(problems: Sequence[Problem]) -> list[str]:
    """The problems for the screen, at most twelve of them, and how many more there are."""
    shown = [problem.friendly() for problem in problems[:MAX_SHOWN]]
    return shown + ([f"and {len(problems) - MAX_SHOWN:,} more"] if len(problems) > MAX_SHOWN else [])


def number_text(value: float) -> str:
    """A number as people write it: 0.03, 1e9, 2.5."""
    return re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].replace("+", "") + m[2], f"{value:.6g}")


def short(value: Any) -> str:
    """`value` in a few printable characters, whatever it is."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, int) and value.bit_length() <= 60:
        return str(value)
    if isinstance(value, float):
        return number_text(value) if math.isfinite(value) else {"nan": "NaN"}.get(str(value), str(value).replace("inf", "infinity"))
    if isinstance(value, str):
        clean = "".join(c if c.isprintable() else "?" for c in value[:41])
        return f"'{clean[:40]}…'" if len(value) > 40 else f"'{clean}'"
    return {dict: "an object", list: "a list", tuple: "a list", int: "a number far too large"}.get(type(value), "something else")


def path_of(loc: tuple[Any, ...]) -> Path:
    """Pydantic's place of an error as a path; the tag of a union (('data', 'points', 'noise')) is left out."""
    tagged = len(loc) > 1 and loc[0] in ("data", "net") and loc[1] in _TAGS
    return tuple(loc[:1] + loc[2:] if tagged else loc)


def sentence(error: Any) -> str:
    """What is wrong, from one entry of pydantic's `ValidationError.errors()`."""
    value, kind, bounds = short(error.get("input")), error["type"], error.get("ctx", {})
    if kind == "value_error":
        within = getattr(bounds.get("error"), "errors", None)
        return sentence(within()[0]) if within else error["msg"].removeprefix("Value error, ")
    if kind == "missing":
        return "is missing"
    fixed = {
        "greater_than_equal": "{v} is below the smallest allowed, {ge}",
        "less_than_equal": "{v} is above the largest allowed, {le}",
        "finite_number": "{v} is not a finite number",
        "int_from_float": "{v} is not a whole number",
        "int_type": "{v} is not a whole number",
        "int_parsing": "{v} is not a whole number",
        "int_parsing_size": "the number is far too large",
        "float_type": "{v} is not a number",
        "float_parsing": "{v} is not a number",
        "string_type": "{v} is not text",
        "string_too_long": "{v} is too long, at most {max_length} characters",
        "bool_type": "{v} is neither true nor false",
        "bool_parsing": "{v} is neither true nor false",
        "literal_error": "{v} is none of {expected}",
        "extra_forbidden": "there is no such field",
        "model_type": "{v} should be an object with named fields",
        "dict_type": "{v} should be an object with named fields",
        "tuple_type": "{v} should be a list",
        "too_long": "is a list of more than {max_length}",
        "too_short": "is a list of fewer than {min_length}",
        "union_tag_invalid": "its kind is none of {expected_tags}",
        "union_tag_not_found": "its kind is missing",
    }
    plain = {name: number_text(bound) if isinstance(bound, float) else bound for name, bound in bounds.items()}
    return fixed[kind].format(v=value, **plain) if kind in fixed else error["msg"][0].lower() + error["msg"][1:]
