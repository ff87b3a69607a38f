# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User permissions that need rights on objects, what the org tells of dependencies, muting sets, groups that are not up to date, and the
licences that come with sets."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.complete_sets import missing_objects
from emulator.rules.dependencies import OBJECT, USER, Published, closure, published
from emulator.rules.object_permissions import general_edges, rows_of_set
from emulator.rules.registry import break_rule

LEADS = {"PermissionsConvertLeads": True, "PermissionsEditTask": True}


@pytest.fixture
def org() -> Org:
    return seed.vonage()


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def refused(org: Org, op: str, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        getattr(org, op)(admin(org), *arguments)
    return caught.value


def new_set(org: Org, name: str = "Acme_New", **values: Any) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": name, "Label": name, **values})


def give(org: Org, set_id: str, sobject: str, *rights: str) -> str:
    return org.create(
        admin(org), "ObjectPermissions", {"ParentId": set_id, "SobjectType": sobject, **{f"Permissions{right}": True for right in rights}}
    )


def flags(org: Org, *permissions: str) -> dict[str, bool]:
    return {f"Permissions{name}": True for name in closure(org, set(permissions))}


# --- user permissions that need rights on objects ---


def test_convert_leads_needs_create_on_account(org: Org) -> None:
    set_id = new_set(org)
    error = refused(org, "update", "PermissionSet", set_id, LEADS)
    assert error.code == "FIELD_INTEGRITY_EXCEPTION"
    assert "Permission ConvertLeads depends on permission(s): Create Account" in error.message
    give(org, set_id, "Account", "Read", "Create")
    org.update(admin(org), "PermissionSet", set_id, LEADS)
    assert (org.get("PermissionSet", set_id) or {})["PermissionsConvertLeads"] is True


def test_every_missing_permission_is_in_one_message(org: Org) -> None:
    error = refused(org, "create", "PermissionSet", {"Name": "A", "Label": "A", "PermissionsConvertLeads": True})
    assert error.message == (
        "Permission ConvertLeads depends on permission(s): EditTask; Permission ConvertLeads depends on permission(s): Create Account"
    )


def test_the_right_cannot_be_taken_away_from_under_it(org: Org) -> None:
    set_id = new_set(org)
    row = give(org, set_id, "Account", "Read", "Create")
    org.update(admin(org), "PermissionSet", set_id, LEADS)
    assert refused(org, "update", "ObjectPermissions", row, {"PermissionsCreate": False}).code == "FIELD_INTEGRITY_EXCEPTION"
    assert refused(org, "delete", "ObjectPermissions", row).code == "FIELD_INTEGRITY_EXCEPTION"
    give(org, set_id, "Contact", "Read")
    org.update(admin(org), "PermissionSet", set_id, {"PermissionsConvertLeads": False})
    org.delete(admin(org), "ObjectPermissions", row)


def test_modify_all_data_stands_for_every_object(org: Org) -> None:
    set_id = new_set(org, **flags(org, "ModifyAllData"))
    assert (org.get("PermissionSet", set_id) or {})["PermissionsConvertLeads"] is True


def test_the_org_may_add_the_rights_itself(org: Org) -> None:
    org.switches["object_needs_of_user_permissions"] = "added"
    set_id = new_set(org, **LEADS)
    (row,) = org.find("ObjectPermissions", ParentId=set_id)
    assert (row["SobjectType"], row["PermissionsRead"], row["PermissionsCreate"], row["PermissionsEdit"]) == ("Account", True, True, False)


def test_breaking_the_rule_accepts_it(org: Org) -> None:
    with break_rule("user_permissions_need_object_permissions"):
        new_set(org, **LEADS)


def test_the_seeded_sets_have_the_rights_that_their_permissions_need(org: Org) -> None:
    for permission_set in org.find("PermissionSet"):
        assert missing_objects(org, permission_set, rows_of_set(org, permission_set["Id"])) == {}, permission_set["Name"]


# --- View All Data ---


def test_rows_of_view_all_data_stay_while_it_is_on(org: Org) -> None:
    set_id = new_set(org, **flags(org, "ViewAllData"))
    (row,) = org.find("ObjectPermissions", ParentId=set_id, SobjectType="Case")
    assert not row["Id"].startswith("000")
    assert "Read All Case" in refused(org, "update", "ObjectPermissions", row["Id"], {"PermissionsViewAllRecords": False}).message
    assert refused(org, "delete", "ObjectPermissions", row["Id"]).code == "FIELD_INTEGRITY_EXCEPTION"
    org.update(admin(org), "PermissionSet", set_id, {"PermissionsViewAllData": False})
    org.delete(admin(org), "ObjectPermissions", row["Id"])
    assert org.find("ObjectPermissions", ParentId=set_id)


def test_view_all_data_may_want_the_rows_first(org: Org) -> None:
    org.switches["view_all_data_rows"] = "refused"
    wanted = flags(org, "ViewAllData")
    set_id = new_set(org, **{name: value for name, value in wanted.items() if name != "PermissionsViewAllData"})
    assert "Read All Account" in refused(org, "update", "PermissionSet", set_id, {"PermissionsViewAllData": True}).message
    names = [value for value, _label in org.picklist("ObjectPermissions", org.schema.sobjects["ObjectPermissions"].fields["SobjectType"])]
    details = {name for name in names if any(field.master_detail for field in org.schema.sobjects[name].fields.values())}
    for name in sorted(names, key=lambda one: (one in details | {"Asset", "Contract", "Order", "Quote"}, one)):
        give(org, set_id, name, "Read", "ViewAllRecords")
    org.update(admin(org), "PermissionSet", set_id, {"PermissionsViewAllData": True})
    assert (org.get("PermissionSet", set_id) or {})["PermissionsViewAllData"] is True


# --- what the org tells ---


def test_published_dependencies(org: Org) -> None:
    rows = published(org, general_edges(org))
    assert Published("ManageUsers", USER, "ViewRoles", USER) in rows
    assert Published("ConvertLeads", USER, "Account<create>", OBJECT) in rows
    assert Published("Account<delete>", OBJECT, "Account<update>", OBJECT) in rows
    assert len(rows) == len(set(rows))
    assert not [row for row in rows if row.permission in {"ModifyAllData", "ViewAllData"}]
    org.switches["hidden_dependency_rows"] = "none"
    assert [row for row in published(org) if row.permission == "ModifyAllData"]


def test_only_what_the_org_has_is_told(org: Org) -> None:
    columns = org.schema.sobjects["PermissionSet"].fields
    for row in published(org):
        for name, kind in ((row.permission, row.permission_type), (row.required, row.required_type)):
            assert (f"Permissions{name}" in columns) if kind == USER else org.schema.sobject(name.partition("<")[0]) is not None


def test_what_is_hidden_is_enforced_and_what_is_extra_is_not(org: Org) -> None:
    assert "ModifyAllData" in refused(org, "create", "PermissionSet", {"Name": "A", "Label": "A", "PermissionsModifyAllData": True}).message
    org.switches["extra_dependency_rows"] = "outdated"
    assert Published("AuthorApex", USER, "ModifyAllData", USER) in published(org)
    new_set(org, **flags(org, "AuthorApex"))


# --- groups ---


def group_of(org: Org, *members: str) -> tuple[str, str]:
    """(group, aggregate set)"""
    group = org.create(admin(org), "PermissionSetGroup", {"DeveloperName": "Acme_Group", "MasterLabel": "Acme Group"})
    for member in members:
        add_member(org, group, member)
    return group, str(org.find("PermissionSet", PermissionSetGroupId=group)[0]["Id"])


def add_member(org: Org, group: str, member: str) -> str:
    return org.create(admin(org), "PermissionSetGroupComponent", {"PermissionSetGroupId": group, "PermissionSetId": member})


def muting(org: Org, name: str = "Acme_Mute", **values: bool) -> str:
    return org.create(admin(org), "MutingPermissionSet", {"DeveloperName": name, "MasterLabel": name, **values})


def api_enabled(org: Org, set_id: str) -> object:
    return (org.get("PermissionSet", set_id) or {})["PermissionsApiEnabled"]


def test_a_muting_set_takes_a_permission_from_the_group_only(org: Org) -> None:
    member = new_set(org, PermissionsApiEnabled=True, PermissionsEditTask=True)
    group, aggregate = group_of(org, member)
    agent = org.seed_info["user_ids"]["platform"]
    org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": agent, "PermissionSetGroupId": group})
    assert api_enabled(org, aggregate) is True
    mute = muting(org, PermissionsApiEnabled=True)
    component = add_member(org, group, mute)
    assert api_enabled(org, aggregate) is False
    assert api_enabled(org, member) is True
    assert (org.get("PermissionSet", aggregate) or {})["PermissionsEditTask"] is True
    org.update(admin(org), "MutingPermissionSet", mute, {"PermissionsApiEnabled": False})
    assert api_enabled(org, aggregate) is True
    org.update(admin(org), "MutingPermissionSet", mute, {"PermissionsApiEnabled": True})
    org.delete(admin(org), "PermissionSetGroupComponent", component)
    assert api_enabled(org, aggregate) is True


def test_deleting_a_muting_set_gives_the_permission_back(org: Org) -> None:
    group, aggregate = group_of(org, new_set(org, PermissionsApiEnabled=True))
    mute = muting(org, PermissionsApiEnabled=True)
    add_member(org, group, mute)
    org.delete(admin(org), "MutingPermissionSet", mute)
    assert api_enabled(org, aggregate) is True
    assert len(org.find("PermissionSetGroupComponent", PermissionSetGroupId=group)) == 1


@pytest.mark.parametrize("code", ["FIELD_INTEGRITY_EXCEPTION", "DUPLICATE_VALUE"])
def test_one_muting_set_a_group(org: Org, code: str) -> None:
    org.switches["second_muting_set_code"] = code
    group, _aggregate = group_of(org, new_set(org))
    first = muting(org)
    add_member(org, group, first)
    body = {"PermissionSetGroupId": group, "PermissionSetId": muting(org, "Acme_Mute_2")}
    assert refused(org, "create", "PermissionSetGroupComponent", body).code == code
    other = org.create(admin(org), "PermissionSetGroup", {"DeveloperName": "Acme_Other", "MasterLabel": "x"})
    assert refused(org, "create", "PermissionSetGroupComponent", {"PermissionSetGroupId": other, "PermissionSetId": first}).code == code


@pytest.mark.parametrize(("setting", "status"), [("held", "Outdated"), ("failed", "Failed")])
def test_a_group_that_is_not_up_to_date_grants_what_it_did_and_is_not_assigned(org: Org, setting: str, status: str) -> None:
    member = new_set(org)
    group, aggregate = group_of(org, member)
    org.switches["group_recalculation"] = setting
    org.update(admin(org), "PermissionSet", member, {"PermissionsApiEnabled": True})
    assert (org.get("PermissionSetGroup", group) or {})["Status"] == status
    assert api_enabled(org, aggregate) is False
    body = {"AssigneeId": org.seed_info["user_ids"]["agent"], "PermissionSetGroupId": group}
    assert refused(org, "create", "PermissionSetAssignment", body).code == "INVALID_CROSS_REFERENCE_KEY"


# --- licences that come with sets ---


def voice_seats(org: Org) -> list[dict[str, Any]]:
    return org.find("PermissionSetLicenseAssign", AssigneeId=org.seed_info["user_ids"]["without_set"])


def assign_voice(org: Org) -> dict[str, Any]:
    return {"AssigneeId": org.seed_info["user_ids"]["without_set"], "PermissionSetId": org.seed_info["set_ids"]["voice_agent"]}


def test_a_set_s_licence_may_have_to_be_there_first(org: Org) -> None:
    org.switches["set_licence_comes_along"] = "required"
    assert refused(org, "create", "PermissionSetAssignment", assign_voice(org)).code == "FIELD_INTEGRITY_EXCEPTION"
    licence = org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]["Id"]
    assignee = assign_voice(org)["AssigneeId"]
    org.create(admin(org), "PermissionSetLicenseAssign", {"AssigneeId": assignee, "PermissionSetLicenseId": licence})
    org.create(admin(org), "PermissionSetAssignment", assign_voice(org))
    assert len(voice_seats(org)) == 1


@pytest.mark.parametrize(("setting", "left"), [("given_back", 0), ("kept", 1)])
def test_a_set_s_licence_goes_back_or_stays(org: Org, setting: str, left: int) -> None:
    org.switches["set_licence_goes_back"] = setting
    row = org.create(admin(org), "PermissionSetAssignment", assign_voice(org))
    assert len(voice_seats(org)) == 1
    org.delete(admin(org), "PermissionSetAssignment", row)
    assert len(voice_seats(org)) == left
