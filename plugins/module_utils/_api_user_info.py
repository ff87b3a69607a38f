# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Whether the API user is as the Vonage Contact Center documentation asks. Reads only; what is missing in the org is a finding, never an error.

Three calls: who the user is and what there is of the package; what the user's profile, sets and groups give on the package's things; what only the
Tooling API tells. A user that is not found at once, and more sets than one composite retrieves, take one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import (
    _api_user_requirements,
    _effective_access,
    _license_assignment,
    _profile_reading,
    _readiness,
    _set_groups,
    _set_origin,
    _set_reading,
    _set_reference,
    _user_reading,
    _users,
)
from ._api_user_requirements import ALWAYS, NEEDS_ACTIVATION, STANDARD_OBJECTS, ApiUser, Asked, Code, Found, HeldSet, Seat
from ._converge import Noun
from ._effective_access import GROUP, PERMISSION_SET, PROFILE, Source
from ._errors import CONFIG, Problem, listing
from ._grants import Grants, granted_by
from ._org import Answers, Get, Org, Query, Read
from ._plan import Plan
from ._profile_reading import Profile
from ._set_reference import SetReference
from ._set_sections import FIELDS, OBJECTS, VIEW_ALL_FIELDS
from ._soql import in_list, list_chunks, quote
from ._user_reading import Resolved
from ._users import User

_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
_USER_FIELDS = "Name, IsActive, ProfileId, Profile.Name, Profile.UserLicense.Name"
_ASSIGNMENT_FIELDS = (
    "Id, PermissionSetId, PermissionSetGroupId, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix, IsActive, ExpirationDate, "
    "PermissionSet.Name, PermissionSet.Label, PermissionSet.NamespacePrefix, PermissionSet.IsOwnedByProfile, PermissionSet.PermissionSetGroupId, "
    "PermissionSet.HasActivationRequired, PermissionSet.Description"
)
_LICENSE_NAMES = tuple(f"PermissionSetLicense.{name}" for name in ("DeveloperName", "MasterLabel", "PermissionSetLicenseKey"))
# What SetupEntityAccess opens of a package's code, and how people call it.
_CODE: Mapping[str, str] = {"ApexClass": "Apex classes", "ApexPage": "Visualforce pages"}
_ACTIVE = "Active"
_DIGITS = "0123456789"
_REFS: Mapping[str, str] = {"objects": OBJECTS.option, "fields": FIELDS.option}
# PackageLicense.AllowedLicenses where nobody needs a seat (Object Reference).
_SITE = -1


@dataclass(frozen=True)
class Desired:
    """What a person said, and how the user and the sets are named. package_set: name or label of the package's own set for the API user."""

    user: User
    asked: Asked
    reference: SetReference | None
    package_set: str
    tried: str


@dataclass(frozen=True)
class Current:
    """What was read, as results tell it besides the requirements. asked: with user permissions by API name. hidden: what the org does not show to
    the running user, in words."""

    asked: Asked
    found: Found
    profile: Profile | None
    user: Mapping[str, Any] | None
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Offer:
    """What the org has of the package. securable: objects that object permissions exist for. permissions: API name -> label. extra: the newest
    right on objects, where the org has it. code_set: the row of the package's own set for the API user, if it is there."""

    objects: tuple[str, ...]
    securable: frozenset[str]
    fields: tuple[str, ...]
    permissions: Mapping[str, str]
    extra: str
    code_set: Mapping[str, Any] | None

    @property
    def carriers(self) -> tuple[str, ...]:
        """Objects that are not the package's and carry fields of it."""
        return tuple(sorted(({name.partition(".")[0] for name in self.fields} & self.securable) - set(self.objects)))


@dataclass(frozen=True)
class _Person:
    """The user: its row, the Id of its profile, and the names of the permission set licences that it has, in lower case."""

    row: Mapping[str, Any]
    profile_id: str
    licenses: frozenset[str]

    @property
    def username(self) -> str:
        return str(self.row["Username"])


