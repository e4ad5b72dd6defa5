"""What the explanation of a handover says: true, by name, and to be checked by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.facts.toy import MONDAY, ZONE, Ev, Toy, facts

AFTER_THE_LAW = datetime(2026, 7, 6, 9, tzinfo=ZONE)


def told(events: list[Ev]) -> list[str]:
    """Return the explanations of a toy log's handovers."""
    return [str(text) for text in facts(Toy(events)).column("handovers", "explanation")]


def test_what_was_new_is_named() -> None:
    """The visit's first value step stands in the sentence, not its first or last step."""
    texts = told(
        [
            Ev("udeblivelse_registreret", "AA"),
            Ev("indstilling_sendt_yc", "JC-1"),
            Ev("rimelig_grund_vurderet", "JC-1"),
            Ev("partshoering_sendt", "JC-1"),
            Ev("haendelse_indberettet", "AA"),
            Ev("lukket_uden_sanktion", "JC-1"),
        ]
    )

    assert "gav noget nyt: 'Vurdering af rimelig grund'." in texts[0]


def test_beyond_a_rule_is_what_its_purpose_does_not_hold() -> None:
    """A mandated visit names the step beyond the purpose: the complaint, not the decision."""
    texts = told(
        [
            Ev("udeblivelse_registreret", "JC-1"),
            Ev("afgoerelse_truffet", "YC", outcome="sanktion"),
            Ev("klage_modtaget", "YC"),
            Ev("uddybning_udarbejdet", "JC-1"),
            Ev("genvurderet", "YC"),
        ]
    )

    assert "ud over det, reglen kræver: 'Klage modtaget'." in texts[0]


def test_a_safeguard_names_what_came_back() -> None:
    """A return that changed something names the answer of the visit after it."""
    texts = told(
        [
            Ev("udeblivelse_registreret", "JC-1"),
            Ev("indstilling_modtaget_yc", "YC"),
            Ev("returneret_til_jc", "YC"),
            Ev("rimelig_grund_vurderet", "JC-1"),
            Ev("kontaktforsoeg", "JC-1"),
            Ev("effektueret", "YC"),
        ]
    )

    assert "fik noget nyt frem ('Kontaktforsøg til borger'): kontrolretur." in texts[0]


def test_a_rule_that_did_not_hold_that_day_is_said_to_be_one() -> None:
    """A lapsed law is told as such; only a local row is the municipality's own."""
    when = [AFTER_THE_LAW + timedelta(hours=number) for number in range(3)]
    (lapsed, _) = told(
        [
            Ev("udeblivelse_registreret", "JC-1", when[0]),
            Ev("afgoerelse_truffet", "YC", when[1], outcome="sanktion"),
            Ev("afgoerelse_meddelt", "JC-1", when[2]),
        ]
    )

    assert "Lovreglen om det gjaldt ikke den dag (Lov om ansvaret" in lapsed
    assert "Ingen lovregel" not in lapsed


def test_a_single_day_stamp_makes_the_order_unsure() -> None:
    """One date among exact stamps is enough: the sentence does not say that all are dates."""
    (text,) = told(
        [
            Ev("udeblivelse_registreret", "JC-1", MONDAY),
            Ev("indstilling_sendt_yc", "JC-1", MONDAY + timedelta(hours=1)),
            Ev("effektueret", "YC", date(2026, 3, 2)),
        ]
    )

    assert "Et eller flere trin den dag har kun en dato" in text
