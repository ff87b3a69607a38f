# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission set groups: the aggregate set behind each group, and when it is up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.permission_sets import BAD_NAME, DELETE_IN_USE, NAME, bad_name, kind_of, managed_refusal, taken_name
from emulator.rules.refusals import masked_duplicate, refuse
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

RECALCULATION = Switch("group_recalculation", ("immediate", "held", "failed", "delayed"))
SET_NAME = Switch("name_of_a_group_s_set", ("the_group_s", "made_up"))
SECOND_MUTING = Switch("second_muting_set_code", ("FIELD_INTEGRITY_EXCEPTION", "DUPLICATE_VALUE"))

rule(
    "a_group_has_an_aggregate_set",
    says="Behind every permission set group stands one read-only permission set that adds up its members' user permissions, object and field "
    "rows and setup access; assignments of the group point at it.",
    grade=Grade.QUOTED,
    source="facts permission-api B and D; facts contact-center-api 4",
)
rule(
    "what_the_set_behind_a_group_is_called",
    says="It bears the group's DeveloperName, or a name that the org made up. Its label and session activation follow the group's.",
    grade=Grade.INFERRED,
    source="trailheadapps/multiframework-recipes#100 says that a set of the same name is made for every group; the documentation is silent",
    switch=SET_NAME,
)
rule(
    "a_muting_set_takes_permissions_away",
    says="A user permission that is on in a group's muting permission set is off in the aggregate set, whatever the members say; a user who has it "
    "from elsewhere keeps it. Muted object and field permissions are not emulated.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, MutingPermissionSet)",
)
rule(
    "a_group_mutes_with_one_set",
    says="A group has one muting set and a muting set one group; the code of a second one.",
    grade=Grade.INFERRED,
    source="facts permission-api D: one per group is documented, the code is not",
    switch=SECOND_MUTING,
)
rule(
    "names_of_groups_and_muting_sets",
    says="DeveloperName of a permission set group or a muting set has letters, digits and single underscores, starts with a letter, does not end with "
    "an underscore and is unique in its namespace.",
    grade=Grade.DOCUMENTED,
    source="object reference, PermissionSetGroup.DeveloperName and MutingPermissionSet.DeveloperName",
)
rule(
    "codes_of_bad_and_taken_group_names",
    says="As for permission sets: see bad_name_code; a taken name follows duplicate_set_name_code.",
    grade=Grade.INFERRED,
    source="by analogy with permission sets, whose codes are open",
    switch=BAD_NAME,
)
rule(
    "an_assigned_group_is_not_deleted",
    says="A permission set group that is assigned to somebody is not deleted; the code.",
    grade=Grade.INFERRED,
    source="by analogy with permission sets (facts permission-api B)",
    switch=DELETE_IN_USE,
)
rule(
    "groups_are_recalculated",
    says="Recalculation is asynchronous: here it is done at once, or the group stays Outdated until somebody sets its Status, or it ends as Failed "
    "and the aggregate set stays as it was, or it takes its time (OrgSettings.group_recalculation_seconds, by the org's clock): Outdated, then "
    "Updating, then Updated with the aggregate set added up anew.",
    grade=Grade.INFERRED,
    source="facts permission-api D: that it is asynchronous is documented, how long it takes is not",
    switch=RECALCULATION,
)


for _name in (
    "a_group_has_an_aggregate_set",
    "groups_are_recalculated",
    "a_muting_set_takes_permissions_away",
    "a_group_mutes_with_one_set",
):
    breakable(_name)


UPDATING_AFTER = 1 / 3
"""How much of the time a changed group stays Outdated before it is Updating."""
MUTING = "0QM"
"""Key prefix of muting permission sets."""


def aggregate_of(org: Org, group_id: str) -> dict[str, Any] | None:
    found = org.find("PermissionSet", PermissionSetGroupId=group_id)
    return found[0] if found else None


@registry.before("insert", "PermissionSetGroup")
def new_group(org: Org, user: str, change: Change) -> None:
    change.after.update(NamespacePrefix=None, Status="Updated")


@registry.before("insert", "PermissionSetGroup", "MutingPermissionSet", rule="names_of_groups_and_muting_sets")
@registry.before("update", "PermissionSetGroup", "MutingPermissionSet", rule="names_of_groups_and_muting_sets")
def well_named(org: Org, user: str, change: Change) -> None:
    if "DeveloperName" not in change.given:
        return
    name = str(change.after["DeveloperName"])
    if not NAME.fullmatch(name):
        raise bad_name(org, "DeveloperName")
    namespace = change.after.get("NamespacePrefix")
    if any(row["Id"] != change.id and row.get("NamespacePrefix") == namespace for row in org.find(change.sobject, DeveloperName=name)):
        raise taken_name(org, name, "DeveloperName")


