# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""api_user_info: an org where all is right, and every single thing that people may break in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._api_user_requirements import REQUIREMENTS
from emulator import seed
from emulator.errors import ApiError
from emulator.seed import profiles
from emulator.tooling import rows
from harness.cases import LONG_AGO, assign, put_group, put_set
from harness.direct import VONAGE_CLONE, Bench
from harness.violations import (
    CLONE,
    CONDITIONAL,
    CONSEQUENCES,
    USERNAME,
    VIOLATIONS,
    WARNINGS,
    api_user,
    clone,
    give_profile,
    own_set,
    switch,
)

MANUAL = {"linked_in_vonage"}
ROWS = [item.id for item in REQUIREMENTS]


def made_ready(bench: Bench) -> Bench:
    """The seeded user under the name that the violations know, with the clone, as the modules make it."""
    bench.org.set("User", bench.info["user_ids"]["vonage_api"], Username=USERNAME)
    for module, options in (
        ("permission_set", {**VONAGE_CLONE, "name": CLONE}),
        ("permission_set_assignment", {"permission_set": CLONE, "users": [USERNAME]}),
    ):
        result = bench.task(module, **options)
        assert result.get("msg") is None
    bench.new_run()
    return bench


@pytest.fixture
def ready(uat: Bench) -> Bench:
    return made_ready(uat)


def info(bench: Bench, **options: Any) -> dict[str, Any]:
    result = bench.task("api_user_info", **{"user": USERNAME, "permission_set": CLONE, **options})
    assert result.get("msg") is None
    return result


def states(result: Mapping[str, Any]) -> dict[str, str]:
    return {row["requirement"]: row["state"] for row in result["requirements"]}


def violated(result: Mapping[str, Any]) -> set[str]:
    return {name for name, state in states(result).items() if state == "violated"}


def row(result: Mapping[str, Any], requirement: str) -> dict[str, str]:
    found: dict[str, str] = next(item for item in result["requirements"] if item["requirement"] == requirement)
    return found


# -- all is right --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_an_org_where_all_is_right_is_ready_in_three_calls(ready: Bench, check: bool) -> None:
    writes = len(ready.org.writes)
    result = info(ready, check=check)
    assert [item["requirement"] for item in result["requirements"]] == ROWS
    assert result["ready"] is True
    assert set(states(result).values()) == {"met", "not_asked", "manual"}
    assert {name for name, state in states(result).items() if state == "manual"} == MANUAL
    assert all((item["remedy"] == "") == (item["state"] == "met") and item["found"] for item in result["requirements"])
    assert [entry.kind for entry in ready.entries()] == ["login", "read", "read", "read"]
    assert (ready.calls(), len(ready.org.writes) - writes) == (4, 0)
    assert (result["gaps"], result["policies"], result["warnings"]) == ([], ["Acme Agents"], [])
    assert result["user"] == {
        "id": api_user(ready.org)["Id"],
        "username": USERNAME,
        "name": "Vonage Api",
        "active": True,
        "frozen": False,
        "profile": "Standard User",
        "license": "Salesforce",
    }
    assert (result["profile"]["name"], result["profile"]["restricted"]) == ("Standard User", False)
    assert result["sharing"]["Contact"] == "ControlledByParent"
    assert "NVMContactWorld__CallEndEvent__c" in result["sharing"]


def test_without_a_name_any_clone_of_the_package_s_set_will_do(ready: Bench) -> None:
    assert info(ready, permission_set=None)["ready"] is True


def test_the_package_s_own_set_lacks_some_of_it(ready: Bench) -> None:
    ready.org.set(
        "PermissionSetAssignment",
        ready.org.find("PermissionSetAssignment", AssigneeId=api_user(ready.org)["Id"], PermissionSetId=clone(ready.org))[0]["Id"],
        PermissionSetId=ready.info["set_ids"]["vonage_api_user"],
    )
    result = info(ready, permission_set=None)
    assert row(result, "permission_set_assigned")["state"] == "met"
    assert violated(result) >= {"object_rights", "package_access"}
    assert {"object": "NVMContactWorld__Background_Action__c", "lacks": ["modify_all_records"]} in result["gaps"] or result["gaps"]
    assert row(info(ready, permission_set=None, queries_users=True), "clone_for_more")["state"] == "warning"


