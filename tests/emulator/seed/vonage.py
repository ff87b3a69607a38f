# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example customer's org, assembled: Vonage Contact Center installed, contact centers, users of every kind that the modules must tell apart.

Records are put as they are, without the rules: an org may hold what its own API would refuse today. Every person and company is invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, partial

from emulator.model import Schema
from emulator.org import Org
from emulator.schema import load_schema
from emulator.seed import centers, people, policies, sets
from emulator.seed.package import facts, with_package
from emulator.snapshots import Shelf
from emulator.tooling import with_tooling

DEFAULT_FEATURES = frozenset({"partner_telephony", "amazon_connect", "view_all_fields"})
SEED_FEATURES = frozenset({"stats"})
"""Features of the seed, unknown to the schema files: stats installs the package NVMStatsSF too."""
WORTH_KEEPING = 1000
"""Agents: larger orgs are built anew each time, since they are made to be measured and fill the memory."""
_SHELF = Shelf()


def vonage(
    name: str = "acme-production",
    *,
    sandbox: bool = False,
    seed: int = 1,
    features: frozenset[str] = DEFAULT_FEATURES,
    switches: Mapping[str, str] | None = None,
    agents: int = 0,
    members: int = 0,
    package: bool = True,
    clock: Callable[[], datetime] | None = None,
    extend: Callable[[Schema], Schema] | None = None,
    my_domain: str | None = None,
) -> Org:
    """One org. agents: that many more eligible agents (agent00001@...), in no center but for the first so many that members says: they are in the
    Partner Telephony center. package=False: the Vonage package is not installed. extend: what to make of the schema before anything is put. my_domain:
    its My Domain name, where that is not the org's name."""
    agents = max(agents, members)
    namespaces = frozenset({sets.PACKAGE, *(("NVMStatsSF",) if "stats" in features else ())}) if package else frozenset()
    schema = _schema(features - SEED_FEATURES, namespaces, not sandbox)
    org = Org(schema if extend is None else extend(schema), name=name, seed=seed, clock=clock, switches=switches)
    fill = partial(_fill, features=features, sandbox=sandbox, agents=agents, members=members, package=package)
    if clock is not None or extend is not None or my_domain is not None or agents > WORTH_KEEPING:
        fill(org)
    else:
        _SHELF.fill(org, (name, sandbox, seed, features, agents, members, package), fill)
    if my_domain is not None:
        org.seed_info["my_domain"] = my_domain
    return org


def _fill(org: Org, *, features: frozenset[str], sandbox: bool, agents: int, members: int, package: bool) -> None:
    suffix = f".{org.name.rpartition('-')[2]}" if sandbox else ""
    with org.transaction():
        put_organization(org, sandbox)
        profile_ids = people.put_licenses_and_profiles(org, agents)
        user_roles = people.put_user_roles(org)
        roster = people.Roster(org, profile_ids, suffix, user_roles)
        admin_id, admin = roster.add(people.PEOPLE[0])
        org.default_user = admin_id
        org.seed_info = {
            "sandbox": sandbox,
            "admin_username": admin,
            "limited_username": people.username("limited", suffix),
            "api_user": people.username("vonage_api", suffix),
            "users": {"automation": admin},
            "user_ids": {"automation": admin_id},
            "agents": [],
            "members": [],
            "user_roles": user_roles,
            "sharing_models": _sharing_models(org),
            "namespace": sets.PACKAGE,
            "vonage_sets": dict(sets.VONAGE_SETS) if package else {},
            "tabs": [],
            "sets": {},
            "set_ids": {},
        }
        _put_sets(org, features, package=package, seats=agents)
        _put_centers(org, features)
        _put_people(org, roster)
        _grant(org, features)
        _put_agents(org, roster, agents, members)
        policies.put_policies(org)
        if package:
            _put_package_license(org, agents)
        people.count_user_licenses(org)


@lru_cache(maxsize=32)
def _schema(features: frozenset[str], namespaces: frozenset[str], production: bool) -> Schema:
    """The same for all orgs that have the same: hundreds of orgs share it."""
    return with_tooling(with_package(load_schema(features), namespaces), production=production)


def fleet() -> list[Org]:
    """The three orgs of the example inventory."""
    return [build() for build in builders().values()]


def builders() -> dict[str, Callable[[], Org]]:
    """Org name -> how to build it, the same each time."""
    return {
        "acme-production": partial(vonage, "acme-production"),
        "acme-uat": partial(vonage, "acme-uat", sandbox=True, features=DEFAULT_FEATURES | {"user_access_policies"}),
        "acme-dev": partial(vonage, "acme-dev", sandbox=True),
    }


