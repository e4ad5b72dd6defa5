"""The pages without a browser: content, headers, what is said where the log cannot tell."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboards import callbacks, pages
from dashboards.export import as_csv
from dashboards.server import serve
from dashboards.source import Source
from procmine.errors import StoreError, UsageError

ROOT = Path(__file__).parents[2]
HOST = "http://127.0.0.1:8050"


@pytest.fixture(scope="module")
def source(store: Path) -> Source:
    """Return the small store as the pages see it."""
    return Source(store)


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def words(node: Any) -> str:
    """Return all text of a component tree."""
    if isinstance(node, (str, int, float)):
        return str(node)
    if isinstance(node, (list, tuple)):
        return " ".join(words(child) for child in node)
    return words(getattr(node, "children", None) or "")


@pytest.mark.parametrize("key", pages.PATHS)
def test_each_page_has_one_question_and_one_answer(key: str, source: Source) -> None:
    """Every page opens on a log without catalogue or documents, and answers in words."""
    page = pages.build(key, source.view(None), source, {})
    assert page.question.endswith("?")
    assert page.answer.endswith(".")


def test_a_page_that_fails_says_so(
    app: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The reader is told in Danish, the log is told how; nothing of the error is shown."""

    def broken(*_: object) -> None:
        inside = "a cell's content"
        raise ValueError(inside)

    monkeypatch.setattr(pages, "build", broken)
    ends = ["main.children", "menu.children", "process.value", "page-title.data"]
    outputs = [dict(zip(("id", "property"), end.split("."), strict=True)) for end in ends]
    asked = {
        "output": ".." + "...".join(ends) + "..",
        "outputs": outputs,
        "inputs": [
            {"id": "url", "property": "pathname", "value": "/"},
            {"id": "url", "property": "search", "value": ""},
        ],
        "changedPropIds": ["url.pathname"],
    }
    answer = app.server.test_client().post(
        "/_dash-update-component", json=asked, headers={"Host": "127.0.0.1:8050"}
    )

    assert answer.status_code == 200
    assert "Siden kunne ikke vises" in answer.get_data(as_text=True)
    assert "cell" not in answer.get_data(as_text=True)
    assert "ValueError" in caplog.text


@pytest.mark.parametrize("key", pages.PATHS)
def test_each_page_has_one_heading_and_its_own_title(key: str, source: Source) -> None:
    """The first part of each page is its only h1; the window's title names the page."""
    content, _, _, title = callbacks._shown(source, pages.PATHS[key], "")
    headings = [part for part in content if type(part).__name__ == "H1"]
    assert len(headings) == 1
    assert title.startswith(headings[0].children)


def test_an_unknown_address_says_so(source: Source) -> None:
    """Another address gives a page that says it is not there."""
    content, _, _, _ = callbacks._shown(source, "/findes-ikke", "")
    assert "findes ikke" in words(content)


def test_what_a_log_cannot_tell_is_said(source: Source) -> None:
    """Without catalogue, documents or start times the pages say what cannot be told."""
    view = source.view(None)
    told = {
        "handovers": "intet katalog",
        "documents": "ingen dokumenter",
        "overview": "hvorn\u00e5r en sag slutter",
    }
    for key, part in told.items():
        content, _, _, _ = callbacks._shown(source, pages.PATHS[key], "")
        assert part in words(content), key
    assert view.process.catalogue is None


def test_a_wrong_date_is_no_fault(source: Source) -> None:
    """A date that is none in the address gives the page without a date."""
    page = pages.build("effect", source.view(None), source, {"dato": "<script>"})
    assert page.answer.startswith("V")


def test_every_answer_carries_the_protecting_headers(app: Any) -> None:
    """Content policy without unsafe-eval, no opener, no sniffing, nothing stored."""
    headers = app.server.test_client().get("/", base_url=HOST).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.4:8050"])
def test_requests_for_another_host_are_refused(app: Any, host: str) -> None:
    """A page elsewhere cannot reach this one under a name of its own."""
    assert app.server.test_client().get("/", base_url=f"http://{host}").status_code == 421


@pytest.mark.parametrize("host", ["localhost:8050", "127.0.0.1", "[::1]:8050"])
def test_this_machine_is_served(app: Any, host: str) -> None:
    """The loopback names are known, with and without a port."""
    assert app.server.test_client().get("/", base_url=f"http://{host}").status_code == 200


