# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action plugins and modules promise Ansible: no connection needed, options from everywhere in one order, async, delegation, secrets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.fleet import Fleet
from harness.plays import host_variables, play
from tooling.workspace import ROOT

WHOAMI = {"voiceops.salesforce.org_info": {}}
WRONG_ORG = "00D000000000000EAA"


def test_an_org_needs_no_connection_settings(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Nobody can log in to an org; with Ansible's default connection and no interpreter named the task still runs."""
    fleet = serve()
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], "ansible_host": "no-such-host.invalid"}}
    played = play(tmp_path, hosts, [WHOAMI])
    assert played.status == 0, played.output
    assert played.of("org_info")[0]["user"]["username"] == fleet["acme-uat"].org.seed_info["admin_username"]


def test_all_tasks_of_a_run_share_one_login(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    played = play(tmp_path, host_variables(fleet), [WHOAMI] * 4)
    assert played.status == 0, played.output
    assert [entry.kind for entry in fleet["acme-uat"].journal.entries] == ["login"] + ["read"] * 4
    assert [result["api"]["calls"] for result in played.of("org_info")] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("layers", "reached"),
    [
        (("process",), "process"),
        (("process", "keyword"), "keyword"),
        (("process", "keyword", "host"), "host"),
        (("process", "keyword", "host", "defaults"), "defaults"),
        (("process", "keyword", "host", "defaults", "task"), "task"),
        (("process", "empty host"), "process"),
    ],
    ids=lambda item: item if isinstance(item, str) else "+".join(item),
)
@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as a module"])
def test_options_come_from_the_task_then_the_host_then_the_environment(
    layers: tuple[str, ...], reached: str, in_process: bool, tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    """Every layer but the one that must win expects another org."""
    fleet = serve()
    right = fleet["acme-uat"].org.id
    hosts = host_variables(fleet, in_process=in_process)
    del hosts["acme-uat"]["salesforce_expected_org_id"]
    value = {layer: right if layer == reached else WRONG_ORG for layer in layers}
    task: dict[str, Any] = {"voiceops.salesforce.org_info": {}}
    keywords: dict[str, Any] = {}
    environment = {}
    if "process" in layers:
        environment["SALESFORCE_EXPECTED_ORG_ID"] = value["process"]
    if "keyword" in layers:
        keywords["environment"] = {"SALESFORCE_EXPECTED_ORG_ID": value["keyword"]}
    if "host" in layers:
        hosts["acme-uat"]["salesforce_expected_org_id"] = value["host"]
    if "empty host" in layers:
        hosts["acme-uat"]["salesforce_expected_org_id"] = ""
    if "defaults" in layers:
        keywords["module_defaults"] = {"group/voiceops.salesforce.all": {"expected_org_id": "{{ from_defaults }}"}}
        hosts["acme-uat"]["from_defaults"] = value["defaults"]
    if "task" in layers:
        task["voiceops.salesforce.org_info"]["expected_org_id"] = value["task"]
    played = play(tmp_path, hosts, [task], keywords=keywords, environment=environment)
    assert played.status == 0, played.output


def test_a_wrong_org_is_met_from_every_layer(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """The table above can fail: a layer that is read and wrong stops the task."""
    fleet = serve()
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], "salesforce_expected_org_id": WRONG_ORG}}
    result = play(tmp_path, hosts, [WHOAMI]).of("org_info")[0]
    assert result["failed"]
    assert result["error_code"] == "wrong_org"


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as a module"])
def test_two_hosts_with_one_org_do_not_both_work_on_it(in_process: bool, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Whoever comes second is refused, in words that name the first, whichever it is; reading is nobody's alone; where both are meant, both go."""
    fleet = serve()
    org = fleet["acme-uat"].org
    one = host_variables(fleet, in_process=in_process)["acme-uat"]
    hosts = {"uat": one, "uat-again": one}
    writing = {"voiceops.salesforce.permission_set": {"name": "Shared", "label": "Shared"}}
    played = play(tmp_path, hosts, [WHOAMI, writing])
    assert played.status != 0
    assert [item["failed"] for item in played.of("org_info")] == [False, False]
    (refused,) = [item for item in played.results if item.verdict == "failed"]
    (served,) = {"uat", "uat-again"} - {refused.host}
    assert (refused.result["error_class"], refused.result["error_code"]) == ("config", "same_org")
    assert f"the inventory host {served} is this org too ({org.id})" in refused.result["msg"]
    assert [item for item in played.results if item.verdict == "unreachable"] == []
    assert len(org.find("PermissionSet", Name="Shared")) == 1

    meant = {name: {**values, "salesforce_shared_org": True} for name, values in hosts.items()}
    assert play(tmp_path, meant, [writing]).status == 0


def test_a_host_variable_that_cannot_be_templated_is_named(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], "salesforce_username": "{{ nobody_said }}"}}
    result = play(tmp_path, hosts, [WHOAMI]).of("org_info")[0]
    assert result["failed"]
    assert result["error_code"] == "host_variable"
    assert "salesforce_username" in result["msg"]
    assert "nobody_said" in result["msg"]


