"""Where the label of each way goes: on its own way, clear of boxes and other labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["Point", "Rect", "overlaps", "place_labels"]

Point = tuple[float, float]
Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_HEIGHT = 18.0
_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)
_ON_BOX, _ON_LABEL, _ON_WAY, _TURNED, _BESIDE = 1000.0, 400.0, 12.0, 4.0, 30.0


def place_labels(
    paths: Sequence[Sequence[Point]], widths: Sequence[float], boxes: Sequence[Rect]
) -> list[Point]:
    """Choose the middle of each label among places on its own path, in the order given.

    A place on a box or on an earlier label is avoided above all, then one on another
    path; near the middle of a long stretch is best.

    Examples
    --------
    >>> place_labels([[(0, 0), (0, 100)]], [40.0], [])
    [(0.0, 50.0)]
    """
    segments = [list(pairwise(path)) for path in paths]
    spans = [[_span(a, b) for a, b in parts] for parts in segments]
    taken: list[Rect] = []
    found: list[Point] = []
    for number, width in enumerate(widths):
        others = [s for other, parts in enumerate(spans) if other != number for s in parts]
        places = _candidates(segments[number], width)
        priced = [
            (price + _cost(_plate(at, width), boxes, taken, others), at) for price, at in places
        ]
        best = min(priced)[1]
        found.append(best)
        taken.append(_plate(best, width))
    return found


def overlaps(points: Sequence[Point], widths: Sequence[float], boxes: Sequence[Rect]) -> int:
    """Count the pairs of labels, and of labels and boxes, that overlap.

    Examples
    --------
    >>> overlaps([(0, 0), (10, 0)], [30, 30], [])
    1
    """
    plates = [_plate(p, w) for p, w in zip(points, widths, strict=True)]
    labels = sum(_meet(a, b) for i, a in enumerate(plates) for b in plates[:i])
    return labels + sum(_meet(plate, box) for plate in plates for box in boxes)


def _candidates(parts: Sequence[tuple[Point, Point]], width: float) -> list[tuple[float, Point]]:
    total = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in parts) or 1.0
    found = []
    for (ax, ay), (bx, by) in parts:
        length = abs(ax - bx) + abs(ay - by)
        flat = abs(ay - by) < 1.0
        room = length - (width if flat else _HEIGHT) - 12.0
        for share in _SHARES:
            price = 30.0 * abs(share - 0.5) + 20.0 * (1 - length / total)
            price += 15.0 + -room if room < 0 else 0.0
            price += _TURNED if flat else 0.0
            x, y = ax + (bx - ax) * share, ay + (by - ay) * share
            found.append((price, (x, y)))
            if not flat:
                # Beside the line, where there is no room on it (a loop at a box).
                aside = width / 2 + 5.0
                found += [(price + _BESIDE, (x + aside, y)), (price + _BESIDE, (x - aside, y))]
    return found


def _cost(
    plate: Rect, boxes: Sequence[Rect], taken: Sequence[Rect], spans: Sequence[Rect]
) -> float:
    cost = _ON_BOX * sum(_meet(plate, box) for box in boxes)
    cost += _ON_LABEL * sum(_meet(plate, label) for label in taken)
    return cost + _ON_WAY * sum(_meet(plate, span) for span in spans)


def _plate(middle: Point, width: float) -> Rect:
    x, y = middle
    return (x - width / 2, y - _HEIGHT / 2, x + width / 2, y + _HEIGHT / 2)


def _span(a: Point, b: Point) -> Rect:
    return (min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)


def _meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
