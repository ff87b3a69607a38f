# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A Partner Telephony contact center and the users who are its members: what to ask of the org, and how often.

Membership is User.CallCenterId: a user has one center or none (Object Reference, User). Only the reading back says who is a member: both the bulk
operation and a write of the field may take effect late, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import (
    _center_reading,
    _centers,
    _ids,
    _member_eligibility,
    _set_groups,
    _set_reference,
    _user_reading,
    _user_state,
    _users,
)
from ._centers import Center
from ._converge import Noun
from ._member_standing import FLAGS, JOINING, PARTNER_SET, STANDARD_SETS
from ._membership_planning import (
    ARGUMENT_SPEC,
    ASSIGNMENT_KIND,
    BULK,
    KIND,
    NO_ROLE,
    USER_KIND,
    Current,
    Desired,
    GivenSet,
    Holding,
    Licence,
    Member,
    Offer,
    Row,
    desired,
    is_of,
    losing,
    plan,
    report,
    username_of,
)
from ._membership_writing import BULK_OBJECT, write_all
from ._org import Answers, Get, Org, Outcome, Query, Read
from ._plan import Change, Create, Delete
from ._soql import quote
from ._users import User

_USER_FIELDS = (
    "Id, Username, IsActive, CallCenterId, Profile.UserLicense.Name, FirstName, LastName, Email, FederationIdentifier, EmployeeNumber"
)
# With more users than that, the center's members are read first: whoever is among them need not be asked for by name.
_MANY = 2000
_ABSENT = ("INVALID_FIELD",)
_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS")
# How module permission_set_license_assignment calls what it plans.
_SEAT_KIND = "permission_set_license_assignment"
_NO_BULK = ("NOT_FOUND", "INVALID_TYPE", "INSUFFICIENT_ACCESS")


# -- what is there ------------------------------------------------------------------------------------------------------------------------


def read(org: Org, wish: Desired) -> Current:
    """The center, its vendor, the wanted users and, for state exact or very many users, all members; one call for up to two thousand users. What
    decides whether users may be added is read (one more) only where some are to be; what those who leave hold, only where they are to lose it."""
    asked: list[Read] = [*_center_reading.reads()]
    by_members = wish.state == "exact" or len(wish.users) > _MANY
    asked += (
        [_members_query(wish), *_user_reading.own_names(org, wish.users)]
        if by_members
        else _user_reading.reads(org, wish.users, _USER_FIELDS)
    )
    answers = org.read(asked)
    centers = {one.id: one for one in _center_reading.centers(answers)}
    center = _center_reading.chosen(org, wish.center, answers, wish.flavour, wish.tried)
    seen = Current(center, {}, {}, centers=centers, is_sandbox=bool(org.identity and org.identity.is_sandbox))
    if _centers.refusal(center, wish.tried):
        return seen
    people, more = _people(org, wish, seen, answers, by_members)
    current = _eligible(org, wish, people, more)
    current = _with_vendor(org, wish, current, answers)
    losers = losing(wish, current)
    if not losers:
        return current
    current = replace(current, running_user_id=org.user_id)
    return replace(current, holdings=_holdings(org, org.read(_holding_reads(losers)), losers))


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The users that the changes touched, read again, until all that was written for them shows or the time is up; and once, what was done for them
    before and after."""
    members = [change for change in changes if change.kind == KIND]
    others = {change.key if change.kind == USER_KIND else username_of(change) for change in changes if change.kind != KIND}
    touched = _users.by_username(dict.fromkeys([*map(username_of, members), *others]))
    whose = [current.person(name) for name in others]
    asked: list[Read] = [*_member_eligibility.reads(org, _member_eligibility.scopes(_users.by_username(sorted(others))))] if others else []
    asked += _holding_reads(whose) if others and wish.remove_permission_sets else []
    answers = org.read([*_again(touched), *asked])
    fresh = _as_members(answers.all("users"))
    for pause in _set_groups.pauses(wish.wait_timeout):
        if not _awaited(org, current, fresh):
            break
        org.run.sleep(pause)
        fresh = _as_members(org.read(_again(touched)).all("users"))
    standings = _member_eligibility.standings(org, [(item.id, item.username) for item in whose], answers) if others else {}
    holdings = _holdings(org, answers, whose) if others and wish.remove_permission_sets else {}
    return replace(
        current,
        users={name: fresh.get(name, item) for name, item in current.users.items()},
        members={**current.members, **{name: item for name, item in fresh.items() if name not in current.users}},
        standings={**current.standings, **standings},
        holdings={**current.holdings, **holdings},
        joined=current.joined | {username_of(change) for change in members if isinstance(change, Create)},
        left=current.left | {username_of(change) for change in members if isinstance(change, Delete) and is_of(current.center, change)},
        written=True,
    )


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes in their order; a refused user does not stop the others."""
    return write_all(org, wish, current, changes)


