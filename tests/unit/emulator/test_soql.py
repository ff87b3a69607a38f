# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL on a small org of custom objects, where no rule but SOQL's own speaks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import ApiError, NotEmulated
from emulator.model import ChildRelationship, Field, PicklistValue, Schema, SObject
from emulator.org import Org
from emulator.schema import load_schema
from emulator.soql import parse
from emulator.soql.ast import And, Comparison, Or
from emulator.soql.parser import NOT_NAMES, _Reader

VERSION = "67.0"
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def text(name: str, **more: Any) -> Field:
    return Field(name, "string", name, "test", length=80, groupable=True, custom=name.endswith("__c"), **more)


def of(kind: str, name: str, **more: Any) -> Field:
    return Field(name, kind, name, "test", custom=name.endswith("__c"), **more)


ID = Field("Id", "id", "ID", "test", length=18, nillable=False)
SHELF = SObject(
    "Shelf__c", "Shelf", "Shelves", "a01", "test",
    {item.name: item for item in (
        ID, text("Name", name_field=True), text("Room__c"),
        of("reference", "Above__c", reference_to=("Shelf__c",), relationship_name="Above__r"),
    )},
    custom=True, createable=True, updateable=True, deletable=True,
    child_relationships=(ChildRelationship("Books__r", "Book__c", "Shelf__c"),),
)  # fmt: skip
BOOK = SObject(
    "Book__c", "Book", "Books", "a02", "test",
    {item.name: item for item in (
        ID, text("Name", name_field=True), of("boolean", "IsLent__c", nillable=False, groupable=True), of("int", "Pages__c"),
        of("double", "Price__c"), of("date", "Bought__c"), of("datetime", "Read__c"), of("boolean", "IsDeleted", nillable=False),
        of("textarea", "Notes__c", filterable=False, sortable=False),
        of("picklist", "Kind__c", picklist=(PicklistValue("Novel", "Novel"),), groupable=True),
        of("reference", "Shelf__c", reference_to=("Shelf__c",), relationship_name="Shelf__r", groupable=True),
        of("reference", "Holder__c", reference_to=("Shelf__c", "Reader__c"), relationship_name="Holder__r"),
        of("reference", "Nameless__c", reference_to=("Reader__c",), relationship_name=None),
    )},
    custom=True, createable=True, updateable=True, deletable=True, soft_delete=True,
)  # fmt: skip
READER = SObject(
    "Reader__c", "Reader", "Readers", "a03", "test",
    {item.name: item for item in (ID, text("Name", name_field=True), text("Room__c"))},
    custom=True, createable=True, updateable=True, deletable=True,
)  # fmt: skip


@pytest.fixture
def org() -> Org:
    org = Org(Schema({**load_schema().sobjects}).with_sobjects([SHELF, BOOK, READER]), name="library", clock=lambda: NOW)
    top = org.put("Shelf__c", Name="Top", Room__c="Hall")
    low = org.put("Shelf__c", Name="Low", Room__c="hall", Above__c=top)
    org.put("Shelf__c", Name="Empty")
    ann = org.put("Reader__c", Name="Ann", Room__c="Attic")
    org.put(
        "Book__c",
        Name="Emma",
        Shelf__c=low,
        Pages__c=300,
        Price__c=9.5,
        Bought__c="2026-03-15",
        Read__c=NOW,
        Kind__c="Novel",
        Holder__c=ann,
    )
    org.put("Book__c", Name="émile", Shelf__c=low, IsLent__c=True, Pages__c=200, Bought__c="2026-03-14", Holder__c=top)
    org.put("Book__c", Name="100% wool", Shelf__c=top, Pages__c=100, Read__c=datetime(2026, 2, 1, tzinfo=UTC))
    org.put("Book__c", Name="100x wool", IsLent__c=True)
    org.put("Book__c", Name=None, Pages__c=50)
    org.remove("Book__c", org.put("Book__c", Name="Gone"))
    return org


def ask(org: Org, soql: str, **options: Any) -> dict[str, Any]:
    return org.query("005000000000001AAA", soql, VERSION, **options)


