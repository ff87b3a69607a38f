# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which permission set: unique, allowed, active, expired, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.groups import aggregate_of, groups_as_of_now
from emulator.rules.licences import give_seats_back, refuse_unlicensed, take_seats
from emulator.rules.permission_sets import closed_set, kind_of
from emulator.rules.refusals import duplicate, field_integrity, invalid_reference, refuse
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule
from emulator.stamps import read_stamp, stamp
from emulator.store import DELETED

if TYPE_CHECKING:
    from emulator.org import Org

INACTIVE = Switch("assign_to_inactive", ("refused", "accepted"))
EXPIRED = Switch("expired_assignments", ("visible", "soft_deleted"))
REGRANT = Switch("regrant_after_expiry", ("accepted", "duplicate"))
PAST = Switch("past_expiration_date", ("refused", "accepted"))

rule(
    "one_assignment_a_user_and_set",
    says="A second row for the same user and set is refused with DUPLICATE_VALUE. That one which is revoked, or expired and still visible, is in the "
    "way too follows from the uniqueness of user and set, and nobody shows it.",
    grade=Grade.QUOTED,
    source="facts permission-api C4 and D; facts contact-center-api 11 (a public tool run against a live org)",
)
rule(
    "sets_that_are_not_assigned_directly",
    says="The set behind a profile and the aggregate set of a group cannot be assigned by their own Id; rows of profile-owned sets, which every "
    "user has, cannot be deleted.",
    grade=Grade.QUOTED,
    source="facts permission-api B and D; the code is the switch closed_set_code",
)
rule(
    "assigning_a_group",
    says="A row with PermissionSetGroupId points at the group's aggregate set; a group that is not Updated is refused with "
    "INVALID_CROSS_REFERENCE_KEY.",
    grade=Grade.QUOTED,
    source="facts permission-api C4 and D",
)
rule(
    "assigning_to_an_inactive_user",
    says="Refused with INACTIVE_OWNER_OR_USER, or accepted.",
    grade=Grade.INFERRED,
    source="published nowhere for this object",
    switch=INACTIVE,
)
rule(
    "isactive_is_derived",
    says="IsActive is true unless the row is revoked, expired, or its set is session-based; it follows ExpirationDate and IsRevoked.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D and J (object reference, PermissionSetAssignment)",
)
rule(
    "expired_assignments",
    says="A row past its ExpirationDate stays visible with IsActive false, or is soft-deleted: gone from query, shown by queryAll.",
    grade=Grade.INFERRED,
    source="facts permission-api J (secondary sources)",
    switch=EXPIRED,
)
rule(
    "granting_again_after_a_soft_deleted_expiry",
    says="Where expired rows are soft-deleted, a new row for the same user and set is accepted, or still refused as a duplicate.",
    grade=Grade.INFERRED,
    source="facts permission-api J (secondary sources)",
    switch=REGRANT,
)
rule(
    "an_expiration_date_lies_ahead",
    says="Writing an ExpirationDate in the past is refused, or accepted and the row inactive at once.",
    grade=Grade.INFERRED,
    source="published nowhere",
    switch=PAST,
)


for _name in (
    "one_assignment_a_user_and_set",
    "sets_that_are_not_assigned_directly",
    "assigning_a_group",
    "assigning_to_an_inactive_user",
    "isactive_is_derived",
    "expired_assignments",
    "an_expiration_date_lies_ahead",
):
    breakable(_name)


def is_expired(org: Org, assignment: Mapping[str, Any]) -> bool:
    expires = assignment.get("ExpirationDate")
    return bool(expires) and read_stamp(str(expires)) <= org.clock()


def derived_activity(org: Org, assignment: Mapping[str, Any], permission_set: Mapping[str, Any]) -> bool:
    return not holds("isactive_is_derived") or not (
        assignment.get("IsRevoked") or is_expired(org, assignment) or permission_set.get("HasActivationRequired")
    )


def sweep(org: Org) -> None:
    """Bring rows past their date up to date: inactive, or soft-deleted. Time passes without a write, so every access does this first."""
    soft = org.switches[EXPIRED.name] == "soft_deleted"
    condition = "1" if soft else '"IsActive" = 1'
    with org.store.lock:
        # The facade finds by equality only, and reading every assignment on every query would cost more than the query.
        found = org.store.connection.execute(
            f'SELECT "Id" FROM "PermissionSetAssignment" WHERE "{DELETED}" = 0 AND "ExpirationDate" <= ? AND {condition}',
            (stamp(org.clock()),),
        ).fetchall()
    for (row_id,) in found:
        if soft:
            org.remove("PermissionSetAssignment", row_id, soft=True)
            continue
        org.set("PermissionSetAssignment", row_id, IsActive=False)


def soft_deleted(org: Org, assignee: str, set_id: str) -> list[str]:
    """Ids of soft-deleted rows of that user and set."""
    with org.store.lock:
        found = org.store.connection.execute(
            f'SELECT "Id" FROM "PermissionSetAssignment" WHERE "{DELETED}" = 1 AND "AssigneeId" = ? AND "PermissionSetId" = ? '
            'AND "ExpirationDate" IS NOT NULL',
            (assignee, set_id),
        ).fetchall()
    return [str(row_id) for (row_id,) in found]


