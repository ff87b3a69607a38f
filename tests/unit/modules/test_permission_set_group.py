# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set_group: members, muting, the wait for the org, removal; and what permission_set_group_info reads of all that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set_group
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Query
from emulator.org import Org
from emulator.rules.refusals import field_integrity
from emulator.rules.registry import Change
from harness.cases import GROUP, assign_group, group_with_holders, put_group, put_set
from harness.direct import Bench
from harness.look import group_content, holders, queries, record_writes, unchanged

AGENT_SET = "NVMContactWorld__ContactWorld_Agent"
VOICE_SET = "force__ContactCenterAgentExternalTelephony"


def task(bench: Bench, check: bool = False, **options: Any) -> dict[str, Any]:
    return bench.task("permission_set_group", check=check, **{"name": "Acme_Group", **options})


def info(bench: Bench, *names: str) -> dict[str, Any]:
    return bench.task("permission_set_group_info", names=list(names) or None)


def content(bench: Bench, name: str = "Acme_Group") -> dict[str, Any]:
    return group_content(bench.org, bench.org.find("PermissionSetGroup", DeveloperName=name)[0]["Id"])


def keys(result: Mapping[str, Any], op: str) -> list[tuple[str, str]]:
    return [(change["kind"], change["key"]) for change in result["changes"] if change["op"] == op]


def refusing(sobject: str, op: str = "insert") -> Callable[[Org, str, Change], None]:
    """A rule of the customer's own that refuses such writes."""

    def refuse(_org: Org, _user: str, change: Change) -> None:
        if (change.sobject, change.op) == (sobject, op):
            raise field_integrity(f"no {op} of {sobject} today")

    return refuse


# -- present --------------------------------------------------------------------------------------------------------------------------


def test_a_group_is_made_with_its_members_and_mutes_what_it_should(uat: Bench) -> None:
    result = task(uat, **GROUP)
    assert result.get("msg") is None
    assert keys(result, "create") == [
        ("permission_set_group", "Acme_Group"),
        ("permission_set_group_component", f"Acme_Group/{AGENT_SET}"),
        ("permission_set_group_component", f"Acme_Group/{VOICE_SET}"),
        ("muted_user_permissions", "Acme_Group"),
    ]
    made = content(uat)
    assert made["texts"] == ("Acme Group", "Made in a test", False)
    assert made["members"] == {"ContactWorld_Agent", "ContactCenterAgentExternalTelephony"}
    assert made["muted"] == {"ApiEnabled"}
    assert (result["status"], result["members"], result["muted"]) == ("Updated", [AGENT_SET, VOICE_SET], ["ApiEnabled"])
    assert result["licenses"] == [{"permission_set": VOICE_SET, "license": "Salesforce Voice User (Partner Telephony)"}]
    assert uat.calls() <= 6


def test_an_unchanged_group_costs_one_call_and_the_login(uat: Bench) -> None:
    task(uat, **GROUP)
    uat.new_run()
    unchanged(task(uat, **GROUP))
    assert [entry.kind for entry in uat.entries()] == ["login", "read"]
    assert uat.calls() == 2
    assert len(queries(uat.entries()[-1])) <= 5


@pytest.mark.parametrize(
    ("option", "value", "change", "seen"),
    [
        ("label", "Other", {"label": "Other"}, ("texts", ("Other", "Made in a test", False))),
        ("description", "", {"description": ""}, ("texts", ("Acme Group", None, False))),
        ("session_activation", True, {"session_activation": True}, ("texts", ("Acme Group", "Made in a test", True))),
        ("muted_user_permissions", [], {"ApiEnabled": False}, ("muted", set())),
        ("permission_sets", ["ContactWorld_Supervisor"], {"member": True}, ("members", None)),
    ],
)
def test_one_thing_is_changed_and_the_rest_stays(uat: Bench, option: str, value: object, change: dict[str, Any], seen: Any) -> None:
    task(uat, **GROUP)
    before = content(uat)
    result = task(uat, **{**GROUP, option: value})
    assert [item["after"] for item in result["changes"]] == [change]
    after = content(uat)
    name, expected = seen
    assert after[name] == (expected if expected is not None else before["members"] | {"ContactWorld_Supervisor"})
    untouched = set(before) - {name, "granted"}
    assert {key: after[key] for key in untouched} == {key: before[key] for key in untouched}
    uat.new_run()
    unchanged(task(uat, **{**GROUP, option: value}))