def names(org: Org, soql: str) -> list[Any]:
    return [record["Name"] for record in ask(org, soql)["records"]]


def where(org: Org, condition: str) -> list[Any]:
    return names(org, f"SELECT Name FROM Book__c WHERE {condition}")


def refused(org: Org, soql: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ask(org, soql)
    return caught.value


ALL = ["Emma", "émile", "100% wool", "100x wool", None]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name = 'EMMA'", ["Emma"]),
        ("Name = 'ÉMILE'", ["émile"]),
        ("Name != 'emma'", ["émile", "100% wool", "100x wool", None]),
        ("Name <> 'emma'", ["émile", "100% wool", "100x wool", None]),
        ("Name = null", [None]),
        ("Name != null", ALL[:4]),
        ("Name = ''", [None]),
        ("Name IN ('emma', 'Émile')", ["Emma", "émile"]),
        ("Name IN ('emma', null)", ["Emma", None]),
        ("Name NOT IN ('emma')", ["émile", "100% wool", "100x wool", None]),
        ("Name NOT IN ('emma', null)", ["émile", "100% wool", "100x wool"]),
        ("Name LIKE 'EM%'", ["Emma"]),
        ("Name LIKE '100_ wool'", ["100% wool", "100x wool"]),
        (r"Name LIKE '100\% wool'", ["100% wool"]),
        ("(NOT Name LIKE '100%')", ["Emma", "émile", None]),
        ("NOT Name = 'Emma'", ["émile", "100% wool", "100x wool", None]),
        ("NOT (Pages__c > 100)", ["100% wool", "100x wool", None]),
        ("Pages__c > 100", ["Emma", "émile"]),
        ("Pages__c >= 100 AND Pages__c <= 200", ["émile", "100% wool"]),
        ("Pages__c < 100", [None]),
        ("Pages__c < null", []),
        ("Price__c = 9.5", ["Emma"]),
        ("Price__c = -1", []),
        ("IsLent__c = TRUE", ["émile", "100x wool"]),
        ("IsLent__c != true", ["Emma", "100% wool", None]),
        ("Bought__c = 2026-03-15", ["Emma"]),
        ("Bought__c = TODAY", ["Emma"]),
        ("Bought__c = YESTERDAY", ["émile"]),
        ("Bought__c < TODAY", ["émile"]),
        ("Bought__c != TODAY", ["émile", "100% wool", "100x wool", None]),
        ("Bought__c = THIS_MONTH", ["Emma", "émile"]),
        ("Bought__c = LAST_N_DAYS:1", ["Emma", "émile"]),
        ("Bought__c > LAST_MONTH", ["Emma", "émile"]),
        ("Read__c = TODAY", ["Emma"]),
        ("Read__c = LAST_MONTH", ["100% wool"]),
        ("Read__c <= LAST_MONTH", ["100% wool"]),
        ("Read__c >= 2026-03-15T12:00:00Z", ["Emma"]),
        ("Read__c = 2026-03-15T14:00:00+02:00", ["Emma"]),
        ("Shelf__r.Name = 'low'", ["Emma", "émile"]),
        ("Shelf__r.Name != 'low'", ["100% wool", "100x wool", None]),
        ("Shelf__r.Name = null", ["100x wool", None]),
        ("Shelf__r.Above__r.Name = 'Top'", ["Emma", "émile"]),
        ("Holder__r.Name = 'ANN'", ["Emma"]),
        ("Holder__r.Type = 'Shelf__c'", ["émile"]),
        ("Holder__r.Room__c LIKE '%TT%'", ["Emma"]),
        ("(Name = 'Emma' OR Name = 'émile') AND IsLent__c = true", ["émile"]),
        ("Name = 'Emma' OR (IsLent__c = true AND Pages__c = 200)", ["Emma", "émile"]),
        ("Book__c.Name = 'Emma'", ["Emma"]),
        ("Shelf__c IN (SELECT Id FROM Shelf__c WHERE Room__c = 'HALL')", ["Emma", "émile", "100% wool"]),
        ("Shelf__c NOT IN (SELECT Id FROM Shelf__c WHERE Name = 'Low')", ["100% wool", "100x wool", None]),
    ],
)
def test_where(org: Org, condition: str, expected: list[Any]) -> None:
    assert where(org, condition) == expected


