"""The plain Danish frame that every Plotly figure of procmine stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.figures.style import FONT, INK, PAPER

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["framed", "ready"]


def framed(figure: go.Figure, *, height: int, across: str = "", up: str = "") -> go.Figure:
    """Give a figure its fonts, margins, Danish separators and named axes.

    Examples
    --------
    >>> import plotly.graph_objects as go
    >>> framed(go.Figure(), height=200, across="dage").layout.separators
    ',.'
    """
    axis = {"automargin": True, "gridcolor": "#e3e6ea", "zeroline": False, "linecolor": "#b8c0c8"}
    figure.update_layout(
        template="none", height=height, separators=",.", paper_bgcolor=PAPER, plot_bgcolor=PAPER,
        font={"family": FONT, "size": 13, "color": INK},
        margin={"l": 8, "r": 16, "t": 28, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        hoverlabel={"font": {"family": FONT}},
    )  # fmt: skip
    figure.update_xaxes(title_text=across, title_standoff=10, **axis)
    figure.update_yaxes(title_text=up, title_standoff=10, **axis)
    return figure


def ready(frame: object) -> bool:
    """Whether a table is aggregated and has been through suppression already.

    Examples
    --------
    >>> import pandas as pd
    >>> ready(pd.DataFrame({"n": [1]}))
    False
    """
    return "suppressed" in getattr(frame, "columns", ())
