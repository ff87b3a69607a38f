# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member by the bulk operation: what is asked, what is waited for, and what a job may come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import seed
from emulator.faults import DropAfter, EndJob, Fault, Refuse, Status
from harness.direct import Bench
from harness.look import holders, members, unchanged

CENTER = "AcmeVoice"
OBJECT = "ContactCenterBulkOp"


def task(bench: Bench, users: list[str], state: str = "present", **more: Any) -> dict[str, Any]:
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("contact_center_member", **{"contact_center": CENTER, "users": names, "state": state, "method": "bulk", **more})


def name(bench: Bench, role: str) -> str:
    return str(bench.info["users"][role])


def jobs(bench: Bench) -> list[str]:
    """The data of each job that the last task made, whether at once or in steps."""
    return [entry.path for entry in bench.entries() if entry.method == "POST" and entry.path.endswith("/jobs/ingest")]


def requests(bench: Bench) -> list[dict[str, Any]]:
    return bench.org.find(OBJECT)


def codes(result: dict[str, Any]) -> dict[str, str]:
    return {error["record"]: error["code"] for error in result["errors"]}


@pytest.mark.parametrize("effect", ["late", "at_once"])
def test_users_are_asked_for_as_documented_and_waited_for(make_bench: Callable[..., Bench], effect: str) -> None:
    bench = make_bench(switches={"bulk_entity_effect": effect})
    foretold = task(bench, ["agent", "contact_admin"], check=True)
    assert (requests(bench), bench.org.writes) == ([], [])
    bench.new_run()
    result = task(bench, ["agent", "contact_admin"])
    assert (result.get("msg"), result["method"]) == (None, "bulk")
    assert foretold["changes"] == result["changes"]
    asked = {row["Argument2"]: (row["Argument1"], row["Argument5"], row["BulkAction"]) for row in requests(bench)}
    center = bench.info["center_ids"]["partner_telephony"]
    assert asked == {
        bench.info["user_ids"]["agent"]: ("agent@acme.example.invalid", center, "AddUsers"),
        bench.info["user_ids"]["contact_admin"]: ("contact.admin@acme.example.invalid", center, "AddUsers"),
    }
    assert members(bench.org) == {name(bench, role) for role in ("agent", "contact_admin", "member")}
    assert name(bench, "agent") in holders(bench.org, bench.info["set_ids"]["partner_telephony"])
    unchanged(task(bench, ["agent", "contact_admin"]))


@pytest.mark.parametrize(("size", "expected"), [(2, 3), (3, 2), (200, 1)])
def test_a_job_holds_a_batch_and_the_largest_holds_everybody(make_bench: Callable[..., Bench], size: int, expected: int) -> None:
    bench = make_bench(agents=5)
    result = task(bench, bench.info["agents"], batch_size=size)
    assert (result.get("msg"), len(jobs(bench))) == (None, expected)
    assert members(bench.org) == {*bench.info["agents"], name(bench, "member")}


@pytest.mark.parametrize("check", [True, False])
def test_an_org_without_the_bulk_object_says_so_before_anything_is_written(make_bench: Callable[..., Bench], check: bool) -> None:
    bench = make_bench(switches={"bulk_entity": "absent"})
    result = task(bench, ["agent"], check=check)
    assert (result["error_code"], bench.org.writes) == ("bulk_not_offered", [])
    assert "method: user_field" in result["msg"]
    unchanged(task(bench, ["member"], check=check))


@pytest.mark.parametrize("check", [True, False])
def test_partner_telephony_from_amazon_connect_is_not_served_by_bulk(uat: Bench, check: bool) -> None:
    result = task(uat, ["agent"], contact_center="AcmeAmazonVoice", check=check)
    assert (result["error_code"], uat.org.writes, requests(uat)) == ("bulk_not_offered", [], [])
    assert "method: user_field" in result["msg"]


def test_a_row_that_the_org_refuses_is_an_error_with_its_code(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=3)
    bad = bench.org.find("User", Username=bench.info["agents"][1])[0]["Id"]
    bench.served.faults.add(Fault(Refuse(OBJECT, {"Argument2": bad}, "FIELD_INTEGRITY_EXCEPTION", "not this one"), times=None))
    result = task(bench, bench.info["agents"], batch_size=200)
    assert [(error["record"], error["code"], error["message"]) for error in result["errors"]] == [
        (f"{CENTER}/{bench.info['agents'][1]}", "FIELD_INTEGRITY_EXCEPTION", "not this one")
    ]
    assert "bulk job" in result["errors"][0]["remedy"]
    assert len(result["joining"]) == 2
    bench.served.faults.clear()
    assert [change["key"] for change in task(bench, bench.info["agents"])["changes"]] == [f"{CENTER}/{bench.info['agents'][1]}"]


