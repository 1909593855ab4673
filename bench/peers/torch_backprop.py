"""PyTorch eager: autograd through the same nets. Runs in the peer's own environment (see `environment.py`)."""

from __future__ import annotations

import os
import time
from itertools import pairwise

import torch
from torch import nn

FUNCTIONS = (torch.sigmoid, torch.tanh, torch.relu)


class Pass:
    """Forward, backward and a step of SGD; every layer's sums and outputs and their gradients are kept."""

    def __init__(self, widths: list[int], batch: int, calls: int) -> None:
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        torch.manual_seed(0)
        self.layers = nn.ModuleList([nn.Linear(i, o) for i, o in pairwise(widths)])
        self.optimizer = torch.optim.SGD(self.layers.parameters(), lr=0.5)
        self.x, self.t = torch.randn(batch, widths[0]), torch.rand(batch, widths[-1]).round()
        self.calls = calls
        self.round()

    def round(self) -> float:
        """Milliseconds a pass."""
        start = time.perf_counter()
        for _ in range(self.calls):
            kept, a = [], self.x
            for number, layer in enumerate(self.layers, 1):
                z = layer(a)
                a = torch.sigmoid(z) if number == len(self.layers) else torch.tanh(z)
                kept += [z, a]
            for value in kept:
                value.retain_grad()
            self.optimizer.zero_grad()
            (0.5 * (a - self.t).square().sum() / len(self.x)).backward()
            self.optimizer.step()
        return (time.perf_counter() - start) * 1e3 / self.calls


class Flow:
    """Sizes of signal and gradient at every layer of a deep net, in 64 bits as the playground's."""

    def __init__(self, depth: int, width: int, batch: int) -> None:
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        torch.manual_seed(0)
        self.depth, self.width = depth, width
        self.x, self.error = torch.randn(2, batch, width, dtype=torch.float64)
        self.round()

    def round(self) -> float:
        """Milliseconds for another function."""
        start = time.perf_counter()
        for function in FUNCTIONS:
            bound = (3 / self.width) ** 0.5
            weights = [(2 * torch.rand(self.width, self.width, dtype=torch.float64) - 1) * bound for _ in range(self.depth)]
            sums, a = [], self.x
            for w in weights:
                sums.append(a @ w.requires_grad_())
                sums[-1].retain_grad()
                a = function(sums[-1])
            a.backward(self.error)
            [
                (z.grad.square().mean().sqrt().item(), w.grad.square().mean().sqrt().item())
                for z, w in zip(sums, weights, strict=True)
            ]
        return (time.perf_counter() - start) * 1e3 / len(FUNCTIONS)
