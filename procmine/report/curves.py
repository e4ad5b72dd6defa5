"""The curve of case time as data for a figure, and how small a change can be seen."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from procmine.effects.power import months_to_decide
from procmine.effects.survival import at_risk_at
from procmine.report.model import Curve, Curves, Figure
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from procmine.effects.period import WindowMean
    from procmine.indicators.measure import Figure as Number
    from procmine.report.figures_data import Measured

__all__ = ["curve_figure", "wait_sentence"]

_POINTS = 120
_INTERVALS = 6
_STEPS = (1, 2, 5, 7, 10, 14, 20, 30, 60, 90, 120, 180, 365)
_MONTH_DAYS = 365.25 / 12


def curve_figure(windows: Sequence[tuple[str, WindowMean]], least: int) -> Figure:
    """Return the figure of one or two windows: curves, intervals, numbers at risk.

    Each curve stops where fewer than `least` cases are under observation.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(curve_figure).parameters)
    ['windows', 'least']
    """
    horizon = windows[0][1].horizon
    curves = [_curve(label, window, horizon, least) for label, window in windows]
    reach = max([1.0, *(curve.days[-1] for curve in curves if curve.days)])
    marks = _marks(reach)
    risk, said = [], []
    for label, window in windows:
        seen = at_risk_at(window.sight.stop, marks, window.sight.entry)
        risk.append(tuple(int(n) if n == 0 or n >= least else None for n in seen))
        said += [_said(label, window, at) for at in (reach / 3, 2 * reach / 3)]
    content = Curves(tuple(curves), tuple(float(m) for m in marks), tuple(risk))
    alt = t("report.time.alt", lines=" ".join(said))
    return Figure("curve", t("report.time.caption"), alt, content)


def _marks(reach: float) -> NDArray[np.float64]:
    """Return at most seven even numbers of days that cover `reach`."""
    step = next((s for s in _STEPS if s >= reach / _INTERVALS), reach / _INTERVALS)
    return np.arange(0.0, step * (np.ceil(reach / step) + 0.5), step)


def wait_sentence(one: Number, found: Measured) -> str:
    """Say how many months must be measured to see the least change that matters.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(wait_sentence).parameters)
    ['one', 'found']
    """
    months = one.span.days / _MONTH_DAYS
    pace = one.ended / months if months else 0.0
    margin = one.indicator.margin_for(found.process.name)
    spread = one.estimate.se * sqrt(one.ended)
    wait = months_to_decide(spread, one.ended, pace, margin)
    values = {
        "n": number(pace),
        "change": number(margin),
        "unit": one.indicator.unit,
        "months": number(wait),
        "n0": number(one.ended),
    }
    return t("effect.mde_never" if wait is None else "effect.mde", **values)


def _curve(label: str, window: WindowMean, horizon: float, least: int) -> Curve:
    days = np.linspace(0.0, horizon, _POINTS + 1)
    seen = at_risk_at(window.sight.stop, days, window.sight.entry)
    days = days[seen >= least]
    table = window.sight.curve.table()
    place = np.searchsorted(table["time"].to_numpy(float), days, side="right")
    columns = [np.concatenate([[1.0], table[c].to_numpy(float)])[place] for c in
               ("survival", "lower", "upper")]  # fmt: skip
    share, low, high = (tuple(np.nan_to_num(c, nan=1.0).round(3).tolist()) for c in columns)
    return Curve(label, tuple(days.round(2).tolist()), share, low, high)


def _said(label: str, window: WindowMean, at: float) -> str:
    days = float(round(at))
    share = float(window.sight.curve.at(np.array([days]))[0])
    return t("report.time.alt_line", label=label, days=number(days), share=percent(share))
