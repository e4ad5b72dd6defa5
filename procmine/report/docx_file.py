"""The report as an editable DOCX: real headings, Danish, alt texts, repeated header rows."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from procmine.report.charts import chart
from procmine.report.docx_parts import (
    add_field,
    bordered,
    columns,
    describe,
    header_row,
    set_language,
    set_styles,
    shade_edge,
    widths_of,
)
from procmine.report.model import Bars, Blank, Curves, Figure, Listing, Paragraph, Picture, Table
from procmine.report.typst_pdf import aside_share, picture_png
from procmine.text import t

if TYPE_CHECKING:
    from docx.document import Document

    from procmine.report.model import Block, ReportModel, Section

__all__ = ["docx_bytes"]

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WIDTH = 17.6
_GUTTER = 0.5
_ASIDE = 0.36
_TALLEST = 18.5
_CM_PER_INCH = 2.54


def docx_bytes(model: ReportModel) -> bytes:
    """Return the report as DOCX: same model, same bytes.

    Examples
    --------
    >>> from procmine.report.model import ReportModel
    >>> model = ReportModel("start", "Titel", "Om", (), (), (), "2026-03-01T00:00:00+00:00")
    >>> docx_bytes(model)[:2]
    b'PK'
    """
    import docx

    document = docx.Document()
    set_styles(document)
    set_language(document, "da-DK")
    _properties(document, model)
    _page(document, model)
    document.add_heading(model.title, level=1)
    document.add_paragraph(model.subtitle, style="Subtitle")
    for warning in model.warnings:
        shade_edge(document.add_paragraph(warning))
    for number in sorted({section.page for section in model.sections}):
        _sheet(document, [s for s in model.sections if s.page == number], first=number == 1)
    document.add_heading(t("report.source.heading"), level=2)
    for name, value in model.foundation:
        paragraph = document.add_paragraph(style="Body Text 3")
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(value)
    target = BytesIO()
    document.save(target)
    return _settled(target.getvalue())


def _properties(document: Document, model: ReportModel) -> None:
    properties = document.core_properties
    stamp = datetime.fromisoformat(model.stamp).astimezone(UTC).replace(tzinfo=None)
    properties.title = model.title
    properties.subject = model.subtitle
    properties.keywords = ", ".join(model.keywords)
    properties.language = "da-DK"
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = stamp
    properties.revision = 1


def _page(document: Document, model: ReportModel) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.7)
    section.top_margin, section.bottom_margin = Cm(1.5), Cm(1.5)
    section.footer_distance = Cm(0.8)
    paragraph = section.footer.paragraphs[0]
    paragraph.add_run(f"{model.footer}   {t('report.page')} ")
    add_field(paragraph, "PAGE")
    paragraph.add_run(f" {t('report.of')} ")
    add_field(paragraph, "NUMPAGES")


def _sheet(document: Document, sections: list[Section], *, first: bool) -> None:
    """Add the sections of a page; a drawing that may stand beside them gets its own column."""
    from docx.enum.section import WD_SECTION

    beside = [s for s in sections if any(isinstance(b, Figure) and b.beside for b in s.blocks)]
    width = _WIDTH
    if not first:
        document.add_section(WD_SECTION.NEW_PAGE)
    if beside:
        if first:
            document.add_section(WD_SECTION.CONTINUOUS)
        width = _columns(document, beside[0])
    for section in (s for s in sections if s not in beside):
        _section(document, section, width)
    for section in beside:
        _section(document, section, _WIDTH - _GUTTER - width, breaks=section is beside[0])
    if beside:
        document.add_section(WD_SECTION.CONTINUOUS)
        columns(document.sections[-1], ())


def _columns(document: Document, section: Section) -> float:
    """Part the page in two columns; return the width of the first in centimetres."""
    picture = next(b.content for b in section.blocks if isinstance(b, Figure))
    share = aside_share(picture, section.page) if isinstance(picture, Picture) else _ASIDE
    second = min(share, _ASIDE) * _WIDTH
    first = _WIDTH - _GUTTER - second
    columns(document.sections[-1], (first, second), _GUTTER)
    return first


def _section(document: Document, section: Section, width: float, *, breaks: bool = False) -> None:
    from docx.enum.text import WD_BREAK

    heading = document.add_heading("" if breaks else section.heading, level=2)
    if breaks:
        heading.add_run().add_break(WD_BREAK.COLUMN)
        heading.add_run(section.heading)
    for block in section.blocks:
        _block(document, block, width)


def _block(document: Document, block: Block, width: float) -> None:
    if isinstance(block, Paragraph):
        style = {"note": "Body Text 2"}.get(block.tone, "Normal")
        paragraph = document.add_paragraph(style=style)
        run = paragraph.add_run(block.text)
        run.bold = True if block.tone in ("lead", "warning") else None
    elif isinstance(block, Listing):
        for item in block.items:
            document.add_paragraph(item, style="List Bullet")
    elif isinstance(block, Table):
        _table(document, block, width)
    elif isinstance(block, Figure):
        _figure(document, block, width)
    else:
        _blank(document, block)


def _blank(document: Document, blank: Blank) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run(f"{blank.label}  ").bold = True
    paragraph.add_run(blank.hint).italic = True
    room = document.add_paragraph()
    for _ in range(blank.lines - 1):
        room.add_run().add_break()
    bordered(room)


def _table(document: Document, block: Table, width: float) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    caption = document.add_paragraph(block.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=0, cols=len(block.headers))
    table.autofit = False
    for number, cells in enumerate((block.headers, *block.rows)):
        row = table.add_row()
        for column, text in enumerate(cells):
            paragraph = row.cells[column].paragraphs[0]
            paragraph.style = document.styles["Body Text 3"]
            paragraph.add_run(text).bold = True if number == 0 else None
            if column in block.right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    header_row(table)
    widths_of(table, block.widths, width)
    describe(table, block.caption)
    if block.note:
        document.add_paragraph(block.note, style="Body Text 2")


def _figure(document: Document, figure: Figure, room: float) -> None:
    from docx.shared import Cm

    content = figure.content
    if isinstance(content, Curves | Bars):
        picture, width = chart(content, "png", room / _CM_PER_INCH), room
    else:
        picture = picture_png(content)
        width = min(room, _TALLEST * content.width / content.height)
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape: Any = paragraph.add_run().add_picture(BytesIO(picture), width=Cm(width))
    properties = shape._inline.docPr  # noqa: SLF001 - python-docx has no way to set alt text
    properties.set("descr", figure.alt)
    properties.set("title", figure.caption)
    properties.set("name", figure.name)
    document.add_paragraph(figure.caption, style="Caption")


def _settled(content: bytes) -> bytes:
    """Return the package with fixed times of its entries, in order of their names."""
    target = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        names = sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, source.read(name))
    return target.getvalue()
