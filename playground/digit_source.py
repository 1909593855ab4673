"""Which digits a run learns from: the sentence that says so, and the offer to fetch the full set."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.data import digits
from engines.data.download import digits_download
from playground.offer import Offer

FULL_TRAIN, BUILTIN_TRAIN = 60_000, digits.CLASSES * digits.BUILTIN_TRAIN_PER_CLASS
DOWNLOAD_MB = sum(file.size_bytes for file in digits.FILES.values()) / 1e6


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
    said, offered = st.columns([3, 1], vertical_alignment="center", gap="small")
    said.markdown(f":material/database: **Digits in use.** {sentence(run.experiment.data.source)}")
    OFFER.button(offered)
    OFFER.results(run)


OFFER = Offer(
    page="digits",
    download=lambda: digits_download,
    here=has_full,
    stamp=digits.stamp,
    sources=("auto", "full"),
    label=f"Get all 70,000 ({DOWNLOAD_MB:.0f} MB)",
    help="Downloads MNIST from a public mirror into this computer's cache, checks it, and uses it from then on.",
    stays=f"The {BUILTIN_TRAIN + 1000:,} built-in digits stay in use.",
    arrived="The full MNIST has arrived on this server.",
)
