"""What a second reading of the contract found: waits and documents at their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from procmine.config.check import schema_faults
from procmine.facts.claims import Slots
from tests.documents.doc_log import KINDS, Doc, DocLog, judged_toy
from tests.facts.toy import Ev, at, config_with
from tests.waits.test_worked_examples import CATALOGUE, DAY, one
from tests.waits.wait_log import Case, Step, Toy, codes, us

START = Ev("udeblivelse_registreret", "JC", at(1), id="start")
DECISION = Ev("afgoerelse_truffet", "YC", at(25), outcome="sanktion", id="a")
END = Ev("ydelse_modregnet", "SYS", at(31), id="end")


def test_no_handover_leads_in_from_before_the_start() -> None:
    """A unit that acted before the case began hands nothing over into it (design section 3)."""
    before = Step("noted", "01 09:00", in_case=False)
    by_citizen = one(
        before, Step("opened", "02 09:00", unit="BO"), Step("decided", "03 09:00", unit="YC")
    )
    by_hand = one(before, Step("opened", "02 09:00"), Step("decided", "03 09:00", unit="YC"))

    assert by_citizen.hours() == {"unexplained": DAY}
    assert by_hand.hours() == {"between_units": DAY}


def test_a_letter_after_the_assumed_deadline_is_a_second_hearing() -> None:
    """Without deadline and answer a letter runs ten days, to the end of 12 March; no longer."""
    letters = (Step("sent", "02 09:00"), Step("sent", "18 09:00", deadline="23 09:00"))
    silent = one(*letters, Step("decided", "25 09:00"))

    # 2 March 09:00 to 13 March 00:00, and five days from the second letter.
    assert silent.hours() == {"citizen": 10 * DAY + 15 + 5 * DAY, "unexplained": 5 * DAY + 9 + 48}
    assert silent.frame()["assumed_deadline"].tolist() == [True, False, False, False]


def test_a_letter_without_deadline_that_is_answered_ran_until_then() -> None:
    """With an answer nothing is assumed: the second letter is a version of the first."""
    toy = one(
        Step("sent", "02 09:00"),
        Step("sent", "18 09:00", deadline="23 09:00"),
        Step("answered", "20 09:00", unit="BO"),
        Step("decided", "25 09:00"),
    )

    assert toy.hours() == {"citizen": 18 * DAY, "unexplained": 5 * DAY}
    assert not toy.frame()["assumed_deadline"].any()


def test_waiting_period_ends_at_its_step_and_at_the_cut() -> None:
    """One activity that ends a period may be named by itself; none outlives the log."""
    rule = {"process": "toy", "after": "opened", "days": 14, "until": "decided"}
    ended = one(Step("opened", "02 09:00"), Step("decided", "05 09:00"), Step("paid", "06 09:00"))
    steps = [Step("opened", "02 09:00"), Step("opened", "03 09:00", in_case=False)]
    cut = Toy([Case(steps)], CATALOGUE, cut="2026-03-10 09:00")

    assert ended.hours(periods=(rule,)) == {"legal_period": 3 * DAY, "unexplained": DAY}
    assert cut.frame(periods=(rule,))["end"].max() == at(10)


def test_a_misspelt_waiting_period_is_refused() -> None:
    """The file of waiting periods has a schema like the others; the dates may be TOML dates."""
    period = {"process": "toy", "after": "opened", "days": 14, "valid_from": date(2026, 1, 1)}
    wrong = {"process": "toy", "afterr": "opened", "days": 14}

    assert schema_faults({"ventefrister.toml": {"format": 1, "period": [period]}}) == []
    assert len(schema_faults({"ventefrister.toml": {"period": [wrong]}})) == 2


def test_a_meeting_of_which_only_the_day_is_known_gives_no_hours() -> None:
    """Ready on the 4th, a meeting some time on the 5th, held on the 19th: a day, and 14."""
    toy = one(
        Step("ready", "04 12:00", unit="RT"), Step("met", "19 10:00", start="19 09:00", unit="RT")
    )
    line = toy.line()
    unit = codes(line.units, ["RT", "RT"])
    slots = Slots.of(unit, np.array([us("05 00:00"), us("12 09:00")]), np.array([True, False]))
    rows = toy.frame(slots=slots)

    assert rows["cause"].tolist() == ["meeting_slot", "meeting_queue", "working"]
    assert rows["days"].tolist()[:2] == [1, 14]
    assert rows["days_low"].tolist()[:2] == [0, 13]
    assert rows["hours"].isna().tolist() == [True, True, False]


def test_a_meeting_without_unit_is_of_the_team_that_was_ready() -> None:
    """Its own unit is missing, so the team's other meetings tell when the first slot was."""
    toy = one(
        Step("ready", "04 12:00", unit="RT"), Step("met", "19 10:00", start="19 09:00", unit=None)
    )
    slots = Slots.of(
        codes(toy.line().units, ["RT", "?"]), np.array([us("05 09:00"), us("19 09:00")])
    )

    assert toy.hours(slots=slots) == {"meeting_slot": 21, "meeting_queue": 14 * DAY, "working": 1}


