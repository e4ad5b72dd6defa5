"""Tables as workbooks (XLSX): one pass, fixed times in the archive, the same bytes each time."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from procmine.synth.clock import DAY
from procmine.synth.files import Cell, Day, Hidden, Raw, Row, Stamp, serial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Book", "write_xlsx"]

_FIXED = (2000, 1, 1, 0, 0, 0)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Book:
    """What a workbook has besides a plain sheet.

    Attributes
    ----------
    cover
        Text of a sheet of its own before the table, empty for none.
    merged
        How many of the first columns have their name in a cell merged over two rows.
    formulas
        Whether whole numbers stand as formulas, with the value that was last worked out.
    """

    cover: str = ""
    merged: int = 0
    formulas: bool = False


_PLAIN = Book()


def write_xlsx(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Row],
    head: Sequence[str] = (),
    book: Book = _PLAIN,
) -> None:
    """Write one table as a stream, below its title block."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in _PARTS.items():
            place, extra = _COVERED.get(name, ("", ""))
            more = extra if book.cover else ""
            archive.writestr(_entry(name), text.replace(place, more + place, 1))
        if book.cover:
            lines = _line(1, (book.cover,))
            text = f"{_SHEET}<sheetData>{lines}</sheetData></worksheet>"
            archive.writestr(_entry("xl/worksheets/sheet2.xml"), text)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write((_SHEET + "<sheetData>").encode())
            for line in _lines(columns, rows, head, book):
                sheet.write(line.encode())
            sheet.write(b"</sheetData>")
            sheet.write(_merges(len(head), book.merged).encode())
            sheet.write(b"</worksheet>")


def _lines(
    columns: Sequence[str], rows: Iterable[Row], head: Sequence[str], book: Book
) -> Iterator[str]:
    names: list[tuple[str, ...]] = [(line,) for line in head]
    names += [tuple(columns[: book.merged])] if book.merged else []
    names += [("",) * book.merged + tuple(columns[book.merged :])]
    for number, titles in enumerate(names, 1):
        yield _line(number, titles)
    for number, row in enumerate(rows, len(names) + 1):
        match row:
            case Hidden(values):
                yield _line(number, values, ' hidden="1"')
            case Raw(text):
                yield _line(number, (text,))
            case _:
                yield _line(number, row, formulas=book.formulas)


def _merges(above: int, count: int) -> str:
    if not count:
        return ""
    spans = (f"{_LETTERS[i]}{above + 1}:{_LETTERS[i]}{above + 2}" for i in range(count))
    cells = "".join(f'<mergeCell ref="{span}"/>' for span in spans)
    return f'<mergeCells count="{count}">{cells}</mergeCells>'


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _line(number: int, row: Sequence[Cell], mark: str = "", *, formulas: bool = False) -> str:
    cells = "".join(_cell(f"{_LETTERS[i]}{number}", cell, formulas) for i, cell in enumerate(row))
    return f'<row r="{number}"{mark}>{cells}</row>'


def _cell(place: str, cell: Cell, formulas: bool) -> str:  # noqa: FBT001 - one of the row's
    match cell:
        case None | "":
            return ""
        case Stamp(minute):
            return f'<c r="{place}" s="1"><v>{serial(minute)}</v></c>'
        case Day(minute):
            return f'<c r="{place}" s="2"><v>{serial(minute // DAY * DAY, 0)}</v></c>'
        case int():
            sum_ = f"<f>{cell - 1}+1</f>" if formulas else ""
            return f'<c r="{place}">{sum_}<v>{cell}</v></c>'
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
_COVERED = {
    "[Content_Types].xml": (
        '<Override PartName="/xl/worksheets/sheet1',
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPES}.worksheet+xml"/>',
    ),
    "xl/workbook.xml": ('<sheet name="Ud', '<sheet name="Forside" sheetId="2" r:id="rId3"/>'),
    "xl/_rels/workbook.xml.rels": (
        '<Relationship Id="rId2"',
        f'<Relationship Id="rId3" Type="{_RELS}/worksheet" Target="worksheets/sheet2.xml"/>',
    ),
}
"""What stands before what in the parts of a workbook with a cover."""
