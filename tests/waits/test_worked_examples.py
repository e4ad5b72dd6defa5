"""The worked examples of the contract, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from procmine.facts.claims import Filed, Slots
from tests.waits.wait_log import Case, Step, Toy, us

CATALOGUE = [
    {"type": "opened", "marks": ["start"]},
    {"type": "sent", "marks": ["opens:citizen"]},
    {"type": "answered", "marks": ["closes:citizen"]},
    {"type": "asked", "marks": ["opens:document(got)"]},
    {"type": "got", "marks": ["closes:document"]},
    {"type": "ready", "marks": ["opens:meeting"]},
    {"type": "returned", "marks": ["closes:meeting", "returns"]},
    {"type": "met", "marks": ["closes:meeting", "slot"]},
    {"type": "decided", "marks": ["milestone:decided"]},
    {"type": "paid_in", "marks": ["opens:payment_run"]},
    {"type": "paid", "marks": ["closes:payment_run", "end"]},
    {"type": "appealed", "marks": ["opens:appeal_body"]},
    {"type": "appeal_decided", "marks": ["closes:appeal_body"]},
]
DAY = 24.0


def one(*steps: Step, **case: object) -> Toy:
    """Return a log of one case."""
    return Toy([Case(list(steps), **case)], CATALOGUE)  # type: ignore[arg-type]


def filed(*spans: tuple[str, str], mandatory: bool = False) -> Filed:
    """Return documents of the first case, waited for in `spans`."""
    size = len(spans)
    never = np.zeros(size, dtype=bool)
    return Filed(
        np.zeros(size, dtype=np.int64),
        np.array([us(a) for a, _ in spans]),
        np.array([us(b) for _, b in spans]),
        never, never, np.full(size, mandatory),
    )  # fmt: skip


HEARING = one(Step("sent", "02 09:00", deadline="16 09:00"), Step("decided", "20 09:00"))


def test_hearing() -> None:
    """A reply period that runs out belongs to the citizen, the rest to nobody known."""
    frame = HEARING.frame()

    assert HEARING.hours() == {"citizen": 14 * DAY, "unexplained": 4 * DAY}
    assert frame["nature"].tolist() == ["værn", "ukendt"]
    assert frame["days"].tolist() == [14, 4]
    assert frame["ended_by"].tolist()[0] == "deadline"
    assert frame["holder"].tolist() == ["JC", "JC"]
    assert frame["explanation"][0] == "Borgeren har ordet efter 'sent'. Fristen løb ud."


def test_hearing_answered() -> None:
    """An answer ends the reply period before its deadline (W2)."""
    toy = one(
        Step("sent", "02 09:00", deadline="16 09:00"),
        Step("answered", "09 09:00", unit="BO"),
        Step("decided", "20 09:00"),
    )

    assert toy.hours() == {"citizen": 7 * DAY, "unexplained": 11 * DAY}
    assert toy.frame()["holder"].tolist() == ["JC", "JC"]


def test_document() -> None:
    """A requested document is waited for until it comes: 21 days, 120 working hours (W1)."""
    toy = one(Step("opened", "02 10:00"), Step("decided", "25 10:00"))
    frame = toy.frame(filed=filed(("02 10:00", "23 10:00")))

    assert frame["cause"].tolist() == ["document", "unexplained"]
    assert frame["days"].tolist() == [21, 2]
    assert frame["business_hours"].tolist() == [120, 16]
    assert frame["nature"].tolist() == ["ekstern", "ukendt"]
    assert toy.frame(filed=filed(("02 10:00", "23 10:00"), mandatory=True))["nature"][0] == (
        "lovbundet"
    )


def test_document_by_marks() -> None:
    """The same wait by an opening and its closer."""
    toy = one(
        Step("asked", "02 10:00"), Step("got", "23 10:00", unit="PL"), Step("decided", "25 10:00")
    )

    assert toy.hours() == {"document": 21 * DAY, "unexplained": 2 * DAY}
    assert toy.frame()["business_hours"].tolist() == [120, 16]


def test_overlap() -> None:
    """Each instant has one label; exclusive and inclusive hours show what lies under it (W5)."""
    toy = one(Step("sent", "02 09:00", deadline="16 09:00"), Step("decided", "25 09:00"))
    tables = toy.waits(filed=filed(("09 09:00", "23 09:00")))
    row = tables.by_case.to_pylist()[0]

    assert tables.rows["cause"].to_pylist() == ["citizen", "document", "unexplained"]
    assert [row[c] / DAY for c in ("citizen", "document", "unexplained")] == [14, 7, 2]
    assert [row[f"{c}_exclusive"] / DAY for c in ("citizen", "document", "unexplained")] == [
        7,
        7,
        2,
    ]
    assert [row[f"{c}_inclusive"] / DAY for c in ("citizen", "document", "unexplained")] == [
        14, 14, 2
    ]  # fmt: skip
    assert row["citizen_days"] == 14
    assert row["days"] == 23


def test_meeting() -> None:
    """The way to a meeting is slot until the first meeting it could have had, then queue (W3)."""
    toy = one(Step("ready", "04 12:00", unit="RT"), Step("met", "19 09:00", unit="RT"), open=None)
    line = toy.line()
    unit = np.full(3, line.units.index("RT"))
    slots = Slots.of(unit, np.array([us("05 09:00"), us("12 09:00"), us("19 09:00")]))

    assert toy.hours(slots=slots) == {"meeting_slot": 21, "meeting_queue": 14 * DAY}
    assert toy.frame(slots=slots)["nature"].tolist() == ["lovbundet", "intern"]


def test_between_units() -> None:
    """From the last act of one unit to the first of the next: 66 hours, 18 of them working (W4)."""
    toy = one(Step("opened", "02 15:00", unit="JC"), Step("decided", "05 09:00", unit="YC"))
    frame = toy.frame()

    assert frame["cause"].tolist() == ["between_units"]
    assert frame["hours"].tolist() == [66]
    assert frame["business_hours"].tolist() == [18]
    assert frame["holder"].tolist() == ["JC"]


def test_complaint_loop_with_times() -> None:
    """H4: three ways between units of 18, 15 and 22 working hours; work in between is work."""
    toy = Toy([Case([
        Step("a", "02 15:00", unit="JC"),
        Step("b", "05 10:00", unit="YC", start="05 09:00"),
        Step("c", "09 11:00", unit="JC", start="09 09:00"),
        Step("d", "12 09:00", unit="YC"),
    ], open=None)])  # fmt: skip
    frame = toy.frame()

    gaps = frame[frame["cause"] == "between_units"]
    assert gaps["business_hours"].tolist() == [18, 15, 22]
    assert frame[frame["cause"] == "working"]["hours"].tolist() == [1, 2]


@pytest.mark.parametrize("deadline", [None, "2026-06-01 00:00"])
def test_late_request_is_waiting_for_the_document(deadline: str | None) -> None:
    """W6: a document asked for on day 12 that comes on day 33 is 21 days of document."""
    toy = one(
        Step("opened", "2026-01-01 12:00"),
        Step("asked", "2026-01-13 12:00", deadline=deadline),
        Step("got", "2026-02-03 12:00", unit="PL"),
        Step("decided", "2026-02-03 12:00"),
    )

    assert toy.hours() == {"unexplained": 12 * DAY, "document": 21 * DAY}
