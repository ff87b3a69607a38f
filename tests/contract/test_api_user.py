# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users and what hangs on them: the columns, licences, what freezes; profiles, policies and sharing as they are read.

No user is made: a real org would keep it. Users that are refused, and the test user's title, tell enough.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

import pytest
import requests

from contract.door import Org, body_of, code_of
from emulator import seed
from emulator.org import Org as State

REQUIRED = (
    "Username",
    "LastName",
    "Email",
    "Alias",
    "TimeZoneSidKey",
    "LocaleSidKey",
    "EmailEncodingKey",
    "LanguageLocaleKey",
    "ProfileId",
)
SHARED = ("Account", "Contact", "Lead", "Case", "Opportunity", "Task")
RESTRICTED = {"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"}
BARRED = {"INVALID_TYPE"}
"""What is answered of objects that an org has not, or does not show."""


def wanted_user(org: Org, **values: Any) -> dict[str, Any]:
    """A whole new user, as like the test user as can be, whose name nobody has."""
    names = ", ".join(name for name in REQUIRED if name not in ("Username", "LastName", "Alias"))
    like = org.soql(f"SELECT {names} FROM User WHERE Id = '{org.person()['Id']}'")[0]
    copied = {name: like[name] for name in names.split(", ")}
    unused = f"{org.prefix.lower()}.{secrets.token_hex(8)}@example.invalid"
    return {**copied, "Username": unused, "LastName": org.name("user"), "Alias": "ctuser", "IsActive": False, **values}


def refused_user(org: Org, **values: Any) -> requests.Response:
    """The answer to a new user who cannot be made; fails where there is one now."""
    wanted = {name: value for name, value in wanted_user(org, **values).items() if value is not None}
    answer = org.post("/sobjects/User", wanted)
    assert answer.status_code == 400, answer.text
    assert org.soql(f"SELECT Id FROM User WHERE LastName LIKE '{org.prefix}%'") == []
    return answer


# --- users ---


@pytest.mark.evidence("user-required")
@pytest.mark.parametrize("lacking", REQUIRED)
def test_a_new_user_lacks_none_of_these(org: Org, lacking: str) -> None:
    answer = refused_user(org, **{lacking: None})
    assert code_of(answer) == "REQUIRED_FIELD_MISSING"
    assert lacking in body_of(answer)[0]["fields"]


@pytest.mark.evidence("user-username")
def test_a_username_belongs_to_one_user(org: Org) -> None:
    taken = org.person()["Username"]
    answer = refused_user(org, Username=taken.upper())
    assert (code_of(answer), body_of(answer)[0]["fields"]) == ("DUPLICATE_USERNAME", ["Username"])


@pytest.mark.evidence("user-username")
def test_a_username_has_the_form_of_an_address(org: Org) -> None:
    # That it is refused is documented; the code is inferred.
    assert "Username" in body_of(refused_user(org, Username=f"{org.prefix}-no-address"))[0]["fields"]


@pytest.mark.evidence("user-choices")
@pytest.mark.parametrize("column", ["TimeZoneSidKey", "LocaleSidKey", "LanguageLocaleKey", "EmailEncodingKey"])
def test_describe_names_what_a_user_may_have_and_no_more(org: Org, column: str) -> None:
    held = org.soql(f"SELECT {column} FROM User WHERE Id = '{org.person()['Id']}'")[0][column]
    assert held in org.picklist("User", column)
    assert code_of(refused_user(org, **{column: "Ct/Nowhere"})) in RESTRICTED


@pytest.mark.evidence("user-update")
def test_a_column_of_a_user_is_written_and_read_back_at_once(org: Org) -> None:
    person = org.person()
    before = org.soql(f"SELECT Title FROM User WHERE Id = '{person['Id']}'")[0]
    org.restore.append(("User", person["Id"], {"Title": before["Title"]}))
    title = org.name("title")
    assert org.patch(f"/sobjects/User/{person['Id']}", {"Title": title}).status_code == 204
    assert org.soql(f"SELECT Title FROM User WHERE Username = '{person['Username'].upper()}'") == [
        {"attributes": org.get(f"/sobjects/User/{person['Id']}?fields=Title").json()["attributes"], "Title": title}
    ]


