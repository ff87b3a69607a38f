# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL beyond plain selection: functions, date literals, groups with subtotals, TYPEOF, scopes, the objects that are views on metadata."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformance.differential.generate import examples
from emulator.errors import ApiError, NotEmulated
from emulator.model import ChildRelationship, Field, PicklistValue, Schema, SObject
from emulator.org import Org
from emulator.rules import registry
from emulator.rules.registry import break_rule
from emulator.schema import load_schema
from emulator.soql import columns, parse
from emulator.soql.dates import RELATIVE, Calendar, day_range
from emulator.soql.functions import DATE_PARTS, date_part

VERSION = "67.0"
NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)  # a Sunday
TODAY = NOW.date()
USER = "005000000000001AAA"


def field(kind: str, name: str, **more: Any) -> Field:
    return Field(name, kind, name, "test", custom=name.endswith("__c"), **more)


def sobject(name: str, prefix: str, *fields: Field, **more: Any) -> SObject:
    identity = Field("Id", "id", "ID", "test", length=18, nillable=False)
    named = {item.name: item for item in (identity, field("string", "Name", length=80, groupable=True, name_field=True), *fields)}
    return SObject(name, name, f"{name}s", prefix, "test", named, custom=name.endswith("__c"), **more)


SITE = sobject("Site__c", "a05", field("string", "City__c", groupable=True))
SALE = sobject(
    "Sale__c",
    "a06",
    field("picklist", "Stage__c", groupable=True, picklist=(PicklistValue("new", "Brand new"), PicklistValue("won", "It's won"))),
    field("multipicklist", "Tags__c"),
    field("currency", "Amount__c"),
    field("date", "Closed__c", groupable=True),
    field("datetime", "Called__c"),
    field("boolean", "Paid__c", groupable=True, nillable=False),
    field("string", "Region__c", groupable=True),
    field("textarea", "Long__c", filterable=False, sortable=False),
    field("datetime", "LastViewedDate"),
    field("reference", "OwnerId", reference_to=("User",), relationship_name="Owner"),
    field("reference", "Site__c", reference_to=("Site__c",), relationship_name="Site__r", groupable=True),
    field("reference", "What__c", reference_to=("Site__c", "Account"), relationship_name="What__r"),
)
SITE = SObject(**{**SITE.__dict__, "child_relationships": (ChildRelationship("Sales__r", "Sale__c", "Site__c"),)})
DEFINITIONS = [
    sobject(
        "EntityDefinition", "4ie", field("string", "QualifiedApiName"), field("string", "DurableId"), field("boolean", "IsDeletable"),
        apis=frozenset({"data", "tooling"}),
    ),
    sobject(
        "FieldDefinition", "0Nx", field("string", "QualifiedApiName"), field("string", "DurableId"), field("string", "EntityDefinitionId"),
        apis=frozenset({"data", "tooling"}),
    ),
    sobject("PermissionDependency", "0Pd", field("string", "Permission"), apis=frozenset({"tooling"})),
]  # fmt: skip


def new_org(**options: Any) -> Org:
    standard = load_schema().without([item.name for item in DEFINITIONS])
    schema = Schema({**standard.sobjects}).with_sobjects([SITE, SALE, *DEFINITIONS])
    return Org(schema, name="shop", clock=lambda: NOW, **options)


@pytest.fixture
def org() -> Org:
    org = new_org()
    north = org.put("Site__c", Name="North", City__c="Oslo")
    account = org.put("Account", Name="Acme", Phone="1")
    org.put(
        "Sale__c",
        Name="a",
        Stage__c="new",
        Amount__c=10,
        Closed__c="2026-03-15",
        Region__c="EU",
        Site__c=north,
        What__c=north,
        OwnerId=USER,
    )
    org.put("Sale__c", Name="b", Stage__c="won", Amount__c=20, Closed__c="2025-12-31", Region__c="EU", What__c=account, Tags__c="x;y")
    org.put(
        "Sale__c", Name="c", Stage__c="won", Amount__c=5, Closed__c="2026-03-14", Region__c="US", Site__c=north, Tags__c="Y;z", Paid__c=True
    )
    org.put("Sale__c", Name="d", Called__c=datetime(2026, 3, 14, 23, 30, tzinfo=UTC))
    return org


def ask(org: Org, soql: str, **options: Any) -> dict[str, Any]:
    return org.query(options.pop("user", USER), soql, VERSION, **options)


