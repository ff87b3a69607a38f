# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member: what new members get or have repaired first, and what happens where that is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import seed
from emulator.faults import DropAfter, Fault, Refuse
from harness.cases import LONG_AGO, assign, join
from harness.direct import Bench
from harness.look import direct_row, holders, license_holders, members, record_writes, unchanged

CENTER = "AcmeVoice"
VOICE = "ServiceCloudVoiceExternalTelephonyPsl"
STANDARD = {"agent": "force__ContactCenterAgentExternalTelephony", "admin": "force__ContactCenterAdminExternalTelephony"}


def task(bench: Bench, users: list[str], state: str = "present", **more: Any) -> dict[str, Any]:
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("contact_center_member", contact_center=CENTER, users=names, state=state, **more)


def name(bench: Bench, role: str) -> str:
    return str(bench.info["users"][role])


def user(bench: Bench, role: str) -> dict[str, Any]:
    return bench.org.get("User", bench.info["user_ids"][role]) or {}


def frozen(bench: Bench, role: str) -> list[bool]:
    return [row["IsFrozen"] for row in bench.org.find("UserLogin", UserId=bench.info["user_ids"][role])]


# -- the role's set -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "admin"])
def test_who_has_neither_right_gets_the_set_of_the_role_and_then_joins(uat: Bench, role: str) -> None:
    foretold = task(uat, ["without_set", "contact_admin", "via_group"], role=role, check=True)
    assert uat.org.writes == []
    uat.new_run()
    result = task(uat, ["without_set", "contact_admin", "via_group"], role=role)
    assert foretold["changes"] == result["changes"]
    given = result["changes"][0]
    assert (given["kind"], given["op"], given["key"]) == (
        "permission_set_assignment",
        "create",
        f"{STANDARD[role]}/{name(uat, 'without_set')}",
    )
    assert len(result["changes"]) == 4
    assert name(uat, "without_set") in holders(uat.org, uat.info["set_ids"][f"voice_{role}"])
    assert direct_row(uat.org, name(uat, "contact_admin"), uat.info["set_ids"]["voice_agent"]) is None
    assert members(uat.org) == {name(uat, one) for one in ("without_set", "contact_admin", "via_group", "member")}
    assert record_writes(uat.org) == [("insert", "PermissionSetAssignment"), *[("update", "User")] * 3]
    unchanged(task(uat, ["without_set", "contact_admin", "via_group"], role=role))


def test_a_member_gets_nothing_any_more(uat: Bench) -> None:
    join(uat.org, "without_set", "without_service")
    unchanged(task(uat, ["without_set", "without_service"], role="agent", repair=["service_cloud_user"]))


def test_an_expired_and_a_revoked_assignment_are_repaired_and_not_doubled(uat: Bench) -> None:
    assign(uat.org, "without_set", uat.info["set_ids"]["voice_admin"], IsActive=False, ExpirationDate=LONG_AGO)
    result = task(uat, ["expired", "revoked", "without_set"], role="agent")
    assert result.get("msg") is None
    kinds = {change["key"].split("/")[1]: change["op"] for change in result["changes"] if change["kind"] == "permission_set_assignment"}
    assert kinds == {name(uat, "expired"): "update", name(uat, "revoked"): "update", name(uat, "without_set"): "create"}
    assert members(uat.org) >= {name(uat, one) for one in ("expired", "revoked", "without_set")}
    unchanged(task(uat, ["expired", "revoked", "without_set"], role="agent"))


def test_an_org_without_the_standard_set_names_those_that_carry_the_right(uat: Bench) -> None:
    uat.org.set("PermissionSet", uat.info["set_ids"]["voice_agent"], Name="SomethingElse")
    result = task(uat, ["without_set"], role="agent")
    assert (result["error_code"], uat.org.writes) == ("no_role_set", [])
    assert "Acme_Voice_Agent" in result["msg"]
    assert "force__SomethingElse" in result["msg"]
    assert "permission_set_assignment" in result["msg"]
    assert "AdminExternal" not in result["msg"]
    assert task(uat, ["agent"], role="agent").get("msg") is None


