# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Object permissions: which objects can carry them, what needs what, rows that exist only because of Modify All Data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emulator import ids
from emulator.rules import registry
from emulator.rules.dependencies import INFERRED_EDGES, Edge, clause, enforced, shown_name
from emulator.rules.permission_sets import VIEW_ALL_DATA
from emulator.rules.permissionable import takes_object_permissions
from emulator.rules.refusals import duplicate, field_integrity, masked_duplicate
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

VERBS = {
    "Create": "PermissionsCreate",
    "Read": "PermissionsRead",
    "Edit": "PermissionsEdit",
    "Delete": "PermissionsDelete",
    "ViewAllRecords": "PermissionsViewAllRecords",
    "ModifyAllRecords": "PermissionsModifyAllRecords",
    "ViewAllFields": "PermissionsViewAllFields",
}
SPOKEN = {"ViewAllRecords": "Read All", "ModifyAllRecords": "Modify All", "ViewAllFields": "View All Fields"}
"""How messages call a right; the others are called as they are named."""

NEEDS = {
    "Create": ("Read",),
    "Edit": ("Read",),
    "Delete": ("Read", "Edit"),
    "ViewAllRecords": ("Read",),
    "ModifyAllRecords": ("Read", "Edit", "Delete", "ViewAllRecords"),
    "ViewAllFields": ("Read",),
}

ALL_FALSE = Switch("all_false_rows", ("deleted", "refused"))
NEW_WITHOUT_RIGHT = Switch("new_object_row_without_right", ("refused", "dropped"))
DETAIL = Switch("detail_needs_master", ("same_right", "read_and_view_all"))
DUPLICATE = Switch("duplicate_row_message", ("masked", "named"))
OBJECT_NEEDS = Switch("object_needs_of_user_permissions", ("refused", "added", "ignored"))

rule(
    "objects_that_take_object_permissions",
    says="SobjectType is a restricted picklist: custom objects and the usual standard ones; never Task, Event, User, custom settings.",
    grade=Grade.QUOTED,
    source="facts permission-api D: 0 of 1,117 public profiles and sets carry the excluded ones",
)
rule(
    "object_rights_need_each_other",
    says="Create and Edit need Read; Delete needs Read and Edit; View All needs Read; Modify All needs Read, Edit, Delete and View All (not "
    "Create); View All Fields needs Read. Otherwise FIELD_INTEGRITY_EXCEPTION.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api C3 (object reference, ObjectPermissions; no violation in 21,075 public entries)",
)
rule(
    "a_detail_needs_its_master",
    says="Read on a master-detail child needs Read on the master in the same set, and View All needs View All; taking the master's away first is "
    "refused too.",
    grade=Grade.QUOTED,
    source="facts permission-api C3 (public error texts)",
)
rule(
    "which_rights_of_a_detail_need_the_master_s",
    says="Every right except Create (the same right of the master), or only Read and View All as quoted.",
    grade=Grade.INFERRED,
    source="facts permission-api C3",
    switch=DETAIL,
)
rule(
    "objects_that_need_other_objects",
    says="Some standard objects need rights on others (Asset on Account and Contact ...); only objects that exist in the org count.",
    grade=Grade.QUOTED,
    source="facts permission-api C3; seed/dependencies.json",
)
rule(
    "user_permissions_need_object_permissions",
    says="Some user permissions need rights on objects in the same set (Convert Leads needs Create on Account): switching one on without them, or "
    "taking them away while it is on, is refused with FIELD_INTEGRITY_EXCEPTION. Modify All Data stands for all of them.",
    grade=Grade.QUOTED,
    source="facts permission-api C1 (sfxd wiki: Permission Convert Leads depends on permission(s): Create Account); seed/dependencies.json",
)
rule(
    "who_adds_the_object_permissions_of_a_user_permission",
    says="Where they are missing the write is refused, or the org adds the rights by itself, or takes the write as it is.",
    grade=Grade.INFERRED,
    source="facts permission-api C1 quotes a refusal without saying which API it came from; Setup adds them",
    switch=OBJECT_NEEDS,
)
rule(
    "one_row_an_object_and_set",
    says="A second row for the same set and object is refused with DUPLICATE_VALUE.",
    grade=Grade.INFERRED,
    source="facts permission-api C4: code assumed; whether the message names the row is not known",
    switch=DUPLICATE,
)
rule(
    "a_row_without_any_right",
    says="Updating a row to all false deletes it (documented), or is refused (community notes).",
    grade=Grade.INFERRED,
    source="facts permission-api D and H: documentation and notes disagree",
    switch=ALL_FALSE,
)
rule(
    "a_new_row_without_any_right",
    says="Inserting a row without any right: refused, or accepted and gone at once.",
    grade=Grade.INFERRED,
    source="only the update is documented (facts permission-api D)",
    switch=NEW_WITHOUT_RIGHT,
)
rule(
    "virtual_rows_of_modify_all_data",
    says="While a set has Modify All Data, every object it has no row for shows one with all rights and an Id that begins with 000; such rows "
    "cannot be updated or deleted.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api F2 (object reference, ObjectPermissions)",
)


