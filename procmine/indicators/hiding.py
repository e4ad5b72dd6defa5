"""Which cells of the table of indicators are hidden, and what would give them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from procmine.disclosure import suppress

if TYPE_CHECKING:
    from procmine.indicators.measure import Figure

__all__ = ["HELPERS", "helpers", "hidden"]

_PARTS = ("hit_citizens", "rest_citizens")
_BEFORE = ("before_citizens", "before_hits", "before_rest")
HELPERS = (*_PARTS, *_BEFORE, "unseen")
"""Columns that :func:`hidden` needs besides those shown."""
_VALUES = ("value", "lower", "upper", "verdict")
_CHANGES = ("change", "change_lower", "change_upper")


def helpers(found: Figure, *, before: bool = False) -> dict[str, object]:
    """Return the numbers of citizens that a figure tells of; those of the span before.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(helpers).parameters)
    ['found', 'before']
    """
    parts = found.split
    counts = (parts.hit_citizens, parts.rest_citizens) if parts else (0, 0)
    if before:
        return dict(zip(_BEFORE, (found.citizens, *counts), strict=True))
    return {
        **dict(zip(_PARTS, counts, strict=True)),
        **dict.fromkeys(_BEFORE, 0),
        "unseen": False,
    }


def hidden(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """Hide every small number of citizens, and what would give it away by subtraction.

    A row on few citizens loses its counts and values; one whose share tells of few loses
    its values, and keeps its counts where they give nothing away. `suppressed` is true for
    both. Rows that are unseen are taken out.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(hidden).parameters)
    ['frame', 'least']
    """
    frame = frame.reset_index(drop=True)
    few = _hide(frame, "citizens", least)
    small = few | _hide(frame, "citizens", least, _PARTS, few)
    past = _hide(frame, _BEFORE[0], least, _BEFORE[1:])
    doubt = _hide(frame, "left_out", least)
    result = frame.assign(suppressed=small)
    result["citizens"] = result["citizens"].astype("Int64").mask(few)
    result["n"] = result["n"].astype("Int64").mask(few)
    result["left_out"] = result["left_out"].astype("Int64").mask(few | doubt)
    for name in _VALUES:
        result[name] = result[name].mask(small)
    for name in (*_CHANGES, "baseline"):
        result[name] = result[name].mask(small | past)
    seen: pd.DataFrame = result[~frame["unseen"].astype(bool)].reset_index(drop=True)
    return seen


def _hide(
    frame: pd.DataFrame,
    count: str,
    least: int,
    parts: tuple[str, ...] = (),
    already: pd.Series[bool] | None = None,
) -> pd.Series[bool]:
    """Return the rows hidden for a count, and for the parts of it."""
    found = suppress(
        frame.drop(columns="suppressed", errors="ignore"),
        count=count,
        minimum=least,
        within=[["indicator", "by"]],
        parts=parts,
        unseen="unseen",
    )
    mask: pd.Series[bool] = found["suppressed"].astype(bool)
    return mask if already is None else mask | already
