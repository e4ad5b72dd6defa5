"""A store made of a small log written here, and an app and a browser on it."""

from __future__ import annotations

import csv
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from procmine import pipeline

EVIL = '<script>window.hacked=1</script>"'
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with an imported log: 30 cases, groups, no catalogue, an evil name."""
    folder = tmp_path_factory.mktemp("pages")
    start = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - local time, as a spreadsheet has it
    with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "activity", "time", "group"])
        for case in range(30):
            path = [("Modtaget", "A"), (EVIL, "B"), ("Afgjort", "A")]
            path = path if case % 3 else [*path[:2], ("Ekstra", "B"), path[2]]
            for day, (activity, group) in enumerate(path):
                at = start + timedelta(days=case % 20 + day * (1 + case % 4))
                writer.writerow([f"c{case}", activity, at.isoformat(), group])
    pipeline.import_log(
        folder / "log.csv",
        folder / "store",
        case="case",
        activity="activity",
        time="time",
        group="group",
    )
    return folder / "store"


@pytest.fixture(scope="session")
def app(store: Path) -> Any:
    """Return the app on the small store."""
    from dashboards.app import make_app

    return make_app(store)


@pytest.fixture(scope="session")
def address(app: Any) -> Iterator[str]:
    """Serve the app with waitress on a free port, and return its address."""
    import waitress

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = waitress.create_server(app.server, host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.close()
    thread.join(timeout=5)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a headless chromium, or skip where there is none."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    binary, driver = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
    if not (binary.exists() and driver.exists()):
        pytest.skip("chromium and chromedriver are not installed: browser tests are left out")
    options = webdriver.ChromeOptions()
    options.binary_location = str(binary)
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(str(driver)))
    chrome.set_window_size(1400, 1000)
    yield chrome
    chrome.quit()
