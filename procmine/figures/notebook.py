"""Figures in notebooks and files: Danish, and without the button that sends them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.figures.style import graph_config

if TYPE_CHECKING:
    from pathlib import Path

    import plotly.graph_objects as go

__all__ = ["setup", "write_html"]


def setup() -> None:
    """Let Plotly show figures in this notebook the way the pages do.

    Every renderer that takes a configuration gets ours, and the one that cannot carry a
    configuration is replaced by one that can.

    Examples
    --------
    >>> import plotly.io as pio
    >>> before = pio.renderers.default
    >>> setup(); pio.renderers["notebook"].config["showSendToCloud"]
    False
    >>> pio.renderers.default = before
    """
    import plotly.io as pio

    config = graph_config()
    for name in ("notebook", "notebook_connected", "iframe", "browser"):
        pio.renderers[name].config = config
    pio.renderers.default = "notebook"


def write_html(figure: go.Figure, file: Path) -> None:
    """Write a figure as a page that asks no other machine for anything.

    Examples
    --------
    >>> import tempfile, pathlib, plotly.graph_objects as go
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = pathlib.Path(folder) / "figure.html"
    ...     write_html(go.Figure(), page)
    ...     "showSendToCloud" in page.read_text(encoding="utf-8")
    True
    """
    text = figure.to_html(include_plotlyjs=True, config=graph_config(), full_html=True)
    file.write_text(text.replace("<html>", '<html lang="da">', 1), encoding="utf-8")
