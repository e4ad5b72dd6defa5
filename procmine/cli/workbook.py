"""The verb ``tables``: one workbook of suppressed tables for people with Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import pandas as pd

from procmine.cli.output import harmless, whole_file
from procmine.cli.verb import PATH, progress_bar, quiet_option, say, store_argument, verb
from procmine.disclosure import PERCENTILE_MINIMUM
from procmine.errors import Fault, StoreError, UsageError
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.api import Log
    from procmine.store.snapshot import Process

__all__ = ["COMMANDS"]

_PROCESS, _HIDDEN = "process", "suppressed"
_SHEETS = ("cases", "handovers", "grades", "waits", "documents", "caseload", "promises")
_NAMED = {"cause": "figure.cause", "status": "figure.status", "grade": "page.grade",
          "what": "figure.months", "limit_unit": "tables.unit"}  # fmt: skip
_KINDS = frozenset({"from", "to"})
_PERCENTILES = frozenset({"p10", "median", "p90", "most", "median_hours", "median_gap_days"})
_DIGITS = 4
_WIDEST = 60


@verb("tables")
@store_argument
@click.option("--min-count", type=int, default=None, help=t("cli.option.min_count"))
@click.option("--output", "-o", type=PATH, required=True, help=t("cli.tables.output"))
@quiet_option
def tables(store: Path, min_count: int | None, output: Path, *, quiet: bool) -> None:
    """Write one workbook with Danish headings and an explanation of every sheet."""
    from procmine.api import open_store

    if output.suffix.lower() != ".xlsx":
        fault = Fault("bad_ending", output.name, detail=".xlsx")
        raise UsageError(t("cli.bad_ending", ending=output.suffix, known=".xlsx"), (fault,))
    log = open_store(store)
    least = int(log.snapshot.config.setting("min_count")) if min_count is None else min_count
    sheets: dict[str, list[pd.DataFrame]] = {name: [] for name in _SHEETS}
    with progress_bar(quiet=quiet) as bar:
        for place, process in enumerate(log.snapshot.processes):
            bar(t("cli.tables.progress"), place, len(log.snapshot.processes))
            for name, frame in _tables(log, process, least):
                sheets[name].append(_named(frame, process, log))
    sheets["promises"].append(_named(log.promises(), None, log))
    filled = {name: pd.concat(parts) for name, parts in sheets.items() if _any(parts)}
    with whole_file(output) as part:
        _write(part, filled, _explanation(log, least, list(filled)))
    say(t("cli.tables.done", n=number(len(filled)), file=output), quiet=quiet)


def _tables(log: Log, process: Process, least: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables of a process; one whose facts are not there is left out."""
    from procmine.aggregates.casework import cases_per_month
    from procmine.aggregates.documents import document_statuses
    from procmine.aggregates.handovers import handover_grades, handover_matrix
    from procmine.aggregates.waits import waits_by_cause
    from procmine.aggregates.workload import caseload_by_month
    from procmine.report.figures_data import aside

    facts = {}
    for kind in ("cases", "handovers", "waits", "documents", "visits"):
        try:
            facts[kind] = log.snapshot.facts(process.name, kind)
        except StoreError:
            continue
    cases, apart = facts["cases"], aside(process)
    yield "cases", cases_per_month(cases, minimum=least)
    if "handovers" in facts:
        moved = facts["handovers"]
        yield "handovers", handover_matrix(moved, cases, by="kind", aside=apart, minimum=least)
        yield "grades", handover_grades(moved, cases, aside=apart, minimum=least)
    if "waits" in facts:
        yield "waits", waits_by_cause(facts["waits"], cases, minimum=least)
    if "documents" in facts:
        yield "documents", document_statuses(facts["documents"], cases, minimum=least)
    if "visits" in facts:
        yield "caseload", caseload_by_month(facts["visits"], cases, log.snapshot.cut, minimum=least)


def _any(parts: list[pd.DataFrame]) -> bool:
    return any(len(part) for part in parts)


