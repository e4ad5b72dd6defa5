"""Read the files of a simulated delivery, change their rows, write them back."""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd

from procmine import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from procmine.store.snapshot import Snapshot

Rows = list[list[Any]]
KINDS = ("cases", "steps", "visits", "handovers", "waits", "documents")
# Where a row stands in its file is no fact about the case; sentences repeat ids and units.
ASIDE = ("source_file", "source_line", "explanation")


@dataclass
class File:
    """One table of a delivery: what stands above its header, the header, rows, the footer."""

    name: str
    above: Rows
    header: list[str]
    rows: Rows
    below: Rows


def rewritten(delivery: Path, target: Path, change: Callable[[File], None]) -> Path:
    """Copy a delivery and change each of its tables on the way."""
    shutil.copytree(delivery, target)
    for path in sorted(target.iterdir()):
        if path.suffix == ".csv":
            _csv(path, change)
        elif path.suffix == ".xlsx":
            _xlsx(path, change)
    return target


def facts(
    delivery: Path, place: Path, config: Path | None = None
) -> dict[tuple[str, str], pd.DataFrame]:
    """Load a delivery, always with the same key, and return its facts by process and kind."""
    snapshot = loaded(delivery, place, config)
    return {
        (process.name, kind): snapshot.facts(process.name, kind).to_pandas()
        for process in snapshot.processes
        for kind in KINDS
    }


def loaded(delivery: Path, place: Path, config: Path | None = None) -> Snapshot:
    """Load a delivery into a store below `place`."""
    key = place.parent / "key.bin"
    return pipeline.load(delivery, "kmd", place, key=key, config=config).snapshot


def differences(
    one: dict[tuple[str, str], pd.DataFrame],
    other: dict[tuple[str, str], pd.DataFrame],
    aside: tuple[str, ...] = ASIDE,
) -> list[str]:
    """Return where two sets of facts differ, by process, kind and column."""
    found = []
    for key, frame in one.items():
        first, second = (_sorted(f.drop(columns=[*aside], errors="ignore"))
                         for f in (frame, other[key]))  # fmt: skip
        if len(first) != len(second):
            found.append(f"{key}: {len(first)} rows and {len(second)}")
            continue
        found += [
            f"{key}: {name}"
            for name in first.columns
            if not _plain(first[name]).equals(_plain(second[name]))
        ]
    return found


def mapped(
    tables: dict[tuple[str, str], pd.DataFrame], replace: Callable[[str], str]
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the tables with every text replaced."""
    result = {}
    for key, frame in tables.items():
        shown = frame.copy()
        for name in shown.columns:
            if isinstance(shown[name].dtype, pd.CategoricalDtype) or (
                pd.api.types.is_string_dtype(shown[name].dtype)
            ):
                texts = shown[name].astype("object")
                shown[name] = texts.map(lambda v: replace(v) if isinstance(v, str) else v)
        result[key] = shown
    return result


def renamed_ids(value: Any, prefix: str = "Z") -> Any:
    """Put a letter before an id such as ``SA-12``; their order stays as it was."""
    if isinstance(value, str) and re.fullmatch(r"[A-Z]{1,3}-\d+", value):
        return prefix + value
    return value


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as text; whole numbers read as floats beside an empty cell."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        column = column.astype("float")
    return column.astype("str")


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame.apply(_plain)
    order = texts.sort_values(list(texts.columns)).index
    return frame.loc[order].reset_index(drop=True)


def _csv(path: Path, change: Callable[[File], None]) -> None:
    raw = path.read_bytes()
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "cp1252"
    end = "\r\n" if b"\r\n" in raw else "\n"
    rows = list(csv.reader(io.StringIO(raw.decode(encoding), newline=""), delimiter=";"))
    file = _parted(path.name, [row for row in rows if row])
    change(file)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator=end)
    writer.writerows([*file.above, file.header, *file.rows, *file.below])
    path.write_bytes(out.getvalue().encode(encoding))


def _xlsx(path: Path, change: Callable[[File], None]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    file = _parted(path.name, [list(row) for row in sheet.iter_rows(values_only=True)])
    change(file)
    sheet.delete_rows(1, sheet.max_row)
    for row in [*file.above, file.header, *file.rows, *file.below]:
        sheet.append(row)
    book.save(path)


def _parted(name: str, rows: Rows) -> File:
    """Find the header: the first row that is filled from its first to its last cell."""
    place = next(n for n, row in enumerate(rows) if all(row) and len(row) == len(rows[-1]))
    body = rows[place + 1 :]
    below = [row for row in body if str(row[0]).startswith("Antal")]
    return File(name, rows[:place], rows[place], body[: len(body) - len(below)], below)
