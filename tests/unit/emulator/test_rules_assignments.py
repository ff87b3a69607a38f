# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assignments, licences, users and contact centers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.assignments import rows_as_of_now


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def org(clock: Clock) -> Org:
    return seed.vonage(features=seed.DEFAULT_FEATURES | {"user_access_policies"}, clock=clock)


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def user(org: Org, role: str) -> str:
    return str(org.seed_info["user_ids"][role])


def set_id(org: Org, role: str) -> str:
    return str(org.seed_info["set_ids"][role])


def refused(org: Org, op: str, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        getattr(org, op)(*arguments)
    return caught.value


def assign(org: Org, role: str, set_role: str, **values: Any) -> str:
    body = {"AssigneeId": user(org, role), "PermissionSetId": set_id(org, set_role), **values}
    return org.create(admin(org), "PermissionSetAssignment", body)


def refused_assignment(org: Org, role: str, set_role: str, **values: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        assign(org, role, set_role, **values)
    return caught.value


def stored(org: Org, assignment: str) -> dict[str, Any]:
    return org.get("PermissionSetAssignment", assignment) or {}


# --- assignments ---


def test_an_assignment_is_active_and_grants(org: Org) -> None:
    assert "IsContactCenterAgentBYOT" not in org.permissions_of(user(org, "without_set"))
    assert stored(org, assign(org, "without_set", "voice_agent"))["IsActive"] is True
    assert "IsContactCenterAgentBYOT" in org.permissions_of(user(org, "without_set"))


@pytest.mark.parametrize("role", ["agent", "revoked", "expired"])
def test_a_second_row_is_a_duplicate(org: Org, role: str) -> None:
    error = refused_assignment(org, role, "voice_agent")
    assert error.code == "DUPLICATE_VALUE"
    assert error.message == f"Duplicate PermissionSetAssignment. Assignee: {user(org, role)}; Permission Set: {set_id(org, 'voice_agent')}"


def test_profile_and_group_sets_are_not_assigned_directly(org: Org) -> None:
    own = org.find("PermissionSet", IsOwnedByProfile=True)[0]["Id"]
    for closed in (own, org.seed_info["group_set_id"]):
        body = {"AssigneeId": user(org, "without_set"), "PermissionSetId": closed}
        assert refused(org, "create", admin(org), "PermissionSetAssignment", body).code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_profile_row_stays(org: Org) -> None:
    own = next(
        row["Id"]
        for row in org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"))
        if (org.get("PermissionSet", row["PermissionSetId"]) or {})["IsOwnedByProfile"]
    )
    assert refused(org, "delete", admin(org), "PermissionSetAssignment", own).code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_group_assignment_points_at_the_aggregate_set(org: Org) -> None:
    body = {"AssigneeId": user(org, "without_set"), "PermissionSetGroupId": org.seed_info["group_id"]}
    row = stored(org, org.create(admin(org), "PermissionSetAssignment", body))
    assert row["PermissionSetId"] == org.seed_info["group_set_id"]
    assert refused(org, "create", admin(org), "PermissionSetAssignment", body).code == "DUPLICATE_VALUE"
    org.set("PermissionSetGroup", org.seed_info["group_id"], Status="Outdated")
    body["AssigneeId"] = user(org, "member")
    assert refused(org, "create", admin(org), "PermissionSetAssignment", body).code == "INVALID_CROSS_REFERENCE_KEY"


def test_an_assignment_names_a_set_or_a_group(org: Org) -> None:
    assert refused(org, "create", admin(org), "PermissionSetAssignment", {"AssigneeId": admin(org)}).code == "REQUIRED_FIELD_MISSING"


def test_inactive_users(org: Org) -> None:
    assert refused_assignment(org, "inactive", "voice_clone").code == "INACTIVE_OWNER_OR_USER"
    org.switches["assign_to_inactive"] = "accepted"
    assign(org, "inactive", "voice_clone")


def test_the_licence_forbids(org: Org) -> None:
    error = refused_assignment(org, "platform", "voice_agent")
    assert error.code == "FIELD_INTEGRITY_EXCEPTION"
    assert error.message.startswith("Can't assign permission set")
    assert "The user license doesn't allow the permission:" in error.message
    org.switches["licence_limits"] = "ignored"
    assign(org, "platform", "voice_agent")


def test_the_integration_licence_forbids_edit_tasks(org: Org) -> None:
    made = org.create(admin(org), "PermissionSet", {"Name": "Tasks", "Label": "Tasks", "PermissionsEditTask": True})
    body = {"AssigneeId": user(org, "limited"), "PermissionSetId": made}
    assert refused(org, "create", admin(org), "PermissionSetAssignment", body).message.endswith("Edit Tasks")


def test_a_set_with_a_user_licence_fits_only_that_licence(org: Org) -> None:
    platform = org.find("UserLicense", Name="Salesforce Platform")[0]["Id"]
    made = org.create(admin(org), "PermissionSet", {"Name": "P", "Label": "P", "LicenseId": platform})
    body = {"AssigneeId": user(org, "agent"), "PermissionSetId": made}
    assert refused(org, "create", admin(org), "PermissionSetAssignment", body).code == "FIELD_INTEGRITY_EXCEPTION"
    org.create(admin(org), "PermissionSetAssignment", {**body, "AssigneeId": user(org, "platform")})
    row = {"ParentId": made, "SobjectType": "Lead", "PermissionsRead": True}
    assert refused(org, "create", admin(org), "ObjectPermissions", row).code == "FIELD_INTEGRITY_EXCEPTION"
    assert refused(org, "update", admin(org), "PermissionSet", made, {"LicenseId": None}).code == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_the_clone_keeps_no_user_from_a_set_without_licence(org: Org) -> None:
    assign(org, "vonage_api", "vonage_api_user")


def test_a_set_takes_and_gives_back_its_seat(org: Org) -> None:
    licence = org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]["Id"]
    first, second = assign(org, "without_set", "voice_agent"), assign(org, "without_set", "voice_clone")
    held = {"AssigneeId": user(org, "without_set"), "PermissionSetLicenseId": licence}
    assert len(org.find("PermissionSetLicenseAssign", **held)) == 1
    org.delete(admin(org), "PermissionSetAssignment", first)
    assert org.find("PermissionSetLicenseAssign", **held)
    org.delete(admin(org), "PermissionSetAssignment", second)
    assert not org.find("PermissionSetLicenseAssign", **held)
    taken = len(org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=licence))
    assert (org.get("PermissionSetLicense", licence) or {})["UsedLicenses"] == taken
    org.set("PermissionSetLicense", licence, TotalLicenses=taken)
    assert refused_assignment(org, "without_set", "voice_agent").code == "LICENSE_LIMIT_EXCEEDED"
    assert not org.find("PermissionSetAssignment", AssigneeId=user(org, "without_set"), PermissionSetId=set_id(org, "voice_agent"))


