# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set_assignment: who has a set or a group, what counts as having it, who is never touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_assignment import NOUN
from emulator import seed
from emulator.rules.groups import aggregate_of
from harness.cases import LONG_AGO, acme_set_with_holders, assign, assign_group, every_kind_of_row, group_with_holders, put_group, put_set
from harness.direct import Bench
from harness.look import direct_row, holders, queries, record_writes, unchanged

WITHOUT_ISREVOKED = seed.DEFAULT_FEATURES
VOICE_AGENT = "force__ContactCenterAgentExternalTelephony"
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
    assert task(uat, ["agent"], permission_set="Acme_Voice_Agents")["error_code"] == "group_set"


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


# -- a group instead of a set ---------------------------------------------------------------------------------------------------------


def group_task(bench: Bench, users: list[str], state: str = "present", group: str = "Acme_Group", **more: Any) -> dict[str, Any]:
    return task(bench, users, state, permission_set=None, permission_set_group=group, **more)  # type: ignore[arg-type]


def group_holders(bench: Bench, group_id: str) -> set[str]:
    return holders(bench.org, (aggregate_of(bench.org, group_id) or {})["Id"])


@pytest.mark.parametrize(
    "given", [{}, {"permission_set": "A", "permission_set_group": "B"}], ids=["neither a set nor a group", "both a set and a group"]
)
def test_either_a_set_or_a_group_is_named(given: dict[str, Any]) -> None:
    checked = ArgumentSpecValidator(NOUN.argument_spec, **NOUN.constraints).validate({"users": [], **given})
    assert "permission_set_group" in checked.error_messages[0]


@pytest.mark.parametrize("option", ["permission_set", "permission_set_group"])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_name_stops_the_task_before_the_org_is_asked(uat: Bench, option: str, empty: str) -> None:
    result = uat.task("permission_set_assignment", users=[uat.info["users"]["agent"]], **{option: empty})
    assert (result["error_code"], result["step"], uat.entries()) == ("no_name", "options", ())
    assert f"{option} holds an empty name" in result["msg"]


def test_a_group_is_assigned_by_its_own_id_and_taken_away_again(uat: Bench) -> None:
    group_id = group_with_holders(uat.org)
    result = group_task(uat, ["agent", "member"])
    assert result["changes"] == [
        {
            "op": "create",
            "kind": "permission_set_group_assignment",
            "key": f"Acme_Group/{uat.info['users']['member']}",
            "before": {},
            "after": {"assigned": True},
        }
    ]
    assert (result["permission_set"], result["permission_set_group"], result["license"]) == (None, "Acme_Group", None)
    assert set(uat.org.writes[0].fields) == {"AssigneeId", "PermissionSetGroupId"}
    assert group_holders(uat, group_id) == names(uat, "agent", "supervisor", "member")
    uat.new_run()
    unchanged(group_task(uat, ["agent", "member"]))
    assert uat.calls() == 2
    assert changed_users(group_task(uat, ["member", "vonage_api"], "absent"), "delete") == names(uat, "member")
    result = group_task(uat, ["member"], "exact")
    assert changed_users(result, "delete") == names(uat, "agent", "supervisor")
    assert group_holders(uat, group_id) == names(uat, "member")


def test_a_set_of_the_same_name_as_a_group_is_another_thing(uat: Bench) -> None:
    group_id, set_id = put_group(uat.org, name="Acme_Twin"), put_set(uat.org, "Acme_Twin")
    for check in (True, False):
        group_task(uat, ["agent"], group="Acme_Twin", check=check)
        result = task(uat, ["agent"], permission_set="Acme_Twin", check=check)
        assert result["changed"]
    assert (group_holders(uat, group_id), holders(uat.org, set_id)) == (names(uat, "agent"), names(uat, "agent"))
    group_task(uat, ["agent"], "absent", group="Acme_Twin")
    assert (group_holders(uat, group_id), holders(uat.org, set_id)) == (set(), names(uat, "agent"))


@pytest.mark.parametrize("word", ["NVMContactWorld__Acme_Group", "acme_GROUP", "18", "15"])
def test_a_packaged_group_is_known_by_its_names_and_its_id_and_may_be_assigned(uat: Bench, word: str) -> None:
    group_id = put_group(uat.org, NamespacePrefix="NVMContactWorld")
    result = group_task(uat, ["agent"], group=group_id[: int(word)] if word.isdigit() else word)
    assert (result.get("msg"), result["permission_set_group"]) == (None, "NVMContactWorld__Acme_Group")
    assert group_holders(uat, group_id) == names(uat, "agent")


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_group_that_is_not_there_can_only_be_taken_away(uat: Bench, state: str) -> None:
    result = group_task(uat, ["agent"], state, "Nobody_Has_It")
    if state == "absent":
        assert (result.get("msg"), result["changed"], result["permission_set_group"]) == (None, False, "Nobody_Has_It")
        return
    assert result["error_code"] == "unknown_group"
    assert "Permission Set Groups" in result["msg"]


