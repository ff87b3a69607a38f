# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at each of the emulator's switches: something that comes out differently under every two of its settings.

A probe gets an org that was seeded with the switch set, does something, and returns what it saw (texts, numbers, tuples of them; no moments).
Probes of what only HTTP shows are in switch_probes_http.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator import metadata, seed
from emulator.errors import ApiError
from emulator.model import Schema
from emulator.org import Org
from emulator.rules.dependencies import published
from emulator.rules.locks import locked
from emulator.rules.object_permissions import general_edges

Probe = Callable[[Org], object]
PROBES: dict[str, Probe] = {}
VERSION = "67.0"
EVENT = "NVMContactWorld__InteractionEvent__c"
NOTE = "NVMContactWorld__InteractionEventNote__c"
CODE = "Acme_Campaign_Code__c"
VOICE_LICENCE = "ServiceCloudVoiceExternalTelephonyPsl"
FEATURES = seed.DEFAULT_FEATURES | {"user_access_policies", "dev_hub"}


class Clock:
    """A clock that probes move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def probe(name: str) -> Callable[[Probe], Probe]:
    def register(function: Probe) -> Probe:
        if name in PROBES:
            raise ValueError(f"two probes of the switch {name!r}")
        PROBES[name] = function
        return function

    return register


def org_with(name: str, setting: str) -> Org:
    return seed.vonage("acme-probe", features=FEATURES, switches={name: setting}, clock=Clock())


# --- shorthand ---


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def user(org: Org, role: str) -> str:
    return str(org.seed_info["user_ids"][role])


def center(org: Org) -> str:
    return str(org.seed_info["center_ids"]["partner_telephony"])


def outcome(call: Callable[[], object]) -> str:
    """The code of a refusal with its status, or ok."""
    try:
        call()
    except ApiError as error:
        return f"{error.status} {error.code}"
    return "ok"


def words(call: Callable[[], object]) -> str:
    """The words of a refusal, or nothing."""
    try:
        call()
    except ApiError as error:
        return error.message
    return ""


def new_set(org: Org, name: str = "Acme_Probe", **values: Any) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": name, "Label": name, **values})


def assign(org: Org, assignee: str, set_id: str, **values: Any) -> str:
    return org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": assignee, "PermissionSetId": set_id, **values})


def rights(org: Org, set_id: str, sobject: str, *verbs: str) -> str:
    flags = {f"Permissions{verb}": True for verb in verbs}
    return org.create(admin(org), "ObjectPermissions", {"ParentId": set_id, "SobjectType": sobject, **flags})


def patch(org: Org, role: str, **values: Any) -> str:
    return outcome(lambda: org.update(admin(org), "User", user(org, role), values))


def member_of(org: Org, role: str) -> object:
    return (org.get("User", user(org, role)) or {}).get("CallCenterId") == center(org)


def move_clock(org: Org, **by: int) -> None:
    clock = org.clock
    assert isinstance(clock, Clock)
    clock.now += timedelta(**by)


def seats(org: Org, role: str) -> int:
    return len(org.find("PermissionSetLicenseAssign", AssigneeId=user(org, role)))


def let_vendor_sync(org: Org, **capabilities: bool) -> None:
    for vendor in org.find("ConversationVendorInfo", DeveloperName="AcmeVendor"):
        org.set("ConversationVendorInfo", vendor["Id"], CapabilitiesSupportsUserSyncing=True, **capabilities)


# --- rights ---


@probe("write_to_hidden_field")
def _write_to_hidden_field(org: Org) -> object:
    stranger = user(org, "without_set")
    set_id = new_set(org)
    assign(org, stranger, set_id)
    rights(org, set_id, EVENT, "Read", "Create")
    return outcome(lambda: org.create(stranger, EVENT, {"Name": "E-1", "NVMContactWorld__IndexedCallObjectIdentifier__c": "1", CODE: "x"}))


@probe("setup_reads")
def _setup_reads(org: Org) -> object:
    return org.readable(user(org, "limited"), "PermissionSet")


@probe("write_refusal")
def _write_refusal(org: Org) -> object:
    return outcome(lambda: org.create(user(org, "agent"), "PermissionSet", {"Name": "A", "Label": "A"}))


# --- permission sets ---


@probe("bad_name_code")
def _bad_name_code(org: Org) -> object:
    return outcome(lambda: new_set(org, "_bad"))


@probe("duplicate_set_name_code")
def _duplicate_set_name_code(org: Org) -> object:
    new_set(org)
    return outcome(lambda: new_set(org))


@probe("managed_set_user_permissions")
def _managed_set_user_permissions(org: Org) -> object:
    return (org.get("PermissionSet", org.seed_info["set_ids"]["vonage_api_user"]) or {})["PermissionsApiEnabled"]


@probe("closed_set_code")
def _closed_set_code(org: Org) -> object:
    return outcome(lambda: org.update(admin(org), "PermissionSet", org.seed_info["set_ids"]["voice_agent"], {"Label": "x"}))


@probe("delete_in_use_code")
def _delete_in_use_code(org: Org) -> object:
    set_id = new_set(org)
    assign(org, user(org, "without_set"), set_id)
    return outcome(lambda: org.delete(admin(org), "PermissionSet", set_id))


@probe("view_all_data_rows")
def _view_all_data_rows(org: Org) -> object:
    needed = ("ViewSetup", "ViewRoles", "ViewEventLogFiles", "ViewAllData", "ViewPublicDashboards", "ViewPublicReports", "ViewAllForecasts")
    columns = org.schema.sobjects["PermissionSet"].fields
    flags: dict[str, Any] = {
        f"Permissions{name}": True for name in (*needed, "ViewPlatformEvents", "ViewDataLeakageEvents") if f"Permissions{name}" in columns
    }
    done = outcome(lambda: new_set(org, **flags))
    found = org.find("PermissionSet", Name="Acme_Probe")
    return done, len(org.find("ObjectPermissions", ParentId=found[0]["Id"])) if found else None


@probe("inferred_dependencies")
def _inferred_dependencies(org: Org) -> object:
    return outcome(lambda: new_set(org, PermissionsViewSetup=True))


@probe("dependency_names")
def _dependency_names(org: Org) -> object:
    return words(lambda: new_set(org, PermissionsViewSetup=True))


@probe("hidden_dependency_rows")
def _hidden_dependency_rows(org: Org) -> object:
    return any(row.permission == "ModifyAllData" for row in published(org, general_edges(org)))


@probe("extra_dependency_rows")
def _extra_dependency_rows(org: Org) -> object:
    return any((row.permission, row.required) == ("AuthorApex", "ModifyAllData") for row in published(org))


# --- rows of permission sets ---


@probe("detail_needs_master")
def _detail_needs_master(org: Org) -> object:
    set_id = new_set(org)
    rights(org, set_id, EVENT, "Read")
    return outcome(lambda: rights(org, set_id, NOTE, "Read", "Edit"))


@probe("object_needs_of_user_permissions")
def _object_needs(org: Org) -> object:
    done = outcome(lambda: new_set(org, PermissionsConvertLeads=True, PermissionsEditTask=True))
    found = org.find("PermissionSet", Name="Acme_Probe")
    return done, [row["SobjectType"] for one in found for row in org.find("ObjectPermissions", ParentId=one["Id"])]


@probe("duplicate_row_message")
def _duplicate_row_message(org: Org) -> object:
    set_id = new_set(org)
    rights(org, set_id, "Account", "Read")
    return words(lambda: rights(org, set_id, "Account", "Read"))


@probe("all_false_rows")
def _all_false_rows(org: Org) -> object:
    set_id = new_set(org)
    row = rights(org, set_id, "Account", "Read")
    done = outcome(lambda: org.update(admin(org), "ObjectPermissions", row, {"PermissionsRead": False}))
    return done, org.get("ObjectPermissions", row) is None


@probe("new_object_row_without_right")
def _new_object_row_without_right(org: Org) -> object:
    set_id = new_set(org)
    return outcome(lambda: rights(org, set_id, "Account")), len(org.find("ObjectPermissions", ParentId=set_id))


def _field_row(org: Org, set_id: str, sobject: str, field: str, **values: bool) -> str:
    return outcome(
        lambda: org.create(admin(org), "FieldPermissions", {"ParentId": set_id, "SobjectType": sobject, "Field": field, **values})
    )


@probe("field_of_other_object_code")
def _field_of_other_object_code(org: Org) -> object:
    return _field_row(org, new_set(org), "Contact", "Account.Phone", PermissionsRead=True)


@probe("new_field_row_without_read")
def _new_field_row_without_read(org: Org) -> object:
    return _field_row(org, new_set(org), "Account", "Account.Phone", PermissionsRead=False)


@probe("activity_mirroring")
def _activity_mirroring(org: Org) -> object:
    set_id = new_set(org)
    _field_row(org, set_id, "Task", "Task.NVMContactWorld__ACD__c", PermissionsRead=True)
    return sorted(row["Field"] for row in org.find("FieldPermissions", ParentId=set_id))


@probe("unknown_tab_code")
def _unknown_tab_code(org: Org) -> object:
    body = {"ParentId": new_set(org), "Name": "Nowhere", "Visibility": "DefaultOn"}
    return outcome(lambda: org.create(admin(org), "PermissionSetTabSetting", body))


@probe("packaged_flow_names")
def _packaged_flow_names(org: Org) -> object:
    return sorted(row["ApiName"] for row in org.find("FlowDefinitionView", NamespacePrefix="NVMContactWorld"))


@probe("flow_durable_ids")
def _flow_durable_ids(org: Org) -> object:
    return {len(row["DurableId"]) for row in org.find("FlowDefinitionView")}


@probe("hidden_field_rows")
def _hidden_field_rows(org: Org) -> object:
    set_id = new_set(org)
    _field_row(org, set_id, "Case", "Case.NVMContactWorld__RoutePlanIdentifier__c", PermissionsRead=True)
    soql = f"SELECT SobjectType, Field FROM FieldPermissions WHERE ParentId = '{set_id}'"
    found = org.query(user(org, "without_set"), soql, VERSION)
    return found["totalSize"], len(found["records"])


# --- groups ---


def _group(org: Org, name: str = "Acme_Probe_Group") -> str:
    return org.create(admin(org), "PermissionSetGroup", {"DeveloperName": name, "MasterLabel": name})


def _muting(org: Org, name: str, **values: bool) -> str:
    return org.create(admin(org), "MutingPermissionSet", {"DeveloperName": name, "MasterLabel": name, **values})


def _add_member(org: Org, group: str, member: str) -> str:
    return outcome(
        lambda: org.create(admin(org), "PermissionSetGroupComponent", {"PermissionSetGroupId": group, "PermissionSetId": member})
    )


@probe("second_muting_set_code")
def _second_muting_set_code(org: Org) -> object:
    group = _group(org)
    return [_add_member(org, group, _muting(org, name)) for name in ("Acme_Mute", "Acme_Mute_2")]


@probe("name_of_a_group_s_set")
def _name_of_a_group_s_set(org: Org) -> object:
    return [row["Name"] for row in org.find("PermissionSet", PermissionSetGroupId=_group(org))]


@probe("group_recalculation")
def _group_recalculation(org: Org) -> object:
    group = _group(org)
    _add_member(org, group, new_set(org, PermissionsApiEnabled=True))
    seen = []
    for _unused in range(3):
        seen.append(org.query(admin(org), f"SELECT Status FROM PermissionSetGroup WHERE Id = '{group}'", VERSION)["records"][0]["Status"])
        move_clock(org, seconds=15)
    return seen


# --- licences ---


@probe("licence_limits")
def _licence_limits(org: Org) -> object:
    return outcome(lambda: assign(org, user(org, "limited"), new_set(org, PermissionsEditTask=True)))


@probe("assigned_set_beyond_licence")
def _assigned_set_beyond_licence(org: Org) -> object:
    set_id = new_set(org)
    assign(org, user(org, "limited"), set_id)
    return outcome(lambda: rights(org, set_id, "Account", "Read"))


@probe("permission_set_licence_limits")
def _permission_set_licence_limits(org: Org) -> object:
    licence = org.find("PermissionSetLicense", DeveloperName=VOICE_LICENCE)[0]["Id"]
    return outcome(lambda: new_set(org, LicenseId=licence, PermissionsApiEnabled=True))


@probe("set_licence_comes_along")
def _set_licence_comes_along(org: Org) -> object:
    return outcome(lambda: assign(org, user(org, "without_set"), org.seed_info["set_ids"]["voice_agent"])), seats(org, "without_set")


@probe("set_licence_goes_back")
def _set_licence_goes_back(org: Org) -> object:
    row = assign(org, user(org, "without_set"), org.seed_info["set_ids"]["voice_agent"])
    org.delete(admin(org), "PermissionSetAssignment", row)
    return seats(org, "without_set")


@probe("set_licence_still_needed")
def _set_licence_still_needed(org: Org) -> object:
    held = org.find("PermissionSetLicenseAssign", AssigneeId=user(org, "agent"))[0]["Id"]
    return outcome(lambda: org.delete(admin(org), "PermissionSetLicenseAssign", held))


@probe("used_licenses_column")
def _used_licenses_column(org: Org) -> object:
    assign(org, user(org, "without_set"), org.seed_info["set_ids"]["voice_agent"])
    licence = org.find("PermissionSetLicense", DeveloperName=VOICE_LICENCE)[0]
    return licence["UsedLicenses"] - len(org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=licence["Id"]))


def _package_licence(org: Org, role: str) -> str:
    licence = org.find("PackageLicense")[0]["Id"]
    return outcome(lambda: org.create(admin(org), "UserPackageLicense", {"UserId": user(org, role), "PackageLicenseId": licence}))


@probe("site_licence_rows")
def _site_licence_rows(org: Org) -> object:
    org.set("PackageLicense", org.find("PackageLicense")[0]["Id"], AllowedLicenses=-1)
    return _package_licence(org, "without_set")


@probe("duplicate_package_licence_code")
def _duplicate_package_licence_code(org: Org) -> object:
    return _package_licence(org, "agent")


# --- assignments ---


@probe("assign_to_inactive")
def _assign_to_inactive(org: Org) -> object:
    return outcome(lambda: assign(org, user(org, "inactive"), new_set(org)))


@probe("expired_assignments")
def _expired_assignments(org: Org) -> object:
    soql = f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user(org, 'expired')}' AND ExpirationDate != null"
    return org.query(admin(org), soql, VERSION)["totalSize"]


@probe("regrant_after_expiry")
def _regrant_after_expiry(org: Org) -> object:
    org.switches["expired_assignments"] = "soft_deleted"
    return outcome(lambda: assign(org, user(org, "expired"), org.seed_info["set_ids"]["voice_agent"]))


@probe("past_expiration_date")
def _past_expiration_date(org: Org) -> object:
    return outcome(lambda: assign(org, user(org, "without_set"), new_set(org), ExpirationDate="2020-01-01T00:00:00.000Z"))


@probe("missing_reference_code")
def _missing_reference_code(org: Org) -> object:
    body = {"ParentId": new_set(org), "SetupEntityId": "01p000000000001AAA"}
    return outcome(lambda: org.create(admin(org), "SetupEntityAccess", body))


# --- users and contact centers ---


@probe("bad_username_code")
def _bad_username_code(org: Org) -> object:
    return patch(org, "agent", Username="nobody")


@probe("callcenter_patch")
def _callcenter_patch(org: Org) -> object:
    let_vendor_sync(org)
    done = patch(org, "agent", CallCenterId=center(org))
    at_once = member_of(org, "agent")
    for _unused in range(3):
        org.query(admin(org), "SELECT Id FROM User LIMIT 1", VERSION)
    return done, at_once, member_of(org, "agent"), len(org.vendor_calls)


@probe("vendor_refusal_code")
def _vendor_refusal_code(org: Org) -> object:
    org.switches["callcenter_patch"] = "vendor_sync"
    org.vendor_refuses.add("*")
    let_vendor_sync(org)
    return patch(org, "agent", CallCenterId=center(org))


@probe("vendor_sync_capabilities")
def _vendor_sync_capabilities(org: Org) -> object:
    org.switches["callcenter_patch"] = "vendor_sync"
    let_vendor_sync(org, CapabilitiesSupportsNamedCredential=False)
    patch(org, "agent", CallCenterId=center(org))
    return len(org.vendor_calls)


@probe("vendor_sync_routing_maps")
def _vendor_sync_routing_maps(org: Org) -> object:
    org.switches["callcenter_patch"] = "vendor_sync"
    let_vendor_sync(org)
    patch(org, "agent", CallCenterId=center(org))
    return len(org.find("CallCenterRoutingMap", ReferenceRecordId=user(org, "agent")))


@probe("routing_maps_of_leavers")
def _routing_maps_of_leavers(org: Org) -> object:
    patch(org, "member", CallCenterId=None)
    return len(org.find("CallCenterRoutingMap", ReferenceRecordId=user(org, "member")))


@probe("callcenter_patch_right")
def _callcenter_patch_right(org: Org) -> object:
    assign(org, user(org, "agent"), new_set(org, PermissionsManageInternalUsers=True))
    return outcome(lambda: org.update(user(org, "agent"), "User", user(org, "member"), {"CallCenterId": None}))


@probe("set_licences_of_deactivated_users")
def _set_licences_of_deactivated_users(org: Org) -> object:
    return patch(org, "agent", IsActive=False), seats(org, "agent")


@probe("assignments_after_profile_change")
def _assignments_after_profile_change(org: Org) -> object:
    profile = org.find("Profile", Name="Standard Platform User")[0]["Id"]
    held = org.seed_info["set_ids"]["voice_agent"]
    done = patch(org, "agent", ProfileId=profile)
    return done, len(org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"), PermissionSetId=held))


@probe("feature_licence_code")
def _feature_licence_code(org: Org) -> object:
    org.feature_licenses["UserPermissionsSupportUser"] = 1
    return patch(org, "without_service", UserPermissionsSupportUser=True)


@probe("enforce_permset_on_patch")
def _enforce_permset_on_patch(org: Org) -> object:
    return patch(org, "without_set", CallCenterId=center(org))


@probe("enforce_service_user_on_patch")
def _enforce_service_user_on_patch(org: Org) -> object:
    return patch(org, "without_service", CallCenterId=center(org))


@probe("callcenter_move")
def _callcenter_move(org: Org) -> object:
    return patch(org, "other_center", CallCenterId=center(org)), member_of(org, "other_center")


@probe("membership_refusal_code")
def _membership_refusal_code(org: Org) -> object:
    org.switches["callcenter_move"] = "refused"
    return patch(org, "other_center", CallCenterId=center(org))


@probe("assignments_of_deactivated_users")
def _assignments_of_deactivated_users(org: Org) -> object:
    return patch(org, "agent", IsActive=False), len(org.find("PermissionSetAssignment", AssigneeId=user(org, "agent")))


@probe("last_administrator")
def _last_administrator(org: Org) -> object:
    return patch(org, "automation", IsActive=False)


@probe("enforce_active_on_patch")
def _enforce_active_on_patch(org: Org) -> object:
    return patch(org, "inactive", CallCenterId=center(org))


@probe("vendor_info_reads")
def _vendor_info_reads(org: Org) -> object:
    return outcome(lambda: org.query(user(org, "limited"), "SELECT Id FROM ConversationVendorInfo", VERSION))


@probe("metadata_vendor_of_a_resold_center")
def _metadata_vendor_of_a_resold_center(org: Org) -> object:
    (component,) = metadata.read(org, admin(org), "CallCenter", ["AcmeConnect"], VERSION)
    assert component is not None
    return [item["name"] for section in component["sections"] for item in section.get("items", ())]


@probe("deactivation_clears_callcenter")
def _deactivation_clears_callcenter(org: Org) -> object:
    return patch(org, "member", IsActive=False), member_of(org, "member")


@probe("patch_assigns_partner_set")
def _patch_assigns_partner_set(org: Org) -> object:
    patch(org, "agent", CallCenterId=center(org))
    held = org.seed_info["set_ids"]["partner_telephony"]
    return len(org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"), PermissionSetId=held))


@probe("bad_internal_name_code")
def _bad_internal_name_code(org: Org) -> object:
    return outcome(lambda: org.create(admin(org), "CallCenter", {"Name": "Bad", "InternalName": "1 bad name"}))


@probe("customsettings")
def _customsettings(org: Org) -> object:
    return (org.get("CallCenter", center(org)) or {})["CustomSettings"]


@probe("duplicate_routing_map_code")
def _duplicate_routing_map_code(org: Org) -> object:
    body = {
        "CallCenterId": center(org),
        "ReferenceRecordId": user(org, "member"),
        "DeveloperName": "A",
        "MasterLabel": "A",
        "ExternalId": "A",
    }
    return outcome(lambda: org.create(admin(org), "CallCenterRoutingMap", body))


def _new_map(org: Org, role: str, name: str) -> str:
    ids = {"CallCenterId": center(org), "ReferenceRecordId": user(org, role)}
    return outcome(
        lambda: org.create(admin(org), "CallCenterRoutingMap", {**ids, "DeveloperName": name, "MasterLabel": "A", "ExternalId": "A"})
    )


@probe("routing_map_of_outsider")
def _routing_map_of_outsider(org: Org) -> object:
    return _new_map(org, "agent", "A")


@probe("routing_map_names")
def _routing_map_names(org: Org) -> object:
    patch(org, "agent", CallCenterId=center(org))
    return _new_map(org, "agent", "005_04v")


@probe("lock_status")
def _lock_status(org: Org) -> object:
    return locked(org, user(org, "agent")).status


# --- records in general ---


def _deleted_account(org: Org) -> str:
    account = org.create(admin(org), "Account", {"Name": "Acme"})
    org.delete(admin(org), "Account", account)
    return account


@probe("hard_deleted_record")
def _hard_deleted_record(org: Org) -> object:
    set_id = new_set(org)
    org.delete(admin(org), "PermissionSet", set_id)
    return outcome(lambda: org.update(admin(org), "PermissionSet", set_id, {"Label": "x"}))


@probe("missing_record")
def _missing_record(org: Org) -> object:
    return outcome(lambda: org.update(admin(org), "Account", "001000000000001AAA", {"Name": "x"}))


@probe("wrong_prefix_code")
def _wrong_prefix_code(org: Org) -> object:
    return patch(org, "agent", CallCenterId=user(org, "agent"))


@probe("json_types")
def _json_types(org: Org) -> object:
    return outcome(lambda: org.create(admin(org), "Account", {"Name": 5}))


# --- queries ---


def _names(org: Org, soql: str) -> object:
    return outcome(lambda: org.query(admin(org), soql, VERSION))


@probe("fieldpermissions_select")
def _fieldpermissions_select(org: Org) -> object:
    return _names(org, "SELECT Id FROM FieldPermissions LIMIT 1")


@probe("row_order")
def _row_order(org: Org) -> object:
    for number in range(8):
        org.create(admin(org), "Account", {"Name": f"Acme {number}"})
    return [row["Name"] for row in org.query(admin(org), "SELECT Name FROM Account", VERSION)["records"]]


# --- users ---


def new_user(org: Org, username: str = "new@acme.example", **values: Any) -> str:
    profile = (org.get("User", user(org, "agent")) or {})["ProfileId"]
    fixed = {"TimeZoneSidKey": "Europe/London", "LocaleSidKey": "en_GB", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"}
    given = {"Username": username, "LastName": "New", "Alias": "new", "Email": "new@acme.example", "ProfileId": profile, **fixed, **values}
    return org.create(admin(org), "User", given)


@probe("user_login_rows")
def _user_login_rows(org: Org) -> object:
    return len(org.find("UserLogin", UserId=new_user(org))), len(org.find("UserLogin", UserId=user(org, "agent")))


POLICIES = "SELECT DeveloperName, Status FROM UserAccessPolicy"


@probe("user_access_policies_off")
def _user_access_policies_off(org: Org) -> object:
    off = seed.vonage("acme-off", switches=org.switches)
    return outcome(lambda: off.query(admin(off), POLICIES, VERSION))


@probe("user_access_policy_reads")
def _user_access_policy_reads(org: Org) -> object:
    return outcome(lambda: org.query(user(org, "limited"), POLICIES, VERSION))


@probe("email_change")
def _email_change(org: Org) -> object:
    return patch(org, "agent", Email="other@acme.example"), (org.get("User", user(org, "agent")) or {})["Email"]


@probe("duplicate_nickname_code")
def _duplicate_nickname_code(org: Org) -> object:
    return patch(org, "agent", CommunityNickname=(org.get("User", user(org, "kim")) or {})["CommunityNickname"])


def package_seat(org: Org, acting: str, role: str) -> str:
    package = org.find("PackageLicense")[0]["Id"]
    return outcome(lambda: org.create(acting, "UserPackageLicense", {"UserId": user(org, role), "PackageLicenseId": package}))


def set_seat(org: Org, acting: str, role: str) -> str:
    licence = org.find("PermissionSetLicense", DeveloperName="SalesforceAPIIntegrationPsl")[0]["Id"]
    return outcome(
        lambda: org.create(acting, "PermissionSetLicenseAssign", {"AssigneeId": user(org, role), "PermissionSetLicenseId": licence})
    )


@probe("licences_for_inactive_users")
def _licences_for_inactive_users(org: Org) -> object:
    for row in org.find("UserPackageLicense", UserId=user(org, "inactive")):
        org.remove("UserPackageLicense", row["Id"])
    return package_seat(org, admin(org), "inactive"), set_seat(org, admin(org), "inactive")


@probe("expired_licences")
def _expired_licences(org: Org) -> object:
    org.set("PackageLicense", org.find("PackageLicense")[0]["Id"], Status="Expired")
    org.set(
        "PermissionSetLicense", org.find("PermissionSetLicense", DeveloperName="SalesforceAPIIntegrationPsl")[0]["Id"], Status="Disabled"
    )
    return package_seat(org, admin(org), "kim"), set_seat(org, admin(org), "kim")


def with_package_right(schema: Schema) -> Schema:
    """The schema of an org that has the permission Manage Package Licenses."""
    column = replace(schema.sobjects["PermissionSet"].fields["PermissionsApiEnabled"], name="PermissionsManagePackageLicenses")
    return schema.with_sobjects(
        [schema.sobjects[name].with_fields([column]) for name in ("PermissionSet", "Profile", "UserPermissionAccess")]
    )


def holder(org: Org, *permissions: str) -> str:
    """A user who holds these permissions by a set, beside those of Standard User."""
    granted = org.put("PermissionSet", Name="Acme_Held", Label="Acme Held", **{f"Permissions{name}": True for name in permissions})
    org.put("PermissionSetAssignment", AssigneeId=user(org, "kim"), PermissionSetId=granted, IsActive=True)
    return user(org, "kim")


@probe("package_licence_right")
def _package_licence_right(org: Org) -> object:
    wider = seed.vonage("acme-probe", switches=org.switches, extend=with_package_right)
    return package_seat(wider, holder(wider, "ManageUsers"), "joakim"), package_seat(wider, admin(wider), "joakim")


@probe("set_licence_right")
def _set_licence_right(org: Org) -> object:
    return set_seat(org, holder(org, "AssignPermissionSets"), "joakim")


# --- the trail, policies that run, scratch orgs ---


def rows_of_the_trail(org: Org) -> int:
    return int(org.query(admin(org), "SELECT COUNT() FROM SetupAuditTrail", VERSION)["totalSize"])


@probe("audit_trail_of_api_changes")
def _audit_trail_of_api_changes(org: Org) -> object:
    new_set(org)
    return rows_of_the_trail(org)


@probe("audit_trail_of_policies")
def _audit_trail_of_policies(org: Org) -> object:
    seed.run_policy(org, "Acme_Agents", [org.seed_info["users"]["without_set"]])
    return rows_of_the_trail(org)


@probe("policy_revokes")
def _policy_revokes(org: Org) -> object:
    voice = org.seed_info["set_ids"]["voice_agent"]
    seed.put_policy(org, "Acme_Takes", [("Revoke", voice)])
    seed.run_policy(org, "Acme_Takes", [org.seed_info["users"]["agent"]])
    return len(org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"), PermissionSetId=voice))


@probe("expired_scratch_org")
def _expired_scratch_org(org: Org) -> object:
    seed.put_scratch_org(org, "Old", expires=org.clock() - timedelta(days=1))
    return org.query(admin(org), "SELECT Status FROM ScratchOrgInfo", VERSION)["records"][0]["Status"]
