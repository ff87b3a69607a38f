# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Vonage package as schema: its objects, settings and fields added to the standard objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from emulator.ids import ALPHABET
from emulator.model import ChildRelationship, Field, PicklistValue, Schema, SObject

FACTS = Path(__file__).parent / "vonage_package.json"
SOURCE = "vonage_package.json"

LENGTHS = {"string": 255, "textarea": 255, "phone": 40, "url": 255, "picklist": 255, "reference": 18}
FORMULA_LENGTH = 1300


@cache
def facts() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    return found


def in_namespaces(entries: Iterable[Mapping[str, Any]], namespaces: frozenset[str]) -> list[Mapping[str, Any]]:
    """The entries whose own name carries one of these prefixes."""
    return [entry for entry in entries if str(entry["name"]).partition("__")[0] in namespaces]


def key_prefix(letter: str, number: int) -> str:
    """Custom objects have key prefixes that begin with a, custom metadata types with m."""
    tens, ones = divmod(number, len(ALPHABET))
    return f"{letter}{ALPHABET[tens]}{ALPHABET[ones]}"


def free_prefix(schema: Schema, letter: str) -> str:
    """The first one that no object of the schema has."""
    taken = {sobject.key_prefix for sobject in schema.sobjects.values()}
    return next(prefix for number in range(len(ALPHABET) ** 2) if (prefix := key_prefix(letter, number)) not in taken)


def is_installed(name: str, namespaces: frozenset[str]) -> bool:
    """True for what carries one of these prefixes, and for what carries none."""
    prefix, found, rest = name.removesuffix("__c").removesuffix("__mdt").partition("__")
    return not found or not rest or prefix in namespaces


def with_package(schema: Schema, namespaces: frozenset[str]) -> Schema:
    """The schema of an org where the packages of these namespaces are installed, with the example customer's own fields."""
    package = facts()
    objects = in_namespaces(package["objects"], namespaces)
    settings = in_namespaces(package["settings"], namespaces)
    added = [custom_object(entry, key_prefix("a", number)) for number, entry in enumerate(objects)]
    added += [custom_setting(entry, key_prefix("a", len(objects) + number)) for number, entry in enumerate(settings)]
    types = [entry for entry in package["invented"]["metadata_types"] if namespaces and is_installed(str(entry["name"]), namespaces)]
    added += [metadata_type(entry, key_prefix("m", number)) for number, entry in enumerate(types)]
    extended = schema.with_sobjects(added)
    for owner, entries in package["standard_fields"].items():
        extended = _with_fields(extended, owner, [custom_field(entry) for entry in in_namespaces(entries, namespaces)])
    for entry in package["subscriber_fields"]["fields"]:
        extended = _with_fields(extended, entry["object"], [replace(custom_field(entry), source="invented")])
    extended = _with_marked_task_fields(extended)
    return _with_child_relationships(extended, objects)


def _with_fields(schema: Schema, owner: str, fields: list[Field]) -> Schema:
    sobject = schema.sobject(owner)
    return schema if sobject is None else schema.with_sobjects([sobject.with_fields(fields)])


def _with_marked_task_fields(schema: Schema) -> Schema:
    """Task's standard fields take field permissions exactly where public orgs show it."""
    task = schema.sobject("Task")
    if task is None:
        return schema
    marked = {name.partition(".")[2]: True for name in facts()["permissionable_task_fields"]}
    marked.update({name.partition(".")[2]: False for name in facts()["not_permissionable_task_fields"]})
    fields = [replace(field, permissionable=marked[name]) for name, field in task.fields.items() if name in marked]
    return schema.with_sobjects([task.with_fields(fields)])


def _with_child_relationships(schema: Schema, objects: Iterable[Mapping[str, Any]]) -> Schema:
    for entry in objects:
        for field in entry["fields"]:
            parent = schema.sobject(field["reference_to"][0]) if field.get("child_relationship") else None
            if parent is None:
                continue
            prefix = str(field["name"]).partition("__")[0]
            child = ChildRelationship(f"{prefix}__{field['child_relationship']}__r", entry["name"], field["name"])
            schema = schema.with_sobjects([replace(parent, child_relationships=(*parent.child_relationships, child))])
    return schema


def custom_object(entry: Mapping[str, Any], prefix: str) -> SObject:
    detail = entry["sharing"] == "ControlledByParent"
    name = Field(
        "Name",
        "string",
        entry["name_label"],
        SOURCE,
        length=80,
        nillable=entry["auto_number"],
        createable=not entry["auto_number"],
        updateable=not entry["auto_number"],
        groupable=True,
        auto_number=entry["auto_number"],
        name_field=True,
        id_lookup=True,
    )
    own = [custom_field(field) for field in entry["fields"]]
    return SObject(
        name=entry["name"],
        label=entry["label"],
        label_plural=entry["plural"],
        key_prefix=prefix,
        source=SOURCE,
        fields={field.name: field for field in (*_system_fields(owned=not detail), name, *own)},
        custom=True,
        createable=True,
        updateable=True,
        deletable=True,
        replicateable=True,
        undeletable=True,
        soft_delete=True,
    )


