"""The list of hashes by which anybody can check a sample made on demand."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["registry_lines"]


def registry_lines(name: str, folder: Path) -> list[str]:
    r"""Return one line a file: SHA-256, two blanks, ``name/`` and the file's path.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as place:
    ...     _ = (Path(place) / "a.csv").write_bytes(b"x\n")
    ...     line = registry_lines("demo", Path(place))[0]
    >>> line[:8], line[-10:]
    ('73cb3858', 'demo/a.csv')
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  "
        f"{name}/{path.relative_to(folder).as_posix()}"
        for path in files
    ]
