"""OCEL 2.0 XML, written a batch at a time."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from procmine.errors import Fault, LogError
from procmine.ocel.exchange.rows import Declared, Entity, declarations, entities
from procmine.ocel.exchange.whole import whole_file
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.ocel.log import Ocel

__all__ = ["quoted", "text_node", "write_xml"]

LONGEST = 1_500_000
"""Letters of a text; readers of XML, ours too, stop at 10 MB of it in their escaped form."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_xml(log: Ocel, path: Path) -> None:
    """Write the log as OCEL 2.0 XML in UTF-8, all instants in UTC.

    Parameters
    ----------
    log
        The log.
    path
        The file; it is written whole or not at all.

    Raises
    ------
    LogError
        A text holds a control character, which XML 1.0 cannot hold, or is too long for the
        readers of XML.
    """
    with whole_file(path) as place, place.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log>\n')
        for owner in ("object", "event"):
            file.write(f"  <{owner}-types>\n")
            _types(file, owner, declarations(log, owner))
            file.write(f"  </{owner}-types>\n")
        for owner in ("object", "event"):
            file.write(f"  <{owner}s>\n")
            for entity in entities(log, owner):
                file.write(_entity(owner, entity))
            file.write(f"  </{owner}s>\n")
        file.write("</log>\n")


def quoted(text: str) -> str:
    """Return `text` as a quoted attribute.

    Raises
    ------
    LogError
        A control character, which XML 1.0 cannot hold.

    Examples
    --------
    >>> quoted("a<b")
    '"a&lt;b"'
    """
    return quoteattr(_legal(text))


def text_node(text: str) -> str:
    """Return `text` as the content of an element; see :func:`quoted`.

    Examples
    --------
    >>> text_node("a&b")
    'a&amp;b'
    """
    return escape(_legal(text), {"\r": "&#13;"})


def _legal(text: str) -> str:
    if _ILLEGAL.search(text):
        raise LogError(t("ocel.control_character"), (Fault("control_character"),))
    if len(text) > LONGEST:
        raise LogError(t("ocel.text_too_long"), (Fault("text_too_long"),))
    return text


def _types(file: IO[str], owner: str, declared: Declared) -> None:
    for kind, attributes in declared.items():
        file.write(f"    <{owner}-type name={quoted(kind)}>\n      <attributes>\n")
        for name, (value_type, _) in attributes.items():
            file.write(f'        <attribute name={quoted(name)} type="{value_type}"/>\n')
        file.write(f"      </attributes>\n    </{owner}-type>\n")


def _entity(owner: str, entity: Entity) -> str:
    time = f' time="{entity.time}"' if entity.time else ""
    lines = [f"    <{owner} id={quoted(entity.key)} type={quoted(entity.kind)}{time}>\n"]
    lines.append("      <attributes>\n")
    for name, text, since in entity.values:
        when = f' time="{since}"' if since else ""
        lines.append(f"        <attribute name={quoted(name)}{when}>")
        lines.append(f"{text_node(text)}</attribute>\n")
    lines.append("      </attributes>\n      <objects>\n")
    lines.extend(
        f"        <relationship object-id={quoted(target)} qualifier={quoted(qualifier)}/>\n"
        for target, qualifier in entity.related
    )
    lines.append(f"      </objects>\n    </{owner}>\n")
    return "".join(lines)
