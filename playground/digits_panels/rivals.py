"""'Rivals': other ways to read the same digits, side by side with the net on the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.data import digits
from engines.data.sources import DataProblem
from engines.rivals import RIVALS, Result, run_rival
from engines.rivals.watch import Watch
from engines.tables import Setting
from playground import digit_source, jobs
from playground.controls import powers
from playground.digits_panels.published import lasted
from playground.figures.rivals import Bar, rivals_figure
from playground.theme import is_dark

NAME, HERE = "rivals", "all"
CHOSEN, SETTINGS, COUNT, BOARD, COMING = "rivals.chosen", "rivals.settings", "rivals.count", "rivals.board", "rivals.coming"
DONE = "rivals.done"
USUAL = ("knn", "linear", "hand_made")
COUNTS = (100, 300, 1000, 3000, 10_000, 30_000, 60_000)
MOST_COUNT, MOST_ROWS = 10_000, 30
"""Rivals get as many digits as the net unless asked otherwise, but no more than this: some take minutes with all."""


class Row(NamedTuple):
    """One that has competed: which rival, with which settings, on which digits, and how it did."""

    rival: str
    settings: dict[str, float]
    source: str
    result: Result

    @property
    def name(self) -> str:
        """With the settings that are not the usual ones."""
        entry = RIVALS[self.rival]
        changed = [f"{s.label.lower()} {self.settings[s.key]:.3g}" for s in entry.settings if self.settings[s.key] != s.default]
        return f"{entry.label} ({', '.join(changed)})" if changed else entry.label


def draw(run: Any) -> None:
    """The panel."""
    st.caption(
        "None of these is a net. They learn from the same training digits, the first so many of them, and are tested on the same "
        "test digits."
    )
    source = run.experiment.data.source
    chosen = _chosen()
    with st.container(horizontal=True, gap="medium"):
        for key in chosen:
            _settings(key)
    count = _count(source, net_count(run))
    settings = {key: dict(_kept_settings(key)) for key in chosen}
    st.button(
        "Let them compete",
        icon=":material/trophy:",
        key="rivals.go",
        disabled=not chosen or bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=lambda: begin(settings, source, count),
    )
    if chosen:
        st.caption(f"About {lasted(sum(RIVALS[key].seconds(count) for key in chosen))} on two cores of a server, at most.")
    jobs.found(NAME, HERE)
    board = _arrived()
    jobs.tell(NAME, _stopped(st.session_state.get(DONE, 0)))
    _board(run, board)


def _stopped(done: int) -> str:
    """What is said of a contest that was called off after so many had finished."""
    return f"Stopped. Who had finished, {done}, stands below." if done else "Stopped; nobody had finished."


# ---- who, and how


def _chosen() -> list[str]:
    st.session_state.setdefault(CHOSEN, list(USUAL))
    key = f"{CHOSEN}.widget"
    st.session_state[key] = st.session_state[CHOSEN]

    def changed() -> None:
        st.session_state[CHOSEN] = [name for name in RIVALS if name in st.session_state[key]]

    st.pills("Rivals", list(RIVALS), selection_mode="multi", format_func=RIVALS.labels().__getitem__, key=key, on_change=changed)
    return st.session_state[CHOSEN]


def _kept_settings(rival: str) -> dict[str, float]:
    """The session's settings of a rival; they outlive the widgets, which are gone while the tab is closed."""
    return st.session_state.setdefault(f"{SETTINGS}.{rival}", RIVALS[rival].defaults())


def _settings(rival: str) -> None:
    entry = RIVALS[rival]
    with st.container(border=True, width=250, gap="small"):
        st.markdown(f"**{entry.label}**", help=entry.help)
        for setting in entry.settings:
            _setting(rival, setting)


