"""A load is all or nothing, whenever and however it dies."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from procmine import pipeline
from procmine.store import Store
from procmine.synth import simulate
from procmine.tables.digests import in_letters

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
KILLS = 20
KILLS_IN_SOAK = 300


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Simulate two small deliveries of the same place: another seed, other rows."""
    folder = tmp_path_factory.mktemp("deliveries")
    made = []
    for name, seed in (("first", 1), ("second", 2)):
        simulate("demo", folder / name, seed=seed, cases=12)
        made.append(folder / name / "delivery")
    return made[0], made[1]


def command(delivery: Path, store: Path, key: Path) -> list[str]:
    """Return the command that loads a delivery."""
    return [
        sys.executable, "-m", "procmine", "load", str(delivery), "--store", str(store),
        "--key", str(key), "--quiet",
    ]  # fmt: skip


def content(store: Path) -> tuple[str, dict[str, int]]:
    """Return the current snapshot's name and sizes; every file of it is read and checked."""
    import hashlib

    snapshot = Store(store).current()
    for name, digest in snapshot.manifest["files"].items():
        found = hashlib.sha256((snapshot.path / name).read_bytes()).hexdigest()
        assert in_letters(found) == digest
    return snapshot.path.name, snapshot.manifest["counts"]


def kill_loop(deliveries: tuple[Path, Path], tmp_path: Path, kills: int) -> None:
    """Kill a load at random moments; after each, the store is the old one or the new."""
    first, second = deliveries
    store, key = tmp_path / "store", tmp_path / "key"
    pipeline.load(first, "kmd", store, key=key)
    old = content(store)
    begin = time.perf_counter()
    subprocess.run(command(second, tmp_path / "other", key), check=True, cwd=ROOT)
    whole = time.perf_counter() - begin
    rng = random.Random(20261121)  # noqa: S311 - moments of a test, not secrets
    finished = 0
    for _ in range(kills):
        process = subprocess.Popen(command(second, store, key), cwd=ROOT, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.2, 1.05) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = content(store)
        if now != old:
            finished += 1
            assert int(now[0].split("-")[0]) == int(old[0].split("-")[0]) + 1
            pipeline.load(first, "kmd", tmp_path / f"again{finished}", key=key)
            store = tmp_path / f"again{finished}"
            old = content(store)
    pipeline.load(second, "kmd", store, key=key)
    assert not list(store.glob(".staging*"))


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_killed_at_random_moments(deliveries: tuple[Path, Path], tmp_path: Path) -> None:
    """Twenty times kill -9: the store equals the old or the new snapshot, each file whole."""
    kill_loop(deliveries, tmp_path, KILLS)


@pytest.mark.soak
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_killed_hundreds_of_times(deliveries: tuple[Path, Path], tmp_path: Path) -> None:
    """The same, hundreds of times."""
    kill_loop(deliveries, tmp_path, KILLS_IN_SOAK)


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX's")
@pytest.mark.parametrize("limit", [1_000, 20_000])
def test_no_room_left(deliveries: tuple[Path, Path], tmp_path: Path, limit: int) -> None:
    """A write that the disk refuses ends the load with a message; the store is as it was."""
    import resource

    first, second = deliveries
    store, key = tmp_path / "store", tmp_path / "key"
    pipeline.load(first, "kmd", store, key=key)
    old = content(store)

    done = subprocess.run(
        command(second, store, key), cwd=ROOT, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert content(store) == old
    assert not list(store.glob(".staging*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of its own, where the machine lets us."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)],
        check=False, capture_output=True,
    )  # fmt: skip
    if not made or made.returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(deliveries: tuple[Path, Path], tmp_path: Path, small_disk: Path) -> None:
    """A disk with room for half a snapshot more: a message, and the store is as it was."""
    first, second = deliveries
    store, key = small_disk / "store", tmp_path / "key"
    pipeline.load(first, "kmd", store, key=key)
    old = content(store)
    used = shutil.disk_usage(small_disk).used
    size = f"remount,size={used + used // 2}"
    subprocess.run(["mount", "-o", size, str(small_disk)], check=True)

    done = subprocess.run(
        command(second, store, key), cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert content(store) == old
    assert not list(store.glob(".staging*"))


def test_the_same_delivery_again_changes_nothing(
    deliveries: tuple[Path, Path], tmp_path: Path
) -> None:
    """The second identical load says so and makes no snapshot."""
    store, key = tmp_path / "store", tmp_path / "key"
    once = pipeline.load(deliveries[0], "kmd", store, key=key)

    again = pipeline.load(deliveries[0], "kmd", store, key=key)

    assert again.unchanged
    assert again.snapshot.path == once.snapshot.path
    assert len(Store(store).snapshots()) == 1


def test_other_definitions_make_other_facts(deliveries: tuple[Path, Path], tmp_path: Path) -> None:
    """Recompute keeps the log and makes the facts anew with the definitions given."""
    store, key = tmp_path / "store", tmp_path / "key"
    pipeline.load(deliveries[0], "kmd", store, key=key)
    before = Store(store).current()
    config = tmp_path / "config"
    config.mkdir()
    (config / "mandates.toml").write_text("format = 1\n", encoding="utf-8")

    after = pipeline.recompute(store, config)

    grades = after.facts("sanktion", "handovers")["grade"].to_pylist()
    assert after.table("events").equals(before.table("events"))
    assert not {"G0", "G0b"} & set(grades)
