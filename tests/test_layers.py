"""The house's rules that a parser can check: imports go one way, files stay short, nothing evaluates text."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("engines", "playground")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")) + [
    path for path in (ROOT / "app.py", ROOT / "main.py") if path.exists()
]
MAX_LINES = 420
MAX_FUNCTION_LINES = 60


def _names(files):
    return [str(path.relative_to(ROOT)) for path in files]


def _imports(path):
    """Modules that a file imports, wherever in it; a name taken from a package counts as its module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _below(names, *roots):
    return sorted({name for name in names if any(name == root or name.startswith(root + ".") for root in roots)})


@pytest.mark.parametrize("path", FILES, ids=_names(FILES))
def test_imports_go_one_way(path):
    parts, names = path.relative_to(ROOT).parts, list(_imports(path))
    assert not _below(names, "app", "main", "tests", "bench")
    if parts[0] == "engines":
        assert not _below(names, "streamlit", "plotly", "playground", "starlette")
    elif parts[:2] == ("playground", "pages"):
        own = f"playground.pages.{path.stem}"
        others = [name for name in _below(names, "playground.pages") if not name.startswith(own) and name != "playground.pages"]
        assert not others and not _below(names, "jax", "jaxlib", "optax", "numpy")
    elif parts[0] == "playground":
        assert not _below(names, "playground.pages") or path.stem == "page"
        if parts[1] == "figures":
            assert not _below(names, "streamlit")


@pytest.mark.parametrize("path", FILES, ids=_names(FILES))
def test_a_file_stays_readable(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", FILES, ids=_names(FILES))
def test_nothing_evaluates_text_or_unpickles(path):
    names = list(_imports(path))
    assert not _below(names, "pickle", "cloudpickle", "dill", "shelve", "marshal")
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not {call.id for call in calls if isinstance(call, ast.Name)} & {"eval", "exec", "compile", "__import__"}


LAZY = [
    "engines",
    "engines.experiment",
    "engines.presets",
    "engines.repair",
    "engines.data.own",
    "playground.links",
    "engines.files",
    "engines.descent.presets",
    "playground.export",
    "playground.formats",
    "playground.held",
    "playground.pages.descent",
    "playground.descent.routes",
    "engines.trace.study",
    "engines.trace.presets",
    "engines.trace.bring",
    "playground.bring_panel",
    "playground.study_export",
]


def test_what_pages_import_does_not_import_jax():
    code = f"import sys, {', '.join(LAZY)}; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("path", [p for p in FILES if p.stem != "__init__"], ids=_names([p for p in FILES if p.stem != "__init__"]))
def test_every_module_and_public_name_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
