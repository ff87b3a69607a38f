# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Finding the users that a task names, in one call with whatever else it reads; one more only where somebody is not found at once.

In check mode users count as earlier tasks of the run would have left them: made, renamed, activated, with another profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import _user_state, _users
from ._org import Answers, Get, Org, Query
from ._soql import in_list, list_chunks
from ._users import Index, Missing, Row, Skipped, User

PROFILE_FIELDS = "Id, Name, UserLicenseId, UserLicense.Name, UserLicense.TotalLicenses"
# How many usernames are looked at for the nearest of one that is not there.
_NEAR_LIMIT = 2000
_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS")
# What a retrieval answers whose query before it found nobody.
ABSENT = ("NOT_FOUND", "PROCESSING_HALTED", "INVALID_TYPE")
_OFFERED = "user-fields"
_OWN = "own_names"
_COLUMNS = {**_users.COLUMNS, **_users.ATTRIBUTES}


@dataclass(frozen=True)
class Resolved:
    """Who is meant: each user's row, in the order of the wish, and those who are not told for certain."""

    rows: Mapping[User, Row]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Sought:
    """The rows of the users who were found, by the username that the org uses, and whom the org does not have. by_user: the same rows by the user as
    the task names it."""

    rows: Mapping[str, Row]
    left_out: tuple[Skipped, ...]
    by_user: Mapping[User, Row]


def reads(org: Org, users: Sequence[User], fields: str, ref: str = "users") -> list[Query]:
    """The queries that bring these users, with these fields and the columns they are named by."""
    sandbox = org.sandbox_name
    select = f"SELECT {_select(users, fields)} FROM User WHERE"
    parts = _users.chunked(users, sandbox)
    return [Query(f"{ref}{number}", f"{select} {_users.condition(part, sandbox=sandbox)}") for number, part in enumerate(parts)]


def login_reads(conditions: Iterable[str], first: int = 0) -> list[Query]:
    """Which of these users are frozen. conditions: on User. first: the number of the first query."""
    select = "SELECT Id, UserId, IsFrozen FROM UserLogin WHERE UserId IN (SELECT Id FROM User WHERE"
    return [Query(f"logins{number}", f"{select} {one})", tolerate=_NOT_SHOWN) for number, one in enumerate(conditions, first)]


def frozen(answers: Answers, user_id: str) -> bool | None:
    """Whether the user is frozen; None where the running user is not shown that. A user without such a row never was."""
    if any(ref.startswith("logins") for ref in answers.refusals):
        return None
    return any(row["IsFrozen"] for row in answers.all("logins") if row["UserId"] == user_id)


def foreseen_features(org: Org, username: str) -> dict[str, Any]:
    """The feature licences, by column, that earlier tasks of this check-mode run would have set for the user."""
    after: Mapping[str, Any] = next((after for key, after in foreseen(org).items() if username in (key, after.get("username"))), {})
    return {f"{_user_state.FEATURE}{name}": value for name, value in after.items() if name[:1].isupper()}


def foreseen(org: Org) -> dict[str, Mapping[str, Any]]:
    """What earlier tasks of this check-mode run would have made of users, by the username that the org has for each, or that a new one would have
    got. What tasks would have done to a user after renaming it is told under the same name as the renaming."""
    told: dict[str, Mapping[str, Any]] = {}
    first: dict[str, str] = {}
    for key, after in org.foreseen(_users.KIND).items():
        name = first.get(key.lower(), key)
        told[name] = {**told.get(name, {}), **(after or {})}
        first[str(told[name].get("username", name)).lower()] = name
    return told


