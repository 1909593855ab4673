"""Race: several nets learn the digits side by side, from the same start, with the same digits in the same order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from engines.experiment import Experiment
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from engines.trials import Contestant, Knob, Trials, knobs
from engines.trials.score import PLACES, QUANTITIES, bands, scores
from engines.trials.trials import MOST_CONTESTANTS, MOST_SEEDS, Snapshot
from playground import jobs
from playground.digits_panels.turns import begin, buttons, outcome
from playground.figures.trials import Curve, race_figure
from playground.theme import is_dark

NAME = "digits.race"
EPOCHS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 50, 100]
LEVELS = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50]
FIRST = ("optimizer", "learning_rate", "activation")
RIVALS = ("sgd", "momentum", "adam", "rmsprop")
_CAST, _RACE, _TOLD = f"{NAME}.cast", f"{NAME}.trials", f"{NAME}.told"
_NOW, _PRESET = "now", "preset"
CHANGED = ":material/history: The curves below are of the race as it was started: the contestants above have been changed since."
WORDS = {
    "waiting": "waiting",
    "training": "on its way",
    "stopped": "stopped on its way",
    "done": "arrived",
    "early": "stopped early by its own patience",
    "diverged": "diverged: its numbers overflowed",
    "failed": "could not be built",
}


class View(NamedTuple):
    """What the visitor wants to see: keys of QUANTITIES and PLACES, and a test error in %."""

    quantity: str
    place: str
    level: float


def draw(run: Any) -> None:
    """Who races, how long, the curves as they grow, and the scoreboard."""
    st.caption(
        "Nets learn side by side from the same first weights and see the same digits in the same order; one thing is different. "
        "Several seeds show what is luck: the band reaches from the best to the worst of them."
    )
    cast = cast_of(run.experiment)
    _adding(run.experiment, cast)
    _chips(cast)
    seeds, epochs = _numbers()
    race: Trials | None = st.session_state.get(_RACE)
    buttons(NAME, "Racing", race, lambda: _start(cast, seeds, epochs), "Start the race")
    for told in st.session_state.pop(_TOLD, []):
        st.warning(told, icon=":material/block:")
    outcome(NAME, race, race.share if race else 0.0)
    if race is not None:
        if [c.experiment for c in race.contestants] != [c.experiment for c in cast]:
            st.caption(CHANGED)
        _shown(race)


# ---- who races


def cast_of(experiment: Experiment) -> list[Contestant]:
    """The contestants of this session; until somebody is added or removed, the page's net and the same with other optimizers."""
    kept = st.session_state.get(_CAST)
    return list(kept) if kept is not None else usual_cast(experiment)


def usual_cast(experiment: Experiment) -> list[Contestant]:
    """The experiment as it is, and with three other optimizers."""
    optimizer = next(knob for knob in knobs(experiment) if knob.key == "optimizer")
    rivals = [key for key in RIVALS if key != experiment.optimizer.key][:3]
    return [as_it_is(experiment), *(contestant(experiment, optimizer, key) for key in rivals)]


def as_it_is(experiment: Experiment) -> Contestant:
    """The experiment itself."""
    return Contestant(f"As it is: {_optimizer(experiment)}", experiment)


def contestant(experiment: Experiment, knob: Knob, value: Any) -> Contestant:
    """The experiment with one thing changed. Raises ValueError with a sentence where that cannot be."""
    changed = knob.change(experiment, value)
    return Contestant(_optimizer(changed) if knob.key == "optimizer" else f"{knob.label}: {knob.text(value)}", changed)


def _optimizer(experiment: Experiment) -> str:
    return f"{OPTIMIZERS[experiment.optimizer.key].label}, rate {experiment.learning_rate:.3g}"


def from_preset(experiment: Experiment, key: str) -> Contestant:
    """A preset, on the digits that the page uses."""
    data = experiment.data
    taken = PRESETS[key].experiment.change(data__source=data.source, data__train_count=data.train_count)
    return Contestant(PRESETS[key].label, taken)


