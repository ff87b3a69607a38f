# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SOQL tree to SQLite statements with SOQL's semantics, and the shape of the answer.

Every condition compiles to an expression that is 0 or 1, never null, so that NOT and OR mean what they mean in SOQL. Parents are LEFT
JOINs; a reference to several objects joins each of them and takes what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from emulator.errors import ApiError, NotEmulated
from emulator.ids import to_18
from emulator.model import ChildRelationship, Field, Schema, SObject
from emulator.schema import not_emulated_children, not_emulated_sobjects
from emulator.soql.ast import (
    Aggregate,
    And,
    Column,
    Comparison,
    Condition,
    CountRows,
    FieldsCall,
    Membership,
    Not,
    Or,
    Order,
    Path,
    Query,
    SemiJoin,
    Subquery,
    Value,
)
from emulator.soql.dates import day_range, midnight, zone_of
from emulator.soql.refusals import no_such_column, no_such_object, no_such_relationship, refusal
from emulator.stamps import read_stamp, stamp
from emulator.store import DELETED, NUMBER_TYPES, TEXT_TYPES, quoted

MAX_DEPTH = 5
MAX_SEMI_JOINS = 2
MAX_FIELDS_LIMIT = 200
NESTED_SEMI_JOIN = "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions."
SQL_OPERATORS = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Asking:
    """What a compilation depends on besides the statement."""

    schema: Schema
    readable: Callable[[str], bool]
    now: datetime
    zone: str | None
    include_deleted: bool = False
    order_switch: str = "by_age"
    fieldpermissions_switch: str = "enforced"


@dataclass(frozen=True)
class Resolved:
    """A path's meaning: an SQL expression and the field behind it."""

    sql: str
    item: Field
    owner: SObject
    parents: tuple[str, ...] = ()
    """Canonical relationship names from the queried object to the field's owner."""


@dataclass(frozen=True)
class Parent:
    """A joined parent: where its Id is and, for several possible objects, which one it is."""

    id_sql: str
    type_sql: str | None
    sobject: SObject


@dataclass(frozen=True)
class Output:
    """One selected value: where in the record it goes and how it reads."""

    key: str
    parents: tuple[str, ...]
    item: Field | None


@dataclass(frozen=True)
class Child:
    """A compiled child subquery; its rows carry their parent's Id in the first column."""

    name: str
    plan: Plan
    limit: int | None
    offset: int | None


@dataclass(frozen=True)
class Plan:
    """A statement ready to run. Columns: the record's own Id, then Ids and types of selected parents, then the outputs."""

    sobject: SObject
    sql: str
    parameters: tuple[object, ...]
    shape: str
    """records, aggregate or count"""
    outputs: tuple[Output | Child, ...]
    parents: tuple[tuple[tuple[str, ...], Parent], ...]
    touched: frozenset[str]


@dataclass
class Scope:
    """The object a (sub)query reads from, with the joins its paths need."""

    asking: Asking
    query: Query
    sobject: SObject
    table: str
    joins: list[str] = field(default_factory=list)
    parents: dict[tuple[str, ...], tuple[Parent, ...]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def column(self, table: str, name: str) -> str:
        return f"{table}.{quoted(name)}"


def compile_query(query: Query, asking: Asking) -> Plan:
    """The plan of a whole statement. Raises ApiError for what SOQL refuses."""
    if len(query.source.parts) > 1:
        raise no_such_object(query.text, query.source.at, str(query.source))
    sobject = visible_object(asking, query.source.parts[0])
    if sobject is None:
        raise no_such_object(query.text, query.source.at, query.source.parts[0])
    return compile_scope(Scope(asking, query, sobject, "t"), None)


def visible_object(asking: Asking, name: str) -> SObject | None:
    sobject = asking.schema.sobject(name)
    if sobject is None and name.lower() in not_emulated_sobjects():
        raise NotEmulated(f"the sObject {not_emulated_sobjects()[name.lower()]}")
    if sobject is None or not sobject.queryable or not asking.readable(sobject.name):
        return None
    return sobject


def compile_scope(scope: Scope, parent_key: str | None) -> Plan:
    """parent_key: for a child subquery, the field that holds the parent's Id."""
    query = scope.query
    scope.touched.add(scope.sobject.name)
    check_semi_joins(query, query.where)
    check_field_permissions(scope)
    if any(isinstance(item, CountRows) for item in query.items):
        return compile_count(scope)
    if query.group_by or any(isinstance(item, Aggregate) for item in query.items):
        return compile_aggregate(scope)
    outputs, columns = compile_items(scope)
    where, parameters = compile_where(scope)
    order, tail = compile_order(scope), paging(query) if parent_key is None else ""
    selected = selected_parents(outputs)
    parent_columns: list[str] = []
    found: list[tuple[tuple[str, ...], Parent]] = []
    for names in selected:
        parent = combined(scope, names)
        found.append((names, parent))
        parent_columns += [parent.id_sql, parent.type_sql or "NULL"]
    key = [] if parent_key is None else [scope.column(scope.table, parent_key)]
    head = [*key, scope.column(scope.table, "Id"), *parent_columns, *columns]
    sql = f"SELECT {', '.join(head)} FROM {quoted(scope.sobject.name)} AS {scope.table} {' '.join(scope.joins)} WHERE {where}"
    if parent_key is not None:
        sql += f" AND {scope.column(scope.table, parent_key)} IN (SELECT value FROM json_each(?))"
    sql += f" ORDER BY {order}{tail}"
    return Plan(scope.sobject, sql, tuple(parameters), "records", tuple(outputs), tuple(found), frozenset(scope.touched))


def paging(query: Query) -> str:
    if query.limit is None and query.offset is None:
        return ""
    return f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0}"


