# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connected apps, the sessions that their logins open, and what a web login leaves pending."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

# An org's session settings default to a two-hour timeout (Salesforce Help, Modify Session Security Settings).
LIFETIME = timedelta(hours=2)
CODE_LIFETIME = timedelta(minutes=15)

Policy = Literal["admin_approved", "self_authorize"]


@dataclass
class ConnectedApp:
    """The app that clients log in through. approved holds usernames in lower case; run_as is the client-credentials user; scope lists the
    app's scopes, refresh_token among them where its web logins shall be renewable."""

    client_id: str
    client_secret: str
    public_key: str
    approved: set[str] = field(default_factory=set)
    run_as: str | None = None
    policy: Policy = "admin_approved"
    client_credentials: bool = True
    scope: str = "api"
    name: str = "Emulated App"
    password_flow: bool = False
    """Whether org and app allow the username-password flow: new orgs block it."""
    callback_urls: set[str] = field(default_factory=set)
    require_secret: bool = True
    require_pkce: bool = False
    rotate_refresh_tokens: bool = False

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.scope.split())

    def approve(self, username: str) -> None:
        self.approved.add(username.lower())


@dataclass(frozen=True)
class Session:
    """user: 18-character Id of the running user. parent: the refresh token that it hangs off, if any."""

    user: str
    opened: datetime
    expires: datetime
    scope: str = ""
    parent: str | None = None


@dataclass(frozen=True)
class Grant:
    """What a refresh token stands for."""

    user: str
    scope: str


@dataclass(frozen=True)
class Authorization:
    """A web login on its way: what the client asked for at the authorize endpoint."""

    redirect_uri: str
    scope: str
    state: str | None
    challenge: str | None


@dataclass(frozen=True)
class Code:
    """An authorization code, good once."""

    user: str
    asked: Authorization
    expires: datetime


class Sessions:
    """Tokens of one org; thread-safe."""

    def __init__(self, org_id: str, clock: Callable[[], datetime]) -> None:
        self._prefix = org_id[:15]
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}
        self._grants: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}
        self._pending: dict[str, Authorization] = {}
        self._browsers: dict[str, str] = {}

    # --- access tokens

    def issue(self, user: str, scope: str = "", parent: str | None = None) -> str:
        """A new token, of the form "<15-character org Id>!<random>"."""
        token = f"{self._prefix}!{secrets.token_urlsafe(72)}"
        now = self._clock()
        with self._lock:
            self._open[token] = Session(user, now, now + LIFETIME, scope, parent)
        return token

    def session_of(self, token: str) -> Session | None:
        """What a token that is still good stands for, else None."""
        with self._lock:
            session = self._open.get(token)
        if session is None or session.expires <= self._clock():
            return None
        return session

    def user_of(self, token: str) -> str | None:
        """The user of a token that is still good, else None."""
        session = self.session_of(token)
        return session.user if session is not None else None

    # --- refresh tokens

    def grant(self, user: str, scope: str) -> str:
        """A new refresh token."""
        token = f"5Aep{secrets.token_urlsafe(64)}"
        with self._lock:
            self._grants[token] = Grant(user, scope)
        return token

    def granted(self, refresh_token: str) -> Grant | None:
        with self._lock:
            return self._grants.get(refresh_token)

    def rotate(self, refresh_token: str) -> str:
        """A new refresh token in place of that one, which is worthless from now on; its sessions hang off the new one."""
        with self._lock:
            grant = self._grants.pop(refresh_token)
            fresh = f"5Aep{secrets.token_urlsafe(64)}"
            self._grants[fresh] = grant
            for token, session in list(self._open.items()):
                if session.parent == refresh_token:
                    self._open[token] = Session(session.user, session.opened, session.expires, session.scope, fresh)
            return fresh

    def revoke(self, token: str) -> bool:
        """End an access token, or a refresh token with every access token that came of it."""
        with self._lock:
            if self._open.pop(token, None) is not None:
                return True
            if self._grants.pop(token, None) is None:
                return False
            for access, session in list(self._open.items()):
                if session.parent == token:
                    del self._open[access]
            return True

    def expire_all(self) -> int:
        """Make every access token worthless; how many there were. Refresh tokens stay good."""
        with self._lock:
            count = len(self._open)
            self._open.clear()
            return count

    def knows(self, text: str) -> bool:
        """Whether this org gave that out: a token, a code, the key or the cookie of a web login."""
        with self._lock:
            return any(text in held for held in (self._open, self._grants, self._codes, self._pending, self._browsers))

    # --- web logins

    def ask(self, asked: Authorization) -> str:
        """Remember what a client wants; the key that the pages hand on."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            self._pending[key] = asked
        return key

    def asked(self, key: str) -> Authorization | None:
        with self._lock:
            return self._pending.get(key)

    def code(self, key: str, user: str) -> str:
        """The authorization code that answers what was asked under that key."""
        code = f"aPrx{secrets.token_urlsafe(48)}"
        with self._lock:
            self._codes[code] = Code(user, self._pending.pop(key), self._clock() + CODE_LIFETIME)
        return code

    def drop(self, key: str) -> None:
        """The user said no."""
        with self._lock:
            self._pending.pop(key, None)

    def redeem(self, code: str) -> Code | None:
        """What a code stands for: the first time it is shown, and in time."""
        with self._lock:
            found = self._codes.pop(code, None)
        return found if found is not None and self._clock() < found.expires else None

    def enter(self, user: str) -> str:
        """A browser's session: the value of its cookie."""
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._browsers[cookie] = user
        return cookie

    def visitor(self, cookie: str) -> str | None:
        with self._lock:
            return self._browsers.get(cookie)
