# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTPS on loopback with the standard library, tuned: keep-alive, one packet an answer, no delayed acknowledgements."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from emulator.http_api.dispatch import respond
from emulator.http_api.messages import Answer, Request

if TYPE_CHECKING:
    from emulator.http_api.served import Served

MAX_BODY = 50 * 1024 * 1024
HANDSHAKE_SECONDS = 10.0


class Server(ThreadingHTTPServer):
    """One port, one org. `served` is set right after the port is known."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True
    served: Served

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; the TLS handshake is left to the worker, so that a slow client does not hold up the others."""
        plain, address = super().get_request()
        try:
            secured = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        except OSError:
            plain.close()
            raise
        with self._open_lock:
            self._open.add(secured)
        return secured, address

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Close what clients keep alive: their workers end."""
        with self._open_lock:
            left = list(self._open)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed meanwhile

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet about clients that leave or do not trust the certificate; a mistake of the emulator is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        self.request.settimeout(HANDSHAKE_SECONDS)
        self.request.do_handshake()
        self.request.settimeout(None)
        super().setup()

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
        answer = respond(self.server.served, Request(self.command, self.path, headers, body))
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
        if answer.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def _drop(self) -> None:
        """Close without an answer, as a broken line or a gateway does."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
