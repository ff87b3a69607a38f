# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sObject Collections through HTTPS: sizes, kinds, partial success, all or none."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.http_api.served import Served
from emulator.org import Org

from .record_objects import add_shops

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


# --- upsert ---


@pytest.fixture
def shops(served: Served) -> Org:
    add_shops(served.org)
    return served.org


def upsert(client: Any, records: list[Any], path: str = "Shop__c/Code__c", **more: Any) -> Any:
    return client.call("PATCH", f"/composite/sobjects/{path}", json={"records": records, **more})


def test_an_upsert_tells_what_was_created(client: Any, shops: Org) -> None:
    old = shops.put("Shop__c", Name="Old", Code__c="a")
    answer = upsert(
        client, [of("Shop__c", Code__c="a", Name="New"), of("shop__c", code__C="b", Name="Two"), of("Shop__c", Code__c="c", X=1)]
    )
    assert answer.status_code == 200
    two = shops.find("Shop__c", Code__c="b")[0]["Id"]
    assert answer.json()[:2] == [
        {"id": old, "success": True, "errors": [], "created": False},
        {"id": two, "success": True, "errors": [], "created": True},
    ]
    assert codes(answer.json()) == [None, None, "INVALID_FIELD"]
    assert [row["Name"] for row in shops.find("Shop__c")] == ["New", "Two"]


def test_an_upsert_of_all_or_none(client: Any, shops: Org) -> None:
    old = shops.put("Shop__c", Name="Old", Code__c="a")
    answer = upsert(client, [of("Shop__c", Code__c="a", Name="New"), of("Shop__c", Code__c="c", X=1)], allOrNone=True)
    assert answer.json()[0] == {"id": old, "success": False, "errors": [ROLLED_BACK]}
    assert codes(answer.json()) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert [row["Name"] for row in shops.find("Shop__c")] == ["Old"]


def test_records_that_share_a_key_all_fail(client: Any, shops: Org) -> None:
    answer = upsert(client, [of("Shop__c", Code__c=code, Name="x") for code in ("a", "b", "A")])
    assert codes(answer.json()) == ["DUPLICATE_VALUE", None, "DUPLICATE_VALUE"]
    assert answer.json()[0]["errors"][0]["message"] == "Duplicate external id specified: a"
    assert [row["Code__c"] for row in shops.find("Shop__c")] == ["b"]
    cased = upsert(client, [of("Shop__c", Old__c=key, Name="x") for key in ("a", "A")], "Shop__c/Old__c")
    assert codes(cased.json()) == [None, None]


def test_several_records_of_one_key_fail_that_record(client: Any, shops: Org) -> None:
    ids = [shops.put("Shop__c", Name="x", Old__c="a") for _unused in range(2)]
    answer = upsert(client, [of("Shop__c", Old__c="a", Name="New"), of("Shop__c", Old__c="b", Name="New")], "Shop__c/Old__c")
    assert codes(answer.json()) == ["DUPLICATE_EXTERNAL_ID", None]
    assert answer.json()[0]["errors"][0]["message"] == f"Old key: more than one record found for external id field: [{', '.join(ids)}]"


def test_an_upsert_by_a_field_that_names_no_record(client: Any, shops: Org) -> None:
    answer = upsert(client, [of("Shop__c", Plain__c="a", Name="x")], "Shop__c/Plain__c")
    assert codes(answer.json()) == ["INVALID_FIELD"]
    assert answer.json()[0]["errors"][0]["message"].startswith("Field name provided, Plain__c does not match an External ID")
    assert shops.find("Shop__c") == []


@pytest.mark.parametrize(
    ("records", "path", "status"),
    [
        ([of("Part__c", Code__c="a", Name="x")], "Shop__c/Code__c", 400),
        ([of("Shop__c", Code__c="a", id="a10000000000001")], "Shop__c/Code__c", 400),
        ([of("Shop__c", Code__c=f"{number}", Name="x") for number in range(201)], "Shop__c/Code__c", 400),
        ([], "Shop__c/Code__c", 400),
        ("x", "Shop__c/Code__c", 400),
        ([of("Nothing__c", Code__c="a")], "Nothing__c/Code__c", 404),
        ([of("Shop__c", Name="x")], "Shop__c/Code__c", 501),
        ([of("Shop__c", Id="a10000000000001", Name="x")], "Shop__c/Id", 400),
    ],
)
def test_upserts_that_are_not_well_formed(client: Any, shops: Org, records: Any, path: str, status: int) -> None:
    assert upsert(client, records, path).status_code == status
    assert shops.find("Shop__c") == []


def test_collections_have_a_first_version(client: Any, shops: Org) -> None:
    body = {"records": [of("Shop__c", Code__c="a", Name="x")]}
    for version, path in (("45.0", "/Shop__c/Code__c"), ("41.0", "")):
        assert client.call("PATCH", f"/services/data/v{version}/composite/sobjects{path}", json=body).status_code == 404
    assert shops.find("Shop__c") == []


def test_records_taken_along_keep_their_id_unless_they_were_new(client: Any, served: Served) -> None:
    one, two = client.account(Name="One"), client.account(Name="Two")
    changes = [of("Account", id=one, Name="New"), of("Account", id=two, Nope=1)]
    assert client.call("PATCH", "/composite/sobjects", json={"allOrNone": True, "records": changes}).json()[0]["id"] == one
    removed = client.call("DELETE", f"/composite/sobjects?ids={one},{one[:-1]}&allOrNone=true").json()
    assert removed[0] == {"id": one, "success": False, "errors": [ROLLED_BACK]}
    made = client.post("/composite/sobjects", {"allOrNone": True, "records": [of("Account", Name="x"), of("Account", Nope=1)]}).json()
    assert "id" not in made[0]
    assert {row["Name"] for row in served.org.find("Account")} == {"One", "Two"}
