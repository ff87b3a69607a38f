# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User permissions that need other user permissions: refused as a whole, never switched on by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.refusals import field_integrity
from emulator.rules.registry import Change, Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

FACTS = Path(__file__).parent.parent / "seed" / "dependencies.json"

INFERRED_EDGES = Switch("inferred_dependencies", ("enforced", "ignored"))
NAMES = Switch("dependency_names", ("api", "label"))

rule(
    "user_permissions_depend_on_each_other",
    says="Switching on a user permission without the ones it needs, or switching one off that another one needs, is refused with "
    "FIELD_INTEGRITY_EXCEPTION, every missing permission named in one message; nothing is added by itself. Only permissions that exist in the "
    "org count.",
    grade=Grade.QUOTED,
    source="facts permission-api C1 (NPSP PR 3979, jsforce 749, sfxd wiki)",
)
rule(
    "dependencies_known_from_co_occurrence",
    says="120 edges are read off published metadata: always seen together. They can hold noise.",
    grade=Grade.INFERRED,
    source="facts permission-api C3; seed/dependencies.json, edges of grade inferred",
    switch=INFERRED_EDGES,
)
rule(
    "how_a_dependency_message_names_permissions",
    says="By API name without the Permissions prefix, or by label: both are quoted.",
    grade=Grade.INFERRED,
    source="facts permission-api C1: which permission is named how is not known",
    switch=NAMES,
)


@dataclass(frozen=True)
class Edge:
    permission: str
    requires: str
    inferred: bool


@cache
def edges(of: str) -> tuple[Edge, ...]:
    """The recorded edges, of 'user_permissions' or 'object_permissions'."""
    facts: Mapping[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    return tuple(Edge(edge["permission"], edge["requires"], edge["grade"] == "inferred") for edge in facts[of])


def enforced(org: Org, of: str) -> list[Edge]:
    ignored = org.switches[INFERRED_EDGES.name] == "ignored"
    return [edge for edge in edges(of) if not (ignored and edge.inferred)]


def clause(permission: str, missing: list[str]) -> str:
    return f"Permission {permission} depends on permission(s): {', '.join(missing)}"


def missing_permissions(org: Org, permission_set: Mapping[str, Any]) -> dict[str, list[str]]:
    """Permission that is on -> permissions it needs that exist here and are off, without the prefix, both sorted."""
    sobject = org.schema.sobject("PermissionSet")
    columns = sobject.fields if sobject else {}
    missing: dict[str, list[str]] = {}
    for edge in enforced(org, "user_permissions"):
        if not permission_set.get(f"Permissions{edge.permission}"):
            continue
        column = f"Permissions{edge.requires}"
        if column in columns and not permission_set.get(column):
            missing.setdefault(edge.permission, []).append(edge.requires)
    return {permission: sorted(missing[permission]) for permission in sorted(missing)}


def closure(org: Org, permissions: set[str]) -> set[str]:
    """The permissions and everything they need in this org: what a consistent profile or set must hold."""
    sobject = org.schema.sobject("PermissionSet")
    known = {name.removeprefix("Permissions") for name in sobject.fields} if sobject else set()
    held = permissions & known
    while True:
        added = {edge.requires for edge in edges("user_permissions") if edge.permission in held and edge.requires in known} - held
        if not added:
            return held
        held |= added


@registry.before("insert", "PermissionSet")
@registry.before("update", "PermissionSet")
def permissions_are_complete(org: Org, user: str, change: Change) -> None:
    missing = missing_permissions(org, change.after)
    if not missing:
        return
    sobject = org.schema.sobject("PermissionSet")

    def shown(permission: str) -> str:
        field = sobject.field(f"Permissions{permission}") if sobject else None
        return field.label if field is not None and org.switches[NAMES.name] == "label" else permission

    raise field_integrity("; ".join(clause(shown(name), [shown(needed) for needed in needs]) for name, needs in missing.items()))