def names(org: Org, condition: str, **options: Any) -> list[Any]:
    return [record["Name"] for record in ask(org, f"SELECT Name FROM Sale__c WHERE {condition}", **options)["records"]]


def values(org: Org, soql: str) -> list[tuple[Any, ...]]:
    """The rows without their attributes, in the order of SELECT."""
    return [tuple(value for key, value in record.items() if key != "attributes") for record in ask(org, soql)["records"]]


def refused(org: Org, soql: str, **options: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        ask(org, soql, **options)
    assert not isinstance(caught.value, NotEmulated), caught.value.message
    return caught.value


# --- conditions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("CALENDAR_YEAR(Closed__c) = 2026", ["a", "c"]),
        ("calendar_month(Closed__c) = 12", ["b"]),
        ("CALENDAR_QUARTER(Closed__c) IN (4)", ["b"]),
        ("DAY_IN_WEEK(Closed__c) = 1", ["a"]),
        ("DAY_IN_YEAR(Closed__c) > 300", ["b"]),
        ("DAY_ONLY(Called__c) = 2026-03-14", ["d"]),
        ("DAY_ONLY(Called__c) < 2026-03-14", []),
        ("HOUR_IN_DAY(Called__c) = 23", ["d"]),
        ("WEEK_IN_MONTH(Closed__c) = 3", ["a"]),
        ("WEEK_IN_YEAR(Closed__c) != 11", ["b", "d"]),
        ("toLabel(Stage__c) = 'it\\'s WON'", ["b", "c"]),
        ("toLabel(Stage__c) LIKE 'brand%'", ["a"]),
        ("toLabel(Stage__c) = 'won'", []),
        ("Stage__c = 'won'", ["b", "c"]),
        ("Tags__c INCLUDES ('y')", ["b", "c"]),
        ("Tags__c INCLUDES ('x;y', 'z')", ["b", "c"]),
        ("Tags__c INCLUDES ('x;z')", []),
        ("Tags__c EXCLUDES ('x')", ["a", "c", "d"]),
        ("Tags__c = 'y;X'", ["b"]),
        ("Tags__c != 'x;y'", ["a", "c", "d"]),
        ("Closed__c IN (TODAY, LAST_YEAR)", ["a", "b"]),
        ("Closed__c NOT IN (TODAY)", ["b", "c", "d"]),
        ("Closed__c = LAST_N_WEEKS:1", ["c"]),
        ("Closed__c = THIS_WEEK", ["a"]),
        ("Closed__c < THIS_FISCAL_YEAR", ["b"]),
        ("Amount__c > .5 AND Amount__c < + 10.5", ["a", "c"]),
        ("Amount__c = - 5", []),
        ("Name = '\\u0061'", ["a"]),
        ("Amount__c < 99999999999999999999999", ["a", "b", "c"]),
    ],
)
def test_where(org: Org, condition: str, expected: list[str]) -> None:
    assert names(org, condition) == expected


def test_excludes_and_null_is_an_open_point(org: Org) -> None:
    org.switches["excludes_null"] = "does_not_match"
    assert names(org, "Tags__c EXCLUDES ('x')") == ["c"]


def test_convert_timezone_counts_hours_where_the_user_lives(org: Org) -> None:
    user = org.put("User", Username="t@acme.example", LastName="T", TimeZoneSidKey="Asia/Tokyo")
    assert names(org, "HOUR_IN_DAY(convertTimezone(Called__c)) = 8", user=user) == ["d"]
    assert names(org, "DAY_ONLY(convertTimezone(Called__c)) = 2026-03-15", user=user) == ["d"]
    assert names(org, "HOUR_IN_DAY(Called__c) = 8", user=user) == []


def test_weeks_begin_by_the_users_locale(org: Org) -> None:
    """Sunday 15 March is the first day of a week in the United States, the last one in Britain."""
    british = org.put("User", Username="b@acme.example", LastName="B", LocaleSidKey="en_GB")
    other = org.put("User", Username="d@acme.example", LastName="D", LocaleSidKey="de_DE")
    assert names(org, "Closed__c = THIS_WEEK", user=british) == ["a", "c"]
    assert names(org, "Closed__c = LAST_WEEK", user=british) == []
    with pytest.raises(NotEmulated):
        names(org, "Closed__c = THIS_WEEK", user=other)


