# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/jobs/ingest and /jobs/query: Bulk API 2.0. Each request is one API call."""

from __future__ import annotations

import email.policy
import json
import zlib
from collections.abc import Mapping
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

from emulator.bulk import ingest, life, query
from emulator.bulk.state import Job, Kind
from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api.messages import Answer, flag, json_error, json_object, require_method
from emulator.stamps import stamp

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served
    from emulator.org import Org

INGEST_SINCE, QUERY_SINCE = 41.0, 47.0
CSV = "text/csv"
JOB_TYPES: dict[str, Kind] = {"V2Ingest": "ingest", "V2Query": "query"}
OTHER_TYPES = ("Classic", "BigObjectIngest")
"""Kinds of jobs that an org may list and this one never has."""


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """Raises ApiError for a refusal."""
    org, parts = served.org, ask.parts
    if len(parts) >= 2 and parts[1] == "ingest" and float(ask.version) >= INGEST_SINCE:
        return _ingest(org, user, ask)
    if len(parts) >= 2 and parts[1] == "query" and float(ask.version) >= QUERY_SINCE:
        return _query(org, user, ask)
    raise not_found()


def let_time_pass(org: Org) -> None:
    """Jobs whose time is up are done, whether or not somebody asked for them. Called before any request is looked at."""
    for job in list(org.bulk.jobs.values()):
        if life.is_overdue(org, job):
            life.finish(org, job, ingest.process if job.kind == "ingest" else query.process)


# --- ingest --------------------------------------------------------------------------------------------------------------


def _ingest(org: Org, user: str, ask: Ask) -> Answer:
    parts = ask.parts
    if len(parts) == 2:
        require_method(ask.method, "GET", "POST")
        return _list(org, ask, "ingest") if ask.method in ("GET", "HEAD") else _new_ingest(org, user, ask)
    job = life.find(org, "ingest", parts[2])
    if len(parts) == 3:
        return _ingest_job(org, user, ask, job)
    if len(parts) == 4 and parts[3] == "batches":
        return _upload(org, user, ask, job)
    if len(parts) == 4 and parts[3] in ("successfulResults", "failedResults", "unprocessedrecords"):
        require_method(ask.method, "GET")
        return _ingest_results(org, job, parts[3])
    raise not_found()


def _new_ingest(org: Org, user: str, ask: Ask) -> Answer:
    if ask.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return _new_multipart(org, user, ask)
    job = ingest.create(org, user, ask.version, json_object(ask.body()))
    return Answer(200, {**_core(job), "contentUrl": _content_url(job), **_format(job)})


def _new_multipart(org: Org, user: str, ask: Ask) -> Answer:
    wanted, data = _parts(ask)
    if len(data.decode("utf-8", "replace")) > ingest.MULTIPART_LIMIT:
        raise life.bad_property(org, "the data of a multipart request is limited to 100,000 characters")
    job = ingest.create(org, user, ask.version, wanted)
    ingest.upload(org, user, job, data)
    ingest.close(org, user, job)
    return Answer(200, {**_core(job, state="UploadComplete"), **_format(job)})


def _parts(ask: Ask) -> tuple[dict[str, Any], bytes]:
    """The parts job and content of a multipart/form-data body."""
    head = f"Content-Type: {ask.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + ask.raw)
    listed = list(message.iter_parts()) if message.is_multipart() else []
    found = {str(part.get_param("name", header="content-disposition")): part for part in listed}
    if set(found) != {"job", "content"}:
        raise json_error("a multipart request has the parts job and content")
    try:
        wanted = json.loads(bytes(found["job"].get_payload(decode=True)))
    except ValueError as broken:
        raise json_error(str(broken)) from broken
    return json_object(wanted), bytes(found["content"].get_payload(decode=True))


def _ingest_job(org: Org, user: str, ask: Ask, job: Job) -> Answer:
    require_method(ask.method, "GET", "PATCH", "DELETE")
    if ask.method == "PATCH":
        state = _wanted_state(org, ask)
        if state == "Aborted":
            life.abort(org, user, job)
        elif state == "UploadComplete":
            ingest.close(org, user, job)
        else:
            raise life.wrong_state(f"A job can't be set to {state}")
        # At the default pace nothing has happened yet; at any pace the answer says that the job waits.
        return Answer(200, _core(job, state=state))
    if ask.method == "DELETE":
        life.delete(org, job)
        return Answer(204)
    life.poll(org, job, ingest.process)
    return Answer(200, _info(org, job))


def _wanted_state(org: Org, ask: Ask) -> str:
    body = json_object(ask.body())
    life.check_names(org, body, frozenset({"state"}))
    state = body.get("state")
    if not isinstance(state, str):
        raise life.wrong_state("state is required")
    return state


def _upload(org: Org, user: str, ask: Ask, job: Job) -> Answer:
    require_method(ask.method, "PUT")
    kind = ask.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != CSV:
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type not supported: {kind or 'none'}", None)
    if ask.headers.get("content-encoding", "identity").lower() != "identity":
        raise NotEmulated("compressed job data")
    ingest.upload(org, user, job, ask.raw)
    return Answer(201)


