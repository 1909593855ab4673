"""PyTorch eager training a text net, as a PyTorch user would write it for speed. Runs in the peer's own environment."""

from __future__ import annotations

import time

import torch
from torch import nn

ALPHABET, CHARACTERS = 65, 1_000_000
LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class TextTraining:
    """The net of bench.text.TextTraining: one-hot characters, the state carried from chunk to chunk, clipped norm, fused Adam."""

    def __init__(self, cell: str, layers: int, units: int, batch: int, sequence: int, steps: int) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.layers = LAYERS[cell](ALPHABET, units, layers)
        self.output = nn.Linear(units, ALPHABET)
        self.parameters = [*self.layers.parameters(), *self.output.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=0.002, fused=True)
        self.streams = torch.randint(0, ALPHABET, (CHARACTERS // batch, batch))
        self.sequence, self.steps, self.at = sequence, steps, 0
        self.state = None
        self.round()

    def _step(self) -> torch.Tensor:
        if self.at + self.sequence + 1 > len(self.streams):
            self.at, self.state = 0, None
        ids = self.streams[self.at : self.at + self.sequence + 1]
        self.at += self.sequence
        self.optimizer.zero_grad(set_to_none=True)
        h, state = self.layers(nn.functional.one_hot(ids[:-1], ALPHABET).float(), self.state)
        self.state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        loss = nn.functional.cross_entropy(self.output(h).flatten(0, 1), ids[1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss.detach()

    def round(self) -> float:
        """Characters a second."""
        start = time.perf_counter()
        total = torch.zeros(())
        for _ in range(self.steps):
            total += self._step()
        total.item()
        return self.steps * self.streams.shape[1] * self.sequence / (time.perf_counter() - start)
