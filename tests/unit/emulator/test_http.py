# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The REST resources through real HTTPS."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from emulator.fleet import Fleet
from emulator.http_api.served import Served

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "golden" / "sf-fx-runtime-java"
LIMITED = "limited@acme.example"
WITHOUT_API = "no-api@acme.example"


def errors(answer: requests.Response) -> list[str]:
    return [item["errorCode"] for item in answer.json()]


# --- versions, sessions, limits ---


def test_versions_need_no_login(client_for: Callable[[str], Any]) -> None:
    listed = client_for("").get("/services/data/").json()
    assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert [item["version"] for item in listed] == sorted((item["version"] for item in listed), key=float)
    by_version = {item["version"]: item["label"] for item in listed}
    assert (by_version["59.0"], by_version["60.0"], by_version["65.0"]) == ("Winter '24", "Spring '24", "Winter '26")


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Bearer 00D000000000001!nonsense"])
def test_a_call_without_a_good_token_is_an_expired_session(client_for: Callable[[str], Any], header: str | None) -> None:
    answer = client_for("").get("/sobjects", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_strange_authorization_header_has_an_error_of_its_own(client_for: Callable[[str], Any]) -> None:
    answer = client_for("").get("/sobjects", headers={"Authorization": "Basic YTpi"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_AUTH_HEADER")


def test_a_user_without_api_enabled_is_refused(client_for: Callable[[str], Any]) -> None:
    answer = client_for(WITHOUT_API).get("/sobjects")
    assert (answer.status_code, errors(answer)) == (403, ["API_DISABLED_FOR_ORG"])


def test_a_deactivated_user_loses_the_session(client: Any, served: Served) -> None:
    assert client.get("/sobjects").status_code == 200
    admin = served.org.find("User", Username="admin@acme.example")[0]
    served.org.set("User", admin["Id"], IsActive=False)
    assert client.get("/sobjects").status_code == 401


@pytest.mark.parametrize(
    "path", ["/services/data/v1.0/sobjects", "/services/data/v99.0/sobjects", "/services/nothing", "/setup", "/sobjectz"]
)
def test_unknown_paths_are_404(client: Any, path: str) -> None:
    answer = client.session.get(f"{client.served.url}{path}" if path != "/sobjectz" else f"{client.base}{path}", timeout=10)
    assert (answer.status_code, answer.json()) == (
        404,
        [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}],
    )


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=x",
        "/analytics/reports",
        "/chatter/users",
        "/sobjects/Account/quickActions",
        "/services/async/59.0/job",
    ],
)
def test_what_is_not_emulated_says_so(client: Any, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, errors(answer)) == (501, ["NOT_EMULATED"])


def test_every_answer_tells_the_api_usage(client: Any, served: Served) -> None:
    first = client.get("/sobjects").headers["Sforce-Limit-Info"]
    failed = client.get("/sobjects/Nothing__c/describe")
    assert (first, failed.headers["Sforce-Limit-Info"]) == ("api-usage=1/100000", "api-usage=2/100000")
    assert failed.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert served.journal.usage == 2


def test_beyond_the_limit_nothing_is_processed(client: Any, served: Served) -> None:
    served.org.settings.api_limit = 1
    assert client.get("/sobjects").status_code == 200
    answer = client.post("/sobjects/Account", {"Name": "Late"})
    assert (answer.status_code, answer.json()) == (
        403,
        [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
    )
    assert served.org.find("Account") == []


def test_limits_need_view_setup(client: Any, client_for: Callable[[str], Any]) -> None:
    assert client.get("/limits/").json()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_999}
    assert client_for(LIMITED).get("/limits").status_code == 403


# --- requests that are not well formed ---


def test_a_wrong_verb_names_the_right_ones(client: Any) -> None:
    answer = client.post("/query", {})
    assert (answer.status_code, answer.json()) == (
        405,
        [{"message": "HTTP Method 'POST' not allowed. Allowed are HEAD,GET", "errorCode": "METHOD_NOT_ALLOWED"}],
    )
    assert client.call("PUT", "/sobjects/Account/001000000000001").status_code == 405
    assert client.call("DELETE", "/sobjects/Account").status_code == 405


@pytest.mark.parametrize("body", ["{", "", "nonsense", "[1]", '"text"'])
def test_a_body_that_is_no_json_object_is_a_parser_error(client: Any, body: str) -> None:
    answer = client.call("POST", "/sobjects/Account", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, errors(answer)) == (400, ["JSON_PARSER_ERROR"])


