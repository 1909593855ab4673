"""'Save and load' of a trained net, on any page whose nets are worth keeping: a safetensors file out, the same file in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engines.nets.net_file import MIME, SUFFIX, NoNet
from engines.nets.readings import NoAnswer, ask
from playground.share import literal

PATIENCE_S = 60.0
"""How long a click waits for a net that is just being compiled."""
LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class NetFiles:
    """The files of one page's nets.

    page: of the keys in the session. name: a file's, without its ending. kept: experiment -> what a file holds, in words.
    replaced: what an opened one takes the place of. taken: the driver of a run -> the net, which to_bytes makes a file of.
    from_bytes: the net in a file; raises NoNet. told: what to say of an opened net, sentence by sentence; raises NoNet where it
    does not fit.
    """

    page: str
    name: str
    kept: Callable[[Any], str]
    replaced: str
    taken: Callable[[Any], Any]
    to_bytes: Callable[[Any], bytes]
    from_bytes: Callable[[bytes], Any]
    told: Callable[[Any], Sequence[str]]
    most_bytes: int

    def draw(self, run: Any) -> None:
        """The panel."""
        save, load = st.columns(2, gap="large")
        with save:
            self._save(run)
        with load:
            self._load(run)

    def _save(self, run: Any) -> None:
        st.markdown("##### Save this net")
        st.caption(self.kept(run.experiment))
        why_not = nothing_to_save(run.snapshot)
        st.download_button(
            "Save the net",
            lambda: self.content(run),
            f"{self.name}{SUFFIX}",
            MIME,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            disabled=why_not is not None,
            key=f"{self.page}.net_save",
            help=why_not or "As it is when you click, even in the middle of training.",
        )
        if why_not is not None:
            st.warning(why_not, icon=":material/block:")
            st.button("Look again", icon=":material/refresh:", key=f"{self.page}.net_again")

    def content(self, run: Any) -> bytes:
        """The file, made when it is asked for. Where there can be none the run says why, and NoNet or NoAnswer is raised."""
        try:
            return self.to_bytes(ask(run, self.taken, patience_s=PATIENCE_S))
        except (NoAnswer, NoNet) as problem:
            run.say(f"Not saved. {problem}")
            raise

    def _load(self, run: Any) -> None:
        st.markdown("##### Open a net")
        st.caption(f"Takes the place of the net on this page, with its {self.replaced}. Training goes on from its weights.")
        opened, said = f"{self.page}.nets_opened", f"{self.page}.net_told"
        key = f"{self.page}.net_upload.{st.session_state.setdefault(opened, 0)}"

        def uploaded() -> None:
            file = st.session_state[key]
            if file is not None:
                st.session_state[said] = self.opened(run, file.name, file.getvalue())
                st.session_state[opened] += 1  # an empty field for the next file

        kinds, most = [SUFFIX.removeprefix(".")], self.most_bytes // 1_000_000
        st.file_uploader("A net saved here (safetensors)", type=kinds, key=key, on_change=uploaded, max_upload_size=most)
        told = st.session_state.pop(said, None)
        if told is not None:
            right, text = told
            (st.success if right else st.warning)(literal(text), icon=":material/check:" if right else ":material/block:")

    def opened(self, run: Any, name: str, file: bytes) -> tuple[bool, str]:
        """Whether the run took the net in this file, and what to say about it."""
        name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        try:
            saved = self.from_bytes(file)
            told = " ".join([f"Opened {name}: {_trained(saved.epoch)}.", *self.told(saved)])
        except NoNet as problem:
            return False, f"{name}: {problem} Nothing was changed."
        run.open_net(saved.experiment, saved.weights, told)
        return True, told


def nothing_to_save(snapshot: Any) -> str | None:
    """Why the net that `snapshot` shows is not worth a file, or None where it is."""
    if snapshot.run.status == "failed":
        return "There is no net to save: this run could not begin. Press reset first."
    overflowed = any(finding.key == "nan" for finding in snapshot.diagnosis)
    if overflowed and snapshot.recording.position is None:
        return "These weights have overflowed, so there is no net to save. Go back in the recording, or reset."
    return None


def _trained(epoch: float) -> str:
    if not epoch:
        return "the weights its run began with"
    return f"trained for {epoch:.3g} epoch{'' if f'{epoch:.3g}' == '1' else 's'}"
