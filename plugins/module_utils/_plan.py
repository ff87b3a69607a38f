# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A plan: the ordered changes between what is and what should be, as plain data.

Pure: no I/O, no Ansible, no clock. Plans speak natural keys (API names, usernames); the record Id that an update or a delete needs
travels in the change but is never rendered, so the same plan reads the same in every org.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable, Union

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Create:
    """A record that is not there yet. after: its fields, in the user's words."""

    kind: str
    key: str
    after: Fields


@dataclass(frozen=True)
class Update:
    """A record with other values. before and after hold the same keys: only what differs."""

    kind: str
    key: str
    id: str
    before: Fields
    after: Fields


@dataclass(frozen=True)
class Delete:
    """A record that should not be there. before: its fields, in the user's words."""

    kind: str
    key: str
    id: str
    before: Fields


Change = Union[Create, Update, Delete]


@dataclass(frozen=True)
class Plan:
    """Ordered changes; a later one may rely on an earlier one having been applied."""

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __add__(self, other: Plan) -> Plan:
        return Plan(self.changes + other.changes)


@dataclass(frozen=True)
class Existing:
    """A record as the org has it: its Id and the fields a plan may compare. The Id is None for a record that an earlier task of a
    check-mode run would have created."""

    id: str | None
    fields: Fields


def op_of(change: Change) -> str:
    """The word a result uses for the change: create, update or delete."""
    if isinstance(change, Create):
        return "create"
    if isinstance(change, Update):
        return "update"
    return "delete"


def identity(change: Change) -> tuple[str, str, str]:
    """(op, kind, key): what tells one change of a plan from another."""
    return (op_of(change), change.kind, change.key)


def compare(
    kind: str,
    current: Mapping[str, Existing],
    desired: Mapping[str, Fields],
    removable: Callable[[str], bool] = lambda key: False,
) -> list[Change]:
    """The changes that make current hold desired: creates and updates in the order of desired, then deletes.

    Only the fields that desired names are compared. What desired does not name is deleted only where removable(key) says so;
    deletes come in reverse order of current, so that what was listed first (parents) goes last.
    """
    changes: list[Change] = []
    for key, wanted in desired.items():
        existing = current.get(key)
        if existing is None:
            changes.append(Create(kind, key, dict(wanted)))
            continue
        differing = {name: value for name, value in wanted.items() if existing.fields.get(name) != value}
        if differing:
            before = {name: existing.fields.get(name) for name in differing}
            changes.append(Update(kind, key, existing.id or "", before, differing))
    for key in reversed(list(current)):
        if key not in desired and removable(key):
            existing = current[key]
            changes.append(Delete(kind, key, existing.id or "", dict(existing.fields)))
    return changes


def as_changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as a result shows them: op, kind, key, before, after; never an Id."""
    rendered = []
    for change in changes:
        before = {} if isinstance(change, Create) else dict(change.before)
        after = {} if isinstance(change, Delete) else dict(change.after)
        rendered.append({"op": op_of(change), "kind": change.kind, "key": change.key, "before": before, "after": after})
    return rendered


def in_short(fields: Fields) -> Any:
    """Rights in one line, so that a diff of hundreds of them can be read: those that are granted, or "no " and those that are not.

    Fields that are not all flags stay as they are.
    """
    if not fields or not all(isinstance(value, bool) for value in fields.values()):
        return dict(fields)
    granted = [name for name, value in fields.items() if value]
    return ", ".join(granted) if granted else "no " + ", ".join(fields)


def as_diff(changes: Iterable[Change], header: str) -> dict[str, Any]:
    """The changes as Ansible's --diff shows them: two mappings kind -> key -> fields, holding only what changes."""
    before: dict[str, dict[str, Any]] = {}
    after: dict[str, dict[str, Any]] = {}
    for change in as_changes(changes):
        if change["op"] != "create":
            before.setdefault(change["kind"], {})[change["key"]] = in_short(change["before"])
        if change["op"] != "delete":
            after.setdefault(change["kind"], {})[change["key"]] = in_short(change["after"])
    return {"before": before, "after": after, "before_header": header, "after_header": header}


def removals(changes: Iterable[Change], kind: str) -> int:
    """How many records of that kind the changes take away."""
    return sum(1 for change in changes if isinstance(change, Delete) and change.kind == kind)
