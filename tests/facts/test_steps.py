"""Cases and steps: order, start, end, phases, units (design sections 2 to 4)."""

from __future__ import annotations


from datetime import date

import pandas as pd

from tests.facts.toy import Ev, Toy, at

from procmine.facts.cases import case_table, find_cases
from procmine.facts.lifelines import plan
from procmine.facts.steps import step_table
from procmine.facts.run import _with_empty
from procmine.tables.facts import CASES, STEPS
import numpy as np
import pyarrow as pa


def tables(toy: Toy, **options: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    cases, steps = [], []
    for chunk in plan(toy.source(), toy.the_process(), **options):
        found = find_cases(chunk)
        cases.append(CASES.check(_with_empty(case_table(chunk, found), CASES)))
        steps.append(STEPS.check(step_table(chunk, found, np.full(len(chunk.activity), -1))))
    return pa.concat_tables(cases).to_pandas(), pa.concat_tables(steps).to_pandas()


def test_start() -> None:
    cases, steps = tables(Toy([Ev("udeblivelse_registreret", "AA"), Ev("vejledning_givet", "JC")]))
    assert cases["start"].iloc[0] == pd.Timestamp("2026-03-02 08:00Z")
