# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A permission set and the users who have it.

Granted means active, not revoked and not expired (PermissionSetAssignment, Object Reference); every other row counts as not assigned and
is repaired. IsRevoked exists only in orgs with User Access Policies, and one unknown column fails its whole query: it is asked for in a query
of its own, whose refusal means that nothing is revoked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import _set_reference, _users
from ._converge import Noun
from ._errors import CONFIG, Problem
from ._org import Answers, Org, Outcome, Query, Read, Write
from ._plan import Change, Create, Delete, Plan, Update
from ._set_reference import SetReference
from ._soql import quote
from ._users import Skipped

KIND = "permission_set_assignment"

_ROW_FIELDS = "Id, AssigneeId, Assignee.Username, Assignee.UserType, PermissionSetId, PermissionSetGroupId, IsActive, ExpirationDate"
_USER_FIELDS = "Id, Username, IsActive, UserType, Profile.UserLicenseId, Profile.UserLicense.Name"


@dataclass(frozen=True)
class Desired:
    """Who should have which set."""

    reference: SetReference
    users: tuple[str, ...]
    state: str
    on_ineligible: str
    max_removals: int
    allow_empty: bool

    @property
    def tried(self) -> str:
        return f"assigning permission set {self.reference}"


@dataclass(frozen=True)
class Row:
    """One direct assignment of the set. protected: why it is never taken away, or empty."""

    id: str
    username: str
    active: bool
    revoked: bool
    expires: str | None
    expired: bool
    protected: str


