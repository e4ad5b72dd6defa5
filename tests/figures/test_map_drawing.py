"""The drawn map: readable by its own metrics, accessible, safe with any name, stable."""

from __future__ import annotations

import random
import re

import pandas as pd
import pytest
from lxml import etree

from procmine.aggregates import ProcessMap, process_map, simplified
from procmine.figures.map_labels import overlaps, place_labels
from procmine.figures.map_layout import lay_out
from procmine.figures.map_svg import process_map_svg
from procmine.figures.measure import text_width
from procmine.figures.style import CAUSE_COLOURS, INK, MUTED, PAPER, SERIES, TINTS, contrast
from tests.figures.toymap import many, tables

SVG = "{http://www.w3.org/2000/svg}"


def rehab_like() -> ProcessMap:
    """Return a map of 18 activities with returns, a skip and a self-loop."""
    main = [f"trin {n:02d}" for n in range(18)]
    back = main[:9] + main[6:]
    skip = main[:4] + main[9:]
    twice = [*main[:3], main[2], *main[3:]]
    log = many(main, 60) | many(back, 20, "b") | many(skip, 12, "s") | many(twice, 8, "t")
    return process_map(*tables(log), disclose=True)


def test_no_way_runs_through_a_box_and_no_labels_meet() -> None:
    """On a map of 18 activities with loops: no hits, no overlaps, no crossings."""
    quality = lay_out(rehab_like()).quality
    names = ("node_edge_hits", "node_overlaps", "label_overlaps", "crossings")
    assert {name: quality[name] for name in names} == dict.fromkeys(names, 0)


@pytest.mark.parametrize("seed", range(4))
def test_random_maps_keep_clear_of_boxes(seed: int) -> None:
    """On random maps of 20 activities no way runs through a box and no boxes overlap."""
    draw = random.Random(seed)  # noqa: S311 - a fixed world, no secret
    names = [f"a{n}" for n in range(20)]
    log = {}
    for i in range(60):
        at = sorted(draw.sample(range(20), 8))
        log[str(i)] = [(names[a], float(d)) for d, a in enumerate(at)]
    found = simplified(process_map(*tables(log), disclose=True))
    quality = lay_out(found).quality
    assert (quality["node_edge_hits"], quality["node_overlaps"]) == (0, 0)
    assert quality["label_overlaps"] <= 2


def test_the_same_map_gives_the_same_drawing() -> None:
    """Two drawings of one map are equal to the byte."""
    assert str(process_map_svg(rehab_like())) == str(process_map_svg(rehab_like()))


def test_the_order_of_rows_does_not_matter() -> None:
    """Steps in another order give the same drawing."""
    steps, cases = tables(many(list("abcd"), 9) | many(list("acbd"), 6, "x"))
    mixed = steps.take(list(reversed(range(steps.num_rows))))
    first = process_map_svg(process_map(steps, cases))
    assert str(first) == str(process_map_svg(process_map(mixed, cases)))


def test_every_way_and_activity_is_a_button_named_by_its_text() -> None:
    """Each has role, tab stop, and a name that begins with what is seen."""
    root = etree.fromstring(process_map_svg(rehab_like()))
    buttons = [g for g in root.iter(f"{SVG}g") if g.get("role") == "button"]
    assert len(buttons) == len(rehab_like().nodes) + len(rehab_like().edges)
    for button in buttons:
        seen = " ".join(text.text or "" for text in button.iter(f"{SVG}text"))
        assert button.get("tabindex") == "0"
        assert (button.get("aria-label") or "").startswith(seen)


def test_names_from_the_data_cannot_become_markup() -> None:
    """Scripts, quotes and entities in names are written as text."""
    evil = '<script>alert(1)</script>"\' onload="x&amp;'
    found = process_map(*tables(many([evil, "b"], 9)))
    drawing = process_map_svg(found, title=evil, kinds={"K": evil})
    root = etree.fromstring(drawing)
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert not [e for e in root.iter() if any(a.lower().startswith("on") for a in e.attrib)]
    assert "<script" not in drawing


def test_hiding_rare_ways_starts_with_the_rarest() -> None:
    """Shares run from the strongest way up to 100 for the rarest, which the slider hides first."""
    drawing = process_map_svg(rehab_like())
    pairs = re.findall(r'data-n="(\d+)" data-share="([\d.]+)"', drawing)
    by_share = sorted((float(share), int(n)) for n, share in pairs)
    assert by_share[-1][0] == 100.0
    assert [n for _, n in by_share] == sorted((n for _, n in by_share), reverse=True)


def test_numbers_are_danish() -> None:
    """Thousands have a point, days a comma."""
    nodes = pd.DataFrame(
        {"activity": ["a", "b"], "label": ["A", "B"], "n": [1234, 1234], "approximate": False}
    )
    edges = pd.DataFrame({"from": ["a"], "to": ["b"], "n": [1234], "median_days": [2.5]})
    assert "1.234 \u00b7 2,5 dage" in process_map_svg(ProcessMap(nodes, edges))


def test_a_taken_place_is_left_to_the_first_label() -> None:
    """Two ways side by side get labels that do not meet."""
    paths = [[(0.0, 0.0), (0.0, 200.0)], [(20.0, 0.0), (20.0, 200.0)]]
    points = place_labels(paths, [60.0, 60.0], [])
    assert overlaps(points, [60.0, 60.0], []) == 0


@pytest.mark.parametrize("colour", [INK, MUTED, *SERIES])
def test_text_colours_stand_out_from_paper(colour: str) -> None:
    """Text has a contrast of at least 4.5 to 1."""
    assert contrast(colour, PAPER) >= 4.5


@pytest.mark.parametrize("tint", TINTS)
def test_text_stands_out_from_every_tint(tint: str) -> None:
    """Both inks are read on the backgrounds of boxes."""
    assert contrast(INK, tint) >= 4.5
    assert contrast(MUTED, tint) >= 4.5


@pytest.mark.parametrize("cause", [c for c in CAUSE_COLOURS if c != "working"])
def test_bars_stand_out_from_paper(cause: str) -> None:
    """Marks that carry meaning have a contrast of at least 3 to 1."""
    assert contrast(CAUSE_COLOURS[cause], PAPER) >= 3.0


def test_a_legend_wider_than_the_drawing_is_broken_and_none_of_it_is_cut() -> None:
    """Six kinds on a map of two boxes: several lines, and every text inside the drawing."""
    names = [f"k{i}" for i in range(6)]
    nodes = pd.DataFrame(
        {
            "activity": names, "label": names, "n": 9, "approximate": False,
            "unit_kind": [f"kind {i}" for i in range(6)],
        }
    )  # fmt: skip
    edges = pd.DataFrame({"from": names[:-1], "to": names[1:], "n": 9, "median_days": 1.0})
    kinds = {f"kind {i}": "En meget lang betegnelse for en enhed " + "x" * i for i in range(6)}
    drawing = process_map_svg(ProcessMap(nodes, edges), kinds=kinds)
    root = etree.fromstring(drawing)
    left, top, width, height = (float(part) for part in root.get("viewBox", "").split())
    assert (round(drawing.width), round(drawing.height)) == (width, height)
    lines = set()
    for text in root.iter(f"{SVG}text"):
        x, y, size = (float(text.get(name, "0")) for name in ("x", "y", "font-size"))
        middle = text.get("text-anchor") == "middle"
        long = text_width(text.text or "", size)
        assert left <= x - (long / 2 if middle else 0)
        assert x + (long / 2 if middle else long) <= left + width
        assert top <= y <= top + height
        if not middle:
            lines.add(y)
    assert len(lines) > 1
