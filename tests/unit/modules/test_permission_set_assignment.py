# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set_assignment: who has a set, what counts as having it, who is never touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator import seed
from harness.cases import LONG_AGO, acme_set_with_holders, assign, every_kind_of_row, put_set
from harness.direct import Bench
from harness.look import direct_row, holders, record_writes, unchanged

WITHOUT_ISREVOKED = seed.DEFAULT_FEATURES
SALESFORCES_OWN = ("AutomatedProcess", "CloudIntegrationUser", "Guest")


def task(bench: Bench, users: list[str], state: str = "present", permission_set: str = "Acme_Set", **more: Any) -> dict[str, Any]:
    """The module on users of these roles (or usernames)."""
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("permission_set_assignment", permission_set=permission_set, users=names, state=state, **more)


def names(bench: Bench, *roles: str) -> set[str]:
    return {bench.info["users"][role] for role in roles}


def changed_users(result: Mapping[str, Any], op: str) -> set[str]:
    return {change["key"].split("/", 1)[1] for change in result["changes"] if change["op"] == op}


# -- present, absent, exact -----------------------------------------------------------------------------------------------------------


def test_present_assigns_and_leaves_everybody_else_alone(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    set_id = uat.org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    result = task(uat, ["agent", "vonage_api", "member"])
    assert result["changes"] == [
        {"op": "create", "kind": "permission_set_assignment", "key": f"Acme_Set/{name}", "before": {}, "after": {"assigned": True}}
        for name in (uat.info["users"]["vonage_api"], uat.info["users"]["member"])
    ]
    assert holders(uat.org, set_id) == names(uat, "agent", "supervisor", "vonage_api", "member")
    assert record_writes(uat.org) == [("insert", "PermissionSetAssignment")] * 2
    assert (result["permission_set"], result["left_out"], result["warnings"]) == ("Acme_Set", [], [])


def test_absent_takes_the_set_away_from_the_users_and_from_nobody_else(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    set_id = uat.org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    result = task(uat, ["agent", "vonage_api"], "absent")
    assert changed_users(result, "delete") == names(uat, "agent")
    assert holders(uat.org, set_id) == names(uat, "supervisor")
    assert record_writes(uat.org) == [("delete", "PermissionSetAssignment")]


def test_exact_assigns_and_takes_away_so_that_just_these_have_it(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    set_id = uat.org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    result = task(uat, ["agent", "member"], "exact")
    assert (changed_users(result, "create"), changed_users(result, "delete")) == (names(uat, "member"), names(uat, "supervisor"))
    assert holders(uat.org, set_id) == names(uat, "agent", "member")


def test_what_is_taken_away_goes_before_what_is_added(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    task(uat, ["member"], "exact")
    assert [op for op, _sobject in record_writes(uat.org)] == ["delete", "delete", "insert"]


def test_an_inactive_user_who_has_the_set_keeps_it_where_it_is_listed_and_loses_it_where_it_is_not(uat: Bench) -> None:
    set_id = put_set(uat.org)
    assign(uat.org, "inactive", set_id)
    unchanged(task(uat, ["inactive"], "present"))
    task(uat, ["agent"], "exact")
    assert holders(uat.org, set_id) == names(uat, "agent")


def test_users_are_known_by_username_in_any_case_and_by_id(uat: Bench) -> None:
    set_id = put_set(uat.org)
    users = ["AGENT@acme.example.UAT", uat.info["user_ids"]["member"], uat.info["user_ids"]["supervisor"][:15]]
    result = task(uat, users)
    assert holders(uat.org, set_id) == names(uat, "agent", "member", "supervisor")
    assert [change["key"] for change in result["changes"]] == [
        f"Acme_Set/{uat.info['users'][role]}" for role in ("agent", "member", "supervisor")
    ]
    unchanged(task(uat, users))


@pytest.mark.parametrize("state", ["absent", "present", "exact"])
def test_a_set_that_nobody_has_can_only_be_taken_away(uat: Bench, state: str) -> None:
    result = task(uat, ["agent"], state, "Nobody_Has_It")
    if state == "absent":
        assert (result.get("msg"), result["changed"]) == (None, False)
        assert "Nobody_Has_It" in result["warnings"][0]
        return
    assert result["error_code"] == "unknown_set"
    assert "Nobody_Has_It" in result["msg"]


# -- granted means active, not revoked, not expired -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "features", [WITHOUT_ISREVOKED, WITHOUT_ISREVOKED | {"user_access_policies"}], ids=["without IsRevoked", "with IsRevoked"]
)
def test_an_expired_assignment_counts_as_none_and_is_repaired(make_bench: Callable[..., Bench], features: frozenset[str]) -> None:
    bench = make_bench(features=features)
    set_id = put_set(bench.org)
    row_id = assign(bench.org, "agent", set_id, IsActive=False, ExpirationDate=LONG_AGO)
    unchanged(task(bench, ["agent"], "absent"))
    result = task(bench, ["agent"])
    (change,) = result["changes"]
    assert (change["op"], change["after"]) == ("update", {"expires": None})
    assert change["before"]["expires"].startswith("2024-01-02")
    row = direct_row(bench.org, bench.info["users"]["agent"], set_id) or {}
    assert (row["Id"], row["IsActive"], row["ExpirationDate"]) == (row_id, True, None)


@pytest.mark.parametrize("regrant", ["accepted", "duplicate"])
def test_where_the_org_hides_expired_assignments_the_set_is_assigned_anew_or_the_refusal_is_told(
    make_bench: Callable[..., Bench], regrant: str
) -> None:
    bench = make_bench(switches={"expired_assignments": "soft_deleted", "regrant_after_expiry": regrant})
    set_id = put_set(bench.org)
    assign(bench.org, "agent", set_id, ExpirationDate=bench.org.clock() - timedelta(days=1))
    result = task(bench, ["agent", "member"])
    if regrant == "accepted":
        assert result.get("msg") is None
        assert holders(bench.org, set_id) == names(bench, "agent", "member")
        return
    assert (result["failed"], result["changed"]) == (True, True)
    assert [(error["code"], error["record"]) for error in result["errors"]] == [
        ("DUPLICATE_VALUE", f"Acme_Set/{bench.info['users']['agent']}")
    ]
    assert holders(bench.org, set_id) == names(bench, "member")


def test_a_revoked_assignment_counts_as_none_and_is_repaired(uat: Bench) -> None:
    set_id = put_set(uat.org)
    row_id = assign(uat.org, "agent", set_id, IsActive=False, IsRevoked=True)
    unchanged(task(uat, ["agent"], "absent"))
    result = task(uat, ["agent"])
    (change,) = result["changes"]
    assert (change["op"], change["before"], change["after"]) == ("update", {"revoked": True}, {"revoked": False})
    row = direct_row(uat.org, uat.info["users"]["agent"], set_id) or {}
    assert (row["Id"], row["IsActive"], row["IsRevoked"]) == (row_id, True, False)


def test_an_assignment_that_is_revoked_and_expired_is_repaired_of_both(uat: Bench) -> None:
    set_id = put_set(uat.org)
    assign(uat.org, "agent", set_id, IsActive=False, IsRevoked=True, ExpirationDate=LONG_AGO)
    (change,) = task(uat, ["agent"])["changes"]
    assert change["after"] == {"revoked": False, "expires": None}
    assert holders(uat.org, set_id) == names(uat, "agent")


@pytest.mark.parametrize(
    "features", [WITHOUT_ISREVOKED, WITHOUT_ISREVOKED | {"user_access_policies"}], ids=["without IsRevoked", "with IsRevoked"]
)
def test_an_assignment_that_is_inactive_for_no_reason_to_be_seen_is_replaced(
    make_bench: Callable[..., Bench], features: frozenset[str]
) -> None:
    bench = make_bench(features=features)
    set_id = put_set(bench.org)
    row_id = assign(bench.org, "agent", set_id, IsActive=False)
    result = task(bench, ["agent"])
    assert [change["op"] for change in result["changes"]] == ["delete", "create"]
    row = direct_row(bench.org, bench.info["users"]["agent"], set_id) or {}
    assert (row["IsActive"], row["Id"] != row_id) == (True, True)
    unchanged(task(bench, ["agent"]))


def test_an_assignment_that_will_expire_counts_until_then(uat: Bench) -> None:
    set_id = put_set(uat.org)
    assign(uat.org, "agent", set_id, ExpirationDate=uat.org.clock() + timedelta(days=1))
    unchanged(task(uat, ["agent"]))
    assert changed_users(task(uat, ["member"], "exact"), "delete") == names(uat, "agent")
    assert direct_row(uat.org, uat.info["users"]["agent"], set_id) is None


def test_broken_assignments_of_others_are_nobody_s_removal_in_exact(uat: Bench) -> None:
    every_kind_of_row(uat.org)
    result = task(uat, ["agent", "supervisor"], "exact", max_removals=0, on_ineligible="skip")
    assert (result.get("msg"), result["changed"]) == (None, False)


def test_replacing_an_assignment_is_not_counted_as_a_removal(uat: Bench) -> None:
    set_id = put_set(uat.org)
    assign(uat.org, "agent", set_id, IsActive=False)
    result = task(uat, ["agent"], "exact", max_removals=0)
    assert result.get("msg") is None
    assert holders(uat.org, set_id) == names(uat, "agent")


def test_a_set_that_needs_activation_is_assigned_and_the_result_says_that_it_is_not_enough(uat: Bench) -> None:
    set_id = put_set(uat.org, HasActivationRequired=True, Type="Session")
    result = task(uat, ["agent"])
    assert (result.get("msg"), len(result["changes"])) == (None, 1)
    assert "activation" in result["warnings"][0]
    assert direct_row(uat.org, uat.info["users"]["agent"], set_id)
    unchanged(task(uat, ["agent"]))


# -- never counted, never touched -----------------------------------------------------------------------------------------------------


def test_who_has_a_set_through_a_group_does_not_have_it_directly(uat: Bench) -> None:
    set_id = uat.info["set_ids"]["voice_agent"]
    result = task(uat, ["via_group"], permission_set="ContactCenterAgentExternalTelephony")
    assert changed_users(result, "create") == names(uat, "via_group")
    assert direct_row(uat.org, uat.info["users"]["via_group"], set_id)


@pytest.mark.parametrize("state", ["absent", "exact"])
def test_rows_that_come_through_a_group_or_a_profile_are_never_touched(uat: Bench, state: str) -> None:
    others = [row for row in uat.org.find("PermissionSetAssignment") if row["PermissionSetId"] != uat.info["set_ids"]["voice_agent"]]
    users = ["via_group", "agent"] if state == "absent" else ["contact_admin"]
    result = task(uat, users, state, "ContactCenterAgentExternalTelephony")
    assert result.get("msg") is None
    assert "via.group" not in repr(result["changes"])
    assert [row for row in others if uat.org.get("PermissionSetAssignment", row["Id"]) is None] == []
    assert len([row for row in others if row["PermissionSetGroupId"]]) == 1


@pytest.mark.parametrize(("which", "code"), [("group", "group_set"), ("profile", "profile_owned_set")])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_sets_of_profiles_and_groups_are_refused_by_id_too(uat: Bench, which: str, code: str, state: str) -> None:
    set_id = uat.info["group_set_id"] if which == "group" else uat.org.find("PermissionSet", IsOwnedByProfile=True)[0]["Id"]
    result = task(uat, ["agent"], state, set_id)
    assert (result["error_code"], result["error_class"], uat.org.writes) == (code, "config", [])
    assert set_id in result["msg"]


def test_the_set_behind_a_profile_is_never_meant_by_its_machine_made_name(uat: Bench) -> None:
    owned = uat.org.find("PermissionSet", IsOwnedByProfile=True)[0]
    assert task(uat, ["agent"], permission_set=owned["Name"])["error_code"] == "unknown_set"


def test_the_sum_of_a_group_is_refused_by_name(uat: Bench) -> None:
    assert task(uat, ["agent"], permission_set="PSG_Acme_Voice_Agents")["error_code"] == "group_set"


def test_exact_never_takes_a_set_away_from_the_running_user_or_from_salesforce_s_own(uat: Bench) -> None:
    set_id = put_set(uat.org)
    assign(uat.org, "automation", set_id)
    kept = {"automation"}
    for role, kind in zip(("supervisor", "contact_admin", "minimum"), SALESFORCES_OWN, strict=True):
        uat.org.set("User", uat.info["user_ids"][role], UserType=kind)
        assign(uat.org, role, set_id)
        kept.add(role)
    assign(uat.org, "member", set_id)
    for check in (True, False):
        result = task(uat, ["agent"], "exact", check=check)
        assert changed_users(result, "delete") == names(uat, "member")
        assert {item["user"] for item in result["left_out"]} == names(uat, *kept)
        assert len(result["warnings"]) == len(kept)
    assert holders(uat.org, set_id) == names(uat, "agent", *kept)
    again = task(uat, ["agent"], "exact", max_removals=0)
    assert (again.get("msg"), again["changed"], len(again["left_out"])) == (None, False, len(kept))


@pytest.mark.parametrize("role", ["automation", "supervisor"])
def test_absent_stops_at_users_who_are_never_touched_and_leaves_them_out_where_told(uat: Bench, role: str) -> None:
    uat.org.set("User", uat.info["user_ids"]["supervisor"], UserType="AutomatedProcess")
    set_id = put_set(uat.org)
    assign(uat.org, role, set_id)
    assign(uat.org, "agent", set_id)
    stopped = task(uat, [role, "agent"], "absent")
    assert (stopped["error_code"], uat.org.writes) == ("ineligible_user", [])
    assert uat.info["users"][role] in stopped["msg"]
    result = task(uat, [role, "agent"], "absent", on_ineligible="skip")
    assert [item["user"] for item in result["left_out"]] == [uat.info["users"][role]]
    assert holders(uat.org, set_id) == names(uat, role)


def test_the_running_user_may_be_given_a_set(uat: Bench) -> None:
    set_id = put_set(uat.org)
    task(uat, ["automation"])
    assert holders(uat.org, set_id) == names(uat, "automation")


# -- which set is meant ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["NVMContactWorld__ContactWorld_Agent", "nvmcontactworld__contactworld_agent", "ContactWorld_Agent", "18", "15"]
)
def test_a_packaged_set_is_known_by_its_names_and_its_id(uat: Bench, word: str) -> None:
    set_id = uat.info["set_ids"]["vonage_agent"]
    result = task(uat, ["member"], permission_set=set_id[: int(word)] if word.isdigit() else word)
    assert (result.get("msg"), result["permission_set"]) == (None, "NVMContactWorld__ContactWorld_Agent")
    assert result["changes"][0]["key"] == f"NVMContactWorld__ContactWorld_Agent/{uat.info['users']['member']}"
    assert direct_row(uat.org, uat.info["users"]["member"], set_id)


def test_a_bare_name_means_the_customer_s_own_set_before_a_package_s(uat: Bench) -> None:
    own = put_set(uat.org, "ContactWorld_Agent")
    result = task(uat, ["member"], permission_set="ContactWorld_Agent")
    assert result["permission_set"] == "ContactWorld_Agent"
    assert holders(uat.org, own) == names(uat, "member")
    unchanged(task(uat, ["agent"], "absent", "ContactWorld_Agent"))  # the package's set is another one


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_bare_name_that_two_packages_have_is_an_error_that_lists_both(uat: Bench, state: str) -> None:
    other = put_set(uat.org, "ContactWorld_Agent", NamespacePrefix="Other")
    result = task(uat, ["member"], state, "ContactWorld_Agent")
    assert (result["error_code"], uat.org.writes) == ("ambiguous_set", [])
    assert "NVMContactWorld__ContactWorld_Agent" in result["msg"]
    assert "Other__ContactWorld_Agent" in result["msg"]
    task(uat, ["member"], "present", "Other__ContactWorld_Agent")
    assert holders(uat.org, other) == names(uat, "member")


# -- who can have it ------------------------------------------------------------------------------------------------------------------


def put_licensed_set(bench: Bench) -> str:
    return put_set(bench.org, LicenseId=bench.org.find("UserLicense", Name="Salesforce")[0]["Id"])


@pytest.mark.parametrize(("role", "reason"), [("inactive", "is inactive"), ("platform", "has the user licence Salesforce Platform")])
def test_users_who_cannot_have_a_set_stop_the_task_before_any_write(uat: Bench, role: str, reason: str) -> None:
    put_licensed_set(uat)
    result = task(uat, ["agent", role])
    assert (result["error_code"], result["error_class"]) == ("ineligible_user", "config")
    assert f"{uat.info['users'][role]} {reason}" in result["msg"]
    assert uat.org.writes == []
    assert [entry for entry in uat.entries() if entry.kind == "write"] == []


@pytest.mark.parametrize("state", ["present", "exact"])
def test_users_who_cannot_have_a_set_are_left_out_where_told(uat: Bench, state: str) -> None:
    set_id = put_licensed_set(uat)
    result = task(uat, ["agent", "inactive", "platform"], state, on_ineligible="skip")
    assert (result.get("msg"), {item["user"] for item in result["left_out"]}) == (None, names(uat, "inactive", "platform"))
    assert all(item["reason"] for item in result["left_out"])
    assert len(result["warnings"]) == 2
    assert holders(uat.org, set_id) == names(uat, "agent")


def test_a_set_of_a_user_licence_goes_to_users_of_that_licence(uat: Bench) -> None:
    set_id = put_set(uat.org, LicenseId=uat.org.find("UserLicense", Name="Salesforce Platform")[0]["Id"])
    assert task(uat, ["platform"]).get("msg") is None
    assert holders(uat.org, set_id) == names(uat, "platform")


def test_a_set_of_a_permission_set_licence_goes_to_any_user_and_brings_the_licence(uat: Bench) -> None:
    before = len(uat.org.find("PermissionSetLicenseAssign", AssigneeId=uat.info["user_ids"]["without_set"]))
    task(uat, ["without_set"], permission_set="ContactCenterAgentExternalTelephony")
    assert len(uat.org.find("PermissionSetLicenseAssign", AssigneeId=uat.info["user_ids"]["without_set"])) == before + 1


def test_an_inactive_user_can_lose_a_set(uat: Bench) -> None:
    set_id = uat.info["set_ids"]["voice_agent"]
    result = task(uat, ["inactive"], "absent", "ContactCenterAgentExternalTelephony")
    assert changed_users(result, "delete") == names(uat, "inactive")
    assert direct_row(uat.org, uat.info["users"]["inactive"], set_id) is None


def test_what_only_the_org_knows_of_a_licence_is_told_in_its_words(uat: Bench) -> None:
    put_set(uat.org, PermissionsEditTask=True)
    result = task(uat, ["agent", "limited"])
    (error,) = result["errors"]
    assert (result["failed"], result["changed"], error["code"]) == (True, True, "FIELD_INTEGRITY_EXCEPTION")
    assert error["record"] == f"Acme_Set/{uat.info['users']['limited']}"
    assert "Edit Tasks" in error["message"]


# -- guards of exact ------------------------------------------------------------------------------------------------------------------


def test_exact_takes_nothing_away_where_that_would_be_more_than_allowed(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    result = task(uat, ["member"], "exact", max_removals=1)
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("too_many_removals", "config", [])
    assert [name for name in names(uat, "agent", "supervisor") if name not in result["msg"]] == []
    assert "max_removals" in result["msg"]
    assert task(uat, ["member"], "exact", max_removals=2).get("msg") is None


def test_ten_removals_are_allowed_by_default_and_eleven_are_not(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=11)
    set_id = put_set(bench.org)
    for name in bench.info["agents"]:
        bench.org.put(
            "PermissionSetAssignment", AssigneeId=bench.org.find("User", Username=name)[0]["Id"], PermissionSetId=set_id, IsActive=True
        )
    assert task(bench, ["member"], "exact")["error_code"] == "too_many_removals"
    assert len(task(bench, ["member", bench.info["agents"][0]], "exact")["changes"]) == 11


def test_an_empty_list_means_nobody_only_where_that_is_said(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    set_id = uat.org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    refused = task(uat, [], "exact")
    assert (refused["error_code"], uat.org.writes) == ("empty_exact", [])
    assert "allow_empty" in refused["msg"]
    assert uat.calls() == 0, "what is wrong with the options is told before anything is asked"
    assert task(uat, [], "exact", allow_empty=True).get("msg") is None
    assert holders(uat.org, set_id) == set()


@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_empty_list_is_nothing_to_do(uat: Bench, state: str) -> None:
    acme_set_with_holders(uat.org)
    result = task(uat, [], state)
    assert (result.get("msg"), result["changed"]) == (None, False)
