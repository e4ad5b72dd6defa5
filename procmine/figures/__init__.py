"""Figures for page, notebook and report: Danish, accessible, with nothing to share.

Each takes case-level or aggregated tables, and suppresses small counts unless the analyst
says ``disclose=True``. Names are loaded on first use; Plotly only when something is drawn.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = [
    "before_after_figure",
    "case_time_figure",
    "case_timeline",
    "graph_config",
    "matrix_figure",
    "months_figure",
    "process_map_svg",
    "setup",
    "statuses_figure",
    "waits_figure",
    "write_html",
]

_PLACES = {
    "before_after_figure": "before_after",
    "case_time_figure": "casework",
    "case_timeline": "timeline",
    "graph_config": "style",
    "matrix_figure": "handovers",
    "months_figure": "casework",
    "process_map_svg": "map_svg",
    "setup": "notebook",
    "statuses_figure": "documents",
    "waits_figure": "waits",
    "write_html": "notebook",
}


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(importlib.import_module(f"procmine.figures.{_PLACES[name]}"), name)
    raise AttributeError(name)