def custom_setting(entry: Mapping[str, Any], prefix: str) -> SObject:
    name = Field("Name", "string", "Name", SOURCE, length=38, createable=True, updateable=True, groupable=True, name_field=True)
    owner = Field(
        "SetupOwnerId",
        "reference",
        "Location",
        SOURCE,
        length=18,
        createable=True,
        groupable=True,
        reference_to=("Organization", "Profile", "User"),
    )
    own = [replace(custom_field(field), permissionable=False) for field in entry["fields"]]
    return SObject(
        name=entry["name"],
        label=entry["label"],
        label_plural=entry["plural"],
        key_prefix=prefix,
        source=SOURCE,
        fields={field.name: field for field in (*_system_fields(owned=False), name, owner, *own)},
        custom=True,
        custom_setting=True,
        createable=True,
        updateable=True,
        deletable=True,
        soft_delete=True,
    )


def metadata_type(entry: Mapping[str, Any], prefix: str) -> SObject:
    """Columns that every custom metadata type has: object reference, Custom Metadata Type__mdt. Its records are not written through the data API."""

    def text(name: str, label: str, length: int, **facts: Any) -> Field:
        return Field(name, "string", label, SOURCE, length=length, groupable=True, **facts)

    fields = (
        Field("Id", "id", "Record ID", SOURCE, length=18, nillable=False, groupable=True, defaulted_on_create=True, id_lookup=True),
        text("DeveloperName", "Custom Metadata Record Name", 40, nillable=False),
        text("MasterLabel", "Label", 40, nillable=False, name_field=True),
        text("Language", "Master Language", 40, nillable=False),
        text("NamespacePrefix", "Namespace Prefix", 15),
        text("Label", "Label", 40),
        text("QualifiedApiName", "Qualified API Name", 70),
        Field("SystemModstamp", "datetime", "System Modstamp", SOURCE, nillable=False, defaulted_on_create=True),
    )
    own = [replace(custom_field(field), permissionable=False, createable=False, updateable=False) for field in entry["fields"]]
    return SObject(
        name=entry["name"],
        label=entry["label"],
        label_plural=entry["plural"],
        key_prefix=prefix,
        source="invented",
        fields={field.name: field for field in (*fields, *own)},
        custom=True,
    )


def _system_fields(*, owned: bool) -> tuple[Field, ...]:
    audit = (
        Field("CreatedDate", "datetime", "Created Date", SOURCE, nillable=False, defaulted_on_create=True),
        Field(
            "CreatedById",
            "reference",
            "Created By ID",
            SOURCE,
            length=18,
            nillable=False,
            groupable=True,
            defaulted_on_create=True,
            reference_to=("User",),
            relationship_name="CreatedBy",
        ),
        Field("LastModifiedDate", "datetime", "Last Modified Date", SOURCE, nillable=False, defaulted_on_create=True),
        Field(
            "LastModifiedById",
            "reference",
            "Last Modified By ID",
            SOURCE,
            length=18,
            nillable=False,
            groupable=True,
            defaulted_on_create=True,
            reference_to=("User",),
            relationship_name="LastModifiedBy",
        ),
        Field("SystemModstamp", "datetime", "System Modstamp", SOURCE, nillable=False, defaulted_on_create=True),
    )
    head = (
        Field("Id", "id", "Record ID", SOURCE, length=18, nillable=False, groupable=True, defaulted_on_create=True, id_lookup=True),
        Field("IsDeleted", "boolean", "Deleted", SOURCE, nillable=False, groupable=True, defaulted_on_create=True),
    )
    owner = Field(
        "OwnerId",
        "reference",
        "Owner ID",
        SOURCE,
        length=18,
        nillable=False,
        createable=True,
        updateable=True,
        groupable=True,
        defaulted_on_create=True,
        reference_to=("Group", "User"),
        relationship_name="Owner",
    )
    return (*head, *((owner,) if owned else ()), *audit)


def custom_field(entry: Mapping[str, Any]) -> Field:
    """One recorded custom field. Required and master-detail fields take no field permissions; formulas take read only."""
    name, kind = str(entry["name"]), str(entry["type"])
    formula, master = bool(entry.get("formula")), bool(entry.get("master_detail"))
    required = bool(entry.get("required")) or master
    long_text = kind == "textarea" and entry.get("length", 0) > LENGTHS["textarea"]
    return Field(
        name=name,
        type=kind,
        label=entry["label"],
        source=SOURCE,
        length=FORMULA_LENGTH if formula and kind == "string" else entry.get("length", LENGTHS.get(kind, 0)),
        nillable=not required and kind != "boolean",
        createable=not formula,
        updateable=not formula and not master,
        filterable=not long_text,
        sortable=not long_text,
        groupable=not long_text and not formula and kind in {"string", "picklist", "reference", "boolean", "date", "phone", "url"},
        defaulted_on_create=kind == "boolean",
        default=entry.get("default"),
        calculated=formula,
        custom=True,
        external_id=bool(entry.get("external_id")),
        unique=bool(entry.get("unique")),
        id_lookup=bool(entry.get("external_id")),
        permissionable=not required,
        master_detail=master,
        reference_to=tuple(entry.get("reference_to", ())),
        relationship_name=name.removesuffix("__c") + "__r" if kind == "reference" else None,
        picklist=tuple(PicklistValue(value, value) for value in entry.get("values", ())),
    )
