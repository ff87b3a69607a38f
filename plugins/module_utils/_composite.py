# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The bodies of composites: how reads and writes are packed, and what the answers mean. Pure.

What the limits are: REST API Developer Guide, Composite and sObject Collections.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Union

from ._errors import RecordError, is_of_a_trigger, record_errors, trigger_remedy
from ._plan import Change

MAX_SUBREQUESTS = 25
MAX_COLLECTIONS = 5
MAX_RECORDS = 200

# What records are told that fell only because another one of the same transaction was refused.
ROLLED_BACK = ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED")

# Of so many records, one request each costs fewer calls than halves of them do.
_FEW = 2 * MAX_COLLECTIONS

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_OF_PATH = re.compile(r"/sobjects/(\w+)")
_TEXT = re.compile(r"'(?:\\.|[^'\\])*'")
_INNERMOST = re.compile(r"\([^()]*\)")
_LOCKED = "UNABLE_TO_LOCK_ROW"


@dataclass(frozen=True)
class Query:
    """One SOQL query of a read. tolerate: error codes that mean "there is no such thing here" and answer no rows.

    tooling: asked of the Tooling API, in a composite of its own: the data API's takes no tooling resources (REST API Developer Guide, Composite).
    pages: whether further pages are followed; most: only until so many rows are there, 0 for all.
    """

    ref: str
    soql: str
    tolerate: tuple[str, ...] = ()
    tooling: bool = False
    pages: bool = True
    most: int = 0


@dataclass(frozen=True)
class Get:
    """One retrieval or describe of a read: a path below /services/data/vXX.X. It may use @{ref.records[0].Id} of a query before it."""

    ref: str
    path: str
    tolerate: tuple[str, ...] = ()


Read = Union[Query, Get]


@dataclass(frozen=True)
class Answers:
    """What a read brought: rows of queries, bodies of retrievals, and the refusals that were tolerated, each by its ref.

    hidden: how many rows a query counted and did not show, where there were any. unfinished: queries with pages that were not followed.
    counted: how many rows the org counts for a query.
    """

    rows: dict[str, list[dict[str, Any]]]
    bodies: dict[str, dict[str, Any]]
    refusals: dict[str, RecordError]
    hidden: dict[str, int] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)

    def joined(self, later: Answers) -> Answers:
        """These answers and later ones; of a ref that both have, the later."""
        return Answers(
            {**self.rows, **later.rows},
            {**self.bodies, **later.bodies},
            {**self.refusals, **later.refusals},
            {**self.hidden, **later.hidden},
            self.unfinished | later.unfinished,
            {**self.counted, **later.counted},
        )

    def all(self, ref: str) -> list[dict[str, Any]]:
        """The rows of a query that was split over several statements, ref0, ref1 and so on."""
        return [row for number in range(len(self.rows)) for row in self.rows.get(f"{ref}{number}", ())]


@dataclass(frozen=True)
class Write:
    """One record on its way to the org, and the change it stands for. fields: API names and values; id: None for a create."""

    change: Change
    op: str
    sobject: str
    id: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one write. errors is empty when the org took it; id is the record's, also of a new one."""

    change: Change
    id: str | None = None
    errors: tuple[RecordError, ...] = ()


def is_tooling(read: Read) -> bool:
    return isinstance(read, Query) and read.tooling


def asked(read: Read) -> str:
    """The sObject that a read is of, not those of subqueries; empty where that cannot be told."""
    if isinstance(read, Get):
        named = _OF_PATH.match(read.path)
        return named.group(1) if named else ""
    inner, words = "", _TEXT.sub("", read.soql)
    while inner != words:
        inner, words = words, _INNERMOST.sub("", words)
    found = _FROM.search(words)
    return found.group(1) if found else ""


def packed(reads: Sequence[Read]) -> list[list[Read]]:
    """The reads in order, split where a composite is full."""
    parts: list[list[Read]] = [[]]
    for item in reads:
        queries = sum(1 for other in parts[-1] if isinstance(other, Query))
        if len(parts[-1]) == MAX_SUBREQUESTS or (isinstance(item, Query) and queries == MAX_COLLECTIONS):
            parts.append([])
        parts[-1].append(item)
    return [part for part in parts if part]


