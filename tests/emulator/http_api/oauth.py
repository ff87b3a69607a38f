# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint and what hangs off it: JWT bearer, client credentials, user info, identity, revoke."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from emulator.errors import ApiError, NotEmulated
from emulator.http_api import evidence
from emulator.http_api.messages import Answer, Request, not_found, require_method

if TYPE_CHECKING:
    from emulator.http_api.served import Served

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GENERIC_HOSTS = ("login.salesforce.com", "test.salesforce.com")


class OAuthError(Exception):
    """A refused login: HTTP 400 {"error", "error_description"}."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


def refused(error: OAuthError) -> Answer:
    return Answer(400, {"error": error.error, "error_description": error.description}, {"Cache-Control": "no-store"})


def login_host(served: Served) -> str:
    return GENERIC_HOSTS[1] if served.is_sandbox else GENERIC_HOSTS[0]


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
    grant = fields.get("grant_type", "")
    try:
        user = _user_of_grant(served, grant, fields, request)
    except OAuthError as error:
        return refused(error), None
    return Answer(200, _token_body(served, user), {"Cache-Control": "no-store"}), user


def _user_of_grant(served: Served, grant: str, fields: Mapping[str, str], request: Request) -> str:
    if grant == JWT_BEARER:
        return _jwt_bearer(served, fields.get("assertion", ""))
    if grant == "client_credentials":
        return _client_credentials(served, fields, request)
    if grant == "password":
        if evidence.setting(served.org, evidence.PASSWORD_FLOW) == "unsupported_grant_type":
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        raise OAuthError("invalid_grant", "authentication failure")
    if grant in ("refresh_token", "authorization_code"):
        raise NotEmulated(f"the OAuth grant {grant}")
    raise OAuthError("unsupported_grant_type", "grant type not supported")


def _jwt_bearer(served: Served, assertion: str) -> str:
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
    return _user_named(served, str(claims.get("prn") or claims.get("sub") or ""))


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


def _client_credentials(served: Served, fields: Mapping[str, str], request: Request) -> str:
    host = request.headers.get("host", "").split(":")[0].lower()
    if host in GENERIC_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    client_id, secret = _client_identity(fields, request)
    if client_id != served.client.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(secret.encode(), served.client.client_secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")
    if not served.client.client_credentials:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    if served.client.run_as is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return _user_named(served, served.client.run_as)


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


def _token_body(served: Served, user: str) -> dict[str, str]:
    identity = identity_url(served, user)
    issued_at = str(int(served.org.clock().timestamp() * 1000))
    digest = hmac.new(served.client.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256).digest()
    return {
        "access_token": served.sessions.issue(user),
        "signature": base64.b64encode(digest).decode(),
        "scope": served.client.scope,
        "instance_url": served.url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def revoke(served: Served, request: Request) -> Answer:
    require_method(request.method, "GET", "POST")
    if served.sessions.revoke(form(request).get("token", "")):
        return Answer(200)
    return refused(OAuthError("invalid_token", "invalid token"))


def userinfo(served: Served, user: str) -> Answer:
    """GET /services/oauth2/userinfo: the OpenID Connect claims that clients read."""
    record = _user_record(served, user)
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
            "active": bool(record.get("IsActive")),
            "user_type": (record.get("UserType") or "Standard").upper(),
            "language": record.get("LanguageLocaleKey"),
            "locale": record.get("LocaleSidKey"),
        },
    )


def identity(served: Served, user: str) -> Answer:
    """GET /id/<org>/<user>: who the token stands for."""
    record = _user_record(served, user)
    return Answer(
        200,
        {
            "id": identity_url(served, user),
            "asserted_user": True,
            "user_id": user,
            "organization_id": served.org.id,
            "username": record["Username"],
            "nick_name": record.get("CommunityNickname") or record.get("Alias"),
            "display_name": record.get("Name"),
            "email": record.get("Email"),
            "first_name": record.get("FirstName"),
            "last_name": record.get("LastName"),
            "active": bool(record.get("IsActive")),
            "user_type": (record.get("UserType") or "Standard").upper(),
            "language": record.get("LanguageLocaleKey"),
            "locale": record.get("LocaleSidKey"),
        },
    )


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
        user = served.sessions.user_of(value.strip())
        record = served.org.get("User", user) if user is not None else None
        if user is not None and record is not None and record.get("IsActive"):
            return user
    raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid", None)
