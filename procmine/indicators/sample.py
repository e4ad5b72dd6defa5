"""The cases and values that an indicator rests on in a span, one row each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from procmine.indicators.owners import Owners, micros
from procmine.indicators.rows import NEVER
from procmine.tables.numbers import different, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from procmine.indicators.definitions import Indicator
    from procmine.indicators.inputs import Inputs, Span
    from procmine.indicators.rows import Rows

__all__ = ["Sample", "draw"]

_NONE = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Sample:
    """Values of an indicator in a span: one row a case, or a step for shares of steps.

    Attributes
    ----------
    owners
        The cases that `case` and `out` are numbers of.
    case, time, value
        The case of each row; when the decision or step was that places it in the span, in
        microseconds; its value.
    out
        The cases of the span that could not be assessed.
    measurable
        Whether the tables and columns it needs are there.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> owners = Owners.of(pd.DataFrame({"case_id": ["a"], "citizen": ["p"]}), pd.Series(day))
    >>> Sample.nothing(owners, np.array([0])).left_out
    1
    """

    owners: Owners
    case: NDArray[np.int64]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    out: NDArray[np.int64]
    measurable: bool

    @classmethod
    def nothing(cls, owners: Owners, out: NDArray[np.int64]) -> Sample:
        """Return the sample of what cannot be measured."""
        return cls(owners, _NONE, _NONE, _NONE.astype(float), out, measurable=False)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a table: ``case_id, citizen, time, value``."""
        return pd.DataFrame(
            {
                "case_id": self.owners.names.take(pa.array(self.case)).to_pandas(),
                "citizen": self.owners.citizens.take(pa.array(self.person)).to_pandas(),
                "time": pd.DatetimeIndex(self.time.view("datetime64[us]")).tz_localize("UTC"),
                "value": self.value,
            }
        )

    @property
    def person(self) -> NDArray[np.int64]:
        """The number of each row's citizen."""
        return self.owners.person[self.case]

    @property
    def left_out(self) -> int:
        """How many cases could not be assessed."""
        return self.out.size

    def within(self, span: Span) -> Sample:
        """Return the part that lies in a shorter span."""
        return self._part(_inside(self.time, span), _inside(self.owners.decided[self.out], span))

    def outside(self, spans: Sequence[Span]) -> Sample:
        """Return the part that lies in none of these spans."""
        rest = self
        for span in spans:
            out = ~_inside(rest.owners.decided[rest.out], span)
            rest = rest._part(~_inside(rest.time, span), out)
        return rest

    def of(self, cases: pd.Series) -> Sample:
        """Return the part of these cases."""
        wanted = pa.chunked_array([pa.array(cases.astype("object").astype(str), pa.string())])
        mine = np.zeros(self.owners.size + 1, dtype=np.bool_)
        mine[placed(wanted, self.owners.names)] = True
        mine[-1] = False
        return self._part(mine[self.case], mine[self.out])

    @property
    def cases(self) -> int:
        """How many cases have a value."""
        return different(self.case)

    @property
    def citizens(self) -> int:
        """How many citizens they are."""
        return different(self.person)

    @property
    def hits(self) -> tuple[int, int]:
        """Of a share: hits and base."""
        return int(self.value.sum()), self.value.size

    def _part(self, mine: NDArray[np.bool_], out: NDArray[np.bool_]) -> Sample:
        return replace(
            self, case=self.case[mine], time=self.time[mine], value=self.value[mine],
            out=self.out[out],
        )  # fmt: skip


def draw(indicator: Indicator, inputs: Inputs, span: Span) -> Sample:
    """Return the values of an indicator of any kind but ``duration`` in a span.

    Per case: over the cases whose first decision lies in the span, each counted up to it;
    a case without rows counts 0. Shares: over the base steps that lie in the span.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> from procmine.effects.windows import utc
    >>> from procmine.indicators.definitions import read_definitions
    >>> from procmine.indicators.inputs import Inputs, Span
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-20"], utc=True)
    >>> cases = pd.DataFrame({"case_id": ["a"], "start": day[:1], "decided": day[1:],
    ...     "end": day[1:], "open": [False], "citizen_id": ["p"]})
    >>> moves = pd.DataFrame({"case_id": ["a"], "to_time": day[:1], "redundant": [True],
    ...     "phase": [None]})
    >>> inputs = Inputs("x", "X", {"cases": cases, "handovers": moves}, utc("2026-02-01"),
    ...     utc("2026-01-01"), 120)
    >>> p1 = read_definitions(load_config().files["indikatorer"]).get("P1")
    >>> draw(p1, inputs, Span.of("2026-01-01", "2026-01-31")).frame["value"].tolist()
    [100.0]
    """
    if indicator.kind == "per_case":
        return _per_case(indicator, inputs, span)
    steps = inputs.rows("steps")
    if steps is None or not steps.size:
        return Sample.nothing(inputs.owners, _NONE)
    known = steps.case >= 0
    base, hit = (known & steps.steps(wanted) for wanted in (indicator.among, indicator.hits))
    if indicator.kind == "share_steps":
        return _share_steps(indicator, inputs, span, steps, np.flatnonzero(base), hit)
    return _share_cases(indicator, inputs, span, steps, np.flatnonzero(base), hit)


