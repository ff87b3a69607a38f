# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under /emulator: for tests and for people who try things. No part of Salesforce, never counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator import faults
from emulator.http_api.messages import Answer, Request
from emulator.rules.registry import switches

if TYPE_CHECKING:
    from emulator.http_api.served import Served

HERE = {
    "GET /emulator": "this page",
    "POST /emulator/reset": "the org as seeded; sessions, faults, journal and usage gone",
    "POST /emulator/faults": '{"action": status|drop_before|drop_after|delay|expire_sessions|login_error|lock|refuse, "match_method", '
    '"match_path", "match_body", "times", … the action\'s own options}',
    "GET /emulator/faults": "the faults that can still strike",
    "DELETE /emulator/faults": "disarm all",
    "POST /emulator/settings": '{"page_size", "api_limit", "latency_ms", "switches": {name: setting}}',
    "GET /emulator/settings": "the same, as it stands, with every switch's possible settings",
    "GET /emulator/journal": "what was asked (?since=seq)",
    "DELETE /emulator/journal": "forget it",
    "POST /emulator/drift": '{"op": insert|update|delete, "sobject", "id" or "where", "fields"}: a change by hand, past all rules',
    "POST /emulator/expire-sessions": "every token is worthless",
}


class _BadRequestError(Exception):
    """A control request that cannot be carried out: HTTP 400 with the reason."""


def answer(served: Served, request: Request) -> Answer:
    """Raises nothing: mistakes are answered with 400 or 404 and a reason."""
    routes: dict[tuple[str, str], Callable[[Served, Request], Any]] = {
        ("GET", "/emulator"): _about,
        ("POST", "/emulator/reset"): _reset,
        ("GET", "/emulator/faults"): _faults,
        ("POST", "/emulator/faults"): _add_fault,
        ("DELETE", "/emulator/faults"): _clear_faults,
        ("GET", "/emulator/settings"): _settings,
        ("POST", "/emulator/settings"): _change_settings,
        ("GET", "/emulator/journal"): _journal,
        ("DELETE", "/emulator/journal"): _clear_journal,
        ("POST", "/emulator/drift"): _drift,
        ("POST", "/emulator/expire-sessions"): _expire_sessions,
    }
    route = routes.get((request.method, request.path))
    if route is None:
        return Answer(404, {"error": f"no {request.method} {request.path} here", "here": HERE})
    try:
        return Answer(200, route(served, request))
    except _BadRequestError as bad:
        return Answer(400, {"error": str(bad)})


def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as broken:
        raise _BadRequestError(f"not JSON: {broken}") from broken
    if not isinstance(body, dict):
        raise _BadRequestError("a JSON object is wanted")
    return body


def _about(served: Served, request: Request) -> dict[str, Any]:
    return {"emulator": "an emulated Salesforce org, not Salesforce", "org": served.name, "id": served.org.id, "here": HERE}


def _reset(served: Served, request: Request) -> dict[str, Any]:
    try:
        served.reset()
    except LookupError as missing:
        raise _BadRequestError(str(missing.args[0])) from missing
    return {"org": served.name, "id": served.org.id}


def _faults(served: Served, request: Request) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "action": type(fault.action).__name__,
            "method": fault.match_method,
            "path": fault.match_path,
            "times": fault.times,
        }
        for number, fault in served.faults.active().items()
    ]


def _add_fault(served: Served, request: Request) -> dict[str, int]:
    try:
        return {"number": served.faults.add(faults.from_json(_json(request)))}
    except ValueError as unknown:
        raise _BadRequestError(str(unknown)) from unknown


def _clear_faults(served: Served, request: Request) -> dict[str, Any]:
    served.faults.clear()
    return {}


def _settings(served: Served, request: Request) -> dict[str, Any]:
    known = switches()
    return {
        "page_size": served.org.settings.page_size,
        "api_limit": served.org.settings.api_limit,
        "latency_ms": served.latency_ms,
        "switches": {name: served.org.switches.get(name, known[name].default) for name in sorted(known)},
        "possible": {name: list(known[name].settings) for name in sorted(known)},
    }


def _change_settings(served: Served, request: Request) -> dict[str, Any]:
    wanted = _json(request)
    chosen = wanted.pop("switches", {})
    known = switches()
    for name, value in chosen.items():
        if name not in known or value not in known[name].settings:
            raise _BadRequestError(f"no switch {name!r} with a setting {value!r}")
    for name, value in wanted.items():
        if name not in ("page_size", "api_limit", "latency_ms") or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _BadRequestError(f"no setting {name!r} of that kind")
    served.org.switches.update(chosen)
    if "page_size" in wanted:
        served.org.settings.page_size = int(wanted["page_size"])
    if "api_limit" in wanted:
        served.org.settings.api_limit = int(wanted["api_limit"])
    served.latency_ms = float(wanted.get("latency_ms", served.latency_ms))
    return _settings(served, request)


def _journal(served: Served, request: Request) -> dict[str, Any]:
    since = request.query.get("since", "0")
    if not since.isdigit():
        raise _BadRequestError("since must be a number")
    entries = served.journal.since(int(since))
    return {
        "usage": served.journal.usage,
        "calls": sum(entry.calls for entry in entries),
        "entries": [entry.as_json() for entry in entries],
    }


def _clear_journal(served: Served, request: Request) -> dict[str, Any]:
    served.journal.clear()
    return {}


def _drift(served: Served, request: Request) -> dict[str, Any]:
    """A change by hand in Setup: raw, by nobody the journal knows."""
    wanted = _json(request)
    op, name = wanted.get("op"), wanted.get("sobject")
    fields, where = wanted.get("fields", {}), wanted.get("where", {})
    sobject = served.org.schema.sobject(name) if isinstance(name, str) else None
    if op not in ("insert", "update", "delete") or sobject is None or not isinstance(fields, dict) or not isinstance(where, dict):
        raise _BadRequestError("op (insert, update, delete), a known sobject and an object of fields are wanted")
    unknown = [key for key in (*fields, *where) if sobject.field(key) is None]
    if unknown:
        raise _BadRequestError(f"{sobject.name} has no field {', '.join(unknown)}")
    if op == "insert":
        return {"ids": [served.org.put(sobject.name, **fields)]}
    if "id" not in wanted and not where:
        raise _BadRequestError("id or where is wanted")
    found = [str(row["Id"]) for row in served.org.find(sobject.name, **where)] if where else [str(wanted["id"])]
    if not where and served.org.get(sobject.name, found[0]) is None:
        raise _BadRequestError(f"no {sobject.name} {found[0]}")
    for record_id in found:
        if op == "update":
            served.org.set(sobject.name, record_id, **fields)
        else:
            served.org.remove(sobject.name, record_id)
    return {"ids": found}


def _expire_sessions(served: Served, request: Request) -> dict[str, int]:
    return {"expired": served.sessions.expire_all()}
