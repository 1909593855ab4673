"""'Photo': a photographed digit, made into what the net can read, takes the test digit's place in the live view."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.data.photo import MAX_BYTES, from_photo
from playground.digits_panels import thumbs

FILE, SHOWN, SEEN, PROBLEM = "digits.photo_file", "digits.photo_shown", "digits.photo_seen", "digits.photo_problem"
ENLARGED = 196
NAME = "What was made of your photo: 28 by 28 pixels."


class Shown(NamedTuple):
    """The last photo in which a digit was found. name: of its file; picture: (28, 28) uint8."""

    name: str
    picture: np.ndarray


def draw(run: Any) -> None:
    """The panel."""
    st.markdown("#### Let it read your handwriting")
    chosen, made = st.columns([1.4, 1], gap="large")
    with chosen:
        st.caption(
            "Write one digit, large, on plain paper with a dark pen, and photograph or scan it so that it fills most of the "
            "picture. The photo stays in this server's memory while it is read, and is written nowhere."
        )
        file = st.file_uploader(
            "A photo of a digit", type=["png", "jpg", "jpeg", "webp"], key=FILE, max_upload_size=MAX_BYTES // 1024**2
        )
        if file is not None:
            take(run, file)
        problem = st.session_state.get(PROBLEM) if file is not None else None
        if problem:
            st.warning(problem, icon=":material/block:")
    shown: Shown | None = st.session_state.get(SHOWN)
    if shown is not None:
        with made:
            _made(run, shown, bool(problem))


def take(run: Any, file: Any) -> None:
    """Read a file that has just been brought, and let the net see it; where that fails, say why and leave the rest as it is."""
    seen = (run.token, file.file_id)
    if st.session_state.get(SEEN) == seen:
        return
    st.session_state[SEEN] = seen
    st.session_state[PROBLEM] = None
    try:
        picture = from_photo(file.getvalue())
    except ValueError as problem:
        st.session_state[PROBLEM] = str(problem)
        return
    st.session_state[SHOWN] = Shown(file.name, picture)
    run.draw(picture)


def _made(run: Any, shown: Shown, is_earlier: bool) -> None:
    thumbs.show(shown.picture[None], size=ENLARGED, names=[NAME])
    st.caption(
        f"{'From the photo before' if is_earlier else 'This is what the net gets'}: the digit alone, sized and centred as MNIST's "
        "were. Its answer stands in *Draw a digit* above, and changes as it learns."
    )
    again, back = st.columns(2)
    with again:
        _button("Show it again", "visibility", run, shown.picture)
    with back:
        _button("Test digits", "undo", run, None)


def _button(label: str, icon: str, run: Any, picture: np.ndarray | None) -> None:
    options = {"on_click": run.draw, "args": (picture,), "width": "stretch"}
    st.button(label, icon=f":material/{icon}:", key=f"digits.photo_{icon}", **options)
