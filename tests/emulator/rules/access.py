# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the running user may do with records and see of their fields: object permissions and field-level security, added up over the
profile's own permission set and every set granted now.

An org whose profiles have no permission sets of their own (a hand-made test org) describes neither field-level security nor rights on custom
objects, and shows both to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emulator.model import Field, Schema, SObject
from emulator.rules import registry
from emulator.rules.permissionable import takes_object_permissions
from emulator.rules.registry import Change, Grade, Op, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Holder, Org

HIDDEN_WRITE = Switch("write_to_hidden_field", ("INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"))

rule(
    "business_records_need_object_permissions",
    says="Reading or writing records of an object that takes object permissions, custom objects of packages included, needs Read, Create, Edit or "
    "Delete on it through the profile or a granted set; View All Data and Modify All Data stand for all of them. Without Read the object looks "
    "unknown. Sharing of single records is not emulated.",
    grade=Grade.DOCUMENTED,
    source="object reference, ObjectPermissions; facts permission-api C3",
)
rule(
    "fields_are_hidden_without_field_permissions",
    says="A field that takes field permissions is absent for a user without Read on it: from describe, from FIELDS(), and a query that names it "
    "answers INVALID_FIELD as for one that does not exist. Modify All Data and View All Data do not open it; View All Fields on the object or "
    "for the whole org does, for reading.",
    grade=Grade.QUOTED,
    source="omniphx/forrest issue 307, jereze/alfred-salesforce issue 4, bruin-data/ingestr pull request 1011 (describe leaves the field out); "
    "facts permission-api C3 for View All Fields",
)
rule(
    "fields_are_read_only_without_edit",
    says="Writing a field that is readable and not editable for the user answers INVALID_FIELD_FOR_INSERT_UPDATE, and its describe says neither "
    "createable nor updateable.",
    grade=Grade.QUOTED,
    source="golden errors.json: field not writable (its words name the security settings of the field)",
)
rule(
    "code_of_writing_a_hidden_field",
    says="A field that the user cannot even read is unknown in a write as well, or answered as one that is not writable.",
    grade=Grade.INFERRED,
    source="both codes are reported in public for fields without field-level security; which belongs to which is not documented",
    switch=HIDDEN_WRITE,
)
rule(
    "describe_shows_the_running_user_s_rights",
    says="createable, updateable and deletable of an object with object permissions, and of tasks and events, say what the running user may do.",
    grade=Grade.DOCUMENTED,
    source="Apex reference, DescribeSObjectResult: createable is whether the current user can create the object; that REST shows the same is assumed",
)
rule(
    "activities_need_user_permissions",
    says="Tasks and events take no object permissions: reading them needs Access Activities where the org has that permission, writing Edit Tasks or "
    "Edit Events. Modify All Data stands for all three.",
    grade=Grade.QUOTED,
    source="Salesforce Help, Control Access to Activities (reading); simplysfdc.com 2015-01, Activity Controlled by Parent (writing); facts "
    "permission-api A3 and D",
)
for _name in (
    "business_records_need_object_permissions",
    "fields_are_hidden_without_field_permissions",
    "fields_are_read_only_without_edit",
    "activities_need_user_permissions",
    "describe_shows_the_running_user_s_rights",
):
    breakable(_name)

OBJECT_VERBS: Mapping[Op, str] = {"insert": "Create", "update": "Edit", "delete": "Delete"}
ACTIVITIES = {"Task": "EditTask", "Event": "EditEvent"}
SOURCES = frozenset({"ObjectPermissions", "FieldPermissions", "PermissionSet", "PermissionSetAssignment", "Profile", "User"})
"""Objects whose records decide what a user sees: a write to one of them makes everything remembered here stale."""

ROWS_OF_SETS = frozenset({"ObjectPermissions", "FieldPermissions"})

NEEDED = ("User", "PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions")
"""Without these an org says nothing about rights."""
FIELD_RIGHTS = ("Field", "PermissionsRead", "PermissionsEdit")


_LOOKED_UP: ContextVar[dict[str, tuple[frozenset[str], Access]] | None] = ContextVar("looked_up", default=None)


