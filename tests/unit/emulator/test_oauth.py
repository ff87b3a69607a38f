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

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.fleet import Fleet
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
    assert client.token_request(grant_type="refresh_token").status_code == 501
    assert client.get("/services/oauth2/token").status_code == 405


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
    assert client.get("/sobjects").status_code == 401


def test_userinfo_tells_who_it_is(client: Any, served: Served) -> None:
    body = client.get("/services/oauth2/userinfo").json()
    assert (body["organization_id"], body["preferred_username"]) == (served.org.id, ADMIN)
    assert body["user_id"] == served.org.find("User", Username=ADMIN)[0]["Id"]
    client.session.headers.pop("Authorization")
    assert client.get("/services/oauth2/userinfo").status_code == 401


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
