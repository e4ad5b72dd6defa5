"""Fuzzing: damaged deliveries and profiles end in a message or in an account that adds up."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import sys
import time
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from procmine.config import Config, load_config
from procmine.errors import ProcmineError
from procmine.exports import Account, read_delivery
from tests.exports.mutator import CANARY, Damaged, damaged, damaged_profile, write_all

SECONDS = float(os.environ.get("PROCMINE_FUZZ_SECONDS", "600"))
BEGIN = int(os.environ.get("PROCMINE_FUZZ_SEED", "1000000"))
_CPR = re.compile(
    r"(?<!\d)(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(?:0[1-9]|1[0-2])\d\d[- ]?\d{4}(?!\d)"
)
_MOST_FAULTS = 5


@cache
def _config() -> Config:
    return load_config()


def _texts(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _said(out: Path) -> str:
    """Return all texts and numbers that were written, and the names of the files."""
    texts = [path.relative_to(out).as_posix() for path in out.rglob("*")]
    texts += [p.read_text(encoding="utf-8") for p in out.rglob("*.json")]
    for path in out.rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        for column in table.columns:
            texts += [_texts(v) for v in column.unique().to_pylist() if v is not None]
    return "\n".join(texts)


def _lines(content: bytes) -> int | None:
    """Return how many lines a file has, where that can be told without a reader of CSV."""
    alone = content.replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf")
    # A mark further down is nothing in UTF-8, three letters of a line in another encoding.
    if b'"' in content or b"\r" in alone or b"\0" in content or b"\xef\xbb\xbf" in alone:
        return None
    return len(alone.removesuffix(b"\n").split(b"\n"))


def _check(made: Damaged, account: Account, out: Path) -> None:
    data = account.to_json()
    for file in data["files"]:
        stopped = sum(file["left_out"].values()) + sum(file["quarantined"].values())
        assert file["read"] == file["kept"] + stopped, file["file"]
    masked = {file["file"]: file for file in data["files"]}
    for name, content in made.files.items():
        lines, file = _lines(content), masked.get(name)
        if file is not None and lines is not None and not made.profile:
            assert lines == file["read"] + sum(file["not_rows"].values()), name
    said = _said(out) + json.dumps(data, ensure_ascii=False)
    found = _CPR.search(said)
    assert found is None, f"shaped like a CPR number: {said[found.start() - 30 : found.end() + 9]}"
    if not made.profile and all(n <= 1 for n in made.shifts.values()):
        assert CANARY not in said, "free text was written"


def _load(made: Damaged, root: Path) -> str:
    """Load a damaged delivery; return what came of it: ``refused`` or ``loaded``."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    write_all(root / "levering", made)
    out = root / "out"
    out.mkdir()
    profile: str | Path = "kmd"
    if made.profile:
        profile = root / "profil.toml"
        profile.write_text(made.profile, encoding="utf-8")
    try:
        account = read_delivery(root / "levering", profile, key=root.parent / "key", out=out,
                                config=_config(), extracted="2025-12-31")  # fmt: skip
    except ProcmineError as error:
        message = str(error)
    else:
        _check(made, account, out)
        return "loaded"
    assert message.strip(), "an error without a message"
    assert not _CPR.search(message), "a message with a CPR number"
    assert made.profile or CANARY not in message, "a message with free text"
    return "refused"


def _made(seed: int) -> Damaged:
    return damaged_profile(seed) if seed % 4 == 0 else damaged(seed)


def _fault(seed: int, root: Path) -> tuple[str, str]:
    """Return what came of a seed, and the fault where there is one."""
    try:
        return _load(_made(seed), root), ""
    except Exception:  # noqa: BLE001 - whatever else is raised is what fuzzing looks for
        return "fault", f"seed {seed}:\n{traceback.format_exc(limit=-6)}"


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_delivery_or_profile_never_ends_in_a_traceback(seed: int, tmp_path: Path) -> None:
    """A few seeds of the long run below, every fourth with a damaged profile."""
    assert _load(_made(seed), tmp_path / "run") in ("refused", "loaded")


@pytest.mark.soak
def test_minutes_of_damage_lose_no_row_and_give_nothing_away(tmp_path: Path) -> None:
    """As above for PROCMINE_FUZZ_SECONDS of CPU time, from PROCMINE_FUZZ_SEED on."""
    begin, ends = time.process_time(), {"refused": 0, "loaded": 0, "fault": 0}
    faults: list[str] = []
    for seed in itertools.count(BEGIN):
        if time.process_time() - begin > SECONDS or len(faults) >= _MOST_FAULTS:
            break
        end, fault = _fault(seed, tmp_path / "run")
        ends[end] += 1
        faults += [fault] if fault else []
    sys.stdout.write(f"{ends}\n")
    assert not faults, f"{ends}\n" + "\n".join(faults)
    assert ends["loaded"] > ends["refused"] / 10, ends
