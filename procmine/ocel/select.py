"""Parts of a log, with the relations between objects and their changes kept right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, UsageError
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.values import as_text
from procmine.ocel.log import plain
from procmine.ocel.order import places
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from numpy.typing import NDArray

    from procmine.ocel.log import Ocel

__all__ = ["by_attribute", "by_object_type", "by_period", "by_unit", "connected", "restrict"]


def restrict(log: Ocel, events: NDArray[np.bool_], objects: NDArray[np.bool_]) -> Ocel:
    """Return the log of the chosen rows of `events` and `objects`.

    Relations stay where both ends stay; a kept object keeps all its changes, those from
    before the events too, since they say what held then.

    Parameters
    ----------
    log
        The log.
    events, objects
        Which rows stay.
    """
    some_events = log.events.filter(pa.array(events))
    some_objects = log.objects.filter(pa.array(objects))
    event_ids = one_chunk(some_events["event_id"])
    ids = one_chunk(some_objects["object_id"])
    e2o = log.e2o.filter(
        pc.and_(
            pc.is_in(log.e2o["event_id"], value_set=event_ids),
            pc.is_in(log.e2o["object_id"], value_set=ids),
        )
    )
    o2o = log.o2o.filter(
        pc.and_(
            pc.is_in(log.o2o["source_id"], value_set=ids),
            pc.is_in(log.o2o["target_id"], value_set=ids),
        )
    )
    changes = log.object_changes.filter(pc.is_in(log.object_changes["object_id"], value_set=ids))
    return replace(
        log, events=some_events, objects=some_objects, e2o=e2o, o2o=o2o, object_changes=changes
    )


def by_period(log: Ocel, start: datetime, end: datetime) -> Ocel:
    """Return the events from `start` until before `end`, and the objects they relate to.

    An object that takes part in no event at all (known by its relations only) stays where
    an object that it belongs to stays.

    Parameters
    ----------
    log
        The log.
    start, end
        Instants with a zone.
    """
    kind = log.events["time"].type
    times = log.events["time"]
    within = pc.and_(
        pc.greater_equal(times, pa.scalar(start, kind)), pc.less(times, pa.scalar(end, kind))
    )
    events = _mask(within)
    return restrict(log, events, _touched(log, events))


def by_object_type(log: Ocel, object_types: Collection[str]) -> Ocel:
    """Return the objects of these types, and the events that relate to one of them.

    Raises
    ------
    UsageError
        A type that the log does not have.
    """
    unknown = sorted({*object_types} - {*log.object_types})
    if unknown:
        known = ", ".join(log.object_types)
        fault = Fault("unknown_object_type", column=", ".join(unknown), detail=known)
        text = t("ocel.unknown_object_type", name=fault.column, known=known)
        raise UsageError(text, (fault,))
    objects = _is_in(log.objects["object_type"], object_types)
    return restrict(log, _events_of(log, objects), objects)


def by_unit(log: Ocel, units: Collection[str]) -> Ocel:
    """Return the events that these units take part in, and the objects they relate to.

    Parameters
    ----------
    log
        A log whose roles name the type of units.
    units
        Ids or numbers of unit objects.

    Raises
    ------
    UsageError
        The log has no units.
    """
    if not log.roles.unit:
        raise UsageError(t("ocel.no_units"), (Fault("no_units"),))
    named = _is_in(log.objects["object_id"], units) | _is_in(log.objects["number"], units)
    chosen = named & _is_in(log.objects["object_type"], log.roles.unit)
    events = _events_of(log, chosen)
    return restrict(log, events, _touched(log, events))


def by_attribute(log: Ocel, object_type: str, attribute: str, values: Collection[str]) -> Ocel:
    """Return the objects of a type that ever had one of these values, with all they touch.

    Their events stay, and the other objects of those events, but no further object of the
    same type: its life would be told in part.

    Parameters
    ----------
    log
        The log.
    object_type, attribute
        Which attribute of which type.
    values
        In canonical text (``true``, ``1.5``, ``2024-03-02T09:00:00Z``).

    Raises
    ------
    UsageError
        The type declares no such attribute.
    """
    declared = log.declared("object").get(object_type, {})
    if attribute not in declared:
        fault = Fault("unknown_attribute", object_type, attribute, detail=", ".join(declared))
        raise UsageError(t("ocel.unknown_attribute", name=attribute, type=object_type), (fault,))
    of_type = _is_in(log.objects["object_type"], (object_type,))
    held = _is_in(as_text(log.objects[declared[attribute][1]]), values)
    changes = log.object_changes
    mine = _is_in(changes["attribute"], (attribute,)) & _is_in(changes["value"], values)
    changed = changes["object_id"].filter(pa.array(mine))
    later = _mask(pc.is_in(log.objects["object_id"], value_set=one_chunk(changed)))
    chosen = of_type & (held | later)
    events = _events_of(log, chosen)
    return restrict(log, events, chosen | (_touched(log, events) & ~of_type))


def connected(log: Ocel, object_ids: Collection[str]) -> Ocel:
    """Return all that hangs together with these objects, through events and relations.

    Staff and units do not connect: through them everything would hang together. Those that
    take part in the events stay.

    Parameters
    ----------
    log
        The log.
    object_ids
        Objects to begin with.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    staff = _is_in(log.objects["object_type"], (*log.roles.resource, *log.roles.unit))
    events, objects = _pairs(log)
    through = ~staff[objects] if len(objects) else np.zeros(0, dtype=np.bool_)
    count = log.objects.num_rows
    left = places(log.o2o["source_id"], log.objects["object_id"])
    right = places(log.o2o["target_id"], log.objects["object_id"])
    both = (left >= 0) & (right >= 0)
    both[both] &= ~staff[left[both]] & ~staff[right[both]]
    rows = np.concatenate([objects[through], left[both]])
    columns = np.concatenate([events[through] + count, right[both]])
    size = count + log.events.num_rows
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    begin = _is_in(log.objects["object_id"], object_ids) & ~staff
    chosen = np.isin(label[:count], label[:count][begin]) & ~staff
    kept = np.isin(label[count:], label[:count][begin])
    return restrict(log, kept, chosen | (_related(log, kept) & staff))


