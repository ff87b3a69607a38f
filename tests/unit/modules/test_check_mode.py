# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What check mode shows is what a run then does, and once more finds nothing to do; in check mode, tasks see what those before them would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from harness.cases import CASES, Case, assign, put_set, state_of
from harness.direct import NOUNS, VONAGE_CLONE, Bench
from harness.look import members, set_named, unchanged

NOT_OF_THE_PLAN = ("api", "check_mode", "warnings")


def shown(result: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a result that check mode promises. What the org itself gives a new user is not known before."""
    told = {name: value for name, value in result.items() if name not in NOT_OF_THE_PLAN}
    if told.get("created"):
        told["user"] = {name: value for name, value in told["user"].items() if name not in ("id", "nickname", "features")}
    return told


def states(module: str) -> list[str]:
    return list(NOUNS[module].argument_spec.get("state", {}).get("choices", ()))


@pytest.mark.parametrize(
    ("module", "state"), [(module, state) for module in NOUNS if not NOUNS[module].only_reads for state in states(module)]
)
def test_every_module_and_state_has_a_case(module: str, state: str) -> None:
    assert [case for case in CASES if (case.module, case.state) == (module, state)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_check_mode_predicts_the_run_and_a_second_run_changes_nothing(uat: Bench, case: Case) -> None:
    case.prepare(uat.org)
    before = state_of(uat.org)

    predicted = case.run(uat, check=True)
    assert predicted.get("msg") is None
    assert uat.org.writes == []
    assert [entry for entry in uat.entries() if entry.kind == "write"] == []
    assert state_of(uat.org) == before
    assert predicted["changed"]
    assert len(predicted["changes"]) >= case.changes

    uat.new_run()
    done = case.run(uat)
    assert shown(done) == shown(predicted)
    assert uat.org.writes
    assert state_of(uat.org) != before

    for check in (False, True):
        uat.new_run()
        count = len(uat.org.writes)
        again = case.run(uat, check=check)
        assert (again.get("msg"), again["changed"], again["changes"]) == (None, False, [])
        assert (again["diff"]["before"], again["diff"]["after"]) == ({}, {})
        assert len(uat.org.writes) == count
        assert [entry for entry in uat.entries() if entry.kind == "write"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_plan_names_no_record_id(uat: Bench, case: Case) -> None:
    case.prepare(uat.org)
    result = case.run(uat, check=True)
    # Which org and which user it was is told with the Id.
    told = repr({name: value for name, value in result.items() if name not in ("org", "user")})
    ids = {row["Id"] for sobject in ("User", "PermissionSet", "PermissionSetAssignment", "CallCenter") for row in uat.org.find(sobject)}
    assert not [record_id for record_id in ids if record_id[:15] in told]


# -- an earlier task of the run would have made it ------------------------------------------------------------------------------------


def in_turn(bench: Bench, tasks: list[tuple[str, dict[str, Any]]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The results of the tasks in check mode, then, in another run, for good."""
    bench.new_run()
    predicted = [bench.task(module, check=True, **options) for module, options in tasks]
    assert bench.org.writes == []
    bench.new_run()
    return predicted, [bench.task(module, **options) for module, options in tasks]


def same(predicted: list[dict[str, Any]], done: list[dict[str, Any]]) -> None:
    for one, other in zip(predicted, done, strict=True):
        assert (one.get("msg"), other.get("msg")) == (None, None)
        assert one["changed"]
        assert shown(one) == shown(other)


def test_a_set_that_the_run_would_make_can_be_assigned_in_check_mode(uat: Bench) -> None:
    tasks = [
        ("permission_set", dict(VONAGE_CLONE)),
        ("permission_set_assignment", {"permission_set": "acme_vonage_api_user", "users": [uat.info["api_user"]]}),
    ]
    predicted, done = in_turn(uat, tasks)
    same(predicted, done)
    assert predicted[1]["permission_set"] == "Acme_Vonage_API_User"


def test_outside_check_mode_a_set_that_only_check_mode_saw_is_unknown(uat: Bench) -> None:
    uat.task("permission_set", check=True, **VONAGE_CLONE)
    result = uat.task("permission_set_assignment", permission_set="Acme_Vonage_API_User", users=[uat.info["api_user"]])
    assert result["error_code"] == "unknown_set"


def test_what_a_run_foresees_is_forgotten_by_the_next_run(uat: Bench) -> None:
    uat.task("permission_set", check=True, **VONAGE_CLONE)
    uat.new_run()
    result = uat.task("permission_set_assignment", check=True, permission_set="Acme_Vonage_API_User", users=[uat.info["api_user"]])
    assert result["error_code"] == "unknown_set"


def test_what_a_run_foresees_in_one_org_is_not_seen_in_another(make_bench: Callable[..., Bench]) -> None:
    one, other = make_bench(), make_bench(name="acme-dev", seed=2)
    other.folder = one.folder
    one.task("permission_set", check=True, **VONAGE_CLONE)
    result = other.task("permission_set_assignment", check=True, permission_set="Acme_Vonage_API_User", users=[other.info["api_user"]])
    assert result["error_code"] == "unknown_set"


def test_an_assignment_that_the_run_would_make_lets_a_user_be_a_member(uat: Bench) -> None:
    user = uat.info["users"]["without_set"]
    alone = uat.task("contact_center_member", check=True, contact_center="AcmeVoice", users=[user])
    assert alone["error_code"] == "ineligible_user"
    predicted, done = in_turn(
        uat,
        [
            ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": [user]}),
            ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user]}),
        ],
    )
    same(predicted, done)
    assert user in members(uat.org)


