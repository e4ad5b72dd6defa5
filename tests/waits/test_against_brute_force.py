"""Labels against a reference that asks of every minute of every case what applies to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.facts.causes import CAUSES
from procmine.facts.claims import Filed, Slots
from procmine.facts.timeline import NEVER
from tests.waits.wait_log import OFFICE, Case, Step, Toy, at, us

MINUTE = 60_000_000
KINDS = ["opened", "sent", "answered", "asked", "got", "ready", "met", "decided", "run", "ran",
         "work", "ended"]  # fmt: skip
CATALOGUE = [
    {"type": "opened", "marks": ["start"]},
    {"type": "sent", "marks": ["opens:citizen"]},
    {"type": "answered", "marks": ["closes:citizen"]},
    {"type": "asked", "marks": ["opens:document(got)"]},
    {"type": "got", "marks": ["closes:document"]},
    {"type": "ready", "marks": ["opens:meeting"]},
    {"type": "met", "marks": ["closes:meeting", "slot"]},
    {"type": "decided", "marks": ["milestone:decided"]},
    {"type": "run", "marks": ["opens:payment_run"]},
    {"type": "ran", "marks": ["closes:payment_run"]},
    {"type": "work"},
    {"type": "ended", "marks": ["end"]},
]
BASE = us("02 08:00")
OPENS = {"sent": ("answered",), "asked": ("got",), "ready": ("met",), "run": ("ran",)}
TRACK = {"sent": "citizen", "asked": "document", "ready": "meeting", "run": "payment_run"}


def stamp(minute: int) -> str:
    """Return the local stamp of a minute after the toy's beginning."""
    return (at("02 08:00").replace(tzinfo=None) + timedelta(minutes=minute, hours=1)).strftime(
        "%Y-%m-%d %H:%M"
    )


@st.composite
def toys(draw: st.DrawFn) -> tuple[Toy, list[tuple[int, int, int | None]]]:
    """Return a log of one or two cases over a few hours, and documents filed on them."""
    cases = []
    filed = []
    for number in range(draw(st.integers(1, 2))):
        count = draw(st.integers(1, 9))
        minutes = sorted(draw(st.lists(st.integers(0, 300), min_size=count, max_size=count)))
        steps = []
        for minute in minutes:
            length = draw(st.sampled_from([0, 0, 5, 40]))
            kind = draw(st.sampled_from(KINDS[:-1]))
            within = draw(st.sampled_from([None, None, 30, 90]))
            steps.append(Step(
                kind, stamp(minute), draw(st.sampled_from(["JC", "YC", "RT", "BO", None])),
                start=stamp(minute - length) if length else None,
                deadline=stamp(minute + within) if kind == "sent" and within else None,
            ))  # fmt: skip
        closing = draw(st.sampled_from(["ended", "open", "last"]))
        if closing == "ended":
            place = draw(st.integers(0, len(steps) - 1))
            steps[place].activity = "ended"
            for step in steps[place + 1 :]:
                step.in_case = False
        cases.append(Case(
            steps, open={"ended": False, "open": True, "last": None}[closing],
            end=None if closing == "open" else "", name=f"C{number}",
        ))  # fmt: skip
        for _ in range(draw(st.integers(0, 2))):
            asked = draw(st.integers(0, 300))
            took = draw(st.sampled_from([None, 20, 100]))
            filed.append((number, asked, None if took is None else asked + took))
    return Toy(cases, CATALOGUE, cut=stamp(400)), filed


