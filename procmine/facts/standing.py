"""What stands beside every figure of redundancy: who approved the rules, and who checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from procmine.config.catalogue import parse_approval
from procmine.facts.agreement import agreement
from procmine.facts.handcheck import HANDOVERS
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from procmine.config.catalogue import Approval
    from procmine.config.load import Config
    from procmine.store.snapshot import Process, Snapshot

__all__ = ["approvals", "checked", "doubtful", "file_approval", "standing"]

_DOUBT = 0.2
"""Share of the redundant handovers in doubt from which there is too little to go by."""


def approvals(snapshot: Snapshot, process: Process) -> str:
    """Say who approved the rule table and the classes, in what role, when (design section 3).

    Empty without a catalogue: then nothing is graded, and there is nothing to approve.
    """
    if process.catalogue is None:
        return ""
    parts = {"rules": snapshot.config.mandates_approval, "classes": process.catalogue.approval}
    return " ".join(
        f"{t(f'standing.{name}')}: {_given(approval)}" for name, approval in parts.items()
    )


def file_approval(config: Config, name: str) -> str:
    """Say who approved another file of definitions, such as that of the kinds of document.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> file_approval(load_config(), "dokumenttyper")
    'Dokumenttyper: ikke godkendt.'
    """
    approval = parse_approval(config.files.get(name, {}).get("approval", {}))
    return f"{t(f'standing.file.{name}')}: {_given(approval)}"


def checked(snapshot: Snapshot, process: Process, kind: str = HANDOVERS) -> str:
    """Say what the hand check of a process found; empty where none was imported."""
    found = agreement(snapshot, process.name, kind)
    return found.sentence() if found else ""


def doubtful(snapshot: Snapshot, process: Process) -> str:
    """Say how many redundant handovers rest on a visit beside a step that names no unit.

    Empty where there is none, and without a catalogue. Where a fifth or more are in doubt,
    there is too little to go by (measured: docs/evaluering.md).
    """
    if process.catalogue is None:
        return ""
    rows = snapshot.facts(process.name, HANDOVERS, ["redundant", "doubtful", "counted"])
    total = pc.sum(pc.and_(rows["counted"], rows["redundant"])).as_py() or 0
    some = pc.sum(pc.and_(rows["counted"], rows["doubtful"])).as_py() or 0
    if not some:
        return ""
    key = "standing.too_many" if some >= _DOUBT * total else "standing.doubtful"
    least = int(snapshot.config.setting("min_count"))
    shown = [t("standing.under", least=number(least)) if n < least else number(n)
             for n in (some, total)]  # fmt: skip
    return t(key, n=shown[0], total=shown[1])


def standing(snapshot: Snapshot, process: Process) -> str:
    """Return what must stand beside figures of redundancy, as one line.

    Who approved the rules and the classes, what is in doubt, what a hand check found.
    """
    said = (f(snapshot, process) for f in (approvals, doubtful, checked))
    return " ".join(filter(None, said))


def _given(approval: Approval) -> str:
    if not approval.given:
        return t("standing.not_approved")
    names = ", ".join(filter(None, (approval.by, approval.role)))
    return t("standing.approved", names=names, on=_day(approval.on))


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text
