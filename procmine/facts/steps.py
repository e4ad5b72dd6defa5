"""Steps of the cases: what happened, in the order that binds (design sections 2 to 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.cases import coded, instants
from procmine.facts.segments import segment_of
from procmine.facts.units import turns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.cases import Cases
    from procmine.facts.lifelines import Lifelines

__all__ = ["step_table"]

T = TypeVar("T", bound=np.generic)
_US = pa.timestamp("us", tz="UTC")


def step_table(steps: Lifelines, cases: Cases, visit: NDArray[np.int64]) -> pa.Table:
    """Return the steps by the schema, one row a step.

    Beyond the schema: ``rank``; ``value`` (a value step, elaborations included);
    ``counted`` (in the case and in a phase that counts); ``resource`` and ``meeting`` ids;
    and a column ``m_...`` for each mark (:data:`procmine.facts.activities.MARKS`).

    Parameters
    ----------
    steps, cases
        A chunk of the process.
    visit
        Number of the visit of each step, -1 for none.
    """
    activities, parts = steps.plan.activities, steps.plan.parts
    classes = tuple(sorted({c for c in activities.cls if c is not None}))
    number = {name: code for code, name in enumerate(classes)}
    by_type = np.array([-1 if c is None else number[c] for c in activities.cls], dtype=np.int64)
    kind = np.where(steps.unit >= 0, _at(parts.kind, steps.unit), -1)
    cls = _at(by_type, steps.activity)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "case_id": steps.cases["case_id"].take(pa.array(segment_of(steps.offsets))),
        "seq": pa.array(turns(steps.case)),
        "event_id": steps.rest["event_id"],
        "activity": coded(steps.activity, activities.names),
        "time": instants(steps.stamp),
        "placed": instants(steps.placed),
        "start": steps.rest["start"].cast(_US),
        "precision": steps.rest["precision"],
        "class": coded(cls, classes),
        "unit": coded(steps.unit, parts.names),
        "unit_kind": coded(kind, parts.kinds),
        "hand": pa.array(steps.hand),
        "resource": _ids(steps.resource, parts.ids),
        "phase": coded(cases.phase, cases.phases),
        "outcome": coded(steps.outcome, steps.outcomes),
        "deadline": steps.rest["deadline"].cast(_US),
        "in_case": pa.array(cases.in_case),
        "visit": pa.array(visit, mask=visit < 0),
        "source_file": steps.rest["source_file"],
        "source_line": steps.rest["source_line"],
        "rank": pa.array(_at(activities.rank, steps.activity)),
        "value": pa.array(_at(activities.value, steps.activity)),
        "counted": pa.array(cases.counted),
        "meeting": _ids(steps.meeting, parts.ids),
    }
    marks = {name: pa.array(steps.marked(name)) for name in activities.marks}
    return pa.table(columns | marks)


def _ids(places: NDArray[np.int64], ids: tuple[str, ...]) -> pa.Array:
    return pc.take(pa.array(ids, pa.string()), pa.array(places, mask=places < 0))


def _at(values: NDArray[T], places: NDArray[np.int64]) -> NDArray[T]:
    return values[np.maximum(places, 0)] if len(values) else np.zeros(len(places), values.dtype)
