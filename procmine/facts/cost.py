"""What handovers cost: working hours of the gaps around a visit that a unit could shorten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import literal, script
from procmine.facts.segments import bounds
from procmine.store.engine import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["COSTLY", "Gaps", "case_costs", "costs", "read_gaps"]

COSTLY = ("between_units", "busy", "unexplained")
"""Causes whose hours a visit can cost; time of citizens, law and others never counts."""


_DECIMALS = 6
"""Hours are sums and differences of floats: what lies below a hundredth of a second is noise."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps between the steps of hands, in working hours.

    `within` has one entry a gap inside a visit; `case_id`, `visit`, `hours` one a gap that
    leads into visit number `visit` of a case (nan: day stamps, cannot be told).
    """

    within: Floats
    case_id: pa.Array
    visit: Ints
    hours: Floats

    @classmethod
    def join(cls, parts: Iterable[Gaps]) -> Gaps:
        """Put the gaps of several ranges of cases together."""
        listed = list(parts)
        ids = [part.case_id for part in listed]
        return cls(
            np.concatenate([np.zeros(0), *(part.within for part in listed)]),
            pa.concat_arrays(ids) if ids else pa.array([], pa.string()),
            np.concatenate([np.zeros(0, np.int64), *(part.visit for part in listed)]),
            np.concatenate([np.zeros(0), *(part.hours for part in listed)]),
        )

    @property
    def usual(self) -> float:
        """The median gap within one unit; 0 where there is none."""
        return float(np.median(self.within)) if len(self.within) else 0.0


def read_gaps(
    connection: duckdb.DuckDBPyConnection, steps: Path, waits: Path, cases: tuple[str, str]
) -> Gaps:
    """Sum the costly hours between the steps of hands for a range of case ids.

    Parameters
    ----------
    connection
        Any DuckDB connection.
    steps, waits
        The fact tables' files.
    cases
        First and last case id of the range.
    """
    query = script("gaps").format(
        steps=quoted(steps),
        waits=quoted(waits),
        low=literal(cases[0]),
        high=literal(cases[1]),
        causes=", ".join(literal(cause) for cause in COSTLY),
    )
    found = connection.sql(query).to_arrow_table().combine_chunks()
    visit, following = (found[name].to_numpy() for name in ("visit", "next_visit"))
    told = np.asarray(found["told"], dtype=np.bool_)
    hours = np.where(told, found["hours"].to_numpy(), np.nan)
    inside = visit == following
    between = pa.array(np.flatnonzero(~inside))
    ids = found["case_id"].take(between).combine_chunks()
    return Gaps(
        within=hours[inside & told],
        case_id=ids if isinstance(ids, pa.Array) else pa.array([], pa.string()),
        visit=following[~inside].astype(np.int64),
        hours=hours[~inside],
    )


def costs(handovers: pa.Table, gaps: Gaps, usual: float) -> tuple[Floats, Floats, Floats]:
    """Return cost, gap before and gap after the visit that each handover enters.

    Parameters
    ----------
    handovers
        Rows of some cases, sorted by case and visit.
    gaps
        The gaps of (at least) these cases.
    usual
        The median gap within one unit, taken off the gaps around a visit.

    Returns
    -------
    tuple of float arrays
        Working hours; nan where day stamps forbid to tell. Merged visits cost 0: what
        vanishes with them stands on the row of the visit that made them vanish.
    """
    visit = handovers["visit"].to_numpy()
    ids = handovers["case_id"].combine_chunks()
    distinct = pc.unique(ids)
    case = np.asarray(pc.index_in(ids, distinct), dtype=np.int64)
    of_gap = pc.fill_null(pc.index_in(gaps.case_id, distinct), -1)
    span = int(max(visit.max(initial=0), gaps.visit.max(initial=0))) + 2
    known = np.asarray(of_gap, dtype=np.int64) * span + gaps.visit
    mine = np.asarray(of_gap) >= 0
    before = _looked_up(known[mine], gaps.hours[mine], case * span + visit)
    after = _looked_up(known[mine], gaps.hours[mine], case * span + visit + 1)
    cost = np.round(np.maximum(before + after - usual, 0.0), _DECIMALS)
    joined = pc.fill_null(pc.equal(handovers["redundant_reason"], "merged"), fill_value=False)
    return np.where(np.asarray(joined), 0.0, cost), before, after


def case_costs(
    handovers: pa.Table, before: Floats, after: Floats, usual: float
) -> tuple[pa.Array, Floats]:
    """Sum what a case's redundant visits cost: each gap once, however many visits share it.

    Visits that vanish side by side leave one gap within a unit, so the usual gap is taken
    off once for each such block. Only handovers in phases that count are summed.

    Returns
    -------
    tuple
        Case ids, and the working hours of each.
    """
    entered = pc.fill_null(pc.equal(handovers["redundant_reason"], "entered"), fill_value=False)
    counts = np.asarray(entered) & np.asarray(handovers["counted"])
    ids = handovers["case_id"].combine_chunks()
    distinct = pc.unique(ids)
    case = np.asarray(pc.index_in(ids, distinct), dtype=np.int64)
    visit = handovers["visit"].to_numpy()
    rows = np.flatnonzero(counts)
    if not len(rows):
        return distinct, np.zeros(len(distinct))
    starts = np.ones(len(rows), dtype=np.bool_)
    starts[1:] = (case[rows[1:]] != case[rows[:-1]]) | (visit[rows[1:]] != visit[rows[:-1]] + 1)
    edges = bounds(np.cumsum(starts))
    union = np.add.reduceat(before[rows], edges[:-1]) + after[rows[edges[1:] - 1]]
    blocks = np.round(np.maximum(union - usual, 0.0), _DECIMALS)
    whose = case[rows[edges[:-1]]]
    hours = np.bincount(whose, weights=blocks, minlength=len(distinct)).astype(np.float64)
    return distinct, hours


def _looked_up(keys: Ints, values: Floats, wanted: Ints) -> Floats:
    if not len(keys):
        return np.zeros(len(wanted))
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    found = order[place]
    return np.where(keys[found] == wanted, values[found], 0.0)
