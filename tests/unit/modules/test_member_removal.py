# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member: what those who leave keep, and what they lose where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.faults import Fault, Refuse
from harness.cases import assign, join, put_set
from harness.direct import Bench
from harness.look import direct_row, members, record_writes, unchanged

CENTER = "AcmeVoice"


def task(bench: Bench, users: list[str], state: str = "absent", **more: Any) -> dict[str, Any]:
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("contact_center_member", **{"contact_center": CENTER, "users": names, "state": state, **more})


def name(bench: Bench, role: str) -> str:
    return str(bench.info["users"][role])


def has(bench: Bench, role: str, set_role: str) -> bool:
    return direct_row(bench.org, name(bench, role), bench.info["set_ids"][set_role]) is not None


def taken(result: dict[str, Any]) -> list[str]:
    return [change["key"] for change in result["changes"] if change["kind"] == "permission_set_assignment"]


@pytest.mark.parametrize("state", ["absent", "exact"])
def test_those_who_leave_keep_their_sets_unless_that_is_asked(uat: Bench, state: str) -> None:
    task(uat, ["member"] if state == "absent" else ["agent"], state)
    assert has(uat, "member", "voice_agent")
    assert {sobject for _op, sobject in record_writes(uat.org)} == {"User"}


@pytest.mark.parametrize("state", ["absent", "exact"])
def test_those_who_leave_lose_what_a_member_needs_and_nothing_else(uat: Bench, state: str) -> None:
    own = put_set(uat.org, "Acme_Set", PermissionsApiEnabled=True)
    for set_id in (
        own,
        uat.info["set_ids"]["partner_telephony"],
        uat.info["set_ids"]["voice_clone"],
        uat.info["set_ids"]["voice_supervisor"],
    ):
        assign(uat.org, "member", set_id)
    users = ["member"] if state == "absent" else ["agent"]
    foretold = task(uat, users, state, remove_permission_sets=True, check=True)
    uat.new_run()
    result = task(uat, users, state, remove_permission_sets=True)
    assert (result.get("msg"), foretold["changes"]) == (None, result["changes"])
    who = name(uat, "member")
    assert taken(result) == [
        f"Acme_Voice_Agent/{who}",
        f"PartnerTelephonyCustomPsl/{who}",
        f"force__ContactCenterAgentExternalTelephony/{who}",
    ]
    assert [has(uat, "member", one) for one in ("voice_agent", "voice_clone", "partner_telephony", "voice_supervisor")] == [
        False,
        False,
        False,
        True,
    ]
    assert direct_row(uat.org, who, own)
    assert has(uat, "agent", "voice_agent")
    unchanged(task(uat, users, state, remove_permission_sets=True))


@pytest.mark.parametrize("state", ["absent", "exact"])
def test_who_is_not_seen_to_be_out_keeps_its_sets(make_bench: Callable[..., Bench], state: str) -> None:
    bench = make_bench(switches={"callcenter_patch": "ignored"})
    result = task(bench, ["member"] if state == "absent" else ["agent"], state, remove_permission_sets=True, allow_empty=True)
    codes = {error["record"]: error["code"] for error in result["errors"] if "member@" in error["record"]}
    who = name(bench, "member")
    assert codes == {f"{CENTER}/{who}": "NOT_AS_PLANNED", f"force__ContactCenterAgentExternalTelephony/{who}": "NOT_PREPARED"}
    assert has(bench, "member", "voice_agent")
    assert (result["changed"], result["leaving"]) == (False, [])


def test_with_absent_it_counts_for_those_in_no_center_and_not_for_members_of_another(uat: Bench) -> None:
    result = task(uat, ["agent", "other_center", "without_set"], remove_permission_sets=True)
    assert taken(result) == [f"force__ContactCenterAgentExternalTelephony/{name(uat, 'agent')}"]
    assert (has(uat, "agent", "voice_agent"), has(uat, "other_center", "voice_agent")) == (False, True)


