"""One snapshot, opened for reading: lazily, by name, never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.errors import Fault, NotFoundError, StoreError, UsageError
from procmine.ocel.roles import Roles
from procmine.store.engine import connect, quoted
from procmine.tables.facts import FACTS
from procmine.tables.log import LOG_TABLES
from procmine.text import t

if TYPE_CHECKING:
    import duckdb

    from procmine.config.catalogue import Catalogue
    from procmine.config.load import Config

__all__ = [
    "CONFIG",
    "LOG",
    "MANIFEST",
    "Process",
    "Snapshot",
    "always",
    "empty_columns",
    "read_json",
    "read_narrow",
]

MANIFEST = "manifest.json"
LOG = "log.json"
OCEL = "ocel"
CONFIG = "config"
FACT_FOLDER = "facts"


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the log: the runs of one case type, with its catalogue where it has one."""

    name: str
    label: str
    case_type: str
    folder: str
    catalogue: Catalogue | None = None


@dataclass(frozen=True)
class Snapshot:
    """A log as it was loaded, with the definitions and the facts made from it.

    Parameters
    ----------
    path
        The snapshot's folder.

    Raises
    ------
    StoreError
        The folder holds no manifest, or one of another format.
    """

    path: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest; empty while the snapshot is being made."""
        file = self.path / MANIFEST
        return read_json(file) if file.exists() else {}

    @cached_property
    def log(self) -> dict[str, Any]:
        """What the log says of itself: roles, cut, sources (``ocel/log.json``)."""
        return read_json(self.path / OCEL / LOG)

    @cached_property
    def config(self) -> Config:
        """The definitions as they were copied in."""
        from procmine.config.load import from_sources

        folder = self.path / CONFIG
        return from_sources(
            {
                file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
                for file in sorted(folder.rglob("*.toml"))
            }
        )

    @cached_property
    def roles(self) -> Roles:
        """Which types, attributes and qualifiers play which part."""
        return Roles.from_dict(self.log.get("roles", {}))

    @property
    def cut(self) -> datetime:
        """The instant up to which the log is complete (UTC)."""
        return datetime.fromisoformat(self.log["cut"])

    @property
    def log_start(self) -> datetime:
        """The first instant of the log (UTC)."""
        return datetime.fromisoformat(self.log["log_start"])

    @property
    def synthetic(self) -> bool:
        """Whether the log was simulated, which every page must say."""
        return bool(self.log.get("synthetic", False))

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """The processes of the log, in order."""
        return tuple(
            Process(
                row["name"], row["label"], row["case_type"], row["folder"],
                self.config.catalogue(row["name"]),
            )
            for row in self._listed
        )  # fmt: skip

    @cached_property
    def _listed(self) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = read_json(self.path / "processes.json")["processes"]
        return rows

    def process(self, name: str | None = None) -> Process:
        """Return a process by name; the only one where no name is given.

        Raises
        ------
        UsageError
            No such process, or no name where the log has several.
        NotFoundError
            The log has no process at all.
        """
        names = ", ".join(p.name for p in self.processes)
        if name is None and len(self.processes) == 1:
            return self.processes[0]
        for process in self.processes:
            if process.name == name:
                return process
        fault = Fault("no_process", column=name or "", detail=names)
        if not self.processes:
            raise NotFoundError(t("store.no_processes"), (fault,))
        key = "store.which_process" if name is None else "store.no_process"
        raise UsageError(t(key, name=name or "", known=names), (fault,))

    def file(self, table: str) -> Path:
        """Return the Parquet file of one of the log's tables."""
        return self.path / OCEL / f"{table}.parquet"

    def table(self, table: str) -> pa.Table:
        """Read one of the log's tables."""
        return pq.read_table(self.file(table))

    def facts_file(self, process: str | None, kind: str) -> Path:
        """Return the Parquet file of a fact table."""
        # By the list alone: the definitions need not be read to find a file.
        named = [row["folder"] for row in self._listed if process in (row["name"], None)]
        folder = named[0] if len(named) == 1 else self.process(process).folder
        return self.path / FACT_FOLDER / folder / f"{kind}.parquet"

    def facts(self, process: str | None, kind: str, columns: list[str] | None = None) -> pa.Table:
        """Read a fact table of a process.

        Raises
        ------
        StoreError
            The table was not computed, or by a version that did not know one of the columns;
            ``procmine recompute`` makes it anew.
        """
        with _opened(self.facts_file(process, kind), columns or []) as stored:
            return stored.read(columns=columns)

    def connect(self, process: str | None = None) -> duckdb.DuckDBPyConnection:
        """Open DuckDB with a view on each table of the log, and on the facts of `process`."""
        connection = connect()
        for schema in LOG_TABLES:
            _view(connection, schema.name, self.file(schema.name))
        if process is not None or len(self.processes) == 1:
            for schema in FACTS:
                file = self.facts_file(process, schema.name)
                if file.exists():
                    _view(connection, schema.name, file)
        return connection


