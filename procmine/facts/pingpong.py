"""Ping-pong between units: how deep, how many hands, how far above what the law demands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.config.daylight import local_day
from procmine.config.mandates import ANY
from procmine.facts.mandates import EPOCH
from procmine.facts.segments import bounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from procmine.config.mandates import Mandate

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["case_pingpong", "episodes", "legal_minimum"]


def case_pingpong(visits: pa.Table, minimum: pa.Table | None = None) -> pa.Table:
    """Count hands and returns of each case (spec methods, section 2.2).

    Parameters
    ----------
    visits
        The fact table (schema VISITS), sorted by case and visit.
    minimum
        ``case_id, legal_minimum`` as :func:`legal_minimum` gives them.

    Returns
    -------
    table, one row a case with a visit
        ``handovers`` (into visits that count), ``hands`` (distinct units), ``returns`` (visits less
        hands), ``immediate_returns`` (A, B, A), ``return_share`` (of the handovers),
        ``depth`` (handovers of the longest episode), ``legal_minimum`` and ``excess``
        (handovers above it). Only visits that count are counted.

    Examples
    --------
    >>> toy = pa.table({"case_id": ["c"] * 4, "visit": range(4), "unit": ["J", "Y", "J", "Y"]})
    >>> row = case_pingpong(toy.append_column("counted", pa.array([True] * 4))).to_pylist()[0]
    >>> [row[n] for n in ("handovers", "hands", "returns", "immediate_returns", "depth")]
    [3, 2, 2, 2, 3]
    """
    ids, case, unit, rows = _counted(visits)
    offsets = bounds(case)
    size = len(offsets) - 1
    entered = visits["visit"].to_numpy()[rows] > 0
    many = int(unit.max(initial=0)) + 1
    hands = np.bincount(np.unique(case * many + unit) // many, minlength=size)
    again = _immediate(case, unit)
    depth = np.zeros(size, dtype=np.int64)
    first, last = _runs(case, again)
    np.maximum.at(depth, case[first], last - first)
    handovers = np.bincount(case[entered], minlength=size)
    returns = np.diff(offsets) - hands
    share = np.divide(returns, handovers, out=np.zeros(size), where=handovers > 0)
    table = pa.table(
        {
            "case_id": ids,
            "handovers": handovers,
            "hands": hands,
            "returns": returns,
            "immediate_returns": np.bincount(case[again], minlength=size),
            "return_share": pa.array(share, mask=handovers == 0),
            "depth": depth,
        }
    )
    return table if minimum is None else _with_excess(table, minimum)


def episodes(visits: pa.Table) -> pa.Table:
    """List the ping-pong episodes: maximal alternations A, B, A, B ... of two units.

    Returns
    -------
    table, one row an episode
        ``case_id``, ``first_visit`` and ``last_visit`` (their numbers), ``depth`` (its
        handovers, 2 at least), ``unit`` and ``other`` (the one that begins first).

    Examples
    --------
    >>> toy = pa.table({"case_id": ["c"] * 5, "visit": range(5), "unit": list("ABACA")})
    >>> found = episodes(toy.append_column("counted", pa.array([True] * 5)))
    >>> found["depth"].to_pylist(), found["other"].to_pylist()
    ([2, 2], ['B', 'C'])
    """
    ids, case, unit, rows = _counted(visits)
    first, last = _runs(case, _immediate(case, unit))
    names = visits["unit"].cast(pa.string()).take(pa.array(rows))
    return pa.table(
        {
            "case_id": ids.take(pa.array(case[first])),
            "first_visit": visits["visit"].take(pa.array(rows[first])),
            "last_visit": visits["visit"].take(pa.array(rows[last])),
            "depth": pa.array(last - first),
            "unit": names.take(pa.array(first)),
            "other": names.take(pa.array(first + 1)),
        }
    )


def legal_minimum(cases: pa.Table, process: str, mandates: Iterable[Mandate]) -> pa.Table:
    """Count the handovers that the law demands of each case: rows valid at its start.

    Rows for every process (such as the way to an appeal body) hang on what happens in the
    case and are no part of the shortest path.

    Returns
    -------
    table, one row a case
        ``case_id, legal_minimum``.
    """
    start = cases["start"].cast(pa.int64()).to_numpy()
    day = local_day(start)
    least = np.zeros(len(day), dtype=np.int64)
    for row in mandates:
        if row.basis != "law" or row.process != process or ANY in (row.from_kind, row.to_kind):
            continue
        begins = -(1 << 40) if row.valid_from is None else (row.valid_from - EPOCH) // _DAY
        ends = 1 << 40 if row.valid_to is None else (row.valid_to - EPOCH) // _DAY
        least += (day >= begins) & (day <= ends)
    return pa.table({"case_id": cases["case_id"], "legal_minimum": least})


_DAY = timedelta(days=1)


def _counted(visits: pa.Table) -> tuple[pa.Array, Ints, Ints, Ints]:
    """Return case ids, and for each visit that counts its case, unit and row."""
    rows = np.flatnonzero(np.asarray(visits["counted"], dtype=np.bool_))
    kept = pa.array(rows)
    ids, case = _codes(visits["case_id"].take(kept))
    _, unit = _codes(visits["unit"].take(kept))
    return ids, case, unit, rows


def _codes(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Return the distinct values of a column in order of first appearance, and their places."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays([pa.array([], pa.string()), *array.chunks])
    encoded = array.dictionary_encode()
    return encoded.dictionary, np.asarray(encoded.indices, dtype=np.int64)


def _immediate(case: Ints, unit: Ints) -> Bools:
    """Tell which visits lie between two visits of one other unit (A, B, A)."""
    found = np.zeros(len(case), dtype=np.bool_)
    found[1:-1] = (case[2:] == case[:-2]) & (unit[2:] == unit[:-2])
    return found


def _runs(case: Ints, between: Bools) -> tuple[Ints, Ints]:
    """Return the first and the last visit of each run of returns.

    A return at k speaks of the visits k - 1, k, k + 1; a change of case breaks a run.
    """
    again = np.flatnonzero(between)
    edges = bounds(np.cumsum(np.diff(again, prepend=-2) != 1)) if len(again) else np.zeros(1, int)
    runs = _split_by_case(case, again, edges)
    return again[runs[:-1]] - 1, again[runs[1:] - 1] + 1


def _split_by_case(case: Ints, again: Ints, edges: Ints) -> Ints:
    if not len(again):
        return np.zeros(1, dtype=np.int64)
    new = np.zeros(len(again), dtype=np.bool_)
    new[edges[:-1]] = True
    new[1:] |= case[again[1:]] != case[again[:-1]]
    return np.append(np.flatnonzero(new), len(again))


def _with_excess(table: pa.Table, minimum: pa.Table) -> pa.Table:
    place = pc.index_in(table["case_id"], minimum["case_id"].combine_chunks())
    least = minimum["legal_minimum"].take(place)
    table = table.append_column("legal_minimum", least)
    return table.append_column("excess", pc.subtract(table["handovers"], least))
