# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a run, as the callback writes it and as the role does: what each org came to, slices merged, and runs that it must not harm."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.fleet import Fleet
from harness.plays import Played, host_variables, play
from tooling.workspace import ROOT

DRIFT, REPORT = ROOT / "playbooks" / "drift.yml", ROOT / "playbooks" / "report.yml"
CALLBACK = "recorder,voiceops.salesforce.report"
FILES = ("fleet.json", "run.json", "fleet.md", "fleet.html")
SET = "Report_Set"


def reported(folder: Path, *arguments: Any, environment: Mapping[str, str] | None = None, **keywords: Any) -> Played:
    """A run with the callback, which writes to the folder's report."""
    own = {"ANSIBLE_CALLBACKS_ENABLED": CALLBACK, "SALESFORCE_REPORT_DIRECTORY": str(folder / "report"), **(environment or {})}
    return play(folder, *arguments, environment=own, **keywords)


def document(folder: Path, name: str = "fleet.json") -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def orgs(folder: Path) -> dict[str, Any]:
    return {item["host"]: item for item in document(folder)["orgs"]}


def outcomes(folder: Path) -> dict[str, str]:
    return {host: item["outcome"] for host, item in orgs(folder).items()}


def handed_on(played: Played) -> dict[str, Any]:
    """What a controller makes of the statistics of a job: variables of the jobs behind it."""
    stats = [item["ansible_stats"]["data"] for item in played.named("record | Hand on what became of the org")]
    return {name: value for item in stats for name, value in item.items()}


def inventory(fleet: Fleet) -> dict[str, dict[str, Any]]:
    """Three orgs in two rings: one to be looked at, one that is down, one that is another org than expected."""
    hosts = host_variables(fleet)
    info = fleet["acme-uat"].org.seed_info
    hosts["acme-uat"] |= {
        "salesforce_ring": 1,
        "api_user_username": info["api_user"],
        "api_user_permission_set_name": "Acme_Vonage_API_User",
        "contact_center_name": "AcmeVoice",
        "contact_center_users": [info["users"]["agent"], "nobody@acme.example"],
        "contact_center_lookup_failure_action": "ignore",
    }
    hosts["acme-dev"] |= {"salesforce_login_url": "https://127.0.0.1:9", "salesforce_ring": "{{ 0 }}"}
    hosts["acme-production"] |= {"salesforce_expected_org_id": fleet["acme-uat"].org.id}
    return hosts


