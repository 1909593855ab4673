"""What runs this: device, cores, memory, versions, peak speed; and where compiled programs are kept between starts."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engines.data import sources
from engines.lazy import jax, jnp

PACKAGES = ("jax", "jaxlib", "numpy", "streamlit")

PEAK_TFLOPS = {
    "B200": 1125.0,
    "H200": 494.0,
    "H100 PCIe": 378.0,
    "H100": 494.0,
    "A100": 156.0,
    "L40S": 183.0,
    "L4": 60.0,
    "A10G": 35.0,
    "T4": 8.1,
    "V100": 15.7,
    "RTX 4090": 82.6,
    "RTX 3090": 35.6,
}
"""Dense peak of float32 matrix products as JAX runs them (TF32 where the device has it), 10^12 operations a second.

By a part of the device's name, the more particular first. Source: NVIDIA's data sheets.
"""


@dataclass(frozen=True)
class Report:
    """What runs this. Bytes and operations a second; None where it could not be found out.

    platform: 'cpu', 'gpu', ... count: devices. cores: usable by this process. peak_flops: of one device, float32 products.
    """

    platform: str
    device: str
    count: int
    cores: int
    process_bytes: int | None
    machine_bytes: int | None
    available_bytes: int | None
    device_bytes: int | None
    peak_flops: float | None
    peak_measured: bool
    versions: dict[str, str]

    def sentence(self) -> str:
        """One sentence for the page: 'Computed on NVIDIA H200, ...' or 'Computed on the CPU: AMD EPYC, 2 cores, ...'."""
        several = f"{self.count} x " if self.count > 1 else ""
        cores = f"{self.cores} core{'s' if self.cores != 1 else ''}"
        what = f"the CPU ({self.device}, {cores})" if self.platform == "cpu" else f"{several}{self.device}"
        memory = self.machine_bytes if self.platform == "cpu" else self.device_bytes
        parts = [f"{memory / 2**30:.3g} GiB of memory"] if memory else []
        if self.peak_flops:
            parts.append(f"{'measured ' if self.peak_measured else ''}peak {_speed(self.peak_flops)}")
        return f"Computed on {what}{' with ' if parts else ''}{', '.join(parts)}, by JAX {self.versions.get('jax', '?')}."


def _speed(flops: float) -> str:
    return f"{flops / 1e9:.3g} GFLOP/s" if flops < 1e12 else f"{flops / 1e12:.3g} TFLOP/s"


def report(measure: bool = True) -> Report:
    """Find out what runs this. Imports JAX. measure: whether to time a short product on a CPU (under 0.1 s, once a process)."""
    devices = jax.local_devices()
    first = devices[0]
    name = _processor() if first.platform == "cpu" else first.device_kind
    known = _known_peak(name)
    peak = known if known or first.platform != "cpu" or not measure else measured_flops()
    machine, available = memory_bytes()
    return Report(
        platform=first.platform,
        device=name,
        count=len(devices),
        cores=usable_cores(),
        process_bytes=process_bytes(),
        machine_bytes=machine,
        available_bytes=available,
        device_bytes=_device_bytes(first),
        peak_flops=peak,
        peak_measured=peak is not None and known is None,
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Version of Python and of each installed package that matters."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def usable_cores() -> int:
    """Cores this process may use: its affinity mask and, in a container, its quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _words(Path("/sys/fs/cgroup/cpu.max"))
    if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
        cores = min(cores, max(1, round(int(quota[0]) / int(quota[1]))))
    return cores


def process_bytes() -> int | None:
    """Memory this process occupies now (Linux), or at its largest (macOS), or None (Windows)."""
    resident = _words(Path("/proc/self/statm"))
    if len(resident) > 1:
        return int(resident[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:
        return None
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024


def memory_bytes() -> tuple[int | None, int | None]:
    """(total, available) memory of the machine or, where that is less, of the container; None where it cannot be told."""
    lines = dict(line.split(":", 1) for line in _text(Path("/proc/meminfo")).splitlines() if ":" in line)
    total, available = (_kilobytes(lines.get(name)) for name in ("MemTotal", "MemAvailable"))
    if total is None:
        return _sysconf_bytes(), None
    limit = _words(Path("/sys/fs/cgroup/memory.max"))
    used = _words(Path("/sys/fs/cgroup/memory.current"))
    if limit and used and limit[0].isdigit() and int(limit[0]) < total:
        total = int(limit[0])
        available = min(available or total, max(0, total - int(used[0])))
    return total, available


def _sysconf_bytes() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _kilobytes(field: str | None) -> int | None:
    return int(field.split()[0]) * 1024 if field else None


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _words(path: Path) -> list[str]:
    return _text(path).split()


def _processor() -> str:
    """The processor's name, as the system tells it."""
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        if line.startswith("model name"):
            return " ".join(line.split(":", 1)[1].split())
    return platform.processor() or platform.machine() or "unknown processor"


def _known_peak(name: str) -> float | None:
    return next((tera * 1e12 for part, tera in PEAK_TFLOPS.items() if part in name), None)


def _device_bytes(device: jax.Device) -> int | None:
    try:
        statistics = device.memory_stats() or {}
    except Exception:
        return None
    return statistics.get("bytes_limit")


@lru_cache(maxsize=1)
def measured_flops() -> float:
    """Operations a second of a 768 x 768 float32 product on all cores: the best of five."""
    n = 768
    a = jnp.ones((n, n), jnp.float32)
    product = jax.jit(lambda x: x @ x)
    jax.block_until_ready(product(a))
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        jax.block_until_ready(product(a))
        seconds.append(time.perf_counter() - start)
    return 2 * n**3 / min(seconds)


def enable_compilation_cache() -> str | None:
    """Keep compiled programs in the user's cache, so that the next start need not compile. Returns a sentence if it cannot.

    Call before the first compilation. PLAYGROUND_CACHE_DIR moves it.
    """
    folder = sources.cache_dir() / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return (
            f"Compiled programs cannot be kept: {folder} cannot be written ({error.strerror or error}). Each start compiles anew."
        )
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    return None
