"""Shifts of the responsible caseworker or unit (sagsskift): a measure apart from handovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.facts.cases import NONE

if TYPE_CHECKING:
    from procmine.facts.cases import Cases
    from procmine.facts.lifelines import Lifelines

__all__ = ["case_shifts"]


def case_shifts(steps: Lifelines, cases: Cases) -> dict[str, pa.Array]:
    """Count how often who is responsible changed between a case's start and its end.

    The initial value is not counted, nor a change to the same value (spec methods,
    section 2.1). The attribute is that of the case file, else of the case object.

    Parameters
    ----------
    steps, cases
        A chunk of the process.

    Returns
    -------
    dict
        ``responsible_shifts`` and ``unit_shifts``, one entry a case; empty where the log
        does not hold who is responsible for it.
    """
    roles = steps.plan.source.roles
    return {
        "responsible_shifts": _shifts(steps, cases, roles.responsible),
        "unit_shifts": _shifts(steps, cases, roles.responsible_unit),
    }


def _shifts(steps: Lifelines, cases: Cases, attribute: str) -> pa.Array:
    size = len(cases.start)
    if not attribute or not size:
        return pa.nulls(size, pa.int64())
    source = steps.plan.source
    folder, own = (np.asarray(steps.cases[name]) for name in ("folder_row", "object_row"))
    until = np.where(cases.end == NONE, source.cut_us, cases.end)
    counts, told = source.history(attribute).shifts(
        np.where(folder >= 0, folder, own), cases.start, until
    )
    return pa.array(counts, mask=~told)
