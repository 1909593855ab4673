"""What runs this, told without failing anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import device


def test_report_on_this_machine():
    found = device.report()
    assert found.cores >= 1 and found.count >= 1 and {"python", "jax", "numpy"} <= set(found.versions)
    assert found.process_bytes is None or found.process_bytes > 10 * 2**20
    assert found.peak_flops is None or found.peak_flops > 1e8
    assert found.device in found.sentence() and found.sentence().endswith(".")


def test_report_where_proc_is_missing(monkeypatch):
    monkeypatch.setattr(device, "_text", lambda path: "")
    monkeypatch.setattr(device, "_sysconf_bytes", lambda: None)
    found = device.report(measure=False)
    assert found.machine_bytes is None and found.available_bytes is None
    assert found.cores >= 1 and "Computed on" in found.sentence()


def test_container_limits_count(monkeypatch):
    texts = {"cpu.max": "150000 100000", "memory.max": str(2**30), "memory.current": str(2**28)}
    plain = device._text
    monkeypatch.setattr(device, "_text", lambda path: texts.get(Path(path).name) or plain(path))
    assert device.usable_cores() <= 2
    if plain(Path("/proc/meminfo")):
        assert device.memory_bytes()[0] == 2**30 and device.memory_bytes()[1] <= 3 * 2**28


@pytest.mark.parametrize(
    ("name", "tera"), [("NVIDIA H200", 494), ("NVIDIA H100 PCIe", 378), ("NVIDIA A100-SXM4-80GB", 156), ("Abacus", None)]
)
def test_known_peaks(name, tera):
    found = device._known_peak(name)
    assert found == (tera and tera * 1e12)


def test_sentence_of_a_gpu():
    found = device.Report("gpu", "NVIDIA H200", 2, 16, None, None, None, 140 * 2**30, 494e12, False, {"jax": "0.10.2"})
    assert found.sentence() == "Computed on 2 x NVIDIA H200 with 140 GiB of memory, peak 494 TFLOP/s, by JAX 0.10.2."


@pytest.fixture
def jax_options():
    import jax

    names = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs", "jax_persistent_cache_min_entry_size_bytes")
    before = {name: getattr(jax.config, name) for name in names}
    yield
    for name, value in before.items():
        jax.config.update(name, value)
    from jax.experimental.compilation_cache import compilation_cache

    compilation_cache.reset_cache()


def test_compiled_programs_are_kept(monkeypatch, tmp_path, jax_options):
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    compilation_cache.reset_cache()
    assert device.enable_compilation_cache() is None
    jax.jit(lambda x: x * 3.25 + 0.125)(1.5)
    assert any((tmp_path / "compiled").iterdir())


def test_a_disk_that_takes_nothing_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path / "file"))
    assert "cannot be written" in device.enable_compilation_cache()
