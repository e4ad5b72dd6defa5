"""The catalogue of a process as columns: class, rank, phase and marks of each event type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from procmine.config.catalogue import VALUE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from procmine.config.catalogue import Step
    from procmine.config.load import Config
    from procmine.ocel.roles import Roles
    from procmine.store.snapshot import Process

__all__ = ["LAST", "MARKS", "Activities"]

LAST = 1 << 30
"""Rank of event types that stand in no catalogue: behind all others at the same time."""

MARKS: dict[str, Callable[[Step], bool]] = {
    "m_start": lambda step: step.has("start"),
    "m_end": lambda step: step.has("end"),
    "m_decided": lambda step: step.has("milestone", "decided"),
    "m_rests": lambda step: step.has("rests_on_documents"),
    "m_returns": lambda step: step.has("returns"),
    "m_elaboration": lambda step: step.has("elaboration"),
    "m_slot": lambda step: step.has("slot"),
    "m_opens_appeal": lambda step: step.has("opens", "appeal"),
    "m_closes_appeal": lambda step: step.has("closes", "appeal"),
}
"""Marks that stand as columns of the steps, by the column's name."""


@dataclass(frozen=True, slots=True)
class Activities:
    """The event types that can be steps of one process, in alphabetical order.

    Arrays have one entry an event type; its place is the code that stands in the steps.
    """

    names: tuple[str, ...]
    rank: NDArray[np.int64]
    cls: tuple[str | None, ...]
    phase: tuple[str | None, ...]
    marks: dict[str, NDArray[np.bool_]]
    ends_if: dict[int, frozenset[str]] = field(default_factory=dict)
    catalogued: bool = True
    by_hand: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """Whether a unit that is a hand may do it: all, but those only citizens and systems do."""

    @classmethod
    def of(cls, process: Process, config: Config, roles: Roles, types: Iterable[str]) -> Activities:
        """Take the steps of `process` among the event `types` of the log (design section 3).

        A type counts that stands in the process's catalogue, or in none; documents',
        notes', contacts' and enquiries' events do not.
        """
        catalogue = process.catalogue
        steps = {step.type: step for step in catalogue.steps} if catalogue else {}
        elsewhere = {step.type for other in config.catalogues for step in other.steps}
        if catalogue is None:
            elsewhere = set()
        names = tuple(
            name
            for name in sorted(set(types) - set(roles.not_steps))
            if name in steps or name not in elsewhere
        )
        rows = [steps.get(name) for name in names]
        skipped = config.skipped_kinds()
        return cls(
            names=names,
            rank=np.array([LAST if s is None else s.rank for s in rows], dtype=np.int64),
            cls=tuple((s.cls or None) if s else None for s in rows),
            phase=tuple((s.phase or None) if s else None for s in rows),
            marks={
                column: np.array([s is not None and test(s) for s in rows], dtype=np.bool_)
                for column, test in MARKS.items()
            },
            ends_if={
                code: frozenset(a for mark in s.mark("end_if") for a in mark.args)
                for code, s in enumerate(rows)
                if s is not None and s.has("end_if")
            },
            catalogued=catalogue is not None,
            by_hand=np.array(
                [s is None or not s.units or bool({*s.units} - skipped) for s in rows],
                dtype=np.bool_,
            ),
        )

    @property
    def value(self) -> NDArray[np.bool_]:
        """Whether a step of the type is a value step, elaborations included."""
        by_class = np.array([c in VALUE_CLASSES for c in self.cls], dtype=np.bool_)
        return by_class | self.marks["m_elaboration"]

    @property
    def unclassed(self) -> NDArray[np.bool_]:
        """Whether the type has no class, so that its product is unknown."""
        missing = np.array([c is None for c in self.cls], dtype=np.bool_)
        return missing & ~self.marks["m_elaboration"]

    def codes(self, names: Iterable[str]) -> NDArray[np.bool_]:
        """Return which types are among `names`."""
        wanted = frozenset(names)
        return np.array([name in wanted for name in self.names], dtype=np.bool_)

    def of_class(self, classes: Iterable[str]) -> NDArray[np.bool_]:
        """Return which types are of one of `classes`."""
        wanted = frozenset(classes)
        return np.array([c in wanted for c in self.cls], dtype=np.bool_)
