"""One writer at a time, on POSIX and Windows; the lock dies with the process."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from procmine.errors import Fault, StoreError
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["exclusive"]


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold an exclusive lock on `file` for the length of the block.

    Raises
    ------
    StoreError
        Another process holds it.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(handle)
        except OSError as error:
            message = t("store.locked", path=file.parent)
            raise StoreError(message, (Fault("locked", str(file.parent)),)) from error
        yield
    finally:
        os.close(handle)


if os.name == "nt":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
