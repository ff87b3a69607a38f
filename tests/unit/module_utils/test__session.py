# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from urllib3.connection import HTTPSConnection

from ansible_collections.voiceops.salesforce.plugins.module_utils import _session
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import Connection, connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import LostAnswer, Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._session import HttpSession, Login, log_in, write_once, write_private
from emulator import seed
from emulator.faults import Delay, DropAfter, DropBefore, Fault, LoginError, Status
from emulator.fleet import Fleet
from harness.direct import Bench

TOKEN_PATH = "/services/oauth2/token"


def http_of(settings: Connection, scratch: Path, **environment: str) -> HttpSession:
    return HttpSession(settings, environment, scratch)


def logged_in(uat: Bench, settings: Connection, secrets: set[str] | None = None, cache: bool = True, renew: bool = False) -> Login:
    """A login to the bench's org, its token kept in the bench's folder."""
    http = http_of(settings, uat.folder)
    return log_in(settings, http, set() if secrets is None else secrets, uat.folder if cache else None, time.time, renew)


@pytest.fixture
def settings(uat: Bench) -> Connection:
    return connection(uat.connection())


def tokens(uat: Bench) -> list[Path]:
    return sorted(uat.folder.glob("salesforce-token-*"))


# -- the token cache -----------------------------------------------------------------------------------------------------------------


def test_a_login_tells_where_which_org_and_who(uat: Bench, settings: Connection) -> None:
    user = uat.org.find("User", Username=uat.info["admin_username"])[0]
    login = logged_in(uat, settings)
    assert (login.instance_url, login.org_id, login.user_id, login.calls) == (uat.served.url, uat.org.id, user["Id"], 1)


def test_a_run_logs_in_once(uat: Bench, settings: Connection) -> None:
    first, secrets = logged_in(uat, settings), set[str]()
    second = logged_in(uat, settings, secrets)
    assert (second.token, second.calls, second.org_id) == (first.token, 0, first.org_id)
    assert first.token in secrets, "a token out of the cache is a secret too"
    assert len(uat.served.journal.entries) == 1


def test_a_cached_token_is_its_owners_alone(uat: Bench, settings: Connection) -> None:
    logged_in(uat, settings)
    (path,) = tokens(uat)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(uat.folder.iterdir()) == [path], "nothing half-written stays"


def test_a_cached_tokens_name_tells_nothing(uat: Bench, settings: Connection) -> None:
    login = logged_in(uat, settings)
    (path,) = tokens(uat)
    told = (login.token, uat.org.id, settings.client_id, settings.username, "127.0.0.1", Path(str(settings.private_key_file)).name)
    assert not [word for word in told if word and word in path.name]


def test_a_renewed_login_replaces_the_cached_one(uat: Bench, settings: Connection) -> None:
    first = logged_in(uat, settings)
    second = logged_in(uat, settings, renew=True)
    assert second.token != first.token
    assert logged_in(uat, settings).token == second.token
    assert len(tokens(uat)) == 1
    assert tokens(uat)[0].stat().st_mode & 0o777 == 0o600


def test_without_a_folder_no_token_is_kept(uat: Bench, settings: Connection) -> None:
    logged_in(uat, settings, cache=False)
    assert list(uat.folder.iterdir()) == []


BASE = {
    "auth": "jwt_bearer",
    "login_url": "https://acme.my.salesforce.com",
    "client_id": "app",
    "username": "api@acme.example",
    "private_key": "key",
    "private_key_file": "/keys/one.pem",
    "client_secret": "secret",
    "audience": "https://login.salesforce.com",
}


@pytest.mark.parametrize("option", sorted(BASE))
def test_another_login_has_another_token(option: str) -> None:
    """The key counts: whoever has lost it, or has another, does not get in by somebody else's token."""
    other = {"auth": "client_credentials"}.get(option, f"{BASE[option]}2")
    assert _session._fingerprint(connection(BASE)) != _session._fingerprint(connection({**BASE, option: other}))
    if option != "auth":  # told by what is given, where it is unset
        assert _session._fingerprint(connection(BASE)) != _session._fingerprint(connection({**BASE, option: ""}))