def test_a_group_that_brings_the_set_is_enough(ready: Bench) -> None:
    group_id = put_group(ready.org, clone(ready.org))
    (held,) = ready.org.find("PermissionSetAssignment", AssigneeId=api_user(ready.org)["Id"], PermissionSetId=clone(ready.org))
    aggregate = ready.org.find("PermissionSet", PermissionSetGroupId=group_id)[0]["Id"]
    ready.org.set("PermissionSetAssignment", held["Id"], PermissionSetId=aggregate, PermissionSetGroupId=group_id)
    result = info(ready)
    assert violated(result) == set()
    assert row(result, "permission_set_assigned")["found"] == f"{CLONE} through group Acme_Group."
    assert "group Acme_Group" in row(result, "password_never_expires")["found"]
    assert ready.calls() == 4


@pytest.mark.parametrize("key", ["id", "federation_id", "employee_number", "production name"])
def test_the_user_may_be_named_in_every_way(ready: Bench, key: str) -> None:
    user = api_user(ready.org)
    ready.org.set("User", user["Id"], FederationIdentifier="vonage-api", EmployeeNumber="E7")
    named: Mapping[str, Any] = {
        "id": user["Id"],
        "federation_id": {"federation_id": "vonage-api"},
        "employee_number": {"employee_number": "E7"},
        "production name": "vonage.new@acme.example",
    }
    assert info(ready, user=named[key], sandbox_name="uat")["ready"] is True
    assert ready.calls() == 4


def test_a_user_that_is_found_late_is_read_as_well(ready: Bench) -> None:
    ready.org.set("User", api_user(ready.org)["Id"], Username=f"00x7Vq{USERNAME}")
    result = info(ready, sandbox_name="uat")
    assert (result["ready"], result["user"]["username"]) == (True, f"00x7Vq{USERNAME}")


@pytest.mark.parametrize(
    "switches",
    [
        {"user_login_rows": "frozen_ones"},
        {"tooling_virtual_ids": "durable"},
        {"entity_definition_sharing": "ReadWrite"},
        {"field_definition_components": "shown"},
        {"setup_reads": "open", "tooling_rights": "per_object"},
    ],
    ids=",".join,
)
def test_it_does_not_matter_what_nobody_knows_of_real_orgs(make_bench: Callable[..., Bench], switches: Mapping[str, str]) -> None:
    bench = made_ready(make_bench(switches=switches))
    assert info(bench)["ready"] is True
    VIOLATIONS["user_not_frozen"][0](bench.org)
    assert violated(info(bench)) == {"user_not_frozen"}


@pytest.mark.parametrize("answer", ["unknown_object", "no_rows"])
def test_an_org_without_user_access_policies_has_none_active(make_bench: Callable[..., Bench], answer: str) -> None:
    bench = made_ready(make_bench(features=seed.DEFAULT_FEATURES, switches={"user_access_policies_off": answer}))
    result = info(bench)
    assert (result["ready"], result["policies"], states(result)["user_access_policies"]) == (True, [], "met")


# -- one thing is wrong --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("requirement", VIOLATIONS)
def test_one_thing_broken_by_hand_is_named_and_nothing_else(ready: Bench, requirement: str) -> None:
    VIOLATIONS[requirement][0](ready.org)
    result = info(ready)
    assert violated(result) == {requirement} | CONSEQUENCES.get(requirement, frozenset())
    assert result["ready"] is False
    found = row(result, requirement)
    assert (found["repair"], bool(found["remedy"])) == (VIOLATIONS[requirement][1], True)
    # Who is not there is looked for once more, for the nearest.
    assert ready.calls() <= (5 if requirement == "user_exists" else 4)


