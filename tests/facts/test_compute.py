"""The fact tables of a snapshot, written beside its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine import facts as fact_tables
from procmine.config import load_config
from procmine.facts.source import Source
from procmine.facts.standing import doubtful, file_approval, standing
from procmine.facts.unplaced import read_unplaced, unplaced_events
from procmine.ocel.log import Ocel
from procmine.store.processes import write_processes
from procmine.store.store import Store
from procmine.tables.facts import CASES, HANDOVERS, STEPS, VISITS, WAITS
from tests.facts.test_cost import H4
from tests.facts.toy import Ev, Toy, facts

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.store.snapshot import Snapshot

NOT_APPROVED = "Regler for overleveringer: ikke godkendt. Katalogets klasser: ikke godkendt. "


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Make a snapshot in a store of the toy of methods 2.3, with its facts."""
    toy = Toy(H4)
    meta = {"cut": toy.cut.isoformat(), "log_start": toy.cut.isoformat()}
    with Store(tmp_path / "store").stage() as staging:
        Ocel.build(toy.tables(), roles=toy.roles, meta=meta).write(staging.path / "ocel")
        staging.put_config(toy.config)
        write_processes(staging.path, toy.config, toy.roles)
        done: list[tuple[str, int, int]] = []
        fact_tables.compute(
            staging.snapshot(), progress=lambda name, n, total: done.append((name, n, total))
        )
        assert done[0] == ("Sanktion", 0, 1)
        return staging.commit({})


def store_of(folder: Path, toy: Toy) -> Snapshot:
    """Make a snapshot of a toy with its facts."""
    meta = {"cut": toy.cut.isoformat(), "log_start": toy.cut.isoformat()}
    with Store(folder).stage() as staging:
        Ocel.build(toy.tables(), roles=toy.roles, meta=meta).write(staging.path / "ocel")
        staging.put_config(toy.config)
        write_processes(staging.path, toy.config, toy.roles)
        fact_tables.compute(staging.snapshot())
        return staging.commit({})


@pytest.mark.parametrize(
    ("cases", "clean", "said"),
    [
        (0, 3, ""),
        (1, 9, "I tvivl: færre end 5 af 10 overflødige overleveringer"),
        (6, 3, "For lidt data: 6 af 9 overflødige overleveringer"),
    ],
)
def test_doubt_for_want_of_units(tmp_path: Path, cases: int, clean: int, said: str) -> None:
    """In words beside every figure of redundancy: few are not counted, a fifth is too much."""
    path = ("AA", "RT", "JC", "JC")
    steps = ("udeblivelse_registreret", "indstilling_modtaget_yc", "kontaktforsoeg")
    events = []
    for number in range(cases + clean):
        name = f"C{number}"
        lost = [Ev("rimelig_grund_vurderet", case=name)] if number < cases else []
        rows = [Ev(step, unit, case=name) for step, unit in zip(steps, path, strict=False)]
        events += [rows[0], *lost, *rows[1:], Ev("lukket_uden_sanktion", "YC", case=name)]
    snapshot = store_of(tmp_path / "store", Toy(events))

    assert standing(snapshot, snapshot.process()).removeprefix(NOT_APPROVED).startswith(said)
    assert doubtful(snapshot, snapshot.process()).startswith(said)


def test_the_approval_of_another_file_is_told(tmp_path: Path) -> None:
    """Name, role and day as the municipality's own file has them."""
    text = 'format = 1\n[approval]\nby = "A. B."\nrole = "chef"\non = 2026-03-02\n'
    (tmp_path / "dokumenttyper.toml").write_text(text, encoding="utf-8")

    told = file_approval(load_config(tmp_path), "dokumenttyper")

    assert told == "Dokumenttyper: godkendt af A. B., chef, 2. marts 2026."


def test_tables_stand_beside_the_log(snapshot: Snapshot) -> None:
    """All tables of a process are there, by their schemas, and say what the pure code says."""
    for schema in (CASES, STEPS, VISITS, HANDOVERS, WAITS):
        assert schema.check(snapshot.facts("sanktion", schema.name)).num_rows > 0
    handovers = snapshot.facts(None, "handovers").to_pylist()

    assert [row["grade"] for row in handovers] == [row["grade"] for row in facts(Toy(H4)).handovers]


def test_cost_rests_on_the_causes_of_waiting(snapshot: Snapshot) -> None:
    """The gaps of H4 are between units and unexplained: 18 + 15 less the usual 2."""
    costs = snapshot.facts(None, "handovers")["avoidable_business_hours"].to_pylist()

    assert costs == [31.0, 0.0, 20.0]


def test_hours_waited_are_the_case_s_time(snapshot: Snapshot) -> None:
    """Without true starts all of a case's time is waiting; work cannot be told."""
    (case,) = snapshot.facts(None, "cases").to_pylist()

    assert case["wait_hours"] == pytest.approx((case["end"] - case["start"]).total_seconds() / 3600)
    assert case["work_hours"] is None
    assert (case["hands"], case["pingpong_depth"]) == (2, 3)
    assert (case["legal_minimum"], case["excess_handovers"]) == (1, 2)


def test_unfinished_files_are_gone(snapshot: Snapshot) -> None:
    """Nothing is left but whole tables."""
    folder = snapshot.facts_file(None, "cases").parent

    assert not list(folder.glob(".*"))
    assert all(pq.read_metadata(file).num_rows >= 0 for file in folder.glob("*.parquet"))


def test_unplaced_steps() -> None:
    """A step that names only the case file is counted; a contact of nobody's case is none."""
    only_file = Ev("partshoering_sendt", "JC", case="", objects=(("vedroerer", "S1"),))
    toy = Toy(
        [
            Ev("udeblivelse_registreret", "JC"),
            only_file,
            Ev("ukendt", case=""),
            Ev("samtale_afholdt", "JC", case=""),
        ],
        objects=[("S1", "sag", {})],
    )
    source: Source = toy.source()

    assert unplaced_events(source).to_pylist() == [{"activity": "partshoering_sendt", "events": 1}]


def test_unplaced_steps_are_kept_with_the_facts(snapshot: Snapshot) -> None:
    """What was counted can be read again; a snapshot without the count has none."""
    assert read_unplaced(snapshot) == []
    file = snapshot.path / "facts" / "unplaced.parquet"
    pq.write_table(pa.table({"activity": ["a"], "events": [2]}), file)
    assert read_unplaced(snapshot) == [("a", 2)]
