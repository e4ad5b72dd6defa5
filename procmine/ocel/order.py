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


def canonical(tables: Mapping[str, pa.Table], rank: Mapping[str, int]) -> dict[str, pa.Table]:
    """Return the tables of a log in canonical order, each column in one chunk.

    Parameters
    ----------
    tables
        The six checked tables by name.
    rank
        Rank of each event type; types without one come last among equal times.

    Examples
    --------
    >>> from procmine.tables.log import LOG_TABLES
    >>> empty = {schema.name: schema.empty() for schema in LOG_TABLES}
    >>> list(canonical(empty, {}))[:2]
    ['events', 'objects']
    """
    events = _sorted_events(tables["events"], rank)
    objects = _by(tables["objects"], ["object_type", "object_id"])
    event_ids, object_ids = events["event_id"], objects["object_id"]
    e2o = _by_ends(tables["e2o"], ("event_id", event_ids), ("object_id", object_ids))
    o2o = _by_ends(tables["o2o"], ("source_id", object_ids), ("target_id", object_ids))
    changes = tables["object_changes"]
    changes = _by(changes, ["object_id", "attribute", "time", "value", "value_type"])
    attributes = _by(tables["attributes"], ["owner", "type", "attribute"])
    return {
        "events": _fresh(events),
        "objects": _fresh(objects),
        "e2o": _fresh(e2o),
        "o2o": _fresh(o2o),
        "object_changes": _fresh(changes),
        "attributes": _fresh(attributes),
    }


def repeated(tables: Mapping[str, pa.Table]) -> list[Fault]:
    """Return a fault for each table in which a key repeats.

    Relations are compared by the places of their ends, which is much faster than by text.

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
    for name, ends in (("e2o", ("event_id", "object_id")), ("o2o", ("source_id", "target_id"))):
        table = tables[name]
        codes = [_codes(table[column])[1] for column in (*ends, "qualifier")]
        whole = np.zeros(table.num_rows, dtype=np.int64)
        for part in codes:
            whole = whole * (part.max(initial=0) + 1) + part
        whole.sort()
        extra = int((whole[1:] == whole[:-1]).sum())
        if extra:
            found.append(Fault("repeated_key", name, "+".join((*ends, "qualifier")), count=extra))
    attributes = tables["attributes"]
    rows = {tuple(row[name] for name in ("owner", "type", "attribute"))
            for row in attributes.to_pylist()}
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
    table: pa.Table, first: tuple[str, pa.ChunkedArray], second: tuple[str, pa.ChunkedArray]
) -> pa.Table:
    """Sort relations by the places of their ends; ends that are nowhere come first, by id."""
    if table.num_rows < 2:
        return table
    left, right = (places(table[name], among) for name, among in (first, second))
    if left.min() < 0 or right.min() < 0:
        return _by(table, [first[0], second[0], "qualifier"])
    names, codes = _codes(table["qualifier"])
    alphabetical = np.argsort(np.argsort(np.array(names, dtype=object)))
    order = np.lexsort((alphabetical[codes], right, left))
    if bool(np.all(order[1:] > order[:-1])):
        return table
    return table.take(pa.array(order))


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
