"""Values of the indicators, by hand; their table, with small counts hidden."""

from __future__ import annotations

import pandas as pd
import pytest

from procmine.effects.windows import utc
from procmine.errors import ConfigError
from procmine.indicators.definitions import read_definitions
from procmine.indicators.inputs import Inputs, Span
from procmine.indicators.measure import change, figure
from procmine.indicators.sample import draw
from procmine.indicators.values import COLUMNS, values
from tests.indicators.worlds import DEFINITIONS, four_cases, many_cases

ALL = Span.of("2026-01-01", "2026-02-28")


def drawn(name: str, span: Span = ALL) -> dict[str, float]:
    indicator = DEFINITIONS.get(name)
    assert indicator is not None
    frame = draw(indicator, four_cases(), span).frame
    return dict(zip(frame["case_id"], frame["value"], strict=True))


def test_redundant_handovers_per_100_cases() -> None:
    """Counted up to the decision and with it; later ones, and cases in doubt, are out."""
    assert drawn("P1") == {"a": 200.0, "b": 0.0}


def test_internal_waiting_in_working_days() -> None:
    """Eight working hours a day; waiting after the decision is out, other natures count 0."""
    assert drawn("P2") == {"a": 2.0, "b": 0.5, "c": 0.0}


def test_documents_not_tied_to_a_decision() -> None:
    """Unused ones received by the decision; a case without coverage cannot be assessed."""
    assert drawn("P3") == {"a": 1.0, "c": 0.0}


def test_documents_fetched() -> None:
    """Incoming ones received by the decision, exempt ones left out."""
    assert drawn("P4") == {"a": 1.0, "b": 1.0, "c": 0.0}


def test_only_cases_decided_in_the_period() -> None:
    """January holds the one decision of January."""
    assert drawn("P4", Span.of("2026-01-01", "2026-01-31")) == {"a": 1.0}


def test_hearing_before_the_decision() -> None:
    """Of two decisions one came after a hearing; a hearing sent later does not count."""
    assert drawn("partshoering_foer_afgoerelse") == {"a": 100.0, "b": 0.0}


def test_closed_without_sanction() -> None:
    """Closed as such, or decided without one."""
    assert drawn("lukket_uden_sanktion") == {"a": 0.0, "b": 100.0, "c": 100.0}


def test_changed_or_sent_back() -> None:
    """Steps are the base: a reassessment upheld and an appeal sent back, one of two."""
    indicator = DEFINITIONS.get("omgjort_hjemvist")
    assert indicator is not None

    sample = draw(indicator, four_cases(), ALL)

    assert sample.frame["value"].tolist() == [0.0, 100.0]
    assert figure(indicator, four_cases(), ALL).estimate.value == 50.0


def test_an_absent_table_is_not_zero() -> None:
    """Without documents nothing is measured: no value, and every case left out."""
    inputs = four_cases()
    tables = {k: v for k, v in inputs.tables.items() if k != "documents"}
    empty = {**inputs.tables, "documents": inputs.tables["documents"].iloc[:0]}
    indicator = DEFINITIONS.get("P4")
    assert indicator is not None

    for given in (tables, empty):
        bare = Inputs("sanktion", "Sanktion", given, inputs.cut, inputs.log_start, 120)
        found = figure(indicator, bare, ALL)

        assert not found.measured
        assert found.left_out == 3


def test_mean_by_citizen() -> None:
    """Three cases of two citizens: mean 2.5 / 3, one degree of freedom."""
    indicator = DEFINITIONS.get("P2")
    assert indicator is not None

    found = figure(indicator, four_cases(), ALL)

    assert found.estimate.value == pytest.approx(2.5 / 3)
    assert (found.cases, found.citizens) == (3, 2)
    # Residuals 2 - 5/6 + 1/2 - 5/6 = 5/6 and -5/6, over 3 cases, times root 2.
    assert found.estimate.se == pytest.approx(((5 / 18) ** 2 * 2 * 2) ** 0.5)


def test_table_has_the_columns_of_the_contract() -> None:
    """The contract's columns come first and in its order."""
    table = values(DEFINITIONS, many_cases(), Span.of("2026-01-01", "2026-06-30"))

    assert tuple(table.columns) == COLUMNS
    assert table["standing"].isna().all()
    assert ",".join(table.columns[:15]) == (
        "indicator,process,group,period,value,unit,n,lower,upper,"
        "baseline,target,change,change_lower,change_upper,verdict"
    )


def test_small_counts_are_hidden_and_cannot_be_worked_out() -> None:
    """A unit of four citizens is hidden, and so is the next smallest."""
    inputs = many_cases()
    cases = inputs.tables["cases"].copy()
    cases.loc[cases.index[-4:], "unit"] = "T"
    tables = {**inputs.tables, "cases": cases}
    small = Inputs("sanktion", "Sanktion", tables, inputs.cut, inputs.log_start, 120)

    table = values(DEFINITIONS, small, Span.of("2026-01-01", "2026-06-30"), by=["unit"])
    units = table[(table["indicator"] == "sagsbehandlingstid") & (table["by"] == "unit")]

    assert units.set_index("group")["suppressed"].to_dict() == {"N": False, "S": True, "T": True}
    assert units[units["suppressed"]][["n", "value", "lower", "citizens"]].isna().all().all()


