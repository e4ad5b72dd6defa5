"""Write the reference pages that follow from the code: tables and glossary.

A test compares them with what lies in ``docs/``; ``python tools/make_docs.py`` renews them.
"""

from __future__ import annotations

from pathlib import Path

from procmine.tables.facts import FACTS
from procmine.tables.log import LOG_TABLES
from procmine.tables.schema import Schema
from procmine.text.glossary import glossary

DOCS = Path(__file__).parents[1] / "docs"


def tables_page() -> str:
    """Return ``docs/tabeller.md``: every column with meaning, kind and unit."""
    parts = ["# Tabeller\n\nDannet af skemaerne i `procmine/tables/`.\n"]
    for title, schemas in (("Loggen (OCEL 2.0)", LOG_TABLES), ("Faktatabeller", FACTS)):
        parts.append(f"\n## {title}\n")
        parts.extend(_table(schema) for schema in schemas)
    return "".join(parts)


def _table(schema: Schema) -> str:
    head = f"\n### `{schema.name}`\n\n{schema.meaning}\n\n"
    head += "| column | kind | meaning | unit | may be empty |\n| --- | --- | --- | --- | --- |\n"
    rows = [
        f"| `{c.name}` | {c.kind} | {c.meaning} | {c.unit} | {'yes' if c.nullable else ''} |\n"
        for c in schema.columns
    ]
    return head + "".join(rows)


def glossary_page() -> str:
    """Return ``docs/ordliste.md``."""
    rows = "".join(f"| {term.da} | `{term.id}` | {term.meaning} |\n" for term in glossary())
    return f"# Ordliste\n\n| ord | i koden | betydning |\n| --- | --- | --- |\n{rows}"


PAGES = {"tabeller.md": tables_page, "ordliste.md": glossary_page}


if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
