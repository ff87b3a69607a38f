# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the platform checks of any record before its own rules: names, writability, JSON types, Ids, picklists, lengths, required fields.

One function per check, in the order in which check_body runs them; each looks at all given fields before the next check starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated
from emulator.external_ids import reference_by_key
from emulator.ids import is_shaped_like_id, to_18
from emulator.json_values import converted, from_text
from emulator.model import Field, SObject
from emulator.rules.registry import ENTITIES, Grade, Op, Switch, rule
from emulator.store import TEXT_TYPES

if TYPE_CHECKING:
    from emulator.org import Org

rule(
    "unknown_field",
    says="a field the object does not have is refused with INVALID_FIELD",
    grade=Grade.RECORDED,
    source="golden errors.json: create/update unknown field",
)
rule(
    "field_not_writable",
    says="a field that is not createable or not updateable is refused with INVALID_FIELD_FOR_INSERT_UPDATE, all of them named",
    grade=Grade.QUOTED,
    source="golden errors.json: field not writable",
)
MISSING_REFERENCE = Switch("missing_reference_code", ("INVALID_CROSS_REFERENCE_KEY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"))
MISSING_WORDS = {
    "INVALID_CROSS_REFERENCE_KEY": "invalid cross reference id",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "insufficient access rights on cross-reference id",
}
WRONG_PREFIX = Switch("wrong_prefix_code", ("MALFORMED_ID", "FIELD_INTEGRITY_EXCEPTION"))

rule(
    "malformed_id",
    says="an Id with a wrong checksum is refused with MALFORMED_ID; the label of the field leads the message: Record ID of a custom object, "
    "Account ID of an account",
    grade=Grade.RECORDED,
    source="golden errors.json: 18-char id with a wrong checksum (a custom object's; Account ID, Contact ID: examples of the REST API Developer Guide)",
)
rule(
    "id_of_another_shape",
    says="what has not 15 or 18 characters of an Id is refused in the same words",
    grade=Grade.QUOTED,
    source="forcedotcom/sfdx-simple#39 and StevenMMortimer/salesforcer#136 (MALFORMED_ID for texts in lookups)",
)
rule(
    "reference_of_another_prefix",
    says="an Id whose key prefix the lookup cannot point at is refused in the same words; the code",
    grade=Grade.INFERRED,
    source="REST API Developer Guide, Insert or Update Blob Data, prints MALFORMED_ID (Folder ID); public posts show FIELD_INTEGRITY_EXCEPTION "
    "(Owner ID, Related To ID): which lookups answer which is not stated",
    switch=WRONG_PREFIX,
)
rule(
    "missing_reference",
    says="a reference to a record that does not exist is refused; the code",
    grade=Grade.INFERRED,
    source="both are quoted for references that lead nowhere: mdapi-issues/scratch-org-bug-roles-are-broken, README; SalesforceFoundation/NPSP#3020",
    switch=MISSING_REFERENCE,
)
rule(
    "restricted_picklist",
    says="a value outside a restricted picklist is refused with INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    grade=Grade.RECORDED,
    source="golden errors.json: restricted picklist",
)
rule(
    "text_too_long",
    says="a text longer than its field is refused with STRING_TOO_LONG",
    grade=Grade.QUOTED,
    source="CoderDojo/community-platform#762 and other public logs (data value too large ... max length)",
)
rule(
    "required_fields",
    says="all missing required fields are named at once with REQUIRED_FIELD_MISSING",
    grade=Grade.RECORDED,
    source="golden errors.json: required field",
)


@dataclass(frozen=True)
class ByKey:
    """A lookup that the body gives by its relationship: {"Owner": {"Username": "ann@acme.example"}}."""

    key: Mapping[str, Any]


def check_body(org: Org, op: Op, sobject: SObject, body: Mapping[str, Any]) -> dict[str, Any]:
    """The given values under canonical names, as stored. Raises ApiError for the first failing check."""
    given = named_fields(op, sobject, body)
    check_writable(op, sobject, given)
    if org.switches["json_types"] == "converted":
        given = [(item, from_text(item, value)) for item, value in given]
    values = {
        item.name: reference_by_key(org, item, value.key) if isinstance(value, ByKey) else converted(item, value) for item, value in given
    }
    check_references(org, sobject, values, known={item.name for item, value in given if isinstance(value, ByKey)})
    check_picklists(org, sobject, values)
    check_lengths(sobject, values)
    check_required(op, sobject, values)
    return values


