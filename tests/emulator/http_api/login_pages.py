# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The web server flow as a browser sees it: authorize, the login page, the approval page, the error page.

Only what a browser, or a program that drives one, needs to get through: ids of fields and buttons and the paths are those of real orgs, the
pages themselves are not.
"""

from __future__ import annotations

import html
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from emulator.http_api import oauth, passwords
from emulator.http_api.messages import Answer, Request, require_method
from emulator.http_api.oauth import OAuthError
from emulator.http_api.sessions import Authorization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.http_api.served import Served

AUTHORIZE = "/services/oauth2/authorize"
LOGIN = "/"
APPROVAL = "/setup/secur/RemoteAccessAuthorizationPage.apexp"
ERROR = "/setup/secur/RemoteAccessErrorPage.apexp"
PATHS = frozenset({AUTHORIZE, LOGIN, APPROVAL, ERROR})
COOKIE = "sid"
# A click's handler ends before the form is sent, as on the real pages: programs that wait for the next page begin to wait after the click.
SOON = "setTimeout(() => this.form.requestSubmit(this), 250); this.onclick = null; return false"


def answer(served: Served, request: Request) -> Answer:
    """One page of the web login."""
    require_method(request.method, "GET", "POST")
    if request.path == AUTHORIZE:
        return _authorize(served, request)
    if request.path == LOGIN:
        return _login(served, request)
    if request.path == APPROVAL:
        return _approval(served, request)
    shown = request.query
    return _page("Error", f"<p id='error'>{_safe(shown.get('error', ''))}: {_safe(shown.get('error_description', ''))}</p>")


def _authorize(served: Served, request: Request) -> Answer:
    """Check what the client asks for; go on to the approval page. Without a trusted callback, errors stay here."""
    fields = oauth.form(request)
    if fields.get("client_id") != served.client.client_id:
        return _error(OAuthError("invalid_client_id", "client identifier invalid"))
    callback = fields.get("redirect_uri", "")
    if callback not in served.client.callback_urls:
        return _error(OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration"))
    try:
        asked = _asked(served, fields, callback)
    except OAuthError as error:
        return _back(callback, {"error": error.error, "error_description": error.description, "state": fields.get("state")})
    return _redirect(f"{APPROVAL}?{urlencode({'source': served.sessions.ask(asked)})}")


def _asked(served: Served, fields: Mapping[str, str], callback: str) -> Authorization:
    if fields.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response type not supported")
    wanted = fields.get("scope", served.client.scope).split()
    if not set(wanted) <= served.client.scopes:
        raise OAuthError("invalid_scope", "the requested scope is not allowed")
    challenge = fields.get("code_challenge")
    if fields.get("code_challenge_method", "S256") != "S256" or (challenge is None and served.client.require_pkce):
        raise OAuthError("invalid_request", "missing required code challenge")
    return Authorization(callback, " ".join(wanted), fields.get("state"), challenge)


def _approval(served: Served, request: Request) -> Answer:
    """Who is logged in and has approved, or is pre-authorised, goes straight back to the client with a code."""
    key = request.query.get("source", "")
    asked = served.sessions.asked(key)
    if asked is None:
        return _error(OAuthError("invalid_request", "this login is over"))
    user = _visitor(served, request)
    if user is None:
        return _redirect(f"{LOGIN}?{urlencode({'ec': '302', 'startURL': request.target})}")
    clicked = dict(parse_qsl(request.body.decode("utf-8", "replace"))) if request.method == "POST" else {}
    if not oauth.has_approved(served, user):
        if served.client.policy == "admin_approved":
            served.sessions.drop(key)
            refusal = {"error": "invalid_app_access", "error_description": "user is not admin approved to access this app"}
            return _back(asked.redirect_uri, {**refusal, "state": asked.state})
        if "deny" in clicked:
            served.sessions.drop(key)
            return _back(
                asked.redirect_uri, {"error": "access_denied", "error_description": "end-user denied authorization", "state": asked.state}
            )
        if "approve" not in clicked:
            return _approval_page(served, request, asked)
        served.client.approve(str((served.org.get("User", user) or {})["Username"]))
    return _back(asked.redirect_uri, {"code": served.sessions.code(key, user), "state": asked.state})


def _approval_page(served: Served, request: Request, asked: Authorization) -> Answer:
    buttons = "".join(
        f"<input type='submit' id='{name}' name='{value}' value='{label}' onclick='{html.escape(SOON, quote=True)}'>"
        for name, value, label in (("oadeny", "deny", "Deny"), ("oaapprove", "approve", "Allow"))
    )
    what = f"<p>{_safe(served.client.name)} asks for: {_safe(asked.scope)}</p>"
    return _page("Allow access?", f"{what}<form method='post' action='{_safe(request.target)}'>{buttons}</form>")


def _login(served: Served, request: Request) -> Answer:
    start = request.query.get("startURL", LOGIN)
    if request.method != "POST":
        return _login_page(start, "")
    fields = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    start = fields.get("startURL", LOGIN)
    try:
        user = _let_in(served, fields.get("username", ""), fields.get("pw", ""))
    except passwords.LoginRefused:
        return _login_page(start, "These are not a username and password of this org, or the user cannot log in.")
    cookie = f"{COOKIE}={served.sessions.enter(user)}; Path=/; HttpOnly; SameSite=Lax"
    local = start.startswith("/") and not start.startswith(("//", "/\\"))
    return _redirect(start if local else LOGIN, {"Set-Cookie": cookie})


def _let_in(served: Served, username: str, password: str) -> str:
    """A browser types the password alone; a program that has only password and token in one may type both."""
    try:
        return passwords.check(served, username, password)
    except passwords.LoginRefused as no:
        if no.code != "LOGIN_MUST_USE_SECURITY_TOKEN":
            raise
    return passwords.check_without_token(served, username, password)


def _login_page(start: str, why: str) -> Answer:
    return _page(
        "Login",
        f"<p id='error'>{_safe(why)}</p><form method='post' action='/?ec=302'>"
        f"<input type='hidden' name='startURL' value='{_safe(start)}'>"
        "<input type='email' id='username' name='username'><input type='password' id='password' name='pw'>"
        f"<input type='submit' id='Login' name='Login' value='Log In' onclick='{html.escape(SOON, quote=True)}'></form>",
    )


def _visitor(served: Served, request: Request) -> str | None:
    """The user whom the browser's cookie names, if that user can still log in."""
    cookie = cookie_of(request)
    user = served.sessions.visitor(cookie) if cookie is not None else None
    record = served.org.get("User", user) if user is not None else None
    return user if record is not None and record.get("IsActive") else None


def cookie_of(request: Request) -> str | None:
    """What the browser holds of an earlier login."""
    cookie = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    return cookie.value if cookie is not None else None


def _redirect(target: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(302, headers={"Location": target, **(headers or {})})


def _back(callback: str, fields: Mapping[str, str | None]) -> Answer:
    """To the client's callback, whose own query stays."""
    query = urlencode({name: value for name, value in fields.items() if value is not None})
    return _redirect(f"{callback}{'&' if urlsplit(callback).query else '?'}{query}")


def _error(error: OAuthError) -> Answer:
    return _redirect(f"{ERROR}?{urlencode({'error': error.error, 'error_description': error.description})}")


def _page(title: str, content: str) -> Answer:
    text = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>{content}</body></html>"
    return Answer(200, text=text, content_type="text/html;charset=UTF-8")


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
