# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Naming users, the same in every module, and telling which of the org's users is meant. Pure. docs/users.md describes the procedure.

A copy of an org (a sandbox) renames its users: the sandbox's name goes behind the username, and where the result is taken elsewhere, some
characters and digits go in front of it, as in 00x7Vquser@acme.com.test (Salesforce Help, Sandboxes, Users and Contacts). E-mail addresses
get .invalid at their end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from . import _ids
from ._errors import CONFIG, Problem, listing, nearest
from ._soql import LIST_BUDGET, in_list, quote

# Salesforce's own users, which the platform needs (User.UserType, Object Reference).
PLATFORM_TYPES = frozenset({"AutomatedProcess", "CloudIntegrationUser", "Guest"})

# The keys a user may be named by, in the order in which they are tried, and their columns of User.
COLUMNS: Mapping[str, str] = {
    "id": "Id",
    "username": "Username",
    "federation_id": "FederationIdentifier",
    "employee_number": "EmployeeNumber",
    "email": "Email",
}
# The other options of a user that stand for one column each.
ATTRIBUTES: Mapping[str, str] = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "alias": "Alias",
    "nickname": "CommunityNickname",
    "locale": "LocaleSidKey",
    "language": "LanguageLocaleKey",
    "time_zone": "TimeZoneSidKey",
    "email_encoding": "EmailEncodingKey",
    "active": "IsActive",
}
KIND = "user"
INVALID = ".invalid"
# What a copy puts in front of a username that is taken: Help shows 00x7Vq and does not say how many characters there are, nor which.
# Only what looks like it counts, so that joakim@... is never taken for kim@... .
_IN_FRONT = re.compile(r"00(?=[0-9]{0,3}[A-Za-z])[0-9A-Za-z]{4}")
# How many letters of a username's beginning or end another one must share to be looked at as its nearest.
_ALIKE = 3
# So many of those who are not there are told their nearest: it takes time, and more are not shown.
NEAR_FOR = 10

# What to do about users whom the org does not have (option lookup_failure_action). Those who several fit always stop a task.
FAIL, WARN, IGNORE = "fail", "warn", "ignore"
NOT_HERE = "is not in this org"
# The options, beside users and state, of the modules that take a list of users.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "on_ineligible": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
    "lookup_failure_action": {"type": "str", "default": FAIL, "choices": [FAIL, WARN, IGNORE]},
    "max_removals": {"type": "raw", "default": 10},
    "allow_empty": {"type": "bool", "default": False},
}
_COUNT = re.compile(r"\s*(?P<number>[0-9]{1,9})\s*(?P<share>%?)\s*")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class User:
    """A user as a task names it: one key or several, in the order in which they are tried."""

    keys: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        key, value = self.keys[0]
        return value if key in ("id", "username") else f"{key} {value}"

    @property
    def username(self) -> str:
        """The username that it is named by, or nothing."""
        return dict(self.keys).get("username", "")


@dataclass(frozen=True)
class Skipped:
    """A user that a task leaves out, and why."""

    user: str
    reason: str

    def as_result(self) -> dict[str, str]:
        return {"user": self.user, "reason": self.reason}


@dataclass(frozen=True)
class Missing:
    """A user that is not told for certain. candidates: usernames that may be meant; ambiguous: whether they all fit."""

    user: User
    candidates: tuple[str, ...]
    ambiguous: bool


def is_id(name: str) -> bool:
    """Whether the user is named by record Id."""
    return _ids.is_id(name, "005")


def by_username(usernames: Iterable[str]) -> tuple[User, ...]:
    """Users by the usernames that the org itself uses."""
    return tuple(User((("username", name),)) for name in usernames)


