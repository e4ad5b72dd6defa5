"""What a column of an unknown file seems to hold, with the share of rows that support it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from procmine.exports.clock import micros
from procmine.exports.names import fold
from procmine.exports.persons import has_cpr, mask_cpr, normal_cpr
from procmine.exports.stamps import OK, parse_stamps
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DAY_FIRST", "MONTH_FIRST", "Guess", "either_first", "guess_column", "is_named", "month_first",
    "suggest_data", "words",
]  # fmt: skip

_MOST, _SOME = 0.8, 0.2
_FIRST_YEAR, _NO_YEAR = 1990, 2200
_SIGNED = r"^-?(?:\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[, ]\d{3})+)"
_NUMBER = re.compile(rf"{_SIGNED}(?:[.,]\d+)?$")
FIGURE = re.compile(rf"{_SIGNED}([.,])\d{{1,2}}$")
_ZERO = re.compile(r"^0\d+$")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/\d{4}")
ANY_DATE = re.compile(
    r"^(?:\d{1,2}[-/. ]+(?:\d{1,2}|[^\W\d]{3,9})[-/. ]+\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\b"
)
_CODED = re.compile(r"^[^\W\d_]{1,4}[-/ ]?\d+(?:[-/]\d+)*$")
_AGAIN = re.compile(r" \(\d+\)$")
_DAYS = (
    "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%y", "%d-%m-%y", "%d-%m-%Y %H.%M", "%d.%m.%Y %H.%M",
)  # fmt: skip
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_YEARS = ("iso", "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")
_PACKED = ("%Y%m%d", "%Y%m%d %H:%M", "%Y%m%d%H%M%S", "excel")
"""Runs of digits: days only where they name one that a case can have."""
DAY_FIRST = (*_DAYS, *(f"%d/%m/%Y{clock}" for clock in _CLOCKS), *_YEARS)
MONTH_FIRST = (*_DAYS, *(f"%m/%d/%Y{clock}" for clock in _CLOCKS), *_YEARS)


@dataclass(slots=True)
class Guess:
    """What a column seems to hold: its kind, the share that supports it, in words.

    `digits` is the share of cells with a digit; `codes` the table that says what its codes
    mean; `midnight` that every stamp is one; `fixed` that it is the same for all of a case,
    `same` that it is written as another of its kind;
    `alias` its name in the file, where `name` is one that a profile may use; `above` the head
    over several columns, where names alone do not tell them apart.
    """

    name: str
    kind: str
    share: float
    why: str
    formats: tuple[str, ...] = ()
    distinct: float = 0.0
    values: tuple[str, ...] = ()
    ahead: bool = False
    begins: bool = False
    digits: float = 0.0
    codes: str = ""
    midnight: bool = False
    fixed: bool = False
    same: bool = False
    alias: str = ""
    above: str = ""

    @property
    def told(self) -> str:
        """Its name with the head above it."""
        return f"{self.above} {_AGAIN.sub('', self.name)}" if self.above else self.name

    def to_ref(self) -> None:
        """Make it a number that refers to something else."""
        self.kind, self.share, self.why = "ref", self.digits, t("exports.suggest_ref")


@cache
def suggest_data() -> dict[str, Any]:
    """Return what drafts are made with, as data: words by kind, what objects are called.

    Examples
    --------
    >>> "draft" in suggest_data()
    True
    """
    path = resources.files("procmine.exports") / "suggest.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def words() -> dict[str, tuple[str, ...]]:
    """Return the words that names of columns of each kind often hold.

    Examples
    --------
    >>> "unit" in words()
    True
    """
    return {
        kind: tuple(fold(word) for word in found)
        for kind, found in suggest_data().items()
        if isinstance(found, list)
    }


def is_named(name: str, kind: str) -> bool:
    """Whether a column is named like one of a kind.

    Examples
    --------
    >>> is_named("Org Unit", "unit"), is_named("Amount", "unit")
    (True, False)
    """
    folded = _spoken(name)
    ends = words().get(f"{kind}_ends", ())
    whole = words().get(f"{kind}_whole", ())
    return folded in whole or folded.endswith(ends) or any(w in folded for w in words()[kind])


def _spoken(name: str) -> str:
    """Return a column's name as words, without the number that tells it from a like one."""
    return _AGAIN.sub("", fold(name).replace("_", " ")) or name


