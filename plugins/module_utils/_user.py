# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A user: made where it is not there, and kept as the task says; never deleted. What to ask of the org, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _user_reading, _user_state, _users
from ._converge import Noun
from ._errors import CONFIG, Problem, did_you_mean, listing
from ._org import Answers, Get, Org, Outcome, Query, Read, Write
from ._plan import Change, Create, Update
from ._soql import quote
from ._user_planning import (
    ARGUMENT_SPEC,
    COLUMNS,
    FROM_ORGANIZATION,
    Current,
    Desired,
    desired,
    explained,
    lacking,
    may_lock_out,
    needs_values,
    plan,
    report,
)
from ._users import KIND, Row, User

# How many names are looked at for the nearest of one that is not there.
_NEAR_LIMIT = 2000

# -- what is there ------------------------------------------------------------------------------------------------------------------------


def read(org: Org, wish: Desired) -> Current:
    """The user and everything that making or changing it needs, in one call; one more where the task writes what the org must offer."""
    org.log_in()
    answers = org.read(_reads(org, wish))
    current = _seen(org, wish, answers)
    current = replace(
        current,
        profile=_profile(org, wish, answers),
        role=_role(org, wish, answers),
        used=_used(org, answers),
        organization=_organization(answers),
        running=org.user_id if may_lock_out(wish) else "",
    )
    if current.row is None:
        _check_namesakes(org, wish)
        current = replace(current, alike=_alike(org, wish, answers) if lacking(wish) else ())
    _check_nickname(org, wish, current)
    return replace(current, values=_user_reading.offered(org)) if needs_values(wish, current) else current


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The user, read again by Id, or by name where it was new."""
    found = [User((("id", str(current.row["Id"])),))] if current.row else wish.users
    fresh = _seen(org, replace(wish, user=found[0], renamed="") if current.row else wish, org.read(_user_reads(org, found)))
    taken = [
        item.change.after["email"]
        for item in org.outcomes
        if isinstance(item.change, Update) and not item.errors and "email" in item.change.after
    ]
    awaited = str(taken[0]) if current.row and taken else current.awaited
    return replace(current, row=fresh.row, frozen=fresh.frozen, awaited=awaited, reread=True)


def _reads(org: Org, wish: Desired) -> list[Read]:
    reads = _user_reads(org, wish.users)
    profile, role = wish.fields.get("profile"), wish.fields.get("role")
    if profile:
        reads.append(Query("profiles", f"SELECT {_user_reading.PROFILE_FIELDS} FROM Profile WHERE Name = {quote(profile)}"))
    if role:
        reads.append(
            Query("roles", f"SELECT Id, Name, DeveloperName FROM UserRole WHERE Name = {quote(role)} OR DeveloperName = {quote(role)}")
        )
    if profile or wish.fields.get("active"):
        reads.append(
            Query("seats", "SELECT Profile.UserLicenseId, COUNT(Id) used FROM User WHERE IsActive = true GROUP BY Profile.UserLicenseId")
        )
    columns = ",".join(FROM_ORGANIZATION.values())
    if org.org_id:
        return [*reads, Get("defaults", f"/sobjects/Organization/{org.org_id}?fields={columns}")]
    return [*reads, Query("defaults", f"SELECT {columns} FROM Organization")]


def _user_reads(org: Org, users: Sequence[User]) -> list[Read]:
    """The user by any of its names, its columns (whichever feature licences the org knows), and whether it is frozen.

    What a copy may have put in front of its username is asked for at once: one user costs the org little."""
    sandbox = org.sandbox_name
    found = _users.condition(users, sandbox=sandbox)
    conditions = " OR ".join([found, *_users.late_conditions(users, sandbox)])
    return [
        Query("users0", f"SELECT {_user_state.FIELDS} FROM User WHERE {conditions}"),
        Get("whole", "/sobjects/User/@{users0.records[0].Id}", tolerate=_user_reading.ABSENT),
        *_user_reading.login_reads([conditions]),
    ]


def _seen(org: Org, wish: Desired, answers: Answers) -> Current:
    """The user that is meant. Raises Problem for one that several fit, and for one that is not there and cannot be made."""
    told = _user_reading.resolved(org, wish.users, answers, _user_state.FIELDS, search=False)
    unsure = [item for item in told.missing if item.ambiguous]
    if unsure:
        raise _users.refusal(unsure, wish.tried, "")
    rows = {str(row["Id"] or row["Username"]): row for row in told.rows.values()}
    if len(rows) > 1:
        raise _taken(wish)
    row = next(iter(rows.values()), None)
    if row is None and not wish.user.username:
        raise _users.refusal(told.missing, wish.tried, "Check it, or name the user by its username too: then it can be made.")
    if row is not None:
        _check_federation_id(wish, row, answers)
    frozen = _user_reading.frozen(answers, str(row["Id"])) if row and row["Id"] else False
    seen = Current(_whole(org, row, answers), frozen)
    return replace(seen, sandbox=org.sandbox_name, in_sandbox=bool(org.identity and org.identity.is_sandbox))


def _whole(org: Org, row: Row | None, answers: Answers) -> Row | None:
    """The row with its other columns, asked for again where the first row of the answer was somebody else's."""
    if row is None or not row["Id"]:
        return row
    whole = answers.bodies.get("whole", {})
    if whole.get("Id") != row["Id"]:
        whole = org.read([Get("whole", f"/sobjects/User/{row['Id']}", tolerate=_user_reading.ABSENT)]).bodies.get("whole", {})
    return {**whole, **row, **_user_reading.foreseen_features(org, str(row["Username"]))}


