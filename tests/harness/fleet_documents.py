# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two documents of a run over a made-up fleet: the requirements are the collection's own, everything else is invented. The same call makes
the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.voiceops.salesforce.plugins.module_utils import _api_user_requirements, _contact_center_requirements

Document = dict[str, Any]

# Where a fleet of a hundred differs; the others are as declared.
UNLIKE: Mapping[int, str] = {17: "drift", 23: "failed", 42: "drift", 58: "violations", 64: "drift", 76: "failed"}
ALWAYS_BY_HAND = frozenset({"linked_in_vonage", "same_usernames", "gone_at_provider"})
BROKEN: Mapping[str, tuple[str, ...]] = {
    "drift": ("further_user_permissions", "members"),
    "violations": ("standard_user_profile", "user_active"),
}
LIMIT = 115_000


def documents(count: int = 100, *, mode: str = "check", unlike: Mapping[int, str] | None = None) -> tuple[Document, Document]:
    """(fleet.json, run.json) of that many orgs. unlike: the outcome of each that is not as declared, by its place; UNLIKE when left out."""
    unlike = UNLIKE if unlike is None else unlike
    orgs = sorted((_org(place, unlike.get(place, "as_declared")) for place in range(count)), key=lambda org: str(org["host"]))
    outcomes = [org["outcome"] for org in orgs]
    names = ("as_declared", "changed", "drift", "violations", "failed", "not_run")
    summary = {"orgs": count, "changes": sum(len(org["changes"]) for org in orgs), **{name: outcomes.count(name) for name in names}}
    runs = {host_of(place): _org_run(place, unlike.get(place, "as_declared"), mode) for place in range(count)}
    return {"format": 1, "mode": mode, "orgs": orgs, "summary": summary}, {"format": 1, "run": _run(mode, count), "orgs": runs}


def host_of(place: int) -> str:
    return "acme-production" if place == 0 else f"acme-s{place:02}"


def _domain(place: int) -> str:
    return "acme.my.salesforce.com" if place == 0 else f"acme--s{place:02}.sandbox.my.salesforce.com"


def _user(name: str, place: int) -> str:
    return f"{name}@acme.example" + (f".s{place:02}" if place else "")


