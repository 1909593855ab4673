"""Us and a peer in alternating rounds, so that both meet the same weather; medians of values and of ratios."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from bench.peers.environment import NoPeer, python
from bench.report import Measured
from bench.worker import Worker

Round = Callable[[], float]


def alternate(ours: Round, peer: Round, rounds: int, higher: bool) -> Measured:
    """Rounds of both in turn. higher: whether larger is better. The ratio is the median of the rounds' ratios."""
    pairs = [(ours(), peer()) for _ in range(rounds)]
    ratios = [mine / theirs if higher else theirs / mine for mine, theirs in pairs]
    mine, theirs = zip(*pairs, strict=True)
    return Measured(median(mine), median(theirs), median(ratios), mine)


def alone(ours: Round, rounds: int, note: str = "") -> Measured:
    """Rounds without a peer."""
    samples = [ours() for _ in range(rounds)]
    return Measured(median(samples), samples=samples, note=note)


def against_torch(ours: str, peer: str, rounds: int, higher: bool = False, **arguments: Any) -> Measured:
    """Class `ours` against `peer`, 'module:Class' in `peers`, both with a method `round`, on the same core or `cores` in turn."""
    with Worker(ours, **arguments) as mine:
        try:
            with Worker(f"bench.peers.{peer}", python(), **arguments) as theirs:
                return alternate(lambda: mine.do("round"), lambda: theirs.do("round"), rounds, higher)
        except NoPeer as reason:
            return alone(lambda: mine.do("round"), rounds, f"no peer: {reason}.")
