"""Plotly figures: Danish, suppressed unless disclosed, nothing to share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from procmine.errors import UsageError
from procmine.figures import case_timeline, graph_config, waits_figure, write_html

WAITS = pd.DataFrame(
    {
        "case_id": ["1"], "cause": ["citizen"], "nature": ["v"], "days": [14.0],
        "days_low": [14.0], "days_high": [14.0], "business_hours": [80.0],
        "assumed_deadline": [False], "from_event": ["e"], "to_event": ["f"],
        "from_activity": ["a"], "to_activity": ["b"], "holder": ["U"], "censored": [False],
    }
)  # fmt: skip
CASES = pd.DataFrame({"case_id": ["1"], "citizen_id": ["p"]})


def test_one_citizens_time_is_not_drawn() -> None:
    """A figure made of case-level tables hides what rests on one citizen."""
    assert waits_figure(WAITS, CASES).data[0].x == ()


def test_the_analyst_may_see_it() -> None:
    """With disclose the same figure is whole."""
    assert waits_figure(WAITS, CASES, disclose=True).data[0].x == (14.0,)


def test_a_single_case_is_drawn_for_the_analyst_alone() -> None:
    """Without disclose the timeline refuses, and says so without naming the case."""
    with pytest.raises(UsageError, match="disclose"):
        case_timeline("1", pd.DataFrame({"case_id": ["1"]}))


def test_nothing_can_be_shared() -> None:
    """The button that sends a figure away is off, and months are Danish."""
    config = graph_config()
    assert config["showSendToCloud"] is False
    assert config["displayModeBar"] is False
    assert config["locales"]["da"]["format"]["months"][4] == "maj"


def test_a_written_figure_is_whole_in_itself(tmp_path: Path) -> None:
    """The page is Danish and loads no script from elsewhere."""
    page = tmp_path / "f.html"
    write_html(waits_figure(WAITS, CASES, disclose=True), page)
    text = page.read_text("utf-8")
    assert '<html lang="da">' in text
    assert 'src="http' not in text
