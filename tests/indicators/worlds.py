"""Small fact tables for the indicators, with values worked out by hand."""

from __future__ import annotations

import pandas as pd

from procmine.config import load_config
from procmine.effects.windows import utc
from procmine.indicators.definitions import Definitions, read_definitions
from procmine.indicators.inputs import Inputs

DEFINITIONS: Definitions = read_definitions(load_config().files["indikatorer"])


def stamps(texts: list[str | None]) -> pd.Series:
    return pd.to_datetime(pd.Series(texts)).dt.tz_localize("Europe/Copenhagen")


def four_cases() -> Inputs:
    """Four sanction cases of three citizens.

    a (p1) 2 Jan to 12 Jan, b (p1) 5 Jan to 4 Feb, c (p2) 1 Feb to 21 Feb, d (p3) open.
    """
    cases = pd.DataFrame(
        {
            "case_id": ["a", "b", "c", "d"],
            "citizen_id": ["p1", "p1", "p2", "p3"],
            "start": stamps(["2026-01-02", "2026-01-05", "2026-02-01", "2026-02-03"]),
            "decided": stamps(["2026-01-12", "2026-02-04", "2026-02-21", None]),
            "end": stamps(["2026-01-20", "2026-02-10", "2026-02-21", None]),
            "open": [False, False, False, True],
            "unit": ["N", "N", "S", "S"],
            "target_group": ["x", "x", "x", None],
        }
    )
    handovers = pd.DataFrame(
        {
            "case_id": ["a", "a", "a", "b", "c", "d"],
            "to_time": stamps(
                [
                    "2026-01-04",
                    "2026-01-12",
                    "2026-01-13",
                    "2026-01-10",
                    "2026-02-10",
                    "2026-02-10",
                ]
            ),
            "redundant": pd.array([True, True, True, False, None, True], dtype="boolean"),
            "phase": [None, None, "efter", None, None, None],
        }
    )
    waits = pd.DataFrame(
        {
            "case_id": ["a", "a", "b", "c"],
            "end": stamps(["2026-01-12", "2026-01-15", "2026-02-04", "2026-02-21"]),
            "business_hours": [16.0, 80.0, 4.0, None],
            "nature": pd.Categorical(["intern", "intern", "intern", "ekstern"]),
        }
    )
    documents = pd.DataFrame(
        {
            "case_id": ["a", "a", "a", "b", "c"],
            "received": stamps(
                ["2026-01-03", "2026-01-04", "2026-01-14", "2026-01-08", "2026-02-02"]
            ),
            "status": ["unused", "used", "unused", "not_assessable", "exempt"],
            "direction": ["ind", "ud", "ind", "ind", "ind"],
        }
    )
    steps = pd.DataFrame(
        [
            ("a", 0, "partshoering_sendt", "2026-01-05", None),
            ("a", 1, "afgoerelse_truffet", "2026-01-12", "sanktion"),
            ("a", 2, "genvurderet", "2026-02-20", "fastholdt"),
            ("a", 3, "ast_afgoerelse", "2026-02-25", "hjemvist"),
            ("b", 0, "afgoerelse_truffet", "2026-02-04", "ingen_sanktion"),
            ("b", 1, "partshoering_sendt", "2026-02-05", None),
            ("c", 0, "lukket_uden_sanktion", "2026-02-21", None),
        ],
        columns=["case_id", "seq", "activity", "time", "outcome"],
    )
    steps["time"] = pd.to_datetime(steps["time"]).dt.tz_localize("Europe/Copenhagen")
    steps["activity"] = steps["activity"].astype("category")
    tables = {
        "cases": cases,
        "handovers": handovers,
        "waits": waits,
        "documents": documents,
        "steps": steps,
    }
    return Inputs("sanktion", "Sanktion", tables, utc("2026-03-01"), utc("2026-01-01"), 120)


def many_cases(per_month: int = 40, change: float = 1.0, months: int = 30) -> Inputs:
    """Return a process of so many cases a month from 2024; from 2026 `change` as long."""
    start = pd.date_range("2024-01-01", periods=per_month * months, freq=f"{730 // per_month}h")
    start = start[start < "2026-06-15"]
    base = [20 + 7 * (i % 11) for i in range(len(start))]
    late = start >= "2026-01-01"
    took = pd.to_timedelta([d * change if x else d for d, x in zip(base, late, strict=True)], "D")
    decided = pd.Series(start + took).dt.tz_localize("UTC")
    cut = utc("2026-07-01")
    seen = decided <= cut
    cases = pd.DataFrame(
        {
            "case_id": [f"S-{i}" for i in range(len(start))],
            "citizen_id": [f"p{i}" for i in range(len(start))],
            "start": start.tz_localize("UTC"),
            "decided": decided.where(seen),
            "end": decided.where(seen),
            "open": ~seen,
            "unit": ["N" if i % 3 else "S" for i in range(len(start))],
            "target_group": ["x"] * len(start),
        }
    )
    moves = cases.assign(
        to_time=cases["start"] + pd.Timedelta(days=3),
        redundant=[i % 4 == 0 for i in range(len(cases))],
        phase=None,
    )[["case_id", "to_time", "redundant", "phase"]]
    tables = {"cases": cases, "handovers": moves}
    return Inputs("sanktion", "Sanktion", tables, cut, utc("2024-01-01"), 120)
