# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/composite/tree and /composite/graph through HTTPS: what is made, in which order, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.http_api.served import Served
from emulator.model import ChildRelationship
from emulator.org import Org

from .record_objects import add, add_shops, column, custom_object

V = "/services/data/v67.0"


@pytest.fixture
def org(served: Served) -> Org:
    add_shops(served.org)
    return served.org


def record(name: str, reference_id: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": name, "referenceId": reference_id}, "Name": reference_id, **values}


def below(*records: dict[str, Any]) -> dict[str, Any]:
    return {"records": list(records)}


def tree(client: Any, *records: Any, name: str = "Shop__c") -> Any:
    return client.post(f"/composite/tree/{name}/", {"records": list(records)})


# --- trees ---


def test_a_tree_is_made_level_by_level_and_linked(client: Any, org: Org, served: Served) -> None:
    answer = tree(
        client,
        record("Shop__c", "s1", Parts__r=below(record("Part__c", "p1", Bits__r=below(record("Bit__c", "b1"))), record("Part__c", "p2"))),
        record("shop__C", "s2", parts__R=below(record("Part__c", "p3"))),
    )
    assert answer.status_code == 201
    made = {row["referenceId"]: row["id"] for row in answer.json()["results"]}
    assert list(made) == ["s1", "s2", "p1", "p2", "p3", "b1"]
    assert answer.json()["hasErrors"] is False
    parts = {row["Name"]: row for row in org.find("Part__c")}
    assert {name: row["Shop__c"] for name, row in parts.items()} == {"p1": made["s1"], "p2": made["s1"], "p3": made["s2"]}
    assert org.find("Bit__c")[0]["Part__c"] == made["p1"]
    assert (served.journal.entries[-1].kind, served.journal.entries[-1].calls) == ("write", 1)
    assert [write.sobject for write in org.writes] == ["Shop__c", "Shop__c", "Part__c", "Part__c", "Part__c", "Bit__c"]


def test_standard_objects_make_trees_too(client: Any, org: Org) -> None:
    answer = tree(
        client,
        record("Account", "a1", Contacts=below({"attributes": {"type": "Contact", "referenceId": "c1"}, "lastname": "Smith"})),
        name="Account",
    )
    assert answer.status_code == 201, answer.text
    assert org.find("Contact")[0]["AccountId"] == answer.json()["results"][0]["id"]


def test_the_first_failure_undoes_all_and_is_alone(client: Any, org: Org) -> None:
    answer = tree(
        client,
        record("Shop__c", "s1", Parts__r=below(record("Part__c", "p1", Name="x" * 81))),
        record("Shop__c", "s2", Parts__r=below(record("Part__c", "p2", Nothing__c=1))),
    )
    assert answer.status_code == 400
    shown = answer.json()
    assert (shown["hasErrors"], [row["referenceId"] for row in shown["results"]]) == (True, ["p1"])
    error = shown["results"][0]["errors"][0]
    assert (error["statusCode"], error["fields"]) == ("STRING_TOO_LONG", ["Name"])
    assert org.find("Shop__c") == []
    assert org.writes == []


def results(*pairs: tuple[str, str]) -> dict[str, Any]:
    listed = [{"referenceId": name, "errors": [{"statusCode": "INVALID_INPUT", "message": words, "fields": []}]} for name, words in pairs]
    return {"hasErrors": True, "results": listed}


def test_references_are_unique_and_complete(client: Any, org: Org) -> None:
    twice = "Duplicate ReferenceId provided in the request."
    answer = tree(client, record("Shop__c", "s1", Parts__r=below(record("Part__c", "s1"))), record("Shop__c", "s2"))
    assert (answer.status_code, answer.json()) == (400, results(("s1", twice), ("s1", twice)))
    assert tree(client, record("Shop__c", "s1"), record("Shop__c", "S1")).status_code == 201
    answer = tree(client, {"attributes": {"referenceId": "s3"}, "Name": "x"})
    assert (answer.status_code, answer.json()) == (400, results(("s3", "Include an entity type for each record in the request.")))
    answer = tree(client, record("Shop__c", "s4"), {"attributes": {"type": "Shop__c"}, "Name": "x"})
    assert answer.status_code == 403
    assert answer.json() == [{"message": "Include a reference ID for each record in the request.", "errorCode": "INVALID_INPUT"}]
    assert len(org.find("Shop__c")) == 2


def deep(levels: int) -> dict[str, Any]:
    made = record("Node__c", f"n{levels}")
    for level in reversed(range(1, levels)):
        made = record("Node__c", f"n{level}", Nodes__r=below(made))
    return made


def add_nodes(org: Org) -> None:
    up = column("reference", "Up__c", length=18, reference_to=("Node__c",), relationship_name="Up__r")
    add(org, custom_object("Node__c", "a20", up, child_relationships=(ChildRelationship("Nodes__r", "Node__c", "Up__c"),)))


def test_five_levels_and_not_one_more(client: Any, org: Org) -> None:
    add_nodes(org)
    answer = tree(client, deep(6), name="Node__c")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")
    assert org.find("Node__c") == []
    assert tree(client, deep(5), name="Node__c").status_code == 201
    assert len(org.find("Node__c")) == 5


def test_two_hundred_records_in_all(client: Any, org: Org) -> None:
    many = [record("Part__c", f"p{number}") for number in range(200)]
    answer = tree(client, record("Shop__c", "s", Parts__r=below(*many)))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")
    org.switches["tree_malformed_code"] = "LIMIT_EXCEEDED"
    assert tree(client, record("Shop__c", "s", Parts__r=below(*many))).json()[0]["errorCode"] == "LIMIT_EXCEEDED"
    assert org.find("Shop__c") == []
    assert tree(client, record("Shop__c", "s", Parts__r=below(*many[:199]))).status_code == 201
    assert len(org.find("Part__c")) == 199


def test_five_types_in_all(client: Any, org: Org) -> None:
    kinds = [
        custom_object(f"Kind{number}__c", f"a3{number}", column("reference", "Up__c", reference_to=("Top__c",))) for number in range(5)
    ]
    links = tuple(ChildRelationship(f"Kind{number}s__r", f"Kind{number}__c", "Up__c") for number in range(5))
    add(org, custom_object("Top__c", "a29", child_relationships=links), *kinds)
    children = {f"Kind{number}s__r": below(record(f"Kind{number}__c", f"k{number}")) for number in range(5)}
    answer = tree(client, record("Top__c", "t", **children), name="Top__c")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_INPUT")
    children.popitem()
    assert tree(client, record("Top__c", "t", **children), name="Top__c").status_code == 201


@pytest.mark.parametrize(
    ("records", "error"),
    [
        ([record("Part__c", "p")], "INVALID_INPUT"),
        ([record("Shop__c", "s", Parts__r=below(record("Bit__c", "b")))], "INVALID_INPUT"),
        ([record("Shop__c", "a-b")], "INVALID_INPUT"),
        ([record("Shop__c", "_a")], "INVALID_INPUT"),
        ([record("Shop__c", "s", Nothings__r=below(record("Part__c", "p")))], "INVALID_FIELD"),
        ([], "INVALID_INPUT"),
        (["x"], "JSON_PARSER_ERROR"),
    ],
)
def test_trees_that_are_not_well_formed(client: Any, org: Org, records: list[Any], error: str) -> None:
    answer = tree(client, *records)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, error)
    assert org.find("Shop__c") == []


