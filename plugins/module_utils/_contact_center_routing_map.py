# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A contact center's routing maps: which user of Salesforce is which user of the telephony provider (CallCenterRoutingMap, Object Reference).

A map is found by its user and its center. Its developer name is no key: the reference and Salesforce's own sample disagree about its form, and a
vendor's software may have chosen another one. Queues and groups have maps in the same object; they are not read as users' and never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _center_reading, _centers, _ids, _user_reading, _users
from ._centers import Center
from ._converge import Noun
from ._errors import CONFIG, Problem, RecordError, listing
from ._org import Org, Outcome, Query, Write
from ._plan import Change, Create, Delete, Plan, Update
from ._soql import in_list, list_chunks, quote
from ._users import Allowance, Skipped, User

KIND = "contact_center_routing_map"
# What the plans of module contact_center_member are called.
_MEMBER_KIND = "contact_center_member"
_SOBJECT = "CallCenterRoutingMap"
_LONGEST = 255  # CallCenterRoutingMap.ExternalId
_LABEL = 80  # CallCenterRoutingMap.MasterLabel
_MAP_FIELDS = "Id, CallCenterId, ReferenceRecordId, ExternalId"
_USER_FIELDS = "Id, Username, CallCenterId"
# Between a user and the id of a further map of the user, in a plan's keys; usernames have no spaces.
_ALSO = " (also "
_DUPLICATES = ("DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE")


@dataclass(frozen=True)
class Desired:
    """Who should be known to the provider by which id, in which center. ids: as given for each user, empty where none is (state absent)."""

    center: str
    ids: Mapping[User, str]
    state: str
    flavour: str | None
    on_ineligible: str
    max_removals: Allowance
    allow_empty: bool
    lookup: str = _users.FAIL

    @property
    def users(self) -> tuple[User, ...]:
        return tuple(self.ids)

    @property
    def tried(self) -> str:
        verb = {"present": "mapping users of", "absent": "removing routing maps of", "exact": "setting the routing maps of"}[self.state]
        return f"{verb} contact center {self.center}"


@dataclass(frozen=True)
class Mapped:
    """One routing map. id: empty for one that an earlier task of a check-mode run would have made."""

    id: str
    user_id: str
    username: str
    external_id: str


@dataclass(frozen=True)
class Current:
    """The center; the wanted users: their Ids, the ids they should have, and the center that each is a member of; and the maps by lower-case username:
    of everybody with state exact, else of the wanted users.

    taken: maps of others that have one of the wanted ids. unknown: the users of the task whom the org does not have.
    """

    center: Center
    wanted: Mapping[str, str]
    user_ids: Mapping[str, str]
    member_of: Mapping[str, str]
    maps: Mapping[str, tuple[Mapped, ...]]
    taken: tuple[Mapped, ...] = ()
    unknown: tuple[Skipped, ...] = field(default=())

    def key(self, username: str) -> str:
        return f"{self.center.internal_name}/{username}"

    def of(self, username: str) -> tuple[Mapped, ...]:
        """The user's maps: the one that counts first, which is the one with the wanted id, or else the oldest."""
        told = self.maps.get(username.lower(), ())
        return tuple(sorted(told, key=lambda item: (item.external_id != self.wanted.get(username), item.id)))