def _per_case(indicator: Indicator, inputs: Inputs, span: Span) -> Sample:
    owners = inputs.owners
    chosen = np.flatnonzero(_inside(owners.decided, span) & (owners.decided <= micros(inputs.cut)))
    rows = inputs.rows(indicator.table)
    columns = {indicator.time, indicator.value, *indicator.needs} - {""}
    columns |= {match.column for match in indicator.where + indicator.unknown}
    # A table without a row was not delivered: nothing was counted, which is not 0.
    if rows is None or not rows.size or not rows.has(columns):
        return Sample.nothing(owners, chosen)
    until = _until(rows, indicator, owners, chosen)
    unsure = _doubtful(rows, indicator, until, owners.size)[chosen]
    counted = np.flatnonzero(until & rows.all(indicator.where))
    weights = np.nan_to_num(rows.numbers(indicator.value)[counted]) if indicator.value else None
    sums = np.bincount(rows.case[counted], weights=weights, minlength=owners.size)
    sure = chosen[~unsure]
    if not sure.size and chosen.size:
        return Sample.nothing(owners, chosen)
    value = sums[sure].astype(np.float64) * indicator.scale
    return Sample(owners, sure, owners.decided[sure], value, chosen[unsure], measurable=True)


def _until(
    rows: Rows, indicator: Indicator, owners: Owners, chosen: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which rows of the chosen cases lie at or before the decision."""
    # A case that is not among them has no limit, and nothing lies before that.
    limit = np.full(owners.size + 1, NEVER, dtype=np.int64)
    limit[chosen] = owners.decided[chosen]
    times = rows.instants(indicator.time)
    within: NDArray[np.bool_] = (times != NEVER) & (times <= limit[rows.case])
    for match in indicator.unless:
        if rows.has([match.column]):
            within &= ~rows.match(match)
    return within


def _doubtful(
    rows: Rows, indicator: Indicator, until: NDArray[np.bool_], size: int
) -> NDArray[np.bool_]:
    """Say which cases have a row that cannot be assessed."""
    doubt = np.zeros(rows.size, dtype=np.bool_)
    for column in indicator.needs:
        doubt |= rows.empty(column)
    if indicator.needs:
        others = tuple(m for m in indicator.where if m.column not in indicator.needs)
        doubt &= rows.all(others)
    for match in indicator.unknown:
        doubt |= rows.match(match)
    found = np.zeros(size, dtype=np.bool_)
    found[rows.case[doubt & until]] = True
    return found


def _share_steps(
    indicator: Indicator,
    inputs: Inputs,
    span: Span,
    steps: Rows,
    base: NDArray[np.int64],
    hit: NDArray[np.bool_],
) -> Sample:
    times = steps.instants("time")
    mine = base[_inside(times[base], span)]
    value = hit[mine].astype(float) * indicator.scale
    case, told = steps.case[mine], bool(base.size)
    return Sample(inputs.owners, case, times[mine], value, _NONE, measurable=told)


def _share_cases(
    indicator: Indicator,
    inputs: Inputs,
    span: Span,
    steps: Rows,
    base: NDArray[np.int64],
    hit: NDArray[np.bool_],
) -> Sample:
    place = steps.numbers("seq")
    case = steps.case
    ordered = base[np.lexsort((place[base], case[base]))]
    new = np.append([True], case[ordered[1:]] != case[ordered[:-1]])[: ordered.size]
    times = steps.instants("time")
    first = ordered[new]
    first = first[_inside(times[first], span)]
    earliest = np.full(inputs.owners.size, np.inf)
    np.minimum.at(earliest, case[hit], place[hit])
    at = earliest[case[first]]
    done = at < place[first] if indicator.before else np.isfinite(at)
    value = done.astype(float) * indicator.scale
    told = bool(base.size)
    return Sample(inputs.owners, case[first], times[first], value, _NONE, measurable=told)


def _inside(times: NDArray[np.int64], span: Span) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (times >= micros(span.begin)) & (times < micros(span.finish))
    return inside