def spans(toy: Toy, number: int, filed: list[tuple[int, int, int | None]]) -> list[Any]:
    """Return (cause, begin, end, opener) of a case in minutes, by the words of the contract."""
    case = toy.cases[number]
    steps = [(s, (us(s.time) - BASE) // MINUTE) for s in case.steps]
    begins = [(us(s.start) - BASE) // MINUTE if s.start else m for s, m in steps]
    last = [m for s, m in steps if s.in_case][-1]
    end = 400 if case.open else last
    found: list[Any] = []
    for i, (step, minute) in enumerate(steps):
        found.append(("working", begins[i], minute))
        if step.unit in {"JC", "YC", "RT"}:
            later = [j for j in range(i + 1, len(steps)) if steps[j][0].unit in {"JC", "YC", "RT"}]
            if later and steps[later[0]][0].unit != step.unit:
                found.append(("between_units", minute, begins[later[0]]))
    for kind, closing in OPENS.items():
        found += of_kind(kind, closing, toy, steps, begins, end, open_=bool(case.open))
    for owner, asked, got in filed:
        if owner == number:
            stops = [m for s, m in steps if s.activity == "decided" and m > asked]
            if asked < end and not case.open:
                stops.append(end)
            stops.append(max(400, *(m for _, m in steps)))
            found.append(("document", asked, min([*stops, *([got] if got is not None else [])])))
    return [f for f in found if f[1] < f[2]]


def of_kind(
    kind: str,
    closing: tuple[str, ...],
    toy: Toy,
    steps: Any,
    begins: list[int],
    end: int,
    *,
    open_: bool,
) -> list[Any]:
    """Return what the openings of one kind claim."""
    found: list[Any] = []
    for opening in paired(kind, closing, steps):
        i, closer = opening["from"], opening["close"]
        minute = steps[i][1]
        stops = [max(400, *(m for _, m in steps))]
        stops += [] if closer is None else [begins[closer]]
        stops += [] if opening["due"] is None else [opening["due"]]
        later = [m for j, (s, m) in enumerate(steps) if j > i and s.activity == "decided"]
        stops += later[:1]
        stops += [end] if minute < end and not open_ else []
        until = min(stops)
        if kind != "ready":
            found.append((TRACK[kind], minute, until))
            continue
        held = steps[i if closer is None else closer][0].unit
        first_slot = slot(toy, held, minute)
        if closer is not None:
            first_slot = min(first_slot, begins[closer])
        cutoff = min(max(first_slot, minute), until)
        found += [("meeting_slot", minute, cutoff), ("meeting_queue", cutoff, until)]
    return found


def paired(kind: str, closing: tuple[str, ...], steps: Any) -> list[dict[str, Any]]:
    """Return the openings of one kind with closer and latest deadline."""
    waiting: list[dict[str, Any]] = []
    every: list[dict[str, Any]] = []
    disturbed = True
    for i, (step, minute) in enumerate(steps):
        if step.activity == kind:
            due = (us(step.deadline) - BASE) // MINUTE if step.deadline else None
            last = every[-1] if every and kind == "sent" and not disturbed else None
            runs = last is not None and (last["due"] is None or minute <= last["due"])
            if last is not None and runs and due is not None:
                last["due"] = due
            else:
                every.append({"from": i, "due": due, "close": None})
                waiting.append(every[-1])
            disturbed = False
        elif step.activity in closing:
            disturbed = True
            if waiting:
                waiting.pop(0)["close"] = i
        elif step.activity == "decided":
            disturbed = True
    return every


def slot(toy: Toy, unit: str | None, ready: int) -> float:
    """Return the first meeting of a unit at or after `ready`; `ready` where it has none."""
    held = [
        (us(s.start or s.time) - BASE) // MINUTE
        for case in toy.cases for s in case.steps if s.activity == "met" and s.unit == unit
    ]  # fmt: skip
    if not held:
        return ready
    return min([h for h in held if h >= ready], default=float("inf"))


def documents(filed: list[tuple[int, int, int | None]]) -> Filed:
    """Return the documents as arrays."""
    size = len(filed)
    never = np.zeros(size, dtype=bool)
    return Filed(
        np.array([f[0] for f in filed], dtype=np.int64),
        np.array([BASE + f[1] * MINUTE for f in filed], dtype=np.int64),
        np.array([NEVER if f[2] is None else BASE + f[2] * MINUTE for f in filed], dtype=np.int64),
        never, never, never,
    )  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(toys())
def test_every_minute_has_the_first_cause_that_applies(
    sample: tuple[Toy, list[tuple[int, int, int | None]]],
) -> None:
    """Minute by minute the label is the first applying cause; the sums follow from that."""
    toy, filed = sample
    tables = toy.waits(filed=documents(filed))
    frame = tables.rows.to_pandas()
    sums = tables.by_case.to_pandas().set_index("case_id")
    for number, case in enumerate(toy.cases):
        claims = spans(toy, number, filed)
        inside = [(us(s.time) - BASE) // MINUTE for s in case.steps if s.in_case]
        begin, end = inside[0], 400 if case.open else inside[-1]
        expected: dict[str, list[int]] = {cause: [0, 0, 0] for cause in CAUSES}
        for minute in range(begin, end):
            active = {c for c, a, b in claims if a <= minute < b} or {"unexplained"}
            expected[min(active, key=CAUSES.index)][0] += 1
            for cause in active:
                expected[cause][2] += 1
                expected[cause][1] += len(active) == 1
        for cause, minutes in expected.items():
            row = sums.loc[case.name]
            got = [row[cause], row[f"{cause}_exclusive"], row[f"{cause}_inclusive"]]
            assert [round(g * 60) for g in got] == minutes, cause
        check_partition(frame[(frame["case_id"] == case.name) & frame["in_case"]], begin, end, case)


def check_partition(rows: pd.DataFrame, begin: int, end: int, case: Case) -> None:
    """Rows follow each other without gap from start to end, split at each step."""
    starts = [(r.value // 1000 - BASE) // MINUTE for r in rows["start"]]
    ends = [(r.value // 1000 - BASE) // MINUTE for r in rows["end"]]
    assert starts == sorted(starts)
    assert starts[1:] == ends[:-1]
    assert (starts[:1], ends[-1:]) == (([begin], [end]) if end > begin else ([], []))
    split = {(us(s.time) - BASE) // MINUTE for s in case.steps}
    assert {m for m in split if begin <= m < end} <= set(starts)
    censored = rows["censored"].tolist()
    assert censored == [False] * (len(censored) - 1) + [bool(case.open)] * bool(censored)


@settings(max_examples=40, deadline=None)
@given(toys(), st.integers(1, 10**9))
def test_sums_are_exact(
    sample: tuple[Toy, list[tuple[int, int, int | None]]], microseconds: int
) -> None:
    """The rows of a case sum to its time to the microsecond, whatever the stamps."""
    toy, filed = sample
    steps, cases = toy.tables()
    del steps
    filed = [(c, a, b) for c, a, b in filed]
    given_documents = documents(filed)
    shifted = Filed(
        given_documents.case, given_documents.requested + microseconds % 7919,
        given_documents.received, *([given_documents.mandatory] * 3),
    )  # fmt: skip
    rows = toy.waits(filed=shifted).rows.to_pandas()
    rows = rows[rows["in_case"]]
    total = (rows["end"] - rows["start"]).groupby(rows["case_id"]).sum()
    for case, row in zip(toy.cases, cases.to_pylist(), strict=True):
        end = at(toy.cut) if case.open else row["end"]
        expected = max(end - row["start"], timedelta())
        assert total.get(case.name, pd.Timedelta(0)) == pd.Timedelta(expected)


@settings(max_examples=40, deadline=None)
@given(toys())
def test_bracket_and_business_hours(
    sample: tuple[Toy, list[tuple[int, int, int | None]]],
) -> None:
    """Exclusive never exceeds headline, nor headline inclusive; office hours never the clock."""
    toy, filed = sample
    tables = toy.waits(filed=documents(filed))
    for row in tables.by_case.to_pylist():
        for cause in CAUSES:
            assert (
                row[f"{cause}_exclusive"] <= row[cause] + 1e-9 <= row[f"{cause}_inclusive"] + 2e-9
            )
        assert sum(row[c] for c in CAUSES) == pytest.approx(row["hours"])
    frame = tables.rows.to_pandas()
    assert (frame["business_hours"] <= frame["hours"] + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(toys(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(
    sample: tuple[Toy, list[tuple[int, int, int | None]]], random: Any
) -> None:
    """Shuffled steps and cases, and an unrelated case, change nothing."""
    from procmine.facts.claims import WaitInput
    from procmine.facts.timeline import Timeline
    from procmine.facts.waits import wait_tables

    toy, _ = sample
    plain = toy.frame()
    other = Case([Step("sent", "05 10:00"), Step("decided", "09 10:00")], name="ZZ")
    steps, cases = Toy([*toy.cases, other], CATALOGUE, cut=toy.cut).tables()
    steps = steps.take(random.sample(range(steps.num_rows), steps.num_rows))
    line = Timeline.of(steps, cases, us(toy.cut))
    slots = Slots.of(*_slots(toy, line))
    found = wait_tables(line, WaitInput(toy.catalogue(), slots=slots), OFFICE).rows.to_pandas()
    found = found[found["case_id"] != "ZZ"].reset_index(drop=True)

    pd.testing.assert_frame_equal(found.astype(str), plain.astype(str))


def _slots(toy: Toy, line: Any) -> tuple[Any, Any]:
    held = [s for case in toy.cases for s in case.steps if s.activity == "met"]
    units = [line.units.index(s.unit) if s.unit in line.units else -1 for s in held]
    starts = [us(s.start or s.time) for s in held]
    return np.array(units, dtype=np.int64), np.array(starts, dtype=np.int64)
