"""How much work lies where: open cases of each unit on each day, and Little's law.

Measures of units. What rests on single members of staff is refused until the municipality
has approved it (design section 3), and is then a distribution over at least five of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.config.daylight import local_day
from procmine.errors import ConfigError, Fault
from procmine.facts.busy import APPROVAL_KEYS, persons_approved
from procmine.tables.numbers import coded, micros, placed
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from procmine.config.load import Config

    Ints = NDArray[np.int64]

__all__ = ["Little", "caseload_days", "held", "littles_law", "refuse_persons"]

_DAY_US = 86_400_000_000


def held(visits: pa.Table, cases: pa.Table, cut: datetime) -> pa.Table:
    """Return the stretches of local days at whose end a unit held a case.

    A unit holds a case from its visit until the next one, the case's end or the cut.

    Parameters
    ----------
    visits, cases
        Fact tables of one process. Cases of a log that knows no end are left out, since
        nobody can tell when they are open.
    cut
        Up to when the log is complete.

    Returns
    -------
    table
        ``person, unit, first, last``: days since 1 January 1970, both counted; unit null
        stands for the case wherever it lies. Stretches that end on their first day are out.
    """
    known = cases.select(["case_id", "citizen_id", "start", "end", "open"])
    known = known.filter(pc.is_valid(known["open"]))
    names, now = known["case_id"].cast(pa.string()), int(cut.timestamp() * 1_000_000)
    whose, people = coded(pc.coalesce(known["citizen_id"].cast(pa.string()), names))
    start, end = micros(known["start"]), _micros(known["end"], now)
    still = np.asarray(known["end"].is_null())
    case, begin, unit, units = _visited(visits, names.combine_chunks())
    last = np.append(case[1:] != case[:-1], np.ones(min(case.size, 1), dtype=np.bool_))
    until = np.where(last, end[case], np.append(begin[1:], begin[:1]))
    # First the cases wherever they lie, then the units' stretches of them.
    person = np.concatenate([whose, whose[case]])
    since = np.concatenate([start, np.maximum(begin, start[case])])
    finish = np.concatenate([end, np.minimum(until, end[case])])
    censored = np.concatenate([still, last & still[case]])
    unit = np.concatenate([np.full(start.size, len(units)), unit])
    first = local_day(since)
    # An open case is still there at the end of the cut's own day.
    final = local_day(finish) - 1 + censored
    kept = (finish > since) & (final >= first)
    return pa.table(
        {
            "person": pa.DictionaryArray.from_arrays(pa.array(person[kept]), people),
            "unit": pa.DictionaryArray.from_arrays(
                pa.array(unit[kept], mask=unit[kept] == len(units)), units
            ),
            "first": first[kept],
            "last": final[kept],
        }
    )


def _visited(visits: pa.Table, cases: pa.Array) -> tuple[Ints, Ints, Ints, pa.Array]:
    """Return case, begin and unit of the visits to these cases in order, and the units' names."""
    rows = visits.select(["case_id", "visit", "unit", "begin"])
    case = placed(rows["case_id"], cases)
    order = np.lexsort((_ints(rows, "visit"), case))
    order = order[case[order] >= 0]
    unit, units = coded(rows["unit"])
    return case[order], micros(rows["begin"])[order], unit[order], units


def caseload_days(stretches: pa.Table) -> pa.Table:
    """Count the open cases of each unit at the end of each local day.

    Parameters
    ----------
    stretches
        Of :func:`held`.

    Returns
    -------
    table
        ``unit`` (null: all cases), ``day`` (days since 1970), ``cases``; every day from the
        first of all to the last of all, days with none included.

    Examples
    --------
    >>> stays = pa.table({"person": ["p", "q"], "unit": ["J", "J"], "first": [0, 1],
    ...                   "last": [1, 2]})
    >>> caseload_days(stays)["cases"].to_pylist()
    [1, 2, 1]
    """
    if not stretches.num_rows:
        return pa.table({"unit": pa.array([], pa.string()), "day": pa.array([], pa.int64()),
                         "cases": pa.array([], pa.int64())})  # fmt: skip
    first, last = _ints(stretches, "first"), _ints(stretches, "last")
    begin, size = int(first.min()), int(last.max() - first.min()) + 1
    codes, labels = coded(stretches["unit"])
    present, unit = np.unique(codes, return_inverse=True)
    change = np.zeros((present.size, size + 1), dtype=np.int64)
    np.add.at(change, (unit, first - begin), 1)
    np.add.at(change, (unit, last - begin + 1), -1)
    counts = change.cumsum(axis=1)[:, :size]
    names = labels.take(pa.array(present, mask=present == len(labels)))
    which = np.repeat(np.arange(present.size), size)
    return pa.table(
        {
            "unit": names.take(pa.array(which)),
            "day": np.tile(np.arange(begin, begin + size), present.size),
            "cases": counts.ravel(),
        }
    )


