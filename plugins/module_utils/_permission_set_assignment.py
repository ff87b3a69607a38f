# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A permission set, or a permission set group, and the users who have it. A group's row is given the shape of a set's: both are assigned alike.

Granted means active, not revoked and not expired (PermissionSetAssignment, Object Reference); every other row counts as not assigned and
is repaired. IsRevoked exists only in orgs with User Access Policies, and one unknown column fails its whole query: it is asked for in a query
of its own, whose refusal means that nothing is revoked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _set_groups, _set_reference, _user_reading, _users
from ._converge import Noun
from ._errors import CONFIG, ORG, Problem, RecordError, listing
from ._org import Answers, Org, Outcome, Query, Read, Write
from ._plan import Change, Create, Delete, Plan, Update
from ._set_reference import SetReference
from ._soql import quote
from ._users import Allowance, Skipped, User

KIND = "permission_set_assignment"
GROUP_KIND = _set_groups.ASSIGNMENT_KIND
# What it means for a set that a user holds it through a group.
COUNTS, IGNORED = "counts", "ignored"

# How the org says that a user's licence does not go with a set: "The user license doesn't allow the permission: Read Accounts".
_LICENCE_FORBIDS = re.compile(r"user license doesn.t allow (?:the permission: )?(?P<what>.+?)\.?$", re.IGNORECASE)
_THROUGH_FIELDS = "Assignee.Username, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix, IsActive, ExpirationDate"
_ROW_FIELDS = "Id, AssigneeId, Assignee.Username, Assignee.UserType, PermissionSetId, PermissionSetGroupId, IsActive, ExpirationDate"
_USER_FIELDS = "Id, Username, IsActive, UserType, Profile.UserLicenseId, Profile.UserLicense.Name"


@dataclass(frozen=True)
class Desired:
    """Who should have which set, or which group. through_group: whether holding a set through a group is enough. wait_timeout: for how many
    seconds to wait for a group that the org is recalculating."""

    reference: SetReference
    users: tuple[User, ...]
    state: str
    on_ineligible: str
    max_removals: Allowance
    allow_empty: bool
    is_group: bool = False
    through_group: str = IGNORED
    wait_timeout: int = 300
    lookup: str = _users.FAIL

    @property
    def what(self) -> str:
        return "permission set group" if self.is_group else "permission set"

    @property
    def tried(self) -> str:
        return f"assigning {self.what} {self.reference}"

    @property
    def kind(self) -> str:
        return GROUP_KIND if self.is_group else KIND


@dataclass(frozen=True)
class Row:
    """One assignment of the set, or of the group, itself. protected: why it is never taken away, or empty."""

    id: str
    username: str
    active: bool
    revoked: bool
    expires: str | None
    expired: bool
    protected: str


@dataclass(frozen=True)
class Current:
    """The set (or the group, in a set's shape), the wanted users, and its assignments by lower-case username. permission_set is None where
    there is none.

    through: username -> the groups through which the user holds the set, or None where the org does not say. unknown: the users of the task whom the
    org does not have.
    """

    permission_set: Mapping[str, Any] | None
    users: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Row]
    running_user_id: str = ""
    through: Mapping[str, tuple[str, ...]] | None = field(default_factory=dict)
    unknown: tuple[Skipped, ...] = ()

    @property
    def needs_activation(self) -> bool:
        return bool(self.permission_set and self.permission_set["HasActivationRequired"])


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for an empty name, users that are no users, and an empty list with state exact."""
    is_group = params["permission_set"] is None
    reference = _set_groups.parse(params["permission_set_group"]) if is_group else _set_reference.parse(params["permission_set"])
    wish = Desired(
        reference,
        (),
        params["state"],
        params["on_ineligible"],
        _users.allowance(params["max_removals"], f"assigning permission set{' group' if is_group else ''} {reference}"),
        params["allow_empty"],
        is_group,
        params["through_group"],
        params["wait_timeout"],
        params["lookup_failure_action"],
    )
    _set_reference.require_named([reference], _name_of_target(wish), f"assigning a {wish.what}")
    wish = replace(wish, users=_users.wanted(params["users"], wish.tried))
    if wish.state == "exact":
        _users.guard_exact((), len(wish.users), wish.max_removals, wish.allow_empty, wish.tried)
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The set or group, the wanted users and the assignments, in one call for up to about two thousand users."""
    everyone = wish.state == "exact"
    answers = org.read(_reads(org, wish))
    found = _set_reference.choose(wish.reference, _found(wish, answers), wish.tried)
    permission_set = _group_as_foreseen(org, wish, found) if wish.is_group else _as_foreseen(org, wish.reference, found)
    sought = _user_reading.sought(org, wish.users, answers, _USER_FIELDS, wish.tried, wish.lookup)
    users = sought.rows
    late = [] if everyone else _user_reading.late(users, answers)
    if late:
        answers = answers.joined(org.read(_of_users(wish, _users.by_username(late), len(answers.rows))))
    running = org.user_id if wish.state in ("exact", "absent") else ""
    names = {name.lower() for name in users}
    rows = {name: row for name, row in _rows(answers, permission_set, running, org.now_text()).items() if everyone or name in names}
    rows = _rows_as_foreseen(org, wish, permission_set, rows)
    if wish.is_group or permission_set is None:
        return Current(permission_set, users, rows, running, unknown=sought.left_out)
    through = _through_as_foreseen(org, permission_set, _through(org, wish, users, answers, permission_set))
    return Current(permission_set, users, rows, running, through, sought.left_out)


