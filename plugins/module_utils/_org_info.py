# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Which org this is, who is running, and what that user may do here. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._converge import Noun
from ._org import Get, Org, Query
from ._plan import Plan

# The rights that the other modules need, and for what; each of a line's rights will do. UserPermissionAccess tells every user its own
# (Object Reference).
NEEDED: Mapping[tuple[str, ...], str] = {
    ("ApiEnabled",): "every module",
    ("ViewSetup",): "reading permission sets and assignments",
    ("ManageProfilesPermissionsets",): "permission_set",
    ("AssignPermissionSets",): "permission_set_assignment",
    ("ManageInternalUsers", "ManageUsers"): "contact_center_member",
}
# Worth knowing, and needed only for the pages of Setup. The last exists only where Partner Telephony is licensed: it is asked for apart, so
# that other orgs can still be read.
IN_SETUP = ("CustomizeApplication", "ManageCallCenters")
TELEPHONY = ("IsContactCenterAdminBYOT",)


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
            Query("rights", f"SELECT {_columns([*(name for names in NEEDED for name in names), *IN_SETUP])} FROM UserPermissionAccess"),
            Query("telephony_rights", f"SELECT {_columns(TELEPHONY)} FROM UserPermissionAccess", tolerate=("INVALID_FIELD",)),
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
    return {
        "user": {"username": current.user["Username"], "name": current.user["Name"], "type": current.user["UserType"]},
        "rights": dict(sorted(current.rights.items())),
        "lacking": [
            {"right": " or ".join(names), "needed_for": purpose}
            for names, purpose in NEEDED.items()
            if not any(current.rights.get(name) for name in names)
        ],
        "partner_telephony": current.partner_telephony,
    }


def _columns(rights: Sequence[str]) -> str:
    return ", ".join(f"Permissions{name}" for name in rights)


NOUN = Noun(name="org_info", argument_spec={}, desired=desired, read=read, plan=plan, report=report)
