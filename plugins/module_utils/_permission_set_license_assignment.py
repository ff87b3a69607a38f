# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A permission set licence and the users who hold a seat of it (PermissionSetLicense, PermissionSetLicenseAssign; Object Reference).

Assigning a permission set that is made for such a licence takes a seat by itself, and taking the last such set away gives it back in most cases
(Salesforce Help, Remove a Permission Set License from a User). So a licence that a user's sets need stays as long as they do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from . import _license_assignment, _license_reading, _set_groups, _set_reference
from ._converge import Noun
from ._errors import RecordError
from ._license_assignment import Current, Desired, Holder, License, Objects, plan, report
from ._org import Answers, Org, Outcome, Query, Read
from ._plan import Change, Delete
from ._soql import in_list, list_chunks, quote

PERMISSION_SET = Objects(
    kind="permission_set_license_assignment",
    what="permission set license",
    setup="Company Information",
    sobject="PermissionSetLicense",
    names=("DeveloperName", "PermissionSetLicenseKey", "MasterLabel"),
    total="TotalLicenses",
    seat="PermissionSetLicenseAssign",
    license="PermissionSetLicense",
    user="Assignee",
    sites=False,
)
# Kinds of what earlier tasks of a check-mode run may have planned.
_SET, _SET_ASSIGNMENT = "permission_set", "permission_set_assignment"
_GROUP_FIELDS = "Assignee.Username, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix"
_MEMBER_FIELDS = "PermissionSetId, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix"


@dataclass(frozen=True)
class Needing:
    """What brings the licence along: sets and groups by lower-case name, each with the words for it. ids: the sets' names by Id."""

    sets: Mapping[str, str]
    groups: Mapping[str, str]
    ids: Mapping[str, str]


@dataclass(frozen=True)
class Planned:
    """An assignment as an earlier task of this check-mode run would leave it."""

    of_group: bool
    name: str
    username: str
    given: bool


# Lower-case username -> what the user has that needs the licence, in words.
Needs = Mapping[str, frozenset[str]]


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for."""
    return _license_assignment.wished(PERMISSION_SET, "permission_set_license", params)


def read(org: Org, wish: Desired) -> Current:
    """The licence, the users and the seats; one call. One more where somebody would lose the licence, for the sets that need it, and one where seats
    lack."""
    current = _license_reading.read(org, wish)
    leaving = [item.user_id for item in _license_assignment.leaving(wish, current) if item.user_id]
    planned = _planned(org)
    if leaving or planned:
        current = _with_sets(org, current, org.read(_set_reads(current.license, leaving, planned)), planned)
    return _license_reading.completed(org, wish, current)


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Delete the rows of those who go, then create those of the others; a refused one does not stop the rest."""
    org.write(_license_reading.writes(PERMISSION_SET, current, changes))
    org.outcomes[:] = [
        replace(item, errors=tuple(_explained(wish, current, item.change, error) for error in item.errors)) for item in org.outcomes
    ]
    return org.outcomes


def _explained(wish: Desired, current: Current, change: Change, error: RecordError) -> RecordError:
    """The refusal with a remedy of this licence's own. The sets that need it are told before a write, unless groups are hidden from the running user
    or a set came meanwhile."""
    if isinstance(change, Delete) and error.code == "FIELD_INTEGRITY_EXCEPTION":
        user = _license_assignment.username_of(change)
        remedy = f"Take from {user} the permission sets that need the licence, also those that come through a group; then the licence goes in most cases."
        return replace(error, remedy=remedy)
    return _license_assignment.explained(wish, current, error)


def _with_sets(org: Org, current: Current, answers: Answers, planned: Sequence[Planned]) -> Current:
    """The same, with who needs the licence for a set, as earlier tasks of this check-mode run would leave that, and the seats that they bring or free."""
    needing = _needing(org, current.license, answers)
    before = _needs(needing, answers)
    after = _after(before, needing, planned)
    changed = {item.username.lower(): bool(after.get(item.username.lower())) for item in planned}
    changed = {name: needs for name, needs in changed.items() if needs != bool(before.get(name))}
    seated = {str(row["Assignee"]["Username"]).lower() for row in answers.all("seated")}
    for key, seat in org.foreseen(PERMISSION_SET.kind).items():
        name = key.split("/", 1)[1].lower()
        if not key.startswith(current.key("")):
            continue
        # A planned seat has been counted. One that would be given back was given back before a set brought another.
        seated.discard(name)
        if seat is not None:
            changed.pop(name, None)
    told = {name: tuple(sorted(words)) for name, words in after.items() if words}
    return replace(_came_along(current, changed, seated), needed=told)


