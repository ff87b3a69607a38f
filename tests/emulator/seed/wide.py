# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example org with hundreds of objects and thousands of fields more, and small orgs of a random shape. Everything here is invented.

A wide org has, beside what vonage() puts there, half of its objects the customer's own (Acme_Wide_0001__c) and half a package's
(BigPkg__Wide_0000__c); every tenth is the detail of the one before. BigPkg's set BigPkg_Admin holds all rights on the package's own.

A random org is the same one for the same number. seed_info["shape"] of both: objects (all that were added), details (detail -> master),
namespaces, left_out (standard objects), without_permissions (user permissions that this org does not have).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from emulator.model import Field, Schema, SObject
from emulator.org import Org
from emulator.rules.field_permissions import takes_field_permissions
from emulator.rules.licences import CONTACT_CENTER
from emulator.rules.object_permissions import VERBS
from emulator.seed import profiles, sets
from emulator.seed.package import custom_field, custom_object, custom_setting, key_prefix, metadata_type
from emulator.seed.upgrade import administrators
from emulator.seed.vonage import vonage

NAMESPACE = "BigPkg"
SET = "BigPkg_Admin"
KINDS = ("string", "double", "boolean", "date", "picklist", "formula", "textarea", "auto_number", "phone", "datetime")
FIRST_PREFIX = 62
"""Numbers of key prefixes: the Vonage packages have those before."""
STANDARD_HOSTS = ("Account", "Contact", "Case")
LEAVABLE_OBJECTS = ("Asset", "Campaign", "Case", "Lead", "Opportunity", "Product2")
"""Standard objects without which the rest of the org still stands."""
WITH_PERMISSIONS = ("PermissionSet", "Profile", "MutingPermissionSet", "UserPermissionAccess", "PermissionSetLicense")


@dataclass(frozen=True)
class Shape:
    """What is added to a schema, and what is taken from it."""

    objects: tuple[SObject, ...]
    details: Mapping[str, str]
    namespaces: tuple[str, ...]
    standard_fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    without_permissions: frozenset[str] = frozenset()

    def applied(self, schema: Schema) -> Schema:
        extended = schema.with_sobjects(self.objects)
        hosts = {name: extended.sobject(name) for name in self.standard_fields}
        extended = extended.with_sobjects(host.with_fields(self.standard_fields[name]) for name, host in hosts.items() if host is not None)
        return _without_permissions(_without_objects(extended, self.left_out), self.without_permissions)

    def told(self) -> dict[str, Any]:
        return {
            "objects": [one.name for one in self.objects],
            "details": dict(self.details),
            "namespaces": list(self.namespaces),
            "left_out": sorted(self.left_out),
            "without_permissions": sorted(self.without_permissions),
        }


def _without_objects(schema: Schema, names: frozenset[str]) -> Schema:
    left = schema.without(names)
    reached = {
        sobject.name: tuple(child for child in sobject.child_relationships if child.child not in names)
        for sobject in left.sobjects.values()
    }
    changed = [one for one in left.sobjects.values() if len(reached[one.name]) < len(one.child_relationships)]
    return left.with_sobjects(replace(one, child_relationships=reached[one.name]) for one in changed)


def _without_permissions(schema: Schema, names: frozenset[str]) -> Schema:
    columns = [f"{start}Permissions{name}" for name in names for start in ("", "Maximum")]
    holders = [schema.sobjects[name] for name in WITH_PERMISSIONS if name in schema.sobjects]
    return schema.with_sobjects(one.without_fields(columns) for one in holders) if names else schema


def made_object(name: str, number: int, fields: Iterable[Field], master: str | None = None) -> SObject:
    """A custom object with these fields; with a master it is its detail."""
    label = name.removesuffix("__c").replace("__", " ").replace("_", " ")
    facts: dict[str, Any] = {
        "name": name,
        "label": label,
        "plural": f"{label}s",
        "sharing": "ControlledByParent" if master else "ReadWrite",
        "name_label": "Name",
        "auto_number": False,
        "fields": [],
    }
    parent = {"name": prefixed(name, "Parent__c"), "label": "Parent", "type": "reference", "master_detail": True, "reference_to": [master]}
    own = [*([custom_field(parent)] if master else []), *fields]
    return custom_object(facts, prefix=key_prefix("a", FIRST_PREFIX + number)).with_fields(own)


def prefixed(sobject: str, name: str) -> str:
    """A field's name with the prefix of its object's package."""
    namespace, found, rest = sobject.removesuffix("__c").partition("__")
    return f"{namespace}__{name}" if found and rest else name


def made_field(name: str, kind: str, *, required: bool = False) -> Field:
    facts: dict[str, Any] = {"name": name, "label": name.removesuffix("__c").replace("_", " "), "type": kind, "required": required}
    if kind == "picklist":
        facts["values"] = ["Low", "High"]
    if kind == "formula":
        facts.update(type="string", formula=True)
    if kind == "auto_number":
        return replace(custom_field({**facts, "type": "string"}), auto_number=True, createable=False, updateable=False)
    return custom_field(facts)


