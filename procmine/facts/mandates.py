"""Which rule fits the way into a visit, for every kind that the sender could have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from procmine.config.daylight import local_day
from procmine.config.mandates import ANY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.mandates import Mandate
    from procmine.facts.lifelines import Lifelines
    from procmine.facts.visits import Visits

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["EPOCH", "Fit", "fit_mandates"]

EPOCH = date(1970, 1, 1)
_NEVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Fit:
    """How the rule table fits each visit (rows) for each kind of sender (columns).

    The last column stands for a sender of unknown kind. `law` is the number of the first
    row of basis law that fits, `local` that of the first row of these kinds, local or not
    valid then, of whose purpose the visit contains a step; -1 for none. `beyond` says
    whether the visit has a new product beyond the purpose of the row in `law`.
    """

    rows: tuple[Mandate, ...]
    law: NDArray[np.int16]
    local: NDArray[np.int16]
    beyond: Bools


def fit_mandates(steps: Lifelines, visits: Visits) -> Fit:
    """Match the rule table with the visits of a chunk (design section 3)."""
    process, parts = steps.plan.process, steps.plan.parts
    rows = tuple(
        row
        for row in (steps.plan.source.config.mandates if process.catalogue else ())
        if row.process in (process.name, ANY)
    )
    size, width = len(visits.first), len(parts.kinds) + 1
    law = np.full((size, width), -1, dtype=np.int16)
    local = np.full((size, width), -1, dtype=np.int16)
    beyond = np.zeros((size, width), dtype=np.bool_)
    table = _Matcher(steps, visits)
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        sender = np.array([row.from_kind in (ANY, kind) for kind in (*parts.kinds, None)])
        to = table.to(row)
        holds, contains = table.valid(row), table.contains(row)
        fits = to & holds & table.after(row) & (contains if row.purpose else True)
        if row.basis == "law":
            at = np.ix_(fits, sender)
            law[at] = number
            beyond[at] = table.beyond(row)[fits, None]
        own_way = to & contains & (~holds if row.basis == "law" else True)
        local[np.ix_(own_way, sender)] = number
    return Fit(rows, law, local, beyond)


@dataclass(frozen=True, slots=True)
class _Matcher:
    steps: Lifelines
    visits: Visits

    def to(self, row: Mandate) -> Bools:
        kinds = self.steps.plan.parts.kinds
        fits = np.array([row.to_kind in (ANY, kind) for kind in (*kinds, None)])
        found: Bools = fits[self.visits.kind]
        return found

    def valid(self, row: Mandate) -> Bools:
        day = local_day(self.steps.placed[self.visits.first])
        begin = _number(row.valid_from, -_NEVER)
        return (day >= begin) & (day <= _number(row.valid_to, _NEVER))

    def after(self, row: Mandate) -> Bools:
        """Whether the sender's last step, of a visit kept or not, is one that is named."""
        size = len(self.visits.first)
        if not row.after:
            return np.ones(size, dtype=np.bool_)
        named = self.steps.plan.activities.codes(row.after)[self.steps.activity]
        found = np.zeros(size, dtype=np.bool_)
        found[1:] = named[self.visits.last[:-1]]
        return found

    def contains(self, row: Mandate) -> Bools:
        named = self.steps.plan.activities.codes(row.purpose)[self.steps.activity]
        found = np.zeros(len(self.visits.first), dtype=np.bool_)
        found[self.visits.visit_of[named & (self.visits.visit_of >= 0)]] = True
        return found

    def beyond(self, row: Mandate) -> Bools:
        purpose = self.steps.plan.activities.codes(row.purpose)
        found = np.zeros(len(self.visits.first), dtype=np.bool_)
        if len(purpose):
            found[self.visits.made_by[~purpose[self.visits.made]]] = True
        return found


def _number(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else (day - EPOCH) // timedelta(days=1)
