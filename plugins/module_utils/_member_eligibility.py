# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Reading what decides whether users may be members of a Partner Telephony contact center; _member_standing judges it.

In check mode users count as earlier tasks of the run would have left them. The columns of the rights exist only where the licence is, and one
unknown column fails its whole query: its refusal means that nobody has the right. IsRevoked exists only in orgs with User Access Policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import _set_groups, _set_reference, _user_reading, _users
from ._member_standing import FLAGS, JOINING, SUPERVISOR, Grant, Standing
from ._org import Answers, Org, Query
from ._soql import in_list
from ._users import User

_GRANT_FIELDS = (
    "Id, AssigneeId, Assignee.Username, Assignee.IsActive, ExpirationDate, PermissionSetGroupId, PermissionSet.Name, PermissionSet.NamespacePrefix, "
    "PermissionSet.IsOwnedByProfile"
)
_ABSENT = ("INVALID_FIELD",)
_ASSIGNMENT_KIND = "permission_set_assignment"


@dataclass(frozen=True)
class Scope:
    """Whose standing is read: a WHERE condition on User, and the same one on PermissionSetAssignment. Empty: everybody's."""

    users: str = ""
    assignees: str = ""


def scopes(users: Iterable[User], sandbox: str = "") -> list[Scope]:
    """These users, as many together as one statement can list."""
    return [
        Scope(_users.condition(part, sandbox=sandbox), _users.condition(part, "Assignee", sandbox))
        for part in _users.chunked(users, sandbox)
    ]


def reads(org: Org, whose: Sequence[Scope], first: int = 0, *, supervisors: bool = False) -> list[Query]:
    """The queries that standings() needs, four for each scope (five with supervisors): service, granted, revoked, logins (and supervising), each
    with a number behind it. first: the number of the first scope."""
    found: list[Query] = []
    of_members = carrying(JOINING, "PermissionSet.")
    made = _foreseen_sets(org)
    if made:
        of_members = f"({of_members} OR (PermissionSet.NamespacePrefix = null AND PermissionSet.Name IN {in_list(made)}))"
    for number, scope in enumerate(whose, first):
        served = " AND ".join(part for part in ("UserPermissionsSupportUser = true", scope.users) if part)
        found.append(Query(f"service{number}", f"SELECT Id FROM User WHERE {served}", tolerate=_ABSENT))
        granted = _granted(of_members, scope)
        found.append(Query(f"granted{number}", f"SELECT {_GRANT_FIELDS}, {_columns(JOINING)} {granted}", tolerate=_ABSENT))
        found.append(Query(f"revoked{number}", f"SELECT Id {granted} AND IsRevoked = true", tolerate=_ABSENT))
        found.extend(_user_reading.login_reads([scope.users or "Id != null"], number))
        if supervisors:
            granted = _granted(carrying([SUPERVISOR], "PermissionSet."), scope)
            found.append(Query(f"supervising{number}", f"SELECT {_GRANT_FIELDS}, {_columns([SUPERVISOR])} {granted}", tolerate=_ABSENT))
    return found


def standings(org: Org, people: Iterable[tuple[str, str]], answers: Answers) -> dict[str, Standing]:
    """The standing of each of these people, given as (Id, username), by username. answers: what reads() brought. Asks once more only in check mode,
    and only where earlier tasks of the run would have changed who has what."""
    service = {str(row["Id"]) for row in answers.all("service")}
    hidden = any(ref.startswith("logins") for ref in answers.refusals)
    logins = {str(row["UserId"]): row for row in answers.all("logins")}
    foresight = _foresight(org)
    grants = _grants(org, answers, foresight)
    coming = {
        str(after.get("username", key)).lower(): after
        for key, after in _user_reading.foreseen(org).items()
        if "SupportUser" in after or "frozen" in after
    }
    found = {}
    for user_id, username in people:
        after = coming.get(username.lower(), {})
        login = logins.get(user_id, {})
        frozen = None if hidden else bool(login.get("IsFrozen"))
        given = [*grants.get(user_id, ()), *foresight.grants.get(username.lower(), ())]
        kept = tuple(grant for grant in given if not foresight.gone(grant, username))
        found[username] = Standing(
            bool(after.get("SupportUser", user_id in service)), after.get("frozen", frozen), kept, str(login.get("Id", ""))
        )
    return found


@dataclass(frozen=True)
class _Foresight:
    """What earlier tasks of this check-mode run would have done: rights that sets would gain or lose, by the set's name; assignments that would be
    gone, by set name or group Id and lower-case username; grants that would have come, by lower-case username."""

    sets: Mapping[str, Mapping[str, bool]]
    taken: frozenset[tuple[str, str]]
    grants: Mapping[str, tuple[Grant, ...]]

    def gone(self, grant: Grant, username: str) -> bool:
        return (grant.group or grant.name, username.lower()) in self.taken and bool(grant.id)


_NOTHING_FORESEEN = _Foresight({}, frozenset(), {})


def _granted(carrying: str, scope: Scope) -> str:
    conditions = " AND ".join(part for part in ("IsActive = true", scope.assignees, carrying) if part)
    return f"FROM PermissionSetAssignment WHERE {conditions}"


def carrying(rights: Iterable[str], path: str = "") -> str:
    """The WHERE condition on permission sets that carry any of these rights. path: to PermissionSet, such as PermissionSet., or nothing."""
    return "(" + " OR ".join(f"{path}Permissions{FLAGS[right]} = true" for right in rights) + ")"


