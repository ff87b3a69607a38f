# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under /emulator: for tests and for people who try things. No part of Salesforce, never counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from emulator import faults, metadata, snapshots
from emulator.clock import clock_of
from emulator.http_api import passwords
from emulator.http_api.messages import Answer, Request
from emulator.rules.registry import switches
from emulator.stamps import read_stamp, stamp

if TYPE_CHECKING:
    from emulator.http_api.served import Served
    from emulator.model import SObject

HERE = {
    "GET /emulator": "this page",
    "POST /emulator/reset": "the org as seeded; sessions, faults, snapshots, journal and usage gone",
    "POST /emulator/seed": "another org in this one's place: the body is a seed file (YAML) with one org; reset then leads back to that one",
    "GET /emulator/snapshots": "their names",
    "POST /emulator/snapshots": '{"name"}: put the org\'s state aside (records, switches, settings, how the clock is set)',
    "POST /emulator/snapshots/NAME": "bring that state back; sessions, faults, journal and usage stay as they are",
    "DELETE /emulator/snapshots/NAME": "forget it",
    "GET /emulator/clock": "what time it is in the org",
    "POST /emulator/clock": '{"at": ISO 8601 time} or {"advance_seconds": number}, {"stands": true|false}',
    "POST /emulator/faults": '{"action": one of the actions below with its options, "match_method", "match_path", "match_body", "skip", "times"}',
    "GET /emulator/faults": "the faults that can still strike, and how often each does",
    "DELETE /emulator/faults": "disarm all",
    "DELETE /emulator/faults/NUMBER": "disarm that one",
    "POST /emulator/settings": '{"page_size", "api_limit", "latency_ms", "switches": {name: setting}}',
    "GET /emulator/settings": "the same, as it stands, with every switch's possible settings",
    "GET /emulator/app": "the connected app's settings, without its secret",
    "POST /emulator/app": '{"policy", "scope", "password_flow", "client_credentials", "run_as", "callback_urls", "approve", "require_secret", '
    '"require_pkce", "rotate_refresh_tokens"}',
    "POST /emulator/passwords": '{"username", "password", "security_token"}: how that user logs in',
    "POST /emulator/profile-conditions": '{"profile": its name, "login_hours": {"mondayStart": minutes ...}, "login_ip_ranges": [{"startAddress", '
    '"endAddress"}]}: what only the Metadata and Tooling APIs show; replaces what was there',
    "GET /emulator/vendors": "the telephony vendors, what they declare, whom they do not take, and what they were told of users",
    "POST /emulator/vendors": '{"contact_center": internal name, "syncs_users": true|false, "named_credential": true|false, "refuses": [usernames, or "*"]}: '
    "what the vendor of that center declares from now on",
    "GET /emulator/journal": "what was asked (?since=seq), the API calls and the logins it cost",
    "DELETE /emulator/journal": "forget it",
    "POST /emulator/drift": '{"op": insert|update|delete, "sobject", "id" or "where", "fields", "as": username, "at": time}: a change by hand, '
    "past all rules, that the Setup Audit Trail tells of as far as is known how; by the administrator where as is left out",
    "POST /emulator/audit": '{"action", "display", "section", "delegate", "as": username, "at": time}: a row of the Setup Audit Trail, whatever it says',
    "POST /emulator/run-policy": '{"policy": DeveloperName, "users": [usernames]}: a user access policy grants and revokes what it says',
    "POST /emulator/expire-sessions": "every access token is worthless",
}


class _BadRequestError(Exception):
    """A control request that cannot be carried out: HTTP 400 with the reason."""


