# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""This machine and its way to an org, looked at without logging in, over the same HTTP session that the modules use."""

from __future__ import annotations

import importlib.metadata
import socket
import sys
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

from ._connection import Connection
from ._errors import NETWORK, LostAnswer, Problem
from ._preflight_checks import Certificate, Machine, Network
from ._session import HttpSession, ca_in_force, proxy_in_force

try:
    from cryptography import x509
except ImportError:
    x509 = None  # type: ignore[assignment]  # what needs it is told without it

# Answers without a session, with the versions that the host offers (REST API Developer Guide, Versions).
VERSIONS_PATH = "/services/data"
LIBRARIES = ("ansible-core", "simple-salesforce", "requests", "PyJWT", "cryptography")
_DAY = 86400


def machine() -> Machine:
    """The Python that runs this, and the versions of what it brings."""
    python = ".".join(str(number) for number in sys.version_info[:3])
    return Machine(python, sys.executable, {name: _version_of(name) for name in LIBRARIES})


def network(connection: Connection, http: HttpSession, environment: Mapping[str, str], now: Callable[[], float]) -> Network:
    """How the host that a login goes to answers. Nothing secret is sent."""
    url = connection.instance_url if connection.auth == "access_token" and connection.instance_url else connection.login_url
    proxy, told_by = proxy_in_force(connection, environment, url)
    host, via = _place(url, 443), _place(proxy, 80) if proxy else ""
    seen: dict[str, Any] = {"host": host, "via": _with_password(via, proxy), "told_by": told_by, "ca": _ca(connection, environment, http)}
    seen["resolved"] = via or host
    try:
        seen["addresses"] = _addresses(seen["resolved"])
    except (OSError, ValueError) as error:
        return Network(**seen, unresolved=f"{getattr(error, 'strerror', None) or error}.")
    try:
        answer = http.request("GET", url + VERSIONS_PATH, stream=True)
    except Problem as problem:
        shown, skew = _unverified(http, url, now) if problem.code == "untrusted_certificate" else (None, None)
        return Network(**seen, problem=problem, certificate=shown, skew=skew)
    except LostAnswer as error:
        return Network(**seen, problem=_no_answer(host, error))
    arrived = now()
    # Before the body is read: the connection goes back to its pool then.
    certificate = _certificate(answer, now)
    return Network(**seen, certificate=certificate, skew=_skew(answer, arrived), status=answer.status_code, versions=_versions(answer))


def _version_of(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _place(url: str, port: int) -> str:
    """Host and port of a URL, without the name and password that it may hold."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    try:
        return f"{parts.hostname or ''}:{parts.port or port}"
    except ValueError:
        # A port that is no number is shown as it was given.
        return parts.netloc.rpartition("@")[2]


def _with_password(via: str, proxy: str) -> str:
    return f"{via} (with a user name)" if "@" in proxy else via


def _ca(connection: Connection, environment: Mapping[str, str], http: HttpSession) -> str:
    given, told_by = ca_in_force(connection, environment)
    if not given:
        return "the certificate authorities that come with Python's requests (ca_path is not set)"
    return f"{'PEM text' if '-----BEGIN' in given else Path(given).expanduser()}, from {told_by}"


def _addresses(place: str) -> tuple[str, ...]:
    name, _unused, port = place.rpartition(":")
    if not port.isdecimal():
        raise ValueError("its port is no number")
    told = socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(item[4][0]) for item in told))


def _unverified(http: HttpSession, url: str, now: Callable[[], float]) -> tuple[Certificate | None, int | None]:
    """(the certificate that is not trusted, the clock's skew): whose it is tells whether a proxy inspects what is sent, and a clock that is wrong
    makes a good one look expired. The request holds no secret, and of what is answered only the Date is looked at."""
    try:
        answer = http.request("GET", url + VERSIONS_PATH, stream=True, verify=False)
    except (Problem, LostAnswer):
        return None, None
    arrived = now()
    return _certificate(answer, now), _skew(answer, arrived)


def _certificate(answer: Any, now: Callable[[], float]) -> Certificate | None:
    connection = getattr(answer.raw, "connection", None) or getattr(answer.raw, "_connection", None)
    peer = getattr(getattr(connection, "sock", None), "getpeercert", None)
    der = peer(True) if peer else None
    if not der or x509 is None:
        return None
    try:
        shown = x509.load_der_x509_certificate(der)
    except ValueError:
        return None
    ends = getattr(shown, "not_valid_after_utc", None) or shown.not_valid_after.replace(tzinfo=timezone.utc)
    return Certificate(shown.issuer.rfc4514_string(), int((ends.timestamp() - now()) // _DAY))


def _skew(answer: Any, arrived: float) -> int | None:
    """Seconds by which this machine is ahead. The header tells whole seconds, and the way back took some time: one or two mean nothing."""
    try:
        told = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    if told.tzinfo is None:
        told = told.replace(tzinfo=timezone.utc)
    skew = round(arrived - told.timestamp())
    return 0 if abs(skew) <= 2 else skew


def _versions(answer: Any) -> tuple[str, ...] | None:
    try:
        told = answer.json()
        return tuple(sorted((str(item["version"]) for item in told), key=float)) if answer.status_code == 200 else None
    except (ValueError, TypeError, KeyError):
        return None


def _no_answer(host: str, error: LostAnswer) -> Problem:
    return Problem(
        f"connecting to {host}",
        f"no answer came ({error}).",
        "Check firewall and proxy between this machine and the host; raise timeout if the way is slow.",
        NETWORK,
        "no_answer",
    )
