# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_info: centers and their people as they are, held against users and a roster, whatever the org shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator import seed
from emulator.org import Org
from harness.cases import assign, join, put_map
from harness.direct import Bench

CENTER = "AcmeVoice"
FLAVOURS = {
    "AcmeVoice": "partner_telephony",
    "AcmeAmazonVoice": "partner_telephony_amazon_connect",
    "AcmeConnect": "unknown",
    "AcmeOpenCti": "open_cti",
}


def names(bench: Bench, *roles: str) -> list[str]:
    return [bench.info["users"][role] for role in roles]


def ask(bench: Bench, *roles: str, **more: Any) -> dict[str, Any]:
    """What is told of the one center, held against the users of these roles (or usernames)."""
    users = [bench.info["users"].get(role, role) for role in roles]
    result = bench.task("contact_center_info", **({"contact_centers": [CENTER], "users": users} | more))
    assert bench.org.writes == []
    return result


def rows(result: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {row["requirement"]: row for row in result["requirements"]}


def states(result: Mapping[str, Any]) -> dict[str, str]:
    return {name: row["state"] for name, row in rows(result).items()}


def center(result: Mapping[str, Any], name: str = CENTER) -> dict[str, Any]:
    return next(one for one in result["contact_centers"] if one["internal_name"] == name)


def member(result: Mapping[str, Any], username: str) -> dict[str, Any]:
    return next(one for one in center(result)["members"] if one["username"] == username)


def no_vendors(org: Org) -> None:
    for row in org.find("ConversationVendorInfo"):
        org.remove("ConversationVendorInfo", row["Id"])


# -- centers -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["reveals", "null", "other"])
def test_every_center_is_told_with_its_kind_and_vendor_whatever_its_settings_show(make_bench: Callable[..., Bench], shown: str) -> None:
    bench = make_bench(switches={"customsettings": shown})
    result = bench.task("contact_center_info")
    assert {one["internal_name"]: one["flavour"] for one in result["contact_centers"]} == FLAVOURS
    assert {one["internal_name"]: one["vendor"] and one["vendor"]["name"] for one in result["contact_centers"]} == {
        "AcmeVoice": "acmevoice__AcmeVendor",
        "AcmeAmazonVoice": "c__AMAZON_CONNECT",
        "AcmeConnect": None,
        "AcmeOpenCti": None,
    }
    assert all(one["told_by"] for one in result["contact_centers"])
    assert (result["changed"], result["requirements"], result["ready"], result["violations"], result["roster"]) == (
        False,
        [],
        None,
        [],
        None,
    )
    assert (bench.org.writes, result["warnings"]) == ([], [])


def test_a_resold_center_is_told_where_its_definition_names_the_vendor(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"metadata_vendor_of_a_resold_center": "named"})
    assert center(bench.task("contact_center_info"), "AcmeConnect")["flavour"] == "amazon_connect"


@pytest.mark.parametrize("shown", ["reveals", "null", "other"])
def test_without_vendors_the_definition_still_tells_partner_telephony(make_bench: Callable[..., Bench], shown: str) -> None:
    bench = make_bench(switches={"customsettings": shown})
    no_vendors(bench.org)
    result = bench.task("contact_center_info")
    assert {name: center(result, name)["flavour"] for name in FLAVOURS} == FLAVOURS
    assert center(result)["vendor"] == (
        {"name": "acmevoice__AcmeVendor", "type": "", "syncs_users": None, "told_by": "its definition names it"}
    )


def test_an_org_without_the_licence_is_read_and_judged_all_the_same(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=frozenset())
    result = bench.task("contact_center_info", contact_centers=["AcmeOpenCti"], users=names(bench, "agent"), role="agent")
    assert result.get("msg") is None
    assert [one["flavour"] for one in result["contact_centers"]] == ["open_cti"]
    assert result["eligible_not_members"] == []
    assert not result["ready"]
    told = states(result)
    assert (told["center_usable"], told["agent_or_admin"], told["center_admin"]) == ("violated", "violated", "unknown")


