"""A folder of export files: which file is which table, and what the delivery is called."""

from __future__ import annotations

import fnmatch
import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import ExportError, Fault
from procmine.exports.header import Header
from procmine.exports.persons import mask_cpr, shown_name
from procmine.exports.survey import Survey, survey_text
from procmine.exports.text_file import csv_header
from procmine.exports.workbook import Book, open_book
from procmine.tables.digests import in_letters
from procmine.text import t

if TYPE_CHECKING:
    from procmine.exports.profile import Profile, TableSpec

__all__ = ["Delivery", "Source", "find_delivery"]

_WORKBOOKS = (".xlsx", ".xlsm")
_PACKED = (".zip", ".7z", ".rar", ".gz")
_ASIDE = (".toml", ".md", ".json", ".txt", ".key")
_MADE_UP = ("SYNTETISK", "SYNTETISK.txt")
_DIGEST = 32
_PIECE = 1024 * 1024
_HELD = 128 * 1024 * 1024


@dataclass(slots=True)
class Source:
    """One file of the delivery, looked over and matched to its table."""

    path: Path
    shown: str
    table: TableSpec
    digest: str
    survey: Survey | None = None
    delimiter: str = ""
    book: Book | None = None
    header: Header | None = None
    state: tuple[int, ...] = ()
    """The file's size and when it was last written, as it was before it was looked over."""

    def check_unchanged(self) -> None:
        """Make sure that the file is the one that was looked over.

        Raises
        ------
        ExportError
            It was written to, replaced or taken away since.
        """
        try:
            same = _state(self.path) == self.state
        except OSError:
            same = False
        if not same:
            fault = Fault("changed_meanwhile", self.shown)
            raise ExportError(t("exports.changed_meanwhile", file=self.shown), (fault,))

    @property
    def headers(self) -> tuple[Header, ...]:
        """Every header of the file: one, or one a sheet."""
        if self.book is not None:
            return tuple(self.book.headers.values())
        return (self.header,) if self.header is not None else ()

    @property
    def labels(self) -> list[str]:
        """How a row's file is named: by its own name, beyond the first sheet with the sheet's."""
        sheets = self.book.places if self.book is not None else [0]
        further = [t("exports.sheet", file=self.shown, n=place + 1) for place in sheets[1:]]
        return [self.shown, *further]


@dataclass(slots=True)
class Delivery:
    """The files of one delivery in a stable order, and those that no table claims."""

    folder: Path
    name: str
    digest: str
    sources: list[Source]
    others: list[str]

    @property
    def synthetic(self) -> bool:
        """Whether the delivery says of itself that it is made up."""
        marked = any((self.folder / name).exists() for name in _MADE_UP)
        return marked or any(h.synthetic for s in self.sources for h in s.headers)

    def title_date(self) -> date | None:
        """Return the latest date in the files' title blocks that is not ahead of today."""
        today = date.today()  # noqa: DTZ011 - a day for people
        dates = [d for s in self.sources for h in s.headers for d in h.dates if d <= today]
        return max(dates, default=None)


def find_delivery(folder: Path, profile: Profile) -> Delivery:
    """Match the files of a folder to the profile's tables and look each of them over.

    Raises
    ------
    ExportError
        No such folder, no file of any table, a link out of the folder, or a file that
        cannot be read (empty, binary, a zip bomb, without a header).
    """
    if not folder.is_dir():
        raise ExportError(t("exports.no_folder", path=mask_cpr(str(folder))), (Fault("no_folder"),))
    root = folder.resolve()
    sources, others = [], []
    for path in sorted(folder.rglob("*")):
        shown = shown_name(path.relative_to(folder).as_posix())
        if path.is_dir():
            if path.is_symlink():
                others.append(shown)
            continue
        tables = _tables_of(path.name, profile)
        table = tables[0] if tables else None
        if path.is_symlink() or not path.resolve().is_relative_to(root):
            if table is not None:
                fault = Fault("outside_folder", shown)
                raise ExportError(t("exports.outside_folder", file=shown), (fault,))
            others.append(shown)
            continue
        if table is None:
            aside = path.suffix.lower() in _ASIDE or path.name in _MADE_UP
            if not aside and not path.name.startswith((".", "~$")):
                others.append(shown)
            continue
        if not path.is_file():
            raise ExportError(t("exports.no_file", file=shown), (Fault("no_file", shown),))
        sources.append(_look_at(path, shown, tables))
        _hold(sources)
    if not sources:
        patterns = ", ".join(p for table in profile.tables for p in table.files)
        message = t("exports.no_files", path=shown_name(folder.name), patterns=patterns)
        if any(name.casefold().endswith(_PACKED) for name in others):
            message = f"{message} {t('exports.packed')}"
        raise ExportError(message, (Fault("no_files"),))
    digest = _digest(sources)
    name = f"{shown_name(folder.resolve().name)}-{digest[:8]}"
    return Delivery(folder, name, digest, sources, others)


def _hold(sources: list[Source]) -> None:
    """Let the last workbook's sheets go where those held would be too much for memory."""
    book = sources[-1].book
    if book is not None and sum(s.book.weight for s in sources if s.book) > _HELD:
        book.let_go()


def _tables_of(name: str, profile: Profile) -> list[TableSpec]:
    """Return the tables whose patterns a file's name fits, the longest pattern first."""
    if name.startswith((".", "~$")):
        return []
    folded = _composed(name)
    fits = []
    for table in profile.tables:
        patterns = [p for p in table.files if fnmatch.fnmatchcase(folded, _composed(p))]
        if patterns:
            fits.append((max(map(len, patterns)), table))
    return [table for _, table in sorted(fits, key=lambda fit: -fit[0])]


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _look_at(path: Path, shown: str, tables: list[TableSpec]) -> Source:
    """Look a file over as the first of the tables whose columns it has.

    Raises
    ------
    ExportError
        It has the columns of none; what is said is of the table that its name fits best.
    """
    first: ExportError | None = None
    for table in tables:
        try:
            return _look(path, shown, table)
        except ExportError as error:
            if not {fault.code for fault in error.faults} <= {"missing_column", "no_header"}:
                raise
            first = first or error
    raise first or ExportError(t("exports.no_file", file=shown), (Fault("no_file", shown),))


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _look(path: Path, shown: str, table: TableSpec) -> Source:
    total, state = hashlib.sha256(), _state(path)
    if path.suffix.lower() in _WORKBOOKS:
        if not path.stat().st_size:
            raise ExportError(t("exports.empty_file", file=shown), (Fault("empty_file", shown),))
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                total.update(piece)
        digest = in_letters(total.hexdigest()[:_DIGEST])
        return Source(path, shown, table, digest, book=open_book(path, table), state=state)
    survey = survey_text(path, table.file.encoding, total.update)
    header, delimiter = csv_header(path, table, survey, shown)
    digest = in_letters(total.hexdigest()[:_DIGEST])
    return Source(path, shown, table, digest, survey, delimiter, None, header, state)


def _digest(sources: list[Source]) -> str:
    total = hashlib.sha256()
    for source in sources:
        total.update(f"{source.table.name}\0{source.digest}\0".encode())
    return in_letters(total.hexdigest()[:_DIGEST])
