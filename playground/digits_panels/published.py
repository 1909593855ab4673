"""'Published': what papers report, what we measured, and what comes out here and now; three columns that are never mixed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st

from engines.data.sources import DataProblem
from engines.descriptions import MAX_SEED
from engines.reproduce import PUBLISHED, Published, reproduce
from engines.reproduce.measures import OVERFLOWED
from engines.reproduce.records import Number, Record, load
from engines.reproduce.table import GROUPS
from playground import digit_source, jobs
from playground.figures.rivals import Curve, curves_figure
from playground.theme import is_dark

HERE, SOURCE, SEED = "here", "published.source", "published.seed"
WIDTHS = (2.1, 1.4, 1.5, 1.4, 1.5)
SOURCES = {"full": "Full MNIST (60,000 + 10,000)", "builtin": "Built-in digits (4,000 + 1,000)"}
_log = logging.getLogger(__name__)


def draw(run: Any) -> None:
    """The panel."""
    st.caption(
        "What is read wrongly of the test digits, which nobody learned from, where a row says nothing else. "
        "A net's figure is that after its *last* epoch, never that of its luckiest one."
    )
    kept = _kept()
    if not any(kept.values()):
        st.info(
            "**Nothing has been measured by us yet.** The column fills when `python -m engines reproduce NAME --save` has run "
            "on the full set. *Run it here* works all the same.",
            icon=":material/science:",
        )
    source, seed = _choices()
    for group in GROUPS:
        st.markdown(f"##### {group}")
        for entry in PUBLISHED.values():
            if entry.group == group:
                _row(run, entry, kept.get(entry.key, []), source, seed)


def _kept() -> dict[str, list[Record]]:
    """Our records on the full set, by name and then seed."""
    found: dict[str, list[Record]] = {}
    try:
        for record in load():
            if record.data.source == "full":
                found.setdefault(record.name, []).append(record)
    except ValueError:
        _log.exception("measured results cannot be read")
        st.warning("The results we measured cannot be read; the server's log has the details.", icon=":material/block:")
    return found


def _choices() -> tuple[str, int]:
    """Which digits and which seed runs here take."""
    which, seed = st.columns([2, 1], gap="small")
    options = list(SOURCES) if digit_source.has_full() else ["builtin"]
    chosen = which.selectbox("Digits for runs here", options, format_func=SOURCES.__getitem__, key=SOURCE)
    number = seed.number_input("Seed of runs here", 0, MAX_SEED, 0, key=SEED)
    if chosen == "builtin":
        st.info(
            "Runs here learn from the 4,000 built-in digits and are tested on 1,000. That is quick and does **not** compare with "
            f"the published figures. {'' if len(options) > 1 else 'The full set can be fetched at the top of the page.'}",
            icon=":material/database:",
        )
    return chosen, int(number)


# ---- a row


def _row(run: Any, entry: Published, records: list[Record], source: str, seed: int) -> None:
    name = job_name(entry.key)
    found = jobs.found(name, HERE)
    here = Record.model_validate(found) if found else None
    with st.container(border=True):
        result, published, ours, now, buttons = st.columns(WIDTHS, gap="small")
        result.markdown(f"**{entry.label}**")
        result.caption(entry.help)
        published.markdown(_figure(entry.published, entry.unit, "published"))
        published.caption(" · ".join(part for part in (entry.text, entry.source) if part))
        _ours(ours, entry, records)
        _here(now, entry, here, jobs.is_running(name))
        with buttons:
            _buttons(run, entry, records, source, seed)
        jobs.tell(name)
        _numbers(entry.key, records[:1], here)


def job_name(key: str) -> str:
    """What the run of a result is called among this session's jobs."""
    return f"published.{key}"


def _figure(value: float | None, unit: str, whose: str) -> str:
    return f"{'–' if value is None else f'**{value:.3g}** {unit}'} :gray[{whose}]"


def _ours(place: Any, entry: Published, records: list[Record]) -> None:
    if not records:
        place.caption("Not measured by us yet.")
        return
    first = records[0]
    place.markdown(_figure(first.measured, first.unit, "measured by us"))
    spread = ""
    if len(records) > 1:
        values = [record.measured for record in records]
        spread = f" {len(records)} seeds: {min(values):.3g} to {max(values):.3g} {first.unit}."
    place.caption(f"Measured by us on {first.date} on the full set: {made(first)}.{spread}")
    _told(place, entry, first)


def _here(place: Any, entry: Published, here: Record | None, running: bool) -> None:
    if here is None:
        place.caption("Running; its bar is at the foot of the page." if running else "Not run in this session.")
        return
    place.markdown(_figure(here.measured, here.unit, "just now, here"))
    what = "the full set" if here.data.source == "full" else "**built-in digits only**, no comparison"
    place.caption(f"Run here on {what}: {made(here)}.")
    _told(place, entry, here)


def _told(place: Any, entry: Published, record: Record) -> None:
    told = entry.told(record.parts)
    if told:
        place.caption(told)


def made(record: Record) -> str:
    """How a record came about, in one line."""
    learned = learned_from(record)
    some = f"{learned:,} of " if learned < record.data.train else ""
    counts = f"{some}{record.data.train:,} + {record.data.test:,} digits"
    return f"{record.machine.said()}; seed {record.seed}; {lasted(record.seconds)}; {counts}"


