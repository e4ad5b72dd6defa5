"""A profile that reads a column in another way since the last load is said, not guessed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from procmine.errors import ExportError
from procmine.exports import profiles
from tests.exports.samples import Deliver

HEAD = "Kontaktnr;CPR-nr.;Målgruppe;Kontakttype;Planlagt;Afholdt;Udfald;Enhed"
ROW = "K-1;711290-1234;6.x;Personlig;01-02-2025 10:00;01-02-2025 10:00;Afholdt;Nord"
GROUP = '"Målgruppe" = { kind = "code" }'
NUMBER = '"Kontaktnr" = { kind = "id" }'


def changed(home: Path, old: str, new: str) -> Path:
    """Write the profile with one column read in another way."""
    text = (Path(profiles.__file__).parent / "dfdg.toml").read_text("utf-8")
    assert old in text
    file = home / "own.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((GROUP, GROUP.replace("code", kind)) for kind in ("integer", "number", "flag", "time")),
        (NUMBER, NUMBER.replace("}", ", pseudonym = true }")),
    ],
)
def test_a_column_of_another_kind_or_now_a_pseudonym_is_refused(
    deliver: Deliver, tmp_path: Path, old: str, new: str
) -> None:
    """Old texts are no numbers, and old numbers are not known again by their pseudonyms."""
    files = {"dfdg_kontakt.csv": f"{HEAD}\n{ROW}"}
    first = deliver(files, profile="dfdg-kontakt", units=False)
    own = changed(tmp_path, old, new)
    with pytest.raises(ExportError, match="på en anden måde end den, lageret er lavet med"):
        deliver(files, profile=own, units=False, previous=first)
    again = deliver(files, profile=own, units=False)
    if "pseudonym" in new:
        with pytest.raises(ExportError, match="Kontaktnr"):
            deliver(files, profile="dfdg-kontakt", units=False, previous=again)


def test_a_column_that_is_kept_as_text_since_goes_on(deliver: Deliver, tmp_path: Path) -> None:
    """Whatever it was, it can be written as a text; new columns are no hindrance."""
    own = changed(tmp_path, GROUP, GROUP.replace("code", "integer"))
    row = ROW.replace("6.x", "6")
    first = deliver({"dfdg_kontakt.csv": f"{HEAD}\n{row}"}, profile=own, units=False)
    later = deliver({"dfdg_kontakt.csv": f"{HEAD}\n{row}\n{row.replace('K-1', 'K-2')}"},
                    profile="dfdg-kontakt", units=False, previous=first)  # fmt: skip
    assert later.json["totals"]["kept"] == 2
    assert later.json["drift"]["changed"] == {"dfdg_kontakt": 1}
