# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Who is to join a contact center and who to leave it, what has to be done for them before and after, and what is told. Pure.

A user has one center or none (User.CallCenterId, Object Reference). What a user needs to join is repaired or given only where the task says so; what
it has stays when it leaves, unless the task says so. Nothing of this reaches the telephony provider by itself, unless its vendor syncs users.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import _centers, _member_standing, _users
from ._centers import PARTNER_TELEPHONY, PARTNER_TELEPHONY_AMAZON, Center
from ._errors import CONFIG, Problem, RecordError, listing
from ._member_standing import FROZEN, NOTHING_KNOWN, SERVICE_CLOUD_USER, STANDARD_SETS, Standing
from ._plan import Change, Create, Delete, Plan, Update
from ._users import Allowance, Skipped, User

KIND = "contact_center_member"
ASSIGNMENT_KIND = "permission_set_assignment"
USER_KIND = _users.KIND
AUTO, BULK, USER_FIELD = "auto", "bulk", "user_field"
NO_ROLE = "none"
LARGEST_BATCH = 200
# The document asks to add one or two users at a time; a vendor takes all of a batch or none of it.
SYNCED_BATCH, USUAL_BATCH = 2, 100
_NOT_FOR_AGENTS = "Salesforce Platform"

REMINDER = (
    "Salesforce does not sync members with the telephony provider: add or remove the same users in the provider's system too; "
    "with single sign-on their usernames must be the same there."
)
ARGUMENT_SPEC: Mapping[str, Mapping[str, Any]] = {
    "contact_center": {"type": "str", "required": True},
    "users": {"type": "list", "elements": "raw", "required": True},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exact"]},
    "flavour": {"type": "str", "choices": [PARTNER_TELEPHONY]},
    "role": {"type": "str", "default": NO_ROLE, "choices": [*STANDARD_SETS, NO_ROLE]},
    "method": {"type": "str", "default": AUTO, "choices": [AUTO, BULK, USER_FIELD]},
    "batch_size": {"type": "int"},
    "move": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 300},
    "allow_provider_calls": {"type": "bool", "default": False},
    "repair": {"type": "list", "elements": "str", "choices": [SERVICE_CLOUD_USER, FROZEN], "default": []},
    "remove_permission_sets": {"type": "bool", "default": False},
    **_users.OPTIONS,
}


@dataclass(frozen=True)
class Desired:
    """Who should be a member of which center, and what may be done for that. batch_size: None where the task leaves it to the collection."""

    center: str
    users: tuple[User, ...]
    state: str
    flavour: str | None
    role: str
    method: str
    batch_size: int | None
    move: bool
    wait_timeout: int
    allow_provider_calls: bool
    repair: frozenset[str]
    remove_permission_sets: bool
    on_ineligible: str
    lookup: str
    max_removals: Allowance
    allow_empty: bool

    @property
    def tried(self) -> str:
        verb = {"present": "adding members to", "absent": "removing members from", "exact": "setting the members of"}[self.state]
        return f"{verb} contact center {self.center}"

    @property
    def adds_by_bulk(self) -> bool:
        return self.method == BULK and self.state != "absent"

    @property
    def takes_seats(self) -> bool:
        """Whether adding somebody may take a seat of a permission set licence."""
        return self.adds_by_bulk or self.role != NO_ROLE


@dataclass(frozen=True)
class Member:
    """A user as far as membership goes. center_id: empty where the user has none. licence: the user licence's name."""

    id: str
    username: str
    active: bool
    center_id: str
    licence: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    federation_id: str = ""
    employee_number: str = ""


@dataclass(frozen=True)
class GivenSet:
    """A permission set that a new member gets. name: with its namespace. licence_id: of its permission set licence, or empty."""

    id: str
    name: str
    licence_id: str = ""


@dataclass(frozen=True)
class Licence:
    """A permission set licence. taken: its seats in use; holders: who of the users that are looked at has one, by lower-case username."""

    id: str
    label: str
    total: int
    taken: int
    holders: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """A user's own assignment of the role's set that grants nothing now."""

    id: str
    revoked: bool
    expires: str | None