def _profile(org: Org, wish: Desired, answers: Answers) -> Row | None:
    name = wish.fields.get("profile")
    if not name:
        return None
    found = [row for row in answers.rows["profiles"] if row["Name"].lower() == name.lower()]
    if found:
        return found[0]
    known = [row["Name"] for row in org.read([Query("profiles", f"SELECT Name FROM Profile LIMIT {_NEAR_LIMIT}")]).rows["profiles"]]
    said = f"the org has no profile {name}.{did_you_mean(name, known)}"
    raise Problem(
        wish.tried,
        said,
        "Give the profile's name as Setup shows it (Profiles); in another language it may have another.",
        CONFIG,
        "unknown_profile",
    )


def _role(org: Org, wish: Desired, answers: Answers) -> Row | None:
    name = wish.fields.get("role")
    if not name:
        return None
    rows = answers.rows["roles"]
    for found in ([row for row in rows if str(row[column]).lower() == name.lower()] for column in ("DeveloperName", "Name")):
        if len(found) > 1:
            named = listing(str(row["DeveloperName"]) for row in found)
            raise Problem(
                wish.tried,
                f"several roles are called {name}.",
                f"Give the API name of the one you mean: {named}.",
                CONFIG,
                "ambiguous_role",
            )
        if found:
            return found[0]
    everyone = org.read([Query("roles", f"SELECT Name, DeveloperName FROM UserRole LIMIT {_NEAR_LIMIT}")]).rows["roles"]
    known = [str(row[column]) for row in everyone for column in ("Name", "DeveloperName")]
    said = f"the org has no role {name}.{did_you_mean(name, known)}"
    raise Problem(wish.tried, said, "Give the role's name or API name as Setup shows it (Roles).", CONFIG, "unknown_role")


def _used(org: Org, answers: Answers) -> dict[str, int]:
    """Active users by user licence, as earlier tasks of this check-mode run would have left them."""
    if "seats" not in answers.rows:
        return {}
    used = {str(row["UserLicenseId"]): int(row["used"]) for row in answers.rows["seats"]}
    coming = _user_reading.seats_foreseen(org)
    return {licence: used.get(licence, 0) + coming.get(licence, 0) for licence in {**used, **coming}}


def _organization(answers: Answers) -> Row:
    found: Row = answers.bodies.get("defaults") or next(iter(answers.rows.get("defaults", ())), {})
    return found