def wanted(users: Sequence[Any], tried: str) -> tuple[User, ...]:
    """The users as given, checked: each a username (it has an @), an Id, or a dictionary of keys; none twice. Raises Problem."""
    found = [(given, _parsed(given)) for given in users]
    strange = [str(given) for given, user in found if user is None]
    if strange:
        raise Problem(
            tried,
            f"these are neither usernames nor user Ids: {listing(strange)}.",
            "A Salesforce username has the form of an e-mail address; a user Id begins with 005 and has 15 characters, or 18 with their checksum. "
            f"A dictionary has one or more of {', '.join(COLUMNS)}.",
            CONFIG,
            "not_a_user",
        )
    named = tuple(user for _unused, user in found if user is not None)
    seen: set[tuple[str, str]] = set()
    for user in named:
        key, value = user.keys[0]
        same = (key, value[:15] if key == "id" else value.lower())
        if same in seen:
            raise Problem(tried, f"user {user} is listed twice.", "List each user once.", CONFIG, "user_twice")
        seen.add(same)
    return named


def _parsed(given: Any) -> User | None:
    """The user that a text or a dictionary names; None for what names none."""
    if isinstance(given, User):
        return given
    if not isinstance(given, Mapping):
        text = str(given).strip() if isinstance(given, str) else ""
        given = {"id" if is_id(text) else "username": text}
    if set(given) - set(COLUMNS):
        return None
    keys = []
    for key in COLUMNS:
        value = given.get(key)
        # YAML reads an employee number of digits as a number.
        text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
        if value is not None and value != "" and not _fits(key, text):
            return None
        if text:
            keys.append((key, text))
    return User(tuple(keys)) if keys else None


def _fits(key: str, text: str) -> bool:
    if key == "id":
        return is_id(text)
    return "@" in text.strip("@") if key in ("username", "email") else bool(text)


# -- asking the org ------------------------------------------------------------------------------------------------------------------


def suffixed(username: str, sandbox: str) -> str:
    """What a sandbox of that name calls the user: the username with the sandbox's name behind it, unless it ends so already."""
    end = f".{sandbox}"
    return username if not sandbox or username.lower().endswith(end.lower()) else f"{username}{end}"


def unsuffixed(username: str, sandbox: str, known: Iterable[str] = ()) -> str:
    """What production calls the user whom a sandbox of that name calls so: the username without the sandbox's name behind it. A username that
    does not end so is returned as it is.

    known: usernames of production, which tell whether what looks like characters put in front is that."""
    end = f".{sandbox}"
    if not sandbox or not username.lower().endswith(end.lower()):
        return username
    name = username[: -len(end)]
    by_lower = {item.lower(): item for item in known}
    in_front = _IN_FRONT.match(name)
    late = name[in_front.end() :] if in_front else name
    return by_lower.get(name.lower()) or by_lower.get(late.lower()) or name


def chunked(users: Iterable[User], sandbox: str = "") -> list[list[User]]:
    """The users in order, as many together as one SOQL statement can list."""
    parts: list[list[User]] = []
    room = 0
    for user in users:
        cost = sum(len(quote(value)) + 1 for _unused, values in _asked([user], sandbox).items() for value in values)
        if not parts or cost > room:
            parts.append([])
            room = LIST_BUDGET - 100  # the columns' names and parentheses
        parts[-1].append(user)
        room -= cost
    return parts


def condition(users: Iterable[User], relation: str = "", sandbox: str = "") -> str:
    """The WHERE condition that finds these users by any of their keys; in a sandbox of that name also by the usernames that it made of theirs.

    relation: the path to User, such as Assignee, or nothing on User itself.
    """
    parts = []
    for column, values in _asked(users, sandbox).items():
        path = f"{relation}.{column}" if relation else column
        parts.append(f"{f'{relation}Id' if relation and column == 'Id' else path} IN {in_list(values)}")
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _asked(users: Iterable[User], sandbox: str) -> dict[str, list[str]]:
    """Column -> the values that are asked for, each once."""
    asked: dict[str, dict[str, None]] = {}
    for user in users:
        for key, value in user.keys:
            values = asked.setdefault(COLUMNS[key], {})
            values[value] = None
            if key == "username":
                values[suffixed(value, sandbox)] = None
            if key == "email" and not value.lower().endswith(INVALID):
                values[value + INVALID] = None
    # Usernames first: nearly every list is of these alone.
    return {column: list(asked[column]) for column in sorted(asked, key=lambda name: (name != "Username", name))}


