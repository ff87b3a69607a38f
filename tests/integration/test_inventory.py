# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin as Ansible's own programs load it, and a run in which its hosts need nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import seed
from emulator.fleet import Fleet
from harness.inventories import written
from harness.plays import play
from tooling.workspace import ROOT

SANDBOXES = """plugin: voiceops.salesforce.orgs
sources: [sandboxes]
merge_with: [rings.yml]
"""
RINGS = """
acme-production: {ring: 2, owner: kim}
acme-s01: {ring: 0}
acme-s02: {ring: 1}
"""
GRAPH = """\
@all:
  |--@ungrouped:
  |--@salesforce_orgs:
  |  |--@sf_production:
  |  |  |--acme-production
  |  |--@sf_sandbox:
  |  |  |--@sf_sandbox_developer_pro:
  |  |  |  |--acme-s01
  |  |  |--@sf_sandbox_partial:
  |  |  |  |--acme-s02
  |  |--@sf_recently_refreshed:
  |  |  |--acme-s01
  |--@ring2:
  |  |--acme-production
  |--@ring0:
  |  |--acme-s01
  |--@ring1:
  |  |--acme-s02
"""


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with Fleet(seed.many(3, members=0), shared_app=True) as served:
        yield served


@pytest.fixture
def login(fleet: Fleet) -> dict[str, str]:
    """What an AWX credential and the environment of an inventory source bring, and nothing else."""
    return {
        **fleet.environment(),
        "SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com",
        "SALESFORCE_USERNAME": fleet.connection("acme-production")["salesforce_username"],
        "SALESFORCE_CLIENT_SECRET": "",
        "SALESFORCE_TIMEOUT": "",
        "SALESFORCE_INVENTORY_HOSTNAME": "",
    }


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    (tmp_path / "rings.yml").write_text(RINGS, encoding="utf-8")
    return written(tmp_path, SANDBOXES)


def ansible_inventory(path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("ansible-inventory")
    return subprocess.run(
        [str(program), "-i", str(path), *arguments],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_production_orgs_sandboxes_are_hosts_with_rings(inventory: Path, login: dict[str, str]) -> None:
    done = ansible_inventory(inventory, "--graph", **login)
    assert done.stdout == GRAPH, done.stderr
    assert "acme-copying is left out" in " ".join(done.stderr.split())


def test_what_is_exported_holds_no_secret(inventory: Path, login: dict[str, str]) -> None:
    done = ansible_inventory(inventory, "--list", "--export", **login)
    told = json.loads(done.stdout)["_meta"]["hostvars"]
    assert told["acme-s01"]["salesforce_org"]["parent"] == "acme-production"
    # Plain values all of them: AWX keeps what it reads here.
    assert "__ansible" not in done.stdout
    assert [
        name for name in ("SALESFORCE_CLIENT_ID", "SALESFORCE_PRIVATE_KEY_FILE", "SALESFORCE_PROXY") if login[name] in done.stdout
    ] == []


def test_the_hosts_need_nothing_but_the_login(fleet: Fleet, inventory: Path, login: dict[str, str], tmp_path: Path) -> None:
    """Also production is logged in to once: the tasks take over the session that the inventory was read with."""
    marks = {name: served.journal.last_seq for name, served in fleet.orgs.items()}
    tasks = [{"name": "Say who is running where", "voiceops.salesforce.org_info": {}}]
    played = play(tmp_path / "play", {}, tasks, arguments=["-i", str(inventory), "--forks", "1"], environment=login)
    assert played.status == 0, played.output
    for name, served in fleet.orgs.items():
        (result,) = played.of("org_info", name)
        assert result["org"]["id"] == served.org.id
        assert result["user"]["username"] == fleet.connection(name)["salesforce_username"]
        entries = served.journal.since(marks[name])
        assert len([entry for entry in entries if entry.path.endswith("/oauth2/token")]) == 1


def test_an_org_that_refuses_stops_the_program_in_words_to_act_on(inventory: Path, login: dict[str, str]) -> None:
    done = ansible_inventory(inventory, "--graph", **{**login, "SALESFORCE_CLIENT_ID": "nobody"})
    assert done.returncode != 0
    told = " ".join(done.stderr.split())
    assert "invalid_client_id" in told
    assert "Check client_id: no app of this org has that consumer key." in told
