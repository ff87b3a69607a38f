# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token endpoint: who gets in, and with which words the others are refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.fleet import Fleet
from emulator.http_api import passwords
from emulator.http_api.served import Served

ADMIN = "admin@acme.example"
LIMITED = "limited@acme.example"
WITHOUT_API = "no-api@acme.example"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def refusal(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    return body["error"], body["error_description"]


def another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


# --- JWT bearer ---


def test_a_good_assertion_opens_a_session(client: Any, served: Served) -> None:
    body = client.login().json()
    admin = served.org.find("User", Username=ADMIN)[0]["Id"]
    assert set(body) == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert body["access_token"].startswith(f"{served.org.id[:15]}!")
    assert body["instance_url"] == served.url
    assert body["id"] == f"https://login.salesforce.com/id/{served.org.id}/{admin}"
    assert (body["token_type"], body["scope"]) == ("Bearer", "api")
    signed = hmac.new(served.client.client_secret.encode(), (body["id"] + body["issued_at"]).encode(), hashlib.sha256).digest()
    assert body["signature"] == base64.b64encode(signed).decode()
    client.session.headers["Authorization"] = f"Bearer {body['access_token']}"
    assert client.get("/sobjects").status_code == 200


def test_the_answer_must_not_be_stored(client: Any) -> None:
    assert client.login().headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"iss": "3MVG9nobody"}, ("invalid_client_id", "client identifier invalid")),
        ({"iss": None}, ("invalid_client_id", "client identifier invalid")),
        ({"aud": "https://example.com"}, ("invalid_grant", "audience is invalid")),
        ({"aud": "https://test.salesforce.com"}, ("invalid_grant", "audience is invalid")),
        ({"aud": None}, ("invalid_grant", "audience is invalid")),
        ({"exp": 1}, ("invalid_grant", "expired authorization code")),
        ({"exp": None}, ("invalid_grant", "expired authorization code")),
        ({"sub": "nobody@acme.example"}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"sub": None}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"sub": WITHOUT_API}, ("invalid_app_access", "user is not admin approved to access this app")),
    ],
)
def test_each_claim_is_checked(client: Any, claims: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(client.login(**claims)) == expected


def test_the_audiences_of_production_and_sandbox(client: Any, served: Served) -> None:
    for audience in ("https://login.salesforce.com", served.my_domain, served.url, served.url.replace("127.0.0.1", "localhost")):
        assert client.login(aud=audience).status_code == 200, audience
    organization = served.org.find("Organization")[0]["Id"]
    served.org.set("Organization", organization, IsSandbox=True)
    assert client.login(aud="https://test.salesforce.com").json()["id"].startswith("https://test.salesforce.com/id/")
    assert client.login(aud=served.my_domain).status_code == 200
    assert refusal(client.login(aud="https://login.salesforce.com")) == ("invalid_grant", "audience is invalid")


def test_how_far_ahead_an_expiry_may_be(client: Any, served: Served) -> None:
    far = int(time.time()) + 600
    assert refusal(client.login(exp=far)) == ("invalid_grant", "expired authorization code")
    served.org.switches["jwt_exp_too_far"] = "accepted"
    assert client.login(exp=far).status_code == 200


def test_an_expiry_as_text_is_what_simple_salesforce_sends(client: Any, served: Served) -> None:
    claims = {"iss": served.client.client_id, "sub": ADMIN, "aud": served.url, "exp": str(int(time.time()) + 180)}
    # PyJWT refuses to write such an exp; other libraries do not.
    assertion = jwt.PyJWS().encode(json.dumps(claims).encode(), client.key, "RS256")
    assert client.token_request(grant_type=JWT_BEARER, assertion=assertion).status_code == 200
    served.org.switches["jwt_exp_as_text"] = "refused"
    assert refusal(client.token_request(grant_type=JWT_BEARER, assertion=assertion))[0] == "invalid_grant"


def test_clock_skew_is_a_switch(client: Any, served: Served) -> None:
    just_over = int(time.time()) - 60
    assert refusal(client.login(exp=just_over)) == ("invalid_grant", "expired authorization code")
    served.org.switches["jwt_clock_skew"] = "three_minutes"
    assert client.login(exp=just_over).status_code == 200


def test_another_key_is_refused_in_one_of_two_ways(client: Any, served: Served) -> None:
    client.key = another_key()
    assert refusal(client.login()) == ("invalid_grant", "invalid assertion")
    served.org.switches["jwt_bad_signature"] = "invalid_client"
    assert refusal(client.login()) == ("invalid_client", "invalid client credentials")


def test_another_algorithm_is_refused(client: Any, served: Served) -> None:
    claims = {"iss": served.client.client_id, "sub": ADMIN, "aud": served.url, "exp": int(time.time()) + 180}
    signed = jwt.encode(claims, "a secret that is long enough for its algorithm", "HS256")
    unsigned = jwt.encode(claims, None, "none")
    for assertion in (signed, unsigned):
        assert refusal(client.token_request(grant_type=JWT_BEARER, assertion=assertion))[0] == "invalid_client"


@pytest.mark.parametrize("assertion", ["", "nonsense", "a.b.c"])
def test_what_is_no_jwt_is_an_invalid_assertion(client: Any, assertion: str) -> None:
    assert refusal(client.token_request(grant_type=JWT_BEARER, assertion=assertion)) == ("invalid_grant", "invalid assertion")


# --- users ---


def test_inactive_frozen_and_locked_users_stay_out(client: Any, served: Served) -> None:
    org = served.org
    limited = org.find("User", Username=LIMITED)[0]["Id"]
    assert client.login(sub=LIMITED).status_code == 200
    login = org.put("UserLogin", UserId=limited, IsFrozen=True, IsPasswordLocked=False)
    assert refusal(client.login(sub=LIMITED)) == ("invalid_grant", "inactive user")
    org.switches["oauth_frozen_user"] = "user_is_locked"
    assert refusal(client.login(sub=LIMITED)) == ("invalid_grant", "user is locked")
    org.set("UserLogin", login, IsFrozen=False, IsPasswordLocked=True)
    assert refusal(client.login(sub=LIMITED)) == ("invalid_grant", "user is locked")
    org.set("UserLogin", login, IsPasswordLocked=False)
    org.set("User", limited, IsActive=False)
    assert refusal(client.login(sub=LIMITED)) == ("invalid_grant", "inactive user")


def test_two_policies_say_not_approved_in_two_ways(client: Any, served: Served) -> None:
    served.client.policy = "self_authorize"
    assert refusal(client.login(sub=WITHOUT_API)) == ("invalid_grant", "user hasn't approved this consumer")
    served.client.approve(WITHOUT_API.upper())
    assert client.login(sub=WITHOUT_API).status_code == 200


def test_an_unknown_user_is_not_told_apart(client: Any, served: Served) -> None:
    served.org.switches["oauth_unknown_user"] = "authentication_failure"
    assert refusal(client.login(sub="nobody@acme.example")) == ("invalid_grant", "authentication failure")


# --- client credentials and the other grants ---


def test_client_credentials_run_as_the_apps_user(client: Any, served: Served) -> None:
    fields = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
    body = client.token_request(**fields).json()
    assert body["id"].endswith(served.org.find("User", Username=ADMIN)[0]["Id"])
    basic = client.session.post(
        f"{served.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(served.client.client_id, served.client.client_secret),
        timeout=10,
    )
    assert basic.status_code == 200


def test_client_credentials_are_refused_for_each_reason(client: Any, served: Served) -> None:
    good = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
    assert refusal(client.token_request(**{**good, "client_id": "x"})) == ("invalid_client_id", "client identifier invalid")
    assert refusal(client.token_request(**{**good, "client_secret": "x"})) == ("invalid_client", "invalid client credentials")
    elsewhere = client.session.post(f"{served.url}/services/oauth2/token", data=good, headers={"Host": "login.salesforce.com"}, timeout=10)
    assert refusal(elsewhere) == ("invalid_grant", "request not supported on this domain")
    served.client.run_as = None
    assert refusal(client.token_request(**good)) == ("invalid_grant", "no client credentials user enabled")
    served.client.client_credentials = False
    assert refusal(client.token_request(**good)) == ("unsupported_grant_type", "grant type not supported")


def test_the_other_grants(client: Any, served: Served) -> None:
    assert refusal(client.token_request(grant_type="password", username=ADMIN, password="x")) == ("invalid_grant", "authentication failure")
    served.org.switches["oauth_password_flow"] = "unsupported_grant_type"
    assert refusal(client.token_request(grant_type="password"))[0] == "unsupported_grant_type"
    assert refusal(client.token_request(grant_type="magic")) == ("unsupported_grant_type", "grant type not supported")
    assert refusal(client.token_request())[0] == "unsupported_grant_type"
    assert refusal(client.token_request(grant_type="refresh_token")) == ("invalid_client_id", "client identifier invalid")
    assert client.get("/services/oauth2/token").status_code == 405


# --- passwords ---


def password_request(client: Any, username: str = ADMIN, password: str = "secret-word", **fields: str) -> Any:
    app = client.served.client
    credentials = {"client_id": app.client_id, "client_secret": app.client_secret, **fields}
    return client.token_request(grant_type="password", username=username, password=password, **credentials)


@pytest.fixture
def with_password(client: Any, served: Served) -> Any:
    passwords.set_password(served.org, ADMIN, "secret-word", "TOKEN")
    served.client.password_flow = True
    return client


def test_the_password_flow_where_it_is_allowed(with_password: Any, served: Served) -> None:
    body = password_request(with_password, password="secret-wordTOKEN").json()
    assert body["id"].endswith(served.org.find("User", Username=ADMIN)[0]["Id"])
    assert "refresh_token" not in body
    for wrong in ({"password": "secret-word"}, {"password": "x"}, {"username": "nobody@acme.example"}, {"username": LIMITED}):
        assert refusal(password_request(with_password, **wrong)) == ("invalid_grant", "authentication failure"), wrong
    assert refusal(password_request(with_password, client_secret="x")) == ("invalid_client", "invalid client credentials")
    served.client.approved.clear()
    assert refusal(password_request(with_password, password="secret-wordTOKEN"))[0] == "invalid_app_access"


def refused_code(served: Served, password: str, username: str = ADMIN) -> str:
    with pytest.raises(passwords.LoginRefused) as caught:
        passwords.check(served, username, password)
    return caught.value.code


def test_a_security_token_follows_the_password(with_password: Any, served: Served) -> None:
    admin = served.org.find("User", Username=ADMIN)[0]["Id"]
    assert passwords.check(served, ADMIN.upper(), "secret-wordTOKEN") == admin
    assert refused_code(served, "secret-word") == "LOGIN_MUST_USE_SECURITY_TOKEN"
    assert refused_code(served, "TOKEN") == "INVALID_LOGIN"
    passwords.set_password(served.org, ADMIN, "other")
    assert passwords.check(served, ADMIN, "other") == admin
    with pytest.raises(KeyError):
        passwords.set_password(served.org, "nobody@acme.example", "x")


def test_a_seed_may_name_passwords_by_username(served: Served) -> None:
    served.org.seed_info["passwords"] = {LIMITED: "of the seed"}
    assert passwords.check(served, LIMITED, "of the seed") == served.org.find("User", Username=LIMITED)[0]["Id"]
    assert "of the seed" not in repr(served.org.seed_info)


def test_users_who_cannot_log_in(with_password: Any, served: Served) -> None:
    admin = served.org.find("User", Username=ADMIN)[0]["Id"]
    served.org.set("User", admin, IsActive=False)
    assert refused_code(served, "secret-wordTOKEN") == "INVALID_LOGIN"
    served.org.set("User", admin, IsActive=True)
    if served.org.schema.sobject("UserLogin") is not None:
        login = served.org.put("UserLogin", UserId=admin, IsFrozen=True)
        assert refused_code(served, "secret-wordTOKEN") == "INVALID_LOGIN"
        served.org.remove("UserLogin", login)
    assert passwords.check(served, ADMIN, "secret-wordTOKEN") == admin


def test_ten_wrong_passwords_lock_for_a_while(with_password: Any, served: Served) -> None:
    started = datetime(2026, 11, 1, 12, tzinfo=UTC)
    served.org.clock = lambda: started
    for _unused in range(9):
        refused_code(served, "wrong")
    passwords.check(served, ADMIN, "secret-wordTOKEN")  # begins to count anew
    for _unused in range(10):
        refused_code(served, "wrong")
    assert refused_code(served, "secret-wordTOKEN") == "INVALID_LOGIN"
    served.org.switches["login_locked_code"] = "PASSWORD_LOCKOUT"
    assert refused_code(served, "secret-wordTOKEN") == "PASSWORD_LOCKOUT"
    served.org.clock = lambda: started + timedelta(minutes=15)
    assert passwords.check(served, ADMIN, "secret-wordTOKEN")


# --- the web server flow ---

CALLBACK = "http://localhost:4000/callback?keep=1"


class Browser:
    """Follows the login pages as a person does; stops at the client's callback."""

    def __init__(self, client: Any) -> None:
        self.served = client.served
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = client.session.verify

    def open(self, url: str, method: str = "GET", **fields: str) -> requests.Response:
        target = url if "://" in url else f"{self.served.url}{url}"
        while not target.startswith("http://localhost"):
            answer = self.session.request(method, target, data=fields or None, timeout=10, allow_redirects=False)
            if answer.status_code != 302:
                return answer
            method, fields = "GET", {}
            target = urljoin(target, answer.headers["Location"])
        self.session.close()
        landed = requests.Response()
        landed.url, landed.status_code = target, 0
        return landed

    def authorize(self, **changed: str) -> requests.Response:
        asked = {"response_type": "code", "client_id": self.served.client.client_id, "redirect_uri": CALLBACK, "state": "a b", **changed}
        return self.open(f"/services/oauth2/authorize?{urlencode(asked)}")

    def login(self, page: requests.Response, username: str = ADMIN, password: str = "secret-word") -> requests.Response:
        assert "/?ec=302" in page.url
        for part in ("id='username'", "id='password'", "name='Login'"):
            assert part in page.text
        start = dict(parse_qsl(urlsplit(page.url).query))["startURL"]
        return self.open("/?ec=302", "POST", username=username, pw=password, startURL=start)


def landed(answer: requests.Response) -> dict[str, str]:
    """What the client's callback is told."""
    assert answer.url.startswith(f"{CALLBACK}&"), answer.url
    return dict(parse_qsl(urlsplit(answer.url).query))


@pytest.fixture
def web(with_password: Any, served: Served) -> Browser:
    served.client.scope = "api refresh_token"
    served.client.callback_urls = {CALLBACK}
    return Browser(with_password)


def code_request(client: Any, code: str, **changed: str) -> Any:
    app = client.served.client
    fields = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code, "redirect_uri": CALLBACK, **changed}
    return client.token_request(grant_type="authorization_code", **{name: value for name, value in fields.items() if value})