def test_async_with_a_poll_runs_in_process(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    played = play(tmp_path, host_variables(fleet), [{**WHOAMI, "async": 60, "poll": 1}])
    assert played.status == 0, played.output
    assert "user" in played.of("org_info")[0]
    assert "ansible_job_id" not in played.of("org_info")[0]


def test_async_without_a_poll_says_that_it_needs_a_connection(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    result = play(tmp_path, host_variables(fleet), [{**WHOAMI, "async": 60, "poll": 0}]).of("org_info")[0]
    assert result["failed"]
    assert result["error_code"] == "no_connection"
    assert "ansible_connection: local" in result["msg"]


def test_async_without_a_poll_works_on_a_local_connection(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    # The interpreter is for Ansible's own async_status; the module brings its own.
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], **local}}
    tasks = [
        {**WHOAMI, "async": 60, "poll": 0, "register": "started"},
        {
            "name": "wait",
            "ansible.builtin.async_status": {"jid": "{{ started.ansible_job_id }}"},
            "register": "ended",
            "until": "ended.finished",
            "retries": 60,
            "delay": 1,
        },
    ]
    played = play(tmp_path, hosts, tasks, environment={"ANSIBLE_ASYNC_DIR": str(tmp_path / "async")})
    assert played.status == 0, played.output
    assert played.named("wait")[-1]["user"]["username"] == fleet["acme-uat"].org.seed_info["admin_username"]


def elsewhere(hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {**hosts, "jump": {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}}


def test_a_task_delegated_to_another_machine_takes_everything_along(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """The other machine has neither the host's variables nor the key file, the CA file and the environment of the controller."""
    fleet = serve()
    hosts = host_variables(fleet)
    client_id = hosts["acme-uat"].pop("salesforce_client_id")
    key_file = hosts["acme-uat"].pop("salesforce_private_key_file")
    task = {**WHOAMI, "delegate_to": "jump", "when": "inventory_hostname == 'acme-uat'"}
    played = play(
        tmp_path,
        elsewhere(hosts),
        [task],
        environment={
            "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests" / "harness" / "connection"),
            "SALESFORCE_CLIENT_ID": client_id,
            "SALESFORCE_PRIVATE_KEY_FILE": key_file,
            # From ansible-core 2.20 modules tell their arguments only when asked to.
            "ANSIBLE_INJECT_INVOCATION": "true",
        },
    )
    assert played.status == 0, played.output
    result = played.of("org_info", "acme-uat")[0]
    assert result["user"]["username"] == fleet["acme-uat"].org.seed_info["admin_username"]
    arguments = result["invocation"]["module_args"]
    assert not arguments["private_key_file"]
    assert arguments["private_key"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert arguments["ca_path"].startswith("-----BEGIN CERTIFICATE")


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as a module"])
@pytest.mark.parametrize("right", [True, False], ids=["login works", "login refused"])
def test_no_secret_is_ever_shown(in_process: bool, right: bool, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """At -vvvv, in results, in what is left on disk: neither the key nor the token nor the assertion."""
    fleet = serve()
    served = fleet["acme-uat"]
    hosts = host_variables(fleet, in_process=in_process)
    key = fleet.key_path.read_text(encoding="utf-8")
    hosts["acme-uat"]["salesforce_private_key"] = "{{ lookup('ansible.builtin.env', 'CANARY_KEY', default='') }}"
    del hosts["acme-uat"]["salesforce_private_key_file"]
    if not right:
        hosts["acme-uat"]["salesforce_client_id"] = "no-such-app"
    played = play(
        tmp_path, hosts, [{"voiceops.salesforce.org_info": {}, "diff": True}], arguments=["-vvvv"], environment={"CANARY_KEY": key}
    )
    assert played.status == (0 if right else 2), played.output
    shown = played.output + (tmp_path / "results.jsonl").read_text(encoding="utf-8")
    body = key.splitlines()[2]
    assert body not in shown
    assert "eyJ" not in shown, "an assertion was shown"
    assert f"{served.org.id[:15]}!" not in shown, "an access token was shown"


def test_nothing_of_a_run_is_left_on_disk(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Tokens and memory are kept in the run's own folder, which Ansible removes."""
    fleet = serve()
    local = tmp_path / "ansible-local"
    local.mkdir()
    tasks = [{"voiceops.salesforce.permission_set": {"name": "Acme_Planned"}, "check_mode": True}, WHOAMI]
    played = play(tmp_path, host_variables(fleet), tasks, environment={"ANSIBLE_LOCAL_TEMP": str(local)})
    assert played.status == 0, played.output
    assert list(local.rglob("salesforce-*")) == []


def test_unknown_options_are_refused_in_both_paths_alike(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    for in_process in (True, False):
        played = play(tmp_path, host_variables(fleet, in_process=in_process), [{"voiceops.salesforce.org_info": {"orgg": 1}}])
        result = played.of("org_info")[0]
        assert result["failed"]
        assert "orgg" in result["msg"]


def test_a_switch_that_is_neither_on_nor_off_is_named(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    hosts = {"acme-uat": {**host_variables(fleet)["acme-uat"], "salesforce_in_process": "maybe"}}
    result = play(tmp_path, hosts, [WHOAMI]).of("org_info")[0]
    assert result["failed"]
    assert result["error_code"] == "in_process"