@dataclass(frozen=True)
class Offer:
    """What of permission sets concerns new members. carriers: the sets that carry the role's right; None where the org does not know such a right.
    rows: by lower-case username. licences: None where the org does not show the seats."""

    role_set: GivenSet | None = None
    partner_set: GivenSet | None = None
    carriers: tuple[str, ...] | None = ()
    rows: Mapping[str, Row] = field(default_factory=dict)
    licences: tuple[Licence, ...] | None = ()


@dataclass(frozen=True)
class Holding:
    """A set that somebody who leaves has. id: the assignment's. source: empty for an assignment of its own, else what it comes through, in words."""

    id: str
    name: str
    source: str = ""


@dataclass(frozen=True)
class Current:
    """The center, the wanted users and, by username, those who are its members or were when the task began. centers: all of the org's, by Id.
    standings: of those who are to join. bulk_refusal: the org's code where it does not have the bulk object. holdings: of those who leave, where
    these are to be taken away.

    joined, left: whom the task has written so far, by username, so that what was done for them is looked at once more.
    """

    center: Center
    users: Mapping[str, Member]
    members: Mapping[str, Member]
    unknown: tuple[Skipped, ...] = ()
    centers: Mapping[str, Center] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    offer: Offer = field(default_factory=Offer)
    holdings: Mapping[str, tuple[Holding, ...]] = field(default_factory=dict)
    bulk_refusal: str = ""
    is_sandbox: bool = False
    running_user_id: str = ""
    joined: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    written: bool = False

    def outside(self) -> list[Member]:
        """The wanted users who are not members."""
        return [user for user in self.users.values() if user.center_id != self.center.id]

    def inside(self) -> list[Member]:
        """The center's members, as far as they were read."""
        return [item for item in self.members.values() if item.center_id == self.center.id]

    def person(self, username: str) -> Member:
        return self.users.get(username) or self.members.get(username) or Member("", username, True, "")

    def standing(self, username: str) -> Standing:
        return self.standings.get(username, NOTHING_KNOWN)


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for users that are no users, for an empty list with state exact, and for an odd batch size."""
    tried = f"setting members of contact center {params['contact_center']}"
    size = params["batch_size"]
    if size is not None and not 1 <= size <= LARGEST_BATCH:
        raise Problem(tried, f"batch_size is {size}.", f"Give a number from 1 to {LARGEST_BATCH}.", CONFIG, "batch_size")
    if params["wait_timeout"] < 0:
        raise Problem(tried, f"wait_timeout is {params['wait_timeout']}.", "Give a number of seconds from 0 up.", CONFIG, "wait_timeout")
    wish = Desired(
        center=params["contact_center"].strip(),
        users=_users.wanted(params["users"], tried),
        repair=frozenset(params["repair"]),
        lookup=params["lookup_failure_action"],
        max_removals=_users.allowance(params["max_removals"], tried),
        **{name: params[name] for name in _AS_THEY_ARE},
    )
    if wish.state == "exact":
        _users.guard_exact((), len(wish.users), wish.max_removals, wish.allow_empty, wish.tried)
    return wish


_AS_THEY_ARE = (
    "state",
    "flavour",
    "role",
    "method",
    "batch_size",
    "move",
    "wait_timeout",
    "allow_provider_calls",
    "remove_permission_sets",
    "on_ineligible",
    "allow_empty",
)


# -- the difference -----------------------------------------------------------------------------------------------------------------------


def plan(wish: Desired, current: Current) -> Plan:
    """Who is to be added and who removed, and what goes before and after. Raises Problem for a center of another kind, for users who cannot be
    added, for more removals than allowed, for seats that lack, and for what may call the provider though nobody asked for that."""
    refusal = _centers.refusal(current.center, wish.tried)
    if refusal:
        raise refusal
    leaving = _leaving(wish, current)
    joining = _joining(wish, current)
    if wish.state == "exact":
        staying = len(current.users) - len(ineligible(wish, current))
        names = [item.username for item in leaving]
        _users.guard_exact(names, staying, wish.max_removals, wish.allow_empty, wish.tried, len(current.inside()))
    _check_method(wish, current, joining)
    _check_provider(wish, current, joining, leaving)
    fresh = [*joining, *(current.users[name] for name in current.users if name in current.joined and _is_member(current, name))]
    grants = _grants(wish, current, fresh)
    _check_seats(wish, current, joining, grants)
    moving = [item for item in joining if item.center_id]
    return Plan(
        (
            *_repairs(wish, current, fresh),
            *grants,
            # Removals first: whoever leaves frees a seat at the provider.
            *(Delete(KIND, key_of(current, item), item.id, {"member": True}) for item in leaving),
            *(Delete(KIND, old_key(current, item), item.id, {"member": True}) for item in moving),
            *(Create(KIND, key_of(current, item), {"member": True}) for item in joining),
            *_taken(wish, current, leaving),
        )
    )


def ineligible(wish: Desired, current: Current) -> tuple[Skipped, ...]:
    """Who of the wanted users is no member and cannot become one, and why."""
    if wish.state == "absent":
        return ()
    told = ((item.username, _why_not(wish, current, item)) for item in current.outside())
    return tuple(Skipped(name, reason) for name, reason in told if reason)


def size_of_batch(wish: Desired, current: Current) -> int:
    """How many users are written together."""
    return wish.batch_size or (SYNCED_BATCH if current.center.syncs_users else USUAL_BATCH)


def key_of(current: Current, user: Member) -> str:
    return f"{current.center.internal_name}/{user.username}"


def old_key(current: Current, user: Member) -> str:
    """The key of the membership that a user has elsewhere."""
    return f"{_internal_name(current, user.center_id)}/{user.username}"


def username_of(change: Change) -> str:
    return change.key.split("/", 1)[1]


def is_of(center: Center, change: Change) -> bool:
    """Whether a change of membership is of that center, and not of one that a user moves from."""
    return change.key.split("/", 1)[0] == center.internal_name


def _internal_name(current: Current, center_id: str) -> str:
    center = current.centers.get(center_id)
    return center.internal_name if center else "(a center that is not shown)"


def _is_member(current: Current, username: str) -> bool:
    return current.users[username].center_id == current.center.id


def _leaving(wish: Desired, current: Current) -> list[Member]:
    if wish.state == "absent":
        return [item for item in current.users.values() if item.center_id == current.center.id]
    if wish.state == "present":
        return []
    return sorted((item for item in current.inside() if item.username not in current.users), key=lambda item: item.username)


def _joining(wish: Desired, current: Current) -> list[Member]:
    """Those who are to be added. Raises Problem for those who cannot, unless they are to be left out."""
    if wish.state == "absent":
        return []
    skipped = ineligible(wish, current)
    _users.stop_or_skip(skipped, wish.on_ineligible, wish.tried)
    left_out = {item.user for item in skipped}
    return [item for item in current.outside() if item.username not in left_out]


def _why_not(wish: Desired, current: Current, user: Member) -> str:
    """All that keeps the user from being added, so that it is put right in one go; empty where nothing does."""
    found = _member_standing.reasons(user.active, current.standing(user.username), wish.repair, wish.role != NO_ROLE)
    if user.center_id and not wish.move:
        where = _internal_name(current, user.center_id)
        found = (f"is a member of another contact center, {where} (a user has one; remove it there first, or set move: true)", *found)
    return "; ".join(found)


def _check_method(wish: Desired, current: Current, joining: Sequence[Member]) -> None:
    """Raise Problem where it is not clear by which route users are to be added, or where the route is not there."""
    if not joining:
        return
    vendor = current.center.vendor.name if current.center.vendor else "of this center"
    if wish.method == AUTO and current.center.syncs_users:
        asks_twice = current.is_sandbox and not wish.allow_provider_calls
        raise Problem(
            wish.tried,
            f"the vendor {vendor} declares user syncing, so it matters how users are added.",
            "Set method: bulk (Salesforce's documented route: the vendor is to be told and to create the users in its own system, takes all users of a batch "
            "or none of them, and the Partner Telephony Permission Set takes a seat of its licence), or method: user_field (one field of the user is "
            "written; nothing shows that the vendor is told, so create the users there first)."
            + (" This is a sandbox: either wants allow_provider_calls: true, too." if asks_twice else ""),
            CONFIG,
            "vendor_syncs_users",
        )
    if wish.method == BULK and current.center.flavour == PARTNER_TELEPHONY_AMAZON:
        raise Problem(
            wish.tried,
            "for Partner Telephony from Amazon Connect the bulk route wants an AWS profile and a routing profile of each user, which this module does "
            f"not know ({current.center.told_by}).",
            "Set method: user_field.",
            CONFIG,
            "bulk_not_offered",
        )
    if wish.method == BULK and current.bulk_refusal:
        raise Problem(
            wish.tried,
            f"this org has no ContactCenterBulkOp, or does not show it to the running user ({current.bulk_refusal}).",
            "Set method: user_field.",
            CONFIG,
            "bulk_not_offered",
        )


def _check_provider(wish: Desired, current: Current, joining: Sequence[Member], leaving: Sequence[Member]) -> None:
    """Raise Problem, in a sandbox, for a write that may reach a telephony provider though nobody asked for that."""
    if not (joining or leaving) or not current.is_sandbox or wish.allow_provider_calls:
        return
    touched = [current.center, *(current.centers[item.center_id] for item in joining if item.center_id in current.centers)]
    syncing = sorted({center.internal_name for center in touched if center.syncs_users})
    unknown = wish.method == BULK and joining and current.center.syncs_users is None
    if not syncing and not unknown:
        return
    said = f"the vendor of {listing(syncing)} syncs users" if syncing else "the org does not tell whether the vendor syncs users"
    raise Problem(
        wish.tried,
        f"{said}, this is a sandbox, and a refreshed sandbox can carry production's credentials: the write may change users at the provider in "
        "production.",
        "See that the vendor's named credential does not point at production; then set allow_provider_calls: true on this host.",
        CONFIG,
        "provider_calls",
    )


def _repairs(wish: Desired, current: Current, fresh: Iterable[Member]) -> list[Change]:
    """What of those who join is put right first, keyed and named as module user has it."""
    changes: list[Change] = []
    for user in fresh:
        standing = current.standing(user.username)
        after: dict[str, Any] = {}
        if SERVICE_CLOUD_USER in wish.repair and not standing.service_user:
            after["SupportUser"] = True
        if FROZEN in wish.repair and standing.frozen:
            after["frozen"] = False
        if after:
            changes.append(Update(USER_KIND, user.username, user.id, {name: not value for name, value in after.items()}, after))
    return changes


def _grants(wish: Desired, current: Current, fresh: Iterable[Member]) -> list[Change]:
    """The role's set for those who have neither right. Raises Problem where the org has no such set."""
    lacking = [] if wish.role == NO_ROLE else [user for user in fresh if not current.standing(user.username).may_join]
    if not lacking:
        return []
    given = current.offer.role_set
    if given is None:
        raise _no_set(wish, current.offer, lacking)
    changes: list[Change] = []
    for user in lacking:
        changes.extend(_granting(f"{given.name}/{user.username}", current.offer.rows.get(user.username.lower())))
    return changes


