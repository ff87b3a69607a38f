# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Composites as the collection sends them: order, references, caps, all or none, collation off."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from contract.door import Org


def query(org: Org, ref: str, soql: str) -> dict[str, Any]:
    return {"method": "GET", "url": f"{org.root}/query/?q={quote(soql, safe='')}", "referenceId": ref}


def new_set(org: Org, ref: str, name: str) -> dict[str, Any]:
    body = {"Name": name, "Label": name}
    return {"method": "POST", "url": f"{org.root}/sobjects/PermissionSet", "referenceId": ref, "body": body}


def names(org: Org, *wanted: str) -> set[str]:
    listed = ", ".join(f"'{name}'" for name in wanted)
    return {row["Name"] for row in org.soql(f"SELECT Name FROM PermissionSet WHERE Name IN ({listed})")}


@pytest.mark.evidence("composite-order")
def test_subrequests_run_in_order_and_answer_in_order(org: Org) -> None:
    name = org.name("order")
    count = f"SELECT Id FROM PermissionSet WHERE Name = '{name}'"
    told = org.composite(query(org, "before", count), new_set(org, "made", name), query(org, "after", count))
    assert [item["referenceId"] for item in told] == ["before", "made", "after"]
    assert [item["httpStatusCode"] for item in told] == [200, 201, 200]
    assert [told[0]["body"]["totalSize"], told[2]["body"]["totalSize"]] == [0, 1]


@pytest.mark.evidence("composite-references")
def test_a_later_subrequest_takes_values_from_an_earlier_one(org: Org) -> None:
    name = org.name("reference")
    org.create("PermissionSet", Name=name, Label="by reference")
    first = query(org, "sets", f"SELECT Id FROM PermissionSet WHERE Name = '{name}'")
    whole = {"method": "GET", "url": f"{org.root}/sobjects/PermissionSet/@{{sets.records[0].Id}}", "referenceId": "whole"}
    answered = org.composite(first, whole)[1]
    assert answered["httpStatusCode"] == 200
    assert answered["body"]["Label"] == "by reference"
    assert isinstance(answered["body"]["PermissionsApiEnabled"], bool)


@pytest.mark.evidence("composite-references")
def test_a_reference_without_a_value_halts_that_subrequest_alone(org: Org) -> None:
    nothing = query(org, "sets", f"SELECT Id FROM PermissionSet WHERE Name = '{org.name('nobody')}'")
    whole = {"method": "GET", "url": f"{org.root}/sobjects/PermissionSet/@{{sets.records[0].Id}}", "referenceId": "whole"}
    told = org.composite(nothing, whole, query(org, "last", "SELECT Id FROM Organization"))
    assert [item["httpStatusCode"] for item in told] == [200, 400, 200]
    assert told[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"


@pytest.mark.evidence("composite-references")
def test_a_new_record_s_id_can_be_used_in_a_collection(org: Org) -> None:
    name = org.name("parent")
    rows = [
        {"attributes": {"type": "ObjectPermissions"}, "ParentId": "@{made.id}", "SobjectType": sobject, "PermissionsRead": True}
        for sobject in ("Account", "Contact")
    ]
    collection = {
        "method": "POST",
        "url": f"{org.root}/composite/sobjects",
        "referenceId": "rows",
        "body": {"allOrNone": False, "records": rows},
    }
    told = org.composite(new_set(org, "made", name), collection, all_or_none=True)
    assert [item["httpStatusCode"] for item in told] == [201, 200]
    assert [item["success"] for item in told[1]["body"]] == [True, True]
    found = org.soql(f"SELECT SobjectType FROM ObjectPermissions WHERE ParentId = '{told[0]['body']['id']}'")
    assert {row["SobjectType"] for row in found} == {"Account", "Contact"}


@pytest.mark.evidence("composite-all-or-none")
def test_all_or_none_keeps_nothing_when_one_fails(org: Org) -> None:
    first, second = org.name("kept"), org.name("bad")
    bad = new_set(org, "bad", second)
    bad["body"]["NoSuchField__c"] = 1
    told = org.composite(new_set(org, "good", first), bad, all_or_none=True)
    assert [item["httpStatusCode"] for item in told] == [400, 400]
    assert told[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert told[1]["body"][0]["errorCode"] == "INVALID_FIELD"
    assert names(org, first, second) == set()


@pytest.mark.evidence("composite-all-or-none")
def test_without_all_or_none_the_others_stay(org: Org) -> None:
    first, second = org.name("kept"), org.name("bad")
    bad = new_set(org, "bad", second)
    bad["body"]["NoSuchField__c"] = 1
    told = org.composite(bad, new_set(org, "good", first))
    assert [item["httpStatusCode"] for item in told] == [400, 201]
    assert names(org, first, second) == {first}


@pytest.mark.evidence("composite-all-or-none")
def test_a_refused_record_of_a_collection_takes_the_whole_composite_with_it(org: Org) -> None:
    name = org.name("parent")
    rows: list[dict[str, Any]] = [
        {"attributes": {"type": "ObjectPermissions"}, "ParentId": "@{made.id}", "SobjectType": "Account", "PermissionsRead": True},
        {"attributes": {"type": "ObjectPermissions"}, "ParentId": "@{made.id}", "SobjectType": "Contact", "PermissionsEdit": True},
    ]
    collection = {
        "method": "POST",
        "url": f"{org.root}/composite/sobjects",
        "referenceId": "rows",
        "body": {"allOrNone": False, "records": rows},
    }
    org.composite(new_set(org, "made", name), collection, all_or_none=True)
    assert names(org, name) == set()


@pytest.mark.evidence("composite-caps")
def test_more_than_25_subrequests_are_refused_whole(org: Org) -> None:
    wanted = [org.name("cap") for _unused in range(26)]
    told = org.composite(*(new_set(org, f"r{number}", name) for number, name in enumerate(wanted)))
    assert len(told) == 1
    assert told[0]["httpStatusCode"] == 400
    assert told[0]["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    assert names(org, *wanted) == set()


@pytest.mark.evidence("composite-caps")
def test_more_than_five_queries_are_refused_whole(org: Org) -> None:
    name = org.name("cap")
    queries = [query(org, f"q{number}", "SELECT Id FROM Organization") for number in range(6)]
    body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": [new_set(org, "made", name), *queries]}
    answer = org.post("/composite", body)
    told = answer.json()
    statuses = {item["httpStatusCode"] for item in told["compositeResponse"]} if isinstance(told, dict) else {answer.status_code}
    assert statuses == {400}
    assert names(org, name) == set()


@pytest.mark.evidence("composite-price")
def test_a_composite_is_one_call_however_many_subrequests_it_has(org: Org) -> None:
    def used() -> int:
        return int(org.get("/sobjects/Organization/describe").headers["Sforce-Limit-Info"].split("=")[1].split("/")[0])

    before = used()
    org.composite(*(query(org, f"q{number}", "SELECT Id FROM Organization") for number in range(5)))
    spent = used() - before
    if org.is_live:
        # Others may work in the org at the same time, and the count may lag behind.
        assert spent < 7
        return
    assert spent == 2
