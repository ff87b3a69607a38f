# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet, its inventory, and the program."""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from emulator import __main__ as program
from emulator import seed
from emulator.errors import ApiError
from emulator.fleet import Fleet
from emulator.http_api import evidence
from emulator.http_api.served import Served
from emulator.org import Org
from emulator.rules import vendor_syncing
from emulator.rules.registry import RULES, Grade

TESTS = Path(__file__).resolve().parents[2]
ADMIN = "admin@acme.example"


def serving(fleet: Fleet, name: str) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    with session:
        return session.get(f"{fleet[name].url}/services/data", verify=str(fleet.ca_path), timeout=10)


@pytest.fixture
def orgs() -> list[Any]:
    return seed.fleet()


def test_three_seeded_orgs_in_one_process(orgs: list[Any]) -> None:
    with Fleet(orgs) as fleet:
        assert list(fleet.orgs) == ["acme-production", "acme-uat", "acme-dev"]
        assert [served.is_sandbox for served in fleet.orgs.values()] == [False, True, True]
        assert len({served.url for served in fleet.orgs.values()}) == 3
        assert len({served.client.client_id for served in fleet.orgs.values()}) == 3
        assert all(serving(fleet, name).status_code == 200 for name in fleet.orgs)


def test_a_seeded_org_lets_its_administrator_work(orgs: list[Any]) -> None:
    with Fleet(orgs[:1]) as fleet:
        served = fleet["acme-production"]
        session = requests.Session()
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        fields = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
        token = session.post(f"{served.url}/services/oauth2/token", data=fields, timeout=10).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        soql = "SELECT Name, NamespacePrefix FROM PermissionSet WHERE NamespacePrefix = 'NVMContactWorld'"
        found = session.get(f"{served.url}/services/data/v67.0/query", params={"q": soql}, timeout=10).json()
        assert found["totalSize"] == 3
        session.close()


def test_what_the_fleet_made_is_gone_afterwards(fleet: Fleet) -> None:
    url = fleet["acme-test"].url
    fleet.close()
    assert not fleet.folder.exists()
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{url}/services/data", timeout=2)
    fleet.close()


def test_closing_ends_kept_alive_connections(fleet: Fleet, client: Any) -> None:
    others = set(threading.enumerate())  # of orgs that other tests share
    assert client.get("/services/data").status_code == 200
    mine = [thread for thread in threading.enumerate() if "process_request_thread" in thread.name and thread not in others]
    assert mine
    started = time.perf_counter()
    fleet.close()
    assert time.perf_counter() - started < 2
    for thread in mine:
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_ports_can_be_chosen(orgs: list[Any]) -> None:
    with Fleet(orgs[:1]) as first:
        port = int(first["acme-production"].url.rsplit(":", maxsplit=1)[1])
    with Fleet(orgs[1:2], ports=[port]) as second:
        assert second["acme-uat"].url == f"https://127.0.0.1:{port}"
    with pytest.raises(ValueError):
        Fleet(orgs[:2], ports=[port])


def test_two_orgs_of_one_name_are_refused_and_nothing_is_left(orgs: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="two orgs"):
        Fleet([orgs[0], orgs[0]])
    assert list(tmp_path.iterdir()) == []


def test_the_inventory_connects(fleet: Fleet) -> None:
    inventory = yaml.safe_load(fleet.inventory())
    assert inventory == {"all": {"hosts": {"acme-test": fleet.connection("acme-test")}}}
    connection = fleet.connection("acme-test", username="limited@acme.example")
    assert connection["salesforce_username"] == "limited@acme.example"
    assert connection["salesforce_expected_org_id"] == fleet["acme-test"].org.id
    assert Path(connection["salesforce_private_key_file"]).read_text(encoding="utf-8").startswith("-----BEGIN PRIVATE KEY-----")
    ssl.create_default_context(cafile=connection["salesforce_ca_path"])


def test_the_evidence_has_a_switch_wherever_it_is_only_inferred() -> None:
    ours = [item for item in vars(evidence).values() if hasattr(item, "grade")]
    assert len(ours) > 20
    for item in ours:
        assert RULES[item.name] is item
        assert item.source
        assert (item.switch is not None) == (item.grade is Grade.INFERRED), item.name


# --- plain HTTP ---


