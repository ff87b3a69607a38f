# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SOQL tree to SQLite statements with SOQL's semantics, and the shape of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.errors import ApiError, NotEmulated
from emulator.model import ChildRelationship, Field, SObject
from emulator.schema import not_emulated_children
from emulator.soql.aggregates import Output, aggregates, compile_aggregate, order_term
from emulator.soql.ast import Call, Column, CountRows, FieldsCall, Operand, Path, Query, Subquery, TypeOf, When
from emulator.soql.conditions import check_semi_joins, compile_where
from emulator.soql.functions import AGGREGATES, DATE_PARTS
from emulator.soql.paths import (
    Asking,
    Parent,
    Resolved,
    Scope,
    combined,
    join,
    main_object,
    resolve,
    resolve_path,
    unprefixed,
    visible_object,
)
from emulator.soql.refusals import no_such_column, no_such_relationship
from emulator.soql.special import check_special, ignores_limit
from emulator.store import quoted

MAX_FIELDS_LIMIT = 200
MAX_PARENTS = 55
MAX_CHILDREN = 20


@dataclass(frozen=True)
class Child:
    """A compiled child subquery; its rows carry their parent's Id in the first column."""

    name: str
    plan: Plan
    limit: int | None
    offset: int | None


@dataclass(frozen=True)
class Typed:
    """A compiled TYPEOF. Columns: the parent's Id and type, then the fields of each branch."""

    name: str
    parents: tuple[str, ...]
    branches: tuple[tuple[str, tuple[Output, ...]], ...]
    otherwise: tuple[Output, ...] | None

    @property
    def width(self) -> int:
        return 2 + sum(len(outputs) for _name, outputs in self.branches) + len(self.otherwise or ())


@dataclass(frozen=True)
class Plan:
    """A statement ready to run. Columns: the record's own Id, then Ids and types of selected parents, then the outputs."""

    sobject: SObject
    sql: str
    parameters: tuple[object, ...]
    shape: str
    """records, aggregate or count"""
    outputs: tuple[Output | Child | Typed, ...]
    parents: tuple[tuple[tuple[str, ...], Parent], ...]
    touched: frozenset[str]


def compile_query(query: Query, asking: Asking) -> Plan:
    """The plan of a whole statement. Raises ApiError for what SOQL refuses."""
    return compile_scope(Scope(asking, query, main_object(query, asking), "t"), None)


def compile_scope(scope: Scope, parent_key: str | None) -> Plan:
    """parent_key: for a child subquery, the field that holds the parent's Id."""
    query = scope.query
    scope.touched.add(scope.sobject.name)
    check_clauses(scope)
    check_special(scope.sobject.name, query, scope.asking.switches, child=parent_key is not None)
    check_semi_joins(query, query.where)
    check_field_permissions(scope)
    if any(isinstance(item, CountRows) for item in query.items):
        return compile_count(scope)
    if aggregates(scope):
        sql, aggregated, found = compile_aggregate(scope)
        return Plan(scope.sobject, sql + paging(scope), tuple(aggregated), "aggregate", tuple(found), (), frozenset(scope.touched))
    return compile_records(scope, parent_key)


def compile_records(scope: Scope, parent_key: str | None) -> Plan:
    query = scope.query
    outputs, columns = compile_items(scope)
    where, parameters = compile_where(scope)
    order, tail = compile_order(scope), paging(scope) if parent_key is None else ""
    if len(scope.parents) > MAX_PARENTS:
        raise scope.refuse("MALFORMED_QUERY", query.source.at, f"a query may name at most {MAX_PARENTS} parent relationships")
    parents = [(names, combined(scope, names)) for names in selected_parents(outputs)]
    parent_columns = [column for _names, parent in parents for column in (parent.id_sql, parent.type_sql or "NULL")]
    key = [] if parent_key is None else [scope.column(scope.table, parent_key)]
    head = [*key, scope.column(scope.table, "Id"), *parent_columns, *columns]
    sql = f"SELECT {', '.join(head)} FROM {quoted(scope.sobject.name)} AS {scope.table} {' '.join(scope.joins)} WHERE {where}"
    if parent_key is not None:
        sql += f" AND {scope.column(scope.table, parent_key)} IN (SELECT value FROM json_each(?))"
    sql += f" ORDER BY {order}{tail}"
    return Plan(scope.sobject, sql, tuple(parameters), "records", tuple(outputs), tuple(parents), frozenset(scope.touched))


