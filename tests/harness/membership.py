# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Membership of contact centers as the tests see it: who is where, who may join and what stands in the way, read off the org itself and not through
the collection. And which of the emulator's switches concern it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.evidence import import_everything
from emulator.org import Org
from emulator.rules.registry import Switch, switches
from emulator.rules.vendor_syncing import syncing_vendor, vendor_of

import_everything()  # every module of the emulator registers its switches: a new one is found without being named

CENTER, AMAZON = "partner_telephony", "partner_telephony_amazon"
JOINING = frozenset({"IsContactCenterAgentBYOT", "IsContactCenterAdminBYOT"})
PARTNER_SET = "PartnerTelephonyCustomPsl"
ROLE_SETS = {"agent": "force__ContactCenterAgentExternalTelephony", "admin": "force__ContactCenterAdminExternalTelephony"}
MEMBER, MAP, ASSIGNMENT, USER = "contact_center_member", "contact_center_routing_map", "permission_set_assignment", "user"

# Where the switches are defined that decide about membership, the routes to it and what new members get; and those that either route may meet.
_OF_CENTERS = (
    "emulator.rules.contact_centers",
    "emulator.rules.memberships",
    "emulator.rules.vendor_syncing",
    "emulator.rules.bulk_contact_center",
)
_NEAR = (*_OF_CENTERS, "emulator.rules.users", "emulator.rules.licences")
_BESIDE = (
    "emulator.rules.user_logins",
    "emulator.rules.assignments",
    "emulator.rules.locks",
    "emulator.rules.rights",
    "emulator.rules.groups",
    "emulator.bulk.evidence",
    "emulator.metadata",
    "emulator.soql.evidence",
    "emulator.validation",
)


def _defined_in(modules: Collection[str]) -> dict[str, Switch]:
    texts = "\n".join(inspect.getsource(importlib.import_module(name)) for name in modules)
    return {name: switch for name, switch in sorted(switches().items()) if f'Switch("{name}"' in texts}


def of_centers() -> dict[str, Switch]:
    """Every switch that is of centers and their members alone."""
    return _defined_in(_OF_CENTERS)


def near() -> dict[str, Switch]:
    """Every switch that decides about membership, by name: a new one in one of these modules is among them by itself."""
    return _defined_in(_NEAR)


def beside() -> dict[str, Switch]:
    """Every switch that membership tasks may meet."""
    return _defined_in(_BESIDE)


def concerning() -> dict[str, Switch]:
    return near() | beside()


@dataclass(frozen=True)
class Person:
    """What the org holds of a user. sets: names of the sets that are assigned directly; held: names of all assignments of whatever kind, with whether
    they grant now. seats: permission set licences. maps: (center Id, external id) by the Id of a routing map. rest: all other columns of the row."""

    id: str
    center: str | None
    active: bool
    service: bool
    frozen: bool
    may_join: bool
    sets: frozenset[str]
    held: frozenset[tuple[str, bool]]
    seats: frozenset[str]
    maps: Mapping[str, tuple[str, str]]
    rest: tuple[tuple[str, Any], ...] = field(repr=False, default=())


_STAMPS = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastViewedDate", "LastReferencedDate"})
_OF_A_PERSON = frozenset({"Id", "Username", "CallCenterId", "IsActive", "UserPermissionsSupportUser"}) | _STAMPS


def people(org: Org) -> dict[str, Person]:
    """Everybody by username."""
    sets = {str(row["Id"]): row for row in org.find("PermissionSet")}
    held: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for row in org.find("PermissionSetAssignment"):
        held.setdefault(str(row["AssigneeId"]), []).append((row, sets[str(row["PermissionSetId"])]))
    seats: dict[str, set[str]] = {}
    for row in org.find("PermissionSetLicenseAssign"):
        seats.setdefault(str(row["AssigneeId"]), set()).add(str(row["PermissionSetLicenseId"]))
    maps: dict[str, dict[str, tuple[str, str]]] = {}
    for row in org.find("CallCenterRoutingMap"):
        maps.setdefault(str(row["ReferenceRecordId"]), {})[str(row["Id"])] = (str(row["CallCenterId"]), str(row["ExternalId"]))
    frozen = {str(row["UserId"]) for row in org.find("UserLogin", IsFrozen=True)}
    found: dict[str, Person] = {}
    for row in org.find("User"):
        user_id = str(row["Id"])
        mine = held.get(user_id, [])
        found[str(row["Username"])] = Person(
            user_id,
            row["CallCenterId"],
            bool(row["IsActive"]),
            bool(row["UserPermissionsSupportUser"]),
            user_id in frozen,
            not JOINING.isdisjoint(org.permissions_of(user_id)),
            frozenset(qualified(one) for _row, one in mine if not one["IsOwnedByProfile"] and not one.get("PermissionSetGroupId")),
            frozenset((qualified(one), org.is_granted(row)) for row, one in mine),
            frozenset(seats.get(user_id, ())),
            maps.get(user_id, {}),
            tuple((name, value) for name, value in row.items() if name not in _OF_A_PERSON),
        )
    return found


