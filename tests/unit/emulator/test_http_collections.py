# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sObject Collections through HTTPS: sizes, kinds, partial success, all or none."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.http_api.served import Served

ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


def of(name: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": name}, **values}


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    return [None if result["success"] else result["errors"][0]["statusCode"] for result in results]


def test_a_failed_record_does_not_hide_the_others(client: Any, served: Served) -> None:
    records = [of("Account", Name="One"), of("Account", Nope=1), of("Account"), of("Contact", LastName="Four")]
    answer = client.post("/composite/sobjects/", {"records": records})
    assert answer.status_code == 200
    assert codes(answer.json()) == [None, "INVALID_FIELD", "REQUIRED_FIELD_MISSING", None]
    assert answer.json()[0] == {"id": served.org.find("Account", Name="One")[0]["Id"], "success": True, "errors": []}
    assert answer.json()[1]["errors"][0]["message"] == "No such column 'Nope' on sobject of type Account"
    assert set(answer.json()[2]["errors"][0]) == {"statusCode", "message", "fields"}
    assert "id" not in answer.json()[1]
    assert served.journal.entries[-1].calls == 1


def test_all_or_none_tells_who_failed_and_who_was_taken_along(client: Any, served: Served) -> None:
    records = [of("Account", Name="One"), of("Account", Nope=1), of("Account", Name="Three"), of("Account")]
    answer = client.post("/composite/sobjects", {"allOrNone": True, "records": records})
    assert codes(answer.json()) == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_FIELD",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert answer.json()[0]["errors"] == [ROLLED_BACK]
    assert served.org.find("Account") == []
    assert served.org.writes == []


def test_updates_go_by_id(client: Any, served: Served) -> None:
    one, two = client.account(Name="One"), client.account(Name="Two")
    records = [of("Account", id=one[:15], Name="Uno"), of("Account", Id=two, Name="Due"), of("Account", id=f"{one[:-1]}x", Name="Tre")]
    answer = client.call("PATCH", "/composite/sobjects", json={"records": records})
    assert codes(answer.json()) == [None, None, "MALFORMED_ID"]
    assert [result.get("id") for result in answer.json()] == [one, two, None]
    assert {row["Name"] for row in served.org.find("Account")} == {"Uno", "Due"}


def test_deletes_go_by_query(client: Any, served: Served) -> None:
    one, two = client.account(), client.account()
    path = f"/composite/sobjects?ids={one},{two[:15]},zzz000000000001&allOrNone=false"
    answer = client.call("DELETE", path)
    assert codes(answer.json()) == [None, None, "MALFORMED_ID"]
    assert [result.get("id") for result in answer.json()] == [one, two, None]
    three = client.account()
    assert codes(client.call("DELETE", f"/composite/sobjects?ids={three},{one}&allOrNone=true").json()) == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "ENTITY_IS_DELETED",
    ]
    assert len(served.org.find("Account")) == 1


def test_two_hundred_and_not_one_more(client: Any, served: Served) -> None:
    records = [of("Account", Name=f"Account {number}") for number in range(201)]
    answer = client.post("/composite/sobjects", {"records": records})
    assert (answer.status_code, answer.json()) == (
        400,
        [{"message": "record limit reached. cannot submit more than 200 records into this call", "errorCode": "EXCEEDED_ID_LIMIT"}],
    )
    assert served.org.find("Account") == []
    assert codes(client.post("/composite/sobjects", {"records": records[:200]}).json()) == [None] * 200


def test_ten_chunks_and_not_one_more(client: Any, served: Served) -> None:
    records = [of("Account", Name="x") if number % 2 else of("Contact", LastName="x") for number in range(11)]
    answer = client.post("/composite/sobjects", {"records": records})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_MAX_TYPES_LIMIT")
    assert client.post("/composite/sobjects", {"records": records[:10]}).status_code == 200
    grouped = sorted(records, key=lambda record: record["attributes"]["type"])
    assert client.post("/composite/sobjects", {"records": grouped}).status_code == 200


def test_setup_objects_keep_to_themselves(client: Any, served: Served) -> None:
    records = [of("PermissionSet", Name="One", Label="One"), of("Account", Name="One")]
    answer = client.post("/composite/sobjects", {"records": records})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MIXED_DML_OPERATION")
    served.org.switches["collections_setup_mix"] = "records_refused"
    assert codes(client.post("/composite/sobjects", {"records": records}).json()) == ["MIXED_DML_OPERATION"] * 2
    two_setup_objects = [of("PermissionSet", Name="One", Label="One"), of("PermissionSetGroup", DeveloperName="G", MasterLabel="G")]
    assert codes(client.post("/composite/sobjects", {"records": two_setup_objects}).json()) == ["MIXED_DML_OPERATION"] * 2
    assert served.org.find("Account") == []
    assert served.org.find("PermissionSet", Name="One") == []


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", {}),
        ("POST", {"records": []}),
        ("POST", {"records": [{"Name": "untyped"}]}),
        ("POST", {"records": [{"attributes": {}, "Name": "untyped"}]}),
        ("POST", {"records": ["text"]}),
        ("POST", {"records": [{"attributes": {"type": "Account"}, "Id": "001000000000001AAA"}]}),
        ("PATCH", {"records": [{"attributes": {"type": "Account"}, "Name": "no id"}]}),
    ],
)
def test_what_is_not_well_formed_is_refused_as_a_whole(client: Any, method: str, body: dict[str, Any]) -> None:
    answer = client.call(method, "/composite/sobjects", json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")


def test_an_all_or_none_that_is_no_flag_is_a_parser_error(client: Any) -> None:
    answer = client.post("/composite/sobjects", {"allOrNone": "perhaps", "records": [of("Account", Name="x")]})
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_an_unknown_type_is_the_records_own_error(client: Any) -> None:
    answer = client.post("/composite/sobjects", {"records": [of("Nothing__c", Name="x"), of("Account", Name="x")]})
    assert codes(answer.json()) == ["NOT_FOUND", None]


def test_many_records_are_retrieved_at_once(client: Any, served: Served) -> None:
    one, two = client.account(Name="One"), client.account(Name="Two")
    gone = client.account()
    client.call("DELETE", f"/sobjects/Account/{gone}")
    asked = [two, "001000000000001AAA", one, gone, "nonsense"]
    read = client.post("/composite/sobjects/Account", {"ids": asked, "fields": ["Name"]}).json()
    assert [None if record is None else record["Name"] for record in read] == ["Two", None, "One", None, None]
    assert served.journal.entries[-1].kind == "read"
    by_url = client.get(f"/composite/sobjects/Account?ids={one},{two}&fields=Id,Name").json()
    assert [record["Id"] for record in by_url] == [one, two]
    assert client.post("/composite/sobjects/Account", {"ids": [one], "fields": ["Nope"]}).status_code == 400
    assert client.post("/composite/sobjects/Nothing__c", {"ids": [one], "fields": ["Id"]}).status_code == 404
    assert client.post("/composite/sobjects/Account", {"ids": [one]}).status_code == 400


def test_upserts_by_external_id_are_not_emulated(client: Any) -> None:
    body = {"records": [of("Account", Name="x")]}
    assert client.call("PATCH", "/composite/sobjects/Account/Ext__c", json=body).status_code == 501
