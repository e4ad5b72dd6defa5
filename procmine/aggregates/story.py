"""A case told in order: steps, handovers, waits, documents, each with its source line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.errors import Fault, NotFoundError
from procmine.text import t
from procmine.text.formats import day, moment, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.store.snapshot import Snapshot

__all__ = ["story"]

_ORDER = {"step": 1, "handover": 2, "wait": 3, "document": 4}


def story(snapshot: Snapshot, case_id: str, process: str | None = None) -> pd.DataFrame:
    """Tell a case in Danish, line by line.

    Parameters
    ----------
    snapshot
        The log.
    case_id
        The source's own number of the case.
    process
        Where the number occurs in several processes.

    Returns
    -------
    DataFrame, one row a line
        ``time`` (UTC instant), ``kind`` (step, handover, wait, document), ``text``,
        ``source`` (file and line, for steps).

    Raises
    ------
    NotFoundError
        No process has the case.

    References
    ----------
    Spec cli.md, ``procmine explain``.
    """
    named = [snapshot.process(process)] if process else list(snapshot.processes)
    for candidate in named:
        rows = _of_case(snapshot, candidate.name, "cases", case_id)
        if rows:
            lines = list(_lines(snapshot, candidate.name, rows[0]))
            frame = pd.DataFrame(lines, columns=["time", "kind", "text", "source"])
            order = frame["kind"].map(_ORDER)
            return (
                frame.assign(order=order)
                .sort_values(["time", "order"], kind="stable")
                .drop(columns="order")
                .reset_index(drop=True)
            )
    raise NotFoundError(t("story.no_case"), (Fault("no_case"),))


def _of_case(snapshot: Snapshot, process: str, kind: str, case_id: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    file = snapshot.facts_file(process, kind)
    if not file.exists():  # a log without documents has no table of them
        return []
    rows: list[dict[str, Any]] = pq.read_table(
        file, filters=[("case_id", "=", case_id)]
    ).to_pylist()
    return rows


def _lines(
    snapshot: Snapshot, process: str, case: dict[str, Any]
) -> Iterator[tuple[object, str, str, str]]:
    case_id = case["case_id"]
    sources = {s["code"]: s["file"] for s in snapshot.log.get("sources", [])}
    for row in _of_case(snapshot, process, "steps", case_id):
        file = sources.get(row["source_file"], "")
        source = t("story.source", file=file, line=row["source_line"]) if file else ""
        yield row["placed"], "step", _step(snapshot, process, row), source
    for row in _of_case(snapshot, process, "handovers", case_id):
        yield row["to_time"], "handover", row["explanation"], ""
    for row in _of_case(snapshot, process, "waits", case_id):
        if row["start"] < row["end"]:
            yield row["start"], "wait", _wait(row), ""
    for row in _of_case(snapshot, process, "documents", case_id):
        at = row["requested"] or row["received"] or case["start"]
        yield at, "document", _document(row), ""


def _step(snapshot: Snapshot, process: str, row: dict[str, Any]) -> str:
    exact = row["precision"] != "day"
    when = moment(row["time"]) if exact else day(row["time"])
    unit = row["unit"] or t("story.no_unit")
    label = snapshot.config.label(row["activity"], process)
    outcome = t("story.outcome", outcome=row["outcome"]) if row["outcome"] else ""
    return t("story.step", when=when, label=label, unit=unit) + outcome


def _wait(row: dict[str, Any]) -> str:
    days = number(row["days"], 1)
    hours = row["business_hours"]
    spent = t("story.days", days=days)
    if hours is not None:
        spent = t("story.days_and_hours", days=days, hours=number(hours, 1))
    return f"{spent}: {row['explanation']}"


def _document(row: dict[str, Any]) -> str:
    return t(
        "story.document",
        number=row["document_id"],
        kind=row["kind"] or t("story.no_kind"),
        text=row["explanation"],
    )
