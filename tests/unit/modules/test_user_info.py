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


@pytest.mark.parametrize("action", ["warn", "ignore"])
def test_who_is_not_there_stops_the_task_or_is_left_out(uat: Bench, action: str) -> None:
    agent, stranger = uat.info["users"]["agent"], "kin@acme.example"
    result = uat.task("user_info", users=[agent, stranger], sandbox_name="uat")
    assert (result["error_code"], "kim@acme.example.uat" in result["msg"]) == ("unknown_user", True)
    assert "lookup_failure_action" in result["msg"]
    left_out = told(uat, agent, stranger, lookup_failure_action=action, sandbox_name="uat")
    assert [user["username"] for user in left_out["users"]] == [agent]
    (left,) = left_out["left_out"]
    assert (left["user"], left["reason"], left["candidates"][0]) == (stranger, "is not in this org", "kim@acme.example.uat")
    words = "left out, since the org has no such user: kin@acme.example (nearest: kim@acme.example.uat, "
    assert [warning.startswith(words) for warning in left_out["warnings"]] == [True] * (action == "warn")


@pytest.mark.parametrize("action", ["fail", "warn", "ignore"])
def test_who_is_not_certain_always_stops_the_task(uat: Bench, action: str) -> None:
    users = [uat.info["users"]["agent"], "nobody@acme.example", {"employee_number": "E2000"}]
    result = uat.task("user_info", users=users, lookup_failure_action=action, sandbox_name="uat")
    assert (result["error_code"], "kim@acme.example.uat" in result["msg"], "nobody" in result["msg"]) == ("ambiguous_user", True, False)


def test_where_the_sandbox_s_name_is_not_known_it_is_asked_for(uat: Bench) -> None:
    assert "salesforce_sandbox_name" in uat.task("user_info", users=["agent@acme.example"])["msg"]


def test_one_person_named_in_two_ways_stops_the_task(uat: Bench) -> None:
    result = uat.task("user_info", users=["agent@acme.example.uat", {"federation_id": "acme-agent"}])
    assert result["error_code"] == "user_twice"


def test_many_who_are_not_there_cost_little_and_one_warning(uat: Bench) -> None:
    strangers = [f"agen{number}@acme.example" for number in range(400)]
    began = time.process_time()
    result = told(uat, *strangers, lookup_failure_action="warn", sandbox_name="uat")
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


# -- what users hold -----------------------------------------------------------------------------------------------------------------


def held(bench: Bench, *users: Any, **more: Any) -> list[dict[str, Any]]:
    return [user["holdings"] for user in told(bench, *users, holdings=True, **more)["users"]]


def names(bench: Bench, *roles: str) -> list[str]:
    return [bench.info["users"][role] for role in roles]


def test_what_a_user_holds_is_told_only_where_it_is_asked_for(uat: Bench) -> None:
    (plain,) = told(uat, *names(uat, "agent"))["users"]
    assert "holdings" not in plain
    (user,) = told(uat, *names(uat, "agent"), holdings=True)["users"]
    assert user.pop("holdings")
    assert user == plain


def test_holdings_are_the_rows_of_each_user(uat: Bench) -> None:
    member, via_group, inactive, bare = held(uat, *names(uat, "member", "via_group", "inactive", "minimum"))
    assert member == {
        "contact_center": "AcmeVoice",
        "routing_maps": [{"contact_center": "AcmeVoice", "external_id": "member@acme.example.uat"}],
        "permission_sets": ["force__ContactCenterAgentExternalTelephony"],
        "permission_set_groups": [],
        "permission_set_licenses": ["ServiceCloudVoiceExternalTelephonyPsl"],
        "package_licenses": [],
        "features": ["SupportUser"],
        "active": True,
    }
    # What comes through a group is the group's: its sum is no set of the user's own.
    assert (via_group["permission_sets"], via_group["permission_set_groups"]) == ([], ["Acme_Voice_Agents"])
    assert (inactive["active"], inactive["package_licenses"]) == (False, ["NVMContactWorld"])
    assert bare == {
        "contact_center": None,
        "routing_maps": [],
        "permission_sets": [],
        "permission_set_groups": [],
        "permission_set_licenses": [],
        "package_licenses": [],
        "features": [],
        "active": True,
    }


