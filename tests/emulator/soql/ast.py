# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SOQL statement as a tree. `at` is an offset into the statement's text, for error positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf


@dataclass(frozen=True)
class Path:
    """A dotted name as written: Name, Profile.Name, u.Profile.UserLicense.Name."""

    parts: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Call:
    """A function of one field, perhaps of another function of it: MIN(Amount), HOUR_IN_DAY(convertTimezone(CreatedDate)); name in upper case."""

    name: str
    argument: Operand
    at: int

    def __str__(self) -> str:
        return f"{self.name}({self.argument})"


@dataclass(frozen=True)
class Distance:
    """DISTANCE(field, GEOLOCATION(..), 'mi'); only its place is kept."""

    at: int

    def __str__(self) -> str:
        return "DISTANCE()"


Operand = Path | Call | Distance


@dataclass(frozen=True)
class Column:
    """A selected field or function of one."""

    operand: Operand
    alias: str | None = None


@dataclass(frozen=True)
class CountRows:
    """COUNT() without a field."""

    at: int


@dataclass(frozen=True)
class FieldsCall:
    kind: OneOf["ALL", "STANDARD", "CUSTOM"]
    at: int


@dataclass(frozen=True)
class Subquery:
    """A child relationship in SELECT."""

    query: Query
    at: int
    alias: str | None = None


@dataclass(frozen=True)
class When:
    """WHEN sobject THEN paths."""

    sobject: Path
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class TypeOf:
    """TYPEOF relationship WHEN .. THEN .. ELSE .. END."""

    path: Path
    whens: tuple[When, ...]
    otherwise: tuple[Path, ...]
    at: int
    alias: str | None = None


Item = Column | CountRows | FieldsCall | Subquery | TypeOf


@dataclass(frozen=True)
class Value:
    """A literal. kind: string, number, boolean, null, date, datetime, time, relative (TODAY, LAST_N_DAYS:3 ...), currency (USD5)."""

    kind: OneOf["string", "number", "boolean", "null", "date", "datetime", "time", "relative", "currency"]
    value: str | int | float | bool | None
    at: int
    pattern: str = ""
    """A string's text with the escapes that LIKE reads itself."""


@dataclass(frozen=True)
class Comparison:
    """operator: = != < <= > >= LIKE."""

    operand: Operand
    operator: str
    value: Value


@dataclass(frozen=True)
class Membership:
    """IN and NOT IN with a list."""

    operand: Operand
    negated: bool
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Choice:
    """INCLUDES and EXCLUDES."""

    operand: Operand
    negated: bool
    values: tuple[Value, ...]


@dataclass(frozen=True)
class SemiJoin:
    operand: Operand
    negated: bool
    query: Query
    at: int


@dataclass(frozen=True)
class And:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    part: Condition


Condition = Comparison | Membership | Choice | SemiJoin | And | Or | Not


@dataclass(frozen=True)
class Order:
    by: Operand
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Source:
    """One entry of FROM."""

    path: Path
    alias: str | None


@dataclass(frozen=True)
class Query:
    items: tuple[Item, ...]
    sources: tuple[Source, ...]
    scope: str | None
    """USING SCOPE, as written."""
    where: Condition | None
    security: str | None
    """What WITH says, its first words: SECURITY_ENFORCED, DATA CATEGORY ..."""
    group_by: tuple[Operand, ...]
    grouping: OneOf["", "ROLLUP", "CUBE"]
    having: Condition | None
    order_by: tuple[Order, ...]
    limit: int | None
    offset: int | None
    marks: tuple[str, ...]
    """FOR VIEW, FOR REFERENCE, FOR UPDATE, UPDATE TRACKING, UPDATE VIEWSTAT, in this writing."""
    text: str
    """The whole statement, the outermost one's for a subquery too."""

    @property
    def source(self) -> Path:
        return self.sources[0].path

    @property
    def alias(self) -> str | None:
        return self.sources[0].alias
