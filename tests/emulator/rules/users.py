# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users: what a new one needs, what follows from the profile, membership of a contact center."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError
from emulator.rules import registry
from emulator.rules.licences import USED, count_seats, give_seats_back, refuse_unlicensed, take_seats
from emulator.rules.memberships import check_membership
from emulator.rules.refusals import invalid_reference, refuse, seats_exhausted
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule
from emulator.rules.vendor_syncing import sync
from emulator.stamps import stamp
from emulator.store import DELETED

if TYPE_CHECKING:
    from emulator.org import Org

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

ADMINISTRATOR = "ManageUsers"
DUPLICATE = (
    "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce "
    "organizations. To resolve, use a different username (it doesn't need to match the user's email address)."
)
"""The words for a username that is taken, here or in another org (Salesforce Help 000381924)."""
CLEARED = Switch("deactivation_clears_callcenter", ("off", "on"))
PARTNER_SET = Switch("patch_assigns_partner_set", ("off", "on"))
PATCH = Switch("callcenter_patch", ("plain", "vendor_sync", "ignored", "late"))
VENDOR_REFUSAL = Switch("vendor_refusal_code", ("FIELD_INTEGRITY_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"))
LEFT_BEHIND = Switch("routing_maps_of_leavers", ("kept", "deleted"))
ROWS_OF_LEAVERS = Switch("assignments_of_deactivated_users", ("kept", "removed"))
LAST_ADMIN = Switch("last_administrator", ("refused", "accepted"))
SEATS_OF_LEAVERS = Switch("set_licences_of_deactivated_users", ("kept", "removed"))
MISFITS = Switch("assignments_after_profile_change", ("refused", "removed", "kept"))
FEATURE_CODE = Switch("feature_licence_code", ("LICENSE_LIMIT_EXCEEDED", "FIELD_INTEGRITY_EXCEPTION"))
PATCH_RIGHT = Switch("callcenter_patch_right", ("user_edit", "manage_call_centers"))
USERNAME_CODE = Switch("bad_username_code", ("FIELD_INTEGRITY_EXCEPTION", "INVALID_EMAIL_ADDRESS"))

