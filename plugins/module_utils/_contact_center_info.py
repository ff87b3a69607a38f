# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Contact centers and their people, and whether these are as Salesforce asks. Reads only; what is not as asked is a finding, never an error.

Two calls, whatever is asked: everything that hangs on no other answer fits two composites. One more for the definitions of centers whose kind or
vendor the rows do not tell, and one for what only the answers name: users of stale routing maps, entries of the roster that fit nobody, seats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import (
    _center_reading,
    _centers,
    _contact_center_requirements,
    _member_eligibility,
    _member_standing,
    _needed_rights,
    _provider_roster,
    _readiness,
    _rights_reading,
    _user_reading,
    _user_state,
    _users,
)
from ._centers import Center
from ._contact_center_requirements import ABSENT, EXACT, NO_ROLE, PRESENT, Asked, Found, Seats, Subject
from ._converge import Noun
from ._errors import CONFIG, Problem
from ._member_eligibility import Scope
from ._member_standing import ADMIN, AGENT, NOTHING_KNOWN, SUPERVISOR, Standing
from ._org import Answers, Org, Query
from ._plan import Plan
from ._provider_roster import Compared, Entry, Matched, Person
from ._soql import in_list, list_chunks
from ._users import Row, Skipped, User

_FIELDS = "Id, Username, Name, Email, FederationIdentifier, EmployeeNumber, IsActive, CallCenterId, Profile.UserLicense.Name"
_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
_MAPS = "SELECT CallCenterId, ReferenceRecordId, ExternalId FROM CallCenterRoutingMap"
# Who is frozen, of everybody: rows of others say nothing that matters here.
_FROZEN = "SELECT Id, UserId, IsFrozen FROM UserLogin WHERE IsFrozen = true"
# The permission set licence that Salesforce's sets for Partner Telephony need (its name read from live orgs by several public tools).
_SEATS = "ServiceCloudVoiceExternalTelephonyPsl"
_MEMBER_KIND, _MAP_KIND = "contact_center_member", "contact_center_routing_map"
_CENTER_ADMIN = "IsContactCenterAdminBYOT"


@dataclass(frozen=True)
class Desired:
    """Which centers to tell of, and what they are held against. centers: empty for all. users, roster: None where nothing is held against them."""

    centers: tuple[str, ...]
    flavour: str | None
    users: tuple[User, ...] | None
    asked: Asked
    roster: tuple[Entry, ...] | None
    lookup: str
    tried: str


@dataclass(frozen=True)
class Member:
    """A user as far as centers go. center_id: of the user's center, or empty. row: the org's columns."""

    row: Row
    center_id: str = ""
    standing: Standing = NOTHING_KNOWN

    @property
    def username(self) -> str:
        return str(self.row["Username"])

    @property
    def active(self) -> bool:
        return bool(self.row["IsActive"])

    @property
    def license(self) -> str:
        return _user_state.license_of(self.row)


@dataclass(frozen=True)
class Current:
    """What was read. people: everybody that was read, by username in lower case, as are maps: center Id -> user -> the provider's id of that user;
    None where routing maps are not shown. eligible: usernames of active users with all that a member needs and without a center. found, compared:
    what is held against users and roster. hidden: what the org does not show to the running user, in words."""

    centers: tuple[Center, ...]
    people: Mapping[str, Member]
    maps: Mapping[str, Mapping[str, str]] | None
    eligible: tuple[str, ...] = ()
    found: Found | None = None
    compared: Compared | None = None
    left_out: tuple[Skipped, ...] = ()
    hidden: tuple[str, ...] = ()

    def members(self, center: Center) -> list[Member]:
        return sorted((one for one in self.people.values() if one.center_id == center.id), key=lambda one: one.username)

    def mapped(self, center: Center, username: str) -> str:
        """The provider's id of a user in a center, or empty."""
        return ((self.maps or {}).get(center.id) or {}).get(username.lower(), "")


