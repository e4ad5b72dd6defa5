"""Erase a person, or cases past their retention, from a whole store; then search for them.

The current snapshot is made anew without what is to go, facts and all; older snapshots,
which hold it too, are removed. A crash leaves the store as it was before or after.
"""

from __future__ import annotations

import shutil
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import Fault, NotFoundError, StoreError, UsageError
from procmine.exports.definitions import checked_key
from procmine.exports.erase import Erased, erase_before, erase_person, holdings
from procmine.exports.persons import citizen_id, has_cpr
from procmine.facts.agreement import drop_unknown
from procmine.pipeline import finish
from procmine.store.snapshot import read_json
from procmine.store.store import Store
from procmine.text import t
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.store.snapshot import Snapshot

__all__ = ["Forgotten", "forget", "held", "person_id", "retention_day"]

_KEPT = ("ocel", "tables", "side")
_META = "meta.json"
_MANIFEST = ("origin", "account", "file")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure took out, how many old snapshots went with it, what is still found."""

    objects: int
    events: int
    snapshots: int
    left: dict[str, int]


def person_id(store: Path, key: Path, cpr: str) -> str:
    """Return the id under which the log of a store holds a citizen.

    Raises
    ------
    NotFoundError
        The log has no citizens.
    ExportError
        The key is absent, cannot be used, or is not the one the store was made with.
    """
    current = Store(store).current()
    types = current.roles.citizen
    if not types:
        raise NotFoundError(t("erasing.no_citizens"), (Fault("no_citizens"),))
    meta = current.path / "tables" / _META
    if meta.is_file():  # under another key nobody would be found, and nothing said to be held
        checked_key(key, read_json(meta))
    return citizen_id(key, cpr, types[0])


def held(store: Path, object_id: str) -> dict[str, int]:
    """Return how many rows of each file of a store name a person, every snapshot included."""
    return holdings(Store(store).path, object_id)


def retention_day(store: Path) -> date:
    """Return the day before which the store's own definitions keep no case.

    The years of retention are counted back from the log's cut.
    """
    current = Store(store).current()
    cut = current.cut.astimezone(ZONE).date()
    year = cut.year - int(current.config.setting("retention_years"))
    return date(year, cut.month, min(cut.day, monthrange(year, cut.month)[1]))


def forget(
    store: Path,
    *,
    person: str | None = None,
    before: date | None = None,
    progress: Callable[..., None] | None = None,
) -> Forgotten:
    """Erase a person, or the cases whose last event lies before a day, from a store.

    Parameters
    ----------
    store
        The store's folder.
    person
        The citizen's id or pseudonym.
    before
        Local day: cases that ended their life in the log before it go.

    Raises
    ------
    UsageError
        Neither a person nor a day, or both; or a number where a pseudonym is wanted.
    StoreError
        Something of the person is still found afterwards; nothing was switched to.

    References
    ----------
    Spec exports.md, section 4.
    """
    if (person is None) == (before is None):
        raise UsageError(t("erasing.one_of_two"), (Fault("one_of_two"),))
    if person is not None and has_cpr(person):  # it would live on in the tombstone
        raise UsageError(t("erasing.number"), (Fault("number"),))
    target = Store(Path(store))
    target.current()  # or there is no store to erase from
    with target.stage() as staging:
        old = target.current()  # under the lock: a load may have ended since
        _copy(old, staging.path)
        erased = _erase(staging.path, old, person, before)
        if erased.left:
            fault = Fault("still_found", count=sum(erased.left.values()))
            raise StoreError(t("erasing.still_found"), (fault,))
        manifest = {k: v for k, v in old.manifest.items() if k in _MANIFEST} | {"erased": True}
        finish(staging, old.config, manifest, progress)
        gone = staging.drop_older()
    left = held(target.path, _full(old, person)) if person else {}
    answers = drop_unknown(target.current())
    target.audit("forget", objects=erased.objects, events=erased.events, snapshots=len(gone),
                 answers=answers)  # fmt: skip
    return Forgotten(erased.objects, erased.events, len(gone), left)


def _erase(folder: Path, old: Snapshot, person: str | None, before: date | None) -> Erased:
    if person is not None:
        return erase_person(folder, _full(old, person))
    day = before.isoformat() if before else ""
    return erase_before(folder, day, old.roles.folder, old.roles.citizen_of,
                        old.roles.citizen)  # fmt: skip


def _full(old: Snapshot, person: str | None) -> str:
    if not person or ":" in person or not old.roles.citizen:
        return person or ""
    return f"{old.roles.citizen[0]}:{person}"


def _copy(old: Snapshot, target: Path) -> None:
    # Copies, not links: what is erased in the copy must stay in the old one until it goes.
    for part in _KEPT:
        if (old.path / part).is_dir():
            shutil.copytree(old.path / part, target / part)
    shutil.copytree(old.path / "config", target / "config")
    for file in old.path.glob("*.parquet"):
        shutil.copy2(file, target / file.name)
