"""Tables in, data frames out: how every aggregate reads the facts it is given."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.store.engine import connect

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["arrow", "fetched", "opened", "sql"]


def arrow(frame: pa.Table | pd.DataFrame) -> pa.Table:
    """Return `frame` as an Arrow table; pandas frames are copied, Arrow ones are not.

    Examples
    --------
    >>> arrow(pa.table({"n": [1, 2]})).num_rows
    2
    """
    if isinstance(frame, pa.Table):
        return frame
    return pa.Table.from_pandas(frame, preserve_index=False)


def opened(**tables: pa.Table | pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with each table under its name.

    Codes (dictionary columns) become plain text, so that values of two tables compare.

    Examples
    --------
    >>> opened(toy=pa.table({"n": [1, 2]})).execute("SELECT sum(n) FROM toy").fetchone()
    (3,)
    """
    connection = connect()
    for name, table in tables.items():
        connection.register(name, _plain(arrow(table)))
    return connection


def fetched(relation: duckdb.DuckDBPyRelation | duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the rows of a query as a data frame.

    Examples
    --------
    >>> with opened(toy=pa.table({"n": [1, 2]})) as connection:
    ...     len(fetched(connection.sql("FROM toy")))
    2
    """
    frame: pd.DataFrame = relation.df()
    return frame


def sql(name: str) -> str:
    """Return the text of a query that lies beside this module.

    Examples
    --------
    >>> sql("process_map").startswith("--")
    True
    """
    path = resources.files("procmine.aggregates") / f"{name}.sql"
    return path.read_text(encoding="utf-8")


def _plain(table: pa.Table) -> pa.Table:
    fields = [
        pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type)
        for f in table.schema
    ]
    return table.cast(pa.schema(fields))
