"""Check a municipality's configuration files against the published schema."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from procmine.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["config_schema", "schema_faults"]

_CATALOGUES = "catalogues"


@cache
def config_schema() -> dict[str, Any]:
    """Return the published JSON schema: under ``$defs`` one definition per file.

    Examples
    --------
    >>> "catalogue" in config_schema()["$defs"]
    True
    """
    path = resources.files("procmine.config") / "config.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def schema_faults(parsed: Mapping[str, Mapping[str, Any]]) -> list[Fault]:
    """Return every breach of the schema in parsed files, by relative path.

    A file that the schema does not know (indicators, supply files) has rules of its own.

    Examples
    --------
    >>> schema_faults({"mandates.toml": {"mandate": [{"basis": "habit"}]}})[0].code
    'bad_config'
    """
    from jsonschema import Draft202012Validator

    schema = config_schema()
    faults = []
    for path, raw in parsed.items():
        name = _definition(path)
        if name not in schema["$defs"]:
            continue
        part = {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}
        for error in Draft202012Validator(part).iter_errors(_plain(raw)):
            place = ".".join(str(step) for step in error.absolute_path)
            allowed = error.validator_value if error.validator == "enum" else ""
            detail = f"{error.validator} {allowed}".strip()
            faults.append(Fault("bad_config", path, place, detail=detail))
    return faults


def _definition(path: str) -> str:
    parts = PurePosixPath(path)
    return "catalogue" if parts.parts[0] == _CATALOGUES else parts.stem


def _plain(value: Any) -> Any:
    """Return TOML values as JSON has them: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
