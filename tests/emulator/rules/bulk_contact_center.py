# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ContactCenterBulkOp: rows that ask for users to be added to a contact center.

What is documented: the object, its columns for Partner Telephony (Argument1 e-mail, Argument2 User Id of 18 characters, Argument5 contact
center Id, BulkAction AddUsers), that it is filled by a bulk insert, and that the Partner Telephony Permission Set comes with it. Everything
else is inferred and has a switch. A row that was taken is a request only; what it comes to shows at the users.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated
from emulator.ids import to_18
from emulator.rules import registry, validation_rules
from emulator.rules.refusals import field_integrity, refuse
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule
from emulator.rules.users import assign_partner_set
from emulator.rules.vendor_syncing import sync
from emulator.stamps import stamp

if TYPE_CHECKING:
    from emulator.org import Org

NAME = "ContactCenterBulkOp"
HELP = "Salesforce Help, Create Or Update Contact Center Users in Bulk (facts contact-center-api 2a)"

ENTITY = Switch("bulk_entity", ("present", "absent"))
DOOR = Switch("bulk_entity_door", ("bulk_only", "any"))
RIGHT = Switch("bulk_entity_right", ("enforced", "open"))
EFFECT = Switch("bulk_entity_effect", ("late", "at_once"))
VENDOR = Switch("bulk_entity_vendor", ("synced", "not_synced"))
NO_SEAT = Switch("bulk_entity_no_seat", ("not_added", "added_without_set"))
BAD_ARGUMENTS = Switch("bulk_entity_bad_arguments", ("silent", "refused"))
SHORT_IDS = Switch("bulk_entity_short_ids", ("silent", "refused", "accepted"))
EMAIL = Switch("bulk_entity_email", ("silent", "refused", "accepted"))
INELIGIBLE = Switch("bulk_entity_ineligible", ("silent", "refused", "accepted"))
AGAIN = Switch("bulk_entity_member_again", ("nothing", "partner_set"))
ELSEWHERE = Switch("bulk_entity_member_elsewhere", ("silent", "refused", "accepted"))
AMAZON = Switch("bulk_entity_amazon_arguments", ("silent", "refused", "accepted"))

