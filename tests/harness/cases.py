# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that change something, at least one for every module and state: what holds for all of them is tested once, on this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulator.org import Org
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content, holders, members

Prepare = Callable[[Org], object]
LONG_AGO = datetime(2024, 1, 2, tzinfo=UTC)


def nothing(org: Org) -> None:
    """The org as it is seeded."""


@dataclass(frozen=True)
class Case:
    """A task on an org that was prepared for it. options may hold users by role; changes: how many are to be made at the least."""

    name: str
    module: str
    options: Mapping[str, Any]
    prepare: Prepare = nothing
    changes: int = 1

    @property
    def state(self) -> str:
        return str(self.options.get("state", "present"))

    def run(self, bench: Bench, **more: Any) -> dict[str, Any]:
        """The task's result; roles in users become the org's usernames."""
        options = {**self.options, **more}
        if "users" in options:
            options["users"] = [bench.info["users"].get(name, name) for name in options["users"]]
        return bench.task(self.module, **options)


def put_set(org: Org, name: str = "Acme_Set", **values: Any) -> str:
    """A permission set of the customer's own, as it is."""
    return org.put(
        "PermissionSet",
        **{"Name": name, "Label": name.replace("_", " "), "IsCustom": True, "IsOwnedByProfile": False, "Type": "Regular", **values},
    )


def assign(org: Org, role: str, set_id: str, **values: Any) -> str:
    """An assignment row for the user of that role, as it is."""
    return org.put(
        "PermissionSetAssignment", **{"AssigneeId": org.seed_info["user_ids"][role], "PermissionSetId": set_id, "IsActive": True, **values}
    )


def join(org: Org, *roles: str, center: str = "partner_telephony") -> None:
    """Make the users of these roles members of a center, as it is."""
    for role in roles:
        org.set("User", org.seed_info["user_ids"][role], CallCenterId=org.seed_info["center_ids"][center])


def acme_set_with_holders(org: Org) -> None:
    """Acme_Set, held by agent and supervisor."""
    set_id = put_set(org, PermissionsApiEnabled=True)
    assign(org, "agent", set_id)
    assign(org, "supervisor", set_id)


def every_kind_of_row(org: Org) -> None:
    """Acme_Set, held by agent; expired, revoked and inactive rows of three others; the administrator and a group hold it too."""
    set_id = put_set(org, PermissionsApiEnabled=True)
    assign(org, "agent", set_id)
    assign(org, "supervisor", set_id)
    assign(org, "expired", set_id, IsActive=False, ExpirationDate=LONG_AGO)
    assign(org, "without_set", set_id, IsActive=False)
    assign(org, "automation", set_id)
    if "revoked" in org.seed_info["user_ids"]:
        assign(org, "revoked", set_id, IsActive=False, IsRevoked=True)


def half_of_the_clone(org: Org) -> None:
    """The clone's name is taken by a set that has little of what it should have, and some of its own."""
    set_id = put_set(org, str(VONAGE_CLONE["name"]), Description="before", PermissionsApiEnabled=True, PermissionsRunReports=True)
    org.put("ObjectPermissions", ParentId=set_id, SobjectType="NVMContactWorld__CallEndEvent__c", PermissionsRead=True)
    org.put("ObjectPermissions", ParentId=set_id, SobjectType="Account", PermissionsRead=True, PermissionsCreate=True)
    org.put(
        "FieldPermissions",
        ParentId=set_id,
        SobjectType="Case",
        Field="Case.NVMContactWorld__Skills__c",
        PermissionsRead=True,
        PermissionsEdit=False,
    )


def members_of_all_kinds(org: Org) -> None:
    """Members who are to go: one who is inactive, and one who lacks the set by now."""
    join(org, "inactive", "without_set")


HAND_MADE: Mapping[str, Any] = {
    "name": "Acme_Hand_Made",
    "label": "Acme, by hand",
    "description": "Made in a test",
    "user_permissions": ["Api Enabled", "PermissionsEditTask"],
    "object_permissions": [{"object": "Account", "read": True, "edit": True}, {"object": "NVMContactWorld__CallEndEvent__c", "read": True}],
    "field_permissions": [{"field": "Case.Acme_Escalation_Tier__c", "read": True, "edit": True}],
    "apex_classes": ["AcmeCallRouting", "NVMContactWorld__ApiUserAccess"],
    "visualforce_pages": ["AcmeWallboard"],
}

CASES = (
    Case("a clone is made", "permission_set", VONAGE_CLONE, changes=100),
    Case("a clone is completed", "permission_set", {**VONAGE_CLONE, "description": ""}, half_of_the_clone, changes=100),
    Case("a set is made by hand", "permission_set", HAND_MADE, changes=7),
    Case(
        "a set is renamed and its description cleared",
        "permission_set",
        {"name": "Acme_Set", "label": "Other", "description": ""},
        lambda org: put_set(org, Description="before"),
    ),
    Case("a clone is made where it is needed", "permission_set", {**VONAGE_CLONE, "clone": "when_needed"}, changes=100),
    Case("a set goes with its assignments", "permission_set", {"name": "Acme_Set", "state": "absent"}, acme_set_with_holders, changes=3),
    Case(
        "users get a set, and broken assignments are repaired",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["agent", "expired", "without_set", "vonage_api"]},
        every_kind_of_row,
        changes=3,
    ),
    Case(
        "users who cannot have a set are left out",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["inactive", "vonage_api"], "on_ineligible": "skip"},
        every_kind_of_row,
    ),
    Case(
        "users lose a set",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["agent", "expired", "vonage_api"], "state": "absent"},
        every_kind_of_row,
    ),
    Case(
        "exactly these users have a set",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["vonage_api", "expired"], "state": "exact"},
        every_kind_of_row,
        changes=4,
    ),
    Case(
        "users become members",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "contact_admin", "via_group", "via_clone", "member"]},
        changes=4,
    ),
    Case(
        "users who cannot be members are left out",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "inactive", "without_set"], "on_ineligible": "skip"},
    ),
    Case(
        "users stop being members",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["member", "agent"], "state": "absent"},
    ),
    Case(
        "exactly these users are members",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "via_clone"], "state": "exact"},
        members_of_all_kinds,
        changes=5,
    ),
)


def state_of(org: Org) -> dict[str, Any]:
    """All that the modules may change, in natural keys: the same in any two orgs that are in the same state."""
    sets = [row for row in org.find("PermissionSet") if not row["IsOwnedByProfile"]]
    return {
        "sets": {
            f"{row['NamespacePrefix']}__{row['Name']}": {
                "label": row["Label"],
                "description": row["Description"],
                "holders": holders(org, row["Id"]),
                "rows": len(org.find("PermissionSetAssignment", PermissionSetId=row["Id"])),
                **content(org, row["Id"]),
            }
            for row in sets
        },
        "members": {kind: members(org, kind) for kind in org.seed_info["center_ids"]},
        "users": {row["Username"]: (row["IsActive"], row["ProfileId"] is not None) for row in org.find("User")},
    }
