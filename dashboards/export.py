"""The tables of the pages as CSV files for Excel: just what is shown, hidden cells empty."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, request

from dashboards import pages
from dashboards.cells import heading
from procmine.errors import ProcmineError

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.source import Source, View

__all__ = ["as_csv", "register"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LABELLED = frozenset({"activity", "from_activity", "to_activity"})


def register(server: Flask, source: Source) -> None:
    """Serve each page's tables under ``/hent/PAGE/TABLE.csv``."""

    @server.get("/hent/<key>/<name>.csv")
    def fetch(key: str, name: str) -> Response:
        if key not in pages.PATHS:
            abort(404)
        view = source.view(request.args.get("proces"))
        try:
            tables = pages.build(key, view, source, dict(request.args)).tables
        except ProcmineError:
            abort(404)
        if name not in tables:
            abort(404)
        answer = Response(as_csv(tables[name].frame, view), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{key}-{name}.csv"'
        return answer


def as_csv(frame: pd.DataFrame, view: View) -> str:
    """Write a table with Danish headings, semicolons and decimal commas."""
    columns = view.columns(frame)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([heading(c) for c in columns])
    for row in frame[columns].to_dict("records"):
        writer.writerow([_plain(c, row[c], view) for c in columns])
    return "\ufeff" + out.getvalue()


def _plain(column: str, value: Any, view: View) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    if column in _LABELLED:
        value = view.label(value)
    if isinstance(value, float):
        text = f"{value:.4f}".rstrip("0").rstrip(".").replace(".", ",")
        return text or "0"
    text = str(value).removesuffix(" 00:00:00")
    # A name from the data must not become a formula in a spreadsheet.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
