# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every behaviour beyond plain create, read, update and delete is a named rule with its evidence, registered here.

A rule is a function with a name, a grade and a source. What is only inferred has a switch, and the collection's tests
run under each of its settings. The evidence table in docs is generated from this registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from emulator.org import Org

Op = Literal["insert", "update", "delete"]


class Grade(Enum):
    """How a behaviour is known, strongest first (the grades of docs/evidence.md)."""

    RECORDED = "recorded from a real org by others"
    DOCUMENTED = "documented by Salesforce"
    QUOTED = "quoted from a real org in public"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Switch:
    """An open point: the settings it can have, the default first."""

    name: str
    settings: tuple[str, ...]

    @property
    def default(self) -> str:
        return self.settings[0]


@dataclass(frozen=True)
class Rule:
    name: str
    says: str
    grade: Grade
    source: str
    switch: Switch | None = None


@dataclass(frozen=True)
class Change:
    """One record write on its way into the org. Ids are 18 characters, field names canonical, values as stored
    (booleans are bool, datetimes are ISO text in UTC, references are Ids)."""

    op: Op
    sobject: str
    id: str | None
    before: Mapping[str, Any]
    """The stored record before the write; empty for an insert."""
    given: Mapping[str, Any]
    """Only what the caller sent."""
    after: dict[str, Any]
    """The record as it would be stored; a before-hook may fill in values here. Empty for a delete."""


BeforeHook = Callable[["Org", str, Change], None]
"""(org, running user's Id, change); raises ApiError to refuse."""
AfterHook = Callable[["Org", str, Change], None]
"""(org, running user's Id, change with id set); side effects, run inside the same transaction."""
PicklistHook = Callable[["Org"], list[tuple[str, str]]]
"""(org) -> [(value, label)]; the picklist of a field that depends on the org's content."""
ReadHook = Callable[["Org", str], bool]
"""(org, running user's Id) -> may this user see this sObject type at all."""
RowsHook = Callable[["Org", str], list[dict[str, Any]]]
"""(org, running user's Id) -> the rows of an sObject that is computed, not stored (UserPermissionAccess, virtual rows)."""

RULES: dict[str, Rule] = {}
BEFORE: dict[tuple[Op, str], list[BeforeHook]] = {}
AFTER: dict[tuple[Op, str], list[AfterHook]] = {}
PICKLISTS: dict[tuple[str, str], PicklistHook] = {}
READABLE: dict[str, ReadHook] = {}
ROWS: dict[str, RowsHook] = {}


def rule(name: str, *, says: str, grade: Grade, source: str, switch: Switch | None = None) -> Rule:
    """Register one rule's evidence. Names are unique; an inferred rule must have a switch."""
    if name in RULES:
        raise ValueError(f"rule {name!r} is registered twice")
    if grade is Grade.INFERRED and switch is None:
        raise ValueError(f"rule {name!r} is inferred and has no switch")
    RULES[name] = Rule(name, says, grade, source, switch)
    return RULES[name]


def before(op: Op, *sobjects: str) -> Callable[[BeforeHook], BeforeHook]:
    def register(hook: BeforeHook) -> BeforeHook:
        for sobject in sobjects:
            BEFORE.setdefault((op, sobject), []).append(hook)
        return hook

    return register


def after(op: Op, *sobjects: str) -> Callable[[AfterHook], AfterHook]:
    def register(hook: AfterHook) -> AfterHook:
        for sobject in sobjects:
            AFTER.setdefault((op, sobject), []).append(hook)
        return hook

    return register


def picklist(sobject: str, field: str) -> Callable[[PicklistHook], PicklistHook]:
    def register(hook: PicklistHook) -> PicklistHook:
        PICKLISTS[(sobject, field)] = hook
        return hook

    return register


def readable(*sobjects: str) -> Callable[[ReadHook], ReadHook]:
    def register(hook: ReadHook) -> ReadHook:
        for sobject in sobjects:
            READABLE[sobject] = hook
        return hook

    return register


def rows(sobject: str) -> Callable[[RowsHook], RowsHook]:
    def register(hook: RowsHook) -> RowsHook:
        ROWS[sobject] = hook
        return hook

    return register


def switches() -> dict[str, Switch]:
    """Every switch by name."""
    return {item.switch.name: item.switch for item in RULES.values() if item.switch is not None}
