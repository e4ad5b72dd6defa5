"""The process map's drawing as a picture of the report: its size, and all of its legend."""

from __future__ import annotations

import re

from procmine.report.model import Picture

__all__ = ["picture_of"]

_BOX = re.compile(r'viewBox="(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+)" width="[\d.]+"')
_TEXT = re.compile(
    r'<text x="(-?[\d.]+)"[^>]*?(text-anchor="middle")?[^>]*font-size="([\d.]+)"[^>]*>([^<]*)<'
)


def picture_of(svg: str) -> Picture:
    """Return a drawing with its size, widened where a line of text runs out of it.

    Examples
    --------
    >>> text = '<text x="30" y="9" font-size="10">Jobcenter</text>'
    >>> svg = f'<svg viewBox="0 0 40 20" width="40" height="20">{text}</svg>'
    >>> picture_of(svg).width > 60
    True
    """
    from procmine.figures.measure import text_width

    found = _BOX.search(svg)
    if found is None:
        return Picture(str(svg), 1.0, 1.0)
    left, top, width, height = (float(part) for part in found.groups())
    right = left + width
    for x, middle, size, text in _TEXT.findall(svg):
        half = 0.5 if middle else 1.0
        right = max(right, float(x) + half * text_width(text, float(size)) + 4.0)
    width = right - left
    box = f'viewBox="{left:g} {top:g} {width:.0f} {height:g}" width="{width:.0f}"'
    return Picture(_BOX.sub(box, str(svg), count=1), width, height)
