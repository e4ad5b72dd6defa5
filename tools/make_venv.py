"""Make the virtual environment and install the locked packages into it.

Uses nothing beyond the standard library and pip; falls back to virtualenv where the
``venv`` module does not work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Make the environment named first, install the lock named second, link the project."""
    folder, lock = Path(sys.argv[1]), Path(sys.argv[2])
    if sys.version_info < (3, 11):
        sys.exit("procmine needs Python 3.11 or newer: make PYTHON=python3.12 ...")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not _works(python):
        _make(folder)
    # Python compiles what is imported when it is imported; compiling all takes longer.
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet",
           "--no-compile"]  # fmt: skip
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
    # hatchling is in the lock, so the project is built without fetching anything more.
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], check=True)


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    found = subprocess.run(
        [str(python), "-m", "pip", "--version"], capture_output=True, check=False
    )
    return found.returncode == 0


def _make(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
    if made.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    home = folder.parent / ".cache" / "virtualenv"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(home), "virtualenv"]
    subprocess.run(pip, check=True)
    environment = {**os.environ, "PYTHONPATH": str(home)}
    command = [sys.executable, "-m", "virtualenv", "--quiet", str(folder)]
    subprocess.run(command, check=True, env=environment)


if __name__ == "__main__":
    main()
