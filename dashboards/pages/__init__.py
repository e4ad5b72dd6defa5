"""The pages by their address, in the order of the menu."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from procmine.text import t

if TYPE_CHECKING:
    from dashboards.page import Page
    from dashboards.source import Source, View

__all__ = ["PATHS", "build", "key_of"]

PATHS = {
    "overview": "/",
    "process_map": "/proceskort",
    "handovers": "/overleveringer",
    "waits": "/ventetid",
    "documents": "/dokumentation",
    "effect": "/foer-efter",
    "quality": "/datakvalitet",
}


_ALWAYS = frozenset({"quality"})
_PARAMETERS = ("dato", "vis")
_MOST_KEPT = 64


def key_of(path: str | None) -> str | None:
    """Return the page at an address, or None."""
    wanted = "/" + (path or "/").strip("/")
    return next((key for key, address in PATHS.items() if address == wanted), None)


def build(key: str, view: View, source: Source, query: dict[str, str]) -> Page:
    """Make a page's content from a view, once; `query` holds the address's parameters."""
    asked = {name: query[name] for name in _PARAMETERS if name in query}
    kept = (key, *sorted(asked.items()))
    with view.lock:
        if kept not in view.pages:
            if len(view.pages) >= _MOST_KEPT:
                view.pages.clear()
            view.pages[kept] = _made(key, view, source, asked)
        return view.pages[kept]


def _made(key: str, view: View, source: Source, query: dict[str, str]) -> Page:
    """Make a page; of a process of too few citizens only what the data can bear."""
    totals = view.totals
    if key not in _ALWAYS and totals is not None and totals.citizens < view.minimum:
        from dashboards.page import Missing, Page

        reason = t("page.too_few", n=view.minimum)
        heading = t(f"page.{key}.title")
        return Page(t(f"page.{key}.question"), reason, (Missing(heading, reason),))
    module = importlib.import_module(f"dashboards.pages.{key}")
    page: Page = module.page(view, source, query)
    return page
