# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""OAuth 2.0 JWT bearer: an assertion signed with the private key of a certificate that the app knows (RFC 7523)."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from .._connection import Connection
from .._errors import AUTH, Problem

try:
    import jwt
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
except ImportError:
    JWT_IMPORT_ERROR = traceback.format_exc()
else:
    JWT_IMPORT_ERROR = ""

NAME = "jwt_bearer"

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Salesforce refuses assertions that live longer than about five minutes; three leave room for clocks that differ.
LIFETIME = 180
# My Domains of sandboxes and scratch orgs, with and without enhanced domains.
_TEST_HOST = re.compile(r"(?:\.(?:sandbox|scratch)\.my\.salesforce\.com|--[a-z0-9]+\.(?:[a-z]+\d+\.)?my\.salesforce\.com)$")
_LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")


def required(connection: Connection) -> tuple[str, ...]:
    """The options that the flow needs and that are unset."""
    missing = [option for option in ("client_id", "username") if not getattr(connection, option)]
    if not (connection.private_key or connection.private_key_file):
        missing.append("private_key_file")
    return tuple(missing)


def form(connection: Connection, now: float) -> dict[str, str]:
    """The form that the token endpoint is sent. now: seconds since the epoch. Raises Problem when the private key is no key."""
    claims = {
        "iss": connection.client_id,
        "sub": connection.username,
        "aud": audience(connection),
        "exp": int(now) + LIFETIME,
    }
    return {"grant_type": GRANT, "assertion": jwt.encode(claims, _key(connection), algorithm="RS256")}


def audience(connection: Connection) -> str:
    """Whom the assertion is for: as set; else the login host itself, or the My Domain."""
    if connection.audience:
        return connection.audience
    if connection.login_url in _LOGIN_HOSTS:
        return connection.login_url
    if _TEST_HOST.search(connection.login_url):
        return "https://test.salesforce.com"
    if connection.login_url.endswith(".my.salesforce.com"):
        return "https://login.salesforce.com"
    return connection.login_url


def _key(connection: Connection):  # type: ignore[no-untyped-def]  # cryptography may be absent
    tried = "reading the private key"
    text = connection.private_key
    if not text:
        tried = f"reading the private key file {connection.private_key_file}"
        try:
            text = Path(str(connection.private_key_file)).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise Problem(
                tried, f"{reason}.", "Set private_key_file to a readable PEM file on the controller.", AUTH, "private_key"
            ) from None
    try:
        key = load_pem_private_key(text.strip().encode() + b"\n", password=None)
    except (ValueError, TypeError):
        # The library's words may quote the key: they stay here.
        key = None
    if isinstance(key, RSAPrivateKey):
        return key
    raise Problem(
        tried,
        "it is not an unencrypted RSA private key in PEM form.",
        "Give the text from the BEGIN to the END PRIVATE KEY line (openssl pkey -in key.pem -out plain.pem takes a passphrase off).",
        AUTH,
        "private_key",
    )