def _granting(key: str, row: Row | None) -> list[Change]:
    """What makes a user have the set: another row of it would be a duplicate."""
    if row is None:
        return [Create(ASSIGNMENT_KIND, key, {"assigned": True})]
    before: dict[str, Any] = {**({"revoked": True} if row.revoked else {}), **({"expires": row.expires} if row.expires else {})}
    if before:
        return [Update(ASSIGNMENT_KIND, key, row.id, before, {name: False if name == "revoked" else None for name in before})]
    # Neither revoked nor expired, yet not active: no field of the row can be written to change that.
    return [Delete(ASSIGNMENT_KIND, key, row.id, {"active": False}), Create(ASSIGNMENT_KIND, key, {"assigned": True})]


def _no_set(wish: Desired, offer: Offer, lacking: Sequence[Member]) -> Problem:
    names = listing(user.username for user in lacking)
    wanted = STANDARD_SETS[wish.role]
    if offer.carriers is None:
        return Problem(
            wish.tried,
            f"{names} should get {wanted}, and this org does not know the right that it carries.",
            "The licence Salesforce Voice User (Partner Telephony) is missing here, or the running user lacks View Setup and Configuration.",
            CONFIG,
            "no_role_set",
        )
    has = f"Sets with its right are {listing(offer.carriers)}: assign one" if offer.carriers else "Make a set with its right and assign it"
    return Problem(
        wish.tried,
        f"{names} should get the permission set {wanted}, and the org has no set of that name.",
        f"{has} with permission_set_assignment, then run again.",
        CONFIG,
        "no_role_set",
    )


