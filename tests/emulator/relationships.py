# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a record over its relationships to others: /sobjects/Contact/<Id>/Account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.errors import NotEmulated, not_found
from emulator.model import ChildRelationship, SObject
from emulator.rules.registry import Grade, rule
from emulator.schema import not_emulated_children

if TYPE_CHECKING:
    from emulator.org import Org

MAX_PARENTS = 5

rule(
    "relationship_urls",
    says="GET, PATCH and DELETE over up to five parent relationships; GET of one child relationship; a parent that is null, or a name that "
    "is no relationship, is a 404, an empty child relationship a 200",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, Traverse Relationships with Friendly URLs; Get Records Using sObject Relationships",
)


@dataclass(frozen=True)
class Parent:
    """One record at the end of a path."""

    sobject: str
    id: str


@dataclass(frozen=True)
class Children:
    """The records of a child relationship: those of that object whose field holds the Id."""

    sobject: str
    field: str
    id: str


def follow(org: Org, user: str, sobject: SObject, record_id: str, path: tuple[str, ...], version: str) -> Parent | Children:
    """Where a path of relationship names ends. Raises ApiError."""
    here = Parent(sobject.name, record_id)
    for place, name in enumerate(path):
        at = org.visible(user, here.sobject, version)
        child = _child(at, name)
        if child is not None:
            if place + 1 < len(path) or place > 0:
                raise NotEmulated("child relationships beyond the first step of a path")
            org.retrieve(user, at.name, here.id, ["Id"], version)
            return Children(child.child, child.field, here.id)
        if place == MAX_PARENTS:
            raise NotEmulated(f"more than {MAX_PARENTS} parents in a path")
        here = _parent(org, user, at, here.id, name, version)
    return here


def _child(sobject: SObject, name: str) -> ChildRelationship | None:
    found = next((item for item in sobject.child_relationships if item.name.lower() == name.lower()), None)
    if found is None and name.lower() in not_emulated_children().get(sobject.name, frozenset()):
        raise NotEmulated(f"the child relationship {name} of {sobject.name}")
    return found


def _parent(org: Org, user: str, sobject: SObject, record_id: str, name: str, version: str) -> Parent:
    item = next((one for one in sobject.fields.values() if (one.relationship_name or "").lower() == name.lower()), None)
    if item is None:
        raise not_found()
    target_id = org.retrieve(user, sobject.name, record_id, [item.name], version)[item.name]
    if target_id is None:
        raise not_found()
    target = org.schema.by_prefix(str(target_id)[:3])
    if target is None:
        raise NotEmulated(f"records that {item.name} points at")
    return Parent(target.name, str(target_id))
