"""The canonical order of a log's rows, so that no result depends on how a file was sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Ends", "canonical", "places", "repeated"]

Ends = tuple["NDArray[np.int64]", "NDArray[np.int64]"]
"""Rows of the two ends of each relation."""

LAST = 1 << 30


def canonical(
    tables: Mapping[str, pa.Table],
    rank: Mapping[str, int],
    faults: list[Fault],
    ends: Mapping[str, Ends],
) -> dict[str, pa.Table]:
    """Return the tables of a log in canonical order, each column in one chunk.

    Parameters
    ----------
    tables
        The six checked tables by name.
    rank
        Rank of each event type; types without one come last among equal times.
    faults
        Takes a fault for each table of relations in which one repeats.
    ends
        Rows of both ends of each relation, where they are known; else they are looked up.

    Examples
    --------
    >>> from procmine.tables.log import LOG_TABLES
    >>> empty = {schema.name: schema.empty() for schema in LOG_TABLES}
    >>> list(canonical(empty, {}, [], {}))[:2]
    ['events', 'objects']
    """
    events, event_order = _sorted_events(tables["events"], rank)
    objects, object_order = _by(tables["objects"], ["object_type", "object_id"])
    sides = {
        "e2o": ((events["event_id"], event_order), (objects["object_id"], object_order)),
        "o2o": ((objects["object_id"], object_order), (objects["object_id"], object_order)),
    }
    sorted_relations = {}
    for name, (left, right) in sides.items():
        table = tables[name]
        if name in ends:
            rows = _moved(ends[name][0], left[1]), _moved(ends[name][1], right[1])
        else:
            first, second = table.column_names[:2]
            rows = places(table[first], left[0]), places(table[second], right[0])
        sorted_relations[name], extra = _by_ends(table, rows, len(right[0]))
        if extra:
            key = "+".join(table.column_names)
            faults.append(Fault("repeated_key", name, key, count=extra))
    changes = tables["object_changes"]
    changes, _ = _by(changes, ["object_id", "attribute", "time", "value", "value_type"])
    attributes, _ = _by(tables["attributes"], ["owner", "type", "attribute"])
    return {
        "events": _fresh(events),
        "objects": _fresh(objects),
        "e2o": _fresh(sorted_relations["e2o"]),
        "o2o": _fresh(sorted_relations["o2o"]),
        "object_changes": _fresh(changes),
        "attributes": _fresh(attributes),
    }


def repeated(tables: Mapping[str, pa.Table], *, distinct: bool = False) -> list[Fault]:
    """Return a fault for each table, but those of relations, in which a key repeats.

    Parameters
    ----------
    tables
        The checked tables.
    distinct
        Whether the ids of events and objects are known to be distinct.

    Examples
    --------
    >>> from procmine.tables.log import LOG_TABLES
    >>> repeated({schema.name: schema.empty() for schema in LOG_TABLES})
    []
    """
    found = []
    for name, key in () if distinct else (("events", "event_id"), ("objects", "object_id")):
        column = tables[name][key]
        extra = len(column) - pc.count_distinct(column).as_py()
        if extra:
            found.append(Fault("repeated_key", name, key, count=extra))
    attributes = tables["attributes"]
    rows = {
        tuple(row[name] for name in ("owner", "type", "attribute"))
        for row in attributes.to_pylist()
    }
    if len(rows) < attributes.num_rows:
        extra = attributes.num_rows - len(rows)
        found.append(Fault("repeated_key", "attributes", "owner+type+attribute", count=extra))
    return found


def places(values: pa.ChunkedArray, among: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return the row of each value among `among`, -1 where it is not there.

    Of equal values that follow each other one is looked up.

    Examples
    --------
    >>> places(pa.chunked_array([["b", "b", "x"]]), pa.chunked_array([["a", "b"]])).tolist()
    [1, 1, -1]
    """
    if not len(among) or not len(values):
        return np.full(len(values), -1, dtype=np.int64)
    new = np.concatenate([_changes(chunk) for chunk in values.chunks])
    often = int(new.sum()) * 2 > len(new)
    found = pc.index_in(values if often else values.filter(pa.array(new)), value_set=_one(among))
    rows = np.asarray(pc.fill_null(found, -1), dtype=np.int64)
    return rows if often else rows[np.cumsum(new) - 1]


def _changes(array: pa.Array) -> NDArray[np.bool_]:
    """Say of each row whether it differs from the one before; nulls always do."""
    new = np.ones(len(array), dtype=np.bool_)
    if len(array) > 1:
        differs = pc.fill_null(pc.not_equal(array[1:], array[:-1]), fill_value=True)
        new[1:] = np.asarray(differs, dtype=np.bool_)
    return new