def test_a_client_stays_at_the_url_it_came_in_by(build_org: Callable[..., Org]) -> None:
    with Fleet([build_org()], plain_http=True) as fleet:
        served = fleet["acme-test"]
        assert served.plain_home is not None
        fields = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
        session = requests.Session()
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        with session:
            for home in (served.home, served.plain_home, served.plain_home.replace("127.0.0.1", "localhost")):
                body = session.post(f"{home}/services/oauth2/token", data=fields, timeout=10).json()
                assert body["instance_url"] == home
                headers = {"Authorization": f"Bearer {body['access_token']}"}
                listed = session.get(f"{home}/services/data/v60.0", headers=headers, timeout=10).json()
                assert listed["identity"].startswith(f"{home}/id/")
                assert session.get(listed["identity"], headers=headers, timeout=10).json()["username"] == ADMIN
            elsewhere = session.post(
                f"{served.plain_home}/services/oauth2/token", data=fields, headers={"Host": "evil.example"}, timeout=10
            )
            assert elsewhere.json()["instance_url"] == served.home
        assert served.url == served.home


def test_plain_http_is_off_unless_asked_for(fleet: Fleet) -> None:
    assert fleet["acme-test"].plain_home is None


def test_both_doors_lead_to_one_org(build_org: Callable[..., Org]) -> None:
    with Fleet([build_org()], plain_http=True) as fleet:
        served = fleet["acme-test"]
        headers = {"Authorization": f"Bearer {served.token(ADMIN)}"}
        url = f"{served.plain_home}/services/data/v60.0/sobjects/Account"
        chunks = iter([b'{"Name":', b' "Chunked"}'])
        made = requests.post(url, data=chunks, headers={**headers, "Content-Type": "application/json"}, timeout=10).json()
        assert served.org.get("Account", made["id"])["Name"] == "Chunked"  # type: ignore[index]
        record = f"{served.home}/services/data/v60.0/sobjects/Account/{made['id']}"
        assert requests.get(record, headers=headers, verify=str(fleet.ca_path), timeout=10).json()["Name"] == "Chunked"


# --- many ---


def test_hundreds_of_orgs_in_one_process(build_org: Callable[..., Org]) -> None:
    orgs = [build_org(f"org-{number}") for number in range(200)]
    before = threading.active_count()
    with Fleet(orgs) as fleet:
        assert threading.active_count() == before + 1  # one thread waits at all ports
        assert len({served.home for served in fleet.orgs.values()}) == 200
        session = requests.Session()
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        with session:
            for served in list(fleet.orgs.values())[::10]:
                headers = {"Authorization": f"Bearer {served.token(ADMIN)}"}
                query = f"{served.home}/services/data/v60.0/query"
                found = session.get(query, params={"q": "SELECT Id FROM Organization"}, headers=headers, timeout=10).json()
                assert found["records"][0]["Id"] == served.org.id
            foreign = {"Authorization": f"Bearer {fleet['org-1'].token(ADMIN)}"}
            assert session.get(f"{fleet['org-2'].home}/services/data/v60.0/limits", headers=foreign, timeout=10).status_code == 401
        started = time.perf_counter()
    assert time.perf_counter() - started < 10


# --- usernames ---


