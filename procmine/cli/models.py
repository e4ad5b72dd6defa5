"""Write a discovered model to a file, by its ending."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.discovery import bridge
from procmine.discovery.models import discover, place_bpmn
from procmine.errors import Fault, UsageError
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from procmine.store.snapshot import Snapshot

__all__ = ["write_model"]

_TABLES = ("dfg", "ocdfg", "variants", "handovers")


def write_model(
    snapshot: Snapshot, process: str | None, model: str, file: Path | None
) -> pd.DataFrame | None:
    """Discover `model` and write it to `file`; return its table where it is one.

    A model without a table is printed as edges of its process tree text where no file is
    given.

    Raises
    ------
    UsageError
        An ending in which the model cannot be written.
    """
    found = discover(snapshot, process, model)
    if model in _TABLES:
        table = _flat(found)
        if file is not None and file.suffix != ".csv":
            known = _table_writers(snapshot, process, table, drawn=model != "handovers")
            _writer(model, file, known)(file)
        return table
    if file is None:
        return pd.DataFrame({"model": [model], "text": [str(found)]})
    _writer(model, file, _object_writers(found, model))(file)
    return None


def _writer(
    model: str, file: Path, known: dict[str, Callable[[Path], Any]]
) -> Callable[[Path], Any]:
    ending = file.suffix.lower()
    if ending not in known:
        names = ", ".join(sorted(known))
        message = t("discovery.bad_ending", model=model, ending=ending, known=names)
        raise UsageError(message, (Fault("bad_ending", detail=names),))
    return known[ending]


def _table_writers(
    snapshot: Snapshot, process: str | None, table: pd.DataFrame, *, drawn: bool
) -> dict[str, Callable[[Path], Any]]:
    def as_json(file: Path) -> None:
        table.to_json(file, orient="records", force_ascii=False, indent=1)

    def as_svg(file: Path) -> None:
        file.write_text(_svg(snapshot, process), encoding="utf-8")

    def as_html(file: Path) -> None:
        from procmine.figures.page import standalone_page

        file.write_text(standalone_page(_svg(snapshot, process)), encoding="utf-8")

    known: dict[str, Callable[[Path], Any]] = {".json": as_json}
    return {**known, ".svg": as_svg, ".html": as_html} if drawn else known


def _svg(snapshot: Snapshot, process: str | None) -> str:
    from procmine.aggregates.process_map import process_map, simplified
    from procmine.figures.map_svg import process_map_svg

    name = snapshot.process(process).name
    steps, cases = snapshot.facts(name, "steps"), snapshot.facts(name, "cases")
    found = simplified(process_map(steps, cases, snapshot.config, process=name))
    return str(process_map_svg(found)._repr_svg_())


def _object_writers(found: Any, model: str) -> dict[str, Callable[[Path], Any]]:
    if model == "bpmn":
        return {".bpmn": lambda file: bridge.write_bpmn_file(place_bpmn(found), file)}
    if model == "petri_net":
        return {".pnml": lambda file: bridge.write_pnml_file(found, file)}

    def as_json(file: Path) -> None:
        file.write_text(json.dumps({"model": model, "text": str(found)}, ensure_ascii=False))

    return {".json": as_json}


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    if "trace" not in table.columns:
        return table
    return table.assign(trace=table["trace"].map(" > ".join))