def test_trees_of_unknown_objects_and_by_other_methods(client: Any, org: Org) -> None:
    assert org.find("Shop__c") == []
    assert tree(client, record("Nothing__c", "n"), name="Nothing__c").status_code == 404
    assert client.get("/composite/tree/Shop__c").status_code == 405
    assert client.post("/composite/tree", {"records": []}).status_code == 404
    assert tree(client, record("Account", "a", ActivityHistories=below()), name="Account").status_code in (400, 501)


# --- graphs ---


def node(reference_id: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    made = {"referenceId": reference_id, "method": method, "url": path if path.startswith("/services") else V + path}
    return made if body is None else {**made, "body": body}


def shop(reference_id: str, **values: Any) -> dict[str, Any]:
    return node(reference_id, "POST", "/sobjects/Shop__c", {"Name": reference_id, **values})


def part(reference_id: str, of: str, **values: Any) -> dict[str, Any]:
    return node(reference_id, "POST", "/sobjects/Part__c/", {"Name": reference_id, "Shop__c": f"@{{{of}.id}}", **values})


def graph(name: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": name, "compositeRequest": list(nodes)}


def graphs(client: Any, *listed: Any) -> list[dict[str, Any]]:
    answer = client.post("/composite/graph", {"graphs": list(listed)})
    assert answer.status_code == 200, answer.text
    shown: list[dict[str, Any]] = answer.json()["graphs"]
    return shown


def refused(client: Any, *listed: Any) -> tuple[int, str]:
    answer = client.post("/composite/graph", {"graphs": list(listed)})
    return answer.status_code, answer.json()[0]["errorCode"]


def nodes_of(shown: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = shown["graphResponse"]["compositeResponse"]
    return listed


def test_each_graph_is_a_transaction_of_its_own(client: Any, org: Org, served: Served) -> None:
    good, bad, later = graphs(
        client,
        graph("good", shop("s"), part("p", "s")),
        graph("bad", shop("s"), part("p", "s", Name="x" * 81), shop("t")),
        graph("later", shop("u")),
    )
    assert [one["isSuccessful"] for one in (good, bad, later)] == [True, False, True]
    assert [one["httpStatusCode"] for one in nodes_of(good)] == [201, 201]
    failed = {one["referenceId"]: one["body"][0]["errorCode"] for one in nodes_of(bad)}
    assert failed == {"s": "PROCESSING_HALTED", "p": "STRING_TOO_LONG", "t": "PROCESSING_HALTED"}
    assert [one["httpStatusCode"] for one in nodes_of(bad)] == [400, 400, 400]
    assert sorted(row["Name"] for row in org.find("Shop__c")) == ["s", "u"]
    assert org.find("Part__c")[0]["Shop__c"] == org.find("Shop__c", Name="s")[0]["Id"]
    entry = served.journal.entries[-1]
    assert (entry.kind, entry.calls, len(entry.subrequests)) == ("write", 1, 6)


def test_references_reach_no_other_graph(client: Any, org: Org) -> None:
    first, second = graphs(client, graph("one", shop("s")), graph("two", part("p", "s")))
    assert (first["isSuccessful"], second["isSuccessful"]) == (True, False)
    assert "Invalid reference" in nodes_of(second)[0]["body"][0]["message"]
    assert org.find("Part__c") == []


def test_a_reference_may_point_ahead_and_is_served_first(client: Any, org: Org) -> None:
    (shown,) = graphs(client, graph("one", part("p", "s"), shop("s")))
    assert (shown["isSuccessful"], [one["referenceId"] for one in nodes_of(shown)]) == (True, ["p", "s"])
    org.switches["graph_order"] = "as_listed"
    (shown,) = graphs(client, graph("one", part("p", "t"), shop("t")))
    assert shown["isSuccessful"] is False
    assert [row["Name"] for row in org.find("Shop__c")] == ["s"]


def test_nodes_run_in_an_order_that_nobody_promised(client: Any, org: Org) -> None:
    names = [f"s{number}" for number in range(12)]
    (shown,) = graphs(client, graph("one", *map(shop, names)))
    assert [one["referenceId"] for one in nodes_of(shown)] == names
    assert sorted(row["Name"] for row in org.find("Shop__c")) == sorted(names)
    assert [row["Name"] for row in org.find("Shop__c")] != names


def test_a_graph_reads_changes_upserts_and_deletes(client: Any, org: Org) -> None:
    kept = org.put("Shop__c", Name="Kept", Plain__c="word")
    gone = org.put("Shop__c", Name="Gone")
    (shown,) = graphs(
        client,
        graph(
            "one",
            node("read", "GET", f"/sobjects/Shop__c/{kept}?fields=Plain__c"),
            node("patch", "PATCH", f"/sobjects/Shop__c/{kept}", {"Name": "@{read.Plain__c}"}),
            node("drop", "DELETE", f"/sobjects/Shop__c/{gone}"),
            node("upsert", "PATCH", "/sobjects/Shop__c/Code__c/x", {"Name": "New"}),
        ),
    )
    assert [one["httpStatusCode"] for one in nodes_of(shown)] == [200, 204, 204, 201]
    assert [row["Name"] for row in org.find("Shop__c")] == ["word", "New"]


def test_several_records_of_one_external_id_fail_a_graph(client: Any, org: Org) -> None:
    for name in ("One", "Two"):
        org.put("Shop__c", Name=name, Old__c="x")
    (shown,) = graphs(client, graph("one", shop("s"), node("u", "PATCH", "/sobjects/Shop__c/Old__c/x", {"Name": "New"})))
    assert shown["isSuccessful"] is False
    assert nodes_of(shown)[1]["httpStatusCode"] == 300
    assert [row["Name"] for row in org.find("Shop__c")] == ["One", "Two"]


def test_after_fifteen_failures_the_rest_is_not_tried(client: Any, org: Org) -> None:
    bad = [graph(f"bad{number}", shop("s", Nothing__c=1)) for number in range(15)]
    shown = graphs(client, *bad[:14], graph("good", shop("a")))
    assert shown[-1]["isSuccessful"] is True
    shown = graphs(client, *bad, graph("late", shop("b"), shop("c")))
    assert [one["body"][0]["errorCode"] for one in nodes_of(shown[-1])] == ["PROCESSING_HALTED"] * 2
    assert [row["Name"] for row in org.find("Shop__c")] == ["a"]


def chain(length: int) -> list[dict[str, Any]]:
    first = node("n1", "POST", "/sobjects/Node__c", {"Name": "n1"})
    return [first] + [
        node(f"n{number}", "POST", "/sobjects/Node__c", {"Name": "x", "Up__c": f"@{{n{number - 1}.id}}"}) for number in range(2, length + 1)
    ]


KINDS = [node(f"k{number}", "POST", f"/services/data/v{50 + number}.0/sobjects/Shop__c", {"Name": "x"}) for number in range(16)]
SMALL: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "76 graphs": lambda: [graph(str(number), shop("s")) for number in range(76)],
    "501 nodes": lambda: [graph("a", *(shop(f"s{number}") for number in range(501)))],
    "501 nodes in two graphs": lambda: [
        graph(name, *(shop(f"s{number}") for number in range(size))) for name, size in (("a", 1), ("b", 500))
    ],
    "16 levels": lambda: [graph("a", *chain(16))],
    "a circle": lambda: [graph("a", part("p", "q"), part("q", "p"))],
    "16 kinds": lambda: [graph("a", *KINDS)],
    "one graphId twice": lambda: [graph("a", shop("s")), graph("a", shop("s"))],
    "a graphId with a period": lambda: [graph("a.b", shop("s"))],
    "a long graphId": lambda: [graph("a" * 40, shop("s"))],
    "a graphId that begins with a dash": lambda: [graph("-a", shop("s"))],
    "one referenceId twice": lambda: [graph("a", shop("s"), shop("s"))],
    "a query": lambda: [graph("a", node("q", "GET", "/query?q=SELECT+Id+FROM+Shop__c"))],
    "a describe": lambda: [graph("a", node("d", "GET", "/sobjects/Shop__c/describe"))],
    "a collection": lambda: [graph("a", node("c", "POST", "/composite/sobjects", {"records": []}))],
    "a put": lambda: [graph("a", node("p", "PUT", "/sobjects/Shop__c/a10000000000001", {}))],
    "an old version": lambda: [graph("a", node("p", "POST", "/services/data/v49.0/sobjects/Shop__c", {"Name": "x"}))],
}


@pytest.mark.parametrize("what", SMALL)
def test_graphs_that_go_too_far(client: Any, org: Org, what: str) -> None:
    add_nodes(org)
    assert refused(client, *SMALL[what]()) == (400, "JSON_PARSER_ERROR")
    org.switches["graph_malformed_code"] = "LIMIT_EXCEEDED"
    assert refused(client, *SMALL[what]()) == (400, "LIMIT_EXCEEDED")
    assert org.writes == []


def test_graphs_at_their_bounds(client: Any, org: Org) -> None:
    add_nodes(org)
    shown = graphs(client, graph("a" * 39, *chain(15)), *(graph(str(number), shop("s")) for number in range(74)))
    assert all(one["isSuccessful"] for one in shown)
    assert graphs(client, graph("kinds", *KINDS[:15]))[0]["isSuccessful"] is True
    assert len(org.find("Node__c")) == 15


@pytest.mark.parametrize(
    "body",
    [{}, {"graphs": []}, {"graphs": ["x"]}, {"graphs": [{"graphId": "a"}]}, {"graphs": [{"compositeRequest": [shop("s")]}]}, []],
)
def test_graphs_that_are_not_well_formed(client: Any, org: Org, body: Any) -> None:
    answer = client.post("/composite/graph", body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    assert org.writes == []


def test_a_hyphen_in_a_reference_id_passes_but_cannot_be_named(client: Any, org: Org) -> None:
    (shown,) = graphs(client, graph("a", shop("a-b")))
    assert (shown["isSuccessful"], nodes_of(shown)[0]["referenceId"]) == (True, "a-b")
    (shown,) = graphs(client, graph("a", shop("c-d"), part("p", "c-d")))
    assert shown["isSuccessful"] is False
    assert [row["Name"] for row in org.find("Shop__c")] == ["a-b"]


def test_graphs_are_posted_from_version_50_on(client: Any, org: Org) -> None:
    assert client.get("/composite/graph").status_code == 405
    assert client.call("POST", "/services/data/v49.0/composite/graph", json={"graphs": [graph("a", shop("s"))]}).status_code == 404
    assert org.writes == []
