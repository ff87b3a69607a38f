# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trouble on purpose: what a test makes the next requests or records run into.

Request faults match a request (method, path, body) before the org sees it; record faults (Lock, Refuse) act inside the org, as a
record lock or a customer's own validation rule does, through `org.extra_before`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError
from emulator.rules.registry import Change

if TYPE_CHECKING:
    from emulator.org import Org


@dataclass(frozen=True)
class Status:
    """Answer this instead of processing. body, where given, is sent as it is (text) instead of Salesforce's error list."""

    status: int
    code: str = "SERVER_UNAVAILABLE"
    message: str = "the emulator was told to fail"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class DropBefore:
    """Close the connection; the request is not processed."""


@dataclass(frozen=True)
class DropAfter:
    """Process and commit, then close the connection without an answer."""


@dataclass(frozen=True)
class Delay:
    """Process as usual, later."""

    seconds: float


@dataclass(frozen=True)
class ExpireSessions:
    """Every token issued so far is worthless from this request on; a new login works."""


@dataclass(frozen=True)
class LoginError:
    """The token endpoint answers HTTP 400 with this OAuth error."""

    error: str
    description: str


@dataclass(frozen=True)
class Lock:
    """Writing a record of this sObject answers UNABLE_TO_LOCK_ROW; `times` counts records. where narrows it to records whose stored or
    coming values are these."""

    sobject: str
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refuse:
    """A customer's own rule: a write of this sObject whose values are these is refused with this code and message."""

    sobject: str
    where: Mapping[str, Any] = field(default_factory=dict)
    code: str = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    message: str = "refused by a validation rule"
    ops: tuple[str, ...] = ("insert", "update", "delete")
    fields: tuple[str, ...] = ()


RequestAction = Status | DropBefore | DropAfter | Delay | ExpireSessions | LoginError
RecordAction = Lock | Refuse
Action = RequestAction | RecordAction


@dataclass(frozen=True)
class Fault:
    """One piece of trouble. match_path and match_body are regular expressions searched in the path with its query and in the raw body;
    times is how often it strikes (None: always)."""

    action: Action
    match_method: str | None = None
    match_path: str = ""
    match_body: str | None = None
    times: int | None = 1


def _matches(fault: Fault, method: str, target: str, body: bytes) -> bool:
    if fault.match_method is not None and fault.match_method.upper() != method:
        return False
    if re.search(fault.match_path, target) is None:
        return False
    return fault.match_body is None or re.search(fault.match_body, body.decode("utf-8", "replace")) is not None


def _same(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, str) and isinstance(wanted, str):
        return actual.casefold() == wanted.casefold()
    return bool(actual == wanted)


def _concerns(action: RecordAction, change: Change) -> bool:
    if action.sobject.lower() != change.sobject.lower():
        return False
    if isinstance(action, Refuse) and change.op not in action.ops:
        return False
    values = {**change.before, **change.after}
    if change.id is not None:
        values.setdefault("Id", change.id)
    return all(_same(values.get(name), wanted) for name, wanted in action.where.items())


class Faults:
    """The faults of one served org, oldest first; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 1
        self._active: dict[int, tuple[Fault, int | None]] = {}

    def add(self, fault: Fault) -> int:
        """Arm it; the number to remove() it by."""
        with self._lock:
            number = self._next
            self._next += 1
            self._active[number] = (fault, fault.times)
            return number

    def remove(self, number: int) -> None:
        with self._lock:
            self._active.pop(number, None)

    def clear(self) -> None:
        with self._lock:
            self._active.clear()

    def active(self) -> dict[int, Fault]:
        """What still can strike, by number."""
        with self._lock:
            return {number: fault for number, (fault, _unused) in self._active.items()}

    def _strike(self, number: int) -> None:
        fault, left = self._active[number]
        if left is None:
            return
        if left <= 1:
            del self._active[number]
            return
        self._active[number] = (fault, left - 1)

    def take(self, method: str, target: str, body: bytes) -> list[RequestAction]:
        """The request faults that strike this request; each is used up by one."""
        with self._lock:
            struck: list[RequestAction] = []
            for number, (fault, _unused) in list(self._active.items()):
                if isinstance(fault.action, (Lock, Refuse)) or not _matches(fault, method, target, body):
                    continue
                if isinstance(fault.action, LoginError) and not target.startswith("/services/oauth2/token"):
                    continue
                self._strike(number)
                struck.append(fault.action)
            return struck

    def before_write(self, org: Org, user: str, change: Change) -> None:
        """The hook for org.extra_before: record faults strike here."""
        with self._lock:
            for number, (fault, _unused) in list(self._active.items()):
                action = fault.action
                if not isinstance(action, (Lock, Refuse)) or not _concerns(action, change):
                    continue
                self._strike(number)
                if isinstance(action, Refuse):
                    raise ApiError(400, action.code, action.message, action.fields)
                # Code and words as in the error catalogue; the HTTP status of this error is not certain, so clients must go by the code.
                raise ApiError(
                    400,
                    "UNABLE_TO_LOCK_ROW",
                    f"unable to obtain exclusive access to this record or 1 records: {_locked_id(change)}",
                )


def _locked_id(change: Change) -> str:
    """The record that is locked: the one written, for an insert the first one it refers to."""
    if change.id is not None:
        return change.id
    return next((str(value) for name, value in change.after.items() if name.endswith("Id") and value), "")


ACTIONS: dict[str, type[Action]] = {
    "status": Status,
    "drop_before": DropBefore,
    "drop_after": DropAfter,
    "delay": Delay,
    "expire_sessions": ExpireSessions,
    "login_error": LoginError,
    "lock": Lock,
    "refuse": Refuse,
}


def from_json(described: Mapping[str, Any]) -> Fault:
    """{"action": "status", "status": 503, "match_path": "/composite", "times": 2} -> Fault. Raises ValueError on what it does not know."""
    options = dict(described)
    name = options.pop("action", None)
    if name not in ACTIONS:
        raise ValueError(f"unknown action {name!r}; known are {', '.join(sorted(ACTIONS))}")
    matching = {key: options.pop(key) for key in ("match_method", "match_path", "match_body", "times") if key in options}
    for key in ("ops", "fields"):
        if key in options:
            options[key] = tuple(options[key])
    try:
        return Fault(ACTIONS[name](**options), **matching)
    except TypeError as refused:
        raise ValueError(str(refused)) from refused
