"""The net of an exported program where it is a stack: every layer a line, only the functions that it uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap

from engines.data import distortions
from engines.data.distortions import DISTORTIONS, Distortion
from engines.data.scalings import SCALINGS
from engines.experiment import Experiment, StackNet
from engines.initializers import INITIALIZERS
from engines.nets import stack
from engines.nets.layers import LAYERS, arrays
from engines.nets.layers.prototypes import ART
from engines.nets.stack import Row
from playground.programs import code_of, filler, helper, literal
from playground.source_text import together

STATISTICS = 2048
"""Training digits whose statistics stand in for a batch's, as in the engine."""
_fill = filler("stack")
_POOLS = {
    "pool_max": "under(x, {size}, {stride}).max(0)",
    "pool_average": "under(x, {size}, {stride}).mean(0)",
    "pool_l2": "root_mean_square(under(x, {size}, {stride}))",
}
_KEY_WORDS = " key: given while it learns."
_WATCH_WORDS = "\n\n    watch: a list that gets every normalising layer's scale and shift.\n    "
_IN_ROWS = ("dense", "flatten", "rbf")


def is_stack(e: Experiment) -> bool:
    """Whether the program needs these blocks: stacks, and every net that sees distorted digits."""
    return e.net.kind == "stack" or (e.data.kind == "digits" and bool(e.data.distortions))


def learns_otherwise(e: Experiment) -> bool:
    """Whether the net does something else while it learns than when it is used."""
    return bool(e.data.distortions) or has_norm(e) or has_dropout(e)


def has_norm(e: Experiment) -> bool:
    """Whether weights have to be settled before they are used."""
    return any(row.key == "norm" for row in _rows(e))


def has_dropout(e: Experiment) -> bool:
    """Whether some layer silences some of its values."""
    return any(map(_rate, _rows(e)))


def has_maps(e: Experiment) -> bool:
    """Whether layers compute maps, which take much room: the digits are then measured in parts."""
    return not _in_rows(stack.as_stack(e.net), _rows(e))


def blocks(e: Experiment, activation: Callable[[str], str]) -> Iterator[str]:
    """The net as text. activation: key -> the function's definition."""
    rows = _rows(e)
    normed, connected = has_norm(e), any(map(_connected, rows))
    yield _fill(
        "layers",
        description=_description(rows),
        helper=helper(code_of(INITIALIZERS, e.net.initializer)),
        initializer=INITIALIZERS[e.net.initializer.key].label,
        draw=code_of(INITIALIZERS, e.net.initializer),
        kept_argument=", kept=1.0" if connected else "",
        kept_words="; kept: 0 where there is no connection" if connected else "",
        drawn="(draw(rng, fan_in, fan_out) * kept)" if connected else "draw(rng, fan_in, fan_out)",
        constants="".join(_constants(rows)),
        weights="\n".join(f"    {_first(row)},  # {row.label}" for row in rows if row.weights is not None),
        functions="\n\n\n".join(part.strip("\n") for part in _functions(e, rows, activation)),
        key_argument=(", key=None" if learns_otherwise(e) else "") + (", watch=None" if normed else ""),
        key_words=(_KEY_WORDS if learns_otherwise(e) else "") + (_WATCH_WORDS if normed else ""),
        lines="\n".join(f"    {line}" for line in _lines(e, rows)),
    )
    if normed:
        yield _fill("settled", places=[row.weights for row in rows if row.key == "norm"])


def _rows(e: Experiment) -> tuple[Row, ...]:
    return stack.rows(stack.as_stack(e.net))


def _rate(row: Row) -> float:
    return row.settings["rate"] if row.key == "dropout" else 0.0


def _description(rows: tuple[Row, ...]) -> str:
    steps = [f"{row.label} ({' x '.join(map(str, row.shape))})" for row in rows]
    text = f"28 x 28 pixels, then {', '.join(steps)}: {sum(row.parameters for row in rows):,} weights and biases."
    return "\n# ".join(wrap(text, 120))


def _connected(row: Row) -> bool:
    return bool(row.key == "conv" and row.settings["connections"])


def _in_rows(net: StackNet, rows: tuple[Row, ...]) -> bool:
    """Whether the pixels may stay in one row all the way."""
    return not net.border and next(row.key for row in rows if row.key != "dropout") in _IN_ROWS


# ---- first weights


def _constants(rows: tuple[Row, ...]) -> Iterator[str]:
    """What the list of first weights needs."""
    if any(row.key in ("norm", "subsample") for row in rows):
        yield _fill("constant")
    for row in rows:
        if _connected(row):
            yield _fill("c3", source=together([arrays.c3_mask], plain=True), size=row.window.size)
            return


