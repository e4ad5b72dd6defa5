"""The two curves of a before/after comparison, thinned so that no single case shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.disclosure import minimum_count

if TYPE_CHECKING:
    from procmine.effects.period import PeriodEffect

__all__ = ["effect_at_risk", "effect_curves"]

_POINTS = 240


def effect_curves(
    effect: PeriodEffect, *, minimum: int | None = None, disclose: bool = False
) -> pd.DataFrame:
    """Give the share of cases not yet decided, before and after, on an even grid of days.

    Returns
    -------
    DataFrame
        ``period`` (before, after), ``days, share`` (whole percents unless disclosed); a
        curve has no points where fewer cases than the minimum are under observation.

    Examples
    --------
    >>> from procmine.effects.period import period_effect
    >>> start = pd.to_datetime(["2026-01-01", "2026-01-11", "2026-03-01", "2026-03-11"], utc=True)
    >>> cases = pd.DataFrame({"case_id": list("abcd"), "start": start, "end": pd.NaT,
    ...     "decided": start + pd.to_timedelta([20, 30, 10, 40], unit="D"), "open": False})
    >>> effect = period_effect(cases, "2026-03-01", cut="2026-05-01", horizon=30, least=1)
    >>> effect_curves(effect, disclose=True)["period"].unique().tolist()
    ['before', 'after']
    """
    least = 1 if disclose else minimum_count(minimum)
    grid = np.linspace(0.0, effect.horizon, _POINTS + 1)
    parts = []
    for name, side in (("before", effect.before), ("after", effect.after)):
        table = side.risk_table(grid).rename(columns={"survival": "share"})
        table = table[(table["at_risk"] >= least) | (table["days"] == 0)]
        parts.append(table.assign(period=name)[["period", "days", "share"]])
    curves = pd.concat(parts, ignore_index=True)
    return curves if disclose else curves.assign(share=curves["share"].round(2))


def effect_at_risk(
    effect: PeriodEffect, *, minimum: int | None = None, disclose: bool = False
) -> pd.DataFrame:
    """Give the cases under observation at 13 even durations: ``days, before, after``.

    Numbers under the minimum are empty.

    Examples
    --------
    >>> from procmine.effects.period import period_effect
    >>> start = pd.to_datetime(["2026-01-01", "2026-03-01"], utc=True)
    >>> cases = pd.DataFrame({"case_id": list("ab"), "start": start, "end": pd.NaT,
    ...     "decided": start + pd.Timedelta(days=20), "open": False})
    >>> effect = period_effect(cases, "2026-03-01", cut="2026-05-01", horizon=20, least=1)
    >>> effect_at_risk(effect).columns.tolist()
    ['days', 'before', 'after']
    """
    least = 1 if disclose else minimum_count(minimum)
    table = effect.at_risk()
    found = pd.DataFrame({"days": table["days"].round(1)})
    for name in ("before", "after"):
        counts = table[f"at_risk_{name}"].astype("Int64")
        found[name] = counts.mask((counts > 0) & (counts < least))
    return found