def refresh_request(client: Any, refresh_token: str, **changed: str) -> Any:
    app = client.served.client
    fields = {"client_id": app.client_id, "client_secret": app.client_secret, "refresh_token": refresh_token, **changed}
    return client.token_request(grant_type="refresh_token", **{name: value for name, value in fields.items() if value})


def test_a_pre_authorised_user_only_logs_in(web: Browser, client: Any, served: Served) -> None:
    told = landed(web.login(web.authorize()))
    assert (told["state"], told["keep"]) == ("a b", "1")
    body = code_request(client, told["code"]).json()
    assert body["refresh_token"]
    assert body["scope"] == "api refresh_token"
    client.session.headers["Authorization"] = f"Bearer {body['access_token']}"
    assert client.get("/sobjects").status_code == 200
    again = landed(web.authorize())  # the browser is still logged in
    assert again["code"] != told["code"]
    assert served.journal.usage == 1


def test_whoever_may_decide_is_asked_once(web: Browser, client: Any, served: Served) -> None:
    served.client.policy = "self_authorize"
    served.client.approved.clear()
    page = web.login(web.authorize())
    assert "/setup/secur/RemoteAccessAuthorizationPage.apexp" in page.url
    assert "id='oaapprove'" in page.text
    assert landed(web.open(page.url, "POST", deny="Deny"))["error"] == "access_denied"
    page = web.authorize()
    code = landed(web.open(page.url, "POST", approve="Allow"))["code"]
    assert code_request(client, code).status_code == 200
    assert landed(web.authorize())["code"]


