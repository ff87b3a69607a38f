# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The Metadata API's readMetadata over SOAP: the envelope that asks, and what answers mean. Pure.

REST does not show what a call center's definition holds. Source: Metadata API Developer Guide, readMetadata().
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Union
from xml.etree import ElementTree

# How many full names one readMetadata takes (Metadata API Developer Guide, readMetadata()).
MAX_NAMES = 10
# Salesforce's clients send an empty SOAPAction; the operation is the body's first element.
HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_METADATA = "http://soap.sforce.com/2006/04/metadata"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
# Elements that repeat in a definition, and so are lists where there is one of them too.
_REPEATED = frozenset({"sections", "items"})

Content = Union[str, "dict[str, Any]"]


def read_metadata(token: str, metadata_type: str, full_names: Iterable[str]) -> str:
    """The envelope that asks for components of a type by their full names, at most MAX_NAMES."""
    root = ElementTree.Element(f"{{{_ENVELOPE}}}Envelope")
    session = ElementTree.SubElement(ElementTree.SubElement(root, f"{{{_ENVELOPE}}}Header"), f"{{{_METADATA}}}SessionHeader")
    ElementTree.SubElement(session, f"{{{_METADATA}}}sessionId").text = token
    asked = ElementTree.SubElement(ElementTree.SubElement(root, f"{{{_ENVELOPE}}}Body"), f"{{{_METADATA}}}readMetadata")
    ElementTree.SubElement(asked, f"{{{_METADATA}}}type").text = metadata_type
    for name in full_names:
        ElementTree.SubElement(asked, f"{{{_METADATA}}}fullNames").text = name
    return ElementTree.tostring(root, encoding="unicode")


def components(text: str) -> dict[str, dict[str, Any]]:
    """The components that an answer holds, by full name; what the org does not have is not in it. Raises ValueError for what is no answer.

    A component is a dict of texts and of dicts, lists where an element repeats.
    """
    body = _body(text)
    answer = next((item for item in body if _name(item) == "readMetadataResponse"), None)
    if answer is None:
        raise ValueError("no answer of readMetadata")
    records = [record for result in answer for record in result if _name(record) == "records" and record.get(_NIL) not in ("true", "1")]
    found = [content for content in map(_content, records) if isinstance(content, dict)]
    return {str(content["fullName"]): content for content in found if content.get("fullName")}


def fault(text: Any) -> Mapping[str, str] | None:
    """The code and words of a SOAP fault, in the keys that REST uses; None for what is none."""
    try:
        body = _body(text) if isinstance(text, str) else None
    except ValueError:
        return None
    told = next((item for item in body if _name(item) == "Fault"), None) if body is not None else None
    if told is None:
        return None
    texts = {_name(item): (item.text or "").strip() for item in told}
    code = texts.get("faultcode", "").rpartition(":")[2]
    return {"errorCode": code, "message": texts.get("faultstring", "").removeprefix(f"{code}: ")}


def _body(text: str) -> ElementTree.Element:
    """The body of an envelope. Raises ValueError for anything else: a document type is none of Salesforce's, and entities could be bombs."""
    if "<!DOCTYPE" in text:
        raise ValueError("a page, no SOAP")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as broken:
        raise ValueError(f"no XML: {broken}") from None
    body = root.find(f"{{{_ENVELOPE}}}Body")
    if body is None:
        raise ValueError("no SOAP envelope")
    return body


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _content(element: ElementTree.Element) -> Content:
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name, content = _name(child), _content(child)
        if name in _REPEATED or name in found:
            known = found.setdefault(name, [])
            found[name] = [*known, content] if isinstance(known, list) else [known, content]
            continue
        found[name] = content
    return found
