# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org's schema is made of: plain frozen data, no behaviour beyond look-up.

Standard objects come from schema/*.json (generated, each field with its source); custom objects and fields of a seeded
package are added by the seed. Every org has a Schema of its own: columns and objects that exist only in some orgs are
simply absent from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Api = Literal["data", "tooling"]
DATA = frozenset({"data"})
BOTH = frozenset({"data", "tooling"})


@dataclass(frozen=True)
class PicklistValue:
    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One field as describe shows it. type is describe's own word: id, reference, string, picklist, boolean, int, double, date, datetime,
    textarea, email, phone, url, percent, currency, combobox, multipicklist, anyType, address, location."""

    name: str
    type: str
    label: str
    source: str
    length: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    filterable: bool = True
    groupable: bool = False
    aggregatable: bool = True
    """May stand in MIN, MAX and COUNT(field)."""
    sortable: bool = True
    defaulted_on_create: bool = False
    default: object = None
    calculated: bool = False
    auto_number: bool = False
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    id_lookup: bool = False
    name_field: bool = False
    permissionable: bool = False
    master_detail: bool = False
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    picklist: tuple[PicklistValue, ...] = ()
    restricted_picklist: bool = False
    compound_field_name: str | None = None
    """The compound field that shows this one as a part: BillingAddress of BillingCity, Name of FirstName."""
    min_version: float = 0.0
    """The API version from which on the field exists; older versions answer as if it did not."""
    filterable_before: float = 0.0
    """The API version from which on the field cannot be filtered by any more; 0 where it can in all of them."""
    apis: frozenset[str] = BOTH
    """Through which APIs the field is reached, where its object is reached through both."""


@dataclass(frozen=True)
class ChildRelationship:
    """A name usable in a subquery: SELECT (SELECT .. FROM <name>) FROM parent."""

    name: str
    child: str
    field: str
    cascade_delete: bool = False
    """Deleting the parent takes the children along."""
    restricted_delete: bool = False
    """The parent cannot be deleted while it has such children."""
    apis: frozenset[str] = BOTH
    """Through which APIs it is asked for, where its object is reached through both."""


@dataclass(frozen=True)
class SObject:
    name: str
    label: str
    label_plural: str
    key_prefix: str
    source: str
    fields: Mapping[str, Field]
    custom: bool = False
    custom_setting: bool = False
    createable: bool = False
    updateable: bool = False
    deletable: bool = False
    queryable: bool = True
    retrieveable: bool = True
    replicateable: bool = False
    """getDeleted and getUpdated: /sobjects/X/deleted and /updated."""
    undeletable: bool = False
    searchable: bool = False
    mergeable: bool = False
    setup: bool = False
    """True for objects of Salesforce's Setup area: not mixable with other types in one collections call."""
    apis: frozenset[str] = DATA
    """Through which APIs it is reached: data (/sobjects, /query), tooling (/tooling/...), or both."""
    soft_delete: bool = False
    """True where the object has IsDeleted and queryAll shows deleted rows."""
    key_prefix_source: str = ""
    """"composed" where no list that was read names the prefix."""
    calls_source: str = ""
    """Where the flags beyond the verbs (replicateable, undeletable, searchable, mergeable) come from."""
    child_relationships: tuple[ChildRelationship, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that API name, in any case, or None."""
        found = self.fields.get(name)
        if found is not None:
            return found
        lowered = name.lower()
        return next((candidate for candidate in self.fields.values() if candidate.name.lower() == lowered), None)

    def with_fields(self, added: Iterable[Field]) -> SObject:
        return replace(self, fields={**self.fields, **{item.name: item for item in added}})

    def without_fields(self, names: Iterable[str]) -> SObject:
        gone = set(names)
        return replace(self, fields={name: item for name, item in self.fields.items() if name not in gone})


@dataclass(frozen=True)
class Schema:
    sobjects: Mapping[str, SObject] = field(default_factory=dict)

    def sobject(self, name: str) -> SObject | None:
        """The object of that API name, in any case, or None."""
        found = self.sobjects.get(name)
        if found is not None:
            return found
        lowered = name.lower()
        return next((candidate for candidate in self.sobjects.values() if candidate.name.lower() == lowered), None)

    def by_prefix(self, prefix: str) -> SObject | None:
        """The object whose record Ids begin with that three-character key prefix, or None."""
        return next((candidate for candidate in self.sobjects.values() if candidate.key_prefix == prefix), None)

    def with_sobjects(self, added: Iterable[SObject]) -> Schema:
        return Schema({**self.sobjects, **{item.name: item for item in added}})

    def without(self, names: Iterable[str]) -> Schema:
        gone = set(names)
        return Schema({name: item for name, item in self.sobjects.items() if name not in gone})