@pytest.mark.parametrize("requirement", CONDITIONAL)
def test_what_is_asked_for_only_where_a_person_says_so(ready: Bench, requirement: str) -> None:
    options, _break = CONDITIONAL[requirement]
    if requirement == "further_user_permissions":
        switch(ready.org, "RunReports")
    assert states(info(ready))[requirement] == "not_asked"
    result = info(ready, **options)
    assert violated(result) == {requirement}
    permission = {"further_user_permissions": "RunReports", "api_only": "ApiUserOnly"}.get(requirement)
    switch(ready.org, permission or "".join(word.title() for word in requirement.split("_")), on=True)
    result = info(ready, **options)
    assert (states(result)[requirement], violated(result)) == ("met", set())
    if requirement in ("view_all_users", "view_all_data", "modify_all_data"):
        assert states(result)["clone_for_more"] == "met"
    CONDITIONAL[requirement][1](ready.org)
    assert violated(info(ready, **options)) == {requirement}


@pytest.mark.parametrize("requirement", WARNINGS)
def test_what_works_and_should_be_looked_at_is_a_warning(ready: Bench, requirement: str) -> None:
    WARNINGS[requirement](ready.org)
    result = info(ready)
    assert row(result, requirement)["state"] == "warning"
    assert row(result, requirement)["remedy"]
    assert requirement not in violated(result)


# -- a closer look -------------------------------------------------------------------------------------------------------------------


def test_the_objects_that_are_private_are_named_with_their_model(ready: Bench) -> None:
    seed.share(ready.org, {"Case": "Private", "Lead": "Private", "NVMContactWorld__InteractionEvent__c": "Private"})
    found = row(info(ready), "view_all_data")
    assert found["found"].endswith(": Lead (Private), Case (Private)." if "Lead (Private), Case" in found["found"] else "Lead (Private).")
    assert "InteractionEvent__c" not in found["found"], "the clone sees all of its records"
    assert states(info(ready, private_sharing=True))["view_all_data"] == "violated"


def test_rights_on_fields_are_of_no_use_without_rights_on_their_object(ready: Bench) -> None:
    VIOLATIONS["standard_object_access"][0](ready.org)
    result = info(ready)
    assert {"object": "Case", "lacks": ["read", "edit"]} in result["gaps"]
    useless = [item for item in result["gaps"] if item.get("field") == "Case.NVMContactWorld__Skills__c"]
    assert useless == [{"field": "Case.NVMContactWorld__Skills__c", "lacks": [], "useless": "read and edit without read on Case"}]
    assert "read and edit without read on Case" in row(result, "standard_object_access")["found"]


def test_a_formula_is_asked_for_to_be_read_and_no_more(ready: Bench) -> None:
    (held,) = ready.org.find("FieldPermissions", ParentId=clone(ready.org), Field="Account.NVMContactWorld__NVM_Phone__c")
    assert (held["PermissionsRead"], held["PermissionsEdit"]) == (True, False)
    ready.org.remove("FieldPermissions", held["Id"])
    assert {"field": "Account.NVMContactWorld__NVM_Phone__c", "lacks": ["read"]} in info(ready)["gaps"]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"ExpirationDate": LONG_AGO}, "expired on 2024-01-02"),
        ({"IsActive": False}, "inactive"),
        ({"IsRevoked": True}, "revoked"),
    ],
)
def test_an_assignment_that_gives_nothing_does_not_count(ready: Bench, values: Mapping[str, Any], why: str) -> None:
    (held,) = ready.org.find("PermissionSetAssignment", AssigneeId=api_user(ready.org)["Id"], PermissionSetId=clone(ready.org))
    ready.org.set("PermissionSetAssignment", held["Id"], **values)
    result = info(ready)
    assert violated(result) == {"permission_set_assigned"} | CONSEQUENCES["permission_set_assigned"]
    assert why in row(result, "permission_set_assigned")["found"]


def test_what_the_profile_gives_counts_without_an_assignment_of_its_set(ready: Bench) -> None:
    own = own_set(ready.org, profiles.STANDARD)
    (held,) = ready.org.find("PermissionSetAssignment", AssigneeId=api_user(ready.org)["Id"], PermissionSetId=own)
    ready.org.remove("PermissionSetAssignment", held["Id"])
    assert violated(info(ready)) == set()


