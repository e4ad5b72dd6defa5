"""One case drawn as it went: visits by unit, waits coloured by cause, documents as marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.errors import Fault, NotFoundError, UsageError
from procmine.figures.frame import framed
from procmine.figures.style import ACCENT, CAUSE_COLOURS, INK, MUTED, TINTS
from procmine.text import t
from procmine.text.formats import ZONE, number

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

    from procmine.config.load import Config

__all__ = ["case_timeline"]

# A visit of a single step has no length of its own; half a day (in ms) makes it visible.
_VISIBLE = 43_200_000.0


def case_timeline(
    case_id: str,
    visits: pa.Table | pd.DataFrame,
    waits: pa.Table | pd.DataFrame | None = None,
    documents: pa.Table | pd.DataFrame | None = None,
    *,
    steps: pa.Table | pd.DataFrame | None = None,
    config: Config | None = None,
    process: str = "",
    disclose: bool = False,
) -> go.Figure:
    """Draw the story of one case, for the analyst's own eyes.

    Parameters
    ----------
    case_id
        The case, as in the tables.
    visits, waits, documents, steps
        Fact tables of its process.
    config
        Gives activities their labels.
    process
        Whose labels they are: processes may call one activity by different names.
    disclose
        Must be True: one case is one citizen's, so it is never shown to others.

    Raises
    ------
    UsageError
        `disclose` is not set.
    NotFoundError
        The case has no visits.

    Examples
    --------
    >>> visits = pd.DataFrame({"case_id": ["1"], "unit": ["A"], "unit_kind": ["K"],
    ...     "begin": pd.to_datetime(["2026-03-02"], utc=True),
    ...     "finish": pd.to_datetime(["2026-03-04"], utc=True), "steps": [2], "grade": [None]})
    >>> len(case_timeline("1", visits, disclose=True).data)
    1
    """
    import plotly.graph_objects as go

    if not disclose:
        raise UsageError(t("figure.timeline.disclose"), (Fault("not_disclosed"),))
    seen = _of_case(visits, case_id)
    if seen.empty:
        raise NotFoundError(t("figure.timeline.unknown"), (Fault("no_case"),))
    figure = go.Figure()
    units = list(dict.fromkeys(seen["unit"].astype(str)))
    _add_visits(figure, seen, units)
    if waits is not None:
        _add_waits(figure, _of_case(waits, case_id))
    if steps is not None:
        _add_steps(figure, _of_case(steps, case_id), config, process)
    if documents is not None:
        _add_documents(figure, _of_case(documents, case_id))
    rows = [t("figure.timeline.documents"), t("figure.timeline.waits"), *reversed(units)]
    framed(figure, height=170 + 42 * len(rows))
    figure.update_layout(barmode="overlay", bargap=0.35)
    figure.update_yaxes(categoryorder="array", categoryarray=rows, showgrid=False)
    figure.update_xaxes(type="date", tickformat="%d. %b %Y")
    return figure


def _of_case(table: pa.Table | pd.DataFrame, case_id: str) -> pd.DataFrame:
    frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    return frame[frame["case_id"].astype(str) == case_id]


def _add_visits(figure: go.Figure, visits: pd.DataFrame, units: list[str]) -> None:
    for number_, unit in enumerate(units):
        rows = visits[visits["unit"].astype(str) == unit]
        _bars(
            figure, rows["begin"], rows["finish"], [unit] * len(rows), unit,
            TINTS[number_ % len(TINTS)],
            [
                t("figure.timeline.visit", unit=unit, n=number(n), grade=_text(grade))
                for n, grade in zip(rows["steps"], rows["grade"], strict=True)
            ],
            legend=False,
        )  # fmt: skip


def _add_waits(figure: go.Figure, waits: pd.DataFrame) -> None:
    lasting = waits[waits["end"] > waits["start"]]
    for cause, rows in lasting.groupby("cause", observed=True, sort=True):
        name = t(f"figure.cause.{cause}")
        _bars(
            figure, rows["start"], rows["end"], [t("figure.timeline.waits")] * len(rows), name,
            CAUSE_COLOURS.get(str(cause), MUTED),
            [t("figure.timeline.wait", cause=name, days=number(d, 1)) for d in rows["days"]],
            least=0.0,
        )  # fmt: skip


def _add_steps(figure: go.Figure, steps: pd.DataFrame, config: Config | None, process: str) -> None:
    steps = steps[steps["unit"].notna()]
    labels = [config.label(str(a), process) if config else str(a) for a in steps["activity"]]
    figure.add_scatter(
        x=_local(steps["placed"]), y=steps["unit"].astype(str).tolist(), mode="markers",
        marker={"color": INK, "size": 7}, text=labels, name=t("figure.timeline.steps"),
        hovertemplate="%{text}<br>%{x|%d. %b %Y %H:%M}<extra></extra>",
    )  # fmt: skip


def _add_documents(figure: go.Figure, documents: pd.DataFrame) -> None:
    for column, symbol in (("requested", "circle-open"), ("received", "diamond")):
        rows = documents[documents[column].notna()]
        if rows.empty:
            continue
        name = t(f"figure.timeline.{column}")
        figure.add_scatter(
            x=_local(rows[column]), y=[t("figure.timeline.documents")] * len(rows),
            mode="markers", marker={"symbol": symbol, "size": 10, "color": ACCENT}, name=name,
            text=rows["kind"].astype(object).where(rows["kind"].notna(), "").astype(str).tolist(),
            hovertemplate="%{text}<br>%{x|%d. %b %Y}<extra>%{fullData.name}</extra>",
        )  # fmt: skip


def _bars(
    figure: go.Figure,
    begin: pd.Series,
    finish: pd.Series,
    rows: list[str],
    name: str,
    colour: str,
    texts: list[str],
    *,
    legend: bool = True,
    least: float = _VISIBLE,
) -> None:
    spans = (finish - begin).dt.total_seconds() * 1000
    figure.add_bar(
        x=[max(float(span), least) for span in spans], base=_local(begin), y=rows,
        orientation="h", name=name, showlegend=legend, hovertext=texts, hoverinfo="text",
        marker={"color": colour, "line": {"color": MUTED, "width": 1}},
    )  # fmt: skip


def _local(stamps: pd.Series) -> list[Any]:
    wall = stamps.dt.tz_convert(ZONE).dt.tz_localize(None)
    stamps_: list[Any] = wall.dt.strftime("%Y-%m-%dT%H:%M:%S").tolist()
    return stamps_


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else t("figure.timeline.ungraded")