def test_what_a_group_mutes_is_known_however_the_org_sorts_its_members(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs one more call where the muting set does not come first."""
    task(uat, **GROUP)
    reads = _permission_set_group._reads

    def sorted_otherwise(wish: Any, *, with_wanted: bool) -> list[Any]:
        found = reads(wish, with_wanted=with_wanted)
        return [replace(item, soql=item.soql.replace(" DESC", "")) if isinstance(item, Query) else item for item in found]

    monkeypatch.setattr(_permission_set_group, "_reads", sorted_otherwise)
    result = task(uat, **GROUP)
    unchanged(result)
    assert (result["muted"], uat.calls()) == (["ApiEnabled"], 2)


def test_exact_takes_out_the_other_members_and_only_those(uat: Bench) -> None:
    task(uat, **GROUP)
    result = task(uat, permission_sets=["ContactWorld_Supervisor", AGENT_SET], exact=True)
    assert keys(result, "delete") == [("permission_set_group_component", f"Acme_Group/{VOICE_SET}")]
    assert content(uat)["members"] == {"ContactWorld_Supervisor", "ContactWorld_Agent"}
    assert content(uat)["muted"] == {"ApiEnabled"}, "the muting set is no member, and nothing was said of it"
    task(uat, permission_sets=[], exact=True)
    assert content(uat)["members"] == set()


def test_what_is_muted_is_taken_from_those_who_have_the_group_and_given_back(uat: Bench) -> None:
    group_with_holders(uat.org)
    agent = uat.info["user_ids"]["agent"]
    task(uat, muted_user_permissions=["Run Reports", "API Enabled"])
    assert content(uat)["granted"] == set()
    task(uat, muted_user_permissions=["ApiEnabled"])
    assert content(uat)["granted"] == {"RunReports"}
    task(uat, muted_user_permissions=[])
    assert {"ApiEnabled", "RunReports"} <= uat.org.permissions_of(agent)


def test_in_a_group_that_people_have_muting_comes_before_the_member_that_brings_the_permission(uat: Bench) -> None:
    """Nobody has for a moment what is to be muted."""
    group_id = put_group(uat.org, put_set(uat.org, "Acme_Small"))
    assign_group(uat.org, "agent", group_id)
    put_set(uat.org, "Acme_Big", PermissionsModifyAllData=True)
    task(uat, permission_sets=["Acme_Big"], muted_user_permissions=["ModifyAllData"])
    assert [sobject for _op, sobject in record_writes(uat.org)] == [
        "MutingPermissionSet",
        "PermissionSetGroupComponent",
        "PermissionSetGroupComponent",
    ]
    assert "ModifyAllData" not in content(uat)["granted"]


def test_where_muting_is_refused_the_member_does_not_come(uat: Bench) -> None:
    put_group(uat.org, put_set(uat.org, "Acme_Small"))
    put_set(uat.org, "Acme_Big", PermissionsModifyAllData=True)
    uat.org.extra_before.append(refusing("MutingPermissionSet"))
    result = task(uat, permission_sets=["Acme_Big"], muted_user_permissions=["ModifyAllData"])
    assert (result["failed"], result["changed"], uat.org.writes) == (True, False, [])
    assert [(error["code"], error["record"]) for error in result["errors"]] == [("FIELD_INTEGRITY_EXCEPTION", "Acme_Group")]
    assert "no insert of MutingPermissionSet" in result["errors"][0]["message"]
    assert content(uat)["members"] == {"Acme_Small"}


def test_where_the_muting_set_does_not_get_into_the_group_the_cause_is_told(uat: Bench) -> None:
    put_group(uat.org)
    uat.org.extra_before.append(refusing("PermissionSetGroupComponent"))
    result = task(uat, muted_user_permissions=["ModifyAllData"])
    assert [error["message"] for error in result["errors"]] == ["no insert of PermissionSetGroupComponent today"]
    assert uat.org.find("MutingPermissionSet") == []


def test_what_was_muted_is_not_given_back_where_the_member_that_brings_it_stays(uat: Bench) -> None:
    put_group(uat.org, put_set(uat.org, "Acme_Big", PermissionsModifyAllData=True), muted=("ModifyAllData",))
    uat.org.extra_before.append(refusing("PermissionSetGroupComponent", "delete"))
    result = task(uat, permission_sets=[], exact=True, muted_user_permissions=[])
    assert result["failed"]
    assert content(uat)["muted"] == {"ModifyAllData"}
    assert [error["record"] for error in result["errors"]] == ["Acme_Group/Acme_Big"]


def test_a_new_group_comes_with_all_its_members_or_not_at_all(uat: Bench) -> None:
    uat.org.extra_before.append(refusing("PermissionSetGroupComponent"))
    result = task(uat, **GROUP)
    assert (result["failed"], result["changed"], result["changes"]) == (True, False, [])
    assert {error["code"] for error in result["errors"]} == {"FIELD_INTEGRITY_EXCEPTION"}
    assert uat.org.find("PermissionSetGroup", DeveloperName="Acme_Group") == []
    assert uat.org.find("MutingPermissionSet") == []


def test_a_set_that_somebody_puts_into_the_group_meanwhile_is_no_error(uat: Bench) -> None:
    group_id = put_group(uat.org)
    first, second = uat.info["set_ids"]["vonage_agent"], uat.info["set_ids"]["vonage_supervisor"]

    def overtake(org: Org, _user: str, change: Change) -> None:
        if change.sobject == "PermissionSetGroupComponent" and change.after["PermissionSetId"] == first:
            org.put("PermissionSetGroupComponent", PermissionSetGroupId=group_id, PermissionSetId=second)

    uat.org.extra_before.append(overtake)
    result = task(uat, permission_sets=["ContactWorld_Agent", "ContactWorld_Supervisor"])
    assert (result.get("msg"), result["errors"]) == (None, [])
    assert record_writes(uat.org) == [("insert", "PermissionSetGroupComponent")], "the org refused the second as a duplicate"
    assert content(uat)["members"] == {"ContactWorld_Agent", "ContactWorld_Supervisor"}


def test_names_of_groups_and_sets_are_known_in_any_case(uat: Bench) -> None:
    task(uat, **GROUP)
    unchanged(task(uat, **{**GROUP, "name": "ACME_group", "permission_sets": ["contactworld_AGENT", VOICE_SET.upper()]}))


# -- what cannot be -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("check", [True, False])
def test_a_package_s_group_is_never_written(uat: Bench, state: str, check: bool) -> None:
    put_group(uat.org, NamespacePrefix="NVMContactWorld")
    result = task(uat, check, state=state, label="Mine")
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("managed_target", "config", [])
    assert "NVMContactWorld__Acme_Group" in result["msg"]


def test_a_group_beside_a_package_s_of_the_same_name_is_the_customer_s_own(uat: Bench) -> None:
    packaged = put_group(uat.org, put_set(uat.org, "Packaged_Member"), muted=("RunReports",), NamespacePrefix="NVMContactWorld")
    put_group(uat.org, put_set(uat.org, "Own_Member"))
    result = task(uat, label="Mine")
    assert (result["members"], result["muted"]) == (["Own_Member"], [])
    assert group_content(uat.org, packaged)["texts"][0] == "Acme Group"


@pytest.mark.parametrize("which", ["group", "profile"])
def test_sums_of_groups_and_sets_of_profiles_are_no_members(uat: Bench, which: str) -> None:
    set_id = uat.info["group_set_id"] if which == "group" else uat.org.find("PermissionSet", IsOwnedByProfile=True)[0]["Id"]
    result = task(uat, permission_sets=[set_id])
    assert (result["error_code"], uat.org.writes) == ({"group": "group_set", "profile": "profile_owned_set"}[which], [])
    assert set_id in result["msg"]


def test_what_the_org_lacks_stops_the_task_before_any_write_or_is_left_out(uat: Bench) -> None:
    options: dict[str, Any] = {
        "permission_sets": ["Nobody_Made_It", AGENT_SET],
        "muted_user_permissions": ["Fly To The Moon", "ApiEnabled"],
    }
    result = task(uat, **options)
    assert (result["error_code"], uat.org.writes) == ("unknown_set", [])
    assert "Nobody_Made_It" in result["msg"]
    assert task(uat, muted_user_permissions=["Api Enable"])["error_code"] == "unknown_permission"
    result = task(uat, **options, missing="skip")
    assert result["left_out"] == [
        {"section": "permission_sets", "name": "Nobody_Made_It"},
        {"section": "muted_user_permissions", "name": "Fly To The Moon"},
    ]
    assert (content(uat)["members"], content(uat)["muted"]) == ({"ContactWorld_Agent"}, {"ApiEnabled"})
    unchanged(task(uat, **options, missing="skip"))


@pytest.mark.parametrize(
    ("module", "options", "option"),
    [
        ("permission_set_group", {"name": "Acme_Group", "permission_sets": ["Acme_Set", " "]}, "permission_sets"),
        ("permission_set_group_info", {"names": [""]}, "names"),
    ],
)
def test_an_empty_name_stops_the_task_before_the_org_is_asked(module: str, options: dict[str, Any], option: str, uat: Bench) -> None:
    result = uat.task(module, **options)
    assert (result["error_code"], result["step"], uat.entries()) == ("no_name", "options", ())
    assert f"{option} holds an empty name" in result["msg"]


def test_a_user_or_an_org_that_sees_no_groups_is_told_so(uat: Bench) -> None:
    tasks: list[tuple[str, dict[str, Any]]] = [("permission_set_group", {"name": "Acme_Group"}), ("permission_set_group_info", {})]
    for module, options in tasks:
        result = uat.task(module, username=uat.info["limited_username"], **options)
        assert (result["failed"], result["error_code"]) == (True, "INVALID_TYPE")
        assert "permission set groups" in result["msg"]
        assert "View Setup and Configuration" in result["msg"]


# -- waiting --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(make_bench: Callable[..., Bench]) -> Bench:
    """An org that takes 40 seconds for a group, by a clock that only the task's own waiting moves."""
    bench = make_bench(switches={"group_recalculation": "delayed"})
    started = bench.org.clock()
    bench.org.clock = lambda: started + timedelta(seconds=bench.clock.monotonic())
    bench.org.settings.group_recalculation_seconds = 40.0
    return bench


def test_a_changed_group_is_waited_for_with_growing_pauses(slow: Bench) -> None:
    result = task(slow, **GROUP)
    assert (result.get("msg"), result["status"], len(result["changes"])) == (None, "Updated", 4)
    assert 40 <= result["waited"] == sum(slow.clock.slept) <= 60
    assert slow.clock.slept == sorted(slow.clock.slept)
    assert len(slow.clock.slept) < 9
    assert result["api"]["calls"] == slow.calls()
    unchanged(task(slow, **GROUP))


def test_an_unchanged_group_that_the_org_is_still_recalculating_is_waited_for(slow: Bench) -> None:
    assert task(slow, **GROUP, wait=False)["status"] == "Outdated"
    assert slow.clock.slept == []
    result = task(slow, **GROUP)
    unchanged(result)
    assert (result["status"], result["waited"] >= 40) == ("Updated", True)


def test_check_mode_never_waits(slow: Bench) -> None:
    task(slow, **GROUP, wait=False)
    for options in (GROUP, {**GROUP, "label": "Other"}):
        result = task(slow, check=True, **options)
        assert (result.get("msg"), slow.clock.slept, result["waited"]) == (None, [], 0)


def test_a_group_that_is_not_ready_in_time_fails_the_task_and_keeps_what_was_changed(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"group_recalculation": "held"})
    result = task(bench, **GROUP, wait_timeout=20)
    assert (result["failed"], result["changed"], len(result["changes"])) == (True, True, 4)
    (error,) = result["errors"]
    assert (error["code"], error["record"], result["error_class"]) == ("NOT_UPDATED_YET", "Acme_Group", "org")
    assert "wait_timeout" in error["remedy"]
    assert "Outdated" in error["message"]
    assert (sum(bench.clock.slept), result["waited"], result["status"]) == (20, 20, "Outdated")
    again = task(bench, **GROUP, wait_timeout=5)
    assert (again["failed"], again["changed"], again["errors"][0]["code"]) == (True, False, "NOT_UPDATED_YET")
    assert "Acme" in again["msg"]
    assert task(bench, **GROUP, wait_timeout=0)["errors"][0]["code"] == "NOT_UPDATED_YET"
    result = task(bench, **GROUP, wait=False)
    unchanged(result)
    assert "Outdated" in result["warnings"][0]


