"""What a text net costs in work and memory, from its description alone: imports no JAX."""

from __future__ import annotations

from engines.nets.recurrent.net import AnyNet, weight_shapes

MOST_BYTES = 1_000_000_000
"""Memory that the arrays of one training step may take."""
_KEPT = {"rnn": 8, "gru": 18, "lstm": 20, "transformer": 20}
"""Numbers a unit that training keeps of one character, gradients and copies included; counted in the compiled programs."""


def flops_per_character(net: AnyNet, alphabet: int) -> float:
    """Additions and multiplications for one character on its way forward; looked-up rows cost nothing."""
    shapes = weight_shapes(net, alphabet)
    return 2.0 * sum(m.fan_in * m.fan_out for m in shapes[1:] if m.fan_in > 1)


def batch_that_fits(net: AnyNet, alphabet: int, sequence: int) -> int:
    """How many streams of `sequence` characters one step can take at once; at least 1."""
    numbers = net.layers * net.units * _KEPT[net.cell] + 4 * alphabet + 2 * net.embedding
    if net.cell == "transformer":
        numbers += 2 * net.layers * sequence * max(1, net.units // 32)
    return max(1, MOST_BYTES // (4 * numbers * sequence))
