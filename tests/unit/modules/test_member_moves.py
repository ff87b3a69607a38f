# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member: users who move from one center to another, and what becomes of them where that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.faults import Fault, Refuse, Status
from harness.cases import join
from harness.direct import Bench
from harness.look import members, unchanged

CENTER, OTHER = "AcmeVoice", "AcmeAmazonVoice"


def task(bench: Bench, users: list[str], state: str = "present", **more: Any) -> dict[str, Any]:
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("contact_center_member", **{"contact_center": CENTER, "users": names, "state": state, **more})


def name(bench: Bench, role: str) -> str:
    return str(bench.info["users"][role])


def centers_written(bench: Bench) -> list[object]:
    """What was written to users' centers, in order, by kind of center."""
    kinds = {center_id: kind for kind, center_id in bench.info["center_ids"].items()}
    return [kinds.get(str(write.fields["CallCenterId"])) for write in bench.org.writes if "CallCenterId" in write.fields]


def test_a_user_of_another_center_is_not_moved_unless_that_is_asked(uat: Bench) -> None:
    result = task(uat, ["other_center"])
    assert (result["error_code"], uat.org.writes) == ("ineligible_user", [])
    assert OTHER in result["msg"]
    assert "move: true" in result["msg"]


@pytest.mark.parametrize("state", ["present", "exact"])
def test_a_mover_leaves_and_joins_in_one_write(uat: Bench, state: str) -> None:
    foretold = task(uat, ["agent", "other_center"], state, move=True, check=True)
    uat.new_run()
    result = task(uat, ["agent", "other_center"], state, move=True)
    assert foretold["changes"] == result["changes"]
    assert foretold["joining"] == result["joining"]
    told = [(change["op"], change["key"]) for change in result["changes"] if change["key"].endswith(name(uat, "other_center"))]
    assert told == [("delete", f"{OTHER}/{name(uat, 'other_center')}"), ("create", f"{CENTER}/{name(uat, 'other_center')}")]
    assert {item["username"]: item["from"] for item in result["joining"]} == {name(uat, "agent"): "", name(uat, "other_center"): OTHER}
    assert name(uat, "other_center") not in {item["username"] for item in result["leaving"]}
    assert members(uat.org, "partner_telephony_amazon") == set()
    assert centers_written(uat).count("partner_telephony") == 2
    unchanged(task(uat, ["agent", "other_center"], state, move=True))


def test_a_mover_must_be_eligible_like_anybody_else(uat: Bench) -> None:
    join(uat.org, "without_set", center="partner_telephony_amazon")
    assert task(uat, ["without_set"], move=True)["error_code"] == "ineligible_user"
    result = task(uat, ["without_set"], move=True, role="agent")
    assert [change["kind"] for change in result["changes"]] == ["permission_set_assignment", *["contact_center_member"] * 2]
    assert members(uat.org) == {name(uat, "without_set"), name(uat, "member")}


def test_where_the_org_takes_no_move_in_one_step_the_user_leaves_and_joins(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"callcenter_move": "refused"})
    result = task(bench, ["agent", "other_center"], move=True)
    assert (result.get("msg"), len(result["changes"])) == (None, 3)
    assert members(bench.org) == {name(bench, one) for one in ("agent", "other_center", "member")}
    assert centers_written(bench)[-2:] == [None, "partner_telephony"]
    unchanged(task(bench, ["agent", "other_center"], move=True))


def refuse_joining(bench: Bench, role: str) -> None:
    where = {"Username": name(bench, role), "CallCenterId": bench.info["center_ids"]["partner_telephony"]}
    bench.served.faults.add(Fault(Refuse("User", where, message="not into this one", fields=("CallCenterId",)), times=None))


@pytest.mark.parametrize("method", ["user_field", "bulk"])
def test_whoever_cannot_join_goes_back_and_the_error_says_so(uat: Bench, method: str) -> None:
    refuse_joining(uat, "other_center")
    result = task(uat, ["agent", "other_center"], move=True, method=method, wait_timeout=10)
    assert members(uat.org, "partner_telephony_amazon") == {name(uat, "other_center")}
    assert members(uat.org) == {name(uat, "agent"), name(uat, "member")}
    told = {error["record"]: error["message"] for error in result["errors"]}
    assert told.keys() == {f"{OTHER}/{name(uat, 'other_center')}", f"{CENTER}/{name(uat, 'other_center')}"}
    assert f"is back in {OTHER}" in told[f"{CENTER}/{name(uat, 'other_center')}"]
    assert [item["username"] for item in result["joining"]] == [name(uat, "agent")]
    assert [change["key"] for change in result["changes"]] == [f"{CENTER}/{name(uat, 'agent')}"]
    uat.served.faults.clear()
    assert task(uat, ["agent", "other_center"], move=True, method=method).get("msg") is None
    assert name(uat, "other_center") in members(uat.org)


