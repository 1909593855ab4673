"""The expression tree of a formula: a handful of node kinds, nothing else. Evaluated with NumPy or with jnp."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engines.formula.words import FormulaError

Array = Any

VARIABLES = ("x", "y")
CONSTANTS = {"pi": math.pi, "e": math.e}
# float32, in which surfaces are computed, ends near 3.4e38; squares of what is typed have to fit as well.
LARGEST, SMALLEST = 1e18, 1e-18
LARGEST_POWER = 100


@dataclass(frozen=True)
class Function:
    """A function of one number. numpy: its name in NumPy and in jnp; exact: the same on one Python float."""

    numpy: str
    exact: Callable[[float], float]


FUNCTIONS = {
    "sin": Function("sin", math.sin),
    "cos": Function("cos", math.cos),
    "tan": Function("tan", math.tan),
    "exp": Function("exp", math.exp),
    "log": Function("log", math.log),
    "sqrt": Function("sqrt", math.sqrt),
    "abs": Function("abs", abs),
    "tanh": Function("tanh", math.tanh),
}


@dataclass(frozen=True)
class Number:
    """A number as typed, not negative."""

    value: float
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name:
    """x, y, pi or e."""

    key: str
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Negative:
    """Minus `inner`."""

    inner: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Operation:
    """sign: + - * / or ^."""

    sign: str
    left: Node
    right: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """A function of `FUNCTIONS`, by its key, of `inner`."""

    function: str
    inner: Node
    place: int = field(default=0, compare=False)


Node = Number | Name | Negative | Operation | Call


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    match node:
        case Operation(_, left, right):
            return (left, right)
        case Negative(inner) | Call(_, inner):
            return (inner,)
    return ()


def every(node: Node) -> Iterator[Node]:
    """All nodes, each after those below it."""
    for part in parts(node):
        yield from every(part)
    yield node


def constant(node: Node) -> float | None:
    """The value of a node without x and y, in double precision; None where x or y occur.

    Raises FormulaError, without the text, where there is no such value: 1/0, log(-1), 10^400.
    """
    if isinstance(node, Number):
        return _bounded(node.value, node)
    if isinstance(node, Name):
        return CONSTANTS.get(node.key)
    values = [constant(part) for part in parts(node)]
    _check_divisor_and_power(node, values)
    if any(value is None for value in values):
        return None
    try:
        value = _apply(node, values)
    except ZeroDivisionError:
        raise FormulaError("This divides by 0.", node.place) from None
    except OverflowError:
        raise FormulaError(_TOO_LARGE, node.place) from None
    except ValueError:
        raise FormulaError(_no_value(node), node.place) from None
    if isinstance(value, complex):
        raise FormulaError(_no_value(node), node.place)
    return _bounded(value, node)


_TOO_LARGE = f"This is too large: numbers go up to {LARGEST:g}."


def _check_divisor_and_power(node: Node, values: list[float | None]) -> None:
    match node:
        case Operation("/") if values[1] == 0:
            raise FormulaError("This divides by 0.", node.place)
        case Operation("^") if values[1] is not None and abs(values[1]) > LARGEST_POWER:
            raise FormulaError(f"This power is too high: at most {LARGEST_POWER}.", node.place)


def _no_value(node: Node) -> str:
    match node:
        case Call("log"):
            return "log needs a number above 0; of this one it is complex or infinite."
        case Call("sqrt"):
            return "sqrt of a negative number is complex, and a height has to be a real number."
    return "A negative number to a fractional power is complex, and a height has to be a real number."


def _bounded(value: float, node: Node) -> float:
    if not abs(value) <= LARGEST:
        raise FormulaError(_TOO_LARGE, node.place)
    if 0 < abs(value) < SMALLEST:
        raise FormulaError("This is too close to 0 to be told from it.", node.place)
    return float(value)


def _apply(node: Node, values: list[Any]) -> Any:
    match node:
        case Negative():
            return -values[0]
        case Call(function):
            return FUNCTIONS[function].exact(values[0])
        case Operation("^"):
            return values[0] ** values[1]
    return arithmetic(node.sign, *values)


def arithmetic(sign: str, left: Any, right: Any) -> Any:
    """left + right, left - right, left * right or left / right, of numbers or arrays."""
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def evaluate(node: Node, x: Array, y: Array, library: Any) -> Array:
    """The tree's value with `library` (numpy or jax.numpy), elementwise; a plain float where neither x nor y occur.

    Whole powers are repeated products: exact slopes at 0 and left of it. Non-finite where there is no real value.
    """
    value = constant(node)
    if value is not None:
        return value
    match node:
        case Name(key):
            return x if key == "x" else y
        case Negative(inner):
            return -evaluate(inner, x, y, library)
        case Call(function, inner):
            return getattr(library, FUNCTIONS[function].numpy)(evaluate(inner, x, y, library))
        case Operation("^", base, exponent):
            return _power(base, exponent, x, y, library)
        case Operation(sign, left, right):
            return arithmetic(sign, evaluate(left, x, y, library), evaluate(right, x, y, library))
    raise TypeError(f"not a node: {node!r}")


def _power(base: Node, exponent: Node, x: Array, y: Array, library: Any) -> Array:
    power = constant(exponent)
    if base == Name("e"):
        return library.exp(evaluate(exponent, x, y, library))
    if power is not None and power == int(power):
        return evaluate(base, x, y, library) ** int(power)
    return library.power(evaluate(base, x, y, library), evaluate(exponent, x, y, library))