for _name in (
    "object_rights_need_each_other",
    "a_detail_needs_its_master",
    "objects_that_need_other_objects",
    "user_permissions_need_object_permissions",
    "one_row_an_object_and_set",
    "a_row_without_any_right",
):
    breakable(_name)


@registry.picklist("ObjectPermissions", "SobjectType")
def permissionable_objects(org: Org) -> list[tuple[str, str]]:
    found = [sobject for sobject in org.schema.sobjects.values() if takes_object_permissions(sobject)]
    return [(sobject.name, sobject.label) for sobject in sorted(found, key=lambda one: one.name)]


def spoken(verb: str, sobject: str) -> str:
    return f"{SPOKEN.get(verb, verb)} {sobject}"


def rights_in(row: Mapping[str, Any] | None) -> frozenset[str]:
    return frozenset(verb for verb, column in VERBS.items() if row and row.get(column))


def broken_in_row(row: Mapping[str, Any]) -> list[str]:
    if not holds("object_rights_need_each_other"):
        return []
    held = rights_in(row)
    name = str(row["SobjectType"])
    broken = {verb: [needed for needed in NEEDS.get(verb, ()) if needed not in held] for verb in VERBS if verb in held}
    return [clause(spoken(verb, name), [spoken(one, name) for one in missing]) for verb, missing in broken.items() if missing]


def needed_elsewhere(org: Org, sobject: str, verb: str) -> list[tuple[str, str]]:
    """The (object, right) pairs on other objects that this right needs."""
    return _between(org).get((sobject, verb), [])


Between = Mapping[tuple[str, str], list[tuple[str, str]]]


def _between(org: Org) -> Between:
    """(object, right) -> what it needs on other objects of the org; only those that need something."""
    settings = [org.switches[DETAIL.name], org.switches[INFERRED_EDGES.name], sorted(registry.BROKEN)]
    found: Between = org.of_schema(f"needs between objects {settings}", lambda: _found_between(org))
    return found


def _found_between(org: Org) -> Between:
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    verbs = [verb for verb in VERBS if verb != "Create" and _detail_counts(org, verb)] if holds("a_detail_needs_its_master") else []
    for sobject in org.schema.sobjects.values():
        masters = [master for field in sobject.fields.values() if field.master_detail for master in field.reference_to]
        for verb in verbs if masters else ():
            found.setdefault((sobject.name, verb), []).extend((master, verb) for master in masters)
    for edge in enforced(org, "object_permissions") if holds("objects_that_need_other_objects") else ():
        one, _unused, verb = edge.permission.partition(":")
        other, _unused, right = edge.requires.partition(":")
        found.setdefault((one, verb), []).append((other, right))
    there = {
        key: [(other, right) for other, right in pairs if other != key[0] and other in org.schema.sobjects] for key, pairs in found.items()
    }
    return {key: pairs for key, pairs in there.items() if pairs}


def _leaning_on(org: Org) -> Mapping[str, frozenset[str]]:
    """Object -> the objects whose rights may need rights on it."""
    between = _between(org)
    settings = [org.switches[DETAIL.name], org.switches[INFERRED_EDGES.name], sorted(registry.BROKEN)]

    def turned() -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for (sobject, _verb), pairs in between.items():
            for other, _right in pairs:
                found.setdefault(other, set()).add(sobject)
        return {other: frozenset(names) for other, names in found.items()}

    known: Mapping[str, frozenset[str]] = org.of_schema(f"objects that lean on others {settings}", turned)
    return known


