"""Small counts stay inside, and no total gives them away."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from procmine.disclosure import FLOOR, suppress

MATRIX = pd.DataFrame(
    {
        "from": ["A", "A", "A", "B", "B", "B", "C", "C", "C"],
        "to": ["A", "B", "C", "A", "B", "C", "A", "B", "C"],
        "citizens": [0, 2, 40, 30, 0, 12, 25, 9, 0],
        "handovers": [0, 3, 55, 31, 0, 13, 26, 11, 0],
    }
)


def test_one_to_four_are_hidden_and_nought_and_five_are_shown() -> None:
    """A count from 1 to 4 is a leak; none at all and five or more are not."""
    cells = pd.DataFrame({"citizens": [0, 1, 4, 5], "sum": [0.0, 1.0, 2.0, 3.0]})

    hidden = suppress(cells, values=["sum"])

    assert hidden["suppressed"].tolist() == [False, True, True, False]
    assert hidden["citizens"].isna().tolist() == [False, True, True, False]
    assert hidden["sum"].isna().tolist() == [False, True, True, False]


def test_margins_do_not_give_a_hidden_cell_away() -> None:
    """In a matrix with both totals shown, no row or column hides exactly one cell."""
    hidden = suppress(MATRIX, values=["handovers"], within=[["from"], ["to"]])

    for margin in ("from", "to"):
        per_line = hidden.groupby(margin)["suppressed"].sum()
        assert (per_line != 1).all()


def test_the_table_given_is_not_changed() -> None:
    """The caller's frame keeps its numbers."""
    before = MATRIX.copy()

    suppress(MATRIX, within=[["from"]])

    pd.testing.assert_frame_equal(MATRIX, before)


def test_no_setting_goes_under_the_floor() -> None:
    """A minimum of 1 is raised to the floor."""
    cells = pd.DataFrame({"citizens": [FLOOR - 1, FLOOR]})

    assert suppress(cells, minimum=1)["suppressed"].tolist() == [True, False]


def test_a_median_needs_ten() -> None:
    """A percentile over fewer than ten citizens is blank though the count is shown."""
    cells = pd.DataFrame({"citizens": [9, 10], "median": [3.0, 4.0]})

    hidden = suppress(cells, percentiles=["median"])

    assert hidden["median"].isna().tolist() == [True, False]
    assert hidden["citizens"].tolist() == [9, 10]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_a_total_never_leaves_one_unknown(counts: list[int]) -> None:
    """Whatever the counts, the grand total never has exactly one hidden cell to solve for."""
    hidden = suppress(pd.DataFrame({"citizens": counts}), within=[[]])

    unknown = hidden["suppressed"].sum()
    shown = sum(1 for n in counts if n > 0) - unknown
    assert unknown != 1 or shown == 0