def qualified(row: Mapping[str, Any]) -> str:
    return f"{row['NamespacePrefix']}__{row['Name']}" if row.get("NamespacePrefix") else str(row["Name"])


def settled(org: Org) -> dict[str, Person]:
    """The same once everything that takes effect late has."""
    for sobject in ("User", "User", "PermissionSetAssignment", "PermissionSetGroup", "User"):
        org.query(str(org.default_user), f"SELECT Id FROM {sobject} LIMIT 1", "67.0")
    return people(org)


def centers(org: Org) -> dict[str, str]:
    """Internal name by Id."""
    return {str(row["Id"]): str(row["InternalName"]) for row in org.find("CallCenter")}


def declares_syncing(org: Org, center_id: str) -> bool:
    """Whether the center's vendor says that it syncs users; whether the org tells it then is another question."""
    vendor = vendor_of(org, center_id)
    return bool(vendor and vendor.get("CapabilitiesSupportsUserSyncing"))


def is_told(org: Org, center_id: str) -> bool:
    return syncing_vendor(org, center_id) is not None


Event = tuple[str, str, str]
"""Operation, kind and key, as a result's changes tell it."""


def events(org: Org, before: Mapping[str, Person], after: Mapping[str, Person]) -> set[Event]:
    """What became of people between the two, as the changes of membership tasks tell it. The Partner Telephony Permission Set comes by itself."""
    named = centers(org)
    found: set[Event] = set()
    for name, new in after.items():
        old = before[name]
        if old.center != new.center:
            found |= {("delete", MEMBER, f"{named[old.center]}/{name}")} if old.center else set()
            found |= {("create", MEMBER, f"{named[new.center]}/{name}")} if new.center else set()
        found |= {("delete", ASSIGNMENT, f"{one}/{name}") for one in old.sets - new.sets}
        found |= {("create", ASSIGNMENT, f"{one}/{name}") for one in new.sets - old.sets if one != PARTNER_SET}
        if (old.service, old.frozen) != (new.service, new.frozen):
            found.add(("update", USER, name))
    return found


def map_events(org: Org, before: Mapping[str, Person], after: Mapping[str, Person]) -> set[Event]:
    """The same of routing maps."""
    named = centers(org)
    found: set[Event] = set()
    for name, new in after.items():
        old = dict(before[name].maps.values())
        now = dict(new.maps.values())
        found |= {("delete", MAP, f"{named[one]}/{name}") for one in old.keys() - now.keys()}
        found |= {("create", MAP, f"{named[one]}/{name}") for one in now.keys() - old.keys()}
        found |= {("update", MAP, f"{named[one]}/{name}") for one in now.keys() & old.keys() if old[one] != now[one]}
    return found


def told(result: Mapping[str, Any]) -> set[Event]:
    """What the result says was changed."""
    return {(change["op"], change["kind"], change["key"]) for change in result.get("changes", ())}


def untouched(before: Mapping[str, Person], after: Mapping[str, Person], but: Collection[str]) -> list[str]:
    """Whoever is not among those and differs nevertheless."""
    return [name for name, person in after.items() if name not in but and person != before[name]]


