"""What fact tables are made from: the log's tables in DuckDB, its roles, the definitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.facts.attributes import instant, text
from procmine.facts.belonging import Belonging
from procmine.facts.history import History
from procmine.store.columns import coded as as_coded
from procmine.store.columns import parts_of
from procmine.store.engine import connect
from procmine.store.relations import Relations
from procmine.tables.log import LOG_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from procmine.config.load import Config
    from procmine.ocel.roles import Roles
    from procmine.store.snapshot import Snapshot

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """The input of every fact table.

    Parameters
    ----------
    connection
        DuckDB with ``events``, ``objects``, ``e2o``, ``o2o``, ``object_changes`` and
        ``attributes`` (views or tables; schemas of :mod:`procmine.tables.log`).
    roles
        Which names of the log play which part.
    config
        Catalogues, mandates, kinds of units, settings.
    cut
        The instant up to which the log is complete (UTC).
    files
        The Parquet files of the log's tables, where it is a snapshot's.
    given
        The log's relations, where they have been read already.
    """

    connection: duckdb.DuckDBPyConnection
    roles: Roles
    config: Config
    cut: datetime
    files: Mapping[str, Path] = field(default_factory=dict)
    given: Relations | None = None
    _histories: dict[str, History] = field(default_factory=dict)

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot, relations: Relations | None = None) -> Source:
        """Open a snapshot; the caller closes :attr:`connection`."""
        files = {schema.name: snapshot.file(schema.name) for schema in LOG_TABLES}
        return cls(
            snapshot.connect(), snapshot.roles, snapshot.config, snapshot.cut, files, relations
        )

    @classmethod
    def of_tables(
        cls, tables: Mapping[str, pa.Table], roles: Roles, config: Config, cut: datetime
    ) -> Source:
        """Take a log's tables from memory, by name; those absent are empty.

        Examples
        --------
        >>> from datetime import UTC, datetime
        >>> from procmine.config import load_config
        >>> from procmine.ocel.roles import Roles
        >>> source = Source.of_tables({}, Roles(), load_config(), datetime(1970, 1, 2, tzinfo=UTC))
        >>> source.connection.sql("SELECT count(*) FROM events").fetchall(), source.cut_us
        ([(0,)], 86400000000)
        """
        connection = connect()
        for schema in LOG_TABLES:
            connection.register(schema.name, tables.get(schema.name, schema.empty()))
        return cls(connection, roles, config, cut)

    @property
    def cut_us(self) -> int:
        """The cut in microseconds since 1970 (UTC)."""
        return round(self.cut.timestamp() * 1_000_000)

    @cached_property
    def relations(self) -> Relations:
        """Events and their relations as integers, read on first use."""
        return self.given or Relations.of(self.read)

    @cached_property
    def belonging(self) -> Belonging:
        """Case files and citizens of the log's objects, read on first use."""
        return Belonging.of(self)

    @cached_property
    def beside(self) -> pa.Table:
        """``outcome`` and ``deadline`` of the log's events, where the roles name them."""
        asked = {
            "outcome": text(self, "event", self.roles.outcome, "e"),
            "deadline": instant(self, "event", self.roles.deadline, "e"),
        }
        held = {name: sql for name, sql in asked.items() if not sql.startswith("CAST(NULL")}
        if not held:
            return pa.table({})
        listed = ", ".join(f"{sql} AS {name}" for name, sql in held.items())
        found = self.connection.sql(f"SELECT {listed} FROM events AS e").to_arrow_table()
        return pa.table({name: self.relations.in_order(found[name]) for name in held})

    def history(self, attribute: str) -> History:
        """Return the values of an attribute of the log's objects, read on first use."""
        if attribute not in self._histories:
            self._histories[attribute] = History.of(self, attribute)
        return self._histories[attribute]

    def read(
        self, table: str, columns: list[str], coded: tuple[str, ...] = ()
    ) -> Iterator[pa.Table]:
        """Read columns of one of the log's tables part by part, in its order.

        Parameters
        ----------
        table
            Name of the table.
        columns
            The columns.
        coded
            Those of them that come as dictionaries: one for each chunk.
        """
        if table in self.files:
            yield from parts_of(self.files[table], columns, coded)
            return
        listed = ", ".join(f'"{name}"' for name in columns)
        found = self.connection.sql(f"SELECT {listed} FROM {table}").to_arrow_table()
        yield as_coded(found, coded)
