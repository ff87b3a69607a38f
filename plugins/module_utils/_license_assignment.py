# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Seats of a licence and the users who hold them, the same for licences of packages and of permission sets. Pure.

Seats are counted from rows: UsedLicenses can lag behind them. A row has nothing to change; a seat is taken by a new row and freed by deleting it.
Users who are deactivated keep the seat of a package until their row is deleted (Salesforce Help, 000386472), so they are named where seats lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _users
from ._errors import CONFIG, Problem, RecordError, did_you_mean, listing
from ._plan import Change, Create, Delete, Plan
from ._users import Allowance, Skipped, User

# PackageLicense.Status and PermissionSetLicense.Status (Object Reference) of licences that give their holders nothing.
_OVER = {"Expired": "has expired", "Disabled": "is disabled"}
_ASSIGNED = {"assigned": True}

ARGUMENT_SPEC: Mapping[str, Mapping[str, Any]] = {
    "users": {"type": "list", "elements": "raw", "required": True},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exact"]},
    **_users.OPTIONS,
}


@dataclass(frozen=True)
class Objects:
    """Where a sort of licence and its seats are kept. what: how messages call it. names: the columns that it may be named by, the first one the
    name that results use, the last one its label. setup: the page of Setup that lists them. sites: whether a total below zero means a site licence."""

    kind: str
    what: str
    setup: str
    sobject: str
    names: tuple[str, ...]
    total: str
    seat: str
    license: str
    user: str
    sites: bool

    @property
    def license_id(self) -> str:
        return f"{self.license}Id"

    @property
    def user_id(self) -> str:
        return f"{self.user}Id"


@dataclass(frozen=True)
class Desired:
    """Who should hold a seat of which licence. name: as the task calls the licence."""

    of: Objects
    name: str
    users: tuple[User, ...]
    state: str
    on_ineligible: str
    max_removals: Allowance
    allow_empty: bool
    lookup: str = _users.FAIL

    @property
    def tried(self) -> str:
        verb = {"present": "assigning", "absent": "taking away", "exact": "setting the holders of"}[self.state]
        return f"{verb} {self.of.what} {self.name}"


@dataclass(frozen=True)
class License:
    """A licence of the org. total: the seats bought; below zero where they are not counted. over: why it gives nothing any more, or empty. called: all
    of its names."""

    id: str
    name: str
    label: str
    total: int
    site: bool
    status: str
    expires: str | None
    over: str
    called: tuple[str, ...] = ()


@dataclass(frozen=True)
class Holder:
    """A user with a seat. row_id is empty for a seat that an earlier task of a check-mode run would have taken."""

    row_id: str
    user_id: str
    username: str
    active: bool
    type: str


@dataclass(frozen=True)
class Current:
    """The licence, the wanted users by username, and who holds a seat by lower-case username: with state exact everybody, else of the wanted users.

    used: seats taken by anybody. needed: lower-case username -> the permission sets that need the licence. inactive: inactive users with a seat who
    were asked for because seats lack. written: whether this was read after a write; the org has then had the last word about its seats.
    unknown: the users of the task whom the org does not have.
    """

    license: License
    users: Mapping[str, Mapping[str, Any]]
    holders: Mapping[str, Holder]
    used: int
    running_user_id: str = ""
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inactive: tuple[str, ...] = ()
    written: bool = False
    unknown: tuple[Skipped, ...] = ()

    def free(self) -> int:
        """Seats that nobody holds; never below zero, though an org may have sold more than it has."""
        return max(self.license.total - self.used, 0)

    def holder(self, username: str) -> Holder | None:
        return self.holders.get(username.lower())

    def key(self, username: str) -> str:
        return f"{self.license.name}/{username}"