def test_a_group_brings_the_licences_of_its_members(org: Org) -> None:
    body = {"AssigneeId": user(org, "without_set"), "PermissionSetGroupId": org.seed_info["group_id"]}
    row = org.create(admin(org), "PermissionSetAssignment", body)
    assert org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "without_set"))
    org.delete(admin(org), "PermissionSetAssignment", row)
    assert not org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "without_set"))


def test_is_active_follows_revocation(org: Org) -> None:
    row = org.find("PermissionSetAssignment", AssigneeId=user(org, "revoked"), PermissionSetId=set_id(org, "voice_agent"))[0]
    org.update(admin(org), "PermissionSetAssignment", row["Id"], {"IsRevoked": False})
    assert stored(org, row["Id"])["IsActive"] is True
    org.update(admin(org), "PermissionSetAssignment", row["Id"], {"IsRevoked": True})
    assert stored(org, row["Id"])["IsActive"] is False


def test_session_based_sets_are_not_active(org: Org) -> None:
    made = org.create(admin(org), "PermissionSet", {"Name": "S", "Label": "S", "HasActivationRequired": True})
    body = {"AssigneeId": user(org, "agent"), "PermissionSetId": made}
    assert stored(org, org.create(admin(org), "PermissionSetAssignment", body))["IsActive"] is False