def _planned(org: Org) -> list[Planned]:
    """What earlier tasks of this check-mode run would do to the assignments of sets and groups."""
    told = []
    for kind, of_group in ((_SET_ASSIGNMENT, False), (_set_groups.ASSIGNMENT_KIND, True)):
        for key, after in org.foreseen(kind).items():
            name, username = key.split("/", 1)
            told.append(Planned(of_group, name, username, after is not None))
    return told


def _set_reads(found: License, leaving: Sequence[str], planned: Sequence[Planned]) -> list[Read]:
    """The sets and groups that need the licence, and which of these users have any; where assignments are planned, also who of their users holds a seat."""
    mine = f"LicenseId = {quote(found.id)}"
    members = (
        f"SELECT {_MEMBER_FIELDS} FROM PermissionSetGroupComponent WHERE PermissionSetId IN (SELECT Id FROM PermissionSet WHERE {mine})"
    )
    reads: list[Read] = [
        Query("sets", f"SELECT Id, Name, NamespacePrefix FROM PermissionSet WHERE {mine}"),
        Query("members", members, _set_groups.NOT_SHOWN),
    ]
    names = sorted({item.username for item in planned})
    people = [f"AssigneeId IN {in_list(part)}" for part in list_chunks(leaving)]
    people += [f"Assignee.Username IN {in_list(part)}" for part in list_chunks(names)]
    select = "FROM PermissionSetAssignment WHERE"
    for number, whose in enumerate(people):
        direct = f"PermissionSetGroupId = null AND PermissionSet.{mine} AND {whose}"
        reads.append(Query(f"direct{number}", f"SELECT Assignee.Username, PermissionSetId {select} {direct}"))
        through = f"SELECT {_GROUP_FIELDS} {select} PermissionSetGroupId != null AND {whose}"
        reads.append(Query(f"through{number}", through, _set_groups.NOT_SHOWN))
    for number, part in enumerate(list_chunks(names)):
        seat = f"PermissionSetLicenseId = {quote(found.id)} AND Assignee.Username IN {in_list(part)}"
        reads.append(Query(f"seated{number}", f"SELECT Assignee.Username FROM PermissionSetLicenseAssign WHERE {seat}"))
    return reads


def _needing(org: Org, found: License, answers: Answers) -> Needing:
    """The sets and groups that bring the licence along, those included that earlier tasks of this check-mode run would make so."""
    by_id = {row["Id"]: _set_reference.qualified(row) for row in answers.rows["sets"]}
    called = {name.lower() for name in found.called}
    made = {name for name, after in org.foreseen(_SET).items() if after and str(after.get("license")).lower() in called}
    names = {*by_id.values(), *made}
    members = [(_set_groups.qualified(row), by_id[row["PermissionSetId"]]) for row in answers.rows["members"]]
    planned = [(key.split("/", 1), after) for key, after in org.foreseen(_set_groups.MEMBER_KIND).items()]
    members += [(group, name) for (group, name), after in planned if after is not None and name in names]
    groups = {group.lower(): f"permission set {name} (through permission set group {group})" for group, name in members}
    return Needing({name.lower(): f"permission set {name}" for name in names}, groups, by_id)


def _needs(needing: Needing, answers: Answers) -> Needs:
    """Who has what of these now."""
    held: dict[str, frozenset[str]] = {}
    rows = [
        (row, needing.sets.get(needing.ids.get(row["PermissionSetId"], "").lower(), "a permission set")) for row in answers.all("direct")
    ]
    rows += [(row, needing.groups.get(_set_groups.qualified(row).lower(), "")) for row in answers.all("through")]
    for row, words in rows:
        if not words:
            continue
        username = str(row["Assignee"]["Username"]).lower()
        held[username] = held.get(username, frozenset()) | {words}
    return held


def _after(held: Needs, needing: Needing, planned: Sequence[Planned]) -> Needs:
    """Who has what of these once the planned assignments are made."""
    after = dict(held)
    for item in planned:
        words = (needing.groups if item.of_group else needing.sets).get(item.name.lower())
        if words:
            username = item.username.lower()
            known = after.get(username, frozenset())
            after[username] = known | {words} if item.given else known - {words}
    return after


def _came_along(current: Current, needing: Mapping[str, bool], seated: Set[str]) -> Current:
    """The seats as the planned assignments would leave them. needing: whose need for the licence changes, to what; seated: who of them has a seat."""
    held, used = dict(current.holders), current.used
    people = {name.lower(): (name, row) for name, row in current.users.items()}
    for name, needs in needing.items():
        has = name in seated or name in held
        used += needs - has
        if not needs:
            held.pop(name, None)
        elif not has:
            username, row = people.get(name, (name, {}))
            held[name] = Holder("", str(row.get("Id") or ""), username, True, "Standard")
    return replace(current, holders=held, used=used)


NOUN = Noun(
    name=PERMISSION_SET.kind,
    argument_spec={"permission_set_license": {"type": "str", "required": True}, **_license_assignment.ARGUMENT_SPEC},
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=_license_reading.reread,
)