@pytest.mark.evidence("user-keys")
def test_users_are_found_by_their_other_keys(org: Org) -> None:
    for name in ("FederationIdentifier", "EmployeeNumber", "Email"):
        assert org.need_field("User", name)["filterable"] is True
    found = org.soql(
        "SELECT Id, Username, Email, FederationIdentifier, EmployeeNumber, UserRole.Name FROM User WHERE IsActive = true LIMIT 5"
    )
    assert found
    by_mail = org.soql(f"SELECT Id FROM User WHERE Email = '{found[0]['Email']}'")
    assert found[0]["Id"] in {row["Id"] for row in by_mail}


@pytest.mark.evidence("user-features")
def test_feature_licences_are_columns_of_a_user_and_the_whole_user_tells_each(org: Org) -> None:
    described = {item["name"]: item for item in (org.describe("User") or {"fields": []})["fields"]}
    columns = {name for name in described if name.startswith("UserPermissions")}
    assert columns
    assert {described[name]["type"] for name in columns} == {"boolean"}
    whole = org.get(f"/sobjects/User/{org.person()['Id']}").json()
    assert {name for name in whole if name.startswith("UserPermissions")} == columns
    assert all(whole[name] in (True, False) for name in columns)


@pytest.mark.evidence("user-seats")
def test_active_users_are_counted_by_user_licence(org: Org) -> None:
    rows = org.soql("SELECT Profile.UserLicenseId, COUNT(Id) used FROM User WHERE IsActive = true GROUP BY Profile.UserLicenseId")
    licence = org.person()["Profile"]["UserLicenseId"]
    counted = org.query(f"SELECT COUNT() FROM User WHERE IsActive = true AND Profile.UserLicenseId = '{licence}'").json()["totalSize"]
    assert {row["UserLicenseId"]: row["used"] for row in rows}[licence] == counted
    (told,) = org.soql(f"SELECT UserLicense.TotalLicenses FROM Profile WHERE Id = '{org.person()['ProfileId']}'")
    assert counted <= told["UserLicense"]["TotalLicenses"]


@pytest.mark.evidence("user-seats")
def test_no_active_user_goes_beyond_the_seats(org: Org, state: State) -> None:
    licence = org.person()["Profile"]["UserLicenseId"]
    had = org.soql(f"SELECT TotalLicenses FROM UserLicense WHERE Id = '{licence}'")[0]["TotalLicenses"]
    active = f"SELECT COUNT() FROM User WHERE IsActive = true AND Profile.UserLicenseId = '{licence}'"
    state.set("UserLicense", licence, TotalLicenses=org.query(active).json()["totalSize"])
    answer = refused_user(org, IsActive=True)
    state.set("UserLicense", licence, TotalLicenses=had)
    assert code_of(answer) == "LICENSE_LIMIT_EXCEEDED"


@pytest.mark.evidence("user-frozen")
def test_who_is_frozen_stands_beside_the_user(org: Org, limited: Org) -> None:
    columns = "SELECT UserId, IsFrozen FROM UserLogin WHERE UserId"
    person = org.person()["Id"]
    listed = org.soql(f"{columns} IN ('{person}')")
    assert [row["IsFrozen"] for row in listed] in ([False], [])
    joined = org.soql(f"{columns} IN (SELECT Id FROM User WHERE Username = '{org.person()['Username']}')")
    assert [row["UserId"] for row in joined] == [row["UserId"] for row in listed]
    if org.state is not None and org.state.switches["setup_reads"] == "open":
        pytest.skip("this emulated org lets everybody read")
    told = limited.query(f"{columns} = '{person}'")
    assert code_of(told) in BARRED or told.json()["records"] == []


# --- licences ---


def package(org: Org) -> dict[str, Any]:
    """A package licence with a free seat that the test user has not. Skips where there is none."""
    held = {
        row["PackageLicenseId"]
        for row in org.soql(f"SELECT PackageLicenseId FROM UserPackageLicense WHERE UserId = '{org.person()['Id']}'")
    }
    for row in org.soql("SELECT Id, NamespacePrefix, Status, AllowedLicenses, UsedLicenses FROM PackageLicense"):
        free = row["AllowedLicenses"] - row["UsedLicenses"]
        if row["AllowedLicenses"] != -1 and free > 0 and row["Status"] == "Active" and row["Id"] not in held:
            return row
    pytest.skip("this org has no package licence with a free seat for the test user")


