"""A visitor's CSV file -> points in the plane. Every problem names its line; nothing is written to disk."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engines.data.points import REACH
from engines.experiment import MAX_POINTS, Axis, OwnPoint, PointsData

MAX_BYTES = 1_000_000
MAX_LISTED = 10
MAX_CELL = 60
_LARGEST = 1e100
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class OwnDataError(ValueError):
    """A file that cannot be used. `problems`: one sentence each, at most ten lines named and a count of the rest."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - MAX_LISTED
        self.problems = [*problems[:MAX_LISTED], *([f"and {more:,} more"] if more > 0 else [])]
        super().__init__("; ".join(self.problems))


class OwnData(NamedTuple):
    """data: the points, source 'own'. notes: what the visitor should know, one sentence each. rows: how many were used."""

    data: PointsData
    notes: list[str]
    rows: int


class _Row(NamedTuple):
    line: int
    cells: list[str]


def parse_csv(text: str | bytes, train_fraction: float = 0.5, seed: int = 0) -> OwnData:
    """Points from CSV text: one or two columns of features, then the label; a header line is optional.

    Separated by comma, semicolon or tab; with the last two a decimal comma is read. Features are scaled so that the least
    becomes -5 and the largest 5; a label of two values makes two classes, of more numbers a regression on [-1, 1].
    At most the first 1 MB and the first 2,000 rows are used. Raises OwnDataError.
    """
    notes: list[str] = []
    mark, rows = _rows(_whole_lines(_decoded(text), notes))
    width = _width(rows)
    names = _header(rows, width, mark)
    if len(rows) > MAX_POINTS:
        notes.append(f"The file has more than {MAX_POINTS:,} rows; the first {MAX_POINTS:,} are used.")
        del rows[MAX_POINTS:]
    problems: list[str] = []
    rows = _even(rows, width, problems)
    features = [[_number(row, column, names, mark, problems) for column in range(width - 1)] for row in rows]
    t, task = _labels(rows, names[-1], mark, problems, notes)
    if problems:
        raise OwnDataError(sorted(problems, key=_line_of))
    xy, axes = _scaled(np.array(features, float), names, notes)
    own = _split(xy, t, train_fraction, seed)
    data = PointsData(source="own", own=own, own_task=task, axes=axes, train_fraction=train_fraction, seed=seed)
    return OwnData(data, notes, len(own))


def _line_of(problem: str) -> int:
    """The line a problem names; those about the whole file come last."""
    found = re.match(r"line (\d+)", problem)
    return int(found[1]) if found else sys.maxsize


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        if text[:2] == b"PK":
            raise OwnDataError(["this looks like a spreadsheet or a zip file; save the sheet as CSV and try that"])
        if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return text[: 2 * MAX_BYTES].decode("utf-16", "replace")
        head = text[: MAX_BYTES + 1]
        try:
            # the cut may go through a character: up to 3 bytes of it may be left over
            text = head.decode("utf-8-sig") if len(text) <= MAX_BYTES else head.decode("utf-8-sig", "ignore")
        except UnicodeDecodeError:
            text = head.decode("latin-1")
    text = text.removeprefix("\ufeff")
    if "\0" in text[:MAX_BYTES]:
        raise OwnDataError(["this is not a text file; a CSV file has lines like 1.5, 2, yes"])
    return text


def _whole_lines(text: str, notes: list[str]) -> str:
    if len(text) <= MAX_BYTES:
        return text
    notes.append("The file is larger than 1 MB; only its first part was read.")
    return text[: text.rfind("\n", 0, MAX_BYTES) + 1] or text[:MAX_BYTES]


def _rows(text: str) -> tuple[str, list[_Row]]:
    """The separator and the rows that are not empty, with their line numbers, no more than can be used."""
    first = next((line for line in text[:10_000].splitlines() if line.strip()), "")
    mark = ";" if ";" in first else "\t" if "\t" in first else ","
    rows: list[_Row] = []
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_Row(reader.line_num, [cell.strip() for cell in cells]))
            if len(rows) > MAX_POINTS + 1:
                break
    except csv.Error:
        raise OwnDataError(
            [f"line {reader.line_num} cannot be read: a quotation mark is not closed, or a cell is far too long"]
        ) from None
    if not rows:
        raise OwnDataError(["the file holds no lines with data; one looks like 1.5, 2, yes"])
    return mark, rows


def _width(rows: list[_Row]) -> int:
    width = len(rows[0].cells)
    if not 2 <= width <= 3:
        columns = "1 column" if width == 1 else f"{width} columns"
        raise OwnDataError([f"line {rows[0].line} has {columns}; there should be one or two features, then the label"])
    return width


def _header(rows: list[_Row], width: int, mark: str) -> list[str]:
    """Names of the columns; takes the header off `rows` where there is one."""
    cells = rows[0].cells
    plain = [*["x", "y"][: width - 1], "label"]
    is_header = not any(_parsed(cell, mark) is not None or cell.lower() in _NOT_FINITE for cell in cells[:-1]) and any(cells[:-1])
    if is_header:
        del rows[0]
        plain = ["".join(c for c in cell if c.isprintable())[:40] or name for cell, name in zip(cells, plain, strict=True)]
    if len(rows) < 2:
        raise OwnDataError([f"the file holds {'one line' if rows else 'no lines'} of data; at least two are needed"])
    return plain


