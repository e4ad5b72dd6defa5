"""The pages by their address, in the order of the menu."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

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


def key_of(path: str | None) -> str | None:
    """Return the page at an address, or None."""
    wanted = "/" + (path or "/").strip("/")
    return next((key for key, address in PATHS.items() if address == wanted), None)


def build(key: str, view: View, source: Source, query: dict[str, str]) -> Page:
    """Make a page's content from a view; `query` holds the address's parameters."""
    module = importlib.import_module(f"dashboards.pages.{key}")
    page: Page = module.page(view, source, query)
    return page
