# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission set groups: members, muting, the set that adds a group up, who has it; and what is asked to tell what a user may do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contract.door import Org, code_of
from emulator.clock import clock_of

REFUSED = range(400, 500)
STATUSES = {"Updated", "Outdated", "Updating", "Failed"}
PATIENCE = 180.0
"""For how many seconds a real org may take to add a group up."""
NO_MUTING_SET = {"NOT_FOUND", "INVALID_TYPE", "MALFORMED_ID", "INVALID_CROSS_REFERENCE_KEY"}
"""What the collection takes for "this is no muting set"."""
BOTH: dict[str, Any] = {"PermissionsApiEnabled": True, "PermissionsEditTask": True}
ACCOUNT_READ: dict[str, Any] = {"SobjectType": "Account", "PermissionsRead": True}


@pytest.fixture(autouse=True)
def groups(org: Org) -> None:
    """Skips where the org has no groups."""
    if org.describe("PermissionSetGroup") is None:
        pytest.skip("this org has no permission set groups")


@pytest.fixture
def slow(org: Org) -> Iterator[None]:
    """An emulated org takes its time to add a group up; a real one takes what it takes."""
    if org.state is None:
        yield
        return
    before = org.state.switches["group_recalculation"]
    org.state.switches["group_recalculation"] = "delayed"
    yield
    org.state.switches["group_recalculation"] = before
    pass_by(org)


def new_group(org: Org, *members: str, **fields: object) -> str:
    """The Id of a new group of these sets."""
    name = org.name("group")
    group_id = org.create("PermissionSetGroup", DeveloperName=name, MasterLabel=name, **fields)
    for member in members:
        join(org, group_id, member)
    return group_id


def join(org: Org, group_id: str, set_id: str) -> str:
    """The Id of the component that makes a set, or a muting set, part of a group."""
    return org.create("PermissionSetGroupComponent", PermissionSetGroupId=group_id, PermissionSetId=set_id)


def new_muting_set(org: Org, **permissions: object) -> str:
    name = org.name("muting")
    return org.create("MutingPermissionSet", DeveloperName=name, MasterLabel=name, **permissions)


def assign(org: Org, group_id: str) -> str:
    return org.create("PermissionSetAssignment", AssigneeId=org.person()["Id"], PermissionSetGroupId=group_id)


def one(org: Org, soql: str) -> dict[str, Any]:
    found = org.soql(soql)
    assert len(found) == 1, soql
    return found[0]


def name_of(org: Org, group_id: str) -> str:
    return str(one(org, f"SELECT DeveloperName FROM PermissionSetGroup WHERE Id = '{group_id}'")["DeveloperName"])


def status(org: Org, group_id: str) -> str:
    return str(one(org, f"SELECT Status FROM PermissionSetGroup WHERE Id = '{group_id}'")["Status"])


def aggregate(org: Org, group_id: str, columns: str = "Id") -> dict[str, Any]:
    """The set that adds a group up."""
    return one(org, f"SELECT {columns} FROM PermissionSet WHERE PermissionSetGroupId = '{group_id}'")


def granted(org: Org, group_id: str) -> dict[str, bool]:
    """Which of the two user permissions of these tests the group gives, as soon as the org says that it has added it up."""
    updated(org, group_id)
    found = aggregate(org, group_id, ", ".join(BOTH))
    return {name.removeprefix("Permissions"): found[name] for name in BOTH}


def updated(org: Org, group_id: str) -> None:
    """Wait until the org has added the group up. Skips where an emulated org was told never to do that."""
    until = time.monotonic() + PATIENCE
    while (found := status(org, group_id)) != "Updated":
        if org.state is not None and org.state.switches["group_recalculation"] in ("held", "failed"):
            pytest.skip("this emulated org leaves groups as they are")
        assert found in STATUSES - {"Failed"}
        assert time.monotonic() < until, f"the group is still {found}"
        pass_by(org)


def pass_by(org: Org) -> None:
    """Some time passes: in an emulated org by its clock."""
    if org.state is None:
        time.sleep(2)
    else:
        clock_of(org.state).offset += timedelta(seconds=org.state.settings.group_recalculation_seconds + 1)


