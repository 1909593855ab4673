"""What a page is, and how pages are found: a file in `playground/pages` with a `PAGE` in it is in the menu."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import playground.pages

SHOWN = "page.shown"
"""In the session state: the page that was drawn last, '' while another one takes its place."""


@dataclass(frozen=True)
class Page:
    """key: its address; section: its heading in the menu ('' stands first); order: its place; summary: its card on Home."""

    key: str
    title: str
    icon: str
    section: str
    order: int
    summary: str
    render: Callable[[], None]
    default: bool = False


@cache
def pages() -> tuple[Page, ...]:
    """Every page, in menu order."""
    names = [module.name for module in pkgutil.iter_modules(playground.pages.__path__)]
    found = [importlib.import_module(f"playground.pages.{name}").PAGE for name in names]
    return tuple(sorted(found, key=lambda page: page.order))


def _stream_page(key: str) -> Any:
    page = next(p for p in pages() if p.key == key)

    def render() -> None:
        if st.session_state.get(SHOWN) != key:
            st.session_state[SHOWN] = ""  # a page that is left before it is drawn has taken the place of the one before, too
        page.render()
        st.session_state[SHOWN] = key

    return st.Page(render, title=page.title, icon=page.icon, url_path=page.key, default=page.default)


def view_and_controls(share: float = 3.3) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The two columns of a page, `share` to 1. Controls keep room on a tablet, and stand below the view on a phone."""
    with st.container(key="stage"):
        view, controls = st.columns([share, 1], gap="medium")
    return view, controls


def notices() -> DeltaGenerator:
    """A place for what is said once. It is there also while nothing is said: without it all that follows would be drawn anew."""
    return st.container()


def link_to(key: str, **options: Any) -> None:
    """A link to another page, by key."""
    st.page_link(_stream_page(key), **options)


def go_to(key: str, query: dict[str, str] | None = None) -> None:
    """Switch to another page, by key; with an address that says `query`, where it is given."""
    st.switch_page(_stream_page(key), query_params=query)


def navigation() -> Any:
    """Streamlit's navigation over all pages, along the top."""
    sections: dict[str, list[Any]] = {}
    for page in pages():
        sections.setdefault(page.section, []).append(_stream_page(page.key))
    return st.navigation(sections, position="top")
