"""The hand check: handovers that people judge, and documents they say were used or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.sheet import Sheet, rank
from procmine.text import t
from procmine.text.formats import day, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.store.snapshot import Snapshot

__all__ = [
    "DOCUMENTS",
    "HANDOVERS",
    "SIZE",
    "allowed_answers",
    "document_keys",
    "document_sheet",
    "draw_documents",
    "draw_handovers",
    "handover_keys",
    "handover_sheet",
    "sheet_of",
]

SIZE = 25
HANDOVERS = "handovers"
DOCUMENTS = "documents"
_HANDOVER_COLUMNS = ("number", "case", "sent", "received", "sender", "receiver", "grade",
                     "redundant", "explanation", "agree", "comment", "key")  # fmt: skip
_HANDOVER_WIDTHS = (6, 14, 24, 24, 20, 20, 24, 14, 70, 14, 40, 30)
_DOCUMENT_COLUMNS = ("number", "case", "document", "document_kind", "document_received",
                     "used", "comment", "key")  # fmt: skip
_DOCUMENT_WIDTHS = (6, 14, 18, 30, 24, 16, 40, 30)
# Without links these are the statuses that only a person can settle (design section 5).
_OPEN_STATUSES = ("not_assessable", "unused", "used")


def allowed_answers() -> dict[str, tuple[str, ...]]:
    """Return the answers that each kind of sheet allows, in the order that is stored.

    Examples
    --------
    >>> allowed_answers()["handovers"]
    ('Enig', 'Uenig')
    """
    return {
        HANDOVERS: (t("handcheck.agree"), t("handcheck.disagree")),
        DOCUMENTS: (t("handcheck.yes"), t("handcheck.no"), t("handcheck.unknown")),
    }


def handover_keys(handovers: pa.Table) -> list[str]:
    """Return what names each handover: its case and the step it leads to."""
    return _keys(handovers, "case_id", "to_event")


def document_keys(documents: pa.Table) -> list[str]:
    """Return what names each document: its case and its number."""
    return _keys(documents, "case_id", "document_id")


def draw_handovers(handovers: pa.Table, *, size: int = SIZE, seed: str = "1") -> pa.Table:
    """Draw handovers to be judged: the same for the same log and seed.

    Half of them are redundant ones, where there are as many, since those are what the
    check is for; the rest are drawn among all others whose visit was graded or merged.

    Parameters
    ----------
    handovers
        The fact table (schema HANDOVERS).
    size
        How many, 25 by default.
    seed
        Any text, printed with the result (spec effects, section 7).

    Returns
    -------
    table
        At most `size` rows, by case and time.

    Examples
    --------
    >>> from procmine.tables.facts import HANDOVERS as SCHEMA
    >>> draw_handovers(SCHEMA.empty()).num_rows
    0
    """
    told = np.asarray(pc.is_valid(handovers["redundant"]), dtype=np.bool_)
    redundant = np.asarray(pc.fill_null(handovers["redundant"], fill_value=False), dtype=np.bool_)
    order = np.asarray(rank(seed, handover_keys(handovers)), dtype=np.int64)
    first, others = order[redundant[order]], order[(told & ~redundant)[order]]
    wanted = min(len(first), max((size + 1) // 2, size - len(others)))
    rows = np.concatenate([first[:wanted], others[: max(size - wanted, 0)]])
    drawn = handovers.take(pa.array(rows))
    return drawn.sort_by([("case_id", "ascending"), ("to_time", "ascending")])


def draw_documents(documents: pa.Table, *, size: int = SIZE, seed: str = "1") -> pa.Table:
    """Draw documents of which people say whether the decision used them.

    Drawn among the documents whose use is the open question: exempt ones, duplicates,
    renewals and those of undecided cases need no answer.

    Parameters
    ----------
    documents, size, seed
        The fact table (schema DOCUMENTS), how many, any text.

    Returns
    -------
    table
        At most `size` rows, by case and number.
    """
    asked = documents.filter(pc.is_in(documents["status"], pa.array(_OPEN_STATUSES)))
    rows = rank(seed, document_keys(asked))[:size]
    drawn = asked.take(pa.array(rows, pa.int64()))
    return drawn.sort_by([("case_id", "ascending"), ("document_id", "ascending")])


def handover_sheet(drawn: pa.Table, *, process: str = "", label: str = "", seed: str = "") -> Sheet:
    """Return the sheet of drawn handovers: agree or not, and why."""
    rows = []
    for place, row in enumerate(drawn.to_pylist(), start=1):
        show = moment if row["gap_business_hours"] is not None else day
        grade = row["grade"] or row["grade_reason"]
        rows.append(
            (
                place, row["case_id"], show(row["from_time"]), show(row["to_time"]),
                row["from"], row["to"], t(f"handcheck.grade.{grade}"),
                t("handcheck.yes") if row["redundant"] else t("handcheck.no"),
                row["explanation"], "", "", f"{row['case_id']}|{row['to_event']}",
            )
        )  # fmt: skip
    return Sheet(
        HANDOVERS, process, seed, t("handcheck.title", process=label), t("handcheck.question"),
        _headings(_HANDOVER_COLUMNS), _HANDOVER_WIDTHS, tuple(rows), allowed_answers()[HANDOVERS],
    )  # fmt: skip


def document_sheet(drawn: pa.Table, *, process: str = "", label: str = "", seed: str = "") -> Sheet:
    """Return the sheet of drawn documents, with the one question of design section 5."""
    rows = [
        (
            place, row["case_id"] or "", row["document_id"], row["kind"] or "",
            day(row["received"]), "", "", f"{row['case_id'] or ''}|{row['document_id']}",
        )
        for place, row in enumerate(drawn.to_pylist(), start=1)
    ]  # fmt: skip
    return Sheet(
        DOCUMENTS, process, seed, t("handcheck.document_title", process=label),
        t("handcheck.document_question"), _headings(_DOCUMENT_COLUMNS), _DOCUMENT_WIDTHS,
        tuple(rows), allowed_answers()[DOCUMENTS],
    )  # fmt: skip


def sheet_of(
    snapshot: Snapshot, process: str | None, kind: str, *, size: int = SIZE, seed: str
) -> Sheet:
    """Draw from a process of a snapshot and return the sheet to fill in.

    Parameters
    ----------
    snapshot, process
        The store's snapshot and the process's name.
    kind
        ``handovers`` or ``documents``.
    size, seed
        How many, and any text.
    """
    found = snapshot.process(process)
    if kind == HANDOVERS:
        drawn = draw_handovers(snapshot.facts(found.name, kind), size=size, seed=seed)
        return handover_sheet(drawn, process=found.name, label=found.label, seed=seed)
    drawn = draw_documents(snapshot.facts(found.name, kind), size=size, seed=seed)
    return document_sheet(drawn, process=found.name, label=found.label, seed=seed)


def _keys(table: pa.Table, first: str, second: str) -> list[str]:
    pairs = zip(table[first].to_pylist(), table[second].to_pylist(), strict=True)
    return [f"{one or ''}|{other}" for one, other in pairs]


def _headings(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(t(f"handcheck.column.{name}") for name in names)