def test_an_assignment_of_another_set_does_not_let_a_user_be_a_member(uat: Bench) -> None:
    user = uat.info["users"]["without_set"]
    uat.task("permission_set_assignment", check=True, permission_set="ContactWorld_Agent", users=[user])
    result = uat.task("contact_center_member", check=True, contact_center="AcmeVoice", users=[user])
    assert result["error_code"] == "ineligible_user"


@pytest.mark.parametrize("role", ["expired", "revoked"])
def test_an_assignment_that_the_run_would_repair_lets_a_user_be_a_member(uat: Bench, role: str) -> None:
    user = uat.info["users"][role]
    predicted, done = in_turn(
        uat,
        [
            ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": [user]}),
            ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user]}),
        ],
    )
    same(predicted, done)


def test_a_clone_that_the_run_would_make_and_assign_lets_a_user_be_a_member(uat: Bench) -> None:
    user = uat.info["users"]["without_set"]
    predicted, done = in_turn(
        uat,
        [
            ("permission_set", {"name": "Acme_Agents", "clone_from": {"name": "force__ContactCenterAgentExternalTelephony"}}),
            ("permission_set_assignment", {"permission_set": "Acme_Agents", "users": [user]}),
            ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user]}),
        ],
    )
    same(predicted, done)


def test_a_right_that_the_run_would_add_to_a_set_lets_its_users_be_members(uat: Bench) -> None:
    user = uat.info["users"]["without_set"]
    assign(uat.org, "without_set", put_set(uat.org))
    predicted, done = in_turn(
        uat,
        [
            ("permission_set", {"name": "Acme_Set", "user_permissions": ["IsContactCenterAgentBYOT"]}),
            ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user]}),
        ],
    )
    same(predicted, done)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_in_check_mode_too_the_second_of_two_equal_tasks_finds_nothing_to_do(uat: Bench, case: Case) -> None:
    case.prepare(uat.org)
    assert case.run(uat, check=True)["changed"]
    unchanged(case.run(uat, check=True))


def test_a_user_who_would_leave_one_center_can_join_another_in_check_mode(uat: Bench) -> None:
    user = uat.info["users"]["member"]
    predicted, done = in_turn(
        uat,
        [
            ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user], "state": "absent"}),
            ("contact_center_member", {"contact_center": "AcmeAmazonVoice", "users": [user]}),
        ],
    )
    same(predicted, done)


def test_a_user_who_would_lose_the_set_cannot_join_in_check_mode(uat: Bench) -> None:
    user = uat.info["users"]["agent"]
    tasks = [
        ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": [user], "state": "absent"}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [user]}),
    ]
    predicted, done = in_turn(uat, tasks)
    assert [result.get("error_code") for result in done] == [None, "ineligible_user"]
    assert [result.get("error_code") for result in predicted] == [None, "ineligible_user"]


def test_a_set_that_would_be_gone_cannot_be_assigned_in_check_mode(uat: Bench) -> None:
    put_set(uat.org)
    tasks = [
        ("permission_set", {"name": "Acme_Set", "state": "absent"}),
        ("permission_set_assignment", {"permission_set": "Acme_Set", "users": [uat.info["api_user"]]}),
    ]
    predicted, done = in_turn(uat, tasks)
    assert [result.get("error_code") for result in done] == [None, "unknown_set"]
    assert [result.get("error_code") for result in predicted] == [None, "unknown_set"]


def test_a_set_that_the_run_would_make_can_be_cloned_in_check_mode(uat: Bench) -> None:
    predicted, done = in_turn(
        uat,
        [
            ("permission_set", dict(VONAGE_CLONE)),
            ("permission_set", {"name": "Acme_Second", "clone_from": {"name": VONAGE_CLONE["name"]}}),
        ],
    )
    same(predicted, done)
    assert predicted[1]["changes"][0]["key"] == "Acme_Second"


def test_a_foreseen_set_of_a_user_licence_is_not_assigned_to_users_of_another(uat: Bench) -> None:
    tasks = [
        ("permission_set", {"name": "Acme_Licensed", "license": "Salesforce"}),
        ("permission_set_assignment", {"permission_set": "Acme_Licensed", "users": [uat.info["users"]["platform"]]}),
    ]
    predicted, done = in_turn(uat, tasks)
    assert [result.get("error_code") for result in done] == [None, "ineligible_user"]
    assert [result.get("error_code") for result in predicted] == [None, "ineligible_user"]


def test_the_whole_converge_is_predicted_on_an_org_that_has_nothing_of_it(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=5)
    for row in bench.org.find("PermissionSetAssignment", PermissionSetId=bench.info["set_ids"]["voice_agent"]):
        bench.org.set("PermissionSetAssignment", row["Id"], ExpirationDate=bench.org.clock() - timedelta(days=1), IsActive=False)
        bench.org.remove("PermissionSetAssignment", row["Id"])
    agents = bench.info["agents"]
    predicted, done = in_turn(
        bench,
        [
            ("permission_set", dict(VONAGE_CLONE)),
            ("permission_set_assignment", {"permission_set": "Acme_Vonage_API_User", "users": [bench.info["api_user"]]}),
            ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": agents}),
            ("contact_center_member", {"contact_center": "AcmeVoice", "users": agents}),
        ],
    )
    same(predicted, done)
    assert set_named(bench.org, "Acme_Vonage_API_User")
    assert members(bench.org) >= set(agents)
