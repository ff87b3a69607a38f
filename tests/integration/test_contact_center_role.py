# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role contact_center as it is run: foretold, done, again; the provider's side by hooks, work list and roster; what stops it and where."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.faults import DropBefore, Fault, Refuse
from emulator.fleet import Fleet
from emulator.org import Org
from harness.plays import Played, host_variables, play

CENTER = "AcmeVoice"
TASKS = (
    {"name": "Converge", "ansible.builtin.import_role": {"name": "voiceops.salesforce.contact_center"}},
    {"name": "Outcome", "ansible.builtin.debug": {"var": "contact_center_outcome"}},
)


def people(fleet: Fleet, *roles: str) -> list[str]:
    return [fleet["acme-uat"].org.seed_info["users"][role] for role in roles]


def run(folder: Path, fleet: Fleet, *arguments: str, **variables: Any) -> Played:
    """One run of the role, that does not fail over what people do by hand unless it is told to."""
    told = {"contact_center_name": CENTER, "contact_center_fail_on": "never", **variables}
    return play(folder, {"acme-uat": {**host_variables(fleet)["acme-uat"], **told}}, TASKS, arguments=arguments, timeout=300)


def outcome(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.named("Outcome")[0]["contact_center_outcome"]
    return found


def state(played: Played, requirement: str) -> str:
    return str(next(row["state"] for row in outcome(played)["requirements"] if row["requirement"] == requirement))


def members(org: Org, center: str = "partner_telephony") -> set[str]:
    return {row["Username"] for row in org.find("User", CallCenterId=org.seed_info["center_ids"][center])}


def hook(folder: Path, name: str, variable: str, *tasks: dict[str, Any]) -> Path:
    """A task file of a customer that writes down whom it was given."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yml"
    keep = {
        "name": f"The provider is told ({name})",
        "ansible.builtin.copy": {"content": f"{{{{ {variable} | to_json }}}}", "dest": str(folder / f"{name}.json"), "mode": "0600"},
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }
    file.write_text(yaml.safe_dump([keep, *tasks], sort_keys=False), encoding="utf-8")
    return file


def given(folder: Path, name: str) -> list[str] | None:
    file = folder / f"{name}.json"
    return [person["username"] for person in json.loads(file.read_text(encoding="utf-8"))] if file.exists() else None


def work_list(folder: Path) -> list[tuple[str, str]]:
    with (folder / f"acme-uat.{CENTER}.provider.csv").open(encoding="utf-8", newline="") as file:
        return [(row["action"], row["username"]) for row in csv.DictReader(file)]


def test_from_a_list_of_people_to_members_foretold_done_and_then_unchanged(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Also a user who has neither right nor set before: the set comes first, and in check mode the plan counts on it."""
    fleet = serve()
    served = fleet["acme-uat"]
    wanted = people(fleet, "agent", "via_group", "without_set", "member")
    asked = {"contact_center_users": wanted, "contact_center_role": "agent", "contact_center_fail_on": "violation"}
    foretold = run(tmp_path, fleet, "--check", "--diff", **asked)
    assert foretold.status == 0, foretold.output
    assert served.org.writes == []
    done = run(tmp_path, fleet, "--diff", **asked)
    assert done.status == 0, done.output
    assert outcome(done)["changes"] == outcome(foretold)["changes"]
    assert {item["kind"] for item in outcome(done)["changes"]} == {"permission_set_assignment", "contact_center_member"}
    assert members(served.org) >= set(wanted)
    assert outcome(done)["ready"]
    assert sorted(person["username"] for person in outcome(done)["provider"]["create"]) == sorted(
        people(fleet, "agent", "via_group", "without_set")
    )
    writes, calls = len(served.org.writes), served.journal.calls()
    again = run(tmp_path, fleet, "--diff", **asked)
    assert again.status == 0, again.output
    assert outcome(again)["changes"] == []
    assert outcome(again)["provider"]["create"] == []
    assert len(served.org.writes) == writes
    # A login, the center and its people, and the members.
    assert served.journal.calls() - calls <= 5


def test_the_provider_hears_first_of_those_who_join_and_last_of_those_who_left(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    hooks = {
        "contact_center_before_add": str(hook(tmp_path / "hooks", "create", "contact_center_joining")),
        "contact_center_after_remove": str(hook(tmp_path / "hooks", "remove", "contact_center_leaving")),
        "contact_center_report_directory": str(tmp_path / "reports"),
    }
    joining, leaving = people(fleet, "agent", "via_clone"), people(fleet, "member")
    done = run(tmp_path, fleet, contact_center_users=joining, contact_center_state="exact", **hooks)
    assert done.status == 0, done.output
    assert members(org) == set(joining)
    assert given(tmp_path / "hooks", "create") == joining
    assert given(tmp_path / "hooks", "remove") == leaving
    assert outcome(done)["provider"]["created"] == joining
    assert outcome(done)["provider"]["removed"] == leaving
    names = [item.task for item in done.results if item.verdict == "ok"]
    order = [
        next(number for number, name in enumerate(names) if name.endswith(end))
        for end in ("told (create)", "Add the members", "Remove who is no longer to be a member", "told (remove)")
    ]
    assert order == sorted(order)
    # The tasks have seen to it: nothing is left to be done by hand.
    assert work_list(tmp_path / "reports") == []
    (tmp_path / "hooks" / "create.json").unlink()
    (tmp_path / "hooks" / "remove.json").unlink()
    again = run(tmp_path, fleet, contact_center_users=joining, contact_center_state="exact", **hooks)
    assert again.status == 0, again.output
    assert given(tmp_path / "hooks", "create") is None
    assert given(tmp_path / "hooks", "remove") is None


def test_in_check_mode_the_hooks_write_nothing_and_the_lists_are_told(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    asked = {"contact_center_users": people(fleet, "agent"), "contact_center_state": "exact"}
    hooks = {
        "contact_center_before_add": str(hook(tmp_path / "hooks", "create", "contact_center_joining")),
        "contact_center_after_remove": str(hook(tmp_path / "hooks", "remove", "contact_center_leaving")),
    }
    foretold = run(tmp_path, fleet, "--check", **asked, **hooks)
    assert foretold.status == 0, foretold.output
    assert given(tmp_path / "hooks", "create") is None
    assert given(tmp_path / "hooks", "remove") is None
    told = outcome(foretold)["provider"]
    assert [person["username"] for person in told["create"]] == people(fleet, "agent")
    assert [person["username"] for person in told["remove"]] == people(fleet, "member")
    assert told["created"] == told["removed"] == []
    assert fleet["acme-uat"].org.writes == []


def test_where_the_provider_s_tasks_fail_nobody_is_added(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    failing = hook(tmp_path / "hooks", "create", "contact_center_joining", {"ansible.builtin.fail": {"msg": "the provider is down"}})
    done = run(tmp_path, fleet, contact_center_users=people(fleet, "agent"), contact_center_before_add=str(failing))
    assert done.status != 0
    assert "the provider is down" in done.named("Stop where a step failed")[0]["msg"]
    assert fleet["acme-uat"].org.writes == []


def test_a_plan_that_is_refused_stops_before_the_provider_hears_of_it(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Removals past the cap, found while somebody is to be added as well."""
    fleet = serve()
    file = hook(tmp_path / "hooks", "create", "contact_center_joining")
    asked = {"contact_center_users": people(fleet, "agent"), "contact_center_state": "exact", "contact_center_max_removals": 0}
    done = run(tmp_path, fleet, contact_center_before_add=str(file), **asked)
    assert done.status != 0
    assert done.named("Plan the members")[0]["error_code"] == "too_many_removals"
    assert given(tmp_path / "hooks", "create") is None
    assert fleet["acme-uat"].org.writes == []
    assert "max_removals" in done.named("Stop where a step failed")[0]["msg"]


def test_whoever_was_removed_is_handed_on_though_another_removal_was_refused(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """A second run would no longer name those who have left."""
    fleet = serve()
    served = fleet["acme-uat"]
    stays, leaves = people(fleet, "agent", "member")
    served.org.set("User", served.org.seed_info["user_ids"]["agent"], CallCenterId=served.org.seed_info["center_ids"]["partner_telephony"])
    served.faults.add(Fault(Refuse("User", {"Username": stays}), times=None))
    file = hook(tmp_path / "hooks", "remove", "contact_center_leaving")
    asked = {"contact_center_users": [stays, leaves], "contact_center_state": "absent", "contact_center_after_remove": str(file)}
    done = run(tmp_path, fleet, **asked)
    assert done.status != 0
    assert given(tmp_path / "hooks", "remove") == [leaves]
    assert outcome(done)["provider"]["removed"] == [leaves] if done.named("Outcome") else True
    assert members(served.org) == {stays}


def test_the_roster_says_who_is_missing_on_which_side(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    agent, member = people(fleet, "agent", "member")
    roster = tmp_path / "roster.csv"
    roster.write_text(f'Login,Mail\n"{agent.upper()}",x@acme.example\nstranger@acme.example,s@acme.example\n', encoding="utf-8")
    done = run(
        tmp_path,
        fleet,
        contact_center_users=[agent, member],
        contact_center_roster_file=str(roster),
        contact_center_roster_columns={"username": "Login"},
        contact_center_sso_match="username",
    )
    assert done.status == 0, done.output
    found = outcome(done)["roster"]
    assert found["missing_at_provider"] == [member]
    assert [entry["username"] for entry in found["missing_in_salesforce"]] == ["stranger@acme.example"]
    failing = run(
        tmp_path,
        fleet,
        contact_center_users=[agent, member],
        contact_center_roster=[agent],
        contact_center_sso_match="username",
        contact_center_fail_on="violation",
    )
    assert failing.status != 0
    assert member in failing.named("Stop where the contact center is not ready")[0]["msg"]


def test_routing_maps_come_with_members_and_go_with_them_where_asked(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    agent = people(fleet, "agent")[0]
    agent_id = org.seed_info["user_ids"]["agent"]
    maps = [{"user": agent, "external_id": "acme-agent-1"}]
    done = run(tmp_path, fleet, contact_center_users=[agent], contact_center_routing_maps=maps)
    assert done.status == 0, done.output
    assert [row["ExternalId"] for row in org.find("CallCenterRoutingMap", ReferenceRecordId=agent_id)] == ["acme-agent-1"]
    gone = {"contact_center_users": [agent], "contact_center_state": "absent", "contact_center_purge_routing_maps": True}
    foretold = run(tmp_path, fleet, "--check", **gone)
    assert foretold.status == 0, foretold.output
    done = run(tmp_path, fleet, **gone)
    assert done.status == 0, done.output
    assert outcome(done)["changes"] == outcome(foretold)["changes"]
    assert org.find("CallCenterRoutingMap", ReferenceRecordId=agent_id) == []
    assert agent not in members(org)
    assert org.find("PermissionSetAssignment", AssigneeId=agent_id, PermissionSetId=org.seed_info["set_ids"]["voice_agent"])


def test_a_user_of_another_center_is_moved_where_asked(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    other = people(fleet, "other_center")
    refused = run(tmp_path, fleet, contact_center_users=other)
    assert refused.status != 0
    assert org.writes == []
    done = run(tmp_path, fleet, contact_center_users=other, contact_center_move=True)
    assert done.status == 0, done.output
    assert members(org) >= set(other)
    assert [item["op"] for item in outcome(done)["changes"]] == ["delete", "create"]


def test_two_centers_of_one_org_in_one_play(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """The second one's plan is not misled by the first one's."""
    fleet = serve()
    org = fleet["acme-uat"].org
    agent, admin = people(fleet, "agent", "contact_admin")
    role = {"name": "voiceops.salesforce.contact_center"}
    several = [
        {
            "name": f"Converge {center}",
            "ansible.builtin.include_role": role,
            "vars": {"contact_center_name": center, "contact_center_users": [user], "contact_center_state": "exact"},
        }
        for center, user in ((CENTER, agent), ("AcmeAmazonVoice", admin))
    ]
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], "contact_center_fail_on": "never"}}
    done = play(tmp_path, hosts, several)
    assert done.status == 0, done.output
    assert members(org) == {agent}
    assert members(org, "partner_telephony_amazon") == {admin}


def test_a_use_that_stops_early_tells_nothing_of_the_use_before_it(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    agent, other = people(fleet, "agent", "other_center")
    role = {"name": "voiceops.salesforce.contact_center"}
    shown = {"name": "Outcome", "ansible.builtin.debug": {"var": "contact_center_outcome"}}
    second = {"ansible.builtin.include_role": role, "vars": {"contact_center_users": [other]}}
    tasks = [
        {"ansible.builtin.include_role": role, "vars": {"contact_center_users": [agent]}},
        shown,
        {"block": [second], "rescue": [shown]},
    ]
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], "contact_center_name": CENTER, "contact_center_fail_on": "never"}}
    done = play(tmp_path, hosts, tasks)
    assert done.status == 0, done.output
    first, stopped = (found["contact_center_outcome"] for found in done.named("Outcome"))
    assert [item["key"] for item in first["changes"]] == [f"{CENTER}/{agent}"]
    assert stopped["changes"] == stopped["provider"]["create"] == []
    assert stopped["stopped"]["task"].endswith("Add the members")


@pytest.mark.parametrize("name", ["md", "json"])
def test_the_readiness_table_is_written_for_people_and_programs(tmp_path: Path, serve: Callable[..., Fleet], name: str) -> None:
    fleet = serve()
    asked = {"contact_center_users": people(fleet, "agent"), "contact_center_report_directory": str(tmp_path / "reports")}
    done = run(tmp_path, fleet, **asked)
    assert done.status == 0, done.output
    text = (tmp_path / "reports" / f"acme-uat.{CENTER}.{name}").read_text(encoding="utf-8")
    for row in outcome(done)["requirements"]:
        assert row["found"] in (text if name == "md" else [item["found"] for item in json.loads(text)["requirements"]])
    assert not [item for item in done.results if item.result.get("changed") and item.action.startswith("ansible.builtin")]


def test_the_work_list_keeps_what_nobody_has_seen_to(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Neither a run in check mode nor one that finds nothing to do takes away what an earlier run found."""
    fleet = serve()
    agent, other, member = people(fleet, "agent", "via_clone", "member")
    reports = tmp_path / "reports"
    asked = {"contact_center_report_directory": str(reports)}
    foretold = run(tmp_path, fleet, "--check", contact_center_users=[agent], **asked)
    assert foretold.status == 0, foretold.output
    assert not list(reports.glob("*.csv"))
    assert "check mode" in (reports / f"acme-uat.{CENTER}.md").read_text(encoding="utf-8")
    run(tmp_path, fleet, contact_center_users=[agent], **asked)
    assert work_list(reports) == [("create", agent)]
    run(tmp_path, fleet, contact_center_users=[agent], **asked)
    run(tmp_path, fleet, "--check", contact_center_users=[other], **asked)
    assert work_list(reports) == [("create", agent)]
    run(tmp_path, fleet, contact_center_users=[member], contact_center_state="absent", **asked)
    assert work_list(reports) == [("create", agent), ("remove", member)]
    run(tmp_path, fleet, contact_center_users=[agent], contact_center_state="absent", **asked)
    assert work_list(reports) == [("remove", member), ("remove", agent)]


def test_nobody_gets_a_set_where_the_plan_is_refused(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    asked = {"contact_center_users": people(fleet, "without_set"), "contact_center_permission_set": "ContactCenterAgentExternalTelephony"}
    refused = run(tmp_path, fleet, contact_center_state="exact", contact_center_max_removals=0, **asked)
    assert refused.named("Plan the members")[0]["error_code"] == "too_many_removals"
    frozen = {**asked, "contact_center_users": people(fleet, "without_set", "frozen")}
    assert run(tmp_path, fleet, **frozen).status != 0
    assert fleet["acme-uat"].org.writes == []
    foretold = run(tmp_path, fleet, "--check", contact_center_state="exact", **asked)
    done = run(tmp_path, fleet, contact_center_state="exact", **asked)
    assert done.status == 0, done.output
    assert outcome(done)["changes"] == outcome(foretold)["changes"]
    assert [item["kind"] for item in outcome(done)["changes"]] == ["permission_set_assignment", *["contact_center_member"] * 2]


@pytest.mark.parametrize("mapped", [False, True], ids=["no map", "a map"])
def test_whoever_leaves_is_removed_though_one_who_joins_is_refused(tmp_path: Path, serve: Callable[..., Fleet], mapped: bool) -> None:
    fleet = serve()
    served = fleet["acme-uat"]
    refused, joins = people(fleet, "agent", "via_clone")
    served.faults.add(Fault(Refuse("User", {"Username": refused}), times=None))
    # A map of the one who is refused is refused too, and the removal does not wait for it.
    maps = [{"user": joins, "external_id": "acme-7"}, *([{"user": refused, "external_id": "acme-8"}] if mapped else [])]
    done = run(
        tmp_path,
        fleet,
        contact_center_users=[refused, joins],
        contact_center_state="exact",
        contact_center_routing_maps=maps,
        contact_center_report_directory=str(tmp_path / "reports"),
    )
    assert done.status != 0
    assert refused in done.named("Stop where a step failed")[0]["msg"]
    assert members(served.org) == {joins}
    mapped_id = served.org.seed_info["user_ids"]["via_clone"]
    assert [row["ExternalId"] for row in served.org.find("CallCenterRoutingMap", ReferenceRecordId=mapped_id)] == (
        [] if mapped else ["acme-7"]
    )
    assert work_list(tmp_path / "reports") == [("create", joins), *(("remove", name) for name in people(fleet, "member"))]


def test_whoever_joined_before_the_network_failed_is_told(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """A second run would no longer name them."""
    fleet = serve()
    fleet["acme-uat"].faults.add(Fault(DropBefore(), match_body=r"CallCenterId[\x22: ]{1,4}null\b", times=None))
    agent = people(fleet, "agent")
    reports = {"contact_center_report_directory": str(tmp_path / "reports"), "salesforce_retry_time": 1}
    done = run(tmp_path, fleet, contact_center_users=agent, contact_center_state="exact", **reports)
    assert done.status != 0
    assert "no answer came" in done.named("Stop where a step failed")[0]["msg"]
    assert work_list(tmp_path / "reports") == [("create", name) for name in agent]
    table = (tmp_path / "reports" / f"acme-uat.{CENTER}.md").read_text(encoding="utf-8")
    assert "could not be asked again" in table


@pytest.mark.parametrize("variable", ["contact_center_before_add", "contact_center_after_remove", "contact_center_roster_file"])
def test_a_file_that_is_not_there_stops_before_anything_is_asked(tmp_path: Path, serve: Callable[..., Fleet], variable: str) -> None:
    fleet = serve()
    done = run(
        tmp_path, fleet, contact_center_users=people(fleet, "agent"), contact_center_state="exact", **{variable: "provider/none.yml"}
    )
    assert done.status != 0
    said = done.named("Stop where a file of yours is not there")[0]["msg"]
    assert f"{variable} provider/none.yml" in said
    assert str(tmp_path) in said
    assert fleet["acme-uat"].journal.calls() == 0


def test_files_of_yours_are_found_beside_the_inventory(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """The playbook of the collection is not beside them."""
    fleet = serve()
    agent, member = people(fleet, "agent", "member")
    hook(tmp_path / "provider", "create", "contact_center_joining")
    hook(tmp_path / "provider", "remove", "contact_center_leaving")
    (tmp_path / "roster.csv").write_text(f"username\n{agent}\n", encoding="utf-8")
    told = {
        "contact_center_name": CENTER,
        "contact_center_users": [agent],
        "contact_center_state": "exact",
        "contact_center_before_add": "provider/create.yml",
        "contact_center_after_remove": "provider/remove.yml",
        "contact_center_roster_file": "roster.csv",
    }
    done = play(tmp_path, {"acme-uat": {**host_variables(fleet)["acme-uat"], **told}}, playbook=Path("voiceops.salesforce.converge"))
    assert done.status == 0, done.output
    assert given(tmp_path / "provider", "create") == [agent]
    assert given(tmp_path / "provider", "remove") == [member]


def test_a_loop_over_uses_of_the_role(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """What is given by item stays what it is in the role's own loops."""
    fleet = serve()
    agent, admin = people(fleet, "agent", "contact_admin")
    uses = [
        {"name": center, "user": user, "reports": str(tmp_path / center)} for center, user in ((CENTER, agent), ("AcmeAmazonVoice", admin))
    ]
    task = {
        "ansible.builtin.include_role": {"name": "voiceops.salesforce.contact_center"},
        "loop": uses,
        "vars": {
            "contact_center_name": "{{ item.name }}",
            "contact_center_users": ["{{ item.user }}"],
            "contact_center_report_directory": "{{ item.reports }}",
        },
    }
    done = play(tmp_path, {"acme-uat": {**host_variables(fleet)["acme-uat"], "contact_center_fail_on": "never"}}, [task])
    assert done.status == 0, done.output
    assert "already in use" not in done.output
    for use in uses:
        assert (tmp_path / use["name"] / f"acme-uat.{use['name']}.md").exists()


def test_a_play_in_check_mode_tells_the_provider_of_nobody(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """The play's own check mode, as playbooks/drift.yml has it: ansible_check_mode is false then."""
    fleet = serve()
    file = hook(tmp_path / "hooks", "create", "contact_center_joining")
    told = {
        "contact_center_name": CENTER,
        "contact_center_users": people(fleet, "without_service", "agent"),
        "contact_center_before_add": str(file),
    }
    more = {"contact_center_repair": ["service_cloud_user"], "contact_center_role": "agent", "contact_center_roster": ["x@acme.example"]}
    done = play(tmp_path, {"acme-uat": {**host_variables(fleet)["acme-uat"], **told, **more}}, TASKS, keywords={"check_mode": True})
    assert done.status == 0, done.output
    assert len(outcome(done)["provider"]["create"]) == 2
    assert outcome(done)["provider"]["created"] == []
    assert outcome(done)["check_mode"]
    assert not outcome(done)["ready"]


def test_what_each_item_of_the_provider_s_loop_said_is_told(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    loop = {
        "ansible.builtin.fail": {"msg": "the provider refuses {{ item.username }}"},
        "loop": "{{ contact_center_joining }}",
        "name": "Make them",
    }
    failing = hook(tmp_path / "hooks", "create", "contact_center_joining", loop)
    agent = people(fleet, "agent")
    done = run(tmp_path, fleet, contact_center_users=agent, contact_center_before_add=str(failing))
    assert f"Make them: the provider refuses {agent[0]}" in done.named("Stop where a step failed")[0]["msg"]
    gone = hook(tmp_path / "hooks", "remove", "contact_center_leaving", {**loop, "loop": "{{ contact_center_leaving }}"})
    reports = {"contact_center_report_directory": str(tmp_path / "reports")}
    member = people(fleet, "member")
    left = {"contact_center_users": member, "contact_center_state": "absent", "contact_center_after_remove": str(gone)}
    done = run(tmp_path, fleet, **left, **reports)
    assert f"the provider refuses {member[0]}" in done.named("Stop where a step failed")[0]["msg"]
    assert work_list(tmp_path / "reports") == [("remove", name) for name in member]


def test_routing_maps_past_the_cap_stop_before_anybody_is_added(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    agent, member = people(fleet, "agent", "member")
    mapped = {"contact_center_users": [member], "contact_center_routing_maps": [{"user": member, "external_id": "acme-1"}]}
    assert run(tmp_path, fleet, **mapped).status == 0
    writes = len(org.writes)
    exact = {"contact_center_routing_maps": [], "contact_center_routing_maps_state": "exact", "contact_center_allow_empty": True}
    done = run(tmp_path, fleet, contact_center_users=[agent], contact_center_max_removals=0, **exact)
    assert done.status != 0
    assert "max_removals" in done.named("Stop where a step failed")[0]["msg"]
    assert len(org.writes) == writes
    done = run(tmp_path, fleet, contact_center_users=[agent], contact_center_max_removals=1, **exact)
    assert done.status == 0, done.output
    assert org.find("CallCenterRoutingMap", ReferenceRecordId=org.seed_info["user_ids"]["member"]) == []


def test_a_work_list_that_cannot_be_written_keeps_nobody_at_the_provider(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    (tmp_path / "reports").write_text("a file where the folder should be", encoding="utf-8")
    file = hook(tmp_path / "hooks", "remove", "contact_center_leaving")
    done = run(
        tmp_path,
        fleet,
        contact_center_users=people(fleet, "member"),
        contact_center_state="absent",
        contact_center_after_remove=str(file),
        contact_center_report_directory=str(tmp_path / "reports"),
    )
    assert done.status != 0
    assert given(tmp_path / "hooks", "remove") == people(fleet, "member")
