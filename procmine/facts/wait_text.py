"""The cause of each waiting interval in a Danish sentence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.facts.causes import REST, TRACKS, track
from procmine.facts.intervals import ENDS
from procmine.facts.segments import bounds
from procmine.facts.sentences import filled
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procmine.facts.intervals import Intervals
    from procmine.facts.timeline import Timeline
    from procmine.facts.wait_rows import Rows

    Ints = NDArray[np.int64]

__all__ = ["explanations"]

_ROOM = 1 << 62
_BY_STEP = {
    "citizen": "wait.citizen",
    "citizen_assumed": "wait.citizen",
    "legal_period": "wait.legal_period",
    "payment_run": "wait.payment_run",
    "appeal_body": "wait.appeal_body",
    "document": "wait.document",
    "document_mandatory": "wait.document_mandatory",
    "meeting_slot": "wait.meeting_slot",
    "meeting_queue": "wait.meeting_queue",
}
_BY_DOCUMENT = {
    "document": "wait.by_document",
    "document_mandatory": "wait.by_document_mandatory",
}
_ALONE = {
    "working": "wait.working",
    "between_units": "wait.between_units",
    "busy": "wait.busy",
}
_ENDED = {
    "closer": "wait.ended.closer",
    "deadline": "wait.ended.deadline",
    "assumed": "wait.ended.assumed",
    "decided": "wait.ended.decided",
    "end": "wait.ended.end",
    "cut": "wait.ended.cut",
}


def explanations(
    line: Timeline,
    rows: Rows,
    found: Intervals,
    holder: Ints,
    *,
    labels: Callable[[str], str],
    assumed_days: int,
    starts_known: bool,
) -> pa.Array:
    """Return the sentence of each row.

    Sentences name activities and units, no dates: rows with the same words share one.

    Parameters
    ----------
    line
        Cases and steps.
    rows
        The labelled rows.
    found
        Intervals that gave the labels.
    holder
        Code of the unit with which the case lies, -1 unknown.
    labels
        Look-up of an activity's label.
    assumed_days
        Days that a citizen is taken to have where no deadline is known.
    starts_known
        Whether true starts exist, so that what is left over holds no work.
    """
    size = rows.case.size
    if not size:
        return pa.array([], pa.string())
    given = (rows.interval >= 0) & bool(found.how.size)
    at = np.where(given, rows.interval, 0)
    nothing = np.full(size, -1, dtype=np.int64)
    opened = np.where(given, found.opened[at], -1) if found.how.size else nothing
    closed = np.where(given, found.closed[at], -1) if found.how.size else nothing
    how = np.where(given, found.how[at], 0) if found.how.size else nothing + 1
    marked = np.isin(rows.track, [track(name) for name in (*_BY_STEP, "working")])
    first = np.where(marked, _of(line.activity, opened), line.activity[rows.from_step])
    second = np.where(marked, _of(line.activity, closed), _of(line.activity, rows.to_step))
    second_unit = np.where(rows.track == track("between_units"), _of(line.unit, closed), -1)
    who = np.where(marked, -1, holder)
    key = np.stack([rows.track, how, first, second, who, second_unit])
    distinct, place = _unique(key)
    words = _Words(line, labels, assumed_days, starts_known)
    return words.sentences(distinct).take(pa.array(place))


def _unique(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], Ints]:
    """Return the distinct columns of `key`, and which of them each column is."""
    low = key.min(axis=1)
    widths = (key.max(axis=1) - low + 1).tolist()
    packed = np.zeros(key.shape[1], dtype=np.int64)
    room = 1
    for row, least, width in zip(key, low, widths, strict=True):
        if room * width >= _ROOM:
            _, packed = np.unique(packed, return_inverse=True)
            room = int(packed.max()) + 1
        packed = packed * width + (row - least)
        room *= width
    codes = pa.array(packed).dictionary_encode()
    place = codes.indices.to_numpy().astype(np.int64)
    first = np.empty(len(codes.dictionary), dtype=np.int64)
    first[place[::-1]] = np.arange(key.shape[1])[::-1]
    return key[:, first], place


@dataclass(frozen=True)
class _Words:
    line: Timeline
    labels: Callable[[str], str]
    assumed_days: int
    starts_known: bool

    def sentences(self, key: NDArray[np.int64]) -> pa.Array:
        """Return the sentence of each column of codes: those that are worded alike together."""
        tracks, how, first, second, holder, receiver = key
        worded = ((tracks * len(ENDS) + how) * 2 + (first >= 0)) * 2 + (second >= 0)
        order = np.argsort(worded, kind="stable")
        edges = bounds(worded[order])
        texts = []
        activities = pa.array(["", *map(self.labels, self.line.activities)], pa.string())
        units = pa.array([t("wait.no_unit"), *self.line.units], pa.string())
        for low, high in pairwise(edges.tolist()):
            rows = order[low:high]
            one = rows[0]
            template = self._template(
                int(tracks[one]), int(how[one]), opened=first[one] >= 0, closed=second[one] >= 0
            )
            values = {
                "first": activities.take(pa.array(first[rows] + 1)),
                "second": activities.take(pa.array(second[rows] + 1)),
                "holder": units.take(pa.array(holder[rows] + 1)),
                "receiver": units.take(pa.array(receiver[rows] + 1)),
            }
            texts.append(filled(template, values, len(rows)))
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pa.concat_arrays(texts).take(pa.array(back))

    def _template(self, track_no: int, how: int, *, opened: bool, closed: bool) -> str:
        """Return a sentence with braces where activities and units stand."""
        name = TRACKS[track_no]
        words = {name: f"{{{name}}}" for name in ("first", "second", "holder", "receiver")}
        words["days"] = number(self.assumed_days)
        if name in _ALONE:
            return t(_ALONE[name], **words)
        if track_no == REST:
            key = "wait.unexplained" if closed else "wait.unexplained_open"
            return t(key, **words) + ("" if self.starts_known else " " + t("wait.with_work"))
        opener = t(_BY_STEP[name] if opened else _BY_DOCUMENT[name], **words)
        return f"{opener} {self._end(name, ENDS[how], words, closed=closed)}".strip()

    def _end(self, name: str, how: str, words: dict[str, str], *, closed: bool) -> str:
        if how == "closer" and name == "meeting_slot":
            return ""
        if how == "closer" and not closed:
            return t("wait.ended.received")
        return t(_ENDED[how], **words)


def _of(values: Ints, rows: Ints) -> Ints:
    found: Ints = np.where(rows >= 0, values[rows], -1) if values.size else rows
    return found
