# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""profile_info: licence, user permissions, login hours and login IP ranges of profiles, as the org has them."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.seed import profiles
from harness.direct import Bench

RANGES = [("203.0.113.1", "203.0.113.9", "The office"), ("2001:db8::1", "2001:db8::ff")]


def info(bench: Bench, *names: str, **options: Any) -> list[dict[str, Any]]:
    result = bench.task("profile_info", profiles=list(names), **options)
    assert result.get("msg") is None
    told: list[dict[str, Any]] = result["profiles"]
    return told


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_profiles_are_told_in_the_order_of_the_option_and_nothing_is_written(uat: Bench, check: bool) -> None:
    told = info(uat, "standard user", profiles.PLATFORM, "Standard User", check=check)
    assert [(item["name"], item["license"]) for item in told] == [
        ("Standard User", "Salesforce"),
        (profiles.PLATFORM, "Salesforce Platform"),
    ]
    assert (told[0]["login_hours"], told[0]["login_ip_ranges"], told[0]["restricted"]) == ({}, [], False)
    row = uat.org.find("Profile", Name="Standard User")[0]
    on = {name.removeprefix("Permissions") for name, value in row.items() if name.startswith("Permissions") and value is True}
    assert set(told[0]["user_permissions"]) == on
    assert uat.org.writes == []
    assert {entry.kind for entry in uat.entries()} == {"login", "read"}


def test_login_hours_and_ranges_are_told_as_people_write_them(uat: Bench) -> None:
    seed.restrict_profile(uat.org, "Standard User", hours={"monday": (8, 17), "sunday": (0, 24)}, ranges=RANGES)
    (told,) = info(uat, "Standard User")
    assert told["login_hours"] == {"monday": {"start": "08:00", "end": "17:00"}, "sunday": {"start": "00:00", "end": "24:00"}}
    assert told["login_ip_ranges"] == [
        {"start": "203.0.113.1", "end": "203.0.113.9", "description": "The office"},
        {"start": "2001:db8::1", "end": "2001:db8::ff", "description": ""},
    ]
    assert told["restricted"] is True


@pytest.mark.parametrize("only", [{"hours": {"friday": (9, 12)}}, {"ranges": RANGES[:1]}], ids=["hours", "ranges"])
def test_one_restriction_is_enough(uat: Bench, only: dict[str, Any]) -> None:
    seed.restrict_profile(uat.org, "Standard User", **only)
    assert [item["restricted"] for item in info(uat, "Standard User", profiles.ADMIN)] == [True, False]


@pytest.mark.parametrize(
    "open_to_all",
    [{"hours": dict.fromkeys(("monday", "sunday"), (0, 24))}, {"ranges": [("0.0.0.0", "255.255.255.255"), RANGES[0]]}],
    ids=["hours", "ranges"],
)
def test_what_keeps_nobody_out_is_told_and_is_no_restriction(uat: Bench, open_to_all: dict[str, Any]) -> None:
    seed.restrict_profile(uat.org, "Standard User", **open_to_all)
    (told,) = info(uat, "Standard User")
    assert told["login_hours"] or told["login_ip_ranges"]
    assert told["restricted"] is False


def test_a_name_that_no_profile_has_stops_the_task_and_the_nearest_are_named(uat: Bench) -> None:
    result = uat.task("profile_info", profiles=["Standart User", "Standard User"])
    assert (result["error_code"], result["error_class"]) == ("unknown_profile", "config")
    assert "Standart User" in result["msg"]
    assert "Standard User" in result["msg"].split("Did you mean")[1]


def test_or_it_is_left_out_and_warned_of(uat: Bench) -> None:
    result = uat.task("profile_info", profiles=["Standart User", "Standard User"], missing="skip")
    assert [item["name"] for item in result["profiles"]] == ["Standard User"]
    assert [(item["profile"], item["candidates"][0]) for item in result["left_out"]] == [("Standart User", "Standard User")]
    assert [words.partition(":")[0] for words in result["warnings"]] == ["Standart User"]


@pytest.mark.parametrize("names", [[], [""], ["Standard User", "  "]])
def test_an_empty_name_is_refused_before_the_org_is_asked(uat: Bench, names: list[str]) -> None:
    result = uat.task("profile_info", profiles=names)
    assert result["error_code"] == "no_name"
    assert uat.calls() == 0


def test_what_the_org_does_not_show_is_null_and_warned_of(uat: Bench) -> None:
    result = uat.task("profile_info", profiles=["Standard User"], username=uat.info["limited_username"])
    (told,) = result["profiles"]
    assert (told["login_hours"], told["login_ip_ranges"], told["restricted"], told["custom"]) == (None, None, None, None)
    assert "ApiEnabled" in told["user_permissions"]
    assert "View Setup and Configuration" in result["warnings"][0]


def test_a_quote_in_a_name_is_no_end_of_the_query(uat: Bench) -> None:
    result = uat.task("profile_info", profiles=["O'Hara's"])
    assert result["error_code"] == "unknown_profile"
