"""The source text of a function together with everything of its module that it needs, for scripts that stand alone."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from typing import Any


def standalone(function: Callable[..., Any], rename: dict[str, str] | None = None) -> str:
    """`function`'s source, preceded by the constants, classes and functions of the same module that it uses.

    Imported names are the caller's affair. rename: name in the module -> name in the text (whole words).
    """
    text = inspect.getsource(sys.modules[function.__module__])
    tree = ast.parse(text)
    places = {name: node for node in tree.body for name in _defined(node)}
    wanted = _closure(function.__name__, places)
    pieces: list[str] = []
    for node in tree.body:
        if wanted & set(_defined(node)):
            segment = ast.get_source_segment(text, node) or ""
            block = isinstance(node, ast.FunctionDef | ast.ClassDef)
            pieces.append(("\n\n" if block and pieces else "\n" if pieces else "") + segment)
    return _renamed("\n".join(pieces), rename or {})


def _defined(node: ast.stmt) -> list[str]:
    """Names that a top-level statement gives to something the text could carry along."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _closure(name: str, places: dict[str, ast.stmt]) -> set[str]:
    wanted, waiting = set(), [name]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            used = {node.id for node in ast.walk(places[name]) if isinstance(node, ast.Name)}
            waiting += [other for other in used if other in places]
    return wanted


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(f"def {old}(", f"def {new}(")
    return text
