# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What query?columns=true answers: the columns of a statement instead of its rows. Salesforce does not document it; its CLI asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import NotEmulated
from emulator.model import Api, Field
from emulator.rules.registry import Grade, rule
from emulator.soql.aggregates import Output
from emulator.soql.ast import Call, Column, Operand, Query
from emulator.soql.compile import Child, Plan, Typed, compile_query
from emulator.soql.parser import parse
from emulator.soql.run import asking
from emulator.store import NUMBER_TYPES, TEXT_TYPES

if TYPE_CHECKING:
    from emulator.org import Org

rule(
    "query_columns",
    says="query?columns=true answers columnMetadata (a tree: joinColumns of a parent or child relationship), entityName, groupBy, idSelected and"
    " keyPrefix, no rows; aggregates are named as their records name them and displayed as function(field)",
    grade=Grade.QUOTED,
    source="salesforcecli/plugin-data, test/test-files/queryFields.exemplars.ts (answers kept as examples); the keys beside columnMetadata:"
    " a public client's type QueryColumnsSfdc; apexType of dates and numbers assumed; insertable and updatable as describe says",
)

APEX_TYPES = {
    "id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "double": "Double", "percent": "Double", "currency": "Double",
    "date": "Date", "datetime": "Datetime", "address": "Address", "location": "Location", "anyType": "Object",
}  # fmt: skip


def columns(org: Org, user: str, soql: str, version: str, api: Api = "data") -> dict[str, Any]:
    """The answer's body. Raises ApiError for a statement that cannot be run."""
    query = parse(soql)
    plan = compile_query(query, asking(org, user, version, include_deleted=False, api=api))
    if plan.shape == "count" or any(isinstance(output, Typed) for output in plan.outputs):
        raise NotEmulated("columns=true with COUNT() or TYPEOF")
    found = aggregate_columns(query, plan) if plan.shape == "aggregate" else record_columns(plan)
    return {
        "columnMetadata": found,
        "entityName": plan.sobject.name,
        "groupBy": bool(query.group_by),
        "idSelected": any(isinstance(output, Output) and output.key == "Id" and not output.parents for output in plan.outputs),
        "keyPrefix": plan.sobject.key_prefix,
    }


def entry(name: str, item: Field | None = None, **more: Any) -> dict[str, Any]:
    """One column; of a field, or of nothing but a name."""
    kind = item.type if item is not None else ""
    return {
        "aggregate": False,
        "apexType": APEX_TYPES.get(kind, "String") if item is not None else None,
        "booleanType": kind == "boolean",
        "columnName": name,
        "custom": item is not None and item.custom,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": item is not None and item.createable,
        "joinColumns": [],
        "numberType": kind in NUMBER_TYPES,
        "textType": kind in TEXT_TYPES,
        "updatable": item is not None and item.updateable,
        **more,
    }


def record_columns(plan: Plan) -> list[dict[str, Any]]:
    """Fields in the order of SELECT; a parent stands where its first field does."""
    top: list[dict[str, Any]] = []
    parents: dict[tuple[str, ...], dict[str, Any]] = {}
    for output in plan.outputs:
        if isinstance(output, Child):
            top.append(entry(output.name, aggregate=True, joinColumns=record_columns(output.plan)))
        elif isinstance(output, Output):
            holder = top
            for length in range(1, len(output.parents) + 1):
                names = output.parents[:length]
                if names not in parents:
                    parents[names] = entry(names[-1], foreignKeyName=foreign_key(plan, names))
                    holder.append(parents[names])
                holder = parents[names]["joinColumns"]
            holder.append(entry(output.key, output.item))
    return top


def foreign_key(plan: Plan, names: tuple[str, ...]) -> str | None:
    """The reference field behind the last of these relationship names."""
    found = dict(plan.parents)
    owner = plan.sobject if len(names) == 1 else found[names[:-1]].sobject
    return next((item.name for item in owner.fields.values() if item.relationship_name == names[-1]), None)


def aggregate_columns(query: Query, plan: Plan) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    items = [item for item in query.items if isinstance(item, Column)]
    for item, output in zip(items, plan.outputs, strict=True):
        if not isinstance(output, Output):
            continue
        if isinstance(item.operand, Call):
            number = output.item is None or output.item.type in NUMBER_TYPES
            made.append(entry(output.key, aggregate=True, displayName=displayed(item.operand), numberType=number))
        else:
            made.append(entry(output.key, output.item))
    return made


def displayed(operand: Operand) -> str:
    """avg(Amount)"""
    return f"{operand.name.lower()}({displayed(operand.argument)})" if isinstance(operand, Call) else str(operand)
