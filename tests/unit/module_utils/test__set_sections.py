# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import (
    BY_KIND,
    BY_OPTION,
    CUSTOM_METADATA_TYPES,
    CUSTOM_SETTINGS,
    ENTITIES,
    FIELDS,
    OBJECT_NEEDS,
    OBJECTS,
    SECTIONS,
    TABS,
    USER_PERMISSIONS,
    Entity,
    Section,
    section_of_entity,
)
from emulator.schema import FEATURES, load_schema

SOBJECTS = load_schema(FEATURES).sobjects
every_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.option)
every_entity = pytest.mark.parametrize("section", ENTITIES, ids=lambda section: section.option)

# The words of options, of results and of plans: playbooks and what reads their results stand on them.
KINDS = {
    "object_permissions": "object_permissions",
    "field_permissions": "field_permissions",
    "apex_classes": "apex_class_access",
    "visualforce_pages": "visualforce_page_access",
    "custom_permissions": "custom_permission_access",
    "custom_settings": "custom_setting_access",
    "custom_metadata_types": "custom_metadata_type_access",
    "connected_apps": "connected_app_access",
    "flows": "flow_access",
    "tabs": "tab_setting",
    "user_permissions": "user_permissions",
}


def entity_of(section: Section) -> Entity:
    assert section.entity is not None
    return section.entity


def test_every_section_has_its_words() -> None:
    assert {section.option: section.kind for section in SECTIONS} == KINDS
    assert len({section.what for section in SECTIONS}) == len(SECTIONS)
    assert {option: section.option for option, section in BY_OPTION.items()} == {option: option for option in KINDS}
    assert {kind: section.kind for kind, section in BY_KIND.items()} == {kind: kind for kind in KINDS.values()}


def test_what_needs_others_is_written_after_them() -> None:
    assert (SECTIONS[0], SECTIONS[1], SECTIONS[-2], SECTIONS[-1]) == (OBJECTS, FIELDS, TABS, USER_PERMISSIONS)


@every_section
def test_a_right_stands_after_those_it_needs_and_names_all_of_them(section: Section) -> None:
    order = list(section.rights)
    assert set(section.needs) <= set(order)
    for right, needed in section.needs.items():
        assert all(order.index(other) < order.index(right) for other in needed)
        assert {further for other in needed for further in section.needs.get(other, ())} <= set(needed)


def test_object_rights_need_what_the_object_reference_says() -> None:
    assert {right: set(needed) for right, needed in OBJECT_NEEDS.items()} == {
        "create": {"read"},
        "edit": {"read"},
        "delete": {"read", "edit"},
        "view_all_records": {"read"},
        "modify_all_records": {"read", "edit", "delete", "view_all_records"},
        "view_all_fields": {"read"},
    }
    assert OBJECTS.needs == OBJECT_NEEDS
    assert FIELDS.needs == {"edit": ("read",)}


@every_section
def test_every_column_is_one_of_the_object_that_keeps_it(section: Section) -> None:
    fields = SOBJECTS[section.sobject].fields
    assert [column for column in section.rights.values() if not (fields[column].type == "boolean" and fields[column].createable)] == []
    assert len(set(section.rights.values())) == len(section.rights)


def test_no_right_of_a_row_is_left_out() -> None:
    for section in (OBJECTS, FIELDS):
        columns = {name for name in SOBJECTS[section.sobject].fields if name.startswith("Permissions")}
        assert set(section.rights.values()) == columns


@every_entity
def test_what_access_is_given_to_is_of_a_type_that_the_org_knows(section: Section) -> None:
    entity = entity_of(section)
    assert section.sobject == "SetupEntityAccess"
    assert entity.type in {item.value for item in SOBJECTS["SetupEntityAccess"].fields["SetupEntityType"].picklist}


@pytest.mark.parametrize("option", ["apex_classes", "visualforce_pages", "custom_permissions", "connected_apps", "flows"])
def test_names_are_where_the_schema_has_them(option: str) -> None:
    entity = entity_of(BY_OPTION[option])
    sobject = SOBJECTS[entity.sobject]
    assert {entity.id, entity.name, *filter(None, [entity.namespace])} <= set(sobject.fields)
    assert ("NamespacePrefix" in sobject.fields) == bool(entity.namespace)
    if entity.id == "Id":
        assert sobject.key_prefix == entity.prefix


@every_entity
def test_a_row_of_setup_entity_access_finds_its_section(section: Section) -> None:
    name = {"custom_settings": "ns__Settings__c", "custom_metadata_types": "ns__Rule__mdt"}.get(section.option, "ns__Name")
    assert section_of_entity(entity_of(section).type, name) is section


def _shared(section: Section) -> bool:
    return entity_of(section).type == "CustomEntityDefinition"


@pytest.mark.parametrize("entity_type", ["TabSet", "ServiceProvider", "apexclass", ""])
def test_a_row_of_another_type_belongs_to_none(entity_type: str) -> None:
    assert section_of_entity(entity_type, "Name") is None


def test_sections_that_share_a_type_are_told_apart_by_name() -> None:
    assert section_of_entity("CustomEntityDefinition", "ns__mdt__c") is CUSTOM_SETTINGS
    assert section_of_entity("CustomEntityDefinition", "ns__A__mdt") is CUSTOM_METADATA_TYPES
    assert [section for section in ENTITIES if _shared(section)] == [CUSTOM_SETTINGS, CUSTOM_METADATA_TYPES]
