"""Columns that name objects, as numbers: each text is looked up once, not once a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.exports.sql import object_of, quoted_name

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.profile import ColumnSpec, TableSpec
    from procmine.exports.settle import Settlement

__all__ = ["Names", "coded_column"]

Codes = npt.NDArray[np.int32]
_LAST = -1


def coded_column(file: Path, name: str) -> tuple[pa.Array, Codes]:
    """Return a column's texts, each once, and which of them each row has (-1: none)."""
    with pq.ParquetFile(file, read_dictionary=[name]) as rows:
        cells = rows.read(columns=[name]).column(name).unify_dictionaries()
    if not cells.num_chunks:
        return pa.array([], pa.string()), np.zeros(0, np.int32)
    words = cells.chunk(0).dictionary
    codes = [part.indices.fill_null(_LAST).to_numpy() for part in cells.chunks]
    return words, np.concatenate(codes, dtype=np.int32)


class Names:
    """What the columns of the merged tables that name objects hold.

    The view of a column (:meth:`view`) has each text once, units in their one spelling,
    under the column's own name, with its number and whether a row that holds has it.
    """

    def __init__(self, work: Settlement, tables: list[TableSpec], scratch: Path) -> None:
        """Make the views; needs ``unit_names``. `scratch` holds each row's numbers meanwhile."""
        self._work, self._scratch = work, scratch
        self._counts: dict[str, int] = {}
        self._views: dict[tuple[str, str], str] = {}
        self._known: tuple[str, dict[str, Codes]] = ("", {})
        for table in tables:
            for spec in table.kept:
                if spec.is_object:
                    self._views[table.name, spec.name] = self._make(table, spec)
        pa.default_memory_pool().release_unused()

    def view(self, table: TableSpec, spec: ColumnSpec) -> str:
        """Return the name of a column's view."""
        return self._views[table.name, spec.name]

    def places(self, table: TableSpec, name: str) -> Codes:
        """Return the place (from 1) among ``objects`` that each row names; 0 where none.

        The columns of one table are kept until another is asked for.
        """
        if self._known[0] != table.name:
            self._known = (table.name, {})
        known = self._known[1]
        if name not in known:
            known[name] = self._placed(table, name)
        return known[name]

    def _placed(self, table: TableSpec, name: str) -> Codes:
        spec = table.column(name)
        view = self.view(table, spec)
        found = self._work.con.sql(
            f"SELECT n.number, o.place FROM {view} n JOIN objects o "
            f"ON o.object_id = {object_of(spec, 'n')}"
        ).fetchnumpy()
        place = np.zeros(self._counts[view] + 1, np.int32)  # the last: rows without a text
        place[found["number"]] = found["place"]
        codes: Codes = np.load(self._scratch / f"{view}.npy")
        return place[codes]

    def _make(self, table: TableSpec, spec: ColumnSpec) -> str:
        con, name = self._work.con, quoted_name(spec.name)
        words, codes = coded_column(self._work.merged[table.name], spec.name)
        view = f"names_{len(self._views)}"
        np.save(self._scratch / f"{view}.npy", codes)
        self._counts[view] = len(words)
        con.register(f"{view}_words", pa.table({
            "word": words,
            "number": np.arange(len(words), dtype=np.int32),
            "held": self._held(table, codes, len(words)),
        }))  # fmt: skip
        if spec.kind == "unit":
            word, units = "u.name", "LEFT JOIN unit_names u ON u.folded = lower(w.word)"
        else:
            word, units = "w.word", ""
        con.execute(
            f"CREATE TEMP VIEW {view} AS SELECT w.number, w.held, {word} AS {name} "
            f"FROM {view}_words w {units}"
        )
        return view

    def _held(self, table: TableSpec, codes: Codes, count: int) -> npt.NDArray[np.bool_]:
        """Return which texts stand in a row that holds."""
        with pq.ParquetFile(self._work.merged[table.name]) as rows:
            current = rows.read(columns=["_current"]).column("_current")
        held = np.zeros(count + 1, np.bool_)
        held[codes[current.to_numpy()]] = True
        return held[:count]
