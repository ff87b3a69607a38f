# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One SOAP call: the envelope read, the answer and the fault written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.errors import ApiError
from emulator.http_api.messages import Answer
from emulator.http_api.soap.markup import XSI, Element, children, write

SOAP_ENV = "http://schemas.xmlsoap.org/soap/envelope/"
PARTNER = "urn:partner.soap.sforce.com"
ENTERPRISE = "urn:enterprise.soap.sforce.com"
METADATA = "http://soap.sforce.com/2006/04/metadata"
RECORDS = "urn:sobject.partner.soap.sforce.com"
SPACES = {"u": PARTNER, "c": ENTERPRISE, "m": METADATA}
FAULT_SPACES = {"u": "urn:fault.partner.soap.sforce.com", "c": "urn:fault.enterprise.soap.sforce.com", "m": METADATA}
CONTENT_TYPE = "text/xml;charset=UTF-8"

# Which fault type carries which code (Partner WSDL v47, fault namespace; the calls' faults in the SOAP API Developer Guide).
FAULT_TYPES = {
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "MALFORMED_ID": "InvalidIdFault",
    "INVALID_CROSS_REFERENCE_KEY": "InvalidIdFault",
    "INVALID_FIELD": "InvalidFieldFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
}
QUERY_FAULTS = frozenset({"InvalidFieldFault", "InvalidSObjectFault", "MalformedQueryFault"})


@dataclass(frozen=True)
class Endpoint:
    """Where a call came in: u (Partner), c (Enterprise) or m (Metadata), which version, and the server's own URL."""

    kind: str
    version: str
    base: str

    @property
    def space(self) -> str:
        return SPACES[self.kind]


@dataclass(frozen=True)
class Call:
    """One operation. headers are the SOAP headers by local name."""

    endpoint: Endpoint
    operation: str
    space: str
    body: Element
    headers: dict[str, Element] = field(default_factory=dict)

    def header(self, name: str, item: str) -> str | None:
        found = self.headers.get(name)
        return None if found is None else found.value(item)

    @property
    def session_id(self) -> str:
        return (self.header("SessionHeader", "sessionId") or "").strip()


class SoapFault(Exception):
    """A refused call. code without prefix; kind is the WSDL's fault type, empty where the fault has no detail."""

    def __init__(self, code: str, message: str, kind: str = "UnexpectedErrorFault") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.kind = kind


class ClientFault(Exception):
    """A message that the SOAP engine itself refuses, before any operation: soapenv:Client."""


class NoOperation(ClientFault):
    """Nothing answers to that name at that endpoint."""


def opened(endpoint: Endpoint, root: Element) -> Call:
    """The call in an envelope. Raises NoOperation where there is none."""
    body = root.child("Body")
    if root.space != SOAP_ENV or root.name != "Envelope" or body is None or body.space != SOAP_ENV or not body.children:
        raise NoOperation(f"No operation available for request {{{root.space}}}{root.name}")
    asked = body.children[0]
    header = root.child("Header")
    return Call(endpoint, asked.name, asked.space, asked, {item.name: item for item in header.children} if header is not None else {})


def answered(call: Call, results: list[Any], usage: tuple[int, int] | None = None) -> Answer:
    """<operationResponse> with its results (none for an operation that answers nothing). usage: API calls so far and their limit, told in the
    header of the answer."""
    content = children([("result", item) for item in results])
    records = f' xmlns:sf="{RECORDS}"' if call.endpoint.kind == "u" else ""
    name = f"{call.operation}Response"
    inner = f"<{name}>{content}</{name}>" if content else f"<{name}/>"
    header = ""
    if usage is not None:
        info = {"limitInfo": {"current": usage[0], "limit": usage[1], "type": "API REQUESTS"}}
        header = f"<soapenv:Header>{write('LimitInfoHeader', info)}</soapenv:Header>"
    return _enveloped(200, f' xmlns="{call.endpoint.space}"{records}', inner, header)


def faulted(endpoint_kind: str, fault: SoapFault, *, prefix: str = "sf:") -> Answer:
    space = FAULT_SPACES[endpoint_kind]
    content = write("faultcode", prefix + fault.code) + write("faultstring", f"{fault.code}: {fault.message}")
    # The Metadata API's faults have no detail (forcedotcom/postman-salesforce-apis#56).
    if fault.kind and endpoint_kind != "m":
        inner: dict[str, Any] = {"sf:exceptionCode": fault.code, "sf:exceptionMessage": fault.message}
        if fault.kind in QUERY_FAULTS:
            inner.update({"sf:row": -1, "sf:column": -1})
        content += f'<detail><sf:{fault.kind} xsi:type="sf:{fault.kind}">{children(inner.items())}</sf:{fault.kind}></detail>'
    return _enveloped(500, f' xmlns:sf="{space}"', f"<soapenv:Fault>{content}</soapenv:Fault>")


def client_fault(message: str) -> Answer:
    content = write("faultcode", "soapenv:Client") + write("faultstring", message)
    return _enveloped(500, "", f"<soapenv:Fault>{content}</soapenv:Fault>")


def fault_of(error: ApiError) -> SoapFault:
    """An org's refusal as the fault it is in SOAP."""
    return SoapFault(error.code, error.message, FAULT_TYPES.get(error.code, "UnexpectedErrorFault"))


def _enveloped(status: int, spaces: str, inner: str, header: str = "") -> Answer:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP_ENV}"{spaces} xmlns:xsi="{XSI}">'
        f"{header}<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    )
    return Answer(status, text=text, content_type=CONTENT_TYPE)
