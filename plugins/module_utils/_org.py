# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""One org: reads and writes in as few API calls as the API allows, on simple-salesforce.

Reads go through /composite bodies: SOQL of any length, up to five queries in one call, retrievals and describes beside them.
Writes go as sObject Collections, up to five in one composite. What the limits are: REST API Developer Guide, Composite and sObject
Collections.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Union
from urllib.parse import quote as url_quote

from ._connection import Connection, sandbox_of
from ._errors import CONFIG, LIMIT, NETWORK, ORG, LostAnswer, Problem, RecordError, class_of, record_errors, refused
from ._plan import Change, as_changes
from ._preflight_checks import Machine, Network
from ._probes import machine, network
from ._session import HttpSession, Login, check_libraries, client, log_in, write_private
from ._soql import chunks

try:
    from simple_salesforce.exceptions import SalesforceError
except ImportError:

    class SalesforceError(Exception):  # type: ignore[no-redef]
        """Stands in so that this file imports where simple-salesforce is missing."""


MAX_SUBREQUESTS = 25
MAX_COLLECTIONS = 5
MAX_RECORDS = 200
ORGANIZATION_FIELDS = "Id,Name,IsSandbox,OrganizationType,InstanceName,NamespacePrefix"

# What records are told that fell only because another one of the same transaction was refused.
ROLLED_BACK = ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED")

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_OF_PATH = re.compile(r"/sobjects/(\w+)")
_TEXT = re.compile(r"'(?:\\.|[^'\\])*'")
_INNERMOST = re.compile(r"\([^()]*\)")

_GATEWAY = (429, 502, 503, 504)
_LOCKED = "UNABLE_TO_LOCK_ROW"


@dataclass(frozen=True)
class Query:
    """One SOQL query of a read. tolerate: error codes that mean "there is no such thing here" and answer no rows.

    tooling: asked of the Tooling API, in a composite of its own: the data API's takes no tooling resources (REST API Developer Guide, Composite).
    pages: whether further pages are followed.
    """

    ref: str
    soql: str
    tolerate: tuple[str, ...] = ()
    tooling: bool = False
    pages: bool = True


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
    """

    rows: dict[str, list[dict[str, Any]]]
    bodies: dict[str, dict[str, Any]]
    refusals: dict[str, RecordError]
    hidden: dict[str, int] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)

    def joined(self, later: Answers) -> Answers:
        """These answers and later ones; of a ref that both have, the later."""
        return Answers(
            {**self.rows, **later.rows},
            {**self.bodies, **later.bodies},
            {**self.refusals, **later.refusals},
            {**self.hidden, **later.hidden},
            self.unfinished | later.unfinished,
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


@dataclass(frozen=True)
class Identity:
    """Which org this is, as it says of itself."""

    id: str
    name: str
    is_sandbox: bool
    edition: str
    instance: str
    namespace: str


@dataclass
class Tally:
    """What the run costs: API calls (logins included), retries, and the org's own usage figures."""

    calls: int = 0
    retries: int = 0
    usage: dict[str, int] | None = None


