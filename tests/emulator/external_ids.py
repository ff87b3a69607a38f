# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records named by another field than their Id: upsert, look-up, and references inside a record's body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.json_values import converted, from_text
from emulator.model import Field, SObject
from emulator.rules.registry import Grade, Switch, rule
from emulator.store import NUMBER_TYPES, TEXT_TYPES

if TYPE_CHECKING:
    from emulator.org import Org

GUIDE = "REST API Developer Guide, Insert or Update (Upsert) a Record Using an External ID"

rule(
    "upsert",
    says="an external Id, or on standard objects a field with the idLookup property, names a record: no match creates one (updateOnly=true: "
    "404), one match updates it, several leave everything as it is (300); REST does not take the record's Id in this place",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}; SOAP API Developer Guide, upsert(): idLookup",
)
rule(
    "upsert_key_in_body",
    says="the field that stands in the URL is not repeated in the body: INVALID_FIELD 'The X field should not be specified in the sobject "
    "data.'",
    grade=Grade.QUOTED,
    source="several public repositories quote the words for an external Id; the REST guide prints them for Id",
)
rule(
    "upsert_unknown_key",
    says="a field that does not exist or cannot name a record: 404 NOT_FOUND 'The requested resource does not exist'",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}: Incorrect external ID field",
)
rule(
    "upsert_of_a_key_that_is_not_unique",
    says="upsert by an external Id that is not marked unique needs View All Data (documented); the code of the refusal is not",
    grade=Grade.INFERRED,
    source="REST API Developer Guide, Upsert Records Using sObject Rows by External ID",
    switch=Switch("upsert_without_view_all_code", ("INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS")),
)
rule(
    "external_id_case",
    says="an external Id that is not unique is matched in its exact case, a unique one without case (the marking 'Treat ABC and abc as "
    "duplicate values' is assumed)",
    grade=Grade.DOCUMENTED,
    source="SOAP API Developer Guide, upsert(), note on matching by external ID",
)
rule(
    "id_lookup_case",
    says="whether the case of a standard idLookup field (Username, Email, Name) counts when it names a record",
    grade=Grade.INFERRED,
    source="no page says; the note on case speaks of external Ids only",
    switch=Switch("id_lookup_case", ("exact", "ignored")),
)
rule(
    "several_records_of_one_external_id",
    says="in a collection: DUPLICATE_EXTERNAL_ID '<label>: more than one record found for external id field: [ids]'",
    grade=Grade.QUOTED,
    source="public client code that matches these words",
)
rule(
    "reference_by_external_id",
    says='a lookup may be given as {"<relationship>": {"<external Id>": value}}; without such a record: INVALID_FIELD \'Foreign key external '
    "ID: X not found for field Y in entity Z'; a field that cannot name a record: INVALID_FIELD 'Y is not an External ID or indexed field "
    "for Z'",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Upserting Records and Associating with an External ID; the words: apache/camel CompositeApiIntegrationTest, public notes",
)


class SeveralMatchError(ApiError):
    """More than one record has that external Id; ids are theirs, oldest first."""

    def __init__(self, sobject: SObject, item: Field, ids: list[str]) -> None:
        words = f"{item.label}: more than one record found for external id field: [{', '.join(ids)}]"
        super().__init__(300, "DUPLICATE_EXTERNAL_ID", words, ())
        self.sobject = sobject.name
        self.ids = tuple(ids)


@dataclass(frozen=True)
class Upserted:
    id: str
    created: bool


def key_field(sobject: SObject, name: str) -> Field:
    """The field that may name a record. Raises 404 NOT_FOUND."""
    item = sobject.field(name)
    if item is None or not (item.external_id or item.id_lookup):
        raise not_found()
    if item.type == "id":
        raise NotEmulated("a record's Id in the place of an external Id")
    return item