def test_what_comes_through_a_group_or_a_profile_stays_and_is_told(uat: Bench) -> None:
    join(uat.org, "via_group")
    profile = (uat.org.get("User", uat.info["user_ids"]["member"]) or {})["ProfileId"]
    own = uat.org.find("PermissionSet", ProfileId=profile)[0]["Id"]
    uat.org.set("PermissionSet", own, PermissionsIsContactCenterAgentBYOT=True)
    uat.org.set("Profile", profile, PermissionsIsContactCenterAgentBYOT=True)
    result = task(uat, ["via_group", "member"], remove_permission_sets=True)
    assert taken(result) == [f"force__ContactCenterAgentExternalTelephony/{name(uat, 'member')}"]
    assert [warning for warning in result["warnings"] if name(uat, "via_group") in warning and "group" in warning]
    assert [warning for warning in result["warnings"] if name(uat, "member") in warning and "profile" in warning]
    assert task(uat, ["via_group", "member"])["warnings"] == []


def test_the_running_user_never_takes_a_set_from_itself(uat: Bench) -> None:
    join(uat.org, "automation")
    assign(uat.org, "automation", uat.info["set_ids"]["voice_admin"])
    result = task(uat, ["automation"], remove_permission_sets=True)
    assert (taken(result), has(uat, "automation", "voice_admin")) == ([], True)
    assert [warning for warning in result["warnings"] if "running user" in warning]
    assert members(uat.org) == {name(uat, "member")}


def test_who_could_not_be_removed_loses_nothing(uat: Bench) -> None:
    uat.served.faults.add(Fault(Refuse("User", {"Username": name(uat, "member")}, message="stays"), times=None))
    result = task(uat, ["member", "agent"], remove_permission_sets=True)
    assert has(uat, "member", "voice_agent")
    assert {error["record"] for error in result["errors"]} == {
        f"{CENTER}/{name(uat, 'member')}",
        f"force__ContactCenterAgentExternalTelephony/{name(uat, 'member')}",
    }
    assert taken(result) == [f"force__ContactCenterAgentExternalTelephony/{name(uat, 'agent')}"]
    uat.served.faults.clear()
    assert len(task(uat, ["member", "agent"], remove_permission_sets=True)["changes"]) == 2


def test_a_set_that_cannot_be_taken_is_an_error_though_the_user_left(uat: Bench) -> None:
    uat.served.faults.add(Fault(Refuse("PermissionSetAssignment"), times=None))
    for users, state in ((["member"], "absent"), (["agent"], "exact")):
        join(uat.org, "member")
        result = task(uat, users, state, remove_permission_sets=True)
        assert [error["record"] for error in result["errors"]] == [f"force__ContactCenterAgentExternalTelephony/{name(uat, 'member')}"]
        assert (taken(result), name(uat, "member") in members(uat.org)) == ([], False)
        assert [item["username"] for item in result["leaving"]] == [name(uat, "member")]


def test_a_set_that_an_earlier_task_would_have_taken_is_not_taken_again(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    chain: list[tuple[str, dict[str, Any]]] = [
        (
            "permission_set_assignment",
            {"permission_set": "ContactCenterAgentExternalTelephony", "users": [name(bench, "member")], "state": "absent"},
        ),
        (
            "contact_center_member",
            {"contact_center": CENTER, "users": [name(bench, "member")], "state": "absent", "remove_permission_sets": True},
        ),
    ]
    foretold = [bench.task(module, check=True, **options)["changes"] for module, options in chain]
    bench.new_run()
    done = [bench.task(module, **options)["changes"] for module, options in chain]
    assert foretold == done
    assert [len(changes) for changes in done] == [1, 1]


def test_sets_are_taken_after_everything_else(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    result = task(bench, ["agent"], "exact", remove_permission_sets=True)
    assert [(change["op"], change["kind"]) for change in result["changes"]] == [
        ("delete", "contact_center_member"),
        ("create", "contact_center_member"),
        ("delete", "permission_set_assignment"),
    ]
    assert record_writes(bench.org) == [("update", "User"), ("update", "User"), ("delete", "PermissionSetAssignment")]