def _check_seats(wish: Desired, current: Current, joining: Sequence[Member], grants: Sequence[Change]) -> None:
    """Raise Problem where a licence has fewer seats than the plan takes, so that nobody is added rather than some."""
    given = {username_of(change) for change in grants}
    takers = {
        current.offer.role_set: [user for user in joining if user.username in given],
        current.offer.partner_set: list(joining) if wish.adds_by_bulk else [],
    }
    for licence in current.offer.licences or ():
        needing = {user.username.lower() for one, users in takers.items() if one and one.licence_id == licence.id for user in users}
        needed, free = len(needing - licence.holders), licence.total - licence.taken
        if needed > max(free, 0) and licence.total >= 0:
            raise Problem(
                wish.tried,
                f"{needed} of the users need a seat of the permission set license {licence.label}, and {max(free, 0)} of {licence.total} are free; "
                "nobody was added.",
                "Free seats (deactivated users keep theirs; permission_set_license_assignment names and removes them) or buy more, or shorten the list.",
                CONFIG,
                "no_free_seat",
            )


def _taken(wish: Desired, current: Current, leaving: Sequence[Member]) -> list[Change]:
    """The assignments that those who leave lose, where the task says so: their own ones, and never the running user's."""
    if not wish.remove_permission_sets:
        return []
    return [
        Delete(ASSIGNMENT_KIND, f"{held.name}/{user.username}", held.id, {"assigned": True})
        for user in _losing(wish, current, leaving)
        for held in current.holdings.get(user.username, ())
        if not held.source and not _is_running(current, user)
    ]