def test_a_set_that_grants_nothing_any_more_is_still_held(uat: Bench) -> None:
    for one in held(uat, *names(uat, "expired", "revoked")):
        assert one["permission_sets"] == ["force__ContactCenterAgentExternalTelephony"]


@pytest.mark.parametrize(
    ("sobject", "hidden"),
    [
        ("CallCenterRoutingMap", "routing_maps"),
        ("PermissionSetLicenseAssign", "permission_set_licenses"),
        ("UserPackageLicense", "package_licenses"),
    ],
)
def test_what_an_org_does_not_have_is_null_and_everything_else_is_told(uat: Bench, sobject: str, hidden: str) -> None:
    (whole,) = held(uat, *names(uat, "member"))
    uat.org.evolve(uat.org.schema.without([sobject]))
    (seen,) = held(uat, *names(uat, "member"))
    assert seen == {**whole, hidden: None}


def test_who_may_not_look_into_setup_is_not_told_that_somebody_holds_nothing(uat: Bench) -> None:
    (seen,) = held(uat, *names(uat, "member"), username=uat.info["limited_username"])
    assert {name for name, value in seen.items() if value is None} == {
        "routing_maps",
        "permission_sets",
        "permission_set_groups",
        "permission_set_licenses",
    }
    assert seen["contact_center"] == "AcmeVoice"


def test_an_org_whose_users_have_no_center_tells_none(uat: Bench) -> None:
    """The column is missing: a query that named it would fail whole."""
    user = uat.org.schema.sobjects["User"]
    without = uat.org.schema.with_sobjects([user.without_fields(["CallCenterId"])]).without(["CallCenter", "CallCenterRoutingMap"])
    uat.org.evolve(without)
    people = [row["Username"] for row in uat.org.find("User")]
    assert len(people) > 20
    for asked in (people, people[:3]):
        assert {(one["contact_center"], one["routing_maps"]) for one in held(uat, *asked)} == {(None, None)}


def test_many_users_hold_what_few_do(make_bench: Callable[..., Bench]) -> None:
    """The columns that tell a center and feature licences are read in another way for many."""
    bench = make_bench(agents=30)
    people = [*bench.info["agents"], *names(bench, "member", "agent")]
    many = held(bench, *people)
    few = [one for start in range(0, len(people), 10) for one in held(bench, *people[start : start + 10])]
    assert many == few
    assert many[-2]["contact_center"] == "AcmeVoice"


@pytest.mark.parametrize(("number", "calls"), [(20, 2), (200, 3), (1000, 3)])
def test_holdings_cost_one_call_more_for_a_few_and_for_many(make_bench: Callable[..., Bench], number: int, calls: int) -> None:
    bench = make_bench(agents=number)
    assert {tuple(one["permission_sets"]) for one in held(bench, *bench.info["agents"])} == {
        ("force__ContactCenterAgentExternalTelephony",)
    }
    assert bench.calls() == calls + 1


def test_check_mode_tells_what_earlier_tasks_would_have_left(uat: Bench) -> None:
    """As playbooks/offboard.yml asks it: what would remain."""
    agent, member = names(uat, "agent", "member")
    uat.task("contact_center_member", check=True, contact_center="AcmeVoice", users=[member], state="absent")
    uat.task(
        "permission_set_assignment", check=True, permission_set="force__ContactCenterAgentExternalTelephony", users=[agent], state="absent"
    )
    uat.task("package_license_assignment", check=True, package="NVMContactWorld", users=[agent], state="absent")
    leaver, former = held(uat, agent, member, check=True)
    assert former["contact_center"] is None
    assert leaver["permission_sets"] == ["NVMContactWorld__ContactWorld_Agent"]
    assert leaver["package_licenses"] == []
    # Outside check mode nothing of it happened.
    leaver, former = held(uat, agent, member)
    assert (former["contact_center"], len(leaver["permission_sets"]), leaver["package_licenses"]) == ("AcmeVoice", 2, ["NVMContactWorld"])
