"""Handovers between units: who to whom, by grade, and back and forth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from procmine.aggregates.cells import Cells, Owned, cells_of, owned, people
from procmine.aggregates.frames import arrow
from procmine.disclosure import suppress
from procmine.facts.cases import AFTER, BEFORE
from procmine.tables.numbers import coded, different, flags, floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.store.snapshot import Process

__all__ = [
    "HandoverTotals",
    "aside",
    "handover_grades",
    "handover_matrix",
    "handover_totals",
    "ping_pong",
]

_OF_MATRIX = ("from", "to", "from_kind", "to_kind", "redundant", "gap_days")
_OF_GRADES = ("grade", "redundant", "outcome_changed", "avoidable_business_hours")
MERGED = "merged"
_KINDS = ["from_kind", "to_kind"]
_REDUNDANT = ["redundant_citizens", "other_citizens"]
_CHANGED = ["changed_citizens", "unchanged_citizens"]


@dataclass(frozen=True, slots=True)
class HandoverTotals:
    """Sums over a process; ``redundant`` is None where no handover can be graded."""

    cases: int
    citizens: int
    handovers: int
    redundant: int | None
    not_assessable: int
    citizens_with_redundant: int

    @property
    def per_hundred(self) -> float | None:
        """Redundant handovers for every hundred cases."""
        if self.redundant is None or not self.cases:
            return None
        return 100.0 * self.redundant / self.cases


def aside(process: Process) -> tuple[str, ...]:
    """Return the phases whose steps are not the case's own (design section 3).

    Examples
    --------
    >>> from procmine.store import Process
    >>> aside(Process("p", "P", "case", "00-p"))
    ('foer', 'efter')
    """
    phases = process.catalogue.phases if process.catalogue else ()
    return tuple(dict.fromkeys((BEFORE, AFTER, *(p.id for p in phases if not p.counts))))


def handover_totals(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    aside: tuple[str, ...] = (),
) -> HandoverTotals:
    """Count the handovers of a process, and those that would vanish.

    Parameters
    ----------
    handovers, cases
        Fact tables.
    aside
        Phases that are not the case's own (after its end).

    Examples
    --------
    >>> from procmine.tables.facts import CASES, HANDOVERS
    >>> handover_totals(HANDOVERS.empty(), CASES.empty()).handovers
    0
    """
    known, own = arrow(cases), _own(handovers, cases, aside, "redundant")
    redundant, unknown = flags(own.rows["redundant"]), own.rows["redundant"].null_count
    total = own.rows.num_rows
    return HandoverTotals(
        cases=known.num_rows,
        citizens=different(people(known)),
        handovers=total,
        redundant=int(redundant.sum()) if total > unknown else None,
        not_assessable=unknown,
        citizens_with_redundant=different(own.person[redundant]),
    )


def handover_matrix(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    by: Literal["unit", "kind"] = "unit",
    aside: tuple[str, ...] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count handovers from each unit to each other, with the redundant ones.

    Returns
    -------
    DataFrame
        ``from, to, n, redundant, cases, citizens, median_gap_days, suppressed``; with
        `by` kind the kinds of the units, the unit itself where its kind is unknown.
        `redundant` is empty where it can be told of none.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, HANDOVERS
    >>> len(handover_matrix(HANDOVERS.empty(), CASES.empty()))
    0
    """
    own = _own(handovers, cases, aside, *_OF_MATRIX)
    told = own.rows
    ends = {
        end: pc.coalesce(told[f"{end}_kind"], told[end]) if by == "kind" else told[end]
        for end in ("from", "to")
    }
    cells, keys = cells_of(ends)
    found = keys.assign(
        n=cells.count(),
        redundant=_redundant(cells, own),
        cases=cells.distinct(own.case),
        citizens=cells.distinct(own.person),
        **_sides(cells, own),
        **{name: cells.one(told[name]).to_pandas() for name in _KINDS},
        median_gap_days=cells.quantiles(floats(told["gap_days"]))[0],
    ).sort_values(["n", "from", "to"], ascending=[False, True, True], ignore_index=True)
    # The cells of two kinds add up to the cell of these kinds, which is shown beside them.
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["n", "redundant", "cases"],
        percentiles=["median_gap_days"], within=[["from"], ["to"], _KINDS, []],
        partial={"redundant": _REDUNDANT},
    ).drop(columns=_KINDS)  # fmt: skip


