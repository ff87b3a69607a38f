# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records that are refused or locked, orgs that are busy, answers that never come, automations that undo what was written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from emulator.faults import Delay, DropAfter, DropBefore, Fault, Lock, Refuse, Status
from emulator.org import Org
from emulator.rules.registry import Change
from harness.cases import CASES, HAND_MADE, Case, acme_set_with_holders, put_set, state_of
from harness.direct import Bench
from harness.look import holders, members, record_writes, set_named, unchanged

SUPERVISOR_SET = "ContactWorld_Supervisor"
WRITES = '"method": "(POST|PATCH|DELETE)"'
READS = '"method": "GET"'


def on_writes(action: Any, times: int | None = 1) -> Fault:
    return Fault(action, match_path="/composite$", match_body=WRITES, times=times)


def on_reads(action: Any, times: int | None = 1) -> Fault:
    return Fault(action, match_path="/composite$", match_body=READS, times=times)


def assign(bench: Bench, users: list[str] | None = None, **more: Any) -> dict[str, Any]:
    names = [bench.info["users"][role] for role in ("agent", "member", "vonage_api")] if users is None else users
    return bench.task("permission_set_assignment", permission_set=SUPERVISOR_SET, users=names, **more)


def join(bench: Bench, **more: Any) -> dict[str, Any]:
    users = [bench.info["users"][role] for role in ("agent", "contact_admin", "via_group")]
    return bench.task("contact_center_member", contact_center="AcmeVoice", users=users, **more)


def make_set(bench: Bench, **more: Any) -> dict[str, Any]:
    return bench.task("permission_set", **{**HAND_MADE, **more})


def who(bench: Bench, **more: Any) -> dict[str, Any]:
    return bench.task("org_info", **more)


def given(bench: Bench) -> set[str]:
    return holders(bench.org, bench.info["set_ids"]["vonage_supervisor"])


# -- one record among others ----------------------------------------------------------------------------------------------------------


def test_a_refused_assignment_does_not_stop_the_others_and_a_second_run_finishes(uat: Bench) -> None:
    refusal = Refuse(
        "PermissionSetAssignment",
        {"AssigneeId": uat.info["user_ids"]["member"]},
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "ask the owner first",
        fields=("AssigneeId",),
    )
    uat.served.faults.add(Fault(refusal))
    result = assign(uat)
    assert (result["failed"], result["changed"], len(result["changes"])) == (True, True, 2)
    (error,) = result["errors"]
    assert (error["code"], error["message"], error["fields"]) == (refusal.code, refusal.message, ["AssigneeId"])
    assert error["record"] == f"NVMContactWorld__{SUPERVISOR_SET}/{uat.info['users']['member']}"
    assert error["remedy"]
    assert (result["error_class"], result["error_code"], result["step"]) == ("org", refusal.code, "writing")
    assert [
        word for word in ("Acme", error["record"], refusal.code, refusal.message, "2 changes applied") if word not in result["msg"]
    ] == []
    assert uat.info["users"]["member"] not in repr(result["diff"])
    assert given(uat) == {uat.info["users"][role] for role in ("agent", "vonage_api", "supervisor")}

    second = assign(uat)
    assert (second.get("msg"), [change["key"] for change in second["changes"]]) == (None, [error["record"]])
    assert uat.info["users"]["member"] in given(uat)


def test_a_refused_row_of_an_existing_set_does_not_stop_the_others_and_a_second_run_finishes(uat: Bench) -> None:
    put_set(uat.org, "Acme_Hand_Made")
    uat.served.faults.add(Fault(Refuse("ObjectPermissions", {"SobjectType": "Account"}, message="no accounts")))
    result = uat.task("permission_set", **HAND_MADE)
    assert (result["failed"], result["changed"]) == (True, True)
    assert [(error["record"], error["message"]) for error in result["errors"]] == [("Acme_Hand_Made/Account", "no accounts")]
    second = uat.task("permission_set", **HAND_MADE)
    assert (second.get("msg"), [change["key"] for change in second["changes"]]) == (None, ["Acme_Hand_Made/Account"])


