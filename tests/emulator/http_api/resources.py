# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources under /services/data/vXX.X, the same for a request of its own and for a subrequest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulator.errors import ApiError, NotEmulated
from emulator.http_api import collections_api, jobs, tooling, tree
from emulator.http_api.messages import Answer, json_object, not_allowed, not_found, require_method

if TYPE_CHECKING:
    from emulator.http_api.served import Served

# Resources that real orgs have and this emulator does not: 501. Anything else is unknown to Salesforce too: 404.
NOT_EMULATED = frozenset(
    "actions analytics apexrest appMenu async-queries chatter commerce compactLayouts connect consent domino dedupe einstein event "
    "eventSchema folders fieldservice iot jsonxform knowledgeManagement licensing localizedvalue metadata nouns parameterizedSearch "
    "payments prechatForms process quickActions recent recordView search scheduling serviceTemplates sfiqEmail smartdatadiscovery "
    "support tabs theme ui-api wave asset-management".split()
)
SOBJECT_SUBRESOURCES = frozenset({"deleted", "updated", "listviews", "layouts", "quickActions", "namedLayouts", "sampleOrgData"})
ROW = "HEAD,GET,PATCH,DELETE"


@dataclass(frozen=True)
class Ask:
    """One request for a resource. parts are the decoded path segments after the version; body parses on demand."""

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    version: str
    body: Callable[[], Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    """The body as sent, for resources that do not speak JSON (CSV uploads)."""


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """The resource's answer. Raises ApiError for a refusal."""
    if "_HttpMethod" in ask.query:
        raise NotEmulated("overriding the method by _HttpMethod")
    if not ask.parts:
        require_method(ask.method, "GET")
        return Answer(200, resources(served, user, ask.version))
    head = ask.parts[0]
    if head == "sobjects":
        return _sobjects(served, user, ask)
    if head in ("query", "queryAll"):
        return _query(served, user, ask, include_deleted=head == "queryAll")
    if head == "limits":
        return _limits(served, user, ask)
    if ask.parts[:2] == ("composite", "sobjects"):
        return collections_api.answer(served, user, ask)
    if ask.parts[:2] == ("composite", "tree"):
        return tree.answer(served, user, ask)
    if head == "tooling":
        return tooling.answer(served, user, ask)
    if head == "jobs":
        return jobs.answer(served, user, ask)
    if head in NOT_EMULATED or head == "composite":
        raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")
    raise not_found()


def resources(served: Served, user: str, version: str) -> dict[str, str]:
    """The version resource: what can be asked here, and the identity URL."""
    base = f"/services/data/v{version}"
    listed = {name: f"{base}/{name}" for name in ("composite", "limits", "query", "queryAll", "sobjects")}
    return {**listed, "identity": f"{served.url}/id/{served.org.id}/{user}"}


def _sobjects(served: Served, user: str, ask: Ask) -> Answer:
    org, parts = served.org, ask.parts
    if len(parts) == 1:
        require_method(ask.method, "GET")
        return Answer(200, org.describe_global(user, ask.version))
    name = parts[1]
    if len(parts) == 2:
        return _sobject(served, user, ask, name)
    if len(parts) == 3 and parts[2] == "describe":
        require_method(ask.method, "GET")
        return Answer(200, org.describe(user, name, ask.version))
    if parts[2] == "describe" or parts[2] in SOBJECT_SUBRESOURCES:
        raise NotEmulated(f"the resource /{'/'.join(parts)}")
    if len(parts) == 3:
        return _row(served, user, ask, name, parts[2])
    if len(parts) == 4 and org.schema.sobject(name) is not None:
        raise NotEmulated(f"records by external Id or relationship (/{'/'.join(parts)})")
    raise not_found()


def _sobject(served: Served, user: str, ask: Ask, name: str) -> Answer:
    org = served.org
    if ask.method == "POST":
        made = org.create(user, name, record_values(ask.body()))
        location = f"/services/data/v{ask.version}/sobjects/{canonical(served, name)}/{made}"
        return Answer(201, {"id": made, "success": True, "errors": []}, {"Location": location})
    require_method(ask.method, "GET", "POST")
    described = org.describe_global(user, ask.version)
    wanted = name.lower()
    for summary in described["sobjects"]:
        if summary["name"].lower() == wanted:
            return Answer(200, {"objectDescribe": summary, "recentItems": []})
    raise not_found()


def _row(served: Served, user: str, ask: Ask, name: str, record_id: str) -> Answer:
    org = served.org
    if ask.method in ("GET", "HEAD"):
        return Answer(200, org.retrieve(user, name, record_id, _field_list(ask.query.get("fields")), ask.version))
    if ask.method == "PATCH":
        org.update(user, name, record_id, record_values(ask.body()))
        return Answer(204)
    if ask.method == "DELETE":
        org.delete(user, name, record_id)
        return Answer(204)
    raise not_allowed(ask.method, ROW)


def record_values(body: Any) -> dict[str, Any]:
    """A record's fields, without the attributes that clients send along."""
    return {name: value for name, value in json_object(body).items() if name != "attributes"}


def canonical(served: Served, name: str) -> str:
    known = served.org.schema.sobject(name)
    return known.name if known is not None else name


def _field_list(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [name.strip() for name in text.split(",") if name.strip()]


def _query(served: Served, user: str, ask: Ask, *, include_deleted: bool) -> Answer:
    require_method(ask.method, "GET")
    org = served.org
    if len(ask.parts) == 2:
        return Answer(200, org.query_more(user, ask.parts[1], ask.version))
    if len(ask.parts) > 2:
        raise not_found()
    for option in ("explain", "columns"):
        if option in ask.query:
            raise NotEmulated(f"query with {option}=")
    if "q" not in ask.query:
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified", None)
    page_size = _batch_size(ask.headers.get("sforce-query-options"))
    return Answer(200, org.query(user, ask.query["q"], ask.version, include_deleted=include_deleted, page_size=page_size))


def _batch_size(header: str | None) -> int | None:
    """batchSize of Sforce-Query-Options (200 to 2,000, a hint)."""
    if header is None:
        return None
    found = re.fullmatch(r"\s*batchSize\s*=\s*(\d+)\s*", header, re.IGNORECASE)
    if found is None or not 200 <= int(found[1]) <= 2000:
        raise NotEmulated(f"Sforce-Query-Options: {header}")
    return int(found[1])


def _limits(served: Served, user: str, ask: Ask) -> Answer:
    require_method(ask.method, "GET")
    if len(ask.parts) > 1:
        raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")
    if "ViewSetup" not in served.org.permissions_of(user):
        raise ApiError(403, "INSUFFICIENT_ACCESS", "You don't have the View Setup and Configuration permission", None)
    limit, used = served.org.settings.api_limit, served.journal.usage + 1  # this call counts too
    return Answer(200, {"DailyApiRequests": {"Max": limit, "Remaining": max(0, limit - used)}})


def encoded(value: str) -> str:
    """A value as it stands in a URL."""
    return quote(value, safe="")
