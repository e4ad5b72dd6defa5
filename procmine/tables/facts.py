"""The fact tables: computed once per snapshot, read by every page, report and notebook.

Column names of the tables that the command line prints are those of the contract
(spec ``cli.md``); further columns serve pages and joins.
"""

from __future__ import annotations

from procmine.tables.schema import Column, Schema

__all__ = [
    "CASES",
    "DOCUMENTS",
    "FACTS",
    "HANDOVERS",
    "STEPS",
    "VISITS",
    "WAITS",
]

CASES = Schema(
    "cases",
    "one row a case of the process",
    (
        Column("case_id", "string", "the source's own number of the case object", key=True),
        Column("object_id", "string", "the case object's id in the log"),
        Column("citizen_id", "string", "the citizen's pseudonym", nullable=True),
        Column("start", "instant", "the start step, else the first step"),
        Column("end", "instant", "end of the case; empty while it is open", nullable=True),
        Column("open", "bool", "still open at the cut; empty without an end mark", nullable=True),
        Column("decided", "instant", "first decided milestone", nullable=True),
        Column("outcome", "code", "outcome of the ending, else last decided step", nullable=True),
        Column("target_group", "code", "target group at the case's start", nullable=True),
        Column("unit", "code", "responsible unit, else first unit, at the start", nullable=True),
        Column("no_start_step", "bool", "no start step was found: begins at its first step"),
        Column("start_precision", "code", "precision of the start stamp"),
        Column("end_precision", "code", "precision of the end stamp", nullable=True),
        Column("events", "int", "steps from start to end", "steps"),
        Column("handovers", "int", "boundaries between visits in the case", nullable=True),
        Column("redundant_handovers", "int", "those of them that would vanish", nullable=True),
        Column("not_assessable_handovers", "int", "those without a grade", nullable=True),
        Column("wait_hours", "float", "hours not labelled working", "h", nullable=True),
        Column("work_hours", "float", "hours labelled working", "h", nullable=True),
        Column("documents", "int", "documents of the case", nullable=True),
        Column("flagged_documents", "int", "those with a flag or a status of note", nullable=True),
    ),
    open=True,
)

STEPS = Schema(
    "steps",
    "one row a step of a case, in the order that binds (time, rank, id)",
    (
        Column("case_id", "string", "the case", key=True),
        Column("seq", "int", "place in the case, from 0; 0 is the first step of all", key=True),
        Column("event_id", "string", "the event"),
        Column("activity", "code", "event type"),
        Column("time", "instant", "stamp as stored (a day stamp: local midnight)"),
        Column("placed", "instant", "stamp that orders it: day stamps after their day's steps"),
        Column("start", "instant", "true start where there is one", nullable=True),
        Column("precision", "code", "second, minute or day"),
        Column("class", "code", "class from the catalogue", nullable=True),
        Column("unit", "code", "unit that did it, after choosing among several", nullable=True),
        Column("unit_kind", "code", "kind of that unit", nullable=True),
        Column("hand", "bool", "false for skipped units and missing ones"),
        Column("resource", "string", "pseudonym of who did it", nullable=True),
        Column("phase", "code", "phase; foer, efter included", nullable=True),
        Column("outcome", "code", "outcome of the step", nullable=True),
        Column("deadline", "instant", "deadline it carries (end of day for a date)", nullable=True),
        Column("in_case", "bool", "between the case's start and its end"),
        Column("visit", "int", "number of the visit it belongs to", nullable=True),
        Column("source_file", "code", "delivery and file it came from", nullable=True),
        Column("source_line", "int", "line in that file", nullable=True),
    ),
    open=True,
)

VISITS = Schema(
    "visits",
    "one row a visit: a maximal run of a case's steps by one unit",
    (
        Column("case_id", "string", "the case", key=True),
        Column("visit", "int", "number in the case, from 0", key=True),
        Column("unit", "code", "the unit"),
        Column("unit_kind", "code", "its kind", nullable=True),
        Column("first_event", "string", "its first step"),
        Column("last_event", "string", "its last step"),
        Column("begin", "instant", "stamp of the first step"),
        Column("finish", "instant", "stamp of the last step"),
        Column("steps", "int", "steps in it", "steps"),
        Column("phase", "code", "phase of its first step", nullable=True),
        Column("product", "code", "new, elaboration, none or unknown", nullable=True),
        Column("mandated", "bool", "a law row matches the way into it", nullable=True),
        Column("rule", "string", "id of the row that matched", nullable=True),
        Column("grade", "code", "G0, G0b, GK, G1, G2, G3, G5 or empty", nullable=True),
        Column("grade_reason", "code", "why it has that grade, or none", nullable=True),
        Column("kept", "bool", "not collapsed: G1, G2 and merged visits are not kept"),
        Column("outcome_changed", "bool", "the case's outcome changed here", nullable=True),
    ),
    open=True,
)

