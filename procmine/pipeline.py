"""From files to a finished snapshot: read, build, compute, switch; all or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from procmine import facts
from procmine.config.load import load_config
from procmine.errors import ExportError, Fault, UsageError
from procmine.ocel.breaches import breach_row
from procmine.ocel.exchange import read as read_exchange
from procmine.ocel.roles import Roles
from procmine.store.lifelines import write_lifelines
from procmine.store.processes import write_processes
from procmine.store.relations import Relations
from procmine.store.snapshot import LOG, Snapshot, read_json
from procmine.store.store import Staging, Store
from procmine.tables.names import SYNTHETIC_MARK
from procmine.text import t
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from procmine.config.load import Config
    from procmine.exports.account import Account
    from procmine.ocel.log import Ocel

    Progress = Callable[..., None]

__all__ = [
    "ImportOutcome",
    "LoadOutcome",
    "finish",
    "import_log",
    "import_ocel",
    "load",
    "recompute",
]

OCEL_TABLES = ("events", "objects", "e2o", "o2o", "object_changes")


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What a load did: the account of every row, and the snapshot that is now current."""

    account: Account
    snapshot: Snapshot
    unchanged: bool


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did: the snapshot, and each breach of the format's rules it met."""

    snapshot: Snapshot
    breaches: tuple[Fault, ...] = field(default=())


def load(
    folder: Path,
    profile: str | Path,
    store: Path,
    *,
    key: Path,
    extracted: str | None = None,
    config: Path | None = None,
    progress: Progress | None = None,
    notice: Callable[[str], None] | None = None,
) -> LoadOutcome:
    """Load a delivery into a store: a new snapshot beside the old, switched to at the end.

    Parameters
    ----------
    folder
        The delivery: exported files of one or several systems.
    profile
        Name of a shipped profile, or a profile file.
    store
        Folder of the store; made where it is not there.
    key
        Key file of the pseudonyms, outside the store; made on first use.
    extracted
        Day or instant of the extraction, where the files do not say.
    config
        Folder of the municipality's definitions; those shipped where none is given.
    progress
        Called with (what, done, total).
    notice
        Called with each sentence on what is new since the last load, before the switch.

    Raises
    ------
    ExportError, ConfigError, StoreError
        The delivery, the profile or the store cannot be used; the store is as it was.

    References
    ----------
    Spec exports.md, section 4.
    """
    from procmine.exports import read_delivery

    target = Store(Path(store))
    if Path(key).resolve().is_relative_to(target.path.resolve()):
        raise ExportError(t("exports.key_in_store"), (Fault("key_in_store"),))
    given = _definitions(config, target.current() if target.exists else None)
    with target.stage() as staging:
        # Read under the lock: another load may have ended since.
        before = target.current() if target.exists else None
        definitions = _definitions(None, before) if config is None else given
        account = read_delivery(
            Path(folder),
            profile,
            key=Path(key),
            out=staging.path,
            config=definitions,
            extracted=extracted,
            previous=before.path if before else None,
            progress=progress,
            notice=notice,
        )
        same_definitions = before is not None and before.config.digest == definitions.digest
        if account.unchanged and before is not None and same_definitions:
            return LoadOutcome(account, before, unchanged=True)
        staging.put_config(definitions)
        if (Path(folder) / SYNTHETIC_MARK).is_file():
            _mark_synthetic(staging.path / "ocel" / LOG)
        manifest = {"origin": "load", "account": account.to_json()}
        snapshot = finish(staging, definitions, manifest, progress)
    target.audit("load", snapshot=snapshot.path.name)
    return LoadOutcome(account, snapshot, unchanged=False)


def import_log(
    file: Path,
    store: Path,
    *,
    roles: Mapping[str, Any] | None = None,
    config: Path | None = None,
    extracted: str | None = None,
    progress: Progress | None = None,
    **columns: Any,
) -> ImportOutcome:
    """Import an event log (OCEL 2.0, XES, or one CSV) into a store.

    Parameters
    ----------
    file
        The log; its format follows from the ending.
    roles
        Which types and attributes play which part, over what the reader finds.
    config
        Folder of definitions. Without one the log has no catalogue, and what needs one
        (grades, redundancy) is said not to be known.
    extracted
        Day or instant up to which the log is complete; else its latest stamp.
    columns
        Options of a case-centric CSV: `case`, `activity`, `time`, `start`, `resource`,
        `group`, `process`, `missing`.

    Raises
    ------
    LogError, StoreError, ConfigError
        The log, the store or the definitions cannot be used; the store is as it was.
    """
    result = read_exchange(Path(file), **columns)
    return import_ocel(
        result.ocel,
        store,
        roles=roles,
        config=config,
        extracted=extracted,
        progress=progress,
        breaches=tuple(result.breaches),
        name=Path(file).name,
    )