def test_a_customer_s_set_of_the_same_name_is_not_taken_for_salesforce_s(uat: Bench) -> None:
    values = {"Label": "Ours", "IsCustom": True, "IsOwnedByProfile": False, "Type": "Regular", "PermissionsIsContactCenterAgentBYOT": True}
    ours = uat.org.put("PermissionSet", Name="ContactCenterAgentExternalTelephony", **values)
    assign(uat.org, "without_set", ours, IsActive=False, ExpirationDate=LONG_AGO)
    result = task(uat, ["without_set"], role="agent")
    assert result.get("msg") is None
    assert (result["changes"][0]["op"], result["changes"][0]["key"]) == ("create", f"{STANDARD['agent']}/{name(uat, 'without_set')}")


def test_an_org_that_does_not_know_the_right_says_so(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=frozenset())
    # Nothing says what kind the org's one center is.
    bench.info["call_center_definitions"].clear()
    bench.org.set("CallCenter", str(bench.org.find("CallCenter", InternalName="AcmeOpenCti")[0]["Id"]), AdapterUrl=None)
    result = bench.task(
        "contact_center_member", contact_center="AcmeOpenCti", users=[name(bench, "agent")], flavour="partner_telephony", role="agent"
    )
    assert (result["error_code"], bench.org.writes) == ("no_role_set", [])


def test_whoever_is_refused_the_set_is_not_added_and_the_others_are(uat: Bench) -> None:
    refused = {"AssigneeId": uat.info["user_ids"]["without_set"]}
    uat.served.faults.add(Fault(Refuse("PermissionSetAssignment", refused, "LICENSE_LIMIT_EXCEEDED", "no seat"), times=1))
    result = task(uat, ["without_set", "expired"], role="agent")
    first = name(uat, "without_set")
    assert [(error["record"], error["code"]) for error in result["errors"]] == [
        (f"{STANDARD['agent']}/{first}", "LICENSE_LIMIT_EXCEEDED"),
        (f"{CENTER}/{first}", "LICENSE_LIMIT_EXCEEDED"),
    ]
    assert "no seat" in result["errors"][1]["message"]
    assert members(uat.org) == {name(uat, "expired"), name(uat, "member")}
    assert task(uat, ["without_set", "expired"], role="agent").get("msg") is None
    assert first in members(uat.org)


def test_whoever_was_refused_the_set_is_not_added_either_after_a_lost_answer(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"enforce_permset_on_patch": "off"})
    bench.served.faults.add(Fault(Refuse("PermissionSetAssignment", {"AssigneeId": bench.info["user_ids"]["without_set"]}), times=None))
    bench.served.faults.add(Fault(DropAfter(), match_path="/composite", match_body="AssigneeId", times=1))
    result = task(bench, ["without_set", "expired"], role="agent")
    assert result["failed"]
    assert name(bench, "without_set") not in members(bench.org)
    assert name(bench, "expired") in members(bench.org)


# -- repairs --------------------------------------------------------------------------------------------------------------------------


def test_a_user_is_made_a_service_cloud_user_only_where_that_is_asked(uat: Bench) -> None:
    assert task(uat, ["without_service"])["error_code"] == "ineligible_user"
    assert task(uat, ["without_service"], repair=["frozen"])["error_code"] == "ineligible_user"
    assert uat.org.writes == []
    result = task(uat, ["without_service"], repair=["service_cloud_user"])
    assert result["changes"][0] == {
        "op": "update",
        "kind": "user",
        "key": name(uat, "without_service"),
        "before": {"SupportUser": False},
        "after": {"SupportUser": True},
    }
    assert (user(uat, "without_service")["UserPermissionsSupportUser"], len(result["changes"])) == (True, 2)
    unchanged(task(uat, ["without_service"], repair=["service_cloud_user"]))


def test_a_frozen_user_is_thawed_only_where_that_is_asked(uat: Bench) -> None:
    seed.freeze(uat.org, name(uat, "agent"))
    refused = task(uat, ["agent"])
    assert (refused["error_code"], uat.org.writes) == ("ineligible_user", [])
    assert "is frozen" in refused["msg"]
    result = task(uat, ["agent"], repair=["frozen"])
    assert (result.get("msg"), frozen(uat, "agent")) == (None, [False])
    assert name(uat, "agent") in members(uat.org)


