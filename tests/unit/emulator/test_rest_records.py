# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records through HTTPS: external Ids, relationships, changes in a time span, limits, conditions, and bodies that are not well formed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from emulator.http_api.served import Served
from emulator.org import Org

from .conftest import LIMITED
from .record_objects import SHOP, add, add_shops

DATA = "/services/data/v"
NOT_FOUND = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
NOW = datetime(2026, 3, 15, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def org(served: Served) -> Org:
    add_shops(served.org)
    return served.org


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def upsert(client: Any, path: str, body: Any, version: str = "67.0") -> Any:
    return client.call("PATCH", f"{DATA}{version}/sobjects/{path}", json=body)


# --- upsert ---


def test_an_upsert_creates_then_updates(client: Any, org: Org, served: Served) -> None:
    made = upsert(client, "Shop__c/Code__c/A%201%2B", {"Name": "One"})
    assert made.status_code == 201
    shop = org.find("Shop__c")[0]
    assert made.json() == {"id": shop["Id"], "success": True, "errors": [], "created": True}
    assert (shop["Code__c"], shop["Name"]) == ("A 1+", "One")
    again = upsert(client, "shop__c/CODE__C/a%201%2B", {"Name": "Two"})
    assert (again.status_code, again.json()) == (200, {"id": shop["Id"], "success": True, "errors": [], "created": False})
    assert [row["Name"] for row in org.find("Shop__c")] == ["Two"]
    assert [(entry.kind, entry.calls) for entry in served.journal.entries[-2:]] == [("write", 1), ("write", 1)]


def test_before_version_46_nothing_tells_created(client: Any, org: Org) -> None:
    made = upsert(client, "Shop__c/Code__c/x", {"Name": "One"}, "45.0")
    assert (made.status_code, set(made.json())) == (201, {"id", "success", "errors"})
    again = upsert(client, "Shop__c/Code__c/x", {"Name": "Two"}, "45.0")
    assert (again.status_code, again.content) == (204, b"")
    assert org.find("Shop__c")[0]["Name"] == "Two"


def test_update_only_does_not_create(client: Any, org: Org) -> None:
    answer = upsert(client, "Shop__c/Code__c/x?updateOnly=true", {"Name": "One"})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    assert org.find("Shop__c") == []
    org.put("Shop__c", Name="Old", Code__c="x")
    assert upsert(client, "Shop__c/Code__c/x?updateOnly=true", {"Name": "New"}).status_code == 200
    assert org.find("Shop__c")[0]["Name"] == "New"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_several_matches_are_listed_and_left_alone(client: Any, org: Org, method: str) -> None:
    ids = [org.put("Shop__c", Name=name, Old__c="x") for name in ("One", "Two")]
    answer = client.call(method, "/sobjects/Shop__c/Old__c/x", json={"Name": "New"})
    assert answer.status_code == 300
    assert answer.json() == [f"{DATA}67.0/sobjects/Shop__c/{record_id}" for record_id in ids]
    assert [row["Name"] for row in org.find("Shop__c")] == ["One", "Two"]


def test_an_external_id_that_is_not_unique_goes_by_case_a_unique_one_does_not(client: Any, org: Org) -> None:
    org.put("Shop__c", Name="One", Old__c="abc", Code__c="abc")
    assert client.get("/sobjects/Shop__c/Old__c/ABC").status_code == 404
    assert client.get("/sobjects/Shop__c/Code__c/ABC").json()["Name"] == "One"


def test_a_number_may_be_an_external_id(client: Any, org: Org) -> None:
    made = upsert(client, "Shop__c/Number__c/12.5", {"Name": "One"}).json()["id"]
    assert org.find("Shop__c", Number__c=12.5)[0]["Id"] == made
    assert client.get("/sobjects/Shop__c/Number__c/12.50?fields=Number__c").json()["Number__c"] == 12.5


@pytest.mark.parametrize("key", ["Plain__c", "Nothing__c"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_other_fields_name_no_record(client: Any, org: Org, key: str, method: str) -> None:
    org.put("Shop__c", Name="One", Plain__c="x")
    answer = client.call(method, f"/sobjects/Shop__c/{key}/x", json={})
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_the_key_is_not_repeated_in_the_body(client: Any, org: Org) -> None:
    answer = upsert(client, "Shop__c/Code__c/x", {"Name": "One", "code__c": "x"})
    assert answer.status_code == 400
    assert answer.json() == [{"message": "The Code__c field should not be specified in the sobject data.", "errorCode": "INVALID_FIELD"}]
    assert org.find("Shop__c") == []


def test_a_key_that_is_not_unique_needs_view_all_data(client_for: Callable[[str], Any], org: Org) -> None:
    limited = client_for(LIMITED)
    assert code(upsert(limited, "Shop__c/Old__c/x", {"Name": "One"})) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    org.switches["upsert_without_view_all_code"] = "INSUFFICIENT_ACCESS"
    assert code(upsert(limited, "Shop__c/Old__c/x", {"Name": "One"})) == (403, "INSUFFICIENT_ACCESS")
    assert org.find("Shop__c") == []
    assert upsert(limited, "Shop__c/Code__c/x", {"Name": "One"}).status_code == 201


def test_a_standard_lookup_field_names_a_user(client: Any, org: Org) -> None:
    admin = org.find("User", Username="admin@acme.example")[0]
    path = "/sobjects/User/Username/admin%40acme.example"
    assert client.get(f"{path}?fields=Id").json()["Id"] == admin["Id"]
    assert client.call("PATCH", path, json={"FirstName": "Ann"}).json()["created"] is False
    assert org.get("User", admin["Id"])["FirstName"] == "Ann"  # type: ignore[index]
    assert client.get("/sobjects/User/Username/ADMIN%40acme.example").status_code == 404
    org.switches["id_lookup_case"] = "ignored"
    assert client.get("/sobjects/User/Username/ADMIN%40acme.example").status_code == 200


def test_the_id_is_no_external_id_except_to_create(client: Any, org: Org) -> None:
    made = client.post("/sobjects/Shop__c/Id", {"Name": "One"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    shop = org.find("Shop__c")[0]["Id"]
    assert made.json()["id"] == shop
    assert client.call("PATCH", f"/sobjects/Shop__c/Id/{shop}", json={"Name": "Two"}).status_code == 501
    assert client.call("POST", f"{DATA}36.0/sobjects/Shop__c/Id", json={"Name": "Two"}).status_code == 404
    assert [row["Name"] for row in org.find("Shop__c")] == ["One"]


def test_records_are_read_and_deleted_by_external_id(client: Any, org: Org) -> None:
    shop = org.put("Shop__c", Name="One", Code__c="x")
    shown = client.get("/sobjects/Shop__c/Code__c/x?fields=Name").json()
    assert shown == {"attributes": {"type": "Shop__c", "url": f"{DATA}67.0/sobjects/Shop__c/{shop}"}, "Name": "One"}
    assert client.call("HEAD", "/sobjects/Shop__c/Code__c/x").status_code == 200
    assert client.call("DELETE", "/sobjects/Shop__c/Code__c/x").status_code == 204
    assert org.find("Shop__c") == []
    assert client.get("/sobjects/Shop__c/Code__c/x").status_code == 404


def test_a_failed_upsert_leaves_nothing(client: Any, org: Org) -> None:
    assert code(upsert(client, "Shop__c/Code__c/x", {"Nothing__c": 1})) == (400, "INVALID_FIELD")
    assert code(upsert(client, f"Shop__c/Code__c/{'x' * 256}", {"Name": "One"})) == (400, "STRING_TOO_LONG")
    assert org.find("Shop__c") == []
    assert org.writes == []


# --- references by external Id ---


def test_a_lookup_may_be_given_by_external_id(client: Any, org: Org) -> None:
    shop = org.put("Shop__c", Name="One", Code__c="x")
    made = client.post("/sobjects/Part__c", {"Name": "Bolt", "Shop__r": {"Code__c": "x"}}).json()["id"]
    assert org.get("Part__c", made)["Shop__c"] == shop  # type: ignore[index]
    other = org.put("Shop__c", Name="Two", Code__c="y")
    assert upsert(client, "Part__c/Code__c/p", {"shop__R": {"attributes": {"type": "Shop__c"}, "Code__c": "y"}}).status_code == 201
    assert org.find("Part__c", Code__c="p")[0]["Shop__c"] == other
    user = org.find("User", Username=LIMITED)[0]["Id"]
    assert client.call("PATCH", f"/sobjects/Shop__c/{shop}", json={"Owner__r": {"Username": LIMITED}}).status_code == 204
    assert org.get("Shop__c", shop)["Owner__c"] == user  # type: ignore[index]


@pytest.mark.parametrize(
    ("given", "status", "error", "words"),
    [
        ({"Code__c": "no"}, 400, "INVALID_FIELD", "Foreign key external ID: no not found for field Code__c in entity Shop__c"),
        ({"Plain__c": "x"}, 400, "INVALID_FIELD", "Plain__c is not an External ID or indexed field for Shop__c"),
        ({"Code__c": "x", "Old__c": "x"}, 501, "NOT_EMULATED", None),
        ({}, 501, "NOT_EMULATED", None),
        ({"Old__c": "twice"}, 501, "NOT_EMULATED", None),
    ],
)
def test_references_that_name_no_record(client: Any, org: Org, given: Any, status: int, error: str, words: str | None) -> None:
    for name in ("One", "Two"):
        org.put("Shop__c", Name=name, Plain__c="x", Old__c="twice")
    answer = client.post("/sobjects/Part__c", {"Name": "Bolt", "Shop__r": given})
    assert code(answer) == (status, error)
    assert words is None or answer.json()[0]["message"] == words
    assert org.find("Part__c") == []


def test_an_object_in_the_place_of_an_id_is_a_wrong_type(client: Any, org: Org) -> None:
    org.put("Shop__c", Name="One", Code__c="x")
    assert code(client.post("/sobjects/Part__c", {"Name": "Bolt", "Shop__c": {"Code__c": "x"}})) == (400, "JSON_PARSER_ERROR")


# --- over relationships ---


@pytest.fixture
def chain(org: Org) -> tuple[str, str, str]:
    shop = org.put("Shop__c", Name="Shop")
    part = org.put("Part__c", Name="Part", Shop__c=shop)
    return shop, part, org.put("Bit__c", Name="Bit", Part__c=part)


def test_parents_are_reached_by_url(client: Any, org: Org, chain: tuple[str, str, str]) -> None:
    shop, part, bit = chain
    assert client.get(f"/sobjects/Bit__c/{bit}/Part__r?fields=Name").json()["Name"] == "Part"
    assert client.get(f"/sobjects/Bit__c/{bit}/part__R/Shop__r").json()["Id"] == shop
    assert client.call("PATCH", f"/sobjects/Bit__c/{bit}/Part__r/Shop__r", json={"Name": "New"}).status_code == 204
    assert org.get("Shop__c", shop)["Name"] == "New"  # type: ignore[index]
    assert client.call("DELETE", f"/sobjects/Bit__c/{bit}/Part__r").status_code == 204
    assert org.get("Part__c", part) is None


def test_children_come_as_a_query_does(client: Any, org: Org, chain: tuple[str, str, str]) -> None:
    shop, part, bit = chain
    shown = client.get(f"/sobjects/Shop__c/{shop}/Parts__r?fields=Name").json()
    assert shown == {
        "totalSize": 1,
        "done": True,
        "records": [{"attributes": {"type": "Part__c", "url": f"{DATA}67.0/sobjects/Part__c/{part}"}, "Name": "Part"}],
    }
    org.remove("Bit__c", bit)
    assert client.get(f"/sobjects/Part__c/{part}/Bits__r").json() == {"totalSize": 0, "done": True, "records": []}
    assert code(client.call("DELETE", f"/sobjects/Shop__c/{shop}/Parts__r")) == (405, "METHOD_NOT_ALLOWED")
    assert code(client.get(f"/sobjects/Shop__c/{shop}/Parts__r?fields=Nothing__c")) == (400, "INVALID_FIELD")


def test_many_children_come_in_pages(client: Any, org: Org, chain: tuple[str, str, str]) -> None:
    for number in range(2):
        org.put("Part__c", Name=f"Part {number}", Shop__c=chain[0])
    org.settings.page_size = 2
    first = client.get(f"/sobjects/Shop__c/{chain[0]}/Parts__r").json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (3, False, 2)
    assert len(client.get(first["nextRecordsUrl"]).json()["records"]) == 1


def test_where_a_relationship_ends(client: Any, org: Org, chain: tuple[str, str, str]) -> None:
    shop, _part, bit = chain
    orphan = org.put("Part__c", Name="Orphan")
    assert client.get(f"/sobjects/Part__c/{orphan}/Shop__r").json() == NOT_FOUND
    assert client.get(f"/sobjects/Part__c/{orphan}/Nothing__r").json() == NOT_FOUND
    assert client.get(f"/sobjects/Shop__c/{orphan[:-3]}/Parts__r").status_code == 404
    assert client.get(f"/sobjects/Bit__c/{bit}/Part__r/Bits__r").status_code == 501
    assert client.call("GET", f"{DATA}35.0/sobjects/Shop__c/{shop}/Parts__r").status_code == 404


# --- deleted and updated ---


@pytest.fixture
def clock(org: Org) -> Callable[[timedelta], None]:
    moment = [NOW]
    org.clock = lambda: moment[0]

    def move(by: timedelta) -> None:
        moment[0] += by

    return move


def span(kind: str, start: str, end: str, name: str = "Shop__c") -> str:
    escaped = [text.replace("+", "%2B").replace(":", "%3A") for text in (start, end)]
    return f"/sobjects/{name}/{kind}/?start={escaped[0]}&end={escaped[1]}"


def test_deleted_records_of_a_span(client: Any, org: Org, clock: Callable[[timedelta], None]) -> None:
    one, two = (org.put("Shop__c", Name=name) for name in ("One", "Two"))
    assert client.call("DELETE", f"/sobjects/Shop__c/{one}").status_code == 204
    clock(timedelta(minutes=5))
    org.remove("Shop__c", two, soft=False)
    shown = client.get(span("deleted", "2026-03-15T12:00:59Z", "2026-03-15T12:05:59+00:00")).json()
    assert shown == {
        "deletedRecords": [{"id": one, "deletedDate": "2026-03-15T12:00:30.000+0000"}],
        "earliestDateAvailable": "2026-02-28T12:05:00.000+0000",
        "latestDateCovered": "2026-03-15T12:05:00.000+0000",
    }
    shown = client.get(span("deleted", "2026-03-15T12:01:00Z", "2026-03-15T13:00:00Z")).json()
    assert [row["id"] for row in shown["deletedRecords"]] == [two]
    assert shown["latestDateCovered"] == "2026-03-15T12:05:00.000+0000"
    clock(timedelta(days=16))
    assert client.get(span("deleted", "2026-03-15T12:00:00Z", "2026-03-16T00:00:00Z")).json()["deletedRecords"] == []


def test_updated_records_of_a_span(client: Any, org: Org, clock: Callable[[timedelta], None]) -> None:
    one, two, gone = (org.put("Shop__c", Name=name) for name in ("One", "Two", "Three"))
    org.remove("Shop__c", gone)
    clock(timedelta(minutes=2))
    assert client.call("PATCH", f"/sobjects/Shop__c/{one}", json={"Name": "New"}).status_code == 204
    assert client.get(span("updated", "2026-03-15T12:00:00Z", "2026-03-15T12:01:00Z")).json() == {
        "ids": [two],
        "latestDateCovered": "2026-03-15T12:01:00.000+0000",
    }
    assert client.get(span("updated", "2026-03-15T12:00:00Z", "2026-03-15T12:03:00Z")).json()["ids"] == [two, one]


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("deleted", "2026-03-15T11:00:00Z", "2026-03-15T11:00:00Z"),
        ("deleted", "2026-03-15T11:00:00Z", "2026-03-15T11:01:59Z"),
        ("deleted", "2026-03-15T11:00:00Z", "2026-03-15T10:00:00Z"),
        ("deleted", "2026-02-13T11:00:00Z", "2026-03-15T10:00:00Z"),
        ("updated", "2026-03-15T11:00:00Z", "2026-03-15T11:00:59Z"),
        ("updated", "2026-02-13T11:00:00Z", "2026-03-15T10:00:00Z"),
    ],
)
@pytest.mark.usefixtures("clock")
def test_spans_that_are_refused(client: Any, kind: str, start: str, end: str) -> None:
    assert code(client.get(span(kind, start, end))) == (400, "INVALID_REPLICATION_DATE")


@pytest.mark.usefixtures("clock")
def test_a_span_of_one_minute_under_the_other_setting(client: Any, org: Org) -> None:
    org.switches["get_deleted_span"] = "a_minute"
    assert client.get(span("deleted", "2026-03-15T11:00:00Z", "2026-03-15T11:01:00Z")).status_code == 200


@pytest.mark.usefixtures("clock")
def test_what_cannot_be_replicated(client: Any, org: Org) -> None:
    add(org, replace(SHOP, replicateable=False))
    path = span("deleted", "2026-03-15T10:00:00Z", "2026-03-15T11:00:00Z")
    assert code(client.get(path)) == (400, "INVALID_TYPE_FOR_OPERATION")
    org.switches["not_replicateable_code"] = "INVALID_TYPE"
    assert code(client.get(path.replace("deleted", "updated"))) == (400, "INVALID_TYPE")
    assert client.get(span("deleted", "2026-03-15T10:00:00Z", "2026-03-15T11:00:00Z", "Nothing__c")).status_code == 404
    assert code(client.post("/sobjects/Shop__c/deleted")) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", ["/sobjects/Shop__c/deleted", span("updated", "yesterday", "today")])
def test_spans_of_which_no_answer_is_known(client: Any, org: Org, path: str) -> None:
    assert org.find("Shop__c") == []
    assert client.get(path).status_code == 501


# --- limits ---


def test_limits_tell_of_storage(client: Any, org: Org) -> None:
    for number in range(600):
        org.put("Shop__c", Name=str(number))
    shown = client.get("/limits").json()
    assert shown["DataStorageMB"] == {"Max": 10_240, "Remaining": 10_238}
    assert shown["FileStorageMB"] == {"Max": 10_240, "Remaining": 10_240}
    assert set(shown["DailyApiRequests"]) == {"Max", "Remaining"}


def counts(client: Any, query: str = "") -> dict[str, int]:
    return {row["name"]: row["count"] for row in client.get(f"/limits/recordCount{query}").json()["sObjects"]}


def test_record_counts_are_a_snapshot(client: Any, org: Org, clock: Callable[[timedelta], None]) -> None:
    org.put("Shop__c", Name="One")
    org.remove("Shop__c", org.put("Shop__c", Name="Gone"))
    assert counts(client, "?sObjects=shop__c,Part__c,Nothing__c,User") == {"Shop__c": 1, "User": 3}
    org.put("Shop__c", Name="Two")
    clock(timedelta(minutes=59))
    assert counts(client)["Shop__c"] == 1
    clock(timedelta(minutes=2))
    assert counts(client)["Shop__c"] == 2
    org.put("Shop__c", Name="Three")
    org.switches["record_count"] = "current"
    assert counts(client)["Shop__c"] == 3


def test_record_counts_need_a_right_and_a_version(client: Any, client_for: Callable[[str], Any]) -> None:
    assert client_for(LIMITED).get("/limits/recordCount").status_code == 403
    assert client.get(f"{DATA}39.0/limits/recordCount").status_code == 404
    assert client.get("/limits/nothing").status_code == 404


# --- methods and conditions ---


def test_post_may_stand_for_another_method(client: Any, org: Org) -> None:
    shop = org.put("Shop__c", Name="One")
    path = f"/sobjects/Shop__c/{shop}"
    assert client.post(f"{path}?_HttpMethod=PATCH", {"Name": "Two"}).status_code == 204
    assert org.get("Shop__c", shop)["Name"] == "Two"  # type: ignore[index]
    assert client.get(f"{path}?_HttpMethod=DELETE").status_code == 501
    assert client.post(f"{path}?_HttpMethod=BREW").status_code == 501
    assert client.post(f"{path}?_HttpMethod=DELETE").status_code == 204
    assert org.get("Shop__c", shop) is None


def http_date(moment: datetime) -> dict[str, str]:
    return {"If-Modified-Since": format_datetime(moment, usegmt=True)}


def test_what_has_not_changed_is_not_sent(client: Any, org: Org, clock: Callable[[timedelta], None]) -> None:
    add_shops(org)
    path = f"/sobjects/Shop__c/{org.put('Shop__c', Name='One')}"
    for unchanged in (path, "/sobjects/Shop__c/describe", "/sobjects"):
        answer = client.get(unchanged, headers=http_date(NOW))
        assert (answer.status_code, answer.content) == (304, b"")
        assert client.get(unchanged, headers=http_date(NOW - timedelta(seconds=1))).status_code == 200
    clock(timedelta(minutes=1))
    assert client.call("PATCH", path, json={"Name": "Two"}).status_code == 204
    assert client.get(path, headers=http_date(NOW)).json()["Name"] == "Two"
    add_shops(org)
    assert client.get("/sobjects/Shop__c/describe", headers=http_date(NOW)).status_code == 200


@pytest.mark.parametrize("header", ["If-Unmodified-Since", "If-Modified-Since"])
def test_conditions_are_not_ignored(client: Any, org: Org, header: str) -> None:
    shop = org.put("Shop__c", Name="One")
    headers = {header: format_datetime(NOW, usegmt=True)}
    assert client.call("PATCH", f"/sobjects/Shop__c/{shop}", json={"Name": "Two"}, headers=headers).status_code == 501
    assert org.get("Shop__c", shop)["Name"] == "One"  # type: ignore[index]


def test_etags_count_on_accounts_only(client: Any, org: Org) -> None:
    account, shop = client.account(), org.put("Shop__c", Name="One")
    assert client.get(f"/sobjects/Account/{account}", headers={"If-Match": '"x"'}).status_code == 501
    assert client.get(f"/sobjects/Shop__c/{shop}", headers={"If-None-Match": '"x"'}).status_code == 200


# --- what is not well formed ---


def raw(client: Any, method: str, path: str, body: bytes, kind: str | None = "application/json") -> Any:
    return client.call(method, path, data=body, headers={} if kind is None else {"Content-Type": kind})


@pytest.mark.parametrize(
    ("body", "kind", "status", "error"),
    [
        (b'{"Name": "x"', "application/json", 400, "JSON_PARSER_ERROR"),
        (b"Name=x", "application/json", 400, "JSON_PARSER_ERROR"),
        (b"", "application/json", 400, "JSON_PARSER_ERROR"),
        (b'["Name"]', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'[{"Name": "x"}]', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'"Name"', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": "x", "Number__c": NaN}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b"[" * 100_000, "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": "x", "Number__c": 1000000000000000000000000000000}', "application/json", 501, "NOT_EMULATED"),
        (b'{"Name": "\\ud83d"}', "application/json", 501, "NOT_EMULATED"),
        (b'{"Name": "x", "Number__c": ' + b"9" * 5_000 + b"}", "application/json", 501, "NOT_EMULATED"),
        (b'{"Name": "\xff"}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": ["x"]}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": {"x": 1}}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Name": "x", "Name": "y"}', "application/json", 501, "NOT_EMULATED"),
        (b'{"Name": "x", "name": "y"}', "application/json", 501, "NOT_EMULATED"),
        (b'{"Name": "x"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"Name=x", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"Name": "x"}', None, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_bodies_that_are_not_well_formed(client: Any, org: Org, body: bytes, kind: str | None, status: int, error: str) -> None:
    assert code(raw(client, "POST", "/sobjects/Shop__c", body, kind)) == (status, error)
    shop = org.put("Shop__c", Name="One")
    assert code(raw(client, "PATCH", f"/sobjects/Shop__c/{shop}", body, kind)) == (status, error)
    assert [row["Name"] for row in org.find("Shop__c")] == ["One"]


def test_a_body_that_is_missing_is_asked_for(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    assert raw(client, "POST", "/sobjects/Shop__c", b"").json() == [
        {"message": "The HTTP entity body is required, but this request has no entity body.", "errorCode": "JSON_PARSER_ERROR"}
    ]


@pytest.mark.parametrize(
    ("values", "error", "words", "fields"),
    [
        ({"Name": "x" * 81}, "STRING_TOO_LONG", f"Name: data value too large: {'x' * 81} (max length=80)", ["Name"]),
        ({"Color__c": "x"}, "INVALID_FIELD", "No such column 'Color__c' on sobject of type Shop__c", None),
        ({"Owner__c": "001000000000001"}, "MALFORMED_ID", "Owner: id value of incorrect type: 001000000000001", ["Owner__c"]),
        ({"Owner__c": "005000000000001AAB"}, "MALFORMED_ID", "Owner: id value of incorrect type: 005000000000001AAB", ["Owner__c"]),
        ({"Owner__c": "005"}, "MALFORMED_ID", "Owner: id value of incorrect type: 005", ["Owner__c"]),
        ({"Id": "a10000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"]),
    ],
)
def test_values_that_are_refused(client: Any, org: Org, values: Any, error: str, words: str, fields: list[str] | None) -> None:
    answer = client.post("/sobjects/Shop__c", {"Name": "x", **values})
    shown = {"message": words, "errorCode": error}
    assert (answer.status_code, answer.json()) == (400, [shown if fields is None else {**shown, "fields": fields}])
    assert org.find("Shop__c") == []


@pytest.mark.parametrize("record_id", ["abc", "-1", "001i000000xxxxxx", "INVALID ID"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_no_id_is_not_found(client: Any, org: Org, method: str, record_id: str) -> None:
    assert org.find("Shop__c") == []
    answer = client.call(method, f"/sobjects/Shop__c/{record_id}", json={"Name": "x"})
    assert answer.status_code == 404
    words = f"Provided external ID field does not exist or is not accessible: {record_id}"
    assert answer.json() == [{"errorCode": "NOT_FOUND", "message": words}]


@pytest.mark.parametrize("record_id", ["001000000000001", "001000000000001AAB"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_id_of_another_kind_is_malformed(client: Any, org: Org, method: str, record_id: str) -> None:
    assert org.find("Shop__c") == []
    answer = client.call(method, f"/sobjects/Shop__c/{record_id}", json={"Name": "x"})
    words = f"Record ID: id value of incorrect type: {record_id}"
    assert (answer.status_code, answer.json()) == (400, [{"message": words, "errorCode": "MALFORMED_ID", "fields": ["Id"]}])


def test_an_unknown_field_is_told_before_a_malformed_id(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    assert code(client.call("PATCH", "/sobjects/Shop__c/a10000000000001AAB", json={"Color__c": 1})) == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    "path",
    [
        "/sobjects/Nothing__c",
        "/sobjects/Nothing__c/a10000000000001",
        "/sobjects/Nothing__c/describe",
        "/sobjects/Shop__c/x/y/z",
        "/composite/nothing",
        "/sobjectz/Shop__c",
    ],
)
def test_unknown_paths(client: Any, org: Org, path: str) -> None:
    assert org.find("Shop__c") == []
    assert client.get(path).status_code == (404 if "composite" not in path else 501)


def test_a_head_has_the_headers_of_a_get_and_no_body(client: Any, org: Org) -> None:
    shop = org.put("Shop__c", Name="One")
    head = client.call("HEAD", f"/sobjects/Shop__c/{shop}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert client.call("HEAD", "/sobjects/Shop__c/a10000000000001").status_code == 404


def test_the_basics_of_an_object(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    shown = client.get("/sobjects/Shop__c").json()
    assert set(shown) == {"objectDescribe", "recentItems"}
    assert shown["objectDescribe"]["replicateable"] is True
    assert json.dumps(shown["recentItems"]) == "[]"


# --- list views, plans, recent records ---


def test_a_list_view_is_listed_described_and_run(client: Any, org: Org) -> None:
    shops = [org.put("Shop__c", Name=name) for name in ("Cafe", "Bar", "Alehouse")]
    listed = client.get("/sobjects/Shop__c/listviews").json()
    assert set(listed) == {"done", "listviews", "nextRecordsUrl", "size", "sobjectType"}
    view = listed["listviews"][0]
    assert (view["developerName"], view["label"], listed["size"]) == ("AllShops", "All Shops", 1)
    described = client.get(view["describeUrl"]).json()
    shown = client.get(f"/query?q={described['query'].replace(' ', '+')}").json()["records"]
    assert [row["Name"] for row in shown] == ["Alehouse", "Bar", "Cafe"]
    assert described["id"] == view["id"][:15]
    results = client.get(f"{view['resultsUrl']}?limit=2").json()
    assert (results["size"], results["done"]) == (2, False)
    assert [row["columns"][0] for row in results["records"]] == [
        {"fieldNameOrPath": "Name", "value": "Alehouse"},
        {"fieldNameOrPath": "Name", "value": "Bar"},
    ]
    rest = client.get(f"{view['resultsUrl']}?offset=2").json()
    assert (rest["done"], rest["records"][0]["columns"][1]) == (True, {"fieldNameOrPath": "Id", "value": shops[0]})
    assert results["columns"] == described["columns"]
    assert [column["sortIndex"] for column in described["columns"][:2]] == [0, None]


def test_moments_in_a_list_view_are_told_in_words(client: Any, org: Org, clock: Callable[[timedelta], None]) -> None:
    clock(timedelta(0))
    org.put("Shop__c", Name="One")
    url = client.get("/sobjects/Shop__c/listviews").json()["listviews"][0]["resultsUrl"]
    values = {cell["fieldNameOrPath"]: cell["value"] for cell in client.get(url).json()["records"][0]["columns"]}
    assert values["CreatedDate"] == "Sun Mar 15 12:00:30 GMT 2026"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sobjects/Shop__c/listviews/00B000000000001/describe", 404),
        ("/sobjects/Nothing__c/listviews", 404),
        ("/sobjects/PermissionSet/listviews", 501),
        ("/sobjects/Shop__c/describe/approvalLayouts/Some", 501),
        ("/sobjects/Nothing__c/describe/approvalLayouts", 404),
        ("/recent/more", 404),
        ("/recent?limit=x", 501),
    ],
)
def test_views_that_are_not_there(client: Any, org: Org, path: str, status: int) -> None:
    assert org.find("Shop__c") == []
    assert client.get(path).status_code == status


def test_no_object_has_approval_layouts(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    assert client.get("/sobjects/Shop__c/describe/approvalLayouts").json() == {"approvalLayouts": []}
    assert client.get(f"{DATA}31.0/sobjects/Shop__c/listviews").status_code == 404


def test_a_query_is_explained_and_not_run(client: Any, org: Org) -> None:
    for name in ("One", "Two", "Two"):
        org.put("Shop__c", Name=name)
    (plan,) = client.get("/query/?explain=SELECT+Id+FROM+Shop__c+WHERE+Name='Two'").json()["plans"]
    assert (plan["cardinality"], plan["sobjectCardinality"], plan["sobjectType"]) == (2, 3, "Shop__c")
    assert (plan["leadingOperationType"], plan["relativeCost"] > 1, len(plan["notes"])) == ("TableScan", True, 1)
    org.switches["query_plan_cost"] = "selective"
    view = client.get("/sobjects/Shop__c/listviews").json()["listviews"][0]["id"]
    (plan,) = client.get(f"{DATA}32.0/query/?explain={view}").json()["plans"]
    assert (plan["cardinality"], plan["relativeCost"] < 1, "notes" in plan) == (3, True, False)
    assert code(client.get("/query/?explain=00O000000000001")) == (400, "INVALID_ID")
    assert code(client.get("/query/?explain=SELECT+Nope+FROM+Shop__c")) == (400, "INVALID_FIELD")


def test_records_that_were_marked_as_viewed(client: Any, org: Org, clock: Callable[[timedelta], None]) -> None:
    one, two = client.account(Name="One"), client.account(Name="Two")
    assert client.get("/recent").json() == []
    for name in ("One", "Two"):
        clock(timedelta(minutes=1))
        assert client.get(f"/query?q=SELECT+Id+FROM+Account+WHERE+Name='{name}'+FOR+VIEW").status_code == 200
    shown = [
        {"attributes": {"type": "Account", "url": f"{DATA}67.0/sobjects/Account/{row}"}, "Id": row, "Name": name}
        for row, name in ((two, "Two"), (one, "One"))
    ]
    assert client.get("/recent").json() == shown
    assert client.get("/recent?limit=1").json() == shown[:1]
    assert client.get("/sobjects/Account").json()["recentItems"] == shown
    assert client.get("/sobjects/Contact").json()["recentItems"] == []


# --- layouts ---


def test_a_page_layout_shows_the_fields_of_the_object(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    shown = client.get("/sobjects/Shop__c/describe/layouts").json()
    (layout,) = shown["layouts"]
    (detail,), (edit,) = layout["detailLayoutSections"], layout["editLayoutSections"]

    def names(section: dict[str, Any]) -> set[str]:
        return {item["layoutComponents"][0]["value"] for row in section["layoutRows"] for item in row["layoutItems"]}

    assert names(edit) == {"Name", "Code__c", "Old__c", "Number__c", "Plain__c", "Owner__c"}
    assert names(detail) - names(edit) == {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
    assert detail["rows"] == len(detail["layoutRows"]) == 5
    assert [one["name"] for one in layout["relatedLists"]] == ["Parts__r"]
    assert [one["name"] for one in layout["buttonLayoutSection"]["detailButtons"]] == ["Edit", "Delete"]
    assert shown["recordTypeMappings"][0]["layoutId"] == layout["id"]
    assert client.get("/sobjects/Shop__c/describe/layouts").json()["layouts"][0]["id"] == layout["id"]


def test_layouts_of_users_by_name(client: Any) -> None:
    plain = client.get("/sobjects/User/describe/layouts").json()["layouts"][0]["id"]
    named = client.get("/sobjects/User/describe/namedLayouts/UserAlt").json()["layouts"][0]["id"]
    assert plain != named
    assert client.get("/sobjects/User/describe/namedLayouts/Nothing").status_code == 404
    assert client.get("/sobjects/Account/describe/namedLayouts/UserAlt").status_code == 404
    assert client.get("/sobjects/PermissionSet/describe/layouts").status_code == 501
    assert client.get("/sobjects/Account/describe/layouts/012000000000000AAA").status_code == 501


def test_a_compact_layout_shows_the_name(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    shown = client.get("/sobjects/Shop__c/describe/compactLayouts").json()
    (layout,) = shown["compactLayouts"]
    assert [item["layoutComponents"][0]["value"] for item in layout["fieldItems"]] == ["Name"]
    assert shown["defaultCompactLayoutId"] == layout["id"] == shown["recordTypeCompactLayoutMappings"][0]["compactLayoutId"]
    assert layout["objectType"] == "Shop__c"


# --- describe ---


OAS = Path(__file__).resolve().parents[4] / "shared" / "golden" / "opensdks-oas" / "salesforce-v59.subset.oas.json"
KINDS = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict, "number": (int, float)}


def misfits(value: Any, schema: dict[str, Any], path: str) -> list[str]:
    """Where a value does not have every key that the schema names, or has another type; null is good everywhere."""
    if value is None:
        return []
    if not isinstance(value, KINDS[schema["type"]]):
        return [f"{path} is a {type(value).__name__}"]
    if schema["type"] == "array":
        return [line for index, member in enumerate(value) for line in misfits(member, schema["items"], f"{path}[{index}]")]
    missing = [f"{path}.{name} is missing" for name in schema.get("properties", {}) if name not in value]
    present = [name for name in schema.get("properties", {}) if name in value]
    return missing + [line for name in present for line in misfits(value[name], schema["properties"][name], f"{path}.{name}")]


@pytest.mark.skipif(not OAS.is_file(), reason="the recorded facts (../shared/golden) are not on this machine")
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/sobjects", "DescribeGlobalResult"),
        ("/sobjects/Account/describe", "DescribeSObjectResult"),
        ("/sobjects/User/describe", "DescribeSObjectResult"),
        ("/sobjects/PermissionSet/describe", "DescribeSObjectResult"),
        ("/sobjects/Shop__c/describe", "DescribeSObjectResult"),
        (span("deleted", "2026-03-15T10:00:00Z", "2026-03-15T11:00:00Z"), "GetDeletedResult"),
    ],
)
@pytest.mark.usefixtures("clock")
def test_describes_have_every_key_of_a_real_one(client: Any, path: str, name: str) -> None:
    schema = json.loads(OAS.read_text(encoding="utf-8"))["components"]["schemas"][name]
    assert misfits(client.get(path).json(), schema, name)[:5] == []
