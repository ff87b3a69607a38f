# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A Partner Telephony contact center and the users who are its members.

Membership is User.CallCenterId: a user has one center or none (Object Reference, User). Adding and removing write that field and nothing
else: user, licences and permission sets stay, and so does everything at the telephony provider, which Salesforce does not sync.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _ids, _set_groups, _set_reference, _user_reading, _user_state, _users
from ._converge import Noun
from ._errors import CONFIG, Problem, did_you_mean, listing
from ._org import MAX_RECORDS, Org, Outcome, Query, Read, Write
from ._plan import Change, Create, Delete, Plan
from ._soql import in_list, quote
from ._users import Skipped, User

KIND = "contact_center_member"
PARTNER_TELEPHONY = "partner_telephony"
UNKNOWN = "unknown"

# reqCallCenterType of a center made for Partner Telephony, also for the one from Amazon Connect (Partner Telephony developer guide).
_PARTNER_TELEPHONY_TYPE = "SCVBYOT"
_GRANT_FIELDS = "Id, AssigneeId, Assignee.Username, ExpirationDate, PermissionSet.Name, PermissionSet.NamespacePrefix"
_CENTER_FIELDS = "Id, Name, InternalName, CustomSettings, Version"
_USER_FIELDS = "Id, Username, IsActive, CallCenterId, Profile.UserLicense.Name"
# Who may be added (Salesforce Help, "Add and Remove Users in Your Partner Telephony Contact Center"): judged by the rights that a set
# carries and not by its name, so that clones and permission set groups count. The columns exist only where the licence is.
_MEMBER_RIGHTS = "(PermissionSet.PermissionsIsContactCenterAgentBYOT = true OR PermissionSet.PermissionsIsContactCenterAdminBYOT = true)"
_MEMBER_SETS = "PermissionsIsContactCenterAgentBYOT = true OR PermissionsIsContactCenterAdminBYOT = true"

_NOT_FOR_AGENTS = "Salesforce Platform"

REMINDER = (
    "Salesforce does not sync members with the telephony provider: add or remove the same users in the provider's system too; "
    "with single sign-on their usernames must be the same there."
)


@dataclass(frozen=True)
class Desired:
    """Who should be a member of which center."""

    center: str
    users: tuple[User, ...]
    state: str
    flavour: str | None
    batch_size: int
    on_ineligible: str
    max_removals: int
    allow_empty: bool

    @property
    def tried(self) -> str:
        verb = {"present": "adding members to", "absent": "removing members from", "exact": "setting the members of"}[self.state]
        return f"{verb} contact center {self.center}"


@dataclass(frozen=True)
class Center:
    """A call center row, and what is known of its kind. told_by: how that was told."""

    id: str
    name: str
    internal_name: str
    flavour: str
    told_by: str


@dataclass(frozen=True)
class Member:
    """A user as far as membership goes. center_id: empty where the user has none. licence: the user licence's name."""

    id: str
    username: str
    active: bool
    center_id: str
    licence: str = ""


@dataclass(frozen=True)
class Current:
    """The center, the wanted users and the center's members by username, and why some wanted users cannot be added."""

    center: Center
    users: Mapping[str, Member]
    members: Mapping[str, Member]
    ineligible: tuple[Skipped, ...] = field(default=())

    def joining(self) -> list[Member]:
        """The wanted users who are not members yet."""
        return [user for user in self.users.values() if user.center_id != self.center.id]


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for users that are no users, for an empty list with state exact, and for an odd batch size."""
    tried = f"setting members of contact center {params['contact_center']}"
    if not 1 <= params["batch_size"] <= MAX_RECORDS:
        raise Problem(tried, f"batch_size is {params['batch_size']}.", f"Give a number from 1 to {MAX_RECORDS}.", CONFIG, "batch_size")
    wish = Desired(
        params["contact_center"].strip(),
        _users.wanted(params["users"], tried),
        params["state"],
        params["flavour"],
        params["batch_size"],
        params["on_ineligible"],
        params["max_removals"],
        params["allow_empty"],
    )
    if wish.state == "exact":
        _users.guard_exact((), len(wish.users), wish.max_removals, wish.allow_empty, wish.tried)
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The center, its wanted users and, for state exact, all its members; one call. Whether users may be added is read (one more) only
    where some are to be."""
    reads: list[Read] = [Query("centers", f"SELECT {_CENTER_FIELDS} FROM CallCenter")]
    reads += _user_reading.reads(org, wish.users, _USER_FIELDS)
    if wish.state == "exact":
        mine = f"InternalName = {quote(wish.center)} OR Name = {quote(wish.center)}"
        if _ids.is_id(wish.center, "04v"):
            mine = f"Id = {quote(wish.center)}"
        reads.append(Query("members", f"SELECT {_USER_FIELDS} FROM User WHERE CallCenterId IN (SELECT Id FROM CallCenter WHERE {mine})"))
    answers = org.read(reads)
    center = _choose(wish, answers.rows["centers"])
    found = _user_reading.found(org, wish.users, answers, _USER_FIELDS, wish.tried)
    users = {name: _member(row) for name, row in found.items()}
    everyone = {item.username: item for item in map(_member, answers.rows.get("members", ()))} | users
    everyone = _as_foreseen(org, everyone, answers.rows["centers"])
    users = {name: everyone[name] for name in users}
    members = {name: item for name, item in everyone.items() if item.center_id == center.id}
    current = Current(center, users, members)
    if wish.state == "absent" or not current.joining() or _refusal(wish, center):
        return current
    return replace(current, ineligible=_ineligible(org, wish, current.joining()))


