"""Columns of the cases that rest on others: they agree with each other and with their names."""

from __future__ import annotations

from dataclasses import replace

from tests.facts.toy import ROLES, Ev, Toy, config_with, facts

ENDLESS = """format = 1
process = "lygte"
case_type = "lampe"
[[step]]
type = "truffet"
marks = ["milestone:decided"]
[[step]]
type = "skrevet"
"""


def test_the_way_out_of_a_visit_that_does_not_count() -> None:
    """Complaint first (a phase that does not count): the way on counts, 1 of 1 demanded."""
    (case,) = facts(
        Toy(
            [
                Ev("klage_modtaget", "JC"),
                Ev("afgoerelse_truffet", "YC", outcome="sanktion"),
            ]
        )
    ).cases

    assert (case["handovers"], case["legal_minimum"], case["excess_handovers"]) == (1, 1, 0)
    assert (case["hands"], case["returns"]) == (1, 0)


def test_the_last_step_of_a_process_without_an_end_decides_nothing() -> None:
    """Where no step can end a case, its outcome is that of the last decided step."""
    config = config_with({"catalogues/lygte.toml": ENDLESS})
    roles = replace(ROLES, closed_on="")
    events = [Ev("truffet", "JC", outcome="ja"), Ev("skrevet", "JC", outcome="kladde")]
    (case,) = facts(Toy(events, config=config, roles=roles, process="lygte")).cases

    assert (case["open"], case["outcome"]) == (None, "ja")
