"""From plain data of any origin to a Study: whatever fits is kept, the rest is replaced and named.

Only the smallest field that is wrong is replaced: the units of one layer, one typed number.
"""

from __future__ import annotations

import math
from typing import Any

from pydantic import ValidationError

from engines.descriptions import Frozen
from engines.initializers import INITIALIZERS
from engines.mending import Mender
from engines.problems import Path, Problem, listed, sentence, short
from engines.trace.examples import EXAMPLES
from engines.trace.study import MAX_BATCH, MAX_LAYERS, MAX_STEP, MAX_TYPED, HiddenLayer, Sizes, Study, Typed, fixed_by, settled

LASTS = {"step": MAX_STEP, "example": MAX_BATCH - 1}


def repair_study(raw: Any, default: Study) -> tuple[Study, list[str]]:
    """The study that `raw` (plain data) describes; a field that is missing or does not fit takes the default's value.

    Returns it with one sentence a replaced field, at most twelve and a count of the rest. Never raises: the worst input
    gives `default` and a sentence.
    """
    study, problems = find_study_problems(raw, default)
    return study, listed(problems)


def find_study_problems(raw: Any, default: Study) -> tuple[Study, list[Problem]]:
    """As `repair_study`, with the problems as they are: path, text, remedy."""
    work = _Repair()
    raw = work.opened(raw)
    if raw is None:
        return default, work.problems
    try:
        study, problems = settled(work.study(_reachable(raw), default))
        return study, work.problems + [_as_asked(problem, raw) for problem in problems]
    except ValidationError as error:
        work.note(work.whole, sentence(error.errors()[0]), "using the default")
        return default, work.problems


def _reachable(raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` with a step or an example beyond all bounds at the last there can be: `settled` then shows the last there is."""
    lasts = {name: most for name, most in LASTS.items() if _is_beyond(raw.get(name), most)}
    return raw | lasts


def _is_beyond(value: Any, most: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > most


def _as_asked(problem: Problem, raw: dict[str, Any]) -> Problem:
    """The problem with the number that was asked for where `_reachable` has put another in its place."""
    name = str(problem.path[0])
    if name not in LASTS or not _is_beyond(raw.get(name), LASTS[name]):
        return problem
    said, asked = f"there is no {name} ", "so large" if math.isinf(raw[name]) else short(raw[name])
    return problem._replace(text=problem.text.replace(f"{said}{LASTS[name]}", f"{said}{asked}"))


class _Repair(Mender):
    whole = ("study",)

    def study(self, raw: dict[str, Any], default: Study) -> Study:
        self.unknown(raw, Study, ())
        self.version(raw)
        if raw.get("kind", "study") != "study":
            self.note(("kind",), f"{short(raw['kind'])} is not 'study'", "reading what fits")
        examples = self.scalar(Study, "examples", raw, default.examples, ())
        fields: dict[str, Any] = {
            "examples": examples,
            "layers": self.layers(raw["layers"], default) if "layers" in raw else default.layers,
            "initializer": self.choice(raw.get("initializer"), INITIALIZERS, default.initializer, ("initializer",)),
            "typed": self.typed(raw["typed"]) if "typed" in raw else default.typed,
        }
        fields |= {name: self.size(name, raw, default, examples) for name in Sizes.model_fields}
        names = [name for name in Study.model_fields if name not in ("kind", "version", *fields)]
        return Study(**fields, **{name: self.scalar(Study, name, raw, getattr(default, name), ()) for name in names})

    def size(self, name: str, raw: dict[str, Any], default: Study, examples: str) -> int:
        """Inputs, outputs or batch: what the examples fix is not for the description to say."""
        fixed = fixed_by(examples).get(name)
        found = self.scalar(Sizes, name, raw, fixed or getattr(default, name), ())
        if fixed and found != fixed:
            self.note((name,), f"{found} does not fit the examples, {EXAMPLES[examples].label}", f"using {fixed}")
        return fixed or found

    def layers(self, raw: Any, default: Study) -> tuple[HiddenLayer, ...]:
        if not isinstance(raw, list):
            self.note(("layers",), f"{short(raw)} should be a list of layers", "using the default's")
            return default.layers
        if len(raw) > MAX_LAYERS:
            self.note(("layers",), f"there are more than {MAX_LAYERS}", f"using the first {MAX_LAYERS}")
        return tuple(layer for i, item in enumerate(raw[:MAX_LAYERS]) if (layer := self.layer(item, i)))

    def layer(self, raw: Any, index: int) -> HiddenLayer | None:
        path: Path = ("layers", index)
        if not self.is_object(raw, path, "this layer is left out"):
            return None
        self.unknown(raw, HiddenLayer, path)
        fields = HiddenLayer.model_fields
        return HiddenLayer(**{name: self.scalar(HiddenLayer, name, raw, fields[name].default, path) for name in fields})

    def typed(self, raw: Any) -> tuple[Typed, ...]:
        if not isinstance(raw, list):
            self.note(("typed",), f"{short(raw)} should be a list of numbers and their places", "left out")
            return ()
        if len(raw) > MAX_TYPED:
            self.note(("typed",), f"there are more than {MAX_TYPED}", f"using the first {MAX_TYPED}")
        return tuple(typed for i, item in enumerate(raw[:MAX_TYPED]) if (typed := self.one_typed(item, i)))

    def one_typed(self, raw: Any, index: int) -> Frozen | None:
        if not self.is_object(raw, ("typed", index), "this number is left out"):
            return None
        try:
            return Typed.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            self.note(("typed", index, *(str(part)[:40] for part in first["loc"])), sentence(first), "this number is left out")
            return None

    def is_object(self, raw: Any, path: Path, remedy: str) -> bool:
        """Whether `raw` is an object; noted where it is not."""
        if not isinstance(raw, dict):
            self.note(path, f"{short(raw)} should be an object with named fields", remedy)
        return isinstance(raw, dict)