def test_a_running_user_without_the_right_is_told_which_it_may_be(uat: Bench) -> None:
    uat.served.faults.add(Fault(Refuse(OBJECT, code="INSUFFICIENT_ACCESS_OR_READONLY", message="no"), times=None))
    (error,) = task(uat, ["agent"])["errors"]
    assert error["code"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert [word for word in ("Manage Call Centers", "method: user_field", "bulk job") if word not in error["remedy"]] == []


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_ends_early_ends_the_asking_and_every_user_is_told(make_bench: Callable[..., Bench], state: str) -> None:
    bench = make_bench(agents=6)
    bench.served.faults.add(Fault(EndJob(OBJECT, state=state, message="told to"), skip=3, times=1))
    result = task(bench, bench.info["agents"], batch_size=2)
    now = members(bench.org)
    assert set(codes(result)) == {f"{CENTER}/{one}" for one in bench.info["agents"] if one not in now}
    assert {change["key"].split("/")[1] for change in result["changes"]} == now - {name(bench, "member")}
    assert set(codes(result).values()) == {f"BULK_JOB_{state.upper()}", "BULK_NOT_SENT"}
    assert len(jobs(bench)) == 2
    assert task(bench, bench.info["agents"], batch_size=2).get("msg") is None
    assert members(bench.org) == {*bench.info["agents"], name(bench, "member")}


def test_a_job_that_succeeds_and_comes_to_nothing_is_an_error_that_names_it(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"bulk_entity_email": "silent"})
    bench.served.faults.add(Fault(Refuse("User", {"Username": name(bench, "agent")}), times=None))
    result = task(bench, ["agent", "contact_admin"], batch_size=200, wait_timeout=60)
    assert codes(result) == {f"{CENTER}/{name(bench, 'agent')}": "BULK_NO_EFFECT"}
    assert sum(bench.clock.slept) >= 60
    assert "750" in result["errors"][0]["message"]
    assert "user_field" in result["errors"][0]["remedy"]
    assert [item["username"] for item in result["joining"]] == [name(bench, "contact_admin")]


def test_after_a_lost_answer_the_org_is_looked_at_and_not_asked_again_in_one_go(uat: Bench) -> None:
    uat.served.faults.add(Fault(DropAfter(), match_method="POST", match_path="/jobs/ingest", times=1))
    result = task(uat, ["agent", "contact_admin"], batch_size=200, wait_timeout=60)
    assert (result["error_code"], len(jobs(uat)), sum(uat.clock.slept) >= 60) == ("no_answer", 1, True)
    assert "Bulk Data Load Jobs" in result["msg"]
    assert task(uat, ["agent", "contact_admin"], batch_size=200).get("msg") is None
    assert members(uat.org) == {name(uat, one) for one in ("agent", "contact_admin", "member")}


def test_a_job_that_is_still_at_work_stops_the_asking(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=4)
    bench.served.faults.add(Fault(EndJob(OBJECT, state="Failed", message="x"), skip=99))
    held = '{"id": "750000000000001AAA", "state": "InProgress"}'
    bench.served.faults.add(
        Fault(Status(200, body=held, headers={"Content-Type": "application/json"}), "GET", "/jobs/ingest/750", times=None)
    )
    result = task(bench, bench.info["agents"], batch_size=2, wait_timeout=30)
    assert len(jobs(bench)) == 1
    assert set(codes(result).values()) == {"BULK_NOT_SENT"} | ({"BULK_NO_EFFECT"} if len(members(bench.org)) == 1 else set())
    assert {change["key"].split("/")[1] for change in result["changes"]} == members(bench.org) - {name(bench, "member")}


def test_what_the_org_refuses_to_take_as_a_job_ends_the_task(uat: Bench) -> None:
    refusal = '[{"errorCode": "FEATURENOTENABLED", "message": "no bulk"}]'
    headers = {"Content-Type": "application/json"}
    uat.served.faults.add(Fault(Status(400, body=refusal, headers=headers), "POST", "/jobs/ingest"))
    result = task(uat, ["agent", "other_center"], move=True)
    assert (result["failed"], result["error_code"]) == (True, "FEATURENOTENABLED")
    assert members(uat.org) == {name(uat, "member")}
    assert members(uat.org, "partner_telephony_amazon") == {name(uat, "other_center")}


@pytest.mark.parametrize(("seats", "stops"), [(1, True), (2, False)])
def test_the_seats_that_come_with_it_are_counted_first(make_bench: Callable[..., Bench], seats: int, stops: bool) -> None:
    bench = make_bench(agents=2)
    for one in bench.info["agents"]:
        user_id = bench.org.find("User", Username=one)[0]["Id"]
        for row in bench.org.find("PermissionSetLicenseAssign", AssigneeId=user_id):
            bench.org.remove("PermissionSetLicenseAssign", row["Id"])
    seed.leave_seats(bench.org, seats)
    result = task(bench, bench.info["agents"], batch_size=200)
    assert result.get("error_code") == ("no_free_seat" if stops else None)
    assert (requests(bench) == []) == stops


def test_removing_writes_the_field_whatever_the_method(uat: Bench) -> None:
    result = task(uat, ["member"], "absent")
    assert (result.get("msg"), jobs(uat), members(uat.org)) == (None, [], set())


def test_exact_removes_by_field_and_adds_by_bulk(uat: Bench) -> None:
    result = task(uat, ["agent"], "exact")
    assert [change["op"] for change in result["changes"]] == ["delete", "create"]
    assert (len(jobs(uat)), members(uat.org)) == (1, {name(uat, "agent")})
