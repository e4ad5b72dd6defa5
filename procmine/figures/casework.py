"""Figures of cases: how many a month, and how long they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procmine.aggregates.casework import cases_per_month
from procmine.figures.frame import framed, ready
from procmine.figures.style import ACCENT, SERIES
from procmine.figures.wording import duration
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    import pyarrow as pa

    from procmine.aggregates.casework import CaseTime

__all__ = ["case_time_figure", "months_figure"]

_ORDER = ("started", "decided", "ended")
_DASHES = ("solid", "dash", "dot")


def months_figure(cases: pa.Table | pd.DataFrame, *, disclose: bool = False) -> go.Figure:
    """Draw cases begun, decided and ended by month.

    Parameters
    ----------
    cases
        The fact table of a process, or the months that
        :func:`~procmine.aggregates.casework.cases_per_month` made of it.

    Examples
    --------
    >>> from procmine.tables.facts import CASES
    >>> len(months_figure(CASES.empty()).data)
    0
    """
    import plotly.graph_objects as go

    months = cases if ready(cases) else cases_per_month(cases, disclose=disclose)
    figure = go.Figure()
    for what, dash, colour in zip(_ORDER, _DASHES, SERIES, strict=False):
        rows = months[months["what"] == what]
        if rows.empty or (what == "ended" and _same(months)):
            continue
        figure.add_scatter(
            x=rows["month"].astype(str).tolist(), y=_numbers(rows["n"]),
            name=t(f"figure.months.{what}"), mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2}, marker={"size": 5},
            hovertemplate="%{x|%b %Y}: %{y}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_xaxes(tickformat="%b %Y")
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(showlegend=True)
    return framed(figure, height=320, up=t("figure.months.up"))


def case_time_figure(found: CaseTime) -> go.Figure:
    """Draw the share of cases not yet decided, by days since they began.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.aggregates.casework import CaseTime
    >>> curve = pd.DataFrame({"days": [0.0, 10.0], "share": [1.0, 0.4]})
    >>> risk = pd.DataFrame({"days": [0.0], "n": [20]})
    >>> len(case_time_figure(CaseTime(curve, risk, 8.0, 6.0, 9.0, 20, 12)).data)
    1
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=found.curve["days"].tolist(), y=found.curve["share"].tolist(), mode="lines",
        line={"shape": "hv", "color": ACCENT, "width": 2.5}, showlegend=False,
        hovertemplate=t("figure.case_time.hover"),
    )  # fmt: skip
    top = float(found.curve["days"].max()) if len(found.curve) else 0.0
    if found.median is not None and found.median < top:
        figure.add_shape(
            type="line", x0=found.median, x1=found.median, y0=0, y1=0.5,
            line={"color": SERIES[1], "dash": "dot"},
        )  # fmt: skip
        figure.add_annotation(
            x=found.median, y=0.5, ax=30, ay=-30, xanchor="left", arrowcolor=SERIES[1],
            text=t("figure.case_time.median", days=duration(found.median)),
        )  # fmt: skip
    framed(figure, height=360, across=t("figure.case_time.across"), up=t("figure.case_time.up"))
    marks = [
        f"{number(days)}<br>{t('figure.few') if np.isnan(n) else number(n)}"
        for days, n in zip(found.at_risk["days"], found.at_risk["n"], strict=True)
    ]
    figure.update_xaxes(tickvals=found.at_risk["days"].tolist(), ticktext=marks)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    figure.update_yaxes(range=[0, 1.03], tickvals=ticks, ticktext=[percent(v) for v in ticks])
    return figure


def _numbers(column: pd.Series) -> list[float | None]:
    return [
        float(value) if known else None for value, known in zip(column, column.notna(), strict=True)
    ]


def _same(months: pd.DataFrame) -> bool:
    """Whether cases end just where they are decided, so that one line says both."""
    sums = months.groupby("what")["n"].sum()
    return bool(sums.get("decided", -1) == sums.get("ended", -2))
