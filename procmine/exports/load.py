"""From a folder of exports to the log's tables, with an account of every row."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from procmine.errors import ExportError, Fault
from procmine.exports.account import Account, FileAccount
from procmine.exports.attributes import lacking_columns
from procmine.exports.births import make_births
from procmine.exports.build import build_log
from procmine.exports.clock import iso, micros
from procmine.exports.control import compare_control
from procmine.exports.cut import Cut, known_cut, latest_stamp
from procmine.exports.definitions import checked_key, make_context, ranks_of, read_codes
from procmine.exports.delivery import Delivery, Source, find_delivery
from procmine.exports.drift import read_drift
from procmine.exports.fates import QUARANTINED
from procmine.exports.hide import hide_domains
from procmine.exports.merge import Tally, merge_table
from procmine.exports.profiles import load_profile
from procmine.exports.quarantine import quarantine_places, write_quarantine
from procmine.exports.rows import Reading
from procmine.exports.settle import Settlement, settle
from procmine.exports.side import write_side
from procmine.exports.sql import fill
from procmine.exports.stage import Limits, stage_file
from procmine.exports.stored_columns import check_stored, pseudonyms_of
from procmine.exports.text_file import NeedsCareError, read_csv
from procmine.exports.workbook import read_book
from procmine.store.engine import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.config.load import Config
    from procmine.exports.profile import Profile, TableSpec
    from procmine.exports.rows import Chunk

    Progress = Callable[..., None]
    Notice = Callable[[str], None]

__all__ = ["read_delivery"]

META = "meta.json"
_STAGING = ".staging"


def read_delivery(
    folder: Path, profile: str | Path, *, key: Path, out: Path, config: Config,
    extracted: str | None = None, previous: Path | None = None, progress: Progress | None = None,
    notice: Notice | None = None,
) -> Account:  # fmt: skip
    """Read a delivery into an empty folder: checked tables, log, quarantine, side tables.

    Parameters
    ----------
    folder
        The delivery's files.
    profile
        Name of a shipped profile, or the path of one.
    key
        Key file of the pseudonyms; made on first use, outside the store.
    out
        Empty folder for what is written; nothing is written anywhere else.
    config
        The definitions, for the labels of activities and outcomes.
    extracted
        Day or instant of the extraction, where the files do not say.
    previous
        Folder of the snapshot before, whose rows this delivery adds to.
    progress
        Called with (what, done, total).
    notice
        Called, before anything stands beside what was loaded before, with each sentence on
        what is new since: columns, activities, units.

    Raises
    ------
    ExportError
        The delivery cannot be read at all, or the key is not the store's.
    ConfigError
        The profile has faults.

    References
    ----------
    Spec exports.md, section 4.
    """
    rules = load_profile(profile)
    with _returned_memory():
        loader = _Loader(rules, key, out, config, previous, progress)
        loader.notice = notice or (lambda _: None)
        return loader.load(find_delivery(folder, rules), extracted)


@contextmanager
def _returned_memory() -> Iterator[None]:
    """Take Arrow's memory from the system: its own pool keeps what threads that ended had."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


