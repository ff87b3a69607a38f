# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords and security tokens: what SOAP login(), the login page and the username-password flow ask.

They live in org.seed_info["passwords"], so that a reset or a restored snapshot brings them back with the users. Nobody has one unless the
seed, or set_password(), gives it. Loopback only: they are kept as they are.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from emulator.http_api import evidence
from emulator.rules.registry import Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.http_api.served import Served
    from emulator.org import Org

MAX_ATTEMPTS = 10
LOCKED_FOR = timedelta(minutes=15)

LOGIN_FAULT = rule(
    "login_refused",
    says="unknown username, wrong password, inactive, frozen or locked user: one and the same INVALID_LOGIN 'Invalid username, password, "
    "security token; or user locked out.'",
    grade=Grade.QUOTED,
    source="pastebin.com/YQcSmz3W (simple-salesforce traceback); salesforcedictionary.com, INVALID_LOGIN, which lists the causes",
)
SECURITY_TOKEN = rule(
    "login_security_token",
    says="from outside the trusted networks the security token follows the password; without it: LOGIN_MUST_USE_SECURITY_TOKEN. Here a user "
    "who has a token needs it",
    grade=Grade.QUOTED,
    source="SOAP API Developer Guide, login(); the fault: pastebin.com/vTPEXZKG",
)
LOCKED_CODE = rule(
    "login_locked_code",
    says=f"after {MAX_ATTEMPTS} wrong passwords in a row a user is locked for 15 minutes; told as INVALID_LOGIN, or as PASSWORD_LOCKOUT",
    grade=Grade.INFERRED,
    source="the fault text itself names the locked user; PASSWORD_LOCKOUT is an ExceptionCode of the Partner WSDL",
    switch=Switch("login_locked_code", ("INVALID_LOGIN", "PASSWORD_LOCKOUT")),
)

_INVALID = "Invalid username, password, security token; or user locked out."
_TOKEN_WANTED = (
    "Invalid username, password, security token; or user locked out. Are you at a new location? When accessing Salesforce--either via a "
    "desktop client or the API--from outside of your company\u2019s trusted networks, you must add a security token to your password to log "
    "in. To get your new security token, log in to Salesforce. From your personal settings, enter Reset My Security Token in the Quick Find "
    "box, then select Reset My Security Token."
)
_LOCKOUT = "The password has been locked out"


class LoginRefused(Exception):
    """A refused login: an ExceptionCode of the Partner WSDL and what a person is told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Credential:
    """What one user logs in with. failures: wrong passwords in a row; locked_until: when the next attempt counts again."""

    password: str = field(repr=False)
    security_token: str = field(default="", repr=False)
    failures: int = 0
    locked_until: datetime | None = None


def set_password(org: Org, username: str, password: str, security_token: str = "") -> None:
    """Give that user a password. Raises KeyError where nobody has that username."""
    found = org.find("User", Username=username)
    if not found:
        raise KeyError(username)
    _credentials(org)[str(found[0]["Id"])] = Credential(password, security_token)


def check(served: Served, username: str, password: str) -> str:
    """The Id of the user who logs in so; password is followed by the security token where there is one. Raises LoginRefused."""
    org = served.org
    found = org.find("User", Username=username) if username else []
    if not found:
        raise LoginRefused("INVALID_LOGIN", _INVALID)
    user = found[0]
    user_id = str(user["Id"])
    credential = _credentials(org).get(user_id)
    if credential is None:
        raise LoginRefused("INVALID_LOGIN", _INVALID)
    _require_unlocked(org, user, credential)
    if _same(password, credential.password + credential.security_token):
        _credentials(org)[user_id] = replace(credential, failures=0, locked_until=None)
        return user_id
    if _same(password, credential.password):
        raise LoginRefused("LOGIN_MUST_USE_SECURITY_TOKEN", _TOKEN_WANTED)
    _count_failure(org, user_id, credential)
    raise LoginRefused("INVALID_LOGIN", _INVALID)


def check_without_token(served: Served, username: str, password: str) -> str:
    """As check(), at the login page: a browser types the password alone. Raises LoginRefused."""
    found = served.org.find("User", Username=username) if username else []
    credential = _credentials(served.org).get(str(found[0]["Id"])) if found else None
    token = credential.security_token if credential is not None else ""
    return check(served, username, password + token)


def _credentials(org: Org) -> dict[str, Credential]:
    """By user Id. A seed may write {username: password} and leave the rest to this."""
    held: dict[str, Any] = org.seed_info.setdefault("passwords", {})
    for name, given in list(held.items()):
        if isinstance(given, str):
            del held[name]
            held.update({str(row["Id"]): Credential(given) for row in org.find("User", Username=name)})
    return held


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _require_unlocked(org: Org, user: Mapping[str, Any], credential: Credential) -> None:
    locked = credential.locked_until is not None and org.clock() < credential.locked_until
    frozen = False
    for login in org.find("UserLogin", UserId=user["Id"]) if org.schema.sobject("UserLogin") else []:
        locked = locked or bool(login.get("IsPasswordLocked"))
        frozen = frozen or bool(login.get("IsFrozen"))
    if locked and evidence.setting(org, LOCKED_CODE) == "PASSWORD_LOCKOUT":
        raise LoginRefused("PASSWORD_LOCKOUT", _LOCKOUT)
    if locked or frozen or not user.get("IsActive"):
        raise LoginRefused("INVALID_LOGIN", _INVALID)


def _count_failure(org: Org, user_id: str, credential: Credential) -> None:
    failures = credential.failures + 1
    if failures < MAX_ATTEMPTS:
        _credentials(org)[user_id] = replace(credential, failures=failures, locked_until=None)
        return
    _credentials(org)[user_id] = replace(credential, failures=0, locked_until=org.clock() + LOCKED_FOR)
