"""The truth beside a delivery: complete, exact, and what was planted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from procmine.synth import load_scenario, simulate
from procmine.synth.measure import magnitudes
from procmine.synth.scenario import Change, Degrade, Practice, Scenario, Waste
from procmine.synth.simulate import run

from .conftest import Sample, contents

NO_LOOPS = {"loop": 0, "control_return": 0, "wrong_unit": 0, "complaint": 0}


def zero_waste(cases: int) -> Scenario:
    plan = load_scenario("demo").sized(cases)
    share = {
        "sanktion": NO_LOOPS,
        "rehabilitering": {"returned": 0, "control_return": 0, "postponed": 0, "complaint": 0},
    }
    return replace(plan, waste=Waste(), share=share, stalled=0, trial=Change())


def test_waits_partition_the_time_of_each_case(sample: Sample) -> None:
    """A case's labelled intervals join end to start, from its start to its end or the cut."""
    rows = defaultdict(list)
    for row in sample.truth("waits"):
        rows[row["process"], row["case_id"]].append(row)
    for case in sample.truth("cases"):
        mine = rows[case["process"], case["case_id"]]
        assert mine[0]["start"] == case["start"]
        for before, after in pairwise(mine):
            assert before["end"] == after["start"]
            assert before["cause"] != after["cause"]
        if case["open"] == "false":
            assert mine[-1]["end"] == case["end"]
        else:
            assert mine[-1]["end"] == "2026-11-01T00:00+01:00"
            assert mine[-1]["censored"] == "true"


def test_every_event_of_the_truth_is_in_the_delivery(sample: Sample) -> None:
    """First and last events of visits are rows of the exports, under the log's ids."""
    opera = {f"opera:{r['Aktivitetsnr']}" for r in sample.table("opera_aktiviteter.csv", "cp1252")}
    aktiv = {f"aktiv:{r['Løbenr']}" for r in sample.table("aktiv_haendelser.csv")}
    grants = {f"aktiv:{r['Løbenr']}" for r in sample.table("aktiv_befordring.csv")}
    for visit in sample.truth("visits"):
        assert {visit["first_event"], visit["last_event"]} <= opera | aktiv | grants


def test_planted_loops_are_redundant(sample: Sample) -> None:
    """A return without product is entered, and the visit after it merges; nothing else is."""
    visits = sample.truth("visits")
    assert {v["grade"] for v in visits if v["redundant_reason"] == "entered"} <= {"G1", "G2"}
    assert any(v["redundant_reason"] == "merged" for v in visits)
    for visit in visits:
        assert (visit["redundant"] == "true") == bool(visit["redundant_reason"])
        if visit["redundant_reason"] == "merged":
            assert not visit["grade"]


def test_zero_waste_has_nothing_redundant(tmp_path: Path) -> None:
    """With every planted share at 0 no handover is redundant and no document flagged."""
    made = Sample(simulate(zero_waste(150), tmp_path))
    assert all(row["redundant"] == "false" for row in made.truth("handovers"))
    assert {v["grade"] for v in made.truth("visits")} <= {"G0", "G0b", "G5"}
    statuses = {row["status"] for row in made.truth("documents")}
    assert statuses <= {"used", "exempt", "undecided"}


def test_statuses_of_documents(sample: Sample) -> None:
    """Duplicates and renewals name the document they repeat; every status is a known one."""
    documents = sample.truth("documents")
    ids = {row["document_id"] for row in documents}
    known = {"exempt", "duplicate", "renewed", "used", "after_decision", "undecided", "unused"}
    for row in documents:
        assert row["status"] in known
        if row["status"] in ("duplicate", "renewed"):
            assert row["related_document"] in ids


def test_duplicates_share_hash_and_citizen(sample: Sample) -> None:
    """A planted duplicate has the checksum of the document that it repeats."""
    hashes = {r["Dokumentnr"]: r["Kontrolsum"] for r in sample.sheet("workbase_dokumenter.xlsx")}
    pairs = [
        (row["document_id"], row["related_document"])
        for row in sample.truth("documents")
        if row["status"] == "duplicate"
    ]
    assert pairs
    assert all(hashes[a] == hashes[b] for a, b in pairs)


def test_effect_is_what_the_trial_changes(sample: Sample) -> None:
    """The trial spares a handover a sanction, and does nothing to transport grants' size."""
    effects = sample.json("effects")
    assert effects["sanktion"]["handovers"]["effect"] < -0.3
    assert effects["befordring"]["handovers"]["effect"] == 0
    assert effects["sanktion"]["handovers"]["n"] > 10


