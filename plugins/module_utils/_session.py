# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""From connection options to a logged-in session: the HTTP session, the three login flows, the token cache of one run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable

from ._auth import access_token, client_credentials, jwt_bearer
from ._connection import Connection
from ._errors import AUTH, CONFIG, NETWORK, LostAnswer, Problem, login_remedy

try:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.utils import should_bypass_proxies
    from simple_salesforce import Salesforce
    from simple_salesforce.util import call_salesforce
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

    class _NoSession:
        """Stands in so that this file imports where requests is missing."""

    HttpSessionBase: Any = _NoSession
    AdapterBase: Any = _NoSession
else:
    IMPORT_ERROR = jwt_bearer.JWT_IMPORT_ERROR
    HttpSessionBase = requests.Session
    AdapterBase = HTTPAdapter

# The collection's own version, as Salesforce's logs show it; a test compares it with galaxy.yml.
VERSION = "0.1.0"
USER_AGENT = f"voiceops.salesforce/{VERSION}"

FLOWS = {flow.NAME: flow for flow in (access_token, client_credentials, jwt_bearer)}

_ORG_OF_TOKEN = re.compile(r"^(00D[A-Za-z0-9]{12,15})!")
TOKEN_PATH = "/services/oauth2/token"


@dataclass(frozen=True)
class Login:
    """A session with one org. org_id and user_id are empty where the flow does not tell them. calls: logins made to get it."""

    instance_url: str
    token: str
    org_id: str = ""
    user_id: str = ""
    calls: int = 0


_TRUST = "If the host is right, set ca_path to a PEM file that holds its certificate authority (a TLS-inspecting proxy has one of its own)."
# What to do by the words of OpenSSL where the certificate authority is not what is wrong.
_CERTIFICATE_REMEDIES = (
    (
        "has expired",
        "Check this machine's clock; if it is right, whoever runs the host (or the TLS-inspecting proxy) must renew the certificate.",
    ),
    ("not yet valid", "Check this machine's clock: it seems to be behind."),
    ("not valid for", "Correct the host of login_url or instance_url: the certificate is another host's."),
    ("doesn't match", "Correct the host of login_url or instance_url: the certificate is another host's."),
)
_PROXY_PASSWORD = "The proxy wants a user name and password: give them in proxy (http://user:password@host:port)."


class PromptAdapter(AdapterBase):
    """Sends through a proxy as promptly as without one: urllib3 leaves Nagle's algorithm on there, and since a request goes out as head and body, each
    waits for a delayed acknowledgement (40 ms on Linux)."""

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """As HTTPAdapter does."""
        return super().proxy_manager_for(proxy, socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)], **kwargs)