def test_an_administrator_decides_otherwise(web: Browser, served: Served) -> None:
    served.client.approved.clear()
    told = landed(web.login(web.authorize()))
    assert (told["error"], told["state"]) == ("invalid_app_access", "a b")


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"client_id": "x"}, "invalid_client_id"), ({"redirect_uri": "http://localhost:4000/other"}, "redirect_uri_mismatch")],
)
def test_without_a_trusted_callback_the_error_stays_here(web: Browser, changed: dict[str, str], error: str) -> None:
    page = web.authorize(**changed)
    assert "/setup/secur/RemoteAccessErrorPage.apexp" in page.url
    assert error in page.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "api full"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_other_errors_go_to_the_callback(web: Browser, changed: dict[str, str], error: str) -> None:
    assert landed(web.authorize(**changed))["error"] == error


def test_a_wrong_password_shows_the_page_again(web: Browser) -> None:
    page = web.login(web.authorize(), password="wrong")
    assert page.status_code == 200
    assert "not a username and password" in page.text


def test_a_login_does_not_lead_elsewhere(web: Browser, served: Served) -> None:
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = web.session.post(
            f"{served.url}/?ec=302",
            data={"username": ADMIN, "pw": "secret-word", "startURL": elsewhere},
            timeout=10,
            allow_redirects=False,
        )
        assert answer.headers["Location"] == "/"


