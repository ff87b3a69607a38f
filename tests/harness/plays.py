# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection through ansible-playbook, as its users run it: what was printed, and every task's result."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from emulator.fleet import Fleet
from tooling.workspace import ROOT

CALLBACKS = Path(__file__).parent / "callback"


@dataclass(frozen=True)
class Recorded:
    """One task's result on one host. verdict: ok, failed, skipped, unreachable."""

    verdict: str
    host: str
    task: str
    action: str
    result: Mapping[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """The result with failed said in every case: callbacks are given it without."""
        return {**self.result, "failed": self.verdict == "failed"}


@dataclass(frozen=True)
class Played:
    """One run: exit status, output and results in order."""

    status: int
    output: str
    results: tuple[Recorded, ...]

    def of(self, action: str, host: str | None = None) -> list[Mapping[str, Any]]:
        """The results of a module's tasks, in order."""
        name = f"voiceops.salesforce.{action}"
        return [item.told for item in self.results if item.action == name and host in (None, item.host)]

    def named(self, task: str, host: str | None = None) -> list[Mapping[str, Any]]:
        """The results of tasks whose name ends so, in order."""
        return [item.told for item in self.results if item.task.endswith(task) and host in (None, item.host)]


def host_variables(fleet: Fleet, *, in_process: bool = True) -> dict[str, dict[str, Any]]:
    """The inventory variables of each served org. As a module it runs over a local connection, with no interpreter named."""
    extra = {"salesforce_allow_production": True}
    if not in_process:
        extra |= {"salesforce_in_process": False, "ansible_connection": "local"}
    return {name: {**fleet.connection(name), **extra} for name in fleet.orgs}


@contextmanager
def watching(look: Callable[[], None]) -> Iterator[dict[str, str]]:
    """While inside, a run that is given this environment stops after each result until look() has been called."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def run() -> None:
            while True:
                try:
                    waits, _address = door.accept()
                except OSError:
                    return  # closed: the run is over
                with waits:
                    look()

        watch = threading.Thread(target=run, daemon=True)
        watch.start()
        try:
            yield {"RECORDER_PORT": str(door.getsockname()[1])}
        finally:
            door.shutdown(socket.SHUT_RDWR)
            watch.join(timeout=5)


def play(
    folder: Path,
    hosts: Mapping[str, Mapping[str, Any]],
    tasks: Sequence[Mapping[str, Any]] | None = None,
    *,
    playbook: Path | None = None,
    arguments: Sequence[str] = (),
    keywords: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: int = 180,
    look: Callable[[], None] | None = None,
) -> Played:
    """Run tasks (or a playbook) on hosts. keywords: of the play. environment: on top of the tests' own. look: called after each result, before
    the run goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    inventory = folder / "inventory.yml"
    inventory.write_text(
        yaml.safe_dump({"salesforce_orgs": {"hosts": {name: dict(values) for name, values in hosts.items()}}}), encoding="utf-8"
    )
    if playbook is None:
        playbook = folder / "play.yml"
        plays = [{"hosts": "all", "gather_facts": False, **(keywords or {}), "tasks": list(tasks or ())}]
        playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    record = folder / "results.jsonl"
    record.unlink(missing_ok=True)
    own = {
        "RECORDER_FILE": str(record),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), *arguments, str(playbook)]
    with watching(look) if look else nullcontext({}) as watched:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | own | watched | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    return Played(done.returncode, done.stdout, tuple(Recorded(**json.loads(line)) for line in lines))