def test_one_user_may_need_everything_at_once(uat: Bench) -> None:
    foretold = task(uat, ["frozen"], repair=["frozen", "service_cloud_user"], role="agent", check=True)
    uat.new_run()
    result = task(uat, ["frozen"], repair=["frozen", "service_cloud_user"], role="agent")
    assert result.get("msg") is None
    assert [change["kind"] for change in result["changes"]] == ["user", "permission_set_assignment", "contact_center_member"]
    assert result["changes"][0]["after"] == {"SupportUser": True, "frozen": False}
    assert foretold["changes"] == result["changes"]
    unchanged(task(uat, ["frozen"], repair=["frozen", "service_cloud_user"], role="agent"))


@pytest.mark.parametrize("sobject", ["User", "UserLogin"])
def test_a_repair_that_is_refused_in_part_keeps_the_user_out(uat: Bench, sobject: str) -> None:
    uat.served.faults.add(Fault(Refuse(sobject), times=1))
    result = task(uat, ["frozen", "agent"], repair=["frozen", "service_cloud_user"], role="agent")
    assert {error["record"] for error in result["errors"]} >= {name(uat, "frozen"), f"{CENTER}/{name(uat, 'frozen')}"}
    assert members(uat.org) == {name(uat, "agent"), name(uat, "member")}
    assert task(uat, ["frozen", "agent"], repair=["frozen", "service_cloud_user"], role="agent").get("msg") is None


def test_nobody_is_activated(uat: Bench) -> None:
    result = task(uat, ["inactive"], repair=["frozen", "service_cloud_user"], role="agent")
    assert (result["error_code"], uat.org.writes) == ("ineligible_user", [])


def test_who_may_not_see_who_is_frozen_is_told_so(uat: Bench) -> None:
    for row in uat.org.find("PermissionSet", IsOwnedByProfile=True):
        if row["ProfileId"] == user(uat, "automation")["ProfileId"]:
            uat.org.set("PermissionSet", row["Id"], PermissionsManageUsers=False)
    uat.org.set("Profile", user(uat, "automation")["ProfileId"], PermissionsManageUsers=False)
    result = task(uat, ["agent"], check=True)
    assert [warning for warning in result["warnings"] if "frozen" in warning and name(uat, "agent") in warning]


# -- seats ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seats", "stops"), [(1, True), (2, False)])
def test_seats_are_counted_for_the_whole_list_before_the_first_write(uat: Bench, seats: int, stops: bool) -> None:
    for one in ("without_set", "expired"):
        assert name(uat, one) not in license_holders(uat.org, VOICE)
    seed.leave_seats(uat.org, seats)
    result = task(uat, ["agent", "without_set", "expired"], role="agent")
    assert result.get("error_code") == ("no_free_seat" if stops else None)
    assert (uat.org.writes == []) == stops
    if stops:
        assert "2 of the users need a seat" in result["msg"]
        assert "1 of" in result["msg"]


def test_who_holds_a_seat_already_needs_none(uat: Bench) -> None:
    seed.leave_seats(uat.org, 0)
    licence = uat.org.find("PermissionSetLicense", DeveloperName=VOICE)[0]["Id"]
    uat.org.put("PermissionSetLicenseAssign", PermissionSetLicenseId=licence, AssigneeId=uat.info["user_ids"]["without_set"])
    assert task(uat, ["without_set"], role="agent").get("msg") is None


def test_seats_are_read_only_where_somebody_may_take_one(uat: Bench) -> None:
    def asked() -> bool:
        return any("PermissionSetLicense" in sub.url for entry in uat.entries() for sub in entry.subrequests)

    task(uat, ["agent"], check=True)
    assert not asked()
    task(uat, ["member"], role="agent", check=True)
    assert not asked()
    uat.new_run()
    task(uat, ["agent"], role="agent", check=True)
    assert asked()