def test_the_fiscal_year_is_the_organizations(org: Org) -> None:
    assert names(org, "FISCAL_YEAR(Closed__c) = 2026") == ["a", "c"]
    company = org.put("Organization", Name="Shop", FiscalYearStartMonth=4)
    assert names(org, "Closed__c = THIS_FISCAL_YEAR") == ["a", "b", "c"]
    assert names(org, "FISCAL_QUARTER(Closed__c) = 4") == ["a", "c"]
    assert names(org, "FISCAL_MONTH(Closed__c) = 9") == ["b"]
    assert names(org, "FISCAL_YEAR(Closed__c) = 2026") == ["a", "b", "c"]
    org.set("Organization", company, UsesStartDateAsFiscalYearName=True)
    assert names(org, "FISCAL_YEAR(Closed__c) = 2025") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT Name FROM Sale__c WHERE DAY_ONLY(Closed__c) = 2026-01-01", "MALFORMED_QUERY", "does not take the field"),
        ("SELECT Name FROM Sale__c WHERE CALENDAR_YEAR(Name) = 2026", "MALFORMED_QUERY", "does not take the field"),
        ("SELECT Name FROM Sale__c WHERE CALENDAR_YEAR(Closed__c) = THIS_YEAR", "MALFORMED_QUERY", "date literal"),
        ("SELECT Name FROM Sale__c WHERE CALENDAR_YEAR(Closed__c) = '2026'", "INVALID_FIELD", "must be of type int"),
        ("SELECT CALENDAR_YEAR(Closed__c) FROM Sale__c", "MALFORMED_QUERY", "must be grouped"),
        ("SELECT Name FROM Sale__c WHERE convertTimezone(Called__c) = TODAY", "MALFORMED_QUERY", "only allowed in a date function"),
        ("SELECT Name FROM Sale__c WHERE MAX(Amount__c) > 3", "MALFORMED_QUERY", "not allowed here"),
        ("SELECT Name FROM Sale__c ORDER BY toLabel(Stage__c)", "MALFORMED_QUERY", "not allowed in ORDER BY"),
        ("SELECT Stage__c, toLabel(Stage__c) FROM Sale__c", "INVALID_FIELD", "duplicate field selected"),
        ("SELECT Name FROM Sale__c WHERE Name INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on string field"),
        ("SELECT Name FROM Sale__c WHERE Tags__c LIKE 'a%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on multipicklist field"),
        ("SELECT Name FROM Sale__c WHERE Tags__c > 'a'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on multipicklist field"),
        (r"SELECT Name FROM Sale__c WHERE Name = '100\%'", "MALFORMED_QUERY", "Illegal character sequence"),
        (r"SELECT Name FROM Sale__c WHERE Name IN ('a', '\_')", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Name FROM Sale__c WHERE Name = 'a\nb'", "MALFORMED_QUERY", "line break"),
        ("SELECT Name FROM Sale__c WHERE Closed__c = LAST_N_DAYS", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Name FROM Sale__c WHERE Closed__c = LAST_N_DAYS:-1", "MALFORMED_QUERY", "unexpected token: -"),
        ("SELECT Name FROM Sale__c WHERE Closed__c = LAST_DECADE", "MALFORMED_QUERY", "unexpected token: LAST_DECADE"),
        ("SELECT Name FROM Sale__c LIMIT 99999999999999999999", "MALFORMED_QUERY", "unexpected token: 99999999999999999999"),
        ("SELECT Name FROM Sale__c WHERE SELECT(Name) = 'a'", "MALFORMED_QUERY", "unexpected token: SELECT"),
        ("SELECT Name FROM Sale__c ALL ROWS", "MALFORMED_QUERY", "unexpected token: ROWS"),
        ("SELECT Name FROM Sale__c WHERE Site__r.Id IN (SELECT Id FROM Site__c)", "MALFORMED_QUERY", "left operand"),
        ("SELECT Name FROM Site__c WHERE Id IN (SELECT Site__r.Id FROM Sale__c)", "MALFORMED_QUERY", "cannot cross a relationship"),
        ("SELECT (SELECT Name FROM Sales__r USING SCOPE mine) FROM Site__c", "MALFORMED_QUERY", "USING SCOPE"),
    ],
)  # fmt: skip
def test_refusals(org: Org, soql: str, code: str, words: str) -> None:
    error = refused(org, soql)
    assert (error.status, error.code) == (400, code)
    assert words in error.message


