# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights of the running user, permission sets themselves and the dependencies between user permissions."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.dependencies import closure, edges


@pytest.fixture
def org() -> Org:
    return seed.vonage()


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def refused(org: Org, op: str, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        getattr(org, op)(*arguments)
    return caught.value


def new_set(org: Org, name: str = "Acme_New", **values: Any) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": name, "Label": name, **values})


# --- rights ---


def test_a_user_without_the_right_sees_no_setup_object(org: Org) -> None:
    limited = org.seed_info["user_ids"]["limited"]
    assert not org.readable(limited, "PermissionSet")
    assert not org.readable(limited, "FieldPermissions")
    assert org.readable(limited, "User")
    assert org.readable(limited, "PermissionSetLicense")
    org.switches["setup_reads"] = "open"
    assert org.readable(limited, "PermissionSet")


def test_view_setup_is_enough_to_read_and_not_to_write(org: Org) -> None:
    agent = org.seed_info["user_ids"]["agent"]
    assert org.readable(agent, "PermissionSet")
    assert refused(org, "create", agent, "PermissionSet", {"Name": "A", "Label": "A"}).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    org.switches["write_refusal"] = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert refused(org, "create", agent, "PermissionSet", {"Name": "A", "Label": "A"}).code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


def test_users_and_assignments_have_rights_of_their_own(org: Org) -> None:
    agent, other = org.seed_info["user_ids"]["agent"], org.seed_info["user_ids"]["without_set"]
    assert refused(org, "update", agent, "User", other, {"CallCenterId": None}).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    body = {"AssigneeId": other, "PermissionSetId": org.seed_info["set_ids"]["voice_clone"]}
    assert refused(org, "create", agent, "PermissionSetAssignment", body).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    helper = new_set(org, "Acme_Users", PermissionsManageInternalUsers=True)
    org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": agent, "PermissionSetId": helper})
    org.update(agent, "User", other, {"CallCenterId": org.seed_info["center_ids"]["partner_telephony"]})


def test_what_a_user_may_not_read_looks_unknown(org: Org) -> None:
    limited = org.seed_info["user_ids"]["limited"]
    for sobject in ("PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions", "Account"):
        assert refused(org, "query", limited, f"SELECT Id FROM {sobject}", "67.0").code == "INVALID_TYPE"
    assert refused(org, "describe", limited, "PermissionSet", "67.0").status == 404


def test_rights_are_checked_before_the_record(org: Org) -> None:
    agent = org.seed_info["user_ids"]["agent"]
    assert refused(org, "create", agent, "PermissionSet", {"Name": "_bad", "Label": "x"}).code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_own_permissions_need_no_right(org: Org) -> None:
    soql = "SELECT PermissionsApiEnabled, PermissionsManageUsers FROM UserPermissionAccess"
    (row,) = org.query(org.seed_info["user_ids"]["limited"], soql, "67.0")["records"]
    assert (row["PermissionsApiEnabled"], row["PermissionsManageUsers"]) == (True, False)
    (row,) = org.query(admin(org), soql, "67.0")["records"]
    assert row["PermissionsManageUsers"] is True


def test_business_records_need_object_permissions(org: Org) -> None:
    limited, agent = org.seed_info["user_ids"]["limited"], org.seed_info["user_ids"]["agent"]
    assert not org.readable(limited, "Account")
    assert org.create(agent, "Account", {"Name": "Acme"})
    platform = org.seed_info["user_ids"]["platform"]
    assert not org.readable(platform, "Lead")


def test_what_is_not_emulated_says_so(org: Org) -> None:
    profile = org.find("Profile", Name="Standard User")[0]["Id"]
    assert refused(org, "update", admin(org), "Profile", profile, {"Description": "x"}).status == 501


# --- names, closed sets, deletion ---


@pytest.mark.parametrize("name", ["1Acme", "Acme_", "Acme__Set", "Acme Set", "_Acme", "Äcme", "Acme-Set"])
def test_bad_names(org: Org, name: str) -> None:
    assert refused(org, "create", admin(org), "PermissionSet", {"Name": name, "Label": "x"}).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["bad_name_code"] = "INVALID_INPUT"
    assert refused(org, "create", admin(org), "PermissionSet", {"Name": name, "Label": "x"}).code == "INVALID_INPUT"


@pytest.mark.parametrize("name", ["A", "Acme_Set_1", "acme", "A1"])
def test_good_names(org: Org, name: str) -> None:
    made = org.get("PermissionSet", new_set(org, name)) or {}
    assert (made["IsCustom"], made["IsOwnedByProfile"], made["NamespacePrefix"], made["Type"]) == (True, False, None, "Regular")


def test_names_are_unique_in_a_namespace(org: Org) -> None:
    new_set(org, "ContactWorld_API_User")
    assert (
        refused(org, "create", admin(org), "PermissionSet", {"Name": "contactworld_api_user", "Label": "x"}).code
        == "DUPLICATE_DEVELOPER_NAME"
    )
    org.switches["duplicate_set_name_code"] = "DUPLICATE_VALUE"
    assert refused(org, "create", admin(org), "PermissionSet", {"Name": "contactworld_api_user", "Label": "x"}).code == "DUPLICATE_VALUE"


def test_session_based_sets_have_a_type(org: Org) -> None:
    set_id = new_set(org, HasActivationRequired=True)
    assert (org.get("PermissionSet", set_id) or {})["Type"] == "Session"


def test_managed_sets_are_closed(org: Org) -> None:
    managed = org.seed_info["set_ids"]["vonage_api_user"]
    error = refused(org, "update", admin(org), "PermissionSet", managed, {"Label": "x"})
    assert error.code == "CANNOT_MODIFY_MANAGED_OBJECT"
    assert error.message.startswith("Cannot modify managed object: entity=PermissionSet")
    assert refused(org, "delete", admin(org), "PermissionSet", managed).code == "CANNOT_DELETE_MANAGED_OBJECT"
    row = org.find("ObjectPermissions", ParentId=managed)[0]["Id"]
    assert refused(org, "update", admin(org), "ObjectPermissions", row, {"PermissionsDelete": False}).code == "CANNOT_MODIFY_MANAGED_OBJECT"
    assert refused(org, "delete", admin(org), "ObjectPermissions", row).code == "CANNOT_DELETE_MANAGED_OBJECT"
    body = {"ParentId": managed, "SobjectType": "Account", "PermissionsRead": True}
    assert refused(org, "create", admin(org), "ObjectPermissions", body).code == "CANNOT_MODIFY_MANAGED_OBJECT"


def test_profile_group_and_standard_sets_are_closed(org: Org) -> None:
    own = org.find("PermissionSet", IsOwnedByProfile=True)[0]["Id"]
    closed = [own, org.seed_info["group_set_id"], org.seed_info["set_ids"]["voice_agent"]]
    for set_id in closed:
        assert refused(org, "update", admin(org), "PermissionSet", set_id, {"Label": "x"}).code == "INSUFFICIENT_ACCESS_OR_READONLY"
        assert refused(org, "delete", admin(org), "PermissionSet", set_id).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    for set_id in closed[1:]:
        body = {"ParentId": set_id, "SobjectType": "Account", "PermissionsRead": True}
        assert refused(org, "create", admin(org), "ObjectPermissions", body).code == "INVALID_CROSS_REFERENCE_KEY"


def test_object_rows_of_a_profile_can_be_written(org: Org) -> None:
    profile = org.find("Profile", Name="Minimum Access - Salesforce")[0]["Id"]
    own = org.find("PermissionSet", ProfileId=profile)[0]["Id"]
    assert org.create(admin(org), "ObjectPermissions", {"ParentId": own, "SobjectType": "Account", "PermissionsRead": True})


def test_a_set_in_use_is_not_deleted(org: Org) -> None:
    set_id = new_set(org)
    assignment = org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": admin(org), "PermissionSetId": set_id})
    assert refused(org, "delete", admin(org), "PermissionSet", set_id).code == "DELETE_FAILED"
    org.delete(admin(org), "PermissionSetAssignment", assignment)
    member = org.create(
        admin(org), "PermissionSetGroupComponent", {"PermissionSetGroupId": org.seed_info["group_id"], "PermissionSetId": set_id}
    )
    org.switches["delete_in_use_code"] = "DEPENDENCY_EXISTS"
    assert refused(org, "delete", admin(org), "PermissionSet", set_id).code == "DEPENDENCY_EXISTS"
    org.delete(admin(org), "PermissionSetGroupComponent", member)
    org.delete(admin(org), "PermissionSet", set_id)


def test_deleting_a_set_takes_its_contents_along(org: Org) -> None:
    set_id = new_set(org)
    org.create(admin(org), "ObjectPermissions", {"ParentId": set_id, "SobjectType": "Account", "PermissionsRead": True})
    org.create(
        admin(org),
        "FieldPermissions",
        {
            "ParentId": set_id,
            "SobjectType": "Account",
            "Field": "Account.NVMContactWorld__NVM_Phone__c",
            "PermissionsRead": True,
            "PermissionsEdit": False,
        },
    )
    org.delete(admin(org), "PermissionSet", set_id)
    assert not org.find("ObjectPermissions", ParentId=set_id)
    assert not org.find("FieldPermissions", ParentId=set_id)


# --- dependencies ---


def test_a_missing_permission_is_named_and_nothing_is_added(org: Org) -> None:
    error = refused(org, "create", admin(org), "PermissionSet", {"Name": "A", "Label": "A", "PermissionsEditEvent": True})
    assert (error.code, error.message) == ("FIELD_INTEGRITY_EXCEPTION", "Permission EditEvent depends on permission(s): EditTask")
    assert not org.find("PermissionSet", Name="A")
    org.switches["dependency_names"] = "label"
    error = refused(org, "create", admin(org), "PermissionSet", {"Name": "A", "Label": "A", "PermissionsEditEvent": True})
    assert error.message == "Permission Edit Events depends on permission(s): Edit Tasks"


def test_all_clauses_come_in_one_message(org: Org) -> None:
    body = {"Name": "A", "Label": "A", "PermissionsEditEvent": True, "PermissionsViewSetup": True}
    assert refused(org, "create", admin(org), "PermissionSet", body).message == (
        "Permission EditEvent depends on permission(s): EditTask; Permission ViewSetup depends on permission(s): ViewRoles"
    )


def test_removing_what_another_permission_needs_is_refused(org: Org) -> None:
    set_id = new_set(org, PermissionsViewSetup=True, PermissionsViewRoles=True)
    assert refused(org, "update", admin(org), "PermissionSet", set_id, {"PermissionsViewRoles": False}).code == "FIELD_INTEGRITY_EXCEPTION"
    org.update(admin(org), "PermissionSet", set_id, {"PermissionsViewRoles": False, "PermissionsViewSetup": False})


def test_inferred_dependencies_can_be_ignored_quoted_ones_cannot(org: Org) -> None:
    org.switches["inferred_dependencies"] = "ignored"
    new_set(org, "Free", PermissionsEditEvent=True)
    error = refused(org, "create", admin(org), "PermissionSet", {"Name": "A", "Label": "A", "PermissionsManageUsers": True})
    assert "ViewRoles" in error.message
    assert "ViewSetup" not in error.message


def test_the_documented_permissions_of_the_api_user_need_nothing(org: Org) -> None:
    new_set(org, PermissionsApiEnabled=True, PermissionsEditTask=True, PermissionsPasswordNeverExpires=True, PermissionsViewAllUsers=True)


@pytest.mark.parametrize("permission", ["ModifyAllData", "ViewAllData", "ManageUsers", "CustomizeApplication", "AuthorApex"])
def test_a_closure_is_accepted(org: Org, permission: str) -> None:
    held = closure(org, {permission})
    assert len(held) > 1
    new_set(org, **{f"Permissions{name}": True for name in held})


def test_every_edge_names_a_known_grade() -> None:
    assert len(edges("user_permissions")) == 134
    assert sum(not edge.inferred for edge in edges("user_permissions")) == 14


def test_view_all_data_brings_rows(org: Org) -> None:
    flags = {f"Permissions{name}": True for name in closure(org, {"ViewAllData"})}
    rows = org.find("ObjectPermissions", ParentId=new_set(org, **flags))
    assert {row["SobjectType"] for row in rows} >= {"Account", "NVMContactWorld__InteractionEvent__c"}
    assert all(row["PermissionsRead"] and row["PermissionsViewAllRecords"] and not row["PermissionsEdit"] for row in rows)
    org.switches["view_all_data_rows"] = "none"
    assert not org.find("ObjectPermissions", ParentId=new_set(org, "Other", **flags))


@pytest.mark.parametrize("sobject", ["PermissionSetGroup", "MutingPermissionSet"])
@pytest.mark.parametrize("name", ["g 2", "1g", "g_", "g__2", "g-2"])
def test_groups_and_muting_sets_have_api_names(org: Org, sobject: str, name: str) -> None:
    body = {"DeveloperName": name, "MasterLabel": "x"}
    assert refused(org, "create", admin(org), sobject, body).code == "FIELD_INTEGRITY_EXCEPTION"
    made = org.create(admin(org), sobject, {**body, "DeveloperName": "g2"})
    assert refused(org, "create", admin(org), sobject, {**body, "DeveloperName": "G2"}).code == "DUPLICATE_DEVELOPER_NAME"
    assert refused(org, "update", admin(org), sobject, made, {"DeveloperName": name}).fields == ("DeveloperName",)
    org.update(admin(org), sobject, made, {"DeveloperName": "g2", "MasterLabel": "y"})


def test_a_licence_that_a_set_of_the_user_needs_stays(org: Org) -> None:
    agent = org.seed_info["user_ids"]["agent"]
    held = org.find("PermissionSetLicenseAssign", AssigneeId=agent)[0]["Id"]
    assert refused(org, "delete", admin(org), "PermissionSetLicenseAssign", held).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["set_licence_goes_back"] = "kept"
    for row in org.find("PermissionSetAssignment", AssigneeId=agent):
        if not (org.get("PermissionSet", row["PermissionSetId"]) or {})["IsOwnedByProfile"]:
            org.delete(admin(org), "PermissionSetAssignment", row["Id"])
    org.delete(admin(org), "PermissionSetLicenseAssign", held)
