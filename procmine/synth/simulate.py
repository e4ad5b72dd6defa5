"""Run a scenario: world, cases, delivery, truth."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.config import load_config
from procmine.synth.archive import Archive
from procmine.synth.clock import DAY, Calendar, at, day_of
from procmine.synth.delivery import Delivery
from procmine.synth.draws import Stream
from procmine.synth.effects import Finished, write_effects
from procmine.synth.engine import Engine
from procmine.synth.files import Style, write_csv, write_xlsx
from procmine.synth.flow import Flow, load_flow
from procmine.synth.ledger import Ledger
from procmine.synth.scenario import Scenario, load_scenario
from procmine.synth.truth import write_truth
from procmine.synth.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import simpy

__all__ = ["Summary", "run", "simulate"]

_BEYOND = 730
"""Days by which every case has ended."""
_STYLES = {"opera": ("cp1252", "\r\n"), "aktiv": ("utf-8-sig", "\r\n"), "dfdg": ("utf-8", "\r\n")}


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run wrote: folders, and rows per file."""

    delivery: Path
    truth: Path
    cases: int
    events: int
    rows: dict[str, int]


def simulate(
    scenario: Scenario | Path | str,
    out: Path,
    *,
    seed: int | None = None,
    cases: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Write a synthetic delivery to ``out/delivery`` and its truth to ``out/truth``.

    Parameters
    ----------
    scenario
        A scenario, its file, or the name of a shipped one.
    out
        Folder to write in; files of an earlier run are replaced.
    seed, cases
        In place of the scenario's own seed and total number of cases.
    progress
        Called with days simulated and days in all.

    Raises
    ------
    ConfigError
        A scenario or flow that cannot be used.
    """
    plan = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if seed is not None:
        plan = replace(plan, seed=seed)
    if cases is not None:
        plan = plan.sized(cases)
    world, ledger = run(plan, progress)
    return _write(plan, world, ledger, Path(out))


def run(
    scenario: Scenario,
    progress: Callable[[int, int], None] | None = None,
    *,
    beyond: int = 0,
) -> tuple[World, Ledger]:
    """Simulate a municipality without writing anything.

    Parameters
    ----------
    scenario, progress
        As for :func:`simulate`.
    beyond
        Days past the extraction to go on, without new cases.
    """
    config = load_config()
    layouts = _layouts()
    first, cut = at(scenario.first), at(scenario.until) + (1 + beyond) * DAY
    calendar = Calendar(scenario.first - timedelta(days=400), scenario.until + timedelta(days=beyond + 900))
    world = World(scenario, first, calendar, config.skipped_kinds())
    ledger = Ledger(scenario)
    kinds = {row["label"]: row for row in config.files["dokumenttyper"]["kind"]}
    archive = Archive(world, ledger, kinds, layouts["words"]["reason"])
    engine = Engine(world, ledger, archive, layouts)
    for meeting in world.meetings.values():
        if meeting.office.unit.meets:
            world.env.process(engine.meetings(meeting))
    world.env.process(_arrivals(scenario, ledger, engine, calendar, layouts["groups"]))
    _advance(world, first, cut, progress)
    return world, ledger


def _advance(world: World, first: int, cut: int, progress: Callable[[int, int], None] | None) -> None:
    days = (cut - first) // DAY
    for day in range(30, days + 30, 30):
        world.env.run(until=min(first + day * DAY, cut))
        if progress is not None:
            progress(min(day, days), days)
        if first + day * DAY >= cut:
            break


def _arrivals(
    scenario: Scenario, ledger: Ledger, engine: Engine, calendar: Calendar, groups: dict[str, list[str]]
) -> Iterator[simpy.Event]:
    """Let every case begin at its time: even over the period, on working days."""
    env = engine.env
    first, last = at(scenario.first) // DAY, at(scenario.until) // DAY
    days = [day for day in calendar.days if first <= day <= last]
    starts: list[tuple[int, str, int]] = []
    for process, count in scenario.cases.items():
        for index in range(count):
            stream = Stream(scenario.seed, process, index, "arrival")
            day = days[stream.below(len(days))]
            starts.append((day * DAY + calendar.opens + stream.below(450), process, index))
    flows: dict[str, Flow] = {p: load_flow(p, scenario.share.get(p)) for p in scenario.cases}
    for start, process, index in sorted(starts):
        yield env.timeout(max(start - env.now, 0))
        case = ledger.open_case(flows[process], index, start, groups[process])
        engine.take_on(case)
        env.process(engine.case(case))


def _layouts() -> dict[str, Any]:
    source = resources.files("procmine.synth") / "data" / "layouts.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _write(scenario: Scenario, world: World, ledger: Ledger, out: Path) -> Summary:
    layouts = _layouts()
    cut = at(scenario.until) + DAY
    words = {**layouts["words"], "rates": layouts["rates"], "nature": layouts["nature"]}
    delivery = Delivery(ledger, load_config(), words, cut, world.calendar)
    folder = out / "delivery"
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    fields = {
        "municipality": scenario.municipality,
        "place": scenario.place,
        "date": _day(scenario.until),
    }
    heads = {name: [line.format(**fields) for line in lines] for name, lines in layouts["heads"].items()}
    for name, table in delivery.tables().items():
        layout = layouts["tables"][name]
        path = folder / layout["file"]
        style = layout["style"]
        head = tuple(heads.get(style, ()))
        if path.suffix == ".xlsx":
            rows[path.name] = write_xlsx(path, layout["columns"], table, head)
        else:
            footer = layouts["words"]["footer"] if style == "opera" else ""
            encoding, newline = _STYLES[style]
            rows[path.name] = write_csv(
                path, layout["columns"], table, Style(encoding, newline, head, footer)
            )
    write_truth(out / "truth", delivery, world)
    if scenario.trial.start is not None:
        write_effects(out / "truth" / "effects.json", lambda trial: _to_the_end(scenario, trial))
    return Summary(folder, out / "truth", len(delivery.cases), len(delivery.steps), rows)


def _to_the_end(scenario: Scenario, trial: bool) -> Finished:  # noqa: FBT001
    plan = scenario if trial else scenario.without_trial()
    world, ledger = run(plan, beyond=_BEYOND)
    return Finished(world, ledger, at(scenario.until) + (1 + _BEYOND) * DAY)


def _day(value: date) -> str:
    return f"{day_of(at(value)):%d-%m-%Y}"
