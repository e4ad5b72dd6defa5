"""What became of documents: the common toy and the edges of each status."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.documents.doc_log import KINDS, Doc, DocLog, judged_toy
from tests.facts.toy import BARE, Ev, Toy, at, config_with

START = Ev("udeblivelse_registreret", "JC", at(1), id="start")
DECISION = Ev("afgoerelse_truffet", "YC", at(25), outcome="sanktion", id="a")
TOY_D = [
    Doc("d1", "LÆ 265", at(1, 10), hash="h1", used_by="a"),
    Doc("d2", "Statusattest", at(3)),
    Doc("d3", "LÆ 265", at(8), hash="h1"),
    Doc("d4", "LÆ 265", at(20), hash="h4", used_by="a"),
    Doc("d5", "Notat", at(28)),
    Doc("d6", "Brev", at(10)),
    Doc("d7", "Brev", at(25)),
    Doc("d8", "Plan", at(15), used_by="a"),
]
END = Ev("ydelse_modregnet", "SYS", at(31), id="end")


def test_common_toy() -> None:
    """Each document of toy D has the status and flags that were worked out by hand."""
    table = DocLog([START, DECISION, END], TOY_D).table()

    assert table["status"].to_dict() == {
        "d1": "used",
        "d2": "unused",
        "d3": "duplicate",
        "d4": "renewed",
        "d5": "after_decision",
        "d6": "exempt",
        "d7": "exempt",
        "d8": "used",
    }
    assert table["flags"].to_dict() == {
        "d1": "",
        "d2": "unused above_minimum",
        "d3": "duplicate unused above_minimum",
        "d4": "renewed",
        "d5": "after_decision",
        "d6": "",
        "d7": "",
        "d8": "",
    }
    assert table.loc[["d3", "d4"], "related_document"].tolist() == ["d1", "d1"]
    assert table["nature"].to_dict() == {
        "d1": "lovbundet",
        "d2": "ukendt",
        "d3": "lovbundet",
        "d4": "lovbundet",
        "d5": "ukendt",
        "d6": "værn",
        "d7": "værn",
        "d8": "lovbundet",
    }
    assert set(table["case_id"]) == {"C1"}


def test_minimum_set_of_each_decision() -> None:
    """What one decision needs another may not: each is held against its own set."""
    general = KINDS.partition("[[minimum]]")[0]
    sets = """
