# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of the Tooling API that the emulator knows: data files beside this one, each field with its source.

EntityDefinition, FieldDefinition, Publisher and TabDefinition are reached through the data API too. PermissionSet and Profile are the stored
objects of the data API with other columns: shared.json says which ones only one of the two APIs shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from emulator.model import BOTH, ChildRelationship, Field, PicklistValue, Schema, SObject

PRODUCTION_ONLY = frozenset({"SandboxInfo", "SandboxProcess"})
NAMES = (
    "EntityDefinition",
    "FieldDefinition",
    "PermissionDependency",
    "Publisher",
    "SandboxInfo",
    "SandboxProcess",
    "TabDefinition",
    "UserAccessPolicy",
    "UserAccessPolicyAction",
    "UserAccessPolicyFilter",
)
TOOLING = frozenset({"tooling"})
DATA = frozenset({"data"})
_TRANSLATED = frozenset({"name", "apis", "reference_to", "picklist"})


def with_tooling(schema: Schema, *, production: bool) -> Schema:
    """That schema and what the Tooling API adds; sandboxes are known to a production org alone."""
    added = [entity(name) for name in NAMES if production or name not in PRODUCTION_ONLY]
    return schema.with_sobjects([*added, *(_shared(known) for known in map(schema.sobject, shared()) if known is not None)])


@cache
def entity(name: str) -> SObject:
    given = _read(name)
    fields = [_field(item) for item in given["fields"]]
    return SObject(
        name=given["name"],
        label=given["label"],
        label_plural=given["label_plural"],
        key_prefix=given["key_prefix"],
        key_prefix_source=given["key_prefix_source"],
        source=given["source"],
        fields={item.name: item for item in fields},
        createable=given["createable"],
        updateable=given["updateable"],
        deletable=given["deletable"],
        retrieveable=given["retrieveable"],
        soft_delete=given.get("soft_delete", False),
        setup=True,
        apis=frozenset(given["apis"]),
        child_relationships=tuple(_child(item) for item in given.get("child_relationships", ())),
    )


def not_composed(name: str) -> frozenset[str]:
    """Columns and relationships, in lower case, that real orgs have on that object and the emulator does not compose."""
    return frozenset(item.lower() for item in _read(name)["not_composed"]) if name in NAMES else frozenset()


@cache
def not_emulated() -> frozenset[str]:
    """Objects, in lower case, that the Tooling API has and the emulator has not."""
    return frozenset(name.lower() for name in _read("not_emulated")["sobjects"])


@cache
def shared() -> Mapping[str, Any]:
    found: dict[str, Any] = _read("shared")["shared"]
    return found


def _shared(sobject: SObject) -> SObject:
    given = shared()[sobject.name]
    hidden = {name: replace(sobject.fields[name], apis=DATA) for name in given["hidden"] if name in sobject.fields}
    only = {item.name: replace(item, apis=TOOLING) for item in map(_field, given["tooling_only"])}
    return replace(sobject, fields={**sobject.fields, **hidden, **only}, apis=BOTH)


@cache
def _read(name: str) -> Any:
    return json.loads(files(__name__).joinpath("entities", f"{name}.json").read_text(encoding="utf-8"))


def _child(item: Mapping[str, Any]) -> ChildRelationship:
    return ChildRelationship(item["name"], item["child"], item["field"], apis=frozenset(item["apis"]))


def _field(item: Mapping[str, Any]) -> Field:
    return Field(
        name=item["name"],
        apis=frozenset(item.get("apis", BOTH)),
        reference_to=tuple(item.get("reference_to", ())),
        picklist=tuple(PicklistValue(value, value) for value in item.get("picklist", ())),
        **{name: value for name, value in item.items() if name not in _TRANSLATED},
    )