def test_an_anti_join_over_a_column_with_nulls(org: Org) -> None:
    assert names(org, "SELECT Name FROM Shelf__c WHERE Id NOT IN (SELECT Shelf__c FROM Book__c)") == ["Empty"]


def test_ids_compare_in_either_length(org: Org) -> None:
    shelf = org.find("Shelf__c", Name="Low")[0]["Id"]
    for literal in (shelf, shelf[:15]):
        assert where(org, f"Shelf__c = '{literal}'") == ["Emma", "émile"]
        assert where(org, f"Shelf__c IN ('{literal}')") == ["Emma", "émile"]
    assert where(org, f"Shelf__c = '{shelf[:14]}{'a' if shelf[14] != 'a' else 'b'}'") == []


def test_names_come_back_in_canonical_case(org: Org) -> None:
    answer = ask(org, "select NAME, shelf__R.NAME, HOLDER__R.name from book__C where NAME = 'emma'")
    book, shelf, reader = (
        org.find(kind, Name=name)[0]["Id"] for kind, name in (("Book__c", "Emma"), ("Shelf__c", "Low"), ("Reader__c", "Ann"))
    )
    base = "/services/data/v67.0/sobjects"
    assert answer == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Book__c", "url": f"{base}/Book__c/{book}"},
                "Name": "Emma",
                "Shelf__r": {"attributes": {"type": "Shelf__c", "url": f"{base}/Shelf__c/{shelf}"}, "Name": "Low"},
                "Holder__r": {"attributes": {"type": "Reader__c", "url": f"{base}/Reader__c/{reader}"}, "Name": "Ann"},
            }
        ],
    }


def test_a_null_parent_is_null_as_a_whole(org: Org) -> None:
    record = ask(org, "SELECT Shelf__r.Name, Shelf__r.Above__r.Name FROM Book__c WHERE Name = '100x wool'")["records"][0]
    assert record["Shelf__r"] is None
    record = ask(org, "SELECT Shelf__r.Above__r.Name FROM Book__c WHERE Name = '100% wool'")["records"][0]
    assert record["Shelf__r"]["Above__r"] is None
    assert "Name" not in record["Shelf__r"]


def test_children(org: Org) -> None:
    records = ask(org, "SELECT Name, (SELECT Name, Shelf__r.Name FROM Books__r WHERE Pages__c > 100 ORDER BY Name DESC) FROM Shelf__c")[
        "records"
    ]
    assert [record["Name"] for record in records] == ["Top", "Low", "Empty"]
    assert records[0]["Books__r"] is None
    assert records[2]["Books__r"] is None
    low = records[1]["Books__r"]
    assert (low["totalSize"], low["done"]) == (2, True)
    assert [child["Name"] for child in low["records"]] == ["émile", "Emma"]
    assert low["records"][0]["Shelf__r"]["Name"] == "Low"


def test_children_limit_is_per_parent_and_the_relationship_may_be_prefixed(org: Org) -> None:
    records = ask(org, "SELECT s.Name, (SELECT Name FROM s.Books__r LIMIT 1) FROM Shelf__c s")["records"]
    assert [len((record["Books__r"] or {"records": []})["records"]) for record in records] == [1, 1, 0]


