"""In which order an epoch visits its examples, and which units dropout drops: cheap, repeatable, the same everywhere.

A random permutation costs more than the training step of a net this small, so an epoch visits example (a i + c) mod n for
i = 0 .. n - 1, with a prime `a` larger than any n and a random start `c`: every example once, in a new order each epoch.
"""

from __future__ import annotations

from typing import Any

from engines.lazy import jnp

Array = Any

PRIMES = (
    10007, 15013, 20011, 25013, 30011, 35023, 40009, 45007, 50021, 55001, 60013, 65003, 70001, 75011, 80021, 85009,
)  # fmt: skip


def mix(x: int) -> int:
    """A well-stirred 32-bit number from another.

    Source: Wellons 2018, "Prospecting for hash functions" (lowbias32).
    """
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


def order(seed: int, epoch: int, n: int) -> tuple[int, int]:
    """(a, c) of one epoch over n examples: it visits example (a * i + c) mod n for i = 0 .. n - 1."""
    h = mix((mix(seed & 0xFFFFFFFF) + epoch) & 0xFFFFFFFF)
    return PRIMES[h & 15], (h >> 8) % n


def traced_mix(x: Array) -> Array:
    """`mix` inside a compiled program: uint32 array of any shape -> the same shape."""
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)


def traced_order(seed: Array, epoch: Array, n: Array) -> tuple[Array, Array]:
    """`order` inside a compiled program: uint32 scalars in, uint32 scalars out."""
    h = traced_mix(traced_mix(seed) + epoch)
    return jnp.asarray(PRIMES, jnp.uint32)[h & 15], (h >> 8) % n
