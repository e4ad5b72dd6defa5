"""A synthetic municipal log of any size, made in columns from a seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from procmine.ocel.log import Ocel
from procmine.ocel.roles import Roles

ACTIVITIES = 22
UNITS = 12
STAFF = 200
STEPS = 40
TEMPLATES = 2_000
START_US = 1_700_000_000_000_000


def make_log(events: int, seed: int = 7) -> Ocel:
    """Make a log of about `events` events: cases of 40 steps, half of them after templates.

    2 % of the stamps tie; units go back and forth; every event relates to its case, its
    citizen, its unit and its caseworker.
    """
    rng = np.random.default_rng(seed)
    cases = max(1, events // STEPS)
    templates = rng.integers(0, ACTIVITIES, (TEMPLATES, STEPS))
    ranks = np.minimum(rng.zipf(1.3, cases) - 1, TEMPLATES - 1)
    free = rng.integers(0, ACTIVITIES, (cases, STEPS))
    activity = np.where((rng.random(cases) < 0.5)[:, None], templates[ranks], free).ravel()
    gaps = rng.exponential(3 * 86_400e6, (cases, STEPS)).astype(np.int64)
    gaps[rng.random((cases, STEPS)) < 0.02] = 0
    begins = START_US + rng.integers(0, 700 * 86_400_000_000, cases)
    at = (begins[:, None] + np.cumsum(gaps, axis=1)).ravel()
    unit = (
        (np.arange(cases) % UNITS)[:, None] + rng.integers(0, 3, (cases, STEPS))
    ).ravel() % UNITS
    staff = rng.integers(0, STAFF, cases * STEPS)
    case = np.repeat(np.arange(cases), STEPS)
    return _ocel(case, activity, at, unit, staff)


def _ocel(
    case: np.ndarray, activity: np.ndarray, at: np.ndarray, unit: np.ndarray, staff: np.ndarray
) -> Ocel:
    count = len(case)
    event_id = _ids("e", np.arange(count))
    ends = [("case", case), ("citizen", case // 2), ("unit", unit), ("staff", staff)]
    e2o = pa.table(
        {
            "event_id": pa.chunked_array([event_id] * len(ends)),
            "object_id": pa.chunked_array([_ids(f"{n}:", k) for n, k in ends]),
            "qualifier": pa.chunked_array(
                [pa.array([q]).dictionary_encode().take(pa.array(np.zeros(count, "int32")))
                 for q in ("of", "of", "in", "by")]
            ),
        }
    )  # fmt: skip
    objects = [(f"{n}:{k}", n) for n, keys in ends for k in np.unique(keys)]
    names = [f"activity {k:02d}" for k in range(ACTIVITIES)]
    tables = {
        "events": pa.table(
            {
                "event_id": event_id,
                "event_type": pa.DictionaryArray.from_arrays(
                    pa.array(activity.astype("int32")), names
                ),
                "time": pa.array(at).cast(pa.timestamp("us", tz="UTC")),
                "start": pa.nulls(count, pa.timestamp("us", tz="UTC")),
                "precision": pa.array(["second"])
                .dictionary_encode()
                .take(pa.array(np.zeros(count, "int32"))),
                "source_file": pa.nulls(count, pa.string()),
                "source_line": pa.nulls(count, pa.int64()),
            }
        ),
        "objects": pa.table(
            {
                "object_id": [o for o, _ in objects],
                "object_type": [n for _, n in objects],
                "number": pa.nulls(len(objects), pa.string()),
                "source_file": pa.nulls(len(objects), pa.string()),
                "source_line": pa.nulls(len(objects), pa.int64()),
            }
        ),
        "e2o": e2o,
    }
    roles = Roles(
        resource=("staff",), unit=("unit",), citizen=("citizen",), done_by="by", done_in="in"
    )
    return Ocel.build(tables, roles, {"sources": []})


def _ids(prefix: str, keys: np.ndarray) -> pa.Array:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(prefix, pa.array(keys).cast(pa.string()), "")


def cached(events: int, folder: Path) -> Path:
    """Return a store with the log of `events` events, made on first use."""
    from procmine.pipeline import import_ocel
    from procmine.store import Store

    path = folder / f"store-{events}"
    if not Store(path).exists:
        import_ocel(make_log(events), path)
    return path


def exchange_file(events: int, folder: Path, ending: str = "jsonocel") -> Path:
    """Return the same log as an OCEL 2.0 file, made on first use."""
    from procmine.ocel.exchange import write
    from procmine.ocel.log import Ocel as Log
    from procmine.store import Store

    file = folder / f"log-{events}.{ending}"
    if not file.exists():
        part = folder / f"part-{events}.{ending}"
        write(Log.read(Store(cached(events, folder)).current().path / "ocel"), part)
        part.replace(file)
    return file


def sizes(store: Path) -> dict[str, int]:
    """Return the row counts of a store."""
    from procmine.store import Store

    counts: dict[str, int] = json.loads(json.dumps(Store(store).current().manifest["counts"]))
    return counts
