"""Reading deliveries: CSV to a typed table, to a log, and workbooks, beside pandas and openpyxl."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.delivery import ACTIVITIES, delivery, workbook
from benchmarks.ours import Asked

WORKBOOK = "workbase_notater.xlsx"
_SECRET = b"0" * 32
_FORMAT = "%d-%m-%Y %H:%M"
_CUT_US = 1_767_225_600_000_000


def _at_hand(folder: Path) -> Path:
    """Return a folder whose files were just read, so that no tool is timed waiting for a disk."""
    for path in folder.iterdir():
        with path.open("rb") as stream:
            while stream.read(1 << 20):
                pass
    return folder


def _reading(folder: Path, name: str) -> tuple[Any, Any, Any]:
    """Return the source, a context and an empty folder for what is written."""
    from procmine.config import load_config
    from procmine.exports.definitions import make_context
    from procmine.exports.delivery import find_delivery
    from procmine.exports.persons import Key
    from procmine.exports.profiles import load_profile

    profile = load_profile("kmd")
    context = make_context(profile, load_config(), Key(_SECRET), {})
    only = Path(tempfile.mkdtemp())
    (only / name).hardlink_to(folder / name)
    return (lambda: find_delivery(only, profile).sources[0]), context, only


def typed_procmine(events: int, folder: Path) -> Asked:
    """Look the file over, read, type, check and pseudonymise it, and write it as Parquet."""
    import pyarrow.parquet as pq

    from procmine.exports.rows import Reading
    from procmine.exports.stage import Limits, stage_file
    from procmine.exports.text_file import read_csv

    look, context, out = _reading(_at_hand(delivery(events, folder)), ACTIVITIES)

    def ask() -> Path:
        source = look()
        reading = Reading(source.path, source.shown, source.table)
        chunks = read_csv(reading, source.survey, source.header, source.delimiter)
        target: Path = out / "part.parquet"
        stage_file(target, chunks, reading, source.header, source.survey, context,
                   Limits(_CUT_US * 2), 0)  # fmt: skip
        return target

    def told(target: Path) -> list[int]:
        times = pq.read_table(target, columns=["Slut"]).column(0)
        return [len(times), len(times) - times.null_count]

    return ask, told


def typed_pandas(events: int, folder: Path) -> Asked:
    """Read the same file with pandas' C engine, its stamps as instants in UTC; nothing more."""
    import pandas as pd

    from benchmarks.frames import stamped

    path = _at_hand(delivery(events, folder)) / ACTIVITIES

    def ask() -> list[int]:
        frame = pd.read_csv(path, sep=";", encoding="cp1252", dtype="string", engine="c",
                            keep_default_na=False)  # fmt: skip
        for name in ("Start", "Slut"):
            frame[name] = stamped(frame[name], _FORMAT)
        return [len(frame), int(frame["Slut"].notna().sum())]

    return ask, list


def typed_floor(events: int, folder: Path) -> Asked:
    """Read the same bytes, decode them and encode them anew, piece by piece; nothing more."""
    path = _at_hand(delivery(events, folder)) / ACTIVITIES

    def ask() -> None:
        with path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                piece.decode("cp1252").encode()

    return ask, lambda _: None


def log_procmine(events: int, folder: Path) -> Asked:
    """Read a delivery to the log's tables with quarantine, lineage and account."""
    from procmine.config import load_config
    from procmine.exports import read_delivery

    source, out = _at_hand(delivery(events, folder)), Path(tempfile.mkdtemp())
    config = load_config()
    (out / "out").mkdir()

    def ask() -> list[int]:
        account = read_delivery(source, "kmd", key=out / "key", out=out / "out", config=config,
                                extracted="2026-01-31")  # fmt: skip
        counts = account.counts
        return [counts["events"], counts["e2o"], account.totals["quarantined"],
                counts["objects"], counts["o2o"], counts["object_changes"]]  # fmt: skip

    return ask, list


def log_pandas(events: int, folder: Path) -> Asked:
    """Take the same steps in pandas: :mod:`benchmarks.frames` says which."""
    from benchmarks.frames import Load

    source, out = _at_hand(delivery(events, folder)), Path(tempfile.mkdtemp())
    return Load(source, out).run, list


def cells_procmine(_events: int, folder: Path) -> Asked:
    """Read the cells of a workbook of 100,000 rows: checked as packed, parsed, as columns."""
    from procmine.exports.rows import Reading
    from procmine.exports.workbook import read_book

    look, _, _ = _reading(_at_hand(workbook(folder)), WORKBOOK)

    def ask() -> list[int]:
        source = look()
        chunks = read_book(source.book, Reading(source.path, source.shown, source.table))
        return [sum(_filled(chunk.cells[2]) for chunk in chunks)]

    return ask, list


def _filled(cells: Any) -> int:
    import pyarrow.compute as pc

    filled: int = pc.sum(pc.not_equal(cells, "")).as_py() or 0
    return filled


def workbook_procmine(_events: int, folder: Path) -> Asked:
    """Read, type, check and pseudonymise the same workbook, and write it as Parquet."""
    import pyarrow.parquet as pq

    from procmine.exports.rows import Reading
    from procmine.exports.stage import Limits, stage_file
    from procmine.exports.workbook import read_book

    look, context, out = _reading(_at_hand(workbook(folder)), WORKBOOK)

    def ask() -> Path:
        source = look()
        reading = Reading(source.path, source.shown, source.table)
        target: Path = out / "part.parquet"
        chunks = read_book(source.book, reading)
        stage_file(target, chunks, reading, source.headers[0], None, context,
                   Limits(_CUT_US * 2), 0)  # fmt: skip
        return target

    def told(target: Path) -> list[int]:
        times = pq.read_table(target, columns=["Tidspunkt"]).column(0)
        return [len(times) - times.null_count]

    return ask, told


def workbook_openpyxl(_events: int, folder: Path) -> Asked:
    """Read the same cells in openpyxl's read-only mode; nothing typed, nothing written."""
    import openpyxl

    path = _at_hand(workbook(folder)) / WORKBOOK

    def ask() -> list[int]:
        book = openpyxl.load_workbook(path, read_only=True)
        rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
        return [sum(1 for row in rows if row[2] is not None)]

    return ask, list


TASKS: dict[str, dict[str, Callable[[int, Path], Asked | tuple[float, Any]]]] = {
    "CSV to table": {
        "procmine": typed_procmine,
        "pandas": typed_pandas,
        "floor": typed_floor,
    },
    "CSV to log": {"procmine": log_procmine, "pandas": log_pandas},
    "read XLSX": {"procmine": cells_procmine, "openpyxl": workbook_openpyxl},
    "XLSX to table": {"procmine": workbook_procmine, "openpyxl": workbook_openpyxl},
}
GOALS = {
    ("CSV to table", "pandas"): 5.0,
    ("CSV to table", "floor"): 1 / 3,
    ("CSV to log", "pandas"): 3.0,
    ("read XLSX", "openpyxl"): 12.0,
}