def answer(served: Served, request: Request) -> Answer:
    """Raises nothing: mistakes are answered with 400 or 404 and a reason."""
    route = ROUTES.get((request.method, request.path))
    head, _unused, last = request.path.rpartition("/")
    named = NAMED_ROUTES.get((request.method, head))
    try:
        if route is not None:
            return Answer(200, route(served, request))
        if named is not None:
            return Answer(200, named(served, last))
        return Answer(404, {"error": f"no {request.method} {request.path} here", "here": HERE})
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
    org = served.org
    return {
        "emulator": "an emulated Salesforce org, not Salesforce",
        "org": served.name,
        "id": org.id,
        "sandbox": served.is_sandbox,
        "urls": [url for url in (served.home, served.plain_home) if url],
        "my_domain": served.my_domain,
        "client_id": served.client.client_id,
        "here": HERE,
        "actions": {name: faults.options_of(name) for name in sorted(faults.ACTIONS)},
        "now": {
            "time": stamp(org.clock()),
            "usage": served.journal.usage,
            "logins": served.journal.logins,
            "faults": len(served.faults.active()),
            "snapshots": sorted(served.snapshots),
            "changed_switches": {
                name: org.switches[name] for name, one in sorted(switches().items()) if org.switches.get(name, one.default) != one.default
            },
        },
    }


def _reset(served: Served, request: Request) -> dict[str, Any]:
    try:
        served.reset()
    except LookupError as missing:
        raise _BadRequestError(str(missing.args[0])) from missing
    return {"org": served.name, "id": served.org.id}


def _seed(served: Served, request: Request) -> dict[str, Any]:
    from emulator.seed.from_file import SeedError, read  # the seeds import the HTTP side's switches

    try:
        planted = read(request.body.decode("utf-8"), "the body")
    except UnicodeDecodeError as broken:
        raise _BadRequestError(f"not UTF-8: {broken.reason}") from broken
    except SeedError as wrong:
        raise _BadRequestError(str(wrong)) from wrong
    if len(planted) != 1:
        raise _BadRequestError(f"one org is wanted, not {len(planted)}")
    one = next(iter(planted.values()))
    try:
        one.build()
    except SeedError as wrong:
        raise _BadRequestError(str(wrong)) from wrong
    served.prepare = one.prepare
    served.become(one.build)
    return {"org": served.name, "id": served.org.id}


def _snapshots(served: Served, request: Request) -> list[dict[str, str]]:
    return [{"name": name, "taken": stamp(one.taken)} for name, one in sorted(served.snapshots.items())]


def _take_snapshot(served: Served, request: Request) -> dict[str, str]:
    name = _json(request).get("name")
    if not isinstance(name, str) or not name or "/" in name:
        raise _BadRequestError("a name without slashes is wanted")
    served.snapshots[name] = snapshots.take(served.org)
    return {"name": name}


def _restore_snapshot(served: Served, name: str) -> dict[str, str]:
    snapshots.restore(served.org, _snapshot(served, name))
    return {"name": name}


def _drop_snapshot(served: Served, name: str) -> dict[str, str]:
    _snapshot(served, name)
    del served.snapshots[name]
    return {"name": name}


def _snapshot(served: Served, name: str) -> snapshots.Snapshot:
    if name not in served.snapshots:
        raise _BadRequestError(f"no snapshot {name!r}; there are {', '.join(sorted(served.snapshots)) or 'none'}")
    return served.snapshots[name]


def _clock(served: Served, request: Request) -> dict[str, Any]:
    clock = clock_of(served.org)
    return {"time": stamp(clock()), "ahead_seconds": clock.offset.total_seconds(), "stands": clock.stands_at is not None}


def _set_clock(served: Served, request: Request) -> dict[str, Any]:
    wanted = _json(request)
    unknown = set(wanted) - {"at", "advance_seconds", "stands"}
    if unknown or not wanted or {"at", "advance_seconds"} <= set(wanted):
        raise _BadRequestError("at or advance_seconds, and stands, are wanted")
    clock, target = clock_of(served.org), None
    if "at" in wanted:
        target = _moment(wanted["at"])
    if "advance_seconds" in wanted:
        target = _later(clock(), _number(wanted["advance_seconds"], "advance_seconds"))
    if not isinstance(wanted.get("stands", False), bool):
        raise _BadRequestError("stands is true or false")
    if "stands" in wanted:
        clock.stand(wanted["stands"])
    if target is not None:
        clock.set(target)
    return _clock(served, request)