@dataclass(frozen=True)
class Run:
    """What one task brings with it besides its options.

    scratch: a private folder for files that libraries insist on. tokens: where sessions are kept between the tasks of a run, or None.
    memory: where check mode remembers what it planned to create, or None.
    """

    check_mode: bool
    scratch: Path
    environment: Mapping[str, str]
    tokens: Path | None = None
    memory: Path | None = None
    secrets: set[str] = field(default_factory=set)
    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Org:
    """A session with one org, and what it has cost so far."""

    def __init__(self, connection: Connection, run: Run) -> None:
        check_libraries()
        self.connection = connection
        self.run = run
        self.tally = Tally()
        self.identity: Identity | None = None
        # What became of the writes so far: it survives an answer that never came.
        self.outcomes: list[Outcome] = []
        self._http = HttpSession(connection, run.environment, run.scratch)
        self._login: Login | None = None
        self._client: Any = None
        self._deadline = run.monotonic() + connection.retry_time

    # -- who and where -------------------------------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """How messages call the org: its name and host, or the host alone before the name is known."""
        return f"{self.identity.name} ({self.place})" if self.identity else self.place

    @property
    def place(self) -> str:
        """The org's host."""
        url = self._login.instance_url if self._login else ""
        return url.split("://", 1)[-1] or self.connection.place

    @property
    def user_id(self) -> str:
        """The running user's Id: told by the login, or asked for (one call) where a ready token tells nothing."""
        if self._login and not self._login.user_id:
            told = self._repeated("/services/oauth2/userinfo", lambda: self._client.oauth2("userinfo"), writing=False)
            self._login = replace(self._login, user_id=str(told["user_id"]), org_id=str(told["organization_id"]))
        return self._login.user_id if self._login else ""

    @property
    def org_id(self) -> str:
        """The org's Id where it is known by now: from the login, or from the first read."""
        return self.identity.id if self.identity else (self._login.org_id if self._login else "")

    @property
    def sandbox_name(self) -> str:
        """What the org's copy is called, as its usernames end: as the host says, or as its My Domain tells. Empty in production and where it is
        not known. Logs in where nothing tells it before."""
        if self.identity is not None and not self.identity.is_sandbox:
            return ""
        if self.connection.sandbox_name:
            return self.connection.sandbox_name
        if self._login is None:
            self.log_in()
        return sandbox_of(self.place) or sandbox_of(self.connection.login_url.split("://", 1)[-1])

    def log_in(self, renew: bool = False) -> None:
        """Have a session: the run's, or a new one. Done by itself before the first request."""
        self._login = log_in(self.connection, self._http, self.run.secrets, self.run.tokens, self.run.now, renew)
        self.tally.calls += self._login.calls
        self._client = client(self.connection, self._http, self._login)

    def machine(self) -> Machine:
        """Where this runs, and with what."""
        return machine()

    def network(self) -> Network:
        """How the host that a login goes to answers, without logging in."""
        return network(self.connection, self._http, self.run.environment, self.run.now)

    def now_text(self) -> str:
        """The time as Salesforce writes datetimes, so that texts compare."""
        return time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(self.run.now()))

    # -- reading -------------------------------------------------------------------------------------------------------------------

    def read(self, reads: Sequence[Read]) -> Answers:
        """All of reads, in as few composites as their limits allow, pages followed to their end.

        Reads that refer to an earlier one must stand in one call of at most 25 reads and five queries. The first read of a task also asks
        which org this is, and stops there when it is not the expected one.
        Raises Problem for a refusal that its read does not tolerate.
        """
        if self._login is None:
            self.log_in()
        reads = list(reads)
        if self.identity is None:
            reads.insert(0, self._who())
        answers = Answers({}, {}, {}, {})
        for below in ("", "/tooling"):
            for part in _packed([item for item in reads if _is_tooling(item) is bool(below)]):
                answered = self._composite([_as_subrequest(item, self._base + below) for item in part], writing=False, below=below)
                for item, answer in zip(part, answered):
                    self._sort_answer(item, answer, answers)
                    if item.ref == "organization":
                        # Before anything else is looked at: in a wrong org every other answer misleads.
                        self._meet(answers.rows.pop("organization", None), answers.bodies.pop("organization", None))
        return answers

    def foreseen(self, kind: str, *, switches: bool = False) -> dict[str, Mapping[str, Any] | None]:
        """What earlier tasks of this check-mode run would have made of records of that kind, by key: their fields as far as they would have
        been written, or None for those that would be gone. Empty outside check mode.

        switches: what is deleted is no record but some flags of one; these are off then, and the others stay as they were."""
        if not self.run.check_mode:
            return {}
        found: dict[str, Mapping[str, Any] | None] = {}
        for item in self._remembered():
            if item["kind"] == kind:
                gone, known = item["op"] == "delete", found.get(item["key"]) or {}
                after = dict.fromkeys(item["before"], False) if gone else item["after"]
                found[item["key"]] = None if gone and not switches else {**known, **after}
        return found

    def foresee(self, changes: Iterable[Change]) -> None:
        """Remember what a check-mode plan would do, for later tasks of the run."""
        coming = as_changes(changes)
        if self.run.check_mode and coming and self._memory:
            write_private(self._memory, json.dumps(self._remembered() + coming))

    def recall(self, what: str) -> Any:
        """What an earlier task of the run kept about this org and API version; None where nothing was kept."""
        path = self._kept(what)
        return json.loads(path.read_text(encoding="utf-8")) if path is not None and path.exists() else None

    def keep(self, what: str, value: Any) -> None:
        """Keep a JSON value for later tasks of the run. Without a folder of the run, nothing is kept."""
        path = self._kept(what)
        if path is not None:
            write_private(path, json.dumps(value))

    def _kept(self, what: str) -> Path | None:
        if self.run.tokens is None or self.identity is None:
            return None
        return self.run.tokens / f"salesforce-{what}-{self.identity.id}-{self.connection.api_version}.json"

    # -- writing -------------------------------------------------------------------------------------------------------------------

    def write(self, writes: Sequence[Write], size: int = MAX_RECORDS) -> list[Outcome]:
        """Write records, in order, size at a time; a refused one does not stop the others.

        Raises LostAnswer when it is unknown whether something was written: read again, plan again.
        """
        written = self._write_once(writes, size)
        attempt = 0
        while True:
            locked = {id(item.change) for item in written if _is_locked(item)}
            if not locked or not self.pause(attempt):
                return written
            attempt += 1
            self.outcomes[:] = [item for item in self.outcomes if id(item.change) not in locked]
            repeated = self._write_once([item for item in writes if id(item.change) in locked], size)
            written = [item for item in written if id(item.change) not in locked] + repeated

    def write_together(self, parent: Write, children: Sequence[Write], placeholder: str) -> list[Outcome]:
        """Create a record and what hangs on it, all or none. Children name the parent's Id by placeholder; one that bears it as its own Id is a
        second write to the parent, after the others.

        What does not fit one composite follows; if the org refuses any of that, the parent is taken away again, so that no half-made record
        stays. Raises LostAnswer as write does: the reading back then shows what is left to write.
        """
        groups = _collections(children, MAX_RECORDS)
        together, rest = _fitting(groups, placeholder)
        reference = "@{parent.id}"
        subrequests = [
            {"method": "POST", "url": f"{self._base}/sobjects/{parent.sobject}", "referenceId": "parent", "body": dict(parent.fields)}
        ]
        bound = [[_bind(item, placeholder, reference) for item in group] for group in together]
        subrequests += [
            _as_row_update(group[0], self._base) if group[0].id == reference else _as_collection(group, self._base, number)
            for number, group in enumerate(bound)
        ]
        attempt = 0
        while True:
            answered = self._composite(subrequests, writing=True, all_or_none=True)
            outcomes = _outcomes([parent], answered[0])
            for group, answer in zip(together, answered[1:]):
                outcomes.extend(_outcomes(group, answer))
            if not any(_is_locked(item) for item in outcomes) or not self.pause(attempt):
                break
            attempt += 1
        if any(item.errors for item in outcomes):
            # Nothing of it was kept, whatever the answer says of single records, and what would have followed has nothing to hang on.
            outcomes = [rolled_back(item) for item in outcomes] + [rolled_back(Outcome(item.change)) for group in rest for item in group]
        self.outcomes.extend(outcomes)
        if not rest or outcomes[0].errors:
            return outcomes
        parent_id = str(outcomes[0].id)
        try:
            later = self.write([_bind(item, placeholder, parent_id) for group in rest for item in group])
        except Problem:
            self._take_away(parent, parent_id)
            raise
        if any(item.errors for item in later):
            self._take_away(parent, parent_id)
        return list(self.outcomes)

    def _take_away(self, parent: Write, parent_id: str) -> None:
        """Remove what was made half, and say of everything written with it that it is not there. Raises Problem when that fails too."""
        made = list(self.outcomes)
        gone = Write(parent.change, "delete", parent.sobject, parent_id, {})
        try:
            left = [error for item in self._write_once([gone], MAX_RECORDS) for error in item.errors]
        except LostAnswer as error:
            left = [RecordError(parent.change.key, "no_answer", f"no answer came ({error})")]
        if left:
            raise Problem(
                f"taking away the half-made {parent.change.key}",
                f"{left[0].code}: {left[0].message}.",
                "It is there without all of its content. Remove it in Setup, or run again to complete it.",
                ORG,
                left[0].code,
                errors=tuple(left),
            )
        self.outcomes[:] = [rolled_back(item) for item in made]

    # -- below ---------------------------------------------------------------------------------------------------------------------

    @property
    def _base(self) -> str:
        return f"/services/data/v{self.connection.api_version}"

    @property
    def _memory(self) -> Path | None:
        if self.run.memory is None or self.identity is None:
            return None
        return self.run.memory / f"salesforce-foreseen-{self.identity.id}.json"

    def _remembered(self) -> list[dict[str, Any]]:
        if self._memory is None or not self._memory.exists():
            return []
        remembered: list[dict[str, Any]] = json.loads(self._memory.read_text(encoding="utf-8"))
        return remembered

    def _who(self) -> Read:
        """Which org is this: by its Id where the login told it (no query then), else by the one row there is."""
        org_id = self._login.org_id if self._login else ""
        if org_id:
            return Get("organization", f"/sobjects/Organization/{org_id}?fields={ORGANIZATION_FIELDS}")
        return Query("organization", f"SELECT {ORGANIZATION_FIELDS} FROM Organization")

    def _meet(self, found: list[dict[str, Any]] | None, body: dict[str, Any] | None) -> None:
        row = body or (found or [{}])[0]
        self.identity = Identity(
            str(row.get("Id", "")),
            str(row.get("Name", "")),
            bool(row.get("IsSandbox")),
            str(row.get("OrganizationType") or ""),
            str(row.get("InstanceName") or ""),
            str(row.get("NamespacePrefix") or ""),
        )
        expected = self.connection.expected_org_id
        if expected and self.identity.id[:15] != expected[:15]:
            raise Problem(
                "checking which org this is",
                f"the host expects org {expected}, but this is {self.identity.id}.",
                "Correct login_url, instance_url or username, or expected_org_id if the org was replaced (a refreshed sandbox has a new Id).",
                CONFIG,
                "wrong_org",
            )

    def _sort_answer(self, read: Read, answer: Mapping[str, Any], answers: Answers) -> None:
        status, body = answer["httpStatusCode"], answer["body"]
        if status >= 300:
            told = record_errors(read.ref, body if isinstance(body, list) else [body])
            if not told or told[0].code not in read.tolerate:
                raise refused(f"reading {read.ref.rstrip('0123456789').replace('_', ' ')}", status, body, sobject=_asked(read))
            answers.refusals[read.ref] = told[0]
            answers.rows[read.ref] = []
            return
        if isinstance(read, Get):
            answers.bodies[read.ref] = body
            return
        found, counted = list(body["records"]), int(body["totalSize"])
        while not body["done"] and read.pages:
            body = self._call("GET", body["nextRecordsUrl"].split(f"{self._base}/", 1)[-1], None, writing=False)
            found.extend(body["records"])
        answers.rows[read.ref] = found
        if not body["done"]:
            answers.unfinished.add(read.ref)
        if counted > len(found) and body["done"]:
            answers.hidden[read.ref] = counted - len(found)

    def _composite(
        self, subrequests: list[dict[str, Any]], writing: bool, all_or_none: bool = False, below: str = ""
    ) -> list[dict[str, Any]]:
        """One composite call. Collation is off: reads refer to each other, and writes come in the plan's order. The Tooling API's composite
        documents no such property, and its reads refer to nothing."""
        body: dict[str, Any] = {"allOrNone": all_or_none, "compositeRequest": subrequests}
        body.update({} if below else {"collateSubrequests": False})
        answer = self._call("POST", f"{below}/composite".lstrip("/"), body, writing)
        answered: list[dict[str, Any]] = answer["compositeResponse"]
        by_reference = {item["referenceId"]: item for item in answered}
        return [by_reference[item["referenceId"]] for item in subrequests]

    def _call(self, method: str, path: str, body: Any, writing: bool) -> Any:
        """One request below /services/data/vXX.X."""
        sent = {} if body is None else {"json": body}
        return self._repeated(f"{self._base}/{path}", lambda: self._client.restful(path, method=method, **sent), writing)

    def _repeated(self, path: str, ask: Callable[[], Any], writing: bool) -> Any:
        """What ask answers, logged in again once if the session ended, repeated while the org is busy and nothing can have been written."""
        renewed = False
        attempt = 0
        while True:
            self.tally.calls += 1
            try:
                answer = ask()
                if not isinstance(answer, Mapping):
                    raise json.JSONDecodeError("no JSON object", "", 0)
                self._note_usage()
                return answer
            except ValueError:
                # A body that is no JSON; the HTTP session has named every other ValueError.
                problem = _request_problem(path, 200, "")
                if writing:
                    raise LostAnswer(str(problem)) from None
                raise problem from None
            except SalesforceError as error:
                status, content = getattr(error, "status", None), getattr(error, "content", None)
                if _session_is_over(status, content) and not renewed:
                    renewed = True
                    self.tally.retries += 1
                    self.log_in(renew=True)
                    continue
                problem = _request_problem(path, status, content)
                if writing and status in (500, 502, 503, 504):
                    raise LostAnswer(str(problem)) from None
                if status not in _GATEWAY or problem.error_class == LIMIT or not self.pause(attempt):
                    raise problem from None
            except LostAnswer as error:
                if writing:
                    raise
                if not self.pause(attempt):
                    raise Problem(
                        "reading from the org",
                        f"no answer came ({error}).",
                        "Check the network between this machine and the org; raise timeout or retry_time if the org is slow.",
                        NETWORK,
                        "no_answer",
                    ) from None
            attempt += 1

    def _write_once(self, writes: Sequence[Write], size: int) -> list[Outcome]:
        written: list[Outcome] = []
        for part in chunks(_collections(writes, size), MAX_COLLECTIONS):
            answered = self._composite([_as_collection(group, self._base, number) for number, group in enumerate(part)], writing=True)
            for group, answer in zip(part, answered):
                outcomes = _outcomes(group, answer)
                self.outcomes.extend(outcomes)
                written.extend(outcomes)
        return written

    def pause(self, attempt: int) -> bool:
        """Wait before another try, longer each time and never in step with others; False when the task's time for retries is used up."""
        wait = min(30.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0)  # jitter, not a secret
        if self.run.monotonic() + wait > self._deadline:
            return False
        self.tally.retries += 1
        self.run.sleep(wait)
        return True

    def _note_usage(self) -> None:
        usage = (self._client.api_usage or {}).get("api-usage")
        if usage is not None:
            self.tally.usage = {"used": int(usage.used), "limit": int(usage.total)}


