"""What people add to a store: small files beside the snapshots, written whole."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from procmine.errors import Fault, StoreError
from procmine.store.lock import exclusive
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.store.snapshot import Snapshot

__all__ = ["SUPPLY", "read_supply", "write_supply"]

SUPPLY = "supply"


def read_supply(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """Return a supply file of the snapshot's store, empty where there is none.

    Raises
    ------
    StoreError
        The file is damaged.
    """
    file = _folder(snapshot) / f"{name}.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        fault = Fault("damaged", file.name)
        raise StoreError(t("store.damaged", file=file.name), (fault,)) from error


def write_supply(snapshot: Snapshot, name: str, text: str) -> None:
    """Write a supply file of the snapshot's store, whole or not at all.

    Raises
    ------
    StoreError
        Another program is writing to the store.
    """
    folder = _folder(snapshot)
    with exclusive(folder.parent / ".lock"):
        folder.mkdir(mode=0o700, exist_ok=True)
        part = folder / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / f"{name}.toml")


def _folder(snapshot: Snapshot) -> Path:
    """Return the folder of the store that a snapshot stands in, two levels up."""
    return snapshot.path.resolve().parents[1] / SUPPLY
