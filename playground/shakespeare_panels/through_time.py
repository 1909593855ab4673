"""'Through time': the net unrolled over a few characters, forward and back; and how far back an error reaches."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.nets.readings import NoAnswer
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.reach import Curve, compare, texts
from engines.nets.recurrent.taken import TakenText, capture, legible
from engines.nets.recurrent.unrolled import LONGEST, Walk, walk
from playground import jobs
from playground.figures.text_curves import Line, reach_figure
from playground.figures.text_places import spoken
from playground.figures.text_unrolled import moment_of, walk_html
from playground.shakespeare_panels.reading import OVERFLOWS
from playground.shakespeare_panels.taking import held, when
from playground.theme import is_dark

NAME = "text_time"
VIEWS = {"steps": "Step by step", "reach": "How far back"}
STRING, TICK, LAST = f"{NAME}.string", f"{NAME}.tick", f"{NAME}.last"
LAGS, GAINS, CLIPS = (
    (10, 20, 50, 100, 200),
    (0.5, 0.7, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0),
    (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
)
TEXTS = 8
_OFFERED = f"{NAME}.offered"


class Measured(NamedTuple):
    """Curves of the net as it was and of untrained ones. gain: of the untrained nets' weights from state to state."""

    taken: TakenText
    curves: list[Curve]
    lags: int
    gain: float


def draw(run: Any) -> None:
    """The panel."""
    view = st.segmented_control(
        "Show", list(VIEWS), format_func=VIEWS.__getitem__, default="steps", required=True, key=f"{NAME}.view"
    )
    if view == "steps":
        _steps(run)
    else:
        _reach(run)


# ---- step by step


def _steps(run: Any) -> None:
    st.caption(
        "The same net, drawn once for each character. Forward: what it read changes its state (stripes: ten of its units) and it "
        "guesses the next character. Back: the error of the guesses flows through every copy, and the magenta bars say how much "
        "arrives. Try the error of the last guess alone: how fast does it fade?"
    )
    taken = held(run, NAME)
    if taken is None:
        return
    _offer(_beginning(taken))
    left, right = st.columns([2, 1], gap="medium", vertical_alignment="bottom")
    typed = left.text_input(f"A short string, 2 to {LONGEST + 1} characters", key=STRING, max_chars=LONGEST + 1)
    last = right.toggle("Only the error of the last guess", key=LAST)
    encoded = taken.corpus.alphabet.encode(typed)
    if encoded.unknown:
        st.caption(f"Characters that training never saw are left out: {', '.join(map(spoken, encoded.unknown))}")
    if len(encoded.ids) < 2:
        st.info("Type at least two characters that the net knows.", icon=":material/keyboard:")
        return
    with st.spinner("Unrolling the net …"):
        found = walk(taken.experiment.net, taken.weights, encoded.ids, last)
    try:
        legible(OVERFLOWS, found.hidden, found.chances)
    except NoAnswer as problem:
        st.warning(str(problem), icon=":material/block:")
        return
    text = taken.corpus.alphabet.decode(encoded.ids)
    _walked(taken, text, found, last)


def _offer(beginning: str) -> None:
    """The string that the field begins with; of another text it is another one, unless the visitor has typed."""
    state = st.session_state
    if state.get(STRING, "") in ("", state.get(_OFFERED)):
        state[STRING] = beginning
    state[_OFFERED] = beginning


def _beginning(taken: TakenText) -> str:
    """The first line of the text kept for validation that is neither too short nor too long to show, else its beginning."""
    corpus = taken.corpus
    lines = corpus.alphabet.decode(corpus.validation[:2000]).split("\n")[1:]
    short = next((line for line in lines if 6 <= len(line) <= 16), "")
    return short or corpus.alphabet.decode(corpus.validation[:14]).replace("\n", " ").strip() or "ab"


def _walked(taken: TakenText, text: str, found: Walk, last: bool) -> None:
    steps = len(found.costs)
    st.session_state[TICK] = min(int(st.session_state.get(TICK, steps)), 2 * steps)
    back, slider, on = st.columns([1, 6, 1], gap="small", vertical_alignment="bottom")
    slider.slider(f"Moment: 1 to {steps} forward, then {steps + 1} to {2 * steps} back", 0, 2 * steps, key=TICK)
    back.button("Back", icon=":material/chevron_left:", key=f"{TICK}.back", width="stretch", on_click=_move, args=(-1, 2 * steps))
    on.button("On", icon=":material/chevron_right:", key=f"{TICK}.on", width="stretch", on_click=_move, args=(1, 2 * steps))
    moment = moment_of(int(st.session_state[TICK]), steps)
    norms = np.linalg.norm(found.gradients, axis=-1)
    alphabet = taken.corpus.alphabet.characters
    guesses = [(alphabet[int(row.argmax())], float(row.max())) for row in found.chances]
    st.html(walk_html(text, found.hidden, norms, found.costs, guesses, moment, dark=is_dark()))
    st.caption(_told(moment.forward, moment.backward, norms, found.costs, last))


def _move(by: int, most: int) -> None:
    st.session_state[TICK] = min(max(0, int(st.session_state.get(TICK, 0)) + by), most)