def joined(cast: list[Contestant], new: Contestant) -> list[Contestant]:
    """The cast with one more. Raises ValueError with a sentence where that one is there already, or nobody else fits."""
    if len(cast) >= MOST_CONTESTANTS:
        raise ValueError(f"{MOST_CONTESTANTS} contestants are the most; remove one first.")
    twin = next((c for c in cast if c.experiment == new.experiment), None)
    if twin is not None:
        raise ValueError(f"That one races already, as *{twin.label}*.")
    labels = {c.label for c in cast}
    numbered = (f"{new.label} ({n})" for n in range(2, MOST_CONTESTANTS + 2))
    label = new.label if new.label not in labels else next(text for text in numbered if text not in labels)
    return [*cast, Contestant(label, new.experiment)]


def _adding(experiment: Experiment, cast: list[Contestant]) -> None:
    """What to add, which one, and the button."""
    found = {knob.key: knob for knob in sorted(knobs(experiment), key=_rank)}
    names = {key: f"Another {knob.label[0].lower()}{knob.label[1:]}" for key, knob in found.items()}
    names |= {_NOW: "As it is now on the page", _PRESET: "A preset"}
    what, which, add = st.columns([1.3, 1.3, 0.7], vertical_alignment="bottom", gap="small")
    key = f"{NAME}.what"
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    chosen = what.selectbox("Add a contestant", names, format_func=names.__getitem__, key=key)
    with which:
        make = _which(experiment, chosen, found.get(chosen))

    def added() -> None:
        try:
            st.session_state[_CAST] = joined(cast, make())
        except ValueError as problem:
            st.session_state[_TOLD] = [str(problem)]

    add.button("Add", icon=":material/add:", key=f"{NAME}.add", width="stretch", on_click=added)


def _rank(knob: Knob) -> int:
    """What is tried most often stands first."""
    return FIRST.index(knob.key) if knob.key in FIRST else len(FIRST)


def _which(experiment: Experiment, what: str, knob: Knob | None) -> Callable[[], Contestant]:
    """The second menu; returns what makes the contestant from what stands in it when the button is pressed."""
    key = f"{NAME}.which.{what}"
    if what == _NOW:
        return lambda: as_it_is(experiment)
    if knob is None:
        presets = [key for key, preset in PRESETS.items() if preset.page == "digits"]
        st.selectbox("Which", presets, format_func=lambda k: PRESETS[k].label, key=key)
        return lambda: from_preset(experiment, st.session_state[key])
    if knob.axis.options is not None:
        now = knob.read(experiment)
        others = [k for k in knob.axis.options if k != now]
        st.selectbox("Which", others, format_func=knob.text, key=key, help=knob.axis.help)
    else:
        usual = knob.values(experiment, 5)[-2:][0]
        st.number_input("Which", value=float(usual), format="%.6g", key=key, help=knob.axis.help)
    return lambda: contestant(experiment, knob, st.session_state[key])


