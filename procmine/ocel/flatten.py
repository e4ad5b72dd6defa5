"""The log as one object type sees it: a row an event of a case, as XES and pm4py want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, UsageError
from procmine.ocel.log import plain
from procmine.ocel.order import places
from procmine.ocel.states import state
from procmine.tables.log import ATTR_PREFIX
from procmine.text import t

if TYPE_CHECKING:
    from procmine.ocel.log import Ocel

__all__ = ["CASE_PREFIX", "flatten"]

CASE_PREFIX = "case."


def flatten(log: Ocel, object_type: str, qualifier: str = "") -> pa.Table:
    """Return the events of each object of a type, in the order that binds.

    An event of several objects stands once for each (count by distinct event id!); one
    related to an object in several ways stands once. Each case attribute has the value
    that was valid at the event's time.

    Parameters
    ----------
    log
        The log.
    object_type
        Whose objects are the cases.
    qualifier
        Only events that relate this way; empty for any.

    Returns
    -------
    pa.Table
        ``case_id, event_id, event_type, time, start, precision``, ``resource`` and ``unit``
        (the least of several, null without the role), ``attr.NAME`` of the event and
        ``case.NAME`` of the case, sorted by case, then as the events are.

    Raises
    ------
    UsageError
        The log has no object of the type.
    """
    if object_type not in log.object_types:
        fault = Fault("unknown_object_type", detail=", ".join(log.object_types))
        text = t("ocel.unknown_object_type", name=object_type, known=fault.detail)
        raise UsageError(text, (fault,))
    objects = log.objects.filter(pc.equal(plain(log.objects["object_type"]), object_type))
    cases, rows = _pairs(log, objects, qualifier)
    events = log.events.take(pa.array(rows))
    case_id = objects["object_id"].take(pa.array(cases))
    named = ("event_id", "event_type", "time", "start", "precision")
    columns = {"case_id": case_id, **{name: plain(events[name]) for name in named}}
    columns["resource"] = _actor(log, log.roles.resource).take(pa.array(rows))
    columns["unit"] = _actor(log, log.roles.unit).take(pa.array(rows))
    for name in events.column_names:
        if name.startswith(ATTR_PREFIX):
            columns[name] = events[name]
    for name in sorted(log.declared("object").get(object_type, {})):
        column = state(log, object_type, name, case_id, events["time"])
        columns[f"{CASE_PREFIX}{name}"] = column
    return pa.table(columns)


def _pairs(log: Ocel, objects: pa.Table, qualifier: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (case, event) row numbers, each pair once, in order."""
    e2o = log.e2o
    if qualifier:
        e2o = e2o.filter(pc.equal(plain(e2o["qualifier"]), qualifier))
    cases = places(e2o["object_id"], objects["object_id"])
    rows = places(e2o["event_id"], log.events["event_id"])
    keep = (cases >= 0) & (rows >= 0)
    key = np.unique(cases[keep] * max(log.events.num_rows, 1) + rows[keep])
    both = np.divmod(key, max(log.events.num_rows, 1))
    return both[0], both[1]


def _actor(log: Ocel, types: tuple[str, ...]) -> pa.Array:
    """Return for each event its related object of these types, the least id of several."""
    count = log.events.num_rows
    if not types:
        return pa.nulls(count, pa.string())
    kinds = plain(log.objects["object_type"])
    actors = log.objects.filter(pc.is_in(kinds, value_set=pa.array(types)))
    at = places(log.e2o["object_id"], actors["object_id"])
    rows = places(log.e2o["event_id"], log.events["event_id"])
    keep = np.flatnonzero((at >= 0) & (rows >= 0))
    ids = log.e2o["object_id"].take(pa.array(keep))
    number = pc.coalesce(actors["number"], actors["object_id"]).take(pa.array(at[keep]))
    order = pc.sort_indices(pa.table({"id": ids}), sort_keys=[("id", "descending")]).to_numpy()
    chosen = np.full(count, -1, dtype=np.int64)
    chosen[rows[keep][order]] = order
    return (
        pa.chunked_array(number.chunks, pa.string())
        .take(pa.array(chosen, mask=chosen < 0))
        .combine_chunks()
    )