# -- the procedure ---------------------------------------------------------------------------------------------------------------------


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked. Raises Problem for users that are none, for a roster that cannot be read, and for either without one center."""
    names = tuple(dict.fromkeys(str(name).strip() for name in params["contact_centers"] or ()))
    tried = f"reading contact center {', '.join(names)}" if names else "reading the contact centers"
    if not all(names):
        raise Problem(tried, "contact_centers holds an empty name.", "Give internal names, names or record Ids.", CONFIG, "no_name")
    roster = _roster(params, tried)
    users = None if params["users"] is None else _users.wanted(params["users"], tried)
    if len(names) != 1 and (users is not None or roster is not None):
        said = "users and a roster are those of one contact center, and contact_centers names " + (f"{len(names)}." if names else "none.")
        raise Problem(tried, said, "Name the one center in contact_centers.", CONFIG, "one_center")
    asked = Asked(params["state"], params["role"], params["sso_match"])
    return Desired(names, params["flavour"], users, asked, roster, params["lookup_failure_action"], tried)


def _roster(params: Mapping[str, Any], tried: str) -> tuple[Entry, ...] | None:
    if params["roster"] is not None and params["roster_csv"] is not None:
        raise Problem(tried, "both roster and roster_csv are given.", "Give the roster in one of the two forms.", CONFIG, "bad_roster")
    if params["roster_csv"] is not None:
        return _provider_roster.from_csv(params["roster_csv"], params["roster_columns"], tried)
    return None if params["roster"] is None else _provider_roster.from_list(params["roster"], tried)


def read(org: Org, wish: Desired) -> Current:
    """The centers and their people, what is held against them, and what that leaves open."""
    answers = org.read(_reads(org, wish))
    centers = _chosen(org, wish, answers)
    sought = _user_reading.sought(org, wish.users or (), answers, _FIELDS, wish.tried, wish.lookup)
    ids = {str(row["InternalName"]): str(row["Id"]) for row in answers.rows["centers"]}
    rows = _rows(org, [*answers.all("users"), *_coming(org, answers)], sought.rows)
    granted = _granted(answers)
    who = {str(row["Id"] or key): str(row["Username"]) for key, row in rows.items()}
    standings = _member_eligibility.standings(org, [*{**granted, **who}.items(), *_running_user(org, wish)], answers)
    people = _people(org, rows, ids, standings)
    here = {center.id for center in centers}
    listed = [people[name.lower()] for name in sought.rows]
    lacking = [one for one in listed if not one.standing.may_join and one.center_id not in here]
    late = _late(org, wish, answers, people, lacking)
    people = {**{key: Member(row) for key, row in _rows(org, late.all("late"), {}).items()}, **people}
    current = Current(
        centers,
        people,
        _maps(org, answers, people, ids),
        _eligible(people, granted, standings),
        left_out=sought.left_out,
        hidden=tuple(_hidden(answers)),
    )
    if wish.users is None and wish.roster is None:
        return current
    return _held_against(org, wish, current, _Extra(answers, late, list(sought.rows), standings))


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The centers with their people, who else could be a member, and how everything stands that is asked of them."""
    rows = _contact_center_requirements.judged(wish.asked, current.found) if current.found else []
    return {
        "contact_centers": [_as_result(current, center) for center in current.centers],
        "eligible_not_members": list(current.eligible),
        "ready": _readiness.is_ready(rows) if current.found else None,
        "requirements": rows,
        "violations": _readiness.violations(rows),
        "roster": current.compared.as_result() if current.compared else None,
        "left_out": [item.as_result() for item in current.left_out],
        "warnings": [*current.hidden, *_users.warned_of_unknown(current.left_out, wish.lookup)],
    }


# -- what to ask -----------------------------------------------------------------------------------------------------------------------


