"""The log as analysts hold it: frames, Arrow, DuckDB, pm4py, and how it shows itself."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest

import procmine
from procmine.ocel.flatten import flatten
from procmine.ocel.roles import Roles
from procmine.ocel.select import by_period
from procmine.ocel.states import as_of
from procmine.pipeline import import_ocel
from tests.ocel.logs import at, log

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.ocel.log import Ocel


def casework() -> Ocel:
    """Return two cases, a unit, and the change of a case's district on 4 January."""
    return log(
        [("e1", "open", at(1)), ("e2", "close", at(5)), ("f1", "open", at(3))],
        [("s1", "case"), ("s2", "case"), ("u1", "office")],
        [("e1", "s1", "of"), ("e1", "u1", "in"), ("e2", "s1", "of"), ("f1", "s2", "of")],
        [("s1", "s2", "next to")],
        [("s1", "district", at(4), "<south>")],
        {"district": {"s1": "north"}},
        roles=Roles(unit=("office",)),
        starts={"e2": at(4, 22)},
    )


@pytest.fixture
def opened(tmp_path: Path) -> procmine.Log:
    """Put the log in a store and open it."""
    import_ocel(casework(), tmp_path / "store")
    return procmine.open(tmp_path / "store")


def test_each_table_is_a_frame_with_types_that_keep_what_is_missing(opened: procmine.Log) -> None:
    """Five frames; codes are categories, instants local time, no number becomes a float."""
    frames = {name: getattr(opened, name) for name in
              ("events", "objects", "e2o", "o2o", "object_changes")}  # fmt: skip

    assert {name: len(frame) for name, frame in frames.items()} == {
        "events": 3, "objects": 3, "e2o": 4, "o2o": 1, "object_changes": 1,
    }  # fmt: skip
    events = frames["events"]
    assert isinstance(events["event_type"].dtype, pd.CategoricalDtype)
    assert str(events["time"].dtype) == "datetime64[us, Europe/Copenhagen]"
    assert str(events["time"][0]) == "2024-01-01 01:00:00+01:00"
    assert str(events["source_line"].dtype) == "Int64"
    assert frames["objects"]["attr.district"].isna().tolist() == [False, True, True]


def test_arrow_is_the_log_itself_and_duckdb_reads_the_files(opened: procmine.Log) -> None:
    """Tables in Arrow equal what was put in; a view of DuckDB reads the Parquet file in place."""
    told = opened.ocel

    assert told.differences(casework()) == ()
    assert isinstance(told.e2o, pa.Table)
    with opened.duckdb("case") as connection:
        views = connection.sql("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal")
        definitions = dict(views.fetchall())
        relation = connection.table("events")
        assert relation.aggregate("count(*)").fetchall() == [(3,)]
        assert {"events", "e2o", "steps", "waits"} <= set(definitions)
        assert "read_parquet" in definitions["events"]
        assert relation.to_arrow_table()["event_id"].to_pylist() == ["e1", "f1", "e2"]


def test_parts_states_and_flat_logs_are_made_from_the_opened_log(opened: procmine.Log) -> None:
    """A period keeps relations and changes; the flat log has the value at the event's time."""
    part = by_period(opened.ocel, at(4), at(6))

    assert part.counts() == {"events": 1, "objects": 1, "e2o": 1, "o2o": 0, "object_changes": 1,
                             "attributes": 1}  # fmt: skip
    assert as_of(opened.ocel, at(2), "case")["attr.district"].to_pylist() == ["north", None]
    assert flatten(opened.ocel, "case")["case.district"].to_pylist() == ["north", "<south>", None]


def test_pm4py_takes_the_log_and_gives_it_back_through_a_store(
    opened: procmine.Log, tmp_path: Path
) -> None:
    """To pm4py's own object and from it into another store: the same log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = opened.to_pm4py()
        again = procmine.from_pm4py(theirs, tmp_path / "again")

    assert len(theirs.relations) == 4
    assert again.ocel.differences(casework()) == ()


def test_a_notebook_shows_sizes_types_and_period_in_danish(opened: procmine.Log) -> None:
    """One small table, its texts escaped, its numbers and dates as Danes write them."""
    shown = opened._repr_html_()

    for text in ("Hændelser</th><td>3", "Objekter</th><td>3", "1. januar 2024", "close, open",
                 "case, office"):  # fmt: skip
        assert text in shown
    assert repr(opened) == "<Log 3 events, 1 processes>"
