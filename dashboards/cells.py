"""How a cell of a table is written, by the name of its column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.figures.wording import duration
from procmine.text import t
from procmine.text.formats import month, number, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.source import View

__all__ = ["cell", "heading", "is_number"]

_ACTIVITIES = frozenset({"activity", "from_activity", "to_activity"})
_SHARES = ("share", "coverage")
_SPANS = frozenset({"median_days", "mean_days", "p90_days", "median_gap_days",
                    "median_days_before"})  # fmt: skip
_NAMED = {
    "cause": "figure.cause",
    "status": "figure.status",
    "what": "figure.months",
    "period": "figure.period",
    "fate": "page.fate",
    "grade": "page.grade",
    "flag": "page.flag",
    "precision": "page.precision",
}
_EMPTY = frozenset({"from", "to", "grade", "kind", "unit"})
_KINDS = frozenset({"unit_kind", "from_kind", "to_kind"})


def heading(column: str) -> str:
    """Return what people call a column."""
    return t(f"page.column.{column}")


def is_number(column: str) -> bool:
    """Whether a column is set flush right."""
    texts = {*_ACTIVITIES, *_NAMED, *_KINDS, "nature", "measure", "holder", "one", "other",
             "from", "to", "kind", "month", "reason", "file", "unit", "name", "text",
             "field", "first_system", "system", "same"}  # fmt: skip
    return column not in texts


def cell(column: str, value: Any, view: View, *, suppressed: bool = False) -> str:
    """Write a cell for people; an en dash where there is nothing to say."""
    if pd.isna(value):
        return _nothing(column, suppressed=suppressed)
    writer = _WRITERS.get(column)
    if writer is not None:
        return writer(value, view)
    if column in _NAMED:
        return t(f"{_NAMED[column]}.{value}")
    if column.endswith(_SHARES):
        return percent(float(value), 1)
    return _plain(value)


def _nothing(column: str, *, suppressed: bool) -> str:
    if suppressed and is_number(column):
        return t("figure.few")
    return t(f"page.{column}_none") if column in _EMPTY else "\u2013"


def _plain(value: Any) -> str:
    if isinstance(value, str) or not pd.api.types.is_number(value):
        return str(value)
    amount = float(str(value))
    whole = amount == int(amount) or abs(amount) >= 100
    return number(amount, 0 if whole else 1)


def _reason(code: str) -> str:
    from procmine.exports import sentence

    try:
        return sentence(code)
    except KeyError:
        return code


def _activity(value: Any, view: View) -> str:
    return view.label(value)


def _kind(value: Any, view: View) -> str:
    return view.kinds().get(str(value), str(value))


def _span(value: Any, _: View) -> str:
    return duration(float(value))


_WRITERS: dict[str, Callable[[Any, View], str]] = {
    "month": lambda value, _: month(pd.Timestamp(value).date()),
    "year": lambda value, _: str(int(value)),
    "reason": lambda value, _: _reason(str(value)),
    **dict.fromkeys(_ACTIVITIES, _activity),
    **dict.fromkeys(_KINDS, _kind),
    **dict.fromkeys(_SPANS, _span),
}
