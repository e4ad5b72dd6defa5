"""The sealed baseline: written whole, read back, and every change since is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.effects.windows import utc
from procmine.errors import ConfigError, Fault, UsageError
from procmine.indicators.baseline import Baseline, freeze, read_baseline, verify
from procmine.indicators.changes import changes
from procmine.indicators.definitions import Definitions
from procmine.indicators.inputs import Inputs, Span
from procmine.indicators.seal import read_sealed, sealed_text
from tests.indicators.worlds import DEFINITIONS, many_cases

SPAN = Span.of("2024-01-01", "2025-12-31")
CONFIG = {"indikatorer.toml": "format = 1\n", "catalogues/sanktion.toml": "x = 1\n"}


def until(inputs: Inputs, cut: str) -> Inputs:
    """Return the same process as it looked at an earlier cut."""
    moment = utc(cut)
    cases = inputs.tables["cases"]
    cases = cases[cases["start"] <= moment].copy()
    late = cases["decided"].isna() | (cases["decided"] > moment)
    cases["open"] = late
    for name in ("decided", "end"):
        cases[name] = cases[name].mask(late)
    moves = inputs.tables["handovers"]
    tables = {"cases": cases, "handovers": moves[moves["to_time"] <= moment]}
    return Inputs("sanktion", "Sanktion", tables, moment, inputs.log_start, 120)


def sealed(tmp_path: Path, inputs: Inputs | None = None) -> Path:
    path = tmp_path / "baseline.toml"
    freeze(
        path,
        DEFINITIONS,
        [inputs or many_cases()],
        SPAN,
        registered=date(2026, 1, 5),
        config=CONFIG,
        snapshot="2026-01-05T10",
        targets={"sagsbehandlingstid": 45},
    )
    return path


def test_it_holds_what_it_must(tmp_path: Path) -> None:
    """Period, figures with n and interval, finished at-risk table, targets, hashes."""
    baseline: Baseline = read_baseline(sealed(tmp_path))

    assert baseline.whole
    assert (baseline.span.text, baseline.registered) == (SPAN.text, date(2026, 1, 5))
    assert baseline.targets == {"sagsbehandlingstid": 45.0}
    row = baseline.figures.set_index("indicator").loc["sagsbehandlingstid"]
    assert row["lower"] < row["value"] < row["upper"]
    assert row["citizens"] == row["cases"] > 900
    curve = baseline.document["curve"][0]
    assert len(curve["days"]) == len(curve["at_risk"]) == len(curve["survival"])
    assert set(baseline.document["config"]) == set(CONFIG)


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Two runs on the same data write the same file."""
    (tmp_path / "b").mkdir()

    assert sealed(tmp_path).read_bytes() == sealed(tmp_path / "b").read_bytes()


def test_untouched_is_intact(tmp_path: Path) -> None:
    """Nothing changed, nothing named; a file saved with Windows line ends is the same file."""
    path = sealed(tmp_path)
    inputs = many_cases()

    assert verify(path, DEFINITIONS, [inputs], CONFIG) == ()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert verify(path, DEFINITIONS, [inputs], CONFIG) == ()


def test_later_deliveries_leave_it_valid(tmp_path: Path) -> None:
    """Sealed in January on what was known then, it holds when half a year has come in."""
    path = sealed(tmp_path, until(many_cases(), "2026-01-05"))

    assert verify(path, DEFINITIONS, [many_cases()], CONFIG) == ()


def test_a_changed_figure_breaks_the_seal(tmp_path: Path) -> None:
    """One digit changed by hand, and the file itself is named."""
    path = sealed(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("cases = 9", "cases = 8", 1), encoding="utf-8")

    faults = verify(path, DEFINITIONS, [many_cases()], CONFIG)

    assert ("broken_seal", "baseline.toml") in {(f.code, f.where) for f in faults}


def test_a_revised_case_is_named(tmp_path: Path) -> None:
    """A decision of 2025 moved by a day: the process and the indicators it touches."""
    path = sealed(tmp_path)
    inputs = many_cases()
    cases = inputs.tables["cases"].copy()
    for name in ("decided", "end"):
        cases.loc[100, name] += pd.Timedelta(days=1)
    tables = {**inputs.tables, "cases": cases}
    revised = Inputs("sanktion", "Sanktion", tables, inputs.cut, inputs.log_start, 120)

    faults = verify(path, DEFINITIONS, [revised], CONFIG)

    assert [(f.code, f.column, f.detail) for f in faults] == [
        ("changed_data", "sanktion", "Gennemsnitlig sagsbehandlingstid")
    ]


