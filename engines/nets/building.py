"""Building a stack layer by layer: what each change would give, and why it cannot be made where it cannot. Imports no JAX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engines.experiment import MAX_STACK_LAYERS, StackLayer, StackNet
from engines.nets import stack
from engines.nets.layers import LAYERS
from engines.tables import Setting

MOST_TRIED = 20
"""Settings with more values than this are not tried out one by one."""
_USUAL = "relu"


def with_layers(net: StackNet, layers: Sequence[StackLayer]) -> StackNet:
    """`net` with other layers. Raises ValueError with one sentence where they do not fit together."""
    if len(layers) > MAX_STACK_LAYERS:
        raise ValueError(f"a stack has at most {MAX_STACK_LAYERS} layers besides its output")
    changed = net.model_copy(update={"layers": tuple(layers)})
    stack.rows(changed)
    return changed


def moved(net: StackNet, index: int, by: int) -> StackNet:
    """Layer `index` so many places further on (negative: earlier). Raises ValueError."""
    if not 0 <= index + by < len(net.layers):
        raise ValueError("it is the first layer" if by < 0 else "it is the last layer")
    layers = list(net.layers)
    layers.insert(index + by, layers.pop(index))
    return with_layers(net, layers)


def removed(net: StackNet, index: int) -> StackNet:
    """Without layer `index`. Raises ValueError."""
    return with_layers(net, (*net.layers[:index], *net.layers[index + 1 :]))


def doubled(net: StackNet, index: int) -> StackNet:
    """With a copy of layer `index` behind it. Raises ValueError."""
    return with_layers(net, (*net.layers[: index + 1], *net.layers[index:]))


def inserted(net: StackNet, place: int, key: str) -> StackNet:
    """With a layer of kind `key` before layer `place`: the usual one, with a smaller window where that is too large.

    Its activation is the one that most layers of its kind, else of all kinds, have. Raises ValueError.
    """
    kind = LAYERS[key]
    activation = _common_activation(net, key) if kind.activated else "linear"
    layer = StackLayer(key=key, activation=activation)
    problem: ValueError | None = None
    for settings in _ever_smaller(layer):
        try:
            return with_layers(
                net, (*net.layers[:place], StackLayer(**(dict(layer) | {"settings": settings})), *net.layers[place:])
            )
        except ValueError as error:
            problem = problem or error
    raise problem or ValueError(f"{kind.label} does not fit")


def _ever_smaller(layer: StackLayer) -> list[dict[str, float]]:
    """Its settings, then the same with smaller and smaller windows."""
    sizes = [setting for setting in LAYERS[layer.key].settings if setting.key == "size"]
    if not sizes:
        return [layer.settings]
    smaller = range(int(layer.settings["size"]), int(sizes[0].low) - 1, -1)
    return [layer.settings | {"size": float(size)} for size in smaller]


def _common_activation(net: StackNet, key: str) -> str:
    """What most layers have that are not linear; a normalisation's activation stands for that of the layer it normalises."""
    if key in ("norm", "subsample"):
        return "linear"
    used = Counter(layer.activation for layer in net.layers if layer.activation != "linear")
    return used.most_common(1)[0][0] if used else _USUAL


def why_not(change: object, *arguments: object) -> str:
    """The sentence with which `change(*arguments)` is refused; '' where it can be made."""
    try:
        change(*arguments)  # type: ignore[operator]
    except ValueError as error:
        return str(error)
    return ""


def addable(net: StackNet, place: int) -> tuple[dict[str, StackNet], dict[str, str]]:
    """What each kind of layer would give before layer `place`; and of those that do not fit there, why."""
    fits, refused = {}, {}
    for key in LAYERS:
        try:
            fits[key] = inserted(net, place, key)
        except stack.Misfit as error:
            refused[key] = error.why if error.index == place else _pushed_out(net, error)
        except ValueError as error:
            refused[key] = str(error)
    return fits, refused


def _pushed_out(net: StackNet, error: stack.Misfit) -> str:
    """Why a layer behind a new one would no longer fit, by its number and name as they are without the new one."""
    label = stack.rows(net)[error.index - 1].label
    why = error.why.partition(";")[0].replace(" reaches it", " would reach it").replace(" does not fit ", " would not fit ")
    who = f"layer {error.index}, {label}, comes behind it"
    return f"{who} and {why.removeprefix('it ')}" if why.startswith("it ") else f"{who}: {why}"


def values_that_fit(net: StackNet, index: int, setting: Setting) -> list[int] | None:
    """The values of a whole-numbered setting of layer `index` with which the stack works; None where there are too many to try."""
    if not setting.whole or setting.high - setting.low >= MOST_TRIED:
        return None
    return [value for value in range(int(setting.low), int(setting.high) + 1) if not why_not(_set, net, index, setting.key, value)]


def _set(net: StackNet, index: int, name: str, value: float) -> StackNet:
    layer = net.layers[index]
    changed = layer.model_copy(update={"settings": layer.settings | {name: float(value)}})
    return with_layers(net, (*net.layers[:index], changed, *net.layers[index + 1 :]))


def wants_head(net: StackNet, head: str) -> str:
    """Why the output layer cannot be `head`; '' where it can."""
    return why_not(stack.rows, net.model_copy(update={"head": head}))
