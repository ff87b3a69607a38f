# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kit for AWX as data, and jobs run the way AWX runs them: a private data folder, the credential rendered by AWX's own code, ansible-runner.

What AWX does was read in its source (awx/main/tasks/jobs.py, awx/main/utils/safe_yaml.py, awx/main/models/workflow.py).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import yaml
from awx_plugins.interfaces import _temporary_private_container_api as containers
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

from tooling.workspace import ROOT, WORKSPACE

KIT = ROOT / "playbooks" / "vars" / "aap"
PROJECT = ROOT / "docs" / "aap" / "project"
# The container's root is the module's, and jobs run side by side.
_ONE_ROOT = Lock()
SETTING = re.compile(r"\{\{ (salesforce_aap_\w+) \}\}")


class Unsafe(str):
    """A text that Ansible does not render: it was tagged !unsafe."""

    __slots__ = ()


class _Loader(yaml.SafeLoader):
    """YAML with Ansible's tag."""


def _unsafe(loader: yaml.SafeLoader, node: yaml.Node) -> Unsafe:
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError("!unsafe stands before a text")
    return Unsafe(loader.construct_scalar(node))


class _Dumper(yaml.SafeDumper):
    """As AWX writes extra variables that no administrator vouches for: every text is tagged, keys too."""


_Loader.add_constructor("!unsafe", _unsafe)
_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def load(path: Path) -> Any:
    """A file of the kit."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def kit(settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every list of the kit, with the settings filled in. Raises KeyError for a setting that is not there."""
    values = {**load(KIT / "settings.yml"), **(settings or {})}
    lists: dict[str, Any] = {}
    for path in sorted(KIT.glob("*.yml")):
        if path.stem != "settings":
            lists |= load(path)
    return {name: _filled(value, values) for name, value in lists.items()}


def _filled(value: Any, settings: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, settings) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, settings) for item in value]
    if isinstance(value, str) and not isinstance(value, Unsafe) and (found := SETTING.fullmatch(value)):
        return settings[found[1]]
    return value


def named(items: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """The one item of a list of the kit with that name."""
    return next(item for item in items if item["name"] == name)


def credential_type() -> ManagedCredentialType:
    """The kit's credential type, as AWX's injector takes it."""
    wanted = kit()["controller_credential_types"][0]
    return ManagedCredentialType(
        namespace="salesforce", name=wanted["name"], kind=wanted["kind"], inputs=wanted["inputs"], injectors=wanted["injectors"]
    )


def inject(folder: Path, inputs: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """What the credential gives a job whose private data folder that is: environment, the environment that is stored, arguments.

    The folder stands for the container's /runner.
    """
    (folder / "env").mkdir(parents=True, exist_ok=True)
    environment: dict[str, Any] = {}
    stored: dict[str, Any] = {}
    arguments: list[str] = []
    with _ONE_ROOT:
        root = containers.CONTAINER_ROOT
        containers.CONTAINER_ROOT = str(folder)
        try:
            inject_credential(credential_type(), Credential(dict(inputs)), environment, stored, arguments, str(folder))
        finally:
            containers.CONTAINER_ROOT = root
    return environment, stored, arguments


@dataclass(frozen=True)
class Job:
    """One finished job. events: as the runner handed them on, in order; artifacts: what set_stats left, as AWX keeps it."""

    status: str
    folder: Path
    output: str
    events: tuple[Mapping[str, Any], ...]

    @property
    def artifacts(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.events:
            found = event.get("event_data", {}).get("artifact_data") or found
        return found

    def of(self, kind: str, task: str = "") -> list[Mapping[str, Any]]:
        """The data of events of that kind, such as runner_on_failed, of tasks whose name ends so."""
        return [
            event["event_data"] for event in self.events if event["event"] == kind and event["event_data"].get("task", "").endswith(task)
        ]


def run_job(
    folder: Path,
    playbook: str,
    inventory: Mapping[str, Any],
    *,
    credential: Mapping[str, Any] | None = None,
    extra_vars: Mapping[str, Any] | None = None,
    arguments: Sequence[str] = (),
    limit: str = "",
    timeout: int = 300,
) -> Job:
    """Run a playbook of the project as a job. folder: becomes the private data folder; inventory: as a script would print it."""
    folder.mkdir(parents=True)
    (folder / "env").mkdir(mode=0o700)
    shutil.copytree(PROJECT, folder / "project")
    environment, _stored, from_credential = inject(folder, credential) if credential is not None else ({}, {}, [])
    _write_inventory(folder / "inventory" / "hosts", inventory)
    variables = {"awx_job_id": 1, "tower_job_id": 1, **(extra_vars or {})}
    (folder / "env" / "extravars").write_text(yaml.dump(variables, Dumper=_Dumper, default_flow_style=False), encoding="utf-8")
    line = ["-u", "root", *arguments, *(["-l", limit] if limit else []), *from_credential]
    (folder / "env" / "cmdline").write_text(shlex.join(line), encoding="utf-8")
    # The image's: the collection is installed there, and nothing says where the configuration is but the project's own folder.
    system = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SALESFORCE_", "PYTHONPATH"))}
    programs = os.pathsep.join([str(Path(sys.executable).parent), system.get("PATH", os.defpath)])
    system |= {"PATH": programs, "ANSIBLE_COLLECTIONS_PATH": str(WORKSPACE), "ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_NOCOLOR": "1"}
    command = [
        sys.executable,
        "-m",
        "ansible_runner",
        "run",
        str(folder),
        "-p",
        playbook,
        "--inventory",
        str(folder / "inventory"),
        "--ident",
        "1",
    ]
    done = subprocess.run(
        command,
        env=system | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    kept = folder / "artifacts" / "1"
    files = sorted((kept / "job_events").glob("[0-9]*.json"), key=lambda path: int(path.name.partition("-")[0]))
    events = tuple(json.loads(path.read_text(encoding="utf-8")) for path in files)
    status = (kept / "status").read_text(encoding="utf-8").strip() if (kept / "status").exists() else "error"
    return Job(status, folder, done.stdout, events)


def _write_inventory(path: Path, inventory: Mapping[str, Any]) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text(f"#!{sys.executable}\nprint({json.dumps(inventory)!r})\n", encoding="utf-8")
    path.chmod(0o700)


def records(job: Job) -> dict[str, Any]:
    """The records of orgs that a job hands on, by host."""
    found = [value for name, value in job.artifacts.items() if name.startswith("salesforce_report_of_")]
    return {record["host"]: record for record in found}


def handed_on(jobs: Sequence[Job]) -> dict[str, Any]:
    """What the next node of a workflow gets of the jobs before it, or of the slices of one: top-level keys, the later over the earlier."""
    found: dict[str, Any] = {}
    for job in jobs:
        found.update(job.artifacts)
    return found


def slices(hosts: Sequence[str], count: int) -> list[list[str]]:
    """The hosts of each slice: every count-th of the inventory."""
    return [list(hosts[number::count]) for number in range(count)]
