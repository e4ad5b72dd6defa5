"""Small logs for the tests of waiting: steps written by hand, tables by the schemas."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from procmine.config.catalogue import Catalogue, parse_catalogue
from procmine.config.hours import Hours
from procmine.config.worktime import WorkTime
from procmine.facts.claims import WaitInput
from procmine.facts.timeline import Timeline
from procmine.facts.waits import WaitTables, wait_tables
from procmine.tables.facts import CASES, STEPS

ZONE = ZoneInfo("Europe/Copenhagen")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFICE = WorkTime.of([Hours.plain("08:00-16:00"), Hours.plain("10:00-14:00", name="Sen")])
SKIPPED = {"BO", "SYS", "PL"}


def at(text: str) -> datetime:
    """Return a local Danish stamp, ``02 09:00`` being in March 2026."""
    full = f"2026-03-{text}" if len(text.split("-")) == 1 else text
    return datetime.fromisoformat(full.replace(" ", "T")).replace(tzinfo=ZONE).astimezone(UTC)


def us(text: str) -> int:
    """Return a local Danish stamp as UTC microseconds."""
    return (at(text) - EPOCH) // timedelta(microseconds=1)


@dataclass
class Step:
    """One step; a stamp without time of day is a day stamp."""

    activity: str
    time: str
    unit: str | None = "JC"
    start: str | None = None
    deadline: str | None = None
    phase: str | None = None
    placed: str | None = None
    in_case: bool = True


@dataclass
class Case:
    """A case with its steps; `end` is the last step's stamp where it is left out."""

    steps: list[Step]
    end: str | None = ""
    open: bool | None = False
    begin: str | None = None
    closed_on: bool = False
    name: str = "C1"


@dataclass
class Toy:
    """A log of toys with the catalogue that explains it."""

    cases: list[Case]
    rows: list[dict[str, Any]] = field(default_factory=list)
    cut: str = "2026-12-31 23:00"
    process: str = "toy"

    def catalogue(self) -> Catalogue:
        """Return the catalogue of `rows`."""
        raw = {"process": self.process, "case_type": "case", "step": self.rows}
        return parse_catalogue(raw, Path("toy.toml"))

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Return steps and cases by the schemas."""
        steps, cases = [], []
        for case in self.cases:
            for seq, step in enumerate(case.steps):
                steps.append(_step(case, seq, step))
            cases.append(_case(case))
        return _table(steps, STEPS), _table(cases, CASES)

    def line(self) -> Timeline:
        """Return the timeline."""
        return Timeline.of(*self.tables(), us(self.cut))

    def waits(self, **given: Any) -> WaitTables:
        """Label it; `given` goes to WaitInput."""
        given.setdefault("catalogue", self.catalogue() if self.rows else None)
        return wait_tables(self.line(), WaitInput(**given), OFFICE)

    def frame(self, **given: Any) -> pd.DataFrame:
        """Return the rows as a frame."""
        return self.waits(**given).rows.to_pandas()

    def hours(self, **given: Any) -> dict[str, float]:
        """Return the hours of each cause inside the cases."""
        frame = self.frame(**given)
        frame = frame[frame["in_case"]]
        summed = frame.groupby(frame["cause"].astype(str))["hours"].sum()
        return {cause: float(value) for cause, value in summed.items()}


def _step(case: Case, seq: int, step: Step) -> dict[str, Any]:
    day = len(step.time) <= 2 or (step.time.count("-") == 2 and len(step.time) == 10)
    stamp = at(step.time if not day else f"{step.time} 00:00")
    return {
        "case_id": case.name, "seq": seq, "event_id": f"{case.name}-{seq}",
        "activity": step.activity, "time": stamp,
        "placed": at(step.placed) if step.placed else stamp,
        "start": at(step.start) if step.start else None,
        "precision": "day" if day else "second", "class": None, "unit": step.unit,
        "unit_kind": step.unit, "hand": step.unit is not None and step.unit not in SKIPPED,
        "resource": None, "phase": step.phase, "outcome": None,
        "deadline": at(step.deadline) if step.deadline else None,
        "in_case": step.in_case, "visit": None, "source_file": None, "source_line": None,
    }  # fmt: skip


def _case(case: Case) -> dict[str, Any]:
    inside = [step for step in case.steps if step.in_case]
    placed = [_step(case, 0, step)["placed"] for step in inside]
    end = placed[-1] if case.end == "" else at(case.end) if case.end else None
    days = [_step(case, 0, step)["precision"] for step in inside]
    values: dict[str, Any] = dict.fromkeys(CASES.names)
    return values | {
        "case_id": case.name, "object_id": f"case:{case.name}",
        "start": at(case.begin) if case.begin else placed[0], "end": end, "open": case.open,
        "no_start_step": False, "start_precision": days[0],
        "end_precision": None if end is None else "day" if case.closed_on else days[-1],
        "events": len(inside),
    }  # fmt: skip


def _table(rows: list[dict[str, Any]], schema: Any) -> pa.Table:
    if not rows:
        return schema.empty()
    columns = {}
    for column, field_ in zip(schema.columns, schema.arrow(), strict=True):
        values = [row[column.name] for row in rows]
        plain = pa.string() if column.kind == "code" else field_.type
        columns[column.name] = pa.array(values, plain)
    return schema.check(pa.table(columns))


def codes(names: tuple[str, ...], wanted: list[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the places of names, -1 for the unknown."""
    return np.array([names.index(name) if name in names else -1 for name in wanted])
