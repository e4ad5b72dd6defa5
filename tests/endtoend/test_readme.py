"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from procmine.cli.main import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str) -> Iterator[str]:
    """Give the fenced blocks of a language."""
    return (text for kind, text in FENCED.findall(README) if kind == language)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the sample delivery as `make demo` does."""
    from procmine import pipeline

    folder = tmp_path_factory.mktemp("demo")
    pipeline.load(ROOT / "sample_logs" / "demo", "kmd", folder / "store", key=folder / "key")
    return folder / "store"


def test_the_lines_of_python_run(demo: Path) -> None:
    """The Python block runs on the demo's store, and its last lines give rows."""
    (code,) = blocks("python")
    names: dict[str, object] = {}

    exec(code.replace(".cache/demo", str(demo)), names)  # noqa: S102 - the README's own lines

    assert names["log"].handovers("sanktion")["grade"].notna().any()  # type: ignore[attr-defined]


def test_each_verb_that_the_readme_names_exists() -> None:
    """No line of the README calls a verb that is not there."""
    called = [
        shlex.split(line, comments=True)[1]
        for text in blocks("sh")
        for line in text.splitlines()
        if line.startswith("procmine ")
    ]

    assert called
    assert set(called) <= set(VERBS)


def test_each_folder_of_the_table_exists() -> None:
    """The table of folders names what is there."""
    named = re.findall(r"^\| `([a-z_]+)/`", README, re.MULTILINE)

    assert named
    assert all((ROOT / name).is_dir() for name in named)


def test_the_picture_is_there() -> None:
    """The README's picture lies where it says."""
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file()