def test_count_and_aggregates(org: Org) -> None:
    assert ask(org, "SELECT COUNT() FROM Book__c WHERE Pages__c != null") == {"totalSize": 4, "done": True, "records": []}
    assert ask(org, "SELECT COUNT() FROM Book__c LIMIT 2")["totalSize"] == 2
    records = ask(org, "SELECT IsLent__c lent, COUNT(Id), MAX(Pages__c) most FROM Book__c GROUP BY IsLent__c ORDER BY COUNT(Id) DESC")[
        "records"
    ]
    aggregate = {"attributes": {"type": "AggregateResult"}}
    assert records == [{**aggregate, "lent": False, "expr0": 3, "most": 300}, {**aggregate, "lent": True, "expr0": 2, "most": 200}]
    assert ask(org, "SELECT Shelf__r.Name, COUNT(Name) n FROM Book__c GROUP BY Shelf__r.Name ORDER BY Shelf__r.Name NULLS LAST")[
        "records"
    ] == [
        {**aggregate, "Name": "Low", "n": 2},
        {**aggregate, "Name": "Top", "n": 1},
        {**aggregate, "Name": None, "n": 1},
    ]
    assert ask(org, "SELECT AVG(Pages__c), COUNT_DISTINCT(Shelf__c) FROM Book__c")["records"] == [{**aggregate, "expr0": 162.5, "expr1": 2}]


def test_order_puts_nulls_first_both_ways(org: Org) -> None:
    base = "SELECT Name FROM Book__c WHERE Price__c = null ORDER BY Name"
    assert names(org, base) == [None, "100% wool", "100x wool", "émile"]
    assert names(org, f"{base} DESC") == [None, "émile", "100x wool", "100% wool"]
    assert names(org, f"{base} ASC NULLS LAST LIMIT 2 OFFSET 2") == ["émile", None]


def test_fields_function(org: Org) -> None:
    assert set(ask(org, "SELECT FIELDS(STANDARD) FROM Book__c LIMIT 1")["records"][0]) == {"attributes", "Id", "Name", "IsDeleted"}
    everything = ask(org, "SELECT FIELDS(ALL) FROM Book__c LIMIT 1")["records"][0]
    assert set(everything) == {"attributes", *BOOK.fields}
    assert refused(org, "SELECT FIELDS(ALL) FROM Book__c").code == "MALFORMED_QUERY"
    assert refused(org, "SELECT FIELDS(CUSTOM) FROM Book__c LIMIT 201").code == "MALFORMED_QUERY"


def test_query_all_shows_deleted_rows(org: Org) -> None:
    assert where(org, "Name = 'Gone'") == []
    assert ask(org, "SELECT Name FROM Book__c WHERE IsDeleted = true", include_deleted=True)["totalSize"] == 1


@pytest.mark.parametrize("size", [1, 2, 4, 5, 200])
def test_pages(org: Org, size: int) -> None:
    org.settings.page_size = size
    answer = ask(org, "SELECT Name FROM Book__c", page_size=2000)
    seen = list(answer["records"])
    while not answer["done"]:
        assert len(answer["records"]) == size
        prefix, _unused, locator = answer["nextRecordsUrl"].rpartition("/")
        assert prefix == "/services/data/v67.0/query"
        answer = org.query_more("005000000000001AAA", locator, VERSION)
        assert answer["totalSize"] == 5
        seen += answer["records"]
    assert "nextRecordsUrl" not in answer
    assert [record["Name"] for record in seen] == ALL


def test_child_pages_have_locators_of_their_own(org: Org) -> None:
    org.settings.page_size = 1
    first = ask(org, "SELECT Name, (SELECT Name FROM Books__r) FROM Shelf__c ORDER BY Name DESC")
    second = org.query_more("005000000000001AAA", first["nextRecordsUrl"].rpartition("/")[2], VERSION)
    children = second["records"][0]["Books__r"]
    assert (children["totalSize"], children["done"], len(children["records"])) == (2, False, 1)
    rest = org.query_more("005000000000001AAA", children["nextRecordsUrl"].rpartition("/")[2], VERSION)
    assert [record["Name"] for record in rest["records"]] == ["émile"]


def test_a_page_is_a_snapshot(org: Org) -> None:
    org.settings.page_size = 2
    answer = ask(org, "SELECT Name FROM Book__c")
    org.put("Book__c", Name="Late")
    assert org.query_more("005000000000001AAA", answer["nextRecordsUrl"].rpartition("/")[2], VERSION)["totalSize"] == 5