def test_other_addresses_are_refused(app: Any) -> None:
    """Binding elsewhere than to this machine needs a mode of authentication."""
    with pytest.raises(UsageError, match=r"0\.0\.0\.0"):
        serve(app, "0.0.0.0", 8050)  # noqa: S104 - refused, which is the point


def test_a_store_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """The app of no store is refused with a sentence."""
    from dashboards.app import make_app

    with pytest.raises(StoreError):
        make_app(tmp_path / "nothing")


def test_tables_are_fetched_as_shown(app: Any, source: Source) -> None:
    """CSV has Danish headings and a semicolon; a table that is not shown is not served."""
    client = app.server.test_client()
    for key in pages.PATHS:
        for name in pages.build(key, source.view(None), source, {}).tables:
            answer = client.get(f"/hent/{key}/{name}.csv", base_url=HOST)
            assert answer.status_code == 200, (key, name)
            assert answer.mimetype == "text/csv"
    assert client.get("/hent/handovers/cases.csv", base_url=HOST).status_code == 404
    assert client.get("/hent/nothing/x.csv", base_url=HOST).status_code == 404


def test_a_name_cannot_become_a_formula(source: Source) -> None:
    """A text that begins like a formula is marked as text in the CSV."""
    import pandas as pd

    frame = pd.DataFrame({"one": ["=1+1"], "n": [1.5]})
    assert as_csv(frame, source.view(None)).splitlines()[1] == "'=1+1;1,5"


def test_no_case_reaches_the_browser(app: Any, source: Source) -> None:
    """No page and no table holds a case's number."""
    client = app.server.test_client()
    for key, path in pages.PATHS.items():
        content, _, _, _ = callbacks._shown(source, path, "")
        shown = str(content)
        assert "'c17'" not in shown
        for name in pages.build(key, source.view(None), source, {}).tables:
            text = client.get(f"/hent/{key}/{name}.csv", base_url=HOST).get_data(as_text=True)
            assert "c17" not in text.replace(",", ";").split(";")


def test_the_pages_never_load_pm4py(store: Path) -> None:
    """A process that makes the app and all pages has neither pm4py nor networkx in it."""
    code = (
        "import sys; from pathlib import Path; from dashboards.app import make_app\n"
        "from dashboards import pages; from dashboards.source import Source\n"
        f"p = Path({str(store)!r}); make_app(p); s = Source(p)\n"
        "[pages.build(k, s.view(None), s, {}) for k in pages.PATHS]\n"
        "print([m for m in ('pm4py', 'networkx', 'matplotlib') if m in sys.modules])"
    )
    done = python(code)
    assert done.stdout.strip() == "[]", done.stderr


def test_importing_the_app_does_no_work() -> None:
    """The import alone loads neither dash, pandas nor duckdb."""
    code = (
        "import sys, dashboards.app, dashboards.server\n"
        "print([m for m in ('dash', 'pandas', 'duckdb', 'plotly') if m in sys.modules])"
    )
    done = python(code)
    assert done.stdout.strip() == "[]", done.stderr


FORBIDDEN = {"RadioItems", "Checklist", "Slider", "RangeSlider", "Dropdown", "DatePickerRange",
             "DatePickerSingle", "Upload"}  # fmt: skip


@pytest.mark.parametrize("path", sorted((ROOT / "dashboards").rglob("*.py")), ids=lambda p: p.stem)
def test_controls_are_accessible_ones(path: Path) -> None:
    """Dash core's inaccessible controls are not used, and one place makes graphs."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = (node.value.id, node.attr)
            assert not (used[0] == "dcc" and used[1] in FORBIDDEN), used
            assert used != ("dcc", "Graph") or path.name == "parts.py"


def test_a_process_of_few_citizens_shows_no_numbers(tmp_path: Path) -> None:
    """With four cases every page but data quality says that there are too few."""
    from procmine import pipeline

    rows = ["case,activity,time"]
    rows += [f"k{i},{a},2026-03-0{d}T09:00:00" for i in range(4) for d, a in ((2, "A"), (3, "B"))]
    (tmp_path / "log.csv").write_text("\n".join(rows), encoding="utf-8")
    options = {"case": "case", "activity": "activity", "time": "time"}
    pipeline.import_log(tmp_path / "log.csv", tmp_path / "store", **options)
    few = Source(tmp_path / "store")
    for key in pages.PATHS:
        page = pages.build(key, few.view(None), few, {})
        assert (not page.tables) == (key != "quality"), key
