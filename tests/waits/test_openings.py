"""What opens and what ends a wait: deadlines, versions, objects, decisions, the case's end."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from procmine.facts.claims import Filed
from procmine.facts.openings import Links
from tests.waits.test_worked_examples import CATALOGUE, DAY, filed, one
from tests.waits.wait_log import Case, Step, Toy, us


def test_extension_of_a_hearing() -> None:
    """A new deadline given before the old one ran out holds for the same hearing."""
    toy = one(
        Step("sent", "02 09:00", deadline="10 09:00"),
        Step("sent", "09 09:00", deadline="16 09:00"),
        Step("decided", "20 09:00"),
    )
    answered = one(
        Step("sent", "02 09:00", deadline="10 09:00"),
        Step("sent", "09 09:00", deadline="23 09:00"),
        Step("answered", "12 09:00", unit="BO"),
        Step("decided", "20 09:00"),
    )

    assert toy.hours() == {"citizen": 14 * DAY, "unexplained": 4 * DAY}
    assert answered.hours() == {"citizen": 10 * DAY, "unexplained": 8 * DAY}


def test_a_shorter_version_holds_too() -> None:
    """The latest version counts, also where it brings the deadline forward."""
    toy = one(
        Step("sent", "02 09:00", deadline="16 09:00"),
        Step("sent", "05 09:00", deadline="09 09:00"),
        Step("decided", "20 09:00"),
    )

    assert toy.hours()["citizen"] == 7 * DAY


def test_a_letter_after_the_deadline_is_a_second_hearing() -> None:
    """What comes after the deadline ran out, or after the answer, begins anew."""
    late = one(
        Step("sent", "02 09:00", deadline="06 09:00"),
        Step("sent", "09 09:00", deadline="12 09:00"),
        Step("decided", "20 09:00"),
    )

    assert late.hours() == {"citizen": 7 * DAY, "unexplained": 11 * DAY}


def test_assumed_deadline_only_where_nothing_is_known() -> None:
    """Neither deadline nor answer: ten days to the end of the day, and the row says so."""
    silent = one(Step("sent", "02 09:00"), Step("decided", "25 09:00")).frame()
    answered = one(
        Step("sent", "02 09:00"), Step("answered", "18 09:00", unit="BO"),
        Step("decided", "25 09:00"),
    ).frame()  # fmt: skip
    early = one(Step("sent", "02 09:00"), Step("decided", "04 09:00")).frame()

    assert silent["cause"].tolist() == ["citizen", "unexplained"]
    assert silent["hours"][0] == 10 * DAY + 15
    assert silent["assumed_deadline"].tolist() == [True, False]
    assert "10 dage er antaget" in silent["explanation"][0]
    assert answered["hours"].tolist() == [16 * DAY, 7 * DAY]
    assert not answered["assumed_deadline"].any()
    assert not early["assumed_deadline"].any()


def test_no_default_for_other_kinds() -> None:
    """A document that never came is waited for until the decision."""
    toy = one(Step("asked", "02 09:00"), Step("decided", "25 09:00"))

    assert toy.hours() == {"document": 23 * DAY}


def test_first_in_first_out() -> None:
    """Without objects the first answer belongs to the first request."""
    toy = one(
        Step("asked", "02 09:00"), Step("asked", "04 09:00"), Step("got", "06 09:00", unit="PL"),
        Step("got", "09 09:00", unit="PL"), Step("decided", "11 09:00"),
    )  # fmt: skip
    frame = toy.frame()

    assert toy.hours() == {"document": 7 * DAY, "unexplained": 2 * DAY}
    assert frame["opened_by"].tolist()[:3] == ["C1-0", "C1-1", "C1-1"]
    assert frame["opened_by"].isna().tolist() == [False] * 3 + [True]
    assert frame["ended_by"].tolist()[:3] == ["closer"] * 3


def test_objects_pair_what_belongs_together() -> None:
    """The answer to the second request leaves the first one open."""
    toy = one(
        Step("asked", "02 09:00"), Step("asked", "04 09:00"), Step("got", "06 09:00", unit="PL"),
        Step("decided", "11 09:00"),
    )  # fmt: skip
    links = Links(np.array([0, 1, 2]), np.array([7, 8, 8]))
    other = Links(np.array([0, 1, 2]), np.array([7, 8, 9]))
    frame = toy.frame(links=links)

    assert toy.hours(links=links) == {"document": 9 * DAY}
    assert frame["opened_by"].tolist() == ["C1-0"] * 3
    assert toy.hours() == {"document": 9 * DAY}
    assert toy.hours(links=other) == {"document": 9 * DAY}


def test_an_answer_before_any_question_is_lost() -> None:
    """A closer that finds nothing open closes nothing later."""
    toy = one(Step("got", "02 09:00"), Step("asked", "04 09:00"), Step("decided", "06 09:00"))

    assert toy.hours() == {"unexplained": 2 * DAY, "document": 2 * DAY}


def test_answer_begins_where_its_work_begins() -> None:
    """A closer with a true start ends the wait there; the work itself is work."""
    toy = one(
        Step("ready", "02 09:00"), Step("met", "05 10:00", start="05 09:00"),
        Step("decided", "06 09:00"),
    )  # fmt: skip

    assert toy.hours() == {"meeting_queue": 0, "meeting_slot": 3 * DAY, "working": 1,
                           "unexplained": 23} or toy.hours() == {
        "meeting_slot": 3 * DAY, "working": 1, "unexplained": 23}  # fmt: skip


def test_returned_before_the_meeting() -> None:
    """A case sent back no longer waits for the meeting; its slot was the other cases' one."""
    toy = Toy([
        Case([Step("ready", "02 09:00", "RT"), Step("returned", "10 09:00", "RT"),
              Step("decided", "12 09:00", "RT")]),
        Case([Step("ready", "02 09:00", "RT"), Step("met", "05 09:00", "RT")], name="C2"),
    ], CATALOGUE)  # fmt: skip
    frame = toy.frame()
    mine = frame[frame["case_id"] == "C1"]

    assert mine["cause"].tolist() == ["meeting_slot", "meeting_queue", "unexplained"]
    assert mine["days"].tolist() == [3, 5, 2]


