"""What stands beside every figure of redundancy: who approved the rules, and who checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from procmine.facts.agreement import agreement
from procmine.facts.handcheck import HANDOVERS
from procmine.text import t
from procmine.text.formats import day

if TYPE_CHECKING:
    from procmine.config.catalogue import Approval
    from procmine.store.snapshot import Process, Snapshot

__all__ = ["approvals", "checked", "standing"]


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


def standing(snapshot: Snapshot, process: Process) -> str:
    """Return approvals and hand check as one line, to stand beside figures of redundancy."""
    return " ".join(filter(None, (approvals(snapshot, process), checked(snapshot, process))))


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