# --- the group ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("group-crud")
def test_a_group_is_made_read_changed_and_deleted(org: Org) -> None:
    name = org.name("life")
    group_id = org.create("PermissionSetGroup", DeveloperName=name, MasterLabel="One")
    changed = {"MasterLabel": "Two", "Description": "words", "HasActivationRequired": True}
    assert org.patch(f"/sobjects/PermissionSetGroup/{group_id}", changed).status_code == 204
    columns = "MasterLabel, Description, HasActivationRequired, NamespacePrefix, Status"
    found = one(org, f"SELECT {columns} FROM PermissionSetGroup WHERE DeveloperName = '{name}' AND NamespacePrefix = null")
    assert {key: found[key] for key in changed} == changed
    assert found["Status"] in STATUSES
    assert org.patch(f"/sobjects/PermissionSetGroup/{group_id}", {"Description": None}).status_code == 204
    assert one(org, f"SELECT Description FROM PermissionSetGroup WHERE Id = '{group_id}'")["Description"] is None
    assert org.delete(f"/sobjects/PermissionSetGroup/{group_id}").status_code == 204
    assert org.soql(f"SELECT Id FROM PermissionSetGroup WHERE DeveloperName = '{name}'") == []


@pytest.mark.evidence("group-names")
@pytest.mark.parametrize("bad", ["1{}", "{}_", "{}__x", "{} x", "{}-x"])
def test_a_group_s_name_that_is_no_api_name_is_refused(org: Org, bad: str) -> None:
    name = bad.format(org.name("n"))
    answer = org.post("/sobjects/PermissionSetGroup", {"DeveloperName": name, "MasterLabel": "bad name"})
    assert answer.status_code in REFUSED
    assert org.soql(f"SELECT Id FROM PermissionSetGroup WHERE DeveloperName = '{name}'") == []


@pytest.mark.evidence("group-names")
@pytest.mark.parametrize("sobject", ["PermissionSetGroup", "MutingPermissionSet"])
def test_a_name_of_a_group_or_muting_set_holds_eighty_characters(org: Org, sobject: str) -> None:
    name = org.name("n")
    org.create(sobject, DeveloperName=name.ljust(80, "x"), MasterLabel=name)
    answer = org.post(f"/sobjects/{sobject}", {"DeveloperName": name.ljust(81, "y"), "MasterLabel": "long"})
    assert (answer.status_code, code_of(answer)) == (400, "STRING_TOO_LONG")


@pytest.mark.evidence("group-activation")
def test_a_group_that_needs_activation_gives_nothing_yet(org: Org) -> None:
    if org.field("PermissionSetGroup", "HasActivationRequired") is None:
        pytest.skip("this org has no groups that need activation")
    group_id = new_group(org, HasActivationRequired=True)
    assert aggregate(org, group_id, "HasActivationRequired")["HasActivationRequired"] is True
    updated(org, group_id)
    row = assign(org, group_id)
    assert one(org, f"SELECT IsActive FROM PermissionSetAssignment WHERE Id = '{row}'")["IsActive"] is False


# --- members and the set that adds them up ----------------------------------------------------------------------------------------------


@pytest.mark.evidence("group-members")
def test_a_set_is_put_into_a_group_found_there_and_taken_out(org: Org) -> None:
    set_id = org.permission_set()
    group_id = new_group(org)
    component = join(org, group_id, set_id)
    members = f"FROM PermissionSetGroupComponent WHERE PermissionSetGroupId = '{group_id}'"
    assert [(item["Id"], item["PermissionSetId"]) for item in org.soql(f"SELECT Id, PermissionSetId {members}")] == [(component, set_id)]
    assert org.delete(f"/sobjects/PermissionSetGroupComponent/{component}").status_code == 204
    assert org.soql(f"SELECT Id {members}") == []


@pytest.mark.evidence("group-members-kinds")
@pytest.mark.parametrize("kind", ["IsOwnedByProfile = true", "PermissionSetGroupId != null"])
def test_what_stands_behind_a_profile_or_a_group_is_no_member(org: Org, kind: str) -> None:
    new_group(org)
    member = org.soql(f"SELECT Id FROM PermissionSet WHERE {kind} LIMIT 1")[0]["Id"]
    group_id = new_group(org)
    answer = org.post("/sobjects/PermissionSetGroupComponent", {"PermissionSetGroupId": group_id, "PermissionSetId": member})
    assert answer.status_code in REFUSED
    assert org.soql(f"SELECT Id FROM PermissionSetGroupComponent WHERE PermissionSetGroupId = '{group_id}'") == []


