"""Colours, fonts and Danish axes: one look for page, notebook and report."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from procmine.text import t
from procmine.text.formats import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ACCENT",
    "CAUSE_COLOURS",
    "FONT",
    "INK",
    "MUTED",
    "NATURE_COLOURS",
    "PAPER",
    "SERIES",
    "TINTS",
    "WARNING",
    "contrast",
    "graph_config",
    "tints_of",
]

FONT = 'Arial, "Liberation Sans", sans-serif'
INK = "#1b2733"
MUTED = "#51606f"
PAPER = "#ffffff"
ACCENT = "#155a8a"
WARNING = "#a3271d"
SERIES = ("#155a8a", "#b3541e", "#2f6b3a", "#6b4a9e", "#8a6a00", "#a3276b", "#3d6d75")
TINTS = (
    "#d9e8f5", "#fbe3d3", "#dcefdc", "#e8e0f4", "#f6edc4",
    "#f8dcea", "#d8ecee", "#ece5dc", "#e3e6ea", "#f1f5d8",
)  # fmt: skip
CAUSE_COLOURS = {
    "working": "#9fb4c4",
    "citizen": "#2f6b3a",
    "legal_period": "#6b4a9e",
    "payment_run": "#8e73b8",
    "appeal_body": "#3d6d75",
    "document": "#8a6a00",
    "meeting_slot": "#5a7d2b",
    "meeting_queue": "#b3541e",
    "between_units": "#c0392b",
    "busy": "#155a8a",
    "unexplained": "#6c757d",
}
NATURE_COLOURS = (ACCENT, "#b3541e", "#6c757d")


@cache
def graph_config() -> dict[str, object]:
    """Return what every Plotly graph is shown with: Danish, and nothing that leaves.

    Plotly's button for sending the figure to its cloud is off, as is its mode bar.

    Examples
    --------
    >>> graph_config()["showSendToCloud"], graph_config()["locale"]
    (False, 'da')
    """
    days = t("figure.weekdays").split()
    danish = {
        "moduleType": "locale",
        "name": "da",
        "dictionary": {},
        "format": {
            "days": days,
            "shortDays": [day[:2] for day in days],
            "months": list(MONTHS),
            "shortMonths": [month[:3] for month in MONTHS],
            "date": "%d-%m-%Y",
            "decimal": ",",
            "thousands": ".",
        },
    }
    return {
        "displayModeBar": False,
        "displaylogo": False,
        "showSendToCloud": False,
        "responsive": True,
        "locale": "da",
        "locales": {"da": danish},
    }


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours by WCAG 2.1 (1 to 21).

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tints_of(kinds: Iterable[str]) -> Mapping[str, str]:
    """Give each kind of unit its background, by the order of the kinds' names.

    Examples
    --------
    >>> tints_of(["B", "A"])["A"] == TINTS[0]
    True
    """
    return {kind: TINTS[i % len(TINTS)] for i, kind in enumerate(sorted(set(kinds)))}


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