def test_whoever_can_neither_join_nor_go_back_is_told_to_be_nowhere(uat: Bench) -> None:
    for kind in ("partner_telephony", "partner_telephony_amazon"):
        where = {"Username": name(uat, "other_center"), "CallCenterId": uat.info["center_ids"][kind]}
        uat.served.faults.add(Fault(Refuse("User", where), times=None))
    result = task(uat, ["other_center"], move=True)
    assert (uat.org.get("User", uat.info["user_ids"]["other_center"]) or {})["CallCenterId"] is None
    assert [error["record"] for error in result["errors"]] == [f"{CENTER}/{name(uat, 'other_center')}"]
    assert "no center now" in result["errors"][0]["message"]
    assert [change["key"] for change in result["changes"]] == [f"{OTHER}/{name(uat, 'other_center')}"]
    uat.served.faults.clear()
    assert task(uat, ["other_center"], move=True).get("msg") is None


def test_whoever_cannot_leave_stays_where_it_is(uat: Bench) -> None:
    uat.served.faults.add(Fault(Refuse("User", {"Username": name(uat, "other_center")}), times=None))
    for method in ("user_field", "bulk"):
        result = task(uat, ["agent", "other_center"], move=True, method=method)
        assert {error["record"] for error in result["errors"]} == {
            f"{OTHER}/{name(uat, 'other_center')}",
            f"{CENTER}/{name(uat, 'other_center')}",
        }
        assert members(uat.org, "partner_telephony_amazon") == {name(uat, "other_center")}


def test_a_mover_leaves_by_the_field_before_bulk_adds(uat: Bench) -> None:
    result = task(uat, ["other_center"], move=True, method="bulk")
    assert (result.get("msg"), centers_written(uat)[0]) == (None, None)
    assert members(uat.org) == {name(uat, "other_center"), name(uat, "member")}


@pytest.mark.parametrize(
    ("switches", "method"),
    [
        ({"callcenter_patch": "late", "bulk_entity_effect": "at_once"}, "bulk"),
        ({"callcenter_patch": "late"}, "bulk"),
        ({"callcenter_patch": "late", "callcenter_move": "refused"}, "user_field"),
        ({"callcenter_patch": "late"}, "user_field"),
    ],
)
def test_a_mover_whose_leaving_shows_late_is_waited_for(make_bench: Callable[..., Bench], switches: dict[str, str], method: str) -> None:
    bench = make_bench(switches=switches)
    result = task(bench, ["agent", "other_center"], move=True, method=method)
    assert (result.get("msg"), len(result["changes"])) == (None, 3)
    assert members(bench.org) == {name(bench, one) for one in ("agent", "other_center", "member")}


@pytest.mark.parametrize("method", ["user_field", "bulk"])
def test_whoever_goes_back_late_is_waited_for_and_is_no_change(make_bench: Callable[..., Bench], method: str) -> None:
    bench = make_bench(switches={"callcenter_patch": "late", "callcenter_move": "refused"})
    refuse_joining(bench, "other_center")
    result = task(bench, ["other_center"], move=True, method=method, wait_timeout=30)
    assert (result["failed"], result["changes"]) == (True, [])
    bench.org.query(bench.info["user_ids"]["automation"], "SELECT Id FROM User LIMIT 1", "67.0")
    assert members(bench.org, "partner_telephony_amazon") == {name(bench, "other_center")}


def test_a_leaving_that_never_shows_keeps_the_user_from_joining(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"callcenter_patch": "ignored"})
    result = task(bench, ["other_center"], move=True, method="bulk", wait_timeout=30)
    assert {error["code"] for error in result["errors"]} == {"NOT_AS_PLANNED"}
    assert (result["changes"], bench.org.find("ContactCenterBulkOp")) == ([], [])


def test_a_move_whose_reading_back_is_refused_is_told_with_both_its_sides(uat: Bench) -> None:
    uat.served.faults.add(Fault(Status(403, "REQUEST_LIMIT_EXCEEDED"), match_path="/composite", skip=3, times=None))
    result = task(uat, ["other_center"], move=True)
    assert (result["failed"], result["error_class"]) == (True, "limit")
    assert {change["key"].split("/")[0] for change in result["changes"]} == {OTHER, CENTER}


def test_exact_moves_nobody_away_who_is_not_listed(uat: Bench) -> None:
    task(uat, ["member"], "exact", move=True)
    assert members(uat.org, "partner_telephony_amazon") == {name(uat, "other_center")}


def test_a_chain_of_moves_is_foretold(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    chain = [
        {"contact_center": OTHER, "users": [name(bench, "member")], "move": True},
        {"contact_center": CENTER, "users": [name(bench, "member"), name(bench, "other_center")], "move": True},
        {"contact_center": CENTER, "users": [name(bench, "agent")], "state": "exact"},
        {"contact_center": OTHER, "users": [name(bench, "member")], "state": "exact"},
    ]
    foretold = [bench.task("contact_center_member", check=True, **options) for options in chain]
    assert bench.org.writes == []
    bench.new_run()
    done = [bench.task("contact_center_member", **options) for options in chain]
    assert [one.get("msg") for one in done] == [None] * 4
    for key in ("changes", "joining", "leaving", "unchanged", "left_out", "contact_center", "batch_size"):
        assert [one[key] for one in foretold] == [one[key] for one in done], key