# -- who is who ---------------------------------------------------------------------------------------------------------------------------


def _members_query(wish: Desired) -> Query:
    mine = f"InternalName = {quote(wish.center)} OR Name = {quote(wish.center)}"
    if _ids.is_id(wish.center, "04v"):
        mine = f"Id = {quote(wish.center)}"
    return Query("members", f"SELECT {_USER_FIELDS} FROM User WHERE CallCenterId IN (SELECT Id FROM CallCenter WHERE {mine})")


def _people(org: Org, wish: Desired, seen: Current, answers: Answers, by_members: bool) -> tuple[Current, Answers]:
    """The wanted users and the members, as earlier tasks of this check-mode run would leave them; and, where members were read first, what was asked
    about the others: who they are, and at once whether they may be added."""
    rows = answers.rows.get("members", [])
    known, rest = _user_reading.among(org, wish.users, rows, _USER_FIELDS, answers) if by_members else ({}, list(wish.users))
    if by_members and rest:
        asked: list[Read] = [*_user_reading.reads(org, rest, _USER_FIELDS)]
        if wish.state != "absent":
            asked += _standing_reads(org, wish, _member_eligibility.scopes(rest, org.sandbox_name))
        answers = org.read(asked)
    told = _user_reading.sought(org, wish.users, answers, _USER_FIELDS, wish.tried, wish.lookup, known=known)
    users = {name: _member(row) for name, row in told.rows.items()}
    everyone = _as_members(rows) | users
    coming = [key.split("/", 1)[1] for key, after in org.foreseen(KIND).items() if after is not None] if by_members else []
    strangers = [name for name in coming if name not in everyone]
    everyone |= _as_members(org.read(_again(_users.by_username(strangers))).all("users")) if strangers else {}
    everyone = _as_foreseen(org, everyone, seen.centers)
    members = {name: item for name, item in everyone.items() if item.center_id == seen.center.id}
    return replace(seen, users={name: everyone[name] for name in users}, members=members, unknown=told.left_out), answers


def _as_members(rows: Iterable[Mapping[str, Any]]) -> dict[str, Member]:
    return {str(row["Username"]): _member(row) for row in rows}


def _member(row: Mapping[str, Any]) -> Member:
    texts = ("Email", "FirstName", "LastName", "FederationIdentifier", "EmployeeNumber")
    email, first, last, federation_id, number = (str(row.get(column) or "") for column in texts)
    licence = _user_state.license_of(row)
    active, center_id = bool(row["IsActive"]), str(row["CallCenterId"] or "")
    return Member(str(row["Id"] or ""), str(row["Username"]), active, center_id, licence, email, first, last, federation_id, number)


def _as_foreseen(org: Org, users: Mapping[str, Member], centers: Mapping[str, Center]) -> dict[str, Member]:
    """The users as earlier tasks of this check-mode run would leave them: in a center, or out of it."""
    ids = {center.internal_name: center.id for center in centers.values()}
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


