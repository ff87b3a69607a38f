# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""readMetadata over SOAP: what is asked, and what answers mean."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _soap

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
METADATA = "http://soap.sforce.com/2006/04/metadata"
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)


def enveloped(inner: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns="{METADATA}" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>'
    )


def answered(records: str) -> str:
    return enveloped(f"<readMetadataResponse><result>{records}</result></readMetadataResponse>")


@given(PRINTABLE, PRINTABLE, st.lists(PRINTABLE, max_size=10))
def test_whatever_the_names_are_the_envelope_asks_for_them(token: str, kind: str, names: list[str]) -> None:
    root = ElementTree.fromstring(_soap.read_metadata(token, kind, names))
    space = f"{{{METADATA}}}"
    assert root.tag == f"{{{ENVELOPE}}}Envelope"
    assert root.findtext(f"{{{ENVELOPE}}}Header/{space}SessionHeader/{space}sessionId") == token
    body = root.find(f"{{{ENVELOPE}}}Body")
    assert body is not None
    (asked,) = body
    assert asked.tag == f"{space}readMetadata"
    assert [(item.tag, item.text) for item in asked] == [(f"{space}type", kind), *((f"{space}fullNames", name) for name in names)]


@pytest.mark.parametrize(
    ("records", "components"),
    [
        ("", {}),
        ('<records xsi:nil="true"/>', {}),
        ('<records xsi:type="CallCenter"/>', {}),
        ('<records xsi:type="CallCenter"><fullName>A</fullName></records>', {"A": {"fullName": "A"}}),
        (
            "<records><fullName>A</fullName><sections><items><name>x</name><value>1</value></items><name>s</name></sections></records>",
            {"A": {"fullName": "A", "sections": [{"items": [{"name": "x", "value": "1"}], "name": "s"}]}},
        ),
        (
            "<records><fullName>A</fullName><tag>1</tag><tag>2</tag><hours><mon>&lt;9&gt;</mon></hours></records><records><fullName>B</fullName><x/></records>",
            {"A": {"fullName": "A", "tag": ["1", "2"], "hours": {"mon": "<9>"}}, "B": {"fullName": "B", "x": ""}},
        ),
    ],
)
def test_an_answer_holds_components_by_name(records: str, components: dict[str, Any]) -> None:
    assert _soap.components(answered(records)) == components


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html><body>Down for maintenance</body></html>",
        "<html><br></html>",
        "<!DOCTYPE html><html/>",
        '<!DOCTYPE x [<!ENTITY a "b">]>' + answered("").partition("?>")[2],
        enveloped("<listMetadataResponse/>"),
    ],
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        _soap.components(text)


@pytest.mark.parametrize("code", ["sf:INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS"])
def test_a_fault_is_told_as_rest_tells_a_refusal(code: str) -> None:
    told = f"<soapenv:Fault><faultcode>{code}</faultcode><faultstring>INSUFFICIENT_ACCESS: no rights</faultstring></soapenv:Fault>"
    assert _soap.fault(enveloped(told)) == {"errorCode": "INSUFFICIENT_ACCESS", "message": "no rights"}


@pytest.mark.parametrize("content", [answered(""), "<html/>", "<br>", [{"errorCode": "X"}], None])
def test_what_is_no_fault_is_none(content: Any) -> None:
    assert _soap.fault(content) is None
