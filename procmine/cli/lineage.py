"""Where the rows of case-level tables came from: delivery, file and line beside each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from procmine.store.snapshot import Snapshot

__all__ = ["with_sources"]

_ENDS = ("from", "to")
_PLACE = ("source_file", "source_line")


def with_sources(frame: pd.DataFrame, snapshot: Snapshot, process: str, table: str) -> pd.DataFrame:
    """Return a table with the lines that its events or documents were read from.

    Parameters
    ----------
    frame
        Rows with ``from_event`` and ``to_event``, or documents.
    snapshot, process
        Where they came from.
    table
        Its name. ``handovers`` and ``waits`` get ``from_source`` and ``to_source``,
        ``documents`` gets ``source``, as ``delivery/file:line``; any other is returned as it
        is.
    """
    if table == "documents" and len(frame):
        ids = snapshot.facts(process, table, ["document_id", "object_id"]).to_pandas()
        lines = _lines(snapshot.table("objects"), "object_id")
        known = ids.drop_duplicates("document_id").set_index("document_id")["object_id"].map(lines)
        return frame.assign(source=frame["document_id"].astype(str).map(known))
    if f"{_ENDS[0]}_event" not in frame:
        return frame
    lines = _lines(snapshot.facts(process, "steps", ["event_id", *_PLACE]), "event_id")
    found = {f"{end}_source": frame[f"{end}_event"].astype("object").map(lines) for end in _ENDS}
    return frame.assign(**found)


def _lines(table: pa.Table, key: str) -> pd.Series[str]:
    """Return file and line by id; ids of which they are not known are left out."""
    rows = table.select([key, *_PLACE]).to_pandas().dropna().drop_duplicates(key)
    lines = rows["source_line"].astype("int64").astype(str)
    found: pd.Series[str] = rows["source_file"].astype(str) + ":" + lines
    return found.set_axis(rows[key].astype(str))
