"""What the matrices of a pass are called on the page, and which of the view's colours they wear."""

from __future__ import annotations

from engines.trace.net import Net

_ALONE = {"X": "inputs", "Y": "outputs", "T": "targets", "E": "error of each output", "C": "cost", "dX": "gradient by the inputs"}
_NUMBERED = {
    "dA": "errors arriving at layer {}",
    "W": "weights of layer {}",
    "b": "biases of layer {}",
    "Z": "layer {} before its function",
    "A": "outputs of layer {}",
    "D": "errors behind the function of layer {}",
    "G": "gradient of the weights of layer {}",
    "g": "gradient of the biases of layer {}",
}
_KINDS = {"C": "cost", "E": "cost", "T": "target", "W": "weight", "b": "weight", "d": "gradient", "D": "gradient", "G": "gradient",
          "g": "gradient"}  # fmt: skip


def name_of(symbol: str) -> str:
    """A symbol of a trace in words: 'W2' -> 'weights of layer 2', with "'" behind it 'after the update'."""
    if symbol in _ALONE:
        return _ALONE[symbol]
    bare = symbol.rstrip("'")
    head = bare.rstrip("0123456789")
    if head not in _NUMBERED:
        return symbol
    return _NUMBERED[head].format(bare[len(head) :]) + (" after the update" if symbol.endswith("'") else "")


def kind_of(symbol: str) -> str:
    """'signal', 'weight', 'gradient', 'cost' or 'target'."""
    return _KINDS.get(symbol[0], "signal")


def weight_name(net: Net, layer: int, row: int | None, column: int) -> str:
    """A weight in words: 'the weight from unit 1 to output 2 (layer 2)'; row None is a bias."""
    depth = len(net.weights)
    to = f"{'output' if layer == depth else 'unit'} {column + 1}"
    if row is None:
        return f"the bias of {to} (layer {layer})"
    return f"the weight from {'input' if layer == 1 else 'unit'} {row + 1} to {to} (layer {layer})"
