# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""package_license_assignment: who gets a seat, who loses it, what is said where seats lack, and what is never written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.org import Org
from harness.direct import Bench
from harness.look import last_read, package_holders, queries, record_writes, unchanged

PACKAGE = "NVMContactWorld"
PSL = "SalesforceAPIIntegrationPsl"
HOLDING = ("vonage_api", "agent", "supervisor", "inactive")


def task(bench: Bench, users: list[str], state: str = "present", package: str = PACKAGE, **more: Any) -> dict[str, Any]:
    """The module on users of these roles (or usernames)."""
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("package_license_assignment", package=package, users=names, state=state, **more)


def names(bench: Bench, *roles: str) -> set[str]:
    return {bench.info["users"][role] for role in roles}


def changed_users(result: Mapping[str, Any], op: str) -> set[str]:
    return {change["key"].split("/", 1)[1] for change in result["changes"] if change["op"] == op}


def sell(org: Org, seats: int, **values: Any) -> None:
    """The package's licence with that many seats."""
    row = org.find("PackageLicense", NamespacePrefix=PACKAGE)[0]
    org.set("PackageLicense", row["Id"], AllowedLicenses=seats, **values)


def put_seat(org: Org, role: str) -> None:
    row = org.find("PackageLicense", NamespacePrefix=PACKAGE)[0]
    org.put("UserPackageLicense", PackageLicenseId=row["Id"], UserId=org.seed_info["user_ids"][role])


# -- present, absent, exact -----------------------------------------------------------------------------------------------------------


def test_present_gives_a_seat_to_those_who_have_none(uat: Bench) -> None:
    result = task(uat, ["agent", "member", "via_group"])
    assert result["changes"] == [
        {
            "op": "create",
            "kind": "package_license_assignment",
            "key": f"{PACKAGE}/{uat.info['users'][role]}",
            "before": {},
            "after": {"assigned": True},
        }
        for role in ("member", "via_group")
    ]
    assert package_holders(uat.org) == names(uat, *HOLDING, "member", "via_group")
    assert result["license"] == {
        "name": PACKAGE,
        "label": PACKAGE,
        "total": 25,
        "used": 6,
        "free": 19,
        "site": False,
        "status": "Active",
        "expires": None,
    }
    unchanged(task(uat, ["agent", "member", "via_group"]))


def test_absent_takes_the_seat_also_from_inactive_users_and_from_nobody_else(uat: Bench) -> None:
    result = task(uat, ["inactive", "agent", "member"], "absent")
    assert changed_users(result, "delete") == names(uat, "inactive", "agent")
    assert package_holders(uat.org) == names(uat, "vonage_api", "supervisor")
    assert (result["license"]["used"], result["inactive_holders"]) == (2, [])
    unchanged(task(uat, ["inactive", "agent", "member"], "absent"))


def test_exact_gives_and_takes_so_that_just_these_hold_a_seat(uat: Bench) -> None:
    result = task(uat, ["agent", "member"], "exact")
    assert changed_users(result, "create") == names(uat, "member")
    assert changed_users(result, "delete") == names(uat, "vonage_api", "supervisor", "inactive")
    assert package_holders(uat.org) == names(uat, "agent", "member")


def test_exact_hands_seats_on_where_all_are_taken(uat: Bench) -> None:
    sell(uat.org, len(HOLDING))
    result = task(uat, ["agent", "member", "via_group", "via_clone"], "exact")
    assert not result.get("failed"), result["msg"]
    assert package_holders(uat.org) == names(uat, "agent", "member", "via_group", "via_clone")
    assert [op for op, _unused in record_writes(uat.org)] == ["delete"] * 3 + ["insert"] * 3
    assert result["license"]["free"] == 0


def test_exact_takes_no_more_than_it_may(uat: Bench) -> None:
    result = task(uat, ["agent"], "exact", max_removals=2)
    assert (result["error_code"], uat.org.writes) == ("too_many_removals", [])
    assert uat.info["users"]["supervisor"] in result["msg"]


