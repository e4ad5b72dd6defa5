"""The made-up delivery with every kind of mess, against the truth of its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from procmine.config import load_config
from procmine.exports import read_delivery
from procmine.synth import load_scenario, simulate

if TYPE_CHECKING:
    from pathlib import Path


def test_every_planted_fault_gets_its_fate(tmp_path: Path) -> None:
    """Rows read, kept, left out, quarantined and repaired are those that were planted."""
    made = simulate(load_scenario("rodet"), tmp_path / "rodet")
    truth = json.loads((made.truth / "rows.json").read_text(encoding="utf-8"))
    out = tmp_path / "out"
    out.mkdir()
    account = read_delivery(
        made.delivery, "kmd", key=tmp_path / "key", out=out, config=load_config()
    ).to_json()
    ours = {file["file"]: file for file in account["files"]}
    for file in truth["files"]:
        for figure in ("read", "kept", "left_out", "quarantined", "repaired"):
            assert ours[file["file"]][figure] == file[figure], (file["file"], figure)
        for kind, count in file["not_rows"].items():
            assert ours[file["file"]]["not_rows"][kind] == count
    assert account["totals"]["quarantined"] > 0