def test_an_unknown_locator_or_another_users(org: Org) -> None:
    org.settings.page_size = 2
    locator = ask(org, "SELECT Name FROM Book__c")["nextRecordsUrl"].rpartition("/")[2]
    for user, wanted in (
        ("005000000000001AAA", "01g000000000001AAA-2000"),
        ("005000000000002AAC", locator),
        ("005000000000001AAA", "nonsense"),
    ):
        with pytest.raises(ApiError) as caught:
            org.query_more(user, wanted, VERSION)
        assert (caught.value.status, caught.value.code) == (400, "INVALID_QUERY_LOCATOR")


def test_without_order_by_the_order_may_be_any() -> None:
    schema = Schema({**load_schema().sobjects}).with_sobjects([SHELF, BOOK, READER])
    org = Org(schema, switches={"row_order": "shuffled"})
    for number in range(20):
        org.put("Reader__c", Name=f"{number:02d}")
    seen = names(org, "SELECT Name FROM Reader__c")
    assert seen != sorted(seen)
    assert names(org, "SELECT Name FROM Reader__c ORDER BY Name") == sorted(seen)


RECORDED = [
    ("SELEKT Name FROM Account", "MALFORMED_QUERY", "unexpected token: SELEKT"),
    (
        "SELECT Bacon__c FROM Shelf__c LIMIT 2",
        "INVALID_FIELD",
        (
            "\nSELECT Bacon__c FROM Shelf__c LIMIT 2\n       ^\nERROR at Row:1:Column:8\nNo such column 'Bacon__c' on entity 'Shelf__c'. If you are"
            " attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe"
            " call for the appropriate names."
        ),
    ),
    (
        "select count() from XYZZY",
        "INVALID_TYPE",
        (
            "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. If you are attempting"
            " to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the"
            " appropriate names."
        ),
    ),
]


