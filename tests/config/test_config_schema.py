"""A municipality's definitions are checked against the published schema, all at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from procmine.config import default_folder, load_config
from procmine.config.check import config_schema, schema_faults
from procmine.errors import ConfigError


def test_the_schema_is_a_schema() -> None:
    """The published file is valid JSON Schema."""
    Draft202012Validator.check_schema(config_schema())


def test_the_shipped_definitions_keep_it() -> None:
    """What we ship passes its own schema."""
    folder = default_folder()
    parsed = {
        file.relative_to(folder).as_posix(): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in folder.rglob("*.toml")
    }

    assert schema_faults(parsed) == []


def test_every_fault_is_named_with_its_place(tmp_path: Path) -> None:
    """A wrong basis and a misspelt key are both told, with file and place."""
    (tmp_path / "mandates.toml").write_text(
        '[[mandate]]\nprocess = "p"\nfrom_kind = "A"\nto_kind = "B"\n'
        'basis = "habit"\nafterr = []\n',
        encoding="utf-8",
    )

    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)

    places = {(fault.where, fault.column) for fault in caught.value.faults}
    assert ("mandates.toml", "mandate.0.basis") in places
    assert ("mandates.toml", "mandate.0") in places


def test_own_catalogues_take_the_place_of_the_shipped(tmp_path: Path) -> None:
    """One catalogue of one's own: the shipped ones are gone, the other files stay."""
    folder = tmp_path / "catalogues"
    folder.mkdir()
    (folder / "a.toml").write_text(
        'format = 1\nprocess = "a"\ncase_type = "c"\n[[step]]\ntype = "x"\nmarks = ["start"]\n',
        encoding="utf-8",
    )

    config = load_config(tmp_path)

    assert [c.process for c in config.catalogues] == ["a"]
    assert config.setting("min_count") == 5
    assert config.mandates
