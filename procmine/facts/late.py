"""Requests that could have been made earlier: days that asking on day 0 could have saved.

A potential, never a finding: whether the request could have been made on the case's first
day is a judgement of its content (methods section 1.5, W6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.facts.causes import CAUSES, TRACK_CAUSE, track
from procmine.tables.schema import Column, Schema
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.timeline import Timeline
    from procmine.facts.waits import WaitTables

    Ints = NDArray[np.int64]

__all__ = ["LATE", "late_requests"]

_DAY = 86_400_000_000
_US = pa.timestamp("us", tz="UTC")
_FREE = ("between_units", "busy", "unexplained")
"""Causes under which nothing else was waited for, so that a request could have run."""

LATE = Schema(
    "late_requests",
    "one row a request for a document that was not made when the case began",
    (
        Column("case_id", "string", "the case"),
        Column("request", "string", "the event or document of the request"),
        Column("ready", "instant", "when it could have been made: the case's start"),
        Column("requested", "instant", "when it was made"),
        Column("ended", "instant", "when it was no longer waited for"),
        Column("waited_days", "float", "days the case waited for it", "d"),
        Column("potential_days", "float", "days that asking at once could have saved", "d"),
        Column("explanation", "string", "the potential in a Danish sentence"),
    ),
)


def late_requests(line: Timeline, tables: WaitTables, documents: pa.Array) -> pa.Table:
    """Return for each request how much of the wait an earlier one could have covered.

    The potential is the time before the request in which nothing else was waited for, at
    most the time that the document was then waited for. Requests made after the case's end
    are left out.

    Parameters
    ----------
    line
        Cases and steps.
    tables
        Their labelled time.
    documents
        Ids of the filed documents.

    Returns
    -------
    table, one row a request with a potential (schema LATE)
    """
    segments, found = tables.segments, tables.intervals
    kinds = [track("document"), track("document_mandatory")]
    rows = np.flatnonzero(np.isin(found.track, kinds))
    rows = rows[found.start[rows] < line.end[found.case[rows]]]
    cause = TRACK_CAUSE[segments.track]
    span = (segments.end - segments.start) * segments.inside
    free = _total(np.where(np.isin(cause, [CAUSES.index(name) for name in _FREE]), span, 0))
    waited = _total(np.where(cause == CAUSES.index("document"), span, 0))
    opening = np.searchsorted(segments.case, found.case[rows])
    before = free[segments.first[rows]] - free[opening]
    after = waited[segments.last[rows]] - waited[segments.first[rows]]
    potential = np.minimum(before, after)
    rows, potential, after = rows[potential > 0], potential[potential > 0], after[potential > 0]
    return LATE.check(pa.table({
        "case_id": line.case_id.take(pa.array(found.case[rows])),
        "request": _names(line, found.opened[rows], found.document[rows], documents),
        "ready": pa.array(line.begin[found.case[rows]]).cast(_US),
        "requested": pa.array(found.start[rows]).cast(_US),
        "ended": pa.array(found.end[rows]).cast(_US),
        "waited_days": pa.array(after / _DAY),
        "potential_days": pa.array(potential / _DAY),
        "explanation": _sentences(potential),
    }))  # fmt: skip


def _total(values: Ints) -> Ints:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])


def _names(line: Timeline, opened: Ints, document: Ints, documents: pa.Array) -> pa.Array:
    events = line.steps["event_id"].cast(pa.string())
    by_step = events.take(pa.array(opened, mask=opened < 0))
    by_document = documents.take(pa.array(document, mask=document < 0))
    first = by_step.combine_chunks() if isinstance(by_step, pa.ChunkedArray) else by_step
    return pa.array(
        [a if a is not None else b for a, b in zip(first.to_pylist(), by_document.to_pylist(),
                                                   strict=True)], pa.string(),
    )  # fmt: skip


def _sentences(potential: Ints) -> pa.Array:
    days, place = np.unique(np.round(potential / _DAY, 1), return_inverse=True)
    texts = [t("wait.late", days=number(float(value), 1)) for value in days]
    return pa.array(texts, pa.string()).take(pa.array(place))