def _detail_counts(org: Org, verb: str) -> bool:
    return org.switches[DETAIL.name] == "same_right" or verb in {"Read", "ViewAllRecords"}


def broken_between_rows(org: Org, rows: Mapping[str, Mapping[str, Any]], sobject: str) -> list[str]:
    """What is missing on other objects for the rights of one object, given every row of a set by object."""
    clauses: list[str] = []
    for verb in VERBS:
        if verb not in rights_in(rows.get(sobject)):
            continue
        missing = [spoken(right, other) for other, right in needed_elsewhere(org, sobject, verb) if right not in rights_in(rows.get(other))]
        if missing:
            clauses.append(clause(spoken(verb, sobject), missing))
    return clauses


def general_edges(org: Org) -> list[tuple[str, str, str, str]]:
    """(object, right, object it needs, right it needs): what PermissionDependency can tell of the rules in this file."""
    found: list[tuple[str, str, str, str]] = []
    for sobject, _label in permissionable_objects(org):
        found += [(sobject, verb, sobject, needed) for verb, needs in NEEDS.items() for needed in needs]
        found += [(sobject, verb, other, right) for verb in VERBS for other, right in needed_elsewhere(org, sobject, verb)]
    return found


def missing_objects(
    org: Org, permission_set: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]], only: str | None = None
) -> dict[str, list[tuple[str, str]]]:
    """User permission that is on -> the rights on objects that it needs and the rows lack; only: look at that object alone."""
    missing: dict[str, list[tuple[str, str]]] = {}
    if permission_set.get("PermissionsModifyAllData"):
        return missing
    needed = needed_objects(org)
    wanted = needed.get(only, ()) if only is not None else (one for several in needed.values() for one in several)
    for permission, sobject, verb in wanted:
        if permission_set.get(f"Permissions{permission}") and verb not in rights_in(rows.get(sobject)):
            missing.setdefault(permission, []).append((sobject, verb))
    return missing


def _missing_for(
    org: Org, permission_set: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]], sobject: str
) -> dict[str, list[tuple[str, str]]]:
    """What a set lacks after a change to the rows of one object."""
    missing = missing_objects(org, permission_set, rows, sobject)
    if org.switches[OBJECT_NEEDS.name] == "refused":
        return missing
    return {name: pairs for name, pairs in missing.items() if name == "ViewAllData"}


Needed = Mapping[str, Sequence[tuple[str, str, str]]]


def needed_objects(org: Org) -> Needed:
    """Object -> (user permission, that object, right), for the objects that take permissions in this org."""
    settings = [org.switches[switch.name] for switch in (VIEW_ALL_DATA, OBJECT_NEEDS, INFERRED_EDGES)]
    found: Needed = org.of_schema(f"objects that user permissions need {settings} {sorted(registry.BROKEN)}", lambda: _needed_objects(org))
    return found


def _needed_objects(org: Org) -> Needed:
    found: dict[str, list[tuple[str, str, str]]] = {name: [] for name, _label in permissionable_objects(org)}
    for edge in _object_needs(org):
        sobject, _unused, verb = edge.requires.partition(":")
        if sobject in found:
            found[sobject].append((edge.permission, sobject, verb))
    if org.switches[VIEW_ALL_DATA.name] != "none" and holds("view_all_data_brings_object_rows"):
        for sobject, needs in found.items():
            needs += [("ViewAllData", sobject, verb) for verb in ("Read", "ViewAllRecords")]
    return found


def _object_needs(org: Org) -> Sequence[Edge]:
    if org.switches[OBJECT_NEEDS.name] == "ignored" or not holds("user_permissions_need_object_permissions"):
        return ()
    return enforced(org, "objects_of_user_permissions")


