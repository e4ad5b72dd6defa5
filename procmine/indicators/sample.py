"""The cases and values that an indicator rests on in a span, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.indicators.definitions import Indicator, Match
    from procmine.indicators.inputs import Inputs, Span

__all__ = ["Sample", "draw"]

_COLUMNS = ["case_id", "citizen", "time", "value"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of an indicator in a span.

    Attributes
    ----------
    frame
        ``case_id, citizen, time, value``: one row a case, or a step for shares of steps;
        `time` is that of the decision or step which places it in the span.
    out
        ``case_id, time`` of the cases of the span that could not be assessed.
    measurable
        Whether the tables and columns it needs are there.

    Examples
    --------
    >>> empty = pd.DataFrame({"case_id": [], "citizen": [], "time": [], "value": []})
    >>> Sample(empty, empty, measurable=False).cases
    0
    """

    frame: pd.DataFrame
    out: pd.DataFrame
    measurable: bool

    @property
    def left_out(self) -> int:
        """How many cases could not be assessed."""
        return len(self.out)

    def within(self, span: Span) -> Sample:
        """Return the part that lies in a shorter span."""
        mine = self.frame[span.holds(self.frame["time"])]
        return Sample(mine, self.out[span.holds(self.out["time"])], self.measurable)

    def outside(self, spans: Sequence[Span]) -> Sample:
        """Return the part that lies in none of these spans."""
        mine, out = self.frame, self.out
        for span in spans:
            mine, out = (part[~span.holds(part["time"])] for part in (mine, out))
        return Sample(mine, out, self.measurable)

    def of(self, cases: pd.Series) -> Sample:
        """Return the part of these cases."""
        index = pd.Index(cases.astype("object").astype(str).unique())
        mine, out = (
            part[index.get_indexer(part["case_id"].astype("object").astype(str)) >= 0]
            for part in (self.frame, self.out)
        )
        return Sample(mine, out, self.measurable)

    @property
    def cases(self) -> int:
        """How many cases have a value."""
        return int(self.frame["case_id"].nunique())

    @property
    def citizens(self) -> int:
        """How many citizens they are."""
        return int(self.frame["citizen"].nunique())

    @property
    def hits(self) -> tuple[int, int]:
        """Of a share: hits and base."""
        return int(self.frame["value"].sum()), len(self.frame)


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
    steps = inputs.tables.get("steps")
    if steps is None or steps.empty:
        return _nothing()
    owners = _owners(inputs)
    base = _of(steps[_is_step(steps, indicator.among)], owners)
    hit = _of(steps[_is_step(steps, indicator.hits)], owners)
    if indicator.kind == "share_steps":
        return _share_steps(indicator, base, hit, owners, span)
    return _share_cases(indicator, base, hit, owners, span)


def _of(steps: pd.DataFrame, owners: pd.Series) -> pd.DataFrame:
    return steps[owners.reindex(steps["case_id"].astype("string")).notna().to_numpy()]


def _nothing(decided: pd.Series | None = None) -> Sample:
    return Sample(pd.DataFrame(columns=_COLUMNS), _out(decided), measurable=False)


def _out(decided: pd.Series | None) -> pd.DataFrame:
    if decided is None:
        return pd.DataFrame({"case_id": [], "time": pd.to_datetime([], utc=True)})
    return pd.DataFrame({"case_id": decided.index, "time": decided.array})


def _owners(inputs: Inputs) -> pd.Series:
    cases = inputs.durations.drop_duplicates("case_id")
    return cases.set_index("case_id")["citizen"]


def _per_case(indicator: Indicator, inputs: Inputs, span: Span) -> Sample:
    table = inputs.tables.get(indicator.table)
    columns = {indicator.time, indicator.value, *indicator.needs} - {""}
    columns |= {match.column for match in indicator.where + indicator.unknown}
    cases = inputs.tables["cases"]
    chosen = cases[span.holds(cases["decided"]) & (cases["decided"] <= inputs.cut)]
    decided = pd.Series(
        pd.to_datetime(chosen["decided"], utc=True).array,
        index=chosen["case_id"].astype("string"),
    )
    owners = _owners(inputs)
    decided = decided[owners.reindex(decided.index).notna().to_numpy()]
    # A table without a row was not delivered: nothing was counted, which is not 0.
    if table is None or table.empty or not columns <= set(table.columns):
        return _nothing(decided)
    rows = _rows_until(table, indicator, decided)
    doubtful = _doubtful(rows, indicator)
    counted = rows[_all(rows, indicator.where)]
    amounts = counted[indicator.value] if indicator.value else pd.Series(1.0, index=counted.index)
    sums = amounts.astype(float).groupby(counted["case_id"]).sum()
    values = sums.reindex(decided.index, fill_value=0.0) * indicator.scale
    sure = ~values.index.isin(list(doubtful)) if doubtful else np.ones(len(values), dtype=bool)
    values = values[sure]
    if values.empty and len(decided):
        return _nothing(decided)
    frame = pd.DataFrame(
        {
            "case_id": values.index,
            "citizen": owners.reindex(values.index).to_numpy(),
            "time": decided.reindex(values.index).array,
            "value": values.to_numpy(dtype=float),
        }
    )
    return Sample(frame, _out(decided[~sure]), measurable=True)


