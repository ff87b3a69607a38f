# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role api_user from nothing to ready: in check mode, for real, again; its budgets; and every violation, found, named and repaired where it may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator import seed
from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.org import Org
from harness.plays import Played, host_variables, play
from harness.violations import CONDITIONAL, USERNAME, VIOLATIONS, username_in

NEW_USER: Mapping[str, Any] = {
    "api_user_username": USERNAME,
    "api_user_last_name": "Vonage API",
    "api_user_email": "voice.team@acme.example",
}
TASKS = (
    {"name": "Converge", "ansible.builtin.import_role": {"name": "voiceops.salesforce.api_user"}},
    {"name": "Outcome", "ansible.builtin.debug": {"var": "api_user_outcome"}},
)
WRITERS = ("user", "package_license_assignment", "permission_set_license_assignment", "permission_set", "permission_set_assignment")
# Option of api_user_info that asks for more -> the role's variable for it, where that has another name.
VARIABLES = {"user_permissions": "api_user_extra_user_permissions"}


def run(folder: Path, fleet: Fleet, *arguments: str, by_host: Mapping[str, Mapping[str, Any]] | None = None, **variables: Any) -> Played:
    """One run of the role. by_host: variables of single hosts."""
    told = {**NEW_USER, **variables}
    hosts = {
        name: {**values, **told, "api_user_username": username_in(fleet[name].org), **(by_host or {}).get(name, {})}
        for name, values in host_variables(fleet).items()
    }
    return play(folder, hosts, TASKS, arguments=arguments, timeout=600)


def outcome(played: Played, host: str = "acme-uat") -> dict[str, Any]:
    found: dict[str, Any] = played.named("Outcome", host)[0]["api_user_outcome"]
    return found


def state(played: Played, requirement: str, host: str = "acme-uat") -> str:
    return str(next(row["state"] for row in outcome(played, host)["requirements"] if row["requirement"] == requirement))


def only(fleet: Fleet) -> Served:
    (served,) = fleet.orgs.values()
    return served


def user(org: Org, username: str = USERNAME) -> dict[str, Any]:
    return org.find("User", Username=username)[0]


def violated(played: Played, host: str = "acme-uat") -> set[str]:
    return {row["requirement"] for row in outcome(played, host)["requirements"] if row["state"] == "violated"}


