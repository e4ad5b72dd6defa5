"""Minutes and kroner of documents, and facts entered twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.config import load_config
from procmine.facts.effort import document_effort
from procmine.facts.entered_twice import entered_twice
from tests.facts.toy import at, config_with

TIMES = """
[[kind]]
label = "Attest"
fixed_minutes = { low = 5, middle = 20, high = 30 }

[minutes]
per_page = { low = 0.5, middle = 1.0, high = 2.0 }
fixed = { low = 2, middle = 5, high = 10 }
"""


def test_minutes_by_pages_and_documents() -> None:
    """Thirty pages in eight documents are 70 minutes (D7), between 31 and 140."""
    rows = pa.table({"kind": ["Plan"] * 8, "pages": [10.0, 10.0, 5.0, 5.0, 0.0, 0.0, 0.0, 0.0]})
    found = document_effort(rows, config_with({"dokumenttyper.toml": TIMES}))
    total = {name: sum(found[name].to_pylist()) for name in found.column_names[:3]}

    assert total == {"minutes_low": 31, "minutes_middle": 70, "minutes_high": 140}
    assert found["kroner_middle"].null_count == 8


def test_kinds_have_their_own_times_and_hours_a_price() -> None:
    """A kind's own minutes replace the usual ones; kroner follow from the price of an hour."""
    text = TIMES + "hour_cost = { low = 300, middle = 360, high = 420 }\n"
    rows = pa.table({"kind": ["attest", None], "pages": [10.0, None]})
    found = document_effort(rows, config_with({"dokumenttyper.toml": text}))

    assert found["minutes_middle"].to_pylist() == [30, 5]
    assert found["kroner_middle"].to_pylist() == pytest.approx([180, 30])
    assert found["kroner_high"].to_pylist() == pytest.approx([350, 70])


def test_facts_entered_twice(tmp_path: Path) -> None:
    """D6: the address again in a second system after two days; the phone number disagrees."""
    base = [
        ("1", "P1", "Adresse", "h1", at(2), "Opera", False),
        ("2", "P1", "Adresse", "h1", at(4), "Aktiv", False),
        ("3", "P1", "Telefon", "h2", at(2), "Opera", False),
        ("4", "P1", "Telefon", "h3", at(3), "Aktiv", False),
        ("5", "P1", "Adresse", "h1", at(5), "Workbase", True),
        ("6", "P2", "Adresse", "h1", at(4), "Aktiv", False),
        ("7", "P1", "Adresse", "h1", at(4) + timedelta(days=60), "Opera", False),
        ("8", "P1", "Adresse", "h1", at(2), "Opera", False),
    ]
    names = ["fact_id", "citizen_id", "field", "value", "time", "system", "automatic"]
    table = pa.table({name: [row[i] for row in base] for i, name in enumerate(names)})
    table = table.append_column("unit", pa.array([None] * len(base), pa.string()))
    (tmp_path / "side").mkdir()
    pq.write_table(table, tmp_path / "side" / "facts.parquet")
    found = entered_twice(tmp_path, load_config()).to_pylist()

    assert [(row["fact_id"], row["same"]) for row in found] == [("4", False), ("2", True)]
    assert found[1]["days_between"] == 2
    assert found[1]["explanation"] == (
        "Adresse er indtastet i Aktiv, 2,0 dage efter at det samme blev indtastet i Opera."
    )


def test_no_side_table_no_rows(tmp_path: Path) -> None:
    """A log without facts has none entered twice."""
    assert entered_twice(tmp_path, load_config()).num_rows == 0
