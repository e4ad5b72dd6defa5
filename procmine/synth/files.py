"""Tables as files: CSV in three styles and XLSX, the same bytes each time."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from procmine.synth.clock import DAY, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = [
    "Cell", "Day", "Hidden", "Raw", "Row", "Stamp", "Style", "as_text", "write_csv", "write_xlsx",
]  # fmt: skip

_EXCEL = 36_526
"""Excel's number of 1 January 2000."""
_FIXED = (2000, 1, 1, 0, 0, 0)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Stamp(NamedTuple):
    """A time of day, in minutes of the simulation's clock."""

    at: int


class Day(NamedTuple):
    """A date, as any minute of it."""

    at: int


class Raw(NamedTuple):
    """A line as it stands, and whether it is no row at all."""

    text: str
    no_row: bool = False


class Hidden(NamedTuple):
    """A row of a sheet that is hidden there; it is a row all the same."""

    row: tuple[Cell, ...]


Cell = str | int | Stamp | Day | None
Row = tuple[Cell, ...] | Raw | Hidden
"""What a table writes: cells, a line as it stands, or a hidden row."""


@dataclass(frozen=True)
class Style:
    """How a system writes CSV."""

    encoding: str
    newline: str
    head: tuple[str, ...] = ()
    footer: str = ""
    stamp: str = "%d-%m-%Y %H:%M"
    day: str = "%d-%m-%Y"


def as_text(cell: Cell, stamp: str = Style.stamp, day: str = Style.day) -> str:
    """Return a cell as the exports write it.

    Examples
    --------
    >>> as_text(Stamp(90)), as_text(Day(0)), as_text(None), as_text(7)
    ('01-01-2000 01:30', '01-01-2000', '', '7')
    """
    match cell:
        case Stamp(minute):
            return local(minute).strftime(stamp)
        case Day(minute):
            return local(minute).strftime(day)
        case None:
            return ""
        case _:
            return str(cell)


def _quoted(text: str) -> str:
    if any(mark in text for mark in ';"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row], style: Style) -> int:
    """Write a table row by row, with title block and footer; return the number of rows."""
    count = 0
    width = ";" * (len(columns) - 1)
    with path.open("w", encoding=style.encoding, newline="") as file:
        for line in style.head:
            file.write(f"{_quoted(line)}{width}{style.newline}")
        file.write(";".join(columns) + style.newline)
        for row in rows:
            if isinstance(row, Raw):
                file.write(row.text + style.newline)
                count += not row.no_row
                continue
            values = row.row if isinstance(row, Hidden) else row
            cells = (_quoted(as_text(cell, style.stamp, style.day)) for cell in values)
            file.write(";".join(cells) + style.newline)
            count += 1
        if style.footer:
            file.write(f"{style.footer.format(n=count)}{width}{style.newline}")
    return count


def write_xlsx(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Row],
    head: Sequence[str] = (),
) -> int:
    """Write one sheet as a stream, with fixed times in the archive; return the rows."""
    counter = [0]

    def lines() -> Iterator[str]:
        number = 0
        for line in head:
            number += 1
            yield _line(number, (line,))
        number += 1
        yield _line(number, columns)
        for row in rows:
            number += 1
            counter[0] += 1
            match row:
                case Hidden(values):
                    yield _line(number, values, ' hidden="1"')
                case Raw(text):
                    yield _line(number, (text,))
                case _:
                    yield _line(number, row)

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_entry(name), text)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write((_SHEET + "<sheetData>").encode())
            for line in lines():
                sheet.write(line.encode())
            sheet.write(b"</sheetData></worksheet>")
    return counter[0]


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _line(number: int, row: Sequence[Cell], mark: str = "") -> str:
    cells = "".join(_cell(f"{_LETTERS[i]}{number}", cell) for i, cell in enumerate(row))
    return f'<row r="{number}"{mark}>{cells}</row>'


def _cell(place: str, cell: Cell) -> str:
    match cell:
        case None | "":
            return ""
        case Stamp(minute):
            return f'<c r="{place}" s="1"><v>{minute / DAY + _EXCEL:.10f}</v></c>'
        case Day(minute):
            return f'<c r="{place}" s="2"><v>{minute // DAY + _EXCEL}</v></c>'
        case int():
            return f'<c r="{place}"><v>{cell}</v></c>'
        case _:
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OOXML = "http://schemas.openxmlformats.org"
_MAIN = f"{_OOXML}/spreadsheetml/2006/main"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELS = f"{_OOXML}/officeDocument/2006/relationships"
_SHEET = f'{_XML}<worksheet xmlns="{_MAIN}">'
_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_OOXML}/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_OOXML}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}">'
        '<sheets><sheet name="Udtraek" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_OOXML}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELS}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{_XML}<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd\\-mm\\-yyyy\\ hh:mm"/>'
        '<numFmt numFmtId="165" formatCode="dd\\-mm\\-yyyy"/></numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/>'
        '<xf numFmtId="165" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}
