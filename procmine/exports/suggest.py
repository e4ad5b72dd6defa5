"""Draft a profile for unknown files, each guess with the share of rows that support it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import ExportError, Fault
from procmine.exports.careful import fields_of, rows_of
from procmine.exports.draft import draft_table, head_of, pattern_of, table_names
from procmine.exports.guesses import (
    ANY_DATE,
    DAY_FIRST,
    FIGURE,
    MONTH_FIRST,
    Guess,
    either_first,
    guess_column,
    is_named,
    month_first,
    suggest_data,
)
from procmine.exports.header import numbered_names
from procmine.exports.names import fold, reserved, tidy
from procmine.exports.persons import has_cpr, mask_cpr, shown_name
from procmine.exports.survey import survey_text, utf8_chunks
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Sheet", "suggest_profile", "vocabulary"]

_ROWS = 5000
_TOP = 30
_DELIMITERS = (";", ",", "\t", "|")
_MOST = 0.8
_HEAD = 200
_TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")
_STEADY, _CHANGES = 0.99, 1.5
_CODED = ("code", "unit", "ref", "activity", "outcome")


@dataclass(slots=True)
class Sheet:
    """An unknown file as it was read: how it is written, its header, its columns."""

    path: Path
    encoding: str
    delimiter: str
    header_row: int
    decimal: str = ","
    columns: list[Guess] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    sheet: str = ""
    month_first: bool = False
    either_first: bool = False
    code_list: tuple[str, str] | None = None

    def cells(self, guess: Guess) -> list[str]:
        """Return the cells of a column, without blanks around them."""
        place = self.places[self.columns.index(guess)]
        return [row[place].strip() for row in self.rows]

    @property
    def dates(self) -> tuple[str, ...]:
        """The formats of its dates, the first to be tried first."""
        return tuple(dict.fromkeys(f for guess in self.columns for f in guess.formats))


def suggest_profile(files: Sequence[Path], name: str = "") -> str:
    r"""Return the draft of a profile as TOML, to be finished by a person.

    Reads at most 5,000 rows a file. Encoding, delimiter, header row, date formats and the
    kind of each column are guessed; each guess stands with its evidence as a comment. No
    cell is written, but for values of columns with few distinct ones.

    Parameters
    ----------
    files
        CSV or XLSX files; folders, and patterns that no shell has resolved, stand for theirs.
    name
        The profile's name; a stock one where none is given.

    Raises
    ------
    ExportError
        A file that cannot be read as a table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = path.write_text("id;when\na;02-03-2026 09:00\nb;03-03-2026 09:00\n")
    >>> '"when" = { kind = "time" }' in suggest_profile([path])
    True
    """
    sheets = _different([_sheet(path) for path in _files(files)])
    name = name or vocabulary()["profile"]
    _code_lists(sheets)
    _links(sheets)
    for sheet in sheets:
        _by_case(sheet)
    below = {kind: lines_below(kind) for kind in ("footer", "totals")}
    parts = [head_of(sheets, name, vocabulary(), below)]
    names = table_names(sheets, vocabulary())
    parts += [draft_table(sheet, sheets, names, vocabulary()) for sheet in sheets]
    return "\n".join(parts)


def _files(named: Sequence[Path]) -> list[Path]:
    """Return the files meant: a folder's tables, or what fits a pattern."""
    found: list[Path] = []
    for path in named:
        if path.is_dir():
            found += sorted(one for one in path.iterdir() if one.suffix.lower() in _TABLES)
        elif "*" in path.name and path.parent.is_dir():
            found += sorted(path.parent.glob(path.name))
        else:
            found.append(path)
    if not found:
        raise ExportError(t("exports.no_tables_here"), (Fault("no_files"),))
    return found


def _different(sheets: list[Sheet]) -> list[Sheet]:
    """Return one of the files of each kind: months of a table are one table."""
    kinds: dict[tuple[str, ...], Sheet] = {}
    for sheet in sheets:
        names = (fold(guess.name) for guess in sheet.columns)
        kinds.setdefault((pattern_of(sheet), *names), sheet)
    return list(kinds.values())


