"""Write a finished municipality as a delivery, with its truth beside it."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.config import load_config
from procmine.synth.clock import DAY, at, local
from procmine.synth.delivery import Delivery
from procmine.synth.files import Style, write_csv
from procmine.synth.mess import Account, Mess
from procmine.synth.sheets import Book, write_xlsx
from procmine.synth.truth import write_truth
from procmine.tables.names import SYNTHETIC_MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.synth.files import Cell
    from procmine.synth.ledger import Ledger
    from procmine.synth.scenario import Scenario
    from procmine.synth.world import World

    Row = tuple[Cell, ...]

__all__ = ["Summary", "layouts", "write_municipality"]

_TABLES = ("rates", "control", "endings")
"""Small tables of the layouts that go with the words."""
_BOOKED = "aktiviteter"
"""The table (of ours) that also holds bookings which were cancelled."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run wrote: folders, cases, events of processes, and rows by file."""

    delivery: Path
    truth: Path
    cases: int
    events: int
    rows: dict[str, int]


def layouts() -> dict[str, Any]:
    """Return the reference layouts and the words that stand in their fields."""
    source = resources.files("procmine.synth") / "data" / "layouts.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def write_municipality(scenario: Scenario, world: World, ledger: Ledger, out: Path) -> Summary:
    """Write ``out/delivery`` and ``out/truth`` (but for the effects of a trial)."""
    plan = layouts()
    words = {**plan["words"], **{key: plan[key] for key in _TABLES}}
    cut = at(scenario.until) + DAY
    delivery = Delivery(ledger, load_config(), words, cut, world.calendar)
    folder = out / "delivery"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SYNTHETIC_MARK).write_text(words["notice"], encoding="utf-8", newline="\n")
    mess = Mess(scenario.seed, scenario.mess, words["cancelled"])
    accounts: dict[str, Account] = {}
    for name, table in delivery.tables().items():
        layout = plan["tables"][name]
        style = _style(plan, layout["style"], scenario, mess.formats.get(name, {}))
        rows = list(table)
        for number, part in enumerate(_parts(rows, mess.split.get(name, 1))):
            path = _place(folder / layout["file"], number)
            account = accounts[path.name] = Account()
            _table(path, name if not number else "", layout["columns"], part, style, mess, account)
            cancelled = sum(words["cancelled"] in row for row in part if name == _BOOKED)
            account.left_out += Counter({"not_performed": cancelled})
    write_truth(out / "truth", delivery, world)
    _accounts(out / "truth" / "rows.json", accounts)
    counts = {file: account.read for file, account in accounts.items()}
    return Summary(folder, out / "truth", len(delivery.cases), len(delivery.steps), counts)


def _parts(rows: list[Row], parts: int) -> list[list[Row]]:
    """Cut a table into files of about the same length."""
    size = -(-len(rows) // parts) or 1
    return [rows[i : i + size] for i in range(0, len(rows), size)] or [[]]


def _place(path: Path, number: int) -> Path:
    """Give the second and later files of a table a suffix."""
    return path if not number else path.with_stem(f"{path.stem}_{number + 1}")


def _table(
    path: Path,
    name: str,
    columns: list[str],
    table: list[Row],
    style: Style,
    mess: Mess,
    account: Account,
) -> None:
    rows = mess.plant(name, columns, table, account)
    if path.suffix == ".xlsx":
        write_xlsx(path, columns, rows, style.head, Book(**mess.books.get(name, {})))
    else:
        write_csv(path, columns, rows, style)


def _style(
    plan: Mapping[str, Any], name: str, scenario: Scenario, other: Mapping[str, Any]
) -> Style:
    fields = {
        "municipality": scenario.municipality,
        "place": scenario.place,
        "date": f"{local(at(scenario.until)):%d-%m-%Y}",
    }
    head = tuple(line.format(**fields) for line in plan["heads"].get(name, ()))
    row = {**plan["styles"].get(name, {}), **other}
    return Style(head=head, **row)


def _accounts(path: Path, accounts: dict[str, Account]) -> None:
    files = [{"file": file, **account.as_dict()} for file, account in sorted(accounts.items())]
    text = json.dumps({"files": files}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
