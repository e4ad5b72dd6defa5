"""What waits and documents add: the cost of handovers, hours and documents of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from procmine.facts.attributes import script
from procmine.facts.cost import Gaps, case_costs, costs, read_gaps
from procmine.facts.writer import Writer, case_ranges, read_range
from procmine.store.engine import quoted
from procmine.tables.facts import CASES, DOCUMENTS, HANDOVERS, STEPS, WAITS

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from procmine.tables.schema import Schema

__all__ = ["RANGE_STEPS", "complete"]

RANGE_STEPS = 1_000_000
"""Steps of the cases that are worked on at a time."""

_ADDED = ("wait_hours", "work_hours", "documents", "flagged_documents")


def complete(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, range_steps: int = RANGE_STEPS
) -> None:
    """Add to the handovers and cases in `folder` what waits and documents tell of them.

    Handovers get ``avoidable_business_hours`` (design section 3, cost of a visit); cases
    hours waited and worked, documents, and ``avoidable_business_hours`` of their redundant
    visits, each gap counted once.

    Parameters
    ----------
    connection
        Any DuckDB connection.
    folder
        The fact tables of one process, waits and documents among them or not.
    range_steps
        About how many steps are worked on at a time.
    """
    cases = pq.read_table(_file(folder, CASES))
    cost = np.zeros(cases.num_rows)
    known = _file(folder, WAITS).exists()
    if known:
        cost = _with_costs(connection, folder, cases, range_steps)
        for name, column in _sums(connection, folder).items():
            cases = cases.set_column(cases.column_names.index(name), name, column)
    ungraded = np.asarray(pc.is_null(cases["redundant_handovers"]))
    values = pa.array(cost, mask=np.isnan(cost) | ungraded | (not known))
    name = "avoidable_business_hours"
    if name in cases.column_names:
        cases = cases.drop_columns([name])
    with Writer(_file(folder, CASES), CASES) as writer:
        writer.add(CASES.check(cases.append_column(name, values)))


def _with_costs(
    connection: duckdb.DuckDBPyConnection, folder: Path, cases: pa.Table, range_steps: int
) -> NDArray[np.float64]:
    """Rewrite the handovers with their cost; return what each case's redundant ones cost."""
    file = _file(folder, HANDOVERS)
    ranges = list(case_ranges(cases, range_steps))
    gaps = [
        read_gaps(connection, _file(folder, STEPS), _file(folder, WAITS), part) for part in ranges
    ]
    usual = Gaps.join(gaps).usual
    found = np.zeros(cases.num_rows)
    ids = cases["case_id"].combine_chunks()
    with Writer(file, HANDOVERS) as writer:
        for part, known in zip(ranges, gaps, strict=True):
            table = read_range(file, part)
            cost, before, after = costs(table, known, usual)
            column = pa.array(cost, mask=np.isnan(cost))
            place = table.column_names.index("avoidable_business_hours")
            writer.add(HANDOVERS.check(table.set_column(place, "avoidable_business_hours", column)))
            whose, hours = case_costs(table, before, after, usual)
            found[np.asarray(pc.index_in(whose, ids), dtype=np.int64)] = hours
    return found


def _sums(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, pa.ChunkedArray]:
    documents = _file(folder, DOCUMENTS)
    has_documents = documents.exists()
    query = script("completed").format(
        cases=_read(_file(folder, CASES)),
        waits=_read(_file(folder, WAITS)),
        documents=_read(documents) if has_documents else _none(DOCUMENTS),
        has_documents=str(has_documents),
    )
    found = connection.sql(query).to_arrow_table()
    schema = CASES.arrow()
    return {name: found[name].cast(schema.field(name).type) for name in _ADDED}


def _file(folder: Path, schema: Schema) -> Path:
    return folder / f"{schema.name}.parquet"


def _read(file: Path) -> str:
    return f"read_parquet({quoted(file)})"


def _none(schema: Schema) -> str:
    columns = ", ".join(f'NULL AS "{name}"' for name in schema.names)
    return f"(SELECT {columns} LIMIT 0)"
