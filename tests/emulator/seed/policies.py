# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User access policies of the example orgs. They stand there to be read: none of them ever runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emulator.rules.user_access_policies import switched_on

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
    for action, target in actions:
        org.put("UserAccessPolicyAction", Action=action, TargetId=target)
    org.put("UserAccessPolicyFilter", ColumnName="IsActive", Operation="equals", SortOrder=1, Target="User", Value="true")
    org.seed_info.setdefault("policies", {})[name] = policy
    return policy


def put_policies(org: Org) -> None:
    """One that gives every agent the packaged agent set, where the org can have policies and has the package."""
    org.seed_info["policies"] = {}
    packaged = org.seed_info["set_ids"].get("vonage_agent")
    if switched_on(org) and packaged:
        put_policy(org, AGENTS, [("Grant", packaged)])