def test_another_content_type_is_unsupported(client: Any) -> None:
    answer = client.call("POST", "/sobjects/Account", data="Name=Acme", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, errors(answer)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


def test_a_uri_has_a_limit(client: Any) -> None:
    path = f"/services/data/v67.0/query?q={'x' * 16_384}"
    assert client.get(path).status_code == 414
    assert client.get("/sobjects", headers={"X-Padding": "x" * 16_300}).status_code == 431


def test_a_query_without_q(client: Any) -> None:
    answer = client.get("/query")
    assert answer.json() == [{"message": "A query string has to be specified", "errorCode": "MALFORMED_QUERY"}]


# --- records ---


def test_a_record_lives_and_dies(client: Any, served: Served) -> None:
    made = client.post("/sobjects/Account/", {"attributes": {"type": "Account"}, "Name": "Acme"})
    account = made.json()["id"]
    assert (made.status_code, made.json()) == (201, {"id": account, "success": True, "errors": []})
    assert made.headers["Location"] == f"/services/data/v67.0/sobjects/Account/{account}"

    read = client.get(f"/sobjects/account/{account[:15]}?fields=Name,Id")
    assert read.json() == {
        "attributes": {"type": "Account", "url": f"/services/data/v67.0/sobjects/Account/{account}"},
        "Name": "Acme",
        "Id": account,
    }
    changed = client.call("PATCH", f"/sobjects/Account/{account}", json={"Name": "Acme Ltd"})
    assert (changed.status_code, changed.content) == (204, b"")
    assert served.org.find("Account", Name="acme ltd")[0]["Id"] == account

    gone = client.call("DELETE", f"/sobjects/Account/{account}")
    assert (gone.status_code, gone.content) == (204, b"")
    again = client.call("DELETE", f"/sobjects/Account/{account}")
    assert (again.status_code, again.json()) == (
        404,
        [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}],
    )


def test_head_answers_without_a_body(client: Any) -> None:
    answer = client.call("HEAD", "/sobjects/Account/describe")
    assert (answer.status_code, answer.content) == (200, b"")


def test_describe_in_its_three_sizes(client: Any) -> None:
    names = [item["name"] for item in client.get("/sobjects/").json()["sobjects"]]
    assert "PermissionSet" in names
    basic = client.get("/sobjects/PermissionSet").json()
    assert (basic["objectDescribe"]["name"], basic["recentItems"]) == ("PermissionSet", [])
    assert "fields" not in basic["objectDescribe"]
    full = client.get("/sobjects/permissionset/describe").json()
    assert "PermissionsApiEnabled" in [field["name"] for field in full["fields"]]


def test_the_version_resource_names_its_children_and_who_asks(client: Any) -> None:
    listed = client.get("/services/data/v60.0/").json()
    assert listed["sobjects"] == "/services/data/v60.0/sobjects"
    who = client.session.get(listed["identity"], timeout=10).json()
    assert who["username"] == "admin@acme.example"


def test_queries_are_paged(client: Any, served: Served) -> None:
    for number in range(5):
        served.org.put("Account", Name=f"Account {number}")
    served.org.settings.page_size = 2
    page = client.get("/query/?q=SELECT+Name+FROM+Account+ORDER+BY+Name").json()
    assert (page["totalSize"], page["done"], len(page["records"])) == (5, False, 2)
    names = [record["Name"] for record in page["records"]]
    while not page["done"]:
        page = client.get(page["nextRecordsUrl"]).json()
        assert page["totalSize"] == 5
        names += [record["Name"] for record in page["records"]]
    assert names == [f"Account {number}" for number in range(5)]
    assert "nextRecordsUrl" not in page


def test_a_batch_size_is_a_hint_within_limits(client: Any, served: Served) -> None:
    for number in range(250):
        served.org.put("Account", Name=f"Account {number}")
    path = "/query?q=SELECT+Id+FROM+Account"
    assert len(client.get(path, headers={"Sforce-Query-Options": "batchSize=200"}).json()["records"]) == 200
    served.org.settings.page_size = 100
    assert len(client.get(path, headers={"Sforce-Query-Options": "batchSize=200"}).json()["records"]) == 100
    assert client.get(path, headers={"Sforce-Query-Options": "batchSize=10"}).status_code == 501


# --- the wire ---


def test_chunked_bodies_are_read(client: Any) -> None:
    def chunks() -> Any:
        yield b'{"Name": '
        yield b'"Chunked"}'

    made = client.call("POST", "/sobjects/Account", data=chunks(), headers={"Content-Type": "application/json"})
    assert made.status_code == 201


def test_a_body_that_is_not_a_body_is_refused(client: Any) -> None:
    answer = client.call("POST", "/sobjects/Account", data=b"", headers={"Content-Length": "minus one"})
    assert answer.status_code == 400


def test_one_connection_serves_many_requests(served: Served, fleet: Fleet) -> None:
    port = int(served.url.rsplit(":", maxsplit=1)[1])
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=ssl.create_default_context(cafile=str(fleet.ca_path)), timeout=10)
    connection.connect()
    connection.auto_open = False
    for _unused in range(20):
        connection.request("GET", "/services/data")
        assert connection.getresponse().read().startswith(b"[")
    connection.close()