def test_a_code_is_good_once_and_for_a_while(web: Browser, client: Any, served: Served) -> None:
    code = landed(web.login(web.authorize()))["code"]
    assert code_request(client, code).status_code == 200
    assert refusal(code_request(client, code)) == ("invalid_grant", "expired authorization code")
    served.org.switches["oauth_code_refused"] = "invalid_authorization_code"
    assert refusal(code_request(client, "x")) == ("invalid_grant", "invalid authorization code")
    late = landed(web.authorize())["code"]
    later = datetime.now(UTC) + timedelta(minutes=16)
    served.org.clock = lambda: later
    assert refusal(code_request(client, late))[0] == "invalid_grant"


def test_the_token_request_repeats_what_was_asked(web: Browser, client: Any, served: Served) -> None:
    web.login(web.authorize())
    for changed, error in (
        ({"redirect_uri": "http://localhost:4000/other"}, "redirect_uri_mismatch"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "x"}, "invalid_client_id"),
        ({"code_verifier": "y"}, "invalid_request"),
    ):
        assert refusal(code_request(client, landed(web.authorize())["code"], **changed))[0] == error, changed
    served.client.require_secret = False
    assert code_request(client, landed(web.authorize())["code"], client_secret="").status_code == 200


def test_a_challenge_wants_its_verifier(web: Browser, client: Any, served: Served) -> None:
    web.login(web.authorize())
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    for given, error in (("", "invalid_grant"), ("w" * 43, "invalid_request")):
        code = landed(web.authorize(code_challenge=challenge))["code"]
        assert refusal(code_request(client, code, code_verifier=given))[0] == error
    code = landed(web.authorize(code_challenge=challenge))["code"]
    assert code_request(client, code, code_verifier=verifier).status_code == 200
    served.client.require_pkce = True
    assert landed(web.authorize())["error"] == "invalid_request"