# --- SELECT ---------------------------------------------------------------------------------------------------------------


def compile_items(scope: Scope) -> tuple[list[Output | Child], list[str]]:
    outputs: list[Output | Child] = []
    columns: list[str] = []
    seen: set[tuple[tuple[str, ...], str]] = set()

    def select(resolved: Resolved, at: int) -> None:
        key = (resolved.parents, resolved.item.name)
        if key in seen:
            raise refusal(
                "INVALID_FIELD", scope.query.text, at, f"duplicate field selected: {'.'.join((*resolved.parents, resolved.item.name))}"
            )
        seen.add(key)
        outputs.append(Output(resolved.item.name, resolved.parents, resolved.item))
        columns.append(resolved.sql)

    for item in scope.query.items:
        if isinstance(item, Column):
            if item.alias is not None:
                raise refusal("MALFORMED_QUERY", scope.query.text, item.path.at, "only aggregate expressions use field aliasing")
            select(resolve(scope, item.path), item.path.at)
        if isinstance(item, FieldsCall):
            for one in fields_of(scope, item):
                select(Resolved(scope.column(scope.table, one.name), one, scope.sobject), item.at)
        if isinstance(item, Subquery):
            outputs.append(compile_child(scope, item))
    return outputs, columns


def fields_of(scope: Scope, call: FieldsCall) -> list[Field]:
    query = scope.query
    if call.kind != "STANDARD" and (query.limit is None or query.limit > MAX_FIELDS_LIMIT):
        raise refusal("MALFORMED_QUERY", query.text, call.at, f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}")
    wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}[call.kind]
    return [item for item in scope.sobject.fields.values() if item.custom in wanted]


def compile_child(scope: Scope, item: Subquery) -> Child:
    query = item.query
    if scope.table != "t":
        raise NotEmulated("a child subquery inside a child subquery")
    if any(isinstance(part, (CountRows, Aggregate)) for part in query.items) or query.group_by:
        raise NotEmulated("aggregates in a child subquery")
    parts = unprefixed(query.source.parts, scope)
    relationship = child_relationship(scope.sobject, parts[0]) if len(parts) == 1 else None
    if relationship is None and parts[-1].lower() in not_emulated_children().get(scope.sobject.name, ()):
        raise NotEmulated(f"the child relationship {parts[-1]} of {scope.sobject.name}")
    sobject = visible_object(scope.asking, relationship.child) if relationship is not None else None
    if relationship is None or sobject is None:
        raise no_such_relationship(query.text, query.source.at, str(query.source), in_from=True)
    inner = Scope(scope.asking, query, sobject, "c", touched=scope.touched)
    return Child(relationship.name, compile_scope(inner, relationship.field), query.limit, query.offset)


def child_relationship(sobject: SObject, name: str) -> ChildRelationship | None:
    return next((one for one in sobject.child_relationships if one.name.lower() == name.lower()), None)


