"""The report as plain data: one model that the PDF, the DOCX and the HTML file are made from.

Nothing here reads a file, draws or knows a format. Every text is finished Danish; every
number in it is written out. A writer only lays it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Bars",
    "Blank",
    "Block",
    "Curve",
    "Curves",
    "Figure",
    "Listing",
    "Paragraph",
    "Picture",
    "ReportModel",
    "Section",
    "Table",
]

Tone = Literal["plain", "lead", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; its tone says what it is for, not how it looks.

    Examples
    --------
    >>> Paragraph("Tekst.").tone
    'plain'
    """

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of short sentences.

    Examples
    --------
    >>> Listing(("En.", "To.")).items[1]
    'To.'
    """

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row; the first column names the row.

    Parameters
    ----------
    caption
        What the table shows; stands above it.
    headers, rows
        Cells as finished text; each row as long as the headers.
    widths
        Share of the width of each column; they need not add up to 1.
    right
        Columns that are set to the right (numbers), counted from 0.
    note
        What a reader must know beside it; empty for nothing.

    Examples
    --------
    >>> Table("Sager", ("Måned", "Antal"), (("maj", "12"),), (2, 1), right=(1,)).rows[0]
    ('maj', '12')
    """

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: the share of cases not yet decided, by days since the start.

    Examples
    --------
    >>> Curve("I dag", (0.0, 10.0), (1.0, 0.4)).share[-1]
    0.4
    """

    label: str
    days: tuple[float, ...]
    share: tuple[float, ...]
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves beside each other, with the number of cases under observation at a few days.

    `at_risk` has a row a curve, as long as `marks`; None where the number is hidden.

    Examples
    --------
    >>> Curves((), (0.0, 60.0), ()).marks
    (0.0, 60.0)
    """

    curves: tuple[Curve, ...]
    marks: tuple[float, ...]
    at_risk: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars: a label, a value, the colour's name, and the value written out.

    Examples
    --------
    >>> Bars("dage", (("Ventetid", 3.0, "unexplained", "3,0"),)).unit
    'dage'
    """

    unit: str
    rows: tuple[tuple[str, float, str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that is finished already, as SVG.

    Examples
    --------
    >>> Picture("<svg/>", 10.0, 20.0).height
    20.0
    """

    svg: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: what is drawn, its caption, and the same in words for who cannot see it.

    `beside` says that it may stand in a column beside the sections of its page.

    Examples
    --------
    >>> Figure("map", "Proceskort", "Kortet viser ...", Picture("<svg/>", 1, 2)).beside
    False
    """

    name: str
    caption: str
    alt: str
    content: Curves | Bars | Picture
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Blank:
    """Room that a person fills in: a recommendation, a decision.

    Examples
    --------
    >>> Blank("Anbefaling", "Skrives af forvaltningen", 2).lines
    2
    """

    label: str
    hint: str
    lines: int


Block = Paragraph | Listing | Table | Figure | Blank


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, on page `page` of the PDF.

    Examples
    --------
    >>> Section("Resultat", (Paragraph("Tekst."),)).page
    1
    """

    heading: str
    blocks: tuple[Block, ...]
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReportModel:
    """A whole report.

    Parameters
    ----------
    kind
        ``start`` (there is no after yet) or ``change`` (before and after).
    title, subtitle
        What it is, and of what.
    warnings
        What a reader must know first: synthetic data, definitions that no one approved.
    sections
        In reading order.
    foundation
        Where the numbers come from, as pairs of name and value.
    stamp
        The snapshot's cut, ISO 8601 in UTC: the only time in the files.
    footer
        Line at the foot of each page.

    Examples
    --------
    >>> ReportModel("start", "T", "S", (), (), (), "2026-03-01T00:00:00+00:00").kind
    'start'
    """

    kind: Literal["start", "change"]
    title: str
    subtitle: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    foundation: tuple[tuple[str, str], ...]
    stamp: str
    footer: str = ""
    keywords: tuple[str, ...] = field(default=())

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure in reading order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, Figure))