@pytest.mark.parametrize(("soql", "code", "message"), RECORDED)
def test_recorded_refusals_word_for_word(org: Org, soql: str, code: str, message: str) -> None:
    error = refused(org, soql)
    assert (error.status, error.code, error.message, error.fields) == (400, code, message, None)


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT Name FROM Book__c WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "MALFORMED_QUERY", "unexpected token: AND"),
        ("SELECT Name FROM Book__c WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "unexpected token: OR"),
        ("SELECT Name FROM Book__c WHERE Name = 'a' AND NOT Name = 'b'", "MALFORMED_QUERY", "unexpected token: NOT"),
        ("SELECT Name FROM Book__c WHERE NOT Name = 'a' AND Name = 'b'", "MALFORMED_QUERY", "unexpected token: AND"),
        ("SELECT Name FROM Book__c WHERE Name NOT LIKE 'a'", "MALFORMED_QUERY", "unexpected token: LIKE"),
        ("SELECT Name FROM Book__c WHERE Name = :x", "MALFORMED_QUERY", "Bind variables only allowed in Apex code"),
        ("SELECT Name FROM Book__c WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Name FROM Book__c WHERE Name IN ()", "MALFORMED_QUERY", "unexpected token: )"),
        ("SELECT FROM Book__c", "MALFORMED_QUERY", "unexpected token: FROM"),
        ("SELECT Name, FROM Book__c", "MALFORMED_QUERY", "unexpected token: FROM"),
        ("SELECT * FROM Book__c", "MALFORMED_QUERY", "unexpected token: '*'"),
        ("SELECT Name FROM Book__c LIMIT 1 WHERE Name = 'a'", "MALFORMED_QUERY", "unexpected token: WHERE"),
        ("SELECT Name FROM Book__c LIMIT -1", "MALFORMED_QUERY", "unexpected token: -"),
        (r"SELECT Name FROM Book__c WHERE Name = 'a\qb'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Name FROM Book__c WHERE Name = 'open", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Name FROM Book__c OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT Name title FROM Book__c", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, name FROM Book__c", "INVALID_FIELD", "duplicate field selected: Name"),
        ("SELECT Name, COUNT(Id) FROM Book__c GROUP BY Shelf__c", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT COUNT(), Name FROM Book__c", "MALFORMED_QUERY", "COUNT()"),
        ("SELECT SUM(Name) FROM Book__c", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        ("SELECT COUNT(Id) FROM Book__c GROUP BY Notes__c", "INVALID_FIELD", "can not be grouped in a query call"),
        ("SELECT Nothing__r.Name FROM Book__c", "INVALID_FIELD", "Didn't understand relationship 'Nothing__r' in field path"),
        ("SELECT Nameless__r.Name FROM Book__c", "INVALID_FIELD", "Didn't understand relationship"),
        ("SELECT Holder__r.Above__c FROM Book__c", "INVALID_FIELD", "No such column 'Above__c' on entity 'Name'"),
        (
            "SELECT (SELECT Id FROM Books) FROM Shelf__c",
            "INVALID_TYPE",
            "Didn't understand relationship 'Books' in FROM part of query call",
        ),
        ("SELECT Name FROM Book__c WHERE Notes__c = 'x'", "INVALID_FIELD", "field 'Notes__c' can not be filtered in a query call"),
        ("SELECT Name FROM Book__c ORDER BY Notes__c", "INVALID_FIELD", "field 'Notes__c' can not be sorted in a query call"),
        (
            "SELECT Name FROM Book__c WHERE IsLent__c = 'true'",
            "INVALID_FIELD",
            "value of filter criterion for field 'IsLent__c' must be of type boolean and should not be enclosed in quotes",
        ),
        ("SELECT Name FROM Book__c WHERE Name = 3", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
        ("SELECT Name FROM Book__c WHERE Pages__c = '3'", "INVALID_FIELD", "must be of type int and should not be enclosed in quotes"),
        ("SELECT Name FROM Book__c WHERE Read__c = '2026-01-01T00:00:00Z'", "INVALID_FIELD", "must be of type dateTime and should not be"),
        ("SELECT Name FROM Book__c WHERE Read__c = 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Name FROM Book__c WHERE Bought__c = 2026-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date and"),
        ("SELECT Name FROM Book__c WHERE Bought__c = 2026-02-30", "MALFORMED_QUERY", "Invalid date"),
        ("SELECT Name FROM Book__c WHERE Name = TODAY", "INVALID_FIELD", "must be of type string"),
        ("SELECT Name FROM Book__c WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Name FROM Book__c WHERE Shelf__c IN ('a00B000000FSjVUIB1')", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field"),
        ("SELECT Name FROM Book__c WHERE Id LIKE 'a%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("SELECT Name FROM Book__c WHERE IsLent__c > false", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
        (
            "SELECT Name FROM Book__c WHERE Name = 'a' OR Shelf__c IN (SELECT Id FROM Shelf__c)",
            "MALFORMED_QUERY",
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.",
        ),
        ("SELECT Name FROM Book__c WHERE NOT Shelf__c IN (SELECT Id FROM Shelf__c)", "MALFORMED_QUERY", "Semi join sub-selects"),
        (
            "SELECT Name FROM Reader__c WHERE Id IN (SELECT Holder__c FROM Book__c WHERE Shelf__c IN (SELECT Id FROM Shelf__c))",
            "MALFORMED_QUERY",
            "Semi join sub-selects",
        ),
        (
            "SELECT Name FROM Shelf__c WHERE Id IN (SELECT Above__c FROM Shelf__c)",
            "MALFORMED_QUERY",
            "should not be on the same object type",
        ),
        ("SELECT Name FROM Shelf__c WHERE Id IN (SELECT Id FROM Reader__c)", "MALFORMED_QUERY", "Ids of the same object"),
        ("SELECT Name FROM Shelf__c WHERE Id IN (SELECT Shelf__c FROM Book__c LIMIT 1)", "MALFORMED_QUERY", "not allowed in semi join"),
        (
            (
                "SELECT Name FROM Book__c WHERE Shelf__c IN (SELECT Id FROM Shelf__c) AND Holder__c IN (SELECT Id FROM Reader__c)"
                " AND Shelf__c NOT IN (SELECT Id FROM Shelf__c)"
            ),
            "MALFORMED_QUERY",
            "maximum 2 semi join sub-selects",
        ),
        ("SELECT Above__r.Above__r.Above__r.Above__r.Above__r.Above__r.Name FROM Shelf__c", "INVALID_FIELD", "at most 5"),
    ],
)
def test_refusals(org: Org, soql: str, code: str, words: str) -> None:
    error = refused(org, soql)
    assert (error.status, error.code) == (400, code)
    assert words in error.message


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Name FROM Book__c USING SCOPE mine",
        "SELECT Name FROM Book__c WITH SECURITY_ENFORCED",
        "SELECT Name FROM Book__c FOR UPDATE",
        "SELECT Name FROM Book__c WHERE Price__c > USD5",
        "SELECT b.Name FROM Book__c b, b.Shelf__r s",
        "SELECT FORMAT(Bought__c) FROM Book__c",
        "SELECT convertCurrency(Price__c) FROM Book__c",
        "SELECT toLabel(Name) FROM Book__c",
        "SELECT Name FROM Book__c WITH DATA CATEGORY Geography__c AT usa__c",
        "SELECT Name FROM Book__c WITH USER_MODE",
        "SELECT Name FROM Book__c UPDATE TRACKING",
        "SELECT Name FROM Book__c USING SCOPE Team",
        "SELECT Name FROM Book__c ORDER BY CALENDAR_YEAR(Bought__c)",
        "SELECT Name FROM Book__c ORDER BY DISTANCE(Spot__c, GEOLOCATION(1.5, -2), 'km')",
        "SELECT (SELECT COUNT(Id) FROM Books__r) FROM Shelf__c",
        "SELECT (SELECT Name FROM Books__r) books FROM Shelf__c",
        "SELECT TYPEOF Holder__r WHEN Shelf__c THEN Above__r.Name END FROM Book__c",
        "SELECT (SELECT Name, (SELECT Name FROM Books__r) FROM Books__r) FROM Shelf__c",
        "SELECT Holder__r.Above__r.Name FROM Book__c",
        "SELECT (SELECT Id FROM GroupMemberships) FROM User",
        "SELECT Individual.Name FROM User",
    ],
)
def test_what_is_not_done_says_so(org: Org, soql: str) -> None:
    with pytest.raises(NotEmulated):
        ask(org, soql)


def test_limits_of_length(org: Org) -> None:
    assert refused(org, f"SELECT Name FROM Book__c WHERE Name = '{'x' * 4001}'").code == "MALFORMED_QUERY"
    assert where(org, f"Name = '{'x' * 4000}'") == []
    assert refused(org, f"SELECT Name FROM Book__c WHERE Name = 'x'{' ' * 100_000}").code == "MALFORMED_QUERY"


def test_a_long_chain_of_conditions_is_no_problem(org: Org) -> None:
    chain = " OR ".join(f"Pages__c = {number}" for number in range(3000))
    assert len(where(org, chain)) == 4


def test_the_error_position_counts_rows_and_columns(org: Org) -> None:
    error = refused(org, "SELECT Name\nFROM Book__c\nWHERE  Bacon__c = 'x'")
    assert error.message.startswith("\nWHERE  Bacon__c = 'x'\n       ^\nERROR at Row:3:Column:8\n")


def test_escapes_in_strings() -> None:
    where = parse(r"SELECT Id FROM X WHERE Name = 'a\'b\\c\nd\u0041\"'").where
    assert isinstance(where, Comparison)
    assert where.value.value == "a'b\\c\ndA\""


def test_parentheses_make_the_tree() -> None:
    tree = parse("SELECT Id FROM X WHERE (A = 1 OR B = 2) AND C = 3").where
    assert isinstance(tree, And)
    assert isinstance(tree.parts[0], Or)


def test_field_permissions_want_both_columns() -> None:
    org = Org(load_schema(), clock=lambda: NOW)
    profile = org.put("Profile", Name="All", PermissionsModifyAllData=True, PermissionsViewSetup=True, PermissionsManageUsers=True)
    user = org.put("User", Username="admin@acme.example", LastName="Admin", ProfileId=profile)
    with pytest.raises(ApiError) as caught:
        org.query(user, "SELECT Id, Field FROM FieldPermissions", VERSION)
    assert caught.value.code == "INVALID_FIELD"
    assert org.query(user, "SELECT Id, Field, SobjectType FROM FieldPermissions", VERSION)["totalSize"] == 0
    assert org.query(user, "SELECT COUNT() FROM FieldPermissions", VERSION)["totalSize"] == 0
    org.switches["fieldpermissions_select"] = "ignored"
    assert org.query(user, "SELECT Id FROM FieldPermissions", VERSION)["totalSize"] == 0


def test_a_field_newer_than_the_version_is_not_there() -> None:
    org = Org(load_schema(), clock=lambda: NOW)
    profile = org.put("Profile", Name="All", PermissionsModifyAllData=True, PermissionsViewSetup=True, PermissionsManageUsers=True)
    user = org.put("User", Username="admin@acme.example", LastName="Admin", ProfileId=profile)
    soql = "SELECT PermissionsViewAllFields FROM ObjectPermissions"
    assert "records" in org.query(user, soql, "63.0")
    with pytest.raises(ApiError) as caught:
        org.query(user, soql, "62.0")
    assert caught.value.code == "INVALID_FIELD"


def test_days_begin_in_the_running_users_time_zone(org: Org) -> None:
    user = org.put("User", Username="tokyo@acme.example", LastName="Tokyo", TimeZoneSidKey="Asia/Tokyo")
    org.put("Book__c", Name="Night", Read__c=datetime(2026, 3, 14, 16, 0, tzinfo=UTC))
    seen = org.query(user, "SELECT Name FROM Book__c WHERE Read__c = TODAY ORDER BY Name", VERSION)["records"]
    assert [record["Name"] for record in seen] == ["Emma", "Night"]


# --- docs/soql.md -----------------------------------------------------------------------------------------------------------

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "soql.md").read_text(encoding="utf-8")


def block(kind: str) -> list[str]:
    """The lines of one fenced block of the page."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, kind
    return found[1].splitlines()


@pytest.fixture(scope="module")
def standard() -> tuple[Org, str]:
    """An org of standard objects and a user who may see them all."""
    org = Org(load_schema(), clock=lambda: NOW)
    profile = org.schema.sobject("Profile")
    assert profile is not None
    rights = {name: True for name in profile.fields if name.startswith("Permissions")}
    user = org.put(
        "User", Username="admin@acme.example", LastName="Admin", LocaleSidKey="en_GB", ProfileId=org.put("Profile", Name="All", **rights)
    )
    return org, user


@pytest.mark.parametrize("soql", block("soql accepted"))
def test_the_pages_examples_are_accepted(standard: tuple[Org, str], soql: str) -> None:
    org, user = standard
    assert "totalSize" in org.query(user, soql, VERSION)


@pytest.mark.parametrize("line", block("soql refused"))
def test_the_pages_refusals_are_refused(standard: tuple[Org, str], line: str) -> None:
    soql, _unused, code = line.partition("  -- ")
    with pytest.raises(ApiError) as caught:
        standard[0].query(standard[1], soql.strip(), VERSION)
    assert (caught.value.status, caught.value.code) == (400, code.strip())


@pytest.mark.parametrize("soql", block("soql not-emulated"))
def test_what_the_page_calls_undone_says_so(standard: tuple[Org, str], soql: str) -> None:
    assert parse(soql) is not None
    with pytest.raises(NotEmulated):
        standard[0].query(standard[1], soql, VERSION)


def test_the_pages_productions_are_the_parsers() -> None:
    productions = {found[1] for line in block("ebnf") if (found := re.match(r"(\w+)\s*=", line))}
    methods = [name for name in vars(_Reader) if not name.startswith("__")]
    assert productions == set(methods[methods.index("statement") :])
    assert set(re.findall(r"[A-Z]{2,}", PAGE.partition("these are never names: ")[2].partition(";")[0])) == NOT_NAMES
