# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user's profile says about where and when its users may log in."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from emulator.metadata import ProfileConditions
from emulator.rules.registry import Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

HELP = "Salesforce Help"
LOOPBACK = "127.0.0.1"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

rule(
    "jwt_logins_keep_to_the_profile_s_addresses",
    says="a JWT bearer login from an address outside the login IP ranges of the user's profile is refused: invalid_grant 'ip restricted'. The other "
    "flows, which the app's own policy can relax, do not look at addresses here",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, Connected App IP Relaxation and Continuous IP Enforcement (JWT bearer token flows always enforce IP restrictions); OAuth 2.0 "
    "Authorization Errors (ip restricted)",
)
rule(
    "jwt_logins_outside_the_profile_s_hours",
    says="a JWT bearer login outside the login hours of the user's profile is refused with invalid_grant 'authentication failure', or gets in. The "
    "hours are those of the org's time zone",
    grade=Grade.INFERRED,
    source=f"{HELP}, Restrict Where and When Users Can Log In to Salesforce (any login outside the hours is denied); the words of the OAuth answer "
    "are not published",
    switch=Switch("oauth_login_hours", ("authentication_failure", "ignored")),
)
rule(
    "password_logins_keep_to_the_profile",
    says="a SOAP login outside the login hours of the user's profile is refused with LOGIN_DURING_RESTRICTED_TIME, from an address outside its IP "
    "ranges with LOGIN_DURING_RESTRICTED_DOMAIN",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, Restrict Where and When Users Can Log In to Salesforce (hours first, then addresses); ExceptionCode of the Partner WSDL (golden "
    "jsforce)",
)
for _name in ("jwt_logins_keep_to_the_profile_s_addresses", "password_logins_keep_to_the_profile"):
    breakable(_name)


def conditions_of(org: Org, user: Mapping[str, Any]) -> ProfileConditions:
    found: ProfileConditions = org.seed_info.get("profile_conditions", {}).get(user.get("ProfileId"), ProfileConditions({}))
    return found


def from_allowed_address(org: Org, user: Mapping[str, Any], peer: str) -> bool:
    """Whether the profile lets its users in from there; an address that nobody told is this machine's."""
    ranges = conditions_of(org, user).login_ip_ranges
    address = ip_address(peer or LOOPBACK)
    inside = [
        int(ip_address(one.start)) <= int(address) <= int(ip_address(one.end))
        for one in ranges
        if ip_address(one.start).version == address.version
    ]
    return not ranges or any(inside)


def at_allowed_time(org: Org, user: Mapping[str, Any]) -> bool:
    """Whether the profile's hours are open now, on the org's clock and in the org's time zone."""
    hours = conditions_of(org, user).login_hours
    if not hours:
        return True
    zone = next((str(row["TimeZoneSidKey"]) for row in org.find("Organization") if row.get("TimeZoneSidKey")), "UTC")
    now = org.clock().astimezone(ZoneInfo(zone))
    day, minute = DAYS[now.weekday()], now.hour * 60 + now.minute
    return hours.get(f"{day}Start", 0) <= minute < hours.get(f"{day}End", 24 * 60)


def jwt_refusal(org: Org, user: Mapping[str, Any], peer: str) -> str | None:
    """The description of the refused login, or None."""
    if not at_allowed_time(org, user) and org.switches["oauth_login_hours"] != "ignored":
        return "authentication failure"
    if not from_allowed_address(org, user, peer) and holds("jwt_logins_keep_to_the_profile_s_addresses"):
        return "ip restricted"
    return None


def password_refusal(org: Org, user: Mapping[str, Any], peer: str) -> tuple[str, str] | None:
    """ExceptionCode and words of the refused login, or None."""
    if not holds("password_logins_keep_to_the_profile"):
        return None
    if not at_allowed_time(org, user):
        return "LOGIN_DURING_RESTRICTED_TIME", "User not allowed to log in at this time"
    if not from_allowed_address(org, user, peer):
        return "LOGIN_DURING_RESTRICTED_DOMAIN", "User not allowed to log in from this IP address"
    return None