def test_a_refused_removal_does_not_stop_the_others(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    uat.served.faults.add(Fault(Refuse("PermissionSetAssignment", {"AssigneeId": uat.info["user_ids"]["agent"]}, ops=("delete",))))
    users = [uat.info["users"]["member"]]
    result = uat.task("permission_set_assignment", permission_set="Acme_Set", users=users, state="exact")
    assert (result["failed"], len(result["changes"]), len(result["errors"])) == (True, 2, 1)
    assert uat.task("permission_set_assignment", permission_set="Acme_Set", users=users, state="exact").get("msg") is None


def test_many_refused_records_are_all_in_errors_and_a_few_of_them_in_the_message(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=30)
    bench.served.faults.add(Fault(Refuse("PermissionSetAssignment", message="not today"), times=20))
    result = assign(bench, bench.info["agents"])
    assert (len(result["changes"]), len(result["errors"])) == (10, 20)
    assert result["msg"].count("not today") == 3
    assert "17 more" in result["msg"]


def test_seats_that_run_out_are_told_user_by_user(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    license_id = bench.org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]["Id"]
    taken = len(bench.org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=license_id))
    bench.org.set("PermissionSetLicense", license_id, TotalLicenses=taken + 1)
    users = [bench.info["users"][role] for role in ("without_set", "vonage_api")]
    result = bench.task("permission_set_assignment", permission_set="ContactCenterAgentExternalTelephony", users=users)
    assert (result["failed"], result["changed"]) == (True, True)
    assert [(error["code"], error["record"].split("/")[1]) for error in result["errors"]] == [("LICENSE_LIMIT_EXCEEDED", users[1])]
    assert "seat" in result["errors"][0]["remedy"]


# -- locks ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sobject", "task"),
    [
        ("PermissionSetAssignment", assign),
        ("User", join),
        ("ObjectPermissions", make_set),
        ("PermissionSet", make_set),
    ],
    ids=["assignment", "member", "row of a new set", "new set"],
)
def test_a_locked_record_is_tried_again_until_the_lock_is_gone(uat: Bench, sobject: str, task: Callable[[Bench], dict[str, Any]]) -> None:
    uat.served.faults.add(Fault(Lock(sobject), times=3))
    result = task(uat)
    assert (result.get("msg"), result["errors"], result["changed"]) == (None, [], True)
    assert result["api"]["retries"] >= 1
    assert uat.clock.slept
    assert result["api"]["calls"] == uat.calls()
    unchanged(task(uat))


def test_only_the_locked_records_are_tried_again(uat: Bench) -> None:
    uat.served.faults.add(Fault(Lock("PermissionSetAssignment", {"AssigneeId": uat.info["user_ids"]["member"]})))
    assign(uat)
    sizes = [len(sub["body"]["records"]) for entry in uat.entries() if entry.kind == "write" for sub in entry.body["compositeRequest"]]
    assert sizes == [3, 1]
    assert record_writes(uat.org) == [("insert", "PermissionSetAssignment")] * 3


def test_waiting_grows_and_ends_with_the_time_for_retries(uat: Bench) -> None:
    uat.served.faults.add(Fault(Lock("PermissionSetAssignment"), times=None))
    result = assign(uat, retry_time=60)
    assert (result["failed"], result["error_code"], len(result["errors"])) == (True, "UNABLE_TO_LOCK_ROW", 3)
    assert 20 < sum(uat.clock.slept) <= 60
    assert uat.clock.slept[0] < uat.clock.slept[-1]
    assert result["api"]["retries"] == len(uat.clock.slept)


# -- a busy org -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("case", [CASES[0], CASES[6], CASES[10]], ids=lambda case: case.module)
def test_a_read_that_a_busy_org_turns_away_is_asked_again(uat: Bench, case: Case, status: int) -> None:
    case.prepare(uat.org)
    uat.served.faults.add(on_reads(Status(status), times=2))
    result = case.run(uat)
    assert (result.get("msg"), result["changed"], result["api"]["retries"]) == (None, True, 2)
    assert len(uat.clock.slept) == 2


def test_an_org_that_stays_busy_fails_the_task_when_the_time_for_retries_is_up(uat: Bench) -> None:
    uat.served.faults.add(on_reads(Status(503, "SERVER_UNAVAILABLE", "the server is too busy"), times=None))
    result = assign(uat, retry_time=30)
    assert (result["failed"], result["changed"], result["http_status"], result["error_code"]) == (True, False, 503, "SERVER_UNAVAILABLE")
    assert "too busy" in result["msg"]
    assert 10 < sum(uat.clock.slept) <= 30


