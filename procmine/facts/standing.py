"""What stands beside every figure of redundancy: who approved the rules, and who checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from procmine.facts.agreement import agreement
from procmine.facts.handcheck import HANDOVERS
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from procmine.config.catalogue import Approval
    from procmine.store.snapshot import Process, Snapshot

__all__ = ["approvals", "checked", "standing", "untold"]

_ENOUGH = 0.8
"""Share of the handovers that must be assessable; below it there is too little to go by."""


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


def checked(snapshot: Snapshot, process: Process, kind: str = HANDOVERS) -> str:
    """Say what the hand check of a process found; empty where none was imported."""
    found = agreement(snapshot, process.name, kind)
    return found.sentence() if found else ""


def untold(snapshot: Snapshot, process: Process) -> str:
    """Say of how many handovers it cannot be told whether they are redundant, for want of units.

    Empty where it can be told of all, and without a catalogue. Figures of redundancy are then
    a least number; where a fifth or more cannot be told, there is too little to go by.
    """
    if process.catalogue is None:
        return ""
    rows = snapshot.facts(process.name, HANDOVERS, ["grade_reason", "counted"])
    counted = rows.filter(rows["counted"])
    lost = pc.sum(pc.equal(counted["grade_reason"], "no_unit")).as_py() or 0
    if not lost:
        return ""
    key = "standing.untold" if lost <= (1 - _ENOUGH) * counted.num_rows else "standing.too_few"
    least = int(snapshot.config.setting("min_count"))
    n = t("standing.under", least=number(least)) if lost < least else number(lost)
    return t(key, n=n, total=number(counted.num_rows))


def standing(snapshot: Snapshot, process: Process) -> str:
    """Return what must stand beside figures of redundancy, as one line.

    Who approved the rules and the classes, what cannot be told, what a hand check found.
    """
    said = (f(snapshot, process) for f in (approvals, untold, checked))
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
