# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The offboarding playbook: what is declared goes, the rest is told, and nobody else is touched."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import seed
from emulator.faults import Fault, Refuse, RequestLimit
from emulator.fleet import Fleet
from emulator.org import Org
from harness.look import holders, license_holders, members, package_holders, record_writes
from harness.plays import Played, host_variables, play
from tooling.workspace import ROOT

OFFBOARD = ROOT / "playbooks" / "offboard.yml"
AGENT_SET = "force__ContactCenterAgentExternalTelephony"
VOICE = "ServiceCloudVoiceExternalTelephonyPsl"
HELD = ("PermissionSetAssignment", "PermissionSetLicenseAssign", "UserPackageLicense", "CallCenterRoutingMap")
OWNERS = {"UserPackageLicense": "UserId", "CallCenterRoutingMap": "ReferenceRecordId"}


def declared(fleet: Fleet, name: str = "acme-uat", **extra: Any) -> dict[str, dict[str, Any]]:
    """An inventory of one org, and what it says of the contact center and its API user."""
    info = fleet[name].org.seed_info
    return {
        name: {
            **host_variables(fleet)[name],
            "salesforce_sandbox_name": "uat",
            "api_user_username": info["api_user"],
            "contact_center_name": "AcmeVoice",
            "contact_center_role": "agent",
            **extra,
        }
    }


def offboard(folder: Path, hosts: dict[str, dict[str, Any]], *users: Any, arguments: Iterable[str] = (), **more: Any) -> Played:
    wanted = json.dumps({"offboard_users": list(users), "offboard_report_directory": str(folder / "reports"), **more})
    return play(folder, hosts, playbook=OFFBOARD, arguments=["-e", wanted, *arguments])


def told(folder: Path, host: str = "acme-uat") -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "reports" / f"{host}.offboarding.json").read_text(encoding="utf-8"))
    return report


def rows_told(folder: Path, host: str = "acme-uat") -> list[tuple[str, str, str, str]]:
    with (folder / "reports" / f"{host}.offboarding.csv").open(encoding="utf-8", newline="") as file:
        return [(row["user"], row["state"], row["kind"], row["what"]) for row in csv.DictReader(file)]


def names(org: Org, *roles: str) -> list[str]:
    return [org.seed_info["users"][role] for role in roles]


def possessions(org: Org, *, but: Iterable[str] = ()) -> dict[str, Any]:
    """What each user holds and is, by username; but: whom to leave out."""
    left_out = set(but)
    users = {row["Id"]: row for row in org.find("User") if row["Username"] not in left_out}
    held: dict[str, Any] = {row["Username"]: [row["IsActive"], row["CallCenterId"], row["ProfileId"]] for row in users.values()}
    for sobject in HELD:
        for row in org.find(sobject):
            user = users.get(row[OWNERS.get(sobject, "AssigneeId")])
            if user:
                held[user["Username"]].append((sobject, row["Id"]))
    return held


def changes(played: Played) -> list[dict[str, Any]]:
    """What the writing tasks of a run changed, those of loops included."""
    found: list[dict[str, Any]] = []
    for module in ("contact_center_member", "contact_center_routing_map", "permission_set_assignment"):
        found += [change for result in played.of(module) for item in result.get("results", [result]) for change in item.get("changes", ())]
    for module in ("permission_set_license_assignment", "package_license_assignment"):
        found += [change for result in played.of(module) for item in result.get("results", [result]) for change in item.get("changes", ())]
    return found