@registry.after("insert", "PermissionSetGroup")
def group_gets_its_set(org: Org, user: str, change: Change) -> None:
    put_aggregate(org, str(change.id), change.after)


@registry.before("update", "PermissionSetGroup")
@registry.before("delete", "PermissionSetGroup")
def managed_groups_are_closed(org: Org, user: str, change: Change) -> None:
    if change.before.get("NamespacePrefix"):
        raise managed_refusal(change.op, "PermissionSetGroup", change.id, "DeveloperName")
    if change.op == "delete":
        aggregate = aggregate_of(org, str(change.id))
        if aggregate and org.find("PermissionSetAssignment", PermissionSetId=aggregate["Id"]):
            raise refuse(org.switches[DELETE_IN_USE.name], "This permission set group is assigned to users.")


@registry.after("delete", "PermissionSetGroup")
def set_goes_with_its_group(org: Org, user: str, change: Change) -> None:
    for row in org.find("PermissionSetGroupComponent", PermissionSetGroupId=change.id):
        org.remove("PermissionSetGroupComponent", row["Id"])
    aggregate = aggregate_of(org, str(change.id))
    if aggregate:
        clear_contents(org, aggregate["Id"])
        org.remove("PermissionSet", aggregate["Id"])


@registry.before("insert", "PermissionSetGroupComponent")
def new_member(org: Org, user: str, change: Change) -> None:
    member = str(change.after["PermissionSetId"])
    if member.startswith(MUTING):
        _one_muting_set(org, str(change.after["PermissionSetGroupId"]), member)
        return
    if kind_of(org.get("PermissionSet", member) or {}) in {"profile", "group"}:
        raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "PermissionSetId")
    if org.find("PermissionSetGroupComponent", PermissionSetGroupId=change.after["PermissionSetGroupId"], PermissionSetId=member):
        raise masked_duplicate()


def _one_muting_set(org: Org, group_id: str, member: str) -> None:
    others = org.find("PermissionSetGroupComponent", PermissionSetId=member) + org.find(
        "PermissionSetGroupComponent", PermissionSetGroupId=group_id
    )
    taken = [row for row in others if str(row["PermissionSetId"]).startswith(MUTING)]
    if taken and holds("a_group_mutes_with_one_set"):
        code = org.switches[SECOND_MUTING.name]
        raise (
            masked_duplicate()
            if code == "DUPLICATE_VALUE"
            else refuse(code, "A permission set group has one muting permission set.", "PermissionSetId")
        )


@registry.after("update", "MutingPermissionSet")
def muting_changed(org: Org, user: str, change: Change) -> None:
    _groups_of_set_changed(org, change.id)


@registry.after("delete", "MutingPermissionSet")
def muting_gone(org: Org, user: str, change: Change) -> None:
    for row in org.find("PermissionSetGroupComponent", PermissionSetId=change.id):
        org.remove("PermissionSetGroupComponent", row["Id"])
        _outdated(org, str(row["PermissionSetGroupId"]))


@registry.after("insert", "PermissionSetGroupComponent")
@registry.after("delete", "PermissionSetGroupComponent")
def members_changed(org: Org, user: str, change: Change) -> None:
    _outdated(org, str((change.before or change.after)["PermissionSetGroupId"]))


@registry.after("update", "PermissionSet")
def member_set_changed(org: Org, user: str, change: Change) -> None:
    _groups_of_set_changed(org, change.id)


@registry.after("insert", "ObjectPermissions", "FieldPermissions", "SetupEntityAccess")
@registry.after("update", "ObjectPermissions", "FieldPermissions")
@registry.after("delete", "ObjectPermissions", "FieldPermissions", "SetupEntityAccess")
def member_contents_changed(org: Org, user: str, change: Change) -> None:
    _groups_of_set_changed(org, (change.before or change.after)["ParentId"])


def _groups_of_set_changed(org: Org, set_id: object) -> None:
    for row in org.find("PermissionSetGroupComponent", PermissionSetId=set_id):
        _outdated(org, str(row["PermissionSetGroupId"]))


