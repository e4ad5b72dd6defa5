"""A map calls its activities what its own process calls them."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from procmine.aggregates.process_map import process_map
from procmine.config import load_config


def test_two_processes_call_one_activity_by_two_names() -> None:
    """The decision of a sanction is named as in the catalogue of sanctions."""
    steps = pa.table(
        {
            "case_id": ["1"],
            "seq": [0],
            "activity": ["afgoerelse_truffet"],
            "placed": [datetime(2026, 3, 2, 9, tzinfo=UTC)],
            "start": pa.nulls(1, pa.timestamp("us", "UTC")),
            "precision": ["second"],
            "class": ["decision"],
            "unit": ["U"],
            "unit_kind": ["K"],
            "in_case": [True],
        }
    )
    cases = pa.table({"case_id": ["1"], "citizen_id": ["p"], "open": [False]})
    config = load_config()

    labels = {
        name: process_map(steps, cases, config, process=name, disclose=True).nodes["label"].item()
        for name in ("sanktion", "rehabilitering")
    }

    assert labels == {
        "sanktion": "Afgørelse om sanktion truffet",
        "rehabilitering": "Afgørelse truffet",
    }
