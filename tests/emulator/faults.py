# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trouble on purpose: what a test makes the next requests or records run into.

Request faults match a request (method, path, body) before the org sees it; record faults (Lock, Refuse, ApexLimit, EndJob) act inside the org, as a
record lock, a customer's own validation rule or a customer's own trigger does, through `org.extra_before`.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from emulator.bulk.state import JobEndedError
from emulator.errors import ApiError
from emulator.rules.locks import locked
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
class RequestLimit:
    """The org's API calls are used up: 403 REQUEST_LIMIT_EXCEEDED, as the org itself answers at its limit."""


@dataclass(frozen=True)
class HtmlPage:
    """An answer that is no API: what gateways and maintenance pages send."""

    status: int = 503
    title: str = "Service unavailable"


@dataclass(frozen=True)
class SlowBody:
    """Process as usual; the answer's body trickles in over that many seconds."""

    seconds: float
    pieces: int = 20


@dataclass(frozen=True)
class Truncate:
    """Process as usual; only that part of the answer's body arrives. honest: Content-Length tells what is sent, so that the client sees a
    whole answer with broken JSON; otherwise it tells the whole length and the connection is closed early."""

    keep: float = 0.5
    honest: bool = True


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


@dataclass(frozen=True)
class ApexLimit:
    """A customer's trigger that queries once a record. A chunk is the records of one type that a collection, one level of a tree, collated
    subrequests of a composite, a SOAP call or a bulk job write together, up to 200. Where it has more than `over` records of this sObject, the
    trigger hits the governor limit and every record of the chunk fails. times counts chunks."""

    sobject: str = "User"
    over: int = 100
    trigger: str = "UserTrigger"
    ops: tuple[str, ...] = ("insert", "update")


@dataclass(frozen=True)
class EndJob:
    """A bulk job that writes records of this sObject ends there: failed with that message, or aborted, as somebody may do in Setup. What it wrote before
    stays; the rest is not processed. skip counts records: so many are written first."""

    sobject: str
    state: str = "Failed"
    message: str = "InternalServerError : the emulator was told to fail"


RequestAction = Status | DropBefore | DropAfter | Delay | ExpireSessions | LoginError | RequestLimit | HtmlPage | SlowBody | Truncate
RecordAction = Lock | Refuse | ApexLimit | EndJob
RECORD_ACTIONS = (Lock, Refuse, ApexLimit, EndJob)
JOB_ENDS = ("Failed", "Aborted")
Action = RequestAction | RecordAction


@dataclass(frozen=True)
class Fault:
    """One piece of trouble. match_path and match_body are regular expressions searched in the path with its query and in the raw body;
    skip is how many matches it lets pass first, times how often it strikes then (None: always)."""

    action: Action
    match_method: str | None = None
    match_path: str = ""
    match_body: str | None = None
    times: int | None = 1
    skip: int = 0


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
    if isinstance(action, (Refuse, ApexLimit)) and change.op not in action.ops:
        return False
    if isinstance(action, (ApexLimit, EndJob)):
        return True
    values = {**change.before, **change.after}
    if change.id is not None:
        values.setdefault("Id", change.id)
    return all(_same(values.get(name), wanted) for name, wanted in action.where.items())


@dataclass
class _Armed:
    """A fault and what is left of it. chunk: the one that it met last, hit: whether it struck there."""

    fault: Fault
    skip: int
    left: int | None
    chunk: object = None
    hit: bool = False

    def strikes(self) -> bool:
        """Use it up by one; False while it lets matches pass, and after its last time."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.left == 0:
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def strikes_in(self, chunk: object) -> bool:
        """The same once a chunk: all of its records meet one end."""
        if self.chunk is not chunk:
            self.chunk, self.hit = chunk, self.strikes()
        return self.hit


class Faults:
    """The faults of one served org, oldest first; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 1
        self._active: dict[int, _Armed] = {}

    def add(self, fault: Fault) -> int:
        """Arm it; the number to remove() it by."""
        with self._lock:
            number = self._next
            self._next += 1
            self._active[number] = _Armed(fault, fault.skip, fault.times)
            return number

    def remove(self, number: int) -> bool:
        """Disarm it; whether there was one of that number."""
        with self._lock:
            return self._active.pop(number, None) is not None

    def clear(self) -> None:
        with self._lock:
            self._active.clear()

    def active(self) -> dict[int, Fault]:
        """What still can strike, by number."""
        with self._lock:
            return {number: armed.fault for number, armed in self._active.items() if armed.left != 0}

    def left(self) -> dict[int, int | None]:
        """How often each still strikes, by number."""
        with self._lock:
            return {number: armed.left for number, armed in self._active.items() if armed.left != 0}

    def take(self, method: str, target: str, body: bytes) -> list[RequestAction]:
        """The request faults that strike this request; each is used up by one."""
        with self._lock:
            struck: list[RequestAction] = []
            for armed in self._active.values():
                action = armed.fault.action
                if isinstance(action, RECORD_ACTIONS) or not _matches(armed.fault, method, target, body):
                    continue
                if isinstance(action, LoginError) and not target.startswith("/services/oauth2/token"):
                    continue
                if armed.strikes():
                    struck.append(action)
            return struck

    def before_write(self, org: Org, user: str, change: Change) -> None:
        """The hook for org.extra_before: record faults strike here."""
        with self._lock:
            for armed in self._active.values():
                action = armed.fault.action
                if not isinstance(action, RECORD_ACTIONS) or not _concerns(action, change):
                    continue
                if isinstance(action, EndJob):
                    if org.bulk.writing and armed.strikes():
                        raise JobEndedError(action.state, action.message)
                elif isinstance(action, ApexLimit):
                    if org.chunk.rows > action.over and armed.strikes_in(org.chunk):
                        raise _too_many_queries(action, change)
                elif armed.strikes():
                    raise _refusal(org, action, change)


