"""The explanations under a page's view: what to try, what is seen, how it works."""

from __future__ import annotations

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.experiment import Experiment
from engines.losses import CLASS_LOSSES, LOSSES
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.tables import Entry
from playground.words import words

_ICONS = {"Try": ":material/lightbulb:", "What you see": ":material/visibility:", "How it works": ":material/functions:"}


def explain(page: str, experiment: Experiment) -> None:
    """A closed expander for each section of the page's text; 'How it works' also lists the formulas in use.

    What is closed is not drawn: formulas are slow to set, and every change of a control would set them again.
    """
    for title, icon in _ICONS.items():
        section = st.expander(title, icon=icon, key=f"{page}.explain.{title}", on_change="rerun")
        if not section.open:
            continue
        with section:
            st.markdown(words(page)[title])
            if title == "How it works":
                _formulas(experiment)


def _formulas(experiment: Experiment) -> None:
    st.markdown("**In use now**")
    for entry in in_use(experiment):
        st.markdown(f"**{entry.label}** &nbsp; ${entry.formula}$  \n{entry.help} *Source: {entry.source}.*")


def in_use(experiment: Experiment) -> list[Entry]:
    """The entries an experiment has chosen, but for those that do nothing."""
    activations = dict.fromkeys(layer.activation for layer in experiment.net.layers)
    losses = CLASS_LOSSES if experiment.net.kind == "dense" else LOSSES
    chosen = [*(ACTIVATIONS[key] for key in activations), losses[experiment.cost], OPTIMIZERS[experiment.optimizer.key]]
    if experiment.schedule.key != "constant":
        chosen.append(SCHEDULES[experiment.schedule.key])
    if experiment.penalty.key != "none":
        chosen.append(PENALTIES[experiment.penalty.key])
    return chosen
