# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What users hold besides their profile: contact center, routing maps, permission sets and groups, licences.

Every row counts, also one that is not in force (expired, revoked, of an inactive user): it is there to be taken away. In check mode users hold
what earlier tasks of the run would have left them. A permission set licence goes with the last set that is made for it, in most cases (Salesforce Help,
Remove a Permission Set License from a User): that is foreseen where no permission set group is in play, whose sets are not read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Union

from . import _set_groups, _set_reference, _user_state
from ._org import Answers, Org, Query
from ._soql import in_list, list_chunks
from ._users import Row

# A user's center is a column of User that an org may lack: whoever reads the users asks for it where the describe has it.
CENTER_COLUMN = "CallCenterId"

_MEMBER, _MAP = "contact_center_member", "contact_center_routing_map"
# What an org answers that does not have such a thing, or does not show it to the running user.
_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
_CENTERS, _MAPS = "held_centers", "held_routing_maps"


@dataclass(frozen=True)
class _Kind:
    """One kind of thing that is held by name. plans: how plans call its rows, whose keys are <name>/<username>. user: the column with the holder.
    license: the Id of the permission set licence that it is, or is made for."""

    told_as: str
    plans: str
    soql: str
    user: str
    name: Callable[[Row], str]
    license: Callable[[Row], str] = lambda row: ""

    @property
    def ref(self) -> str:
        return f"held_{self.told_as}"


_SETS, _GROUPS, _SEATS = "permission_sets", "permission_set_groups", "permission_set_licenses"
_KINDS = (
    _Kind(
        _SETS,
        "permission_set_assignment",
        "SELECT AssigneeId, PermissionSet.Name, PermissionSet.NamespacePrefix, PermissionSet.LicenseId FROM PermissionSetAssignment "
        "WHERE PermissionSetGroupId = null AND PermissionSet.IsOwnedByProfile = false AND AssigneeId IN",
        "AssigneeId",
        lambda row: _set_reference.qualified(row["PermissionSet"]),
        lambda row: str(row["PermissionSet"]["LicenseId"] or ""),
    ),
    _Kind(
        _GROUPS,
        _set_groups.ASSIGNMENT_KIND,
        "SELECT AssigneeId, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix FROM PermissionSetAssignment "
        "WHERE PermissionSetGroupId != null AND AssigneeId IN",
        "AssigneeId",
        _set_groups.qualified,
    ),
    _Kind(
        _SEATS,
        "permission_set_license_assignment",
        "SELECT AssigneeId, PermissionSetLicenseId, PermissionSetLicense.DeveloperName FROM PermissionSetLicenseAssign WHERE AssigneeId IN",
        "AssigneeId",
        lambda row: str(row["PermissionSetLicense"]["DeveloperName"]),
        lambda row: str(row["PermissionSetLicenseId"]),
    ),
    _Kind(
        "package_licenses",
        "package_license_assignment",
        "SELECT UserId, PackageLicense.NamespacePrefix FROM UserPackageLicense WHERE UserId IN",
        "UserId",
        lambda row: str(row["PackageLicense"]["NamespacePrefix"]),
    ),
)


def center_reads() -> list[Query]:
    """The query that brings the names of all contact centers."""
    return [Query(_CENTERS, "SELECT Id, InternalName FROM CallCenter", _NOT_SHOWN)]


def reads(user_ids: Iterable[str]) -> list[Query]:
    """The queries that bring what these users hold: five, one composite, for up to some thousand users."""
    asked: list[Query] = []
    select = "SELECT Id, CallCenterId, ReferenceRecordId, ExternalId FROM CallCenterRoutingMap WHERE ReferenceRecordId IN"
    for number, part in enumerate(list_chunks(user_ids)):
        whose = in_list(part)
        asked.extend(Query(f"{kind.ref}{number}", f"{kind.soql} {whose}", _NOT_SHOWN) for kind in _KINDS)
        asked.append(Query(f"{_MAPS}{number}", f"{select} {whose}", _NOT_SHOWN))
    return asked


def told(org: Org, rows: Mapping[str, Row], answers: Answers) -> dict[str, dict[str, Any]]:
    """What each user holds, by username. rows: the users by username, with CENTER_COLUMN and their feature licences where the org has such columns.
    answers: of center_reads() and reads(). What the org does not have or show is None."""
    centers = {str(row["Id"]): str(row["InternalName"]) for row in answers.rows.get(_CENTERS, ())}
    named = {kind.told_as: _named(kind, answers, _by_user(org.foreseen(kind.plans))) for kind in _KINDS}
    mapped, coming_maps = _mapped(centers, answers), _by_user(org.foreseen(_MAP))
    coming = _by_user(org.foreseen(_MEMBER))
    return {
        username: {
            "contact_center": _center(row, centers, coming.get(username.lower(), {})),
            "routing_maps": None if mapped is None else _as_maps(mapped.get(str(row["Id"]), {}), coming_maps.get(username.lower(), {})),
            **_held(named, str(row["Id"]), username.lower()),
            "features": [name for name, on in _user_state.features(row).items() if on],
            "active": bool(row.get("IsActive")),
        }
        for username, row in rows.items()
    }


