"""XES, plain or gzipped, read a trace at a time into the columns of a case-centric table."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, LogError
from procmine.ocel.exchange.attributes import event_attributes, one_chunk
from procmine.ocel.exchange.casecentric import (
    TRANSITION,
    CaseOptions,
    CaseTable,
    object_centric,
)
from procmine.ocel.exchange.columns import suspected
from procmine.ocel.exchange.raw import EVENT_VALUES, OBJECT_VALUES, RELATIONS, RawLog, Sink
from procmine.ocel.exchange.tally import Tally
from procmine.ocel.exchange.times import parse_stamps
from procmine.ocel.exchange.xml_reader import elements, is_element, line_of, local
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree
    from numpy.typing import NDArray

    from procmine.ocel.exchange.result import ReadResult

__all__ = ["read_xes"]

TAGS = {
    "string": "string",
    "date": "time",
    "int": "integer",
    "float": "float",
    "boolean": "boolean",
    "id": "string",
}
NAME = "concept:name"
PARTS = {
    "activity": NAME,
    "time": "time:timestamp",
    "start": "start_timestamp",
    "resource": "org:resource",
    "group": "org:group",
}
ANY = "*"
ROWS = pa.schema(
    [("case", pa.int64()), ("line", pa.int64()), *((part, pa.string()) for part in PARTS)]
)


def read_xes(path: Path, **options: Any) -> ReadResult:
    """Read an XES file; starts and completions of a step become one event with a start.

    Parameters
    ----------
    path
        The file, ``.xes`` or ``.xes.gz``.
    options
        Those of :class:`CaseOptions`: keys where the file does not use the standard's.

    Raises
    ------
    LogError
        The file is no well-formed XML, or declares a document type.
    """
    chosen = CaseOptions(**{**options, "missing": tuple(options.get("missing", ()))})
    tally = Tally()
    reader = _Reader(chosen, tally)
    try:
        with _opened(path) as file:
            for element in elements(file, path.name, ("trace", "event")):
                reader.take(element)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        text = t("ocel.not_xml", file=path.name, line=0)
        raise LogError(text, (Fault("not_xml", path.name),)) from error
    table = reader.table()
    result = object_centric(table, chosen, tally, path.name)
    text_columns = {n: c for n, c in table.attributes.items() if pa.types.is_string(c.type)}
    for part in ("resource", "group"):
        column = getattr(table, part)
        if column is not None:
            text_columns[part] = column
    result.ocel.meta["suspected_markers"] = suspected(pa.table(text_columns))
    return result


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        return cast("IO[bytes]", io.BufferedReader(cast("Any", gzip.open(path, "rb"))))
    return path.open("rb")


class _Reader:
    """Takes traces one at a time."""

    def __init__(self, options: CaseOptions, tally: Tally) -> None:
        self.tally = tally
        self.case_key = options.case.removeprefix("case:") or NAME
        self.keys = {getattr(options, part) or key: part for part, key in PARTS.items()}
        self.missing = frozenset(options.missing)
        self.zone = options.zone
        self.cases: dict[str, int] = {}
        self.rows = Sink(ROWS)
        self.values = Sink(EVENT_VALUES)
        self.case_values = Sink(EVENT_VALUES)
        self.types: dict[str, str] = {}
        self.case_types: dict[str, str] = {}

    def take(self, element: etree._Element) -> None:
        """Take a trace with its events; an event outside any trace has no case."""
        if local(element) == "event":
            self.tally.add("empty_case", "events", row=line_of(element))
            return
        events = []
        pairs = []
        for child in element:
            if is_element(child) and local(child) == "event":
                events.append(child)
            else:
                pairs.extend(self._pair(child))
        case = self._case(element, pairs)
        for event in events:
            self._event(case, event)

    def table(self) -> CaseTable:
        """Return the columns of what was taken."""
        rows = self.rows.table()
        stamps = parse_stamps(rows["time"], self.zone)
        starts = parse_stamps(rows["start"], self.zone)
        keep = self._complete(rows, stamps.bad, _null(stamps.instants))
        naive = int((stamps.naive & ~stamps.day & keep).sum())
        if naive:
            self.tally.add("naive_time", "events", "time", detail=self.zone, count=naive)
        if stamps.cut:
            self.tally.add("finer_time", "events", "time", count=stamps.cut)
        self.tally.add_rows("bad_start", "events", np.flatnonzero(starts.bad), "start")
        used = pa.array(np.flatnonzero(keep))
        new = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int64)
        attributes = self._typed(self.values, self.types, new)
        names = pa.array(list(self.cases), pa.string())
        whole = np.arange(len(names), dtype=np.int64)
        return CaseTable(
            case=names.take(one_chunk(rows["case"]).take(used)),
            activity=one_chunk(rows["activity"]).take(used),
            time=stamps.instants.take(used),
            start=starts.instants.take(used),
            day=stamps.day[keep],
            transition=attributes.get(TRANSITION),
            resource=one_chunk(rows["resource"]).take(used),
            group=one_chunk(rows["group"]).take(used),
            lines=self._lines(one_chunk(rows["line"]).take(used)),
            attributes=attributes,
            case_ids=names,
            case_attributes=self._typed(self.case_values, self.case_types, whole),
        )

    def _lines(self, lines: pa.Array) -> pa.Array:
        known = pc.greater(lines, 0)
        return pc.if_else(known, lines, pa.scalar(None, pa.int64()))

    def _complete(
        self, rows: pa.Table, bad: NDArray[np.bool_], absent: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        nameless = _null(one_chunk(rows["activity"]))
        self.tally.add_rows("empty_type", "events", np.flatnonzero(nameless), "activity")
        self.tally.add_rows("bad_time", "events", np.flatnonzero(bad), "time")
        self.tally.add_rows("empty_time", "events", np.flatnonzero(absent & ~bad), "time")
        return ~(nameless | absent)

    def _case(self, trace: etree._Element, pairs: list[tuple[str, str, str]]) -> int:
        line = line_of(trace)
        name = next((value for key, _, value in pairs if key == self.case_key), "")
        if not name:
            name = f"#{len(self.cases) + 1}"
            self.tally.add("unnamed_case", "traces", row=line)
        known = name in self.cases
        if known:
            self.tally.add("repeated_case", "traces", row=line)
        row = self.cases.setdefault(name, len(self.cases))
        for key, kind, value in pairs:
            if key != self.case_key and not known:
                _declare(self.case_types, key, kind)
                self.case_values.add((row, key, value, "s"))
        return row

    def _event(self, case: int, event: etree._Element) -> None:
        row = self.rows.count
        cells: dict[str, str] = {}
        for child in event:
            for key, kind, value in self._pair(child):
                part = self.keys.get(key)
                if part is not None:
                    cells[part] = value
                else:
                    _declare(self.types, key, kind)
                    self.values.add((row, key, value, "s"))
        self.rows.add((case, line_of(event), *(cells.get(part) for part in PARTS)))

    def _pair(self, element: etree._Element, inside: str = "") -> list[tuple[str, str, str]]:
        """Return the attribute, and those inside it, as (key, type, text); no fillers.

        One inside another, or in a list, is called after both: ``outer/inner``.
        """
        if not is_element(element):
            return []
        kind = TAGS.get(local(element))
        key, value = element.get("key"), element.get("value")
        found = []
        if kind is not None and key is not None and value is not None:
            found = [] if value in self.missing else [(inside + key, kind, value)]
        if len(element):
            if not inside:
                self.tally.add("nested_attribute", "log", key or "", line_of(element))
            within = inside if key is None else f"{inside}{key}/"
            for child in element:
                found.extend(self._pair(child, within))
        return found

    def _typed(
        self, sink: Sink, types: dict[str, str], new: NDArray[np.int64]
    ) -> dict[str, pa.Array]:
        """Return long values as one typed column per key."""
        anything = pa.array([ANY] * len(new), pa.string())
        empty = RELATIONS.empty_table()
        raw = RawLog(
            pa.table({"type": anything}),
            empty,
            empty,
            empty,
            sink.table(),
            OBJECT_VALUES.empty_table(),
            {ANY: types},
        )
        found = event_attributes(raw, new, self.tally, self.zone)
        return {row["attribute"]: found.columns[row["column"]] for row in found.declarations}


def _declare(types: dict[str, str], key: str, kind: str) -> None:
    held = types.setdefault(key, kind)
    if held != kind:
        types[key] = "float" if {held, kind} == {"integer", "float"} else "string"


def _null(column: pa.Array) -> NDArray[np.bool_]:
    mask = pc.is_null(column).to_numpy(zero_copy_only=False)
    return np.asarray(mask, dtype=np.bool_)
