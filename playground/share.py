"""Carrying an experiment in and out of a page: link, file, notebook, script, presets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.experiment import Experiment
from engines.presets import PRESETS
from engines.repair import load_json
from playground import export
from playground.links import from_query, to_query, to_text
from playground.words import words


def head(page: str, run: Any, default: Experiment) -> None:
    """The top of a page: what it is about, ready-made experiments, the way in and out."""
    text, out = st.columns([3, 2], vertical_alignment="center", gap="small")
    text.markdown(words(page)["intro"])
    with out, st.container(horizontal=True, gap="small"):
        preset_menu(page, run)
        share_menu(page, run, default)
    preset_hint(page, run.experiment)


def follow_link(page: str, run: Any, default: Experiment) -> list[str]:
    """Adopt what the address says, when the visitor (not this page) changed it. Returns what was wrong with it."""
    given = st.query_params.to_dict()
    if given == st.session_state.get(f"{page}.address") or (not given and not _went_back_to_bare(page)):
        return []
    experiment, problems = from_query(given, default)
    st.session_state[f"{page}.address"] = given
    if experiment.net.kind != default.net.kind:
        return [*problems, f"this link holds an experiment for another page ({experiment.data.kind})"]
    run.apply(experiment)
    return problems


def _went_back_to_bare(page: str) -> bool:
    """Whether the bare address of a page that stayed open means 'as it was at first': the visitor has pressed Back.

    Coming from another page the address is bare too, but then the visitor's work is what should be there.
    """
    return bool(st.session_state.get(f"{page}.address")) and st.session_state.get("page.shown") == page


def write_address(page: str, experiment: Experiment, default: Experiment) -> None:
    """Make the address bar carry the experiment."""
    query = to_query(experiment, default)
    st.session_state[f"{page}.address"] = query
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def preset_menu(page: str, run: Any) -> None:
    """A menu of ready-made experiments for this page; choosing one starts it afresh."""
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
        placeholder="Start from a ready-made experiment …",
        label_visibility="collapsed",
        key=key,
        on_change=chosen,
    )


def preset_hint(page: str, experiment: Experiment) -> None:
    """What to look at in the preset chosen last, while its data are still there. There is always a line, so that nothing jumps."""
    preset = PRESETS.get(st.session_state.get(f"{page}.preset_help", ""))
    if preset is not None and preset.experiment.data == experiment.data:
        st.caption(f"**{preset.label}.** {preset.help}")
    else:
        st.caption("Start from a ready-made experiment, or build your own: what you change applies at once.")


def share_menu(page: str, run: Any, default: Experiment) -> None:
    """Link, JSON, notebook, script; and back in from a JSON file."""
    experiment = run.experiment
    with st.popover("Share", icon=":material/share:"):
        st.caption("The address bar always holds this experiment. Copy it from here:")
        st.code(_address(to_text(experiment, default)), language=None, wrap_lines=True)
        left, middle, right = st.columns(3)
        left.download_button("JSON", experiment.to_json, f"{page}.json", "application/json", on_click="ignore", width="stretch")
        middle.download_button(
            "Notebook",
            lambda: export.to_notebook(experiment),
            f"{page}.ipynb",
            "application/x-ipynb+json",
            on_click="ignore",
            width="stretch",
        )
        right.download_button(
            "Script", lambda: export.to_script(experiment), f"{page}.py", "text/x-python", on_click="ignore", width="stretch"
        )
        _upload(page, run, default)


def _address(query: str) -> str:
    base = (st.context.url or "").split("?")[0]
    return f"{base}?{query}" if query else base


def _upload(page: str, run: Any, default: Experiment) -> None:
    key = f"{page}.upload"

    def loaded() -> None:
        file = st.session_state[key]
        if file is None:
            return
        try:
            experiment, problems = load_json(file.getvalue(), default)
        except ValueError as error:
            st.session_state[f"{page}.unread"] = f"{file.name}: {error}. Nothing was changed."
            return
        if experiment.net.kind != default.net.kind:
            other = "Digits" if experiment.net.kind == "dense" else "Network"
            st.session_state[f"{page}.unread"] = f"{file.name} holds an experiment for the {other} page. Nothing was changed."
            return
        run.apply(experiment)
        run.reset()
        st.session_state[f"{page}.problems"] = problems

    st.file_uploader("Open an experiment (JSON)", type=["json"], key=key, on_change=loaded, max_upload_size=1)


def tell_problems(page: str, problems: list[str]) -> None:
    """Say what in a link or a file was replaced."""
    unread = st.session_state.pop(f"{page}.unread", None)
    if unread:
        st.warning(unread, icon=":material/block:")
    problems = problems + st.session_state.pop(f"{page}.problems", [])
    if problems:
        st.warning(
            "Part of this experiment could not be read; the rest is as it was given.\n" + "\n".join(f"- {p}" for p in problems),
            icon=":material/link_off:",
        )
