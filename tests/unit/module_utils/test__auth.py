# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ansible_collections.voiceops.salesforce.plugins.module_utils import _connection, _session
from ansible_collections.voiceops.salesforce.plugins.module_utils._auth import access_token, client_credentials, jwt_bearer
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import Connection, connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from harness.direct import Bench

FLOWS = (access_token, client_credentials, jwt_bearer)
NOW = 1_800_000_000.75

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
PKCS8, PKCS1 = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
PLAIN = serialization.NoEncryption()


def pem(key: Any = KEY, form: serialization.PrivateFormat = PKCS8, encryption: serialization.KeySerializationEncryption = PLAIN) -> str:
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def settings(**params: Any) -> Connection:
    return connection({"client_id": "3MVG9.app", "username": "api@acme.example", "private_key": pem(), "auth": "jwt_bearer"} | params)


def claims(given: Connection, key: Any = KEY) -> dict[str, Any]:
    """The assertion's claims, its signature checked with the key's public half."""
    form = jwt_bearer.form(given, NOW)
    assert set(form) == {"grant_type", "assertion"}
    assert jwt.get_unverified_header(form["assertion"])["alg"] == "RS256"
    told: dict[str, Any] = jwt.decode(
        form["assertion"], key.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_aud": False}
    )
    return told


def test_there_is_one_file_for_each_flow_of_the_options() -> None:
    assert sorted(_session.FLOWS) == sorted(_connection.FLOWS) == sorted(flow.NAME for flow in FLOWS)
    assert all(Path(str(flow.__file__)).stem == flow.NAME for flow in FLOWS)


@pytest.mark.parametrize(
    ("flow", "needed"),
    [
        (access_token, ("access_token", "instance_url")),
        (client_credentials, ("client_id", "client_secret")),
        (jwt_bearer, ("client_id", "username", "private_key_file")),
    ],
    ids=[flow.NAME for flow in FLOWS],
)
def test_a_flow_says_which_options_it_lacks(flow: Any, needed: tuple[str, ...]) -> None:
    assert flow.required(connection({})) == needed
    for option in needed:
        given = {name: "x" for name in needed if name != option}
        assert flow.required(connection(given)) == (option,)
    assert flow.required(connection(dict.fromkeys(needed, "x"))) == ()


def test_a_key_text_stands_for_a_key_file() -> None:
    assert jwt_bearer.required(settings()) == ()


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.NAME for flow in FLOWS])
def test_an_org_lets_each_flow_in(uat: Bench, flow: Any) -> None:
    served = uat.served
    own = {
        "access_token": {"access_token": served.token(uat.info["admin_username"]), "instance_url": served.url},
        "client_credentials": {"client_secret": served.client.client_secret},
        "jwt_bearer": {},
    }[flow.NAME]
    unset = {} if flow is jwt_bearer else {"private_key_file": None, "username": None}
    result = uat.task("org_info", auth=flow.NAME, **unset, **own)
    assert result.get("error_code") is None
    assert result["user"]["username"] == uat.info["admin_username"]


# -- JWT bearer ----------------------------------------------------------------------------------------------------------------------


def test_an_assertion_says_who_for_whom_and_lives_three_minutes() -> None:
    assert claims(settings(login_url="https://test.salesforce.com")) == {
        "iss": "3MVG9.app",
        "sub": "api@acme.example",
        "aud": "https://test.salesforce.com",
        "exp": 1_800_000_000 + 180,
    }


def test_the_expiry_is_a_number() -> None:
    assert isinstance(claims(settings())["exp"], int)


@pytest.mark.parametrize(
    ("params", "audience"),
    [
        ({}, "https://login.salesforce.com"),
        ({"login_url": "https://test.salesforce.com/"}, "https://test.salesforce.com"),
        ({"login_url": "https://acme.my.salesforce.com"}, "https://login.salesforce.com"),
        ({"login_url": "acme--uat.sandbox.my.salesforce.com"}, "https://test.salesforce.com"),
        ({"login_url": "https://acme--uat.my.salesforce.com"}, "https://test.salesforce.com"),
        ({"login_url": "https://acme--uat.cs12.my.salesforce.com"}, "https://test.salesforce.com"),
        ({"login_url": "https://some-words-dev-ed.scratch.my.salesforce.com"}, "https://test.salesforce.com"),
        ({"login_url": "https://acme-dev-ed.develop.my.salesforce.com"}, "https://login.salesforce.com"),
        ({"login_url": "https://acme.my.salesforce.mil"}, "https://acme.my.salesforce.mil"),
        ({"login_url": "https://127.0.0.1:8443"}, "https://127.0.0.1:8443"),
        ({"login_url": "https://acme.my.salesforce.com", "audience": "https://x.example"}, "https://x.example"),
    ],
)
def test_an_assertion_is_for_the_login_host_unless_said_otherwise(params: dict[str, Any], audience: str) -> None:
    assert claims(settings(**params))["aud"] == audience


@pytest.mark.parametrize(
    "text",
    [pem(), pem(form=PKCS1), "\n  " + pem() + "\n\n", pem().strip(), pem().replace("\n", "\r\n")],
    ids=["PKCS 8", "PKCS 1", "space around it", "no newline at its end", "lines ended as on Windows"],
)
def test_a_key_may_come_in_any_of_the_forms_people_have(text: str) -> None:
    assert claims(settings(private_key=text))["sub"] == "api@acme.example"


def test_a_key_file_is_read_from_the_home_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key.pem").write_text(pem())
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (str(tmp_path / "key.pem"), "~/key.pem"):
        assert claims(settings(private_key=None, private_key_file=name))


def test_the_text_of_a_key_wins_over_its_file(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(pem())
    given = settings(private_key=pem(OTHER_KEY), private_key_file=str(tmp_path / "key.pem"))
    assert claims(given, OTHER_KEY)


SECRET_LINE = pem().splitlines()[5]


@pytest.mark.parametrize(
    "text",
    [
        "no key at all",
        pem(EC_KEY),
        pem(encryption=serialization.BestAvailableEncryption(b"passphrase")),
        pem().replace(SECRET_LINE, SECRET_LINE[:-7] + "!!!"),
        KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
    ],
    ids=["text", "another kind", "with a passphrase", "damaged", "a public key"],
)
def test_what_is_no_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(Problem) as told:
        jwt_bearer.form(settings(private_key=text), NOW)
    assert (told.value.code, told.value.error_class) == ("private_key", "auth")
    assert "PEM" in told.value.remedy or "PEM" in told.value.said
    assert told.value.__cause__ is None
    assert not any(line in repr(told.value) for line in text.splitlines() if len(line) > 30)


@pytest.mark.parametrize("make", ["missing", "folder", "binary"])
def test_a_key_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, make: str) -> None:
    path = tmp_path / "key.pem"
    if make == "folder":
        path.mkdir()
    if make == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Problem) as told:
        jwt_bearer.form(settings(private_key=None, private_key_file=str(path)), NOW)
    assert (told.value.code, told.value.error_class) == ("private_key", "auth")
    assert str(path) in told.value.tried
    assert "private_key_file" in told.value.remedy


# -- the others ----------------------------------------------------------------------------------------------------------------------


def test_client_credentials_send_the_apps_own_name_and_secret() -> None:
    given = connection({"client_id": "3MVG9.app", "client_secret": "s3cret"})
    assert client_credentials.form(given, NOW) == {"grant_type": "client_credentials", "client_id": "3MVG9.app", "client_secret": "s3cret"}


def test_a_ready_token_asks_for_nothing() -> None:
    assert access_token.form(replace(settings(), auth="access_token", access_token="00D!x"), NOW) == {}
