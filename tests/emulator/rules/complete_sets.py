# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User permissions that need other permissions, of users or on objects: refused as a whole, every missing one named in one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.rules import registry
from emulator.rules.dependencies import clause, missing_permissions, shown_name
from emulator.rules.object_permissions import NEEDS, OBJECT_NEEDS, VERBS, missing_objects, needs_spoken, rows_of_set
from emulator.rules.permission_sets import VIEW_ALL_DATA
from emulator.rules.refusals import field_integrity
from emulator.rules.registry import Change, holds

if TYPE_CHECKING:
    from emulator.org import Org


@registry.before("insert", "PermissionSet")
@registry.before("update", "PermissionSet")
def permissions_are_complete(org: Org, user: str, change: Change) -> None:
    clauses: list[str] = []
    if holds("user_permissions_depend_on_each_other"):
        missing = missing_permissions(org, change.after)
        clauses = [clause(shown_name(org, name), [shown_name(org, needed) for needed in needs]) for name, needs in missing.items()]
    clauses += needs_spoken(org, _refused_objects(org, change))
    if clauses:
        raise field_integrity("; ".join(clauses))


def _refused_objects(org: Org, change: Change) -> dict[str, list[tuple[str, str]]]:
    """What is missing on objects and is not added by the org itself, for permissions that this write switches on or leaves on."""
    rows = rows_of_set(org, change.id) if change.id else {}
    missing = missing_objects(org, change.after, rows)
    if org.switches[OBJECT_NEEDS.name] == "added":
        missing = {name: pairs for name, pairs in missing.items() if name == "ViewAllData"}
    switched_on = change.after.get("PermissionsViewAllData") and not change.before.get("PermissionsViewAllData")
    if not (switched_on and org.switches[VIEW_ALL_DATA.name] == "refused"):
        missing.pop("ViewAllData", None)
    return missing


@registry.after("insert", "PermissionSet")
@registry.after("update", "PermissionSet")
def needed_rights_are_added(org: Org, user: str, change: Change) -> None:
    if org.switches[OBJECT_NEEDS.name] != "added":
        return
    rows = rows_of_set(org, change.id)
    missing = missing_objects(org, change.after, rows)
    for pairs in (pairs for name, pairs in missing.items() if name != "ViewAllData"):
        for sobject, verb in pairs:
            _add_right(org, str(change.id), sobject, verb)


def _add_right(org: Org, set_id: str, sobject: str, verb: str) -> None:
    flags = {VERBS[one]: True for one in (verb, *NEEDS.get(verb, ()))}
    existing = org.find("ObjectPermissions", ParentId=set_id, SobjectType=sobject)
    if existing:
        org.set("ObjectPermissions", existing[0]["Id"], **flags)
        return
    org.put("ObjectPermissions", ParentId=set_id, SobjectType=sobject, **flags)