def _columns(rights: Iterable[str], path: str = "PermissionSet.") -> str:
    return ", ".join(f"{path}Permissions{FLAGS[right]}" for right in rights)


def _grants(org: Org, answers: Answers, foresight: _Foresight) -> dict[str, list[Grant]]:
    """What gives rights now, by the user's Id. The org may still call a row active that has been revoked or has expired."""
    revoked = {str(row["Id"]) for row in answers.all("revoked")}
    now = org.now_text()
    found: dict[str, list[Grant]] = {}
    for row in (*answers.all("granted"), *answers.all("supervising")):
        expired = row["ExpirationDate"] and row["ExpirationDate"] <= now
        if row["Id"] in revoked or expired:
            continue
        grant = grant_of(row)
        rights = _switched(grant.rights, foresight.sets.get(grant.name, {}))
        found.setdefault(str(row["AssigneeId"]), []).append(replace(grant, rights=rights))
    return found


def grant_of(row: Mapping[str, Any]) -> Grant:
    """The grant that an assignment's row stands for."""
    of = row["PermissionSet"]
    return Grant(
        str(row["Id"]),
        _set_reference.qualified(of),
        frozenset(right for right, flag in FLAGS.items() if of.get(f"Permissions{flag}")),
        str(row["PermissionSetGroupId"] or ""),
        bool(of["IsOwnedByProfile"]),
    )


# -- as earlier tasks of a check-mode run would leave it ------------------------------------------------------------------------------------


def _foreseen_sets(org: Org) -> list[str]:
    """The sets that by an earlier task of this check-mode run would get a right."""
    return sorted(name for name, switched in _foreseen_switches(org).items() if any(switched.values()))


def _foreseen_switches(org: Org) -> dict[str, dict[str, bool]]:
    """The rights that earlier tasks of this check-mode run would switch on or off, by the set's name."""
    planned = org.foreseen("user_permissions", switches=True)
    told = {name: {right: bool(after[flag]) for right, flag in FLAGS.items() if flag in after} for name, after in planned.items() if after}
    return {name: switched for name, switched in told.items() if switched}


def _switched(rights: frozenset[str], switches: Mapping[str, bool]) -> frozenset[str]:
    on = {right for right, is_on in switches.items() if is_on}
    return (rights - frozenset(switches)) | on


def _foresight(org: Org) -> _Foresight:
    assigned, grouped = org.foreseen(_ASSIGNMENT_KIND), org.foreseen(_set_groups.ASSIGNMENT_KIND)
    switches = _foreseen_switches(org)
    if not assigned and not grouped and not switches:
        return _NOTHING_FORESEEN
    answers = org.read(_foresight_reads(bool(grouped)))
    carrying = _carrying_sets(answers, switches)
    through = _carrying_groups(org, answers, carrying)
    ids = {_set_groups.qualified({"PermissionSetGroup": row}): str(row["Id"]) for row in answers.rows.get("all_groups", ())}
    grants: dict[str, list[Grant]] = {}
    taken = set()
    for planned, sources, groups in ((assigned, carrying, {}), (grouped, through, ids)):
        for key, after in planned.items():
            name, username = key.split("/", 1)
            if after is None:
                taken.add((groups.get(name, name), username.lower()))
            elif sources.get(name):
                grant = Grant("", name, sources[name], name if planned is grouped else "")
                grants.setdefault(username.lower(), []).append(grant)
    return _Foresight(switches, frozenset(taken), {name: tuple(given) for name, given in grants.items()})


def _foresight_reads(grouped: bool) -> list[Query]:
    own = f"SELECT Id, Name, NamespacePrefix, {_columns(JOINING, '')} FROM PermissionSet WHERE {carrying(JOINING)}"
    found = [Query("member_sets", own, tolerate=_ABSENT)]
    if grouped:
        components = f"FROM PermissionSetGroupComponent WHERE PermissionSetId IN (SELECT Id FROM PermissionSet WHERE {carrying(JOINING)})"
        fields = "PermissionSetId, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix"
        found.append(Query("member_groups", f"SELECT {fields} {components}", tolerate=_set_groups.NOT_SHOWN))
        every = "SELECT Id, DeveloperName, NamespacePrefix FROM PermissionSetGroup"
        found.append(Query("all_groups", every, tolerate=_set_groups.NOT_SHOWN))
    return found


def _carrying_sets(answers: Answers, switches: Mapping[str, Mapping[str, bool]]) -> dict[str, frozenset[str]]:
    """The sets that would carry rights, by name."""
    now = {_set_reference.qualified(row): _rights_of(row) for row in answers.rows["member_sets"]}
    return {name: _switched(now.get(name, frozenset()), switches.get(name, {})) for name in {*now, *switches}}


def _rights_of(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(right for right in JOINING if row[f"Permissions{FLAGS[right]}"])


def _carrying_groups(org: Org, answers: Answers, sets: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The groups with one of these sets in them, old or still to be made, and the rights that they bring."""
    names = {str(row["Id"]): _set_reference.qualified(row) for row in answers.rows["member_sets"]}
    members = [(_set_groups.qualified(row), names.get(str(row["PermissionSetId"]), "")) for row in answers.rows.get("member_groups", ())]
    for key, after in org.foreseen(_set_groups.MEMBER_KIND).items():
        group, name = key.split("/", 1)
        members = [one for one in members if one != (group, name)] + ([(group, name)] if after is not None else [])
    found: dict[str, frozenset[str]] = {}
    for group, name in members:
        found[group] = found.get(group, frozenset()) | sets.get(name, frozenset())
    return found
