# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports on loopback: one thread waits at all of them, each connection gets a thread of its own."""

from __future__ import annotations

import selectors
import socket
import sys
import threading
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any


class Listener(ThreadingTCPServer):
    """One port. Knows its open connections, so that they can be ended."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True
    timeout = 0  # handle_request() takes what waits and returns

    def __init__(self, port: int, handler: type[BaseRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, Any]:
        plain, address = super().get_request()
        connection = self.wrapped(plain)
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def wrapped(self, plain: socket.socket) -> socket.socket:
        """The connection as the handler gets it."""
        return plain

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


class Acceptor:
    """The thread that waits at the ports: hundreds of orgs need no more than one."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._listeners: list[Listener] = []
        self._leaving: list[tuple[Listener, threading.Event]] = []
        self._lock = threading.Lock()
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="acceptor", daemon=True)
        self._thread.start()

    def add(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.append(listener)
            self._selector.register(listener, selectors.EVENT_READ, listener)
        self._wake.send(b"+")

    def remove(self, listener: Listener) -> None:
        """Close that port and the connections that came in by it; back when it is done."""
        done = threading.Event()
        with self._lock:
            self._leaving.append((listener, done))
        self._wake.send(b"-")
        done.wait(timeout=5)

    def _run(self) -> None:
        while True:
            for key, _unused in self._selector.select():
                if key.data is None and self._woken.recv(64).endswith(b"x"):
                    return
                if key.data is not None and key.data in self._listeners:
                    key.data.handle_request()
            self._let_go()

    def _let_go(self) -> None:
        """In the thread that waits, so that nothing is taken from a port that is closed."""
        with self._lock:
            leaving, self._leaving = self._leaving, []
            for listener, _unused in leaving:
                self._listeners.remove(listener)
                self._selector.unregister(listener)
        for listener, done in leaving:
            listener.close_connections()
            listener.server_close()
            done.set()

    def close(self) -> None:
        """Stop waiting, close the ports and every connection that came in by them. Twice is fine."""
        if not self._thread.is_alive():
            return
        self._wake.send(b"x")
        self._thread.join(timeout=5)
        for listener in self._listeners:
            self._selector.unregister(listener)
            listener.close_connections()
            listener.server_close()
        self._selector.unregister(self._woken)
        self._selector.close()
        self._wake.close()
        self._woken.close()
