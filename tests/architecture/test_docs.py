"""The reference pages say what the code says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import make_docs  # noqa: E402 - found through the path set above

from procmine.cli.main import VERBS  # noqa: E402
from procmine.text.catalogue import texts  # noqa: E402
from procmine.text.glossary import glossary  # noqa: E402


@pytest.mark.parametrize("name", sorted(make_docs.PAGES))
def test_reference_pages_are_current(name: str) -> None:
    """`python tools/make_docs.py` would change nothing."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == make_docs.PAGES[name]()


def test_each_term_stands_once() -> None:
    """The glossary has one entry for a word."""
    ids = [term.id for term in glossary()]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_is_explained_in_both_languages(verb: str) -> None:
    """Help and example of a verb are there in Danish and English."""
    for lang in ("da", "en"):
        keys = texts(lang)
        assert f"cli.{verb}.help" in keys
        assert keys[f"cli.{verb}.example"].startswith(f"procmine {verb}")
