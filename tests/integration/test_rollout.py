# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many orgs in one run: every kind of trouble beside orgs that are well, rings and waves, and the life of one org between two runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import seed
from emulator.faults import Fault, LoginError, RequestLimit
from emulator.fleet import Fleet
from harness.plays import Played, host_variables, play
from tooling.workspace import ROOT

CONVERGE = ROOT / "playbooks" / "converge.yml"
DRIFT = ROOT / "playbooks" / "drift.yml"
SET = "Acme_Vonage_API_User"
REPORTED = {"ANSIBLE_CALLBACKS_ENABLED": "recorder,voiceops.salesforce.report"}


@dataclass(frozen=True)
class Run:
    """A run and the documents that it left."""

    played: Played
    folder: Path

    @property
    def fleet(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "fleet.json").read_text(encoding="utf-8")))

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "run.json").read_text(encoding="utf-8")))

    def org(self, host: str) -> dict[str, Any]:
        (found,) = [org for org in self.fleet["orgs"] if org["host"] == host]
        return dict(found)

    def outcomes(self) -> dict[str, str]:
        return {org["host"]: org["outcome"] for org in self.fleet["orgs"]}


def variables(fleet: Fleet, name: str, **extra: Any) -> dict[str, Any]:
    """What a user's inventory would say of one org; agents only, which is quick."""
    info = fleet[name].org.seed_info
    return {
        **host_variables(fleet)[name],
        "api_user_username": info["api_user"],
        "api_user_permission_set_name": SET,
        "contact_center_name": "AcmeVoice",
        "contact_center_users": [info["users"]["agent"], info["users"]["contact_admin"]],
        **extra,
    }


def run(folder: Path, hosts: Mapping[str, Mapping[str, Any]], playbook: Path, *arguments: str, **environment: str) -> Run:
    reports = folder / "reports"
    played = play(
        folder,
        hosts,
        playbook=playbook,
        arguments=arguments,
        environment={**REPORTED, "SALESFORCE_REPORT_DIRECTORY": str(reports), **environment},
    )
    return Run(played, reports)


def orgs(*names: str) -> list[Any]:
    return [seed.vonage(name=name, sandbox=True) for name in names]


# -- trouble ---------------------------------------------------------------------------------------------------------------------------

TROUBLE = {
    "gone": ("network", "unreachable"),
    "refused": ("auth", "invalid_grant"),
    "used-up": ("limit", "REQUEST_LIMIT_EXCEEDED"),
    "kept": ("limit", "api_headroom"),
    "another": ("config", "wrong_org"),
    "twin": ("config", "same_org"),
}
each_trouble = pytest.mark.parametrize("host", sorted(TROUBLE))


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, Run]]:
    """One org that is well, and beside it one of each trouble."""
    with Fleet(orgs("well", "refused", "used-up", "kept", "another")) as fleet:
        hosts = {name: variables(fleet, name) for name in fleet.orgs}
        # The second host of an org works on it after the first only where it comes later: the first is in ring 0.
        hosts["twin"] = dict(hosts["well"])
        hosts["gone"] = {**hosts["well"], "salesforce_login_url": "https://127.0.0.1:9"}
        hosts["another"]["salesforce_expected_org_id"] = "00D000000000000EAA"
        hosts["kept"]["salesforce_min_api_headroom"] = "100%"
        fleet["refused"].faults.add(Fault(LoginError("invalid_grant", "user hasn't approved this consumer"), times=None))
        fleet["used-up"].faults.add(Fault(RequestLimit(), match_path="/services/data", times=None))
        folder = tmp_path_factory.mktemp("troubled")
        rings = folder / "rings.yml"
        rings.write_text("ring0: {hosts: {well: }}\n", encoding="utf-8")
        yield fleet, run(folder, hosts, CONVERGE, "-i", str(rings))


@each_trouble
def test_an_org_in_trouble_fails_with_its_class_and_in_words(troubled: tuple[Fleet, Run], host: str) -> None:
    _fleet, done = troubled
    failure = done.org(host)["failure"]
    assert done.org(host)["outcome"] == "failed"
    assert (failure["error_class"], failure["code"]) == TROUBLE[host]
    assert failure["msg"]
    told = done.played.named("Tell what stopped", host)
    assert [item["failed"] for item in told] == [True]
    assert failure["msg"] in told[0]["msg"]


def test_no_org_is_unreachable_in_ansibles_sense(troubled: tuple[Fleet, Run]) -> None:
    _fleet, done = troubled
    assert done.played.status == 2
    assert {item.verdict for item in done.played.results} <= {"ok", "failed", "skipped"}


def test_nothing_is_written_where_there_is_trouble_and_everything_where_there_is_none(troubled: tuple[Fleet, Run]) -> None:
    fleet, done = troubled
    assert {name for name, served in fleet.orgs.items() if served.org.writes} == {"well"}
    assert done.org("well")["outcome"] == "changed"
    assert fleet["well"].org.find("PermissionSet", Name=SET)