def plan(wish: Desired, current: Current) -> Plan:
    """Who is to be added and who removed. Raises Problem for a center of another kind, for users who cannot be added, and for more removals
    than allowed."""
    refusal = _refusal(wish, current.center)
    if refusal:
        raise refusal
    if wish.state == "absent":
        return Plan(tuple(_leaving(current, item) for item in current.users.values() if item.center_id == current.center.id))
    _users.stop_or_skip(current.ineligible, wish.on_ineligible, wish.tried)
    left_out = {item.user for item in current.ineligible}
    changes: list[Change] = []
    if wish.state == "exact":
        # Removals first: whoever leaves frees a seat at the provider.
        others = [item for item in current.members.values() if item.username not in current.users]
        leaving = sorted(others, key=lambda item: item.username)
        staying = len(current.users) - len(left_out)
        _users.guard_exact([item.username for item in leaving], staying, wish.max_removals, wish.allow_empty, wish.tried)
        changes.extend(_leaving(current, item) for item in leaving)
    joining = [item for item in current.joining() if item.username not in left_out]
    changes.extend(Create(KIND, _key(current, item), {"member": True}) for item in joining)
    return Plan(tuple(changes))


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Write User.CallCenterId, batch_size users at a time; a refused user does not stop the others."""
    everyone = {**current.members, **current.users}
    writes = []
    for change in changes:
        center_id = None if isinstance(change, Delete) else current.center.id
        writes.append(Write(change, "update", "User", everyone[_username(change)].id, {"CallCenterId": center_id}))
    return org.write(writes, wish.batch_size)


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The users that the changes touched, read again."""
    touched = list(dict.fromkeys(_username(change) for change in changes))
    reads: list[Read] = []
    for number, part in enumerate(_users.chunked(_users.by_username(touched))):
        reads.append(Query(f"users{number}", f"SELECT {_USER_FIELDS} FROM User WHERE {_users.condition(part)}"))
    fresh = {item.username: item for item in map(_member, org.read(reads).all("users"))}
    users = {name: fresh.get(name, item) for name, item in current.users.items()}
    everyone = {**current.members, **current.users, **fresh}
    members = {name: item for name, item in everyone.items() if item.center_id == current.center.id}
    return replace(current, users=users, members=members)


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The center, how its kind was told, who was left out and why, and what Salesforce does not do."""
    return {
        "contact_center": {
            "name": current.center.name,
            "internal_name": current.center.internal_name,
            "flavour": current.center.flavour,
            "told_by": current.center.told_by,
        },
        "left_out": [item.as_result() for item in current.ineligible],
        "reminder": REMINDER,
        "warnings": [f"{item.user} was left out: the user {item.reason}." for item in current.ineligible]
        + _warned_of_licence(wish, current),
    }


def _warned_of_licence(wish: Desired, current: Current) -> list[str]:
    """Who has the licence that is not recommended for agents (Vonage Contact Center in Salesforce, on licences)."""
    names = [item.username for item in current.users.values() if item.licence == _NOT_FOR_AGENTS]
    if wish.state == "absent" or not names:
        return []
    advice = "Give them a profile of the licence Salesforce, or see that what they use works."
    return [
        f"{listing(names)}: Vonage does not recommend the user licence {_NOT_FOR_AGENTS} for agents, since some features may not work with it. {advice}"
    ]


def classify(custom_settings: str | None) -> tuple[str, str]:
    """(flavour, how it was told) from CallCenter.CustomSettings. A kind that is named and is not Partner Telephony is returned as it is
    named; where nothing is named, the kind is unknown: Open CTI centers, and centers whose settings this user cannot see."""
    try:
        settings = json.loads(custom_settings or "null")
    except ValueError:
        settings = None
    kind = settings.get("reqCallCenterType") if isinstance(settings, dict) else None
    if not kind:
        return UNKNOWN, "CustomSettings names no reqCallCenterType"
    flavour = PARTNER_TELEPHONY if kind == _PARTNER_TELEPHONY_TYPE else str(kind)
    return flavour, f"CustomSettings.reqCallCenterType is {kind}"


def _choose(wish: Desired, rows: Sequence[Mapping[str, Any]]) -> Center:
    """The center that is meant: by Id, by internal name (unique in an org), or by name. Raises Problem for none and for two."""
    word = wish.center.lower()
    for meant in (
        [row for row in rows if _ids.is_id(wish.center, "04v") and _ids.same(str(row["Id"]), wish.center)],
        [row for row in rows if str(row["InternalName"]).lower() == word],
        [row for row in rows if str(row["Name"]).lower() == word],
    ):
        if len(meant) > 1:
            names = ", ".join(sorted(str(row["InternalName"]) for row in meant))
            raise Problem(
                wish.tried, f"that name belongs to {names}.", "Give the internal name of the one you mean.", CONFIG, "ambiguous_center"
            )
        if meant:
            return _center(meant[0], wish)
    known = sorted(str(row["InternalName"]) for row in rows)
    raise Problem(
        wish.tried,
        "the org has no such contact center." + did_you_mean(wish.center, known),
        f"Its centers are: {', '.join(known) or 'none'}. Contact centers are made in Setup, Partner Telephony Contact Centers.",
        CONFIG,
        "unknown_center",
    )


def _center(row: Mapping[str, Any], wish: Desired) -> Center:
    flavour, told_by = classify(row["CustomSettings"])
    if flavour == UNKNOWN and wish.flavour:
        flavour, told_by = wish.flavour, f"asserted by the task; {told_by}"
    return Center(row["Id"], row["Name"], row["InternalName"], flavour, told_by)


def _refusal(wish: Desired, center: Center) -> Problem | None:
    if center.flavour == PARTNER_TELEPHONY:
        return None
    if center.flavour == UNKNOWN:
        return Problem(
            wish.tried,
            f"the org does not reveal what kind of center it is ({center.told_by}).",
            "If Setup lists it under Partner Telephony Contact Centers, set flavour: partner_telephony.",
            CONFIG,
            "unknown_flavour",
        )
    return Problem(
        wish.tried,
        f"it is not a Partner Telephony center ({center.told_by}).",
        "Name a Partner Telephony center; members of other kinds are managed in their own Setup pages.",
        CONFIG,
        "wrong_flavour",
    )


def _ineligible(org: Org, wish: Desired, joining: Sequence[Member]) -> tuple[Skipped, ...]:
    """Who cannot be added: in another center, inactive, no Service Cloud User, or without the rights of an agent or admin."""
    reads: list[Read] = []
    foreseen_sets = _foreseen_member_sets(org)
    member_rights = _MEMBER_RIGHTS
    if foreseen_sets:
        member_rights = f"({_MEMBER_RIGHTS} OR (PermissionSet.NamespacePrefix = null AND PermissionSet.Name IN {in_list(foreseen_sets)}))"
    names = [item.username for item in joining]
    for number, part in enumerate(_users.chunked(_users.by_username(names))):
        whose = _users.condition(part)
        reads.append(
            Query(
                f"service{number}", f"SELECT Id FROM User WHERE UserPermissionsSupportUser = true AND {whose}", tolerate=("INVALID_FIELD",)
            )
        )
        granted = f"FROM PermissionSetAssignment WHERE IsActive = true AND {_users.condition(part, 'Assignee')} AND {member_rights}"
        reads.append(Query(f"granted{number}", f"SELECT {_GRANT_FIELDS} {granted}", tolerate=("INVALID_FIELD",)))
        reads.append(Query(f"revoked{number}", f"SELECT Id {granted} AND IsRevoked = true", tolerate=("INVALID_FIELD",)))
    foreseen = org.foreseen("permission_set_assignment")
    if foreseen or org.foreseen(_set_groups.ASSIGNMENT_KIND):
        reads.append(Query("sets", f"SELECT Name, NamespacePrefix FROM PermissionSet WHERE {_MEMBER_SETS}", tolerate=("INVALID_FIELD",)))
    answers = org.read(reads)
    service = {row["Id"] for row in answers.all("service")}
    revoked = {row["Id"] for row in answers.all("revoked")}
    now = org.now_text()
    granted_to = {
        row["AssigneeId"]
        for row in answers.all("granted")
        if row["Id"] not in revoked
        and not (row["ExpirationDate"] and row["ExpirationDate"] <= now)
        and foreseen.get(f"{_set_reference.qualified(row['PermissionSet'])}/{row['Assignee']['Username']}", row) is not None
    }
    sets = {_set_reference.qualified(row) for row in answers.rows.get("sets", ())} | set(foreseen_sets)
    foreseen_for = {key.split("/", 1)[1].lower() for key, after in foreseen.items() if after is not None and key.split("/", 1)[0] in sets}
    foreseen_for |= _foreseen_through_groups(org, sets)
    coming = _user_reading.foreseen(org)
    featured = {after.get("username", key): after["SupportUser"] for key, after in coming.items() if "SupportUser" in after}
    told = []
    for item in joining:
        reason = _why_not(
            item, featured.get(item.username, item.id in service), item.id in granted_to or item.username.lower() in foreseen_for
        )
        if reason:
            told.append(Skipped(item.username, reason))
    return tuple(told)


def _as_foreseen(org: Org, users: Mapping[str, Member], centers: Sequence[Mapping[str, Any]]) -> dict[str, Member]:
    """The users as earlier tasks of this check-mode run would leave them: in a center, or out of it."""
    ids = {str(row["InternalName"]): str(row["Id"]) for row in centers}
    overlaid = dict(users)
    for key, after in org.foreseen(KIND).items():
        internal_name, username = key.split("/", 1)
        center_id = ids.get(internal_name, "")
        known = overlaid.get(username, Member("", username, True, ""))
        if after is not None:
            overlaid[username] = replace(known, center_id=center_id)
        elif known.center_id == center_id:
            overlaid[username] = replace(known, center_id="")
    return overlaid


def _foreseen_through_groups(org: Org, sets: Collection[str]) -> set[str]:
    """Who by earlier tasks of this check-mode run would get a group, an old one or a new one, with one of these sets in it."""
    assigned = [key.split("/", 1) for key, after in org.foreseen(_set_groups.ASSIGNMENT_KIND).items() if after is not None]
    if not assigned:
        return set()
    components = f"FROM PermissionSetGroupComponent WHERE PermissionSetId IN (SELECT Id FROM PermissionSet WHERE {_MEMBER_SETS})"
    fields = "PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix"
    found = org.read([Query("groups", f"SELECT {fields} {components}", tolerate=("INVALID_FIELD", "INVALID_TYPE"))]).rows["groups"]
    members = [key.split("/", 1) for key, after in org.foreseen(_set_groups.MEMBER_KIND).items() if after is not None]
    groups = {_set_groups.qualified(row) for row in found} | {group for group, name in members if name in sets}
    return {username.lower() for group, username in assigned if group in groups}


def _foreseen_member_sets(org: Org) -> list[str]:
    """The sets that by an earlier task of this check-mode run would get the right to be a member."""
    rights = {"IsContactCenterAgentBYOT", "IsContactCenterAdminBYOT"}
    planned = org.foreseen("user_permissions", switches=True)
    return sorted(name for name, after in planned.items() if rights & {one for one, on in (after or {}).items() if on})


def _why_not(user: Member, is_service_user: bool, may_join: bool) -> str:
    if user.center_id:
        return "is a member of another contact center (a user has one; remove it there first)"
    if not user.active:
        return "is inactive"
    if not is_service_user:
        return "is not a Service Cloud User (feature licence on the user's page)"
    if not may_join:
        return "has neither Contact Center Agent nor Admin (Partner Telephony), by no active permission set"
    return ""


def _leaving(current: Current, user: Member) -> Delete:
    return Delete(KIND, _key(current, user), user.id, {"member": True})


def _key(current: Current, user: Member) -> str:
    return f"{current.center.internal_name}/{user.username}"


def _username(change: Change) -> str:
    return change.key.split("/", 1)[1]


def _member(row: Mapping[str, Any]) -> Member:
    return Member(row["Id"] or "", row["Username"], bool(row["IsActive"]), row["CallCenterId"] or "", _user_state.license_of(row))


NOUN = Noun(
    name=KIND,
    argument_spec={
        "contact_center": {"type": "str", "required": True},
        "users": {"type": "list", "elements": "raw", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exact"]},
        "flavour": {"type": "str", "choices": [PARTNER_TELEPHONY]},
        "batch_size": {"type": "int", "default": 100},
        "on_ineligible": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
        "max_removals": {"type": "int", "default": 10},
        "allow_empty": {"type": "bool", "default": False},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=reread,
)
