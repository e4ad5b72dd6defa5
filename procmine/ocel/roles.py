"""Roles: which object types, attributes and qualifiers of a log play which part.

Code knows roles, never names: they come from profiles, or from the options of an import.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Roles"]


@dataclass(frozen=True, slots=True)
class Roles:
    """The parts that names of a log play; an empty name means that the log lacks the part.

    Object types: `resource` (who acts), `unit` (where), `document`, `citizen`, `meeting`,
    `folder` (the case file that plans and sanctions belong to).

    Attributes of objects: `unit_kind`, `document_kind`, `document_direction`,
    `document_hash`, `document_valid_to`, `document_reason` (why it was renewed),
    `document_pages`, `document_sender`, `responsible` and `responsible_unit` (changing),
    `target_group` (changing), `closed_on` (the folder's closing day).

    Attributes of events: `outcome`, `deadline`, `system`, `attended`.

    Qualifiers of O2O: `citizen_of` (folder to citizen), `part_of` (case object to folder),
    `filed_on` (document to folder or case object), `replaces` (document to document),
    `appeals` (complaint to case object). Of E2O: `case_qualifier` (empty: any relation
    makes the event the case's), `requests`, `receives`, `creates`, `registers` (to a
    document), `done_by`, `done_in`, `held_at`.

    `not_steps`: event types that are no step of any process.

    Examples
    --------
    >>> roles = Roles(resource=("staff",), done_by="by")
    >>> Roles.from_dict(roles.to_dict()) == roles
    True
    """

    resource: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    citizen: tuple[str, ...] = ()
    meeting: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()
    unit_kind: str = ""
    document_kind: str = ""
    document_direction: str = ""
    document_hash: str = ""
    document_valid_to: str = ""
    document_reason: str = ""
    document_pages: str = ""
    document_sender: str = ""
    responsible: str = ""
    responsible_unit: str = ""
    target_group: str = ""
    closed_on: str = ""
    outcome: str = ""
    deadline: str = ""
    system: str = ""
    attended: str = ""
    case_qualifier: str = ""
    citizen_of: str = ""
    part_of: str = ""
    filed_on: str = ""
    replaces: str = ""
    appeals: str = ""
    requests: str = ""
    receives: str = ""
    creates: str = ""
    registers: str = ""
    done_by: str = ""
    done_in: str = ""
    held_at: str = ""
    not_steps: tuple[str, ...] = ()

    @property
    def no_case(self) -> frozenset[str]:
        """Object types that are never a case by themselves (design section 3)."""
        return frozenset((*self.resource, *self.unit, *self.document))

    def to_dict(self) -> dict[str, Any]:
        """Return the filled roles as plain data for JSON or TOML."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Roles:
        """Build roles from plain data.

        Raises
        ------
        ConfigError
            A role that is not known, or a value that is no name, or no list of names.
        """
        known = {f.name: f.default for f in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in raw.items():
            if name not in known:
                fault = Fault("unknown_role", column=name, detail=", ".join(sorted(known)))
                raise ConfigError(t("roles.unknown", name=name, known=fault.detail), (fault,))
            many = isinstance(known[name], tuple)
            if isinstance(value, str):
                values[name] = (value,) if many else value
            elif (
                many
                and isinstance(value, list | tuple)
                and all(isinstance(each, str) for each in value)
            ):
                values[name] = tuple(value)
            else:
                key = "roles.names" if many else "roles.one_name"
                raise ConfigError(t(key, name=name), (Fault("wrong_type", column=name),))
        return cls(**values)
