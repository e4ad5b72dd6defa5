"""The report as one HTML page: no script, no request, pictures inside."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from procmine.figures.style import ACCENT, FONT, INK, MUTED, WARNING
from procmine.report.charts import chart
from procmine.report.model import Bars, Blank, Curves, Figure, Listing, Paragraph, Table
from procmine.text import t

if TYPE_CHECKING:
    from procmine.report.model import Block, ReportModel, Section

__all__ = ["html_text"]

_CSS = f"""
body{{font:16px/1.5 {FONT};color:{INK};max-width:60rem;margin:0 auto;padding:1rem}}
h1,h2{{color:{ACCENT};line-height:1.2}}
figure{{margin:1rem 0}}img{{max-width:100%;height:auto}}
table{{border-collapse:collapse;width:100%}}
caption,figcaption,.note,footer{{color:{MUTED};font-size:.875rem;text-align:left}}
th,td{{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #b9c3cc}}
.right{{text-align:right}}.wide{{overflow-x:auto}}
.warning{{border-left:4px solid {WARNING};padding-left:.6rem}}
.blank{{border:1px solid #b9c3cc;min-height:3rem;margin-bottom:1rem}}
"""


def html_text(model: ReportModel) -> str:
    """Return the report as one HTML page: same model, same text.

    Examples
    --------
    >>> from procmine.report.model import ReportModel
    >>> model = ReportModel("start", "<T>", "S", (), (), (), "2026-03-01T00:00:00+00:00")
    >>> "<h1>&lt;T&gt;</h1>" in html_text(model)
    True
    """
    head = (
        '<!DOCTYPE html>\n<html lang="da"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        f"<title>{escape(model.title)}</title><style>{_CSS}</style></head><body><main>"
    )
    parts = [head, f"<h1>{escape(model.title)}</h1><p>{escape(model.subtitle)}</p>"]
    parts += [f'<p class="warning">{escape(text)}</p>' for text in model.warnings]
    parts += [_section(section) for section in model.sections]
    parts.append(f"<h2>{escape(t('report.source.heading'))}</h2><dl>")
    parts += [
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in model.foundation
    ]
    parts.append(f"</dl></main><footer>{escape(model.footer)}</footer></body></html>\n")
    return "\n".join(parts)


def _section(section: Section) -> str:
    body = "\n".join(_block(block) for block in section.blocks)
    return f"<section><h2>{escape(section.heading)}</h2>\n{body}</section>"


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        kind = f' class="{block.tone}"' if block.tone != "plain" else ""
        return f"<p{kind}>{escape(block.text)}</p>"
    if isinstance(block, Listing):
        items = "".join(f"<li>{escape(item)}</li>" for item in block.items)
        return f"<ul>{items}</ul>"
    if isinstance(block, Blank):
        hint = f"<em>{escape(block.hint)}</em>"
        return f'<p><strong>{escape(block.label)}</strong> {hint}</p><div class="blank"></div>'
    return _table(block) if isinstance(block, Table) else _figure(block)


def _table(block: Table) -> str:
    def cell(column: int, text: str, tag: str, scope: str) -> str:
        kind = ' class="right"' if column in block.right else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    head = "".join(cell(i, text, "th", ' scope="col"') for i, text in enumerate(block.headers))
    rows = "".join(
        "<tr>" + "".join(
            cell(i, text, "td" if i else "th", "" if i else ' scope="row"')
            for i, text in enumerate(row)
        ) + "</tr>"
        for row in block.rows
    )  # fmt: skip
    note = f'<p class="note">{escape(block.note)}</p>' if block.note else ""
    return (
        f'<div class="wide"><table><caption>{escape(block.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )


def _figure(figure: Figure) -> str:
    content = figure.content
    svg = chart(content, "svg") if isinstance(content, Curves | Bars) else content.svg.encode()
    data = base64.b64encode(svg).decode()
    return (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(figure.alt)}">'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
    )
