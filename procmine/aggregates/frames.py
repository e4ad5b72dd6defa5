"""Tables in, data frames out: how every aggregate reads the facts it is given."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.store.engine import connect

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["arrow", "fetched", "opened"]


def arrow(frame: pa.Table | pd.DataFrame) -> pa.Table:
    """Return `frame` as an Arrow table; pandas frames are copied, others are not.

    A :class:`procmine.store.stored.StoredTable` stands for one: only the columns that are
    selected of it are read.

    Examples
    --------
    >>> arrow(pa.table({"n": [1, 2]})).num_rows
    2
    """
    if hasattr(frame, "column_names"):
        return frame
    return pa.Table.from_pandas(frame, preserve_index=False)


def opened(**tables: pa.Table | pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with each table under its name; codes are text to it.

    One database serves the process, so that opening costs no more than a question: each
    caller has a connection of its own with tables that no other sees.

    Examples
    --------
    >>> opened(toy=pa.table({"n": [1, 2]})).execute("SELECT sum(n) FROM toy").fetchone()
    (3,)
    """
    connection = _database(os.getpid()).cursor()
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in tables.items():
        connection.register(name, arrow(table))
    return connection


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 - not over a fork
    return connect()


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
