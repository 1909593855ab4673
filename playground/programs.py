"""What all exported programs have in common: blocks of a template, cells, notebooks, an entry's code with its settings written in.

Cells are marked as editors know it (`# %%`), so a script and its notebook are the same text.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from string import Template
from typing import Any

from engines import initializers
from engines.descriptions import Choice
from engines.tables import Table
from playground.source_text import standalone

_FOLDER = Path(__file__).parent / "templates"


def filler(template: str) -> Callable[..., str]:
    """fill(block, **values) -> a block of `templates/<template>.txt` with its $names replaced.

    Blocks begin with a line `==== name`. What a program does not use is simply not filled in.
    """

    @functools.cache
    def blocks() -> dict[str, Template]:
        text = (_FOLDER / f"{template}.txt").read_text(encoding="utf-8")
        parts = re.split(r"^==== (\w+)\n", text, flags=re.MULTILINE)[1:]
        return {name: Template(block) for name, block in zip(parts[::2], parts[1::2], strict=True)}

    return lambda block, **values: blocks()[block].substitute(values)


def joined(blocks: Iterable[str]) -> str:
    """The blocks as one program, with the blank lines that formatters expect."""
    text = re.sub(r"\n+# %% \[markdown\]", "\n\n\n# %% [markdown]", "".join(blocks))
    text = re.sub(r"\n+# %%\n+(?=def |class |@)", "\n\n\n# %%\n", text)
    return re.sub(r"\n{4,}", "\n\n\n", text).strip() + "\n"


def notebook(script: str) -> str:
    """A script as a Jupyter notebook (nbformat 4.5): JSON text."""
    cells = []
    for number, part in enumerate(re.split(r"^# %%", script, flags=re.MULTILINE)[1:]):
        markdown = part.startswith(" [markdown]")
        text = part.partition("\n")[2].strip("\n")
        text = re.sub(r"^# ?", "", text, flags=re.MULTILINE) if markdown else text
        cell: dict[str, Any] = {"cell_type": "markdown" if markdown else "code", "id": f"cell-{number}", "metadata": {}}
        cells.append(
            cell | {"source": text.splitlines(keepends=True)} | ({} if markdown else {"execution_count": None, "outputs": []})
        )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def code_of(table: Table, choice: Choice) -> str:
    """The code of a chosen entry with its settings written in."""
    return table[choice.key].code.format(**{name: literal(value) for name, value in choice.settings.items()})


def literal(value: float) -> str:
    """A number as Python writes it, whole ones without a point."""
    return str(int(value)) if value == int(value) and abs(value) < 1e9 else repr(value)


def helper(code: str) -> str:
    """Source of the function that an initializer's code calls, where it calls one of ours: `orthogonal(` is `_orthogonal`."""
    found = re.match(r"([a-z]\w*)\(rng", code)
    if not found:
        return ""
    return "\n" + standalone(getattr(initializers, f"_{found[1]}"), {f"_{found[1]}": found[1]}) + "\n\n"
