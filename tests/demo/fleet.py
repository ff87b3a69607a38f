# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hundred orgs, rehearsed: discovered, converged in three rings and production last, changed by hand in five of them, looked at, put right, looked at
again. `make fleet` runs it; a test asserts each stage.

Ends with status 1 and says why when a stage did not do what it should.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator import seed
from emulator.fleet import Fleet

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "playbooks" / "inventories" / "fleet" / "acme.salesforce_orgs.yml"
ORGS, MEMBERS = 100, 20
TICKET = "CHG0012345"
ADMINISTRATOR = "contact.admin@acme.example"
CENTER, SET = "AcmeVoice", "Acme_Vonage_API_User"
# Host -> what is done there by hand.
CHANGED = {
    "acme-s03": "an agent is taken out of the contact center",
    "acme-s17": "a permission is switched off in the API user's set",
    "acme-s42": "the set is taken away from the API user",
    "acme-s71": "a user access policy takes the set away from the API user",
    "acme-production": "the package's licence is taken away from the API user",
}


@dataclass(frozen=True)
class Stage:
    """One run: its exit status, what it printed, the documents that it left, API calls, logins among them and records written by host."""

    status: int
    output: str
    seconds: float
    folder: Path
    calls: Mapping[str, int]
    logins: Mapping[str, int]
    writes: Mapping[str, int]

    @property
    def fleet(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "fleet.json").read_text(encoding="utf-8")))

    @property
    def summary(self) -> dict[str, int]:
        return dict(self.fleet["summary"])

    def outcomes(self, *wanted: str) -> list[str]:
        """The hosts of these outcomes."""
        return [org["host"] for org in self.fleet["orgs"] if org["outcome"] in wanted]

    def order(self) -> list[str]:
        """The plays that had hosts, in order."""
        headings = re.findall(r"^PLAY \[([^\]]*)\] \**\n(skipping: no hosts)?", self.output, re.MULTILINE)
        return [name for name, skipped in headings if not skipped]


