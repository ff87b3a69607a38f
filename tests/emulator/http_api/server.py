# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP and HTTPS on loopback with the standard library, tuned: keep-alive, one packet an answer, no delayed acknowledgements."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from emulator.http_api.dispatch import respond
from emulator.http_api.listener import Listener
from emulator.http_api.messages import Answer, Delivery, Request

if TYPE_CHECKING:
    from emulator.http_api.served import Served

MAX_BODY = 50 * 1024 * 1024
HANDSHAKE_SECONDS = 10.0

Route = Callable[[Request], "Served | Answer"]
"""Which org a request is for, or what is answered instead."""


class Server(Listener):
    """One port; route is set right after it is known. tls None: plain HTTP."""

    route: Route

    def __init__(self, port: int, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        super().__init__(port, Handler)

    @property
    def scheme(self) -> str:
        return "http" if self._tls is None else "https"

    @property
    def home(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def again(self) -> Server:
        """The same port, opened anew."""
        return Server(self.port, self._tls)

    def wrapped(self, plain: socket.socket) -> socket.socket:
        """The TLS handshake is left to the worker, so that a slow client does not hold up the others."""
        if self._tls is None:
            return plain
        try:
            return self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        except OSError:
            plain.close()
            raise


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.settimeout(HANDSHAKE_SECONDS)
            self.request.do_handshake()
            self.request.settimeout(None)
        super().setup()

    org_clock: Callable[[], datetime] | None = None
    """The clock of the org that answers: what its Date header says."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        moment = self.org_clock().timestamp() if timestamp is None and self.org_clock is not None else timestamp
        return super().date_time_string(moment)

    def version_string(self) -> str:
        return "Emulator"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the journal knows."""

    def serve(self) -> None:
        body = self._body()
        if body is None:
            self._send(Answer(400, [{"message": "the request body could not be read", "errorCode": "JSON_PARSER_ERROR"}]))
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        base = f"{self.server.scheme}://{headers.get('host', '').lower()}"
        request = Request(self.command, self.path, headers, body, base, str(self.client_address[0]))
        where = self.server.route(request)
        self.org_clock = None if isinstance(where, Answer) else where.now
        answer = where if isinstance(where, Answer) else respond(where, request)
        if answer is None:
            self._drop()
            return
        self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def _body(self) -> bytes | None:
        """The request body, chunked or counted; None where it cannot be read."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._chunked()
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _chunked(self) -> bytes | None:
        chunks: list[bytes] = []
        total = 0
        while True:
            line = self.rfile.readline(1024).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                return None
            total += size
            if size < 0 or total > MAX_BODY:
                return None
            if size == 0:
                break
            chunks.append(self.rfile.read(size))
            self.rfile.readline(8)
        while self.rfile.readline(65537).strip():  # trailers
            pass
        return b"".join(chunks)

    def _send(self, answer: Answer) -> None:
        payload = answer.payload()
        self.send_response(answer.status)
        if payload:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        sent = payload[: int(len(payload) * answer.delivery.keep)]
        if answer.status != 204:
            self.send_header("Content-Length", str(len(sent if answer.delivery.honest else payload)))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(sent, answer.delivery)
        self.wfile.flush()
        if len(sent) < len(payload) and not answer.delivery.honest:
            self._drop()

    def _send_body(self, sent: bytes, delivery: Delivery) -> None:
        """In one go, or in pieces with waits between them."""
        if not delivery.seconds:
            self.wfile.write(sent)
            return
        size = max(1, -(-len(sent) // delivery.pieces))
        for start in range(0, len(sent), size):
            self.wfile.write(sent[start : start + size])
            self.wfile.flush()
            time.sleep(delivery.seconds / delivery.pieces)

    def _drop(self) -> None:
        """Close without an answer, as a broken line or a gateway does."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
