"""'Map': the test digits as points, near each other where a layer of the net sees them alike."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.nets import stack
from engines.nets.embedding import last_layer, pca, tsne
from engines.nets.readings import Taken, answers, capture
from playground import jobs
from playground.digits_panels import thumbs
from playground.digits_panels.reading import when
from playground.figures.digits_map import map_figure
from playground.theme import is_dark

NAME, FIGURE = "digits_map", "digits.map_figure"
WAYS = {"pca": "Main directions (PCA)", "tsne": "Neighbours (t-SNE)"}
MARKS = {"dots": "Dots", "digits": "The digits themselves"}
COUNTS = (250, 500, 1000, 2000, 5000)
BUTTONS_WITHOUT = ("toImage", "zoom2d", "lasso2d", "autoScale2d")
MOST_SHOWN = 48
SIZES = ((2, 140), (12, 84), (MOST_SHOWN, 48))
"""Pixels on a side of up to so many digits that were picked."""
READING_SHARE = 0.2


class Found(NamedTuple):
    """A map of the first n test digits. points (n, 2). shares: of the variance, by axis; None for t-SNE. answered (n,)."""

    taken: Taken
    way: str
    points: np.ndarray
    shares: np.ndarray | None
    answered: np.ndarray

    @property
    def key(self) -> str:
        """The same for the same map."""
        return f"{self.taken.key}.{self.way}.{len(self.points)}"

    @property
    def labels(self) -> np.ndarray:
        """(n,) the true digits."""
        return self.taken.digits.test_labels[: len(self.points)]


def draw(run: Any) -> None:
    """The panel."""
    st.caption(
        "Each mark is a test digit, placed by what the last hidden layer makes of it. Before training the ten kinds run into "
        "each other; draw the map again later and see them part. What is read wrongly is ringed: in a trained net mostly what lies "
        "between two crowds."
    )
    way, count, go = st.columns([1.5, 1.5, 1], gap="medium", vertical_alignment="bottom")
    chosen = way.segmented_control(
        "Layout", list(WAYS), format_func=WAYS.__getitem__, default="pca", required=True, key="digits.map_way"
    )
    number = count.select_slider("Test digits", COUNTS, 1000, format_func="{:,}".format, key="digits.map_count")
    go.button(
        "Draw the map",
        icon=":material/scatter_plot:",
        type="primary",
        width="stretch",
        key="digits.map_go",
        disabled=bool(jobs.in_the_way()),
        help=jobs.in_the_way() or None,
        on_click=_begin,
        args=(run, chosen, number),
    )
    if chosen == "tsne":
        st.caption(
            "t-SNE keeps neighbours together; how far crowds lie apart means nothing. Even an untrained net shows crowds: what "
            "looks alike stays alike through random weights. It takes seconds to a minute."
        )
    jobs.tell(NAME)
    found: Found | None = jobs.found(NAME, run.token)
    if found is not None:
        _show(found)


def _begin(run: Any, way: str, count: int) -> None:
    def work(progress: Any, cancelled: Any) -> Found | None:
        taken = capture(run, cancelled)
        images = taken.digits.test_images[:count]
        answered = answers(taken, images, lambda share: progress(READING_SHARE * share), cancelled).argmax(1)
        features = last_layer(taken.net, taken.weights, images, cancelled=cancelled)
        if features is None:
            return None
        if way == "pca":
            flat = pca(features)
            return Found(taken, way, flat.points, flat.shares, answered)
        points = tsne(features, 0, lambda share: progress(READING_SHARE + (1 - READING_SHARE) * share), cancelled)
        return None if points is None else Found(taken, way, points, None, answered)

    jobs.begin(NAME, run.token, "Drawing the map", work)


def _show(found: Found) -> None:
    st.caption(sentence(found))
    chart, picked = st.columns([1.9, 1], gap="medium")
    with chart:
        marks = st.segmented_control(
            "Marks", list(MARKS), format_func=MARKS.__getitem__, default="digits", required=True, key="digits.map_marks"
        )
        with st.container(key="digits_map_chart"):
            event = st.plotly_chart(
                _figure(found, marks == "digits"),
                key=f"digits.map_chart.{found.key}",
                on_select="rerun",
                selection_mode=("points", "box"),
                config={"displaylogo": False, "displayModeBar": True, "modeBarButtonsToRemove": list(BUTTONS_WITHOUT)},
                alt=f"Map of test digits. {sentence(found)}",
            )
    with picked:
        _inspected(found, chosen_in(event, len(found.points)))


def sentence(found: Found) -> str:
    """What lies on the map, and how the net stands."""
    rows = stack.rows(found.taken.net)
    layer = rows[max(0, len(rows) - 2)]
    wrong = int((found.answered != found.labels).sum())
    return (
        f"{len(found.labels):,} test digits by the {int(np.prod(layer.shape)):,} numbers of {layer.label}, {when(found.taken)}; "
        f"{wrong:,} of them read wrongly."
    )


def _figure(found: Found, themselves: bool) -> Any:
    """The figure, made once for all drawings of the page that show it."""
    key = (found.key, themselves, is_dark())
    kept, figure = st.session_state.get(FIGURE, (None, None))
    if kept != key:
        axes = ("", "")
        if found.shares is not None:
            axes = tuple(f"direction {i + 1} ({100 * share:.3g} % of the variance)" for i, share in enumerate(found.shares))
        images = found.taken.digits.test_images[: len(found.points)] if themselves else None
        figure = map_figure(found.points, found.labels, found.answered, axes, dark=is_dark(), images=images)
        st.session_state[FIGURE] = (key, figure)
    return figure


def chosen_in(event: Any, count: int) -> list[int]:
    """Places of the digits that were clicked or lie in the box, from a Plotly selection."""
    points = ((event or {}).get("selection") or {}).get("points") or []
    first = [values[0] for point in points if isinstance(values := point.get("customdata"), list) and values]
    return [place for place in dict.fromkeys(first) if isinstance(place, int) and 0 <= place < count]


def _inspected(found: Found, chosen: list[int]) -> None:
    if not chosen:
        st.info(
            "Click a mark to see it large. For many at once choose the dotted box above the map, then drag one around them.",
            icon=":material/left_click:",
        )
        return
    chosen = sorted(chosen, key=lambda place: found.answered[place] == found.labels[place])
    rest = f", {MOST_SHOWN} of them here" if len(chosen) > MOST_SHOWN else ""
    st.markdown(f"**{len(chosen):,} picked**{rest}{', mistakes first' if len(chosen) > 1 else ''}")
    some = np.array(chosen[:MOST_SHOWN])
    labels, answered = found.labels[some], found.answered[some]
    captions = [f"{label}" if label == answer else f"{label} as {answer}" for label, answer in zip(labels, answered, strict=True)]
    names = [f"a {label}, read as {answer}" for label, answer in zip(labels, answered, strict=True)]
    size = next(size for most, size in SIZES if len(some) <= most)
    thumbs.show(found.taken.digits.test_images[some], captions, size=size, right=(labels == answered).tolist(), names=names)
    st.caption("Under each: the digit it is, and what the net takes it for where that is another.")
