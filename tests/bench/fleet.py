# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet costs in which everything is as it should be: python -m bench.fleet, --orgs 100 --members 20 --forks 10 when left out.

The orgs are emulated by a process of their own, which shares this machine's processors. They are converged once by the roles; then two rows are
measured: the plain modules (set, licence, assignment, members) in one small playbook, and both full roles as playbooks/tasks/org.yml runs them. API
calls and logins are the orgs' own count, an org's most; a run that changes or fails anything ends the program.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml
from ansible.release import __version__ as ANSIBLE

ROOT = Path(__file__).resolve().parents[2]
WAIT = 120
CONNECTION = "salesforce_"
VARIABLES: Mapping[str, Any] = {
    "salesforce_allow_production": True,
    "api_user_username": "vonage.api@acme.example{{ acme_username_suffix }}",
    "api_user_permission_set_name": "Acme_Vonage_API_User",
    "api_user_permission_set_label": "Acme Vonage API user",
    "api_user_queries_users": True,
    "contact_center_name": "AcmeVoice",
    "contact_center_users": "{{ acme_agents | product([acme_username_suffix]) | map('join') | list }}",
}
PLAIN: Sequence[Mapping[str, Any]] = (
    {
        "name": "Have the set",
        "voiceops.salesforce.permission_set": {
            "name": "{{ api_user_permission_set_name }}",
            "label": "{{ api_user_permission_set_label }}",
            "user_permissions": ["ApiEnabled", "EditTask", "PasswordNeverExpires", "ViewAllUsers"],
        },
    },
    {
        "name": "Have the licence",
        "voiceops.salesforce.package_license_assignment": {"package": "NVMContactWorld", "users": ["{{ api_user_username }}"]},
    },
    {
        "name": "Have the assignment",
        "voiceops.salesforce.permission_set_assignment": {
            "permission_set": "{{ api_user_permission_set_name }}",
            "users": ["{{ api_user_username }}"],
        },
    },
    {
        "name": "Have the members",
        "voiceops.salesforce.contact_center_member": {"contact_center": "{{ contact_center_name }}", "users": "{{ contact_center_users }}"},
    },
)


@dataclass(frozen=True)
class Emulated:
    """Orgs that answer: the inventory of their connections, and the process that serves them."""

    hosts: Mapping[str, Mapping[str, str]]
    pid: int


@dataclass(frozen=True)
class Cost:
    """One run: seconds by the clock, CPU seconds of Ansible with its workers and of the emulator, API calls and logins of the org that cost most."""

    wall: float
    ansible: float
    emulator: float
    calls: int
    logins: int


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description="What a fleet of emulated orgs costs.")
    parser.add_argument("--orgs", type=int, default=100)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--forks", type=int, default=10)
    return parser.parse_args(argv)