def _setting(rival: str, setting: Setting) -> None:
    kept = _kept_settings(rival)
    key = f"{SETTINGS}.{rival}.{setting.key}"
    st.session_state[key] = kept[setting.key]

    def changed() -> None:
        if st.session_state[key] is not None:
            kept[setting.key] = float(st.session_state[key])

    options = {"key": key, "on_change": changed, "help": setting.help or None}
    if setting.log:
        values = sorted({*powers(setting.low, setting.high), kept[setting.key]})
        st.select_slider(setting.label, values, format_func=lambda v: f"{v:.3g}", **options)
    else:
        st.number_input(setting.label, float(setting.low), float(setting.high), step=1.0, format="%.0f", **options)


def net_count(run: Any) -> int:
    """How many training digits the net on the page learns from."""
    data = run.experiment.data
    return min(data.train_count, digit_source.available(data.source))


def _count(source: str, usual: int) -> int:
    """How many training digits they get: as many as the net, `usual`, where that is not very many."""
    most = digit_source.available(source)
    options = sorted({*(n for n in COUNTS if n < most), most, usual})
    key = f"{COUNT}.widget"
    wanted = st.session_state.get(COUNT, min(usual, MOST_COUNT))
    st.session_state[key] = min(options, key=lambda n: abs(n - wanted))

    def changed() -> None:
        st.session_state[COUNT] = st.session_state[key]

    st.select_slider("Training digits for the rivals", options, format_func=lambda n: f"{n:,}", key=key, on_change=changed)
    if st.session_state[key] != usual:
        st.caption(f"The net on this page learns from {usual:,}.")
    return st.session_state[key]


# ---- the contest


def begin(settings: Mapping[str, Mapping[str, float]], source: str, count: int) -> None:
    """Start the contest of the rivals in `settings`; whoever is done stands on the board, also when it is cancelled."""
    coming = st.session_state.setdefault(COMING, [])
    st.session_state[DONE] = 0
    jobs.begin(NAME, HERE, "Competing", contest(settings, source, count, coming))


def contest(settings: Mapping[str, Mapping[str, float]], source: str, count: int, done: list[Row]) -> Callable[..., int]:
    """The job: (progress, cancelled) -> how many have competed. Appends a `Row` to `done` as soon as a rival has answered."""

    def work(progress: Callable[[float], None], cancelled: Callable[[], bool]) -> int:
        watch = Watch(progress, cancelled)
        try:
            found = digits.load(source)
        except DataProblem as problem:
            raise ValueError(str(problem)) from None
        long = [RIVALS[key].seconds(count) for key in settings]
        before = 0.0
        for (key, values), seconds in zip(settings.items(), long, strict=True):
            part = watch.part(before / sum(long), (before + seconds) / sum(long))
            result = run_rival(key, values, found, count, progress=part.at, cancelled=cancelled)
            done.append(Row(key, dict(values), found.source, result))
            before += seconds
        return len(settings)

    return work


# ---- the board


def board_with(board: Sequence[Row], coming: Sequence[Row]) -> list[Row]:
    """The board after newcomers: each in place of the same rival with the same settings on the same digits, if it is there."""
    same = lambda row: (row.rival, sorted(row.settings.items()), row.source, row.result.train_count)  # noqa: E731
    rows = list(board)
    for new in coming:
        rows = [row for row in rows if same(row) != same(new)] + [new]
    return rows[-MOST_ROWS:]


def _arrived() -> list[Row]:
    """The board with those who have finished since it was drawn last."""
    coming: list[Row] = st.session_state.get(COMING, [])
    arrived = [coming.pop(0) for _ in range(len(coming))]  # the job's thread may add to it meanwhile
    st.session_state[DONE] = st.session_state.get(DONE, 0) + len(arrived)
    board = st.session_state[BOARD] = board_with(st.session_state.get(BOARD, []), arrived)
    return board


