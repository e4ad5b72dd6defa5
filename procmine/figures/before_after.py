"""Figure of an effect: the two curves of case time, before and after a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.figures.frame import framed
from procmine.figures.style import SERIES
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["before_after_figure"]

_PERIODS = (("before", "dash", SERIES[1]), ("after", "solid", SERIES[0]))


def before_after_figure(curves: pd.DataFrame, at_risk: pd.DataFrame | None = None) -> go.Figure:
    """Draw the share of cases not yet decided, before and after.

    Parameters
    ----------
    curves
        ``period`` (before, after), ``days, share``; further columns are not used.
    at_risk
        ``days, before, after``: numbers to stand under the axis, at every second of them.

    Examples
    --------
    >>> import pandas as pd
    >>> curves = pd.DataFrame({"period": ["before", "after"], "days": [0.0, 0.0],
    ...     "share": [1.0, 1.0]})
    >>> len(before_after_figure(curves).data)
    2
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for period, dash, colour in _PERIODS:
        rows = curves[curves["period"] == period]
        figure.add_scatter(
            x=rows["days"].tolist(), y=rows["share"].tolist(), mode="lines",
            name=t(f"figure.period.{period}"), hovertemplate=t("figure.case_time.hover"),
            line={"shape": "hv", "dash": dash, "color": colour, "width": 2.5},
        )  # fmt: skip
    framed(figure, height=380, across=t("figure.before_after.across"), up=t("figure.case_time.up"))
    if at_risk is not None:
        rows = at_risk.iloc[::2]
        figure.update_xaxes(
            tickvals=rows["days"].tolist(),
            ticktext=[
                "<br>".join((number(days), _count(old), _count(new)))
                for days, old, new in zip(rows["days"], rows["before"], rows["after"], strict=True)
            ],
        )
    ticks = [0, 0.25, 0.5, 0.75, 1]
    figure.update_yaxes(range=[0, 1.03], tickvals=ticks, ticktext=[percent(v) for v in ticks])
    return figure


def _count(value: Any) -> str:
    return t("figure.few") if pd.isna(value) else number(float(str(value)))
