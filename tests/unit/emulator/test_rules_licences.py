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
from emulator.schema import DEFAULT_FEATURES, FEATURES, load_schema

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
