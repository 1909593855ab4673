"""Every table of choices, for the command line and the contract tests."""

from __future__ import annotations

from typing import Any


def all_tables() -> dict[str, list[dict[str, Any]]]:
    """Every table of choices as plain data: {table: [{key, label, ...}]}."""
    from engines.activations import ACTIVATIONS
    from engines.data.distortions import DISTORTIONS
    from engines.data.inputs import INPUTS
    from engines.data.points import DATASETS
    from engines.data.scalings import SCALINGS
    from engines.initializers import INITIALIZERS
    from engines.losses import CLASS_LOSSES, LOSSES
    from engines.nets.catalogue import NETS
    from engines.nets.layers import LAYERS
    from engines.nets.recurrent.cells import CELLS
    from engines.nets.recurrent.trackers import FEATURES
    from engines.nets.sandbox import KERNELS, PATTERNS
    from engines.optimizers import OPTIMIZERS
    from engines.presets import PRESETS
    from engines.regularizers import PENALTIES
    from engines.reproduce import PUBLISHED
    from engines.rivals import RIVALS
    from engines.schedules import SCHEDULES
    from engines.sequences.shapes import SHAPES
    from engines.sequences.starts import STARTS
    from engines.sequences.tasks import TASKS
    from engines.surfaces import SURFACES
    from engines.trace.examples import EXAMPLES
    from engines.trace.operations import RULES
    from engines.trace.quizzes import QUIZZES
    from engines.trials.axes import AXES

    tables = (
        DATASETS,
        INPUTS,
        DISTORTIONS,
        SCALINGS,
        LAYERS,
        CELLS,
        FEATURES,
        TASKS,
        SHAPES,
        STARTS,
        NETS,
        KERNELS,
        PATTERNS,
        AXES,
        ACTIVATIONS,
        INITIALIZERS,
        LOSSES,
        CLASS_LOSSES,
        OPTIMIZERS,
        SCHEDULES,
        PENALTIES,
        SURFACES,
        RULES,
        EXAMPLES,
        QUIZZES,
        RIVALS,
        PUBLISHED,
        PRESETS,
    )
    return {table.name: table.describe() for table in tables}