def _board(run: Any, board: list[Row]) -> None:
    competing = jobs.is_running(NAME)
    if competing:
        coming = st.session_state[COMING]
        jobs.wait_for(lambda: bool(coming))
    net = net_bar(run)
    if not board:
        empty = "Nobody has finished yet." if competing else "Nobody has competed yet."
        what = "Whoever is done appears here" if competing else "Choose rivals and let them; error and time will stand here"
        st.info(f"**{empty}** {what}, beside the net's.", icon=":material/trophy:")
        return
    bars = sorted([*(_bar(row) for row in board), *([net] if net else [])], key=lambda bar: bar.error_percent)
    table, chart = st.columns([1.1, 1], gap="medium")
    table.dataframe(listed(board, net, run), hide_index=True, column_config=_columns(), key="rivals.table")
    chart.plotly_chart(
        rivals_figure(bars, dark=is_dark()),
        key="rivals.chart",
        config={"displayModeBar": False},
        alt="Bars of test error and seconds: "
        + "; ".join(f"{bar.name} {bar.error_percent:.3g} %".replace("\n", ", ") for bar in bars)
        + ".",
    )
    if net is None:
        st.caption(not_there(run))
    with st.container(horizontal=True, gap="small"):
        st.button("Look again", icon=":material/refresh:", key="rivals.again", help="Takes the net's newest figures.")
        st.button(
            "Clear the board", icon=":material/delete:", key="rivals.clear", on_click=lambda: st.session_state.pop(BOARD, None)
        )


def _bar(row: Row) -> Bar:
    result, which = row.result, "built-in digits" if row.source == "builtin" else "digits"
    return Bar(f"{row.name}\n{result.train_count:,} {which}", result.error_percent, result.seconds_fit, result.seconds_predict)


def net_bar(run: Any) -> Bar | None:
    """The net on the page: its last measured test error, and its seconds of training so far; a net from a file as it was saved.

    None before it is trained, and before it is measured.
    """
    snapshot = run.snapshot
    if snapshot.metrics is not None and math.isfinite(snapshot.metrics.test_accuracy):
        error = 100 * (1 - snapshot.metrics.test_accuracy)
        return Bar(f"The net on this page\nepoch {snapshot.metrics.epoch:.3g}", error, snapshot.run.seconds, None, True)
    counts = snapshot.sections.get("confusion") if snapshot.facts.get("opened") else None
    if counts is None or not counts.sum():
        return None
    error = 100 * (1 - float(np.trace(counts) / counts.sum()))
    return Bar("The net on this page\nas saved", error, 0.0, None, True)


def not_there(run: Any) -> str:
    """Why the net on the page is not on the board."""
    if not run.snapshot.run.step:
        return "The net on this page has not been trained yet: play it for an epoch, then look again."
    return "The net on this page, as it is now, has not been measured yet: let it reach the end of an epoch, then look again."


def listed(board: Sequence[Row], net: Bar | None, run: Any) -> list[dict[str, Any]]:
    """A row a contestant for the table, the best first."""
    rows = [
        {
            "who": row.name,
            "error": row.result.error_percent,
            "wrong": f"{row.result.errors:,} of {row.result.test_count:,}",
            "fit": row.result.seconds_fit,
            "predict": f"{row.result.seconds_predict:.2f} s",
            "train": row.result.train_count,
        }
        for row in board
    ]
    if net is not None:
        rows.append(
            {
                "who": net.name.replace("\n", ", "),
                "error": net.error_percent,
                "wrong": "",
                "fit": net.seconds_fit or None,
                "predict": "",
                "train": net_count(run),
            }
        )
    return sorted(rows, key=lambda row: row["error"])


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "who": st.column_config.TextColumn("Who", width="medium"),
        "error": number("Test error", format="%.2f %%"),
        "wrong": st.column_config.TextColumn("Wrong"),
        "fit": number("Learning", format="%.2f s"),
        "predict": st.column_config.TextColumn("Answering", alignment="right"),
        "train": number("Training digits", format="localized"),
    }