HANDOVERS = Schema(
    "handovers",
    "one row a handover: the boundary between two visits",
    (
        Column("case_id", "string", "the case", key=True),
        Column("from_event", "string", "last step before it"),
        Column("to_event", "string", "first step after it", key=True),
        Column("from", "code", "unit that hands over"),
        Column("to", "code", "unit that receives"),
        Column("from_kind", "code", "its kind", nullable=True),
        Column("to_kind", "code", "its kind", nullable=True),
        Column("from_time", "instant", "stamp of the last step before"),
        Column("to_time", "instant", "stamp of the first step after"),
        Column("gap_days", "float", "calendar days between the two", "d"),
        Column(
            "gap_business_hours",
            "float",
            "working hours between; empty for day stamps",
            "h",
            nullable=True,
        ),
        Column(
            "avoidable_business_hours", "float", "cost of the visit entered", "h", nullable=True
        ),
        Column("phase", "code", "phase of the step it leads to", nullable=True),
        Column("grade", "code", "grade of the visit entered", nullable=True),
        Column("mandated", "bool", "whether a law row matches", nullable=True),
        Column("redundant", "bool", "would vanish; empty where it cannot be told", nullable=True),
        Column("redundant_reason", "code", "entered or merged", nullable=True),
        Column(
            "doubtful",
            "bool",
            "redundant, but beside a step that names no unit: it may be the visit's product",
            nullable=True,
        ),
        Column("grade_reason", "code", "why that grade, or none", nullable=True),
        Column(
            "outcome_changed",
            "bool",
            "the case's outcome changed in the visit entered",
            nullable=True,
        ),
        Column("rule", "string", "id of the mandate that matched", nullable=True),
        Column("explanation", "string", "the grade in a Danish sentence"),
        Column("counted", "bool", "counts to its case: not of the phases efter and implementering"),
    ),
    open=True,
)

WAITS = Schema(
    "waits",
    "one row a labelled interval; the rows of a case partition its time",
    (
        Column("case_id", "string", "the case", key=True),
        Column("from_event", "string", "last step at or before the interval"),
        Column("to_event", "string", "next step; empty for the last, open one", nullable=True),
        Column("from_activity", "code", "event type of from_event"),
        Column("to_activity", "code", "event type of to_event", nullable=True),
        Column("start", "instant", "from", key=True),
        Column("end", "instant", "to", key=True),
        Column("hours", "float", "elapsed; empty where an end is a day stamp", "h", nullable=True),
        Column(
            "business_hours",
            "float",
            "in the calendar of the unit that ends it",
            "h",
            nullable=True,
        ),
        Column("days", "float", "calendar days", "d"),
        Column("days_low", "float", "least number of days, for day stamps", "d"),
        Column("days_high", "float", "greatest number of days", "d"),
        Column("holder", "code", "unit of the last step", nullable=True),
        Column("phase", "code", "phase of the step that ends it", nullable=True),
        Column("cause", "code", "the one cause (design section 4)"),
        Column(
            "nature", "code", "whose time it is: own, law's, others', or unknown (design section 4)"
        ),
        Column("assumed_deadline", "bool", "rests on the configured default deadline"),
        Column("censored", "bool", "cut at the cut date"),
        Column("explanation", "string", "the cause in a Danish sentence"),
    ),
    open=True,
)

DOCUMENTS = Schema(
    "documents",
    "one row a document of the process",
    (
        Column("document_id", "string", "the source's own number", key=True),
        Column("object_id", "string", "the object's id in the log"),
        Column("case_id", "string", "the case it belongs to", nullable=True),
        Column("kind", "code", "kind of document", nullable=True),
        Column("direction", "code", "incoming, outgoing, internal as in the source", nullable=True),
        Column("requested", "instant", "when it was asked for", nullable=True),
        Column("received", "instant", "when it was received or made", nullable=True),
        Column("first_used", "instant", "first use in a decision", nullable=True),
        Column("status", "code", "primary status (design section 5)"),
        Column("flags", "string", "all flags, separated by a blank"),
        Column("nature", "code", "whether the law demands it, it protects, or neither is known"),
        Column("rule", "string", "which rule gave the status", nullable=True),
        Column("related_document", "string", "the earlier document it repeats", nullable=True),
        Column(
            "wait_caused_hours",
            "float",
            "hours labelled document because of it",
            "h",
            nullable=True,
        ),
        Column("explanation", "string", "the status in a Danish sentence"),
    ),
    open=True,
)

FACTS = (CASES, STEPS, VISITS, HANDOVERS, WAITS, DOCUMENTS)