def _one(array: pa.ChunkedArray) -> pa.Array:
    return array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()


def _moved(rows: NDArray[np.int64], order: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return where `rows` stand after a table was put in `order`."""
    if order is None:
        return rows
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return back[rows]


def _sorted_events(
    events: pa.Table, rank: Mapping[str, int]
) -> tuple[pa.Table, NDArray[np.int64] | None]:
    """Sort by time, which decides nearly always; by rank and id where it does not."""
    at = events["time"].cast(pa.int64()).to_numpy()
    if len(at) < 2:
        return events, None
    sorted_already = bool((at[1:] >= at[:-1]).all())
    order = np.arange(len(at)) if sorted_already else np.argsort(at, kind="stable")
    same = np.diff(at[order]) == 0
    if same.any():
        tied = np.append(False, same) | np.append(same, False)
        rows = order[tied]
        ids = np.empty(len(rows), dtype=np.int64)
        names = pc.sort_indices(_one(events["event_id"]).take(pa.array(rows)))
        ids[np.asarray(names, dtype=np.int64)] = np.arange(len(rows))
        ranks = np.asarray(_ranks(events["event_type"], rank))[rows]
        order[tied] = rows[np.lexsort((ids, ranks, at[rows]))]
    if bool((np.diff(order) == 1).all()):
        return events, None
    return events.take(pa.array(order)), order


def _ranks(types: pa.ChunkedArray, rank: Mapping[str, int]) -> pa.Array:
    codes = types.combine_chunks()
    if isinstance(codes, pa.ChunkedArray):
        codes = pa.concat_arrays(codes.chunks) if codes.num_chunks else pa.array([], types.type)
    names = codes.dictionary.to_pylist()
    lookup = np.array([rank.get(name, LAST) for name in names] or [0], dtype=np.int64)
    return pa.array(lookup[codes.indices.to_numpy(zero_copy_only=False)], pa.int64())


def _by(table: pa.Table, keys: list[str]) -> tuple[pa.Table, NDArray[np.int64] | None]:
    """Sort by columns; return the order too, None where it was that already."""
    if table.num_rows < 2:
        return table, None
    columns = {name: _text(table[name]) for name in keys}
    found = pc.sort_indices(pa.table(columns), sort_keys=[(name, "ascending") for name in keys])
    order = np.asarray(found).astype(np.int64)
    if bool((np.diff(order) == 1).all()):
        return table, None
    return table.take(pa.array(order)), order


def _by_ends(table: pa.Table, rows: Ends, width: int) -> tuple[pa.Table, int]:
    """Sort relations by the rows of their ends and qualifier; say how many repeat.

    Where an end is nowhere (such a log is kept as it is told) the ids decide.
    """
    if table.num_rows < 2:
        return table, 0
    left, right = rows
    if left.min() < 0 or right.min() < 0:
        distinct = table.group_by(table.column_names).aggregate([]).num_rows
        return _by(table, table.column_names)[0], table.num_rows - distinct
    names, codes = _codes(table[table.column_names[2]])
    alphabetical = np.argsort(np.argsort(np.array(names, dtype=object)))
    key = (left * width + right) * len(names) + alphabetical[codes]
    if (np.diff(key) > 0).all():
        return table, 0
    ordered = np.sort(key)
    extra = int((np.diff(ordered) == 0).sum())
    order = np.argsort(key, kind="stable") if extra else np.argsort(key)
    return table.take(pa.array(order)), extra


def _codes(array: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    encoded = _text(array).dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    indices = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    return encoded.dictionary.to_pylist(), indices


def _text(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array


def _fresh(table: pa.Table) -> pa.Table:
    """One chunk a column, dictionaries in order of first appearance, attributes by name."""
    named = [name for name in table.column_names if not name.startswith("attr.")]
    extra = sorted(name for name in table.column_names if name.startswith("attr."))
    columns = {}
    for name in (*named, *extra):
        array = table[name]
        columns[name] = _renumbered(array) if pa.types.is_dictionary(array.type) else array
    return pa.table(columns).combine_chunks()


def _renumbered(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return codes in order of first appearance, as an encoding of the texts gives them."""
    if not len(array):
        return array.cast(pa.string()).dictionary_encode()
    coded = _one(array.unify_dictionaries())
    if not isinstance(coded, pa.DictionaryArray) or coded.null_count:
        return array.cast(pa.string()).dictionary_encode()
    codes = np.asarray(coded.indices, dtype=np.int64)
    size = len(coded.dictionary)
    first = np.full(size, len(codes), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    kept = np.argsort(first, kind="stable")[: int((first < len(codes)).sum())]
    number = np.empty(size, dtype=np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    names = coded.dictionary.take(pa.array(kept))
    return pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(number[codes]), names)])
