# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults and the journal: trouble on purpose, and what was asked."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from emulator import faults
from emulator.faults import Fault
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


# --- the control API ---


def test_the_control_api_says_what_is_here(client: Any, served: Served) -> None:
    client.session.headers.pop("Authorization")
    about = client.get("/emulator").json()
    assert (about["org"], about["id"]) == ("acme-test", served.org.id)
    assert client.get("/emulator/nothing").status_code == 404
    assert served.journal.entries == ()


def test_faults_over_the_control_api(client: Any, served: Served) -> None:
    added = client.post("/emulator/faults", {"action": "status", "status": 503, "match_path": "/sobjects", "times": 1})
    assert added.status_code == 200
    assert client.get("/emulator/faults").json()[0]["action"] == "Status"
    assert client.get("/sobjects").status_code == 503
    client.post("/emulator/faults", {"action": "refuse", "sobject": "Account", "where": {"Name": "x"}, "ops": ["insert"], "times": None})
    assert client.post("/sobjects/Account", {"Name": "x"}).status_code == 400
    assert client.call("DELETE", "/emulator/faults").status_code == 200
    assert client.post("/sobjects/Account", {"Name": "x"}).status_code == 201
    for wrong in ({}, {"action": "magic"}, {"action": "status"}, {"action": "delay", "second": 1}):
        assert client.post("/emulator/faults", wrong).status_code == 400
    assert client.call("POST", "/emulator/faults", data="{").status_code == 400


def test_settings_over_the_control_api(client: Any, served: Served) -> None:
    wanted = {"page_size": 1, "api_limit": 5000, "latency_ms": 1, "switches": {"composite_collation": "any_independent"}}
    changed = client.post("/emulator/settings", wanted).json()
    assert (changed["page_size"], changed["api_limit"], changed["latency_ms"]) == (1, 5000, 1)
    assert served.org.switches["composite_collation"] == "any_independent"
    assert client.get("/emulator/settings").json()["possible"]["composite_collation"] == ["neighbours", "any_independent"]
    client.account()
    client.account()
    assert client.get("/query?q=SELECT+Id+FROM+Account").json()["done"] is False
    for wrong in (
        {"page": 1},
        {"page_size": "1"},
        {"page_size": True},
        {"switches": {"magic": "on"}},
        {"switches": {"composite_collation": "x"}},
    ):
        assert client.post("/emulator/settings", wrong).status_code == 400, wrong


def test_the_journal_over_the_control_api(client: Any, served: Served) -> None:
    client.account()
    mark = served.journal.last_seq
    client.get("/sobjects")
    shown = client.get(f"/emulator/journal?since={mark}").json()
    assert (shown["usage"], shown["calls"], [entry["path"] for entry in shown["entries"]]) == (2, 1, [f"{V}/sobjects"])
    assert client.get("/emulator/journal?since=x").status_code == 400
    client.call("DELETE", "/emulator/journal")
    assert [entry["path"] for entry in client.get("/emulator/journal").json()["entries"]] == ["/emulator/journal"]


def test_drift_is_a_change_by_hand(client: Any, served: Served) -> None:
    made = client.account(Name="Acme")
    writes = len(served.org.writes)
    client.post("/emulator/drift", {"op": "update", "sobject": "account", "id": made, "fields": {"name": "By hand"}})
    assert client.get(f"/sobjects/Account/{made}").json()["Name"] == "By hand"
    added = client.post("/emulator/drift", {"op": "insert", "sobject": "Account", "fields": {"Name": "Another"}}).json()
    assert served.org.get("Account", added["ids"][0]) is not None
    gone = client.post("/emulator/drift", {"op": "delete", "sobject": "Account", "where": {"Name": "Another"}}).json()
    assert gone == added
    assert len(served.org.writes) == writes
    assert served.journal.usage == 2
    for wrong in (
        {"op": "insert", "sobject": "Nothing__c"},
        {"op": "insert", "sobject": "Account", "fields": {"Nope": 1}},
        {"op": "update", "sobject": "Account", "fields": {"Name": "x"}},
        {"op": "delete", "sobject": "Account", "id": "001000000000001AAA"},
        {"op": "upsert", "sobject": "Account", "id": made},
    ):
        assert client.post("/emulator/drift", wrong).status_code == 400, wrong


def test_sessions_expire_by_hand(client: Any) -> None:
    assert client.post("/emulator/expire-sessions").json() == {"expired": 1}
    assert client.get("/sobjects").status_code == 401


def test_reset_gives_back_the_seeded_org(client: Any, served: Served) -> None:
    before = served.org.id
    client.account()
    served.faults.add(Fault(faults.Status(503), match_path="/query", times=None))
    assert client.post("/emulator/reset").json() == {"org": "acme-test", "id": before}
    assert client.get("/sobjects").status_code == 401
    client.session.headers["Authorization"] = f"Bearer {client.login().json()['access_token']}"
    assert client.get("/query?q=SELECT+Id+FROM+Account").json()["totalSize"] == 0
    assert served.journal.usage == 2
    served.faults.add(Fault(faults.Refuse("Account")))
    assert client.post("/sobjects/Account", {"Name": "x"}).status_code == 400


def test_a_ready_made_org_cannot_be_reset(client: Any, served: Served) -> None:
    served.rebuild = None
    assert client.post("/emulator/reset").status_code == 400
