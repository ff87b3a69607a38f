# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission sets and what they grant: names, rows, and what a right needs beside it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from contract.door import Org, code_of

REFUSED = range(400, 500)


def row(org: Org, parent: str, sobject: str, *rights: str) -> requests.Response:
    granted = {f"Permissions{right}": True for right in rights}
    return org.post("/sobjects/ObjectPermissions", {"ParentId": parent, "SobjectType": sobject, **granted})


def fields_of(org: Org) -> list[str]:
    """Custom or standard fields of Account that can carry a permission, writable ones."""
    offered = org.picklist("FieldPermissions", "Field")
    described = org.describe("Account") or {"fields": []}
    plain = [item["name"] for item in described["fields"] if item["permissionable"] and item["updateable"] and not item["calculated"]]
    found = [name for name in plain if f"Account.{name}" in offered]
    if not found:
        pytest.skip("this org has no field of Account with field permissions")
    return found


# --- the set itself ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("set-crud")
def test_a_set_is_made_read_changed_and_deleted(org: Org) -> None:
    name = org.name("life")
    set_id = org.create("PermissionSet", Name=name, Label="One", PermissionsApiEnabled=True)
    assert org.patch(f"/sobjects/PermissionSet/{set_id}", {"Label": "Two", "Description": "words"}).status_code == 204
    whole = org.get(f"/sobjects/PermissionSet/{set_id}").json()
    assert [whole[key] for key in ("Name", "Label", "Description", "PermissionsApiEnabled")] == [name, "Two", "words", True]
    assert [whole[key] for key in ("IsCustom", "IsOwnedByProfile", "NamespacePrefix")] == [True, False, None]
    assert org.delete(f"/sobjects/PermissionSet/{set_id}").status_code == 204
    assert org.get(f"/sobjects/PermissionSet/{set_id}").status_code == 404


@pytest.mark.evidence("set-names")
@pytest.mark.parametrize("bad", ["1{}", "{}_", "{}__x", "{} x", "{}-x"])
def test_a_name_that_is_no_api_name_is_refused(org: Org, bad: str) -> None:
    name = bad.format(org.name("n"))
    answer = org.post("/sobjects/PermissionSet", {"Name": name, "Label": "bad name"})
    assert answer.status_code in REFUSED
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'") == []


@pytest.mark.evidence("set-names")
def test_a_name_that_is_too_long_is_refused(org: Org) -> None:
    answer = org.post("/sobjects/PermissionSet", {"Name": org.name("x") + "x" * 80, "Label": "long"})
    assert (answer.status_code, code_of(answer)) == (400, "STRING_TOO_LONG")


@pytest.mark.evidence("set-name-unique")
def test_a_name_is_unique_whatever_its_case(org: Org) -> None:
    name = org.name("unique")
    org.create("PermissionSet", Name=name, Label=name)
    answer = org.post("/sobjects/PermissionSet", {"Name": name.upper(), "Label": "again"})
    assert answer.status_code == 400
    assert code_of(answer) in {"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"}
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'")) == 1


@pytest.mark.evidence("set-user-permissions")
def test_a_user_permission_needs_those_it_depends_on(org: Org) -> None:
    name = org.name("depends")
    answer = org.post("/sobjects/PermissionSet", {"Name": name, "Label": name, "PermissionsManageUsers": True})
    assert answer.status_code == 400
    assert code_of(answer) == "FIELD_INTEGRITY_EXCEPTION"
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'") == []


@pytest.mark.evidence("set-whole-row")
def test_a_whole_row_shows_every_permission_that_describe_knows(org: Org) -> None:
    whole = org.get(f"/sobjects/PermissionSet/{org.permission_set()}").json()
    described = {item["name"]: item for item in (org.describe("PermissionSet") or {})["fields"]}
    permissions = {name for name in described if name.startswith("Permissions")}
    assert len(permissions) > 100
    assert {name for name in whole if name.startswith("Permissions")} == permissions
    assert all(described[name]["label"] for name in permissions)


@pytest.mark.evidence("set-delete-in-use")
def test_a_set_that_somebody_has_is_not_deleted(org: Org) -> None:
    person = org.person()
    set_id = org.permission_set()
    org.create("PermissionSetAssignment", AssigneeId=person["Id"], PermissionSetId=set_id)
    assert org.delete(f"/sobjects/PermissionSet/{set_id}").status_code in REFUSED
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE Id = '{set_id}'")) == 1


