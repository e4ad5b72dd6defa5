"""Where an event came from: delivery, file, line, and the kept columns, never the raw line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procmine.errors import Fault, NotFoundError
from procmine.exports.fates import PRECISION
from procmine.exports.persons import mask_cpr
from procmine.store.engine import connect, quoted
from procmine.text import t

__all__ = ["Trace", "trace_event"]


@dataclass(frozen=True, slots=True)
class Trace:
    """An event's origin; `cells` are the kept columns of its row, persons as pseudonyms."""

    event_id: str
    delivery: str
    file: str
    line: int
    table: str = ""
    cells: dict[str, Any] = field(default_factory=dict)


def trace_event(folder: Path, event_id: str) -> Trace:
    """Find the row that an event of a snapshot was made from.

    Parameters
    ----------
    folder
        The snapshot's folder.
    event_id
        The event's id in the log.

    Raises
    ------
    NotFoundError
        The log has no such event, or it came from no delivery.
    """
    con = connect()
    try:
        row = con.execute(
            f"SELECT source_file, source_line FROM {quoted(folder / 'ocel' / 'events.parquet')} "
            "WHERE event_id = ?",
            [event_id],
        ).fetchone()
        if row is None or row[0] is None:
            raise NotFoundError(
                t("exports.no_event", event=mask_cpr(event_id)), (Fault("no_event"),)
            )
        delivery, _, file = str(row[0]).partition("/")
        for path in sorted((folder / "tables").glob("*.parquet")):
            found = con.execute(
                f"SELECT * FROM {quoted(path)} WHERE _delivery = ? AND _file = ? AND _line = ? "
                "ORDER BY _current DESC LIMIT 1",
                [delivery, file, row[1]],
            )
            names = [column[0] for column in found.description or ()]
            cells = found.fetchone()
            if cells is not None:
                kept = {
                    name: value
                    for name, value in zip(names, cells, strict=True)
                    if not name.startswith("_") and not name.endswith(PRECISION)
                }
                return Trace(event_id, delivery, file, int(row[1]), path.stem, kept)
        return Trace(event_id, delivery, file, int(row[1]))
    finally:
        con.close()
