"""When the next actor provably works on something else (design section 4, cause ``busy``).

Only with true starts and ends, and only where the configuration says that staff data may be
used for it. The sum of a wait's busy time equals contention and prioritisation together of
Lashkevich et al., "Why am I waiting?" (2023), outside their mined batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.load import Config
    from procmine.facts.timeline import Timeline

    Ints = NDArray[np.int64]

__all__ = ["APPROVAL_KEYS", "Islands", "busy_intervals", "persons_approved"]

_FILE = "godkendelser"
APPROVAL_KEYS = ("purpose", "legal_basis", "dpia", "med", "notice")
"""What ``godkendelser.toml`` must say: purpose, legal basis, and the dates of the impact
assessment, of the discussion with staff and of the notice to them."""


def persons_approved(config: Config) -> bool:
    """Whether measures that rest on single members of staff may be computed.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> persons_approved(load_config())
    False
    """
    given = config.files.get(_FILE, {})
    return all(given.get(key) for key in APPROVAL_KEYS)


@dataclass(frozen=True)
class Islands:
    """Time in which each resource works on anything at all, without overlaps.

    Attributes
    ----------
    resource, start, end
        Sorted by resource and start; instants in microseconds.
    """

    resource: Ints
    start: Ints
    end: Ints

    @classmethod
    def of(cls, resource: Ints, start: Ints, end: Ints) -> Islands:
        """Join the work of each resource; rows without a resource (-1) or length are left out.

        Examples
        --------
        >>> work = Islands.of(np.array([0, 0, 0]), np.array([1, 3, 9]), np.array([4, 6, 10]))
        >>> work.start.tolist(), work.end.tolist()
        ([1, 9], [6, 10])
        """
        kept = (resource >= 0) & (start < end)
        resource, start, end = resource[kept], start[kept], end[kept]
        order = np.lexsort((start, resource))
        resource, start, end = resource[order], start[order], end[order]
        if not start.size:
            return cls(resource, start, end)
        # Latest end so far within a resource, by lifting each resource above the one before.
        low, span = int(start.min()), int(end.max()) - int(start.min()) + 1
        _, lift = np.unique(resource, return_inverse=True)
        latest = _running_max(end - low, lift, span) + low
        new = np.append(True, (resource[1:] != resource[:-1]) | (start[1:] > latest[:-1]))
        heads = np.flatnonzero(new)
        tails = np.append(heads[1:], start.size) - 1
        return cls(resource[heads], start[heads], latest[tails])

    def within(self, resource: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the parts of some windows in which their resource works.

        Parameters
        ----------
        resource, start, end
            The windows; -1 where the resource is not known.

        Returns
        -------
        window, start, end
            The window's row and the instants of each part, in order.

        Examples
        --------
        >>> work = Islands.of(np.array([0, 0]), np.array([1, 9]), np.array([6, 10]))
        >>> [p.tolist() for p in work.within(np.array([0]), np.array([4]), np.array([20]))]
        [[0, 0], [4, 9], [6, 10]]
        """
        first = self._place(resource, start, ends=True)
        last = self._place(resource, end, ends=False)
        count = np.where((resource >= 0) & (start < end), np.maximum(last - first, 0), 0)
        window = np.repeat(np.arange(start.size), count)
        offset = np.arange(window.size) - np.repeat(np.cumsum(count) - count, count)
        island = np.repeat(first, count) + offset
        return (
            window,
            np.maximum(self.start[island], start[window]),
            np.minimum(self.end[island], end[window]),
        )

    def _place(self, resource: Ints, at: Ints, *, ends: bool) -> Ints:
        """Return the first island of the resource that ends after `at`, or starts at or after."""
        place = np.zeros(at.size, dtype=np.int64)
        bounds = np.searchsorted(self.resource, resource)
        until = np.searchsorted(self.resource, resource, side="right")
        for code in np.unique(resource):
            rows = resource == code
            low, high = bounds[rows][0], until[rows][0]
            values = (self.end if ends else self.start)[low:high]
            place[rows] = low + np.searchsorted(values, at[rows], "right" if ends else "left")
        return place


def busy_intervals(line: Timeline, resource: Ints, islands: Islands) -> tuple[Ints, Ints, Ints]:
    """Return where the actor of the next step works on something else before it starts.

    Parameters
    ----------
    line
        Cases and steps.
    resource
        Code of each step's actor, -1 unknown.
    islands
        Work of all resources of the log, by the same codes.

    Returns
    -------
    case, start, end
        Intervals between the step before and the start of the next.
    """
    later = np.flatnonzero(line.first[:-1][line.case] < np.arange(line.at.size))
    window, start, end = islands.within(resource[later], line.at[later - 1], line.start[later])
    return line.case[later][window], start, end


def _running_max(values: Ints, group: Ints, span: int) -> Ints:
    """Return the greatest value so far within each group of consecutive rows."""
    if span * (int(group.max()) + 1) < np.iinfo(np.int64).max:
        lifted: Ints = np.maximum.accumulate(values + group * span) - group * span
        return lifted
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    best = np.maximum.accumulate(ranks + group * values.size) - group * values.size
    found: Ints = np.sort(values)[best]
    return found