def wished(of: Objects, option: str, params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for an empty name, users that are no users, and an empty list with state exact."""
    name, tried = params[option].strip(), f"assigning a {of.what}"
    if not name:
        remedy = f"Name the {of.what}; a name that comes from a variable may have come out empty."
        raise Problem(tried, f"{option} is empty.", remedy, CONFIG, "no_name")
    wish = Desired(
        of,
        name,
        (),
        params["state"],
        params["on_ineligible"],
        _users.allowance(params["max_removals"], f"{tried}, {name}"),
        params["allow_empty"],
        params["lookup_failure_action"],
    )
    wish = replace(wish, users=_users.wanted(params["users"], wish.tried))
    if wish.state == "exact":
        _users.guard_exact((), len(wish.users), wish.max_removals, wish.allow_empty, wish.tried)
    return wish


def choose(wish: Desired, rows: Sequence[Mapping[str, Any]], now: str) -> License:
    """The licence that is meant, by the first of its names that fits. Raises Problem for none, and for two of one label."""
    for column in wish.of.names:
        meant = [row for row in rows if str(row[column] or "").lower() == wish.name.lower()]
        if len(meant) > 1:
            names = listing(sorted(str(row[wish.of.names[0]]) for row in meant))
            remedy = f"Give the {wish.of.names[0]} of the one you mean."
            raise Problem(wish.tried, f"that name belongs to {names}.", remedy, CONFIG, "ambiguous_license")
        if meant:
            return _license(wish.of, meant[0], now)
    known = sorted({str(row[column]) for row in rows for column in wish.of.names if row[column]})
    have = listing(sorted(str(row[wish.of.names[0]]) for row in rows)) or "none"
    remedy = f"The org shows these: {have}. What is installed and bought stands in Setup, {wish.of.setup}."
    said = f"the org has no such {wish.of.what}.{did_you_mean(wish.name, known)}"
    raise Problem(wish.tried, said, remedy, CONFIG, "unknown_license")


def over(row: Mapping[str, Any], now: str) -> str:
    """Why a licence gives its holders nothing any more, or empty. row: its Status and ExpirationDate."""
    expires = str(row["ExpirationDate"] or "")
    # A date without a time of day is over when its day is.
    expired = _OVER["Expired"] if expires and expires < now[: len(expires)] else ""
    return _OVER.get(str(row["Status"] or ""), expired)


def holders_of(of: Objects, rows: Iterable[Mapping[str, Any]], license_id: str, users: Iterable[Mapping[str, Any]]) -> dict[str, Holder]:
    """Who holds a seat of that licence, by lower-case username. rows: of the seats' object, with the user's columns. users: the wanted users' rows,
    which know what earlier tasks of a check-mode run would make of them."""
    found = {}
    wanted = {row["Id"]: row for row in users}
    for row in rows:
        user = wanted.get(row[of.user_id], row[of.user])
        if row[of.license_id] == license_id:
            username = str(user["Username"])
            found[username.lower()] = Holder(row["Id"], row[of.user_id], username, bool(user["IsActive"]), str(user["UserType"]))
    return found


def as_foreseen(of: Objects, current: Current, foreseen: Mapping[str, Mapping[str, Any] | None]) -> Current:
    """The seats as earlier tasks of this check-mode run would leave them. foreseen: by key, None for a seat that would be given back."""
    held, used = dict(current.holders), current.used
    people = {name.lower(): row for name, row in current.users.items()}
    prefix = current.key("").lower()
    for key, after in foreseen.items():
        if not key.lower().startswith(prefix):
            continue
        username = key[len(prefix) :]
        name = username.lower()
        before = held.pop(name, None)
        # A wanted user without a seat is known to have none; of the others the plan that was remembered is the only word.
        had = before is not None if name in people else after is None
        used += (after is not None) - had
        if after is not None:
            row = people.get(name, {})
            made = Holder("", str(row.get("Id") or ""), username, bool(row.get("IsActive", True)), str(row.get("UserType") or "Standard"))
            held[name] = before or made
    return replace(current, holders=held, used=max(used, 0))


def joining(wish: Desired, current: Current) -> list[str]:
    """The wanted users who have no seat and may have one."""
    if wish.state == "absent" or current.license.site:
        return []
    left_out = {item.user for item in ineligible(wish, current)}
    return [name for name in current.users if name not in left_out and not current.holder(name)]


def leaving(wish: Desired, current: Current) -> list[Holder]:
    """Who would lose the seat, whatever protects some of them."""
    if wish.state == "present" or current.license.site:
        return []
    if wish.state == "absent":
        return [holder for holder in map(current.holder, current.users) if holder]
    wanted = {name.lower() for name in current.users}
    return sorted((holder for name, holder in current.holders.items() if name not in wanted), key=lambda item: item.username)


def going(wish: Desired, current: Current) -> list[Holder]:
    """Who loses the seat: nobody who is protected, and nobody who has a permission set that needs it."""
    return [item for item in leaving(wish, current) if not _protection(current, item) and item.username.lower() not in current.needed]


def lacking(wish: Desired, current: Current) -> int:
    """How many seats are missing for everybody to get one, with those that the same plan frees."""
    newcomers = len(joining(wish, current))
    if not newcomers or current.license.total < 0:
        return 0
    return max(newcomers - len(going(wish, current)) - (current.license.total - current.used), 0)


def ineligible(wish: Desired, current: Current) -> list[Skipped]:
    """Who of the wanted users has no seat and is not given one; or, with state absent, who never loses it."""
    if current.license.site:
        return []
    if wish.state == "absent":
        return [Skipped(item.username, _protection(current, item)) for item in leaving(wish, current) if _protection(current, item)]
    told = [Skipped(name, _why_not(row)) for name, row in current.users.items() if not current.holder(name)]
    return [item for item in told if item.reason]


def plan(wish: Desired, current: Current) -> Plan:
    """Who gives a seat back, then who takes one; nobody with a site licence. Raises Problem for users who cannot have one, for more removals than
    allowed, for a licence that is over, and where seats lack: nobody is served then, since the order of a list is no reason."""
    skipped = ineligible(wish, current)
    _users.stop_or_skip(skipped, wish.on_ineligible, wish.tried)
    leavers, newcomers = going(wish, current), joining(wish, current)
    if wish.state == "exact":
        staying = len(current.users) - len(skipped) + len(leaving(wish, current)) - len(leavers)
        _users.guard_exact(
            [item.username for item in leavers], staying, wish.max_removals, wish.allow_empty, wish.tried, len(current.holders)
        )
    if newcomers and not current.written:
        _check_usable(wish, current, newcomers)
        _check_seats(wish, current, newcomers)
    freed: list[Change] = [Delete(wish.of.kind, current.key(item.username), item.row_id, dict(_ASSIGNED)) for item in leavers]
    return Plan((*freed, *(Create(wish.of.kind, current.key(name), dict(_ASSIGNED)) for name in newcomers)))


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The licence and its seats as they are after the plan, inactive users who hold one, and who was left out and why."""
    gone = {change.key for change in made.changes if isinstance(change, Delete)}
    used = current.used if current.written else current.used + len(made.changes) - 2 * len(gone)
    told = current.license
    left_out = [*ineligible(wish, current), *_kept(wish, current)]
    inactive = [item.username for item in current.holders.values() if not item.active and current.key(item.username) not in gone]
    return {
        "license": {
            "name": told.name,
            "label": told.label,
            "total": None if told.total < 0 else told.total,
            "used": used,
            "free": None if told.total < 0 else max(told.total - used, 0),
            "site": told.site,
            "status": told.status,
            "expires": told.expires,
        },
        "inactive_holders": sorted(inactive),
        "left_out": [item.as_result() for item in (*current.unknown, *left_out)],
        "warnings": [
            *_users.warned_of_unknown(current.unknown, wish.lookup),
            *(f"{item.user} was left out: the user {item.reason}." for item in left_out),
            *_warned(wish, current),
        ],
    }


def explained(wish: Desired, current: Current, error: RecordError) -> RecordError:
    """The org's refusal of one seat, with what is to be done where seats ran out although the count had said otherwise."""
    if error.code != "LICENSE_LIMIT_EXCEEDED":
        return error
    remedy = (
        f"Before the first write {current.free()} of {current.license.total} seats were free: somebody took seats meanwhile. Run again: the seats are "
        "counted anew, and where they lack nothing is written and inactive users who hold one are named."
    )
    return replace(error, remedy=remedy)


def username_of(change: Change) -> str:
    """Whose seat the change is about."""
    return change.key.split("/", 1)[1]


def _license(of: Objects, row: Mapping[str, Any], now: str) -> License:
    total, expires, status = int(row[of.total] or 0), row["ExpirationDate"], str(row["Status"] or "")
    called = tuple(str(row[column] or "") for column in of.names)
    return License(row["Id"], called[0], called[-1], total, of.sites and total < 0, status, expires, over(row, now), called)


def _why_not(user: Mapping[str, Any]) -> str:
    if not user["IsActive"]:
        return "is inactive"
    if user["UserType"] in _users.PLATFORM_TYPES:
        return "is one of Salesforce's own users"
    return ""


def _protection(current: Current, holder: Holder) -> str:
    if current.running_user_id and holder.user_id[:15] == current.running_user_id[:15]:
        return "is the running user, who never takes a licence away from itself"
    if holder.type in _users.PLATFORM_TYPES:
        return "is one of Salesforce's own users"
    return ""


def _kept(wish: Desired, current: Current) -> list[Skipped]:
    """Who keeps the seat without being wanted, beside those whom ineligible() tells."""
    told = []
    for item in leaving(wish, current):
        sets = current.needed.get(item.username.lower(), ())
        protected = _protection(current, item)
        if protected and wish.state == "exact":
            told.append(Skipped(item.username, protected))
        if sets and not protected:
            told.append(
                Skipped(item.username, f"holds {listing(sets)}, which needs the licence: take that away and the licence goes with it")
            )
    return told


def _check_usable(wish: Desired, current: Current, newcomers: Sequence[str]) -> None:
    if not current.license.over:
        return
    until = f" ({current.license.expires})" if current.license.expires else ""
    said = f"the licence {current.license.over}{until}, and these users would get it: {listing(newcomers)}."
    remedy = f"Renew it with its vendor, or ask Salesforce why; Setup, {wish.of.setup}, shows its state. Nothing was written."
    raise Problem(wish.tried, said, remedy, CONFIG, "license_over")


def _check_seats(wish: Desired, current: Current, newcomers: Sequence[str]) -> None:
    """Raise Problem, with everybody who needs a seat as an error of its own, where there are not enough for all of them."""
    short = lacking(wish, current)
    if not short:
        return
    freed = len(going(wish, current))
    also = f", {freed} more would be freed," if freed else ""
    said = (
        f"{current.free()} of {current.license.total} seats are free{also} and {len(newcomers)} users need one, so nobody was given one: "
        f"{listing(newcomers)}."
    )
    reason = f"no seat of {wish.of.what} {current.license.name}: {short} too few for all of the list."
    errors = tuple(RecordError(current.key(name), "no_free_seat", reason) for name in newcomers)
    raise Problem(wish.tried, said, _remedy_for_seats(wish, current, short), CONFIG, "no_free_seat", errors=errors)


def _remedy_for_seats(wish: Desired, current: Current, short: int) -> str:
    seats = "1 seat" if short == 1 else f"{short} seats"
    gone = {item.username for item in going(wish, current)}
    inactive = [name for name in current.inactive if name not in gone]
    if inactive:
        return f"Free {seats}: these inactive users still hold one, take it from them with state: absent: {listing(inactive, len(inactive))}. Or buy more."
    return f"Free {seats} (no inactive user holds one: take it from somebody with state: absent), buy more, or list fewer users."


def _warned(wish: Desired, current: Current) -> list[str]:
    found = current.license
    if found.site and wish.state != "present":
        return [f"{wish.of.what} {found.name} is a site licence: everybody has it, and nothing was taken away."]
    if found.over and wish.state != "absent" and current.users:
        return [f"{wish.of.what} {found.name} {found.over}: who holds it gets nothing from it. Renew it with its vendor."]
    return []