# -- what is wanted ------------------------------------------------------------------------------------------------------------------


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for users that are no users, for ids that are empty, too long or given twice, and for an empty list
    with state exact."""
    center, mappings = params["contact_center"].strip(), params["mappings"]
    tried = f"mapping users of contact center {center}"
    users = _users.wanted([item["user"] for item in mappings], tried)
    ids = dict(zip(users, (str(item["external_id"] or "").strip() for item in mappings)))
    wish = Desired(
        center,
        ids,
        params["state"],
        params["flavour"],
        params["on_ineligible"],
        _users.allowance(params["max_removals"], tried),
        params["allow_empty"],
        params["lookup_failure_action"],
    )
    if wish.state != "absent":
        _check_ids(wish)
    if wish.state == "exact":
        _users.guard_exact((), len(wish.users), wish.max_removals, wish.allow_empty, wish.tried)
    return wish


def _check_ids(wish: Desired) -> None:
    without = [str(user) for user, external_id in wish.ids.items() if not external_id]
    if without:
        said = f"no external_id is given for {listing(without)}."
        raise Problem(
            wish.tried, said, "Give each user's id at the telephony provider; to unmap users, use state: absent.", CONFIG, "no_external_id"
        )
    long = [str(user) for user, external_id in wish.ids.items() if len(external_id) > _LONGEST]
    if long:
        said = f"the external_id of {listing(long)} has more than {_LONGEST} characters."
        raise Problem(wish.tried, said, f"Salesforce takes at most {_LONGEST}.", CONFIG, "too_long")
    having: dict[str, list[str]] = {}
    for user, external_id in wish.ids.items():
        having.setdefault(external_id, []).append(str(user))
    shared = [f"{external_id} for {' and '.join(users)}" for external_id, users in having.items() if len(users) > 1]
    if shared:
        said = f"the same external_id is given more than once: {'; '.join(shared[:10])}."
        remedy = "It tells one user of the telephony system from all others (Object Reference): give each user an id of its own."
        raise Problem(wish.tried, said, remedy, CONFIG, "external_id_twice")


# -- what is there -------------------------------------------------------------------------------------------------------------------


def read(org: Org, wish: Desired) -> Current:
    """The center, the wanted users and the maps, in one call for up to about a thousand users; one more for the usernames of others who have maps."""
    answers = org.read([*_center_reading.reads(), *_user_reading.reads(org, wish.users, _USER_FIELDS), *_map_reads(org, wish)])
    center = _center_reading.chosen(org, wish.center, answers, wish.flavour, wish.tried)
    sought = _user_reading.sought(org, wish.users, answers, _USER_FIELDS, wish.tried, wish.lookup)
    found: list[Mapping[str, Any]] = [*answers.all("maps")]
    late = [] if wish.state == "exact" else [str(sought.rows[name]["Id"]) for name in _user_reading.late(sought.rows, answers)]
    if late:
        found += org.read(_maps_of(center, late)).all("maps")
    names = {str(row["Id"]): name for name, row in sought.rows.items() if row["Id"]}
    # A username and the same one with the sandbox's name behind it may be two users, of whom one is meant.
    rows = [row for row in _of_users(center, found) if wish.state == "exact" or row["ReferenceRecordId"] in names]
    taken = [row for row in _of_users(center, answers.all("taken")) if row["ReferenceRecordId"] not in names]
    everybody = {**names, **_usernames(org, [row["ReferenceRecordId"] for row in (*rows, *taken) if row["ReferenceRecordId"] not in names])}
    current = Current(
        center,
        {str(row["Username"]): wish.ids[user] for user, row in sought.by_user.items()},
        {name: str(row["Id"] or "") for name, row in sought.rows.items()},
        {name: str(row["CallCenterId"] or "") for name, row in sought.rows.items()},
        _by_user(_mapped(row, everybody) for row in rows),
        tuple(_mapped(row, everybody) for row in taken),
        sought.left_out,
    )
    return _as_foreseen(org, current)


def _map_reads(org: Org, wish: Desired) -> list[Query]:
    """The maps of the wanted users, with state exact of everybody; with state present also who else has one of the wanted ids."""
    named = f"InternalName = {quote(wish.center)} OR Name = {quote(wish.center)}"
    if _ids.is_id(wish.center, "04v"):
        named = f"Id = {quote(wish.center)}"
    select = f"SELECT {_MAP_FIELDS} FROM {_SOBJECT} WHERE CallCenterId IN (SELECT Id FROM CallCenter WHERE {named})"
    if wish.state == "exact":
        return [Query("maps0", select)]
    parts = [_users.condition(part, sandbox=org.sandbox_name) for part in _users.chunked(wish.users, org.sandbox_name)]
    reads = [
        Query(f"maps{number}", f"{select} AND ReferenceRecordId IN (SELECT Id FROM User WHERE {one})") for number, one in enumerate(parts)
    ]
    if wish.state == "present":
        reads += [
            Query(f"taken{number}", f"{select} AND ExternalId IN {in_list(part)}")
            for number, part in enumerate(list_chunks(wish.ids.values()))
        ]
    return reads


def _maps_of(center: Center, user_ids: Sequence[str]) -> list[Query]:
    """The maps of these users in that center."""
    select = f"SELECT {_MAP_FIELDS} FROM {_SOBJECT} WHERE CallCenterId = {quote(center.id)} AND ReferenceRecordId IN"
    return [Query(f"maps{number}", f"{select} {in_list(part)}") for number, part in enumerate(list_chunks(user_ids))]


def _of_users(center: Center, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of that center that are of users, and not of queues or groups."""
    return [row for row in rows if row["CallCenterId"] == center.id and _ids.is_id(str(row["ReferenceRecordId"]), "005")]


