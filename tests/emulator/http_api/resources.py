# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources under /services/data/vXX.X, the same for a request of its own and for a subrequest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import collections_api, jobs, limits, rows, tooling, tree, views
from emulator.http_api.messages import Answer, batch_size, require_method
from emulator.rules.registry import Grade, rule
from emulator.soql import columns

if TYPE_CHECKING:
    from emulator.http_api.served import Served

# Resources that real orgs have and this emulator does not: 501. Anything else is unknown to Salesforce too: 404.
NOT_EMULATED = frozenset(
    "actions analytics apexrest appMenu async-queries chatter commerce compactLayouts connect consent domino dedupe einstein event "
    "eventSchema folders fieldservice iot jsonxform knowledgeManagement licensing localizedvalue metadata nouns parameterizedSearch "
    "payments prechatForms process quickActions recordView search scheduling serviceTemplates sfiqEmail smartdatadiscovery "
    "support tabs theme ui-api wave asset-management".split()
)
SOBJECT_SUBRESOURCES = frozenset({"quickActions", "sampleOrgData"})
OVERRIDES = ("GET", "HEAD", "PATCH", "PUT", "DELETE")

METHOD_OVERRIDE = rule(
    "method_override",
    says="POST with ?_HttpMethod=PATCH is a PATCH",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, Update a Record",
)


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
    ask = _overridden(ask)
    if not ask.parts:
        require_method(ask.method, "GET")
        return Answer(200, resources(served, user, ask.version))
    head = ask.parts[0]
    if head == "sobjects":
        return _sobjects(served, user, ask)
    if head in ("query", "queryAll"):
        return _query(served, user, ask, include_deleted=head == "queryAll")
    if head == "limits":
        return limits.answer(served, user, ask)
    if ask.parts[:2] == ("composite", "sobjects"):
        return collections_api.answer(served, user, ask)
    if ask.parts[:2] == ("composite", "tree"):
        return tree.answer(served, user, ask)
    if head == "tooling":
        return tooling.answer(served, user, ask)
    if head == "jobs":
        return jobs.answer(served, user, ask)
    if head == "recent":
        return views.recent(served, user, ask)
    if head in NOT_EMULATED or head == "composite":
        raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")
    raise not_found()


def _overridden(ask: Ask) -> Ask:
    """The request with the method that _HttpMethod puts in the place of POST."""
    method = ask.query.get("_HttpMethod")
    if method is None:
        return ask
    if ask.method != "POST" or method not in OVERRIDES:
        raise NotEmulated(f"_HttpMethod={method} with {ask.method}")
    return replace(ask, method=method, query={name: value for name, value in ask.query.items() if name != "_HttpMethod"})


def resources(served: Served, user: str, version: str) -> dict[str, str]:
    """The version resource: what can be asked here, and the identity URL."""
    base = f"/services/data/v{version}"
    listed = {name: f"{base}/{name}" for name in ("composite", "jobs", "limits", "query", "queryAll", "recent", "sobjects")}
    return {**listed, "identity": f"{served.url}/id/{served.org.id}/{user}"}


def _sobjects(served: Served, user: str, ask: Ask) -> Answer:
    org, parts = served.org, ask.parts
    if len(parts) == 1:
        require_method(ask.method, "GET")
        return _described(served, ask, lambda: org.describe_global(user, ask.version))
    name = parts[1]
    if len(parts) == 2:
        return _sobject(served, user, ask, name)
    if len(parts) == 3 and parts[2] == "describe":
        require_method(ask.method, "GET")
        return _described(served, ask, lambda: org.describe(user, name, ask.version))
    if parts[2] in ("deleted", "updated") and len(parts) == 3:
        return _changes(served, user, ask)
    if parts[2] == "listviews":
        return views.list_views(served, user, ask)
    if parts[2] == "describe":
        return views.layouts(served, user, ask)
    if parts[2] in SOBJECT_SUBRESOURCES:
        raise NotEmulated(f"the resource /{'/'.join(parts)}")
    return rows.answer(served, user, ask)


def _described(served: Served, ask: Ask, describe: Callable[[], dict[str, Any]]) -> Answer:
    rows.refuse_conditions(ask)
    shown = describe()
    return rows.unmodified(ask, served.org.schema_changed) or Answer(200, shown)


def _changes(served: Served, user: str, ask: Ask) -> Answer:
    require_method(ask.method, "GET")
    name, kind = ask.parts[1:]
    served.org.visible(user, name, ask.version)
    start, end = ask.query.get("start"), ask.query.get("end")
    if start is None or end is None:
        raise NotEmulated(f"the resource /{'/'.join(ask.parts)} without a start and an end")
    ask_org = served.org.deleted if kind == "deleted" else served.org.updated
    return Answer(200, ask_org(user, name, start, end, ask.version))


def _sobject(served: Served, user: str, ask: Ask, name: str) -> Answer:
    org = served.org
    if ask.method == "POST":
        made = org.create(user, name, rows.record_values(ask.body()))
        location = f"/services/data/v{ask.version}/sobjects/{canonical(served, name)}/{made}"
        return Answer(201, {"id": made, "success": True, "errors": []}, {"Location": location})
    require_method(ask.method, "GET", "POST")
    described = org.describe_global(user, ask.version)
    wanted = name.lower()
    for summary in described["sobjects"]:
        if summary["name"].lower() == wanted:
            items = org.recently_viewed(user, ask.version, views.RECENT_LIMIT, summary["name"])
            return Answer(200, {"objectDescribe": summary, "recentItems": items})
    raise not_found()


def canonical(served: Served, name: str) -> str:
    known = served.org.schema.sobject(name)
    return known.name if known is not None else name


def _query(served: Served, user: str, ask: Ask, *, include_deleted: bool) -> Answer:
    require_method(ask.method, "GET")
    org = served.org
    if len(ask.parts) == 2:
        return Answer(200, org.query_more(user, ask.parts[1], ask.version))
    if len(ask.parts) > 2:
        raise not_found()
    if "explain" in ask.query:
        return views.explain(served, user, ask)
    if "q" not in ask.query:
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified", None)
    if ask.query.get("columns", "").lower() == "true":
        return Answer(200, columns(org, user, ask.query["q"], ask.version))
    page_size = batch_size(ask.headers.get("sforce-query-options"))
    return Answer(200, org.query(user, ask.query["q"], ask.version, include_deleted=include_deleted, page_size=page_size))


def encoded(value: str) -> str:
    """A value as it stands in a URL."""
    return quote(value, safe="")
