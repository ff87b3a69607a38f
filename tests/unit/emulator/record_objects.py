# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Custom objects for the tests of the record resources: what a customer could have made in Setup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from emulator.model import ChildRelationship, Field, SObject
from emulator.org import Org

SOURCE = "test"
SYSTEM = (
    Field("Id", "id", "Record ID", SOURCE, length=18, nillable=False, id_lookup=True),
    Field("IsDeleted", "boolean", "Deleted", SOURCE, nillable=False),
    Field("CreatedDate", "datetime", "Created Date", SOURCE, nillable=False),
    Field("CreatedById", "reference", "Created By ID", SOURCE, length=18, reference_to=("User",), relationship_name="CreatedBy"),
    Field("LastModifiedDate", "datetime", "Last Modified Date", SOURCE, nillable=False),
    Field("LastModifiedById", "reference", "Last Modified By ID", SOURCE, length=18, reference_to=("User",)),
    Field("SystemModstamp", "datetime", "System Modstamp", SOURCE, nillable=False),
)


def column(kind: str, name: str, label: str = "", **more: Any) -> Field:
    options = {"createable": True, "updateable": True, "length": 255 if kind == "string" else 0, **more}
    return Field(name, kind, label or name.removesuffix("__c"), SOURCE, custom=name.endswith("__c"), **options)


def custom_object(name: str, key_prefix: str, *columns: Field, **more: Any) -> SObject:
    fields = {item.name: item for item in (*SYSTEM, column("string", "Name", length=80, name_field=True), *columns)}
    label = name.removesuffix("__c")
    options = {"createable": True, "updateable": True, "deletable": True, "soft_delete": True, "replicateable": True, **more}
    return SObject(name, label, f"{label}s", key_prefix, SOURCE, fields, custom=True, **options)


SHOP = custom_object(
    "Shop__c",
    "a10",
    column("string", "Code__c", external_id=True, unique=True, id_lookup=True),
    column("string", "Old__c", "Old key", external_id=True, id_lookup=True),
    column("double", "Number__c", external_id=True, unique=True, id_lookup=True),
    column("string", "Plain__c"),
    column("reference", "Owner__c", length=18, reference_to=("User",), relationship_name="Owner__r"),
    child_relationships=(ChildRelationship("Parts__r", "Part__c", "Shop__c"),),
)
PART = custom_object(
    "Part__c",
    "a11",
    column("string", "Code__c", external_id=True, unique=True, id_lookup=True),
    column("reference", "Shop__c", length=18, reference_to=("Shop__c",), relationship_name="Shop__r"),
    child_relationships=(ChildRelationship("Bits__r", "Bit__c", "Part__c"),),
)
BIT = custom_object("Bit__c", "a12", column("reference", "Part__c", length=18, reference_to=("Part__c",), relationship_name="Part__r"))


def add(org: Org, *sobjects: SObject) -> None:
    org.evolve(org.schema.with_sobjects(sobjects))


def add_shops(org: Org) -> None:
    add(org, SHOP, PART, BIT)


def add_child(sobject: SObject, children: Iterable[ChildRelationship]) -> SObject:
    return replace(sobject, child_relationships=(*sobject.child_relationships, *children))
