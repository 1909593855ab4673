"""Slices of the loss of any net: the cost over a plane through its weights. Importing this does not import JAX."""

from engines.landscape.capture import Captured, capture, captured
from engines.landscape.directions import FEWEST_MOMENTS
from engines.landscape.job import SliceJob, make_job, prepare
from engines.landscape.problems import Cancelled, NoLandscape
from engines.landscape.slice import KINDS, MOST_EXAMPLES, USUAL, USUAL_EXAMPLES, Slice, make_slice
from engines.landscape.store import find, keep
from engines.landscape.terrain import label_of, start_of, terrain_of_slice
from engines.landscape.weights import parameters

__all__ = [
    "FEWEST_MOMENTS",
    "KINDS",
    "MOST_EXAMPLES",
    "USUAL",
    "USUAL_EXAMPLES",
    "Cancelled",
    "Captured",
    "NoLandscape",
    "Slice",
    "SliceJob",
    "capture",
    "captured",
    "find",
    "keep",
    "label_of",
    "make_job",
    "make_slice",
    "parameters",
    "prepare",
    "start_of",
    "terrain_of_slice",
]
