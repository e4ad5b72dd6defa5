"""XES, written from the log flattened on one object type."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from procmine.errors import Fault, UsageError
from procmine.ocel.exchange.times import canonical_text
from procmine.ocel.exchange.values import as_text
from procmine.ocel.exchange.whole import whole_file
from procmine.ocel.exchange.xml_writer import quoted
from procmine.ocel.flatten import CASE_PREFIX, flatten
from procmine.ocel.log import plain
from procmine.tables.log import ATTR_PREFIX
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from procmine.ocel.log import Ocel

__all__ = ["case_type", "write_xes"]

BATCH = 20_000
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
"""
EXTENSIONS = {"lifecycle": "Lifecycle", "cost": "Cost", "identity": "Identity"}
CLASSIFIER = '  <classifier name="Activity classifier" keys="concept:name"/>\n'
PARTS = {
    "event_type": ("concept:name", "string"),
    "time": ("time:timestamp", "date"),
    "start": ("start_timestamp", "date"),
    "resource": ("org:resource", "string"),
    "unit": ("org:group", "string"),
}


def write_xes(log: Ocel, path: Path, object_type: str = "") -> None:
    """Write the log as XES, one trace an object of the type; ``.gz`` is compressed.

    A case attribute stands at the trace with its value at the case's first event.

    Parameters
    ----------
    log
        The log.
    path
        The file; it is written whole or not at all.
    object_type
        Whose objects are the traces; may be left out where only one type can be a case.

    Raises
    ------
    UsageError
        The type is not in the log, or several could be meant.
    LogError
        A text holds a control character, which XML 1.0 cannot hold.
    """
    flat = flatten(log, object_type or case_type(log))
    with whole_file(path) as place:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(place, "wb", mtime=0) as file:
                _write(flat, lambda text: file.write(text.encode()))
        else:
            with place.open("w", encoding="utf-8", newline="\n") as plain_file:
                _write(flat, plain_file.write)


def case_type(log: Ocel) -> str:
    """Return the one object type that can be a case.

    Raises
    ------
    UsageError
        None or several can.
    """
    able = [kind for kind in log.object_types if kind not in log.roles.no_case]
    if len(able) != 1:
        fault = Fault("which_object_type", detail=", ".join(able))
        raise UsageError(t("ocel.which_object_type", known=fault.detail), (fault,))
    return able[0]


def _write(flat: pa.Table, write: Any) -> None:
    write(HEAD)
    prefixes = {name.partition(".")[2].partition(":")[0] for name in flat.column_names}
    for prefix in sorted(prefixes.intersection(EXTENSIONS)):
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        write(f'  <extension name="{EXTENSIONS[prefix]}" prefix="{prefix}" uri="{uri}"/>\n')
    write(CLASSIFIER)
    case = None
    for begin in range(0, flat.num_rows, BATCH):
        batch = flat.slice(begin, BATCH)
        ids = batch["case_id"].to_pylist()
        events, traces = _lines(batch, trace=False), _lines(batch, trace=True)
        for key, event, trace in zip(ids, events, traces, strict=True):
            if key != case:
                write("" if case is None else "  </trace>\n")
                write(f'  <trace>\n    <string key="concept:name" value={quoted(key)}/>\n')
                write("".join(f"    {line}\n" for line in trace))
                case = key
            write("    <event>\n")
            write("".join(f"      {line}\n" for line in event))
            write("    </event>\n")
    write("  </trace>\n</log>\n" if case is not None else "</log>\n")


def _lines(batch: pa.Table, *, trace: bool) -> Iterator[list[str]]:
    """Yield for each row its attributes as XES elements."""
    found: list[list[str]] = [[] for _ in range(batch.num_rows)]
    for column in batch.column_names:
        if column.startswith(CASE_PREFIX) != trace:
            continue
        key, tag = _key(column, batch[column].type)
        if not key:
            continue
        values = plain(batch[column])
        texts = (canonical_text(values) if tag == "date" else as_text(values)).to_pylist()
        name = quoted(key)
        for row, text in enumerate(texts):
            if text is not None:
                found[row].append(f"<{tag} key={name} value={quoted(text)}/>")
    return iter(found)


def _key(column: str, kind: pa.DataType) -> tuple[str, str]:
    if column in PARTS:
        return PARTS[column]
    for prefix in (CASE_PREFIX, ATTR_PREFIX):
        if column.startswith(prefix):
            return column.removeprefix(prefix), _tag(kind)
    return "", ""


def _tag(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "int"
    return "float" if pa.types.is_floating(kind) else "string"
