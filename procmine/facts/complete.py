"""What waits and documents add: the cost of handovers, hours and documents of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.cost import around, block_costs, blocks, find_gaps, row_costs, unsure
from procmine.facts.writer import Writer
from procmine.tables.facts import CASES, HANDOVERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Completion"]

_COST = "avoidable_business_hours"
_NOTE = ("duplicate", "renewed", "after_decision", "unused")
"""Statuses of documents that count as flagged."""


class Completion:
    """Cases and handovers of a process on their way to disk.

    What a handover costs rests on the median gap of the whole process, so the handovers
    of each chunk wait in a file until the last one is known.

    Handovers get ``avoidable_business_hours`` (design section 3, cost of a visit); cases
    hours waited and worked, documents, and ``avoidable_business_hours`` of their redundant
    visits, each gap counted once.

    Parameters
    ----------
    folder
        Where the fact tables of the process lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spool = folder / ".handovers.arrows"
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None
        self._cases: list[pa.Table] = []
        self._within: list[Floats] = [np.zeros(0)]
        self._union: list[Floats] = [np.zeros(0)]
        self._whose: list[Ints] = [np.zeros(0, dtype=np.int64)]
        self._seen = 0
        self._works = False

    def __enter__(self) -> Self:
        """Begin; nothing is written yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what waits."""
        if self._writer is not None:
            self._writer.close()
        self._spool.unlink(missing_ok=True)

    @property
    def cases(self) -> pa.Table:
        """The cases so far."""
        if not self._cases:
            return CASES.empty()
        return pa.concat_tables(self._cases).unify_dictionaries()

    def add(
        self, steps: pa.Table, cases: pa.Table, handovers: pa.Table, waits: pa.Table, after: Ints
    ) -> None:
        """Take a chunk of cases.

        Parameters
        ----------
        steps, cases, handovers
            Their tables, in order of the cases.
        waits
            Their labelled intervals (schema WAITS).
        after
            Row of the step that each interval follows.
        """
        ids = cases["case_id"].combine_chunks()
        case = _places(steps["case_id"], ids)
        within, gaps = find_gaps(case, steps["visit"], waits, after)
        whose = _places(handovers["case_id"], ids)
        before, behind = around(whose, handovers["visit"].to_numpy(), gaps)
        before, behind = unsure(handovers, whose, before, behind)
        union, owner = blocks(handovers, whose, before, behind)
        self._within.append(within)
        self._union.append(union)
        self._whose.append(owner + self._seen)
        self._seen += cases.num_rows
        self._cases.append(self._with_hours(cases, waits, case[after]))
        held = handovers.append_column("_before", pa.array(before))
        held = held.append_column("_after", pa.array(behind))
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(str(self._spool), held.schema, options=options)
        self._writer.write_table(held)

    def _with_hours(self, cases: pa.Table, waits: pa.Table, case: Ints) -> pa.Table:
        """Return the cases with hours waited and worked; empty where a day stamp lies in it."""
        working = np.asarray(pc.equal(waits["cause"].cast(pa.string()), "working"), np.bool_)
        self._works |= bool(working.any())
        inside = np.asarray(waits["in_case"], dtype=np.bool_)
        untold = np.asarray(pc.is_null(waits["hours"]), dtype=np.bool_)
        hours = np.asarray(pc.fill_null(waits["hours"], 0.0))
        size = cases.num_rows
        unknown = np.bincount(case[inside & untold], minlength=size) > 0
        for name, rows in (("wait_hours", inside & ~working), ("work_hours", inside & working)):
            total = np.bincount(case[rows], weights=hours[rows], minlength=size)
            place = cases.column_names.index(name)
            cases = cases.set_column(place, name, pa.array(total.astype(float), mask=unknown))
        return cases

    def finish(self, documents: pa.Table | None) -> None:
        """Write cases and handovers.

        Parameters
        ----------
        documents
            The documents of the process (schema DOCUMENTS); None where the log has none.
        """
        within = np.concatenate(self._within)
        usual = float(np.median(within)) if len(within) else 0.0
        with Writer(self._folder / f"{HANDOVERS.name}.parquet", HANDOVERS) as writer:
            for held in self._held():
                cost = row_costs(held, usual)
                place = held.column_names.index(_COST)
                table = held.set_column(place, _COST, pa.array(cost, mask=np.isnan(cost)))
                writer.add(table.drop_columns(["_before", "_after"]))
        cases = self.cases
        cost = block_costs(
            np.concatenate(self._union), np.concatenate(self._whose), usual, cases.num_rows
        )
        ungraded = np.asarray(pc.is_null(cases["redundant_handovers"]))
        if not self._works:
            place = cases.column_names.index("work_hours")
            none = pa.nulls(cases.num_rows, pa.float64())
            cases = cases.set_column(place, "work_hours", none)
        if documents is not None:
            cases = _with_documents(cases, documents)
        cases = cases.append_column(_COST, pa.array(cost, mask=np.isnan(cost) | ungraded))
        with Writer(self._folder / f"{CASES.name}.parquet", CASES) as writer:
            writer.add(CASES.check(cases))

    def _held(self) -> Iterator[pa.Table]:
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        with pa.OSFile(str(self._spool)) as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])


def _places(column: pa.ChunkedArray, ids: pa.Array) -> Ints:
    found = pc.index_in(column.cast(pa.string()), value_set=ids)
    return np.asarray(found, dtype=np.int64)


def _with_documents(cases: pa.Table, documents: pa.Table) -> pa.Table:
    filed = documents.filter(pc.is_valid(documents["case_id"]))
    case = pc.index_in(filed["case_id"].cast(pa.string()), cases["case_id"].combine_chunks())
    known = np.asarray(pc.is_valid(case), dtype=np.bool_)
    place = np.asarray(pc.fill_null(case, 0), dtype=np.int64)[known]
    flags = pc.fill_null(pc.not_equal(filed["flags"].cast(pa.string()), ""), fill_value=False)
    noted = pc.is_in(filed["status"].cast(pa.string()), value_set=pa.array(_NOTE))
    flagged = np.asarray(pc.or_(flags, noted), dtype=np.bool_)[known]
    size = cases.num_rows
    for name, rows in (("documents", place), ("flagged_documents", place[flagged])):
        column = pa.array(np.bincount(rows, minlength=size))
        cases = cases.set_column(cases.column_names.index(name), name, column)
    return cases