def test_a_kind_is_known_by_its_further_names() -> None:
    """A form that was renumbered keeps its validity and its place in the minimum set."""
    kinds = KINDS.replace('label = "LÆ 265"', 'label = "LÆ 265"\nlabels = ["LÆ 266"]', 1)
    docs = [Doc("d1", "LÆ 265", at(3), used_by="a"), Doc("d2", "lae_266", at(10))]
    table = DocLog([START, DECISION], docs, kinds=kinds).table()

    assert table.loc["d2", "status"] == "renewed"
    assert table.loc["d2", "related_document"] == "d1"
    assert table.loc["d2", "nature"] == "lovbundet"


def test_a_document_without_kind_is_no_surplus_of_its_kind() -> None:
    """Of what kind it is one too many nobody can say."""
    docs = [Doc("d1", "LÆ 265", at(3), used_by="a"), Doc("d2", None, at(10))]  # type: ignore[arg-type]
    table = DocLog([START, DECISION, END], docs).table()

    assert table.loc["d2", "status"] == "unused"
    assert table.loc["d2", "flags"] == "unused"


def test_a_kind_of_which_none_is_needed_is_not_demanded() -> None:
    """A minimum of 0 says that the decision does without."""
    kinds = KINDS.replace('"Plan" = 1', '"Plan" = 0')
    table = DocLog([START, DECISION], [Doc("d1", "Plan", at(3))], kinds=kinds).table()

    assert table.loc["d1", "nature"] == "ukendt"


def test_the_day_of_23_hours_is_one_day() -> None:
    """Decided on Sunday 29 March 2026, when clocks change; what came on Monday came after."""
    decision = Ev("afgoerelse_truffet", "YC", date(2026, 3, 29), outcome="sanktion", id="a")
    docs = [Doc("d1", "LÆ 265", date(2026, 3, 29)), Doc("d2", "Plan", date(2026, 3, 30))]
    table = DocLog([START, decision], docs).table()

    assert table["flags"].str.contains("after_decision").to_dict() == {"d1": False, "d2": True}


def test_of_two_decisions_at_one_instant_the_first_in_order_counts() -> None:
    """Which decision lies ahead follows the order of steps, not the alphabet."""
    steps = [
        {"type": "opened", "marks": ["start"]},
        {"type": "meeting", "marks": ["rests_on_documents"]},
        {"type": "decision", "marks": ["rests_on_documents"]},
    ]
    lines = ['format = 1\nprocess = "sanktion"\ncase_type = "sanktion"']
    lines += [f'[[step]]\ntype = "{s["type"]}"\nmarks = {s["marks"]}' for s in steps]
    minimum = '[[minimum]]\nprocess = "sanktion"\ndecisions = ["meeting"]\nkinds = { "Plan" = 1 }\n'
    kinds = f'[[kind]]\nlabel = "Plan"\n{minimum}'
    events = [Ev("opened", "JC", at(1)), Ev("decision", "JC", at(9)), Ev("meeting", "JC", at(9))]
    toy = DocLog(events, [Doc("d1", "Plan", at(3))], kinds=kinds).toy()
    config = config_with({
        "dokumenttyper.toml": kinds, "catalogues/sanktion.toml": "\n".join(lines),
    })  # fmt: skip
    table, _ = judged_toy(replace(toy, config=config))

    assert table.loc["d1", "nature"] == "lovbundet"


def test_an_undecided_document_says_why() -> None:
    """It never came, nothing was decided since, or the case is open and it may still be used."""
    docs = [
        Doc("never", "Plan", requested=at(3)), Doc("later", "Plan", at(28)),
        Doc("new", "LÆ 265", at(10)),
    ]  # fmt: skip
    started = Ev("udeblivelse_registreret", "JC", at(27), id="again")
    told = DocLog([START, DECISION, started], docs).table()["explanation"]

    assert told["never"] == "Dokumentet er ikke registreret som modtaget."
    assert told["later"] == "Der er endnu ingen afgørelse, som dokumentet kan være brugt i."
    assert told["new"].startswith("Sagen er åben, og dokumentet er så nyt")
