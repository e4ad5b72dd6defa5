"""From a log to its tables of waits: meetings, documents, approvals, chunks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.config.worktime import WorkTime
from procmine.facts.lifelines import plan, starts_known
from procmine.facts.run import chunk_facts
from procmine.facts.waiting import Waiting, prepare, write_documents
from procmine.facts.waits import unexplained_transitions
from procmine.tables.facts import CASES, STEPS
from tests.documents.doc_log import DOC_ROLES, Doc, DocLog
from tests.facts.toy import Ev, Toy, at, config_with

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 24.0
APPROVED = (
    'purpose = "x"\nlegal_basis = "y"\ndpia = 2026-01-01\nmed = 2026-01-02\nnotice = 2026-01-03\n'
)


def tables(toy: Toy, folder: Path, chunk_rows: int = 1000) -> dict[str, pd.DataFrame]:
    """Write the tables of a toy to `folder` and return them."""
    source, process = toy.source(), toy.the_process()
    time = WorkTime.from_config(toy.config)
    planned = plan(source, process, chunk_rows=chunk_rows)
    prepare(source)
    steps, cases = [], []
    known = starts_known(planned)
    with Waiting(source, process, folder, time, starts_known=known) as waiting:
        for chunk in planned:
            facts = chunk_facts(chunk, time)
            waiting.add(facts.steps, facts.cases)
            steps.append(facts.steps)
            cases.append(facts.cases)
    pq.write_table(pa.concat_tables(steps).unify_dictionaries(), folder / "steps.parquet")
    whole = pa.concat_tables(cases).unify_dictionaries()
    write_documents(source, process, folder, whole, waiting.caused)
    return {file.stem: pq.read_table(file).to_pandas() for file in folder.glob("*.parquet")}


def hours(waits: pd.DataFrame) -> Mapping[str, float]:
    """Return hours by cause inside the cases."""
    inside = waits[waits["in_case"]]
    return dict(inside.groupby(inside["cause"].astype(str))["hours"].sum())


def plan_toy(events: list[Ev]) -> Toy:
    """Return a toy of the rehabilitation process."""
    return Toy(events, case_type="rehabiliteringsplan", process="rehabilitering")


def test_a_booking_list_goes_before_the_meetings_that_were_held(tmp_path: Path) -> None:
    """A meeting on the 12th that took no case was a slot, and only the list knows of it."""
    slots = """
[[slot]]
unit = "RT-1"
at = 2026-03-12T09:00:00
[[slot]]
unit = "RT-1"
at = "2026-03-19 09:30"
"""
    events = [
        Ev("forelaeggelse_besluttet", "RT-1", at(2), "C1"),
        Ev("sag_modtaget_team", "RT-1", at(4, 12), "C1"),
        Ev("teammoede_afholdt", "RT-1", at(19, 10), "C1", start=at(19, 9.5), meeting="M3"),
        Ev("teammoede_afholdt", "RT-1", at(5, 10), "C3", start=at(5), meeting="M1"),
    ]
    toy = replace(plan_toy(events), config=config_with({"moedeplan.toml": slots}))

    waits = tables(toy, tmp_path)["waits"]

    mine = waits[waits["case_id"] == "C1"].astype({"cause": str}).set_index("cause")
    assert mine.loc["meeting_slot", "hours"] == 7 * DAY + 21
    assert mine.loc["meeting_queue", "hours"] == 7 * DAY + 0.5


def test_meetings_of_the_unit_in_the_whole_log(tmp_path: Path) -> None:
    """The slot is the unit's first meeting after ready, whoever met there (W3)."""
    toy = plan_toy(
        [
            Ev("forelaeggelse_besluttet", "RT-1", at(2), "C1"),
            Ev("sag_modtaget_team", "RT-1", at(4, 12), "C1"),
            Ev("teammoede_afholdt", "RT-1", at(19, 10), "C1", start=at(19, 9.5), meeting="M3"),
            Ev("teammoede_afholdt", "RT-1", at(19, 9.5), "C2", start=at(19), meeting="M3"),
            Ev("teammoede_afholdt", "RT-1", at(5, 10), "C3", start=at(5), meeting="M1"),
            Ev("teammoede_afholdt", "RT-2", at(4, 16), "C4", start=at(4, 15), meeting="M9"),
        ]
    )
    waits = tables(toy, tmp_path)["waits"]
    mine = waits[waits["case_id"] == "C1"]

    assert mine["cause"].tolist()[1:4] == ["meeting_slot", "meeting_queue", "working"]
    assert mine["hours"].tolist()[1:4] == [21, 14 * DAY + 0.5, 0.5]