def _is_tooling(read: Read) -> bool:
    return isinstance(read, Query) and read.tooling


def _asked(read: Read) -> str:
    """The sObject that a read is of, not those of subqueries; empty where that cannot be told."""
    if isinstance(read, Get):
        named = _OF_PATH.match(read.path)
        return named.group(1) if named else ""
    inner, words = "", _TEXT.sub("", read.soql)
    while inner != words:
        inner, words = words, _INNERMOST.sub("", words)
    found = _FROM.search(words)
    return found.group(1) if found else ""


def _packed(reads: Sequence[Read]) -> list[list[Read]]:
    """The reads in order, split where a composite is full."""
    parts: list[list[Read]] = [[]]
    for item in reads:
        queries = sum(1 for other in parts[-1] if isinstance(other, Query))
        if len(parts[-1]) == MAX_SUBREQUESTS or (isinstance(item, Query) and queries == MAX_COLLECTIONS):
            parts.append([])
        parts[-1].append(item)
    return [part for part in parts if part]


def _as_subrequest(read: Read, base: str) -> dict[str, Any]:
    path = f"/query/?q={url_quote(read.soql, safe='')}" if isinstance(read, Query) else read.path
    return {"method": "GET", "url": base + path, "referenceId": read.ref}


def _collections(writes: Sequence[Write], size: int) -> list[list[Write]]:
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


