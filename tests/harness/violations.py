# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people do by hand to an org whose API user is ready: one thing each, and the requirement that is violated then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator import seed
from emulator.org import Org
from emulator.seed import profiles

# Who the API user is in the sandbox acme-uat, and the clone of the package's set that it holds. No two orgs have the same username.
USERNAME = "vonage.new@acme.example.uat"
CLONE = "Vonage_API_User"
PACKAGE = "NVMContactWorld"
Break = Callable[[Org], object]


def username_in(org: Org) -> str:
    """The API user's username in that sandbox."""
    return f"{USERNAME.rpartition('.')[0]}.{org.name.rpartition('-')[2]}"


def api_user(org: Org) -> dict[str, Any]:
    return org.find("User", Username=username_in(org))[0]


def clone(org: Org) -> str:
    return str(org.find("PermissionSet", Name=CLONE, NamespacePrefix=None)[0]["Id"])


def own_set(org: Org, profile: str) -> str:
    """The set behind a profile."""
    return str(org.find("PermissionSet", ProfileId=_profile(org, profile))[0]["Id"])


def _profile(org: Org, name: str) -> str:
    return str(org.find("Profile", Name=name)[0]["Id"])


def switch(org: Org, permission: str, *, on: bool = False) -> None:
    """A user permission in the clone and in the profile Standard User."""
    columns = {f"Permissions{permission}": on}
    org.set("PermissionSet", clone(org), **columns)
    if on:
        return
    org.set("Profile", _profile(org, profiles.STANDARD), **columns)
    org.set("PermissionSet", own_set(org, profiles.STANDARD), **columns)


def give_profile(org: Org, name: str) -> None:
    """Another profile, with what comes of that: the user holds the set behind it."""
    user = api_user(org)
    (old,) = org.find("PermissionSetAssignment", AssigneeId=user["Id"], PermissionSetId=own_set(org, profiles.STANDARD))
    org.set("User", user["Id"], ProfileId=_profile(org, name))
    org.set("PermissionSetAssignment", old["Id"], PermissionSetId=own_set(org, name))


def _gone(org: Org) -> None:
    """As if nobody had made the user: another one has its row."""
    org.set(
        "User",
        api_user(org)["Id"],
        Username=username_in(org).replace("vonage.new", "somebody.else"),
        FederationIdentifier=None,
        EmployeeNumber=None,
    )


def _class_closed(org: Org) -> None:
    rows = org.find("SetupEntityAccess", ParentId=clone(org), SetupEntityType="ApexClass")
    packaged = {row["SetupEntityId"] for row in org.find("SetupEntityAccess", ParentId=org.seed_info["set_ids"]["vonage_api_user"])}
    org.remove("SetupEntityAccess", next(row["Id"] for row in rows if row["SetupEntityId"] in packaged))


def _unassigned(org: Org) -> None:
    (row,) = org.find("PermissionSetAssignment", AssigneeId=api_user(org)["Id"], PermissionSetId=clone(org))
    org.remove("PermissionSetAssignment", row["Id"])


def _object_narrowed(org: Org) -> None:
    (row,) = org.find("ObjectPermissions", ParentId=clone(org), SobjectType=f"{PACKAGE}__CLID_Prefix_Mapping__c")
    org.set("ObjectPermissions", row["Id"], PermissionsModifyAllRecords=False)


def _field_narrowed(org: Org) -> None:
    (row,) = org.find("FieldPermissions", ParentId=clone(org), Field=f"Case.{PACKAGE}__Skills__c")
    org.set("FieldPermissions", row["Id"], PermissionsEdit=False)


def _no_seat(org: Org) -> None:
    for row in org.find("UserPackageLicense", UserId=api_user(org)["Id"]):
        org.remove("UserPackageLicense", row["Id"])


def _frozen(org: Org) -> None:
    rows = org.find("UserLogin", UserId=api_user(org)["Id"])
    if rows:
        org.set("UserLogin", rows[0]["Id"], IsFrozen=True)
    else:
        org.put("UserLogin", UserId=api_user(org)["Id"], IsFrozen=True)


def _case_closed(org: Org) -> None:
    (row,) = org.find("ObjectPermissions", ParentId=own_set(org, profiles.STANDARD), SobjectType="Case")
    org.remove("ObjectPermissions", row["Id"])


ROLE, REPORT = "role", "report"

# requirement -> (what breaks it, who repairs it), in an org where nothing beyond the document's unconditional sentences is asked for.
VIOLATIONS: Mapping[str, tuple[Break, str]] = {
    "user_exists": (_gone, ROLE),
    "package_access": (_class_closed, ROLE),
    "permission_set_assigned": (_unassigned, ROLE),
    "api_enabled": (lambda org: switch(org, "ApiEnabled"), ROLE),
    "edit_tasks": (lambda org: switch(org, "EditTask"), ROLE),
    "standard_user_profile": (lambda org: give_profile(org, profiles.ADMIN), REPORT),
    "login_restrictions": (lambda org: seed.restrict_profile(org, profiles.STANDARD, ranges=[("203.0.113.1", "203.0.113.9")]), REPORT),
    "password_never_expires": (lambda org: switch(org, "PasswordNeverExpires"), ROLE),
    "object_rights": (_object_narrowed, ROLE),
    "field_rights": (_field_narrowed, ROLE),
    "package_license": (_no_seat, ROLE),
    "user_active": (lambda org: org.set("User", api_user(org)["Id"], IsActive=False), REPORT),
    "user_not_frozen": (_frozen, REPORT),
    "standard_object_access": (_case_closed, REPORT),
}

# What is violated besides, because it follows.
CONSEQUENCES: Mapping[str, frozenset[str]] = {
    "permission_set_assigned": frozenset({"package_access", "password_never_expires", "object_rights", "field_rights"}),
    "object_rights": frozenset({"package_access"}),
    "field_rights": frozenset({"package_access"}),
}

# requirement -> (option of api_user_info that asks for it, what breaks it once it is met).
CONDITIONAL: Mapping[str, tuple[Mapping[str, Any], Break]] = {
    "view_all_users": ({"queries_users": True}, lambda org: switch(org, "ViewAllUsers")),
    "view_all_data": ({"private_sharing": True}, lambda org: switch(org, "ViewAllData")),
    "modify_all_data": ({"data_connector": True}, lambda org: switch(org, "ModifyAllData")),
    "api_only": ({"api_only": True}, lambda org: switch(org, "ApiUserOnly")),
    "further_user_permissions": ({"user_permissions": ["Run Reports"]}, lambda org: switch(org, "RunReports")),
}

# requirement -> what makes it a warning: it works, and should be looked at.
WARNINGS: Mapping[str, Break] = {
    "salesforce_license": lambda org: give_profile(org, profiles.PLATFORM),
    "integration_license": lambda org: give_profile(org, profiles.INTEGRATION),
    "view_all_data": lambda org: seed.share(org, {"Case": "Private"}),
    "user_access_policies": lambda org: seed.put_policy(org, "Acme_Policy", [("Revoke", clone(org))]),
}
