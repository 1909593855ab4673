"""'Digits': what the net learns from, what it sees in this step, and which digits it takes for which."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engines.data import digits
from engines.data.distortions import DISTORTIONS
from engines.nets.readings import CLASSES, Reading, ask
from playground import digit_source
from playground.confusion.component import Cell, confusion_view
from playground.digits_panels import thumbs
from playground.digits_panels.reading import QUICK_PATIENCE_S, asked, reading
from playground.figures.digits_data import balance_html

MATRIX, PICKED = "digits.confusion", "digits.confusion_cell"
SEEN, MOST = 12, 24


def draw(run: Any) -> None:
    """The panel."""
    seen, balance = st.columns([1.4, 1], gap="large")
    with seen:
        _seen(run)
    with balance:
        _balance(run)
    st.markdown("#### What it takes for what")
    found = reading(run)
    if found is not None:
        _mistakes(found)


# ---- what it learns from


def _seen(run: Any) -> None:
    """Twelve digits of the batch that comes next, as the net will see them."""
    st.markdown("#### What the net sees in this step")
    seen = _batch(run)
    if seen is not None:
        images, labels = seen
        thumbs.show(images, [str(label) for label in labels], names=[f"training digit {label}" for label in labels])
        more = run.experiment.batch_size > len(images)
        st.caption(
            f"{f'The first {len(images)} of the' if more else 'The'} next batch. {distorted(run.experiment.data.distortions)}"
        )
    st.button("Look again", icon=":material/refresh:", key="digits.seen_again", help="While it trains, another batch each time.")


def _batch(run: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Images and labels of the next step, or None with a sentence."""
    return asked(run, lambda: ask(run, lambda driver: driver.ready.batch_seen(SEEN), patience_s=QUICK_PATIENCE_S))


def distorted(amounts: dict[str, float]) -> str:
    """A sentence on the distortions that are on."""
    if not amounts:
        return "Not distorted: *Data* beside the picture can change that."
    named = [
        f"{DISTORTIONS[key].label.lower()} {amount:.3g} {DISTORTIONS[key].settings[0].unit}".strip()
        for key, amount in amounts.items()
    ]
    return f"Distorted anew each time: {', '.join(named)}."


def _balance(run: Any) -> None:
    """How many of each digit there are to learn from."""
    st.markdown("#### What it learns from")
    data = run.experiment.data
    labels = digits.load(data.source).train_labels
    used = labels[: data.train_count]
    st.caption(f"{len(used):,} of {len(labels):,} training digits in use. {digit_source.sentence(data.source)}")
    st.html(balance_html(np.bincount(used, minlength=CLASSES)))


# ---- which it takes for which


def _mistakes(found: Reading) -> None:
    """The matrix, the digits of the cell that was clicked, and the worst mistakes."""
    cell = st.session_state.get(PICKED)
    matrix, chosen = st.columns([1, 1], gap="large")
    with matrix:
        confusion_view(found.confusion, cell, key=MATRIX, picks=_pick)
    with chosen:
        if cell is None:
            st.caption("Click a cell of the matrix to see its digits here. Under each: the net's answer, and how sure it is.")
        else:
            _cell(found, cell)
        _worst(found)


def _pick(cell: Cell | None) -> None:
    st.session_state[PICKED] = cell


def _cell(found: Reading, cell: Cell) -> None:
    true, answered = cell
    chosen = found.cell(true, answered)
    what = "answered right" if true == answered else f"taken for a {answered}"
    st.markdown(f"**{len(chosen):,} of {found.confusion[true].sum():,} true {true}s {what}**" + _limited(len(chosen)))
    _thumbs(found, chosen)


def _worst(found: Reading) -> None:
    chosen = found.worst()
    if not len(chosen):
        st.markdown("**No mistakes at all.**")
        return
    st.markdown("**The worst mistakes**" + _limited(len(chosen)))
    _thumbs(found, chosen)


def _limited(count: int) -> str:
    return f", the {MOST} it is surest of" if count > MOST else ", the surest first" if count > 1 else ""


def _thumbs(found: Reading, chosen: np.ndarray) -> None:
    """At most 24 test digits with the net's answer and how sure it is of it."""
    chosen = chosen[:MOST]
    answers, labels, sure = found.answers[chosen], found.labels[chosen], found.sure[chosen]
    rows = list(zip(labels, answers, sure, strict=True))
    thumbs.show(
        found.taken.digits.test_images[chosen],
        [f"{answer}, {percent(share)}" for _, answer, share in rows],
        right=(answers == labels).tolist(),
        names=[f"a {label}, answered {answer}, {percent(share)} sure" for label, answer, share in rows],
    )


def percent(share: float) -> str:
    """A share in whole per cent, never rounded up to 100."""
    return f"{np.floor(100 * share):.0f} %" if share > 0.99 else f"{100 * share:.0f} %"