def test_a_group_that_the_org_cannot_recalculate_fails_the_task_at_once(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"group_recalculation": "failed"})
    result = task(bench, **GROUP)
    assert (result["failed"], result["changed"], [error["code"] for error in result["errors"]]) == (True, True, ["GROUP_FAILED"])
    assert "Setup" in result["errors"][0]["remedy"]
    assert (result["status"], bench.clock.slept) == ("Failed", [])
    foretold = task(bench, **GROUP, check=True)
    assert (foretold["changed"], "Failed" in foretold["warnings"][0]) == (False, True), "a failure is not mended by waiting"


def test_where_the_group_is_lost_while_the_task_waits_the_changes_are_still_told(slow: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_seconds: float) -> None:
        for row in slow.org.find("PermissionSetGroup", DeveloperName="Acme_Group"):
            slow.org.delete(slow.info["user_ids"]["automation"], "PermissionSetGroup", row["Id"])

    monkeypatch.setattr(slow.clock, "sleep", gone)
    result = task(slow, **GROUP)
    assert (result["failed"], result["changed"], len(result["changes"])) == (True, True, 4)
    assert [error["code"] for error in result["errors"]] == ["unknown_group"]


def test_a_removed_group_is_not_waited_for(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"group_recalculation": "held"})
    group_with_holders(bench.org)
    assert task(bench, state="absent", take_from=["users"]).get("msg") is None
    assert bench.clock.slept == []


