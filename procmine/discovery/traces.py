"""The steps of a process as integer columns, and what can be said of them without strings.

The steps table lies sorted by case and place (design section 3); a case is a slice of it.
Names return only with the few rows of a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.store.snapshot import Snapshot

__all__ = ["Traces", "read_traces", "variant_table"]


@dataclass(frozen=True, slots=True)
class Traces:
    """Steps sorted by case and place; arrays have one entry a step.

    `activity` is the place in `names`, which are in alphabetical order; `case` numbers the
    cases, whose citizens (the case itself where none is known) `citizen` numbers by case.
    `rest` holds the further columns that were asked for.
    """

    case: NDArray[np.int64]
    activity: NDArray[np.int64]
    citizen: NDArray[np.int64]
    names: pa.Array
    rest: pa.Table


def read_traces(
    snapshot: Snapshot,
    process: str | None = None,
    *,
    whole: bool = False,
    columns: tuple[str, ...] = (),
) -> Traces:
    """Read the steps of a process, those within their cases or all.

    Parameters
    ----------
    snapshot, process
        The log, and which of its processes.
    whole
        Also read steps before a case's start and after its end.
    columns
        Further columns of the steps table.
    """
    wanted = ["case_id", "seq", "activity", *columns, *(() if whole else ("in_case",))]
    steps = pq.read_table(
        snapshot.facts_file(process, "steps"), columns=wanted, read_dictionary=["case_id"]
    )
    if not whole:
        steps = steps.filter(steps["in_case"])
    case, ids = _codes(steps["case_id"])
    seq = np.asarray(steps["seq"].to_numpy(), dtype=np.int64)
    together = np.flatnonzero(np.diff(case))
    ordered = len(together) + 1 == len(ids) and bool((np.diff(seq)[np.diff(case) == 0] > 0).all())
    if len(case) and not ordered:
        order = np.lexsort((seq, case))
        steps, case = steps.take(pa.array(order)), case[order]
    activity, names = _codes(steps["activity"])
    rank = np.asarray(pc.sort_indices(names), dtype=np.int64)
    place = np.empty_like(rank)
    place[rank] = np.arange(len(rank))
    return Traces(
        case=case,
        activity=place[activity],
        citizen=_citizens(snapshot, process, ids),
        names=names.take(pa.array(rank)),
        rest=steps.select(list(columns)),
    )


def variant_table(traces: Traces) -> pa.Table:
    """Return each sequence of activities with its cases, distinct citizens and share.

    Examples
    --------
    >>> two = np.array([0, 0, 1, 1])
    >>> traces = Traces(two, np.array([0, 1, 0, 1]), np.array([0, 0]), pa.array(["a", "b"]), None)
    >>> variant_table(traces).to_pylist()
    [{'trace': ['a', 'b'], 'cases': 2, 'citizens': 1, 'share': 1.0}]
    """
    case = traces.case
    begins = np.flatnonzero(np.diff(case, prepend=-1))
    # Four bytes, the highest first: the order of the bytes is the order of the names.
    text = traces.activity.astype(">u4").tobytes()
    cuts = [*(4 * begins).tolist(), 4 * len(case)]
    found: dict[bytes, int] = {}
    variant = np.array(
        [found.setdefault(text[begin:end], len(found)) for begin, end in pairwise(cuts)],
        dtype=np.int64,
    )
    cases = np.bincount(variant, minlength=len(found))
    people = traces.citizen[case[begins]]
    width = int(people.max(initial=0)) + 1
    pairs = np.sort(variant * width + people)
    citizens = np.bincount(pairs[np.diff(pairs, prepend=-1) != 0] // width, minlength=len(found))
    keys = list(found)
    order = sorted(range(len(keys)), key=lambda at: (-int(cases[at]), keys[at]))
    lengths = [len(keys[at]) // 4 for at in order]
    codes = np.frombuffer(b"".join(keys[at] for at in order), dtype=">u4").astype(np.int64)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    return pa.table(
        {
            "trace": pa.ListArray.from_arrays(offsets, traces.names.take(pa.array(codes))),
            "cases": cases[order],
            "citizens": citizens[order],
            "share": cases[order] / max(len(variant), 1),
        }
    )


def _citizens(snapshot: Snapshot, process: str | None, ids: pa.Array) -> NDArray[np.int64]:
    cases = pq.read_table(snapshot.facts_file(process, "cases"), columns=["case_id", "citizen_id"])
    at = pc.index_in(ids, value_set=cases["case_id"].cast(pa.string()).combine_chunks())
    known = cases["citizen_id"].cast(pa.string()).combine_chunks().take(at)
    people = pc.coalesce(known, ids).dictionary_encode()
    return np.asarray(people.indices, dtype=np.int64)


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Return a column as places among its distinct values, which all occur."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = encoded.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], encoded.type)
    codes = np.asarray(whole.indices, dtype=np.int64)
    used = np.zeros(len(whole.dictionary), dtype=np.bool_)
    used[codes] = True
    return (np.cumsum(used) - 1)[codes], whole.dictionary.cast(pa.string()).filter(pa.array(used))
