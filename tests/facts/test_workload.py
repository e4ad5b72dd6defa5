"""Open cases by unit and day, Little's law, promises: worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from procmine.aggregates.workload import caseload_by_month, promises_kept, staff_load
from procmine.config.load import load_config
from procmine.config.promises import LocalPromise, read_promises
from procmine.errors import ConfigError
from procmine.facts.workload import caseload_days, held, littles_law
from procmine.ocel.roles import Roles
from procmine.store.engine import connect

if TYPE_CHECKING:
    import duckdb


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    """Return an instant of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def one_case(person: str = "p", end: datetime | None = None) -> tuple[pa.Table, pa.Table]:
    """From the 2nd at J, on the 4th to Y."""
    visits = pa.table(
        {"case_id": ["c", "c"], "visit": [0, 1], "unit": ["J", "Y"], "begin": [at(2), at(4)]}
    )
    cases = pa.table(
        {"case_id": ["c"], "citizen_id": [person], "start": [at(2)],
         "end": pa.array([end], pa.timestamp("us", tz="UTC")), "open": [end is None]}
    )  # fmt: skip
    return visits, cases


def counted(stays: pa.Table) -> dict[tuple[str | None, str], int]:
    """Return the days with open cases."""
    rows = caseload_days(stays).to_pylist()
    return {(r["unit"], str(np.datetime64(r["day"], "D"))[8:]): r["cases"]
            for r in rows if r["cases"]}  # fmt: skip


def test_a_case_counts_where_it_lies_when_the_day_ends() -> None:
    """J at the end of the 2nd and 3rd, Y of the 4th and 5th; the case ends on the 6th."""
    found = counted(held(*one_case(end=at(6)), at(9)))

    assert {key for key in found if key[0]} == {("J", "02"), ("J", "03"), ("Y", "04"), ("Y", "05")}
    assert [day for unit, day in found if unit is None] == ["02", "03", "04", "05"]


def test_an_open_case_counts_up_to_the_cut() -> None:
    """Open at the cut of the 5th: it is there at the end of that day too."""
    assert ("Y", "05") in counted(held(*one_case(), at(5, 22)))
    assert ("Y", "06") not in counted(held(*one_case(), at(5, 22)))


def test_a_log_without_ends_has_no_caseload() -> None:
    """Where nobody can tell whether a case is open, nothing is counted."""
    visits, cases = one_case()
    cases = cases.set_column(4, "open", pa.array([None], pa.bool_()))

    assert held(visits, cases, at(9)).num_rows == 0


def test_months_have_the_spread_over_their_days() -> None:
    """Twelve cases on 2 to 5 March: from the first day to the last 12 a day, by unit 12 or 0."""
    parts = [one_case(f"p{n}", at(6)) for n in range(12)]
    visits = pa.concat_tables(
        v.set_column(0, "case_id", pa.array([f"c{n}"] * 2)) for n, (v, _) in enumerate(parts)
    )
    cases = pa.concat_tables(
        c.set_column(0, "case_id", pa.array([f"c{n}"])) for n, (_, c) in enumerate(parts)
    )
    found = caseload_by_month(visits, cases, at(9)).set_index("unit")

    assert found.loc[["J", "Y"], "most"].tolist() == [12, 12]
    assert found.loc["J", "median"] == 6.0
    assert found["citizens"].tolist() == [12, 12, 12]
    few = caseload_by_month(*one_case(end=at(6)), at(9))
    assert few["most"].isna().all()


def test_the_parts_of_littles_law_add_up() -> None:
    """Period 11 to 21 March. A: 1 to 16, B: 11 to 13, C: 15 to 25 (after the period), D: open.

    L = (5 + 2 + 6 + 1) / 10 = 1.4. Started: B, C, D: 0.3 a day; W of B and C: (2 + 10) / 2 = 6.
    1.4 - 1.8 = -0.4 = A before (0.5) - C after (0.4) + D (1 - 6) / 10 (-0.5).
    """
    times = {"start": [at(1), at(11), at(15), at(20)], "end": [at(16), at(13), at(25), None]}
    cases = pa.table(
        {k: pa.array(v, pa.timestamp("us", tz="UTC")) for k, v in times.items()}
        | {"open": [False, False, False, True]}
    )
    found = littles_law(cases, at(11), at(21))

    assert found is not None
    assert (found.mean_open, found.per_day, found.mean_days) == pytest.approx((1.4, 0.3, 6.0))
    assert (found.carried, found.after, found.unfinished) == pytest.approx((0.5, -0.4, -0.5))
    assert found.difference == pytest.approx(-0.4)


