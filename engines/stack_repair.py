"""The parts of a repair that only digits have: stacks of layers, and how training digits are distorted. See `engines.repair`."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from engines.activations import ACTIVATIONS
from engines.data.distortions import DISTORTIONS
from engines.experiment import MAX_STACK_LAYERS, DenseNet, DigitsData, StackLayer, StackNet
from engines.initializers import INITIALIZERS
from engines.mending import Mender
from engines.nets.layers import LAYERS
from engines.nets.stack import SIDE, as_stack
from engines.problems import Path, sentence, short

_DENSE_FIELDS, _STACK_FIELDS = {"units", "dropout"}, {"border", "scaling", "head"}


def kind_of_net(raw: dict[str, Any], usual: str) -> str:
    """'dense' or 'stack': as the plain data of a net for digits say, by name or by their fields; else `usual`."""
    if raw.get("kind") in ("dense", "stack"):
        return raw["kind"]
    layers = raw.get("layers") if isinstance(raw.get("layers"), list) else []
    fields = {name for layer in layers if isinstance(layer, dict) for name in layer}
    if raw.keys() & _STACK_FIELDS or "key" in fields:
        return "stack"
    return "dense" if fields & _DENSE_FIELDS else usual


def net_of_kind(kind: str, net: DenseNet | StackNet) -> DenseNet | StackNet:
    """`net` where it is of `kind` ('dense' or 'stack'); a dense net as a stack; else the usual net of that kind."""
    if kind == net.kind:
        return net
    try:
        return as_stack(net) if kind == "stack" else DenseNet()
    except ValueError:  # a dense net may be larger than a stack
        return StackNet()


def mend_stack(work: Mender, raw: dict[str, Any], base: StackNet) -> StackNet:
    """The stack that plain data describe; what is missing or does not fit takes the value of `base`, a layer is left out."""
    work.unknown(raw, StackNet, ("net",))
    fields: dict[str, Any] = {
        "initializer": work.choice(raw.get("initializer"), INITIALIZERS, base.initializer, ("net", "initializer")),
        "border": work.scalar(StackNet, "border", raw, base.border, ("net",)),
        "scaling": work.scalar(StackNet, "scaling", raw, base.scaling, ("net",)),
        "head": _head(work, raw, base.head),
    }
    layers = _layers(work, raw["layers"], base) if "layers" in raw else list(enumerate(base.layers))
    fields["layers"] = _fitting(work, layers, fields["border"])
    return _whole(work, fields, base)


def _head(work: Mender, raw: dict[str, Any], fallback: str) -> str:
    """Whether it goes with the layers is seen only once they are known."""
    head = raw.get("head", fallback)
    if head in ("dense", "rbf"):
        return head
    work.note(("net", "head"), f"{short(head)} is neither 'dense' nor 'rbf'", f"using {fallback}")
    return fallback


def _layers(work: Mender, raw: Any, base: StackNet) -> list[tuple[int, StackLayer]]:
    """Every layer that can be read, with its place in `raw`."""
    if not isinstance(raw, list):
        work.note(("net", "layers"), f"{short(raw)} should be a list of layers", "using the default's layers")
        return list(enumerate(base.layers))
    if len(raw) > MAX_STACK_LAYERS:
        work.note(("net", "layers"), f"there are more than {MAX_STACK_LAYERS}", f"using the first {MAX_STACK_LAYERS}")
    read = [(index, _layer(work, item, ("net", "layers", index))) for index, item in enumerate(raw[:MAX_STACK_LAYERS])]
    return [(index, layer) for index, layer in read if layer is not None]


def _layer(work: Mender, raw: Any, path: Path) -> StackLayer | None:
    if not isinstance(raw, dict):
        work.note(path, f"{short(raw)} should be an object with named fields", "this layer is left out")
        return None
    work.unknown(raw, StackLayer, path)
    key = raw.get("key", StackLayer.model_fields["key"].default)
    if not isinstance(key, str) or key not in LAYERS:
        work.note((*path, "key"), f"{short(key)} is none of {', '.join(LAYERS)}", "this layer is left out")
        return None
    settings = work.part(raw.get("settings"), {}, (*path, "settings"))
    kept = {name: value for name, value in settings.items() if work.setting(LAYERS, key, name, value, path)}
    return StackLayer(key=key, settings=kept, activation=_activation(work, raw.get("activation", "linear"), key, path))


def _activation(work: Mender, activation: Any, key: str, path: Path) -> str:
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        text = f"{short(activation)} is none of {', '.join(ACTIVATIONS)}"
    elif activation != "linear" and not LAYERS[key].activated:
        text = f"{LAYERS[key].label} has no activation of its own"
    else:
        return activation
    work.note((*path, "activation"), text, "using linear")
    return "linear"


def _fitting(work: Mender, layers: list[tuple[int, StackLayer]], border: int) -> list[StackLayer]:
    """The layers without those that cannot take what the layers before give."""
    shape: tuple[int, ...] = (1, SIDE + 2 * border, SIDE + 2 * border)
    kept = []
    for index, layer in layers:
        kind = LAYERS[layer.key]
        try:
            shape = kind.shape(shape, layer.settings)
        except ValueError as error:
            work.note(("net", "layers", index), f"{kind.label} does not fit here: {error}", "this layer is left out")
        else:
            kept.append(layer)
    return kept


def _whole(work: Mender, fields: dict[str, Any], base: StackNet) -> StackNet:
    """The stack of these fields; with ten dense units where its head does not go with its layers; else `base`."""
    try:
        return StackNet(**fields)
    except ValidationError as error:
        said = sentence(error.errors()[0])
    if fields["head"] != "dense":
        again = Mender()
        with_units = _whole(again, fields | {"head": "dense"}, base)
        if again.problems:
            work.problems += again.problems
        else:
            work.note(("net", "head"), said, "using dense")
        return with_units
    work.note(("net",), said, "using the default net")
    return base


def mend_distortions(work: Mender, raw: Any, base: dict[str, float]) -> dict[str, float]:
    """The distortions that plain data name; one that does not fit is left out."""
    path: Path = ("data", "distortions")
    if not isinstance(raw, dict):
        work.note(path, f"{short(raw)} should be an object with named fields", "using the default's")
        return dict(base)
    kept = {}
    for key, amount in raw.items():
        try:
            kept |= DigitsData(distortions={key: amount}).distortions
        except ValidationError as error:
            known = f"there is no such distortion; choose from {', '.join(DISTORTIONS)}"
            work.note((*path, key[:40]), sentence(error.errors()[0]) if key in DISTORTIONS else known, "left out")
    return kept
