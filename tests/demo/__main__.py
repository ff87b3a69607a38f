# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job, on three emulated orgs: converge them, converge again, change two by hand, find exactly that.

Ends with status 1 and says why when a run did not do what it should.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from emulator import seed
from emulator.fleet import Fleet

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "playbooks" / "inventory" / "orgs.yml"
CHANGED_ORG = "acme-uat"
REMOVED_AGENT = "agent"
RESTRICTED_ORG = "acme-dev"
RESTRICTED_PROFILE = "Standard User"
TOLD = "login_restrictions"


def main() -> int:
    """Run the demonstration; its exit status."""
    started = time.monotonic()
    orgs = seed.fleet()
    with Fleet(orgs) as fleet, tempfile.TemporaryDirectory() as folder:
        connections = Path(folder) / "emulator.yml"
        connections.write_text(fleet.inventory(), encoding="utf-8")
        say(f"Three emulated orgs answer on loopback: {', '.join(fleet.orgs)}.")

        say("1. Converge: make each org what playbooks/inventory says, showing each difference.")
        first, _first_lines = play("converge.yml", connections)
        calls = calls_so_far(fleet)

        say("2. Converge again: nothing is left to do.")
        second, _second_lines = play("converge.yml", connections)
        calls_again = calls_so_far(fleet)

        say(
            f"3. By hand, behind Ansible's back: an agent is taken out of the contact center of {CHANGED_ORG}, and in {RESTRICTED_ORG} the profile "
            f"{RESTRICTED_PROFILE} is given a login IP range."
        )
        username = change_by_hand(fleet)

        say("4. Look for drift: the same roles in check mode write nothing and show what is different.")
        writes = {name: len(served.org.writes) for name, served in fleet.orgs.items()}
        drift, told = play("drift.yml", connections)
        written = sum(len(served.org.writes) for served in fleet.orgs.values()) - sum(writes.values())

        say("Summary")
        print(f"  converged {len(first)} orgs: {sum(first.values())} tasks changed something")
        print(f"  converged again: {sum(second.values())} tasks changed something")
        print(f"  drift found in: {', '.join(name for name, changed in drift.items() if changed) or 'no org'} ({username} left AcmeVoice)")
        print(f"  told, and not for Ansible to write: {TOLD} in {', '.join(restricted(told)) or 'no org'}")
        for name in fleet.orgs:
            print(
                f"  {name}: {calls[name]} API calls to converge, {calls_again[name] - calls[name]} to see that nothing changed (logins included)"
            )
        print(f"  {time.monotonic() - started:.0f} s in all; nothing is left running")
    return verdict(first, second, drift, restricted(told), written, len(fleet.orgs))


def say(words: str) -> None:
    """A heading between two runs."""
    print(f"\n=== {words}\n", flush=True)


def play(playbook: str, connections: Path) -> tuple[dict[str, int], list[str]]:
    """Run a playbook of the collection; how many tasks changed something, by host, and what it printed. Raises SystemExit when it failed."""
    command = ["ansible-playbook", "-i", str(INVENTORY), "-i", str(connections), str(ROOT / "playbooks" / playbook), "--diff"]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        raise SystemExit(f"{playbook} ended with status {process.returncode}")
    recap = (re.match(r"(\S+)\s+: ok=\d+\s+changed=(\d+)", line) for line in lines)
    return {found[1]: int(found[2]) for found in recap if found}, lines


def restricted(lines: list[str]) -> list[str]:
    """The orgs of which the drift run tells that the profile restricts logins."""
    drift = lines[next(number for number, line in enumerate(lines) if "TASK [Drift]" in line) :]
    hosts: list[str] = []
    host = ""
    for line in drift:
        found = re.match(r"ok: \[(\S+)\]", line)
        host = found[1] if found else host
        if TOLD in line:
            hosts.append(host)
    return hosts


def calls_so_far(fleet: Fleet) -> dict[str, int]:
    """API calls that each org has answered, logins included."""
    return {name: served.journal.calls() for name, served in fleet.orgs.items()}


def change_by_hand(fleet: Fleet) -> str:
    """Take one agent out of the contact center and restrict a profile, as administrators would in Setup; the agent's username."""
    seed.restrict_profile(fleet[RESTRICTED_ORG].org, RESTRICTED_PROFILE, ranges=[("203.0.113.1", "203.0.113.99", "office")])
    org = fleet[CHANGED_ORG].org
    username: str = org.seed_info["users"][REMOVED_AGENT]
    org.set("User", org.seed_info["user_ids"][REMOVED_AGENT], CallCenterId=None)
    return username


def verdict(first: dict[str, int], second: dict[str, int], drift: dict[str, int], told: list[str], written: int, orgs: int) -> int:
    """0 when every run did what it should; else 1, after saying what did not."""
    wrong = []
    if len(first) != orgs or not all(first.values()):
        wrong.append(f"the first run should change every org: {first}")
    if any(second.values()):
        wrong.append(f"the second run should change nothing: {second}")
    if {name for name, changed in drift.items() if changed} != {CHANGED_ORG} or drift[CHANGED_ORG] != 1:
        wrong.append(f"the drift run should find the one change in {CHANGED_ORG}: {drift}")
    if told != [RESTRICTED_ORG]:
        wrong.append(f"the drift run should tell of {TOLD} in {RESTRICTED_ORG} alone: {told}")
    if written:
        wrong.append(f"the drift run should write nothing: {written} records were written")
    for words in wrong:
        print(f"NOT AS IT SHOULD BE: {words}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
