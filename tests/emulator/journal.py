# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one served org was asked, request by request, priced in API calls: tests assert on it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["login", "read", "write", "control"]

SECRET_KEYS = frozenset({"access_token", "assertion", "client_assertion", "client_secret", "password", "refresh_token", "token"})


@dataclass(frozen=True)
class Sub:
    """One subrequest of a composite or a batch, as sent (references not yet resolved)."""

    method: str
    url: str
    status: int
    reference_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """One request. status is 0 when the connection was closed without an answer; calls is the price in API calls (a login says 1,
    yet logins are no part of the org's API usage); user is the running user's Id; body never holds a secret."""

    seq: int
    at: datetime
    kind: Kind
    method: str
    path: str
    status: int
    calls: int
    user: str | None
    body: Any
    subrequests: tuple[Sub, ...] = ()
    duration_ms: float = 0.0
    answered: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "calls": self.calls,
            "user": self.user,
            "body": self.body,
            "subrequests": [
                {"method": sub.method, "url": sub.url, "status": sub.status, "referenceId": sub.reference_id} for sub in self.subrequests
            ],
            "duration_ms": round(self.duration_ms, 3),
            "answered": self.answered,
        }


def without_secrets(body: Any) -> Any:
    """The same body with the values of secret keys left out, at any depth."""
    if isinstance(body, Mapping):
        return {key: "***" if str(key).lower() in SECRET_KEYS else without_secrets(value) for key, value in body.items()}
    if isinstance(body, list):
        return [without_secrets(item) for item in body]
    return body


@dataclass
class Journal:
    """Thread-safe list of entries. `usage` is what Sforce-Limit-Info reports and survives clear(): an org does not forget its calls
    because a test forgets its journal."""

    usage: int = 0
    logins: int = 0
    """Token requests and SOAP logins that the org answered: no part of usage, and as lasting."""
    _entries: list[Entry] = field(default_factory=list)
    _seq: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries)

    @property
    def last_seq(self) -> int:
        """The number of the newest entry, 0 before the first: remember it, act, then ask since()."""
        with self._lock:
            return self._seq

    def charge(self, calls: int) -> int:
        """Add to the org's API usage; the usage so far."""
        with self._lock:
            self.usage += calls
            return self.usage

    def record(
        self,
        *,
        at: datetime,
        kind: Kind,
        method: str,
        path: str,
        status: int,
        calls: int,
        user: str | None,
        body: Any,
        subrequests: tuple[Sub, ...],
        duration_ms: float,
        answered: bool,
    ) -> Entry:
        with self._lock:
            self._seq += 1
            entry = Entry(self._seq, at, kind, method, path, status, calls, user, without_secrets(body), subrequests, duration_ms, answered)
            self._entries.append(entry)
            if kind == "login":
                self.logins += calls
            return entry

    def since(self, seq: int) -> tuple[Entry, ...]:
        """Entries after that number."""
        return tuple(entry for entry in self.entries if entry.seq > seq)

    def calls(self, *, since: int = 0, logins: bool = True) -> int:
        """API calls of the entries after `since`; a login counts as one call unless logins is false."""
        return sum(entry.calls for entry in self.since(since) if logins or entry.kind != "login")

    def writes(self, *, since: int = 0) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.since(since) if entry.kind == "write")

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