def _again(touched: Sequence[User]) -> list[Read]:
    return [
        Query(f"users{number}", f"SELECT {_USER_FIELDS} FROM User WHERE {_users.condition(part)}")
        for number, part in enumerate(_users.chunked(touched))
    ]


def _awaited(org: Org, current: Current, fresh: Mapping[str, Member]) -> bool:
    """Whether something that the org took does not show yet."""
    for outcome in org.outcomes:
        change = outcome.change
        if outcome.errors or change.kind != KIND:
            continue
        now = fresh.get(username_of(change))
        center = current.centers.get(now.center_id) if now else None
        is_in = bool(center and is_of(center, change))
        if is_in is not isinstance(change, Create):
            return True
    return False


# -- who may be added ---------------------------------------------------------------------------------------------------------------------


def _eligible(org: Org, wish: Desired, current: Current, answers: Answers) -> Current:
    """The same, with what decides whether those who are not members may be added. answers: what was asked about them already, if anything."""
    outside = [] if wish.state == "absent" else current.outside()
    if not outside:
        return current
    asked = sum(1 for ref in answers.rows if ref.startswith("service"))
    at_once = {row["Id"] for row in answers.all("users")} if asked else set()
    late = _users.by_username(item.username for item in outside if item.id not in at_once)
    if late:
        answers = answers.joined(org.read(_standing_reads(org, wish, _member_eligibility.scopes(late), asked)))
    refusal = answers.refusals.get("bulk")
    return replace(
        current,
        standings=_member_eligibility.standings(org, [(item.id, item.username) for item in outside], answers),
        offer=_offer(org, wish, answers),
        bulk_refusal=refusal.code if refusal else "",
    )


def _standing_reads(org: Org, wish: Desired, whose: Sequence[_member_eligibility.Scope], first: int = 0) -> list[Read]:
    reads: list[Read] = [*_member_eligibility.reads(org, whose, first)]
    if wish.takes_seats:
        reads += _offer_reads(wish, whose, first)
    if wish.method == BULK:
        reads.append(Get("bulk", f"/sobjects/{BULK_OBJECT}/describe", tolerate=_NO_BULK))
    return reads


def _offer_reads(wish: Desired, whose: Sequence[_member_eligibility.Scope], first: int) -> list[Read]:
    """The sets that members get, the seats of their licences, and which of these users have what of that."""
    flags = ", ".join(f"Permissions{FLAGS[right]}" for right in JOINING)
    found = f"{_member_eligibility.carrying(JOINING)} OR Name = {quote(PARTNER_SET)}"
    fields = f"Id, Name, NamespacePrefix, LicenseId, PermissionSetGroupId, {flags}"
    sets = f"SELECT {fields} FROM PermissionSet WHERE IsOwnedByProfile = false AND ({found})"
    taken = "SELECT PermissionSetLicenseId, COUNT(Id) taken FROM PermissionSetLicenseAssign GROUP BY PermissionSetLicenseId"
    reads: list[Read] = [
        Query("sets", sets, tolerate=_ABSENT),
        Query("licences", "SELECT Id, DeveloperName, MasterLabel, TotalLicenses FROM PermissionSetLicense", tolerate=_NOT_SHOWN),
        Query("taken", taken, tolerate=_NOT_SHOWN),
    ]
    for number, scope in enumerate(whose, first):
        reads.append(_seats_query(f"seated{number}", scope.assignees))
        if wish.role != NO_ROLE:
            own = f"PermissionSetGroupId = null AND PermissionSet.Name = {quote(STANDARD_SETS[wish.role])} AND {scope.assignees}"
            select = f"FROM PermissionSetAssignment WHERE {own}"
            reads.append(Query(f"rows{number}", f"SELECT Id, PermissionSetId, Assignee.Username, IsActive, ExpirationDate {select}"))
            reads.append(Query(f"withdrawn{number}", f"SELECT Id {select} AND IsRevoked = true", tolerate=_ABSENT))
    return reads


