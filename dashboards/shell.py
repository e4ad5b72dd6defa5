"""What stands around every page: header, menu, choice of process, banners, footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards.names import named
from dashboards.pages import PATHS
from procmine.figures.style import ACCENT, FONT
from procmine.text import t
from procmine.text.formats import day

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dashboards.source import Source

__all__ = ["index_string", "layout", "menu", "title"]


def title() -> str:
    """Return the name of the whole."""
    return t("page.site")


def index_string() -> str:
    """Return the HTML around the app, in Danish."""
    return (
        '<!DOCTYPE html>\n<html lang="da">\n<head>\n{%metas%}\n<title>{%title%}</title>\n'
        "{%favicon%}\n{%css%}\n</head>\n<body>\n{%app_entry%}\n<footer hidden></footer>\n"
        "{%config%}\n{%scripts%}\n{%renderer%}\n</body>\n</html>\n"
    )


def layout(source: Source) -> Component:
    """Return the frame of all pages, as of the current snapshot."""
    snapshot = source.snapshot
    options = [{"value": p.name, "label": p.label} for p in snapshot.processes]
    banners = []
    if snapshot.synthetic:
        banners.append(html.Aside(t("page.synthetic"), className="banner"))
    chooser = dmc.Select(
        id="process",
        label=t("page.process"),
        data=options,
        value=source.main if options else None,
        allowDeselect=False,
        comboboxProps={"withinPortal": True},
        className="chooser",
    )
    frame: Component = dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Store(id="page-title"),
            html.A(t("page.skip"), href="#main", className="skip"),
            html.Header(
                [
                    html.Div(
                        [
                            html.Span(title(), className="site"),
                            html.Span(_period(source), className="period"),
                        ],
                        className="brand",
                    ),
                    chooser,
                ],
                className="top",
            ),
            html.Nav(id="menu", **named(t("page.menu"))),
            *banners,
            html.Main(id="main", tabIndex=-1, children=html.P(t("page.loading"))),
            html.Footer(t("page.footer")),
        ],
        theme={
            "fontFamily": FONT,
            "colors": {"procmine": [ACCENT] * 10},
            "primaryColor": "procmine",
        },
        forceColorScheme="light",
    )
    return frame


def menu(current: str | None, search: str) -> list[Component]:
    """Return the links of the menu; the page that is shown is marked."""
    links: list[Component] = []
    current_mark: dict[str, Any] = {"aria-current": "page"}
    for key, path in PATHS.items():
        name, address = t(f"page.{key}.title"), path + search
        # Dash's own link cannot be marked as the current one.
        here = html.A(name, href=address, **current_mark)
        links.append(html.Li(here if key == current else dcc.Link(name, href=address)))
    return [html.Ul(links)]


def _period(source: Source) -> str:
    snapshot = source.snapshot
    return t("page.period", first=day(snapshot.log_start), last=day(snapshot.cut))