def _sheet(path: Path) -> Sheet:
    shown = shown_name(path.name)
    if not path.is_file():
        raise ExportError(t("exports.file_missing", file=shown), (Fault("no_file", shown),))
    title = ""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        title, rows = _book_rows(path)
        encoding, delimiter = "xlsx", ";"
    else:
        rows, encoding, delimiter = _text_rows(path)
    row = _header_row(rows)
    head = rows[row] if rows else []
    if any(has_cpr(cell) or ANY_DATE.match(cell.strip()) for cell in head):
        raise ExportError(t("exports.no_names", file=shown), (Fault("no_header", shown),))
    body = [r for r in rows[row + 1 :] if len(r) == len(head) and any(c.strip() for c in r)]
    if not body:
        raise ExportError(t("exports.no_table", file=shown), (Fault("no_table", shown),))
    sheet = Sheet(path, encoding, delimiter, row, _decimal(body), rows=body, sheet=mask_cpr(title))
    cells = [cell for r in body for cell in r]
    sheet.month_first, sheet.either_first = month_first(cells), either_first(cells)
    patterns = MONTH_FIRST if sheet.month_first else DAY_FIRST
    names = numbered_names(head)
    above = _above(rows[row - 1], len(head)) if row and names != head else [""] * len(head)
    for place, cell in enumerate(names):
        name = tidy(cell)
        if not name or has_cpr(name):
            continue
        guess = guess_column(name, [r[place].strip() for r in body], patterns)
        guess.above = mask_cpr(tidy(above[place]))[:40]
        if reserved(name):  # a name of our own, and the file's beside it
            guess.alias = name
            own = name.strip("_# ")
            free = own and fold(own) not in map(fold, (*names, *(g.name for g in sheet.columns)))
            guess.name = own if free else f"{own or vocabulary()['column']} {place + 1}"
        sheet.columns.append(guess)
        sheet.places.append(place)
    return sheet


def _above(row: list[str], width: int) -> list[str]:
    """Return what stands above each column: a merged head stands above the first of its own."""
    found, last = [], ""
    for cell in [*row, *[""] * (width - len(row))][:width]:
        last = cell.strip() or last
        found.append(last)
    return found if len(set(found) - {""}) > 1 else [""] * width


def _text_rows(path: Path) -> tuple[list[list[str]], str, str]:
    survey = survey_text(path)
    text = b""
    for chunk in utf8_chunks(path, survey):
        text += chunk
        if text.count(b"\n") > _ROWS:
            break
    lines = text.decode("utf-8", "ignore").replace("\r\n", "\n").split("\n")[:_ROWS]
    scores = {}
    for delimiter in _DELIMITERS:
        widths = [len(fields_of(line, delimiter)) for line in lines[:200] if line.strip()]
        common = max(set(widths), key=widths.count, default=1)
        scores[delimiter] = (common > 1) * widths.count(common) * 1000 + common
    best = max(_DELIMITERS, key=scores.__getitem__)
    return rows_of(lines, best), survey.encoding, best


def _book_rows(path: Path) -> tuple[str, list[list[str]]]:
    """Return the sheet that holds most: a cover sheet in front of the table holds little."""
    from procmine.exports.workbook import sheet_rows

    sheets = sheet_rows(path, _HEAD)
    held = {name: sum(bool(c.strip()) for row in rows for c in row) for name, rows in sheets}
    best = max(held, key=held.__getitem__, default="")
    return best, dict(sheet_rows(path, _ROWS, best))[best] if best else []


