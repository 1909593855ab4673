"""Race <-> query string: short, readable, versioned; only what differs from the page's default is written.

    ?v=1&surface=quadratic:condition~50&runners=adam@0.01-momentum:momentum~0.95@0.02@cosine:length~300&start=1.2,0.3&noise=0.1

A runner is its optimizer, behind `@` its learning rate (the usual one on this surface where none is given) and its schedule
where it has one. On another surface than the default's, that surface's own start and rates are what nothing is written for.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from engines.descent.race import MAX_FORMULA, MAX_RUNNERS, Race, Runner, moved
from engines.descent.repair import find_race_problems
from engines.formula import FormulaError
from engines.formula.tokens import tokens
from engines.formula.tree import FUNCTIONS
from engines.optimizers import OPTIMIZERS
from engines.problems import Problem, listed, short
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from playground.keys import (
    VERSION,
    Key,
    as_text,
    choice,
    differing,
    fill,
    given,
    number,
    read_choice,
    read_number,
    read_numbers,
    text,
    write_choice,
    write_number,
    write_numbers,
)
from playground.packing import Unreadable

_write_optimizer, _write_schedule = write_choice(OPTIMIZERS), write_choice(SCHEDULES)
# a dash between runners, but not the one of 1e-05
_BETWEEN = re.compile(r"(?<!\de)-")
_LONGEST_RUNNER = 250
_KEPT_SPACE = "\u00a0"


def _write_runners(runners: tuple[Runner, ...]) -> str:
    return "-".join(map(_write_runner, runners))


def _write_runner(runner: Runner) -> str:
    schedule = _write_schedule(runner.schedule)
    parts = [_write_optimizer(runner.optimizer), write_number(runner.learning_rate)]
    return "@".join([*parts, *([schedule] if schedule != "constant" else [])])


def _read_runners(text: str) -> list[dict[str, Any]]:
    return [_read_runner(part) for part in _BETWEEN.split(text)]


def _read_runner(text: str) -> dict[str, Any]:
    optimizer, *more = text.split("@")
    if not optimizer or len(more) > 2:
        raise Unreadable(f"{short(text)} should be a runner like adam, adam@0.01 or adam@0.01@cosine:length~300")
    runner: dict[str, Any] = {"optimizer": read_choice(optimizer)}
    if more:
        runner["learning_rate"] = read_number(more[0])
    if more[1:]:
        runner["schedule"] = read_choice(more[1])
    return runner


def _bare_spaces(typed: str) -> Iterator[int]:
    """Places of the spaces that stand for a product. Those of links made here are of another kind: see `_write_formula`."""
    try:
        pieces = list(tokens(typed))
    except FormulaError:
        return
    for left, right in itertools.pairwise(pieces):
        ends = left.text == ")" or (left.kind in ("number", "name") and left.text not in FUNCTIONS)
        gap = typed[left.place : right.place]
        if ends and (right.text == "(" or right.kind in ("number", "name")) and gap.endswith(" "):
            yield right.place - 1


def _write_formula(formula: str) -> str:
    """With spaces that stand for a product told from what a + in a link turns into; a formula takes both for the same."""
    places = set(_bare_spaces(formula))
    return "".join(_KEPT_SPACE if place in places else character for place, character in enumerate(formula))


RACE_KEYS = (
    choice("surface", SURFACES, "surface"),
    Key("f", ("formula",), _write_formula, str, 3 * MAX_FORMULA),
    Key("window", ("window",), write_numbers, read_numbers),
    text("landscape", "landscape"),
    Key("runners", ("runners",), _write_runners, _read_runners, MAX_RUNNERS * _LONGEST_RUNNER),
    Key("start", ("start",), write_numbers, read_numbers),
    number("ring", "ring"),
    number("radius", "ring_radius"),
    number("noise", "noise"),
    number("glance", "glance"),
    number("steps", "steps"),
    number("seed", "seed"),
)


def to_query(race: Race, default: Race) -> dict[str, str]:
    """The keys and values of a link to `race` on a page whose default is `default`; empty for the default itself."""
    base = moved(default, race.surface.key)
    pairs = differing(RACE_KEYS, race, base)
    if base is not default:
        pairs = {"surface": RACE_KEYS[0].write(race.surface)} | pairs
    return {"v": VERSION} | pairs if pairs else {}


def to_text(race: Race, default: Race) -> str:
    """The query string itself, without '?'."""
    return as_text(to_query(race, default))


def from_query(params: Mapping[str, Any], default: Race) -> tuple[Race, list[str]]:
    """The race that a link describes, and one sentence a key or value that does not fit (the default's is taken).

    Never raises. Keys that start with `ui_` or `embed` are none of ours and pass in silence.
    """
    values = given(params)
    key = values.get("surface", "").partition(":")[0]
    base = moved(default, key) if key in SURFACES else default
    raw, problems = fill(base.model_dump(), values, RACE_KEYS)
    race, more = find_race_problems(raw, base)
    return race, listed(problems + more + _lost_signs(values.get("f", ""), race))


def _lost_signs(typed: str, race: Race) -> list[Problem]:
    """What to say where a formula holds a bare space between two terms: in a link typed by hand it was a +, most likely."""
    typed = re.sub(" +", " ", typed)
    places = set(_bare_spaces(typed)) if len(typed) <= MAX_FORMULA else ()
    if not places or not SURFACES[race.surface.key].typed:
        return []
    product = "".join("·" if place in places else character for place, character in enumerate(typed))
    return [Problem(("formula",), f"read as {short(product)}", "in a link write + as %2B")]
