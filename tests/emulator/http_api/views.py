# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user interface asks for: list views, query plans, layouts, recently viewed records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import evidence
from emulator.http_api.messages import Answer, require_method
from emulator.http_api.versions import require_version
from emulator.ids import is_shaped_like_id
from emulator.list_views import ListView, described_columns, presented
from emulator.rules.registry import Grade, rule

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served

GUIDE = "REST API Developer Guide"
RECENT_LIMIT = 200

APPROVAL_LAYOUTS = rule(
    "approval_layouts",
    says="an object without approval processes answers {approvalLayouts: []}; no object of an emulated org has one",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Get Approval Layouts",
)
EXPLAIN = rule(
    "query_plans",
    says="query?explain= of a query or the Id of a list view: {plans: [{cardinality, fields, leadingOperationType, notes, relativeCost, "
    "sobjectCardinality, sobjectType}]}; here one plan, which scans the table; an Id that is no list view's: INVALID_ID",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Query Performance Feedback; Get Feedback on Query Performance",
)
RECENT = rule(
    "recently_viewed",
    says="/recent and recentItems show what was marked by FOR VIEW or FOR REFERENCE, the latest first, 200 at most; one list for all users "
    "here, and records without these dates are never in it",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Recently Viewed Items",
)


def list_views(served: Served, user: str, ask: Ask) -> Answer:
    """/sobjects/<sObject>/listviews and below."""
    require_version(ask.version, 32)
    require_method(ask.method, "GET")
    views = served.org.list_views(user, ask.parts[1], ask.version)
    if len(ask.parts) == 3:
        return Answer(200, _listed(ask, views))
    view = next((one for one in views if ask.parts[3][:15] == one.id[:15]), None)
    if view is None:
        raise not_found()
    if ask.parts[4:] == ("describe",):
        return Answer(200, _described(view))
    if ask.parts[4:] == ("results",):
        return Answer(200, _results(served, user, ask, view))
    raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")


def _listed(ask: Ask, views: list[ListView]) -> dict[str, Any]:
    base = f"/services/data/v{ask.version}/sobjects"
    shown = [
        {
            "describeUrl": f"{base}/{view.sobject.name}/listviews/{view.id}/describe",
            "developerName": view.developer_name,
            "id": view.id,
            "label": view.label,
            "resultsUrl": f"{base}/{view.sobject.name}/listviews/{view.id}/results",
            "soqlCompatible": True,
            "url": f"{base}/{view.sobject.name}/listviews/{view.id}",
        }
        for view in views
    ]
    return {"done": True, "listviews": shown, "nextRecordsUrl": None, "size": len(shown), "sobjectType": views[0].sobject.name}


def _described(view: ListView) -> dict[str, Any]:
    return {
        "columns": described_columns(view),
        "id": view.id[:15],
        "orderBy": [{"fieldNameOrPath": name, "nullsPosition": "first", "sortDirection": "ascending"} for name in view.order],
        "query": view.query,
        "scope": None,
        "sobjectType": view.sobject.name,
        "whereCondition": None,
    }


def _results(served: Served, user: str, ask: Ask, view: ListView) -> dict[str, Any]:
    limit, offset = _number(ask, "limit", 25, 2000), _number(ask, "offset", 0, 2000)
    found = served.org.query(user, f"{view.query} LIMIT {limit} OFFSET {offset}", ask.version)["records"]
    total = served.org.query(user, f"SELECT COUNT() FROM {view.sobject.name}", ask.version)["totalSize"]
    fields = (*view.columns, *view.hidden)
    records = [{"columns": [{"fieldNameOrPath": item.name, "value": presented(item, row[item.name])} for item in fields]} for row in found]
    return {
        "columns": described_columns(view),
        "developerName": view.developer_name,
        "done": offset + len(found) >= total,
        "id": view.id[:15],
        "label": view.label,
        "records": records,
        "size": len(records),
    }


def _number(ask: Ask, name: str, default: int, most: int) -> int:
    text = ask.query.get(name, str(default))
    if not text.isdigit() or int(text) > most or (name == "limit" and int(text) == 0):
        raise NotEmulated(f"list view results with {name}={text}")
    return int(text)


def explain(served: Served, user: str, ask: Ask) -> Answer:
    """/query?explain=."""
    text = ask.query["explain"]
    if is_shaped_like_id(text):
        text = _view_of(served, user, text, ask.version).query
    name, cardinality = served.org.size_of_result(user, text, ask.version)
    cost = 1.5 if evidence.setting(served.org, evidence.RELATIVE_COST) == "not_selective" else 0.5
    note = {"description": "Not considering filter for optimization because unindexed", "fields": ["IsDeleted"], "tableEnumOrId": name}
    plan: dict[str, Any] = {
        "cardinality": cardinality,
        "fields": [],
        "leadingOperationType": "TableScan",
        "relativeCost": cost,
        "sobjectCardinality": served.org.store.count(name),
        "sobjectType": name,
    }
    if float(ask.version) >= 33:
        plan["notes"] = [note]
    return Answer(200, {"plans": [plan]})


def _view_of(served: Served, user: str, view_id: str, version: str) -> ListView:
    found = served.org.list_view(user, view_id, version)
    if found is None:
        raise ApiError(400, "INVALID_ID", f"{view_id} is no list view", None)
    return found


def layouts(served: Served, user: str, ask: Ask) -> Answer:
    """/sobjects/<sObject>/describe/..."""
    require_method(ask.method, "GET")
    org, name, kind, rest = served.org, ask.parts[1], ask.parts[3], ask.parts[4:]
    org.visible(user, name, ask.version)
    if kind == "approvalLayouts" and not rest:
        return Answer(200, {"approvalLayouts": []})
    if kind == "layouts" and not rest:
        return Answer(200, org.layouts(user, name, ask.version))
    if kind == "namedLayouts" and len(rest) == 1:
        return Answer(200, org.layouts(user, name, ask.version, rest[0]))
    if kind == "compactLayouts" and not rest:
        return Answer(200, org.compact_layouts(user, name, ask.version))
    raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")


def recent(served: Served, user: str, ask: Ask) -> Answer:
    """/recent."""
    require_method(ask.method, "GET")
    if len(ask.parts) > 1:
        raise not_found()
    text = ask.query.get("limit", str(RECENT_LIMIT))
    if not text.isdigit():
        raise NotEmulated(f"/recent with limit={text}")
    return Answer(200, served.org.recently_viewed(user, ask.version, min(int(text), RECENT_LIMIT)))
