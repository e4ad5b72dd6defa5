"""How large things are in a simulated municipality, beside what they should resemble."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from procmine.synth.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.synth.ledger import Ledger
    from procmine.synth.record import Case

__all__ = ["Magnitude", "magnitudes"]


@dataclass(frozen=True, slots=True)
class Magnitude:
    """One row of the table of targets, and what came out."""

    label: str
    source: str
    value: float
    low: float
    high: float
    simulated: float
    n: int

    @property
    def fits(self) -> bool:
        """Whether the simulated figure lies in the band."""
        return self.low <= self.simulated <= self.high


def magnitudes(ledger: Ledger) -> list[Magnitude]:
    """Measure the cases that no trial or change of law has touched.

    The targets stand in ``data/magnitudes.toml``, with their source: S was seen in a
    public source, E is our estimate.
    """
    source = resources.files("procmine.synth") / "data" / "magnitudes.toml"
    rows = tomllib.loads(source.read_text(encoding="utf-8"))["target"]
    return [_measure(row, ledger) for row in rows if row["process"] in ledger.scenario.cases]


def _measure(row: dict[str, Any], ledger: Ledger) -> Magnitude:
    cases = [
        case
        for case in ledger.cases
        if case.flow.process == row["process"] and case.start is not None and not case.rules
    ]
    values = _MEASURES[row["measure"]](row, cases)
    figure = _STATISTICS[row.get("statistic", "mean")](values)
    return Magnitude(
        row["label"], row["source"], row["value"], row["low"], row["high"], figure, len(values)
    )


def _days(row: dict[str, Any], cases: list[Case]) -> list[float]:
    spans = ((_time(case, row["from"]), _time(case, row["to"])) for case in cases)
    return [(end - start) / DAY for start, end in spans if start is not None and end is not None]


def _share(row: dict[str, Any], cases: list[Case]) -> list[float]:
    to = row["to"] if isinstance(row["to"], list) else [row["to"]]
    base = [case for case in cases if _time(case, row["of"]) is not None]
    hit = [any(_time(case, step) is not None for step in to) for case in base]
    return [100.0 * value for value in hit]


def _hours(_row: dict[str, Any], cases: list[Case]) -> list[float]:
    done = (case for case in cases if case.decided is not None)
    return [sum(s.end - s.start for s in c.steps if s.start is not None) / 60 for c in done]


def _documents(_row: dict[str, Any], cases: list[Case]) -> list[float]:
    return [float(len(case.documents)) for case in cases if case.decided is not None]


def _changes(_row: dict[str, Any], cases: list[Case]) -> list[float]:
    return [float(len(c.sag.responsible) - 1) for c in cases if c.decided is not None]


def _over(row: dict[str, Any], cases: list[Case]) -> list[float]:
    return [100.0 * (days > row["limit"]) for days in _days(row, cases)]


def _outcome(row: dict[str, Any], cases: list[Case]) -> list[float]:
    """Return, for each step of a type, whether its outcome is among those named."""
    steps = [step for case in cases for step in case.steps if step.type == row["of"]]
    return [100.0 * (step.outcome in row["to"]) for step in steps]


def _absent(row: dict[str, Any], cases: list[Case]) -> list[float]:
    steps = [step for case in cases for step in case.steps if step.type == row["of"]]
    return [100.0 * (step.attended == "no") for step in steps]


def _heard(_row: dict[str, Any], cases: list[Case]) -> list[float]:
    counts = Counter(step.meeting for case in cases for step in case.steps if step.meeting)
    return [float(count) for count in counts.values()]


def _repeats(_row: dict[str, Any], cases: list[Case]) -> list[float]:
    """Return, for each document that somebody sent, whether it repeats an earlier one."""
    sent = [d for case in cases for d in case.documents if d.direction == "in"]
    return [100.0 * (d.planted in ("duplicate", "renewed")) for d in sent]


_MEASURES = {
    "over": _over,
    "outcome": _outcome,
    "absent": _absent,
    "heard": _heard,
    "repeats": _repeats,
    "days": _days,
    "share": _share,
    "hours": _hours,
    "documents": _documents,
    "changes": _changes,
}


def _time(case: Case, step_type: str) -> int | None:
    return next((step.end for step in case.steps if step.type == step_type), None)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _ranked(values: list[float], percent: int) -> float:
    ranked = sorted(values)
    return ranked[len(ranked) * percent // 100] if ranked else 0.0


_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "mean": _mean,
    "median": partial(_ranked, percent=50),
    "p25": partial(_ranked, percent=25),
    "p75": partial(_ranked, percent=75),
}
