# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connected apps and the sessions that their logins open."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

# An org's session settings default to a two-hour timeout (Salesforce Help, Modify Session Security Settings).
LIFETIME = timedelta(hours=2)

Policy = Literal["admin_approved", "self_authorize"]


@dataclass
class ConnectedApp:
    """The app that clients log in through. approved holds usernames in lower case; run_as is the client-credentials user."""

    client_id: str
    client_secret: str
    public_key: str
    approved: set[str] = field(default_factory=set)
    run_as: str | None = None
    policy: Policy = "admin_approved"
    client_credentials: bool = True
    scope: str = "api"

    def approve(self, username: str) -> None:
        self.approved.add(username.lower())


@dataclass(frozen=True)
class Session:
    user: str
    """18-character Id of the running user."""
    expires: datetime


class Sessions:
    """Tokens of one org; thread-safe."""

    def __init__(self, org_id: str, clock: Callable[[], datetime]) -> None:
        self._prefix = org_id[:15]
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def issue(self, user: str) -> str:
        """A new token, of the form "<15-character org Id>!<random>"."""
        token = f"{self._prefix}!{secrets.token_urlsafe(72)}"
        with self._lock:
            self._open[token] = Session(user, self._clock() + LIFETIME)
        return token

    def user_of(self, token: str) -> str | None:
        """The user of a token that is still good, else None."""
        with self._lock:
            session = self._open.get(token)
        if session is None or session.expires <= self._clock():
            return None
        return session.user

    def revoke(self, token: str) -> bool:
        with self._lock:
            return self._open.pop(token, None) is not None

    def expire_all(self) -> int:
        """Make every token worthless; how many there were."""
        with self._lock:
            count = len(self._open)
            self._open.clear()
            return count
