"""A case told in order: steps, handovers, waits, documents, each with its source line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from procmine.errors import Fault, NotFoundError
from procmine.facts.cases import BEFORE
from procmine.facts.order import DAY
from procmine.facts.standing import standing
from procmine.text import t
from procmine.text.formats import day, moment, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from procmine.store.snapshot import Process, Snapshot

__all__ = ["case_tables", "story"]

_ORDER = {"case": 0, "step": 1, "handover": 1, "wait": 2, "document": 3}
"""Lines of one instant; a handover stands right behind the step that it leads to."""

_HOUR = 1 / 24


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
        ``time`` (UTC instant), ``kind`` (case, step, handover, wait, document), ``text``,
        ``source`` (file and line, for steps). The lines of kind case sum the case up.

    Raises
    ------
    NotFoundError
        No process has the case.

    References
    ----------
    Spec cli.md, ``procmine explain``.
    """
    found = _process_of(snapshot, case_id, process)
    case = _of_case(snapshot, found.name, "cases", case_id)[0]
    lines = [*_summary(snapshot, found, case), *_lines(snapshot, found.name, case)]
    frame = pd.DataFrame(lines, columns=["time", "kind", "text", "source"])
    order = frame["kind"].map(_ORDER)
    return (
        frame.assign(order=order, first=order > 0)
        .sort_values(["first", "time", "order"], kind="stable")
        .drop(columns=["order", "first"])
        .reset_index(drop=True)
    )


def case_tables(
    snapshot: Snapshot, case_id: str, process: str | None = None
) -> tuple[Process, dict[str, pa.Table]]:
    """Return the process of a case, and its own rows of the tables that draw its timeline.

    Parameters
    ----------
    snapshot, case_id, process
        As for :func:`story`.

    Returns
    -------
    process, tables
        ``visits, waits, steps``, and ``documents`` where the log has them.

    Raises
    ------
    NotFoundError
        No process has the case.
    """
    found = _process_of(snapshot, case_id, process)
    tables = {
        kind: _rows(snapshot, found.name, kind, case_id)
        for kind in ("visits", "waits", "steps", "documents")
    }
    return found, {kind: table for kind, table in tables.items() if table is not None}


def _process_of(snapshot: Snapshot, case_id: str, process: str | None) -> Process:
    """Return the first process that has the case."""
    named = [snapshot.process(process)] if process else list(snapshot.processes)
    for candidate in named:
        if _of_case(snapshot, candidate.name, "cases", case_id):
            return candidate
    raise NotFoundError(t("story.no_case"), (Fault("no_case"),))


def _rows(snapshot: Snapshot, process: str, kind: str, case_id: str) -> pa.Table | None:
    file = snapshot.facts_file(process, kind)
    if not file.exists():  # a log without documents has no table of them
        return None
    return pq.read_table(file, filters=[("case_id", "=", case_id)])


def _of_case(snapshot: Snapshot, process: str, kind: str, case_id: str) -> list[dict[str, Any]]:
    table = _rows(snapshot, process, kind, case_id)
    rows: list[dict[str, Any]] = [] if table is None else table.to_pylist()
    return rows


def _summary(
    snapshot: Snapshot, process: Process, case: dict[str, Any]
) -> Iterator[tuple[object, str, str, str]]:
    """Sum a case up: when, how it ended, its handovers, its time by cause."""
    start, end = case["start"], case["end"]
    coarse = DAY in (case["start_precision"], case["end_precision"])
    finish = {True: "story.still_open", False: "story.closed", None: "story.end_unknown"}
    text = t(
        finish[case["open"]],
        process=process.label, start=day(start), end=day(end),
        spent=_spent((end - start) / pd.Timedelta(days=1), coarse=coarse) if end else "",
    )  # fmt: skip
    if case["outcome"]:
        text += " " + t("story.case_outcome", outcome=_outcome(process, case["outcome"]))
    yield start, "case", text, ""
    if case["handovers"] is not None:
        yield start, "case", _handed(snapshot, process, case), ""
    days: dict[str, float] = {}
    for row in _of_case(snapshot, process.name, "waits", case["case_id"]):
        if row["in_case"]:
            days[row["cause"]] = days.get(row["cause"], 0.0) + row["days"]
    spent = sorted(days.items(), key=lambda item: -item[1])
    shown = ", ".join(
        f"{t(f'figure.cause.{cause}')} {_spent(length, coarse=coarse)}" for cause, length in spent
    )
    if shown:
        yield start, "case", t("story.time", causes=shown), ""


