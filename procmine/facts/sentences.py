"""Put the grade of a handover in a Danish sentence that a hand check can follow."""

from __future__ import annotations

from datetime import date, timedelta
from string import Formatter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.config.daylight import local_day
from procmine.facts.grades import REASONS
from procmine.text import t
from procmine.text.formats import day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.grades import Grades
    from procmine.facts.lifelines import Lifelines
    from procmine.facts.visits import Visits

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["filled", "sentences"]

_EPOCH = date(1970, 1, 1)
_LAW = "law"


def sentences(
    steps: Lifelines, visits: Visits, grades: Grades, to: Ints, doubtful: Bools
) -> pa.Array:
    """Return a sentence for each of the visits `to`: who, when, what was done, why so."""
    if not len(to):
        return pa.array([], pa.string())
    texts: list[pa.Array] = []
    places: list[Ints] = []
    lapsed = grades.because("local")[to] & np.isin(
        grades.rule[to], [n for n, row in enumerate(grades.rows) if row.basis == _LAW]
    )
    groups = grades.reason[to] * 8 + lapsed * 4 + (visits.size[to] > 1) * 2 + doubtful
    for group in np.unique(groups).tolist():
        rows = np.flatnonzero(groups == group)
        parts = [t("handover.lapsed" if group & 4 else "handover." + REASONS[group // 8][0])]
        parts.append(t("handover.steps") if group & 2 else t("handover.one_step"))
        template = " ".join([*parts, t("handover.doubtful")] if group & 1 else parts)
        texts.append(filled(template, _values(steps, visits, grades, to[rows]), len(rows)))
        places.append(rows)
    order = np.argsort(np.concatenate(places))
    return pa.concat_arrays(texts).take(pa.array(order))


def filled(template: str, values: dict[str, pa.Array], size: int) -> pa.Array:
    """Put columns into the braces of a text, row by row without a loop.

    Examples
    --------
    >>> filled("fra {a}.", {"a": pa.array(["x", "y"])}, 2).to_pylist()
    ['fra x.', 'fra y.']
    """
    pieces: list[pa.Array | pa.Scalar] = []
    for text, field, _, _ in Formatter().parse(template):
        if text:
            pieces.append(pa.scalar(text))
        if field:
            pieces.append(values[field])
    if not any(isinstance(piece, pa.Array) for piece in pieces):
        return pa.array([template] * size, pa.string())
    return pc.binary_join_element_wise(
        *pieces, pa.scalar(""), null_handling="replace", null_replacement=t("handover.nobody")
    )


def _values(steps: Lifelines, visits: Visits, grades: Grades, to: Ints) -> dict[str, pa.Array]:
    units = pa.array(steps.plan.parts.names, pa.string())
    config, process = steps.plan.source.config, steps.plan.process.name
    labels = [config.label(name, process) for name in steps.plan.activities.names]
    named = pa.array(labels, pa.string())
    rules = pa.array([row.source or row.id for row in grades.rows], pa.string())
    following = np.minimum(to + 1, len(visits.unit) - 1)
    final = visits.case[following] != visits.case[to]
    final |= to == len(visits.unit) - 1
    return {
        "sender": units.take(pa.array(visits.unit[to - 1])),
        "receiver": units.take(pa.array(visits.unit[to])),
        "next": units.take(pa.array(visits.unit[following], mask=final)),
        "day": _days(steps.placed[visits.first[to]]),
        "steps": pa.array(visits.size[to]).cast(pa.string()),
        "first": named.take(pa.array(steps.activity[visits.first[to]])),
        "last": named.take(pa.array(steps.activity[visits.last[to]])),
        "new": named.take(pa.array(grades.new[to], mask=grades.new[to] < 0)),
        "rule": rules.take(pa.array(grades.rule[to], mask=grades.rule[to] < 0)),
    }


def _days(at: Ints) -> pa.Array:
    days, place = np.unique(local_day(at), return_inverse=True)
    names = [day(_EPOCH + timedelta(days=number)) for number in days.tolist()]
    return pa.array(names, pa.string()).take(pa.array(place))
