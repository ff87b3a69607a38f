# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random WHERE clauses: what SQLite finds must be what a plain reading of SOQL's rules finds.

The reference below is written from the rules, not from the compiler: it knows rows as dictionaries and evaluates each condition to
True or False.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.model import Field, Schema, SObject
from emulator.org import Org
from emulator.schema import load_schema

TEXTS = [None, "a", "A", "ab", "Ab_", "100%", "b'c", "ä", "Ä", "x\\y"]
NUMBERS = [None, -1, 0, 1, 2]
FIELDS = (
    Field("Id", "id", "ID", "test", length=18, nillable=False),
    Field("Name", "string", "Name", "test", length=80),
    Field("Size__c", "int", "Size", "test"),
    Field("Good__c", "boolean", "Good", "test", nillable=False, groupable=True),
    Field("Day__c", "date", "Day", "test", groupable=True),
    Field("Tags__c", "multipicklist", "Tags", "test"),
    Field("Up__c", "reference", "Up", "test", reference_to=("Node__c",), relationship_name="Up__r"),
)
DAYS = [None, "2025-12-31", "2026-03-01", "2026-03-14", "2026-03-15", "2026-03-16", "2026-04-01"]
TAGS = [None, "a", "a;b", "B;a", "c"]
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
RANGES = {
    "TODAY": ("2026-03-15", "2026-03-16"),
    "LAST_N_DAYS:1": ("2026-03-14", "2026-03-16"),
    "THIS_MONTH": ("2026-03-01", "2026-04-01"),
    "LAST_N_YEARS:1": ("2025-01-01", "2026-01-01"),
    "NEXT_QUARTER": ("2026-04-01", "2026-07-01"),
}
PARTS = {"CALENDAR_YEAR": lambda day: int(day[:4]), "CALENDAR_MONTH": lambda day: int(day[5:7]), "DAY_IN_MONTH": lambda day: int(day[8:])}
NODE = SObject("Node__c", "Node", "Nodes", "a01", "test", {item.name: item for item in FIELDS})

rows = st.lists(
    st.fixed_dictionaries(
        {
            "Name": st.sampled_from(TEXTS),
            "Size__c": st.sampled_from(NUMBERS),
            "Good__c": st.booleans(),
            "Day__c": st.sampled_from(DAYS),
            "Tags__c": st.sampled_from(TAGS),
            "up": st.integers(-2, 3),
        }
    ),
    min_size=1,
    max_size=6,
)


@dataclass(frozen=True)
class Leaf:
    path: tuple[str, ...]
    operator: str
    value: Any
    function: str = ""


@dataclass(frozen=True)
class Range:
    """A date literal by name."""

    name: str


@dataclass(frozen=True)
class Day:
    """A date as written."""

    text: str


@dataclass(frozen=True)
class Branch:
    operator: str
    parts: tuple[Any, ...]


def leaves() -> st.SearchStrategy[Leaf]:
    prefix = st.sampled_from([(), ("Up__r",), ("Up__r", "Up__r")])
    text = st.sampled_from(TEXTS)
    number = st.sampled_from(NUMBERS)

    def leaf(name: str, operators: list[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[Leaf]:
        plain = st.builds(lambda up, op, one: Leaf((*up, name), op, one), prefix, st.sampled_from(operators), value)
        many = st.lists(value, min_size=1, max_size=3)
        among = st.builds(lambda up, op, all_of: Leaf((*up, name), op, all_of), prefix, st.sampled_from(["IN", "NOT IN"]), many)
        return plain | among

    patterns = st.sampled_from(["%", "a%", "_b%", "A_", "100\\%", "%\\_", "", "Ä"])
    like = st.builds(lambda up, one: Leaf((*up, "Name"), "LIKE", one), prefix, patterns)
    tags = st.lists(st.sampled_from(["a", "A;b", "c", "x"]), min_size=1, max_size=2)
    chosen = st.builds(lambda up, op, some: Leaf((*up, "Tags__c"), op, some), prefix, st.sampled_from(["INCLUDES", "EXCLUDES"]), tags)
    orders = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    ranges = st.builds(lambda up, op, name: Leaf((*up, "Day__c"), op, Range(name)), prefix, orders, st.sampled_from(sorted(RANGES)))
    parts = st.builds(
        lambda up, op, name, one: Leaf((*up, "Day__c"), op, one, name), prefix, orders, st.sampled_from(sorted(PARTS)), st.integers(1, 16)
    )
    return (
        chosen
        | ranges
        | parts
        | leaf("Day__c", ["=", "!=", "<", "<=", ">", ">="], st.sampled_from(DAYS).map(lambda day: None if day is None else Day(day)))
        | leaf("Tags__c", ["=", "!="], st.sampled_from(TAGS)).filter(lambda found: found.operator in ("=", "!="))
        | leaf("Name", ["=", "!=", "<", "<=", ">", ">="], text)
        | leaf("Size__c", ["=", "!=", "<", "<=", ">", ">="], number)
        | leaf("Good__c", ["=", "!="], st.booleans())
        | like
    )


trees = st.recursive(
    leaves(),
    lambda inner: (
        st.builds(lambda op, parts: Branch(op, tuple(parts)), st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=4))
        | st.builds(lambda part: Branch("NOT", (part,)), inner)
    ),
    max_leaves=8,
)


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Day):
        return value.text
    if isinstance(value, Range):
        return value.name
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def written(tree: Leaf | Branch) -> str:
    if isinstance(tree, Branch):
        if tree.operator == "NOT":
            return f"(NOT ({written(tree.parts[0])}))"
        return "(" + f" {tree.operator} ".join(written(part) for part in tree.parts) + ")"
    path = f"{tree.function}({'.'.join(tree.path)})" if tree.function else ".".join(tree.path)
    if isinstance(tree.value, list):
        return f"{path} {tree.operator} ({', '.join(literal(one) for one in tree.value)})"
    if tree.operator == "LIKE":
        return f"{path} LIKE '{tree.value}'"
    return f"{path} {tree.operator} {literal(tree.value)}"