def check_field_permissions(scope: Scope) -> None:
    """Both SobjectType and Field must be in every SELECT on FieldPermissions (rule fieldpermissions_select)."""
    if scope.sobject.name != "FieldPermissions" or scope.asking.fieldpermissions_switch != "enforced":
        return
    items = scope.query.items
    if any(isinstance(item, (CountRows, Aggregate, FieldsCall)) for item in items):
        return
    named = {item.path.parts[-1].lower() for item in items if isinstance(item, Column)}
    if not {"sobjecttype", "field"} <= named:
        message = "a query on FieldPermissions must select both SobjectType and Field"
        raise refusal("INVALID_FIELD", scope.query.text, scope.query.source.at, message)


def compile_count(scope: Scope) -> Plan:
    query = scope.query
    if len(query.items) > 1 or query.group_by or query.order_by:
        raise refusal(
            "MALFORMED_QUERY", query.text, query.source.at, "COUNT() must be the only element of SELECT, without GROUP BY or ORDER BY"
        )
    where, parameters = compile_where(scope)
    inner = f"SELECT 1 FROM {quoted(scope.sobject.name)} AS {scope.table} {' '.join(scope.joins)} WHERE {where}{paging(query)}"
    return Plan(scope.sobject, f"SELECT count(*) FROM ({inner})", tuple(parameters), "count", (), (), frozenset(scope.touched))


# --- aggregates -------------------------------------------------------------------------------------------------------------


def compile_aggregate(scope: Scope) -> Plan:
    query = scope.query
    grouped = [groupable(scope, path) for path in query.group_by]
    expressions = {one.sql for one in grouped}
    outputs: list[Output] = []
    columns: list[str] = []
    unnamed = 0
    for item in query.items:
        if isinstance(item, Column):
            resolved = resolve(scope, item.path)
            if resolved.sql not in expressions:
                raise refusal("MALFORMED_QUERY", query.text, item.path.at, f"Field must be grouped or aggregated: {item.path}")
            outputs.append(Output(item.alias or resolved.item.name, (), resolved.item))
            columns.append(resolved.sql)
        elif isinstance(item, Aggregate):
            sql, kind = aggregate_sql(scope, item)
            outputs.append(Output(item.alias or f"expr{unnamed}", (), kind))
            unnamed += item.alias is None
            columns.append(sql)
        else:
            raise NotEmulated("FIELDS() or a child subquery beside aggregates")
    keys = [output.key.lower() for output in outputs]
    if len(set(keys)) < len(keys):
        raise refusal("MALFORMED_QUERY", query.text, query.source.at, "duplicate alias in the SELECT list")
    where, parameters = compile_where(scope)
    sql = f"SELECT {', '.join(columns)} FROM {quoted(scope.sobject.name)} AS {scope.table} {' '.join(scope.joins)} WHERE {where}"
    if grouped:
        sql += f" GROUP BY {', '.join(one.sql for one in grouped)}"
    orders = [order_term(aggregate_order(scope, order, expressions), order) for order in query.order_by]
    if orders:
        sql += f" ORDER BY {', '.join(orders)}"
    return Plan(scope.sobject, sql + paging(query), tuple(parameters), "aggregate", tuple(outputs), (), frozenset(scope.touched))


def groupable(scope: Scope, path: Path) -> Resolved:
    resolved = resolve(scope, path)
    if not resolved.item.groupable:
        raise refusal("INVALID_FIELD", scope.query.text, path.at, f"field '{path}' can not be grouped in a query call")
    return resolved


def aggregate_sql(scope: Scope, item: Aggregate) -> tuple[str, Field | None]:
    resolved = resolve(scope, item.path)
    kind = resolved.item.type
    if (item.name in ("SUM", "AVG") and kind not in NUMBER_TYPES) or (item.name in ("MIN", "MAX") and kind in ("boolean", "address")):
        message = f"field {resolved.item.name} does not support aggregate operator {item.name}"
        raise refusal("MALFORMED_QUERY", scope.query.text, item.at, message)
    if item.name == "COUNT":
        return f"count({resolved.sql})", None
    if item.name == "COUNT_DISTINCT":
        return f"count(DISTINCT {resolved.sql})", None
    return f"{item.name.lower()}({resolved.sql})", None if item.name == "AVG" else resolved.item


def aggregate_order(scope: Scope, order: Order, expressions: set[str]) -> str:
    if isinstance(order.by, Aggregate):
        return aggregate_sql(scope, order.by)[0]
    resolved = resolve(scope, order.by)
    if resolved.sql not in expressions:
        raise refusal("MALFORMED_QUERY", scope.query.text, order.by.at, f"Ordered field must be grouped or aggregated: {order.by}")
    return resolved.sql


