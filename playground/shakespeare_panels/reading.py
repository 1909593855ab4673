"""What the Inside panel knows of a net: how its units go along with features of the text, and what they do in a passage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.probing import Study, study
from engines.nets.recurrent.taken import TakenText, capture, legible
from engines.nets.recurrent.trackers import Tracking, track
from playground import jobs

NAME = "text_inside"
RANKED, MOST_NUMBERS = 6000, 40_000_000
"""Characters that units are ranked on, and numbers that may be kept of them."""
PASSAGE = 700
GATES = {
    "h": "Output h",
    "c": "Memory c",
    "i": "Input gate i",
    "f": "Forget gate f",
    "o": "Output gate o",
    "g": "New content g",
    "r": "Reset gate r",
    "z": "Keep gate z",
    "n": "New content n",
}
OPEN_OR_SHUT = ("i", "f", "o", "r", "z")
"""Gates lie between 0 and 1; everything else lies around 0."""
OVERFLOWS = "This net's numbers overflow while it reads, so there is nothing to see in them."
_STUDY = "text.inside.study"


class Looked(NamedTuple):
    """A net that was looked into. tracking: by gate. ranked: characters of the validation text that units were ranked on."""

    taken: TakenText
    tracking: dict[str, Tracking]
    ranked: int


class Passage(NamedTuple):
    """A piece of text that the net has read. unknown: characters that it does not know, left out."""

    text: str
    found: Study
    unknown: str


def begin(run: Any) -> None:
    """Look into the net as it is now, in the background."""

    def work(progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Looked | None:
        return look(capture(run, cancelled), progress, cancelled)

    jobs.begin(NAME, run.token, "Looking inside", work)


def look(taken: TakenText, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Looked | None:
    """Read the validation text's beginning and rank every unit by every feature, gate by gate; None when cancelled.

    Raises NoAnswer with a sentence where the net's numbers overflow on the way.
    """
    net, corpus = taken.experiment.net, taken.corpus
    gates = CELLS[net.cell].gates
    count = min(RANKED, len(corpus.validation), MOST_NUMBERS // (len(gates) * net.layers * net.units))
    ids = corpus.validation[:count].astype(np.int32)
    read = study(net, taken.weights, ids, taken.experiment.data.sequence)
    legible(OVERFLOWS, read.surprise, *read.hidden.values())
    text, tracking = corpus.alphabet.decode(ids), {}
    for i, gate in enumerate(gates):
        progress((i + 1) / (len(gates) + 1))
        if cancelled():
            return None
        tracking[gate] = track(read.hidden[gate], text)
    return Looked(taken, tracking, count)


def passage(taken: TakenText, text: str) -> Passage | None:
    """What the net does while it reads `text`; kept for the next drawing of the page. None where it knows none of it."""
    key = (taken.key, text)
    kept, found = st.session_state.get(_STUDY, (None, None))
    if kept == key:
        return found
    encoded = taken.corpus.alphabet.encode(text)
    if not len(encoded.ids):
        return None
    ids = encoded.ids.astype(np.int32)
    with st.spinner("The net reads it …"):
        read = study(taken.experiment.net, taken.weights, ids, taken.experiment.data.sequence)
    found = Passage(taken.corpus.alphabet.decode(ids), read, encoded.unknown)
    st.session_state[_STUDY] = (key, found)
    return found


def highest(gate: str, values: np.ndarray) -> float:
    """What gets the full colour: 1 for gates and what tanh gives, else a value that one in fifty is beyond."""
    if gate in ("c",) or np.abs(values).max(initial=0) > 1.001:
        return max(float(np.quantile(np.abs(values.astype(np.float32)), 0.98)), 1e-6)
    return 1.0
