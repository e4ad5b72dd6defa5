"""Random numbers that are the same everywhere: integers only, one stream a purpose."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["QUANTILES", "Stream"]

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
QUANTILES = (0, 2500, 5000, 7500, 9000, 10000)
"""Cumulative shares, in hundredths of a percent, at which a distribution is given."""
_ALL = 10_000


class Stream:
    """SplitMix64 on integers, seeded by the names of what it is for.

    A stream depends on nothing but its names. Two worlds that differ in one rule
    therefore draw the same numbers for everything the rule does not touch
    (common random numbers). No floats: the same bytes on every machine.

    Examples
    --------
    >>> Stream(1, "case", 7).below(1000) == Stream(1, "case", 7).below(1000)
    True
    >>> 3 <= Stream(1, "x").between(3, 5) <= 5
    True
    """

    __slots__ = ("_state",)

    def __init__(self, *names: object) -> None:
        key = "\x1f".join(map(str, names)).encode()
        self._state = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")

    def bits(self) -> int:
        """Return the next 64 bits."""
        self._state = (self._state + _STEP) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, n: int) -> int:
        """Return an integer from 0 to n - 1."""
        return (self.bits() * n) >> 64

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + self.below(high - low + 1)

    def hits(self, percent: float) -> bool:
        """Return True in `percent` of 100 draws (two decimals of it count)."""
        return self.below(_ALL) < round(percent * 100)

    def quantile(self, points: Sequence[int]) -> int:
        """Draw from the distribution whose values at :data:`QUANTILES` are `points`.

        Between the points it is linear, so that only integers are needed.

        Examples
        --------
        >>> Stream("x").quantile([4, 4, 4, 4, 4, 4])
        4
        """
        u = self.below(_ALL)
        for i in range(1, len(QUANTILES)):
            if u < QUANTILES[i]:
                low, high = QUANTILES[i - 1], QUANTILES[i]
                return points[i - 1] + (points[i] - points[i - 1]) * (u - low) // (high - low)
        return points[-1]

    def pick(self, weights: Mapping[str, int]) -> str:
        """Return one key, each as often as its weight says."""
        u = self.below(sum(weights.values()))
        for name, weight in weights.items():
            u -= weight
            if u < 0:
                return name
        raise AssertionError