def test_the_report_shows_every_org_and_counts_them(troubled: tuple[Fleet, Run]) -> None:
    _fleet, done = troubled
    assert sorted(done.outcomes()) == sorted([*TROUBLE, "well"])
    summary = done.fleet["summary"]
    assert (summary["orgs"], summary["failed"], summary["changed"]) == (len(TROUBLE) + 1, len(TROUBLE), 1)
    for name in ("fleet.md", "fleet.html"):
        text = (done.folder / name).read_text(encoding="utf-8")
        assert all(host in text for host in (*TROUBLE, "well"))


# -- rings and waves --------------------------------------------------------------------------------------------------------------------

RINGS = {"ring0": ["canary"], "ring1": ["early", "second"], "ring2": ["third"]}
FLEET = ("third", "second", "rest", "early", "canary")


@pytest.fixture(scope="module")
def ringed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, Path]]:
    """Five orgs in an order that is not that of their rings."""
    folder = tmp_path_factory.mktemp("ringed")
    groups = {name: {"hosts": dict.fromkeys(hosts)} for name, hosts in RINGS.items()}
    (folder / "rings.yml").write_text(yaml.safe_dump(groups), encoding="utf-8")
    with Fleet(orgs(*FLEET)) as fleet:
        yield fleet, folder


def in_rings(fleet: Fleet, folder: Path, *arguments: str) -> Run:
    hosts = {name: {**host_variables(fleet)[name], "contact_center_name": "AcmeVoice", "contact_center_users": []} for name in fleet.orgs}
    return run(folder, hosts, CONVERGE, "-i", str(folder / "rings.yml"), *arguments)


def order(done: Run) -> list[str]:
    """Hosts in the order in which they were first met."""
    return list(dict.fromkeys(item.host for item in done.played.results if item.action == "voiceops.salesforce.org_info"))


def test_the_canary_goes_first_then_ring_by_ring_and_in_waves(ringed: tuple[Fleet, Path]) -> None:
    fleet, folder = ringed
    done = in_rings(fleet, folder, "-e", "rollout_waves=1")
    assert done.played.status == 0, done.played.output
    met = order(done)
    assert (met[0], set(met[1:3]), met[3], met[4]) == ("canary", {"early", "second"}, "third", "rest")
    assert "Could not match" not in done.played.output
    assert {org["host"]: org["ring"] for org in done.fleet["orgs"]} == {
        "canary": "0",
        "early": "1",
        "second": "1",
        "third": "2",
        "rest": "",
    }


@pytest.mark.parametrize(
    ("asked", "met"),
    [
        ("canary,third", [["canary"], [], ["third"], []]),
        ("rest,early", [[], ["early"], [], ["rest"]]),
        ("salesforce_orgs:!early", [["canary"], ["second"], ["third"], ["rest"]]),
        # What a survey gives for a field that was left empty: all orgs, and nothing that is no org.
        ("", [["canary"], ["early", "second"], ["third"], ["rest"]]),
    ],
)
def test_each_org_that_is_asked_for_is_in_its_own_ring_and_in_no_other(tmp_path: Path, asked: str, met: list[list[str]]) -> None:
    groups = {name: {"hosts": dict.fromkeys(hosts)} for name, hosts in RINGS.items()} | {"ring1": {"hosts": {"early": None, "web": None}}}
    groups["ring1"]["hosts"]["second"] = None
    (tmp_path / "rings.yml").write_text(yaml.safe_dump(groups), encoding="utf-8")
    arguments = ["-i", str(tmp_path / "rings.yml"), "--list-hosts", "-e", json.dumps({"salesforce_hosts": asked})]
    told = play(tmp_path, {name: {} for name in FLEET}, playbook=CONVERGE, arguments=arguments).output
    listed = [part.partition("hosts (")[2].split("\n")[1:] for part in told.split("play #")[1:]]
    assert [sorted(line.strip() for line in lines if line.strip()) for lines in listed] == met


def test_a_ring_that_was_left_empty_is_that_of_all_others(tmp_path: Path) -> None:
    ring = ROOT / "playbooks" / "converge_ring.yml"
    told = play(tmp_path, {"rest": {}}, playbook=ring, arguments=["--list-hosts", "-e", json.dumps({"rollout_ring": ""})]).output
    assert "orgs of no ring" in told
    assert "hosts (1)" in told