def late_conditions(users: Sequence[User], sandbox: str) -> list[str]:
    """The WHERE conditions that find users whose usernames got something in front when their sandbox was made. None outside sandboxes."""
    names = [suffixed(user.username, sandbox) for user in users if user.username] if sandbox else []
    parts: list[list[str]] = []
    for name in names:
        like = f"Username LIKE '%{_in_like(name)}'"
        if not parts or sum(len(item) + 4 for item in parts[-1]) + len(like) > LIST_BUDGET:
            parts.append([])
        parts[-1].append(like)
    return [" OR ".join(part) for part in parts]


def near_condition(users: Sequence[User]) -> str:
    """The WHERE condition that finds usernames that look like these; empty where there is nothing to go by."""
    likes: dict[str, None] = {}
    for user in [user for user in users if user.username][:NEAR_FOR]:
        local = user.username.split("@", 1)[0]
        shared = min(_ALIKE, max(1, len(local) // 2))
        likes[f"Username LIKE '{_in_like(local[:shared])}%'"] = None
        likes[f"Username LIKE '%{_in_like(local[-shared:])}@%'"] = None
    return " OR ".join(likes)


def longer_condition(username: str) -> str:
    """The WHERE condition that finds usernames that go on with a dot behind this one, as a sandbox's do."""
    return f"Username LIKE '{_in_like(username)}.%'"


def own_condition(sandbox: str) -> str:
    """The WHERE condition that finds usernames that do not end as a sandbox of that name makes them end."""
    return f"(NOT Username LIKE '%.{_in_like(sandbox)}')"


def _in_like(text: str) -> str:
    """The text inside a LIKE literal: its own wildcards guarded."""
    return quote(text)[1:-1].replace("%", r"\%").replace("_", r"\_")


# -- telling who is meant ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Index:
    """The org's users that a search brought, each way to look them up. in_sandbox: whether the org is one, sandbox: its name if it is known."""

    sandbox: str
    in_sandbox: bool
    by: Mapping[str, Mapping[str, tuple[Row, ...]]]
    all: tuple[Row, ...]


def index(rows: Iterable[Row], sandbox: str, in_sandbox: bool) -> Index:
    """The rows, each Id once, by all their keys, and by what stands behind the characters in front (prepended)."""
    every = {str(row["Id"] or row["Username"]): row for row in rows}
    by: dict[str, dict[str, list[Row]]] = {key: {} for key in (*COLUMNS, "prepended")}
    for row in every.values():
        for key, column in COLUMNS.items():
            value = row.get(column)
            if value:
                by[key].setdefault(folded(key, str(value)), []).append(row)
        front = _IN_FRONT.match(row["Username"])
        if front:
            by["prepended"].setdefault(row["Username"][front.end() :].lower(), []).append(row)
    frozen = {key: {value: tuple(found) for value, found in values.items()} for key, values in by.items()}
    return Index(sandbox if in_sandbox else "", in_sandbox, frozen, tuple(every.values()))


def folded(key: str, value: str) -> str:
    """The value as an index has it."""
    return value[:15] if key == "id" else value.lower()


def hits(user: User, among: Index) -> tuple[Row, ...]:
    """The org's users that fit, by the first of the user's keys, and the first form of it, that fits any. What a copy may have put in front of
    the username is looked at last: it is told by its look alone."""
    for key, value in user.keys:
        for found in _FORMS[key](value, among):
            if found:
                return found
    if not user.username or not among.sandbox:
        return ()
    return among.by["prepended"].get(suffixed(user.username, among.sandbox).lower(), ())


def _by_id(value: str, among: Index) -> Iterator[tuple[Row, ...]]:
    yield among.by["id"].get(value[:15], ())


def _by_username(value: str, among: Index) -> Iterator[tuple[Row, ...]]:
    yield among.by["username"].get(value.lower(), ())
    if among.sandbox:
        yield among.by["username"].get(suffixed(value, among.sandbox).lower(), ())


def _by_federation_id(value: str, among: Index) -> Iterator[tuple[Row, ...]]:
    found = among.by["federation_id"].get(value.lower(), ())
    # Two that differ in case alone are two users.
    yield tuple(row for row in found if row["FederationIdentifier"] == value)
    yield found


def _by_employee_number(value: str, among: Index) -> Iterator[tuple[Row, ...]]:
    yield among.by["employee_number"].get(value.lower(), ())


def _by_email(value: str, among: Index) -> Iterator[tuple[Row, ...]]:
    hidden = among.by["email"].get((value + INVALID).lower(), ()) if among.in_sandbox else ()
    yield (*among.by["email"].get(value.lower(), ()), *hidden)


_FORMS: Mapping[str, Callable[[str, Index], Iterator[tuple[Row, ...]]]] = {
    "id": _by_id,
    "username": _by_username,
    "federation_id": _by_federation_id,
    "employee_number": _by_employee_number,
    "email": _by_email,
}


def missing(users: Iterable[User], among: Index, near: Iterable[str] = ()) -> tuple[Missing, ...]:
    """Who of these was not told for certain, and why: several fit, or none does. near: usernames to find the nearest in, for a few of them."""
    fitting = {user: hits(user, among) for user in users}
    lost = [user for user, found in fitting.items() if not found]
    close = {user: _close(user, among, near) for user in lost[:NEAR_FOR]}
    return tuple(
        Missing(user, tuple(sorted(str(row["Username"]) for row in found)) or close.get(user, ()), bool(found))
        for user, found in fitting.items()
        if len(found) != 1
    )


def _close(user: User, among: Index, near: Iterable[str]) -> tuple[str, ...]:
    """The usernames that may be meant: those that end so, and the nearest."""
    there = suffixed(user.username, among.sandbox).lower() if user.username and among.sandbox else ""
    ends_so = sorted(str(row["Username"]) for row in among.all if there and str(row["Username"]).lower().endswith(there))
    known = {str(row["Username"]) for row in among.all} | set(near)
    alike = _nearest_to(user.username, known, among.sandbox) if user.username else []
    return tuple(dict.fromkeys([*ends_so, *alike]))[:_ALIKE]


def _nearest_to(username: str, known: Iterable[str], sandbox: str) -> list[str]:
    close = [name for name in (username, suffixed(username, sandbox)) for name in nearest(name, known)]
    return list(dict.fromkeys(close))


def refusal(told: Sequence[Missing], tried: str, place: str) -> Problem:
    """The problem of users that are not told for certain. place: what kind of org it is, for the remedy."""
    ambiguous = [item for item in told if item.ambiguous]
    if ambiguous:
        shown = "; ".join(f"{item.user} fits {listing(item.candidates)}" for item in ambiguous[:10])
        return Problem(
            tried,
            f"it is not certain who is meant: {shown}.",
            "Name each of these users by username or Id, as the org has them.",
            CONFIG,
            "ambiguous_user",
        )
    alike = [item for item in told if item.candidates]
    shown = "".join(f" Nearest to {item.user}: {listing(item.candidates)}." for item in alike[:NEAR_FOR])
    return Problem(tried, f"the org has no such user: {listing(str(item.user) for item in told)}.{shown}", place, CONFIG, "unknown_user")


def not_found(told: Iterable[Missing]) -> tuple[Skipped, ...]:
    """These users, whom the org does not have, as left out; with the usernames that may be meant."""
    return tuple(Skipped(str(item.user), f"{NOT_HERE}{_perhaps(item)}") for item in told)


def _perhaps(item: Missing) -> str:
    return f" (nearest: {listing(item.candidates)})" if item.candidates else ""


def warned_of_unknown(unknown: Sequence[Skipped], lookup: str) -> list[str]:
    """One warning of all the users whom the org does not have, where the task asks for one (lookup_failure_action)."""
    if not unknown or lookup != WARN:
        return []
    told = listing(f"{item.user}{item.reason[len(NOT_HERE) :]}" for item in unknown)
    return [f"left out, since the org has no such user: {told}."]


def named_twice(username: str, tried: str) -> Problem:
    return Problem(tried, f"user {username} is listed twice, in two ways.", "List each user once.", CONFIG, "user_twice")


def stop_or_skip(skipped: Sequence[Skipped], on_ineligible: str, tried: str) -> None:
    """Raise Problem for users that the task cannot serve, unless the task says to leave them out."""
    if not skipped or on_ineligible == "skip":
        return
    told = "; ".join(f"{item.user} {item.reason}" for item in skipped[:10])
    more = f"; and {len(skipped) - 10} more" if len(skipped) > 10 else ""
    raise Problem(
        tried,
        f"{len(skipped)} of the users cannot be served: {told}{more}.",
        "Correct the users or the list, or set on_ineligible: skip to go on with the others.",
        CONFIG,
        "ineligible_user",
    )


@dataclass(frozen=True)
class Allowance:
    """How many a task may take away: a number of users, or a share, in percent, of those who have it."""

    number: int
    is_share: bool = False

    def __str__(self) -> str:
        return f"{self.number}%" if self.is_share else str(self.number)

    def of(self, there: int) -> int:
        """How many that is where so many have it; a share is rounded down."""
        return there * self.number // 100 if self.is_share else self.number


def allowance(value: Any, tried: str) -> Allowance:
    """What option max_removals says: a whole number from 0 up, or a whole percentage up to 100%, as a number or as text. Raises Problem."""
    given = _COUNT.fullmatch(str(value)) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    told = Allowance(int(given["number"]), bool(given["share"])) if given else None
    if told is None or (told.is_share and told.number > 100):
        remedy = "Give a whole number from 0 up, such as 10, or a whole percentage of those who have it from 0% to 100%, such as 25%."
        raise Problem(tried, f"max_removals is {value}.", remedy, CONFIG, "max_removals")
    return told


def guard_exact(leaving: Sequence[str], staying: int, allowed: Allowance, allow_empty: bool, tried: str, of: int = 0) -> None:
    """Raise Problem where state exact would take away more than the task allows, or everything. staying: how many would be left. of: how many have it
    now, for an allowance in percent."""
    if staying == 0 and not allow_empty:
        raise Problem(
            tried,
            "state is exact and nobody would be left.",
            "List the users (those who cannot be served or found do not count), or set allow_empty: true if nobody should be left.",
            CONFIG,
            "empty_exact",
        )
    guard_removals(leaving, allowed, tried, of)


def guard_removals(leaving: Sequence[str], allowed: Allowance, tried: str, of: int = 0) -> None:
    """Raise Problem, naming who would go, for more removals than the task allows. of: how many have it now."""
    if len(leaving) <= allowed.of(of):
        return
    rounded = f" (of the {of} who have it now, rounded down: {allowed.of(of)})" if allowed.is_share else ""
    needed = f", which is {-(-len(leaving) * 100 // of)}% here" if allowed.is_share and of else ""
    raise Problem(
        tried,
        f"{len(leaving)} users would lose it and max_removals allows {allowed}{rounded}: {listing(leaving)}.",
        f"Set max_removals to at least {len(leaving)}{needed}, if all of them should go.",
        CONFIG,
        "too_many_removals",
    )
