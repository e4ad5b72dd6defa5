"""How far people agree with the detectors: answers kept in the store, and what they say.

Of a row only a hash of its key is kept, of a comment nothing: comments are free text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from procmine.errors import Fault, TableError
from procmine.facts.handcheck import (
    DOCUMENTS,
    HANDOVERS,
    allowed_answers,
    document_keys,
    handover_keys,
)
from procmine.facts.sheet import key_hash, read_sheet, wilson
from procmine.store.supply import read_supply, write_supply
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from procmine.facts.sheet import Filled
    from procmine.store.snapshot import Snapshot

__all__ = [
    "Agreement",
    "agreement",
    "cohens_kappa",
    "drop_unknown",
    "import_sheet",
    "sheet_agreement",
]

_NAME = "handcheck"
_YES, _NO, _UNKNOWN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """The answers to one sheet, of the first who answered it; kappa where two have.

    Parameters
    ----------
    kind
        ``handovers`` or ``documents``.
    yes, no, unknown
        Rows agreed with, or used; not so; not known (documents only).
    redundant_yes, redundant
        Of the rows called redundant: agreed with, and judged.
    kappa, common
        Cohen's kappa of two people, and the rows that both judged.
    stale
        The definitions have changed since the sheet was drawn.

    Examples
    --------
    >>> found = Agreement("handovers", yes=18, no=2)
    >>> found.share, [round(bound, 3) for bound in found.interval]
    (0.9, [0.699, 0.972])
    """

    kind: str
    yes: int
    no: int
    unknown: int = 0
    redundant_yes: int = 0
    redundant: int = 0
    kappa: float | None = None
    common: int = 0
    stale: bool = False

    @property
    def judged(self) -> int:
        """Rows with an answer one way or the other."""
        return self.yes + self.no

    @property
    def share(self) -> float | None:
        """The share of yes; None before anything was judged."""
        return self.yes / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return wilson(self.yes, self.judged)

    def sentence(self) -> str:
        """Say it in Danish, to stand beside every figure of the kind."""
        if self.share is None:
            return t(f"handcheck.none_{self.kind}")
        low, high = self.interval
        said = [
            t(
                f"handcheck.agreement_{self.kind}",
                yes=number(self.yes),
                judged=number(self.judged),
                low=percent(low),
                high=percent(high),
            )
        ]
        if self.redundant:
            values = {"yes": number(self.redundant_yes), "judged": number(self.redundant)}
            said.append(t("handcheck.of_redundant", **values))
        if self.unknown:
            said.append(t("handcheck.not_known", n=number(self.unknown)))
        if self.kappa is not None:
            values = {"kappa": number(self.kappa, 2), "n": number(self.common)}
            said.append(t("handcheck.kappa", **values))
        if self.stale:
            said.append(t("handcheck.stale"))
        return " ".join(said)


def cohens_kappa(one: Sequence[int], other: Sequence[int]) -> float | None:
    """Return how far two people agree beyond chance (Cohen 1960).

    Parameters
    ----------
    one, other
        The answers of each to the same rows.

    Returns
    -------
    kappa
        1 for full agreement, 0 for that of chance; None where chance alone agrees fully
        (both gave one and the same answer throughout) or there are no rows.

    Examples
    --------
    >>> cohens_kappa([0, 0, 1, 1], [0, 1, 1, 1])
    0.5
    """
    n = len(one)
    if not n:
        return None
    seen = sum(a == b for a, b in zip(one, other, strict=True)) / n
    chance = sum(one.count(k) * other.count(k) for k in {*one, *other}) / n**2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def import_sheet(snapshot: Snapshot, file: Path, *, rater: int = 1) -> tuple[str, Agreement]:
    """Keep the answers of a filled-in sheet in the store; a second import replaces the first.

    Parameters
    ----------
    snapshot
        The store's snapshot, whose facts the rows are looked up in.
    file
        The workbook.
    rater
        1 for who answers first, 2 for a second person who answers the same sheet.

    Returns
    -------
    process, agreement
        The process that the sheet was drawn from, and what all its answers say now.

    Raises
    ------
    TableError
        Not such a sheet, a wrong answer, or a row that the store does not know.
    """
    filled = read_sheet(file, allowed_answers())
    process = snapshot.process(filled.process).name
    known = _known(snapshot, process, filled.kind)
    strange = [answer.line for answer in filled.answers if answer.key not in known]
    if strange:
        shown = ", ".join(map(str, strange[:5]))
        fault = Fault("unknown_row", file.name, rows=tuple(strange[:5]), count=len(strange))
        raise TableError(t("handcheck.unknown_row", rows=shown), (fault,))
    record = _record(snapshot, filled, known, rater)
    same = ("kind", "process", "seed", "rater")
    kept = [
        row
        for row in read_supply(snapshot, _NAME).get("check", [])
        if any(row[name] != record[name] for name in same)
    ]
    write_supply(snapshot, _NAME, _written([*kept, record]))
    found = agreement(snapshot, process, filled.kind)
    return process, found or Agreement(filled.kind, 0, 0)


def sheet_agreement(file: Path) -> Agreement:
    """Return what a filled-in sheet says by itself, nothing looked up and nothing kept.

    Raises
    ------
    TableError
        Not such a sheet, or a wrong answer.
    """
    filled = read_sheet(file, allowed_answers())
    counts = [sum(answer.answer == k for answer in filled.answers) for k in range(3)]
    return Agreement(filled.kind, counts[_YES], counts[_NO], counts[_UNKNOWN])


def agreement(snapshot: Snapshot, process: str, kind: str = HANDOVERS) -> Agreement | None:
    """Return what the sheet of a process that was imported last says; None without one."""
    rows = [
        row
        for row in read_supply(snapshot, _NAME).get("check", [])
        if row["process"] == process and row["kind"] == kind
    ]
    if not rows:
        return None
    by_rater = {row["rater"]: row for row in rows if row["seed"] == rows[-1]["seed"]}
    first = by_rater[min(by_rater)]
    answers = {row["key"]: row for row in first["answers"]}
    counts = [sum(row["answer"] == k for row in answers.values()) for k in range(3)]
    called = [row for row in answers.values() if row.get("redundant")]
    kappa, common = _between(list(by_rater.values()))
    return Agreement(
        kind, counts[_YES], counts[_NO], counts[_UNKNOWN],
        sum(row["answer"] == _YES for row in called), len(called),
        kappa, common, first["config"] != snapshot.config.digest,
    )  # fmt: skip


def drop_unknown(snapshot: Snapshot) -> int:
    """Drop the answers to rows that a snapshot does not hold; return how many went.

    Whoever knows a case number can make the hash that is kept of a row, so no answer may
    outlive its case (exports spec, section 4).

    Parameters
    ----------
    snapshot
        The store's snapshot after an erasure.
    """
    records = read_supply(snapshot, _NAME).get("check", [])
    names = {process.name for process in snapshot.processes}
    gone = 0
    for record in records:
        there = record["process"] in names
        held = _known(snapshot, record["process"], record["kind"]) if there else {}
        hashes = {key_hash(record["seed"], key) for key in held}
        kept = [row for row in record["answers"] if row["key"] in hashes]
        gone += len(record["answers"]) - len(kept)
        record["answers"] = kept
    if gone:
        write_supply(snapshot, _NAME, _written(records))
    return gone


def _between(raters: list[dict[str, Any]]) -> tuple[float | None, int]:
    if len(raters) < 2:
        return None, 0
    one, other = ({row["key"]: row["answer"] for row in r["answers"]} for r in raters[:2])
    both = sorted(set(one) & set(other))
    return cohens_kappa([one[key] for key in both], [other[key] for key in both]), len(both)


def _known(snapshot: Snapshot, process: str, kind: str) -> dict[str, bool]:
    """Return the keys of all rows of a fact table, with whether they are called redundant."""
    table = snapshot.facts(process, kind)
    if kind == DOCUMENTS:
        return dict.fromkeys(document_keys(table), False)
    redundant = pc.fill_null(table["redundant"], fill_value=False).to_pylist()
    return dict(zip(handover_keys(table), redundant, strict=True))


def _record(
    snapshot: Snapshot, filled: Filled, known: dict[str, bool], rater: int
) -> dict[str, Any]:
    return {
        "kind": filled.kind,
        "process": filled.process,
        "seed": filled.seed,
        "rater": rater,
        "imported": datetime.now(UTC).date(),
        "snapshot": snapshot.path.name,
        "config": snapshot.config.digest,
        "rows": filled.rows,
        "answers": [
            {
                "key": key_hash(filled.seed, answer.key),
                "answer": answer.answer,
                "redundant": known[answer.key],
            }
            for answer in filled.answers
        ],
    }


def _written(records: list[dict[str, Any]]) -> str:
    lines = ["format = 1"]
    for record in records:
        lines += ["", "[[check]]"]
        for name, value in record.items():
            if name != "answers":
                text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value
                lines.append(f"{name} = {text}")
        lines.append("answers = [")
        for row in record["answers"]:
            flag = str(row["redundant"]).lower()
            lines.append(
                f'    {{ key = "{row["key"]}", answer = {row["answer"]}, redundant = {flag} }},'
            )
        lines.append("]")
    return "\n".join(lines) + "\n"