@pytest.mark.parametrize(
    ("failing", "percentage", "reached"),
    [
        ("canary", None, {"canary"}),
        # A wave in which every org fails is Ansible's own reason to end a run, whatever the percentage.
        ("canary", "100", {"canary"}),
        ("early", None, {"canary", "early", "second"}),
        ("early", "50", set(FLEET)),
    ],
)
def test_a_ring_in_which_too_many_fail_is_the_last_and_is_carried_through(
    ringed: tuple[Fleet, Path], failing: str, percentage: str | None, reached: set[str]
) -> None:
    fleet, folder = ringed
    fault = fleet[failing].faults.add(Fault(RequestLimit(), match_path="/services/data", times=None))
    try:
        done = in_rings(fleet, folder, *(["-e", f"rollout_max_fail_percentage={percentage}"] if percentage else []))
    finally:
        fleet[failing].faults.remove(fault)
    assert done.played.status != 0
    assert set(order(done)) == reached
    outcomes = done.outcomes()
    assert outcomes.pop(failing) == "failed"
    assert {host for host, outcome in outcomes.items() if outcome == "not_run"} == set(FLEET) - reached
    # Whoever was begun beside it was ended.
    assert all(done.played.named("Summary", host) for host in reached)


# -- several plays in one run -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def used_up(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Converge and then drift, as one playbook: one org answers no more in the middle of the first, the other one in the middle of the second."""
    folder = tmp_path_factory.mktemp("used_up")
    site = folder / "site.yml"
    site.write_text(yaml.safe_dump([{"import_playbook": str(CONVERGE)}, {"import_playbook": str(DRIFT)}]), encoding="utf-8")
    # The last result of each before it is used up.
    left = {"early": ("Have the permission set that the API user needs", 1), "late": ("Say which org this is and who is running", 2)}
    with Fleet(orgs(*left)) as fleet:

        def use_up() -> None:
            seen = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
            for host in list(left):
                task, times = left[host]
                if sum(item["host"] == host and item["task"].endswith(task) for item in seen) >= times:
                    del left[host]
                    fleet[host].faults.add(Fault(RequestLimit(), match_path="/services/data", times=None))

        hosts = {name: variables(fleet, name, api_user_fail_on="never", contact_center_fail_on="never") for name in fleet.orgs}
        return play(folder, hosts, playbook=site, arguments=["-e", "rollout_max_fail_percentage=100"], look=use_up)


def handed_on(played: Played, host: str) -> dict[str, Any]:
    """The last record of the host that the run leaves as a statistic."""
    (record,) = played.named("Hand on what became of the org", host)[-1]["ansible_stats"]["data"].values()
    return dict(record)


def test_what_was_written_before_an_org_stopped_is_told_with_what_stopped_it(used_up: Played) -> None:
    record = handed_on(used_up, "early")
    assert (record["failure"]["error_class"], record["failure"]["code"]) == ("limit", "REQUEST_LIMIT_EXCEEDED")
    assert ("create", "permission_set", SET) in {(item["op"], item["kind"], item["key"]) for item in record["changes"]}
    (kept,) = used_up.named("Keep what this run did", "early")
    assert SET in {item["key"] for item in json.loads(kept["ansible_facts"]["salesforce_converged"])["changes"]}


def test_what_an_earlier_play_found_is_not_told_of_a_later_one(used_up: Played) -> None:
    record = handed_on(used_up, "late")
    assert (record["failure"]["error_class"], record["failure"]["code"]) == ("limit", "REQUEST_LIMIT_EXCEEDED")
    assert (record["changes"], record["requirements"]) == ([], [])
    (told,) = used_up.named("Drift", "late")[0]["msg"]
    assert "REQUEST_LIMIT_EXCEEDED" in told


def test_an_org_that_is_put_right_is_not_told_before_it_is_because_of_one_that_was_right(tmp_path: Path) -> None:
    """One after the other, the one without anything to do first: what it skips must not come later for the other."""
    with Fleet(orgs("right", "lacking")) as fleet:
        people = {"right": "member", "lacking": "agent"}
        hosts = {
            name: {
                **host_variables(fleet)[name],
                "contact_center_name": "AcmeVoice",
                "contact_center_users": [fleet[name].org.seed_info["users"][person]],
            }
            for name, person in people.items()
        }
        looked = run(tmp_path / "1", hosts, DRIFT, ANSIBLE_FORKS="1")
        done = run(tmp_path / "2", hosts, CONVERGE, ANSIBLE_FORKS="1")
    assert looked.outcomes() == {"right": "as_declared", "lacking": "drift"}
    assert _members(looked) == {"right": "met", "lacking": "violated"}
    assert done.played.status == 0, done.played.output
    assert done.outcomes() == {"right": "as_declared", "lacking": "changed"}
    assert _members(done) == {"right": "met", "lacking": "met"}


def test_an_org_for_which_nothing_is_declared_does_not_pass_for_one_that_was_compared(tmp_path: Path) -> None:
    """Group variables that Ansible did not find, for one."""
    with Fleet(orgs("bare")) as fleet:
        hosts = host_variables(fleet)
        looked, done = run(tmp_path / "1", hosts, DRIFT), run(tmp_path / "2", hosts, CONVERGE)
    for told in (looked.played.named("Drift")[0]["msg"], done.played.named("Summary")[0]["msg"], done.org("bare")["notes"]):
        assert any("Nothing is declared for this org" in line for line in told)


