# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_routing_map: whose map is found, made, corrected and removed, and whose is never touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator.faults import DropAfter, Fault, Refuse
from emulator.rules import contact_centers
from harness.cases import join, maps_of_all_kinds, put_map
from harness.direct import Bench
from harness.look import last_read, queries, record_writes, routing_maps, unchanged

CENTER = "AcmeVoice"
SWITCHES = (contact_centers.OUTSIDERS, contact_centers.MAP_NAMES, contact_centers.ROUTING_MAP_TWINS)


def task(bench: Bench, ids: Mapping[str, str | None], state: str = "present", center: str = CENTER, **more: Any) -> dict[str, Any]:
    """The module on users of these roles (or usernames) with these ids at the provider."""
    mappings = [{"user": bench.info["users"].get(user, user), "external_id": external_id} for user, external_id in ids.items()]
    return bench.task("contact_center_routing_map", contact_center=center, mappings=mappings, state=state, **more)


def by_role(bench: Bench, kind: str = "partner_telephony") -> dict[str, list[str]]:
    """Who is mapped, by role."""
    roles = {name: role for role, name in bench.info["users"].items()}
    return {roles.get(name, name): ids for name, ids in routing_maps(bench.org, kind).items()}


def map_of(bench: Bench, role: str) -> dict[str, Any]:
    (row,) = bench.org.find("CallCenterRoutingMap", ReferenceRecordId=bench.info["user_ids"][role])
    return row


def put_queue_map(bench: Bench) -> str:
    """A map of a queue in the center, as it is; the queue's Id."""
    queue = bench.org.put("Group", Name="Voice", DeveloperName="Voice", Type="Queue")
    bench.org.put(
        "CallCenterRoutingMap",
        CallCenterId=bench.info["center_ids"]["partner_telephony"],
        ReferenceRecordId=queue,
        DeveloperName="Voice_queue",
        MasterLabel="Voice",
        ExternalId="queue.1",
        Language="en_US",
    )
    return queue


# -- present, absent, exact ----------------------------------------------------------------------------------------------------------


def test_present_maps_corrects_and_leaves_others_alone(uat: Bench) -> None:
    maps_of_all_kinds(uat.org)
    result = task(uat, {"agent": "agent.1", "supervisor": "agent.2", "contact_admin": "agent.5"})
    names = uat.info["users"]
    assert result["changes"] == [
        {
            "op": "update",
            "kind": "contact_center_routing_map",
            "key": f"AcmeVoice/{names['supervisor']}",
            "before": {"external_id": "agent.3"},
            "after": {"external_id": "agent.2"},
        },
        *(
            {
                "op": "create",
                "kind": "contact_center_routing_map",
                "key": f"AcmeVoice/{names[role]}",
                "before": {},
                "after": {"external_id": external_id},
            }
            for role, external_id in (("agent", "agent.1"), ("contact_admin", "agent.5"))
        ),
    ]
    assert by_role(uat) == {
        "agent": ["agent.1"],
        "supervisor": ["agent.2"],
        "contact_admin": ["agent.5"],
        "member": [names["member"]],
        "without_set": ["agent.4"],
    }
    assert (result["contact_center"]["internal_name"], result["unchanged"], result["left_out"], result["warnings"]) == (CENTER, 0, [], [])
    unchanged(task(uat, {"agent": "agent.1", "supervisor": "agent.2", "contact_admin": "agent.5"}))


def test_a_new_map_is_named_as_in_the_one_official_sample(uat: Bench) -> None:
    join(uat.org, "agent")
    task(uat, {"agent": "agent.1"})
    row, user_id, center_id = map_of(uat, "agent"), uat.info["user_ids"]["agent"], uat.info["center_ids"]["partner_telephony"]
    assert (len(user_id), len(center_id[:15])) == (18, 15)
    assert row["DeveloperName"] == f"User_{user_id}_{center_id[:15]}"
    assert (row["CallCenterId"], row["ReferenceRecordId"], row["MasterLabel"]) == (center_id, user_id, uat.info["users"]["agent"])


