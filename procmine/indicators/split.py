"""How the base of a figure divides: the citizens behind what counts, and behind the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.tables.numbers import different

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Split", "split"]


@dataclass(frozen=True, slots=True)
class Split:
    """The two parts of a base, and the citizens of each.

    Attributes
    ----------
    hits, base
        Rows that count, and all rows: cases, or steps for a share of steps.
    hit_citizens, rest_citizens
        Distinct citizens of the rows that count and, of a share, of those that do not. The
        rest of a mean cannot be had from it and is 0.

    Examples
    --------
    >>> Split(3, 141, 3, 138).high(5), Split(3, 141, 3, 138).low(5)
    (False, True)
    """

    hits: int
    base: int
    hit_citizens: int
    rest_citizens: int

    def low(self, least: int) -> bool:
        """Whether so few count that their number may not be shown."""
        return 0 < self.hit_citizens < least

    def high(self, least: int) -> bool:
        """Whether so few do not count that their number may not be shown."""
        return 0 < self.rest_citizens < least

    @property
    def fewest(self) -> int:
        """The smaller part that has anyone in it, in citizens; 0 where neither has."""
        return min((n for n in (self.hit_citizens, self.rest_citizens) if n), default=0)


def split(value: NDArray[np.float64], person: NDArray[np.int64], *, share: bool) -> Split:
    """Divide the rows of a sample by whether their value counts.

    Examples
    --------
    >>> split(np.array([100.0, 0.0, 0.0]), np.array([0, 0, 1]), share=True)
    Split(hits=1, base=3, hit_citizens=1, rest_citizens=2)
    """
    hit = value > 0
    hits, rest = (different(person[part]) for part in (hit, ~hit))
    return Split(int(hit.sum()), value.size, hits, rest if share else 0)
