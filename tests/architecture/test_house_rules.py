"""The house rules that no linter knows, checked over the whole source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from procmine.text.catalogue import texts

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for folder in ("procmine", "dashboards") for p in (ROOT / folder).rglob("*.py"))
CATALOGUES = sorted((ROOT / "procmine" / "config" / "default" / "catalogues").glob("*.toml"))
LONGEST_MODULE = 400
LONGEST_BODY = 60


@cache
def tree(path: Path) -> ast.Module:
    """Parse a source file once."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=path.name)


def docstrings(module: ast.Module) -> set[int]:
    """Return the ids of the string nodes that are docstrings."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                found.add(id(body[0].value))
    return found


def strings(path: Path) -> list[tuple[int, str]]:
    """Return the string constants of a file that are no docstrings, with their lines."""
    module = tree(path)
    skip = docstrings(module)
    return [
        (node.lineno, node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip
    ]


def test_no_danish_letters_in_code() -> None:
    """What users read stands in the texts, so no string in code holds a Danish letter.

    Tables of letters (encodings, widths, ASCII spellings) write them as escapes.
    """
    months = ROOT / "procmine" / "text" / "formats.py"
    found = []
    for path in SOURCES:
        source = path.read_text(encoding="utf-8").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{line}"
            for line, text in strings(path)
            if path != months
            and re.search("[æøåÆØÅ]", text)
            and re.search("[æøåÆØÅ]", source[line - 1])
        ]

    assert found == []


def test_no_name_of_an_activity_in_code() -> None:
    """Event types live in catalogues; code that names one is fitted to them."""
    types = {
        step["type"]
        for file in CATALOGUES
        for step in tomllib.loads(file.read_text(encoding="utf-8"))["step"]
    }
    # Words that are ordinary English or German in code would misfire; these are Danish.
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in SOURCES
        for line, text in strings(path)
        if text in types
    ]

    assert found == []


def test_no_name_of_an_export_column_in_code() -> None:
    """Columns of the reference layouts stand in profiles only."""
    names = set()
    for file in (ROOT / "procmine" / "exports" / "profiles").glob("*.toml"):
        names |= set(re.findall(r'"([A-ZÆØÅ][\w/ .æøåÆØÅ-]{3,})"', file.read_text("utf-8")))
    allowed = {"Danmark", "System", "Europe/Copenhagen"}
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in SOURCES
        for line, text in strings(path)
        if text in names - allowed
    ]

    assert found == []


def test_modules_and_functions_stay_readable() -> None:
    """No module and no function grows beyond what can be read in one go."""
    long_modules = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in SOURCES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    ]
    long_bodies = []
    for path in SOURCES:
        module = tree(path)
        skip = docstrings(module)
        for node in ast.walk(module):
            if not isinstance(node, ast.FunctionDef):
                continue
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and id(first.value) in skip
            start = first.end_lineno if documented else node.lineno
            length = (node.end_lineno or 0) - (start or 0)
            if length > LONGEST_BODY:
                long_bodies.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {length}")

    assert long_modules == []
    assert long_bodies == []


def test_every_text_that_code_asks_for_is_there() -> None:
    """Each literal key given to t(...) exists in the Danish texts."""
    missing = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id != "t" or not node.args:
                continue
            key = node.args[0]
            if isinstance(key, ast.Constant) and key.value not in texts("da"):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {key.value}")

    assert missing == []


def test_english_texts_have_their_danish_twin() -> None:
    """The English catalogue translates; it never adds."""
    assert set(texts("en")) - set(texts("da")) == set()


def test_a_text_and_its_translation_name_the_same_values() -> None:
    """Braces are the same in both languages."""
    braces = re.compile(r"\{(\w+)")
    unequal = [
        key
        for key, text in texts("en").items()
        if set(braces.findall(text)) != set(braces.findall(texts("da")[key]))
    ]

    assert unequal == []


def exported(path: Path) -> list[str]:
    """Return the names in a module's __all__."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            return list(ast.literal_eval(node.value))
    return []


def test_everything_exported_is_documented() -> None:
    """Each exported function and class says what it is for."""
    bare = []
    for path in SOURCES:
        names = set(exported(path))
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
                text = ast.get_docstring(node) or ""
                if len(text) < 12:
                    bare.append(f"{path.relative_to(ROOT)}:{node.name}")

    assert bare == []


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that `code` loads in a fresh interpreter."""
    script = f"{code}\nimport sys\nprint(' '.join(sorted(m.split('.')[0] for m in sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_importing_procmine_loads_nothing_heavy() -> None:
    """`import procmine` costs next to nothing: no pandas, no pyarrow, no pm4py."""
    heavy = {"pandas", "pyarrow", "pm4py", "duckdb", "plotly", "dash", "matplotlib"}

    assert loaded_by("import procmine") & heavy == set()


def test_the_dashboard_never_loads_pm4py() -> None:
    """Importing the pages, and all they import, leaves pm4py alone."""
    assert "pm4py" not in loaded_by("import dashboards.app, dashboards.server")


@pytest.mark.parametrize("verb", ["load", "handovers", "waits", "dashboard", "info"])
def test_help_of_a_verb_ends_with_an_example(verb: str) -> None:
    """Every verb explains itself and shows how it is called."""
    done = subprocess.run(
        [sys.executable, "-m", "procmine", verb, "--help"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip

    assert f"procmine {verb}" in done.stdout.split("Eksempel")[-1]