# --- wide ---


def wide(
    name: str = "acme-wide",
    *,
    objects: int = 800,
    fields: int = 6000,
    classes: int = 200,
    pages: int = 50,
    tabs: int = 60,
    **seeding: Any,
) -> Org:
    """An org with that many objects more. fields: how many of theirs, and of fields added to standard objects, take field permissions. Other
    options go to vonage()."""
    shape = _wide_shape(objects, fields)
    org = vonage(name, extend=partial(_applied, shape), **seeding)
    with org.transaction():
        org.seed_info["shape"] = shape.told()
        org.seed_info["packages"] = {**org.seed_info.get("packages", {}), NAMESPACE: ("Big Package", "3.14")}
        _put_code(org, classes, pages)
        with_tab = [
            one for number, one in enumerate(shape.objects) if tabs * number // max(objects, 1) < tabs * (number + 1) // max(objects, 1)
        ]
        _put_tabs(org, with_tab)
        org.seed_info["set_ids"]["big_admin"] = _put_big_set(org, shape.objects)
        org.seed_info["sets"]["big_admin"] = SET
    return org


@lru_cache(maxsize=8)
def _wide_shape(objects: int, fields: int) -> Shape:
    names = [f"{NAMESPACE}__Wide_{number:04d}__c" if number % 2 == 0 else f"Acme_Wide_{number:04d}__c" for number in range(objects)]
    details = {names[number]: names[number - 2] for number in range(11, objects, 10)}
    on_standard = min(fields // 20, 300) if objects else fields
    shares = _shares(fields - on_standard, objects)
    made = tuple(made_object(name, number, _fields_of(name, shares[number]), details.get(name)) for number, name in enumerate(names))
    hosts = {
        host: tuple(made_field(f"{NAMESPACE}__Wide_{host}_{at:04d}__c", KINDS[at % len(KINDS)]) for at in range(share))
        for host, share in zip(STANDARD_HOSTS, _shares(on_standard, len(STANDARD_HOSTS)), strict=True)
    }
    return Shape(made, details, (NAMESPACE,), hosts)


def _shares(total: int, among: int) -> list[int]:
    """The total in that many nearly equal parts."""
    return [total * (at + 1) // among - total * at // among for at in range(among)]


def _fields_of(sobject: str, number: int) -> list[Field]:
    """That many fields that take field permissions, and a required one that does not."""
    made = [made_field(prefixed(sobject, f"Field_{at:03d}__c"), KINDS[at % len(KINDS)]) for at in range(number)]
    return [*made, made_field(prefixed(sobject, "Code__c"), "string", required=True)]


_APPLIED: list[tuple[Schema, Shape, Schema]] = []


def _applied(shape: Shape, schema: Schema) -> Schema:
    """The same schema again for the same shape: describes and empty tables are kept for each schema."""
    for before, known, after in _APPLIED:
        if before is schema and known is shape:
            return after
    after = shape.applied(schema)
    _APPLIED.append((schema, shape, after))
    del _APPLIED[:-4]
    return after


def _put_code(org: Org, classes: int, pages: int) -> None:
    def rows(number: int, stem: str) -> list[dict[str, Any]]:
        return [
            {"NamespacePrefix": NAMESPACE if at % 2 == 0 else None, "Name": f"{stem}{at:04d}", "ApiVersion": 60.0} for at in range(number)
        ]

    org.put_many("ApexClass", [{**row, "Status": "Active", "IsValid": True} for row in rows(classes, "WideClass")])
    org.put_many("ApexPage", [{**row, "MasterLabel": row["Name"], "ControllerType": "1"} for row in rows(pages, "WidePage")])


def _put_tabs(org: Org, objects: Sequence[SObject]) -> None:
    given = {one.name: (one.label_plural, one.name) for one in objects}
    org.seed_info["tab_definitions"] = {**org.seed_info.get("tab_definitions", {}), **given}
    org.put_many(
        "PermissionSetTabSetting",
        [{"ParentId": own_set, "Name": name, "Visibility": "DefaultOn"} for own_set in administrators(org) for name in given],
    )


def _put_big_set(org: Org, objects: Sequence[SObject]) -> str:
    values = {
        "Name": SET,
        "Label": "Big admin",
        "NamespacePrefix": NAMESPACE,
        "IsCustom": True,
        "IsOwnedByProfile": False,
        "Type": "Regular",
    }
    set_id = org.put("PermissionSet", **values)
    own = [one for one in objects if one.name.startswith(f"{NAMESPACE}__")]
    rights = dict.fromkeys((column for verb, column in VERBS.items() if verb != "ViewAllFields"), True)
    org.put_many("ObjectPermissions", [{"ParentId": set_id, "SobjectType": one.name, **rights} for one in own])
    org.put_many("FieldPermissions", [row for one in own for row in _open_fields(one, set_id)])
    code = [("ApexClass", row) for row in org.find("ApexClass", NamespacePrefix=NAMESPACE)]
    code += [("ApexPage", row) for row in org.find("ApexPage", NamespacePrefix=NAMESPACE)]
    org.put_many("SetupEntityAccess", [{"ParentId": set_id, "SetupEntityId": row["Id"], "SetupEntityType": kind} for kind, row in code])
    return set_id


def _open_fields(sobject: SObject, set_id: str) -> list[dict[str, Any]]:
    return [
        {
            "ParentId": set_id,
            "SobjectType": sobject.name,
            "Field": f"{sobject.name}.{item.name}",
            "PermissionsRead": True,
            "PermissionsEdit": not item.calculated and not item.auto_number,
        }
        for item in sobject.fields.values()
        if takes_field_permissions(sobject, item)
    ]


# --- random ---


def random_org(number: int, name: str = "acme-random", *, objects: int = 8, **seeding: Any) -> Org:
    """A small org of a shape that the number decides: masters, kinds of fields, standard objects and user permissions that it lacks, code, tabs,
    custom permissions, settings and metadata types. Other options go to vonage(); the Vonage package is there unless package=False."""
    source = random.Random(f"shape {number}")
    shape = _random_shape(source, objects)
    org = vonage(name, extend=partial(_applied, shape), **seeding)
    with org.transaction():
        org.seed_info["shape"] = shape.told()
        org.seed_info["packages"] = {**org.seed_info.get("packages", {}), NAMESPACE: ("Big Package", "3.14")}
        _put_code(org, source.randint(0, 6), source.randint(0, 4))
        _put_tabs(org, [one for one in shape.objects if not one.custom_setting and one.name.endswith("__c") and source.random() < 0.4])
        for at in range(source.randint(0, 4)):
            namespace = source.choice([NAMESPACE, None])
            org.put("CustomPermission", DeveloperName=f"Right_{at}", MasterLabel=f"Right {at}", NamespacePrefix=namespace, Language="en_US")
        for at in range(source.randint(0, 3)):
            sets.put_flow(org, source.choice([NAMESPACE, None]), f"Flow_{at}", f"Flow {at}")
        for at in range(source.randint(0, 3)):
            org.put("ConnectedApplication", Name=f"App {at}")
    return org


def _random_shape(source: random.Random, objects: int) -> Shape:
    names = [f"{NAMESPACE}__Thing_{at}__c" if source.random() < 0.5 else f"Thing_{at}__c" for at in range(objects)]
    details = {name: source.choice(names[:at]) for at, name in enumerate(names) if at and source.random() < 0.35}
    made = [made_object(name, at, _random_fields(source, name), details.get(name)) for at, name in enumerate(names)]
    for at in range(source.randint(0, 2)):
        facts = {"name": f"{NAMESPACE}__Setting_{at}__c", "label": f"Setting {at}", "plural": f"Settings {at}", "fields": []}
        made.append(custom_setting(facts, prefix=key_prefix("a", FIRST_PREFIX + objects + at)))
    for at in range(source.randint(0, 2)):
        facts = {"name": f"{NAMESPACE}__Type_{at}__mdt", "label": f"Type {at}", "plural": f"Types {at}", "fields": []}
        made.append(metadata_type(facts, prefix=key_prefix("m", FIRST_PREFIX + at)))
    hosts = {host: tuple(_random_fields(source, f"{NAMESPACE}__{host}__c")) for host in (*STANDARD_HOSTS, "Task") if source.random() < 0.5}
    if "Task" in hosts:  # the fields of activities are on both
        hosts["Event"] = hosts["Task"]
    left_out = frozenset(one for one in LEAVABLE_OBJECTS if source.random() < 0.3)
    spare = _spare_permissions()
    return Shape(tuple(made), details, (NAMESPACE,), hosts, left_out, frozenset(one for one in spare if source.random() < 0.25))


def _random_fields(source: random.Random, sobject: str) -> list[Field]:
    return [
        made_field(prefixed(sobject, f"F{at}__c"), source.choice(KINDS), required=source.random() < 0.15)
        for at in range(source.randint(0, 7))
    ]


@lru_cache(maxsize=1)
def _spare_permissions() -> tuple[str, ...]:
    """User permissions that no profile, packaged or standard set of the seed holds or needs, in a fixed order."""
    org = vonage()
    held: set[str] = set(CONTACT_CENTER) | profiles.ADMINISTRATOR | set(sets.DOCUMENTED_PERMISSIONS)
    for sobject in ("Profile", "PermissionSet"):
        for row in org.find(sobject):
            held |= {column.removeprefix("Permissions") for column, value in row.items() if column.startswith("Permissions") and value}
    columns = [
        column.removeprefix("Permissions") for column in org.schema.sobjects["PermissionSet"].fields if column.startswith("Permissions")
    ]
    return tuple(column for column in sorted(columns) if column not in held)
