"""A description that a page holds for its visitor where nothing runs on the server between two clicks: the Descent page's race."""

from __future__ import annotations

import streamlit as st

from engines.descriptions import Description


class Held:
    """Holds one description; the same names as a LiveRun, so that `controls.Editor` and `share` work on either.

    revision: grows by one with every change, and with `reset`, which means 'from the start again'.
    """

    def __init__(self, description: Description) -> None:
        self._description = description
        self.revision = 0

    @property
    def experiment(self) -> Description:
        """The description as it stands now."""
        return self._description

    def apply(self, description: Description) -> None:
        """Hold this one from now on."""
        if description != self._description:
            self._description = description
            self.revision += 1

    def reset(self) -> None:
        """From the start again: what is shown is played anew."""
        self.revision += 1


def held_for(page: str, default: Description) -> Held:
    """This session's holder for a page: the one there is, else a new one of `default`."""
    key = f"held.{page}"
    if key not in st.session_state:
        st.session_state[key] = Held(default)
    return st.session_state[key]
