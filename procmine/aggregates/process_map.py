"""The process map: activities, the ways between them, and how long each way takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from procmine.aggregates.cells import Cells, Owned, cells_of, owned
from procmine.aggregates.frames import arrow
from procmine.aggregates.map_hiding import hidden_map
from procmine.disclosure import minimum_count
from procmine.facts.order import DAY
from procmine.tables.numbers import coded, equals, flags, micros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.load import Config

__all__ = ["ProcessMap", "process_map", "simplified"]

_OF_STEPS = ("seq", "activity", "unit", "unit_kind", "class", "placed", "start", "precision")
_DAY_US = 86_400e6
_HOUR_US = 3.6e9


@dataclass(frozen=True)
class ProcessMap:
    """A map as two data frames.

    Parameters
    ----------
    nodes
        One row an activity, in the order of its usual place in a case: ``activity, label,
        unit_kind, step_class, n, cases, citizens, last_in_open, place, mean_place,
        median_days_before, median_business_hours_before, approximate``.
    edges
        One row a way: ``from`` (empty: the case begins), ``to`` (empty: it ends), ``n,
        cases, citizens, coarse, median_days, mean_days, p90_days, total_days,
        median_hours, mean_hours, median_business_hours, mean_business_hours, approximate``.
        The ``n`` of approximate rows is rounded to tens.
    hidden_nodes, hidden_edges
        How many activities and ways are left out because too few citizens took them.
    simplified_nodes, simplified_edges
        How many more are left out to keep the picture readable.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    hidden_nodes: int = 0
    hidden_edges: int = 0
    simplified_nodes: int = 0
    simplified_edges: int = 0


def process_map(
    steps: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    config: Config | None = None,
    *,
    process: str = "",
    minimum: int | None = None,
    disclose: bool = False,
) -> ProcessMap:
    """Count activities and the ways between them, over the steps within each case.

    Parameters
    ----------
    steps, cases
        Fact tables of one process (``procmine.tables.facts``).
    config
        Gives the labels and the working calendars; without it there are no working hours.
    process
        Whose labels they are: processes may call one activity by different names.
    minimum
        Activities and ways of fewer citizens (cases, where the log has no citizens) are
        left out, and counts that would give these, or a few open cases, away are rounded.
    disclose
        True keeps everything: for the analyst's own eyes.

    Returns
    -------
    ProcessMap
        Days are calendar days: exact where both stamps are, whole days where one of them
        is a day only (then ``median_hours`` rests on the exact ones alone).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (2, 4)]
    >>> steps = pa.table({
    ...     "case_id": ["1", "1"], "seq": [0, 1], "activity": ["a", "b"], "placed": at,
    ...     "start": pa.nulls(2, pa.timestamp("us", "UTC")), "precision": ["second"] * 2,
    ...     "class": ["", ""], "unit": ["U", "U"], "unit_kind": ["K", "K"],
    ...     "in_case": [True, True]})
    >>> cases = pa.table({"case_id": ["1"], "citizen_id": ["p"], "open": [False]})
    >>> found = process_map(steps, cases, disclose=True)
    >>> found.edges[found.edges["from"] == "a"]["median_days"].tolist()
    [2.0]
    """
    life = _lifelines(steps, cases)
    gaps = _gaps(life, config)
    nodes, edges = _nodes(life, gaps), _edges(life, gaps)
    nodes["label"] = [config.label(a, process) if config else a for a in nodes["activity"]]
    nodes["approximate"] = False
    edges["approximate"] = False
    nodes = nodes.sort_values(["place", "mean_place", "activity"], ignore_index=True)
    edges = edges.sort_values(["n", "from", "to"], ascending=[False, True, True])
    found = ProcessMap(nodes, edges.reset_index(drop=True))
    return found if disclose else _suppressed(found, minimum_count(minimum))


def simplified(full: ProcessMap, nodes: int = 18, ways: float = 1.7) -> ProcessMap:
    """Keep the most frequent activities, and of the ways the strongest.

    Each kept activity keeps its strongest way in and out, so that the main path is whole;
    then the strongest follow, up to `ways` for each activity.

    Examples
    --------
    >>> import pandas as pd
    >>> nodes = pd.DataFrame({"activity": ["a", "b", "c"], "n": [9, 9, 1]})
    >>> edges = pd.DataFrame({"from": ["a", "b"], "to": ["b", "c"], "n": [9, 1]})
    >>> simplified(ProcessMap(nodes, edges), nodes=2).edges["to"].tolist()
    ['b']
    """
    kept = set(full.nodes.sort_values(["n", "activity"], ascending=[False, True])
               .head(nodes)["activity"])  # fmt: skip
    inside = full.edges[_within(full.edges["from"], kept) & _within(full.edges["to"], kept)]
    ranked = inside.sort_values("n", ascending=False, kind="stable")
    strongest = set(ranked.groupby("from", dropna=False).head(1).index)
    strongest |= set(ranked.groupby("to", dropna=False).head(1).index)
    room = max(int(ways * len(kept)), len(strongest))
    chosen = sorted(strongest.union(ranked.index[:room]))
    return replace(
        full,
        nodes=full.nodes[full.nodes["activity"].isin(kept)].reset_index(drop=True),
        edges=full.edges.loc[chosen].reset_index(drop=True),
        simplified_nodes=len(full.nodes) - len(kept),
        simplified_edges=len(full.edges) - len(chosen),
    )


def _within(column: pd.Series[str], kept: set[str]) -> pd.Series[bool]:
    return column.isin(kept) | column.isna()


