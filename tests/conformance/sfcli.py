# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official command line, unmodified, against an emulated org: each step is judged by the org's state, or read back by simple-salesforce."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from simple_salesforce import Salesforce

from conformance import install
from conformance.results import Case, Part, of_tests
from conformance.seed import rename_admin
from emulator import seed
from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.org import Org

LIMIT_SECONDS = 120
ALIAS = "conformance"
ROWS = 3


@dataclass(frozen=True)
class Cli:
    """How to run it: the program, its environment, and a folder of its own."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path

    def run(self, *words: str) -> dict[str, Any]:
        """What a command answered. Raises AssertionError where it failed."""
        told = self.ask(*words)
        assert told.get("status") == 0, f"{told.get('name')}: {told.get('message')}"
        return told

    def ask(self, *words: str) -> dict[str, Any]:
        """What a command answered with --json. Raises RuntimeError where it answered nothing."""
        done = subprocess.run(
            [*self.command, *words, "--json"],
            env=dict(self.environment),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        start = done.stdout.find("{")
        if start < 0:
            raise RuntimeError(f"no answer: {done.stderr.strip()[-300:]}")
        told: dict[str, Any] = json.loads(done.stdout[start:])
        return told


@contextmanager
def cli(served: Served, ca_path: Path) -> Iterator[Cli]:
    """The command line with a home of its own and a token to log in with."""
    folder = install.install("sf")
    program = folder / "node_modules" / "@salesforce" / "cli" / "bin" / "run.js"
    username = str(served.org.seed_info["admin_username"])
    with tempfile.TemporaryDirectory(prefix="sf-") as home:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": home,
            "SF_ACCESS_TOKEN": served.token(username),
            "SF_DISABLE_TELEMETRY": "true",
            "SF_AUTOUPDATE_DISABLE": "true",
            "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
            "SF_DISABLE_DNS_CHECK": "true",
            "NODE_EXTRA_CA_CERTS": str(ca_path),
        }
        yield Cli((str(install.cli_node(folder)), str(program)), environment, Path(home))


def client(served: Served, ca_path: Path) -> Salesforce:
    """simple-salesforce on the same org, for reading back."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(ca_path)
    token = served.token(str(served.org.seed_info["admin_username"]))
    return Salesforce(instance=served.url.partition("://")[2], session_id=token, session=session, version="66.0")


@dataclass(frozen=True)
class Bench:
    """What the steps share."""

    cli: Cli
    served: Served
    reader: Salesforce

    @property
    def org(self) -> Org:
        return self.served.org


def logs_in(bench: Bench) -> None:
    told = bench.cli.run("org", "login", "access-token", "--instance-url", bench.served.url, "--no-prompt", "--alias", ALIAS)
    assert told["result"]["username"] == bench.org.seed_info["admin_username"]
    assert told["result"]["orgId"][:15] == bench.org.id[:15]


def assigns_a_permission_set(bench: Bench) -> None:
    info = bench.org.seed_info
    user, wanted = info["users"]["without_set"], info["sets"]["voice_agent"]
    told = bench.cli.run("org", "assign", "permset", "--name", wanted, "--on-behalf-of", user, "--target-org", ALIAS)
    assert told["result"]["failures"] == []
    soql = f"SELECT IsActive FROM PermissionSetAssignment WHERE Assignee.Username = '{user}' AND PermissionSet.Name = '{wanted}'"
    assert [row["IsActive"] for row in bench.reader.query(soql)["records"]] == [True]
    rows = bench.org.find(
        "PermissionSetAssignment", AssigneeId=info["user_ids"]["without_set"], PermissionSetId=info["set_ids"]["voice_agent"]
    )
    assert len(rows) == 1


def creates_a_record(bench: Bench) -> None:
    told = bench.cli.run("data", "create", "record", "--sobject", "Account", "--values", "Name='Made by the CLI'", "--target-org", ALIAS)
    record = bench.org.get("Account", told["result"]["id"])
    assert record is not None
    assert record["Name"] == "Made by the CLI"
    assert bench.reader.Account.get(told["result"]["id"])["Name"] == "Made by the CLI"


def queries(bench: Bench) -> None:
    soql = "SELECT Id, Username, Profile.Name FROM User WHERE IsActive = true ORDER BY Username"
    told = bench.cli.run("data", "query", "--query", soql, "--target-org", ALIAS)
    found = [(row["Username"], row["Profile"]["Name"]) for row in told["result"]["records"]]
    assert found
    assert [name for name, _profile in found] == sorted((row["Username"] for row in bench.org.find("User", IsActive=True)), key=str.lower)


def imports_in_bulk(bench: Bench) -> None:
    source = bench.cli.folder / "accounts.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([["Name"], *([f"Bulk {number}"] for number in range(ROWS))])
    told = bench.cli.run("data", "import", "bulk", "--sobject", "Account", "--file", str(source), "--wait", "1", "--target-org", ALIAS)
    assert told["result"]["processedRecords"] == ROWS
    rows = bench.reader.query("SELECT Name FROM Account WHERE Name LIKE 'Bulk %' ORDER BY Name")["records"]
    assert [row["Name"] for row in rows] == [f"Bulk {number}" for number in range(ROWS)]


def exports_in_bulk(bench: Bench) -> None:
    target = bench.cli.folder / "out.csv"
    soql = "SELECT Name FROM Account WHERE Name LIKE 'Bulk %'"
    bench.cli.run(
        "data",
        "export",
        "bulk",
        "--query",
        soql,
        "--output-file",
        str(target),
        "--result-format",
        "csv",
        "--wait",
        "1",
        "--target-org",
        ALIAS,
    )
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["Name"] for row in rows) == [f"Bulk {number}" for number in range(ROWS)]


def refuses_a_second_assignment(bench: Bench) -> None:
    """What a user of the CLI sees on a second run: the duplicate is an error, and the org holds one row still."""
    info = bench.org.seed_info
    user, wanted = info["users"]["without_set"], info["sets"]["voice_agent"]
    mark = bench.served.journal.last_seq
    told = bench.cli.ask("org", "assign", "permset", "--name", wanted, "--on-behalf-of", user, "--target-org", ALIAS)
    assert told["status"] == 1, told
    assert [entry.status for entry in bench.served.journal.since(mark) if entry.method == "POST"] == [400]
    rows = bench.org.find(
        "PermissionSetAssignment", AssigneeId=info["user_ids"]["without_set"], PermissionSetId=info["set_ids"]["voice_agent"]
    )
    assert len(rows) == 1


STEPS: Sequence[tuple[str, Callable[[Bench], None]]] = (
    ("org login access-token", logs_in),
    ("org assign permset", assigns_a_permission_set),
    ("org assign permset, again", refuses_a_second_assignment),
    ("data create record", creates_a_record),
    ("data query", queries),
    ("data import bulk", imports_in_bulk),
    ("data export bulk", exports_in_bulk),
)


def run() -> Part:
    org = seed.vonage("sf-cli", sandbox=True)
    rename_admin(org, "conformance@sf-cli.example")
    tests = []
    with Fleet([org]) as fleet, cli(fleet[org.name], fleet.ca_path) as program:
        reader = client(fleet[org.name], fleet.ca_path)
        bench = Bench(program, fleet[org.name], reader)
        for name, step in STEPS:
            try:
                step(bench)
            except (AssertionError, RuntimeError, KeyError, subprocess.TimeoutExpired) as error:
                tests.append(Case(name, "failed", str(error)[:300]))
            else:
                tests.append(Case(name, "passed"))
        reader.session.close()
    return of_tests("sf CLI", tests, note="org state and simple-salesforce")
