# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the names in a statement mean: objects, fields, parents, functions of a field.

Parents are LEFT JOINs; a reference to several objects joins each of them and takes what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from emulator.errors import ApiError, NotEmulated
from emulator.model import Field, Schema, SObject
from emulator.schema import not_emulated_sobjects
from emulator.soql.ast import Call, Distance, Operand, Path, Query
from emulator.soql.dates import Calendar, zone_of
from emulator.soql.functions import AGGREGATES, DATE_PARTS, DATETIME_ONLY
from emulator.soql.refusals import no_such_column, no_such_object, no_such_relationship, refusal
from emulator.store import DELETED, TEXT_TYPES, quoted

MAX_DEPTH = 5


@dataclass(frozen=True)
class Asking:
    """What a compilation depends on besides the statement."""

    schema: Schema
    readable: Callable[[str], bool]
    labels: Callable[[str, Field], list[tuple[str, str]]]
    """(object, field) -> its picklist as (value, label)."""
    now: datetime
    user: str
    zone: str | None
    calendar: Calendar
    switches: Mapping[str, str]
    include_deleted: bool = False


@dataclass(frozen=True)
class Resolved:
    """An operand's meaning: an SQL expression and the field behind it."""

    sql: str
    item: Field
    owner: SObject
    parents: tuple[str, ...] = ()
    """Canonical relationship names from the queried object to the field's owner."""
    function: str = ""
    """The SOQL function that the expression computes; empty for a plain field."""


@dataclass(frozen=True)
class Parent:
    """A joined parent: where its Id is and, for several possible objects, which one it is."""

    id_sql: str
    type_sql: str | None
    sobject: SObject


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

    def refuse(self, code: str, at: int, message: str) -> ApiError:
        return refusal(code, self.query.text, at, message)


def visible_object(asking: Asking, name: str) -> SObject | None:
    sobject = asking.schema.sobject(name)
    if sobject is None and name.lower() in not_emulated_sobjects():
        raise NotEmulated(f"the sObject {not_emulated_sobjects()[name.lower()]}")
    if sobject is None or not sobject.queryable or not asking.readable(sobject.name):
        return None
    return sobject


def main_object(query: Query, asking: Asking) -> SObject:
    """The object of FROM. Raises INVALID_TYPE."""
    sobject = visible_object(asking, query.source.parts[0]) if len(query.source.parts) == 1 else None
    if sobject is None:
        raise no_such_object(query.text, query.source.at, str(query.source))
    return sobject


# --- operands -----------------------------------------------------------------------------------------------------------------


def resolve(scope: Scope, operand: Operand) -> Resolved:
    """The expression of a field, a date function or toLabel(); aggregates are not resolved here."""
    if isinstance(operand, Path):
        return resolve_path(scope, operand)
    if isinstance(operand, Distance):
        raise NotEmulated("DISTANCE() in SOQL")
    if operand.name in DATE_PARTS:
        return resolve_date(scope, operand)
    if operand.name == "TOLABEL" and isinstance(operand.argument, Path):
        return resolve_label(scope, operand.argument)
    if operand.name in AGGREGATES:
        raise scope.refuse("MALFORMED_QUERY", operand.at, f"aggregate function {operand.name} is not allowed here")
    if operand.name == "GROUPING":
        raise scope.refuse("MALFORMED_QUERY", operand.at, "GROUPING() needs GROUP BY ROLLUP or GROUP BY CUBE")
    if operand.name == "CONVERTTIMEZONE":
        raise scope.refuse("MALFORMED_QUERY", operand.at, "convertTimezone() is only allowed in a date function")
    raise NotEmulated(f"the SOQL function {operand.name}()")


def resolve_date(scope: Scope, call: Call) -> Resolved:
    argument, zone = call.argument, "UTC"
    converted = isinstance(argument, Call) and argument.name == "CONVERTTIMEZONE"
    if isinstance(argument, Call) and converted:
        argument, zone = argument.argument, scope.asking.zone or "UTC"
    if not isinstance(argument, Path):
        raise scope.refuse("MALFORMED_QUERY", call.at, f"{call.name}() takes a date or dateTime field")
    inner = resolve_path(scope, argument)
    kinds = ("datetime",) if call.name in DATETIME_ONLY or converted else ("date", "datetime")
    if inner.item.type not in kinds:
        raise scope.refuse("MALFORMED_QUERY", call.at, f"{call.name}() does not take the field {argument} of type {inner.item.type}")
    zone_of(zone)  # 501 for one that is not known, before SQLite asks for it
    calendar = scope.asking.calendar
    sql = f"SOQL_DATE('{call.name}', {inner.sql}, {text(zone)}, {calendar.fiscal_month}, {int(calendar.fiscal_named_after_start)})"
    kind = "date" if call.name == "DAY_ONLY" else "int"
    item = Field(inner.item.name, kind, call.name, "composed", filterable=inner.item.filterable, sortable=inner.item.sortable)
    return Resolved(sql, item, inner.owner, inner.parents, call.name)


def resolve_label(scope: Scope, path: Path) -> Resolved:
    inner = resolve_path(scope, path)
    if inner.item.type != "picklist":
        raise NotEmulated(f"toLabel() of a field of type {inner.item.type}")
    cases = " ".join(
        f"WHEN {text(value)} THEN {text(label)}" for value, label in scope.asking.labels(inner.owner.name, inner.item) if value != label
    )
    sql = f"(CASE {inner.sql} {cases} ELSE {inner.sql} END COLLATE SOQL)" if cases else inner.sql
    item = Field(inner.item.name, "string", inner.item.label, "composed", filterable=inner.item.filterable)
    return Resolved(sql, item, inner.owner, inner.parents, "TOLABEL")


def text(value: str) -> str:
    """An SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


# --- paths ------------------------------------------------------------------------------------------------------------------


def unprefixed(parts: tuple[str, ...], scope: Scope) -> tuple[str, ...]:
    """Without the object's own name or alias in front."""
    names = {scope.sobject.name.lower(), (scope.query.alias or scope.sobject.name).lower()}
    own = {item.relationship_name.lower() for item in scope.sobject.fields.values() if item.relationship_name}
    first = parts[0].lower()
    return parts[1:] if len(parts) > 1 and first in names and (first not in own or first == (scope.query.alias or "").lower()) else parts


def resolve_path(scope: Scope, path: Path) -> Resolved:
    """The column a path names. Raises INVALID_FIELD for an unknown column or relationship."""
    parts = unprefixed(path.parts, scope)
    if len(parts) - 1 > MAX_DEPTH:
        raise scope.refuse("INVALID_FIELD", path.at, f"a field path may cross at most {MAX_DEPTH} relationships: {path}")
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
