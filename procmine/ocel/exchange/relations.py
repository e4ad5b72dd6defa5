"""Relations as read: dangling ends left out and counted, repeats merged and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.ocel.order import Ends, places
from procmine.tables.log import E2O, O2O

if TYPE_CHECKING:
    from procmine.ocel.exchange.tally import Tally

__all__ = ["relations"]


def relations(
    raw: pa.Table, sources: pa.ChunkedArray, targets: pa.ChunkedArray, where: str, tally: Tally
) -> tuple[pa.Table, Ends]:
    """Return the relations whose two ends exist, each once, and the rows of their ends.

    Parameters
    ----------
    raw
        Columns ``from``, ``to``, ``qualifier``.
    sources, targets
        The ids that exist.
    where
        ``e2o`` or ``o2o``.
    tally
        Takes the breaches.
    """
    left, right = places(raw["from"], sources), places(raw["to"], targets)
    first = "dangling_event" if where == "e2o" else "dangling_object"
    tally.add_rows(first, where, np.flatnonzero(left < 0), "from")
    tally.add_rows("dangling_object", where, np.flatnonzero((left >= 0) & (right < 0)), "to")
    rows = np.flatnonzero((left >= 0) & (right >= 0))
    qualifiers = pc.fill_null(raw["qualifier"].cast(pa.string()), "").dictionary_encode()
    codes = np.concatenate(
        [np.asarray(chunk.indices) for chunk in qualifiers.unify_dictionaries().chunks]
        or [np.zeros(0, dtype=np.int64)]
    )
    key = (left[rows] * max(len(targets), 1) + right[rows]) * (codes.max(initial=0) + 1)
    key += codes[rows]
    ordered = np.sort(key)
    if (ordered[1:] == ordered[:-1]).any():
        order = np.argsort(key, kind="stable")
        again = np.zeros(len(rows), dtype=np.bool_)
        again[order[1:]] = key[order][1:] == key[order][:-1]
        tally.add_rows("repeated_relation", where, rows[again])
        rows = rows[~again]
    columns = [raw["from"], raw["to"], pc.fill_null(raw["qualifier"], "")]
    if len(rows) < len(left):
        kept = pa.array(rows)
        columns = [column.take(kept) for column in columns]
        left, right = left[rows], right[rows]
    names = (E2O if where == "e2o" else O2O).names
    return pa.table(dict(zip(names, columns, strict=True))), (left, right)
