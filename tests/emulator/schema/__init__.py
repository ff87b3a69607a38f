# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated schema, loaded: which objects and columns an org with given features has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from emulator.model import ChildRelationship, Field, PicklistValue, Schema, SObject

FEATURES = frozenset(
    {
        "user_access_policies",
        "partner_telephony",
        "amazon_connect",
        "view_all_fields",
        "developer_edition",
        "multi_currency",
        "state_country_picklists",
        "record_types",
        "divisions",
        "dev_hub",
    }
)
"""Features known to the schema files: a column or object marked with one (or several, joined with "|") exists only in orgs that have one of
them. developer_edition: user permissions that a recorded developer org (v62) has and the recorded v59 org lacks."""
DEFAULT_FEATURES = frozenset({"view_all_fields"})

TRANSLATED = {"picklist", "reference_to", "optional", "name", "source"}
CALLS = ("replicateable", "undeletable", "searchable", "mergeable")


@lru_cache(maxsize=32)
def load_schema(features: frozenset[str] = DEFAULT_FEATURES) -> Schema:
    """The standard objects as an org with these features has them. Raises ValueError for an unknown feature."""
    unknown = features - FEATURES
    if unknown:
        raise ValueError(f"unknown features: {', '.join(sorted(unknown))}")
    loaded = {entry["name"]: _sobject(entry, features) for entry in _entries() if _exists(entry, features)}
    return Schema({name: replace(one, child_relationships=_reachable(one, loaded)) for name, one in loaded.items()})


@lru_cache(maxsize=1)
def not_emulated_sobjects() -> Mapping[str, str]:
    """Lower-case name -> name of the standard objects that real orgs have and this emulator does not."""
    return {name.lower(): name for name in _read("not_emulated.json")["sobjects"]}


@lru_cache(maxsize=1)
def not_emulated_children() -> Mapping[str, frozenset[str]]:
    """sObject -> lower-case names of its child relationships that real orgs have and this emulator does not."""
    return {entry["sobject"]: frozenset(map(str.lower, entry["names"])) for entry in _read("not_emulated.json")["child_relationships"]}


@lru_cache(maxsize=1)
def conflicts() -> tuple[Mapping[str, Any], ...]:
    """Properties on which the sources contradict each other: which value won, by which source, and which one lost."""
    return tuple(_read("conflicts.json")["conflicts"])


def sources() -> dict[str, str]:
    """The legend: source key -> what it is."""
    legend: dict[str, str] = _read("sources.json")
    return legend


def _read(name: str) -> Any:
    return json.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _entries() -> tuple[dict[str, Any], ...]:
    names = sorted(item.name for item in files(__name__).iterdir() if item.name.endswith(".json") and item.name[0].isupper())
    return tuple(_read(name) for name in names)


def _exists(entry: Mapping[str, Any], features: frozenset[str]) -> bool:
    return "optional" not in entry or not features.isdisjoint(entry["optional"].split("|"))


def _reachable(sobject: SObject, loaded: Mapping[str, SObject]) -> tuple[ChildRelationship, ...]:
    """Relationships to children that this org has."""
    return tuple(one for one in sobject.child_relationships if one.child in loaded and one.field in loaded[one.child].fields)


def _sobject(entry: Mapping[str, Any], features: frozenset[str]) -> SObject:
    fields = [_field(item) for item in entry["fields"] if _exists(item, features)]
    return SObject(
        name=entry["name"],
        label=entry["label"],
        label_plural=entry["label_plural"],
        key_prefix=entry["key_prefix"],
        source=entry["source"],
        fields={item.name: item for item in fields},
        createable=entry["createable"],
        updateable=entry["updateable"],
        deletable=entry["deletable"],
        queryable=entry["queryable"],
        retrieveable=entry["retrieveable"],
        setup=entry["setup"],
        soft_delete=entry["soft_delete"],
        key_prefix_source=entry["key_prefix_source"],
        calls_source=entry["calls_source"],
        child_relationships=tuple(_child(item) for item in entry["child_relationships"]),
        **{flag: entry[flag] for flag in CALLS},
    )


def _child(item: Mapping[str, Any]) -> ChildRelationship:
    return ChildRelationship(**{name: value for name, value in item.items() if name != "source"})


def _field(item: Mapping[str, Any]) -> Field:
    return Field(
        name=item["name"],
        source=item["source"],
        reference_to=tuple(item.get("reference_to", ())),
        picklist=tuple(PicklistValue(value, value) for value in item.get("picklist", ())),
        **{name: value for name, value in item.items() if name not in TRANSLATED},
    )