rule(
    "bulk_entity",
    says="ContactCenterBulkOp is an object of the org, or is unknown there (404, INVALID_TYPE, INVALIDENTITY).",
    grade=Grade.INFERRED,
    source="facts contact-center-api 8: in a real org's RecordType.SobjectType picklist, absent from the Object Reference and two catalogues",
    switch=ENTITY,
)
rule(
    "bulk_entity_door",
    says="Rows come through bulk jobs only, or through any API; in the first case another insert answers INVALID_TYPE_FOR_OPERATION.",
    grade=Grade.INFERRED,
    source=f"{HELP} shows a bulk job; nothing says that REST works or does not. The code: StatusCode of the Partner WSDL in golden jsforce",
    switch=DOOR,
)
rule(
    "bulk_entity_right",
    says="A row needs Manage Call Centers, Contact Center Admin (Partner Telephony) or Delegated Contact Center Admin, or no right of its own.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 3: these open the Setup page that does the same",
    switch=RIGHT,
)
rule(
    "bulk_add_users",
    says="BulkAction AddUsers with Argument1, 2 and 5 puts the user into the contact center.",
    grade=Grade.DOCUMENTED,
    source=HELP,
)
rule(
    "bulk_add_users_assigns_the_partner_set",
    says="The Partner Telephony Permission Set (PartnerTelephonyCustomPsl) is assigned as well and takes a seat of its licence.",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}: 'is also automatically assigned to the user'; facts contact-center-api 4 for its name",
)
rule(
    "bulk_entity_effect",
    says="The membership shows late (here: at the second read of users or their assignments after it, or a minute later), or with the row.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2a: expected, documented nowhere",
    switch=EFFECT,
)
rule(
    "bulk_entity_vendor",
    says="The center's vendor is told of the users of a chunk as the Setup page tells it (all or none, routing maps by its own switch), or is not.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2e: unknown, assume yes",
    switch=VENDOR,
)
rule(
    "bulk_entity_no_seat",
    says="A user for whom no seat is left is not added, or is added without the set.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 4: that a seat is taken; not what happens without one",
    switch=NO_SEAT,
)
rule(
    "bulk_entity_bad_arguments",
    says="A row that names no user, no contact center or one that is not of Partner Telephony succeeds and does nothing, or is refused.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 8: error reporting unknown",
    switch=BAD_ARGUMENTS,
)
rule(
    "bulk_entity_short_ids",
    says="An Id of 15 characters where 18 are documented: the row succeeds and does nothing, is refused, or is as good.",
    grade=Grade.INFERRED,
    source=f"{HELP} asks for the 18-character User Id",
    switch=SHORT_IDS,
)
rule(
    "bulk_entity_email",
    says="An e-mail address that is missing or not the user's: the row succeeds and does nothing, is refused, or the address does not count.",
    grade=Grade.INFERRED,
    source=f"{HELP}: Argument1 is the user's e-mail; what it is for is not said",
    switch=EMAIL,
)
rule(
    "bulk_entity_ineligible",
    says="A user who is inactive, no Service Cloud User or without the admin or agent permission of Partner Telephony: the row succeeds and "
    "does nothing, is refused, or the user is added.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 0.6 and 11: the Setup page offers only eligible users; the bulk operation is unknown",
    switch=INELIGIBLE,
)
rule(
    "bulk_entity_member_elsewhere",
    says="A user of another contact center stays there though the row succeeds, is refused, or moves.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 11: the Setup page hides such users; the bulk operation is unknown",
    switch=ELSEWHERE,
)
rule(
    "bulk_entity_member_again",
    says="A row for a user who is in that contact center already does nothing, or still assigns the Partner Telephony Permission Set.",
    grade=Grade.INFERRED,
    source=f"{HELP}: the title says 'or update', the page does not say what an update does",
    switch=AGAIN,
)
rule(
    "bulk_add_users_to_a_center_from_amazon_connect",
    says="A row for a center of Partner Telephony from Amazon Connect names the profile (Argument3: Admin, Agent or CallCenterManager, case-sensitive) and "
    "the ARN of the routing profile (Argument4) as well.",
    grade=Grade.DOCUMENTED,
    source="Salesforce Help, service.voice_bulk_add_users: the fields of the CSV file for each licence",
)
rule(
    "bulk_entity_amazon_arguments",
    says="Such a row without them, or with another profile: it succeeds and does nothing, is refused, or the user is added.",
    grade=Grade.INFERRED,
    source="Salesforce Help, service.voice_bulk_add_users names the values; what happens otherwise is not said",
    switch=AMAZON,
)
for _name in ("bulk_add_users", "bulk_add_users_assigns_the_partner_set", "bulk_add_users_to_a_center_from_amazon_connect"):
    breakable(_name)

RIGHTS = frozenset({"ManageCallCenters", "IsContactCenterAdminBYOT", "DelegatedContactCenterAdmin"})
ELIGIBLE = frozenset({"IsContactCenterAdminBYOT", "IsContactCenterAgentBYOT"})
AMAZON_ONLY = ("Argument3", "Argument4", "Argument6")
AMAZON_PROFILES = frozenset({"Admin", "Agent", "CallCenterManager"})
FROM_AMAZON = "partner_telephony_amazon"
PENDING = "__pending_bulk_ops"
"""A table beside the records, so that a transaction that is taken back takes these along."""
LATE_READS = 2
LATE_SECONDS = 60


@dataclass(frozen=True)
class Flaw:
    """Something about a row that an org may mind: switch says how, found whether it is there, words and field tell it."""

    switch: Switch
    found: Callable[[Org, Mapping[str, Any]], bool]
    field: str
    words: str


def user_of(org: Org, row: Mapping[str, Any]) -> dict[str, Any] | None:
    return _named(org, "User", row.get("Argument2"))


def center_of(org: Org, row: Mapping[str, Any]) -> dict[str, Any] | None:
    return _named(org, "CallCenter", row.get("Argument5"))


def _named(org: Org, sobject: str, value: Any) -> dict[str, Any] | None:
    record_id = to_18(str(value or ""))
    return org.get(sobject, record_id) if record_id is not None else None


