# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project of the kit run as AWX runs it: an inventory update, a sliced look for drift, one report of the slices, a rollout.

One story, told once: each job takes the emulated orgs as the job before left them.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator import seed
from emulator.fleet import Fleet
from harness import aap
from tooling.workspace import WORKSPACE

ORGS = ("acme-production", "acme-s01")
KIT = aap.kit()


@dataclass(frozen=True)
class Story:
    """What happened: the inventory as the controller stores it, and each job. writes: by org, how many there were before and after a step."""

    inventory: Mapping[str, Any]
    warned: str
    inputs: Mapping[str, str]
    slices: tuple[aap.Job, ...]
    writes_of_looking: int
    report: aap.Job
    converge: aap.Job
    writes: Mapping[str, int]


def credential(fleet: Fleet) -> dict[str, str]:
    """The fields that an operator fills in: one consumer key and one private key for every org."""
    common = fleet.environment()
    return {
        "client_id": common["SALESFORCE_CLIENT_ID"],
        "private_key": Path(common["SALESFORCE_PRIVATE_KEY_FILE"]).read_text(encoding="utf-8"),
        "ca_certificates": Path(common["SALESFORCE_CA_PATH"]).read_text(encoding="utf-8"),
        "proxy": common["SALESFORCE_PROXY"],
    }


