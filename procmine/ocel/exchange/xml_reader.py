"""OCEL 2.0 XML read as a stream: no entities, no document type, nothing from the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from lxml import etree

from procmine.errors import Fault, LogError
from procmine.ocel.exchange.assemble import assemble
from procmine.ocel.exchange.raw import RawBuilder
from procmine.ocel.exchange.tally import Tally
from procmine.ocel.exchange.times import ZONE
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from procmine.ocel.exchange.result import ReadResult

__all__ = ["elements", "is_element", "line_of", "local", "read_xml"]

PROLOG = 1 << 16
LIMIT = etree.ErrorTypes.ERR_RESOURCE_LIMIT


def read_xml(path: Path, *, zone: str = ZONE) -> ReadResult:
    """Read an OCEL 2.0 XML file.

    Parameters
    ----------
    path
        The file.
    zone
        Zone of stamps that name none.

    Raises
    ------
    LogError
        The file is no well-formed XML, declares a document type (a door for entity
        attacks that no log needs), or is not an OCEL 2.0 log.
    """
    tally = Tally()
    builder = RawBuilder(tally)
    tops = ("object-type", "event-type", "object", "event")
    met: set[str] = set()
    with path.open("rb") as file:
        for element in elements(file, path.name, tops):
            met.add(local(element))
            _take(element, builder, tally)
    if not met.intersection(("event-type", "object-type")) and met:
        _refuse("not_ocel", path.name)
    if not met and _root(path) != "log":
        _refuse("not_ocel", path.name)
    return assemble(builder.log(), tally, source=path.name, zone=zone)


def elements(file: IO[bytes], name: str, tops: tuple[str, ...]) -> Iterator[etree._Element]:
    """Yield each element called one of `tops`, complete, and forget it afterwards.

    Elements with an attribute ``object-id`` are relations that some writers call ``object``
    and stay part of the element around them.

    Raises
    ------
    LogError
        See :func:`read_xml`.
    """
    head = file.peek(PROLOG) if hasattr(file, "peek") else b""
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        _refuse("doctype", name)
    context = etree.iterparse(
        file,
        events=("end",),
        tag=[f"{{*}}{top}" for top in tops],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,  # a comment inside a value would cut the value short
        remove_pis=True,
    )
    checked = False
    try:
        for _, element in context:
            if not checked:
                checked = True
                if element.getroottree().docinfo.internalDTD is not None:
                    _refuse("doctype", name)
            parent = element.getparent()
            inside = parent is not None and local(parent) in tops
            if inside or element.get("object-id") is not None:
                continue
            yield element
            element.clear()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", 0) == LIMIT:
            _refuse("too_large", name)
        line = error.lineno or 0
        faults = (Fault("not_xml", name, rows=(line,) if line else ()),)
        raise LogError(t("ocel.not_xml", file=name, line=line), faults) from error


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def line_of(element: etree._Element) -> int:
    """Return the line where the element begins, 0 where it is not known."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def is_element(node: object) -> bool:
    """Say whether a node is an element, not a comment, an instruction or an entity."""
    return isinstance(getattr(node, "tag", None), str)


def _take(element: etree._Element, builder: RawBuilder, tally: Tally) -> None:
    name = local(element)
    if name in ("event-type", "object-type"):
        kind = element.get("name")
        if kind is None:
            tally.add("malformed", f"{name}s", "name", line_of(element))
            return
        attributes = [
            (str(a.get("name")), a.get("type", "string"))
            for a in _children(element, "attribute")
            if a.get("name")
        ]
        builder.declare(name.split("-")[0], kind, attributes)
    else:
        values: list[tuple[str, str, str, str | None]] = []
        related: list[tuple[str | None, str | None]] = []
        _contents(element, f"{name}s", values, related, tally)
        key, kind = element.get("id"), element.get("type")
        if name == "event":
            plain = [(attribute, text, sort) for attribute, text, sort, _ in values]
            builder.event(key, kind, element.get("time"), plain, related)
        else:
            builder.object(key, kind, values, related)


def _contents(
    element: etree._Element,
    section: str,
    values: list[tuple[str, str, str, str | None]],
    related: list[tuple[str | None, str | None]],
    tally: Tally,
) -> None:
    """Gather attributes and relations, whether or not a list element wraps the attributes."""
    for child in element.iterchildren("*"):
        called = local(child)
        if called in ("objects", "relationships"):
            for relation in child.iterchildren("*"):
                target = relation.get("object-id")
                related.append((target, relation.get("qualifier") or ""))
            continue
        if called in ("relationship", "object") and child.get("object-id") is not None:
            related.append((child.get("object-id"), child.get("qualifier") or ""))
            continue
        wrapped = called == "attributes"
        if not wrapped and called != "attribute":
            tally.add("malformed", section, called, line_of(element))
            continue
        for attribute in child.iterchildren("*") if wrapped else (child,):
            name = attribute.get("name") if local(attribute) == "attribute" else None
            if name is None:
                tally.add("malformed", section, "attributes", line_of(element))
                continue
            if len(attribute):
                tally.add("malformed", section, "attributes", line_of(element))
            text = attribute.get("value")
            text = attribute.text or "" if text is None else text
            values.append((name, text, "s", attribute.get("time")))


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children called `name`, whether or not a list element wraps them."""
    for child in element.iterchildren("*"):
        called = local(child)
        if called == name:
            yield child
        elif called == f"{name}s":
            for inner in child.iterchildren("*"):
                if local(inner) == name:
                    yield inner


def _root(path: Path) -> str:
    with path.open("rb") as file:
        context = etree.iterparse(
            file, events=("start",), resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, element in context:
            return local(element)
    return ""


def _refuse(code: str, name: str) -> NoReturn:
    raise LogError(t(f"ocel.{code}", file=name), (Fault(code, name),))
