"""Period analysis: what each window sees, and the worlds with known truth."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.effects.influence import clustered_se, rmst_influence
from procmine.effects.period import period_effect
from procmine.effects.survival import kaplan_meier, rmst
from procmine.effects.windows import durations, look, utc
from tests.effects.worlds import naive_change, world


def toy(rows: list[tuple[str, str, str | None, str | None, bool | None]]) -> pd.DataFrame:
    """Rows: case, start, decided, end, open."""
    frame = pd.DataFrame(rows, columns=["case_id", "start", "decided", "end", "open"])
    for name in ("start", "decided", "end"):
        frame[name] = pd.to_datetime(frame[name]).dt.tz_localize("Europe/Copenhagen")
    return frame.assign(citizen_id=[f"p{i}" for i in range(len(frame))])


def test_a_case_over_the_intervention_gives_its_days_to_both_windows() -> None:
    """Open 10 days before and 5 after: censored at 10, then entering at 10 and ending at 15."""
    frame = durations(
        toy([("a", "2026-02-19", "2026-03-06", "2026-03-06", False)]), utc("2026-05-01")
    )

    before = look(frame, utc("2026-01-01"), utc("2026-03-01"))
    after = look(frame, utc("2026-03-01"), utc("2026-05-01"))

    assert (before.entry.tolist(), before.stop.tolist(), before.ended.tolist()) == (
        [0.0],
        [10.0],
        [False],
    )
    assert (after.entry.tolist(), after.stop.tolist(), after.ended.tolist()) == (
        [10.0],
        [15.0],
        [True],
    )


def test_ends_without_a_decision_open_and_unknown() -> None:
    """A case ends at its first decision, else at its end; an open one at the cut, not ended."""
    cases = toy(
        [
            ("decided", "2026-01-01", "2026-01-11", "2026-02-01", False),
            ("ended", "2026-01-01", None, "2026-01-21", False),
            ("open", "2026-01-01", None, None, True),
            ("no end mark", "2026-01-01", None, "2026-01-16", None),
            ("after the cut", "2026-01-01", "2026-06-01", "2026-06-01", False),
            ("later start", "2026-06-01", None, None, True),
        ]
    )
    cut = utc("2026-03-02")

    frame = durations(cases, cut).set_index("case_id")
    days = (frame["stop"] - frame["start"]) / pd.Timedelta(days=1)

    assert days.to_dict() == {
        "decided": 10.0,
        "ended": 20.0,
        "open": 60.0,
        "no end mark": 15.0,
        "after the cut": 60.0,
    }
    assert frame["ended"].to_dict() == {
        "decided": True,
        "ended": True,
        "open": False,
        "no end mark": True,
        "after the cut": False,
    }


def test_days_are_days_when_the_clock_changes() -> None:
    """From 20 March to 3 April is 14 days, though an hour is missing in between."""
    cases = toy([("a", "2026-03-20", "2026-04-03", None, False)])

    seen = look(durations(cases, utc("2026-05-01")), utc("2026-01-01"), utc("2026-05-01"))

    assert seen.stop.tolist() == [14.0]


def test_days_before_the_log_are_not_seen() -> None:
    """A case begun 30 days before the log enters at 30: shorter ones were never recorded."""
    cases = toy(
        [
            ("old", "2025-12-02", "2026-01-31", None, False),
            ("new", "2026-01-05", "2026-01-15", None, False),
        ]
    )

    effect = period_effect(
        cases, "2026-02-01", cut="2026-03-01", horizon=365, log_start="2026-01-01", least=1
    )

    assert effect.before.sight.entry.tolist() == [30.0, 0.0]
    assert effect.before.sight.curve.at_risk.tolist() == [1, 1]


def test_the_horizon_stops_where_ten_are_left_in_both_windows() -> None:
    """With 12 cases of 1 to 12 days in each window, ten are under observation up to day 3."""
    start = ["2026-01-01"] * 12 + ["2026-03-01"] * 12
    day = pd.to_datetime(start)
    rows = toy([(f"{i}", start[i], None, None, False) for i in range(24)])
    rows["decided"] = (day + pd.to_timedelta([*range(1, 13)] * 2, unit="D")).tz_localize(
        "Europe/Copenhagen"
    )

    effect = period_effect(rows, "2026-03-01", cut="2026-06-01", horizon=120)

    assert effect.horizon == 3.0
    assert effect.shortened
    # 1 + 2 + ten cases that count as 3, over 12.
    assert effect.before.mean.value == pytest.approx(33 / 12)


def test_transition_days_belong_to_neither_window() -> None:
    """An ending in the transition is not seen; a case open after it enters late."""
    cases = toy(
        [
            ("in it", "2026-02-20", "2026-03-05", None, False),
            ("after", "2026-02-20", "2026-03-20", None, False),
        ]
    )

    effect = period_effect(
        cases, "2026-03-01", cut="2026-04-01", horizon=60, transition_days=10, least=1
    )

    assert effect.after.sight.case_id.tolist() == ["after"]
    assert effect.after.sight.entry.tolist() == [19.0]


def test_row_order_does_not_matter() -> None:
    """Any order of rows gives the same effect to the last bit."""
    cases, begin, intervention, cut = world(3, cases_per_citizen=2)
    shuffled = cases.sample(frac=1, random_state=1)

    one, two = (
        period_effect(frame, intervention, cut=cut, horizon=365, log_start=begin)
        for frame in (cases, shuffled)
    )

    assert one.change.value == pytest.approx(two.change.value, abs=1e-12)
    assert one.change.se == pytest.approx(two.change.se, rel=1e-12)


CASES = st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=3, max_size=40)


@given(CASES)
@settings(max_examples=60, deadline=None)
def test_influences_square_to_greenwood(cases: list[tuple[int, bool]]) -> None:
    """Without late entry and citizens, squared influences sum to Greenwood's variance."""
    stop = np.array([c[0] for c in cases], dtype=float)
    ended = np.array([c[1] for c in cases])
    curve = kaplan_meier(stop, ended)
    tau = 15.0

    own = rmst_influence(curve, tau, stop, ended)

    assert float(np.sum(own**2)) == pytest.approx(rmst(curve, tau).se ** 2, abs=1e-9)
    assert float(np.sum(own)) == pytest.approx(0, abs=1e-9)