def check_clauses(scope: Scope) -> None:
    """Clauses that parse but are not done here."""
    query = scope.query
    if len(query.sources) > 1:
        raise NotEmulated("more than one object in FROM")
    if query.security is not None:
        raise NotEmulated(f"the SOQL clause WITH {query.security}")
    undone = [mark for mark in query.marks if mark not in ("FOR VIEW", "FOR REFERENCE")]
    if undone:
        raise NotEmulated(f"the SOQL clause {undone[0]}")


def paging(scope: Scope) -> str:
    query = scope.query
    if (query.limit is None and query.offset is None) or ignores_limit(scope.sobject.name, scope.asking.switches):
        return ""
    return f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0}"


# --- SELECT ---------------------------------------------------------------------------------------------------------------


def compile_items(scope: Scope) -> tuple[list[Output | Child | Typed], list[str]]:
    outputs: list[Output | Child | Typed] = []
    columns: list[str] = []
    seen: set[tuple[tuple[str, ...], str]] = set()

    def select(resolved: Resolved, at: int, key: str) -> None:
        if (resolved.parents, key.lower()) in seen:
            raise scope.refuse("INVALID_FIELD", at, f"duplicate field selected: {'.'.join((*resolved.parents, key))}")
        seen.add((resolved.parents, key.lower()))
        outputs.append(Output(key, resolved.parents, resolved.item))
        columns.append(resolved.sql)

    for item in scope.query.items:
        if isinstance(item, Column):
            resolved = selectable(scope, item)
            select(resolved, item.operand.at, item.alias or resolved.item.name)
        if isinstance(item, FieldsCall):
            for one in fields_of(scope, item):
                select(Resolved(scope.column(scope.table, one.name), one, scope.sobject), item.at, one.name)
        if isinstance(item, Subquery):
            outputs.append(compile_child(scope, item))
        if isinstance(item, TypeOf):
            typed, found = compile_type_of(scope, item)
            outputs.append(typed)
            columns += found
    if sum(isinstance(output, Child) for output in outputs) > MAX_CHILDREN:
        raise scope.refuse("MALFORMED_QUERY", scope.query.source.at, f"a query may have at most {MAX_CHILDREN} child subqueries")
    return outputs, columns


def selectable(scope: Scope, item: Column) -> Resolved:
    operand, alias = item.operand, item.alias
    if isinstance(operand, Path):
        if alias is not None:
            raise scope.refuse("MALFORMED_QUERY", operand.at, "only aggregate expressions use field aliasing")
        return resolve(scope, operand)
    if isinstance(operand, Call) and operand.name in DATE_PARTS:
        raise scope.refuse("MALFORMED_QUERY", operand.at, f"the date function {operand} in SELECT must be grouped")
    resolved = resolve(scope, operand)
    if alias is not None and resolved.parents:
        raise NotEmulated("an alias for a field of a parent")
    return resolved


def fields_of(scope: Scope, call: FieldsCall) -> list[Field]:
    query = scope.query
    if call.kind != "STANDARD" and (query.limit is None or query.limit > MAX_FIELDS_LIMIT):
        raise scope.refuse("MALFORMED_QUERY", call.at, f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}")
    wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}[call.kind]
    return [item for item in scope.sobject.fields.values() if item.custom in wanted]


