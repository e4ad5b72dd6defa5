"""A store on disk: snapshots side by side, and one small file that names the current one.

A snapshot is written whole in a staging folder, renamed, and only then named in
``CURRENT`` by an atomic replacement. A crash at any moment leaves the store as it was.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.errors import Fault, ProcmineError, StoreError
from procmine.store.lock import exclusive
from procmine.store.snapshot import CONFIG, MANIFEST, Snapshot, read_json
from procmine.tables.digests import in_letters
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.config.load import Config

__all__ = ["FORMAT", "Staging", "Store"]

FORMAT = 1
_CURRENT = "CURRENT"
_SNAPSHOTS = "snapshots"
_STAGING = ".staging"
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_NAMED = re.compile(r"(\d+)-")


@dataclass(frozen=True, slots=True)
class Staging:
    """A snapshot in the making; nothing of it counts until :meth:`commit`."""

    store: Store
    path: Path

    def snapshot(self) -> Snapshot:
        """Open what has been written so far, for the steps that build on it."""
        return Snapshot(self.path)

    def put_config(self, config: Config) -> None:
        """Copy the definitions in."""
        for relative, text in config.sources.items():
            file = self.path / CONFIG / relative
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def commit(self, manifest: dict[str, Any]) -> Snapshot:
        """Hash the files, write the manifest, switch to the snapshot; return it."""
        number = self.store.next_number()
        files = {
            file.relative_to(self.path).as_posix(): _sha256(file)
            for file in sorted(self.path.rglob("*"))
            if file.is_file()
        }
        total = in_letters(hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest())
        name = f"{number:04d}-{total[:12]}"
        content = {
            "format": FORMAT,
            "id": name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "hash": total,
            "files": files,
            **manifest,
        }
        _write_durably(self.path / MANIFEST, json.dumps(content, ensure_ascii=False, indent=1))
        target = self.store.path / _SNAPSHOTS / name
        target.parent.mkdir(exist_ok=True)
        self.path.rename(target)
        _sync_folder(target.parent)
        _write_durably(self.store.path / _CURRENT, name + "\n")
        return Snapshot(target)

    def drop_older(self) -> tuple[str, ...]:
        """Remove every snapshot but the current one, still under the lock; return their names."""
        return self.store.drop(1)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of snapshots.

    Examples
    --------
    >>> Store(Path("no-such-store")).exists
    False
    """

    path: Path

    @property
    def exists(self) -> bool:
        """Whether it holds a current snapshot."""
        return (self.path / _CURRENT).is_file()

    def current(self) -> Snapshot:
        """Return the current snapshot.

        Raises
        ------
        StoreError
            There is no store, or its format is another version's.
        """
        try:
            name = (self.path / _CURRENT).read_text(encoding="utf-8").strip()
        except OSError as error:
            fault = Fault("no_store", str(self.path))
            raise StoreError(t("store.absent", path=self.path), (fault,)) from error
        snapshot = Snapshot(self.path / _SNAPSHOTS / name)
        found = read_json(snapshot.path / MANIFEST).get("format")
        if found != FORMAT:
            fault = Fault("other_format", str(self.path), detail=str(found))
            raise StoreError(t("store.other_format", path=self.path), (fault,))
        return snapshot

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return every finished snapshot, oldest first."""
        folder = self.path / _SNAPSHOTS
        if not folder.is_dir():
            return ()
        ours = [p for p in folder.iterdir() if _number(p.name) and (p / MANIFEST).is_file()]
        return tuple(Snapshot(p) for p in sorted(ours, key=lambda p: (_number(p.name), p.name)))

    def next_number(self) -> int:
        """Return the number of the next snapshot."""
        return 1 + max((_number(snapshot.path.name) for snapshot in self.snapshots()), default=0)

    @contextmanager
    def stage(self) -> Iterator[Staging]:
        """Open a staging folder under the store's lock; whatever is left is removed.

        Raises
        ------
        StoreError
            Another program is writing to the store, the folder holds other things, or the
            disk or memory ran out.
        """
        self._prepare()
        with exclusive(self.path / ".lock"):
            folder = self.path / f"{_STAGING}-{os.getpid()}"
            self._clear_stale()
            folder.mkdir(mode=0o700)
            try:
                yield Staging(self, folder)
            except Exception as error:
                if not _no_room(error):
                    raise
                raise StoreError(t("store.no_room"), (Fault("no_room"),)) from error
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def prune(self, keep: int) -> tuple[str, ...]:
        """Remove all but the `keep` newest snapshots, never the current; return their names."""
        self.current()  # or there is no store to lock
        with exclusive(self.path / ".lock"):
            names = self.drop(keep)
        self.audit("prune", snapshots=list(names))
        return names

    def drop(self, keep: int) -> tuple[str, ...]:
        """Remove snapshots as :meth:`prune` does, for one who holds the lock already."""
        current = self.current().path.name
        older = [s.path for s in self.snapshots() if s.path.name != current]
        gone = older[: max(0, len(older) - max(0, keep - 1))]
        for path in gone:
            shutil.rmtree(path)
        return tuple(path.name for path in gone)

    def audit(self, action: str, **details: object) -> None:
        """Add a line to the store's audit file: when, what, counts; never a person."""
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "action": action, **details}
        with (self.path / "audit.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _prepare(self) -> None:
        part = _part_of(_CURRENT)
        known = {_CURRENT, part, _SNAPSHOTS, ".lock", "audit.jsonl", "published", "supply"}
        if self.path.is_dir():
            foreign = [
                p.name for p in self.path.iterdir()
                if p.name not in known and not p.name.startswith(_STAGING)
            ]  # fmt: skip
            if foreign and not self.exists:
                fault = Fault("foreign_folder", str(self.path))
                raise StoreError(t("store.foreign", path=self.path), (fault,))
        elif self.path.exists():
            raise StoreError(t("store.not_folder", path=self.path), (Fault("not_folder"),))
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _clear_stale(self) -> None:
        for stale in self.path.glob(f"{_STAGING}*"):
            shutil.rmtree(stale, ignore_errors=True)
        self.path.joinpath(_part_of(_CURRENT)).unlink(missing_ok=True)
        current = (self.path / _CURRENT).read_text().strip() if self.exists else ""
        folder = self.path / _SNAPSHOTS
        # A snapshot newer than the current one was never switched to: a crash between.
        for made in folder.iterdir() if folder.is_dir() else ():
            if _number(made.name) > _number(current) and made.name != current:
                shutil.rmtree(made, ignore_errors=True)
        self._finish_erasure()

    def _finish_erasure(self) -> None:
        """Remove what is older than an erasure: it was stopped before it came to that."""
        snapshots = self.snapshots()
        erased = [n for n, made in enumerate(snapshots) if made.manifest.get("erased")]
        for older in snapshots[: max(erased, default=0)]:
            shutil.rmtree(older.path)


def _no_room(error: Exception) -> bool:
    """Tell whether disk or memory ran out, in the ways that those who write here say so."""
    import duckdb
    import pyarrow as pa

    if isinstance(error, ProcmineError):
        return False
    if isinstance(error, (MemoryError, duckdb.IOException, duckdb.OutOfMemoryException)):
        return True
    if isinstance(error, OSError):
        return error.errno in _FULL or any(f"errno {n}]" in str(error) for n in _FULL)
    # What lacks the memory of a new thread has no class of its own.
    return type(error) in (pa.ArrowException, RuntimeError) and "thread" in str(error)


def _number(name: str) -> int:
    """Return the number in a snapshot's name, 0 where it is no snapshot's."""
    found = _NAMED.match(name)
    return int(found[1]) if found else 0


def _part_of(name: str) -> str:
    return f".{name}.part"


def _write_durably(file: Path, text: str) -> None:
    part = file.with_name(_part_of(file.name))
    with part.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return in_letters(hashlib.file_digest(handle, "sha256").hexdigest())