[[minimum]]
process = "sanktion"
decisions = ["afgoerelse_truffet"]
kinds = { "LÆ 265" = 1 }
[[minimum]]
process = "sanktion"
decisions = ["genvurderet"]
kinds = { "Statusattest" = 1 }
"""
    again = [
        Ev("klage_modtaget", "YC", at(26), id="k"), Ev("genvurderet", "YC", at(30), id="g"),
    ]  # fmt: skip
    docs = [
        Doc("d1", "LÆ 265", at(3)), Doc("d2", "Statusattest", at(4)),
        Doc("d3", "Statusattest", at(27), reason="x"), Doc("d4", "LÆ 265", at(28), reason="x"),
    ]  # fmt: skip
    log = DocLog([START, DECISION, *again, END], docs, kinds=general + sets)
    table = log.table()

    assert table["nature"].to_dict() == {
        "d1": "lovbundet", "d2": "ukendt", "d3": "lovbundet", "d4": "ukendt",
    }  # fmt: skip
    above = table["flags"].str.contains("above_minimum")
    assert above.to_dict() == {"d1": False, "d2": True, "d3": False, "d4": True}


def test_document_of_a_log_without_links_between_objects() -> None:
    """It belongs to the case it shares an event with, and came with the first of them."""
    roles = replace(BARE, document=("dokument",))
    events = [
        START,
        Ev("partshoering_sendt", "JC", at(3), id="s", objects=(("", "d1"),)),
        replace(DECISION, objects=(("anvender", "d1"),)),
        END,
    ]
    toy = Toy(events, objects=[("d1", "dokument", {}), ("d2", "dokument", {})], roles=roles)
    table, _ = judged_toy(toy)

    assert table.loc["d1", ["case_id", "status"]].tolist() == ["C1", "used"]
    assert table.loc["d1", "received"] == at(3)
    assert "d2" not in table.index


def test_without_known_decisions_nothing_is_said_of_use() -> None:
    """No step is known as a decision, and the sentence says so instead of promising one."""
    roles = replace(BARE, document=("dokument",))
    events = [Ev("a", "Alfa", objects=(("", "d1"),)), Ev("b", "Beta")]
    toy = Toy(
        events, objects=[("d1", "dokument", {})], roles=roles, case_type="claim", process="claim",
        config=config_with({}, defaults=False),
    )  # fmt: skip
    table, _ = judged_toy(toy)

    assert table.loc["d1", "explanation"].startswith("Intet trin i loggen er kendt som en afgø")


def test_sentences() -> None:
    """Every status is said in Danish, never as more than the link shows."""
    table = DocLog([START, DECISION, END], TOY_D).table()

    assert table.loc["d1", "explanation"] == "Knyttet til en afgørelse første gang 25. marts 2026."
    assert table.loc["d3", "explanation"].startswith("Samme fil som d1, der kom først.")
    assert table.loc["d2", "explanation"] == (
        "Ikke knyttet til en afgørelse. "
        "Sagen har flere dokumenter af denne type, end mindstesættet nævner."
    )
    assert "ødvendig" not in " ".join(table["explanation"])


def test_missing_reason_column_makes_renewal_a_flag() -> None:
    """Without the column of reasons a renewal is only possible, and the status says the rest."""
    table = DocLog([START, DECISION, END], TOY_D, reasons=False).table()

    assert table.loc["d4", ["status", "flags"]].tolist() == ["used", "renewed"]
    assert "Mulig fornyelse af d1" in table.loc["d4", "explanation"]


def test_reason_given_is_no_renewal() -> None:
    """A renewal with a reason is neither flag nor status."""
    docs = [Doc("d1", "LÆ 265", at(1)), Doc("d4", "LÆ 265", at(20), reason="ny lidelse")]
    table = DocLog([START, DECISION, END], docs).table()

    assert "renewed" not in table.loc["d4", "flags"]


@pytest.mark.parametrize(("valid_to", "renewed"), [("2026-03-19", False), ("2026-03-20", True)])
def test_own_validity_holds_before_that_of_the_kind(valid_to: str, *, renewed: bool) -> None:
    """A document that says until when it holds, holds to the end of that day."""
    docs = [Doc("d1", "LÆ 265", at(1), valid_to=valid_to), Doc("d4", "LÆ 265", at(20))]
    table = DocLog([START, DECISION, END], docs).table()

    assert ("renewed" in table.loc["d4", "flags"]) is renewed


def test_repeats_are_found_across_cases() -> None:
    """The same file in another case of the same citizen is a duplicate; of another, not."""
    events = [
        START,
        DECISION,
        END,
        Ev("udeblivelse_registreret", "JC", at(2), case="C2"),
        Ev("udeblivelse_registreret", "JC", at(2), case="C3"),
    ]
    docs = [
        Doc("d1", received=at(1), hash="h"),
        Doc("d2", received=at(4), hash="h", on="C2 S2"),
        Doc("d3", received=at(5), hash="h", on="C3 S3"),
    ]
    log = DocLog(
        events,
        docs,
        folders={"C1": "S1", "C2": "S2", "C3": "S3"},
        citizens={"S1": "P1", "S2": "P1", "S3": "P2"},
    )

    assert log.table()["status"].to_dict()["d2"] == "duplicate"
    assert "duplicate" not in log.table().loc["d3", "flags"]


def test_used_in_another_case() -> None:
    """A document used by the decision of another case is used."""
    events = [
        START,
        DECISION,
        END,
        Ev("udeblivelse_registreret", "JC", at(2), case="C2"),
        Ev("afgoerelse_truffet", "YC", at(27), case="C2", outcome="sanktion", id="b"),
    ]
    log = DocLog(events, [Doc("d1", received=at(3), used_by="b")], folders={"C1": "S1", "C2": "S1"})

    assert log.table().loc["d1", ["status", "case_id"]].tolist() == ["used", "C1"]


def test_low_coverage_is_said_not_judged() -> None:
    """Where too few decisions name their documents, nothing is called unused."""
    docs = [replace_use(doc) for doc in TOY_D]
    table, rates = DocLog([START, DECISION, END], docs).judged()

    assert table["status"].to_dict() == {
        "d1": "not_assessable",
        "d2": "not_assessable",
        "d3": "duplicate",
        "d4": "renewed",
        "d5": "after_decision",
        "d6": "exempt",
        "d7": "exempt",
        "d8": "not_assessable",
    }
    assert rates[["year", "decided", "linked", "assessable"]].iloc[0].tolist() == [
        2026,
        1,
        0,
        False,
    ]


def replace_use(doc: Doc) -> Doc:
    """Return the document without its use link."""
    return Doc(doc.id, doc.kind, doc.received, doc.requested, doc.on, doc.hash)


def test_coverage_by_year_and_unit() -> None:
    """Coverage counts decided cases of each year, in all and for each unit apart."""
    events = [
        START,
        DECISION,
        Ev("udeblivelse_registreret", "JC-2", at(2), case="C2"),
        Ev("afgoerelse_truffet", "YC", at(27), case="C2", outcome="sanktion", id="b"),
    ]
    log = DocLog(
        events,
        [Doc("d1", received=at(3), used_by="a")],
        folders={"C1": "S1", "C2": "S2"},
        citizens={"S1": "P1", "S2": "P2"},
    )
    _, rates = log.judged()

    assert rates["share"].tolist() == [0.5, 1.0, 0.0]
    assert rates["unit"].tolist()[1:] == ["JC", "JC-2"]
    assert rates["assessable"].tolist() == [False, True, False]


def test_undecided() -> None:
    """No decision since, or an open case and less than a year: it may still be used."""
    late = {"cut": datetime(2026, 12, 31, tzinfo=UTC)}
    open_case = DocLog(
        [START, DECISION],
        [Doc("d2", received=at(3)), Doc("u", received=at(2), used_by="a")],
        options=late,
    )
    old = DocLog(
        [START, DECISION], open_case.docs, options={"cut": datetime(2027, 6, 1, tzinfo=UTC)}
    )
    no_decision = DocLog([START], [Doc("d2", received=at(3)), Doc("d3", requested=at(3))])

    assert open_case.table().loc["d2", "status"] == "undecided"
    assert old.table().loc["d2", "status"] == "unused"
    assert no_decision.table()["status"].tolist() == ["undecided", "undecided"]


def test_after_decision_ends_with_a_new_start() -> None:
    """A complaint begins anew: what comes before its reassessment is not after the decision."""
    events = [
        START,
        DECISION,
        END,
        Ev("klage_modtaget", "YC", at(33), id="k"),
        Ev("genvurderet", "YC", at(40), outcome="fastholdt", id="g"),
    ]
    docs = [
        Doc("d1", received=at(28)),
        Doc("d2", received=at(35)),
        Doc("d3", received=at(41)),
        Doc("u", received=at(3), used_by="a"),
    ]
    table = DocLog(events, docs).table()

    assert table["status"].to_dict() == {
        "d1": "after_decision",
        "d2": "unused",
        "d3": "after_decision",
        "u": "used",
    }


def test_day_stamps_on_the_day_of_the_decision_are_not_after_it() -> None:
    """Nothing is known of the order within a day, so the doubt is the document's gain."""
    day_decision = Ev("afgoerelse_truffet", "YC", date(2026, 3, 25), outcome="sanktion", id="a")
    docs = [Doc("d1", received=at(25, 15)), Doc("u", received=at(3), used_by="a")]
    table = DocLog([START, day_decision, END], docs).table()

    assert table.loc["d1", "status"] == "unused"