@pytest.mark.parametrize("option", ["timeout", "retry_time", "api_version", "expected_org_id", "allow_production"])
def test_what_does_not_matter_to_a_login_shares_its_token(option: str) -> None:
    other = {"timeout": 5, "retry_time": 5, "allow_production": True}.get(option, "61.0")
    assert _session._fingerprint(connection(BASE)) == _session._fingerprint(connection({**BASE, option: other}))


def test_values_that_run_together_are_not_the_same_login() -> None:
    one, other = connection({**BASE, "client_id": "ab", "username": "c"}), connection({**BASE, "client_id": "a", "username": "bc"})
    assert _session._fingerprint(one) != _session._fingerprint(other)


def test_a_ready_token_is_neither_kept_nor_renewed(uat: Bench) -> None:
    token = uat.served.token(uat.info["admin_username"])
    given = connection({"access_token": token, "instance_url": uat.served.url, "ca_path": str(uat.fleet.ca_path)})
    secrets = set[str]()
    assert logged_in(uat, given, secrets) == Login(uat.served.url, token, uat.org.id[:15])
    assert token in secrets
    assert list(uat.folder.iterdir()) == []
    with pytest.raises(Problem) as told:
        logged_in(uat, given, renew=True)
    assert (told.value.code, told.value.error_class) == ("INVALID_SESSION_ID", "auth")
    assert "127.0.0.1" in told.value.tried
    assert token not in str(told.value)


def test_every_secret_of_a_login_is_remembered(uat: Bench, settings: Connection) -> None:
    secrets = set[str]()
    login = logged_in(uat, settings, secrets)
    assertions = [text for text in secrets if text.count(".") == 2 and text.startswith("ey")]
    assert login.token in secrets
    assert len(assertions) == 1


def test_a_private_file_is_whole_private_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    for text in ("first", "second, longer", "3"):
        write_private(path, text)
        assert path.read_text() == text
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_what_is_written_once_is_the_first_text_whatever_the_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refused(source: str, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "kept"
    assert [write_once(path, text) for text in ("first", "second", "first")] == ["first"] * 3
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


# -- refused logins ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["client_id", "username", "private_key_file"])
def test_a_login_without_an_option_it_needs_names_it(uat: Bench, option: str) -> None:
    with pytest.raises(Problem) as told:
        logged_in(uat, connection(uat.connection() | {option: None}))
    assert (told.value.code, told.value.error_class) == ("missing_option", "config")
    assert option in told.value.said
    assert "127.0.0.1" in told.value.tried
    assert "SALESFORCE_<OPTION>" in told.value.remedy
    assert uat.served.journal.entries == ()


def test_a_refused_login_keeps_the_orgs_code_and_words(uat: Bench, settings: Connection) -> None:
    uat.served.faults.add(Fault(LoginError("invalid_grant", "user hasn't approved this consumer")))
    with pytest.raises(Problem) as told:
        logged_in(uat, settings)
    assert (told.value.code, told.value.error_class, told.value.http_status) == ("invalid_grant", "auth", 400)
    assert "user hasn't approved this consumer" in told.value.said
    assert uat.served.url in told.value.tried
    assert "Pre-authorise" in told.value.remedy
    assert tokens(uat) == []


@pytest.mark.parametrize("body", ["<html>login</html>", "[]", '{"other": 1}'], ids=["page", "list", "object"])
def test_what_does_not_answer_like_a_token_endpoint_is_told(uat: Bench, settings: Connection, body: str) -> None:
    uat.served.faults.add(Fault(Status(200, body=body), match_path=TOKEN_PATH))
    with pytest.raises(Problem) as told:
        logged_in(uat, settings)
    assert (told.value.code, told.value.error_class) == ("no_token_endpoint", "auth")
    assert "login_url" in told.value.remedy


@pytest.mark.parametrize("action", [DropBefore(), DropAfter()], ids=["before", "after"])
def test_a_login_that_gets_no_answer_is_a_matter_of_the_network(uat: Bench, settings: Connection, action: Any) -> None:
    uat.served.faults.add(Fault(action, match_path=TOKEN_PATH))
    with pytest.raises(Problem) as told:
        logged_in(uat, settings)
    assert (told.value.code, told.value.error_class) == ("no_answer", "network")
    assert uat.served.url in told.value.tried


# -- the connection ------------------------------------------------------------------------------------------------------------------


def get(uat: Bench, http: HttpSession) -> Any:
    return http.request("GET", f"{uat.served.url}/services/data")


@pytest.mark.parametrize(
    ("action", "timeout"),
    [(DropBefore(), 60), (DropAfter(), 60), (Delay(3), 1)],
    ids=["dropped before", "dropped after", "too slow"],
)
def test_a_request_that_may_have_arrived_is_a_lost_answer(uat: Bench, tmp_path: Path, action: Any, timeout: int) -> None:
    http = http_of(connection(uat.connection() | {"timeout": timeout}), tmp_path)
    uat.served.faults.add(Fault(action))
    with pytest.raises(LostAnswer):
        get(uat, http)
    assert get(uat, http).status_code == 200


def test_a_host_that_does_not_answer_the_door_is_unreachable(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Problem) as told:
            http_of(connection({}), tmp_path).request("GET", f"https://{place}/")
    assert (told.value.code, told.value.error_class) == ("unreachable", "network")
    assert place in told.value.tried
    assert "login_url" in told.value.remedy


def test_a_name_that_nobody_knows_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Problem) as told:
        http_of(connection({}), tmp_path).request("GET", "https://nowhere.invalid/")
    assert told.value.code == "unreachable"
    assert "nowhere.invalid" in told.value.tried