def month_first(cells: Sequence[str]) -> bool:
    """Whether dates with strokes name the month first.

    Examples
    --------
    >>> month_first(["03/25/2025", "04/01/2025"]), month_first(["25/03/2025"])
    (True, False)
    """
    found = [match for cell in cells if (match := _SLASHED.match(cell))]
    last_day = 12
    first = sum(int(match[1]) > last_day for match in found)
    return sum(int(match[2]) > last_day for match in found) > first


def either_first(cells: Sequence[str]) -> bool:
    """Whether no date with strokes tells the day from the month.

    Examples
    --------
    >>> either_first(["03/04/2025"]), either_first(["25/03/2025"]), either_first(["x"])
    (True, False, False)
    """
    found = [match for cell in cells if (match := _SLASHED.match(cell))]
    last_month = 12
    return bool(found) and all(int(match[k]) <= last_month for match in found for k in (1, 2))


def guess_column(name: str, cells: list[str], patterns: tuple[str, ...]) -> Guess:
    """Guess what a column holds from its name and its cells; `patterns` are those of dates."""
    filled = [cell for cell in cells if cell]
    if not filled:
        kind = "text" if is_named(name, "text") or is_named(name, "personal") else "code"
        return Guess(name, kind, 0.0, t("exports.suggest_empty"))
    total = len(filled)
    distinct = len(set(filled)) / total
    persons = sum(len(normal_cpr(c)) == 10 and has_cpr(c) for c in filled) / total
    if persons >= _SOME or (is_named(name, "citizen") and persons > 0):
        why = t("exports.suggest_citizen" if persons >= _MOST else "exports.suggest_citizens")
        return Guess(name, "citizen", persons, why, distinct=distinct)
    if is_named(name, "personal"):
        return Guess(name, "text", 1.0, t("exports.suggest_personal"), (), distinct)
    formats, dated, midnight = _dates(name, filled, patterns)
    if dated >= _MOST:
        ahead = is_named(name, "ahead") or _ahead(filled, formats)
        why = t("exports.suggest_ahead" if ahead else "exports.suggest_time")
        return Guess(name, "time", dated, why, formats, distinct, ahead=ahead,
                     begins=is_named(name, "start"), midnight=midnight)  # fmt: skip
    digits = sum(any(ch.isdigit() for ch in c) for c in filled) / total
    guess = _plain_guess(name, filled, distinct, digits)
    guess.digits = digits
    if guess.kind in ("text", "code") and sum(map(bool, map(ANY_DATE.match, filled))) > total / 2:
        guess.why = t("exports.suggest_odd_dates")
    return guess


def _plain_guess(  # noqa: PLR0911 - one line a kind, the surest first
    name: str, filled: list[str], distinct: float, digits: float
) -> Guess:
    total = len(filled)
    longest = max(map(len, filled))
    blanks = sum(" " in c for c in filled) / total
    numbers = sum(bool(_NUMBER.match(c)) for c in filled) / total
    zeros = any(_ZERO.match(c) for c in filled)
    many = len(set(filled)) > 60
    values = () if many else tuple(sorted({mask_cpr(c)[:40] for c in filled}))
    known = _by_name(name, distinct, whole=not blanks and digits > 0)
    if known is not None:
        return known
    if is_named(name, "person") and not digits:
        return Guess(name, "text", 1.0, t("exports.suggest_personal"), (), distinct)
    if numbers > 0.95 and any(FIGURE.match(c) for c in filled):
        return Guess(name, "number", numbers, t("exports.suggest_number"), (), distinct)
    if distinct > 0.98 and digits > _MOST and blanks < 0.2 and longest <= 40:
        return Guess(name, "id", distinct, t("exports.suggest_id"), (), distinct)
    if is_named(name, "maybe_text") and many:
        return Guess(name, "text", blanks, t("exports.suggest_text"), (), distinct)
    if blanks > 0.5 and (longest > 60 or many) and not _coded(filled):
        return Guess(name, "text", blanks, t("exports.suggest_text"), (), distinct)
    last = _spoken(name).split()[-1]
    numbered = last.endswith(words()["number"]) and len(set(filled)) > 1
    if digits > _MOST and (
        (_coded(filled) and len(set(filled)) > 20)
        or (blanks < 0.2 and (numbered or (many and (numbers < 1 or zeros))))
    ):
        return Guess(name, "ref", digits, t("exports.suggest_ref"), (), distinct, values)
    if is_named(name, "outcome") and values:
        return Guess(name, "outcome", 1 - distinct, t("exports.suggest_outcome"), (), distinct,
                     values)  # fmt: skip
    if is_named(name, "activity") and values:
        return Guess(name, "activity", 1 - distinct, t("exports.suggest_activity"), (), distinct,
                     values)  # fmt: skip
    if numbers > 0.95 and not values:
        return Guess(name, "number", numbers, t("exports.suggest_number"), (), distinct)
    return Guess(name, "code", 1 - distinct, t("exports.suggest_code"), (), distinct, values)


