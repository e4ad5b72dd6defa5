"""DuckDB as procmine uses it: bounded memory, its own spill folder, nothing downloaded."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect", "quoted"]

_GIB = 1024**3
_MEMORY_CAP = 4 * _GIB
_SPILL_CAP = 20 * _GIB


def connect(temp: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with every limit set (performance spec, section 8).

    Parameters
    ----------
    temp
        Folder for spill files; a private one under the system's where none is given.
        Spilled rows are pseudonymised already, and DuckDB removes the files when done.

    Examples
    --------
    >>> connect().execute("SELECT current_setting('TimeZone')").fetchone()
    ('UTC',)
    """
    # Here, so that what only opens a store or asks for a help text does not load it.
    import duckdb

    folder = temp or Path(tempfile.gettempdir()) / f"procmine-{os.getpid()}"
    connection = duckdb.connect(
        config={
            "memory_limit": f"{_memory_limit() // 1024**2}MiB",
            "temp_directory": str(folder),
            "max_temp_directory_size": f"{_SPILL_CAP // _GIB}GiB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    # Set only where it is on: in a notebook without ipywidgets it is off, and may not be set.
    on = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if on == [(True,)]:
        connection.execute("SET enable_progress_bar = false")
    return connection


def quoted(path: Path) -> str:
    """Return a path as a SQL string literal.

    Examples
    --------
    >>> quoted(Path("it's.parquet"))
    "'it''s.parquet'"
    """
    return "'" + str(path).replace("'", "''") + "'"


def _memory_limit() -> int:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _MEMORY_CAP
    return min(total // 2, _MEMORY_CAP)
