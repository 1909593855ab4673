"""Which text a run learns from: the sentence that says so, the alphabet, and the offer to fetch Tiny Shakespeare."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from engines.data import text
from engines.data.alphabet import Counted, alphabet_of
from engines.data.download import text_download
from engines.data.sources import DataProblem
from engines.experiment import TextData
from playground.offer import Offer
from playground.share import literal

DOWNLOAD_MB = text.FILE.size_bytes / 1e6


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
    said, offered = st.columns([3, 1], vertical_alignment="center", gap="small")
    said.markdown(f":material/menu_book: **Text in use.** {literal(sentence(run.experiment.data))}")
    OFFER.button(offered)
    OFFER.results(run)


OFFER = Offer(
    page="shakespeare",
    download=lambda: text_download,
    here=has_full,
    stamp=text.stamp,
    sources=("auto", "shakespeare"),
    label=f"Get Tiny Shakespeare ({DOWNLOAD_MB:.1f} MB)",
    help="Downloads a million characters of the plays from a public mirror into this computer's cache, and uses them.",
    stays="The built-in Sonnets stay in use.",
    arrived="Tiny Shakespeare has arrived on this server.",
)
