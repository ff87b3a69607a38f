# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users: what a new one needs, what follows from the profile, membership of a contact center."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.refusals import field_integrity, invalid_reference, refuse, seats_exhausted
from emulator.rules.registry import Change, Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

ENFORCE_SET = Switch("enforce_permset_on_patch", ("off", "on"))
ENFORCE_ACTIVE = Switch("enforce_active_on_patch", ("off", "on"))
CLEARED = Switch("deactivation_clears_callcenter", ("off", "on"))
PARTNER_SET = Switch("patch_assigns_partner_set", ("off", "on"))
USERNAME_CODE = Switch("bad_username_code", ("FIELD_INTEGRITY_EXCEPTION", "INVALID_EMAIL_ADDRESS"))

rule(
    "usernames_are_unique_everywhere",
    says="Username is unique over all orgs, whatever the case: DUPLICATE_USERNAME. Here: over the one org.",
    grade=Grade.QUOTED,
    source="facts permission-api C4 and D",
)
rule(
    "e_mail_addresses_and_usernames_have_the_form_of_one",
    says="Email must be an address (INVALID_EMAIL_ADDRESS); Username must look like one.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, User)",
)
rule(
    "code_of_a_malformed_username",
    says="What the org answers to a username that does not look like an address.",
    grade=Grade.INFERRED,
    source="published nowhere",
    switch=USERNAME_CODE,
)
rule(
    "a_user_holds_the_set_of_the_profile",
    says="Every user has an assignment row of the profile's own permission set; it follows ProfileId. UserType comes from the licence.",
    grade=Grade.QUOTED,
    source="facts permission-api D",
)
rule(
    "user_licence_seats",
    says="An active user beyond the licence's TotalLicenses is refused with LICENSE_LIMIT_EXCEEDED.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api C4",
)
rule(
    "one_center_a_user",
    says="CallCenterId holds one center; writing another moves the user at once, null removes the user, and nothing else changes.",
    grade=Grade.QUOTED,
    source="facts contact-center-api 0 and 2b (public tool verified against a live org)",
)
rule(
    "membership_needs_the_contact_center_permission",
    says="Writing CallCenterId for a user without the admin or agent permission of Partner Telephony is accepted, or refused with "
    "FIELD_INTEGRITY_EXCEPTION as the Setup page would not offer the user.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 0.6 and 11: unknown",
    switch=ENFORCE_SET,
)
rule(
    "membership_needs_an_active_user",
    says="Writing CallCenterId for an inactive user is accepted, or refused.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 11: unknown",
    switch=ENFORCE_ACTIVE,
)
rule(
    "deactivation_and_membership",
    says="A deactivated user keeps CallCenterId, or loses it.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 14.6: unknown",
    switch=CLEARED,
)
rule(
    "membership_by_callcenterid_and_the_partner_telephony_set",
    says="Writing CallCenterId assigns nothing, or assigns PartnerTelephonyCustomPsl as the bulk operation does.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2e: assume no",
    switch=PARTNER_SET,
)


@registry.before("insert", "User")
def new_user(org: Org, user: str, change: Change) -> None:
    _check_addresses(org, change)
    _check_seat(org, change)
    change.after["Name"] = " ".join(str(part) for part in (change.after.get("FirstName"), change.after["LastName"]) if part)
    change.after["UserType"] = "Standard"
    if not change.after.get("CommunityNickname"):
        change.after["CommunityNickname"] = f"User{change.after['Username']}"[:40]
    _check_membership(org, change)


@registry.before("update", "User")
def edited_user(org: Org, user: str, change: Change) -> None:
    _check_addresses(org, change)
    if change.after["IsActive"] and (not change.before["IsActive"] or change.after["ProfileId"] != change.before["ProfileId"]):
        _check_seat(org, change)
    change.after["Name"] = " ".join(str(part) for part in (change.after.get("FirstName"), change.after["LastName"]) if part)
    if change.before["IsActive"] and not change.after["IsActive"] and org.switches[CLEARED.name] == "on":
        change.after["CallCenterId"] = None
    if "CallCenterId" in change.given:
        _check_membership(org, change)


