"""The rule, its gates and its sentences."""
# ruff: noqa: RUF001 - the Danish sentences hold a true minus sign and an en dash

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.effects.assess import assess
from procmine.effects.events import events_between, read_events
from procmine.effects.gates import Gate, gates, sparse_months
from procmine.effects.means import mean, mean_change, share, share_change
from procmine.effects.period import period_effect
from procmine.effects.power import detectable, months_to_decide
from procmine.effects.survival import Estimate
from procmine.effects.verdict import Code, Target, Verdict, judge, target_met
from procmine.effects.wording import Finding, Wording, sentence, word
from tests.effects.worlds import world

DAYS = Wording("Sagsbehandlingstiden", "dage")


def interval(lower: float, upper: float, value: float | None = None) -> Estimate:
    middle = (lower + upper) / 2 if value is None else value
    return Estimate(middle, (upper - lower) / 4, lower, upper)


@pytest.mark.parametrize(
    ("lower", "upper", "code", "reason"),
    [
        (-45, -17, Code.FORBEDRET, ""),
        (17, 45, Code.FORVAERRET, ""),
        (-13, 13, Code.UAENDRET, ""),
        (-13.9, -1, Code.UAENDRET, ""),
        (-20, -2, Code.UAFKLARET, "below"),
        (-40, 5, Code.UAFKLARET, "both"),
        (-14, 14, Code.UAFKLARET, "both"),
        (2, 20, Code.UAFKLARET, "below"),
    ],
)
def test_the_rule(lower: float, upper: float, code: Code, reason: str) -> None:
    """With a margin of 14 days and fewer days as good, each interval has its judgement."""
    verdict = judge(interval(lower, upper), "down", 14)

    assert (verdict.code, verdict.reason) == (code, reason)


@given(st.floats(-100, 100), st.floats(0, 50), st.floats(0.1, 50))
def test_good_and_bad_mirror_each_other(value: float, se: float, margin: float) -> None:
    """Turning the sign and the good way round changes nothing."""
    one = judge(Estimate.normal(value, se), "down", margin)
    two = judge(Estimate.normal(-value, se), "up", margin)

    assert one == two


def test_a_failed_gate_stops_everything() -> None:
    """However clear the interval, too little data is too little data."""
    checks = gates(cases=(100, 29), ended=(90, 9), baseline_days=800)

    verdict = judge(interval(-45, -17), "down", 14, checks)

    assert verdict.code is Code.FOR_LIDT_DATA
    assert [gate.code for gate in verdict.failed] == ["cases_after", "ended_after"]


def test_a_year_is_four_quarters() -> None:
    """365 days before pass the gate on quarters; nine months do not."""
    passed = {g.code: g.holds for g in gates(cases=(99, 99), ended=(99, 99), baseline_days=365)}
    short = {g.code: g.holds for g in gates(cases=(99, 99), ended=(99, 99), baseline_days=274)}

    assert passed["quarters"]
    assert not short["quarters"]


def test_no_interval_no_judgement() -> None:
    """A change without a standard error cannot be judged."""
    missing = Estimate(-10.0, float("nan"), float("nan"), float("nan"))

    assert judge(missing, "down", 14).code is Code.FOR_LIDT_DATA


def test_changed_registration_caps_the_judgement() -> None:
    """A clear improvement is undecided where registration may have changed (G3)."""
    verdict = judge(interval(-45, -17), "down", 14, registration_changed=True)

    assert (verdict.code, verdict.reason) == (Code.UAFKLARET, "registration")


def test_targets() -> None:
    """A target is met when the whole interval is beyond it, missed when none of it is."""
    assert target_met(interval(80, 95), 100, "down") is Target.REACHED
    assert target_met(interval(101, 120), 100, "down") is Target.NOT_REACHED
    assert target_met(interval(90, 110), 100, "down") is Target.OPEN
    assert target_met(interval(72, 80), 70, "up") is Target.REACHED


