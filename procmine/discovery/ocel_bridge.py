"""Our log as pm4py's OCEL object, and back: copies, in UTC, with typed attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from procmine.discovery.bridge import pm4py_module
from procmine.errors import LogError
from procmine.ocel.exchange.assemble import assemble
from procmine.ocel.exchange.raw import EVENT_VALUES, OBJECT_VALUES, RawLog
from procmine.ocel.exchange.tally import Tally
from procmine.ocel.exchange.values import as_text, typed
from procmine.ocel.log import VALUE_TYPES, Ocel, plain
from procmine.ocel.order import places
from procmine.tables.log import ATTR_PREFIX
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ocel_from_pm4py", "ocel_to_pm4py"]

ID, TYPE, QUALIFIER = "ocel:oid", "ocel:type", "ocel:qualifier"
EVENT, ACTIVITY, TIME, FIELD = "ocel:eid", "ocel:activity", "ocel:timestamp", "ocel:field"
OTHER = "ocel:oid_2"
NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
STANDARD = frozenset((ID, TYPE, QUALIFIER, EVENT, ACTIVITY, TIME, FIELD, OTHER))


def ocel_to_pm4py(ocel: Ocel) -> Any:
    """Return the log as pm4py's OCEL: frames of its own, instants in UTC, order kept.

    Parameters
    ----------
    ocel
        The log.

    Returns
    -------
    pm4py.objects.ocel.obj.OCEL
        With events, objects, relations, o2o and object changes. Starts stand in the column
        ``start_timestamp``, the source's own numbers in ``procmine:number``.
    """
    events, objects = _events(ocel), _objects(ocel)
    frames = {
        "events": _frame(events),
        "objects": _frame(objects),
        "relations": _frame(_relations(ocel, events, objects)),
        "o2o": _frame(
            pa.table(
                {
                    ID: ocel.o2o["source_id"],
                    OTHER: ocel.o2o["target_id"],
                    QUALIFIER: plain(ocel.o2o["qualifier"]),
                }
            )
        ),
        "object_changes": _frame(_changes(ocel)),
    }
    return pm4py_module().objects.ocel.obj.OCEL(**frames)


def ocel_from_pm4py(obj: Any) -> Ocel:
    """Return pm4py's OCEL as our log; stamps without a zone are UTC, as pm4py means them.

    Parameters
    ----------
    obj
        pm4py's OCEL.

    Raises
    ------
    LogError
        A log that breaks rules so that events, objects or relations would be lost.
    """
    events, objects = _arrow(obj.events), _arrow(obj.objects)
    changes = _arrow(obj.object_changes)
    event_types = _types(events, ACTIVITY)
    object_types = _types(objects, TYPE)
    kinds = _kinds(objects)
    for name, kind, _, value_type in _change_values(changes, kinds):
        object_types.setdefault(kind, {}).setdefault(name, value_type)
    raw = RawLog(
        pa.table(
            {
                "id": _text(events[EVENT]),
                "type": _text(events[ACTIVITY]),
                "time": as_text(_utc(events[TIME])),
            }
        ),
        pa.table({"id": _text(objects[ID]), "type": _text(objects[TYPE])}),
        _ends(_arrow(obj.relations), EVENT, ID),
        _ends(_arrow(obj.o2o), ID, OTHER),
        _long(events, event_types).cast(EVENT_VALUES),
        pa.concat_tables([_dated(objects, object_types), _dated_changes(changes, objects)]),
        event_types,
        object_types,
    )
    tally = Tally()
    result = assemble(raw, tally)
    lost = tuple(
        fault
        for fault in tally.faults()
        if fault.code.startswith(("dangling", "bad_", "empty", "repeated_id"))
    )
    if lost:
        raise LogError(t("discovery.not_whole", count=len(lost)), lost)
    return result.ocel


def _events(ocel: Ocel) -> pa.Table:
    table = ocel.events
    columns = {EVENT: table["event_id"], ACTIVITY: plain(table["event_type"]), TIME: table["time"]}
    if table["start"].null_count < table.num_rows:
        columns["start_timestamp"] = table["start"]
    return pa.table({**columns, **_attributes(table)})


def _objects(ocel: Ocel) -> pa.Table:
    table = ocel.objects
    columns = {ID: table["object_id"], TYPE: plain(table["object_type"])}
    if table["number"].null_count < table.num_rows:
        columns["procmine:number"] = table["number"]
    return pa.table({**columns, **_attributes(table)})


def _attributes(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    names = [name for name in table.column_names if name.startswith(ATTR_PREFIX)]
    return {name.removeprefix(ATTR_PREFIX): table[name] for name in names}


def _relations(ocel: Ocel, events: pa.Table, objects: pa.Table) -> pa.Table:
    rows = pa.array(places(ocel.e2o["event_id"], events[EVENT]))
    ends = pa.array(places(ocel.e2o["object_id"], objects[ID]))
    return pa.table(
        {
            EVENT: ocel.e2o["event_id"],
            ACTIVITY: events[ACTIVITY].take(rows),
            TIME: events[TIME].take(rows),
            ID: ocel.e2o["object_id"],
            TYPE: objects[TYPE].take(ends),
            QUALIFIER: plain(ocel.e2o["qualifier"]),
        }
    )


def _changes(ocel: Ocel) -> pa.Table:
    changes = ocel.object_changes
    at = pa.array(places(changes["object_id"], ocel.objects["object_id"]))
    names = plain(changes["attribute"])
    columns = {
        ID: changes["object_id"],
        TYPE: plain(ocel.objects["object_type"]).take(at),
        TIME: changes["time"],
        FIELD: names,
    }
    for name in pc.unique(names).to_pylist():
        mine = pc.equal(names, name)
        texts = pc.if_else(mine, changes["value"], pa.scalar(None, pa.string()))
        held = pc.unique(plain(changes["value_type"]).filter(mine)).to_pylist()
        flat = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
        cells = typed(flat, held[0]) if len(held) == 1 else None
        columns[name] = flat if cells is None else cells
    return pa.table(columns)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Return a frame; whole numbers and truths with gaps keep their type."""
    frame: pd.DataFrame = table.to_pandas()
    for name in table.column_names:
        kind = table[name].type
        if kind in NULLABLE and table[name].null_count:
            frame[name] = pd.Series(
                table[name].to_pandas(integer_object_nulls=True), dtype=NULLABLE[kind]
            )
    return frame


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame in Arrow; columns of mixed objects become text."""
    columns = {}
    for name in frame.columns:
        series = frame[name]
        try:
            columns[str(name)] = pa.chunked_array([pa.array(series, from_pandas=True)])
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            cells = [None if pd.isna(cell) else str(cell) for cell in series]
            columns[str(name)] = pa.chunked_array([pa.array(cells, pa.string())])
    return pa.table(columns)


def _types(table: pa.Table, key: str) -> dict[str, dict[str, str]]:
    """Return for each type the attributes that are filled in it, and their value type."""
    found: dict[str, dict[str, str]] = {}
    kinds = _text(table[key])
    for kind in pc.unique(kinds).to_pylist():
        found[kind] = {}
    for name in table.column_names:
        if name in STANDARD or table[name].null_count == table.num_rows:
            continue
        value_type = _value_type(table[name].type)
        for kind in pc.unique(kinds.filter(pc.is_valid(table[name]))).to_pylist():
            found[kind][name] = value_type
    return found


def _value_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "time"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "float" if pa.types.is_floating(kind) else "string"


def _long(table: pa.Table, types: dict[str, dict[str, str]]) -> pa.Table:
    names = sorted({name for attributes in types.values() for name in attributes})
    parts = [EVENT_VALUES.empty_table()]
    for name in names:
        if name not in table.column_names:
            continue
        rows = pc.indices_nonzero(pc.is_valid(table[name]))
        parts.append(_part(rows, name, table[name].take(rows)))
    return pa.concat_tables(parts)


def _part(rows: pa.Array, name: str, cells: pa.ChunkedArray) -> pa.Table:
    count = len(rows)
    return pa.table(
        {
            "row": rows.cast(pa.int64()),
            "attribute": pa.array([name] * count, pa.string()),
            "value": _text(cells),
            "kind": pa.array(["s"] * count, pa.string()),
        }
    ).cast(EVENT_VALUES)


def _dated(table: pa.Table, types: dict[str, dict[str, str]]) -> pa.Table:
    values = _long(table, types)
    return values.append_column("time", pa.nulls(values.num_rows, pa.string())).cast(OBJECT_VALUES)


def _kinds(objects: pa.Table) -> dict[str, str]:
    return dict(zip(_text(objects[ID]).to_pylist(), _text(objects[TYPE]).to_pylist(), strict=True))


def _change_values(
    changes: pa.Table, kinds: dict[str, str]
) -> Iterator[tuple[str, str, pa.Table, str]]:
    """Yield (attribute, object type, rows, value type) of the changes."""
    if not changes.num_rows:
        return
    fields = _text(changes[FIELD])
    for name in pc.unique(fields).to_pylist():
        if name not in changes.column_names:
            continue
        mine = changes.filter(pc.equal(fields, name))
        value_type = _value_type(changes[name].type)
        for kind in sorted({kinds[key] for key in _text(mine[ID]).to_pylist() if key in kinds}):
            yield name, kind, mine, value_type


def _dated_changes(changes: pa.Table, objects: pa.Table) -> pa.Table:
    parts = [OBJECT_VALUES.empty_table()]
    if changes.num_rows:
        fields = _text(changes[FIELD])
        for name in pc.unique(fields).to_pylist():
            mine = changes.filter(pc.equal(fields, name))
            if name not in changes.column_names:
                continue
            rows = pa.array(places(_text(mine[ID]), _text(objects[ID])))
            part = _part(rows, name, mine[name])
            parts.append(part.append_column("time", as_text(_utc(mine[TIME]))).cast(OBJECT_VALUES))
    return pa.concat_tables(parts)


def _ends(table: pa.Table, first: str, second: str) -> pa.Table:
    if not table.num_rows:
        empty = pa.array([], pa.string())
        return pa.table({"from": empty, "to": empty, "qualifier": empty})
    if QUALIFIER in table.column_names:
        qualifier = pc.fill_null(_text(table[QUALIFIER]), "")
    else:
        qualifier = pa.array([""] * table.num_rows, pa.string())
    return pa.table(
        {"from": _text(table[first]), "to": _text(table[second]), "qualifier": qualifier}
    )


def _utc(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type) and column.type.tz is None:
        return pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
    return column.cast(VALUE_TYPES["time"])


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return as_text(_utc(column))
    return plain(column).cast(pa.string())
