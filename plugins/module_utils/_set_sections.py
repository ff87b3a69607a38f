# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The sections of a permission set, as data: what each may hold, where the org keeps it, and how its rows are written. Pure.

A permission set is its own record (user permissions are columns of it) and rows that hang on it. Every section speaks of names, and of the
rights that a name has in the set; so reading, comparing, exporting and recording a set are each written once, over this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# What a right needs beside it (ObjectPermissions and FieldPermissions, Object Reference). The API does not add it.
OBJECT_NEEDS: Mapping[str, tuple[str, ...]] = {
    "create": ("read",),
    "edit": ("read",),
    "delete": ("read", "edit"),
    "view_all_records": ("read",),
    "modify_all_records": ("read", "edit", "delete", "view_all_records"),
    "view_all_fields": ("read",),
}
# The column came with API version 63: older versions can neither read nor write it.
VIEW_ALL_FIELDS = "view_all_fields"
# The one right of what is simply granted or not.
GRANTED = "granted"
# How one of several connected apps of a name is told from the others.
WITH_ID = re.compile(r" \([A-Za-z0-9]{15,18}\)$")
# PermissionSetTabSetting.Visibility: DefaultOff is what Setup calls Available, DefaultOn adds Visible to it. No row means hidden.
AVAILABLE, VISIBLE = "available", "visible"


@dataclass(frozen=True)
class Entity:
    """Where the org keeps the names of what SetupEntityAccess grants: an object, its Id column and its name column.

    type, prefix: SetupEntityType and the key prefix of SetupEntityId. namespace: the column of the package's prefix, or "" where names carry it
    or there is none.
    """

    type: str
    prefix: str
    sobject: str
    name: str
    id: str = "Id"
    namespace: str = "NamespacePrefix"


@dataclass(frozen=True)
class Section:
    """One section. option: how options and results call it. kind: how plans call its rows. what: how messages call one thing of it.

    rights: option name -> column, each after those that it needs; empty where a row grants by being there.
    """

    option: str
    kind: str
    what: str
    sobject: str
    rights: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entity: Entity | None = None


USER_PERMISSIONS = Section("user_permissions", "user_permissions", "user permission", "PermissionSet")
OBJECTS = Section(
    "object_permissions",
    "object_permissions",
    "object",
    "ObjectPermissions",
    {
        "read": "PermissionsRead",
        "create": "PermissionsCreate",
        "edit": "PermissionsEdit",
        "delete": "PermissionsDelete",
        "view_all_records": "PermissionsViewAllRecords",
        "modify_all_records": "PermissionsModifyAllRecords",
        VIEW_ALL_FIELDS: "PermissionsViewAllFields",
    },
    OBJECT_NEEDS,
)
FIELDS = Section(
    "field_permissions",
    "field_permissions",
    "field",
    "FieldPermissions",
    {"read": "PermissionsRead", "edit": "PermissionsEdit"},
    {"edit": ("read",)},
)


def _access(option: str, kind: str, what: str, entity: Entity) -> Section:
    return Section(option, kind, what, "SetupEntityAccess", entity=entity)


CUSTOM_SETTINGS = _access(
    "custom_settings",
    "custom_setting_access",
    "custom setting",
    Entity("CustomEntityDefinition", "01I", "EntityDefinition", "QualifiedApiName", "DurableId", ""),
)
CUSTOM_METADATA_TYPES = _access(
    "custom_metadata_types",
    "custom_metadata_type_access",
    "custom metadata type",
    Entity("CustomEntityDefinition", "01I", "EntityDefinition", "QualifiedApiName", "DurableId", ""),
)
CONNECTED_APPS = _access(
    "connected_apps",
    "connected_app_access",
    "connected app",
    Entity("ConnectedApplication", "0H4", "ConnectedApplication", "Name", namespace=""),
)
# SetupEntityType of the Object Reference -> the object that names what it grants access to. A flow's name may or may not carry the prefix of
# its package; a connected app has a name and no namespace at all.
ENTITIES: tuple[Section, ...] = (
    _access("apex_classes", "apex_class_access", "Apex class", Entity("ApexClass", "01p", "ApexClass", "Name")),
    _access("visualforce_pages", "visualforce_page_access", "Visualforce page", Entity("ApexPage", "066", "ApexPage", "Name")),
    _access(
        "custom_permissions",
        "custom_permission_access",
        "custom permission",
        Entity("CustomPermission", "0CP", "CustomPermission", "DeveloperName"),
    ),
    CUSTOM_SETTINGS,
    CUSTOM_METADATA_TYPES,
    CONNECTED_APPS,
    _access("flows", "flow_access", "flow", Entity("FlowDefinition", "300", "FlowDefinitionView", "ApiName", "DurableId")),
)
TABS = Section("tabs", "tab_setting", "tab", "PermissionSetTabSetting")

# In the order in which the org takes what is added: user permissions need object permissions, never the other way round.
SECTIONS: tuple[Section, ...] = (OBJECTS, FIELDS, *ENTITIES, TABS, USER_PERMISSIONS)
BY_OPTION: Mapping[str, Section] = {section.option: section for section in SECTIONS}
BY_KIND: Mapping[str, Section] = {section.kind: section for section in SECTIONS}


def section_of_entity(entity_type: str, name: str) -> Section | None:
    """The section that a row of SetupEntityAccess belongs to; None for types that this collection does not manage."""
    for section in ENTITIES:
        if section.entity and section.entity.type == entity_type:
            if section is CUSTOM_SETTINGS and name.endswith("__mdt"):
                return CUSTOM_METADATA_TYPES
            return section
    return None
