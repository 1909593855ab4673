"""The offer to fetch data that is not built in: a button, a bar while it comes, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engines.data.download import Download
from playground.page import notices

BAR_EVERY_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Data that a page's visitor may fetch.

    page: of the keys in the session. download: () -> the process's download. here: whether the data is on this machine already.
    stamp: changes when it arrives. sources: of a description's data that take it as soon as it is there, the first one by choice.
    label, help: the button's. stays: what goes on being used where it fails. arrived: what other visitors are told.
    """

    page: str
    download: Callable[[], Download]
    here: Callable[[], bool]
    stamp: Callable[[], int]
    sources: tuple[str, ...]
    label: str
    help: str
    stays: str
    arrived: str

    def button(self, place: Any) -> None:
        """The button in `place`, where there is anything to fetch."""
        if not self.here() and self.download().now.status != "running":
            key, icon = f"{self.page}.download", ":material/download:"
            place.button(self.label, icon=icon, key=key, width="stretch", on_click=self._begin, help=self.help)

    def _begin(self) -> None:
        st.session_state[self._asked] = True
        st.session_state.pop(self._result, None)
        self.download().start()

    def results(self, run: Any) -> None:
        """What became of the download this session asked for; the run starts afresh with what has come."""
        now = self.download().now
        if st.session_state.get(self._asked) and now.status in ("done", "failed"):
            st.session_state.pop(self._asked)
            st.session_state[self._result] = now
            if now.status == "done":
                self._switch(run)
        place, result = notices(), st.session_state.get(self._result)
        if result is not None and result.status == "failed":
            place.warning(f"{result.text} {self.stays}", icon=":material/cloud_off:")
        elif result is not None:
            place.success(f"Downloaded and checked. {result.text}", icon=":material/check_circle:")
        elif self._is_news() and run.experiment.data.source in self.sources:
            place.info(self.arrived, icon=":material/inventory_2:")
            place.button("Start again with it", key=f"{self.page}.switch", on_click=self._switch, args=(run,))

    def _is_news(self) -> bool:
        return st.session_state.setdefault(self._seen, self.stamp()) != self.stamp()

    def _switch(self, run: Any) -> None:
        st.session_state[self._seen] = self.stamp()
        if run.experiment.data.source not in self.sources:
            run.apply(run.experiment.change(data__source=self.sources[0]))
        run.reset()

    def progress(self) -> None:
        """The bar of a running download. Call it last on the page: it runs on a timer while there is something to watch."""
        if self.download().now.status == "running":
            st.fragment(self._bar, run_every=BAR_EVERY_S)()
        elif st.session_state.get(self._asked):
            st.rerun()  # it ended while this page was being drawn

    def _bar(self) -> None:
        download = self.download()
        now = download.now
        if now.status != "running":
            st.rerun()
        bar, cancel = st.columns([3, 1], vertical_alignment="center", gap="small")
        bar.progress(now.share, text=now.text)
        key = f"{self.page}.download_cancel"
        cancel.button("Cancel", icon=":material/close:", key=key, width="stretch", on_click=download.cancel)

    @property
    def _asked(self) -> str:
        return f"{self.page}.asked"

    @property
    def _seen(self) -> str:
        return f"{self.page}.stamp"

    @property
    def _result(self) -> str:
        return f"{self.page}.download_result"
