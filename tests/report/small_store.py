"""A small store with made-up facts of one process, written without the load."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.config.load import load_config
from procmine.store.store import Store
from procmine.tables.facts import CASES, DOCUMENTS, FACTS, HANDOVERS, STEPS, VISITS, WAITS

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.store.snapshot import Snapshot
    from procmine.tables.schema import Schema

FIRST = datetime(2024, 11, 4, 8, tzinfo=UTC)
CUT = datetime(2026, 10, 31, 23, tzinfo=UTC)
JC, YC, BO, SYS = ("Jobcenter Nord", "JC"), ("Ydelsescenter", "YC"), ("Borger", "BO"), ("", "SYS")

# Activity, unit, median days since the step before, class, cause of the waiting before it.
_WAY = [
    ("udeblivelse_registreret", JC, 0.0, "information", ""),
    ("partshoering_sendt", JC, 2.0, "contact", "unexplained"),
    ("partshoeringssvar_modtaget", BO, 9.0, "information", "citizen"),
    ("rimelig_grund_vurderet", JC, 3.0, "assessment", "unexplained"),
    ("indstilling_sendt_yc", JC, 1.0, "admin", "unexplained"),
    ("indstilling_modtaget_yc", YC, 4.0, "admin", "between_units"),
    ("afgoerelse_truffet", YC, 2.0, "decision", "unexplained"),
    ("afgoerelse_meddelt", YC, 1.0, "contact", "unexplained"),
    ("effektueret", YC, 1.0, "admin", "unexplained"),
    ("ydelse_modregnet", SYS, 14.0, "system", "payment_run"),
]
_DETOUR = [
    ("returneret_til_jc", YC, 3.0, "admin", "unexplained"),
    ("suppleret_af_jc", JC, 6.0, "assessment", "between_units"),
    ("indstilling_modtaget_yc", YC, 4.0, "admin", "between_units"),
]
NATURES = {
    "citizen": "værn",
    "unexplained": "ukendt",
    "between_units": "intern",
    "payment_run": "lovbundet",
}


def small_store(
    folder: Path,
    *,
    cases: int = 160,
    faster_from: datetime | None = None,
    synthetic: bool = True,
    graded: bool = True,
    bare: bool = False,
) -> Snapshot:
    """Make a store with `cases` sanction cases; decisions come faster from a date on."""
    rows = _rows(cases, faster_from)
    if not graded:
        for row in rows["handovers"]:
            row.update(
                grade=None,
                redundant=None,
                doubtful=None,
                grade_reason="no_catalogue",
                mandated=None,
            )
    if bare:  # a log that knows neither citizens nor the end of a case
        for row in rows["cases"]:
            row.update(citizen_id=None, open=None, end=None)
    config = load_config()
    with Store(folder).stage() as staging:
        ocel = staging.path / "ocel"
        ocel.mkdir()
        log = {
            "roles": {},
            "cut": CUT.isoformat(),
            "cut_source": "given",
            "log_start": FIRST.isoformat(),
            "sources": [{"code": "1", "delivery": "2026-10", "file": "aktiv_haendelser.csv"}],
            "origin": "load",
            "synthetic": synthetic,
        }
        (ocel / "log.json").write_text(json.dumps(log), encoding="utf-8")
        process = {
            "name": "sanktion",
            "label": "Sanktion",
            "case_type": "sanktion",
            "folder": "00-sanktion",
        }
        text = json.dumps({"processes": [process]})
        (staging.path / "processes.json").write_text(text, encoding="utf-8")
        facts = staging.path / "facts" / "00-sanktion"
        facts.mkdir(parents=True)
        for schema in FACTS:
            pq.write_table(_table(schema, rows[schema.name]), facts / f"{schema.name}.parquet")
        staging.put_config(config)
        return staging.commit({"procmine": "0.1.0", "config": config.digest, "counts": {}})


def _rows(cases: int, faster_from: datetime | None) -> dict[str, list[dict[str, object]]]:
    draw = np.random.default_rng(7)
    found: dict[str, list[dict[str, object]]] = {schema.name: [] for schema in FACTS}
    span = (CUT - FIRST) / cases
    for number in range(cases):
        begin = FIRST + span * number + timedelta(hours=float(draw.integers(0, 8)))
        way = [*_WAY]
        if draw.random() < 0.4:
            way[6:6] = _DETOUR
        _case(found, f"SA-{number + 1}", f"p{number % (cases - 10)}", begin, way, draw, faster_from)
    return found


def _case(
    found: dict[str, list[dict[str, object]]],
    case: str,
    person: str,
    begin: datetime,
    way: list[tuple[str, tuple[str, str], float, str, str]],
    draw: np.random.Generator,
    faster_from: datetime | None,
) -> None:
    moment, before, steps = begin, None, 0
    decided = None
    hand, last_hand = None, None
    for seq, (activity, (unit, kind), days, cls, cause) in enumerate(way):
        pace = 0.45 if faster_from is not None and moment >= faster_from else 1.0
        moment += timedelta(days=pace * days * float(draw.lognormal(0, 0.5)) if seq else 0)
        if moment > CUT:
            break
        event = f"{case}/{seq}"
        skipped = kind in ("BO", "SYS")
        found["steps"].append(
            {
                "case_id": case, "seq": seq, "event_id": event, "activity": activity,
                "time": moment, "placed": moment, "precision": "minute", "class": cls,
                "unit": unit or None, "unit_kind": kind, "hand": not skipped, "in_case": True,
                "outcome": "sanktion" if activity == "afgoerelse_truffet" else None,
            }
        )  # fmt: skip
        if before is not None:
            found["waits"].append(_wait(case, before, (event, activity, moment), cause))
        if not skipped:
            if hand is not None and hand[0] != unit:
                found["handovers"].append(
                    _handover(case, last_hand, event, moment, hand, unit, kind, activity)
                )
            hand, last_hand = (unit, kind), (event, moment)
        if activity == "afgoerelse_truffet":
            decided = moment
        before, steps = (event, activity, moment), steps + 1
    done = steps == len(way)
    if not done and before is not None:
        found["waits"].append(_wait(case, before, (None, None, CUT), "unexplained"))
    mine = [h for h in found["handovers"] if h["case_id"] == case]
    found["cases"].append(
        {
            "case_id": case, "object_id": case, "citizen_id": person, "start": begin,
            "end": moment if done else None, "open": not done, "decided": decided,
            "outcome": "sanktion" if decided else None, "unit": "Jobcenter Nord",
            "no_start_step": False, "start_precision": "minute",
            "end_precision": "minute" if done else None, "events": steps,
            "handovers": len(mine), "redundant_handovers": sum(bool(h["redundant"]) for h in mine),
            "not_assessable_handovers": 0,
        }
    )  # fmt: skip


def _wait(case: str, before: tuple, after: tuple, cause: str) -> dict[str, object]:
    hours = (after[2] - before[2]).total_seconds() / 3600
    return {
        "case_id": case, "from_event": before[0], "to_event": after[0],
        "from_activity": before[1], "to_activity": after[1], "start": before[2],
        "end": after[2], "hours": hours, "business_hours": hours * 40 / 168,
        "days": hours / 24, "days_low": hours / 24, "days_high": hours / 24,
        "holder": "Jobcenter Nord", "cause": cause, "nature": NATURES[cause],
        "assumed_deadline": False, "censored": after[0] is None, "explanation": "x",
    }  # fmt: skip


def _handover(
    case: str, last: tuple, event: str, moment: datetime, hand: tuple, unit: str, kind: str,
    activity: str,
) -> dict[str, object]:  # fmt: skip
    back = activity == "suppleret_af_jc"
    merged = activity == "indstilling_modtaget_yc" and last[0].endswith("/7")
    grade = "G2" if back else None if merged else "G5"
    return {
        "case_id": case, "from_event": last[0], "to_event": event, "from": hand[0], "to": unit,
        "from_kind": hand[1], "to_kind": kind, "from_time": last[1], "to_time": moment,
        "gap_days": (moment - last[1]).total_seconds() / 86400, "gap_business_hours": 8.0,
        "avoidable_business_hours": 8.0 if back else 0.0, "grade": grade, "mandated": False,
        "redundant": back or merged, "redundant_reason": "entered" if back else None,
        "grade_reason": None, "outcome_changed": False, "explanation": "x",
        "doubtful": False, "counted": True,
    }  # fmt: skip


def _table(schema: Schema, rows: list[dict[str, object]]) -> pa.Table:
    names = schema.names
    columns = {name: [row.get(name) for row in rows] for name in names}
    target = schema.arrow()
    arrays = []
    for name in names:
        field = target.field(name)
        kind = pa.string() if pa.types.is_dictionary(field.type) else field.type
        arrays.append(pa.array(columns[name], kind))
    return schema.check(pa.table(arrays, names=list(names)))


__all__ = [
    "CASES",
    "CUT",
    "DOCUMENTS",
    "FIRST",
    "HANDOVERS",
    "STEPS",
    "VISITS",
    "WAITS",
    "small_store",
]
