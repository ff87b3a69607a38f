# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One org as it is served: its app, sessions, journal and faults beside the state it answers from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from emulator.faults import Faults
from emulator.http_api.sessions import ConnectedApp, Sessions
from emulator.journal import Journal

if TYPE_CHECKING:
    from emulator.org import Org


@dataclass
class Served:
    """org answers at url; client is its connected app. The lock makes a request one transaction against the others: an org answers
    requests one after the other, waiting (latency, delays) happens outside."""

    org: Org
    url: str
    client: ConnectedApp
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    latency_ms: float = 0.0
    rebuild: Callable[[], Org] | None = None
    """Makes the org anew, as seeded; what reset needs."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.org.id, self.now)
        self.org.extra_before.append(self.faults.before_write)

    def now(self) -> datetime:
        """The org's clock, whichever org is served now."""
        return self.org.clock()

    @property
    def name(self) -> str:
        return self.org.name

    @property
    def is_sandbox(self) -> bool:
        return any(bool(row.get("IsSandbox")) for row in self.org.find("Organization"))

    @property
    def my_domain(self) -> str:
        """The org's My Domain URL: not reachable, yet a valid JWT audience."""
        return f"https://{self.org.name}.sandbox.my.salesforce.com" if self.is_sandbox else f"https://{self.org.name}.my.salesforce.com"

    @property
    def own_urls(self) -> tuple[str, ...]:
        return (self.url, self.url.replace("127.0.0.1", "localhost"))

    def token(self, username: str) -> str:
        """A ready access token for that user, without a login."""
        found = self.org.find("User", Username=username)
        if not found:
            raise KeyError(username)
        return self.sessions.issue(str(found[0]["Id"]))

    def reset(self) -> None:
        """The org as seeded, nobody logged in, no faults, an empty journal, no API usage."""
        if self.rebuild is None:
            raise LookupError("this org was handed in ready made: there is nothing to rebuild it from")
        with self.lock:
            self.org = self.rebuild()
            self.org.extra_before.append(self.faults.before_write)
            self.faults.clear()
            self.sessions.expire_all()
            self.journal.clear()
            self.journal.usage = 0
            self.latency_ms = 0.0