def log(events: list[tuple[str, str, datetime, str]]) -> duckdb.DuckDBPyConnection:
    """Open a log of (object, event type, time, precision), each object its own citizen's."""
    connection = connect()
    rows = {
        "event_id": [f"e{n}" for n in range(len(events))],
        "event_type": [e[1] for e in events],
        "time": [e[2] for e in events],
        "precision": [e[3] for e in events],
    }
    names = sorted({e[0] for e in events})
    tables = {
        "events": pa.table(rows),
        "objects": pa.table({"object_id": names, "object_type": ["ask"] * len(names)}),
        "e2o": pa.table({"event_id": rows["event_id"], "object_id": [e[0] for e in events]}),
    }
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def ask(limit: int, unit: str) -> LocalPromise:
    """Promise an answer within a limit."""
    return LocalPromise("p", "Svar", "ask", ("asked",), ("answered",), limit, unit)


def test_kept_broken_pending_and_what_cannot_be_told() -> None:
    """24 hours: one kept at the hour, one late, one never, one still running, one by dates."""
    events = [
        ("a", "asked", at(2, 9), "minute"), ("a", "answered", at(3, 9), "minute"),
        ("b", "asked", at(2, 9), "minute"), ("b", "answered", at(3, 10), "minute"),
        ("c", "asked", at(2, 9), "minute"), ("d", "asked", at(9, 9), "minute"),
        ("e", "asked", at(2, 9), "day"), ("e", "answered", at(2, 9), "minute"),
    ]  # fmt: skip
    found = promises_kept(log(events), (ask(24, "hours"),), Roles(), at(9, 12), disclose=True)
    row = found.to_dict("records")[0]

    assert [row[k] for k in ("n", "fulfilled", "pending", "not_assessable")] == [3, 1, 1, 1]
    assert row["share"] == pytest.approx(1 / 3)
    hidden = promises_kept(log(events), (ask(24, "hours"),), Roles(), at(9, 12))
    assert hidden["n"].isna().all()


@pytest.mark.parametrize(
    ("unit", "limit", "begin", "last", "late"),
    [
        ("days", 14, at(2, 9), at(16, 22), at(16, 23)),
        ("months", 1, at(31, 9, 1), at(28, 22, 2), at(28, 23, 2)),
    ],
)
def test_days_and_months_run_out_when_the_local_day_ends(
    unit: str, limit: int, begin: datetime, last: datetime, late: datetime
) -> None:
    """23:00 UTC is the next day in Denmark; a month after 31 January is 28 February."""
    for end, kept in ((last, 1), (late, 0)):
        events = [("a", "asked", begin, "minute"), ("a", "answered", end, "minute")]
        found = promises_kept(log(events), (ask(limit, unit),), Roles(), at(30), disclose=True)
        assert found["fulfilled"].tolist() == [kept]


def test_members_of_staff_need_an_approval() -> None:
    """Without godkendelser.toml a measure of staff is refused, with what it takes."""
    with pytest.raises(ConfigError, match=r"godkendelser\.toml"):
        staff_load(pa.table({}), pa.table({}), load_config())


def test_with_an_approval_only_groups_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    """J has five members of staff, Y four: J alone has a row."""
    config = load_config()
    given = dict.fromkeys(("purpose", "legal_basis", "dpia", "med", "notice"), "x")
    monkeypatch.setitem(config.files, "godkendelser", given)
    rows = [("J", f"s{n % 5}", n) for n in range(15)] + [("Y", f"s{n % 4}", n) for n in range(15)]
    steps = pa.table(
        {"case_id": [f"c{n}" for _, _, n in rows], "unit": [u for u, _, _ in rows],
         "resource": [s for _, s, _ in rows], "time": [at(2)] * 30}
    )  # fmt: skip
    names = [f"c{n}" for n in range(15)]
    found = staff_load(steps, pa.table({"case_id": names, "citizen_id": names}), config)

    assert found[["unit", "staff", "median"]].to_numpy().tolist() == [["J", 5, 3.0]]


def test_a_promise_with_faults_is_refused_whole() -> None:
    """A missing limit and an unknown unit are named together."""
    with pytest.raises(ConfigError) as error:
        read_promises({"promise": [{"id": "a", "unit": "weeks"}]})

    assert {f.column for f in error.value.faults} >= {"limit", "unit", "label"}
