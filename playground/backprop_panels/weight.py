"""One weight followed: the chain rule written out with this pass's numbers, and its gradient found three ways."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engines.trace.chain import Chain, Path, chain
from engines.trace.passes import Trace
from playground.backprop.component import Place
from playground.backprop.names import weight_name
from playground.backprop.traced import Traced, checked

KEY = "backprop"
_PICKED = f"{KEY}.picked"
MOST_WRITTEN, MOST_LINES = 6, 8
A_LINE = 4


def remember(place: Place) -> None:
    """Follow this weight from now on."""
    st.session_state[_PICKED] = place


def chosen(trace: Trace) -> Place:
    """The weight that is followed: the one clicked last, if the net still has it; else the last matrix's first with a gradient."""
    place = st.session_state.get(_PICKED)
    if place is not None and _exists(trace, place):
        return place
    gradient = trace.values[f"G{trace.depth}"]
    row, column = np.unravel_index(int((gradient != 0).argmax()), gradient.shape)
    return Place(trace.depth, int(row), int(column))


def _exists(trace: Trace, place: Place) -> bool:
    if not 1 <= place.layer <= trace.depth:
        return False
    rows, columns = trace.net.weights[place.layer - 1].shape
    return place.column < columns and (place.row is None or place.row < rows)


def weight_panel(traced: Traced, example: int) -> None:
    """Which weight; its chain rule at one example; its gradient three ways; the update it gets."""
    trace, place = traced.trace, chosen(traced.trace)
    _chooser(trace, place)
    found = chain(trace, *place, example=min(max(example, 0), trace.examples - 1))
    left, right = st.columns([1.9, 1], gap="medium")
    with left:
        _written(trace, found)
    with right:
        _three_ways(traced, place)


# ---- which


def _chooser(trace: Trace, place: Place) -> None:
    keys = {name: f"{KEY}.picked_{name}" for name in ("matrix", "row", "column")}
    names = [f"{letter}{n}" for n in range(1, trace.depth + 1) for letter in "Wb"]
    rows, columns = trace.net.weights[place.layer - 1].shape
    st.session_state[keys["matrix"]] = f"{'b' if place.row is None else 'W'}{place.layer}"
    st.session_state[keys["row"]] = 1 if place.row is None else place.row + 1
    st.session_state[keys["column"]] = place.column + 1

    def changed(fresh: bool = False) -> None:
        name = st.session_state[keys["matrix"]]
        row, column = (0, 0) if fresh else (st.session_state[keys["row"]] - 1, st.session_state[keys["column"]] - 1)
        remember(Place(int(name[1:]), None if name[0] == "b" else row, column))

    said = (
        f"Following **{weight_name(trace.net, *place)}**. Click a line or a bias in the diagram to follow another, or choose here:"
    )
    st.markdown(said)
    with st.container(horizontal=True, gap="small"):
        st.selectbox("Matrix", names, key=keys["matrix"], on_change=changed, args=(True,), width=110)
        if place.row is not None:
            st.number_input("Row (from)", 1, rows, key=keys["row"], on_change=changed, width=130)
        st.number_input("Column (to)", 1, columns, key=keys["column"], on_change=changed, width=130)


# ---- written out


def _written(trace: Trace, found: Chain) -> None:
    share = share_name(trace, found)
    if share:
        st.caption(f"The gradient is the sum of a share of each of the {trace.examples} examples. Written out: the {share}.")
    left = rf"\text{{{share}}}" if share else weight_latex(found)
    if found.count == 1:
        st.caption("There is one way from this weight to the cost. Every step of it is a factor:")
    else:
        st.caption(f"There are {found.count:,} ways from this weight to the cost. Each is a product, and the products are added:")
    written = found.paths[: how_many(found)]
    for index, path in enumerate(written):
        st.latex(path_latex(path, left if index == 0 else ""))
    _rest(found, written, left)
    if share:
        st.latex(shares_latex(trace, found))
    _words(found.paths[0])


def _words(path: Path) -> None:
    """What the factors of the first way are; folded away where they are many."""
    listed = "\n".join(f"- ${factor.latex}$ {factor.words}" for factor in path.factors)
    if len(path.factors) <= A_LINE + 1:
        st.markdown(listed)
        return
    folded = st.expander("What each factor of the first way is", key=f"{KEY}.factors", on_change="rerun")
    if folded.open:
        folded.markdown(listed)