@pytest.mark.parametrize("word", ["AcmeVoice", "acme voice", " ACMEVOICE ", "18", "15"])
def test_a_center_is_known_by_internal_name_name_and_id(uat: Bench, word: str) -> None:
    given = uat.info["center_ids"]["partner_telephony"][: int(word)] if word.isdigit() else word
    result = uat.task("contact_center_info", contact_centers=[given, CENTER])
    assert [one["internal_name"] for one in result["contact_centers"]] == [CENTER]


def test_centers_come_in_the_order_of_the_option(uat: Bench) -> None:
    result = uat.task("contact_center_info", contact_centers=["AcmeOpenCti", "AcmeVoice"])
    assert [one["internal_name"] for one in result["contact_centers"]] == ["AcmeOpenCti", "AcmeVoice"]


def test_a_vendor_that_syncs_users_is_told(uat: Bench) -> None:
    seed.vendor_syncs(uat.org, CENTER)
    result = ask(uat, "member")
    assert (center(result)["syncs_users"], center(result)["vendor"]["syncs_users"]) == (True, True)
    assert states(result)["vendor_syncing"] == "warning"
    assert "contact_center_allow_provider_calls" in rows(result)["vendor_syncing"]["remedy"]


def test_an_asserted_kind_counts_only_where_nothing_tells_it(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"customsettings": "null"})
    limited = bench.info["users"]["contact_admin"]
    bench.served.client.approve(limited)
    refused = ask(bench, "member", username=limited)
    assert (center(refused)["flavour"], states(refused)["center_usable"]) == ("unknown", "violated")
    assert "INSUFFICIENT_ACCESS" in center(refused)["told_by"]
    vouched = ask(bench, "member", username=limited, flavour="partner_telephony")
    assert (center(vouched)["flavour"], states(vouched)["center_usable"]) == ("partner_telephony", "met")
    told = ask(bench, "agent", contact_centers=["AcmeOpenCti"], flavour="partner_telephony")
    assert (center(told, "AcmeOpenCti")["flavour"], states(told)["center_usable"]) == ("open_cti", "violated")


# -- people ------------------------------------------------------------------------------------------------------------------------------


def test_a_member_is_told_with_all_that_decides_about_it(uat: Bench) -> None:
    join(uat.org, "contact_admin")
    uat.org.put(
        "PermissionSetAssignment",
        AssigneeId=uat.info["user_ids"]["contact_admin"],
        PermissionSetId=uat.info["set_ids"]["voice_supervisor"],
        IsActive=True,
    )
    result = uat.task("contact_center_info", contact_centers=[CENTER])
    assert member(result, uat.info["users"]["contact_admin"]) == {
        "username": "contact.admin@acme.example.uat",
        "name": "Contact Admin",
        "email": "contact.admin@acme.example.invalid",
        "federation_id": "acme-contact-admin",
        "active": True,
        "frozen": False,
        "license": "Salesforce",
        "service_cloud_user": True,
        "rights": ["admin", "supervisor"],
        "routing_map": None,
        "reason": "",
    }
    assert [one["username"] for one in center(result)["members"]] == names(uat, "contact_admin", "member")


REASONS = {
    "inactive": "is inactive",
    "without_service": "is not a Service Cloud User",
    "without_set": "has neither Contact Center Agent nor Admin",
    "supervisor": "has neither Contact Center Agent nor Admin",
    "expired": "has neither Contact Center Agent nor Admin",
    "revoked": "has neither Contact Center Agent nor Admin",
    "agent": "is frozen",
}


def test_members_who_would_not_be_taken_any_more_are_told_with_the_reason(uat: Bench) -> None:
    join(uat.org, *REASONS, "via_group", "via_clone")
    seed.freeze(uat.org, uat.info["users"]["agent"])
    result = uat.task("contact_center_info", contact_centers=[CENTER])
    told = {one["user"]: one["reason"] for one in center(result)["no_longer_eligible"]}
    assert set(told) == set(names(uat, *REASONS))
    assert all(told[uat.info["users"][role]].startswith(reason) for role, reason in REASONS.items())
    assert len(center(result)["members"]) == len(REASONS) + 3