@dataclass(frozen=True, slots=True)
class Little:
    """Little's law over a period: open cases, arrivals, time a case, and why they differ.

    Attributes
    ----------
    mean_open, per_day, mean_days
        Mean number of open cases (L), cases that start a day (lambda), mean days from start
        to end of those that started and have ended (W).
    carried, after, unfinished
        What the difference ``mean_open - per_day * mean_days`` consists of, in cases: time
        of cases that started earlier; less time after the period; time of cases that have
        not ended, against the mean.
    """

    mean_open: float
    per_day: float
    mean_days: float
    carried: float
    after: float
    unfinished: float

    @property
    def difference(self) -> float:
        """``L - lambda W``; the three parts add up to it."""
        return self.mean_open - self.per_day * self.mean_days

    def sentence(self) -> str:
        """Say it in Danish."""
        values = {
            "open": self.mean_open, "days": self.mean_days,
            "product": self.per_day * self.mean_days, "carried": self.carried,
            "after": self.after, "unfinished": self.unfinished,
        }  # fmt: skip
        return t(
            "workload.little",
            per_day=number(self.per_day, 2),
            **{name: number(value, 1) for name, value in values.items()},
        )


def littles_law(cases: pa.Table, begin: datetime, finish: datetime) -> Little | None:
    """Check the mean number of open cases against arrivals and time a case (Little 1961).

    Parameters
    ----------
    cases
        Fact table of one process.
    begin, finish
        The period; cases open at `finish` count up to it.

    Returns
    -------
    Little or None
        None where no case of the period has both a start and an end.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> day = lambda d: datetime(2026, 3, d, tzinfo=UTC)
    >>> toy = pa.table({"start": [day(1), day(3)], "end": [day(3), day(7)],
    ...                 "open": [False, False]})
    >>> found = littles_law(toy, day(1), day(11))
    >>> found.mean_open, found.per_day, found.mean_days, found.difference
    (0.6, 0.2, 3.0, 0.0)
    """
    known = cases.select(["start", "end", "open"])
    known = known.filter(pc.is_valid(known["open"]))
    low, high = (int(each.timestamp() * 1_000_000) for each in (begin, finish))
    start = _micros(known["start"], high)
    ended = np.asarray(pc.is_valid(known["end"]), dtype=np.bool_)
    end = _micros(known["end"], high)
    period = (high - low) / _DAY_US
    inside = (start >= low) & (start < high)
    whole = (end - start) / _DAY_US
    within = np.clip(np.minimum(end, high) - np.maximum(start, low), 0, None) / _DAY_US
    done = inside & ended
    if not done.any() or period <= 0:
        return None
    mean = float(whole[done].mean())
    return Little(
        mean_open=float(within.sum()) / period,
        per_day=float(inside.sum()) / period,
        mean_days=mean,
        carried=float(within[start < low].sum()) / period,
        after=-float((whole - within)[done].sum()) / period,
        unfinished=float((within - mean)[inside & ~ended].sum()) / period,
    )


def refuse_persons(config: Config) -> None:
    """Refuse a measure of members of staff unless the configuration approves it.

    Raises
    ------
    ConfigError
        What ``godkendelser.toml`` must say, and which of it is missing (design section 3).

    Examples
    --------
    >>> from procmine.config import load_config
    >>> refuse_persons(load_config())
    Traceback (most recent call last):
        ...
    procmine.errors.ConfigError: Tal for den enkelte medarbejder vises ikke. ...
    """
    if persons_approved(config):
        return
    given = config.files.get("godkendelser", {})
    lacks = ", ".join(t(f"workload.approval.{key}") for key in APPROVAL_KEYS if not given.get(key))
    raise ConfigError(t("workload.refused", lacks=lacks), (Fault("persons_not_approved"),))


def _ints(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name], dtype=np.int64)


def _micros(column: pa.ChunkedArray, missing: int) -> Ints:
    instants = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(pc.fill_null(instants, missing), dtype=np.int64)
