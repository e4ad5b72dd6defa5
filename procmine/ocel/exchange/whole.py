"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a place beside `path` to write to; it becomes `path` when all went well.

    Parameters
    ----------
    path
        The file to be; one that is there is replaced.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "a.txt") as place:
    ...         _ = place.write_text("x")
    ...     (Path(folder) / "a.txt").read_text()
    'x'
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    place = Path(name)
    try:
        yield place
        place.replace(path)
    finally:
        place.unlink(missing_ok=True)
