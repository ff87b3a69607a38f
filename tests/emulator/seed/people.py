# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences, profiles and users of the example org. Every person is invented; addresses are at acme.example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.field_permissions import field_of, permissionable_fields
from emulator.rules.tabs import HOME, tabs_of
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
    return {one.name: put_profile(org, one, licenses[one.license]) for one in profiles.PROFILES}


def put_profile(org: Org, profile: profiles.Profile, license_id: str) -> str:
    held = closure(org, set(profile.permissions))
    profile_id = org.put(
        "Profile", Name=profile.name, UserLicenseId=license_id, UserType="Standard", **permission_flags(org, "Profile", held)
    )
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
        **permission_flags(org, "PermissionSet", held),
    )
    for sobject in (name for name in profile.objects if name in org.schema.sobjects):
        org.put(
            "ObjectPermissions",
            ParentId=own_set,
            SobjectType=sobject,
            PermissionsRead=True,
            PermissionsCreate=True,
            PermissionsEdit=True,
            PermissionsDelete=True,
        )
    put_field_security(org, own_set, profile.fields)
    if profile.tabs:
        wanted = {HOME, *(f"standard-{name}" for name in profile.tabs)}
        put_tabs(org, own_set, [name for name in tabs_of(org) if "*" in profile.tabs or name in wanted])
    return profile_id


def put_tabs(org: Org, own_set: str, names: Iterable[str]) -> None:
    org.put_many("PermissionSetTabSetting", [{"ParentId": own_set, "Name": name, "Visibility": "DefaultOn"} for name in names])


def put_field_security(org: Org, own_set: str, objects: tuple[str, ...]) -> None:
    """Read and, where a field can be written, edit: on the standard fields of these objects, or with "*" on every field there is."""
    rows: list[dict[str, Any]] = []
    for qualified, _label in permissionable_fields(org):
        sobject, field = qualified.partition(".")[0], field_of(org, qualified)
        if field is None or not ("*" in objects or (sobject in objects and not field.custom)):
            continue
        edit = not field.calculated and not field.auto_number
        row = {"ParentId": own_set, "SobjectType": sobject, "Field": qualified}
        rows.append({**row, "PermissionsRead": True, "PermissionsEdit": edit})
    org.put_many("FieldPermissions", rows)


def permission_flags(org: Org, sobject_name: str, permissions: set[str]) -> dict[str, bool]:
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
        values = self._values(role, profile, active=active, service_user=service_user, center=center)
        return self._put([values])[0]

    def add_agents(self, number: int) -> list[tuple[str, str]]:
        """(Id, username) of that many service users, all at once."""
        roles = [f"agent{index:05d}" for index in range(1, number + 1)]
        return self._put([self._values(role, profiles.STANDARD, active=True, service_user=True, center=None) for role in roles])

    def _put(self, users: list[dict[str, Any]]) -> list[tuple[str, str]]:
        user_ids = self._org.put_many("User", users)
        own_sets = [self._own_sets[user["ProfileId"]] for user in users]
        self._org.put_many(
            "PermissionSetAssignment",
            [
                {"AssigneeId": user_id, "PermissionSetId": own_set, "IsActive": True}
                for user_id, own_set in zip(user_ids, own_sets, strict=True)
            ],
        )
        return [(user_id, str(user["Username"])) for user_id, user in zip(user_ids, users, strict=True)]

    def _values(self, role: str, profile: str, *, active: bool, service_user: bool, center: str | None) -> dict[str, Any]:
        first, _unused, last = role.replace("_", " ").title().rpartition(" ")
        return {
            "Username": username(role, self._suffix),
            "Email": f"{role.replace('_', '.')}@{DOMAIN}",
            "FirstName": first or "Acme",
            "LastName": last,
            "Alias": role.replace("_", "")[:8],
            "ProfileId": self._profiles[profile],
            "IsActive": active,
            "UserType": "Standard",
            "CallCenterId": center,
            "UserPermissionsSupportUser": service_user,
            "TimeZoneSidKey": "Europe/London",
            "LocaleSidKey": "en_GB",
            "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
            "DigestFrequency": "D",
            "DefaultGroupNotificationFrequency": "N",
        }


def count_user_licenses(org: Org) -> None:
    """UsedLicenses of each user licence: its active users."""
    license_of = {row["Id"]: row["UserLicenseId"] for row in org.find("Profile")}
    used: dict[str, int] = {}
    for profile_id, number in org.store.tally("User", "ProfileId", IsActive=True).items():
        used[license_of[profile_id]] = used.get(license_of[profile_id], 0) + number
    for license_id, number in used.items():
        org.set("UserLicense", license_id, UsedLicenses=number)