def needs_spoken(org: Org, missing: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
    return [
        clause(shown_name(org, permission), [spoken(verb, sobject) for sobject, verb in pairs])
        for permission, pairs in sorted(missing.items())
    ]


def rows_of_set(org: Org, set_id: object) -> dict[str, Mapping[str, Any]]:
    return {str(row["SobjectType"]): row for row in org.find("ObjectPermissions", ParentId=set_id)}


def _rows_about(org: Org, set_id: object, sobject: str) -> dict[str, Mapping[str, Any]]:
    """The set's rows of that object, of those that lean on it, and of all that these need: a set may hold rows of thousands of objects."""
    judged = {sobject, *_leaning_on(org).get(sobject, ())}
    names = judged | {other for one in judged for verb in VERBS for other, _right in needed_elsewhere(org, one, verb)}
    return {str(row["SobjectType"]): row for row in org.find("ObjectPermissions", ParentId=set_id, SobjectType=sorted(names))}


@registry.before("insert", "ObjectPermissions")
def new_row(org: Org, user: str, change: Change) -> None:
    existing = org.find("ObjectPermissions", ParentId=change.after["ParentId"], SobjectType=change.after["SobjectType"])
    if existing and holds("one_row_an_object_and_set"):
        if org.switches[DUPLICATE.name] == "masked":
            raise masked_duplicate()
        raise duplicate(f"duplicate value found: SobjectType duplicates value on record with id: {existing[0]['Id']}")
    _refuse_empty(org, change, NEW_WITHOUT_RIGHT)
    rights_hold(org, change)


@registry.before("update", "ObjectPermissions")
def changed_row(org: Org, user: str, change: Change) -> None:
    _refuse_empty(org, change, ALL_FALSE)
    rights_hold(org, change)


def _refuse_empty(org: Org, change: Change, switch: Switch) -> None:
    if not rights_in(change.after) and holds("a_row_without_any_right") and org.switches[switch.name] == "refused":
        raise field_integrity("Object permissions need at least one permission.")


def rights_hold(org: Org, change: Change) -> None:
    sobject = str(change.after["SobjectType"])
    rows = {**_rows_about(org, change.after["ParentId"], sobject), sobject: change.after}
    _refuse_broken(org, change, rows, broken_in_row(change.after))


@registry.before("delete", "ObjectPermissions")
def nobody_needs_it(org: Org, user: str, change: Change) -> None:
    rows = _rows_about(org, change.before["ParentId"], str(change.before["SobjectType"]))
    rows.pop(str(change.before["SobjectType"]), None)
    _refuse_broken(org, change, rows, [])


def _refuse_broken(org: Org, change: Change, rows: Mapping[str, Mapping[str, Any]], own: list[str]) -> None:
    clauses = list(own)
    parent = org.get("PermissionSet", str((change.before or change.after)["ParentId"])) or {}
    changed = str((change.before or change.after)["SobjectType"])
    # Modify All Data stands for every right on every object, so rows of such a set need nothing of each other.
    if not parent.get("PermissionsModifyAllData"):
        for sobject in sorted({changed, *_leaning_on(org).get(changed, ())} & rows.keys()):
            clauses += broken_between_rows(org, rows, sobject)
    clauses += needs_spoken(org, _missing_for(org, parent, rows, changed))
    if clauses:
        raise field_integrity("; ".join(clauses))


@registry.after("insert", "ObjectPermissions", rule="a_row_without_any_right")
@registry.after("update", "ObjectPermissions", rule="a_row_without_any_right")
def empty_row_goes(org: Org, user: str, change: Change) -> None:
    if change.id is not None and not rights_in(change.after):
        org.remove("ObjectPermissions", change.id)


@registry.rows("ObjectPermissions", rule="virtual_rows_of_modify_all_data")
def virtual_rows(org: Org, user: str) -> list[dict[str, Any]]:
    columns = [column for column in VERBS.values() if column != VERBS["ViewAllFields"]]
    sets = sorted(org.find("PermissionSet", PermissionsModifyAllData=True), key=lambda row: str(row["Id"]))
    rows: list[dict[str, Any]] = []
    for number, permission_set in enumerate(sets):
        present = rows_of_set(org, permission_set["Id"])
        for index, (sobject, _label) in enumerate(permissionable_objects(org)):
            if sobject in present:
                continue
            row_id = ids.to_18(f"000{number:08d}{index:04d}")
            rows.append(
                {
                    "Id": row_id,
                    "ParentId": permission_set["Id"],
                    "SobjectType": sobject,
                    **dict.fromkeys(columns, True),
                    **{name: permission_set.get(name) for name in ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")},
                    "SystemModstamp": permission_set.get("SystemModstamp"),
                }
            )
    return rows
