# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What writing a user takes along: membership by CallCenterId under every setting, the vendor, licences, the customer's own rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.registry import break_rule
from emulator.rules.validation_rules import FieldUpdate, ValidationRule
from emulator.rules.vendor_syncing import sync

VERSION = "67.0"


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
    return seed.vonage(clock=clock)


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def user(org: Org, role: str) -> str:
    return str(org.seed_info["user_ids"][role])


def center(org: Org, kind: str = "partner_telephony") -> str:
    return str(org.seed_info["center_ids"][kind])


def stored(org: Org, role: str) -> dict[str, Any]:
    return org.get("User", user(org, role)) or {}


def patch_as(org: Org, who: str, role: str, **values: Any) -> None:
    org.update(who, "User", user(org, role), values)


def patch(org: Org, role: str, **values: Any) -> None:
    org.update(admin(org), "User", user(org, role), values)


def refused(org: Org, role: str, **values: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        patch(org, role, **values)
    return caught.value


def read_center(org: Org, role: str) -> str | None:
    """As the API shows it."""
    (row,) = org.query(admin(org), f"SELECT CallCenterId FROM User WHERE Id = '{user(org, role)}'", VERSION)["records"]
    return None if row["CallCenterId"] is None else str(row["CallCenterId"])


def syncing_vendor(org: Org, **capabilities: bool) -> None:
    vendor = org.find("ConversationVendorInfo", DeveloperName="AcmeVendor")[0]
    org.set("ConversationVendorInfo", vendor["Id"], CapabilitiesSupportsUserSyncing=True, **capabilities)


def maps(org: Org, role: str) -> list[dict[str, Any]]:
    return org.find("CallCenterRoutingMap", ReferenceRecordId=user(org, role), CallCenterId=center(org))


# --- what a write of CallCenterId comes to ---


def test_a_plain_patch_changes_the_membership_and_nothing_else(org: Org) -> None:
    syncing_vendor(org)
    assignments = org.find("PermissionSetAssignment")
    patch(org, "agent", CallCenterId=center(org))
    assert read_center(org, "agent") == center(org)
    assert org.vendor_calls == []
    assert maps(org, "agent") == []
    assert org.find("PermissionSetAssignment") == assignments


def test_a_patch_may_be_accepted_and_do_nothing(org: Org) -> None:
    org.switches["callcenter_patch"] = "ignored"
    patch(org, "agent", CallCenterId=center(org), Department="Voice")
    assert read_center(org, "agent") is None
    assert stored(org, "agent")["Department"] == "Voice"
    patch(org, "member", CallCenterId=None)
    assert read_center(org, "member") == center(org)


def test_a_patch_may_take_effect_at_a_later_read(org: Org) -> None:
    org.switches["callcenter_patch"] = "late"
    patch(org, "agent", CallCenterId=center(org))
    assert read_center(org, "agent") is None
    assert read_center(org, "agent") == center(org)
    assert stored(org, "agent")["CallCenterId"] == center(org)


def test_a_patch_may_take_effect_with_time(org: Org, clock: Clock) -> None:
    org.switches["callcenter_patch"] = "late"
    patch(org, "agent", CallCenterId=center(org))
    clock.now += timedelta(minutes=2)
    assert read_center(org, "agent") == center(org)


def test_a_later_patch_overrules_one_that_waits(org: Org) -> None:
    org.switches["callcenter_patch"] = "late"
    patch(org, "agent", CallCenterId=center(org))
    patch(org, "agent", CallCenterId=None)
    assert [read_center(org, "agent") for _unused in range(3)] == [None, None, None]


def test_a_patch_that_is_taken_back_never_takes_effect(org: Org) -> None:
    org.switches["callcenter_patch"] = "late"

    def taken_back() -> None:
        with org.transaction():
            patch(org, "agent", CallCenterId=center(org))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        taken_back()
    assert [read_center(org, "agent") for _unused in range(3)] == [None, None, None]


def test_a_patch_may_tell_the_vendor(org: Org) -> None:
    org.switches["callcenter_patch"] = "vendor_sync"
    patch(org, "agent", CallCenterId=center(org))
    assert org.vendor_calls == []
    syncing_vendor(org)
    patch(org, "contact_admin", CallCenterId=center(org))
    (call,) = org.vendor_calls
    assert (call.direction, call.center_id, call.users, call.success) == ("add", center(org), (user(org, "contact_admin"),), True)
    (row,) = maps(org, "contact_admin")
    assert row["ExternalId"] == org.seed_info["users"]["contact_admin"]
    patch(org, "contact_admin", CallCenterId=None)
    assert [one.direction for one in org.vendor_calls] == ["add", "remove"]


@pytest.mark.parametrize("code", ["FIELD_INTEGRITY_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"])
def test_a_vendor_that_refuses_stops_the_patch_and_stays_told(org: Org, code: str) -> None:
    org.switches.update(callcenter_patch="vendor_sync", vendor_refusal_code=code)
    syncing_vendor(org)
    org.vendor_refuses.add(org.seed_info["users"]["agent"])
    assert refused(org, "agent", CallCenterId=center(org)).code == code
    assert stored(org, "agent")["CallCenterId"] is None
    assert [call.success for call in org.vendor_calls] == [False]
    assert maps(org, "agent") == []


def test_moving_tells_both_centers_vendors(org: Org) -> None:
    org.switches["callcenter_patch"] = "vendor_sync"
    for vendor in org.find("ConversationVendorInfo"):
        org.set("ConversationVendorInfo", vendor["Id"], CapabilitiesSupportsUserSyncing=True)
    patch(org, "other_center", CallCenterId=center(org))
    assert [(call.vendor, call.direction) for call in org.vendor_calls] == [("AMAZON_CONNECT", "remove"), ("AcmeVendor", "add")]


def test_a_batch_goes_as_a_whole(org: Org) -> None:
    syncing_vendor(org)
    batch = [user(org, "agent"), user(org, "contact_admin")]
    org.vendor_refuses.add(org.seed_info["users"]["agent"])
    call = sync(org, center(org), batch, added=True)
    assert call is not None
    assert (call.success, call.partner_ids) == (False, ())
    assert org.seed_info["users"]["agent"] in str(call.error)
    assert maps(org, "contact_admin") == []
    with break_rule("a_batch_is_synced_as_a_whole"):
        half = sync(org, center(org), batch, added=True)
    assert half is not None
    assert [user_id for user_id, _name in half.partner_ids] == [user(org, "contact_admin")]


def test_which_capabilities_make_a_vendor_sync(org: Org) -> None:
    syncing_vendor(org, CapabilitiesSupportsNamedCredential=False)
    assert sync(org, center(org), [user(org, "agent")], added=True) is not None
    org.switches["vendor_sync_capabilities"] = "with_named_credential"
    assert sync(org, center(org), [user(org, "agent")], added=True) is None
    syncing_vendor(org, CapabilitiesSupportsNamedCredential=True)
    assert sync(org, center(org), [user(org, "agent")], added=True) is not None
    assert sync(org, center(org, "open_cti"), [user(org, "agent")], added=True) is None


def test_a_vendor_that_maps_nobody(org: Org) -> None:
    syncing_vendor(org)
    org.switches["vendor_sync_routing_maps"] = "none"
    sync(org, center(org), [user(org, "agent")], added=True)
    assert maps(org, "agent") == []


def test_routing_maps_of_a_leaver(org: Org) -> None:
    assert maps(org, "member")
    patch(org, "member", CallCenterId=None)
    assert maps(org, "member")
    patch(org, "member", CallCenterId=center(org))
    org.switches["routing_maps_of_leavers"] = "deleted"
    patch(org, "member", CallCenterId=None)
    assert maps(org, "member") == []


def test_the_right_to_write_the_membership(org: Org) -> None:
    helper = user(org, "agent")
    set_id = org.create(admin(org), "PermissionSet", {"Name": "Acme_Users", "Label": "x", "PermissionsManageInternalUsers": True})
    org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": helper, "PermissionSetId": set_id})
    org.update(helper, "User", user(org, "member"), {"CallCenterId": None})
    org.switches["callcenter_patch_right"] = "manage_call_centers"
    with pytest.raises(ApiError) as caught:
        org.update(helper, "User", user(org, "member"), {"CallCenterId": center(org)})
    assert caught.value.code == "INSUFFICIENT_ACCESS_OR_READONLY"
    org.update(helper, "User", user(org, "member"), {"Department": "Voice"})


def test_the_partner_set_takes_a_seat_or_is_refused(org: Org) -> None:
    org.switches["patch_assigns_partner_set"] = "on"
    licence = org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]
    org.set("PermissionSetLicense", licence["Id"], TotalLicenses=licence["UsedLicenses"])
    assert refused(org, "without_set", CallCenterId=center(org)).code == "LICENSE_LIMIT_EXCEEDED"
    assert stored(org, "without_set")["CallCenterId"] is None
    org.set("PermissionSetLicense", licence["Id"], TotalLicenses=licence["UsedLicenses"] + 1)
    patch(org, "without_set", CallCenterId=center(org))
    assert org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "without_set"), PermissionSetLicenseId=licence["Id"])