@pytest.mark.evidence("group-aggregate")
def test_one_set_behind_a_group_adds_its_members_up(org: Org) -> None:
    reader, editor = org.permission_set(PermissionsApiEnabled=True), org.permission_set(PermissionsEditTask=True)
    org.create("ObjectPermissions", ParentId=reader, **ACCOUNT_READ)
    org.create("ObjectPermissions", ParentId=editor, **ACCOUNT_READ, PermissionsEdit=True)
    group_id = new_group(org, reader, editor)
    assert granted(org, group_id) == {"ApiEnabled": True, "EditTask": True}
    parent = aggregate(org, group_id)["Id"]
    rights = "PermissionsRead, PermissionsEdit, PermissionsDelete"
    row = one(org, f"SELECT {rights} FROM ObjectPermissions WHERE ParentId = '{parent}' AND SobjectType = 'Account'")
    assert [row[name] for name in rights.split(", ")] == [True, True, False]


@pytest.mark.evidence("group-aggregate")
def test_the_set_behind_a_group_cannot_be_written(org: Org) -> None:
    found = aggregate(org, new_group(org), "Id, Label")
    assert org.patch(f"/sobjects/PermissionSet/{found['Id']}", {"Label": "written"}).status_code in REFUSED
    assert one(org, f"SELECT Label FROM PermissionSet WHERE Id = '{found['Id']}'")["Label"] == found["Label"]


@pytest.mark.evidence("group-status", "group-status-true")
def test_a_changed_group_is_updated_again_by_itself(org: Org) -> None:
    set_id = org.permission_set(PermissionsApiEnabled=True)
    group_id = new_group(org, set_id)
    assert status(org, group_id) in STATUSES
    assert granted(org, group_id) == {"ApiEnabled": True, "EditTask": False}
    assert org.patch(f"/sobjects/PermissionSet/{set_id}", {"PermissionsEditTask": True}).status_code == 204
    assert status(org, group_id) in STATUSES
    assert granted(org, group_id) == {"ApiEnabled": True, "EditTask": True}


# --- muting -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("muting-user-permissions")
def test_a_muting_set_takes_user_permissions_out_of_the_sum_and_gives_them_back(org: Org) -> None:
    group_id = new_group(org, org.permission_set(**BOTH))
    muting = new_muting_set(org, PermissionsApiEnabled=True)
    component = join(org, group_id, muting)
    assert granted(org, group_id) == {"ApiEnabled": False, "EditTask": True}
    turned = {"PermissionsApiEnabled": False, "PermissionsEditTask": True}
    assert org.patch(f"/sobjects/MutingPermissionSet/{muting}", turned).status_code == 204
    whole = org.get(f"/sobjects/MutingPermissionSet/{muting}").json()
    assert {name: whole[name] for name in turned} == turned
    assert granted(org, group_id) == {"ApiEnabled": True, "EditTask": False}
    assert org.delete(f"/sobjects/PermissionSetGroupComponent/{component}").status_code == 204
    assert granted(org, group_id) == {"ApiEnabled": True, "EditTask": True}


@pytest.mark.evidence("muting-one")
def test_a_group_has_one_muting_set(org: Org) -> None:
    group_id = new_group(org)
    first = new_muting_set(org)
    join(org, group_id, first)
    body = {"PermissionSetGroupId": group_id, "PermissionSetId": new_muting_set(org)}
    assert org.post("/sobjects/PermissionSetGroupComponent", body).status_code in REFUSED
    found = org.soql(f"SELECT PermissionSetId FROM PermissionSetGroupComponent WHERE PermissionSetGroupId = '{group_id}'")
    assert [item["PermissionSetId"] for item in found] == [first]


@pytest.mark.evidence("muting-first")
def test_the_last_component_by_its_set_s_id_is_the_muting_set(org: Org) -> None:
    group_id = new_group(org, org.permission_set())
    muting = new_muting_set(org)
    join(org, group_id, muting)
    join(org, group_id, org.permission_set())
    members = f"FROM PermissionSetGroupComponent WHERE PermissionSetGroupId = '{group_id}'"
    found = [item["PermissionSetId"] for item in org.soql(f"SELECT PermissionSetId {members} ORDER BY PermissionSetId DESC")]
    assert [item[:3] for item in found] == ["0QM", "0PS", "0PS"]
    assert found[0] == muting


@pytest.mark.evidence("muting-first")
def test_a_permission_set_is_not_retrieved_as_a_muting_set(org: Org) -> None:
    answer = org.get(f"/sobjects/MutingPermissionSet/{org.permission_set()}")
    assert answer.status_code in REFUSED
    assert code_of(answer) in NO_MUTING_SET


@pytest.mark.evidence("muting-describe")
def test_what_can_be_muted_is_described_with_its_labels(org: Org) -> None:
    described = (org.describe("MutingPermissionSet") or {})["fields"]
    found = {item["name"]: item["label"] for item in described if item["name"].startswith("Permissions")}
    assert len(found) > 100
    assert all(found.values())
    whole = org.get(f"/sobjects/MutingPermissionSet/{new_muting_set(org)}").json()
    assert {name for name in whole if name.startswith("Permissions")} == found.keys()


