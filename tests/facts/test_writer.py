"""Fact tables on disk: whole under their name, or not there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.facts.writer import Writer
from procmine.tables.schema import Column, Schema

if TYPE_CHECKING:
    from pathlib import Path

TOY = Schema("toy", "a toy table", (Column("id", "string", "its id"),))


def chunk(*ids: str) -> pa.Table:
    """Return rows of the toy table."""
    return pa.table({"id": pa.array(ids, pa.string())})


def test_chunks_stand_in_the_order_they_came(tmp_path: Path) -> None:
    """However long one takes to write, the next stands behind it."""
    file = tmp_path / "toy.parquet"
    with Writer(file, TOY) as writer:
        writer.add(chunk(*(f"a{n}" for n in range(50_000))))
        writer.add(chunk("b"))
        assert not file.exists()
    assert pq.read_table(file)["id"].to_pylist()[-2:] == ["a49999", "b"]
    assert [each.name for each in tmp_path.iterdir()] == ["toy.parquet"]


def test_a_table_without_chunks_is_a_file(tmp_path: Path) -> None:
    """It has the schema's columns and no rows."""
    file = tmp_path / "toy.parquet"
    with Writer(file, TOY):
        pass
    assert pq.read_table(file).schema.names == ["id"]


def give_up(file: Path) -> None:
    """Write a chunk, then meet an error of one's own."""
    with Writer(file, TOY) as writer:
        writer.add(chunk("a"))
        raise ValueError("given up")


def write_two(file: Path, one: pa.Table, other: pa.Table) -> None:
    """Write two chunks."""
    with Writer(file, TOY) as writer:
        writer.add(one)
        writer.add(other)


def test_nothing_is_left_of_a_table_that_was_given_up(tmp_path: Path) -> None:
    """An error of the caller's leaves neither the file nor a part of it."""
    with pytest.raises(ValueError, match="given up"):
        give_up(tmp_path / "t.parquet")
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_writing_is_the_callers(tmp_path: Path) -> None:
    """It is raised at the latest at the end, and nothing is left."""
    with pytest.raises(ValueError, match="schema"):
        write_two(tmp_path / "t.parquet", chunk("a"), pa.table({"other": [1]}))
    assert not list(tmp_path.iterdir())
