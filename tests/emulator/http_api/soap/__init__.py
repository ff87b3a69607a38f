# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP: the Partner API's login and record calls (/services/Soap/u/XX.X), the Metadata API's reads (/services/Soap/m/XX.X)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import evidence as rest_evidence
from emulator.http_api.messages import Answer, Outcome, Request, require_method
from emulator.http_api.soap import evidence, login, markup, metadata_api, partner, tabs
from emulator.http_api.soap.envelope import (
    SPACES,
    Call,
    ClientFault,
    Endpoint,
    NoOperation,
    SoapFault,
    answered,
    client_fault,
    fault_of,
    faulted,
    opened,
)
from emulator.ids import to_18

if TYPE_CHECKING:
    from emulator.http_api.served import Served

Operation = Callable[["Served", str, Call], list[Any]]
"""(served, running user's Id, call) -> the results, in order. Raises ApiError or SoapFault."""

_PATH = re.compile(r"/services/Soap/([ucm])/(\d+\.\d)(?:/(\w{15,18}))?(?:/\w*)?")

_OTHERS = re.compile(r"/services/Soap/(?:T|s|class|package)/")
"""Tooling and Apex over SOAP, and an org's own web services."""

SESSION_OPERATIONS: dict[str, Operation] = {
    "logout": login.logout,
    "getUserInfo": login.get_user_info,
    "getServerTimestamp": login.get_server_timestamp,
}
READS: dict[str, Operation] = {
    "query": partner.query,
    "queryAll": partner.query_all,
    "queryMore": partner.query_more,
    "retrieve": partner.retrieve,
    "describeSObject": partner.describe_sobject,
    "describeSObjects": partner.describe_sobjects,
    "describeGlobal": partner.describe_global,
    "describeTabs": tabs.describe_tabs,
}
WRITES: dict[str, Operation] = {
    "create": partner.create,
    "update": partner.update,
    "upsert": partner.upsert,
    "delete": partner.delete,
    "convertLead": partner.convert_lead,
    "merge": partner.merge,
}
METADATA_READS: dict[str, Operation] = {
    "readMetadata": metadata_api.read_metadata,
    "listMetadata": metadata_api.list_metadata,
    "describeMetadata": metadata_api.describe_metadata,
}

# What the WSDLs name beside these (Partner v47, Metadata v63): known to Salesforce, not to this emulator.
NOT_EMULATED = {
    "u": frozenset(
        "describeDataCategoryGroups describeDataCategoryGroupStructures describeDataCategoryMappings describeKnowledgeSettings describeAppMenu "
        "describeGlobalTheme describeTheme describeLayout describeSoftphoneLayout describeSearchLayouts describeSearchableEntities "
        "describeSearchScopeOrder describeCompactLayouts describePathAssistants describeApprovalLayout describeSoqlListViews executeListView "
        "describeSObjectListViews describeAllTabs describePrimaryCompactLayouts process invalidateSessions getDeleted getUpdated "
        "search setPassword changeOwnPassword resetPassword deleteByExample sendEmailMessage sendEmail renderEmailTemplate "
        "renderStoredEmailTemplate performQuickActions describeQuickActions describeQuickActionsForRecordType describeAvailableQuickActions "
        "retrieveQuickActionTemplates retrieveMassQuickActionTemplates describeVisualForce findDuplicates findDuplicatesByIds describeNouns "
        "undelete emptyRecycleBin".split()
    ),
    "m": frozenset(
        "cancelDeploy checkDeployStatus checkRetrieveStatus createMetadata deleteMetadata deploy deployRecentValidation describeValueType "
        "renameMetadata retrieve updateMetadata upsertMetadata".split()
    ),
}
# An Enterprise client speaks an org's own WSDL: only the calls about the session are the same for every org.
NOT_EMULATED["c"] = NOT_EMULATED["u"] | READS.keys() | WRITES.keys()