class _Loader:
    """One load, from files to the finished folder."""

    def __init__(
        self, profile: Profile, key: Path, out: Path, config: Config, previous: Path | None,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self.profile, self.out, self.config = profile, out, config
        self.previous = previous if previous and (previous / "tables" / META).exists() else None
        self.meta: dict[str, Any] = {}
        if self.previous:
            text = (self.previous / "tables" / META).read_text(encoding="utf-8")
            self.meta = json.loads(text)
        self.key = checked_key(key, self.meta)
        self.progress = progress or (lambda *_: None)
        self.notice: Notice = lambda _: None
        self.context = make_context(profile, config, self.key, self.meta)
        self.staging = out / _STAGING
        self.files: list[FileAccount] = []
        self.labels: list[str] = []
        """What rows say of their file, by its number: each sheet of a workbook has its own."""
        self.owners: list[int] = []
        self.strays: list[tuple[int, str, int, str]] = []
        self.staged: dict[str, list[Path]] = {}

    def load(self, delivery: Delivery, extracted: str | None) -> Account:
        self.staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return self._load(delivery, extracted)
        finally:
            shutil.rmtree(self.staging, ignore_errors=True)

    def _load(self, delivery: Delivery, extracted: str | None) -> Account:
        cut = known_cut(extracted, delivery)
        now = micros(datetime.now(UTC))
        read_codes(delivery, self.context)
        for number, source in enumerate(delivery.sources):
            self.progress(source.shown, number, len(delivery.sources))
            self._stage(number, source, Limits(cut.us if cut else now))
        self.progress("", len(delivery.sources), len(delivery.sources))
        stored = self._stored()
        check_stored(self.profile, stored, self.meta.get("pseudonyms", {}))
        rehash = self._rehash(stored)
        rehash |= hide_domains(self.profile, self.staged, stored, self.context, self.staging)
        con = connect(self.staging / "spill")
        # What one query held stays with the allocator through the next, unless told otherwise.
        con.execute("SET allocator_background_threads = true")
        try:
            if cut is None:  # without a stamp nothing is known to have happened since
                latest = latest_stamp(con, self.profile, self.staged, now)
                cut = Cut(latest or int(self.meta.get("cut_us", now)), "latest")
            work = Settlement(con, self.profile, self.staged, stored, cut.us, self.staging,
                              rewritten=rehash)  # fmt: skip
            work.lacking = lacking_columns(self.profile, delivery, self.meta)
            work.graves = bool(self.context.tombstones)
            make_births(work, self.profile, self.context.births, self.previous)
            return self._settle(work, delivery, cut)
        finally:
            con.close()

    def _stage(self, number: int, source: Source, limits: Limits) -> None:
        account = FileAccount(source.shown, source.table.name, source.table.profile,
                              encoding=source.survey.encoding if source.survey else "xlsx",
                              digest=source.digest)  # fmt: skip
        part = self.staging / f"{number}.parquet"
        first = len(self.labels)
        self.labels += source.labels
        self.owners += [number] * len(source.labels)
        reading = Reading(source.path, source.shown, source.table)
        try:
            self._stage_once(part, source, reading, limits, first, careful=False)
        except NeedsCareError:
            reading = Reading(source.path, source.shown, source.table)
            self._stage_once(part, source, reading, limits, first, careful=True)
        finally:  # whatever else went wrong: a file that is written to meanwhile is the reason
            source.check_unchanged()
        account.not_rows, account.footer = reading.not_rows, reading.footer
        account.read = reading.rows + len(reading.strays)
        for sheet, line, code in reading.strays:
            account.quarantined[code] = account.quarantined.get(code, 0) + 1
            self.strays.append((first + sheet, source.table.name, line, code))
        self.files.append(account)
        self.staged.setdefault(source.table.name, []).append(part)

    def _stage_once(
        self, part: Path, source: Source, reading: Reading, limits: Limits, number: int, *,
        careful: bool,
    ) -> None:  # fmt: skip
        header = source.headers[0]
        chunks: Iterator[Chunk]
        if source.book is not None:
            chunks = read_book(source.book, reading)
        else:
            if source.survey is None or source.header is None:
                raise ExportError("", (Fault("no_header", source.shown),))
            chunks = read_csv(
                reading, source.survey, source.header, source.delimiter, careful=careful
            )
        stage_file(part, chunks, reading, header, source.survey, self.context, limits, number)

    def _stored(self) -> dict[str, Path]:
        if self.previous is None:
            return {}
        known = {table.name for table in self.profile.tables}
        return {
            path.stem: path
            for path in sorted((self.previous / "tables").glob("*.parquet"))
            if path.stem in known
        }

    def _object_columns(self) -> dict[str, dict[str, str]]:
        """Return the columns of each table that name objects, with the prefix of their ids."""
        named: dict[str, dict[str, str]] = dict(self.meta.get("object_columns", {}))
        for table in self.profile.tables:
            named[table.name] = {
                c.name: "" if c.kind == "citizen" else f"{c.to}:"
                for c in table.kept
                if c.is_object and c.kind in ("id", "ref", "citizen")
            }
        return named

    def _rehash(self, stored: dict[str, Path]) -> set[str]:
        """Return the stored tables whose hashes another version or other columns made."""
        signed = self.meta.get("hashed", {})
        return {n for n in stored if signed.get(n) != _signature(self.profile.table(n))}

    def _settle(self, work: Settlement, delivery: Delivery, cut: Cut) -> Account:
        _register_files(work, self.labels)
        settle(work)
        tables = self.out / "tables"
        tables.mkdir(exist_ok=True)
        tallies: dict[int, Tally] = {}
        for table in self.profile.tables:
            if work.has(table.name):
                target = tables / f"{table.name}.parquet"
                tallies |= merge_table(work, table, target, delivery.name)
        for path in sorted((self.previous / "tables").glob("*.parquet") if self.previous else ()):
            if not (tables / path.name).exists():
                shutil.copyfile(path, tables / path.name)
        old = self.previous / "quarantine.parquet" if self.previous else None
        fresh = write_quarantine(
            work, delivery.name, self.strays, old, self.out / "quarantine.parquet"
        )
        _count(self.files, self.owners, tallies)
        account = Account(self.files, places=quarantine_places(work))
        account.check()
        known = int(self.meta.get("cut_us", 0))
        # The same rows extracted later say that nothing has happened since: that is news.
        account.unchanged = self.previous is not None and not (
            account.totals["kept"] or fresh or any(work.annulled.values()) or cut.us > known
        )
        end = max(cut.us, known)
        ocel = self.out / "ocel"
        ocel.mkdir(exist_ok=True)
        account.counts = build_log(work, ocel, ranks_of(self.config), end)
        write_side(work, self.out / "side")
        self._finish(work, account, delivery, cut, end)
        return account

    def _finish(
        self, work: Settlement, account: Account, delivery: Delivery, cut: Cut, end: int
    ) -> None:
        entry = {
            "name": delivery.name, "digest": delivery.digest, "cut": iso(cut.us),
            "cut_source": cut.source, "profile": self.profile.name,
            "files": [f.file for f in self.files],
            "sheets": [
                name for k, name in enumerate(self.labels)
                if k and self.owners[k] == self.owners[k - 1]
            ],
        }  # fmt: skip
        account.delivery = entry
        known = self.meta.get("deliveries", [])
        same = {k: entry[k] for k in ("name", "files")}
        deliveries = [d for d in known if {k: d[k] for k in same} != same] + [entry]
        drift = read_drift(work, delivery, account, self.context, self.config, self.meta)
        account.drift, account.warnings = drift.data, drift.sentences
        for sentence in drift.fresh if self.previous else ():
            self.notice(sentence)
        account.control = compare_control(work, self.profile, self.config)
        account.warnings += [row["sentence"] for row in account.control]
        meta = {
            "deliveries": deliveries, "cut_us": end, "key": self.key.fingerprint,
            "tombstones": sorted(self.context.tombstones),
            "object_columns": self._object_columns(),
            "ids": self.meta.get("ids", {}) | {x.name: x.id for x in self.profile.tables if x.id},
            "hidden": sorted(self.context.shaped), **drift.known,
            "pseudonyms": self.meta.get("pseudonyms", {}) | {
                table.name: pseudonyms_of(table) for table in self.profile.tables
                if work.has(table.name)
            },
            "hashed": self.meta.get("hashed", {}) | {
                table.name: _signature(table) for table in self.profile.tables
                if work.has(table.name)
            },
        }  # fmt: skip
        _write_json(self.out / "tables" / META, meta)
        start = work.con.execute("SELECT min(epoch_us(time)) FROM events").fetchone()
        _write_json(self.out / "ocel" / "log.json", {
            "roles": self.profile.roles,
            "cut": iso(end),
            "cut_source": cut.source,
            "log_start": iso(start[0]) if start and start[0] is not None else iso(end),
            "sources": _sources(deliveries),
            "origin": "load",
            "synthetic": delivery.synthetic,
            "missing_markers": [],
        })  # fmt: skip


def _sources(deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what an event may name as its source: files, and further sheets of workbooks."""
    return [
        {"code": f"{d['name']}/{file}", "delivery": d["name"], "file": file,
         **({"sheet": True} if part == "sheets" else {})}
        for d in deliveries for part in ("files", "sheets") for file in d.get(part, ())
    ]  # fmt: skip


def _signature(table: TableSpec) -> str:
    """Return what a table's hashes depend on: the engine and the columns."""
    return " ".join((duckdb.__version__, *(f"{c.name}:{c.kind}" for c in table.kept)))


def _register_files(work: Settlement, labels: list[str]) -> None:
    work.con.execute("CREATE TEMP TABLE files (number INTEGER, shown VARCHAR)")
    fill(work.con, "files", list(enumerate(labels)))


def _count(files: list[FileAccount], owners: list[int], tallies: dict[int, Tally]) -> None:
    """Enter each file's rows by fate, and the repairs of those that are kept."""
    for number, tally in tallies.items():
        file = files[owners[number]]
        for fate, n in tally.fates.items():
            if not fate:
                file.kept += n
            else:
                part = file.quarantined if fate in QUARANTINED else file.left_out
                part[fate] = part.get(fate, 0) + n
        for code, n in tally.repairs.items():
            file.repaired[code] = file.repaired.get(code, 0) + n


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    path.chmod(0o600)