def _usernames(org: Org, user_ids: Iterable[str]) -> dict[str, str]:
    """Usernames by Id; one call, none where nobody is asked for."""
    parts = list_chunks(dict.fromkeys(user_ids))
    asked = [Query(f"others{number}", f"SELECT Id, Username FROM User WHERE Id IN {in_list(part)}") for number, part in enumerate(parts)]
    return {str(row["Id"]): str(row["Username"]) for row in org.read(asked).all("others")} if asked else {}


def _mapped(row: Mapping[str, Any], names: Mapping[str, str]) -> Mapped:
    user_id = str(row["ReferenceRecordId"])
    # Who is hidden from the running user is called by Id.
    return Mapped(str(row["Id"]), user_id, names.get(user_id, user_id), str(row["ExternalId"] or ""))


def _by_user(maps: Iterable[Mapped]) -> dict[str, tuple[Mapped, ...]]:
    told: dict[str, list[Mapped]] = {}
    for item in maps:
        told.setdefault(item.username.lower(), []).append(item)
    return {name: tuple(sorted(items, key=lambda item: item.id)) for name, items in told.items()}


def _as_foreseen(org: Org, current: Current) -> Current:
    """The members and the maps as earlier tasks of this check-mode run would leave them."""
    names = {name.lower(): name for name in current.user_ids}
    member_of = dict(current.member_of)
    for key, after in org.foreseen(_MEMBER_KIND).items():
        center, username = key.split("/", 1)
        here, name = center == current.center.internal_name, names.get(username.lower(), "")
        if name and (here or after is not None):
            member_of[name] = current.center.id if here and after is not None else ""
    maps, planned = dict(current.maps), org.foreseen(KIND)
    for key, after in planned.items():
        center, told = key.split("/", 1)
        username, _unused, extra = told.partition(_ALSO)
        name = username.lower()
        if center == current.center.internal_name:
            maps[name] = _map_foreseen(maps.get(name, ()), username, after, extra)
    taken = tuple(
        item
        for item in current.taken
        if planned.get(current.key(item.username), {"external_id": item.external_id}) == {"external_id": item.external_id}
    )
    return replace(current, member_of=member_of, maps={name: items for name, items in maps.items() if items}, taken=taken)


def _map_foreseen(maps: tuple[Mapped, ...], username: str, after: Mapping[str, Any] | None, extra: str) -> tuple[Mapped, ...]:
    """A user's maps after one planned change. extra: which further map it is about, if it is about one."""
    if extra:
        return tuple(item for item in maps if extra != f"{item.external_id})" and not extra.startswith(f"{item.external_id}) no. "))
    if after is None:
        return ()
    wanted = str(after["external_id"])
    if any(item.external_id == wanted for item in maps):
        return maps
    first = replace(maps[0], external_id=wanted) if maps else Mapped("", "", username, wanted)
    return (first, *maps[1:])


# -- the difference ------------------------------------------------------------------------------------------------------------------