def _view(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(file)})")


def read_narrow(file: Path, columns: list[str], *, threads: bool = False) -> pa.Table:
    """Read a few small columns of a table, in this thread alone unless `threads`.

    For columns of a few bytes a row, threads cost more than they spare.

    Raises
    ------
    StoreError
        The file is absent, or was written by a version that did not know one of the columns.
    """
    with _opened(file, columns, pre_buffer=False) as opened:
        return opened.read(columns=columns, use_threads=threads)


def always(file: Path, column: str) -> bool:
    """Return whether a table's footer tells that a column of yes and no holds only yes.

    Raises
    ------
    StoreError
        The file is absent, or was written by a version that did not know the column.
    """
    with _opened(file, [column]) as opened:
        told, place = opened.metadata, opened.schema_arrow.names.index(column)
        groups = [told.row_group(group).column(place) for group in range(told.num_row_groups)]
        return all(
            known.is_stats_set
            and known.statistics.has_min_max
            and known.statistics.min is True
            and known.statistics.null_count == 0
            for known in groups
        )


def _opened(file: Path, columns: list[str], *, pre_buffer: bool = True) -> pq.ParquetFile:
    """Open a table that has the columns, or say that it must be made anew."""
    if not file.exists():
        raise StoreError(t("store.no_facts", kind=file.stem), (Fault("no_facts", file.stem),))
    opened = pq.ParquetFile(file, pre_buffer=pre_buffer)
    if not {*columns} <= {*opened.schema_arrow.names}:
        opened.close()
        raise StoreError(t("store.no_facts", kind=file.stem), (Fault("no_facts", file.stem),))
    return opened


def empty_columns(file: Path, columns: tuple[str, ...]) -> set[str]:
    """Return which columns of a table hold nothing; its footer tells, its rows are not read."""
    with pq.ParquetFile(file) as opened:
        told, names = opened.metadata, opened.schema_arrow.names
        filled: set[str] = set()
        for column in columns:
            place = names.index(column)
            for group in range(told.num_row_groups):
                known = told.row_group(group).column(place)
                counts = known.statistics.null_count if known.is_stats_set else None
                if counts is None:
                    read = opened.read_row_group(group, columns=[column])[column]
                    counts = read.null_count
                if counts < told.row_group(group).num_rows:
                    filled.add(column)
    return set(columns) - filled


def read_json(file: Path) -> dict[str, Any]:
    """Read a JSON object of the store.

    Raises
    ------
    StoreError
        The file is absent or damaged.
    """
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(
            t("store.damaged", file=file.name), (Fault("no_file", file.name),)
        ) from error
    except (ValueError, OSError) as error:
        raise StoreError(
            t("store.damaged", file=file.name), (Fault("damaged", file.name),)
        ) from error
    return content
