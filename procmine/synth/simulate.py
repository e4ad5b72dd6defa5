"""Run a scenario: world, cases, delivery, truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.config import load_config
from procmine.synth.archive import Archive
from procmine.synth.clock import DAY, Calendar, at
from procmine.synth.draws import Stream
from procmine.synth.effects import Finished, write_effects
from procmine.synth.engine import Engine
from procmine.synth.flow import Flow, load_flow
from procmine.synth.ledger import Ledger
from procmine.synth.scenario import Scenario, load_scenario
from procmine.synth.stage import Stage
from procmine.synth.world import World
from procmine.synth.write import Summary, layouts, write_municipality

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.synth.record import Events

    Progress = Callable[[int, int], None]

__all__ = ["Summary", "run", "simulate"]

_BEYOND = 730
"""Days by which every case has ended."""


def simulate(
    scenario: Scenario | Path | str,
    out: Path,
    *,
    seed: int | None = None,
    cases: int | None = None,
    progress: Progress | None = None,
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
    folder = Path(out)
    if not plan.municipalities:
        return _one(plan, folder, progress)
    parts = [_one(part, folder / part.municipality, progress) for part in plan.parts()]
    rows: Counter[str] = Counter()
    for part in parts:
        rows.update(part.rows)
    cases_, events = sum(p.cases for p in parts), sum(p.events for p in parts)
    return Summary(folder, folder, cases_, events, dict(rows))


def _one(scenario: Scenario, out: Path, progress: Progress | None) -> Summary:
    """Simulate, write and forget one municipality: a nation needs no more room than it."""
    world, ledger = run(scenario, progress)
    summary = write_municipality(scenario, world, ledger, out)
    if scenario.trial.start is not None:
        without, same_cases = run(scenario.without_trial())
        end = at(scenario.until) + (1 + _BEYOND) * DAY
        worlds = []
        for finished, books in ((world, ledger), (without, same_cases)):
            finished.env.run(until=end)
            worlds.append(Finished(finished, books, end))
        write_effects(out / "truth" / "effects.json", *worlds)
    return summary


def run(
    scenario: Scenario,
    progress: Progress | None = None,
) -> tuple[World, Ledger]:
    """Simulate a municipality without writing anything.

    Parameters
    ----------
    scenario, progress
        As for :func:`simulate`.
    """
    config = load_config()
    plan = layouts()
    first, cut = at(scenario.first), at(scenario.until) + DAY
    calendar = Calendar(
        scenario.first - timedelta(days=400), scenario.until + timedelta(days=_BEYOND + 900)
    )
    world = World(scenario, first, calendar, config.skipped_kinds())
    ledger = Ledger(scenario)
    kinds = {row["label"]: row for row in config.files["dokumenttyper"]["kind"]}
    archive = Archive(world, ledger, kinds, plan["words"])
    engine = Engine(Stage(world, ledger, archive, plan))
    for meeting in world.meetings.values():
        if meeting.office.unit.meets:
            world.env.process(engine.meetings(meeting))
    world.env.process(_arrivals(scenario, ledger, engine, calendar, plan["groups"]))
    _advance(world, first, cut, progress)
    return world, ledger


def _advance(world: World, first: int, cut: int, progress: Progress | None) -> None:
    days = (cut - first) // DAY
    for day in range(30, days + 30, 30):
        world.env.run(until=min(first + day * DAY, cut))
        if progress is not None:
            progress(min(day, days), days)
        if first + day * DAY >= cut:
            break


def _arrivals(
    scenario: Scenario,
    ledger: Ledger,
    engine: Engine,
    calendar: Calendar,
    groups: dict[str, list[str]],
) -> Events:
    """Let every case begin at its time: even over the period, on working days."""
    env = engine.stage.env
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
        yield env.timeout(max(start - engine.stage.now, 0))
        case = ledger.open_case(flows[process], index, start, groups[process])
        engine.take_on(case)
        env.process(engine.case(case))
