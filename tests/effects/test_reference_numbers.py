"""Our estimators against numbers computed with R (effects.md 3.4) and with statsmodels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.effects.incidence import cumulative_incidence
from procmine.effects.logrank import log_rank
from procmine.effects.survival import kaplan_meier, quantile, rmst

DATA = Path(__file__).parent / "data"


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv")


def arm(frame: pd.DataFrame, name: object, time: str, ended: str) -> tuple[pd.Series, pd.Series]:
    part = frame[frame["arm"] == name]
    return part[time], part[ended] == 1


def test_gehan_log_rank() -> None:
    """Gehan's remission times give the log-rank statistic of R's survdiff."""
    frame = read("gehan")

    test = log_rank(frame["weeks"], frame["ended"] == 1, frame["arm"])

    assert test.chi2 == pytest.approx(16.792941, abs=1e-6)
    assert test.p == pytest.approx(4.16881e-05, rel=1e-5)


def test_gehan_curve() -> None:
    """The curve and its standard errors at 6, 10 and 23 weeks are R's."""
    curve = kaplan_meier(*arm(read("gehan"), "6-MP", "weeks", "ended"))

    assert curve.at([6, 10, 23]) == pytest.approx([0.857143, 0.752941, 0.448179], abs=1e-6)
    se = curve.survival * np.sqrt(curve.greenwood)
    where = np.searchsorted(curve.times, [6, 10, 23])
    assert se[where] == pytest.approx([0.076360, 0.096350, 0.134591], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "median", "loglog", "log"),
    [("6-MP", 23, (13, np.inf), (16, np.inf)), ("control", 8, (4, 11), (4, 12))],
)
def test_gehan_medians(
    name: str, median: float, loglog: tuple[float, float], log: tuple[float, float]
) -> None:
    """Medians and their intervals are R's, under both transforms."""
    curve = kaplan_meier(*arm(read("gehan"), name, "weeks", "ended"))

    assert quantile(curve) == (median, *loglog)
    assert quantile(curve, transform="log") == (median, *log)


@pytest.mark.parametrize(
    ("name", "value", "se"), [("6-MP", 17.909, 1.553), ("control", 8.667, 1.377)]
)
def test_gehan_restricted_means(name: str, value: float, se: float) -> None:
    """Restricted means up to 23 weeks and their standard errors are R's."""
    estimate = rmst(kaplan_meier(*arm(read("gehan"), name, "weeks", "ended")), 23)

    assert estimate.value == pytest.approx(value, abs=5e-4)
    assert estimate.se == pytest.approx(se, abs=5e-4)


def test_aml() -> None:
    """Medians and log-rank statistic of the leukaemia trial are R's."""
    frame = read("aml")

    assert quantile(kaplan_meier(*arm(frame, 1, "weeks", "ended")))[0] == 31
    assert quantile(kaplan_meier(*arm(frame, 2, "weeks", "ended")))[0] == 23
    test = log_rank(frame["weeks"], frame["ended"] == 1, frame["arm"])
    assert test.chi2 == pytest.approx(3.396389, abs=1e-6)


def test_pbc_restricted_mean_difference() -> None:
    """The ten-year restricted means of the cirrhosis trial are those of survRM2."""
    frame = read("pbc").assign(years=lambda f: f["days"] / 365.25)
    one = rmst(kaplan_meier(*arm(frame, 1, "years", "died")), 10)
    two = rmst(kaplan_meier(*arm(frame, 0, "years", "died")), 10)

    assert (one.value, one.se) == pytest.approx((7.146493, 0.282775), abs=1e-6)
    assert (two.value, two.se) == pytest.approx((7.283416, 0.295478), abs=1e-6)
    change, se = one.value - two.value, np.hypot(one.se, two.se)
    assert change == pytest.approx(-0.136923, abs=1e-6)
    assert change - 1.959964 * se == pytest.approx(-0.938519, abs=1e-5)
    assert change + 1.959964 * se == pytest.approx(0.664674, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "value", "se"), [("miR-137", 9.794118, 0.123245), ("control", 9.976744, 0.023165)]
)
def test_waltons(name: str, value: float, se: float) -> None:
    """Restricted means of the flies up to day 10, and their sampling errors, are R's."""
    frame = read("waltons")
    estimate = rmst(kaplan_meier(*arm(frame, name, "days", "ended")), 10)

    assert (estimate.value, estimate.se) == pytest.approx((value, se), abs=1e-6)
    test = log_rank(frame["days"], frame["ended"] == 1, frame["arm"])
    assert test.chi2 == pytest.approx(122.24913, abs=1e-5)


def test_mgus2_competing_endings() -> None:
    """Progression and death at 10, 20, 30 years, and their errors, are R's; not 1 - KM."""
    frame = read("mgus2")
    table = cumulative_incidence(frame["months"], frame["cause"])

    def at(cause: int, column: str) -> list[float]:
        part = table[table["cause"] == cause].reset_index(drop=True)
        where = np.searchsorted(part["time"], [120, 240, 360], side="right") - 1
        return [float(x) for x in part[column].to_numpy()[where]]

    assert at(1, "incidence") == pytest.approx([0.063722, 0.099814, 0.134042], abs=1e-6)
    assert at(1, "se") == pytest.approx([0.006797, 0.009785, 0.020128], abs=1e-6)
    assert at(2, "incidence") == pytest.approx([0.531818, 0.724028, 0.784208], abs=1e-6)


CASES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 12), st.booleans(), st.integers(0, 1)),
    min_size=12,
    max_size=40,
)


@given(CASES)
@settings(max_examples=40, deadline=None)
def test_delayed_entry_as_statsmodels(cases: list[tuple[int, int, bool, int]]) -> None:
    """With delayed entry the curve is that of an independent library."""
    from statsmodels.duration.survfunc import SurvfuncRight

    entry = np.array([c[0] for c in cases], dtype=float)
    stop = entry + np.array([c[1] for c in cases], dtype=float)
    ended = np.array([c[2] for c in cases])
    if not ended.any():
        return
    # It counts entry < t; ours treats an entry at 0 as "from the beginning", which is the same
    # for every t > 0.
    other = SurvfuncRight(stop, ended.astype(int), entry=entry)

    curve = kaplan_meier(stop, ended, entry)

    keep = np.isin(other.surv_times, curve.times)
    assert other.surv_times[keep].tolist() == curve.times.tolist()
    assert other.n_risk[keep].tolist() == curve.at_risk.tolist()
    assert other.surv_prob[keep] == pytest.approx(curve.survival)


@given(CASES)
@settings(max_examples=40, deadline=None)
def test_stratified_log_rank_as_statsmodels(cases: list[tuple[int, int, bool, int]]) -> None:
    """In strata the test is that of an independent library."""
    from statsmodels.duration.survfunc import survdiff

    stop = np.array([c[1] for c in cases], dtype=float)
    ended = np.array([c[2] for c in cases])
    group = np.array([c[3] for c in cases])
    strata = np.array([c[0] % 2 for c in cases])
    ours = log_rank(stop, ended, group, strata=strata) if len(set(group)) == 2 else None
    if ours is None or ours.chi2 == 0:
        return

    chi2, _ = survdiff(stop, ended.astype(int), group, strata=strata)

    assert ours.chi2 == pytest.approx(float(chi2), rel=1e-6)