def test_from_nothing_to_ready_foretold_done_and_then_unchanged(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org, journal = only(fleet).org, only(fleet).journal
    foretold = run(tmp_path, fleet, "--check", "--diff")
    assert foretold.status == 0, foretold.output
    assert org.writes == []
    assert org.find("User", Username=USERNAME) == []
    before = journal.calls()
    done = run(tmp_path, fleet, "--diff")
    assert done.status == 0, done.output
    assert outcome(done)["changes"] == outcome(foretold)["changes"]
    assert {change["kind"] for change in outcome(done)["changes"]} >= {
        "user",
        "package_license_assignment",
        "permission_set",
        "permission_set_assignment",
    }
    assert (outcome(done)["ready"], outcome(done)["created"], violated(done)) == (True, True, set())
    assert journal.calls() - before <= 30
    made = user(org)
    assert (made["IsActive"], made["LastName"]) == (True, "Vonage API")
    assert len(org.find("UserPackageLicense", UserId=made["Id"])) == 1
    clone = org.find("PermissionSet", Name="Vonage_API_User")[0]
    assert len(org.find("PermissionSetAssignment", AssigneeId=made["Id"], PermissionSetId=clone["Id"])) == 1
    before, writes = journal.calls(), len(org.writes)
    again = run(tmp_path, fleet)
    assert again.status == 0, again.output
    assert outcome(again)["changes"] == []
    assert not any(result["changed"] for module in WRITERS for result in again.of(module))
    assert len(org.writes) == writes
    assert journal.calls() - before <= 12
    assert state(again, "linked_in_vonage") == "manual"


def test_the_table_is_written_for_people_and_for_programs_and_told_in_check_mode(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    folder = tmp_path / "reports"
    played = run(tmp_path, fleet, "--check", api_user_report_directory=str(folder))
    assert played.status == 0, played.output
    written = json.loads((folder / "acme-uat.api_user.json").read_text(encoding="utf-8"))
    assert written["ready"] is False
    assert written["requirements"] == outcome(played)["requirements"]
    stats = played.named("Hand the readiness on")[0]["ansible_stats"]["data"]["salesforce_api_user"]["acme-uat"]
    assert stats["requirements"] == written["requirements"]
    table = (folder / "acme-uat.api_user.md").read_text(encoding="utf-8")
    assert all(row["sentence"] in table and row["state"] in table for row in written["requirements"])
    assert not any(item.result.get("changed") for item in played.results if item.action.endswith((".template", ".file")))


@pytest.mark.parametrize(
    ("variable", "permission", "also"),
    [
        ("api_user_queries_users", "ViewAllUsers", set()),
        ("api_user_private_sharing", "ViewAllData", {"ViewSetup"}),
        ("api_user_data_connector", "ModifyAllData", {"ViewAllData", "RunReports"}),
        ("api_user_api_only", "ApiUserOnly", set()),
    ],
)
def test_a_case_of_the_document_is_granted_where_its_variable_says_so(
    variable: str, permission: str, also: set[str], tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    fleet = serve()
    org = only(fleet).org
    assert run(tmp_path, fleet).status == 0
    clone = org.find("PermissionSet", Name="Vonage_API_User")[0]
    assert clone[f"Permissions{permission}"] is False
    played = run(tmp_path, fleet, **{variable: True})
    assert played.status == 0, played.output
    clone = org.find("PermissionSet", Name="Vonage_API_User")[0]
    assert all(clone[f"Permissions{name}"] for name in {permission, *also})
    assert outcome(run(tmp_path, fleet, **{variable: True}))["changes"] == []


def test_a_data_connector_with_too_few_rights_is_told_at_the_end_and_by_name(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    played = run(tmp_path, fleet, api_user_data_connector=True, api_user_permission_set_mode="managed")
    assert played.status == 2
    said = played.named("Stop when the API user is not ready")[0]["msg"]
    assert "D13 modify_all_data" in said
    assert "api_user_data_connector" in said
    assert holds_a_set(only(fleet).org)
    told = run(tmp_path, fleet, api_user_data_connector=True, api_user_permission_set_mode="managed", api_user_fail_on="never")
    assert told.status == 0, told.output
    assert "modify_all_data" in violated(told)


@pytest.mark.parametrize("check", [True, False])
def test_a_step_that_fails_does_not_keep_the_table_from_anybody(check: bool, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """No such user, and not enough said to make it; beside that a restricted profile: the table tells both, and the step's own words end the run."""
    fleet = serve()
    org = only(fleet).org
    seed.restrict_profile(org, "Standard User", ranges=[("203.0.113.1", "203.0.113.9")])
    folder = tmp_path / "reports"
    given = {"api_user_last_name": "", "api_user_report_directory": str(folder)}
    played = run(tmp_path, fleet, *(["--check"] if check else []), **given)
    assert (played.status, org.writes) == (2, [])
    assert "last_name" in played.named("Stop where a step failed")[0]["msg"]
    written = json.loads((folder / "acme-uat.api_user.json").read_text(encoding="utf-8"))
    assert written["stopped"]["task"].endswith("Have the API user")
    assert written["ready"] is False
    states = {row["requirement"]: row["state"] for row in written["requirements"]}
    assert (states["user_exists"], states["login_restrictions"]) == ("violated", "violated")
    assert "The role stopped at" in (folder / "acme-uat.api_user.md").read_text(encoding="utf-8")


def test_what_the_org_refused_of_one_licence_is_told_with_the_rest(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = only(fleet).org
    (licence,) = org.find("PackageLicense", NamespacePrefix="NVMContactWorld")
    org.set("PackageLicense", licence["Id"], AllowedLicenses=1)
    played = run(tmp_path, fleet)
    assert played.status == 2
    said = played.named("Stop where a step failed")[0]["msg"]
    assert USERNAME in said
    assert "inactive" in said
    told = played.named("Say what is not as the document asks")[0]["msg"]
    assert any("package_license" in line for line in told)
    assert any(change["kind"] == "user" for result in played.of("user") for change in result["changes"])


def test_an_org_that_cannot_be_logged_into_is_not_asked_on(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    played = run(tmp_path, fleet, salesforce_username="nobody@acme.example.uat")
    assert played.status == 2
    assert played.of("api_user_info") == []
    assert played.of("user")[0]["error_class"] == "auth"


def holds_a_set(org: Org) -> bool:
    """Whether the API user has a set beyond that of its profile."""
    sets = {row["Id"] for row in org.find("PermissionSet", IsOwnedByProfile=False)}
    return any(row["PermissionSetId"] in sets for row in org.find("PermissionSetAssignment", AssigneeId=user(org)["Id"]))


def test_the_package_s_set_goes_last_and_only_where_asked(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = only(fleet).org
    assert run(tmp_path, fleet, api_user_permission_set_mode="managed", api_user_fail_on="never").status == 0
    managed = org.find("PermissionSet", Name="ContactWorld_API_User")[0]["Id"]

    def held() -> set[str]:
        rows = org.find("PermissionSetAssignment", AssigneeId=user(org)["Id"])
        return {row["Name"] for row in org.find("PermissionSet", Id=[row["PermissionSetId"] for row in rows], IsOwnedByProfile=False)}

    assert held() == {"ContactWorld_API_User"}
    assert run(tmp_path, fleet).status == 0
    assert held() == {"ContactWorld_API_User", "Vonage_API_User"}
    mark = len(org.writes)
    moved = run(tmp_path, fleet, api_user_unassign_replaced=True)
    assert moved.status == 0, moved.output
    assert held() == {"Vonage_API_User"}
    assert [(write.op, write.sobject) for write in org.writes[mark:]] == [("delete", "PermissionSetAssignment")]
    assert outcome(moved)["changes"][-1]["op"] == "delete"
    assert managed
    assert (
        run(tmp_path, fleet, api_user_permission_set_mode="managed", api_user_unassign_replaced=True, api_user_fail_on="never").status == 0
    )
    assert held() == {"ContactWorld_API_User"}


def test_the_package_s_set_stays_where_the_clone_gives_the_user_nothing(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """A clone that needs activation in a session, and a user that is inactive and so is not given the clone: the package's set is all they have."""
    fleet = serve()
    org = only(fleet).org
    assert run(tmp_path, fleet, api_user_permission_set_mode="managed", api_user_fail_on="never").status == 0
    managed = org.find("PermissionSet", Name="ContactWorld_API_User")[0]["Id"]
    org.set("User", user(org)["Id"], IsActive=False)
    asked = {"api_user_unassign_replaced": True, "api_user_fail_on": "never"}
    inactive = run(tmp_path, fleet, **asked)
    assert inactive.status == 0, inactive.output
    assert state(inactive, "permission_set_assigned") == "violated"
    assert org.find("PermissionSetAssignment", AssigneeId=user(org)["Id"], PermissionSetId=managed)
    org.set("User", user(org)["Id"], IsActive=True)
    clone = org.find("PermissionSet", Name="Vonage_API_User")[0]["Id"]
    org.set("PermissionSet", clone, HasActivationRequired=True)
    for_sessions = run(tmp_path, fleet, **asked)
    assert for_sessions.status == 0, for_sessions.output
    assert org.find("PermissionSetAssignment", AssigneeId=user(org)["Id"], PermissionSetId=clone)
    assert org.find("PermissionSetAssignment", AssigneeId=user(org)["Id"], PermissionSetId=managed)


def test_an_inactive_user_without_licence_and_set_still_gets_the_table(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = only(fleet).org
    assert run(tmp_path, fleet).status == 0
    for requirement in ("package_license", "permission_set_assigned", "user_active"):
        VIOLATIONS[requirement][0](org)
    writes = len(org.writes)
    played = run(tmp_path, fleet)
    assert played.status == 2
    said = played.named("Stop when the API user is not ready")[0]["msg"]
    assert all(name in said for name in ("D16 package_license", "D3 permission_set_assigned", "X1 user_active", "api_user_allow_change"))
    assert len(org.writes) == writes
    foretold = run(tmp_path, fleet, "--check", api_user_allow_change=["active"])
    done = run(tmp_path, fleet, api_user_allow_change=["active"])
    assert done.status == 0, done.output
    assert outcome(done)["changes"] == outcome(foretold)["changes"]
    assert outcome(done)["ready"] is True


def test_a_set_whose_content_the_org_undoes_is_never_assigned(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = only(fleet).org

    def undo(which: Org, user_id: str, change: Any) -> None:
        if change.sobject == "ObjectPermissions":
            change.after["PermissionsRead"] = False

    org.extra_before.append(undo)
    played = run(tmp_path, fleet)
    assert played.status == 2
    assert played.named("Assign the permission set to the API user") == []
    made = org.find("PermissionSet", Name="Vonage_API_User")
    assert org.find("PermissionSetAssignment", PermissionSetId=[row["Id"] for row in made]) == []


@dataclass(frozen=True)
class Violated:
    """One thing that somebody breaks by hand in an org whose API user is ready, and what the inventory says of that org."""

    requirement: str
    break_it: Callable[[Org], object]
    by_role: bool
    variables: Mapping[str, Any]


def every_violation() -> list[Violated]:
    always = [Violated(name, break_it, repair == "role", {}) for name, (break_it, repair) in VIOLATIONS.items()]
    asked = [
        Violated(name, break_it, True, {VARIABLES.get(option, f"api_user_{option}"): value for option, value in options.items()})
        for name, (options, break_it) in CONDITIONAL.items()
    ]
    return [*always, *asked]


def test_every_violation_is_found_named_and_repaired_where_it_may_be(tmp_path: Path) -> None:
    """One org for each: ready first, then broken by hand, then looked at in check mode, then converged."""
    cases = {f"acme-{case.requirement.replace('_', '')}": case for case in every_violation()}
    by_host = {name: case.variables for name, case in cases.items()}
    orgs = [seed.vonage(name, sandbox=True) for name in cases]
    with Fleet(orgs) as fleet:
        ready = run(tmp_path, fleet, "--forks", "4", by_host=by_host)
        assert ready.status == 0, ready.output
        for org in orgs:
            cases[org.name].break_it(org)
        writes = {org.name: len(org.writes) for org in orgs}
        drift = run(tmp_path, fleet, "--check", "--forks", "4", by_host=by_host)
        assert {org.name: len(org.writes) for org in orgs} == writes
        assert {name: state(drift, case.requirement, name) for name, case in cases.items()} == dict.fromkeys(cases, "violated")
        foretold = {name for name in cases if outcome(drift, name)["changes"]}
        assert foretold == {name for name, case in cases.items() if case.by_role}
        repaired = run(tmp_path, fleet, "--forks", "4", by_host=by_host, api_user_fail_on="never")
        assert repaired.status == 0, repaired.output
        still = {name for name, case in cases.items() if state(repaired, case.requirement, name) != "met"}
        assert still == {name for name, case in cases.items() if not case.by_role}
        for name in foretold:
            assert outcome(repaired, name)["changes"] == outcome(drift, name)["changes"], name