# -- absent ---------------------------------------------------------------------------------------------------------------------------


def test_a_group_goes_with_its_muting_set_after_its_users_and_its_sets_stay(uat: Bench) -> None:
    group_with_holders(uat.org)
    refused = task(uat, state="absent")
    assert (refused["error_code"], uat.org.writes) == ("assigned", [])
    assert uat.info["users"]["agent"] in refused["msg"]
    assert task(uat, state="absent", take_from=["users"], max_removals=1)["error_code"] == "too_many_removals"
    result = task(uat, state="absent", take_from=["users"])
    assert result.get("msg") is None
    assert [sobject for _op, sobject in record_writes(uat.org)] == [
        "PermissionSetAssignment",
        "PermissionSetAssignment",
        "PermissionSetGroupComponent",
        "MutingPermissionSet",
        "PermissionSetGroupComponent",
        "PermissionSetGroup",
    ]
    assert uat.org.find("PermissionSetGroup", DeveloperName="Acme_Group") == uat.org.find("MutingPermissionSet") == []
    assert uat.org.find("PermissionSet", Name="Acme_Set")
    uat.new_run()
    unchanged(task(uat, state="absent"))
    assert uat.calls() == 2


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_a_group_of_the_running_user_goes_only_where_that_is_said(uat: Bench, check: bool) -> None:
    assign_group(uat.org, "automation", group_with_holders(uat.org))
    for allowed, code in ((["users"], "own_group"), (["running_user"], "assigned")):
        refused = task(uat, state="absent", take_from=allowed, check=check)
        assert (refused["error_code"], uat.org.writes) == (code, [])
        assert (uat.info["users"]["automation"] in refused["msg"]) is (code == "own_group")
    result = task(uat, state="absent", take_from=["users", "running_user"], check=check)
    assert (result.get("msg"), len(keys(result, "delete"))) == (None, 6)
    assert bool(uat.org.find("PermissionSetGroup", DeveloperName="Acme_Group")) is check


