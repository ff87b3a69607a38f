# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a permission set holds: object and field permissions, setup access, tabs."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.object_permissions import virtual_rows
from emulator.rules.registry import break_rule

EVENT = "NVMContactWorld__InteractionEvent__c"
NOTE = "NVMContactWorld__InteractionEventNote__c"
TASK_FIELD = "Task.NVMContactWorld__ACD__c"


@pytest.fixture
def org() -> Org:
    return seed.vonage()


@pytest.fixture
def target(org: Org) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": "Acme_Target", "Label": "Acme Target"})


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def refused(org: Org, op: str, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        getattr(org, op)(*arguments)
    return caught.value


def object_row(parent: str, sobject: str, *rights: str) -> dict[str, Any]:
    return {"ParentId": parent, "SobjectType": sobject, **{f"Permissions{right}": True for right in rights}}


def field_row(parent: str, field: str, *, edit: bool = False, read: bool = True) -> dict[str, Any]:
    return {"ParentId": parent, "SobjectType": field.partition(".")[0], "Field": field, "PermissionsRead": read, "PermissionsEdit": edit}


def put_object(org: Org, parent: str, sobject: str, *rights: str) -> str:
    return org.create(admin(org), "ObjectPermissions", object_row(parent, sobject, *rights))


# --- object permissions ---


@pytest.mark.parametrize("sobject", ["Task", "Event", "User", "NVMContactWorld__Settings__c", "PermissionSet", "Nothing__c"])
def test_objects_that_take_no_permissions(org: Org, target: str, sobject: str) -> None:
    error = refused(org, "create", admin(org), "ObjectPermissions", object_row(target, sobject, "Read"))
    assert error.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


@pytest.mark.parametrize(
    ("rights", "message"),
    [
        (("Create",), "Permission Create Account depends on permission(s): Read Account"),
        (("Edit",), "Permission Edit Account depends on permission(s): Read Account"),
        (("Read", "Delete"), "Permission Delete Account depends on permission(s): Edit Account"),
        (("ViewAllRecords",), "Permission Read All Account depends on permission(s): Read Account"),
        (("Read", "Edit", "ModifyAllRecords"), "Permission Modify All Account depends on permission(s): Delete Account, Read All Account"),
    ],
)
def test_rights_need_each_other(org: Org, target: str, rights: tuple[str, ...], message: str) -> None:
    error = refused(org, "create", admin(org), "ObjectPermissions", object_row(target, "Account", *rights))
    assert (error.code, error.message) == ("FIELD_INTEGRITY_EXCEPTION", message)


def test_modify_all_does_not_need_create(org: Org, target: str) -> None:
    put_object(org, target, "Account", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")


def test_taking_a_needed_right_away_is_refused(org: Org, target: str) -> None:
    row = put_object(org, target, "Account", "Read", "Edit", "Delete")
    assert refused(org, "update", admin(org), "ObjectPermissions", row, {"PermissionsEdit": False}).code == "FIELD_INTEGRITY_EXCEPTION"
    org.update(admin(org), "ObjectPermissions", row, {"PermissionsDelete": False, "PermissionsEdit": False})


def test_the_master_comes_before_the_detail_and_goes_after_it(org: Org, target: str) -> None:
    error = refused(org, "create", admin(org), "ObjectPermissions", object_row(target, NOTE, "Read", "Edit"))
    assert error.message == (
        f"Permission Read {NOTE} depends on permission(s): Read {EVENT}; Permission Edit {NOTE} depends on permission(s): Edit {EVENT}"
    )
    master = put_object(org, target, EVENT, "Read", "Edit")
    detail = put_object(org, target, NOTE, "Read", "Edit")
    assert refused(org, "update", admin(org), "ObjectPermissions", master, {"PermissionsEdit": False}).code == "FIELD_INTEGRITY_EXCEPTION"
    assert refused(org, "delete", admin(org), "ObjectPermissions", master).code == "FIELD_INTEGRITY_EXCEPTION"
    org.delete(admin(org), "ObjectPermissions", detail)
    org.delete(admin(org), "ObjectPermissions", master)


def test_assets_need_accounts_and_contacts(org: Org, target: str) -> None:
    error = refused(org, "create", admin(org), "ObjectPermissions", object_row(target, "Asset", "Read"))
    assert (error.code, error.message) == (
        "FIELD_INTEGRITY_EXCEPTION",
        "Permission Read Asset depends on permission(s): Read Account, Read Contact",
    )
    account = put_object(org, target, "Account", "Read")
    put_object(org, target, "Contact", "Read")
    put_object(org, target, "Asset", "Read")
    assert refused(org, "delete", admin(org), "ObjectPermissions", account).code == "FIELD_INTEGRITY_EXCEPTION"


def test_a_detail_may_need_only_what_is_quoted(org: Org, target: str) -> None:
    org.switches["detail_needs_master"] = "read_and_view_all"
    put_object(org, target, EVENT, "Read")
    put_object(org, target, NOTE, "Read", "Edit", "Delete")


def test_a_second_row_is_a_duplicate(org: Org, target: str) -> None:
    row = put_object(org, target, "Account", "Read")
    error = refused(org, "create", admin(org), "ObjectPermissions", object_row(target, "Account", "Read"))
    assert (error.code, error.message) == (
        "DUPLICATE_VALUE",
        "duplicate value found: <unknown> duplicates value on record with id: <unknown>",
    )
    org.switches["duplicate_row_message"] = "named"
    assert row in refused(org, "create", admin(org), "ObjectPermissions", object_row(target, "Account", "Read")).message


def test_a_row_without_any_right(org: Org, target: str) -> None:
    row = put_object(org, target, "Account", "Read")
    org.update(admin(org), "ObjectPermissions", row, {"PermissionsRead": False})
    assert org.get("ObjectPermissions", row) is None
    org.switches["all_false_rows"] = "refused"
    row = put_object(org, target, "Account", "Read")
    assert refused(org, "update", admin(org), "ObjectPermissions", row, {"PermissionsRead": False}).code == "FIELD_INTEGRITY_EXCEPTION"


def test_a_new_row_without_any_right_is_another_question(org: Org, target: str) -> None:
    assert refused(org, "create", admin(org), "ObjectPermissions", object_row(target, "Account")).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches.update(new_object_row_without_right="dropped", all_false_rows="refused")
    assert org.get("ObjectPermissions", org.create(admin(org), "ObjectPermissions", object_row(target, "Account"))) is None


def test_modify_all_data_shows_virtual_rows_that_cannot_be_touched(org: Org) -> None:
    flags = {f"Permissions{name}": True for name in closure(org, {"ModifyAllData"})}
    org.switches["view_all_data_rows"] = "none"
    target = org.create(admin(org), "PermissionSet", {"Name": "Acme_All", "Label": "x", **flags})
    put_object(org, target, "Account", "Read")
    rows = {row["SobjectType"]: row for row in virtual_rows(org, admin(org)) if row["ParentId"] == target}
    assert "Account" not in rows
    assert rows["Contact"]["Id"].startswith("000")
    assert rows["Contact"]["PermissionsModifyAllRecords"]
    assert len({row["Id"] for row in virtual_rows(org, admin(org))}) == len(virtual_rows(org, admin(org)))
    assert refused(org, "delete", admin(org), "ObjectPermissions", rows["Contact"]["Id"]).status == 404


def test_queries_show_virtual_rows(org: Org) -> None:
    soql = "SELECT Id, SobjectType FROM ObjectPermissions WHERE Parent.Profile.Name = 'System Administrator'"
    records = org.query(admin(org), soql, "67.0")["records"]
    assert {row["SobjectType"] for row in records} >= {"Account", EVENT}
    assert all(row["Id"].startswith("000") for row in records)
    assert not org.find("ObjectPermissions", Id=[row["Id"] for row in records])


# --- field permissions ---


@pytest.mark.parametrize(
    "field",
    [
        "NVMContactWorld__Background_Action__c.NVMContactWorld__Action_Type__c",
        f"{NOTE}.NVMContactWorld__Event__c",
        f"{NOTE}.Name",
        "Account.OwnerId",
        "Account.Id",
        "Task.CallType",
        "NVMContactWorld__Settings__c.NVMContactWorld__Flags__c",
    ],
)
def test_fields_that_take_no_permissions(org: Org, target: str, field: str) -> None:
    assert (
        refused(org, "create", admin(org), "FieldPermissions", field_row(target, field)).code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )


@pytest.mark.parametrize(
    "field", [TASK_FIELD, "Task.Description", "User.NVMContactWorld__NVM_Agent_Id__c", f"{EVENT}.Acme_Campaign_Code__c"]
)
def test_fields_that_do(org: Org, target: str, field: str) -> None:
    assert org.create(admin(org), "FieldPermissions", field_row(target, field, edit=True))


def test_edit_needs_read_and_formulas_are_read_only(org: Org, target: str) -> None:
    assert (
        refused(org, "create", admin(org), "FieldPermissions", field_row(target, TASK_FIELD, edit=True, read=False)).code
        == "FIELD_INTEGRITY_EXCEPTION"
    )
    formula = "Account.NVMContactWorld__NVM_Phone__c"
    assert refused(org, "create", admin(org), "FieldPermissions", field_row(target, formula, edit=True)).code == "FIELD_INTEGRITY_EXCEPTION"
    row = org.create(admin(org), "FieldPermissions", field_row(target, formula))
    assert refused(org, "update", admin(org), "FieldPermissions", row, {"PermissionsEdit": True}).code == "FIELD_INTEGRITY_EXCEPTION"


def test_a_field_belongs_to_its_object(org: Org, target: str) -> None:
    body = {**field_row(target, "Account.NVMContactWorld__NVM_Phone__c"), "SobjectType": "Contact"}
    assert refused(org, "create", admin(org), "FieldPermissions", body).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["field_of_other_object_code"] = "INVALID_CROSS_REFERENCE_KEY"
    assert refused(org, "create", admin(org), "FieldPermissions", body).code == "INVALID_CROSS_REFERENCE_KEY"


def test_activity_fields_are_mirrored(org: Org, target: str) -> None:
    row = org.create(admin(org), "FieldPermissions", field_row(target, TASK_FIELD))
    twin = org.find("FieldPermissions", ParentId=target, SobjectType="Event")[0]
    assert (twin["Field"], twin["PermissionsRead"], twin["PermissionsEdit"]) == ("Event.NVMContactWorld__ACD__c", True, False)
    error = refused(org, "create", admin(org), "FieldPermissions", field_row(target, twin["Field"]))
    assert error.code == "DUPLICATE_VALUE"
    assert twin["Id"] in error.message
    org.update(admin(org), "FieldPermissions", twin["Id"], {"PermissionsEdit": True})
    assert (org.get("FieldPermissions", row) or {})["PermissionsEdit"] is True
    org.delete(admin(org), "FieldPermissions", twin["Id"])
    assert org.get("FieldPermissions", row) is None


def test_standard_activity_fields_are_not_mirrored(org: Org, target: str) -> None:
    org.create(admin(org), "FieldPermissions", field_row(target, "Task.Description"))
    assert not org.find("FieldPermissions", ParentId=target, SobjectType="Event")


def test_mirroring_can_be_off(org: Org, target: str) -> None:
    org.switches["activity_mirroring"] = "separate"
    org.create(admin(org), "FieldPermissions", field_row(target, TASK_FIELD))
    org.create(admin(org), "FieldPermissions", field_row(target, TASK_FIELD.replace("Task", "Event")))


def test_read_false_deletes_the_row_and_its_twin(org: Org, target: str) -> None:
    row = org.create(admin(org), "FieldPermissions", field_row(target, TASK_FIELD))
    org.update(admin(org), "FieldPermissions", row, {"PermissionsRead": False})
    assert not org.find("FieldPermissions", ParentId=target)


def test_a_new_row_without_read(org: Org, target: str) -> None:
    assert (
        refused(org, "create", admin(org), "FieldPermissions", field_row(target, TASK_FIELD, read=False)).code
        == "FIELD_INTEGRITY_EXCEPTION"
    )
    org.switches["new_field_row_without_read"] = "dropped"
    org.create(admin(org), "FieldPermissions", field_row(target, TASK_FIELD, read=False))
    assert not org.find("FieldPermissions", ParentId=target)


# --- setup access ---


def test_the_type_of_a_setup_entity_is_derived(org: Org, target: str) -> None:
    for sobject in ("ApexClass", "ApexPage"):
        entity = org.find(sobject)[0]["Id"]
        row = org.create(admin(org), "SetupEntityAccess", {"ParentId": target, "SetupEntityId": entity})
        assert (org.get("SetupEntityAccess", row) or {})["SetupEntityType"] == sobject
        assert (
            refused(org, "create", admin(org), "SetupEntityAccess", {"ParentId": target, "SetupEntityId": entity}).code == "DUPLICATE_VALUE"
        )


def test_a_setup_entity_must_exist(org: Org, target: str) -> None:
    other = seed.vonage("acme-other").find("ApexClass")[0]["Id"]
    assert (
        refused(org, "create", admin(org), "SetupEntityAccess", {"ParentId": target, "SetupEntityId": other}).code
        == "INVALID_CROSS_REFERENCE_KEY"
    )
    org.switches["missing_reference_code"] = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    error = refused(org, "create", admin(org), "SetupEntityAccess", {"ParentId": target, "SetupEntityId": other})
    assert error.code == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"


def test_other_setup_entities_are_not_emulated(org: Org, target: str) -> None:
    assert (
        refused(org, "create", admin(org), "SetupEntityAccess", {"ParentId": target, "SetupEntityId": "02u000000000001AAA"}).status == 501
    )


def test_a_group_adds_its_members_up(org: Org, target: str) -> None:
    aggregate, group = org.seed_info["group_set_id"], org.seed_info["group_id"]
    org.create(admin(org), "PermissionSetGroupComponent", {"PermissionSetGroupId": group, "PermissionSetId": target})
    put_object(org, target, "Account", "Read")
    org.update(admin(org), "PermissionSet", target, {"PermissionsEditTask": True})
    assert (org.get("PermissionSet", aggregate) or {})["PermissionsEditTask"] is True
    assert org.find("ObjectPermissions", ParentId=aggregate)[0]["SobjectType"] == "Account"
    org.switches["group_recalculation"] = "held"
    org.update(admin(org), "PermissionSet", target, {"PermissionsEditTask": False})
    assert (org.get("PermissionSetGroup", group) or {})["Status"] == "Outdated"
    assert (org.get("PermissionSet", aggregate) or {})["PermissionsEditTask"] is True


# --- rows that are counted and not shown ---

FIELD = "Case.NVMContactWorld__RoutePlanIdentifier__c"


def field_rows(org: Org, user: str, target: str) -> tuple[int, list[str]]:
    found = org.query(user, f"SELECT SobjectType, Field FROM FieldPermissions WHERE ParentId = '{target}' ORDER BY Field", "67.0")
    return found["totalSize"], [row["Field"] for row in found["records"]]


def test_rows_of_fields_that_the_user_does_not_see_are_counted_and_not_shown(org: Org, target: str) -> None:
    reader = org.seed_info["user_ids"]["without_set"]
    for field in (FIELD, "Case.Reason"):
        org.create(admin(org), "FieldPermissions", field_row(target, field))
    assert field_rows(org, admin(org), target) == (2, [FIELD, "Case.Reason"])
    assert field_rows(org, reader, target) == (2, ["Case.Reason"])
    assert org.query(reader, f"SELECT COUNT() FROM FieldPermissions WHERE ParentId = '{target}'", "67.0")["totalSize"] == 2
    nested = org.query(reader, f"SELECT Id, (SELECT SobjectType, Field FROM FieldPerms) FROM PermissionSet WHERE Id = '{target}'", "67.0")
    child = nested["records"][0]["FieldPerms"]
    assert (child["totalSize"], [row["Field"] for row in child["records"]]) == (2, ["Case.Reason"])
    org.switches["hidden_field_rows"] = "org_only"
    assert field_rows(org, reader, target) == (2, [FIELD, "Case.Reason"])


def test_a_hidden_row_is_in_the_way_and_named_when_it_is_inserted_again(org: Org, target: str) -> None:
    row = org.create(admin(org), "FieldPermissions", field_row(target, FIELD))
    org.remove("FieldPermissions", org.find("FieldPermissions", Field=FIELD, ParentId=own_set(org))[0]["Id"])
    assert field_rows(org, admin(org), target) == (1, [])
    error = refused(org, "create", admin(org), "FieldPermissions", field_row(target, FIELD))
    assert error.code == "DUPLICATE_VALUE"
    assert f"Id:{row}" in error.message


def own_set(org: Org) -> str:
    profile = org.find("Profile", Name="System Administrator")[0]["Id"]
    return str(org.find("PermissionSet", ProfileId=profile)[0]["Id"])


def test_hidden_rows_leave_pages_shorter_and_the_total_as_it_is(org: Org) -> None:
    reader = org.seed_info["user_ids"]["without_set"]
    org.settings.page_size = 20
    soql = "SELECT SobjectType, Field FROM FieldPermissions WHERE Parent.Profile.Name = 'System Administrator'"
    answer = org.query(reader, soql, "67.0")
    total, records = answer["totalSize"], list(answer["records"])
    while not answer["done"]:
        answer = org.query_more(reader, answer["nextRecordsUrl"].rpartition("/")[2], "67.0")
        assert answer["totalSize"] == total
        records += answer["records"]
    assert 0 < len(records) < total == len(org.find("FieldPermissions", ParentId=own_set(org)))


def test_rows_of_objects_that_are_gone_are_hidden_from_everybody(org: Org, target: str) -> None:
    org.create(admin(org), "FieldPermissions", field_row(target, f"{EVENT}.Acme_Campaign_Code__c"))
    org.switches["hidden_field_rows"] = "org_only"
    org.evolve(org.schema.without([EVENT]))
    assert field_rows(org, admin(org), target) == (1, [])
    with break_rule("field_rows_of_what_the_org_does_not_show"):
        assert field_rows(org, admin(org), target) == (1, [f"{EVENT}.Acme_Campaign_Code__c"])
