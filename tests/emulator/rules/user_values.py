# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What single columns of a user take: time zones, locales, languages, nicknames, and an address that waits for its owner."""

from __future__ import annotations

import locale
import re
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from emulator.errors import ApiError
from emulator.rules import registry
from emulator.rules.refusals import duplicate, refuse
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

EMAIL_CHANGE = Switch("email_change", ("confirmed_first", "at_once"))
NICKNAME = Switch("duplicate_nickname_code", ("DUPLICATE_COMM_NICKNAME", "DUPLICATE_VALUE"))
CHOICES = {
    "TimeZoneSidKey": "Time Zone",
    "LocaleSidKey": "Locale",
    "LanguageLocaleKey": "Language",
    "EmailEncodingKey": "Email Encoding",
}
"""Column -> its label."""
REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
LOCALE = re.compile(r"([a-z]{2}_[A-Z]{2})\.")

rule(
    "time_zone_and_locale_are_restricted_picklists",
    says="A TimeZoneSidKey, LocaleSidKey, LanguageLocaleKey or EmailEncodingKey that describe does not name is refused with "
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST. The org's own lists of zones and locales are not at hand: here GMT and every zone of the IANA database "
    "named by region and city, and every locale that names a country and is common on POSIX systems.",
    grade=Grade.DOCUMENTED,
    source="Object Reference, User: restricted picklists, zones named by region and key city, locales by language and country; the lists are composed",
)
rule(
    "a_changed_e_mail_address_waits_for_its_owner",
    says="A new Email of an existing user is taken with success and stands there only once the owner of the new address has followed the link that "
    "was sent to it; or it stands there at once.",
    grade=Grade.INFERRED,
    source="simplysfdc.com 2013/09 and 2018/04 (not before the link is followed, not even through the API; within 72 hours); "
    "randsfdc.blogspot.com 2016/09 changed it through the API at once, and in 2021 no longer",
    switch=EMAIL_CHANGE,
)
rule(
    "nicknames_are_unique",
    says="The code of a CommunityNickname that another user has.",
    grade=Grade.INFERRED,
    source="Object Reference, User.CommunityNickname (unique); DUPLICATE_COMM_NICKNAME is a StatusCode of the Partner WSDL (golden jsforce); where it is "
    "answered is not stated",
    switch=NICKNAME,
)
breakable("time_zone_and_locale_are_restricted_picklists")


@cache
def zones() -> tuple[str, ...]:
    return ("GMT", *sorted(zone for zone in available_timezones() if zone.partition("/")[0] in REGIONS and "/" in zone))


@cache
def locales() -> tuple[str, ...]:
    found = (LOCALE.match(name) for name in locale.locale_alias.values())
    return tuple(sorted({one[1] for one in found if one is not None}))


@registry.picklist("User", "TimeZoneSidKey")
def time_zones(org: Org) -> list[tuple[str, str]]:
    return [(zone, zone) for zone in zones()]


@registry.picklist("User", "LocaleSidKey")
def known_locales(org: Org) -> list[tuple[str, str]]:
    return [(name, name) for name in locales()]


@registry.before("insert", "User")
@registry.before("update", "User")
def choices_are_known(org: Org, user: str, change: Change) -> None:
    sobject = org.schema.sobject("User")
    if sobject is None or not holds("time_zone_and_locale_are_restricted_picklists"):
        return
    for column, label in CHOICES.items():
        item, value = sobject.field(column), change.given.get(column)
        if item is not None and value is not None and value not in org.picklist_values("User", item):
            raise restricted(label, value, column)


def restricted(label: str, value: object, field: str) -> ApiError:
    return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"{label}: bad value for restricted picklist field: {value}", field)


@registry.before("insert", "User")
@registry.before("update", "User")
def nickname_is_free(org: Org, user: str, change: Change) -> None:
    nickname = change.after.get("CommunityNickname")
    if nickname is None or nickname == change.before.get("CommunityNickname"):
        return
    taken = [row["Id"] for row in org.store.find("User", {"CommunityNickname": nickname}, ("Id",)) if row["Id"] != change.id]
    if not taken:
        return
    if org.switches[NICKNAME.name] == "DUPLICATE_VALUE":
        raise duplicate(f"duplicate value found: CommunityNickname duplicates value on record with id: {taken[0]}")
    raise refuse(NICKNAME.default, "Duplicate Nickname. Another user has this nickname already.", "CommunityNickname")


@registry.before("update", "User")
def address_waits(org: Org, user: str, change: Change) -> None:
    if org.switches[EMAIL_CHANGE.name] == "confirmed_first":
        change.after["Email"] = change.before["Email"]


@registry.after("update", "User")
def address_is_remembered(org: Org, user: str, change: Change) -> None:
    wanted = change.given.get("Email")
    waiting: dict[str, str] = org.seed_info.setdefault("unconfirmed_addresses", {})
    if wanted is not None:
        waiting.pop(str(change.id), None)
    if wanted is not None and wanted != change.after["Email"]:
        waiting[str(change.id)] = str(wanted)