class HttpSession(HttpSessionBase):
    """A requests session with the timeouts that neither requests nor simple-salesforce has, and with trust that is stated.

    trust_env is off: REQUESTS_CA_BUNDLE would win over ca_path, and a .netrc would replace the bearer token. What the environment says of
    CA and proxies is read once, here, where the options say nothing.
    """

    def __init__(self, connection: Connection, environment: Mapping[str, str], scratch: Path) -> None:
        super().__init__()
        self.timeout = connection.timeout
        self.trust_env = False
        self.verify = _ca(connection, environment, scratch)
        self._proxies_for = lambda url: _proxies(connection, environment, url)
        self.mount("https://", PromptAdapter())
        self.headers.update({"User-Agent": USER_AGENT, "Sforce-Call-Options": "client=voiceops.salesforce"})

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        """As requests does, within the timeout (seconds, to connect and between two packets). Raises Problem when the request cannot have
        reached the org, LostAnswer when it may have."""
        kwargs.setdefault("timeout", self.timeout)
        kwargs.setdefault("proxies", self._proxies_for(url))
        try:
            return super().request(method, url, *args, **kwargs)
        except requests.exceptions.SSLError as error:
            trust = any(word in repr(error) for word in ("CERTIFICATE_VERIFY_FAILED", "NO_CERTIFICATE_OR_CRL_FOUND"))
            raise (_untrusted if trust else _no_tls)(url, error) from None
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise _unreachable(url, error) from None
        except requests.exceptions.ConnectionError as error:
            if _never_connected(error):
                raise _unreachable(url, error) from None
            raise LostAnswer(_reason(error)) from None
        except (requests.exceptions.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise LostAnswer(_reason(error)) from None
        except (requests.exceptions.RequestException, ValueError) as error:
            # Never sent: a header, a proxy or an address that cannot be. The library's words may quote a token.
            raise Problem(
                f"preparing a request to {_place(url)}",
                f"an option cannot be used in a request ({type(error).__name__}).",
                "Check proxy (with http:// before it), access_token, login_url and instance_url for stray characters.",
                CONFIG,
                "unusable_option",
            ) from None


def check_libraries() -> None:
    """Raises Problem where simple-salesforce or what it brings is missing."""
    if IMPORT_ERROR:
        raise Problem(
            "loading simple-salesforce",
            f"it cannot be imported ({IMPORT_ERROR.strip().splitlines()[-1]}).",
            f"Install it for the Python that runs this: {sys.executable} -m pip install simple-salesforce.",
            CONFIG,
            "missing_library",
        )


def log_in(
    connection: Connection,
    http: HttpSession,
    secrets: set[str],
    cache_folder: Path | None,
    now: Callable[[], float],
    renew: bool = False,
) -> Login:
    """A session with the org: the run's cached one unless renew, else a new one. Every secret met on the way is added to secrets.

    Raises Problem: config for missing options, auth for a refusal, network where the login host cannot be reached.
    """
    flow = FLOWS[connection.auth]
    missing = flow.required(connection)
    if missing:
        raise Problem(
            f"logging in to {connection.place} by {flow.NAME}",
            f"these options are not set: {', '.join(missing)}.",
            "Set them in the task or the inventory plugin's file, as host variables salesforce_<option>, or in the environment as SALESFORCE_<OPTION>.",
            CONFIG,
            "missing_option",
        )
    if connection.auth == access_token.NAME:
        if renew:
            raise Problem(
                f"using the access token on {connection.place}",
                "the org says that the session expired or is invalid, and a ready token cannot be renewed.",
                "Give a fresh access_token, or log in by jwt_bearer or client_credentials.",
                AUTH,
                "INVALID_SESSION_ID",
                401,
            )
        token = str(connection.access_token)
        secrets.add(token)
        # A session Id begins with its org's Id; a token of another form tells nothing.
        found = _ORG_OF_TOKEN.match(token)
        return Login(str(connection.instance_url), token, found.group(1) if found else "")
    cache = cache_folder / f"salesforce-token-{_fingerprint(connection)}.json" if cache_folder else None
    if cache and not renew and cache.exists():
        cached = Login(**json.loads(cache.read_text(encoding="utf-8")))
        secrets.add(cached.token)
        return cached
    login = _ask_for_token(connection, http, flow.form(connection, now()), secrets)
    if cache:
        write_private(cache, json.dumps({**asdict(login), "calls": 0}))
    return login


def client(connection: Connection, http: HttpSession, login: Login) -> Any:
    """simple-salesforce on that session. It speaks https only and keeps host and port of the instance URL."""
    host = login.instance_url.split("://", 1)[-1]
    return Salesforce(instance=host, session_id=login.token, session=http, version=connection.api_version)


def exchange(http: HttpSession, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> str:
    """What a resource answers that speaks no JSON: UTF-8, whatever its headers leave unsaid. Raises simple-salesforce's errors for a refusal."""
    answer = call_salesforce(url, method, http, dict(headers), data=body)
    text: str = answer.content.decode("utf-8", "replace")
    return text


def write_private(path: Path, text: str) -> None:
    """Put text into a file that only its owner reads, whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=str(path.parent))
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)


def write_once(path: Path, text: str) -> str:
    """Put text into a file that is not there yet; what the file holds, which is somebody else's text where he was first."""
    descriptor, name = tempfile.mkstemp(dir=str(path.parent))
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        # Unlike a rename, a link never takes the place of what is there.
        os.link(name, path)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    except OSError:
        return _created_once(path, text)
    finally:
        Path(name).unlink()
    return text


def _created_once(path: Path, text: str) -> str:
    """As write_once, on a file system without links: for a moment the file is there without its text, which is nobody's either."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    return text


def _ask_for_token(connection: Connection, http: HttpSession, form: dict[str, str], secrets: set[str]) -> Login:
    tried = f"logging in to {connection.login_url} by {connection.auth}"
    if "assertion" in form:
        secrets.add(form["assertion"])
    try:
        answer = http.request("POST", connection.login_url + TOKEN_PATH, data=form)
    except LostAnswer as error:
        raise Problem(
            tried,
            f"no answer came ({error}).",
            "Check the network and proxy between this machine and the login host.",
            NETWORK,
            "no_answer",
        ) from None
    body = _json_of(answer)
    if answer.status_code == 200 and "access_token" in body:
        secrets.add(str(body["access_token"]))
        org_id, user_id = _ids_of(str(body.get("id", "")))
        instance_url = str(body.get("instance_url") or connection.instance_url or connection.login_url)
        return Login(instance_url, str(body["access_token"]), org_id, user_id, 1)
    error, description = str(body.get("error", "")), str(body.get("error_description", ""))
    if not error:
        raise Problem(
            tried,
            f"the answer (HTTP {answer.status_code}) is not that of a token endpoint.",
            "Check login_url: it must be the org's My Domain or a Salesforce login host.",
            AUTH,
            "no_token_endpoint",
            answer.status_code,
        )
    raise Problem(
        tried,
        f"{error}: {description or 'no description'}.",
        login_remedy(error, description),
        AUTH,
        error,
        answer.status_code,
    )


def _ids_of(identity_url: str) -> tuple[str, str]:
    """(org Id, user Id) of an identity URL https://host/id/<org>/<user>, or empty texts."""
    parts = identity_url.rstrip("/").split("/")
    if len(parts) >= 3 and parts[-3] == "id":
        return parts[-2], parts[-1]
    return "", ""


def _json_of(answer: Any) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _fingerprint(connection: Connection) -> str:
    """Which session a cached token belongs to; a hash, so that no name in a folder tells anything."""
    parts = (
        connection.auth,
        connection.login_url,
        connection.client_id,
        connection.username,
        connection.client_secret,
        connection.private_key,
        connection.private_key_file,
        connection.audience,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def ca_in_force(connection: Connection, environment: Mapping[str, str]) -> tuple[str, str]:
    """(what to trust: a file, or the PEM text itself; what names it). Both empty where it is the library's own bundle."""
    if connection.ca_path:
        return connection.ca_path, "the option ca_path"
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if environment.get(name):
            return environment[name], f"the environment variable {name}"
    return "", ""


def _ca(connection: Connection, environment: Mapping[str, str], scratch: Path) -> Any:
    """What to trust: ca_path (a file, or the PEM text itself), else the environment's bundle, else the library's."""
    given, _unused = ca_in_force(connection, environment)
    if not given:
        return True
    if "-----BEGIN" in given:
        # requests wants a file; this one goes with the run's own folder.
        path = scratch / f"salesforce-ca-{hashlib.sha256(given.encode()).hexdigest()}.pem"
        write_private(path, given.strip() + "\n")
        return str(path)
    path = Path(given).expanduser()
    if not path.exists():
        raise Problem(
            f"reading the CA file {given}", "there is no such file.", "Set ca_path to a PEM file on the controller.", CONFIG, "ca_path"
        )
    return str(path)


def proxy_in_force(connection: Connection, environment: Mapping[str, str], url: str) -> tuple[str, str]:
    """(the proxy for a URL, what names it): the option's, else the environment's unless NO_PROXY names the host. Lower-case variables win, as
    everywhere. Both empty where there is none."""
    if connection.proxy:
        return connection.proxy, "the option proxy"
    told = {name.lower(): name for name in sorted(environment)}
    name = next((told[name] for name in ("https_proxy", "all_proxy") if environment.get(told.get(name, ""))), "")
    if not name or should_bypass_proxies(url, environment.get(told.get("no_proxy", ""), "")):
        return "", ""
    return environment[name], f"the environment variable {name}"


def _proxies(connection: Connection, environment: Mapping[str, str], url: str) -> dict[str, str]:
    proxy, _unused = proxy_in_force(connection, environment, url)
    if not proxy:
        return {}
    return {"https": proxy, "http": proxy} if connection.proxy else {"https": proxy}


def _never_connected(error: Exception) -> bool:
    """Whether the connection was refused or the name unknown, so that nothing can have been sent."""
    text = repr(error)
    return any(word in text for word in ("NewConnectionError", "NameResolutionError", "Connection refused", "ConnectTimeout"))


def _reason(error: Exception) -> str:
    """The innermost words of a requests error, which wraps several libraries'."""
    inner: Any = error
    while getattr(inner, "args", None) and isinstance(inner.args[-1], Exception):
        inner = inner.args[-1]
    reason = getattr(inner, "reason", None)
    words = str(reason if isinstance(reason, Exception) else inner)
    return words.split(": ", 1)[-1] if words.startswith("<") else words


def _place(url: Any) -> str:
    return str(url).split("://", 1)[-1].split("/", 1)[0]


def _untrusted(url: Any, error: Exception) -> Problem:
    reason = _reason(error)
    remedy = next((remedy for words, remedy in _CERTIFICATE_REMEDIES if words in reason), _TRUST)
    return Problem(f"connecting to {_place(url)}", f"its certificate is not trusted ({reason}).", remedy, NETWORK, "untrusted_certificate")


def _no_tls(url: Any, error: Exception) -> Problem:
    return Problem(
        f"connecting to {_place(url)}",
        f"it does not speak TLS as it should ({_reason(error)}).",
        "Check host and port of login_url or instance_url, and whether a proxy stands between.",
        NETWORK,
        "no_tls",
    )


def _unreachable(url: Any, error: Exception) -> Problem:
    remedy = "Check login_url or instance_url, DNS, firewall and proxy from this machine."
    if isinstance(error, requests.exceptions.ProxyError):
        refused = "Authentication Required" in repr(error)
        remedy = (
            _PROXY_PASSWORD
            if refused
            else "The proxy does not let it through, or does not answer: check its host and port and what it allows."
        )
    return Problem(f"connecting to {_place(url)}", f"it cannot be reached ({_reason(error)}).", remedy, NETWORK, "unreachable")
