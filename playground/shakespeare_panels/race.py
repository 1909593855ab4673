"""'Race': two nets learn the same text from the same seed, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.data import text
from engines.data.sources import DataProblem
from engines.data.text import Corpus
from engines.experiment import Experiment
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import parameter_count
from engines.sequences.text_race import Racer, Standing, TextRace
from playground import jobs
from playground.digits_panels.turns import begin, buttons, outcome
from playground.figures.text_curves import Line, axis_of, loss_figure
from playground.theme import is_dark

NAME = "text_race"
CHARACTERS = (20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000)
UNITS, LAYERS = (16, 32, 64, 128, 256, 512), (1, 2, 3)
RATES = {"rnn": 0.003, "gru": 0.01, "lstm": 0.01, "transformer": 0.003}
"""A good one for each cell at a batch of 32, which a change of the cell sets."""
CHOICES = (0.0003, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03)
WORDS = {
    "waiting": "waiting",
    "preparing": "being prepared",
    "training": "on its way",
    "done": "arrived",
    "diverged": "diverged: its numbers overflowed",
    "failed": "could not be built",
    "stopped": "stopped on its way",
}
_WORK, _TOLD = f"{NAME}.work", f"{NAME}.told"


def draw(run: Any) -> None:
    """The panel."""
    st.caption(
        "Two nets learn the page's text from the same seed and see as many characters. Choose two cells, or the same one with "
        "more units, and look at the curves by characters first, then by seconds: who learns more from each character need not "
        "be the quicker."
    )
    experiment = run.experiment
    left, right = st.columns(2, gap="large")
    with left:
        one = _racer(experiment, "a", experiment.net.cell)
    with right:
        two = _racer(experiment, "b", "lstm" if experiment.net.cell != "lstm" else "rnn")
    characters = st.select_slider(
        "How far, in characters", CHARACTERS, 200_000, format_func="{:,}".format, key=f"{NAME}.characters"
    )
    work: TextRace | None = st.session_state.get(_WORK)
    buttons(NAME, "Racing", work, lambda: _start([one, two], int(characters)), "Start the race")
    for told in st.session_state.pop(_TOLD, []):
        st.warning(told, icon=":material/block:")
    outcome(NAME, work, work.share if work else 0.0)
    if work is not None:
        _shown(work)


# ---- who races


def _racer(experiment: Experiment, side: str, cell: str) -> Racer:
    """One side's menus; they begin as the page's own net, the second with another cell."""
    net = experiment.net
    keys = {part: f"{NAME}.{side}.{part}" for part in ("cell", "layers", "units", "rate")}
    state = st.session_state
    state.setdefault(keys["cell"], cell)
    state.setdefault(keys["layers"], net.layers)
    state.setdefault(keys["units"], net.units)
    state.setdefault(keys["rate"], experiment.learning_rate if cell == net.cell else RATES[cell])

    def changed() -> None:
        state[keys["rate"]] = RATES[state[keys["cell"]]]

    chosen = st.selectbox(
        "First net" if side == "a" else "Second net",
        list(CELLS),
        format_func=CELLS.labels().__getitem__,
        key=keys["cell"],
        on_change=changed,
        help=f"$${CELLS[state[keys['cell']]].formula}$$",
    )
    a, b, c = st.columns(3, gap="small")
    layers = a.select_slider("Layers", LAYERS, key=keys["layers"])
    units = b.select_slider("Units", sorted({*UNITS, state[keys["units"]]}), key=keys["units"])
    rate = c.select_slider("Learning rate", sorted({*CHOICES, state[keys["rate"]]}), format_func="{:.3g}".format, key=keys["rate"])
    changed_net = experiment.change(net__cell=chosen, net__layers=int(layers), net__units=int(units), learning_rate=float(rate))
    return Racer(f"{CELLS[chosen].label}, {layers} × {units}, rate {rate:.3g}", changed_net)


def apart(racers: list[Racer]) -> list[Racer]:
    """With labels that are all different. Raises ValueError with a sentence where the two are the same net."""
    if racers[0].experiment == racers[1].experiment:
        raise ValueError("These two are the same net: change something of one of them.")
    return racers


def _start(racers: list[Racer], characters: int) -> None:
    try:
        work = TextRace(apart(racers), characters)
    except ValueError as problem:
        st.session_state[_TOLD] = [str(problem)]
        return
    before: TextRace | None = st.session_state.get(_WORK)
    if before is not None:
        before.cancel()
    st.session_state[_WORK] = work
    begin(NAME, "Racing", work)


# ---- how it goes


def _shown(work: TextRace) -> None:
    seconds = (
        st.segmented_control("Against", ["Characters", "Seconds"], default="Characters", required=True, key=f"{NAME}.x")
        == "Seconds"
    )
    dark = is_dark()
    if not jobs.partial(NAME, lambda: standing(work, seconds, dark, None)):
        standing(work, seconds, dark, _moment(work))


def _moment(work: TextRace) -> int | None:
    """Which samples the visitor wants to see side by side, once there are several; the last ones unless chosen."""
    least = min((len(s.samples) for s in work.snapshot()), default=0)
    if least < 2:
        return None
    key = f"{NAME}.moment"
    st.session_state[key] = min(int(st.session_state.get(key, least)), least)
    return st.slider("Samples of measurement", 1, least, key=key, help="From the first, untrained, to the last.") - 1


def standing(work: TextRace, seconds: bool, dark: bool, moment: int | None) -> None:
    """The curves, the table and the samples as they are now."""
    now = work.snapshot()
    if work.doing:
        st.caption(f":material/directions_run: {work.doing[0].upper()}{work.doing[1:]}")
    lines = _lines(work, now, seconds)
    if not lines:
        return
    st.plotly_chart(
        loss_figure(lines, _levels(work), axis_of(seconds), dark=dark),
        key=f"{NAME}.chart",
        config={"displayModeBar": False},
        alt="Validation loss of both nets as they learn.",
    )
    st.dataframe(table(work, now), hide_index=True, key=f"{NAME}.table", column_config=_columns(), placeholder="–")
    st.caption(
        "Measured on the same first part of the validation text. Seconds are those of each net's own training on this server, "
        "without compiling, measuring and writing."
    )
    for place, one in zip(st.columns(len(now), gap="medium"), now, strict=True):
        with place:
            _sample(one, moment)


def _lines(work: TextRace, now: tuple[Standing, ...], seconds: bool) -> list[Line]:
    seen: dict[str, int] = {}
    lines = []
    for racer, one in zip(work.racers, now, strict=True):
        cell = racer.experiment.net.cell
        dash = seen[cell] = seen.get(cell, -1) + 1
        if len(one.rows):
            lines.append(Line(one.label, cell, one.rows[:, 1 if seconds else 0], one.rows[:, 2], dash=dash))
    return lines


def table(work: TextRace, now: tuple[Standing, ...]) -> list[dict[str, Any]]:
    """A row a net, in the order of the menus."""
    rows = []
    for racer, one in zip(work.racers, now, strict=True):
        last = one.rows[-1] if len(one.rows) else np.full(3, np.nan)
        alphabet = _alphabet_size(racer.experiment)
        rows.append(
            {
                "who": one.label,
                "nats": last[2],
                "characters": last[0],
                "seconds": last[1],
                "speed": float(f"{one.speed:.3g}") or None,
                "weights": parameter_count(racer.experiment.net, alphabet) if alphabet else None,
                "status": one.told or WORDS[one.status],
            }
        )
    return rows


def _corpus(experiment: Experiment) -> Corpus | None:
    try:
        return text.corpus(experiment.data)
    except (ValueError, DataProblem):
        return None


def _alphabet_size(experiment: Experiment) -> int:
    found = _corpus(experiment)
    return len(found.alphabet) if found else 0


def _levels(work: TextRace) -> dict[str, float]:
    """What guessing by letter pairs costs on this text."""
    found = _corpus(work.racers[0].experiment)
    return {"by letter pairs": float(found.baselines.bigram)} if found else {}


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "who": st.column_config.TextColumn("Net", width="medium"),
        "nats": number("Nats a character", format="%.3f"),
        "characters": number("Characters", format="localized"),
        "seconds": number("Seconds", format="%.2f"),
        "speed": number("Characters/s", format="localized"),
        "weights": number("Weights", format="localized"),
        "status": st.column_config.TextColumn("", width="medium"),
    }


def _sample(one: Standing, moment: int | None) -> None:
    """What this net wrote at a moment, with the same luck as the other."""
    if not one.samples:
        return
    at = len(one.samples) - 1 if moment is None else min(moment, len(one.samples) - 1)
    characters, _, nats = one.rows[at]
    st.markdown(f"**{one.label}** after {characters:,.0f} characters ({nats:.3g} nats)")
    st.code(one.samples[at], language=None, wrap_lines=True)