def compile_child(scope: Scope, item: Subquery) -> Child:
    query = item.query
    if scope.table != "t":
        raise NotEmulated("a child subquery inside a child subquery")
    if item.alias is not None:
        raise NotEmulated("an alias for a child subquery")
    if query.scope is not None:
        raise scope.refuse("MALFORMED_QUERY", item.at, "USING SCOPE is not allowed in a child subquery")
    counting = any(isinstance(part, CountRows) or (isinstance(part, Column) and is_function(part.operand)) for part in query.items)
    if counting or query.group_by or any(isinstance(part, TypeOf) for part in query.items):
        raise NotEmulated("functions, GROUP BY or TYPEOF in a child subquery")
    parts = unprefixed(query.source.parts, scope)
    relationship = child_relationship(scope.sobject, parts[0]) if len(parts) == 1 else None
    if relationship is None and parts[-1].lower() in not_emulated_children().get(scope.sobject.name, ()):
        raise NotEmulated(f"the child relationship {parts[-1]} of {scope.sobject.name}")
    sobject = visible_object(scope.asking, relationship.child) if relationship is not None else None
    if relationship is None or sobject is None:
        raise no_such_relationship(query.text, query.source.at, str(query.source), in_from=True)
    inner = Scope(scope.asking, query, sobject, "c", touched=scope.touched)
    limit, offset = (None, None) if ignores_limit(sobject.name, scope.asking.switches) else (query.limit, query.offset)
    return Child(relationship.name, compile_scope(inner, relationship.field), limit, offset)


def is_function(operand: Operand) -> bool:
    return isinstance(operand, Call) and (operand.name in AGGREGATES or operand.name in DATE_PARTS)


def child_relationship(sobject: SObject, name: str) -> ChildRelationship | None:
    return next((one for one in sobject.child_relationships if one.name.lower() == name.lower()), None)


def check_field_permissions(scope: Scope) -> None:
    """Both SobjectType and Field must be in every SELECT on FieldPermissions (rule fieldpermissions_select)."""
    if scope.sobject.name != "FieldPermissions" or scope.asking.switches["fieldpermissions_select"] != "enforced":
        return
    items = scope.query.items
    if any(not isinstance(item, (Column, Subquery)) or (isinstance(item, Column) and is_function(item.operand)) for item in items):
        return
    named = {item.operand.parts[-1].lower() for item in items if isinstance(item, Column) and isinstance(item.operand, Path)}
    if not {"sobjecttype", "field"} <= named:
        message = "a query on FieldPermissions must select both SobjectType and Field"
        raise scope.refuse("INVALID_FIELD", scope.query.source.at, message)


def compile_count(scope: Scope) -> Plan:
    query = scope.query
    if query.group_by or query.order_by:
        raise scope.refuse("MALFORMED_QUERY", query.source.at, "COUNT() allows neither GROUP BY nor ORDER BY")
    where, parameters = compile_where(scope)
    inner = f"SELECT 1 FROM {quoted(scope.sobject.name)} AS {scope.table} {' '.join(scope.joins)} WHERE {where}{paging(scope)}"
    return Plan(scope.sobject, f"SELECT count(*) FROM ({inner})", tuple(parameters), "count", (), (), frozenset(scope.touched))


# --- TYPEOF -----------------------------------------------------------------------------------------------------------------


def compile_type_of(scope: Scope, item: TypeOf) -> tuple[Typed, list[str]]:
    if item.alias is not None:
        raise NotEmulated("an alias for TYPEOF")
    if any(isinstance(other, Column) and isinstance(other.operand, Call) for other in scope.query.items):
        raise scope.refuse("MALFORMED_QUERY", item.at, "TYPEOF is not allowed beside functions in SELECT")
    names: tuple[str, ...] = ()
    for part in unprefixed(item.path.parts, scope):
        names = join(scope, names, part, item.path)
    targets = {parent.sobject.name.lower(): parent for parent in scope.parents[names]}
    if len(targets) < 2:
        raise scope.refuse("MALFORMED_QUERY", item.at, f"TYPEOF needs a relationship to several objects: {item.path}")
    check_not_selected(scope, item, names)
    whole = combined(scope, names)
    columns = [whole.id_sql, str(whole.type_sql)]
    branches: list[tuple[str, tuple[Output, ...]]] = []
    for when in item.whens:
        parent = targets.get(str(when.sobject).lower())
        if parent is None or parent.sobject.name in dict(branches):
            raise scope.refuse("MALFORMED_QUERY", when.sobject.at, f"{when.sobject} is not an object of {item.path}, or is named twice")
        branches.append((parent.sobject.name, branch(scope, when, parent, columns)))
    otherwise = [resolve_path(scope, Path((*item.path.parts, *path.parts), path.at)) for path in item.otherwise]
    columns += [resolved.sql for resolved in otherwise]
    rest = tuple(Output(resolved.item.name, (), resolved.item) for resolved in otherwise) if item.otherwise else None
    return Typed(names[-1], names[:-1], tuple(branches), rest), columns