def test_a_group_that_cannot_be_taken_from_somebody_stays_whole(uat: Bench) -> None:
    group_with_holders(uat.org)
    agent = uat.info["user_ids"]["agent"]

    def refuse(_org: Org, _user: str, change: Change) -> None:
        if change.sobject == "PermissionSetAssignment" and change.before.get("AssigneeId") == agent:
            raise field_integrity("not this one")

    uat.org.extra_before.append(refuse)
    result = task(uat, state="absent", take_from=["users"])
    assert (result["failed"], result["changed"]) == (True, True)
    assert [(error["record"], error["message"]) for error in result["errors"]] == [
        (f"Acme_Group/{uat.info['users']['agent']}", "not this one")
    ]
    assert keys(result, "delete") == [("permission_set_group_assignment", f"Acme_Group/{uat.info['users']['supervisor']}")]
    assert (content(uat)["members"], content(uat)["muted"]) == ({"Acme_Set"}, {"ApiEnabled"})


@pytest.mark.parametrize("code", ["FIELD_INTEGRITY_EXCEPTION", "DUPLICATE_VALUE"])
def test_a_whole_life_changes_what_it_should_whatever_the_org_minds(make_bench: Callable[..., Bench], code: str) -> None:
    bench = make_bench(switches={"second_muting_set_code": code})
    put_set(bench.org)
    life: list[dict[str, Any]] = [
        {},
        {"permission_sets": ["Acme_Set"]},
        {"muted_user_permissions": ["ApiEnabled"]},
        {"muted_user_permissions": ["RunReports", "ApiEnabled"]},
        {"muted_user_permissions": []},
        {"permission_sets": [], "exact": True},
        {"state": "absent"},
    ]
    for options in life:
        bench.new_run()
        foretold = task(bench, check=True, **options)
        bench.new_run()
        done = task(bench, **options)
        assert (done.get("msg"), done["changed"]) == (None, True)
        assert (done["changes"], done["members"], done["muted"]) == (foretold["changes"], foretold["members"], foretold["muted"])
        unchanged(task(bench, **options))