def finding(change: Estimate, verdict: Verdict, earliest: pd.Timestamp | None = None) -> Finding:
    return Finding(
        wording=DAYS,
        before=Estimate.normal(212.4, 6),
        now=Estimate.normal(181.4, 6),
        change=change,
        margin=14,
        cases=(1204, 312),
        span=(date(2024, 1, 1), date(2025, 12, 31)),
        verdict=verdict,
        earliest=earliest,
    )


def test_sentence_improved() -> None:
    """The sentence names both levels, the change, its interval and both numbers of cases."""
    text = sentence(finding(interval(-45, -17), Verdict(Code.FORBEDRET)))

    assert text == (
        "Sagsbehandlingstiden er forbedret: 181 dage mod 212 før (01-01-2024–31-12-2025). "
        "Ændringen er −31 dage (sikkerhedsinterval −45 til −17). "
        "Opgjort på 1.204 sager før og 312 efter."
    )


def test_sentence_undecided_names_the_month() -> None:
    """An undecided change says when it can be decided, in a Danish month."""
    october = pd.Timestamp("2026-10-01", tz="Europe/Copenhagen")

    text = sentence(finding(interval(-40, 5), Verdict(Code.UAFKLARET, "both"), october))

    assert text.startswith("Det kan endnu ikke afgøres, om sagsbehandlingstiden har ændret sig.")
    assert "rummer både fremgang og tilbagegang" in text
    assert text.endswith("Med det nuværende sagstal kan det tidligst afgøres i oktober 2026.")


@pytest.mark.parametrize(
    ("change", "verdict", "part"),
    [
        (interval(17, 45), Verdict(Code.FORVAERRET), "er forværret: 181 dage mod 212 før"),
        (interval(-9, 9), Verdict(Code.UAENDRET), "En ændring på 14 dage eller mere kan udelu"),
        (interval(-20, -2), Verdict(Code.UAFKLARET, "below"), "mindre end bagatelgrænsen på 14"),
        (interval(-20, 2), Verdict(Code.UAFKLARET, "both"), "uanset hvor længe der måles"),
        (interval(-9, 9), Verdict(Code.UAFKLARET, "registration"), "registreringspraksis"),
    ],
)
def test_other_sentences(change: Estimate, verdict: Verdict, part: str) -> None:
    """Each judgement has its own sentence, none of which names a cause."""
    text = sentence(finding(change, verdict))

    assert part in text
    assert "på grund af" not in text


@pytest.mark.parametrize(
    ("gate", "text"),
    [
        (
            Gate("cases_after", 30, 12),
            (
                "For lidt data: der er for få sager efter. Der kræves mindst 30 sager; der er 12. "
                "Tallet vises kun som pejlemærke."
            ),
        ),
        (
            Gate("ended_after", 10, 3),
            (
                "For lidt data: der er for få afgjorte sager efter. Der kræves mindst 10 afgjorte "
                "sager; der er færre end 5. Tallet vises kun som pejlemærke."
            ),
        ),
        (
            Gate("quarters", 4, 2.5),
            (
                "For lidt data: perioden før er for kort. Der kræves mindst 4 kvartaler; "
                "der er 2,5. Tallet vises kun som pejlemærke."
            ),
        ),
        (
            Gate("months", 1, 3, most=True),
            (
                "For lidt data: der mangler sager i nogle måneder. Der må højst være 1 mangelfuld "
                "måned; der er 3. Tallet vises kun som pejlemærke."
            ),
        ),
    ],
)
def test_sentence_too_little(gate: Gate, text: str) -> None:
    """It names its indicator and says what is needed and what there is, but no small count."""
    verdict = Verdict(Code.FOR_LIDT_DATA, failed=(gate,))

    assert sentence(finding(interval(-1, 1), verdict)) == f"Sagsbehandlingstiden: {text}"


def test_five_codes_four_words() -> None:
    """Undecided and too little data share their headline word."""
    assert len({word(code) for code in Code}) == 4


