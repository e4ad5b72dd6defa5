"""A file's rows to typed, pseudonymised rows, each with its fate so far.

A staged row holds its line, its file, the fate that stops it (0: none yet), the column
that gave that fate, its repairs as bits, and its kept columns; a time has its precision
beside it under the column's name and ``#``.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from procmine.exports.ahead import ahead
from procmine.exports.cells import BY_TEXT, Context, type_cells
from procmine.exports.erase import tombstone
from procmine.exports.fates import FATES, LEFT_OUT, PRECISION, repair_bit
from procmine.exports.names import fold
from procmine.exports.persons import mask_cpr
from procmine.exports.stamps import BAD, DAY, EMPTY, GAP, OK, Stamps, parse_stamps
from procmine.exports.texts import plain, trimmed, with_nulls
from procmine.ocel.exchange.times import at_local_midnight

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from procmine.exports.header import Header
    from procmine.exports.profile import ColumnSpec, TableSpec
    from procmine.exports.rows import Chunk, Reading
    from procmine.exports.survey import Survey

__all__ = ["CODED", "FATES", "PRECISION", "Limits", "stage_file", "staged_schema"]

_INSTANT = pa.timestamp("us", tz="UTC")
_CODED = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "number": pa.float64(), "integer": pa.int64(), "flag": pa.bool_(), "time": _INSTANT,
    **dict.fromkeys(BY_TEXT, _CODED),
}  # fmt: skip
CODED = (*BY_TEXT, "ref")
"""Kinds of columns whose texts recur, so that they are written as dictionaries."""
_FIRST_YEAR = 1990
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_SHOWN = 40
_MARKS = "[\u0300-\u036f]"
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Limits:
    """The instant (microseconds) after which a stamp lies in the future."""

    future_us: int


def staged_schema(table: TableSpec) -> pa.Schema:
    """Return the Arrow schema of a table's staged rows."""
    fields = [
        pa.field("_file", pa.int32()), pa.field("_line", pa.int64()),
        pa.field("_fate", pa.int8()), pa.field("_where", pa.int8()),
        pa.field("_repairs", pa.int32()),
    ]  # fmt: skip
    for spec in table.kept:
        fields.append(pa.field(spec.name, _TYPES.get(spec.kind, pa.string())))
        if spec.kind == "time":
            fields.append(pa.field(spec.name + PRECISION, pa.uint8()))
    return pa.schema(fields)


def stage_file(
    target: Path, chunks: Iterable[Chunk], reading: Reading, header: Header, survey: Survey | None,
    context: Context, limits: Limits, file: int,
) -> None:  # fmt: skip
    """Write the staged rows of one file to a Parquet file of their own.

    `file` is the file's number; further sheets of a workbook have those that follow on it.
    """
    schema = staged_schema(reading.table)
    coded = [s.name for s in reading.table.kept if s.kind in CODED]

    def staged() -> Generator[pa.Table, None, None]:
        for chunk in chunks:
            if len(chunk.lines):
                own = chunk.header or header
                stager = _Stager(chunk, reading.table, own, survey, context, limits)
                yield stager.table(schema, file + chunk.sheet)

    with (
        pq.ParquetWriter(
            target,
            schema,
            compression="lz4",
            use_dictionary=coded,
            write_statistics=False,
            store_schema=False,
        ) as writer,
        closing(ahead(staged())) as tables,
    ):
        for table in tables:
            writer.write_table(table)
            reading.rows += table.num_rows
    target.chmod(0o600)
    pa.default_memory_pool().release_unused()


