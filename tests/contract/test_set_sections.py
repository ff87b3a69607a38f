# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else a permission set holds: access to setup entities, tabs, activation, licence; and what the org tells of dependencies and packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from contract.door import Org, code_of

REFUSED = range(400, 500)


def first(org: Org, soql: str, what: str) -> dict[str, Any]:
    """The first record of a query. Skips the test where the org has none."""
    found = org.soql(soql)
    if not found:
        pytest.skip(f"this org has no {what}")
    return found[0]


def granted_and_taken(org: Org, entity_id: str, kind: str) -> None:
    """Give a new set access to an entity, see it as that kind, and take it away."""
    set_id = org.permission_set()
    access = org.create("SetupEntityAccess", ParentId=set_id, SetupEntityId=entity_id)
    soql = f"SELECT SetupEntityId, SetupEntityType FROM SetupEntityAccess WHERE ParentId = '{set_id}'"
    assert [(item["SetupEntityId"][:15], item["SetupEntityType"]) for item in org.soql(soql)] == [(entity_id[:15], kind)]
    assert org.delete(f"/sobjects/SetupEntityAccess/{access}").status_code == 204
    assert org.soql(soql) == []


# --- setup entities ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("custom-permission-access")
def test_a_custom_permission_is_granted_by_its_id(org: Org) -> None:
    found = first(org, "SELECT Id, DeveloperName, NamespacePrefix FROM CustomPermission LIMIT 1", "custom permission")
    granted_and_taken(org, found["Id"], "CustomPermission")


@pytest.mark.evidence("custom-setting-access")
def test_a_custom_setting_is_granted_by_its_durable_id(org: Org) -> None:
    columns = "QualifiedApiName, DurableId, IsCustomSetting"
    found = first(org, f"SELECT {columns} FROM EntityDefinition WHERE IsCustomSetting = true", "custom setting")
    assert found["QualifiedApiName"].endswith("__c")
    granted_and_taken(org, found["DurableId"], "CustomEntityDefinition")


@pytest.mark.evidence("custom-setting-access")
def test_a_custom_metadata_type_is_granted_by_its_durable_id(org: Org) -> None:
    listed = org.get("/sobjects").json()["sobjects"]
    types = [item["name"] for item in listed if item["name"].endswith("__mdt")]
    if not types:
        pytest.skip("this org has no custom metadata type")
    found = org.soql(f"SELECT QualifiedApiName, DurableId FROM EntityDefinition WHERE QualifiedApiName = '{types[0]}'")
    assert [item["QualifiedApiName"] for item in found] == types[:1]
    granted_and_taken(org, found[0]["DurableId"], "CustomEntityDefinition")


@pytest.mark.evidence("connected-app-access")
def test_a_connected_app_is_granted_by_its_id(org: Org) -> None:
    found = first(org, "SELECT Id, Name FROM ConnectedApplication LIMIT 1", "connected app")
    granted_and_taken(org, found["Id"], "ConnectedApplication")


@pytest.mark.evidence("flow-access")
def test_a_flow_is_granted_by_its_durable_id(org: Org) -> None:
    found = first(org, "SELECT DurableId, ApiName, NamespacePrefix FROM FlowDefinitionView LIMIT 1", "flow")
    granted_and_taken(org, found["DurableId"], "FlowDefinition")


# --- tabs -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("tab-settings")
def test_a_tab_is_shown_offered_and_hidden(org: Org) -> None:
    set_id = org.permission_set()
    tab = org.create("PermissionSetTabSetting", ParentId=set_id, Name="standard-Account", Visibility="DefaultOn")
    soql = f"SELECT Name, Visibility FROM PermissionSetTabSetting WHERE ParentId = '{set_id}'"
    assert [(item["Name"], item["Visibility"]) for item in org.soql(soql)] == [("standard-Account", "DefaultOn")]
    assert org.patch(f"/sobjects/PermissionSetTabSetting/{tab}", {"Visibility": "DefaultOff"}).status_code == 204
    assert [item["Visibility"] for item in org.soql(soql)] == ["DefaultOff"]
    assert org.delete(f"/sobjects/PermissionSetTabSetting/{tab}").status_code == 204
    assert org.soql(soql) == []


@pytest.mark.evidence("tab-names")
def test_tabs_are_listed_by_the_names_that_settings_take(org: Org) -> None:
    answer = org.query("SELECT Name, SobjectName FROM TabDefinition", path="/tooling/query")
    assert answer.status_code == 200, answer.text
    tab = next(item for item in answer.json()["records"] if item["SobjectName"] == "Account")
    set_id = org.permission_set()
    org.create("PermissionSetTabSetting", ParentId=set_id, Name=tab["Name"], Visibility="DefaultOff")
    found = org.soql(f"SELECT Name FROM PermissionSetTabSetting WHERE ParentId = '{set_id}'")
    assert [item["Name"] for item in found] == [tab["Name"]]


# --- the set --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("set-activation")
def test_a_set_can_be_made_to_need_activation_and_no_more(org: Org) -> None:
    set_id = org.permission_set("session", HasActivationRequired=True)
    assert org.get(f"/sobjects/PermissionSet/{set_id}").json()["HasActivationRequired"] is True
    assert org.patch(f"/sobjects/PermissionSet/{set_id}", {"HasActivationRequired": False}).status_code == 204
    assert org.get(f"/sobjects/PermissionSet/{set_id}").json()["HasActivationRequired"] is False


