# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several orgs at once, each on a port of its own (two, with plain HTTP), with one CA and one key pair: what tests and `python -m emulator`
start. Through proxy() they answer to their Salesforce host names too, login.salesforce.com and test.salesforce.com included."""

from __future__ import annotations

import os
import secrets
import shutil
import ssl
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.errors import ApiError
from emulator.http_api import login_hosts
from emulator.http_api.listener import Acceptor
from emulator.http_api.proxy import Proxy
from emulator.http_api.served import COMMON_HOSTS, Served
from emulator.http_api.server import Server
from emulator.http_api.sessions import ConnectedApp
from emulator.rules.registry import Change, Grade, rule
from emulator.rules.users import DUPLICATE

if TYPE_CHECKING:
    from emulator.org import Org

HOSTS = ("127.0.0.1", "localhost", "*.my.salesforce.com", "*.sandbox.my.salesforce.com", "*.salesforce.com")
SECONDS_FOR_A_NEIGHBOUR = 0.2

rule(
    "username_unique_everywhere",
    says="a username that another org of the same kind (production, sandbox) has is refused with DUPLICATE_USERNAME; here: the orgs of a fleet",
    grade=Grade.DOCUMENTED,
    source="Salesforce Help 000385306 (production and sandboxes each for themselves), 000381924 (the words)",
)


class Fleet:
    """`with Fleet([org]) as fleet:` serves each org over HTTPS until the block ends.

    orgs: Served by org name. ca_path: the CA's PEM file; key_path: the client's RSA private key (PEM, 0600), both in a private temporary
    folder that close() removes. ports: one an org, or None for free ones. rebuild: how to make an org anew, by name, for reset.
    plain_http: each org answers over plain HTTP too, at a free port of its own (Served.plain_home). certified: the host names of the
    certificate, where it is to fit other hosts than these. shared_app: one consumer key and secret in all orgs, as one packaged app has; each org
    still decides who may use it. The key pair is the fleet's in any case.
    """

    def __init__(
        self,
        orgs: Sequence[Org],
        ports: Sequence[int] | None = None,
        rebuild: Mapping[str, Callable[[], Org]] | None = None,
        *,
        plain_http: bool = False,
        certified: Sequence[str] | None = None,
        shared_app: bool = False,
    ) -> None:
        if ports is not None and len(ports) != len(orgs):
            raise ValueError(f"{len(orgs)} orgs want {len(orgs)} ports, not {len(ports)}")
        self.folder = Path(tempfile.mkdtemp(prefix="emulator-"))
        self.ca_path = self.folder / "ca.pem"
        self.key_path = self.folder / "client-key.pem"
        self.orgs: dict[str, Served] = {}
        self._servers: dict[str, list[Server]] = {}
        self._stopped: dict[str, list[Server]] = {}
        self._acceptor = Acceptor()
        self._proxy: Proxy | None = None
        self._credentials = _new_credentials() if shared_app else None
        try:
            self._public_key = self._make_key()
            self._tls = self._make_certificates(HOSTS if certified is None else certified)
            for index, org in enumerate(orgs):
                self._serve(org, ports[index] if ports is not None else 0, (rebuild or {}).get(org.name), plain_http=plain_http)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __getitem__(self, name: str) -> Served:
        return self.orgs[name]

    def _make_key(self) -> str:
        """Write the private key; return the public one (PEM)."""
        private, public = _key_pair()
        with os.fdopen(os.open(self.key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
        return public

    def _make_certificates(self, hosts: Sequence[str]) -> ssl.SSLContext:
        ca = _certificate_authority()
        ca.cert_pem.write_to_path(str(self.ca_path))
        return _certified(tuple(hosts))

    def _serve(self, org: Org, port: int, rebuild: Callable[[], Org] | None, *, plain_http: bool) -> None:
        if org.name in self.orgs:
            raise ValueError(f"two orgs are called {org.name}")
        server = Server(port, self._tls)
        served = Served(org, server.home, self._app(org), rebuild=rebuild)
        served.add_hook(self._require_new_username)
        self._start(server, served)
        if plain_http:
            plain = Server(0, None)
            served.plain_home = plain.home
            self._start(plain, served)
        self.orgs[org.name] = served

    def _start(self, server: Server, served: Served) -> None:
        server.route = lambda _request: served
        self._acceptor.add(server)
        self._servers.setdefault(served.name, []).append(server)

    def stop(self, name: str) -> None:
        """That org cannot be reached any more: its ports are closed, the proxy answers 502 in its place. Its state stays. Twice is fine."""
        for server in self._servers.pop(name, []):
            self._acceptor.remove(server)
            self._stopped.setdefault(name, []).append(server)

    def start(self, name: str) -> None:
        """It is back, at the same ports. Of an org that was not stopped: nothing."""
        for stopped in self._stopped.pop(name, []):
            self._start(stopped.again(), self.orgs[name])

    def _require_new_username(self, org: Org, user: str, change: Change) -> None:
        """The hook for org.extra_before: no other org of the kind has that username."""
        username = change.after.get("Username")
        if change.sobject != "User" or not username or username == change.before.get("Username"):
            return
        here = next((served for served in self.orgs.values() if served.org is org), None)
        if here is None:
            return
        kind = here.is_sandbox
        if any(other is not here and _has_user(other, username, kind) for other in self.orgs.values()):
            raise ApiError(400, "DUPLICATE_USERNAME", DUPLICATE, ("Username",))

    def proxy(self) -> Proxy:
        """The CONNECT proxy at which every org answers to its My Domain host name, and the common login hosts to all; started when asked."""
        if self._proxy is None:
            door = Server(0, self._tls)
            door.route = lambda request: login_hosts.route(self.orgs.values(), request)
            self._acceptor.add(door)
            self._proxy = Proxy(lambda host: door.port if host in COMMON_HOSTS else self._port_of(host))
            self._acceptor.add(self._proxy)
        return self._proxy

    def _port_of(self, host: str) -> int | None:
        """Names may change while the fleet runs, so they are looked at each time."""
        for served in self.orgs.values():
            if host.partition(".")[0] == served.label and served.my_domain == f"https://{host}":
                return int(served.home.rpartition(":")[2])
        return None

    def _app(self, org: Org) -> ConnectedApp:
        """A connected app that the seed's administrator and limited user may log in through; client credentials run as the former."""
        names = [str(org.seed_info[key]) for key in ("admin_username", "limited_username") if org.seed_info.get(key)]
        client_id, client_secret = self._credentials or _new_credentials()
        app = ConnectedApp(
            client_id=client_id,
            client_secret=client_secret,
            public_key=self._public_key,
            run_as=names[0] if names else None,
        )
        for name in names:
            app.approve(name)
        return app

    def connection(self, name: str, username: str | None = None, *, proxied: bool = False) -> dict[str, str]:
        """The host variables that connect to that org (as the seed's administrator unless told otherwise); proxied: at its My Domain host, through
        proxy()."""
        served = self.orgs[name]
        where = {"salesforce_login_url": served.my_domain, "salesforce_proxy": self.proxy().url} if proxied else {}
        return {
            "salesforce_login_url": served.url,
            "salesforce_client_id": served.client.client_id,
            "salesforce_username": username or str(served.org.seed_info["admin_username"]),
            "salesforce_private_key_file": str(self.key_path),
            "salesforce_ca_path": str(self.ca_path),
            "salesforce_expected_org_id": served.org.id,
            **where,
        }

    def environment(self) -> dict[str, str]:
        """The environment variables that every org of the fleet has in common: with them a host needs its My Domain URL and a username only.
        Raises ValueError where each org has an app of its own."""
        if self._credentials is None:
            raise ValueError("each org has an app of its own: shared_app=True gives them one")
        return {
            "SALESFORCE_CLIENT_ID": self._credentials[0],
            "SALESFORCE_PRIVATE_KEY_FILE": str(self.key_path),
            "SALESFORCE_CA_PATH": str(self.ca_path),
            "SALESFORCE_PROXY": self.proxy().url,
        }

    def inventory(self, *, proxied: bool = False) -> str:
        """A YAML inventory: a host an org. Every value is a plain double-quoted text."""
        lines = ["---", "all:", "  hosts:"]
        for name in self.orgs:
            lines.append(f"    {name}:")
            lines += [f'      {key}: "{_quoted(value)}"' for key, value in self.connection(name, proxied=proxied).items()]
        return "\n".join(lines) + "\n"

    def close(self) -> None:
        """Stop serving, close kept-alive connections, remove the folder. Twice is fine."""
        self._acceptor.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@lru_cache(maxsize=1)
def _key_pair() -> tuple[bytes, str]:
    """The client's private and public key (PEM). One a process: making it costs more than all the rest of a fleet."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public.decode()


@lru_cache(maxsize=1)
def _certificate_authority() -> trustme.CA:
    """The CA of every fleet of this process."""
    return trustme.CA()


@lru_cache(maxsize=8)
def _certified(hosts: tuple[str, ...]) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for these hosts."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _certificate_authority().issue_cert(*hosts).configure_cert(tls)
    return tls


def _new_credentials() -> tuple[str, str]:
    """A consumer key and its secret."""
    return f"3MVG9{secrets.token_hex(20)}", secrets.token_hex(32).upper()


def _has_user(served: Served, username: str, is_sandbox: bool) -> bool:
    """Whether that org is of that kind and has the username. One that is busy for long is not waited for: two could wait for each other for
    ever."""
    lock = served.org.store.lock
    if not lock.acquire(timeout=SECONDS_FOR_A_NEIGHBOUR):
        return False
    try:
        return served.is_sandbox == is_sandbox and bool(served.org.find("User", Username=username))
    finally:
        lock.release()


def _quoted(value: Any) -> str:
    return str(value).replace("\\", "\\\\").replace('"', '\\"')
