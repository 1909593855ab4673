"""The pass itself, from the written-out rules. No automatic differentiation: that is what `check` compares with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engines.activations import ACTIVATIONS
from engines.trace.net import Net, errors, in_precision, slope
from engines.trace.operations import Operation


@dataclass(frozen=True)
class Trace:
    """Every operation of one step of learning, in order, and every value by symbol.

    Symbols: X, W1, b1, Z1, A1 ... Y (the last A), T, E (error of each output), C (the total); dA2 (error arriving at A2),
    D2 (delta, behind f'), G2 and g2 (gradients of W2 and b2), dX, W2' and b2' (after the update), eta (the learning rate).
    Shapes are (examples, units) for A, Z, dA, D.
    """

    net: Net
    learning_rate: float
    operations: tuple[Operation, ...]
    values: dict[str, np.ndarray] = field(repr=False)

    @property
    def depth(self) -> int:
        """Number of weight matrices."""
        return len(self.net.weights)

    @property
    def examples(self) -> int:
        """How many examples went through together."""
        return self.values["X"].shape[0]

    @property
    def total(self) -> float:
        """The cost before the update."""
        return float(self.values["C"])

    @property
    def updated(self) -> Net:
        """The net after the update."""
        numbers = range(1, self.depth + 1)
        weights = tuple(self.values[f"W{n}'"] for n in numbers)
        return replace(self.net, weights=weights, biases=tuple(self.values.get(f"b{n}'", self.values[f"b{n}"]) for n in numbers))

    def span(self, phase: str) -> range:
        """Indices of the operations of a phase."""
        found = [operation.index for operation in self.operations if operation.phase == phase]
        return range(found[0], found[-1] + 1)


def output_symbol(net: Net, layer: int) -> str:
    """What the outputs of layer `layer` are called: A1, A2, ..., and Y at the end."""
    return "X" if layer == 0 else "Y" if layer == len(net.weights) else f"A{layer}"


def trace(net: Net, x: Any, t: Any, learning_rate: float = 0.5, dtype: Any = np.float32) -> Trace:
    """One step of gradient descent on the examples x (examples, inputs) with targets t (examples, outputs).

    Raises ValueError naming both shapes where x or t do not fit the net.
    Source: Rumelhart, Hinton & Williams 1986, in matrix form.
    """
    x, t = np.atleast_2d(np.asarray(x, dtype)), np.atleast_2d(np.asarray(t, dtype))
    if x.shape[1] != net.widths[0] or t.shape != (x.shape[0], net.widths[-1]):
        raise ValueError(
            f"a net of {net.widths} needs inputs (n, {net.widths[0]}) and targets (n, {net.widths[-1]}), "
            f"not {x.shape} and {t.shape}"
        )
    work = Pass(net.cast(dtype), x, t, np.dtype(dtype).type(learning_rate))
    with np.errstate(all="ignore"), in_precision(dtype):
        for stage in (work.forward, work.error, work.backward, work.update):
            stage()
    return Trace(work.net, float(learning_rate), tuple(work.operations), work.values)


class Pass:
    """Does the operations one by one and writes them down: `forward`, `error`, `backward`, `update`, in this order.

    net, x (n, inputs), t (n, outputs) and rate are of one precision, which JAX has to be in (`net.in_precision`).
    """

    def __init__(self, net: Net, x: np.ndarray, t: np.ndarray, rate: Any) -> None:
        self.net, self.rate, self.depth = net, rate, len(net.weights)
        self.values: dict[str, np.ndarray] = {"X": x, "T": t, "eta": np.asarray(rate)}
        self.operations: list[Operation] = []
        for n, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True), 1):
            self.values |= {f"W{n}": weight, f"b{n}": bias}

    def _note(self, rule: str, operation: str, layer: int, inputs: str, output: str, value: Any, latex: str) -> None:
        self.values[output] = np.asarray(value, self.net.weights[0].dtype)
        self.operations.append(Operation(len(self.operations), rule, operation, layer, tuple(inputs.split()), output, latex))

    def _layers(self) -> Iterator[tuple[int, str, str, Any]]:
        """Number, symbol of what goes in, symbol of what comes out, activation."""
        for n in range(1, self.depth + 1):
            yield n, output_symbol(self.net, n - 1), output_symbol(self.net, n), ACTIVATIONS[self.net.activations[n - 1]]

    def forward(self) -> None:
        """Forward rules 1 to 3, layer by layer."""
        v = self.values
        for n, before, after, activation in self._layers():
            z = v[before] @ v[f"W{n}"] + v[f"b{n}"]
            formula = rf"Z_{{{n}}} = {latex(before)}\, W_{{{n}}} + b_{{{n}}}"
            self._note("forward_1", "multiply by the weights", n, f"{before} W{n} b{n}", f"Z{n}", z, formula)
            a, formula = activation.apply(_array(z)), rf"{latex(after)} = f(Z_{{{n}}})"
            self._note("forward_2", f"apply {activation.label}", n, f"Z{n}", after, a, formula)
            if n < self.depth:
                formula = rf"{latex(after)} \to \text{{layer }} {n + 1}"
                self._note("forward_3", "pass on", n, after, after, v[after], formula)

    def error(self) -> None:
        """Forward rule 4: the error of each output, and their total."""
        v, end = self.values, self.depth + 1
        each = errors(self.net.cost, _array(v["Y"]), _array(v["T"]))
        self._note("forward_4", "apply the error function", end, "Y T", "E", each, "E = E(Y, T)")
        total = v["E"].sum() / len(v["E"])
        self._note("forward_4", "add up", end, "E", "C", total, r"C = \tfrac1n \sum_{ik} E_{ik}")

    def backward(self) -> None:
        """The start of the way back, then backward rules 1 to 3 and the gradient rule, from the last layer to the first."""
        v, depth = self.values, self.depth
        start = slope(self.net.cost, _array(v["Y"]), _array(v["T"])) / len(v["Y"])
        formula = r"\frac{\partial C}{\partial Y} = \tfrac1n E'(Y, T)"
        self._note("forward_4", "start the backward pass", depth + 1, "Y T", f"dA{depth}", start, formula)
        for n, before, _, activation in reversed(list(self._layers())):
            self._behind(n, activation)
            self._gradients(n, before)
            self._below(n)

    def _behind(self, n: int, activation: Any) -> None:
        """Backward rule 2."""
        v = self.values
        delta = v[f"dA{n}"] * np.asarray(activation.derivative(_array(v[f"Z{n}"])))
        formula = rf"\delta_{{{n}}} = {latex(f'dA{n}', self.depth)} \odot f'(Z_{{{n}}})"
        self._note("backward_2", f"times the derivative of {activation.label}", n, f"dA{n} Z{n}", f"D{n}", delta, formula)

    def _gradients(self, n: int, before: str) -> None:
        """The gradient rule."""
        v = self.values
        formula = rf"\frac{{\partial C}}{{\partial W_{{{n}}}}} = {latex(before)}^\top \delta_{{{n}}}"
        found = v[before].T @ v[f"D{n}"]
        self._note("gradient", "gradient of the weights", n, f"{before} D{n}", f"G{n}", found, formula)
        formula = rf"\frac{{\partial C}}{{\partial b_{{{n}}}}} = \sum_i \delta_{{{n},i}}"
        self._note("gradient", "gradient of the biases", n, f"D{n}", f"g{n}", v[f"D{n}"].sum(0), formula)

    def _below(self, n: int) -> None:
        """Backward rules 1 and 3."""
        v, below = self.values, f"dA{n - 1}" if n > 1 else "dX"
        formula = rf"{latex(below, self.depth)} = \delta_{{{n}}}\, W_{{{n}}}^\top"
        self._note("backward_1", "multiply by the transpose", n, f"D{n} W{n}", below, v[f"D{n}"] @ v[f"W{n}"].T, formula)
        if n > 1:
            formula = rf"{latex(below, self.depth)} \to \text{{layer }} {n - 1}"
            self._note("backward_3", "pass on", n, below, below, v[below], formula)

    def update(self) -> None:
        """Each matrix, and where they learn each row of biases, a step against its gradient."""
        for n in range(1, self.depth + 1):
            for own, gradient in (("W", "G"), ("b", "g")) if self.net.train_biases else (("W", "G"),):
                old, found = f"{own}{n}", f"{gradient}{n}"
                formula = rf"{latex(old)} \leftarrow {latex(old)} - \eta\, {latex(found)}"
                new = self.values[old] - self.rate * self.values[found]
                self._note("update", "step against the gradient", n, f"{old} {found} eta", f"{old}'", new, formula)


def _array(value: np.ndarray) -> Any:
    from engines.lazy import jnp

    return jnp.asarray(value)


def latex(symbol: str, depth: int = 0) -> str:
    """A symbol of the trace as LaTeX: 'dA2' -> the derivative of C by A2 (by Y where 2 is the depth), 'D1' -> delta 1."""
    if symbol in ("X", "Y", "T", "E", "C"):
        return symbol
    if symbol == "eta":
        return r"\eta"
    mark, symbol = ("'", symbol[:-1]) if symbol.endswith("'") else ("", symbol)
    if symbol.startswith("d"):
        inner = "X" if symbol == "dX" else "Y" if symbol == f"dA{depth}" else latex(symbol[1:])
        return rf"\frac{{\partial C}}{{\partial {inner}}}"
    head, number = symbol[0], symbol[1:]
    if head in "Gg":
        return rf"\frac{{\partial C}}{{\partial {'W' if head == 'G' else 'b'}_{{{number}}}}}"
    name = r"\delta" if head == "D" else head
    return f"{name}_{{{number}}}{mark}"
