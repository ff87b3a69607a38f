# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set_license_assignment: what it shares with the licences of packages is tested there; here is what sets have to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator.faults import Fault, Refuse
from emulator.org import Org
from harness.cases import assign, put_set
from harness.direct import Bench
from harness.look import license_holders, record_writes, unchanged

INTEGRATION = "SalesforceAPIIntegrationPsl"
VOICE = "ServiceCloudVoiceExternalTelephonyPsl"
AGENT_SET = "ContactCenterAgentExternalTelephony"


def task(bench: Bench, users: list[str], state: str = "present", license: str = INTEGRATION, **more: Any) -> dict[str, Any]:
    """The module on users of these roles (or usernames)."""
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("permission_set_license_assignment", permission_set_license=license, users=names, state=state, **more)


def names(bench: Bench, *roles: str) -> set[str]:
    return {bench.info["users"][role] for role in roles}


def changed_users(result: Mapping[str, Any], op: str) -> set[str]:
    return {change["key"].split("/", 1)[1] for change in result["changes"] if change["op"] == op}


def left_out(result: Mapping[str, Any]) -> dict[str, str]:
    return {item["user"]: item["reason"] for item in result["left_out"]}


def license_id(org: Org, name: str) -> str:
    return str(org.find("PermissionSetLicense", DeveloperName=name)[0]["Id"])


def sell(org: Org, seats: int, name: str = INTEGRATION, **values: Any) -> None:
    org.set("PermissionSetLicense", license_id(org, name), TotalLicenses=seats, **values)


def put_seat(org: Org, role: str, name: str = INTEGRATION) -> None:
    org.put("PermissionSetLicenseAssign", PermissionSetLicenseId=license_id(org, name), AssigneeId=org.seed_info["user_ids"][role])


# -- present, absent, exact -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [INTEGRATION, INTEGRATION.upper(), "Salesforce API Integration"])
def test_a_licence_is_known_by_its_names_and_called_by_one(uat: Bench, word: str) -> None:
    result = task(uat, ["agent", "member"], license=word)
    assert [change["key"] for change in result["changes"]] == [f"{INTEGRATION}/{uat.info['users'][role]}" for role in ("agent", "member")]
    assert license_holders(uat.org, INTEGRATION) == names(uat, "agent", "member")
    assert result["license"] == {
        "name": INTEGRATION,
        "label": "Salesforce API Integration",
        "total": 5,
        "used": 2,
        "free": 3,
        "site": False,
        "status": "Active",
        "expires": None,
    }
    unchanged(task(uat, ["agent", "member"], license=word))


def test_absent_takes_the_seat_from_these_and_exact_from_all_others(uat: Bench) -> None:
    task(uat, ["agent", "member", "via_group"])
    assert changed_users(task(uat, ["agent"], "absent"), "delete") == names(uat, "agent")
    result = task(uat, ["member", "via_clone"], "exact")
    assert changed_users(result, "delete") == names(uat, "via_group")
    assert license_holders(uat.org, INTEGRATION) == names(uat, "member", "via_clone")
    assert {sobject for _unused, sobject in record_writes(uat.org)} == {"PermissionSetLicenseAssign"}


def test_exact_hands_seats_on_where_all_are_taken(uat: Bench) -> None:
    sell(uat.org, 2)
    task(uat, ["agent", "member"])
    result = task(uat, ["via_group", "via_clone"], "exact")
    assert not result.get("failed"), result["msg"]
    assert license_holders(uat.org, INTEGRATION) == names(uat, "via_group", "via_clone")


def test_too_few_seats_stop_the_task_and_name_everybody_and_inactive_holders(uat: Bench) -> None:
    sell(uat.org, 2)
    put_seat(uat.org, "inactive")
    result = task(uat, ["agent", "member"])
    assert (result["error_code"], uat.org.writes) == ("no_free_seat", [])
    assert {error["record"].split("/", 1)[1] for error in result["errors"]} == names(uat, "agent", "member")
    assert uat.info["users"]["inactive"] in result["msg"]


def test_a_disabled_licence_is_not_assigned(uat: Bench) -> None:
    sell(uat.org, 5, Status="Disabled")
    result = task(uat, ["agent"])
    assert (result["error_code"], uat.org.writes) == ("license_over", [])
    assert "is disabled" in result["msg"]


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_licence_that_the_org_lacks_stops_the_task_with_a_suggestion(uat: Bench, state: str) -> None:
    result = task(uat, ["agent"], state, "SalesforceApiIntegrationPls")
    assert (result["error_code"], uat.org.writes) == ("unknown_license", [])
    assert f"Did you mean {INTEGRATION}" in result["msg"]


