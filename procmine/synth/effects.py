"""The true effect of a trial: the same world, the same random numbers, without it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procmine.synth.clock import DAY, day_of
from procmine.synth.truth import FLAGGED, partition, settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from procmine.synth.ledger import Ledger
    from procmine.synth.record import Case
    from procmine.synth.world import World

__all__ = ["Finished", "effects", "write_effects"]

_HOUR = 60
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run, far enough past the extraction that every case has ended."""

    world: World
    ledger: Ledger
    cut: int

    def cases(self) -> dict[tuple[str, int], Case]:
        """Return the cases by process and number, the same in both worlds."""
        return {(c.flow.process, c.index): c for c in self.ledger.cases if c.start is not None}


def effects(with_trial: Finished, without: Finished) -> dict[str, dict[str, dict[str, float]]]:
    """Return, by process and indicator, the mean with and without the trial.

    Means are over the cases that start under the trial and have ended in both worlds
    (an indicator that a case lacks, such as days to a decision that never came, leaves
    the case out of that indicator).
    """
    trial = with_trial.ledger.scenario.trial
    mine, other = with_trial.cases(), without.cases()
    result: dict[str, dict[str, dict[str, float]]] = {}
    for process in with_trial.ledger.scenario.cases:
        keys = [
            key
            for key, case in mine.items()
            if key[0] == process and trial.holds(day_of(case.start or 0))
        ]
        rows = [
            (_measure(mine[key], with_trial), _measure(other[key], without))
            for key in keys
            if key in other and mine[key].end is not None and other[key].end is not None
        ]
        result[process] = {
            name: _compare((a.get(name), b.get(name)) for a, b in rows)
            for name in sorted({name for pair in rows for row in pair for name in row})
        }
    return result


def _compare(pairs: Iterable[tuple[float | None, float | None]]) -> dict[str, float]:
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    n = len(known)
    with_it = sum(a for a, _ in known) / n if n else 0.0
    without = sum(b for _, b in known) / n if n else 0.0
    return {
        "n": n,
        "with": round(with_it, _DIGITS),
        "without": round(without, _DIGITS),
        "effect": round(with_it - without, _DIGITS),
    }


def _measure(case: Case, run: Finished) -> dict[str, float | None]:
    """Return the indicators of one case, as planted."""
    first = case.start or 0
    end = case.end if case.end is not None else run.cut
    row: dict[str, float | None] = {
        "days_to_decision": (case.decided - first) / DAY if case.decided else None,
        "days_to_end": (end - first) / DAY if case.end else None,
        "work_hours": sum(s.end - s.start for s in case.steps if s.start is not None) / _HOUR,
        "documents": float(len(case.documents)),
        "flagged_documents": float(sum(d.planted in FLAGGED for d in case.documents)),
        "changes": float(len(case.sag.responsible) - 1),
    }
    visits = [v for v in settle(case) if (v.first.start or v.first.end) <= end]
    row["handovers"] = float(len(visits) - 1)
    row["redundant_handovers"] = float(sum(v.merged or v.grade in ("G1", "G2") for v in visits))
    hours: dict[str, float] = {}
    for span in partition(case, run.world, run.cut):
        hours[span.cause] = hours.get(span.cause, 0.0) + ((span.end or end) - span.start) / _HOUR
    for cause in _CAUSES:
        row[f"hours_{cause}"] = hours.get(cause, 0.0)
    return row


_CAUSES = (
    "citizen", "document", "payment_run", "meeting_slot", "meeting_queue", "between_units",
    "unexplained",
)  # fmt: skip


def write_effects(path: Path, with_trial: Finished, without: Finished) -> None:
    """Write the difference between the two worlds."""
    result = effects(with_trial, without)
    text = json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
