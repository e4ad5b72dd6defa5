"""A person who is to be forgotten is found nowhere afterwards, and does not come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from procmine import erasing, pipeline
from procmine.cli import main
from procmine.errors import UsageError
from procmine.facts.agreement import import_sheet
from procmine.facts.handcheck import sheet_of
from procmine.facts.sheet import key_hash, write_sheet
from procmine.store import Store
from procmine.synth import simulate

if TYPE_CHECKING:
    from procmine.store import Snapshot


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Load a small delivery; make a second snapshot of it."""
    simulate("demo", tmp_path / "made", seed=3, cases=15)
    delivery = tmp_path / "made" / "delivery"
    pipeline.load(delivery, "kmd", tmp_path / "store", key=tmp_path / "key")
    pipeline.recompute(tmp_path / "store")
    return tmp_path / "store"


def citizens(snapshot: Snapshot) -> list[str]:
    """Return the ids of all citizens of a log."""
    objects = snapshot.table("objects").to_pylist()
    return sorted(o["object_id"] for o in objects if o["object_type"] in snapshot.roles.citizen)


def test_a_person_is_gone_from_every_file(store: Path) -> None:
    """Nothing names the person any more; others are still there; old snapshots are gone."""
    person, *others = citizens(Store(store).current())
    assert erasing.held(store, person)

    done = erasing.forget(store, person=person)

    assert done.objects > 0
    assert done.snapshots == 2
    assert done.left == {}
    assert citizens(Store(store).current()) == others
    for file in store.rglob("*.parquet"):
        assert person.partition(":")[2] not in str(pq.read_table(file).to_pydict())


def test_no_answer_outlives_its_case(store: Path, tmp_path: Path) -> None:
    """Hand-check answers to a forgotten person's rows go; those to other rows stay."""
    before = Store(store).current()
    process = max((p.name for p in before.processes), key=lambda name: len(rows(before, name)))
    file = tmp_path / "sheet.xlsx"
    sheet = sheet_of(before, process, "handovers", size=500, seed="s")
    filled = replace(sheet, rows=tuple((*row[:-3], "Enig", "", row[-1]) for row in sheet.rows))
    write_sheet(filled, file)
    import_sheet(before, file)
    cases = before.facts(process, "cases").to_pylist()
    asked = {row[-1].partition("|")[0] for row in sheet.rows}
    person = next(c["citizen_id"] for c in cases if c["case_id"] in asked)
    theirs = {c["case_id"] for c in cases if c["citizen_id"] == person}
    gone, kept = set(), set()
    for row in sheet.rows:
        (gone if row[-1].partition("|")[0] in theirs else kept).add(key_hash("s", row[-1]))

    erasing.forget(store, person=person)

    text = (store / "supply" / "handcheck.toml").read_text(encoding="utf-8")
    assert gone
    assert kept
    assert not any(key in text for key in gone)
    assert all(key in text for key in kept)


def rows(snapshot: Snapshot, process: str) -> list[object]:
    """Return the handovers of a process."""
    found: list[object] = snapshot.facts(process, "handovers").to_pylist()
    return found


def test_the_same_rows_do_not_bring_a_person_back(store: Path, tmp_path: Path) -> None:
    """A reload of the delivery leaves the erased rows out, and counts them."""
    person = citizens(Store(store).current())[0]
    erasing.forget(store, person=person)

    again = pipeline.load(tmp_path / "made" / "delivery", "kmd", store, key=tmp_path / "key")

    assert person not in citizens(Store(store).current())
    totals = again.account.to_json()["totals"]
    assert totals["read"] == totals["kept"] + totals["left_out"] + totals["quarantined"]


def test_old_cases_go_and_later_ones_stay(store: Path) -> None:
    """Cases whose last event lies before the day are erased, and no other."""
    before = Store(store).current().table("events").num_rows

    done = erasing.forget(store, before=date(2025, 6, 1))

    after = Store(store).current().table("events").num_rows
    assert 0 < done.events == before - after < before


def test_one_of_person_and_day(store: Path) -> None:
    """Neither of the two, or both, is wrong usage."""
    with pytest.raises(UsageError):
        erasing.forget(store)


def test_the_years_of_retention_stand_in_the_definitions(store: Path) -> None:
    """Counted back from the cut, 31 October 2026: five years by default."""
    cut = Store(store).current().cut
    assert erasing.retention_day(store) == date(cut.year - 5, cut.month, cut.day)


def test_nothing_is_erased_by_default_unasked(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a day, a person or --yes the command names the day and leaves the store alone."""
    before = Store(store).current().path
    with pytest.raises(SystemExit) as ended:
        main(["forget", str(store)])

    assert ended.value.code == 2
    assert "31. oktober 2021" in capsys.readouterr().err
    assert Store(store).current().path == before