def test_exact_never_takes_the_licence_of_the_running_user(uat: Bench) -> None:
    put_seat(uat.org, "automation")
    result = task(uat, ["agent"], "exact")
    assert package_holders(uat.org) == names(uat, "agent", "automation")
    assert [item["user"] for item in result["left_out"]] == [uat.info["users"]["automation"]]


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_nothing_but_seats_is_written(uat: Bench, state: str) -> None:
    task(uat, ["agent", "member"], state)
    assert uat.org.writes
    assert {sobject for _unused, sobject in record_writes(uat.org)} == {"UserPackageLicense"}


def test_users_are_known_by_their_other_keys(uat: Bench) -> None:
    by_id = uat.info["user_ids"]["via_group"][:15]
    result = uat.task(
        "package_license_assignment",
        package="nvmcontactworld",
        sandbox_name="uat",
        users=["member@acme.example", {"employee_number": "E1002"}, by_id],
    )
    assert changed_users(result, "create") == names(uat, "member", "contact_admin", "via_group")
    assert {change["key"].split("/", 1)[0] for change in result["changes"]} == {PACKAGE}


def test_the_seat_of_a_user_whom_only_a_second_look_finds_is_found_too(uat: Bench) -> None:
    """The username got something in front when the sandbox was made: the first call cannot ask for its seat."""
    put_seat(uat.org, "prepended")
    options = {"package": PACKAGE, "users": ["prepended@acme.example"], "sandbox_name": "uat"}
    unchanged(uat.task("package_license_assignment", **options))
    result = uat.task("package_license_assignment", **options, state="absent")
    assert changed_users(result, "delete") == names(uat, "prepended")


def test_of_two_users_with_like_names_one_is_meant(uat: Bench) -> None:
    """A user of the sandbox's own may bear the production name of another; the seat of that one is not the former's."""
    agent = uat.org.get("User", uat.info["user_ids"]["agent"]) or {}
    twin = {name: value for name, value in agent.items() if name not in ("Id", "FederationIdentifier", "CommunityNickname")}
    uat.org.put("User", **{**twin, "Username": "inactive@acme.example"})
    result = task(uat, ["inactive@acme.example"], sandbox_name="uat")
    assert (changed_users(result, "create"), result["inactive_holders"]) == ({"inactive@acme.example"}, [])
    result = task(uat, ["inactive@acme.example"], "absent", sandbox_name="uat")
    assert changed_users(result, "delete") == {"inactive@acme.example"}
    assert package_holders(uat.org) == names(uat, *HOLDING)


# -- seats ----------------------------------------------------------------------------------------------------------------------------


def test_too_few_seats_stop_the_task_before_any_write_and_name_everybody(uat: Bench) -> None:
    sell(uat.org, len(HOLDING) + 1)
    needing = ["member", "via_group", "via_clone"]
    result = task(uat, ["agent", *needing])
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("no_free_seat", "config", [])
    assert [entry for entry in uat.entries() if entry.kind == "write"] == []
    assert {error["record"].split("/", 1)[1] for error in result["errors"]} == names(uat, *needing)
    assert all(name in result["msg"] for name in names(uat, *needing))
    assert "1 of 5 seats are free and 3 users need one" in result["msg"]
    assert uat.info["users"]["inactive"] in result["msg"]
    assert "state: absent" in result["msg"]


def test_where_seats_lack_one_more_call_finds_the_inactive_users_and_not_everybody(uat: Bench) -> None:
    sell(uat.org, len(HOLDING))
    task(uat, ["agent"])
    calls = uat.calls()
    task(uat, ["member"])
    assert uat.calls() == calls  # the first task logged in
    (query,) = queries(uat.entries()[-1])
    assert " FROM UserPackageLicense " in query
    assert " LIMIT " in query


def test_a_full_licence_without_inactive_holders_says_so(uat: Bench) -> None:
    task(uat, ["inactive"], "absent")
    sell(uat.org, 3)
    result = task(uat, ["member"])
    assert result["error_code"] == "no_free_seat"
    assert "no inactive user holds one" in result["msg"]


def test_the_remedy_works(uat: Bench) -> None:
    sell(uat.org, len(HOLDING))
    assert task(uat, ["member"])["error_code"] == "no_free_seat"
    task(uat, ["inactive"], "absent")
    assert task(uat, ["member"]).get("msg") is None
    assert package_holders(uat.org) == names(uat, "vonage_api", "agent", "supervisor", "member")