def how_many(found: Chain) -> int:
    """How many of the ways are written out: the fewer the longer they are."""
    lines = -(-len(found.paths[0].factors) // A_LINE)
    return max(2, min(MOST_WRITTEN, MOST_LINES // lines))


def _rest(found: Chain, written: tuple[Path, ...], left: str) -> None:
    shown = sum(path.product for path in written)
    if found.count > len(written):
        more = f"{found.count - len(written):,} more, together {number(found.total - shown)}"
        st.caption(f"These are the {len(written)} largest. There are {more}.")
    if found.count > 1:
        st.latex(rf"{left} = {number(found.total, tex=True)}")


def share_name(trace: Trace, found: Chain) -> str:
    """What the ways of one example add up to: 'share of example 1'; '' where there is only one and its share is all."""
    return f"share of example {found.example + 1}" if trace.examples > 1 else ""


def shares_latex(trace: Trace, found: Chain) -> str:
    """The gradient of the whole batch as the share of this example and those of the others, as LaTeX: the table's own number."""
    total, others = gradient_of(trace, found), trace.examples - 1
    rest = "share of the other" if others == 1 else f"shares of the other {others}"
    shares = [(found.total, share_name(trace, found)), (total - found.total, rest)]
    written = [rf"\underbrace{{{number(value, 9, tex=True)}}}_{{\text{{{name}}}}}" for value, name in shares]
    second = written[1].replace("{", "{(", 1).replace("}_", ")}_", 1) if shares[1][0] < 0 else written[1]
    return rf"{weight_latex(found)} = {written[0]} + {second} = {number(total, 9, tex=True)}"


def gradient_of(trace: Trace, found: Chain) -> float:
    """The gradient of the weight that is followed, over all examples."""
    if found.row is None:
        return float(trace.values[f"g{found.layer}"][found.column])
    return float(trace.values[f"G{found.layer}"][found.row, found.column])


def weight_latex(found: Chain) -> str:
    """The derivative of the cost by the weight that is followed, as LaTeX."""
    if found.row is None:
        return rf"\frac{{\partial C}}{{\partial b^{{({found.layer})}}_{{{found.column + 1}}}}}"
    return rf"\frac{{\partial C}}{{\partial w^{{({found.layer})}}_{{{found.row + 1},{found.column + 1}}}}}"


def path_latex(path: Path, left: str) -> str:
    """One way as a product with each factor's number below it, at most five factors a line; `left` stands before it, or a plus."""
    factors = [rf"\underbrace{{{factor.latex}}}_{{{number(factor.value, tex=True)}}}" for factor in path.factors]
    lines = [factors[i : i + A_LINE] for i in range(0, len(factors), A_LINE)]
    head = rf"{left} &=" if left else "&+"
    body = r" \\ &\quad\cdot ".join(r" \cdot ".join(line) for line in lines)
    return rf"\begin{{aligned}} {head} {body} = {number(path.product, tex=True)} \end{{aligned}}"


def number(value: float, digits: int = 3, tex: bool = False) -> str:
    """A number with so many significant digits and a real minus; in LaTeX powers of ten are set as such."""
    text = f"{value:.{digits}g}"
    if not tex:
        return text.replace("-", "−")
    mantissa, mark, power = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if mark else text


# ---- three ways


def _three_ways(traced: Traced, place: Place) -> None:
    trace, found = traced.trace, checked(traced, *place)
    st.markdown("**Its gradient, three ways**" + (", over the whole batch" if trace.examples > 1 else ""))
    rows = [
        ("By the rules", found.rules, "–"),
        ("Autodiff (`jax.grad`)", found.autodiff, number(found.autodiff_error)),
        ("Finite difference", found.difference, number(found.difference_error)),
    ]
    lines = [f"| {name} | {number(value, 9)} | {off} |" for name, value, off in rows]
    st.markdown("\n".join(["| | value | relative error |", "|:--|--:|--:|", *lines]))
    st.caption(
        "The finite difference moves the weight by a millionth and looks at the cost. One-sided it takes one more forward pass "
        "a weight; the check here moves to both sides and uses two, for accuracy. Its error is rounding."
    )
    _update(trace, place, found.rules)


def _update(trace: Trace, place: Place, gradient: float) -> None:
    letter = "b" if place.row is None else "W"
    where = place.column if place.row is None else (place.row, place.column)
    before = float(trace.values[f"{letter}{place.layer}"][where])
    if f"{letter}{place.layer}'" not in trace.values:
        st.caption("Biases are left alone here: *Update the biases too* is off.")
        return
    after = float(trace.values[f"{letter}{place.layer}'"][where])
    step = number(gradient, 9) if gradient >= 0 else f"({number(gradient, 9)})"
    st.markdown(f"**The update**: {number(before, 9)} − {trace.learning_rate:g} × {step} = **{number(after, 9)}**")
