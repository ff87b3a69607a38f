# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Queries that others recorded on a real org, sent again: same status, keys and types, and for refusals the same body."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from unit.emulator.conftest import Client

from emulator.http_api.served import Served
from emulator.model import Field, SObject

GOLDEN = Path(__file__).resolve().parents[3].parent / "shared" / "golden"
RECORDINGS = GOLDEN / "sf-fx-runtime-java"
LOCATOR = re.compile(r"/services/data/v53\.0/query/01g\w{15}-(\d+)")
NO_SALESFORCE_ANSWER = {"query-unexpected-response": "a web page put there to test a client, not an answer of Salesforce"}

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings (../shared/golden) are not on this machine")


def recorded(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(request, response) of one recording."""
    found = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return found["request"], found["response"]


def soql_of(request: dict[str, Any]) -> str:
    return str(request["queryParameters"]["q"]["equalTo"])


def ask(client: Client, soql: str) -> tuple[int, Any]:
    answer = client.get(f"/services/data/v53.0/query?q={quote(soql)}")
    return answer.status_code, answer.json()


def same_shape(ours: Any, theirs: Any, at: str = "") -> list[str]:
    """Where keys or types differ; null goes with everything, and of a list the members are compared one by one."""
    if ours is None or theirs is None:
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        missing = [f"{at}.{key}: only on one side" for key in sorted(theirs.keys() ^ ours.keys())]
        return missing + [line for key in theirs.keys() & ours.keys() for line in same_shape(ours[key], theirs[key], f"{at}.{key}")]
    if isinstance(theirs, list) and isinstance(ours, list):
        kept = [member for member in theirs if "_trimmed_records" not in member]
        return [line for number, pair in enumerate(zip(ours, kept, strict=False)) for line in same_shape(*pair, f"{at}[{number}]")]
    return [] if type(ours) is type(theirs) else [f"{at}: {type(ours).__name__}, recorded {type(theirs).__name__}"]


def test_the_list_of_recordings_is_complete() -> None:
    names = {path.stem for path in RECORDINGS.glob("query*.json")}
    assert names == {
        "query", "query-malformed-soql", "query-unknown-column", "query-with-next-records-url", "query-with-next-records-url-2",
        "query-with-subquery", *NO_SALESFORCE_ANSWER,
    }  # fmt: skip


def test_records(client: Client, served: Served) -> None:
    request, response = recorded("query")
    expected = json.loads(response["body"])
    for record in expected["records"]:
        served.org.put("Account", Name=record["Name"], Id=record["attributes"]["url"].rpartition("/")[2])
    assert ask(client, soql_of(request)) == (response["status"], expected)


def test_children(client: Client, served: Served) -> None:
    request, response = recorded("query-with-subquery")
    expected = json.loads(response["body"])
    for record in expected["records"]:
        account = served.org.put("Account", Name=record["Name"], Id=record["attributes"]["url"].rpartition("/")[2])
        for child in (record["Contacts"] or {"records": []})["records"]:
            made = {key: value for key, value in child.items() if key != "attributes"}
            served.org.put("Contact", AccountId=account, Id=child["attributes"]["url"].rpartition("/")[2], **made)
    assert ask(client, soql_of(request)) == (response["status"], expected)


def big_object(served: Served, rows: int) -> None:
    identity = Field("Id", "id", "ID", "test", length=18, nillable=False)
    texts = [Field(name, "string", name, "test", length=80, custom=True) for name in ("RANDOM_1__c", "RANDOM_2__c")]
    sobject = SObject("random__c", "random", "randoms", "a01", "test", {item.name: item for item in (identity, *texts)}, custom=True)
    served.org.evolve(served.org.schema.with_sobjects([sobject]))
    for number in range(rows):
        served.org.put("random__c", RANDOM_1__c=f"N{number}")


def test_pages(client: Client, served: Served) -> None:
    big_object(served, 10_000)
    request, response = recorded("query-with-next-records-url")
    expected = json.loads(response["body"])
    status, page = ask(client, soql_of(request))
    assert (status, page["totalSize"], page["done"], len(page["records"])) == (response["status"], 10_000, False, 2000)
    assert same_shape(page, expected) == []
    _request, second = recorded("query-with-next-records-url-2")
    for start in (2000, 4000):
        found = LOCATOR.fullmatch(page["nextRecordsUrl"])
        assert found is not None
        assert int(found[1]) == start
        answer = client.get(page["nextRecordsUrl"])
        page = answer.json()
        assert answer.status_code == second["status"]
        assert same_shape(page, json.loads(second["body"])) == []
    assert len(page["records"]) == 2000


@pytest.mark.parametrize("name", ["query-malformed-soql", "query-unknown-column"])
def test_refusals_word_for_word(client: Client, name: str) -> None:
    request, response = recorded(name)
    assert ask(client, soql_of(request)) == (response["status"], json.loads(response["body"]))


STATEMENTS = {
    "SOQL syntax": "SELEKT Name FROM Account",
    "SOQL unknown column": "SELECT Bacon__c FROM Account LIMIT 2",
    "SOQL unknown object": "select count() from XYZZY",
}


def test_every_recorded_refusal_of_a_query(client: Client) -> None:
    errors = json.loads((GOLDEN / "errors" / "errors.json").read_text(encoding="utf-8"))["errors"]
    exact = {entry["case"]: entry for entry in errors if entry["grade"] == "A" and entry["case"].startswith("SOQL")}
    assert set(exact) == set(STATEMENTS)
    for case, soql in STATEMENTS.items():
        assert ask(client, soql) == (exact[case]["status"], exact[case]["body"])
    quoted = {entry["case"]: entry for entry in errors if entry["grade"] == "B"}
    mixed = ask(client, "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'")[1][0]
    assert mixed["errorCode"] == quoted["SOQL mixes AND and OR without parentheses"]["error"]["errorCode"]
    assert mixed["message"].endswith("unexpected token: OR")
    nested = "SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)"
    error = quoted["semi-join under a nested OR"]["error"]
    assert ask(client, nested)[1][0]["errorCode"] == error["errorCode"]
    assert ask(client, nested)[1][0]["message"].endswith(error["message"])


def test_columns_over_http(client: Client) -> None:
    answer = client.get("/query?q=SELECT+Id,Owner.Name+FROM+Account&columns=true")
    assert answer.status_code == 200
    assert [column["columnName"] for column in answer.json()["columnMetadata"]] == ["Id", "Owner"]
    assert "records" not in answer.json()
