# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WHERE and HAVING. Every condition compiles to an expression that is 0 or 1, never null, so that NOT and OR mean what they mean in SOQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from emulator.errors import NotEmulated
from emulator.ids import to_18
from emulator.rules.registry import holds
from emulator.rules.sandboxes import CODES
from emulator.soql.ast import And, Choice, Column, Comparison, Condition, Membership, Not, Operand, Or, Path, Query, SemiJoin, Value
from emulator.soql.dates import day_range, midnight, zone_of
from emulator.soql.paths import Resolved, Scope, main_object, resolve, resolve_path, unprefixed
from emulator.soql.refusals import refusal
from emulator.soql.special import check_special
from emulator.stamps import read_stamp, stamp
from emulator.store import DELETED, NUMBER_TYPES, TEXT_TYPES, quoted

MAX_SEMI_JOINS = 2
NESTED_SEMI_JOIN = "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions."
NO_SEMI_JOIN_OBJECTS = frozenset({"ActivityHistory", "Attachment", "Event", "Note", "OpenActivity", "Task"})
SQL_OPERATORS = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
SHOWN_TYPES = {"datetime": "dateTime", "id": "ID", "reference": "ID", **dict.fromkeys(TEXT_TYPES, "string")}
TAKES = {"boolean": ("boolean",), "date": ("date",), "datetime": ("datetime",), **dict.fromkeys(NUMBER_TYPES, ("number",))}

Resolver = Callable[[Operand], Resolved]


def compile_where(scope: Scope) -> tuple[str, list[object]]:
    alive = "1" if scope.asking.include_deleted else f"{scope.table}.{quoted(DELETED)} = 0"
    parameters: list[object] = []
    if scope.query.scope is not None:
        alive = f"{alive} AND {filter_scope(scope, scope.query.scope, parameters)}"
    if scope.query.where is None:
        return alive, parameters
    condition = compile_condition(scope, scope.query.where, parameters, lambda operand: filterable(scope, operand))
    return f"{alive} AND {condition}", parameters


def filter_scope(scope: Scope, name: str, parameters: list[object]) -> str:
    """USING SCOPE: everything, or the records that the running user owns."""
    if name.lower() == "everything":
        return "1"
    if name.lower() != "mine" or scope.sobject.field("OwnerId") is None:
        raise NotEmulated(f"USING SCOPE {name} on {scope.sobject.name}")
    parameters.append(scope.asking.user)
    return f'{scope.table}."OwnerId" = ?'


def compile_condition(scope: Scope, condition: Condition, parameters: list[object], resolver: Resolver) -> str:
    if isinstance(condition, (And, Or)):
        parts = [compile_condition(scope, part, parameters, resolver) for part in condition.parts]
        return balanced(parts, "AND" if isinstance(condition, And) else "OR")
    if isinstance(condition, Not):
        return f"(NOT {compile_condition(scope, condition.part, parameters, resolver)})"
    if isinstance(condition, SemiJoin):
        return compile_semi_join(scope, condition, parameters)
    resolved = resolver(condition.operand)
    if isinstance(condition, Membership):
        return membership(scope, resolved, condition, parameters)
    if isinstance(condition, Choice):
        return choice(scope, resolved, condition, parameters)
    if condition.value.kind == "relative":
        return relative(scope, resolved, condition, parameters)
    return comparison(scope, resolved, condition, parameters)


