"""Proceskort: which way cases go, and where they wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
import pandas as pd
from dash import dcc, html

from dashboards.names import named
from dashboards.page import Missing, Page, Table
from dashboards.parts import data_table
from procmine.aggregates import ProcessMap, simplified
from procmine.figures.map_svg import process_map_svg, slow_ways
from procmine.figures.wording import about, duration
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dashboards.source import Source, View

__all__ = ["page", "panel"]

_READABLE = 25
_NODE_COLUMNS = ["activity", "unit_kind", "n", "cases", "citizens", "median_days_before"]
_WAY_COLUMNS = ["from_activity", "to_activity", "n", "cases", "median_days", "mean_days",
                "p90_days", "median_business_hours"]  # fmt: skip


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
    _ = source
    found, svg = _drawn(view, query)
    if found is None or found.nodes.empty:
        reason = t("page.process_map.empty")
        missing = Missing(t("page.process_map.title"), reason)
        return Page(t("page.process_map.question"), reason, (missing,))
    ways = Table("overgange", t("page.process_map.ways"), _ways(found, view), folded=True)
    nodes = Table(
        "aktiviteter", t("page.process_map.nodes"), found.nodes[_NODE_COLUMNS], folded=True
    )
    return Page(
        t("page.process_map.question"),
        _answer(found, view),
        (_controls(view, found, query), _canvas(svg), ways, nodes),
        (
            t("page.process_map.method_ways"),
            t("page.process_map.method_wait"),
            t("page.process_map.method_order"),
            t("page.method_small", n=view.minimum),
        ),
    )


def panel(view: View, query: dict[str, str], selected: dict[str, Any] | None) -> Any:
    """Make the figures of the activity or way that was chosen."""
    found, _ = _drawn(view, query)
    if found is None or not selected:
        return html.P(t("page.process_map.hint"), className="note")
    row = int(selected.get("row", -1))
    if selected.get("kind") == "way" and 0 <= row < len(found.edges):
        return _way_panel(found, view, row)
    if selected.get("kind") == "node" and 0 <= row < len(found.nodes):
        return _node_panel(found, view, row)
    return html.P(t("page.process_map.hint"), className="note")


def _drawn(view: View, query: dict[str, str]) -> tuple[ProcessMap | None, str]:
    full = view.map
    if full is None or full.nodes.empty:
        return None, ""
    whole = query.get("vis") == "alle" or len(full.nodes) <= _READABLE
    key = ("map", whole)
    with view.lock:
        if key not in view.drawings:
            found = full if whole else simplified(full)
            label = t("page.process_map.drawing", process=view.process.label)
            drawing = process_map_svg(found, title=label, kinds=view.kinds())
            view.drawings[key] = (found, str(drawing))
        return view.drawings[key]


def _answer(found: ProcessMap, view: View) -> str:
    slow = slow_ways(found)
    if not slow:
        return t("page.process_map.answer_plain", n=len(found.nodes), ways=len(found.edges))
    rows = found.edges.loc[sorted(slow)].sort_values("median_days", ascending=False)
    worst = rows.iloc[0]
    return t(
        "page.process_map.answer",
        n=len(found.nodes),
        ways=len(found.edges),
        source=view.label(worst["from"]),
        target=view.label(worst["to"]),
        wait=duration(float(worst["median_days"])),
        times=number(float(worst["n"])),
    )


def _controls(view: View, found: ProcessMap, query: dict[str, str]) -> Component:
    notes: list[str] = []
    if found.hidden_nodes or found.hidden_edges:
        notes.append(
            t(
                "page.process_map.hidden",
                nodes=found.hidden_nodes, ways=found.hidden_edges, least=view.minimum,
            )
        )  # fmt: skip
    extra: list[Component] = []
    address = {"proces": view.process.name}
    if found.simplified_nodes or found.simplified_edges:
        notes.append(
            t(
                "page.process_map.simplified",
                nodes=found.simplified_nodes, ways=found.simplified_edges,
            )
        )  # fmt: skip
        link = "?" + urlencode({**address, "vis": "alle"})
        extra.append(dcc.Link(t("page.process_map.show_all"), href=link))
    elif query.get("vis") == "alle":
        extra.append(dcc.Link(t("page.process_map.show_main"), href="?" + urlencode(address)))
    return html.Section(
        [
            html.Div(
                [
                    html.Label(t("page.process_map.share"), id="map-share-label"),
                    dmc.Slider(
                        id="map-share",
                        min=10, max=100, step=5, value=100,
                        thumbLabel=t("page.process_map.share"),
                        marks=[{"value": v, "label": f"{v}\u00a0%"} for v in (25, 50, 75, 100)],
                        updatemode="drag",
                    ),
                ],
                className="slider",
            ),
            html.Div(
                [
                    _zoom("+", "in"),
                    _zoom("\u2212", "out"),
                    _zoom(t("page.process_map.zoom_fit"), "fit"),
                ],
                className="zoom",
            ),
            html.Div([*(html.P(note, className="note") for note in notes), *extra]),
            html.P(id="map-status", role="status", className="note"),
        ],
        className="card controls",
    )  # fmt: skip


def _zoom(sign: str, way: str) -> Component:
    return html.Button(sign, **named(t(f"page.process_map.zoom_{way}"), data_zoom=way))


def _canvas(svg: str) -> Component:
    return html.Div(
        [
            dcc.Store(id="map-svg", data=svg),
            dcc.Store(id="map-selected"),
            html.A(t("page.process_map.skip"), href="#map-panel", className="skip"),
            html.Div(
                id="map-canvas", className="canvas", tabIndex=0, role="region",
                # Filled in by the browser as the slider moves.
**named(
                    t("page.process_map.canvas"),
                    data_status=t("page.process_map.status", shown="{shown}", all="{all}"),
                ),
            ),
            html.Aside(
                html.P(t("page.process_map.hint"), className="note"),
                id="map-panel", className="panel", tabIndex=-1,
                **named(t("page.process_map.panel"), aria_live="polite"),
            ),
        ],
        className="map",
    )  # fmt: skip


def _node_panel(found: ProcessMap, view: View, row: int) -> list[Component]:
    node = found.nodes.iloc[row]
    activity = node["activity"]
    kind = node.get("unit_kind")
    figures = [
        ("page.column.n", _number(node, "n")),
        ("page.column.cases", _number(node, "cases")),
        ("page.column.median_days_before", duration(_float(node["median_days_before"]))),
    ]
    if view.knows_citizens:
        figures.insert(2, ("page.column.citizens", _number(node, "citizens")))
    if isinstance(kind, str):
        figures.append(("page.column.unit_kind", view.kinds().get(kind, kind)))
    ways = _ways(found, view)
    into = ways[(found.edges["to"] == activity).to_numpy()]
    out = ways[(found.edges["from"] == activity).to_numpy()]
    columns = ["n", "median_days"]
    return [
        html.H2(node["label"]),
        _definitions(figures),
        data_table(
            Table("ind", t("page.process_map.into"), into[["from_activity", *columns]]), view
        ),
        data_table(Table("ud", t("page.process_map.out"), out[["to_activity", *columns]]), view),
    ]


def _way_panel(found: ProcessMap, view: View, row: int) -> list[Component]:
    way = found.edges.iloc[row]
    source, target = _end(view, way["from"], "start"), _end(view, way["to"], "end")
    counts = ("n", "cases", "citizens") if view.knows_citizens else ("n", "cases")
    figures = [(f"page.column.{c}", _number(way, c)) for c in counts]
    for column in ("median_days", "mean_days", "p90_days"):
        figures.append((f"page.column.{column}", duration(_float(way[column]))))
    hours = _float(way["median_business_hours"])
    figures.append(("page.column.median_business_hours", number(hours, 1)))
    parts: list[Component] = [
        html.H2(t("page.process_map.way", source=source, target=target)),
        _definitions(figures),
    ]
    if way["coarse"] is True:
        parts.append(html.P(t("page.process_map.coarse"), className="note"))
    return parts


def _definitions(figures: list[tuple[str, str]]) -> Component:
    pairs = [html.Div([html.Dt(t(key)), html.Dd(value)]) for key, value in figures]
    return html.Dl(pairs, className="figures")


def _ways(found: ProcessMap, view: View) -> pd.DataFrame:
    edges = found.edges.assign(
        from_activity=[_end(view, a, "start") for a in found.edges["from"]],
        to_activity=[_end(view, a, "end") for a in found.edges["to"]],
    )
    return edges[_WAY_COLUMNS]


def _end(view: View, activity: object, side: str) -> str:
    return view.label(activity) if isinstance(activity, str) else t(f"figure.map.{side}")


def _number(row: pd.Series, column: str) -> str:
    if column == "n":
        return about(dict(row))
    return number(_float(row[column]))


def _float(value: Any) -> float | None:
    return None if pd.isna(value) else float(str(value))