# -- an earlier task of the run would have made it ------------------------------------------------------------------------------------

AGENT = "agent@acme.example.uat"
VIA_GROUP = "via.group@acme.example.uat"
CHAINS: Mapping[str, list[tuple[str, dict[str, Any]]]] = {
    "a group of a set that is still to be made, and its users": [
        ("permission_set", {"name": "Acme_Made", "user_permissions": ["ApiEnabled", "RunReports"]}),
        ("permission_set_group", {"name": "Acme_Group", "permission_sets": ["acme_made"], "muted_user_permissions": ["ApiEnabled"]}),
        ("permission_set_assignment", {"permission_set_group": "acme_group", "users": [AGENT]}),
        ("permission_set_assignment", {"permission_set": "Acme_Made", "users": [AGENT], "through_group": "counts"}),
        ("permission_set_assignment", {"permission_set": "Acme_Made", "users": [AGENT]}),
    ],
    "a group that is changed again and again": [
        (
            "permission_set_group",
            {"name": "Acme_Group", "permission_sets": ["ContactWorld_Agent"], "muted_user_permissions": ["ApiEnabled"]},
        ),
        ("permission_set_group", {"name": "Acme_Group", "muted_user_permissions": ["RunReports"], "session_activation": True}),
        ("permission_set_group", {"name": "Acme_Group", "muted_user_permissions": ["RunReports", "ApiEnabled"], "label": "Other"}),
        ("permission_set_group", {"name": "Acme_Group", "permission_sets": ["ContactWorld_Supervisor"], "exact": True}),
        ("permission_set_assignment", {"permission_set_group": "Acme_Group", "users": [AGENT]}),
        ("permission_set_group", {"name": "Acme_Group", "permission_sets": [], "exact": True, "muted_user_permissions": []}),
        ("permission_set_group", {"name": "Acme_Group", "state": "absent", "take_from": ["users"]}),
        ("permission_set_assignment", {"permission_set_group": "Acme_Group", "users": [AGENT], "state": "absent"}),
        ("permission_set_group", {"name": "Acme_Group", "description": "again"}),
    ],
    "a group that is there, with what it mutes": [
        ("permission_set_group", {"name": "Acme_There", "muted_user_permissions": ["RunReports"]}),
        ("permission_set_group", {"name": "Acme_There", "muted_user_permissions": ["ApiEnabled", "RunReports"]}),
        ("permission_set_group", {"name": "Acme_There", "muted_user_permissions": []}),
        ("permission_set", {"name": "Acme_Set", "state": "absent", "take_from": ["groups"]}),
        ("permission_set_group", {"name": "Acme_There", "permission_sets": [VOICE_SET], "exact": True}),
        ("permission_set_assignment", {"permission_set_group": "Acme_There", "users": [AGENT], "state": "absent"}),
        ("permission_set_group", {"name": "Acme_There", "state": "absent", "take_from": ["users"]}),
    ],
    "who holds a set through a group that is there": [
        ("permission_set_assignment", {"permission_set_group": "Acme_Voice_Agents", "users": [AGENT]}),
        ("permission_set_group", {"name": "Acme_Voice_Agents", "permission_sets": ["ContactWorld_Agent"]}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [AGENT], "through_group": "counts"}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [AGENT], "state": "absent"}),
        ("permission_set_group", {"name": "Acme_Voice_Agents", "permission_sets": [VOICE_SET], "exact": True}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [AGENT], "through_group": "counts"}),
        ("permission_set_assignment", {"permission_set_group": "Acme_Voice_Agents", "users": [AGENT], "state": "absent"}),
        ("permission_set_assignment", {"permission_set": VOICE_SET, "users": [AGENT], "through_group": "counts"}),
        ("permission_set_group", {"name": "Acme_Voice_Agents", "permission_sets": [], "exact": True}),
        ("permission_set_assignment", {"permission_set": VOICE_SET, "users": [VIA_GROUP], "through_group": "counts"}),
    ],
    "a group that gives nothing until it is activated": [
        ("permission_set_group", {"name": "Acme_Asleep", "permission_sets": ["ContactWorld_Agent"], "session_activation": True}),
        ("permission_set_assignment", {"permission_set_group": "Acme_Asleep", "users": [VIA_GROUP]}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [VIA_GROUP], "through_group": "counts"}),
        ("permission_set_group", {"name": "Acme_Voice_Agents", "session_activation": True}),
        ("permission_set_assignment", {"permission_set_group": "Acme_Voice_Agents", "users": [AGENT]}),
        ("permission_set", {"name": "Acme_Extra", "user_permissions": ["RunReports"]}),
        ("permission_set_group", {"name": "Acme_Voice_Agents", "permission_sets": ["Acme_Extra"]}),
        ("permission_set_assignment", {"permission_set": "Acme_Extra", "users": [AGENT], "through_group": "counts"}),
    ],
}
CHAINS_TO_A_CENTER: Mapping[str, list[tuple[str, dict[str, Any]]]] = {
    "a group that is there": [],
    "a group that is still to be made": [("permission_set_group", {"name": "Acme_Group", "permission_sets": [VOICE_SET]})],
    "a group of a set that is still to be made": [
        ("permission_set", {"name": "Acme_Made", "user_permissions": ["IsContactCenterAgentBYOT"]}),
        ("permission_set_group", {"name": "Acme_Group", "permission_sets": ["Acme_Made"]}),
    ],
}
TOLD = (
    "failed",
    "error_code",
    "changed",
    "changes",
    "diff",
    "left_out",
    "members",
    "muted",
    "licenses",
    "through_group",
    "license",
    "status",
)


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
def test_a_chain_of_tasks_is_foretold_task_by_task(chain: list[tuple[str, dict[str, Any]]], uat: Bench) -> None:
    there = put_group(uat.org, put_set(uat.org, PermissionsApiEnabled=True), name="Acme_There", muted=("ApiEnabled",))
    assign_group(uat.org, "agent", there)
    assign_group(uat.org, "supervisor", there)
    foretold = [uat.task(module, check=True, **options) for module, options in chain]
    assert uat.org.writes == []
    uat.new_run()
    done = [uat.task(module, **options) for module, options in chain]
    assert not any(result.get("failed") for result in done), [result.get("msg") for result in done]
    for one, other in zip(foretold, done, strict=True):
        assert {key: one.get(key) for key in TOLD} == {key: other.get(key) for key in TOLD}
        assert one["warnings"] == other["warnings"]


