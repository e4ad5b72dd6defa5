"""``python -m benchmarks [--events N] [--repeat N] [--tasks A,B]``: the table of ratios."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.log import cached, exchange_file, sizes
from benchmarks.tasks import TASKS


def main() -> None:
    """Run every task with every tool, interleaved, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--cache", type=Path, default=Path(".cache") / "benchmarks")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    print(f"log: {sizes(cached(options.events, options.cache))}")
    exchange_file(options.events, options.cache)
    print(f"{'task':<16}{'tool':<10}{'median s':>10}{'min':>9}{'max':>9}{'MB':>8}{'ratio':>9}  sum")
    wrong = 0
    for task in options.tasks.split(","):
        runs: dict[str, list[dict[str, object]]] = {tool: [] for tool in TASKS[task]}
        for _ in range(options.repeat):
            for tool, done in runs.items():
                done.append(_run(task, tool, options))
        wrong += _print(task, runs)
    sys.exit(1 if wrong else 0)


def _run(task: str, tool: str, options: argparse.Namespace) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.tasks", task, tool, str(options.events),
               str(options.cache)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    result: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _print(task: str, runs: dict[str, list[dict[str, object]]]) -> int:
    ours = statistics.median(float(run["s"]) for run in runs["procmine"])  # type: ignore[arg-type]
    sums = set()
    for tool, done in runs.items():
        if any("failed" in run for run in done):
            print(f"{task:<16}{tool:<10} failed: {done[0].get('failed')}")
            continue
        seconds = [float(run["s"]) for run in done]  # type: ignore[arg-type]
        memory = max(float(run["mb"]) for run in done)  # type: ignore[arg-type]
        median = statistics.median(seconds)
        sums.add(str(done[0]["sum"]))
        print(
            f"{task:<16}{tool:<10}{median:>10.3f}{min(seconds):>9.3f}{max(seconds):>9.3f}"
            f"{memory:>8.0f}{median / ours:>9.1f}  {done[0]['sum']}"
        )
    if len(sums) > 1:
        print(f"{task}: the tools disagree")
    return int(len(sums) > 1)


if __name__ == "__main__":
    main()
