"""The rule table of handovers: which ones a rule demands, on what basis, until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from procmine.config.catalogue import Approval, parse_approval
from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ANY", "BASES", "Mandate"]

ANY = "*"
BASES = ("law", "local")


@dataclass(frozen=True, slots=True)
class Mandate:
    """A row of the rule table (design section 3); ``*`` fits every process or kind.

    Both ends of the validity are days that count; an open end is None.
    """

    id: str
    process: str
    from_kind: str
    to_kind: str
    basis: str
    after: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    certainty: str = ""
    approval: Approval = field(default_factory=Approval)


def parse_mandates(raw: Mapping[str, Any], file: Path) -> tuple[Mandate, ...]:
    """Check and build the rule table from its parsed TOML.

    A row's own approval holds, else that of the file.

    Raises
    ------
    ConfigError
        With every fault of the file at once.
    """
    faults: list[Fault] = []
    common = parse_approval(raw.get("approval", {}))
    rows = []
    for number, row in enumerate(raw.get("mandate", []), start=1):
        for key in ("process", "from_kind", "to_kind", "basis"):
            if not row.get(key):
                faults.append(Fault("missing_key", file.name, key, rows=(number,)))
        if row.get("basis") not in BASES:
            faults.append(Fault("unknown_basis", file.name, "basis", rows=(number,)))
        own = parse_approval(
            {"by": row.get("approved_by", ""), "role": row.get("approved_role", ""),
             "on": row.get("approved_on", "")}
        )  # fmt: skip
        rows.append(
            Mandate(
                id=row.get("id", f"{file.stem}-{number}"),
                process=row.get("process", ""),
                from_kind=row.get("from_kind", ""),
                to_kind=row.get("to_kind", ""),
                basis=row.get("basis", ""),
                after=tuple(row.get("after", ())),
                purpose=tuple(row.get("purpose", ())),
                valid_from=_day(row.get("valid_from")),
                valid_to=_day(row.get("valid_to")),
                source=row.get("source", ""),
                certainty=row.get("certainty", ""),
                approval=own if own.given else common,
            )
        )
    if faults:
        message = t("config.bad_file", file=file.name, faults="; ".join(f.line() for f in faults))
        raise ConfigError(message, tuple(faults))
    return tuple(rows)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
