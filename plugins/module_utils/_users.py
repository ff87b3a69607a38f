# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Naming users: a username or a record Id, the same in every module. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import _ids
from ._errors import CONFIG, Problem, listing
from ._soql import in_list, list_chunks

# Salesforce's own users, which the platform needs (User.UserType, Object Reference).
PLATFORM_TYPES = frozenset({"AutomatedProcess", "CloudIntegrationUser", "Guest"})


@dataclass(frozen=True)
class Skipped:
    """A user that a task leaves out, and why."""

    user: str
    reason: str

    def as_result(self) -> dict[str, str]:
        return {"user": self.user, "reason": self.reason}


def is_id(name: str) -> bool:
    """Whether the user is named by record Id."""
    return _ids.is_id(name, "005")


def wanted(users: Sequence[str], tried: str) -> tuple[str, ...]:
    """The users as given, checked: each a username (it has an @) or an Id, none twice. Raises Problem."""
    names = tuple(str(user).strip() for user in users)
    strange = [name for name in names if "@" not in name and not is_id(name)]
    if strange:
        raise Problem(
            tried,
            f"these are neither usernames nor user Ids: {listing(strange)}.",
            "A Salesforce username has the form of an e-mail address; a user Id begins with 005 and has 15 characters, or 18 with their checksum.",
            CONFIG,
            "not_a_user",
        )
    seen: dict[str, str] = {}
    for name in names:
        key = name[:15] if is_id(name) else name.lower()
        if key in seen:
            raise Problem(tried, f"user {name} is listed twice.", "List each user once.", CONFIG, "user_twice")
        seen[key] = name
    return names


def chunked(users: Sequence[str]) -> list[list[str]]:
    """The users in order, as many together as one SOQL statement can list."""
    return list_chunks(users)


def condition(users: Iterable[str], relation: str = "") -> str:
    """The WHERE condition that finds these users. relation: the path to User, such as Assignee, or nothing on User itself."""
    ids = [name for name in users if is_id(name)]
    usernames = [name for name in users if not is_id(name)]
    id_field = f"{relation}Id" if relation else "Id"
    name_field = f"{relation}.Username" if relation else "Username"
    parts = []
    if usernames:
        parts.append(f"{name_field} IN {in_list(usernames)}")
    if ids:
        parts.append(f"{id_field} IN {in_list(ids)}")
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def match(users: Sequence[str], rows: Iterable[Mapping[str, Any]], tried: str) -> dict[str, Mapping[str, Any]]:
    """Each wanted user's row, by the username that the org uses. rows: User records with Id and Username.

    Raises Problem for users that the org does not have, and for one named twice in different ways.
    """
    by_name = {str(row["Username"]).lower(): row for row in rows}
    by_id = {str(row["Id"])[:15]: row for row in by_name.values()}
    found: dict[str, Mapping[str, Any]] = {}
    unknown: list[str] = []
    for user in users:
        row = by_id.get(user[:15]) if is_id(user) else by_name.get(user.lower())
        if row is None:
            unknown.append(user)
            continue
        if row["Username"] in found:
            raise Problem(tried, f"user {row['Username']} is listed twice, once by Id.", "List each user once.", CONFIG, "user_twice")
        found[str(row["Username"])] = row
    if unknown:
        raise Problem(
            tried,
            f"the org has no such user: {listing(unknown)}.",
            "Check the spelling; in a sandbox usernames end with a dot and the sandbox's name, and users made after its last refresh are missing.",
            CONFIG,
            "unknown_user",
        )
    return found


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


def guard_exact(leaving: Sequence[str], staying: int, max_removals: int, allow_empty: bool, tried: str) -> None:
    """Raise Problem where state exact would take away more than the task allows, or everything. staying: how many would be left."""
    if max_removals < 0:
        raise Problem(tried, f"max_removals is {max_removals}.", "Give a number from 0 up.", CONFIG, "max_removals")
    if staying == 0 and not allow_empty:
        raise Problem(
            tried,
            "state is exact and nobody would be left.",
            "List the users (those who cannot be served do not count), or set allow_empty: true if nobody should be left.",
            CONFIG,
            "empty_exact",
        )
    guard_removals(leaving, max_removals, tried)


def guard_removals(leaving: Sequence[str], max_removals: int, tried: str) -> None:
    """Raise Problem, naming who would go, for more removals than the task allows."""
    if len(leaving) > max_removals:
        raise Problem(
            tried,
            f"{len(leaving)} users would lose it and max_removals allows {max_removals}: {listing(leaving)}.",
            "Set max_removals to at least that many if all of them should go.",
            CONFIG,
            "too_many_removals",
        )
