"""What removing a handover can bear: two queues against one (spec methods, section 2.4).

A handover replaces one queue by two. Pooled, the same people take any case from start to
finish; they may be slower at it, and the break-even says by how much before nothing is won.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from procmine.errors import Fault, UsageError
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BreakEven", "break_even", "pooled_time", "serial_time"]

_STEPS = 60


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Days through two queues in turn, through one common queue, and the break-even.

    `slower` is the share by which pooled staff may be slower before nothing is won; `load`
    the share of the time that staff is busy.
    """

    serial: float
    pooled: float
    slower: float
    load: float

    def sentence(self) -> str:
        """Say it in Danish, for the page and the report."""
        return t(
            "breakeven.sentence",
            serial=number(self.serial, 1),
            pooled=number(self.pooled, 1),
            slower=percent(self.slower),
            load=percent(self.load),
        )


def serial_time(rate: float, services: Sequence[float]) -> float:
    """Return the mean days through steps that follow each other, one person at each.

    Parameters
    ----------
    rate
        Cases a day.
    services
        Mean working days that each step takes (exponential; Poisson arrivals, M/M/1).

    Examples
    --------
    >>> round(serial_time(4, (0.2, 0.2)), 2)
    2.0
    """
    return sum(inf if rate * s >= 1 else s / (1 - rate * s) for s in services)


def pooled_time(rate: float, service: float, servers: int) -> float:
    """Return the mean days through one common queue in which each does the whole (M/M/c).

    Parameters
    ----------
    rate
        Cases a day.
    service
        Mean working days that a whole case takes one person.
    servers
        People.

    Examples
    --------
    >>> [round(pooled_time(4, 0.4 * slower, 2), 2) for slower in (1, 1.05, 1.10, 1.11)]
    [1.11, 1.43, 1.95, 2.1]
    """
    offered = rate * service
    load = offered / servers
    if load >= 1:
        return inf
    term, total = 1.0, 1.0
    for n in range(1, servers):
        term *= offered / n
        total += term
    last = term * offered / servers / (1 - load)
    waits = last / (total + last)
    return service + waits * service / (servers * (1 - load))


def break_even(rate: float, services: Sequence[float]) -> BreakEven:
    """Compare steps in turn with one common queue of as many generalists.

    Parameters
    ----------
    rate, services
        As for :func:`serial_time`; none may be overloaded.

    Raises
    ------
    UsageError
        A step that cannot keep up with the arrivals, or none at all.

    Examples
    --------
    >>> found = break_even(4, (0.2, 0.2))
    >>> round(found.serial, 2), round(found.pooled, 2), round(found.slower, 3)
    (2.0, 1.11, 0.103)
    """
    if not services or any(s <= 0 or rate * s >= 1 for s in services) or rate <= 0:
        raise UsageError(t("breakeven.overloaded"), (Fault("overloaded"),))
    serial, whole, staff = serial_time(rate, services), sum(services), len(services)
    low, high = 0.0, staff / (rate * whole) - 1
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if pooled_time(rate, whole * (1 + middle), staff) < serial:
            low = middle
        else:
            high = middle
    return BreakEven(serial, pooled_time(rate, whole, staff), low, rate * whole / staff)