def update_inventory(folder: Path, inputs: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """An inventory update: ansible-inventory with the credential's environment and no extra variables. The inventory, and what was warned of."""
    environment, _stored, _arguments = aap.inject(folder, inputs)
    shutil.copytree(aap.PROJECT, folder / "project")
    source = folder / "project" / KIT["controller_inventory_sources"][0]["source_path"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SALESFORCE_", "PYTHONPATH"))}
    own = {"ANSIBLE_COLLECTIONS_PATH": str(WORKSPACE), "ANSIBLE_HOME": str(folder / "home"), "INVENTORY_UPDATE_ID": "1"}
    command = [sys.executable, "-m", "ansible", "inventory", "--list", "--export", "-i", source, "--playbook-dir", source.parent]
    done = subprocess.run(command, cwd=folder, env=kept | own | environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def template(name: str) -> tuple[list[str], dict[str, Any]]:
    """What a job template of the kit adds to the command line, and its extra variables with what its survey has by default."""
    entry = aap.named(KIT["controller_templates"], name)
    arguments = ["--check"] if entry["job_type"] == "check" else []
    arguments += ["--diff"] if entry.get("diff_mode") else []
    arguments += [f"--forks={entry['forks']}"] if "forks" in entry else []
    asked = {
        question["variable"]: question["default"] for question in entry.get("survey_spec", {}).get("spec", ()) if "default" in question
    }
    return arguments, {**entry.get("extra_vars", {}), **asked}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("controller")
    with Fleet(seed.many(2, members=2), shared_app=True) as fleet:
        inputs = credential(fleet)
        inventory, warned = update_inventory(folder / "update", inputs)
        arguments, variables = template("Salesforce drift")

        def look(hosts: list[str]) -> aap.Job:
            # A slice's inventory has its own hosts only.
            part = {
                **inventory,
                "_meta": {"hostvars": {host: inventory["_meta"]["hostvars"][host] for host in hosts}},
                "salesforce_orgs": {**inventory["salesforce_orgs"], "hosts": hosts},
            }
            part = {name: within(group, hosts) for name, group in part.items()}
            return aap.run_job(folder / hosts[0], "drift.yml", part, credential=inputs, extra_vars=variables, arguments=arguments)

        with ThreadPoolExecutor() as pool:
            slices = tuple(pool.map(look, aap.slices(ORGS, 2)))
        looked = sum(len(served.org.writes) for served in fleet.orgs.values())
        report = aap.run_job(folder / "report", "report.yml", inventory, extra_vars=aap.handed_on(slices))
        arguments, variables = template("Salesforce converge")
        # In the workflow, the job that applies gets what the jobs before it handed on, as extra variables too.
        asked = aap.handed_on(slices) | variables | {"salesforce_change_ticket": "CHG0001234"}
        converge = aap.run_job(folder / "apply", "converge.yml", inventory, credential=inputs, extra_vars=asked, arguments=arguments)
        yield Story(
            inventory,
            warned,
            inputs,
            slices,
            looked,
            report,
            converge,
            {name: len(served.org.writes) for name, served in fleet.orgs.items()},
        )


def within(group: Any, hosts: list[str]) -> Any:
    if not isinstance(group, dict) or "hosts" not in group:
        return group
    return {**group, "hosts": [host for host in group["hosts"] if host in hosts]}


def test_an_inventory_update_finds_the_sandboxes_with_nothing_but_the_credential(story: Story) -> None:
    hosts = story.inventory["_meta"]["hostvars"]
    assert sorted(hosts) == sorted(ORGS)
    assert story.inventory["ring0"]["hosts"] == ["acme-s01"]
    assert "acme-copying" in story.warned
    assert story.inventory["salesforce_orgs"]["vars"]["contact_center_name"] == "AcmeVoice"


def test_the_inventory_that_the_controller_stores_holds_no_secret(story: Story) -> None:
    stored = json.dumps(story.inventory)
    assert "PRIVATE KEY" not in stored
    assert story.inputs["client_id"] not in stored
    assert story.inputs["proxy"] not in stored


def test_drift_fails_each_slice_so_that_people_are_told(story: Story) -> None:
    for job in story.slices:
        assert job.status == "failed", job.output
        failed = job.of("runner_on_failed", "Stop where an org is not as it should be")
        assert len(failed) == 1
        assert "differences" in failed[0]["res"]["msg"]
        assert job.of("runner_on_unreachable") == []
    assert story.writes_of_looking == 0


def test_each_slice_hands_on_one_record_an_org(story: Story) -> None:
    """Under a name of its own: AWX puts the later over the earlier, by name."""
    names = [{name for name in job.artifacts if name.startswith("salesforce_report_of_")} for job in story.slices]
    assert not names[0] & names[1]
    assert [list(aap.records(job)) for job in story.slices] == [[org] for org in ORGS]
    records = [record for job in story.slices for record in aap.records(job).values()]
    assert {record["outcome"] for record in records} == {"drift"}
    assert all(record["changes"] for record in records)


def test_the_callback_that_the_project_enables_writes_a_report_in_the_container(story: Story) -> None:
    for job, org in zip(story.slices, ORGS, strict=True):
        fleet = json.loads((job.folder / "project" / "salesforce_reports" / "fleet.json").read_text(encoding="utf-8"))
        assert [entry["host"] for entry in fleet["orgs"]] == [org]
        assert fleet["mode"] == "check"


def test_the_report_job_makes_one_report_of_the_slices(story: Story) -> None:
    assert story.report.status == "successful", story.report.output
    folder = story.report.folder / "project" / "salesforce_reports"
    fleet = json.loads((folder / "fleet.json").read_text(encoding="utf-8"))
    assert [entry["host"] for entry in fleet["orgs"]] == sorted(ORGS)
    assert fleet["summary"]["drift"] == 2
    for job in story.slices:
        (record,) = aap.records(job).values()
        (entry,) = (one for one in fleet["orgs"] if one["host"] == record["host"])
        assert entry["changes"] == record["changes"]
    page = (folder / "fleet.html").read_text(encoding="utf-8")
    assert all(org in page for org in ORGS)
    assert (folder / "fleet.md").is_file()


def test_the_rollout_goes_by_rings_and_tells_what_it_did(story: Story) -> None:
    assert story.converge.status == "successful", story.converge.output
    plays = [event["event_data"]["name"] for event in story.converge.events if event["event"] == "playbook_on_play_start"]
    assert plays.index("Converge ring 0") < plays.index("Converge ring 2")
    records = aap.records(story.converge)
    assert {host: record["outcome"] for host, record in records.items()} == dict.fromkeys(ORGS, "changed")
    assert all(story.writes.values())
    foretold = {host: record["changes"] for job in story.slices for host, record in aap.records(job).items()}
    assert {host: record["changes"] for host, record in records.items()} == foretold


def test_the_ticket_is_in_the_report_of_the_run(story: Story) -> None:
    run = json.loads((story.converge.folder / "project" / "salesforce_reports" / "run.json").read_text(encoding="utf-8"))
    assert run["run"]["ticket"] == "CHG0001234"


def test_what_the_last_converge_did_is_among_the_facts_that_the_controller_keeps(story: Story) -> None:
    """The template says use_fact_cache: the controller reads these files after the job, and puts them there before the next. From ansible-core
    2.19 on they have a prefix that AWX does not know: docs/aap.md."""
    assert aap.named(KIT["controller_templates"], "Salesforce converge")["use_fact_cache"] is True
    assert aap.named(KIT["controller_templates"], "Salesforce drift")["use_fact_cache"] is True
    cache = story.converge.folder / "artifacts" / "1" / "fact_cache"
    assert {path.name.removeprefix("s1_") for path in cache.iterdir()} == set(ORGS)
    assert all("salesforce_converged" in path.read_text(encoding="utf-8") for path in cache.iterdir())


def test_no_artifact_holds_a_secret(story: Story) -> None:
    """Not the command either, which has the whole environment where a controller is set to keep it."""
    line = story.inputs["private_key"].strip().splitlines()[1].encode()
    jobs = (*story.slices, story.report, story.converge)
    files = [path for job in jobs for path in (job.folder / "artifacts").rglob("*") if path.is_file()]
    assert any(path.name == "command" for path in files)
    assert [str(path) for path in files if line in path.read_bytes()] == []
    reports = [path for job in jobs for path in (job.folder / "project" / "salesforce_reports").rglob("*") if path.is_file()]
    assert reports
    told = [path.read_bytes() for path in reports]
    assert not any(secret in text for text in told for secret in (line, story.inputs["client_id"].encode()))


def test_the_key_was_in_the_job_s_own_folder_alone(story: Story) -> None:
    """It goes with that folder, which the controller removes after the job."""
    for job in (*story.slices, story.converge):
        keys = [path for path in job.folder.rglob("*") if path.is_file() and b"BEGIN PRIVATE KEY" in path.read_bytes()]
        assert [path.parent for path in keys] == [job.folder / "env"]
        assert stat.S_IMODE(keys[0].stat().st_mode) == 0o600
