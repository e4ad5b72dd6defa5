"""Business time against the calendar's edges and a minute-by-minute count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.config import load_config
from procmine.config.hours import calendars
from procmine.config.worktime import WorkTime, end_of_day, local_day, local_midnight
from procmine.errors import ConfigError

ZONE = ZoneInfo("Europe/Copenhagen")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLAIN = WorkTime.from_config(load_config())
RAW = {
    "default": {
        "weekdays": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-16:00"),
        "holidays": "DK",
        "closed": [date(2026, 6, 5), "12-24"],
        "special": {"2026-12-31": "08:00-12:00"},
    },
    "unit": {
        "Natholdet": {
            "weekdays": {"sat": ["22:00-24:00"], "sun": "00:00-06:00, 20:00-23:30"},
            "holidays": "none",
        },
        "Delt": {"weekdays": {"mon": "08:00-12:00,12:30-16:00", "fri": "08:00-13:00"}},
    },
}
OWN = WorkTime.of(calendars(RAW))


def us(text: str) -> int:
    """Return a local Danish wall-clock stamp as UTC microseconds."""
    local = datetime.fromisoformat(text)
    local = local.replace(tzinfo=ZONE) if local.tzinfo is None else local
    return (local - EPOCH) // timedelta(microseconds=1)


def hours(start: str, end: str, time: WorkTime = PLAIN, calendar: int = 0) -> float:
    """Return working hours between two local stamps."""
    return float(time.between(np.array([us(start)]), np.array([us(end)]), calendar)[0])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-02T15:00", "2026-03-05T09:00", 18.0),  # W4
        ("2026-03-02T10:00", "2026-03-23T10:00", 120.0),  # W1, waiting
        ("2026-03-23T10:00", "2026-03-25T10:00", 16.0),  # W1, rest
        ("2026-04-01T16:00", "2026-04-07T08:00", 0.0),  # Easter (p8)
        ("2026-03-27T16:00", "2026-03-30T08:00", 0.0),  # clocks go forward (p9)
        ("2026-10-23T15:00", "2026-10-26T09:00", 2.0),  # clocks go back
        ("2025-12-31T15:00", "2026-01-02T09:00", 2.0),  # New Year's Day
        ("2023-05-05T08:00", "2023-05-05T16:00", 0.0),  # store bededag, last time
        ("2024-04-26T08:00", "2024-04-26T16:00", 8.0),  # the same Friday a year later
        ("2026-05-14T08:00", "2026-05-14T16:00", 0.0),  # Ascension Day
        ("2026-05-25T08:00", "2026-05-25T16:00", 0.0),  # Whit Monday
        ("2026-03-07T08:00", "2026-03-08T20:00", 0.0),  # a weekend
        ("2026-03-02T03:00", "2026-03-02T23:00", 8.0),
    ],
)
def test_known_intervals(start: str, end: str, expected: float) -> None:
    """Working hours follow Danish holidays and local time, year by year."""
    assert hours(start, end) == expected


def test_closing_half_and_own_hours() -> None:
    """Closing days, half days and a unit's own windows hold; a unit inherits the closing days."""
    assert hours("2026-06-05T00:00", "2026-06-06T00:00", OWN) == 0
    assert hours("2026-12-24T00:00", "2026-12-25T00:00", OWN) == 0
    assert hours("2027-12-24T00:00", "2027-12-25T00:00", OWN) == 0
    assert hours("2026-12-31T00:00", "2027-01-01T00:00", OWN) == 4
    split = int(OWN.calendar_of(["enhed:Delt"])[0])
    assert hours("2026-03-02T11:00", "2026-03-02T13:30", OWN, split) == 2
    assert hours("2026-06-05T00:00", "2026-06-06T00:00", OWN, split) == 0
    night = int(OWN.calendar_of(["NATHOLDET "])[0])
    assert hours("2026-03-28T20:00", "2026-03-29T12:00", OWN, night) == 2 + 5
    assert hours("2026-10-24T20:00", "2026-10-25T12:00", OWN, night) == 2 + 7
    assert OWN.calendar_of([None, "ukendt", "Delt"]).tolist() == [0, 0, split]


