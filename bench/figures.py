"""The table of figures: what is measured, what it should reach, and who it is compared with."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from bench.report import Limit, Measured


@dataclass(frozen=True)
class Figure:
    """One figure. measure: 'module:function' in `bench`, called with `quick`, returns a `Measured`. peer: whom it is held against.

    higher: whether a larger value is better; the ratio is always how many times better than the peer.
    """

    name: str
    what: str
    unit: str
    measure: str
    limits: tuple[Limit, ...]
    peer: str | None = None
    higher: bool = False

    def run(self, quick: bool) -> Measured:
        """Measure it. quick: a few short samples, to see that it works."""
        module, function = self.measure.split(":")
        return getattr(importlib.import_module(f"bench.{module}"), function)(quick)


def _most(value: float) -> Limit:
    return Limit("value", "most", value)


def _least(value: float) -> Limit:
    return Limit("value", "least", value)


def _ratio(value: float) -> Limit:
    return Limit("ratio", "least", value)


_TORCH = "PyTorch eager 2.13.0"

_LIST = (
    Figure(
        "tiny_step_4_2",
        "A training step, 4 + 2 tanh units, circle, 250 training and 250 test points, batch 10, both losses each epoch; one core",
        "us",
        "tiny:step_small",
        (_most(2.5), _ratio(30)),
        _TORCH,
    ),
    Figure(
        "tiny_step_6x8",
        "The same with six layers of 8, 500 training and 500 test points",
        "us",
        "tiny:step_large",
        (_most(6), _ratio(30)),
        _TORCH,
    ),
    Figure(
        "tiny_maps_6x8",
        "Every unit of 6 x 8 over 100 x 100 places, on the host; one core",
        "ms",
        "tiny:maps",
        (_most(1),),
        _TORCH,
    ),
    Figure(
        "network_compiles",
        "Programs compiled after warming up while every control of the Network page is changed through a live run",
        "compiles",
        "tiny:compiles",
        (_most(0),),
    ),
    Figure(
        "digits_images",
        "Training 784-500-300-10, batch 128, momentum, float32; one core",
        "images/s",
        "digits:images",
        (_ratio(2),),
        _TORCH,
        higher=True,
    ),
    Figure(
        "digits_images_adam",
        "The same with Adam, which is what the Digits page starts with",
        "images/s",
        "digits:images_adam",
        (_ratio(2),),
        _TORCH,
        higher=True,
    ),
    Figure(
        "digits_images_bf16",
        "With momentum and bfloat16 products on both sides (PyTorch's autocast); no target of its own",
        "images/s",
        "digits:images_bfloat16",
        (),
        f"{_TORCH}, bfloat16 autocast",
        higher=True,
    ),
    Figure(
        "digits_97",
        "From play to 97 % on the 10,000 test digits, a live run on the full MNIST, two cores",
        "s",
        "digits:to_97",
        (_most(30),),
    ),
    Figure("digits_97_page", "The same on the Digits page, in Chromium", "s", "live:digits_97", (_most(30),)),
    Figure("first_page", "From `streamlit run` to the first page's title in Chromium", "s", "live:first_page", (_most(3),)),
    Figure(
        "live_frames", "Frames drawn for one visitor at full training speed", "frames/s", "live:frames", (_least(50),), higher=True
    ),
    Figure(
        "live_throughput",
        "Training steps with the live view open at full speed, two cores for everything",
        "steps/s",
        "live:throughput",
        (_ratio(0.9),),
        "the same trainer without a view",
        higher=True,
    ),
    Figure("live_play", "From the click on play to the first new picture", "ms", "live:play", (_most(80),)),
    Figure("live_pause", "From the click on pause to the picture of the server's confirmation", "ms", "live:pause", (_most(60),)),
    Figure("live_rate", "From the learning-rate slider to a picture made with the new rate", "ms", "live:rate", (_most(100),)),
    Figure(
        "live_control",
        "From a choice in a Streamlit menu (optimizer, cost, data set) to a picture made with it",
        "ms",
        "live:control",
        (_most(300),),
    ),
    Figure(
        "live_compiles",
        "Programs compiled by the server while a visitor uses the Network page in Chromium",
        "compiles",
        "live:compiles",
        (_most(0),),
    ),
    Figure(
        "live_frames_fallback",
        "Frames drawn for one visitor when no WebSocket passes",
        "frames/s",
        "live:frames_fallback",
        (_least(45),),
        higher=True,
    ),
    Figure(
        "thirty_frames",
        "Frames received by each of thirty visitors training at full speed: the smallest",
        "frames/s",
        "crowd:frames",
        (_least(30),),
        higher=True,
    ),
    Figure("thirty_errors", "Errors among the thirty visitors", "errors", "crowd:errors", (_most(0),)),
    Figure("memory_start", "The server's memory after both pages were visited and played", "MB", "memory:start", (_most(700),)),
    Figure("memory_thirty", "The server's memory with thirty visitors training: the most", "MB", "memory:thirty", (_most(1500),)),
    Figure(
        "memory_after",
        "The server's memory after the thirty have left, as a share of what it was before they came",
        "x",
        "memory:after",
        (_most(1.05),),
    ),
)

FIGURES: dict[str, Figure] = {figure.name: figure for figure in _LIST}
