"""The overview in words: what is measured, what is a task, when it can be told."""

from __future__ import annotations

import dataclasses

import pandas as pd

from procmine.indicators.inputs import Inputs, Span
from procmine.indicators.overblik import overview
from tests.indicators.test_baseline import until
from tests.indicators.worlds import DEFINITIONS, four_cases, many_cases

BEFORE = Span.of("2024-01-01", "2025-12-31")


def test_before_there_is_an_after() -> None:
    """One of four promises is measured, and the month is told in which it can be decided."""
    told = overview(DEFINITIONS, until(many_cases(), "2026-01-01"), before=BEFORE)

    assert told.top == "1 af 4 mål er målt. Det kan tidligst afgøres i oktober 2027."
    assert [card.measured for card in told.promises] == [True, False, False, False]
    assert told.promises[1].task == (
        "Ikke målt endnu. Mangler: tidsmåling på 25 sager. Ansvarlig: ____ Frist: ____"
    )
    assert told.promises[0].verdict == ""
    assert told.notes == (
        "Definitionerne er ikke godkendt.",
        "Der er endnu ingen målinger efter 31. december 2025.",
    )


def test_findings_are_levels_or_tasks() -> None:
    """P1 is measured; P2 to P4 say what is missing."""
    told = overview(DEFINITIONS, many_cases(), before=BEFORE)
    cards = {card.code: card for card in told.findings}

    assert list(cards) == ["P1", "P2", "P3", "P4"]
    assert cards["P1"].level.startswith("Overflødige overleveringer pr. 100 sager: 2")
    assert cards["P1"].word == "i praksis uændret"
    assert cards["P4"].task == (
        "Ikke målt endnu. Mangler: en dokumentliste med retning og modtagelsesdato. "
        "Ansvarlig: ____ Frist: ____"
    )


def test_redundancy_names_who_approved_it() -> None:
    """What stands beside figures of redundancy stands on P1, on no other card."""
    inputs = dataclasses.replace(many_cases(), standing="Regler: ikke godkendt.")
    told = overview(DEFINITIONS, inputs, before=BEFORE)

    assert {card.code: card.standing for card in told.findings} == {
        "P1": "Regler: ikke godkendt.", "P2": "", "P3": "", "P4": "",
    }  # fmt: skip


def test_after_a_real_change_the_top_says_so() -> None:
    """Cases that take half as long: the top sentence is the judgement."""
    told = overview(DEFINITIONS, many_cases(change=0.5), before=BEFORE)

    assert told.top.startswith("1 af 4 mål er målt. Sagsbehandlingstiden er forbedret: ")
    assert told.promises[0].word == "forbedret"


def test_a_supplied_promise_counts() -> None:
    """A promise measured outside the log is told and counted."""
    told = overview(
        DEFINITIONS, many_cases(), before=BEFORE, supplied={"ressourcer": "2,4 timer pr. sag."}
    )

    assert told.top.startswith("2 af 4 mål er målt.")
    assert told.promises[1].level == "2,4 timer pr. sag."


def test_targets_are_told() -> None:
    """A target far below the level is not met."""
    told = overview(DEFINITIONS, many_cases(), before=BEFORE, targets={"sagsbehandlingstid": 10.0})

    assert told.promises[0].target == "Mål: 10 dage; målet er ikke nået."


def test_few_citizens_are_not_told() -> None:
    """With three citizens no level is shown anywhere."""
    told = overview(DEFINITIONS, four_cases())

    assert not any(card.measured for card in (*told.promises, *told.findings))
    assert all(card.value is None for card in (*told.promises, *told.findings))
    assert told.top == "0 af 4 mål er målt."


def test_safeguards_tell_shares_but_no_small_counts() -> None:
    """20 of 40 are told; 2 of 40 and 38 of 40 are not, nor is what is not registered."""
    base = many_cases()
    names = base.tables["cases"]["case_id"].iloc[:40]
    rows = []
    for i, name in enumerate(names):
        if i < 20:
            rows.append((name, 0, "partshoering_sendt", "2024-03-01", None))
        outcome = "ingen_sanktion" if i < 2 else "sanktion"
        rows.append((name, 1, "afgoerelse_truffet", "2024-03-02", outcome))
    steps = pd.DataFrame(rows, columns=["case_id", "seq", "activity", "time", "outcome"])
    steps["time"] = pd.to_datetime(steps["time"], utc=True)
    tables = {**base.tables, "steps": steps}
    inputs = Inputs("sanktion", "Sanktion", tables, base.cut, base.log_start, 120)

    told = overview(DEFINITIONS, inputs).safeguards

    assert told == (
        "Partshøring sendt før afgørelse: 50\u00a0% (20 af 40).",
        "Sager lukket uden sanktion: under 5 af 40.",
        (
            "Genvurderinger og ankesager, der endte med omgjort eller hjemvist afgørelse: "
            "Ikke målt endnu. Mangler: registrering af klager og deres udfald. "
            "Ansvarlig: ____ Frist: ____"
        ),
    )


def test_it_is_plain_data() -> None:
    """The whole model turns into dictionaries, for a page, a report, a file."""
    told = dataclasses.asdict(overview(DEFINITIONS, many_cases(), before=BEFORE))

    assert set(told) == {
        "top", "promises", "findings", "safeguards_title", "safeguards", "notes",
    }  # fmt: skip


def test_faster_but_worse_is_said_so() -> None:
    """Half as long, but hearings that were always sent are sent no more: another word."""
    base = many_cases(change=0.5)
    cases = base.tables["cases"]
    rows = []
    for name, start, decided in zip(
        cases["case_id"], cases["start"], cases["decided"], strict=True
    ):
        if pd.isna(decided):
            continue
        if decided < pd.Timestamp("2026-01-01", tz="UTC"):
            rows.append((name, 0, "partshoering_sendt", start, None))
        rows.append((name, 1, "afgoerelse_truffet", decided, "sanktion"))
    steps = pd.DataFrame(rows, columns=["case_id", "seq", "activity", "time", "outcome"])
    tables = {**base.tables, "steps": steps}
    inputs = Inputs("sanktion", "Sanktion", tables, base.cut, base.log_start, 120)

    card = overview(DEFINITIONS, inputs, before=BEFORE).promises[0]

    assert card.word == "hurtigere, men kvaliteten er forværret"
    assert card.beside[0].startswith("Ved siden af: Andelen af afgørelser med partshøring først")
