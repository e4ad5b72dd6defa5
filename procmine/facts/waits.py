"""Waiting: one cause for every instant of a case (design section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.config.daylight import local_day
from procmine.facts.causes import CAUSES, NATURES, TRACK_CAUSE, track
from procmine.facts.claims import intervals
from procmine.facts.intervals import ENDS
from procmine.facts.labels import label
from procmine.facts.wait_rows import Rows
from procmine.facts.wait_sums import BY_CASE, case_sums
from procmine.facts.wait_text import explanations
from procmine.tables.facts import WAITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.worktime import WorkTime
    from procmine.facts.claims import WaitInput
    from procmine.facts.intervals import Intervals
    from procmine.facts.labels import Segments
    from procmine.facts.timeline import Timeline
    from procmine.store.snapshot import Snapshot

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["WaitTables", "unexplained_transitions", "wait_tables", "waits_by_case"]

_HOUR = 3.6e9
_DAY = 24 * _HOUR
_US = pa.timestamp("us", tz="UTC")
_ROWS = WAITS.without_keys()
"""Rows of a case lie between distinct boundaries, so that no two begin and end alike."""


@dataclass(frozen=True)
class WaitTables:
    """What waiting yields for a set of cases.

    Attributes
    ----------
    rows
        One row a labelled interval (schema WAITS).
    by_case
        One row a case: hours, days, exclusive and inclusive hours per cause.
    segments, intervals
        The labelled segments and the intervals behind them.
    after
        Step that each row of `rows` follows (row of the timeline).
    """

    rows: pa.Table
    by_case: pa.Table
    segments: Segments
    intervals: Intervals
    after: Ints


def wait_tables(
    line: Timeline,
    given: WaitInput,
    time: WorkTime,
    *,
    documents: pa.Array | None = None,
    starts_known: bool | None = None,
) -> WaitTables:
    """Label the time of every case from its start to its end or the cut.

    Parameters
    ----------
    line
        Cases and steps of one process.
    given
        Catalogue, documents, meetings and rules that waiting rests on.
    time
        Working calendars.
    documents
        Id of each filed document, in the order of `given.filed`.
    starts_known
        Whether the log holds true starts at all; None asks these steps. Without them the
        time that is left over includes the work itself, and its explanation says so.

    Returns
    -------
    WaitTables
        The rows of a case with ``in_case`` partition its time exactly; those without lie
        after its end.

    Notes
    -----
    Rows split at every step and wherever the label changes. Hours and business hours are
    empty where a day stamp lies at an end; business hours are those of the calendar of the
    unit whose step ends the transition.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> from procmine.config.worktime import WorkTime
    >>> from procmine.facts.claims import WaitInput
    >>> from procmine.facts.timeline import Timeline
    >>> from procmine.tables.facts import CASES, STEPS
    >>> line = Timeline.of(STEPS.empty(), CASES.empty(), 0)
    >>> wait_tables(line, WaitInput(), WorkTime.from_config(load_config())).rows.num_rows
    0
    """
    segments, found = label(line, intervals(line, given))
    rows = Rows.of(line, segments)
    known = line.has_starts if starts_known is None else starts_known
    columns = _columns(line, rows, found, time)
    holder = columns.pop("_holder")
    columns["holder"] = _coded(holder, line.units)
    columns["opened_by"] = _opener(line, rows, found, documents)
    columns["explanation"] = explanations(
        line, rows, found, holder,
        labels=given.labels, assumed_days=given.assumed_days, starts_known=known,
    )  # fmt: skip
    table = _ROWS.check(pa.table(columns))
    return WaitTables(table, case_sums(line, segments), segments, found, rows.from_step)


def waits_by_case(snapshot: Snapshot, process: str | None = None) -> pa.Table:
    """Return one row a case with hours, days, exclusive and inclusive hours per cause.

    Parameters
    ----------
    snapshot
        A snapshot with its facts.
    process
        Name of the process; may be left out where the log has one.

    Raises
    ------
    StoreError
        The facts were not computed.
    """
    return snapshot.facts(process, BY_CASE.name)


def unexplained_transitions(waits: pa.Table, n: int = 5) -> pa.Table:
    """Return the transitions with most time that no cause accounts for.

    Parameters
    ----------
    waits
        Rows of the schema WAITS; those after the cases' ends are left out.
    n
        How many transitions.

    Returns
    -------
    table, at most `n` rows
        ``from_activity, to_activity`` (empty for open cases), ``cases, days, share`` of all
        days without a registered cause; most days first.

    Examples
    --------
    >>> rows = pa.table({"case_id": ["c", "c"], "from_activity": ["a", "b"],
    ...     "to_activity": ["b", None], "cause": ["unexplained", "citizen"],
    ...     "days": [3.0, 4.0], "in_case": [True, True]})
    >>> unexplained_transitions(rows).to_pylist()
    [{'from_activity': 'a', 'to_activity': 'b', 'cases': 1, 'days': 3.0, 'share': 1.0}]
    """
    frame = waits.filter(pc.and_(waits["in_case"], pc.equal(waits["cause"], CAUSES[-1])))
    keys = ["from_activity", "to_activity"]
    plain = pa.table({name: frame[name].cast(pa.string()) for name in (*keys, "case_id")})
    plain = plain.append_column("days", frame["days"])
    summed = plain.group_by(keys).aggregate([("days", "sum"), ("case_id", "count_distinct")])
    summed = summed.rename_columns({"days_sum": "days", "case_id_count_distinct": "cases"}).select(
        [*keys, "cases", "days"]
    )
    total = pc.sum(summed["days"]).as_py() or 1.0
    summed = summed.append_column("share", pc.divide(summed["days"], total))
    order = [("days", "descending"), *((name, "ascending") for name in keys)]
    return summed.sort_by(order).slice(0, n)


def _columns(line: Timeline, rows: Rows, found: Intervals, time: WorkTime) -> dict[str, Any]:
    elapsed = rows.end - rows.start
    calendar = time.calendar_of([*line.units, None])[_of(line.unit, rows.to_step)]
    worked = time.between(rows.start, rows.end, calendar)
    whole = local_day(rows.end) - local_day(rows.start)
    days = np.where(rows.by_day, whole, elapsed / _DAY)
    given = rows.interval >= 0
    how = np.where(given, found.how[rows.interval], -1) if found.how.size else rows.interval
    steps = line.steps
    return {
        "case_id": line.case_id.take(pa.array(rows.case)),
        "from_event": _at(steps["event_id"], rows.from_step),
        "to_event": _at(steps["event_id"], rows.to_step),
        "from_activity": _coded(_of(line.activity, rows.from_step), line.activities),
        "to_activity": _coded(_of(line.activity, rows.to_step), line.activities),
        "start": pa.array(rows.start).cast(_US),
        "end": pa.array(rows.end).cast(_US),
        "hours": pa.array(elapsed / _HOUR, mask=rows.by_day),
        "business_hours": pa.array(worked, mask=rows.by_day),
        "days": pa.array(days.astype(np.float64)),
        "days_low": pa.array(np.where(rows.by_day, np.maximum(whole - 1.0, 0.0), days)),
        "days_high": pa.array(np.where(rows.by_day, whole + 1.0, days)),
        "_holder": _of(line.unit, _of(line.last_hand(), rows.from_step)),
        "phase": _at(steps["phase"], np.maximum(rows.to_step, rows.from_step)),
        "cause": _coded(TRACK_CAUSE[rows.track], CAUSES),
        "nature": _coded(rows.track, NATURES),
        "assumed_deadline": pa.array(rows.track == track("citizen_assumed")),
        "censored": pa.array(rows.censored),
        "in_case": pa.array(rows.inside),
        "ended_by": _coded(how, ENDS),
    }


def _opener(
    line: Timeline, rows: Rows, found: Intervals, documents: pa.Array | None
) -> pa.Array | pa.ChunkedArray:
    """Return the event or document that the label rests on."""
    if not found.how.size:
        return pa.nulls(rows.case.size, pa.string())
    given = rows.interval >= 0
    step = np.where(given, found.opened[rows.interval], -1)
    by_step = _at(line.steps["event_id"], step)
    if documents is None:
        return by_step
    document = np.where(given, found.document[rows.interval], -1)
    by_document = _at(documents, document)
    return pc.coalesce(by_step, by_document)


def _of(values: Ints, rows: Ints) -> Ints:
    found: Ints = np.where(rows >= 0, values[rows], -1) if values.size else rows
    return found


def _at(column: pa.ChunkedArray | pa.Array, rows: Ints) -> pa.ChunkedArray | pa.Array:
    return column.cast(pa.string()).take(pa.array(rows, mask=rows < 0))


def _coded(codes: Ints, names: tuple[str, ...]) -> pa.DictionaryArray:
    distinct = {name: place for place, name in reversed(list(enumerate(names)))}
    if len(distinct) < len(names):
        places = {name: place for place, name in enumerate(distinct)}
        codes = np.where(codes >= 0, np.array([places[name] for name in names])[codes], -1)
        names = tuple(distinct)
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