@dataclass(frozen=True)
class _Holding:
    """A set that is assigned to the user. id: of the assignment. row: of the set. group, group_id: of the group that the set sums up, or "".
    why_not: why it gives nothing now."""

    id: str
    row: Mapping[str, Any]
    group: str
    group_id: str
    why_not: str

    @property
    def name(self) -> str:
        return self.group or _set_reference.qualified(self.row)


# -- the procedure -------------------------------------------------------------------------------------------------------------------


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked for. Raises Problem for a user that is none, and for an empty namespace."""
    (user,) = _users.wanted([params["user"]], "reading whether the API user is ready")
    tried = f"reading whether the API user {user} is ready"
    namespaces = tuple(dict.fromkeys(str(item).strip() for item in params["namespaces"]))
    if not namespaces or not all(namespaces):
        remedy = "Give the package's namespace, such as NVMContactWorld."
        raise Problem(tried, "namespaces holds no name, or an empty one.", remedy, CONFIG, "no_name")
    name = (params["permission_set"] or "").strip()
    licenses = params["package_licenses"]
    asked = Asked(
        profile=params["profile"].strip(),
        permission_set=name,
        namespaces=namespaces,
        user_permissions=tuple(params["user_permissions"]),
        queries_users=params["queries_users"],
        private_sharing=params["private_sharing"],
        data_connector=params["data_connector"],
        api_only=params["api_only"],
        package_licenses=namespaces if licenses is None else tuple(licenses),
        permission_set_licenses=tuple(params["permission_set_licenses"]),
    )
    return Desired(user, asked, _set_reference.parse(name) if name else None, params["package_set"].strip(), tried)


def read(org: Org, wish: Desired) -> Current:
    """The user and the package; what the user has of it; what the Tooling API alone tells."""
    org.log_in()
    users = _user_reading.reads(org, [wish.user], _USER_FIELDS)
    mine = _users.condition([wish.user], sandbox=org.sandbox_name)
    seats = _users.condition([wish.user], "User", org.sandbox_name)
    first = org.read([*users, *_holding_reads(mine, seats), *_package_reads(wish)])
    row, absent = _who(_user_reading.resolved(org, [wish.user], first, _USER_FIELDS), first)
    if row is not None and _user_reading.late({str(row["Username"]): row}, first):
        found_id = quote(str(row["Id"]))
        first = first.joined(org.read(_holding_reads(f"Id = {found_id}", f"UserId = {found_id}")))
    offer = _offer(wish, first)
    person = _person(first, row) if row is not None else None
    holdings = _holdings(org, first, person) if person else ()
    reads = [*_access_reads(offer, person, holdings), *_tooling_reads(wish, offer, person)]
    return _current(org, wish, offer, person, holdings, first.joined(org.read(reads)), absent)


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The readiness table and what it rests on."""
    found = current.found
    rows = _api_user_requirements.judged(current.asked, found)
    return {
        "ready": _readiness.is_ready(rows),
        "requirements": rows,
        "user": current.user,
        "profile": current.profile.as_result() if current.profile else None,
        "gaps": _api_user_requirements.gaps(found),
        "sharing": None if found.sharing is None else dict(found.sharing),
        "policies": None if found.policies is None else list(found.policies),
        "warnings": list(current.hidden),
    }


# -- what to ask ---------------------------------------------------------------------------------------------------------------------


def _holding_reads(mine: str, seats: str) -> list[Read]:
    """The user's assignments and permission set licences, and its package licences. mine: the condition on User; seats: on UserPackageLicense."""
    assignments = f"SELECT {_ASSIGNMENT_FIELDS} FROM PermissionSetAssignments"
    licenses = f"SELECT {', '.join(_LICENSE_NAMES)} FROM PermissionSetLicenseAssignments"
    return [
        Query("holdings", f"SELECT Id, ({assignments}), ({licenses}) FROM User WHERE {mine}"),
        Query("seats", f"SELECT UserId, PackageLicense.NamespacePrefix FROM UserPackageLicense WHERE {seats}"),
    ]


