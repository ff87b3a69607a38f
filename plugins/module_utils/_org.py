# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""One org: reads and writes in as few API calls as the API allows, on simple-salesforce.

Reads go through /composite bodies: SOQL of any length, up to five queries in one call, retrievals and describes beside them.
Writes go as sObject Collections, up to five in one composite (_composite has the bodies), or as a Bulk API 2.0 job (_ingest has its data).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable
from urllib.parse import quote as url_quote

from . import _ingest, _soap
from ._composite import (
    MAX_COLLECTIONS,
    MAX_RECORDS,
    MAX_SUBREQUESTS,
    ROLLED_BACK,
    Answers,
    Batch,
    Get,
    Outcome,
    Query,
    Read,
    Write,
    as_collection,
    as_row,
    asked,
    batches,
    bind,
    fitting,
    grouped,
    in_composites,
    is_locked,
    is_tooling,
    outcomes_of,
    packed,
    rolled_back,
    sifted,
    sorted_out,
    told_of_trigger,
)
from ._connection import Connection, sandbox_of
from ._errors import CONFIG, LIMIT, NETWORK, ORG, LostAnswer, Problem, RecordError, class_of, listing, record_errors, refused
from ._ingest import FailedRow, Ingested
from ._plan import Change, as_changes
from ._preflight_checks import Machine, Network
from ._probes import machine, network
from ._progress import EVERY, Progress
from ._session import HttpSession, Login, check_libraries, client, exchange, log_in, write_once, write_private
from ._soql import chunks

try:
    from simple_salesforce.exceptions import SalesforceError
except ImportError:

    class SalesforceError(Exception):  # type: ignore[no-redef]
        """Stands in so that this file imports where simple-salesforce is missing."""


ORGANIZATION_FIELDS = "Id,Name,IsSandbox,OrganizationType,InstanceName,NamespacePrefix"

_GATEWAY = (429, 502, 503, 504)
_JOBS = "jobs/ingest"
_METADATA = "/services/Soap/m"

# What stands below, in _composite, and is the org's to whoever reads or writes.
__all__ = [
    "MAX_COLLECTIONS",
    "MAX_RECORDS",
    "MAX_SUBREQUESTS",
    "ROLLED_BACK",
    "Answers",
    "FailedRow",
    "Get",
    "Identity",
    "Ingested",
    "Org",
    "Outcome",
    "Progress",
    "Query",
    "Read",
    "Run",
    "Tally",
    "Write",
    "rolled_back",
]


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
    """What the run costs: API calls (logins included), retries, and the org's own usage figures. batch: the largest batch that went through
    where a trigger of the org refused a larger one; 0 where none was refused."""

    calls: int = 0
    retries: int = 0
    batch: int = 0
    usage: dict[str, int] | None = None