def test_tasks_are_not_allowed_in_semi_joins(org: Org) -> None:
    profile = org.put("Profile", Name="All", PermissionsModifyAllData=True, PermissionsViewAllData=True)
    user = org.put("User", Username="all@acme.example", LastName="All", ProfileId=profile)
    error = refused(org, "SELECT Name FROM Account WHERE Id IN (SELECT WhatId FROM Task)", user=user)
    assert (error.code, "Task is not supported" in error.message) == ("MALFORMED_QUERY", True)


# --- date literals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("LAST_90_DAYS", "2025-12-15", "2026-03-16"),
        ("NEXT_90_DAYS", "2026-03-16", "2026-06-14"),
        ("LAST_N_DAYS:1", "2026-03-14", "2026-03-16"),
        ("NEXT_N_DAYS:1", "2026-03-16", "2026-03-17"),
        ("N_DAYS_AGO:0", "2026-03-15", "2026-03-16"),
        ("LAST_WEEK", "2026-03-08", "2026-03-15"),
        ("NEXT_WEEK", "2026-03-22", "2026-03-29"),
        ("LAST_N_WEEKS:2", "2026-03-01", "2026-03-15"),
        ("NEXT_N_WEEKS:2", "2026-03-22", "2026-04-05"),
        ("N_WEEKS_AGO:2", "2026-03-01", "2026-03-08"),
        ("LAST_N_MONTHS:3", "2025-12-01", "2026-03-01"),
        ("N_MONTHS_AGO:14", "2025-01-01", "2025-02-01"),
        ("NEXT_N_QUARTERS:1", "2026-04-01", "2026-07-01"),
        ("LAST_N_QUARTERS:2", "2025-07-01", "2026-01-01"),
        ("N_QUARTERS_AGO:1", "2025-10-01", "2026-01-01"),
        ("LAST_N_YEARS:2", "2024-01-01", "2026-01-01"),
        ("N_YEARS_AGO:1", "2025-01-01", "2026-01-01"),
        ("THIS_FISCAL_QUARTER", "2026-02-01", "2026-05-01"),
        ("LAST_N_FISCAL_QUARTERS:1", "2025-11-01", "2026-02-01"),
        ("THIS_FISCAL_YEAR", "2026-02-01", "2027-02-01"),
        ("N_FISCAL_YEARS_AGO:1", "2025-02-01", "2026-02-01"),
    ],
)
def test_ranges(name: str, first: str, after: str) -> None:
    """With a fiscal year that begins in February."""
    assert day_range(name, TODAY, Calendar(fiscal_month=2)) == (date.fromisoformat(first), date.fromisoformat(after))


def test_every_date_literal_is_a_range_and_parses() -> None:
    assert len(RELATIVE) == 44
    for name in RELATIVE:
        written = f"{name}:2" if "_N_" in name or name.startswith("N_") else name
        start, end = day_range(written, TODAY, Calendar())
        assert start < end
        assert parse(f"SELECT Id FROM X WHERE Y = {written}").where is not None


def test_a_range_too_far_away_says_so() -> None:
    with pytest.raises(NotEmulated):
        day_range("LAST_N_YEARS:9999", TODAY, Calendar())


def test_date_parts_at_the_edges() -> None:
    assert [date_part(name, "2025-12-31", "UTC", 1, 0) for name in sorted(DATE_PARTS)] == [
        12,
        4,
        2025,
        31,
        4,
        365,
        "2025-12-31",
        12,
        4,
        2025,
        0,
        5,
        53,
    ]
    assert date_part("DAY_IN_WEEK", "2026-03-15", "UTC", 1, 0) == 1
    assert date_part("DAY_IN_WEEK", "2026-03-14", "UTC", 1, 0) == 7
    assert date_part("CALENDAR_YEAR", None, "UTC", 1, 0) is None


# --- groups ---------------------------------------------------------------------------------------------------------------


