# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""login.salesforce.com and test.salesforce.com: one door for all orgs of a kind, which finds the org by who knocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import unescape

import jwt

from emulator.errors import NotEmulated
from emulator.http_api import login_pages, oauth
from emulator.http_api.messages import Answer, Request, refusal
from emulator.http_api.served import COMMON_HOSTS

if TYPE_CHECKING:
    from emulator.http_api.served import Served

_SOAP_USERNAME = re.compile(r"<(?:[\w.-]+:)?username>([^<]*)</")
_IDENTITY = re.compile(r"/id/(\w{15,18})/")
LOGIN_PATHS = ("/services/oauth2/", "/services/Soap/", "/id/")


def route(orgs: Iterable[Served], request: Request) -> Served | Answer:
    """The org that a request at a common host is for. One that names nobody is answered by the first org of the kind, which refuses it."""
    wants_sandbox = request.headers.get("host", "").split(":")[0].lower() == COMMON_HOSTS[1]
    of_kind = [served for served in orgs if served.is_sandbox == wants_sandbox]
    if not of_kind:
        return refusal(NotEmulated(f"a {'sandbox' if wants_sandbox else 'production org'}: this fleet has none"))
    if not request.path.startswith(LOGIN_PATHS) and request.path not in login_pages.PATHS:
        return refusal(NotEmulated(f"{request.path} at a common login host"))
    return _addressed(of_kind, request) or of_kind[0]


def _addressed(orgs: Sequence[Served], request: Request) -> Served | Answer | None:
    """By username, by Id in the path, by token, by code, by consumer key: the first that fits. A key that several orgs share tells nothing."""
    fields = oauth.form(request)
    username = _username(fields, request)
    if username:
        return next((served for served in orgs if served.org.find("User", Username=username)), None)
    for value in _tokens(fields, request):
        for served in orgs:
            if value[:15] == served.org.id[:15] or served.sessions.knows(value):
                return served
    known = [served for served in orgs if served.client.client_id == fields.get("client_id")]
    if len(known) > 1:
        return refusal(NotEmulated("an app that several orgs share, at a common login host, before anybody has told who they are"))
    return known[0] if known else None


def _username(fields: Mapping[str, str], request: Request) -> str | None:
    if request.path.startswith("/services/Soap/"):
        found = _SOAP_USERNAME.search(request.body.decode("utf-8", "replace"))
        return unescape(found[1]).strip() if found else None
    if fields.get("grant_type") == oauth.JWT_BEARER:
        try:
            claims: dict[str, Any] = jwt.decode(fields.get("assertion", ""), options={"verify_signature": False, "verify_exp": False})
        except jwt.PyJWTError:
            return None
        return str(claims.get("prn") or claims.get("sub") or "") or None
    return fields.get("username")


def _tokens(fields: Mapping[str, str], request: Request) -> list[str]:
    """Whatever in the request belongs to one org: its Id in an identity URL, tokens, codes, what the login pages hand on."""
    identity = _IDENTITY.match(request.path)
    page = dict(parse_qsl(urlsplit(fields.get("startURL", "")).query))
    cookie = login_pages.cookie_of(request)
    candidates = (
        identity[1] if identity else None,
        request.headers.get("authorization", "").partition(" ")[2]
        if not request.headers.get("authorization", "").startswith("Basic")
        else None,
        *(fields.get(name) for name in ("token", "refresh_token", "code", "source")),
        page.get("source"),
        cookie,
    )
    return [value for value in candidates if value]