@pytest.mark.parametrize(
    "fault",
    [
        on_reads(Status(503)),
        on_reads(DropBefore()),
        on_writes(Status(503)),
        on_writes(DropBefore()),
        Fault(Lock("PermissionSetAssignment")),
    ],
    ids=["busy", "dropped", "busy when writing", "dropped when writing", "locked"],
)
def test_without_time_for_retries_nothing_is_tried_again(uat: Bench, fault: Fault) -> None:
    uat.served.faults.add(fault)
    result = assign(uat, [uat.info["users"]["agent"]], retry_time=0)
    assert (result["failed"], result["changed"], result["changes"], uat.clock.slept) == (True, False, [], [])
    assert uat.org.writes == []


def test_without_time_for_retries_a_lost_answer_is_still_settled_by_reading(uat: Bench) -> None:
    uat.served.faults.add(on_writes(DropAfter()))
    result = assign(uat, retry_time=0)
    assert (result.get("msg"), len(result["changes"]), len(uat.org.writes), uat.clock.slept) == (None, 3, 3, [])


def test_a_write_that_the_org_did_not_take_up_is_sent_again(uat: Bench) -> None:
    uat.served.faults.add(on_writes(Status(429, "REQUEST_RATE_EXCEEDED", "slow down")))
    result = assign(uat)
    assert (result.get("msg"), len(result["changes"]), len(uat.org.writes)) == (None, 3, 3)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_of_which_nobody_knows_is_settled_by_reading(uat: Bench, status: int) -> None:
    uat.served.faults.add(on_writes(Status(status)))
    result = assign(uat)
    assert (result.get("msg"), len(result["changes"]), len(uat.org.writes)) == (None, 3, 3)
    assert [entry.kind for entry in uat.entries()] == ["login", "read", "write", "read", "write", "read"]


@pytest.mark.parametrize("action", [Status(503, "SERVER_UNAVAILABLE", "the server is too busy"), DropBefore()], ids=["busy", "dropped"])
@pytest.mark.parametrize("task", [assign, join, make_set], ids=["assignment", "member", "set"])
def test_writes_that_never_get_through_fail_the_task_and_are_not_said_to_have_been_taken(
    uat: Bench, action: Any, task: Callable[[Bench], dict[str, Any]]
) -> None:
    uat.served.faults.add(on_writes(action, times=None))
    result = task(uat)
    assert (result["failed"], result["changed"], uat.org.writes) == (True, False, [])
    assert result["error_code"] != "NOT_AS_PLANNED"
    assert result["error_class"] == "network"
    assert "did not last" not in result["msg"]


# -- answers that never come ----------------------------------------------------------------------------------------------------------

DROPS = {"before it was written": DropBefore(), "after it was written": DropAfter()}