def test_an_assignment_that_ran_out_does_not_count_though_the_org_still_calls_it_active(uat: Bench) -> None:
    uat.org.clock = lambda: datetime.now(UTC) - timedelta(seconds=90)
    assign(uat.org, "without_set", uat.info["set_ids"]["voice_agent"], ExpirationDate=datetime.now(UTC) - timedelta(seconds=45))
    assert uat.info["users"]["without_set"] not in uat.task("contact_center_info")["eligible_not_members"]


def test_members_of_another_kind_of_center_are_not_measured_by_partner_telephony(uat: Bench) -> None:
    join(uat.org, "without_set", center="open_cti")
    told = center(uat.task("contact_center_info"), "AcmeOpenCti")
    assert (len(told["members"]), told["no_longer_eligible"]) == (1, [])


def test_who_could_be_a_member_and_is_in_no_center_is_told_for_the_whole_org(uat: Bench) -> None:
    eligible = names(uat, "agent", "contact_admin", "via_clone", "via_group")
    assert uat.task("contact_center_info", contact_centers=["AcmeOpenCti"])["eligible_not_members"] == eligible
    join(uat.org, "agent", center="open_cti")
    seed.freeze(uat.org, uat.info["users"]["via_clone"])
    assert uat.task("contact_center_info")["eligible_not_members"] == names(uat, "contact_admin", "via_group")


@pytest.mark.parametrize("size", [1, 7, 200])
def test_nobody_is_lost_between_pages(make_bench: Callable[..., Bench], size: int) -> None:
    bench = make_bench(agents=30)
    whole = bench.task("contact_center_info")
    bench.org.settings.page_size = size
    paged = bench.task("contact_center_info")
    assert {name: paged[name] for name in whole if name != "api"} == {name: whole[name] for name in whole if name != "api"}


def test_routing_maps_that_are_missing_or_of_no_use_are_told(uat: Bench) -> None:
    join(uat.org, "agent", "inactive")
    put_map(uat.org, "inactive", "agent.1")
    put_map(uat.org, "without_set", "agent.2")
    put_map(uat.org, "other_center", "agent.3")
    uat.org.put(
        "CallCenterRoutingMap",
        CallCenterId=uat.info["center_ids"]["partner_telephony"],
        ReferenceRecordId=uat.org.put("Group", Name="Queue", DeveloperName="Queue", Type="Queue"),
        DeveloperName="Queue_Map",
        MasterLabel="Queue",
        ExternalId="queue.1",
        Language="en_US",
    )
    result = uat.task("contact_center_info", contact_centers=[CENTER])
    assert center(result)["routing_maps"]["missing"] == names(uat, "agent")
    assert center(result)["routing_maps"]["stale"] == [
        {"user": uat.info["users"]["inactive"], "external_id": "agent.1", "reason": "is inactive"},
        {"user": uat.info["users"]["other_center"], "external_id": "agent.3", "reason": "is no member of this center"},
        {"user": uat.info["users"]["without_set"], "external_id": "agent.2", "reason": "is no member of this center"},
    ]
    assert member(result, uat.info["users"]["inactive"])["routing_map"] == "agent.1"


def test_what_the_running_user_is_not_shown_is_told_as_not_known(uat: Bench) -> None:
    uat.served.client.approve(uat.info["users"]["kim"])
    result = uat.task("contact_center_info", contact_centers=[CENTER], username=uat.info["users"]["kim"])
    assert result.get("msg") is None
    told = center(result)
    assert (told["routing_maps"], told["syncs_users"], told["members"][0]["frozen"]) == (None, None, None)
    assert [words for words in ("ConversationVendorInfo", "CallCenterRoutingMap", "frozen") if words in " ".join(result["warnings"])] == [
        "ConversationVendorInfo",
        "CallCenterRoutingMap",
        "frozen",
    ]


# -- held against users ------------------------------------------------------------------------------------------------------------------


def test_a_center_with_the_right_people_is_ready(uat: Bench) -> None:
    result = ask(uat, "member", state="exact", role="agent")
    assert result["ready"]
    assert result["violations"] == []
    assert {name for name, state in states(result).items() if state not in ("met", "not_asked", "manual")} == {"center_admin"}