# --- who has it -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("group-assignment")
def test_an_assignment_of_a_group_names_the_group_and_the_set_that_adds_it_up(org: Org) -> None:
    group_id, username = new_group(org), org.person()["Username"]
    updated(org, group_id)
    row = assign(org, group_id)
    mine = f"PermissionSetGroup.DeveloperName = '{name_of(org, group_id)}' AND PermissionSetGroup.NamespacePrefix = null"
    columns = "Id, PermissionSetId, PermissionSetGroupId, PermissionSetGroup.DeveloperName, IsActive"
    found = one(org, f"SELECT {columns} FROM PermissionSetAssignment WHERE {mine} AND Assignee.Username IN ('{username}')")
    assert (found["Id"], found["PermissionSetGroupId"], found["IsActive"]) == (row, group_id, True)
    assert found["PermissionSetId"] == aggregate(org, group_id)["Id"]
    assert org.delete(f"/sobjects/PermissionSetAssignment/{row}").status_code == 204
    assert org.soql(f"SELECT Id FROM PermissionSetAssignment WHERE {mine}") == []


@pytest.mark.evidence("group-assign-updated")
def test_a_group_is_assigned_once_it_is_updated(org: Org, slow: None) -> None:
    group_id = new_group(org, org.permission_set())
    body = {"AssigneeId": org.person()["Id"], "PermissionSetGroupId": group_id}
    at_once = org.post("/sobjects/PermissionSetAssignment", body)
    if org.is_live and at_once.status_code == 201:
        pytest.skip("this org had added the group up before it could be asked")
    assert at_once.status_code == 400
    assert org.soql(f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetGroupId = '{group_id}'") == []
    updated(org, group_id)
    assert org.post("/sobjects/PermissionSetAssignment", body).status_code == 201


@pytest.mark.evidence("group-delete")
def test_a_group_goes_after_its_users_its_muting_set_and_its_members(org: Org) -> None:
    member, muting = org.permission_set(), new_muting_set(org)
    group_id = new_group(org)
    updated(org, group_id)
    row = assign(org, group_id)
    held, muted = join(org, group_id, member), join(org, group_id, muting)
    assert org.delete(f"/sobjects/PermissionSetGroup/{group_id}").status_code in REFUSED
    for path in (
        f"PermissionSetAssignment/{row}",
        f"PermissionSetGroupComponent/{muted}",
        f"MutingPermissionSet/{muting}",
        f"PermissionSetGroupComponent/{held}",
        f"PermissionSetGroup/{group_id}",
    ):
        assert org.delete(f"/sobjects/{path}").status_code == 204, path
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE PermissionSetGroupId = '{group_id}'") == []
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE Id = '{member}'")) == 1


# --- what is asked about groups and users -----------------------------------------------------------------------------------------------


@pytest.mark.evidence("group-semi-joins")
def test_the_members_of_a_group_are_found_by_its_name(org: Org) -> None:
    member = org.permission_set()
    group_id = new_group(org, member)
    join(org, group_id, new_muting_set(org))
    mine = f"PermissionSetGroup.DeveloperName = '{name_of(org, group_id)}' AND PermissionSetGroup.NamespacePrefix = null"
    inner = f"SELECT PermissionSetId FROM PermissionSetGroupComponent WHERE {mine}"
    assert [item["Id"] for item in org.soql(f"SELECT Id FROM PermissionSet WHERE Id IN ({inner})")] == [member]


@pytest.mark.evidence("group-semi-joins")
def test_who_has_a_set_through_a_group_is_found_by_the_set_s_name(org: Org) -> None:
    name, username = org.name("member"), org.person()["Username"]
    member = org.create("PermissionSet", Name=name, Label=name)
    group_id = new_group(org, member)
    updated(org, group_id)
    row = assign(org, group_id)
    inner = f"SELECT PermissionSetGroupId FROM PermissionSetGroupComponent WHERE PermissionSet.Name = '{name}'"
    columns = "Id, Assignee.Username, PermissionSetGroup.DeveloperName"
    mine = f"PermissionSetGroupId IN ({inner}) AND Assignee.Username IN ('{username}')"
    found = one(org, f"SELECT {columns} FROM PermissionSetAssignment WHERE {mine}")
    assert (found["Id"], found["PermissionSetGroup"]["DeveloperName"]) == (row, name_of(org, group_id))


@pytest.mark.evidence("group-semi-joins")
def test_the_parts_of_a_user_s_groups_are_found_by_the_user_s_name(org: Org) -> None:
    group_id, username = new_group(org), org.person()["Username"]
    updated(org, group_id)
    assign(org, group_id)
    parts = [org.permission_set(), new_muting_set(org)]
    for part in parts:
        join(org, group_id, part)
    inner = f"SELECT PermissionSetGroupId FROM PermissionSetAssignment WHERE Assignee.Username = '{username}'"
    columns = "PermissionSetId, PermissionSetGroup.DeveloperName"
    found = org.soql(f"SELECT {columns} FROM PermissionSetGroupComponent WHERE PermissionSetGroupId IN ({inner})")
    mine = [item["PermissionSetId"] for item in found if item["PermissionSetGroup"]["DeveloperName"] == name_of(org, group_id)]
    assert sorted(mine) == sorted(parts)


@pytest.mark.evidence("profile-set")
def test_what_a_user_s_profile_grants_stands_in_one_set(org: Org) -> None:
    person = org.person()
    inner = f"SELECT ProfileId FROM User WHERE Username = '{person['Username']}'"
    own = one(org, f"SELECT Id, ProfileId FROM PermissionSet WHERE IsOwnedByProfile = true AND ProfileId IN ({inner})")
    assert own["ProfileId"] == person["ProfileId"]
    whole = org.get(f"/sobjects/PermissionSet/{own['Id']}").json()
    assert whole["IsOwnedByProfile"] is True
    assert isinstance(whole["PermissionsApiEnabled"], bool)
    profile = org.get(f"/sobjects/Profile/{person['ProfileId']}").json()
    shared = [name for name in whole if name.startswith("Permissions") and name in profile]
    assert len(shared) > 100
    assert {name: whole[name] for name in shared} == {name: profile[name] for name in shared}


@pytest.mark.evidence("profile-set")
def test_every_user_has_an_assignment_of_the_profile_s_set(org: Org) -> None:
    person = org.person()
    mine = f"AssigneeId = '{person['Id']}' AND PermissionSet.IsOwnedByProfile = true"
    found = one(org, f"SELECT PermissionSet.ProfileId, PermissionSetGroupId FROM PermissionSetAssignment WHERE {mine}")
    assert (found["PermissionSet"]["ProfileId"], found["PermissionSetGroupId"]) == (person["ProfileId"], None)


@pytest.mark.evidence("sets-retrieved")
def test_sets_of_every_kind_are_retrieved_whole_by_their_ids_in_one_call(org: Org) -> None:
    profiles = org.soql("SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true LIMIT 1")[0]["Id"]
    wanted = [org.permission_set(), aggregate(org, new_group(org))["Id"], profiles]
    parts = [
        {"method": "GET", "url": f"{org.root}/sobjects/PermissionSet/{item}", "referenceId": f"whole_{number}"}
        for number, item in enumerate(wanted)
    ]
    told = org.composite(*parts)
    assert [item["httpStatusCode"] for item in told] == [200, 200, 200]
    assert [item["body"]["Id"] for item in told] == wanted
    assert all(sum(name.startswith("Permissions") for name in item["body"]) > 100 for item in told)


@pytest.mark.evidence("sets-by-pattern")
def test_a_pattern_finds_sets_that_people_made_and_none_behind_a_group(org: Org) -> None:
    name = org.name("pattern")
    org.create("PermissionSet", Name=name, Label=name)
    new_group(org)
    own = "IsOwnedByProfile = false AND PermissionSetGroupId = null"
    found = org.soql(f"SELECT Name FROM PermissionSet WHERE (Name LIKE '%{name[2:]}%' AND {own}) OR (NamespacePrefix LIKE 'Zz%' AND {own})")
    assert [item["Name"] for item in found] == [name]
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Name LIKE '%{org.prefix}_group_%' AND {own}") == []


@pytest.mark.evidence("assignments-counted")
def test_how_many_users_have_each_set_is_counted_by_the_org(org: Org) -> None:
    held, free = org.permission_set(), org.permission_set()
    org.create("PermissionSetAssignment", AssigneeId=org.person()["Id"], PermissionSetId=held)
    counted = "SELECT PermissionSetId, COUNT(Id) users FROM PermissionSetAssignment"
    found = org.soql(f"{counted} WHERE PermissionSetId IN ('{held}', '{free}') GROUP BY PermissionSetId")
    assert [(item["PermissionSetId"], item["users"]) for item in found] == [(held, 1)]
