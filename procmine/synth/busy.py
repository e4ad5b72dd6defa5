"""When the one who does the next step works on another case: known, since both are planted."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from procmine.synth.record import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from procmine.synth.record import Case
    from procmine.synth.world import Person

__all__ = ["Desks"]


class Desks:
    """What every caseworker was registered as working on, joined to stretches.

    Only work that the exports hold with begin and end counts: nobody can see the rest.

    Parameters
    ----------
    cut
        Work that ended later is in no delivery.
    cases
        A process of which no step has a begin has no busy time either.
    """

    def __init__(self, cut: int, cases: Iterable[Case]) -> None:
        self.cut = cut
        self.processes = {
            case.flow.process for case in cases if any(s.start is not None for s in case.steps)
        }
        self._stretches: dict[int, tuple[list[int], list[int]]] = {}

    def busy(self, case: Case) -> Iterator[Span]:
        """Yield the parts of a case's pauses in which the next one at work was elsewhere."""
        if case.flow.process not in self.processes:
            return
        for before, after in pairwise(sorted(case.steps, key=lambda step: step.end)):
            if after.person is None:
                continue
            begin, end = before.end, after.end if after.start is None else after.start
            starts, ends = self._of(after.person)
            place = bisect_right(ends, begin)
            while place < len(starts) and starts[place] < end:
                yield Span("busy", max(starts[place], begin), min(ends[place], end))
                place += 1

    def _of(self, person: Person) -> tuple[list[int], list[int]]:
        known = self._stretches.get(id(person))
        if known is not None:
            return known
        starts: list[int] = []
        ends: list[int] = []
        for start, end in sorted(w for w in person.worked if w[1] < self.cut):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        self._stretches[id(person)] = starts, ends
        return starts, ends
