"""Warming up: JAX imported and the common programs compiled in the background, so that no visitor waits for them."""

from __future__ import annotations

import contextlib
import gc
import logging
import threading

import numpy as np

from engines.descent.paths import lines_of, run_race
from engines.descent.race import all_runners, race_on
from engines.descent.terrain import field, terrain_of
from engines.experiment import Experiment, Layer, digits_experiment, text_experiment
from engines.live.judge import schedule_factor
from engines.live.memory import give_back_memory
from engines.schedules import SCHEDULES
from engines.trace.chain import chain
from engines.trace.check import check, cost_of
from engines.trace.passes import trace
from engines.trace.study import Study, material
from engines.training import Look, Trainer, make_trainer

_log = logging.getLogger(__name__)
_compiles = 0
_prepared = False
_preparing = threading.Lock()
_page_shown = threading.Event()
_page_shown.set()


def warm_up() -> threading.Thread:
    """Start warming up in a daemon thread; join it to wait. A failure is logged and costs nothing but the head start."""
    thread = threading.Thread(target=_warm_up, name="warm-up", daemon=True)
    thread.start()
    return thread


def hold_back(most_s: float = 4.0) -> None:
    """Keep JAX from loading until `page_shown` is called, or for so many seconds: a first page on two cores needs both."""
    _page_shown.clear()
    timer = threading.Timer(most_s, _page_shown.set)
    timer.daemon = True
    timer.start()


def page_shown() -> None:
    """A visitor sees a page: now JAX may load."""
    _page_shown.set()


def compiles() -> int:
    """How many programs JAX has compiled in this process since warming up began."""
    return _compiles


def ready_trainer(experiment: Experiment) -> Trainer:
    """`make_trainer`, after JAX has been prepared."""
    prepare_jax()
    return make_trainer(experiment)


def is_prepared() -> bool:
    """Whether JAX is ready, so that a computation need not wait for its import."""
    return _prepared


def prepare_jax() -> None:
    """Import JAX and set it up for live runs; later calls do nothing.

    Waits while `hold_back` says so. Programs run in the thread that calls them (the GIL is released): handing a program of 0.1 ms
    to another thread and back costs more than the program. Has to come before the first computation.
    """
    global _prepared
    _page_shown.wait()
    with _preparing:
        if not _prepared:
            _set_up_jax()
            _prepared = True


def _warm_up() -> None:
    try:
        prepare_jax()
        for experiment in _common():
            _touch(experiment)
        for key in SCHEDULES:
            schedule_factor(Experiment().change(schedule={"key": key}), 0.0)
        _touch_race()
        _touch_pass()
    except Exception:
        _log.exception("warming up failed")
    gc.collect()
    gc.freeze()
    give_back_memory()


def _set_up_jax() -> None:
    import jax

    jax.config.update("jax_cpu_enable_async_dispatch", False)
    jax.monitoring.register_event_duration_secs_listener(_listen)
    with contextlib.suppress(ImportError):
        from engines.device import enable_compilation_cache

        enable_compilation_cache()


def _listen(event: str, seconds: float, **_: object) -> None:
    global _compiles
    if event == "/jax/core/compile/backend_compile_duration":
        _compiles += 1


def _common() -> list[Experiment]:
    """One plane net for each width that has a program of its own, and the first nets of the Digits and Shakespeare pages."""
    plain = Experiment()
    return [plain, plain.change(net__layers=[Layer(units=16)]), digits_experiment(), text_experiment()]


def _touch(experiment: Experiment) -> None:
    trainer = make_trainer(experiment)
    getattr(trainer, "prepare", lambda: None)()
    trainer.advance(1)
    trainer.probe(Look())
    trainer.probe(Look(hover=(1, 0), warp=(1, 0, 1)))
    trainer.restore(trainer.save_state())
    trainer.weights()


def _touch_race() -> None:
    """The Descent page's first ground and race, also with noise, and the lines of every optimizer."""
    race = race_on("saddle", runners=all_runners("saddle"), noise=0.01)
    terrain = terrain_of(race)
    field(terrain)
    paths = run_race(race, terrain)
    for k in range(len(race.runners)):
        lines_of(paths, k)


def _touch_pass() -> None:
    """The Backprop page's first pass: the worked example in float64, its cost afterwards, and the first weight three ways."""
    study = Study()
    net, x, t = material(study)
    done = trace(net, x, t, study.learning_rate, np.float64)
    cost_of(done.updated, x, t)
    chain(done, done.depth, 0, 0)
    check(done, done.depth, 0, 0)
