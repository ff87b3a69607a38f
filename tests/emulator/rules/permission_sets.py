# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission sets themselves: names, who may be edited, what deleting takes along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from emulator.errors import ApiError
from emulator.rules import registry
from emulator.rules.refusals import invalid_reference, masked_duplicate, refuse
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

Kind = Literal["custom", "managed", "standard", "profile", "group"]

NAME = re.compile(r"[A-Za-z](?!.*__)[A-Za-z0-9_]*(?<!_)")
CHILDREN = ("ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "PermissionSetTabSetting")
KIND_COLUMNS = ("Id", "IsOwnedByProfile", "PermissionSetGroupId", "IsCustom", "NamespacePrefix")
OPEN_TO_PROFILES = frozenset(CHILDREN)

BAD_NAME = Switch("bad_name_code", ("FIELD_INTEGRITY_EXCEPTION", "INVALID_INPUT"))
DUPLICATE_NAME = Switch("duplicate_set_name_code", ("DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"))
CLOSED_SET = Switch("closed_set_code", ("INSUFFICIENT_ACCESS_OR_READONLY", "INVALID_CROSS_REFERENCE_KEY"))
DELETE_IN_USE = Switch("delete_in_use_code", ("DELETE_FAILED", "DEPENDENCY_EXISTS"))
MANAGED_PERMISSIONS = Switch("managed_set_user_permissions", ("none", "documented"))
VIEW_ALL_DATA = Switch("view_all_data_rows", ("created", "none", "refused"))

rule(
    "permission_set_names",
    says="Name has letters, digits and single underscores, starts with a letter and does not end with an underscore.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api B (object reference, PermissionSet.Name)",
)
rule(
    "code_of_a_bad_permission_set_name",
    says="What the org answers to such a name.",
    grade=Grade.INFERRED,
    source="the code is published nowhere",
    switch=BAD_NAME,
)
rule(
    "permission_set_names_are_unique",
    says="Name is unique in a namespace, whatever the case.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api B",
)
rule(
    "code_of_a_duplicate_permission_set_name",
    says="DUPLICATE_DEVELOPER_NAME or DUPLICATE_VALUE.",
    grade=Grade.INFERRED,
    source="facts permission-api C4, unverified",
    switch=DUPLICATE_NAME,
)
rule(
    "managed_sets_are_closed",
    says="A set of an installed package, and everything in it, cannot be changed (CANNOT_MODIFY_MANAGED_OBJECT) or deleted "
    "(CANNOT_DELETE_MANAGED_OBJECT). It can be assigned.",
    grade=Grade.QUOTED,
    source="facts permission-api B (public error texts)",
)
rule(
    "managed_sets_carry_no_user_permissions",
    says="A packaged set carries custom objects, fields, classes, pages, tabs and custom settings; user permissions are left out when a package is "
    "installed (packaging guide), or carried as Vonage's page reads (API Enabled, Edit Tasks, Password Never Expires). Settled when an org is seeded.",
    grade=Grade.INFERRED,
    source="facts permission-api A3 and F1: the guide and the vendor's page disagree",
    switch=MANAGED_PERMISSIONS,
)
rule(
    "profile_owned_group_and_standard_sets_are_closed",
    says="The set behind a profile, the aggregate set of a group and Salesforce's own sets cannot be edited or deleted as permission sets. Object, "
    "field, class and tab rows of a profile-owned set can be written; those of the others cannot.",
    grade=Grade.QUOTED,
    source="facts permission-api B (object reference; public notes on profile-owned sets)",
)
rule(
    "code_of_a_write_to_a_closed_set",
    says="What the org answers then.",
    grade=Grade.INFERRED,
    source="the code is published nowhere",
    switch=CLOSED_SET,
)
rule(
    "rows_of_a_set_that_cannot_hold_them",
    says="Object or field rows written to a group's or a standard set are refused with INVALID_CROSS_REFERENCE_KEY.",
    grade=Grade.QUOTED,
    source="facts permission-api C4",
)
rule(
    "a_set_in_use_is_not_deleted",
    says="A set that is assigned to somebody or is a member of a group cannot be deleted.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api B",
)
rule(
    "code_of_deleting_a_set_in_use",
    says="What the org answers then.",
    grade=Grade.INFERRED,
    source="facts permission-api B, exact code unverified",
    switch=DELETE_IN_USE,
)
rule(
    "deleting_a_set_takes_its_contents_along",
    says="Object, field, class, page and tab rows of a deleted set are gone with it.",
    grade=Grade.DOCUMENTED,
    source="object reference: the rows' ParentId is a required reference",
)
rule(
    "view_all_data_brings_object_rows",
    says="Switching View All Data on adds Read and View All rows for every object, as physical rows, and none of them can be taken away while it is "
    "on; or there are no such rows; or it is refused until they are all there. Modify All Data stands for them.",
    grade=Grade.INFERRED,
    source="facts permission-api C3 and I: that the rows exist is documented, who creates them is not known",
    switch=VIEW_ALL_DATA,
)


for _name in (
    "permission_set_names",
    "permission_set_names_are_unique",
    "managed_sets_are_closed",
    "profile_owned_group_and_standard_sets_are_closed",
    "rows_of_a_set_that_cannot_hold_them",
    "a_set_in_use_is_not_deleted",
):
    breakable(_name)


def kind_of(permission_set: Mapping[str, Any]) -> Kind:
    if permission_set.get("IsOwnedByProfile"):
        return "profile"
    if permission_set.get("PermissionSetGroupId"):
        return "group"
    if not permission_set.get("IsCustom", True):
        return "standard"
    if permission_set.get("NamespacePrefix"):
        return "managed"
    return "custom"


def the_set(org: Org, set_id: object) -> dict[str, Any]:
    """What kind_of() asks of the permission set a row names, or the refusal for a reference that leads nowhere. A whole set has hundreds of columns."""
    found = org.store.find("PermissionSet", {"Id": str(set_id)}, KIND_COLUMNS) if set_id else []
    if not found:
        raise invalid_reference("ParentId")
    return found[0]


def closed_set(org: Org, words: str) -> ApiError:
    return refuse(org.switches[CLOSED_SET.name], words)


def managed_refusal(op: str, entity: str, component: object, field: str) -> ApiError:
    if op == "delete":
        return refuse("CANNOT_DELETE_MANAGED_OBJECT", f"Cannot delete managed object: entity={entity}, component={component}")
    return refuse(
        "CANNOT_MODIFY_MANAGED_OBJECT",
        f"Cannot modify managed object: entity={entity}, component={component}, field={field}, state=installed",
    )


@registry.before("insert", *CHILDREN)
@registry.before("update", *CHILDREN)
@registry.before("delete", *CHILDREN)
def contents_are_open(org: Org, user: str, change: Change) -> None:
    parent = the_set(org, (change.before or change.after)["ParentId"])
    kind = kind_of(parent)
    if kind == "managed" and holds("managed_sets_are_closed"):
        raise managed_refusal(change.op, change.sobject, parent["Id"], "ParentId")
    if kind in {"group", "standard"} and holds("rows_of_a_set_that_cannot_hold_them"):
        raise invalid_reference("ParentId")


@registry.before("insert", "PermissionSet")
def new_set(org: Org, user: str, change: Change) -> None:
    _check_name(org, change)
    change.after.update(
        IsCustom=True,
        IsOwnedByProfile=False,
        NamespacePrefix=None,
        ProfileId=None,
        PermissionSetGroupId=None,
        Type=_type_of(change.after),
    )


@registry.before("update", "PermissionSet")
def edited_set(org: Org, user: str, change: Change) -> None:
    _refuse_closed(org, change)
    if "Name" in change.given:
        _check_name(org, change)
    change.after["Type"] = _type_of(change.after)


@registry.before("delete", "PermissionSet")
def deleted_set(org: Org, user: str, change: Change) -> None:
    _refuse_closed(org, change)
    code = org.switches[DELETE_IN_USE.name]
    if not holds("a_set_in_use_is_not_deleted"):
        return
    if org.find("PermissionSetAssignment", PermissionSetId=change.id):
        raise refuse(code, "This permission set is assigned to users. Remove the assignments, then delete it.")
    if org.find("PermissionSetGroupComponent", PermissionSetId=change.id):
        raise refuse(code, "This permission set is a member of a permission set group. Remove it from the group, then delete it.")


@registry.after("delete", "PermissionSet", rule="deleting_a_set_takes_its_contents_along")
def contents_go_too(org: Org, user: str, change: Change) -> None:
    for child in CHILDREN:
        for row in org.find(child, ParentId=change.id):
            org.remove(child, row["Id"])


@registry.after("insert", "PermissionSet", rule="view_all_data_brings_object_rows")
@registry.after("update", "PermissionSet", rule="view_all_data_brings_object_rows")
def view_all_data_rows(org: Org, user: str, change: Change) -> None:
    switched_on = change.after.get("PermissionsViewAllData") and not change.before.get("PermissionsViewAllData")
    if not switched_on or org.switches[VIEW_ALL_DATA.name] != "created":
        return
    present = {row["SobjectType"]: row for row in org.find("ObjectPermissions", ParentId=change.id)}
    for sobject, _label in registry.PICKLISTS[("ObjectPermissions", "SobjectType")](org):
        if sobject in present:
            org.set("ObjectPermissions", present[sobject]["Id"], PermissionsRead=True, PermissionsViewAllRecords=True)
            continue
        org.put("ObjectPermissions", ParentId=change.id, SobjectType=sobject, PermissionsRead=True, PermissionsViewAllRecords=True)


def _refuse_closed(org: Org, change: Change) -> None:
    kind = kind_of(change.before)
    if kind == "managed" and holds("managed_sets_are_closed"):
        raise managed_refusal(change.op, "PermissionSet", change.id, next(iter(change.given), "Name"))
    if not holds("profile_owned_group_and_standard_sets_are_closed"):
        return
    if kind == "profile":
        raise closed_set(org, "This permission set belongs to a profile: edit the profile.")
    if kind == "group":
        raise closed_set(org, "This permission set belongs to a permission set group: edit the group.")
    if kind == "standard":
        raise closed_set(org, "Standard permission sets can't be edited.")


def _check_name(org: Org, change: Change) -> None:
    name = str(change.after["Name"])
    if holds("permission_set_names") and not NAME.fullmatch(name):
        raise bad_name(org, "Name")
    namespace = change.after.get("NamespacePrefix")
    twins = [row for row in org.find("PermissionSet", Name=name) if row.get("NamespacePrefix") == namespace and row["Id"] != change.id]
    if not twins or not holds("permission_set_names_are_unique"):
        return
    raise taken_name(org, name, "Name")


def bad_name(org: Org, field: str) -> ApiError:
    words = "The API Name can only contain underscores and alphanumeric characters and must follow the rules for API names."
    return refuse(org.switches[BAD_NAME.name], words, field)


def taken_name(org: Org, name: object, field: str) -> ApiError:
    if org.switches[DUPLICATE_NAME.name] == "DUPLICATE_VALUE":
        return masked_duplicate()
    return refuse("DUPLICATE_DEVELOPER_NAME", f"The name {name} is already in use. Choose another name.", field)


def _type_of(permission_set: Mapping[str, Any]) -> str:
    return "Session" if permission_set.get("HasActivationRequired") else "Regular"
