"""The fast ways of reading give what the careful ones give."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.exports import delivery, survey, text_file
from procmine.exports.careful import careful_chunks
from procmine.exports.relations import Relations
from procmine.exports.texts import decoded, empty_as_null, trimmed
from tests.exports.samples import AKTIVITETER, SAG, SAGER, Deliver, activity

if TYPE_CHECKING:
    from collections.abc import Callable

OPERA = "opera_aktiviteter.csv"
BOOK = "workbase_notater.xlsx"
NOTES = [
    ["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"],
    *[[f"N-{k}", "S-1", f"0{k}-02-2025 10:00", "x", "abc", "Nord", "y"] for k in range(1, 4)],
]


@pytest.mark.parametrize("block", [64, 300, 4096])
def test_odd_lines_beyond_ascii_are_judged_in_any_block(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """A footer and a shifted row with Danish letters keep their lines, however bytes are cut."""
    monkeypatch.setattr(survey, "_CHUNK", block)
    rows = [activity(f"A-{k}", note="æøå \u2013 ja") for k in range(1, 6)]
    rows[2] += ";æblegrød"
    text = "\n".join([AKTIVITETER, *rows, "", "Antal rækker: 5"])
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: text})
    file = load.file(OPERA)
    assert (file["read"], file["kept"], file["quarantined"]) == (5, 4, {"field_count": 1})
    assert (file["footer"], file["not_rows"]["blank"]) == (5, 1)
    assert load.sql("SELECT line FROM quarantine") == [(4,)]
    lines = load.sql("SELECT event_id, source_line FROM events ORDER BY 1")
    assert lines == [(f"opera:A-{k}", k + 1) for k in (1, 2, 4, 5)]


@given(
    lines=st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"")), max_size=12),
    final=st.sampled_from([b"", b"\n"]), skip=st.integers(0, 4), block=st.integers(1, 40),
    tail=st.integers(1, 9),
)  # fmt: skip
def test_runs_of_bytes_are_whole_lines_below_the_header(
    lines: list[bytes], final: bytes, skip: int, block: int, tail: int
) -> None:
    """However bytes are read, runs end where lines end and are together what stands below."""
    text = b"\n".join(lines) + final
    below = text.split(b"\n", skip)[skip] if text.count(b"\n") >= skip else b""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(survey, "_CHUNK", block)
        patch.setattr(survey, "_TAIL", tail)
        path = Path(folder) / "a.csv"
        path.write_bytes(text)
        runs = [bytes(run) for run in survey.raw_chunks(path, skip)]
    assert b"".join(runs) == below
    assert all(run.endswith(b"\n") for run in runs[:-1])


def test_blocks_of_bytes_give_the_log_that_decoded_lines_give(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes split first and decoded later make the same events as text split line by line."""
    rows = [activity(f"A-{k}", label=f"Møde {k % 3}", staff=f"æ{k % 5}") for k in range(50)]
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: "\n".join([AKTIVITETER, *rows])}
    query = "SELECT * EXCLUDE (source_file) FROM events ORDER BY event_id"
    fast = deliver(files).sql(query)
    monkeypatch.setattr(text_file, "_fast", careful_chunks)
    assert deliver(files).sql(query) == fast
    assert len(fast) == 50


def test_a_sheet_that_was_let_go_is_read_again(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a workbook's sheets are held after the look for headers changes nothing."""
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", BOOK: NOTES}
    query = "SELECT event_id, time, source_line FROM events ORDER BY 1"
    held = deliver(files).sql(query)
    monkeypatch.setattr(delivery, "_HELD", 0)
    assert deliver(files).sql(query) == held
    assert len(held) == 3


@pytest.mark.parametrize("change", [trimmed, empty_as_null])
def test_columns_of_texts_may_be_slices(change: Callable[[pa.Array], pa.Array]) -> None:
    """A part of a column is worked out as the column is."""
    cells = pa.array(["a", "", " b ", "", "\u00a0c", "d"])
    for start in range(6):
        assert change(cells.slice(start)).to_pylist() == change(cells).to_pylist()[start:]
        assert change(cells.slice(0, start)).to_pylist() == change(cells).to_pylist()[:start]


def test_letters_of_windows_are_decoded_wherever_they_stand() -> None:
    """Plain and recurring cells, with and without letters beyond ASCII; a byte that is none."""
    cells = pa.array([b"ab", b"\xe6\x96", b"", b"\x81"], pa.binary())
    texts = ["ab", "\u00e6\u2013", "", "\ufffd"]
    assert decoded(cells).to_pylist() == texts
    assert decoded(cells.dictionary_encode()).to_pylist() == texts
    assert decoded(cells.slice(0, 1)).to_pylist() == ["ab"]


def test_relations_as_numbers_tell_their_parts() -> None:
    """Event, object and qualifier come back, and numbers sort as they do."""
    found = Relations(3, ("a", "b"), [])
    seq, place, word = (np.array(part) for part in ([2, 1, 1], [1, 3, 2], [0, 1, 1]))
    keys = np.sort(found.numbers(seq, place, word))
    event, thing, of = found.parts(keys)
    assert list(zip(event, thing, of, strict=True)) == [(0, 1, 1), (0, 2, 1), (1, 0, 0)]
