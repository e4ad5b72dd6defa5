"""The report as a tagged PDF, by typst: PDF/UA-1 and PDF/A-2a by the compiler's own check."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import datetime
from importlib import resources
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from procmine.report.charts import chart
from procmine.report.model import (
    Bars,
    Blank,
    Curves,
    Figure,
    Listing,
    Paragraph,
    Picture,
    ReportModel,
    Section,
    Table,
)
from procmine.text import t

if TYPE_CHECKING:
    from procmine.report.model import Block

__all__ = ["STANDARDS", "aside_share", "own_font", "pdf_bytes", "picture_png"]

STANDARDS: tuple[Literal["ua-1", "a-2a"], ...] = ("ua-1", "a-2a")
"""What the compiler checks: missing alt text, title, language or tags are errors."""

_FONT = 'font-family="DejaVu Sans"'
_FAMILY = re.compile(r'font-family="[^"]*"')
_SIZE = re.compile(r'font-size="(\d+(?:\.\d+)?)"')
_NARROWER = 0.9
_ASIDE = 0.45
_LEAST = 0.28
_TALLEST = 590.0  # points; on the first page
_LOWER = 470.0  # on a page that also holds where the data come from
_TEXT_WIDTH = 499.0
_GUTTER = 14.0
_COLUMN = {True: 640.0, False: 555.0}  # points for drawing and caption, on the first page and later
_LETTER, _LINE = 3.9, 10.5


def pdf_bytes(model: ReportModel) -> bytes:
    """Return the report as PDF: same model, same bytes.

    Fonts are those inside the packages, never the machine's; the only time in the file is the
    snapshot's cut.

    Raises
    ------
    typst.TypstError
        The document breaks PDF/UA-1 or PDF/A-2a.

    Examples
    --------
    >>> model = ReportModel("start", "Titel", "Om", (), (), (), "2026-03-01T00:00:00+00:00")
    >>> pdf_bytes(model)[:5]
    b'%PDF-'
    """
    import typst

    content = json.dumps(_content(model), ensure_ascii=False)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.typ"
        source.write_text(_template(), encoding="utf-8")
        result: bytes = typst.compile(
            source,
            format="pdf",
            font_paths=[_fonts()],
            ignore_system_fonts=True,
            sys_inputs={"model": content},
            pdf_standards=list(STANDARDS),
            timestamp=int(datetime.fromisoformat(model.stamp).timestamp()),
        )
    return result


def picture_png(picture: Picture, ppi: float = 200.0) -> bytes:
    """Return a finished drawing as PNG, for files that cannot hold SVG.

    Examples
    --------
    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    >>> picture_png(Picture(svg, 9.0, 9.0))[1:4]
    b'PNG'
    """
    import typst

    page = (
        f"#set page(width: {picture.width * 0.75:.1f}pt, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.at("svg")), format: "svg", width: 100%)'
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "picture.typ"
        source.write_text(page, encoding="utf-8")
        result: bytes = typst.compile(
            source,
            format="png",
            ppi=ppi,
            font_paths=[_fonts()],
            ignore_system_fonts=True,
            sys_inputs={"svg": own_font(picture.svg)},
        )
    return result


def own_font(svg: str) -> str:
    """Return a drawing with the font that ships with us, a little smaller for its width.

    Examples
    --------
    >>> own_font('<text font-family="Arial" font-size="10">x</text>')
    '<text font-family="DejaVu Sans" font-size="9">x</text>'
    """
    smaller = _SIZE.sub(lambda m: f'font-size="{float(m[1]) * _NARROWER:g}"', svg)
    return _FAMILY.sub(_FONT, smaller)


def aside_share(picture: Picture, page: int = 1) -> float:
    """Return the part of the page's width that a tall drawing takes beside the text.

    As wide as its height on the page allows, within bounds that leave room for both.

    Examples
    --------
    >>> aside_share(Picture("<svg/>", 300.0, 900.0)) < aside_share(Picture("<svg/>", 600.0, 900.0))
    True
    """
    share = _tallest(page) * picture.width / picture.height / _TEXT_WIDTH
    return max(_LEAST, min(_ASIDE, share))


def _tallest(page: int) -> float:
    return _TALLEST if page == 1 else _LOWER


def _template() -> str:
    return (resources.files("procmine.report") / "template.typ").read_text(encoding="utf-8")


def _fonts() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def _content(model: ReportModel) -> dict[str, Any]:
    numbers = sorted({section.page for section in model.sections})
    return {
        "title": model.title,
        "subtitle": model.subtitle,
        "warnings": model.warnings,
        "keywords": model.keywords,
        "footer": model.footer,
        "page": t("report.page"),
        "of": t("report.of"),
        "foundation-heading": t("report.source.heading"),
        "foundation": model.foundation,
        "pages": [_page([s for s in model.sections if s.page == n]) for n in numbers],
    }


def _page(sections: list[Section]) -> list[dict[str, Any]]:
    """Return a page's sections; charts are drawn as wide as they will stand."""
    page = sections[0].page
    tall = [
        b.content
        for s in sections
        for b in s.blocks
        if isinstance(b, Figure) and b.beside and isinstance(b.content, Picture)
    ]
    room = _TEXT_WIDTH - (aside_share(tall[0], page) * _TEXT_WIDTH + _GUTTER if tall else 0.0)
    return [
        {"heading": s.heading, "blocks": [_block(block, room / 72.0, page) for block in s.blocks]}
        for s in sections
    ]


def _block(block: Block, inches: float, page: int) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": block.text, "tone": block.tone}
    if isinstance(block, Listing):
        return {"kind": "listing", "items": block.items}
    if isinstance(block, Blank):
        return {"kind": "blank", "label": block.label, "hint": block.hint, "lines": block.lines}
    if isinstance(block, Table):
        names = ("caption", "headers", "rows", "widths", "right", "note")
        return {"kind": "table", **{name: getattr(block, name) for name in names}}
    return _figure(block, inches, page)


def _figure(figure: Figure, inches: float, page: int) -> dict[str, Any]:
    content = figure.content
    if isinstance(content, Curves | Bars):
        svg, share = chart(content, "svg", inches).decode(), 1.0
        tallest = 0.0
    else:
        svg = own_font(content.svg)
        # As wide as its height on the page allows, and never more than its part of it.
        share = aside_share(content, page)
        # What the caption takes in its column is not there for the drawing.
        lines = ceil(len(figure.caption) * _LETTER / (share * _TEXT_WIDTH))
        room = _COLUMN[page == 1] - _LINE * lines
        tallest = min(room, share * _TEXT_WIDTH * content.height / content.width)
    return {
        "kind": "figure",
        "caption": figure.caption,
        "alt": figure.alt,
        "svg": svg,
        "beside": figure.beside,
        "share": share,
        "height": tallest,
    }