def import_ocel(
    ocel: Ocel,
    store: Path,
    *,
    roles: Mapping[str, Any] | None = None,
    config: Path | None = None,
    extracted: str | None = None,
    progress: Progress | None = None,
    breaches: tuple[Fault, ...] = (),
    name: str = "",
) -> ImportOutcome:
    """Put a log that is in memory into a store; arguments as :func:`import_log`."""
    if roles:
        ocel = ocel.with_roles(Roles.from_dict({**ocel.roles.to_dict(), **roles}))
    definitions = load_config(config, defaults=False)
    if config is not None:
        _without_persons(definitions)
    cut, source = _cut(ocel, extracted)
    target = Store(Path(store))
    with target.stage() as staging:
        meta = {**ocel.meta, **_stamps(ocel, cut, source)}
        replace(ocel, meta=meta).write(staging.path / "ocel")
        staging.put_config(definitions)
        manifest = {"origin": "import", "file": name, "breaches": [breach_row(f) for f in breaches]}
        snapshot = finish(staging, definitions, manifest, progress)
    target.audit("import", snapshot=snapshot.path.name)
    return ImportOutcome(snapshot, breaches)


def recompute(
    store: Path, config: Path | None = None, *, progress: Progress | None = None
) -> Snapshot:
    """Make the fact tables anew, with other definitions where a folder is given.

    Raises
    ------
    StoreError, ConfigError
        The store or the definitions cannot be used; the store is as it was.
    """
    target = Store(Path(store))
    imported = target.current().manifest.get("origin") == "import"
    given = _without_persons(load_config(config, defaults=not imported)) if config else None
    with target.stage() as staging:
        before = target.current()  # under the lock: a load may have ended since
        definitions = given or before.config
        for part in ("ocel", "tables", "side"):
            _link_tree(before.path / part, staging.path / part)
        for file in before.path.glob("*.parquet"):
            _link(file, staging.path / file.name)
        staging.put_config(definitions)
        kept: dict[str, Any] = {
            k: before.manifest[k] for k in ("origin", "account", "file") if k in before.manifest
        }
        snapshot = finish(staging, definitions, {**kept, "recomputed": True}, progress)
    target.audit("recompute", snapshot=snapshot.path.name)
    return snapshot


def finish(
    staging: Staging, config: Config, manifest: dict[str, Any], progress: Progress | None
) -> Snapshot:
    """Compute processes, lifelines and facts of a staged log and switch to it."""
    from procmine.version import __version__

    making = staging.snapshot()
    relations = Relations.of_folder(staging.path / "ocel")
    write_lifelines(staging.path, config, relations)
    write_processes(staging.path, config, making.roles, relations)
    facts.compute(making, relations=relations, progress=progress)
    counts = {name: _rows(making, name) for name in OCEL_TABLES}
    return staging.commit(
        {"procmine": __version__, "config": config.digest, "counts": counts, **manifest}
    )


def _mark_synthetic(file: Path) -> None:
    log = read_json(file)
    file.write_text(json.dumps({**log, "synthetic": True}, ensure_ascii=False), encoding="utf-8")


def _definitions(config: Path | None, before: Snapshot | None) -> Config:
    if config is None and before is not None:
        return before.config
    return _without_persons(load_config(config)) if config else load_config()


def _without_persons(config: Config) -> Config:
    from procmine.exports.definitions import checked_definitions

    return checked_definitions(config)


def _rows(snapshot: Snapshot, table: str) -> int:
    import pyarrow.parquet as pq

    rows: int = pq.read_metadata(snapshot.file(table)).num_rows
    return rows


def _cut(ocel: Ocel, extracted: str | None) -> tuple[datetime, str]:
    if extracted is not None:
        return parse_cut(extracted), "given"
    latest = pc.max(ocel.events["time"]).as_py()
    return (latest or datetime.now(UTC)), "latest"


def parse_cut(text: str) -> datetime:
    """Read a cut: an ISO instant, or a day, which means the end of that local day.

    Raises
    ------
    UsageError
        Neither a day nor an instant.

    Examples
    --------
    >>> parse_cut("2026-03-02").isoformat()
    '2026-03-02T23:00:00+00:00'
    """
    try:
        if len(text) == len("2026-03-02"):
            after = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(after, time(), ZONE).astimezone(UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(t("pipeline.bad_cut"), (Fault("bad_date"),)) from error
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    return local.astimezone(UTC)


def _stamps(ocel: Ocel, cut: datetime, source: str) -> dict[str, Any]:
    first = pc.min(ocel.events["time"]).as_py() or cut
    return {
        "cut": cut.isoformat(),
        "cut_source": source,
        "log_start": first.isoformat(),
        "origin": "import",
    }


def _link_tree(source: Path, target: Path) -> None:
    for file in source.rglob("*") if source.is_dir() else ():
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(file, place)


def _link(source: Path, target: Path) -> None:
    import os
    import shutil

    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def account_text(account: Account) -> str:
    """Return the account as JSON text, as the report file of a load holds it."""
    return json.dumps(account.to_json(), ensure_ascii=False, indent=1)
