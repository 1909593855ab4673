"""PyTorch eager on the surface: its optimizers, autograd's gradients. Runs in the peer's own environment (see `environment.py`).

Written for speed: one tensor for all starts where starts are many, the optimizers' own defaults (fused or foreach) elsewhere.
"""

from __future__ import annotations

import os
import time
from itertools import pairwise

import torch
from torch import nn

GOAL, RADIUS = (3.0, 0.5), 0.02 * 9 * 2**0.5

OPTIMIZERS = (
    lambda p: torch.optim.SGD(p, lr=1e-3),
    lambda p: torch.optim.SGD(p, lr=1e-3),
    lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
    lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, nesterov=True),
    lambda p: torch.optim.Adagrad(p, lr=0.1),
    lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.9),
    lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9),
    lambda p: torch.optim.Adam(p, lr=0.01),
    lambda p: torch.optim.AdamW(p, lr=0.01),
    lambda p: torch.optim.NAdam(p, lr=0.01),
    lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.5, 0.999)),
    lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.5),
)
"""Twelve runners; PyTorch has no Lion, so Adam runs twice."""


def beale(p: torch.Tensor) -> torch.Tensor:
    """Height at places (..., 2)."""
    x, y = p.unbind(-1)
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _threads() -> None:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


class RaceOf12:
    """Twelve runners from one start; places recorded."""

    def __init__(self, steps: int, calls: int) -> None:
        _threads()
        self.steps = steps

    def round(self) -> float:
        """Milliseconds a race."""
        start = time.perf_counter()
        for make in OPTIMIZERS:
            place = torch.tensor([-1.5, 2.0], requires_grad=True)
            optimizer = make([place])
            path = torch.empty(self.steps, 2)
            for step in range(self.steps):
                optimizer.zero_grad()
                beale(place).backward()
                optimizer.step()
                path[step] = place.detach()
        return (time.perf_counter() - start) * 1e3


class Winners:
    """Twelve runners from count x count starts, all starts of a runner in one tensor; the first step at the goal is kept."""

    def __init__(self, count: int, steps: int) -> None:
        _threads()
        line = torch.linspace(-4.5, 4.5, count)
        self.starts = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1).reshape(-1, 2)
        self.steps = steps

    def _reached(self, make) -> torch.Tensor:
        place = self.starts.clone().requires_grad_()
        optimizer, goal = make([place]), torch.tensor(GOAL)
        reached = torch.full((len(place),), -1)
        for step in range(self.steps):
            optimizer.zero_grad()
            beale(place).sum().backward()
            optimizer.step()
            there = (place.detach() - goal).square().sum(1) <= RADIUS**2
            reached = torch.where((reached < 0) & there, step + 1, reached)
        return reached

    def round(self) -> float:
        """Seconds a map."""
        start = time.perf_counter()
        steps = torch.stack([self._reached(make) for make in OPTIMIZERS])
        torch.where(steps < 0, self.steps + 1, steps).argmin(0).tolist()
        return time.perf_counter() - start


class NetSlice:
    """The cost of a ReLU net at places of a plane through its weights, as loss-landscape does it: set the weights, run the net."""

    SHARE = 10

    def __init__(self, hidden: list[int], side: int, examples: int) -> None:
        _threads()
        torch.manual_seed(0)
        sizes = [784, *hidden, 10]
        layers = [[nn.Linear(i, o), nn.ReLU()] for i, o in pairwise(sizes)]
        self.net = nn.Sequential(*[module for layer in layers for module in layer][:-1])
        self.parameters = list(self.net.parameters())
        self.origin = [p.detach().clone() for p in self.parameters]
        self.first, self.second = ([torch.randn_like(p) * p.norm() for p in self.origin] for _ in range(2))
        self.x, self.t = torch.rand(examples, 784), torch.randint(0, 10, (examples,))
        self.places = torch.rand(side * side // self.SHARE, 2) * 2 - 1
        self.scale = side * side / len(self.places)

    @torch.inference_mode()
    def round(self) -> float:
        """Seconds for all places, from a tenth of them."""
        start = time.perf_counter()
        for alpha, beta in self.places.tolist():
            for p, origin, first, second in zip(self.parameters, self.origin, self.first, self.second, strict=True):
                p.copy_(origin + alpha * first + beta * second)
            nn.functional.cross_entropy(self.net(self.x), self.t).item()
        return (time.perf_counter() - start) * self.scale
