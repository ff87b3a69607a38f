# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aggregate queries: GROUP BY, ROLLUP and CUBE, HAVING.

SQLite knows no subtotals: a statement with ROLLUP or CUBE becomes a UNION ALL of one SELECT for each set of fields that is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from emulator.errors import ApiError, NotEmulated
from emulator.model import Field
from emulator.rules.registry import holds
from emulator.soql.ast import Call, Column, Condition, FieldsCall, Operand, Order, Path, TypeOf
from emulator.soql.conditions import compile_condition, compile_where, hidden_semi_join
from emulator.soql.functions import AGGREGATES, DATE_PARTS, takes
from emulator.soql.paths import Resolved, Scope, resolve, resolve_path
from emulator.store import TEXT_TYPES, quoted

MAX_SUBTOTAL_FIELDS = 3


@dataclass(frozen=True)
class Output:
    """One selected value: where in the record it goes and how it reads."""

    key: str
    parents: tuple[str, ...]
    item: Field | None


@dataclass(frozen=True)
class Kept:
    """The fields that one SELECT of the union groups by; all of them where there are no subtotals."""

    all: tuple[Resolved, ...]
    here: tuple[Resolved, ...]

    def sql(self, resolved: Resolved) -> str:
        """A grouped expression, or null in the rows that sum over it."""
        return resolved.sql if resolved in self.here else "NULL"


def is_aggregate(operand: Operand) -> bool:
    return isinstance(operand, Call) and operand.name in AGGREGATES


def aggregates(scope: Scope) -> bool:
    """Is this a query that answers with AggregateResult?"""
    query = scope.query
    return bool(query.group_by) or any(isinstance(item, Column) and is_aggregate(item.operand) for item in query.items)


def compile_aggregate(scope: Scope) -> tuple[str, list[object], list[Output]]:
    """(statement without LIMIT, parameters, outputs)"""
    query = scope.query
    check_clauses(scope)
    grouped: tuple[Resolved, ...] = ()
    for operand in query.group_by:
        resolved = groupable(scope, operand)
        grouped += () if resolved in grouped else (resolved,)
    outputs = named_outputs(scope, grouped)
    where, where_parameters = compile_where(scope)
    selects: list[str] = []
    parameters: list[object] = []
    for kept in subtotals(grouped, query.grouping):
        having, having_parameters = compile_having(scope, kept)
        selects.append(one_select(scope, kept, where, having))
        parameters += [*where_parameters, *having_parameters]
    names = ", ".join(f"c{number}" for number in range(len(outputs)))
    order = ", ".join(order_term(f"o{number}", order) for number, order in enumerate(query.order_by))
    sql = f"SELECT {names} FROM ({' UNION ALL '.join(selects)})"
    return sql + (f" ORDER BY {order}" if order else ""), parameters, outputs


def check_clauses(scope: Scope) -> None:
    query = scope.query
    if query.limit is not None and not query.group_by:
        raise scope.refuse("MALFORMED_QUERY", query.source.at, "LIMIT with an aggregate function needs GROUP BY")
    if query.grouping and len(query.group_by) > MAX_SUBTOTAL_FIELDS:
        message = f"GROUP BY {query.grouping} takes at most {MAX_SUBTOTAL_FIELDS} fields"
        raise scope.refuse("MALFORMED_QUERY", query.group_by[MAX_SUBTOTAL_FIELDS].at, message)
    if query.having is not None and (hidden := hidden_semi_join(query.having)) is not None:
        raise scope.refuse("MALFORMED_QUERY", hidden.at, "semi joins are not allowed in HAVING")


def subtotals(grouped: tuple[Resolved, ...], grouping: str) -> Iterable[Kept]:
    """Which fields each level keeps: most first, the grand total last."""
    if not grouping:
        return [Kept(grouped, grouped)]
    if grouping == "ROLLUP":
        return [Kept(grouped, grouped[:length]) for length in range(len(grouped), -1, -1)]
    return [Kept(grouped, kept) for length in range(len(grouped), -1, -1) for kept in combinations(grouped, length)]


def one_select(scope: Scope, kept: Kept, where: str, having: str) -> str:
    query = scope.query
    columns = [f"{column_sql(scope, kept, item.operand)} AS c{n}" for n, item in enumerate(query.items) if isinstance(item, Column)]
    orders = [f"{order_sql(scope, kept, order)} AS o{n}" for n, order in enumerate(query.order_by)]
    source = f"{quoted(scope.sobject.name)} AS {scope.table} {' '.join(scope.joins)}"
    sql = f"SELECT {', '.join([*columns, *orders])} FROM {source} WHERE {where}"
    if kept.all:
        # GROUP BY NULL makes one group of all rows, and none of no rows.
        sql += f" GROUP BY {', '.join(one.sql for one in kept.here) or 'NULL'}"
    return sql + (f" HAVING {having}" if having else "")


def named_outputs(scope: Scope, grouped: Sequence[Resolved]) -> list[Output]:
    outputs: list[Output] = []
    unnamed = 0
    for item in scope.query.items:
        if isinstance(item, (FieldsCall, TypeOf)) or not isinstance(item, Column):
            raise not_beside_aggregates(scope, item)
        resolved = selected(scope, Kept(tuple(grouped), tuple(grouped)), item.operand)
        plain = isinstance(item.operand, Path)
        outputs.append(Output(item.alias or (resolved.item.name if plain else f"expr{unnamed}"), (), shown(resolved)))
        unnamed += not plain and item.alias is None
    keys = [output.key.lower() for output in outputs]
    if len(set(keys)) < len(keys):
        raise scope.refuse("MALFORMED_QUERY", scope.query.source.at, "duplicate alias in the SELECT list")
    return outputs


