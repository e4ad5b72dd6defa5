"""Steps that no case can claim: they name the case file only (design section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.facts.attributes import literal, script

if TYPE_CHECKING:
    from procmine.facts.source import Source

__all__ = ["unplaced_events"]


def unplaced_events(source: Source) -> pa.Table:
    """Count the events of a catalogue's types that relate to none of its processes' cases.

    Where several processes list a type, a case of any of them claims the event. Logs
    without catalogues have none.

    Returns
    -------
    table, one row an event type
        ``activity, events``, by name; types without such events are left out.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from procmine.config import load_config
    >>> from procmine.facts.source import Source
    >>> from procmine.ocel.roles import Roles
    >>> log = Source.of_tables({}, Roles(), load_config(), datetime(2026, 3, 2, tzinfo=UTC))
    >>> unplaced_events(log).num_rows
    0
    """
    skipped = set(source.roles.not_steps)
    pairs = sorted(
        {
            (step.type, catalogue.case_type)
            for catalogue in source.config.catalogues
            for step in catalogue.steps
            if step.type not in skipped
        }
    )
    listed = {
        "activity": pa.array([name for name, _ in pairs], pa.string()),
        "case_type": pa.array([case_type for _, case_type in pairs], pa.string()),
    }
    source.connection.register("_listed", pa.table(listed))
    qualifier = literal(source.roles.case_qualifier)
    found = source.connection.sql(script("unplaced").format(qualifier=qualifier)).to_arrow_table()
    source.connection.unregister("_listed")
    return found
