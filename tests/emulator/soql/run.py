# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs compiled SOQL on an org's store and shapes the answer as REST does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emulator.model import Api, Field
from emulator.soql.ast import Query
from emulator.soql.compile import Asking, Child, Output, Plan, compile_query, field_values, no_query_more
from emulator.soql.parser import parse
from emulator.store import from_column

if TYPE_CHECKING:
    from emulator.org import Org

MAX_AGGREGATES = 2_000


def answer(
    org: Org, user: str, soql: str, version: str, *, include_deleted: bool, page_size: int | None, api: Api = "data"
) -> dict[str, Any]:
    """The first page of a query's answer. Raises ApiError."""
    query = parse(soql)
    plan = compile_query(query, asking(org, user, version, include_deleted, api))
    size = min(org.settings.page_size, page_size or org.settings.page_size)
    with org.computed_rows(user, plan.touched):
        if plan.shape == "count":
            total = org.store.connection.execute(plan.sql, plan.parameters).fetchone()[0]
            return {"totalSize": total, "done": True, "records": []}
        if plan.shape == "aggregate":
            return aggregates(org, plan, query)
        records = run(org, user, plan, plan.parameters, version, size)
    return org.open_cursor(user, [record for _key, record in records], size, version)


def asking(org: Org, user: str, version: str, include_deleted: bool, api: Api = "data") -> Asking:
    runner = org.get("User", user) if org.schema.sobject("User") is not None else None
    return Asking(
        schema=org.schema_at(version, api),
        readable=lambda name: org.readable(user, name),
        now=org.clock(),
        zone=(runner or {}).get("TimeZoneSidKey"),
        include_deleted=include_deleted,
        order_switch=org.switches["row_order"],
        fieldpermissions_switch=org.switches["fieldpermissions_select"],
    )


def aggregates(org: Org, plan: Plan, query: Query) -> dict[str, Any]:
    rows = org.store.connection.execute(plan.sql, plan.parameters).fetchall()
    if len(rows) > MAX_AGGREGATES:
        raise no_query_more(query.text)
    outputs = [output for output in plan.outputs if isinstance(output, Output)]
    records = [{"attributes": {"type": "AggregateResult"}, **field_values(outputs, row, from_column)} for row in rows]
    return {"totalSize": len(records), "done": True, "records": records}


def run(
    org: Org, user: str, plan: Plan, parameters: Sequence[object], version: str, size: int, *, keyed: bool = False
) -> list[tuple[str, dict[str, Any]]]:
    """(key, record) pairs; the key is the parent's Id for a child subquery, else the record's own."""
    rows = org.store.connection.execute(plan.sql, parameters).fetchall()
    first = 1 if keyed else 0
    ids = [row[first] for row in rows]
    children = {child.name: children_of(org, user, child, ids, version, size) for child in plan.outputs if isinstance(child, Child)}
    return [(row[0], shape(plan, row[first:], version, children)) for row in rows]


def shape(plan: Plan, row: Sequence[Any], version: str, children: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": link(plan.sobject.name, row[0], version)}
    parents: dict[tuple[str, ...], dict[str, Any] | None] = {(): record}
    at = 1
    for names, parent in plan.parents:
        parent_id, kind = row[at], row[at + 1]
        at += 2
        parents[names] = None if parent_id is None else {"attributes": link(kind or parent.sobject.name, parent_id, version)}
    for output in plan.outputs:
        if isinstance(output, Child):
            record[output.name] = children[output.name].get(row[0])
            continue
        value = from_column(output.item, row[at]) if isinstance(output.item, Field) else row[at]
        at += 1
        attach(parents, output.parents)
        owner = parents[output.parents]
        if owner is not None:
            owner[output.key] = value
    return record


def attach(parents: dict[tuple[str, ...], dict[str, Any] | None], names: tuple[str, ...]) -> None:
    """Put each parent on the way into its own child, where the first selected field of it stands; a null parent is null as a whole."""
    for length in range(1, len(names) + 1):
        holder = parents[names[: length - 1]]
        if holder is not None and names[length - 1] not in holder:
            holder[names[length - 1]] = parents[names[:length]]


def children_of(org: Org, user: str, child: Child, ids: list[str], version: str, size: int) -> dict[str, dict[str, Any]]:
    """Parent Id -> the child rows as a query answer of their own; parents without rows are absent."""
    pairs = run(org, user, child.plan, (*child.plan.parameters, json.dumps(ids)), version, size, keyed=True)
    found: dict[str, list[dict[str, Any]]] = {}
    for parent_id, record in pairs:
        found.setdefault(parent_id, []).append(record)
    start = child.offset or 0
    end = None if child.limit is None else start + child.limit
    cut = {parent_id: records[start:end] for parent_id, records in found.items()}
    return {parent_id: org.open_cursor(user, records, size, version) for parent_id, records in cut.items() if records}


def link(sobject: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": sobject, "url": f"/services/data/v{version}/sobjects/{sobject}/{record_id}"}