def process(served: Served, request: Request, outcome: Outcome) -> None:
    """Fill in the outcome of one SOAP call. Raises ApiError only for what is no SOAP call."""
    outcome.charged, outcome.calls = False, 0
    found = _PATH.fullmatch(request.path)
    if found is None and _OTHERS.match(request.path):
        raise NotEmulated(request.path)
    if found is None:
        raise not_found()
    require_method(request.method, "POST")
    endpoint = Endpoint(found[1], found[2], served.url)
    prefix = "sf:"
    try:
        outcome.answer = _called(served, request, outcome, endpoint, found[3])
    except markup.NotXml as broken:
        code = evidence.setting(served.org, evidence.DOCTYPE) if broken.doctype else "UNKNOWN_EXCEPTION"
        outcome.answer = faulted(endpoint.kind, SoapFault(code, str(broken)), prefix=_early(served))
    except ClientFault as unknown:
        outcome.answer = client_fault(str(unknown))
    except SoapFault as fault:
        if outcome.user is None and fault.kind == "LoginFault":
            prefix = _early(served)
        outcome.answer = faulted(endpoint.kind, fault, prefix=prefix)
    except ApiError as error:
        answer = faulted(endpoint.kind, fault_of(error))
        # A real org has this operation: 501 tells that apart from every answer of an org.
        outcome.answer = answer if error.status != 501 else Answer(501, text=answer.text, content_type=answer.content_type)
        if error.status == 501:
            outcome.charged, outcome.calls = False, 0


def _early(served: Served) -> str:
    """The prefix of a faultcode where no session is known."""
    return "" if evidence.setting(served.org, evidence.LOGIN_FAULTCODE) == "bare" else "sf:"


def _called(served: Served, request: Request, outcome: Outcome, endpoint: Endpoint, org_id: str | None) -> Answer:
    call = opened(endpoint, markup.read(request.body))
    outcome.body = {"operation": call.operation}
    _require_destination(served, endpoint, org_id)
    if call.space != SPACES[endpoint.kind]:
        raise NoOperation(f"No operation available for request {{{call.space}}}{call.operation}")
    if call.operation == "login" and endpoint.kind != "m":
        outcome.kind, outcome.calls = "login", 1
        result, outcome.user = login.login(served, call, request.peer)
        return answered(call, [result])
    operation = _operation(call, outcome)
    outcome.user = _user(served, call, outcome)
    outcome.charged, outcome.calls = True, 1
    _require_api(served, outcome)
    results = operation(served, outcome.user, call)
    usage = (served.journal.usage + outcome.calls, served.org.settings.api_limit) if endpoint.kind != "m" else None
    return answered(call, results, usage)


def _operation(call: Call, outcome: Outcome) -> Operation:
    kind, name = call.endpoint.kind, call.operation
    if name in SESSION_OPERATIONS and kind != "m":
        outcome.kind = "read"  # logout ends a session, no record changes
        return SESSION_OPERATIONS[name]
    reads, writes = {"u": (READS, WRITES), "m": (METADATA_READS, {}), "c": ({}, {})}[kind]
    if name in reads:
        outcome.kind = "read"
        return reads[name]
    if name in writes:
        outcome.kind = "write"
        return writes[name]
    if name in NOT_EMULATED[kind]:
        raise NotEmulated(f"the SOAP operation {name} at /services/Soap/{kind}")
    raise NoOperation(f"No operation available for request {{{call.space}}}{name}")


def _require_destination(served: Served, endpoint: Endpoint, org_id: str | None) -> None:
    if endpoint.version not in served.org.settings.api_versions:
        raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    elsewhere = org_id is not None and to_18(org_id) != to_18(served.org.id)
    if elsewhere and evidence.setting(served.org, evidence.DESTINATION) == "refused":
        message = "Destination URL not reset. The URL returned from login must be set in the SforceService"
        raise SoapFault("UNKNOWN_EXCEPTION", message)


def _user(served: Served, call: Call, outcome: Outcome) -> str:
    """The running user's Id. Raises SoapFault for a missing, strange or dead session."""
    user = served.sessions.user_of(call.session_id) if call.session_id else None
    record = served.org.get("User", user) if user is not None else None
    if user is not None and record is not None and record.get("IsActive"):
        return user
    if rest_evidence.setting(served.org, rest_evidence.SESSION_PRICE) != "free":
        outcome.charged, outcome.calls = True, 1
    raise SoapFault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")


def _require_api(served: Served, outcome: Outcome) -> None:
    if "ApiEnabled" not in served.org.permissions_of(outcome.user or ""):
        raise ApiError(403, "API_DISABLED_FOR_ORG", "API is not enabled for this organization or user type", None)
    if served.journal.usage >= served.org.settings.api_limit:
        outcome.charged, outcome.calls = False, 0
        raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", None)