@pytest.mark.parametrize("drop", DROPS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_write_whose_answer_is_lost_is_not_repeated_blindly_and_ends_right(
    make_bench: Callable[..., Bench], case: Case, drop: str
) -> None:
    undisturbed, bench = make_bench(), make_bench()
    for one in (undisturbed, bench):
        case.prepare(one.org)
    expected = case.run(undisturbed)
    bench.served.faults.add(on_writes(DROPS[drop]))
    result = case.run(bench)
    assert (result.get("msg"), result["errors"]) == (None, [])
    assert result["changes"] == expected["changes"]
    assert state_of(bench.org) == state_of(undisturbed.org)
    assert sorted(record_writes(bench.org)) == sorted(record_writes(undisturbed.org)), "nothing was written twice"
    unchanged(case.run(bench))


@pytest.mark.parametrize("drop", DROPS)
def test_an_answer_that_is_lost_in_the_middle_of_many_writes_costs_nobody_the_set(make_bench: Callable[..., Bench], drop: str) -> None:
    bench = make_bench(agents=1_100)
    in_second_call = bench.org.find("User", Username=bench.info["agents"][1_050])[0]["Id"]
    bench.served.faults.add(Fault(DROPS[drop], match_path="/composite$", match_body=in_second_call))
    result = assign(bench, bench.info["agents"])
    assert (result.get("msg"), len(result["changes"]), len(bench.org.writes)) == (None, 1_100, 1_100)
    assert given(bench) >= set(bench.info["agents"])


def test_a_lost_answer_to_a_read_is_asked_for_again(uat: Bench) -> None:
    uat.served.faults.add(on_reads(DropAfter(), times=2))
    result = assign(uat)
    assert (result.get("msg"), result["api"]["retries"]) == (None, 2)


def test_a_write_that_takes_longer_than_the_timeout_is_not_made_twice(uat: Bench) -> None:
    uat.served.faults.add(on_writes(Delay(1.3)))
    result = assign(uat, timeout=1)
    assert (result.get("msg"), len(result["changes"])) == (None, 3)
    late = time.monotonic() + 10
    while [entry.kind for entry in uat.entries()].count("write") < 2 and time.monotonic() < late:
        time.sleep(0.05)
    assert [entry.kind for entry in uat.entries()].count("write") == 2
    assert len(uat.org.writes) == 3
    unchanged(assign(uat))


def test_when_only_the_read_back_fails_the_changes_are_told_and_the_task_fails(uat: Bench) -> None:
    entries: list[int] = []

    def then_go_quiet(org: Org, user: str, change: Change) -> None:
        if not entries:
            entries.append(uat.served.faults.add(on_reads(DropBefore(), times=None)))

    uat.org.extra_before.append(then_go_quiet)
    result = assign(uat, retry_time=5)
    assert len(uat.org.writes) == 3
    assert (result["failed"], result["changed"], len(result["changes"])) == (True, True, 3)
    assert [error["code"] for error in result["errors"]] == ["no_answer"]
    assert "run again" in result["msg"]


def test_a_login_host_that_hangs_up_is_a_network_problem(uat: Bench) -> None:
    uat.served.faults.add(Fault(DropBefore(), match_path="/services/oauth2/token"))
    result = assign(uat)
    assert (result["error_code"], result["error_class"]) == ("no_answer", "network")


# -- limits and strange answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [assign, join, make_set, who])
def test_an_allocation_that_is_used_up_is_told_and_not_waited_for(uat: Bench, task: Callable[[Bench], dict[str, Any]]) -> None:
    uat.org.settings.api_limit = 0
    result = task(uat)
    assert (result["failed"], result["changed"]) == (True, False)
    assert (result["error_code"], result["error_class"], result["http_status"]) == ("REQUEST_LIMIT_EXCEEDED", "limit", 403)
    assert "24 hours" in result["msg"]
    assert uat.clock.slept == []


@pytest.mark.parametrize("code", ["REQUEST_LIMIT_EXCEEDED", "CONCURRENT_REQUESTS_LIMIT_EXCEEDED", "LOGIN_RATE_EXCEEDED"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_limit_is_not_waited_for_whatever_the_status_it_comes_with(uat: Bench, status: int, code: str) -> None:
    uat.served.faults.add(on_reads(Status(status, code, "limit exceeded")))
    result = assign(uat)
    assert (result["failed"], result["error_code"], result["error_class"], uat.clock.slept) == (True, code, "limit", [])


def test_an_allocation_that_runs_out_between_two_writes_is_told_with_what_was_written(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=1_001)
    bench.org.settings.api_limit = 2
    result = assign(bench, bench.info["agents"])
    assert (result["failed"], result["changed"], len(result["changes"])) == (True, True, 1_000)
    assert [error["code"] for error in result["errors"]] == ["REQUEST_LIMIT_EXCEEDED"]
    assert result["error_class"] == "limit"
    bench.org.settings.api_limit = 100_000
    assert len(assign(bench, bench.info["agents"])["changes"]) == 1


MAINTENANCE = "<html><body>We are down for maintenance</body></html>"


@pytest.mark.parametrize("status", [200, 302, 403, 404, 500])
@pytest.mark.parametrize("task", [assign, join, make_set, who])
def test_an_answer_that_is_not_the_api_s_is_named_as_such(uat: Bench, task: Callable[[Bench], dict[str, Any]], status: int) -> None:
    uat.served.faults.add(on_reads(Status(status, body=MAINTENANCE), times=None))
    result = task(uat)
    assert (result["failed"], result["error_code"], result["error_class"], result["http_status"]) == (
        True,
        "not_the_api",
        "network",
        status,
    )
    assert "Acme" in result["msg"] or "127.0.0.1" in result["msg"]
    assert "proxy" in result["msg"]


def test_a_page_in_place_of_the_answer_to_a_write_is_settled_by_reading(uat: Bench) -> None:
    uat.served.faults.add(on_writes(Status(200, body=MAINTENANCE)))
    result = assign(uat)
    assert (result.get("msg"), len(uat.org.writes)) == (None, 3)


def test_a_page_in_place_of_a_token_is_named_as_such(uat: Bench) -> None:
    uat.served.faults.add(Fault(Status(200, body=MAINTENANCE), match_path="/services/oauth2/token"))
    result = assign(uat)
    assert (result["error_code"], result["error_class"]) == ("no_token_endpoint", "auth")
    assert "login_url" in result["msg"]


@pytest.mark.parametrize("fault", [Status(200, body=MAINTENANCE), Status(503), DropBefore()], ids=["a page", "busy", "dropped"])
def test_asking_whom_a_ready_token_belongs_to_can_fail_too(uat: Bench, fault: Any) -> None:
    uat.served.faults.add(Fault(fault, match_path="/services/oauth2/userinfo", times=None))
    given_token = {"access_token": uat.served.token(uat.info["admin_username"]), "instance_url": uat.served.url}
    result = uat.task("org_info", **given_token)
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["error_class"] in ("network", "org")


def test_a_ready_token_that_is_over_is_told_as_such_by_the_identity_service_too(uat: Bench) -> None:
    given_token = {"access_token": uat.served.token(uat.info["admin_username"]), "instance_url": uat.served.url}
    uat.served.sessions.expire_all()
    result = uat.task("org_info", **given_token)
    assert [(entry.path, entry.status) for entry in uat.entries()] == [("/services/oauth2/userinfo", 403)]
    assert (result["failed"], result["error_class"]) == (True, "auth")
    assert "access_token" in result["msg"]


def test_a_version_that_the_org_does_not_offer_is_told(uat: Bench) -> None:
    result = assign(uat, api_version="99.0")
    assert (result["failed"], result["error_code"]) == (True, "NOT_FOUND")
    assert "v99.0" in result["msg"] or "api_version" in result["msg"]


# -- what does not last ---------------------------------------------------------------------------------------------------------------


def test_a_change_that_the_org_undoes_in_silence_is_an_error_and_not_a_success(uat: Bench) -> None:
    victim = uat.info["user_ids"]["contact_admin"]

    def undo(org: Org, user: str, change: Change) -> None:
        if change.sobject == "User" and change.id == victim:
            change.after["CallCenterId"] = None

    uat.org.extra_before.append(undo)
    result = join(uat)
    (error,) = result["errors"]
    assert (result["failed"], result["changed"], error["code"]) == (True, True, "NOT_AS_PLANNED")
    assert error["record"] == f"AcmeVoice/{uat.info['users']['contact_admin']}"
    assert "automation" in error["remedy"].lower()
    assert [change["key"] for change in result["changes"]] == [f"AcmeVoice/{uat.info['users'][role]}" for role in ("agent", "via_group")]
    assert members(uat.org) == {uat.info["users"][role] for role in ("agent", "via_group", "member")}


def test_a_right_that_the_org_takes_back_in_silence_is_an_error(uat: Bench) -> None:
    def undo(org: Org, user: str, change: Change) -> None:
        if change.sobject == "PermissionSet":
            change.after["PermissionsEditTask"] = False

    uat.org.extra_before.append(undo)
    result = uat.task("permission_set", **HAND_MADE)
    assert (result["failed"], [error["code"] for error in result["errors"]]) == (True, ["NOT_AS_PLANNED"])
    assert result["errors"][0]["record"] == "Acme_Hand_Made"
    assert set_named(uat.org, "Acme_Hand_Made")


def test_an_assignment_that_somebody_else_makes_meanwhile_is_no_error(uat: Bench) -> None:
    set_id, agent, member = uat.info["set_ids"]["vonage_supervisor"], uat.info["user_ids"]["agent"], uat.info["user_ids"]["member"]

    def overtake(org: Org, user: str, change: Change) -> None:
        if change.after.get("AssigneeId") == agent:
            org.put("PermissionSetAssignment", AssigneeId=member, PermissionSetId=set_id, IsActive=True)

    uat.org.extra_before.append(overtake)
    result = assign(uat)
    assert (result.get("msg"), result["errors"]) == (None, [])
    written = {write.fields["AssigneeId"] for write in uat.org.writes}
    assert written == {agent, uat.info["user_ids"]["vonage_api"]}, "the org refused the third as a duplicate"
    assert len(uat.org.find("PermissionSetAssignment", AssigneeId=member, PermissionSetId=set_id)) == 1
