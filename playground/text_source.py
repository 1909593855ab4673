"""Which text a run learns from: the sentence that says so, the alphabet, and the offer to fetch Tiny Shakespeare."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from engines.data import text
from engines.data.alphabet import Counted, alphabet_of
from engines.data.download import Download, text_download
from engines.data.sources import DataProblem
from engines.experiment import TextData
from playground.share import literal

DOWNLOAD_MB = text.FILE.size_bytes / 1e6
_ASKED, _SEEN, _RESULT = "shakespeare.asked", "shakespeare.stamp", "shakespeare.download_result"


def has_full() -> bool:
    """Whether Tiny Shakespeare seems to be on this machine; only looks for the file."""
    return any(place.present for place in text.places() if place.key != "builtin")


def text_of(data: TextData) -> text.Text:
    """The text that an experiment learns. Raises ValueError or DataProblem in one sentence where there is none to learn."""
    return text.own(data.own, data.name) if data.source == "own" else text.load(data.source)


@lru_cache(maxsize=4)
def _alphabet(whole: str) -> Counted:
    return alphabet_of(whole)


def alphabet(data: TextData) -> str:
    """The different characters of the text, as the net counts them; '' where there is nothing to learn."""
    try:
        return _alphabet(text_of(data).text).alphabet.characters
    except (ValueError, DataProblem):
        return ""


def sentence(data: TextData) -> str:
    """Which text, how long, where from, and how it is split; or why it cannot be learned."""
    try:
        found = text_of(data)
        counted = _alphabet(found.text)
    except (ValueError, DataProblem) as problem:
        return str(problem)
    held = max(2, round(len(found.text) * data.validation))
    shared = f"; {counted.rare:,} rare ones share one more" if counted.rare else ""
    return (
        f"{found.sentence} The net learns from the first {len(found.text) - held:,} and is tested on the last {held:,}. "
        f"There are {len(counted.alphabet) - bool(counted.rare)} different characters{shared}."
    )


def statement(run: Any) -> None:
    """The sentence on the page, with the offer to download where Tiny Shakespeare is missing."""
    said, offer = st.columns([3, 1], vertical_alignment="center", gap="small")
    said.markdown(f":material/menu_book: **Text in use.** {literal(sentence(run.experiment.data))}")
    if not has_full() and text_download.now.status != "running":
        offer.button(
            f"Get Tiny Shakespeare ({DOWNLOAD_MB:.1f} MB)",
            icon=":material/download:",
            key="shakespeare.download",
            width="stretch",
            on_click=_begin,
            help="Downloads a million characters of the plays from a public mirror into this computer's cache, and uses them.",
        )
    _results(run)


def _begin() -> None:
    st.session_state[_ASKED] = True
    st.session_state.pop(_RESULT, None)
    text_download.start()


def _results(run: Any) -> None:
    """What became of the download this session asked for; the run starts afresh on the new text."""
    now = text_download.now
    if st.session_state.get(_ASKED) and now.status in ("done", "failed"):
        st.session_state.pop(_ASKED)
        st.session_state[_RESULT] = now
        if now.status == "done":
            _switch(run)
    result = st.session_state.get(_RESULT)
    if result is not None and result.status == "failed":
        st.warning(f"{result.text} The built-in Sonnets stay in use.", icon=":material/cloud_off:")
    elif result is not None:
        st.success(f"Downloaded and checked. {result.text}", icon=":material/check_circle:")
    elif st.session_state.setdefault(_SEEN, text.stamp()) != text.stamp() and run.experiment.data.source in ("auto", "shakespeare"):
        st.info("Tiny Shakespeare has arrived on this server.", icon=":material/inventory_2:")
        st.button("Start again with it", key="shakespeare.switch", on_click=_switch, args=(run,))


def _switch(run: Any) -> None:
    st.session_state[_SEEN] = text.stamp()
    if run.experiment.data.source not in ("auto", "shakespeare"):
        run.apply(run.experiment.change(data__source="auto"))
    run.reset()


def progress() -> None:
    """The bar of a running download. Call it last on the page: it runs on a timer while there is something to watch."""
    if text_download.now.status == "running":
        st.fragment(lambda: _bar(text_download), run_every=0.5)()
    elif st.session_state.get(_ASKED):
        st.rerun()  # it ended while this page was being drawn


def _bar(download: Download) -> None:
    now = download.now
    if now.status != "running":
        st.rerun()
    bar, cancel = st.columns([3, 1], vertical_alignment="center", gap="small")
    bar.progress(now.share, text=now.text)
    cancel.button("Cancel", icon=":material/close:", key="shakespeare.download_cancel", width="stretch", on_click=download.cancel)
