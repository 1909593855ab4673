"""PyTorch eager doing what the playground does. Runs in the peer's own environment (see `environment.py`).

Written as a PyTorch user would write it for speed: no autograd where none is needed, one permutation an epoch, fused SGD.
"""

from __future__ import annotations

import time
from itertools import pairwise

import torch
from torch import nn


class PlaneTraining:
    """A net of tanh units on `train` points in a circle, batches of `batch`; train and test loss after every epoch."""

    def __init__(self, hidden: list[int], train: int, batch: int, seconds: float) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        sizes = [2, *hidden, 1]
        self.net = nn.Sequential(*[layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), nn.Tanh())])
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.03, fused=True)
        self.x, self.t = self._points(train)
        self.test_x, self.test_t = self._points(train)
        self.batch = batch
        self.epochs = 1
        self.epochs = max(1, round(seconds * 1e6 / (self.round() * train / batch)))

    @staticmethod
    def _points(count: int) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.rand(count, 2) * 10 - 5
        return x, torch.where(x.norm(dim=1, keepdim=True) < 2.5, 1.0, -1.0)

    def _loss(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return 0.5 * nn.functional.mse_loss(self.net(x), t)

    def _epoch(self) -> None:
        order = torch.randperm(len(self.x))
        x, t = self.x[order], self.t[order]
        for start in range(0, len(x), self.batch):
            self.optimizer.zero_grad()
            self._loss(x[start : start + self.batch], t[start : start + self.batch]).backward()
            self.optimizer.step()
        with torch.inference_mode():
            self.losses = self._loss(self.x, self.t).item(), self._loss(self.test_x, self.test_t).item()

    def round(self) -> float:
        """Microseconds a step."""
        start = time.perf_counter()
        for _ in range(self.epochs):
            self._epoch()
        return (time.perf_counter() - start) * 1e6 / (self.epochs * -(-len(self.x) // self.batch))


class Maps:
    """Every unit of the net over `side` x `side` places."""

    def __init__(self, hidden: list[int], side: int, seconds: float) -> None:
        torch.set_num_threads(1)
        line = torch.linspace(-6, 6, side)
        self.grid = torch.stack([axis.reshape(-1) for axis in torch.meshgrid(line, line, indexing="xy")], 1)
        sizes = [2, *hidden, 1]
        self.layers = [nn.Linear(i, o) for i, o in pairwise(sizes)]
        self.count = 1
        self.count = max(1, round(seconds * 1e3 / self.round()))

    @torch.inference_mode()
    def round(self) -> float:
        """Milliseconds a picture."""
        start = time.perf_counter()
        for _ in range(self.count):
            maps, h = [], self.grid
            for layer in self.layers:
                h = torch.tanh(layer(h))
                maps.append(torch.clamp(torch.round(h * 127 + 128), 0, 255).to(torch.uint8).numpy())
        return (time.perf_counter() - start) * 1e3 / self.count


class DigitTraining:
    """A net of ReLU units on images as bytes, scaled in each batch, softmax cross-entropy.

    optimizer: 'momentum' (0.9) or 'adam', both in PyTorch's fused form.

    precision: 'float32', or 'bfloat16' for PyTorch's own autocast to it.
    """

    def __init__(self, hidden: list[int], batch: int, steps: int, precision: str, optimizer: str) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        sizes = [784, *hidden]
        layers = [layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), nn.ReLU())]
        self.net = nn.Sequential(*layers, nn.Linear(sizes[-1], 10))
        parameters = self.net.parameters()
        self.optimizer = {
            "momentum": lambda: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, fused=True),
            "adam": lambda: torch.optim.Adam(parameters, lr=0.001, fused=True),
        }[optimizer]()
        self.images = torch.randint(0, 256, (60_000, 784), dtype=torch.uint8)
        self.labels = torch.randint(0, 10, (60_000,))
        self.batch, self.steps = batch, steps
        self.batches = iter(())
        self.cast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16")
        self.round()

    def _next_rows(self) -> torch.Tensor:
        """The next batch of this epoch's order; a new order when it is used up."""
        rows = next(self.batches, None)
        if rows is None or len(rows) < self.batch:
            self.batches = iter(torch.randperm(len(self.images)).split(self.batch))
            rows = next(self.batches)
        return rows

    def round(self) -> float:
        """Images a second."""
        start = time.perf_counter()
        total = torch.zeros(())
        for _ in range(self.steps):
            rows = self._next_rows()
            x = self.images[rows].float() * (1 / 255)
            self.optimizer.zero_grad()
            with self.cast:
                loss = nn.functional.cross_entropy(self.net(x), self.labels[rows])
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        total.item()
        return self.steps * self.batch / (time.perf_counter() - start)


class StackTraining:
    """The net of bench.laboratory.StackTraining, channels last, fused momentum, softmax cross-entropy."""

    def __init__(self, batch: int, steps: int) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        maps = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
        units = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
        self.net = nn.Sequential(*maps, nn.Flatten(), *units).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9, fused=True)
        self.images = torch.randint(0, 256, (60_000, 1, 28, 28), dtype=torch.uint8)
        self.labels = torch.randint(0, 10, (60_000,))
        self.batch, self.steps = batch, steps
        self.round()

    def round(self) -> float:
        """Images a second."""
        start = time.perf_counter()
        order = torch.randperm(len(self.images))[: self.steps * self.batch]
        total = torch.zeros(())
        for rows in order.split(self.batch):
            x = (self.images[rows].float() * (1 / 255)).contiguous(memory_format=torch.channels_last)
            self.optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.cross_entropy(self.net(x), self.labels[rows])
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        total.item()
        return self.steps * self.batch / (time.perf_counter() - start)
