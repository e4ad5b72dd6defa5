"""Period analysis: the headline comparison of durations before and after a date.

Every case gives its open days to the window before (censored at the intervention) and to
the window after (entering late at the intervention). The effect is the difference of the
restricted means. It assumes that open cases meet the new practice from the first day; where
they do not, leave out a transition or compare cohorts by start (effects.md 0 and 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.effects.influence import clustered_se, rmst_influence
from procmine.effects.logrank import LogRank, log_rank
from procmine.effects.survival import Estimate, at_risk_at, quantile, rmst
from procmine.effects.windows import Sight, common_horizon, durations, look, utc
from procmine.tables.numbers import different

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_AT_RISK", "PeriodEffect", "WindowMean", "compare", "period_effect", "window_mean"]

LEAST_AT_RISK = 10
_GRID = 13


@dataclass(frozen=True, slots=True)
class WindowMean:
    """The restricted mean of one window, with what it rests on.

    Attributes
    ----------
    horizon
        Days beyond which a case counts as the horizon; at most the one asked for.
    mean
        Restricted mean in days, with standard error and interval.
    median
        Median days with its log-log interval; infinite where it is not reached.
    sight
        The cases as seen.
    clustered
        Whether the interval is by citizen, because some have several cases.
    influence
        How much each case moves the mean, in days.

    Examples
    --------
    >>> WindowMean.__dataclass_fields__["horizon"].type
    'float'
    """

    horizon: float
    mean: Estimate
    median: tuple[float, float, float]
    sight: Sight
    clustered: bool
    influence: NDArray[np.float64]

    def table(self) -> pd.DataFrame:
        """Return the curve up to the horizon: ``days, at_risk, ended, survival, lower, upper``."""
        table = self.sight.curve.table().rename(columns={"time": "days"})
        return table[table["days"] <= self.horizon].reset_index(drop=True)

    def risk_table(self, days: NDArray[np.float64]) -> pd.DataFrame:
        """Return cases under observation and share not yet ended at each of `days`."""
        seen = at_risk_at(self.sight.stop, days, self.sight.entry)
        share = self.sight.curve.at(days)
        return pd.DataFrame({"days": days, "at_risk": seen, "survival": share})


@dataclass(frozen=True, slots=True)
class PeriodEffect:
    """Restricted means before and after, and their difference.

    Attributes
    ----------
    before, after
        The two windows, at the same horizon.
    change
        After less before, in days (negative: shorter).
    horizon_asked
        The process's horizon; `before.horizon` is what the data allow.
    test
        Log-rank test of equal curves; secondary, None where nothing ended.
    left_out
        Cases that no window could use (start unknown, after the cut, or after their end).

    Examples
    --------
    >>> sorted(PeriodEffect.__dataclass_fields__)[:3]
    ['after', 'before', 'change']
    """

    before: WindowMean
    after: WindowMean
    change: Estimate
    horizon_asked: float
    test: LogRank | None
    left_out: int

    @property
    def horizon(self) -> float:
        """The horizon used, in days."""
        return self.before.horizon

    @property
    def shortened(self) -> bool:
        """Whether the data did not reach the horizon that was asked for."""
        return self.horizon < self.horizon_asked

    @property
    def estimable(self) -> bool:
        """Whether both curves could be followed to the horizon without running empty."""
        sides = (self.before, self.after)
        empty = any(side.sight.curve.emptied_before(self.horizon) for side in sides)
        return self.horizon > 0 and not empty

    def curves(self) -> pd.DataFrame:
        """Return both curves, one row a step: ``window, days, at_risk, ended, survival, ...``."""
        parts = [
            side.table().assign(window=name)
            for name, side in (("before", self.before), ("after", self.after))
        ]
        table = pd.concat(parts, ignore_index=True)
        return table[["window", *(c for c in table.columns if c != "window")]]

    def at_risk(self) -> pd.DataFrame:
        """Return the numbers under observation at 13 even durations, both windows beside."""
        days = np.linspace(0.0, self.horizon, _GRID)
        before, after = self.before.risk_table(days), self.after.risk_table(days)
        return before.merge(after, on="days", suffixes=("_before", "_after"))


def window_mean(sight: Sight, horizon: float) -> WindowMean:
    """Return the restricted mean that a window sees, up to `horizon` days.

    The interval is Greenwood's, or by citizen where someone has several cases.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> case = pd.DataFrame({"case_id": "a", "citizen": "p", "start": day,
    ...     "stop": day + pd.Timedelta(days=60), "ended": [True]})
    >>> seen = look(case, utc("2026-01-01"), utc("2026-06-01"))
    >>> window_mean(seen, 100).mean.value
    60.0
    """
    mean = rmst(sight.curve, horizon)
    clustered = sight.citizens < sight.cases
    own = rmst_influence(sight.curve, horizon, sight.stop, sight.ended, sight.entry)
    if clustered:
        mean = Estimate.normal(mean.value, clustered_se([own], [sight.citizen]))
    return WindowMean(horizon, mean, quantile(sight.curve), sight, clustered, own)


def period_effect(
    cases: pd.DataFrame,
    intervention: object,
    *,
    cut: object,
    horizon: float,
    log_start: object | None = None,
    begin: object | None = None,
    transition_days: int = 0,
    least: int = LEAST_AT_RISK,
) -> PeriodEffect:
    """Compare the time to the first decision before and after a date.

    Parameters
    ----------
    cases
        One row a case of one process: ``case_id, start, decided, end, open`` and, where the
        log has citizens, ``citizen_id``. See :func:`procmine.effects.windows.durations`.
    intervention
        First instant of the new practice (a date is local midnight).
    cut
        Last instant of complete extraction.
    horizon
        Days beyond which a case counts as the horizon; from the process's catalogue.
    log_start
        First instant of complete data; earlier days of older cases are not seen.
    begin
        First instant of the window before; `log_start` where it is later or nothing is given.
    transition_days
        Days after the intervention that belong to neither window.
    least
        The horizon goes no further than both windows see so many cases.

    Returns
    -------
    PeriodEffect
        Check `estimable` and the gates of :mod:`procmine.effects.gates` before reading it.

    Examples
    --------
    >>> start = pd.to_datetime(["2026-01-01", "2026-01-11", "2026-03-01", "2026-03-11"], utc=True)
    >>> cases = pd.DataFrame({"case_id": list("abcd"), "start": start, "end": pd.NaT,
    ...     "decided": start + pd.to_timedelta([20, 30, 10, 40], unit="D"), "open": False})
    >>> found = period_effect(cases, "2026-03-01", cut="2026-05-01", horizon=30, least=1)
    >>> found.before.mean.value, found.after.mean.value, found.change.value
    (25.0, 20.0, -5.0)
    """
    stop, change_at = utc(cut), utc(intervention)
    frame = durations(cases, stop)
    opens = [utc(x) for x in (log_start, begin) if x is not None]
    first = max(opens) if opens else frame["start"].min()
    effect = compare(
        frame,
        (min(first, change_at), change_at),
        (change_at + pd.Timedelta(days=transition_days), stop),
        float(horizon),
        least,
    )
    return replace(effect, left_out=len(cases) - int(frame["known_start"].sum()))


def compare(
    frame: pd.DataFrame,
    before: tuple[pd.Timestamp, pd.Timestamp],
    after: tuple[pd.Timestamp, pd.Timestamp],
    horizon: float,
    least: int = LEAST_AT_RISK,
) -> PeriodEffect:
    """Compare two windows of the durations of :func:`procmine.effects.windows.durations`.

    As :func:`period_effect`, for windows that need not touch.

    Examples
    --------
    >>> start = pd.Series(pd.date_range("2026-01-01", periods=90, freq="D", tz="UTC"))
    >>> frame = pd.DataFrame({"case_id": range(90), "citizen": range(90), "start": start,
    ...     "stop": start + pd.Timedelta(days=10), "ended": True})
    >>> edges = [utc(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01")]
    >>> compare(frame, (edges[0], edges[1]), (edges[1], edges[2]), 10).change.value
    0.0
    """
    sights = (look(frame, *before), look(frame, *after))
    used = common_horizon(sights, horizon, least)
    old, new = (window_mean(sight, used) for sight in sights)
    return PeriodEffect(
        before=old,
        after=new,
        change=_change(old, new),
        horizon_asked=horizon,
        test=_test(*sights),
        left_out=0 if "known_start" not in frame else int((~frame["known_start"]).sum()),
    )


def _change(before: WindowMean, after: WindowMean) -> Estimate:
    """Return the difference, by citizen where one has several cases in the two windows.

    A case that is open at the intervention is in both. Its two contributions lie on disjoint
    days and are uncorrelated, so that alone does not ask for clustering.
    """
    value = after.mean.value - before.mean.value
    if not (before.clustered or after.clustered or _shared_citizens(before, after)):
        return Estimate.normal(value, float(np.hypot(before.mean.se, after.mean.se)))
    parts = [-before.influence, after.influence]
    return Estimate.normal(value, clustered_se(parts, [before.sight.citizen, after.sight.citizen]))


def _shared_citizens(before: WindowMean, after: WindowMean) -> bool:
    """Say whether a citizen has one case before and another after."""
    sides = (before.sight, after.sight)
    case = np.concatenate([side.case for side in sides])
    if not case.size:
        return False
    width = int(case.max()) + 1
    pairs = np.unique(np.concatenate([side.citizen for side in sides]) * width + case)
    return different(pairs // width) < pairs.size


def _test(before: Sight, after: Sight) -> LogRank | None:
    ended = np.concatenate([before.ended, after.ended])
    if not ended.any() or not before.cases or not after.cases:
        return None
    return log_rank(
        np.concatenate([before.stop, after.stop]),
        ended,
        np.repeat([0, 1], [before.cases, after.cases]),
        np.concatenate([before.entry, after.entry]),
    )