def named_fields(op: Op, sobject: SObject, body: Mapping[str, Any]) -> list[tuple[Field, Any]]:
    """The fields of a body with their values as sent. Raises INVALID_FIELD for the first name that the object does not have."""
    given: list[tuple[Field, Any]] = []
    for name, value in body.items():
        if name == "attributes":
            continue
        if name.lower() == "id":
            refuse_id(op)
        lookup = _lookup(sobject, name) if isinstance(value, Mapping) else None
        item = lookup or sobject.field(name)
        if item is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}", None)
        if any(item is other for other, _value in given):
            raise NotEmulated("one field twice in a record body")
        given.append((item, ByKey(value) if lookup is not None else value))
    return given


def _lookup(sobject: SObject, name: str) -> Field | None:
    """The field whose relationship has that name, in any case."""
    return next((item for item in sobject.fields.values() if (item.relationship_name or "").lower() == name.lower()), None)


def refuse_id(op: Op) -> None:
    if op == "insert":
        raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
    raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", None)


def check_writable(op: Op, sobject: SObject, given: Iterable[tuple[Field, Any]]) -> None:
    refused = [item.name for item, _value in given if not (item.createable if op == "insert" else item.updateable)]
    if refused:
        raise ApiError(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this field and verify that it is"
            " read/write for your profile or permission set.",
            tuple(refused),
        )


def check_references(org: Org, sobject: SObject, values: dict[str, Any], known: Collection[str]) -> None:
    """known: fields whose record has been looked up already."""
    for name, value in values.items():
        item = sobject.fields[name]
        if item.type == "reference" and value is not None and name not in known:
            values[name] = reference(org, item, value)


def reference(org: Org, item: Field, value: str) -> str:
    """The 18-character Id of an existing record of a type the field may point at."""
    record_id = to_18(value)
    if record_id is None:
        raise malformed(item.label, value, item.name)
    outside = ENTITIES.get(record_id[:3]) if item.name == "SetupEntityId" else None
    if outside is not None:
        return _there(org, record_id, "present" if outside(org, record_id) else "missing")
    targets = [target for target in map(org.schema.sobject, item.reference_to) if target is not None]
    target = next((one for one in targets if one.key_prefix == record_id[:3]), None)
    if target is None:
        # Of a prefix that no emulated object has nobody can say whether it is one of the targets that are not emulated.
        stranger = org.schema.by_prefix(record_id[:3]) is None
        if not item.reference_to or (stranger and (len(targets) < len(item.reference_to) or len(targets) > 1)):
            raise NotEmulated(f"a reference to {record_id[:3]} records in {item.name}")
        raise malformed(item.label, value, item.name, org.switches[WRONG_PREFIX.name])
    return _there(org, record_id, org.state_of(target.name, record_id))


def _there(org: Org, record_id: str, found: str) -> str:
    if found == "deleted":
        raise ApiError(400, "ENTITY_IS_DELETED", "entity is deleted", ())
    if found == "missing":
        code = org.switches[MISSING_REFERENCE.name]
        raise ApiError(400, code, MISSING_WORDS[code], ())
    return record_id


def malformed(label: str, value: str, name: str, code: str = "MALFORMED_ID") -> ApiError:
    return ApiError(400, code, f"{label}: id value of incorrect type: {value}", (name,))


def record_id_of(sobject: SObject, value: str) -> str:
    """The 18-character Id of a record of that object, as a write names it. Raises MALFORMED_ID."""
    record_id = to_18(value) if is_shaped_like_id(value) else None
    if record_id is None or record_id[:3] not in (sobject.key_prefix, "000"):
        raise malformed("Record ID" if sobject.custom else sobject.fields["Id"].label, value, "Id")
    return record_id


def check_picklists(org: Org, sobject: SObject, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        item = sobject.fields[name]
        if value is None or item.type not in ("picklist", "combobox", "multipicklist") or not item.restricted_picklist:
            continue
        if value not in org.picklist_values(sobject.name, item):
            raise ApiError(
                400,
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{item.label}: bad value for restricted picklist field: {value}",
                (item.name,),
            )


def check_lengths(sobject: SObject, values: Mapping[str, Any]) -> None:
    """Text only: a restricted picklist is judged by its values. ObjectPermissions.SobjectType has length 40 in the reference, and a package's
    objects have longer names that it takes."""
    for name, value in values.items():
        item = sobject.fields[name]
        if item.restricted_picklist:
            continue
        if item.type in TEXT_TYPES and item.length and isinstance(value, str) and len(value) > item.length:
            raise ApiError(400, "STRING_TOO_LONG", f"{item.label}: data value too large: {value} (max length={item.length})", (item.name,))


def is_required(item: Field) -> bool:
    return item.createable and not item.nillable and not item.defaulted_on_create and item.type != "boolean"


def check_required(op: Op, sobject: SObject, values: Mapping[str, Any]) -> None:
    if op == "insert":
        missing = [item.name for item in sobject.fields.values() if is_required(item) and values.get(item.name) is None]
    else:
        missing = [name for name, value in values.items() if value is None and not sobject.fields[name].nillable]
    if missing:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", tuple(missing))
