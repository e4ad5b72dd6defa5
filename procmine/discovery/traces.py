"""The steps of a process as integer columns, and what can be said of them without strings.

The steps table lies sorted by case and place (design section 3); a case is a slice of it.
Names return only with the few rows of a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.store.snapshot import read_narrow

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from procmine.store.snapshot import Snapshot

    Codes = NDArray[np.unsignedinteger[Any]]
    Coded = tuple[Codes, pa.Array]

__all__ = ["Traces", "coded", "read_traces", "variant_frame"]

_BYTE = 256


@dataclass(frozen=True, slots=True)
class Traces:
    """Steps sorted by case and place; `activity` has one entry a step.

    `activity` is the place in `names`, which are in alphabetical order; the steps of a case
    are those from its entry in `offsets` to the next. `citizen` numbers the citizens (the
    case itself where none is known) of the cases.
    """

    offsets: NDArray[np.int64]
    activity: Codes
    citizen: NDArray[np.int64]
    names: pa.Array


def read_traces(snapshot: Snapshot, process: str | None = None, *, whole: bool = False) -> Traces:
    """Read the steps of a process, those within their cases or all.

    Cases without such a step are left out.

    Parameters
    ----------
    snapshot, process
        The log, and which of its processes.
    whole
        Also read steps before a case's start and after its end.
    """
    file = snapshot.facts_file(process, "steps")
    people = _people(snapshot.facts_file(process, "cases"))
    steps = read_narrow(file, ["seq", "activity", "in_case"])
    inside = np.asarray(steps["in_case"], dtype=np.bool_)
    begins = np.flatnonzero(steps["seq"].to_numpy() == 0)
    if not _aligned(steps["seq"].to_numpy(), begins, inside, people):
        return _sorted(file, people, whole=whole)
    codes, names = coded(steps["activity"])
    lengths, citizen = np.diff(begins, append=len(codes)), _numbered(people)
    if not whole and not inside.all():
        lengths = np.add.reduceat(inside, begins, dtype=np.int64)
        codes, citizen = codes[inside], citizen[lengths > 0]
        lengths = lengths[lengths > 0]
    return Traces(np.concatenate(([0], np.cumsum(lengths))), codes, citizen, names)


def variant_frame(traces: Traces) -> pd.DataFrame:
    """Return each sequence of activities with its cases, distinct citizens and share.

    Examples
    --------
    >>> offsets, activity = np.array([0, 2, 4]), np.array([0, 1, 0, 1], dtype=np.uint8)
    >>> traces = Traces(offsets, activity, np.array([0, 0]), pa.array(["a", "b"]))
    >>> variant_frame(traces).iloc[0].to_dict()["trace"].tolist()
    ['a', 'b']
    """
    import pandas as pd

    # One character an activity: text is compared and hashed faster than any array, and the
    # order of the characters is the order of the names.
    text = _text(traces.activity, len(traces.names))
    found: dict[str, int] = {}
    known = found.setdefault
    cuts = pairwise(traces.offsets.tolist())
    variant = np.array([known(text[begin:end], len(found)) for begin, end in cuts], dtype=np.int64)
    cases = np.bincount(variant, minlength=len(found))
    citizens = _distinct(variant, traces.citizen, len(found))
    keys = sorted(found)
    by_name = np.fromiter(map(found.__getitem__, keys), dtype=np.int64, count=len(keys))
    rank = np.argsort(-cases[by_name], kind="stable")
    order = by_name[rank]
    return pd.DataFrame(
        {
            "trace": _named([keys[place] for place in rank.tolist()], traces.names),
            "cases": cases[order],
            "citizens": citizens[order],
            "share": cases[order] / max(len(variant), 1),
        }
    )


def _text(codes: Codes, distinct: int) -> str:
    if distinct <= _BYTE:
        return str(codes.astype(np.uint8, copy=False).data, "latin-1")
    return str(codes.astype("<u4", copy=False).data, "utf-32-le", "surrogatepass")


def _named(keys: list[str], names: pa.Array) -> NDArray[np.object_]:
    """Return the activities of each key as an array of names."""
    text = "".join(keys)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    every = np.array(names.to_pylist(), dtype=object)[codes]
    named = np.empty(len(keys), dtype=object)
    end = 0
    for place, key in enumerate(keys):
        begin, end = end, end + len(key)
        named[place] = every[begin:end]
    return named


def _distinct(group: NDArray[np.int64], member: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Count the distinct members of each group."""
    width = int(member.max(initial=0)) + 1
    pairs = np.sort(group * width + member)
    return np.bincount(pairs[np.diff(pairs, prepend=-1) != 0] // width, minlength=size)


def _people(file: Path) -> pa.Table:
    return read_narrow(file, ["case_id", "citizen_id", "events"])


def _numbered(people: pa.Table) -> NDArray[np.int64]:
    """Give each case the number of its citizen, or of its own where it has none."""
    ids, citizens = (people[name].cast(pa.string()) for name in ("case_id", "citizen_id"))
    if citizens.null_count == len(ids):
        return np.arange(len(ids))
    return _plain(pc.coalesce(citizens, ids).combine_chunks().dictionary_encode().indices)


def _aligned(
    seq: NDArray[np.int64], begins: NDArray[np.int64], inside: NDArray[np.bool_], people: pa.Table
) -> bool:
    """Whether the steps lie case by case in the order of the table of cases."""
    if len(begins) != people.num_rows or not len(begins) or begins[0] != 0:
        return False
    ends = np.append(begins[1:], len(seq)) - 1
    counted = np.add.reduceat(inside, begins, dtype=np.int64)
    return bool((seq[ends] == ends - begins).all()) and bool(
        (counted == people["events"].to_numpy()).all()
    )


def _sorted(file: Path, people: pa.Table, *, whole: bool) -> Traces:
    """Read steps that lie in any order: by the ids of their cases, and their places."""
    steps = read_narrow(file, ["case_id", "seq", "activity", "in_case"])
    if not whole:
        steps = steps.filter(steps["in_case"])
    ids = people["case_id"].cast(pa.string()).combine_chunks()
    case = _plain(pc.index_in(steps["case_id"].cast(pa.string()), value_set=ids))
    order = np.lexsort((steps["seq"].to_numpy(), case))
    codes, names = coded(steps["activity"])
    count = np.bincount(case, minlength=len(ids))
    lengths = count[count > 0]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return Traces(offsets, codes[order], _numbered(people)[count > 0], names)


def coded(column: pa.ChunkedArray) -> Coded:
    """Return a column of codes as places among its distinct values, which are in order.

    Examples
    --------
    >>> codes, names = coded(pa.chunked_array([pa.array(["b", "a"]).dictionary_encode()]))
    >>> codes.tolist(), names.to_pylist()
    ([1, 0], ['a', 'b'])
    """
    whole = column.unify_dictionaries()
    if not whole.num_chunks:
        return np.zeros(0, dtype=np.uint8), pa.array([], pa.string())
    names = whole.chunk(0).dictionary.cast(pa.string())
    order = np.asarray(pc.sort_indices(names), dtype=np.int64)
    place = np.empty(len(order), dtype=np.uint8 if len(order) <= _BYTE else np.uint32)
    place[order] = np.arange(len(order))
    codes = np.concatenate([place[np.asarray(chunk.indices)] for chunk in whole.chunks])
    return codes, names.take(pa.array(order))


def _plain(column: Any) -> NDArray[np.int64]:
    return np.asarray(column, dtype=np.int64)
