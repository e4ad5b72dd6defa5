"""The process map as accessible SVG: buttons with names, scalable, safe with any label."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from procmine.figures.map_layout import LABEL_SIZE, LINE, Box, MapLayout, Way, lay_out
from procmine.figures.measure import text_width
from procmine.figures.style import FONT, INK, MUTED, PAPER, WARNING, tints_of
from procmine.figures.wording import about, duration, records
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.aggregates.process_map import ProcessMap

__all__ = ["Drawing", "process_map_svg", "slow_ways"]

_RADIUS = 10.0
_HEAD = 8.0
_SLOW = 3
_SLOW_LEAST = 10
_LEGEND = 30.0
_LEGEND_LINE = 22.0
_MARGIN = 18.0


class Drawing(str):
    """SVG markup that a notebook shows as the drawing, with its layout and size in pixels.

    Examples
    --------
    >>> Drawing("<svg/>")._repr_svg_()
    '<svg/>'
    """

    __slots__ = ("height", "layout", "width")
    layout: MapLayout
    width: float
    height: float

    def _repr_svg_(self) -> str:
        return str(self)


def process_map_svg(
    found: ProcessMap, *, title: str = "", kinds: Mapping[str, str] | None = None
) -> Drawing:
    """Draw a process map (design section 9).

    Every activity and every way is a button with a name that begins with its visible
    text; ``data-`` attributes carry what a page needs to hide ways or open a panel:
    ``data-activity``, ``data-from``, ``data-to`` (numbers of rows of the nodes, empty for
    begin and end), ``data-n``, and ``data-share``: the least share of all ways, strongest
    first, at which the way is shown. A way's line is apart from its button, with the same
    ``data-way`` and ``data-share``.

    Parameters
    ----------
    found
        The map, suppressed already unless it is for the analyst alone.
    title
        What the drawing is of, for a screen reader.
    kinds
        Labels of the kinds of units, for the legend.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.aggregates.process_map import ProcessMap
    >>> nodes = pd.DataFrame({"activity": ["a", "b"], "label": ["<A>", "B"], "n": [2, 2],
    ...     "approximate": [False, False]})
    >>> edges = pd.DataFrame({"from": ["a"], "to": ["b"], "n": [2], "median_days": [1.5]})
    >>> drawing = process_map_svg(ProcessMap(nodes, edges))
    >>> "&lt;A&gt;" in drawing, "<A>" in drawing, "1,5 dage" in drawing
    (True, False, True)
    """
    laid = lay_out(found)
    tints = tints_of(k for k in _column(found, "unit_kind") if isinstance(k, str))
    legend, wide, height = _legend(tints, kinds or {}, laid)
    slow = slow_ways(found)
    width, left = f"{wide:.0f}", f"{laid.left:.0f}"
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="pm-map" role="group" '
        f'aria-label="{escape(title or t("figure.map.title"))}" '
        f'viewBox="{left} 0 {width} {height:.0f}" width="{width}" height="{height:.0f}" '
        f'font-family="{escape(FONT)}">'
        f'<rect x="{left}" width="{width}" height="{height:.0f}" fill="{PAPER}"/>'
    )
    parts = [opening]
    rows = records(found.edges)
    nodes = {row["activity"]: row | {"row": i} for i, row in enumerate(records(found.nodes))}
    most = max((int(row["n"]) for row in rows), default=1)
    # All lines lie under all labels, so that none is crossed out by a line beside it.
    parts += [_line(way, rows, most) for way in reversed(laid.ways)]
    parts += [_way(way, rows, nodes, slow=way.row in slow) for way in laid.ways]
    for box in laid.boxes:
        parts.append(_box(box, nodes, tints))
    parts.extend((*legend, "</svg>"))
    drawing = Drawing("".join(parts))
    drawing.layout, drawing.width, drawing.height = laid, wide, height
    return drawing


def slow_ways(found: ProcessMap) -> frozenset[int]:
    """Return the rows of the three slowest ways that are taken at least ten times.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.aggregates.process_map import ProcessMap
    >>> edges = pd.DataFrame({"n": [50, 9, 20], "median_days": [1.0, 80.0, 4.0]})
    >>> sorted(slow_ways(ProcessMap(pd.DataFrame(), edges)))
    [0, 2]
    """
    edges = found.edges[(found.edges["n"] >= _SLOW_LEAST) & (found.edges["median_days"] > 0)]
    return frozenset(edges["median_days"].nlargest(_SLOW).index.tolist())


def _column(found: ProcessMap, name: str) -> list[Any]:
    return found.nodes[name].tolist() if name in found.nodes else []


def _box(box: Box, nodes: Mapping[str, Mapping[str, Any]], tints: Mapping[str, str]) -> str:
    left, top = box.x - box.width / 2, box.y - box.height / 2
    if box.activity is None:
        return (
            f'<g class="pm-end"><rect x="{left:.1f}" y="{top:.1f}" width="{box.width:.0f}" '
            f'height="{box.height:.0f}" rx="{box.height / 2:.0f}" fill="{INK}"/>'
            f"{_text(box.x, box.y + 4.5, box.lines[0], 13, PAPER)}</g>"
        )
    row = nodes[box.activity]
    count = about(row)
    fill = tints.get(row.get("unit_kind") or "", PAPER)
    # A blank between the lines: what is seen must be found, word by word, in the name.
    lines = " ".join(
        _text(box.x, top + 8 + LINE * (i + 0.75), line, 13, INK) for i, line in enumerate(box.lines)
    )
    bottom = _text(box.x, top + box.height - 9, count, 12, MUTED, bold=True)
    told = {"text": " ".join((*box.lines, count)), "label": row["label"]}
    told["wait"] = duration(row.get("median_days_before"))
    cases = number(row.get("cases"))
    if cases == number(None):
        name = t("figure.map.activity_hidden", **told)
    else:
        name = t("figure.map.activity_name", cases=cases, **told)
    return (
        f'<g class="pm-node" role="button" tabindex="0" data-activity="{row["row"]}" '
        f'aria-label="{escape(name)}"><title>{escape(str(row["label"]))}</title>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{box.width:.0f}" height="{box.height:.0f}" '
        f'rx="6" fill="{fill}" stroke="{MUTED}" stroke-width="1.2"/>{lines} {bottom}</g>'
    )


def _way(
    way: Way,
    rows: list[dict[str, Any]],
    nodes: Mapping[str, Mapping[str, Any]],
    *,
    slow: bool,
) -> str:
    row = rows[way.row]
    source, target = nodes.get(row["from"], {}), nodes.get(row["to"], {})
    name = t(
        "figure.map.way_name",
        text=way.label,
        source=source.get("label", t("figure.map.start")),
        target=target.get("label", t("figure.map.end")),
        slow=t("figure.map.slow") if slow else "",
    )
    share = _share(way, rows)
    x, y = way.label_at
    plate = way.label_width
    colour = WARNING if slow else INK
    return (
        f'<g class="pm-way" role="button" tabindex="0" data-way="{way.row}" '
        f'data-from="{source.get("row", "")}" data-to="{target.get("row", "")}" '
        f'data-n="{int(row["n"])}" data-share="{share:.2f}" aria-label="{escape(name)}">'
        f'<rect class="pm-plate" x="{x - plate / 2:.1f}" y="{y - 9:.1f}" width="{plate:.0f}" '
        f'height="18" rx="4" fill="{PAPER}" stroke="{colour if slow else "none"}"/>'
        f"{_text(x, y + 4.2, way.label, LABEL_SIZE, colour, bold=slow)}</g>"
    )


def _line(way: Way, rows: list[dict[str, Any]], most: int) -> str:
    width = 1.2 + 5.0 * (int(rows[way.row]["n"]) / most) ** 0.5
    return (
        f'<g class="pm-line" aria-hidden="true" data-way="{way.row}" '
        f'data-share="{_share(way, rows):.2f}">'
        f'<path d="{_path(way.points, width)}" fill="none" stroke="#8494a3" '
        f'stroke-width="{width:.1f}"/>{_head(way.points, width)}</g>'
    )


def _share(way: Way, rows: list[dict[str, Any]]) -> float:
    return 100.0 * (way.row + 1) / len(rows)


def _path(points: tuple[tuple[float, float], ...], width: float) -> str:
    """Round the corners, and stop where the arrow's head begins."""
    points = (*points[:-1], _short(points[-2], points[-1], _HEAD + width * 0.6))
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter = _short(before, corner, _RADIUS)
        leave = _short(after, corner, _RADIUS)
        parts.append(
            f"L{enter[0]:.1f} {enter[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} "
            f"{leave[0]:.1f} {leave[1]:.1f}"
        )
    parts.append(f"L{points[-1][0]:.1f} {points[-1][1]:.1f}")
    return "".join(parts)


