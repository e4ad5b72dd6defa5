"""Which columns the command line and :class:`procmine.Log` show, in the contract's order."""

from __future__ import annotations

__all__ = ["OUTPUT"]

OUTPUT: dict[str, tuple[str, ...]] = {
    "cases": (
        "case_id", "start", "end", "open", "outcome", "target_group", "unit", "events",
        "handovers", "redundant_handovers", "wait_hours", "work_hours",
        "not_assessable_handovers", "documents", "flagged_documents", "decided",
        "no_start_step", "citizen_id", "hands", "returns", "pingpong_depth", "legal_minimum",
        "excess_handovers", "responsible_shifts", "unit_shifts", "avoidable_business_hours",
    ),
    "handovers": (
        "case_id", "from_event", "to_event", "from", "to", "from_kind", "to_kind", "from_time",
        "to_time", "gap_days", "gap_business_hours", "avoidable_business_hours", "phase",
        "grade", "mandated", "redundant", "redundant_reason", "grade_reason",
        "outcome_changed", "rule", "explanation", "doubtful",
    ),
    "waits": (
        "case_id", "from_event", "to_event", "from_activity", "to_activity", "start", "end",
        "hours", "business_hours", "days", "days_low", "days_high", "holder", "phase", "cause",
        "nature", "assumed_deadline", "censored", "explanation", "opened_by", "ended_by",
        "in_case",
    ),
    "documents": (
        "document_id", "case_id", "kind", "direction", "requested", "received", "first_used",
        "status", "flags", "nature", "rule", "related_document", "wait_caused_hours",
        "explanation",
    ),
    "visits": (
        "case_id", "visit", "unit", "unit_kind", "first_event", "last_event", "begin", "finish",
        "steps", "phase", "product", "mandated", "rule", "grade", "grade_reason", "kept",
        "outcome_changed",
    ),
    "steps": (
        "case_id", "seq", "event_id", "activity", "time", "start", "precision", "class", "unit",
        "unit_kind", "phase", "outcome", "deadline", "in_case", "visit",
    ),
}  # fmt: skip
"""Columns per table; the first ones are those of spec cli.md, the rest may change."""
