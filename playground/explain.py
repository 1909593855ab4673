"""The explanations under a page's view: what to try, what is seen, how it works."""

from __future__ import annotations

import streamlit as st

from engines.activations import ACTIVATIONS
from engines.data.distortions import DISTORTIONS
from engines.data.scalings import SCALINGS
from engines.descent.race import Race
from engines.descriptions import Description
from engines.experiment import DenseNet, Experiment, PlaneNet, RecurrentNet, StackNet
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.nets.layers import LAYERS
from engines.nets.recurrent.cells import CELLS
from engines.optimizers import OPTIMIZERS
from engines.regularizers import PENALTIES
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from engines.tables import Entry
from engines.trace.brought import find
from engines.trace.study import Study
from playground.words import words

_ICONS = {"Try": ":material/lightbulb:", "What you see": ":material/visibility:", "How it works": ":material/functions:"}


def explain(page: str, experiment: Description) -> None:
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


def _formulas(experiment: Description) -> None:
    st.markdown("**In use now**")
    for entry in in_use(experiment):
        formula = f" &nbsp; ${entry.formula}$" if entry.formula else ""
        st.markdown(f"**{entry.label}**{formula}  \n{entry.help} *Source: {entry.source}.*")


def in_use(experiment: Description) -> list[Entry]:
    """The entries an experiment, a race or a study has chosen, each once, but for those that do nothing."""
    if isinstance(experiment, Study):
        return _in_study(experiment)
    return _in_race(experiment) if isinstance(experiment, Race) else _in_experiment(experiment)


def _in_study(study: Study) -> list[Entry]:
    brought = find(study.brought) if study.examples == "brought" else None
    used = brought.net.activations if brought else (*(layer.activation for layer in study.layers), study.output_used)
    cost = brought.net.cost if brought else study.cost
    chosen = [*(ACTIVATIONS[key] for key in dict.fromkeys(used)), (LOSSES if cost in LOSSES else CLASS_LOSSES)[cost]]
    return chosen if brought or study.published else [*chosen, INITIALIZERS[study.initializer.key]]


def _in_race(race: Race) -> list[Entry]:
    optimizers = dict.fromkeys(runner.optimizer.key for runner in race.runners)
    schedules = dict.fromkeys(runner.schedule.key for runner in race.runners if runner.schedule.key != "constant")
    return [SURFACES[race.surface.key], *(OPTIMIZERS[key] for key in optimizers), *(SCHEDULES[key] for key in schedules)]


def _in_experiment(experiment: Experiment) -> list[Entry]:
    losses = LOSSES if experiment.data.kind == "points" else CLASS_LOSSES
    chosen = [*_in_net(experiment.net), losses[experiment.cost], OPTIMIZERS[experiment.optimizer.key]]
    if experiment.schedule.key != "constant":
        chosen.append(SCHEDULES[experiment.schedule.key])
    if experiment.penalty.key != "none":
        chosen.append(PENALTIES[experiment.penalty.key])
    if experiment.data.kind == "digits":
        chosen += [DISTORTIONS[key] for key in experiment.data.distortions]
    return chosen


def _in_net(net: PlaneNet | DenseNet | StackNet | RecurrentNet) -> list[Entry]:
    if net.kind == "recurrent":
        return [CELLS[net.cell]]
    activations = dict.fromkeys(layer.activation for layer in net.layers)
    if net.kind != "stack":
        return [ACTIVATIONS[key] for key in activations]
    kinds = dict.fromkeys(layer.key for layer in net.layers)
    scaling = [SCALINGS[net.scaling]] if net.scaling != "unit" else []
    return [*scaling, *(LAYERS[key] for key in kinds), *(ACTIVATIONS[key] for key in activations if key != "linear")]
