"""The controls of the Shakespeare page: which text, which net, how it is trained."""

from __future__ import annotations

import streamlit as st

from engines.data import text
from engines.experiment import MAX_RECURRENT_LAYERS, text_experiment
from engines.initializers import INITIALIZERS
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.net import parameter_count
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from playground import text_source
from playground.controls import Editor
from playground.figures.text_colour import plain
from playground.share import literal

SOURCES = {
    "auto": "The plays if they are here",
    "shakespeare": "Tiny Shakespeare (plays)",
    "sonnets": "The Sonnets (built in)",
    "own": "Your own text",
}
UNITS = [16, 32, 64, 96, 128, 192, 256, 384, 512]
EMBEDDINGS = [4, 8, 16, 32, 64, 128, 256]
SEQUENCES = [8, 16, 25, 32, 50, 64, 100, 128, 256]
BATCHES = [1, 2, 4, 8, 16, 32, 50, 64, 100, 128, 256]
NAMED = {" ": "space", "\n": "line break", "\t": "tab", "\ufffd": "rare character"}
MAX_PASTED = 200_000
# wants_own: the source in use when the visitor asked for a field to paste into
_WANTS_OWN, _UPLOADS = "shakespeare.wants_own", "shakespeare.uploads"


# ---- text


def text_tab(editor: Editor) -> None:
    """Which text it learns from, and how that is cut up."""
    _source(editor)
    if shown_source(editor) == "own":
        _own(editor)
    editor.number("data__validation", "Kept for validation", 0.02, 0.5, 0.01, "Share of the text, its end, never learned from.")
    _alphabet(editor)


def shown_source(editor: Editor) -> str:
    """The source that the menu shows: 'own' also before there is a text of the visitor's, until another is chosen anywhere."""
    source = editor.experiment.data.source
    return "own" if st.session_state.get(_WANTS_OWN) == source else source


def _source(editor: Editor) -> None:
    key = f"{editor.prefix}.source"
    st.session_state[key] = shown_source(editor)

    def changed() -> None:
        source = st.session_state[key]
        now = editor.experiment.data
        st.session_state[_WANTS_OWN] = now.source if source == "own" and not now.own else None
        if not st.session_state[_WANTS_OWN]:
            editor.change(data__source=source)

    st.selectbox("Text", list(SOURCES), format_func=SOURCES.__getitem__, key=key, on_change=changed)


def _own(editor: Editor) -> None:
    """A field and a file for the visitor's text. It is checked before the run gets it, so that nothing is lost."""
    data = editor.experiment.data
    if data.source == "own":
        st.caption(literal(f"In use: {data.name or 'pasted text'}, {len(data.own):,} characters."))
    key = f"{editor.prefix}.pasted"

    def pasted() -> None:
        take_own(editor, st.session_state.get(key) or "", "")

    st.text_area("Paste a text", key=key, height=120, max_chars=MAX_PASTED, placeholder="At least 200 characters …")
    st.button("Learn this text", key=f"{editor.prefix}.use_pasted", on_click=pasted, width="stretch", icon=":material/check:")
    file_key = f"{editor.prefix}.text_file.{st.session_state.setdefault(_UPLOADS, 0)}"

    def uploaded() -> None:
        file = st.session_state[file_key]
        if file is not None:
            take_file(editor, file.name, file.getvalue())
            st.session_state[_UPLOADS] += 1  # an empty field for the next file

    st.file_uploader("Or open a text file", type=["txt", "md", "text", "csv"], key=file_key, on_change=uploaded, max_upload_size=8)
    st.caption(
        "Plain text in UTF-8, 200 to 2,000,000 characters. It stays in this session: links leave it out, *Share* → JSON has it."
    )


def take_file(editor: Editor, name: str, content: bytes) -> None:
    """Learn the text in a file, or say why that cannot be."""
    try:
        take_own(editor, text.decoded(content, name), name)
    except ValueError as problem:
        editor.refuse(literal(str(problem)))


def take_own(editor: Editor, given: str, name: str) -> None:
    """Learn this text from the beginning, or say why that cannot be."""
    try:
        clean = text.own(given, name).text
    except ValueError as problem:
        editor.refuse(literal(str(problem)))
        return
    editor.change(data__source="own", data__own=clean, data__name=name[:80])
    st.session_state[_WANTS_OWN] = None