def _offer(org: Org, wish: Desired, answers: Answers) -> Offer:
    if not wish.takes_seats:
        return Offer()
    found = [row for row in answers.rows["sets"] if not row["PermissionSetGroupId"]]
    named = [row for row in found if row["Name"] == PARTNER_SET and not row["NamespacePrefix"]]
    partner = _given(named[0]) if named else None
    if wish.role == NO_ROLE:
        return Offer(partner_set=partner, licences=_licences(org, answers, [partner]))
    carrying = [row for row in found if row[f"Permissions{FLAGS[wish.role]}"]]
    # Salesforce's own sets come in a namespace of its own, and a customer may have given another set the name.
    standard = sorted(
        (row for row in carrying if row["Name"] == STANDARD_SETS[wish.role]), key=lambda row: row["NamespacePrefix"] != "force"
    )
    role_set = _given(standard[0]) if standard else None
    return Offer(
        role_set,
        partner,
        None if "sets" in answers.refusals else tuple(sorted(_set_reference.qualified(row) for row in carrying)),
        _dead_rows(org, answers, role_set) if role_set else {},
        _licences(org, answers, [role_set, partner]),
    )


def _given(row: Mapping[str, Any]) -> GivenSet:
    licence = str(row["LicenseId"] or "")
    return GivenSet(str(row["Id"]), _set_reference.qualified(row), licence if licence.startswith("0PL") else "")


def _dead_rows(org: Org, answers: Answers, given: GivenSet) -> dict[str, Row]:
    """The users' own assignments of that set, whatever they grant, by lower-case username."""
    revoked = {row["Id"] for row in answers.all("withdrawn")}
    now = org.now_text()
    return {
        str(row["Assignee"]["Username"]).lower(): Row(
            str(row["Id"]),
            row["Id"] in revoked,
            row["ExpirationDate"] if row["ExpirationDate"] and row["ExpirationDate"] <= now else None,
        )
        for row in answers.all("rows")
        if row["PermissionSetId"] == given.id
        and org.foreseen(ASSIGNMENT_KIND).get(f"{given.name}/{row['Assignee']['Username']}", row) is not None
    }


def _seats_query(ref: str, condition: str) -> Query:
    select = "SELECT PermissionSetLicenseId, Assignee.Username FROM PermissionSetLicenseAssign WHERE"
    return Query(ref, f"{select} {condition}", tolerate=_NOT_SHOWN)


def _licences(org: Org, answers: Answers, given: Sequence[GivenSet | None]) -> tuple[Licence, ...] | None:
    """The permission set licences of these sets and their seats, as earlier tasks of this check-mode run would leave them. None where the running
    user is not shown them."""
    if {"licences", "taken"} & set(answers.refusals) or any(ref.startswith("seated") for ref in answers.refusals):
        return None
    wanted = {one.licence_id for one in given if one}
    rows = [row for row in answers.rows["licences"] if row["Id"] in wanted]
    taken = {row["PermissionSetLicenseId"]: int(row["taken"]) for row in answers.rows["taken"]}
    return tuple(
        _as_foreseen_seats(
            org,
            str(row["DeveloperName"]),
            Licence(
                str(row["Id"]),
                str(row["MasterLabel"]),
                int(row["TotalLicenses"] or 0),
                taken.get(row["Id"], 0),
                _seated(answers, row["Id"]),
            ),
        )
        for row in rows
    )


def _seated(answers: Answers, licence_id: str) -> frozenset[str]:
    seats = answers.all("seated")
    return frozenset(str(seat["Assignee"]["Username"]).lower() for seat in seats if seat["PermissionSetLicenseId"] == licence_id)