rule(
    "usernames_are_unique_everywhere",
    says="A Username that another user of the org has, whatever the case, is refused with DUPLICATE_USERNAME (other orgs: "
    "username_unique_everywhere).",
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
    says="CallCenterId holds one center: writing it adds a user who has none, null removes the user.",
    grade=Grade.QUOTED,
    source="facts contact-center-api 0.2 and 2b (a public tool verified against a live org; null: a production script for Open CTI)",
)
rule(
    "effect_of_writing_callcenterid",
    says="Writing CallCenterId changes the membership and nothing else; or tells the center's vendor as the Setup page does, one batch a record; or "
    "is answered with success and does nothing; or takes effect late (here: at the second read of users after it, or a minute later).",
    grade=Grade.INFERRED,
    source="facts contact-center-api 0.5, 2e and 14.1: one public tool saw the plain effect, nothing says what a vendor that syncs changes",
    switch=PATCH,
)
rule(
    "code_of_a_vendor_s_refusal",
    says="What the org answers to a write of CallCenterId that the vendor does not take, where writing tells the vendor.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2d: that the batch fails is documented, its code is not",
    switch=VENDOR_REFUSAL,
)
rule(
    "routing_maps_of_users_who_left",
    says="Rows of CallCenterRoutingMap stay when the user leaves the center, or go.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 7 and 14.5: nothing documents that they are deleted",
    switch=LEFT_BEHIND,
)
rule(
    "right_to_write_callcenterid",
    says="Whoever may edit users may write CallCenterId, or Manage Call Centers is needed as well.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 3: documented for the Setup pages, the effect on writes of User is not known",
    switch=PATCH_RIGHT,
)
rule(
    "deactivating_a_user_frees_the_user_licence",
    says="A deactivated user stops counting against the user licence; package licences stay.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api J (help 000386472 for package licences)",
)
rule(
    "assignments_of_deactivated_users",
    says="The permission set assignments of a deactivated user stay, or are taken away (the row of the profile's own set stays in any case).",
    grade=Grade.INFERRED,
    source="facts permission-api I: not known; public queries that ask for assignments of inactive users would find nothing otherwise",
    switch=ROWS_OF_LEAVERS,
)
rule(
    "the_last_administrator_stays_active",
    says="Deactivating the last active user with Manage Users, or moving that user to a profile without it, is refused with CANNOT_DISABLE_LAST_ADMIN; "
    "or it is not.",
    grade=Grade.INFERRED,
    source="the name of that StatusCode in golden jsforce (Partner WSDL); who is an administrator, and where it is raised, is not stated",
    switch=LAST_ADMIN,
)
rule(
    "permission_set_licences_of_deactivated_users",
    says="The permission set licences of a deactivated user stay assigned, or are taken away.",
    grade=Grade.INFERRED,
    source="facts permission-api I: not known",
    switch=SEATS_OF_LEAVERS,
)
rule(
    "sets_that_do_not_fit_a_new_profile_s_licence",
    says="Changing ProfileId to a profile of another user licence, while the user holds a set that the new licence does not allow: refused, or the "
    "assignment goes, or it stays.",
    grade=Grade.INFERRED,
    source="facts permission-api D: inferred there (refused or removed)",
    switch=MISFITS,
)
rule(
    "feature_licence_seats",
    says="Switching on a feature licence of a user (UserPermissions...User) beyond the seats that the org has of it is refused; where the org says "
    "nothing about a feature there is no limit. The code.",
    grade=Grade.INFERRED,
    source="facts permission-api C4 names LICENSE_LIMIT_EXCEEDED for user, permission set and package licences",
    switch=FEATURE_CODE,
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
for _name in (
    "usernames_are_unique_everywhere",
    "e_mail_addresses_and_usernames_have_the_form_of_one",
    "a_user_holds_the_set_of_the_profile",
    "user_licence_seats",
    "feature_licence_seats",
    "one_center_a_user",
    "effect_of_writing_callcenterid",
    "assignments_of_deactivated_users",
    "the_last_administrator_stays_active",
):
    breakable(_name)


@registry.before("insert", "User")
def new_user(org: Org, user: str, change: Change) -> None:
    _check_addresses(org, change)
    _check_seat(org, change)
    change.after["Name"] = " ".join(str(part) for part in (change.after.get("FirstName"), change.after["LastName"]) if part)
    change.after["UserType"] = "Standard"
    _check_feature_seats(org, change)
    if not change.after.get("CommunityNickname"):
        change.after["CommunityNickname"] = f"User{change.after['Username']}"[:40]
    check_membership(org, change)


@registry.before("update", "User")
def edited_user(org: Org, user: str, change: Change) -> None:
    _check_addresses(org, change)
    _check_last_administrator(org, change)
    if change.after["IsActive"] and (not change.before["IsActive"] or change.after["ProfileId"] != change.before["ProfileId"]):
        _check_seat(org, change)
    change.after["Name"] = " ".join(str(part) for part in (change.after.get("FirstName"), change.after["LastName"]) if part)
    _check_feature_seats(org, change)
    _check_misfits(org, change)
    if change.before["IsActive"] and not change.after["IsActive"] and org.switches[CLEARED.name] == "on":
        change.after["CallCenterId"] = None
    if "CallCenterId" in change.given:
        _check_patch_right(org, user)
        check_membership(org, change)
        patched_center(org, change)


def patched_center(org: Org, change: Change) -> None:
    """What a write of CallCenterId comes to, by the switch."""
    if not holds("one_center_a_user"):
        change.after["CallCenterId"] = change.before.get("CallCenterId") or change.after.get("CallCenterId")
    forget_pending(org, str(change.id))
    how = org.switches[PATCH.name] if holds("effect_of_writing_callcenterid") else "plain"
    if change.after.get("CallCenterId") == change.before.get("CallCenterId") or how == "plain":
        return
    if how == "vendor_sync":
        _tell_vendors(org, change)
        return
    if how == "late":
        remember_pending(org, str(change.id), change.after.get("CallCenterId"))
    change.after["CallCenterId"] = change.before.get("CallCenterId")


def _tell_vendors(org: Org, change: Change) -> None:
    left, joined = change.before.get("CallCenterId"), change.after.get("CallCenterId")
    for center, added in ((left, False), (joined, True)):
        call = sync(org, str(center), [str(change.id)], added) if center else None
        if call is not None and not call.success:
            raise refuse(org.switches[VENDOR_REFUSAL.name], str(call.error), "CallCenterId")


@registry.settles("User")
def late_memberships(org: Org) -> None:
    settle_pending(org)


@registry.after("insert", "User")
@registry.after("update", "User")
def follows_profile(org: Org, user: str, change: Change) -> None:
    if change.after["ProfileId"] == change.before.get("ProfileId") or not holds("a_user_holds_the_set_of_the_profile"):
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
    left, joined = change.before.get("CallCenterId"), change.after.get("CallCenterId")
    if left == joined:
        return
    if left and org.switches[LEFT_BEHIND.name] == "deleted":
        for row in org.find("CallCenterRoutingMap", CallCenterId=left, ReferenceRecordId=change.id):
            org.remove("CallCenterRoutingMap", row["Id"])
    if joined and org.switches[PARTNER_SET.name] == "on":
        assign_partner_set(org, str(change.id))


def assign_partner_set(org: Org, user_id: str) -> None:
    """The set that comes with membership through the bulk operation; its licence takes a seat, or LICENSE_LIMIT_EXCEEDED."""
    for permission_set in org.find("PermissionSet", Name="PartnerTelephonyCustomPsl", NamespacePrefix=None):
        if org.find("PermissionSetAssignment", AssigneeId=user_id, PermissionSetId=permission_set["Id"]):
            continue
        take_seats(org, user_id, permission_set)
        org.put("PermissionSetAssignment", AssigneeId=user_id, PermissionSetId=permission_set["Id"], IsActive=True)


# --- memberships that take effect late ---------------------------------------------------------------------------------

PENDING = "__pending_memberships"
"""A table beside the records, so that a transaction that is taken back takes these along."""
LATE_READS = 2
LATE_SECONDS = 60


def _pending_table(org: Org) -> sqlite3.Connection:
    connection = org.store.connection
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{PENDING}" ("User" TEXT PRIMARY KEY, "Center" TEXT, "Due" TEXT, "Reads" INTEGER)')
    return connection


def remember_pending(org: Org, user_id: str, center_id: str | None) -> None:
    due = stamp(org.clock() + timedelta(seconds=LATE_SECONDS))
    with org.store.lock:
        _pending_table(org).execute(f'INSERT OR REPLACE INTO "{PENDING}" VALUES (?, ?, ?, ?)', (user_id, center_id, due, LATE_READS))


def forget_pending(org: Org, user_id: str) -> None:
    """A later write overrules one that has not taken effect yet."""
    if org.switches[PATCH.name] != "late":
        return
    with org.store.lock:
        _pending_table(org).execute(f'DELETE FROM "{PENDING}" WHERE "User" = ?', (user_id,))


def settle_pending(org: Org) -> None:
    """One read of users has come: memberships whose time or number of reads is up take effect."""
    if org.switches[PATCH.name] != "late":
        return
    with org.store.lock:
        connection = _pending_table(org)
        connection.execute(f'UPDATE "{PENDING}" SET "Reads" = "Reads" - 1')
        due = connection.execute(
            f'SELECT "User", "Center" FROM "{PENDING}" WHERE "Reads" <= 0 OR "Due" <= ?', (stamp(org.clock()),)
        ).fetchall()
        for user_id, center_id in due:
            org.set("User", user_id, CallCenterId=center_id)
            connection.execute(f'DELETE FROM "{PENDING}" WHERE "User" = ?', (user_id,))


# --- licences that hang on a user -----------------------------------------------------------------------------------------


def _check_patch_right(org: Org, user: str) -> None:
    if org.switches[PATCH_RIGHT.name] == "manage_call_centers" and "ManageCallCenters" not in org.permissions_of(user):
        raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")


def _check_feature_seats(org: Org, change: Change) -> None:
    if not change.after.get("IsActive", True):
        return
    for name, seats in org.feature_licenses.items():
        if not change.after.get(name) or (change.before.get(name) and change.before.get("IsActive")):
            continue
        taken = [row for row in org.find("User", IsActive=True, **{name: True}) if row["Id"] != change.id]
        if len(taken) >= seats and holds("feature_licence_seats"):
            raise refuse(org.switches[FEATURE_CODE.name], f"License Limit Exceeded: {name}", name)


def misfits(org: Org, change: Change) -> list[dict[str, Any]]:
    """Assignments of the user whose set the licence of the profile to come does not allow."""
    found: list[dict[str, Any]] = []
    for row in org.find("PermissionSetAssignment", AssigneeId=change.id):
        held = org.get("PermissionSet", str(row["PermissionSetId"]))
        if held is None or held["IsOwnedByProfile"]:
            continue
        try:
            refuse_unlicensed(org, held, change.after)
        except ApiError:
            found.append(row)
    return found


def _check_misfits(org: Org, change: Change) -> None:
    if change.after["ProfileId"] == change.before["ProfileId"] or org.switches[MISFITS.name] != "refused":
        return
    for row in misfits(org, change):
        refuse_unlicensed(org, org.get("PermissionSet", str(row["PermissionSetId"])) or {}, change.after)


@registry.after("update", "User")
def licences_follow(org: Org, user: str, change: Change) -> None:
    moved = change.after["ProfileId"] != change.before["ProfileId"]
    if moved and org.switches[MISFITS.name] == "removed":
        for row in misfits(org, change):
            org.remove("PermissionSetAssignment", row["Id"])
            give_seats_back(org, change.id, org.get("PermissionSet", str(row["PermissionSetId"])) or {})
    left = change.before["IsActive"] and not change.after["IsActive"]
    if left and org.switches[SEATS_OF_LEAVERS.name] == "removed":
        for row in org.find("PermissionSetLicenseAssign", AssigneeId=change.id):
            org.remove("PermissionSetLicenseAssign", row["Id"])
            count_seats(org, str(row["PermissionSetLicenseId"]))
    if left and org.switches[ROWS_OF_LEAVERS.name] == "removed" and holds("assignments_of_deactivated_users"):
        _take_sets_away(org, str(change.id))
    if moved or change.before["IsActive"] != change.after["IsActive"]:
        count_user_seats(org, {str(change.before["ProfileId"]), str(change.after["ProfileId"])})


def _take_sets_away(org: Org, user_id: str) -> None:
    for row in org.find("PermissionSetAssignment", AssigneeId=user_id):
        held = org.get("PermissionSet", str(row["PermissionSetId"])) or {}
        if not held.get("IsOwnedByProfile"):
            org.remove("PermissionSetAssignment", row["Id"])
            give_seats_back(org, user_id, held)


@registry.after("insert", "User")
def seat_is_counted(org: Org, user: str, change: Change) -> None:
    count_user_seats(org, {str(change.after["ProfileId"])})


def count_user_seats(org: Org, profile_ids: set[str]) -> None:
    """UsedLicenses of the user licences behind these profiles."""
    if org.switches[USED.name] == "lagging":
        return
    for licence in {str(row["UserLicenseId"]) for row in org.find("Profile", Id=sorted(profile_ids))}:
        if org.get("UserLicense", licence) is not None:
            org.set("UserLicense", licence, UsedLicenses=seated(org, licence))


def seated(org: Org, licence_id: str) -> int:
    """Active users of every profile of that user licence."""
    profiles = [str(row["Id"]) for row in org.find("Profile", UserLicenseId=licence_id)]
    marks = ", ".join("?" * len(profiles))
    with org.store.lock:
        # Counting in the database: a big org has 20,000 users, and this is asked for each new one.
        statement = f'SELECT count(*) FROM "User" WHERE "{DELETED}" = 0 AND "IsActive" = 1 AND "ProfileId" IN ({marks})'
        found: int = org.store.connection.execute(statement, profiles).fetchone()[0]
    return found


def _check_addresses(org: Org, change: Change) -> None:
    shaped = holds("e_mail_addresses_and_usernames_have_the_form_of_one")
    if shaped and "Email" in change.given and not EMAIL.fullmatch(str(change.after["Email"])):
        raise refuse("INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {change.after['Email']}", "Email")
    if "Username" not in change.given:
        return
    username = str(change.after["Username"])
    if shaped and not EMAIL.fullmatch(username):
        raise refuse(org.switches[USERNAME_CODE.name], "Username must be in the form of an email address", "Username")
    if holds("usernames_are_unique_everywhere") and any(row["Id"] != change.id for row in org.find("User", Username=username)):
        raise refuse(
            "DUPLICATE_USERNAME",
            DUPLICATE,
            "Username",
        )


def _check_seat(org: Org, change: Change) -> None:
    profile = org.get("Profile", str(change.after["ProfileId"]))
    if profile is None:
        raise invalid_reference("ProfileId")
    licence = org.get("UserLicense", str(profile["UserLicenseId"])) or {}
    if not change.after.get("IsActive", True) or not holds("user_licence_seats"):
        return
    licence_id = str(profile["UserLicenseId"])
    was_seated = bool(change.before.get("IsActive")) and licence_id == (org.get("Profile", str(change.before["ProfileId"])) or {}).get(
        "UserLicenseId"
    )
    if seated(org, licence_id) - was_seated >= int(licence.get("TotalLicenses") or 0):
        raise seats_exhausted(f"License Limit Exceeded: {licence.get('Name')}")


def _check_last_administrator(org: Org, change: Change) -> None:
    leaves = change.before["IsActive"] and not change.after["IsActive"]
    moves = change.after["ProfileId"] != change.before["ProfileId"]
    if not (leaves or moves) or org.switches[LAST_ADMIN.name] != "refused" or not holds("the_last_administrator_stays_active"):
        return
    if ADMINISTRATOR not in org.permissions_of(str(change.id)) or (change.after["IsActive"] and _keeps_administration(org, change)):
        return
    others = (str(row["Id"]) for row in org.find("User", IsActive=True) if row["Id"] != change.id)
    if not any(ADMINISTRATOR in org.permissions_of(other) for other in others):
        raise refuse("CANNOT_DISABLE_LAST_ADMIN", "The org needs at least one active administrator.")


def _keeps_administration(org: Org, change: Change) -> bool:
    """Whether the profile to come, or a set that the user keeps, makes an administrator."""
    profile = org.get("Profile", str(change.after["ProfileId"])) or {}
    rows = [row for row in org.find("PermissionSetAssignment", AssigneeId=change.id) if org.is_granted(row)]
    held = org.find("PermissionSet", Id=[row["PermissionSetId"] for row in rows], IsOwnedByProfile=False)
    return any(row.get(f"Permissions{ADMINISTRATOR}") for row in (profile, *held))
