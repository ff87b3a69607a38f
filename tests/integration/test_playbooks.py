# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks and roles as they are run: on an empty org in check mode, for real, again, after a change by hand, and when one org is down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.fleet import Fleet
from emulator.org import Org
from harness.direct import VONAGE_CLONE, bench
from harness.plays import Played, host_variables, play
from tooling.workspace import ROOT

CONVERGE = ROOT / "playbooks" / "converge.yml"
DRIFT = ROOT / "playbooks" / "drift.yml"
MODULES = ("permission_set", "permission_set_assignment", "contact_center_member")


def variables(fleet: Fleet, name: str = "acme-uat", **extra: Any) -> dict[str, Any]:
    """What a user's inventory would say of one org."""
    info = fleet[name].org.seed_info
    return {
        **host_variables(fleet)[name],
        "api_user_username": info["api_user"],
        "api_user_permission_set_name": "Acme_Vonage_API_User",
        "contact_center_name": "AcmeVoice",
        "contact_center_users": [info["users"][role] for role in ("agent", "contact_admin", "via_group", "via_clone")],
        **extra,
    }


def changes(played: Played) -> dict[str, list[Any]]:
    return {module: [change for result in played.of(module) for change in result.get("changes", ())] for module in MODULES}


def has_set(org: Org, username: str, set_name: str) -> bool:
    users = [row["Id"] for row in org.find("User", Username=username)]
    sets = [row["Id"] for row in org.find("PermissionSet", Name=set_name)]
    return bool(org.find("PermissionSetAssignment", AssigneeId=users, PermissionSetId=sets))


