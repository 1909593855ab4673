"""Changes to an Experiment as a browser sends them: dotted paths, validated, refusals in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from engines.descriptions import describe_error
from engines.experiment import Experiment
from engines.losses import LOSSES

MOST_CHANGES = 40


class Refused(ValueError):
    """A change that cannot be made; the text says why, for the visitor."""


def edited(experiment: Experiment, changes: Mapping[str, Any]) -> tuple[Experiment, str | None]:
    """`experiment` with `changes` (dotted path -> plain value), and a note on what else had to change, or None.

    A number in a path is a place in a list: 'net.layers.0.units'. Raises `Refused` with one sentence otherwise.
    """
    if not isinstance(changes, Mapping) or not 0 < len(changes) <= MOST_CHANGES:
        raise Refused("Nothing was changed: a change names one or more fields.")
    raw = experiment.model_dump()
    for path, value in changes.items():
        _put(raw, str(path), value)
    note = _fit_cost(raw, changes)
    try:
        return Experiment.model_validate(raw), note
    except ValidationError as error:
        raise Refused("Not changed. " + describe_error(error)[0]) from error
    except RecursionError as error:
        raise Refused("Not changed: this is nested too deeply.") from error


def _put(raw: Any, path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    try:
        for parent in parents:
            raw = raw[parent] if isinstance(raw, dict) else raw[int(parent)]
        if isinstance(raw, dict):
            raw[leaf] = value
        elif isinstance(raw, list):
            raw[int(leaf)] = value
        else:
            raise TypeError
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Refused(f"Not changed: there is no field {path[:60]!r}.") from error


def _fit_cost(raw: dict[str, Any], changes: Mapping[str, Any]) -> str | None:
    """A new data set with numbers for targets takes a cost that fits them, unless the visitor chose the cost just now."""
    loss = LOSSES.get(raw.get("cost")) if isinstance(raw.get("cost"), str) else None
    if loss is None or loss.regression or "cost" in changes or not any(str(path).startswith("data") for path in changes):
        return None
    try:
        task = Experiment.model_validate(raw | {"cost": "half_squared"}).data.task
    except (ValidationError, RecursionError):
        return None
    if task != "regression":
        return None
    raw["cost"] = "half_squared"
    return f"These targets are numbers, so the cost is now half squared error; {loss.label} needs two classes."


def refusal(call: Callable[..., None], *arguments: Any) -> str | None:
    """Why `call` could not be done, in its own words; None where it was."""
    try:
        call(*arguments)
    except (ValueError, IndexError) as error:
        return str(error)
    return None