@pytest.mark.parametrize(
    ("role", "requirement", "state"),
    [
        ("agent", "members", "violated"),
        ("without_service", "service_cloud_users", "violated"),
        ("without_set", "agent_or_admin", "violated"),
        ("supervisor", "agent_or_admin", "violated"),
        ("supervisor", "offered_in_setup", "warning"),
        ("inactive", "users_active", "violated"),
        ("frozen", "users_not_frozen", "violated"),
        ("other_center", "one_center", "violated"),
        ("platform", "user_license", "warning"),
    ],
)
def test_what_is_not_as_asked_names_the_user_and_nobody_else(uat: Bench, role: str, requirement: str, state: str) -> None:
    row = rows(ask(uat, "member", role))[requirement]
    assert row["state"] == state
    assert uat.info["users"][role] in row["found"]
    assert uat.info["users"]["member"] not in row["found"]


def test_members_who_are_not_listed_count_with_state_exact_alone(uat: Bench) -> None:
    join(uat.org, "inactive")
    assert states(ask(uat, "member"))["no_other_members"] == "not_asked"
    row = rows(ask(uat, "member", state="exact"))["no_other_members"]
    assert (row["state"], uat.info["users"]["inactive"] in row["found"]) == ("violated", True)


def test_with_state_absent_only_what_concerns_leaving_is_asked(uat: Bench) -> None:
    result = ask(uat, "member", "agent", state="absent", roster=names(uat, "agent"))
    told = states(result)
    assert (told["removed"], told["gone_at_provider"], told["members"], told["in_provider_system"]) == ("violated",) * 2 + (
        "not_asked",
    ) * 2
    assert uat.info["users"]["agent"] not in rows(result)["removed"]["found"]
    assert states(ask(uat, "agent", state="absent", roster=[]))["removed"] == "met"


@pytest.mark.parametrize(("free", "state"), [(0, "violated"), (1, "met")])
def test_seats_are_counted_for_those_who_still_get_the_set(uat: Bench, free: int, state: str) -> None:
    seed.leave_seats(uat.org, free)
    assert states(ask(uat, "without_set", "agent", role="agent"))["seats"] == state
    assert states(ask(uat, "without_set", "agent"))["seats"] == "not_asked"
    assert states(ask(uat, "agent", role="agent"))["seats"] == "met"


@pytest.mark.parametrize("lookup", ["warn", "ignore"])
def test_users_whom_the_org_does_not_have_are_left_out_where_told(uat: Bench, lookup: str) -> None:
    result = ask(uat, "member", "nobody@acme.example", lookup_failure_action=lookup)
    assert [item["user"] for item in result["left_out"]] == ["nobody@acme.example"]
    assert ("nobody@acme.example" in " ".join(result["warnings"])) is (lookup == "warn")
    assert states(result)["members"] == "warning"


def test_the_running_user_s_own_rights_are_told(uat: Bench) -> None:
    assert states(ask(uat, "member"))["running_user_rights"] == "met"
    admin = uat.info["users"]["contact_admin"]
    uat.served.client.approve(admin)
    told = states(ask(uat, "member", username=admin))
    assert (told["center_admin"], told["setup_page"], told["running_user_rights"]) == ("met", "warning", "violated")


# -- held against a roster ---------------------------------------------------------------------------------------------------------------


def test_both_sides_are_held_against_each_other(uat: Bench) -> None:
    agent, via_clone = names(uat, "agent", "via_clone")
    roster = [agent.upper(), {"username": via_clone, "external_id": "x"}, "stranger@acme.example", {"employee_number": "E9"}]
    result = ask(uat, "agent", "member", roster=roster, sso_match="username")
    told = result["roster"]
    assert (told["matched"], told["missing_at_provider"], told["mismatched"]) == (1, names(uat, "member"), [])
    assert [(entry["entry"], entry["user"]) for entry in told["missing_in_salesforce"]] == [
        ("entry 3", ""),
        ("entry 4", ""),
        ("entry 2", via_clone),
    ]
    found = states(result)
    assert (found["in_provider_system"], found["same_people"], found["gone_at_provider"]) == ("violated", "warning", "warning")
    exact = states(ask(uat, "agent", "member", roster=roster, state="exact"))
    assert (exact["same_people"], exact["gone_at_provider"]) == ("violated", "violated")


