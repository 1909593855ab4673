"""An expression tree written out again: as text that reads back as the same tree, as LaTeX, and as jnp code."""

from __future__ import annotations

from engines.formula.tree import FUNCTIONS, Call, Name, Negative, Node, Number, Operation, constant

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}


def _level(node: Node) -> int:
    """How tightly the node binds."""
    match node:
        case Operation(sign):
            return _LEVELS[sign]
        case Negative():
            return _SIGN
    return _ATOM


def number(value: float) -> str:
    """The shortest text that reads back as exactly this float: 2, 0.5, 1e-05."""
    text = repr(float(value))
    return text.removesuffix(".0")


def text_of(node: Node, space: str = " ") -> str:
    """Canonical text, with `space` around + and -."""

    def inner(part: Node, at_least: int) -> str:
        written = text_of(part, space)
        return written if _level(part) >= at_least else f"({written})"

    match node:
        case Number(value):
            return number(value)
        case Name(key):
            return key
        case Negative(part):
            return "-" + inner(part, _SIGN)
        case Call(function, part):
            return f"{function}({text_of(part, space)})"
        case Operation("^", base, exponent):
            return f"{inner(base, _ATOM)}^{inner(exponent, _SIGN)}"
        case Operation(sign, left, right):
            level = _LEVELS[sign]
            gap = space if level == _SUM else ""
            return f"{inner(left, level)}{gap}{sign}{gap}{inner(right, level + 1)}"
    raise TypeError(f"not a node: {node!r}")


def latex_of(node: Node) -> str:
    """LaTeX, without dollar signs."""

    def inner(part: Node, at_least: int) -> str:
        written = latex_of(part)
        return written if _level(part) >= at_least else rf"\left({written}\right)"

    match node:
        case Number(value):
            return _latex_number(value)
        case Name(key):
            return r"\pi" if key == "pi" else key
        case Negative(part):
            return "-" + inner(part, _POWER)
        case Call(function, part):
            return _latex_call(function, latex_of(part))
        case Operation("^", base, exponent):
            return f"{inner(base, _ATOM)}^{{{latex_of(exponent)}}}"
        case Operation("/", left, right):
            return rf"\frac{{{latex_of(left)}}}{{{latex_of(right)}}}"
        case Operation("*", left, right):
            first, second = inner(left, _PRODUCT), inner(right, _POWER)
            return rf"{first} \cdot {second}" if second[0].isdigit() or second[0] == "-" else rf"{first}\,{second}"
        case Operation(sign, left, right):
            return f"{inner(left, _SUM)} {sign} {inner(right, _PRODUCT)}"
    raise TypeError(f"not a node: {node!r}")


def _latex_number(value: float) -> str:
    digits, _, power = number(value).partition("e")
    if not power:
        return digits
    return f"10^{{{int(power)}}}" if digits == "1" else rf"{digits} \cdot 10^{{{int(power)}}}"


def _latex_call(function: str, argument: str) -> str:
    match function:
        case "sqrt":
            return rf"\sqrt{{{argument}}}"
        case "abs":
            return rf"\left|{argument}\right|"
        case "exp":
            return f"e^{{{argument}}}"
    return rf"\{function}\left({argument}\right)"


def code_of(node: Node) -> str:
    """A jnp expression of x and y with the same arithmetic as `engines.formula.tree.evaluate`; constants are folded."""
    if (value := constant(node)) is not None:
        return f"jnp.full_like(x, {value!r})"
    return _code(node)


def _code(node: Node) -> str:
    value = constant(node)
    if value is not None:
        return repr(value) if value >= 0 else f"({value!r})"
    match node:
        case Name(key):
            return key
        case Negative(inner):
            return f"(-{_code(inner)})"
        case Call(function, inner):
            return f"jnp.{FUNCTIONS[function].numpy}({_code(inner)})"
        case Operation("^", base, exponent):
            return _code_power(base, exponent)
        case Operation(sign, left, right):
            return f"({_code(left)} {sign} {_code(right)})"
    raise TypeError(f"not a node: {node!r}")


def _code_power(base: Node, exponent: Node) -> str:
    power = constant(exponent)
    if base == Name("e"):
        return f"jnp.exp({_code(exponent)})"
    if power is not None and power == int(power):
        return f"({_code(base)} ** {int(power)})"
    return f"jnp.power({_code(base)}, {_code(exponent)})"