def seats_foreseen(org: Org) -> dict[str, int]:
    """By how many seats of each user licence, by Id, earlier tasks of this check-mode run would have changed what is used: by users made, activated,
    deactivated or given another profile. Asks the org (one call) only where there were such tasks."""
    coming = {key: after for key, after in foreseen(org).items() if "active" in after or "profile" in after}
    if not coming:
        return {}
    profiles = sorted({str(after["profile"]) for after in coming.values() if after.get("profile")})
    asked = [Query("profiles", f"SELECT {PROFILE_FIELDS} FROM Profile WHERE Name IN {in_list(profiles)}")] if profiles else []
    select = "SELECT Username, IsActive, Profile.UserLicenseId FROM User WHERE Username IN"
    asked += [Query(f"seated{number}", f"{select} {in_list(part)}") for number, part in enumerate(list_chunks(coming))]
    answers = org.read(asked)
    licences = {str(row["Name"]).lower(): str(row["UserLicenseId"]) for row in answers.rows.get("profiles", ())}
    there = {str(row["Username"]).lower(): row for row in answers.all("seated")}
    changed: dict[str, int] = {}
    for key, after in coming.items():
        row = there.get(key.lower(), {})
        licence = str((row.get("Profile") or {}).get("UserLicenseId"))
        if row.get("IsActive"):
            changed[licence] = changed.get(licence, 0) - 1
        if after.get("active", row.get("IsActive", True)):
            licence = licences.get(str(after.get("profile")).lower(), licence)
            changed[licence] = changed.get(licence, 0) + 1
    return changed


def offered(org: Org) -> dict[str, list[str]]:
    """What the org offers for users: the feature licences by name under "features", and the values of each picklist option; asked once a run."""
    kept = org.recall(_OFFERED)
    if kept is None:
        kept = _user_state.offered(org.read([Get("user", "/sobjects/User/describe")]).bodies["user"])
        org.keep(_OFFERED, kept)
    return dict(kept)


def found(org: Org, users: Sequence[User], answers: Answers, fields: str, tried: str, ref: str = "users") -> dict[str, Row]:
    """Each user's row by the username that the org uses, in the order of users. Raises Problem for a user that the org does not have, for one
    that several fit, and for one named twice in two ways."""
    told = resolved(org, users, answers, fields, ref)
    if told.missing:
        raise _users.refusal(told.missing, tried, advice(org))
    return by_name(told.rows.values(), tried)


def sought(
    org: Org,
    users: Sequence[User],
    answers: Answers,
    fields: str,
    tried: str,
    lookup: str,
    ref: str = "users",
    *,
    known: Mapping[User, Row] | None = None,
) -> Sought:
    """Each of the users, in their order, and those whom the org does not have. Raises Problem for these unless
    lookup (option lookup_failure_action) says to leave them out; always for one that several fit, and for one named twice in two ways.

    known: whom among() has told; answers need not have them."""
    sure = known or {}
    told = resolved(org, [user for user in users if user not in sure], answers, fields, ref)
    stopping = [item for item in told.missing if item.ambiguous or lookup == _users.FAIL]
    if stopping:
        raise _users.refusal(stopping, tried, f"{advice(org)} To go on without them, set lookup_failure_action: warn.")
    rows = {**sure, **told.rows}
    found = {user: rows[user] for user in users if user in rows}
    return Sought(by_name(found.values(), tried), _users.not_found(told.missing), found)


def own_names(org: Org, users: Iterable[User]) -> list[Query]:
    """What among() wants to know where users of a sandbox are called as in production: who has a username that does not end as a sandbox's do. One
    page only, and nothing where nobody is called so: there are few such users in a sandbox."""
    sandbox = org.sandbox_name
    if all(not user.username or _users.suffixed(user.username, sandbox) == user.username for user in users):
        return []
    return [Query(_OWN, f"SELECT Id, Username FROM User WHERE {_users.own_condition(sandbox)}", pages=False)]


def among(
    org: Org, users: Sequence[User], rows: Iterable[Row], fields: str, answers: Answers | None = None
) -> tuple[dict[User, Row], list[User]]:
    """(who of users is certainly one of these rows, the others, whom the org has to be asked for). Certain is who is named by Id, exactly by username,
    or by the username in production where nobody has just that one here: any other name may fit somebody else of the org too, and better.

    answers: what own_names() brought; without it names of production are not certain."""
    planned = foreseen(org)
    there = _index(org, [*rows], planned, fields)
    own = _own(answers, planned)
    meant: dict[User, Row] = {}
    for user in users:
        fitting = _certain(user, there, own)
        if len(fitting) == 1:
            meant[user] = fitting[0]
    return dict(_with_profiles(org, meant, planned, fields)), [user for user in users if user not in meant]


