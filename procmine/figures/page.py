"""A drawing as a page of its own that reaches for nothing outside itself."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

__all__ = ["figure_page", "standalone_page"]

_STYLE = "body{font-family:sans-serif;line-height:1.5;margin:1rem 2rem}main>div{overflow:hidden}"


def standalone_page(svg: str) -> str:
    """Wrap an SVG drawing in a Danish HTML page without scripts.

    Examples
    --------
    >>> standalone_page("<svg/>").startswith("<!doctype html>")
    True
    """
    title = t("figure.map.title")
    return (
        '<!doctype html>\n<html lang="da"><head><meta charset="utf-8">'
        f"<title>{title}</title></head><body><main><h1>{title}</h1>{svg}</main></body></html>\n"
    )


def figure_page(title: str, figure: go.Figure, lines: Sequence[str]) -> str:
    """Return a Danish page with a figure and, below it, the same told in words.

    Parameters
    ----------
    title
        The heading.
    figure
        Drawn by the page itself; no other machine is asked for anything.
    lines
        What the figure shows, for those who read or listen rather than look.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> "<li>A &lt; B</li>" in figure_page("T", go.Figure(), ["A < B"])
    True
    """
    from procmine.figures.style import graph_config

    drawn = figure.to_html(include_plotlyjs=True, config=graph_config(), full_html=False)
    told = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        '<!doctype html>\n<html lang="da"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>"
        f'<div role="img" aria-label="{escape(title)}">{drawn}</div>'
        f"<ol>{told}</ol></main></body></html>\n"
    )
