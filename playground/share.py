"""Carrying an experiment or a race in and out of a page: link, file, notebook, script, presets.

`run` is whatever holds the page's description under `.experiment` and adopts another by `.apply`: a LiveRun, or a Held.
"""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from engines.descriptions import Description
from engines.files import load_json
from engines.presets import PRESETS
from engines.problems import with_article
from playground.formats import format_of, page_of_link
from playground.page import SHOWN, notices
from playground.words import words

_KEPT = "Nothing was changed."
UPLOAD_MB = {"shakespeare": 16}
"""Of a JSON file, where a page takes more than one megabyte: texts of visitors' own are in it."""


def head(page: str, run: Any, default: Description) -> None:
    """The top of a page: what it is about, ready-made experiments, the way in and out."""
    text, out = st.columns([3, 2], vertical_alignment="center", gap="small")
    text.markdown(words(page)["intro"])
    with out, st.container(horizontal=True, gap="small"):
        preset_menu(page, run)
        share_menu(page, run, default)
    preset_hint(page, run.experiment)


def follow_link(page: str, run: Any, default: Description) -> list[str]:
    """Adopt what the address says, when the visitor (not this page) changed it. Returns what was wrong with it."""
    given = st.query_params.to_dict()
    if given == st.session_state.get(f"{page}.address") or (not given and not _went_back_to_bare(page)):
        return []
    st.session_state[f"{page}.address"] = given
    meant = page_of_link(given, default)
    if meant != default.page:
        st.session_state[f"{page}.unread"] = f"This link is for another page, {_title(meant)}. {_KEPT}"
        return []
    experiment, problems = format_of(default).from_query(given, default)
    run.apply(experiment)
    return problems


def _title(page: str) -> str:
    """What the page is called in the menu."""
    return page.capitalize()


def _went_back_to_bare(page: str) -> bool:
    """Whether the bare address of a page that stayed open means 'as it was at first': the visitor has pressed Back.

    Coming from another page the address is bare too, but then the visitor's work is what should be there.
    """
    return bool(st.session_state.get(f"{page}.address")) and st.session_state.get(SHOWN) == page


def write_address(page: str, experiment: Description, default: Description) -> None:
    """Make the address bar carry the experiment."""
    query = format_of(default).to_query(experiment, default)
    st.session_state[f"{page}.address"] = query
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def preset_menu(page: str, run: Any) -> None:
    """A menu of what is ready-made for this page; choosing one starts it afresh."""
    mine = {key: preset for key, preset in PRESETS.items() if preset.page == page}
    key = f"{page}.preset"

    def chosen() -> None:
        preset = st.session_state[key]
        if preset is not None:
            run.apply(mine[preset].experiment)
            run.reset()
            st.session_state[f"{page}.preset_help"] = preset

    st.session_state[key] = None

    st.selectbox(
        "Start from",
        list(mine),
        index=None,
        format_func=lambda k: mine[k].label,
        placeholder=f"Start from a ready-made {run.experiment.noun} …",
        label_visibility="collapsed",
        key=key,
        on_change=chosen,
    )


def preset_hint(page: str, experiment: Description) -> None:
    """What to look at in the preset chosen last, while its data (or surface) are still there.

    There is always a line, so that nothing jumps.
    """
    preset = PRESETS.get(st.session_state.get(f"{page}.preset_help", ""))
    if preset is not None and preset.experiment.subject == experiment.subject:
        st.caption(f"**{preset.label}.** {preset.help}")
    else:
        st.caption(f"Start from a ready-made {experiment.noun}, or build your own: what you change applies at once.")


def share_menu(page: str, run: Any, default: Description) -> None:
    """Link, JSON, notebook, script; and back in from a JSON file."""
    experiment = run.experiment
    form = format_of(default)
    with st.popover("Share", icon=":material/share:"):
        st.caption(f"The address bar always holds this {experiment.noun}. Copy it from here:")
        st.code(_address(form.to_text(experiment, default)), language=None, wrap_lines=True)
        if getattr(experiment.subject, "source", "") == "own" and page == "shakespeare":
            st.caption("A link does not carry your text; the JSON file, the notebook and the script do.")
        left, middle, right = st.columns(3)
        left.download_button("JSON", experiment.to_json, f"{page}.json", "application/json", on_click="ignore", width="stretch")
        middle.download_button(
            "Notebook",
            lambda: form.to_notebook(experiment),
            f"{page}.ipynb",
            "application/x-ipynb+json",
            on_click="ignore",
            width="stretch",
        )
        right.download_button(
            "Script", lambda: form.to_script(experiment), f"{page}.py", "text/x-python", on_click="ignore", width="stretch"
        )
        _upload(page, run, default)


def _address(query: str) -> str:
    base = (st.context.url or "").split("?")[0]
    return f"{base}?{query}" if query else base


def _upload(page: str, run: Any, default: Description) -> None:
    key = f"{page}.upload"

    def loaded() -> None:
        file = st.session_state[key]
        if file is None:
            return
        try:
            experiment, problems = load_json(file.getvalue(), default)
        except ValueError as error:
            st.session_state[f"{page}.unread"] = f"{file.name}: {error}. {_KEPT}"
            return
        if experiment.page != default.page:
            said = f"{file.name}: it holds {with_article(experiment.noun)} for the {_title(experiment.page)} page"
            st.session_state[f"{page}.unread"] = f"{said}. {_KEPT}"
            return
        run.apply(experiment)
        run.reset()
        st.session_state[f"{page}.problems"] = problems

    st.file_uploader(
        f"Open {with_article(default.noun)} (JSON)",
        type=["json"],
        key=key,
        on_change=loaded,
        max_upload_size=UPLOAD_MB.get(page, 1),
    )


def literal(text: str) -> str:
    """`text` for Markdown so that every character shows as it is: what links and files say is quoted, never formatted."""
    return re.sub(r"([\\`*~\[\]$<]|(?<![^\W_])_|_(?![^\W_])|:(?=\w))", r"\\\1", text)


def tell_problems(page: str, problems: list[str]) -> None:
    """Say what in a link or a file was replaced."""
    place = notices()
    unread = st.session_state.pop(f"{page}.unread", None)
    if unread:
        place.warning(literal(unread), icon=":material/block:")
    problems = problems + st.session_state.pop(f"{page}.problems", [])
    if problems:
        said = "\n".join(f"- {literal(problem)}" for problem in problems)
        whole = "Part of this link or file could not be read; the rest is as it was given."
        place.warning(f"{whole}\n{said}", icon=":material/link_off:")
