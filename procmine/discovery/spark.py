"""The core queries on logs larger than one machine: the same SQL on a Spark session.

The queries lie in ``portable/``; they keep to what DuckDB and Spark say alike, and sqlglot
(the extra ``spark``) writes them in Spark's dialect. The session is the user's own: Spark's,
or any other that speaks Spark Connect, such as Sail's.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.errors import Fault, UsageError
from procmine.exports.definitions import ranks_of
from procmine.store.engine import connect, quoted
from procmine.text import t

if TYPE_CHECKING:
    from procmine.store.snapshot import Snapshot

__all__ = ["Query", "ask_duckdb", "ask_spark", "portable"]

Query = Literal["ocdfg", "handovers", "waits"]
_TABLES = {
    "events": (
        "event_id",
        "CAST(event_type AS STRING) AS event_type",
        "{micros}(time) AS at_us",
    ),
    "objects": ("object_id", "CAST(object_type AS STRING) AS object_type"),
    "e2o": ("event_id", "object_id", "CAST(qualifier AS STRING) AS qualifier"),
}
_LAST = 1 << 30


def portable(name: Query | Literal["lifeline"], dialect: str = "duckdb") -> str:
    """Return the text of a core query in a dialect of SQL.

    Parameters
    ----------
    name
        Which query; ``lifeline`` is the view that the others ask.
    dialect
        ``duckdb``, in which it is written, or another that sqlglot knows.

    Raises
    ------
    UsageError
        Another dialect, and sqlglot is not installed.

    Examples
    --------
    >>> "median(dt)" in portable("ocdfg")
    True
    """
    file = resources.files("procmine.discovery") / "portable" / f"{name}.sql"
    text = file.read_text(encoding="utf-8")
    if dialect == "duckdb":
        return text
    try:
        import sqlglot  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise UsageError(t("discovery.no_sqlglot"), (Fault("no_sqlglot"),)) from error
    written: str = sqlglot.transpile(text, read="duckdb", write=dialect)[0]
    return written


def ask_spark(session: Any, snapshot: Snapshot, name: Query, folder: str = "") -> pd.DataFrame:
    """Ask a core query of a log through a Spark session.

    Parameters
    ----------
    session
        A ``pyspark.sql.SparkSession``; temporary views ``procmine_...`` are made in it.
    snapshot
        The log: its roles and definitions are taken from here.
    name
        ``ocdfg``: ``object_type, from, to, n, mean_hours, median_hours``. ``handovers``: the
        same between units, of objects of any type. ``waits``: ``object_type, activity,
        holder, n, hours, median_hours``, the time that objects lie after an activity.
    folder
        Where the session finds the log's Parquet files, if not where they are here (a
        cluster's own address of them).

    Raises
    ------
    UsageError
        sqlglot is not installed.

    References
    ----------
    Spec performance.md, section 7.
    """
    query, lifeline = portable(name, "spark"), portable("lifeline", "spark")
    source = folder or str((snapshot.path / "ocel").resolve())
    for table, columns in _TABLES.items():
        held = session.read.parquet(f"{source}/{table}.parquet")
        chosen = [column.format(micros="unix_micros") for column in columns]
        held.selectExpr(*chosen).createOrReplaceTempView(f"procmine_{table}")
    for small, content in _small(snapshot).items():
        kinds = ", ".join(
            f"{field.name} {'long' if pa.types.is_integer(field.type) else 'string'}"
            for field in content.schema
        )
        session.createDataFrame(content.to_pandas(), kinds).createOrReplaceTempView(small)
    session.sql(lifeline).createOrReplaceTempView("procmine_lifeline")
    found: pd.DataFrame = session.sql(query).toPandas()
    return found


def ask_duckdb(snapshot: Snapshot, name: Query) -> pd.DataFrame:
    """Ask the same of the same files with DuckDB; see :func:`ask_spark`."""
    with connect() as connection:
        for table, columns in _TABLES.items():
            file = quoted(snapshot.file(table))
            chosen = ", ".join(column.format(micros="epoch_us") for column in columns)
            connection.execute(
                f"CREATE VIEW procmine_{table} AS SELECT {chosen} FROM read_parquet({file})"
            )
        for small, content in _small(snapshot).items():
            connection.register(small, content)
        connection.execute(f"CREATE TEMP TABLE procmine_lifeline AS {portable('lifeline')}")
        found: pd.DataFrame = connection.sql(portable(name)).to_arrow_table().to_pandas()
        return found


def _small(snapshot: Snapshot) -> dict[str, pa.Table]:
    """Return what of roles and definitions the queries need, as tables of a few rows."""
    kinds = pq.read_table(snapshot.file("events"), columns=["event_type"])[0]
    types = sorted(set(kinds.cast(pa.string()).unique().to_pylist()))
    ranks = ranks_of(snapshot.config)
    units = snapshot.roles.unit
    return {
        "procmine_rank": pa.table(
            {
                "event_type": pa.array(types, pa.string()),
                "place": pa.array([ranks.get(kind, _LAST) for kind in types], pa.int64()),
            }
        ),
        "procmine_acting": pa.table(
            {
                "object_type": pa.array(units, pa.string()),
                "qualifier": pa.array([snapshot.roles.done_in] * len(units), pa.string()),
            }
        ),
    }