def test_a_full_licence_is_no_matter_where_nobody_needs_a_seat(uat: Bench) -> None:
    sell(uat.org, 2)
    result = task(uat, ["agent", "inactive"])
    unchanged(result)
    assert (result["license"]["used"], result["license"]["free"]) == (4, 0)
    assert result["inactive_holders"] == [uat.info["users"]["inactive"]]
    assert len(uat.entries()) == 2  # the login, and one call


def test_seats_are_counted_from_rows_and_not_taken_from_the_column_that_lags(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"used_licenses_column": "lagging"})
    sell(bench.org, 6, UsedLicenses=6)
    result = task(bench, ["member", "via_group"])
    assert (result.get("msg"), result["license"]["used"]) == (None, 6)
    sell(bench.org, 6, UsedLicenses=0)
    assert task(bench, ["via_clone"])["error_code"] == "no_free_seat"


def test_a_seat_that_goes_between_count_and_write_is_explained_and_the_others_are_served(uat: Bench) -> None:
    sell(uat.org, len(HOLDING) + 2)
    taken: list[str] = []

    def somebody_is_faster(org: Org, user: str, change: object) -> None:
        if not taken:
            taken.append("via_clone")
            put_seat(org, "via_clone")

    uat.org.extra_before.append(somebody_is_faster)
    result = task(uat, ["member", "via_group"])
    assert (result["failed"], result["changed"]) == (True, True)
    assert changed_users(result, "create") == names(uat, "member")
    (error,) = result["errors"]
    assert (error["code"], error["record"]) == ("LICENSE_LIMIT_EXCEEDED", f"{PACKAGE}/{uat.info['users']['via_group']}")
    assert "2 of 6 seats were free" in error["remedy"]
    assert (result["license"]["used"], result["license"]["free"]) == (6, 0)
    assert task(uat, ["member", "via_group"])["error_code"] == "no_free_seat"


# -- site licences, and licences that are over ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", ["accepted", "refused"])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_site_licence_is_told_and_never_written(make_bench: Callable[..., Bench], state: str, rows: str) -> None:
    bench = make_bench(switches={"site_licence_rows": rows})
    sell(bench.org, -1)
    result = task(bench, ["agent", "member"], state, max_removals=0)
    unchanged(result)
    assert bench.org.writes == []
    assert result["license"] == {
        "name": PACKAGE,
        "label": PACKAGE,
        "total": None,
        "used": 4,
        "free": None,
        "site": True,
        "status": "Active",
        "expires": None,
    }
    assert ["site licence" in warning for warning in result["warnings"]] == [True] * (state != "present")


def test_a_licence_that_has_expired_is_not_assigned_but_can_be_taken_away(uat: Bench) -> None:
    sell(uat.org, 25, Status="Expired", ExpirationDate=uat.org.clock() - timedelta(days=1))
    result = task(uat, ["member"])
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("license_over", "config", [])
    assert "has expired" in result["msg"]
    assert uat.info["users"]["member"] in result["msg"]
    held = task(uat, ["agent"])
    unchanged(held)
    assert "has expired" in held["warnings"][0]
    assert changed_users(task(uat, ["agent"], "absent"), "delete") == names(uat, "agent")


# -- bad input ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_package_that_the_org_has_no_licence_of_stops_the_task_with_a_suggestion(uat: Bench, state: str) -> None:
    result = task(uat, ["agent"], state, "NVMContactWorl")
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("unknown_license", "config", [])
    assert "Did you mean NVMContactWorld" in result["msg"]


def test_inactive_users_are_given_no_seat(uat: Bench) -> None:
    task(uat, ["inactive"], "absent")
    writes = len(uat.org.writes)
    result = task(uat, ["inactive", "member"])
    assert (result["error_code"], len(uat.org.writes)) == ("ineligible_user", writes)
    assert f"{uat.info['users']['inactive']} is inactive" in result["msg"]
    result = task(uat, ["inactive", "member"], on_ineligible="skip")
    assert changed_users(result, "create") == names(uat, "member")
    assert result["left_out"] == [{"user": uat.info["users"]["inactive"], "reason": "is inactive"}]


