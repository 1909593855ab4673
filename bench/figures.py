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
    Figure(
        "descent_race",
        "A race of 12 runners over 1,000 steps with everything recorded, warm; one core",
        "ms",
        "descent:race",
        (_most(50), _ratio(10)),
        f"{_TORCH}, its optimizers on the same surface, places recorded",
    ),
    Figure(
        "descent_winners",
        "The map of winners: 12 runners from 200 x 200 starts, 500 steps, Beale, warm; two cores",
        "s",
        "descent:winners",
        (_most(3), _ratio(5)),
        f"{_TORCH}, all starts of a runner in one tensor",
    ),
    Figure(
        "descent_winners_slowest",
        "The same on the surface where it takes longest",
        "s",
        "descent:winners_slowest",
        (_most(3),),
    ),
    Figure(
        "descent_formula",
        "From a formula nobody typed before to the scores of 12 runners over 300 steps, compiling included; two cores",
        "s",
        "descent:formula",
        (_most(1.5),),
    ),
    Figure("descent_ground", "Slope, curvature and prediction at one place, warm; one core", "ms", "descent:ground", (_most(5),)),
    Figure(
        "descent_slice",
        "A slice of the landscape of 784-256-128-10, 41 x 41 places, 5,000 examples, with progress; two cores",
        "s",
        "descent:net_slice",
        (_most(20), _ratio(1)),
        f"{_TORCH}, the weights set at each place and the net run; from a tenth of the places",
    ),
    Figure(
        "descent_frames",
        "Frames drawn while a race of 12 runners over 1,000 steps plays in Chromium, all views on screen",
        "frames/s",
        "playback:frames",
        (_least(40),),
        higher=True,
    ),
    Figure("descent_play", "From the click on play to the first picture of the race moving", "ms", "playback:play", (_most(200),)),
    Figure(
        "descent_formula_page",
        "From the Enter key behind a formula nobody typed before to the picture of its race, in Chromium",
        "ms",
        "playback:formula",
        (_most(1500),),
    ),
    Figure(
        "descent_control",
        "From any other control of the Descent page to the picture of its race, in Chromium",
        "ms",
        "playback:control",
        (_most(300),),
    ),
    Figure(
        "backprop_trace",
        "A pass of 6 layers of 16 units, batch 128, rule by rule with every value kept, warm; one core",
        "ms",
        "backprop:trace",
        (_most(50),),
        f"{_TORCH}, autograd of the same net, gradients of every layer kept",
    ),
    Figure(
        "backprop_flow",
        "Gradient flow through 100 layers of 64 units, batch 64, after a change of activation; two cores",
        "ms",
        "backprop:flow",
        (_most(300),),
        f"{_TORCH}, autograd in 64 bits, sizes of every layer",
    ),
    Figure(
        "stack_images",
        "Training a LeNet-style stack (6 and 16 filters of 5 x 5, max pooling, 120 and 84 units), batch 128, momentum; one core",
        "images/s",
        "laboratory:images",
        (_ratio(1.2),),
        f"{_TORCH}, channels last",
        higher=True,
    ),
    Figure(
        "stack_new",
        "From a changed architecture to its first training step, never compiled before; two cores",
        "s",
        "laboratory:new_net",
        (_most(3),),
    ),
    Figure(
        "stack_known",
        "The same with an architecture that was compiled in an earlier visit",
        "s",
        "laboratory:known_net",
        (_most(0.5),),
    ),
    Figure(
        "stack_drawn",
        "From the end of a stroke on the paper to the bars that answer it, while LeNet-5's modern form trains, in Chromium",
        "ms",
        "laboratory:drawn",
        (_most(100),),
    ),
    Figure(
        "stack_inside",
        "Pictures of every layer of LeNet-5's modern form drawn a second while it trains, in Chromium",
        "frames/s",
        "laboratory:inside_frames",
        (_least(20),),
        higher=True,
    ),
    Figure(
        "stack_memory",
        "The server's memory with LeNet-5 training on the full set, looked into, its favourites and map worked out: the most",
        "MB",
        "laboratory:memory",
        (_most(1500),),
    ),
    Figure(
        "text_lstm",
        "Training an LSTM, 1 x 128, on characters (65 of them), batch 32, sequences of 64, Adam, clipped norm; one core",
        "characters/s",
        "text:lstm_small",
        (_ratio(1.2),),
        f"{_TORCH}, nn.LSTM",
        higher=True,
    ),
    Figure("text_gru", "The same with a GRU", "characters/s", "text:gru_small", (_ratio(1.2),), f"{_TORCH}, nn.GRU", higher=True),
    Figure(
        "text_lstm_large",
        "The published net, an LSTM of 3 x 512; one core",
        "characters/s",
        "text:lstm_large",
        (_ratio(1),),
        f"{_TORCH}, nn.LSTM",
        higher=True,
    ),
    Figure("text_writing", "An LSTM, 1 x 128, writing; one core", "characters/s", "text:writing", (_least(2000),), higher=True),
    Figure(
        "text_first_sample",
        "From play to the first sample of a net that has trained, on a server that has warmed up, in Chromium",
        "s",
        "text_page:first_sample",
        (_most(3),),
    ),
    Figure(
        "text_temperature",
        "From the temperature slider to text written by it, while the net trains at full speed, in Chromium",
        "ms",
        "text_page:temperature",
        (_most(200),),
    ),
    Figure(
        "text_175",
        "From play to 1.75 nats a character on the validation text of Tiny Shakespeare, preset shakespeare-lstm, in Chromium",
        "s",
        "text_page:to_goal",
        (_most(300),),
    ),
    Figure(
        "text_memory",
        "The server's memory while that trains and writes, and the units are looked into: the most",
        "MB",
        "text_page:memory",
        (_most(1500),),
    ),
    Figure("digits_97_page", "The same on the Digits page, in Chromium", "s", "live:digits_97", (_most(30),)),
    Figure("first_page", "From `streamlit run` to the first page's title in Chromium", "s", "live:first_page", (_most(3),)),
    Figure(
        "page_digits",
        "From the address of the Digits page to its first picture, for a new visitor, on a server that has warmed up",
        "s",
        "live:digits_page",
        (_most(3),),
    ),
    Figure("page_shakespeare", "The same for the Shakespeare page", "s", "live:shakespeare_page", (_most(3),)),
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
