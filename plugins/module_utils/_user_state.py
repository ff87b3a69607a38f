# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A user as a result tells it, from the org's columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _users

FEATURE = "UserPermissions"
# Options whose values the org offers in lists of its own.
PICKLISTS: Mapping[str, str] = {name: _users.ATTRIBUTES[name] for name in ("locale", "language", "time_zone", "email_encoding")}

_OWN = ("Id", "Name", "UserType", *_users.COLUMNS.values(), *_users.ATTRIBUTES.values())
_OTHERS = (
    "ProfileId, Profile.Name, Profile.UserLicenseId, Profile.UserLicense.Name, Profile.UserLicense.TotalLicenses, "
    "UserRoleId, UserRole.Name, UserRole.DeveloperName"
)
FIELDS = f"{', '.join(dict.fromkeys(_OWN))}, {_OTHERS}"


def features(row: Mapping[str, Any]) -> dict[str, bool]:
    """The feature licences that the row speaks of, by name."""
    return {column[len(FEATURE) :]: bool(value) for column, value in sorted(row.items()) if column.startswith(FEATURE)}


def offered(described: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a describe of User offers: the feature licences under "features", and the active values of each picklist option."""
    fields = {str(item["name"]): item for item in described["fields"]}
    values = {
        option: [str(one["value"]) for one in fields.get(column, {}).get("picklistValues") or () if one.get("active", True)]
        for option, column in PICKLISTS.items()
    }
    return {**values, "features": sorted(name[len(FEATURE) :] for name in fields if name.startswith(FEATURE))}


def profile_of(row: Mapping[str, Any]) -> str:
    return str((row.get("Profile") or {}).get("Name") or "")


def license_of(row: Mapping[str, Any]) -> str:
    return str(((row.get("Profile") or {}).get("UserLicense") or {}).get("Name") or "")


def role_of(row: Mapping[str, Any]) -> str:
    return str((row.get("UserRole") or {}).get("Name") or "")


def as_result(row: Mapping[str, Any], frozen: bool | None) -> dict[str, Any]:
    """The user by the names of the options."""
    plain = {option: row.get(column) for option, column in {**_users.COLUMNS, **_users.ATTRIBUTES}.items()}
    return {
        **plain,
        "name": row.get("Name"),
        "active": bool(row.get("IsActive")),
        "profile": profile_of(row),
        "license": license_of(row),
        "role": role_of(row),
        "frozen": frozen,
        "type": row.get("UserType"),
        "features": features(row),
    }