def test_expiry_comes_with_time(org: Org, clock: Clock) -> None:
    row = assign(org, "without_set", "voice_agent", ExpirationDate="2026-06-02T00:00:00.000Z")
    assert stored(org, row)["IsActive"] is True
    clock.now += timedelta(days=2)
    assert "IsContactCenterAgentBYOT" not in org.permissions_of(user(org, "without_set"))
    rows_as_of_now(org)
    assert stored(org, row)["IsActive"] is False
    org.update(admin(org), "PermissionSetAssignment", row, {"ExpirationDate": None})
    assert stored(org, row)["IsActive"] is True


def test_expired_rows_may_be_soft_deleted(org: Org) -> None:
    org.switches["expired_assignments"] = "soft_deleted"
    wanted = {"AssigneeId": user(org, "expired"), "PermissionSetId": set_id(org, "voice_agent")}
    row = org.find("PermissionSetAssignment", **wanted)[0]["Id"]
    assert refused(org, "update", admin(org), "PermissionSetAssignment", row, {"ExpirationDate": None}).code == "ENTITY_IS_DELETED"
    org.switches["regrant_after_expiry"] = "duplicate"
    assert refused_assignment(org, "expired", "voice_agent").code == "DUPLICATE_VALUE"
    org.switches["regrant_after_expiry"] = "accepted"
    assign(org, "expired", "voice_agent")
    assert len(org.find("PermissionSetAssignment", **wanted)) == 1


def test_queries_see_assignments_as_of_now(org: Org, clock: Clock) -> None:
    assign(org, "without_set", "voice_agent", ExpirationDate="2026-06-02T00:00:00.000Z")
    soql = (
        f"SELECT Id, IsActive FROM PermissionSetAssignment WHERE AssigneeId = '{user(org, 'without_set')}' "
        "AND PermissionSet.IsOwnedByProfile = false"
    )
    assert [row["IsActive"] for row in org.query(admin(org), soql, "67.0")["records"]] == [True]
    clock.now += timedelta(days=2)
    assert [row["IsActive"] for row in org.query(admin(org), soql, "67.0")["records"]] == [False]
    org.switches["expired_assignments"] = "soft_deleted"
    assert org.query(admin(org), soql, "67.0")["totalSize"] == 0
    assert org.query(admin(org), soql, "67.0", include_deleted=True)["totalSize"] == 1


def test_an_expiration_date_lies_ahead(org: Org) -> None:
    past = "2020-01-01T00:00:00.000Z"
    assert refused_assignment(org, "without_set", "voice_agent", ExpirationDate=past).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["past_expiration_date"] = "accepted"
    assert stored(org, assign(org, "without_set", "voice_agent", ExpirationDate=past))["IsActive"] is False


def test_is_revoked_exists_only_with_user_access_policies() -> None:
    plain = seed.vonage()
    assignment = plain.schema.sobject("PermissionSetAssignment")
    assert assignment is not None
    assert assignment.field("IsRevoked") is None
    assert "revoked" not in plain.seed_info["users"]


# --- package licences ---


def test_package_licence_seats(org: Org) -> None:
    package = org.find("PackageLicense")[0]
    row = org.create(admin(org), "UserPackageLicense", {"UserId": user(org, "member"), "PackageLicenseId": package["Id"]})
    assert (org.get("PackageLicense", package["Id"]) or {})["UsedLicenses"] == package["UsedLicenses"] + 1
    assert (
        refused(org, "create", admin(org), "UserPackageLicense", {"UserId": user(org, "member"), "PackageLicenseId": package["Id"]}).code
        == "DUPLICATE_VALUE"
    )
    org.delete(admin(org), "UserPackageLicense", row)
    org.set("PackageLicense", package["Id"], AllowedLicenses=package["UsedLicenses"])
    body = {"UserId": user(org, "member"), "PackageLicenseId": package["Id"]}
    assert refused(org, "create", admin(org), "UserPackageLicense", body).code == "LICENSE_LIMIT_EXCEEDED"
    org.set("PackageLicense", package["Id"], AllowedLicenses=-1)
    org.switches["site_licence_rows"] = "refused"
    assert refused(org, "create", admin(org), "UserPackageLicense", body).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["site_licence_rows"] = "accepted"
    org.create(admin(org), "UserPackageLicense", body)


# --- users and centers ---


