# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Field permissions: which fields can carry them, read and edit, activity fields that live on both Task and Event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emulator.model import Field, SObject
from emulator.rules import registry
from emulator.rules.dependencies import clause
from emulator.rules.refusals import duplicate, field_integrity, invalid_reference
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

TWINS = {"Task": "Event", "Event": "Task"}

MIRRORING = Switch("activity_mirroring", ("mirrored", "separate"))
MISMATCH = Switch("field_of_other_object_code", ("FIELD_INTEGRITY_EXCEPTION", "INVALID_CROSS_REFERENCE_KEY"))
HIDDEN_ROWS = Switch("hidden_field_rows", ("unseen", "org_only"))
NEW_WITHOUT_READ = Switch("new_field_row_without_read", ("refused", "dropped"))

rule(
    "fields_that_take_field_permissions",
    says="Field is a restricted picklist of Object.Field: custom fields that are neither required nor master-detail, and the standard fields that "
    "describe calls permissionable; never Id, audit, owner and name fields.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, FieldPermissions) and A5",
)
rule(
    "edit_on_a_field_needs_read",
    says="PermissionsEdit without PermissionsRead is refused with FIELD_INTEGRITY_EXCEPTION.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api C3 (object reference; no violation in 166,000 public entries)",
)
rule(
    "formulas_and_auto_numbers_are_read_only",
    says="Edit on a calculated or auto-number field is refused with FIELD_INTEGRITY_EXCEPTION.",
    grade=Grade.QUOTED,
    source="facts permission-api C4",
)
rule(
    "a_field_belongs_to_its_object",
    says="Field names a field of SobjectType; another one is refused.",
    grade=Grade.INFERRED,
    source="the code is published nowhere",
    switch=MISMATCH,
)
rule(
    "one_row_a_field_and_set",
    says="A second row is refused with DUPLICATE_VALUE and the existing row's Id in the text.",
    grade=Grade.QUOTED,
    source="facts permission-api C4",
)
rule(
    "a_field_row_without_read_is_deleted",
    says="Updating a row to read false deletes it.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, FieldPermissions)",
)
rule(
    "a_new_field_row_without_read",
    says="Inserting a row with neither read nor edit: refused, or accepted and gone at once.",
    grade=Grade.INFERRED,
    source="only the update is documented",
    switch=NEW_WITHOUT_READ,
)
rule(
    "activity_fields_are_mirrored",
    says="A custom Activity field appears on Task and Event; writing, changing or deleting the row of one does the same to the other.",
    grade=Grade.INFERRED,
    source="facts permission-api D and F2",
    switch=MIRRORING,
)
rule(
    "field_rows_of_what_the_org_does_not_show",
    says="A query for FieldPermissions leaves out rows of fields that do not support field security and of objects that are not visible to the org; "
    "totalSize and COUNT() count them.",
    grade=Grade.DOCUMENTED,
    source="object reference, FieldPermissions, Usage; totalSize: facts permission-api D",
)
rule(
    "field_rows_of_what_the_user_does_not_see",
    says="So it does with rows of fields that the running user cannot see; or it shows them.",
    grade=Grade.INFERRED,
    source="facts permission-api D (rows may be hidden); the page speaks of the org, and public tools report fields missing for users without access",
    switch=HIDDEN_ROWS,
)


for _name in (
    "field_rows_of_what_the_org_does_not_show",
    "edit_on_a_field_needs_read",
    "formulas_and_auto_numbers_are_read_only",
    "a_field_belongs_to_its_object",
    "one_row_a_field_and_set",
    "a_field_row_without_read_is_deleted",
    "activity_fields_are_mirrored",
):
    breakable(_name)


def takes_field_permissions(sobject: SObject, field: Field) -> bool:
    return field.permissionable and not field.master_detail and not sobject.custom_setting


@registry.picklist("FieldPermissions", "Field")
def permissionable_fields(org: Org) -> list[tuple[str, str]]:
    return [
        (f"{sobject.name}.{field.name}", field.label)
        for sobject in sorted(org.schema.sobjects.values(), key=lambda one: one.name)
        for field in sobject.fields.values()
        if takes_field_permissions(sobject, field)
    ]


@registry.picklist("FieldPermissions", "SobjectType")
def objects_with_permissionable_fields(org: Org) -> list[tuple[str, str]]:
    return [
        (sobject.name, sobject.label)
        for sobject in sorted(org.schema.sobjects.values(), key=lambda one: one.name)
        if any(takes_field_permissions(sobject, field) for field in sobject.fields.values())
    ]


def field_of(org: Org, qualified: str) -> Field | None:
    sobject_name, _unused, field_name = qualified.partition(".")
    sobject = org.schema.sobject(sobject_name)
    return sobject.field(field_name) if sobject else None


