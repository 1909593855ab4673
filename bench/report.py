"""What a figure looks like when it is told: JSON for machines, a table for readers, and the machine it was measured on."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PACKAGES = ("jax", "jaxlib", "numpy", "streamlit")


@dataclass(frozen=True)
class Limit:
    """What a figure should reach. of: 'value' or 'ratio'; kind: 'most' or 'least'."""

    of: str
    kind: str
    number: float

    def met(self, value: float | None) -> bool | None:
        """Whether `value` keeps it; None when there is no value to judge."""
        if value is None:
            return None
        return value <= self.number if self.kind == "most" else value >= self.number

    def said(self, unit: str) -> str:
        """'at most 2.5 us', 'at least 30x the peer'."""
        return f"at {self.kind} {short(self.number)}{'x the peer' if self.of == 'ratio' else f' {unit}'}"


@dataclass(frozen=True)
class Measured:
    """What a measurement gives. value: None when it could not be measured; `note` says why. ratio: over 1 is better than the peer.

    samples: what `value` is the median of (or as `note` says).
    """

    value: float | None
    peer_value: float | None = None
    ratio: float | None = None
    samples: Sequence[float] = field(default_factory=tuple)
    note: str = ""


def told(figure: Figure, measured: Measured, quick: bool = False) -> dict[str, Any]:
    """The JSON object of one figure."""
    numbers = {"value": measured.value, "ratio": measured.ratio}
    verdicts = [limit.met(numbers[limit.of]) for limit in figure.limits]
    return {
        "name": figure.name,
        "value": _rounded(measured.value),
        "unit": figure.unit,
        "peer": figure.peer if measured.peer_value is not None else None,
        "peer_value": _rounded(measured.peer_value),
        "ratio": _rounded(measured.ratio),
        "machine": machine(),
        "target": "; ".join(limit.said(figure.unit) for limit in figure.limits) or None,
        "met": None if None in verdicts or not verdicts else all(verdicts),
        "samples": [_rounded(sample) for sample in measured.samples],
        "note": measured.note,
        **({"quick": True} if quick else {}),
    }


def _rounded(value: float | None) -> float | None:
    """Four significant digits."""
    return None if value is None else float(f"{value:.4g}")


def short(value: float | None) -> str:
    """Three significant digits, thousands in groups; a dash for nothing."""
    if value is None:
        return "–"
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 or rounded == int(rounded) else f"{rounded:g}"


@functools.cache
def machine() -> dict[str, Any]:
    """What this was measured on: processor, usable cores, memory, versions, GPU."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"cpu": _processor(), "cores": len(_cores()), "memory_gib": round(memory, 1), "gpu": _gpu(), **versions}


def _cores() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    name = next((line.split(":", 1)[1] for line in lines if line.startswith("model name")), "")
    return " ".join(name.split()) or platform.processor() or platform.machine()


def _gpu() -> str | None:
    if shutil.which("nvidia-smi") is None:
        return None
    asked = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, check=False)
    return asked.stdout.strip().splitlines()[0] if asked.returncode == 0 and asked.stdout.strip() else None


def table(results: Mapping[str, dict[str, Any]], figures: Mapping[str, Figure]) -> str:
    """The Markdown of docs/BENCHMARKS.md: one row a figure that has been measured, in the order of the table of figures."""
    rows = [_row(figures[name], results[name]) for name in figures if name in results]
    head = ["Figure", "Measured", "Target", "Met", "Peer", "Peer's", "Ratio"]
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows]]
    notes = [f"- `{name}`: {results[name]['note']}" for name in figures if results.get(name, {}).get("note")]
    return "\n".join([_INTRODUCTION, *_machines(results), "", *lines, "", *(["Notes:", "", *notes, ""] if notes else [])])


_INTRODUCTION = """# Benchmarks

Written by `make bench`; `python -m bench NAME` measures one figure again. Medians of repeated samples after a warm-up; a ratio is
the median of the ratios of alternating rounds of us and the named peer, over 1 in our favour. Samples are in `benchmarks.json`.
"""


def _row(figure: Figure, result: dict[str, Any]) -> list[str]:
    value = "not measured" if result["value"] is None else f"{short(result['value'])} {figure.unit}"
    met = {True: "yes", False: "**no**", None: "–"}[result["met"]]
    ratio = "–" if result["ratio"] is None else f"{short(result['ratio'])}x"
    what = f"`{figure.name}` {figure.what}"
    return [what, value, result["target"] or "–", met, result["peer"] or "–", short(result["peer_value"]), ratio]


def _machines(results: Mapping[str, dict[str, Any]]) -> list[str]:
    """One line a machine, with the figures it measured when there are several."""
    by_machine: dict[str, list[str]] = {}
    for name, result in results.items():
        by_machine.setdefault(json.dumps(result["machine"]), []).append(name)
    lines = []
    for text, names in by_machine.items():
        m = json.loads(text)
        versions = ", ".join(f"{key} {m[key]}" for key in ("python", *PACKAGES) if key in m)
        which = "" if len(by_machine) == 1 else f" ({', '.join(names)})"
        lines.append(
            f"Machine: {m['cpu']}, {m['cores']} cores, {m['memory_gib']} GiB; GPU: {m['gpu'] or 'none'}; {versions}{which}."
        )
    return lines


def write(new: Mapping[str, dict[str, Any]], figures: Mapping[str, Figure], folder: Path = DOCS) -> None:
    """Bring docs/benchmarks.json and docs/BENCHMARKS.md up to date; figures that were not measured now keep what they had."""
    file = folder / "benchmarks.json"
    old = json.loads(file.read_text("utf-8")) if file.exists() else []
    results = {entry["name"]: entry for entry in old if entry["name"] in figures} | dict(new)
    ordered = {name: results[name] for name in figures if name in results}
    folder.mkdir(exist_ok=True)
    file.write_text(json.dumps(list(ordered.values()), indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "BENCHMARKS.md").write_text(table(ordered, figures), "utf-8")
