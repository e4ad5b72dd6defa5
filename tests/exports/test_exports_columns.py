"""Optional columns: a column that no file has is no attribute of the log."""

from __future__ import annotations

from tests.exports.samples import DOKUMENTER, SAG, SAGER, Deliver, Loaded

REASON = "Fornyelsesgrund"


def documents(*names: str) -> dict[str, object]:
    """Return a delivery with one document, whose list has some optional columns."""
    header = [*DOKUMENTER.split(";"), *names]
    row = ["D-1", "S-1", *[""] * 2, "Attest", "", "Indgående", "", "03-02-2025 10:00"]
    return {
        "opera_sager.csv": f"{SAGER}\n{SAG}\n",
        "workbase_dokumenter.xlsx": [header, row + [""] * (len(header) - len(row))],
    }


def declared(load: Loaded) -> set[str]:
    found = load.sql("SELECT attribute FROM attributes WHERE type = 'dokument'")
    return {name for (name,) in found}


def test_a_column_that_no_file_has_is_not_declared(deliver: Deliver) -> None:
    """Without the column of reasons the log cannot know whether a reason was given."""
    load = deliver(documents())
    assert "fornyelsesgrund" not in declared(load)
    assert "dokumenttype" in declared(load)


def test_an_empty_column_is_declared(deliver: Deliver) -> None:
    """A column that is there but empty says that no reason was given."""
    assert "fornyelsesgrund" in declared(deliver(documents(REASON)))


def test_a_column_stays_once_a_delivery_had_it(deliver: Deliver) -> None:
    """What an earlier delivery held is still known when a later one lacks it."""
    first = deliver(documents(REASON), extracted="2025-06-30")
    later = deliver(documents(), previous=first, extracted="2025-07-31")
    assert "fornyelsesgrund" in declared(later)
