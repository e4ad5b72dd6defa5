"""Cases and steps: order, start, end, phases, units (design sections 2 to 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from procmine.facts.lifelines import plan
from procmine.facts.run import chunk_facts
from procmine.tables.facts import CASES, HANDOVERS, STEPS, VISITS
from tests.facts.toy import BARE, Ev, Toy, _worktime, at, config_with, facts

START = Ev("udeblivelse_registreret", "JC", at(2))
BY_RANK = ("udeblivelse_registreret", "partshoering_sendt", "afgoerelse_truffet")


def utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def test_schemas_hold() -> None:
    """All four tables hold their schemas, keys included."""
    toy = Toy([START, Ev("afgoerelse_truffet", "YC"), Ev("x", "", date(2026, 3, 5))])
    for chunk in plan(toy.source(), toy.the_process()):
        found = chunk_facts(chunk, _worktime(toy.config))
        for schema in (CASES, STEPS, VISITS, HANDOVERS):
            schema.check(found.of(schema))


def test_day_stamp_after_lower_ranks() -> None:
    """A day stamp stands right after the latest exact stamp of its day with a lower rank."""
    events = [
        Ev("partshoering_sendt", "JC", date(2026, 3, 2)),
        Ev("udeblivelse_registreret", "JC", at(2, 9)),
        Ev("haendelse_indberettet", "AA", at(2, 11)),
        Ev("rimelig_grund_vurderet", "JC", at(2, 10)),
    ]
    found = facts(Toy(events))

    assert found.column("steps", "activity") == [
        "udeblivelse_registreret", "rimelig_grund_vurderet", "haendelse_indberettet",
        "partshoering_sendt",
    ]  # fmt: skip
    assert found.steps[3]["placed"] == utc(at(2, 11))
    assert found.steps[3]["time"] == utc(at(2, 0))


def test_day_stamp_without_lower_ranks() -> None:
    """Without an exact stamp of lower rank that day it stands at 00:00, before the others."""
    events = [START, Ev("kontaktforsoeg", "JC", date(2026, 3, 3)), Ev("effektueret", "YC", at(3))]
    found = facts(Toy(events))

    assert found.column("steps", "activity")[1:] == ["kontaktforsoeg", "effektueret"]
    assert found.steps[1]["placed"] == utc(at(3, 0))


def test_day_stamps_look_at_their_own_case_only() -> None:
    """An exact stamp of another case on that day moves nothing."""
    events = [
        Ev("partshoering_sendt", "JC", date(2026, 3, 2), case="C1"),
        Ev("udeblivelse_registreret", "JC", at(2, 9), case="C2"),
    ]
    found = facts(Toy(events))

    assert found.steps[0]["placed"] == utc(at(2, 0))


def test_ties_by_rank_then_id() -> None:
    """At one instant the catalogue's order holds, then the event id."""
    events = [
        Ev("partshoering_sendt", "JC", at(2), id="a"), Ev("x", "JC", at(2), id="0"),
        Ev("udeblivelse_registreret", "JC", at(2), id="z"),
        Ev("udeblivelse_registreret", "JC", at(2), id="y"),
    ]  # fmt: skip

    assert facts(Toy(events)).column("steps", "event_id") == ["y", "z", "a", "0"]


def test_steps_before_the_start_stay_outside() -> None:
    """Steps before the start step have phase foer, no visit, and are not counted."""
    found = facts(Toy([Ev("indkaldelse_sendt", "JC"), Ev("udeblivelse_registreret", "AA")]))

    assert found.column("steps", "phase") == ["foer", None]
    assert found.column("steps", "visit") == [None, 0]
    assert found.cases[0]["events"] == 1
    assert found.cases[0]["start_event"] == "e001"
    assert found.handovers == []


def test_no_start_step() -> None:
    """A case without a start step begins at its first step and says so."""
    found = facts(Toy([Ev("partshoering_sendt", "JC"), Ev("afgoerelse_truffet", "YC")]))

    assert found.cases[0]["no_start_step"] is True
    assert found.cases[0]["start"] == utc(at(2))


def test_processes_that_share_a_case_type() -> None:
    """Of two processes on one case type, only objects with a start step are cases."""
    other = """
process = "anden"
case_type = "sanktion"
[[step]]
type = "andet"
class = "admin"
"""
    config = config_with({"catalogues/anden.toml": other})
    events = [START, Ev("partshoering_sendt", "JC", case="C2"), Ev("andet", "JC", at(3))]
    found = facts(Toy(events, config=config))

    assert found.column("cases", "case_id") == ["C1"]
    # The step of the other process's catalogue is none of this one's.
    assert found.column("steps", "activity") == ["udeblivelse_registreret"]