def test_a_roster_as_csv_says_the_same_as_a_list(uat: Bench) -> None:
    text = f'\N{ZERO WIDTH NO-BREAK SPACE}Name;Login\r\n"Agent; A";{uat.info["users"]["agent"]}\r\n;stranger@acme.example\r\n'
    told = ask(uat, "agent", "member", roster_csv=text, roster_columns={"username": "Login"})["roster"]
    assert (told["matched"], told["missing_at_provider"]) == (1, names(uat, "member"))
    assert [entry["entry"] for entry in told["missing_in_salesforce"]] == ["line 3"]


def test_without_users_the_members_are_held_against_the_roster(uat: Bench) -> None:
    result = uat.task("contact_center_info", contact_centers=[CENTER], roster=[])
    assert (result["roster"]["missing_at_provider"], result["requirements"]) == (names(uat, "member"), [])


@pytest.mark.parametrize(
    ("state", "listed", "missing"),
    [
        ("present", "agent", ["agent", "member"]),
        ("exact", "agent", ["agent"]),
        ("absent", "agent", ["member"]),
        ("absent", "member", []),
    ],
)
def test_who_should_be_at_the_provider_is_who_is_to_be_a_member_in_the_end(uat: Bench, state: str, listed: str, missing: list[str]) -> None:
    result = ask(uat, listed, state=state, roster=[])
    assert sorted(result["roster"]["missing_at_provider"]) == names(uat, *missing)


@pytest.mark.parametrize(
    ("rule", "entry", "state"),
    [
        ("username", {"username": "agent@acme.example.UAT"}, "met"),
        ("username", {"username": "agent@acme.example"}, "violated"),
        ("username", {"employee_number": "E1001"}, "unknown"),
        ("federation_identifier", {"username": "agent@acme.example", "federation_id": "acme-agent"}, "met"),
        ("federation_identifier", {"username": "agent@acme.example"}, "violated"),
        ("routing_map", {"external_id": "agent.1"}, "met"),
        ("routing_map", {"username": "agent@acme.example", "external_id": "Agent.1"}, "violated"),
        ("none", {"username": "agent@acme.example"}, "not_asked"),
    ],
)
def test_single_sign_on_needs_the_same_name_on_both_sides(uat: Bench, rule: str, entry: dict[str, str], state: str) -> None:
    put_map(uat.org, "agent", "agent.1")
    result = ask(uat, "agent", roster=[entry], sso_match=rule, sandbox_name="uat")
    assert result["roster"]["matched"] == 1
    assert states(result)["same_usernames"] == state


@pytest.mark.parametrize(
    "entry", [{"username": "without.set@acme.example"}, {"federation_id": "acme-prepended"}, {"email": "without.set@acme.example"}]
)
def test_an_entry_of_somebody_who_is_in_no_center_is_looked_up(uat: Bench, entry: dict[str, str]) -> None:
    (told,) = ask(uat, "member", roster=[entry], sandbox_name="uat")["roster"]["missing_in_salesforce"]
    assert told["user"] in names(uat, "without_set", "prepended")


def test_routing_is_asked_for_where_the_roster_or_the_rule_says_that_it_is_used(uat: Bench) -> None:
    roster = [{"username": uat.info["users"]["agent"], "external_id": "agent.1"}]
    assert states(ask(uat, "agent", roster=roster))["routing_maps"] == "warning"
    assert states(ask(uat, "agent", sso_match="routing_map"))["routing_maps"] == "violated"
    assert states(ask(uat, "agent"))["routing_maps"] == "not_asked"
    assert states(ask(uat, "member", sso_match="routing_map"))["routing_maps"] == "met"


# -- after tasks in check mode -----------------------------------------------------------------------------------------------------------


