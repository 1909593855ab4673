"""The live view on a page: mounts the component on a run, and falls back to polling where no WebSocket passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.data.inputs import INPUTS
from engines.experiment import Experiment
from engines.live import SPEEDS, LiveRun
from engines.tables import Table
from playground import bundle
from playground.live.messages import obey_parsed
from playground.live.polling import Poll

ASSETS = Path(__file__).parent / "assets"
POLL_EVERY_S = 0.5
_AGAIN = {"do": "again"}
_EVENTS = ("mode", "edited", "commands", "lost", "before")


def run_for(page_key: str, experiment: Experiment, *, speed: str = "1") -> LiveRun:
    """This session's run for a page: the one there is, else a new one of `experiment`.

    A run that the server has given up in the meantime is followed by a new one of the same experiment.
    """
    key = f"live.run.{page_key}"
    run: LiveRun | None = st.session_state.get(key)
    if run is None or run.closed:
        run = LiveRun(run.experiment if run is not None else experiment, speed=speed)
        st.session_state[key] = run
    _lease(run.token, run)
    return run


@st.cache_resource(scope="session", on_release=lambda run: run.release(), show_spinner=False)
def _lease(token: str, _run: LiveRun) -> LiveRun:
    """Held by the session: released within moments when its browser goes, also for a short loss of connection."""
    return _run.lease()


def live_view(run: LiveRun, view: str, *, key: str, editable: bool = True, height: int | None = None) -> Any:
    """Mount the live view of `run`; call it last on the page. Returns the component's result.

    view: "network", "digits", "text" or "mini". height: pixels; as high as its content when None. When the browser has changed the
    experiment the script reruns: read `run.experiment` afresh each time.
    """

    def mount(**more: Any) -> Any:
        data = {"token": run.token, "view": view, "tables": tables(), "editable": editable, "settled": _settled(key)} | more
        return _component()(key=key, data=data, height=height or "content", **_callbacks(run, key))

    if not is_polled(key):
        return mount(polling=False)
    return st.fragment(lambda: _polled(run, key, mount), run_every=POLL_EVERY_S)()


def is_polled(key: str) -> bool:
    """Whether the view of this key has no socket and asks for frames on a timer, so that it has to be mounted last."""
    return (st.session_state.get(key) or {}).get("mode") in ("poll", "polling")


def _polled(run: LiveRun, key: str, mount: Callable[..., Any]) -> Any:
    poll: Poll | None = st.session_state.get(f"live.poll.{key}")
    if poll is None or poll.run is not run or poll.ended:
        poll = st.session_state[f"live.poll.{key}"] = Poll(run)
    after = poll.sent
    result = mount(polling=True, after=after, frames=poll.frames())
    revision = run.revision
    for command in _listed(result.get("commands")):
        if command == _AGAIN:
            poll.start_over()
        else:
            obey_parsed(run, command)
    if run.revision != revision:
        st.rerun()
    return result


def _listed(commands: Any) -> list[Any]:
    return commands[:50] if isinstance(commands, list) else []


def _callbacks(run: LiveRun, key: str) -> dict[str, Callable[[], None]]:
    return {f"on_{event}_change": _nothing for event in _EVENTS} | {"on_before_change": lambda: _go_on(run, key)}


def _settled(key: str) -> str | None:
    """The run of before a reload that the view of this key has asked for and been answered about."""
    return st.session_state.get(f"live.settled.{key}")


def _go_on(run: LiveRun, key: str) -> None:
    """A reloaded tab asks for the run that it watched before: it takes the place of `run`, if it is still there and left alone."""
    token = (st.session_state.get(key) or {}).get("before")
    st.session_state[f"live.settled.{key}"] = token
    earlier = run.pool.find(str(token))
    if earlier is None or earlier is run or earlier.viewers or earlier.experiment.data.kind != run.experiment.data.kind:
        return
    for name in [name for name, held in st.session_state.items() if held is run]:
        st.session_state[name] = earlier
    run.close()


def _nothing() -> None:
    """Streamlit reruns the script, and that is all that is wanted."""


@cache
def tables() -> dict[str, list[list[str]]]:
    """The tables that the view draws menus from: [key, label] each."""
    chosen: dict[str, Table] = {"activations": ACTIVATIONS, "speeds": SPEEDS, "inputs": INPUTS}
    return {name: [[key, entry.label] for key, entry in table.items()] for name, table in chosen.items()}


@cache
def _component() -> Any:
    return st.components.v2.component("playground_live", css=style(), js=script())


def style() -> str:
    """The view's style sheets: what all views share, then each view's own."""
    return bundle.style(ASSETS, "view.css")


def script() -> str:
    """The view's JavaScript."""
    return bundle.script(ASSETS)
