"""The process map as a figure: as many steps as stay legible beside the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.aggregates.process_map import simplified
from procmine.figures.map_svg import process_map_svg
from procmine.figures.wording import about, records
from procmine.report.model import Figure, Picture
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from procmine.aggregates.process_map import ProcessMap
    from procmine.figures.map_svg import Drawing
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = ["map_figure"]

_STEPS = (12, 11, 10, 9, 8, 7, 6)
_WAYS = 1.5
_WIDEST, _TALLEST = 470.0, 1240.0  # pixels that still give letters of about six points


def map_figure(snapshot: Snapshot, found: Measured) -> Figure:
    """Draw the process map as a figure of the report, with the same in words.

    The most frequent steps, as many as stay legible in a column of an A4 page, and only
    such a choice in which each step can be reached from another on the map.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(map_figure).parameters)
    ['snapshot', 'found']
    """
    kinds = {k: str(v.get("label", k)) for k, v in snapshot.config.unit_kinds().items()}
    shown, drawing = _legible(found.map, kinds)
    steps = ", ".join(
        t("report.map.alt_step", label=row["label"], n=about(row)) for row in records(shown.nodes)
    )
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    caption = t("report.map.caption", process=found.process.label, **span)
    counts = {
        "nodes": number(shown.hidden_nodes),
        "ways": number(shown.hidden_edges),
        "more_nodes": number(shown.simplified_nodes),
        "more_ways": number(shown.simplified_edges),
    }
    if set(counts.values()) != {number(0)}:
        caption = f"{caption} {t('report.map.left_out', **counts)}"
    return Figure(
        "map",
        caption,
        t("report.map.alt", steps=steps),
        Picture(str(drawing), drawing.width, drawing.height),
        beside=True,
    )


def _legible(full: ProcessMap, kinds: dict[str, str]) -> tuple[ProcessMap, Drawing]:
    choices = [simplified(full, count, _WAYS) for count in _STEPS]
    for shown in choices:
        if not _reached(shown):
            continue
        drawing = process_map_svg(shown, kinds=kinds)
        if drawing.width <= _WIDEST and drawing.height <= _TALLEST:
            return shown, drawing
    return choices[-1], process_map_svg(choices[-1], kinds=kinds)


def _reached(shown: ProcessMap) -> bool:
    """Whether every step on the map has a way to it from another, or begins cases."""
    edges = shown.edges
    others = edges[edges["from"].isna() | (edges["from"] != edges["to"])]
    return bool(shown.nodes["activity"].isin(set(others["to"].dropna())).all())
