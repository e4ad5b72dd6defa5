"""Steps that no case can claim: they name the case file only (design section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.store.relations import among
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
    pairs = {
        (step.type, catalogue.case_type)
        for catalogue in source.config.catalogues
        for step in catalogue.steps
        if step.type not in skipped
    }
    if not pairs:
        return pa.table({"activity": pa.array([], pa.string()), "events": pa.array([], pa.int64())})
    relations, roles = source.relations, source.roles
    names = sorted({name for name, _ in pairs} & set(relations.kinds))
    claims = np.array([[(k, o) in pairs for o in relations.types] for k in relations.kinds])
    folders = among(relations.types, roles.folder)
    placed = np.zeros(len(relations.at), dtype=np.bool_)
    filed = np.full(len(relations.at), not roles.folder)
    for event, target in relations.blocks(roles.case_qualifier):
        kind = relations.type[target]
        placed[event[claims[relations.kind[event], kind]]] = True
        filed[event[folders[kind]]] = True
    counts = np.bincount(relations.kind[filed & ~placed], minlength=len(relations.kinds))
    number = dict(zip(relations.kinds, counts.tolist(), strict=True))
    found = [(name, number[name]) for name in names if number[name]]
    return pa.table(
        {
            "activity": pa.array([name for name, _ in found], pa.string()),
            "events": pa.array([count for _, count in found], pa.int64()),
        }
    )


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