def not_beside_aggregates(scope: Scope, item: object) -> ApiError:
    if isinstance(item, FieldsCall):
        return NotEmulated("FIELDS() beside aggregates")
    what = "TYPEOF" if isinstance(item, TypeOf) else "a child subquery"
    return scope.refuse("MALFORMED_QUERY", scope.query.source.at, f"{what} is not allowed in a query with GROUP BY or aggregates")


def shown(resolved: Resolved) -> Field | None:
    """How a value reads: as its field does, where it is one of the field's."""
    return None if resolved.function in ("COUNT", "COUNT_DISTINCT", "AVG", "GROUPING") or resolved.function in DATE_PARTS else resolved.item


def groupable(scope: Scope, operand: Operand) -> Resolved:
    if is_aggregate(operand):
        raise scope.refuse("MALFORMED_QUERY", operand.at, "aggregate functions are not allowed in GROUP BY")
    resolved = resolve(scope, operand)
    if resolved.function and resolved.function not in DATE_PARTS:
        raise NotEmulated(f"GROUP BY {operand}")
    if not resolved.function and not resolved.item.groupable:
        raise scope.refuse("INVALID_FIELD", operand.at, f"field '{operand}' can not be grouped in a query call")
    return resolved


def selected(scope: Scope, kept: Kept, operand: Operand) -> Resolved:
    """An aggregate, GROUPING() of a grouped field, or what is grouped. Raises MALFORMED_QUERY for anything else."""
    if isinstance(operand, Call) and operand.name in AGGREGATES:
        return aggregate(scope, operand)
    if isinstance(operand, Call) and operand.name == "GROUPING":
        return grouping(scope, kept, operand)
    resolved = resolve(scope, operand)
    if resolved in kept.all or derived(scope, kept, operand):
        return resolved
    raise scope.refuse("MALFORMED_QUERY", operand.at, f"Field must be grouped or aggregated: {operand}")


def derived(scope: Scope, kept: Kept, operand: Operand) -> bool:
    """A date function of a grouped date field (not of a dateTime) is as good as grouped."""
    if not isinstance(operand, Call) or operand.name not in DATE_PARTS or not isinstance(operand.argument, Path):
        return False
    inner = resolve_path(scope, operand.argument)
    return inner.item.type == "date" and inner in kept.all


def column_sql(scope: Scope, kept: Kept, operand: Operand) -> str:
    resolved = selected(scope, kept, operand)
    if resolved.function in AGGREGATES or resolved.function == "GROUPING":
        return resolved.sql
    if resolved not in kept.all and isinstance(operand, Call) and isinstance(operand.argument, Path):
        return resolved.sql if resolve_path(scope, operand.argument) in kept.here else "NULL"
    return kept.sql(resolved)


def aggregate(scope: Scope, call: Call) -> Resolved:
    if not isinstance(call.argument, Path):
        raise NotEmulated(f"{call.name}() of a function")
    resolved = resolve_path(scope, call.argument)
    if not takes(call.name, resolved.item):
        message = f"field {resolved.item.name} does not support aggregate operator {call.name}"
        raise scope.refuse("MALFORMED_QUERY", call.at, message)
    if call.name in ("COUNT", "COUNT_DISTINCT"):
        distinct = "DISTINCT " if call.name == "COUNT_DISTINCT" else ""
        return Resolved(f"count({distinct}{resolved.sql})", number(call.name, "int"), resolved.owner, (), call.name)
    item = number(call.name, "double") if call.name == "AVG" else resolved.item
    return Resolved(f"{call.name.lower()}({resolved.sql})", item, resolved.owner, (), call.name)


def number(name: str, kind: str) -> Field:
    return Field(name, kind, name, "composed")


def grouping(scope: Scope, kept: Kept, call: Call) -> Resolved:
    if not scope.query.grouping:
        raise scope.refuse("MALFORMED_QUERY", call.at, "GROUPING() needs GROUP BY ROLLUP or GROUP BY CUBE")
    resolved = resolve(scope, call.argument)
    if resolved not in kept.all:
        raise scope.refuse("MALFORMED_QUERY", call.at, f"Field must be grouped: {call.argument}")
    return Resolved("0" if resolved in kept.here else "1", number("GROUPING", "int"), resolved.owner, (), "GROUPING")


def compile_having(scope: Scope, kept: Kept) -> tuple[str, list[object]]:
    condition: Condition | None = scope.query.having
    parameters: list[object] = []
    if condition is None:
        return "", parameters

    def resolver(operand: Operand) -> Resolved:
        resolved = selected(scope, kept, operand)
        return Resolved(column_sql(scope, kept, operand), resolved.item, resolved.owner, resolved.parents, resolved.function)

    return compile_condition(scope, condition, parameters, resolver), parameters


def order_sql(scope: Scope, kept: Kept, order: Order) -> str:
    try:
        resolved = selected(scope, kept, order.by)
    except ApiError as error:
        if error.message.endswith(f"Field must be grouped or aggregated: {order.by}"):
            raise scope.refuse("MALFORMED_QUERY", order.by.at, f"Ordered field must be grouped or aggregated: {order.by}") from None
        raise
    sql = column_sql(scope, kept, order.by)
    return f"{sql} COLLATE SOQL" if resolved.item.type in TEXT_TYPES else sql


def order_term(sql: str, order: Order) -> str:
    last = order.nulls_last or not holds("soql_nulls_first")
    return f"{sql} {'DESC' if order.descending else 'ASC'} NULLS {'LAST' if last else 'FIRST'}"
