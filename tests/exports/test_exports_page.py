"""The account as a page, and a sentence for every code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from procmine.exports.fates import LEFT_OUT, QUARANTINED, REPAIRS, sentence
from procmine.exports.page import account_page
from procmine.text import t
from tests.exports.samples import AKTIVITETER, SAG, SAGER, activity

if TYPE_CHECKING:
    from tests.exports.samples import Deliver


@pytest.mark.parametrize("code", [*LEFT_OUT, *QUARANTINED])
def test_every_fate_has_a_sentence_with_its_remedy(code: str) -> None:
    """What happened, and what to do: two sentences at least."""
    assert sentence(code).count(".") >= 2


@pytest.mark.parametrize("code", REPAIRS)
def test_every_repair_has_a_sentence(code: str) -> None:
    """Each repair is said in plain words."""
    assert t(f"repair.{code}").endswith(".")


def test_the_page_says_what_became_of_every_row(deliver: Deliver) -> None:
    """Totals, reasons with remedies, repairs, files and the reminder."""
    lines = (AKTIVITETER, activity(end="x"), activity("A-2", status="Aflyst"),
             activity("A-3", unit="Syd"))  # fmt: skip
    load = deliver(
        {"opera_sager.csv": f"{SAGER}\n{SAG}", "opera_aktiviteter.csv": "\n".join(lines)}
    )
    page = account_page(load.account)
    assert "Læst 6 rækker: 4 er med, 1 er udeladt efter en regel, 1 er i karantæne." in page
    assert "- 1 (bad_date): En dato kan ikke læses." in page
    assert "- 1 (unknown_unit): " in page
    assert "opera_aktiviteter.csv: læst 3, med 1, udeladt 1, karantæne 1" in page
    assert page.endswith("Slet det, eller flyt det til et godkendt drev.")