def _pairs(log: Ocel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    events = places(log.e2o["event_id"], log.events["event_id"])
    objects = places(log.e2o["object_id"], log.objects["object_id"])
    whole = (events >= 0) & (objects >= 0)
    return events[whole], objects[whole]


def _events_of(log: Ocel, objects: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, owners = _pairs(log)
    found = np.zeros(log.events.num_rows, dtype=np.bool_)
    found[rows[objects[owners]]] = True
    return found


def _related(log: Ocel, events: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, owners = _pairs(log)
    found = np.zeros(log.objects.num_rows, dtype=np.bool_)
    found[owners[events[rows]]] = True
    return found


def _touched(log: Ocel, events: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the objects of these events, and those without events that belong to them."""
    found = _related(log, events)
    idle = ~_related(log, np.ones(log.events.num_rows, dtype=np.bool_))
    left = places(log.o2o["source_id"], log.objects["object_id"])
    right = places(log.o2o["target_id"], log.objects["object_id"])
    whole = (left >= 0) & (right >= 0)
    left, right = left[whole], right[whole]
    while True:
        more = found.copy()
        more[right[found[left]]] = True
        more[left[found[right]]] = True
        more = found | (more & idle)
        if (more == found).all():
            return found
        found = more


def _is_in(column: pa.ChunkedArray, values: Collection[str]) -> NDArray[np.bool_]:
    return _mask(pc.is_in(plain(column), value_set=pa.array(list(values), pa.string())))


def _mask(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    filled = one_chunk(pc.fill_null(column, fill_value=False))
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)
