"""The worked example against the figures it was published with, digit by digit."""

from __future__ import annotations

import streamlit as st

from engines.trace.lines import summary
from playground.backprop.traced import Traced

PUBLISHED = (
    ("Error of output 1", ("errors", "o1"), "0.274811083"),
    ("Error of output 2", ("errors", "o2"), "0.023560026"),
    ("Total error", ("total",), "0.298371109"),
    ("w5 after one update", ("updated", "w5"), "0.35891648"),
    ("w1 after one update", ("updated", "w1"), "0.149780716"),
    ("Total error after one update", ("total_after",), "0.291027924"),
)
NOTES = (
    "One of the sources prints the second target as 0.09. That is a misprint for **0.99**: its own errors and updated weights "
    "only follow from 0.99. Type 0.09 over the target in the matrices (*forward rule 4*) and see for yourself.",
    "The total after one update is printed as 0.291027924. That number comes out when the error goes back to the hidden layer "
    "through the output weights *after* their update. By the rules it goes through the weights it came by, as in the source's own "
    "text and its w1; then the total is **0.291027774**.",
)


def published_panel(traced: Traced) -> None:
    """A row a figure: as published, as computed here, and whether every printed digit agrees."""
    computed = summary(traced.trace)
    rows = [(name, told, _at(computed, path)) for name, path, told in PUBLISHED]
    lines = [f"| {name} | {told} | {value:.12f} | {_verdict(told, value)} |" for name, told, value in rows]
    st.markdown("\n".join(["| | published | here | |", "|:--|--:|--:|:--|", *lines]))
    if changed(traced):
        st.caption("You have changed something, so the figures need not agree now.")
    st.caption("After 10,000 updates the total error is published as about 3.51e-5: *Run updates* has the button.")
    st.info("\n\n".join(NOTES), icon=":material/menu_book:")


def agrees(told: str, value: float) -> bool:
    """Whether `value`, rounded to as many decimals as are printed in `told`, is `told`."""
    return f"{value:.{len(told.partition('.')[2])}f}" == told


def changed(traced: Traced) -> bool:
    """Whether this is the worked example no more: its function, cost, rate or a number is another."""
    study = traced.study
    usual = type(study)()
    names = ("layers", "output", "cost", "train_biases", "learning_rate", "typed")
    return any(getattr(study, name) != getattr(usual, name) for name in names)


def _verdict(told: str, value: float) -> str:
    return ":material/check: every digit" if agrees(told, value) else "differs"


def _at(found: dict, path: tuple[str, ...]) -> float:
    for name in path:
        found = found[name]
    return float("nan") if found is None else float(found)
