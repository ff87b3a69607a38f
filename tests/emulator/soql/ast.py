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
class Column:
    path: Path
    alias: str | None = None


@dataclass(frozen=True)
class Aggregate:
    """COUNT(x), COUNT_DISTINCT, MIN, MAX, SUM, AVG; name in upper case."""

    name: str
    path: Path
    at: int
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


Item = Column | Aggregate | CountRows | FieldsCall | Subquery


@dataclass(frozen=True)
class Value:
    """A literal. kind: string, number, boolean, null, date, datetime, relative (TODAY, LAST_N_DAYS:3 ...)."""

    kind: OneOf["string", "number", "boolean", "null", "date", "datetime", "relative"]
    value: str | int | float | bool | None
    at: int
    pattern: str = ""
    """A string's text with the escapes that LIKE reads itself."""


@dataclass(frozen=True)
class Comparison:
    """operator: = != < <= > >= LIKE."""

    path: Path
    operator: str
    value: Value


@dataclass(frozen=True)
class Membership:
    path: Path
    negated: bool
    values: tuple[Value, ...]


@dataclass(frozen=True)
class SemiJoin:
    path: Path
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


Condition = Comparison | Membership | SemiJoin | And | Or | Not


@dataclass(frozen=True)
class Order:
    by: Path | Aggregate
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    items: tuple[Item, ...]
    source: Path
    alias: str | None
    where: Condition | None
    group_by: tuple[Path, ...]
    order_by: tuple[Order, ...]
    limit: int | None
    offset: int | None
    text: str
    """The whole statement, the outermost one's for a subquery too."""
