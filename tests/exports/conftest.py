"""Write a small delivery and load it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from procmine.config import load_config
from procmine.exports import read_delivery
from tests.exports.samples import UNITS, Loaded, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., Loaded]:
    """Write files (text: cp1252; bytes: as they are; rows: a workbook), load them."""
    count = iter(range(100))

    def run(
        files: dict[str, Any], *, profile: str | Path = "kmd", previous: Loaded | None = None,
        extracted: str | None = "2025-12-31", units: bool = True, key: str = "key",
    ) -> Loaded:  # fmt: skip
        number = next(count)
        folder = tmp_path / f"levering{number}"
        folder.mkdir()
        if units:
            files = {"enheder.csv": UNITS, **files}
        for name, content in files.items():
            write(folder / name, content)
        out = tmp_path / f"out{number}"
        out.mkdir()
        account = read_delivery(
            folder, profile, key=tmp_path / key, out=out, config=load_config(),
            extracted=extracted, previous=previous.out if previous else None,
        )  # fmt: skip
        return Loaded(account, out, account.to_json())

    return run
