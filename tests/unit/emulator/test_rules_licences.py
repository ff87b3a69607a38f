# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a permission set licence admits in the sets that belong to it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.licences import forbidden_by, limits_of_set_licence
from emulator.rules.registry import break_rule
from emulator.schema import DEFAULT_FEATURES, FEATURES, load_schema
from harness.switch_probes import with_package_right

AGENT = "PermissionsIsContactCenterAgentBYOT"
REFUSAL = "The permission set license doesn't allow the permission: "


@pytest.fixture
def org() -> Org:
    return seed.vonage()


def licence_of(org: Org, *admitted: str) -> str:
    columns = {f"MaximumPermissions{name}": True for name in admitted}
    return org.put("PermissionSetLicense", DeveloperName="AcmePsl", MasterLabel="Acme Add-on", TotalLicenses=5, **columns)


def new_set(org: Org, licence: str | None, *permissions: str) -> str:
    flags = {f"Permissions{name}": True for name in permissions}
    return org.create(org.default_user, "PermissionSet", {"Name": "Acme_New", "Label": "Acme New", "LicenseId": licence, **flags})


def refused_set(org: Org, licence: str, *permissions: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        new_set(org, licence, *permissions)
    assert org.find("PermissionSet", Name="Acme_New") == []
    assert org.writes == []
    return caught.value


def refused_update(org: Org, set_id: str, **values: object) -> ApiError:
    before = org.get("PermissionSet", set_id)
    with pytest.raises(ApiError) as caught:
        org.update(org.default_user, "PermissionSet", set_id, values)
    assert org.get("PermissionSet", set_id) == before
    return caught.value


def test_a_new_set_holds_only_what_its_permission_set_licence_admits(org: Org) -> None:
    licence = licence_of(org, "ApiEnabled")
    error = refused_set(org, licence, "ApiEnabled", "EditTask")
    assert (error.status, error.code, error.message) == (400, "FIELD_INTEGRITY_EXCEPTION", f"{REFUSAL}Edit Tasks")
    made = new_set(org, licence, "ApiEnabled")
    assert (org.get("PermissionSet", made) or {})["PermissionsApiEnabled"] is True


def test_an_update_is_held_to_the_licence_as_the_creation_is(org: Org) -> None:
    made = new_set(org, licence_of(org, "ApiEnabled", "PasswordNeverExpires"))
    org.update(org.default_user, "PermissionSet", made, {"PermissionsApiEnabled": True})
    error = refused_update(org, made, PermissionsPasswordNeverExpires=True, PermissionsEditTask=True)
    assert (error.status, error.code, error.message) == (400, "FIELD_INTEGRITY_EXCEPTION", f"{REFUSAL}Edit Tasks")
    org.update(org.default_user, "PermissionSet", made, {"PermissionsPasswordNeverExpires": True, "PermissionsEditTask": False})


def test_a_set_that_held_more_already_can_only_be_mended(org: Org) -> None:
    made = new_set(org, licence_of(org, "ApiEnabled"))
    org.set("PermissionSet", made, PermissionsEditTask=True)
    assert refused_update(org, made, Label="Other").message == f"{REFUSAL}Edit Tasks"
    org.update(org.default_user, "PermissionSet", made, {"PermissionsEditTask": False})
    org.update(org.default_user, "PermissionSet", made, {"Label": "Other"})


def test_a_permission_without_a_column_is_not_admitted() -> None:
    schema = load_schema(DEFAULT_FEATURES)
    licence_object = schema.sobjects["PermissionSetLicense"].without_fields(["MaximumPermissionsEditTask"])
    org = Org(schema.with_sobjects([licence_object]), name="acme-test")
    every = [name for name in licence_object.fields if name.startswith("MaximumPermissions")]
    licence = org.put("PermissionSetLicense", DeveloperName="AcmePsl", MasterLabel="Acme", TotalLicenses=5, **dict.fromkeys(every, True))
    holder = org.put("UserLicense", Name="Salesforce", LicenseDefinitionKey="SFDC", TotalLicenses=5)
    profile = org.put("Profile", Name="Admin", UserLicenseId=holder, PermissionsManageProfilesPermissionsets=True)
    values = {"Username": "admin@acme.example", "LastName": "Admin", "UserType": "Standard"}
    org.default_user = org.put("User", ProfileId=profile, IsActive=True, **values)
    assert refused_set(org, licence, "EditTask").message == f"{REFUSAL}Edit Tasks"
    new_set(org, licence, "ApiEnabled", "PasswordNeverExpires")


def test_other_sets_are_not_held_to_it(org: Org) -> None:
    made = new_set(org, None, "EditTask")
    org.update(org.default_user, "PermissionSet", made, {"PermissionsPasswordNeverExpires": True})


def test_the_columns_mean_nothing_when_the_rule_is_off(org: Org) -> None:
    org.switches["permission_set_licence_limits"] = "ignored"
    made = new_set(org, licence_of(org), "EditTask")
    org.update(org.default_user, "PermissionSet", made, {"PermissionsPasswordNeverExpires": True})


def test_object_permissions_are_not_limited_by_it(org: Org) -> None:
    body = {"ParentId": new_set(org, licence_of(org)), "SobjectType": "Account", "PermissionsRead": True}
    org.create(org.default_user, "ObjectPermissions", body)


def test_the_customer_s_clone_of_a_voice_set_can_be_made_and_edited(org: Org) -> None:
    licence = str((org.get("PermissionSet", org.seed_info["set_ids"]["voice_agent"]) or {})["LicenseId"])
    assert refused_set(org, licence, "IsContactCenterAgentBYOT", "IsContactCenterAgent").code == "FIELD_INTEGRITY_EXCEPTION"
    new_set(org, licence, "IsContactCenterAgentBYOT", "IsContactCenterAdminBYOT", "IsContactCenterSupervisor")
    org.update(org.default_user, "PermissionSet", org.seed_info["set_ids"]["voice_clone"], {"Label": "Acme Rep", AGENT: True})


@pytest.mark.parametrize("features", [seed.DEFAULT_FEATURES, seed.DEFAULT_FEATURES | {"user_access_policies"}, frozenset[str]()])
def test_no_seeded_set_holds_more_than_its_licence_admits(features: Iterable[str]) -> None:
    org = seed.vonage(features=frozenset(features))
    for row in org.find("PermissionSet"):
        licence = str(row["LicenseId"] or "")
        if licence.startswith("0PL"):
            assert forbidden_by(org, limits_of_set_licence(org, licence), row) is None, row["Name"]


@pytest.mark.parametrize("features", [DEFAULT_FEATURES, FEATURES, frozenset({"partner_telephony"}), frozenset({"amazon_connect"})])
def test_the_licence_object_has_a_column_for_each_user_permission(features: frozenset[str]) -> None:
    sobjects = load_schema(features).sobjects
    held = {name for name in sobjects["PermissionSet"].fields if name.startswith("Permissions")}
    columns = {name.removeprefix("Maximum") for name in sobjects["PermissionSetLicense"].fields if name.startswith("MaximumPermissions")}
    assert columns == held


# --- sets that somebody with a smaller licence holds ---


def held_by(org: Org, role: str, *permissions: str) -> str:
    made = new_set(org, None, *permissions)
    body = {"AssigneeId": org.seed_info["user_ids"][role], "PermissionSetId": made}
    org.create(org.default_user, "PermissionSetAssignment", body)
    return made


def account_row(set_id: str, *rights: str) -> dict[str, object]:
    return {"ParentId": set_id, "SobjectType": "Account", **{f"Permissions{right}": True for right in rights}}


def test_a_held_set_gets_nothing_that_a_holder_s_licence_forbids(org: Org) -> None:
    made = held_by(org, "limited", "ApiEnabled")
    assert refused_update(org, made, PermissionsEditTask=True).message == "The user license doesn't allow the permission: Edit Tasks"
    org.update(org.default_user, "PermissionSet", made, {"PermissionsPasswordNeverExpires": True})
    with pytest.raises(ApiError) as caught:
        org.create(org.default_user, "ObjectPermissions", account_row(made, "Read"))
    assert (caught.value.code, caught.value.message) == (
        "FIELD_INTEGRITY_EXCEPTION",
        "The user license doesn't allow the permission: Read Accounts",
    )
    assert org.find("ObjectPermissions", ParentId=made) == []


def test_the_holders_who_may_are_no_obstacle(org: Org) -> None:
    made = held_by(org, "agent")
    org.update(org.default_user, "PermissionSet", made, {"PermissionsEditTask": True})
    row = org.create(org.default_user, "ObjectPermissions", account_row(made, "Read"))
    org.update(org.default_user, "ObjectPermissions", row, {"PermissionsEdit": True})


def test_the_integration_licence_opens_the_objects(org: Org) -> None:
    made = held_by(org, "limited")
    licence = org.find("PermissionSetLicense", DeveloperName="SalesforceAPIIntegrationPsl")[0]["Id"]
    org.put("PermissionSetLicenseAssign", AssigneeId=org.seed_info["user_ids"]["limited"], PermissionSetLicenseId=licence)
    org.create(org.default_user, "ObjectPermissions", account_row(made, "Read"))
    assert refused_update(org, made, PermissionsEditTask=True).code == "FIELD_INTEGRITY_EXCEPTION"


def test_what_the_set_had_already_is_no_obstacle_to_another_change(org: Org) -> None:
    made = held_by(org, "limited")
    org.set("PermissionSet", made, PermissionsEditTask=True)
    row = org.put("ObjectPermissions", **account_row(made, "Read"))
    org.update(org.default_user, "PermissionSet", made, {"Label": "Other"})
    with pytest.raises(ApiError):
        org.update(org.default_user, "ObjectPermissions", row, {"PermissionsEdit": True})
    org.set("ObjectPermissions", row, PermissionsEdit=True)
    org.update(org.default_user, "ObjectPermissions", row, {"PermissionsEdit": False})


def test_seats_are_not_filtered_by_from_version_64_on(org: Org) -> None:
    soql = "SELECT Id FROM UserLicense WHERE UsedLicenses > 0"
    assert org.query(str(org.default_user), soql, "63.0")["totalSize"] > 0
    with pytest.raises(ApiError) as caught:
        org.query(str(org.default_user), soql, "64.0")
    assert caught.value.code == "INVALID_FIELD"
    described = {item["name"]: item["filterable"] for item in org.describe(str(org.default_user), "UserLicense", "67.0")["fields"]}
    assert (described["UsedLicenses"], described["TotalLicenses"]) == (False, True)


def test_a_holder_s_licence_may_count_for_nothing(org: Org) -> None:
    made = held_by(org, "limited")
    org.switches["assigned_set_beyond_licence"] = "accepted"
    org.update(org.default_user, "PermissionSet", made, {"PermissionsEditTask": True})
    with break_rule("an_assigned_set_stays_within_its_holders_licences"):
        org.switches["assigned_set_beyond_licence"] = "refused"
        org.create(org.default_user, "ObjectPermissions", account_row(made, "Read"))


@pytest.mark.parametrize(
    ("sobject", "key", "label"),
    [("UserLicense", "LicenseDefinitionKey", "SFDC"), ("PermissionSetLicense", "PermissionSetLicenseKey", "SalesforceAPIIntegrationPsl")],
)
def test_what_licences_tell(org: Org, sobject: str, key: str, label: str) -> None:
    soql = f"SELECT MasterLabel, TotalLicenses, UsedLicenses, Status FROM {sobject} WHERE {key} = '{label}'"
    record = org.query(str(org.default_user), soql, "67.0")["records"][0]
    assert (record["Status"], record["TotalLicenses"] >= record["UsedLicenses"] >= 0) == ("Active", True)


# --- seats of single users ---


def seat(org: Org, sobject: str, role: str, acting: str | None = None) -> str:
    """The Id of a new row that gives that user the package licence, or the integration licence."""
    who = org.seed_info["user_ids"][role]
    if sobject == "UserPackageLicense":
        body = {"UserId": who, "PackageLicenseId": org.find("PackageLicense")[0]["Id"]}
    else:
        licence = org.find("PermissionSetLicense", DeveloperName="SalesforceAPIIntegrationPsl")[0]["Id"]
        body = {"AssigneeId": who, "PermissionSetLicenseId": licence}
    return org.create(acting or str(org.default_user), sobject, body)


def refused_seat(org: Org, sobject: str, role: str, acting: str | None = None) -> str:
    before = org.find(sobject)
    with pytest.raises(ApiError) as caught:
        seat(org, sobject, role, acting)
    assert org.find(sobject) == before
    return caught.value.code


SEATS = ("UserPackageLicense", "PermissionSetLicenseAssign")


@pytest.mark.parametrize("sobject", SEATS)
def test_inactive_users_are_given_no_licence_or_are(org: Org, sobject: str) -> None:
    for row in org.find(sobject, **{"UserId" if sobject == SEATS[0] else "AssigneeId": org.seed_info["user_ids"]["inactive"]}):
        org.remove(sobject, row["Id"])
    assert refused_seat(org, sobject, "inactive") == "INACTIVE_OWNER_OR_USER"
    org.switches["licences_for_inactive_users"] = "accepted"
    seat(org, sobject, "inactive")


@pytest.mark.parametrize(
    ("sobject", "licence", "status"), [(SEATS[0], "PackageLicense", "Expired"), (SEATS[1], "PermissionSetLicense", "Disabled")]
)
def test_expired_licences_are_given_to_nobody_or_are(org: Org, sobject: str, licence: str, status: str) -> None:
    for row in org.find(licence):
        org.set(licence, row["Id"], Status=status)
    assert refused_seat(org, sobject, "kim") == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["expired_licences"] = "accepted"
    seat(org, sobject, "kim")


@pytest.mark.parametrize("sobject", SEATS)
def test_seats_are_counted_and_given_once(org: Org, sobject: str) -> None:
    seat(org, sobject, "kim")
    assert refused_seat(org, sobject, "kim") == "DUPLICATE_VALUE"
    taken = len(org.find(SEATS[0]))
    org.set("PackageLicense", org.find("PackageLicense")[0]["Id"], AllowedLicenses=taken)
    for row in org.find("PermissionSetLicense", DeveloperName="SalesforceAPIIntegrationPsl"):
        org.set("PermissionSetLicense", row["Id"], TotalLicenses=len(org.find(SEATS[1], PermissionSetLicenseId=row["Id"])))
    assert refused_seat(org, sobject, "joakim") == "LICENSE_LIMIT_EXCEEDED"


@pytest.mark.parametrize("setting", ["refused", "accepted"])
def test_a_site_licence_knows_no_seats(setting: str) -> None:
    org = seed.vonage(switches={"site_licence_rows": setting})
    org.set("PackageLicense", org.find("PackageLicense")[0]["Id"], AllowedLicenses=-1)
    if setting == "accepted":
        seat(org, SEATS[0], "kim")
        return
    assert refused_seat(org, SEATS[0], "kim") == "FIELD_INTEGRITY_EXCEPTION"


def test_a_licence_that_a_held_set_needs_stays_or_goes(org: Org) -> None:
    agent = org.seed_info["user_ids"]["agent"]
    row = org.find("PermissionSetLicenseAssign", AssigneeId=agent)[0]["Id"]
    with pytest.raises(ApiError) as caught:
        org.delete(str(org.default_user), "PermissionSetLicenseAssign", row)
    assert (caught.value.code, org.get("PermissionSetLicenseAssign", row) is None) == ("FIELD_INTEGRITY_EXCEPTION", False)
    org.switches["set_licence_still_needed"] = "accepted"
    org.delete(str(org.default_user), "PermissionSetLicenseAssign", row)


def acting_with(org: Org, *permissions: str) -> str:
    granted = org.put("PermissionSet", Name="Acme_Held", Label="Acme Held", **{f"Permissions{name}": True for name in permissions})
    org.put("PermissionSetAssignment", AssigneeId=org.seed_info["user_ids"]["joakim"], PermissionSetId=granted, IsActive=True)
    return str(org.seed_info["user_ids"]["joakim"])


def test_who_may_give_permission_set_licences(org: Org) -> None:
    joakim = acting_with(org, "AssignPermissionSets")
    assert refused_seat(org, SEATS[1], "kim", joakim) == "INSUFFICIENT_ACCESS_OR_READONLY"
    org.switches["set_licence_right"] = "assign_permission_sets_too"
    seat(org, SEATS[1], "kim", joakim)


@pytest.mark.parametrize("extended", [False, True])
def test_who_may_give_package_licences(extended: bool) -> None:
    org = seed.vonage(extend=with_package_right if extended else None)
    joakim = acting_with(org, "ManageUsers")
    if not extended:
        seat(org, SEATS[0], "kim", joakim)  # this org has no Manage Package Licenses
        return
    assert refused_seat(org, SEATS[0], "kim", joakim) == "INSUFFICIENT_ACCESS_OR_READONLY"
    seat(org, SEATS[0], "kim")
    org.switches["package_licence_right"] = "manage_users_too"
    seat(org, SEATS[0], "without_set", joakim)


def test_licence_rows_are_read_with_their_users_and_licences(org: Org) -> None:
    def read(soql: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = org.query(str(org.default_user), soql, "67.0")["records"]
        return found

    package = read("SELECT User.Username, PackageLicense.NamespacePrefix FROM UserPackageLicense WHERE User.IsActive = false")
    assert [(row["User"]["Username"], row["PackageLicense"]["NamespacePrefix"]) for row in package] == [  # type: ignore[index]
        ("inactive@acme.example", "NVMContactWorld")
    ]
    columns = "Assignee.Username, PermissionSetLicense.DeveloperName"
    assigned = read(f"SELECT {columns} FROM PermissionSetLicenseAssign WHERE Assignee.Username = 'agent@acme.example'")
    assert len(assigned) == 1
    counted = org.query(
        str(org.default_user), "SELECT COUNT() FROM UserPackageLicense WHERE PackageLicense.NamespacePrefix = 'NVMContactWorld'", "67.0"
    )
    assert counted["totalSize"] == 4