def _rows_until(table: pd.DataFrame, indicator: Indicator, decided: pd.Series) -> pd.DataFrame:
    """Return the rows of the decided cases whose time lies at or before the decision."""
    rows = table.assign(case_id=table["case_id"].astype("string"))
    # A case that is not among the decided has no limit, and nothing lies before that.
    limit = pd.to_datetime(decided.reindex(rows["case_id"]).array, utc=True)
    within = np.asarray(pd.to_datetime(rows[indicator.time], utc=True).array <= limit)
    rows = rows.loc[within]
    for match in indicator.unless:
        if match.column in rows:
            rows = rows[~_matches(rows, match)]
    return rows


def _doubtful(rows: pd.DataFrame, indicator: Indicator) -> set[str]:
    """Return the cases with a row that cannot be assessed."""
    others = tuple(m for m in indicator.where if m.column not in indicator.needs)
    near = rows[_all(rows, others)]
    doubt = near[list(indicator.needs)].isna().any(axis=1) if indicator.needs else None
    found = set() if doubt is None else set(near.loc[doubt, "case_id"])
    for match in indicator.unknown:
        found |= set(rows.loc[_matches(rows, match), "case_id"])
    return found


def _all(rows: pd.DataFrame, matches: Sequence[Match]) -> pd.Series:
    fits = pd.Series(data=True, index=rows.index)
    for match in matches:
        fits &= _matches(rows, match)
    return fits


def _matches(rows: pd.DataFrame, match: Match) -> pd.Series:
    return rows[match.column].astype("object").isin(list(match.values)).astype(bool)


def _is_step(steps: pd.DataFrame, wanted: Sequence[tuple[str, str]]) -> pd.Series:
    """Say which steps are one of the wanted pairs of activity and outcome (empty: any)."""
    fits = pd.Series(data=False, index=steps.index)
    activity = steps["activity"].astype("object")
    outcome = steps["outcome"].astype("object") if "outcome" in steps else None
    for name, result in wanted:
        one = activity == name
        if result:
            one &= (outcome == result) if outcome is not None else False
        fits |= one.fillna(value=False).astype(bool)
    return fits


def _share_steps(
    indicator: Indicator, base: pd.DataFrame, hit: pd.DataFrame, owners: pd.Series, span: Span
) -> Sample:
    mine = base[span.holds(base["time"])]
    names = mine["case_id"].astype("string")
    value = np.isin(mine.index.to_numpy(), hit.index.to_numpy()).astype(float)
    frame = pd.DataFrame(
        {
            "case_id": names.to_numpy(),
            "citizen": owners.reindex(names).to_numpy(),
            "time": pd.to_datetime(mine["time"], utc=True).array,
            "value": value * indicator.scale,
        }
    )
    return Sample(frame, _out(None), measurable=not base.empty)


def _share_cases(
    indicator: Indicator, base: pd.DataFrame, hit: pd.DataFrame, owners: pd.Series, span: Span
) -> Sample:
    ordered = base.sort_values(["case_id", "seq"], kind="stable")
    first = ordered.drop_duplicates("case_id")
    mine = first[span.holds(first["time"])]
    names = mine["case_id"].astype("string")
    earliest = hit.groupby(hit["case_id"].astype("string"))["seq"].min()
    at = earliest.reindex(names).to_numpy(dtype=float, na_value=np.nan)
    done = at < mine["seq"].to_numpy(dtype=float) if indicator.before else ~np.isnan(at)
    frame = pd.DataFrame(
        {
            "case_id": names.to_numpy(),
            "citizen": owners.reindex(names).to_numpy(),
            "time": pd.to_datetime(mine["time"], utc=True).array,
            "value": done.astype(float) * indicator.scale,
        }
    )
    return Sample(frame, _out(None), measurable=not base.empty)