def _first(row: Row) -> str:
    if row.key == "norm":
        return f"constant(1, {row.shape[0]})"
    if row.key == "subsample":
        return f"constant(1 / {row.settings['size'] ** 2:g}, {row.shape[0]})"
    settings = {"units": stack.CLASSES} if row.label == stack.OUTPUT else row.settings
    fan_in, fan_out = LAYERS[row.key].fan(row.shape_in, settings)
    return f"first({fan_in}, {fan_out}{', C3' if _connected(row) else ''})"


# ---- what layers do


def _functions(e: Experiment, rows: tuple[Row, ...], activation: Callable[[str], str]) -> Iterator[str]:
    """Every function, and what it needs, that `_lines` calls."""
    keys = {row.key for row in rows}
    yield from (activation(key) for key in dict.fromkeys(row.activation for row in rows) if key != "linear")
    if "conv" in keys:
        yield _fill("conv")
    if keys & {*_POOLS, "subsample"}:
        yield _fill("under")
    if "pool_l2" in keys:
        yield _fill("l2")
    if has_maps(e) and keys & {*_IN_ROWS}:
        yield _fill("flat")
    if "norm" in keys:
        yield _fill("norm", epsilon=arrays.EPSILON)
    if has_dropout(e):
        yield _fill("drop")
    if "rbf" in keys:
        yield _fill("prototypes", art=ART.strip("\n"))
    if e.data.distortions:
        yield _distortions(e.data.distortions)


def _distortions(amounts: dict[str, float]) -> str:
    """Only the kinds that are on."""
    used = [(DISTORTIONS[key], amount) for key, amount in amounts.items()]
    names = {entry.back.__name__: entry.back.__name__.strip("_") for entry, _ in used}
    table = [_distortion(entry, names[entry.back.__name__], amount) for entry, amount in used]
    functions = [*(entry.back for entry, _ in used), distortions.sampled]
    return _fill("distort", source=together(functions, names, plain=True), table="\n".join(table))


def _distortion(entry: Distortion, name: str, amount: float) -> str:
    unit = entry.settings[0].unit
    return f"    ({name}, {literal(amount)}, {entry.draws}),  # {entry.label.lower()}{f' in {unit}' if unit else ''}"


def _lines(e: Experiment, rows: tuple[Row, ...]) -> Iterator[str]:
    """The body of `net`."""
    if e.data.distortions:
        yield "if key is not None:"
        yield "    x = distorted(jax.random.fold_in(key, 1), x)"
    net = stack.as_stack(e.net)
    yield from _picture(net, maps=has_maps(e))
    for row in rows:
        yield from _layer(row, from_maps=has_maps(e) and len(row.shape_in) == 3)
    yield "return x"


def _picture(net: StackNet, maps: bool) -> Iterator[str]:
    """Pixels as the first layer gets them."""
    scaling = SCALINGS[net.scaling]
    if (scaling.scale, scaling.shift) != (1.0, 0.0):
        yield f"x = x * {literal(scaling.scale)} {'-' if scaling.shift < 0 else '+'} {literal(abs(scaling.shift))}"
    if maps:
        yield "x = x.reshape(-1, 28, 28, 1)  # n, height, width, channels"
    if net.border:
        around = f"((0, 0), ({net.border}, {net.border}), ({net.border}, {net.border}), (0, 0))"
        yield f"x = jnp.pad(x, {around}, constant_values={literal(scaling.shift)})"


def _layer(row: Row, from_maps: bool) -> Iterator[str]:
    """The lines of one layer."""
    if row.key == "dropout":
        if _rate(row):
            yield "if key is not None:"
            yield f"    x = drop(jax.random.fold_in(key, {2 + row.index}), x, {literal(_rate(row))})"
        return
    named = f"  # {row.label}"
    if row.weights is not None:
        yield f"w, b = weights[{row.weights}]{named}"
        named = ""
    code = _code(row, "flat(x)" if from_maps else "x")
    if code != "x":
        yield (f"x = {row.activation}({code})" if row.activation != "linear" else f"x = {code}") + named


def _code(row: Row, flat: str) -> str:
    """What a layer computes, without its activation. flat: the input in a row."""
    window = row.window
    if row.key == "conv":
        w = "w * C3" if _connected(row) else "w"
        return f"conv(x, {w}, b, size={window.size}, stride={window.stride}, padding={window.padding})"
    if row.key in _POOLS:
        return _POOLS[row.key].format(size=window.size, stride=window.stride)
    if row.key == "subsample":
        return f"under(x, {window.size}, {window.stride}).sum(0) * w[0] + b"
    return {
        "norm": "norm(x, w, b, key is not None, watch)",
        "flatten": flat,
        "dense": f"{flat} @ w + b",
        "rbf": f"-(({flat}[:, None] - PICTURES) ** 2).sum(-1)",
    }[row.key]
