"""The hand check: a sheet of handovers that people judge, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, UsageError
from procmine.text import t
from procmine.text.formats import day, moment, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["SIZE", "Agreement", "draw_handovers", "read_sheet", "write_sheet"]

SIZE = 25
_COLUMNS = ("number", "case", "sent", "received", "sender", "receiver", "grade", "redundant",
            "explanation", "agree", "comment", "key")  # fmt: skip
_WIDTHS = (6, 14, 24, 24, 20, 20, 24, 14, 70, 14, 40, 30)
_HEAD = 4
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of the handovers judged by hand people agreed with.

    Examples
    --------
    >>> found = Agreement(judged=20, agreed=18)
    >>> found.share, [round(bound, 3) for bound in found.interval]
    (0.9, [0.699, 0.972])
    """

    judged: int
    agreed: int
    comments: tuple[tuple[str, str], ...] = ()
    """Key of the handover and what was written beside it."""

    @property
    def share(self) -> float | None:
        """The share agreed with; None before anything was judged."""
        return self.agreed / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share (Wilson 1927)."""
        if not self.judged:
            return 0.0, 1.0
        n, p = self.judged, self.agreed / self.judged
        base = 1 + _Z**2 / n
        middle = (p + _Z**2 / (2 * n)) / base
        half = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2)) / base
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def sentence(self) -> str:
        """Say it in Danish, to stand beside every figure of redundancy."""
        if self.share is None:
            return t("handcheck.none")
        low, high = self.interval
        return t(
            "handcheck.agreement",
            agreed=number(self.agreed),
            judged=number(self.judged),
            low=percent(low),
            high=percent(high),
        )


def draw_handovers(handovers: pa.Table, *, size: int = SIZE, seed: int = 1) -> pa.Table:
    """Draw handovers to be judged: the same for the same table and seed.

    Half of them are redundant ones, where there are as many, since those are what the
    check is for; the rest are drawn among all others whose visit was graded or merged.

    Parameters
    ----------
    handovers
        The fact table (schema HANDOVERS).
    size
        How many, 25 by default.
    seed
        Any whole number.

    Returns
    -------
    table
        At most `size` rows, by case and time.

    Examples
    --------
    >>> from procmine.tables.facts import HANDOVERS
    >>> draw_handovers(HANDOVERS.empty()).num_rows
    0
    """
    told = np.asarray(pc.is_valid(handovers["redundant"]), dtype=np.bool_)
    redundant = np.asarray(pc.fill_null(handovers["redundant"], fill_value=False), dtype=np.bool_)
    rng = np.random.default_rng(seed)
    first, others = np.flatnonzero(redundant), np.flatnonzero(told & ~redundant)
    wanted = min(len(first), max((size + 1) // 2, size - len(others)))
    rest = min(len(others), size - wanted)
    rows = np.concatenate(
        [rng.choice(first, wanted, replace=False), rng.choice(others, rest, replace=False)]
    )
    drawn = handovers.take(pa.array(rows.astype(np.int64)))
    return drawn.sort_by([("case_id", "ascending"), ("to_time", "ascending")])


def write_sheet(drawn: pa.Table, file: Path, *, title: str = "") -> None:
    """Write the drawn handovers as a workbook with two columns to be filled in.

    Parameters
    ----------
    drawn
        Rows of the fact table, e.g. of :func:`draw_handovers`.
    file
        Where to write, ``.xlsx``.
    title
        The process's label.
    """
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=False)
    for empty in list(book.worksheets):
        book.remove(empty)
    sheet = book.create_sheet(t("handcheck.sheet"))
    sheet["A1"] = t("handcheck.title", process=title)
    sheet["A2"] = t("handcheck.question")
    for place, name in enumerate(_COLUMNS, start=1):
        sheet.cell(_HEAD, place, t(f"handcheck.column.{name}"))
        sheet.column_dimensions[_letter(place)].width = _WIDTHS[place - 1]
    for line, row in enumerate(_lines(drawn), start=_HEAD + 1):
        for place, value in enumerate(row, start=1):
            sheet.cell(line, place, _harmless(value))
    answers = f'"{t("handcheck.agree")},{t("handcheck.disagree")}"'
    choice = DataValidation(type="list", formula1=answers, allow_blank=True)
    letter = _letter(_COLUMNS.index("agree") + 1)
    choice.add(f"{letter}{_HEAD + 1}:{letter}{_HEAD + max(drawn.num_rows, 1)}")
    sheet.add_data_validation(choice)
    sheet.column_dimensions[_letter(_COLUMNS.index("key") + 1)].hidden = True
    sheet.freeze_panes = f"A{_HEAD + 1}"
    book.save(file)
    book.close()


def read_sheet(file: Path) -> Agreement:
    """Read a filled-in sheet.

    Raises
    ------
    UsageError
        No such sheet, or an answer that is neither of the two; names its lines.
    """
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True)
    try:
        rows = _answers(book.worksheets[0])
    finally:
        book.close()
    yes, no = t("handcheck.agree").casefold(), t("handcheck.disagree").casefold()
    wrong = [line for line, answer, _, _ in rows if answer and answer not in (yes, no)]
    if wrong:
        message = t("handcheck.wrong", rows=", ".join(map(str, wrong[:5])))
        raise UsageError(message, (Fault("wrong_answer", file.name, rows=tuple(wrong[:5])),))
    return Agreement(
        judged=sum(bool(answer) for _, answer, _, _ in rows),
        agreed=sum(answer == yes for _, answer, _, _ in rows),
        comments=tuple((key, comment) for _, _, comment, key in rows if comment),
    )


def _lines(drawn: pa.Table) -> Iterator[tuple[str | int, ...]]:
    for place, row in enumerate(drawn.to_pylist(), start=1):
        known = row["gap_business_hours"] is not None
        show = moment if known else day
        grade = row["grade"] or row["grade_reason"]
        yield (
            place, row["case_id"], show(row["from_time"]), show(row["to_time"]),
            row["from"], row["to"], t(f"handcheck.grade.{grade}"),
            t("handcheck.yes") if row["redundant"] else t("handcheck.no"),
            row["explanation"], "", "", f"{row['case_id']}|{row['to_event']}",
        )  # fmt: skip


def _answers(sheet: Worksheet) -> list[tuple[int, str, str, str]]:
    """Return line, answer, comment and key of each row below the headings."""
    rows = sheet.iter_rows(min_row=_HEAD, values_only=True)
    heads: Sequence[object] = next(iter(rows), ())
    names = [str(head or "") for head in heads]
    wanted = [t(f"handcheck.column.{name}") for name in ("agree", "comment", "key")]
    if not set(wanted) <= set(names):
        raise UsageError(t("handcheck.not_a_sheet"), (Fault("not_a_sheet"),))
    agree, comment, key = (names.index(name) for name in wanted)
    found = []
    for line, row in enumerate(rows, start=_HEAD + 1):
        texts = [str(value).strip() if value is not None else "" for value in row]
        texts += [""] * (len(names) - len(texts))
        if texts[key]:
            found.append((line, texts[agree].casefold(), texts[comment], texts[key]))
    return found


def _letter(place: int) -> str:
    return chr(ord("A") + place - 1)


def _harmless(value: str | int) -> str | int:
    """Return text that a spreadsheet program does not take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