def test_no_refresh_token_without_its_scope(web: Browser, client: Any) -> None:
    web.login(web.authorize())
    assert "refresh_token" not in code_request(client, landed(web.authorize(scope="api"))["code"]).json()


def test_a_refresh_token_renews_the_session(web: Browser, client: Any, served: Served) -> None:
    first = code_request(client, landed(web.login(web.authorize()))["code"]).json()
    served.sessions.expire_all()
    body = refresh_request(client, first["refresh_token"]).json()
    assert "refresh_token" not in body
    assert body["access_token"] != first["access_token"]
    client.session.headers["Authorization"] = f"Bearer {body['access_token']}"
    assert client.get("/sobjects").status_code == 200
    assert refusal(refresh_request(client, "x")) == ("invalid_grant", "expired access/refresh token")
    assert refusal(refresh_request(client, first["refresh_token"], client_secret="x"))[0] == "invalid_client"
    served.org.set("User", served.org.find("User", Username=ADMIN)[0]["Id"], IsActive=False)
    assert refusal(refresh_request(client, first["refresh_token"])) == ("invalid_grant", "inactive user")


def test_a_rotated_refresh_token_is_good_once(web: Browser, client: Any, served: Served) -> None:
    served.client.rotate_refresh_tokens = True
    first = code_request(client, landed(web.login(web.authorize()))["code"]).json()["refresh_token"]
    second = refresh_request(client, first).json()
    assert refusal(refresh_request(client, first))[0] == "invalid_grant"
    assert refresh_request(client, second["refresh_token"]).status_code == 200


