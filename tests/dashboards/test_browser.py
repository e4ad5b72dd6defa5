"""The pages in a real browser: the map, the keyboard, names, and a silent console."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from dashboards.pages import PATHS

pytestmark = pytest.mark.browser


def until(check: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Wait until `check` gives something; return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    return check()


def opened(browser: Any, address: str, path: str) -> None:
    """Open a page and wait for its heading."""
    browser.get(address + path)
    assert until(lambda: browser.execute_script("return document.querySelectorAll('h1').length"))


def run(browser: Any, script: str) -> Any:
    """Run a script in the page."""
    return browser.execute_script(script)


NAMELESS = """
const all = document.querySelectorAll(
  'a[href],button,input:not([type=hidden]),[role=button],[role=slider],[role=img],'
  + '[role=region],[tabindex="0"]');
return [...all].filter(e => {
  const label = e.getAttribute('aria-label') || e.textContent.trim() || e.title
    || (e.getAttribute('aria-labelledby') || '').split(' ')
         .map(i => i && document.getElementById(i) ? 'x' : '').join('')
    || (e.labels && e.labels.length ? 'x' : '') || e.closest('label');
  return !label && !e.closest('[aria-hidden=true]') && !e.closest('.js-plotly-plot');
}).map(e => e.outerHTML.slice(0, 160));
"""
FACTS = {
    "heading": "return document.querySelector('h1').innerText",
    "headings": "return document.querySelectorAll('h1').length",
    "levels": "return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])",
    "lang": "return document.documentElement.lang",
    "nameless": NAMELESS,
    "hacked": "return window.hacked || null",
    "buttons": "return document.querySelectorAll('.modebar-btn').length",
}


@pytest.fixture(scope="module")
def seen(browser: Any, address: str) -> dict[str, dict[str, Any]]:
    """Open each page once, wide and at 320 pixels, and note what is there."""
    browser.get_log("performance")
    found = {}
    for path in PATHS.values():
        opened(browser, address, path)
        until(lambda: run(browser, "return document.title.includes('\\u00b7')"))
        time.sleep(0.6)
        facts = {name: run(browser, script) for name, script in FACTS.items()}
        facts["title"] = browser.title
        narrow = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
        time.sleep(0.4)
        facts["width"] = run(browser, "return document.documentElement.scrollWidth")
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        facts["console"] = browser.get_log("browser")
        found[path] = facts
    asked = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    sent = [m for m in asked if m["method"] == "Network.requestWillBeSent"]
    found["requests"] = {"urls": {m["params"]["request"]["url"] for m in sent}}
    return found


@pytest.mark.parametrize("path", PATHS.values())
def test_a_page_is_danish_named_and_silent(seen: dict[str, Any], path: str) -> None:
    """Language, one heading, the window's title, and nothing in the console."""
    facts = seen[path]
    assert (facts["lang"], facts["headings"]) == ("da", 1)
    assert facts["title"].startswith(facts["heading"])
    assert [row for row in facts["console"] if row["level"] in {"SEVERE", "WARNING"}] == []


@pytest.mark.parametrize("path", PATHS.values())
def test_everything_that_can_be_used_has_a_name(seen: dict[str, Any], path: str) -> None:
    """Each button, link, field, figure and scrolled region has an accessible name."""
    assert seen[path]["nameless"] == []


@pytest.mark.parametrize("path", PATHS.values())
def test_a_page_fits_a_narrow_screen(seen: dict[str, Any], path: str) -> None:
    """At 320 pixels nothing but a table, figure or map scrolls sideways."""
    assert seen[path]["width"] <= 321


@pytest.mark.parametrize("path", PATHS.values())
def test_headings_come_in_order(seen: dict[str, Any], path: str) -> None:
    """No level of headings is skipped."""
    assert all(after - before <= 1 for before, after in pairwise(seen[path]["levels"]))


@pytest.mark.parametrize("path", PATHS.values())
def test_names_in_the_data_run_nothing(seen: dict[str, Any], path: str) -> None:
    """An activity called like a script is text, on the map and in tables."""
    assert seen[path]["hacked"] is None


def test_nothing_is_asked_of_another_machine(seen: dict[str, Any], address: str) -> None:
    """Every request of every page goes to this machine, and no figure can be shared."""
    own = (address, "data:", "blob:", "chrome:")
    urls = seen["requests"]["urls"]
    assert urls
    assert {url for url in urls if not url.startswith(own)} == set()
    assert all(seen[path]["buttons"] == 0 for path in PATHS.values())


def test_click_and_enter_open_the_figures(browser: Any, address: str) -> None:
    """A click on an activity, and Enter on a way, show their numbers in the panel."""
    opened(browser, address, PATHS["process_map"])
    assert until(lambda: run(browser, "return document.querySelector('.pm-node') !== null"))
    run(
        browser,
        "document.querySelector('.pm-node rect')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))",
    )
    panel = "return document.getElementById('map-panel').innerText"
    assert until(lambda: "Kommer fra" in run(browser, panel))
    run(
        browser,
        "const w=document.querySelector('.pm-way[data-from]'); w.focus();"
        "w.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))",
    )
    assert until(lambda: "9 af 10" in run(browser, panel))


def test_the_slider_hides_ways_and_moves_nothing(browser: Any, address: str) -> None:
    """Fewer ways are shown, every activity stays where it was, and the status says so."""
    opened(browser, address, PATHS["process_map"])
    assert until(lambda: run(browser, "return document.querySelector('.pm-way') !== null"))
    where = (
        "return JSON.stringify([...document.querySelectorAll('.pm-node rect')]"
        ".map(r => [r.getAttribute('x'), r.getAttribute('y')]))"
    )
    visible = (
        "return [...document.querySelectorAll('.pm-way')]"
        ".filter(w => w.style.display !== 'none').length"
    )
    places, before = run(browser, where), run(browser, visible)
    run(browser, "dash_clientside.set_props('map-share', {value: 30})")
    assert until(lambda: run(browser, visible) < before)
    assert run(browser, where) == places
    status = run(browser, "return document.getElementById('map-status').innerText")
    assert status.startswith(f"Viser {run(browser, visible)} af {before}")


def test_zoom_buttons_change_the_size(browser: Any, address: str) -> None:
    """Plus makes the drawing larger, Tilpas fits it again."""
    opened(browser, address, PATHS["process_map"])
    assert until(lambda: run(browser, "return document.querySelector('.pm-map') !== null"))
    width = "return document.querySelector('.pm-map').getBoundingClientRect().width"
    before = run(browser, width)
    run(browser, "document.querySelector('[data-zoom=in]').click()")
    assert run(browser, width) > before * 1.2


def test_the_menu_changes_page_and_keeps_the_focus_on_the_heading(
    browser: Any, address: str
) -> None:
    """A click in the menu shows the page, marks it, and moves focus to its heading."""
    opened(browser, address, "/")
    run(browser, "document.querySelector('#menu a[href^=\"/overleveringer\"]').click()")
    assert until(lambda: browser.title.startswith("Overleveringer"))
    focused = "return document.activeElement.tagName"
    assert until(lambda: run(browser, focused) == "H1")
    assert run(browser, "return document.querySelectorAll('[aria-current=page]').length") == 1