def _named(frame: pd.DataFrame, process: Process | None, log: Log) -> pd.DataFrame:
    """Return the table with Danish headings and words, hidden cells named as such."""
    hidden = frame[_HIDDEN].astype(bool)
    few = hidden | (pd.to_numeric(frame["citizens"]) < PERCENTILE_MINIMUM).fillna(value=True)
    kinds = {k: row.get("label", k) for k, row in log.snapshot.config.unit_kinds().items()}
    shown: dict[str, pd.Series] = {}
    if process is not None:
        shown[t(f"tables.column.{_PROCESS}")] = pd.Series(process.label, index=frame.index)
    for name in frame.columns.drop(_HIDDEN, errors="ignore"):
        column = frame[name].astype("object")
        if pd.api.types.is_float_dtype(frame[name]):
            column = frame[name].round(_DIGITS).astype("object")
        if name in _NAMED:
            column = column.map(lambda value, key=_NAMED[name]: _word(key, value))
        elif name in _KINDS:
            column = column.map(lambda value: kinds.get(value, value))
        elif pd.api.types.is_datetime64_any_dtype(frame[name]):
            column = frame[name].dt.strftime("%Y-%m").astype("object")
        empty = column.isna()
        column = column.where(~empty, None)
        column = column.mask(empty & (few if name in _PERCENTILES else hidden), t("figure.few"))
        if name == "unit":
            column = column.mask(empty, t("tables.all_units"))
        shown[_heading(name)] = column
    return pd.DataFrame(shown)


def _word(key: str, value: object) -> object:
    return None if pd.isna(value) else t(f"{key}.{value}")  # type: ignore[call-overload]


def _heading(name: str) -> str:
    from procmine.text.catalogue import texts

    own = f"tables.column.{name}"
    return t(own if own in texts("da") else f"page.column.{name}")


def _explanation(log: Log, least: int, names: list[str]) -> pd.DataFrame:
    """Return what each sheet shows, and what the figures rest on."""
    from procmine.config.promises import read_promises
    from procmine.facts.standing import standing
    from procmine.facts.workload import littles_law

    snapshot = log.snapshot
    rows = [(t("tables.period"), f"{day(snapshot.log_start)} \u2013 {day(snapshot.cut)}")]
    if snapshot.synthetic:
        rows.append((t("tables.note"), t("page.synthetic")))
    rows.append((t("tables.hidden"), t("page.method_small", n=least)))
    rows += [(t(f"tables.sheet.{name}"), t(f"tables.about.{name}")) for name in names]
    for process in snapshot.processes:
        if beside := standing(snapshot, process):
            rows.append((process.label, beside))
        law = littles_law(snapshot.facts(process.name, "cases"), snapshot.log_start, snapshot.cut)
        if law is not None:
            rows.append((process.label, law.sentence()))
    if "promises" in names:
        _, approval = read_promises(snapshot.config.files.get("loefter", {}))
        said = "tables.promises_approved" if approval.given else "tables.promises_open"
        rows.append((t("tables.sheet.promises"), t(said)))
    return pd.DataFrame(rows, columns=[t("tables.column.what"), t("tables.column.text")])


def _write(file: Path, sheets: dict[str, pd.DataFrame], explanation: pd.DataFrame) -> None:
    named = {t("tables.sheet.explanation"): explanation}
    named |= {t(f"tables.sheet.{name}"): frame for name, frame in sheets.items()}
    with pd.ExcelWriter(file, engine="openpyxl") as book:
        for name, frame in named.items():
            harmless(frame).to_excel(book, sheet_name=name, index=False)
            page = book.sheets[name]
            page.freeze_panes = "A2"
            for place, (head, column) in enumerate(frame.items()):
                longest = max([len(str(head)), *(len(str(v)) for v in column.head(200))])
                letter = page.cell(1, place + 1).column_letter
                page.column_dimensions[letter].width = min(longest + 2, _WIDEST)


COMMANDS = {"tables": tables}