def test_open_case_is_censored() -> None:
    """The last interval of an open case is cut at the cut; what ended before is whole."""
    toy = Toy([Case([Step("sent", "02 09:00", deadline="16 09:00")], open=True, end=None)],
              CATALOGUE, cut="20 09:00")  # fmt: skip
    frame = toy.frame()

    assert frame["cause"].tolist() == ["citizen", "unexplained"]
    assert frame["censored"].tolist() == [False, True]
    assert frame["to_event"].isna().all()
    assert frame["explanation"][1].startswith("Sagen ligger hos JC efter 'sent'")


def test_no_end_mark_censors_nothing() -> None:
    """Where it cannot be told whether a case is over, its time ends with its last step."""
    toy = Toy([Case([Step("a", "02 09:00"), Step("b", "05 09:00")], open=None)])
    frame = toy.frame()

    assert frame["hours"].tolist() == [3 * DAY]
    assert not frame["censored"].any()


def test_after_the_end() -> None:
    """What comes after the end keeps its own phase and stays outside the case's time."""
    toy = Toy([Case([
        Step("decided", "02 09:00", "YC", phase="afslutning"),
        Step("paid_in", "03 09:00", "YC", phase="afslutning"),
        Step("paid", "06 09:00", "SYS", phase="afslutning"),
        Step("appealed", "12 09:00", "YC", phase="efter", in_case=False),
        Step("appeal_decided", "20 09:00", "AST", phase="efter", in_case=False),
    ], end="06 09:00")], CATALOGUE)  # fmt: skip
    frame = toy.frame()

    assert toy.hours() == {"unexplained": DAY, "payment_run": 3 * DAY}
    assert frame["phase"].tolist() == ["afslutning"] * 2 + ["efter"] * 2
    assert frame["in_case"].tolist() == [True, True, False, False]
    assert frame["cause"].tolist()[2:] == ["unexplained", "appeal_body"]
    assert toy.waits().by_case["hours"].to_pylist() == [4 * DAY]


def test_an_opening_before_the_end_ends_with_the_case() -> None:
    """Waiting for what the case no longer needs is no wait of the case."""
    toy = one(Step("asked", "02 09:00"), Step("paid", "05 09:00"),
              Step("got", "12 09:00", in_case=False), end="05 09:00")  # fmt: skip

    assert toy.hours() == {"document": 3 * DAY}
    assert toy.frame()["cause"].tolist() == ["document", "unexplained"]


def test_decided_without_the_document() -> None:
    """Who decides without the document no longer waits for it."""
    toy = one(Step("opened", "02 09:00"), Step("decided", "09 09:00"), Step("paid", "12 09:00"))

    assert toy.hours(filed=filed(("03 09:00", "11 09:00"))) == {
        "unexplained": DAY + 3 * DAY, "document": 6 * DAY
    }  # fmt: skip