def test_groups_by_date_function_and_having(org: Org) -> None:
    soql = "SELECT CALENDAR_YEAR(Closed__c), SUM(Amount__c) total FROM Sale__c WHERE Closed__c != null GROUP BY CALENDAR_YEAR(Closed__c)"
    assert values(org, f"{soql} ORDER BY CALENDAR_YEAR(Closed__c)") == [(2025, 20), (2026, 15)]
    assert [list(record)[1:] for record in ask(org, soql)["records"]] == [["expr0", "total"]] * 2
    assert values(org, f"{soql} HAVING SUM(Amount__c) > 15") == [(2025, 20)]
    assert values(org, f"{soql} HAVING CALENDAR_YEAR(Closed__c) = 2026 AND COUNT(Id) = 2") == [(2026, 15)]


def test_having_with_grouped_fields_and_not(org: Org) -> None:
    soql = "SELECT Region__c, COUNT(Id) FROM Sale__c GROUP BY Region__c HAVING"
    assert values(org, f"{soql} NOT (Region__c = 'eu')") == [(None, 1), ("US", 1)]
    assert values(org, f"{soql} MAX(Name) LIKE 'B%' OR Region__c = 'us'") == [("EU", 2), ("US", 1)]


def test_a_date_function_of_a_grouped_date_needs_no_group_of_its_own(org: Org) -> None:
    assert values(org, "SELECT CALENDAR_YEAR(Closed__c) y, Closed__c FROM Sale__c WHERE Amount__c = 20 GROUP BY Closed__c") == [
        (2025, "2025-12-31")
    ]


def test_rollup(org: Org) -> None:
    soql = (
        "SELECT Region__c, Stage__c, GROUPING(Region__c) r, GROUPING(Stage__c) s, COUNT(Name) n, SUM(Amount__c) FROM Sale__c"
        " WHERE Region__c != null GROUP BY ROLLUP(Region__c, Stage__c) ORDER BY GROUPING(Region__c), GROUPING(Stage__c), Region__c, Stage__c"
    )
    assert values(org, soql) == [
        ("EU", "new", 0, 0, 1, 10),
        ("EU", "won", 0, 0, 1, 20),
        ("US", "won", 0, 0, 1, 5),
        ("EU", None, 0, 1, 2, 30),
        ("US", None, 0, 1, 1, 5),
        (None, None, 1, 1, 3, 35),
    ]


def test_cube_has_the_totals_of_each_field_too(org: Org) -> None:
    soql = "SELECT Region__c, Stage__c, COUNT(Name) n FROM Sale__c WHERE Region__c != null GROUP BY CUBE(Region__c, Stage__c)"
    rows = values(org, soql)
    assert len(rows) == 3 + 2 + 2 + 1
    assert (None, "won", 2) in rows
    assert values(org, f"{soql} HAVING COUNT(Name) > 2") == [(None, None, 3)]
    assert values(org, f"{soql} HAVING Stage__c = 'new'") == [("EU", "new", 1), (None, "new", 1)]
    assert values(org, "SELECT COUNT(Id) FROM Sale__c WHERE Name = 'nobody' GROUP BY CUBE(Region__c)") == []
    assert values(org, "SELECT Region__c FROM Sale__c WHERE Name = 'a' GROUP BY ROLLUP(Region__c)") == [("EU",), (None,)]


@pytest.mark.parametrize(
    ("soql", "words"),
    [
        ("SELECT COUNT(Id) FROM Sale__c LIMIT 5", "needs GROUP BY"),
        ("SELECT COUNT_DISTINCT(Paid__c) FROM Sale__c", "does not support aggregate operator COUNT_DISTINCT"),
        ("SELECT MAX(Tags__c) FROM Sale__c", "does not support aggregate operator MAX"),
        ("SELECT COUNT(Long__c) FROM Sale__c", "does not support aggregate operator COUNT"),
        ("SELECT AVG(Closed__c) FROM Sale__c", "does not support aggregate operator AVG"),
        ("SELECT COUNT(Id) FROM Sale__c GROUP BY ROLLUP(Region__c, Stage__c, Paid__c, Site__c)", "at most 3"),
        ("SELECT GROUPING(Region__c), COUNT(Id) FROM Sale__c GROUP BY Region__c", "needs GROUP BY ROLLUP"),
        ("SELECT Region__c, COUNT(Id) FROM Sale__c GROUP BY Region__c HAVING Stage__c = 'new'", "must be grouped or aggregated: Stage__c"),
        (
            "SELECT Site__c, COUNT(Id) FROM Sale__c GROUP BY Site__c HAVING Site__c IN (SELECT Id FROM Site__c)",
            "semi joins are not allowed in HAVING",
        ),
        ("SELECT Region__c, COUNT(Id) FROM Sale__c GROUP BY Region__c ORDER BY Name", "Ordered field must be grouped or aggregated: Name"),
        ("SELECT CALENDAR_YEAR(Called__c) FROM Sale__c GROUP BY Region__c", "must be grouped or aggregated"),
        ("SELECT COUNT(Id) FROM Sale__c GROUP BY MAX(Name)", "not allowed in GROUP BY"),
        ("SELECT City__c, (SELECT Id FROM Sales__r) FROM Site__c GROUP BY City__c", "a child subquery is not allowed"),
    ],
)
def test_refused_groups(org: Org, soql: str, words: str) -> None:
    error = refused(org, soql)
    assert (error.status, error.code) == (400, "MALFORMED_QUERY")
    assert words in error.message