def test_a_port_that_does_not_speak_tls_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _unused = server.accept()
            with peer:
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                peer.recv(4096)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Problem) as told:
            http_of(connection({}), tmp_path).request("GET", f"https://{place}/")
        thread.join(5)
    assert (told.value.code, told.value.error_class) == ("no_tls", "network")
    assert place in told.value.tried


def test_an_option_that_no_request_can_carry_is_refused_without_being_quoted(uat: Bench, settings: Connection) -> None:
    with pytest.raises(Problem) as told:
        http_of(settings, uat.folder).request("GET", uat.served.url, headers={"Authorization": "Bearer one\ntwo"})
    assert (told.value.code, told.value.error_class) == ("unusable_option", "config")
    assert "two" not in repr(told.value)
    assert uat.served.journal.entries == ()


def test_requests_say_who_asks(uat: Bench, settings: Connection, tmp_path: Path) -> None:
    headers = http_of(settings, tmp_path).headers
    assert headers["User-Agent"] == f"voiceops.salesforce/{_session.VERSION}"
    assert headers["Sforce-Call-Options"] == "client=voiceops.salesforce"


# -- whom to trust -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def other_ca(tmp_path: Path) -> str:
    """A certificate authority that has nothing to do with the org."""
    path = tmp_path / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return str(path)


def trusts(uat: Bench, http: HttpSession) -> bool:
    """Whether the org's certificate is trusted; any other trouble is raised."""
    try:
        return bool(get(uat, http).status_code == 200)
    except Problem as problem:
        if problem.code != "untrusted_certificate":
            raise
        return False


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("option", "bundle", "expected"),
    [("right", "other", True), ("other", "right", False), ("", "right", True), ("", "other", False), ("", "", False)],
)
def test_ca_path_wins_over_the_environments_bundle(
    uat: Bench, other_ca: str, monkeypatch: pytest.MonkeyPatch, variable: str, option: str, bundle: str, expected: bool
) -> None:
    """The environment is set as the process has it, too: the libraries below must not look there on their own."""
    files = {"right": str(uat.fleet.ca_path), "other": other_ca, "": ""}
    monkeypatch.setenv(variable, files[bundle])
    http = http_of(connection(uat.connection() | {"ca_path": files[option]}), uat.folder, **{variable: files[bundle]})
    assert trusts(uat, http) is expected


def test_the_process_environment_alone_is_not_asked(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(uat.fleet.ca_path))
    assert not trusts(uat, http_of(connection(uat.connection() | {"ca_path": ""}), uat.folder))


