"""A profile: how the files of a system become tables and a log, as data.

The shape is that of ``profile.schema.json``; the meaning of each key stands in
``docs/profiler.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "Chosen", "ColumnSpec", "EventSpec", "FileSpec", "LinkSpec", "ObjectSpec", "Profile",
    "Reach", "Rule", "SideSpec", "TableSpec", "UseSpec",
]  # fmt: skip

PERSON_KINDS = ("citizen", "staff")
OBJECT_KINDS = ("id", "ref", "citizen", "staff", "unit")
ID_KINDS = ("id", "ref", "event")
CODED_KINDS = ("code", "activity", "outcome", "unit")


@dataclass(frozen=True, slots=True)
class FileSpec:
    """How the files of a table are written."""

    encoding: str = "auto"
    delimiter: str = ";"
    decimal: str = ","
    title_rows: int = 5
    footer: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    timezone: str = "Europe/Copenhagen"
    dates: tuple[str, ...] = ("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "iso")
    sentinels: tuple[str, ...] = ("0001-01-01", "1900-01-01", "9999-12-31")
    yes: tuple[str, ...] = ("1", "true")
    no: tuple[str, ...] = ("0", "false")
    extract: str = "full"
    synthetic: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: what it holds, and what becomes of it.

    `to` is the object type that an id, reference, person or unit names (of an event
    reference: the prefix of its id); `ahead` marks times that may lie after the cut, `days`
    those whose midnights are days without a time of day.
    """

    name: str
    kind: str
    to: str = ""
    optional: bool = False
    ahead: bool = False
    days: bool = False
    names: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict, hash=False)
    known: tuple[str, ...] = ()
    codes: str = ""
    coded: bool = False
    pseudonym: bool = False
    missing: str = "orphan"
    birth_band: int = 0

    @property
    def is_object(self) -> bool:
        """Whether its cells name objects of the log."""
        return self.kind in OBJECT_KINDS and bool(self.to)

    @property
    def may_echo(self) -> bool:
        """Whether a value of it may stand in a message (exports spec, section 4)."""
        return self.coded or self.kind in CODED_KINDS


@dataclass(frozen=True, slots=True)
class Chosen:
    """A name that is fixed, or chosen by the value of a column."""

    fixed: str = ""
    column: str = ""
    map: dict[str, str] = field(default_factory=dict, hash=False)
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rows are kept; the others are left out under `code`."""

    column: str
    keep: tuple[str, ...]
    known: tuple[str, ...] = ()
    code: str = "not_performed"


@dataclass(frozen=True, slots=True)
class Reach:
    """An object that an event relates to: that of a column, or one found by links from it."""

    qualifier: Chosen
    column: str
    follow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventSpec:
    """The event that a row yields.

    `changed` names a column instead of a time: the event is that its value differs from
    the one in the delivery before; it happened between the two.
    """

    type: Chosen
    id: str
    time: tuple[str, ...] = ()
    start: str = ""
    optional: bool = False
    changed: str = ""
    when: str = ""
    when_is: tuple[str, ...] = ()
    when_is_not: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict, hash=False)
    objects: tuple[Reach, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """The object that a row describes, with fixed and changing attributes."""

    column: str
    attributes: dict[str, str] = field(default_factory=dict, hash=False)
    changes: dict[str, str] = field(default_factory=dict, hash=False)
    changes_at: str = ""


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A relation of an object to an object; a `fallback` holds only where no other does."""

    qualifier: str
    source: str
    target: str
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class UseSpec:
    """A row that says which object an event of another table used, and how."""

    object: str
    event: str
    source: str
    events: dict[str, str] = field(hash=False)
    qualifier: Chosen


@dataclass(frozen=True, slots=True)
class SideSpec:
    """A table that is kept beside the log: its name, and its columns by their new names."""

    name: str
    columns: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a delivery: its files, columns, and what its rows become."""

    name: str
    files: tuple[str, ...]
    columns: tuple[ColumnSpec, ...]
    profile: str
    system: str
    file: FileSpec = FileSpec()
    id: str = ""
    key: tuple[str, ...] = ()
    """Columns that tell, in a table without numbers, which row a later delivery corrects."""
    need: tuple[str, ...] = ()
    rule: Rule | None = None
    objects: tuple[ObjectSpec, ...] = ()
    links: tuple[LinkSpec, ...] = ()
    events: tuple[EventSpec, ...] = ()
    use: UseSpec | None = None
    side: SideSpec | None = None
    code_list: tuple[str, str] | None = None

    def column(self, name: str) -> ColumnSpec:
        """Return the column of that name.

        Raises
        ------
        KeyError
            The table has no such column; a checked profile never asks for one.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def defines(self) -> str:
        """The object type whose objects the table lists, empty where it lists none."""
        spec = self.column(self.id) if self.id else None
        return spec.to if spec is not None and spec.kind == "id" else ""

    @property
    def kept(self) -> tuple[ColumnSpec, ...]:
        """The columns that are stored: all but free text."""
        return tuple(c for c in self.columns if c.kind != "text")


@dataclass(frozen=True, slots=True)
class Profile:
    """One or several systems' tables, with the roles that their names play.

    Examples
    --------
    >>> from procmine.exports.profiles import load_profile
    >>> load_profile("kmd-aktiv").tables[0].name
    'aktiv_sanktioner'
    """

    name: str
    label: str
    note: str
    tables: tuple[TableSpec, ...]
    roles: dict[str, object] = field(hash=False)
    robots: tuple[str, ...] = ()
    robot_type: str = ""
    control: dict[str, str] = field(default_factory=dict, hash=False)
    sources: dict[str, str] = field(default_factory=dict, hash=False)

    def table(self, name: str) -> TableSpec:
        """Return the table of that name.

        Raises
        ------
        KeyError
            The profile has no such table.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
