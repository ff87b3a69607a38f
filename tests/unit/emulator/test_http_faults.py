# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults and the journal: trouble on purpose, as clients see it, and what was asked."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from emulator import faults
from emulator.faults import Fault
from emulator.fleet import Fleet
from emulator.http_api import passwords
from emulator.http_api.served import Served

V = "/services/data/v67.0"


def account_body(name: str = "Acme") -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, "Name": name}


def test_a_status_strikes_as_often_as_it_is_told(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.Status(503, "SERVER_UNAVAILABLE", "later", {"Retry-After": "1"}), match_path="/query", times=2))
    path = "/query?q=SELECT+Id+FROM+Account"
    first = client.get(path)
    assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
    assert first.json() == [{"message": "later", "errorCode": "SERVER_UNAVAILABLE"}]
    assert client.get("/sobjects").status_code == 200
    assert client.get(path).status_code == 503
    assert client.get(path).status_code == 200
    assert served.faults.active() == {}
    assert [(entry.status, entry.calls) for entry in served.journal.entries] == [(503, 0), (200, 1), (503, 0), (200, 1)]
    assert served.journal.usage == 2


def test_a_gateway_answers_with_a_page(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.Status(502, body="<html>Bad Gateway</html>")))
    answer = client.get("/sobjects")
    assert (answer.status_code, answer.text) == (502, "<html>Bad Gateway</html>")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_faults_match_method_path_and_body(client: Any, served: Served) -> None:
    served.faults.add(
        Fault(faults.Status(500), match_method="post", match_path=r"/composite$", match_body='"method": ?"DELETE"', times=None)
    )
    read = {"compositeRequest": [{"method": "GET", "url": f"{V}/sobjects", "referenceId": "a"}]}
    delete = {"compositeRequest": [{"method": "DELETE", "url": f"{V}/sobjects/Account/001000000000001AAA", "referenceId": "a"}]}
    assert client.get("/composite").status_code == 200
    assert client.post("/composite", read).status_code == 200
    assert [client.post("/composite", delete).status_code for _unused in range(3)] == [500, 500, 500]


def test_a_dropped_request_is_not_processed(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.DropBefore(), match_method="POST"))
    with pytest.raises(requests.exceptions.ConnectionError):
        client.post("/sobjects/Account", {"Name": "Lost"})
    assert served.org.find("Account") == []
    entry = served.journal.entries[-1]
    assert (entry.status, entry.answered, entry.kind, entry.calls) == (0, False, "write", 0)


def test_a_dropped_answer_leaves_the_record(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.DropAfter(), match_method="POST"))
    with pytest.raises(requests.exceptions.ConnectionError):
        client.post("/sobjects/Account", {"Name": "Kept"})
    assert [row["Name"] for row in served.org.find("Account")] == ["Kept"]
    entry = served.journal.entries[-1]
    assert (entry.status, entry.answered, entry.kind, entry.calls) == (0, False, "write", 1)
    assert served.journal.usage == 1


def test_a_delay_and_a_latency_only_take_time(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.Delay(0.2)))
    started = time.perf_counter()
    assert client.get("/sobjects").status_code == 200
    assert time.perf_counter() - started >= 0.2
    served.latency_ms = 100
    started = time.perf_counter()
    client.get("/limits")
    assert time.perf_counter() - started >= 0.1


def test_sessions_expire_in_mid_run(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.ExpireSessions(), match_path="/composite/sobjects"))
    assert client.get("/sobjects").status_code == 200
    body = {"records": [account_body()]}
    refused = client.post("/composite/sobjects", body)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert client.get("/sobjects").status_code == 401
    client.session.headers["Authorization"] = f"Bearer {client.login().json()['access_token']}"
    assert client.post("/composite/sobjects", body).status_code == 200


def test_a_refused_session_may_be_free(client: Any, served: Served) -> None:
    served.sessions.expire_all()
    client.get("/sobjects")
    assert served.journal.usage == 1
    served.org.switches["expired_session_calls"] = "free"
    client.get("/sobjects")
    assert served.journal.usage == 1


def test_a_login_error_of_choice(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.LoginError("invalid_grant", "ip restricted")))
    assert client.get("/sobjects").status_code == 200
    answer = client.login()
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant", "error_description": "ip restricted"})
    assert client.login().status_code == 200


