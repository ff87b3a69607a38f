# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Which rights the running user needs, and for what: the one table. Pure.

Rights are named as in options and in UserPermissionAccess, without the prefix "Permissions". Of a line's rights any one will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

API_USER, CONTACT_CENTER = "api_user", "contact_center"
AREAS = (API_USER, CONTACT_CENTER)

# How well a line is known: Salesforce's documentation says so, or it follows from how the API answers in general.
DOCUMENTED, INFERRED = "documented", "inferred"

LABELS: Mapping[str, str] = {
    "ActivitiesAccess": "Access Activities",
    "ApiEnabled": "API Enabled",
    "AssignPermissionSets": "Assign Permission Sets",
    "CustomizeApplication": "Customize Application",
    "IsContactCenterAdminBYOT": "Contact Center Admin (Partner Telephony)",
    "ManageCallCenters": "Manage Call Centers",
    "ManageInternalUsers": "Manage Internal Users",
    "ManagePackageLicenses": "Manage Package Licenses",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "ManageUsers": "Manage Users",
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewRoles": "View Roles and Role Hierarchy",
    "ViewSetup": "View Setup and Configuration",
}


@dataclass(frozen=True)
class Need:
    """One line. needed_for: modules and steps, as people are told. areas: which of the roles' purposes ask for it. reads, writes: sObjects.

    without: what goes on without the right, and what is missing then; empty where nothing works without it. instead: what is taken to do in an
    org that does not have the line's own rights.
    """

    rights: tuple[str, ...]
    needed_for: str
    areas: tuple[str, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    without: str = ""
    instead: tuple[str, ...] = ()
    grade: str = DOCUMENTED
    source: str = ""

    @property
    def words(self) -> str:
        """The rights as Setup calls them."""
        words = " or ".join(label(name) for name in self.rights)
        other = " or ".join(label(name) for name in self.instead)
        return f"{words}, or {other} in an org that does not have that right" if other else words

    def held(self, rights: Mapping[str, bool]) -> bool:
        """Whether somebody with these rights has one of the line's."""
        return any(rights.get(name) for name in self.here(rights))

    def lacks(self, rights: Mapping[str, bool]) -> bool:
        """Whether somebody with these rights has none of the line's, though the org has it. What it does not know nobody lacks."""
        return not self.held(rights) and any(name in rights for name in self.here(rights))

    def here(self, rights: Mapping[str, bool]) -> tuple[str, ...]:
        """What will do in the org that told these rights."""
        return self.rights if any(name in rights for name in self.rights) else self.instead or self.rights


_OBJECT_REFERENCE = "Object Reference for the Salesforce Platform, special access rules of the objects"

_PAGES = "The modules do not need it: they use the API. To look at the contact center in Setup a person needs it, or Delegated Contact Center Admin."

NEEDS: tuple[Need, ...] = (
    Need(("ApiEnabled",), "every module", AREAS, source="Salesforce Help, user permissions: access any Salesforce.com API"),
    Need(
        ("ViewSetup",),
        "reading permission sets, their assignments, profiles and licence assignments",
        AREAS,
        reads=(
            "CustomPermission",
            "FieldPermissions",
            "MutingPermissionSet",
            "ObjectPermissions",
            "PermissionSet",
            "PermissionSetAssignment",
            "PermissionSetGroup",
            "PermissionSetGroupComponent",
            "PermissionSetLicenseAssign",
            "PermissionSetTabSetting",
            "SetupAuditTrail",
            "SetupEntityAccess",
            "PermissionDependency",
        ),
        source=_OBJECT_REFERENCE,
    ),
    Need(
        ("ActivitiesAccess",),
        "permission_set, api_user_info: fields of a package on tasks and events are hidden without it, and a clone would lack them",
        (API_USER,),
        grade=INFERRED,
        source="Salesforce Help, Control Access to Activities; Object Reference, FieldPermissions: rows may be hidden",
    ),
    Need(
        ("ManageProfilesPermissionsets",),
        "permission_set, permission_set_group",
        (API_USER,),
        writes=(
            "FieldPermissions",
            "MutingPermissionSet",
            "ObjectPermissions",
            "PermissionSet",
            "PermissionSetGroup",
            "PermissionSetGroupComponent",
            "PermissionSetTabSetting",
            "SetupEntityAccess",
        ),
        source=_OBJECT_REFERENCE,
    ),
    Need(
        ("AssignPermissionSets",),
        "permission_set_assignment",
        AREAS,
        writes=("PermissionSetAssignment",),
        source=_OBJECT_REFERENCE,
    ),
    Need(
        ("ManageInternalUsers", "ManageUsers"),
        "user, contact_center_member",
        AREAS,
        writes=("User",),
        source="Salesforce Help, user permissions; Object Reference, User",
    ),
    Need(
        ("ManagePackageLicenses",),
        "package_license_assignment",
        (API_USER,),
        writes=("UserPackageLicense",),
        instead=("ManageUsers",),
        grade=INFERRED,
        source="Salesforce Help, Assign Licenses Using the API; what will do where an org does not have the right is not known",
    ),
    Need(
        ("ManageUsers",),
        "permission_set_license_assignment, and telling who is frozen (user, user_info, api_user_info, preflight_info)",
        AREAS,
        reads=("UserLogin",),
        writes=("UserLogin", "PermissionSetLicenseAssign"),
        without=(
            "Without it permission_set_license_assignment is refused and whether a user is frozen is not told (null). "
            "Give it only where permission set licences are assigned by themselves: a set that needs one brings it along."
        ),
        grade=INFERRED,
        source="Object Reference, UserLogin; Salesforce Help, Assign a Permission Set License to a User; Assign Permission Sets may do for the API",
    ),
    Need(
        ("CustomizeApplication",),
        "the page Partner Telephony Contact Centers in Setup, together with Manage Call Centers",
        (CONTACT_CENTER,),
        without=_PAGES,
        source="Salesforce Help, Add and Remove Users in Your Partner Telephony Contact Center",
    ),
    Need(
        ("ManageCallCenters",),
        "the page Partner Telephony Contact Centers in Setup, together with Customize Application",
        (CONTACT_CENTER,),
        without=_PAGES,
        source="Salesforce Help, Add and Remove Users in Your Partner Telephony Contact Center",
    ),
    Need(
        ("ManageCallCenters", "CustomizeApplication", "IsContactCenterAdminBYOT"),
        "contact_center_routing_map, and telling routing maps",
        (CONTACT_CENTER,),
        reads=("CallCenterRoutingMap",),
        writes=("CallCenterRoutingMap",),
        without=(
            "Without any of them contact_center_routing_map is refused, and no routing map is told. Give one only where routing maps are managed: "
            "membership needs none. Contact Center Supervisor would do as well; it is not asked for, since only orgs with its licence know it."
        ),
        source=f"{_OBJECT_REFERENCE}; CallCenterRoutingMap",
    ),
    Need(
        ("IsContactCenterAdminBYOT",),
        "creating and managing a contact center in Setup",
        (CONTACT_CENTER,),
        without=(
            "Without it even a system administrator has in Setup only the rights of a delegated contact center admin: no creating, editing or "
            "deleting of centers, and no removing of contact center admins. Whether the API minds when it removes one is not known."
        ),
        source="Salesforce Help, Delegated Contact Center Admin",
    ),
)

# What may mean that a right is lacking, where nothing else of the answer says what is wrong.
_REFUSALS = ("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
_ENTITY_TYPE = re.compile(r"entity type cannot be \w+", re.IGNORECASE)
_GIVE = "give the running user that right; if it has it (org_info tells), the record itself is beyond its reach"
_UNSEEN = re.compile(r"sObject type '(\w+)' is not supported")


def label(right: str) -> str:
    """The right as Setup calls it, with the API name after it where that is not the same word."""
    return f"{LABELS[right]} ({right})" if right in LABELS else right


def asked(areas: Iterable[str]) -> tuple[Need, ...]:
    """The lines that any of these areas asks for."""
    wanted = set(areas)
    return tuple(item for item in NEEDS if wanted & set(item.areas))


def required() -> tuple[Need, ...]:
    """The lines without which some module does not work."""
    return tuple(item for item in NEEDS if not item.without)


def named(needs: Sequence[Need]) -> tuple[str, ...]:
    """Every right of these lines, once."""
    return tuple(dict.fromkeys(name for item in needs for name in (*item.rights, *item.instead)))


def remedy(code: str, message: str, sobject: str = "", writing: bool = False) -> str:
    """What to do about a refusal that means that a right is lacking, naming it; empty where it means something else or nothing is known of the
    object."""
    if writing and (code in _REFUSALS or (code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and _ENTITY_TYPE.search(message))):
        need = next((item for item in NEEDS if sobject in item.writes), None)
        return f"Writing {sobject} needs {need.words}: {_GIVE}." if need else ""
    if code in (*_REFUSALS, "INVALID_TYPE", "NOT_FOUND") and not writing:
        told = _UNSEEN.search(message)
        unseen = told.group(1) if told else sobject
        need = next((item for item in NEEDS if unseen in item.reads), None)
        return f"Reading {unseen} needs {need.words}: give the running user that right; otherwise the org does not have it." if need else ""
    return ""
