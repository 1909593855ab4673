"""Which digits a run learns from: the sentence that says so, and the offer to fetch the full set."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.data import digits
from engines.data.download import Download, digits_download

FULL_TRAIN, BUILTIN_TRAIN = 60_000, digits.CLASSES * digits.BUILTIN_TRAIN_PER_CLASS
DOWNLOAD_MB = sum(file.size_bytes for file in digits.FILES.values()) / 1e6
_ASKED, _SEEN, _RESULT = "digits.asked", "digits.stamp", "digits.download_result"


def has_full() -> bool:
    """Whether the full set seems to be on this machine; only looks for the files."""
    return any(place.present for place in digits.places() if place.key != "builtin")


def available(source: str) -> int:
    """Training examples that `source` ('auto', 'full', 'builtin') offers."""
    found = digits.known(source)
    if found is not None:
        return len(found.train_labels)
    return FULL_TRAIN if source != "builtin" and has_full() else BUILTIN_TRAIN


def sentence(source: str) -> str:
    """Which set is used, how many, where from. Exact once a run has read it; before that, by what files there are."""
    found = digits.known(source)
    if found is not None:
        return found.sentence
    if source != "builtin" and has_full():
        place = next(place for place in digits.places() if place.present)
        where = "from this server's own folder" if place.key == "data_dir" else "from your cache"
        return f"The full MNIST: 60,000 training and 10,000 test digits, {where}."
    return f"The built-in part of MNIST: {BUILTIN_TRAIN:,} training and 1,000 test digits, built in."


def statement(run: Any) -> None:
    """The sentence on the page, with the offer to download where the full set is missing."""
    source = run.experiment.data.source
    text, offer = st.columns([3, 1], vertical_alignment="center", gap="small")
    text.markdown(f":material/database: **Digits in use.** {sentence(source)}")
    if not has_full() and digits_download.now.status != "running":
        offer.button(
            f"Get all 70,000 ({DOWNLOAD_MB:.0f} MB)",
            icon=":material/download:",
            key="digits.download",
            width="stretch",
            on_click=_begin,
            help="Downloads MNIST from a public mirror into this computer's cache, checks it, and uses it from then on.",
        )
    _results(run)


def _begin() -> None:
    st.session_state[_ASKED] = True
    st.session_state.pop(_RESULT, None)
    digits_download.start()


def _results(run: Any) -> None:
    """What became of the download this session asked for; the run starts afresh on the new digits."""
    now = digits_download.now
    if st.session_state.get(_ASKED) and now.status in ("done", "failed"):
        st.session_state.pop(_ASKED)
        st.session_state[_RESULT] = now
        if now.status == "done":
            _switch(run)
    result = st.session_state.get(_RESULT)
    if result is not None and result.status == "failed":
        st.warning(f"{result.text} The {BUILTIN_TRAIN + 1000:,} built-in digits stay in use.", icon=":material/cloud_off:")
    elif result is not None:
        st.success(f"Downloaded and checked. {result.text}", icon=":material/check_circle:")
    elif st.session_state.setdefault(_SEEN, digits.stamp()) != digits.stamp() and run.experiment.data.source != "builtin":
        st.info("The full MNIST has arrived on this server.", icon=":material/inventory_2:")
        st.button("Start again with it", key="digits.switch", on_click=_switch, args=(run,))


def _switch(run: Any) -> None:
    st.session_state[_SEEN] = digits.stamp()
    if run.experiment.data.source == "builtin":
        run.apply(run.experiment.change(data__source="auto"))
    run.reset()


def progress() -> None:
    """The bar of a running download. Call it last on the page: it runs on a timer while there is something to watch."""
    if digits_download.now.status == "running":
        st.fragment(lambda: _bar(digits_download), run_every=0.5)()
    elif st.session_state.get(_ASKED):
        st.rerun()  # it ended while this page was being drawn


def _bar(download: Download) -> None:
    now = download.now
    if now.status != "running":
        st.rerun()
    bar, cancel = st.columns([3, 1], vertical_alignment="center", gap="small")
    bar.progress(now.share, text=now.text)
    cancel.button("Cancel", icon=":material/close:", key="digits.download_cancel", width="stretch", on_click=download.cancel)