class _Stager:
    """One chunk on its way to typed rows."""

    def __init__(
        self, chunk: Chunk, spec: TableSpec, header: Header, survey: Survey | None,
        context: Context, limits: Limits,
    ) -> None:  # fmt: skip
        self.chunk, self.spec, self.header, self.survey = chunk, spec, header, survey
        self.context, self.limits = context, limits
        self.size = len(chunk.lines)
        self.fate = np.zeros(self.size, np.int8)
        self.where = np.zeros(self.size, np.int8)
        self.repairs = np.zeros(self.size, np.int32)
        self.columns: dict[str, pa.Array] = {}
        self.stamps: dict[str, Stamps] = {}
        self.tidied: dict[str, pa.Array] = {}
        self.nobody = np.zeros(self.size, np.bool_)

    def table(self, schema: pa.Schema, file: int) -> pa.Table:
        self._rule()
        self._marks()
        for spec in self.spec.kept:
            if spec.kind == "time":
                self._read_time(spec)
            elif spec.name not in self.header.places:
                self.columns[spec.name] = pa.nulls(self.size, schema.field(spec.name).type)
            else:
                typed = type_cells(
                    self._cells(spec), spec, self.spec.file, self.spec.name, self.context
                )
                self.columns[spec.name] = typed.values
                for code, rows in typed.repairs.items():
                    self.repair(code, rows)
                    if code == "person_missing" and spec.name in self.spec.need:
                        self.nobody |= rows
        self._graves()
        self._ids()
        for place, spec in enumerate(self.spec.kept):
            if spec.kind == "time":
                self._judge_time(spec, place)
        self._events()
        for name, stamps in self.stamps.items():
            gone = stamps.status != OK
            self.columns[name] = with_nulls(stamps.us, gone, _INSTANT)
            stamps.precision[gone] = 0
            self.columns[name + PRECISION] = pa.array(stamps.precision)
        self.columns["_file"] = pa.array(np.full(self.size, file, np.int32))
        self.columns["_line"] = pa.array(self.chunk.lines)
        self.columns["_fate"] = pa.array(self.fate)
        self.columns["_where"] = pa.array(self.where)
        self.columns["_repairs"] = pa.array(self.repairs)
        return pa.table([self.columns[name] for name in schema.names], schema=schema)

    def stop(self, code: str, rows: Flags, place: int = -1) -> None:
        """Give the rows a fate, where they have none yet."""
        hit = rows & (self.fate == 0)
        self.fate[hit] = FATES.index(code)
        self.where[hit] = place + 1

    def repair(self, code: str, rows: Flags) -> None:
        self.repairs[rows] |= repair_bit(code)

    def _cells(self, spec: ColumnSpec) -> pa.Array:
        """Return a column's texts, tidied; as a dictionary where its kind is read by text."""
        known = self.tidied.get(spec.name)
        if known is not None:
            return known
        place = self.header.places.get(spec.name)
        cells = pa.array([""] * self.size, pa.string()) if place is None else self._filled(place)
        if spec.kind in BY_TEXT:
            coded = cells.dictionary_encode()
            codes = coded.indices.to_numpy(zero_copy_only=False)
            words = self._tidy(coded.dictionary, codes)
            cells = pa.DictionaryArray.from_arrays(coded.indices, words)
        elif place is not None:
            cells = self._tidy(plain(cells))
        self.tidied[spec.name] = cells
        return cells

    def _filled(self, place: int) -> pa.Array:
        cells = self.chunk.cells[place]
        return pc.fill_null(cells, "") if cells.null_count else cells

    def _tidy(self, cells: pa.Array, codes: npt.NDArray[np.int32] | None = None) -> pa.Array:
        """Return texts composed and trimmed; `codes` tells which rows have which text."""
        if self.survey is None or self.survey.hard_blanks:
            hard = pc.match_substring(cells, "\u00a0")
            if pc.any(hard).as_py():
                self._repair_texts("no_break_blank", hard, codes)
                cells = pc.replace_substring(cells, "\u00a0", " ")
        if self.survey is None or self.survey.marks:
            marked = pc.match_substring_regex(cells, _MARKS)
            if pc.any(marked).as_py():
                self._repair_texts("decomposed_letters", marked, codes)
                cells = pc.utf8_normalize(cells, "NFC")
        return trimmed(cells)

    def _repair_texts(
        self, code: str, texts: pa.Array, codes: npt.NDArray[np.int32] | None
    ) -> None:
        flags = texts.to_numpy(zero_copy_only=False)
        self.repair(code, flags if codes is None else flags[codes])

    def _rule(self) -> None:
        rule = self.spec.rule
        if rule is None:
            return
        spec = self.spec.column(rule.column)
        coded = self._cells(spec).dictionary_encode()
        keep = {fold(word) for word in rule.keep}
        texts = [fold(text) for text in coded.dictionary.to_pylist()]
        kept = np.array([text in keep for text in texts], np.bool_)
        out = ~kept[coded.indices.to_numpy(zero_copy_only=False)] if texts else ~kept
        self.stop(rule.code if rule.code in FATES else LEFT_OUT[0], out)
        known = keep | {fold(word) for word in rule.known} | {""}
        unknown = self.context.unknown.setdefault((self.spec.name, rule.column), {})
        for text in coded.dictionary.to_pylist():
            if fold(text) not in known:
                unknown.setdefault(mask_cpr(text)[:_SHOWN], 0)

    def _marks(self) -> None:
        if self.chunk.trailing is not None:
            self.repair("trailing_delimiter", self.chunk.trailing)
        if self.chunk.hidden is not None:
            self.repair("hidden_row", self.chunk.hidden)

    def _graves(self) -> None:
        """Leave out rows that name an erased object."""
        if not self.context.tombstones:
            return
        for spec in self.spec.kept:
            if spec.is_object and spec.kind in ("id", "ref", "citizen"):
                prefix = "" if spec.kind == "citizen" else f"{spec.to}:"
                coded = self.columns[spec.name].dictionary_encode()
                key = self.context.key.fingerprint
                erased = np.array(
                    [
                        tombstone(f"{prefix}{text}", key) in self.context.tombstones
                        for text in coded.dictionary.to_pylist()
                    ],
                    np.bool_,
                )
                if erased.any():
                    rows = pc.fill_null(pa.array(erased).take(coded.indices), fill_value=False)
                    self.stop("erased", rows.to_numpy(zero_copy_only=False))

    def _ids(self) -> None:
        if self.spec.id:
            self.stop("missing_id", _null(self.columns[self.spec.id]))
        if self.spec.need:
            none = np.ones(self.size, np.bool_)
            for name in self.spec.need:
                none &= _null(self.columns[name])
            # Nobody's number, where a person may be all that a row names, keeps the row.
            self.stop("missing_id", none & ~self.nobody)
        for name in (self.spec.use.object, self.spec.use.event) if self.spec.use else ():
            self.stop("missing_id", _null(self.columns[name]))
        for spec in self.spec.kept:
            if spec.kind == "activity":  # without one the row could yield no event
                self.stop("missing_id", _null(self.columns[spec.name]))

    def _read_time(self, spec: ColumnSpec) -> None:
        formats = self.spec.file.dates
        if self.survey is None:
            formats = tuple(dict.fromkeys((*formats, "iso", "excel")))
        stamps = parse_stamps(self._cells(spec), formats, self.spec.file.timezone)
        self.stamps[spec.name] = stamps
        if spec.days:
            instants = pa.array(stamps.us).cast(_INSTANT)
            midnight = at_local_midnight(instants, self.spec.file.timezone)
            stamps.precision[(stamps.status == OK) & midnight] = DAY
        early = (stamps.status == OK) & ((stamps.year < _FIRST_YEAR) | (stamps.year > 9000))
        if early.any():
            days = {(date.fromisoformat(d) - date(1970, 1, 1)).days for d in
                    self.spec.file.sentinels}  # fmt: skip
            winter = datetime(2000, 1, 1, tzinfo=ZoneInfo(self.spec.file.timezone)).utcoffset()
            local = (stamps.us + (winter or timedelta()) // timedelta(microseconds=1)) // _DAY_US
            sentinel = early & np.isin(local, np.array(sorted(days)))
            stamps.status[sentinel] = EMPTY
            self.repair("sentinel_date", sentinel)

    def _judge_time(self, spec: ColumnSpec, place: int) -> None:
        stamps = self.stamps[spec.name]
        self.stop("bad_date", stamps.status == BAD, place)
        self.stop("march_gap", stamps.status == GAP, place)
        good = stamps.status == OK
        self.stop("before_1990", good & (stamps.year < _FIRST_YEAR), place)
        if not spec.ahead:
            self.stop("future", good & (stamps.us > self.limits.future_us), place)

    def _events(self) -> None:
        for event in self.spec.events:
            if event.changed:
                continue
            none = np.ones(self.size, np.bool_)
            for name in (*event.time, *((event.start,) if event.start else ())):
                none &= self.stamps[name].status == EMPTY
            if not event.optional:
                self.stop("missing_time", none)
            if event.start and event.time:
                self._order(self.stamps[event.start], self.stamps[event.time[0]])
        if not (self.spec.id or self.spec.events or self.spec.links):
            for known in self.spec.objects:  # all that the row says holds from a time on
                if known.changes_at:
                    self.stop("missing_time", self.stamps[known.changes_at].status == EMPTY)

    def _order(self, start: Stamps, end: Stamps) -> None:
        both = (start.status == OK) & (end.status == OK)
        self.repair("start_as_time", (start.status == OK) & (end.status == EMPTY))
        later = both & end.twice & (end.us < start.us)
        if later.any():
            later &= start.us <= end.us + _HOUR_US  # else neither hour puts them in order
            end.second_hour(later)
            self.repair("october_hour", later)
        wrong = both & (end.us < start.us)
        start.status[wrong] = EMPTY
        self.repair("start_dropped", wrong)


def _null(array: pa.Array) -> Flags:
    flags: Flags = pc.is_null(array).to_numpy(zero_copy_only=False)
    return flags
