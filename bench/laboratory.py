"""The digits laboratory: convolutional nets against PyTorch, how soon a new net trains, drawn digits, what goes on inside."""

from __future__ import annotations

import functools
import os
import tempfile
import threading
import time
from statistics import median
from typing import Any

from bench.chromium import browser
from bench.digits import ChunkTraining
from bench.live import do, visit
from bench.report import Measured
from bench.rounds import against_torch
from bench.server import Server
from bench.worker import Worker

LENET = "/digits?v=1&epochs=0&border=2&scaling=standard&net=conv:6:relu-pool_max-conv:16:relu-pool_max-dense:120:relu-dense:84:relu"
SETTLE_S = 4.0


def images(quick: bool) -> Measured:
    """The classic stack in the form tutorials train, against PyTorch with channels last; one core."""
    arguments = {"batch": 128, "steps": 10 if quick else 40}
    return against_torch("bench.laboratory:StackTraining", "torch_nets:StackTraining", 3 if quick else 11, higher=True, **arguments)


class StackTraining(ChunkTraining):
    """6 and 16 filters of 5 x 5 with ReLU and max pooling, 120 and 84 units; trained in chunks of `steps` steps."""

    def __init__(self, batch: int, steps: int) -> None:
        from engines.device import enable_compilation_cache
        from engines.experiment import Choice, digits_experiment
        from engines.training import make_trainer

        enable_compilation_cache()
        rest = {"optimizer": Choice(key="momentum"), "learning_rate": 0.01, "batch_size": batch, "epochs": 0}
        super().__init__(make_trainer(digits_experiment(net=net_of(6, 16), **rest)), batch, steps)


def net_of(first: int, second: int) -> Any:
    """A LeNet-style net with so many filters."""
    from engines.experiment import StackNet

    def layer(key: str, activation: str = "linear", **settings: float) -> dict[str, Any]:
        return {"key": key, "settings": settings, "activation": activation}

    layers = [
        layer("conv", "relu", filters=first, size=5, padding=2),
        layer("pool_max"),
        layer("conv", "relu", filters=second, size=5),
        layer("pool_max"),
        layer("dense", "relu", units=120),
        layer("dense", "relu", units=84),
    ]
    return StackNet(layers=layers)


# ---- how soon a changed net trains


def new_net(quick: bool) -> Measured:
    """Nothing of it compiled before, on any visit."""
    return _changed(1 if quick else 3)[0]


def known_net(quick: bool) -> Measured:
    """Compiled before, in an earlier process: the programs come from the cache."""
    return _changed(1 if quick else 3)[1]


@functools.cache
def _changed(count: int) -> tuple[Measured, Measured]:
    with tempfile.TemporaryDirectory() as cache:
        rounds = []
        for _ in range(2):
            with Worker("bench.laboratory:Changes", cores=2, cache=cache) as worker:
                rounds.append([worker.do("seconds", first=5 + i, second=12 + i) for i in range(count)])
    return tuple(Measured(median(samples), samples=samples) for samples in rounds)


class Changes:
    """A live run of the Digits page, watched, whose net is changed while it trains. cache: where compiled programs are kept."""

    def __init__(self, cache: str) -> None:
        os.environ["PLAYGROUND_CACHE_DIR"] = cache
        from engines.live import LiveRun, the_pool, warm_up
        from playground.live.frames import pack

        the_pool().encode = pack
        warm_up().join()
        from engines.experiment import digits_experiment

        self.run = LiveRun(digits_experiment(net=net_of(4, 8), epochs=0), speed="max")
        self.changed = threading.Event()
        self.run.watch(self.changed.set)
        self._wait(lambda: self.run.status == "ready")
        self.run.play()
        self._wait(lambda: self.run.snapshot.run.step > 0)

    def seconds(self, first: int, second: int) -> float:
        """From the change to the first step that the changed net has made; the net before is compiled to the end."""
        self._wait(lambda: bool(self.run.snapshot.layers))
        start = time.perf_counter()
        self.run.apply(self.run.experiment.change(net=net_of(first, second)))
        revision = self.run.revision
        self._wait(lambda: self.run.snapshot.revision >= revision and self.run.snapshot.run.status == "playing")
        step = self.run.snapshot.run.step
        self._wait(lambda: self.run.snapshot.run.step > step)
        return time.perf_counter() - start

    def _wait(self, reached: Any) -> None:
        end = time.monotonic() + 120
        while not reached():
            self.changed.clear()
            if time.monotonic() > end:
                raise RuntimeError(f"not reached: {self.run.snapshot.run}")
            self.changed.wait(0.05)


# ---- in the browser, while LeNet-5's modern form trains at full speed


def drawn(quick: bool) -> Measured:
    """From the end of a stroke to the bars that answer it."""
    return _page(quick)["drawn"]


def inside_frames(quick: bool) -> Measured:
    """Pictures of every layer drawn a second."""
    return _page(quick)["frames"]


def memory(quick: bool) -> Measured:
    """After that, and a map of the digits and favourites on top."""
    return _page(quick)["memory"]


@functools.cache
def _page(quick: bool) -> dict[str, Measured]:
    with Server() as server, browser() as chromium, visit(chromium, f"{server.url}{LENET}") as page:
        page.wait_for_function("() => __playground.inside && __playground.inside.told", timeout=120_000)
        page.evaluate(_STROKE_ENDS)
        do(page, "play")
        page.wait_for_timeout(1000 * SETTLE_S)
        strokes = [_stroke(page, turn) for turn in range(4 if quick else 16)]
        frames = [_frames(page, 1 if quick else 3) for _ in range(2 if quick else 5)]
        samples = [server.memory_mb() for _ in range(3)]
        for tab, button in (("Units", "Find what they like"), ("Map", "Draw the map")):
            page.get_by_role("tab", name=tab, exact=True).click()
            page.get_by_role("button", name=button).click()
            for _ in range(4 if quick else 30):
                page.wait_for_timeout(500)
                samples.append(server.memory_mb())
    return {
        "drawn": Measured(median(strokes[1:]), samples=strokes[1:]),
        "frames": Measured(median(frames), samples=frames),
        "memory": Measured(max(samples), samples=samples, note="The full set, where it is here."),
    }


_COUNT = "() => [__playground.inside.arrived, __playground.inside.painted, performance.now()]"


def _frames(page: Any, seconds: float) -> float:
    """Updates a second that have come and of which every row in sight was painted."""
    page.locator(".inside-rows").first.scroll_into_view_if_needed()
    before = page.evaluate(_COUNT)
    page.wait_for_timeout(1000 * seconds)
    arrived, painted, passed = (now - then for now, then in zip(page.evaluate(_COUNT), before, strict=True))
    if painted < arrived:
        raise RuntimeError(f"{arrived} pictures came and {painted} rows were painted")
    return arrived / passed * 1000


_STROKE_ENDS = "() => addEventListener('pointerup', () => { window.__strokeEnd = performance.now(); }, true)"
_ANSWERED = "() => { const d = __playground.draw; return d.answeredAt > d.sentAt && d.sentAt >= window.__strokeEnd; }"


def _stroke(page: Any, turn: int) -> float:
    """Milliseconds from letting go of the mouse to the bars."""
    paper = page.locator(".draw-paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    left = 0.3 + 0.03 * (turn % 12)
    page.mouse.move(box["x"] + left * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + left * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    page.mouse.up()
    page.wait_for_function(_ANSWERED, timeout=20_000)
    milliseconds = page.evaluate("__playground.draw.answeredAt - window.__strokeEnd")
    page.wait_for_timeout(300 + 29 * (turn % 5))
    return milliseconds