def _own(answers: Answers | None, planned: Mapping[str, Mapping[str, Any]]) -> frozenset[str] | None:
    """The usernames of the org that do not end as its sandbox's do, in lower case, and all that a check-mode run would have given; None where they
    are not all known."""
    if answers is None or _OWN not in answers.rows or _OWN in answers.unfinished:
        return None
    coming = (str(after.get("username", key)) for key, after in planned.items())
    return frozenset(name.lower() for name in (*(str(row["Username"]) for row in answers.rows[_OWN]), *coming))


def _certain(user: User, there: Index, own: frozenset[str] | None) -> Sequence[Row]:
    key, value = user.keys[0]
    if key not in ("id", "username"):
        return ()
    exactly = there.by[key].get(_users.folded(key, value), ())
    if exactly or key == "id" or own is None or value.lower() in own:
        return exactly
    return there.by["username"].get(_users.suffixed(value, there.sandbox).lower(), ())


def by_name(rows: Iterable[Row], tried: str) -> dict[str, Row]:
    """The rows by username. Raises Problem for one that is there twice."""
    named: dict[str, Row] = {}
    for row in rows:
        if row["Username"] in named:
            raise _users.named_twice(str(row["Username"]), tried)
        named[str(row["Username"])] = row
    return named


def late(rows: Mapping[str, Row], answers: Answers, ref: str = "users") -> list[str]:
    """Who of these users was not found at once: what else is read about users has to be read again for them. Users that are not there yet have
    nothing to be read."""
    at_once = {row["Id"] for row in answers.all(ref)}
    return [username for username, row in rows.items() if row["Id"] and row["Id"] not in at_once]


def resolved(org: Org, users: Sequence[User], answers: Answers, fields: str, ref: str = "users", *, search: bool = True) -> Resolved:
    """Who of the org's users is meant by each of users. answers: what the queries of reads() brought. search: whether it is worth a call to look
    for those who were not found at once."""
    planned = foreseen(org)
    rows: list[Row] = [*answers.all(ref)]
    among = _index(org, rows, planned, fields)
    near: list[str] = []
    lost = [user for user in users if not _users.hits(user, among)]
    if lost and (search or _renamed(planned)):
        more, near = _searched(org, users, lost, planned, fields)
        among = _index(org, [*rows, *more], planned, fields)
    meant = {user: _users.hits(user, among) for user in users}
    sure = {user: hits[0] for user, hits in meant.items() if len(hits) == 1}
    return Resolved(_with_profiles(org, sure, planned, fields), _users.missing(meant, among, near))


def _select(users: Iterable[User], fields: str) -> str:
    """The fields, and the columns that the users are named by, each once."""
    keys = {_users.COLUMNS[key] for user in users for key, _unused in user.keys}
    columns = ["Id", "Username", *(name.strip() for name in fields.split(",") if name.strip()), *sorted(keys)]
    return ", ".join(dict.fromkeys(columns))


def _searched(
    org: Org, users: Sequence[User], lost: Sequence[User], planned: Mapping[str, Any], fields: str
) -> tuple[list[Row], list[str]]:
    """(further users that may be meant, usernames that look like those of lost), in one call for up to a few thousand users."""
    select = f"SELECT {_select(users, fields)} FROM User WHERE"
    conditions = _users.late_conditions(lost, org.sandbox_name)
    renamed = _renamed(planned)
    conditions += [f"Username IN {in_list(renamed)}"] if renamed else []
    asked = [Query(f"late{number}", f"{select} {one}") for number, one in enumerate(conditions)]
    alike = _users.near_condition(lost)
    if alike:
        asked.append(Query("near", f"SELECT Username FROM User WHERE {alike} LIMIT {_NEAR_LIMIT}"))
    answers = org.read(asked)
    return [*answers.all("late")], [str(row["Username"]) for row in answers.rows.get("near", ())]


