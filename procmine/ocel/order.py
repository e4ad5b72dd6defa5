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

__all__ = ["canonical", "places", "repeated"]

LAST = 1 << 30


def canonical(
    tables: Mapping[str, pa.Table], rank: Mapping[str, int], faults: list[Fault]
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

    Examples
    --------
    >>> from procmine.tables.log import LOG_TABLES
    >>> empty = {schema.name: schema.empty() for schema in LOG_TABLES}
    >>> list(canonical(empty, {}, []))[:2]
    ['events', 'objects']
    """
    events = _sorted_events(tables["events"], rank)
    objects = _by(tables["objects"], ["object_type", "object_id"])
    event_ids, object_ids = events["event_id"], objects["object_id"]
    ends = {"e2o": (event_ids, object_ids), "o2o": (object_ids, object_ids)}
    sorted_relations = {}
    for name, among in ends.items():
        sorted_relations[name], extra = _by_ends(tables[name], among)
        if extra:
            key = "+".join(tables[name].column_names)
            faults.append(Fault("repeated_key", name, key, count=extra))
    changes = tables["object_changes"]
    changes = _by(changes, ["object_id", "attribute", "time", "value", "value_type"])
    attributes = _by(tables["attributes"], ["owner", "type", "attribute"])
    return {
        "events": _fresh(events),
        "objects": _fresh(objects),
        "e2o": _fresh(sorted_relations["e2o"]),
        "o2o": _fresh(sorted_relations["o2o"]),
        "object_changes": _fresh(changes),
        "attributes": _fresh(attributes),
    }


def repeated(tables: Mapping[str, pa.Table]) -> list[Fault]:
    """Return a fault for each table, but those of relations, in which a key repeats.

    Examples
    --------
    >>> from procmine.tables.log import LOG_TABLES
    >>> repeated({schema.name: schema.empty() for schema in LOG_TABLES})
    []
    """
    found = []
    for name, key in (("events", "event_id"), ("objects", "object_id")):
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

    Examples
    --------
    >>> places(pa.chunked_array([["b", "x"]]), pa.chunked_array([["a", "b"]])).tolist()
    [1, -1]
    """
    if not len(among):
        return np.full(len(values), -1, dtype=np.int64)
    found = pc.fill_null(pc.index_in(values, value_set=among.combine_chunks()), -1)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _sorted_events(events: pa.Table, rank: Mapping[str, int]) -> pa.Table:
    keyed = events.append_column("_rank", _ranks(events["event_type"], rank))
    return _by(keyed, ["time", "_rank", "event_id"]).drop_columns(["_rank"])


def _ranks(types: pa.ChunkedArray, rank: Mapping[str, int]) -> pa.Array:
    codes = types.combine_chunks()
    if isinstance(codes, pa.ChunkedArray):
        codes = pa.concat_arrays(codes.chunks) if codes.num_chunks else pa.array([], types.type)
    names = codes.dictionary.to_pylist()
    lookup = np.array([rank.get(name, LAST) for name in names] or [0], dtype=np.int64)
    return pa.array(lookup[codes.indices.to_numpy(zero_copy_only=False)], pa.int64())


def _by(table: pa.Table, keys: list[str]) -> pa.Table:
    if table.num_rows < 2:
        return table
    columns = {name: _text(table[name]) for name in keys}
    order = pc.sort_indices(pa.table(columns), sort_keys=[(name, "ascending") for name in keys])
    if bool(pc.all(pc.equal(order, pa.array(np.arange(len(order), dtype=np.uint64)))).as_py()):
        return table
    return table.take(order)


def _by_ends(
    table: pa.Table, among: tuple[pa.ChunkedArray, pa.ChunkedArray]
) -> tuple[pa.Table, int]:
    """Sort relations by the places of their ends and qualifier; say how many repeat.

    Where an end is nowhere (such a log is kept as it is told) the ids decide.
    """
    if table.num_rows < 2:
        return table, 0
    first, second, last = table.column_names
    left, right = places(table[first], among[0]), places(table[second], among[1])
    if left.min() < 0 or right.min() < 0:
        distinct = table.group_by(table.column_names).aggregate([]).num_rows
        return _by(table, [first, second, last]), table.num_rows - distinct
    names, codes = _codes(table[last])
    alphabetical = np.argsort(np.argsort(np.array(names, dtype=object)))
    key = (left * len(among[1]) + right) * len(names) + alphabetical[codes]
    step = np.diff(key)
    if (step > 0).all():
        return table, 0
    order = np.argsort(key, kind="stable")
    extra = int((np.diff(key[order]) == 0).sum())
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
        if pa.types.is_dictionary(array.type):
            array = array.cast(pa.string()).dictionary_encode()
        columns[name] = array
    return pa.table(columns).combine_chunks()
