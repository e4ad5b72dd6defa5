"""The effect page: case time before and after a date, with numbers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.page import Missing, Page
from procmine.text import t

if TYPE_CHECKING:
    from dashboards.source import Source, View

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page."""
    _ = view, source, query
    reason = t("page.effect.no_date")
    return Page(t("page.effect.question"), reason, (Missing(t("page.effect.title"), reason),))