# --- paths ------------------------------------------------------------------------------------------------------------------


def unprefixed(parts: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    """Without the object's own name or alias in front."""
    names = {scope.sobject.name.lower(), (scope.query.alias or scope.sobject.name).lower()}
    own = {item.relationship_name.lower() for item in scope.sobject.fields.values() if item.relationship_name}
    first = parts[0].lower()
    return parts[1:] if len(parts) > 1 and first in names and (first not in own or first == (scope.query.alias or "").lower()) else parts


def resolve(scope: Scope, path: Path) -> Resolved:
    """The column a path names. Raises INVALID_FIELD for an unknown column or relationship."""
    parts = unprefixed(path.parts, scope)
    if len(parts) - 1 > MAX_DEPTH:
        raise refusal("INVALID_FIELD", scope.query.text, path.at, f"a field path may cross at most {MAX_DEPTH} relationships: {path}")
    names: tuple[str, ...] = ()
    for part in parts[:-1]:
        names = join(scope, names, part, path)
    return leaf(scope, names, parts[-1], path)


def join(scope: Scope, names: tuple[str, ...], part: str, path: Path) -> tuple[str, ...]:
    """Join the parent of that relationship name; returns the canonical path to it."""
    owner, table = place(scope, names)
    item = next((one for one in owner.fields.values() if one.relationship_name and one.relationship_name.lower() == part.lower()), None)
    if item is None or item.relationship_name is None:
        raise no_such_relationship(scope.query.text, path.at, part)
    reached = (*names, item.relationship_name)
    if reached in scope.parents:
        return reached
    targets = [scope.asking.schema.sobject(name) for name in item.reference_to]
    if not targets or None in targets:
        raise NotEmulated(f"the relationship {item.relationship_name} of {owner.name}")
    found: list[Parent] = []
    for number, target in enumerate(one for one in targets if one is not None):
        alias = f"{scope.table}_{len(scope.parents)}_{number}"
        alive = "" if scope.asking.include_deleted else f" AND {alias}.{quoted(DELETED)} = 0"
        scope.joins.append(f'LEFT JOIN {quoted(target.name)} AS {alias} ON {alias}."Id" = {scope.column(table, item.name)}{alive}')
        scope.touched.add(target.name)
        found.append(Parent(f'{alias}."Id"', alias, target))
    scope.parents[reached] = tuple(found)
    return reached


def place(scope: Scope, names: tuple[str, ...]) -> tuple[SObject, str]:
    """Object and table at the end of a path of relationships, where it is one object only."""
    if not names:
        return scope.sobject, scope.table
    parents = scope.parents[names]
    if len(parents) > 1:
        raise NotEmulated(f"going on from {names[-1]}, which may be of several objects")
    return parents[0].sobject, str(parents[0].type_sql)


def leaf(scope: Scope, names: tuple[str, ...], name: str, path: Path) -> Resolved:
    if names and len(scope.parents[names]) > 1:
        return polymorphic_leaf(scope, names, name, path)
    owner, table = place(scope, names)
    item = owner.field(name)
    if item is None:
        raise no_such_column(scope.query.text, path.at, name, owner.name)
    return Resolved(scope.column(table, item.name), item, owner, names)


def polymorphic_leaf(scope: Scope, names: tuple[str, ...], name: str, path: Path) -> Resolved:
    """A field of a parent that may be of several objects: Name (whatever each calls its name), Type, or a field that all of them have."""
    parents = scope.parents[names]
    if name.lower() == "type":
        cases = " ".join(f"WHEN {parent.id_sql} IS NOT NULL THEN '{parent.sobject.name}'" for parent in parents)
        return Resolved(f"(CASE {cases} END)", Field("Type", "picklist", "Type", "composed", sortable=False), parents[0].sobject, names)
    items = [name_field(parent.sobject) if name.lower() == "name" else parent.sobject.field(name) for parent in parents]
    present = [item for item in items if item is not None]
    if len(present) < len(items):
        raise no_such_column(scope.query.text, path.at, name, "Name")
    columns = ", ".join(scope.column(str(parent.type_sql), item.name) for parent, item in zip(parents, present, strict=True))
    first = present[0]
    shown = Field("Name", "string", "Name", "composed") if name.lower() == "name" else first
    collation = " COLLATE SOQL" if shown.type in TEXT_TYPES else ""
    return Resolved(f"(COALESCE({columns}){collation})", shown, parents[0].sobject, names)


def name_field(sobject: SObject) -> Field | None:
    return sobject.field("Name") or next((item for item in sobject.fields.values() if item.name_field), None)


def combined(scope: Scope, names: tuple[str, ...]) -> Parent:
    """Id and object name of a selected parent."""
    parents = scope.parents[names]
    if len(parents) == 1:
        return Parent(parents[0].id_sql, None, parents[0].sobject)
    ids = ", ".join(parent.id_sql for parent in parents)
    cases = " ".join(f"WHEN {parent.id_sql} IS NOT NULL THEN '{parent.sobject.name}'" for parent in parents)
    return Parent(f"COALESCE({ids})", f"(CASE {cases} END)", parents[0].sobject)


def selected_parents(outputs: Sequence[Output | Child]) -> list[tuple[str, ...]]:
    """Every parent that shows in the answer, outer ones first."""
    found: dict[tuple[str, ...], None] = {}
    for output in outputs:
        if isinstance(output, Output):
            for length in range(1, len(output.parents) + 1):
                found[output.parents[:length]] = None
    return list(found)


# --- WHERE ------------------------------------------------------------------------------------------------------------------


def compile_where(scope: Scope) -> tuple[str, list[object]]:
    alive = "1" if scope.asking.include_deleted else f"{scope.table}.{quoted(DELETED)} = 0"
    if scope.query.where is None:
        return alive, []
    parameters: list[object] = []
    return f"{alive} AND {compile_condition(scope, scope.query.where, parameters)}", parameters


def compile_condition(scope: Scope, condition: Condition, parameters: list[object]) -> str:
    if isinstance(condition, And):
        return balanced([compile_condition(scope, part, parameters) for part in condition.parts], "AND")
    if isinstance(condition, Or):
        return balanced([compile_condition(scope, part, parameters) for part in condition.parts], "OR")
    if isinstance(condition, Not):
        return f"(NOT {compile_condition(scope, condition.part, parameters)})"
    if isinstance(condition, SemiJoin):
        return compile_semi_join(scope, condition, parameters)
    resolved = filterable(scope, condition.path)
    if isinstance(condition, Membership):
        return membership(scope, resolved, condition, parameters)
    if condition.value.kind == "relative":
        return relative(scope, resolved, condition, parameters)
    return comparison(scope, resolved, condition, parameters)


def balanced(parts: list[str], operator: str) -> str:
    """A long chain as a tree, because SQLite limits the depth of expressions."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({balanced(parts[:middle], operator)} {operator} {balanced(parts[middle:], operator)})"


def filterable(scope: Scope, path: Path) -> Resolved:
    resolved = resolve(scope, path)
    if not resolved.item.filterable:
        raise refusal("INVALID_FIELD", scope.query.text, path.at, f"field '{path}' can not be filtered in a query call")
    return resolved


def comparison(scope: Scope, resolved: Resolved, condition: Comparison, parameters: list[object]) -> str:
    operator, sql = condition.operator, resolved.sql
    check_operator(scope, resolved, operator, condition.path)
    value = literal(scope, resolved, condition.value, condition.path, like=operator == "LIKE")
    if operator == "LIKE":
        parameters.append(condition.value.pattern)
        return f"SOQL_LIKE(?, {sql})"
    if value is None:
        if operator in ("=", "!="):
            return f"({sql} IS {'NOT ' if operator == '!=' else ''}NULL)"
        return "0"
    parameters.append(value)
    if operator in ("=", "!="):
        # Plain "=" where null cannot match anyway: SQLite then uses the column's index.
        return f"({sql} IS NOT NULL AND {sql} = ?)" if operator == "=" else f"({sql} IS NOT ?)"
    return f"({sql} IS NOT NULL AND {sql} {SQL_OPERATORS[operator]} ?)"


def check_operator(scope: Scope, resolved: Resolved, operator: str, path: Path) -> None:
    kind = resolved.item.type
    if operator in ("=", "!="):
        return
    refused = kind in ("id", "reference", "boolean") or (operator == "LIKE" and kind not in TEXT_TYPES)
    if refused:
        name = "id" if kind == "reference" else kind
        raise refusal("INVALID_QUERY_FILTER_OPERATOR", scope.query.text, path.at, f"invalid operator on {name} field")


def membership(scope: Scope, resolved: Resolved, condition: Membership, parameters: list[object]) -> str:
    if any(value.kind == "relative" for value in condition.values):
        raise NotEmulated("relative dates in IN")
    values = [literal(scope, resolved, value, condition.path) for value in condition.values]
    known = [value for value in values if value is not None]
    parameters.extend(known)
    sql = resolved.sql
    inside = f"({sql} IS NOT NULL AND {sql} IN ({', '.join('?' * len(known))}))"
    with_null = f"({inside} OR {sql} IS NULL)" if len(known) < len(values) else inside
    return f"(NOT {with_null})" if condition.negated else with_null


SHOWN_TYPES = {"datetime": "dateTime", "id": "ID", "reference": "ID", **dict.fromkeys(TEXT_TYPES, "string")}
TAKES = {"boolean": ("boolean",), "date": ("date",), "datetime": ("datetime",), **dict.fromkeys(NUMBER_TYPES, ("number",))}


def literal(scope: Scope, resolved: Resolved, value: Value, path: Path, *, like: bool = False) -> object:
    """A literal as stored. Raises INVALID_FIELD where its type is not the field's, INVALID_QUERY_FILTER_OPERATOR for a malformed Id."""
    kind = resolved.item.type
    if value.kind == "null":
        return None
    if value.kind not in TAKES.get(kind, ("string",)):
        enclosed = "should be enclosed in quotes" if kind not in TAKES else "should not be enclosed in quotes"
        shown = SHOWN_TYPES.get(kind, kind)
        message = f"value of filter criterion for field '{resolved.item.name}' must be of type {shown} and {enclosed}"
        raise refusal("INVALID_FIELD", scope.query.text, path.at, message)
    if kind in ("id", "reference"):
        record_id = to_18(str(value.value))
        if record_id is None:
            raise refusal("INVALID_QUERY_FILTER_OPERATOR", scope.query.text, path.at, f"invalid ID field: {value.value}")
        return record_id
    if kind == "datetime":
        return moment(scope, str(value.value), path)
    if kind == "date":
        return day(scope, str(value.value), path)
    if kind == "boolean":
        return 1 if value.value else 0
    if value.kind == "string":
        if not like and re.search(r"(?<!\\)(?:\\\\)*\\[%_]", value.pattern):
            raise NotEmulated("the escapes \\% and \\_ outside of LIKE")
        return value.value or None
    return value.value


def day(scope: Scope, text: str, path: Path) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refusal("MALFORMED_QUERY", scope.query.text, path.at, f"Invalid date: {text}") from None


def moment(scope: Scope, text: str, path: Path) -> str:
    try:
        return stamp(read_stamp(text))
    except ValueError:
        raise refusal("MALFORMED_QUERY", scope.query.text, path.at, f"Invalid datetime: {text}") from None


def relative(scope: Scope, resolved: Resolved, condition: Comparison, parameters: list[object]) -> str:
    """A comparison with TODAY and its like: the name stands for a range of days in the user's time zone."""
    kind = resolved.item.type
    if kind not in ("date", "datetime") or condition.operator == "LIKE":
        literal(scope, resolved, condition.value, condition.path)
    zone = zone_of(scope.asking.zone)
    first, after = day_range(str(condition.value.value), scope.asking.now.astimezone(zone).date())
    start, end = (first.isoformat(), after.isoformat()) if kind == "date" else (stamp(midnight(first, zone)), stamp(midnight(after, zone)))
    sql = resolved.sql
    if condition.operator in ("=", "!="):
        parameters += [start, end]
        inside = f"({sql} IS NOT NULL AND {sql} >= ? AND {sql} < ?)"
        return inside if condition.operator == "=" else f"(NOT {inside})"
    bound = {"<": ("<", start), "<=": ("<", end), ">": (">=", end), ">=": (">=", start)}[condition.operator]
    parameters.append(bound[1])
    return f"({sql} IS NOT NULL AND {sql} {bound[0]} ?)"


# --- semi-joins -----------------------------------------------------------------------------------------------------------


def check_semi_joins(query: Query, where: Condition | None) -> None:
    top = where.parts if isinstance(where, And) else (where,) if where is not None else ()
    joins = [part for part in top if isinstance(part, SemiJoin)]
    for part in top:
        if not isinstance(part, SemiJoin) and (hidden := hidden_semi_join(part)) is not None:
            raise refusal("MALFORMED_QUERY", query.text, hidden.at, NESTED_SEMI_JOIN)
    if len(joins) > MAX_SEMI_JOINS:
        raise refusal(
            "MALFORMED_QUERY", query.text, joins[MAX_SEMI_JOINS].at, f"maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed"
        )


def hidden_semi_join(condition: Condition) -> SemiJoin | None:
    if isinstance(condition, SemiJoin):
        return condition
    parts = condition.parts if isinstance(condition, (And, Or)) else (condition.part,) if isinstance(condition, Not) else ()
    return next((found for part in parts if (found := hidden_semi_join(part)) is not None), None)


def compile_semi_join(scope: Scope, condition: SemiJoin, parameters: list[object]) -> str:
    inner, text = condition.query, scope.query.text
    outer = filterable(scope, condition.path)
    sobject = visible_object(scope.asking, inner.source.parts[0]) if len(inner.source.parts) == 1 else None
    if sobject is None:
        raise no_such_object(text, inner.source.at, str(inner.source))
    if scope.table == "s":
        raise refusal("MALFORMED_QUERY", text, condition.at, NESTED_SEMI_JOIN)
    if inner.order_by or inner.limit is not None or inner.offset is not None or inner.group_by:
        raise refusal("MALFORMED_QUERY", text, condition.at, "ORDER BY, LIMIT and GROUP BY are not allowed in semi join sub-selects")
    if sobject.name == scope.sobject.name:
        raise refusal("MALFORMED_QUERY", text, condition.at, "The inner and outer selects should not be on the same object type")
    if len(inner.items) != 1 or not isinstance(inner.items[0], Column):
        raise refusal("MALFORMED_QUERY", text, condition.at, "a semi join sub-select must select exactly one field")
    nested = Scope(scope.asking, inner, sobject, "s", touched=scope.touched)
    scope.touched.add(sobject.name)
    selected = resolve(nested, inner.items[0].path)
    check_same_reference(text, condition.at, outer, selected)
    own: list[object] = []
    where, own = compile_where(nested)
    parameters.extend(own)
    rows = f"SELECT {selected.sql} FROM {quoted(sobject.name)} AS s {' '.join(nested.joins)} WHERE {where} AND {selected.sql} IS NOT NULL"
    inside = f"({outer.sql} IS NOT NULL AND {outer.sql} IN ({rows}))"
    return f"(NOT {inside})" if condition.negated else inside


def check_same_reference(text: str, at: int, outer: Resolved, inner: Resolved) -> None:
    sides = [set(one.item.reference_to) if one.item.type == "reference" else {one.owner.name} for one in (outer, inner)]
    if any(one.item.type not in ("id", "reference") for one in (outer, inner)) or not sides[0] & sides[1]:
        raise refusal("MALFORMED_QUERY", text, at, "The inner and outer selected fields of a semi join must be Ids of the same object")


# --- ORDER BY ---------------------------------------------------------------------------------------------------------------


def compile_order(scope: Scope) -> str:
    terms: list[str] = []
    for order in scope.query.order_by:
        if isinstance(order.by, Aggregate):
            raise refusal("MALFORMED_QUERY", scope.query.text, order.by.at, "aggregates in ORDER BY need GROUP BY")
        resolved = resolve(scope, order.by)
        if not resolved.item.sortable:
            raise refusal("INVALID_FIELD", scope.query.text, order.by.at, f"field '{order.by}' can not be sorted in a query call")
        terms.append(order_term(resolved.sql, order))
    own = f"{scope.table}.rowid" if scope.asking.order_switch == "by_age" else f'SOQL_SHUFFLE({scope.table}."Id")'
    return ", ".join([*terms, own])


def order_term(sql: str, order: Order) -> str:
    return f"{sql} {'DESC' if order.descending else 'ASC'} NULLS {'LAST' if order.nulls_last else 'FIRST'}"


def no_query_more(text: str) -> ApiError:
    message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
    return ApiError(400, "EXCEEDED_ID_LIMIT", message, None)


def field_values(outputs: Sequence[Output], row: Sequence[Any], read: Callable[[Field, Any], Any]) -> Mapping[str, Any]:
    return {output.key: read(output.item, value) if output.item is not None else value for output, value in zip(outputs, row, strict=True)}
