# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a profile's columns and its component say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._profile_reading import (
    DAYS,
    Hours,
    IpRange,
    conditions_of,
    conditions_reads,
    profile_of,
    profile_reads,
)

ROW: Mapping[str, Any] = {"Name": "Standard User", "UserLicense": {"Name": "Salesforce"}}


@pytest.mark.parametrize("minutes", [480, "480"], ids=["number", "text"])
def test_minutes_after_midnight_are_a_time_of_day(minutes: object) -> None:
    found = conditions_of({"loginHours": {"mondayStart": minutes, "mondayEnd": "1440", "tuesdayStart": "0"}})
    assert found.hours == {"monday": Hours("08:00", "24:00"), "tuesday": Hours("00:00", None)}
    assert found.restricted


@pytest.mark.parametrize("metadata", [{}, {"loginHours": None, "loginIpRanges": []}, {"loginHours": {}, "loginIpRanges": None}])
def test_nothing_restricts_nothing(metadata: Mapping[str, Any]) -> None:
    found = profile_of(ROW, None, metadata)
    assert found.conditions is not None
    assert (found.conditions.restricted, found.restrictions) == (False, "")
    assert (found.as_result()["login_hours"], found.as_result()["login_ip_ranges"], found.as_result()["restricted"]) == ({}, [], False)


def test_what_is_not_shown_is_null() -> None:
    found = profile_of({"Name": "Standard User", "UserLicense": None}, None, None)
    assert found.as_result() == {
        "name": "Standard User",
        "license": "",
        "custom": None,
        "user_permissions": None,
        "login_hours": None,
        "login_ip_ranges": None,
        "restricted": None,
    }


def test_user_permissions_are_the_columns_that_are_on() -> None:
    whole = {
        "Id": "00e",
        "PermissionsEditTask": True,
        "PermissionsApiEnabled": True,
        "PermissionsRunReports": False,
        "UserType": "Standard",
    }
    assert profile_of(ROW, whole, None).permissions == ("ApiEnabled", "EditTask")


def test_restrictions_are_told_in_words() -> None:
    metadata = {
        "loginHours": {"fridayStart": "540", "fridayEnd": "720"},
        "loginIpRanges": [{"startAddress": "203.0.113.1", "endAddress": "203.0.113.9", "description": None}],
    }
    found = profile_of(ROW, None, metadata)
    assert found.restrictions == "login hours on friday 09:00-12:00; logins only from 203.0.113.1-203.0.113.9"
    assert found.conditions is not None
    assert found.conditions.ranges == (IpRange("203.0.113.1", "203.0.113.9"),)


@given(st.dictionaries(st.sampled_from(DAYS), st.tuples(st.integers(0, 24), st.integers(0, 24))))
def test_every_full_hour_is_told_as_it_is(hours: dict[str, tuple[int, int]]) -> None:
    component = {f"{day}{end}": str(hour * 60) for day, pair in hours.items() for end, hour in zip(("Start", "End"), pair, strict=True)}
    found = conditions_of({"loginHours": component}).hours
    assert {day: (item.start, item.end) for day, item in found.items()} == {
        day: (f"{start:02}:00", f"{end:02}:00") for day, (start, end) in hours.items()
    }
    assert list(found) == [day for day in DAYS if day in hours]


def test_each_profile_s_component_is_asked_for_by_itself() -> None:
    queries = conditions_reads(["00e1", "00e2"])
    assert [query.ref for query in queries] == ["conditions0", "conditions1"]
    assert all(query.tooling and query.soql.count("00e") == 1 for query in queries)
    assert [getattr(item, "path", "") for item in profile_reads(["A", "B"])] == [
        "",
        "/sobjects/Profile/@{profiles.records[0].Id}",
        "/sobjects/Profile/@{profiles.records[1].Id}",
    ]