# -- who else there is --------------------------------------------------------------------------------------------------------------------


def _alike(org: Org, wish: Desired, answers: Answers) -> tuple[str, ...]:
    """The usernames that may be meant; one call."""
    told = _user_reading.resolved(org, wish.users, answers, _user_state.FIELDS)
    return tuple(name for item in told.missing for name in item.candidates)


def _check_federation_id(wish: Desired, row: Row, answers: Answers) -> None:
    """Raise Problem where the user would get the federation id of somebody else: only one may have it."""
    wanted = wish.fields.get("federation_id")
    others = [str(one["Username"]) for one in answers.all("users") if wanted and one["FederationIdentifier"] == wanted]
    if others and not row["FederationIdentifier"]:
        raise Problem(
            wish.tried,
            f"the federation id {wanted} belongs to {listing(others)}.",
            "Correct it, or name that user; only one may have it.",
            CONFIG,
            "federation_id_taken",
        )


def _check_nickname(org: Org, wish: Desired, current: Current) -> None:
    """Raise Problem for a nickname that is to be written and belongs to somebody else; asks the org (one call) only then."""
    nickname, row = wish.fields.get("nickname"), current.row or {}
    if not nickname or nickname == row.get("CommunityNickname"):
        return
    asked = f"SELECT Id, Username, CommunityNickname FROM User WHERE CommunityNickname = {quote(nickname)}"
    rows = org.read([Query("nicknames", asked)]).rows["nicknames"]
    # Whether case counts is the org's to say.
    others = [str(one["Username"]) for one in rows if one["CommunityNickname"] == nickname and one["Id"] != row.get("Id")]
    if others:
        said = f"the nickname {nickname} belongs to {listing(others)}."
        raise Problem(wish.tried, said, "Choose another one: no two users of an org have the same.", CONFIG, "nickname_taken")


def _check_namesakes(org: Org, wish: Desired) -> None:
    """Raise Problem where a sandbox whose name is not known has somebody by that username and one word more: a new user would be that person's
    second one."""
    name = wish.user.username
    if org.sandbox_name or not (org.identity and org.identity.is_sandbox):
        return
    asked = f"SELECT Username FROM User WHERE {_users.longer_condition(name)}"
    longer = sorted(str(row["Username"]) for row in org.read([Query("namesakes", asked)]).rows["namesakes"])
    copies = [copy for copy in longer if copy[len(name) + 1 :].isalnum()]
    if copies:
        raise Problem(
            wish.tried,
            f"the sandbox has no such user but {listing(copies)}, which may be the same person, and its name is not known here.",
            "Set salesforce_sandbox_name on this host, or name the user as the sandbox has it.",
            CONFIG,
            "ambiguous_user",
        )


def _taken(wish: Desired) -> Problem:
    return Problem(
        wish.tried,
        f"the org has another user called {wish.renamed}.",
        "Choose another new_username; deactivated users keep theirs.",
        CONFIG,
        "username_taken",
    )


# -- writing ------------------------------------------------------------------------------------------------------------------------------


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """One record, made or changed."""
    writes = []
    for change in changes:
        fields = _as_columns(current, change.after if isinstance(change, (Create, Update)) else {})
        made = isinstance(change, Create)
        writes.append(Write(change, "create" if made else "update", "User", None if made else str(getattr(change, "id", "")), fields))
    org.write(writes)
    org.outcomes[:] = [replace(item, errors=tuple(explained(current, error) for error in item.errors)) for item in org.outcomes]
    return org.outcomes


def _as_columns(current: Current, after: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for option, value in after.items():
        if option == "profile":
            columns["ProfileId"] = (current.profile or {}).get("Id")
        elif option == "role":
            columns["UserRoleId"] = current.role["Id"] if current.role else None
        elif option in COLUMNS:
            columns[COLUMNS[option]] = None if value == "" else value
        else:
            columns[f"{_user_state.FEATURE}{option}"] = value
    return columns


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