def _short(
    start: tuple[float, float], end: tuple[float, float], less: float
) -> tuple[float, float]:
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    share = 0.5 if length < 2 * less else 1 - less / length
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def _head(points: tuple[tuple[float, float], ...], width: float) -> str:
    (ax, ay), (bx, by) = points[-2], points[-1]
    length = max(((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5, 0.1)
    ux, uy = (bx - ax) / length, (by - ay) / length
    half, back = 3.5 + width * 0.7, _HEAD + width * 0.9
    left = (bx - ux * back - uy * half, by - uy * back + ux * half)
    right = (bx - ux * back + uy * half, by - uy * back - ux * half)
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((bx, by), left, right))
    return f'<polygon points="{corners}" fill="#64748b"/>'


def _text(x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size:g}" '
        f'fill="{colour}"{weight}>{escape(text)}</text>'
    )


def _legend(
    tints: Mapping[str, str], labels: Mapping[str, str], laid: MapLayout
) -> tuple[tuple[str, ...], float, float]:
    """Return the legend, broken into lines, and the width and height of the whole drawing."""
    named = [(labels.get(kind, kind), tint) for kind, tint in tints.items()]
    longest = max((text_width(label, 12) for label, _ in named), default=0.0)
    width = max(laid.width, longest + 2 * _MARGIN + 20)
    x, y = laid.left + _MARGIN, laid.height
    parts = []
    for label, tint in named:
        long = 20 + text_width(label, 12)
        if x > laid.left + _MARGIN and x + long > laid.left + width - _MARGIN:
            x, y = laid.left + _MARGIN, y + _LEGEND_LINE
        parts.append(
            f'<g><rect x="{x:.0f}" y="{y:.0f}" width="14" height="14" rx="3" '
            f'fill="{tint}" stroke="{MUTED}"/><text x="{x + 20:.0f}" '
            f'y="{y + 11.5:.0f}" font-size="12" fill="{INK}">{escape(label)}</text></g>'
        )
        x += long + 24
    return tuple(parts), width, y + _LEGEND if named else laid.height