def new_user(org: Org, **values: Any) -> dict[str, Any]:
    return {
        "Username": "new@acme.example",
        "LastName": "New",
        "Email": "new@acme.example",
        "Alias": "new",
        "ProfileId": org.find("Profile", Name="Standard User")[0]["Id"],
        "TimeZoneSidKey": "Europe/London",
        "LocaleSidKey": "en_GB",
        "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "en_US",
        "DigestFrequency": "D",
        "DefaultGroupNotificationFrequency": "N",
        **values,
    }


def test_a_new_user_holds_the_set_of_the_profile(org: Org) -> None:
    made = org.create(admin(org), "User", new_user(org))
    assert len(org.find("PermissionSetAssignment", AssigneeId=made)) == 1
    assert "ApiEnabled" in org.permissions_of(made)
    other = org.find("Profile", Name="Minimum Access - Salesforce")[0]["Id"]
    org.update(admin(org), "User", made, {"ProfileId": other})
    rows = org.find("PermissionSetAssignment", AssigneeId=made)
    assert [(org.get("PermissionSet", row["PermissionSetId"]) or {})["ProfileId"] for row in rows] == [other]


def test_usernames(org: Org) -> None:
    assert refused(org, "create", admin(org), "User", new_user(org, Username="AGENT@acme.example")).code == "DUPLICATE_USERNAME"
    assert refused(org, "create", admin(org), "User", new_user(org, Username="nobody")).code == "FIELD_INTEGRITY_EXCEPTION"
    assert refused(org, "create", admin(org), "User", new_user(org, Email="nobody")).code == "INVALID_EMAIL_ADDRESS"
    assert refused(org, "delete", admin(org), "User", user(org, "agent")).status == 405


def test_user_licence_seats(org: Org) -> None:
    licence = org.find("UserLicense", Name="Salesforce")[0]
    org.set("UserLicense", licence["Id"], TotalLicenses=licence["UsedLicenses"])
    assert refused(org, "create", admin(org), "User", new_user(org, IsActive=True)).code == "LICENSE_LIMIT_EXCEEDED"
    assert refused(org, "update", admin(org), "User", user(org, "inactive"), {"IsActive": True}).code == "LICENSE_LIMIT_EXCEEDED"


def test_membership_is_written_moved_and_cleared(org: Org) -> None:
    centers, agent = org.seed_info["center_ids"], user(org, "other_center")
    org.update(admin(org), "User", agent, {"CallCenterId": centers["partner_telephony"]})
    assert (org.get("User", agent) or {})["CallCenterId"] == centers["partner_telephony"]
    org.update(admin(org), "User", agent, {"CallCenterId": None})
    assert (org.get("User", agent) or {})["CallCenterId"] is None
    assert refused(org, "update", admin(org), "User", agent, {"CallCenterId": "04v000000000000AAA"}).code == "INVALID_CROSS_REFERENCE_KEY"
    assert refused(org, "update", admin(org), "User", agent, {"CallCenterId": agent}).code == "MALFORMED_ID"


@pytest.mark.parametrize(
    ("role", "switch", "strict"),
    [
        ("without_set", "enforce_permset_on_patch", "on"),
        ("expired", "enforce_permset_on_patch", "on"),
        ("revoked", "enforce_permset_on_patch", "on"),
        ("platform", "enforce_permset_on_patch", "on"),
        ("without_service", "enforce_service_user_on_patch", "on"),
        ("other_center", "callcenter_move", "refused"),
    ],
)
def test_ineligible_users_are_taken_unless_enforced(org: Org, role: str, switch: str, strict: str) -> None:
    body = {"CallCenterId": org.seed_info["center_ids"]["partner_telephony"]}
    org.switches[switch] = strict
    assert refused(org, "update", admin(org), "User", user(org, role), body).code == "FIELD_INTEGRITY_EXCEPTION"
    org.switches["membership_refusal_code"] = "INSUFFICIENT_ACCESS_OR_READONLY"
    assert refused(org, "update", admin(org), "User", user(org, role), body).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    org.switches[switch] = {"on": "off", "refused": "moved"}[strict]
    org.update(admin(org), "User", user(org, role), body)


@pytest.mark.parametrize("role", ["agent", "contact_admin", "via_group", "via_clone", "member"])
def test_eligible_users_are_taken_when_enforced(org: Org, role: str) -> None:
    org.switches.update(enforce_permset_on_patch="on", enforce_service_user_on_patch="on", enforce_active_on_patch="on")
    org.update(admin(org), "User", user(org, role), {"CallCenterId": org.seed_info["center_ids"]["partner_telephony_amazon"]})


