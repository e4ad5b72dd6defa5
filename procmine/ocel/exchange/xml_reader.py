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
        file, events=("start", "end"), tag=[f"{{*}}{top}" for top in tops],
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
    )
    checked = False
    inside = 0
    try:
        for event, element in context:
            if not checked:
                checked = True
                if element.getroottree().docinfo.internalDTD is not None:
                    _refuse("doctype", name)
            if element.get("object-id") is not None:
                continue
            inside += 1 if event == "start" else -1
            if event == "end" and inside == 0:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    parent = element.getparent()
                    if parent is None:
                        break
                    del parent[0]
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        faults = (Fault("not_xml", name, rows=(line,) if line else ()),)
        raise LogError(t("ocel.not_xml", file=name, line=line), faults) from error


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return etree.QName(element).localname


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
            for a in _children(element, "attribute") if a.get("name")
        ]
        builder.declare(name.split("-")[0], kind, attributes)
    elif name == "event":
        values = ((a, text) for a, text, _ in _values(element, "events", tally))
        builder.event(
            element.get("id"), element.get("type"), element.get("time"), values,
            _related(element),
        )
    else:
        builder.object(
            element.get("id"), element.get("type"), _values(element, "objects", tally),
            _related(element),
        )


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children called `name`, whether or not a list element wraps them."""
    for child in element:
        if not is_element(child):
            continue
        called = local(child)
        if called == name:
            yield child
        elif called == f"{name}s":
            for inner in child:
                if is_element(inner) and local(inner) == name:
                    yield inner


def _values(
    element: etree._Element, section: str, tally: Tally
) -> Iterator[tuple[str, tuple[str, str], str | None]]:
    for attribute in _children(element, "attribute"):
        name = attribute.get("name")
        if name is None:
            tally.add("malformed", section, "attributes", line_of(element))
            continue
        text = attribute.get("value") if attribute.get("value") is not None else attribute.text
        yield name, (text or "", "s"), attribute.get("time")


def _related(element: etree._Element) -> Iterator[tuple[str | None, str | None]]:
    for wrapper in element:
        if not is_element(wrapper) or local(wrapper) not in ("objects", "relationships"):
            continue
        for relation in wrapper:
            if is_element(relation):
                target = relation.get("object-id") or relation.get("relationship")
                qualifier = relation.get("qualifier") or relation.get("relationship")
                yield target, qualifier


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