@dataclass(frozen=True)
class _Lifelines:
    """The steps inside the cases, each case's in order.

    Attributes
    ----------
    own
        The steps.
    first, last
        Whether no step of its case comes before, or after.
    open
        Whether the case is open, so that its last step leads nowhere.
    place
        Number of the step in its case, from 0.
    """

    own: Owned
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    open: NDArray[np.bool_]
    place: NDArray[np.float64]


def _lifelines(steps: pa.Table | pd.DataFrame, cases: pa.Table | pd.DataFrame) -> _Lifelines:
    known, own = arrow(cases), owned(steps, cases, "in_case", *_OF_STEPS)
    own = own.of(flags(own.rows["in_case"])).sorted("seq")
    size = own.case.size
    new = np.ones(size + 1, dtype=np.bool_)
    new[1:-1] = own.case[1:] != own.case[:-1]
    begins = np.flatnonzero(new[:-1])
    place = np.arange(size) - np.repeat(begins, np.diff(np.append(begins, size)))
    return _Lifelines(own, new[:-1], new[1:], flags(known["open"])[own.case], place.astype(float))


@dataclass(frozen=True)
class _Gaps:
    """The time between each step and the next of its case.

    `at` are the places of the steps that have a next one; `coarse`, `days` and
    `business_hours` are of the gap after each (the latter NaN where they are not known).
    """

    at: NDArray[np.int64]
    coarse: NDArray[np.bool_]
    days: NDArray[np.float64]
    business_hours: NDArray[np.float64]


def _gaps(life: _Lifelines, config: Config | None) -> _Gaps:
    """Measure the gaps; working hours in the calendar of the unit that ends each."""
    rows, at = life.own.rows, np.flatnonzero(~life.last)
    placed = micros(rows["placed"])
    begin = np.where(rows["start"].is_valid(), micros(rows["start"].fill_null(0)), placed)
    left = placed[at]
    right = np.maximum(begin[at + 1], left)
    day = equals(rows["precision"], DAY)
    coarse = day[at] | day[at + 1]
    days = (right - left) / _DAY_US
    days = np.where(coarse, np.floor(days + 0.5), days)
    if config is None:
        return _Gaps(at, coarse, days, np.full(at.size, np.nan))
    from procmine.config.worktime import WorkTime

    work = WorkTime.from_config(config)
    unit, names = coded(rows["unit"])
    own = work.calendar_of([*names.to_pylist(), None]) if len(work.names) > 1 else None
    calendar = 0 if own is None else own[unit[at + 1]]
    worked = (work.business_us(right, calendar) - work.business_us(left, calendar)) / _HOUR_US
    return _Gaps(at, coarse, days, np.where(coarse, np.nan, worked))


def _nodes(life: _Lifelines, gaps: _Gaps) -> pd.DataFrame:
    own = life.own
    cells, keys = own.cells("activity")
    before = Cells(cells.cell[gaps.at + 1], cells.size)
    return pd.DataFrame(
        {
            "activity": keys["activity"],
            "unit_kind": cells.commonest(own.rows["unit_kind"]).to_pandas(),
            "step_class": cells.commonest(own.rows["class"]).to_pandas(),
            **own.counts(cells),
            "last_in_open": cells.count(life.last & life.open),
            "place": cells.quantiles(life.place)[0],
            "mean_place": cells.mean(life.place),
            "median_days_before": before.quantiles(gaps.days)[0],
            "median_business_hours_before": before.quantiles(gaps.business_hours)[0],
        }
    )


def _edges(life: _Lifelines, gaps: _Gaps) -> pd.DataFrame:
    """Return the ways, those from the beginning and to the end of cases included."""
    own, at, exact = life.own, gaps.at, ~gaps.coarse
    activity = own.rows["activity"].combine_chunks()
    ends = {"from": activity.take(pa.array(at)), "to": activity.take(pa.array(at + 1))}
    cells, keys = cells_of({name: pa.chunked_array([end]) for name, end in ends.items()})
    median, late = cells.quantiles(gaps.days, (0.5, 0.9))
    hours = median if exact.all() else cells.quantiles(gaps.days, where=exact)[0]
    parts = [
        pd.DataFrame(
            {
                "from": keys["from"],
                "to": keys["to"],
                "n": cells.count(),
                "cases": cells.distinct(own.case[at]),
                "citizens": cells.distinct(own.person[at]),
                "coarse": pd.array(cells.any(gaps.coarse), dtype="boolean"),
                "median_days": median,
                "mean_days": cells.mean(gaps.days),
                "p90_days": late,
                "total_days": cells.total(gaps.days),
                "median_hours": 24 * hours,
                "mean_hours": 24 * cells.mean(gaps.days, exact),
                "median_business_hours": cells.quantiles(gaps.business_hours)[0],
                "mean_business_hours": cells.mean(gaps.business_hours),
            }
        )
    ]
    cells, keys = own.cells("activity")
    for end, where in (("to", life.first), ("from", life.last & ~life.open)):
        found = pd.DataFrame({end: keys["activity"], **own.counts(cells, where)})
        parts.append(found[found["n"] > 0])
    return pd.concat(parts, ignore_index=True)


def _suppressed(full: ProcessMap, minimum: int) -> ProcessMap:
    nodes, edges = hidden_map(full.nodes, full.edges, minimum)
    return ProcessMap(
        nodes,
        edges,
        hidden_nodes=len(full.nodes) - len(nodes),
        hidden_edges=len(full.edges) - len(edges),
    )
