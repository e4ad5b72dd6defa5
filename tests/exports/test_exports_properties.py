# ruff: noqa: DTZ001, FBT001 - local times without a zone, and drawn booleans, are the subject
"""Properties that hold for any table we write and any order of its rows."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procmine.exports.stamps import DAY, MINUTE, OK, SECOND, parse_stamps
from tests.exports.samples import AKTIVITETER, SAGER, Deliver, activity

ZONE = ZoneInfo("Europe/Copenhagen")
FORMATS = ("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%d.%m.%y", "iso", "excel")
STYLES = {
    "%d-%m-%Y %H:%M:%S": SECOND, "%d-%m-%Y %H:%M": MINUTE, "%d-%m-%Y": DAY, "%d.%m.%y": DAY,
    "%Y-%m-%dT%H:%M:%S": SECOND, "%Y-%m-%d %H:%M": MINUTE, "%Y-%m-%d": DAY,
}  # fmt: skip
FEW = settings(max_examples=12, deadline=None,
               suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
TEXT = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc",)) | st.sampled_from('";\n,'),
    max_size=12,
)


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1990, 1, 1), datetime(2069, 12, 31)),
            st.sampled_from(sorted(STYLES)),
        ),
        min_size=1,
    )
)
def test_every_stamp_reads_back_as_it_was_written(rows: list[tuple[datetime, str]]) -> None:
    """Any stamp in any style: the same local time, as finely as written, in one zone."""
    texts = [moment.strftime(style) for moment, style in rows]
    stamps = parse_stamps(pa.array(texts), FORMATS, "Europe/Copenhagen")
    for place, (moment, style) in enumerate(rows):
        precision = STYLES[style]
        kept = {SECOND: {}, MINUTE: {"second": 0}, DAY: {"second": 0, "minute": 0, "hour": 0}}
        local = moment.replace(microsecond=0, **kept[precision])
        there = local.replace(tzinfo=ZONE).astimezone(UTC)
        exists = there.astimezone(ZONE).replace(tzinfo=None) == local
        if exists:
            assert stamps.status[place] == OK
            assert stamps.precision[place] == precision
            epoch = datetime(1970, 1, 1, tzinfo=UTC)
            assert stamps.us[place] == (there - epoch) // timedelta(microseconds=1)
        else:
            assert stamps.status[place] != OK


@FEW
@given(
    notes=st.lists(TEXT, min_size=1, max_size=8),
    encoding=st.sampled_from(["cp1252", "utf-8", "utf-8-sig", "utf-16"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
    style=st.sampled_from(["%d-%m-%Y %H:%M", "%Y-%m-%d %H:%M", "%d-%m-%Y %H:%M:00"]),
    workbook=st.booleans(),
)
def test_any_table_we_write_reads_back_the_same(
    deliver: Deliver,
    notes: list[str],
    encoding: str,
    newline: str,
    delimiter: str,
    style: str,
    workbook: bool,
) -> None:
    """Whatever the encoding, format, delimiter, free text and date style: the same events."""
    head = ["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"]
    start = datetime(2025, 2, 3, 10, 0)
    rows = [
        [f"N-{i}", "S-1", (start + timedelta(hours=i)).strftime(style), note, "abc", "Nord", note]
        for i, note in enumerate(notes)
    ]
    if workbook:
        clean = [[cell.replace("\r", "") for cell in row] for row in rows]
        book = openpyxl.Workbook()
        for row in [["Notater"], head, *clean]:
            book.active.append([cell if not cell.startswith("=") else f"'{cell}" for cell in row])
        stream = io.BytesIO()
        book.save(stream)
        name, content = "workbase_notater.xlsx", stream.getvalue()
    else:
        stream_text = io.StringIO(newline="")
        writer = csv.writer(stream_text, delimiter=delimiter, lineterminator=newline)
        writer.writerows([head, *rows])
        name, content = "workbase_notater_x.csv", stream_text.getvalue().encode(encoding)
    # The reference profile reads notes from workbooks; a CSV of them takes a profile's pattern.
    files = {"opera_sager.csv": f"{SAGER}\nS-1;711290-1234;6.3;01-02-2025;;;0999", name: content}
    load = deliver(files, profile="kmd" if workbook else _csv_notes(deliver))
    events = load.sql("SELECT event_id, strftime(time, '%d %H:%M') FROM events ORDER BY time")
    assert events == [
        (f"notat:N-{i}", (start + timedelta(hours=i - 1)).strftime("%d %H:%M"))
        for i in range(len(notes))
    ]


def _csv_notes(deliver: Deliver) -> Path:
    """Return the path of a profile like the reference one, for notes as CSV."""
    from importlib import resources
    from tempfile import mkdtemp

    folder = resources.files("procmine.exports.profiles")
    parts = []
    for name in ("workbase", "opera"):
        text = (folder / f"{name}.toml").read_text(encoding="utf-8")
        parts.append(text.replace(".xlsx", ".csv"))
    tables = parts[1][parts[1].index("[[table]]") :]
    path = Path(mkdtemp()) / "notes.toml"
    path.write_text(parts[0] + "\n" + tables, encoding="utf-8")
    return path


LINES = st.lists(
    st.builds(
        activity,
        st.sampled_from(["A-1", "A-2", "A-3", "A-4", "", "A-5.0"]),
        st.sampled_from(["S-1", "S-2", "S-9", ""]),
        start=st.sampled_from(["", "03-02-2025 09:00", "04-02-2025"]),
        end=st.sampled_from(["", "03-02-2025 10:00", "03-02-2025", "x", "30-03-2025 02:30",
                             "01-01-1970", "01-01-2030"]),
        label=st.sampled_from(["Partshøring sendt", "Klage modtaget", "Andet"]),
        status=st.sampled_from(["Udført", "Aflyst"]),
        note=st.sampled_from(["", "a;b", '"c\nd"']),
    )
    | st.sampled_from(["", ";;;", AKTIVITETER, "I alt;3", "A-7;S-1"]),
    max_size=14,
)  # fmt: skip


@FEW
@given(lines=LINES, data=st.data())
def test_every_row_is_accounted_for_and_their_order_does_not_matter(
    deliver: Deliver, lines: list[str], data: st.DataObject
) -> None:
    """Read is kept + left out + quarantined; the log is the same for any order of rows."""
    sager = f"{SAGER}\nS-1;711290-1234;6.3;01-02-2025;;;0999\nS-2;711290-1235;6.3;01-02-2025;;;0999"
    loads = []
    for rows in (lines, data.draw(st.permutations(lines))):
        text = "\n".join((AKTIVITETER, *rows))
        load = deliver({"opera_sager.csv": sager, "opera_aktiviteter.csv": text})
        file = load.file("opera_aktiviteter.csv")
        stopped = sum(file["left_out"].values()) + sum(file["quarantined"].values())
        assert file["read"] == file["kept"] + stopped
        quarantined = load.sql("SELECT count(*) FROM quarantine WHERE file LIKE 'opera_akt%'")
        assert quarantined == [(sum(file["quarantined"].values()),)]
        loads.append(load)
    for table in ("events", "objects", "e2o", "o2o", "object_changes"):
        columns = "* EXCLUDE (source_file, source_line)" if table in ("events", "objects") else "*"
        first, second = (load.sql(f"SELECT {columns} FROM {table}") for load in loads)
        assert first == second