def test_somebody_else_s_map_with_an_odd_name_is_found_and_corrected_not_doubled(uat: Bench) -> None:
    user_id, center_id = uat.info["user_ids"]["agent"], uat.info["center_ids"]["partner_telephony"]
    join(uat.org, "agent")
    odd = put_map(uat.org, "agent", "before", DeveloperName=f"{user_id}_{center_id}")
    task(uat, {"agent": "after"})
    row = map_of(uat, "agent")
    assert (row["Id"], row["ExternalId"], row["DeveloperName"]) == (odd, "after", f"{user_id}_{center_id}")
    assert [write.fields for write in uat.org.writes] == [{"ExternalId": "after"}]


def test_absent_unmaps_the_users_and_nobody_else_members_or_not(uat: Bench) -> None:
    maps_of_all_kinds(uat.org)
    result = task(uat, {"without_set": None, "supervisor": "whatever", "agent": None}, "absent")
    assert [change["op"] for change in result["changes"]] == ["delete", "delete"]
    assert (result["unchanged"], set(by_role(uat))) == (1, {"member"})
    unchanged(task(uat, {"without_set": None, "supervisor": None, "agent": None}, "absent"))


def test_exact_removes_first_and_also_whoever_left_the_center(uat: Bench) -> None:
    maps_of_all_kinds(uat.org)
    queue = put_queue_map(uat)
    put_map(uat.org, "other_center", "agent.9", "partner_telephony_amazon")
    result = task(uat, {"contact_admin": "agent.4", "supervisor": "agent.2"}, "exact")
    assert [change["op"] for change in result["changes"]] == ["delete", "delete", "update", "create"]
    assert by_role(uat) == {"contact_admin": ["agent.4"], "supervisor": ["agent.2"], queue: ["queue.1"]}
    assert by_role(uat, "partner_telephony_amazon") == {"other_center": ["agent.9"]}


def test_a_queue_s_map_is_never_touched_nor_counted(uat: Bench) -> None:
    queue = put_queue_map(uat)
    result = task(uat, {}, "exact", allow_empty=True, max_removals="100%")
    assert (result["changed"], by_role(uat)) == (True, {queue: ["queue.1"]})
    unchanged(task(uat, {}, "exact", allow_empty=True, max_removals=0))


def test_users_are_named_as_everywhere(uat: Bench) -> None:
    join(uat.org, "agent", "contact_admin", "supervisor", "prepended")
    mappings = [
        {"user": "agent@acme.example", "external_id": 4711},
        {"user": uat.info["user_ids"]["contact_admin"][:15], "external_id": "b"},
        {"user": {"employee_number": "E1003"}, "external_id": "c"},
        {"user": "prepended@acme.example", "external_id": "d"},
    ]
    put_map(uat.org, "prepended", "before")
    for expected in (True, False):
        result = uat.task("contact_center_routing_map", contact_center=CENTER, mappings=mappings, sandbox_name="uat")
        assert (result.get("msg"), result["changed"]) == (None, expected)
    told = by_role(uat)
    assert {role: told[role] for role in told if role != "member"} == {
        "agent": ["4711"],
        "contact_admin": ["b"],
        "supervisor": ["c"],
        "prepended": ["d"],
    }


@pytest.mark.parametrize("word", ["AcmeVoice", "acmevoice", "Acme Voice", "id"])
def test_the_center_may_be_named_in_any_way(uat: Bench, word: str) -> None:
    name = uat.info["center_ids"]["partner_telephony"] if word == "id" else word
    for state in ("present", "exact"):
        result = task(uat, {"member": f"agent.{state}"}, state, name)
        assert (result.get("msg"), by_role(uat)) == (None, {"member": [f"agent.{state}"]})