def _alphabet(editor: Editor) -> None:
    characters = text_source.alphabet(editor.experiment.data)
    if not characters:
        return
    with st.expander(f"Alphabet: {len(characters)} characters"):
        st.html(plain(shown_alphabet(characters), name="Alphabet"))


def shown_alphabet(characters: str) -> str:
    """Characters side by side; those that would not be seen by name."""
    return "  ".join(NAMED.get(c, c if c.isprintable() else f"U+{ord(c):04X}") for c in characters)


# ---- net


def net_tab(editor: Editor) -> None:
    """What the net is built of."""
    net = editor.experiment.net
    editor.choose("net__cell", "Cell", CELLS)
    st.markdown(f"$\\small {CELLS[net.cell].formula}$")
    st.caption(f"{CELLS[net.cell].help} *{CELLS[net.cell].source}.*")
    editor.number("net__layers", "Layers", 1, MAX_RECURRENT_LAYERS, 1, "Each reads what the one before says of the text.")
    editor.pick("net__units", "Units of each layer", UNITS, "Numbers that a layer remembers and hands on.", zero="")
    editor.pick("net__embedding", "Embedding", [0, *EMBEDDINGS], _EMBEDDING_HELP, zero="One-hot")
    editor.number("net__dropout", "Dropout", 0.0, 0.9, 0.05, "Share of values silenced between layers and before the output.")
    editor.entry("net__initializer", "First weights", INITIALIZERS)
    _size(editor)


_EMBEDDING_HELP = "Numbers that stand for a character, learned with the rest. One-hot: one number a character, of which one is 1."


def _size(editor: Editor) -> None:
    net, alphabet = editor.experiment.net, len(text_source.alphabet(editor.experiment.data))
    cell = CELLS[net.cell]
    carried = net.layers * net.units * cell.carried
    memory = f"It hands on **{carried:,} numbers** from one character to the next" if carried else _LOOKS_BACK
    st.caption(f"**{parameter_count(net, alphabet):,} parameters** for {alphabet} characters. {memory}.")


_LOOKS_BACK = "It remembers nothing, but looks back over the whole sequence"


# ---- training


def usual_rate(optimizer: str) -> float:
    """The learning rate that a switch to an optimizer sets: the page's own for its own optimizer, else that of wide nets."""
    usual = text_experiment()
    return usual.learning_rate if optimizer == usual.optimizer.key else OPTIMIZERS[optimizer].wide_rate


def training_tab(editor: Editor) -> None:
    """How it learns."""
    editor.entry("optimizer", "Optimizer", OPTIMIZERS, lambda key: {"learning_rate": usual_rate(key)})
    st.caption(f"Learning rate {editor.experiment.learning_rate:.3g} (slider above the picture).")
    editor.entry("schedule", "Learning-rate schedule", SCHEDULES)
    editor.pick("clip_norm", "Clip the gradient's norm at", [0, 0.1, 0.25, 0.5, 1, 2, 5, 10, 100], _NORM_HELP)
    editor.pick(
        "clip_value", "Clip each number at", [0, 0.001, 0.01, 0.1, 0.5, 1, 5], "No number of a gradient is larger than this."
    )
    editor.pick("data__sequence", "Sequence", SEQUENCES, "Characters that errors flow back through.", zero="")
    editor.pick("batch_size", "Batch", BATCHES, "Places of the text that are read side by side.", zero="")
    st.toggle("Carry the state on", help=_CARRY_HELP, **editor.bind("data__carry"))
    editor.pick("epochs", "Train for", [0, 1, 2, 5, 10, 20, 40, 100], "Epochs: times through the text.", zero="No end")
    editor.pick("patience", "Stop early after", [0, 1, 2, 3, 5, 10], "Epochs without a better validation loss.", zero="Never")
    editor.entry("penalty", "Penalty on weights", PENALTIES)
    editor.pick("max_norm", "Max-norm of a unit's weights", [0, 1, 2, 3, 5, 10], "Longer weight vectors are shortened.")
    st.number_input("Seed", 0, 2**31 - 1, help="The same seed gives the same first weights and order.", **editor.bind("seed"))


_NORM_HELP = "A longer gradient is shortened. Recurrent nets need it: now and then their gradients explode (Pascanu et al. 2013)."
_CARRY_HELP = (
    "Each sequence begins with what the net remembers of the one before. Errors never flow back further than one sequence."
)