@dataclass(frozen=True)
class Access:
    """objects: object -> verbs; fields: Object.Field -> whether editable; described: whether the org says anything about fields."""

    objects: Mapping[str, frozenset[str]]
    fields: Mapping[str, bool]
    all_fields: bool
    described: bool

    def reads_all_fields(self, sobject: str) -> bool:
        return not self.described or self.all_fields or "ViewAllFields" in self.objects.get(sobject, frozenset())


@dataclass
class Remembered:
    """Added up once for each combination of sets, until one of them changes."""

    generation: int = -1
    sets: dict[Holder, tuple[str, ...]] = field(default_factory=dict)
    accesses: dict[tuple[str, ...], Access] = field(default_factory=dict)
    schemas: dict[tuple[tuple[str, ...], int, frozenset[str]], tuple[Schema, Schema]] = field(default_factory=dict)


def sets_of(org: Org, user: str) -> tuple[str, ...]:
    """Ids of the permission sets that count for that user now, the profile's own one first, then sorted."""
    if any(org.schema.sobject(name) is None for name in NEEDED):
        return ()
    holder = org.holder(user)
    if holder is None:
        return ()
    known = _fresh(org).sets
    if holder not in known:
        rows = org.store.find("PermissionSet", {"ProfileId": holder.profile, "IsOwnedByProfile": True}, ("Id",)) if holder.profile else []
        own = [str(row["Id"]) for row in rows]
        known[holder] = (*own, *sorted(set(holder.sets) - set(own)))
    return known[holder]


def access_of(org: Org, user: str) -> Access:
    return _access(org, sets_of(org, user))


def _fresh(org: Org) -> Remembered:
    if org.remembered.generation != org.access_generation:
        org.remembered = Remembered(org.access_generation)
    return org.remembered


def _access(org: Org, sets: tuple[str, ...]) -> Access:
    known = _fresh(org).accesses
    if sets not in known:
        known[sets] = _added_up(org, sets)
    return known[sets]


def _added_up(org: Org, sets: tuple[str, ...]) -> Access:
    if not sets:
        return Access({}, {}, all_fields=False, described=False)
    objects: dict[str, frozenset[str]] = {}
    for row in org.find("ObjectPermissions", ParentId=sets):
        held = frozenset(
            name.removeprefix("Permissions") for name, value in row.items() if value is True and name.startswith("Permissions")
        )
        objects[str(row["SobjectType"])] = objects.get(str(row["SobjectType"]), frozenset()) | held
    fields: dict[str, bool] = {}
    for row in org.store.find("FieldPermissions", {"ParentId": sets}, FIELD_RIGHTS):
        if row["PermissionsRead"]:
            fields[str(row["Field"])] = fields.get(str(row["Field"]), False) or bool(row["PermissionsEdit"])
    permission_sets = org.find("PermissionSet", Id=sets)
    return Access(
        objects,
        fields,
        all_fields=any(row.get("PermissionsViewAllFieldsGlobal") for row in permission_sets),
        described=any(row.get("IsOwnedByProfile") for row in permission_sets),
    )


# --- records ------------------------------------------------------------------------------------------------------------


@contextmanager
def at_once() -> Iterator[None]:
    """While inside, a user's rights are looked up once: for what asks of every object of the org in one go, and writes nothing."""
    token = _LOOKED_UP.set({})
    try:
        yield
    finally:
        _LOOKED_UP.reset(token)


def _rights_of(org: Org, user: str) -> tuple[frozenset[str], Access]:
    """User permissions and access of that user."""
    known = _LOOKED_UP.get()
    if known is None:
        return org.permissions_of(user), access_of(org, user)
    if user not in known:
        known[user] = org.permissions_of(user), access_of(org, user)
    return known[user]


def has_object_right(org: Org, user: str, sobject: str, verb: str) -> bool:
    """Whether the user's profile and granted sets give Create, Read, Edit or Delete on that object."""
    held, access = _rights_of(org, user)
    if "ModifyAllData" in held or (verb == "Read" and "ViewAllData" in held):
        return True
    return verb in access.objects.get(sobject, frozenset())


def may_read(org: Org, user: str, sobject: str) -> bool:
    """For objects without a right of their own in the registry."""
    found = org.schema.sobject(sobject)
    if found is None:
        return True
    if found.name in ACTIVITIES:
        return not holds("activities_need_user_permissions") or _may_read_activities(org, user)
    if not takes_object_permissions(found) or not holds("business_records_need_object_permissions"):
        return True
    if found.custom and not _rights_of(org, user)[1].described:
        return True
    return has_object_right(org, user, found.name, "Read")


