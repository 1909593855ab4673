"""Quadratic cost against cross-entropy, from a start that is badly wrong."""

from __future__ import annotations

import streamlit as st

from engines.trace.costs import Lesson, compare
from playground.figures.lessons import lessons_figure

KEY = "backprop.costs"
UPDATES = (100, 300, 1000, 2000)


def costs_panel(dark: bool) -> None:
    """How wrong, how fast, how long; the two charts; what they say."""
    st.caption(
        "One sigmoid neuron that should answer 0 to the input 1. Weight and bias start at the same number: the larger it is, the "
        "surer the neuron is of the opposite. The same start and rate for both costs."
    )
    left, middle, right = st.columns(3, gap="medium")
    start = left.slider("Weight and bias at the start", -1.0, 5.0, 2.0, 0.1, key=f"{KEY}.start")
    rate = middle.slider("Learning rate of both", 0.05, 2.0, 0.15, 0.05, key=f"{KEY}.rate")
    updates = right.select_slider("Updates", UPDATES, 300, key=f"{KEY}.updates")
    lessons = compare(start, rate, updates)
    for column, what in zip(st.columns(2, gap="medium"), ("output", "gradient"), strict=True):
        figure = lessons_figure(lessons, what, dark=dark)
        column.plotly_chart(
            figure, key=f"{KEY}.{what}", config={"displayModeBar": False}, alt=f"The neuron's {what} against updates."
        )
    st.markdown(said(lessons))
    st.markdown(
        r"With the quadratic cost the gradient is $(y - t)\, f'(z)\, x$, and $f'(z)$ is nearly 0 where the sigmoid is sure. "
        r"Cross-entropy is made so that this factor cancels: $(y - t)\, x$. The more wrong, the faster it learns."
    )


def said(lessons: tuple[Lesson, Lesson]) -> str:
    """Where both begin, and when each has done half its way."""
    begin = f"Both begin with an output of {lessons[0].output[0]:.3g}. "
    return begin + " ".join(_half(lesson) for lesson in lessons)


def _half(lesson: Lesson) -> str:
    name = lesson.label[0].upper() + lesson.label[1:]
    if lesson.halfway is None:
        return f"**{name}** has not halved it after {len(lesson.gradient):,} updates (now {lesson.output[-1]:.3g})."
    return f"**{name}** has halved it after {lesson.halfway:,} updates."
