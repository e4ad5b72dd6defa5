"""Exchange formats: every reader and writer of logs, chosen by the ending of the file."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from procmine.errors import Fault, LogError, UsageError
from procmine.ocel.exchange.result import ReadResult
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procmine.ocel.log import Ocel

__all__ = ["READERS", "ReadResult", "format_of", "read", "write"]

READERS = {
    ".json": "json",
    ".jsonocel": "json",
    ".xml": "xml",
    ".xmlocel": "xml",
    ".sqlite": "sqlite",
    ".db": "sqlite",
    ".xes": "xes",
    ".xes.gz": "xes",
    ".csv": "csv",
    ".parquet": "parquet",
}
"""Endings that can be read, and the format of each."""

_CASES = ("case", "activity", "time", "start", "resource", "group", "missing", "process", "zone")
OPTIONS = {"csv": _CASES, "xes": _CASES}


def format_of(path: Path) -> str:
    """Return the format of a file by its ending; a folder is a log in Parquet.

    Raises
    ------
    UsageError
        An ending that is not known.

    Examples
    --------
    >>> format_of(Path("log.xes.gz")), format_of(Path("log.jsonocel"))
    ('xes', 'json')
    """
    if path.is_dir():
        return "parquet"
    name = path.name.lower()
    for ending in sorted(READERS, key=len, reverse=True):
        if name.endswith(ending):
            return READERS[ending]
    known = ", ".join(READERS)
    fault = Fault("unknown_ending", path.name, detail=known)
    raise UsageError(t("ocel.unknown_ending", file=path.name, known=known), (fault,))


def read(path: Path, **options: Any) -> ReadResult:
    """Read a log from a file of any known format.

    Parameters
    ----------
    path
        The file, or the folder of a log in Parquet.
    options
        ``zone`` for stamps without one; for CSV and XES those of
        :class:`procmine.ocel.exchange.casecentric.CaseOptions`.

    Raises
    ------
    UsageError
        An ending or option that is not known.
    LogError
        A file that is not what its ending says, or cannot be read safely.

    Examples
    --------
    >>> read(Path("nowhere.xml"))
    Traceback (most recent call last):
    procmine.errors.LogError: Filen nowhere.xml findes ikke.
    """
    path = Path(path)
    kind = format_of(path)
    if not path.exists():
        raise LogError(t("ocel.no_file", file=path.name), (Fault("missing_file", path.name),))
    given = {name: value for name, value in options.items() if value not in (None, "", (), [])}
    known = OPTIONS.get(kind, ("zone",))
    unknown = [name for name in given if name not in known]
    if unknown:
        fault = Fault("unknown_option", path.name, detail=", ".join(unknown))
        raise UsageError(t("ocel.unknown_option", file=path.name, names=fault.detail), (fault,))
    if "zone" in given and given["zone"] not in available_timezones():
        fault = Fault("unknown_zone", path.name, detail=str(given["zone"]))
        raise UsageError(t("ocel.unknown_zone", zone=fault.detail), (fault,))
    try:
        with _uncollected():
            return _reader(kind)(path, **given)
    except UnicodeError as error:
        fault = Fault("not_unicode", path.name)
        raise LogError(t("ocel.not_unicode", file=path.name), (fault,)) from error


def write(log: Ocel, path: Path, *, case_type: str | None = None) -> None:
    """Write a log in the format that the file's ending names.

    Parameters
    ----------
    log
        The log.
    path
        ``.json``/``.jsonocel``, ``.xml``/``.xmlocel``, ``.sqlite``, ``.xes``/``.xes.gz``, or
        ``.parquet`` for a folder of tables, the only one that holds roles and lineage.
    case_type
        For XES: whose objects are the traces.

    Raises
    ------
    UsageError
        An ending that cannot be written.
    LogError
        A log that the format cannot hold, or a folder to write to that is not there.
    """
    path = Path(path)
    kind = format_of(path)
    if not path.absolute().parent.is_dir():
        fault = Fault("missing_file", path.parent.name)
        raise LogError(t("ocel.no_file", file=path.parent), (fault,))
    if kind == "json":
        from procmine.ocel.exchange.json_writer import write_json

        write_json(log, path)
    elif kind == "xml":
        from procmine.ocel.exchange.xml_writer import write_xml

        write_xml(log, path)
    elif kind == "sqlite":
        from procmine.ocel.exchange.sqlite_writer import write_sqlite

        write_sqlite(log, path)
    elif kind == "xes":
        from procmine.ocel.exchange.xes_writer import write_xes

        write_xes(log, path, case_type or "")
    elif kind == "parquet":
        log.write(path)
    else:
        known = ", ".join(ending for ending, name in READERS.items() if name != "csv")
        fault = Fault("unknown_ending", path.name, detail=known)
        raise UsageError(t("ocel.unknown_ending", file=path.name, known=known), (fault,))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Rows of text form no cycles: the collector would go through them in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _reader(kind: str) -> Callable[..., ReadResult]:
    if kind == "json":
        from procmine.ocel.exchange.json_reader import read_json as reader
    elif kind == "xml":
        from procmine.ocel.exchange.xml_reader import read_xml as reader
    elif kind == "sqlite":
        from procmine.ocel.exchange.sqlite_reader import read_sqlite as reader
    elif kind == "xes":
        from procmine.ocel.exchange.xes_reader import read_xes as reader
    elif kind == "csv":
        from procmine.ocel.exchange.csv_reader import read_csv as reader
    else:
        return _read_folder
    return reader


def _read_folder(path: Path, **_: Any) -> ReadResult:
    from procmine.ocel.log import Ocel

    return ReadResult(Ocel.read(path))
