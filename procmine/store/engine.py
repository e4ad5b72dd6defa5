"""DuckDB as procmine uses it: bounded memory, its own spill folder, nothing downloaded."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import StoreError
from procmine.store.lock import exclusive

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect", "quoted"]

_GIB = 1024**3
_MEMORY_CAP = 4 * _GIB
_SPILL_CAP = 20 * _GIB
_PREFIX, _LIVES = "procmine-spill-", "lives"


def connect(temp: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB with every limit set (performance spec, section 8).

    Parameters
    ----------
    temp
        Folder for spill files; where none is given, one under the system's that its owner
        alone may read, gone when the process ends. Spilled rows are pseudonymised already.

    Examples
    --------
    >>> connect().execute("SELECT current_setting('TimeZone')").fetchone()
    ('UTC',)
    """
    # Here, so that what only opens a store or asks for a help text does not load it.
    import duckdb

    folder = temp or _private_folder(os.getpid())
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


@cache
def _private_folder(process: int) -> Path:
    """Make the process's own folder for spill files; those of processes that died go."""
    _clear_dead(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{process}-"))
    lives = ExitStack()
    lives.enter_context(exclusive(folder / _LIVES))
    atexit.register(_remove, folder, process, lives)
    return folder


def _remove(folder: Path, process: int, lives: ExitStack) -> None:
    if os.getpid() == process:  # a fork inherits what is to be done at the end
        lives.close()
        shutil.rmtree(folder, ignore_errors=True)


def _clear_dead(system: Path) -> None:
    """Remove the folders whose process died without a chance to: nobody holds their lock."""
    for folder in system.glob(f"{_PREFIX}*"):
        with suppress(StoreError, OSError):
            mine = os.name != "posix" or folder.lstat().st_uid == os.getuid()
            if mine and not folder.is_symlink() and (folder / _LIVES).is_file():
                with exclusive(folder / _LIVES):
                    shutil.rmtree(folder, ignore_errors=True)


def _memory_limit() -> int:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _MEMORY_CAP
    return min(total // 2, _MEMORY_CAP)
