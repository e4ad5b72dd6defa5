"""Meetings that a unit offers, from its booking list (design section 4, meeting slot)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from procmine.config.load import Config

__all__ = ["with_plan"]

_FILE = "moedeplan"
_LOCAL = ZoneInfo("Europe/Copenhagen")


def with_plan(held: pa.Table, config: Config, process: str) -> pa.Table:
    r"""Put the meetings of the booking list in place of those that were held, unit by unit.

    The list knows of meetings that took no case, and of those to come; a unit that it does
    not name keeps the meetings that the log shows.

    Parameters
    ----------
    held
        ``unit`` (name), ``at`` (UTC microseconds) and ``day`` (whether only the day is
        known) of the meetings in the log.
    config
        Definitions, with or without ``moedeplan.toml``: rows ``unit, at`` and, where they
        are for one process alone, ``process``. Times without an offset are local.
    process
        The process.

    Returns
    -------
    table
        As `held`.

    Examples
    --------
    >>> from procmine.config.load import from_sources, load_config
    >>> plan = '[[slot]]\nunit = "Team"\nat = 1970-01-02T01:00:00'
    >>> config = from_sources(load_config().sources | {"moedeplan.toml": plan})
    >>> held = pa.table({"unit": ["Team", "Other"], "at": [5, 7], "day": [False, True]})
    >>> with_plan(held, config, "p").to_pylist()
    [{'unit': 'Other', 'at': 7, 'day': True}, {'unit': 'Team', 'at': 86400000000, 'day': False}]
    """
    rows = [
        row
        for row in config.files.get(_FILE, {}).get("slot", ())
        if row.get("process", process) == process
    ]
    if not rows:
        return held
    planned = pa.table({
        "unit": pa.array([str(row["unit"]) for row in rows], pa.string()),
        "at": pa.array([_instant(row["at"]) for row in rows], pa.int64()),
        "day": pa.array([_is_day(row["at"]) for row in rows], pa.bool_()),
    })  # fmt: skip
    names = held["unit"].cast(pa.string())
    kept = held.filter(pc.invert(pc.is_in(names, planned["unit"].combine_chunks())))
    both = pa.concat_tables([kept.select(planned.column_names).cast(planned.schema), planned])
    return both.sort_by([("unit", "ascending"), ("at", "ascending")])


def _is_day(value: date | datetime | str) -> bool:
    """Say whether a booking names the day alone."""
    if isinstance(value, str):
        return len(value) == len("2026-03-02")
    return not isinstance(value, datetime)


def _instant(value: date | datetime | str) -> int:
    """Return an instant in UTC microseconds; a day is its beginning."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    local = moment if moment.tzinfo else moment.replace(tzinfo=_LOCAL)
    return round(local.timestamp() * 1_000_000)