def test_revoking_a_refresh_token_ends_its_sessions(web: Browser, client: Any, served: Served) -> None:
    first = code_request(client, landed(web.login(web.authorize()))["code"]).json()
    other = served.token(ADMIN)
    client.session.post(f"{served.url}/services/oauth2/revoke", data={"token": first["refresh_token"]}, timeout=10)
    assert served.sessions.user_of(first["access_token"]) is None
    assert served.sessions.user_of(other) is not None
    assert refusal(refresh_request(client, first["refresh_token"]))[0] == "invalid_grant"


def test_a_refresh_token_is_no_access_token(web: Browser, client: Any) -> None:
    first = code_request(client, landed(web.login(web.authorize()))["code"]).json()
    client.session.headers["Authorization"] = f"Bearer {first['refresh_token']}"
    assert client.get("/sobjects").status_code == 401


def test_the_pages_keep_secrets_out_of_the_journal(web: Browser, client: Any, served: Served) -> None:
    code = landed(web.login(web.authorize()))["code"]
    code_request(client, code)
    written = repr(served.journal.entries)
    assert code not in written
    assert "secret-word" not in written
    assert served.journal.usage == 0


def test_answers_come_as_the_client_wants_them(client: Any, served: Served) -> None:
    fields = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
    assert dict(parse_qsl(client.token_request(**fields, format="urlencoded").text))["token_type"] == "Bearer"
    assert client.token_request(**fields, format="xml").status_code == 501


def test_introspection_tells_what_a_token_stands_for(client: Any, served: Served) -> None:
    token = client.login().json()["access_token"]
    url = f"{served.url}/services/oauth2/introspect"
    app = (served.client.client_id, served.client.client_secret)
    shown = client.session.post(url, data={"token": token}, auth=app, timeout=10).json()
    assert (shown["active"], shown["username"], shown["client_id"], shown["token_type"]) == (True, ADMIN, app[0], "access_token")
    assert shown["exp"] - shown["iat"] == 7200
    served.sessions.expire_all()
    assert client.session.post(url, data={"token": token}, auth=app, timeout=10).json() == {"active": False}
    assert refusal(client.session.post(url, data={"token": token}, auth=(app[0], "x"), timeout=10))[0] == "invalid_client"


# --- sessions ---


def test_a_session_ends_with_the_clock(client: Any, served: Served) -> None:
    started = datetime(2026, 11, 1, 12, tzinfo=UTC)
    served.org.clock = lambda: started
    client.use(ADMIN)
    assert client.get("/sobjects").status_code == 200
    served.org.clock = lambda: started + timedelta(hours=2)
    assert client.get("/sobjects").status_code == 401


def test_a_token_can_be_revoked_once(client: Any, served: Served) -> None:
    token = client.session.headers["Authorization"].removeprefix("Bearer ")
    url = f"{served.url}/services/oauth2/revoke"
    assert client.session.post(url, data={"token": token}, timeout=10).status_code == 200
    assert refusal(client.session.post(url, data={"token": token}, timeout=10))[0] == "invalid_token"
    script = client.session.get(url, params={"token": token, "callback": "done"}, timeout=10)
    assert script.text == 'done({"error": "invalid_token"});'
    assert client.get("/sobjects").status_code == 401


