# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which permission needs which other one, and what an org tells of it. What is done about it: rules/complete_sets.py."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.rules.registry import Grade, Switch, breakable, rule

if TYPE_CHECKING:
    from emulator.org import Org

FACTS = Path(__file__).parent.parent / "seed" / "dependencies.json"

INFERRED_EDGES = Switch("inferred_dependencies", ("enforced", "ignored"))
NAMES = Switch("dependency_names", ("api", "label"))
HIDDEN = Switch("hidden_dependency_rows", ("all_data", "none"))
EXTRA = Switch("extra_dependency_rows", ("none", "outdated"))

rule(
    "user_permissions_depend_on_each_other",
    says="Switching on a user permission without the ones it needs, or switching one off that another one needs, is refused with "
    "FIELD_INTEGRITY_EXCEPTION, every missing permission named in one message; nothing is added by itself. Only permissions that exist in the "
    "org count.",
    grade=Grade.QUOTED,
    source="facts permission-api C1 (NPSP PR 3979, jsforce 749, sfxd wiki)",
)
breakable("user_permissions_depend_on_each_other")
rule(
    "dependencies_known_from_co_occurrence",
    says="Most of the edges are read off published metadata: always seen together. They can hold noise.",
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
rule(
    "dependencies_that_the_org_does_not_show",
    says="PermissionDependency has no rows of Modify All Data and View All Data although both are enforced, or it has.",
    grade=Grade.INFERRED,
    source="facts permission-api C2: one measured org had none, the object's page uses Modify All Data as its example",
    switch=HIDDEN,
)
rule(
    "dependencies_that_are_shown_and_not_enforced",
    says="PermissionDependency has only rows that are enforced, or also some of older releases (Author Apex needs Modify All Data) that are not.",
    grade=Grade.INFERRED,
    source="facts permission_dependencies.tsv: rows named outdated by their own source",
    switch=EXTRA,
)


@dataclass(frozen=True)
class Edge:
    permission: str
    requires: str
    inferred: bool


@cache
def edges(of: str) -> tuple[Edge, ...]:
    """The recorded edges, of 'user_permissions', 'object_permissions' or 'objects_of_user_permissions'."""
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


def shown_name(org: Org, permission: str) -> str:
    """How messages call a user permission."""
    sobject = org.schema.sobject("PermissionSet")
    field = sobject.field(f"Permissions{permission}") if sobject else None
    return field.label if field is not None and org.switches[NAMES.name] == "label" else permission


# --- what the org tells of all this (PermissionDependency) ---------------------------------------------------------------

USER, OBJECT = "User Permission", "Object Permission"
ALL_DATA = frozenset({"ModifyAllData", "ViewAllData"})
WIRE_VERBS = {
    "Create": "create",
    "Read": "read",
    "Edit": "update",
    "Delete": "delete",
    "ViewAllRecords": "viewAllRecords",
    "ModifyAllRecords": "modifyAllRecords",
    "ViewAllFields": "viewAllFields",
}
"""How the rows call a right on an object; create, read, update and viewAllRecords were seen, the others are spelled after them."""


@dataclass(frozen=True, order=True)
class Published:
    """One row of PermissionDependency: names without the Permissions prefix, rights on objects as Account<read>."""

    permission: str
    permission_type: str
    required: str
    required_type: str


def published(org: Org, objects: Iterable[tuple[str, str, str, str]] = ()) -> list[Published]:
    """The dependencies that the org shows, sorted, each once. objects: the rules of object permissions, as (object, right, object it needs,
    right it needs); see object_permissions.general_edges."""
    shown = {_row(edge) for of in ("user_permissions", "objects_of_user_permissions", "object_permissions") for edge in edges(of)}
    if org.switches[EXTRA.name] == "outdated":
        shown |= {_row(edge) for edge in outdated_edges()}
    shown |= {Published(_wire(one, verb), OBJECT, _wire(other, right), OBJECT) for one, verb, other, right in objects}
    hidden = ALL_DATA if org.switches[HIDDEN.name] == "all_data" else frozenset()
    return sorted(row for row in shown if row.permission not in hidden and _exists(org, row.permission) and _exists(org, row.required))


@cache
def outdated_edges() -> tuple[Edge, ...]:
    """Edges that old notes name and no org of today enforces."""
    facts: Mapping[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    found = [edge for edge in facts["left_out"] if "outdated" in edge["why"] or "folder sharing" in edge["why"]]
    return tuple(Edge(edge["permission"], edge["requires"], True) for edge in found)


def _row(edge: Edge) -> Published:
    return Published(_spelled(edge.permission), _type(edge.permission), _spelled(edge.requires), _type(edge.requires))


def _type(name: str) -> str:
    return OBJECT if ":" in name else USER


def _spelled(name: str) -> str:
    sobject, _unused, verb = name.partition(":")
    return _wire(sobject, verb) if verb else name


def _wire(sobject: str, verb: str) -> str:
    return f"{sobject}<{WIRE_VERBS[verb]}>"


def _exists(org: Org, name: str) -> bool:
    if name.endswith(">"):
        return org.schema.sobject(name.partition("<")[0]) is not None
    permission_set = org.schema.sobject("PermissionSet")
    return permission_set is not None and f"Permissions{name}" in permission_set.fields