# --- SELECT ---------------------------------------------------------------------------------------------------------------


def test_to_label_shows_the_label(org: Org) -> None:
    records = ask(org, "SELECT Stage__c, toLabel(Stage__c) shown FROM Sale__c WHERE Name = 'b'")["records"]
    assert (records[0]["Stage__c"], records[0]["shown"]) == ("won", "It's won")
    assert ask(org, "SELECT toLabel(Stage__c) FROM Sale__c WHERE Name = 'a'")["records"][0]["Stage__c"] == "Brand new"


def test_type_of(org: Org) -> None:
    soql = "SELECT Name, TYPEOF What__r WHEN Site__c THEN City__c, Name WHEN Account THEN Phone END FROM Sale__c ORDER BY Name LIMIT 3"
    first, second, third = (record["What__r"] for record in ask(org, soql)["records"])
    assert (first["City__c"], first["Name"], first["attributes"]["type"]) == ("Oslo", "North", "Site__c")
    assert (second["Phone"], second["attributes"]["type"]) == ("1", "Account")
    assert "Name" not in second
    assert third is None


def test_type_of_without_a_matching_branch(org: Org) -> None:
    soql = "SELECT TYPEOF What__r WHEN Site__c THEN City__c {} END FROM Sale__c WHERE Name = 'b'"
    assert ask(org, soql.format("ELSE Name"))["records"][0]["What__r"]["Name"] == "Acme"
    assert ask(org, soql.format(""))["records"][0]["What__r"] is None
    org.switches["typeof_unmatched"] = "attributes"
    assert list(ask(org, soql.format(""))["records"][0]["What__r"]) == ["attributes"]


@pytest.mark.parametrize(
    ("soql", "words"),
    [
        ("SELECT TYPEOF Site__r WHEN Site__c THEN Name END FROM Sale__c", "several objects"),
        ("SELECT What__r.Name, TYPEOF What__r WHEN Account THEN Phone END FROM Sale__c", "and in the field list"),
        ("SELECT toLabel(Stage__c), TYPEOF What__r WHEN Account THEN Phone END FROM Sale__c", "beside functions"),
        ("SELECT Region__c, TYPEOF What__r WHEN Account THEN Phone END FROM Sale__c GROUP BY Region__c", "TYPEOF is not allowed"),
        ("SELECT TYPEOF What__r WHEN User THEN Name END FROM Sale__c", "not an object of"),
        ("SELECT TYPEOF What__r WHEN Account THEN City__c END FROM Sale__c", "No such column 'City__c' on entity 'Account'"),
    ],
)
def test_refused_type_of(org: Org, soql: str, words: str) -> None:
    assert words in refused(org, soql).message


def test_using_scope(org: Org) -> None:
    assert [record["Name"] for record in ask(org, "SELECT Name FROM Sale__c USING SCOPE mine")["records"]] == ["a"]
    assert ask(org, "SELECT Name FROM Sale__c USING SCOPE Everything WHERE Amount__c > 0")["totalSize"] == 3
    with pytest.raises(NotEmulated):
        ask(org, "SELECT Name FROM Site__c USING SCOPE mine")


def test_for_view_moves_the_date_of_what_was_found(org: Org) -> None:
    ask(org, "SELECT Name FROM Sale__c WHERE Name = 'a' FOR VIEW")
    assert [row["Name"] for row in org.find("Sale__c") if row["LastViewedDate"]] == ["a"]
    ask(org, "SELECT Name FROM Sale__c FOR REFERENCE")
    assert [row["Name"] for row in org.find("Sale__c") if row["LastViewedDate"]] == ["a"]


