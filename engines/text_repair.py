"""The parts of a repair that only texts have: the text itself, and recurrent nets. See `engines.repair`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engines.experiment import MAX_OWN_CHARACTERS, RecurrentNet, TextData
from engines.initializers import INITIALIZERS
from engines.mending import Mender
from engines.problems import short

_DATA_FIELDS, _SOURCES = {"sequence", "carry", "validation"}, ("sonnets", "shakespeare")
_NET_FIELDS = {"cell", "embedding"}


def describes_text(data: Mapping[str, Any], net: Mapping[str, Any]) -> bool:
    """Whether plain data of unknown kind are of a text: by their fields, or by their net's."""
    if data.get("kind") is not None:
        return data["kind"] == "text"
    by_net = net.get("kind") == "recurrent" or (net.get("kind") is None and bool(net.keys() & _NET_FIELDS))
    return bool(data.keys() & _DATA_FIELDS) or data.get("source") in _SOURCES or (by_net and data.get("source") in (None, "auto"))


def own_text(raw: Any) -> str | None:
    """The visitor's text in plain data of any origin, whole; None where there is none."""
    data = raw.get("data") if isinstance(raw, Mapping) else None
    own = data.get("own") if isinstance(data, Mapping) else None
    return own if isinstance(own, str) else None


def mend_text(work: Mender, raw: dict[str, Any], base: TextData, own: str | None) -> TextData:
    """The text that plain data describe. own: the visitor's, as `own_text` finds it: `raw` holds only its beginning."""
    names = [name for name in TextData.model_fields if name not in ("kind", "own", "source")]
    fields = {name: work.scalar(TextData, name, raw, getattr(base, name), ("data",)) for name in names}
    fields["own"] = _own(work, raw, base, own)
    source = raw.get("source", base.source)
    if source != "own":
        fields["source"] = work.scalar(TextData, "source", raw, base.source if base.source != "own" else "auto", ("data",))
    elif fields["own"]:
        fields["source"] = source
    else:
        work.note(("data", "own"), "there has to be some text", "using the text that is found")
        fields["source"] = "auto"
    return TextData(**fields)


def _own(work: Mender, raw: dict[str, Any], base: TextData, own: str | None) -> str:
    if "own" not in raw:
        return base.own
    if own is None:
        work.note(("data", "own"), f"{short(raw['own'])} is not text", "left out")
        return ""
    if len(own) > MAX_OWN_CHARACTERS:
        work.note(("data", "own"), f"has more than {MAX_OWN_CHARACTERS:,} characters", f"using the first {MAX_OWN_CHARACTERS:,}")
    # half a character, which JSON can hold and nothing else can
    return own[:MAX_OWN_CHARACTERS].encode("utf-8", "replace").decode()


def mend_recurrent(work: Mender, raw: dict[str, Any], base: RecurrentNet) -> RecurrentNet:
    """The recurrent net that plain data describe; what is missing or does not fit takes the value of `base`."""
    work.unknown(raw, RecurrentNet, ("net",))
    names = [name for name in RecurrentNet.model_fields if name not in ("kind", "initializer")]
    fields = {name: work.scalar(RecurrentNet, name, raw, getattr(base, name), ("net",)) for name in names}
    fields["initializer"] = work.choice(raw.get("initializer"), INITIALIZERS, base.initializer, ("net", "initializer"))
    return RecurrentNet(**fields)
