"""Draft a profile for unknown files, each guess with the share of rows that support it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.errors import ExportError, Fault
from procmine.exports.careful import fields_of
from procmine.exports.clock import micros
from procmine.exports.draft import draft_table, head_of
from procmine.exports.names import fold
from procmine.exports.persons import has_cpr, mask_cpr, normal_cpr, shown_name
from procmine.exports.stamps import OK, parse_stamps
from procmine.exports.survey import survey_text, utf8_chunks
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Guess", "Sheet", "suggest_profile", "vocabulary"]

_ROWS = 5000
_TOP = 30
_DELIMITERS = (";", ",", "\t", "|")
_MOST = 0.8
_NO_YEAR = 2200
_FIGURE = re.compile(r"^-?[0-9][0-9.,]*([.,])[0-9]{1,2}$")
_FORMATS = (
    "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%y",
    "%d/%m/%Y %H:%M", "%d/%m/%Y", "iso", "%Y%m%d",
)  # fmt: skip


@dataclass(slots=True)
class Guess:
    """What a column seems to hold: its kind, the share that supports it, in words."""

    name: str
    kind: str
    share: float
    why: str
    formats: tuple[str, ...] = ()
    distinct: float = 0.0
    values: tuple[str, ...] = ()
    ahead: bool = False
    begins: bool = False


@dataclass(slots=True)
class Sheet:
    """An unknown file as it was read: how it is written, its header, its columns."""

    path: Path
    encoding: str
    delimiter: str
    header_row: int
    decimal: str = ","
    columns: list[Guess] = field(default_factory=list)


def suggest_profile(files: Sequence[Path], name: str = "") -> str:
    r"""Return the draft of a profile as TOML, to be finished by a person.

    Reads at most 5,000 rows a file. Encoding, delimiter, header row, date formats and the
    kind of each column are guessed; each guess stands with its evidence as a comment. No
    cell is written, but for values of columns with few distinct ones.

    Parameters
    ----------
    files
        CSV or XLSX files.
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
    sheets = [_sheet(path) for path in files]
    name = name or vocabulary()["profile"]
    _links(sheets)
    formats = [f for sheet in sheets for guess in sheet.columns for f in guess.formats]
    dates = tuple(dict.fromkeys((*formats, "iso")))
    below = {kind: lines_below(kind) for kind in ("footer", "totals")}
    parts = [head_of(sheets, name, dates, vocabulary(), below)]
    taken: set[str] = set()
    for sheet in sheets:
        parts.append(draft_table(sheet, taken, vocabulary()))
    return "\n".join(parts)


def _sheet(path: Path) -> Sheet:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        rows, encoding, delimiter = _book_rows(path), "xlsx", ";"
    else:
        rows, encoding, delimiter = _text_rows(path)
    row = _header_row(rows)
    body = [r for r in rows[row + 1 :] if len(r) == len(rows[row]) and any(c.strip() for c in r)]
    if not body:
        shown = shown_name(path.name)
        raise ExportError(t("exports.no_table", file=shown), (Fault("no_table", shown),))
    sheet = Sheet(path, encoding, delimiter, row, _decimal(body))
    for place, cell in enumerate(rows[row]):
        name = mask_cpr(cell.strip())
        if name:
            sheet.columns.append(_guess(name, [r[place].strip() for r in body]))
    return sheet


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
    return [fields_of(line, best) for line in lines], survey.encoding, best


def _book_rows(path: Path) -> list[list[str]]:
    from procmine.exports.workbook import first_rows

    return first_rows(path, _ROWS)