def test_words_that_are_names(org: Org) -> None:
    """Group and Order are objects; a keyword is a name wherever nothing else can stand."""
    org.put("Group", DeveloperName="everybody", Type="Regular")
    assert ask(org, "SELECT Group.Type FROM Group WHERE Group.DeveloperName = 'Everybody'")["totalSize"] == 1
    assert str(parse("SELECT Id FROM Order ORDER BY Order.Name LIMIT 1").source) == "Order"
    assert parse("SELECT Id FROM Account AS a").alias == "a"


def test_limits_of_relationships(org: Org) -> None:
    children = ", ".join("(SELECT Id FROM Sales__r)" for _unused in range(21))
    assert "at most 20" in refused(org, f"SELECT {children} FROM Site__c").message


# --- columns --------------------------------------------------------------------------------------------------------------


def test_columns(org: Org) -> None:
    found = columns(org, USER, "SELECT Id, Amount__c, Site__r.City__c, Site__r.Name FROM Sale__c", VERSION)
    assert {key: value for key, value in found.items() if key != "columnMetadata"} == {
        "entityName": "Sale__c",
        "groupBy": False,
        "idSelected": True,
        "keyPrefix": "a06",
    }
    identity, amount, site = found["columnMetadata"]
    assert (identity["apexType"], identity["textType"], identity["joinColumns"]) == ("Id", False, [])
    assert (amount["columnName"], amount["numberType"], amount["custom"]) == ("Amount__c", True, True)
    assert (site["columnName"], site["foreignKeyName"], site["apexType"]) == ("Site__r", "Site__c", None)
    assert [column["columnName"] for column in site["joinColumns"]] == ["City__c", "Name"]


def test_columns_of_children_and_aggregates(org: Org) -> None:
    children = columns(org, USER, "SELECT Name, (SELECT Name FROM Sales__r) FROM Site__c", VERSION)["columnMetadata"][1]
    assert (children["aggregate"], children["columnName"], children["joinColumns"][0]["columnName"]) == (True, "Sales__r", "Name")
    grouped = columns(org, USER, "SELECT Region__c, MAX(Amount__c), COUNT(Id) n FROM Sale__c GROUP BY Region__c", VERSION)
    assert grouped["groupBy"] is True
    assert [(column["columnName"], column["displayName"], column["aggregate"]) for column in grouped["columnMetadata"]] == [
        ("Region__c", "Region__c", False),
        ("expr0", "max(Amount__c)", True),
        ("n", "count(Id)", True),
    ]
    with pytest.raises(ApiError) as caught:
        columns(org, USER, "SELECT Nothing FROM Sale__c", VERSION)
    assert caught.value.code == "INVALID_FIELD"


# --- metadata views -----------------------------------------------------------------------------------------------------


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> Org:
    """With rows of their own, not those that the org's schema would give them."""
    for name in ("EntityDefinition", "FieldDefinition", "PermissionDependency"):
        for registered in (registry.ROWS, registry.READABLE, registry.SETTLE):
            monkeypatch.delitem(registered, name, raising=False)
    org = new_org()
    for name in ("Account", "Contact", "Lead"):
        org.put("EntityDefinition", Name=name, QualifiedApiName=name, DurableId=name)
        org.put("FieldDefinition", Name="Name", QualifiedApiName="Name", DurableId=f"{name}.Name", EntityDefinitionId=name)
        org.put("PermissionDependency", Name=name, Permission=name)
    return org


