"""Erasing a person reaches everything, and the person does not come back (section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.erase import erase_before, erase_person, holdings
from tests.exports.samples import AKTIVITETER, SAG, SAGER, activity

if TYPE_CHECKING:
    from tests.exports.samples import Deliver

TWO = f"{SAGER}\n{SAG}\nS-2;721290-1234;6.3;01-02-2025;;;0999"
FILES = {
    "opera_sager.csv": TWO,
    "opera_aktiviteter.csv": "\n".join(
        (AKTIVITETER, activity(), activity("A-2", "S-2"), activity("A-3", end="x"))
    ),
    "opera_forsoergelse.csv": "CPR-nr.;Ydelse;Fra;Til\n711290-1234;Job;01-01-2025;\n"
    "721290-1234;Job;01-01-2025;\n",
}


def test_a_person_is_erased_with_all_that_hangs_on_them(deliver: Deliver) -> None:
    """Case, events, benefits and quarantined rows go; the other citizen stays."""
    load = deliver(FILES)
    query = "SELECT target_id FROM o2o WHERE source_id = 'sag:S-1'"
    person = load.sql(query)[0][0]
    assert "side/benefits.parquet" in holdings(load.out, person)
    erased = erase_person(load.out, person)
    assert (erased.objects, erased.events, erased.left) == (2, 1, {})
    assert holdings(load.out, person) == {}
    assert load.sql("SELECT event_id FROM events") == [("opera:A-2",)]
    assert load.sql("SELECT count(*) FROM benefits") == [(1,)]
    assert load.sql("SELECT count(*) FROM quarantine") == [(0,)]
    assert load.sql('SELECT "Sagsnr" FROM opera_sager') == [("S-2",)]


def test_a_reload_does_not_bring_the_person_back(deliver: Deliver) -> None:
    """Rows that name the person, or a case of theirs, are left out as erased."""
    load = deliver(FILES)
    person = load.sql("SELECT target_id FROM o2o WHERE source_id = 'sag:S-1'")[0][0]
    erase_person(load.out, person)
    again = deliver(FILES, previous=load)
    assert again.file("opera_sager.csv")["left_out"] == {"erased": 1, "unchanged": 1}
    assert again.file("opera_aktiviteter.csv")["left_out"] == {"erased": 2, "unchanged": 1}
    assert again.account.unchanged
    assert holdings(again.out, person) == {}


def test_a_new_case_of_an_erased_person_leaves_no_trace_in_the_quarantine(
    deliver: Deliver,
) -> None:
    """What hangs on the case is left out as erased with it, not quarantined as an orphan."""
    load = deliver(FILES)
    person = load.sql("SELECT target_id FROM o2o WHERE source_id = 'sag:S-1'")[0][0]
    erase_person(load.out, person)
    files = {
        "opera_sager.csv": f"{TWO}\nS-3;711290-1234;6.3;01-02-2025;;;0999",
        "opera_aktiviteter.csv": "\n".join((AKTIVITETER, activity("A-4", "S-3"))),
    }
    again = deliver(files, previous=load)
    assert again.file("opera_aktiviteter.csv")["left_out"] == {"erased": 1}
    assert again.sql("SELECT * FROM quarantine") == []


def test_cases_past_their_retention_are_erased(deliver: Deliver) -> None:
    """A case whose last event lies before the day goes, and its citizen with it."""
    files = {"opera_sager.csv": TWO, "opera_aktiviteter.csv": "\n".join(
        (AKTIVITETER, activity(), activity("A-2", "S-2", end="03-06-2025 10:00")))}  # fmt: skip
    load = deliver(files)
    erased = erase_before(load.out, "2025-03-01", ("sag",), "tilhoerer")
    assert (erased.objects, erased.events) == (2, 1)
    assert load.sql("SELECT event_id FROM events") == [("opera:A-2",)]


SANKTIONER = "Sanktionsnr;CPR-nr.;Sagsnr;Hjemmel;Forseelsesdato;Sanktionstype;Bel\u00f8b;Status"
HAENDELSER = "L\u00f8benr;Sanktionsnr;Klagenr;H\u00e6ndelse;Tidspunkt;Medarbejder;Enhed"


def test_a_sanction_without_a_case_goes_with_the_person_its_row_names(deliver: Deliver) -> None:
    """No link leads from it to the citizen; its row does."""
    files = FILES | {
        "aktiv_sanktioner.csv": f"{SANKTIONER}\nX-1;711290-1234;;;;;;\nX-2;721290-1234;;;;;;",
        "aktiv_haendelser.csv": f"{HAENDELSER}\nL-1;X-1;;Varslet;03-02-2025;abc;Nord\n"
        "L-2;X-2;;Varslet;03-02-2025;abc;Nord",
    }
    load = deliver(files)
    person = load.sql("SELECT target_id FROM o2o WHERE source_id = 'sag:S-1'")[0][0]
    assert erase_person(load.out, person).left == {}
    assert load.sql("SELECT number FROM objects WHERE object_type = 'sanktion'") == [("X-2",)]
    assert load.sql("SELECT event_id FROM events ORDER BY 1") == [("aktiv:L-2",), ("opera:A-2",)]
    assert load.sql('SELECT "Sanktionsnr" FROM aktiv_haendelser') == [("X-2",)]
    again = deliver(files, previous=load)
    assert again.file("aktiv_haendelser.csv")["left_out"] == {"erased": 1, "unchanged": 1}


def test_what_hangs_on_a_person_by_quarantined_rows_alone_goes_too(deliver: Deliver) -> None:
    """A case in quarantine, its plan, the plan's activity; a quote in a number hides none.

    S-8 stands in a row of each citizen: the row of the one who stays is kept.
    """
    files = {
        "opera_sager.csv": f"{TWO}\nS-7;711290-1234;6.3;x;;;\nS-8;711290-1234;6.3;;;;\n"
        'S-8;721290-1234;6.3;;;;\n"S""9";711290-1234;6.3;01-02-2025;;;',
        "opera_planer.csv": "Plannr;Sagsnr;Plantype;Oprettet;Status;Indstilling\nP-7;S-7;a;;;",
        "opera_aktiviteter.csv": "\n".join((
            AKTIVITETER, activity("A-1", "S-2"), activity("A-7", "").replace(";;;;", ";;P-7;;", 1),
            activity("A-8", "S-8"), activity("A-9", '"S""9"', end="x"),
        )),
    }  # fmt: skip
    load = deliver(files)
    person = load.sql("SELECT target_id FROM o2o WHERE source_id = 'sag:S-1'")[0][0]
    assert load.sql("SELECT count(*) FROM quarantine") == [(7,)]
    assert erase_person(load.out, person).left == {}
    left = (
        "SELECT json_extract_string(cells, '/Aktivitetsnr'), json_extract_string(cells, '/Sagsnr')"
    )
    assert load.sql(f"{left} FROM quarantine ORDER BY 1 NULLS FIRST") == [
        (None, "S-8"), ("A-8", "S-8")
    ]  # fmt: skip
    again = deliver(files, previous=load)
    # Nothing conflicts with the other citizen's row of S-8 any more.
    assert (again.json["totals"]["kept"], again.json["totals"]["quarantined"]) == (2, 0)
    assert holdings(again.out, person) == {}


def test_retention_reaches_what_no_event_tells_of(deliver: Deliver) -> None:
    """A case without events by its dates, a citizen of contacts alone, quarantined rows.

    The citizen of S-1 had a contact after the day: the case goes, the citizen stays.
    """
    contact = "Kontaktnr;CPR-nr.;M\u00e5lgruppe;Kontakttype;Planlagt;Afholdt;Udfald;Enhed"
    files = {
        "opera_sager.csv": f"{TWO}\nS-3;731290-1234;6.3;01-01-2024;31-01-2025;;\n"
        "S-4;741290-1234;6.3;01-04-2025;;;",
        "opera_aktiviteter.csv": "\n".join((
            AKTIVITETER, activity(), activity("A-2", "S-2", end="03-06-2025 10:00"),
            activity("A-3", "S-9"), activity("A-4", "S-9", end="03-06-2025 10:00"),
            activity("A-5", "S-2", end="x"),
        )),
        "dfdg_kontakt.csv": f"{contact}\nK-1;711290-1234;;;;03-06-2025;Afholdt;Nord\n"
        "K-2;751290-1234;;;;03-02-2025;Afholdt;Nord\nK-3;761290-1234;;;;03-06-2025;Afholdt;Nord",
    }  # fmt: skip
    load = deliver(files)
    erased = erase_before(load.out, "2025-03-01", ("sag",), "tilhoerer", ("borger",))
    assert erased.left == {}
    assert load.sql("SELECT number FROM objects WHERE object_type = 'sag' ORDER BY 1") == [
        ("S-2",), ("S-4",)
    ]  # fmt: skip
    assert load.sql("SELECT count(*) FROM objects WHERE object_type = 'borger'") == [(4,)]
    assert load.sql("SELECT event_id FROM events ORDER BY 1") == [
        ("dfdg:K-1/afholdt",), ("dfdg:K-3/afholdt",), ("opera:A-2",)
    ]  # fmt: skip
    number = "json_extract_string(cells, '/Aktivitetsnr')"
    # A-5 has no stamp; its delivery's cut lies after the day.
    assert load.sql(f"SELECT {number} FROM quarantine ORDER BY 1") == [("A-4",), ("A-5",)]
