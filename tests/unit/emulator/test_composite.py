# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/composite and /composite/batch through HTTPS: caps, references, all-or-none, collation."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.http_api.served import Served

from .record_objects import add_shops

V = "/services/data/v67.0"
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}


def ask(reference_id: str, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    subrequest = {"referenceId": reference_id, "method": method, "url": path if path.startswith("/services") else V + path, **more}
    return subrequest if body is None else {**subrequest, "body": body}


def account(reference_id: str, name: str = "Acme") -> dict[str, Any]:
    return ask(reference_id, "POST", "/sobjects/Account", {"Name": name})


def composite(client: Any, *subrequests: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = client.post("/composite", {"compositeRequest": list(subrequests), **options})
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return shown


def refused(client: Any, *subrequests: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer = client.post("/composite", {"compositeRequest": list(subrequests), **options})
    assert answer.status_code == 400, answer.text
    error: dict[str, Any] = answer.json()[0]
    return error


def statuses(shown: list[dict[str, Any]]) -> list[int]:
    return [result["httpStatusCode"] for result in shown]


def test_a_composite_is_one_call_and_answers_in_order(client: Any, served: Served) -> None:
    shown = composite(client, account("first"), ask("all", "GET", "/query?q=SELECT+Name+FROM+Account"))
    made = shown[0]["body"]["id"]
    assert shown[0] == {
        "body": {"id": made, "success": True, "errors": []},
        "httpHeaders": {"Location": f"{V}/sobjects/Account/{made}"},
        "httpStatusCode": 201,
        "referenceId": "first",
    }
    assert shown[1]["body"]["totalSize"] == 1
    entry = served.journal.entries[-1]
    assert (entry.kind, entry.calls, served.journal.usage) == ("write", 1, 1)
    assert [(sub.method, sub.status, sub.reference_id) for sub in entry.subrequests] == [("POST", 201, "first"), ("GET", 200, "all")]


def test_a_composite_of_reads_is_a_read(client: Any, served: Served) -> None:
    made = client.account()
    composite(
        client,
        ask("describe", "GET", "/sobjects/Account/describe"),
        ask("many", "POST", "/composite/sobjects/Account", {"ids": [made], "fields": ["Id"]}),
    )
    assert served.journal.entries[-1].kind == "read"


def test_patch_and_delete_have_no_body(client: Any) -> None:
    made = client.account()
    shown = composite(
        client,
        ask("patch", "PATCH", f"/sobjects/Account/{made}", {"Name": "New"}),
        ask("delete", "DELETE", f"/sobjects/Account/{made}"),
    )
    assert [(result["httpStatusCode"], result["body"]) for result in shown] == [(204, None), (204, None)]


def test_the_composite_resources_are_listed(client: Any) -> None:
    assert client.get("/composite/").json() == {name: f"{V}/composite/{name}" for name in ("batch", "graph", "sobjects", "tree")}


# --- what a composite may hold ---


def test_at_most_twenty_five_subrequests(client: Any, served: Served) -> None:
    subrequests = [account(f"a{number}") for number in range(26)]
    assert composite(client, *subrequests) == [
        {
            "body": [{"errorCode": "LIMIT_EXCEEDED", "message": "The request can\u2019t contain more than 25 operations."}],
            "httpHeaders": {},
            "httpStatusCode": 400,
            "referenceId": None,
        }
    ]
    assert served.org.find("Account") == []
    assert statuses(composite(client, *subrequests[:25])) == [201] * 25


def test_at_most_five_queries_and_collections(client: Any) -> None:
    some = [
        ask("q1", "GET", "/query?q=SELECT+Id+FROM+Account"),
        ask("q2", "GET", "/queryAll/?q=SELECT+Id+FROM+Account"),
        ask("c1", "POST", "/composite/sobjects", {"records": [{"attributes": {"type": "Account"}, "Name": "x"}]}),
        ask("c2", "GET", "/composite/sobjects/Account?ids=001000000000001AAA&fields=Id"),
        ask("q3", "GET", "/query/?q=SELECT+Id+FROM+Account"),
        ask("q4", "GET", "/query/?q=SELECT+Id+FROM+Account"),
    ]
    assert composite(client, *some)[0]["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    assert statuses(composite(client, *some[:5], account("a"), account("b"))) == [200] * 5 + [201] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"referenceId": None}, "'referenceId' is a required field."),
        (
            {"referenceId": "a[1]"},
            (
                "Provided referenceId ('a[1]') must start with a letter or a number, and it can contain only letters, numbers and "
                "underscores ('_')."
            ),
        ),
        ({"referenceId": "_a"}, None),
        ({"method": None}, "'method' is a required field."),
        ({"method": "post"}, None),
        ({"url": None}, "'url' is a required field."),
        ({"url": "/sobjects/Account"}, None),
        ({"httpHeaders": {"authorization": "Bearer x"}}, None),
        ({"httpHeaders": {"Accept": "text/plain"}}, None),
        ({"httpHeaders": {"CONTENT-TYPE": "text/plain"}}, None),
    ],
)
def test_a_subrequest_that_is_not_well_formed_fails_the_whole(
    client: Any, served: Served, change: dict[str, Any], words: str | None
) -> None:
    bad = {name: value for name, value in {**account("a"), **change}.items() if value is not None}
    error = refused(client, account("good"), bad)
    assert error["errorCode"] == "JSON_PARSER_ERROR"
    assert words is None or error["message"] == words
    assert served.org.find("Account") == []


def test_an_empty_composite_is_refused(client: Any) -> None:
    assert client.post("/composite", {}).json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert refused(client)["errorCode"] == "JSON_PARSER_ERROR"


def test_reference_ids_are_unique(client: Any, served: Served) -> None:
    assert refused(client, account("a"), account("a"))["errorCode"] == "JSON_PARSER_ERROR"
    served.org.switches["composite_duplicate_reference"] = "last_wins"
    assert statuses(composite(client, account("a"), account("a"))) == [201, 201]


@pytest.mark.parametrize("path", ["/tooling/query?q=SELECT+Id+FROM+Profile", "/limits", "/composite", "/composite/batch", "/jobs/ingest"])
def test_other_resources_are_not_for_composites(client: Any, path: str) -> None:
    shown = composite(client, ask("other", "GET", path), account("good"))
    assert shown[0]["httpStatusCode"] == 400
    assert shown[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert shown[1]["httpStatusCode"] == 201


def test_an_unknown_version_is_the_subrequests_own_error(client: Any) -> None:
    shown = composite(client, ask("old", "GET", "/services/data/v1.0/sobjects"), ask("new", "GET", "/services/data/v60.0/sobjects"))
    assert statuses(shown) == [404, 200]


# --- references ---


def test_references_reach_into_answers(client: Any, served: Served) -> None:
    served.org.put("Account", Name="Found")
    shown = composite(
        client,
        ask("set", "GET", "/query/?q=SELECT+Id+FROM+Account+WHERE+Name='Found'"),
        ask("again", "GET", "/query/?q=SELECT+Name+FROM+Account+WHERE+Id='@{set.records[0].Id}'"),
        ask("child", "POST", "/sobjects/Contact", {"LastName": "of @{again.records[0].Name}", "AccountId": "@{set.records[0].Id}"}),
        ask("read", "GET", "/sobjects/Contact/@{child.id}?fields=LastName,AccountId"),
        ask("many", "POST", "/composite/sobjects", {"records": [{"attributes": {"type": "Account"}, "Name": "x"}]}),
        ask("first", "GET", "/sobjects/Account/@{many[0].id}?fields=Name"),
    )
    assert statuses(shown) == [200, 200, 201, 200, 200, 200]
    assert shown[3]["body"]["LastName"] == "of Found"
    assert shown[3]["body"]["AccountId"] == served.org.find("Account", Name="Found")[0]["Id"]
    assert shown[5]["body"]["Name"] == "x"


@pytest.mark.parametrize(
    "expression",
    ["made.Id", "made.nothing", "made", "made.errors", "made.errors[0]", "later.id", "nobody.id", "failed.id", "none.records[0].Id"],
)
def test_a_reference_without_a_value_halts_its_subrequest_alone(client: Any, expression: str) -> None:
    shown = composite(
        client,
        account("made"),
        ask("failed", "POST", "/sobjects/Account", {"Nope": 1}),
        ask("none", "GET", "/query?q=SELECT+Id+FROM+Account+WHERE+Name='nobody'"),
        ask("uses", "POST", "/sobjects/Contact", {"LastName": "x", "AccountId": f"@{{{expression}}}"}),
        account("later"),
        collateSubrequests=False,
    )
    assert statuses(shown) == [201, 400, 200, 400, 201]
    error = shown[3]["body"][0]
    name = expression.split(".", maxsplit=1)[0]
    assert error["errorCode"] == "PROCESSING_HALTED"
    assert error["message"].startswith(f"Invalid reference specified. No value for {expression} found in {name}.")


def test_a_null_field_of_a_retrieved_record_is_a_null(client: Any, served: Served) -> None:
    account_id = client.account()
    read = ask("old", "GET", f"/sobjects/Account/{account_id}?fields=Name,Phone")
    write = ask("new", "POST", "/sobjects/Account", {"Name": "@{old.Name}", "Phone": "@{old.Phone}"})
    assert statuses(composite(client, read, write)) == [200, 201]
    queried = ask("old", "GET", f"/query?q=SELECT+Name,Phone+FROM+Account+WHERE+Id='{account_id}'")
    from_query = ask("new", "POST", "/sobjects/Account", {"Name": "x", "Phone": "@{old.records[0].Phone}"})
    assert statuses(composite(client, queried, from_query)) == [200, 400]
    before = client.post("/services/data/v51.0/composite", {"compositeRequest": [read, write]}).json()["compositeResponse"]
    assert statuses(before) == [200, 400]


def test_an_encoded_reference_is_text_unless_switched(client: Any, served: Served) -> None:
    reads = (
        account("made"),
        ask("uses", "GET", "/query?q=SELECT%20Name%20FROM%20Account%20WHERE%20Name%3D%27%40%7Bmade.id%7D%27"),
    )
    assert composite(client, *reads)[1]["body"]["totalSize"] == 0
    served.org.switches["composite_encoded_reference"] = "resolved"
    assert statuses(composite(client, *reads)) == [201, 200]
    by_id = ask("uses", "GET", "/query?q=SELECT%20Name%20FROM%20Account%20WHERE%20Id%3D%27%40%7Bmade.id%7D%27")
    assert composite(client, account("made"), by_id)[1]["body"]["totalSize"] == 1


# --- all or none ---


def test_without_all_or_none_the_independent_go_on(client: Any, served: Served) -> None:
    shown = composite(client, account("a", "One"), ask("b", "POST", "/sobjects/Account", {"Nope": 1}), account("c", "Three"))
    assert statuses(shown) == [201, 400, 201]
    assert {row["Name"] for row in served.org.find("Account")} == {"One", "Three"}


def test_all_or_none_takes_everything_back(client: Any, served: Served) -> None:
    shown = composite(
        client,
        account("a", "One"),
        ask("b", "POST", "/sobjects/Account", {"Nope": 1}),
        account("c", "Three"),
        allOrNone=True,
        collateSubrequests=False,
    )
    assert statuses(shown) == [400, 400, 400]
    assert shown[0]["body"] == shown[2]["body"] == [HALTED]
    assert shown[1]["body"][0]["errorCode"] == "INVALID_FIELD"
    assert (served.org.find("Account"), served.org.writes) == ([], [])


def test_a_refused_reference_rolls_back_too(client: Any, served: Served) -> None:
    shown = composite(client, account("a"), ask("b", "GET", "/sobjects/Account/@{a.Id}"), allOrNone=True)
    assert statuses(shown) == [400, 400]
    assert shown[0]["body"] == [HALTED]
    assert served.org.find("Account") == []


@pytest.mark.parametrize(("outer", "inner"), [(False, False), (False, True), (True, True), (True, False)])
def test_the_four_cases_of_all_or_none(client: Any, served: Served, outer: bool, inner: bool) -> None:
    """The cases of the guide's page "allOrNone Parameters in Composite and Collections Requests", in its order."""
    records = [{"attributes": {"type": "Account"}, "Name": "Good"}, {"attributes": {"type": "Account"}, "Nope": 1}]
    shown = composite(
        client,
        ask("many", "POST", "/composite/sobjects", {"allOrNone": inner, "records": records}),
        ask("one", "POST", "/sobjects/Contact", {"LastName": "Smith"}),
        allOrNone=outer,
        collateSubrequests=False,
    )
    assert statuses(shown) == [200, 400 if outer else 201]
    good, bad = shown[0]["body"]
    assert bad["errors"][0]["statusCode"] == "INVALID_FIELD"
    if inner:
        assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    else:
        assert good["success"] is True  # even where the composite rolls it back: case 4
    if outer:
        assert shown[1]["body"] == [HALTED]
    kept = {row["Name"] for row in served.org.find("Account")}
    assert kept == ({"Good"} if not outer and not inner else set())
    assert len(served.org.find("Contact")) == (0 if outer else 1)


# --- collation ---


def order_of_writes(client: Any, served: Served, subrequests: list[dict[str, Any]], **options: Any) -> list[str]:
    before = len(served.org.writes)
    shown = composite(client, *subrequests, **options)
    assert all(status < 300 for status in statuses(shown)), shown
    names = ("Name", "LastName", "Subject")
    return [next(str(write.fields[name]) for name in names if name in write.fields) for write in served.org.writes[before:]]


NAMES = [f"n{number}" for number in range(6)]


def test_collated_neighbours_run_in_any_order_and_answer_in_theirs(client: Any, served: Served) -> None:
    subrequests = [account(name, name) for name in NAMES]
    orders = {tuple(order_of_writes(client, served, subrequests)) for _unused in range(6)}
    assert len(orders) > 1
    assert all(sorted(order) == NAMES for order in orders)
    shown = composite(client, *subrequests)
    assert [result["referenceId"] for result in shown] == NAMES
    for result in shown:
        assert client.get(f"/sobjects/Account/{result['body']['id']}?fields=Name").json()["Name"] == result["referenceId"]


def test_without_collation_the_order_is_the_requests(client: Any, served: Served) -> None:
    subrequests = [account(name, name) for name in NAMES]
    for _unused in range(4):
        assert order_of_writes(client, served, subrequests, collateSubrequests=False) == NAMES


@pytest.mark.parametrize("version", ["48.0", "47.0"])
def test_older_versions_do_not_collate_by_themselves(client: Any, served: Served, version: str) -> None:
    body = {"compositeRequest": [account(name, name) for name in NAMES]}
    for _unused in range(4):
        before = len(served.org.writes)
        client.post(f"/services/data/v{version}/composite", body)
        assert [write.fields["Name"] for write in served.org.writes[before:]] == NAMES


def test_an_explicit_reference_keeps_its_order(client: Any, served: Served) -> None:
    chain = [account("n0", "n0")]
    chain += [ask(f"c{number}", "POST", "/sobjects/Contact", {"LastName": f"c{number}", "AccountId": "@{n0.id}"}) for number in range(3)]
    for setting in ("neighbours", "any_independent"):
        served.org.switches["composite_collation"] = setting
        for _unused in range(4):
            assert order_of_writes(client, served, chain)[0] == "n0"


def test_headers_and_other_verbs_are_not_collated(client: Any, served: Served) -> None:
    with_headers = [{**account(name, name), "httpHeaders": {"Sforce-Auto-Assign": "FALSE"}} for name in NAMES]
    for _unused in range(4):
        assert order_of_writes(client, served, with_headers) == NAMES
    read_between = [account("a", "a"), ask("q", "GET", "/query?q=SELECT+count()+FROM+Account"), account("b", "b")]
    for _unused in range(4):
        assert order_of_writes(client, served, read_between) == ["a", "b"]


def test_at_most_five_sobjects_are_collated(client: Any, served: Served) -> None:
    five = [
        account("n0", "n0"),
        ask("n1", "POST", "/sobjects/Contact", {"LastName": "n1"}),
        ask("n2", "POST", "/sobjects/Lead", {"LastName": "n2", "Company": "Acme"}),
        ask("n3", "POST", "/sobjects/Opportunity", {"Name": "n3", "StageName": "Prospecting", "CloseDate": "2026-12-31"}),
        ask("n4", "POST", "/sobjects/PermissionSet", {"Name": "n4", "Label": "n4"}),
    ]
    sixth = ask("n5", "POST", "/sobjects/Case", {"Subject": "n5"})
    orders = []
    for _unused in range(6):
        orders.append(order_of_writes(client, served, [*five, sixth]))
        for write in served.org.writes[-6:]:
            served.org.remove(write.sobject, write.id)
    assert len({tuple(order) for order in orders}) > 1
    assert all(order[-1] == "n5" for order in orders)


def test_the_farther_straying_collation_reorders_reads_and_writes(client: Any, served: Served) -> None:
    served.org.switches["composite_collation"] = "any_independent"
    seen = set()
    for turn in range(8):
        name = f"turn{turn}"
        shown = composite(client, account("a", name), ask("q", "GET", f"/query?q=SELECT+Id+FROM+Account+WHERE+Name='{name}'"))
        seen.add(shown[1]["body"]["totalSize"])
    assert seen == {0, 1}


# --- batch ---


def test_a_batch_costs_as_many_calls_as_it_holds(client: Any, served: Served) -> None:
    made = client.account()
    body = {
        "batchRequests": [
            {"method": "PATCH", "url": f"v60.0/sobjects/Account/{made}", "richInput": {"Name": "New"}},
            {"method": "GET", "url": f"/services/data/v60.0/sobjects/Account/{made}?fields=Name"},
            {"method": "GET", "url": "v60.0/sobjects/Account/001000000000001AAA"},
            {"method": "GET", "url": "v60.0/limits"},
        ]
    }
    before = served.journal.usage
    shown = client.post("/composite/batch", body).json()
    assert shown["hasErrors"] is True
    assert [result["statusCode"] for result in shown["results"]] == [204, 200, 404, 200]
    assert shown["results"][0]["result"] is None
    assert shown["results"][1]["result"]["Name"] == "New"
    assert served.journal.usage - before == 4
    assert (served.journal.entries[-1].calls, len(served.journal.entries[-1].subrequests)) == (4, 4)


def test_a_batch_halts_where_it_is_told_to(client: Any, served: Served) -> None:
    requests = [
        {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Name": "kept"}},
        {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Nope": 1}},
        {"method": "POST", "url": "v67.0/sobjects/Account", "richInput": {"Name": "never"}},
    ]
    shown = client.post("/composite/batch", {"haltOnError": True, "batchRequests": requests}).json()
    assert [result["statusCode"] for result in shown["results"]] == [201, 400, 412]
    assert shown["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert [row["Name"] for row in served.org.find("Account")] == ["kept"]
    assert client.post("/composite/batch", {"batchRequests": requests}).json()["results"][2]["statusCode"] == 201


def test_a_batch_that_is_not_well_formed(client: Any) -> None:
    one = {"method": "GET", "url": "v67.0/limits"}
    assert client.post("/composite/batch", {}).status_code == 400
    assert client.post("/composite/batch", {"batchRequests": [{"method": "get", "url": "v67.0/limits"}]}).status_code == 400
    assert client.post("/composite/batch", {"batchRequests": [one] * 26}).status_code == 400
    newer = client.post("/services/data/v60.0/composite/batch", {"batchRequests": [one]}).json()
    assert newer["results"][0]["statusCode"] == 404


# --- external Ids ---


def test_an_upsert_in_a_composite(client: Any, served: Served) -> None:
    add_shops(served.org)
    shown = composite(
        client,
        ask("made", "PATCH", "/sobjects/Shop__c/Code__c/a%20b", {"Name": "One"}),
        ask("read", "GET", "/sobjects/Shop__c/@{made.id}?fields=Code__c"),
    )
    assert statuses(shown) == [201, 200]
    assert (shown[0]["body"]["created"], shown[1]["body"]["Code__c"]) == (True, "a b")


def test_several_records_of_one_external_id_undo_a_composite(client: Any, served: Served) -> None:
    add_shops(served.org)
    ids = [served.org.put("Shop__c", Name="Old", Old__c="x") for _unused in range(2)]
    some = (account("a"), ask("many", "PATCH", "/sobjects/Shop__c/Old__c/x", {"Name": "New"}))
    shown = composite(client, *some, allOrNone=True)
    assert statuses(shown) == [400, 300]
    assert shown[1]["body"] == [f"{V}/sobjects/Shop__c/{record_id}" for record_id in ids]
    assert served.org.find("Account") == []
    assert statuses(composite(client, *some)) == [201, 300]


def test_a_failed_upsert_of_a_collection_undoes_a_composite(client: Any, served: Served) -> None:
    add_shops(served.org)
    body = {"records": [{"attributes": {"type": "Shop__c"}, "Code__c": "a", "Name": "x" * 81}]}
    shown = composite(client, account("a"), ask("c", "PATCH", "/composite/sobjects/Shop__c/Code__c", body), allOrNone=True)
    assert statuses(shown) == [400, 200]
    assert served.org.find("Account") == []


@pytest.mark.parametrize(
    "path", ["/tooling/query?q=SELECT+Id+FROM+ApexClass", "/jobs/ingest", "/limits", "/composite/tree/Account", "/recent"]
)
def test_other_resources_are_no_part_of_a_composite(client: Any, served: Served, path: str) -> None:
    shown = composite(client, ask("x", "GET", path), account("a"))
    assert (shown[0]["httpStatusCode"], shown[0]["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")
    assert len(served.org.find("Account")) == 1


# --- what a batch may hold ---


def batch(client: Any, *listed: dict[str, Any], version: str = "67.0") -> Any:
    return client.call("POST", f"/services/data/v{version}/composite/batch", json={"batchRequests": list(listed)})


def test_a_batch_writes_by_rich_input(client: Any, served: Served) -> None:
    made = client.account()
    shown = batch(
        client,
        {"method": "PATCH", "url": f"v67.0/sobjects/account/{made}", "richInput": {"Name": "NewName"}},
        {"method": "GET", "url": f"v67.0/sobjects/account/{made}?fields=Name"},
        {"method": "GET", "url": "v67.0/limits/recordCount?sObjects=Account"},
    ).json()
    assert [row["statusCode"] for row in shown["results"]] == [204, 200, 200]
    assert (shown["results"][1]["result"]["Name"], served.org.find("Account")[0]["Name"]) == ("NewName", "NewName")


def test_versions_of_a_batch(client: Any) -> None:
    asked = [{"method": "GET", "url": f"v{version}/sobjects/Account"} for version in ("33.0", "34.0", "40.0", "41.0")]
    assert [row["statusCode"] for row in batch(client, *asked, version="40.0").json()["results"]] == [404, 200, 200, 404]
    assert batch(client, *asked, version="33.0").status_code == 404


def test_a_batch_of_parts_or_of_nothing(client: Any) -> None:
    part = {
        "method": "POST",
        "url": "v67.0/sobjects/Account",
        "richInput": {"Name": "x"},
        "binaryPartName": "a",
        "binaryPartNameAlias": "b",
    }
    assert batch(client, part).status_code == 501
    assert batch(client, {"method": "Get", "url": "v67.0/limits"}).status_code == 400
    assert batch(client, {"method": "GET"}).status_code == 400
    assert batch(client).status_code == 400
    assert batch(client, {"method": "GET", "url": "v67.0/composite"}).json()["results"][0]["statusCode"] == 501