def _handed(snapshot: Snapshot, process: Process, case: dict[str, Any]) -> str:
    """Return the case's handovers, with what must stand beside a figure of redundancy."""
    if case["redundant_handovers"] is None:
        return t("story.handovers_untold", n=number(case["handovers"]))
    text = t(
        "story.handovers",
        n=number(case["handovers"]),
        redundant=number(case["redundant_handovers"]),
    )
    if case["not_assessable_handovers"]:
        text += " " + t("story.not_assessable", n=number(case["not_assessable_handovers"]))
    return f"{text} {standing(snapshot, process)}"


def _outcome(process: Process, outcome: str) -> str:
    """Return the label of an outcome, itself where the catalogue has none."""
    steps = process.catalogue.steps if process.catalogue else ()
    found = (step.outcomes[outcome] for step in steps if outcome in step.outcomes)
    return next(found, outcome)


def _spent(days: float, *, coarse: bool = False) -> str:
    """Write a span in days, hours or minutes; `coarse`: days are all that is known."""
    if coarse or days >= 1:
        text = number(days, 0 if coarse else 1)
        return t("story.day") if text == number(1) else t("story.days", days=text)
    if days < _HOUR / 60:
        return t("story.instant")
    if days < _HOUR:
        text = number(days / _HOUR * 60)
        return t("story.minute") if text == number(1) else t("story.minutes", n=text)
    return t("story.hours", n=number(days / _HOUR, 1))


def _lines(
    snapshot: Snapshot, process: str, case: dict[str, Any]
) -> Iterator[tuple[object, str, str, str]]:
    case_id = case["case_id"]
    sources = {s["code"]: s["file"] for s in snapshot.log.get("sources", [])}
    entered = {
        row["to_event"]: row["explanation"]
        for row in _of_case(snapshot, process, "handovers", case_id)
    }
    for row in _of_case(snapshot, process, "steps", case_id):
        file = sources.get(row["source_file"], "")
        source = t("story.source", file=file, line=row["source_line"]) if file else ""
        aside = _aside(case, inside=row["in_case"], before=row["phase"] == BEFORE)
        yield row["placed"], "step", _step(snapshot, process, row) + aside, source
        if row["event_id"] in entered:
            yield row["placed"], "handover", entered[row["event_id"]], ""
    documents = _of_case(snapshot, process, "documents", case_id)
    named = {row["object_id"]: row["document_id"] for row in documents}
    for row in _of_case(snapshot, process, "waits", case_id):
        if row["start"] < row["end"]:
            yield row["start"], "wait", _wait(row, named, _aside(case, inside=row["in_case"])), ""
    for row in documents:
        at = row["requested"] or row["received"] or case["start"]
        yield at, "document", _document(row), ""


def _step(snapshot: Snapshot, process: str, row: dict[str, Any]) -> str:
    exact = row["precision"] != "day"
    when = moment(row["time"]) if exact else day(row["time"])
    unit = row["unit"] or t("story.no_unit")
    label = snapshot.config.label(row["activity"], process)
    text = t("story.step", when=when, label=label, unit=unit)
    if row["outcome"]:
        named = _outcome(snapshot.process(process), row["outcome"])
        text += t("story.outcome", outcome=named)
    return text


def _aside(case: dict[str, Any], *, inside: bool, before: bool = False) -> str:
    """Say of what lies outside the case's own time on which side of it."""
    if inside:
        return ""
    if before:
        return t("story.before")
    return t("story.after_cut") if case["open"] else t("story.after")


def _wait(row: dict[str, Any], named: dict[str, str], aside: str) -> str:
    hours = row["business_hours"]
    spent = _spent(row["days"], coarse=hours is None)
    if hours is not None:
        spent = t("story.with_hours", spent=spent, hours=number(hours, 1))
    document = named.get(row["opened_by"] or "")
    after = " " + t("story.waited_for", number=document) if document else ""
    return f"{spent}{aside}: {row['explanation']}{after}"


def _document(row: dict[str, Any]) -> str:
    return t(
        "story.document",
        number=row["document_id"],
        kind=row["kind"] or t("story.no_kind"),
        text=row["explanation"],
    )
