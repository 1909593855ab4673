"""'Save and load': the trained net itself, with its experiment and its alphabet, as a safetensors file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.data.alphabet import Alphabet
from engines.nets.net_file import MIME, SUFFIX, NoNet
from engines.nets.readings import NoAnswer, ask
from engines.nets.recurrent.net import parameter_count
from engines.nets.recurrent.text_file import MAX_TEXT_NET_BYTES, SavedText, from_bytes, to_bytes
from playground import text_source
from playground.share import literal

UPLOAD, TOLD, OPENED = "shakespeare.net_upload", "shakespeare.net_told", "shakespeare.nets_opened"
PATIENCE_S = 60.0
"""How long a click waits for a net that is just being compiled."""
LONGEST_NAME = 60


def draw(run: Any) -> None:
    """The panel."""
    save, load = st.columns(2, gap="large")
    with save:
        _save(run)
    with load:
        _load(run)


# ---- out


def _save(run: Any) -> None:
    st.markdown("##### Save this net")
    experiment = run.experiment
    numbers = parameter_count(experiment.net, len(text_source.alphabet(experiment.data)))
    what = "the experiment, its alphabet and your text" if experiment.data.source == "own" else "the experiment and its alphabet"
    st.caption(
        f"Its {numbers:,} weights and biases together with {what}, in one file. Any program that reads "
        "safetensors finds the numbers; nothing in such a file can run. `python -m engines sample` writes with it."
    )
    why_not = nothing_to_save(run.snapshot)
    st.download_button(
        "Save the net",
        lambda: content(run),
        f"text-net{SUFFIX}",
        MIME,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
        disabled=why_not is not None,
        key="shakespeare.net_save",
        help=why_not or "As it is when you click, even in the middle of training.",
    )
    if why_not is not None:
        st.warning(why_not, icon=":material/block:")
        st.button("Look again", icon=":material/refresh:", key="shakespeare.net_again")


def nothing_to_save(snapshot: Any) -> str | None:
    """Why the net that `snapshot` shows is not worth a file, or None where it is."""
    if snapshot.run.status == "failed":
        return "There is no net to save: this run could not begin. Press reset first."
    overflowed = any(finding.key == "nan" for finding in snapshot.diagnosis)
    if overflowed and snapshot.recording.position is None:
        return "These weights have overflowed, so there is no net to save. Go back in the recording, or reset."
    return None


def content(run: Any) -> bytes:
    """The file, made when it is asked for. Where there can be none the run says why, and NoNet or NoAnswer is raised."""
    try:
        return to_bytes(ask(run, _taken, patience_s=PATIENCE_S))
    except (NoAnswer, NoNet) as problem:
        run.say(f"Not saved. {problem}")
        raise


def _taken(driver: Any) -> SavedText:
    trainer, last = driver.ready, driver.curve.at(driver.epoch)
    nats = None if last is None else float(last[2])
    return SavedText(driver.experiment, trainer.weights(), Alphabet(trainer.corpus.alphabet.characters), driver.epoch, nats)


# ---- in


def _load(run: Any) -> None:
    st.markdown("##### Open a net")
    st.caption("Takes the place of the net on this page, with its text and settings. Training goes on from its weights.")
    key = f"{UPLOAD}.{st.session_state.setdefault(OPENED, 0)}"

    def opened() -> None:
        file = st.session_state[key]
        if file is not None:
            st.session_state[TOLD] = open_net(run, file.name, file.getvalue())
            st.session_state[OPENED] += 1  # an empty field for the next file

    st.file_uploader(
        "A net saved here (safetensors)",
        type=[SUFFIX.removeprefix(".")],
        key=key,
        on_change=opened,
        max_upload_size=MAX_TEXT_NET_BYTES // 1_000_000,
    )
    told = st.session_state.pop(TOLD, None)
    if told is not None:
        right, text = told
        (st.success if right else st.warning)(literal(text), icon=":material/check:" if right else ":material/block:")


def open_net(run: Any, name: str, file: bytes) -> tuple[bool, str]:
    """Whether the file was opened, and what to say about it."""
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    try:
        saved = from_bytes(file)
    except NoNet as problem:
        return False, f"{name}: {problem} Nothing was changed."
    here = text_source.alphabet(saved.experiment.data)
    if here != saved.alphabet.characters:
        return False, f"{name}: {_another_alphabet(saved, here)} Nothing was changed."
    told = [f"Opened {name}: {_trained(saved.epoch)}."]
    if saved.epoch and saved.nats is not None:
        told.append(f"When last measured it needed {saved.nats:.3f} nats a character on text it had not seen.")
    run.open_net(saved.experiment, saved.weights, " ".join(told))
    return True, " ".join(told)


def _another_alphabet(saved: SavedText, here: str) -> str:
    told = f"it reads {len(saved.alphabet)} different characters, and its text here has {len(here)} or other ones."
    if saved.experiment.data.source in ("auto", "shakespeare") and not text_source.has_full():
        return f"{told} Get Tiny Shakespeare first (at the top of the page)."
    return told


def _trained(epoch: float) -> str:
    return f"trained for {epoch:.3g} epoch{'' if f'{epoch:.3g}' == '1' else 's'}" if epoch else "the weights its run began with"