def learned_from(record: Record) -> int:
    """How many training digits the headline's run had, which may be fewer than there were."""
    ran = record.experiment
    return min(ran.get("data", ran).get("train_count", record.data.train), record.data.train)


def lasted(seconds: float) -> str:
    """A length of time in words: '41 s', '12 min', '2.5 h'."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


# ---- what can be done with it


def _buttons(run: Any, entry: Published, records: list[Record], source: str, seed: int) -> None:
    st.button(
        "Run it here",
        icon=":material/play_arrow:",
        key=f"published.run.{entry.key}",
        disabled=bool(jobs.in_the_way()),
        on_click=lambda: begin(entry.key, source, seed),
        width="stretch",
        help=jobs.in_the_way() or _time_needed(entry, records, source),
    )
    if entry.opens:
        st.button(
            "Open this experiment",
            icon=":material/open_in_new:",
            key=f"published.open.{entry.key}",
            on_click=lambda: open_experiment(run, entry),
            width="stretch",
            help="Puts the net and how it is trained on this page, from its first weights.",
        )


def _time_needed(entry: Published, records: list[Record], source: str) -> str:
    if source == "builtin":
        return "On the built-in digits: seconds to minutes."
    if records:
        return f"It took {lasted(records[0].seconds)} on {records[0].machine.said()}."
    return f"Roughly {lasted(_rough_seconds(entry.key))} on two cores of a server."


@cache
def _rough_seconds(key: str) -> float:
    return sum(part.seconds(None) for part in PUBLISHED[key].parts)


def begin(key: str, source: str, seed: int) -> None:
    """Start the run of result `key` in this session."""
    jobs.begin(job_name(key), HERE, PUBLISHED[key].label, work(key, source, seed))


def work(key: str, source: str, seed: int) -> Callable[..., dict[str, Any]]:
    """The job: (progress, cancelled) -> a record as plain data."""

    def measured(progress: Callable[[float], None], cancelled: Callable[[], bool]) -> dict[str, Any]:
        try:
            return reproduce(key, seed, source, progress, cancelled)
        except DataProblem as problem:
            raise ValueError(str(problem)) from None

    return measured


def open_experiment(run: Any, entry: Published) -> None:
    """Make the result's experiment the page's, at its beginning."""
    run.apply(entry.experiment("auto"))
    run.reset()
    st.toast(f"Now on this page: {entry.label}", icon=":material/open_in_new:")


# ---- all numbers of a result


def _numbers(key: str, records: list[Record], here: Record | None) -> None:
    """Its parts, ours and those of just now apart; drawn only while it is open."""
    shown = [("Measured by us, on the full set", record) for record in records]
    shown += [("Just now, here", here)] if here is not None else []
    if not any(len(record.parts) > 1 for _, record in shown):
        return
    more = st.expander("All its numbers", key=f"published.more.{key}", on_change="rerun")
    if more.open:
        with more:
            for i, (title, record) in enumerate(shown):
                st.markdown(f"**{title}**: {made(record)}")
                _parts(record, f"published.chart.{key}.{i}")


def _parts(record: Record, chart: str) -> None:
    curves = curves_of(record.parts)
    if curves:
        placed = [part for part in record.parts if part.series]
        unit, of = usual_unit(placed), placed[0].of
        title = "test error (%)" if unit == "%" else unit
        st.plotly_chart(
            curves_figure(curves, of, title, dark=is_dark()),
            key=chart,
            config={"displayModeBar": False},
            alt=f"{record.label}: {title} against {of}, one line each for {', '.join(curve.name for curve in curves)}.",
        )
        missing = [part.label for part in placed if part.unit != unit]
        if missing:
            st.caption(f"Not on the chart, for it never got there: {'; '.join(missing)}.")
    rows = [f"| {part.label} | {_value(part)} | {'' if part.seconds is None else lasted(part.seconds)} |" for part in record.parts]
    st.markdown("\n".join(["| | | time |", "|:--|--:|--:|", *rows]))


def _value(part: Number) -> str:
    if part.value is None:
        return "–"
    if part.unit == OVERFLOWED:
        return f"its numbers overflowed in epoch {part.value + 1:.0f}"
    whole = float(part.value).is_integer() and part.unit != "%"
    return f"{part.value:,.0f} {part.unit}" if whole else f"{part.value:.3g} {part.unit}"


def curves_of(parts: tuple[Number, ...]) -> list[Curve]:
    """The series among parts, each by x; numbers in another unit than most (a run that never got there) are left out."""
    placed = [part for part in parts if part.series and part.x is not None and part.value is not None]
    usual = usual_unit(placed)
    found: dict[str, list[tuple[float, float]]] = {}
    for part in placed:
        if part.unit == usual:
            found.setdefault(part.series, []).append((part.x, part.value))
    return [Curve(name, *zip(*sorted(places), strict=True)) for name, places in found.items()]


def usual_unit(parts: Sequence[Number]) -> str:
    """The unit that most of them are in; '' of none."""
    units = [part.unit for part in parts]
    return max(dict.fromkeys(units), key=units.count) if units else ""