@dataclass(frozen=True)
class Current:
    """The set, the wanted users, and the set's assignments by lower-case username. permission_set is None where there is none."""

    permission_set: Mapping[str, Any] | None
    users: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Row]
    running_user_id: str = ""

    @property
    def needs_activation(self) -> bool:
        return bool(self.permission_set and self.permission_set["HasActivationRequired"])


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for users that are no users, and for an empty list with state exact."""
    reference = _set_reference.parse(params["permission_set"])
    wish = Desired(
        reference,
        _users.wanted(params["users"], f"assigning permission set {reference}"),
        params["state"],
        params["on_ineligible"],
        params["max_removals"],
        params["allow_empty"],
    )
    if wish.state == "exact":
        _users.guard_exact((), len(wish.users), wish.max_removals, wish.allow_empty, wish.tried)
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The set, its wanted users and its assignments, in one call for up to about two thousand users."""
    answers = org.read(_reads(wish.reference, wish.users, everyone=wish.state == "exact", with_users=True))
    found = _set_reference.choose(wish.reference, answers.rows["permission_set"], wish.tried)
    permission_set = _as_foreseen(org, wish.reference, found)
    users = _users.match(wish.users, answers.all("users"), wish.tried)
    running = org.user_id if wish.state in ("exact", "absent") else ""
    rows = _rows(answers, permission_set, running, org.now_text())
    return Current(permission_set, users, _rows_as_foreseen(org, permission_set, rows), running)


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
        if username not in left_out:
            changes.extend(_granting(f"{name}/{username}", current.rows.get(username.lower()), current.needs_activation))
    if wish.state == "exact":
        leaving = sorted((row for row in _others(current) if not row.protected), key=lambda row: row.username)
        staying = len(current.users) - len(left_out) + len(_kept(wish, current))
        _users.guard_exact([row.username for row in leaving], staying, wish.max_removals, wish.allow_empty, wish.tried)
        changes.extend(Delete(KIND, f"{name}/{row.username}", row.id, {"assigned": True}) for row in leaving)
    return Plan(tuple(changes))


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes, repairs and removals first, so that a replaced row is gone before its successor comes."""
    permission_set = current.permission_set or {}
    ids = {username: row["Id"] for username, row in current.users.items()}
    writes = []
    for change in sorted(changes, key=lambda item: isinstance(item, Create)):
        if isinstance(change, Create):
            fields = {"AssigneeId": ids[_username(change)], "PermissionSetId": permission_set["Id"]}
            writes.append(Write(change, "create", "PermissionSetAssignment", None, fields))
        elif isinstance(change, Update):
            writes.append(Write(change, "update", "PermissionSetAssignment", change.id, _repair_fields(change)))
        else:
            writes.append(Write(change, "delete", "PermissionSetAssignment", change.id, {}))
    return org.write(writes)


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The assignments of the users that the changes touched, read again."""
    touched = list(dict.fromkeys(_username(change) for change in changes))
    answers = org.read(_reads(wish.reference, touched, everyone=False, with_users=False))
    kept = {name: row for name, row in current.rows.items() if name not in {item.lower() for item in touched}}
    fresh = _rows(answers, current.permission_set, current.running_user_id, org.now_text())
    return replace(current, rows={**kept, **fresh})


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The set as it is called everywhere, who has it among those named, and who was left out and why."""
    if current.permission_set is None:
        warning = f"there is no permission set {wish.reference}, so there was nothing to take away."
        return {"permission_set": str(wish.reference), "left_out": [], "warnings": [warning]}
    skipped = _ineligible(wish, current) + ([] if wish.state == "present" else _kept(wish, current))
    warnings = [f"{item.user} was left out: the user {item.reason}." for item in skipped]
    if current.needs_activation:
        warnings.append(f"{wish.reference} needs activation in a session before it grants anything; assigning it is not enough.")
    return {
        "permission_set": _set_reference.qualified(current.permission_set),
        "left_out": [item.as_result() for item in skipped],
        "warnings": warnings,
    }


def _reads(reference: SetReference, users: Sequence[str], everyone: bool, with_users: bool) -> list[Read]:
    reads: list[Read] = []
    if with_users:
        found = _set_reference.condition(reference)
        reads.append(Query("permission_set", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {found}"))
        for number, part in enumerate(_users.chunked(users)):
            reads.append(Query(f"users{number}", f"SELECT {_USER_FIELDS} FROM User WHERE {_users.condition(part)}"))
    mine = _set_reference.condition(reference, "PermissionSet")
    for number, part in enumerate([[]] if everyone else _users.chunked(users)):
        of_whom = "" if everyone else f" AND {_users.condition(part, 'Assignee')}"
        select = f"FROM PermissionSetAssignment WHERE {mine}{of_whom}"
        reads.append(Query(f"rows{number}", f"SELECT {_ROW_FIELDS} {select}"))
        reads.append(Query(f"revoked{number}", f"SELECT Id {select} AND IsRevoked = true", tolerate=("INVALID_FIELD",)))
    return reads


def _rows(answers: Answers, permission_set: Mapping[str, Any] | None, running_user_id: str, now: str) -> dict[str, Row]:
    if permission_set is None:
        return {}
    revoked = {row["Id"] for row in answers.all("revoked")}
    rows: dict[str, Row] = {}
    for row in answers.all("rows"):
        if row["PermissionSetId"] != permission_set["Id"] or row["PermissionSetGroupId"]:
            continue
        username = str(row["Assignee"]["Username"])
        expires = row["ExpirationDate"]
        rows[username.lower()] = Row(
            row["Id"],
            username,
            bool(row["IsActive"]),
            row["Id"] in revoked,
            expires,
            bool(expires and expires <= now),
            _protection(row, running_user_id),
        )
    return rows


def _protection(row: Mapping[str, Any], running_user_id: str) -> str:
    if running_user_id and row["AssigneeId"][:15] == running_user_id[:15]:
        return "is the running user, who never takes a set away from itself"
    if row["Assignee"]["UserType"] in _users.PLATFORM_TYPES:
        return "is one of Salesforce's own users"
    return ""


def _granted(row: Row, needs_activation: bool) -> bool:
    return (row.active or needs_activation) and not row.revoked and not row.expired


def _granting(key: str, row: Row | None, needs_activation: bool) -> list[Change]:
    """What makes one user have the set."""
    if row is None:
        return [Create(KIND, key, {"assigned": True})]
    if _granted(row, needs_activation):
        return []
    if row.revoked or row.expired:
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if row.revoked:
            before["revoked"], after["revoked"] = True, False
        if row.expired:
            before["expires"], after["expires"] = row.expires, None
        return [Update(KIND, key, row.id, before, after)]
    # Neither revoked nor expired, yet not active: no field of the row can be written to change that.
    return [Delete(KIND, key, row.id, {"active": False}), Create(KIND, key, {"assigned": True})]


def _taken_away(wish: Desired, current: Current, name: str) -> Plan:
    having = [row for row in map(current.rows.get, map(str.lower, current.users)) if row and _granted(row, current.needs_activation)]
    protected = [Skipped(row.username, row.protected) for row in having if row.protected]
    _users.stop_or_skip(protected, wish.on_ineligible, wish.tried)
    return Plan(tuple(Delete(KIND, f"{name}/{row.username}", row.id, {"assigned": True}) for row in having if not row.protected))


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
        if row and _granted(row, current.needs_activation):
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
        raise Problem(
            wish.tried,
            "the org has no such permission set.",
            "Check the API name (Setup, Permission Sets); a package's set is written ns__Name or, if its name is unique, without ns__.",
            CONFIG,
            "unknown_set",
        )
    if found["IsOwnedByProfile"]:
        raise Problem(
            wish.tried, "it belongs to a profile.", "Give the users that profile, or name a permission set.", CONFIG, "profile_owned_set"
        )
    if found["PermissionSetGroupId"]:
        raise Problem(
            wish.tried,
            "it is the sum of a permission set group.",
            "Assign the group in Setup, or name one of its sets.",
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
    return found or _set_reference.foreseen_row(name, after, _user_license(org, after.get("license")))


def _rows_as_foreseen(org: Org, permission_set: Mapping[str, Any] | None, rows: Mapping[str, Row]) -> dict[str, Row]:
    """The set's assignments as earlier tasks of this check-mode run would leave them."""
    overlaid = dict(rows)
    prefix = f"{_set_reference.qualified(permission_set)}/" if permission_set else "/"
    for key, after in org.foreseen(KIND).items():
        if not key.startswith(prefix):
            continue
        username = key[len(prefix) :]
        overlaid.pop(username.lower(), None)
        if after is not None:
            known = rows.get(username.lower())
            overlaid[username.lower()] = Row("", username, True, False, None, False, known.protected if known else "")
    return overlaid


def _user_license(org: Org, name: str | None) -> str | None:
    """The Id of the user licence of that name, or None for a permission set licence's name, which limits nobody."""
    if not name:
        return None
    found = org.read([Query("user_license", f"SELECT Id FROM UserLicense WHERE Name = {quote(name)}")]).rows["user_license"]
    return str(found[0]["Id"]) if found else None


def _repair_fields(change: Update) -> dict[str, Any]:
    names = {"revoked": "IsRevoked", "expires": "ExpirationDate"}
    return {names[name]: value for name, value in change.after.items()}


def _username(change: Change) -> str:
    return change.key.split("/", 1)[1]


NOUN = Noun(
    name=KIND,
    argument_spec={
        "permission_set": {"type": "str", "required": True},
        "users": {"type": "list", "elements": "str", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exact"]},
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