# Name -> what is foreseen of one user: None for what would be gone.
_Coming = Mapping[str, Union[Mapping[str, Any], None]]


@dataclass(frozen=True)
class _Held:
    """One kind of things: by user Id what the org has, each name with the Id of its licence; by lower-case username what check mode foresees."""

    there: Mapping[str, Mapping[str, str]]
    coming: Mapping[str, _Coming]

    def now(self, user_id: str, username: str) -> list[str]:
        gone = self.gone(username)
        kept = {name for name in self.there.get(user_id, ()) if name.lower() not in gone}
        return sorted(kept | {name for name, after in self.coming.get(username, {}).items() if after is not None})

    def gone(self, username: str) -> set[str]:
        """What a plan names, whether it would be gone or be there: the latter is added again."""
        return {name.lower() for name in self.coming.get(username, ())}


def _named(kind: _Kind, answers: Answers, coming: Mapping[str, _Coming]) -> _Held | None:
    if any(ref.startswith(kind.ref) for ref in answers.refusals):
        return None
    there: dict[str, dict[str, str]] = {}
    for row in answers.all(kind.ref):
        there.setdefault(str(row[kind.user]), {})[kind.name(row)] = kind.license(row)
    return _Held(there, coming)


def _held(named: Mapping[str, _Held | None], user_id: str, username: str) -> dict[str, list[str] | None]:
    """The names of each kind that one user holds."""
    held = {told_as: None if one is None else one.now(user_id, username) for told_as, one in named.items()}
    seats, licenses = named[_SEATS], held[_SEATS]
    if seats is None or not licenses:
        return held
    freed = _freed(named, user_id, username)
    return {**held, _SEATS: [name for name in licenses if seats.there.get(user_id, {}).get(name) not in freed]}


def _freed(named: Mapping[str, _Held | None], user_id: str, username: str) -> set[str]:
    """The Ids of the licences that would go with the sets that check mode foresees to go."""
    sets, groups = named[_SETS], named[_GROUPS]
    if sets is None or groups is None or groups.there.get(user_id) or groups.coming.get(username):
        return set()
    coming, there = sets.coming.get(username, {}), sets.there.get(user_id, {})
    if any(after is not None for after in coming.values()):
        return set()
    gone = sets.gone(username)
    kept = {license_id for name, license_id in there.items() if name.lower() not in gone}
    return {license_id for name, license_id in there.items() if name.lower() in gone} - kept - {""}


def _by_user(foreseen: Mapping[str, Mapping[str, Any] | None]) -> dict[str, dict[str, Mapping[str, Any] | None]]:
    """Lower-case username -> name -> what is foreseen. foreseen: by key, <name>/<username>. What follows the username, as it does where a user has
    several routing maps in one center, goes to the name."""
    found: dict[str, dict[str, Mapping[str, Any] | None]] = {}
    for key, after in foreseen.items():
        name, whose = key.split("/", 1)
        username, space, more = whose.partition(" ")
        found.setdefault(username.lower(), {})[f"{name}{space}{more}"] = after
    return found


def _center(row: Row, centers: Mapping[str, str], coming: _Coming) -> str | None:
    """The internal name of the user's center; its Id where the org does not show centers; None for no center."""
    center_id = row.get(CENTER_COLUMN)
    now = centers.get(str(center_id), str(center_id)) if center_id else None
    joined = [name for name, after in coming.items() if after is not None]
    if joined:
        return joined[-1]
    return None if now in coming else now


def _mapped(centers: Mapping[str, str], answers: Answers) -> dict[str, dict[str, list[str]]] | None:
    """User Id -> center -> the user's ids at the provider, in the order of their rows."""
    if any(ref.startswith(_MAPS) for ref in answers.refusals):
        return None
    found: dict[str, dict[str, list[str]]] = {}
    for row in sorted(answers.all(_MAPS), key=lambda item: str(item["Id"])):
        center = centers.get(str(row["CallCenterId"]), str(row["CallCenterId"]))
        found.setdefault(str(row["ReferenceRecordId"]), {}).setdefault(center, []).append(str(row["ExternalId"]))
    return found


def _as_maps(there: Mapping[str, Sequence[str]], coming: _Coming) -> list[dict[str, str]]:
    """One user's routing maps. coming: by center, or by center and what tells a second map of one center from the first."""
    maps = {center: list(ids) for center, ids in there.items()}
    for name, after in coming.items():
        center, _unused, further = name.partition(" ")
        ids = maps.get(center, [])
        if further:
            maps[center] = [one for one in ids if not further.startswith(f"(also {one})")]
        elif after is None:
            maps[center] = []
        elif str(after["external_id"]) not in ids:
            maps[center] = [str(after["external_id"]), *ids[1:]]
    return [{"contact_center": center, "external_id": one} for center in sorted(maps) for one in maps[center]]