@registry.before("insert", "FieldPermissions")
def new_row(org: Org, user: str, change: Change) -> None:
    field = str(change.after["Field"])
    other = field.partition(".")[0].lower() != str(change.after["SobjectType"]).lower()
    if other and holds("a_field_belongs_to_its_object"):
        if org.switches[MISMATCH.name] == "INVALID_CROSS_REFERENCE_KEY":
            raise invalid_reference("SobjectType")
        raise field_integrity(f"Field {field} is not a field of {change.after['SobjectType']}", "Field")
    existing = org.find("FieldPermissions", ParentId=change.after["ParentId"], Field=field)
    if existing and holds("one_row_a_field_and_set"):
        parent = change.after["ParentId"]
        raise duplicate(f"Duplicate row exists in FieldPermissions: [ParentId:{parent}, Field:{field}, Id:{existing[0]['Id']}]")
    read_and_edit(org, user, change)
    if not change.after.get("PermissionsRead") and org.switches[NEW_WITHOUT_READ.name] == "refused":
        raise field_integrity(f"Field permissions of {field} need at least Read", "PermissionsRead")


@registry.before("update", "FieldPermissions")
def read_and_edit(org: Org, user: str, change: Change) -> None:
    if not change.after.get("PermissionsEdit"):
        return
    qualified = str(change.after["Field"])
    if not change.after.get("PermissionsRead") and holds("edit_on_a_field_needs_read"):
        raise field_integrity(clause(f"Edit {qualified}", [f"Read {qualified}"]), "PermissionsEdit")
    field = field_of(org, qualified)
    if field is not None and holds("formulas_and_auto_numbers_are_read_only") and (field.calculated or field.auto_number):
        raise field_integrity(f"Field {qualified} is read only: it can't be made editable", "PermissionsEdit")


@registry.after("insert", "FieldPermissions")
@registry.after("update", "FieldPermissions")
def row_settles(org: Org, user: str, change: Change) -> None:
    _settle(org, change.id, change.after)
    twin = twin_field(org, change.after)
    if twin is None:
        return
    flags = {name: bool(change.after.get(name)) for name in ("PermissionsRead", "PermissionsEdit")}
    existing = org.find("FieldPermissions", ParentId=change.after["ParentId"], Field=twin)
    if existing:
        org.set("FieldPermissions", existing[0]["Id"], **flags)
        _settle(org, existing[0]["Id"], flags)
        return
    if flags["PermissionsRead"]:
        org.put("FieldPermissions", ParentId=change.after["ParentId"], SobjectType=twin.partition(".")[0], Field=twin, **flags)


@registry.after("delete", "FieldPermissions")
def twin_goes_too(org: Org, user: str, change: Change) -> None:
    twin = twin_field(org, change.before)
    if twin is None:
        return
    for row in org.find("FieldPermissions", ParentId=change.before["ParentId"], Field=twin):
        org.remove("FieldPermissions", row["Id"])


def twin_field(org: Org, row: Any) -> str | None:
    """The Event field of a Task field and the other way round: custom Activity fields only, and only where rows are mirrored."""
    if org.switches[MIRRORING.name] == "separate" or not holds("activity_fields_are_mirrored"):
        return None
    sobject, _unused, name = str(row["Field"]).partition(".")
    field = field_of(org, str(row["Field"]))
    if sobject not in TWINS or field is None or not field.custom:
        return None
    twin = f"{TWINS[sobject]}.{name}"
    return twin if field_of(org, twin) is not None else None


def _settle(org: Org, row_id: str | None, row: Any) -> None:
    if row_id is not None and not row.get("PermissionsRead") and holds("a_field_row_without_read_is_deleted"):
        org.remove("FieldPermissions", row_id)


@registry.hides("FieldPermissions")
def hidden_rows(org: Org, user: str, records: Sequence[tuple[str, Mapping[str, Any]]]) -> set[str]:
    named = [(row_id, str(record.get("Field") or (org.get("FieldPermissions", row_id) or {})["Field"])) for row_id, record in records]
    hidden: set[str] = set()
    if holds("field_rows_of_what_the_org_does_not_show"):
        hidden |= {row_id for row_id, name in named if not _is_secured(org, name)}
    if org.switches[HIDDEN_ROWS.name] == "unseen":
        seen = org.schema_seen(user, org.settings.api_version_max).sobjects
        hidden |= {row_id for row_id, name in named if not _is_seen(seen, name)}
    return hidden


def _is_secured(org: Org, qualified: str) -> bool:
    sobject = org.schema.sobjects.get(qualified.partition(".")[0])
    field = sobject.fields.get(qualified.partition(".")[2]) if sobject is not None else None
    return sobject is not None and field is not None and takes_field_permissions(sobject, field)


def _is_seen(seen: Mapping[str, SObject], qualified: str) -> bool:
    sobject, _unused, name = qualified.partition(".")
    return sobject in seen and name in seen[sobject].fields
