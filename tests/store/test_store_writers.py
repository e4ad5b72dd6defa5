"""Writers that meet, stop half way, or find what others left: nothing is lost or comes back."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from procmine import erasing, pipeline
from procmine.config import load_config
from procmine.errors import StoreError
from procmine.store import Store
from tests.exports.samples import AKTIVITETER, SAG, SAGER, UNITS, activity, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def fill(store: Store, **manifest: object) -> str:
    """Commit a snapshot; return its name."""
    with store.stage() as staging:
        staging.put_config(load_config())
        return staging.commit({"counts": {}, **manifest}).path.name


def load(home: Path, folder: str, *lines: str, sager: str = SAG) -> None:
    """Load a delivery of one case and its activities into the store ``store``."""
    (home / folder).mkdir(exist_ok=True)
    write(home / folder / "enheder.csv", UNITS)
    write(home / folder / "opera_sager.csv", f"{SAGER}\n{sager}")
    write(home / folder / "opera_aktiviteter.csv", "\n".join((AKTIVITETER, *lines)))
    pipeline.load(home / folder, "kmd", home / "store", key=home / "key", extracted="2025-12-31")


def event_ids(home: Path) -> set[str]:
    table = Store(home / "store").current().table("events")
    return set(table["event_id"].to_pylist())


def just_before_the_lock(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let another program do something after a writer began and before it holds the lock."""
    stage = Store.stage

    @contextmanager
    def late(self: Store) -> Iterator[object]:
        monkeypatch.setattr(Store, "stage", stage)
        act()
        with stage(self) as staging:
            yield staging

    monkeypatch.setattr(Store, "stage", late)


def test_a_load_that_waited_for_another_adds_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a load adds to is looked up once it alone may write: no delivery is lost."""
    load(tmp_path, "a", activity("A-1"))
    just_before_the_lock(monkeypatch, lambda: load(tmp_path, "b", activity("A-2")))
    load(tmp_path, "c", activity("A-3"))
    assert event_ids(tmp_path) == {"opera:A-1", "opera:A-2", "opera:A-3"}


def test_a_load_that_waited_for_an_erasure_does_not_undo_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erased person stays away, and what else the store held stays there."""
    other = "S-2;720290-1234;6.3;01-02-2025;;;0999"
    load(tmp_path, "a", activity("A-1"), activity("A-2", "S-2"), sager=f"{SAG}\n{other}")
    person = erasing.person_id(tmp_path / "store", tmp_path / "key", "711290-1234")
    just_before_the_lock(monkeypatch, lambda: erasing.forget(tmp_path / "store", person=person))
    load(tmp_path, "b", activity("A-3"))
    assert event_ids(tmp_path) == {"opera:A-2"}
    assert erasing.held(tmp_path / "store", person) == {}


def test_an_erasure_that_waited_for_a_load_keeps_what_was_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of others that came meanwhile are not lost."""
    other = "S-2;720290-1234;6.3;01-02-2025;;;0999"
    load(tmp_path, "a", activity("A-1"))
    person = erasing.person_id(tmp_path / "store", tmp_path / "key", "711290-1234")
    just_before_the_lock(
        monkeypatch, lambda: load(tmp_path, "b", activity("A-2", "S-2"), sager=other)
    )
    erasing.forget(tmp_path / "store", person=person)
    assert event_ids(tmp_path) == {"opera:A-2"}


def test_an_erasure_stopped_before_old_snapshots_went_is_finished_by_the_next_writer(
    tmp_path: Path,
) -> None:
    """Snapshots older than an erased one hold the person still: they never outlast a writer."""
    store = Store(tmp_path / "store")
    fill(store)
    erased = fill(store, erased=True)
    assert len(store.snapshots()) == 2
    later = fill(store)
    assert [s.path.name for s in store.snapshots()] == [erased, later]


def test_a_first_load_stopped_while_it_named_its_snapshot_can_be_run_again(tmp_path: Path) -> None:
    """The half-written name is no other program's file."""
    store = Store(tmp_path / "store")
    store.path.mkdir()
    (store.path / ".CURRENT.part").write_text("0001-ab")
    (store.path / "snapshots" / "0001-abc").mkdir(parents=True)
    fill(store)
    assert not (store.path / ".CURRENT.part").exists()
    assert [s.path.name[:5] for s in store.snapshots()] == ["0001-"]


def test_snapshots_are_ordered_by_number_and_other_folders_left_alone(tmp_path: Path) -> None:
    """The ten-thousandth comes after the one before it; a copy of somebody's is no snapshot."""
    store = Store(tmp_path / "store")
    first = fill(store)
    folder = store.path / "snapshots"
    (folder / first).rename(folder / first.replace("0001", "9999"))
    (store.path / "CURRENT").write_text(first.replace("0001", "9999"))
    (folder / "kopi").mkdir()
    (folder / "kopi" / "manifest.json").write_text("{}")
    names = [fill(store), fill(store)]
    assert [name[:6] for name in names] == ["10000-", "10001-"]
    assert [s.path.name[:5] for s in store.snapshots()] == ["9999-", "10000", "10001"]
    assert store.prune(1) == tuple(s for s in (first.replace("0001", "9999"), names[0]))
    assert (folder / "kopi").is_dir()


def test_pruning_keeps_a_snapshot_that_became_current_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which snapshot is current is looked up under the lock."""
    store = Store(tmp_path / "store")
    fill(store)
    looked = Store.current
    newer: list[str] = []

    def once(self: Store) -> object:
        monkeypatch.setattr(Store, "current", looked)
        found = looked(self)
        newer.append(fill(store))
        return found

    monkeypatch.setattr(Store, "current", once)
    store.prune(1)
    assert [s.path.name for s in store.snapshots()] == newer
    with pytest.raises(StoreError):
        Store(tmp_path / "none").prune(1)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),
        OSError(errno.EFBIG, "File too large"),
        pa.ArrowMemoryError("malloc of size 64 failed"),
        pa.ArrowException("Unknown error: Failed to launch worker thread"),
        RuntimeError("can't start new thread"),
        MemoryError(),
    ],
)
def test_a_full_disk_or_memory_is_said_in_one_way(tmp_path: Path, error: Exception) -> None:
    """However it is told, what helps is the same: make room, nothing has changed."""
    store = Store(tmp_path / "store")
    first = fill(store)
    with pytest.raises(StoreError, match="ikke plads på disken eller i hukommelsen"), store.stage():
        raise error
    assert store.current().path.name == first


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "no"), RuntimeError("x"), ValueError("x")])
def test_other_faults_are_not_called_a_full_disk(tmp_path: Path, error: Exception) -> None:
    """What is another fault stays it."""
    with pytest.raises(type(error)) as caught, Store(tmp_path / "store").stage():
        raise error
    assert caught.value is error