def new_user(served: Served, username: str, **more: Any) -> Any:
    profile = served.org.find("Profile", Name="Standard User")[0]["Id"]
    values = {"LastName": "New", "Alias": "new", "Email": "new@acme.example", "ProfileId": profile, "TimeZoneSidKey": "Europe/London"}
    values |= {"LocaleSidKey": "en_GB", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US", "Username": username, **more}
    admin = served.org.find("User", Username=served.org.seed_info["admin_username"])[0]["Id"]
    return served.org.create(admin, "User", values)


def test_a_username_is_taken_in_every_org_of_the_kind(orgs: list[Any]) -> None:
    with Fleet(orgs) as fleet:
        production, uat, dev = (fleet[name] for name in ("acme-production", "acme-uat", "acme-dev"))
        made = new_user(uat, "one@acme.example")
        with pytest.raises(ApiError) as caught:
            new_user(dev, "ONE@acme.example")
        assert (caught.value.status, caught.value.code, caught.value.fields) == (400, "DUPLICATE_USERNAME", ("Username",))
        assert dev.org.find("User", Username="one@acme.example") == []
        new_user(production, "one@acme.example")  # production and sandboxes each for themselves
        other = new_user(dev, "two@acme.example")
        admin = dev.org.find("User", Username=dev.org.seed_info["admin_username"])[0]["Id"]
        with pytest.raises(ApiError):
            dev.org.update(admin, "User", other, {"Username": "one@acme.example"})
        dev.org.update(admin, "User", other, {"Username": "two@acme.example", "Alias": "two"})
        uat.org.set("User", made, Username="moved@acme.example")
        dev.org.update(admin, "User", other, {"Username": "one@acme.example"})


def test_an_org_as_reset_still_knows_its_neighbours() -> None:
    builders = seed.builders()
    with Fleet([builders[name]() for name in ("acme-uat", "acme-dev")], rebuild=builders) as fleet:
        fleet["acme-dev"].reset()
        new_user(fleet["acme-uat"], "one@acme.example")
        with pytest.raises(ApiError):
            new_user(fleet["acme-dev"], "one@acme.example")


def test_neighbours_do_not_wait_for_each_other_for_ever(orgs: list[Any]) -> None:
    with Fleet(orgs[1:]) as fleet:
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            with fleet["acme-uat"].org.transaction():
                held.set()
                release.wait(10)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(5)
        started = time.perf_counter()
        new_user(fleet["acme-dev"], "one@acme.example")
        assert time.perf_counter() - started < 5
        release.set()
        holder.join(timeout=5)


# --- the program ---


def test_orgs_go_by_short_and_own_names() -> None:
    known = ("acme-production", "acme-uat", "acme-dev")
    assert program.chosen(known, "sandbox1,acme-production") == ["acme-uat", "acme-production"]
    for wanted in ("", "nowhere"):
        with pytest.raises(SystemExit):
            program.chosen(known, wanted)


def test_ports_are_numbers_one_an_org() -> None:
    assert program.ports_of("", 3) is None
    assert program.ports_of("8443, 8444", 2) == [8443, 8444]
    for wrong in ("8443", "8443,x"):
        with pytest.raises(SystemExit):
            program.ports_of(wrong, 2)


def test_a_rebuilt_org_is_the_same_org() -> None:
    build = program.example_orgs(program.arguments([]))["acme-dev"]
    assert build().id == build().id


def test_the_example_orgs_can_have_members_and_a_vendor_that_syncs_users() -> None:
    with program.fleet_of(program.arguments(["--orgs", "production,sandbox2", "--members", "7", "--vendor-syncs"])) as running:
        for name in ("acme-production", "acme-dev"):
            for _unused in range(2):
                org = running[name].org
                center = org.seed_info["center_ids"]["partner_telephony"]
                assert len(org.find("User", CallCenterId=center)) == 8
                assert vendor_syncing.syncing_vendor(org, center) is not None
                running[name].reset()


@pytest.mark.parametrize("wrong", [["--members", "-1"], ["--seed", "x.yml", "--members", "2"], ["--seed", "x.yml", "--vendor-syncs"]])
def test_what_the_example_orgs_only_take_is_refused_otherwise(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="--members"):
        program.fleet_of(program.arguments(wrong))


@pytest.fixture
def started(tmp_path: Path) -> Any:
    processes: list[subprocess.Popen[str]] = []

    def start(*options: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(TESTS), "TMPDIR": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "emulator", *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if re.search(pattern, text):
            break
    return text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_runs_until_it_is_interrupted(started: Callable[..., Any], tmp_path: Path, number: signal.Signals) -> None:
    inventory = tmp_path / "orgs.yml"
    process = started("--orgs", "production,sandbox2", "--write-inventory", str(inventory), "--print-env")
    printed = read_until(process, r"EXPECTED_ORG_ID")
    hosts = yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["hosts"]
    assert list(hosts) == ["acme-production", "acme-dev"]
    assert inventory.stat().st_mode & 0o777 == 0o600
    for connection in hosts.values():
        assert connection["salesforce_login_url"] in printed
        assert connection["salesforce_client_id"] in printed
    curl = re.search(r"curl --cacert (\S+) (\S+/services/data)\n", printed)
    assert curl is not None
    session = requests.Session()
    session.trust_env = False
    with session:
        assert session.get(curl[2], verify=curl[1], timeout=10).status_code == 200
    process.send_signal(number)
    rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest.strip(), errors) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_the_program_says_what_it_does_not_know(started: Callable[..., Any]) -> None:
    process = started("--orgs", "nowhere")
    _unused, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "no org nowhere" in errors
