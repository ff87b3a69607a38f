# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has which set: duplicates, expiry, licences; and what is read to judge users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.door import Org, code_of

STAMP = "%Y-%m-%dT%H:%M:%SZ"


def assign(org: Org, **fields: object) -> str:
    return org.create("PermissionSetAssignment", AssigneeId=org.person()["Id"], **fields)


def rows(org: Org, set_id: str, columns: str = "Id, IsActive, ExpirationDate") -> list[dict[str, object]]:
    return org.soql(f"SELECT {columns} FROM PermissionSetAssignment WHERE PermissionSetId = '{set_id}'")


@pytest.mark.evidence("assignment-made")
def test_an_assignment_is_made_read_by_both_names_and_taken_away(org: Org) -> None:
    name = org.name("assigned")
    set_id = org.create("PermissionSet", Name=name, Label=name)
    row_id = assign(org, PermissionSetId=set_id)
    username = org.person()["Username"]
    found = org.soql(
        "SELECT Id, Assignee.Username, PermissionSet.Name, PermissionSetGroupId, IsActive, ExpirationDate FROM PermissionSetAssignment "
        f"WHERE PermissionSet.Name = '{name}' AND Assignee.Username IN ('{username}')"
    )
    assert [(item["Id"], item["Assignee"]["Username"], item["IsActive"]) for item in found] == [(row_id, username, True)]
    assert (found[0]["PermissionSetGroupId"], found[0]["ExpirationDate"]) == (None, None)
    assert org.delete(f"/sobjects/PermissionSetAssignment/{row_id}").status_code == 204
    assert rows(org, set_id) == []


@pytest.mark.evidence("assignment-duplicate")
def test_a_second_assignment_of_the_same_set_is_refused(org: Org) -> None:
    set_id = org.permission_set()
    assign(org, PermissionSetId=set_id)
    answer = org.post("/sobjects/PermissionSetAssignment", {"AssigneeId": org.person()["Id"], "PermissionSetId": set_id})
    assert (answer.status_code, code_of(answer)) == (400, "DUPLICATE_VALUE")
    assert len(rows(org, set_id)) == 1


@pytest.mark.evidence("assignment-expiry")
def test_an_expiry_ahead_leaves_it_active_and_can_be_taken_off(org: Org) -> None:
    org.need_field("PermissionSetAssignment", "ExpirationDate")
    set_id = org.permission_set()
    later = (datetime.now(UTC) + timedelta(days=2)).strftime(STAMP)
    row_id = assign(org, PermissionSetId=set_id, ExpirationDate=later)
    found = rows(org, set_id)
    assert [item["IsActive"] for item in found] == [True]
    assert str(found[0]["ExpirationDate"]).startswith(later[:10])
    assert org.patch(f"/sobjects/PermissionSetAssignment/{row_id}", {"ExpirationDate": None}).status_code == 204
    assert [item["ExpirationDate"] for item in rows(org, set_id)] == [None]


@pytest.mark.evidence("assignment-repair")
def test_a_revoked_assignment_is_not_active_until_it_is_taken_back(org: Org) -> None:
    org.need_field("PermissionSetAssignment", "IsRevoked")
    set_id = org.permission_set()
    row_id = assign(org, PermissionSetId=set_id)
    assert org.patch(f"/sobjects/PermissionSetAssignment/{row_id}", {"IsRevoked": True}).status_code == 204
    assert [item["IsActive"] for item in rows(org, set_id)] == [False]
    again = org.post("/sobjects/PermissionSetAssignment", {"AssigneeId": org.person()["Id"], "PermissionSetId": set_id})
    assert again.status_code == 400
    assert org.patch(f"/sobjects/PermissionSetAssignment/{row_id}", {"IsRevoked": False}).status_code == 204
    assert [item["IsActive"] for item in rows(org, set_id)] == [True]


@pytest.mark.evidence("assignment-profile")
def test_the_set_of_a_profile_is_not_assigned(org: Org) -> None:
    person = org.person()
    owned = org.soql(f"SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true AND ProfileId != '{person['ProfileId']}' LIMIT 1")[0][
        "Id"
    ]
    answer = org.post("/sobjects/PermissionSetAssignment", {"AssigneeId": person["Id"], "PermissionSetId": owned})
    assert 400 <= answer.status_code < 500
    found = org.soql(f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{owned}' AND AssigneeId = '{person['Id']}'")
    assert found == []


@pytest.mark.evidence("assignment-references")
def test_an_assignment_of_what_is_not_there_is_refused(org: Org) -> None:
    answer = org.post("/sobjects/PermissionSetAssignment", {"AssigneeId": org.person()["Id"], "PermissionSetId": "0PS000000000001GAA"})
    assert answer.status_code == 400
    assert code_of(answer) in {"INVALID_CROSS_REFERENCE_KEY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"}


@pytest.mark.evidence("set-user-licence")
def test_a_set_of_another_user_licence_is_not_assigned(org: Org) -> None:
    person = org.person()
    other = org.soql(f"SELECT Id FROM UserLicense WHERE Id != '{person['Profile']['UserLicenseId']}' LIMIT 1")
    if not other:
        pytest.skip("this org has one user licence only")
    name = org.name("licensed")
    made = org.post("/sobjects/PermissionSet", {"Name": name, "Label": name, "LicenseId": other[0]["Id"]})
    if made.status_code != 201:
        pytest.skip("this org makes no set for its other user licence")
    answer = org.post("/sobjects/PermissionSetAssignment", {"AssigneeId": person["Id"], "PermissionSetId": made.json()["id"]})
    assert answer.status_code == 400
    assert rows(org, made.json()["id"]) == []


@pytest.mark.evidence("licences-read")
def test_licences_tell_their_seats(org: Org) -> None:
    for sobject in ("UserLicense", "PermissionSetLicense"):
        found = org.soql(f"SELECT Id, MasterLabel, TotalLicenses, UsedLicenses FROM {sobject}")
        assert all(isinstance(item["TotalLicenses"], int) and isinstance(item["UsedLicenses"], int) for item in found)
    assert org.soql("SELECT Id FROM UserLicense")


@pytest.mark.evidence("user-verbs")
def test_a_user_cannot_be_deleted(org: Org) -> None:
    # One who is not there: an org that took the verb after all would lose nobody.
    answer = org.delete("/sobjects/User/005000000000001AAA")
    assert (answer.status_code, code_of(answer)) == (405, "METHOD_NOT_ALLOWED")
