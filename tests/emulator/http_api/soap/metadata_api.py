# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Metadata API's reads over SOAP: readMetadata, listMetadata, describeMetadata. What the components hold is the org's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator import metadata
from emulator.errors import ApiError
from emulator.http_api.soap.envelope import Call, ClientFault
from emulator.http_api.soap.markup import Node
from emulator.rules.registry import holds

if TYPE_CHECKING:
    from emulator.http_api.served import Served

LIST_LIMIT = 3


def read_metadata(served: Served, user: str, call: Call) -> list[Any]:
    metadata.require_rights(served.org, user)
    kind = (call.body.value("type") or "").strip()
    names = [item.text for item in call.body.all("fullNames")]
    found = metadata.read(served.org, user, kind, names, call.endpoint.version)
    missing = None if served.org.switches["metadata_unknown_name"] == "nil" else Node({"xsi:type": kind}, {})
    records = [missing if one is None else Node({"xsi:type": kind}, one) for one in found]
    return [{"records": records}] if records else [{}]


def list_metadata(served: Served, user: str, call: Call) -> list[Any]:
    metadata.require_rights(served.org, user)
    queries = list(call.body.all("queries"))
    if len(queries) > LIST_LIMIT and holds("metadata_list_limit"):
        message = f"record limit reached. cannot submit more than {LIST_LIMIT} records in this operation"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message, None)
    return [one for query in queries for one in metadata.listed(served.org, (query.value("type") or "").strip())]


def describe_metadata(served: Served, user: str, call: Call) -> list[Any]:
    """The types that can be read here; a real org names hundreds."""
    metadata.require_rights(served.org, user)
    asked = (call.body.value("asOfVersion") or "").strip()
    if not asked.replace(".", "", 1).isdigit():
        raise ClientFault(f"'{asked}' is not a valid value for the type xsd:double")
    organization = next(iter(served.org.find("Organization")), {})
    types = [
        {"directoryName": kind.directory, "inFolder": False, "metaFile": False, "suffix": kind.suffix, "xmlName": kind.name}
        for kind in metadata.TYPES.values()
        if served.org.schema.sobject(kind.sobject) is not None
    ]
    return [
        {
            "metadataObjects": types,
            "organizationNamespace": organization.get("NamespacePrefix") or "",
            "partialSaveAllowed": True,
            "testRequired": not served.is_sandbox,
        }
    ]
