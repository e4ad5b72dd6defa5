"""A window on the calendar: which days of which cases it sees.

A case gives each window the days it was open inside it. One that began earlier comes under
observation with delay, one that is still open at the window's end is censored there. So
nothing is lost or counted twice when a change of practice falls in the middle of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.effects.survival import Curve, at_risk_at, kaplan_meier
from procmine.tables.numbers import different
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["CASE_COLUMNS", "TAIL", "Sight", "common_horizon", "durations", "look", "utc"]

CASE_COLUMNS = ("case_id", "start", "decided", "end", "open", "citizen_id")
TAIL = 0.25
"""Share of cases still open beyond which a curve is taken to be finished."""
_DAY = 86_400_000_000.0  # microseconds


def utc(moment: object) -> pd.Timestamp:
    """Return an instant in UTC; a plain date is midnight in Danish local time.

    Examples
    --------
    >>> str(utc("2026-03-02"))
    '2026-03-01 23:00:00+00:00'
    """
    stamp = pd.Timestamp(moment)  # type: ignore[arg-type]  # any date-like; pandas checks it
    if stamp.tzinfo is None:
        stamp = stamp.tz_localize(ZONE)
    return stamp.tz_convert("UTC")


def durations(cases: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """Return start, stop and citizen of each case, for the time to its first decision.

    A case that ends without a decision ends there; one that has neither by the cut is open
    and stops at the cut. Cases that start after the cut, or stop before they start, are left
    out. Without citizens each case is its own.

    Parameters
    ----------
    cases
        One row a case with the columns of `CASE_COLUMNS`; instants with a zone. Where there
        is a column ``no_start_step``, the true start of those cases is unknown.
    cut
        Last instant of complete extraction.

    Returns
    -------
    DataFrame, one row a usable case
        ``case_id, citizen, start, stop`` (UTC), ``ended`` (bool), ``known_start`` (bool), in
        the order of `cases`. A window looks only at cases with a known start.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01", "2026-02-01"], utc=True)
    >>> cases = pd.DataFrame({"case_id": ["a", "b"], "start": day, "decided": [day[1], pd.NaT],
    ...     "end": pd.NaT, "open": [False, True], "citizen_id": None})
    >>> durations(cases, pd.Timestamp("2026-03-01", tz="UTC"))["ended"].tolist()
    [True, False]
    """
    start = pd.to_datetime(cases["start"], utc=True)
    decided = pd.to_datetime(cases["decided"], utc=True)
    end = pd.to_datetime(cases["end"], utc=True)
    still_open = cases["open"].astype("boolean").eq(other=True).fillna(value=False).astype(bool)
    over = pd.concat([decided, end.mask(still_open)], axis=1).min(axis=1)
    ended = over.notna() & (over <= cut)
    own = cases["case_id"].astype("string")
    citizen = own.radd("case:")
    if "citizen_id" in cases:
        citizen = cases["citizen_id"].astype("string").fillna(citizen)
    frame = pd.DataFrame(
        {
            "case_id": own,
            "citizen": citizen,
            "start": start,
            "stop": over.where(ended, cut),
            "ended": ended,
            "known_start": _known_start(cases),
        }
    )
    usable = start.notna() & (start <= cut) & (frame["stop"] >= start)
    return frame[usable]


def _known_start(cases: pd.DataFrame) -> pd.Series:
    if "no_start_step" not in cases:
        return pd.Series(data=True, index=cases.index)
    return ~cases["no_start_step"].astype("boolean").fillna(value=False).astype(bool)


@dataclass(frozen=True)
class Sight:
    """What one window sees: entry and exit of each case in days since its own start.

    Attributes
    ----------
    begin, finish
        The window: cases count at instants after `begin`, up to `finish`.
    entry, stop
        Days since the case's start at which it comes under observation and leaves it.
    ended
        Whether it ended inside the window.
    citizen, case
        Whose case it is, and which: numbers that are alike for all windows on the same cases.
    case_id
        Its id.
    curve
        The share not yet ended, by days.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> case = pd.DataFrame({"case_id": "a", "citizen": "p", "start": day,
    ...     "stop": day + pd.Timedelta(days=60), "ended": [True]})
    >>> seen = look(case, utc("2026-01-31T01:00"), utc("2026-06-01"))
    >>> seen.entry.tolist(), seen.stop.tolist()
    ([30.0], [60.0])
    """

    begin: pd.Timestamp
    finish: pd.Timestamp
    entry: NDArray[np.float64]
    stop: NDArray[np.float64]
    ended: NDArray[np.bool_]
    citizen: NDArray[np.int64]
    case: NDArray[np.int64]
    case_id: pd.Series[str]
    curve: Curve

    @property
    def cases(self) -> int:
        """How many cases it sees."""
        return int(self.stop.size)

    @cached_property
    def citizens(self) -> int:
        """How many citizens it sees."""
        return different(self.citizen)

    @property
    def n_ended(self) -> int:
        """How many cases end in it."""
        return int(self.ended.sum())

    @property
    def n_open(self) -> int:
        """How many cases are still open when it ends."""
        return self.cases - self.n_ended


def look(frame: pd.DataFrame, begin: pd.Timestamp, finish: pd.Timestamp) -> Sight:
    """Return what the window from `begin` to `finish` sees of the cases of :func:`durations`.

    A case counts in the window when it is open at some instant after `begin` and starts
    before `finish`. An end exactly at `begin` belongs to the window before.
    """
    start, stop = frame["start"], frame["stop"]
    seen = (stop > begin) & (start < finish)
    seen |= (start >= begin) & (start < finish)
    if "known_start" in frame:
        seen &= frame["known_start"]
    case = np.flatnonzero(seen)
    part = frame.iloc[case]
    opened = _wall(part["start"])
    edges = _wall(pd.Series([begin, finish]))
    last = np.minimum(_wall(part["stop"]), edges[1])
    ended = part["ended"].to_numpy(dtype=bool) & (part["stop"] <= finish).to_numpy(dtype=bool)
    entry = np.maximum(edges[0] - opened, 0) / _DAY
    exits = np.maximum(last - opened, 0) / _DAY
    return Sight(
        begin=begin,
        finish=finish,
        entry=entry,
        stop=exits,
        ended=ended,
        citizen=pd.factorize(frame["citizen"], use_na_sentinel=False)[0][case],
        case=case,
        case_id=part["case_id"],
        curve=kaplan_meier(exits, ended, entry),
    )


def common_horizon(sights: Sequence[Sight], horizon: float, least: int) -> float:
    """Return how far the windows can be followed together, at most to `horizon` days.

    That is the longest duration at which each still sees `least` cases. Where by then three
    in four have ended in each, the whole horizon stands: what is left of the area is small,
    and its error is in the interval; a horizon that moves with the data would be another
    measure each time. 0 where there is none.

    Examples
    --------
    >>> common_horizon([], 120.0, 10)
    120.0
    """
    stops = [sight.stop for sight in sights]
    times = np.unique(np.concatenate([np.array([horizon]), *stops]))
    times = times[(times <= horizon) & (times > 0)]
    enough = np.ones(times.size, dtype=bool)
    for sight in sights:
        enough &= at_risk_at(sight.stop, times, sight.entry) >= least
    if not enough.any():
        return 0.0
    reach = float(times[enough][-1])
    settled = all(float(sight.curve.at(reach)) <= TAIL for sight in sights)
    return float(horizon) if settled else reach


def _wall(stamps: pd.Series) -> NDArray[np.int64]:
    """Return microseconds on the wall clock, so that a day is a day when the clock changes."""
    local = pd.to_datetime(stamps, utc=True).dt.tz_convert(ZONE)
    return local.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype(np.int64)
