# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""XML in and out: a reader that refuses document types (so no entities of its own, no bombs), a writer for the small trees SOAP needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))
"""Characters that XML 1.0 cannot hold."""


class NotXml(ValueError):
    """What came in is no XML document, or one with a document type."""

    def __init__(self, why: str, *, doctype: bool = False) -> None:
        super().__init__(why)
        self.doctype = doctype


@dataclass
class Element:
    """One element as read. space is its namespace, attributes are keyed "{namespace}name" or "name"."""

    space: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def child(self, name: str) -> Element | None:
        """The first child of that local name, whatever its namespace: Salesforce's clients differ there."""
        return next((item for item in self.children if item.name == name), None)

    def all(self, name: str) -> Iterator[Element]:
        return (item for item in self.children if item.name == name)

    @property
    def nil(self) -> bool:
        return self.attributes.get(f"{{{XSI}}}nil", "").strip() in ("true", "1")

    def value(self, name: str) -> str | None:
        """The text of that child; None where it is absent or nil."""
        found = self.child(name)
        return None if found is None or found.nil else found.text


def read(raw: bytes) -> Element:
    """The root element. Raises NotXml."""
    parser = expat.ParserCreate(namespace_separator="}")
    top = Element("", "")
    stack = [top]

    def start(tag: str, attributes: dict[str, str]) -> None:
        space, _unused, name = tag.rpartition("}")
        made = Element(space, name, {f"{{{key}" if "}" in key else key: value for key, value in attributes.items()})
        stack[-1].children.append(made)
        stack.append(made)

    def end(_tag: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text += data

    def doctype(*_unused: object) -> None:
        raise NotXml("a document type is not allowed here", doctype=True)

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, UnicodeDecodeError, LookupError) as broken:
        raise NotXml(str(broken)) from broken
    return top.children[0]


@dataclass(frozen=True)
class Node:
    """A value with attributes of its own (xsi:type). A list is one of (name, value) pairs: elements in order, names may repeat."""

    attributes: Mapping[str, str]
    value: Any


def write(name: str, value: Any) -> str:
    """An element: a mapping holds children, a list repeats the element, None is nil, the rest is text."""
    if isinstance(value, (list, tuple)):
        return "".join(write(name, item) for item in value)
    attributes = ""
    if isinstance(value, Node):
        attributes = "".join(f" {key}={quoteattr(text)}" for key, text in value.attributes.items())
        value = value.value
    if value is None:
        return f'<{name}{attributes} xsi:nil="true"/>'
    content = children(_pairs(value)) if isinstance(value, (Mapping, list)) else escape(plain(value))
    return f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes}/>"


def _pairs(value: Mapping[str, Any] | list[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, Mapping) else value


def children(items: Iterable[tuple[str, Any]]) -> str:
    return "".join(write(name, value) for name, value in items)


def plain(value: object) -> str:
    """A value's text in XML Schema's own form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).translate(_NOT_XML)
