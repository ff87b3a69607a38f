# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences, profiles and users of the example org. Every person is invented; addresses are at acme.example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.field_permissions import field_of, permissionable_fields
from emulator.rules.tabs import HOME, tabs_of
from emulator.rules.user_logins import put_logins
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
    user_role: str | None = None
    """DeveloperName of a UserRole."""
    federation_id: str | None = None
    employee_number: str | None = None
    mailbox: str = ""
    """What stands before the @ of the e-mail address, where it is not what the username has there."""
    frozen: bool = False
    taken: bool = False
    """When the sandbox was made another org had the username with its suffix: Salesforce put characters in front."""


PEOPLE = (
    Person("automation", profiles.ADMIN, service_user=False),
    Person("limited", profiles.INTEGRATION, service_user=False),
    Person("vonage_api", service_user=False),
    Person("agent", sets=("voice_agent", "vonage_agent"), user_role="Voice_Agents", federation_id="acme-agent", employee_number="E1001"),
    Person("contact_admin", sets=("voice_admin",), federation_id="acme-contact-admin", employee_number="E1002"),
    Person("supervisor", sets=("voice_supervisor", "vonage_supervisor"), user_role="Head_of_Voice", employee_number="E1003"),
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
    Person("frozen", service_user=False, frozen=True),
    Person("prepended", service_user=False, federation_id="acme-prepended", employee_number="E1004", taken=True),
    Person("kim", service_user=False, employee_number="E2000", mailbox="desk"),
    Person("joakim", service_user=False, employee_number="E2000", mailbox="desk"),
)
"""Everybody the modules must tell apart. via_group, expired and revoked get their assignments in seed/sets.py; revoked exists only where the
org has IsRevoked. The usernames of kim and joakim end alike, and they share an employee number and a mailbox, which an org allows."""

USER_ROLES = (("Head_of_Voice", "Head of Voice", None), ("Voice_Agents", "Voice Agents", "Head_of_Voice"))
"""DeveloperName, Name, the role above."""
IN_FRONT = "00x7Vq"
"""What Salesforce Help shows in front of a username that was taken; how many characters there are, and which, it does not say."""
REFRESHED_BY = "automation"
"""The role of the person who made the sandbox: that one keeps the e-mail address."""


def username(role: str, suffix: str, *, taken: bool = False) -> str:
    """The username of a role; suffix is empty in production, .uat or the like in a sandbox."""
    return f"{IN_FRONT if taken and suffix else ''}{role.replace('_', '.')}@{DOMAIN}{suffix}"


def address(role: str, suffix: str, mailbox: str = "") -> str:
    """The e-mail address of a role: in a sandbox one that no mail reaches."""
    of_nobody = ".invalid" if suffix and role != REFRESHED_BY else ""
    return f"{mailbox or role.replace('_', '.')}@{DOMAIN}{of_nobody}"


def put_user_roles(org: Org) -> dict[str, str]:
    """DeveloperName -> Id."""
    made: dict[str, str] = {}
    for developer_name, name, above in USER_ROLES:
        parent = made[above] if above else None
        values = {"DeveloperName": developer_name, "Name": name, "ParentRoleId": parent, "OpportunityAccessForAccountOwner": "Edit"}
        made[developer_name] = org.put("UserRole", **values)
    return made


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

    def __init__(self, org: Org, profile_ids: dict[str, str], suffix: str, user_roles: Mapping[str, str] | None = None) -> None:
        self._org = org
        self._profiles = profile_ids
        self._own_sets = {row["ProfileId"]: row["Id"] for row in org.find("PermissionSet", IsOwnedByProfile=True)}
        self._suffix = suffix
        self._user_roles = user_roles or {}

    def add(self, person: Person, *, center: str | None = None) -> tuple[str, str]:
        """(Id, username) of a new user."""
        return self._put([self._values(person, center)], frozen=person.frozen)[0]

    def add_agents(self, number: int, members: int = 0, center: str | None = None) -> list[tuple[str, str]]:
        """(Id, username) of that many service users, all at once; the first so many are in the center."""
        return self._put(
            [self._values(Person(f"agent{index:05d}"), center if index <= members else None) for index in range(1, number + 1)]
        )

    def _put(self, users: list[dict[str, Any]], *, frozen: bool = False) -> list[tuple[str, str]]:
        user_ids = self._org.put_many("User", users)
        own_sets = [self._own_sets[user["ProfileId"]] for user in users]
        self._org.put_many(
            "PermissionSetAssignment",
            [
                {"AssigneeId": user_id, "PermissionSetId": own_set, "IsActive": True}
                for user_id, own_set in zip(user_ids, own_sets, strict=True)
            ],
        )
        put_logins(self._org, user_ids, frozen=frozen)
        return [(user_id, str(user["Username"])) for user_id, user in zip(user_ids, users, strict=True)]

    def _values(self, person: Person, center: str | None) -> dict[str, Any]:
        role = person.role
        first, _unused, last = role.replace("_", " ").title().rpartition(" ")
        return {
            "Username": username(role, self._suffix, taken=person.taken),
            "Email": address(role, self._suffix, person.mailbox),
            "FirstName": first or "Acme",
            "LastName": last,
            "Alias": role.replace("_", "")[:8],
            "ProfileId": self._profiles[person.profile],
            "UserRoleId": self._user_roles.get(person.user_role) if person.user_role else None,
            "FederationIdentifier": person.federation_id,
            "EmployeeNumber": person.employee_number,
            "IsActive": person.active,
            "UserType": "Standard",
            "CallCenterId": center,
            "UserPermissionsSupportUser": person.service_user,
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