def _reads(org: Org, wish: Desired) -> list[Query]:
    """All that hangs on no other answer: ten queries, two composites, for up to some thousand users."""
    eligibility = [item for item in _member_eligibility.reads(org, [Scope()], supervisors=True) if not item.ref.startswith("logins")]
    frozen, maps = Query("logins0", _FROZEN, tolerate=_NOT_SHOWN), Query("maps", _MAPS, tolerate=_NOT_SHOWN)
    rights = _rights_reading.reads(_needs()) if wish.users is not None else []
    return [*_center_reading.reads(), *_people_reads(org, wish), *eligibility, frozen, maps, *rights]


def _people_reads(org: Org, wish: Desired) -> list[Query]:
    """Whoever is in any center, and whoever is listed: one query where one can list them."""
    sandbox = org.sandbox_name
    conditions = [_users.condition(part, sandbox=sandbox) for part in _users.chunked(wish.users or (), sandbox)]
    either = " OR ".join(["CallCenterId != null", *conditions[:1]])
    return [Query(f"users{number}", f"SELECT {_FIELDS} FROM User WHERE {one}") for number, one in enumerate([either, *conditions[1:]])]


def _needs() -> list[_needed_rights.Need]:
    """What the running user needs. Whether it is a contact center admin is told by its permission sets: not every org has the column."""
    return [item for item in _needed_rights.asked([_needed_rights.CONTACT_CENTER]) if _CENTER_ADMIN not in item.rights]


def _running_user(org: Org, wish: Desired) -> list[tuple[str, str]]:
    return [(org.user_id, org.user_id)] if wish.users is not None else []


def _coming(org: Org, answers: Answers) -> Sequence[Row]:
    """The users whom earlier tasks of this check-mode run would have made members, so far as no other query brought them."""
    there = {str(row["Username"]).lower() for row in answers.all("users")}
    names = {key.split("/", 1)[1] for key, after in org.foreseen(_MEMBER_KIND).items() if after is not None}
    asked = list_chunks(sorted(name for name in names if name.lower() not in there))
    if not asked:
        return []
    select = f"SELECT {_FIELDS} FROM User WHERE Username IN"
    return org.read([Query(f"coming{number}", f"{select} {in_list(part)}") for number, part in enumerate(asked)]).all("coming")


def _late(org: Org, wish: Desired, answers: Answers, people: Mapping[str, Member], lacking: Sequence[Member]) -> Answers:
    """What only the answers name: users of routing maps who are in no center, whoever may be meant by entries of the roster that fit nobody, and
    the seats of those who are to be added and lack the right; one call, or none."""
    known = {str(one.row["Id"]) for one in people.values()}
    mapped = {str(row["ReferenceRecordId"]) for row in answers.rows["maps"]}
    conditions = [f"Id IN {in_list(part)}" for part in list_chunks(sorted(one for one in mapped - known if one.startswith("005")))]
    conditions += _roster_conditions(org, wish, people)
    asked = [Query(f"late{number}", f"SELECT {_FIELDS} FROM User WHERE {one}") for number, one in enumerate(conditions)]
    asked += _seat_reads(wish, lacking)
    return org.read(asked) if asked else Answers({}, {}, {})


def _roster_conditions(org: Org, wish: Desired, people: Mapping[str, Member]) -> list[str]:
    who = _provider_roster.matched(map(_person, people.values()), wish.roster or (), org.sandbox_name)
    named = [user for user in (entry.as_user() for entry in who.unknown) if user]
    return [_users.condition(part, sandbox=org.sandbox_name) for part in _users.chunked(named, org.sandbox_name)]