def grouped(writes: Sequence[Write], size: int) -> list[list[Write]]:
    """Runs of one operation on one sObject type, at most size long: a Setup object may not share a collection with another type."""
    groups: list[list[Write]] = []
    ids: set[str | None] = set()
    for item in writes:
        last = groups[-1] if groups else None
        full = last is None or len(last) == min(size, MAX_RECORDS) or (last[0].op, last[0].sobject) != (item.op, item.sobject)
        # One record twice in a collection is refused; its second write waits for the next.
        if full or (item.id and item.id in ids):
            groups.append([])
            ids = set()
        groups[-1].append(item)
        ids.add(item.id)
    return groups


def fitting(groups: list[list[Write]], placeholder: str) -> tuple[list[list[Write]], list[list[Write]]]:
    """The groups that one composite takes, and the rest: five collections, and writes to single rows besides."""
    collections = 0
    for number, group in enumerate(groups):
        collections += group[0].id != placeholder
        if collections > MAX_COLLECTIONS:
            return groups[:number], groups[number:]
    return groups, []


def as_row(write: Write, base: str, reference: str) -> dict[str, Any]:
    """The write of one record, as a request of its own."""
    method = {"create": "POST", "update": "PATCH", "delete": "DELETE"}[write.op]
    url = f"{base}/sobjects/{write.sobject}" + (f"/{write.id}" if write.op != "create" else "")
    body = {} if write.op == "delete" else {"body": dict(write.fields)}
    return {"method": method, "url": url, "referenceId": reference, **body}


def as_collection(group: Sequence[Write], base: str, number: int) -> dict[str, Any]:
    url = f"{base}/composite/sobjects"
    reference = f"write{number}"
    if group[0].op == "delete":
        ids = ",".join(str(item.id) for item in group)
        return {"method": "DELETE", "url": f"{url}?ids={ids}&allOrNone=false", "referenceId": reference}
    records = []
    for item in group:
        record: dict[str, Any] = {"attributes": {"type": item.sobject}, **item.fields}
        if item.op == "update":
            record["id"] = item.id
        records.append(record)
    method = "POST" if group[0].op == "create" else "PATCH"
    return {"method": method, "url": url, "referenceId": reference, "body": {"allOrNone": False, "records": records}}


def outcomes_of(group: Sequence[Write], answer: Mapping[str, Any]) -> list[Outcome]:
    """One outcome a record, from a collection's answer, a single record's, or a refusal of the whole subrequest."""
    status, body = answer["httpStatusCode"], answer["body"]
    if status >= 300:
        told = body if isinstance(body, list) else [body]
        if len(told) == len(group) and all("success" in item for item in told if isinstance(item, Mapping)):
            return [_outcome(item, result) for item, result in zip(group, told)]
        return [Outcome(item.change, item.id, tuple(record_errors(item.change.key, told, item.sobject, True))) for item in group]
    # A single row's update or deletion answers 204 and no body.
    results = body if isinstance(body, list) else [body or {"success": True}]
    return [_outcome(item, result) for item, result in zip(group, results)]


def _outcome(write: Write, result: Mapping[str, Any]) -> Outcome:
    if result.get("success"):
        return Outcome(write.change, result.get("id") or write.id)
    errors = record_errors(write.change.key, result.get("errors") or [result], write.sobject, True)
    return Outcome(write.change, write.id, tuple(errors))


def is_locked(outcome: Outcome) -> bool:
    return any(error.code == _LOCKED for error in outcome.errors)


def rolled_back(outcome: Outcome) -> Outcome:
    """The outcome of a write that fell with another one; a refusal of its own stays."""
    if outcome.errors:
        return outcome
    return Outcome(
        outcome.change,
        None,
        (RecordError(outcome.change.key, ROLLED_BACK[0], "nothing of this write was kept: another part of it was refused."),),
    )