def _outdated(org: Org, group_id: str) -> None:
    """A member, or what it holds, has changed."""
    if not holds("groups_are_recalculated"):
        return
    setting = org.switches[RECALCULATION.name]
    if setting == "immediate":
        recalculate(org, group_id)
        return
    org.set("PermissionSetGroup", group_id, Status="Failed" if setting == "failed" else "Outdated")
    if setting == "delayed":
        org.recalculations[group_id] = org.clock()


@registry.settles("PermissionSetGroup")
@registry.settles("PermissionSet")
@registry.settles("PermissionSetAssignment")
@registry.settles("ObjectPermissions")
@registry.settles("FieldPermissions")
@registry.settles("SetupEntityAccess")
def groups_as_of_now(org: Org) -> None:
    """Bring the groups whose recalculation takes its time to where it stands now."""
    for group_id, since in list(org.recalculations.items()):
        elapsed = (org.clock() - since).total_seconds() / (org.settings.group_recalculation_seconds or 1)
        group = org.get("PermissionSetGroup", group_id)
        if group is None or elapsed >= 1:
            del org.recalculations[group_id]
            recalculate(org, group_id)
        elif elapsed >= UPDATING_AFTER and group["Status"] != "Updating":
            org.set("PermissionSetGroup", group_id, Status="Updating")


def put_aggregate(org: Org, group_id: str, group: Any) -> str:
    """The set behind a new group."""
    return org.put(
        "PermissionSet",
        Name=_name_of_set(org, group),
        Label=group["MasterLabel"],
        PermissionSetGroupId=group_id,
        IsCustom=True,
        IsOwnedByProfile=False,
        NamespacePrefix=group.get("NamespacePrefix"),
        HasActivationRequired=bool(group.get("HasActivationRequired")),
        Type="Group",
    )


def _name_of_set(org: Org, group: Any) -> str:
    same = org.switches[SET_NAME.name] == "the_group_s"
    return str(group["DeveloperName"]) if same else f"PSG_{group['DeveloperName']}"


@registry.after("update", "PermissionSetGroup")
def set_follows_its_group(org: Org, user: str, change: Change) -> None:
    aggregate = aggregate_of(org, str(change.id))
    if aggregate:
        org.set(
            "PermissionSet",
            aggregate["Id"],
            Name=_name_of_set(org, change.after),
            Label=change.after["MasterLabel"],
            HasActivationRequired=bool(change.after.get("HasActivationRequired")),
        )


def clear_contents(org: Org, set_id: str) -> None:
    for child in ("ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "PermissionSetTabSetting"):
        for row in org.find(child, ParentId=set_id):
            org.remove(child, row["Id"])


def recalculate(org: Org, group_id: str) -> None:
    """Add the members up into the aggregate set and call the group up to date."""
    aggregate = aggregate_of(org, group_id)
    if aggregate is None or not holds("a_group_has_an_aggregate_set"):
        return
    components = [str(row["PermissionSetId"]) for row in org.find("PermissionSetGroupComponent", PermissionSetGroupId=group_id)]
    members = [one for one in components if not one.startswith(MUTING)]
    muted = _muted(org, [one for one in components if one.startswith(MUTING)])
    sets = org.find("PermissionSet", Id=members) if members else []
    flags = {name: name not in muted and any(one.get(name) for one in sets) for name in aggregate if name.startswith("Permissions")}
    org.set("PermissionSet", aggregate["Id"], **flags)
    clear_contents(org, aggregate["Id"])
    _add_up(org, aggregate["Id"], members, "ObjectPermissions", "SobjectType")
    _add_up(org, aggregate["Id"], members, "FieldPermissions", "Field")
    _add_up(org, aggregate["Id"], members, "SetupEntityAccess", "SetupEntityId")
    org.set("PermissionSetGroup", group_id, Status="Updated")


def _muted(org: Org, muting_sets: list[str]) -> set[str]:
    """The columns that are on in the group's muting set: off for everybody who has them through the group."""
    if not muting_sets or not holds("a_muting_set_takes_permissions_away"):
        return set()
    rows = org.find("MutingPermissionSet", Id=muting_sets)
    return {name for row in rows for name, value in row.items() if name.startswith("Permissions") and value}


def _add_up(org: Org, aggregate_id: str, members: list[str], child: str, key: str) -> None:
    merged: dict[str, dict[str, Any]] = {}
    for row in org.find(child, ParentId=members) if members else []:
        known = merged.setdefault(str(row[key]), {name: row[name] for name in (key, "SobjectType", "SetupEntityType") if name in row})
        known.update({name: bool(known.get(name)) or value for name, value in row.items() if name.startswith("Permissions")})
    for values in merged.values():
        org.put(child, ParentId=aggregate_id, **values)
