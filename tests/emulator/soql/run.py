# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs compiled SOQL on an org's store and shapes the answer as REST does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from emulator.model import Api, Field
from emulator.rules.registry import HIDDEN
from emulator.soql.aggregates import Output
from emulator.soql.compile import Child, Plan, Typed, compile_query, field_values, no_query_more
from emulator.soql.dates import Calendar
from emulator.soql.functions import install
from emulator.soql.parser import parse
from emulator.soql.paths import Asking
from emulator.soql.special import check_one_batch
from emulator.stamps import stamp
from emulator.store import from_column

if TYPE_CHECKING:
    from emulator.org import Org

MAX_AGGREGATES = 2_000
WITHOUT_ID = frozenset({"EntityDefinition", "FieldDefinition", "Publisher", "TabDefinition"})
"""Views whose rows are no records: the rule tooling_virtual_ids says what their Id looks like."""
NO_ID = "000000000000000AAA"
VIEWED = {"FOR VIEW": "LastViewedDate", "FOR REFERENCE": "LastReferencedDate"}


def answer(
    org: Org, user: str, soql: str, version: str, *, include_deleted: bool, page_size: int | None, api: Api = "data"
) -> dict[str, Any]:
    """The first page of a query's answer. Raises ApiError."""
    query = parse(soql)
    plan = compile_query(query, asking(org, user, version, include_deleted, api))
    size = min(org.settings.page_size, page_size or org.settings.page_size)
    with org.computed_rows(user, plan.touched):
        install(org.store.connection)
        if plan.shape == "count":
            total = org.store.connection.execute(plan.sql, plan.parameters).fetchone()[0]
            return {"totalSize": total, "done": True, "records": []}
        if plan.shape == "aggregate":
            return aggregates(org, plan)
        records = run(org, user, plan, plan.parameters, version, size)
    check_one_batch(plan.sobject.name, len(records), size)
    found = len(records)
    records = shown(org, user, plan.sobject.name, records)
    mark_viewed(org, plan, query.marks, [record_id for record_id, _record in records])
    return org.open_cursor(user, [record for _key, record in records], size, version, total=found)


def shown(org: Org, user: str, sobject: str, records: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """(Id, record) pairs without those that the org counts and does not show."""
    hook = HIDDEN.get(sobject)
    hidden = hook(org, user, records) if hook is not None else ()
    return [pair for pair in records if pair[0] not in hidden] if hidden else records


def asking(org: Org, user: str, version: str, include_deleted: bool, api: Api = "data") -> Asking:
    runner = (org.get("User", user) if org.schema.sobject("User") is not None else None) or {}
    company = next(iter(org.find("Organization")), {}) if org.schema.sobject("Organization") is not None else {}
    locale = runner.get("LocaleSidKey") or company.get("DefaultLocaleSidKey") or "en_US"
    return Asking(
        schema=org.schema_seen(user, version, api),
        readable=lambda name: org.readable(user, name),
        labels=org.picklist,
        now=org.clock(),
        user=user,
        zone=runner.get("TimeZoneSidKey"),
        calendar=Calendar(locale, company.get("FiscalYearStartMonth") or 1, bool(company.get("UsesStartDateAsFiscalYearName"))),
        switches=org.switches,
        include_deleted=include_deleted,
    )


def aggregates(org: Org, plan: Plan) -> dict[str, Any]:
    rows = org.store.connection.execute(plan.sql, plan.parameters).fetchall()
    if len(rows) > MAX_AGGREGATES:
        raise no_query_more()
    outputs = [output for output in plan.outputs if isinstance(output, Output)]
    records = [{"attributes": {"type": "AggregateResult"}, **field_values(outputs, row, from_column)} for row in rows]
    return {"totalSize": len(records), "done": True, "records": records}


def mark_viewed(org: Org, plan: Plan, marks: Sequence[str], ids: Sequence[str]) -> None:
    """FOR VIEW and FOR REFERENCE move the dates of the records found, where the object has them."""
    changed = {VIEWED[mark]: stamp(org.clock()) for mark in marks if mark in VIEWED and plan.sobject.field(VIEWED[mark]) is not None}
    for record_id in ids if changed else ():
        org.store.update(plan.sobject.name, record_id, changed)


def run(
    org: Org, user: str, plan: Plan, parameters: Sequence[object], version: str, size: int, *, keyed: bool = False
) -> list[tuple[str, dict[str, Any]]]:
    """(key, record) pairs; the key is the parent's Id for a child subquery, else the record's own."""
    rows = org.store.connection.execute(plan.sql, parameters).fetchall()
    first = 1 if keyed else 0
    ids = [row[first] for row in rows]
    unmatched = org.switches["typeof_unmatched"]
    children = {child.name: children_of(org, user, child, ids, version, size) for child in plan.outputs if isinstance(child, Child)}
    shaped = [(row[0], shape(plan, row[first:], version, children, unmatched)) for row in rows]
    if plan.sobject.name in WITHOUT_ID and org.switches["tooling_virtual_ids"] == "empty":
        for _key, record in shaped:
            record.update({"Id": NO_ID} if "Id" in record else {})
    return shaped


def shape(
    plan: Plan, row: Sequence[Any], version: str, children: dict[str, dict[str, dict[str, Any]]], unmatched: str
) -> dict[str, Any]:  # fmt: skip
    record: dict[str, Any] = {"attributes": link(plan.sobject.name, row[0], version)}
    values = iter(row[1:])
    parents: dict[tuple[str, ...], dict[str, Any] | None] = {(): record}
    for names, parent in plan.parents:
        parent_id, kind = next(values), next(values)
        parents[names] = None if parent_id is None else {"attributes": link(kind or parent.sobject.name, parent_id, version)}
    for output in plan.outputs:
        if isinstance(output, Child):
            record[output.name] = children[output.name].get(row[0])
            continue
        attach(parents, output.parents)
        owner = parents[output.parents]
        if isinstance(output, Typed):
            key, value = output.name, typed(output, values, version, unmatched)
        else:
            key, found = output.key, next(values)
            value = from_column(output.item, found) if isinstance(output.item, Field) else found
        if owner is not None:
            owner[key] = value
    return record


def typed(output: Typed, values: Iterator[Any], version: str, unmatched: str) -> dict[str, Any] | None:
    """The object of a polymorphic reference, with the fields of the branch that its type takes."""
    record_id, kind, *rest = islice(values, output.width)
    found: tuple[Output, ...] | None = None
    at = start = 0
    for name, outputs in output.branches:
        if name == kind:
            found, start = outputs, at
        at += len(outputs)
    if found is None:
        found, start = output.otherwise, at
    if record_id is None or (found is None and unmatched == "null"):
        return None
    return {"attributes": link(kind, record_id, version), **field_values(found or (), rest[start : start + len(found or ())], from_column)}


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
    return {parent_id: _children(org, user, child, records, version, size) for parent_id, records in cut.items() if records}


def _children(org: Org, user: str, child: Child, records: list[dict[str, Any]], version: str, size: int) -> dict[str, Any]:
    check_one_batch(child.plan.sobject.name, len(records), size)
    keyed = [(str(record["attributes"]["url"]).rpartition("/")[2], record) for record in records]
    left = [record for _key, record in shown(org, user, child.plan.sobject.name, keyed)]
    return org.open_cursor(user, left, size, version, total=len(records))


def link(sobject: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": sobject, "url": f"/services/data/v{version}/sobjects/{sobject}/{record_id}"}