def test_requests_bundle_wins_over_curls(uat: Bench, other_ca: str) -> None:
    right = str(uat.fleet.ca_path)
    given = connection(uat.connection() | {"ca_path": ""})
    assert trusts(uat, http_of(given, uat.folder, REQUESTS_CA_BUNDLE=right, CURL_CA_BUNDLE=other_ca))
    assert not trusts(uat, http_of(given, uat.folder, REQUESTS_CA_BUNDLE=other_ca, CURL_CA_BUNDLE=right))


@pytest.mark.parametrize("before", ["", "\n  ", "# Issuer: CN=Acme CA\n# Serial: 1\n" * 20], ids=["alone", "after space", "after comments"])
def test_the_text_of_a_ca_serves_as_well_as_its_file(uat: Bench, before: str) -> None:
    text = before + uat.fleet.ca_path.read_text()
    assert trusts(uat, http_of(connection(uat.connection() | {"ca_path": text}), uat.folder))
    (kept,) = uat.folder.glob("salesforce-ca-*.pem")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_ca_file_may_be_named_from_the_home_folder(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(uat.fleet.ca_path.parent))
    assert trusts(uat, http_of(connection(uat.connection() | {"ca_path": f"~/{uat.fleet.ca_path.name}"}), uat.folder))


def test_a_ca_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    with pytest.raises(Problem) as told:
        http_of(connection({"ca_path": missing}), tmp_path)
    assert (told.value.code, told.value.error_class) == ("ca_path", "config")
    assert missing in told.value.tried