def balanced(parts: list[str], operator: str) -> str:
    """A long chain as a tree, because SQLite limits the depth of expressions."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({balanced(parts[:middle], operator)} {operator} {balanced(parts[middle:], operator)})"


def filterable(scope: Scope, operand: Operand) -> Resolved:
    resolved = resolve(scope, operand)
    if not resolved.item.filterable:
        raise scope.refuse("INVALID_FIELD", operand.at, f"field '{operand}' can not be filtered in a query call")
    return resolved


def comparison(scope: Scope, resolved: Resolved, condition: Comparison, parameters: list[object]) -> str:
    operator, sql = condition.operator, resolved.sql
    check_operator(scope, resolved, operator, condition.operand)
    value = literal(scope, resolved, condition.value, condition.operand, like=operator == "LIKE")
    if operator == "LIKE":
        parameters.append(condition.value.pattern)
        return f"SOQL_LIKE(?, {sql})"
    if value is None:
        if operator in ("=", "!="):
            return f"({sql} IS {'NOT ' if operator == '!=' else ''}NULL)"
        return "0"
    parameters.append(value)
    if resolved.item.type == "multipicklist":
        return f"({'NOT ' if operator == '!=' else ''}SOQL_SAME_CHOICE({sql}, ?))"
    if operator == "=":
        # Plain "=" where null cannot match anyway: SQLite then uses the column's index.
        case = "" if holds("soql_text_ignores_case") else " COLLATE BINARY"
        return f"({sql} IS NOT NULL AND {sql} = ?{case})"
    if operator == "!=":
        return f"({sql} IS NOT ?)" if holds("soql_negation_includes_null") else f"({sql} IS NOT NULL AND {sql} IS NOT ?)"
    return f"({sql} IS NOT NULL AND {sql} {SQL_OPERATORS[operator]} ?)"


def check_operator(scope: Scope, resolved: Resolved, operator: str, operand: Operand) -> None:
    kind = resolved.item.type
    if operator in ("=", "!="):
        return
    # Ids have an order: Id > '...' is how large data volumes are paged (developer blog, PK chunking techniques; stackexchange 242103).
    refused = kind in ("boolean", "multipicklist") or (operator == "LIKE" and kind not in TEXT_TYPES)
    if refused:
        name = "id" if kind == "reference" else kind
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", operand.at, f"invalid operator on {name} field")


def membership(scope: Scope, resolved: Resolved, condition: Membership, parameters: list[object]) -> str:
    if resolved.item.type == "multipicklist":
        raise NotEmulated("IN on a multi-select picklist")
    ranges = [value for value in condition.values if value.kind == "relative"]
    plain = [value for value in condition.values if value.kind != "relative"]
    values = [literal(scope, resolved, value, condition.operand) for value in plain]
    known = [value for value in values if value is not None]
    parameters.extend(known)
    sql = resolved.sql
    parts = [f"({sql} IS NOT NULL AND {sql} IN ({', '.join('?' * len(known))}))"]
    if len(known) < len(values):
        parts.append(f"{sql} IS NULL")
    parts += [relative(scope, resolved, Comparison(condition.operand, "=", value), parameters) for value in ranges]
    inside = f"({' OR '.join(parts)})"
    return f"(NOT {inside})" if condition.negated else inside


def choice(scope: Scope, resolved: Resolved, condition: Choice, parameters: list[object]) -> str:
    """INCLUDES and EXCLUDES on a multi-select picklist; a semicolon inside a literal means: all of these."""
    kind = resolved.item.type
    if kind != "multipicklist":
        shown = "id" if kind == "reference" else kind
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", condition.operand.at, f"invalid operator on {shown} field")
    parts: list[str] = []
    for value in condition.values:
        wanted = literal(scope, resolved, value, condition.operand)
        parts.append(f"{resolved.sql} IS NULL" if wanted is None else f"SOQL_INCLUDES({resolved.sql}, ?)")
        parameters.extend([] if wanted is None else [wanted])
    inside = f"({' OR '.join(parts)})"
    if not condition.negated:
        return inside
    without = "" if scope.asking.switches["excludes_null"] == "matches" else f"{resolved.sql} IS NOT NULL AND "
    return f"({without}NOT {inside})"


def literal(scope: Scope, resolved: Resolved, value: Value, operand: Operand, *, like: bool = False) -> object:
    """A literal as stored. Raises INVALID_FIELD where its type is not the field's, INVALID_QUERY_FILTER_OPERATOR for a malformed Id."""
    kind = resolved.item.type
    if value.kind == "null":
        return None
    if value.kind == "currency":
        raise NotEmulated("currency literals in SOQL")
    if value.kind not in TAKES.get(kind, ("string",)):
        enclosed = "should be enclosed in quotes" if kind not in TAKES else "should not be enclosed in quotes"
        shown = SHOWN_TYPES.get(kind, kind)
        message = f"value of filter criterion for field '{resolved.item.name}' must be of type {shown} and {enclosed}"
        raise scope.refuse("INVALID_FIELD", operand.at, message)
    if kind in ("id", "reference"):
        record_id = to_18(str(value.value))
        if record_id is None:
            raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", operand.at, f"invalid ID field: {value.value}")
        return record_id
    if kind == "datetime":
        return moment(scope, str(value.value), operand)
    if kind == "date":
        return day(scope, str(value.value), operand)
    if kind == "boolean":
        return 1 if value.value else 0
    if (resolved.owner.name, resolved.item.name) in CODES:
        return coded(resolved, str(value.value))
    if value.kind == "string":
        if not like and (escape := re.search(r"(?<!\\)(?:\\\\)*(\\[%_])", value.pattern)) is not None:
            message = f"Invalid string literal. Illegal character sequence '{escape[1]}' in string literal."
            raise scope.refuse("MALFORMED_QUERY", value.at, message)
        return value.value or None
    return value.value


def coded(resolved: Resolved, given: str) -> str:
    """What a code stands for. Raises 501 for one that nobody has told."""
    codes = CODES[(resolved.owner.name, resolved.item.name)]
    if given not in codes:
        raise NotEmulated(
            f"filtering {resolved.owner.name}.{resolved.item.name} by {given!r}: of its codes {' and '.join(codes)} are known"
        )
    return codes[given]