@pytest.mark.parametrize("before", CHAINS_TO_A_CENTER.values(), ids=CHAINS_TO_A_CENTER.keys())
def test_a_group_that_the_run_would_make_and_assign_lets_a_user_be_a_member(before: list[tuple[str, dict[str, Any]]], uat: Bench) -> None:
    user = uat.info["users"]["without_set"]
    chain: list[tuple[str, dict[str, Any]]] = [
        *before,
        ("permission_set_assignment", {"permission_set_group": "Acme_Group" if before else "Acme_Voice_Agents", "users": [user]}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user]}),
    ]
    foretold = [uat.task(module, check=True, **options) for module, options in chain]
    uat.new_run()
    done = [uat.task(module, **options) for module, options in chain]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 2 * len(chain)
    assert [result["changes"] for result in foretold] == [result["changes"] for result in done]


def test_a_group_without_the_right_lets_nobody_be_a_member(uat: Bench) -> None:
    user = uat.info["users"]["without_set"]
    put_group(uat.org, put_set(uat.org, PermissionsApiEnabled=True))
    assert uat.task("permission_set_assignment", check=True, permission_set_group="Acme_Group", users=[user])["changed"]
    assert uat.task("contact_center_member", check=True, contact_center="AcmeVoice", users=[user])["error_code"] == "ineligible_user"