@registry.after("insert", "User")
@registry.after("update", "User")
def follows_profile(org: Org, user: str, change: Change) -> None:
    if change.after["ProfileId"] == change.before.get("ProfileId"):
        return
    for row in org.find("PermissionSetAssignment", AssigneeId=change.id):
        held = org.get("PermissionSet", row["PermissionSetId"])
        if held and held["IsOwnedByProfile"]:
            org.remove("PermissionSetAssignment", row["Id"])
    own = org.find("PermissionSet", ProfileId=change.after["ProfileId"], IsOwnedByProfile=True)
    if own:
        org.put("PermissionSetAssignment", AssigneeId=change.id, PermissionSetId=own[0]["Id"], IsActive=True)


@registry.after("update", "User")
def joined_center(org: Org, user: str, change: Change) -> None:
    joined = change.after.get("CallCenterId") and change.after.get("CallCenterId") != change.before.get("CallCenterId")
    if not joined or org.switches[PARTNER_SET.name] == "off":
        return
    for permission_set in org.find("PermissionSet", Name="PartnerTelephonyCustomPsl"):
        if not org.find("PermissionSetAssignment", AssigneeId=change.id, PermissionSetId=permission_set["Id"]):
            org.put("PermissionSetAssignment", AssigneeId=change.id, PermissionSetId=permission_set["Id"], IsActive=True)


def _check_addresses(org: Org, change: Change) -> None:
    if "Email" in change.given and not EMAIL.fullmatch(str(change.after["Email"])):
        raise refuse("INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {change.after['Email']}", "Email")
    if "Username" not in change.given:
        return
    username = str(change.after["Username"])
    if not EMAIL.fullmatch(username):
        raise refuse(org.switches[USERNAME_CODE.name], "Username must be in the form of an email address", "Username")
    if any(row["Id"] != change.id for row in org.find("User", Username=username)):
        raise refuse(
            "DUPLICATE_USERNAME",
            "Duplicate Username.<br>The username already exists in this or another Salesforce organization.",
            "Username",
        )


def _check_seat(org: Org, change: Change) -> None:
    profile = org.get("Profile", str(change.after["ProfileId"]))
    if profile is None:
        raise invalid_reference("ProfileId")
    licence = org.get("UserLicense", str(profile["UserLicenseId"])) or {}
    if not change.after.get("IsActive", True):
        return
    profiles = [row["Id"] for row in org.find("Profile", UserLicenseId=profile["UserLicenseId"])]
    seated = [row for row in org.find("User", ProfileId=profiles, IsActive=True) if row["Id"] != change.id]
    if len(seated) >= int(licence.get("TotalLicenses") or 0):
        raise seats_exhausted(f"License Limit Exceeded: {licence.get('Name')}")


def _check_membership(org: Org, change: Change) -> None:
    if not change.after.get("CallCenterId"):
        return
    if org.switches[ENFORCE_ACTIVE.name] == "on" and not change.after.get("IsActive", True):
        raise field_integrity("Inactive users can't be added to a contact center.", "CallCenterId")
    if org.switches[ENFORCE_SET.name] == "on" and not _may_join(org, change):
        raise field_integrity("The user needs the contact center admin or agent permission set.", "CallCenterId")


def _may_join(org: Org, change: Change) -> bool:
    if change.id is None:
        return False
    held = org.permissions_of(change.id)
    return not held.isdisjoint({"IsContactCenterAdminBYOT", "IsContactCenterAgentBYOT"}) and _is_service_user(change.after)


def _is_service_user(user_row: Mapping[str, Any]) -> bool:
    return bool(user_row.get("UserPermissionsSupportUser"))