def _kind(org: Org, row: Mapping[str, Any]) -> str:
    """What the seed knows of the row's center: its record need not tell (customsettings)."""
    center = center_of(org, row)
    kinds = {center_id: kind for kind, center_id in org.seed_info.get("center_ids", {}).items()}
    return "" if center is None else kinds.get(center["Id"], "partner_telephony")


def _of_another_flavour(org: Org, row: Mapping[str, Any]) -> bool:
    kind = _kind(org, row)
    return bool(kind) and not kind.startswith("partner_telephony")


def _without_amazon(org: Org, row: Mapping[str, Any]) -> bool:
    if _kind(org, row) != FROM_AMAZON or not holds("bulk_add_users_to_a_center_from_amazon_connect"):
        return False
    return row.get("Argument3") not in AMAZON_PROFILES or not row.get("Argument4")


def _short_id(org: Org, row: Mapping[str, Any]) -> bool:
    return any(len(str(row.get(name) or "")) == 15 for name in ("Argument2", "Argument5"))


def _other_address(org: Org, row: Mapping[str, Any]) -> bool:
    user = user_of(org, row)
    return user is not None and str(row.get("Argument1") or "").casefold() != str(user["Email"]).casefold()


def _ineligible(org: Org, row: Mapping[str, Any]) -> bool:
    user = user_of(org, row)
    if user is None:
        return False
    held = org.permissions_of(str(user["Id"]))
    return not user["IsActive"] or not user.get("UserPermissionsSupportUser") or held.isdisjoint(ELIGIBLE)


def _member_elsewhere(org: Org, row: Mapping[str, Any]) -> bool:
    user, center = user_of(org, row), center_of(org, row)
    return user is not None and center is not None and user["CallCenterId"] not in (None, center["Id"])


FLAWS = (
    Flaw(BAD_ARGUMENTS, lambda org, row: user_of(org, row) is None, "Argument2", "The user doesn't exist."),
    Flaw(BAD_ARGUMENTS, lambda org, row: center_of(org, row) is None, "Argument5", "The contact center doesn't exist."),
    Flaw(BAD_ARGUMENTS, _of_another_flavour, "Argument5", "The contact center isn't one of Partner Telephony."),
    Flaw(SHORT_IDS, _short_id, "Argument2", "The Id must have 18 characters."),
    Flaw(EMAIL, _other_address, "Argument1", "The address isn't the user's."),
    Flaw(INELIGIBLE, _ineligible, "Argument2", "The user can't be added to a contact center."),
    Flaw(ELSEWHERE, _member_elsewhere, "Argument2", "The user is a member of another contact center."),
    Flaw(AMAZON, _without_amazon, "Argument3", "The profile and the routing profile are needed."),
)


def flaws(org: Org, row: Mapping[str, Any]) -> list[Flaw]:
    """What this org minds about the row."""
    return [flaw for flaw in FLAWS if org.switches[flaw.switch.name] != "accepted" and flaw.found(org, row)]


@registry.readable(NAME)
def is_there(org: Org, user: str) -> bool:
    return org.switches[ENTITY.name] == "present"


@registry.before("insert", NAME)
def new_request(org: Org, user: str, change: Change) -> None:
    if org.switches[DOOR.name] == "bulk_only" and not org.bulk.writing:
        raise refuse("INVALID_TYPE_FOR_OPERATION", f"entity type {NAME} cannot be inserted outside bulk jobs")
    if org.switches[RIGHT.name] == "enforced" and RIGHTS.isdisjoint(org.permissions_of(user)):
        raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    if change.after["BulkAction"] != "AddUsers":
        raise NotEmulated(f"the bulk action {change.after['BulkAction']} of {NAME}")
    beside = AMAZON_ONLY[2:] if _kind(org, change.after) == FROM_AMAZON else AMAZON_ONLY
    if any(change.after.get(name) for name in beside):
        raise NotEmulated(f"{NAME} for Amazon Connect contact centers")
    for flaw in flaws(org, change.after):
        if org.switches[flaw.switch.name] == "refused":
            raise field_integrity(flaw.words, flaw.field)