def plan(wish: Desired, current: Current) -> Plan:
    """What is missing, to be repaired, or too much. Raises Problem for a set that cannot be assigned, for users who cannot have it, and
    for more removals than allowed."""
    if current.permission_set is None and wish.state == "absent":
        return Plan()
    permission_set = _assignable(wish, current)
    name = _set_reference.qualified(permission_set)
    if wish.state == "absent":
        return _taken_away(wish, current, name)
    changes: list[Change] = []
    skipped = _ineligible(wish, current)
    left_out = {item.user for item in skipped}
    _users.stop_or_skip(skipped, wish.on_ineligible, wish.tried)
    for username in current.users:
        if username not in left_out and not _has_enough(wish, current, username):
            changes.extend(_granting(wish.kind, f"{name}/{username}", current.rows.get(username.lower()), current.needs_activation))
    _check_status(wish, permission_set, changes)
    if wish.state == "exact":
        leaving = sorted((row for row in _others(current) if not row.protected), key=lambda row: row.username)
        staying = len(current.users) - len(left_out) + len(_kept(wish, current))
        there = sum(_granted(row, current.needs_activation) for row in current.rows.values())
        _users.guard_exact([row.username for row in leaving], staying, wish.max_removals, wish.allow_empty, wish.tried, there)
        changes.extend(Delete(wish.kind, f"{name}/{row.username}", row.id, {"assigned": True}) for row in leaving)
    return Plan(tuple(changes))


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes, repairs and removals first, so that a replaced row is gone before its successor comes. A group that the org is
    recalculating is waited for before anything is written: it could not be assigned."""
    permission_set = current.permission_set or {}
    if any(isinstance(change, Create) for change in changes):
        _await_group(org, wish, permission_set)
    target = "PermissionSetGroupId" if wish.is_group else "PermissionSetId"
    ids = {username: row["Id"] for username, row in current.users.items()}
    writes = []
    for change in sorted(changes, key=lambda item: isinstance(item, Create)):
        if isinstance(change, Create):
            fields = {"AssigneeId": ids[_username(change)], target: permission_set["Id"]}
            writes.append(Write(change, "create", "PermissionSetAssignment", None, fields))
        elif isinstance(change, Update):
            writes.append(Write(change, "update", "PermissionSetAssignment", change.id, _repair_fields(change)))
        else:
            writes.append(Write(change, "delete", "PermissionSetAssignment", change.id, {}))
    org.write(writes)
    org.outcomes[:] = [
        replace(item, errors=tuple(_explained(wish, current, item.change, error) for error in item.errors)) for item in org.outcomes
    ]
    return org.outcomes


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The assignments of the users that the changes touched, read again."""
    touched = list(dict.fromkeys(_username(change) for change in changes))
    answers = org.read(_row_reads(wish, _users.chunked(_users.by_username(touched))))
    kept = {name: row for name, row in current.rows.items() if name not in {item.lower() for item in touched}}
    fresh = _rows(answers, current.permission_set, current.running_user_id, org.now_text())
    return replace(current, rows={**kept, **fresh})


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The set or group as it is called everywhere, who was left out and why, and who holds the set through a group."""
    told: dict[str, Any] = {"permission_set": None, "permission_set_group": None, "license": None, "left_out": [], "through_group": []}
    unknown = [item.as_result() for item in current.unknown]
    warnings = _users.warned_of_unknown(current.unknown, wish.lookup)
    if current.permission_set is None:
        warning = f"there is no {wish.what} {wish.reference}, so there was nothing to take away."
        return {**told, _name_of_target(wish): str(wish.reference), "left_out": unknown, "warnings": [*warnings, warning]}
    skipped = _ineligible(wish, current) + ([] if wish.state == "present" else _kept(wish, current))
    warnings += [f"{item.user} was left out: the user {item.reason}." for item in skipped]
    if current.needs_activation:
        warnings.append(f"{wish.reference} needs activation in a session before it grants anything; assigning it is not enough.")
    return {
        **told,
        _name_of_target(wish): _set_reference.qualified(current.permission_set),
        "license": (current.permission_set.get("License") or {}).get("Name"),
        "left_out": [*unknown, *(item.as_result() for item in skipped)],
        "through_group": _held_through(wish, current),
        "warnings": warnings + _warned_of_groups(wish, current),
    }


def _name_of_target(wish: Desired) -> str:
    return "permission_set_group" if wish.is_group else "permission_set"


def _reads(org: Org, wish: Desired) -> list[Read]:
    """Everything in one composite of five queries, as long as the users fit one statement."""
    reads: list[Read] = [_target_query(wish), *_user_reading.reads(org, wish.users, _USER_FIELDS)]
    return reads + _of_users(wish, wish.users, 0, org.sandbox_name)


def _of_users(wish: Desired, users: Sequence[User], first: int, sandbox: str = "") -> list[Read]:
    """What the users have: the set or group itself, and the set through groups. first: the number of the first query of each kind."""
    parts = _parts(wish, users, sandbox)
    reads = _row_reads(wish, parts, first, sandbox)
    return reads if wish.is_group else reads + _through_reads(_any_namesake(wish.reference), parts, first, sandbox)


def _parts(wish: Desired, users: Sequence[User], sandbox: str = "") -> list[list[User]]:
    """Whose assignments to ask for, statement by statement; an empty part asks for everybody's."""
    return [[]] if wish.state == "exact" else _users.chunked(users, sandbox)