@dataclass(frozen=True)
class Run:
    """What one task brings with it besides its options.

    scratch: a private folder for files that libraries insist on. tokens: where sessions are kept between the tasks of a run, or None.
    memory: where check mode remembers what it planned to create, or None. remember: whether it does; what is remembered counts either way.
    progress: where to say how far long work is, or None; every: seconds before the first of these lines and between two. host: the inventory
    host that the task is for, or "" where any number of hosts may stand for one org.
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
    remember: bool = True
    progress: Callable[[str], None] | None = None
    every: float = EVERY
    host: str = ""


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
        is_first = self.identity is None
        if is_first:
            reads.insert(0, self._who())
        answers = Answers({}, {}, {}, {})
        for below in ("", "/tooling"):
            for part in packed([item for item in reads if is_tooling(item) is bool(below)]):
                answered = self._composite([_as_subrequest(item, self._base + below) for item in part], writing=False, below=below)
                for item, answer in zip(part, answered):
                    self._sort_answer(item, answer, answers)
                    if item.ref == "organization":
                        # Before anything else is looked at: in a wrong org every other answer misleads.
                        self._meet(answers.rows.pop("organization", None), answers.bodies.pop("organization", None))
            if is_first:
                self._leave_headroom()
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
        """Remember what a check-mode plan would do, for later tasks of the run, unless the run is not to."""
        coming = as_changes(changes)
        if self.run.check_mode and self.run.remember and coming and self._memory:
            write_private(self._memory, json.dumps(self._remembered() + coming))

    def claim(self) -> None:
        """Raises Problem where another host of this run stands for the same org: both would write the same records, at the same time."""
        if not self.run.host or self.run.memory is None or self.identity is None:
            return
        path = self.run.memory / f"salesforce-host-of-{self.identity.id}"
        holder = write_once(path, self.run.host)
        if holder != self.run.host:
            raise Problem(
                "beginning to work on the org",
                f"the inventory host {holder} is this org too ({self.identity.id}).",
                "Take one of the two out of the inventory, or correct its login_url and username. Where both are meant, such as for two contact "
                "centers, set salesforce_shared_org: true on both.",
                CONFIG,
                "same_org",
            )

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

    def components(self, metadata_type: str, full_names: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        """Components as the Metadata API reads them, by the names asked for; None for what the org does not have. One call for ten.

        Raises Problem with the code of the org's fault, such as INSUFFICIENT_ACCESS.
        """
        if self._login is None:
            self.log_in()
        found: dict[str, dict[str, Any]] = {}
        for part in chunks(list(full_names), _soap.MAX_NAMES):
            found.update(self._metadata_of(metadata_type, part))
        return {name: found.get(name) for name in full_names}

    def component(self, metadata_type: str, full_name: str) -> dict[str, Any] | None:
        """One component, as components() reads them."""
        return self.components(metadata_type, [full_name])[full_name]

    # -- writing -------------------------------------------------------------------------------------------------------------------

    def progress(self, what: str, total: int) -> Progress:
        """How far a piece of work of that many is, for write() and ingest() to tell."""
        return Progress(self.run.progress, self.run.monotonic, self.label, what, total, self.run.every)

    def write(self, writes: Sequence[Write], size: int = MAX_RECORDS, what: str = "", told: Progress | None = None) -> list[Outcome]:
        """Write records, in order, size at a time; a refused one does not stop the others. A batch that a trigger of the org refuses as a whole
        is written again in halves, down to single records.

        what: what the progress of the work calls the records; told: the progress of the larger work that this is a part of.
        Raises LostAnswer when it is unknown whether something was written: read again, plan again.
        """
        told = told or self.progress(what or (writes[0].sobject if writes else ""), len(writes))
        sent, start, attempt, halved, passed = batches(writes, size), len(self.outcomes), 0, 0, 0
        written: list[Outcome] = []
        while sent:
            one = sorted_out(sent, self._write_once(sent, told, start))
            passed = max(passed, one.passed if halved else 0)
            halved = halved or (max(len(item.writes) for item in sent) if one.halves else 0)
            again = bool(one.locked) and self.pause(attempt)
            attempt += 1
            locked = [outcome for _unused, outcome in one.locked]
            written += one.settled if again else [*one.settled, *locked]
            self._forget(locked if again else ())
            sent = [*one.halves, *batches([item for item, _unused in one.locked] if again else (), size)]
        told.done += len(writes)
        return self._told_of_triggers(written, halved, passed) if halved else written

    def ingest(
        self,
        sobject: str,
        operation: str,
        columns: Sequence[str],
        rows: Sequence[Mapping[str, str | None]],
        timeout: float,
        what: str = "",
        told: Progress | None = None,
    ) -> Ingested:
        """One Bulk API 2.0 job, waited for until it ends or timeout (seconds) is over; it is left to itself then. Rows by column: an empty cell
        says nothing, None is null. What a row that succeeded came to is for the caller to read back.

        Raises LostAnswer when it is unknown whether the job was made; Problem where it was refused, or could not be asked for any more.
        """
        told = told or self.progress(what or sobject, len(rows))
        if self._login is None:
            self.log_in()
        made = self._new_job(_ingest.wanted(sobject, operation), _ingest.as_csv(columns, rows))
        path = f"{_JOBS}/{made['id']}"
        try:
            ended = _ingest.outcome(self._ended(path, made, timeout, told))
            if not ended.timed_out and ended.failures:
                ended = _ingest.with_failed(ended, self._rows_of(path, "failedResults"))
            if not ended.timed_out and ended.processed < len(rows):
                ended = _ingest.with_unprocessed(ended, self._rows_of(path, "unprocessedrecords") if ended.processed else rows)
        except Problem as problem:
            raise replace(problem, tried=f"asking what became of the bulk job {made['id']} ({operation} of {sobject})") from None
        told.done += len(rows)
        return ended

    def write_together(self, parent: Write, children: Sequence[Write], placeholder: str) -> list[Outcome]:
        """Create a record and what hangs on it, all or none. Children name the parent's Id by placeholder; one that bears it as its own Id is a
        second write to the parent, after the others.

        What does not fit one composite follows; if the org refuses any of that, the parent is taken away again, so that no half-made record
        stays. Raises LostAnswer as write does: the reading back then shows what is left to write.
        """
        groups = grouped(children, MAX_RECORDS)
        together, rest = fitting(groups, placeholder)
        reference = "@{parent.id}"
        subrequests = [
            {"method": "POST", "url": f"{self._base}/sobjects/{parent.sobject}", "referenceId": "parent", "body": dict(parent.fields)}
        ]
        bound = [[bind(item, placeholder, reference) for item in group] for group in together]
        subrequests += [
            as_row(group[0], self._base, "parent_again") if group[0].id == reference else as_collection(group, self._base, number)
            for number, group in enumerate(bound)
        ]
        attempt = 0
        while True:
            answered = self._composite(subrequests, writing=True, all_or_none=True)
            outcomes = outcomes_of([parent], answered[0])
            for group, answer in zip(together, answered[1:]):
                outcomes.extend(outcomes_of(group, answer))
            if not any(is_locked(item) for item in outcomes) or not self.pause(attempt):
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
            later = self.write([bind(item, placeholder, parent_id) for group in rest for item in group])
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
            left = [error for item in self._write_once(batches([gone], 1))[0] for error in item.errors]
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
                raise refused(f"reading {read.ref.rstrip('0123456789').replace('_', ' ')}", status, body, sobject=asked(read))
            answers.refusals[read.ref] = told[0]
            answers.rows[read.ref] = []
            return
        if isinstance(read, Get):
            answers.bodies[read.ref] = body
            return
        found, counted = list(body["records"]), int(body["totalSize"])
        while not body["done"] and read.pages and not 0 < read.most <= len(found):
            body = self._call("GET", body["nextRecordsUrl"].split(f"{self._base}/", 1)[-1], None, writing=False)
            found.extend(body["records"])
        answers.rows[read.ref] = found
        answers.counted[read.ref] = counted
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

    def _write_once(self, sent: Sequence[Batch], told: Progress | None = None, start: int = 0) -> list[list[Outcome]]:
        """What became of each batch. What is to be written again in halves leaves no outcome yet. start: how many outcomes are of other work than
        told tells of."""
        answered: list[list[Outcome]] = []
        for part in in_composites(sent):
            answers = self._composite([item.as_subrequest(self._base, number) for number, item in enumerate(part)], writing=True)
            for batch, answer in zip(part, answers):
                answered.append(outcomes_of(batch.writes, answer))
                self.outcomes.extend(item for _unused, item in sifted(batch, answered[-1])[1])
            if told:
                told.tell(self.tally.usage, len(self.outcomes) - start)
        return answered

    def _forget(self, outcomes: Iterable[Outcome]) -> None:
        """Records that are written again have no outcome until then."""
        gone = {id(item) for item in outcomes}
        self.outcomes[:] = [item for item in self.outcomes if id(item) not in gone]

    def _told_of_triggers(self, written: list[Outcome], size: int, passed: int) -> list[Outcome]:
        """The outcomes after batches of that size were halved, with remedies that say what went through."""
        self.tally.batch = passed
        better = {id(item): told_of_trigger(item, size, passed) for item in written}
        self.outcomes[:] = [better.get(id(item), item) for item in self.outcomes]
        return [better[id(item)] for item in written]

    def _new_job(self, wanted: Mapping[str, str], text: str) -> dict[str, Any]:
        """A job that has its data: made in one request where the data is short enough for that."""
        path = f"{self._base}/{_JOBS}"
        if len(text) <= _ingest.MULTIPART_LIMIT:
            # requests writes the Content-Type with the boundary itself, where the client's own is taken away.
            sent = {"files": _ingest.multipart(wanted, text), "headers": {"Content-Type": None}}
            return dict(self._repeated(path, lambda: self._client.restful(_JOBS, method="POST", **sent), writing=True))
        made = dict(self._call("POST", _JOBS, wanted, writing=True))
        job = f"{_JOBS}/{made['id']}"
        self._repeated(f"{path}/{made['id']}/batches", lambda: self._plain("PUT", f"{job}/batches", text.encode()), writing=True)
        try:
            return dict(self._call("PATCH", job, {"state": "UploadComplete"}, writing=True))
        except LostAnswer:
            # Whether it was closed can be asked for.
            now = dict(self._call("GET", job, None, writing=False))
            if now["state"] == "Open":
                raise
            return now

    def _ended(self, path: str, job: dict[str, Any], timeout: float, told: Progress) -> dict[str, Any]:
        """The job as it ended, or as it is when the time is up."""
        deadline, wait = self.run.monotonic() + timeout, _ingest.FIRST_WAIT
        while job["state"] not in _ingest.FINISHED:
            left = deadline - self.run.monotonic()
            if left <= 0:
                break
            self.run.sleep(min(wait, left))
            wait = min(_ingest.LONGEST_WAIT, wait * 2)
            job = dict(self._call("GET", path, None, writing=False))
            told.tell(self.tally.usage, int(job.get("numberRecordsProcessed") or 0))
        return job

    def _rows_of(self, path: str, which: str) -> str:
        told: str = self._repeated(f"{self._base}/{path}/{which}", lambda: self._plain("GET", f"{path}/{which}"), writing=False)["text"]
        return told

    def _plain(self, method: str, path: str, body: bytes | None = None) -> dict[str, str]:
        """One request of a resource that speaks CSV."""
        headers = {**self._client.headers, "Content-Type": _ingest.CSV, "Accept": _ingest.CSV if body is None else "application/json"}
        return {"text": exchange(self._http, method, self._client.base_url + path, headers, body)}

    def _metadata_of(self, metadata_type: str, full_names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        try:
            found: Mapping[str, dict[str, Any]] = self._repeated(
                _METADATA, lambda: self._read_metadata(metadata_type, full_names), writing=False
            )
        except Problem as problem:
            raise replace(problem, tried=f"reading the {metadata_type} {listing(full_names)} over the Metadata API") from None
        return found

    def _read_metadata(self, metadata_type: str, full_names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """One readMetadata. Its faults come as the REST API's refusals would."""
        url = f"https://{self._client.sf_instance}{_METADATA}/{self.connection.api_version}"
        envelope = _soap.read_metadata(self._client.session_id, metadata_type, full_names)
        try:
            return _soap.components(exchange(self._http, "POST", url, _soap.HEADERS, envelope.encode()))
        except SalesforceError as error:
            told = _soap.fault(error.content)
            if told is None:
                raise
            status = 401 if told["errorCode"] == "INVALID_SESSION_ID" else error.status
            raise SalesforceError(url, status, _METADATA, [told]) from None

    def pause(self, attempt: int) -> bool:
        """Wait before another try, longer each time and never in step with others; False when the task's time for retries is used up."""
        wait = min(30.0, 0.5 * 2**attempt) * random.uniform(0.5, 1.0)  # jitter, not a secret
        if self.run.monotonic() + wait > self._deadline:
            return False
        self.tally.retries += 1
        self.run.sleep(wait)
        return True

    def _leave_headroom(self) -> None:
        """Raises Problem where so little of the org's API allocation is left that this run is to leave it to others. Asked once a task, before its
        first write, so that nothing is left half done."""
        usage = self.tally.usage
        if usage is None:
            return
        left, kept = usage["limit"] - usage["used"], self.connection.headroom(usage["limit"])
        if left < kept:
            raise Problem(
                "beginning a task",
                # No figure that differs from call to call: the report on two runs between which nothing changed is the same. It shows the usage.
                f"of the {usage['limit']:,} API calls that this org may answer in 24 hours fewer are left than the {kept:,} which min_api_headroom "
                "keeps for others.",
                "Run again when the org has answered less within 24 hours (Setup, Company Information, shows it), or lower min_api_headroom.",
                LIMIT,
                "api_headroom",
            )

    def _note_usage(self) -> None:
        usage = (self._client.api_usage or {}).get("api-usage")
        if usage is not None:
            self.tally.usage = {"used": int(usage.used), "limit": int(usage.total)}


def _as_subrequest(read: Read, base: str) -> dict[str, Any]:
    path = f"/query/?q={url_quote(read.soql, safe='')}" if isinstance(read, Query) else read.path
    return {"method": "GET", "url": base + path, "referenceId": read.ref}


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
