# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running user's rights: what may be read and written at all, by user permission."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import ApiError, NotEmulated
from emulator.rules import access, registry
from emulator.rules.refusals import refuse
from emulator.rules.registry import Change, Grade, Op, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

SETUP_READS = Switch("setup_reads", ("enforced", "open"))
PACKAGE_RIGHT = Switch("package_licence_right", ("manage_package_licenses", "manage_users_too"))
SET_LICENCE_RIGHT = Switch("set_licence_right", ("manage_users", "assign_permission_sets_too"))
WRITE_REFUSAL = Switch("write_refusal", ("INSUFFICIENT_ACCESS_OR_READONLY", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"))

rule(
    "setup_reads_need_a_right",
    says="Permission sets, their contents and assignments can be read only with one of the rights that the object's page names: View Setup and "
    "Configuration for most; also Assign Permission Sets, Manage Profiles and Permission Sets, Manage Session Permission Set Activations or "
    "Manage Users for some.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api B and D (object reference, special access rules)",
)
rule(
    "an_unreadable_object_looks_unknown",
    says="To a user without the right, a query on the object answers INVALID_TYPE and its resource 404, as for an object that does not exist.",
    grade=Grade.INFERRED,
    source="general REST behaviour, not verified for these objects",
    switch=SETUP_READS,
)
rule(
    "setup_writes_need_a_right",
    says="Writing permission sets and their contents needs Manage Profiles and Permission Sets, assignments Assign Permission Sets, users Manage "
    "Users or Manage Internal Users, package and permission set licences their own (switches), call centers and routing maps their own rights.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api B, D, G; facts contact-center-api 3",
)
rule(
    "a_refused_write_is_insufficient_access_or_readonly",
    says="The code of a write without the right.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 11 (general REST behaviour); the other setting is how Salesforce refuses entity types elsewhere",
    switch=WRITE_REFUSAL,
)
rule(
    "right_to_give_package_licences",
    says="Writing UserPackageLicense needs Manage Package Licenses; Manage Users is enough as well, or it is not. It is in any case in an org that does "
    "not have that permission, as the recorded ones.",
    grade=Grade.INFERRED,
    source="Salesforce Help, Assign Licenses Using the API (Manage Package Licenses); an older article lists Assign License under Manage Users (000005253)",
    switch=PACKAGE_RIGHT,
)
rule(
    "right_to_give_permission_set_licences",
    says="Writing PermissionSetLicenseAssign needs Manage Users; Assign Permission Sets is enough as well, or it is not.",
    grade=Grade.INFERRED,
    source="Salesforce Help, Assign a Permission Set License to a User (Manage Users); Object Reference, PermissionSetLicenseAssign: View Setup and "
    "Configuration or Assign Permission Sets to access the object",
    switch=SET_LICENCE_RIGHT,
)
VIEW_SETUP = frozenset({"ViewSetup"})

READ_RIGHTS: dict[str, frozenset[str]] = {
    "PermissionSet": frozenset({"ViewSetup", "ManageSessionPermissionSets", "AssignPermissionSets", "ManageProfilesPermissionsets"}),
    "PermissionSetAssignment": frozenset({"ViewSetup", "AssignPermissionSets", "ManageUsers"}),
    "ObjectPermissions": VIEW_SETUP,
    "FieldPermissions": VIEW_SETUP,
    "SetupEntityAccess": VIEW_SETUP,
    "PermissionSetTabSetting": VIEW_SETUP,
    "PermissionSetGroup": VIEW_SETUP,
    "PermissionSetGroupComponent": VIEW_SETUP,
    "MutingPermissionSet": VIEW_SETUP,
    "PermissionSetLicenseAssign": frozenset({"ViewSetup", "AssignPermissionSets"}),
    "CustomPermission": VIEW_SETUP,
    "UserLogin": frozenset({"ManageUsers"}),
    "CallCenterRoutingMap": frozenset(
        {"CustomizeApplication", "ManageCallCenters", "IsContactCenterAdminBYOT", "IsContactCenterAdmin", "IsContactCenterSupervisor"}
    ),
}
"""sObject -> any one of these user permissions lets a user read it. Objects that are not named here are open to internal users
(User, Organization, PermissionSetLicense, UserLicense, PackageLicense, CallCenter, UserPermissionAccess ...)."""

SET_CONTENT = frozenset({"ManageProfilesPermissionsets"})

WRITE_RIGHTS: dict[str, frozenset[str]] = {
    "PermissionSet": SET_CONTENT,
    "ObjectPermissions": SET_CONTENT,
    "FieldPermissions": SET_CONTENT,
    "SetupEntityAccess": SET_CONTENT,
    "PermissionSetTabSetting": SET_CONTENT,
    "PermissionSetGroup": SET_CONTENT,
    "PermissionSetGroupComponent": SET_CONTENT,
    "MutingPermissionSet": SET_CONTENT,
    "PermissionSetAssignment": frozenset({"AssignPermissionSets"}),
    "PermissionSetLicenseAssign": frozenset({"ManageUsers"}),
    "User": frozenset({"ManageUsers", "ManageInternalUsers"}),
    "UserLogin": frozenset({"ManageUsers"}),
    "UserPackageLicense": frozenset({"ManagePackageLicenses"}),
    "CallCenter": frozenset({"ManageCallCenters", "IsContactCenterAdminBYOT"}),
    "CallCenterRoutingMap": READ_RIGHTS["CallCenterRoutingMap"],
}

WIDENED = {
    "UserPackageLicense": (PACKAGE_RIGHT, "ManageUsers", "manage_users_too"),
    "PermissionSetLicenseAssign": (SET_LICENCE_RIGHT, "AssignPermissionSets", "assign_permission_sets_too"),
}
"""sObject -> the switch, the right that is enough under it as well, the setting that says so."""

NOT_EMULATED_WRITES = (
    "Profile",
    "Group",
    "GroupMember",
    "Organization",
    "UserRole",
    "ConversationVendorInfo",
    "CustomPermission",
    "ApexClass",
    "ApexPage",
    "ContactCenterChannel",
    "QueueSobject",
    "RecordType",
    "StaticResource",
)

OPS: tuple[Op, ...] = ("insert", "update", "delete")


def _register_reads(sobject: str, rights: frozenset[str]) -> None:
    @registry.readable(sobject, rule="setup_reads_need_a_right")
    def may_read(org: Org, user: str) -> bool:
        return org.switches[SETUP_READS.name] == "open" or not rights.isdisjoint(org.permissions_of(user))


def _register_writes(sobject: str, rights: frozenset[str]) -> None:
    def may_write(org: Org, user: str, change: Change) -> None:
        if (rights | _more_rights(org, sobject)).isdisjoint(org.permissions_of(user)):
            raise write_refusal(org, change)

    for op in OPS:
        registry.before(op, sobject, rule="setup_writes_need_a_right")(may_write)


def _more_rights(org: Org, sobject: str) -> frozenset[str]:
    """Rights that are enough as well, by the switch or because the org has no such permission."""
    if sobject not in WIDENED:
        return frozenset()
    switch, right, setting = WIDENED[sobject]
    permission_set = org.schema.sobject("PermissionSet")
    lacking = permission_set is not None and not any(permission_set.field(f"Permissions{name}") for name in WRITE_RIGHTS[sobject])
    return frozenset({right}) if lacking or org.switches[switch.name] == setting else frozenset()


def write_refusal(org: Org, change: Change) -> ApiError:
    if org.switches[WRITE_REFUSAL.name] == "INSUFFICIENT_ACCESS_OR_READONLY":
        return refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    done = {"insert": "inserted", "update": "updated", "delete": "deleted"}[change.op]
    return refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be {done}: {change.sobject}")


def may_write_records(org: Org, user: str, change: Change) -> None:
    if not access.may_write(org, user, change):
        raise write_refusal(org, change)


def _not_emulated(org: Org, user: str, change: Change) -> None:
    raise NotEmulated(f"writing {change.sobject}")


for _sobject, _rights in READ_RIGHTS.items():
    _register_reads(_sobject, _rights)
for _sobject, _rights in WRITE_RIGHTS.items():
    _register_writes(_sobject, _rights)
for _op in OPS:
    registry.before(_op, "*")(may_write_records)
    registry.before(_op, *NOT_EMULATED_WRITES)(_not_emulated)

rule(
    "userpermissionaccess_is_the_running_user_s_own",
    says="One row with the user permissions of the running user; no right is needed to read it.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, UserPermissionAccess)",
)


@registry.rows("UserPermissionAccess")
def own_permissions(org: Org, user: str) -> list[dict[str, object]]:
    sobject = org.schema.sobject("UserPermissionAccess")
    if sobject is None:
        return []
    held = org.permissions_of(user)
    flags = {name: name.removeprefix("Permissions") in held for name in sobject.fields if name.startswith("Permissions")}
    # The object is a view of the session without a record of its own: Salesforce gives such rows the empty Id.
    return [{"Id": "000000000000000AAA", **flags}]