_NOT_FINITE = {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "na", "n/a", "null", "none"}


def _parsed(cell: str, mark: str) -> float | None:
    """The number in a cell, None where there is none."""
    cell = cell if mark == "," else cell.replace(",", ".")
    return float(cell) if len(cell) <= MAX_CELL and _NUMBER.fullmatch(cell) else None


def _even(rows: list[_Row], width: int, problems: list[str]) -> list[_Row]:
    """Rows with as many cells as the first; the others are named."""
    for row in rows:
        if len(row.cells) != width:
            problems.append(f"line {row.line} has {len(row.cells)} cells, the first line has {width}")
    return [row for row in rows if len(row.cells) == width]


def _number(row: _Row, column: int, names: list[str], mark: str, problems: list[str]) -> float:
    cell = row.cells[column]
    value = _parsed(cell, mark)
    if value is not None and abs(value) <= _LARGEST:
        return value
    problems.append(f"line {row.line}: {names[column]} {_blame(cell, value)}")
    return 0.0


def _blame(cell: str, value: float | None = None) -> str:
    if not cell:
        return "is empty"
    shown = "".join(c if c.isprintable() else "?" for c in cell[:20]) + ("…" if len(cell) > 20 else "")
    return f"is far too large ({shown})" if value is not None else f"is not a number ({shown})"


def _labels(rows: list[_Row], name: str, mark: str, problems: list[str], notes: list[str]) -> tuple[np.ndarray, str]:
    """Targets (n,) in [-1, 1] and the task; problems and notes are added to the lists."""
    cells = [row.cells[-1] for row in rows]
    empty = [row.line for row in rows if not row.cells[-1] or row.cells[-1].lower() in _NOT_FINITE - {"none"}]
    problems += [f"line {line}: {name} is empty or not a number" for line in empty]
    numbers = [_parsed(cell, mark) for cell in cells]
    if empty or not cells:
        return np.zeros(len(cells)), "classification"
    if len(set(cells)) > 2 and sum(number is not None for number in numbers) > len(cells) / 2:
        return _regression(rows, numbers, name, problems, notes)
    values = sorted(set(numbers)) if None not in numbers else sorted(set(cells))
    return _classes([cells, numbers][None not in numbers], values, name, problems, notes)


def _regression(
    rows: list[_Row], numbers: list[float | None], name: str, problems: list[str], notes: list[str]
) -> tuple[np.ndarray, str]:
    for row, number in zip(rows, numbers, strict=True):
        if number is None or abs(number) > _LARGEST:
            problems.append(f"line {row.line}: {name} {_blame(row.cells[-1], number)}")
    known = np.array([number if number is not None and abs(number) <= _LARGEST else 0.0 for number in numbers])
    low, high = float(known.min()), float(known.max())
    if len(set(known.tolist())) <= 2:
        return _classes(known.tolist(), sorted(set(known.tolist())), name, problems, notes)
    notes.append(f"{name} has many values, so it is learned as a number: {low:g} became -1 and {high:g} became 1.")
    return np.interp(known, [low, high], [-1.0, 1.0]), "regression"


def _classes(cells: Sequence, values: Sequence, name: str, problems: list[str], notes: list[str]) -> tuple[np.ndarray, str]:
    shown = [f"{value:g}" if isinstance(value, float) else str(value)[:20] for value in values]
    if len(values) == 1:
        problems.append(f"{name} is {shown[0]} in every line that was read; a net needs two classes to tell apart")
    elif len(values) > 2:
        listed = ", ".join(shown[:4]) + (", …" if len(values) > 4 else "")
        problems.append(f"{name} has {len(values):,} different texts ({listed}); there should be two classes, or numbers")
    else:
        notes.append(f"{name}: {shown[0]} is the orange class, {shown[1]} the blue one.")
    return np.array([1.0 if cell == values[-1] else -1.0 for cell in cells]), "classification"


def _scaled(features: np.ndarray, names: list[str], notes: list[str]) -> tuple[np.ndarray, tuple[Axis, Axis]]:
    """Features (n, 1 or 2) -> xy (n, 2) in [-5, 5] and what the axes stand for. A single feature lies on the x axis."""
    lows, highs = features.min(0), features.max(0)
    if np.all(lows == highs):
        raise OwnDataError(["all points lie on one spot: no feature has two different values"])
    xy = np.zeros((len(features), 2))
    axes = [Axis(name=""), Axis(name="")]
    for column, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
        axes[column] = Axis(name=names[column], low=low, high=high)
        if low == high:
            notes.append(f"{names[column]} is {low:g} in every line, so it tells the net nothing; all points are drawn at 0.")
        else:
            xy[:, column] = np.interp(features[:, column], [low, high], [-REACH, REACH])
    return xy, (axes[0], axes[1])


def _split(xy: np.ndarray, t: np.ndarray, train_fraction: float, seed: int) -> tuple[OwnPoint, ...]:
    """Points in a random order, the first share of them for training: at least one, and one for testing."""
    count = len(t)
    order = np.random.default_rng(seed).permutation(count)
    split = min(max(1, round(count * train_fraction)), count - 1)
    return tuple(
        OwnPoint(x=float(xy[row, 0]), y=float(xy[row, 1]), t=float(t[row]), test=place >= split) for place, row in enumerate(order)
    )
