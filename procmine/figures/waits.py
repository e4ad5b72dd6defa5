"""Figure of waiting: the time of all cases, by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.aggregates.waits import waits_by_cause
from procmine.figures.frame import framed, ready
from procmine.figures.style import CAUSE_COLOURS, MUTED
from procmine.figures.wording import records
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    import pyarrow as pa

__all__ = ["waits_figure"]


def waits_figure(
    waits: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame | None = None,
    *,
    disclose: bool = False,
) -> go.Figure:
    """Draw one bar for each cause, longest first, with its nature and its share in words.

    Parameters
    ----------
    waits, cases
        Fact tables of a process; or, alone, the causes that
        :func:`~procmine.aggregates.waits.waits_by_cause` made of them.

    Examples
    --------
    >>> import pandas as pd
    >>> causes = pd.DataFrame({"cause": ["citizen"], "nature": ["v"], "days": [14.0],
    ...     "share": [1.0], "cases": [6], "suppressed": [False]})
    >>> waits_figure(causes).data[0].x
    (14.0,)
    """
    import plotly.graph_objects as go

    causes = waits if ready(waits) else waits_by_cause(waits, cases, disclose=disclose)
    shown = causes[~causes["suppressed"]].iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=[float(days) for days in shown["days"]],
            y=[cause_label(row) for row in records(shown)],
            orientation="h",
            marker={"color": [CAUSE_COLOURS.get(cause, MUTED) for cause in shown["cause"]]},
            text=[
                t("figure.waits.bar", days=number(days), share=percent(share))
                for days, share in zip(shown["days"], shown["share"], strict=True)
            ],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    framed(figure, height=70 + 46 * max(len(shown), 1), across=t("figure.waits.across"))
    figure.update_yaxes(showgrid=False)
    figure.update_xaxes(
        tickformat=",.0f", range=[0, float(shown["days"].max() if len(shown) else 1) * 1.25]
    )
    return figure


def cause_label(row: dict[str, object]) -> str:
    """Return a cause with its nature in brackets, as people read it."""
    return t(
        "figure.waits.label",
        cause=t(f"figure.cause.{row['cause']}"),
        nature=row["nature"],
    )
