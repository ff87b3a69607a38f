# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One org as it is served: its app, sessions, journal and faults beside the state it answers from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from emulator.faults import Faults
from emulator.http_api.sessions import ConnectedApp, Sessions
from emulator.journal import Journal
from emulator.rules.registry import BeforeHook
from emulator.snapshots import Snapshot

if TYPE_CHECKING:
    from emulator.org import Org


COMMON_HOSTS = ("login.salesforce.com", "test.salesforce.com")

_REACHED: ContextVar[str] = ContextVar("reached", default="")
"""The base URL of the request that this thread is answering."""


@dataclass
class Served:
    """org answers at home (https) and, where there is one, at plain_home (http); client is its connected app. The lock makes a request one
    transaction against the others: an org answers requests one after the other, waiting (latency, delays) happens outside."""

    org: Org
    home: str
    client: ConnectedApp
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    latency_ms: float = 0.0
    rebuild: Callable[[], Org] | None = None
    """Makes the org anew, as seeded; what reset needs."""
    plain_home: str | None = None
    prepare: Callable[[Served], None] | None = None
    """What a seed says beside the org's state (app, faults, latency): done at the start and after each reset."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    sessions: Sessions = field(init=False)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _hooks: list[BeforeHook] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.org.id, self.now)
        self.add_hook(self.faults.before_write)

    def add_hook(self, hook: BeforeHook) -> None:
        """Have that hook called before each write, in the org as rebuilt too."""
        self._hooks.append(hook)
        self.org.extra_before.append(hook)

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
    def label(self) -> str:
        """The org's My Domain name."""
        return str(self.org.seed_info.get("my_domain") or self.org.name).lower()

    @property
    def my_domain(self) -> str:
        """The org's My Domain URL: a valid JWT audience; reachable through the fleet's proxy only."""
        return f"https://{self.label}.sandbox.my.salesforce.com" if self.is_sandbox else f"https://{self.label}.my.salesforce.com"

    @property
    def url(self) -> str:
        """Where clients find the org: while a request is answered, the base URL that it came in by, so that its sender stays there."""
        return _REACHED.get() or self.home

    @contextmanager
    def reached_at(self, base: str) -> Iterator[None]:
        """What `url` says inside: that base, where it is one of this org's own; its My Domain after a login at Salesforce's common hosts."""
        at_salesforce = base == self.my_domain or base.removeprefix("https://") in COMMON_HOSTS
        token = _REACHED.set(self.my_domain if at_salesforce else base if base in self.own_urls else "")
        try:
            yield
        finally:
            _REACHED.reset(token)

    @property
    def own_urls(self) -> tuple[str, ...]:
        """Every base URL of the org on this machine."""
        homes = [home for home in (self.home, self.plain_home) if home]
        return (*homes, *(home.replace("127.0.0.1", "localhost") for home in homes))

    def token(self, username: str) -> str:
        """A ready access token for that user, without a login."""
        found = self.org.find("User", Username=username)
        if not found:
            raise KeyError(username)
        return self.sessions.issue(str(found[0]["Id"]))

    def reset(self) -> None:
        """The org as seeded, nobody logged in, no faults, an empty journal, no API usage, no snapshots."""
        if self.rebuild is None:
            raise LookupError("this org was handed in ready made: there is nothing to rebuild it from")
        self.become(self.rebuild)

    def become(self, build: Callable[[], Org]) -> None:
        """Another org in this one's place, at the same URL and with the same app; reset() will make the same again."""
        with self.lock:
            self.org = build()
            self.rebuild = build
            self.org.extra_before.extend(self._hooks)
            self.sessions = Sessions(self.org.id, self.now)
            self.faults.clear()
            self.snapshots.clear()
            self.journal.clear()
            self.journal.usage = self.journal.logins = 0
            self.latency_ms = 0.0
            if self.prepare is not None:
                self.prepare(self)