def _ingest_results(org: Org, job: Job, which: str) -> Answer:
    if not ingest.require_finished(org, job):
        return Answer(204)
    if which == "successfulResults":
        return _csv(ingest.successful(job))
    return _csv(ingest.failed(job) if which == "failedResults" else ingest.unprocessed(org, job))


def _csv(text: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(200, headers=headers or {}, text=text, content_type=CSV)


# --- query ---------------------------------------------------------------------------------------------------------------


def _query(org: Org, user: str, ask: Ask) -> Answer:
    parts = ask.parts
    if len(parts) == 2:
        require_method(ask.method, "GET", "POST")
        if ask.method in ("GET", "HEAD"):
            return _list(org, ask, "query")
        job = query.create(org, user, ask.version, json_object(ask.body()))
        return Answer(200, {**_core(job, state="UploadComplete"), **_format(job)})
    job = life.find(org, "query", parts[2])
    if len(parts) == 3:
        return _query_job(org, user, ask, job)
    if len(parts) == 4 and parts[3] == "results":
        require_method(ask.method, "GET")
        return _query_results(org, ask, job)
    if len(parts) == 4 and parts[3] == "resultPages":
        raise NotEmulated("result pages of query jobs")
    raise not_found()


def _query_job(org: Org, user: str, ask: Ask, job: Job) -> Answer:
    require_method(ask.method, "GET", "PATCH", "DELETE")
    if ask.method == "PATCH":
        state = _wanted_state(org, ask)
        if state != "Aborted":
            raise life.wrong_state(f"A query job can't be set to {state}")
        life.abort(org, user, job)
        return Answer(200, _core(job))
    if ask.method == "DELETE":
        life.delete(org, job)
        return Answer(204)
    life.poll(org, job, query.process)
    return Answer(200, _info(org, job))


def _query_results(org: Org, ask: Ask, job: Job) -> Answer:
    if not ingest.require_finished(org, job):
        return Answer(204)
    page = query.results(org, job, ask.version, ask.query.get("locator"), ask.query.get("maxRecords"))
    return _csv(page.text, {"Sforce-Locator": page.locator or "null", "Sforce-NumberOfRecords": str(page.count)})


# --- what is told of a job -----------------------------------------------------------------------------------------------


def _core(job: Job, state: str | None = None) -> dict[str, Any]:
    """What every answer has, in the recorded order."""
    external = {"externalIdFieldName": job.external_id_field} if job.external_id_field else {}
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject,
        "createdById": job.user,
        "createdDate": stamp(job.created),
        "systemModstamp": stamp(job.modified),
        "state": state or job.state,
        **external,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
    }


def _format(job: Job) -> dict[str, Any]:
    return {"lineEnding": job.line_ending, "columnDelimiter": job.delimiter}


def _content_url(job: Job) -> str:
    return f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"


def _listed(job: Job) -> dict[str, Any]:
    where = {"contentUrl": _content_url(job)} if job.state == "Open" else {}
    return {**_core(job), "jobType": "V2Ingest" if job.kind == "ingest" else "V2Query", **where, **_format(job)}


def _info(org: Org, job: Job) -> dict[str, Any]:
    if job.not_emulated is not None:
        raise NotEmulated(job.not_emulated)
    told: dict[str, Any] = {**_listed(job), "numberRecordsProcessed": job.processed}
    if job.kind == "ingest":
        told["numberRecordsFailed"] = len(job.refused)
    told.update(retries=0, totalProcessingTime=0)
    if job.kind == "ingest":
        told.update(apiActiveProcessingTime=0, apexProcessingTime=0)
    if job.error is not None:
        told["errorMessage"] = job.error
    return told


def _list(org: Org, ask: Ask, kind: Kind) -> Answer:
    """Jobs of the org, in no order, a page at a time."""
    wanted = ask.query.get("jobType")
    if wanted is not None and wanted not in (*JOB_TYPES, *OTHER_TYPES):
        raise life.bad_property(org, f"jobType: {wanted}")
    kinds: set[Kind] = {kind} if wanted is None else {JOB_TYPES[wanted]} if wanted in JOB_TYPES else set()
    chunked = flag(ask.query.get("isPkChunkingEnabled"), "isPkChunkingEnabled")
    serial = ask.query.get("concurrencyMode", "parallel").lower() != "parallel"
    jobs = [] if chunked or serial else _in_no_order(org, kinds)
    start = _start(ask.query.get("queryLocator"), jobs)
    end = start + org.bulk.list_page
    more = None
    if end < len(jobs):
        kept = "".join(f"{name}={value}&" for name, value in ask.query.items() if name != "queryLocator")
        more = f"/services/data/v{ask.version}/jobs/{kind}?{kept}queryLocator={jobs[end].id}"
    return Answer(200, {"done": more is None, "records": [_listed(job) for job in jobs[start:end]], "nextRecordsUrl": more})


def _in_no_order(org: Org, kinds: set[Kind]) -> list[Job]:
    """A new job finds its place without moving the others, so that pages fit together."""
    return sorted((job for job in org.bulk.jobs.values() if job.kind in kinds), key=lambda job: zlib.crc32(job.id.encode()))


def _start(locator: str | None, jobs: list[Job]) -> int:
    if locator is None:
        return 0
    for number, job in enumerate(jobs):
        if job.id == locator:
            return number
    raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator", None)
