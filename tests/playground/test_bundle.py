"""Views are made of many files in one script: what one of them names, no other may name again."""

import re
from collections import Counter

import pytest

from playground import bundle

FOLDERS = sorted(path.parent for path in bundle.LIVE.parents[1].glob("*/assets/ORDER"))
NAMED = re.compile(r"^(?:const|let|function|class) (\w+)", re.MULTILINE)


def test_every_view_is_found():
    assert {folder.parent.name for folder in FOLDERS} == {"backprop", "confusion", "descent", "live", "sandbox"}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.parent.name for folder in FOLDERS])
def test_no_name_is_declared_twice_in_a_view(folder):
    names = Counter(NAMED.findall(bundle.script(folder)))
    assert len(names) > 10 and [name for name, count in names.items() if count > 1] == []


def test_no_sheet_is_taken_twice():
    sheets, first = bundle.style(bundle.LIVE, "view.css"), (bundle.LIVE / "view.css").read_text("utf-8")
    assert sheets.count(first) == 1 and sheets.startswith(first)
    assert all(path.read_text("utf-8") in sheets for path in bundle.LIVE.glob("*.css"))