@dataclass(frozen=True)
class Wish:
    """A task of contact_center_member. center: Id; users: usernames."""

    center: str
    users: tuple[str, ...]
    state: str = "present"
    role: str = "none"
    method: str = "user_field"
    move: bool = False
    on_ineligible: str = "skip"
    batch_size: int | None = None
    repair: frozenset[str] = frozenset()
    remove_permission_sets: bool = False
    allow_provider_calls: bool = True

    def options(self, internal_name: str) -> dict[str, Any]:
        given: dict[str, Any] = {
            "contact_center": internal_name,
            "users": list(self.users),
            "state": self.state,
            "role": self.role,
            "method": self.method,
            "move": self.move,
            "on_ineligible": self.on_ineligible,
            "batch_size": self.batch_size,
            "repair": sorted(self.repair),
            "remove_permission_sets": self.remove_permission_sets,
            "allow_provider_calls": self.allow_provider_calls,
            "max_removals": "100%",
            "allow_empty": True,
        }
        return given


@dataclass(frozen=True)
class Forecast:
    """What should become of it. refusals: codes of which one must stop the task before any write, none where it goes on. losing: who is to lose sets
    without leaving: listed, and a member nowhere. unsure: those of joining and leaving whom something in the org may prevent."""

    refusals: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    losing: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()

    @property
    def touched(self) -> frozenset[str]:
        return self.joining | self.leaving | self.losing


def may_join(person: Person, wish: Wish) -> bool:
    """The rule of the Setup page, and what the task repairs or gives."""
    return (
        person.active
        and (person.service or "service_cloud_user" in wish.repair)
        and (not person.frozen or "frozen" in wish.repair)
        and (person.may_join or wish.role != "none")
        and (person.center in (None, wish.center) or wish.move)
    )


def forecast(org: Org, wish: Wish, is_sandbox: bool, known: Mapping[str, Person]) -> Forecast:
    """What the task should do to the org as it is."""
    listed = {name: known[name] for name in wish.users}
    inside = {name for name, person in known.items() if person.center == wish.center}
    outside = {name: person for name, person in listed.items() if name not in inside}
    left_out = {name for name, person in outside.items() if not may_join(person, wish)} if wish.state != "absent" else set()
    joining = set(outside) - left_out if wish.state != "absent" else set()
    leaving = inside & set(listed) if wish.state == "absent" else inside - set(listed) if wish.state == "exact" else set()
    refusals = _refusals(org, wish, is_sandbox, known, joining, leaving)
    if left_out and wish.on_ineligible == "fail":
        refusals.add("ineligible_user")
    unsure = _unsure(org, wish, known, joining, leaving)
    also = {name for name, person in listed.items() if person.center is None} if wish.remove_permission_sets else set()
    losing = also if wish.state == "absent" else set()
    return Forecast(*map(frozenset, (refusals, joining, leaving, losing, left_out, unsure)))


def _refusals(
    org: Org, wish: Wish, is_sandbox: bool, known: Mapping[str, Person], joining: Collection[str], leaving: Collection[str]
) -> set[str]:
    found: set[str] = set()
    if joining and wish.method == "auto" and declares_syncing(org, wish.center):
        found.add("vendor_syncs_users")
    from_amazon = wish.center == org.seed_info["center_ids"][AMAZON]
    if joining and wish.method == "bulk" and (from_amazon or org.switches["bulk_entity"] == "absent"):
        found.add("bulk_not_offered")
    left = {known[name].center for name in joining}
    syncing = any(one and declares_syncing(org, one) for one in (wish.center, *left))
    if is_sandbox and (joining or leaving) and not wish.allow_provider_calls and syncing:
        found.add("provider_calls")
    return found


def _unsure(org: Org, wish: Wish, known: Mapping[str, Person], joining: set[str], leaving: set[str]) -> set[str]:
    """Whom the vendor may not let in or out, and who gets a set in an org that asks for more than the set."""
    found: set[str] = set()
    by_bulk = wish.method == "bulk"
    if org.switches["callcenter_patch"] == "ignored":
        found |= leaving | (joining if not by_bulk else {name for name in joining if known[name].center})
    refused = {name for name in joining | leaving if "*" in org.vendor_refuses or name.lower() in org.vendor_refuses}
    if refused and by_bulk and is_told(org, wish.center):
        found |= joining
    if refused and org.switches["callcenter_patch"] == "vendor_sync":
        found |= refused
    if org.switches["set_licence_comes_along"] == "required":
        found |= {name for name in joining if not known[name].may_join}
    return found