def folded(value: Any) -> Any:
    if isinstance(value, Day):
        return value.text
    return value.casefold() if isinstance(value, str) else value


def tags_of(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split(";"))


def in_range(operator: str, actual: str | None, name: str) -> bool:
    """A day against a range of days: inside, outside, before or behind it."""
    start, after = RANGES[name]
    inside = actual is not None and start <= actual < after
    if operator in ("=", "!="):
        return inside == (operator == "=")
    if actual is None:
        return False
    return {"<": actual < start, "<=": actual < after, ">": actual >= after, ">=": actual >= start}[operator]


def chosen_among(tree: Leaf, actual: str | None) -> bool:
    """INCLUDES, EXCLUDES, = and != of a multi-select picklist."""
    if tree.operator in ("INCLUDES", "EXCLUDES"):
        found = actual is not None and any(tags_of(one) <= tags_of(actual) for one in tree.value)
        return found == (tree.operator == "INCLUDES")
    same = actual is None if tree.value is None else actual is not None and tags_of(actual) == tags_of(tree.value)
    return same == (tree.operator == "=")


def glob(pattern: str) -> str:
    parts = re.findall(r"\\.|.", pattern)
    return "".join({"%": "*", "_": "?"}.get(part, f"[{part[-1]}]") for part in parts)


def value_at(record: dict[str, Any] | None, path: tuple[str, ...]) -> Any:
    for name in path:
        if record is None:
            return None
        record = record[name]
    return record


def holds(tree: Leaf | Branch, record: dict[str, Any]) -> bool:
    if isinstance(tree, Branch):
        results = [holds(part, record) for part in tree.parts]
        return {"AND": all(results), "OR": any(results), "NOT": not results[0]}[tree.operator]
    actual = folded(value_at(record, tree.path))
    if tree.path[-1] == "Tags__c":
        return chosen_among(tree, actual)
    if isinstance(tree.value, Range):
        return in_range(tree.operator, actual, tree.value.name)
    if tree.function and actual is not None:
        actual = PARTS[tree.function](actual)
    if tree.operator == "LIKE":
        return actual is not None and fnmatch.fnmatchcase(actual, glob(folded(tree.value)))
    if isinstance(tree.value, list):
        return (actual in [folded(one) for one in tree.value]) == (tree.operator == "IN")
    wanted = folded(tree.value)
    if tree.operator in ("=", "!="):
        return bool(actual == wanted) == (tree.operator == "=")
    if actual is None or wanted is None:
        return False
    return bool({"<": actual < wanted, "<=": actual <= wanted, ">": actual > wanted, ">=": actual >= wanted}[tree.operator])


SCHEMA = Schema({**load_schema().sobjects}).with_sobjects([NODE])
ORG = Org(SCHEMA, clock=lambda: NOW)