# -- what stops the task -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "options", "code", "read"),
    [
        ({"member": ""}, {}, "no_external_id", False),
        ({"member": "x" * 256}, {}, "too_long", False),
        ({"member": "one", "agent": "one"}, {}, "external_id_twice", False),
        ({}, {"state": "exact"}, "empty_exact", False),
        ({"member": "one"}, {"max_removals": "150%"}, "max_removals", False),
        ({"member": "one"}, {"center": "NoSuch"}, "unknown_center", True),
        ({"agent": "one", "member": "two"}, {}, "ineligible_user", True),
        ({"other_center": "one"}, {}, "ineligible_user", True),
        ({"nobody@acme.example": "one"}, {}, "unknown_user", True),
        ({"member": "one"}, {"state": "exact", "max_removals": "49%"}, "too_many_removals", True),
    ],
)
def test_what_stops_the_task_before_any_write(uat: Bench, ids: dict[str, str], options: dict[str, Any], code: str, read: bool) -> None:
    put_map(uat.org, "agent", "left")
    before = by_role(uat)
    for check in (True, False):
        result = task(uat, ids, **{"state": "present", **options}, check=check)
        assert (result["failed"], result["error_code"], bool(uat.entries())) == (True, code, read)
    assert (by_role(uat), uat.org.writes) == (before, [])


@pytest.mark.parametrize("kind", ["open_cti", "amazon"])
def test_centers_of_other_kinds_are_refused(uat: Bench, kind: str) -> None:
    name = next(name for one, name in uat.info["centers"].items() if one.startswith(kind))
    for state in ("present", "absent", "exact"):
        result = task(uat, {"member": "one"}, state, name)
        assert result["error_code"] in ("wrong_flavour", "unknown_flavour")
    assert uat.org.writes == []


@pytest.mark.parametrize("shown", ["null", "other"])
def test_a_center_of_unrevealed_kind_needs_its_definition_or_the_user_s_word(make_bench: Callable[..., Bench], shown: str) -> None:
    bench = make_bench(switches={"customsettings": shown})
    told = task(bench, {"member": "one"})
    assert (told.get("msg"), "definition" in told["contact_center"]["told_by"]) == (None, True)
    assert task(bench, {"member": "two"}, center="AcmeOpenCti", flavour="partner_telephony")["error_code"] == "wrong_flavour"
    bench.info["call_center_definitions"].clear()
    assert task(bench, {"member": "two"})["error_code"] == "unknown_flavour"
    asserted = task(bench, {"member": "two"}, flavour="partner_telephony")
    assert (asserted.get("msg"), "asserted" in asserted["contact_center"]["told_by"]) == (None, True)
    assert by_role(bench) == {"member": ["two"]}


def test_a_center_whose_name_is_another_one_s_internal_name_is_no_business_of_the_task(uat: Bench) -> None:
    center = {**uat.org.find("CallCenter", InternalName=CENTER)[0], "Name": CENTER, "InternalName": "Namesake"}
    namesake = uat.org.put("CallCenter", **{name: center[name] for name in ("Name", "InternalName", "CustomSettings", "Version")})
    put_map(uat.org, "agent", "elsewhere", CallCenterId=namesake, DeveloperName="Elsewhere")
    put_map(uat.org, "member", "elsewhere", CallCenterId=namesake, DeveloperName="Elsewhere_too")
    for state in ("present", "exact"):
        assert task(uat, {"member": f"agent.{state}"}, state).get("msg") is None
    assert by_role(uat) == {"member": ["agent.exact"]}
    assert len(uat.org.find("CallCenterRoutingMap", CallCenterId=namesake, ExternalId="elsewhere")) == 2


def test_of_a_username_and_its_sandbox_s_the_one_that_is_meant_is_mapped(uat: Bench) -> None:
    join(uat.org, "agent")
    put_map(uat.org, "agent", "before")
    uat.org.set("User", uat.info["user_ids"]["member"], Username="agent@acme.example")
    assert task(uat, {"agent@acme.example": "one"}, sandbox_name="uat").get("msg") is None
    assert routing_maps(uat.org) == {"agent@acme.example": ["one"], "agent@acme.example.uat": ["before"]}
    assert uat.calls() == 4  # the login, the read, the write, the read-back: nobody else's username is asked for


def test_who_is_no_member_is_left_out_where_the_task_says_so(uat: Bench) -> None:
    result = task(uat, {"member": "one", "agent": "two"}, on_ineligible="skip")
    assert [(item["user"], "contact_center_member" in item["reason"]) for item in result["left_out"]] == [
        (uat.info["users"]["agent"], True)
    ]
    assert by_role(uat) == {"member": ["one"]}


