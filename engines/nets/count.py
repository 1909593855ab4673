"""How large a net is and what its weights are, without building it: imports no JAX."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from engines.experiment import DenseNet, Experiment, PlaneNet, RecurrentNet, StackNet
from engines.nets import stack
from engines.nets.layers import LAYERS

PIXELS, CLASSES = 28 * 28, 10


class Hidden(NamedTuple):
    """A hidden layer that has weights. drawn: whether they are drawn at random; some kinds begin with fixed ones."""

    name: str
    activation: str
    drawn: bool


def sizes(net: DenseNet) -> tuple[int, ...]:
    """Units layer by layer: 784 pixels first, the hidden layers, 10 answers last."""
    return (PIXELS, *(layer.units for layer in net.layers), CLASSES)


def parameters(net: DenseNet | StackNet) -> int:
    """Weights and biases together."""
    if net.kind == "stack":
        return sum(row.parameters for row in stack.rows(net))
    return sum((fan_in + 1) * units for fan_in, units in pairwise(sizes(net)))


def multiplies(net: DenseNet | StackNet) -> int:
    """Multiplications for one digit on its way through the net, those of activations left out."""
    if net.kind == "stack":
        return sum(row.multiplies for row in stack.rows(net))
    return sum(fan_in * units for fan_in, units in pairwise(sizes(net)))


def weight_shapes(net: DenseNet | StackNet) -> list[tuple[str, int, int]]:
    """(key of the layer's kind, fan_in, fan_out) of every pair of weights, in order: what can stand in for what."""
    if net.kind == "dense":
        return [("dense", fan_in, units) for fan_in, units in pairwise(sizes(net))]
    return [(row.key, *_fan(row)) for row in stack.rows(net) if row.weights is not None]


def _fan(row: stack.Row) -> tuple[int, int]:
    fan = LAYERS[row.key].fan(row.shape_in, row.settings or {"units": CLASSES})
    assert fan is not None
    return fan


def hidden(net: PlaneNet | DenseNet | StackNet | RecurrentNet) -> Iterator[Hidden]:
    """The hidden layers that have weights, in the order of the pairs of weights; stacks have others besides.

    None of a recurrent net: a pair of its weights is no layer, and its activations are not chosen.
    """
    if net.kind == "recurrent":
        return
    if net.kind != "stack":
        yield from (Hidden(f"hidden layer {i + 1}", layer.activation, True) for i, layer in enumerate(net.layers))
        return
    for row in stack.rows(net)[:-1]:
        if row.weights is not None:
            yield Hidden(row.label, row.activation, LAYERS[row.key].start is None)


AnyNet = PlaneNet | DenseNet | StackNet | RecurrentNet


def alike(a: AnyNet, b: AnyNet) -> bool:
    """Whether the weights of two nets have the same shapes and places, so that they can stand in for each other.

    Recurrent nets have them only where their alphabets are the same, too: see `interchangeable`.
    """
    if a.kind != b.kind and "recurrent" in (a.kind, b.kind):
        return False
    if {a.kind, b.kind} & {"plane", "recurrent"}:
        return _formed(a) == _formed(b)
    return weight_shapes(a) == weight_shapes(b)


def _formed(net: AnyNet) -> dict[str, Any]:
    if net.kind == "recurrent":
        return net.model_dump(exclude={"initializer", "dropout"})
    return net.model_dump(exclude={"initializer": True, "output": True, "layers": {"__all__": {"activation", "dropout"}}})


def interchangeable(a: Experiment, b: Experiment) -> bool:
    """Whether weights of one experiment can stand in for those of the other. Another text may have another alphabet."""
    same_text = a.data.kind != "text" or b.data.kind != "text" or (a.data.source, a.data.own) == (b.data.source, b.data.own)
    return alike(a.net, b.net) and same_text


def is_same_net(a: Experiment, b: Experiment) -> bool:
    """Whether two experiments differ at most in the form in which they describe a net of the same weights."""
    return a.model_copy(update={"net": b.net}) == b and alike(a.net, b.net)
