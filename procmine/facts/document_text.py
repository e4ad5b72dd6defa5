"""The status of each document in a Danish sentence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.config.daylight import local_day
from procmine.text import t
from procmine.text.formats import day, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["document_sentences"]

_EPOCH = date(1970, 1, 1)
_STATUS = {
    "exempt": "document.exempt",
    "duplicate": "document.duplicate",
    "renewed": "document.renewed",
    "used": "document.used",
    "after_decision": "document.after_decision",
    "undecided": "document.undecided",
    "too_new": "document.too_new",
    "not_received": "document.not_received",
    "not_assessable": "document.not_assessable",
    "unused": "document.unused",
}


def document_sentences(
    judged: pa.Table,
    status: NDArray[np.str_],
    shown: dict[str, NDArray[np.bool_]],
    gate: float,
    *,
    decides: bool = True,
) -> pa.Array:
    """Return a sentence for each document: its status, and the flags that say more.

    Parameters
    ----------
    judged
        The documents with ``kind, related_number, received, next_decision, first_used``.
    status
        Status of each.
    shown
        Which documents have which flag.
    decides
        Whether the process has steps that are known to rest on documents.
    gate
        The share of cases with use links below which nothing is said.
    """
    size = judged.num_rows
    none = t("document.unknown")
    values = {
        "kind": _text(judged["kind"], none),
        "related": _text(judged["related_number"], none),
        "received": _days(judged["received"]),
        "first_used": _days(judged["first_used"]),
        "gate": pa.scalar(percent(gate)),
    }
    sentence = pa.array([""] * size, pa.string())
    texts = _STATUS if decides else _STATUS | {"undecided": "document.no_decisions"}
    told = _why_undecided(judged, status) if decides else status
    for name, key in texts.items():
        sentence = _where(pa.array(told == name), _filled(key, values, size), sentence)
    maybe = pa.array(shown["renewed"] & (status != "renewed"))
    more = _join(sentence, _filled("document.maybe_renewed", values, size))
    sentence = _where(maybe, more, sentence)
    more = _join(sentence, _filled("document.above_minimum", values, size))
    return _where(pa.array(shown["above_minimum"]), more, sentence)


def _why_undecided(judged: pa.Table, status: NDArray[np.str_]) -> NDArray[np.str_]:
    """Tell apart the undecided: those that never came, and those with a decision since."""
    came, decided = (
        pc.is_valid(judged[name]).to_numpy(zero_copy_only=False)
        for name in ("received", "next_decision")
    )
    undecided = status == "undecided"
    conditions = [undecided & ~came, undecided & decided]
    return np.select(conditions, ["not_received", "too_new"], status)


def _filled(key: str, values: dict[str, pa.Array | pa.Scalar], size: int) -> pa.Array | pa.Scalar:
    """Put columns into a text; each value stands in it at most once."""
    marks = {name: f"\x00{name}\x00" for name in values}
    parts = t(key, **marks).split("\x00")
    columns = [values[p] if n % 2 else pa.scalar(p) for n, p in enumerate(parts)]
    return _join(*columns, blank="") if size else pa.array([], pa.string())


def _join(*columns: pa.Array | pa.Scalar, blank: str = " ") -> pa.Array | pa.Scalar:
    return pc.binary_join_element_wise(*columns, blank)


def _where(mask: pa.Array, then: pa.Array | pa.Scalar, otherwise: pa.Array) -> pa.Array:
    return pc.if_else(mask, then, otherwise)


def _text(column: pa.ChunkedArray, otherwise: str) -> pa.Array:
    return pc.fill_null(column.cast(pa.string()), otherwise).combine_chunks()


def _days(column: pa.ChunkedArray) -> pa.Array:
    """Write the local day of each instant (microseconds)."""
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    at = pc.fill_null(column, 0).to_numpy().astype(np.int64)
    days, place = np.unique(local_day(at), return_inverse=True)
    names = pa.array([day(_EPOCH + timedelta(days=n)) for n in days.tolist()], pa.string())
    unknown = t("document.unknown")
    return pc.if_else(pa.array(known), names.take(pa.array(place)), unknown)