def _seat_reads(wish: Desired, lacking: Sequence[Member]) -> list[Query]:
    """The licence of the role's set, and who of those without the right has a seat already."""
    if wish.users is None or wish.asked.role == NO_ROLE or wish.asked.state == ABSENT or not lacking:
        return []
    licenses = f"SELECT TotalLicenses, UsedLicenses, Status FROM PermissionSetLicense WHERE DeveloperName = '{_SEATS}'"
    holders = (
        f"SELECT Assignee.Username FROM PermissionSetLicenseAssign WHERE PermissionSetLicense.DeveloperName = '{_SEATS}' AND AssigneeId IN"
    )
    parts = list_chunks(str(one.row["Id"]) for one in lacking if one.row["Id"])
    found = [Query(f"holders{number}", f"{holders} {in_list(part)}", tolerate=_NOT_SHOWN) for number, part in enumerate(parts)]
    return [Query("seats", licenses, tolerate=_NOT_SHOWN), *found]


# -- what the answers say --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Extra:
    """What findings rest on besides the people: what was read, at first and late, usernames of those listed, and the standings."""

    answers: Answers
    late: Answers
    listed: Sequence[str]
    standings: Mapping[str, Standing]


def _chosen(org: Org, wish: Desired, answers: Answers) -> tuple[Center, ...]:
    """The centers that are asked for, with their definitions where the rows do not tell kind and vendor."""
    every = _center_reading.centers(answers)
    meant = [_centers.choose(name, every, wish.tried) for name in wish.centers] if wish.centers else list(every)
    untold = [one for one in meant if one.flavour == _centers.UNKNOWN or (one.is_partner_telephony and one.vendor is None)]
    told = {one.id: one for one in _center_reading.all_defined(org, untold, answers)}
    return tuple(_centers.asserted(told.get(one.id, one), wish.flavour if wish.centers else None) for one in dict.fromkeys(meant))


def _rows(org: Org, rows: Iterable[Row], listed: Mapping[str, Row]) -> dict[str, Row]:
    """The rows by username in lower case, as earlier tasks of a check-mode run would leave them."""
    found = {str(row["Username"]).lower(): row for row in rows}
    if _user_reading.foreseen(org):
        users = _users.by_username(str(row["Username"]) for row in found.values())
        overlaid, _unused = _user_reading.among(org, users, found.values(), _FIELDS)
        renamed = {str(row["Id"]): row for row in listed.values()}
        found = {key: renamed.get(str(row["Id"]), row) for key, row in found.items()}
        found.update({user.username.lower(): row for user, row in overlaid.items()})
    return {str(row["Username"]).lower(): row for row in [*found.values(), *listed.values()]}


def _granted(answers: Answers) -> dict[str, str]:
    """Id -> username of the active users who have some assignment with the right."""
    return {str(row["AssigneeId"]): str(row["Assignee"]["Username"]) for row in answers.all("granted") if row["Assignee"]["IsActive"]}


def _people(org: Org, rows: Mapping[str, Row], ids: Mapping[str, str], standings: Mapping[str, Standing]) -> dict[str, Member]:
    """Everybody, in the centers where earlier tasks of a check-mode run would leave them. ids: of the centers, by internal name."""
    found = {
        key: Member(row, str(row["CallCenterId"] or ""), standings.get(str(row["Username"]), NOTHING_KNOWN)) for key, row in rows.items()
    }
    for key, after in org.foreseen(_MEMBER_KIND).items():
        internal_name, username = key.split("/", 1)
        center_id, one = ids.get(internal_name, ""), found.get(username.lower())
        if one and after is not None:
            found[username.lower()] = replace(one, center_id=center_id)
        elif one and one.center_id == center_id:
            found[username.lower()] = replace(one, center_id="")
    return found


def _maps(org: Org, answers: Answers, people: Mapping[str, Member], ids: Mapping[str, str]) -> dict[str, dict[str, str]] | None:
    """Center Id -> username in lower case (the Id of a user whom the org does not show) -> the provider's id of that user. Queues are mapped too,
    and are no business of this."""
    if "maps" in answers.refusals:
        return None
    names = {str(one.row["Id"]): key for key, one in people.items()}
    found: dict[str, dict[str, str]] = {}
    for row in answers.rows["maps"]:
        user_id = str(row["ReferenceRecordId"])
        if user_id.startswith("005"):
            found.setdefault(str(row["CallCenterId"]), {})[names.get(user_id, user_id)] = str(row["ExternalId"])
    for key, after in org.foreseen(_MAP_KIND).items():
        internal_name, username = key.split("/", 1)
        mapped = found.setdefault(ids.get(internal_name, ""), {})
        mapped.pop(username.lower(), None)
        if after is not None:
            mapped[username.lower()] = str(after.get("external_id", ""))
    return found