# -- what the org may do -------------------------------------------------------------------------------------------------------------

SETTINGS = [(switch.name, setting) for switch in SWITCHES for setting in switch.settings]


@pytest.mark.parametrize(("switch", "setting"), SETTINGS)
def test_under_every_setting_maps_converge(make_bench: Callable[..., Bench], switch: str, setting: str) -> None:
    bench = make_bench(switches={switch: setting})
    maps_of_all_kinds(bench.org)
    wanted = {"contact_admin": "agent.4", "supervisor": "agent.2", "agent": "agent.1"}
    assert task(bench, {"agent": "agent.1", "supervisor": "agent.7"}).get("msg") is None
    assert task(bench, wanted, "exact").get("msg") is None
    assert by_role(bench) == {role: [external_id] for role, external_id in wanted.items()}
    unchanged(task(bench, wanted, "exact"))
    assert task(bench, {"via_clone": "agent.9"}, on_ineligible="skip")["left_out"]


@pytest.mark.parametrize("setting", ["kept", "deleted"])
def test_whatever_becomes_of_the_maps_of_users_who_leave(make_bench: Callable[..., Bench], setting: str) -> None:
    bench = make_bench(switches={"routing_maps_of_leavers": setting})
    assert (
        bench.task("contact_center_member", contact_center=CENTER, users=[bench.info["users"]["member"]], state="absent").get("msg") is None
    )
    assert bool(by_role(bench)) is (setting == "kept")
    assert task(bench, {"member": None}, "absent").get("msg") is None
    assert by_role(bench) == {}
    assert task(bench, {"member": "one"})["error_code"] == "ineligible_user"


def test_a_second_map_of_a_user_is_told_and_goes_where_removal_is_asked_for(uat: Bench) -> None:
    put_map(uat.org, "member", "second", DeveloperName="By_hand")
    first = uat.info["users"]["member"]
    result = task(uat, {"member": "second"})
    assert (result["changed"], by_role(uat)) == (False, {"member": sorted([first, "second"])})
    assert [first in warning and "state: exact" in warning for warning in result["warnings"]] == [True]
    assert task(uat, {"member": "second"}, "exact", max_removals=0)["error_code"] == "too_many_removals"
    result = task(uat, {"member": "second"}, "exact", max_removals="50%")
    assert [change["key"] for change in result["changes"]] == [f"{CENTER}/{first} (also {first})"]
    assert by_role(uat) == {"member": ["second"]}
    put_map(uat.org, "member", "second", DeveloperName="By_hand")
    put_map(uat.org, "member", "second", DeveloperName="By_hand_again")
    assert (task(uat, {"member": None}, "absent").get("msg"), by_role(uat)) == (None, {})


def test_an_id_that_somebody_else_of_the_center_has_is_warned_of(uat: Bench) -> None:
    join(uat.org, "agent")
    result = task(uat, {"agent": uat.info["users"]["member"]})
    assert (result["changed"], [uat.info["users"]["member"] in warning for warning in result["warnings"]]) == (True, [True])
    put_map(uat.org, "other_center", "elsewhere", "partner_telephony_amazon")
    assert task(uat, {"agent": "elsewhere"})["warnings"] == []


def test_a_refused_map_does_not_stop_the_others_and_says_what_to_do(uat: Bench) -> None:
    join(uat.org, "agent", "supervisor")
    refused = Refuse("CallCenterRoutingMap", {"ExternalId": "agent.1"}, "FIELD_INTEGRITY_EXCEPTION", "The user isn't a member.")
    uat.served.faults.add(Fault(refused))
    result = task(uat, {"agent": "agent.1", "supervisor": "agent.2"})
    assert [(error["code"], "contact_center_member" in error["remedy"]) for error in result["errors"]] == [
        ("FIELD_INTEGRITY_EXCEPTION", True)
    ]
    assert (result["failed"], result["changed"], by_role(uat)["supervisor"]) == (True, True, ["agent.2"])


