"""The report's model: plain data, Danish, small counts hidden, honest about what is missing."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

from procmine.indicators.baseline import freeze
from procmine.indicators.definitions import read_definitions
from procmine.indicators.inputs import Span
from procmine.indicators.source import inputs_of
from procmine.report import build_report
from procmine.report.figures_data import cause_means, longest_ways, measured
from procmine.report.model import Figure, Table
from procmine.tables.facts import CASES, WAITS
from tests.report.small_store import small_store

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.report.model import ReportModel
    from procmine.store.snapshot import Snapshot

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAIN = (str, int, float, bool, type(None))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return small_store(
        tmp_path_factory.mktemp("store") / "s",
        cases=240,
        faster_from=datetime(2026, 3, 1, tzinfo=UTC),
    )


def plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(plain(part) for part in value)
    if is_dataclass(value):
        return all(plain(getattr(value, f.name)) for f in fields(value))
    return type(value) in PLAIN


@pytest.fixture(scope="module")
def start(snapshot: Snapshot) -> ReportModel:
    return build_report(snapshot)


@pytest.fixture(scope="module")
def change(snapshot: Snapshot) -> ReportModel:
    return build_report(snapshot, since=date(2026, 3, 1))


def test_the_model_is_plain_data_and_pure(snapshot: Snapshot, start: ReportModel) -> None:
    """Nothing but tuples, texts and numbers; building it twice gives the same."""
    assert plain(start)
    assert build_report(snapshot) == start


def table(model: ReportModel, caption: str) -> Table:
    blocks = (block for section in model.sections for block in section.blocks)
    return next(b for b in blocks if isinstance(b, Table) and b.caption.startswith(caption))


def test_every_table_is_square_and_every_figure_described(
    start: ReportModel, change: ReportModel
) -> None:
    """Each row has as many cells as the headers; each figure says in words what it shows."""
    for model in (start, change):
        blocks = [block for section in model.sections for block in section.blocks]
        for block in blocks:
            if isinstance(block, Table):
                width = len(block.headers)
                assert len(block.widths) == width
                assert {len(row) for row in block.rows} <= {width}
            if isinstance(block, Figure):
                assert len(block.alt) > 20


def test_the_start_says_what_is_missing_and_who_must_supply_it(start: ReportModel) -> None:
    """Promises and indicators without data are tasks with room for a name and a date."""
    rows = table(start, "Hvad der mangler").rows
    assert rows[0][:2] == ("Allokerede ressourcer til opgaven", "Tidsmåling på 25 sager")
    assert all(row[2] == row[3] == "______" for row in rows)


def _wait(case: str, days: float, cause: str, place: int, source: str = "a") -> dict[str, object]:
    begin = DAY + pd.Timedelta(days=place)
    end = begin + pd.Timedelta(days=days)
    return {
        "case_id": case, "from_event": f"{case}{place}", "to_event": f"{case}{place + 1}",
        "from_activity": source, "to_activity": "b", "start": begin, "end": end,
        "hours": days * 24, "business_hours": None, "days": days, "days_low": days,
        "days_high": days, "cause": cause, "nature": "ukendt", "assumed_deadline": False,
        "censored": False, "explanation": "",
    }  # fmt: skip


def _tables(waits: list[dict[str, object]], citizens: dict[str, str]) -> tuple[pa.Table, pa.Table]:
    cases = [
        {
            "case_id": case, "object_id": case, "citizen_id": person, "start": DAY,
            "no_start_step": False, "start_precision": "minute", "events": 2,
        }
        for case, person in citizens.items()
    ]  # fmt: skip
    return (
        WAITS.check(_arrow(WAITS, waits)),
        CASES.check(_arrow(CASES, cases)),
    )


def _arrow(schema: object, rows: list[dict[str, object]]) -> pa.Table:
    target = schema.arrow()  # type: ignore[attr-defined]
    kinds = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in target]
    columns = [[row.get(name) for row in rows] for name in target.names]
    arrays = [pa.array(c, k) for c, k in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=target.names)


def test_a_way_sums_its_causes_and_needs_ten_citizens() -> None:
    """Twelve passages of 1 to 12 days, in two parts each: median 6.5, ranks 3 and 10.

    n/2 - 0.98 root n = 2.6 and n/2 + 1 + 0.98 root n = 10.4, so the interval is from the
    second to the eleventh day. A way of nine citizens is not shown, however long.
    """
    rows = []
    for n in range(1, 13):
        rows.append(_wait(f"c{n:02d}", n * 0.25, "citizen", 0))
        rest = _wait(f"c{n:02d}", n * 0.75, "document", 0)
        rest["start"] = rows[-1]["end"]
        rest["end"] = DAY + pd.Timedelta(days=n)
        rows.append(rest)
    rows += [_wait(f"c{n:02d}", 90.0, "citizen", 40, "rare") for n in range(1, 10)]
    waits, cases = _tables(rows, {f"c{n:02d}": f"p{n}" for n in range(1, 13)})
    found = longest_ways(waits, cases, Span.of("2026-01-01", "2026-12-31"))
    assert found["source"].tolist() == ["a"]
    row = found.iloc[0]
    assert (row["n"], row["citizens"], row["median_days"], row["days"]) == (12, 12, 6.5, 78.0)
    assert (row["lower"], row["upper"]) == (2.0, 11.0)
    assert (row["cause"], row["cause_share"]) == ("document", 0.75)


def test_means_by_cause_count_cases_without_it_as_zero() -> None:
    """Ten citizens, six of whom waited 10 days: 6 days a case.

    A cause of two citizens is hidden, and the least of the others with it.
    """
    rows = [_wait(f"c{n}", 10.0, "citizen", 0) for n in range(6)]
    rows += [_wait(f"c{n}", 3.0, "document", 20) for n in range(5)]
    citizens = {f"c{n}": f"p{n}" for n in range(10)}
    waits, cases = _tables(rows, citizens)
    found = cause_means(waits, cases, 5)
    assert dict(zip(found["cause"], found["mean"], strict=True)) == {
        "citizen": 6.0,
        "document": 1.5,
    }
    assert found["share"].tolist() == [0.8, 0.2]
    waits, cases = _tables(
        [*rows, _wait("c0", 2.0, "busy", 30), _wait("c1", 2.0, "busy", 30)], citizens
    )
    assert cause_means(waits, cases, 5)["cause"].tolist() == ["citizen"]


def test_a_repeated_step_is_no_way_between_two() -> None:
    """Follow-ups that come again each month are not the longest way of a process."""
    rows = [_wait(f"c{n:02d}", 30.0, "citizen", 0, "b") for n in range(12)]
    waits, cases = _tables(rows, {f"c{n:02d}": f"p{n}" for n in range(12)})
    assert longest_ways(waits, cases, Span.of("2026-01-01", "2026-12-31")).empty


def test_a_log_that_cannot_be_graded_says_so(tmp_path: Path) -> None:
    """Without grades there is no number of redundant handovers, and the task is listed."""
    model = build_report(small_store(tmp_path / "s", graded=False))
    short = model.sections[0].blocks[0].items
    assert not any("overflødige" in line for line in short)
    missing = [row[0] for row in table(model, "Hvad der mangler").rows]
    assert "Overflødige overleveringer pr. 100 sager" in missing


def test_a_log_without_citizens_and_ends_says_so(tmp_path: Path) -> None:
    """Cases are not passed off as citizens, nor a last step as an end that was registered."""
    warnings = build_report(small_store(tmp_path / "s", cases=60, bare=True)).warnings
    assert "Loggen kender ikke borgerne. Hver sag tæller som én borger." in warnings
    assert any(text.startswith("Loggen siger ikke, hvornår en sag er afgjort") for text in warnings)


def test_real_data_are_not_called_synthetic(tmp_path: Path) -> None:
    """The warning stands where the log says so, and only there."""
    model = build_report(small_store(tmp_path / "s", synthetic=False))
    assert not any("syntetisk" in text for text in model.warnings)


def test_few_cases_show_no_number(tmp_path: Path) -> None:
    """Four citizens: no figure, no curve, no way and no handover is written out."""
    model = build_report(small_store(tmp_path / "s", cases=14))
    assert model.kind == "start"
    rows = table(model, "Målt fra").rows
    assert {row[1] for row in rows} <= {"for få til at vise", "ikke målt"}


def test_a_sealed_baseline_makes_the_report_compare(snapshot: Snapshot, tmp_path: Path) -> None:
    """The period before is the baseline's; a target is judged; a changed file is named."""
    file = tmp_path / "baseline.toml"
    definitions = read_definitions(snapshot.config.files["indikatorer"])
    duration = definitions.indicators[0].id
    freeze(
        file,
        definitions,
        [inputs_of(snapshot, "sanktion")],
        Span.of("2024-11-04", "2026-02-28"),
        registered=date(2026, 2, 28),
        config=snapshot.config.sources,
        targets={duration: 16.0},
    )
    model = build_report(snapshot, baseline=file)
    assert model.kind == "change"
    assert "28. februar 2026" in table(model, "Før: 4. november 2024").caption
    short = " ".join(model.sections[0].blocks[0].items)
    assert "Målet er 16 dage: målet er nået" in short
    assert not any("låst" in text for text in model.warnings)
    file.write_text(file.read_text().replace("16.0", "30.0"), encoding="utf-8")
    told = build_report(snapshot, baseline=file).warnings[-1]
    assert told == "Startmålingen er ikke, som da den blev låst: filen er ændret."


def test_the_measured_span_bounds_every_table(snapshot: Snapshot) -> None:
    """Handovers, waits and cases of other months do not enter a report of one quarter."""
    whole = measured(snapshot, "sanktion")
    part = measured(snapshot, "sanktion", Span.of("2026-01-01", "2026-03-31"))
    assert 0 < part.handovers.handovers < whole.handovers.handovers / 3
    assert part.totals.cases < whole.totals.cases / 3