def test_a_session_based_set_does_not_count(ready: Bench) -> None:
    ready.org.set("PermissionSet", clone(ready.org), HasActivationRequired=True)
    told = row(info(ready), "permission_set_assigned")
    assert "activation" in told["found"]
    assert "Session Activation Required" in told["remedy"]


def test_what_an_inactive_user_lacks_begins_with_activating_it(ready: Bench) -> None:
    for requirement in ("permission_set_assigned", "package_license"):
        VIOLATIONS[requirement][0](ready.org)
        assert not row(info(ready), requirement)["remedy"].startswith("Activate")
    VIOLATIONS["user_active"][0](ready.org)
    assert row(info(ready), "permission_set_assigned")["remedy"].startswith("Activate the user first")
    assert row(info(ready), "package_license")["remedy"].startswith("Activate the user first")


def test_modify_all_data_counts_on_every_object(ready: Bench) -> None:
    set_id = put_set(ready.org, "Acme_All", PermissionsModifyAllData=True)
    for held in ready.org.find("ObjectPermissions", ParentId=clone(ready.org)):
        ready.org.remove("ObjectPermissions", held["Id"])
    assert "object_rights" in violated(info(ready))
    ready.org.put("PermissionSetAssignment", AssigneeId=api_user(ready.org)["Id"], PermissionSetId=set_id, IsActive=True)
    assert violated(info(ready)) == set()


def test_the_integration_licence_is_told_with_its_conflict(ready: Bench) -> None:
    give_profile(ready.org, profiles.INTEGRATION)
    result = info(ready)
    assert violated(result) == {"standard_user_profile", "standard_object_access"}
    found = row(result, "integration_license")
    assert "SalesforceAPIIntegrationPsl" in found["found"]
    assert "not assigned" in found["found"]
    assert row(result, "salesforce_license")["state"] == "warning"
    named = info(ready, permission_set_licenses=["SalesforceAPIIntegrationPsl"])
    assert "permission_set_licenses" in violated(named)
    license_id = ready.org.find("PermissionSetLicense", DeveloperName="SalesforceAPIIntegrationPsl")[0]["Id"]
    ready.org.put("PermissionSetLicenseAssign", AssigneeId=api_user(ready.org)["Id"], PermissionSetLicenseId=license_id)
    named = info(ready, permission_set_licenses=["SalesforceAPIIntegrationPsl"])
    assert states(named)["permission_set_licenses"] == "met"
    assert "is assigned" in row(named, "integration_license")["found"]


@pytest.mark.parametrize("values", [{"AllowedLicenses": -1}, {"Status": "Expired"}, {"ExpirationDate": LONG_AGO}])
def test_a_site_licence_needs_no_seat_and_an_expired_one_gives_none(ready: Bench, values: Mapping[str, Any]) -> None:
    ready.org.set("PackageLicense", ready.org.find("PackageLicense")[0]["Id"], **values)
    if "AllowedLicenses" in values:
        VIOLATIONS["package_license"][0](ready.org)
    assert violated(info(ready)) == (set() if "AllowedLicenses" in values else {"package_license"})


def test_policies_that_act_on_nothing_of_the_user_are_told_and_fine(ready: Bench) -> None:
    found = row(info(ready), "user_access_policies")
    assert (found["state"], "Acme Agents" in found["found"]) == ("met", True)
    seed.put_policy(ready.org, "Acme_Revoke", [("Revoke", clone(ready.org))])
    found = row(info(ready), "user_access_policies")
    assert f"permission set {CLONE}" in found["found"]


def test_a_permission_that_the_org_does_not_have_is_a_row(ready: Bench) -> None:
    result = info(ready, user_permissions=["ApiEnabled", "Teleport Agents"])
    assert violated(result) == {"further_user_permissions"}
    assert "Teleport Agents" in row(result, "further_user_permissions")["found"]


# -- little is there -----------------------------------------------------------------------------------------------------------------


