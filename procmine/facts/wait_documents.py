"""How many hours each document was waited for: those labelled because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.facts.causes import CAUSES, TRACK_CAUSE
from procmine.facts.wait_sums import rough_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.intervals import Intervals
    from procmine.facts.labels import Segments

__all__ = ["caused_hours"]

_HOUR = 3.6e9


def caused_hours(segments: Segments, found: Intervals, documents: pa.Array) -> pa.Table:
    """Sum the hours labelled document over the time each document was outstanding.

    Hours in which several documents were outstanding count for each of them.

    Parameters
    ----------
    segments, found
        Labelled time and the intervals that it was cut from.
    documents
        Id of each filed document, in the order the intervals name them.

    Returns
    -------
    table, one row a document
        ``object_id``; ``hours``, empty where a day stamp lies at one of the ends.
    """
    ours = np.flatnonzero(found.document >= 0)
    document = found.document[ours]
    labelled = TRACK_CAUSE[segments.track] == CAUSES.index("document")
    span = np.where(labelled, segments.end - segments.start, 0)
    hours = np.bincount(document, _between(span, segments, ours), len(documents)) / _HOUR
    rough = _between(rough_ends(segments, labelled), segments, ours) > 0
    if ours.size:
        first, last = segments.first[ours], segments.last[ours] - 1
        rough |= labelled[first] & segments.start_day[first]
        rough |= labelled[last] & segments.end_day[last]
    unknown = np.bincount(document, rough, len(documents)) > 0
    return pa.table({"object_id": documents, "hours": pa.array(hours, mask=unknown)})


def _between(
    values: NDArray[np.int64] | NDArray[np.bool_],
    segments: Segments,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    total = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    between: np.ndarray[tuple[int], np.dtype[np.int64]]
    between = total[segments.last[rows]] - total[segments.first[rows]]
    return between
