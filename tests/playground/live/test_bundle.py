"""The scripts are one module when they are put together: what that asks of the files, for every view's list of them."""

import re
from pathlib import Path

import pytest

import playground

ROOT = Path(playground.__file__).parent
LIVE = ROOT / "live" / "assets"
FOLDERS = sorted(path.parent for path in ROOT.rglob("assets/ORDER"))
DECLARED = re.compile(r"^(?:export default )?(?:async )?(?:const|let|class|function)\s+([A-Za-z_$][\w$]*)", re.M)
SEVERAL = re.compile(r"^(?:const|let)\s+\{", re.M)
EXTENDS = re.compile(r"^class\s+\w+\s+extends\s+([\w.]+)", re.M)
MOST_LINES = 420


def bundle(folder: Path) -> list[tuple[str, str]]:
    """Name and text of every file, in order."""
    names = (folder / "ORDER").read_text("utf-8").split()
    return [
        (name, ((folder if not name.startswith("../") else LIVE) / name.removeprefix("../")).resolve().read_text("utf-8"))
        for name in names
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_no_name_is_declared_twice(folder):
    found: dict[str, str] = {}
    for name, text in bundle(folder):
        assert not SEVERAL.search(text), name
        for declared in DECLARED.findall(text):
            assert declared not in found, f"{declared} stands in {found[declared]} and in {name}"
            found[declared] = name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_a_class_stands_behind_the_one_it_extends(folder):
    known: set[str] = set()
    for name, text in bundle(folder):
        for part in re.split(r"(?=^class )", text, flags=re.M):
            for parent in EXTENDS.findall(part):
                assert parent in known, f"{name}: {parent} is not there yet"
            known.update(DECLARED.findall(part))


@pytest.mark.parametrize("path", sorted(LIVE.glob("inside*")), ids=lambda path: path.name)
def test_the_files_of_the_inside_are_listed_and_short(path):
    names = (LIVE / "ORDER").read_text("utf-8").split()
    assert path.suffix == ".css" or names.count(path.name) == 1
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_every_part_of_the_digits_view_has_a_place_in_its_grid():
    sheet = (LIVE / "digits.css").read_text("utf-8")
    wide, narrow = re.findall(r"grid-template-areas:(.*?);", sheet, re.S)
    lines = re.findall(r'"([^"]+)"', wide)
    assert {len(line.split()) for line in lines} == {12}
    assert {name for line in lines for name in line.split()} == set(re.findall(r'"(\w+)"', narrow))
    styles = "\n".join(path.read_text("utf-8") for path in LIVE.glob("*.css"))
    for name in {name for line in lines for name in line.split()}:
        assert f"grid-area: {name};" in styles, name