def _chips(cast: list[Contestant]) -> None:
    labels = [c.label for c in cast]
    key = f"{NAME}.chips"
    st.session_state[key] = labels
    chips, reset = st.columns([4, 1], vertical_alignment="bottom", gap="small")

    def removed() -> None:
        st.session_state[_CAST] = [c for c in cast if c.label in st.session_state[key]]

    chips.pills(
        f"Contestants, at most {MOST_CONTESTANTS}; click one to take it out",
        labels,
        selection_mode="multi",
        format_func=lambda label: f"{label} :material/close:",
        key=key,
        on_change=removed,
        wrap=True,
    )
    reset.button("Reset", icon=":material/undo:", key=f"{NAME}.reset", width="stretch", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(_CAST, None)


def _numbers() -> tuple[int, float]:
    left, right = st.columns(2, gap="medium")
    seeds = left.select_slider(
        "Seeds", range(1, MOST_SEEDS + 1), 2, key=f"{NAME}.seeds", help="Each contestant runs once with each."
    )
    epochs = right.select_slider(
        "How long, in epochs", EPOCHS, 3, format_func=lambda n: f"{n:g}", key=f"{NAME}.epochs", help="All see equally many digits."
    )
    return int(seeds), float(epochs)


def _start(cast: list[Contestant], seeds: int, epochs: float) -> None:
    try:
        race = Trials(cast, seeds, epochs)
    except ValueError as problem:
        st.session_state[_TOLD] = [str(problem)]
        return
    before: Trials | None = st.session_state.get(_RACE)
    if before is not None:
        before.cancel()
    st.session_state[_RACE] = race
    begin(NAME, "Racing", race)


# ---- how it goes


def _shown(race: Trials) -> None:
    view = _view()
    dark = is_dark()
    if not jobs.partial(NAME, lambda: standing(race, view, dark)):
        standing(race, view, dark)


def _view() -> View:
    a, b, c = st.columns(3, gap="small")
    quantity = a.selectbox("Show", list(QUANTITIES), format_func=lambda k: QUANTITIES[k].label, key=f"{NAME}.quantity")
    place = b.selectbox("Against", list(PLACES), format_func=lambda k: PLACES[k].label, key=f"{NAME}.place", help=_help_of(PLACES))
    level = c.select_slider(
        "Time to a test error of", LEVELS, 5, format_func=lambda n: f"{n:g} %", key=f"{NAME}.level", help="For the scoreboard."
    )
    return View(quantity, place, float(level))


def _help_of(table: Any) -> str:
    return "  \n".join(f"**{entry.label}**: {entry.help}" for entry in table.values())


def standing(race: Trials, view: View, dark: bool) -> None:
    """The curves and the scoreboard as they are now."""
    now = race.snapshot()
    if now.doing:
        st.caption(f":material/directions_run: {now.doing[0].upper()}{now.doing[1:]}")
    quantity, place = QUANTITIES[view.quantity], PLACES[view.place]
    found = curves(race, now, view)
    if not any(len(curve.x) for curve in found):
        return
    st.plotly_chart(
        race_figure(found, _titled(place), _titled(quantity), dark=dark),
        key=f"{NAME}.chart",
        config={"displayModeBar": False},
        alt=f"{quantity.label} of every contestant against {place.label.lower()}.",
    )
    lines = table(race, now, view.level)
    columns = _columns(view.level)
    columns |= {name: None for name in columns if not any(line[name] for line in lines)}
    st.dataframe(lines, hide_index=True, key=f"{NAME}.scores", column_config=columns)
    st.caption(
        "The ends of epochs and of the race are measured on all test digits, points between on the first 1,000. Seconds are those "
        "of the contestant's own training on this server, without compiling and measuring; the mean of its seeds."
    )
    for score, who in zip(scores(now, view.level), race.contestants, strict=True):
        if score.told:
            st.caption(f":material/block: {who.label}: {score.told}")


def _titled(quantity: Any) -> str:
    return f"{quantity.label}, {quantity.unit}" if quantity.unit else quantity.label


def curves(race: Trials, now: Snapshot, view: View) -> list[Curve]:
    """The contestants' curves, for the figure."""
    found = zip(race.contestants, bands(now, view.quantity, view.place), strict=True)
    return [Curve(c.label, c.experiment.optimizer.key, *band) for c, band in found]


def table(race: Trials, now: Snapshot, level: float) -> list[dict[str, Any]]:
    """A row a contestant, the smallest error first."""
    rows = []
    for who, score in zip(race.contestants, scores(now, level), strict=True):
        some = f"{score.diverged} of {score.seeds} diverged; the rest " if 0 < score.diverged < score.seeds else ""
        known = score.error == score.error
        rows.append(
            {
                "who": who.label,
                "error": score.error if known else None,
                "range": f"{score.least:.3g} to {score.greatest:.3g}" if known and score.seeds > 1 else "",
                "seconds_to": score.seconds_to if score.reached else None,
                "digits_to": round(score.digits_to) if score.reached else None,
                "reached": f"{score.reached} of {score.seeds}",
                "seconds": score.seconds if score.seconds == score.seconds else None,
                "status": some + WORDS[score.status],
            }
        )
    return sorted(rows, key=lambda row: (row["error"] is None, row["error"]))


def _columns(level: float) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "who": st.column_config.TextColumn("Contestant", width="medium"),
        "error": number("Test error, %", format="%.2f", help="Mean of the seeds that have not diverged."),
        "range": "Best to worst seed",
        "seconds_to": number(f"Seconds to {level:g} %", format="%.2f"),
        "digits_to": number(f"Digits to {level:g} %", format="localized"),
        "reached": st.column_config.TextColumn(f"Seeds below {level:g} %"),
        "seconds": number("Seconds in all", format="%.2f"),
        "status": st.column_config.TextColumn("", width="medium"),
    }