def test_day_stamps() -> None:
    """Two days say four days, give or take one, and nothing about hours."""
    toy = Toy([Case([Step("a", "02"), Step("b", "06")], open=None)])
    frame = toy.frame()
    row = toy.waits().by_case.to_pylist()[0]

    assert frame[["days", "days_low", "days_high"]].iloc[0].tolist() == [4, 3, 5]
    assert frame["hours"].isna().all()
    assert frame["business_hours"].isna().all()
    assert row["unexplained"] is None
    assert row["unexplained_days"] == 4
    assert row["hours"] is None


def test_day_stamps_over_the_change_of_clocks() -> None:
    """A day of 23 hours is a day."""
    toy = Toy([Case([Step("a", "2026-03-28"), Step("b", "2026-03-31")], open=None)])

    assert toy.frame()["days"].tolist() == [3]


def test_hours_stay_where_only_one_end_is_a_day() -> None:
    """Hours are told between two exact stamps and nowhere else."""
    toy = Toy([Case([Step("a", "02 09:00"), Step("b", "03 09:00"), Step("c", "05")], open=None)])
    frame = toy.frame()

    assert frame["hours"].tolist()[0] == DAY
    assert np.isnan(frame["hours"].tolist()[1])
    assert frame[["days", "days_low", "days_high"]].iloc[1].tolist() == [2, 1, 3]


def test_own_calendar_of_the_unit_that_ends_it() -> None:
    """Business hours are those of the unit whose step ends the wait."""
    toy = Toy([Case([Step("a", "02 09:00", "JC"), Step("b", "03 09:00", "Sen"),
                     Step("c", "04 09:00", "JC")], open=None)])  # fmt: skip

    assert toy.frame()["business_hours"].tolist() == [4, 8]


def test_skipped_units_are_looked_through() -> None:
    """The citizen's answer is no hand: the way from one unit to the next spans it."""
    toy = Toy([Case([Step("a", "02 09:00", "JC"), Step("b", "03 09:00", "BO"),
                     Step("c", "05 09:00", "YC"), Step("d", "06 09:00", None)],
                    open=None)])  # fmt: skip
    frame = toy.frame()

    assert frame["cause"].tolist() == ["between_units", "between_units", "unexplained"]
    assert frame["holder"].tolist() == ["JC", "JC", "YC"]


def test_waiting_period_of_the_law() -> None:
    """A rule of the kind waiting period labels its days, while it is valid."""
    toy = one(Step("opened", "02 09:00"), Step("decided", "12 09:00"))
    rule = {"process": "toy", "after": "opened", "days": 3}
    ended = rule | {"valid_to": date(2026, 1, 1)}

    assert toy.hours(periods=(rule,)) == {"legal_period": 3 * DAY + 15, "unexplained": 6 * DAY + 9}
    assert toy.hours(periods=(ended,)) == {"unexplained": 10 * DAY}


def test_busy_comes_last() -> None:
    """Work on something else explains only what nothing else does."""
    toy = one(Step("sent", "02 09:00", deadline="04 09:00"), Step("decided", "06 09:00"))
    busy = (np.array([0]), np.array([us("03 09:00")]), np.array([us("05 09:00")]))

    assert toy.hours(busy=busy) == {"citizen": 2 * DAY, "busy": DAY, "unexplained": DAY}


@pytest.mark.parametrize("shift", [7, 14])
def test_shifting_by_whole_weeks_changes_nothing(shift: int) -> None:
    """Between weeks without holidays all hours and working hours stay."""
    steps = [
        ("sent", 2, 9),
        ("answered", 6, 11),
        ("ready", 7, 10),
        ("met", 10, 9),
        ("decided", 12, 8),
    ]
    frames = []
    for days in (0, shift):
        toy = one(*(Step(a, f"{d + days:02d} {h:02d}:00") for a, d, h in steps))
        frames.append(toy.frame()[["cause", "hours", "business_hours", "days"]])

    assert frames[0].equals(frames[1])


def test_hours_stay_where_a_day_stamp_lies_hidden() -> None:
    """A day stamp under another cause leaves that cause's hours; its own are not told."""
    toy = one(Step("sent", "02 09:00", deadline="16 09:00"), Step("decided", "25 09:00"))
    documents = filed(("04 00:00", "20 00:00"))
    rough = Filed(
        documents.case, documents.requested, documents.received,
        *([np.ones(1, dtype=bool)] * 2), documents.mandatory,
    )  # fmt: skip
    tables = toy.waits(filed=rough)
    row = tables.by_case.to_pylist()[0]

    assert [h is None for h in tables.rows["hours"].to_pylist()] == [False, True, True]
    assert row["citizen"] == row["citizen_inclusive"] == 14 * DAY
    assert row["citizen_exclusive"] is None
    assert row["document"] is None
    assert row["hours"] is None