def test_analysts_see_all() -> None:
    """With disclosure turned off nothing is hidden."""
    table = values(DEFINITIONS, four_cases(), ALL, by=["unit", "month"], disclose=True)

    assert not table["suppressed"].any()
    months = table[(table["indicator"] == "indhentede_dokumenter") & (table["by"] == "month")]
    assert months.set_index("period")["value"].to_dict() == {"2026-01": 1.0, "2026-02": 0.5}


def test_change_and_verdict() -> None:
    """Cases that take half as long from 2026 on are improved, and the change adds up."""
    table = values(
        DEFINITIONS,
        many_cases(change=0.5),
        Span.of("2026-01-01", "2026-06-30"),
        before=Span.of("2024-01-01", "2025-12-31"),
        targets={"sagsbehandlingstid": 40.0},
        by=["unit"],
    )
    rows = table[table["indicator"] == "sagsbehandlingstid"].set_index("group")

    assert rows["verdict"].to_dict() == {"": "FORBEDRET", "N": "FORBEDRET", "S": "FORBEDRET"}
    total = rows.loc[""]
    assert total["value"] - total["baseline"] == pytest.approx(total["change"])
    assert total["change_upper"] < 0
    assert total["target"] == 40.0
    moves = table[(table["indicator"] == "overfloedige_overleveringer") & (table["by"] == "")]
    assert moves["verdict"].tolist() == ["UAENDRET"]


def test_months_keep_the_horizon_of_the_total() -> None:
    """Months are measured at the total's horizon, so that they can be compared."""
    table = values(
        DEFINITIONS, many_cases(), Span.of("2024-01-01", "2026-06-30"), by=["month"], disclose=True
    )
    rows = table[table["indicator"] == "sagsbehandlingstid"]

    assert len(set(rows["horizon_days"])) == 1
    assert rows["period"].tolist()[1:3] == ["2024-01", "2024-02"]
    assert len(rows) == 31


def test_spans_are_cut_at_the_data() -> None:
    """A span beyond the log is told as what the data hold."""
    found = figure(DEFINITIONS.indicators[0], many_cases(), Span.of("2020-01-01", "2030-01-01"))

    assert found.span.text == "2024-01-01/2026-06-30"


def test_change_of_an_empty_span_is_no_number() -> None:
    """No data after the baseline: no change, no crash."""
    inputs = many_cases()
    after = Span(inputs.cut, inputs.cut)
    for indicator in DEFINITIONS.indicators:
        found = change(indicator, inputs, Span.of("2024-01-01", "2026-06-30"), after)

        assert not found.now.measured


def test_span_days_are_local() -> None:
    """The last day of a span counts whole, in local time."""
    span = Span.of("2026-03-01", "2026-03-31")

    assert span.finish == utc("2026-04-01")
    assert span.holds(pd.Series([pd.Timestamp("2026-03-31 21:59", tz="UTC")])).tolist() == [True]
    assert span.holds(pd.Series([pd.Timestamp("2026-03-31 22:00", tz="UTC")])).tolist() == [False]


def test_faulty_definitions_are_named_all_at_once() -> None:
    """Every fault of the file comes in one message."""
    raw = {
        "indicator": [
            {"id": "x", "name": "X", "subject": "X", "kind": "other", "unit": "u",
             "direction": "sideways", "margin": 1},
            {"id": "y", "kind": "share_cases", "companions": ["z"]},
        ]
    }  # fmt: skip

    with pytest.raises(ConfigError) as caught:
        read_definitions(raw)

    codes = {fault.code for fault in caught.value.faults}
    assert codes == {
        "unknown_kind",
        "unknown_direction",
        "missing_key",
        "unknown_indicator",
    }


def test_none_seen_is_not_none_ever() -> None:
    """No redundant handover in n cases still leaves room above 0, in level and change."""
    inputs = many_cases()
    moves = inputs.tables["handovers"].assign(redundant=False)
    tables = {**inputs.tables, "handovers": moves}
    none = Inputs("sanktion", "Sanktion", tables, inputs.cut, inputs.log_start, 120)
    indicator = DEFINITIONS.get("P1")
    assert indicator is not None

    found = change(
        indicator, none, Span.of("2024-01-01", "2025-12-31"), Span.of("2026-01-01", "2026-06-30")
    )

    assert found.now.estimate.value == 0
    assert 1 < found.now.estimate.upper < 5
    assert found.estimate.lower < 0 < found.estimate.upper


def test_few_that_cannot_be_assessed_are_hidden_too() -> None:
    """Three cases in doubt are not told as a number."""
    inputs = many_cases()
    moves = inputs.tables["handovers"].copy()
    moves["redundant"] = moves["redundant"].astype("boolean")
    moves.loc[moves.index[-200:-197], "redundant"] = None
    tables = {**inputs.tables, "handovers": moves}
    some = Inputs("sanktion", "Sanktion", tables, inputs.cut, inputs.log_start, 120)
    span = Span.of("2026-01-01", "2026-06-30")

    told = values(DEFINITIONS, some, span).set_index("indicator")["left_out"]
    known = values(DEFINITIONS, some, span, disclose=True).set_index("indicator")["left_out"]

    assert known["overfloedige_overleveringer"] == 3
    assert pd.isna(told["overfloedige_overleveringer"])
