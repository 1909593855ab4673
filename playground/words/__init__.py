"""Help and lesson texts: one Markdown file a page, cut at its level-2 headings."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def words(page: str) -> dict[str, str]:
    """Sections of a page's text, by heading; what stands before the first heading is 'intro'."""
    text = Path(__file__).with_name(f"{page}.md").read_text(encoding="utf-8")
    intro, *sections = text.split("\n## ")
    return {"intro": intro.strip()} | {s.split("\n", 1)[0].strip(): s.split("\n", 1)[1].strip() for s in sections}