def _header_row(rows: list[list[str]]) -> int:
    """Return the first row as wide as most, with a distinct, dateless name in each cell."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    wide = max(filled[:_TOP], default=0)
    for place, row in enumerate(rows[:_TOP]):
        names = [fold(cell) for cell in row if cell.strip()]
        plain = not any(ch.isdigit() for name in names for ch in name[:2])
        if len(names) >= max(_MOST * wide, 1) and len(set(names)) == len(names) and plain:
            return place
    return 0


@cache
def vocabulary() -> dict[str, str]:
    """Return what a draft calls the objects and relations it guesses.

    Examples
    --------
    >>> "citizen" in vocabulary()
    True
    """
    path = resources.files("procmine.exports") / "suggest.toml"
    return dict(tomllib.loads(path.read_text(encoding="utf-8"))["draft"])


@cache
def _words() -> dict[str, tuple[str, ...]]:
    path = resources.files("procmine.exports") / "suggest.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        kind: tuple(fold(word) for word in words)
        for kind, words in raw.items()
        if isinstance(words, list)
    }


def _by_name(name: str, distinct: float, *, whole: bool) -> Guess | None:
    """Guess by the name of a column; `whole` are cells of one word each, some with digits."""
    if _named(name, "text") and not whole:
        return Guess(name, "text", 1.0, t("exports.suggest_text_name"), (), distinct)
    if _named(name, "secret"):
        return Guess(name, "secret", 1.0, t("exports.suggest_secret"), (), distinct)
    if _named(name, "unit") and (distinct < 0.5 or not whole):
        return Guess(name, "unit", 1 - distinct, t("exports.suggest_unit"), (), distinct)
    if _named(name, "staff"):
        return Guess(name, "staff", 1 - distinct, t("exports.suggest_staff"), (), distinct)
    return None


def lines_below(kind: str) -> tuple[str, ...]:
    """Return the words with which a footer, or a line of totals, begins, as they are written.

    Examples
    --------
    >>> "Total" in lines_below("totals")
    True
    """
    path = resources.files("procmine.exports") / "suggest.toml"
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))[kind])


def _named(name: str, kind: str) -> bool:
    return any(word in fold(name) for word in _words()[kind])


def _guess(name: str, cells: list[str]) -> Guess:
    filled = [cell for cell in cells if cell]
    if not filled:
        kind = "text" if _named(name, "text") else "code"
        return Guess(name, kind, 0.0, t("exports.suggest_empty"))
    total = len(filled)
    distinct = len(set(filled)) / total
    persons = sum(len(normal_cpr(c)) == 10 and has_cpr(c) for c in filled) / total
    if persons >= _MOST or (_named(name, "citizen") and persons > 0):
        return Guess(name, "citizen", persons, t("exports.suggest_citizen"), distinct=distinct)
    formats, dated = _dates(filled)
    if dated >= _MOST:
        ahead = _named(name, "ahead") or _ahead(filled, formats)
        why = t("exports.suggest_ahead" if ahead else "exports.suggest_time")
        begins = _named(name, "start")
        return Guess(name, "time", dated, why, formats, distinct, ahead=ahead, begins=begins)
    return _plain_guess(name, filled, distinct)


def _plain_guess(  # noqa: PLR0911 - one line a kind, the surest first
    name: str, filled: list[str], distinct: float
) -> Guess:
    total = len(filled)
    longest = max(map(len, filled))
    blanks = sum(" " in c for c in filled) / total
    numbers = sum(c.replace(",", "").replace(".", "").lstrip("-").isdigit() for c in filled) / total
    digits = sum(any(ch.isdigit() for ch in c) for c in filled) / total
    values = tuple(sorted({mask_cpr(c)[:40] for c in filled})) if len(set(filled)) <= 60 else ()
    known = _by_name(name, distinct, whole=not blanks and digits > 0)
    if known is not None:
        return known
    if numbers > 0.95 and any(_FIGURE.match(c) for c in filled):
        return Guess(name, "number", numbers, t("exports.suggest_number"), (), distinct)
    if distinct > 0.98 and digits > _MOST and blanks < 0.2 and longest <= 40:
        return Guess(name, "id", distinct, t("exports.suggest_id"), (), distinct)
    if _named(name, "maybe_text") and not values:
        return Guess(name, "text", blanks, t("exports.suggest_text"), (), distinct)
    if blanks > 0.5 and (longest > 60 or not values):
        return Guess(name, "text", blanks, t("exports.suggest_text"), (), distinct)
    numbered = fold(name).split()[-1].endswith(_words()["number"]) and len(set(filled)) > 1
    if digits > _MOST and blanks < 0.2 and (numbered or (not values and numbers < 1)):
        return Guess(name, "ref", digits, t("exports.suggest_ref"), (), distinct)
    if _named(name, "outcome") and values:
        return Guess(name, "outcome", 1 - distinct, t("exports.suggest_outcome"), (), distinct,
                     values)  # fmt: skip
    if _named(name, "activity") and values:
        return Guess(name, "activity", 1 - distinct, t("exports.suggest_activity"), (), distinct,
                     values)  # fmt: skip
    if numbers > 0.95 and not values:
        return Guess(name, "number", numbers, t("exports.suggest_number"), (), distinct)
    return Guess(name, "code", 1 - distinct, t("exports.suggest_code"), (), distinct, values)


def _ahead(filled: list[str], formats: tuple[str, ...]) -> bool:
    """Whether any of the stamps lies after today, but for days that stand for none."""
    stamps = parse_stamps(pa.array(filled, pa.string()), formats, "UTC")
    today = micros(datetime.now(UTC))
    later = (stamps.status == OK) & (stamps.us > today) & (stamps.year < _NO_YEAR)
    return bool(later.any())


def _decimal(rows: Sequence[Sequence[str]]) -> str:
    """Return the sign that stands before the last one or two digits of most figures."""
    counts = Counter(found[1] for row in rows for cell in row if (found := _FIGURE.match(cell)))
    return max(",.", key=lambda sign: counts[sign])


def _dates(filled: list[str]) -> tuple[tuple[str, ...], float]:
    cells = pa.array(filled, pa.string())
    left = np.ones(len(filled), np.bool_)
    used = []
    for pattern in _FORMATS:
        fits = (parse_stamps(cells, (pattern,), "UTC").status == OK) & left
        if fits.any():
            used.append(pattern)
            left &= ~fits
    return tuple(used), 1 - left.sum() / len(filled)


def _links(sheets: list[Sheet]) -> None:
    """Let a column named like another file's id be a reference to it; one id a file."""
    for sheet in sheets:
        ids = [g for g in sheet.columns if g.kind == "id"]
        for extra in ids[1:]:
            extra.kind, extra.why = "ref", t("exports.suggest_ref")
    known = {fold(g.name) for sheet in sheets for g in sheet.columns if g.kind == "id"}
    for sheet in sheets:
        own = next((g for g in sheet.columns if g.kind == "id"), None)
        for guess in sheet.columns:
            numbered = all(any(ch.isdigit() for ch in value) for value in guess.values)
            like_case = _named(guess.name, "case") and numbered and guess.distinct > 0
            named = fold(guess.name) in known or like_case
            if guess is not own and named and guess.kind in ("code", "number", "ref", "text"):
                guess.kind, guess.why = "ref", t("exports.suggest_ref")
