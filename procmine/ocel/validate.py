"""Every breach of the rules of OCEL 2.0 at once, as data: rule, table, rows, how many."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, LogError, TableError
from procmine.ocel.exchange import format_of, read
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.tally import Tally, effect
from procmine.ocel.exchange.values import typed
from procmine.ocel.log import VALUE_TYPES, plain
from procmine.ocel.order import places

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.ocel.log import Ocel

__all__ = ["validate_log", "validate_path"]


def validate_path(path: Path, *, notes: bool = False, **options: Any) -> list[Fault]:
    """Return every breach of a file or of a log in Parquet; none where it is valid.

    Parameters
    ----------
    path
        The file or folder.
    notes
        Whether to tell also what breaks no rule but should be known, such as stamps
        without a zone.
    options
        Those of :func:`procmine.ocel.exchange.read`.

    Returns
    -------
    list of Fault
        :func:`procmine.ocel.exchange.tally.effect` says what reading does about each. A
        file that cannot be read at all has the fault that says why.

    Raises
    ------
    UsageError
        An ending or option that is not known.
    """
    try:
        result = read(path, **options)
    except (LogError, TableError) as error:
        return list(error.faults)
    found = [fault for fault in result.breaches if notes or effect(fault) != "note"]
    found += _damages(path)
    known = {(fault.code, fault.where) for fault in found}
    held = validate_log(result.ocel)
    return found + [fault for fault in held if (fault.code, fault.where) not in known]


def validate_log(log: Ocel) -> list[Fault]:
    """Return every breach of a log that is held in tables.

    Relations and changes of events or objects that do not exist, changes of attributes that
    are not declared or do not fit their type, relations told twice, steps that end before
    they start.

    Examples
    --------
    >>> from procmine.ocel.log import Ocel
    >>> validate_log(Ocel.build({}))
    []
    """
    tally = Tally()
    events, objects = log.events["event_id"], log.objects["object_id"]
    _dangling(log.e2o["event_id"], events, ("dangling_event", "e2o"), tally)
    _dangling(log.e2o["object_id"], objects, ("dangling_object", "e2o"), tally)
    _dangling(log.o2o["source_id"], objects, ("dangling_object", "o2o"), tally)
    _dangling(log.o2o["target_id"], objects, ("dangling_object", "o2o"), tally)
    changes = log.object_changes
    _dangling(changes["object_id"], objects, ("dangling_object", "object_changes"), tally)
    _types(log, tally)
    _changes(log, tally)
    late = pc.fill_null(pc.greater(log.events["start"], log.events["time"]), fill_value=False)
    tally.add_rows("start_after_end", "events", _rows(late), "start")
    return tally.faults()


def _damages(path: Path) -> list[Fault]:
    """Return the fault of a database whose pages do not fit together.

    Reading meets most damage by itself; the whole of the file is looked through only here.
    """
    if format_of(path) != "sqlite":
        return []
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            told = connection.execute("pragma quick_check").fetchall()
    except sqlite3.DatabaseError:
        told = [("unreadable",)]
    return [] if told == [("ok",)] else [Fault("damaged", path.name, count=len(told))]


def _dangling(
    ids: pa.ChunkedArray, among: pa.ChunkedArray, told: tuple[str, str], tally: Tally
) -> None:
    tally.add_rows(told[0], told[1], np.flatnonzero(places(ids, among) < 0))


def _types(log: Ocel, tally: Tally) -> None:
    """Find filled attributes in events and objects whose type does not declare them."""
    for owner, table in (("event", log.events), ("object", log.objects)):
        declared = log.declared(owner)
        kinds = plain(table[f"{owner}_type"])
        owners: dict[str, list[str]] = {}
        for kind, attributes in declared.items():
            for _, column in attributes.values():
                owners.setdefault(column, []).append(kind)
        for column, allowed in sorted(owners.items()):
            foreign = pc.invert(pc.is_in(kinds, value_set=pa.array(allowed, pa.string())))
            wrong = pc.and_(foreign, pc.is_valid(table[column]))
            tally.add_rows("undeclared_attribute", f"{owner}s", _rows(wrong), column)


def _changes(log: Ocel, tally: Tally) -> None:
    changes = log.object_changes
    if not changes.num_rows:
        return
    at = places(changes["object_id"], log.objects["object_id"])
    kinds = one_chunk(plain(log.objects["object_type"])).take(pa.array(at, mask=at < 0))
    pairs = pa.table(
        {
            "row": np.arange(len(at)),
            "kind": kinds,
            "attribute": plain(changes["attribute"]),
            "value": changes["value"],
            "value_type": plain(changes["value_type"]),
        }
    )
    declared = log.declared("object")
    groups = pairs.group_by(["kind", "attribute", "value_type"]).aggregate([("row", "list")])
    for group in groups.to_pylist():
        rows = np.array(group["row_list"])
        known = declared.get(group["kind"], {}).get(group["attribute"])
        if known is None:
            tally.add_rows("undeclared_attribute", "object_changes", rows, group["attribute"])
        elif group["value_type"] != known[0] or group["value_type"] not in VALUE_TYPES:
            tally.add_rows("two_types", "object_changes", rows, group["attribute"])
        elif typed(one_chunk(pairs["value"].take(pa.array(rows))), known[0]) is None:
            tally.add_rows("bad_value", "object_changes", rows, group["attribute"])


def _rows(mask: pa.ChunkedArray) -> np.ndarray:
    return np.flatnonzero(np.asarray(one_chunk(mask).to_numpy(zero_copy_only=False)))