def test_a_run_and_its_slices_make_the_same_report(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = inventory(three_orgs)
    asked = ["-e", "salesforce_fail_on_drift=true", "-e", "salesforce_change_ticket=CHG0042"]
    folder = tmp_path / "report"
    played = reported(tmp_path, hosts, playbook=DRIFT, arguments=asked)
    assert played.status == 2
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    whole = orgs(folder)
    # The drift that is found makes the run fail, and is no failure of the org.
    assert outcomes(folder) == {"acme-dev": "failed", "acme-production": "failed", "acme-uat": "drift"}
    assert {host: item["failure"] and item["failure"]["error_class"] for host, item in whole.items()} == {
        "acme-dev": "network",
        "acme-production": "config",
        "acme-uat": None,
    }
    assert whole["acme-production"]["failure"]["code"] == "wrong_org"
    assert [item["ring"] for item in whole.values()] == ["0", "", "1"]
    found = whole["acme-uat"]
    assert {item["kind"] for item in found["changes"]} >= {"permission_set", "contact_center_member"}
    assert [item["user"] for item in found["unresolved"]] == ["nobody@acme.example"]
    # No record Id: the same in every copy of the org.
    assert not re.findall(r"\b(?:00[0-9A-Za-z]|0PS|0Pa|04v)[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?\b", json.dumps(found))
    assert {item["subject"] for item in found["requirements"]} == {"api_user", "contact_center AcmeVoice"}
    run = document(folder, "run.json")
    assert (run["run"]["ticket"], run["run"]["playbook"], run["run"]["mode"]) == ("CHG0042", "drift.yml", "check")
    assert run["orgs"]["acme-uat"]["api"]["limit"] == 100000
    assert [item["license"] for item in run["orgs"]["acme-uat"]["seats"]] == ["NVMContactWorld"]
    # What the jobs of a workflow hand on: the same fleet, byte for byte.
    handed, merged = handed_on(played), tmp_path / "merged"
    assert len(handed) == 3
    variables = tmp_path / "handed.json"
    variables.write_text(json.dumps(handed), encoding="utf-8")
    asked = ["--check", "-e", f"salesforce_report_directory={merged}", "-e", f"@{variables}"]
    again = play(tmp_path / "again", {}, playbook=REPORT, arguments=asked)
    assert again.status == 0, again.output
    assert "0 of 3 orgs are as declared; 2 failed; 1 drifted." in again.output
    assert (merged / "fleet.json").read_bytes() == (folder / "fleet.json").read_bytes()
    assert document(merged, "run.json")["run"]["ticket"] == "CHG0042"
    assert sorted(path.name for path in merged.iterdir()) == sorted(FILES)


def test_files_of_single_orgs_and_facts_of_a_run_make_a_report_too_and_it_can_fail(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = host_variables(three_orgs)
    folder = tmp_path / "kept"
    look = {"voiceops.salesforce.org_info": {}, "register": "salesforce_whoami"}
    role = {"name": "voiceops.salesforce.report"}
    asked = {
        "report_directory": str(folder),
        "report_hosts": sorted(hosts),
        "report_formats": ["json"],
        "report_fail_on": ["not_run", "drift"],
    }
    plays = [
        {"hosts": "acme-production", "gather_facts": False, "tasks": [look]},
        {"hosts": "acme-uat", "gather_facts": False, "tasks": [look, {"ansible.builtin.import_role": {**role, "tasks_from": "keep"}}]},
        {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.import_role": role}]},
    ]
    book = tmp_path / "book.yml"
    book.write_text(yaml.safe_dump(plays), encoding="utf-8")
    played = play(tmp_path, hosts, playbook=book, arguments=["-e", json.dumps(asked)])
    assert played.status == 2
    assert "not_run: acme-dev." in played.output
    assert "drift:" not in played.output
    assert outcomes(folder) == {"acme-dev": "not_run", "acme-production": "as_declared", "acme-uat": "as_declared"}
    assert sorted(path.name for path in folder.iterdir()) == ["fleet.json", "orgs", "run.json"]
    handed = handed_on(played)
    assert [name.isidentifier() and name.startswith("salesforce_report_of_acme_uat_") for name in handed] == [True]
    kept = document(folder / "orgs", "acme-uat.json")
    assert {**kept, "run": 0} == {**next(iter(handed.values())), "run": 0}
    assert kept["host"] == "acme-uat"


def writing(set_name: str = SET, **keywords: Any) -> dict[str, Any]:
    return {"name": f"Have {set_name}", "voiceops.salesforce.permission_set": {"name": set_name, "label": set_name}, **keywords}


def test_plans_loops_rescues_and_hidden_results_of_a_run_that_writes(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    tasks = [
        writing("Only_Planned", check_mode=True),
        writing("{{ item }}", loop=["Looped_One", "Looped_Two"]),
        {
            "block": [{"name": "Rescued", "voiceops.salesforce.permission_set": {"name": "no name"}}],
            "rescue": [writing("After_Rescue")],
        },
        {"name": "Ignored", "voiceops.salesforce.permission_set": {"name": "no name"}, "ignore_errors": True},
        writing("Hidden", no_log=True),
        writing("Skipped", when=False),
    ]
    played = reported(tmp_path, host_variables(fleet), tasks)
    assert played.status == 0, played.output
    told = orgs(tmp_path / "report")["acme-uat"]
    assert [item["key"] for item in told["changes"]] == ["Looped_One", "Looped_Two", "After_Rescue", "hidden by no_log"]
    assert (told["outcome"], told["failure"]) == ("changed", None)
    made = {row["Name"] for row in fleet["acme-uat"].org.find("PermissionSet")}
    assert {"Looped_One", "Looped_Two", "After_Rescue", "Hidden"} <= made
    assert "Only_Planned" not in made
    run = document(tmp_path / "report", "run.json")
    assert [item["failed"] for item in run["orgs"]["acme-uat"]["tasks"]] == [False, False, True, False, False, False]
    text = "".join((tmp_path / "report" / name).read_text(encoding="utf-8") for name in FILES)
    assert not [secret for secret in ("invocation", "-----BEGIN", fleet["acme-uat"].client.client_id) if secret in text]


def test_orgs_that_a_rollout_did_not_come_to_are_named(tmp_path: Path, three_orgs: Fleet) -> None:
    """Waves of one: the first fails, so the second never starts; nor does the play after it."""
    hosts = host_variables(three_orgs)
    hosts["acme-dev"]["salesforce_login_url"] = "https://127.0.0.1:9"
    common = {"gather_facts": False, "max_fail_percentage": 0, "tasks": [{"name": "Look", "voiceops.salesforce.org_info": {}}, writing()]}
    book = tmp_path / "rings.yml"
    plays = [
        {"hosts": "acme-dev:acme-uat", "serial": 1, "order": "sorted", **common},
        {"hosts": "{{ rest | default('acme-production') }}", **common},
        {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": "the end"}}]},
    ]
    book.write_text(yaml.safe_dump(plays), encoding="utf-8")
    played = reported(tmp_path, hosts, playbook=book)
    assert played.status == 2
    told = orgs(tmp_path / "report")
    assert outcomes(tmp_path / "report") == {"acme-dev": "failed", "acme-production": "not_run", "acme-uat": "not_run"}
    assert (told["acme-dev"]["failure"]["task"], told["acme-dev"]["failure"]["error_class"]) == ("Look", "network")
    assert told["acme-uat"]["org"]["host"] == "127.0.0.1"
    assert three_orgs["acme-uat"].org.writes == []


def test_an_org_that_was_stopped_halfway_by_others_of_its_wave_is_not_told_as_done(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = host_variables(three_orgs)
    hosts["acme-dev"]["salesforce_login_url"] = "https://127.0.0.1:9"
    tasks = [{"name": "Look", "voiceops.salesforce.org_info": {}}, writing()]
    played = reported(tmp_path, hosts, tasks, keywords={"max_fail_percentage": 0})
    assert played.status == 2
    told = orgs(tmp_path / "report")
    assert {host: item["failure"]["code"] for host, item in told.items()} == {
        "acme-dev": "unreachable",
        "acme-production": "stopped",
        "acme-uat": "stopped",
    }
    assert three_orgs["acme-uat"].org.writes == []
    # Where what failed is told last, the others were done with.
    told_last: list[Mapping[str, Any]] = [
        {
            "block": tasks,
            "rescue": [{"ansible.builtin.set_fact": {"salesforce_failure": {"task": "Look", "msg": "{{ ansible_failed_result.msg }}"}}}],
        },
        {"name": "Tell", "ansible.builtin.fail": {"msg": "{{ salesforce_failure.msg }}"}, "when": "salesforce_failure is defined"},
        {"name": "The end", "ansible.builtin.debug": {"msg": "the end"}},
    ]
    assert reported(tmp_path, hosts, told_last, keywords={"max_fail_percentage": 0}).status == 2
    assert outcomes(tmp_path / "report") == {"acme-dev": "failed", "acme-production": "changed", "acme-uat": "changed"}


@pytest.mark.parametrize("where", ["a file", "a folder that is a file"])
def test_a_report_that_cannot_be_written_is_a_warning(where: str, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    taken = tmp_path / "report"
    if where == "a file":
        (taken / "fleet.md" / "in the way").mkdir(parents=True)
    else:
        taken.write_text("", encoding="utf-8")
    played = reported(tmp_path, host_variables(serve()), [writing()])
    assert played.status == 0, played.output
    words = " ".join(played.output.split())
    assert "fleet.md could not be written" in words
    assert ("fleet.json could not be written" in words) == (where != "a file")
    assert (where != "a file") or outcomes(taken) == {"acme-uat": "changed"}


def test_a_run_that_only_reads_calls_no_org_as_declared(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Its tasks compare nothing; one of them that fails is told all the same."""
    hosts = host_variables(serve())
    played = reported(
        tmp_path, hosts, [{"voiceops.salesforce.org_info": {}}, {"voiceops.salesforce.soql_info": {"query": "SELECT Id FROM User"}}]
    )
    assert played.status == 0, played.output
    assert not (tmp_path / "report").exists()
    hosts["acme-uat"]["salesforce_login_url"] = "https://127.0.0.1:9"
    assert reported(tmp_path, hosts, [{"voiceops.salesforce.org_info": {}}]).status == 2
    assert outcomes(tmp_path / "report") == {"acme-uat": "failed"}


def test_without_a_task_of_the_collection_nothing_is_written(tmp_path: Path) -> None:
    tasks: Sequence[Mapping[str, Any]] = [
        {"ansible.builtin.debug": {"msg": "hello"}},
        {"ansible.builtin.fail": {"msg": "no"}, "ignore_errors": True},
    ]
    played = reported(tmp_path, {"somebody": {}}, tasks)
    assert played.status == 0, played.output
    assert not (tmp_path / "report").exists()


def test_the_clone_enables_the_callback() -> None:
    """A controller that runs the project reads this file."""
    text = (ROOT / "ansible.cfg").read_text(encoding="utf-8")
    assert "callbacks_enabled = voiceops.salesforce.report" in text