def losing(wish: Desired, current: Current) -> list[Member]:
    """Whose permission sets are to be taken away with membership, or were to be."""
    return _losing(wish, current, _leaving(wish, current)) if wish.remove_permission_sets else []


def _losing(wish: Desired, current: Current, leaving: Sequence[Member]) -> list[Member]:
    """Those who leave or have left; with state absent also those who are listed and in no center."""
    if wish.state == "absent":
        return [item for item in current.users.values() if item.center_id in ("", current.center.id)]
    gone = [current.person(name) for name in current.left if name not in {item.username for item in leaving}]
    return sorted([*leaving, *(item for item in gone if not item.center_id)], key=lambda item: item.username)


def _is_running(current: Current, user: Member) -> bool:
    return bool(current.running_user_id and user.id[:15] == current.running_user_id[:15])


# -- what is told -------------------------------------------------------------------------------------------------------------------------


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The center and how its kind was told, who joins and who leaves, who was left out and why, and what Salesforce does not do."""
    skipped = ineligible(wish, current)
    elsewhere = {username_of(change): change.key.split("/", 1)[0] for change in _members(made, Delete) if not is_of(current.center, change)}
    joining = [username_of(change) for change in _members(made, Create)]
    leaving = [username_of(change) for change in _members(made, Delete) if is_of(current.center, change)]
    if current.written:
        joining = [name for name in joining if current.person(name).center_id == current.center.id]
        leaving = [name for name in leaving if current.person(name).center_id != current.center.id]
    planned = {username_of(change) for change in (*_members(made, Create), *_members(made, Delete))}
    left_out = {item.user for item in skipped}
    return {
        "contact_center": as_result(current.center),
        "method": BULK if wish.method == BULK else USER_FIELD,
        "batch_size": size_of_batch(wish, current),
        "joining": [{**person(current.person(name)), "from": elsewhere.get(name, "")} for name in joining],
        "leaving": [person(current.person(name)) for name in leaving],
        "unchanged": sum(1 for name in current.users if name not in planned and name not in left_out),
        "left_out": [item.as_result() for item in (*skipped, *current.unknown)],
        "reminder": REMINDER,
        "warnings": [*_warned(wish, current, skipped, made)],
    }


def as_result(center: Center) -> dict[str, Any]:
    """The center as results tell it."""
    return {
        "name": center.name,
        "internal_name": center.internal_name,
        "flavour": center.flavour,
        "told_by": center.told_by,
        "vendor": center.vendor.name if center.vendor else "",
        "syncs_users": center.syncs_users,
    }


def person(user: Member) -> dict[str, str]:
    """A user as the telephony provider's side needs to know it."""
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "federation_id": user.federation_id,
        "employee_number": user.employee_number,
    }