def _fitting(groups: list[list[Write]], placeholder: str) -> tuple[list[list[Write]], list[list[Write]]]:
    """The groups that one composite takes, and the rest: five collections, and writes to single rows besides."""
    collections = 0
    for number, group in enumerate(groups):
        collections += group[0].id != placeholder
        if collections > MAX_COLLECTIONS:
            return groups[:number], groups[number:]
    return groups, []


def _as_row_update(write: Write, base: str) -> dict[str, Any]:
    url = f"{base}/sobjects/{write.sobject}/{write.id}"
    return {"method": "PATCH", "url": url, "referenceId": "parent_again", "body": dict(write.fields)}


def _as_collection(group: Sequence[Write], base: str, number: int) -> dict[str, Any]:
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


def _outcomes(group: Sequence[Write], answer: Mapping[str, Any]) -> list[Outcome]:
    """One outcome a record, from a collection's answer, a single record's, or a refusal of the whole subrequest."""
    status, body = answer["httpStatusCode"], answer["body"]
    if status >= 300:
        told = body if isinstance(body, list) else [body]
        if len(told) == len(group) and all("success" in item for item in told if isinstance(item, Mapping)):
            return [_outcome(item, result) for item, result in zip(group, told)]
        return [Outcome(item.change, item.id, tuple(record_errors(item.change.key, told, item.sobject, True))) for item in group]
    # A single row's update answers 204 and no body.
    results = body if isinstance(body, list) else [body or {"success": True}]
    return [_outcome(item, result) for item, result in zip(group, results)]


