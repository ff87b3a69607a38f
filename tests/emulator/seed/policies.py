# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User access policies of the example orgs. They stand there to be read; one runs when it is told to (run_policy), never by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from emulator.rules.audit_trail import BY_POLICY, note
from emulator.rules.licences import take_seats
from emulator.rules.registry import Change
from emulator.rules.user_access_policies import REVOKES, switched_on

if TYPE_CHECKING:
    from emulator.org import Org

AGENTS = "Acme_Agents"


def put_policy(
    org: Org,
    name: str,
    actions: Iterable[tuple[str, str]] = (),
    *,
    label: str | None = None,
    status: str = "Active",
    trigger: str = "CreateAndUpdate",
    order: int | None = None,
) -> str:
    """The Id of a new policy. actions: ("Grant" or "Revoke", Id of a permission set, a group of sets or a public group). Its one filter: active
    users. Raises ValueError in an org without user access policies."""
    if not switched_on(org):
        raise ValueError(f"{org.name} has no user access policies: give it the feature user_access_policies")
    placed = order if order is not None else 10 * (len(org.find("UserAccessPolicy")) + 1)
    policy = org.put(
        "UserAccessPolicy",
        DeveloperName=name,
        MasterLabel=label or name.replace("_", " "),
        Language="en_US",
        BooleanFilter="1",
        Status=status,
        TriggerType=trigger,
        Order=placed if status == "Active" else None,
    )
    chosen = list(actions)
    for action, target in chosen:
        org.put("UserAccessPolicyAction", Action=action, TargetId=target)
    org.seed_info.setdefault("policy_actions", {})[name] = chosen
    org.put("UserAccessPolicyFilter", ColumnName="IsActive", Operation="equals", SortOrder=1, Target="User", Value="true")
    org.seed_info.setdefault("policies", {})[name] = policy
    return policy


def put_policies(org: Org) -> None:
    """One that gives every agent the packaged agent set, where the org can have policies and has the package."""
    org.seed_info["policies"] = {}
    packaged = org.seed_info["set_ids"].get("vonage_agent")
    if switched_on(org) and packaged:
        put_policy(org, AGENTS, [("Grant", packaged)])


def run_policy(org: Org, name: str, usernames: Iterable[str] | None = None) -> list[tuple[str, str, str]]:
    """The policy does to these users (all active ones where None) what it says: (username, "granted" or "revoked", Id of the set or group) for each
    change. Seats that a revoked set took stay taken. Raises KeyError for an unknown policy or user, ValueError for an action on anything else
    than a permission set or a group of them."""
    actions: list[tuple[str, str]] = org.seed_info.get("policy_actions", {})[name]
    users = org.find("User", IsActive=True) if usernames is None else [_user(org, one) for one in usernames]
    done: list[tuple[str, str, str]] = []
    with org.transaction():
        for user in users:
            for action, target in actions:
                word = _apply(org, str(user["Id"]), action, target)
                done += [(str(user["Username"]), word, target)] if word else []
    return done


def _user(org: Org, username: str) -> dict[str, Any]:
    found = org.find("User", Username=username)
    if not found:
        raise KeyError(f"{org.name} has no user {username}")
    return found[0]


def _apply(org: Org, user_id: str, action: str, target: str) -> str:
    """What was done, or nothing where all is as the policy says."""
    wanted = _assigned(org, target)
    held = next(iter(org.find("PermissionSetAssignment", AssigneeId=user_id, **wanted)), None)
    if action == "Grant":
        if held is not None and not held["IsRevoked"]:
            return ""
        if held is None:
            new = org.put("PermissionSetAssignment", AssigneeId=user_id, IsActive=True, **wanted)
            take_seats(org, user_id, org.get("PermissionSet", wanted["PermissionSetId"]) or {})
            _note(org, Change("insert", "PermissionSetAssignment", new, {}, {}, org.get("PermissionSetAssignment", new) or {}))
        else:
            org.set("PermissionSetAssignment", held["Id"], IsRevoked=False, IsActive=True)
        return "granted"
    if held is None or held["IsRevoked"]:
        return ""
    if org.switches[REVOKES.name] == "marks":
        org.set("PermissionSetAssignment", held["Id"], IsRevoked=True, IsActive=False)
    else:
        org.remove("PermissionSetAssignment", held["Id"])
    _note(org, Change("delete", "PermissionSetAssignment", str(held["Id"]), held, {}, {}))
    return "revoked"


def _assigned(org: Org, target: str) -> dict[str, Any]:
    """The columns of an assignment of that set or group."""
    if org.get("PermissionSet", target) is not None:
        return {"PermissionSetId": target, "PermissionSetGroupId": None}
    own = org.find("PermissionSet", PermissionSetGroupId=target) if org.get("PermissionSetGroup", target) is not None else []
    if not own:
        raise ValueError(f"{target} is neither a permission set nor a group of them")
    return {"PermissionSetId": str(own[0]["Id"]), "PermissionSetGroupId": target}


def _note(org: Org, change: Change) -> None:
    if org.switches[BY_POLICY.name] == "by_the_administrator" and org.default_user is not None:
        note(org, org.default_user, change)