CHAINS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "a group that the user would lose": [
        (
            "permission_set_assignment",
            {"permission_set_group": "Acme_Voice_Agents", "users": ["via.group@acme.example.uat"], "state": "absent"},
        ),
        ("contact_center_member", {"contact_center": CENTER, "users": ["via.group@acme.example.uat"]}),
    ],
    "a set that would lose the right": [
        ("permission_set", {"name": "Acme_Voice_Agent", "exact": ["user_permissions"]}),
        ("contact_center_member", {"contact_center": CENTER, "users": ["via.clone@acme.example.uat"]}),
    ],
    "a group that would lose the set": [
        ("permission_set_group", {"name": "Acme_Voice_Agents", "permission_sets": [], "exact": True}),
        ("permission_set_assignment", {"permission_set_group": "Acme_Voice_Agents", "users": ["without.set@acme.example.uat"]}),
        ("contact_center_member", {"contact_center": CENTER, "users": ["without.set@acme.example.uat"]}),
    ],
    "a feature licence that would go": [
        ("user", {"user": "agent@acme.example.uat", "features": {"SupportUser": False}}),
        ("contact_center_member", {"contact_center": CENTER, "users": ["agent@acme.example.uat"]}),
    ],
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
def test_what_an_earlier_task_would_take_away_makes_nobody_eligible(
    make_bench: Callable[..., Bench], chain: list[tuple[str, dict[str, Any]]]
) -> None:
    bench = make_bench()
    foretold = [bench.task(module, check=True, **options).get("error_code") for module, options in chain]
    bench.new_run()
    done = [bench.task(module, **options).get("error_code") for module, options in chain]
    assert foretold == done == [*[None] * (len(chain) - 1), "ineligible_user"]


@pytest.mark.parametrize("seats", [1, 2])
def test_seats_that_earlier_tasks_of_a_check_would_take_are_taken(make_bench: Callable[..., Bench], seats: int) -> None:
    chains = []
    for check in (True, False):
        bench = make_bench()
        seed.leave_seats(bench.org, seats)
        chain: list[tuple[str, dict[str, Any]]] = [
            (
                "permission_set_assignment",
                {"permission_set": "ContactCenterSupervisorExternalTelephony", "users": [name(bench, "vonage_api")]},
            ),
            ("contact_center_member", {"contact_center": CENTER, "users": [name(bench, "without_set")], "role": "agent"}),
        ]
        chains.append([bench.task(module, check=check, **options).get("error_code") for module, options in chain])
    assert chains[0] == chains[1] == [None, "no_free_seat" if seats == 1 else None]


def test_a_seat_that_an_earlier_task_of_a_check_would_give_is_enough(make_bench: Callable[..., Bench]) -> None:
    codes = []
    for check in (True, False):
        bench = make_bench()
        seed.leave_seats(bench.org, 1)
        who = [name(bench, "without_set")]
        given = bench.task("permission_set_license_assignment", permission_set_license=VOICE, users=who, check=check)
        result = bench.task("contact_center_member", contact_center=CENTER, users=who, role="agent", check=check)
        codes.append((given.get("error_code"), result.get("error_code")))
    assert codes == [(None, None), (None, None)]


def test_a_chain_of_check_mode_tasks_foretells_repairs_and_sets(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    who = [name(bench, "without_set")]
    chain: list[tuple[str, dict[str, Any]]] = [
        ("contact_center_member", {"contact_center": CENTER, "users": who, "role": "agent"}),
        ("permission_set_assignment", {"permission_set": STANDARD["agent"], "users": who}),
        ("contact_center_member", {"contact_center": CENTER, "users": who, "state": "absent"}),
        ("contact_center_member", {"contact_center": CENTER, "users": who}),
        (
            "contact_center_member",
            {"contact_center": CENTER, "users": [name(bench, "frozen")], "repair": ["frozen", "service_cloud_user"], "role": "admin"},
        ),
        ("user", {"user": name(bench, "frozen"), "features": {"SupportUser": True}}),
        ("contact_center_member", {"contact_center": CENTER, "users": [name(bench, "frozen")], "state": "absent"}),
        ("contact_center_member", {"contact_center": CENTER, "users": [name(bench, "frozen")]}),
    ]
    foretold = [bench.task(module, check=True, **options) for module, options in chain]
    assert bench.org.writes == []
    bench.new_run()
    done = [bench.task(module, **options) for module, options in chain]
    assert [one.get("msg") for one in done] == [None] * len(chain)
    assert [one["changes"] for one in foretold] == [one["changes"] for one in done]
    assert [bool(one["changes"]) for one in done] == [True, False, True, True, True, False, True, True]