def day(scope: Scope, text: str, operand: Operand) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise scope.refuse("MALFORMED_QUERY", operand.at, f"Invalid date: {text}") from None


def moment(scope: Scope, text: str, operand: Operand) -> str:
    try:
        return stamp(read_stamp(re.sub(r"(\.\d{3})\d+", r"\1", text)))
    except (ValueError, OverflowError):
        raise scope.refuse("MALFORMED_QUERY", operand.at, f"Invalid datetime: {text}") from None


def relative(scope: Scope, resolved: Resolved, condition: Comparison, parameters: list[object]) -> str:
    """A comparison with TODAY and its like: the name stands for a range of days in the user's time zone."""
    kind = resolved.item.type
    if resolved.function:
        raise scope.refuse("MALFORMED_QUERY", condition.operand.at, "a date function cannot be compared with a date literal")
    if kind not in ("date", "datetime"):
        literal(scope, resolved, condition.value, condition.operand)
    check_operator(scope, resolved, condition.operator, condition.operand)
    zone = zone_of(scope.asking.zone)
    first, after = day_range(str(condition.value.value), scope.asking.now.astimezone(zone).date(), scope.asking.calendar)
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
        message = f"maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed"
        raise refusal("MALFORMED_QUERY", query.text, joins[MAX_SEMI_JOINS].at, message)


def hidden_semi_join(condition: Condition) -> SemiJoin | None:
    if isinstance(condition, SemiJoin):
        return condition
    parts = condition.parts if isinstance(condition, (And, Or)) else (condition.part,) if isinstance(condition, Not) else ()
    return next((found for part in parts if (found := hidden_semi_join(part)) is not None), None)


def compile_semi_join(scope: Scope, condition: SemiJoin, parameters: list[object]) -> str:
    inner, at = condition.query, condition.at
    if not isinstance(condition.operand, Path) or len(unprefixed(condition.operand.parts, scope)) > 1:
        raise scope.refuse("MALFORMED_QUERY", at, "the left operand of a semi join must be an Id or reference field of the queried object")
    outer = filterable(scope, condition.operand)
    sobject = main_object(inner, scope.asking)
    if scope.table == "s":
        raise scope.refuse("MALFORMED_QUERY", at, NESTED_SEMI_JOIN)
    nested = Scope(scope.asking, inner, sobject, "s", touched=scope.touched)
    column = check_semi_join(scope, nested, at)
    check_special(sobject.name, inner, scope.asking.switches)
    scope.touched.add(sobject.name)
    selected = resolve_path(nested, column)
    check_same_reference(scope, at, outer, selected)
    where, own = compile_where(nested)
    parameters.extend(own)
    rows = f"SELECT {selected.sql} FROM {quoted(sobject.name)} AS s {' '.join(nested.joins)} WHERE {where} AND {selected.sql} IS NOT NULL"
    inside = f"({outer.sql} IS NOT NULL AND {outer.sql} IN ({rows}))"
    return f"(NOT {inside})" if condition.negated else inside


def check_semi_join(scope: Scope, nested: Scope, at: int) -> Path:
    """The one selected field of a sub-select that SOQL allows."""
    inner = nested.query
    if inner.order_by or inner.limit is not None or inner.offset is not None or inner.group_by or inner.marks:
        raise scope.refuse("MALFORMED_QUERY", at, "ORDER BY, LIMIT, GROUP BY and FOR are not allowed in semi join sub-selects")
    if inner.security is not None or len(inner.sources) > 1:
        raise NotEmulated("WITH or several objects in a semi join sub-select")
    if nested.sobject.name == scope.sobject.name:
        raise scope.refuse("MALFORMED_QUERY", at, "The inner and outer selects should not be on the same object type")
    if nested.sobject.name in NO_SEMI_JOIN_OBJECTS:
        raise scope.refuse("MALFORMED_QUERY", at, f"{nested.sobject.name} is not supported in semi join sub-selects")
    item = inner.items[0]
    if len(inner.items) != 1 or not isinstance(item, Column) or not isinstance(item.operand, Path):
        raise scope.refuse("MALFORMED_QUERY", at, "a semi join sub-select must select exactly one field")
    if len(unprefixed(item.operand.parts, nested)) > 1:
        raise scope.refuse("MALFORMED_QUERY", at, "the selected field of a semi join sub-select cannot cross a relationship")
    return item.operand


def check_same_reference(scope: Scope, at: int, outer: Resolved, inner: Resolved) -> None:
    sides = [set(one.item.reference_to) if one.item.type == "reference" else {one.owner.name} for one in (outer, inner)]
    if any(one.item.type not in ("id", "reference") for one in (outer, inner)) or not sides[0] & sides[1]:
        raise scope.refuse("MALFORMED_QUERY", at, "The inner and outer selected fields of a semi join must be Ids of the same object")
