"""Deliveries after the first: unchanged, added, replaced, gone (exports spec, section 4)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from procmine import pipeline
from procmine.errors import ExportError, UsageError
from procmine.store import Store
from tests.exports.samples import AKTIVITETER, SAG, SAGER, UNITS, Deliver, Loaded, activity, write

if TYPE_CHECKING:
    from pathlib import Path

OPERA = "opera_aktiviteter.csv"


def opera(*lines: str, sager: str = SAG) -> dict[str, str]:
    return {"opera_sager.csv": f"{SAGER}\n{sager}\n", OPERA: "\n".join((AKTIVITETER, *lines))}


def events(load: Loaded) -> list[tuple[str, ...]]:
    return load.sql("SELECT event_id, event_type FROM events ORDER BY 1")


def test_the_same_delivery_twice_changes_nothing_and_says_so(deliver: Deliver) -> None:
    """Every row is unchanged; the log is the same, quarantine does not grow."""
    first = deliver(opera(activity(), activity("A-2", end="x"), activity("A-3", status="Aflyst")))
    again = deliver(
        opera(activity(), activity("A-2", end="x"), activity("A-3", status="Aflyst")),
        previous=first,
    )
    assert again.account.unchanged
    assert not first.account.unchanged
    assert again.json["totals"] == {"read": 6, "kept": 0, "left_out": 5, "quarantined": 1}
    for table in ("events", "objects", "e2o", "o2o", "object_changes", "quarantine"):
        assert again.sql(f"SELECT * FROM {table}") == first.sql(f"SELECT * FROM {table}")


def test_the_same_rows_extracted_later_move_the_cut(deliver: Deliver) -> None:
    """That nothing has happened since is news: open cases have waited longer."""
    first = deliver(opera(activity()), extracted="2025-06-30")
    later = deliver(opera(activity()), previous=first, extracted="2025-07-31")
    earlier = deliver(opera(activity()), previous=later, extracted="2025-06-30")
    assert (later.account.unchanged, earlier.account.unchanged) == (False, True)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1989-12-31T10:00", "31-12-2025"])
def test_a_day_that_no_row_may_be_from_is_no_day_of_extraction(deliver: Deliver, day: str) -> None:
    """A slip of the pen is said, not taken for the end of the log."""
    with pytest.raises(UsageError, match="Udtræksdatoen"):
        deliver(opera(activity()), extracted=day)


def test_a_later_delivery_adds_and_replaces_by_id(deliver: Deliver) -> None:
    """A changed row replaces the stored one, a new one is added; both deliveries are named."""
    first = deliver(opera(activity(), activity("A-2")), extracted="2025-06-30")
    later = deliver(
        opera(activity(label="Klage modtaget"), activity("A-2"), activity("A-3")),
        previous=first, extracted="2025-07-31",
    )  # fmt: skip
    assert events(later) == [("opera:A-1", "klage_modtaget"), ("opera:A-2", "partshoering_sendt"),
                             ("opera:A-3", "partshoering_sendt")]  # fmt: skip
    assert later.json["drift"]["changed"] == {"opera_aktiviteter": 1}
    versions = later.sql("SELECT _delivery, _current FROM opera_aktiviteter WHERE _id = 'A-1'")
    assert sorted(current for _, current in versions) == [False, True]
    assert len({delivery for delivery, _ in versions}) == 2


def test_an_older_delivery_does_not_replace_a_newer(deliver: Deliver) -> None:
    """Deliveries are ordered by their cut, not by when they are loaded."""
    newer = deliver(opera(activity(label="Klage modtaget")), extracted="2025-07-31")
    older = deliver(opera(activity(), activity("A-2")), previous=newer, extracted="2025-06-30")
    assert older.file(OPERA)["left_out"] == {"superseded": 1}
    assert events(older) == [("opera:A-1", "klage_modtaget"), ("opera:A-2", "partshoering_sendt")]


def test_rows_that_vanish_are_reported_not_deleted(deliver: Deliver) -> None:
    """A full extract that lacks a stored row leaves it and says so."""
    first = deliver(opera(activity(), activity("A-2")))
    later = deliver(opera(activity()), previous=first)
    assert later.json["drift"]["vanished"] == {"opera_aktiviteter": 1}
    assert len(events(later)) == 2


def test_a_row_no_longer_performed_is_annulled(deliver: Deliver) -> None:
    """What a later delivery calls cancelled is no event any more."""
    first = deliver(opera(activity(), activity("A-2")), extracted="2025-06-30")
    later = deliver(opera(activity(status="Aflyst"), activity("A-2")), previous=first)
    assert later.json["drift"]["annulled"] == {"opera_aktiviteter": 1}
    assert events(later) == [("opera:A-2", "partshoering_sendt")]
    assert not later.account.unchanged


def test_a_store_that_lists_the_cases_makes_orphans_of_others(deliver: Deliver) -> None:
    """A case in the store counts; one that is in neither is missing."""
    first = deliver(opera(activity()))
    later = deliver({OPERA: "\n".join((AKTIVITETER, activity("A-2"), activity("A-3", "S-9")))},
                    previous=first)  # fmt: skip
    assert later.file(OPERA)["quarantined"] == {"orphan": 1}
    assert [name for name, _ in events(later)] == ["opera:A-1", "opera:A-2"]


def test_changing_attributes_change_at_the_cut_that_shows_them(deliver: Deliver) -> None:
    """A target group is seen at the first cut and changes at the second."""
    first = deliver(opera(activity()), extracted="2025-06-30")
    later = deliver(opera(activity(), sager=SAG.replace("6.3", "2.3")), previous=first,
                    extracted="2025-07-31")  # fmt: skip
    rows = later.sql("SELECT strftime(time, '%Y-%m-%d %H'), value FROM object_changes "
                     "WHERE attribute = 'maalgruppe' ORDER BY 1")  # fmt: skip
    assert rows == [("2025-06-30 21", "6.3"), ("2025-07-31 21", "2.3")]


def test_new_columns_activities_and_units_are_said(deliver: Deliver) -> None:
    """What was not there at the last load stands in the account before anything is switched."""
    first = deliver(opera(activity()))
    text = "\n".join(
        (AKTIVITETER + ";Udfaldd", activity("A-2", label="Ny slags", unit="Syd") + ";")
    )
    later = deliver({OPERA: text}, previous=first)
    drift = later.json["drift"]
    assert drift["new_activities"] == ["ny_slags"]
    assert drift["new_units"] == ["Syd"]
    assert drift["unknown_columns"] == [[OPERA, "Udfaldd"]]
    assert any("Mente du 'Udfald'" in sentence for sentence in later.account.warnings)


def test_another_key_is_refused_before_anything_is_read(deliver: Deliver) -> None:
    """Two deliveries cannot be joined without the same key."""
    first = deliver(opera(activity()))
    deliver(opera(activity()), key="other")
    with pytest.raises(ExportError, match="ikke den, lageret er lavet med"):
        deliver(opera(activity()), previous=first, key="other")


def test_figures_that_do_not_add_up_fail_loudly(deliver: Deliver) -> None:
    """A row without a fate stops the load."""
    account = deliver(opera(activity())).account
    account.files[0] = replace(account.files[0], read=99)
    with pytest.raises(ExportError, match="stemmer ikke"):
        account.check()


def test_control_figures_are_compared_with_the_log(deliver: Deliver) -> None:
    """The municipality's own count stands beside the log's, with the difference."""
    control = "maaned;maal;antal;kilde\n2025-02;Partshøring sendt;3;LIS\n2025-02;Noget;7;LIS\n"
    load = deliver({**opera(activity(), activity("A-2")), "kontroltal.csv": control})
    assert [(r["measure"], r["count"], r["log"]) for r in load.json["control"]] == [
        ("Noget", 7.0, None), ("Partshøring sendt", 3.0, 2)
    ]  # fmt: skip
    said = "2025-02: systemet har 2 Partshøring sendt, jeres LIS har 3. Forskel 1 (33,3"
    assert any(said in warning for warning in load.account.warnings)


@pytest.mark.parametrize(
    ("text", "month"),
    [("2025-02", "2025-02"), ("02-2025", "2025-02"), ("202502", "2025-02"), ("022025", "2025-02"),
     ("2025-02-01", "2025-02"), ("1.2.2025", "2025-02"), ("2025-13", ""), ("Kanariefugl", "")],
)  # fmt: skip
def test_a_month_is_read_or_not_said_at_all(deliver: Deliver, text: str, month: str) -> None:
    """A cell of a column that is not coded is never echoed; a month is said as it was read."""
    control = f"maaned;maal;antal;kilde\n{text};Partshøring sendt;3;LIS\n"
    load = deliver({**opera(activity()), "kontroltal.csv": control})
    said = next(w for w in load.account.warnings if "jeres LIS har" in w)
    assert said.startswith(f"{month}: " if month else "Ukendt måned: ")
    assert [row["log"] for row in load.json["control"]] == [1 if month else None]
    assert "Kanariefugl" not in said


def test_the_log_lacks_ends_and_says_so(deliver: Deliver) -> None:
    """A process whose delivery has no end step is named."""
    line = "A-1;S-1;;SA-1;;Partshøring sendt;;03-02-2025 10:00;abc;Nord;Udført;"
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: f"{AKTIVITETER}\n{line}"})
    assert "sanktion" in load.json["drift"]["no_end"]


ANSVAR = "Sagsnr;Gyldig fra;Sagsbehandler;Organisatorisk enhed\n"
JOBS = "CPR-nr.;Ydelse;Fra;Til\n"


def test_a_corrected_row_without_a_number_replaces_the_one_it_corrects(deliver: Deliver) -> None:
    """The same case from the same day, another unit; the same benefit, now with an end."""
    files = {
        "opera_ansvar.csv": f"{ANSVAR}S-1;01-02-2025;abc;Nord\nS-1;01-03-2025;abc;Nord\n",
        "opera_forsoergelse.csv": f"{JOBS}711290-1234;Job;01-02-2025;\n",
    }
    first = deliver({**opera(), **files}, extracted="2025-06-30")
    files = {
        "opera_ansvar.csv": f"{ANSVAR}S-1;01-02-2025;abc;Ydelse\n",
        "opera_forsoergelse.csv": f"{JOBS}711290-1234;Job;01-02-2025;30-06-2025\n",
    }
    later = deliver({**opera(), **files}, previous=first, extracted="2025-07-31")
    changes = "SELECT value FROM object_changes WHERE attribute = 'ansvarlig_enhed' ORDER BY time"
    assert later.sql(changes) == [("enhed:Ydelse",), ("enhed:Nord",)]
    assert later.sql('SELECT count(*), count("to") FROM benefits') == [(1, 1)]
    assert later.json["drift"]["changed"] == {"opera_ansvar": 1, "opera_forsoergelse": 1}
    assert later.json["drift"]["vanished"] == {"opera_ansvar": 1}
    older = deliver({**opera(), "opera_ansvar.csv": f"{ANSVAR}S-1;01-02-2025;xyz;Nord\n"},
                    previous=later, extracted="2025-05-31")  # fmt: skip
    assert older.file("opera_ansvar.csv")["left_out"] == {"superseded": 1}


def test_two_rows_without_numbers_that_differ_are_both_kept(deliver: Deliver) -> None:
    """Within one delivery nothing but the whole row tells them apart."""
    rows = f"{ANSVAR}S-1;01-02-2025;abc;Nord\nS-1;01-02-2025;abc;Ydelse\n"
    load = deliver({**opera(), "opera_ansvar.csv": rows})
    assert load.file("opera_ansvar.csv")["kept"] == 2


def test_what_is_new_is_said_before_the_store_is_switched(tmp_path: Path) -> None:
    """Columns, activities and units since the last load: said while the old one still holds."""
    heard: list[tuple[str, int]] = []
    store = tmp_path / "store"

    def load(folder: str, *lines: str, more: str = "") -> None:
        (tmp_path / folder).mkdir()
        for name, text in {"enheder.csv": UNITS, **opera()}.items():
            write(tmp_path / folder / name, text)
        write(tmp_path / folder / OPERA, "\n".join((AKTIVITETER + more, *lines)))
        pipeline.load(
            tmp_path / folder, "kmd", store, key=tmp_path / "key", extracted="2025-12-31",
            notice=lambda text: heard.append((text, len(Store(store).snapshots()))),
        )  # fmt: skip

    load("første", activity())
    assert heard == []
    load("anden", activity("A-2", label="Ny slags", unit="Syd") + ";;", more=";Frist;Andet")
    assert [n for _, n in heard] == [1] * 4
    said = "\n".join(text for text, _ in heard)
    assert all(word in said for word in ("'Andet'", "'Frist'", "ny_slags", "Syd"))
    assert len(Store(store).snapshots()) == 2


def test_an_unknown_activity_is_said_with_the_nearest_known(deliver: Deliver) -> None:
    """A misspelt step is kept under its own name, beside the one that it may be."""
    load = deliver(opera(activity(label="Partshøring sendtt")))
    assert any("partshoering_sendtt (Mente du 'partshoering_sendt'?)" in w
               for w in load.account.warnings)  # fmt: skip


def test_an_old_delivery_again_brings_nothing_back(deliver: Deliver) -> None:
    """A row that was annulled since stays so, and nothing is said to have vanished."""
    old, new = opera(activity(), activity("A-2")), opera(activity(status="Aflyst"), activity("A-2"))
    first = deliver(old, extracted="2025-06-30")
    later = deliver(
        {**new, OPERA: f"{new[OPERA]}\n{activity('A-3')}"}, previous=first, extracted="2025-07-31"
    )
    again = deliver(old, previous=later, extracted="2025-06-30")
    assert again.file(OPERA)["left_out"] == {"superseded": 1, "unchanged": 1}
    assert again.account.unchanged
    assert not {"vanished", "changed", "annulled"} & again.json["drift"].keys()
    assert events(again) == events(later)
    between = deliver(old, previous=later, extracted="2025-07-01")
    assert between.file(OPERA)["left_out"] == {"superseded": 1, "unchanged": 1}
    back = deliver(old, previous=later, extracted="2025-08-31")
    assert (back.file(OPERA)["kept"], len(events(back))) == (1, 3)


def test_what_a_later_delivery_confirmed_is_not_undone_by_one_in_between(
    deliver: Deliver,
) -> None:
    """A row shown in June and again in August was not another, or called off, in July."""
    same, other = opera(activity()), opera(activity(label="Samtale afholdt"))
    june = deliver(same, extracted="2025-06-30")
    august = deliver(same, previous=june, extracted="2025-08-31")
    assert august.file(OPERA)["left_out"] == {"unchanged": 1}
    for july in (other, opera(activity(status="Aflyst"))):
        between = deliver(july, previous=august, extracted="2025-07-31")
        assert events(between) == events(june)
        assert not {"changed", "annulled"} & between.json["drift"].keys()
    september = deliver(other, previous=august, extracted="2025-09-30")
    assert events(september) == [("opera:A-1", "samtale_afholdt")]


def test_an_old_delivery_again_does_not_undo_a_correction(deliver: Deliver) -> None:
    """Of rows without a number, told apart by their key, the corrected one alone holds."""
    files = [
        {**opera(), "opera_ansvar.csv": f"{ANSVAR}S-1;01-02-2025;abc;{unit}\n"}
        for unit in ("Nord", "Ydelse")
    ]
    first = deliver(files[0], extracted="2025-06-30")
    later = deliver(files[1], previous=first, extracted="2025-07-31")
    again = deliver(files[0], previous=later, extracted="2025-06-30")
    assert again.file("opera_ansvar.csv")["left_out"] == {"superseded": 1}
    assert "changed" not in again.json["drift"]
    assert again.sql('SELECT Enhed FROM (SELECT "Organisatorisk enhed" AS Enhed '
                     "FROM opera_ansvar WHERE _current)") == [("Ydelse",)]  # fmt: skip
    assert again.sql("SELECT * FROM object_changes") == later.sql("SELECT * FROM object_changes")


def test_a_store_that_does_not_say_when_versions_ended_is_read(deliver: Deliver) -> None:
    """What the version before wrote lacks that column; the old delivery again is still old."""
    old, new = opera(activity()), opera(activity(status="Aflyst"))
    first = deliver(old, extracted="2025-06-30")
    later = deliver(new, previous=first, extracted="2025-07-31")
    for path in (later.out / "tables").glob("*.parquet"):
        table = pq.read_table(path)
        pq.write_table(table.drop_columns(["_until", "_seen"]), path)
    again = deliver(old, previous=later, extracted="2025-06-30")
    assert again.file(OPERA)["left_out"] == {"superseded": 1}
    assert events(again) == []
    next_one = deliver(opera(activity("A-7")), previous=later, extracted="2025-08-31")
    assert events(next_one) == [("opera:A-7", "partshoering_sendt")]


def test_a_delivery_without_any_stamp_is_unchanged_the_second_time(deliver: Deliver) -> None:
    """The moment of a load is no news: control figures alone say nothing of when."""
    files = {"kontroltal.csv": "maaned;maal;antal;kilde\n2025-02;Noget;3;LIS\n"}
    first = deliver(files, units=False, extracted=None)
    again = deliver(files, units=False, extracted=None, previous=first)
    assert again.account.unchanged


def test_the_log_names_every_delivery_that_its_events_come_from(deliver: Deliver) -> None:
    """The same files from another folder, extracted later: both folders are sources."""
    first = deliver(opera(activity()), extracted="2025-06-30")
    later = deliver(opera(activity()), previous=first, extracted="2025-07-31")
    again = deliver(opera(activity()), previous=later, extracted="2025-08-31")
    sources = json.loads((again.out / "ocel" / "log.json").read_text("utf-8"))["sources"]
    assert len(sources) == 9
    assert {source for (source,) in again.sql("SELECT source_file FROM events")} <= {
        source["code"] for source in sources
    }


def test_what_was_used_by_an_annulled_event_is_an_orphan(deliver: Deliver) -> None:
    """The later delivery calls the event off; its own row of uses names an event left out."""
    uses = [["Dokumentnr", "System", "Hændelsesnr", "Anvendelse"], ["D-1", "Opera", "A-1", "Set"]]
    first = deliver(opera(activity(), activity("A-2")), extracted="2025-06-30")
    later = deliver(
        {**opera(activity(status="Aflyst"), activity("A-2")), "workbase_dokumentbrug.xlsx": uses},
        previous=first, extracted="2025-07-31",
    )  # fmt: skip
    assert events(later) == [("opera:A-2", "partshoering_sendt")]
    assert later.file("workbase_dokumentbrug.xlsx")["quarantined"] == {"orphan": 1}