def filled(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put these rows in the org; returns them as the reference sees them."""
    ORG.store.clear(["Node__c"])
    records: list[dict[str, Any]] = []
    for row in table:
        record: dict[str, Any] = {name: value for name, value in row.items() if name != "up"}
        up = records[row["up"]] if 0 <= row["up"] < len(records) else None
        stored = ORG.put("Node__c", **record, Up__c=up["Id"] if up else None)
        records.append({**record, "Up__r": up, "Id": stored})
    return records


def asked(soql: str, page_size: int) -> list[dict[str, Any]]:
    """All records, page by page."""
    ORG.settings.page_size = page_size
    answer = ORG.query("005000000000001AAA", soql, "67.0")
    found = list(answer["records"])
    while not answer["done"]:
        assert len(answer["records"]) == page_size
        answer = ORG.query_more("005000000000001AAA", answer["nextRecordsUrl"].rpartition("/")[2], "67.0")
        found += answer["records"]
    assert answer["totalSize"] == len(found)
    return found


@settings(max_examples=600)
@given(rows, trees, st.integers(1, 7))
def test_where_finds_what_the_rules_say(table: list[dict[str, Any]], tree: Leaf | Branch, page_size: int) -> None:
    records = filled(table)
    found = asked(f"SELECT Id FROM Node__c WHERE {written(tree)}", page_size)
    assert [record["Id"] for record in found] == [record["Id"] for record in records if holds(tree, record)]


keys = st.tuples(
    st.sampled_from(["Name", "Size__c", "Day__c", "Up__r.Name"]), st.booleans(), st.sampled_from(["", " NULLS FIRST", " NULLS LAST"])
)


def ordered(records: list[dict[str, Any]], by: list[tuple[str, bool, str]]) -> list[dict[str, Any]]:
    """Sorted key by key, the last one first, as a stable sort allows."""
    found = list(records)
    for path, descending, nulls in reversed(by):
        values = {record["Id"]: folded(value_at(record, tuple(path.split(".")))) for record in found}
        null = [record for record in found if values[record["Id"]] is None]
        known = sorted(
            (record for record in found if values[record["Id"]] is not None), key=lambda one: values[one["Id"]], reverse=descending
        )
        found = [*known, *null] if nulls == " NULLS LAST" else [*null, *known]
    return found


@settings(max_examples=300)
@given(rows, st.lists(keys, min_size=1, max_size=3), st.none() | st.integers(0, 5), st.integers(0, 4), st.integers(1, 5))
def test_order_limit_and_offset(
    table: list[dict[str, Any]], by: list[tuple[str, bool, str]], limit: int | None, offset: int, page_size: int
) -> None:
    records = filled(table)
    clause = ", ".join(f"{path} {'DESC' if descending else 'ASC'}{nulls}" for path, descending, nulls in by)
    cut = "" if limit is None else f" LIMIT {limit}"
    found = asked(f"SELECT Id FROM Node__c ORDER BY {clause}{cut} OFFSET {offset}", page_size)
    end = None if limit is None else offset + limit
    assert [record["Id"] for record in found] == [record["Id"] for record in ordered(records, by)][offset:end]


@settings(max_examples=300)
@given(rows, trees, st.sampled_from(["", "ROLLUP", "CUBE"]), st.integers(0, 3))
def test_groups_and_subtotals(table: list[dict[str, Any]], tree: Leaf | Branch, grouping: str, least: int) -> None:
    records = [record for record in filled(table) if holds(tree, record)]
    levels = {"": [("Good__c", "Day__c")], "ROLLUP": [("Good__c", "Day__c"), ("Good__c",), ()]}
    kept_sets = levels.get(grouping, [("Good__c", "Day__c"), ("Good__c",), ("Day__c",), ()])
    expected: list[tuple[Any, ...]] = []
    for kept in kept_sets:
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for record in records:
            key = tuple(record[name] if name in kept else None for name in ("Good__c", "Day__c"))
            groups.setdefault(key, []).append(record["Size__c"])
        for key, sizes in groups.items():
            known = [size for size in sizes if size is not None]
            if len(known) >= least:
                expected.append((*key, len(known), sum(known) if known else None, max(known, default=None)))
    by = f"{grouping}(Good__c, Day__c)" if grouping else "Good__c, Day__c"
    soql = f"SELECT Good__c, Day__c, COUNT(Size__c), SUM(Size__c), MAX(Size__c) FROM Node__c WHERE {written(tree)} GROUP BY {by}"
    answer = ORG.query("005000000000001AAA", f"{soql} HAVING COUNT(Size__c) >= {least}", "67.0")
    found = [tuple(value for name, value in record.items() if name != "attributes") for record in answer["records"]]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