def test_a_group_that_needs_activation_is_assigned_and_the_result_says_that_it_is_not_enough(uat: Bench) -> None:
    group_id = put_group(uat.org, HasActivationRequired=True)
    uat.org.set("PermissionSet", (aggregate_of(uat.org, group_id) or {})["Id"], HasActivationRequired=True)
    result = group_task(uat, ["agent"])
    assert (len(result["changes"]), "activation" in result["warnings"][0]) == (1, True)
    unchanged(group_task(uat, ["agent"]))


# -- only a group that the org has recalculated can be assigned -----------------------------------------------------------------------


def test_a_group_that_is_being_recalculated_is_waited_for_before_anything_is_written(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = uat
    group_id = group_with_holders(bench.org)
    bench.org.set("PermissionSetGroup", group_id, Status="Updating")

    def sleep(seconds: float) -> None:
        bench.clock.slept.append(seconds)
        if sum(bench.clock.slept) > 20:
            bench.org.set("PermissionSetGroup", group_id, Status="Updated")

    monkeypatch.setattr(bench.clock, "sleep", sleep)
    result = group_task(bench, ["member"], "exact", check=True)
    assert (result.get("msg"), len(result["changes"]), bench.clock.slept) == (None, 3, [])
    result = group_task(bench, ["member"], "exact")
    assert (result.get("msg"), len(result["changes"])) == (None, 3)
    assert bench.clock.slept == [1, 2, 4, 8, 15]
    assert group_holders(bench, group_id) == names(bench, "member")


@pytest.mark.parametrize(("status", "slept", "code"), [("Outdated", 20, "NOT_UPDATED_YET"), ("Failed", 0, "GROUP_FAILED")])
def test_a_group_that_is_not_ready_in_time_stops_the_task_before_any_write(uat: Bench, status: str, slept: int, code: str) -> None:
    group_id = group_with_holders(uat.org)
    uat.org.set("PermissionSetGroup", group_id, Status=status)
    result = group_task(uat, ["agent", "member"], "exact", wait_timeout=20)
    assert (result["error_code"], result["error_class"], result["changed"], uat.org.writes) == (code, "org", False, [])
    assert status in result["msg"]
    assert "Setup" in result["msg"]
    assert sum(uat.clock.slept) == slept


def test_taking_a_group_away_waits_for_nothing(uat: Bench) -> None:
    group_id = group_with_holders(uat.org)
    uat.org.set("PermissionSetGroup", group_id, Status="Outdated")
    assert group_task(uat, ["agent"], "absent")["changed"]
    unchanged(group_task(uat, ["supervisor"]))
    assert uat.clock.slept == []


# -- holding a set through a group ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("through", ["counts", "ignored"])
def test_who_holds_a_set_through_a_group_is_told_and_assigned_only_where_that_does_not_count(uat: Bench, through: str) -> None:
    group_with_holders(uat.org)
    set_id = uat.org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    result = task(uat, ["agent", "member"], through_group=through)
    assert result["through_group"] == [{"user": uat.info["users"]["agent"], "groups": ["Acme_Group"]}]
    assert holders(uat.org, set_id) == names(uat, "member", *(("agent",) if through == "ignored" else ()))
    again = task(uat, ["agent", "member"], through_group=through)
    unchanged(again)
    assert again["through_group"] == result["through_group"]


def test_an_assignment_of_a_group_that_is_not_in_force_does_not_count(uat: Bench) -> None:
    set_id = put_set(uat.org)
    group_id = put_group(uat.org, set_id)
    assign_group(uat.org, "agent", group_id, IsActive=False)
    assign_group(uat.org, "member", group_id, ExpirationDate=LONG_AGO)
    other = put_group(uat.org, name="Acme_Other")
    assign_group(uat.org, "supervisor", other)
    result = task(uat, ["agent", "member", "supervisor"], through_group="counts")
    assert (result["through_group"], len(result["changes"])) == ([], 3)


def test_a_user_who_cannot_be_assigned_the_set_and_holds_it_through_a_group_has_it(uat: Bench) -> None:
    set_id = put_set(uat.org)
    assign_group(uat.org, "inactive", put_group(uat.org, set_id))
    assert task(uat, ["inactive"])["error_code"] == "ineligible_user"
    result = task(uat, ["inactive"], through_group="counts")
    unchanged(result)
    assert result["left_out"] == []


def test_a_set_of_another_package_with_the_same_name_in_a_group_does_not_count(uat: Bench) -> None:
    own = put_set(uat.org, "ContactWorld_Agent")
    assign_group(uat.org, "agent", put_group(uat.org, own))
    assign_group(uat.org, "member", put_group(uat.org, uat.info["set_ids"]["vonage_agent"], name="Acme_Packaged"))
    for word, role in (("ContactWorld_Agent", "agent"), ("NVMContactWorld__ContactWorld_Agent", "member")):
        result = task(uat, ["agent", "member"], permission_set=word, through_group="counts", check=True)
        assert [item["user"] for item in result["through_group"]] == [uat.info["users"][role]]
    result = task(uat, ["agent"], "exact", "ContactWorld_Agent", check=True)
    assert [item["user"] for item in result["through_group"]] == [uat.info["users"]["agent"]]


@pytest.mark.parametrize(
    ("state", "users", "still"),
    [("present", ["agent", "member"], ()), ("absent", ["agent", "member"], ("agent",)), ("exact", ["agent", "member"], ("supervisor",))],
)
def test_who_still_holds_a_set_through_a_group_after_a_removal_is_warned_of_by_name(
    uat: Bench, state: str, users: list[str], still: tuple[str, ...]
) -> None:
    group_with_holders(uat.org)
    set_id = uat.org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    for role in ("agent", "supervisor", "vonage_api"):
        assign(uat.org, role, set_id)
    result = task(uat, users, state)
    assert result.get("msg") is None
    named = {user for user in names(uat, "agent", "supervisor", "vonage_api") for warning in result["warnings"] if user in warning}
    assert (named, len(result["warnings"])) == (names(uat, *still), len(still))
    assert all("Acme_Group" in warning for warning in result["warnings"])
    told = {"present": ("agent",), "absent": ("agent",), "exact": ("agent", "supervisor")}[state]
    assert {item["user"] for item in result["through_group"]} == names(uat, *told)


def test_a_user_who_may_assign_and_not_look_into_groups_assigns_sets_and_is_told_what_is_not_known(uat: Bench) -> None:
    allowed = put_set(uat.org, "Acme_Assigner", PermissionsAssignPermissionSets=True, PermissionsApiEnabled=True)
    put_set(uat.org)
    limited = uat.org.find("User", Username=uat.info["limited_username"])[0]["Id"]
    uat.org.put("PermissionSetAssignment", AssigneeId=limited, PermissionSetId=allowed, IsActive=True)
    result = task(uat, ["agent"], username=uat.info["limited_username"], through_group="counts")
    assert (result.get("msg"), len(result["changes"]), result["through_group"]) == (None, 1, None)
    assert "groups" in result["warnings"][0]


def test_a_thousand_users_and_a_set_that_is_in_a_group_cost_four_calls_and_two_when_nothing_changes(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(agents=1000)
    options = {"permission_set": VOICE_AGENT, "users": bench.info["agents"]}
    group = aggregate_of(bench.org, bench.info["group_id"]) or {}
    for name in bench.info["agents"][:500]:
        user_id = bench.org.find("User", Username=name)[0]["Id"]
        bench.org.put(
            "PermissionSetAssignment",
            AssigneeId=user_id,
            PermissionSetId=group["Id"],
            PermissionSetGroupId=bench.info["group_id"],
            IsActive=True,
        )
    for row in bench.org.find("PermissionSetAssignment", PermissionSetId=bench.info["set_ids"]["voice_agent"]):
        bench.org.remove("PermissionSetAssignment", row["Id"])
    first = bench.task("permission_set_assignment", **options, through_group="counts")
    assert (first.get("msg"), len(first["changes"]), len(first["through_group"])) == (None, 500, 500)
    assert bench.calls() <= 4
    bench.new_run()
    unchanged(bench.task("permission_set_assignment", **options, through_group="counts"))
    assert bench.calls() == 2
    assert len(queries(bench.entries()[-1])) == 5


# -- licences -------------------------------------------------------------------------------------------------------------------------


def test_the_licence_that_an_assignment_takes_by_itself_is_told(uat: Bench) -> None:
    assert task(uat, ["without_set"], permission_set=VOICE_AGENT)["license"] == "Salesforce Voice User (Partner Telephony)"
    put_set(uat.org)
    assert task(uat, ["without_set"])["license"] is None


def test_where_the_user_s_licence_is_the_reason_the_remedy_names_user_permission_and_licence(uat: Bench) -> None:
    put_set(uat.org, PermissionsEditTask=True)
    (error,) = task(uat, ["agent", "limited"])["errors"]
    for word in (uat.info["users"]["limited"], "Edit Tasks", "Salesforce Integration", "Acme_Set"):
        assert word in error["remedy"]


@pytest.mark.parametrize("word", ["Salesforce Platform", "ServiceCloudVoiceExternalTelephonyPsl"])
def test_the_licence_of_a_set_that_the_run_would_make_is_told_in_check_mode_as_it_will_be(uat: Bench, word: str) -> None:
    told = []
    for check in (True, False):
        uat.task("permission_set", check=check, name="Acme_Licensed", license=word)
        told.append(task(uat, ["platform"], permission_set="Acme_Licensed", check=check)["license"])
        uat.new_run()
    assert told[0] is not None
    assert told[0] == told[1]


def test_a_set_of_a_user_licence_that_the_run_would_make_is_not_for_users_of_another_one(uat: Bench) -> None:
    uat.task("permission_set", check=True, name="Acme_Licensed", license="Salesforce Platform")
    result = task(uat, ["agent"], permission_set="Acme_Licensed", check=True)
    assert result["error_code"] == "ineligible_user"
    assert task(uat, ["platform"], permission_set="Acme_Licensed", check=True)["changed"]


# -- however users are named -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_users_of_a_sandbox_are_found_by_every_form_of_their_names(uat: Bench, state: str) -> None:
    set_id = put_set(uat.org, PermissionsApiEnabled=True)
    given = ["prepended@acme.example", "kim@acme.example", {"federation_id": "acme-agent"}, {"employee_number": "E1003"}]
    roles = ["prepended", "kim", "agent", "supervisor"]
    if state == "absent":
        for role in (*roles, "joakim"):
            assign(uat.org, role, set_id)
    options = {"permission_set": "Acme_Set", "users": given, "state": state, "sandbox_name": "uat"}
    result = uat.task("permission_set_assignment", **options)
    assert result.get("msg") is None
    named = {uat.info["users"][role] for role in roles}
    assert {item["key"].split("/", 1)[1] for item in result["changes"]} == named
    assert holders(uat.org, set_id) == ({uat.info["users"]["joakim"]} if state == "absent" else named)
    unchanged(uat.task("permission_set_assignment", **options))


def test_a_namesake_with_the_sandbox_s_suffix_is_left_alone(uat: Bench) -> None:
    """kim@acme.example is there beside kim@acme.example.uat: both rows are read, and one of them is meant."""
    set_id = put_set(uat.org, PermissionsApiEnabled=True)
    assign(uat.org, "kim", set_id)
    namesake = uat.org.put(
        "User", **{**uat.org.find("User", Username="kim@acme.example.uat")[0], "Id": None, "Username": "kim@acme.example"}
    )
    options = {"permission_set": "Acme_Set", "users": ["kim@acme.example"], "sandbox_name": "uat"}
    unchanged(uat.task("permission_set_assignment", **options, state="absent"))
    assert holders(uat.org, set_id) == {"kim@acme.example.uat"}
    assert uat.task("permission_set_assignment", **options)["changed"]
    assert [row["PermissionSetId"] for row in uat.org.find("PermissionSetAssignment", AssigneeId=namesake)] == [set_id]


def test_a_namesake_who_keeps_the_set_is_not_told_of(uat: Bench) -> None:
    """The running user never loses a set, but here somebody else is meant."""
    assign(uat.org, "automation", put_set(uat.org))
    row = {**uat.org.find("User", Username="automation@acme.example.uat")[0], "Id": None, "Username": "automation@acme.example"}
    uat.org.put("User", **row)
    options = {"permission_set": "Acme_Set", "users": ["automation@acme.example"], "state": "absent", "sandbox_name": "uat"}
    result = uat.task("permission_set_assignment", **options)
    unchanged(result)
    assert (result["left_out"], result["warnings"]) == ([], [])


def test_a_user_who_is_not_certain_gets_nothing(uat: Bench) -> None:
    put_set(uat.org)
    result = uat.task("permission_set_assignment", permission_set="Acme_Set", users=[{"employee_number": "E2000"}])
    assert (result["error_code"], uat.org.writes) == ("ambiguous_user", [])


def test_who_is_found_late_costs_two_calls_more(uat: Bench) -> None:
    put_set(uat.org)
    options = {"permission_set": "Acme_Set", "check": True, "sandbox_name": "uat"}
    uat.task("permission_set_assignment", users=["kim@acme.example"], **options)
    uat.task("permission_set_assignment", users=["kim@acme.example"], **options)
    at_once = uat.calls()
    uat.task("permission_set_assignment", users=["kim@acme.example", "prepended@acme.example"], **options)
    assert (at_once, uat.calls()) == (1, 3)