@pytest.mark.parametrize(
    ("soql", "message"),
    [
        ("SELECT Name FROM EntityDefinition WHERE QualifiedApiName = 'Account' OR DurableId = 'Lead'", "Disjunctions not supported"),
        ("SELECT Name FROM EntityDefinition WHERE IsDeletable = true AND (Name = 'a' OR Name = 'b')", "Disjunctions not supported"),
        ("SELECT Name FROM EntityDefinition WHERE QualifiedApiName != 'Account'", "Only equals comparisons permitted"),
        ("SELECT Name FROM EntityDefinition WHERE QualifiedApiName LIKE 'A%'", "Only equals comparisons permitted"),
        ("SELECT Name FROM EntityDefinition WHERE QualifiedApiName NOT IN ('Account')", "Only equals comparisons permitted"),
        ("SELECT Name FROM EntityDefinition WHERE NOT QualifiedApiName = 'Account'", "Only equals comparisons permitted"),
        ("SELECT Name FROM EntityDefinition WHERE Name INCLUDES ('a')", "Unsupported filter type"),
        ("SELECT COUNT() FROM EntityDefinition", "not yet supported by this SObject storage type"),
        ("SELECT COUNT(Id) FROM EntityDefinition", "not yet supported by this SObject storage type"),
        ("SELECT Name FROM EntityDefinition GROUP BY Name", "not yet supported by this SObject storage type"),
        (
            "SELECT Name FROM FieldDefinition WHERE QualifiedApiName = 'Name'",
            "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),
        (
            "SELECT Name FROM FieldDefinition WHERE EntityDefinitionId IN ('Account', 'Lead')",
            "not yet supported by this SObject storage type",
        ),
    ],
)
def test_metadata_views_refuse(views: Org, soql: str, message: str) -> None:
    error = refused(views, soql)
    assert (error.status, error.code, error.fields) == (400, "MALFORMED_QUERY", None)
    assert message in error.message


def test_metadata_views_answer_the_rest(views: Org) -> None:
    assert ask(views, "SELECT Name FROM EntityDefinition WHERE QualifiedApiName IN ('Account', 'lead')")["totalSize"] == 2
    assert ask(views, "SELECT Name FROM FieldDefinition WHERE EntityDefinitionId = 'Lead' AND QualifiedApiName = 'Name'")["totalSize"] == 1
    views.switches["field_definition_in"] = "answered"
    assert ask(views, "SELECT Name FROM FieldDefinition WHERE EntityDefinitionId IN ('Account', 'Lead')")["totalSize"] == 2


def test_metadata_views_ignore_limit(views: Org) -> None:
    assert ask(views, "SELECT Name FROM EntityDefinition LIMIT 1 OFFSET 1")["totalSize"] == 3
    assert ask(views, "SELECT Name FROM PermissionDependency LIMIT 1", api="tooling")["totalSize"] == 3
    assert (
        ask(views, "SELECT COUNT() FROM PermissionDependency WHERE Permission != 'Lead' OR Permission = 'x'", api="tooling")["totalSize"]
        == 2
    )
    views.switches["metadata_view_limit"] = "honoured"
    assert ask(views, "SELECT Name FROM EntityDefinition LIMIT 1 OFFSET 1")["totalSize"] == 1


def test_a_metadata_view_is_one_batch(views: Org) -> None:
    views.settings.page_size = 2
    error = refused(views, "SELECT Name FROM EntityDefinition")
    assert error.code == "EXCEEDED_ID_LIMIT"
    assert error.message == "EntityDefinition does not support queryMore(), use LIMIT to restrict the results to a single batch"


# --- rules that can be broken ---------------------------------------------------------------------------------------------


def test_rules_can_be_broken_for_the_controls(org: Org, views: Org) -> None:
    """The controls of the conformance run break these; each changes what is seen here."""
    mixed = "SELECT Name FROM Sale__c WHERE Name = 'a' AND Amount__c = 10 OR Name = 'b'"
    assert refused(org, mixed).code == "MALFORMED_QUERY"
    with break_rule("soql_no_mixed_and_or"):
        assert ask(org, mixed)["totalSize"] == 0
    with break_rule("soql_negation_includes_null"):
        assert names(org, "Region__c != 'EU'") == ["c"]
    assert names(org, "Region__c != 'EU'") == ["c", "d"]
    with break_rule("soql_text_ignores_case"):
        assert names(org, "Region__c = 'us'") == []
    with break_rule("soql_nulls_first"):
        assert [row[0] for row in values(org, "SELECT Region__c FROM Sale__c ORDER BY Region__c")][-1] is None
    with break_rule("metadata_view_operations"):
        assert ask(views, "SELECT Name FROM EntityDefinition WHERE Name = 'Lead' OR Name = 'Account'")["totalSize"] == 2


# --- the statements of the differential -------------------------------------------------------------------------------------


def test_generated_statements_are_the_same_for_the_same_seed_and_of_both_kinds() -> None:
    statements = examples(60, 7)
    assert statements == examples(60, 7)
    assert len(set(statements)) == 60

    def parses(statement: str) -> bool:
        try:
            return parse(statement) is not None
        except ApiError:
            return False

    assert 10 < sum(map(parses, statements)) < 50
