# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several orgs at once, each on a port of its own, with one CA and one key pair: what tests and `python -m emulator` start."""

from __future__ import annotations

import os
import secrets
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.http_api.served import Served
from emulator.http_api.server import Server
from emulator.http_api.sessions import ConnectedApp

if TYPE_CHECKING:
    from emulator.org import Org

HOSTS = ("127.0.0.1", "localhost", "*.my.salesforce.com", "*.sandbox.my.salesforce.com", "*.salesforce.com")


class Fleet:
    """`with Fleet([org]) as fleet:` serves each org over HTTPS until the block ends.

    orgs: Served by org name. ca_path: the CA's PEM file; key_path: the client's RSA private key (PEM, 0600), both in a private temporary
    folder that close() removes. ports: one a org, or None for free ones. rebuild: how to make an org anew, by name, for reset.
    """

    def __init__(
        self,
        orgs: Sequence[Org],
        ports: Sequence[int] | None = None,
        rebuild: Mapping[str, Callable[[], Org]] | None = None,
    ) -> None:
        if ports is not None and len(ports) != len(orgs):
            raise ValueError(f"{len(orgs)} orgs want {len(orgs)} ports, not {len(ports)}")
        self.folder = Path(tempfile.mkdtemp(prefix="emulator-"))
        self.ca_path = self.folder / "ca.pem"
        self.key_path = self.folder / "client-key.pem"
        self.orgs: dict[str, Served] = {}
        self._servers: list[tuple[Server, threading.Thread]] = []
        try:
            self._public_key = self._make_key()
            tls = self._make_certificates()
            for index, org in enumerate(orgs):
                self._serve(org, ports[index] if ports is not None else 0, tls, (rebuild or {}).get(org.name))
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
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with os.fdopen(os.open(self.key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return public.decode()

    def _make_certificates(self) -> ssl.SSLContext:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(self.ca_path))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(*HOSTS).configure_cert(tls)
        return tls

    def _serve(self, org: Org, port: int, tls: ssl.SSLContext, rebuild: Callable[[], Org] | None) -> None:
        if org.name in self.orgs:
            raise ValueError(f"two orgs are called {org.name}")
        server = Server(port, tls)
        served = Served(org, f"https://127.0.0.1:{server.port}", self._app(org), rebuild=rebuild)
        server.served = served
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"org {org.name}", daemon=True)
        thread.start()
        self._servers.append((server, thread))
        self.orgs[org.name] = served

    def _app(self, org: Org) -> ConnectedApp:
        """A connected app that the seed's administrator and limited user may log in through; client credentials run as the former."""
        names = [str(org.seed_info[key]) for key in ("admin_username", "limited_username") if org.seed_info.get(key)]
        app = ConnectedApp(
            client_id=f"3MVG9{secrets.token_hex(20)}",
            client_secret=secrets.token_hex(32).upper(),
            public_key=self._public_key,
            run_as=names[0] if names else None,
        )
        for name in names:
            app.approve(name)
        return app

    def connection(self, name: str, username: str | None = None) -> dict[str, str]:
        """The host variables that connect to that org (as the seed's administrator unless told otherwise)."""
        served = self.orgs[name]
        return {
            "salesforce_login_url": served.url,
            "salesforce_client_id": served.client.client_id,
            "salesforce_username": username or str(served.org.seed_info["admin_username"]),
            "salesforce_private_key_file": str(self.key_path),
            "salesforce_ca_path": str(self.ca_path),
            "salesforce_expected_org_id": served.org.id,
        }

    def inventory(self) -> str:
        """A YAML inventory: a host an org. Every value is a plain double-quoted text."""
        lines = ["---", "all:", "  hosts:"]
        for name in self.orgs:
            lines.append(f"    {name}:")
            lines += [f'      {key}: "{_quoted(value)}"' for key, value in self.connection(name).items()]
        return "\n".join(lines) + "\n"

    def close(self) -> None:
        """Stop serving, close kept-alive connections, remove the folder. Twice is fine."""
        servers, self._servers = self._servers, []
        for server, thread in servers:
            server.shutdown()
            server.close_connections()
            server.server_close()
            thread.join(timeout=5)
        shutil.rmtree(self.folder, ignore_errors=True)


def _quoted(value: Any) -> str:
    return str(value).replace("\\", "\\\\").replace('"', '\\"')