def test_documents_and_what_they_cost_in_time(tmp_path: Path) -> None:
    """A filed document is waited for, and its row says for how long; also a shared wait."""
    events = [
        Ev("udeblivelse_registreret", "JC", at(2, 10), id="s"),
        Ev("afgoerelse_truffet", "JC", at(25, 10), outcome="ingen_sanktion", id="a"),
    ]
    docs = [
        Doc("d1", "LÆ 265", at(23, 10), at(2, 10), used_by="a"),
        Doc("d2", "Notat", at(12, 10), at(9, 10)),
        Doc("d3", "Notat", at(12, 10), at(9, 10), on="S1"),
        Doc("d4", "Notat", date(2026, 3, 10), date(2026, 3, 3)),
    ]
    found = tables(DocLog(events, docs).toy(), tmp_path)
    documents = found["documents"].set_index("document_id")

    assert hours(found["waits"]) == {"document": 21 * DAY, "unexplained": 2 * DAY}
    assert found["waits"]["nature"].tolist() == ["lovbundet", "ukendt"]
    assert documents["wait_caused_hours"].fillna(-1).to_dict() == {
        "d1": 21 * DAY,
        "d2": 3 * DAY,
        "d3": 0,
        "d4": -1,
    }


def test_late_request(tmp_path: Path) -> None:
    """W6: asked on day 12, waited for 21 days: 12 days are the potential, and only that."""
    events = [
        Ev("udeblivelse_registreret", "JC", at(2, 10), id="s"),
        Ev("afgoerelse_truffet", "JC", at(37, 10), outcome="ingen_sanktion", id="a"),
    ]
    found = tables(
        DocLog(events, [Doc("d1", received=at(35, 9), requested=at(14, 10))]).toy(), tmp_path
    )["late_requests"]

    assert found["potential_days"].tolist() == [12]
    assert found["waited_days"].tolist() == [pytest.approx(21 - 2 / 24, abs=0.1)]
    assert found["request"].tolist() == ["d1"]
    assert "12,0 dage" in found["explanation"][0]


def test_a_request_under_a_hearing_saves_nothing(tmp_path: Path) -> None:
    """Time in which something else was waited for is no potential."""
    events = [
        Ev("udeblivelse_registreret", "JC", at(2, 10), id="s"),
        Ev("partshoering_sendt", "JC", at(2, 10), deadline=at(14, 10), id="h"),
        Ev("afgoerelse_truffet", "JC", at(37, 10), outcome="ingen_sanktion", id="a"),
    ]
    log = DocLog(events, [Doc("d1", received=at(35, 10), requested=at(14, 10))])

    assert tables(log.toy(), tmp_path)["late_requests"].empty


def test_deadline_that_is_a_date(tmp_path: Path) -> None:
    """A date runs out at the end of its day."""
    toy = Toy(
        [
            Ev("udeblivelse_registreret", "JC", at(2)),
            Ev("partshoering_sendt", "JC", at(2), deadline=date(2026, 3, 16)),
            Ev("lukket_uden_sanktion", "JC", at(20)),
        ]
    )

    assert hours(tables(toy, tmp_path)["waits"]) == {
        "citizen": 14 * DAY + 15,
        "unexplained": 3 * DAY + 9,
    }


def test_busy_needs_approval(tmp_path: Path) -> None:
    """The next actor's other work is told apart only where the configuration allows it."""
    events = [
        Ev("udeblivelse_registreret", "JC", at(2, 9), "C1", by="P1"),
        Ev("lukket_uden_sanktion", "JC", at(2, 13), "C1", start=at(2, 12), by="P2"),
        Ev("udeblivelse_registreret", "JC", at(2, 11), "C2", start=at(2, 10), by="P2"),
    ]
    approved = config_with({"godkendelser.toml": APPROVED})
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    without = tables(Toy(events), tmp_path / "a")["waits"]
    having = tables(Toy(events, config=approved), tmp_path / "b")["waits"]

    assert "busy" not in without["cause"].tolist()
    mine = having[having["case_id"] == "C1"]
    assert mine["cause"].tolist() == ["unexplained", "busy", "unexplained", "working"]
    assert mine["hours"].tolist() == [1, 1, 1, 1]


