# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Records of one SOQL query of the user's own, as plain data. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import _soql_statement
from ._converge import Noun
from ._errors import CONFIG, Problem
from ._org import Org, Query
from ._plan import Plan

_REF = "records"


@dataclass(frozen=True)
class Desired:
    """What to ask, of which API, and how many records of each statement to tell."""

    statements: tuple[str, ...]
    tooling: bool
    most: int


@dataclass(frozen=True)
class Found:
    """What a statement brought. total: how many rows the org counts for it. truncated: whether there are more than are told. hidden: how many are
    counted and not shown to the running user."""

    statement: str
    records: tuple[dict[str, Any], ...]
    total: int
    truncated: bool
    hidden: int = 0


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked for. Raises Problem for what is no query that only reads."""
    return wanted([params["query"]], params)


def wanted(queries: Iterable[str], params: Mapping[str, Any]) -> Desired:
    """These queries, asked with the same options."""
    if params["max_records"] < 1:
        raise Problem(
            "reading the option max_records", f"{params['max_records']} is no number of records.", "Give 1 or more.", CONFIG, "max_records"
        )
    values = params["bind"] or {}
    return Desired(tuple(_soql_statement.statement(query, values) for query in queries), params["tooling"], params["max_records"])


def read(org: Org, wish: Desired) -> list[Found]:
    """The statements in order: a call for each page of each. Raises Problem with the statement that the org refused."""
    return [_found(org, soql, wish) for soql in wish.statements]


def plan(wish: Desired, current: list[Found]) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: list[Found], made: Plan) -> dict[str, Any]:
    """The records, and whether they are all."""
    found = current[0]
    return {"records": list(found.records), "total": found.total, "truncated": found.truncated, "warnings": _warnings(found)}


def plain(value: Any) -> Any:
    """A value of a row without what only the API needs: related records as dictionaries, those of a subquery as a list."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if _is_subquery(value):
        return [plain(item) for item in value["records"]]
    return {name: plain(item) for name, item in value.items() if not (name == "attributes" and _is_attributes(item))}


def is_cut(value: Any) -> bool:
    """Whether records of a subquery in the row are on a further page."""
    if isinstance(value, list):
        return any(is_cut(item) for item in value)
    if not isinstance(value, Mapping):
        return False
    return (_is_subquery(value) and not value["done"]) or any(is_cut(item) for item in value.values())


def _found(org: Org, soql: str, wish: Desired) -> Found:
    try:
        answers = org.read([Query(_REF, soql, tooling=wish.tooling, most=wish.most)])
    except Problem as problem:
        of_query = problem.tried == f"reading {_REF}"
        raise replace(problem, tried=f"asking {_soql_statement.shortened(soql)}") if of_query else problem from None
    rows, total = answers.rows[_REF], answers.counted[_REF]
    records = rows[: wish.most]
    truncated = len(rows) > len(records) or _REF in answers.unfinished or any(is_cut(row) for row in records)
    hidden = 0 if _soql_statement.counts(soql) else answers.hidden.get(_REF, 0)
    return Found(soql, tuple(plain(row) for row in records), total, truncated, hidden)


def _warnings(found: Found) -> list[str]:
    warnings = []
    if found.truncated:
        warnings.append(
            f"{len(found.records)} of {found.total} records are told, or not all of their child records: raise max_records, "
            f"or narrow the query {_soql_statement.shortened(found.statement)!r}."
        )
    if found.hidden:
        warnings.append(f"The org counts {found.total} records and shows {len(found.records)} to the running user.")
    return warnings


def _is_subquery(value: Mapping[str, Any]) -> bool:
    return {"totalSize", "done", "records"} <= set(value)


def _is_attributes(value: Any) -> bool:
    return isinstance(value, Mapping) and "type" in value


NOUN = Noun(
    name="soql_info",
    argument_spec={
        "query": {"type": "str", "required": True},
        "bind": {"type": "dict"},
        "tooling": {"type": "bool", "default": False},
        "max_records": {"type": "int", "default": 2000},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