def test_end_mark_and_steps_after_it() -> None:
    """A case ends at its end step; later steps have phase efter and are not counted."""
    events = [
        START, Ev("afgoerelse_truffet", "YC", at(3), outcome="sanktion"),
        Ev("ydelse_modregnet", "SYS", at(4)), Ev("efterbetalt", "YC", at(5)),
    ]  # fmt: skip
    (case,) = facts(Toy(events)).cases

    assert (case["open"], case["end"], case["end_event"]) == (False, utc(at(4)), "e002")
    assert (case["events"], case["outcome"], case["decided"]) == (3, "sanktion", utc(at(3)))
    assert facts(Toy(events)).column("steps", "phase") == [None, None, None, "efter"]


@pytest.mark.parametrize(("outcome", "is_open"), [("ingen_sanktion", False), ("sanktion", True)])
def test_end_if(outcome: str, is_open: bool) -> None:  # noqa: FBT001
    """A decision ends the case only with an outcome that is listed."""
    (case,) = facts(Toy([START, Ev("afgoerelse_truffet", "YC", outcome=outcome)])).cases

    assert case["open"] is is_open
    assert case["outcome"] == outcome


def test_closing_day_of_the_case_file() -> None:
    """The case file's closing day ends the case at the end of that local day."""
    toy = Toy(
        [START, Ev("partshoering_sendt", "JC", at(4, 23)), Ev("kontaktforsoeg", "JC", at(5))],
        objects=[("S1", "sag", {"slutdato": "2026-03-04"})], o2o=[("C1", "S1", "del_af")],
    )  # fmt: skip
    found = facts(toy)

    (case,) = found.cases
    assert (case["end"], case["open"], case["end_precision"]) == (utc(at(5, 0)), False, "day")
    assert found.column("steps", "in_case") == [True, True, False]
    assert case["folder_id"] == "S1"


@pytest.mark.parametrize("day", ["2026-03-01", "2027-01-01", "i morgen"])
def test_closing_day_that_cannot_be(day: str) -> None:
    """A closing day before the start, after the cut or that is no day ends nothing."""
    toy = Toy([START], objects=[("S1", "sag", {"slutdato": day})], o2o=[("C1", "S1", "del_af")])

    assert facts(toy).cases[0]["open"] is True


def test_closing_day_is_the_last_day_of_the_log() -> None:
    """A case file closed on the day of the extraction has ended with that day."""
    cut = datetime(2026, 3, 4, 22, 59, 59, 999999, tzinfo=UTC)
    toy = Toy(
        [START], cut=cut,
        objects=[("S1", "sag", {"slutdato": "2026-03-04"})], o2o=[("C1", "S1", "del_af")],
    )  # fmt: skip
    (case,) = facts(toy).cases

    assert (case["end"], case["open"]) == (utc(cut), False)


def test_end_after_the_cut() -> None:
    """What happened after the cut has not ended the case yet."""
    events = [START, Ev("afgoerelse_truffet", "YC", at(9)), Ev("ydelse_modregnet", "SYS", at(10))]
    (case,) = facts(Toy(events, cut=datetime(2026, 3, 8, tzinfo=UTC))).cases

    assert (case["open"], case["decided"]) == (True, None)


def test_phases_are_inherited() -> None:
    """A step without a phase takes the last one before it that is not efter."""
    plan_events = [
        Ev("forelaeggelse_besluttet", "JC"), Ev("dokumentation_anmodet", "JC"),
        Ev("sag_sendt_team", "JC"), Ev("partshoering_sendt", "JC"),
        Ev("indsats_igangsat", "JC"), Ev("partshoeringssvar_modtaget", "BO"),
        Ev("jobrettet_plan_udarbejdet", "JC"), Ev("mentor_tildelt", "JC"),
        Ev("kontaktet", "JC"),
    ]  # fmt: skip
    found = facts(Toy(plan_events, process="rehabilitering", case_type="rehabiliteringsplan"))

    assert found.column("steps", "phase") == [
        "forberedelse", "forberedelse", "moedeafvikling", "moedeafvikling", "implementering",
        "implementering", "afslutning", "implementering", "efter",
    ]  # fmt: skip
    # Two steps before the end are in the case's time, but not in its counts.
    assert found.cases[0]["events"] == 5
    assert found.column("steps", "in_case") == [True] * 7 + [False] * 2