@registry.settles("PermissionSetAssignment", rule="expired_assignments")
def rows_as_of_now(org: Org) -> None:
    sweep(org)


@registry.before("insert", "PermissionSetAssignment")
def new_assignment(org: Org, user: str, change: Change) -> None:
    permission_set = _what_is_assigned(org, change)
    assignee = org.get("User", str(change.after["AssigneeId"]))
    if assignee is None:
        raise invalid_reference("AssigneeId")
    _refuse_duplicate(org, change)
    if not assignee["IsActive"] and holds("assigning_to_an_inactive_user") and org.switches[INACTIVE.name] == "refused":
        raise refuse("INACTIVE_OWNER_OR_USER", "operation performed with inactive user", "AssigneeId")
    refuse_unlicensed(org, permission_set, assignee)
    _refuse_past(org, change)
    if "IsRevoked" in change.after:
        change.after["IsRevoked"] = False
    change.after["IsActive"] = derived_activity(org, change.after, permission_set)


@registry.after("insert", "PermissionSetAssignment")
def assignment_brings_licence(org: Org, user: str, change: Change) -> None:
    take_seats(org, change.after["AssigneeId"], org.get("PermissionSet", str(change.after["PermissionSetId"])) or {})


@registry.before("update", "PermissionSetAssignment")
def edited_assignment(org: Org, user: str, change: Change) -> None:
    _refuse_swept(org, change)
    permission_set = org.get("PermissionSet", str(change.before["PermissionSetId"])) or {}
    if kind_of(permission_set) == "profile":
        raise closed_set(org, "The assignment of a profile's own permission set can't be changed.")
    _refuse_past(org, change)
    change.after["IsActive"] = derived_activity(org, change.after, permission_set)


@registry.before("delete", "PermissionSetAssignment")
def profile_rows_stay(org: Org, user: str, change: Change) -> None:
    _refuse_swept(org, change)
    if kind_of(org.get("PermissionSet", str(change.before["PermissionSetId"])) or {}) == "profile":
        raise closed_set(org, "The assignment of a profile's own permission set can't be deleted.")


@registry.after("delete", "PermissionSetAssignment")
def licence_goes_back(org: Org, user: str, change: Change) -> None:
    give_seats_back(org, change.before["AssigneeId"], org.get("PermissionSet", str(change.before["PermissionSetId"])) or {})


def _what_is_assigned(org: Org, change: Change) -> dict[str, Any]:
    group_id, set_id = change.after.get("PermissionSetGroupId"), change.after.get("PermissionSetId")
    if group_id:
        return _group_set(org, change, str(group_id))
    if not set_id:
        raise refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [PermissionSetId]", "PermissionSetId")
    permission_set = org.get("PermissionSet", str(set_id))
    if permission_set is None:
        raise invalid_reference("PermissionSetId")
    kind = kind_of(permission_set)
    if not holds("sets_that_are_not_assigned_directly"):
        return permission_set
    if kind == "profile":
        raise closed_set(org, "A profile's own permission set can't be assigned.")
    if kind == "group":
        raise closed_set(org, "The permission set of a permission set group can't be assigned: assign the group.")
    return permission_set


def _group_set(org: Org, change: Change, group_id: str) -> dict[str, Any]:
    groups_as_of_now(org)
    group, aggregate = org.get("PermissionSetGroup", group_id), aggregate_of(org, group_id)
    ready = group is not None and (group.get("Status") == "Updated" or not holds("assigning_a_group"))
    if aggregate is None or not ready:
        raise invalid_reference("PermissionSetGroupId")
    given = change.after.get("PermissionSetId")
    if given and given != aggregate["Id"]:
        raise invalid_reference("PermissionSetId")
    change.after["PermissionSetId"] = aggregate["Id"]
    return aggregate


def _refuse_duplicate(org: Org, change: Change) -> None:
    assignee, set_id = str(change.after["AssigneeId"]), str(change.after["PermissionSetId"])
    sweep(org)
    existing = org.find("PermissionSetAssignment", AssigneeId=assignee, PermissionSetId=set_id)
    gone = soft_deleted(org, assignee, set_id) if org.switches[REGRANT.name] == "duplicate" else []
    if (existing or gone) and holds("one_assignment_a_user_and_set"):
        raise duplicate(f"Duplicate PermissionSetAssignment. Assignee: {assignee}; Permission Set: {set_id}")


def _refuse_swept(org: Org, change: Change) -> None:
    if is_expired(org, change.before) and org.switches[EXPIRED.name] == "soft_deleted":
        raise refuse("ENTITY_IS_DELETED", "entity is deleted", status=404)


def _refuse_past(org: Org, change: Change) -> None:
    if (
        "ExpirationDate" in change.given
        and is_expired(org, change.after)
        and holds("an_expiration_date_lies_ahead")
        and org.switches[PAST.name] == "refused"
    ):
        raise field_integrity("The expiration date must be in the future.", "ExpirationDate")
