# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Permission set groups as they are: members, what they mute, how far the org is with them, and how many have them. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import _set_groups, _set_reference
from ._converge import Noun
from ._org import Answers, Get, Org, Query
from ._plan import Plan
from ._set_reference import SetReference


@dataclass(frozen=True)
class Desired:
    """Which groups; all of the org where none is named."""

    groups: tuple[SetReference, ...]

    @property
    def tried(self) -> str:
        return f"reading permission set groups{''.join(f' {item}' for item in self.groups)}"


@dataclass(frozen=True)
class Group:
    """One group. row: in the shape of a set's. assigned: how many assignments it has."""

    row: Mapping[str, Any]
    members: tuple[str, ...]
    muted: frozenset[str]
    assigned: int


@dataclass(frozen=True)
class Current:
    """The groups by name, and the names that no group has."""

    groups: tuple[Group, ...]
    not_found: tuple[str, ...]


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for an empty name."""
    wish = Desired(tuple(dict.fromkeys(_set_groups.parse(item) for item in params["names"] or ())))
    _set_reference.require_named(wish.groups, "names", "reading permission set groups")
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The groups in one call; one more for each 25 of them that mute something."""
    answers = org.read(_reads(wish))
    if "groups" in answers.refusals:
        raise _set_groups.not_shown(wish.tried, answers.refusals["groups"].code)
    muting = sorted({item["PermissionSetId"] for item in answers.rows["components"] if _is_muting(item)})
    bodies = org.read([Get(item, f"/sobjects/MutingPermissionSet/{item}") for item in muting]).bodies if muting else {}
    rows = sorted((_set_groups.as_set(row) for row in answers.rows["groups"]), key=_set_reference.qualified)
    groups = tuple(_group(row, answers, bodies) for row in rows)
    # Text compares without case in SOQL, and a bare name means a group of any namespace.
    missing = [str(item) for item in wish.groups if not any(_set_reference.fits(item, row) for row in rows)]
    return Current(groups, tuple(missing))


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The groups, in the words of the module that writes them."""
    return {
        "permission_set_groups": [_as_result(item) for item in current.groups],
        "not_found": list(current.not_found),
        "warnings": [f"the org has no permission set group {name}." for name in current.not_found],
    }


def _reads(wish: Desired) -> list[Query]:
    here = " OR ".join(f"({_set_groups.condition(item)})" for item in wish.groups)
    mine = " OR ".join(f"({_set_groups.condition(item, 'PermissionSetGroup')})" for item in wish.groups)
    components = f"FROM PermissionSetGroupComponent{f' WHERE {mine}' if mine else ''}"
    whose = f"({mine})" if mine else "PermissionSetGroupId != null"
    return [
        Query(
            "groups",
            f"SELECT {_set_groups.FIELDS} FROM PermissionSetGroup{f' WHERE {here}' if here else ''}",
            tolerate=_set_groups.NOT_SHOWN,
        ),
        Query("components", f"SELECT PermissionSetGroupId, PermissionSetId {components}", tolerate=_set_groups.NOT_SHOWN),
        Query(
            "members",
            f"SELECT Id, Name, NamespacePrefix FROM PermissionSet WHERE Id IN (SELECT PermissionSetId {components})",
            tolerate=_set_groups.NOT_SHOWN,
        ),
        # One row a group: queries that group have no further pages, and no org comes near two thousand groups with assignments.
        Query(
            "assigned",
            f"SELECT PermissionSetGroupId, COUNT(Id) assigned FROM PermissionSetAssignment WHERE {whose} GROUP BY PermissionSetGroupId",
            tolerate=_set_groups.NOT_SHOWN,
        ),
    ]


def _is_muting(component: Mapping[str, Any]) -> bool:
    return str(component["PermissionSetId"]).startswith(_set_groups.MUTING_PREFIX)


def _group(row: Mapping[str, Any], answers: Answers, muting: Mapping[str, Mapping[str, Any]]) -> Group:
    names = {item["Id"]: _set_reference.qualified(item) for item in answers.rows["members"]}
    mine: Sequence[str] = [item["PermissionSetId"] for item in answers.rows["components"] if item["PermissionSetGroupId"] == row["Id"]]
    muted = frozenset(name for item in mine if item in muting for name in _set_groups.muted(muting[item]))
    assigned = {item["PermissionSetGroupId"]: int(item["assigned"]) for item in answers.rows["assigned"]}
    return Group(row, tuple(sorted(names[item] for item in mine if item in names)), muted, assigned.get(row["Id"], 0))


def _as_result(group: Group) -> dict[str, Any]:
    row = group.row
    return {
        "name": str(row["Name"]),
        "namespace": str(row["NamespacePrefix"] or ""),
        "qualified_name": _set_reference.qualified(row),
        "label": str(row["Label"]),
        "description": str(row["Description"] or ""),
        "session_activation": row["HasActivationRequired"],
        "status": row["Status"],
        "permission_sets": list(group.members),
        "muted_user_permissions": sorted(group.muted),
        "assigned": group.assigned,
    }


NOUN = Noun(
    name="permission_set_group_info",
    argument_spec={"names": {"type": "list", "elements": "str"}},
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
