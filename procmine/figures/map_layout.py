"""Where the boxes and ways of a process map go: computed once per graph by graphlay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import graphlay

from procmine.figures.map_labels import Point, Rect, overlaps, place_labels
from procmine.figures.measure import text_width, wrapped
from procmine.figures.wording import count_and_wait, records
from procmine.text import t

if TYPE_CHECKING:
    from procmine.aggregates.process_map import ProcessMap

__all__ = ["Box", "MapLayout", "Way", "lay_out"]

BOX_WIDTH = 190.0
LINE = 16.0
LABEL_SIZE = 12.0
_END = (92.0, 34.0)
_PADDING = 18.0
# Tried in turn; the drawing with the fewest faults is kept.
_ROOM: dict[str, object] = {"layer_gap": 72.0, "bundle_lane_gap": 22.0, "port_gap": 22.0}
_WIDE: dict[str, object] = {**_ROOM, "layer_gap": 92.0, "node_gap": 76.0, "dummy_gap": 44.0}
_TRIES: tuple[dict[str, object], ...] = tuple(
    {"labels": {"reservation": kept}, "effort": "thorough", "spacing": spacing,
     "routing": {"lane_gap": 22.0}}
    for spacing in (_ROOM, _WIDE)
    for kept in ("always", "when_needed", "never")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """An activity, or where cases begin and end (`role` is start or end; no activity)."""

    key: int
    role: str
    activity: str | None
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float

    @property
    def rect(self) -> Rect:
        """Left, top, right and bottom."""
        half, tall = self.width / 2, self.height / 2
        return (self.x - half, self.y - tall, self.x + half, self.y + tall)


@dataclass(frozen=True, slots=True)
class Way:
    """A way between two boxes: its corners, and the middle of its label."""

    source: int
    target: int
    row: int
    points: tuple[Point, ...]
    label: str
    label_at: Point
    label_width: float


@dataclass(frozen=True, slots=True)
class MapLayout:
    """A laid out map in pixels, from `left` on and from 0 down.

    ``quality`` holds graphlay's own metrics (``crossings``, ``node_edge_hits``,
    ``node_overlaps`` and more), and as ``label_overlaps`` the count for our labels.
    """

    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    left: float
    width: float
    height: float
    quality: dict[str, float]


def lay_out(found: ProcessMap) -> MapLayout:
    """Lay out a process map, the same way for the same map.

    Activities enter in the order of their usual place in a case, which the engine keeps
    where it may choose; of a few settings the drawing with the fewest ways through boxes,
    overlapping labels and crossings is kept.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.aggregates.process_map import ProcessMap
    >>> nodes = pd.DataFrame({"activity": ["a", "b"], "label": ["A", "B"], "n": [2, 2],
    ...     "approximate": [False, False]})
    >>> edges = pd.DataFrame({"from": ["a"], "to": ["b"], "n": [2], "median_days": [1.0],
    ...     "median_hours": [24.0]})
    >>> laid = lay_out(ProcessMap(nodes, edges))
    >>> [box.lines for box in laid.boxes], laid.quality["crossings"]
    ([('A',), ('B',)], 0)
    """
    boxes, index = _boxes(found)
    graph = graphlay.Graph()
    for box in boxes:
        shape = "box" if box.role == "activity" else "ellipse"
        graph.node(box.key, width=box.width, height=box.height, shape=shape)
    ways = _ways(found, index)
    for way in ways:
        graph.edge(
            way.source,
            way.target,
            weight=float(found.edges["n"].iloc[way.row]),
            label_size={"width": way.label_width, "height": LINE + 2},
        )
    return _best(graph, boxes, ways)


def _boxes(found: ProcessMap) -> tuple[list[Box], dict[str | None, tuple[int, int]]]:
    boxes: list[Box] = []
    index: dict[str | None, tuple[int, int]] = {}
    begin = -1
    if found.edges["from"].isna().any():
        begin = 0
        boxes.append(Box(0, "start", None, (t("figure.map.start"),), 0, 0, *_END))
    for activity, label in zip(found.nodes["activity"], found.nodes["label"], strict=True):
        lines = tuple(wrapped(str(label), BOX_WIDTH - _PADDING))
        height = (len(lines) + 1) * LINE + 16
        key = len(boxes)
        boxes.append(Box(key, "activity", activity, lines, 0, 0, BOX_WIDTH, height))
        index[activity] = (key, key)
    finish = -1
    if found.edges["to"].isna().any():
        finish = len(boxes)
        boxes.append(Box(finish, "end", None, (t("figure.map.end"),), 0, 0, *_END))
    index[None] = (begin, finish)
    return boxes, index


def _ways(found: ProcessMap, index: dict[str | None, tuple[int, int]]) -> list[Way]:
    ways = []
    rows = records(found.edges)
    for number, row in enumerate(rows):
        source = index[row["from"] if isinstance(row["from"], str) else None][0]
        target = index[row["to"] if isinstance(row["to"], str) else None][1]
        label = count_and_wait(row)
        width = text_width(label, LABEL_SIZE) + 8
        ways.append(Way(source, target, number, (), label, (0, 0), width))
    return ways


def _best(graph: graphlay.Graph, boxes: list[Box], ways: list[Way]) -> MapLayout:
    found: list[tuple[tuple[float, ...], MapLayout]] = []
    for options in _TRIES:
        laid = _placed(graphlay.layout(graph, preset="process_map", options=options), boxes, ways)
        quality = laid.quality
        rank = (
            quality["node_edge_hits"] + quality["node_overlaps"],
            3 * quality["label_overlaps"] + quality["crossings"],
            -round(quality["main_path_aligned_fraction"], 1),
            laid.width * laid.height,
        )
        found.append((rank, laid))
    return min(found, key=lambda pair: pair[0])[1]


def _placed(layout: graphlay.Layout, boxes: list[Box], ways: list[Way]) -> MapLayout:
    low, high = layout.bounds["min"], layout.bounds["max"]
    dx, dy = _PADDING - low["x"], _PADDING - low["y"]
    placed = tuple(
        replace(box, x=node["center"]["x"] + dx, y=node["center"]["y"] + dy)
        for box, node in zip(boxes, layout.nodes, strict=True)
    )
    paths = [tuple((p["x"] + dx, p["y"] + dy) for p in edge["points"]) for edge in layout.edges]
    widths = [way.label_width for way in ways]
    rects = [box.rect for box in placed]
    clear = [(x - 3, y - 3, end + 3, foot + 3) for x, y, end, foot in rects]
    places = place_labels(paths, widths, clear)
    drawn = tuple(
        replace(way, points=path, label_at=at)
        for way, path, at in zip(ways, paths, places, strict=True)
    )
    left = min([0.0, *(at[0] - w / 2 - 4 for at, w in zip(places, widths, strict=True))])
    right = [at[0] + width / 2 for at, width in zip(places, widths, strict=True)]
    width = max([high["x"] + dx, *right]) + _PADDING
    quality = layout.metrics() | {"label_overlaps": overlaps(places, widths, rects)}
    return MapLayout(placed, drawn, left, width - left, high["y"] + dy + _PADDING, quality)