def set_licence(org: Org) -> dict[str, Any]:
    """A permission set licence with a free seat that the test user has not. Skips where there is none."""
    where = f"AssigneeId = '{org.person()['Id']}'"
    held = {
        row["PermissionSetLicenseId"] for row in org.soql(f"SELECT PermissionSetLicenseId FROM PermissionSetLicenseAssign WHERE {where}")
    }
    for row in org.soql("SELECT Id, DeveloperName, PermissionSetLicenseKey, Status, TotalLicenses, UsedLicenses FROM PermissionSetLicense"):
        if row["Status"] == "Active" and row["TotalLicenses"] > row["UsedLicenses"] and row["Id"] not in held:
            return row
    pytest.skip("this org has no permission set licence with a free seat for the test user")


@pytest.mark.evidence("package-licence-rows")
def test_a_package_licence_is_given_counted_by_rows_and_taken_back(org: Org) -> None:
    found, person = package(org), org.person()
    rows = f"FROM UserPackageLicense WHERE PackageLicense.NamespacePrefix = '{found['NamespacePrefix']}'"
    before = org.query(f"SELECT COUNT() {rows}").json()["totalSize"]
    made = org.create("UserPackageLicense", UserId=person["Id"], PackageLicenseId=found["Id"])
    told = org.soql(f"SELECT Id, User.Username, User.IsActive {rows} AND User.Username = '{person['Username']}'")
    assert [(row["Id"], row["User"]["Username"]) for row in told] == [(made, person["Username"])]
    assert org.query(f"SELECT COUNT() {rows}").json()["totalSize"] == before + 1
    again = org.post("/sobjects/UserPackageLicense", {"UserId": person["Id"], "PackageLicenseId": found["Id"]})
    assert again.status_code == 400
    assert org.delete(f"/sobjects/UserPackageLicense/{made}").status_code == 204
    assert org.query(f"SELECT COUNT() {rows}").json()["totalSize"] == before


@pytest.mark.evidence("licence-limit")
def test_no_licence_is_given_beyond_its_seats(org: Org, state: State) -> None:
    found, person = package(org), org.person()
    taken = org.query(f"SELECT COUNT() FROM UserPackageLicense WHERE PackageLicenseId = '{found['Id']}'").json()["totalSize"]
    state.set("PackageLicense", found["Id"], AllowedLicenses=taken)
    answer = org.post("/sobjects/UserPackageLicense", {"UserId": person["Id"], "PackageLicenseId": found["Id"]})
    state.set("PackageLicense", found["Id"], AllowedLicenses=found["AllowedLicenses"])
    assert (answer.status_code, code_of(answer)) == (400, "LICENSE_LIMIT_EXCEEDED")


@pytest.mark.evidence("set-licence-rows")
def test_a_permission_set_licence_is_given_once_and_taken_back(org: Org) -> None:
    found, person = set_licence(org), org.person()
    given = {"AssigneeId": person["Id"], "PermissionSetLicenseId": found["Id"]}
    made = org.post("/sobjects/PermissionSetLicenseAssign", given)
    if made.status_code == 400:
        pytest.skip(f"this org does not give the test user that licence: {made.text}")
    assert made.status_code == 201
    columns = "Id, Assignee.Username, PermissionSetLicense.DeveloperName"
    told = org.soql(f"SELECT {columns} FROM PermissionSetLicenseAssign WHERE AssigneeId = '{person['Id']}'")
    assert (person["Username"], found["DeveloperName"]) in {
        (row["Assignee"]["Username"], row["PermissionSetLicense"]["DeveloperName"]) for row in told
    }
    again = org.post("/sobjects/PermissionSetLicenseAssign", given)
    assert (again.status_code, code_of(again)) == (400, "DUPLICATE_VALUE")
    assert org.delete(f"/sobjects/PermissionSetLicenseAssign/{made.json()['id']}").status_code == 204