def plan(wish: Desired, current: Current) -> Plan:
    """What is to go, then what is to change, then what is to come. Raises Problem for a center of another kind, for users who are no members, and for
    more removals than allowed."""
    refusal = _centers.refusal(current.center, wish.tried)
    if refusal:
        raise refusal
    if wish.state == "absent":
        return Plan(tuple(change for name in current.wanted for change in _removed(current, current.of(name))))
    skipped = _ineligible(wish, current)
    _users.stop_or_skip(skipped, wish.on_ineligible, wish.tried)
    served = [name for name in current.wanted if name not in {item.user for item in skipped}]
    going: list[Change] = []
    if wish.state == "exact":
        going = _surplus(current, served)
        staying = len({*served, *(name for name in current.wanted if current.of(name))})
        leaving = [change.key.split("/", 1)[1] for change in going]
        there = sum(map(len, current.maps.values()))
        _users.guard_exact(leaving, staying, wish.max_removals, wish.allow_empty, wish.tried, there)
    wanted = [change for name in served for change in _mapping(current, name)]
    return Plan((*going, *(item for item in wanted if isinstance(item, Update)), *(item for item in wanted if isinstance(item, Create))))


def _mapping(current: Current, username: str) -> list[Change]:
    """What gives one user the wanted id."""
    wanted, there = {"external_id": current.wanted[username]}, current.of(username)
    if not there:
        return [Create(KIND, current.key(username), wanted)]
    if there[0].external_id == current.wanted[username]:
        return []
    return [Update(KIND, current.key(username), there[0].id, {"external_id": there[0].external_id}, wanted)]


def _surplus(current: Current, served: Iterable[str]) -> list[Change]:
    """The maps of users who are not wanted, and the second and further ones of those who are."""
    wanted = {name.lower() for name in current.wanted}
    others = sorted((items for name, items in current.maps.items() if name not in wanted), key=lambda items: items[0].username)
    twice = [change for name in served for change in _removed(current, current.of(name))[1:]]
    return [*(change for items in others for change in _removed(current, items)), *twice]


def _removed(current: Current, maps: Sequence[Mapped]) -> list[Change]:
    """The removal of these maps of one user. The second and further ones, which no org should have, are told apart by their ids."""
    changes: list[Change] = []
    for number, item in enumerate(maps):
        key = current.key(item.username) + (f"{_ALSO}{item.external_id})" if number else "")
        again = sum(change.key == key or change.key.startswith(f"{key} ") for change in changes)
        changes.append(Delete(KIND, f"{key} no. {again + 1}" if again else key, item.id, {"external_id": item.external_id}))
    return changes


def _ineligible(wish: Desired, current: Current) -> list[Skipped]:
    """Who would have to be mapped and is no member of the center (Object Reference, CallCenterRoutingMap: the user must be in it)."""
    if wish.state == "absent":
        return []
    outside = [name for name in current.wanted if current.member_of[name] != current.center.id and _mapping(current, name)]
    return [Skipped(name, "is not a member of the contact center: add it first (contact_center_member)") for name in outside]