def test_an_untrusted_certificate_stops_the_client(served: Served) -> None:
    session = requests.Session()
    session.trust_env = False
    with session, pytest.raises(requests.exceptions.SSLError):
        session.get(f"{served.url}/services/data", timeout=10)


def test_a_silent_client_does_not_hold_up_the_others(client: Any, served: Served) -> None:
    port = int(served.url.rsplit(":", maxsplit=1)[1])
    with socket.create_connection(("127.0.0.1", port)):
        assert client.get("/services/data").status_code == 200


def test_the_certificate_is_good_for_my_domain_hosts(served: Served, fleet: Fleet) -> None:
    port = int(served.url.rsplit(":", maxsplit=1)[1])
    context = ssl.create_default_context(cafile=str(fleet.ca_path))
    for host in ("localhost", "acme.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com", "login.salesforce.com"):
        with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname=host) as secured:
            assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_many_clients_at_once(client_for: Callable[[str], Any], served: Served) -> None:
    clients = [client_for("admin@acme.example") for _unused in range(8)]
    failures: list[str] = []

    def work(number: int) -> None:
        for turn in range(10):
            answer = clients[number].post("/sobjects/Account", {"Name": f"{number}/{turn}"})
            if answer.status_code != 201:
                failures.append(answer.text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({row["Name"] for row in served.org.find("Account")}) == 80
    assert served.journal.usage == 80


# --- simple-salesforce, unmodified ---


@pytest.fixture
def salesforce(client: Any, served: Served) -> Salesforce:
    token = client.session.headers["Authorization"].removeprefix("Bearer ")
    return Salesforce(instance_url=served.url, session_id=token, session=client.session, version="67.0")


def test_simple_salesforce_reads_and_writes(salesforce: Salesforce) -> None:
    made = salesforce.Account.create({"Name": "Simple"})
    assert salesforce.Account.get(made["id"])["Name"] == "Simple"
    assert salesforce.Account.update(made["id"], {"Name": "Simpler"}) == 204
    assert salesforce.query("SELECT Name FROM Account")["records"][0]["Name"] == "Simpler"
    assert [record["Name"] for record in salesforce.query_all_iter("SELECT Name FROM Account")] == ["Simpler"]
    assert salesforce.Account.describe()["name"] == "Account"
    assert salesforce.limits()["DailyApiRequests"]["Max"] == 100_000
    assert salesforce.api_usage["api-usage"].total == 100_000
    assert salesforce.Account.delete(made["id"]) == 204


def test_simple_salesforce_raises_what_it_should(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        salesforce.Account.create({"Nope": 1})
    assert malformed.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Nothing__c.describe()


# --- recorded answers ---


def recorded(name: str) -> tuple[int, Any, dict[str, str]]:
    file = RECORDINGS / name
    if not file.is_file():
        pytest.skip(f"the recordings are not beside this repository ({RECORDINGS.name}/{name})")
    response = json.loads(file.read_text(encoding="utf-8"))["response"]
    return response["status"], json.loads(response["body"]) if "body" in response else None, response["headers"]


def shape(body: Any) -> Any:
    """Keys and kinds, without the values."""
    if isinstance(body, dict):
        return {key: shape(value) for key, value in body.items()}
    if isinstance(body, list):
        return [shape(body[0])] if body else []
    return type(body).__name__


def assert_like(answer: requests.Response, name: str) -> None:
    status, body, headers = recorded(name)
    assert answer.status_code == status
    assert shape(answer.json() if answer.content else None) == shape(body)
    for header in ("Content-Type", "Location", "Sforce-Limit-Info"):
        assert (header in answer.headers) == (header in headers), header


def test_answers_look_as_recorded(client: Any, served: Served) -> None:
    made = client.post("/sobjects/Account", {"Name": "Acme"})
    account = made.json()["id"]
    assert_like(made, "create.json")
    assert_like(client.post("/sobjects/PlayingCard__c", {"Name": "Ace"}), "create-unknown-object.json")
    assert_like(client.post("/sobjects/Account", {"FavoritePet__c": "Dog"}), "create-invalid-field.json")
    assert_like(client.call("PATCH", f"/sobjects/Account/{account}", json={"FavoritePet__c": "Dog"}), "update-invalid-field.json")
    assert_like(client.get("/query?q=SELECT+Name+FROM+Account"), "query.json")
    assert_like(client.get("/query?q=SELEKT+Name+FROM+Account"), "query-malformed-soql.json")
    assert_like(client.get("/query?q=SELECT+Bacon__c+FROM+Account+LIMIT+2"), "query-unknown-column.json")
    assert_like(client.call("PATCH", f"/sobjects/Account/{account}", json={"Name": "Ltd"}), "update.json")
    assert_like(client.call("DELETE", f"/sobjects/Account/{account}"), "delete.json")
    assert_like(client.call("DELETE", f"/sobjects/Account/{account}"), "delete-already-deleted.json")
