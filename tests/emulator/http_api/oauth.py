# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint and what hangs off it: the grants, user info, identity, introspection, revoke."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import evidence, passwords, restrictions
from emulator.http_api.messages import Answer, Request, require_method
from emulator.http_api.served import COMMON_HOSTS

if TYPE_CHECKING:
    from emulator.http_api.served import Served

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class Login:
    """A user who may come in: with which scope, and the refresh token to show, if any. parent: the refresh token the session hangs off."""

    user: str
    scope: str
    refresh_token: str | None = None
    parent: str | None = None


class OAuthError(Exception):
    """A refused login: HTTP 400 {"error", "error_description"}."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


def refused(error: OAuthError) -> Answer:
    return Answer(400, {"error": error.error, "error_description": error.description}, {"Cache-Control": "no-store"})


def login_host(served: Served) -> str:
    return COMMON_HOSTS[1] if served.is_sandbox else COMMON_HOSTS[0]


def form(request: Request) -> dict[str, str]:
    """The form's fields; a POST may carry them in the query instead (public clients do)."""
    fields = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", ""):
        fields.update(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return fields


def token(served: Served, request: Request) -> tuple[Answer, str | None]:
    """POST /services/oauth2/token: the answer and the user who logged in."""
    require_method(request.method, "POST")
    fields = form(request)
    grant = GRANTS.get(fields.get("grant_type", ""))
    try:
        if grant is None:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        login = grant(served, fields, request)
    except OAuthError as error:
        return refused(error), None
    return _formatted(_token_body(served, login), fields, request), login.user


def _formatted(body: dict[str, str], fields: Mapping[str, str], request: Request) -> Answer:
    """As JSON, or url-encoded where format= or Accept say so."""
    wanted = fields.get("format") or request.headers.get("accept", "").partition(";")[0].rpartition("/")[2]
    if wanted == "xml":
        raise NotEmulated("token answers in XML")
    if wanted in ("urlencoded", "x-www-form-urlencoded"):
        return Answer(200, None, {"Cache-Control": "no-store"}, urlencode(body), "application/x-www-form-urlencoded;charset=UTF-8")
    return Answer(200, body, {"Cache-Control": "no-store"})


def _password_grant(served: Served, fields: Mapping[str, str], request: Request) -> Login:
    if not served.client.password_flow:
        if evidence.setting(served.org, evidence.PASSWORD_FLOW) == "unsupported_grant_type":
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        raise OAuthError("invalid_grant", "authentication failure")
    _require_client(served, fields, request)
    try:
        user = passwords.check(served, fields.get("username", ""), fields.get("password", ""))
    except passwords.LoginRefused as no:
        raise OAuthError("invalid_grant", "authentication failure") from no
    if served.client.policy == "admin_approved" and not has_approved(served, user):
        raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
    return Login(user, without_refresh(served.client.scope))


def _code_grant(served: Served, fields: Mapping[str, str], request: Request) -> Login:
    _require_client(served, fields, request)
    code = served.sessions.redeem(fields.get("code", ""))
    if code is None:
        raise OAuthError("invalid_grant", evidence.setting(served.org, evidence.CODE_WORDS).replace("_", " "))
    if fields.get("redirect_uri") != code.asked.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    _require_verifier(code.asked.challenge, fields.get("code_verifier"))
    _require_able_to_log_in(served, _user_record(served, code.user))
    if "refresh_token" not in code.asked.scope.split():
        return Login(code.user, code.asked.scope)
    refresh = served.sessions.grant(code.user, code.asked.scope)
    return Login(code.user, code.asked.scope, refresh, refresh)


def _require_verifier(challenge: str | None, verifier: str | None) -> None:
    """PKCE. Raises OAuthError where the verifier does not fit the challenge of the authorize request."""
    if challenge is None and verifier is None:
        return
    if challenge is None:
        raise OAuthError("invalid_request", "invalid code verifier")
    if verifier is None:
        raise OAuthError("invalid_grant", "invalid code verifier")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(digest, challenge):
        raise OAuthError("invalid_request", "invalid code verifier")


def _refresh_grant(served: Served, fields: Mapping[str, str], request: Request) -> Login:
    _require_client(served, fields, request)
    given = fields.get("refresh_token", "")
    grant = served.sessions.granted(given)
    if grant is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    _require_able_to_log_in(served, _user_record(served, grant.user))
    if not served.client.rotate_refresh_tokens:
        return Login(grant.user, grant.scope, parent=given)
    fresh = served.sessions.rotate(given)
    return Login(grant.user, grant.scope, fresh, fresh)


def _require_client(served: Served, fields: Mapping[str, str], request: Request) -> None:
    """The app's consumer key, and its secret where the app wants it or one is sent."""
    client_id, secret = _client_identity(fields, request)
    if client_id != served.client.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    optional = not served.client.require_secret and fields.get("grant_type") in ("authorization_code", "refresh_token") and not secret
    if not optional and not hmac.compare_digest(secret.encode(), served.client.client_secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")


def without_refresh(scope: str) -> str:
    """The scope of a session that cannot be renewed."""
    return " ".join(item for item in scope.split() if item not in ("refresh_token", "offline_access"))


def has_approved(served: Served, user: str) -> bool:
    """Whether the user is pre-authorised for the app, or has approved it."""
    return str(_user_record(served, user)["Username"]).lower() in served.client.approved


def _jwt_bearer(served: Served, fields: Mapping[str, str], request: Request) -> Login:
    assertion = fields.get("assertion", "")
    try:
        header = jwt.get_unverified_header(assertion)
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
    except jwt.PyJWTError as broken:
        raise OAuthError("invalid_grant", "invalid assertion") from broken
    if claims.get("iss") != served.client.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    _verify_signature(served, assertion, str(header.get("alg")))
    _verify_audience(served, claims.get("aud"))
    _verify_expiry(served, claims.get("exp"))
    user = _user_named(served, str(claims.get("prn") or claims.get("sub") or ""))
    words = restrictions.jwt_refusal(served.org, _user_record(served, user), request.peer)
    if words is not None:
        raise OAuthError("invalid_grant", words)
    return Login(user, without_refresh(served.client.scope))


def _verify_signature(served: Served, assertion: str, algorithm: str) -> None:
    if algorithm != "RS256":
        raise OAuthError("invalid_client", "invalid client credentials")
    try:
        # The claims are read elsewhere, in Salesforce's own way; here only the signature counts.
        jwt.PyJWS().decode(assertion, served.client.public_key, algorithms=["RS256"])
    except jwt.PyJWTError as broken:
        if evidence.setting(served.org, evidence.JWT_BAD_SIGNATURE) == "invalid_client":
            raise OAuthError("invalid_client", "invalid client credentials") from broken
        raise OAuthError("invalid_grant", "invalid assertion") from broken


def _verify_audience(served: Served, audience: object) -> None:
    given = audience if isinstance(audience, list) else [audience]
    accepted = {f"https://{login_host(served)}", served.my_domain, *served.own_urls}
    if not any(isinstance(item, str) and item in accepted for item in given):
        raise OAuthError("invalid_grant", "audience is invalid")


def _verify_expiry(served: Served, expiry: object) -> None:
    seconds = _numeric_date(served, expiry)
    now = served.org.clock()
    skew = 180 if evidence.setting(served.org, evidence.JWT_CLOCK_SKEW) == "three_minutes" else 0
    if seconds is None or seconds + skew <= now.timestamp():
        raise OAuthError("invalid_grant", "expired authorization code")
    too_far = seconds > (now + timedelta(minutes=5)).timestamp()
    if too_far and evidence.setting(served.org, evidence.JWT_EXP_TOO_FAR) == "refused":
        raise OAuthError("invalid_grant", "expired authorization code")


def _numeric_date(served: Served, expiry: object) -> float | None:
    if isinstance(expiry, (int, float)) and not isinstance(expiry, bool):
        return float(expiry)
    as_text = evidence.setting(served.org, evidence.JWT_EXP_AS_TEXT) == "accepted"
    if as_text and isinstance(expiry, str) and expiry.isdigit():
        return float(expiry)
    return None


def _user_named(served: Served, username: str) -> str:
    """The Id of the user who may log in under that name."""
    found = served.org.find("User", Username=username) if username else []
    if not found:
        if evidence.setting(served.org, evidence.OAUTH_UNKNOWN_USER) == "authentication_failure":
            raise OAuthError("invalid_grant", "authentication failure")
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    user = found[0]
    _require_able_to_log_in(served, user)
    if username.lower() not in served.client.approved:
        if served.client.policy == "admin_approved":
            raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return str(user["Id"])


def _require_able_to_log_in(served: Served, user: Mapping[str, Any]) -> None:
    if not user.get("IsActive"):
        raise OAuthError("invalid_grant", "inactive user")
    for login in served.org.find("UserLogin", UserId=user["Id"]) if served.org.schema.sobject("UserLogin") else []:
        if login.get("IsPasswordLocked"):
            raise OAuthError("invalid_grant", "user is locked")
        if login.get("IsFrozen"):
            words = evidence.setting(served.org, evidence.OAUTH_FROZEN).replace("_", " ")
            raise OAuthError("invalid_grant", words)


def _client_credentials(served: Served, fields: Mapping[str, str], request: Request) -> Login:
    host = request.headers.get("host", "").split(":")[0].lower()
    if host in COMMON_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    _require_client(served, fields, request)
    if not served.client.client_credentials:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    if served.client.run_as is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return Login(_user_named(served, served.client.run_as), without_refresh(served.client.scope))


def _client_identity(fields: Mapping[str, str], request: Request) -> tuple[str, str]:
    """Consumer key and secret: from the form, or from an Authorization: Basic header."""
    basic = request.headers.get("authorization", "")
    if basic.lower().startswith("basic "):
        try:
            client_id, _unused, secret = base64.b64decode(basic[6:], validate=True).decode().partition(":")
        except ValueError as broken:
            raise OAuthError("invalid_client", "invalid client credentials") from broken
        return client_id, secret
    return fields.get("client_id", ""), fields.get("client_secret", "")


def identity_url(served: Served, user: str) -> str:
    return f"https://{login_host(served)}/id/{served.org.id}/{user}"


def _token_body(served: Served, login: Login) -> dict[str, str]:
    identity = identity_url(served, login.user)
    issued_at = str(int(served.org.clock().timestamp() * 1000))
    digest = hmac.new(served.client.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256).digest()
    return {
        "access_token": served.sessions.issue(login.user, login.scope, login.parent),
        **({"refresh_token": login.refresh_token} if login.refresh_token else {}),
        "signature": base64.b64encode(digest).decode(),
        "scope": login.scope,
        "instance_url": served.url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def revoke(served: Served, request: Request) -> Answer:
    """GET or POST /services/oauth2/revoke: an access token, or a refresh token with its access tokens."""
    require_method(request.method, "GET", "POST")
    fields = form(request)
    done = served.sessions.revoke(fields.get("token", ""))
    if re.fullmatch(r"[A-Za-z_][\w.]*", fields.get("callback", "")):
        script = f"{fields['callback']}({json.dumps({} if done else {'error': 'invalid_token'})});"
        return Answer(200, text=script, content_type="application/javascript;charset=UTF-8")
    return Answer(200) if done else refused(OAuthError("invalid_token", "invalid token"))


def introspect(served: Served, request: Request) -> Answer:
    """POST /services/oauth2/introspect: what an access token stands for. The client authenticates itself."""
    require_method(request.method, "POST")
    fields = form(request)
    try:
        _require_client(served, fields, request)
    except OAuthError as error:
        return refused(error)
    if served.sessions.granted(fields.get("token", "")) is not None:
        raise NotEmulated("introspection of refresh tokens")
    session = served.sessions.session_of(fields.get("token", ""))
    if session is None:
        return Answer(200, {"active": False})
    opened = int(session.opened.timestamp())
    return Answer(
        200,
        {
            "active": True,
            "scope": session.scope,
            "client_id": served.client.client_id,
            "username": _user_record(served, session.user)["Username"],
            "sub": identity_url(served, session.user),
            "token_type": "access_token",
            "exp": int(session.expires.timestamp()),
            "iat": opened,
            "nbf": opened,
        },
    )


def userinfo(served: Served, user: str) -> Answer:
    """GET /services/oauth2/userinfo: the OpenID Connect claims that clients read."""
    record = _user_record(served, user)
    photos = _photos(served)
    return Answer(
        200,
        {
            "sub": identity_url(served, user),
            "user_id": user,
            "organization_id": served.org.id,
            "preferred_username": record["Username"],
            "nickname": record.get("CommunityNickname") or record.get("Alias"),
            "name": record.get("Name"),
            "email": record.get("Email"),
            "given_name": record.get("FirstName"),
            "family_name": record.get("LastName"),
            "zoneinfo": record.get("TimeZoneSidKey"),
            "photos": photos,
            "profile": f"{served.url}/{user}",
            "picture": photos["picture"],
            "urls": _urls(served, user, "{version}"),
            "active": bool(record.get("IsActive")),
            "user_type": (record.get("UserType") or "Standard").upper(),
            "language": record.get("LanguageLocaleKey"),
            "locale": record.get("LocaleSidKey"),
        },
    )


def identity(served: Served, caller: str, user: str, version: str) -> Answer:
    """GET /id/<org>/<user>: who the token stands for, or a colleague. version is the one that the URLs name."""
    record = _user_record(served, user)
    return Answer(
        200,
        {
            "id": identity_url(served, str(record["Id"])),
            "asserted_user": record["Id"] == caller,
            "user_id": record["Id"],
            "organization_id": served.org.id,
            "username": record["Username"],
            "nick_name": record.get("CommunityNickname") or record.get("Alias"),
            "display_name": record.get("Name"),
            "email": record.get("Email"),
            "first_name": record.get("FirstName"),
            "last_name": record.get("LastName"),
            "timezone": record.get("TimeZoneSidKey"),
            "photos": _photos(served),
            "urls": _urls(served, str(record["Id"]), version),
            "active": bool(record.get("IsActive")),
            "user_type": (record.get("UserType") or "Standard").upper(),
            "language": record.get("LanguageLocaleKey"),
            "locale": record.get("LocaleSidKey"),
        },
    )


def _photos(served: Served) -> dict[str, str]:
    """The pictures of a user who has none of their own; nothing is there."""
    return {"picture": f"{served.url}/profilephoto/005/F", "thumbnail": f"{served.url}/profilephoto/005/T"}


def _urls(served: Served, user: str, version: str) -> dict[str, str]:
    """Where the APIs are."""
    soap, rest, org = f"{served.url}/services/Soap", f"{served.url}/services/data/v{version}", served.org.id[:15]
    return {
        "enterprise": f"{soap}/c/{version}/{org}",
        "metadata": f"{soap}/m/{version}/{org}",
        "partner": f"{soap}/u/{version}/{org}",
        "rest": f"{rest}/",
        "sobjects": f"{rest}/sobjects/",
        "search": f"{rest}/search/",
        "query": f"{rest}/query/",
        "recent": f"{rest}/recent/",
        "tooling_soap": f"{soap}/T/{version}/{org}",
        "tooling_rest": f"{rest}/tooling/",
        "profile": f"{served.url}/{user}",
        "feeds": f"{rest}/chatter/feeds",
        "groups": f"{rest}/chatter/groups",
        "users": f"{rest}/chatter/users",
        "feed_items": f"{rest}/chatter/feed-items",
        "feed_elements": f"{rest}/chatter/feed-elements",
        "custom_domain": served.url,
    }


def _user_record(served: Served, user: str) -> dict[str, Any]:
    record = served.org.get("User", user)
    if record is None:
        raise not_found()
    return record


def bearer(served: Served, request: Request) -> str:
    """The running user's Id. Raises 401 for a missing, strange or dead token."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _unused, value = header.partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or not value.strip():
            raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", None)
        user = _active_user(served, value.strip())
        if user is not None:
            return user
    raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid", None)


def _active_user(served: Served, access_token: str) -> str | None:
    user = served.sessions.user_of(access_token)
    record = served.org.get("User", user) if user is not None else None
    return user if record is not None and record.get("IsActive") else None


def known_bearer(served: Served, request: Request) -> str | Answer:
    """The same for the identity service: its token may be a parameter, and it refuses in one word of plain text."""
    value = request.headers.get("authorization", "").partition(" ")[2].strip() or form(request).get("oauth_token", "")
    if not value:
        return _one_word(403, "Missing_OAuth_Token")
    user = _active_user(served, value)
    return _one_word(403, "Bad_OAuth_Token") if user is None else user


def _one_word(status: int, word: str) -> Answer:
    return Answer(status, text=word, content_type="text/html;charset=UTF-8")


GRANTS: dict[str, Callable[[Served, Mapping[str, str], Request], Login]] = {
    JWT_BEARER: _jwt_bearer,
    "client_credentials": _client_credentials,
    "password": _password_grant,
    "authorization_code": _code_grant,
    "refresh_token": _refresh_grant,
}
