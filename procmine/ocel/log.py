"""The log: an OCEL 2.0 log as six checked Arrow tables, with its roles and its origin."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from procmine.errors import Fault, LogError, TableError
from procmine.ocel.order import canonical, repeated
from procmine.ocel.roles import Roles
from procmine.tables.log import ATTR_PREFIX, LOG_TABLES
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.ocel.order import Ends
    from procmine.tables.schema import Schema

__all__ = ["BARE_TYPES", "VALUE_TYPES", "Ocel", "plain"]

VALUE_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}
"""The attribute types of OCEL 2.0 and the Arrow type that holds each."""

META_FILE = "log.json"
BARE_TYPES = "bare_types"
"""In the meta: the types, by owner, that a file declares though nothing else tells of them."""
ROW_GROUP = 120_000
LINEAGE = frozenset(("source_file", "source_line"))


@dataclass(frozen=True, eq=False)
class Ocel:
    """An object-centric event log: what every reader makes and every analysis takes.

    The tables keep the schemas of :mod:`procmine.tables.log` and the canonical order:
    events by (time, rank of the type, id), objects by (type, id), relations by the place
    of their two ends, changes by (object, attribute, time, value). Attributes stand as
    columns ``attr.NAME``; `attributes` says which type declares which, with what type.

    Parameters
    ----------
    events, objects, e2o, o2o, object_changes, attributes
        The tables; use :meth:`build` to have them checked and sorted.
    roles
        Which names play which part.
    meta
        What ``log.json`` holds beside the roles: cut, sources, origin.

    Examples
    --------
    >>> log = Ocel.build({})
    >>> log.events.num_rows, log.event_types
    (0, ())
    """

    events: pa.Table
    objects: pa.Table
    e2o: pa.Table
    o2o: pa.Table
    object_changes: pa.Table
    attributes: pa.Table
    roles: Roles = field(default_factory=Roles)
    meta: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        tables: Mapping[str, pa.Table],
        roles: Roles | None = None,
        meta: Mapping[str, Any] | None = None,
        rank: Mapping[str, int] | None = None,
        *,
        ends: Mapping[str, Ends] | None = None,
    ) -> Ocel:
        """Check `tables`, sort them canonically and make the log.

        Parameters
        ----------
        tables
            By name (``events``, ``e2o`` ...); those absent are empty.
        roles, meta
            See the class.
        rank
            Rank of each event type (its row in the catalogue); types without one come last.
        ends
            Of a reader that has looked up every relation: by table the rows of both ends in
            `events` and `objects`, whose ids it has seen to be distinct.

        Raises
        ------
        TableError
            A table that breaks its schema.
        LogError
            Attribute columns that the declarations do not name, or the other way round.
        """
        checked = {
            schema.name: _shaped(schema, tables.get(schema.name, schema.empty()))
            for schema in LOG_TABLES
        }
        faults = _attribute_faults(checked)
        if faults:
            raise LogError(t("ocel.bad_log", count=len(faults)), tuple(faults))
        repeats = repeated(checked, distinct=ends is not None)
        ordered = canonical(checked, rank or {}, repeats, ends or {})
        if repeats:
            raise TableError("\n".join(fault.line() for fault in repeats), tuple(repeats))
        return cls(**ordered, roles=roles or Roles(), meta=dict(meta or {}))

    @classmethod
    def read(cls, folder: Path) -> Ocel:
        """Read the log from the Parquet files of `folder`.

        Raises
        ------
        LogError
            A file of the log is absent.
        TableError
            A table that breaks its schema.
        """
        folder = Path(folder)
        names = [*(f"{schema.name}.parquet" for schema in LOG_TABLES), META_FILE]
        absent = [name for name in names if not (folder / name).is_file()]
        if absent:
            faults = tuple(Fault("missing_file", name) for name in absent)
            raise LogError(t("ocel.no_folder", path=folder, files=", ".join(absent)), faults)
        tables = {
            schema.name: _shaped(schema, pq.read_table(folder / f"{schema.name}.parquet"))
            for schema in LOG_TABLES
        }
        meta = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
        return cls(**tables, roles=Roles.from_dict(meta.pop("roles", {})), meta=meta)

    def write(self, folder: Path) -> None:
        """Write the log to `folder` as Parquet files; ``log.json``, the last, completes it."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / META_FILE).unlink(missing_ok=True)
        for name, table in self.tables().items():
            pq.write_table(
                table, folder / f"{name}.parquet", compression="zstd", row_group_size=ROW_GROUP
            )
        meta = {"roles": self.roles.to_dict(), **self.meta}
        text = json.dumps(meta, ensure_ascii=False, indent=2, sort_keys=True)
        (folder / META_FILE).write_text(text + "\n", encoding="utf-8")

    def tables(self) -> dict[str, pa.Table]:
        """Return the six tables by name."""
        return {schema.name: getattr(self, schema.name) for schema in LOG_TABLES}

    def with_roles(self, roles: Roles) -> Ocel:
        """Return the same log with other roles."""
        return replace(self, roles=roles)

    @property
    def event_types(self) -> tuple[str, ...]:
        """Event types that occur, in alphabetical order."""
        return _distinct(self.events["event_type"])

    @property
    def object_types(self) -> tuple[str, ...]:
        """Object types that occur, in alphabetical order."""
        return _distinct(self.objects["object_type"])

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        return {name: table.num_rows for name, table in self.tables().items()}

    def declared(self, owner: str) -> dict[str, dict[str, tuple[str, str]]]:
        """Return the declarations of ``event`` or ``object`` types.

        Returns
        -------
        dict
            Type to attribute to (value type, column); types of which there is no instance
            stand there too, where the file that was read declared them.

        Examples
        --------
        >>> Ocel.build({}).declared("event")
        {}
        """
        bare = self.meta.get(BARE_TYPES, {}).get(owner, ())
        found: dict[str, dict[str, tuple[str, str]]] = {kind: {} for kind in bare}
        for row in self.attributes.to_pylist():
            if row["owner"] == owner:
                pair = (row["value_type"], row["column"])
                found.setdefault(row["type"], {})[row["attribute"]] = pair
        return found

    def equals(self, other: Ocel, *, lineage: bool = False) -> bool:
        """Say whether both hold the same log: types, instants, qualifiers, changes, order.

        Parameters
        ----------
        other
            The log to compare with.
        lineage
            Whether the source file and line of each row must be the same too.
        """
        return not self.differences(other, lineage=lineage)

    def differences(self, other: Ocel, *, lineage: bool = False) -> tuple[str, ...]:
        """Return the columns, as ``table.column``, in which two logs differ.

        Examples
        --------
        >>> Ocel.build({}).differences(Ocel.build({}))
        ()
        """
        found: list[str] = []
        for name, mine in self.tables().items():
            theirs = other.tables()[name]
            columns = sorted({*mine.column_names, *theirs.column_names})
            for column in columns:
                if column in LINEAGE and not lineage:
                    continue
                if not _same(mine, theirs, column):
                    found.append(f"{name}.{column}")
        return tuple(found)


