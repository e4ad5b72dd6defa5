"""Files written whole or not at all."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "a.txt") as place:
    ...         _ = place.write_text("x")
    ...     (Path(folder) / "a.txt").read_text()
    'x'
    """
    place = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield place
        place.replace(path)
    finally:
        place.unlink(missing_ok=True)
