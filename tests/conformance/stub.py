# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first control: a server that answers everything with an empty success. What it passes proves nothing of the org behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ID = "001000000000001AAA"
LOGIN = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><loginResponse><result>'
    "<serverUrl>{base}/services/Soap/u/42.0/00D000000000001</serverUrl><sessionId>stub</sessionId><userId>005000000000001AAA</userId>"
    "<userInfo><organizationId>00D000000000001EAA</organizationId></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"
)
ANSWER = f'{{"id": "{ID}", "Id": "{ID}", "success": true, "errors": [], "totalSize": 0, "done": true, "records": []}}'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        soap = self.path.startswith("/services/Soap/")
        text = LOGIN.format(base=f"http://{self.headers['Host']}") if soap else ANSWER
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8" if soap else "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to say."""


@contextmanager
def stub() -> Iterator[str]:
    """The URL of a running stub."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