@pytest.mark.parametrize("code", contact_centers.ROUTING_MAP_TWINS.settings)
def test_a_developer_name_that_is_somebody_else_s_is_told_with_a_remedy(make_bench: Callable[..., Bench], code: str) -> None:
    bench = make_bench(switches={contact_centers.ROUTING_MAP_TWINS.name: code})
    join(bench.org, "agent")
    user_id, center_id = bench.info["user_ids"]["agent"], bench.info["center_ids"]["partner_telephony"]
    bench.org.set("CallCenterRoutingMap", map_of(bench, "member")["Id"], DeveloperName=f"User_{user_id}_{center_id[:15]}")
    result = task(bench, {"agent": "one"})
    assert [(error["code"], "SELECT Id, DeveloperName" in error["remedy"]) for error in result["errors"]] == [(code, True)]


def test_a_lost_answer_is_settled_by_reading_again(uat: Bench) -> None:
    join(uat.org, "agent")
    uat.served.faults.add(Fault(DropAfter(), match_method="POST", match_body="User_005", times=1))
    assert task(uat, {"agent": "one"}).get("msg") is None
    assert by_role(uat)["agent"] == ["one"]
    assert record_writes(uat.org) == [("insert", "CallCenterRoutingMap")]
    assert uat.served.faults.active() == {}


# -- calls and foresight -------------------------------------------------------------------------------------------------------------


def test_a_thousand_maps_cost_four_calls_and_two_when_nothing_changes(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=1000, members=1000)
    ids = {name: f"agent.{number}" for number, name in enumerate(bench.info["agents"])}
    first = task(bench, ids)
    assert (first.get("msg"), len(first["changes"])) == (None, 1000)
    assert bench.calls() <= 4
    for state in ("present", "exact"):
        bench.new_run()
        kept = ids if state == "present" else {**ids, "member": bench.info["users"]["member"]}
        unchanged(task(bench, kept, state))
        assert bench.calls() <= 2


def test_what_is_read_back_is_what_was_touched(uat: Bench) -> None:
    maps_of_all_kinds(uat.org)
    task(uat, {"supervisor": "agent.2", "contact_admin": "agent.5"}, "exact")
    (query,) = last_read(uat.entries())
    touched = {uat.info["user_ids"][role] for role in ("supervisor", "contact_admin", "member", "without_set")}
    assert all(user_id in query for user_id in touched)
    assert query.count("'005") == len(touched)


def test_others_maps_are_not_read_unless_exact(uat: Bench) -> None:
    task(uat, {"member": "one"}, check=True)
    asked = [query for entry in uat.entries() for query in queries(entry) if " FROM CallCenterRoutingMap " in query]
    assert asked
    assert all(uat.info["users"]["member"] in query or "ExternalId IN ('one')" in query for query in asked)


def test_check_mode_foresees_members_and_maps(uat: Bench) -> None:
    agent = uat.info["users"]["agent"]

    def played(check: bool) -> list[Any]:
        results = [
            bench_task(check, "contact_center_member", contact_center=CENTER, users=[agent]),
            mapping(check, {"agent": "one", "member": "two"}),
            mapping(check, {"agent": "one", "member": "two"}, "exact"),
            mapping(check, {"agent": "three"}),
            mapping(check, {"agent": None}, "absent"),
            mapping(check, {"agent": "four"}, "exact"),
            bench_task(check, "contact_center_member", contact_center=CENTER, users=[agent], state="absent"),
            mapping(check, {"agent": "five"}),
        ]
        return [(result.get("error_code"), result.get("changed"), result.get("changes")) for result in results]

    def bench_task(check: bool, module: str, **options: Any) -> dict[str, Any]:
        return uat.task(module, check=check, **options)

    def mapping(check: bool, ids: Mapping[str, str | None], state: str = "present") -> dict[str, Any]:
        return task(uat, ids, state, check=check)

    foreseen = played(True)
    assert uat.org.writes == []
    uat.new_run()
    assert played(False) == foreseen
    assert foreseen[-1][0] == "ineligible_user"
