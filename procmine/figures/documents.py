"""Figure of documents: how many of each status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.aggregates.documents import document_statuses
from procmine.figures.frame import framed, ready
from procmine.figures.style import ACCENT, MUTED, SERIES
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    import pyarrow as pa

__all__ = ["statuses_figure"]

_QUIET = ("exempt", "used", "undecided", "not_assessable")


def statuses_figure(
    documents: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame | None = None,
    *,
    disclose: bool = False,
) -> go.Figure:
    """Draw one bar for each status of documents; those of note in another colour.

    Parameters
    ----------
    documents, cases
        Fact tables of a process; or, alone, what
        :func:`~procmine.aggregates.documents.document_statuses` made of them.

    Examples
    --------
    >>> import pandas as pd
    >>> statuses_figure(pd.DataFrame({"status": ["used"], "n": [12],
    ...     "suppressed": [False]})).data[0].x
    (12.0,)
    """
    import plotly.graph_objects as go

    counts = (
        documents if ready(documents) else document_statuses(documents, cases, disclose=disclose)
    )
    shown = counts[~counts["suppressed"]].iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=[float(n) for n in shown["n"]],
            y=[t(f"figure.status.{status}") for status in shown["status"]],
            orientation="h",
            marker={"color": [_colour(status) for status in shown["status"]]},
            text=[number(float(n)) for n in shown["n"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    framed(figure, height=70 + 42 * max(len(shown), 1), across=t("figure.status.across"))
    figure.update_yaxes(showgrid=False)
    figure.update_xaxes(tickformat=",.0f")
    return figure


def _colour(status: str) -> str:
    if status == "used":
        return ACCENT
    return MUTED if status in _QUIET else SERIES[1]
