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
    Field("Good__c", "boolean", "Good", "test", nillable=False),
    Field("Up__c", "reference", "Up", "test", reference_to=("Node__c",), relationship_name="Up__r"),
)
NODE = SObject("Node__c", "Node", "Nodes", "a01", "test", {item.name: item for item in FIELDS})

rows = st.lists(
    st.fixed_dictionaries(
        {"Name": st.sampled_from(TEXTS), "Size__c": st.sampled_from(NUMBERS), "Good__c": st.booleans(), "up": st.integers(-2, 3)}
    ),
    min_size=1,
    max_size=6,
)


@dataclass(frozen=True)
class Leaf:
    path: tuple[str, ...]
    operator: str
    value: Any


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
    return (
        leaf("Name", ["=", "!=", "<", "<=", ">", ">="], text)
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
    path = ".".join(tree.path)
    if isinstance(tree.value, list):
        return f"{path} {tree.operator} ({', '.join(literal(one) for one in tree.value)})"
    if tree.operator == "LIKE":
        return f"{path} LIKE '{tree.value}'"
    return f"{path} {tree.operator} {literal(tree.value)}"


def folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


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
ORG = Org(SCHEMA)


@settings(max_examples=400)
@given(rows, trees, st.sampled_from([1, 2, 2000]))
def test_where_finds_what_the_rules_say(table: list[dict[str, Any]], tree: Leaf | Branch, page_size: int) -> None:
    ORG.store.clear(["Node__c"])
    ORG.settings.page_size = page_size
    records: list[dict[str, Any]] = []
    for row in table:
        record: dict[str, Any] = {name: value for name, value in row.items() if name != "up"}
        record["Up__r"] = records[row["up"]] if 0 <= row["up"] < len(records) else None
        up = record["Up__r"]["Id"] if record["Up__r"] else None
        record["Id"] = ORG.put("Node__c", Name=record["Name"], Size__c=record["Size__c"], Good__c=record["Good__c"], Up__c=up)
        records.append(record)
    answer = ORG.query("005000000000001AAA", f"SELECT Id FROM Node__c WHERE {written(tree)}", "67.0")
    found = [record["Id"] for record in answer["records"]]
    while not answer["done"]:
        answer = ORG.query_more("005000000000001AAA", answer["nextRecordsUrl"].rpartition("/")[2], "67.0")
        found += [record["Id"] for record in answer["records"]]
    assert found == [record["Id"] for record in records if holds(tree, record)]