def _members(made: Plan, op: type[Change]) -> list[Change]:
    return [change for change in made.changes if change.kind == KIND and isinstance(change, op)]


def _warned(wish: Desired, current: Current, skipped: Sequence[Skipped], made: Plan) -> Iterable[str]:
    yield from (f"{item.user} was left out: the user {item.reason}." for item in skipped)
    yield from _users.warned_of_unknown(current.unknown, wish.lookup)
    joining, leaving = _members(made, Create), _members(made, Delete)
    hidden = [username_of(change) for change in joining if current.standing(username_of(change)).frozen is None]
    if hidden:
        yield (
            f"whether these users are frozen is not shown to the running user, who needs Manage Users for that: {listing(hidden)}. "
            "Frozen users cannot log in."
        )
    if joining and wish.takes_seats and current.offer.licences is None:
        yield "the org does not show the running user the seats of permission set licenses: whether there are enough was not checked."
    if joining and wish.adds_by_bulk and current.center.vendor is None:
        yield (
            f"which vendor {current.center.internal_name} has is not known ({current.center.vendor_told_by}): if it is a center of Partner Telephony "
            "from Amazon Connect, the bulk job has no effect; then set method: user_field."
        )
    # Whoever moves leaves a center too.
    left = {change.key.split("/", 1)[0] for change in leaving}
    yield from _warned_of_provider(current, bool(joining or leaving), left)
    yield from _warned_of_licence(wish, current)
    yield from _warned_of_holdings(wish, current)


def _warned_of_provider(current: Current, writing: bool, left: Collection[str]) -> Iterable[str]:
    """What a vendor may not hear of. left: the centers, by internal name, that users leave."""
    unknown = f"whether the vendor of {current.center.internal_name} is told of members is not known ({current.center.vendor_told_by}); "
    if writing and current.center.syncs_users is None:
        yield unknown + (
            "in a sandbox its credentials may be production's."
            if current.is_sandbox
            else "nothing shows that it is told by a write of the user's field."
        )
    centers = {center.internal_name: center for center in (*current.centers.values(), current.center)}
    syncing = sorted(name for name in left if name in centers and centers[name].syncs_users)
    if syncing and not current.is_sandbox:
        yield (
            f"the vendor of {listing(syncing)} syncs users, and nothing shows that it is told of those who leave by a write of a field of theirs: "
            "remove them in the provider's system too."
        )


def _warned_of_licence(wish: Desired, current: Current) -> Iterable[str]:
    """Who has the licence that is not recommended for agents (Vonage Contact Center in Salesforce, on licences)."""
    names = [item.username for item in current.users.values() if item.licence == _NOT_FOR_AGENTS]
    if wish.state != "absent" and names:
        advice = "Give them a profile of the licence Salesforce, or see that what they use works."
        yield (
            f"{listing(names)}: Vonage does not recommend the user licence {_NOT_FOR_AGENTS} for agents, since some features may not work with it. "
            f"{advice}"
        )


def _warned_of_holdings(wish: Desired, current: Current) -> Iterable[str]:
    """Which sets with a contact center's rights stay with people who leave, though they are to be taken away."""
    for user in losing(wish, current):
        kept = [f"{held.name} ({held.source})" for held in current.holdings.get(user.username, ()) if held.source]
        if kept:
            yield f"{user.username} keeps {listing(kept)}: take the group or the profile from the user, or the right out of it."
        if _is_running(current, user):
            yield f"{user.username} keeps its permission sets: the running user never takes a set away from itself."


# -- refusals -----------------------------------------------------------------------------------------------------------------------------


def not_added(key: str, because: RecordError, what: str) -> RecordError:
    """The error of a member who was not written, since what had to come first was refused."""
    return RecordError(key, because.code, f"was not written, since {what} was refused: {because.message}", because.fields, because.remedy)