def _eligible(people: Mapping[str, Member], granted: Mapping[str, str], standings: Mapping[str, Standing]) -> tuple[str, ...]:
    """Who could be a member and is in no center."""
    active = dict.fromkeys(granted.values(), True) | {one.username: one.active for one in people.values()}
    taken = {one.username for one in people.values() if one.center_id}
    return tuple(
        sorted(
            name
            for name, is_active in active.items()
            if name not in taken and not _member_standing.reasons(is_active, standings.get(name, NOTHING_KNOWN))
        )
    )


def _hidden(answers: Answers) -> Iterable[str]:
    if "vendors" in answers.refusals:
        yield "The org does not show telephony vendors (ConversationVendorInfo) to the running user, or has none: what a vendor does is not known."
    if "maps" in answers.refusals:
        yield "The org does not show routing maps (CallCenterRoutingMap) to the running user, who needs Manage Call Centers."
    if "logins0" in answers.refusals:
        yield "The org does not tell the running user, who needs Manage Users, who is frozen."
    for ref, number in answers.hidden.items():
        yield f"{number} rows of {ref.rstrip('0123456789')} are hidden from the running user, so what is told may not be all there is."


# -- what is held against them ---------------------------------------------------------------------------------------------------------


def _held_against(org: Org, wish: Desired, current: Current, extra: _Extra) -> Current:
    """The one center with its people against the users and the roster."""
    (center,) = current.centers
    listed = [current.people[name.lower()] for name in extra.listed]
    names = {one.username for one in listed}
    others = [one for one in current.members(center) if one.username not in names]
    compared = _compared(org, wish, current, center, listed)
    if wish.users is None:
        return replace(current, compared=compared)
    by_id = {one.id: one.internal_name for one in _center_reading.centers(extra.answers)}

    def subject(one: Member) -> Subject:
        internal_name = by_id.get(one.center_id, one.center_id)
        return Subject(one.username, one.active, one.standing, internal_name, one.license, current.mapped(center, one.username))

    knows_rights = "granted0" not in extra.answers.refusals
    found = Found(
        center,
        tuple(map(subject, listed)),
        tuple(map(subject, others)),
        current.left_out,
        compared,
        _rights(org, extra, knows_rights),
        knows_rights,
        _seats(extra.late),
        current.maps is not None,
        bool(org.identity and org.identity.is_sandbox),
    )
    return replace(current, found=found, compared=compared)


def _compared(org: Org, wish: Desired, current: Current, center: Center, listed: Sequence[Member]) -> Compared | None:
    """Both sides. Who should be at the provider: whoever is to be a member once everything is as it is asked for."""
    if wish.roster is None:
        return None
    names, there = [one.username for one in listed], [one.username for one in current.members(center)]
    expected = {PRESENT: [*names, *there], EXACT: names, ABSENT: [name for name in there if name not in set(names)]}
    people = [_person(one, current.mapped(center, one.username)) for one in current.people.values()]
    who: Matched = _provider_roster.matched(people, wish.roster, org.sandbox_name)
    return _provider_roster.compared(who, there if wish.users is None else expected[wish.asked.state], wish.asked.rule)


def _person(one: Member, external_id: str = "") -> Person:
    told = {word: str(one.row[column] or "") for word, column in _users.COLUMNS.items() if word not in ("id", "username")}
    return Person(one.username, external_id, **told)