def _header_row(rows: list[list[str]]) -> int:
    """Return the first row as wide as most, with a dateless name in each cell.

    One whose names are distinct comes before one in which some stand twice.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    wide = max(filled[:_TOP], default=0)
    twice = None
    for place, row in enumerate(rows[:_TOP]):
        names = [fold(cell) for cell in row if cell.strip()]
        plain = not any(ch.isdigit() for name in names for ch in name[:2])
        if len(names) >= max(_MOST * wide, 1) and plain:
            if len(set(names)) == len(names):
                return place
            twice = place if twice is None else twice
    return twice or 0


@cache
def vocabulary() -> dict[str, str]:
    """Return what a draft calls the objects and relations it guesses.

    Examples
    --------
    >>> "citizen" in vocabulary()
    True
    """
    return dict(suggest_data()["draft"])


def lines_below(kind: str) -> tuple[str, ...]:
    """Return the words with which a footer, or a line of totals, begins, as they are written.

    Examples
    --------
    >>> "Total" in lines_below("totals")
    True
    """
    return tuple(suggest_data()[kind])


def _decimal(rows: Sequence[Sequence[str]]) -> str:
    """Return the sign that stands before the last one or two digits of most figures."""
    counts = Counter(found[1] for row in rows for cell in row if (found := FIGURE.match(cell)))
    return max(",.", key=lambda sign: counts[sign])


def _code_lists(sheets: list[Sheet]) -> None:
    """Find lists of codes, and the columns of other files whose codes they explain."""
    for sheet in sheets:
        if not _is_code_list(sheet):
            continue
        code, label = sheet.columns
        held = {*sheet.cells(code), ""}
        used = [
            (other, guess) for other in sheets if other is not sheet for guess in other.columns
            if guess.kind in _CODED and held.issuperset(other.cells(guess))
            and (fold(guess.name) == fold(code.name) or guess.kind == "unit")
        ]  # fmt: skip
        unit = any(is_named(name, "unit") for name in (code.name, label.name))
        if used:
            sheet.code_list = (code.name, label.name)
            for guess in (code, label):
                guess.kind, guess.why, guess.share = "plain", t("exports.suggest_code_list"), 1.0
        for _, guess in used:
            guess.kind = "unit" if unit or guess.kind == "unit" else "code"
            guess.codes = sheet.path.name
            guess.why, guess.share = t("exports.suggest_codes"), 1.0


def _is_code_list(sheet: Sheet) -> bool:
    """Whether a file has a code and a label, each of them once, that are no person's or case's."""
    apart = ("case", "citizen", "staff", "personal")
    if [g.distinct for g in sheet.columns] != [1.0, 1.0]:
        return False
    code, label = sheet.columns
    alike = label.kind in ("code", "text", "unit", "plain")
    return alike and not any(is_named(code.name, kind) for kind in apart)


def _by_case(sheet: Sheet) -> None:
    """Say what is the same for all of a case, and find what changes most within one."""
    cases = [g for g in sheet.columns if g.kind == "ref" and g.distinct < _MOST]
    case = next((g for g in cases if is_named(g.name, "case")), cases[0] if cases else None)
    if case is None:
        return
    numbers = sheet.cells(case)
    means: dict[str, float] = {}
    for guess in sheet.columns:
        held: dict[str, set[str]] = {}
        for number, cell in zip(numbers, sheet.cells(guess), strict=True):
            if number and cell:
                held.setdefault(number, set()).add(cell)
        sizes = [len(found) for found in held.values()] or [1]
        guess.fixed = guess is not case and sizes.count(1) >= _STEADY * len(sizes)
        wordy = sum(not value.isdigit() for value in guess.values) > len(guess.values) / 2
        said = guess.codes or is_named(guess.name, "status")
        if guess.kind == "code" and wordy and not said:
            means[guess.name] = sum(sizes) / len(sizes)
        guess.same = guess.kind in ("staff", "unit") and any(
            other.kind == guess.kind and sheet.cells(other) == sheet.cells(guess)
            for other in sheet.columns[: sheet.columns.index(guess)]
        )
    best = max(means, key=means.__getitem__, default="")
    times = [g for g in sheet.columns if g.kind == "time" and not (g.ahead or g.fixed)]
    one = len([g for g in times if not g.begins]) == 1  # several are steps of one row
    if not one or not best or any(g.kind == "activity" for g in sheet.columns):
        return
    if means[best] < _CHANGES:
        return
    guess = next(g for g in sheet.columns if g.name == best)
    guess.kind, guess.why = "activity", t("exports.suggest_activity_case")


def _links(sheets: list[Sheet]) -> None:
    """Let a column named like another file's id be a reference to it; one id a file."""
    for sheet in sheets:
        ids = [g for g in sheet.columns if g.kind == "id"]
        for extra in ids[1:]:
            extra.to_ref()
    known = {fold(g.name) for sheet in sheets for g in sheet.columns if g.kind == "id"}
    for sheet in sheets:
        own = next((g for g in sheet.columns if g.kind == "id"), None)
        for guess in sheet.columns:
            like_case = is_named(guess.name, "case") and guess.digits > _MOST and not any(
                is_named(guess.name, kind) for kind in ("text", "personal", "apart"))  # fmt: skip
            named = fold(guess.name) in known or like_case
            if guess is not own and named and guess.kind in ("code", "number", "ref", "text"):
                guess.to_ref()
