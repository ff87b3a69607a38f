# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the HTTP side share: a small org, served, and a client that is logged in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.org import Org
from emulator.schema import load_schema
from emulator.tooling import with_tooling

ADMIN = "admin@acme.example"
LIMITED = "limited@acme.example"
WITHOUT_API = "no-api@acme.example"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def small_org(name: str = "acme-test", *, sandbox: bool = False, **options: Any) -> Org:
    """An org with an administrator who may do everything, a user who may only call the API, and one who may not even do that."""
    org = Org(load_schema(), name=name, **options)
    profile = org.schema.sobject("Profile")
    assert profile is not None
    everything = {field: True for field in profile.fields if field.startswith("Permissions")}
    licence = org.put("UserLicense", Name="Salesforce", LicenseDefinitionKey="SFDC", TotalLicenses=100)
    everyone = {
        ADMIN: org.put("Profile", Name="System Administrator", UserLicenseId=licence, **everything),
        LIMITED: org.put("Profile", Name="Standard User", UserLicenseId=licence, PermissionsApiEnabled=True),
        WITHOUT_API: org.put("Profile", Name="Minimum Access", UserLicenseId=licence),
    }
    for username, profile_id in everyone.items():
        last_name = username.split("@", maxsplit=1)[0].title()
        org.put("User", Username=username, Email=username, LastName=last_name, ProfileId=profile_id, IsActive=True, UserType="Standard")
    org.put("Organization", Id=org.id, Name=name, IsSandbox=sandbox)
    org.seed_info.update(admin_username=ADMIN, limited_username=LIMITED)
    return org


def tooling_org(*, production: bool = True, **options: Any) -> Org:
    """A small org that has the Tooling API, too."""
    org = small_org(**options)
    org.evolve(with_tooling(org.schema, production=production))
    return org


class Client:
    """A requests session that trusts the fleet's CA and knows the org's URL."""

    def __init__(self, served: Served, ca_path: Path, key_path: Path) -> None:
        self.served = served
        self.key = key_path.read_text(encoding="utf-8")
        self.base = f"{served.url}/services/data/v67.0"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(ca_path)

    def assertion(self, **claims: Any) -> str:
        """A good JWT for the administrator, with these claims changed; None leaves a claim out."""
        good = {"iss": self.served.client.client_id, "sub": ADMIN, "aud": self.served.url, "exp": int(time.time()) + 180}
        return jwt.encode({name: value for name, value in {**good, **claims}.items() if value is not None}, self.key, "RS256")

    def token_request(self, **fields: str) -> requests.Response:
        return self.session.post(f"{self.served.url}/services/oauth2/token", data=fields, timeout=10)

    def login(self, **claims: Any) -> requests.Response:
        return self.token_request(grant_type=JWT_BEARER, assertion=self.assertion(**claims))

    def use(self, username: str) -> Client:
        """Go on as that user, with a ready token."""
        self.session.headers["Authorization"] = f"Bearer {self.served.token(username)}"
        return self

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request below /services/data/v67.0, or at an absolute path of the server."""
        url = f"{self.served.url}{path}" if path.startswith(("/services", "/emulator", "/id")) else f"{self.base}{path}"
        return self.session.request(method, url, timeout=10, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.call("POST", path, json=body, **options)

    def account(self, **values: Any) -> str:
        """The Id of a new account."""
        made = self.post("/sobjects/Account", {"Name": "Acme", **values})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


@pytest.fixture
def build_org() -> Callable[..., Org]:
    """How to have more of the small orgs."""
    return small_org


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet([small_org()], rebuild={"acme-test": small_org}) as running:
        yield running


@pytest.fixture
def served(fleet: Fleet) -> Served:
    return fleet["acme-test"]


@pytest.fixture
def client(fleet: Fleet, served: Served) -> Iterator[Client]:
    """As the administrator."""
    made = Client(served, fleet.ca_path, fleet.key_path).use(ADMIN)
    yield made
    made.session.close()


@pytest.fixture
def client_for(fleet: Fleet) -> Iterator[Callable[[str], Client]]:
    """A further client, as that user; an empty name means nobody."""
    made: list[Client] = []

    def build(username: str) -> Client:
        fresh = Client(fleet["acme-test"], fleet.ca_path, fleet.key_path)
        made.append(fresh.use(username) if username else fresh)
        return fresh

    yield build
    for one in made:
        one.session.close()