def _rights(org: Org, extra: _Extra, knows_rights: bool) -> dict[str, bool]:
    own = extra.standings.get(org.user_id, NOTHING_KNOWN)
    admin = {_CENTER_ADMIN: ADMIN in own.rights} if knows_rights else {}
    return {**_rights_reading.held(extra.answers), **admin}


def _seats(late: Answers) -> Seats | None:
    if "seats" not in late.rows:
        return None
    rows = late.rows["seats"]
    free = sum(int(row["TotalLicenses"]) - int(row["UsedLicenses"]) for row in rows if row["Status"] == "Active")
    hidden = "seats" in late.refusals
    return Seats(
        _SEATS, bool(rows) or hidden, None if hidden else free, frozenset(row["Assignee"]["Username"] for row in late.all("holders"))
    )


# -- results ---------------------------------------------------------------------------------------------------------------------------


def _as_result(current: Current, center: Center) -> dict[str, Any]:
    members = [_as_member(current, center, one) for one in current.members(center)]
    vendor = center.vendor
    return {
        "id": center.id,
        "name": center.name,
        "internal_name": center.internal_name,
        "flavour": center.flavour,
        "told_by": center.told_by,
        "vendor": {"name": vendor.name, "type": vendor.type, "syncs_users": vendor.syncs_users, "told_by": center.vendor_told_by}
        if vendor
        else None,
        "syncs_users": center.syncs_users,
        "members": members,
        "no_longer_eligible": [{"user": one["username"], "reason": one["reason"]} for one in members if one["reason"]],
        "routing_maps": None if current.maps is None else _map_findings(current, center),
    }


def _as_member(current: Current, center: Center, one: Member) -> dict[str, Any]:
    rights, reasons = one.standing.rights, _member_standing.reasons(one.active, one.standing)
    return {
        "username": one.username,
        "name": one.row["Name"],
        "email": one.row["Email"],
        "federation_id": one.row["FederationIdentifier"],
        "active": one.active,
        "frozen": one.standing.frozen,
        "license": one.license,
        "service_cloud_user": one.standing.service_user,
        "rights": [right for right in (AGENT, ADMIN, SUPERVISOR) if right in rights],
        "routing_map": current.mapped(center, one.username) or None,
        # Other kinds of centers ask for other rights.
        "reason": "; ".join(reasons) if center.is_partner_telephony else "",
    }


def _map_findings(current: Current, center: Center) -> dict[str, Any]:
    """Members without a routing map, and maps of users who have nothing of them."""
    mapped = (current.maps or {}).get(center.id) or {}
    missing = [one.username for one in current.members(center) if not current.mapped(center, one.username)]
    stale = [(key, external_id, _stale(current.people.get(key), center)) for key, external_id in mapped.items()]
    told = [
        {"user": current.people[key].username if key in current.people else key, "external_id": external_id, "reason": reason}
        for key, external_id, reason in sorted(stale)
        if reason
    ]
    return {"missing": missing, "stale": told}


def _stale(one: Member | None, center: Center) -> str:
    if one is None:
        return "is no user that the org shows"
    if one.center_id != center.id:
        return "is no member of this center"
    return "" if one.active else "is inactive"


NOUN = Noun(
    name="contact_center_info",
    argument_spec={
        "contact_centers": {"type": "list", "elements": "str"},
        "flavour": {"type": "str", "choices": [_centers.PARTNER_TELEPHONY]},
        "users": {"type": "list", "elements": "raw"},
        "state": {"type": "str", "default": PRESENT, "choices": [PRESENT, ABSENT, EXACT]},
        "role": {"type": "str", "default": NO_ROLE, "choices": [AGENT, ADMIN, NO_ROLE]},
        "roster": {"type": "list", "elements": "raw"},
        "roster_csv": {"type": "str"},
        "roster_columns": {"type": "dict", "default": {}},
        "sso_match": {"type": "str", "default": _provider_roster.NONE, "choices": list(_provider_roster.RULES)},
        "lookup_failure_action": _users.OPTIONS["lookup_failure_action"],
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
