"""What a sound profile may still not mean: names that nothing else in it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.names import nearest
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.exports.profile import Profile

__all__ = ["profile_notes"]

_TYPES = ("resource", "unit", "citizen", "document", "meeting", "folder")
_RELATIONS = ("case_qualifier", "done_by", "done_in")


def profile_notes(profile: Profile) -> list[str]:
    """Return sentences on names that look misspelt; none of them stops a load.

    Roles that name types or relations that no table makes, relations to follow that no table
    links, and references to a type that no table lists where one of a like name is listed.

    Examples
    --------
    >>> from procmine.exports.profiles import load_profile
    >>> profile_notes(load_profile("kmd"))
    []
    """
    return list(dict.fromkeys((*_roles(profile), *_references(profile), *_events(profile))))


def _roles(profile: Profile) -> Iterator[str]:
    types = {c.to for table in profile.tables for c in table.columns if c.to}
    types |= {profile.robot_type} - {""}
    chosen = [
        reach.qualifier
        for table in profile.tables for event in table.events for reach in event.objects
    ]  # fmt: skip
    relations = {name for one in chosen for name in (one.fixed, one.otherwise, *one.map.values())}
    for role in (*_TYPES, *_RELATIONS):
        said = profile.roles.get(role, ())
        known = types if role in _TYPES else relations
        names = said if isinstance(said, list | tuple) else (said,)
        for name in map(str, names):
            near = nearest(name, known)
            # One that another role plays is no misspelling of this one.
            if name not in known and near and near not in profile.roles.values():
                yield t("exports.note_role", role=role, name=name, near=near)


def _references(profile: Profile) -> Iterator[str]:
    listed = {table.defines for table in profile.tables} - {""}
    for table in profile.tables:
        for column in table.columns:
            near = nearest(column.to, listed) if column.kind == "ref" else ""
            if near and column.to not in listed:
                yield t("exports.note_reference", table=table.name, column=column.name,
                        name=column.to, near=near)  # fmt: skip


def _events(profile: Profile) -> Iterator[str]:
    links = {link.qualifier for table in profile.tables for link in table.links}
    for table in profile.tables:
        for event in table.events:
            for reach in event.objects:
                for name in reach.follow:
                    if name not in links:
                        near = nearest(name, links)
                        hint = t("exports.near", near=near) if near else ""
                        yield t("exports.note_follow", table=table.name, name=name,
                                hint=hint).rstrip()  # fmt: skip
    if not any(table.events for table in profile.tables):
        yield t("exports.note_no_events")