def test_a_locked_record(client: Any, served: Served) -> None:
    one, two = client.account(Name="One"), client.account(Name="Two")
    served.faults.add(Fault(faults.Lock("account"), times=1))
    records = [{"attributes": {"type": "Account"}, "id": record, "Name": "New"} for record in (one, two)]
    results = client.call("PATCH", "/composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [False, True]
    assert results[0]["errors"] == [
        {
            "statusCode": "UNABLE_TO_LOCK_ROW",
            "message": f"unable to obtain exclusive access to this record or 1 records: {one}",
            "fields": [],
        }
    ]
    assert client.call("PATCH", f"/sobjects/Account/{one}", json={"Name": "New"}).status_code == 204


def test_a_lock_on_certain_records(client: Any, served: Served) -> None:
    one, two = client.account(Name="One"), client.account(Name="Two")
    served.faults.add(Fault(faults.Lock("Account", {"Id": two}), times=None))
    assert client.call("DELETE", f"/sobjects/Account/{one}").status_code == 204
    refused = client.call("DELETE", f"/sobjects/Account/{two}")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")


def test_a_customers_own_rule(client: Any, served: Served) -> None:
    action = faults.Refuse("Account", {"Name": "forbidden"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not that name", ("insert",), ("Name",))
    number = served.faults.add(Fault(action, times=None))
    refused = client.post("/sobjects/Account", {"Name": "Forbidden"})
    assert (refused.status_code, refused.json()) == (
        400,
        [{"message": "Not that name", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Name"]}],
    )
    allowed = client.account(Name="Allowed")
    assert client.call("PATCH", f"/sobjects/Account/{allowed}", json={"Name": "Forbidden"}).status_code == 204
    assert client.post("/sobjects/Account", {"Name": "Forbidden"}).status_code == 400
    served.faults.remove(number)
    assert client.post("/sobjects/Account", {"Name": "Forbidden"}).status_code == 201


def test_a_record_fault_rolls_a_composite_back(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.Refuse("Contact")))
    body = {
        "allOrNone": True,
        "compositeRequest": [
            {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "a", "body": {"Name": "x"}},
            {"method": "POST", "url": f"{V}/sobjects/Contact", "referenceId": "c", "body": {"LastName": "x"}},
        ],
        "collateSubrequests": False,
    }
    shown = client.post("/composite", body).json()["compositeResponse"]
    assert [result["body"][0]["errorCode"] for result in shown] == ["PROCESSING_HALTED", "FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    assert served.org.find("Account") == []


# --- how clients see it ---


def user_rows(served: Served, number: int) -> list[str]:
    """Ids of that many more users."""
    profile = served.org.find("Profile", Name="Standard User")[0]["Id"]
    rows = [{"Username": f"u{index}@acme.example", "LastName": "U", "ProfileId": profile, "IsActive": True} for index in range(number)]
    return served.org.put_many("User", rows)


@pytest.fixture
def salesforce(fleet: Fleet, served: Served, monkeypatch: pytest.MonkeyPatch) -> Salesforce:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fleet.ca_path))
    return Salesforce(instance_url=served.url, session_id=served.token("admin@acme.example"), version="60.0")


SEEN = [
    ("expire_sessions", {}, SalesforceExpiredSession, "INVALID_SESSION_ID"),
    ("request_limit", {}, SalesforceRefusedRequest, "REQUEST_LIMIT_EXCEEDED"),
    ("status", {"status": 503, "headers": {"Retry-After": "2"}}, SalesforceGeneralError, "SERVER_UNAVAILABLE"),
    ("status", {"status": 429, "code": "TOO_MANY_REQUESTS"}, SalesforceGeneralError, "TOO_MANY_REQUESTS"),
    ("html_page", {}, SalesforceGeneralError, "<html>"),
    ("html_page", {"status": 404, "title": "<Maintenance>"}, SalesforceResourceNotFound, "&lt;Maintenance&gt;"),
    ("drop_before", {}, requests.exceptions.ConnectionError, ""),
    ("drop_after", {}, requests.exceptions.ConnectionError, ""),
    ("truncate", {"keep": 0.5}, requests.exceptions.JSONDecodeError, ""),
    ("truncate", {"keep": 0.5, "honest": False}, requests.exceptions.ChunkedEncodingError, "IncompleteRead"),
    ("lock", {"sobject": "Account"}, SalesforceMalformedRequest, "UNABLE_TO_LOCK_ROW"),
    ("refuse", {"sobject": "Account", "message": "Not so"}, SalesforceMalformedRequest, "Not so"),
    ("apex_limit", {"sobject": "Account", "over": 0}, SalesforceMalformedRequest, "System.LimitException: Too many SOQL queries: 101"),
]


@pytest.mark.parametrize(("action", "options", "error", "words"), SEEN)
def test_each_trouble_as_simple_salesforce_sees_it(
    salesforce: Salesforce, client: Any, served: Served, action: str, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    """Armed over the control API, met by a write, over after one time."""
    armed = client.post("/emulator/faults", {"action": action, "match_path": "/sobjects/Account", **options})
    assert armed.status_code == 200, armed.text
    with pytest.raises(error) as caught:
        salesforce.Account.create({"Name": "Met"})
    assert words in str(caught.value).replace("\\n", "\n")
    stays = action in ("drop_after", "truncate")
    assert len(served.org.find("Account", Name="Met")) == (1 if stays else 0)
    salesforce.session_id = served.token("admin@acme.example")
    salesforce.headers["Authorization"] = f"Bearer {salesforce.session_id}"
    assert salesforce.Account.create({"Name": "After"})["success"]
    assert client.get("/emulator/faults").json() == []


def test_a_slow_body_trickles(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.SlowBody(0.4, pieces=4)))
    answer = client.get("/sobjects", stream=True)
    started = time.perf_counter()
    assert answer.json()["maxBatchSize"] == 200
    assert time.perf_counter() - started > 0.25
    served.faults.add(Fault(faults.SlowBody(3, pieces=3)))
    with pytest.raises(requests.exceptions.RequestException):
        client.session.get(f"{client.base}/sobjects", timeout=0.5)


def test_an_honest_cut_has_a_length_that_fits(client: Any, served: Served) -> None:
    whole = client.get("/limits").content
    served.faults.add(Fault(faults.Truncate(0.5)))
    cut = client.get("/limits")
    assert (cut.status_code, cut.headers["Content-Length"]) == (200, str(len(whole) // 2))
    assert client.get("/limits").status_code == 200


def test_a_fault_lets_some_pass_first(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.Status(500), match_path="/sobjects", skip=2, times=1))
    assert [client.get("/sobjects").status_code for _unused in range(4)] == [200, 200, 500, 200]


def test_a_trigger_fails_a_large_chunk_as_a_whole(client: Any, served: Served) -> None:
    ids = user_rows(served, 60)
    served.faults.add(Fault(faults.ApexLimit(over=50, trigger="AcmeUserTrigger"), times=None))

    def patch(chosen: list[str], **more: Any) -> list[dict[str, Any]]:
        records = [{"attributes": {"type": "User"}, "id": one, "Department": "New"} for one in chosen]
        answer: list[dict[str, Any]] = client.call("PATCH", "/composite/sobjects", json={"records": records, **more}).json()
        return answer

    results = patch(ids)
    assert [result["success"] for result in results] == [False] * 60
    message = "AcmeUserTrigger: execution of BeforeUpdate\n\ncaused by: System.LimitException: Too many SOQL queries: 101"
    assert results[0]["errors"] == [{"statusCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": message, "fields": []}]
    assert served.org.find("User", Department="New") == []
    assert all(result["success"] for result in patch(ids[:50]))
    assert client.call("PATCH", f"/sobjects/User/{ids[55]}", json={"Department": "New"}).status_code == 204
    assert len(served.org.find("User", Department="New")) == 51


def test_a_trigger_that_recovers_counts_chunks(client: Any, served: Served) -> None:
    ids = user_rows(served, 6)
    served.faults.add(Fault(faults.ApexLimit(over=2), times=1, skip=1))
    records = [{"attributes": {"type": "User"}, "id": one, "Department": "New"} for one in ids]
    for expected in (True, False, True):
        results = client.call("PATCH", "/composite/sobjects", json={"records": records}).json()
        assert [result["success"] for result in results] == [expected] * 6
    assert served.faults.active() == {}


@pytest.mark.parametrize(("collates", "expected"), [(True, [400, 400, 400]), (False, [204, 204, 204])])
def test_a_trigger_sees_collated_subrequests_as_one_chunk(client: Any, served: Served, collates: bool, expected: list[int]) -> None:
    ids = user_rows(served, 3)
    served.faults.add(Fault(faults.ApexLimit(over=2), times=None))
    url = "/services/data/v67.0/sobjects/User"
    subrequests = [
        {"method": "PATCH", "url": f"{url}/{one}", "referenceId": f"r{number}", "body": {"Department": "New"}}
        for number, one in enumerate(ids)
    ]
    answer = client.post("/composite", {"collateSubrequests": collates, "compositeRequest": subrequests}).json()
    assert [one["httpStatusCode"] for one in answer["compositeResponse"]] == expected


def test_a_trigger_sees_one_level_of_a_tree_as_one_chunk(client: Any, served: Served) -> None:
    served.faults.add(Fault(faults.ApexLimit("Contact", over=2, trigger="ContactTrigger"), times=None))
    contacts = [{"attributes": {"type": "Contact", "referenceId": f"c{number}"}, "LastName": "L"} for number in range(4)]
    accounts = [
        {"attributes": {"type": "Account", "referenceId": f"a{number}"}, "Name": "N", "Contacts": {"records": contacts[number * 2 :][:2]}}
        for number in range(2)
    ]
    refused = client.post("/composite/tree/Account", {"records": accounts})
    assert refused.status_code == 400
    assert "Too many SOQL queries: 101" in refused.text
    assert client.post("/composite/tree/Account", {"records": accounts[:1]}).status_code == 201


def test_a_trigger_sees_bulk_jobs_in_chunks_of_200(client: Any, served: Served) -> None:
    ids = user_rows(served, 250)
    served.faults.add(Fault(faults.ApexLimit(over=100), times=None))
    job = client.post("/jobs/ingest", {"object": "User", "operation": "update", "contentType": "CSV", "lineEnding": "LF"}).json()["id"]
    rows = "Id,Department\n" + "".join(f"{one},New\n" for one in ids)
    client.call("PUT", f"/jobs/ingest/{job}/batches", data=rows, headers={"Content-Type": "text/csv"})
    client.call("PATCH", f"/jobs/ingest/{job}", json={"state": "UploadComplete"})
    deadline = time.monotonic() + 20
    while client.get(f"/jobs/ingest/{job}").json()["state"] not in ("JobComplete", "Failed") and time.monotonic() < deadline:
        time.sleep(0.05)
    failed = client.get(f"/jobs/ingest/{job}/failedResults").text
    assert failed.count("Too many SOQL queries: 101") == 200
    assert len(served.org.find("User", Department="New")) == 50


def test_a_validation_rule_on_single_users(client: Any, served: Served) -> None:
    one, two = user_rows(served, 2)
    served.faults.add(
        Fault(faults.Refuse("User", {"Id": two}, message="Ask HR first", fields=("Department",), ops=("update",)), times=None)
    )
    records = [{"attributes": {"type": "User"}, "id": which, "Department": "New"} for which in (one, two)]
    results = client.call("PATCH", "/composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"] == [
        {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Ask HR first", "fields": ["Department"]}
    ]


@pytest.mark.parametrize("name", sorted(faults.ACTIONS))
def test_each_action_has_a_json_form(name: str) -> None:
    given = {"status": {"status": 500}, "delay": {"seconds": 1}, "slow_body": {"seconds": 1.5}, "lock": {"sobject": "User"}}
    given |= {"refuse": {"sobject": "User", "ops": ["update"]}, "login_error": {"error": "a", "description": "b"}}
    given |= {"end_job": {"sobject": "User", "state": "Aborted"}}
    described = {"action": name, **given.get(name, {}), "match_path": "/x", "times": None, "skip": 1}
    fault = faults.from_json(described)
    assert isinstance(fault.action, faults.ACTIONS[name])
    shown = faults.as_json(fault)
    assert all(shown[key] == described[key] for key in ("action", "match_path", "times", "skip"))
    assert faults.from_json(shown) == fault


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "status"},
        {"action": "status", "status": "503"},
        {"action": "status", "status": True},
        {"action": "delay", "seconds": "1"},
        {"action": "truncate", "honest": "no"},
        {"action": "refuse", "sobject": "User", "ops": "update"},
        {"action": "refuse", "sobject": "User", "where": []},
        {"action": "drop_before", "times": "1"},
        {"action": "drop_before", "match_path": "("},
        {"action": "drop_before", "match_paths": "x"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        faults.from_json(wrong)


# --- journal ---


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/composite", {"compositeRequest": [{"method": "GET", "url": f"{V}/limits", "referenceId": "a"}]}, "read"),
        ("/composite", {"compositeRequest": [{"method": "DELETE", "url": f"{V}/sobjects/A/1", "referenceId": "a"}]}, "write"),
        ("/composite", {"compositeRequest": [{"method": "POST", "url": f"{V}/composite/sobjects/User", "referenceId": "a"}]}, "read"),
        ("/composite", {"compositeRequest": [{"method": "POST", "url": f"{V}/composite/sobjects", "referenceId": "a"}]}, "write"),
        ("/composite/batch", {"batchRequests": [{"method": "GET", "url": "v67.0/limits"}]}, "read"),
        ("/composite/sobjects/User", {"ids": [], "fields": []}, "read"),
        ("/composite/sobjects", {"records": []}, "write"),
        ("/composite", "nonsense", "write"),
    ],
)
def test_a_refused_request_is_still_a_read_or_a_write(client: Any, served: Served, path: str, body: Any, kind: str) -> None:
    for fault in (faults.Status(503), faults.ExpireSessions()):
        served.faults.add(Fault(fault))
        client.post(path, body)
        assert served.journal.entries[-1].kind == kind


def test_the_journal_counts_since_a_mark(client: Any, served: Served) -> None:
    client.get("/sobjects")
    mark = served.journal.last_seq
    client.login()
    client.account()
    client.get("/services/data")
    assert [entry.kind for entry in served.journal.since(mark)] == ["login", "write", "read"]
    assert served.journal.calls(since=mark) == 2
    assert served.journal.calls(since=mark, logins=False) == 1
    assert [entry.method for entry in served.journal.writes(since=mark)] == ["POST"]
    assert served.journal.entries[-1].calls == 0


def test_logins_are_counted_apart(client: Any, served: Served) -> None:
    client.login()
    client.login(sub="nobody@acme.example")
    client.get("/sobjects")
    assert (served.journal.usage, served.journal.logins) == (1, 2)
    served.faults.add(Fault(faults.LoginError("invalid_grant", "ip restricted")))
    client.login()
    served.faults.add(Fault(faults.DropBefore(), match_path="/token"))
    with pytest.raises(requests.exceptions.ConnectionError):
        client.login()
    assert served.journal.logins == 3
    served.journal.clear()
    assert served.journal.logins == 3


def test_a_soap_login_is_a_login(client: Any, served: Served) -> None:
    passwords.set_password(served.org, "admin@acme.example", "secret")
    envelope = (
        '<?xml version="1.0" encoding="utf-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
        '<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>admin@acme.example</n1:username><n1:password>secret</n1:password>'
        "</n1:login></env:Body></env:Envelope>"
    )
    served.faults.add(Fault(faults.Status(503), match_path="/Soap/"))
    for status in (503, 200):
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"}
        answer = client.call("POST", "/services/Soap/u/59.0", data=envelope, headers=headers)
        assert answer.status_code == status
        assert served.journal.entries[-1].kind == "login"
    assert (served.journal.usage, served.journal.logins) == (0, 1)
    assert "secret" not in repr(served.journal.entries)


def test_a_cleared_journal_forgets_requests_but_no_calls(client: Any, served: Served) -> None:
    client.get("/sobjects")
    served.journal.clear()
    assert served.journal.entries == ()
    assert client.get("/sobjects").headers["Sforce-Limit-Info"] == "api-usage=2/100000"


def test_an_entry_tells_what_was_sent(client: Any, served: Served) -> None:
    client.post("/sobjects/Account", {"Name": "Acme"})
    entry = served.journal.entries[-1]
    assert (entry.method, entry.path, entry.status, entry.body) == ("POST", f"{V}/sobjects/Account", 201, {"Name": "Acme"})
    assert entry.user == served.org.find("User", Username="admin@acme.example")[0]["Id"]
    assert entry.duration_ms > 0


def test_a_mistake_of_the_emulator_is_a_500_that_says_so(
    client: Any, served: Served, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_unused: Any) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(served.org, "describe_global", broken)
    answer = client.get("/sobjects")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
    assert "a mistake" in capfd.readouterr().err
