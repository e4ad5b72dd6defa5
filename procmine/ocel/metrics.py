"""Object-centric waiting: how long the objects of an event wait for each other.

Definitions after Park, Adams and van der Aalst (OPerA, 2022), for an event from `s` to `x`
whose objects were last touched at P: flow x - min P, sojourn x - max P, synchronisation
max P - min P, so that flow = synchronisation + sojourn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, UsageError
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.log import plain
from procmine.ocel.order import places
from procmine.ocel.states import latest
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from procmine.ocel.log import Ocel

__all__ = ["last_arrivals", "oc_metrics", "oc_metrics_by_type"]


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """Pairs of an event and an object that was touched before: rows, type code, instant."""

    event: NDArray[np.int64]
    object: NDArray[np.int64]
    kind: NDArray[np.int64]
    when: NDArray[np.int64]
    kinds: list[str]


def oc_metrics(log: Ocel, object_types: Collection[str] | None = None) -> pa.Table:
    """Return the waiting of each event that has a predecessor through an object.

    Staff and units never count as objects that are waited for: an employee's last step in
    another case would pass for an arrival. Where the log says which relation receives or
    creates a document, that is its arrival, not the request for it.

    Parameters
    ----------
    log
        The log.
    object_types
        Which types to regard; all but staff and units where not given.

    Returns
    -------
    pa.Table
        ``event_id, event_type, flow_us, synchronisation_us, sojourn_us, waiting_us,
        service_us, arrivals, last_arrival, last_arrival_type``; times in microseconds,
        waiting and service null where the event has no start. Of several last arrivals the
        least id is named.

    Raises
    ------
    UsageError
        A type that the log does not have, or that is staff's.
    """
    arrivals = _arrivals(log, _allowed(log, object_types))
    events = _micros(log.events["time"])
    starts = _micros(log.events["start"])
    order = np.lexsort((arrivals.object, -arrivals.when, arrivals.event))
    first = _firsts(arrivals.event[order])
    rows = arrivals.event[order][first]
    last = order[first]
    latest_at = arrivals.when[last]
    earliest = np.minimum.reduceat(arrivals.when[order], first) if len(first) else latest_at
    count = np.diff(np.r_[first, len(order)])
    no_start = _null(log.events["start"])[rows]
    end = events[rows]
    picked = pa.array(rows)
    objects = pa.array(arrivals.object[last])
    return pa.table(
        {
            "event_id": log.events["event_id"].take(picked),
            "event_type": plain(log.events["event_type"]).take(picked),
            "flow_us": end - earliest,
            "synchronisation_us": latest_at - earliest,
            "sojourn_us": end - latest_at,
            "waiting_us": pa.array(starts[rows] - latest_at, mask=no_start),
            "service_us": pa.array(end - starts[rows], mask=no_start),
            "arrivals": count,
            "last_arrival": log.objects["object_id"].take(objects),
            "last_arrival_type": plain(log.objects["object_type"]).take(objects),
        }
    )


def oc_metrics_by_type(log: Ocel, object_types: Collection[str] | None = None) -> pa.Table:
    """Return for each event and object type how its objects arrived.

    Parameters
    ----------
    log, object_types
        As for :func:`oc_metrics`.

    Returns
    -------
    pa.Table
        ``event_id, object_type, arrivals, pooling_us`` (between the first and last object
        of the type), ``lagging_us`` (how long the type kept the first other one waiting, 0
        where it did not; null where there is no other), ``readiness_us`` (how long after
        the first object of all its first one came).
    """
    arrivals = _arrivals(log, _allowed(log, object_types))
    order = np.lexsort((arrivals.when, arrivals.kind, arrivals.event))
    event, kind = arrivals.event[order], arrivals.kind[order]
    when = arrivals.when[order]
    first = _firsts(event * (len(arrivals.kinds) + 1) + kind)
    ends = np.r_[first[1:], len(order)]
    event, kind, low = event[first], kind[first], when[first]
    high = when[ends - 1] if len(ends) and len(first) else low
    least, other = _least_of_others(event, low)
    lagging = np.maximum(high - other, 0)
    alone = other == np.iinfo(np.int64).max
    return pa.table(
        {
            "event_id": log.events["event_id"].take(pa.array(event)),
            "object_type": pa.array(arrivals.kinds, pa.string()).take(pa.array(kind)),
            "arrivals": ends[: len(first)] - first,
            "pooling_us": high - low,
            "lagging_us": pa.array(np.where(alone, 0, lagging), mask=alone),
            "readiness_us": low - least,
        }
    )


def last_arrivals(
    log: Ocel, event_type: str, object_types: Collection[str] | None = None
) -> pa.Table:
    """Return which type of object came last before events of a type, and how often.

    Parameters
    ----------
    log, object_types
        As for :func:`oc_metrics`.
    event_type
        The events, for instance decisions.

    Returns
    -------
    pa.Table
        ``object_type, events, share`` (of the events that waited for two objects or more),
        the most frequent first.
    """
    table = oc_metrics(log, object_types)
    mine = pc.and_(pc.equal(table["event_type"], event_type), pc.greater(table["arrivals"], 1))
    counts = pc.value_counts(table["last_arrival_type"].filter(mine))
    rows = pa.table({"object_type": counts.field("values"), "events": counts.field("counts")})
    rows = rows.sort_by([("events", "descending"), ("object_type", "ascending")])
    total = pc.sum(rows["events"]).as_py() or 1
    return rows.append_column("share", pc.divide(rows["events"].cast(pa.float64()), total))


def _allowed(log: Ocel, object_types: Collection[str] | None) -> list[str]:
    staff = {*log.roles.resource, *log.roles.unit}
    able = [kind for kind in log.object_types if kind not in staff]
    if object_types is None:
        return able
    unknown = sorted({*object_types} - {*able})
    if unknown:
        known = ", ".join(able)
        fault = Fault("unknown_object_type", column=", ".join(unknown), detail=known)
        text = t("ocel.unknown_object_type", name=fault.column, known=known)
        raise UsageError(text, (fault,))
    return sorted(object_types)


def _arrivals(log: Ocel, allowed: list[str]) -> _Arrivals:
    kinds = plain(log.objects["object_type"])
    codes = np.asarray(
        one_chunk(pc.fill_null(pc.index_in(kinds, value_set=pa.array(allowed, pa.string())), -1)),
        dtype=np.int64,
    )
    events = places(log.e2o["event_id"], log.events["event_id"])
    objects = places(log.e2o["object_id"], log.objects["object_id"])
    keep = (
        (events >= 0)
        & (objects >= 0)
        & (
            codes[np.maximum(objects, 0)] >= 0
            if len(codes)
            else np.zeros(len(objects), dtype=np.bool_)
        )
    )
    arrives = _arriving(log, objects)
    size = max(log.events.num_rows, 1)
    pairs = np.unique(objects[keep] * size + events[keep])
    owner, row = np.divmod(pairs, size)
    if arrives is None:
        before = np.r_[-1, row[:-1]]
        before[np.r_[True, owner[1:] != owner[:-1]][: len(owner)]] = -1
        before = before[: len(owner)]
    else:
        source = np.unique(objects[keep & arrives] * size + events[keep & arrives])
        holder, at = np.divmod(source, size)
        found = latest(holder, at, owner, row - 1)
        before = np.where(found >= 0, at[np.maximum(found, 0)] if len(at) else -1, -1)
    has = before >= 0
    when = _micros(log.events["time"])[before[has]] if has.any() else np.zeros(0, np.int64)
    return _Arrivals(row[has], owner[has], codes[owner[has]], when, allowed)


def _arriving(log: Ocel, objects: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Say which relations bring the object; None where all do."""
    ways = [name for name in (log.roles.receives, log.roles.creates) if name]
    documents = pa.array(log.roles.document, pa.string())
    if not ways or not len(documents):
        return None
    held = pc.is_in(plain(log.objects["object_type"]), value_set=documents)
    document = np.asarray(one_chunk(held).to_numpy(zero_copy_only=False))[np.maximum(objects, 0)]
    brings = pc.is_in(plain(log.e2o["qualifier"]), value_set=pa.array(ways))
    bringing = np.asarray(one_chunk(brings).to_numpy(zero_copy_only=False), dtype=np.bool_)
    return np.asarray(~document | bringing, dtype=np.bool_)


def _least_of_others(
    event: NDArray[np.int64], low: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each (event, type) the event's least arrival, and that of other types."""
    order = np.lexsort((low, event))
    first = _firsts(event[order])
    size = np.diff(np.r_[first, len(order)])
    none = np.iinfo(np.int64).max
    least = low[order][first]
    second_at = np.minimum(first + 1, max(len(order) - 1, 0))
    second = np.where(size > 1, low[order][second_at] if len(order) else none, none)
    number = np.repeat(np.arange(len(first)), size)
    is_first = np.zeros(len(order), dtype=np.bool_)
    is_first[first] = True
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    others = np.where(is_first, second[number], least[number])
    return least[number][back], others[back]


def _firsts(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])


def _micros(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(one_chunk(pc.fill_null(column.cast(pa.int64()), 0)), dtype=np.int64)


def _null(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(one_chunk(pc.is_null(column)).to_numpy(zero_copy_only=False))