def _later(moment: datetime, seconds: float) -> datetime:
    try:
        return moment + timedelta(seconds=seconds)
    except (OverflowError, ValueError) as wrong:
        raise _BadRequestError(f"advance_seconds cannot be {seconds}") from wrong


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as wrong:
        raise _BadRequestError(f"{text!r} is no ISO 8601 time") from wrong
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _BadRequestError(f"{name} is a number")
    return float(value)


def _app(served: Served, request: Request) -> dict[str, Any]:
    app = served.client
    shown = {name: getattr(app, name) for name in ("client_id", *APP_SETTINGS)}
    return {**shown, "callback_urls": sorted(app.callback_urls), "approved": sorted(app.approved)}


def _change_app(served: Served, request: Request) -> dict[str, Any]:
    wanted = _json(request)
    for name, value in wanted.items():
        _require_app_setting(name, value)
    for name, value in wanted.items():
        if name == "approve":
            for username in value:
                served.client.approve(username)
        else:
            setattr(served.client, name, set(value) if name == "callback_urls" else value)
    return _app(served, request)


def _require_app_setting(name: str, value: Any) -> None:
    if name in ("approve", "callback_urls"):
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    elif name == "policy":
        good = value in ("admin_approved", "self_authorize")
    elif name == "run_as":
        good = value is None or isinstance(value, str)
    else:
        good = name in APP_SETTINGS and isinstance(value, APP_SETTINGS[name])
    if not good:
        raise _BadRequestError(f"the app has no setting {name!r} that is {value!r}")


def _set_password(served: Served, request: Request) -> dict[str, str]:
    wanted = _json(request)
    if set(wanted) - {"username", "password", "security_token"} or not all(isinstance(value, str) for value in wanted.values()):
        raise _BadRequestError("username, password and security_token are wanted, as texts")
    try:
        passwords.set_password(served.org, wanted.get("username", ""), wanted["password"], wanted.get("security_token", ""))
    except KeyError as missing:
        raise _BadRequestError(f"no {missing}") from missing
    return {"username": wanted["username"]}


def _restrict_profile(served: Served, request: Request) -> dict[str, str]:
    wanted = _json(request)
    if set(wanted) - {"profile", "login_hours", "login_ip_ranges"} or not isinstance(wanted.get("profile"), str):
        raise _BadRequestError("profile is wanted, with login_hours and login_ip_ranges")
    try:
        metadata.set_profile_conditions(
            served.org, wanted["profile"], login_hours=wanted.get("login_hours"), login_ip_ranges=wanted.get("login_ip_ranges", ())
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise _BadRequestError(f"no such profile, hours or ranges: {wrong}") from wrong
    return {"profile": wanted["profile"]}


def _vendors(served: Served, request: Request) -> dict[str, Any]:
    org = served.org
    rows = org.find("ConversationVendorInfo") if org.schema.sobject("ConversationVendorInfo") is not None else []
    return {
        "vendors": [
            {
                "name": f"{row['NamespacePrefix'] or 'c'}__{row['DeveloperName']}",
                "type": row["VendorType"],
                "syncs_users": bool(row["CapabilitiesSupportsUserSyncing"]),
                "named_credential": bool(row["CapabilitiesSupportsNamedCredential"]),
            }
            for row in rows
        ],
        "refuses": sorted(org.vendor_refuses),
        "calls": [asdict(call) for call in org.vendor_calls],
    }


def _change_vendor(served: Served, request: Request) -> dict[str, Any]:
    from emulator.seed.centers import vendor_syncs  # the seeds import the HTTP side's switches

    wanted = _json(request)
    refuses = wanted.get("refuses", [])
    flags = {name: wanted.get(name, True) for name in ("syncs_users", "named_credential")}
    unknown = set(wanted) - {"contact_center", "refuses", *flags}
    good = all(isinstance(value, bool) for value in flags.values()) and isinstance(wanted.get("contact_center"), str)
    if unknown or not good or not isinstance(refuses, list) or not all(isinstance(name, str) for name in refuses):
        raise _BadRequestError(
            "contact_center is wanted, with syncs_users, named_credential (true or false) and refuses (a list of usernames)"
        )
    try:
        vendor_syncs(
            served.org,
            wanted["contact_center"],
            refuses=refuses,
            named_credential=flags["named_credential"],
            syncs=flags["syncs_users"],
        )
    except KeyError as missing:
        raise _BadRequestError(str(missing.args[0])) from missing
    return _vendors(served, request)


def _faults(served: Served, request: Request) -> list[dict[str, Any]]:
    left = served.faults.left()
    return [{"number": number, **faults.as_json(fault), "left": left.get(number)} for number, fault in served.faults.active().items()]


def _drop_fault(served: Served, number: str) -> dict[str, int]:
    if not number.isdigit() or not served.faults.remove(int(number)):
        raise _BadRequestError(f"no fault {number}")
    return {"number": int(number)}


def _add_fault(served: Served, request: Request) -> dict[str, int]:
    try:
        fault = faults.from_json(_json(request))
        faults.require_sobject(served.org, fault)
        return {"number": served.faults.add(fault)}
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
    if not isinstance(chosen, dict):
        raise _BadRequestError("switches is an object")
    for name, value in chosen.items():
        if name not in known or value not in known[name].settings:
            raise _BadRequestError(f"no switch {name!r} with a setting {value!r}")
    for name, value in wanted.items():
        if name not in ("page_size", "api_limit", "latency_ms") or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _BadRequestError(f"no setting {name!r} of that kind")
        whole = name == "latency_ms" or isinstance(value, int)
        if value < 0 or not whole or (name == "page_size" and value < 1):
            raise _BadRequestError(f"{name} cannot be {value}")
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
        "calls": sum(entry.calls for entry in entries if entry.kind != "login"),
        "logins": sum(entry.calls for entry in entries if entry.kind == "login"),
        "all_logins": served.journal.logins,
        "entries": [entry.as_json() for entry in entries],
    }


