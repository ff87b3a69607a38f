# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins that a profile's hours and addresses keep out, and the time that answers tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from urllib3.exceptions import InsecureRequestWarning

from emulator import seed
from emulator.clock import clock_of
from emulator.fleet import Fleet
from emulator.http_api import passwords, restrictions
from emulator.http_api.served import Served
from emulator.org import Org
from emulator.rules.registry import break_rule

from .conftest import ADMIN, small_org
from .test_oauth import refusal

AT_HOME = [("127.0.0.0", "127.255.255.255", "here")]
ELSEWHERE = [("192.0.2.0", "192.0.2.255", "there"), ("2001:db8::", "2001:db8::ffff")]
CLOSED = dict.fromkeys(restrictions.DAYS, (0, 0))


def profile_of(org: Org, username: str) -> str:
    found = org.find("User", Username=username)[0]
    return str((org.get("Profile", found["ProfileId"]) or {})["Name"])


def test_a_jwt_login_keeps_to_the_addresses(client: Any, served: Served) -> None:
    profile = profile_of(served.org, ADMIN)
    seed.restrict_profile(served.org, profile, ranges=ELSEWHERE)
    assert refusal(client.login()) == ("invalid_grant", "ip restricted")
    with break_rule("jwt_logins_keep_to_the_profile_s_addresses"):
        assert client.login().status_code == 200
    seed.restrict_profile(served.org, profile, ranges=[*ELSEWHERE, *AT_HOME])
    assert client.login().status_code == 200


def test_a_jwt_login_keeps_to_the_hours_or_not(client: Any, served: Served) -> None:
    seed.restrict_profile(served.org, profile_of(served.org, ADMIN), hours=CLOSED)
    assert refusal(client.login()) == ("invalid_grant", "authentication failure")
    served.org.switches["oauth_login_hours"] = "ignored"
    assert client.login().status_code == 200


def test_other_profiles_are_not_meant(client: Any, served: Served) -> None:
    other = next(row["Name"] for row in served.org.find("Profile") if row["Name"] != profile_of(served.org, ADMIN))
    seed.restrict_profile(served.org, other, hours=CLOSED, ranges=ELSEWHERE)
    assert client.login().status_code == 200


MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "is_open"),
    [
        ("GMT", MONDAY + timedelta(hours=8), True),
        ("GMT", MONDAY + timedelta(hours=7, minutes=59), False),
        ("GMT", MONDAY + timedelta(hours=17), False),
        ("Europe/London", MONDAY + timedelta(hours=7, minutes=30), True),
        ("GMT", MONDAY + timedelta(days=1), True),
        ("America/Los_Angeles", MONDAY + timedelta(hours=3), True),
    ],
)
def test_hours_are_those_of_the_org_s_time_zone(zone: str, moment: datetime, is_open: bool) -> None:
    org = seed.vonage(clock=lambda: moment)
    org.set("Organization", org.id, TimeZoneSidKey=zone)
    seed.restrict_profile(org, "Standard User", {"monday": (8, 17)})
    agent = org.find("User", Username="agent@acme.example")[0]
    assert restrictions.at_allowed_time(org, agent) is is_open


@pytest.mark.parametrize(
    ("hours", "ranges", "peer", "code"),
    [
        (CLOSED, ELSEWHERE, "127.0.0.1", "LOGIN_DURING_RESTRICTED_TIME"),
        ({}, ELSEWHERE, "127.0.0.1", "LOGIN_DURING_RESTRICTED_DOMAIN"),
        ({}, ELSEWHERE, "", "LOGIN_DURING_RESTRICTED_DOMAIN"),
        ({}, ELSEWHERE[1:], "127.0.0.1", "LOGIN_DURING_RESTRICTED_DOMAIN"),
        ({}, ELSEWHERE, "192.0.2.7", None),
        ({}, ELSEWHERE, "2001:db8::5", None),
        ({}, [], "127.0.0.1", None),
    ],
)
def test_what_a_password_login_is_told(hours: dict[str, tuple[int, int]], ranges: list[Any], peer: str, code: str | None) -> None:
    org = seed.vonage()
    seed.restrict_profile(org, "Standard User", hours, ranges)
    told = restrictions.password_refusal(org, org.find("User", Username="agent@acme.example")[0], peer)
    assert (told[0] if told else None) == code
    with break_rule("password_logins_keep_to_the_profile"):
        assert restrictions.password_refusal(org, org.find("User", Username="agent@acme.example")[0], peer) is None


def told_time(client: Any) -> datetime:
    return parsedate_to_datetime(client.get("/services/data").headers["Date"])


def test_answers_tell_the_org_s_time(client: Any, served: Served) -> None:
    assert abs((told_time(client) - datetime.now(UTC)).total_seconds()) < 5
    clock_of(served.org).offset = timedelta(minutes=-20)
    behind = datetime.now(UTC) - told_time(client)
    assert abs(behind.total_seconds() - 1200) < 5


def test_versions_are_told_without_a_login(client: Any) -> None:
    del client.session.headers["Authorization"]
    answer = client.get("/services/data")
    assert (answer.status_code, answer.json()[-1]["version"]) == (200, "67.0")


def test_a_certificate_may_fit_another_host() -> None:
    with Fleet([small_org()], certified=["elsewhere.example"]) as fleet, requests.Session() as session:
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        url = f"{fleet['acme-test'].url}/services/data"
        with pytest.raises(requests.exceptions.SSLError, match="127\\.0\\.0\\.1"):
            session.get(url, timeout=10)
        session.verify = False
        with pytest.warns(InsecureRequestWarning):
            assert session.get(url, timeout=10).status_code == 200


def test_a_soap_login_keeps_to_the_profile(fleet: Fleet, served: Served) -> None:
    passwords.set_password(served.org, ADMIN, "secret")
    body = f"<login xmlns='urn:partner.soap.sforce.com'><username>{ADMIN}</username><password>secret</password></login>"
    envelope = f"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>{body}</e:Body></e:Envelope>"

    def told() -> str:
        headers = {"Content-Type": "text/xml", "SOAPAction": "login"}
        with requests.Session() as session:
            session.trust_env = False
            return session.post(f"{served.url}/services/Soap/u/59.0", envelope, headers=headers, verify=str(fleet.ca_path), timeout=10).text

    assert "<sessionId>" in told()
    seed.restrict_profile(served.org, profile_of(served.org, ADMIN), ranges=ELSEWHERE)
    assert "LOGIN_DURING_RESTRICTED_DOMAIN" in told()
    seed.restrict_profile(served.org, profile_of(served.org, ADMIN), CLOSED)
    assert "LOGIN_DURING_RESTRICTED_TIME" in told()
