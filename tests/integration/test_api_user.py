# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role api_user: every variable reaches the set, and what the set tells reaches the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emulator.fleet import Fleet
from emulator.org import Org
from harness.plays import Played, host_variables, play

PACKAGE = "NVMContactWorld"
TASKS = (
    {"name": "Converge", "ansible.builtin.import_role": {"name": "voiceops.salesforce.api_user"}},
    {"name": "Outcome", "ansible.builtin.debug": {"var": "api_user_outcome"}},
)
SECTIONS: Mapping[str, Any] = {
    "api_user_custom_permissions": ["Acme_Refunds", {"package": PACKAGE}],
    "api_user_custom_settings": [{"package": PACKAGE}],
    "api_user_custom_metadata_types": ["Acme_Queue_Mapping__mdt"],
    "api_user_connected_apps": ["Acme Telephony*"],
    "api_user_flows": ["Acme_Missed_Call"],
    "api_user_tabs": [{"tab": "standard-Account"}, {"package": PACKAGE, "visibility": "available"}],
}


def converge(folder: Path, fleet: Fleet, **variables: Any) -> Played:
    """One run of the role, to its end."""
    told = {**host_variables(fleet)["acme-uat"], "api_user_username": org_of(fleet).seed_info["api_user"], **variables}
    played = play(folder, {"acme-uat": told}, TASKS)
    assert played.status == 0, played.output
    return played


def outcome(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.named("Outcome")[0]["api_user_outcome"]
    return found


def org_of(fleet: Fleet) -> Org:
    return fleet["acme-uat"].org


def clone(org: Org) -> dict[str, Any]:
    return org.find("PermissionSet", Name="Vonage_API_User")[0]


def granted(org: Org) -> dict[str, int]:
    """How many entities of each type the clone grants access to."""
    rows = org.find("SetupEntityAccess", ParentId=clone(org)["Id"])
    kinds = [row["SetupEntityType"] for row in rows]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def test_every_section_reaches_the_set_and_the_second_run_is_silent(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = org_of(fleet)
    played = converge(tmp_path, fleet, **SECTIONS)
    kinds = [change["kind"] for change in outcome(played)["changes"]]
    own = {"custom_permission_access", "custom_setting_access", "custom_metadata_type_access", "connected_app_access", "flow_access"}
    assert own | {"tab_setting", "permission_set", "permission_set_assignment"} <= set(kinds)
    counts = granted(org)
    packaged = len(org.find("CustomPermission", NamespacePrefix=PACKAGE))
    assert counts["CustomPermission"] == packaged + 1
    assert (counts["ConnectedApplication"], counts["FlowDefinition"]) == (1, 1)
    tabs = {row["Name"]: row["Visibility"] for row in org.find("PermissionSetTabSetting", ParentId=clone(org)["Id"])}
    assert tabs["standard-Account"] == "DefaultOn"
    assert "DefaultOff" in {visibility for name, visibility in tabs.items() if name.startswith(PACKAGE)}
    again = converge(tmp_path, fleet, **SECTIONS)
    assert outcome(again)["changes"] == []


def test_what_an_org_lacks_is_left_out_and_told_and_the_task_is_not_skipped(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    extra = [{"object": "No_Such_Thing__c", "read": True}]
    played = converge(tmp_path, fleet, api_user_missing="skip", api_user_extra_object_permissions=extra)
    assert outcome(played)["left_out"] == [{"section": "object_permissions", "name": "No_Such_Thing__c"}]
    assert [item.verdict for item in played.results if item.action.endswith(".permission_set")] == ["ok"]
    assert clone(org_of(fleet))["PermissionsEditTask"] is True


def test_exact_sections_lose_what_nobody_asked_for(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = org_of(fleet)
    converge(tmp_path, fleet)
    org.set("PermissionSet", clone(org)["Id"], PermissionsRunReports=True)
    assert outcome(converge(tmp_path, fleet))["changes"] == []
    changes = outcome(converge(tmp_path, fleet, api_user_exact=["user_permissions"]))["changes"]
    assert [(change["op"], change["kind"], change["before"]) for change in changes] == [
        ("delete", "user_permissions", {"RunReports": True})
    ]
    assert clone(org)["PermissionsRunReports"] is False
    assert clone(org)["PermissionsApiEnabled"] is True


def test_a_change_of_the_package_s_set_is_told_and_merged_where_asked(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = org_of(fleet)
    assert outcome(converge(tmp_path, fleet))["source_changes"] is None
    org.set("PermissionSet", org.seed_info["set_ids"]["vonage_api_user"], PermissionsRunReports=True)
    told = outcome(converge(tmp_path, fleet))
    assert told["source_changes"]["gained"] == ["user permission RunReports"]
    assert (told["source_changes"]["confirmed"], told["changes"]) == (True, [])
    merged = outcome(converge(tmp_path, fleet, api_user_on_source_change="merge"))
    assert "user_permissions" in {change["kind"] for change in merged["changes"]}
    assert clone(org)["PermissionsRunReports"] is True
    assert outcome(converge(tmp_path, fleet))["source_changes"]["changed"] is False
