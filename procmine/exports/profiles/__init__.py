"""Find, read and check profiles: shipped ones by name, a municipality's own by path."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from procmine.errors import ConfigError, Fault
from procmine.exports.names import nearest
from procmine.exports.persons import mask_cpr, shown_name
from procmine.exports.profile import Profile
from procmine.exports.profiles.check import person_faults, structure_faults
from procmine.exports.profiles.fits import fit_faults, part_faults
from procmine.exports.profiles.kinds import kind_faults
from procmine.exports.profiles.lines import Lines
from procmine.exports.profiles.parse import parse_tables, reference_faults
from procmine.exports.profiles.read import read_text, read_toml
from procmine.text import t

__all__ = ["load_profile", "profile_names", "profile_schema"]


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles.

    Examples
    --------
    >>> "kmd" in profile_names()
    True
    """
    return tuple(sorted(_shipped()))


@cache
def profile_schema() -> dict[str, Any]:
    """Return the published JSON schema that every profile follows.

    Examples
    --------
    >>> profile_schema()["properties"]["format"]
    {'const': 1}
    """
    path = resources.files("procmine.exports") / "profile.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def load_profile(name: str | Path) -> Profile:
    """Read a profile: a shipped one's name, or the path of a TOML file.

    Raises
    ------
    ConfigError
        No such profile, TOML that cannot be read, or every fault of the file at once,
        each with its line and the nearest known word.

    Examples
    --------
    >>> load_profile("enheder").tables[0].files
    ('enheder*.csv',)
    """
    return _load(name, Path(), ())


def _load(name: str | Path, folder: Path, within: tuple[str, ...]) -> Profile:
    """Read a profile named in a file of `folder`; `within` are the unions it is part of."""
    text, where, place = _text(name, folder)
    if str(place) in within:
        message = t("exports.profile_cycle", file=where)
        raise ConfigError(message, (Fault("cycle", where),))
    return _checked(text, where, place, within)


@cache
def _checked(text: str, where: str, place: Path, within: tuple[str, ...]) -> Profile:
    raw = read_toml(text, where)
    lines = Lines(text)
    faults = person_faults(raw, where, lines) or structure_faults(raw, where, lines)
    faults = faults or part_faults(raw, where, lines)
    if faults:
        raise _error(where, faults)
    if "union" in raw:
        return _union(raw, text, where, place, (*within, str(place)))
    tables = parse_tables(raw)
    faults = reference_faults(raw, tables, where, lines)
    faults = faults or kind_faults(raw, tables, where, lines) + fit_faults(raw, where, lines)
    if faults:
        raise _error(where, faults)
    staff = raw.get("staff", {})
    return Profile(
        name=raw["name"],
        label=raw.get("label", raw["name"]),
        note=raw.get("note", ""),
        tables=tables,
        roles=raw.get("roles", {}),
        robots=tuple(staff.get("robots", ())),
        robot_type=staff.get("robot_type", ""),
        control=dict(raw.get("control", {})),
        sources={where: text},
    )


def _union(
    raw: dict[str, Any], text: str, where: str, place: Path, within: tuple[str, ...]
) -> Profile:
    parts = []
    for part in raw["union"]["of"]:
        try:
            parts.append(_load(part, place.parent, within))
        except ConfigError as error:
            if [fault.code for fault in error.faults] != ["no_profile"]:
                raise
            line = Lines(text).find(["union"], part)
            message = t("exports.profile_part", file=where, line=line, why=str(error))
            raise ConfigError(message, error.faults) from error
    roles: dict[str, Any] = {}
    for part in parts:
        for role, value in part.roles.items():
            if isinstance(value, list):
                known = roles.setdefault(role, [])
                known.extend(v for v in value if v not in known)
            else:
                roles[role] = value
    control: dict[str, str] = {}
    sources = {where: text}
    for part in parts:
        control |= part.control
        sources |= part.sources
    return Profile(
        name=raw["name"],
        label=raw.get("label", raw["name"]),
        note=raw.get("note", ""),
        tables=tuple(table for part in parts for table in part.tables),
        roles=roles | raw.get("roles", {}),
        robots=tuple(dict.fromkeys(robot for part in parts for robot in part.robots)),
        robot_type=next((part.robot_type for part in parts if part.robot_type), ""),
        control=control,
        sources=sources,
    )


@cache
def _shipped() -> dict[str, str]:
    folder = resources.files("procmine.exports.profiles")
    found = {}
    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            text = file.read_text(encoding="utf-8")
            found[str(tomllib.loads(text)["name"])] = text
    return found


def _text(name: str | Path, folder: Path) -> tuple[str, str, Path]:
    """Return a profile's text, what it is called in messages, and where it lies."""
    shipped = _shipped()
    if str(name) in shipped:
        return shipped[str(name)], f"{name}.toml", Path(name)
    path = folder / name
    if path.is_file():
        return read_text(path), shown_name(path.name), path.resolve()
    close = nearest(str(name), shipped)
    message = t("exports.no_profile", name=mask_cpr(str(name)), known=", ".join(sorted(shipped)))
    if close:
        message = f"{message} {t('exports.near', near=close)}"
    raise ConfigError(message, (Fault("no_profile", detail=close),))


def _error(where: str, faults: list[tuple[Fault, str]]) -> ConfigError:
    sentences = "\n".join(sentence for _, sentence in faults)
    message = t("exports.profile_faults", file=where, n=len(faults), faults=sentences)
    return ConfigError(message, tuple(fault for fault, _ in faults))
