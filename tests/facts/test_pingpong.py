"""Ping-pong, the legal minimum, and shifts of who is responsible."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.config import Mandate
from procmine.facts.breakeven import break_even, pooled_time
from procmine.facts.lifelines import plan
from procmine.facts.pingpong import case_pingpong, episodes, legal_minimum
from procmine.facts.run import chunk_facts
from tests.facts.toy import Ev, Toy, _worktime, at


def visits(cases: dict[str, str]) -> pa.Table:
    rows = [
        {"case_id": case, "visit": n, "unit": unit, "counted": True}
        for case, units in cases.items()
        for n, unit in enumerate(units)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(
        {"case_id": pa.string(), "visit": pa.int64(), "unit": pa.string(), "counted": pa.bool_()}
    ))  # fmt: skip


def test_h1() -> None:
    """Runs JC, YC, JC, YC: 3 handovers, 2 hands, 2 returns, one episode of depth 3."""
    (row,) = case_pingpong(visits({"c": "JYJY"})).to_pylist()

    assert row == {
        "case_id": "c", "handovers": 3, "hands": 2, "returns": 2, "immediate_returns": 2,
        "return_share": 2 / 3, "depth": 3,
    }  # fmt: skip
    (episode,) = episodes(visits({"c": "JYJY"})).to_pylist()
    assert (episode["first_visit"], episode["last_visit"], episode["depth"]) == (0, 3, 3)


def test_excess_over_the_legal_minimum() -> None:
    """Three handovers where the law demands one: an excess of 2."""
    least = pa.table({"case_id": ["c"], "legal_minimum": [1]})
    (row,) = case_pingpong(visits({"c": "JYJY"}), least).to_pylist()

    assert row["excess"] == 2


def test_legal_minimum_follows_validity() -> None:
    """Only law rows of the process between named kinds, valid at the case's start."""
    rows = [
        Mandate("a", "p", "JC", "YC", "law", valid_to=date(2026, 6, 30)),
        Mandate("b", "p", "JC", "YC", "local"),
        Mandate("c", "*", "*", "AST", "law"),
        Mandate("d", "q", "JC", "YC", "law"),
    ]
    cases = pa.table(
        {
            "case_id": ["old", "new"],
            "start": pa.array([at(2), at(152)], pa.timestamp("us", tz="UTC")),
        }
    )

    assert legal_minimum(cases, "p", rows)["legal_minimum"].to_pylist() == [1, 0]


def test_episodes_do_not_cross_cases() -> None:
    """The last visit of one case and the first of the next make no return."""
    assert episodes(visits({"a": "XY", "b": "XY"})).num_rows == 0


def plainly(units: str) -> list[tuple[int, int]]:
    """Episodes as (first, depth), looked for one visit at a time."""
    found, start = [], 0
    while start < len(units) - 2:
        end = start + 1
        while end + 1 < len(units) and units[end + 1] == units[end - 1]:
            end += 1
        if end - start >= 2:
            found.append((start, end - start))
            start = end - 1
        start += 1
    return found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ABC", min_size=1, max_size=12), min_size=1, max_size=4))
def test_equals_a_plain_search(texts: list[str]) -> None:
    """Counts and episodes equal a search one visit at a time."""
    runs = ["".join(u for n, u in enumerate(text) if n == 0 or text[n - 1] != u) for text in texts]
    cases = {f"c{n}": run for n, run in enumerate(runs)}
    table = visits(cases)
    listed = [(row["case_id"], row["first_visit"], row["depth"])
              for row in episodes(table).to_pylist()]  # fmt: skip

    assert listed == [(c, *episode) for c, run in cases.items() for episode in plainly(run)]
    for row in case_pingpong(table).to_pylist():
        run = cases[row["case_id"]]
        assert (row["handovers"], row["hands"]) == (len(run) - 1, len(set(run)))
        assert row["depth"] == max((depth for _, depth in plainly(run)), default=0)


def shifts(
    changes: list[tuple[str, str, datetime, str | None]], **sag: object
) -> tuple[int | None, int | None]:
    toy = Toy(
        [Ev("udeblivelse_registreret", "JC", at(2)), Ev("ydelse_modregnet", "SYS", at(20))],
        objects=[("S1", "sag", sag)], o2o=[("C1", "S1", "del_af")],
        changes=changes,
    )  # fmt: skip
    (chunk,) = plan(toy.source(), toy.the_process())
    found = chunk_facts(chunk, _worktime(toy.config)).cases
    return found["responsible_shifts"][0].as_py(), found["unit_shifts"][0].as_py()


def test_shifts_between_start_and_end() -> None:
    """Before the start P1, then P2 and P3 and P3 again: 2 shifts; after the end none counts."""
    changes = [
        ("S1", "ansvarlig", at(1), "P1"), ("S1", "ansvarlig", at(5), "P2"),
        ("S1", "ansvarlig", at(6), "P3"), ("S1", "ansvarlig", at(7), "P3"),
        ("S1", "ansvarlig", at(21), "P4"),
    ]  # fmt: skip

    assert shifts([*changes]) == (2, None)


def test_initial_value_is_not_counted() -> None:
    """The value from the beginning is what the first change is measured against."""
    assert shifts([("S1", "ansvarlig_enhed", at(5), "B")], ansvarlig_enhed="A") == (None, 1)
    assert shifts([("S1", "ansvarlig_enhed", at(5), "A")], ansvarlig_enhed="A") == (None, 0)
    assert shifts([("S1", "ansvarlig_enhed", at(5), "B")]) == (None, 0)


def test_break_even() -> None:
    """Toy Q1: two steps in turn take 2.00 days, pooled 1.11; about 10 % slower is even."""
    found = break_even(4, (0.2, 0.2))

    assert 0.10 < found.slower < 0.11
    assert pooled_time(4, 0.4 * (1 + found.slower), 2) < found.serial + 1e-6
    assert found.load == 0.8
    assert "2,0 dage" in found.sentence()
    assert "1,1 dage" in found.sentence()
