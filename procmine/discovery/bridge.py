"""The one module that imports pm4py, and only inside its functions.

pm4py takes seconds to import and prints a banner; nobody should pay for it who does not
ask for a model. It is handed copies in UTC, with missing resources filled and a stable
order, because it changes the frames it is given and keeps the order of equal stamps.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = [
    "bpmn_of",
    "petri_net_of",
    "pm4py_module",
    "process_tree_of",
    "write_bpmn_file",
    "write_pnml_file",
]


def pm4py_module() -> ModuleType:
    """Import pm4py without its banner, progress bars and warning filters.

    Examples
    --------
    >>> pm4py_module().__name__
    'pm4py'
    """
    os.environ.setdefault("PM4PY_SHOW_PROGRESS_BAR", "False")
    silent = io.StringIO()
    with contextlib.redirect_stderr(silent), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
    module: ModuleType = pm4py
    return module


def process_tree_of(flat: pd.DataFrame, noise: float = 0.0) -> Any:
    """Return pm4py's inductive process tree of a flat log (its own column names)."""
    with _quiet() as pm4py:
        return pm4py.discover_process_tree_inductive(flat.copy(), noise_threshold=noise)


def petri_net_of(flat: pd.DataFrame, noise: float = 0.0) -> Any:
    """Return pm4py's Petri net with initial and final marking."""
    with _quiet() as pm4py:
        return pm4py.discover_petri_net_inductive(flat.copy(), noise_threshold=noise)


def bpmn_of(flat: pd.DataFrame, noise: float = 0.0) -> Any:
    """Return pm4py's BPMN graph of a flat log."""
    with _quiet() as pm4py:
        return pm4py.discover_bpmn_inductive(flat.copy(), noise_threshold=noise)


def ocpn_of(ocel: Any) -> Any:
    """Return pm4py's object-centric Petri net of a pm4py OCEL."""
    with _quiet() as pm4py:
        return pm4py.discover_oc_petri_net(ocel)


def write_pnml_file(net: Any, file: Path) -> None:
    """Write a Petri net with its markings as PNML."""
    with _quiet() as pm4py:
        pm4py.write_pnml(*net, str(file))


def write_bpmn_file(graph: Any, file: Path) -> None:
    """Write a BPMN graph that carries its layout already (pm4py's own needs Graphviz)."""
    with _quiet() as pm4py:
        pm4py.write_bpmn(graph, str(file), auto_layout=False)


@contextlib.contextmanager
def _quiet() -> Any:
    module = pm4py_module()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield module