def _outcome(write: Write, result: Mapping[str, Any]) -> Outcome:
    if result.get("success"):
        return Outcome(write.change, result.get("id") or write.id)
    errors = record_errors(write.change.key, result.get("errors") or [result], write.sobject, True)
    return Outcome(write.change, write.id, tuple(errors))


def _is_locked(outcome: Outcome) -> bool:
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


def _bind(write: Write, placeholder: str, value: str) -> Write:
    fields = {name: (value if given == placeholder else given) for name, given in write.fields.items()}
    return Write(write.change, write.op, write.sobject, value if write.id == placeholder else write.id, fields)


def _session_is_over(status: int | None, content: Any) -> bool:
    """The APIs answer a dead token with 401, the identity service (userinfo) with 403 and one word of plain text."""
    word = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    return status == 401 or (status == 403 and isinstance(word, str) and word.strip() == "Bad_OAuth_Token")


def _request_problem(path: str, status: int | None, content: Any) -> Problem:
    if isinstance(content, (bytes, str)):
        # Not an answer of the API: a proxy's or a maintenance page.
        return Problem(
            f"calling {path}",
            f"HTTP status {status}, and the answer is not the API's.",
            "Check the proxy and the instance URL; the org may be in maintenance (status.salesforce.com).",
            class_of("", status) if status == 401 else NETWORK,
            "not_the_api",
            status,
        )
    return refused(f"calling {path}", status, content)