def test_the_same_cases_twice_under_one_citizen_add_no_evidence() -> None:
    """Doubling every case within its citizen leaves the clustered error as it was."""
    random = np.random.default_rng(1)
    stop, ended = random.exponential(10, 80), random.random(80) < 0.8
    names = np.arange(80)
    curve = kaplan_meier(stop, ended)
    once = clustered_se([rmst_influence(curve, 12, stop, ended)], [names])

    twice_stop, twice_ended = np.repeat(stop, 2), np.repeat(ended, 2)
    double = kaplan_meier(twice_stop, twice_ended)
    own = rmst_influence(double, 12, twice_stop, twice_ended)

    assert clustered_se([own], [np.repeat(names, 2)]) == pytest.approx(once, rel=1e-9)
    assert rmst(double, 12).se < once / 1.3


def test_citizens_with_several_cases_widen_the_interval() -> None:
    """Where a citizen's cases go together, the interval by citizen is the wider one."""
    cases, begin, intervention, cut = world(5, cases_per_citizen=4)
    alone = cases.assign(citizen_id=[f"x{i}" for i in range(len(cases))])

    by_citizen, by_case = (
        period_effect(frame, intervention, cut=cut, horizon=365, log_start=begin)
        for frame in (cases, alone)
    )

    assert by_citizen.before.clustered
    assert not by_case.before.clustered
    assert by_citizen.change.value == pytest.approx(by_case.change.value)
    assert by_citizen.before.mean.se > by_case.before.mean.se


def test_no_after_is_an_answer_not_a_crash() -> None:
    """An intervention at the cut leaves an empty window and nothing to estimate."""
    cases, begin, _, cut = world(1)

    effect = period_effect(cases, cut, cut=cut, horizon=365, log_start=begin)

    assert effect.after.sight.cases == 0
    assert not effect.estimable


def rejections(seeds: range, **kind: float) -> tuple[float, float, float]:
    """Return share rejected by ours, share rejected by the naive way, mean of our change."""
    ours, naive, found = 0, 0, []
    for seed in seeds:
        cases, begin, intervention, cut = world(seed, **kind)  # type: ignore[arg-type]
        effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)
        ours += not effect.change.lower <= 0 <= effect.change.upper
        naive += abs(naive_change(cases, intervention)[1]) > 1.96
        found.append(effect.change.value)
    n = len(seeds)
    return ours / n, naive / n, float(np.mean(found))


def test_nothing_happened_and_the_naive_way_says_it_did() -> None:
    """In 20 worlds without effect, closed cases always "improve"; ours hardly ever speaks."""
    ours, naive, _ = rejections(range(20))

    assert naive == 1.0
    assert ours <= 0.2


def test_naive_bias_is_the_one_known() -> None:
    """By start date on closed cases only, a year after: about -37 to -42 % without any effect."""
    shares = []
    for seed in range(10):
        cases, _, intervention, _ = world(seed)
        old = cases[cases["decided"].notna() & (cases["start"] < intervention)]
        level = ((old["decided"] - old["start"]).dt.total_seconds() / 86400).mean()
        shares.append(naive_change(cases, intervention)[0] / level)

    assert -0.45 < np.mean(shares) < -0.34