@dataclass
class Rehearsal:
    """The fleet while it is served, and what became of each stage."""

    fleet: Fleet
    folder: Path
    forks: int = 10
    stages: dict[str, Stage] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """How the runs reach the emulated orgs by the names of real ones, and keep facts between runs."""
        kept = {name: value for name, value in os.environ.items() if name.lower() not in ("no_proxy", "https_proxy", "all_proxy")}
        return {
            **kept,
            **self.fleet.environment(),
            "ANSIBLE_FORKS": str(self.forks),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.folder / "facts"),
        }

    def discover(self) -> dict[str, Any]:
        """The inventory, as ansible-inventory lists it."""
        command = ["ansible-inventory", "-i", str(INVENTORY), "--list"]
        told = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False)
        if told.returncode:
            raise SystemExit(told.stderr)
        return dict(json.loads(told.stdout))

    def run(self, name: str, playbook: str, *arguments: str) -> Stage:
        """Run a playbook of the collection on the fleet; its output goes to a file."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        calls, logins, writes = self._so_far()
        started = time.monotonic()
        command = ["ansible-playbook", "-i", str(INVENTORY), str(ROOT / "playbooks" / playbook), *arguments]
        environment = {**self.environment(), "SALESFORCE_REPORT_DIRECTORY": str(folder)}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        (folder / "output.txt").write_text(done.stdout, encoding="utf-8")
        calls_now, logins_now, writes_now = self._so_far()
        stage = Stage(
            done.returncode,
            done.stdout,
            time.monotonic() - started,
            folder,
            {host: calls_now[host] - calls[host] for host in calls},
            {host: logins_now[host] - logins[host] for host in logins},
            {host: writes_now[host] - writes[host] for host in writes},
        )
        self.stages[name] = stage
        return stage

    def _so_far(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        return (
            {name: served.journal.calls() for name, served in self.fleet.orgs.items()},
            {name: served.journal.calls() - served.journal.calls(logins=False) for name, served in self.fleet.orgs.items()},
            {name: len(served.org.writes) for name, served in self.fleet.orgs.items()},
        )


def change_by_hand(fleet: Fleet) -> None:
    """In five orgs what CHANGED says, as administrators do it in Setup."""
    for host, change in {
        "acme-s03": take_agent_out,
        "acme-s17": switch_permission_off,
        "acme-s42": take_set_away,
        "acme-s71": let_policy_take_set_away,
        "acme-production": take_licence_away,
    }.items():
        change(fleet[host].org)


def take_agent_out(org: Any) -> None:
    (agent,) = org.find("User", Username=f"agent00007@acme.example{suffix(org)}")
    seed.by_hand(org, "update", "User", {"CallCenterId": None}, id=agent["Id"], by=ADMINISTRATOR + suffix(org))


def switch_permission_off(org: Any) -> None:
    seed.by_hand(org, "update", "PermissionSet", {"PermissionsEditTask": False}, where={"Name": SET}, by=ADMINISTRATOR + suffix(org))


def take_set_away(org: Any) -> None:
    seed.by_hand(org, "delete", "PermissionSetAssignment", where=assignment(org), by=ADMINISTRATOR + suffix(org))


def let_policy_take_set_away(org: Any) -> None:
    seed.put_policy(org, "Only_Named_Sets", [("Revoke", assignment(org)["PermissionSetId"])])
    seed.run_policy(org, "Only_Named_Sets", [org.seed_info["api_user"]])


def take_licence_away(org: Any) -> None:
    (user,) = org.find("User", Username=org.seed_info["api_user"])
    seed.by_hand(org, "delete", "UserPackageLicense", where={"UserId": user["Id"]}, by=ADMINISTRATOR + suffix(org))


def assignment(org: Any) -> dict[str, str]:
    """Which row gives the API user its set."""
    (user,) = org.find("User", Username=org.seed_info["api_user"])
    (permission_set,) = org.find("PermissionSet", Name=SET)
    return {"AssigneeId": user["Id"], "PermissionSetId": permission_set["Id"]}


def suffix(org: Any) -> str:
    """What usernames end with in that org."""
    _domain, _separator, sandbox = org.seed_info["my_domain"].partition("--")
    return f".{sandbox}" if sandbox else ""


def rehearse(rehearsal: Rehearsal, say: Any = lambda words: None) -> dict[str, Any]:
    """All stages, in order; what the inventory lists."""
    say(f"1. Discover: production is asked for its sandboxes ({INVENTORY.relative_to(ROOT)}).")
    listed = rehearsal.discover()
    orgs = listed["salesforce_orgs"]["hosts"] if "hosts" in listed.get("salesforce_orgs", {}) else []
    say(f"   {len(orgs) or len(listed['_meta']['hostvars'])} orgs.")
    say("2. Converge: the canaries, then ring 1, ring 2, and production.")
    told(say, rehearsal.run("converge", "converge.yml", "-e", f"salesforce_change_ticket={TICKET}"))
    say("3. By hand, in five orgs: " + "; ".join(f"{host}: {words}" for host, words in CHANGED.items()) + ".")
    change_by_hand(rehearsal.fleet)
    say("4. Look for drift; an org that has some fails the run, and nothing is written.")
    told(say, rehearsal.run("drift", "drift.yml", "-e", "salesforce_fail_on_drift=true"))
    say("5. Put right what was found.")
    told(say, rehearsal.run("repair", "converge.yml", "--limit", ":".join(CHANGED), "-e", f"salesforce_change_ticket={TICKET}"))
    say("6. Look again.")
    told(say, rehearsal.run("clean", "drift.yml", "-e", "salesforce_fail_on_drift=true"))
    return listed


def told(say: Any, stage: Stage) -> None:
    """What a stage came to, in two lines."""
    counted = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in stage.summary.items() if number)
    most = max(stage.calls.values())
    say(f"   {counted}; {sum(stage.writes.values())} records written; at most {most} API calls an org; {stage.seconds:.0f} s")
    say(f"   {stage.folder / 'fleet.html'}")


def wrong(rehearsal: Rehearsal, listed: Mapping[str, Any]) -> list[str]:
    """What did not come out as it should."""
    stages = rehearsal.stages
    changed = sorted(CHANGED)
    checks: Sequence[tuple[str, Any, Any]] = (
        ("orgs that were discovered", len(listed["_meta"]["hostvars"]), len(rehearsal.fleet.orgs)),
        ("exit status of the converge run", stages["converge"].status, 0),
        ("orgs that it changed", len(stages["converge"].outcomes("changed")), len(rehearsal.fleet.orgs)),
        ("exit status of the drift run", stages["drift"].status, 2),
        ("orgs with drift", stages["drift"].outcomes("drift"), changed),
        ("records that it wrote", sum(stages["drift"].writes.values()), 0),
        ("exit status of the repair", stages["repair"].status, 0),
        ("orgs that it changed", sorted(stages["repair"].outcomes("changed")), changed),
        ("exit status of the last drift run", stages["clean"].status, 0),
        ("orgs with drift then", stages["clean"].outcomes("drift", "failed", "not_run"), []),
    )
    return [f"{what}: {found!r}, and not {wanted!r}" for what, found, wanted in checks if found != wanted]


def main() -> int:
    """Run the rehearsal; its exit status."""
    started = time.monotonic()
    folder = Path("salesforce_reports").resolve() / "fleet"
    print(f"{ORGS} emulated orgs with {MEMBERS} contact center members each ...", flush=True)
    with Fleet(seed.many(ORGS, members=MEMBERS), shared_app=True) as fleet:
        rehearsal = Rehearsal(fleet, folder)
        listed = rehearse(rehearsal, lambda words: print(words, flush=True))
        mistakes = wrong(rehearsal, listed)
    for words in mistakes:
        print(f"NOT AS IT SHOULD BE: {words}", file=sys.stderr)
    print(f"{time.monotonic() - started:.0f} s in all; nothing is left running. Open {folder / 'drift' / 'fleet.html'} in a browser.")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
