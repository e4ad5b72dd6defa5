"""How a cell of a table is written, by the name of its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.figures.wording import duration
from procmine.text import t
from procmine.text.formats import month, number, percent

if TYPE_CHECKING:
    from dashboards.source import View

__all__ = ["cell", "heading", "is_number"]

_ACTIVITIES = frozenset({"activity", "from_activity", "to_activity"})
_SHARES = ("share", "coverage")
_SPANS = frozenset({"median_days", "mean_days", "p90_days", "median_gap_days",
                    "median_days_before"})  # fmt: skip
_NAMED = {"cause": "figure.cause", "status": "figure.status", "what": "figure.months", "period": "figure.period", "fate": "page.fate",
          "grade": "page.grade", "flag": "page.flag", "precision": "page.precision"}  # fmt: skip
_KINDS = frozenset({"unit_kind", "from_kind", "to_kind"})


def heading(column: str) -> str:
    """Return what people call a column."""
    return t(f"page.column.{column}")


def is_number(column: str) -> bool:
    """Whether a column is set flush right."""
    texts = {*_ACTIVITIES, *_NAMED, *_KINDS, "nature", "holder", "one", "other", "from", "to",
             "kind", "month", "reason", "file", "unit", "name", "text"}  # fmt: skip
    return column not in texts


def cell(column: str, value: Any, view: View, *, suppressed: bool = False) -> str:
    """Write a cell for people; an en dash where there is nothing to say."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124
        if suppressed and is_number(column):
            return t("figure.few")
        return t(f"page.{column}_none") if column in {"from", "to", "grade", "kind"} else "\u2013"
    if column == "month":
        return month(pd.Timestamp(value).date())
    if column in _ACTIVITIES:
        return view.label(value)
    if column == "reason":
        return _reason(str(value))
    if column in _KINDS:
        return view.kinds().get(str(value), str(value))
    if column in _NAMED:
        return t(f"{_NAMED[column]}.{value}")
    if column.endswith(_SHARES):
        return percent(float(value), 1)
    if column in _SPANS:
        return duration(float(value))
    if column == "year":
        return str(int(value))
    if isinstance(value, (int, float)) or pd.api.types.is_number(value):
        whole = float(value) == int(value) or abs(float(value)) >= 100
        return number(float(value), 0 if whole else 1)
    return str(value)


def _reason(code: str) -> str:
    from procmine.exports import sentence

    try:
        return sentence(code)
    except KeyError:
        return code