@registry.after("insert", NAME)
def request_taken(org: Org, user: str, change: Change) -> None:
    """Remember the request; the rows of one chunk belong together."""
    late = org.switches[EFFECT.name] == "late"
    due = stamp(org.clock() + timedelta(seconds=LATE_SECONDS if late else 0))
    batch = f"chunk {org.bulk.chunk}" if org.bulk.writing else str(change.id)
    with org.store.lock:
        _table(org).execute(f'INSERT INTO "{PENDING}" VALUES (?, ?, ?, ?)', (change.id, batch, due, LATE_READS if late else 0))


def _table(org: Org) -> sqlite3.Connection:
    connection = org.store.connection
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{PENDING}" ("Op" TEXT PRIMARY KEY, "Batch" TEXT, "Due" TEXT, "Reads" INTEGER)')
    return connection


@registry.settles("User")
@registry.settles("PermissionSetAssignment")
@registry.settles("PermissionSetLicenseAssign")
@registry.settles("CallCenterRoutingMap")
def settle(org: Org) -> None:
    """One read of what the requests change has come: those whose time or number of reads is up take effect."""
    if org.schema.sobject(NAME) is None:
        return
    with org.store.lock, org.transaction():
        connection = _table(org)
        connection.execute(f'UPDATE "{PENDING}" SET "Reads" = "Reads" - 1')
        due = connection.execute(
            f'SELECT "Op", "Batch" FROM "{PENDING}" WHERE "Reads" <= 0 OR "Due" <= ? ORDER BY rowid', (stamp(org.clock()),)
        ).fetchall()
        batches: dict[str, list[str]] = {}
        for op_id, batch in due:
            batches.setdefault(batch, []).append(op_id)
            connection.execute(f'DELETE FROM "{PENDING}" WHERE "Op" = ?', (op_id,))
        for op_ids in batches.values():
            add_users(org, [row for op_id in op_ids if (row := org.get(NAME, op_id)) is not None])


def add_users(org: Org, rows: Iterable[Mapping[str, Any]]) -> None:
    """Carry out requests that came together: a center at a time, the vendor told of all of a center's users at once."""
    if not holds("bulk_add_users"):
        return
    wanted: dict[str, list[str]] = {}
    for row in rows:
        user, center = user_of(org, row), center_of(org, row)
        if user is None or center is None or flaws(org, row):
            continue
        if user["CallCenterId"] == center["Id"]:
            _add_again(org, str(user["Id"]))
            continue
        users = wanted.setdefault(str(center["Id"]), [])
        if user["Id"] not in users:
            users.append(str(user["Id"]))
    for center_id, user_ids in wanted.items():
        call = sync(org, center_id, user_ids, added=True) if org.switches[VENDOR.name] == "synced" else None
        if call is None or call.success:
            with org.together(len(user_ids)):
                for user_id in user_ids:
                    _add(org, center_id, user_id)


def _add_again(org: Org, user_id: str) -> None:
    if org.switches[AGAIN.name] == "nothing":
        return
    try:
        with org.transaction():
            assign_partner_set(org, user_id)
    except NotEmulated:
        raise
    except ApiError:
        return


def _add(org: Org, center_id: str, user_id: str) -> None:
    """One user; what the customer's own rules or a missing seat refuse does not happen, and nobody is told."""
    try:
        with org.transaction():
            _join(org, center_id, user_id)
            if holds("bulk_add_users_assigns_the_partner_set"):
                _assign(org, user_id)
    except NotEmulated:
        raise
    except ApiError:
        return


def _join(org: Org, center_id: str, user_id: str) -> None:
    before = org.get("User", user_id) or {}
    change = Change("update", "User", user_id, before, {"CallCenterId": center_id}, {**before, "CallCenterId": center_id})
    for hook in org.extra_before:
        hook(org, str(org.default_user), change)
    validation_rules.check(org, change)
    org.set("User", user_id, CallCenterId=center_id)


def _assign(org: Org, user_id: str) -> None:
    try:
        with org.transaction():
            assign_partner_set(org, user_id)
    except ApiError as error:
        if error.code != "LICENSE_LIMIT_EXCEEDED" or org.switches[NO_SEAT.name] == "not_added":
            raise