def test_a_set_that_an_earlier_task_would_remove_is_no_member_to_be(uat: Bench) -> None:
    put_set(uat.org)
    uat.task("permission_set", check=True, name="Acme_Set", state="absent")
    assert task(uat, check=True, permission_sets=["Acme_Set"])["error_code"] == "unknown_set"


# -- reading ------------------------------------------------------------------------------------------------------------------------------


def test_all_groups_are_read_in_two_calls_and_one_more_for_what_they_mute(uat: Bench) -> None:
    result = info(uat)
    assert uat.calls() == 2
    assert result["permission_set_groups"] == [
        {
            "name": "Acme_Voice_Agents",
            "namespace": "",
            "qualified_name": "Acme_Voice_Agents",
            "label": "Acme Voice Agents",
            "description": "Agents of the example customer",
            "session_activation": False,
            "status": "Updated",
            "permission_sets": [VOICE_SET],
            "muted_user_permissions": [],
            "assigned": 1,
        }
    ]
    group_with_holders(uat.org)
    uat.new_run()
    first = info(uat)["permission_set_groups"][0]
    assert uat.calls() == 3
    assert (first["name"], first["permission_sets"], first["muted_user_permissions"], first["assigned"]) == (
        "Acme_Group",
        ["Acme_Set"],
        ["ApiEnabled"],
        2,
    )


def test_groups_are_read_by_name_with_namespace_and_id_and_what_is_not_there_is_told(uat: Bench) -> None:
    group_with_holders(uat.org)
    put_group(uat.org, name="Packaged", NamespacePrefix="NVMContactWorld")
    result = info(uat, "acme_group", uat.info["group_id"], "NVMContactWorld__Packaged", "Other__Packaged", "Nobody")
    assert [item["qualified_name"] for item in result["permission_set_groups"]] == [
        "Acme_Group",
        "Acme_Voice_Agents",
        "NVMContactWorld__Packaged",
    ]
    assert result["not_found"] == ["Other__Packaged", "Nobody"]
    assert len(result["warnings"]) == 2
    assert [item["assigned"] for item in result["permission_set_groups"]] == [2, 1, 0]


def test_what_is_read_of_a_group_makes_the_same_group(uat: Bench) -> None:
    group_with_holders(uat.org)
    (read,) = info(uat, "Acme_Group")["permission_set_groups"]
    options = {
        key: read[key] for key in ("name", "label", "description", "session_activation", "permission_sets", "muted_user_permissions")
    }
    unchanged(uat.task("permission_set_group", **options, exact=True))


def test_more_than_25_muting_sets_are_read_too(uat: Bench) -> None:
    for number in range(27):
        put_group(uat.org, name=f"Acme_Group_{number}", muted=("ApiEnabled",))
    found = info(uat)["permission_set_groups"]
    assert len([item for item in found if item["muted_user_permissions"] == ["ApiEnabled"]]) == 27


def test_holders_of_a_group_are_not_changed_by_its_members(uat: Bench) -> None:
    group_id = group_with_holders(uat.org)
    aggregate = uat.org.find("PermissionSet", PermissionSetGroupId=group_id)[0]["Id"]
    task(uat, permission_sets=["ContactWorld_Supervisor"], exact=True)
    assert holders(uat.org, aggregate) == {uat.info["users"][role] for role in ("agent", "supervisor")}


def test_a_failed_group_that_an_earlier_task_would_change_can_be_assigned_in_check_mode_as_in_the_run(uat: Bench) -> None:
    """The org recalculates it then."""
    uat.org.set("PermissionSetGroup", group_with_holders(uat.org), Status="Failed")
    assignment = {"permission_set_group": "Acme_Group", "users": [uat.info["users"]["member"]]}
    assert uat.task("permission_set_assignment", check=True, **assignment)["error_code"] == "GROUP_FAILED"
    for check in (True, False):
        assert task(uat, check, permission_sets=["ContactWorld_Agent"]).get("msg") is None
        result = uat.task("permission_set_assignment", check=check, **assignment)
        assert (result.get("msg"), result["changed"]) == (None, True)
        uat.new_run()
