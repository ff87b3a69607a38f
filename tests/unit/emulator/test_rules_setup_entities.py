# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What SetupEntityAccess opens beside code, tabs and who sees them, and who published what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from emulator import ids, seed
from emulator.errors import ApiError, NotEmulated
from emulator.metadata import permission_set, profile
from emulator.org import Org
from emulator.rules.permissionable import is_metadata_type
from emulator.rules.registry import break_rule
from emulator.rules.tabs import tabs_of
from emulator.tooling import rows

V = "67.0"
PACKAGE = "NVMContactWorld"
SETTINGS = f"{PACKAGE}__Settings__c"
ROUTING = f"{PACKAGE}__Routing_Profile__mdt"
CONSOLE = f"{PACKAGE}__Agent_Console"


@pytest.fixture
def org() -> Org:
    return seed.vonage()


@pytest.fixture
def target(org: Org) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": "Acme_Target", "Label": "Acme Target"})


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def data(org: Org, soql: str, user: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.query(user or admin(org), soql, V)["records"]
    return found


def tooling(org: Org, soql: str, user: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.query(org, user or admin(org), soql, V)["records"]
    return found


def grant(org: Org, target: str, entity: str) -> Mapping[str, Any]:
    made = org.create(admin(org), "SetupEntityAccess", {"ParentId": target, "SetupEntityId": entity})
    return org.get("SetupEntityAccess", made) or {}


def refusal(org: Org, sobject: str, body: Mapping[str, Any]) -> ApiError:
    with pytest.raises(ApiError) as refused:
        org.create(admin(org), sobject, body)
    return refused.value


def entities(org: Org) -> dict[str, str]:
    """SetupEntityType -> an Id as the object that names such entities shows it."""
    return {
        "ApexClass": data(org, "SELECT Id FROM ApexClass LIMIT 1")[0]["Id"],
        "ApexPage": data(org, "SELECT Id FROM ApexPage LIMIT 1")[0]["Id"],
        "CustomPermission": data(org, "SELECT Id FROM CustomPermission LIMIT 1")[0]["Id"],
        "ConnectedApplication": data(org, "SELECT Id FROM ConnectedApplication LIMIT 1")[0]["Id"],
        "CustomEntityDefinition": data(org, f"SELECT DurableId FROM EntityDefinition WHERE QualifiedApiName = '{ROUTING}'")[0]["DurableId"],
        "FlowDefinition": data(org, "SELECT DurableId FROM FlowDefinitionView LIMIT 1")[0]["DurableId"],
    }


TYPES = ("ApexClass", "ApexPage", "CustomPermission", "ConnectedApplication", "CustomEntityDefinition", "FlowDefinition")


# --- every kind of entity ---


@pytest.mark.parametrize("kind", TYPES)
def test_every_kind_is_granted_once_and_taken_away(org: Org, target: str, kind: str) -> None:
    entity = entities(org)[kind]
    row = grant(org, target, entity)
    assert (row["SetupEntityType"], row["SetupEntityId"]) == (kind, ids.to_18(entity))
    assert refusal(org, "SetupEntityAccess", {"ParentId": target, "SetupEntityId": entity}).code == "DUPLICATE_VALUE"
    soql = f"SELECT SetupEntityId, SetupEntityType FROM SetupEntityAccess WHERE ParentId = '{target}' AND SetupEntityId = '{entity}'"
    assert [one["SetupEntityType"] for one in data(org, soql)] == [kind]
    org.delete(admin(org), "SetupEntityAccess", row["Id"])
    assert data(org, soql) == []


@pytest.mark.parametrize("kind", TYPES)
def test_an_entity_of_another_org_is_a_missing_reference(org: Org, target: str, kind: str) -> None:
    entity = entities(seed.vonage("acme-other"))[kind]
    assert refusal(org, "SetupEntityAccess", {"ParentId": target, "SetupEntityId": entity}).code == "INVALID_CROSS_REFERENCE_KEY"
    assert org.find("SetupEntityAccess", ParentId=target) == []


@pytest.mark.parametrize(
    ("name", "entity"),
    [("custom_settings_and_metadata_types_by_their_definition", "01I000000000001AAA"), ("flows_by_their_definition", "300000000000001AAA")],
)
def test_without_the_rule_any_definition_will_do(org: Org, target: str, name: str, entity: str) -> None:
    entity = ids.to_18(entity[:15]) or ""
    assert refusal(org, "SetupEntityAccess", {"ParentId": target, "SetupEntityId": entity}).code == "INVALID_CROSS_REFERENCE_KEY"
    with break_rule(name):
        assert grant(org, target, entity)["SetupEntityId"] == entity


def test_a_custom_object_is_no_setup_entity_that_anybody_described(org: Org, target: str) -> None:
    soql = f"SELECT DurableId FROM EntityDefinition WHERE QualifiedApiName = '{PACKAGE}__InteractionEvent__c'"
    with pytest.raises(NotEmulated, match="InteractionEvent__c"):
        grant(org, target, data(org, soql)[0]["DurableId"])


def test_definitions_are_found_by_name_id_and_package(org: Org) -> None:
    columns = "QualifiedApiName, DurableId, IsCustomSetting, NamespacePrefix"
    named = data(org, f"SELECT {columns} FROM EntityDefinition WHERE QualifiedApiName IN ('{SETTINGS}', '{ROUTING}', 'Nothing__c')")
    assert {one["QualifiedApiName"]: (one["IsCustomSetting"], one["NamespacePrefix"]) for one in named} == {
        SETTINGS: (True, PACKAGE),
        ROUTING: (False, PACKAGE),
    }
    durable = ", ".join(f"'{one['DurableId']}'" for one in named)
    by_id = data(org, f"SELECT {columns} FROM EntityDefinition WHERE DurableId IN ({durable})")
    assert {one["QualifiedApiName"] for one in by_id} == {SETTINGS, ROUTING}
    assert all(len(one["DurableId"]) == 15 for one in by_id)
    package = {one["QualifiedApiName"] for one in data(org, f"SELECT {columns} FROM EntityDefinition WHERE NamespacePrefix = '{PACKAGE}'")}
    assert {SETTINGS, ROUTING, f"{PACKAGE}__Screen_Pop_Rule__mdt", f"{PACKAGE}__InteractionEvent__c"} <= package
    assert "Acme_Queue_Mapping__mdt" not in package


def test_the_id_of_a_definition_stays_when_objects_come_and_go(org: Org) -> None:
    soql = f"SELECT DurableId FROM EntityDefinition WHERE QualifiedApiName = '{SETTINGS}'"
    before = data(org, soql)
    org.evolve(org.schema.without([f"{PACKAGE}__Background_Action__c"]))
    assert data(org, soql) == before


def test_the_list_of_objects_tells_settings_and_metadata_types(org: Org, target: str) -> None:
    listed = {one["name"]: one for one in org.describe_global(admin(org), V)["sobjects"]}
    assert (listed[SETTINGS]["customSetting"], listed[ROUTING]["customSetting"], listed[ROUTING]["custom"]) == (True, False, True)
    types = [name for name in listed if name.endswith("__mdt")]
    assert len(types) == 3
    for name in (SETTINGS, *types):
        body = {"ParentId": target, "SobjectType": name, "PermissionsRead": True}
        assert refusal(org, "ObjectPermissions", body).code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert not any(
        value.partition(".")[0] in types for value in org.picklist_values("FieldPermissions", _field(org, "FieldPermissions", "Field"))
    )
    assert all(is_metadata_type(sobject) is (name in types) for name, sobject in org.schema.sobjects.items())


def _field(org: Org, sobject: str, name: str) -> Any:
    return org.schema.sobjects[sobject].fields[name]


def test_records_of_a_metadata_type_are_read_only(org: Org) -> None:
    assert data(org, f"SELECT DeveloperName, {PACKAGE}__Queue__c FROM {ROUTING}") == []
    assert refusal(org, ROUTING, {"DeveloperName": "A"}).status == 405


@pytest.mark.parametrize(("names", "shown"), [("prefixed", f"{PACKAGE}__Callback_Request"), ("bare", "Callback_Request")])
def test_packaged_flows_may_carry_their_prefix(names: str, shown: str) -> None:
    org = seed.vonage(switches={"packaged_flow_names": names})
    found = data(org, f"SELECT ApiName FROM FlowDefinitionView WHERE NamespacePrefix = '{PACKAGE}' ORDER BY ApiName")
    assert found[0]["ApiName"] == shown
    assert data(org, "SELECT ApiName FROM FlowDefinitionView WHERE ApiName = 'Acme_Missed_Call'")


@pytest.mark.parametrize(("setting", "length"), [("short", 15), ("long", 18)])
def test_a_flow_is_granted_by_either_form_of_its_id(setting: str, length: int) -> None:
    org = seed.vonage(switches={"flow_durable_ids": setting})
    target = org.create(admin(org), "PermissionSet", {"Name": "Acme_Target", "Label": "Acme Target"})
    durable = data(org, "SELECT DurableId FROM FlowDefinitionView LIMIT 1")[0]["DurableId"]
    assert len(durable) == length
    assert grant(org, target, durable[:15])["SetupEntityType"] == "FlowDefinition"


# --- what the package brings ---


def held(org: Org, set_id: str) -> dict[str, int]:
    return dict(org.store.tally("SetupEntityAccess", "SetupEntityType", ParentId=set_id))


def test_the_packaged_set_grants_what_the_packaging_guide_lists(org: Org) -> None:
    set_id = org.seed_info["set_ids"]["vonage_api_user"]
    assert {kind: held(org, set_id).get(kind) for kind in TYPES[2:]} == {
        "CustomPermission": 2,
        "ConnectedApplication": None,
        "CustomEntityDefinition": 2,
        "FlowDefinition": None,
    }
    tabs = {row["Name"]: row["Visibility"] for row in org.find("PermissionSetTabSetting", ParentId=set_id)}
    assert sorted(tabs.values()) == ["DefaultOff", "DefaultOn"]
    assert set(tabs) <= set(org.seed_info["tabs"])


def test_an_org_without_the_package_has_none_of_it() -> None:
    org = seed.vonage(package=False)
    assert (org.find("FlowDefinitionView"), org.find("CustomPermission"), org.find("ConnectedApplication")) == ([], [], [])
    assert not any(is_metadata_type(one) for one in org.schema.sobjects.values())
    assert not any(tab.custom for tab in tabs_of(org).values())
    assert [one["DurableId"] for one in tooling(org, "SELECT DurableId FROM Publisher")] == ["System", "<local>"]


def test_metadata_names_what_a_set_opens(org: Org, target: str) -> None:
    for kind in ("FlowDefinition", "CustomPermission"):
        grant(org, target, entities(org)[kind])
    for name in (ROUTING, SETTINGS):
        grant(org, target, data(org, f"SELECT DurableId FROM EntityDefinition WHERE QualifiedApiName = '{name}'")[0]["DurableId"])
    org.create(admin(org), "PermissionSetTabSetting", {"ParentId": target, "Name": "standard-Lead", "Visibility": "DefaultOff"})
    shown = permission_set(org, admin(org), org.get("PermissionSet", target) or {}, 67.0)
    assert shown["flowAccesses"] == [{"flow": f"{PACKAGE}__Callback_Request", "enabled": True}]
    assert shown["customMetadataTypeAccesses"] == [{"enabled": True, "name": ROUTING}]
    assert shown["customSettingAccesses"] == [{"enabled": True, "name": SETTINGS}]
    assert shown["customPermissions"] == [{"enabled": True, "name": CONSOLE}]
    assert shown["tabSettings"] == [{"tab": "standard-Lead", "visibility": "Available"}]
    tabs = profile(org, admin(org), org.find("Profile", Name="Standard User")[0], 67.0)["tabVisibilities"]
    assert {"tab": "standard-Lead", "visibility": "DefaultOn"} in tabs


# --- tabs ---


def tab_names(org: Org, role: str = "automation") -> set[str]:
    return {one["Name"] for one in data(org, "SELECT Name FROM TabDefinition", org.seed_info["user_ids"][role])}


def test_the_data_api_shows_a_user_s_own_tabs_and_tooling_all_of_them(org: Org) -> None:
    everything = {one["Name"] for one in tooling(org, "SELECT Name FROM TabDefinition")}
    assert everything == set(tabs_of(org))
    assert everything - tab_names(org) == {"Acme_Wallboard"}
    assert tab_names(org, "minimum") == set()
    assert "standard-Lead" in tab_names(org, "without_set")
    assert CONSOLE not in tab_names(org, "without_set")
    with break_rule("tab_definitions_of_the_running_user"):
        assert tab_names(org, "minimum") == everything
    with break_rule("tab_definitions_of_the_org"):
        assert {one["Name"] for one in tooling(org, "SELECT Name FROM TabDefinition")} == tab_names(org)


def test_a_granted_set_shows_its_tabs(org: Org, target: str) -> None:
    user = org.seed_info["user_ids"]["without_set"]
    org.create(admin(org), "PermissionSetTabSetting", {"ParentId": target, "Name": CONSOLE, "Visibility": "DefaultOff"})
    assert CONSOLE not in tab_names(org, "without_set")
    org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": user, "PermissionSetId": target})
    assert CONSOLE in tab_names(org, "without_set")


def test_tooling_tabs_need_view_setup_under_every_setting() -> None:
    for setting in ("all", "per_object"):
        org = seed.vonage(switches={"tooling_rights": setting})
        with pytest.raises(ApiError) as refused:
            tooling(org, "SELECT Name FROM TabDefinition", org.seed_info["user_ids"]["minimum"])
        assert refused.value.code == "INVALID_TYPE"


def test_what_a_tab_definition_says(org: Org) -> None:
    found = {one["Name"]: one for one in tooling(org, "SELECT Name, Label, SobjectName, IsCustom, Url FROM TabDefinition")}
    event = f"{PACKAGE}__InteractionEvent__c"
    assert (found[event]["SobjectName"], found[event]["IsCustom"], found[event]["Label"]) == (event, True, "Interaction Events")
    assert (found["standard-Lead"]["SobjectName"], found["standard-Lead"]["IsCustom"]) == ("Lead", False)
    assert found[CONSOLE]["SobjectName"] is None
    assert [one["Name"] for one in data(org, f"SELECT Name FROM TabDefinition WHERE SobjectName = '{event}'")] == [event]
    assert org.query(admin(org), "SELECT COUNT() FROM TabDefinition", V)["totalSize"] == len(found) - 1


def test_every_tab_of_the_org_can_be_set_once(org: Org, target: str) -> None:
    for name in tabs_of(org):
        org.create(admin(org), "PermissionSetTabSetting", {"ParentId": target, "Name": name, "Visibility": "DefaultOn"})
    body = {"ParentId": target, "Name": "standard-lead", "Visibility": "DefaultOff"}
    error = refusal(org, "PermissionSetTabSetting", body)
    assert (error.code, error.message) == (
        "DUPLICATE_VALUE",
        "Permission set already has a tab setting defined for tab. Update the existing tab setting.",
    )
    row = org.find("PermissionSetTabSetting", ParentId=target, Name="standard-Lead")[0]
    org.update(admin(org), "PermissionSetTabSetting", row["Id"], {"Visibility": "DefaultOff"})
    assert (org.get("PermissionSetTabSetting", row["Id"]) or {})["Visibility"] == "DefaultOff"
    with break_rule("one_tab_setting_a_tab_and_set"):
        org.create(admin(org), "PermissionSetTabSetting", body)


@pytest.mark.parametrize("code", ["INVALID_CROSS_REFERENCE_KEY", "FIELD_INTEGRITY_EXCEPTION"])
def test_a_tab_that_the_org_does_not_have_is_refused(org: Org, target: str, code: str) -> None:
    org.switches["unknown_tab_code"] = code
    body = {"ParentId": target, "Name": "Nowhere", "Visibility": "DefaultOn"}
    assert refusal(org, "PermissionSetTabSetting", body).code == code
    assert refusal(org, "PermissionSetTabSetting", {**body, "Name": "standard-Lead", "Visibility": "Hidden"}).code == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )
    with break_rule("a_tab_setting_names_a_tab_of_the_org"):
        org.create(admin(org), "PermissionSetTabSetting", body)


# --- publishers ---


def test_a_package_publishes_with_its_version(org: Org) -> None:
    columns = "Name, NamespacePrefix, IsSalesforce, MajorVersion, MinorVersion"
    found = tooling(org, f"SELECT {columns} FROM Publisher WHERE NamespacePrefix = '{PACKAGE}'")
    assert [(one["MajorVersion"], one["MinorVersion"], one["IsSalesforce"]) for one in found] == [(17, 126, False)]
    everybody = tooling(org, "SELECT DurableId, IsSalesforce FROM Publisher")
    assert {one["DurableId"]: one["IsSalesforce"] for one in everybody} == {"System": True, "<local>": False, PACKAGE: False}
    assert len(data(org, "SELECT Name FROM Publisher")) == 3
    with pytest.raises(ApiError) as refused:
        tooling(org, "SELECT COUNT() FROM Publisher")
    assert refused.value.code == "MALFORMED_QUERY"