# --- licences that hang on a user ---


def used(org: Org, name: str = "Salesforce") -> int:
    return int(org.find("UserLicense", Name=name)[0]["UsedLicenses"])


def test_a_deactivated_user_frees_the_user_licence_and_keeps_the_rest(org: Org) -> None:
    before, package = used(org), org.find("UserPackageLicense", UserId=user(org, "agent"))
    assignments = org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"))
    seats = org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "agent"))
    patch(org, "agent", IsActive=False)
    assert used(org) == before - 1
    assert package
    assert org.find("UserPackageLicense", UserId=user(org, "agent")) == package
    assert org.find("PermissionSetAssignment", AssigneeId=user(org, "agent")) == assignments
    assert org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "agent")) == seats
    patch(org, "agent", IsActive=True)
    assert used(org) == before


def test_a_deactivated_user_may_lose_permission_set_licences(org: Org) -> None:
    org.switches["set_licences_of_deactivated_users"] = "removed"
    taken = int(org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]["UsedLicenses"])
    patch(org, "agent", IsActive=False)
    assert org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "agent")) == []
    assert org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]["UsedLicenses"] == taken - 1


def platform(org: Org) -> str:
    return str(org.find("Profile", Name="Standard Platform User")[0]["Id"])


def test_a_profile_of_another_licence_does_not_fit_every_set(org: Org) -> None:
    error = refused(org, "agent", ProfileId=platform(org))
    assert error.code == "FIELD_INTEGRITY_EXCEPTION"
    assert stored(org, "agent")["ProfileId"] != platform(org)
    before = used(org)
    patch(org, "without_set", ProfileId=platform(org))
    assert (used(org), used(org, "Salesforce Platform")) == (before - 1, 2)


