# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences, profiles and users of the example org. Every person is invented; addresses are at acme.example."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.seed import profiles

DOMAIN = "acme.example"


@dataclass(frozen=True)
class Person:
    """role: key in seed_info. sets: roles of the permission sets granted directly. center: kind of the center the user is in."""

    role: str
    profile: str = profiles.STANDARD
    sets: tuple[str, ...] = ()
    center: str | None = None
    active: bool = True
    service_user: bool = True


PEOPLE = (
    Person("automation", profiles.ADMIN, service_user=False),
    Person("limited", profiles.INTEGRATION, service_user=False),
    Person("vonage_api", service_user=False),
    Person("agent", sets=("voice_agent", "vonage_agent")),
    Person("contact_admin", sets=("voice_admin",)),
    Person("supervisor", sets=("voice_supervisor", "vonage_supervisor")),
    Person("via_group"),
    Person("via_clone", sets=("voice_clone",)),
    Person("expired"),
    Person("revoked"),
    Person("without_set"),
    Person("inactive", sets=("voice_agent",), active=False),
    Person("without_service", sets=("voice_agent",), service_user=False),
    Person("other_center", sets=("voice_agent",), center="partner_telephony_amazon"),
    Person("member", sets=("voice_agent",), center="partner_telephony"),
    Person("platform", profiles.PLATFORM, service_user=False),
    Person("minimum", profiles.MINIMUM, service_user=False),
)
"""Everybody the modules must tell apart. via_group, expired and revoked get their assignments in seed/sets.py; revoked exists only where the
org has IsRevoked."""


def username(role: str, suffix: str) -> str:
    """The username of a role; suffix is empty in production, .uat or the like in a sandbox."""
    return f"{role.replace('_', '.')}@{DOMAIN}{suffix}"


def put_licenses_and_profiles(org: Org, extra_seats: int) -> dict[str, str]:
    """Profile name -> Id. Each profile gets the permission set that it owns, with the same user permissions."""
    licenses = {
        one.name: org.put(
            "UserLicense",
            Name=one.name,
            MasterLabel=one.name,
            LicenseDefinitionKey=one.key,
            TotalLicenses=one.seats + extra_seats,
            UsedLicenses=0,
            Status="Active",
        )
        for one in profiles.LICENSES
    }
    return {one.name: _put_profile(org, one, licenses[one.license]) for one in profiles.PROFILES}


def _put_profile(org: Org, profile: profiles.Profile, license_id: str) -> str:
    held = closure(org, set(profile.permissions))
    profile_id = org.put("Profile", Name=profile.name, UserLicenseId=license_id, UserType="Standard", **_flags(org, "Profile", held))
    machine_name = f"X{profile_id[:15]}"
    own_set = org.put(
        "PermissionSet",
        Name=machine_name,
        Label=machine_name,
        ProfileId=profile_id,
        LicenseId=license_id,
        IsOwnedByProfile=True,
        IsCustom=False,
        Type="Profile",
        **_flags(org, "PermissionSet", held),
    )
    for sobject in profile.objects:
        org.put(
            "ObjectPermissions",
            ParentId=own_set,
            SobjectType=sobject,
            PermissionsRead=True,
            PermissionsCreate=True,
            PermissionsEdit=True,
            PermissionsDelete=True,
        )
    return profile_id


def _flags(org: Org, sobject_name: str, permissions: set[str]) -> dict[str, bool]:
    sobject = org.schema.sobject(sobject_name)
    columns = sobject.fields if sobject else {}
    return {f"Permissions{name}": True for name in permissions if f"Permissions{name}" in columns}


class Roster:
    """Puts users; knows which set each profile owns, so that every user holds it."""

    def __init__(self, org: Org, profile_ids: dict[str, str], suffix: str) -> None:
        self._org = org
        self._profiles = profile_ids
        self._own_sets = {row["ProfileId"]: row["Id"] for row in org.find("PermissionSet", IsOwnedByProfile=True)}
        self._suffix = suffix

    def add(
        self, role: str, profile: str, *, active: bool = True, service_user: bool = False, center: str | None = None
    ) -> tuple[str, str]:
        """(Id, username) of a new user."""
        name = username(role, self._suffix)
        first, _unused, last = role.replace("_", " ").title().rpartition(" ")
        profile_id = self._profiles[profile]
        user_id = self._org.put(
            "User",
            Username=name,
            Email=f"{role.replace('_', '.')}@{DOMAIN}",
            FirstName=first or "Acme",
            LastName=last,
            Alias=role.replace("_", "")[:8],
            ProfileId=profile_id,
            IsActive=active,
            UserType="Standard",
            CallCenterId=center,
            UserPermissionsSupportUser=service_user,
            TimeZoneSidKey="Europe/London",
            LocaleSidKey="en_GB",
            EmailEncodingKey="UTF-8",
            LanguageLocaleKey="en_US",
            DigestFrequency="D",
            DefaultGroupNotificationFrequency="N",
        )
        self._org.put("PermissionSetAssignment", AssigneeId=user_id, PermissionSetId=self._own_sets[profile_id], IsActive=True)
        return user_id, name


def count_user_licenses(org: Org) -> None:
    """UsedLicenses of each user licence: its active users."""
    license_of = {row["Id"]: row["UserLicenseId"] for row in org.find("Profile")}
    used: dict[str, int] = {}
    for row in org.find("User", IsActive=True):
        used[license_of[row["ProfileId"]]] = used.get(license_of[row["ProfileId"]], 0) + 1
    for license_id, number in used.items():
        org.set("UserLicense", license_id, UsedLicenses=number)
