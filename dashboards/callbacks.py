"""What happens on the pages: routing, the choice of process, the map's panel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from dash import ClientsideFunction, Input, Output, State, html, no_update

from dashboards import pages, shell
from dashboards.pages.process_map import panel
from dashboards.parts import rendered
from procmine.errors import ProcmineError
from procmine.text import t

if TYPE_CHECKING:
    import dash

    from dashboards.source import Source

__all__ = ["query_of", "register"]

_LOG = logging.getLogger(__name__)


def query_of(search: str | None) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl((search or "").lstrip("?")))


def register(app: dash.Dash, source: Source) -> None:
    """Give `app` its callbacks."""
    _register_routing(app, source)
    _register_map(app, source)


def _register_routing(app: dash.Dash, source: Source) -> None:
    @app.callback(
        Output("main", "children"),
        Output("menu", "children"),
        Output("process", "value"),
        Output("page-title", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
        on_error=_failed,
    )
    def show(path: str | None, search: str | None) -> tuple[Any, Any, Any, str]:
        return _shown(source, path, search)

    @app.callback(
        Output("url", "search"),
        Input("process", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choose(process: str | None, search: str | None) -> Any:
        query = query_of(search)
        if process is None or source.view(query.get("proces")).process.name == process:
            return no_update
        return "?" + urlencode({"proces": process})

    @app.callback(
        Output("url", "search", allow_duplicate=True),
        Input("effect-date", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choose_date(when: str | None, search: str | None) -> Any:
        query = query_of(search)
        if when is None or query.get("dato") == when:
            return no_update
        return "?" + urlencode({**query, "dato": when})

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("procmine", "arrived"),
        Output("main", "data-arrived"),
        Input("page-title", "data"),
    )


def _register_map(app: dash.Dash, source: Source) -> None:
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("procmine", "drawMap"),
        Output("map-status", "children"),
        Input("map-svg", "data"),
        Input("map-share", "value"),
    )

    @app.callback(
        Output("map-panel", "children"),
        Input("map-selected", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def select(selected: dict[str, Any] | None, search: str | None) -> Any:
        query = query_of(search)
        return panel(source.view(query.get("proces")), query, selected)


def _failed(error: Exception) -> tuple[Any, Any, Any, Any]:
    """Tell that a page could not be made, in words; how it failed goes to the server's log."""
    _LOG.error("page", exc_info=error)
    heading = t("page.failed.title")
    content = [
        html.H1(heading, tabIndex=-1),
        html.P(t("page.failed.text"), className="banner warn", role="alert"),
    ]
    return content, no_update, no_update, heading


def _shown(source: Source, path: str | None, search: str | None) -> tuple[Any, Any, Any, str]:
    query = query_of(search)
    view = source.view(query.get("proces"))
    key = pages.key_of(path)
    kept = "?" + urlencode({"proces": view.process.name})
    links = shell.menu(key, kept)
    if key is None:
        heading = t("page.unknown.title")
        content: list[Any] = [html.H1(heading), html.P(t("page.unknown.text"))]
    else:
        heading = t(f"page.{key}.title")
        content = [html.H1(heading, tabIndex=-1)]
        try:
            content += rendered(pages.build(key, view, source, query), view, key)
        except ProcmineError as error:
            content.append(html.P(str(error), className="banner warn", role="alert"))
    name = t("page.window", page=heading, process=view.process.label, site=shell.title())
    return content, links, view.process.name, name