def _clear_journal(served: Served, request: Request) -> dict[str, Any]:
    served.journal.clear()
    return {}


def _drift(served: Served, request: Request) -> dict[str, Any]:
    """A change by hand in Setup: past all rules, by somebody whom the Setup Audit Trail knows and the journal does not."""
    from emulator.seed.by_hand import by_hand  # the seeds import the HTTP side's switches

    wanted = _json(request)
    op, name = wanted.get("op"), wanted.get("sobject")
    fields, where = wanted.get("fields", {}), wanted.get("where", {})
    sobject = served.org.schema.sobject(name) if isinstance(name, str) else None
    if op not in ("insert", "update", "delete") or sobject is None or not isinstance(fields, dict) or not isinstance(where, dict):
        raise _BadRequestError("op (insert, update, delete), a known sobject and an object of fields are wanted")
    unknown = [key for key in (*fields, *where) if sobject.field(key) is None]
    if unknown:
        raise _BadRequestError(f"{sobject.name} has no field {', '.join(unknown)}")
    if op != "insert" and "id" not in wanted and not where:
        raise _BadRequestError("id or where is wanted")
    fields = {key: _drifted(sobject, key, value) for key, value in fields.items()}
    record_id = str(wanted["id"]) if "id" in wanted else None
    try:
        return {"ids": by_hand(served.org, op, sobject.name, fields, where=where, id=record_id, **_who_and_when(wanted))}
    except KeyError as missing:
        raise _BadRequestError(str(missing.args[0])) from missing


def _who_and_when(wanted: dict[str, Any]) -> dict[str, Any]:
    """ "as" (a username) and "at" (a time), where they are given."""
    name = wanted.get("as")
    if name is not None and not isinstance(name, str):
        raise _BadRequestError("as is a username")
    return {"by": name, "at": _moment(wanted["at"]) if "at" in wanted else None}