def handover_grades(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    aside: tuple[str, ...] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count handovers by the grade of the visit they lead to.

    Returns
    -------
    DataFrame
        ``grade`` (``merged`` where the visit joins its neighbour), ``n, redundant, cases,
        citizens, changed`` (visits that changed the outcome), ``changed_known`` (those where
        that can be told), ``avoidable_business_hours, suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, HANDOVERS
    >>> len(handover_grades(HANDOVERS.empty(), CASES.empty()))
    0
    """
    own = _own(handovers, cases, aside, *_OF_GRADES)
    merged = pc.if_else(own.rows["redundant"], MERGED, None)
    cells, keys = cells_of({"grade": pc.coalesce(own.rows["grade"].cast(pa.string()), merged)})
    changed, told = own.rows["outcome_changed"], own.rows["outcome_changed"].is_valid()
    known, other = np.asarray(told), ~flags(changed, empty=True)
    found = keys.assign(
        n=cells.count(),
        redundant=cells.count(flags(own.rows["redundant"])),
        cases=cells.distinct(own.case),
        citizens=cells.distinct(own.person),
        changed=cells.count(flags(changed)),
        changed_known=cells.count(known),
        **_sides(cells, own),
        changed_citizens=cells.distinct(own.person, flags(changed)),
        unchanged_citizens=cells.distinct(own.person, other),
        known_citizens=cells.distinct(own.person, known),
        avoidable_business_hours=cells.total(floats(own.rows["avoidable_business_hours"])),
    ).sort_values("grade", ignore_index=True)
    partial = {"redundant": _REDUNDANT, "changed": _CHANGED, "changed_known": ["known_citizens"]}
    hidden = ["n", "redundant", "cases", "changed", "changed_known", "avoidable_business_hours"]
    return suppress(
        found, disclose=disclose, minimum=minimum, values=hidden, within=[[]], partial=partial
    )


def ping_pong(
    visits: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    aside: tuple[str, ...] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count episodes in which a case goes back and forth between two units.

    An episode is a longest run A, B, A, B ... of visits; its depth is the number of
    handovers in it, at least two (methods.md section 2.2).

    Returns
    -------
    DataFrame
        ``one, other, episodes, cases, citizens, mean_depth, deepest, suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, VISITS
    >>> len(ping_pong(VISITS.empty(), CASES.empty()))
    0
    """
    own = _own(visits, cases, aside, "visit", "unit")
    found = _episodes(own)
    return suppress(
        found,
        disclose=disclose,
        minimum=minimum,
        values=["episodes", "cases", "mean_depth", "deepest"],
        within=[[]],
    )


def _own(
    facts: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    aside: tuple[str, ...],
    *columns: str,
) -> Owned:
    """Return the rows in phases that are the case's own, or in none."""
    own = owned(facts, cases, "phase", *columns)
    phases = pa.array(aside, pa.string())
    return own.of(~flags(pc.is_in(own.rows["phase"].cast(pa.string()), value_set=phases)))


def _sides(cells: Cells, own: Owned) -> dict[str, NDArray[np.int64]]:
    """Count the citizens with a redundant handover of a cell, and those with another."""
    redundant = flags(own.rows["redundant"])
    parts = (redundant, ~redundant)
    return {name: cells.distinct(own.person, part)
            for name, part in zip(_REDUNDANT, parts, strict=True)}  # fmt: skip


def _redundant(cells: Cells, own: Owned) -> pd.Series:
    """Count the redundant handovers of each cell; empty where it can be told of none."""
    known = cells.count(np.asarray(own.rows["redundant"].is_valid())) > 0
    counts = pd.Series(cells.count(flags(own.rows["redundant"])))
    return counts if known.all() else counts.where(known)


def _episodes(own: Owned) -> pd.DataFrame:
    """Count the longest runs A, B, A, B ... of visits by the pair of units."""
    own = own.sorted("visit")
    case, person = own.case, own.person
    codes, labels = coded(own.rows["unit"])
    # Numbered by name, so that the lesser number is the lesser name.
    rank = np.argsort(np.argsort(labels.to_numpy(zero_copy_only=False)))
    unit = rank[codes]
    back = np.zeros(unit.size, dtype=np.bool_)
    back[2:] = (case[2:] == case[:-2]) & (unit[2:] == unit[:-2]) & (unit[2:] != unit[1:-1])
    begins = np.flatnonzero(back & ~np.append(False, back[:-1]))
    depth = np.flatnonzero(back & ~np.append(back[1:], False)) - begins + 2
    pair = np.sort(np.stack([unit[begins], unit[begins - 1]]), axis=0)
    names = labels.take(pa.array(np.argsort(rank)))
    ends = (pa.chunked_array([names.take(pa.array(side))]) for side in pair)
    cells, keys = cells_of(dict(zip(("one", "other"), ends, strict=True)))
    most = np.zeros(cells.size, dtype=np.int64)
    np.maximum.at(most, cells.cell, depth)
    return keys.assign(
        episodes=cells.count(),
        cases=cells.distinct(case[begins]),
        citizens=cells.distinct(person[begins]),
        mean_depth=cells.mean(depth.astype(np.float64)),
        deepest=most,
    ).sort_values(["episodes", "one", "other"], ascending=[False, True, True], ignore_index=True)