def _coded(filled: list[str]) -> bool:
    """Whether most cells are letters and a number, as numbers of cases often are."""
    return sum(bool(_CODED.match(c)) for c in filled) > _MOST * len(filled)


def _by_name(name: str, distinct: float, *, whole: bool) -> Guess | None:
    """Guess by the name of a column; `whole` are cells of one word each, some with digits."""
    if is_named(name, "text") and not whole:
        return Guess(name, "text", 1.0, t("exports.suggest_text_name"), (), distinct)
    if is_named(name, "secret"):
        return Guess(name, "secret", 1.0, t("exports.suggest_secret"), (), distinct)
    if is_named(name, "unit") and (distinct < 0.5 or not whole):
        return Guess(name, "unit", 1 - distinct, t("exports.suggest_unit"), (), distinct)
    if is_named(name, "staff"):
        return Guess(name, "staff", 1 - distinct, t("exports.suggest_staff"), (), distinct)
    return None


def _ahead(filled: list[str], formats: tuple[str, ...]) -> bool:
    """Whether any of the stamps lies after today, but for days that stand for none."""
    stamps = parse_stamps(pa.array(filled, pa.string()), formats, "UTC")
    today = micros(datetime.now(UTC))
    later = (stamps.status == OK) & (stamps.us > today) & (stamps.year < _NO_YEAR)
    return bool(later.any())


def _dates(
    name: str, filled: list[str], patterns: tuple[str, ...]
) -> tuple[tuple[str, ...], float, bool]:
    """Return the formats that fit, the commonest first, their share, and if all are midnights.

    Runs of digits are dates only in a column that is named like one, or that holds others.
    """
    cells = pa.array(filled, pa.string())
    hits: dict[str, np.ndarray] = {}
    midnight = np.zeros(len(filled), np.bool_)
    for pattern in (*patterns, *_PACKED):
        stamps = parse_stamps(cells, (pattern,), "UTC")
        good = stamps.status == OK
        if pattern in _PACKED:
            dated = any(found.any() for found in hits.values()) or is_named(name, "date")
            good &= (stamps.year >= _FIRST_YEAR) & (stamps.year < _NO_YEAR) & dated
        hits[pattern] = good
        midnight |= good & (stamps.precision > 1)
    left = np.ones(len(filled), np.bool_)
    used = []
    while left.any():
        best = max(hits, key=lambda pattern: int((hits[pattern] & left).sum()))
        if not (hits[best] & left).any():
            break
        used.append(best)
        left &= ~hits[best]
    noon = [c for c, told in zip(filled, midnight, strict=True) if told]
    return tuple(used), 1 - left.sum() / len(filled), bool(noon) and all(map(_is_midnight, noon))


def _is_midnight(cell: str) -> bool:
    return bool(re.search(r"[ T](?:00?:00(?::00(?:[.,]0+)?)?|12:00(?::00)? AM)(?: ?[Z+-][\d:]*)?$",
                          cell))  # fmt: skip
