"""Hours per case and cause: headline, exclusive and inclusive (design section 4)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.config.daylight import local_day
from procmine.facts.causes import CAUSES, TRACK_CAUSE
from procmine.tables.schema import Column, Schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.labels import Segments
    from procmine.facts.timeline import Timeline

__all__ = ["BY_CASE", "case_sums", "rough_ends"]

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
    size = line.begin.size
    span = segments.end - segments.start
    whole = local_day(segments.end) - local_day(segments.start)
    days = np.where(segments.start_day | segments.end_day, whole, span / (24 * _HOUR))
    head = TRACK_CAUSE[segments.track]
    columns: dict[str, pa.Array] = {
        "case_id": line.case_id,
        "hours": line.case_id,
        "days": pa.array(np.bincount(segments.case[inside], days[inside], size)),
    }
    for place, cause in enumerate(CAUSES):
        bit = np.int64(1) << place
        labelled = inside & (head == place)
        alone = inside & (segments.active == bit)
        at_all = inside & ((segments.active & bit) > 0)
        columns[cause] = _hours(segments, labelled, span, size)
        columns[f"{cause}_days"] = pa.array(
            np.bincount(segments.case[labelled], days[labelled], size)
        )
        columns[f"{cause}_exclusive"] = _hours(segments, alone, span, size)
        columns[f"{cause}_inclusive"] = _hours(segments, at_all, span, size)
    told = [columns[cause] for cause in CAUSES]
    columns["hours"] = functools.reduce(pc.add, told)
    return BY_CASE.check(pa.table(columns))


def _hours(
    segments: Segments, mask: NDArray[np.bool_], span: NDArray[np.int64], size: int
) -> pa.Array:
    # Sums of whole microseconds below 2**53 are exact in floats.
    case = segments.case[mask]
    total = np.bincount(case, span[mask], size) / _HOUR
    unknown = np.bincount(case, rough_ends(segments, mask)[mask], size) > 0
    return pa.array(total, mask=unknown)


def rough_ends(segments: Segments, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a run of segments begins or ends at a day stamp.

    Parameters
    ----------
    segments
        Labelled time.
    mask
        Which segments count; those that follow each other make a run, up to the next step.

    Returns
    -------
    array
        Per segment: whether its run begins with it, or ends with it, at a day stamp.
    """
    joined = np.zeros(mask.size + 1, dtype=np.bool_)
    joined[1:-1] = (
        mask[1:] & mask[:-1] & (segments.case[1:] == segments.case[:-1]) & ~segments.at_step[1:]
    )
    begins, ends = mask & ~joined[:-1], mask & ~joined[1:]
    rough: NDArray[np.bool_] = (begins & segments.start_day) | (ends & segments.end_day)
    return rough
