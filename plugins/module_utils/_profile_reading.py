# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Reading profiles: what to ask of the org, and what its answers say of each. The asking itself is the noun's.

Licence and user permissions are columns of the data API. Login hours and login IP ranges are part of the profile's metadata, which the Tooling API
shows in one row a query (Tooling API Guide, Profile). The Metadata API would show them too; simple-salesforce speaks it by SOAP, one more call for
each profile, and needs a WSDL of its own for what a query tells just as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._org import Answers, Get, Query, Read
from ._soql import in_list, quote

FIELDS = "Id, Name, UserLicense.Name"
# A retrieval by the Id of a profile that was not found.
_ABSENT = ("NOT_FOUND", "PROCESSING_HALTED")
# What a user is answered who may not see the metadata of profiles.
_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
_PREFIX = "Permissions"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEEDS = "View Setup and Configuration"


@dataclass(frozen=True)
class Hours:
    """When one may log in on a day, as HH:MM; None for an end that the org does not tell."""

    start: str | None
    end: str | None


_ALL_DAY = Hours("00:00", "24:00")
_EVERY_ADDRESS = ("0.0.0.0", "255.255.255.255")


@dataclass(frozen=True)
class IpRange:
    """Addresses from which one may log in."""

    start: str
    end: str
    description: str = ""


@dataclass(frozen=True)
class Conditions:
    """From when to when and from where users of the profile may log in; empty where the profile does not say. restricted: whether that keeps
    anybody out."""

    custom: bool
    hours: Mapping[str, Hours]
    ranges: tuple[IpRange, ...]

    @property
    def closed(self) -> Mapping[str, Hours]:
        """The days on which the hours keep anybody out: not those that are open from midnight to midnight."""
        return {day: item for day, item in self.hours.items() if item != _ALL_DAY}

    @property
    def narrow(self) -> tuple[IpRange, ...]:
        """The ranges, unless one of them is every address."""
        return () if any((item.start, item.end) == _EVERY_ADDRESS for item in self.ranges) else self.ranges

    @property
    def restricted(self) -> bool:
        return bool(self.closed or self.narrow)


@dataclass(frozen=True)
class Profile:
    """One profile. permissions: None where its columns were not read. conditions: None where the org does not show them to the running user."""

    name: str
    license: str
    permissions: tuple[str, ...] | None
    conditions: Conditions | None

    def as_result(self) -> dict[str, Any]:
        """The profile as results tell it."""
        known = self.conditions
        return {
            "name": self.name,
            "license": self.license,
            "custom": known.custom if known else None,
            "user_permissions": None if self.permissions is None else list(self.permissions),
            "login_hours": {day: {"start": item.start, "end": item.end} for day, item in known.hours.items()} if known else None,
            "login_ip_ranges": [_range_result(item) for item in known.ranges] if known else None,
            "restricted": known.restricted if known else None,
        }

    @property
    def restrictions(self) -> str:
        """What restricts the logins of its users, in words; empty where nothing does, or nothing is known."""
        return "; ".join(_restrictions(self.conditions)) if self.conditions else ""


# -- what to ask ---------------------------------------------------------------------------------------------------------------------


def profile_reads(names: Sequence[str]) -> list[Read]:
    """The profiles of these names, and each of them with all its columns. For no more names than one composite takes."""
    query = Query("profiles", f"SELECT {FIELDS} FROM Profile WHERE Name IN {in_list(names)}")
    wholes = [Get(f"whole_{number}", f"/sobjects/Profile/@{{profiles.records[{number}].Id}}", _ABSENT) for number in range(len(names))]
    return [query, *wholes]


def conditions_read(ref: str, condition: str) -> Query:
    """The metadata of the one profile that the condition finds: the API shows that column in one row only. The answer is empty where the running
    user may not see it."""
    return Query(ref, f"SELECT Id, Name, Metadata FROM Profile WHERE {condition}", _NOT_SHOWN, tooling=True)


def conditions_reads(ids: Sequence[str]) -> list[Query]:
    """The metadata of these profiles, by conditions0, conditions1 and so on."""
    return [conditions_read(f"conditions{number}", f"Id = {quote(item)}") for number, item in enumerate(ids)]


# -- what the answers say ------------------------------------------------------------------------------------------------------------


def profile_of(row: Mapping[str, Any], whole: Mapping[str, Any] | None, metadata: Mapping[str, Any] | None) -> Profile:
    """A profile. row: Name and UserLicense.Name. whole: all its columns, where they were read. metadata: its component, where it is shown."""
    license_name = str((row.get("UserLicense") or {}).get("Name") or "")
    permissions = None if whole is None else tuple(sorted(_switched_on(whole)))
    return Profile(str(row["Name"]), license_name, permissions, None if metadata is None else conditions_of(metadata))


def metadata_in(answers: Answers, ref: str) -> Mapping[str, Any] | None:
    """The component that a query for it brought; None where it is not shown."""
    rows = answers.rows.get(ref) or [{}]
    return rows[0].get("Metadata")


def conditions_of(metadata: Mapping[str, Any]) -> Conditions:
    """What a profile's component says of logins."""
    given = metadata.get("loginHours") or {}
    hours = {day: Hours(_clock(given.get(f"{day}Start")), _clock(given.get(f"{day}End"))) for day in DAYS}
    ranges = tuple(
        IpRange(str(item.get("startAddress") or ""), str(item.get("endAddress") or ""), str(item.get("description") or ""))
        for item in metadata.get("loginIpRanges") or ()
    )
    return Conditions(bool(metadata.get("custom")), {day: item for day, item in hours.items() if item != Hours(None, None)}, ranges)


def _clock(minutes: Any) -> str | None:
    """Minutes after midnight, as the metadata counts, as a time of day."""
    return None if minutes in (None, "") else f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"


def _switched_on(columns: Mapping[str, Any]) -> Iterator[str]:
    return (name[len(_PREFIX) :] for name, value in columns.items() if name.startswith(_PREFIX) and value is True)


def _range_result(item: IpRange) -> dict[str, str]:
    return {"start": item.start, "end": item.end, "description": item.description}


def _restrictions(known: Conditions) -> Iterator[str]:
    if known.closed:
        yield f"login hours on {', '.join(f'{day} {item.start}-{item.end}' for day, item in known.closed.items())}"
    if known.narrow:
        yield f"logins only from {', '.join(f'{item.start}-{item.end}' for item in known.narrow)}"