def _target_query(wish: Desired) -> Query:
    """Sets of other namespaces too, where a set is named: groups tell of their members by bare name."""
    if wish.is_group:
        return Query(
            "permission_set_group",
            f"SELECT {_set_groups.FIELDS} FROM PermissionSetGroup WHERE {_set_groups.condition(wish.reference)}",
        )
    found = _set_reference.condition(replace(wish.reference, namespace=None))
    return Query("permission_set", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {found}")


def _row_reads(wish: Desired, parts: Sequence[Sequence[User]], first: int = 0, sandbox: str = "") -> list[Read]:
    mine = (
        _set_groups.condition(wish.reference, "PermissionSetGroup")
        if wish.is_group
        else _set_reference.condition(wish.reference, "PermissionSet")
    )
    reads: list[Read] = []
    for number, part in enumerate(parts, first):
        select = f"FROM PermissionSetAssignment WHERE {mine}{_of_whom(part, sandbox)}"
        reads.append(Query(f"rows{number}", f"SELECT {_ROW_FIELDS} {select}"))
        reads.append(Query(f"revoked{number}", f"SELECT Id {select} AND IsRevoked = true", tolerate=("INVALID_FIELD",)))
    return reads


def _through_reads(members: str, parts: Sequence[Sequence[User]], first: int = 0, sandbox: str = "") -> list[Read]:
    """Who has a group that the set is a member of. members: which components count. Orgs without groups refuse."""
    groups = f"SELECT PermissionSetGroupId FROM PermissionSetGroupComponent WHERE {members}"
    select = f"SELECT {_THROUGH_FIELDS} FROM PermissionSetAssignment WHERE PermissionSetGroupId IN ({groups})"
    return [
        Query(f"through{number}", f"{select}{_of_whom(part, sandbox)}", tolerate=_set_groups.NOT_SHOWN)
        for number, part in enumerate(parts, first)
    ]


def _any_namesake(reference: SetReference) -> str:
    return f"PermissionSetId = {quote(reference.id)}" if reference.id else f"PermissionSet.Name = {quote(str(reference.name))}"


def _of_whom(users: Sequence[User], sandbox: str) -> str:
    return f" AND {_users.condition(users, 'Assignee', sandbox)}" if users else ""


def _found(wish: Desired, answers: Answers) -> list[Mapping[str, Any]]:
    """The sets, or the groups in a set's shape, that the name may mean."""
    if wish.is_group:
        return [_set_groups.as_set(row) for row in answers.rows["permission_set_group"]]
    return [*answers.rows["permission_set"]]


def _rows(answers: Answers, permission_set: Mapping[str, Any] | None, running_user_id: str, now: str) -> dict[str, Row]:
    if permission_set is None:
        return {}
    revoked = {row["Id"] for row in answers.all("revoked")}
    rows: dict[str, Row] = {}
    for row in answers.all("rows"):
        # A group's assignment also names the set that adds the group up.
        if (row["PermissionSetGroupId"] or row["PermissionSetId"]) != permission_set["Id"]:
            continue
        username = str(row["Assignee"]["Username"])
        expires = row["ExpirationDate"]
        rows[username.lower()] = Row(
            row["Id"],
            username,
            bool(row["IsActive"]),
            row["Id"] in revoked,
            expires,
            _is_past(expires, now),
            _protection(row, running_user_id),
        )
    return rows


def _is_past(expires: str | None, now: str) -> bool:
    return bool(expires and expires <= now)


def _through(
    org: Org, wish: Desired, users: Iterable[str], answers: Answers, permission_set: Mapping[str, Any]
) -> dict[str, tuple[str, ...]] | None:
    """Username -> the groups through which the user holds the set. Where sets of several packages share the name, they are asked for again, by Id."""
    if not permission_set["Id"]:
        return {}
    if len(answers.rows["permission_set"]) > 1 and answers.all("through"):
        members = f"PermissionSetId = {quote(permission_set['Id'])}"
        answers = org.read(_through_reads(members, _parts(wish, _users.by_username(users))))
    if any(ref.startswith("through") for ref in answers.refusals):
        return None
    return _by_user(answers.all("through"), org.now_text())


def _by_user(rows: Iterable[Mapping[str, Any]], now: str) -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row["IsActive"] and not _is_past(row["ExpirationDate"], now):
            username = str(row["Assignee"]["Username"]).lower()
            held[username] = tuple(sorted({*held.get(username, ()), _set_groups.qualified(row)}))
    return held


def _protection(row: Mapping[str, Any], running_user_id: str) -> str:
    if running_user_id and row["AssigneeId"][:15] == running_user_id[:15]:
        return "is the running user, who never takes a set away from itself"
    if row["Assignee"]["UserType"] in _users.PLATFORM_TYPES:
        return "is one of Salesforce's own users"
    return ""


def _granted(row: Row, needs_activation: bool) -> bool:
    return (row.active or needs_activation) and not row.revoked and not row.expired


def _granting(kind: str, key: str, row: Row | None, needs_activation: bool) -> list[Change]:
    """What makes one user have the set."""
    if row is None:
        return [Create(kind, key, {"assigned": True})]
    if _granted(row, needs_activation):
        return []
    if row.revoked or row.expired:
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if row.revoked:
            before["revoked"], after["revoked"] = True, False
        if row.expired:
            before["expires"], after["expires"] = row.expires, None
        return [Update(kind, key, row.id, before, after)]
    # Neither revoked nor expired, yet not active: no field of the row can be written to change that.
    return [Delete(kind, key, row.id, {"active": False}), Create(kind, key, {"assigned": True})]


def _taken_away(wish: Desired, current: Current, name: str) -> Plan:
    having = [row for row in map(current.rows.get, map(str.lower, current.users)) if row and _granted(row, current.needs_activation)]
    protected = [Skipped(row.username, row.protected) for row in having if row.protected]
    _users.stop_or_skip(protected, wish.on_ineligible, wish.tried)
    return Plan(tuple(Delete(wish.kind, f"{name}/{row.username}", row.id, {"assigned": True}) for row in having if not row.protected))


def _has_enough(wish: Desired, current: Current, username: str) -> bool:
    """Whether the user holds the set through a group, and that is enough."""
    return wish.through_group == COUNTS and username.lower() in (current.through or {})


def _others(current: Current) -> list[Row]:
    """Who has the set without being wanted."""
    names = {name.lower() for name in current.users}
    return [row for name, row in current.rows.items() if name not in names and _granted(row, current.needs_activation)]


def _kept(wish: Desired, current: Current) -> list[Skipped]:
    candidates = _others(current) if wish.state == "exact" else [row for name, row in current.rows.items()]
    return [Skipped(row.username, row.protected) for row in candidates if row.protected]


def _ineligible(wish: Desired, current: Current) -> list[Skipped]:
    """Who of the wanted users does not have the set and cannot be given it."""
    if wish.state == "absent" or current.permission_set is None:
        return []
    told = []
    for username, user in current.users.items():
        row = current.rows.get(username.lower())
        if (row and _granted(row, current.needs_activation)) or _has_enough(wish, current, username):
            continue
        reason = _why_not(user, current.permission_set)
        if reason:
            told.append(Skipped(username, reason))
    return told


def _why_not(user: Mapping[str, Any], permission_set: Mapping[str, Any]) -> str:
    if not user["IsActive"]:
        return "is inactive"
    if user["UserType"] in _users.PLATFORM_TYPES:
        return "is one of Salesforce's own users"
    licence = str(permission_set["LicenseId"] or "")
    profile = user["Profile"] or {}
    # A set made for a user licence goes only to users of that licence (PermissionSet.LicenseId, Object Reference; 100 is UserLicense).
    if licence.startswith("100") and licence != profile.get("UserLicenseId"):
        name = (profile.get("UserLicense") or {}).get("Name", "another user licence")
        return f"has the user licence {name}, and the set is made for another one"
    return ""


def _assignable(wish: Desired, current: Current) -> Mapping[str, Any]:
    found = current.permission_set
    if found is None:
        page = "Permission Set Groups" if wish.is_group else "Permission Sets"
        raise Problem(
            wish.tried,
            f"the org has no such {wish.what}.",
            f"Check the API name (Setup, {page}); a package's is written ns__Name or, if its name is unique, without ns__.",
            CONFIG,
            "unknown_group" if wish.is_group else "unknown_set",
        )
    if found["IsOwnedByProfile"]:
        raise Problem(
            wish.tried, "it belongs to a profile.", "Give the users that profile, or name a permission set.", CONFIG, "profile_owned_set"
        )
    if found["PermissionSetGroupId"]:
        raise Problem(
            wish.tried,
            "it is the sum of a permission set group.",
            "Name the group in permission_set_group, or one of its sets here.",
            CONFIG,
            "group_set",
        )
    return found


def _as_foreseen(org: Org, reference: SetReference, found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The set as earlier tasks of this check-mode run would leave it: made, or gone."""
    if (found is not None and found["NamespacePrefix"]) or reference.id or reference.namespace:
        return found
    planned = org.foreseen("permission_set")
    name = next((key for key in planned if key.lower() == str(reference.name).lower()), None)
    if name is None:
        return found
    after = planned[name]
    if after is None:
        return None
    if found is None:
        license_id, license_name = _license(org, after.get("license"))
        found = _set_reference.foreseen_row(name, {**after, "license": license_name}, license_id)
    return {**found, **_activation(after)}


def _activation(planned: Mapping[str, Any]) -> dict[str, bool]:
    """Whether a session has to be activated, where an earlier task of this check-mode run would set that."""
    return {"HasActivationRequired": bool(planned["session_activation"])} if "session_activation" in planned else {}


def _rows_as_foreseen(org: Org, wish: Desired, permission_set: Mapping[str, Any] | None, rows: Mapping[str, Row]) -> dict[str, Row]:
    """The assignments as earlier tasks of this check-mode run would leave them."""
    overlaid = dict(rows)
    prefix = f"{_set_reference.qualified(permission_set)}/" if permission_set else "/"
    for key, after in org.foreseen(wish.kind).items():
        if not key.startswith(prefix):
            continue
        username = key[len(prefix) :]
        overlaid.pop(username.lower(), None)
        if after is not None:
            known = rows.get(username.lower())
            overlaid[username.lower()] = Row("", username, True, False, None, False, known.protected if known else "")
    return overlaid


def _group_as_foreseen(org: Org, wish: Desired, found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The group as earlier tasks of this check-mode run would leave it: made, gone, or changed and recalculated since."""
    if (found is not None and found["NamespacePrefix"]) or wish.reference.id or wish.reference.namespace:
        return found
    planned = {name.lower(): (name, after) for name, after in org.foreseen(_set_groups.KIND).items()}
    name, after = planned.get(str(wish.reference.name).lower(), ("", {}))
    if after is None:
        return None
    if found is None:
        return _set_groups.foreseen_row(name, after) if name else None
    touched = {key.split("/", 1)[0] for kind in (_set_groups.MEMBER_KIND, _set_groups.MUTED_KIND) for key in org.foreseen(kind)}
    return {**found, **_activation(after), **({"Status": _set_groups.UPDATED} if found["Name"] in touched else {})}


def _through_as_foreseen(
    org: Org, permission_set: Mapping[str, Any], through: Mapping[str, tuple[str, ...]] | None
) -> Mapping[str, tuple[str, ...]] | None:
    """Who holds the set through a group, as earlier tasks of this check-mode run would leave groups and their assignments."""
    members, assigned, gone = org.foreseen(_set_groups.MEMBER_KIND), org.foreseen(GROUP_KIND), org.foreseen(_set_groups.KIND)
    if through is None or not (members or assigned or gone):
        return through
    name = _set_reference.qualified(permission_set)
    groups = _groups_of(org, permission_set) | {
        key.split("/", 1)[0] for key, after in members.items() if after and key.endswith(f"/{name}")
    }
    groups -= {key.split("/", 1)[0] for key, after in members.items() if after is None and key.endswith(f"/{name}")}
    groups -= {key for key, after in gone.items() if after is None}
    groups -= _needing_activation(org, groups)
    held = {user: set(groups) & set(of_user) for user, of_user in _holders(org, groups).items()}
    for key, after in assigned.items():
        group, username = key.split("/", 1)
        held.setdefault(username.lower(), set()).discard(group)
        if after is not None and group in groups:
            held[username.lower()].add(group)
    return {user: tuple(sorted(of_user)) for user, of_user in held.items() if of_user}


def _groups_of(org: Org, permission_set: Mapping[str, Any]) -> set[str]:
    if not permission_set["Id"]:
        return set()
    fields = "PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix"
    found = f"FROM PermissionSetGroupComponent WHERE PermissionSetId = {quote(permission_set['Id'])}"
    return {_set_groups.qualified(row) for row in org.read([Query("groups", f"SELECT {fields} {found}")]).rows["groups"]}


def _needing_activation(org: Org, groups: Iterable[str]) -> set[str]:
    """Those of the groups that give nothing outside an activated session, as earlier tasks of this check-mode run would leave them."""
    named = _any_of(groups)
    rows = org.read([Query("groups", f"SELECT {_set_groups.FIELDS} FROM PermissionSetGroup WHERE {named}")]).rows["groups"] if named else []
    needing = {_set_reference.qualified(row): row["HasActivationRequired"] for row in map(_set_groups.as_set, rows)}
    for name, after in org.foreseen(_set_groups.KIND).items():
        if after and "session_activation" in after:
            needing[name] = after["session_activation"]
    return {name for name, needs in needing.items() if needs}


def _holders(org: Org, groups: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Who has these groups now."""
    named = _any_of(groups, "PermissionSetGroup")
    if not named:
        return {}
    select = f"SELECT {_THROUGH_FIELDS} FROM PermissionSetAssignment WHERE {named}"
    return _by_user(org.read([Query("holders", select)]).rows["holders"], org.now_text())


def _any_of(groups: Iterable[str], relation: str = "") -> str:
    return " OR ".join(f"({_set_groups.condition(_set_groups.parse(item), relation)})" for item in sorted(groups))


def _check_status(wish: Desired, permission_set: Mapping[str, Any], changes: Sequence[Change]) -> None:
    """Raise Problem for a group that the org failed to recalculate: it cannot be assigned, and waiting does not help."""
    if permission_set.get("Status") == _set_groups.FAILED and any(isinstance(item, Create) for item in changes):
        raise _not_assignable(wish, _set_groups.FAILED, 0)


def _await_group(org: Org, wish: Desired, permission_set: Mapping[str, Any]) -> None:
    """Wait until the group can be assigned. Raises Problem where it cannot within the time that the task gives it."""
    status, waited = permission_set.get("Status", _set_groups.UPDATED), 0.0
    for pause in _set_groups.pauses(wish.wait_timeout):
        if status in (_set_groups.UPDATED, _set_groups.FAILED):
            break
        org.run.sleep(pause)
        waited += pause
        rows = org.read([_target_query(wish)]).rows["permission_set_group"]
        status = next((row["Status"] for row in rows if row["Id"] == permission_set["Id"]), "gone")
    if status != _set_groups.UPDATED:
        raise _not_assignable(wish, str(status), waited)


def _not_assignable(wish: Desired, status: str, waited: float) -> Problem:
    if status == _set_groups.FAILED:
        said = "the org could not recalculate the group (status Failed), and assigns only a group that is Updated."
        remedy = (
            "Open the group in Setup (Permission Set Groups): it says why. Correct its members or recalculate it there, then run again."
        )
        return Problem(wish.tried, said, remedy, ORG, "GROUP_FAILED")
    said = f"its status is still {status} after {waited:g} seconds, and the org assigns only a group that is Updated."
    remedy = "Nothing was written. Look at the group in Setup (Permission Set Groups), raise wait_timeout, or run again."
    return Problem(wish.tried, said, remedy, ORG, "NOT_UPDATED_YET")


def _explained(wish: Desired, current: Current, change: Change, error: RecordError) -> RecordError:
    """The refusal with a remedy that names the user, the permission and the licence, where the user's licence is the reason."""
    found = _LICENCE_FORBIDS.search(error.message.strip())
    if not found:
        return error
    username = _username(change)
    licence = ((current.users.get(username, {}).get("Profile") or {}).get("UserLicense") or {}).get("Name", "")
    remedy = (
        f"{username} has the user licence {licence or '(not shown)'}, which does not allow {found['what']}. Give the user a profile of a licence that "
        f"does, take {found['what']} out of {wish.reference}, or leave the user out of the list."
    )
    return replace(error, remedy=remedy)


def _license(org: Org, word: str | None) -> tuple[str | None, str | None]:
    """(Id, name) of the user licence or permission set licence that the word means."""
    if not word:
        return None, None
    named = quote(word)
    keys = f"DeveloperName = {named} OR PermissionSetLicenseKey = {named} OR MasterLabel = {named}"
    answers = org.read(
        [
            Query("user_license", f"SELECT Id, Name FROM UserLicense WHERE Name = {named} OR MasterLabel = {named}"),
            Query("set_license", f"SELECT Id, MasterLabel FROM PermissionSetLicense WHERE {keys}"),
        ]
    )
    found = [(row["Id"], row["Name"]) for row in answers.rows["user_license"]]
    found += [(row["Id"], row["MasterLabel"]) for row in answers.rows["set_license"]]
    return found[0] if found else (None, word)


def _held_through(wish: Desired, current: Current) -> list[dict[str, Any]] | None:
    """Who of the wanted users, and with exact who else, holds the set through groups; None where the org does not say."""
    if current.through is None:
        return None
    wanted = {name.lower(): name for name in current.users}
    users = [name for name in current.through if name in wanted or wish.state == "exact"]
    return [{"user": wanted.get(name, name), "groups": list(current.through[name])} for name in sorted(users)]


def _warned_of_groups(wish: Desired, current: Current) -> list[str]:
    name = f"{wish.what} {wish.reference}"
    if current.through is None:
        asked = wish.through_group == COUNTS or wish.state != "present"
        return [f"the running user is not shown permission set groups: who holds {name} through one is not known."] if asked else []
    wanted = {item.lower() for item in current.users}
    still = [item for item in _held_through(wish, current) or () if (item["user"].lower() in wanted) == (wish.state == "absent")]
    if wish.state == "present" or not still:
        return []
    told = listing(f"{item['user']} (through {' and '.join(item['groups'])})" for item in still)
    return [f"{name} is still held through a group by {told}: take the group from them, or the set out of the group."]


def _repair_fields(change: Update) -> dict[str, Any]:
    names = {"revoked": "IsRevoked", "expires": "ExpirationDate"}
    return {names[name]: value for name, value in change.after.items()}


def _username(change: Change) -> str:
    return change.key.split("/", 1)[1]


NOUN = Noun(
    name=KIND,
    argument_spec={
        "permission_set": {"type": "str"},
        "permission_set_group": {"type": "str"},
        "users": {"type": "list", "elements": "raw", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exact"]},
        **_users.OPTIONS,
        "through_group": {"type": "str", "default": IGNORED, "choices": [COUNTS, IGNORED]},
        "wait_timeout": {"type": "int", "default": 300},
    },
    constraints={
        "mutually_exclusive": [["permission_set", "permission_set_group"]],
        "required_one_of": [["permission_set", "permission_set_group"]],
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=reread,
)