@contextmanager
def emulated(folder: Path, orgs: int, members: int) -> Iterator[Emulated]:
    """That many orgs for as long as they are needed."""
    inventory = folder / "emulator.yml"
    command = [sys.executable, "-m", "emulator", "--fleet", str(orgs), "--members", str(members), "--write-inventory", str(inventory)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _unused in range(WAIT * 10):
                if process.poll() is not None:
                    raise SystemExit(f"the emulator ended with status {process.returncode}")
                if inventory.exists() and inventory.read_text(encoding="utf-8").endswith('"\n'):
                    break
                time.sleep(0.1)
            yield Emulated(yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["hosts"], process.pid)
        finally:
            process.terminate()


def written(folder: Path, orgs: Emulated, members: int) -> Path:
    """The inventory: one host an org, its people by the suffix of its usernames."""
    hosts = {
        name: {**values, "acme_username_suffix": values["salesforce_username"].rpartition("acme.example")[2]}
        for name, values in orgs.hosts.items()
    }
    agents = [f"agent{number:05d}@acme.example" for number in range(1, members + 1)]
    path = folder / "inventory.yml"
    path.write_text(yaml.safe_dump({"salesforce_orgs": {"hosts": hosts, "vars": {**VARIABLES, "acme_agents": agents}}}), encoding="utf-8")
    return path


def playbooks(folder: Path) -> dict[str, Path]:
    """The two rows."""
    play: dict[str, Any] = {"hosts": "salesforce_orgs", "gather_facts": False}
    roles = [{"ansible.builtin.import_tasks": str(ROOT / "playbooks" / "tasks" / "org.yml")}]
    made: dict[str, Path] = {}
    for name, tasks in (("plain modules", list(PLAIN)), ("both full roles", roles)):
        made[name] = folder / f"{name.replace(' ', '_')}.yml"
        made[name].write_text(yaml.safe_dump([{**play, "name": name, "tasks": tasks}], sort_keys=False), encoding="utf-8")
    return made


def run(folder: Path, inventory: Path, playbook: Path, forks: int) -> dict[str, int]:
    """Changed tasks by host. Raises SystemExit where the run failed."""
    command = ["ansible-playbook", "-i", str(inventory), "-f", str(forks), str(playbook)]
    log = folder / "output.txt"
    with log.open("w", encoding="utf-8") as stream:
        done = subprocess.run(command, cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT, check=False)
    text = log.read_text(encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"{playbook.name} ended with status {done.returncode}:\n{text[-4000:]}")
    return {found[1]: int(found[2]) for found in re.finditer(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", text, re.MULTILINE)}


def measured(folder: Path, orgs: Emulated, inventory: Path, playbook: Path, forks: int) -> Cost:
    """One run in which nothing is to be done. Raises SystemExit where something was."""
    before, ansible, emulator, started = usage(orgs), used_by_children(), cpu_of(orgs.pid), time.monotonic()
    changed = run(folder, inventory, playbook, forks)
    wall = time.monotonic() - started
    if len(changed) != len(orgs.hosts) or any(changed.values()):
        raise SystemExit(f"{playbook.name} should change nothing in {len(orgs.hosts)} orgs: {changed}")
    ansible, emulator, after = used_by_children() - ansible, cpu_of(orgs.pid) - emulator, usage(orgs)
    spent = [(after[name][0] - before[name][0], after[name][1] - before[name][1]) for name in after]
    return Cost(wall, ansible, emulator, max(calls for calls, _unused in spent), max(logins for _unused, logins in spent))


def usage(orgs: Emulated) -> dict[str, tuple[int, int]]:
    """(API calls without logins, logins) that each org has answered so far."""
    told: dict[str, tuple[int, int]] = {}
    for name, host in orgs.hosts.items():
        now = requests.get(f"{host['salesforce_login_url']}/emulator", verify=host["salesforce_ca_path"], timeout=30).json()["now"]
        told[name] = (now["usage"], now["logins"])
    return told


def used_by_children() -> float:
    """CPU seconds of all programs that this one has waited for, with theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def cpu_of(pid: int) -> float:
    """CPU seconds of a running process, where the system tells them in /proc; else 0."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine() -> str:
    """The machine that the figures are of."""
    told = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", told.read_text(encoding="utf-8"), re.MULTILINE) if told.exists() else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {found[1] if found else platform.machine()}, Python {platform.python_version()}, ansible-core {ANSIBLE}"


def line(name: str, orgs: int, cost: Cost) -> str:
    """One row of the table."""
    return (
        f"{name:<16} {orgs:>5} {cost.wall:>8.1f} {cost.wall / orgs:>12.2f} {cost.calls:>10} {cost.logins:>11}"
        f" {cost.ansible:>14.1f} {cost.emulator:>15.1f}"
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = arguments(argv)
    if shutil.which("ansible-playbook") is None:
        raise SystemExit("ansible-playbook is not on PATH: run this by `make bench`")
    with tempfile.TemporaryDirectory() as name, emulated(Path(name), options.orgs, options.members) as orgs:
        folder = Path(name)
        inventory, books = written(folder, orgs, options.members), playbooks(folder)
        run(folder, inventory, books["both full roles"], options.forks)
        print(f"{options.orgs} orgs with {options.members} members each, everything already right, forks {options.forks}; {machine()}")
        print(
            f"{'':<16} {'orgs':>5} {'wall s':>8} {'s an org':>12} {'API calls':>10} {'logins':>11} {'Ansible CPU s':>14} {'emulator CPU s':>15}"
        )
        for title, book in books.items():
            print(line(title, options.orgs, measured(folder, orgs, inventory, book, options.forks)), flush=True)


if __name__ == "__main__":
    main()
