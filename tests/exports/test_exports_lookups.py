"""Where an event came from, whom a number names, what no catalogue covers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from procmine.config import load_config
from procmine.config.load import from_sources
from procmine.errors import NotFoundError
from procmine.exports.catalogues import draft_catalogue, unmapped
from procmine.exports.persons import citizen_id
from procmine.exports.trace import trace_event
from tests.exports.samples import AKTIVITETER, SAG, SAGER, activity

if TYPE_CHECKING:
    from tests.exports.samples import Deliver

FILES = {
    "opera_sager.csv": f"{SAGER}\n{SAG}",
    "opera_aktiviteter.csv": "\n".join(
        (AKTIVITETER, activity(note="fritekst"), activity("A-2", label="Ny slags", unit="Syd"))
    ),
}


def test_an_event_is_traced_to_its_line_and_kept_columns(deliver: Deliver) -> None:
    """Delivery, file, line and the kept columns; neither free text nor the raw line."""
    load = deliver(FILES)
    found = trace_event(load.out, "opera:A-1")
    assert (found.file, found.line, found.table) == (
        "opera_aktiviteter.csv", 2, "opera_aktiviteter",
    )  # fmt: skip
    assert found.delivery == load.json["delivery"]["name"]
    assert found.cells["Sagsnr"] == "S-1"
    assert "Bemærkning" not in found.cells
    with pytest.raises(NotFoundError, match="findes ikke"):
        trace_event(load.out, "opera:A-9")


def test_a_number_names_the_citizen_that_the_log_holds(deliver: Deliver, tmp_path: Path) -> None:
    """With the key, and only then, a CPR number leads to the citizen."""
    load = deliver(FILES)
    held = load.sql("SELECT object_id FROM objects WHERE object_type = 'borger'")
    assert held == [(citizen_id(tmp_path / "key", "7112901234", "borger"),)]


def test_what_no_catalogue_covers_is_listed_and_drafted(deliver: Deliver) -> None:
    """Unknown activities and units with their events; a draft that the catalogue reader takes."""
    load = deliver(FILES)
    found = unmapped(load.out, load_config(), ("enhed",), "art")
    assert found.activities == {"ny_slags": 1}
    assert found.units == {"Syd": 1}
    text = draft_catalogue(load.out, "sag", "sag")
    assert [step["type"] for step in tomllib.loads(text)["step"]] == [
        "partshoering_sendt", "ny_slags",
    ]  # fmt: skip
    assert from_sources({"catalogues/sag.toml": text}).catalogues[0].case_type == "sag"


def test_a_drafted_class_is_that_of_a_like_step_and_says_so(deliver: Deliver) -> None:
    """The same name has its class, a like one a guess, any other none."""
    lines = (AKTIVITETER, activity(), activity("A-2", label="Partshøring er sendt"),
             activity("A-3", label="Xyz"))  # fmt: skip
    load = deliver(
        {"opera_sager.csv": f"{SAGER}\n{SAG}", "opera_aktiviteter.csv": "\n".join(lines)}
    )
    text = draft_catalogue(load.out, "sag", "sag", load_config())
    steps = {step["type"]: step for step in tomllib.loads(text)["step"]}
    kinds = {step.type: step.cls for c in load_config().catalogues for step in c.steps}
    sent = kinds["partshoering_sendt"]
    assert sent
    assert steps["partshoering_sendt"]["class"] == sent
    assert steps["partshoering_er_sendt"]["class"] == sent
    assert steps["xyz"]["class"] == ""
    assert "klassen er et gæt: navnet ligner 'Partshøring sendt'" in text
    assert from_sources({"catalogues/sag.toml": text}).catalogues[0].case_type == "sag"
