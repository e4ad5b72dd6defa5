"""Figure of handovers: from each unit to each other, with numbers in the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from procmine.aggregates.handovers import handover_matrix
from procmine.figures.frame import framed, ready
from procmine.figures.wording import records
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go
    import pyarrow as pa

__all__ = ["matrix_figure"]

_SCALE = [[0, "#f4f7fa"], [1, "#7fb0d6"]]


def matrix_figure(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame | None = None,
    *,
    by: Literal["unit", "kind"] = "unit",
    labels: Mapping[str, str] | None = None,
    disclose: bool = False,
) -> go.Figure:
    """Draw the matrix of handovers; redundant ones stand in brackets under the number.

    Parameters
    ----------
    handovers, cases
        Fact tables of a process; or, alone, what
        :func:`~procmine.aggregates.handovers.handover_matrix` made of them.
    labels
        Names of the kinds of units for people.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"from": ["A"], "to": ["B"], "n": [9], "redundant": [2],
    ...     "suppressed": [False]})
    >>> matrix_figure(cells).data[0].text[0][0]
    '9<br>(2)'
    """
    import plotly.graph_objects as go

    cells = handovers if ready(handovers) else handover_matrix(
        handovers, cases, by=by, disclose=disclose
    )  # fmt: skip
    names = labels or {}
    order = _order(cells)
    rows = [name for name in order if name in set(cells["from"])]
    columns = [name for name in order if name in set(cells["to"])]
    by_pair = {(row["from"], row["to"]): row for row in records(cells)}
    text = [[_cell(by_pair.get((a, b))) for b in columns] for a in rows]
    shade = [[_shade(by_pair.get((a, b))) for b in columns] for a in rows]
    figure = go.Figure(
        go.Heatmap(
            z=shade, text=text, texttemplate="%{text}", colorscale=_SCALE, showscale=False,
            x=[names.get(name, name) for name in columns],
            y=[names.get(name, name) for name in rows], xgap=2, ygap=2,
            hovertemplate=t("figure.matrix.hover"), hoverongaps=False,
        )
    )  # fmt: skip
    framed(figure, height=130 + 48 * max(len(rows), 1), across=t("figure.matrix.across"),
           up=t("figure.matrix.up"))  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return figure


def _order(cells: pd.DataFrame) -> list[str]:
    """Units with most handovers first, the same way round on both axes."""
    total: dict[str, float] = {}
    for source, target, n in zip(cells["from"], cells["to"], cells["n"].fillna(0), strict=True):
        for unit in (source, target):
            total[unit] = total.get(unit, 0.0) + float(n)
    return sorted(total, key=lambda unit: (-total[unit], unit))


def _cell(row: dict[str, object] | None) -> str:
    if row is None:
        return ""
    if row["suppressed"]:
        return t("figure.few")
    count = number(float(str(row["n"])))
    redundant: Any = row.get("redundant")
    if redundant is None or pd.isna(redundant) or not redundant:
        return count
    return f"{count}<br>({number(float(str(redundant)))})"


def _shade(row: dict[str, object] | None) -> float | None:
    if row is None:
        return None
    return 0.0 if row["suppressed"] else float(str(row["n"])) ** 0.5