def test_what_is_declared_goes_and_the_rest_is_told(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    leavers = names(org, "member", "agent", "inactive", "via_group")
    member, agent, inactive, via_group = leavers
    others, active = possessions(org, but=leavers), [row["IsActive"] for row in org.find("User")]
    hosts = declared(fleet, offboard_permission_set_groups=["Acme_Voice_Agents"])
    played = offboard(tmp_path, hosts, *leavers)
    assert played.status == 0, played.output

    assert members(org).isdisjoint(leavers)
    assert org.find("CallCenterRoutingMap", ReferenceRecordId=org.seed_info["user_ids"]["member"]) == []
    assert holders(org, org.seed_info["set_ids"]["voice_agent"]).isdisjoint(leavers)
    of_groups = [row["AssigneeId"] for row in org.find("PermissionSetAssignment") if row["PermissionSetGroupId"]]
    assert org.seed_info["user_ids"]["via_group"] not in of_groups
    assert package_holders(org).isdisjoint(leavers), "a deactivated user keeps its licence until it is taken away"
    assert possessions(org, but=leavers) == others
    assert [row["IsActive"] for row in org.find("User")] == active

    report = told(tmp_path)
    people = {person["username"]: person for person in report["people"]}
    assert list(people) == leavers
    assert {"kind": "contact_center_member", "name": "AcmeVoice"} in people[member]["taken"]
    assert {"kind": "package_license_assignment", "name": "NVMContactWorld"} in people[inactive]["taken"]
    assert people[agent]["remaining"]["permission_sets"] == ["NVMContactWorld__ContactWorld_Agent"]
    assert people[agent]["remaining"]["features"] == ["SupportUser"]
    assert "permission_set_groups" not in people[via_group]["remaining"]
    assert [people[name]["active"] for name in leavers] == [True, True, False, True]
    assert [person["username"] for person in report["provider"]["remove"]] == [member]
    assert (report["refused"], report["not_in_org"], report["check_mode"]) == ([], [], False)
    assert (member, "taken away", "contact_center_member", "AcmeVoice") in rows_told(tmp_path)
    assert (agent, "remains", "permission_sets", "NVMContactWorld__ContactWorld_Agent") in rows_told(tmp_path)
    said = played.named("Say what was taken away and what remains")[0]["msg"]
    assert f"To remove from the telephony provider's system: {member}" in said
    assert any(line.startswith(f"{agent} still holds permission_sets NVMContactWorld__ContactWorld_Agent") for line in said)

    writes = record_writes(org)
    assert list(dict.fromkeys(writes)) == [
        ("update", "User"),
        ("delete", "CallCenterRoutingMap"),
        ("delete", "PermissionSetAssignment"),
        ("delete", "UserPackageLicense"),
    ], "membership first, then maps, assignments, licences"
    again = offboard(tmp_path, hosts, *leavers)
    assert again.status == 0, again.output
    assert (record_writes(org), changes(again)) == (writes, [])
    assert [person["taken"] for person in told(tmp_path)["people"]] == [[], [], [], []]


def test_check_mode_foretells_the_run_and_writes_nothing(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Also what would remain, but for a licence that goes with its permission set by itself."""
    fleet = serve()
    org = fleet["acme-uat"].org
    leavers = names(org, "member", "agent", "inactive")
    hosts = declared(fleet, offboard_permission_set_licenses=[VOICE], offboard_permission_sets=["ContactWorld_Agent"])
    foretold = offboard(tmp_path / "check", hosts, *leavers, arguments=["--check"])
    assert foretold.status == 0, foretold.output
    assert org.writes == []
    assert (told(tmp_path / "check")["check_mode"], {row[1] for row in rows_told(tmp_path / "check")}) == (
        True,
        {"would be taken away", "remains", "active", "inactive"},
    )
    assert f"{leavers[0]} would lose contact_center_member AcmeVoice" in foretold.output
    assert f"{leavers[1]} would still hold features SupportUser, and is active" in foretold.output
    done = offboard(tmp_path / "run", hosts, *leavers)
    assert done.status == 0, done.output
    assert changes(foretold)
    assert changes(done) == changes(foretold)
    remaining = [[person["remaining"] for person in told(tmp_path / when)["people"]] for when in ("check", "run")]
    assert remaining[0] == remaining[1]
    assert license_holders(org, VOICE).isdisjoint(leavers)


def test_whom_an_org_does_not_have_is_passed_over_there_and_said_so(tmp_path: Path, three_orgs: Fleet) -> None:
    """One list for all orgs, of which each has some of the people."""
    hosts = {}
    for name in three_orgs.orgs:
        suffix = name.rpartition("-")[2]
        hosts |= declared(three_orgs, name, **({} if suffix == "production" else {"salesforce_sandbox_name": suffix}))
    played = offboard(tmp_path, hosts, "member@acme.example", "left.long.ago@acme.example")
    assert played.status == 0, played.output
    for name, served in three_orgs.orgs.items():
        report = told(tmp_path, name)
        assert report["not_in_org"] == ["left.long.ago@acme.example"]
        assert [person["username"] for person in report["people"]] == names(served.org, "member")
        assert members(served.org) == set()
        assert ("left.long.ago@acme.example", "not in this org", "user", "") in rows_told(tmp_path, name)
    assert "left.long.ago@acme.example is not in this org, and was passed over" in played.output


def test_where_an_org_has_none_of_them_nothing_is_done_and_the_report_says_so(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    played = offboard(tmp_path, declared(fleet), "nobody@acme.example")
    assert played.status == 0, played.output
    assert (fleet["acme-uat"].org.writes, played.of("contact_center_member")[0].get("skip_reason")) == ([], "Conditional result was False")
    assert (told(tmp_path)["people"], told(tmp_path)["not_in_org"]) == ([], ["nobody@acme.example"])


@pytest.mark.parametrize("given", [None, [], "", " , "], ids=["left out", "empty list", "empty text", "commas"])
def test_nobody_named_is_an_error_before_any_org_is_asked(given: Any, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    arguments = [] if given is None else ["-e", json.dumps({"offboard_users": given})]
    played = play(tmp_path, declared(fleet), playbook=OFFBOARD, arguments=arguments)
    assert played.status == 2
    assert "offboard_users names nobody" in " ".join(played.output.split())
    assert fleet["acme-uat"].journal.entries == ()


def test_usernames_may_stand_in_one_text(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    member, inactive = names(fleet["acme-uat"].org, "member", "inactive")
    arguments = ["-e", f"offboard_users='{member}, {inactive}'"]
    assert play(tmp_path, declared(fleet), playbook=OFFBOARD, arguments=arguments).status == 0
    assert members(fleet["acme-uat"].org) == set()
    assert inactive not in package_holders(fleet["acme-uat"].org)


@pytest.mark.parametrize("role", ["vonage_api", "automation"])
def test_whom_the_automation_needs_is_refused_unless_it_is_meant(role: str, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    user, member = org.seed_info["users"][role], *names(org, "member")
    refused = offboard(tmp_path, declared(fleet), member, {"id": org.seed_info["user_ids"][role]})
    assert refused.status == 2
    assert f"{user} is the" in refused.output
    assert "offboard_api_user: true" in " ".join(refused.output.split())
    assert org.writes == []
    meant = offboard(tmp_path, declared(fleet), member, user, offboard_api_user=True)
    assert meant.status == 0, meant.output
    assert members(org) == set()
    assert user not in package_holders(org)


def test_a_refusal_in_one_step_keeps_no_other_from_running_and_fails_the_play(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    member, agent = names(org, "member", "agent")
    no_member = Refuse("User", {"Id": org.seed_info["user_ids"]["member"]}, message="not today", ops=("update",))
    no_agent = Refuse("PermissionSetAssignment", {"AssigneeId": org.seed_info["user_ids"]["agent"]}, message="never", ops=("delete",))
    fleet["acme-uat"].faults.add(Fault(no_member, times=None))
    fleet["acme-uat"].faults.add(Fault(no_agent, times=None))
    played = offboard(tmp_path, declared(fleet), member, agent)
    assert played.status == 2
    said = " ".join(played.named("Stop where a step was refused")[0]["msg"].split())
    assert "Take them out of the contact center" in said
    assert "not today" in said
    assert "Take away permission sets" in said
    assert "never" in said
    assert members(org) == {member}
    assert holders(org, org.seed_info["set_ids"]["voice_agent"]) & {member, agent} == {agent}
    assert package_holders(org).isdisjoint({member, agent})
    report = told(tmp_path)
    people = {person["username"]: person for person in report["people"]}
    assert people[member]["remaining"]["contact_center"] == "AcmeVoice"
    assert AGENT_SET in people[agent]["remaining"]["permission_sets"]
    assert AGENT_SET in [one["name"] for one in people[member]["taken"]]
    assert report["provider"]["remove"] == []
    assert [one["step"] for one in report["refused"]] == [
        "offboard | Take them out of the contact center",
        "offboard | Take away permission sets",
    ]


def test_where_the_org_cannot_be_asked_any_more_the_rest_is_left_and_what_was_done_is_told(
    tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    (member,) = names(org, "member")
    fleet["acme-uat"].faults.add(Fault(RequestLimit(), match_body="through0", times=None))
    played = offboard(tmp_path, declared(fleet), member)
    assert played.status == 2
    assert members(org) == set()
    (person,) = told(tmp_path)["people"]
    assert person["remaining"] is None
    assert {"kind": "contact_center_member", "name": "AcmeVoice"} in person["taken"]
    assert [one["step"] for one in told(tmp_path)["refused"]] == ["offboard | Take away permission sets"]
    assert played.of("package_license_assignment")[0].get("skipped", True)
    assert f"{member}: what remains could not be read" in played.output


def test_the_provider_is_named_those_who_surely_left_where_reading_back_fails(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """A second run does not find them in the center any more, and so would not name them."""
    fleet = serve()
    org = fleet["acme-uat"].org
    member, agent = names(org, "member", "agent")
    org.set("User", org.seed_info["user_ids"]["agent"], CallCenterId=org.seed_info["center_ids"]["partner_telephony"])
    refusal = Refuse("User", {"Id": org.seed_info["user_ids"]["member"]}, message="not today", ops=("update",))
    fleet["acme-uat"].faults.add(Fault(refusal, times=None))
    # The people, the API user and the members are read before; then the members are read back.
    fleet["acme-uat"].faults.add(Fault(RequestLimit(), match_body='"users0"', skip=3, times=None))
    played = offboard(tmp_path, declared(fleet), member, agent)
    assert (played.status, members(org)) == (2, {member})
    assert [person["username"] for person in told(tmp_path)["provider"]["remove"]] == [agent]
    assert "REQUEST_LIMIT_EXCEEDED" in played.output


def test_a_licence_that_an_org_does_not_have_is_no_failure_there(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve(package=False)
    hosts = declared(fleet, offboard_permission_set_licenses=["No_Such_License"], contact_center_role="none")
    played = offboard(tmp_path, hosts, *names(fleet["acme-uat"].org, "member"))
    assert played.status == 0, played.output
    assert members(fleet["acme-uat"].org) == set()


def test_a_vendor_that_syncs_users_is_reached_from_a_sandbox_only_where_the_inventory_allows_it(
    tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    (member,) = names(org, "member")
    seed.vendor_syncs(org, "AcmeVoice")
    refused = offboard(tmp_path, declared(fleet), member)
    assert (refused.status, members(org)) == (2, {member})
    assert holders(org, org.seed_info["set_ids"]["voice_agent"]).isdisjoint({member})
    assert [one["step"] for one in told(tmp_path)["refused"]] == ["offboard | Take them out of the contact center"]
    allowed = offboard(tmp_path, declared(fleet, contact_center_allow_provider_calls=True), member)
    assert allowed.status == 0, allowed.output
    assert members(org) == set()


def test_every_variable_of_the_playbook_is_in_its_document() -> None:
    text = (ROOT / "docs" / "offboarding.md").read_text(encoding="utf-8")
    head = OFFBOARD.read_text(encoding="utf-8").partition("- name: ")[0]
    used = "".join(
        (ROOT / "playbooks" / name).read_text(encoding="utf-8") for name in ("offboard.yml", "vars/offboard.yml", "tasks/offboard.yml")
    )
    own = set(re.findall(r"offboard_[a-z_]+(?=[:,])", head))
    inherited = set(re.findall(r"((?:api_user|contact_center)_[a-z_]+)(?: \|)? (?:default|is defined)", used))
    assert len(own) == 7
    assert {"contact_center_name", "api_user_namespaces", "api_user_employee_number"} <= inherited
    assert {name for name in own | inherited if f"`{name}`" not in text} == set()


def test_the_provider_s_own_tasks_are_run_with_those_who_left(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    member, agent = names(fleet["acme-uat"].org, "member", "agent")
    hook = tmp_path / "after_remove.yml"
    hook.write_text(yaml.safe_dump([{"name": "Tell the provider", "ansible.builtin.debug": {"msg": "{{ contact_center_leaving }}"}}]))
    played = offboard(tmp_path, declared(fleet, contact_center_after_remove=str(hook)), member, agent)
    assert played.status == 0, played.output
    ((said,),) = [result["msg"] for result in played.named("Tell the provider")]
    assert said["username"] == member


def test_what_role_api_user_s_variables_are_when_left_out_is_the_same_here() -> None:
    defaults = yaml.safe_load((ROOT / "roles" / "api_user" / "defaults" / "main.yml").read_text(encoding="utf-8"))
    here = yaml.safe_load((ROOT / "playbooks" / "vars" / "offboard.yml").read_text(encoding="utf-8"))
    assert f"default('{defaults['api_user_permission_set_name']}')" in here["offboard_sets"]
    assert f"default({defaults['api_user_namespaces']})" in here["offboard_packages"]
    assert (defaults["api_user_package_licenses"], defaults["api_user_permission_set_licenses"]) == ("{{ api_user_namespaces }}", [])
