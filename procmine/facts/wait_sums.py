"""Hours per case and cause: headline, exclusive and inclusive (design section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.config.daylight import local_day
from procmine.facts.causes import CAUSES, TRACK_CAUSE
from procmine.tables.schema import Column, Schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.labels import Segments
    from procmine.facts.timeline import Timeline

__all__ = ["BY_CASE", "case_sums"]

_HOUR = 3.6e9


def _columns(cause: str) -> tuple[Column, ...]:
    return (
        Column(cause, "float", f"hours labelled {cause}", "h", nullable=True),
        Column(f"{cause}_days", "float", "the same in calendar days", "d"),
        Column(f"{cause}_exclusive", "float", "hours in which only it applies", "h", nullable=True),
        Column(f"{cause}_inclusive", "float", "hours in which it applies at all", "h",
               nullable=True),
    )  # fmt: skip


BY_CASE = Schema(
    "waits_by_case",
    "one row a case: its hours per cause",
    (
        Column("case_id", "string", "the case", key=True),
        Column("hours", "float", "hours of the case", "h", nullable=True),
        Column("days", "float", "calendar days of the case", "d"),
        *(column for cause in CAUSES for column in _columns(cause)),
    ),
)


def case_sums(line: Timeline, segments: Segments) -> pa.Table:
    """Return one row a case with its hours per cause.

    Parameters
    ----------
    line
        Cases and steps.
    segments
        Their labelled time; segments after a case's end are left out.

    Returns
    -------
    table, one row a case
        ``case_id``; ``hours``, ``days`` in all; for each cause C: ``C`` (hours labelled C),
        ``C_days``, ``C_exclusive`` (hours in which nothing but C applies) and
        ``C_inclusive`` (hours in which C applies at all). Hours are empty where one of the
        intervals that they sum has a day stamp at an end.
    """
    inside = segments.inside
    case = segments.case[inside]
    size = line.begin.size
    span = (segments.end - segments.start)[inside]
    rough = (segments.start_day | segments.end_day)[inside]
    whole = (local_day(segments.end) - local_day(segments.start))[inside]
    days = np.where(rough, whole, span / (24 * _HOUR))
    head = TRACK_CAUSE[segments.track[inside]]
    active = segments.active[inside]
    columns: dict[str, pa.Array] = {
        "case_id": line.case_id,
        "hours": _hours(case, span, rough, size),
        "days": pa.array(np.bincount(case, days, size)),
    }
    for place, cause in enumerate(CAUSES):
        bit = np.int64(1) << place
        labelled, alone, any_ = head == place, active == bit, (active & bit) > 0
        columns[cause] = _hours(case[labelled], span[labelled], rough[labelled], size)
        columns[f"{cause}_days"] = pa.array(np.bincount(case[labelled], days[labelled], size))
        columns[f"{cause}_exclusive"] = _hours(case[alone], span[alone], rough[alone], size)
        columns[f"{cause}_inclusive"] = _hours(case[any_], span[any_], rough[any_], size)
    return BY_CASE.check(pa.table(columns))


def _hours(
    case: NDArray[np.int64], span: NDArray[np.int64], rough: NDArray[np.bool_], size: int
) -> pa.Array:
    # Sums of whole microseconds below 2**53 are exact in floats.
    total = np.bincount(case, span, size) / _HOUR
    unknown = np.bincount(case, rough, size) > 0
    return pa.array(total, mask=unknown)
