"""Steps that no case can claim: they name the case file only (design section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.facts.attributes import literal, script
from procmine.store.snapshot import FACT_FOLDER

if TYPE_CHECKING:
    from procmine.facts.source import Source
    from procmine.store.snapshot import Snapshot

__all__ = ["UNPLACED", "read_unplaced", "unplaced_events"]

UNPLACED = "unplaced.parquet"
"""The file of unplaced steps, beside the folders of the processes' facts."""


def unplaced_events(source: Source) -> pa.Table:
    """Count the events of a catalogue's types that name a case file but none of its cases.

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
    query = script("unplaced").format(
        qualifier=literal(source.roles.case_qualifier),
        folders=", ".join(map(literal, source.roles.folder)) or "''",
        folders_none="false" if source.roles.folder else "true",
    )
    found = source.connection.sql(query).to_arrow_table()
    source.connection.unregister("_listed")
    return found


def read_unplaced(snapshot: Snapshot) -> list[tuple[str, int]]:
    """Return the unplaced steps of a snapshot by event type, as they were counted.

    Returns
    -------
    list of (activity, events)
        By name; empty where there are none, or where they were not counted.
    """
    file = snapshot.path / FACT_FOLDER / UNPLACED
    if not file.exists():
        return []
    return [(row["activity"], row["events"]) for row in pq.read_table(file).to_pylist()]