def test_each_point_about_a_member_to_be_is_enforced_by_itself(org: Org) -> None:
    body = {"CallCenterId": org.seed_info["center_ids"]["partner_telephony"]}
    org.switches["enforce_permset_on_patch"] = "on"
    org.update(admin(org), "User", user(org, "without_service"), body)
    org.switches.update(enforce_permset_on_patch="off", enforce_service_user_on_patch="on", callcenter_move="refused")
    org.update(admin(org), "User", user(org, "without_set"), body)
    org.update(admin(org), "User", user(org, "other_center"), {"CallCenterId": None})
    org.update(admin(org), "User", user(org, "other_center"), body)


def test_inactive_users_and_centers(org: Org) -> None:
    body = {"CallCenterId": org.seed_info["center_ids"]["partner_telephony"]}
    org.switches["enforce_active_on_patch"] = "on"
    assert refused(org, "update", admin(org), "User", user(org, "inactive"), body).code == "FIELD_INTEGRITY_EXCEPTION"
    org.update(admin(org), "User", user(org, "member"), {"IsActive": False})
    assert (org.get("User", user(org, "member")) or {})["CallCenterId"]
    org.switches["deactivation_clears_callcenter"] = "on"
    org.update(admin(org), "User", user(org, "other_center"), {"IsActive": False})
    assert (org.get("User", user(org, "other_center")) or {})["CallCenterId"] is None


def test_membership_may_assign_the_partner_set(org: Org) -> None:
    center = {"CallCenterId": org.seed_info["center_ids"]["partner_telephony"]}
    held = {"AssigneeId": user(org, "agent"), "PermissionSetId": set_id(org, "partner_telephony")}
    org.update(admin(org), "User", user(org, "agent"), center)
    assert not org.find("PermissionSetAssignment", **held)
    org.update(admin(org), "User", user(org, "agent"), {"CallCenterId": None})
    org.switches["patch_assigns_partner_set"] = "on"
    org.update(admin(org), "User", user(org, "agent"), center)
    assert org.find("PermissionSetAssignment", **held)


@pytest.mark.parametrize("name", ["Acme_Voice", "1Acme", "A" * 41, "Acme Voice"])
def test_internal_names_of_centers(org: Org, name: str) -> None:
    assert refused(org, "create", admin(org), "CallCenter", {"Name": "x", "InternalName": name}).code == "FIELD_INTEGRITY_EXCEPTION"


def test_internal_names_are_unique_and_centers_stay(org: Org) -> None:
    assert refused(org, "create", admin(org), "CallCenter", {"Name": "x", "InternalName": "acmevoice"}).code == "DUPLICATE_VALUE"
    made = org.create(admin(org), "CallCenter", {"Name": "x", "InternalName": "Another"})
    assert refused(org, "update", admin(org), "CallCenter", made, {"Name": "y"}).status == 405
    assert refused(org, "delete", admin(org), "CallCenter", made).status == 405


@pytest.mark.parametrize(("setting", "shows"), [("reveals", True), ("null", False), ("other", False)])
def test_what_custom_settings_shows(setting: str, shows: bool) -> None:
    org = seed.vonage(switches={"customsettings": setting})
    center = org.get("CallCenter", org.seed_info["center_ids"]["partner_telephony"]) or {}
    assert ("SCVBYOT" in (center["CustomSettings"] or "")) is shows
    assert (center["CustomSettings"] is None) is (setting == "null")


def test_routing_maps(org: Org) -> None:
    center = org.seed_info["center_ids"]["partner_telephony"]
    body = {
        "CallCenterId": center,
        "ReferenceRecordId": user(org, "agent"),
        "DeveloperName": "User_x",
        "MasterLabel": "x",
        "ExternalId": "x",
    }
    assert refused(org, "create", admin(org), "CallCenterRoutingMap", body).code == "FIELD_INTEGRITY_EXCEPTION"
    assert not org.readable(user(org, "agent"), "CallCenterRoutingMap")
    body["ReferenceRecordId"] = user(org, "member")
    assert refused(org, "create", admin(org), "CallCenterRoutingMap", body).code == "DUPLICATE_DEVELOPER_NAME"
