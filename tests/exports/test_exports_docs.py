"""The worked examples of the documentation do what they say."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.exports.samples import Deliver

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("PROCMINE_REAL_LOGS", ROOT.parent / "shared" / "logs"))
BLOCK = re.compile(r"```\w+ file=(\S+)\n(.*?)```", re.DOTALL)


def test_the_tutorials_example_loads_as_the_tutorial_says(deliver: Deliver, tmp_path: Path) -> None:
    """Files and profile stand in the text; figures too."""
    text = (ROOT / "docs" / "profiler.md").read_text(encoding="utf-8")
    blocks = dict(BLOCK.findall(text))
    profile = tmp_path / "min_profil.toml"
    profile.write_text(blocks.pop("min_profil.toml"), encoding="utf-8")
    files = {name: content.encode() for name, content in blocks.items()}
    load = deliver(files, profile=profile, units=False)
    assert load.json["totals"] == {"read": 7, "kept": 6, "left_out": 0, "quarantined": 1}
    assert load.json["events"] == 2
    changed = {**files, "sager.csv": files["sager.csv"].replace("Åben".encode(), b"Lukket")}
    later = deliver(changed, profile=profile, units=False, previous=load, extracted="2026-01-31")
    assert later.sql("SELECT event_type FROM events WHERE event_id LIKE 'status:%'") == [
        ("sag_lukket",)
    ]


def test_two_linked_processes_become_one_log(deliver: Deliver) -> None:
    """Three files of a real log: two kinds of cases, their events, and what joins them."""
    names = ("receipt_even.csv", "receipt_odd.csv", "case_relations.csv")
    if not all((REAL / name).exists() for name in names):
        pytest.skip("the real logs are not here (PROCMINE_REAL_LOGS)")
    files = {name: (REAL / name).read_bytes() for name in names}
    profile = ROOT / "docs" / "eksempler" / "receipt.toml"
    load = deliver(files, profile=profile, units=False, extracted=None)
    assert load.json["totals"]["kept"] == load.json["totals"]["read"] == 9895
    counts = {name: load.json[name] for name in ("events", "e2o", "o2o")}
    assert counts == {"events": 8577, "e2o": 3 * 8577, "o2o": 1318}
    kinds = dict(load.sql("SELECT object_type, count(*) FROM objects GROUP BY 1"))
    assert (kinds["ansoegning"], kinds["tilladelse"]) == (1434, 1318)