def _told(forward: int, backward: int, norms: np.ndarray, costs: np.ndarray, last: bool) -> str:
    """Where the walk stands, in a sentence."""
    steps = len(costs)
    if forward == 0:
        return "Nothing read yet: every state is 0. Press *On*."
    if forward < steps:
        return f"Step {forward} of {steps}: the guess cost {costs[forward - 1]:.3g} nats. The state goes on to the right."
    if backward == 0:
        return f"All read; {costs.mean():.3g} nats a guess. Press *On* to send the error back."
    here, top = steps - backward, norms[-1]
    share = top[here] / top[-1] if top[-1] > 0 else 0.0
    what = "the last guess" if last else "all guesses from there on"
    return (
        f"The error of {what}, {backward - 1} steps back: the gradient by the top layer's state has a norm of {top[here]:.2g}, "
        f"{share:.2g} times that at the last step."
    )


# ---- how far back


def _reach(run: Any) -> None:
    st.caption(
        "The gradient of the last character's cost by what the net held so many characters earlier. On a straight line down, "
        "each step back multiplies it by the same factor below 1: it vanishes. With larger recurrent weights it explodes "
        "instead. Clipping makes the whole gradient shorter, so it cures exploding, never vanishing; gates were invented against "
        "that."
    )
    one, two, three, go = st.columns([1.2, 1.2, 1.2, 1], gap="medium", vertical_alignment="bottom")
    lags = one.select_slider("Longest lag", LAGS, 50, key=f"{NAME}.lags", help="Characters.")
    gain = two.select_slider(
        "Recurrent weights ×",
        GAINS,
        1.0,
        format_func="{:g}".format,
        key=f"{NAME}.gain",
        help="Of the untrained nets, from state to state.",
    )
    clip = three.select_slider(
        "Clip the gradient at",
        CLIPS,
        0.0,
        format_func=lambda c: f"{c:g}" if c else "off",
        key=f"{NAME}.clip",
    )
    go.button(
        "Measure",
        icon=":material/timeline:",
        type="primary",
        key=f"{NAME}.go",
        width="stretch",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=_begin,
        args=(run, int(lags), float(gain)),
    )
    jobs.tell(NAME)
    measured: Measured | None = jobs.found(NAME, run.token)
    if measured is not None:
        _shown(measured, float(clip))


def _begin(run: Any, lags: int, gain: float) -> None:
    def work(progress: Any, cancelled: Any) -> Measured | None:
        taken = capture(run, cancelled)
        corpus, experiment = taken.corpus, taken.experiment
        ids = texts(corpus.validation, lags, TEXTS, experiment.seed)
        curves = compare(
            experiment.net, taken.weights, len(corpus.alphabet), ids, gain, experiment.seed, progress=progress, cancelled=cancelled
        )
        return curves and Measured(taken, curves, lags, gain)

    jobs.begin(NAME, run.token, "Sending errors back", work)


def _shown(measured: Measured, clip: float) -> None:
    net = measured.taken.experiment.net
    layer = 0
    if net.layers > 1:
        layer = (
            st.segmented_control("Layer", list(range(1, net.layers + 1)), default=net.layers, required=True, key=f"{NAME}.layer")
            - 1
        )
    layer = min(layer, net.layers - 1)
    lines = [line for curve in measured.curves for line in _lines(curve, layer, clip)]
    gained = f", with recurrent weights × {measured.gain:g}" if measured.gain != 1 else ""
    st.caption(
        f"{when(measured.taken)} Thick: your net as it was then. Thin: untrained nets of {net.layers} × {net.units} units{gained}. "
        f"Mean of {TEXTS} pieces of the validation text. Dashed: what is left after clipping, where that changes anything."
    )
    st.plotly_chart(
        reach_figure(lines, dark=is_dark()),
        key=f"{NAME}.chart",
        config={"displayModeBar": False},
        alt="Norm of the gradient against the lag.",
    )
    st.dataframe(
        [_row(curve, layer, clip) for curve in measured.curves],
        hide_index=True,
        key=f"{NAME}.table",
        column_config=_columns(measured),
        placeholder="–",
    )


def _label(curve: Curve) -> str:
    return f"{CELLS[curve.cell].label}, {'your net' if curve.trained else 'untrained'}"


def _lines(curve: Curve, layer: int, clip: float) -> list[Line]:
    lags, norms, factor = np.arange(curve.norms.shape[1]), curve.norms[layer].astype(np.float64), curve.factor(clip)
    whole = Line(_label(curve), curve.cell, lags, norms, wide=curve.trained)
    return (
        [whole] if factor == 1 else [whole, Line(f"{_label(curve)}, clipped", curve.cell, lags, norms * factor, curve.trained, 1)]
    )


def _row(curve: Curve, layer: int, clip: float) -> dict[str, Any]:
    norms = curve.norms[layer].astype(np.float64)
    each = (norms[-1] / norms[0]) ** (1 / max(1, len(norms) - 1)) if norms[0] > 0 else float("nan")
    return {
        "who": _label(curve),
        "now": norms[0],
        "far": norms[-1],
        "each": each,
        "length": curve.length,
        "factor": curve.factor(clip),
    }


def _columns(measured: Measured) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "who": st.column_config.TextColumn("Net", width="medium"),
        "now": number("Norm at lag 0", format="%.2g"),
        "far": number(f"Norm at lag {measured.lags}", format="%.2g"),
        "each": number("Factor a step", format="%.3f", help="Mean over all lags: below 1 the error vanishes, above 1 it explodes."),
        "length": number("Gradient by all weights", format="%.2g", help="Its norm is what clipping goes by."),
        "factor": number("Clipping multiplies by", format="%.2g"),
    }
