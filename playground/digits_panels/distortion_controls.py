"""How much training digits are distorted: a slider for each kind, and ten of them before and after."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from engines.data import digits
from engines.data.distortions import DISTORTIONS, Distortion, preview
from playground.controls import Editor
from playground.digits_panels import thumbs

MIXED = {"shift": 1.5, "rotation": 10.0, "scale": 0.1, "shear": 0.15, "elastic": 1.0}
"""Some of everything, little enough that no digit becomes another."""
PICTURE = 46
"""Five in a row of the narrow column of controls."""
_SEED = "digits.distortion_draw"


def distortion_controls(editor: Editor) -> None:
    """The sliders, a mix of all, none of them, and the preview."""
    st.markdown("**Distortions**", help="Every training digit is changed anew each time the net sees it. Test digits never are.")
    for entry in DISTORTIONS.values():
        _slider(editor, entry)
    now = editor.experiment.data.distortions
    mix, none = st.columns(2, gap="small")
    mix.button("Some of each", key=f"{editor.prefix}.distort_mix", width="stretch", disabled=now == MIXED, **_sets(editor, MIXED))
    none.button("None", key=f"{editor.prefix}.distort_none", width="stretch", disabled=not now, **_sets(editor, {}))
    _preview(editor)


def _sets(editor: Editor, amounts: dict[str, float]) -> dict:
    return {"on_click": editor.change, "kwargs": {"data__distortions": amounts}}


def _slider(editor: Editor, entry: Distortion) -> None:
    """A slider on one entry's amount."""
    (setting,) = entry.settings
    key = f"{editor.prefix}.distortion.{entry.key}"
    st.session_state[key] = float(editor.experiment.data.distortions.get(entry.key, 0.0))

    def changed() -> None:
        editor.change(data__distortions=dict(editor.experiment.data.distortions) | {entry.key: st.session_state[key]})

    st.slider(
        f"{entry.label} ({setting.unit})" if setting.unit else entry.label,
        float(setting.low),
        float(setting.high),
        step=step_of(setting.high),
        format="%.4g",
        help=f"{entry.help} {setting.help}",
        key=key,
        on_change=changed,
    )


def step_of(high: float) -> float:
    """The power of ten that cuts 0..high into 20 to 200 steps."""
    return float(f"1e{math.floor(math.log10(high / 20) + 1e-9)}")


def one_of_each(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of each digit there is: images (k, 28, 28) and labels (k,), in the order 0 to 9."""
    kinds, first = np.unique(labels, return_index=True)
    return images[first], kinds


def _preview(editor: Editor) -> None:
    data = editor.experiment.data
    found = digits.load(data.source)
    images, labels = one_of_each(found.train_images[: data.train_count], found.train_labels[: data.train_count])
    if not data.distortions:
        st.caption("Digits as they are. Move a slider to see what becomes of them.")
        thumbs.show(images, size=PICTURE, names=[f"training digit {label}" for label in labels])
        return
    seed = st.session_state.get(_SEED, 0)
    after = preview(images, data.distortions, seed)
    thumbs.show(
        np.stack([images, after], 1), size=PICTURE, names=[f"training digit {label}, as it is or distorted" for label in labels]
    )
    st.caption("Above as they are, below as a step may see them.")
    st.button("Another draw", icon=":material/casino:", key=f"{editor.prefix}.distort_again", width="stretch", on_click=_draw_again)


def _draw_again() -> None:
    st.session_state[_SEED] = st.session_state.get(_SEED, 0) + 1