def test_a_user_that_is_not_there_is_a_row_with_the_nearest(ready: Bench) -> None:
    result = info(ready, user="vonage.news@acme.example.uat")
    assert violated(result) == {"user_exists"}
    assert USERNAME in row(result, "user_exists")["found"]
    assert result["user"] is None
    assert result["gaps"] == []
    assert result["profile"]["name"] == "Standard User"
    # What needs no user is judged all the same.
    assert (states(result)["login_restrictions"], states(result)["object_rights"]) == ("met", "unknown")


def test_several_users_who_may_be_meant_are_none(ready: Bench) -> None:
    result = info(ready, user={"employee_number": "E2000"})
    assert violated(result) == {"user_exists"}
    assert "kim@acme.example.uat, joakim@acme.example.uat" in row(result, "user_exists")["found"].replace(
        "joakim@acme.example.uat, kim@acme.example.uat", "kim@acme.example.uat, joakim@acme.example.uat"
    )


def test_in_check_mode_a_user_to_be_made_is_not_there_yet(uat: Bench) -> None:
    made = uat.task("user", check=True, user=USERNAME, last_name="API", email="voice@acme.example", profile="Standard User")
    assert made.get("msg") is None
    result = info(uat, check=True)
    assert violated(result) == {"user_exists"}
    assert "yet" in row(result, "user_exists")["found"]


def test_an_org_without_the_package(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(package=False)
    result = info(bench, user=bench.info["api_user"], permission_set=None)
    assert violated(result) == {"package_license", "permission_set_assigned", "password_never_expires"}
    unknown = {"package_access", "object_rights", "field_rights", "standard_object_access"}
    assert {name for name, state in states(result).items() if state == "unknown"} == unknown
    assert "not installed" in row(result, "package_license")["found"]


def test_a_profile_that_the_org_does_not_have(ready: Bench) -> None:
    result = info(ready, profile="No such profile")
    assert violated(result) == {"standard_user_profile"}
    result = info(ready, user="nobody@acme.example", profile="No such profile")
    assert result["profile"] is None
    assert row(result, "login_restrictions")["found"].startswith("The org has no profile No such profile")


def test_what_the_tooling_api_refuses_is_unknown(ready: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_org: object, _user: str, name: str) -> None:
        raise ApiError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.", None)

    monkeypatch.setattr(rows, "_require_view_setup", refuse)
    result = info(ready)
    unknown = {"login_restrictions", "field_rights", "view_all_data", "user_access_policies"}
    assert {name for name, state in states(result).items() if state == "unknown"} == unknown
    assert (result["ready"], result["sharing"], result["policies"], result["profile"]["restricted"]) == (True, None, None, None)
    assert "View Setup and Configuration" in result["warnings"][0]


def test_who_may_not_manage_users_is_not_told_whether_the_user_is_frozen(ready: Bench) -> None:
    VIOLATIONS["user_not_frozen"][0](ready.org)
    assign(ready.org, "limited", put_set(ready.org, "Acme_Setup", PermissionsViewSetup=True, PermissionsViewRoles=True))
    result = info(ready, username=ready.info["limited_username"])
    assert violated(result) == set()
    assert (states(result)["user_not_frozen"], result["user"]["frozen"]) == ("unknown", None)
    assert "Manage Users" in result["warnings"][0]
    # The emulator keeps rows of fields from who may not read these fields; nobody knows then what there is.
    assert (states(result)["field_rights"], states(result)["package_access"], result["gaps"]) == ("unknown", "unknown", [])
    assert "rows of fields are hidden" in result["warnings"][1]


@pytest.mark.parametrize("options", [{"user": "nobody"}, {"user": {"name": "x"}}])
def test_a_user_that_is_none_is_refused(uat: Bench, options: Mapping[str, Any]) -> None:
    result = uat.task("api_user_info", **options)
    assert (result["error_code"], uat.calls()) == ("not_a_user", 0)


@pytest.mark.parametrize("namespaces", [[], [""]])
def test_an_empty_namespace_is_refused(uat: Bench, namespaces: list[str]) -> None:
    assert uat.task("api_user_info", user=USERNAME, namespaces=namespaces)["error_code"] == "no_name"