def put_organization(org: Org, sandbox: bool) -> None:
    org.put(
        "Organization",
        Id=org.id,
        Name="Acme",
        OrganizationType="Enterprise Edition",
        InstanceName="CS999" if sandbox else "EU999",
        IsSandbox=sandbox,
        LanguageLocaleKey="en_US",
        DefaultLocaleSidKey="en_GB",
        TimeZoneSidKey="Europe/London",
        DefaultAccountAccess="Edit",
        DefaultContactAccess="ControlledByParent",
        DefaultOpportunityAccess="Edit",
        DefaultLeadAccess="ReadEditTransfer",
        DefaultCaseAccess="ReadEditTransfer",
        DefaultCampaignAccess="All",
        DefaultCalendarAccess="HideDetailsInsert",
        DefaultPricebookAccess="ReadSelect",
        UiSkin="Theme3",
        SignupCountryIsoCode="GB",
    )


def _sharing_models(org: Org) -> dict[str, str]:
    """Of the objects that no column of Organization speaks of: the package's as it was installed, activities as the example customer has them."""
    packaged = {entry["name"]: str(entry["sharing"]) for entry in facts()["objects"] if entry["name"] in org.schema.sobjects}
    return {"Task": "ControlledByParent", "Event": "ControlledByParent", **packaged}


def _put_sets(org: Org, features: frozenset[str], *, package: bool, seats: int) -> None:
    info = org.seed_info
    sets.put_integration_license(org)
    if package:
        made = sets.put_package(org, [sets.PACKAGE, *(("NVMStatsSF",) if "stats" in features else ())])
        info["set_ids"].update({f"vonage_{role}": set_id for role, set_id in made.items()})
    if "partner_telephony" in features:
        voice = sets.put_voice_sets(org, seats)
        info["set_ids"].update(voice)
        info["group_id"], info["group_set_id"] = sets.put_group(org, [voice["voice_agent"]])
        info["group"] = sets.GROUP
    info["sets"] = {role: row["Name"] for role, set_id in info["set_ids"].items() if (row := org.get("PermissionSet", set_id))}


def _put_centers(org: Org, features: frozenset[str]) -> None:
    org.seed_info["center_ids"] = centers.put_centers(org, features)
    org.seed_info["centers"] = {one.kind: one.internal_name for one in centers.CENTERS if one.kind in org.seed_info["center_ids"]}
    if "partner_telephony" in features:
        centers.put_vendors(org)


def _put_people(org: Org, roster: people.Roster) -> None:
    info = org.seed_info
    assignment = org.schema.sobject("PermissionSetAssignment")
    can_revoke = assignment is not None and assignment.field("IsRevoked") is not None
    for person in people.PEOPLE:
        if person.role in info["users"] or (person.role == "revoked" and not can_revoke):
            continue
        center = info["center_ids"].get(person.center) if person.center else None
        user_id, name = roster.add(person, center=center)
        info["users"][person.role], info["user_ids"][person.role] = name, user_id


def _grant(org: Org, features: frozenset[str]) -> None:
    info = org.seed_info
    user_ids, set_ids = info["user_ids"], info["set_ids"]
    holders: list[str] = []
    for person in people.PEOPLE:
        for role in person.sets:
            if role in set_ids and person.role in user_ids:
                sets.grant(org, user_ids[person.role], set_ids[role])
                holders += [user_ids[person.role]] if role.startswith("voice_") else []
    if "partner_telephony" not in features:
        return
    sets.grant_special(org, user_ids, set_ids["voice_agent"], info["group_id"], info["group_set_id"])
    sets.put_seats(org, [*dict.fromkeys(holders), user_ids["via_group"]])
    centers.put_routing_map(org, info["center_ids"]["partner_telephony"], user_ids["member"], info["users"]["member"])


def _put_agents(org: Org, roster: people.Roster, number: int, members: int) -> None:
    info = org.seed_info
    made = roster.add_agents(number, members, info["center_ids"].get("partner_telephony"))
    info["agents"] = [name for _user_id, name in made]
    info["members"] = info["agents"][:members]
    agent_set = info["set_ids"].get("voice_agent")
    if agent_set is None:
        return
    org.put_many(
        "PermissionSetAssignment", [{"AssigneeId": user_id, "PermissionSetId": agent_set, "IsActive": True} for user_id, _name in made]
    )
    sets.put_seats(org, [user_id for user_id, _name in made])


def _put_package_license(org: Org, agents: int) -> None:
    holders = [org.seed_info["user_ids"][role] for role in ("vonage_api", "agent", "supervisor", "inactive")]
    license_id = org.put(
        "PackageLicense",
        NamespacePrefix=sets.PACKAGE,
        AllowedLicenses=25 + agents,
        UsedLicenses=len(holders),
        Status="Active",
        IsProvisioned=True,
    )
    for user_id in holders:
        org.put("UserPackageLicense", PackageLicenseId=license_id, UserId=user_id)
