"""Activities and units that nothing maps, and the draft of a catalogue for a person to judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.exports.names import nearest, slug
from procmine.exports.sql import listed, literal
from procmine.store.engine import connect, quoted
from procmine.text import t

if TYPE_CHECKING:
    import duckdb

    from procmine.config.catalogue import Step
    from procmine.config.load import Config

__all__ = ["Unmapped", "draft_catalogue", "unmapped"]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Names that no definition covers, each with its number of events."""

    activities: dict[str, int]
    units: dict[str, int]


def unmapped(
    folder: Path, config: Config, unit_types: tuple[str, ...], kind: str,
    not_steps: tuple[str, ...] = (),
) -> Unmapped:  # fmt: skip
    """List a log's activities that stand in no catalogue, and its units without a kind.

    Parameters
    ----------
    folder
        A snapshot's folder.
    config
        The definitions.
    unit_types, kind, not_steps
        The log's roles: types of units, the attribute of their kind, types that are no steps.
    """
    known = {s.type for c in config.catalogues for s in c.steps} | set(not_steps)
    ocel = folder / "ocel"
    con = connect()
    try:
        activities = con.execute(
            f"SELECT event_type, count(*) FROM {quoted(ocel / 'events.parquet')} "
            f"WHERE event_type NOT IN {listed(sorted(known) or [''])} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        units = _units(con, ocel, unit_types, kind)
        return Unmapped(dict(activities), units)
    finally:
        con.close()


def _units(
    con: duckdb.DuckDBPyConnection, ocel: Path, unit_types: tuple[str, ...], kind: str
) -> dict[str, int]:
    objects = quoted(ocel / "objects.parquet")
    held = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {objects}").fetchall()]
    column = f'"attr.{kind}"' if kind and f"attr.{kind}" in held else "NULL"
    rows = con.execute(
        f"SELECT coalesce(o.number, o.object_id), count(r.event_id) FROM {objects} o LEFT JOIN "
        f"{quoted(ocel / 'e2o.parquet')} r ON r.object_id = o.object_id WHERE o.object_type IN "
        f"{listed(unit_types or ('',))} AND {column} IS NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return dict(rows)


def draft_catalogue(
    folder: Path, process: str, case_type: str, config: Config | None = None
) -> str:
    """Return the draft of a catalogue as TOML, its steps in the order they usually come.

    Rank is the mean place of an activity in its cases. A class is that of the step of the
    same name in a catalogue there is, or of the one whose name it is most like; each says
    so, and is empty where there is none. Marks are empty but for the commonest first
    activity: they are a judgement that a person makes, as classes are in the end.

    Parameters
    ----------
    folder
        A snapshot's folder.
    process, case_type
        The process's name and the object type of its cases.
    config
        Definitions whose catalogues tell the classes of steps of the same or a like name.
    """
    known = _steps_by_name(config)
    ocel = folder / "ocel"
    con = connect()
    try:
        rows = con.execute(
            "WITH steps AS (SELECT e.event_type, row_number() OVER w AS place FROM "
            f"{quoted(ocel / 'events.parquet')} e JOIN {quoted(ocel / 'e2o.parquet')} r ON "
            f"r.event_id = e.event_id JOIN {quoted(ocel / 'objects.parquet')} o ON "
            f"o.object_id = r.object_id WHERE o.object_type = {literal(case_type)} "
            "WINDOW w AS (PARTITION BY o.object_id ORDER BY e.time, e.event_id)) "
            "SELECT event_type, count(*), count(*) FILTER (WHERE place = 1) FROM steps "
            "GROUP BY 1 ORDER BY avg(place), 1"
        ).fetchall()
    finally:
        con.close()
    first = max((row[2] for row in rows), default=0)
    lines = [f"# {t('exports.catalogue_head')}", "format = 1", f"process = {_text(process)}",
             f"label = {_text(process)}", f"case_type = {_text(case_type)}", ""]  # fmt: skip
    for name, count, starts in rows:
        label, cls, why = _like(name, count, known)
        lines += [f"# {why}", "[[step]]", f"type = {_text(name)}", f"label = {_text(label)}",
                  f'class = "{cls}"']  # fmt: skip
        lines += ['marks = ["start"]', ""] if first and starts == first else [""]
    return "\n".join(lines)


def _steps_by_name(config: Config | None) -> dict[str, tuple[str, Step]]:
    """Return each step by its type and its label, with the process it stands in."""
    found: dict[str, tuple[str, Step]] = {}
    for catalogue in config.catalogues if config else ():
        for step in catalogue.steps:
            for name in (step.type, slug(step.label)):
                found.setdefault(name, (catalogue.process, step))
    return found


def _like(name: str, count: int, known: dict[str, tuple[str, Step]]) -> tuple[str, str, str]:
    """Return a step's label and class, and what they rest on."""
    same = known.get(name)
    if same is not None:
        process, step = same
        return step.label, step.cls, t("exports.catalogue_known", n=count, process=process)
    near = known.get(nearest(name, known))
    if near is not None and near[1].cls:
        process, step = near
        why = t("exports.catalogue_like", n=count, label=step.label, process=process)
        return name, step.cls, why
    return name, "", t("exports.catalogue_step", n=count)


def _text(name: str) -> str:
    """Return a name as TOML writes it."""
    return json.dumps(name, ensure_ascii=False)