# -- writing -------------------------------------------------------------------------------------------------------------------------


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Delete, then update, then create; a refused map does not stop the others."""
    org.write([_write(current, change) for change in changes], what="routing maps")
    org.outcomes[:] = [
        replace(item, errors=tuple(_explained(current, item.change, error) for error in item.errors)) for item in org.outcomes
    ]
    return org.outcomes


def _write(current: Current, change: Change) -> Write:
    if isinstance(change, Delete):
        return Write(change, "delete", _SOBJECT, change.id, {})
    if isinstance(change, Update):
        return Write(change, "update", _SOBJECT, change.id, {"ExternalId": change.after["external_id"]})
    username = _username(change)
    user_id = _long(current.user_ids[username])
    fields = {
        "CallCenterId": current.center.id,
        "ReferenceRecordId": user_id,
        # As in Salesforce's one sample. The reference's form has no User_ and so begins with a digit, which names of the API must not.
        "DeveloperName": f"User_{user_id}_{current.center.id[:15]}",
        "MasterLabel": username[:_LABEL],
        "ExternalId": change.after["external_id"],
    }
    return Write(change, "create", _SOBJECT, None, fields)


def _long(user_id: str) -> str:
    return user_id if len(user_id) > 15 else f"{user_id}{_ids.checksum(user_id)}"


def _explained(current: Current, change: Change, error: RecordError) -> RecordError:
    """The refusal with what is to be done about it, where Salesforce's words do not say."""
    if error.code in _DUPLICATES:
        remedy = (
            "The org already has a routing map of that user and center, or one of that developer name that is somebody else's. Run again: a map that came "
            f"meanwhile is found. If that does not help, look with SELECT Id, DeveloperName, ReferenceRecordId FROM {_SOBJECT} WHERE CallCenterId = "
            f"{quote(current.center.id)} and delete the wrong one."
        )
        return replace(error, remedy=remedy)
    if error.code == "FIELD_INTEGRITY_EXCEPTION" and not isinstance(change, Delete):
        remedy = f"A user must be a member of {current.center.internal_name} to be mapped: add {_username(change)} with contact_center_member, then run again."
        return replace(error, remedy=remedy)
    return error


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The maps of the users that the changes touched, read again."""
    touched = {_username(change).lower() for change in changes}
    names = {_long(current.user_ids[name]): name for name in current.user_ids if name.lower() in touched}
    names.update({item.user_id: item.username for name in touched for item in current.maps.get(name, ())})
    rows = _of_users(current.center, org.read(_maps_of(current.center, [*names])).all("maps"))
    kept = {name: items for name, items in current.maps.items() if name not in touched}
    return replace(current, maps={**kept, **_by_user(_mapped(row, names) for row in rows)})


def _username(change: Change) -> str:
    return change.key.split("/", 1)[1].partition(_ALSO)[0]


# -- the result ----------------------------------------------------------------------------------------------------------------------


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The center, how many wanted maps were there already, who was left out, and what is doubtful about ids."""
    center, skipped = current.center, _ineligible(wish, current)
    touched = {_username(change).lower() for change in made.changes}
    unchanged = [name for name in current.wanted if name.lower() not in touched and (wish.state == "absent" or current.of(name))]
    return {
        "contact_center": {
            "name": center.name,
            "internal_name": center.internal_name,
            "flavour": center.flavour,
            "told_by": center.told_by,
        },
        "unchanged": len(unchanged),
        "left_out": [item.as_result() for item in (*current.unknown, *skipped)],
        "warnings": [
            *_users.warned_of_unknown(current.unknown, wish.lookup),
            *(f"{item.user} was left out: the user {item.reason}." for item in skipped),
            *_warned_of_twins(wish, current),
            *_warned_of_taken(current),
        ],
    }


def _warned_of_twins(wish: Desired, current: Current) -> list[str]:
    """Who has several maps in the center, which no org should allow. Only a task that is to remove maps takes the further ones away."""
    twins = [current.of(name) for name in current.wanted if len(current.of(name)) > 1]
    if wish.state != "present" or not twins:
        return []
    told = listing(f"{items[0].username} ({', '.join(item.external_id for item in items)})" for items in twins)
    advice = "Which of them counts is not known: state: exact keeps the wanted one only, state: absent removes them all."
    return [
        f"these users have more than one routing map in {current.center.internal_name}, and only the first was looked after: {told}. {advice}"
    ]


def _warned_of_taken(current: Current) -> list[str]:
    taken = [item for item in current.taken if item.external_id in current.wanted.values()]
    if not taken:
        return []
    told = listing(f"{item.external_id} ({item.username})" for item in taken)
    advice = "An id tells one user of the telephony system from all others: remove the other map with state: absent, or correct the id."
    return [f"these ids are also mapped to other users of {current.center.internal_name}: {told}. {advice}"]


NOUN = Noun(
    name=KIND,
    argument_spec={
        "contact_center": {"type": "str", "required": True},
        "mappings": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {"user": {"type": "raw", "required": True}, "external_id": {"type": "str"}},
        },
        "state": {"type": "str", "default": "present", "choices": ["present", "absent", "exact"]},
        "flavour": {"type": "str", "choices": [_centers.PARTNER_TELEPHONY]},
        **_users.OPTIONS,
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=reread,
)
