"""Where spilled rows lie: a folder that its owner alone may read, gone afterwards."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

# Makes a table of more than the memory it is given, then ends or dies.
SPILLING = """
import sys, os, signal, tempfile
from pathlib import Path
from procmine.store.engine import connect
con = connect()
con.execute("SET memory_limit = '40MB'; SET threads = 1")
con.execute("CREATE TABLE x AS SELECT hash(range)::VARCHAR AS a FROM range(3000000)")
folder = Path(con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
print(folder, len(list(folder.glob("duckdb*"))), flush=True)
if sys.argv[1] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _run(how: str, temp: Path) -> tuple[Path, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", SPILLING, how], env={**os.environ, "TMPDIR": str(temp)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    folder, spilled = done.stdout.rsplit(maxsplit=1)
    return Path(folder), int(spilled), done.returncode


@pytest.mark.skipif(os.name != "posix", reason="owner bits and signals are posix")
def test_spilled_rows_are_the_owners_alone_and_gone_afterwards(tmp_path: Path) -> None:
    """What a killed process left, the next one takes away; one that ends leaves nothing."""
    folder, spilled, code = _run("die", tmp_path)
    assert (spilled > 0, code) == (True, -signal.SIGKILL)
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    living, spilled, code = _run("end", tmp_path)
    assert (spilled > 0, code) == (True, 0)
    assert not folder.exists()
    assert not living.exists()
    assert list(tmp_path.iterdir()) == []
