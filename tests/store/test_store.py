"""A store keeps its last good snapshot, whatever happens to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from procmine.config import load_config
from procmine.errors import StoreError
from procmine.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def fill(store: Store, content: str) -> str:
    """Commit a snapshot that holds one file; return its name."""
    with store.stage() as staging:
        staging.put_config(load_config())
        (staging.path / "data.txt").write_text(content)
        return staging.commit({"counts": {}}).path.name


def test_a_committed_snapshot_is_the_current_one(tmp_path: Path) -> None:
    """The second commit is switched to; the first stays until pruned."""
    store = Store(tmp_path / "store")

    first, second = fill(store, "a"), fill(store, "b")

    assert store.current().path.name == second
    assert [s.path.name for s in store.snapshots()] == [first, second]
    assert store.prune(1) == (first,)
    assert [s.path.name for s in store.snapshots()] == [second]


def test_a_fault_in_the_making_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """What was staged when something went wrong is gone, and the old snapshot stands."""
    store = Store(tmp_path / "store")
    first = fill(store, "a")

    def fail() -> None:
        with store.stage() as staging:
            (staging.path / "data.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert store.current().path.name == first
    assert sorted(p.name for p in store.path.iterdir()) == [".lock", "CURRENT", "snapshots"]


def test_a_snapshot_that_was_never_switched_to_is_cleared(tmp_path: Path) -> None:
    """A crash between the rename and the switch leaves a folder that the next load removes."""
    store = Store(tmp_path / "store")
    first = fill(store, "a")
    orphan = fill(store, "b")
    (store.path / "CURRENT").write_text(first)

    third = fill(store, "c")

    names = [s.path.name for s in store.snapshots()]
    assert orphan not in names
    assert names == [first, third]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    """While one program stages, another is told to wait."""
    store = Store(tmp_path / "store")

    with store.stage(), pytest.raises(StoreError), store.stage():
        pass


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    """A store is never made in a folder that holds somebody's files."""
    (tmp_path / "letter.docx").write_text("x")

    with pytest.raises(StoreError), Store(tmp_path).stage():
        pass


def test_the_definitions_come_back_as_they_went_in(tmp_path: Path) -> None:
    """A snapshot knows the definitions it was made with, by the same digest."""
    store = Store(tmp_path / "store")
    fill(store, "a")

    assert store.current().config.digest == load_config().digest
