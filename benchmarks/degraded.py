"""Scores on data made worse, one fault at a time: the table of docs/evaluering.md.

Run: python benchmarks/degraded.py [CASES] [SEED]
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

from procmine import pipeline
from procmine.evaluate import evaluate
from procmine.synth import load_scenario, simulate
from procmine.synth.scenario import Degrade

SAGS = "sags_without_links"
LEVELS = {
    "": (0,),
    SAGS: (10, 25, 50),
    "no_use_link": (10, 30, 50, 70, 100),
    "no_actor": (25, 50),
    "no_unit": (10, 25, 50),
    "no_start": (50, 100),
    "no_deadline": (50, 100),
    "day_stamps": (10, 50, 100),
    "clock_skew": (10,),
}


def right(table: pd.DataFrame, measure: str) -> str:
    """Return the share of what was planted that was found as such."""
    rows = table[table["measure"] == measure]
    return f"{rows['right'].sum() / rows['truth'].sum():.3f}".replace(".", ",")


def called_redundant(table: pd.DataFrame) -> str:
    """Return precision and recall of the handovers called redundant."""
    rows = table[(table["measure"] == "handover_redundant") & (table["key"] == "true")]
    found, planted, hits = (rows[name].sum() for name in ("found", "truth", "right"))
    texts = [f"{hits / n:.2f}" if n else "\u2013" for n in (found, planted)]
    return " / ".join(texts).replace(".", ",") + f" | {int(found)}"


def without_links(delivery: Path, percent: int) -> None:
    """Take every use link from some of the sags, as where a team registers none."""
    uses = delivery / "workbase_dokumentbrug.xlsx"
    listed = load_workbook(delivery / "workbase_dokumenter.xlsx").worksheets[0]
    sag_of = {row[0]: str(row[1]) for row in listed.iter_rows(values_only=True)}
    lost = {
        name
        for name, sag in sag_of.items()
        if int(sha256(sag.encode()).hexdigest(), 16) % 100 < percent
    }
    book = load_workbook(uses)
    sheet = book.worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] not in lost]
    sheet.delete_rows(1, sheet.max_row)
    for row in rows:
        sheet.append(row)
    book.save(uses)


def documents(table: pd.DataFrame, status: str) -> str:
    """Return how many documents got a status."""
    rows = table[(table["measure"] == "document_status") & (table["key"] == status)]
    return f"{int(rows['found'].sum())}"


def hour_error(table: pd.DataFrame) -> str:
    """Return the hours given to the wrong cause over all planted hours."""
    rows = table[table["measure"] == "wait_hours"]
    wrong = (rows["found"] - rows["truth"]).abs().sum() / 2
    return f"{100 * wrong / rows['truth'].sum():.1f}".replace(".", ",")


def main(cases: int = 300, seed: int = 17) -> None:
    """Print a row of the table for each fault and level."""
    for fault, levels in LEVELS.items():
        for level in levels:
            degrade = Degrade(**{fault: level}) if fault not in ("", SAGS) else Degrade()
            plan = replace(load_scenario("demo"), seed=seed, degrade=degrade).sized(cases)
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder)
                made = simulate(plan, place)
                if fault == SAGS:
                    without_links(made.delivery, level)
                outcome = pipeline.load(
                    made.delivery, "kmd", place / "store", key=place / "key.bin"
                )
                result = evaluate(outcome.snapshot, made.truth)
            table = result.table
            cells = [
                fault or "-", str(level), right(table, "handover_grade"),
                called_redundant(table), right(table, "wait_hours"), hour_error(table),
                right(table, "document_status"), documents(table, "unused"),
                documents(table, "not_assessable"), str(result.wrong),
            ]  # fmt: skip
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