def _audit(served: Served, request: Request) -> dict[str, str]:
    from emulator.seed.by_hand import put_audit  # the seeds import the HTTP side's switches

    wanted = _json(request)
    texts = {name: wanted[name] for name in ("action", "display", "section", "delegate") if isinstance(wanted.get(name), str)}
    if set(wanted) - {*texts, "as", "at"} or not {"action", "display"} <= set(texts):
        raise _BadRequestError("action and display are wanted, with section, delegate (texts), as (a username) and at (a time)")
    try:
        return {"id": put_audit(served.org, **texts, **_who_and_when(wanted))}
    except KeyError as missing:
        raise _BadRequestError(str(missing.args[0])) from missing


def _run_policy(served: Served, request: Request) -> dict[str, Any]:
    from emulator.seed.policies import run_policy  # the seeds import the HTTP side's switches

    wanted = _json(request)
    users = wanted.get("users")
    named = users is None or (isinstance(users, list) and all(isinstance(one, str) for one in users))
    if set(wanted) - {"policy", "users"} or not isinstance(wanted.get("policy"), str) or not named:
        raise _BadRequestError(
            "policy is wanted, by its DeveloperName, with users (a list of usernames; all active ones where it is left out)"
        )
    try:
        done = run_policy(served.org, wanted["policy"], users)
    except (KeyError, ValueError) as wrong:
        raise _BadRequestError(f"it cannot run: {wrong.args[0]}") from wrong
    return {"done": [{"username": username, "what": what, "target": target} for username, what, target in done]}


def _drifted(sobject: SObject, name: str, value: Any) -> Any:
    """The value as a record holds it. Raises _BadRequestError for one of another kind."""
    item = sobject.field(name)
    kind = item.type if item is not None else ""
    if kind == "boolean" and not isinstance(value, bool):
        raise _BadRequestError(f"{name} is true or false, not {value!r}")
    if kind != "datetime" or value is None:
        return value
    try:
        return stamp(read_stamp(str(value)))
    except ValueError as wrong:
        raise _BadRequestError(f"{name} is a time such as 2030-01-01T00:00:00Z, not {value!r}") from wrong


def _expire_sessions(served: Served, request: Request) -> dict[str, int]:
    return {"expired": served.sessions.expire_all()}


APP_SETTINGS: dict[str, type] = {
    "policy": str,
    "scope": str,
    "run_as": str,
    "password_flow": bool,
    "client_credentials": bool,
    "require_secret": bool,
    "require_pkce": bool,
    "rotate_refresh_tokens": bool,
}

ROUTES: dict[tuple[str, str], Callable[[Served, Request], Any]] = {
    ("GET", "/emulator"): _about,
    ("POST", "/emulator/reset"): _reset,
    ("POST", "/emulator/seed"): _seed,
    ("GET", "/emulator/snapshots"): _snapshots,
    ("POST", "/emulator/snapshots"): _take_snapshot,
    ("GET", "/emulator/clock"): _clock,
    ("POST", "/emulator/clock"): _set_clock,
    ("GET", "/emulator/faults"): _faults,
    ("POST", "/emulator/faults"): _add_fault,
    ("DELETE", "/emulator/faults"): _clear_faults,
    ("GET", "/emulator/settings"): _settings,
    ("POST", "/emulator/settings"): _change_settings,
    ("GET", "/emulator/app"): _app,
    ("POST", "/emulator/app"): _change_app,
    ("POST", "/emulator/passwords"): _set_password,
    ("POST", "/emulator/profile-conditions"): _restrict_profile,
    ("GET", "/emulator/vendors"): _vendors,
    ("POST", "/emulator/vendors"): _change_vendor,
    ("GET", "/emulator/journal"): _journal,
    ("DELETE", "/emulator/journal"): _clear_journal,
    ("POST", "/emulator/drift"): _drift,
    ("POST", "/emulator/audit"): _audit,
    ("POST", "/emulator/run-policy"): _run_policy,
    ("POST", "/emulator/expire-sessions"): _expire_sessions,
}
NAMED_ROUTES: dict[tuple[str, str], Callable[[Served, str], Any]] = {
    ("POST", "/emulator/snapshots"): _restore_snapshot,
    ("DELETE", "/emulator/snapshots"): _drop_snapshot,
    ("DELETE", "/emulator/faults"): _drop_fault,
}
