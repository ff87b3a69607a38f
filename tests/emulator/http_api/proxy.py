# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP proxy that knows one verb, CONNECT, and one neighbourhood: for clients that insist on *.salesforce.com.

HTTPS_PROXY at this port and the fleet's CA in REQUESTS_CA_BUNDLE, and such a client logs in at login.salesforce.com without a change. Nothing
leaves the machine: a host that no org has is refused.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from socketserver import StreamRequestHandler
from typing import cast

from emulator.http_api.listener import Listener

DOMAINS = (".salesforce.com", ".force.com")
TLS_PORT = 443
HEAD_LIMIT = 16_384
CHUNK = 65_536

Route = Callable[[str], int | None]
"""(host name) -> port on loopback, or None where nobody answers to that name."""


class Proxy(Listener):
    def __init__(self, route: Route, port: int = 0) -> None:
        self.route = route
        super().__init__(port, Tunnel)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Tunnel(StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        proxy = cast("Proxy", self.server)
        request = self._head()
        if request is None:
            return
        refused = refusal(request)
        if refused is not None:
            self._answer(refused)
            return
        port = proxy.route(request.split(" ")[1].rpartition(":")[0].lower())
        if port is None:
            self._answer("502 No emulated org has that host name")
            return
        try:
            org = socket.create_connection(("127.0.0.1", port), timeout=10)
        except OSError:
            self._answer("502 The org does not answer")
            return
        with org:
            org.settimeout(None)
            org.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)  # what comes in small pieces goes on at once
            self._answer("200 Connection established")
            pipe(self.connection, org)

    def _head(self) -> str | None:
        """The request line, with the header lines read past; None from a client that sends nothing whole."""
        first = self.rfile.readline(HEAD_LIMIT).decode("latin-1").strip()
        for _unused in range(200):
            line = self.rfile.readline(HEAD_LIMIT)
            if not line:
                return None
            if not line.strip():
                return first
        return None

    def _answer(self, status: str) -> None:
        rest = "" if status.startswith("200") else "Content-Length: 0\r\nConnection: close\r\n"
        self.wfile.write(f"HTTP/1.1 {status}\r\n{rest}\r\n".encode())
        self.wfile.flush()


def refusal(request_line: str) -> str | None:
    """The status that a request is refused with, or None for a good CONNECT."""
    words = request_line.split(" ")
    if len(words) != 3:
        return "400 Bad Request"
    method, target, _version = words
    if method != "CONNECT":
        return "405 This proxy knows CONNECT only"
    host, _unused, port = target.rpartition(":")
    if port != str(TLS_PORT) or not host.lower().endswith(DOMAINS):
        return "403 This proxy leads to *.salesforce.com:443 and *.force.com:443 only"
    return None


def pipe(one: socket.socket, other: socket.socket) -> None:
    """Hand bytes on in both directions until either side ends."""
    partner = {one: other, other: one}
    with selectors.DefaultSelector() as selector:
        for side in partner:
            selector.register(side, selectors.EVENT_READ)
        while True:
            for key, _unused in selector.select():
                side = cast("socket.socket", key.fileobj)
                received = side.recv(CHUNK)
                if not received:
                    return
                acknowledge(side)
                partner[side].sendall(received)


def acknowledge(side: socket.socket) -> None:
    """Acknowledge at once, where the system can. Clients keep Nagle's algorithm on towards a proxy (urllib3 does): a request that they send in two
    pieces would wait 40 ms for each delayed acknowledgement."""
    if hasattr(socket, "TCP_QUICKACK"):
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, True)