def _members(done: Run) -> dict[str, str]:
    """What the report says of each org's members."""
    return {org["host"]: row["state"] for org in done.fleet["orgs"] for row in org["requirements"] if row["name"] == "members"}


# -- one org between two runs -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """What was done to one org, in order."""

    fleet: Fleet
    folder: Path
    converged: Run
    clean: tuple[bytes, bytes]
    clean_again: tuple[bytes, bytes]
    drifted: Run
    drifted_fleet: dict[str, Any]
    quiet: Run
    ticketed: int
    repaired: Run


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Converged for a ticket, looked at twice, an agent taken out by hand, looked at, put right for another ticket."""
    folder = tmp_path_factory.mktemp("story")
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts")}
    with Fleet(orgs("acme-uat")) as fleet:
        org = fleet["acme-uat"].org
        hosts = {"acme-uat": variables(fleet, "acme-uat", api_user_fail_on="never")}

        def documents(name: str) -> tuple[bytes, bytes]:
            reports = folder / name / "reports"
            return (reports / "fleet.json").read_bytes(), (reports / "run.json").read_bytes()

        converged = run(folder / "1", hosts, CONVERGE, "-e", "salesforce_change_ticket=CHG0001", **cache)
        run(folder / "2", hosts, DRIFT, **cache)
        run(folder / "3", hosts, DRIFT, **cache)
        org.set("User", org.seed_info["user_ids"]["agent"], CallCenterId=None)
        writes = len(org.writes)
        drifted = run(folder / "4", hosts, DRIFT, "-e", "salesforce_fail_on_drift=true", **cache)
        quiet = run(folder / "5", hosts, DRIFT, **cache)
        assert len(org.writes) == writes
        repaired = run(folder / "6", hosts, CONVERGE, "-e", "salesforce_change_ticket=CHG0002", **cache)
        before = len(org.writes)
        run(folder / "7", hosts, CONVERGE, "-e", "salesforce_change_ticket=CHG0003", **cache)
        yield Story(
            fleet,
            folder,
            converged,
            documents("2"),
            documents("3"),
            drifted,
            drifted.fleet,
            quiet,
            len(org.writes) - before,
            repaired,
        )


def test_the_drift_document_is_the_same_to_the_byte_where_nothing_changed_and_run_data_are_not(story: Story) -> None:
    assert story.clean[0] == story.clean_again[0]
    assert story.clean[1] != story.clean_again[1]
    assert json.loads(story.clean[0])["orgs"][0]["changes"] == []


def test_drift_fails_the_run_where_that_is_asked_for_and_only_there(story: Story) -> None:
    assert (story.drifted.played.status, story.quiet.played.status) == (2, 0)
    assert story.drifted.outcomes() == story.quiet.outcomes() == {"acme-uat": "drift"}
    assert story.drifted.org("acme-uat")["failure"] is None


def test_what_a_run_made_and_somebody_undid_is_told_as_changed_back(story: Story) -> None:
    agent = story.fleet["acme-uat"].org.seed_info["users"]["agent"]
    told = {change["key"]: change["changed_back"] for change in story.drifted.org("acme-uat")["changes"]}
    assert told[f"AcmeVoice/{agent}"] is True
    assert (
        f"create contact_center_member AcmeVoice/{agent}, changed back since a run made it" in story.drifted.played.named("Drift")[0]["msg"]
    )


def test_a_change_ticket_stands_in_the_runs_record_and_in_nothing_that_makes_the_next_run_differ(story: Story) -> None:
    assert story.converged.data["run"]["ticket"] == "CHG0001"
    assert story.repaired.data["run"]["ticket"] == "CHG0002"
    assert story.ticketed == 0
    org = story.fleet["acme-uat"].org
    assert not [row for row in org.find("PermissionSet") if "CHG000" in str(row.get("Description"))]
    (facts,) = [path for path in (story.folder / "facts").iterdir() if "acme-uat" in path.name]
    kept = json.loads(facts.read_text(encoding="utf-8"))
    # How newer releases of ansible-core write it; a text with the place that it came from is an entry with a value.
    fact = (json.loads(kept["__payload__"]) if "__payload__" in kept else kept)["salesforce_converged"]
    record = json.loads(fact["value"] if isinstance(fact, dict) else fact)
    agent = org.seed_info["users"]["agent"]
    (member,) = [item for item in record["changes"] if item["key"] == f"AcmeVoice/{agent}"]
    assert (record["ticket"], member["ticket"], member["times"]) == ("CHG0003", "CHG0002", 2)