def _package_reads(wish: Desired) -> list[Read]:
    """Licences of packages, the sets that are meant, and what the org can grant."""
    called = f"Name = {quote(wish.package_set)} OR Label = {quote(wish.package_set)}"
    meant = [f"NamespacePrefix IN {in_list(wish.asked.namespaces)} AND ({called})"]
    meant += [_set_reference.condition(wish.reference)] if wish.reference else []
    licenses = sorted({*wish.asked.package_licenses, *wish.asked.namespaces})
    columns = "Id, NamespacePrefix, AllowedLicenses, Status, ExpirationDate"
    return [
        Query("package_licenses", f"SELECT {columns} FROM PackageLicense WHERE NamespacePrefix IN {in_list(licenses)}"),
        Query("sets", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {_set_reading.either(meant)}"),
        *_set_reading.describe_reads(),
    ]


def _access_reads(offer: _Offer, person: _Person | None, holdings: Sequence[_Holding]) -> list[Read]:
    """What the user's profile and sets give on the package's things, whether the user is frozen, and what its groups are made of."""
    if person is None:
        return []
    ids = [str(item.row["Id"]) for item in holdings]
    logins = _user_reading.login_reads([f"Id = {quote(str(person.row['Id']))}"])
    reads = [*_row_reads(offer, person, ids), *logins, *_whole_reads(person, holdings)]
    groups = sorted({item.group_id for item in holdings if item.group_id})
    if groups:
        reads.append(_members_read(groups))
    return reads


def _members_read(groups: Sequence[str]) -> Query:
    """The sets that these groups are made of, each with the groups. From the component's side a set shows nothing but its name: the member may be
    a muting set as well (PermissionSetGroupComponent, Object Reference)."""
    mine = f"PermissionSetGroupId IN {in_list(groups)}"
    below = f"SELECT PermissionSetGroupId FROM PermissionSetGroupComponents WHERE {mine}"
    members = f"SELECT PermissionSetId FROM PermissionSetGroupComponent WHERE {mine}"
    return Query("members", f"SELECT Id, Name, Label, NamespacePrefix, Description, ({below}) FROM PermissionSet WHERE Id IN ({members})")


def _row_reads(offer: _Offer, person: _Person, ids: Sequence[str]) -> list[Read]:
    parents = _set_reading.either([*([f"ParentId IN {in_list(ids)}"] if ids else []), f"Parent.ProfileId = {quote(person.profile_id)}"])
    objects = [*offer.objects, *offer.carriers]
    reads: list[Read] = [_set_reading.object_read(parents, f" AND SobjectType IN {in_list(objects)}", offer.extra)] if objects else []
    columns = "Id, ParentId, SobjectType, Field, PermissionsRead, PermissionsEdit"
    for number, part in enumerate(list_chunks(offer.fields)):
        reads.append(Query(f"fields{number}", f"SELECT {columns} FROM FieldPermissions WHERE ({parents}) AND Field IN {in_list(part)}"))
    if offer.code_set:
        opened = _set_reading.either([parents, f"ParentId = {quote(str(offer.code_set['Id']))}"])
        columns = "Id, ParentId, Parent.ProfileId, SetupEntityId, SetupEntityType"
        reads.append(Query("entities", f"SELECT {columns} FROM SetupEntityAccess WHERE ({opened}) AND SetupEntityType IN {in_list(_CODE)}"))
    return reads


def _whole_reads(person: _Person, holdings: Sequence[_Holding]) -> list[Read]:
    """Profile and sets with all their columns, which no query holds; the assignments, since only some orgs have the column IsRevoked."""
    reads: list[Read] = [Get("profile", f"/sobjects/Profile/{person.profile_id}", _set_reading.ABSENT)]
    for number, item in enumerate(holdings):
        if not item.row["IsOwnedByProfile"]:
            reads.append(Get(f"whole_{number}", f"/sobjects/PermissionSet/{item.row['Id']}", _set_reading.ABSENT))
            reads.append(Get(f"assignment_{number}", f"/sobjects/PermissionSetAssignment/{item.id}", _set_reading.ABSENT))
    return reads


def _tooling_reads(wish: Desired, offer: _Offer, person: _Person | None) -> list[Read]:
    """Login conditions of the profile, User Access Policies, kinds of fields, and organization-wide defaults."""
    profile = f"Id = {quote(person.profile_id)}" if person else f"Name = {quote(wish.asked.profile)}"
    shared = [*STANDARD_OBJECTS, *offer.objects]
    columns = "QualifiedApiName, InternalSharingModel"
    return [
        _profile_reading.conditions_read("conditions", profile),
        Query("policies", "SELECT DeveloperName, MasterLabel, Status FROM UserAccessPolicy", _NOT_SHOWN, tooling=True),
        Query("actions", "SELECT Action, TargetId FROM UserAccessPolicyAction", _NOT_SHOWN, tooling=True),
        Query("sharing", f"SELECT {columns} FROM EntityDefinition WHERE QualifiedApiName IN {in_list(shared)}", _NOT_SHOWN, tooling=True),
        *_set_reading.kind_reads(offer.fields),
    ]


# -- what the answers say ------------------------------------------------------------------------------------------------------------


def _offer(wish: Desired, answers: Answers) -> _Offer:
    offer = _set_reading.offer_of(answers)
    prefixes = tuple(f"{name.lower()}__" for name in wish.asked.namespaces)
    objects = tuple(sorted(name for name in offer.objects if name.lower().startswith(prefixes)))
    # Fields that subscribers put on the package's objects do not bear its prefix, and are not the package's.
    fields = tuple(sorted(name for name in offer.fields if name.partition(".")[2].lower().startswith(prefixes)))
    extra = VIEW_ALL_FIELDS if VIEW_ALL_FIELDS in offer.object_rights else ""
    return _Offer(objects, frozenset(offer.objects), fields, offer.permissions, extra, _code_set(wish, answers))


def _code_set(wish: Desired, answers: Answers) -> Mapping[str, Any] | None:
    """The package's own set for the API user. A name is unique where a label may not be."""
    namespaces = {name.lower() for name in wish.asked.namespaces}
    mine = [row for row in answers.rows["sets"] if str(row["NamespacePrefix"] or "").lower() in namespaces]
    wanted = wish.package_set.lower()
    named = [row for row in mine if str(row["Name"]).lower() == wanted] or [row for row in mine if str(row["Label"]).lower() == wanted]
    return named[0] if named else None


def _person(answers: Answers, row: Mapping[str, Any]) -> _Person:
    own = [item for item in answers.rows["holdings"] if item["Id"] == row["Id"]]
    rows = [item["PermissionSetLicense"] for item in _below(own, "PermissionSetLicenseAssignments")]
    names = {str(item[name.partition(".")[2]]).lower() for item in rows for name in _LICENSE_NAMES}
    return _Person(row, str(row["ProfileId"]), frozenset(names))


def _below(rows: Sequence[Mapping[str, Any]], relation: str) -> list[Mapping[str, Any]]:
    """The child rows of these; a relation without any is null. Nobody has so many that they would be paged."""
    return [item for row in rows for item in (row[relation] or {}).get("records", ())]


def _holdings(org: Org, answers: Answers, person: _Person) -> tuple[_Holding, ...]:
    """What is assigned to the user."""
    own = [item for item in answers.rows["holdings"] if item["Id"] == person.row["Id"]]
    return tuple(_holding(row, org.now_text()) for row in _below(own, "PermissionSetAssignments") if row["PermissionSet"])


def _holding(row: Mapping[str, Any], now: str) -> _Holding:
    group = _set_groups.qualified(row) if row["PermissionSetGroupId"] and row["PermissionSetGroup"] else ""
    why_not = "" if row["IsActive"] else "the assignment is inactive"
    if row["PermissionSet"]["HasActivationRequired"]:
        why_not = NEEDS_ACTIVATION
    if row["ExpirationDate"] and row["ExpirationDate"] <= now:
        why_not = f"the assignment expired on {row['ExpirationDate'][:10]}"
    set_row = {**row["PermissionSet"], "Id": row["PermissionSetId"], "LicenseId": None}
    return _Holding(str(row["Id"]), set_row, group, str(row["PermissionSetGroupId"] or ""), why_not)


def _who(told: Resolved, answers: Answers) -> tuple[Mapping[str, Any] | None, str]:
    """(the user's row as the org has it, why there is none). What earlier tasks of a check-mode run would change is not so yet."""
    if told.missing:
        missing = told.missing[0]
        if missing.ambiguous:
            return None, f"Several users may be meant by {missing.user}: {listing(missing.candidates)}."
        near = f" Nearest: {listing(missing.candidates)}." if missing.candidates else ""
        return None, f"The org has no user {missing.user}.{near}"
    (row,) = told.rows.values()
    if not row["Id"]:
        return None, f"The org has no user {row['Username']} yet; an earlier task of this run would make it."
    return next((item for item in answers.all("users") if item["Id"] == row["Id"]), row), ""


# -- put together --------------------------------------------------------------------------------------------------------------------


def _current(
    org: Org, wish: Desired, offer: _Offer, person: _Person | None, holdings: Sequence[_Holding], answers: Answers, absent: str
) -> Current:
    asked, unknown = _resolved(wish, offer)
    held = _revoked(holdings, answers)
    profile = _profile(wish, person, answers)
    kinds = _set_reading.kinds_in(answers, offer.fields)
    user = _api_user(person, answers) if person else None
    found = Found(
        user=user,
        absent=absent,
        restrictions=profile.restrictions if profile and profile.conditions else None,
        no_profile=person is None and "conditions" not in answers.refusals and not answers.rows.get("conditions"),
        given=_effective_access.given(_sources(offer, person, held, answers) if person else ()),
        sets=tuple(_held_sets(wish, offer, held, answers)),
        objects=offer.objects,
        fields={name: None if kinds.get(name) is None else not kinds[name] for name in offer.fields},
        carriers=offer.carriers,
        code=_code(offer, [item for item in held if not item.why_not], person, answers),
        seats=_seats(person, answers, org.now_text()),
        permissions=offer.permissions,
        unknown_permissions=unknown,
        sharing=None if "sharing" in answers.refusals else _sharing(answers),
        policies=_policies(answers),
        touched=_touched(holdings, answers),
        is_sandbox=bool(org.identity and org.identity.is_sandbox),
        hidden=frozenset(_REFS[ref.rstrip(_DIGITS)] for ref in answers.hidden if ref.rstrip(_DIGITS) in _REFS),
    )
    return Current(asked, found, profile, _told(person, user), tuple(_hidden(answers, user)))


def _policies(answers: Answers) -> tuple[str, ...] | None:
    """The active policies, None where the org has them and does not show them. An org without them refuses the query too; only one that has them
    has the column IsRevoked (PermissionSetAssignment, Object Reference)."""
    has_them = any("IsRevoked" in body for ref, body in answers.bodies.items() if ref.startswith("assignment_"))
    if "policies" in answers.refusals and (has_them or "conditions" in answers.refusals):
        return None
    return tuple(str(row["MasterLabel"]) for row in answers.rows["policies"] if row["Status"] == _ACTIVE)


def _resolved(wish: Desired, offer: _Offer) -> tuple[Asked, tuple[str, ...]]:
    """(what is asked for, with user permissions by API name; those that this org does not have). Raises Problem for a label of several."""
    named = {word: _set_groups.permission(word, offer.permissions, wish.tried) for word in wish.asked.user_permissions}
    known = tuple(dict.fromkeys(name for name in named.values() if name))
    return replace(wish.asked, user_permissions=known), tuple(word for word, name in named.items() if name is None)


def _profile(wish: Desired, person: _Person | None, answers: Answers) -> Profile | None:
    metadata = _profile_reading.metadata_in(answers, "conditions")
    if person:
        whole = answers.bodies.get("profile")
        return _profile_reading.profile_of(person.row["Profile"] or {"Name": ""}, whole, metadata)
    if metadata is None:
        return None
    row: Mapping[str, Any] = {"Name": answers.rows["conditions"][0]["Name"], "UserLicense": {"Name": metadata.get("userLicense")}}
    return _profile_reading.profile_of(row, None, metadata)


def _api_user(person: _Person, answers: Answers) -> ApiUser:
    row, profile = person.row, person.row["Profile"] or {}
    frozen = _user_reading.frozen(answers, str(row["Id"]))
    license_name = str((profile.get("UserLicense") or {}).get("Name") or "")
    return ApiUser(person.username, bool(row["IsActive"]), frozen, str(profile.get("Name") or ""), license_name, person.licenses)


def _told(person: _Person | None, user: ApiUser | None) -> dict[str, Any] | None:
    if person is None or user is None:
        return None
    return {
        "id": person.row["Id"],
        "username": user.username,
        "name": str(person.row["Name"] or ""),
        "active": user.active,
        "frozen": user.frozen,
        "profile": user.profile,
        "license": user.license,
    }


def _revoked(holdings: Sequence[_Holding], answers: Answers) -> list[_Holding]:
    """The holdings, those that a User Access Policy took away with the reason."""
    gone = {number for number in range(len(holdings)) if answers.bodies.get(f"assignment_{number}", {}).get("IsRevoked")}
    return [replace(item, why_not="the assignment is revoked") if number in gone else item for number, item in enumerate(holdings)]


def _sources(offer: _Offer, person: _Person, holdings: Sequence[_Holding], answers: Answers) -> list[Source]:
    """The profile, and every set and group that is assigned, with what they grant."""
    rows = Answers({"objects": answers.rows.get("objects", []), "fields": answers.all("fields")}, {}, {})
    # Of what was read only the rows of the set behind the profile hang on none of the others; it need not be assigned to count.
    others = {str(item.row["Id"]) for item in holdings if not item.row["IsOwnedByProfile"]}
    own = next((row["ParentId"] for row in [*rows.rows["objects"], *rows.rows["fields"]] if row["ParentId"] not in others), "")

    def grants(row: Mapping[str, Any], ref: str) -> Grants:
        return granted_by(_set_reading.state_of(row, answers.bodies.get(ref, {}), rows, {}, offer.permissions).held)

    sources = [Source(PROFILE, str((person.row["Profile"] or {}).get("Name") or ""), grants({"Id": own}, "profile"))]
    for number, item in enumerate(holdings):
        if not item.row["IsOwnedByProfile"]:
            granted = grants(item.row, f"whole_{number}")
            sources.append(Source(GROUP if item.group else PERMISSION_SET, item.name, granted, why_not=item.why_not))
    return sources


def _held_sets(wish: Desired, offer: _Offer, holdings: Sequence[_Holding], answers: Answers) -> Iterator[HeldSet]:
    """The sets that are assigned, by themselves or through a group."""
    members: dict[str, list[Mapping[str, Any]]] = {}
    for row in answers.rows.get("members", ()):
        for component in _below([row], "PermissionSetGroupComponents"):
            members.setdefault(str(component["PermissionSetGroupId"]), []).append(row)
    for item in holdings:
        if item.row["IsOwnedByProfile"]:
            continue
        if not item.group_id:
            yield HeldSet(item.name, _is_wanted(wish, offer, item.row), bool(item.row["NamespacePrefix"]), item.why_not)
        for member in members.get(item.group_id, ()):
            wanted = _is_wanted(wish, offer, {**member, "IsOwnedByProfile": False})
            yield HeldSet(_set_reference.qualified(member), wanted, bool(member["NamespacePrefix"]), item.why_not, item.group)


def _is_wanted(wish: Desired, offer: _Offer, row: Mapping[str, Any]) -> bool:
    """Whether the set is the one that the user should hold: the one that is named, or else the package's own or a clone of that."""
    if wish.reference:
        return _set_reference.fits(wish.reference, row)
    if offer.code_set is None:
        return False
    origin = _set_origin.parse(str(row["Description"] or ""))[1]
    package_id = str(offer.code_set["Id"])[:15]
    return (
        str(row["Id"])[:15] == package_id
        or _set_reference.qualified(row) == _set_reference.qualified(offer.code_set)
        or bool(origin and origin.id == package_id)
    )


def _code(offer: _Offer, in_effect: Sequence[_Holding], person: _Person | None, answers: Answers) -> tuple[Code, ...] | None:
    """What the package's own set opens of its code, and how much of that the user may not use."""
    if offer.code_set is None or "entities" in answers.hidden:
        return None
    code_set, ids = str(offer.code_set["Id"]), {str(item.row["Id"]) for item in in_effect}
    profile_id = person.profile_id if person else ""
    rows = answers.rows.get("entities", [])
    told = []
    for entity_type, what in _CODE.items():
        mine = [row for row in rows if row["SetupEntityType"] == entity_type]
        opened = {row["SetupEntityId"] for row in mine if row["ParentId"] == code_set}
        has = {row["SetupEntityId"] for row in mine if row["ParentId"] in ids or (row["Parent"] or {}).get("ProfileId") == profile_id}
        told.append(Code(what, len(opened), len(opened - has), _set_reference.qualified(offer.code_set)))
    return tuple(told)


def _seats(person: _Person | None, answers: Answers, now: str) -> dict[str, Seat]:
    """The packages' licences by namespace in lower case, and whether the user has a seat."""
    user_id = person.row["Id"] if person else ""
    held = {str(row["PackageLicense"]["NamespacePrefix"]) for row in answers.rows["seats"] if row["UserId"] == user_id}
    rows = {str(row["NamespacePrefix"]): row for row in answers.rows["package_licenses"]}
    return {
        name.lower(): Seat(_license_assignment.over(row, now), row["AllowedLicenses"] == _SITE, name in held) for name, row in rows.items()
    }


def _touched(holdings: Sequence[_Holding], answers: Answers) -> tuple[str, ...] | None:
    """What of the user's, held or to be held, is the target of some User Access Policy."""
    if "actions" in answers.refusals:
        return None
    targets = {str(row["TargetId"])[:15] for row in answers.rows["actions"] if row["TargetId"]}
    known = {str(row["Id"]): f"permission set {_set_reference.qualified(row)}" for row in answers.rows["sets"]}
    known.update({str(item.row["Id"]): f"permission set {item.name}" for item in holdings if not item.group_id})
    known.update({item.group_id: f"permission set group {item.group}" for item in holdings if item.group_id})
    known.update({str(row["Id"]): f"the licence of package {row['NamespacePrefix']}" for row in answers.rows["package_licenses"]})
    return tuple(sorted(name for record_id, name in known.items() if record_id[:15] in targets))


def _sharing(answers: Answers) -> dict[str, str]:
    return {str(row["QualifiedApiName"]): str(row["InternalSharingModel"] or "") for row in answers.rows["sharing"]}


def _hidden(answers: Answers, user: ApiUser | None) -> Iterator[str]:
    if "conditions" in answers.refusals:
        yield f"The org does not show login hours and login IP ranges to the running user, who needs {_profile_reading.NEEDS}."
    if user and user.frozen is None:
        yield "The org does not tell the running user, who needs Manage Users, whether the API user is frozen."
    for ref, number in answers.hidden.items():
        yield f"{number} rows of {ref.rstrip(_DIGITS)} are hidden from the running user, so what is told may not be all there is."


NOUN = Noun(
    name="api_user_info",
    argument_spec={
        "user": {"type": "raw", "required": True},
        "profile": {"type": "str", "default": "Standard User"},
        "permission_set": {"type": "str"},
        "package_set": {"type": "str", "default": "ContactWorld API user"},
        "namespaces": {"type": "list", "elements": "str", "default": ["NVMContactWorld"]},
        "user_permissions": {"type": "list", "elements": "str", "default": list(ALWAYS)},
        "queries_users": {"type": "bool", "default": False},
        "private_sharing": {"type": "bool", "default": False},
        "data_connector": {"type": "bool", "default": False},
        "api_only": {"type": "bool", "default": False},
        "package_licenses": {"type": "list", "elements": "str"},
        "permission_set_licenses": {"type": "list", "elements": "str", "default": []},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
