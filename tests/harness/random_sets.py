# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random permission sets as an org could hold them: with everything that what they grant needs, in every section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.field_permissions import field_of, permissionable_fields, twin_field
from emulator.rules.object_permissions import NEEDS, VERBS, needed_elsewhere, needed_objects, permissionable_objects
from emulator.rules.permissionable import is_metadata_type
from emulator.rules.tabs import tabs_of
from emulator.tooling.durable import durable_ids

# What people type, and what YAML and Ansible could take for something else.
TEXT = st.text("ab Z09:#'\"{}%*&!|>-,[]\\@`\u00e9\u20ac\u2028\U0001f600", max_size=20).map(str.strip)


@dataclass(frozen=True)
class Recipe:
    """What a set is to grant, by names that are the same in every org. entities: (SetupEntityType, name)."""

    values: Mapping[str, Any]
    permissions: frozenset[str]
    objects: Mapping[str, frozenset[str]]
    fields: Mapping[str, bool]
    entities: frozenset[tuple[str, str]]
    tabs: Mapping[str, str]


def recipes(org: Org) -> st.SearchStrategy[Recipe]:
    """Sets that this org, and every one that has the same installed, would take."""
    permission_set = org.schema.sobject("PermissionSet")
    columns = permission_set.fields if permission_set else {}
    permissions = sorted(name.removeprefix("Permissions") for name in columns if name.startswith("Permissions"))
    objects = sorted(name for name, _label in permissionable_objects(org))
    verbs = st.frozensets(st.sampled_from(sorted(VERBS)), min_size=1)
    return st.builds(
        Recipe,
        st.fixed_dictionaries(
            {"Label": TEXT.map(lambda text: text or "Label"), "Description": TEXT, "HasActivationRequired": st.booleans()}
        ),
        st.frozensets(st.sampled_from(permissions), max_size=4),
        st.dictionaries(st.sampled_from(objects), verbs, max_size=5),
        st.dictionaries(st.sampled_from(sorted(name for name, _label in permissionable_fields(org))), st.booleans(), max_size=12),
        st.frozensets(st.sampled_from(sorted(entities(org))), max_size=8),
        st.dictionaries(st.sampled_from(sorted(tabs_of(org))), st.sampled_from(["DefaultOn", "DefaultOff"]), max_size=4),
    )


def entities(org: Org) -> dict[tuple[str, str], str]:
    """(SetupEntityType, name) -> Id of everything that SetupEntityAccess can grant here."""
    found: dict[tuple[str, str], str] = {}
    columns = {"ApexClass": "Name", "ApexPage": "Name", "CustomPermission": "DeveloperName", "ConnectedApplication": "Name"}
    for sobject, column in columns.items():
        for row in org.find(sobject):
            found[sobject, f"{row.get('NamespacePrefix') or ''}.{row[column]}"] = row["Id"]
    for row in org.find("FlowDefinitionView"):
        found["FlowDefinition", f"{row['NamespacePrefix'] or ''}.{row['ApiName']}"] = row["DurableId"]
    for name, durable in durable_ids(org).items():
        sobject_ = org.schema.sobject(name)
        if sobject_ is not None and (sobject_.custom_setting or is_metadata_type(sobject_)):
            found["CustomEntityDefinition", name] = durable
    return found


def put_recipe(org: Org, name: str, recipe: Recipe, **values: Any) -> str:
    """The set, as it is; returns its Id."""
    permissions = closure(org, set(recipe.permissions))
    columns = {f"Permissions{item}": True for item in permissions}
    set_id = org.put(
        "PermissionSet",
        **{"Name": name, "IsCustom": True, "IsOwnedByProfile": False, "Type": "Regular", **recipe.values, **columns, **values},
    )
    for sobject, verbs in completed(org, recipe, permissions).items():
        org.put("ObjectPermissions", ParentId=set_id, SobjectType=sobject, **{VERBS[verb]: True for verb in verbs})
    for field_name, edit in _fields(org, recipe).items():
        org.put(
            "FieldPermissions",
            ParentId=set_id,
            SobjectType=field_name.partition(".")[0],
            Field=field_name,
            PermissionsRead=True,
            PermissionsEdit=edit,
        )
    ids = entities(org)
    for kind, entity in sorted(recipe.entities):
        org.put("SetupEntityAccess", ParentId=set_id, SetupEntityId=ids[kind, entity], SetupEntityType=kind)
    for tab, visibility in sorted(recipe.tabs.items()):
        org.put("PermissionSetTabSetting", ParentId=set_id, Name=tab, Visibility=visibility)
    return set_id


def completed(org: Org, recipe: Recipe, permissions: set[str]) -> dict[str, set[str]]:
    """The rights on objects with all that they, and the user permissions, need."""
    held = {sobject: set(verbs) for sobject, verbs in recipe.objects.items()}
    needs = [need for of_object in needed_objects(org).values() for need in of_object]
    wanted = [(sobject, verb) for permission, sobject, verb in needs if permission in permissions]
    wanted += [(sobject, verb) for sobject, verbs in recipe.objects.items() for verb in verbs]
    seen: set[tuple[str, str]] = set()
    while wanted:
        sobject, verb = wanted.pop()
        if (sobject, verb) in seen:
            continue
        seen.add((sobject, verb))
        held.setdefault(sobject, set()).add(verb)
        wanted += [(sobject, needed) for needed in NEEDS.get(verb, ())] + needed_elsewhere(org, sobject, verb)
    return held


def _fields(org: Org, recipe: Recipe) -> dict[str, bool]:
    """Field -> whether editable: no formula is, and both sides of a custom activity field are alike."""
    found: dict[str, bool] = {}
    for name, edit in recipe.fields.items():
        field = field_of(org, name)
        possible = edit and field is not None and not field.calculated and not field.auto_number
        for one in filter(None, (name, twin_field(org, {"Field": name}))):
            found[one] = possible
    return found
