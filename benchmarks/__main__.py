"""``python -m benchmarks [--events N] [--repeat N] [--tasks A,B]``: the table of ratios."""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.log import cached, exchange_file, sizes
from benchmarks.tasks import GOALS, TASKS, needs

HEAD = (
    f"{'task':<18}{'tool':<12}{'wall s':>9}{'min':>9}{'max':>9}{'cpu s':>9}{'MB':>7}"
    f"{'wall x':>8}{'cpu x':>8}{'goal':>7}  answer"
)


def main() -> None:
    """Run every task with every tool, interleaved, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--without", default="", help="tools to leave out, for large logs")
    parser.add_argument("--limit", type=float, default=600, help="seconds a run may take")
    parser.add_argument("--cache", type=Path, default=Path(".cache") / "benchmarks")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    print(f"log: {sizes(cached(options.events, options.cache))}")
    print(HEAD)
    failed = 0
    for task in options.tasks.split(","):
        _prepare(task, options)
        asked = [tool for tool in TASKS[task] if not _skipped(task, tool, options)]
        runs: dict[str, list[dict[str, Any]]] = {tool: [] for tool in asked}
        for _ in range(options.repeat):
            for tool, done in runs.items():
                done.append(_run(task, tool, options))
        failed += _print(task, runs)
    sys.exit(1 if failed else 0)


def _prepare(task: str, options: argparse.Namespace) -> None:
    """Write the file that the task reads, so that no run is timed beside the writing."""
    for name, ending in (("JSON", "jsonocel"), ("XML", "xmlocel"), ("SQLite", "sqlite")):
        if name in task or (name == "SQLite" and "OC-DFG" in task):
            exchange_file(options.events, options.cache, ending)


def _skipped(task: str, tool: str, options: argparse.Namespace) -> bool:
    absent = [name for name in needs(tool) if importlib.util.find_spec(name) is None]
    if absent:
        print(f"{task:<18}{tool:<12} skipped: {', '.join(absent)} not installed")
    elif tool in options.without.split(","):
        print(f"{task:<18}{tool:<12} skipped: left out")
    return bool(absent) or tool in options.without.split(",")


def _run(task: str, tool: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.tasks", task, tool, str(options.events),
               str(options.cache)]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=options.limit
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {options.limit:.0f} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _print(task: str, runs: dict[str, list[dict[str, Any]]]) -> int:
    """Print the rows of a task; count disagreements and failures of procmine."""
    ours = runs["procmine"]
    broken = any("failed" in run for run in ours)
    base = {
        name: 0.0 if broken else statistics.median(run[name] for run in ours)
        for name in ("s", "cpu")
    }
    answers = []
    for tool, done in runs.items():
        if any("failed" in run for run in done):
            reason = next(run["failed"] for run in done if "failed" in run)
            print(f"{task:<18}{tool:<12} failed: {reason}")
            continue
        wall = [run["s"] for run in done]
        cpu = statistics.median(run["cpu"] for run in done)
        answers += [done[0]["sum"]] if done[0]["sum"] is not None else []
        goal = GOALS.get((task, tool))
        print(
            f"{task:<18}{tool:<12}{statistics.median(wall):>9.3f}{min(wall):>9.3f}"
            f"{max(wall):>9.3f}{cpu:>9.3f}{max(run['mb'] for run in done):>7.0f}"
            f"{_times(statistics.median(wall), base['s'])}{_times(cpu, base['cpu'])}"
            f"{f'{goal:.1f}' if goal else '':>7}"
            f"  {done[0]['sum']}",
            flush=True,
        )
    wrong = any(not _agree(answers[0], answer) for answer in answers[1:])
    if wrong:
        print(f"{task}: the tools disagree")
    return int(wrong) + int(broken)


def _times(theirs: float, ours: float) -> str:
    return f"{theirs / ours if ours else 0:>8.1f}"


def _agree(one: Any, other: Any) -> bool:
    """Whether two answers are the same in what both tell; sums of floats up to a rounding."""
    if isinstance(one, list) and isinstance(other, list):
        return all(_agree(a, b) for a, b in zip(one, other, strict=False))
    if isinstance(one, float) or isinstance(other, float):
        return abs(float(one) - float(other)) <= 1e-6 * max(1.0, abs(float(one)))
    return bool(one == other)


if __name__ == "__main__":
    main()