def _refusal(org: Org, action: Lock | Refuse, change: Change) -> ApiError:
    if isinstance(action, Refuse):
        return ApiError(400, action.code, action.message, action.fields)
    return locked(org, _locked_id(change))


def _too_many_queries(action: ApexLimit, change: Change) -> ApiError:
    """Code and form: public reports of triggers that failed (SalesforceFoundation/EDA#429, SalesforceLabs/Milestones-PM#124)."""
    when = f"Before{change.op.title()}"
    message = f"{action.trigger}: execution of {when}\n\ncaused by: System.LimitException: Too many SOQL queries: 101"
    return ApiError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)


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
    "request_limit": RequestLimit,
    "html_page": HtmlPage,
    "slow_body": SlowBody,
    "truncate": Truncate,
    "lock": Lock,
    "refuse": Refuse,
    "apex_limit": ApexLimit,
    "end_job": EndJob,
}


MATCHING = ("match_method", "match_path", "match_body", "times", "skip")


def from_json(described: Mapping[str, Any]) -> Fault:
    """{"action": "status", "status": 503, "match_path": "/composite", "times": 2} -> Fault. Raises ValueError on what it does not know."""
    options = dict(described)
    name = options.pop("action", None)
    if name not in ACTIONS:
        raise ValueError(f"unknown action {name!r}; known are {', '.join(sorted(ACTIONS))}")
    matching = {key: options.pop(key) for key in MATCHING if key in options}
    kinds: dict[str, Any] = get_type_hints(ACTIONS[name])
    _require_options(name, options)
    for key, value in (*options.items(), *matching.items()):
        _require_kind(key, value, kinds.get(key) or MATCHING_KINDS.get(key))
        _require_bounds(key, value)
    for key in ("ops", "fields"):
        if key in options:
            options[key] = tuple(options[key])
    for key in ("match_path", "match_body"):
        _require_pattern(key, matching.get(key) or "")
    if name == "end_job" and options.get("state", "Failed") not in JOB_ENDS:
        raise ValueError(f"state is {options['state']!r}, and none of {', '.join(JOB_ENDS)}")
    return Fault(ACTIONS[name](**options), **matching)


def _require_options(name: str, options: Mapping[str, Any]) -> None:
    known = fields(ACTIONS[name])
    unknown = [key for key in options if key not in {one.name for one in known}]
    if unknown:
        raise ValueError(f"{name} has no option {unknown[0]}; it has {', '.join((*(one.name for one in known), *MATCHING))}")
    missing = [one.name for one in known if one.default is MISSING and one.default_factory is MISSING and one.name not in options]
    if missing:
        raise ValueError(f"{name} wants {', '.join(missing)}")


def as_json(fault: Fault) -> dict[str, Any]:
    """The other way round."""
    name = next(name for name, kind in ACTIONS.items() if fault.action.__class__ is kind)
    return {"action": name, **asdict(fault.action), **{key: getattr(fault, key) for key in MATCHING}}


def options_of(name: str) -> dict[str, Any]:
    """An action's own options with their defaults; None where one must be given."""
    return {
        one.name: one.default if one.default is not MISSING else one.default_factory() if one.default_factory is not MISSING else None
        for one in fields(ACTIONS[name])
    }


MATCHING_KINDS: dict[str, Any] = {key: kind for key, kind in get_type_hints(Fault).items() if key in MATCHING}
_JSON_KINDS: dict[Any, tuple[type, ...]] = {int: (int,), float: (int, float), str: (str,), bool: (bool,)}


def _require_kind(key: str, value: Any, kind: Any) -> None:
    """Raises ValueError for a JSON value that is not of that kind; unknown keys are told elsewhere."""
    accepted = [one for one in (get_args(kind) if isinstance(kind, UnionType) else (kind,)) if one is not None]
    for one in accepted:
        if one is NoneType and value is None:
            return
        origin = get_origin(one) or one
        if origin in _JSON_KINDS and isinstance(value, _JSON_KINDS[origin]) and (origin is bool or not isinstance(value, bool)):
            return
        if origin is tuple and isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return
        if origin is Mapping and isinstance(value, dict):
            return
    if accepted:
        raise ValueError(f"{key} cannot be {value!r}")


BOUNDS = {
    "status": (200, 599),
    "seconds": (0, 3_600),
    "pieces": (1, 10_000),
    "keep": (0, 1),
    "over": (0, 200),
    "times": (1, math.inf),
    "skip": (0, math.inf),
}


def _require_bounds(key: str, value: Any) -> None:
    least, most = BOUNDS.get(key, (-math.inf, math.inf))
    if isinstance(value, (int, float)) and not least <= value <= most:
        raise ValueError(f"{key} cannot be {value}: {least} is the least{f', {most} the most' if most < math.inf else ''}")


def require_sobject(org: Org, fault: Fault) -> None:
    """Raises ValueError where the fault waits for records that the org has no sObject for."""
    if isinstance(fault.action, RECORD_ACTIONS) and org.schema.sobject(fault.action.sobject) is None:
        raise ValueError(f"the org has no sObject {fault.action.sobject}")


def _require_pattern(key: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as broken:
        raise ValueError(f"{key} is no regular expression: {broken}") from broken
