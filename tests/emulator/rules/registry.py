# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every behaviour beyond plain create, read, update and delete is a named rule with its evidence, registered here.

A rule is a function with a name, a grade and a source. What is only inferred has a switch, and the collection's tests
run under each of its settings. The evidence table in docs is generated from this registry.

A rule can be broken for a while, to show that some test notices: hooks that name it (rule="...") do nothing then, and code that asks
holds("...") takes the other way. EMULATOR_BROKEN_RULES (names with commas) breaks rules for a whole process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
HiddenHook = Callable[["Org", str, Sequence[tuple[str, Mapping[str, Any]]]], Collection[str]]
"""(org, running user's Id, Id and columns of the rows that a query found) -> Ids of those that it counts and does not show."""
EntityHook = Callable[["Org", str], bool]
"""(org, 18-character Id) -> is there a setup entity of that Id that is no record of any sObject."""
SettleHook = Callable[["Org"], None]
"""(org) -> before anybody reads the sObject: brings its records up to date with the time that has passed since the last write."""

RULES: dict[str, Rule] = {}
BEFORE: dict[tuple[Op, str], list[BeforeHook]] = {}
AFTER: dict[tuple[Op, str], list[AfterHook]] = {}
PICKLISTS: dict[tuple[str, str], PicklistHook] = {}
READABLE: dict[str, ReadHook] = {}
ROWS: dict[str, RowsHook] = {}
SETTLE: dict[str, list[SettleHook]] = {}
HIDDEN: dict[str, HiddenHook] = {}
ENTITIES: dict[str, EntityHook] = {}
"""By key prefix: what SetupEntityId may name beside records."""
BREAKABLE: set[str] = set()
"""Rules that can be switched off for a process, to prove that a test notices."""
BROKEN: set[str] = {name.strip() for name in os.environ.get("EMULATOR_BROKEN_RULES", "").split(",") if name.strip()}
"""Those that are switched off now."""


def rule(name: str, *, says: str, grade: Grade, source: str, switch: Switch | None = None) -> Rule:
    """Register one rule's evidence. Names are unique; an inferred rule must have a switch."""
    if name in RULES:
        raise ValueError(f"rule {name!r} is registered twice")
    if grade is Grade.INFERRED and switch is None:
        raise ValueError(f"rule {name!r} is inferred and has no switch")
    RULES[name] = Rule(name, says, grade, source, switch)
    return RULES[name]


def breakable(name: str) -> str:
    """Declare that the code asks holds(name) somewhere. Raises ValueError where no rule has that name."""
    if name not in RULES:
        raise ValueError(f"no rule {name!r} to break: register it first")
    BREAKABLE.add(name)
    return name


def holds(name: str) -> bool:
    """Whether the rule is in force. Raises KeyError for a rule that nobody declared breakable."""
    if name not in BREAKABLE:
        raise KeyError(f"rule {name!r} is not declared breakable")
    return name not in BROKEN


@contextmanager
def break_rule(*names: str) -> Iterator[None]:
    """While inside, these rules do nothing, in every org of the process. Raises ValueError for a rule that cannot be broken."""
    unknown = [name for name in names if name not in BREAKABLE]
    if unknown:
        raise ValueError(f"not breakable: {', '.join(unknown)}")
    added = set(names) - BROKEN
    BROKEN.update(added)
    try:
        yield
    finally:
        BROKEN.difference_update(added)


def unknown_broken_rules() -> set[str]:
    """Names in EMULATOR_BROKEN_RULES that no breakable rule has: a control with a slip in it would prove nothing."""
    return BROKEN - BREAKABLE


def before(op: Op, *sobjects: str, rule: str | None = None) -> Callable[[BeforeHook], BeforeHook]:
    """rule: the rule that this hook is the whole of; it can be broken then."""
    return _hook(BEFORE, op, sobjects, rule)


def after(op: Op, *sobjects: str, rule: str | None = None) -> Callable[[AfterHook], AfterHook]:
    return _hook(AFTER, op, sobjects, rule)


def _hook(
    table: dict[tuple[Op, str], list[BeforeHook]], op: Op, sobjects: tuple[str, ...], name: str | None
) -> Callable[[BeforeHook], BeforeHook]:
    def register(hook: BeforeHook) -> BeforeHook:
        for sobject in sobjects:
            table.setdefault((op, sobject), []).append(hook if name is None else _while_in_force(breakable(name), hook))
        return hook

    return register


def _while_in_force(name: str, hook: BeforeHook) -> BeforeHook:
    def run(org: Org, user: str, change: Change) -> None:
        if name not in BROKEN:
            hook(org, user, change)

    return run


def picklist(sobject: str, field: str) -> Callable[[PicklistHook], PicklistHook]:
    def register(hook: PicklistHook) -> PicklistHook:
        PICKLISTS[(sobject, field)] = hook
        return hook

    return register


def readable(*sobjects: str, rule: str | None = None) -> Callable[[ReadHook], ReadHook]:
    """A broken one shows the object to everybody."""

    def register(hook: ReadHook) -> ReadHook:
        name = None if rule is None else breakable(rule)
        for sobject in sobjects:
            READABLE[sobject] = hook if name is None else lambda org, user: name in BROKEN or hook(org, user)
        return hook

    return register


def rows(sobject: str, rule: str | None = None) -> Callable[[RowsHook], RowsHook]:
    """A broken one computes no rows."""

    def register(hook: RowsHook) -> RowsHook:
        name = None if rule is None else breakable(rule)
        ROWS[sobject] = hook if name is None else lambda org, user: [] if name in BROKEN else hook(org, user)
        return hook

    return register


def settles(sobject: str, rule: str | None = None) -> Callable[[SettleHook], SettleHook]:
    """Called before each read of that sObject through the API; what it writes stays."""

    def register(hook: SettleHook) -> SettleHook:
        name = None if rule is None else breakable(rule)

        def run(org: Org) -> None:
            if name is None or name not in BROKEN:
                hook(org)

        SETTLE.setdefault(sobject, []).append(run)
        return hook

    return register


def hides(sobject: str) -> Callable[[HiddenHook], HiddenHook]:
    """Rows of that sObject may be counted in totalSize and be in no page."""

    def register(hook: HiddenHook) -> HiddenHook:
        HIDDEN[sobject] = hook
        return hook

    return register


def entity(prefix: str, rule: str | None = None) -> Callable[[EntityHook], EntityHook]:
    """A broken one takes any Id of that prefix."""

    def register(hook: EntityHook) -> EntityHook:
        name = None if rule is None else breakable(rule)
        ENTITIES[prefix] = hook if name is None else lambda org, entity_id: name in BROKEN or hook(org, entity_id)
        return hook

    return register


def switches() -> dict[str, Switch]:
    """Every switch by name."""
    return {item.switch.name: item.switch for item in RULES.values() if item.switch is not None}
