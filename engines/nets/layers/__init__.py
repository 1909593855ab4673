"""Layers of a stack: the table, and what each does to shapes, counts and arrays."""

from engines.nets.layers.table import LAYERS, LayerKind, Settings, Shape

__all__ = ["LAYERS", "LayerKind", "Settings", "Shape"]
