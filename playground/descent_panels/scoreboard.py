"""The scoreboard: what became of every runner, in words and numbers, and the race as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any
from urllib.parse import quote

import numpy as np
import streamlit as st

from engines.descent.score import Score, neighbourhood_radius
from playground.colours import looks
from playground.descent.names import full_names
from playground.descent.raced import Raced, describe
from playground.figures.race_svg import mark

ORDER = ("goal", "over_the_edge", "side_valley", "going", "saddle", "flat", "thrown")
STATUS_WORDS = {
    "goal": "at the goal",
    "side_valley": "in another valley",
    "over_the_edge": "over the edge, lower than it started",
    "saddle": "stuck at a saddle",
    "flat": "stuck on flat ground",
    "thrown": "thrown off the mountain",
    "going": "still on the way",
}
_STEPS = "%d"


def scoreboard(raced: Raced, dark: bool) -> None:
    """One row a runner, the best first; over a ring of starts, medians and counts."""
    rows = single_rows(raced) if len(raced.paths.origin) == 1 else ring_rows(raced)
    drawn = looks([runner.optimizer.key for runner in raced.race.runners])
    for row in rows:
        look = drawn[row["index"]]
        row["mark"] = _picture(look.mark, look.colour(dark))
    goal, hidden = has_goal(raced), hidden_columns(raced)
    st.dataframe(
        [{name: row.get(name) for name in ("mark", *(n for n in row if n != "mark" and n not in hidden))} for row in rows],
        hide_index=True,
        width="stretch",
        height="content",
        placeholder="–",
        column_config=_columns(goal),
        key="descent.scoreboard",
    )
    st.caption(" ".join(_legend(goal, "left" not in hidden)))


def has_goal(raced: Raced) -> bool:
    """Whether there is a minimum to reach on the map; else all one can do is leave it lower than one came."""
    return any(point.kind == "minimum" for point in raced.terrain.stationary)


def hidden_columns(raced: Raced) -> set[str]:
    """Columns that would say nothing: how far past a goal without one, when a saddle was left without one."""
    hidden = {"index"}
    if not has_goal(raced):
        hidden.add("overshoot")
    if not any(point.kind == "saddle" for point in raced.terrain.stationary):
        hidden.add("left")
    return hidden


def _legend(goal: bool, saddle: bool) -> list[str]:
    said = []
    if saddle:
        said.append(
            "Near a saddle is within 5 % of the map's diagonal. A runner that stands still at a saddle is stuck, not done, "
            "and *never near* has come by none."
        )
    if goal:
        said.append("At the goal is within 2 % of the map's diagonal. Overshoot is how far a runner shot past the goal.")
    else:
        said.append("There is no lowest point on this map: the goal is to leave it lower than the start.")
    return said


def single_rows(raced: Raced) -> list[dict[str, Any]]:
    """A row a runner, best first: index, name, outcome in words, and its numbers."""
    names, near = full_names(raced.race.runners), _came_near(raced)
    scored = zip(raced.paths.runner, raced.scores, near, strict=True)
    rows = [_row(int(i), names[i], score, bool(came)) for i, score, came in scored]
    order = {id(row): _rank(score) for row, score in zip(rows, raced.scores, strict=True)}
    return sorted(rows, key=lambda row: order[id(row)])


def _came_near(raced: Raced) -> np.ndarray:
    """Whether each path (N,) was ever in the neighbourhood of a saddle."""
    return (raced.paths.saddle_distance <= neighbourhood_radius(raced.terrain)).any(axis=1)


def _left(step: float | None, near: bool) -> str:
    """When a saddle was left, or why there is no such step; numbers as wide as the largest, so that they sort."""
    return f"{step:4.0f}" if step is not None else "still near" if near else "never near"


def _row(index: int, name: str, score: Score, near: bool) -> dict[str, Any]:
    return {
        "index": index,
        "runner": name,
        "outcome": score.words,
        "reached": score.reached,
        "left": _left(score.left_saddle, near),
        "overshoot": score.overshoot,
        "path": score.path_length,
        "final": score.final_height,
        "best": score.best_height,
    }


def _rank(score: Score) -> tuple[int, float, float]:
    arrived = score.reached if score.reached is not None else float("inf")
    return ORDER.index(score.status) if score.status in ORDER else len(ORDER), arrived, score.final_height


def ring_rows(raced: Raced) -> list[dict[str, Any]]:
    """A row a runner over all its starts: how many arrived, how the rest ended, medians of those that arrived."""
    names = full_names(raced.race.runners)
    by_runner: dict[int, list[Score]] = {}
    near: dict[int, bool] = {}
    for runner, score, came in zip(raced.paths.runner, raced.scores, _came_near(raced), strict=True):
        by_runner.setdefault(int(runner), []).append(score)
        near[int(runner)] = near.get(int(runner), False) or bool(came)
    rows = [_ring_row(i, names[i], scores, near[i]) for i, scores in by_runner.items()]
    return sorted(rows, key=lambda row: (-row["arrived"], row["reached"] if row["reached"] is not None else float("inf")))


def _ring_row(index: int, name: str, scores: Sequence[Score], near: bool) -> dict[str, Any]:
    counts = Counter(score.status for score in scores)
    ended = [f"{counts[status]} {STATUS_WORDS.get(status, status)}" for status in ORDER if counts[status]]
    return {
        "index": index,
        "runner": name,
        "arrived": sum(score.reached is not None for score in scores) / len(scores),
        "outcome": ", ".join(ended),
        "reached": _median(score.reached for score in scores),
        "left": _left(_median(score.left_saddle for score in scores), near),
        "path": _median(score.path_length for score in scores),
    }


def _median(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _columns(goal: bool) -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    reached = ("Goal after", "Steps until it was at the goal for the first time.")
    off = ("Off the map after", "Steps until it had left the map, lower than it started.")
    label, told = reached if goal else off
    return {
        "mark": st.column_config.ImageColumn("", width=40),
        "runner": text("Runner", width="medium"),
        "arrived": st.column_config.ProgressColumn("Starts that arrived", format="percent", min_value=0, max_value=1),
        "outcome": text("What became of it", width="large"),
        "reached": number(label, format=_STEPS, help=told),
        "left": text("Left the saddle after", alignment="right", help="Steps until it had left the neighbourhood of a saddle."),
        "overshoot": number("Overshoot", format="%.3g", help="How far it shot past the goal, in the units of the map."),
        "path": number("Path length", format="%.3g", help="In the units of the map."),
        "final": number("Final height", format="%.3g"),
        "best": number("Lowest height", format="%.3g"),
    }


def _picture(name: str, colour: str) -> str:
    """The runner's mark as a data URL."""
    shape = mark(name, 12, 12, 7, colour, "none")
    return "data:image/svg+xml," + quote(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{shape}</svg>')


def said_of(raced: Raced) -> list[str]:
    """A short line for each runner, for the picture's key."""
    if len(raced.paths.origin) == 1:
        lines = {int(i): score.words for i, score in zip(raced.paths.runner, raced.scores, strict=True)}
    else:
        lines = {row["index"]: f"{row['arrived']:.0%} arrived, median {describe(row['reached'])} steps" for row in ring_rows(raced)}
    return [lines[i] for i in range(len(raced.race.runners))]
