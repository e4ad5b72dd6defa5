"""The building blocks of a page as Dash components: the one place that makes a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dash import dcc, html

from dashboards.cells import cell, heading, is_number
from dashboards.names import named
from dashboards.page import Figure, Missing, Page, Table
from procmine.facts.standing import approvals, checked, doubtful, file_approval
from procmine.figures.style import graph_config
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dashboards.source import View

__all__ = ["data_table", "graph", "rendered"]

_LONGEST = 200


def graph(figure: Any, name: str, summary: str) -> Component:
    """Show a Plotly figure, Danish, with nothing to share, named for a screen reader."""
    config: Any = graph_config()
    return html.Div(
        dcc.Graph(id=f"graph-{name}", figure=figure, config=config),
        role="img",
        **named(summary),
    )


def data_table(table: Table, view: View, *, headed: bool = False) -> Component:
    """Show a table with numbers flush right; its caption unseen where a heading says it."""
    columns = view.columns(table.frame)
    head = html.Tr([html.Th(heading(c), scope="col", className=_side(c)) for c in columns])
    hidden = (
        table.frame["suppressed"].tolist()
        if "suppressed" in table.frame
        else [False] * len(table.frame)
    )
    rows = table.frame[columns].head(_LONGEST).to_dict("records")
    body = [
        html.Tr(
            [
                html.Td(cell(c, row[c], view, suppressed=bool(few)), className=_side(c))
                for c in columns
            ]
        )
        for row, few in zip(rows, hidden, strict=False)
    ]
    return html.Div(
        html.Table(
            [
                html.Caption(table.caption, className="unseen" if headed else ""),
                html.Thead(head),
                html.Tbody(body),
            ]
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **named(table.caption),
    )


def rendered(page: Page, view: View, key: str) -> list[Component]:
    """Turn a page's content into components, in order."""
    parts: list[Component] = [
        html.P(page.question, className="question"),
        html.P(page.answer, className="answer"),
    ]
    if page.rests_on_rules and not view.approved:
        parts.append(_unapproved(view))
    parts.extend(_beside(page, view))
    parts.extend(_part(part, view, key) for part in page.parts)
    if page.method:
        parts.append(
            html.Details(
                [html.Summary(t("page.method")), html.Ul([html.Li(m) for m in page.method])],
                className="method",
            )
        )
    return parts


def download(view: View, key: str, table: Table) -> Component:
    """Link to a shown table as CSV."""
    address = f"/hent/{key}/{table.name}.csv?proces={quote(view.process.name)}"
    return html.A(
        t("page.download"),
        href=address,
        download=f"{key}-{table.name}.csv",
        className="get",
        **named(f"{t('page.download')}: {table.caption}"),
    )


def _part(part: Any, view: View, key: str) -> Component:
    if isinstance(part, Figure):
        inside = [html.H2(part.heading), graph(part.figure, part.name, part.summary)]
        caption = [html.Span(part.summary)]
        if part.note:
            caption.append(html.Span(part.note, className="note"))
        inside.append(html.Figcaption(caption))
        if part.table is not None:
            inside.append(_folded(part.table, view, key))
        return html.Section(html.Figure(inside), className="card")
    if isinstance(part, Table):
        if part.folded:
            return html.Section(_folded(part, view, key), className="card")
        return html.Section(
            [
                html.H2(part.caption),
                data_table(part, view, headed=True),
                download(view, key, part),
            ],
            className="card",
        )
    if isinstance(part, Missing):
        return html.Section(
            [html.H2(part.heading), html.P([html.Strong(t("page.cannot")), " ", part.reason])],
            className="card missing",
        )
    component: Component = part
    return component


def _folded(table: Table, view: View, key: str) -> Component:
    rows = number(len(table.frame))
    return html.Details(
        [
            html.Summary(t("page.show_table", caption=table.caption, rows=rows)),
            data_table(table, view),
            download(view, key, table),
        ]
    )


def _beside(page: Page, view: View) -> list[Component]:
    """Return who approved what the figures rest on, and what a check by hand found."""
    said = []
    if page.rests_on_rules:
        said = [tell(view.snapshot, view.process) for tell in (approvals, doubtful)]
    if page.rests_on_file:
        said.append(file_approval(view.config, page.rests_on_file))
    if page.hand_check:
        said.append(checked(view.snapshot, view.process, page.hand_check))
    text = " ".join(filter(None, said))
    return [html.P(text, className="note")] if text else []


def _unapproved(view: View) -> Component:
    what = "page.unapproved" if view.process.catalogue else "page.no_catalogue"
    return html.P(t(what), className="banner warn", role="note")


def _side(column: str) -> str:
    return "right" if is_number(column) else ""