def test_a_running_user_without_the_right_is_told_so(uat: Bench) -> None:
    result = task(uat, ["member"], username=uat.info["users"]["limited"])
    assert (result["failed"], result["error_code"]) == (True, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert "Manage Package Licenses" in result["msg"]
    assert package_holders(uat.org) == names(uat, *HOLDING)


# -- many users, and reading back -------------------------------------------------------------------------------------------------------


def test_a_thousand_users_cost_five_calls_and_two_when_nothing_changes(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=1000)
    options = {"package": PACKAGE, "users": bench.info["agents"]}
    first = bench.task("package_license_assignment", **options)
    assert (first.get("msg"), len(first["changes"])) == (None, 1000)
    assert bench.calls() <= 5 + 1  # the login
    assert package_holders(bench.org) >= set(bench.info["agents"])
    bench.new_run()
    unchanged(bench.task("package_license_assignment", **options))
    assert bench.calls() <= 2 + 1


def test_a_task_costs_one_call_and_three_with_writes(uat: Bench) -> None:
    task(uat, ["agent"])
    assert uat.calls() == 2  # with the login
    unchanged(task(uat, ["agent"]))
    assert uat.calls() == 1
    for state in ("present", "absent"):
        assert task(uat, ["member"], state)["changed"]
        assert uat.calls() == 3
    assert task(uat, ["member"], "exact")["changed"]
    assert uat.calls() == 3


def test_what_was_touched_is_read_back_and_nobody_else(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=20)
    task(bench, [*bench.info["agents"][:2], "agent"])
    rows, counted = last_read(bench.entries())
    touched = [row["Id"] for row in bench.org.find("User", Username=bench.info["agents"][:2])]
    assert all(user_id in rows for user_id in touched)
    assert bench.info["user_ids"]["agent"] not in rows
    assert "COUNT(Id)" in counted


# -- check mode -------------------------------------------------------------------------------------------------------------------------


def test_a_check_mode_run_sees_the_seats_of_its_earlier_tasks(uat: Bench) -> None:
    sell(uat.org, len(HOLDING) + 1)
    chain = [
        (["member"], "present"),
        (["member"], "present"),
        (["via_group"], "present"),
        (["inactive"], "absent"),
        (["via_group"], "present"),
    ]
    told = []
    for check in (True, False):
        uat.new_run()
        results = [task(uat, users, state, check=check) for users, state in chain]
        told.append([(result.get("error_code"), result["changed"], result.get("changes"), result.get("license")) for result in results])
    assert told[0] == told[1]
    assert [item[0] for item in told[0]] == [None, None, "no_free_seat", None, None]


@pytest.mark.parametrize(
    ("module", "license"),
    [("package_license_assignment", {"package": PACKAGE}), ("permission_set_license_assignment", {"permission_set_license": PSL})],
)
def test_a_check_mode_run_sees_the_users_that_its_earlier_tasks_would_make(uat: Bench, module: str, license: Mapping[str, Any]) -> None:
    new = "new.agent@acme.example.uat"
    made = {"user": new, "last_name": "Agent", "email": "new.agent@acme.example", "profile": "Standard User"}
    chain: list[tuple[str, dict[str, Any]]] = [
        ("user", made),
        *((module, {**license, "users": [new], "state": state}) for state in ("present", "present", "absent")),
        (module, {**license, "users": [uat.info["users"]["member"]], "state": "exact"}),
    ]
    told = []
    for check in (True, False):
        uat.new_run()
        results = [uat.task(name, check=check, **options) for name, options in chain]
        assert [result.get("msg") for result in results] == [None] * len(chain)
        told.append([(result["changed"], result["changes"], result.get("license"), result.get("left_out")) for result in results])
    assert told[0] == told[1]
    assert [item[0] for item in told[0]] == [True, True, False, True, True]


def test_who_would_be_deactivated_by_an_earlier_task_is_given_no_seat(uat: Bench) -> None:
    user = uat.info["users"]["member"]
    for check in (True, False):
        uat.new_run()
        assert uat.task("user", check=check, user=user, active=False, allow_change=["active"])["changed"]
        assert task(uat, ["member"], check=check)["error_code"] == "ineligible_user"
