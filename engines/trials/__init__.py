"""Nets trained side by side: a race of several experiments, and a sweep over two of an experiment's settings.

Both are cut into turns of about 50 ms, so that they can be paused and called off, and publish what they have as they go.
"""

from engines.trials.axes import AXES, changed, knobs
from engines.trials.axis import Axis, Knob, Span
from engines.trials.lane import COLUMNS, Row
from engines.trials.sweep import Line, Sweep
from engines.trials.trials import Contestant, Trials

__all__ = ["AXES", "COLUMNS", "Axis", "Contestant", "Knob", "Line", "Row", "Span", "Sweep", "Trials", "changed", "knobs"]