@pytest.mark.parametrize(("setting", "left"), [("removed", 0), ("kept", 1)])
def test_what_happens_to_sets_that_do_not_fit(org: Org, setting: str, left: int) -> None:
    org.switches["assignments_after_profile_change"] = setting
    patch(org, "agent", ProfileId=platform(org))
    assert (
        len(org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"), PermissionSetId=org.seed_info["set_ids"]["voice_agent"]))
        == left
    )
    assert len(org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "agent"))) == left


@pytest.mark.parametrize("code", ["LICENSE_LIMIT_EXCEEDED", "FIELD_INTEGRITY_EXCEPTION"])
def test_feature_licences_have_seats(org: Org, code: str) -> None:
    org.switches["feature_licence_code"] = code
    taken = len(org.find("User", UserPermissionsSupportUser=True, IsActive=True))
    org.feature_licenses["UserPermissionsSupportUser"] = taken
    error = refused(org, "without_service", UserPermissionsSupportUser=True)
    assert (error.code, error.fields) == (code, ("UserPermissionsSupportUser",))
    patch(org, "agent", UserPermissionsSupportUser=False)
    patch(org, "without_service", UserPermissionsSupportUser=True)
    assert refused(org, "agent", UserPermissionsSupportUser=True).code == code
    assert refused(org, "inactive", IsActive=True).code == code


def test_used_licences_may_lag(org: Org) -> None:
    org.switches["used_licenses_column"] = "lagging"
    before = used(org)
    patch(org, "agent", IsActive=False)
    assert used(org) == before


# --- the customer's own rules ---


def test_a_validation_rule_refuses_single_users(org: Org) -> None:
    name = org.seed_info["users"]["agent"]
    org.validation_rules.append(ValidationRule("No_Move", "User", {"Username": name.upper()}, "Ask the help desk first.", "CallCenterId"))
    error = refused(org, "agent", CallCenterId=center(org))
    assert (error.status, error.code, error.message, error.fields) == (
        400,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Ask the help desk first.",
        ("CallCenterId",),
    )
    assert stored(org, "agent")["CallCenterId"] is None
    patch(org, "contact_admin", CallCenterId=center(org))


