"""A sheet that people fill in by hand: out as a workbook, back in with its answers.

Which rows are drawn rests on SHA-256 of seed and key alone (spec effects, section 7), so
that a row that leaves the log costs one place of the sample and not the whole sample.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from procmine.errors import Fault, TableError
from procmine.exports.workbook import first_rows
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Answer", "Filled", "Sheet", "key_hash", "rank", "read_sheet", "wilson", "write_sheet"]

_HEAD = 4
_MOST = 5_000
_Z = 1.959964
_MARK = "procmine"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: texts above, columns with their widths, rows, the allowed answers.

    The last three columns are the answer, the comment and the key, which is hidden.
    """

    kind: str
    process: str
    seed: str
    title: str
    question: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str | int, ...], ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered row: its line, its key, and the place of the answer among the allowed."""

    line: int
    key: str
    answer: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet read back: which one it was, and its answered rows."""

    kind: str
    process: str
    seed: str
    rows: int
    answers: tuple[Answer, ...]


def rank(seed: str, keys: Sequence[str]) -> list[int]:
    """Return the places of `keys` in the order in which they are drawn.

    Examples
    --------
    >>> rank("horsens-2027K1", ["a", "b", "c"])
    [2, 0, 1]
    """
    digests = [hashlib.sha256(f"{seed}|{key}".encode()).digest() for key in keys]
    return sorted(range(len(keys)), key=lambda place: (digests[place], keys[place]))


def key_hash(seed: str, key: str) -> str:
    """Return what is kept of a key once its answer is stored: no case number.

    Examples
    --------
    >>> len(key_hash("seed", "C1|e7"))
    16
    """
    return hashlib.sha256(f"{seed}|{key}".encode()).hexdigest()[:16]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927); 0 to 1 where `n` is 0.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(18, 20)]
    [0.699, 0.972]
    """
    if not n:
        return 0.0, 1.0
    p = hits / n
    base = 1 + _Z**2 / n
    middle = (p + _Z**2 / (2 * n)) / base
    half = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2)) / base
    return max(middle - half, 0.0), min(middle + half, 1.0)


def write_sheet(sheet: Sheet, file: Path) -> None:
    """Write a workbook with the rows and a list of allowed answers in the answer column.

    Parameters
    ----------
    sheet
        What to write.
    file
        Where, ``.xlsx``.
    """
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=False)
    for empty in list(book.worksheets):
        book.remove(empty)
    page = book.create_sheet(t("sheet.name"))
    page["A1"] = _harmless(sheet.title)
    page["A2"] = sheet.question
    page["A3"] = json.dumps([_MARK, sheet.kind, sheet.process, sheet.seed], ensure_ascii=False)
    for place, name in enumerate(sheet.columns, start=1):
        page.cell(_HEAD, place, name)
        page.column_dimensions[_letter(place)].width = sheet.widths[place - 1]
    for line, row in enumerate(sheet.rows, start=_HEAD + 1):
        for place, value in enumerate(row, start=1):
            page.cell(line, place, _harmless(value))
    choice = DataValidation(type="list", formula1=f'"{",".join(sheet.answers)}"', allow_blank=True)
    letter = _letter(len(sheet.columns) - 2)
    choice.add(f"{letter}{_HEAD + 1}:{letter}{_HEAD + max(len(sheet.rows), 1)}")
    page.add_data_validation(choice)
    page.column_dimensions[_letter(len(sheet.columns))].hidden = True
    page.freeze_panes = f"A{_HEAD + 1}"
    book.save(file)
    book.close()


def read_sheet(file: Path, answers: dict[str, tuple[str, ...]]) -> Filled:
    """Read a filled-in sheet.

    Parameters
    ----------
    file
        The workbook.
    answers
        The allowed answers by kind of sheet.

    Raises
    ------
    TableError
        Not such a sheet, a row that stands twice, or an answer that is not allowed; names
        lines, never cells.
    ExportError
        No workbook, or one that unpacks without end.
    """
    rows = first_rows(file, _MOST)
    kind, process, seed = _mark(rows)
    if kind not in answers:
        raise TableError(t("sheet.not_a_sheet"), (Fault("not_a_sheet", file.name),))
    width = sum(bool(head.strip()) for head in rows[_HEAD - 1])
    allowed = [word.casefold() for word in answers[kind]]
    found, wrong, keys = [], [], []
    for line, row in enumerate(rows[_HEAD:], start=_HEAD + 1):
        answer, comment, key = (cell.strip() for cell in (*row, "", "", "")[width - 3 : width])
        if not key:
            continue
        key = key.removeprefix("'")
        keys.append(key)
        if answer and answer.casefold() not in allowed:
            wrong.append(line)
        elif answer:
            found.append(Answer(line, key, allowed.index(answer.casefold()), comment))
    _refuse(wrong, "wrong_answer", file, allowed=", ".join(answers[kind]))
    twice = [a.line for n, a in enumerate(found) if a.key in {b.key for b in found[:n]}]
    _refuse(twice, "row_twice", file)
    return Filled(kind, process, seed, len(keys), tuple(found))


def _mark(rows: list[list[str]]) -> tuple[str, str, str]:
    """Return kind, process and seed from the line above the headings; empty where none is."""
    text = rows[_HEAD - 2][0] if len(rows) >= _HEAD and rows[_HEAD - 2] else ""
    try:
        mark, kind, process, seed = json.loads(text)
    except (ValueError, TypeError):
        return "", "", ""
    return (str(kind), str(process), str(seed)) if mark == _MARK else ("", "", "")


def _refuse(lines: list[int], code: str, file: Path, **values: str) -> None:
    if lines:
        shown = ", ".join(map(str, lines[:_SHOWN]))
        fault = Fault(code, file.name, rows=tuple(lines[:_SHOWN]), count=len(lines))
        raise TableError(t(f"sheet.{code}", rows=shown, **values), (fault,))


def _letter(place: int) -> str:
    return chr(ord("A") + place - 1)


def _harmless(value: str | int) -> str | int:
    """Return text that a spreadsheet program does not take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
