# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a job: made, looked up, moved on, ended. What processing does is in ingest.py and query.py."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.bulk.csv_text import DELIMITERS, LINE_ENDINGS
from emulator.bulk.evidence import BAD_PROPERTY, PACE
from emulator.bulk.state import Job, Kind, State
from emulator.errors import ApiError, NotEmulated, not_found
from emulator.ids import to_18

if TYPE_CHECKING:
    from emulator.org import Org

POLLS = {"two_polls": 2, "one_poll": 1, "immediate": 0}
PATIENCE = timedelta(seconds=10)
"""By the org's clock: a closed job is done then, whoever asks."""
CREATE_COMMON = frozenset({"operation", "contentType", "columnDelimiter", "lineEnding"})
SAID = {"JobComplete": "Completed", "InProgress": "InProgress", "UploadComplete": "Closed"}
PREFIX = "750"

Item = TypeVar("Item")
Processor = Callable[["Org", Job], None]


def bad_property(org: Org, why: str) -> ApiError:
    return ApiError(400, org.switches[BAD_PROPERTY.name], why, None)


def wrong_state(message: str) -> ApiError:
    return ApiError(400, "INVALIDJOBSTATE", message, None)


def choice(org: Org, wanted: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    """A property that is one of a few words."""
    value = wanted.get(name, default)
    if not isinstance(value, str) or value not in allowed:
        raise bad_property(org, f"{name} must be one of {', '.join(allowed)}")
    return value


def check_names(org: Org, wanted: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise bad_property(org, f"Unrecognized field: {', '.join(unknown)}")


def new_job(org: Org, user: str, version: str, kind: Kind, wanted: Mapping[str, Any], **values: Any) -> Job:
    """The job that these properties ask for, remembered by the org. Raises ApiError."""
    choice(org, wanted, "contentType", ("CSV",), "CSV")
    now = moment(org)
    job = Job(
        id=org.bulk.ids.new(PREFIX),
        kind=kind,
        user=user,
        version=version,
        created=now,
        modified=now,
        delimiter=choice(org, wanted, "columnDelimiter", tuple(DELIMITERS), "COMMA"),
        line_ending=choice(org, wanted, "lineEnding", tuple(LINE_ENDINGS), "LF"),
        **values,
    )
    org.bulk.jobs[job.id] = job
    return job


def moment(org: Org) -> datetime:
    """Now, as jobs note it: in whole seconds."""
    return org.clock().replace(microsecond=0)


def find(org: Org, kind: Kind, job_id: str) -> Job:
    """The job of that kind and Id. Raises 404, or 501 where it wanted something that is not emulated."""
    job = org.bulk.jobs.get(to_18(job_id) or "")
    if job is None or job.kind != kind:
        raise not_found()
    if job.not_emulated is not None:
        raise NotEmulated(job.not_emulated)
    return job


def move(org: Org, job: Job, state: State) -> None:
    job.state = state
    job.modified = moment(org)


def close(org: Org, job: Job, process: Processor) -> None:
    """The data is complete: the job waits to be processed."""
    move(org, job, "UploadComplete")
    job.closed = org.clock()
    if POLLS[org.switches[PACE.name]] == 0:
        finish(org, job, process)


def poll(org: Org, job: Job, process: Processor) -> None:
    """Somebody asked for the job's state: it may have gone on meanwhile."""
    if job.state not in ("UploadComplete", "InProgress"):
        return
    job.polls += 1
    if is_overdue(org, job):
        finish(org, job, process)
        return
    if job.polls >= POLLS[org.switches[PACE.name]]:
        work(org, job, process)
        return
    move(org, job, "InProgress")


def is_overdue(org: Org, job: Job) -> bool:
    return not job.finished and job.closed is not None and org.clock() - job.closed >= PATIENCE


def finish(org: Org, job: Job, process: Processor) -> None:
    while not job.finished:
        work(org, job, process)


def work(org: Org, job: Job, process: Processor) -> None:
    """Process the job, or the next batch of its rows; what is not emulated undoes the batch and is told whenever somebody asks."""
    move(org, job, "InProgress")
    try:
        with org.transaction():
            process(org, job)
    except NotEmulated as unknown:
        job.not_emulated = unknown.message.removeprefix("the emulator does not implement ")
        move(org, job, "Failed")
        return
    if not job.finished and not job.queue:
        move(org, job, "JobComplete")


def fail(org: Org, job: Job, message: str) -> None:
    job.error = message
    move(org, job, "Failed")


def abort(org: Org, user: str, job: Job) -> None:
    """Raises INVALIDUSER, INVALIDJOBSTATE."""
    if user != job.user and "ManageDataIntegrations" not in org.permissions_of(user):
        raise invalid_user()
    if job.finished:
        raise wrong_state(f"Aborting already {SAID.get(job.state, job.state)} Job not allowed")
    move(org, job, "Aborted")


def require_creator(user: str, job: Job) -> None:
    if user != job.user:
        raise invalid_user()


def invalid_user() -> ApiError:
    return ApiError(400, "INVALIDUSER", "The user doesn't have the permission for this job", None)


def delete(org: Org, job: Job) -> None:
    """The job and its data are gone. Raises INVALIDJOBSTATE."""
    waiting = job.kind == "ingest" and job.state == "UploadComplete"
    if not job.finished and not waiting:
        raise wrong_state(f"Deleting {job.state} Job not allowed")
    del org.bulk.jobs[job.id]


def check_quota(used: int, allowed: int) -> None:
    if used >= allowed:
        raise ApiError(400, "EXCEEDEDQUOTA", "The number of jobs or batches exceeds what is allowed in 24 hours", None)


def unordered(items: Iterable[Item], seed: str) -> list[Item]:
    """The items in an order that means nothing and is the same each time."""
    numbered = sorted(enumerate(items), key=lambda pair: zlib.crc32(f"{seed}/{pair[0]}".encode()))
    return [item for _number, item in numbered]


def readable_object(org: Org, user: str, name: str, version: str) -> str | None:
    """The canonical name of an object that this user can see in that version."""
    found = org.schema_at(version).sobject(name)
    return found.name if found is not None and org.readable(user, found.name) else None


def limits(org: Org) -> dict[str, dict[str, int]]:
    """What the limits resource shows of bulk jobs."""
    used = org.bulk.used(org.clock())
    return {
        "DailyBulkApiBatches": _left(org.bulk.batches_a_day, used["batches"]),
        "DailyBulkV2QueryJobs": _left(org.bulk.query_jobs_a_day, used["query_jobs"]),
    }


def _left(allowed: int, used: int) -> dict[str, int]:
    return {"Max": allowed, "Remaining": max(0, allowed - used)}
