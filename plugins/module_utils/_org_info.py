# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Which org this is, who is running, and what that user may do here. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._converge import Noun
from ._org import Get, Org, Query
from ._plan import Plan

# The rights that the other modules need, and for what. UserPermissionAccess tells every user its own (Object Reference).
NEEDED: Mapping[str, str] = {
    "ApiEnabled": "every module",
    "ViewSetup": "reading permission sets and assignments",
    "ManageProfilesPermissionsets": "permission_set",
    "AssignPermissionSets": "permission_set_assignment",
    "ManageInternalUsers": "contact_center_member",
    "ManageUsers": "contact_center_member, where Manage Internal Users is not given",
    "ManageCallCenters": "contact centers in Setup",
    "CustomizeApplication": "contact centers in Setup",
}
# These columns exist only where Partner Telephony is licensed: asked for apart, so that other orgs can still be read.
NEEDED_WITH_TELEPHONY: Mapping[str, str] = {
    "IsContactCenterAdminBYOT": "contact centers in Setup",
}


@dataclass(frozen=True)
class Current:
    """The running user, and its rights as far as they matter here. A right that the org does not know is absent."""

    user: Mapping[str, Any]
    rights: Mapping[str, bool]
    partner_telephony: bool


def desired(params: Mapping[str, Any]) -> tuple[()]:
    """Nothing is wanted but to know."""
    return ()


def read(org: Org, wish: tuple[()]) -> Current:
    """All of it in one call."""
    org.log_in()
    answers = org.read(
        [
            Get("running_user", f"/sobjects/User/{org.user_id}?fields=Id,Username,Name,IsActive,UserType,LocaleSidKey,TimeZoneSidKey"),
            Query("rights", f"SELECT {_columns(NEEDED)} FROM UserPermissionAccess"),
            Query("telephony_rights", f"SELECT {_columns(NEEDED_WITH_TELEPHONY)} FROM UserPermissionAccess", tolerate=("INVALID_FIELD",)),
        ]
    )
    rows = answers.rows["rights"] + answers.rows["telephony_rights"]
    rights = {name[len("Permissions") :]: bool(value) for row in rows for name, value in row.items() if name.startswith("Permissions")}
    return Current(answers.bodies["running_user"], rights, "telephony_rights" not in answers.refusals)


def plan(wish: tuple[()], current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: tuple[()], current: Current, made: Plan) -> dict[str, Any]:
    """The running user and its rights, by the words that permission sets use."""
    needed = {**NEEDED, **NEEDED_WITH_TELEPHONY}
    return {
        "user": {"username": current.user["Username"], "name": current.user["Name"], "type": current.user["UserType"]},
        "rights": dict(sorted(current.rights.items())),
        "lacking": [{"right": name, "needed_for": needed[name]} for name in sorted(needed) if not current.rights.get(name)],
        "partner_telephony": current.partner_telephony,
    }


def _columns(rights: Mapping[str, str]) -> str:
    return ", ".join(f"Permissions{name}" for name in rights)


NOUN = Noun(name="org_info", argument_spec={}, desired=desired, read=read, plan=plan, report=report)