def key_value(org: Org, item: Field, value: Any) -> Any:
    """The value as stored, whether it stood in a URL (always text) or in JSON."""
    if isinstance(value, str) and item.type in NUMBER_TYPES:
        number = from_text(item, value)
        if isinstance(number, str):
            raise NotEmulated(f"the text {value!r} for the number {item.name}")
        return converted(item, number)
    return converted(item, from_text(item, value) if org.switches["json_types"] == "converted" else value)


def matching(org: Org, sobject: SObject, item: Field, value: Any) -> list[str]:
    """Ids of the records that have that value (as stored), oldest first; none for null."""
    if value is None:
        return []
    rows = org.store.find(sobject.name, {item.name: value})
    if item.type in TEXT_TYPES and case_counts(org, item):
        rows = [row for row in rows if row[item.name] == value]
    return [str(row["Id"]) for row in rows]


def case_counts(org: Org, item: Field) -> bool:
    """Whether two texts that differ in case only are two keys."""
    if item.external_id:
        return not item.unique
    return org.switches["id_lookup_case"] == "exact"


def the_one(org: Org, sobject: SObject, item: Field, value: Any) -> str | None:
    """The Id of the record that has that value, None where there is none. Raises SeveralMatchError."""
    found = matching(org, sobject, item, value)
    if len(found) > 1:
        raise SeveralMatchError(sobject, item, found)
    return found[0] if found else None


def upsert(
    org: Org, user: str, sobject: SObject, field: str, value: Any, body: Mapping[str, Any], *, update_only: bool = False
) -> Upserted:
    """Update the record that the field's value names, or create it. Raises ApiError."""
    item = key_field(sobject, field)
    if any(name.lower() == item.name.lower() for name in body):
        raise ApiError(400, "INVALID_FIELD", f"The {item.name} field should not be specified in the sobject data.", None)
    _require_view_all(org, user, item)
    stored = key_value(org, item, value)
    with org.transaction():
        found = the_one(org, sobject, item, stored)
        if found is not None:
            org.update(user, sobject.name, found, body)
            return Upserted(found, created=False)
        if update_only:
            raise not_found()
        return Upserted(org.create(user, sobject.name, {**body, item.name: stored}), created=True)


def _require_view_all(org: Org, user: str, item: Field) -> None:
    if not item.external_id or item.unique or "ViewAllData" in org.permissions_of(user):
        return
    code = org.switches["upsert_without_view_all_code"]
    raise ApiError(403, code, f"View All Data is required to upsert by {item.name}, which is not unique", ())


def reference_by_key(org: Org, item: Field, value: Mapping[str, Any]) -> str:
    """The Id of the record that {"<external Id>": value} names for that lookup field. Raises INVALID_FIELD."""
    target = _target(org, item, value)
    keys = [name for name in value if name not in ("attributes", "type")]
    if len(keys) != 1:
        raise NotEmulated(f"a reference in {item.relationship_name} that names {len(keys)} fields")
    key = target.field(keys[0])
    if key is None or not (key.external_id or key.id_lookup) or key.type == "id":
        raise ApiError(400, "INVALID_FIELD", f"{keys[0]} is not an External ID or indexed field for {target.name}", ())
    found = matching(org, target, key, key_value(org, key, value[keys[0]]))
    if not found:
        words = f"Foreign key external ID: {value[keys[0]]} not found for field {key.name} in entity {target.name}"
        raise ApiError(400, "INVALID_FIELD", words, ())
    if len(found) > 1:
        raise NotEmulated(f"a reference to one of several records with the same {key.name}")
    return found[0]


def _target(org: Org, item: Field, value: Mapping[str, Any]) -> SObject:
    attributes = value.get("attributes")
    named = attributes.get("type") if isinstance(attributes, Mapping) else value.get("type")
    names = [name for name in item.reference_to if named is None or name.lower() == str(named).lower()]
    target = org.schema.sobject(names[0]) if len(names) == 1 else None
    if target is None:
        raise NotEmulated(f"a reference by external Id in {item.relationship_name} to {named or ' or '.join(item.reference_to)}")
    return target
