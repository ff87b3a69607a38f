# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set_info: what sets grant, the task that makes them anew, and what one user may do through which of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION, OBJECTS
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql import MAX_STATEMENT
from emulator import seed
from emulator.faults import Fault, Status
from emulator.org import Org
from emulator.rules.access import access_of
from harness.cases import LONG_AGO, assign, assign_group, put_group, put_set
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content, queries, set_named, unchanged
from harness.random_sets import Recipe, put_recipe, recipes

ROLES = (
    "automation",
    "limited",
    "vonage_api",
    "agent",
    "supervisor",
    "via_group",
    "via_clone",
    "expired",
    "revoked",
    "inactive",
    "minimum",
)


def info(bench: Bench, *names: str, **options: Any) -> dict[str, Any]:
    """The result, which is no failure."""
    result = bench.task("permission_set_info", permission_sets=list(names), **options)
    assert result.get("msg") is None
    return result


def one(bench: Bench, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = info(bench, name)["permission_sets"]
    assert len(found) == 1
    return found[0]


def access(bench: Bench, role: str, **options: Any) -> dict[str, Any]:
    result = bench.task("permission_set_info", user=bench.info["users"].get(role, role), **options)
    assert result.get("msg") is None
    told: dict[str, Any] = result["effective_access"]
    return told


# -- sets ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_nothing_is_changed_and_nothing_written(uat: Bench, check: bool) -> None:
    result = info(uat, "*", user=uat.info["users"]["agent"], check=check)
    assert (result["changed"], uat.org.writes) == (False, [])
    assert not {"changes", "diff", "errors"} & result.keys()
    assert {entry.kind for entry in uat.entries()} == {"login", "read"}


def test_a_set_is_told_as_the_org_has_it(uat: Bench) -> None:
    found = one(uat, "NVMContactWorld__ContactWorld_API_User")
    row = uat.org.get("PermissionSet", found["id"])
    assert row
    held = content(uat.org, row["Id"])
    assert found["kind"] == "managed"
    assert (found["label"], found["description"]) == (row["Label"], row["Description"])
    assert {name: set(rights) for name, rights in found["content"]["object_permissions"].items()} == held["objects"]
    assert {name: set(rights) for name, rights in found["content"]["field_permissions"].items()} == held["fields"]
    assert set(found["content"]["user_permissions"]) == held["permissions"]
    entities = sum(len(found["content"][option]) for option, section in BY_OPTION.items() if section.entity)
    assert entities == len(uat.org.find("SetupEntityAccess", ParentId=row["Id"]))
    assert "NVMContactWorld__Settings__c" in found["content"]["custom_settings"]
    assert len(found["content"]["tabs"]) == len(uat.org.find("PermissionSetTabSetting", ParentId=row["Id"]))


def test_many_ways_of_naming_sets_in_one_task(uat: Bench) -> None:
    put_set(uat.org, "Acme_One")
    put_set(uat.org, "AcmeXOne")
    by_id = put_set(uat.org, "Other")
    result = info(uat, "acme_*", by_id, "ContactWorld_Agent", "Nobody", "No_*", package="NVMContactWorld")
    assert [item["qualified_name"] for item in result["permission_sets"]] == [
        "Acme_One",
        "Acme_Voice_Agent",
        "NVMContactWorld__ContactWorld_Agent",
        "NVMContactWorld__ContactWorld_API_User",
        "NVMContactWorld__ContactWorld_Supervisor",
        "Other",
    ]
    assert result["missing"] == ["Nobody", "No_*"]
    assert [words.partition(":")[0] for words in result["warnings"]] == ["Nobody", "No_*"]


def test_no_names_at_all_are_no_sets(uat: Bench) -> None:
    assert info(uat)["permission_sets"] == []


def test_what_stands_behind_a_profile_or_a_group_is_told_by_id_and_is_no_task(uat: Bench) -> None:
    own = uat.org.find("PermissionSet", IsOwnedByProfile=True)[0]
    result = info(uat, own["Id"], own["Name"], uat.info["group_set_id"])
    assert sorted((item["kind"], item["task"]) for item in result["permission_sets"]) == [("group", None), ("profile", None)]
    assert result["missing"] == [own["Name"]]


def test_who_has_it_and_where_it_is_a_member_is_told(uat: Bench) -> None:
    found = one(uat, "force__ContactCenterAgentExternalTelephony")
    assert found["assigned_users"] == len(uat.org.find("PermissionSetAssignment", PermissionSetId=found["id"])) > 1
    assert found["groups"] == [uat.info["group"]]
    assert (found["kind"], found["license"]) == ("standard", "Salesforce Voice User (Partner Telephony)")
    assert one(uat, "PartnerTelephonyCustomPsl")["assigned_users"] == 0


def test_a_clone_is_told_with_its_source_and_its_own_words(uat: Bench) -> None:
    assert uat.task("permission_set", **VONAGE_CLONE, description="Ours")["changed"]
    found = one(uat, "Acme_Vonage_API_User")
    assert found["description"] == found["task"]["description"] == "Ours"
    assert found["cloned_from"]["source"] == "NVMContactWorld__ContactWorld_API_User"
    assert "clone_from" not in found["task"]
    unchanged(uat.task("permission_set", **found["task"]))


def test_rows_that_only_modify_all_data_shows_are_not_content(uat: Bench) -> None:
    put_set(uat.org, PermissionsModifyAllData=True)
    found = one(uat, "Acme_Set")
    assert (found["content"]["user_permissions"], found["content"]["object_permissions"]) == (["ModifyAllData"], {})


def test_an_org_without_the_newest_right_is_read_too(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=seed.DEFAULT_FEATURES - {"view_all_fields"})
    assert len(one(bench, "NVMContactWorld__ContactWorld_API_User")["content"]["object_permissions"]) == 7
    with_it = make_bench()
    set_id = put_set(with_it.org)
    with_it.org.put("ObjectPermissions", ParentId=set_id, SobjectType="Account", PermissionsRead=True, PermissionsViewAllFields=True)
    assert one(with_it, "Acme_Set")["content"]["object_permissions"] == {"Account": ["read", "view_all_fields"]}


def test_rows_that_the_running_user_cannot_see_are_warned_of(uat: Bench) -> None:
    assign(uat.org, "limited", put_set(uat.org, "Looks", PermissionsViewSetup=True, PermissionsViewRoles=True))
    result = info(uat, "ContactWorld_Agent", username=uat.info["limited_username"])
    assert len(result["permission_sets"]) == 1
    assert any("field_permissions are hidden" in words for words in result["warnings"])


def test_several_apps_of_one_name_are_told_and_not_exported(uat: Bench) -> None:
    set_id = put_set(uat.org)
    first = uat.org.put("ConnectedApplication", Name="Twice")
    uat.org.put("ConnectedApplication", Name="Twice")
    single = uat.org.put("ConnectedApplication", Name="Once")
    for entity in (first, single):
        uat.org.put("SetupEntityAccess", ParentId=set_id, SetupEntityId=entity, SetupEntityType="ConnectedApplication")
    found = one(uat, "Acme_Set")
    assert found["content"]["connected_apps"] == ["Once", f"Twice ({first})"]
    assert found["task"]["connected_apps"] == ["Once"]
    assert [words for words in found["not_exported"] if first in words]
    assert (len(found["task"]["exact"]), "connected_apps" in found["task"]["exact"]) == (len(BY_OPTION) - 1, False)
    unchanged(uat.task("permission_set", **found["task"]))


def test_a_set_that_goes_between_two_looks_is_missing(uat: Bench) -> None:
    set_id = put_set(uat.org)
    uat.served.faults.add(Fault(Status(503), match_body="whole_0"))
    uat.clock.sleep = lambda seconds: uat.org.remove("PermissionSet", set_id)  # type: ignore[method-assign]
    result = info(uat, "Acme_Set", "ContactWorld_Agent")
    assert ([item["name"] for item in result["permission_sets"]], result["missing"]) == (["ContactWorld_Agent"], ["Acme_Set"])


# -- how many calls ------------------------------------------------------------------------------------------------------------------


def test_any_sets_cost_three_calls_and_one_more_for_every_twenty_five(uat: Bench) -> None:
    info(uat, "*")
    assert (len(uat.org.find("PermissionSet", IsOwnedByProfile=False, PermissionSetGroupId=None)), uat.calls()) == (8, 4)
    for number in range(37):
        put_set(uat.org, f"Acme_{number}", PermissionsApiEnabled=True)
    result = info(uat, "*")
    assert (len(result["permission_sets"]), uat.calls()) == (45, 4), "three looks, of which the second is two calls"
    assert all(
        item["content"]["user_permissions"] == ["ApiEnabled"] for item in result["permission_sets"] if item["name"].startswith("Acme_3")
    )


def test_no_statement_grows_too_long_for_any_number_of_names(uat: Bench) -> None:
    put_set(uat.org)
    names = [f"Nobody_{number:04}_{'x' * 60}" for number in range(2500)]
    result = info(uat, *names, "Acme_Set")
    assert ([item["name"] for item in result["permission_sets"]], len(result["missing"])) == (["Acme_Set"], 2500)
    asked = [soql for entry in uat.entries() for soql in queries(entry)]
    assert len([soql for soql in asked if "Nobody_" in soql]) > 1
    assert max(map(len, asked)) <= MAX_STATEMENT


def test_the_access_of_a_user_costs_three_calls(uat: Bench) -> None:
    access(uat, "agent")
    assert uat.calls() == 4, "with the login"
    access(uat, "via_group")
    assert uat.calls() == 2, "there are no names to look up"


# -- the task that makes a set anew ----------------------------------------------------------------------------------------------------


def test_every_set_of_the_org_converges_to_itself_and_to_the_same_elsewhere(make_bench: Callable[..., Bench]) -> None:
    here, there = make_bench(), make_bench()
    for found in info(here, "*")["permission_sets"]:
        result = here.task("permission_set", **found["task"])
        if found["kind"] == "custom":
            unchanged(result)
        made = there.task("permission_set", **found["task"])
        assert made.get("msg") is None
        copy = one(there, found["task"]["name"])
        assert (copy["content"], copy["license"]) == (found["content"], found["license"])


def test_exported_and_converged_is_empty_and_equal_in_another_org(make_bench: Callable[..., Bench]) -> None:
    here, there = make_bench(), make_bench()
    numbers = count()

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(recipes(here.org))
    def holds(recipe: Recipe) -> None:
        name = f"Acme_Random_{next(numbers)}"
        put_recipe(here.org, name, recipe)
        exported = one(here, name)
        writes = len(here.org.writes)
        unchanged(here.task("permission_set", **exported["task"]))
        assert len(here.org.writes) == writes
        made = there.task("permission_set", **exported["task"])
        assert (made.get("msg"), made["changed"]) == (None, True)
        copied = one(there, name)
        same = ("content", "task", "label", "description", "session_activation", "license", "kind")
        assert {key: copied[key] for key in same} == {key: exported[key] for key in same}
        unchanged(there.task("permission_set", **copied["task"]))

    holds()


def test_the_task_takes_away_what_the_exported_set_does_not_have(make_bench: Callable[..., Bench]) -> None:
    here, there = make_bench(), make_bench()
    set_id = put_set(here.org, PermissionsApiEnabled=True)
    here.org.put("ObjectPermissions", ParentId=set_id, SobjectType="Account", PermissionsRead=True)
    other = put_set(there.org, PermissionsApiEnabled=True, PermissionsRunReports=True, Description="elsewhere")
    there.org.put("ObjectPermissions", ParentId=other, SobjectType="Account", PermissionsRead=True, PermissionsCreate=True)
    there.org.put("PermissionSetTabSetting", ParentId=other, Name="standard-Account", Visibility="DefaultOn")
    exported = one(here, "Acme_Set")
    assert there.task("permission_set", **exported["task"]).get("msg") is None
    assert content(there.org, other) == content(here.org, set_id)
    assert one(there, "Acme_Set")["content"] == exported["content"]
    row = set_named(there.org, "Acme_Set")
    assert row
    assert row["Description"] is None


# -- one user ------------------------------------------------------------------------------------------------------------------------

VERBS = {column.removeprefix("Permissions"): right for right, column in OBJECTS.rights.items()}


def as_the_org_adds_up(org: Org, role: str) -> dict[str, Any]:
    """User permissions, rights on objects and fields, by the emulator's own rules of access."""
    user = org.seed_info["user_ids"][role]
    found = access_of(org, user)
    return {
        "user_permissions": set(org.permissions_of(user)),
        "object_permissions": {name: {VERBS[verb] for verb in verbs} for name, verbs in found.objects.items() if verbs},
        "field_permissions": {name: {"read", "edit"} if edit else {"read"} for name, edit in found.fields.items()},
    }


def as_told(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "user_permissions": set(told["user_permissions"]),
        "object_permissions": {name: set(rights) for name, rights in told["object_permissions"].items()},
        "field_permissions": {name: set(rights) for name, rights in told["field_permissions"].items()},
    }


@pytest.mark.parametrize("role", ROLES)
def test_what_a_user_may_do_is_what_the_org_adds_up(uat: Bench, role: str) -> None:
    told = access(uat, role)
    assert as_told(told) == as_the_org_adds_up(uat.org, role)
    assert told["active"] is (role != "inactive")


def test_whatever_sets_and_groups_a_user_has_it_is_what_the_org_adds_up(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    org, numbers = bench.org, count()
    mutable = st.frozensets(st.sampled_from(["ApiEnabled", "RunReports", "ViewSetup"]), max_size=2)

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.lists(recipes(org), min_size=3, max_size=3), mutable)
    def holds(some: list[Recipe], muted: frozenset[str]) -> None:
        number = next(numbers)
        own, expired, member = (
            put_recipe(org, f"{name}_{number}", item, HasActivationRequired=False) for name, item in zip("OEM", some, strict=True)
        )
        assign(org, "agent", own)
        assign(org, "agent", expired, IsActive=False, ExpirationDate=LONG_AGO)
        assign_group(org, "agent", put_group(org, expired, member, name=f"G_{number}", muted=tuple(muted)))
        told = access(bench, "agent")
        assert as_told(told) == as_the_org_adds_up(org, "agent")
        by = {
            words
            for option in ("object_permissions", "field_permissions")
            for rights in told[option].values()
            for some in rights.values()
            for words in some
        }
        assert not [words for words in by if words.startswith("permission set E_")]

    holds()


def test_the_running_user_is_told_what_the_org_tells_it(uat: Bench) -> None:
    rights = uat.task("org_info")["rights"]
    held = access(uat, "automation")["user_permissions"]
    assert {name for name, has in rights.items() if has} == set(rights) & set(held)
    assert any(rights.values())


def test_a_right_names_all_that_give_it(uat: Bench) -> None:
    org = uat.org
    editors = put_set(org, "Editors", PermissionsApiEnabled=True, PermissionsRunReports=True)
    readers = put_set(org, "Readers")
    for set_id, edit in ((editors, True), (readers, False)):
        org.put("ObjectPermissions", ParentId=set_id, SobjectType="Campaign", PermissionsRead=True, PermissionsEdit=edit)
    group = put_group(org, editors, readers, muted=("ApiEnabled",))
    assign_group(org, "platform", group)
    assign(org, "platform", readers)
    told = access(uat, "platform")
    assert told["object_permissions"]["Campaign"] == {
        "read": ["permission set Readers", "group Acme_Group (Editors, Readers)"],
        "edit": ["group Acme_Group (Editors)"],
    }
    assert "group Acme_Group (Editors)" in told["user_permissions"]["RunReports"]
    assert "group Acme_Group (Editors)" not in told["user_permissions"]["ApiEnabled"], "the group mutes it"
    assert [(item["kind"], item["name"], item["members"]) for item in told["sources"]] == [
        ("profile", "Standard Platform User", []),
        ("permission_set", "Readers", []),
        ("group", "Acme_Group", ["Editors", "Readers"]),
    ]


def test_assignments_that_give_nothing_are_listed_with_the_reason(uat: Bench) -> None:
    org = uat.org
    rows: dict[str, dict[str, Any]] = {
        "Old": {"IsActive": False, "ExpirationDate": LONG_AGO},
        "Gone": {"IsRevoked": True},
        "Off": {"IsActive": False},
    }
    for name, values in rows.items():
        assign(org, "without_set", put_set(org, name, PermissionsManageUsers=True), **values)
    assign(org, "without_set", put_set(org, "Session", PermissionsManageUsers=True, HasActivationRequired=True))
    told = access(uat, "without_set")
    assert "ManageUsers" not in told["user_permissions"]
    assert {item["name"]: item["reason"] for item in told["sources"] if not item["in_effect"]} == {
        "Old": "the assignment expired on 2024-01-02",
        "Gone": "the assignment is revoked",
        "Off": "the assignment is inactive",
        "Session": "it needs activation in a session",
    }


def test_an_org_without_user_access_policies_is_read_too(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=seed.DEFAULT_FEATURES)
    assert as_told(access(bench, "agent")) == as_the_org_adds_up(bench.org, "agent")


def test_rights_on_every_object_are_told_with_what_gives_them(uat: Bench) -> None:
    told = access(uat, "automation")["on_every_object"]
    assert [(item["through"], item["sources"]) for item in told] == [
        ("ModifyAllData", ["profile System Administrator"]),
        ("ViewAllData", ["profile System Administrator"]),
    ]
    assert access(uat, "agent")["on_every_object"] == []


def test_an_inactive_user_is_warned_of(uat: Bench) -> None:
    result = uat.task("permission_set_info", user=uat.info["users"]["inactive"])
    assert (result["effective_access"]["active"], len(result["warnings"])) == (False, 1)
    assert uat.info["users"]["inactive"] in result["warnings"][0]


def test_a_user_may_be_named_by_id(uat: Bench) -> None:
    assert access(uat, uat.info["user_ids"]["agent"])["username"] == uat.info["users"]["agent"]


def test_an_unknown_user_is_a_failure(uat: Bench) -> None:
    result = uat.task("permission_set_info", user="nobody@acme.example")
    assert (result["failed"], result["error_code"], result["step"]) == (True, "unknown_user", "reading")
    assert "nobody@acme.example" in result["msg"]
    assert "Acme" in result["msg"]


def test_sets_and_a_user_in_one_task(uat: Bench) -> None:
    result = info(uat, "ContactWorld_Agent", user=uat.info["users"]["agent"])
    assert result["permission_sets"] == [one(uat, "ContactWorld_Agent")]
    assert result["effective_access"] == access(uat, "agent")
    assert {name for name in result["effective_access"] if name in BY_OPTION} == set(BY_OPTION)


@pytest.mark.parametrize(
    "given", ["prepended@acme.example", {"federation_id": "acme-prepended"}, {"email": "prepended@acme.example"}], ids=str
)
def test_the_access_of_a_user_is_told_however_the_user_is_named(uat: Bench, given: Any) -> None:
    exact = uat.task("permission_set_info", user=uat.info["users"]["prepended"])
    assert exact["effective_access"]["user_permissions"]
    told = uat.task("permission_set_info", user=given, sandbox_name="uat")
    assert told.get("msg") is None
    assert told["effective_access"] == exact["effective_access"]


def test_the_access_of_one_of_two_namesakes_is_that_one_s_alone(uat: Bench) -> None:
    (profile,) = uat.org.find("Profile", Name="Minimum Access - Salesforce")
    row = {
        **uat.org.find("User", Username="kim@acme.example.uat")[0],
        "Id": None,
        "Username": "kim@acme.example",
        "ProfileId": profile["Id"],
    }
    uat.org.put("User", **row)
    by_suffix = uat.task("permission_set_info", user="kim@acme.example.uat", sandbox_name="uat")["effective_access"]
    exact = uat.task("permission_set_info", user="kim@acme.example", sandbox_name="uat")["effective_access"]
    assert (by_suffix["profile"], exact["profile"]) == ("Standard User", "Minimum Access - Salesforce")
    assert set(exact["user_permissions"]) < set(by_suffix["user_permissions"])
