"""Small logs as fact tables, written out by hand, for the tests of maps and figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def tables(
    cases: dict[str, list[tuple[str, float]]],
    *,
    still_open: frozenset[str] = frozenset(),
    precision: str = "second",
    citizens: dict[str, str] | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Return steps and cases; each case is a list of (activity, days since its start)."""
    rows = []
    for case, steps in cases.items():
        for seq, (activity, days) in enumerate(steps):
            at = START + timedelta(days=days)
            rows.append((case, seq, activity, at, precision))
    size = len(rows)
    steps_table = pa.table(
        {
            "case_id": [r[0] for r in rows],
            "seq": [r[1] for r in rows],
            "activity": [r[2] for r in rows],
            "placed": pa.array([r[3] for r in rows], pa.timestamp("us", "UTC")),
            "start": pa.nulls(size, pa.timestamp("us", "UTC")),
            "precision": [r[4] for r in rows],
            "class": pa.nulls(size, pa.string()),
            "unit": pa.array(["U"] * size),
            "unit_kind": pa.array(["K"] * size),
            "in_case": [True] * size,
        }
    )
    names = list(cases)
    people = [(citizens or {}).get(case) for case in names]
    cases_table = pa.table(
        {
            "case_id": names,
            "citizen_id": pa.array(people, pa.string()),
            "open": [case in still_open for case in names],
        }
    )
    return steps_table, cases_table


def many(path: list[str], times: int, prefix: str = "c") -> dict[str, list[tuple[str, float]]]:
    """Return `times` cases that take `path`, one day a step."""
    return {
        f"{prefix}{i}": [(activity, float(day)) for day, activity in enumerate(path)]
        for i in range(times)
    }