@pytest.mark.evidence("set-delete-cascade")
def test_the_rows_of_a_deleted_set_go_with_it(org: Org) -> None:
    set_id = org.permission_set()
    assert row(org, set_id, "Account", "Read").status_code == 201
    assert org.delete(f"/sobjects/PermissionSet/{set_id}").status_code == 204
    assert org.soql(f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{set_id}'") == []


@pytest.mark.evidence("set-kinds")
def test_sets_of_profiles_and_of_groups_tell_what_they_are(org: Org) -> None:
    owned = org.soql("SELECT Id, IsOwnedByProfile, ProfileId, IsCustom FROM PermissionSet WHERE IsOwnedByProfile = true LIMIT 3")
    assert owned
    assert all(item["ProfileId"] for item in owned)
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Id = '{owned[0]['Id']}' AND IsOwnedByProfile = false") == []


@pytest.mark.evidence("set-closed")
def test_the_set_of_a_profile_is_not_written_as_a_set(org: Org) -> None:
    owned = org.soql("SELECT Id, Description FROM PermissionSet WHERE IsOwnedByProfile = true LIMIT 1")[0]
    org.restore.append(("PermissionSet", owned["Id"], {"Description": owned["Description"]}))
    answer = org.patch(f"/sobjects/PermissionSet/{owned['Id']}", {"Description": org.name("closed")})
    assert answer.status_code in REFUSED
    org.restore.clear()
    if not org.is_live:
        # Never tried in a real org: what if it took it?
        assert org.delete(f"/sobjects/PermissionSet/{owned['Id']}").status_code in REFUSED


@pytest.mark.evidence("set-closed")
def test_a_package_s_set_is_not_written(org: Org) -> None:
    found = org.soql("SELECT Id, Description FROM PermissionSet WHERE NamespacePrefix != null AND IsOwnedByProfile = false LIMIT 1")
    if not found:
        pytest.skip("this org has no package with a permission set")
    org.restore.append(("PermissionSet", found[0]["Id"], {"Description": found[0]["Description"]}))
    answer = org.patch(f"/sobjects/PermissionSet/{found[0]['Id']}", {"Description": org.name("closed")})
    assert answer.status_code in REFUSED
    org.restore.clear()
    again = org.soql(f"SELECT Description FROM PermissionSet WHERE Id = '{found[0]['Id']}'")
    assert again[0]["Description"] == found[0]["Description"]


# --- objects ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("objects-offered")
def test_what_can_carry_object_permissions_is_in_the_picklist(org: Org) -> None:
    offered = org.picklist("ObjectPermissions", "SobjectType")
    assert {"Account", "Contact", "Lead", "Case"} & offered
    assert not {"Task", "Event", "User"} & offered


@pytest.mark.evidence("objects-offered")
@pytest.mark.parametrize("sobject", ["Task", "NoSuchThing__c"])
def test_what_the_picklist_does_not_offer_is_refused(org: Org, sobject: str) -> None:
    answer = row(org, org.permission_set(), sobject, "Read")
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


@pytest.mark.evidence("object-rights")
@pytest.mark.parametrize(
    "rights",
    [
        ("Create",),
        ("Edit",),
        ("Read", "Delete"),
        ("Edit", "Delete"),
        ("ViewAllRecords",),
        ("Read", "Edit", "ModifyAllRecords"),
        ("Read", "Edit", "Delete", "ModifyAllRecords"),
    ],
)
def test_an_object_right_needs_others_and_nothing_is_added(org: Org, rights: tuple[str, ...]) -> None:
    set_id = org.permission_set()
    answer = row(org, set_id, "Account", *rights)
    assert (answer.status_code, code_of(answer)) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.soql(f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{set_id}'") == []


@pytest.mark.evidence("object-rights")
def test_all_that_the_collection_takes_for_whole_is_accepted(org: Org) -> None:
    set_id = org.permission_set()
    for number, rights in enumerate(
        (("Read", "Create"), ("Read", "Edit"), ("Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords"))
    ):
        sobject = ("Account", "Contact", "Lead")[number]
        assert row(org, set_id, sobject, *rights).status_code == 201
    columns = "PermissionsRead, PermissionsCreate, PermissionsEdit, PermissionsDelete, PermissionsModifyAllRecords"
    found = org.soql(f"SELECT SobjectType, {columns} FROM ObjectPermissions WHERE ParentId = '{set_id}'")
    told = {item["SobjectType"]: [item[name] for name in columns.split(", ")] for item in found}
    assert told == {
        "Account": [True, True, False, False, False],
        "Contact": [True, False, True, False, False],
        "Lead": [True, False, True, True, True],
    }


@pytest.mark.evidence("object-row-unique")
def test_an_object_has_one_row_in_a_set(org: Org) -> None:
    set_id = org.permission_set()
    assert row(org, set_id, "Account", "Read").status_code == 201
    answer = row(org, set_id, "Account", "Read")
    assert answer.status_code == 400
    assert "DUPLICATE" in code_of(answer)
    assert len(org.soql(f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{set_id}'")) == 1


@pytest.mark.evidence("object-row-extended")
def test_rights_are_added_to_a_row_that_is_there(org: Org) -> None:
    set_id = org.permission_set()
    row_id = row(org, set_id, "Account", "Read").json()["id"]
    assert org.patch(f"/sobjects/ObjectPermissions/{row_id}", {"PermissionsEdit": True}).status_code == 204
    found = org.soql(f"SELECT Id, PermissionsRead, PermissionsEdit FROM ObjectPermissions WHERE ParentId = '{set_id}'")
    assert [(item["PermissionsRead"], item["PermissionsEdit"]) for item in found] == [(True, True)]


@pytest.mark.evidence("object-master")
def test_a_detail_object_needs_its_master(org: Org) -> None:
    offered = org.picklist("ObjectPermissions", "SobjectType")
    pair = master_and_detail(org, sorted(name for name in offered if name.endswith("__c")))
    if pair is None:
        pytest.skip("this org has no custom object with a custom master")
    master, detail = pair
    set_id = org.permission_set()
    answer = row(org, set_id, detail, "Read")
    assert (answer.status_code, code_of(answer)) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert row(org, set_id, master, "Read").status_code == 201
    assert row(org, set_id, detail, "Read").status_code == 201


def master_and_detail(org: Org, names: list[str]) -> tuple[str, str] | None:
    for name in names[:40]:
        for item in (org.describe(name) or {"fields": []})["fields"]:
            if item.get("relationshipOrder") is not None and item["referenceTo"][0] in names:
                return item["referenceTo"][0], name
    return None


# --- fields -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("fields-offered")
def test_what_can_carry_field_permissions_is_in_the_picklist(org: Org) -> None:
    offered = org.picklist("FieldPermissions", "Field")
    assert all("." in name for name in offered)
    assert not {"Account.Id", "Account.Name", "Account.CreatedDate", "Account.OwnerId"} & offered


def field_row(org: Org, parent: str, name: str, **rights: Any) -> requests.Response:
    return org.post("/sobjects/FieldPermissions", {"ParentId": parent, "SobjectType": "Account", "Field": f"Account.{name}", **rights})


@pytest.mark.evidence("field-rights")
def test_edit_on_a_field_needs_read(org: Org) -> None:
    name = fields_of(org)[0]
    set_id = org.permission_set()
    answer = field_row(org, set_id, name, PermissionsEdit=True, PermissionsRead=False)
    assert (answer.status_code, code_of(answer)) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.soql(f"SELECT Id, SobjectType, Field FROM FieldPermissions WHERE ParentId = '{set_id}'") == []
    readable = field_row(org, set_id, name, PermissionsRead=True).json()["id"]
    changed = org.patch(f"/sobjects/FieldPermissions/{readable}", {"PermissionsEdit": True, "PermissionsRead": False})
    assert (changed.status_code, code_of(changed)) == (400, "FIELD_INTEGRITY_EXCEPTION")


@pytest.mark.evidence("field-rights")
def test_a_field_row_is_made_and_lost_without_read(org: Org) -> None:
    name = fields_of(org)[0]
    set_id = org.permission_set()
    made = field_row(org, set_id, name, PermissionsEdit=True, PermissionsRead=True)
    assert made.status_code == 201
    columns = "Id, SobjectType, Field, PermissionsRead, PermissionsEdit"
    found = org.soql(f"SELECT {columns} FROM FieldPermissions WHERE ParentId = '{set_id}'")
    assert [(item["Field"], item["PermissionsRead"], item["PermissionsEdit"]) for item in found] == [(f"Account.{name}", True, True)]
    rights = {"PermissionsRead": False, "PermissionsEdit": False}
    assert org.patch(f"/sobjects/FieldPermissions/{made.json()['id']}", rights).status_code == 204
    assert org.soql(f"SELECT {columns} FROM FieldPermissions WHERE ParentId = '{set_id}'") == []


@pytest.mark.evidence("field-row-unique")
def test_a_field_has_one_row_in_a_set(org: Org) -> None:
    name = fields_of(org)[0]
    set_id = org.permission_set()
    assert field_row(org, set_id, name, PermissionsRead=True).status_code == 201
    answer = field_row(org, set_id, name, PermissionsRead=True)
    assert (answer.status_code, code_of(answer)) == (400, "DUPLICATE_VALUE")


@pytest.mark.evidence("field-read-only")
def test_a_formula_takes_no_edit(org: Org) -> None:
    offered = org.picklist("FieldPermissions", "Field")
    for full in sorted(offered):
        sobject, name = full.split(".", 1)
        if not name.endswith("__c"):
            continue
        found = org.field(sobject, name)
        if found and (found["calculated"] or found["autoNumber"]):
            break
    else:
        pytest.skip("this org has no formula or auto number with field permissions")
    fields = {"ParentId": org.permission_set(), "SobjectType": sobject, "Field": full, "PermissionsRead": True, "PermissionsEdit": True}
    answer = org.post("/sobjects/FieldPermissions", fields)
    assert (answer.status_code, code_of(answer)) == (400, "FIELD_INTEGRITY_EXCEPTION")


@pytest.mark.evidence("activity-mirror")
def test_a_custom_activity_field_is_granted_on_task_and_event_alike(org: Org) -> None:
    offered = org.picklist("FieldPermissions", "Field")
    shared = sorted(name for name in offered if name.startswith("Task.") and name.endswith("__c") and f"Event.{name[5:]}" in offered)
    if not shared:
        pytest.skip("this org has no custom field of activities")
    set_id = org.permission_set()
    fields = {"ParentId": set_id, "SobjectType": "Task", "Field": shared[0], "PermissionsRead": True}
    assert org.post("/sobjects/FieldPermissions", fields).status_code == 201
    # That the Event row comes by itself is inferred; that it may be written then or not is what the collection is ready for.
    event = {**fields, "SobjectType": "Event", "Field": f"Event.{shared[0][5:]}"}
    found = {item["Field"] for item in org.soql(f"SELECT SobjectType, Field FROM FieldPermissions WHERE ParentId = '{set_id}'")}
    if event["Field"] not in found:
        assert org.post("/sobjects/FieldPermissions", event).status_code == 201
    found = {item["Field"] for item in org.soql(f"SELECT SobjectType, Field FROM FieldPermissions WHERE ParentId = '{set_id}'")}
    assert found == {shared[0], event["Field"]}


# --- classes and pages ------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("entity-access")
def test_access_to_a_class_is_given_and_taken_but_not_changed(org: Org) -> None:
    classes = org.soql("SELECT Id FROM ApexClass LIMIT 1")
    if not classes:
        pytest.skip("this org has no Apex class")
    set_id = org.permission_set()
    access = org.create("SetupEntityAccess", ParentId=set_id, SetupEntityId=classes[0]["Id"])
    found = org.soql(f"SELECT SetupEntityId, SetupEntityType FROM SetupEntityAccess WHERE ParentId = '{set_id}'")
    assert [(item["SetupEntityId"], item["SetupEntityType"]) for item in found] == [(classes[0]["Id"], "ApexClass")]
    changed = org.patch(f"/sobjects/SetupEntityAccess/{access}", {"SetupEntityId": classes[0]["Id"]})
    assert (changed.status_code, code_of(changed)) == (405, "METHOD_NOT_ALLOWED")
    again = org.post("/sobjects/SetupEntityAccess", {"ParentId": set_id, "SetupEntityId": classes[0]["Id"]})
    assert again.status_code == 400
    assert org.delete(f"/sobjects/SetupEntityAccess/{access}").status_code == 204


@pytest.mark.evidence("entity-access")
def test_access_to_a_class_that_is_not_there_is_refused(org: Org) -> None:
    answer = org.post("/sobjects/SetupEntityAccess", {"ParentId": org.permission_set(), "SetupEntityId": "01p000000000001AAA"})
    assert answer.status_code == 400