@pytest.mark.evidence("set-licence-comes-along")
def test_a_set_of_a_permission_set_licence_brings_it(org: Org) -> None:
    found, person = set_licence(org), org.person()
    name = org.name("licensed")
    made = org.post("/sobjects/PermissionSet", {"Name": name, "Label": name, "LicenseId": found["Id"]})
    if made.status_code != 201:
        pytest.skip(f"this org makes no set for that licence: {made.text}")
    assigned = org.post("/sobjects/PermissionSetAssignment", {"AssigneeId": person["Id"], "PermissionSetId": made.json()["id"]})
    if assigned.status_code == 400:
        pytest.skip(f"this org wants the licence first, or the test user may not have it: {assigned.text}")
    held = org.soql(
        f"SELECT Id FROM PermissionSetLicenseAssign WHERE AssigneeId = '{person['Id']}' AND PermissionSetLicenseId = '{found['Id']}'"
    )
    assert len(held) == 1
    org.made[:0] = [("PermissionSetLicenseAssign", held[0]["Id"])]  # taken away last, where the org leaves it


# --- profiles, policies, sharing ---


@pytest.mark.evidence("profile-conditions")
def test_a_profile_tells_its_hours_addresses_licence_and_permissions(org: Org) -> None:
    profile = org.person()["ProfileId"]
    answer = org.query(f"SELECT Id, Name, Metadata FROM Profile WHERE Id = '{profile}'", "/tooling/query")
    assert answer.status_code == 200, answer.text
    told = answer.json()["records"][0]["Metadata"]
    assert told["loginHours"] is None or isinstance(told["loginHours"], dict)
    assert isinstance(told["loginIpRanges"], list)
    assert all({"startAddress", "endAddress"} <= one.keys() for one in told["loginIpRanges"])
    licence = org.soql(f"SELECT UserLicense.Name FROM Profile WHERE Id = '{profile}'")[0]["UserLicense"]["Name"]
    assert (told["userLicense"], isinstance(told["custom"], bool)) == (licence, True)
    assert all(one["enabled"] in (True, False) and one["name"] for one in told["userPermissions"])


@pytest.mark.evidence("profile-conditions")
def test_hours_and_addresses_come_as_they_were_set(org: Org, state: State) -> None:
    profile = org.soql(f"SELECT Name FROM Profile WHERE Id = '{org.person()['ProfileId']}'")[0]["Name"]
    seed.restrict_profile(state, profile, {"monday": (8, 17)}, [("192.0.2.0", "192.0.2.255", "office")])
    told = org.query(f"SELECT Metadata FROM Profile WHERE Name = '{profile}'", "/tooling/query").json()["records"][0]["Metadata"]
    seed.lift_profile(state, profile)
    assert (str(told["loginHours"]["mondayStart"]), str(told["loginHours"]["mondayEnd"])) == ("480", "1020")
    assert [(one["startAddress"], one["endAddress"]) for one in told["loginIpRanges"]] == [("192.0.2.0", "192.0.2.255")]


@pytest.mark.evidence("policies-read")
def test_active_policies_and_what_they_act_on_are_read(org: Org) -> None:
    answer = org.query("SELECT DeveloperName, MasterLabel, Status, TriggerType FROM UserAccessPolicy WHERE Status = 'Active'")
    if answer.status_code == 400:
        assert code_of(answer) in BARRED
        pytest.skip("this org shows no user access policies")
    assert all(row["Status"] == "Active" for row in answer.json()["records"])
    actions = org.query("SELECT Action, TargetId FROM UserAccessPolicyAction", "/tooling/query")
    assert (actions.status_code, actions.json()["entityTypeName"]) == (200, "UserAccessPolicyAction")
    assert all(row["Action"] in ("Grant", "Revoke") for row in actions.json()["records"])


@pytest.mark.evidence("sharing-read")
def test_the_sharing_model_of_objects_is_read_beside_other_queries(org: Org) -> None:
    listed = ", ".join(f"'{name}'" for name in SHARED)
    soql = f"SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN ({listed})"
    parts = [
        {"method": "GET", "url": f"{org.root}/query?q={quote(text, safe='')}", "referenceId": f"r{number}"}
        for number, text in enumerate((soql, "SELECT DefaultAccountAccess FROM Organization"))
    ]
    told, company = org.composite(*parts)
    assert (told["httpStatusCode"], company["httpStatusCode"]) == (200, 200)
    models = {row["QualifiedApiName"]: row["InternalSharingModel"] for row in told["body"]["records"]}
    assert set(models) == {row["QualifiedApiName"] for row in org.soql(soql)}
    is_private = company["body"]["records"][0]["DefaultAccountAccess"] == "None"
    assert (models["Account"] == "Private") is is_private
