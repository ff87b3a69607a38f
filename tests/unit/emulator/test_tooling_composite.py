# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/tooling/composite through HTTPS: what it takes and refuses, its caps, references, and its price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest

from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.rules.registry import break_rule

from .conftest import LIMITED, Client, tooling_org

V = "/services/data/v67.0"
PROFILES = "SELECT Id, Name FROM Profile ORDER BY Name"


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet([tooling_org()], rebuild={"acme-test": tooling_org}) as running:
        yield running


def ask(reference_id: str, path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"referenceId": reference_id, "method": method, "url": path if path.startswith("/services") else V + path, **more}


def query(reference_id: str, soql: str = PROFILES, **more: Any) -> dict[str, Any]:
    return ask(reference_id, f"/tooling/query/?q={quote_plus(soql)}", **more)


def describe(reference_id: str) -> dict[str, Any]:
    return ask(reference_id, "/tooling/sobjects/Profile/describe")


def composite(client: Client, *subrequests: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = client.post("/tooling/composite", {"compositeRequest": list(subrequests), **options})
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return shown


def statuses(shown: list[dict[str, Any]]) -> list[int]:
    return [result["httpStatusCode"] for result in shown]


def code(result: dict[str, Any]) -> str:
    return str(result["body"][0]["errorCode"])


def used(answer: Any) -> int:
    return int(answer.headers["Sforce-Limit-Info"].partition("=")[2].partition("/")[0])


# --- the price ---


def test_it_is_one_call_that_reads(client: Client, served: Served) -> None:
    before = used(client.get("/tooling/sobjects"))
    answer = client.post("/tooling/composite", {"compositeRequest": [query("profiles"), describe("described")]})
    assert used(answer) == before + 1
    entry = served.journal.entries[-1]
    assert (entry.kind, entry.calls, entry.method, entry.path) == ("read", 1, "POST", f"{V}/tooling/composite")
    assert [(sub.method, sub.url, sub.status, sub.reference_id) for sub in entry.subrequests] == [
        ("GET", f"{V}/tooling/query/?q={quote_plus(PROFILES)}", 200, "profiles"),
        ("GET", f"{V}/tooling/sobjects/Profile/describe", 200, "described"),
    ]


def test_one_that_would_write_is_no_read(client: Client, served: Served) -> None:
    shown = composite(client, query("one"), ask("two", "/tooling/sobjects/SandboxInfo", "POST", body={"SandboxName": "uat"}))
    assert statuses(shown) == [200, 501]
    assert served.journal.entries[-1].kind == "write"
    assert not served.org.find("SandboxInfo")


# --- the answers ---


def test_answers_are_those_of_tooling_in_order(client: Client) -> None:
    first, second, third = composite(
        client, query("profiles"), describe("described"), query("entity", "SELECT Label FROM EntityDefinition WHERE DurableId = 'Account'")
    )
    assert first["body"] == client.get("/tooling/query", params={"q": PROFILES}).json()
    assert (first["referenceId"], first["httpHeaders"], first["body"]["entityTypeName"]) == ("profiles", {}, "Profile")
    assert second["body"] == client.get("/tooling/sobjects/Profile/describe").json()
    assert third["body"]["records"][0]["Label"] == "Account"


def test_later_pages_are_read_there_too(client: Client) -> None:
    client.served.org.put_many("PermissionSet", [{"Name": f"Set_{number}", "Label": f"Set {number}"} for number in range(250)])
    asked = query("first", "SELECT Name FROM PermissionSet ORDER BY Name", httpHeaders={"Sforce-Query-Options": "batchSize=200"})
    first = composite(client, asked)[0]["body"]
    assert (first["done"], first["totalSize"], len(first["records"])) == (False, 250, 200)
    more = composite(client, ask("more", first["nextRecordsUrl"]))[0]["body"]
    assert (more["done"], more["entityTypeName"], len(more["records"])) == (True, "PermissionSet", 50)


def test_a_subrequest_refers_to_earlier_ones(client: Client) -> None:
    shown = composite(
        client,
        query("profiles"),
        ask("one", "/tooling/sobjects/Profile/@{profiles.records[0].Id}"),
        ask("nothing", "/tooling/sobjects/Profile/@{profiles.records[9].Id}"),
    )
    assert statuses(shown) == [200, 200, 400]
    assert shown[1]["body"]["Name"] == "Minimum Access"
    assert code(shown[2]) == "PROCESSING_HALTED"


def test_a_record_that_was_read_may_be_referred_to_by_its_null_fields(client: Client) -> None:
    org = client.served.org
    made = org.put("PermissionSet", Name="Own", Label="Own")
    shown = composite(
        client,
        ask("set", f"/tooling/sobjects/PermissionSet/{made}"),
        ask("next", "/tooling/sobjects/PermissionSet/@{set.NamespacePrefix}"),
        collateSubrequests=False,
    )
    assert shown[0]["body"]["NamespacePrefix"] is None
    assert (shown[1]["httpStatusCode"], code(shown[1])) == (501, "NOT_EMULATED"), "known to be a null, and no reference without value"


@pytest.mark.parametrize("collates", [True, False])
def test_references_keep_their_order_whatever_is_collated(client: Client, collates: bool) -> None:
    asked = [query("a"), *(ask(f"b{number}", "/tooling/sobjects/Profile/@{a.records[0].Id}") for number in range(10))]
    assert set(statuses(composite(client, *asked, collateSubrequests=collates))) == {200}


def test_one_error_may_take_the_others_along(client: Client) -> None:
    asked = [query("good"), query("bad", "SELECT Nothing FROM Profile"), describe("also")]
    apart = composite(client, *asked)
    assert (statuses(apart), code(apart[1])) == ([200, 400, 200], "INVALID_FIELD")
    together = composite(client, *asked, allOrNone=True)
    assert (statuses(together), [code(one) for one in together]) == (
        [400, 400, 400],
        ["PROCESSING_HALTED", "INVALID_FIELD", "PROCESSING_HALTED"],
    )


# --- the caps ---


def test_five_queries_and_twenty_five_subrequests_are_the_most(client: Client) -> None:
    queries = [query(f"q{number}") for number in range(6)]
    others = [describe(f"d{number}") for number in range(21)]
    assert set(statuses(composite(client, *queries[:5], *others[:20]))) == {200}
    for asked, words in ((queries, "more than 5 query"), ([*queries[:5], *others], "more than 25 operations")):
        shown = composite(client, *asked)
        assert (statuses(shown), shown[0]["referenceId"], code(shown[0])) == ([400], None, "LIMIT_EXCEEDED")
        assert words in shown[0]["body"][0]["message"]


def test_a_later_page_is_a_query(client: Client) -> None:
    client.served.org.settings.page_size = 2
    more = composite(client, query("first"))[0]["body"]["nextRecordsUrl"]
    asked = [*(query(f"q{number}") for number in range(4)), ask("more", more)]
    assert set(statuses(composite(client, *asked))) == {200}
    assert code(composite(client, *asked, query("sixth"))[0]) == "LIMIT_EXCEEDED"


# --- the resources ---


@pytest.mark.parametrize(
    "path",
    [
        "/query?q=SELECT+Id+FROM+Profile",
        "/sobjects/Account/describe",
        "/composite/sobjects/Account?ids=001000000000001AAA&fields=Id",
        "/limits",
        "/tooling",
        "/tooling/composite",
        "/tooling/executeAnonymous?anonymousBody=x",
        "/tooling/nothing",
    ],
)
def test_other_resources_are_refused(client: Client, path: str) -> None:
    refused, answered = composite(client, ask("other", path), query("good"))
    assert (refused["httpStatusCode"], code(refused), answered["httpStatusCode"]) == (400, "PROCESSING_HALTED", 200)
    assert "is not supported in a composite request" in refused["body"][0]["message"]


def test_the_list_of_resources_can_be_broken(client: Client) -> None:
    with break_rule("tooling_composite_resources"):
        assert composite(client, ask("other", "/query?q=SELECT+Id+FROM+Profile"))[0]["httpStatusCode"] == 200


@pytest.mark.parametrize(("setting", "status"), [("refused", 400), ("answered", 200)])
def test_query_all_may_be_refused(client: Client, setting: str, status: int) -> None:
    client.served.org.switches["tooling_composite_query_all"] = setting
    assert composite(client, ask("all", "/tooling/queryAll/?q=SELECT+Id+FROM+Profile"))[0]["httpStatusCode"] == status


@pytest.mark.parametrize(
    "path", ["/tooling/query/?q=SELECT+Id+FROM+Profile", "/tooling/sobjects/Profile/describe", "/tooling/queryAll?q=SELECT+Id+FROM+Profile"]
)
def test_a_composite_of_the_data_api_takes_none_of_them(client: Client, path: str) -> None:
    answer = client.post("/composite", {"compositeRequest": [ask("one", path)]}).json()["compositeResponse"][0]
    assert (answer["httpStatusCode"], code(answer)) == (400, "PROCESSING_HALTED")


def test_what_real_ones_take_and_this_one_does_not_is_said(client: Client) -> None:
    shown = composite(
        client,
        query("class", "SELECT Id FROM ApexClass"),
        ask("made", "/tooling/sobjects/MetadataContainer", "POST", body={"Name": "x"}),
        ask("gone", "/tooling/sobjects/Profile/00e000000000001AAA", "DELETE"),
    )
    assert (statuses(shown), {code(one) for one in shown}) == ([501, 501, 501], {"NOT_EMULATED"})


# --- the request ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tooling/composite", 501),
        ("PUT", "/tooling/composite", 405),
        ("POST", "/tooling/composite", 400),
        ("POST", "/tooling/composite/batch", 501),
        ("POST", "/services/data/v39.0/tooling/composite", 404),
    ],
)
def test_paths_and_methods(client: Client, method: str, path: str, status: int) -> None:
    assert client.call(method, path, json={}).status_code == status


def test_tooling_lists_it(client: Client) -> None:
    assert client.get("/tooling").json()["composite"] == f"{V}/tooling/composite"


def test_without_view_setup_it_shows_nothing(client_for: Callable[[str], Client]) -> None:
    shown = composite(client_for(LIMITED), query("one"), ask("two", "/tooling/sobjects/Profile/describe"))
    assert (statuses(shown), [code(one) for one in shown]) == ([400, 400], ["INVALID_TYPE", "INVALID_TYPE"])
