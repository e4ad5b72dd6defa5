"""A made-up job centre for tests: 25 new cases a month, log-normal durations."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2024-01-01", tz="Europe/Copenhagen")


def world(
    seed: int,
    *,
    months: int = 36,
    per_month: int = 25,
    mean: float = 240.0,
    cv: float = 0.7,
    change_month: int = 24,
    speed: float = 1.0,
    cases_per_citizen: float = 1.0,
) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp, pd.Timestamp]:
    """Return cases, log start, intervention and cut.

    From the intervention on, what is left of a case takes `speed` of its time. The cases of
    the two years before the log are made too; those still open at its start are in it.
    """
    random = np.random.default_rng(seed)
    day = 365.25 / 12
    n = (months + 24) * per_month
    start = np.sort(random.uniform(-24 * day, months * day, n))
    sigma = np.sqrt(np.log(1 + cv**2))
    citizens = random.integers(0, max(1, int(n / cases_per_citizen)), n)
    frailty = random.normal(0, 1, n)[citizens] if cases_per_citizen > 1 else random.normal(0, 1, n)
    own = random.normal(0, 1, n)
    noise = np.sqrt(0.7) * frailty + np.sqrt(0.3) * own if cases_per_citizen > 1 else own
    took = np.exp(np.log(mean) - sigma**2 / 2 + sigma * noise)
    change = change_month * day
    stop = start + took
    late = stop > change
    begun = np.maximum(start, change)
    stop = np.where(late, begun + (stop - begun) * speed, stop)
    cut = months * day
    seen = stop > 0
    frame = pd.DataFrame({"start": start, "stop": stop, "citizen": citizens})[seen]
    frame = frame.reset_index(drop=True)
    decided = START + pd.to_timedelta(frame["stop"].where(frame["stop"] <= cut), unit="D")
    cases = pd.DataFrame(
        {
            "case_id": [f"S-{i}" for i in range(len(frame))],
            "start": START + pd.to_timedelta(frame["start"], unit="D"),
            "decided": decided,
            "end": decided,
            "open": decided.isna(),
            "citizen_id": [
                f"p{c}" if cases_per_citizen > 1 else f"p{i}"
                for i, c in enumerate(frame["citizen"])
            ],
        }
    )
    moments = [START + pd.Timedelta(days=x) for x in (0, change, cut)]
    return cases, moments[0], moments[1], moments[2]


def naive_change(cases: pd.DataFrame, intervention: pd.Timestamp) -> tuple[float, float]:
    """Return the change in the mean of *closed* cases by start date, and its t statistic."""
    closed = cases[cases["decided"].notna()]
    days = (closed["decided"] - closed["start"]).dt.total_seconds() / 86400
    after = closed["start"] >= intervention
    old, new = days[~after], days[after]
    se = np.sqrt(old.var() / len(old) + new.var() / len(new))
    return float(new.mean() - old.mean()), float((new.mean() - old.mean()) / se)
