"""The source text of functions together with everything of their module that they need, for scripts that stand alone."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any


def standalone(function: Callable[..., Any], rename: dict[str, str] | None = None) -> str:
    """`function`'s source, preceded by the constants, classes and functions of the same module that it uses.

    Imported names are the caller's affair. rename: name in the module -> name in the text (whole words).
    """
    return together([function], rename)


def together(functions: Sequence[Callable[..., Any]], rename: dict[str, str] | None = None, *, plain: bool = False) -> str:
    """As `standalone` for several functions of one module; what they share is there once. Decorators are left out.

    plain: without annotations, which would need imports of their own.
    """
    text = inspect.getsource(sys.modules[functions[0].__module__])
    text = _plain(text) if plain else text
    tree = ast.parse(text)
    places = {name: node for node in tree.body for name in _defined(node)}
    wanted = _closure([function.__name__ for function in functions], places)
    pieces: list[str] = []
    after_block = False
    for node in tree.body:
        if wanted & set(_defined(node)):
            segment = ast.get_source_segment(text, node) or ""
            block = isinstance(node, ast.FunctionDef | ast.ClassDef)
            pieces.append(("\n\n" if pieces and (block or after_block) else "") + segment)
            after_block = block
    return _renamed("\n".join(pieces), rename or {})


def _plain(text: str) -> str:
    """A module without the annotations of its functions. Nothing moves to another line."""
    lines = [line.encode() for line in text.splitlines()]
    cuts = [cut for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) for cut in _cuts(node, lines)]
    for row, start, end in sorted(cuts, reverse=True):
        lines[row] = lines[row][:start] + lines[row][end:]
    return b"\n".join(lines).decode()


def _cuts(node: ast.FunctionDef, lines: list[bytes]) -> list[tuple[int, int, int]]:
    """(line, from, to) of what is left out of a function's head; annotations there lie on one line each."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    found = [(a.lineno - 1, a.col_offset + len(a.arg), a.annotation.end_col_offset) for a in arguments if a.annotation]
    if node.returns:
        row = node.returns.lineno - 1
        found.append((row, lines[row].rindex(b" ->", 0, node.returns.col_offset), node.returns.end_col_offset))
    return found


def _defined(node: ast.stmt) -> list[str]:
    """Names that a top-level statement gives to something the text could carry along."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _closure(names: list[str], places: dict[str, ast.stmt]) -> set[str]:
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            inner = list(ast.walk(places[name]))
            given = {node.arg for node in inner if isinstance(node, ast.arg)}
            used = {node.id for node in inner if isinstance(node, ast.Name)} - given
            waiting += [other for other in used if other in places]
    return wanted


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(f"def {old}(", f"def {new}(")
    return text
