"""A question about the pass, in line below the view, answered by the pass's own numbers."""

from __future__ import annotations

import hashlib

import streamlit as st

from engines.trace.quizzes import QUIZZES, Asked, ask
from playground.backprop.traced import Traced

KEY = "backprop.quiz"
_TURN = f"{KEY}.turn"


def quiz(traced: Traced, step: int) -> None:
    """One question at a time, of those that have a clear answer here; its choices as pills, and the answer once one is chosen."""
    asked = {key: found for key in QUIZZES if (found := ask(key, traced.trace, step)) is not None}
    if not asked:
        return
    turn = st.session_state.get(_TURN, 0)
    key, now = list(asked.items())[turn % len(asked)]
    with st.container(border=True, gap="xsmall"):
        question, another = st.columns([6, 1], vertical_alignment="center", gap="small")
        question.markdown(f":material/quiz: **{QUIZZES[key].label}** {now.question}")
        another.button(
            "Another", key=f"{KEY}.another", type="tertiary", icon=":material/skip_next:", on_click=_next, disabled=len(asked) < 2
        )
        _answer(key, now, now.hint or QUIZZES[key].help)


def _next() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _answer(key: str, now: Asked, hint: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        chosen = st.pills(
            "Your answer", now.choices, key=f"{KEY}.{key}.{_digest(now)}", label_visibility="collapsed", width="content"
        )
        if chosen is None:
            st.caption(hint)
        else:
            right = now.choices[now.answer]
            verdict = ":green[:material/check: Right.]" if chosen == right else f":red[:material/close: It is: {right}.]"
            st.markdown(f"{verdict} {now.why}")


def _digest(now: Asked) -> str:
    """Another question about other numbers starts without an answer."""
    return hashlib.blake2b(repr(now).encode(), digest_size=6).hexdigest()