def test_chunks_change_nothing(tmp_path: Path) -> None:
    """Cases worked on one at a time give the same tables as all together."""
    events = []
    for number in range(5):
        case = f"C{number}"
        events += [
            Ev("forelaeggelse_besluttet", "RT-1", at(2 + number), case, id=f"{case}a"),
            Ev("sag_modtaget_team", "RT-1", at(3 + number), case, id=f"{case}b"),
            Ev(
                "teammoede_afholdt",
                "RT-1",
                at(10 + number),
                case,
                meeting=f"M{number}",
                id=f"{case}c",
            ),
        ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole = tables(plan_toy(events), tmp_path / "a")
    parts = tables(plan_toy(events), tmp_path / "b", chunk_rows=1)

    for name, table in whole.items():
        pd.testing.assert_frame_equal(table.astype(str), parts[name].astype(str))


def test_where_most_time_has_no_cause(tmp_path: Path) -> None:
    """The transitions without a registered cause are listed, longest first."""
    toy = Toy(
        [
            Ev("udeblivelse_registreret", "JC", at(2)),
            Ev("kontaktforsoeg", "JC", at(5)),
            Ev("lukket_uden_sanktion", "JC", at(6)),
        ]
    )
    tables(toy, tmp_path)
    found = unexplained_transitions(pq.read_table(tmp_path / "waits.parquet")).to_pylist()

    assert [(row["to_activity"], row["days"], row["cases"]) for row in found] == [
        ("kontaktforsoeg", 3, 1),
        ("lukket_uden_sanktion", 1, 1),
    ]
    assert [row["share"] for row in found] == [0.75, 0.25]


def test_a_log_without_catalogue_and_documents(tmp_path: Path) -> None:
    """Any log has its time labelled; what it lacks leaves no table and no guess."""
    from procmine.config import load_config
    from tests.facts.toy import BARE

    toy = Toy(
        [Ev("a", "U1", at(2)), Ev("b", "U2", at(3)), Ev("c", "U2", at(5))],
        case_type="order",
        process="order",
        roles=BARE,
        config=load_config(defaults=False),
    )
    found = tables(toy, tmp_path)

    assert found["waits"]["cause"].tolist() == ["between_units", "unexplained"]
    assert not found["waits"]["censored"].any()
    assert "liggetid inkl. behandling" in found["waits"]["explanation"][1]
    assert "documents" not in found


def test_roles_without_filing(tmp_path: Path) -> None:
    """Without a qualifier for filing any relation of a document to a case files it there."""
    events = [
        Ev("udeblivelse_registreret", "JC", at(2, 10), id="s"),
        Ev("afgoerelse_truffet", "JC", at(25, 10), outcome="ingen_sanktion", id="a"),
    ]
    toy = DocLog(events, [Doc("d1", received=at(12, 10), requested=at(9, 10))]).toy()
    toy.roles = replace(DOC_ROLES, filed_on="")

    assert hours(tables(toy, tmp_path)["waits"])["document"] == 3 * DAY


def test_a_log_without_cases(tmp_path: Path) -> None:
    """Where nothing happened in a process, its tables are there and empty."""
    toy = Toy([Ev("udeblivelse_registreret", "JC", at(2), case="")])
    source, process = toy.source(), toy.the_process()
    pq.write_table(STEPS.empty(), tmp_path / "steps.parquet")
    prepare(source)
    time = WorkTime.from_config(toy.config)
    with Waiting(source, process, tmp_path, time, starts_known=False) as waiting:
        pass
    write_documents(source, process, tmp_path, CASES.empty(), waiting.caused)
    found = {file.stem: pq.read_table(file).num_rows for file in tmp_path.glob("*.parquet")}

    assert found == dict.fromkeys(found, 0)
    assert {"waits", "waits_by_case", "late_requests", "documents", "coverage"} <= set(found)


def test_one_step(tmp_path: Path) -> None:
    """A case of a single step has no time, hence no rows, and says zero."""
    toy = Toy([Ev("lukket_uden_sanktion", "JC", at(2)), Ev("udeblivelse_registreret", "JC", at(2))])
    found = tables(toy, tmp_path)

    assert found["waits"].empty
    assert found["waits_by_case"]["hours"].tolist() == [0]
