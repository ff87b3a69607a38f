# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the running user may see and write, and what a customer's own rules do to a write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.door import Org
from emulator.org import Org as State
from emulator.rules.validation_rules import ValidationRule


def is_open(org: Org) -> bool:
    """Whether an emulated org was told to let everybody read: which it is in a real one is not known."""
    return org.state is not None and org.state.switches["setup_reads"] == "open"


@pytest.mark.evidence("rights-read")
@pytest.mark.parametrize("sobject", ["PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "SetupEntityAccess"])
def test_a_user_without_rights_does_not_read_permissions(org: Org, limited: Org, sobject: str) -> None:
    if is_open(org):
        pytest.skip("this emulated org lets everybody read")
    answer = limited.query(f"SELECT Id FROM {sobject}")
    # The right is documented; that the object looks unknown is inferred.
    assert answer.status_code == 400 or answer.json()["records"] == []


@pytest.mark.evidence("rights-read")
def test_a_user_without_rights_does_not_read_business_records(org: Org, limited: Org) -> None:
    org.create("Account", Name=org.name("hidden"))
    answer = limited.query(f"SELECT Id FROM Account WHERE Name LIKE '{org.prefix}%'")
    assert answer.status_code == 400 or answer.json()["records"] == []


@pytest.mark.evidence("rights-write")
def test_a_user_who_may_only_look_writes_no_permission_set(org: Org, reader: Org) -> None:
    name = org.name("forbidden")
    assert reader.soql("SELECT Id FROM PermissionSet LIMIT 1")
    assert reader.post("/sobjects/PermissionSet", {"Name": name, "Label": name}).status_code in range(400, 500)
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Name = '{name}'") == []


@pytest.mark.evidence("rights-write")
def test_a_user_who_may_only_look_assigns_nothing(org: Org, reader: Org) -> None:
    set_id, person = org.permission_set(), org.person()
    fields = {"AssigneeId": person["Id"], "PermissionSetId": set_id}
    assert reader.post("/sobjects/PermissionSetAssignment", fields).status_code in range(400, 500)
    assert org.soql(f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{set_id}'") == []


@pytest.mark.evidence("rights-write")
def test_a_user_who_may_only_look_changes_no_user(org: Org, reader: Org) -> None:
    person = org.person()
    before = org.soql(f"SELECT LastName FROM User WHERE Id = '{person['Id']}'")[0]
    org.restore.append(("User", person["Id"], {"LastName": before["LastName"]}))
    answer = reader.patch(f"/sobjects/User/{person['Id']}", {"LastName": org.name("forbidden")})
    assert answer.status_code in range(400, 500)
    assert org.soql(f"SELECT Id FROM User WHERE LastName LIKE '{org.prefix}%'") == []


@pytest.mark.evidence("rights-write")
def test_a_user_without_rights_makes_no_business_record(org: Org, limited: Org) -> None:
    name = org.name("forbidden")
    assert limited.post("/sobjects/Account", {"Name": name}).status_code in range(400, 500)
    assert org.soql(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.evidence("org-rights")
def test_a_user_without_rights_still_reads_which_they_are(limited: Org) -> None:
    found = limited.soql("SELECT PermissionsApiEnabled, PermissionsManageUsers FROM UserPermissionAccess")
    assert [(row["PermissionsApiEnabled"], row["PermissionsManageUsers"]) for row in found] == [(True, False)]


@pytest.fixture
def no_moves(state: State) -> Iterator[str]:
    """A customer's validation rule: this user keeps the time zone. Returns the message."""
    message = "Users of this team keep their time zone."
    state.validation_rules.append(ValidationRule("KeepZone", "User", {"TimeZoneSidKey": "Europe/Paris"}, message, "TimeZoneSidKey"))
    yield message
    state.validation_rules.clear()


@pytest.mark.evidence("user-validation-rule")
def test_a_customer_s_validation_rule_refuses_single_users_of_a_call(org: Org, no_moves: str) -> None:
    person = org.person()
    other = org.soql(f"SELECT Id, TimeZoneSidKey FROM User WHERE Id != '{person['Id']}' AND IsActive = true LIMIT 1")[0]
    records = [
        {"attributes": {"type": "User"}, "id": person["Id"], "TimeZoneSidKey": "Europe/Paris"},
        {"attributes": {"type": "User"}, "id": other["Id"], "TimeZoneSidKey": other["TimeZoneSidKey"]},
    ]
    told = org.call("PATCH", "/composite/sobjects", json={"allOrNone": False, "records": records}).json()
    assert [item["success"] for item in told] == [False, True]
    error = told[0]["errors"][0]
    assert (error["statusCode"], error["message"], error["fields"]) == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        no_moves,
        ["TimeZoneSidKey"],
    )
