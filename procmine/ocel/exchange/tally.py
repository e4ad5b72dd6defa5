"""Breaches, counted as they are met: a code, a table, a column, the first rows, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from procmine.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EFFECTS", "Effect", "Tally", "effect"]

Effect = Literal["note", "mended", "left_out"]

EFFECTS: dict[str, Effect] = {
    "naive_time": "note",
    "older_standard": "note",
    "finer_time": "note",
    "day_precision": "note",
    "varying_case_attribute": "note",
    "merged_start": "note",
    "unnamed_case": "mended",
    "repeated_case": "mended",
    "value_not_text": "mended",
    "missing_key": "mended",
    "missing_table": "mended",
    "start_after_end": "mended",
    "repeated_relation": "mended",
    "id_not_text": "mended",
    "undeclared_type": "mended",
    "undeclared_attribute": "mended",
    "two_types": "mended",
    "unknown_value_type": "mended",
    "bad_value": "mended",
    "repeated_type": "mended",
    "empty_id": "left_out",
    "empty_type": "left_out",
    "empty_case": "left_out",
    "empty_time": "left_out",
    "bad_time": "left_out",
    "bad_start": "left_out",
    "lacking": "left_out",
    "damaged": "left_out",
    "unknown_change": "left_out",
    "repeated_id": "left_out",
    "dangling_event": "left_out",
    "dangling_object": "left_out",
    "repeated_attribute": "left_out",
    "malformed": "left_out",
    "start_without_end": "mended",
    "nested_attribute": "mended",
    "repeated_change": "mended",
}
"""What reading does about each breach: nothing (a note), mends it, leaves the row out."""

SHOWN = 1000


def effect(fault: Fault) -> Effect:
    """Say what reading did about a breach.

    Examples
    --------
    >>> effect(Fault("dangling_object", "e2o", count=2))
    'left_out'
    """
    return EFFECTS.get(fault.code, "left_out")


class Tally:
    """Collects breaches of one file; every one is counted, the first thousand rows are named.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add("empty_id", "events", row=3)
    >>> tally.add("empty_id", "events", row=9)
    >>> tally.faults()[0].line()
    'empty_id: events (rows 3, 9)'
    """

    def __init__(self) -> None:
        """Start with none."""
        self._rows: dict[tuple[str, str, str, str], list[int]] = {}
        self._count: dict[tuple[str, str, str, str], int] = {}

    def add(
        self,
        code: str,
        where: str,
        column: str = "",
        row: int = 0,
        detail: str = "",
        count: int = 1,
    ) -> None:
        """Count a breach; `row` is counted from 1, 0 where there is none."""
        key = (code, where, column, detail)
        rows = self._rows.setdefault(key, [])
        if row and len(rows) < SHOWN:
            rows.append(row)
        self._count[key] = self._count.get(key, 0) + count

    def add_rows(
        self, code: str, where: str, rows: Iterable[int], column: str = "", detail: str = ""
    ) -> None:
        """Count a breach in each of `rows`, counted from 0."""
        numbers = np.asarray(list(rows) if not isinstance(rows, np.ndarray) else rows)
        if not len(numbers):
            return
        key = (code, where, column, detail)
        shown = self._rows.setdefault(key, [])
        shown.extend(int(row) + 1 for row in numbers[: SHOWN - len(shown)])
        self._count[key] = self._count.get(key, 0) + len(numbers)

    def faults(self) -> list[Fault]:
        """Return what was met, in the order of first meeting."""
        return [
            Fault(
                code, where, column, tuple(rows), self._count[code, where, column, detail], detail
            )
            for (code, where, column, detail), rows in self._rows.items()
        ]
