"""A case-centric CSV read column by column: encoding, separator and types are found out."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from procmine.errors import Fault, LogError, UsageError
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.casecentric import (
    TRANSITION,
    CaseOptions,
    CaseTable,
    object_centric,
)
from procmine.ocel.exchange.columns import case_columns, narrowed, suspected
from procmine.ocel.exchange.tally import Tally
from procmine.ocel.exchange.times import Stamps, parse_stamps
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from procmine.ocel.exchange.result import ReadResult

__all__ = ["STANDARD", "read_csv"]

STANDARD = {
    "case": "case:concept:name",
    "activity": "concept:name",
    "time": "time:timestamp",
    "start": "start_timestamp",
    "resource": "org:resource",
    "group": "org:group",
}
"""Names that the XES standard (and pm4py, for the start) gives the columns with a part."""

CHUNK = 1 << 22
HEAD = 1 << 16
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class _Dialect:
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    lines: int


def read_csv(path: Path, **options: Any) -> ReadResult:
    """Read a case-centric CSV file: one row an event, its case in a column.

    Parameters
    ----------
    path
        The file: UTF-8, UTF-16 or cp1252, separated by comma, semicolon, tab or bar.
    options
        Those of :class:`CaseOptions`. Columns with the names of the XES standard are found
        without; stamps without a zone are local time.

    Raises
    ------
    UsageError
        A column that is named but absent, or needed but neither named nor standard.
    LogError
        A file that is no CSV.
    """
    chosen = CaseOptions(**{**options, "missing": tuple(options.get("missing", ()))})
    dialect = _dialect(path)
    names = _parts(chosen, dialect.header, path.name)
    tally = Tally()
    rows = _rows(path, dialect, chosen, tally)
    table, used = _case_table(rows, names, dialect, chosen, tally)
    _attributes(rows, table, used, names, tally)
    result = object_centric(table, chosen, tally, path.name)
    markers = suspected(rows.select([n for n in rows.column_names if n != names["time"]]))
    result.ocel.meta["suspected_markers"] = markers
    return result


def _dialect(path: Path) -> _Dialect:
    """Find out encoding and separator, and count the lines."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        lines, last = head.count(b"\n"), head[-1:]
        while chunk := file.read(CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    if encoding == "utf-8" and not _is_utf8(path):
        encoding = "cp1252"
    first = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    line = first.lstrip("\r\n").splitlines()[0] if first.strip() else ""
    if not line or "\x00" in line:
        raise LogError(t("ocel.not_csv", file=path.name), (Fault("not_csv", path.name),))
    delimiter = max(DELIMITERS, key=lambda sign: (_outside(line, sign), -DELIMITERS.index(sign)))
    header = next(csv.reader([line], delimiter=delimiter))
    return _Dialect(encoding, delimiter, _unique(header), lines + (last != b"\n"))


def _is_utf8(path: Path) -> bool:
    with path.open(encoding="utf-8") as file:
        try:
            while file.read(CHUNK):
                pass
        except UnicodeDecodeError:
            return False
    return True


def _outside(line: str, sign: str) -> int:
    """Count the signs outside quotes."""
    return sum(part.count(sign) for part in line.split('"')[::2])


def _unique(names: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for place, raw in enumerate(names, start=1):
        name = raw.strip() or f"column {place}"
        while name in found:
            name += "'"
        found.append(name)
    return tuple(found)


def _parts(options: CaseOptions, header: tuple[str, ...], file: str) -> dict[str, str]:
    """Return the column of each part, empty where the file has none."""
    names: dict[str, str] = {}
    faults = []
    for part, standard in STANDARD.items():
        given = getattr(options, part)
        name = given or (standard if standard in header else "")
        if (given and given not in header) or (not name and part in ("case", "activity", "time")):
            faults.append(Fault("missing_column", file, given or part, detail=", ".join(header)))
        names[part] = name
    if faults:
        text = t(
            "ocel.missing_column",
            file=file,
            names=", ".join(fault.column for fault in faults),
            known=", ".join(header),
        )
        raise UsageError(text, tuple(faults))
    return names


def _rows(path: Path, dialect: _Dialect, options: CaseOptions, tally: Tally) -> pa.Table:
    """Read every column as text, fillers as missing."""

    def _malformed(row: arrow_csv.InvalidRow) -> str:
        tally.add("malformed", path.name, row=(row.number or -1) + 1)
        return "skip"

    try:
        return arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(
                column_names=list(dialect.header),
                skip_rows=1,
                block_size=CHUNK,
                encoding="utf8" if dialect.encoding == "utf-8" else dialect.encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                newlines_in_values=True,
                invalid_row_handler=_malformed,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(dialect.header, pa.string()),
                null_values=["", *options.missing],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        fault = Fault("not_csv", path.name)
        raise LogError(t("ocel.not_csv", file=path.name), (fault,)) from error


def _case_table(
    rows: pa.Table, names: dict[str, str], dialect: _Dialect, options: CaseOptions, tally: Tally
) -> tuple[CaseTable, pa.Array]:
    """Take the rows that have a case, an activity and a time; count the others."""
    stamps = parse_stamps(rows[names["time"]], options.zone)
    starts = parse_stamps(rows[names["start"]], options.zone) if names["start"] else None
    keep = _complete(rows, names, stamps, tally)
    _tell(stamps, starts, names, keep, options, tally)
    used = pa.array(np.flatnonzero(keep))
    # Line numbers hold only where no cell spans lines and no line is empty.
    whole = dialect.lines == rows.num_rows + 1
    lines = pa.array(np.flatnonzero(keep) + 2) if whole else None
    start = starts.instants.take(used) if starts else pa.nulls(len(used), stamps.instants.type)
    table = CaseTable(
        case=_taken(rows, names["case"], used),
        activity=_taken(rows, names["activity"], used),
        time=stamps.instants.take(used),
        start=start,
        day=stamps.day[keep],
        transition=_taken(rows, TRANSITION, used) if TRANSITION in rows.column_names else None,
        resource=_taken(rows, names["resource"], used) if names["resource"] else None,
        group=_taken(rows, names["group"], used) if names["group"] else None,
        lines=lines,
    )
    return table, used


def _complete(
    rows: pa.Table, names: dict[str, str], stamps: Stamps, tally: Tally
) -> NDArray[np.bool_]:
    keep = np.ones(rows.num_rows, dtype=np.bool_)
    for part, code in (("case", "empty_case"), ("activity", "empty_type")):
        absent = _null(rows[names[part]])
        tally.add_rows(code, "events", np.flatnonzero(absent) + 1, names[part])
        keep &= ~absent
    absent = _null(stamps.instants)
    tally.add_rows("bad_time", "events", np.flatnonzero(stamps.bad) + 1, names["time"])
    tally.add_rows("empty_time", "events", np.flatnonzero(absent & ~stamps.bad) + 1, names["time"])
    return keep & ~absent


def _tell(
    stamps: Stamps,
    starts: Stamps | None,
    names: dict[str, str],
    keep: NDArray[np.bool_],
    options: CaseOptions,
    tally: Tally,
) -> None:
    naive = int((stamps.naive & ~stamps.day & keep).sum())
    if naive:
        tally.add("naive_time", "events", names["time"], detail=options.zone, count=naive)
    if stamps.cut:
        tally.add("finer_time", "events", names["time"], count=stamps.cut)
    if starts is not None:
        tally.add_rows("bad_start", "events", np.flatnonzero(starts.bad) + 1, names["start"])


def _attributes(
    rows: pa.Table, table: CaseTable, used: pa.Array, names: dict[str, str], tally: Tally
) -> None:
    """Type the other columns and give them to the events or to the cases."""
    taken = {name for name in names.values() if name}
    others = [name for name in rows.column_names if name not in taken]
    columns = {name: narrowed(_taken(rows, name, used)) for name in others}
    table.case_ids, table.case_attributes = case_columns(table.case, columns, tally)
    table.attributes = columns


def _taken(rows: pa.Table, name: str, used: pa.Array) -> pa.Array:
    column = rows[name]
    return one_chunk(column if len(used) == len(column) else column.take(used))


def _null(column: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    mask = pc.is_null(column)
    return np.asarray(one_chunk(mask).to_numpy(zero_copy_only=False), dtype=np.bool_)