def test_a_seat_that_goes_between_count_and_write_is_explained(uat: Bench) -> None:
    sell(uat.org, 1)
    uat.org.extra_before.append(lambda org, user, change: put_seat(org, "via_clone"))
    result = task(uat, ["agent"])
    assert [error["code"] for error in result["errors"]] == ["LICENSE_LIMIT_EXCEEDED"]
    assert "1 of 1 seats were free" in result["errors"][0]["remedy"]


def test_what_it_costs(uat: Bench) -> None:
    task(uat, ["agent"])
    assert uat.calls() == 4  # with the login
    unchanged(task(uat, ["agent"]))
    assert uat.calls() == 1
    unchanged(task(uat, ["member"], "absent"))
    assert uat.calls() == 1
    assert task(uat, ["agent"], "absent")["changed"]
    assert uat.calls() == 4  # one for the sets that may need the licence


# -- sets that need the licence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("still_needed", ["refused", "accepted"])
@pytest.mark.parametrize("state", ["absent", "exact"])
def test_the_licence_of_a_user_whose_set_needs_it_stays_and_that_is_no_failure(
    make_bench: Callable[..., Bench], state: str, still_needed: str
) -> None:
    """Whether the org would refuse it or not: the licence would come back with the next assignment."""
    bench = make_bench(switches={"set_licence_still_needed": still_needed})
    users = ["agent", "via_group"] if state == "absent" else []
    result = task(bench, users, state, VOICE, allow_empty=True)
    unchanged(result)
    told = left_out(result)
    assert AGENT_SET in told[bench.info["users"]["agent"]]
    assert "through permission set group Acme_Voice_Agents" in told[bench.info["users"]["via_group"]]
    assert len(result["warnings"]) == len(told)
    assert bench.org.writes == []


def test_who_has_the_licence_without_such_a_set_loses_it_beside_those_who_keep_it(uat: Bench) -> None:
    put_seat(uat.org, "without_set", VOICE)
    before = license_holders(uat.org, VOICE)
    result = task(uat, [], "exact", VOICE, allow_empty=True)
    assert names(uat, "without_set") <= changed_users(result, "delete")
    assert license_holders(uat.org, VOICE) == before - changed_users(result, "delete")
    assert set(left_out(result)) == license_holders(uat.org, VOICE)


def test_kept_seats_are_no_free_seats(uat: Bench) -> None:
    kept = license_holders(uat.org, VOICE)
    sell(uat.org, len(kept), VOICE)
    gone = task(uat, [], "exact", VOICE, allow_empty=True)
    staying = len(kept) - len(gone["changes"])
    sell(uat.org, staying, VOICE)
    result = task(uat, ["minimum"], "exact", VOICE)
    assert result["error_code"] == "no_free_seat"


def test_sets_made_for_other_licences_or_for_none_keep_nothing(uat: Bench) -> None:
    put_seat(uat.org, "agent")
    assert changed_users(task(uat, ["agent"], "absent"), "delete") == names(uat, "agent")
    assert uat.info["users"]["agent"] in license_holders(uat.org, VOICE)


def test_where_groups_are_hidden_the_org_s_refusal_is_explained(uat: Bench) -> None:
    words = "The user has permission sets that need this permission set license."
    where = {"AssigneeId": uat.info["user_ids"]["agent"]}
    put_seat(uat.org, "agent")
    uat.served.faults.add(Fault(Refuse("PermissionSetLicenseAssign", where, "FIELD_INTEGRITY_EXCEPTION", words, ops=("delete",))))
    (error,) = task(uat, ["agent"], "absent")["errors"]
    assert error["code"] == "FIELD_INTEGRITY_EXCEPTION"
    assert uat.info["users"]["agent"] in error["remedy"]
    assert "through a group" in error["remedy"]


# -- check mode: what sets of earlier tasks would bring along or give back ------------------------------------------------------------------

Task = tuple[str, dict[str, Any]]