def test_in_check_mode_people_are_where_earlier_tasks_would_leave_them(uat: Bench) -> None:
    agent, left = names(uat, "agent", "member")
    uat.task("contact_center_member", check=True, contact_center=CENTER, users=[agent], state="exact")
    uat.task("contact_center_routing_map", check=True, contact_center=CENTER, mappings=[{"user": agent, "external_id": "agent.1"}])
    held: dict[str, Any] = {"users": [agent], "state": "exact", "sso_match": "routing_map", "roster": [{"external_id": "agent.1"}]}
    for options in ({}, held):
        result = uat.task("contact_center_info", check=True, contact_centers=[CENTER], **options)
        assert [(one["username"], one["routing_map"]) for one in center(result)["members"]] == [(agent, "agent.1")]
        assert center(result)["routing_maps"]["stale"] == [{"user": left, "external_id": left, "reason": "is no member of this center"}]
        assert left in result["eligible_not_members"]
        assert agent not in result["eligible_not_members"]
    assert (result["ready"], result["violations"]) == (True, [])
    assert uat.org.writes == []


def test_in_check_mode_a_routing_map_that_would_be_gone_is_gone(uat: Bench) -> None:
    (left,) = names(uat, "member")
    task: dict[str, Any] = {"contact_center": CENTER, "mappings": [{"user": left}], "state": "absent"}
    assert uat.task("contact_center_routing_map", check=True, **task).get("msg") is None
    assert center(uat.task("contact_center_info", check=True))["routing_maps"] == {"missing": [left], "stale": []}
    uat.new_run()
    assert center(uat.task("contact_center_info", check=True))["routing_maps"] == {"missing": [], "stale": []}


def test_in_check_mode_rights_are_those_that_earlier_tasks_would_give(uat: Bench) -> None:
    users = names(uat, "without_set")
    assert states(ask(uat, *users, check=True))["agent_or_admin"] == "violated"
    uat.task("contact_center_member", check=True, contact_center=CENTER, users=users, role="agent")
    told = states(ask(uat, *users, check=True, role="agent"))
    assert (told["agent_or_admin"], told["members"], told["seats"]) == ("met", "met", "met")
    uat.new_run()
    assert states(ask(uat, *users, check=True))["agent_or_admin"] == "violated"


def test_in_check_mode_a_user_who_would_be_made_is_listed_too(uat: Bench) -> None:
    new = "new@acme.example.uat"
    uat.task(
        "user", check=True, user=new, last_name="New", email="new@acme.example", profile="Standard User", features={"SupportUser": True}
    )
    result = ask(uat, new, check=True, role="agent")
    assert result.get("msg") is None
    told = states(result)
    assert (told["service_cloud_users"], told["agent_or_admin"], told["members"]) == ("met", "violated", "violated")


# -- bad input ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"contact_centers": ["AcmeVoise"]}, "unknown_center"),
        ({"contact_centers": ["AcmeVoice", " "]}, "no_name"),
        ({"contact_centers": None, "users": ["agent@acme.example"]}, "one_center"),
        ({"contact_centers": ["AcmeVoice", "AcmeOpenCti"], "users": []}, "one_center"),
        ({"contact_centers": [], "roster": []}, "one_center"),
        ({"roster": [], "roster_csv": "username\n"}, "bad_roster"),
        ({"roster": [{"login": "x"}]}, "bad_roster"),
        ({"roster_csv": "login\nx\n"}, "bad_roster"),
        ({"users": ["agent"]}, "not_a_user"),
        ({"users": ["agent@acme.example", "AGENT@acme.example"]}, "user_twice"),
        ({"users": ["agent@acme.example.uat", {"employee_number": "E1001"}]}, "user_twice"),
        ({"users": ["nobody@acme.example"]}, "unknown_user"),
        ({"users": [{"employee_number": "E2000"}]}, "ambiguous_user"),
        ({"users": [{"employee_number": "E2000"}], "lookup_failure_action": "ignore"}, "ambiguous_user"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code_and_the_org(uat: Bench, options: dict[str, Any], code: str) -> None:
    result = uat.task("contact_center_info", **({"contact_centers": [CENTER]} | options))
    assert (result["error_code"], result["error_class"]) == (code, "config")
    assert result["msg"].startswith("[")


def test_a_name_of_two_centers_is_refused(uat: Bench) -> None:
    uat.org.put("CallCenter", Name="Acme Voice", InternalName="Another")
    assert uat.task("contact_center_info", contact_centers=["Acme Voice"])["error_code"] == "ambiguous_center"
    assert len(uat.task("contact_center_info")["contact_centers"]) == 5