@pytest.mark.evidence("set-licence-fixed")
def test_the_licence_of_a_set_is_never_changed(org: Org) -> None:
    licence = first(org, "SELECT Id FROM UserLicense WHERE LicenseDefinitionKey = 'SFDC'", "Salesforce licence")["Id"]
    set_id = org.permission_set()
    answer = org.patch(f"/sobjects/PermissionSet/{set_id}", {"LicenseId": licence})
    assert answer.status_code in REFUSED
    assert org.get(f"/sobjects/PermissionSet/{set_id}").json()["LicenseId"] is None


@pytest.mark.evidence("set-licence-admits")
def test_a_permission_set_licence_tells_which_user_permissions_it_admits(org: Org) -> None:
    found = first(org, "SELECT Id FROM PermissionSetLicense LIMIT 1", "permission set licence")
    whole = org.get(f"/sobjects/PermissionSetLicense/{found['Id']}").json()
    admitted = {name: value for name, value in whole.items() if name.startswith("MaximumPermissions")}
    assert len(admitted) > 100
    assert all(isinstance(value, bool) for value in admitted.values())


@pytest.mark.evidence("set-description")
@pytest.mark.parametrize("length", [91, 255])
def test_a_description_is_kept_to_the_letter(org: Org, length: int) -> None:
    ending = "[from Acme__Some_Set........................... 0PS000000000001 17.126... 00ff00ff00ff00ff]"
    text = f"{'words ' * 40}"[: length - len(ending)] + ending if length > len(ending) else ending.rjust(length, "x")
    set_id = org.permission_set("words", Description=text)
    assert org.get(f"/sobjects/PermissionSet/{set_id}").json()["Description"] == text


@pytest.mark.evidence("set-description")
def test_a_longer_description_is_refused(org: Org) -> None:
    answer = org.post("/sobjects/PermissionSet", {"Name": org.name("long"), "Label": "long", "Description": "x" * 256})
    assert (answer.status_code, code_of(answer)) == (400, "STRING_TOO_LONG")


@pytest.mark.evidence("set-delete-in-group")
def test_a_set_that_is_in_a_group_is_not_deleted_until_it_is_out(org: Org) -> None:
    if org.describe("PermissionSetGroup") is None:
        pytest.skip("this org has no permission set groups")
    name = org.name("group")
    set_id = org.permission_set()
    group_id = org.create("PermissionSetGroup", DeveloperName=name, MasterLabel=name)
    component = org.create("PermissionSetGroupComponent", PermissionSetGroupId=group_id, PermissionSetId=set_id)
    assert org.delete(f"/sobjects/PermissionSet/{set_id}").status_code in REFUSED
    assert org.delete(f"/sobjects/PermissionSetGroupComponent/{component}").status_code == 204
    assert org.delete(f"/sobjects/PermissionSet/{set_id}").status_code == 204


# --- what the org tells -----------------------------------------------------------------------------------------------------------------


def dependencies(org: Org, condition: str) -> list[Mapping[str, Any]]:
    columns = "Id, Permission, PermissionType, RequiredPermission, RequiredPermissionType"
    answer = org.query(f"SELECT {columns} FROM PermissionDependency WHERE {condition} ORDER BY Id", path="/tooling/query")
    assert answer.status_code == 200, answer.text
    found: list[Mapping[str, Any]] = answer.json()["records"]
    return found


@pytest.mark.evidence("dependencies-read")
def test_the_org_tells_which_user_permission_needs_which(org: Org) -> None:
    found = dependencies(org, "PermissionType = 'User Permission' AND RequiredPermissionType = 'User Permission'")
    described = {item["name"] for item in (org.describe("PermissionSet") or {})["fields"]}
    assert found
    assert {f"Permissions{item['Permission']}" for item in found} & described
    assert {(item["PermissionType"], item["RequiredPermissionType"]) for item in found} == {("User Permission", "User Permission")}


@pytest.mark.evidence("dependencies-read")
def test_dependencies_are_read_on_after_an_id(org: Org) -> None:
    kind = "PermissionType = 'User Permission' AND RequiredPermissionType = 'User Permission'"
    ids = [item["Id"] for item in dependencies(org, kind)]
    assert ids == sorted(ids)
    middle = ids[len(ids) // 2]
    rest = [item["Id"] for item in dependencies(org, f"{kind} AND Id > '{middle}'")]
    assert rest
    assert min(rest) > middle


@pytest.mark.evidence("package-version")
def test_the_version_of_a_package_is_told_by_its_publisher(org: Org) -> None:
    answer = org.query("SELECT NamespacePrefix, MajorVersion, MinorVersion, IsSalesforce FROM Publisher", path="/tooling/query")
    assert answer.status_code == 200, answer.text
    packages = [item for item in answer.json()["records"] if item["NamespacePrefix"] and not item["IsSalesforce"]]
    if not packages:
        pytest.skip("this org has no package")
    assert all(isinstance(item["MajorVersion"], int) and isinstance(item["MinorVersion"], int) for item in packages)
