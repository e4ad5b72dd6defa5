"""What python-docx has no words for: language, borders, fields, repeated header rows."""

# ruff: noqa: SLF001 - the elements behind python-docx's objects have no public way in

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procmine.figures.style import ACCENT, INK, MUTED, WARNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.section import Section
    from docx.table import Table
    from docx.text.paragraph import Paragraph

__all__ = [
    "add_field",
    "bordered",
    "columns",
    "describe",
    "header_row",
    "set_language",
    "set_styles",
    "shade_edge",
    "widths_of",
]

_FONT = "Arial"
_LINE = "B9C3CC"


def set_styles(document: Document) -> None:
    """Give the styles that the report uses their look.

    Examples
    --------
    >>> import docx
    >>> document = docx.Document()
    >>> set_styles(document)
    >>> document.styles["Normal"].font.name
    'Arial'
    """
    from docx.shared import Cm

    looks: dict[str, tuple[float, str, bool, float, float]] = {
        "Normal": (9.0, INK, False, 0, 2),
        "Heading 1": (17.0, ACCENT, True, 0, 2),
        "Heading 2": (11.0, ACCENT, True, 6, 1),
        "Subtitle": (10.0, INK, False, 0, 3),
        "List Bullet": (9.0, INK, False, 0, 1),
        "Caption": (7.5, MUTED, False, 0, 2),
        "Body Text 2": (7.0, MUTED, False, 1, 1),
        "Body Text 3": (7.5, INK, False, 0, 0),
        "Footer": (7.5, MUTED, False, 0, 0),
    }
    for name, look in looks.items():
        _style(document.styles[name], *look)
    bullet = document.styles["List Bullet"].paragraph_format
    bullet.left_indent, bullet.first_line_indent = Cm(0.45), Cm(-0.45)


def _style(
    style: Any,
    size: float,
    colour: str,
    bold: bool,  # noqa: FBT001 - a column of the table of looks
    before: float,
    after: float,
) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name = _FONT
    style.font.size = Pt(size)
    style.font.bold = bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    for spread in style.element.get_or_add_rPr().findall(qn("w:spacing")):
        style.element.rPr.remove(spread)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for part in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(part), None)
    fonts.set(qn("w:hAnsi"), _FONT)
    fonts.set(qn("w:cs"), _FONT)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing = 1.0


def set_language(document: Document, language: str) -> None:
    """Say which language the text is in, for screen readers and spelling.

    Examples
    --------
    >>> import docx
    >>> document = docx.Document()
    >>> set_language(document, "da-DK")
    >>> 'w:val="da-DK"' in document.styles.element.xml
    True
    """
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    root = document.styles.element
    for old in root.findall(f".//{qn('w:lang')}"):
        old.getparent().remove(old)
    properties = root.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    element = OxmlElement("w:lang")
    for name in ("w:val", "w:eastAsia", "w:bidi"):
        element.set(qn(name), language)
    properties.append(element)


def columns(section: Section, widths: Sequence[float], gutter: float = 0.0) -> None:
    """Set a section in columns of the given widths in centimetres; in one where none is given.

    Examples
    --------
    >>> import docx
    >>> document = docx.Document()
    >>> columns(document.sections[0], (9.0, 7.0), 0.5)
    >>> document.sections[0]._sectPr.xml.count("<w:col ")
    2
    """
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    properties = section._sectPr
    for old in properties.findall(qn("w:cols")):
        properties.remove(old)
    element = OxmlElement("w:cols")
    element.set(qn("w:num"), str(max(1, len(widths))))
    if widths:
        element.set(qn("w:equalWidth"), "0")
    for number, width in enumerate(widths):
        column = OxmlElement("w:col")
        column.set(qn("w:w"), str(Cm(width).twips))
        if number < len(widths) - 1:
            column.set(qn("w:space"), str(Cm(gutter).twips))
        element.append(column)
    place = properties.find(qn("w:docGrid"))
    if place is not None:
        place.addprevious(element)
    else:
        properties.append(element)


def header_row(table: Table) -> None:
    """Mark the first row as the header that repeats on each page, and draw thin lines.

    Examples
    --------
    >>> import docx
    >>> table = docx.Document().add_table(rows=2, cols=1)
    >>> header_row(table)
    >>> "tblHeader" in table.rows[0]._tr.xml
    True
    """
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            header = OxmlElement("w:tblHeader")
            header.set(qn("w:val"), "true")
            properties.append(header)
    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        borders.append(_edge(side, _LINE, 4))
    table._tbl.tblPr.append(borders)


def widths_of(table: Table, shares: Sequence[float], total: float) -> None:
    """Set the columns' widths, in centimetres of `total`.

    Examples
    --------
    >>> import docx
    >>> table = docx.Document().add_table(rows=1, cols=2)
    >>> widths_of(table, (1, 3), 8.0)
    >>> round(table.columns[1].width.cm, 1)
    6.0
    """
    from docx.shared import Cm

    whole = sum(shares)
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Cm(total * share / whole)
        for cell in column.cells:
            cell.width = column.width


def describe(table: Table, text: str) -> None:
    """Give a table its alternative text.

    Examples
    --------
    >>> import docx
    >>> table = docx.Document().add_table(rows=1, cols=1)
    >>> describe(table, "Sager")
    >>> "tblCaption" in table._tbl.xml
    True
    """
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), text)
    table._tbl.tblPr.append(caption)


def bordered(paragraph: Paragraph) -> None:
    """Draw a box round a paragraph.

    Examples
    --------
    >>> import docx
    >>> paragraph = docx.Document().add_paragraph()
    >>> bordered(paragraph)
    >>> paragraph._p.xml.count("w:sz=")
    4
    """
    _borders(paragraph, ("top", "left", "bottom", "right"), _LINE, 6)


def shade_edge(paragraph: Paragraph) -> None:
    """Draw the line beside a warning.

    Examples
    --------
    >>> import docx
    >>> paragraph = docx.Document().add_paragraph()
    >>> shade_edge(paragraph)
    >>> "w:left" in paragraph._p.xml
    True
    """
    _borders(paragraph, ("left",), WARNING.lstrip("#").upper(), 18)


def add_field(paragraph: Paragraph, name: str) -> None:
    """Add a field such as PAGE, which the reader's program fills in.

    Examples
    --------
    >>> import docx
    >>> paragraph = docx.Document().add_paragraph()
    >>> add_field(paragraph, "PAGE")
    >>> "PAGE" in paragraph._p.xml
    True
    """
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _borders(paragraph: Paragraph, sides: Sequence[str], colour: str, size: int) -> None:
    from docx.oxml import OxmlElement

    properties: Any = paragraph._p.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    for side in sides:
        borders.append(_edge(side, colour, size))
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _edge(side: str, colour: str, size: int) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(size)), ("space", "4"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    return edge
