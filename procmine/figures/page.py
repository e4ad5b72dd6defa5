"""A drawing as a page of its own that reaches for nothing outside itself."""

from __future__ import annotations

from procmine.text import t

__all__ = ["standalone_page"]


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