def test_belongs_to_the_case_whose_next_decision_comes_first() -> None:
    """A document of the case file during two cases goes to the one that decides first."""
    events = [
        START,
        DECISION,
        END,
        Ev("udeblivelse_registreret", "JC", at(2), case="C2"),
        Ev("afgoerelse_truffet", "YC", at(20), case="C2", outcome="sanktion", id="b"),
        Ev("ydelse_modregnet", "SYS", at(30), case="C2"),
    ]
    docs = [
        Doc("d1", received=at(10), on="S1"),
        Doc("d2", received=at(22), on="S1"),
        Doc("d3", received=at(60), on="S1"),
        Doc("d4", received=at(10), on="S1 C1"),
    ]
    table = DocLog(events, docs, folders={"C1": "S1", "C2": "S1"}).table()

    assert table["case_id"].to_dict() == {"d1": "C2", "d2": "C1", "d4": "C1"}


def test_documents_named_to_another_process_stay_there() -> None:
    """A document filed on a plan is no document of the sanctions in the same case file."""
    log = DocLog(
        [START, DECISION, END, Ev("samtykke_indhentet", "JC", at(3), case="")],
        [Doc("d1", received=at(10), on="S1 R1")],
    )
    toy = log.toy()
    toy.objects.append(("R1", "rehabiliteringsplan", {}))
    log.toy = lambda: toy  # type: ignore[method-assign]

    assert log.table().empty
