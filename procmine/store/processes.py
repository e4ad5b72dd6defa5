"""Find the processes of a log: those of its catalogues, else one per kind of case."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from procmine.store.relations import Relations

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.config.load import Config
    from procmine.ocel.roles import Roles

__all__ = ["find_processes", "write_processes"]


def find_processes(relations: Relations, config: Config, roles: Roles) -> list[dict[str, str]]:
    """List the processes of a log (design section 3).

    A catalogue's process counts where the log relates at least one event of its types to
    an object of its case type. Without catalogues, and in an imported log that none of them
    fits, every object type that is no resource, unit or document is a process of that name.
    """
    qualifier = roles.case_qualifier if config.catalogues else ""
    pairs = relations.kinds_of(qualifier)
    found = [
        (c.process, c.label, c.case_type)
        for c in config.catalogues
        if any(case == c.case_type and c.step(event) for case, event in pairs)
    ]
    if not found and not roles.case_qualifier:
        types = sorted({case for case, _ in pairs} - roles.no_case)
        found = [(name, name, name) for name in types]
    return [
        {"name": name, "label": label, "case_type": case_type, "folder": _folder(number, name)}
        for number, (name, label, case_type) in enumerate(found)
    ]


def write_processes(
    folder: Path, config: Config, roles: Roles, relations: Relations | None = None
) -> None:
    """Write ``processes.json`` of the snapshot in `folder`; read its relations if need be."""
    known = relations or Relations.of_folder(folder / "ocel")
    rows = find_processes(known, config, roles)
    text = json.dumps({"processes": rows}, ensure_ascii=False, indent=1)
    (folder / "processes.json").write_text(text, encoding="utf-8")


def _folder(number: int, name: str) -> str:
    # Names of an imported log may hold anything; file names may not.
    return f"{number:02d}-{re.sub(r'[^a-z0-9_]+', '-', name.lower())[:40].strip('-')}"
