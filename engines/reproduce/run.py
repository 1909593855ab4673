"""Run a published result: one function, one plain record."""

from __future__ import annotations

import importlib.metadata
import time
from datetime import UTC, datetime
from typing import Any

from engines import device
from engines.data import digits
from engines.data.sources import DataProblem
from engines.reproduce.measures import Bench
from engines.reproduce.parts import RivalPart, fitting
from engines.reproduce.records import Record
from engines.reproduce.table import PUBLISHED
from engines.reproduce.training import Tell
from engines.rivals.watch import IsCancelled, Progress, Watch

SOURCES = ("full", "builtin")
RIVAL_PACKAGES = ("scikit-learn",)


def reproduce(
    name: str,
    seed: int = 0,
    data: str = "full",
    progress: Progress = lambda share: None,
    cancelled: IsCancelled = lambda: False,
    tell: Tell = lambda text: None,
    epochs: int | None = None,
) -> dict[str, Any]:
    """Run result `name` of `PUBLISHED` from its beginning to its end; returns a `Record` as plain data.

    data: 'full' or 'builtin', never one in place of the other. Nets are measured on all test digits after their last epoch, not at
    their best one. progress(share 0..1) is called often; cancelled() is asked a few times a second (a rival may take some seconds);
    tell gets a sentence an epoch. epochs: overrules every net's, to try a recipe out; the record says so.
    cpu_seconds are the whole process's. Raises ValueError for an unknown name or source and for nets that overflow, DataProblem
    where the data are not here, `Cancelled`.
    """
    if name not in PUBLISHED:
        raise ValueError(f"there is no published result called {name[:40]!r}; choose from {', '.join(PUBLISHED)}")
    found = digits_of(data)
    entry = PUBLISHED[name]
    parts = fitting(entry.parts, len(found.train_labels))
    begin, cpu = time.perf_counter(), time.process_time()
    bench = Bench(seed, data, found, Watch(progress, cancelled), tell, epochs)
    measured = entry.measure(parts, bench)
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
    main = next((part for part in parts if part.headline), parts[-1])
    return Record(
        name=name,
        label=entry.label,
        published=entry.published,
        published_text=entry.text,
        published_source=entry.source,
        measure=entry.quantity,
        unit=entry.unit,
        measured=round(measured.value, 4),
        seconds=round(seconds, 2),
        cpu_seconds=round(cpu_seconds, 2),
        seed=seed,
        data={"source": data, "train": len(found.train_labels), "test": len(found.test_labels), "sentence": found.sentence},
        machine=machine(all(isinstance(part, RivalPart) for part in parts)),
        versions=versions(),
        experiment=main.how(seed, data, epochs),
        epochs_overruled=epochs,
        date=datetime.now(UTC).date().isoformat(),
        parts=measured.parts,
    ).model_dump(mode="json")


def digits_of(data: str) -> digits.Digits:
    """The digits of 'full' or 'builtin'. Raises DataProblem where they are not here, ValueError for another source."""
    if data not in SOURCES:
        raise ValueError(f"data must be {' or '.join(SOURCES)}, not {data[:40]!r}")
    found = digits.load(data)
    if data == "full" and found.source == "builtin":
        raise DataProblem(
            "The full MNIST is not on this machine. Get it on the Digits page, or take the built-in digits: another measurement."
        )
    return found


def machine(rivals_only: bool) -> dict[str, Any]:
    """What ran it: {platform, device, count, cores}. Rivals run on the processor, whatever else there is."""
    report = device.report(measure=False)
    if rivals_only and report.platform != "cpu":
        return {"platform": "cpu", "device": f"the processor beside {report.device}", "count": 1, "cores": report.cores}
    return {"platform": report.platform, "device": report.device, "count": report.count, "cores": report.cores}


def versions() -> dict[str, str]:
    """Versions of Python and of what computes."""
    found = {name: version for name, version in device.versions().items() if name != "streamlit"}
    for package in RIVAL_PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