def test_a_real_speed_up_is_found_with_the_right_sign() -> None:
    """A quarter faster from the intervention: every one of 20 worlds shows it as shorter."""
    for seed in range(20):
        cases, begin, intervention, cut = world(seed, speed=0.75)
        effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)

        assert effect.change.upper < 0


@pytest.mark.soak
@pytest.mark.parametrize("months", [30, 36])
@pytest.mark.parametrize("cases_per_citizen", [1.0, 3.0])
def test_false_alarms_over_200_worlds(months: int, cases_per_citizen: float) -> None:
    """Without effect 3 to 8 % of 200 worlds are rejected, with one or several cases a citizen."""
    ours, naive, bias = rejections(
        range(1000, 1200), months=months, cases_per_citizen=cases_per_citizen
    )

    assert 0.03 <= ours <= 0.08
    assert naive > 0.95
    assert abs(bias) < 3


@pytest.mark.soak
@pytest.mark.parametrize(("months", "power"), [(27, 0.75), (30, 0.9), (36, 0.99)])
def test_power_and_size_of_a_real_speed_up(months: int, power: float) -> None:
    """A quarter faster is found soon; the estimate nears the truth as months go by."""
    random = np.random.default_rng(7)
    sigma = np.sqrt(np.log(1 + 0.7**2))
    took = np.exp(np.log(240) - sigma**2 / 2 + sigma * random.normal(size=200_000))
    truth = float(np.mean(np.minimum(0.75 * took, 365) - np.minimum(took, 365)))
    found, hits = [], 0
    for seed in range(200):
        cases, begin, intervention, cut = world(seed, months=months, speed=0.75)
        effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)
        found.append(effect.change.value)
        hits += effect.change.upper < 0

    assert hits / 200 >= power
    assert truth * 1.1 < np.mean(found) < truth * 0.7


@pytest.mark.soak
def test_coverage_of_the_interval() -> None:
    """The 95 % interval of the mean before holds the true value in 92 to 98 % of 300 worlds."""
    random = np.random.default_rng(7)
    sigma = np.sqrt(np.log(1 + 0.7**2))
    took = np.exp(np.log(240) - sigma**2 / 2 + sigma * random.normal(size=400_000))
    truth = float(np.mean(np.minimum(took, 365)))
    held = 0
    for seed in range(300):
        cases, begin, intervention, cut = world(seed)
        effect = period_effect(cases, intervention, cut=cut, horizon=365, log_start=begin)
        held += effect.before.mean.lower <= truth <= effect.before.mean.upper

    assert 0.92 <= held / 300 <= 0.98


def test_no_heavy_library_at_import() -> None:
    """Importing every module of the package loads neither statsmodels nor scipy."""
    code = (
        "import sys, importlib, pkgutil, procmine.effects as e, procmine.indicators as i\n"
        "for p in (e, i):\n"
        "    for m in pkgutil.iter_modules(p.__path__):\n"
        "        importlib.import_module(f'{p.__name__}.{m.name}')\n"
        "print([m for m in ('statsmodels', 'scipy', 'pm4py', 'dash') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_case_without_its_start_step_is_left_out() -> None:
    """It seems to begin where the log does; its duration is not known, and it is counted."""
    cases = toy(
        [
            ("whole", "2026-01-05", "2026-01-15", None, False),
            ("cut off", "2026-01-01", "2026-01-03", None, False),
        ]
    ).assign(no_start_step=[False, True])

    effect = period_effect(
        cases, "2026-02-01", cut="2026-03-01", horizon=365, log_start="2026-01-01", least=1
    )

    assert effect.before.sight.case_id.tolist() == ["whole"]
    assert effect.left_out == 1


def test_the_whole_horizon_stands_where_most_have_ended() -> None:
    """Of 100 cases a window nine last 30 days: the tail is small, 120 days stay 120 days."""
    start = pd.to_datetime(["2026-01-01"] * 100 + ["2026-03-01"] * 100)
    took = pd.to_timedelta(([10] * 91 + [30] * 9) * 2, unit="D")
    frame = pd.DataFrame(
        {
            "case_id": range(200),
            "start": start.tz_localize("UTC"),
            "decided": (start + took).tz_localize("UTC"),
            "end": pd.NaT,
            "open": False,
        }
    )

    effect = period_effect(frame, "2026-02-28", cut="2026-06-01", horizon=120)

    assert effect.horizon == 120.0
    assert effect.estimable
    assert effect.before.mean.value == pytest.approx(11.8)