def _org(place: int, outcome: str) -> Document:
    reached = outcome not in ("failed", "not_run")
    return {
        "host": host_of(place),
        "org": {"name": "Acme" if reached else "", "host": _domain(place), "is_sandbox": place > 0 if reached else None},
        "ring": "2" if place == 0 else str(min(2, place // 10)),
        "outcome": outcome,
        "failure": _failure(place) if outcome == "failed" else None,
        "changes": _changes(place) if outcome in ("drift", "changed") else [],
        "requirements": _requirements(place, outcome) if reached else [],
        "violations": [f"D6 standard_user_profile: {_user('vonage.api', place)} has profile Sales User."]
        if outcome == "violations"
        else [],
        "notes": ["The package has changed its set: it gained field NVMContactWorld__Call__c.NVMContactWorld__Wrap_Up__c"]
        if place == 17
        else [],
        "unresolved": [{"user": _user("nobody", place), "reason": f"is not in this org; perhaps {_user('noboby', place)}"}]
        if place == 42
        else [],
    }


def _failure(place: int) -> Document:
    """An org that does not answer, and one that lets nobody in, by turns."""
    task = "Say which org this is and who is running"
    if place % 2:
        said = (
            f"[{_domain(place)}] logging in by JWT: the org could not be reached: connection timed out. Check the login URL and the proxy."
        )
        return {"task": task, "msg": said, "error_class": "network", "code": "ConnectTimeout"}
    said = (
        f"[{_domain(place)}] logging in by JWT: invalid_grant: user hasn't approved this consumer. Set the app's Permitted Users to admin approved, "
        "and add the user's profile or permission set to it."
    )
    return {"task": task, "msg": said, "error_class": "auth", "code": "invalid_grant"}


def _changes(place: int) -> list[Document]:
    rights = ("create", "read", "edit", "delete", "view_all_records", "modify_all_records")
    update = {"op": "update", "before": {"enabled": False}, "after": {"enabled": True}}
    create = {"op": "create", "before": {}}
    return [
        {**update, "kind": "user_permission", "key": "Acme_Vonage_API_User/ViewAllUsers", "changed_back": True},
        {
            **create,
            "kind": "object_permission",
            "key": "Acme_Vonage_API_User/NVMContactWorld__Call__c",
            "after": dict.fromkeys(rights, True),
            "changed_back": False,
        },
        {
            **create,
            "kind": "contact_center_member",
            "key": f"AcmeVoice/{_user('kim', place)}",
            "after": {"member": True},
            "changed_back": False,
        },
    ]


def _requirements(place: int, outcome: str) -> list[Document]:
    broken = BROKEN.get(outcome, ())[: 1 + place % 2]
    tables: Sequence[tuple[str, Sequence[Any]]] = (
        ("api_user", _api_user_requirements.REQUIREMENTS),
        ("contact_center AcmeVoice", _contact_center_requirements.REQUIREMENTS),
    )
    return [_requirement(subject, row, place, row.id in broken) for subject, table in tables for row in table]


def _requirement(subject: str, row: Any, place: int, broken: bool) -> Document:
    state = (
        "violated"
        if broken
        else "manual"
        if row.id in ALWAYS_BY_HAND
        else "warning"
        if row.id == "vendor_syncing" and place % 9 == 4
        else "met"
    )
    reason = {"met": "All 20 users: yes.", "violated": f"Not so for {_user('kim', place)}.", "manual": "Salesforce does not know."}.get(
        state, "Look at it."
    )
    remedy = "" if state == "met" else "Run the role again, or put it right in Setup."
    said = {"name": row.id, "id": row.sentence, "requirement": row.says, "repair": row.repair, "subject": subject}
    return {**said, "state": state, "reason": reason, "remedy": remedy}


def _run(mode: str, count: int) -> Document:
    versions = {"collection": "0.1.0", "ansible": "2.19.14", "python": "3.11.7", "simple_salesforce": "1.12.10"}
    return {
        "id": "20261122T060000Z-7c1e",
        "started": "2026-11-22T06:00:00Z",
        "ended": "2026-11-22T06:00:52Z",
        "seconds": 52.4 * count / 100,
        "playbook": "voiceops.salesforce.drift" if mode == "check" else "voiceops.salesforce.converge",
        "mode": mode,
        "ticket": "CHG0042317",
        "versions": versions,
        "slices": 1,
        "notes": [],
    }


def _org_run(place: int, outcome: str, mode: str) -> Document:
    if outcome in ("failed", "not_run"):
        return {
            "mode": mode,
            "seconds": 0.0,
            "api": {"calls": 0, "retries": 0, "used": None, "limit": None},
            "seats": [],
            "tasks": [],
            "changed_last": [],
        }
    return {
        "org_id": f"00D5g0000{place:06}EAC",
        "edition": "Enterprise Edition",
        "instance": f"EU{40 + place % 7}",
        "api_version": "66.0",
        "mode": mode,
        "seconds": 4 + place % 13 / 10,
        "api": {"calls": 12 + place % 3, "retries": int(place == 31), "used": (place * 7919) % LIMIT, "limit": LIMIT},
        "seats": [{"kind": "package", "license": "NVMContactWorld", "total": 25, "used": 20 + place % 6, "free": 5 - place % 6}],
        "tasks": _tasks(place),
        "changed_last": _changed_last(place) if outcome == "drift" else [],
    }


def _tasks(place: int) -> list[Document]:
    named = (
        ("Say which org this is and who is running", "org_info", 2),
        ("api_user : Have the permission set that the API user needs", "permission_set", 2),
        ("api_user : Read whether the API user is ready", "api_user_info", 3),
        ("contact_center : Read the contact center and its people", "contact_center_info", 3),
        ("contact_center : Add the members", "contact_center_member", 2),
    )
    return [
        {
            "task": task,
            "action": action,
            "seconds": (calls * 3 + (place + calls) % 5) / 10,
            "calls": calls,
            "changed": False,
            "failed": False,
        }
        for task, action, calls in named
    ]


def _changed_last(place: int) -> list[Document]:
    return [
        {
            "change": "update user_permission Acme_Vonage_API_User/ViewAllUsers",
            "who": _user("pat.admin", place),
            "when": "2026-11-21T16:42:10Z",
            "what": "Changed permission set Acme Vonage API user: View All Users from enabled to disabled",
        }
    ]