def bind(write: Write, placeholder: str, value: str) -> Write:
    fields = {name: (value if given == placeholder else given) for name, given in write.fields.items()}
    return Write(write.change, write.op, write.sobject, value if write.id == placeholder else write.id, fields)


# -- batches of writes, and what the org's own triggers make of them -----------------------------------------------------------------


@dataclass(frozen=True)
class Batch:
    """Records that the org writes together. row: one record in a request of its own, of which a composite takes more than of collections."""

    writes: tuple[Write, ...]
    row: bool = False

    def as_subrequest(self, base: str, number: int) -> dict[str, Any]:
        return as_row(self.writes[0], base, f"write{number}") if self.row else as_collection(self.writes, base, number)


@dataclass(frozen=True)
class Round:
    """What a round of writes left to do. halves: what a trigger refused, in smaller batches. locked: records that somebody else held, with
    what was said of them. passed: the largest batch of which the org took a record."""

    settled: list[Outcome]
    halves: list[Batch]
    locked: list[tuple[Write, Outcome]]
    passed: int


def batches(writes: Sequence[Write], size: int) -> list[Batch]:
    """The writes in order, in collections of at most size."""
    return [Batch(tuple(group)) for group in grouped(writes, size)]


def in_composites(sent: Sequence[Batch]) -> list[list[Batch]]:
    """The batches in order, split where a composite is full."""
    parts: list[list[Batch]] = [[]]
    for item in sent:
        many = sum(1 for other in parts[-1] if not other.row)
        if len(parts[-1]) == MAX_SUBREQUESTS or (not item.row and many == MAX_COLLECTIONS):
            parts.append([])
        parts[-1].append(item)
    return [part for part in parts if part]


def is_for_halving(batch: Batch, outcomes: Sequence[Outcome]) -> bool:
    """Whether a trigger of the org refused the batch as a whole: it may do less, and succeed, for fewer records. Records that fail checks of their
    own beside it carry their own codes."""
    return len(batch.writes) > 1 and all(item.errors for item in outcomes) and any(_is_triggered(item) for item in outcomes)


def _is_triggered(outcome: Outcome) -> bool:
    return any(is_of_a_trigger(error.code, error.message) for error in outcome.errors)


def sifted(batch: Batch, outcomes: Sequence[Outcome]) -> tuple[list[Write], list[tuple[Write, Outcome]]]:
    """(what a trigger refused together with the batch, to be written again; the other records and what became of them)."""
    answered = list(zip(batch.writes, outcomes))
    if not is_for_halving(batch, outcomes):
        return [], answered
    return [write for write, item in answered if _is_triggered(item)], [
        (write, item) for write, item in answered if not _is_triggered(item)
    ]


def parted(batch: Batch) -> list[Batch]:
    """The batch in halves; few records each by itself."""
    if len(batch.writes) <= _FEW:
        return [Batch((item,), row=True) for item in batch.writes]
    middle = (len(batch.writes) + 1) // 2
    return [Batch(batch.writes[:middle]), Batch(batch.writes[middle:])]


def sorted_out(sent: Sequence[Batch], answered: Sequence[Sequence[Outcome]]) -> Round:
    """What the answers to a round of batches mean for the next."""
    result = Round([], [], [], 0)
    passed = 0
    for batch, outcomes in zip(sent, answered):
        again, kept = sifted(batch, outcomes)
        result.halves.extend(parted(Batch(tuple(again))) if again else ())
        result.locked.extend((write, item) for write, item in kept if is_locked(item))
        result.settled.extend(item for _unused, item in kept if not is_locked(item))
        if any(not item.errors for item in outcomes):
            passed = max(passed, len(batch.writes))
    return replace(result, passed=passed)


def told_of_trigger(outcome: Outcome, size: int, passed: int) -> Outcome:
    """The outcome with a remedy that knows in which sizes the records were tried; unchanged where no trigger refused it, which names no fields."""
    errors = tuple(
        replace(item, remedy=trigger_remedy(item.message, size, passed))
        if is_of_a_trigger(item.code, item.message) and not item.fields
        else item
        for item in outcome.errors
    )
    return replace(outcome, errors=errors)
