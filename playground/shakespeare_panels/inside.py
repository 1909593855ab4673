"""'Inside': a passage coloured by what a unit, a gate or the net's surprise does in it; which units keep track of what."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import streamlit as st

from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.phrases import matches, units_through
from engines.nets.recurrent.taken import character_map
from engines.nets.recurrent.trackers import FEATURES, Found, best, tracked
from playground import jobs
from playground.figures.text_colour import SURPRISING, coloured, scale
from playground.figures.text_places import characters_figure, spoken, strip_figure
from playground.shakespeare_panels.reading import GATES, NAME, OPEN_OR_SHUT, PASSAGE, Looked, Passage, begin, highest, passage
from playground.shakespeare_panels.taking import when
from playground.theme import is_dark

VIEWS = {"unit": "A unit", "phrase": "A phrase", "surprise": "Surprise", "map": "Characters"}
VIEW, GATE, LAYER, UNIT, FEATURE = (f"{NAME}.{part}" for part in ("view", "gate", "layer", "unit", "feature"))
PICKED, SOURCE, PLACE, TYPED, PHRASE = (f"{NAME}.{part}" for part in ("picked", "source", "place", "typed", "phrase"))
MOST_TYPED, MOST_ROWS, AROUND = 2000, 12, 18


def draw(run: Any) -> None:
    """The panel."""
    st.caption(
        "A passage of the text, coloured by what one unit does at each character: orange below zero, blue above. Choose what a "
        "unit might keep track of, and take the one that does it best; then train on, look again, and see whether it got better."
    )
    st.button(
        "Look inside now",
        icon=":material/visibility:",
        type="primary",
        key=f"{NAME}.go",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way()
        or "Copies the net as it is, lets it read text that it never learned, and ranks its units. Training goes on meanwhile.",
        on_click=begin,
        args=(run,),
    )
    jobs.tell(NAME)
    looked: Looked | None = jobs.found(NAME, run.token)
    if looked is None:
        return
    before, now = looked.taken.experiment, run.experiment
    if (before.net, before.data.source, before.data.own) != (now.net, now.data.source, now.data.own):
        if not jobs.is_running(NAME):
            st.info("This is another net, or another text, than the one looked at last. Look again.", icon=":material/refresh:")
        return
    st.markdown(when(looked.taken))
    view = st.segmented_control("Show", list(VIEWS), format_func=VIEWS.__getitem__, default="unit", required=True, key=VIEW)
    if view == "map":
        _map(looked)
        return
    found = passage(looked.taken, _chosen_text(looked))
    if found is None:
        st.warning("The net knows none of these characters.", icon=":material/block:")
        return
    if found.unknown:
        named = ", ".join(html.escape(spoken(c)) for c in found.unknown[:12])
        st.caption(f"Characters that training never saw are left out: {named}{' …' if len(found.unknown) > 12 else ''}")
    {"unit": _unit_view, "phrase": _phrase_view, "surprise": _surprise_view}[view](looked, found)


def _chosen_text(looked: Looked) -> str:
    """A place of the validation text, or what was typed."""
    corpus = looked.taken.corpus
    source, which = st.columns([1, 2.2], gap="medium", vertical_alignment="bottom")
    names = {"text": "From the text", "typed": "Typed"}
    kind = source.segmented_control(
        "Passage", list(names), format_func=names.__getitem__, default="text", required=True, key=SOURCE
    )
    if kind == "typed":
        text = which.text_area("Your text", key=TYPED, max_chars=MOST_TYPED, height=90, placeholder="Type or paste a few lines")
        if text.strip():
            return text
    last = max(0, len(corpus.validation) - PASSAGE)
    place = 0
    if kind == "text" and last:
        share = which.slider("Where in the text kept for validation, %", 0, 100, 0, key=PLACE)
        place = round(last * share / 100)
    return corpus.alphabet.decode(corpus.validation[place : place + PASSAGE])


# ---- a unit


def _unit_view(looked: Looked, found: Passage) -> None:
    net = looked.taken.experiment.net
    gate = _gate(net)
    _ranking(looked, gate)
    left, right = st.columns(2, gap="medium")
    layer = _layer(net, left)
    st.session_state[UNIT] = min(max(1, int(st.session_state.get(UNIT, 1))), net.units)
    unit = int(right.number_input(f"Unit, 1 to {net.units}", 1, net.units, key=UNIT)) - 1
    values = found.found.hidden[gate][layer, :, unit].astype(np.float32)
    high = highest(gate, found.found.hidden[gate][layer])
    titles = [f"{spoken(c)}: {value:.3g}" for c, value in zip(found.text, values.tolist(), strict=True)]
    name = f"The passage, coloured by {GATES[gate]} of unit {unit + 1} in layer {layer + 1}"
    st.html(coloured(found.text, values, high, dark=is_dark(), name=name, titles=titles))
    low = "" if gate in OPEN_OR_SHUT else f"{-high:.2g}"
    st.html(scale(low, "0", f"{high:.2g}", dark=is_dark()))


def _gate(net: Any) -> str:
    gates = CELLS[net.cell].gates
    if st.session_state.get(GATE) not in gates:
        st.session_state[GATE] = gates[0]
    if len(gates) == 1:
        return gates[0]
    return st.segmented_control(
        "What of the unit",
        list(gates),
        format_func=GATES.__getitem__,
        required=True,
        key=GATE,
        help=f"$${CELLS[net.cell].formula}$$ Gates are 0 (shut) to 1 (open).",
    )


def _layer(net: Any, place: Any) -> int:
    if st.session_state.get(LAYER) not in range(1, net.layers + 1):
        st.session_state[LAYER] = 1
    if net.layers == 1:
        place.markdown("Layer 1 of 1")
        return 0
    return place.segmented_control("Layer", list(range(1, net.layers + 1)), required=True, key=LAYER) - 1


def _ranking(looked: Looked, gate: str) -> None:
    """What units might keep track of, and those that do it best."""
    left, right = st.columns([1, 2.2], gap="medium")
    if FEATURE not in st.session_state:
        st.session_state[FEATURE] = tracked(looked.tracking[gate])
    feature = left.selectbox(
        "Which unit keeps track of …",
        list(FEATURES),
        format_func=FEATURES.labels().__getitem__,
        key=FEATURE,
        on_change=_forget_picked,
    )
    ranked = best(looked.tracking[gate], feature, most=6)
    if not ranked:
        right.caption(f"{FEATURES[feature].help} Too seldom in this text to tell.")
        return
    key = f"{PICKED}.{feature}.{gate}"
    if st.session_state.get(PICKED) != (looked.taken.key, feature, gate):
        st.session_state[PICKED] = (looked.taken.key, feature, gate)
        st.session_state[key] = 0
        _take_unit(ranked[0])

    def picked() -> None:
        if st.session_state[key] is not None:
            _take_unit(ranked[st.session_state[key]])

    layers = looked.taken.experiment.net.layers
    right.pills(
        "The best, and how closely each goes along",
        list(range(len(ranked))),
        format_func=lambda i: _named(ranked[i], layers),
        key=key,
        on_change=picked,
        help="1: exactly; 0: not at all; below 0: the other way round. The correlation, or for yes or no twice the area under the "
        f"ROC curve less 1. Chosen on one half of {looked.ranked:,} characters of the validation text, measured on the other half.",
    )
    right.caption(FEATURES[feature].help)


def _forget_picked() -> None:
    st.session_state.pop(PICKED, None)


def _take_unit(found: Found) -> None:
    st.session_state[LAYER], st.session_state[UNIT] = found.layer + 1, found.unit + 1


def _named(found: Found, layers: int) -> str:
    where = f"layer {found.layer + 1}, " if layers > 1 else ""
    return f"{where}unit {found.unit + 1}: {found.judged:+.2f}"


# ---- a phrase


def _phrase_view(looked: Looked, found: Passage) -> None:
    net, dark = looked.taken.experiment.net, is_dark()
    st.caption("Type a phrase of the passage: which units stay on all through it, and where else are the same ones on?")
    if st.session_state.get(f"{PHRASE}.of") != found.text or PHRASE not in st.session_state:
        st.session_state[f"{PHRASE}.of"], st.session_state[PHRASE] = found.text, _first_phrase(found.text)
    phrase = st.text_input("Phrase", key=PHRASE, max_chars=80)
    gate = _gate(net)
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="center")
    layer = _layer(net, left)
    edges = right.toggle("Off just before and after", key=f"{NAME}.edges")
    share = st.slider("On means beyond this share of the scale", 0.05, 0.95, 0.3, 0.05, key=f"{NAME}.threshold")
    start = found.text.find(phrase) if phrase else -1
    if start < 0:
        st.info("The passage does not have this phrase.", icon=":material/search_off:")
        return
    shown = found.found.hidden[gate][layer].astype(np.float32)
    high = highest(gate, shown)
    stop = start + len(phrase)
    units = units_through(shown, start, stop, share * high, edges)
    if not units:
        st.info("No unit stays on through all of it. Choose a shorter phrase or a lower threshold.", icon=":material/search_off:")
        return
    st.caption(f"{len(units):,} of {net.units} units stay on through it; those that fit it most tightly come first.")
    window = slice(max(0, start - AROUND), min(len(found.text), stop + AROUND))
    rows = units[:MOST_ROWS]
    strip = np.stack([shown[window, one.unit] for one in rows])
    labels = [f"unit {one.unit + 1}{' (below 0)' if one.sign < 0 else ''}" for one in rows]
    figure = strip_figure(found.text[window], labels, strip, high, low=0.0 if gate in OPEN_OR_SHUT else -high, dark=dark)
    st.plotly_chart(figure, key=f"{NAME}.strip", config={"displayModeBar": False}, alt="Units that stay on, beside the phrase.")
    _matches(found, shown, rows, share * high, (start, stop))


def _first_phrase(text: str) -> str:
    """A word to begin with: the first of at least four letters."""
    words = "".join(c if c.isalpha() else " " for c in text).split()
    return next((word for word in words if len(word) >= 4), text[:4])


def _matches(found: Passage, shown: np.ndarray, rows: list[Any], threshold: float, phrase: tuple[int, int]) -> None:
    others = [m for m in matches(shown, rows, threshold) if m.stop <= phrase[0] or m.start >= phrase[1]]
    st.html(
        coloured(
            found.text, np.zeros(len(found.text)), 1.0, dark=is_dark(), name="The passage with the phrase framed", marked=phrase
        )
    )
    if not others:
        st.caption("Nowhere else in the passage are they on together.")
        return
    table = [
        {
            "text": found.text[m.start : m.stop].replace("\n", "↵"),
            "from": m.start + 1,
            "length": m.stop - m.start,
            "units": 100 * m.share,
        }
        for m in others
    ]
    st.markdown("**Where the same units are on**")
    columns = {
        "text": st.column_config.TextColumn("Text", width="large"),
        "from": st.column_config.NumberColumn("From character"),
        "length": st.column_config.NumberColumn("Characters"),
        "units": st.column_config.NumberColumn("Units on all through, %", format="%.0f"),
    }
    st.dataframe(table, hide_index=True, key=f"{NAME}.matches", column_config=columns)


# ---- surprise, and the characters


def _surprise_view(looked: Looked, found: Passage) -> None:
    """The first character has nothing before it and is left out of the mean."""
    read, alphabet = found.found, looked.taken.corpus.alphabet.characters
    titles = [f"{spoken(found.text[0])}: nothing before it"]
    for i in range(1, len(found.text)):
        expected = ", ".join(
            f"{spoken(alphabet[k])} {p:.0%}" for k, p in zip(read.top[i - 1][:3], read.chances[i - 1][:3], strict=True)
        )
        titles.append(f"{spoken(found.text[i])}: {read.surprise[i]:.2f} nats; expected {expected}")
    mean = float(read.surprise[1:].mean()) if len(found.text) > 1 else float(read.surprise[0])
    st.caption(
        f"How unexpected each character was: {mean:.3g} nats on average in this passage. The beginnings of words surprise, their "
        "ends hardly. Point at a character to see what the net expected there."
    )
    shown = np.concatenate([[0.0], read.surprise[1:]])
    st.html(
        coloured(
            found.text, shown, SURPRISING, dark=is_dark(), name="The passage, coloured by surprise", surprise=True, titles=titles
        )
    )
    st.html(scale("", "expected", f"surprising ({SURPRISING:g} nats)", dark=is_dark(), surprise=True))


def _map(looked: Looked) -> None:
    taken = looked.taken
    what = (
        f"{taken.experiment.net.embedding} numbers of its embedding"
        if taken.experiment.net.embedding
        else "weights that read it first"
    )
    st.caption(
        f"Every character of the alphabet, placed by the {what}, in the two directions that hold most of their variance. Before "
        "training they lie anyhow; later vowels come together, and so do capitals. Look again after a while."
    )
    found = character_map(taken.weights)
    axes = tuple(f"direction {i + 1} ({100 * share:.3g} % of the variance)" for i, share in enumerate(found.shares))
    figure = characters_figure(taken.corpus.alphabet.characters, found.points, axes, dark=is_dark())
    st.plotly_chart(figure, key=f"{NAME}.map", config={"displayModeBar": False}, alt="Map of the characters.")
