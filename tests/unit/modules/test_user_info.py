# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reader tells of users."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from harness.direct import Bench


def told(bench: Bench, *users: Any, **more: Any) -> dict[str, Any]:
    result = bench.task("user_info", users=list(users), **more)
    assert result.get("msg") is None
    assert bench.org.writes == []
    return result


def test_a_user_is_told_as_the_org_has_it(uat: Bench) -> None:
    (user,) = told(uat, "agent@acme.example", sandbox_name="uat")["users"]
    features = user.pop("features")
    assert (features["SupportUser"], features["KnowledgeUser"]) == (True, False)
    assert user == {
        "id": uat.info["user_ids"]["agent"],
        "username": "agent@acme.example.uat",
        "name": "Acme Agent",
        "first_name": "Acme",
        "last_name": "Agent",
        "email": "agent@acme.example.invalid",
        "alias": "agent",
        "nickname": uat.org.find("User", Username="agent@acme.example.uat")[0]["CommunityNickname"],
        "profile": "Standard User",
        "license": "Salesforce",
        "role": "Voice Agents",
        "active": True,
        "frozen": False,
        "locale": "en_GB",
        "language": "en_US",
        "time_zone": "Europe/London",
        "email_encoding": "UTF-8",
        "federation_id": "acme-agent",
        "employee_number": "E1001",
        "type": "Standard",
    }


def test_users_come_in_the_order_of_the_list_each_with_its_own_state(uat: Bench) -> None:
    given = ["frozen@acme.example", "inactive@acme.example", "prepended@acme.example", {"employee_number": "E1003"}]
    users = told(uat, *given, sandbox_name="uat")["users"]
    assert [(user["username"], user["frozen"], user["active"]) for user in users] == [
        ("frozen@acme.example.uat", True, True),
        ("inactive@acme.example.uat", False, False),
        ("00x7Vqprepended@acme.example.uat", False, True),
        ("supervisor@acme.example.uat", False, True),
    ]
    assert all("SupportUser" in user["features"] for user in users)


def test_a_user_found_late_may_be_frozen_too(uat: Bench) -> None:
    (row,) = uat.org.find("UserLogin", UserId=uat.info["user_ids"]["prepended"])
    uat.org.set("UserLogin", row["Id"], IsFrozen=True)
    users = told(uat, "agent@acme.example", "prepended@acme.example", sandbox_name="uat")["users"]
    assert [user["frozen"] for user in users] == [False, True]


def test_who_may_not_see_logins_is_not_told_who_is_frozen(uat: Bench) -> None:
    result = told(uat, uat.info["users"]["frozen"], username=uat.info["limited_username"])
    assert [user["frozen"] for user in result["users"]] == [None]


@pytest.mark.parametrize(
    ("given", "code"),
    [("kin@acme.example", "unknown_user"), ({"employee_number": "E2000"}, "ambiguous_user")],
    ids=["unknown", "ambiguous"],
)
def test_who_is_not_certain_stops_the_task_or_is_left_out(uat: Bench, given: Any, code: str) -> None:
    agent = uat.info["users"]["agent"]
    result = uat.task("user_info", users=[agent, given], sandbox_name="uat")
    assert (result["error_code"], "kim@acme.example.uat" in result["msg"]) == (code, True)
    assert "missing: skip" in result["msg"] or code == "ambiguous_user"
    skipped = told(uat, agent, given, missing="skip", sandbox_name="uat")
    assert [user["username"] for user in skipped["users"]] == [agent]
    (left,) = skipped["left_out"]
    assert "kim@acme.example.uat" in left["candidates"]
    assert len(skipped["warnings"]) == 1


def test_where_the_sandbox_s_name_is_not_known_it_is_asked_for(uat: Bench) -> None:
    assert "salesforce_sandbox_name" in uat.task("user_info", users=["agent@acme.example"])["msg"]


def test_one_person_named_in_two_ways_stops_the_task(uat: Bench) -> None:
    result = uat.task("user_info", users=["agent@acme.example.uat", {"federation_id": "acme-agent"}])
    assert result["error_code"] == "user_twice"


def test_many_who_are_not_there_cost_little_and_one_warning(uat: Bench) -> None:
    strangers = [f"agen{number}@acme.example" for number in range(400)]
    began = time.process_time()
    result = told(uat, *strangers, missing="skip", sandbox_name="uat")
    assert time.process_time() - began < 5
    assert (len(result["left_out"]), len(result["warnings"])) == (400, 1)
    assert [len(item["candidates"]) > 0 for item in result["left_out"][:11]] == [True] * 10 + [False]


def test_nobody_is_nobody(uat: Bench) -> None:
    result = told(uat)
    assert (result["users"], result["left_out"], result["org"]["name"]) == ([], [], "Acme")


@pytest.mark.parametrize(("number", "calls"), [(20, 1), (21, 2), (1000, 2)])
def test_reading_users_costs_one_call_for_a_few_and_two_for_many(make_bench: Callable[..., Bench], number: int, calls: int) -> None:
    bench = make_bench(agents=number)
    users = told(bench, *bench.info["agents"])["users"]
    assert [user["username"] for user in users] == bench.info["agents"]
    assert {user["features"]["SupportUser"] for user in users} == {True}
    assert bench.calls() == calls + 1