def test_sparse_months_compare_with_the_same_month() -> None:
    """A July that is low every year is no gap; a March that is low once is."""
    days = pd.date_range("2022-01-01", "2024-12-31", freq="D", tz="UTC")
    gone = ((days.month == 7) & (days.day > 3)) | ((days.month == 3) & (days.year == 2024))
    stamps = pd.Series(days[~gone])
    span = (pd.Timestamp("2022-01-01", tz="UTC"), pd.Timestamp("2025-01-01", tz="UTC"))

    assert sparse_months(stamps, [span]) == ("2024-03",)


def test_minimal_detectable_change_of_the_contract() -> None:
    """SD 100: 25 a window see 79 days, 100 see 40, 400 see 20 (effects.md 3.2)."""
    found = [round(detectable(100, n, n)) for n in (25, 50, 100, 200, 400)]

    assert found == [79, 56, 40, 28, 20]


@given(st.floats(1, 200), st.integers(10, 2000), st.floats(1, 100), st.floats(1, 100))
def test_months_to_decide_is_the_first_that_suffices(
    sd: float, before: int, pace: float, change: float
) -> None:
    """In the month told the change can be seen; in the month before it could not."""
    months = months_to_decide(sd, before, pace, change)
    if months is None:
        assert detectable(sd, before, 120 * pace) > change * (1 - 1e-6)
        return

    assert detectable(sd, before, months * pace) <= change * (1 + 1e-6)
    if months > 1:
        assert detectable(sd, before, (months - 1) * pace) > change * (1 - 1e-6)


def test_events_of_the_process_in_the_span() -> None:
    """Only events of the span that name the process, or none, stand beside its verdict."""
    rows = [
        {"date": date(2026, 7, 1), "kind": "lov", "text": "A", "processes": ["sanktion"]},
        {"date": date(2026, 7, 1), "kind": "it", "text": "B"},
        {"date": date(2025, 7, 1), "kind": "lov", "text": "C"},
    ]
    events = read_events({"event": rows})
    year = (date(2026, 1, 1), date(2026, 12, 31))

    assert [e.text for e in events_between(events, *year, "sanktion")] == ["A", "B"]
    assert [e.text for e in events_between(events, *year, "befordring")] == ["B"]
    assert [e.text for e in events_between(events, *year, kinds=["lov"])] == ["A"]


def test_a_whole_assessment() -> None:
    """From cases to words: a quarter faster is improved, with its law event and open cases."""
    cases, begin, intervention, cut = world(2, months=42, change_month=24, speed=0.75)
    effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)
    events = read_events({"event": [{"date": date(2026, 7, 1), "kind": "lov", "text": "Ny lov"}]})

    told = assess(
        effect,
        wording=DAYS,
        direction="down",
        margin=14,
        starts=cases["start"],
        events=events,
    )

    assert told.verdict.code is Code.FORBEDRET
    assert told.word == "forbedret"
    assert told.name == "Gennemsnitlig sagsbehandlingstid (sager over 365 dage tæller 365)"
    assert told.caveats[0] == (
        "I perioden skete også: Ny lov (1. juli 2026). "
        "Ændringen kan derfor ikke henføres til indsatsen alene."
    )
    assert any("stadig åbne" in line for line in told.caveats)
    assert told.caveats[-1].startswith("Der er ingen sammenligningsgruppe.")


def test_the_month_told_can_decide() -> None:
    """Undecided after three months: the month told lies after the cut."""
    cases, begin, intervention, cut = world(4, months=27)
    effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)

    told = assess(effect, wording=DAYS, direction="down", margin=18, starts=cases["start"])

    assert told.verdict.code is Code.UAFKLARET
    assert told.finding.earliest is not None
    assert told.finding.earliest > cut
    assert "kan det tidligst afgøres i" in told.sentence