def test_userinfo_tells_who_it_is(client: Any, served: Served) -> None:
    body = client.get("/services/oauth2/userinfo").json()
    assert (body["organization_id"], body["preferred_username"]) == (served.org.id, ADMIN)
    assert body["user_id"] == served.org.find("User", Username=ADMIN)[0]["Id"]
    assert body["urls"]["partner"] == f"{served.url}/services/Soap/u/{{version}}/{served.org.id[:15]}"
    assert body["picture"] == body["photos"]["picture"]


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/{org}/{user}"])
def test_the_identity_service_refuses_in_a_word_and_takes_the_token_as_a_parameter(client: Any, served: Served, path: str) -> None:
    url = served.url + path.format(org=served.org.id, user=served.org.find("User", Username=ADMIN)[0]["Id"])
    token = client.session.headers.pop("Authorization").removeprefix("Bearer ")
    missing = client.session.get(url, timeout=10)
    assert (missing.status_code, missing.text) == (403, "Missing_OAuth_Token")
    assert client.session.get(url, params={"oauth_token": token}, timeout=10).status_code == 200
    served.sessions.expire_all()
    dead = client.session.get(url, params={"oauth_token": token}, timeout=10)
    assert (dead.status_code, dead.text) == (403, "Bad_OAuth_Token")


def test_an_identity_has_photos_and_urls_of_the_version_asked_for(client: Any, served: Served) -> None:
    path = f"/id/{served.org.id}/{served.org.find('User', Username=ADMIN)[0]['Id']}"
    told = client.get(path).json()
    assert (told["asserted_user"], sorted(told["photos"])) == (True, ["picture", "thumbnail"])
    assert told["urls"]["sobjects"] == f"{served.url}/services/data/v{{version}}/sobjects/"
    assert client.get(f"{path}?version=60.0").json()["urls"]["rest"].endswith("/services/data/v60.0/")
    latest = client.get("/services/data").json()[-1]["version"]
    assert client.get(f"{path}?version=latest").json()["urls"]["rest"].endswith(f"/v{latest}/")
    assert client.get(f"{path}?format=xml").status_code == 501


def test_an_identity_of_a_colleague_is_told_and_one_of_nobody_is_not(client: Any, served: Served) -> None:
    colleague = next(row["Id"] for row in served.org.find("User") if row["Username"] != ADMIN)
    told = client.get(f"/id/{served.org.id}/{colleague}").json()
    assert (told["asserted_user"], told["user_id"]) == (False, colleague)
    assert client.get(f"/id/{served.org.id}/005000000000000AAA").status_code == 404
    assert client.get(f"/id/00D000000000000EAA/{colleague}").status_code == 404


def test_logins_are_journalled_and_not_counted(client: Any, served: Served) -> None:
    client.login()
    entry = served.journal.entries[-1]
    assert (entry.kind, entry.calls, entry.status, entry.body) == ("login", 1, 200, {"grant_type": JWT_BEARER})
    assert entry.user == served.org.find("User", Username=ADMIN)[0]["Id"]
    assert served.journal.usage == 0


def test_no_secret_gets_into_the_journal(client: Any, served: Served) -> None:
    fields = {"grant_type": "client_credentials", "client_id": served.client.client_id, "client_secret": served.client.client_secret}
    token = client.token_request(**fields).json()["access_token"]
    client.post("/sobjects/Account", {"Name": "x", "nested": [{"password": "hidden words"}]})
    client.session.post(f"{served.url}/services/oauth2/token", params=fields, timeout=10)
    written = repr(served.journal.entries)
    assert served.client.client_secret not in written
    assert token not in written
    assert "hidden words" not in written


def test_the_key_is_the_owners_alone(fleet: Fleet) -> None:
    assert fleet.key_path.stat().st_mode & 0o777 == 0o600
    assert fleet.folder.stat().st_mode & 0o777 == 0o700