def _renamed(planned: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The usernames, as the org has them, of users whom an earlier task of this check-mode run would have renamed."""
    return [key for key, after in planned.items() if after and after.get("username", key) != key]


def _index(org: Org, rows: Sequence[Row], planned: Mapping[str, Mapping[str, Any]], fields: str) -> Index:
    known = {str(row["Username"]).lower() for row in rows}
    coming = {key.lower(): after for key, after in planned.items() if after}
    overlaid = [_overlaid(row, coming.get(str(row["Username"]).lower(), {})) for row in rows]
    # A plan that makes a user speaks of its username; one that changes a user only where it gets another.
    made = [
        _made(key, after, fields) for key, after in planned.items() if after and after.get("username") == key and key.lower() not in known
    ]
    return _users.index([*overlaid, *made], org.sandbox_name, bool(org.identity and org.identity.is_sandbox))


def _overlaid(row: Row, after: Mapping[str, Any]) -> Row:
    """The row with what an earlier task of this check-mode run would have written."""
    if not after:
        return row
    written = {_COLUMNS[option]: value for option, value in after.items() if option in _COLUMNS}
    profile = {"Profile": {**(row.get("Profile") or {}), "Name": after["profile"]}} if "profile" in after else {}
    return {**row, **{column: value for column, value in written.items() if column in row}, **profile, **_role(after)}


def _role(after: Mapping[str, Any]) -> dict[str, Any]:
    if "role" not in after:
        return {}
    return {"UserRole": {"Name": after["role"], "DeveloperName": None} if after["role"] else None, "UserRoleId": None}


def _made(username: str, after: Mapping[str, Any], fields: str) -> Row:
    """The row of a user that an earlier task of this check-mode run would have made."""
    blank: dict[str, Any] = {name.strip(): None for name in fields.split(",") if "." not in name}
    blank.update(dict.fromkeys(_users.COLUMNS.values()))
    blank.update({name.strip().split(".", 1)[0]: None for name in fields.split(",") if "." in name})
    features = {f"UserPermissions{option}": value for option, value in after.items() if option[:1].isupper()}
    written = {_COLUMNS[option]: value for option, value in after.items() if option in _COLUMNS}
    profile = {"Name": after.get("profile"), "UserLicenseId": None, "UserLicense": None}
    fixed = {"Id": None, "Username": username, "UserType": "Standard", "Profile": profile}
    return {**blank, "IsActive": True, **features, **written, **_role(after), **fixed}


def _with_profiles(org: Org, rows: Mapping[User, Row], planned: Mapping[str, Mapping[str, Any]], fields: str) -> Mapping[User, Row]:
    """The rows with the profiles, read by name, that earlier tasks of this check-mode run would have given their users."""
    given = {key.lower(): str(after["profile"]) for key, after in planned.items() if after and after.get("profile")}
    given.update(
        {
            str(after["username"]).lower(): given[key.lower()]
            for key, after in planned.items()
            if after and after.get("username") and key.lower() in given
        }
    )
    touched = {user: given[row["Username"].lower()] for user, row in rows.items() if row["Username"].lower() in given}
    if not touched or "Profile." not in fields:
        return rows
    asked = f"SELECT {PROFILE_FIELDS} FROM Profile WHERE Name IN {in_list(sorted(set(touched.values())))}"
    profiles = {row["Name"].lower(): row for row in org.read([Query("profiles", asked)]).rows["profiles"]}
    return {
        user: {**row, "Profile": profiles.get(touched[user].lower(), row["Profile"])} if user in touched else row
        for user, row in rows.items()
    }


def advice(org: Org) -> str:
    """What to do about a user that is not there."""
    if org.identity is None or not org.identity.is_sandbox:
        return "Check the spelling."
    if org.sandbox_name:
        return f"Check the spelling; users made in production after the last refresh of {org.sandbox_name} are missing here."
    return (
        "Check the spelling. In a sandbox usernames end with a dot and the sandbox's name: set salesforce_sandbox_name on this host, and they are "
        "found by their production names. Users made after its last refresh are missing."
    )
