"""A small municipality, simulated once for all tests of this folder."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from procmine.synth import Summary, load_scenario, simulate


@dataclass
class Sample:
    """A simulated delivery with its truth, read back."""

    summary: Summary

    def truth(self, name: str) -> list[dict[str, str]]:
        with (self.summary.truth / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def json(self, name: str) -> Any:
        return json.loads((self.summary.truth / f"{name}.json").read_text(encoding="utf-8"))

    def table(self, name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
        """Read a CSV file of the delivery from its header on, without footer."""
        text = (self.summary.delivery / name).read_text(encoding=encoding)
        lines = text.split("\n")
        first = next(i for i, line in enumerate(lines) if line.count(";") and line[0] not in "K;U")
        rows = list(csv.DictReader(lines[first:], delimiter=";"))
        return [row for row in rows if not next(iter(row.values())).startswith("Antal")]

    def sheet(self, name: str) -> list[dict[str, Any]]:
        """Read a workbook of the delivery from its header on."""
        book = openpyxl.load_workbook(self.summary.delivery / name)
        rows = [list(row) for row in book.active.iter_rows(values_only=True)]
        first = next(i for i, row in enumerate(rows) if row[1] is not None)
        return [dict(zip(rows[first], row, strict=True)) for row in rows[first + 1 :]]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    plan = load_scenario("demo").sized(220)
    return Sample(simulate(plan, tmp_path_factory.mktemp("synth")))


@pytest.fixture(scope="session")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    plan = load_scenario("rodet").sized(150)
    return Sample(simulate(plan, tmp_path_factory.mktemp("messy")))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, as bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
