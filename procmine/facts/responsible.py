"""Shifts of the responsible caseworker or unit (sagsskift): a measure apart from handovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import literal, script, text

if TYPE_CHECKING:
    from procmine.facts.source import Source

__all__ = ["case_shifts"]


def case_shifts(source: Source, cases: pa.Table) -> dict[str, pa.Array]:
    """Count how often who is responsible changed between a case's start and its end.

    The initial value is not counted, nor a change to the same value (spec methods,
    section 2.1). The attribute is that of the case file, else of the case object.

    Parameters
    ----------
    source
        The log.
    cases
        Fact table with ``object_id, folder_id, start, end``.

    Returns
    -------
    dict
        ``responsible_shifts`` and ``unit_shifts``, one entry a case; empty where the log
        does not hold who is responsible for it.
    """
    roles = source.roles
    return {
        "responsible_shifts": _shifts(source, cases, roles.responsible),
        "unit_shifts": _shifts(source, cases, roles.responsible_unit),
    }


def _shifts(source: Source, cases: pa.Table, attribute: str) -> pa.Array:
    size = cases.num_rows
    if not attribute or not size:
        return pa.nulls(size, pa.int64())
    spans = pa.table(
        {
            "key": np.arange(size),
            "object_id": pc.coalesce(cases["folder_id"], cases["object_id"]),
            "low": cases["start"].cast(pa.int64()),
            "high": pc.fill_null(cases["end"].cast(pa.int64()), source.cut_us),
        }
    )
    source.connection.register("_span", spans)
    query = script("shifts").format(
        attribute=literal(attribute), initial=text(source, "object", attribute, "o")
    )
    found = source.connection.sql(query).to_arrow_table()
    source.connection.unregister("_span")
    counts, told = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    rows = found["key"].to_numpy()
    counts[rows] = found["shifts"].to_numpy().astype(np.int64)
    told[rows] = True
    return pa.array(counts, mask=~told)
