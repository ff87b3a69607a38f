# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Salesforce's own host names, through the CONNECT proxy: clients that insist on them run as they are."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from emulator import seed
from emulator.fleet import Fleet
from emulator.http_api import passwords
from emulator.http_api.proxy import Proxy, refusal
from emulator.http_api.served import Served

LOGIN = "https://login.salesforce.com"


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """A production org and two sandboxes."""
    with Fleet(seed.fleet()) as running:
        yield running


@pytest.fixture
def proxied(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Proxy:
    """The environment of a client that only knows Salesforce's hosts."""
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", fleet.proxy().url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fleet.ca_path))
    return fleet.proxy()


def jwt_login(fleet: Fleet, served: Served, **options: Any) -> Salesforce:
    return Salesforce(
        username=served.org.seed_info["admin_username"],
        consumer_key=served.client.client_id,
        privatekey_file=str(fleet.key_path),
        **options,
    )


def names(served: Served, salesforce: Salesforce) -> str:
    """The name of the org that answers, after a write and a read."""
    made = salesforce.Account.create({"Name": f"Proxied {served.name}"})
    assert served.org.get("Account", made["id"])
    return str(salesforce.query("SELECT Id FROM Organization")["records"][0]["Id"])


@pytest.mark.parametrize(("name", "domain"), [("acme-production", "login"), ("acme-uat", "test"), ("acme-dev", "test")])
def test_simple_salesforce_logs_in_by_jwt_unmodified(fleet: Fleet, proxied: Proxy, name: str, domain: str) -> None:
    served = fleet[name]
    salesforce = jwt_login(fleet, served, domain=domain)
    assert salesforce.sf_instance == served.my_domain.removeprefix("https://")
    assert names(served, salesforce) == served.org.id
    assert [entry.kind for entry in served.journal.entries] == ["login", "write", "read"]
    assert all(not other.journal.entries for other in fleet.orgs.values() if other is not served)


def test_simple_salesforce_logs_in_by_password_unmodified(fleet: Fleet, proxied: Proxy) -> None:
    served = fleet["acme-production"]
    admin = served.org.seed_info["admin_username"]
    passwords.set_password(served.org, admin, "secret & word", "TOKEN")
    salesforce = Salesforce(username=admin, password="secret & word", security_token="TOKEN", version="59.0")
    assert salesforce.sf_instance == served.my_domain.removeprefix("https://")
    assert names(served, salesforce) == served.org.id
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        Salesforce(username=admin, password="secret & word", security_token="", version="59.0")
    assert caught.value.code == "LOGIN_MUST_USE_SECURITY_TOKEN"


def test_a_sandbox_user_is_unknown_to_the_production_login(fleet: Fleet, proxied: Proxy) -> None:
    with pytest.raises(SalesforceAuthenticationFailed):
        jwt_login(fleet, fleet["acme-uat"])
    assert fleet["acme-uat"].journal.entries == ()


def test_client_credentials_want_the_my_domain_host(fleet: Fleet, proxied: Proxy) -> None:
    served = fleet["acme-uat"]
    fields = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
    at_common = requests.post("https://test.salesforce.com/services/oauth2/token", data=fields, timeout=10)
    assert at_common.json() == {"error": "invalid_grant", "error_description": "request not supported on this domain"}
    at_home = requests.post(f"{served.my_domain}/services/oauth2/token", data=fields, timeout=10).json()
    assert at_home["instance_url"] == served.my_domain


def test_an_identity_url_answers_at_the_common_host(fleet: Fleet, proxied: Proxy) -> None:
    for name in ("acme-uat", "acme-dev"):
        served = fleet[name]
        token = served.token(served.org.seed_info["admin_username"])
        headers = {"Authorization": f"Bearer {token}"}
        whoami = requests.get("https://test.salesforce.com/services/oauth2/userinfo", headers=headers, timeout=10).json()
        assert whoami["organization_id"] == served.org.id
        assert requests.get(whoami["sub"], headers=headers, timeout=10).json()["username"] == served.org.seed_info["admin_username"]
        requests.post("https://test.salesforce.com/services/oauth2/revoke", data={"token": token}, timeout=10)
        assert served.sessions.user_of(token) is None


def test_the_common_host_is_for_logins_only(fleet: Fleet, proxied: Proxy) -> None:
    assert requests.get(f"{LOGIN}/services/data", timeout=10).status_code == 501
    with Fleet([seed.vonage()]) as lonely:
        answer = requests.post(
            "https://test.salesforce.com/services/oauth2/token",
            data={"grant_type": "x"},
            timeout=10,
            proxies={"https": lonely.proxy().url},
            verify=str(lonely.ca_path),
        )
    assert answer.status_code == 501


def test_my_domain_may_have_a_name_of_its_own(fleet: Fleet, proxied: Proxy) -> None:
    fleet["acme-uat"].org.seed_info["my_domain"] = "acme--uat"
    assert requests.get("https://acme--uat.sandbox.my.salesforce.com/services/data", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("CONNECT login.salesforce.com:443 HTTP/1.1", None),
        ("CONNECT acme.lightning.force.com:443 HTTP/1.1", None),
        ("CONNECT login.salesforce.com:80 HTTP/1.1", "403"),
        ("CONNECT example.com:443 HTTP/1.1", "403"),
        ("CONNECT evilsalesforce.com:443 HTTP/1.1", "403"),
        ("CONNECT 127.0.0.1:443 HTTP/1.1", "403"),
        ("GET http://login.salesforce.com/ HTTP/1.1", "405"),
        ("nonsense", "400"),
    ],
)
def test_the_proxy_leads_nowhere_else(line: str, status: str | None) -> None:
    refused = refusal(line)
    assert refused is None if status is None else refused is not None and refused.startswith(status)


@pytest.mark.parametrize(("target", "status"), [("nobody.my.salesforce.com:443", "502"), ("example.com:443", "403")])
def test_an_unknown_host_is_refused_on_the_wire(fleet: Fleet, target: str, status: str) -> None:
    with socket.create_connection(("127.0.0.1", fleet.proxy().port), timeout=5) as line:
        line.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert line.recv(1000).decode().split(" ")[1] == status


def test_closing_the_fleet_ends_tunnels(fleet: Fleet, proxied: Proxy) -> None:
    with requests.Session() as session:
        assert session.get(f"{fleet['acme-production'].my_domain}/services/data", timeout=10).status_code == 200
        fleet.close()
        with pytest.raises(requests.exceptions.ConnectionError):
            session.get(f"{fleet['acme-production'].my_domain}/services/data", timeout=3, verify=False)