def _may_read_activities(org: Org, user: str) -> bool:
    permission_set = org.schema.sobject("PermissionSet")
    if permission_set is None or "PermissionsActivitiesAccess" not in permission_set.fields:
        return True
    return not org.permissions_of(user).isdisjoint({"ActivitiesAccess", "ModifyAllData", "ViewAllData"})


def may_write(org: Org, user: str, change: Change) -> bool:
    found = org.schema.sobject(change.sobject)
    if found is None:
        return True
    if found.name in ACTIVITIES:
        needed = {ACTIVITIES[found.name], "ModifyAllData"}
        return not holds("activities_need_user_permissions") or not org.permissions_of(user).isdisjoint(needed)
    if not takes_object_permissions(found) or not holds("business_records_need_object_permissions"):
        return True
    if found.custom and not _rights_of(org, user)[1].described:
        return True
    return has_object_right(org, user, found.name, OBJECT_VERBS[change.op])


def as_permitted(org: Org, user: str, sobject: SObject) -> SObject:
    """The object as describe shows it: createable, updateable and deletable only where this user may."""
    if not (takes_object_permissions(sobject) or sobject.name in ACTIVITIES) or not holds("describe_shows_the_running_user_s_rights"):
        return sobject
    return replace(
        sobject,
        createable=sobject.createable and _may(org, user, sobject.name, "insert"),
        updateable=sobject.updateable and _may(org, user, sobject.name, "update"),
        deletable=sobject.deletable and _may(org, user, sobject.name, "delete"),
    )


def _may(org: Org, user: str, sobject: str, op: Op) -> bool:
    return may_write(org, user, Change(op, sobject, None, {}, {}, {}))


# --- fields -------------------------------------------------------------------------------------------------------------


def secured_fields(sobject: SObject) -> list[Field]:
    return [item for item in sobject.fields.values() if item.permissionable and not item.master_detail and not sobject.custom_setting]


def as_seen(access: Access, sobject: SObject) -> SObject:
    """The object with only the fields that may be read, each as writable as it is for the user."""
    if not access.described:
        return sobject
    secured = secured_fields(sobject)
    hidden = [item.name for item in secured if f"{sobject.name}.{item.name}" not in access.fields]
    if access.reads_all_fields(sobject.name) or not holds("fields_are_hidden_without_field_permissions"):
        hidden = []
    shown = sobject.without_fields(hidden) if hidden else sobject
    return _read_only(
        shown, [item for item in secured if item.name in shown.fields and not access.fields.get(f"{sobject.name}.{item.name}")]
    )


def as_written(org: Org, user: str, sobject: SObject) -> SObject:
    """The object as a write by that user meets it."""
    access = access_of(org, user)
    if not access.described:
        return sobject
    if org.switches[HIDDEN_WRITE.name] == "INVALID_FIELD":
        return as_seen(access, sobject)
    return _read_only(sobject, [item for item in secured_fields(sobject) if not access.fields.get(f"{sobject.name}.{item.name}")])


def _read_only(sobject: SObject, fields: Iterable[Field]) -> SObject:
    closed = [replace(item, createable=False, updateable=False) for item in fields if item.createable or item.updateable]
    if not closed or not holds("fields_are_read_only_without_edit"):
        return sobject
    return sobject.with_fields(closed)


def seen_schema(org: Org, user: str, schema: Schema) -> Schema:
    """That schema as the user sees it; the same object again for as long as nothing changes."""
    sets = sets_of(org, user)
    access = _access(org, sets)
    if not access.described:
        return schema
    known = _fresh(org).schemas
    key = (sets, id(schema), frozenset(registry.BROKEN))
    if key not in known or known[key][0] is not schema:
        changed = [as_seen(access, sobject) for sobject in schema.sobjects.values() if secured_fields(sobject)]
        known[key] = (schema, schema.with_sobjects(changed))
    return known[key][1]


def stale(org: Org, sobject: str, record: Mapping[str, Any] | None = None) -> None:
    """Called for every stored write; record is one that comes new. A row of a set that nobody was asked about changes nothing remembered."""
    if sobject not in SOURCES:
        return
    if record is not None and sobject in ROWS_OF_SETS and not any(record["ParentId"] in sets for sets in org.remembered.accesses):
        return
    org.access_generation += 1