def _shaped(schema: Schema, table: pa.Table) -> pa.Table:
    """Check columns and types; that keys are unique is checked faster by :func:`repeated`.

    A log read back from its own folder was checked when it was built.
    """
    keyless = tuple(replace(column, key=False) for column in schema.columns)
    return replace(schema, columns=keyless).check(table)


def plain(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the array with dictionary codes written out as strings.

    Examples
    --------
    >>> plain(pa.chunked_array([pa.array(["a"]).dictionary_encode()])).type
    DataType(string)
    """
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array


def _same(mine: pa.Table, theirs: pa.Table, column: str) -> bool:
    if column not in mine.column_names or column not in theirs.column_names:
        return False
    left, right = plain(mine[column]), plain(theirs[column])
    if pa.types.is_floating(left.type) and pa.types.is_floating(right.type):
        # NaN is the same as NaN here: what was read is what was written.
        left, right = (pc.if_else(pc.is_nan(c), pa.scalar(None, c.type), c) for c in (left, right))
        nothing = (pc.is_null(c[column]) for c in (mine, theirs))
        return bool(left.equals(right)) and bool(next(nothing).equals(next(nothing)))
    return bool(left.equals(right))


def _distinct(array: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(sorted(pc.unique(plain(array)).to_pylist()))


def _attribute_faults(tables: Mapping[str, pa.Table]) -> list[Fault]:
    faults: list[Fault] = []
    rows = tables["attributes"].to_pylist()
    for owner, table in (("event", "events"), ("object", "objects")):
        wanted = {row["column"]: row["value_type"] for row in rows if row["owner"] == owner}
        held = tables[table].schema
        present = {name for name in held.names if name.startswith(ATTR_PREFIX)}
        faults.extend(Fault("undeclared_attribute", table, n) for n in sorted(present - {*wanted}))
        faults.extend(Fault("missing_column", table, n) for n in sorted({*wanted} - present))
        faults.extend(
            Fault("wrong_type", table, name, detail=wanted[name])
            for name in sorted(present & {*wanted})
            if held.field(name).type != VALUE_TYPES.get(wanted[name])
        )
    return faults