def test_means_as_scipy() -> None:
    """Without shared citizens the interval is Student's, the difference Welch's."""
    from scipy import stats

    random = np.random.default_rng(3)
    old, new = random.gamma(2, 30, 41), random.gamma(2, 22, 33)

    one, two = mean(old), mean_change(old, new)

    theirs = stats.ttest_1samp(old, 0).confidence_interval()
    assert (one.lower, one.upper) == pytest.approx((theirs.low, theirs.high))
    welch = stats.ttest_ind(new, old, equal_var=False).confidence_interval()
    assert (two.lower, two.upper) == pytest.approx((welch.low, welch.high))


def test_means_by_citizen() -> None:
    """Each value twice under its citizen is the evidence of one, not of two."""
    values = np.array([3.0, 5.0, 8.0, 13.0, 21.0])

    once = mean(values)
    twice = mean(np.repeat(values, 2), np.repeat(np.arange(5), 2))

    assert (twice.lower, twice.upper) == pytest.approx((once.lower, once.upper))


def test_the_same_citizens_on_both_sides() -> None:
    """Citizens who go down by the same amount leave no doubt about the change."""
    before = np.array([10.0, 40.0, 25.0, 60.0])
    names = np.array(list("abcd"))

    found = mean_change(before, before - 5, (names, names))

    assert found.value == -5
    assert found.se == pytest.approx(0, abs=1e-12)


@given(st.integers(1, 60), st.data())
def test_shares_as_statsmodels(n: int, data: st.DataObject) -> None:
    """Wilson's interval is that of an independent library."""
    from statsmodels.stats.proportion import proportion_confint

    hits = data.draw(st.integers(0, n))

    found = share(hits, n)

    theirs = proportion_confint(hits, n, method="wilson")
    assert (found.lower, found.upper) == pytest.approx(theirs, abs=1e-9)


def test_difference_of_shares_as_statsmodels() -> None:
    """Newcombe's interval is that of an independent library."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    found = share_change((56, 70), (48, 80))

    theirs = confint_proportions_2indep(48, 80, 56, 70, method="newcomb", compare="diff")
    assert (found.lower, found.upper) == pytest.approx(theirs, abs=1e-9)


def test_ankestyrelsens_example() -> None:
    """24 of 129: 18.6 %, Wilson 12.8 to 26.2 % (effects.md 3.4)."""
    found = share(24, 129)

    assert [round(100 * x, 1) for x in (found.value, found.lower, found.upper)] == [
        18.6,
        12.8,
        26.2,
    ]


def test_a_record_for_tables_and_programs() -> None:
    """One flat row with both numbers of cases and citizens, its gates and its sentence."""
    cases, begin, intervention, cut = world(2, speed=0.75, cases_per_citizen=2)
    effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)

    row = assess(effect, wording=DAYS, direction="down", margin=14, starts=cases["start"]).record()

    assert row["verdict"] == "FORBEDRET"
    assert row["citizens"] == effect.after.sight.citizens
    assert row["n"] == effect.after.sight.cases > effect.after.sight.citizens
    assert row["value"] - row["baseline"] == pytest.approx(row["change"])  # type: ignore[operator]


def test_a_record_of_few_citizens_tells_no_number() -> None:
    """Four citizens after: no level, no change, no count, nor a sentence that holds one."""
    cases, begin, intervention, cut = world(2, per_month=1, months=26)
    few = cases[(cases["start"] < intervention - pd.Timedelta(days=400)) & ~cases["open"]]
    few = pd.concat([few, cases[cases["open"]].head(4)])
    effect = period_effect(few, intervention, cut=cut, horizon=365, log_start=begin)

    told = assess(effect, wording=DAYS, direction="down", margin=14, starts=few["start"])
    row = told.record()

    assert effect.after.sight.citizens == 4
    assert [row[k] for k in ("value", "baseline", "change", "n", "citizens")] == [None] * 5
    assert row["sentence"] == (
        "For lidt data: Der er færre end 5 borgere i en af perioderne, så tallene vises ikke."
    )