def test_null_trial_has_no_effect(tmp_path: Path) -> None:
    """A trial without rules changes nothing at all: the same numbers in both worlds."""
    plan = load_scenario("demo").sized(60)
    plan = replace(plan, trial=Change(date(2026, 3, 1)))
    effects = Sample(simulate(plan, tmp_path)).json("effects")
    assert all(row["effect"] == 0 for rows in effects.values() for row in rows.values())


def test_cases_before_the_trial_are_untouched() -> None:
    """Common random numbers: what ended before the trial began is the same without it."""
    plan = load_scenario("demo").sized(120)
    _, with_it = run(plan)
    _, without = run(plan.without_trial())
    begun = (plan.trial.start or date.max).toordinal()
    for mine, other in zip(with_it.cases, without.cases, strict=True):
        if mine.end is not None and mine.end // 1440 + date(2000, 1, 1).toordinal() < begun:
            last = mine.end
            before = [s.end for s in mine.steps if s.end <= last]
            assert before == [s.end for s in other.steps if s.end <= last]


def test_magnitudes_resemble_their_targets() -> None:
    """Without a trial every figure of enough cases lies in the band around its target."""
    plan = load_scenario("demo").without_trial().sized(2000)
    _, ledger = run(plan)
    off = [f"{m.label}: {m.simulated:.1f}" for m in magnitudes(ledger) if m.n >= 50 and not m.fits]
    assert not off


def test_times_are_local_with_offset(sample: Sample) -> None:
    """Times in the truth are ISO 8601 with the Danish offset of their day."""
    for row in sample.truth("cases"):
        stamp = datetime.fromisoformat(row["start"])
        summer = stamp.utcoffset()
        assert summer is not None
        assert summer.total_seconds() in (3600, 7200)


def test_parts_are_written_one_by_one(tmp_path: Path) -> None:
    """A scenario of several municipalities writes a folder for each, with its own seed."""
    parts = (
        {"municipality": "901", "place": "A", "cases": 30},
        {"municipality": "902", "place": "B", "cases": 30},
    )
    plan = replace(load_scenario("demo"), municipalities=parts, trial=Change())
    summary = simulate(plan, tmp_path, cases=50)
    assert {p.name for p in tmp_path.iterdir()} == {"901", "902"}
    first = (tmp_path / "901" / "truth" / "cases.csv").read_bytes()
    assert first != (tmp_path / "902" / "truth" / "cases.csv").read_bytes()
    assert 40 < summary.cases <= 52


def test_decoy_used_in_another_case_is_used(tmp_path: Path) -> None:
    """A document that only another case's decision rests on counts as used."""
    plan = replace(
        load_scenario("demo").sized(120),
        parallel=70,
        waste=Waste(unused=50, used_elsewhere=100),
        trial=Change(),
    )
    made = Sample(simulate(plan, tmp_path))
    status = {r["document_id"]: r["status"] for r in made.truth("documents")}
    cases = {r["document_id"]: r["case_id"] for r in made.truth("documents")}
    steps = {
        row["Aktivitetsnr"]: row["Plannr"] or row["Sanktionsnr"] or row["Sagsnr"]
        for row in made.table("opera_aktiviteter.csv", "cp1252")
    }
    elsewhere = [
        row["Dokumentnr"]
        for row in made.sheet("workbase_dokumentbrug.xlsx")
        if row["Anvendelse"] == "Anvendt"
        and steps.get(row["Hændelsesnr"], cases[row["Dokumentnr"]]) != cases[row["Dokumentnr"]]
    ]
    assert elsewhere
    assert all(status[number] in ("used", "renewed", "duplicate") for number in elsewhere)


def test_degraded_delivery_keeps_its_truth(tmp_path: Path) -> None:
    """Blurred stamps and missing actors change the exports, not what happened."""
    plan = load_scenario("demo").sized(60)
    blurred = replace(plan, degrade=Degrade(no_start=50, no_actor=50, day_stamps=50))
    clean, poor = simulate(plan, tmp_path / "a"), simulate(blurred, tmp_path / "b")
    first, second = contents(clean.truth), contents(poor.truth)
    assert first["waits.csv"] == second["waits.csv"]
    assert contents(clean.delivery) != contents(poor.delivery)


def test_change_of_practice_hides_steps(tmp_path: Path) -> None:
    """From the day of the change the named steps are done but not registered."""
    practice = Practice(date(2025, 6, 1), frozenset({"indstilling_modtaget_jc"}))
    made = Sample(simulate(replace(load_scenario("demo").sized(150), practice=practice), tmp_path))
    rows = made.table("opera_aktiviteter.csv", "cp1252")
    dates = [r["Slut"] for r in rows if r["Aktivitet"] == "Indstilling modtaget i jobcenter"]
    assert dates
    assert all(datetime.strptime(d, "%d-%m-%Y %H:%M") < datetime(2025, 6, 1) for d in dates)  # noqa: DTZ001, DTZ007
