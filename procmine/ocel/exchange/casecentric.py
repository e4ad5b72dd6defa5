"""From a case-centric table (a row an event, a column the case) to an object-centric log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, UsageError
from procmine.ocel.exchange.assemble import import_meta
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.lifecycle import TRANSITION, CaseTable, with_starts
from procmine.ocel.exchange.result import ReadResult
from procmine.ocel.exchange.times import ZONE, at_local_midnight
from procmine.ocel.log import Ocel
from procmine.ocel.roles import Roles
from procmine.tables.log import ATTR_PREFIX
from procmine.text import t

if TYPE_CHECKING:
    from procmine.ocel.exchange.tally import Tally

__all__ = ["TRANSITION", "CaseOptions", "CaseTable", "object_centric"]

DONE_BY, DONE_IN, CASE = "done_by", "done_in", "case"
RESOURCE, UNIT = "resource", "unit"
_NAMES = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.float64(): "float",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "time",
}


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """How to read a case-centric file.

    Parameters
    ----------
    case, activity, time, start, resource, group
        Names of the columns (CSV) or attributes (XES); the standard ones where empty.
    missing
        Fillers that mean that nothing is there, such as ``EMPTY``.
    process
        The object type of the cases, which is also the name of the process.
    zone
        Zone of stamps that name none.

    Examples
    --------
    >>> CaseOptions(case="Sag").process
    'case'
    """

    case: str = ""
    activity: str = ""
    time: str = ""
    start: str = ""
    resource: str = ""
    group: str = ""
    missing: tuple[str, ...] = ()
    process: str = "case"
    zone: str = ZONE

    def __post_init__(self) -> None:
        """Refuse names of the process that would clash with the actors' types."""
        if self.process in (RESOURCE, UNIT, ""):
            fault = Fault("bad_process_name", detail=self.process)
            raise UsageError(t("ocel.bad_process_name", name=self.process), (fault,))


def object_centric(table: CaseTable, options: CaseOptions, tally: Tally, source: str) -> ReadResult:
    """Make the log: cases, resources and units become objects, their parts qualifiers.

    Events are numbered in the order of the file, so that equal stamps keep it.
    Ids of resources and units carry their kind as a prefix, so that none can be a case's.

    Parameters
    ----------
    table
        The typed columns.
    options
        How the file was read.
    tally
        Breaches met so far.
    source
        Name of the file.
    """
    table = with_starts(table, tally)
    count = len(table.case)
    event_ids = _numbered(count)
    encoded = one_chunk(table.case).dictionary_encode()
    case_ids = encoded.dictionary if table.case_ids is None else table.case_ids
    objects = [_objects(case_ids, options.process)]
    relations = [_relations(event_ids, table.case, CASE)]
    for column, kind, qualifier in (
        (table.resource, RESOURCE, DONE_BY),
        (table.group, UNIT, DONE_IN),
    ):
        if column is None or column.null_count == len(column):
            continue
        named = pc.binary_join_element_wise(pa.scalar(kind), column, ":")
        distinct = pc.unique(named.drop_null())
        objects.append(_objects(distinct, kind, pc.unique(column.drop_null())))
        relations.append(_relations(event_ids, named, qualifier))
    tables = {
        "events": _events(table, event_ids, options, tally, source),
        "objects": _with_case_attributes(pa.concat_tables(objects), table, count=len(case_ids)),
        "e2o": pa.concat_tables(relations),
        "attributes": _declarations(table, options),
    }
    ocel = Ocel.build(tables, _roles(table), _meta(table, options, source))
    return ReadResult(ocel, tally.faults())


def _events(
    table: CaseTable, ids: pa.Array, options: CaseOptions, tally: Tally, source: str
) -> pa.Table:
    day = table.day
    if len(day) and not day.all() and at_local_midnight(table.time, options.zone).all():
        day = np.ones(len(day), dtype=np.bool_)
    if day.any():
        tally.add("day_precision", "events", options.time, count=int(day.sum()))
    columns: dict[str, Any] = {
        "event_id": ids,
        "event_type": table.activity,
        "time": table.time,
        "start": table.start,
        "precision": pc.if_else(pa.array(day), "day", "second"),
        "source_file": pa.array([source] * len(ids), pa.string()),
        "source_line": table.lines if table.lines is not None else pa.nulls(len(ids), pa.int64()),
    }
    for name, column in table.attributes.items():
        columns[f"{ATTR_PREFIX}{name}"] = column
    return pa.table(columns)


def _objects(ids: pa.Array, kind: str, numbers: pa.Array | None = None) -> pa.Table:
    empty = pa.nulls(len(ids), pa.string())
    return pa.table(
        {
            "object_id": ids.cast(pa.string()),
            "object_type": pa.array([kind] * len(ids), pa.string()),
            "number": empty if numbers is None else numbers,
            "source_file": empty,
            "source_line": pa.nulls(len(ids), pa.int64()),
        }
    )


def _with_case_attributes(objects: pa.Table, table: CaseTable, *, count: int) -> pa.Table:
    rest = objects.num_rows - count
    for name, column in table.case_attributes.items():
        padded = pa.concat_arrays([one_chunk(column), pa.nulls(rest, column.type)])
        objects = objects.append_column(f"{ATTR_PREFIX}{name}", padded)
    return objects


def _relations(event_ids: pa.Array, targets: pa.Array, qualifier: str) -> pa.Table:
    filled = pc.is_valid(targets)
    ids = event_ids.filter(filled)
    return pa.table(
        {
            "event_id": ids,
            "object_id": one_chunk(targets).filter(filled).cast(pa.string()),
            "qualifier": pa.array([qualifier] * len(ids), pa.string()),
        }
    )


def _declarations(table: CaseTable, options: CaseOptions) -> pa.Table:
    """Declare each attribute for the types in which it occurs."""
    rows: list[dict[str, str]] = []
    for name, column in table.attributes.items():
        kinds = pc.unique(pc.filter(table.activity, pc.is_valid(column))).to_pylist()
        rows.extend(_declaration("event", kind, name, column) for kind in kinds)
        if not kinds:
            first = table.activity[0].as_py() if len(table.activity) else options.process
            rows.append(_declaration("event", first, name, column))
    rows.extend(
        _declaration("object", options.process, name, column)
        for name, column in table.case_attributes.items()
    )
    names = ("owner", "type", "attribute", "value_type", "column")
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))


def _declaration(owner: str, kind: str, name: str, column: pa.Array) -> dict[str, str]:
    return {
        "owner": owner,
        "type": kind,
        "attribute": name,
        "value_type": _NAMES[column.type],
        "column": f"{ATTR_PREFIX}{name}",
    }


def _roles(table: CaseTable) -> Roles:
    resource = table.resource is not None and table.resource.null_count < len(table.resource)
    unit = table.group is not None and table.group.null_count < len(table.group)
    return Roles(
        resource=(RESOURCE,) if resource else (),
        unit=(UNIT,) if unit else (),
        done_by=DONE_BY if resource else "",
        done_in=DONE_IN if unit else "",
    )


def _meta(table: CaseTable, options: CaseOptions, source: str) -> dict[str, Any]:
    meta = import_meta(pa.chunked_array([one_chunk(table.time)]), source)
    return {**meta, "missing_markers": list(options.missing)}


def _numbered(count: int) -> pa.Array:
    """Return ids in file order that sort in file order."""
    width = max(len(str(count)), 1)
    digits = pa.array(np.arange(1, count + 1)).cast(pa.string())
    padded = pc.utf8_lpad(digits, width=width, padding="0")
    return pc.binary_join_element_wise(pa.scalar("e"), padded, "")
