# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Reading a licence and its seats, and wording their writes, the same for licences of packages and of permission sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from . import _license_assignment, _user_reading, _users
from ._license_assignment import Current, Desired, Objects
from ._org import Answers, Org, Query, Read, Write
from ._plan import Change, Create
from ._soql import in_list, list_chunks, quote

# How many inactive users with a seat a message names.
MOST_INACTIVE = 20

_USER_FIELDS = "Id, Username, IsActive, UserType"


def read(org: Org, wish: Desired) -> Current:
    """The licence, the wanted users and the seats; one call for up to about a thousand users. With state exact every seat is read, else those of
    the wanted users, and the others are counted."""
    of, everyone = wish.of, wish.state == "exact"
    users = _user_reading.reads(org, wish.users, _USER_FIELDS)
    named, sandbox = _named(wish), org.sandbox_name
    parts = [f"{named} AND {_users.condition(part, of.user, sandbox)}" for part in _users.chunked(wish.users, sandbox)]
    answers = org.read(
        [
            Query("licenses", f"SELECT {_license_fields(of)} FROM {of.sobject}"),
            *users,
            *_seat_reads(of, [named] if everyone else parts),
            *([] if everyone else [_count(of, named)]),
        ]
    )
    found = _license_assignment.choose(wish, answers.rows["licenses"], org.now_text())
    sought = _user_reading.sought(org, wish.users, answers, _USER_FIELDS, wish.tried, wish.lookup)
    rows = sought.rows
    seats = answers.all("seats")
    if not everyone:
        seats += _seats_by_user(org, of, found.id, [str(rows[name]["Id"]) for name in _user_reading.late(rows, answers)])
    holders = _license_assignment.holders_of(of, seats, found.id, rows.values())
    if not everyone:
        # A username and the same one with the sandbox's name behind it may be two users, of whom one is meant.
        meant = {name.lower() for name in rows}
        holders = {name: item for name, item in holders.items() if name in meant}
    used = len(holders) if everyone else _counted(of, answers, found.id)
    running = "" if wish.state == "present" else org.user_id
    current = _license_assignment.as_foreseen(
        of, Current(found, rows, holders, used, running, unknown=sought.left_out), org.foreseen(of.kind)
    )
    return replace(current, used=len(current.holders)) if everyone else current


def completed(org: Org, wish: Desired, current: Current) -> Current:
    """The same, with the inactive users who hold a seat where there are not enough seats; one more call then."""
    if not _license_assignment.lacking(wish, current):
        return current
    of = wish.of
    mine = f"{of.license_id} = {quote(current.license.id)} AND {of.user}.IsActive = false"
    soql = f"SELECT Id, {of.user}.Username FROM {of.seat} WHERE {mine} ORDER BY {of.user}.Username LIMIT {MOST_INACTIVE}"
    rows = org.read([Query("inactive", soql)]).rows["inactive"]
    return replace(current, inactive=tuple(str(row[of.user]["Username"]) for row in rows))


def writes(of: Objects, current: Current, changes: Sequence[Change]) -> list[Write]:
    """What the org is sent, seats that are given back first."""
    ids = {name.lower(): row["Id"] for name, row in current.users.items()}
    ordered = []
    for change in sorted(changes, key=lambda item: isinstance(item, Create)):
        if isinstance(change, Create):
            fields = {of.license_id: current.license.id, of.user_id: ids[_license_assignment.username_of(change).lower()]}
            ordered.append(Write(change, "create", of.seat, None, fields))
        else:
            ordered.append(Write(change, "delete", of.seat, change.id, {}))
    return ordered


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The seats of the users that the changes touched, read again, and all of them counted again."""
    of = wish.of
    touched = {_license_assignment.username_of(change).lower() for change in changes}
    ids = [row["Id"] for name, row in current.users.items() if name.lower() in touched]
    ids += [item.user_id for name, item in current.holders.items() if name in touched and item.user_id not in ids]
    mine = f"{of.license_id} = {quote(current.license.id)}"
    conditions = [f"{mine} AND {of.user_id} IN {in_list(part)}" for part in list_chunks(ids)]
    answers = org.read([*_seat_reads(of, conditions), _count(of, mine)])
    kept = {name: item for name, item in current.holders.items() if name not in touched}
    fresh = _license_assignment.holders_of(of, answers.all("seats"), current.license.id, current.users.values())
    return replace(current, holders={**kept, **fresh}, used=_counted(of, answers, current.license.id), written=True)


def _license_fields(of: Objects) -> str:
    return ", ".join(dict.fromkeys(("Id", *of.names, of.total, "Status", "ExpirationDate")))


def _named(wish: Desired) -> str:
    """The condition on seats that finds every licence the name may mean."""
    of = wish.of
    parts = [f"{of.license}.{column} = {quote(wish.name)}" for column in dict.fromkeys(of.names)]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _seat_reads(of: Objects, conditions: Iterable[str]) -> list[Read]:
    fields = f"Id, {of.license_id}, {of.user_id}, {of.user}.Username, {of.user}.IsActive, {of.user}.UserType"
    return [Query(f"seats{number}", f"SELECT {fields} FROM {of.seat} WHERE {item}") for number, item in enumerate(conditions)]


def _seats_by_user(org: Org, of: Objects, license_id: str, ids: Sequence[str]) -> list[dict[str, object]]:
    """The seats of users whom only a second look found."""
    mine = f"{of.license_id} = {quote(license_id)}"
    conditions = [f"{mine} AND {of.user_id} IN {in_list(part)}" for part in list_chunks(ids)]
    return org.read(_seat_reads(of, conditions)).all("seats") if conditions else []


def _count(of: Objects, condition: str) -> Query:
    return Query("counted", f"SELECT {of.license_id}, COUNT(Id) taken FROM {of.seat} WHERE {condition} GROUP BY {of.license_id}")


def _counted(of: Objects, answers: Answers, license_id: str) -> int:
    return sum(int(row["taken"]) for row in answers.rows["counted"] if row[of.license_id] == license_id)