def test_responsible_unit_and_target_group_as_at_the_start() -> None:
    """The unit that was responsible at the start, by id or name; later changes do not count."""
    toy = Toy(
        [START],
        objects=[
            ("S1", "sag", {"maalgruppe": "2.3"}),
            ("U7", "enhed", {"art": "JC", "number": "Jobcenter Syd"}),
        ],
        o2o=[("C1", "S1", "del_af"), ("S1", "B1", "tilhoerer")],
        changes=[
            ("S1", "ansvarlig_enhed", at(1), "U7"), ("S1", "ansvarlig_enhed", at(3), "Andet"),
            ("S1", "maalgruppe", at(9), "2.12"),
        ],
    )  # fmt: skip
    toy.objects.append(("B1", "borger", {}))
    (case,) = facts(toy).cases

    assert (case["unit"], case["target_group"]) == ("Jobcenter Syd", "2.3")
    assert case["citizen_id"] == "B1"


def test_a_target_group_first_seen_later_stands_for_the_start() -> None:
    """A list of cases shows the group on the day of extraction; its first value is taken."""
    toy = Toy(
        [START],
        objects=[("S1", "sag", {}), ("B1", "borger", {})],
        o2o=[("C1", "S1", "del_af"), ("S1", "B1", "tilhoerer")],
        changes=[("S1", "maalgruppe", at(9), "2.12"), ("S1", "maalgruppe", at(20), "2.3")],
    )
    (case,) = facts(toy).cases

    assert case["target_group"] == "2.12"


def test_first_unit_where_none_is_responsible() -> None:
    """Without a responsible unit the first hand from the start on stands in."""
    events = [Ev("udeblivelse_registreret", "BO"), Ev("partshoering_sendt", "JC-Nord")]

    assert facts(Toy(events)).cases[0]["unit"] == "JC-Nord"


def test_case_numbers_of_the_source() -> None:
    """The source's own number names a case, unless two cases have the same."""
    toy = Toy(
        [START, Ev("x", case="C2"), Ev("x", case="C3")],
        objects=[
            ("C1", "sanktion", {"number": "SA-1"}), ("C2", "sanktion", {"number": "SA-2"}),
            ("C3", "sanktion", {"number": "SA-2"}),
        ],
    )  # fmt: skip

    assert facts(toy).column("cases", "case_id") == ["C2", "C3", "SA-1"]


def test_events_of_documents_are_no_steps() -> None:
    """Document events that relate to the case object are no steps of it."""
    events = [START, Ev("dokument_modtaget", "JC"), Ev("x", "JC")]

    assert facts(Toy(events)).column("steps", "activity") == ["udeblivelse_registreret", "x"]


def test_one_row_for_an_event_related_twice() -> None:
    """An event related twice to the case, by any qualifier, is one step."""
    config = config_with({}, defaults=False)
    twice = Ev("a", "U", objects=(("anden", "C1"),))
    toy = Toy([twice], process="t", case_type="t", config=config, roles=BARE)

    assert len(facts(toy).steps) == 1


def test_case_qualifier() -> None:
    """With a catalogue only the qualifier of cases makes an event a step."""
    events = [START, Ev("partshoering_sendt", "JC", case="", objects=(("naevner", "C1"),))]

    assert len(facts(Toy(events)).steps) == 1


def test_imported_log() -> None:
    """Without a catalogue every event is a step; the case ends with its last, open is empty."""
    config = config_with({}, defaults=False)
    events = [Ev("b", "U", at(2)), Ev("a", "", at(3)), Ev("c", "V", at(4))]
    toy = Toy(events, process="t", case_type="t", config=config, roles=BARE)
    (case,) = facts(toy).cases

    assert (case["start"], case["end"]) == (utc(at(2)), utc(at(4)))
    assert (case["open"], case["no_start_step"], case["outcome"]) == (None, False, None)
    assert case["events"] == 3


def test_deadline_that_is_a_date() -> None:
    """A date runs out at the end of that local day; an hour stands as it is."""
    events = [
        Ev("partshoering_sendt", "JC", at(2, 9), deadline=date(2026, 3, 16)),
        Ev("partshoering_sendt", "JC", at(2, 10), deadline=at(16, 12)),
    ]
    found = facts(Toy(events))

    assert found.column("steps", "deadline") == [utc(at(17, 0)), utc(at(16, 12))]


def test_chunks_change_nothing() -> None:
    """However small the chunks of cases, the tables are the same."""
    events = [
        Ev(BY_RANK[n % 3], ("JC", "YC", "")[n % 3], case=f"C{n % 5}", id=f"e{n}") for n in range(30)
    ]

    assert facts(Toy(events), chunk_rows=1) == facts(Toy(events))


def test_empty_log() -> None:
    """A process without a single event gives empty tables."""
    found = facts(Toy([Ev("x", "JC", case="")]))

    assert (found.cases, found.steps, found.visits, found.handovers) == ([], [], [], [])