def _as_foreseen_seats(org: Org, name: str, licence: Licence) -> Licence:
    """The seats as earlier tasks of this check-mode run would leave them: given by themselves, or brought along by a set. Asks the org only then."""
    assigned = [key.split("/", 1) for key, after in org.foreseen(ASSIGNMENT_KIND).items() if after is not None]
    given = {key.split("/", 1)[1].lower(): after for key, after in org.foreseen(_SEAT_KIND).items() if key.split("/", 1)[0] == name}
    if not assigned and not given:
        return licence
    people = {username.lower() for _unused, username in assigned} | set(given)
    sets = Query("licensed", f"SELECT Name, NamespacePrefix FROM PermissionSet WHERE LicenseId = {quote(licence.id)}")
    seats = [
        _seats_query(f"seated{number}", _users.condition(part, "Assignee"))
        for number, part in enumerate(_users.chunked(_users.by_username(sorted(people))))
    ]
    answers = org.read([sets, *seats])
    seated = _seated(answers, licence.id)
    names = {_set_reference.qualified(row) for row in answers.rows["licensed"]}
    coming = {username.lower() for one, username in assigned if one in names} | {one for one, after in given.items() if after is not None}
    going = {one for one, after in given.items() if after is None} - coming
    return replace(
        licence,
        taken=licence.taken + len(coming - seated) - len(going & seated),
        holders=(licence.holders | coming) - going,
    )


def _with_vendor(org: Org, wish: Desired, current: Current, answers: Answers) -> Current:
    """The same, with the center's own vendor where something hangs on it: one call, where the rows do not tell; also with those of the centers
    that users move from."""
    joining = [] if wish.state == "absent" else current.outside()
    leaving = any(item.center_id == current.center.id for item in current.users.values()) and wish.state == "absent"
    if wish.state == "exact":
        leaving = any(item.username not in current.users for item in current.inside())
    if not joining and not leaving:
        return current
    tell = _center_reading.settled
    if wish.method == BULK and joining and current.center.vendor is None:
        tell = _center_reading.defined
    center = tell(org, current.center, answers)
    left = {item.center_id for item in joining} & set(current.centers) if wish.move else set()
    told = {center_id: _center_reading.settled(org, current.centers[center_id], answers) for center_id in sorted(left)}
    return replace(current, center=center, centers={**current.centers, **told})


# -- what those who leave hold --------------------------------------------------------------------------------------------------------------


def _holding_reads(people: Sequence[Member]) -> list[Read]:
    rights = " OR ".join(f"PermissionSet.Permissions{FLAGS[right]} = true" for right in JOINING)
    fields = "Id, Assignee.Username, PermissionSetGroupId, PermissionSet.Name, PermissionSet.NamespacePrefix, PermissionSet.Label"
    select = f"SELECT {fields}, PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment WHERE"
    of_members = f"({rights} OR PermissionSet.Name = {quote(PARTNER_SET)})"
    parts = _users.chunked(_users.by_username(item.username for item in people))
    return [
        Query(f"held{number}", f"{select} {of_members} AND {_users.condition(part, 'Assignee')}", tolerate=_ABSENT)
        for number, part in enumerate(parts)
    ]


def _holdings(org: Org, answers: Answers, people: Sequence[Member]) -> dict[str, tuple[Holding, ...]]:
    """What each of these people has, by username; without what earlier tasks of this check-mode run would have taken."""
    taken = {key.lower() for key, after in org.foreseen(ASSIGNMENT_KIND).items() if after is None}
    found: dict[str, list[Holding]] = {item.username: [] for item in people}
    for row in answers.all("held"):
        of, username = row["PermissionSet"], str(row["Assignee"]["Username"])
        held = Holding(str(row["Id"]), _set_reference.qualified(of), _source(row))
        if f"{held.name}/{username}".lower() not in taken:
            found.setdefault(username, []).append(held)
    return {name: tuple(sorted(held, key=lambda one: one.name)) for name, held in found.items()}


def _source(row: Mapping[str, Any]) -> str:
    if row["PermissionSetGroupId"]:
        return "through the permission set group of that name"
    return "from the user's profile" if row["PermissionSet"]["IsOwnedByProfile"] else ""


NOUN = Noun(
    name=KIND,
    argument_spec=ARGUMENT_SPEC,
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=reread,
)
