"""'Photo': a photographed digit, made into what the net can read, takes the test digit's place in the live view."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from engines.data.photo import MAX_BYTES, Photo, read_photo
from playground import jobs
from playground.digits_panels import thumbs
from playground.digits_panels.data import percent

FILE, SHOWN, SEEN, PROBLEM = "digits.photo_file", "digits.photo_shown", "digits.photo_seen", "digits.photo_problem"
ENLARGED = 196
NAME = "What was made of your photo: 28 by 28 pixels."
DOUBTFUL = 0.6
"""An answer that gets less than this is told as a guess."""


class Shown(NamedTuple):
    """The last photo in which a digit was found. name: of its file; picture: (28, 28) uint8; told: on what else was there."""

    name: str
    picture: np.ndarray
    told: str = ""


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
        photo = read_photo(file.getvalue())
    except ValueError as problem:
        st.session_state[PROBLEM] = str(problem)
        return
    st.session_state[SHOWN] = Shown(file.name, photo.picture, chosen(photo))
    run.draw(photo.picture)


def chosen(photo: Photo) -> str:
    """What was taken of a photo on which there is more than one shape; else ''."""
    told = []
    if photo.others:
        told.append(f"There are {photo.others + 1} shapes of about this size on the photo: the one with the most ink was taken.")
    if photo.joined > 1:
        told.append(f"{photo.joined} shapes lie so close together that they were taken for one digit.")
    return " ".join(told)


def answered(snapshot: Any, picture: np.ndarray) -> tuple[int, float] | None:
    """What the net takes the photo for just now and how sure it is, 0 to 1; None where the live view shows something else."""
    inside, looked = snapshot.facts.get("inside"), snapshot.sections.get("looked")
    if not inside or inside["source"] != "drawn" or looked is None or not np.array_equal(looked, picture):
        return None
    shares = snapshot.sections["looked_bars"]
    return int(np.argmax(shares)), float(np.max(shares))


def answer_text(found: tuple[int, float] | None) -> str:
    """The answer in words."""
    if found is None or not np.isfinite(found[1]):
        return ""
    guess = " No more than a guess: perhaps this is no single digit." if found[1] < DOUBTFUL else ""
    return f"**Read as {found[0]}**, at {percent(found[1])}.{guess}"


def _answer(run: Any, picture: np.ndarray) -> None:
    """The answer as this page was drawn; drawn anew when there is another, and when the net rests."""
    found = answered(run.snapshot, picture)
    if answer_text(found):
        st.markdown(answer_text(found))

    def is_another() -> bool:
        now = answered(run.snapshot, picture)
        if run.status == "playing" and now and found:
            return now[0] != found[0]
        return answer_text(now) != answer_text(found)

    jobs.wait_for(is_another)


def _made(run: Any, shown: Shown, is_earlier: bool) -> None:
    thumbs.show(shown.picture[None], size=ENLARGED, names=[NAME])
    _answer(run, shown.picture)
    st.caption(
        f"{'From the photo before' if is_earlier else 'This is what the net gets'}: the digit alone, sized and centred as MNIST's "
        "were. Its answer stands in *Draw a digit* above, and changes as it learns."
    )
    if shown.told:
        st.info(shown.told, icon=":material/content_cut:")
    again, back = st.columns(2)
    with again:
        _button("Show it again", "visibility", run, shown.picture)
    with back:
        _button("Test digits", "undo", run, None)


def _button(label: str, icon: str, run: Any, picture: np.ndarray | None) -> None:
    options = {"on_click": run.draw, "args": (picture,), "width": "stretch"}
    st.button(label, icon=f":material/{icon}:", key=f"digits.photo_{icon}", **options)
