"""The log of a delivery as one writes it straight in pandas.

It takes the steps of a load that such a script can take: a digest of each file; every kept
cell as text, stamps as instants in UTC, pseudonyms of citizens and staff; a look over the kept
texts for numbers shaped like a CPR number; rows left out by rule; the same row again, one id
with two contents; bad dates, stamps in the future or before 1990, no time at all, references to
what is not there; a start after its end dropped; units that no list names; an account of the
rows by file and fate; the quarantine with file, line, reason and cells; the checked tables for
the next delivery, each row with a hash of its content; events, objects, relations, links and
changing attributes, in order, with file and line.

It leaves out what a load does beside: finding encoding, header, title block and footer; repairs
of ids, blanks and letters; lines that do not split; the comparison with what an earlier
delivery brought; control figures, and what is new since.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from procmine.exports.shapes import CPR_PATTERN

__all__ = ["Load", "stamped"]

_ACTIVITIES = "opera_aktiviteter.csv"
_SECRET = b"0" * 32
_ZONE = "Europe/Copenhagen"
_CUT = pd.Timestamp("2026-02-01", tz=_ZONE)
_FIRST = pd.Timestamp("1990-01-01", tz=_ZONE)
_TEXTS = ("Bemærkning",)
_DIGITS = "[0-9]{6}.?[0-9]{4}"


def stamped(texts: Any, form: str) -> Any:
    """Return local stamps as instants in UTC, NaT where they cannot be read."""
    stamps = pd.to_datetime(texts, format=form, errors="coerce")
    local = stamps.dt.tz_localize(_ZONE, ambiguous=True, nonexistent="NaT")
    return local.dt.tz_convert("UTC")


def pseudonyms(values: Any, prefix: str) -> Any:
    """Return keyed pseudonyms, worked out once for each distinct value."""

    def pseudonym(value: str) -> str:
        plain = value.replace("-", "").casefold().encode()
        return prefix + hashlib.blake2b(plain, digest_size=12, key=_SECRET).hexdigest()

    return values.map({value: pseudonym(value) for value in values.unique()})


def shaped(values: Any) -> bool:
    """Whether any of the texts holds what may be a CPR number."""
    texts = pd.Series(values.unique())
    texts = texts[texts.str.contains(_DIGITS)]
    return bool(texts.str.contains(CPR_PATTERN).any())


class Load:
    """One load of a delivery of cases, plans, activities and units into a folder."""

    def __init__(self, source: Path, out: Path) -> None:
        """Take the folder of the files, and one for what is written."""
        self.source, self.out = source, out
        self.account: dict[str, dict[str, int]] = {}
        self.digests: dict[str, str] = {}
        self.quarantined: list[Any] = []

    def run(self) -> list[int]:
        """Write everything; return how many events, relations, bad rows, objects and more."""
        units = self.read("enheder.csv")
        units = self.judged(units, "enheder.csv", units.columns[0], {})
        cases = self.read("opera_sager.csv")
        for name in ("Startdato", "Slutdato"):
            cases = self.timed(cases, name, "%d-%m-%Y")
        cases["citizen"] = pseudonyms(cases["CPR-nr."], "borger:")
        cases = cases.drop(columns="CPR-nr.")
        cases = self.judged(cases, "opera_sager.csv", "Sagsnr", {})
        plans = self.timed(self.read("opera_planer.csv"), "Oprettet", "%d-%m-%Y")
        orphan = ~plans["Sagsnr"].isin(cases["Sagsnr"])
        plans = self.judged(plans, "opera_planer.csv", "Plannr", {"orphan": orphan})
        rows = self.activities(cases, plans)
        unknown = ~rows["unit"].isin(units["Organisatorisk enhed"])
        self.account[_ACTIVITIES]["unknown_unit"] = int(unknown.sum())
        events, relations = self.events(rows, cases)
        links = self.links(cases, plans)
        objects = self.objects(units, cases, plans, relations)
        changes = self.changes(cases, plans)
        bad = pd.concat(self.quarantined, ignore_index=True)
        self.write(bad, "quarantine")
        return [len(each) for each in (events, relations, bad, objects, links, changes)]

    def read(self, name: str) -> Any:
        """Read a file's kept columns as text, with lines, and digest it."""
        path = self.source / name
        with path.open("rb") as stream:
            self.digests[name] = hashlib.file_digest(stream, "blake2b").hexdigest()
        rows = pd.read_csv(path, sep=";", encoding="cp1252", dtype="string", engine="c",
                           keep_default_na=False, usecols=lambda n: n not in _TEXTS)  # fmt: skip
        for column in rows.columns.drop("CPR-nr.", errors="ignore"):
            if shaped(rows[column]):
                rows[column] = pseudonyms(rows[column], "")
        rows["line"] = np.arange(2, len(rows) + 2)
        return rows

    def timed(self, rows: Any, name: str, form: str) -> Any:
        """Make a column of texts one of instants; `!` marks what cannot be read."""
        stamps = stamped(rows[name], form)
        rows[f"{name}!"] = stamps.isna() & (rows[name] != "")
        rows[name] = stamps
        return rows

    def judged(
        self, rows: Any, file: str, key: str, reasons: dict[str, Any], planned: Any = None
    ) -> Any:
        """Give each row its fate; return the rows that are kept, written for the next load."""
        cells = list(rows.columns.drop("line"))
        bad = [name for name in cells if name.endswith("!")]
        times = [name[:-1] for name in bad]
        planned = pd.Series(data=False, index=rows.index) if planned is None else planned
        keys = rows.loc[~planned, key]
        twice = rows.loc[keys.index[keys.duplicated(keep=False)]]
        again = twice.index[twice.duplicated(cells)]
        once = twice.drop(index=again)
        conflict = once.loc[once.duplicated(key, keep=False), key]
        found = {
            "not_performed": planned,
            "duplicate": rows.index.isin(again),
            "missing_id": rows[key] == "",
            "bad_date": rows[bad].any(axis=1),
            "future": (rows[times] >= _CUT).any(axis=1),
            "before_1990": (rows[times] < _FIRST).any(axis=1),
            "conflict": rows[key].isin(conflict),
            **reasons,
        }
        codes = ["kept", *found]
        fate = np.zeros(len(rows), np.int8)
        for code, hit in reversed(list(enumerate(found.values(), start=1))):
            fate[np.asarray(hit, bool)] = code
        counts = np.bincount(fate, minlength=len(codes)).tolist()
        self.account[file] = {"read": len(rows), **dict(zip(codes, counts, strict=True))}
        stopped = rows[fate > codes.index("duplicate")].drop(columns=bad)
        if len(stopped):
            told = stopped.drop(columns="line").apply(pd.Series.to_json, axis=1, date_format="iso")
            why = np.array(codes)[fate[stopped.index]]
            part = pd.DataFrame({"line": stopped["line"], "cells": told, "code": why})
            self.quarantined.append(part.assign(file=file))
        kept = rows[fate == 0].drop(columns=bad)
        content = pd.util.hash_pandas_object(kept.drop(columns="line"), index=False)
        told = kept.assign(content=content, file=file, delivery=self.source.name)
        self.write(told, Path(file).stem)
        return kept

    def activities(self, cases: Any, plans: Any) -> Any:
        """Return the activities that are kept."""
        rows = self.read(_ACTIVITIES)
        for column in ("Start", "Slut"):
            rows = self.timed(rows, column, "%d-%m-%Y %H:%M")
        rows["staff"] = pseudonyms(rows["Udført af"], "medarbejder:")
        rows = rows.drop(columns="Udført af").rename(columns={"Organisatorisk enhed": "unit"})
        orphan = ~rows["Sagsnr"].isin(cases["Sagsnr"])
        orphan |= (rows["Plannr"] != "") & ~rows["Plannr"].isin(plans["Plannr"])
        untimed = rows["Start"].isna() & rows["Slut"].isna()
        planned = rows["Status"].str.lower() != "udført"
        reasons = {"missing_time": untimed, "orphan": orphan}
        return self.judged(rows, _ACTIVITIES, "Aktivitetsnr", reasons, planned)

    def events(self, rows: Any, cases: Any) -> tuple[Any, Any]:
        """Write events and their relations, in order."""
        slugs = {each: each.casefold().replace(" ", "_") for each in rows["Aktivitet"].unique()}
        rows = rows.assign(
            event_id="opera:" + rows["Aktivitetsnr"],
            event_type=rows["Aktivitet"].map(slugs),
            time=rows["Slut"].fillna(rows["Start"]),
            start=rows["Start"].where(rows["Start"] <= rows["Slut"]),
        )
        rows = rows.sort_values(["time", "event_type", "event_id"], ignore_index=True)
        rows["citizen"] = rows["Sagsnr"].map(cases.set_index("Sagsnr")["citizen"])
        events = rows[["event_id", "event_type", "time", "start", "line"]].assign(
            precision="minute", system="Opera", file=_ACTIVITIES
        )
        self.write(events, "events")
        planned = rows[rows["Plannr"] != ""]
        ends = [
            (rows["event_id"], "sag:" + rows["Sagsnr"], "vedroerer"),
            (rows["event_id"], rows["citizen"], "vedroerer"),
            (planned["event_id"], "rehabiliteringsplan:" + planned["Plannr"], "vedroerer"),
            (rows["event_id"], rows["staff"], "udfoert_af"),
            (rows["event_id"], "enhed:" + rows["unit"], "udfoert_i"),
        ]
        relations = pd.concat([pd.DataFrame({"event_id": e, "object_id": o, "qualifier": q})
                               for e, o, q in ends])  # fmt: skip
        relations = relations.sort_index(kind="stable")
        self.write(relations, "e2o")
        return events, relations

    def links(self, cases: Any, plans: Any) -> Any:
        """Write the links between objects."""
        ends = [
            ("sag:" + cases["Sagsnr"], cases["citizen"], "tilhoerer"),
            ("rehabiliteringsplan:" + plans["Plannr"], "sag:" + plans["Sagsnr"], "del_af"),
        ]
        links = pd.concat([pd.DataFrame({"source_id": s, "target_id": o, "qualifier": q})
                           for s, o, q in ends])  # fmt: skip
        links = links.drop_duplicates().sort_values(["source_id", "target_id"])
        self.write(links, "o2o")
        return links

    def objects(self, units: Any, cases: Any, plans: Any, relations: Any) -> Any:
        """Write every object, with its type, its number and where it stands."""
        listed = pd.concat([
            pd.DataFrame({"object_id": "enhed:" + units["Organisatorisk enhed"],
                          "number": units["Organisatorisk enhed"], "art": units["Art"],
                          "file": "enheder.csv", "line": units["line"]}),
            pd.DataFrame({"object_id": "sag:" + cases["Sagsnr"], "number": cases["Sagsnr"],
                          "startdato": cases["Startdato"], "slutdato": cases["Slutdato"],
                          "file": "opera_sager.csv", "line": cases["line"]}),
            pd.DataFrame({"object_id": "rehabiliteringsplan:" + plans["Plannr"],
                          "number": plans["Plannr"], "plantype": plans["Plantype"],
                          "oprettet": plans["Oprettet"],
                          "file": "opera_planer.csv", "line": plans["line"]}),
            pd.DataFrame({"object_id": cases["citizen"]}),
            pd.DataFrame({"object_id": relations["object_id"].unique()}),
        ])  # fmt: skip
        objects = listed.drop_duplicates("object_id")
        objects = objects.assign(object_type=objects["object_id"].str.split(":", n=1).str[0])
        objects = objects.sort_values(["object_type", "object_id"])
        self.write(objects, "objects")
        return objects

    def changes(self, cases: Any, plans: Any) -> Any:
        """Write the attributes that change, as this delivery shows them."""
        shown = [
            ("sag:" + cases["Sagsnr"], "maalgruppe", cases["Målgruppe"]),
            ("sag:" + cases["Sagsnr"], "afslutningsaarsag", cases["Afslutningsårsag"]),
            ("rehabiliteringsplan:" + plans["Plannr"], "status", plans["Status"]),
            ("rehabiliteringsplan:" + plans["Plannr"], "indstilling", plans["Indstilling"]),
        ]
        changes = pd.concat([pd.DataFrame({"object_id": o, "attribute": a, "value": v})
                             for o, a, v in shown])  # fmt: skip
        changes = changes[changes["value"] != ""].assign(time=_CUT)
        changes = changes.sort_values(["object_id", "attribute"])
        self.write(changes, "object_changes")
        return changes

    def write(self, rows: Any, name: str) -> None:
        """Write a table as Parquet."""
        rows.to_parquet(self.out / f"{name}.parquet", compression="zstd", index=False)