def chain_of(bench: Bench, name: str) -> list[Task]:
    user, other, holding = (bench.info["users"][role] for role in ("without_set", "agent", "minimum"))
    seat = {"permission_set_license": VOICE, "users": [user]}
    mine = {"permission_set": AGENT_SET, "users": [user]}
    made = {"name": "Acme_Licensed", "label": "Licensed", "license": INTEGRATION}
    chains: dict[str, list[Task]] = {
        "a set brings the licence": [
            ("permission_set_assignment", mine),
            ("permission_set_license_assignment", seat),
            ("permission_set_license_assignment", {**seat, "state": "absent"}),
        ],
        "a group brings the licence": [
            ("permission_set_assignment", {"permission_set_group": "Acme_Voice_Agents", "users": [user]}),
            ("permission_set_license_assignment", seat),
        ],
        "a set goes, and the licence with it": [
            ("permission_set_assignment", {"permission_set": AGENT_SET, "users": [other], "state": "absent"}),
            ("permission_set_license_assignment", {**seat, "users": [other], "state": "absent"}),
            ("permission_set_license_assignment", {**seat, "users": [other]}),
        ],
        "a new set for the licence": [
            ("permission_set", made),
            ("permission_set_assignment", {"permission_set": "Acme_Licensed", "users": [user]}),
            ("permission_set_license_assignment", {"permission_set_license": INTEGRATION, "users": [user, other]}),
        ],
        "the licence, and then the set": [
            ("permission_set_license_assignment", seat),
            ("permission_set_assignment", mine),
            ("permission_set_license_assignment", {**seat, "users": [user, other]}),
        ],
        "the licence goes, and a set brings it back": [
            ("permission_set_license_assignment", {**seat, "users": [holding], "state": "absent"}),
            ("permission_set_assignment", {"permission_set": AGENT_SET, "users": [holding]}),
            ("permission_set_license_assignment", {**seat, "users": [holding, user]}),
        ],
        "a set for somebody who holds the licence": [
            ("permission_set_assignment", {"permission_set": AGENT_SET, "users": [holding]}),
            ("permission_set_license_assignment", seat),
        ],
        "a set goes, the licence comes, and again": [
            ("permission_set_assignment", {"permission_set": AGENT_SET, "users": [other], "state": "absent"}),
            ("permission_set_license_assignment", {**seat, "users": [other]}),
            ("permission_set_license_assignment", {**seat, "users": [other, user]}),
        ],
        "the licence twice": [
            ("permission_set_license_assignment", seat),
            ("permission_set_license_assignment", seat),
            ("permission_set_license_assignment", {**seat, "state": "absent"}),
            ("permission_set_license_assignment", {**seat, "state": "absent"}),
        ],
    }
    return chains[name]


@pytest.mark.parametrize(
    "chain",
    [
        "a set brings the licence",
        "a group brings the licence",
        "a set goes, and the licence with it",
        "a new set for the licence",
        "the licence, and then the set",
        "the licence goes, and a set brings it back",
        "a set for somebody who holds the licence",
        "a set goes, the licence comes, and again",
        "the licence twice",
    ],
)
def test_a_chain_of_tasks_is_foretold_task_by_task(uat: Bench, chain: str) -> None:
    put_seat(uat.org, "minimum", VOICE)
    shown = ("failed", "error_code", "changed", "changes", "license", "left_out", "inactive_holders")
    told = []
    for check in (True, False):
        uat.new_run()
        results = [uat.task(module, check=check, **options) for module, options in chain_of(uat, chain)]
        told.append([{key: result.get(key) for key in shown} for result in results])
    assert told[0] == told[1]
    assert not [result for result in told[1] if result["failed"]]
    assert [result for result in told[1] if result["changed"]]


def test_the_set_of_somebody_else_takes_a_seat_in_check_mode_too(uat: Bench) -> None:
    """Who is not in the list is counted all the same."""
    set_id = put_set(uat.org, LicenseId=license_id(uat.org, INTEGRATION))
    assert set_id
    sell(uat.org, 1)
    users = [uat.info["users"]["without_set"]]
    codes = []
    for check in (True, False):
        uat.new_run()
        assert uat.task("permission_set_assignment", check=check, permission_set="Acme_Set", users=users)["changed"]
        codes.append(task(uat, ["agent"], check=check)["error_code"])
    assert codes == ["no_free_seat", "no_free_seat"]


def test_an_assignment_that_is_to_go_no_longer_keeps_the_licence(uat: Bench) -> None:
    """In check mode, of two sets that need it one stays."""
    set_id = put_set(uat.org, LicenseId=license_id(uat.org, VOICE))
    assign(uat.org, "agent", set_id)
    agent = uat.info["users"]["agent"]
    first = {"permission_set": AGENT_SET, "users": [agent], "state": "absent"}
    for check in (True, False):
        uat.new_run()
        uat.task("permission_set_assignment", check=check, **first)
        result = task(uat, ["agent"], "absent", VOICE, check=check)
        unchanged(result)
        assert left_out(result)[agent].startswith("holds permission set Acme_Set,")