def branch(scope: Scope, when: When, parent: Parent, columns: list[str]) -> tuple[Output, ...]:
    """The fields that one WHEN selects; adds their expressions to columns."""
    outputs: list[Output] = []
    for path in when.paths:
        if len(path.parts) > 1:
            raise NotEmulated("paths to further parents inside TYPEOF")
        found = parent.sobject.field(path.parts[0])
        if found is None:
            raise no_such_column(scope.query.text, path.at, path.parts[0], parent.sobject.name)
        outputs.append(Output(found.name, (), found))
        columns.append(scope.column(str(parent.type_sql), found.name))
    return tuple(outputs)


def check_not_selected(scope: Scope, item: TypeOf, names: tuple[str, ...]) -> None:
    lowered = tuple(name.lower() for name in names)
    for other in scope.query.items:
        if not isinstance(other, Column) or not isinstance(other.operand, Path):
            continue
        parts = tuple(part.lower() for part in unprefixed(other.operand.parts, scope)[:-1])
        if parts[: len(lowered)] == lowered:
            raise scope.refuse("MALFORMED_QUERY", item.at, f"{item.path} stands in TYPEOF and in the field list")


def selected_parents(outputs: Sequence[Output | Child | Typed]) -> list[tuple[str, ...]]:
    """Every parent that shows in the answer, outer ones first."""
    found: dict[tuple[str, ...], None] = {}
    for output in outputs:
        if not isinstance(output, Child):
            for length in range(1, len(output.parents) + 1):
                found[output.parents[:length]] = None
    return list(found)


# --- ORDER BY ---------------------------------------------------------------------------------------------------------------


def compile_order(scope: Scope) -> str:
    terms: list[str] = []
    for order in scope.query.order_by:
        if isinstance(order.by, Call) and order.by.name in AGGREGATES:
            raise scope.refuse("MALFORMED_QUERY", order.by.at, "aggregates in ORDER BY need GROUP BY")
        if isinstance(order.by, Call) and order.by.name == "TOLABEL":
            raise scope.refuse("MALFORMED_QUERY", order.by.at, "toLabel() is not allowed in ORDER BY")
        if isinstance(order.by, Call) and order.by.name in DATE_PARTS:
            raise NotEmulated("date functions in ORDER BY without GROUP BY")
        resolved = resolve(scope, order.by)
        if not resolved.item.sortable:
            raise scope.refuse("INVALID_FIELD", order.by.at, f"field '{order.by}' can not be sorted in a query call")
        terms.append(order_term(resolved.sql, order))
    own = f"{scope.table}.rowid" if scope.asking.switches["row_order"] == "by_age" else f'SOQL_SHUFFLE({scope.table}."Id")'
    return ", ".join([*terms, own])


def no_query_more() -> ApiError:
    message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
    return ApiError(400, "EXCEEDED_ID_LIMIT", message, None)


def field_values(outputs: Sequence[Output], row: Sequence[Any], read: Callable[[Field, Any], Any]) -> Mapping[str, Any]:
    return {output.key: read(output.item, value) if output.item is not None else value for output, value in zip(outputs, row, strict=True)}
