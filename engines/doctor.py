"""What this machine offers: device, memory, versions, and where digits and texts would come from. For the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engines import device
from engines.data import digits, text


def examine() -> dict[str, Any]:
    """A report as plain data: {sentence, device, memory, versions, data}. Imports JAX; times a short product on a CPU."""
    report = device.report()
    found = asdict(report)
    versions = found.pop("versions")
    memory = {name: found.pop(name) for name in ("process_bytes", "machine_bytes", "available_bytes", "device_bytes")}
    sets = {"digits": digits, "text": text}
    places = [{"set": name, **place._asdict()} for name, found_at in sets.items() for place in found_at.places()]
    return {"sentence": report.sentence(), "device": found, "memory": memory, "versions": versions, "data": places}
