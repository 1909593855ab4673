"""'Save and load': the trained net itself, with the experiment it belongs to, as a safetensors file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engines.data import digits
from engines.nets import stack
from engines.nets.net_file import MAX_NET_BYTES, MIME, SUFFIX, NoNet, SavedNet, from_bytes, to_bytes
from engines.nets.readings import NoAnswer, ask
from playground.share import literal

UPLOAD, TOLD, OPENED = "digits.net_upload", "digits.net_told", "digits.nets_opened"
PATIENCE_S = 60.0
"""How long a click waits for a net that is just being compiled."""
LONGEST_NAME = 60
SETS = {"full": "the full MNIST", "builtin": "the built-in digits"}


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
    numbers = sum(row.parameters for row in stack.rows(stack.as_stack(run.experiment.net)))
    st.caption(
        f"Its {numbers:,} weights and biases together with the experiment, in one file. Any program that reads safetensors finds "
        "the numbers; nothing in such a file can run."
    )
    why_not = nothing_to_save(run.snapshot)
    st.download_button(
        "Save the net",
        lambda: content(run),
        f"digits-net{SUFFIX}",
        MIME,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
        disabled=why_not is not None,
        key="digits.net_save",
        help=why_not or "As it is when you click, even in the middle of training.",
    )
    if why_not is not None:
        st.warning(why_not, icon=":material/block:")
        st.button("Look again", icon=":material/refresh:", key="digits.net_again")
    st.caption("*Share*, at the top of the page, has the experiment without its weights: as a link, a notebook or a script.")


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


def _taken(driver: Any) -> SavedNet:
    trainer = driver.ready
    accuracy = trainer.report.metrics.test_accuracy if trainer.report else None
    return SavedNet(driver.experiment, trainer.weights(), driver.epoch, accuracy, _set(trainer.digits))


def _set(found: digits.Digits) -> str:
    return "builtin" if found.source == "builtin" else "full"


# ---- in


def _load(run: Any) -> None:
    st.markdown("##### Open a net")
    st.caption("Takes the place of the net on this page, with its layers and settings. Training goes on from its weights.")
    key = f"{UPLOAD}.{st.session_state.setdefault(OPENED, 0)}"

    def opened() -> None:
        file = st.session_state[key]
        if file is not None:
            st.session_state[TOLD] = _open(run, file.name, file.getvalue())
            st.session_state[OPENED] += 1  # an empty field for the next file

    st.file_uploader(
        "A net saved here (safetensors)",
        type=[SUFFIX.removeprefix(".")],
        key=key,
        on_change=opened,
        max_upload_size=MAX_NET_BYTES // 1_000_000,
    )
    told = st.session_state.pop(TOLD, None)
    if told is not None:
        right, text = told
        (st.success if right else st.warning)(literal(text), icon=":material/check:" if right else ":material/block:")


def _open(run: Any, name: str, file: bytes) -> tuple[bool, str]:
    """Whether the file was opened, and what to say about it."""
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    try:
        saved = from_bytes(file)
    except NoNet as problem:
        return False, f"{name}: {problem} Nothing was changed."
    told = [f"Opened {name}: {_trained(saved.epoch)}."]
    if saved.epoch and saved.accuracy is not None:
        told.append(f"When last measured it read {100 * saved.accuracy:.4g} % of its test digits rightly.")
    here = _set(digits.load(saved.experiment.data.source))
    if saved.digits not in (None, here):
        told.append(f"It learned from {SETS[saved.digits]}, and here it meets {SETS[here]}: figures will differ.")
    run.open_net(saved.experiment, saved.weights, " ".join(told))
    return True, " ".join(told)


def _trained(epoch: float) -> str:
    return f"trained for {epoch:.3g} epoch{'' if f'{epoch:.3g}' == '1' else 's'}" if epoch else "not trained yet"