def test_a_validation_rule_sees_the_whole_record(org: Org) -> None:
    org.validation_rules.append(ValidationRule("Department", "User", {"Department": None, "IsActive": True}, "Department is missing."))
    assert refused(org, "agent", CallCenterId=center(org)).fields == ()
    patch(org, "agent", CallCenterId=center(org), Department="Voice")
    patch(org, "inactive", Title="Former agent")
    assert refused(org, "agent", Department="").code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_the_org_speaks_before_the_customer(org: Org) -> None:
    org.validation_rules.append(ValidationRule("Never", "User", {}, "Never."))
    taken = org.seed_info["users"]["member"]
    assert refused(org, "agent", Username=taken).code == "DUPLICATE_USERNAME"
    org.update(admin(org), "PermissionSet", org.seed_info["set_ids"]["voice_clone"], {"Label": "Other"})


def test_a_field_update_changes_what_was_written(org: Org) -> None:
    org.field_updates.append(FieldUpdate("Leavers", "User", {"Department": "Gone"}, {"CallCenterId": None}))
    patch(org, "agent", CallCenterId=center(org))
    assert stored(org, "agent")["CallCenterId"] == center(org)
    patch(org, "agent", Department="gone")
    assert (stored(org, "agent")["CallCenterId"], stored(org, "agent")["Department"]) == (None, "gone")


# --- what a user record itself must be --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"), [("TimeZoneSidKey", "Mars/Base"), ("TimeZoneSidKey", "europe/paris"), ("LocaleSidKey", "English")]
)
def test_time_zone_and_locale_take_what_the_org_knows(org: Org, field: str, value: str) -> None:
    with pytest.raises(ApiError) as refused:
        patch(org, "agent", **{field: value})
    assert (refused.value.code, refused.value.fields) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", (field,))
    patch(org, "agent", TimeZoneSidKey="Europe/Paris", LocaleSidKey="fr_FR")


def test_the_last_administrator_stays(org: Org) -> None:
    standard = org.find("Profile", Name="Standard User")[0]["Id"]
    for change in ({"IsActive": False}, {"ProfileId": standard}):
        with pytest.raises(ApiError) as refused:
            patch(org, "automation", **change)
        assert refused.value.code == "CANNOT_DISABLE_LAST_ADMIN"
    patch(org, "agent", ProfileId=org.find("Profile", Name="System Administrator")[0]["Id"])
    patch(org, "automation", IsActive=False)
    with pytest.raises(ApiError):
        patch_as(org, user(org, "agent"), "agent", IsActive=False)


def test_a_set_can_keep_somebody_an_administrator(org: Org) -> None:
    needed = {f"Permissions{name}": True for name in closure(org, {"ManageUsers"})}
    set_id = org.create(admin(org), "PermissionSet", {"Name": "Acme_Users", "Label": "x", **needed})
    org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": admin(org), "PermissionSetId": set_id})
    patch(org, "automation", ProfileId=org.find("Profile", Name="Standard User")[0]["Id"])


def test_sets_of_a_deactivated_user_stay_or_go(org: Org) -> None:
    patch(org, "agent", IsActive=False)
    assert len(org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"))) > 1
    org.switches["assignments_of_deactivated_users"] = "removed"
    patch(org, "member", IsActive=False)
    held = [org.get("PermissionSet", row["PermissionSetId"]) for row in org.find("PermissionSetAssignment", AssigneeId=user(org, "member"))]
    assert [one["IsOwnedByProfile"] for one in held if one] == [True]
    assert org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "member")) == []


# --- Ids that are none ------------------------------------------------------------------------------------------------------


def test_a_malformed_id_is_told_with_the_label_of_the_object_s_own_id(org: Org) -> None:
    with pytest.raises(ApiError) as refused:
        org.update(admin(org), "Account", "001900K0001pPuOAAU", {"Name": "x"})
    assert refused.value.message == "Account ID: id value of incorrect type: 001900K0001pPuOAAU"


def test_which_code_a_lookup_answers_to_another_key_prefix_is_open(org: Org) -> None:
    for code in ("MALFORMED_ID", "FIELD_INTEGRITY_EXCEPTION"):
        org.switches["wrong_prefix_code"] = code
        with pytest.raises(ApiError) as refused:
            patch(org, "agent", CallCenterId=admin(org))
        assert (refused.value.code, refused.value.fields) == (code, ("CallCenterId",))
    with pytest.raises(ApiError) as refused:
        patch(org, "agent", CallCenterId="nothing")
    assert refused.value.code == "MALFORMED_ID"