def test_an_untrusted_certificate_says_how_to_trust_it(uat: Bench, other_ca: str) -> None:
    with pytest.raises(Problem) as told:
        get(uat, http_of(connection(uat.connection() | {"ca_path": other_ca}), uat.folder))
    assert (told.value.code, told.value.error_class) == ("untrusted_certificate", "network")
    assert "127.0.0.1" in told.value.tried
    assert "ca_path" in told.value.remedy


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("certificate verify failed: certificate has expired (_ssl.c:1006)", "clock"),
        ("certificate verify failed: certificate is not yet valid (_ssl.c:1006)", "clock"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid for 'acme.example'. (_ssl.c:1006)", "another host's"),
        ("certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1006)", "ca_path"),
    ],
)
def test_what_to_do_about_a_certificate_goes_by_what_is_wrong_with_it(
    uat: Bench, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    def refuse(*_unused: Any, **_also: Any) -> None:
        raise requests.exceptions.SSLError(f"[SSL: CERTIFICATE_VERIFY_FAILED] {words}")

    monkeypatch.setattr(requests.Session, "request", refuse)
    with pytest.raises(Problem) as told:
        get(uat, http_of(connection(uat.connection()), uat.folder))
    assert expected in told.value.remedy
    assert ("ca_path" in told.value.remedy) is (expected == "ca_path")


def test_a_host_whose_certificate_is_another_hosts_is_told_so(tmp_path: Path) -> None:
    """In the words that the library really uses."""
    with Fleet([seed.vonage()], certified=["elsewhere.example"]) as fleet:
        url = fleet["acme-production"].url
        http = http_of(connection({"login_url": url, "ca_path": str(fleet.ca_path)}), tmp_path)
        with pytest.raises(Problem) as told:
            http.request("GET", url)
    assert (told.value.code, "another host's" in told.value.remedy) == ("untrusted_certificate", True)


# -- a .netrc ------------------------------------------------------------------------------------------------------------------------


def test_a_netrc_does_not_replace_the_bearer_token(uat: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    result = uat.task("org_info")
    assert result.get("error_code") is None
    assert [entry.status for entry in uat.entries()] == [200, 200]


# -- proxies -------------------------------------------------------------------------------------------------------------------------

PROXY, OTHER_PROXY = "http://proxy.invalid:3128", "http://other.invalid:3128"
ORG, LOGIN_HOST = "https://acme.my.salesforce.com/services/data", "https://login.salesforce.com/services/oauth2/token"
Chosen = Callable[..., "str | None"]


@pytest.fixture
def proxy_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chosen:
    """Which proxy a request to a URL goes through, as the library below is told at last."""
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def chosen(url: str, params: dict[str, Any], **environment: str) -> str | None:
        """environment is the task's; nothing of it is in the process."""
        http = http_of(connection(params), tmp_path, **environment)
        seen: list[Any] = []

        def send(request: Any, **settings: Any) -> Any:
            seen.append(settings["proxies"])
            raise LostAnswer("seen enough")

        monkeypatch.setattr(http.get_adapter("https://"), "send", send)
        with pytest.raises(LostAnswer):
            http.request("GET", url)
        found: str | None = seen[0].get("https")
        return found

    return chosen


@pytest.mark.parametrize("url", [ORG, LOGIN_HOST])
def test_the_option_names_the_proxy_of_every_request(proxy_for: Chosen, url: str) -> None:
    assert proxy_for(url, {"proxy": PROXY}) == PROXY
    assert proxy_for(url, {"proxy": PROXY}, HTTPS_PROXY=OTHER_PROXY, NO_PROXY="*") == PROXY
    assert proxy_for(url, {}) is None


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_the_tasks_environment_names_a_proxy_where_the_options_name_none(proxy_for: Chosen, variable: str) -> None:
    """environment: is the task's, and in the controller's own process it never reaches os.environ."""
    assert proxy_for(ORG, {}, **{variable: OTHER_PROXY}) == OTHER_PROXY


@pytest.mark.parametrize("no_proxy", ["acme.my.salesforce.com", ".my.salesforce.com", "other.example,.salesforce.com", "*"])
def test_no_proxy_is_judged_for_each_host(proxy_for: Chosen, no_proxy: str) -> None:
    """One login host may serve orgs that are reached without a proxy, and the other way round."""
    assert proxy_for(ORG, {}, HTTPS_PROXY=OTHER_PROXY, NO_PROXY=no_proxy) is None
    expected = None if no_proxy in ("*", "other.example,.salesforce.com") else OTHER_PROXY
    assert proxy_for(LOGIN_HOST, {}, HTTPS_PROXY=OTHER_PROXY, NO_PROXY=no_proxy) == expected


def test_requests_through_a_proxy_are_sent_at_once(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are without one: the socket of the connection says so."""
    prompt: list[bool] = []
    connect = HTTPSConnection.connect

    def seen(self: HTTPSConnection) -> None:
        connect(self)
        assert isinstance(self.sock, socket.socket)
        prompt.append(bool(self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))

    monkeypatch.setattr(HTTPSConnection, "connect", seen)
    my_domain = uat.served.my_domain
    for options in ({}, {"proxy": uat.fleet.proxy().url, "login_url": my_domain}):
        settings = connection(uat.connection() | options)
        http_of(settings, uat.folder).request("GET", f"{settings.login_url}/services/data")
    assert prompt == [True, True]


def test_a_proxy_that_cannot_be_reached_is_told(uat: Bench) -> None:
    with pytest.raises(Problem) as told:
        get(uat, http_of(connection(uat.connection() | {"proxy": "http://127.0.0.1:1"}), uat.folder))
    assert (told.value.code, told.value.error_class) == ("unreachable", "network")
    assert "The proxy" in told.value.remedy


def test_a_proxy_that_wants_a_password_is_told(uat: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            talking, _unused = listening.accept()
            with talking:
                talking.recv(4096)
                talking.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        settings = connection(uat.connection() | {"proxy": f"http://127.0.0.1:{listening.getsockname()[1]}"})
        with pytest.raises(Problem) as told:
            get(uat, http_of(settings, uat.folder))
        thread.join(5)
    assert told.value.code == "unreachable"
    assert "user name and password" in told.value.remedy


def test_simple_salesforce_keeps_the_port_of_the_instance(uat: Bench, settings: Connection) -> None:
    http = http_of(settings, uat.folder)
    client = _session.client(settings, http, Login("https://127.0.0.1:8443", "token"))
    assert client.base_url == "https://127.0.0.1:8443/services/data/v66.0/"
    assert client.session is http
    assert json.dumps(dict(client.headers)).count("Bearer token") == 1
