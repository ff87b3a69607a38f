# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A production org with many sandboxes: what it knows of them, one app for all, My Domain hosts, orgs that go and come back."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import yaml

from emulator import __main__ as program
from emulator import seed
from emulator.errors import ApiError, NotEmulated
from emulator.fleet import Fleet
from emulator.http_api import proxy
from emulator.org import Org
from emulator.tooling import rows

V = "67.0"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
TESTS = Path(__file__).resolve().parents[2]


def at_noon() -> datetime:
    return NOW


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def asked(org: Org, soql: str, user: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.query(user or admin(org), soql, V)["records"]
    return found


def tooling(org: Org, soql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.query(org, admin(org), soql, V)["records"]
    return found


@pytest.fixture(scope="module")
def orgs() -> list[Org]:
    return seed.many(4, members=3, clock=at_noon)


@pytest.fixture
def production() -> Org:
    return seed.many(1, members=0, clock=at_noon)[0]


# --- the orgs ---


def test_production_and_sandboxes_have_names_of_one_company(orgs: list[Org]) -> None:
    assert [org.name for org in orgs] == ["acme-production", "acme-s01", "acme-s02", "acme-s03"]
    assert [org.seed_info["my_domain"] for org in orgs] == ["acme", "acme--s01", "acme--s02", "acme--s03"]
    assert [org.seed_info["sandbox"] for org in orgs] == [False, True, True, True]
    assert orgs[2].seed_info["admin_username"] == "automation@acme.example.s02"
    assert all(len(org.seed_info["members"]) == 3 for org in orgs)
    assert len({org.id for org in orgs}) == 4
    with pytest.raises(ValueError, match="one org or more"):
        seed.many(0)


def test_production_knows_every_sandbox_by_its_org_id(orgs: list[Org]) -> None:
    found = tooling(
        orgs[0], "SELECT SandboxName, SandboxOrganization, Status, CopyProgress FROM SandboxProcess WHERE Status NOT IN ('D', 'E')"
    )
    ready = {row["SandboxName"]: row["SandboxOrganization"] for row in found if row["Status"] == "Completed"}
    assert ready == {org.seed_info["my_domain"].removeprefix("acme--"): org.id[:15] for org in orgs[1:]}
    (copying,) = [row for row in found if row["Status"] != "Completed"]
    assert (copying["SandboxName"], copying["CopyProgress"], copying["SandboxOrganization"]) == ("copying", 42, None)


def test_licences_and_refreshes_are_spread() -> None:
    org = seed.many(13, members=0, clock=at_noon)[0]
    info = {row["SandboxName"]: row["LicenseType"] for row in tooling(org, "SELECT SandboxName, LicenseType FROM SandboxInfo")}
    assert set(info.values()) == {"DEVELOPER", "DEVELOPER_PRO", "PARTIAL", "FULL"}
    assert "gone" not in info
    ended = [row["EndDate"] for row in tooling(org, "SELECT EndDate FROM SandboxProcess WHERE EndDate != null AND Status != 'D'")]
    weeks = {(NOW - datetime.fromisoformat(moment)).days // 7 for moment in ended}
    assert 0 in weeks
    assert len(weeks) > 5


def test_a_deleted_sandbox_keeps_its_process(orgs: list[Org]) -> None:
    assert [row["SandboxName"] for row in tooling(orgs[0], "SELECT SandboxName FROM SandboxProcess WHERE Status = 'D'")] == ["gone"]


def test_a_status_is_filtered_by_code(orgs: list[Org]) -> None:
    for soql in ("Status = 'Completed'", "Status IN ('C')", "Status LIKE 'Comp%'"):
        with pytest.raises(NotEmulated, match="D and E are known"):
            tooling(orgs[0], f"SELECT Id FROM SandboxProcess WHERE {soql}")
    assert tooling(orgs[0], "SELECT Id FROM SandboxProcess WHERE Status = null") == []


def test_a_refresh_is_one_more_process_of_the_same_sandbox(production: Org) -> None:
    info, first = seed.put_sandbox(production, "uat", ended=NOW - timedelta(days=30), organization="00D000000000001")
    again, second = seed.put_sandbox(production, "uat", ended=NOW - timedelta(days=1), organization="00D000000000002")
    assert info == again
    assert first != second
    latest = tooling(
        production, "SELECT SandboxOrganization FROM SandboxProcess WHERE SandboxName = 'uat' ORDER BY CreatedDate DESC LIMIT 1"
    )
    assert latest[0]["SandboxOrganization"] == "00D000000000002"


def test_a_sandbox_knows_no_sandboxes(orgs: list[Org]) -> None:
    with pytest.raises(ValueError, match="only production"):
        seed.put_sandbox(orgs[1], "uat")
    with pytest.raises(ApiError):
        tooling(orgs[1], "SELECT Id FROM SandboxInfo")


# --- scratch orgs ---


def test_a_dev_hub_knows_its_scratch_orgs(orgs: list[Org]) -> None:
    soql = "SELECT OrgName, ScratchOrg, Status FROM ScratchOrgInfo WHERE Status = 'Active' AND ExpirationDate >= TODAY"
    (active,) = asked(orgs[0], soql)
    assert active["OrgName"] == "Feature 1"
    assert len(active["ScratchOrg"]) == 15
    shouted = active["ScratchOrg"].upper()
    assert asked(orgs[0], f"SELECT Id FROM ScratchOrgInfo WHERE ScratchOrg = '{shouted}'")
    linked = asked(orgs[0], "SELECT ScratchOrgInfo.OrgName, ExpirationDate FROM ActiveScratchOrg ORDER BY ExpirationDate DESC")
    assert linked[0]["ScratchOrgInfo"]["OrgName"] == "Feature 1"
    with pytest.raises(ApiError):
        asked(orgs[0], "SELECT Id FROM ScratchOrgInfo WHERE Description LIKE '%x%'")


@pytest.mark.parametrize(("setting", "status", "active"), [("still_active", "Active", 1), ("deleted", "Deleted", 0)])
def test_an_expired_scratch_org_looks_as_the_switch_says(setting: str, status: str, active: int) -> None:
    org = seed.vonage(features=seed.DEFAULT_FEATURES | {"dev_hub"}, switches={"expired_scratch_org": setting}, clock=at_noon)
    seed.put_scratch_org(org, "Old", expires=NOW - timedelta(days=1))
    assert [row["Status"] for row in asked(org, "SELECT Status FROM ScratchOrgInfo")] == [status]
    assert org.query(admin(org), "SELECT COUNT() FROM ActiveScratchOrg", V)["totalSize"] == active


def test_scratch_orgs_want_a_dev_hub_and_the_right_to_read(orgs: list[Org]) -> None:
    with pytest.raises(ValueError, match="dev_hub"):
        seed.put_scratch_org(orgs[1], "Feature", expires=NOW)
    for org, user in ((orgs[1], admin(orgs[1])), (orgs[0], orgs[0].seed_info["user_ids"]["agent"])):
        with pytest.raises(ApiError) as caught:
            asked(org, "SELECT Id FROM ScratchOrgInfo", user)
        assert caught.value.code == "INVALID_TYPE"


def test_making_and_deleting_scratch_orgs_is_not_emulated(orgs: list[Org]) -> None:
    org = orgs[0]
    one = org.find("ActiveScratchOrg")[0]["Id"]
    for call in (
        lambda: org.create(admin(org), "ScratchOrgInfo", {"ConnectedAppConsumerKey": "x", "ConnectedAppCallbackUrl": "y"}),
        lambda: org.delete(admin(org), "ActiveScratchOrg", one),
    ):
        with pytest.raises(NotEmulated):
            call()


# --- served ---


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    builders = seed.many_builders(3, members=2)
    with Fleet([build() for build in builders.values()], rebuild=builders, shared_app=True) as running:
        yield running


def login(fleet: Fleet, name: str) -> requests.Response:
    """With what the environment says for all orgs, at the org's My Domain."""
    told, served = fleet.environment(), fleet[name]
    claims = {
        "iss": told["SALESFORCE_CLIENT_ID"],
        "sub": served.org.seed_info["admin_username"],
        "aud": served.my_domain,
        "exp": int(time.time()) + 120,
    }
    assertion = jwt.encode(claims, Path(told["SALESFORCE_PRIVATE_KEY_FILE"]).read_text(encoding="utf-8"), "RS256")
    return requests.post(
        f"{served.my_domain}/services/oauth2/token",
        data={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion},
        proxies={"https": told["SALESFORCE_PROXY"]},
        verify=told["SALESFORCE_CA_PATH"],
        timeout=10,
    )


def test_one_key_and_one_app_open_every_org(fleet: Fleet) -> None:
    for name in fleet.orgs:
        body = login(fleet, name).json()
        assert body["instance_url"] == fleet[name].my_domain
        assert fleet[name].org.id in body["id"]


def test_each_org_still_decides_who_may_use_the_shared_app(fleet: Fleet) -> None:
    fleet["acme-s02"].client.approved.clear()
    try:
        assert login(fleet, "acme-s02").json()["error"] == "invalid_app_access"
        assert login(fleet, "acme-s01").status_code == 200
    finally:
        fleet["acme-s02"].client.approve("automation@acme.example.s02")


def test_a_shared_key_names_no_org_at_a_common_host(fleet: Fleet) -> None:
    told = fleet.environment()
    answer = requests.get(
        f"https://test.salesforce.com/services/oauth2/authorize?response_type=code&client_id={told['SALESFORCE_CLIENT_ID']}",
        proxies={"https": told["SALESFORCE_PROXY"]},
        verify=told["SALESFORCE_CA_PATH"],
        timeout=10,
    )
    assert answer.status_code == 501


def test_orgs_without_a_shared_app_have_no_common_environment(build_org: Callable[..., Org]) -> None:
    with Fleet([build_org()]) as one, pytest.raises(ValueError, match="shared_app"):
        one.environment()


def test_the_inventory_can_lead_to_my_domain_hosts(fleet: Fleet) -> None:
    direct, proxied = (yaml.safe_load(fleet.inventory(proxied=through))["all"]["hosts"] for through in (False, True))
    assert direct["acme-s01"]["salesforce_login_url"].startswith("https://127.0.0.1:")
    assert "salesforce_proxy" not in direct["acme-s01"]
    assert proxied["acme-s01"]["salesforce_login_url"] == "https://acme--s01.sandbox.my.salesforce.com"
    assert proxied["acme-s01"]["salesforce_proxy"] == fleet.proxy().url


def reach(fleet: Fleet, name: str, *, proxied: bool) -> int:
    served = fleet[name]
    where, through = (served.my_domain, {"https": fleet.proxy().url}) if proxied else (served.home, {})
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{where}/services/data", verify=str(fleet.ca_path), proxies=through, timeout=10).status_code


def test_an_org_can_be_out_of_reach_and_come_back_as_it_was(fleet: Fleet) -> None:
    fleet["acme-s01"].org.seed_info["kept"] = True
    fleet.stop("acme-s01")
    fleet.stop("acme-s01")
    with pytest.raises(requests.exceptions.ConnectionError):
        reach(fleet, "acme-s01", proxied=False)
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        reach(fleet, "acme-s01", proxied=True)
    assert reach(fleet, "acme-s02", proxied=False) == 200
    fleet.start("acme-s01")
    fleet.start("acme-s01")
    assert [reach(fleet, "acme-s01", proxied=proxied) for proxied in (False, True)] == [200, 200]
    assert fleet["acme-s01"].org.seed_info["kept"]


def test_another_org_may_stand_in_the_place_of_one(fleet: Fleet) -> None:
    served = fleet["acme-s02"]
    before = served.org.id, served.my_domain
    served.become(partial(seed.vonage, "acme-s02", sandbox=True, my_domain="acme--s02", seed=2))
    assert served.my_domain == before[1]
    assert served.org.id != before[0]
    assert served.org.id in login(fleet, "acme-s02").json()["id"]


def test_the_proxy_does_not_keep_a_client_waiting(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request in two pieces, with Nagle's algorithm on, as urllib3 sends it to a proxy."""
    if not hasattr(socket, "TCP_QUICKACK"):
        pytest.skip("this system has no TCP_QUICKACK")
    asked_for: list[socket.socket] = []
    monkeypatch.setattr(proxy, "acknowledge", asked_for.append)
    assert reach(fleet, "acme-s02", proxied=True) == 200
    assert len(asked_for) >= 2


def test_a_hundred_orgs_are_quick() -> None:
    started = time.process_time()
    with Fleet(seed.many(100, members=20), shared_app=True) as running:
        assert len(running.orgs) == 100
        assert len({served.client.client_id for served in running.orgs.values()}) == 1
    assert time.process_time() - started < 20


# --- the program ---


@pytest.mark.parametrize(
    "wrong",
    [
        ["--fleet", "0"],
        ["--fleet", "2", "--vendor-syncs"],
        ["--fleet", "2", "--orgs", "production"],
        ["--fleet", "2", "--seed", "x.yml"],
        ["--write-env", "x"],
    ],
)
def test_a_fleet_does_not_go_with_everything(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="--fleet"):
        program.fleet_of(program.arguments(wrong))


def test_the_program_serves_a_fleet_and_says_how_to_reach_it(tmp_path: Path) -> None:
    inventory, env = tmp_path / "orgs.yml", tmp_path / "env"
    command = [sys.executable, "-m", "emulator", "--fleet", "12", "--proxy", "--write-inventory", str(inventory), "--write-env", str(env)]
    with subprocess.Popen(command, env={"PYTHONPATH": str(TESTS), "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = "".join(iter(process.stdout.readline, "For clients that insist on Salesforce's hosts:\n"))
        assert "... and 2 more" in printed
        assert env.stat().st_mode & 0o777 == 0o600
        names = [line.removeprefix("export ").partition("=")[0] for line in env.read_text(encoding="utf-8").splitlines()]
        assert names == ["SALESFORCE_CLIENT_ID", "SALESFORCE_PRIVATE_KEY_FILE", "SALESFORCE_CA_PATH", "SALESFORCE_PROXY"]
        hosts = yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["hosts"]
        assert len(hosts) == 12
        assert hosts["acme-s11"]["salesforce_login_url"] == "https://acme--s11.sandbox.my.salesforce.com"
        process.terminate()
        process.communicate(timeout=20)
    assert not inventory.exists()
    assert not env.exists()