def test_check_mode_on_an_empty_org_predicts_what_the_run_then_does(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Also what hangs together: the set that would be made is assigned, and who would get the agents' set would be a member."""
    fleet = serve()
    org = fleet["acme-uat"].org
    without = org.seed_info["users"]["without_set"]
    hosts = {
        "acme-uat": variables(fleet, contact_center_users=[without], contact_center_permission_set="ContactCenterAgentExternalTelephony")
    }
    foretold = play(tmp_path, hosts, playbook=CONVERGE, arguments=["--check", "--diff"])
    assert foretold.status == 0, foretold.output
    assert org.writes == []
    done = play(tmp_path, hosts, playbook=CONVERGE, arguments=["--diff"])
    assert done.status == 0, done.output
    # A plan that the role only looks at; in check mode that of the set stands for the task that would give it.
    looked_at = ("Plan the permission set", "Plan the members")
    done = replace(done, results=tuple(one for one in done.results if one.verdict != "skipped" and not one.task.endswith(looked_at)))
    kept = (one for one in foretold.results if one.verdict != "skipped" and not one.task.endswith(looked_at[1]))
    foretold = replace(foretold, results=tuple(kept))
    assert changes(done) == changes(foretold)
    assert all(changes(done).values())
    assert [result.get("diff") for module in MODULES for result in done.of(module)] == [
        result.get("diff") for module in MODULES for result in foretold.of(module)
    ]
    assert has_set(org, org.seed_info["api_user"], "Acme_Vonage_API_User")
    assert org.find("User", Username=without)[0]["CallCenterId"] == org.seed_info["center_ids"]["partner_telephony"]


def test_the_second_run_changes_nothing_in_three_orgs(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = {name: variables(three_orgs, name) for name in three_orgs.orgs}
    first = play(tmp_path, hosts, playbook=CONVERGE)
    assert first.status == 0, first.output
    writes = {name: len(served.org.writes) for name, served in three_orgs.orgs.items()}
    assert all(writes.values())
    second = play(tmp_path, hosts, playbook=CONVERGE)
    assert second.status == 0, second.output
    assert not any(result["changed"] for module in MODULES for result in second.of(module))
    assert {name: len(served.org.writes) for name, served in three_orgs.orgs.items()} == writes


def test_the_summary_reminds_of_the_provider_and_of_what_was_not_cloned(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    org.set("PermissionSet", org.seed_info["set_ids"]["vonage_api_user"], PermissionsManageUsers=True)
    played = play(tmp_path, {"acme-uat": variables(fleet)}, playbook=CONVERGE)
    said = " ".join(played.named("Summary")[0]["msg"])
    assert "telephony provider" in said
    assert "the clone lacks: user permission ManageUsers" in said


def test_what_the_package_did_to_its_set_and_what_the_org_lacks_is_told(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    hosts = {"acme-uat": variables(fleet, api_user_flows=["No_Such_Flow"], api_user_missing="skip")}
    made = play(tmp_path, hosts, playbook=CONVERGE)
    assert "This org does not have: No_Such_Flow" in made.named("Summary")[0]["msg"]
    assert play(tmp_path, hosts, playbook=DRIFT).named("Drift")[0]["msg"] == "no drift"
    org.set("PermissionSet", org.seed_info["set_ids"]["vonage_api_user"], PermissionsRunReports=True)
    news = "The package has changed its set: it gained user permission RunReports"
    assert play(tmp_path, hosts, playbook=DRIFT).named("Drift")[0]["msg"] == [news]
    assert news in play(tmp_path, hosts, playbook=CONVERGE).named("Summary")[0]["msg"]


def test_drift_finds_exactly_what_was_changed_by_hand_and_writes_nothing(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    hosts = {"acme-uat": variables(fleet)}
    assert play(tmp_path, hosts, playbook=CONVERGE).status == 0
    agent = org.seed_info["users"]["agent"]
    org.set("User", org.seed_info["user_ids"]["agent"], CallCenterId=None)
    clone = org.find("PermissionSet", Name="Acme_Vonage_API_User")[0]
    row = org.find("ObjectPermissions", ParentId=clone["Id"], SobjectType="NVMContactWorld__CallEndEvent__c")[0]
    org.set("ObjectPermissions", row["Id"], PermissionsModifyAllRecords=False)
    writes = len(org.writes)
    drift = play(tmp_path, hosts, playbook=DRIFT)
    assert drift.status == 0, drift.output
    assert len(org.writes) == writes
    assert changes(drift) == {
        "permission_set": [
            {
                "op": "update",
                "kind": "object_permissions",
                "key": "Acme_Vonage_API_User/NVMContactWorld__CallEndEvent__c",
                "before": {"modify_all_records": False},
                "after": {"modify_all_records": True},
            }
        ],
        "permission_set_assignment": [],
        "contact_center_member": [
            {"op": "create", "kind": "contact_center_member", "key": f"AcmeVoice/{agent}", "before": {}, "after": {"member": True}}
        ],
    }
    assert drift.named("Drift")[0]["msg"] == [
        "update object_permissions Acme_Vonage_API_User/NVMContactWorld__CallEndEvent__c",
        f"create contact_center_member AcmeVoice/{agent}",
        *violations(drift),
    ]
    assert [words.split(":")[0] for words in violations(drift)] == ["D2 package_access", "D9 object_rights"]


def violations(played: Played) -> list[str]:
    """What the readiness table calls violated, as the playbooks tell it."""
    rows = played.of("api_user_info")[0]["requirements"]
    return [f"{row['sentence']} {row['requirement']}: {row['found']} {row['remedy']}" for row in rows if row["state"] == "violated"]


def test_what_a_run_may_not_repair_is_drift_and_stops_the_converge_run_after_the_members(
    tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    """The package's set, which grants too little for the Data Connector, and an address that the task may not change."""
    fleet = serve()
    org = fleet["acme-uat"].org
    lacking: dict[str, Any] = {
        "api_user_permission_set_mode": "managed",
        "api_user_data_connector": True,
        "api_user_email": "other@acme.example",
    }
    hosts = {"acme-uat": variables(fleet, **lacking)}
    done = play(tmp_path, hosts, playbook=CONVERGE)
    assert done.status == 2
    said = done.named("Stop where an org is not as it should be")[0]["msg"]
    assert "D13 modify_all_data" in said
    assert "api_user_permission_set_mode auto or clone" in said
    assert "Left as it is" in " ".join(done.named("Summary")[0]["msg"])
    assert any(result.get("changed") for result in done.of("contact_center_member"))
    drift = play(tmp_path, hosts, playbook=DRIFT)
    assert drift.status == 0, drift.output
    told = drift.named("Drift")[0]["msg"]
    is_now = org.find("User", Username=org.seed_info["api_user"])[0]["Email"]
    held = f"{org.seed_info['api_user']}: email is {is_now} and not other@acme.example, since allow_change does not name email"
    assert told == [held, *violations(drift)]
    assert "D13 modify_all_data" in " ".join(told)


@pytest.mark.parametrize(
    ("mode", "assigned"),
    [("clone", "Acme_Vonage_API_User"), ("managed", "ContactWorld_API_User"), ("auto", "Acme_Vonage_API_User")],
)
def test_the_mode_decides_which_set_is_assigned(mode: str, assigned: str, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    played = play(tmp_path, {"acme-uat": variables(fleet, api_user_permission_set_mode=mode, api_user_fail_on="never")}, playbook=CONVERGE)
    assert played.status == 0, played.output
    user = org.seed_info["api_user"]
    for name in ("Acme_Vonage_API_User", "ContactWorld_API_User"):
        assert has_set(org, user, name) is (name == assigned)
    assert bool(org.find("PermissionSet", Name="Acme_Vonage_API_User")) is (assigned == "Acme_Vonage_API_User")
    missing = played.of("permission_set")[0]["missing"]
    assert ("user permission ApiEnabled" in missing) is (mode == "managed")


def test_auto_assigns_the_packages_set_when_nothing_is_asked_for_beyond_it(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """The package's set is made to grant everything first, as Vonage's documentation says that it does."""
    fleet = serve(switches={"managed_set_user_permissions": "documented"})
    org = fleet["acme-uat"].org
    grant_all(org, tmp_path / "donor")
    played = play(tmp_path, {"acme-uat": variables(fleet)}, playbook=CONVERGE)
    assert played.status == 0, played.output
    assert has_set(org, org.seed_info["api_user"], "ContactWorld_API_User")
    assert org.find("PermissionSet", Name="Acme_Vonage_API_User") == []
    wanting = {"acme-uat": variables(fleet, api_user_extra_user_permissions=["View All Users"])}
    beyond = play(tmp_path, wanting, playbook=CONVERGE)
    assert beyond.status == 0, beyond.output
    assert has_set(org, org.seed_info["api_user"], "Acme_Vonage_API_User")
    assert org.find("PermissionSet", Name="Acme_Vonage_API_User")[0]["PermissionsViewAllUsers"] is True


def grant_all(org: Org, folder: Path) -> None:
    """Make the package's set grant what a full clone grants: the rows of another org's clone, put by hand."""
    with bench(folder) as donor:
        assert donor.task("permission_set", **VONAGE_CLONE)["changed"]
        source = donor.org
        clone = source.find("PermissionSet", Name="Acme_Vonage_API_User")[0]["Id"]
        managed = org.find("PermissionSet", Name="ContactWorld_API_User")[0]["Id"]
        for row in source.find("ObjectPermissions", ParentId=clone):
            _put(org, "ObjectPermissions", managed, row, ("SobjectType",))
        for row in source.find("FieldPermissions", ParentId=clone):
            _put(org, "FieldPermissions", managed, row, ("SobjectType", "Field"))
        for kind in ("ApexClass", "ApexPage"):
            names = {item["Id"]: (item["NamespacePrefix"], item["Name"]) for item in source.find(kind)}
            ids = {(item["NamespacePrefix"], item["Name"]): item["Id"] for item in org.find(kind)}
            for row in source.find("SetupEntityAccess", ParentId=clone):
                entity = ids.get(names.get(row["SetupEntityId"], ("", "")))
                if entity and not org.find("SetupEntityAccess", ParentId=managed, SetupEntityId=entity):
                    org.put("SetupEntityAccess", ParentId=managed, SetupEntityId=entity, SetupEntityType=kind)


def _put(org: Org, sobject: str, parent: str, row: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    rights = {name: value for name, value in row.items() if name.startswith("Permissions")}
    identifying = {name: row[name] for name in keys}
    found = org.find(sobject, ParentId=parent, **identifying)
    if found:
        org.set(sobject, found[0]["Id"], **rights)
    else:
        org.put(sobject, ParentId=parent, **identifying, **rights)


def test_the_managed_mode_fails_on_what_is_missing_where_told_to(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    hosts = {"acme-uat": variables(fleet, api_user_permission_set_mode="managed", api_user_missing_action="fail")}
    played = play(tmp_path, hosts, playbook=CONVERGE)
    assert played.status == 2
    assert "lacks user permission ApiEnabled" in played.output
    assert fleet["acme-uat"].org.writes == []


def test_an_org_that_is_down_does_not_keep_the_others_from_converging(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = {name: variables(three_orgs, name) for name in three_orgs.orgs}
    hosts["acme-dev"]["salesforce_login_url"] = "https://127.0.0.1:9"
    played = play(tmp_path, hosts, playbook=CONVERGE)
    assert played.status == 2
    down = played.of("org_info", "acme-dev")[0]
    assert down["failed"]
    assert down["error_class"] == "network"
    assert "127.0.0.1:9" in down["msg"]
    for name in ("acme-production", "acme-uat"):
        assert any(result.get("changed") for result in played.of("contact_center_member", name))
    assert three_orgs["acme-dev"].org.writes == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("api_user_permission_set_mode", "sometimes"),
        ("api_user_missing_action", "ignore"),
        ("api_user_extra_object_permissions", [{"object": "Account", "reed": True}]),
        ("contact_center_state", "gone"),
        ("contact_center_batch_size", "many"),
    ],
)
def test_a_role_variable_that_cannot_be_stops_before_any_call(
    variable: str, value: Any, tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    fleet = serve()
    played = play(tmp_path, {"acme-uat": variables(fleet, **{variable: value})}, playbook=CONVERGE)
    assert played.status == 2
    assert fleet["acme-uat"].org.writes == [] or variable.startswith("contact_center")


def test_the_example_inventory_names_only_what_the_roles_know() -> None:
    """Every role variable of the example is in a role's argument specs."""
    known = set()
    for role in ("api_user", "contact_center"):
        specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
        known |= set(specs["argument_specs"]["main"]["options"])
    example = yaml.safe_load((ROOT / "playbooks" / "inventory" / "group_vars" / "salesforce_orgs.yml").read_text(encoding="utf-8"))
    used = {name for name in example if name.startswith(("api_user_", "contact_center_"))}
    assert used <= known
    assert "api_user_username" in used