def test_units_side_by_side() -> None:
    """One call counts each interval in its own calendar."""
    span = np.array([us("2026-03-02T08:00"), us("2026-03-02T08:00")])
    end = np.array([us("2026-03-03T08:00"), us("2026-03-03T08:00")])

    found = OWN.between(span, end, OWN.calendar_of(["Delt", None]))

    assert found.tolist() == [7.5, 8.0]


def test_days_in_local_time() -> None:
    """A day runs from local midnight to local midnight, also when it has 23 or 25 hours."""
    at = np.array([us("2026-03-29T12:00"), us("2026-10-25T12:00"), us("2026-07-01T00:00")])

    begin, end = local_midnight(at), end_of_day(at)

    assert ((end - begin) // 3_600_000_000).tolist() == [23, 25, 24]
    expected = [
        (d - date(1970, 1, 1)).days
        for d in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1))
    ]
    assert local_day(at).tolist() == expected
    assert local_day(begin).tolist() == expected
    assert local_day(end - 1).tolist() == expected


@pytest.mark.parametrize(
    "default",
    [
        {"weekdays": {"mon": "8-16"}},
        {"weekdays": {"mon": "16:00-08:00"}},
        {"weekdays": {"mon": "08:00-12:00,11:00-16:00"}},
        {"weekdays": {"monday": "08:00-16:00"}},
        {"closed": ["i morgen"]},
        {"special": {"2026-02-30": "08:00-12:00"}},
    ],
)
def test_faults_are_said(default: dict[str, Any]) -> None:
    """Hours or days that cannot be read stop the load with a sentence that says how to."""
    with pytest.raises(ConfigError, match="08:00-16:00"):
        calendars({"default": default})


def minute_count(start: int, end: int, calendar: int) -> float:
    """Count the working minutes of an interval one by one, in local time."""
    festive = holidays.country_holidays("DK", years=range(2022, 2028))
    closed = {date(2026, 6, 5)} | {date(y, 12, 24) for y in range(2022, 2028)}
    total = 0
    for minute in range(start // 60_000_000, end // 60_000_000):
        local = (EPOCH + timedelta(minutes=minute)).astimezone(ZONE)
        day, now = local.date(), local.hour * 60 + local.minute
        if OWN.names[calendar] == "Natholdet":
            plan = {5: [(1320, 1440)], 6: [(0, 360), (1200, 1410)]}
            off = day in closed
        elif OWN.names[calendar] == "Delt":
            plan = {0: [(480, 720), (750, 960)], 4: [(480, 780)]}
            off = day in closed or day in festive
        else:
            plan = {weekday: [(480, 960)] for weekday in range(5)}
            off = day in closed or day in festive
        windows = [(480, 720)] if day == date(2026, 12, 31) else plan.get(day.weekday(), [])
        if off and day != date(2026, 12, 31):
            continue
        total += any(begin <= now < finish for begin, finish in windows)
    return total / 60


ANCHORS = [
    "2026-03-26T00:00",
    "2026-10-23T00:00",
    "2026-04-01T00:00",
    "2023-05-03T00:00",
    "2026-12-22T00:00",
    "2026-12-30T00:00",
    "2026-06-03T00:00",
    "2024-04-25T00:00",
]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ANCHORS),
    st.integers(0, 3 * 1440),
    st.integers(0, 3 * 1440),
    st.integers(0, 2),
)
def test_equals_a_count_of_minutes(anchor: str, offset: int, length: int, calendar: int) -> None:
    """The look-up equals counting minutes, across holidays and both changes of clocks."""
    start = us(anchor) + offset * 60_000_000
    end = start + length * 60_000_000

    found = OWN.between(np.array([start]), np.array([end]), calendar)[0]

    assert found == pytest.approx(minute_count(start, end, calendar), abs=1e-9)


@given(st.lists(st.integers(-(10**15), 3 * 10**15), min_size=2, max_size=30), st.integers(0, 2))
def test_monotone_and_additive(instants: list[int], calendar: int) -> None:
    """Working time never falls, never outruns the clock, and adds up over any cut."""
    at = np.sort(np.array(instants, dtype=np.int64))
    passed = OWN.business_us(at, calendar)
    steps = np.diff(passed)

    assert (steps >= 0).all()
    assert (steps <= np.diff(at)).all()
    assert steps.sum() == passed[-1] - passed[0]
    assert (OWN.business_us(at, np.full(at.size, calendar)) == passed).all()