def test_changed_definitions_and_files_are_named(tmp_path: Path) -> None:
    """A new digest of an indicator, another text of a file, a process that is gone."""
    path = sealed(tmp_path)
    first = replace(DEFINITIONS.indicators[0], digest="other")
    changed = Definitions((first, *DEFINITIONS.indicators[1:]), DEFINITIONS.promises)

    faults = verify(path, changed, [], CONFIG | {"indikatorer.toml": "format = 2\n"})

    assert {(f.code, f.where, f.column) for f in faults} == {
        ("changed_definition", "baseline.toml", "sagsbehandlingstid"),
        ("missing_process", "", "sanktion"),
        ("changed_config", "indikatorer.toml", ""),
    }


def test_never_over_another(tmp_path: Path) -> None:
    """A baseline that is there is not overwritten, and nothing is left beside it."""
    path = sealed(tmp_path)
    before = path.read_bytes()

    with pytest.raises(UsageError, match="overskrives ikke"):
        sealed(tmp_path)

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["baseline.toml"]


@pytest.mark.parametrize("span", [("2026-03-01", "2026-01-01"), ("2019-01-01", "2019-12-31")])
def test_nothing_to_measure_writes_nothing(tmp_path: Path, span: tuple[str, str]) -> None:
    """An empty period, or one before the data, is refused and leaves no file."""
    path = tmp_path / "baseline.toml"

    with pytest.raises(UsageError):
        freeze(
            path,
            DEFINITIONS,
            [many_cases()],
            Span.of(*span),
            registered=date(2026, 1, 5),
            config=CONFIG,
        )

    assert list(tmp_path.iterdir()) == []


def test_few_citizens_are_not_written(tmp_path: Path) -> None:
    """Figures on four citizens are marked as hidden, without a number."""
    inputs = many_cases()
    cases = inputs.tables["cases"]
    other = inputs.part(pd.Series(range(len(cases))) < 4)
    small = Inputs("rehabilitering", "R", other.tables, inputs.cut, inputs.log_start, 365)
    path = tmp_path / "baseline.toml"
    freeze(
        path,
        DEFINITIONS,
        [inputs, small],
        SPAN,
        registered=date(2026, 1, 5),
        config=CONFIG,
    )

    rows = read_baseline(path).figures
    mine = rows[rows["process"] == "rehabilitering"].set_index("indicator")

    assert bool(mine.loc["overfloedige_overleveringer", "hidden"])
    assert mine[["value", "se"]].isna().all().all()
    assert mine.loc[mine["hidden"], ["cases", "citizens", "ended"]].isna().all().all()


@pytest.mark.parametrize("text", ["", "not toml [", 'seal = "x"\nformat = 1\n', "format = 1\n"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    """A file that is no baseline is refused with one sentence, not a traceback."""
    path = tmp_path / "baseline.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError):
        read_baseline(path)


LEAVES = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.dates(),
    st.lists(st.integers(0, 9), max_size=3),
)
KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)
ROWS = st.dictionaries(KEYS, LEAVES, max_size=4)


@given(ROWS, st.lists(ROWS, min_size=1, max_size=3))
def test_any_document_comes_back_sealed(row: dict[str, object], rows: list[object]) -> None:
    """What is sealed reads back equal, with its seal whole."""
    import tempfile

    document = {"first": 1, "table": row, "rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.toml"
        path.write_text(sealed_text(document), encoding="utf-8", newline="\n")

        assert read_sealed(path) == (document, True)


def test_changes_are_told_in_sentences() -> None:
    """Each kind of change is one sentence that names what was changed."""
    found = changes(
        (
            Fault("broken_seal", "b.toml"),
            Fault("changed_data", "", "sanktion", detail="Sagsbehandlingstid"),
            Fault("changed_config", "indikatorer.toml"),
            Fault("changed_definition", "b.toml", "sagsbehandlingstid"),
            Fault("missing_process", "", "befordring"),
        ),
        "b.toml",
    )

    assert len(found) == 5
    assert found[0].startswith("Startmålingen b.toml er ændret")
    assert "sanktion: Sagsbehandlingstid" in found[1]
    assert "befordring" in found[2]
    assert "sagsbehandlingstid" in found[3]
    assert "indikatorer.toml" in found[4]
