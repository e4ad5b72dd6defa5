"""What a changing attribute of an object was at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, UsageError
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.values import typed
from procmine.ocel.log import VALUE_TYPES, plain
from procmine.ocel.order import places
from procmine.tables.log import ATTR_PREFIX
from procmine.text import t

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from procmine.ocel.log import Ocel

__all__ = ["as_of", "latest", "state"]


def state(
    log: Ocel, object_type: str, attribute: str, object_ids: pa.ChunkedArray, times: pa.ChunkedArray
) -> pa.Array:
    """Return the value that an attribute had for each object at each time.

    A change holds from its instant on; before the first, the value from the beginning.

    Parameters
    ----------
    log
        The log.
    object_type, attribute
        Which attribute of which type.
    object_ids, times
        The questions, row by row; null times have no answer.

    Returns
    -------
    pa.Array
        In the attribute's type, null where nothing is known.

    Raises
    ------
    UsageError
        The type declares no such attribute.
    """
    declared = log.declared("object").get(object_type, {})
    if attribute not in declared:
        fault = Fault("unknown_attribute", object_type, attribute, detail=", ".join(declared))
        raise UsageError(t("ocel.unknown_attribute", name=attribute, type=object_type), (fault,))
    value_type, column = declared[attribute]
    rows = places(object_ids, log.objects["object_id"])
    initial = one_chunk(log.objects[column]).take(pa.array(rows, mask=rows < 0))
    changes = log.object_changes
    if changes.num_rows:
        changes = changes.filter(pc.equal(plain(changes["attribute"]), attribute))
    if not changes.num_rows:
        return initial
    texts = one_chunk(changes["value"])
    values = typed(texts, value_type)
    if values is None:
        initial, values = initial.cast(pa.string()), texts
    owners = places(changes["object_id"], log.objects["object_id"])
    found = latest(owners, _micros(changes["time"]), rows, _micros(times))
    asked = np.asarray(pc.is_valid(one_chunk(times)).to_numpy(zero_copy_only=False))
    found = np.where(asked, found, -1)
    later = values.take(pa.array(found, mask=found < 0))
    return pc.if_else(pa.array(found >= 0), later, initial)


def latest(
    owners: NDArray[np.int64],
    times: NDArray[np.int64],
    asked: NDArray[np.int64],
    at: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each question the row of its owner's latest entry not after it, else -1.

    Among entries of one owner at one time the last row counts.

    Examples
    --------
    >>> owners, times = np.array([0, 0, 1]), np.array([10, 20, 10])
    >>> latest(owners, times, np.array([0, 0, 0, 1]), np.array([9, 10, 99, 5])).tolist()
    [-1, 0, 1, -1]
    """
    count = len(owners)
    everyone = np.concatenate([owners, asked])
    question = np.concatenate([np.zeros(count, np.int8), np.ones(len(asked), np.int8)])
    order = np.lexsort((np.arange(len(everyone)), question, np.concatenate([times, at]), everyone))
    entry = np.where(question[order] == 0, np.arange(len(order)), -1)
    last = np.maximum.accumulate(entry) if len(entry) else entry
    source = np.where(last >= 0, order[np.maximum(last, 0)], -1)
    same = everyone[np.maximum(source, 0)] == everyone[order]
    found = np.full(len(everyone), -1, dtype=np.int64)
    found[order] = np.where((last >= 0) & same, source, -1)
    return found[count:]


def as_of(log: Ocel, instant: datetime, object_type: str) -> pa.Table:
    """Return the objects of a type with each attribute as it was at an instant.

    Parameters
    ----------
    log
        The log.
    instant
        With a zone.
    object_type
        The type.

    Returns
    -------
    pa.Table
        ``object_id``, ``object_type`` and one column ``attr.NAME`` per declared attribute.
    """
    kinds = plain(log.objects["object_type"])
    objects = log.objects.filter(pc.equal(kinds, object_type))
    ids = objects["object_id"]
    times = pa.chunked_array([pa.array([instant] * len(ids), VALUE_TYPES["time"])])
    columns = {"object_id": ids, "object_type": plain(objects["object_type"])}
    for name in sorted(log.declared("object").get(object_type, {})):
        columns[f"{ATTR_PREFIX}{name}"] = state(log, object_type, name, ids, times)
    return pa.table(columns)


def _micros(times: pa.ChunkedArray) -> NDArray[np.int64]:
    whole = pc.fill_null(times.cast(pa.int64()), 0)
    return np.asarray(one_chunk(whole), dtype=np.int64)
