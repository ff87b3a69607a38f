# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ingest jobs: rows of a CSV file become writes of the running user, one after the other, by the same rules as any other write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from emulator.bulk import csv_text, life
from emulator.bulk.evidence import EARLY, EMPTY_JOB, HEADER_CASE, LOCK_SCOPE, RAGGED, SECOND_UPLOAD, TOO_LARGE, UNKNOWN_OBJECT, UNPROCESSED
from emulator.bulk.state import Done, Job, JobEndedError, Refused
from emulator.bulk.values import NULL, value_of
from emulator.errors import ApiError, NotEmulated
from emulator.ids import to_18
from emulator.model import Field, SObject

if TYPE_CHECKING:
    from emulator.org import Org

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
KNOWN = life.CREATE_COMMON | {"object", "externalIdFieldName", "assignmentRuleId"}
CHUNK = 200
BATCH = 10_000
MULTIPART_LIMIT = 100_000
NO_HARD_DELETE = "hardDelete operation requires special user profile permission, please contact your system administrator"


@dataclass(frozen=True)
class Heading:
    """A column: the field, or for a parent named by Relationship.Field the relationship and the parent's field name."""

    name: str
    item: Field
    parent_field: str | None = None


class _ChunkLostError(Exception):
    """Leaves a chunk's transaction so that it is undone."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.code)
        self.error = error


# --- made, filled, closed ------------------------------------------------------------------------------------------------


def create(org: Org, user: str, version: str, wanted: Mapping[str, Any]) -> Job:
    """A new job, Open. Raises ApiError."""
    life.check_names(org, wanted, KNOWN)
    operation = life.choice(org, wanted, "operation", OPERATIONS)
    if "assignmentRuleId" in wanted:
        raise NotEmulated("assignment rules in bulk jobs")
    name = wanted.get("object")
    if not isinstance(name, str) or not name:
        raise life.bad_property(org, "object is required")
    sobject = life.readable_object(org, user, name, version)
    if sobject is None:
        raise ApiError(400, org.switches[UNKNOWN_OBJECT.name], f"Entity '{name}' is not supported by the Bulk API.", None)
    if operation == "hardDelete" and "BulkApiHardDelete" not in org.permissions_of(user):
        raise ApiError(400, "FEATURENOTENABLED", NO_HARD_DELETE, None)
    life.check_quota(org.bulk.used(org.clock())["batches"], org.bulk.batches_a_day)
    external = _external_id_field(org, wanted, operation, sobject)
    return life.new_job(
        org, user, version, "ingest", wanted, operation=operation, sobject=sobject, state="Open", external_id_field=external
    )


def _external_id_field(org: Org, wanted: Mapping[str, Any], operation: str, sobject: str) -> str | None:
    name = wanted.get("externalIdFieldName")
    if operation != "upsert":
        if name:
            raise life.bad_property(org, "externalIdFieldName is for upsert only")
        return None
    if not name or not isinstance(name, str):
        raise ApiError(400, "INVALIDJOB", f"External ID was blank for {sobject}. An External ID must be specified for upsert.", None)
    item = org.schema.sobjects[sobject].field(name)
    if item is None or not (item.external_id or item.id_lookup or item.name == "Id"):
        words = f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for {sobject}"
        raise ApiError(400, "INVALIDJOB", words, None)
    return item.name


def upload(org: Org, user: str, job: Job, data: bytes) -> None:
    """Take the data. Raises ApiError."""
    life.require_creator(user, job)
    if job.state != "Open":
        raise life.wrong_state(f"Adding data to already {life.SAID.get(job.state, job.state)} Job not allowed")
    if is_too_large(org, data) and org.switches[TOO_LARGE.name] == "refused":
        raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", "The data of a job can't exceed 150 MB as base64", None)
    job.uploads.append(data)


def is_too_large(org: Org, data: bytes) -> bool:
    return ceil(len(data) / 3) * 4 > org.bulk.upload_limit


def close(org: Org, user: str, job: Job) -> None:
    """UploadComplete: no more data. Raises ApiError."""
    life.require_creator(user, job)
    if job.state != "Open":
        raise life.wrong_state(f"Closing already {life.SAID.get(job.state, job.state)} Job not allowed")
    if len(job.uploads) > 1:
        message = (
            f"Found multipe contents for job: <{job.id[:15]}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and"
            " make sure you only do 'PUT' once on a given Job."
        )
        raise ApiError(400, org.switches[SECOND_UPLOAD.name], message, None)
    life.close(org, job, process)


# --- processed -----------------------------------------------------------------------------------------------------------


def process(org: Org, job: Job) -> None:
    """Write the next rows, up to a batch. A file that cannot be read fails the job, a row that cannot be written only itself."""
    if job.queue is None:
        job.queue = _rows(org, job)
    headings = _checked_headings(org, job) if job.queue else None
    if not job.queue or headings is None:
        return
    now, job.queue = job.queue[: org.bulk.rows_a_step], job.queue[org.bulk.rows_a_step :]
    org.bulk.batches.append((org.clock(), ceil(len(now) / BATCH)))
    for start in range(0, len(now), CHUNK):
        dealt_with = _write_chunk(org, job, headings, now[start : start + CHUNK])
        if job.finished:
            job.queue = now[start + dealt_with :] + job.queue
            break
    job.unprocessed = _left_over(job)


def _checked_headings(org: Org, job: Job) -> list[Heading] | None:
    """The columns; None where the job has failed over them or over the shape of its rows."""
    sobject = org.schema_seen(job.user, job.version).sobjects[job.sobject]
    headings, missing = _headings(org, sobject, job)
    if missing is not None:
        life.fail(org, job, f"InvalidBatch : InvalidBatch : Field name not found : {missing}")
        return None
    if job.operation in ("delete", "hardDelete") and [heading.name for heading in headings] != ["Id"]:
        life.fail(org, job, f"InvalidBatch : The '{job.operation}' batch must contain only ids")
        return None
    if org.switches[RAGGED.name] == "job_failed" and any(_is_ragged(job, row) for row in job.queue or ()):
        life.fail(org, job, "InvalidBatch : InvalidBatch : A row's quotes or number of cells are wrong")
        return None
    return headings


def _left_over(job: Job) -> str:
    """The rows still to be written, as they were sent, under their header."""
    if not job.queue:
        return ""
    line_ending = csv_text.LINE_ENDINGS[job.line_ending]
    return line_ending.join([job.raw_header, *(row.raw for row in job.queue)]) + line_ending


def _rows(org: Org, job: Job) -> list[csv_text.Row]:
    """The rows below the header; none where the job has failed over its data, or has no data."""
    data = b"".join(job.uploads)
    if not data.strip():
        if org.switches[EMPTY_JOB.name] == "failed":
            life.fail(org, job, "InvalidBatch : InvalidBatch : The job has no data")
        return []
    if is_too_large(org, data):
        life.fail(org, job, "ClientInputError : The data exceeds 150 MB as base64")
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        life.fail(org, job, "ClientInputError : The data is not UTF-8")
        return []
    if text.startswith("\ufeff"):
        raise NotEmulated("a byte order mark in bulk data")
    job.unprocessed = text
    return _below_header(org, job, text)


def _below_header(org: Org, job: Job, text: str) -> list[csv_text.Row]:
    delimiter, line_ending = csv_text.DELIMITERS[job.delimiter], csv_text.LINE_ENDINGS[job.line_ending]
    try:
        rows = csv_text.read(text, delimiter, line_ending)
    except csv_text.LineEndingError:
        words = f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {job.line_ending}"
        life.fail(org, job, words)
        return []
    if rows[0].cells is None:
        raise NotEmulated("a malformed header in bulk data")
    job.header, job.raw_header = rows[0].cells, rows[0].raw
    return rows[1:]


def _headings(org: Org, sobject: SObject, job: Job) -> tuple[list[Heading], str | None]:
    """The columns, and the first name that is none."""
    headings: list[Heading] = []
    for name in job.header:
        heading = _heading(org, sobject, name)
        if heading is None:
            return headings, name
        headings.append(heading)
    if len({heading.name for heading in headings}) < len(headings):
        raise NotEmulated("one column twice in bulk data")
    wanted = job.external_id_field if job.operation == "upsert" else "Id"
    if job.operation != "insert" and wanted is not None and wanted not in [heading.name for heading in headings]:
        return headings, wanted
    return headings, None


def _heading(org: Org, sobject: SObject, name: str) -> Heading | None:
    first, dot, rest = name.partition(".")
    exact = org.switches[HEADER_CASE.name] == "exact"
    if dot:
        named = (item for item in sobject.fields.values() if item.relationship_name and item.relationship_name.lower() == first.lower())
        item = next((item for item in named if not exact or item.relationship_name == first), None)
        return Heading(str(item.relationship_name), item, rest) if item is not None else None
    item = sobject.fields.get(name) if exact else sobject.field(name)
    return Heading(item.name, item) if item is not None else None


def _is_ragged(job: Job, row: csv_text.Row) -> bool:
    return row.cells is None or len(row.cells) != len(job.header)


def _padded(job: Job, row: csv_text.Row) -> tuple[str, ...]:
    """A cell for each column of a row that may not have one."""
    return (*(row.cells or ()), *[""] * len(job.header))[: len(job.header)]


def _write_chunk(org: Org, job: Job, headings: list[Heading], rows: list[csv_text.Row]) -> int:
    """Up to 200 rows in one transaction; how many of them were dealt with before the job ended. A lock that cannot be had costs all of them, by the
    switch."""
    done, refused = list(job.done), list(job.refused)
    org.bulk.chunk += 1
    org.bulk.writing = True
    try:
        with org.transaction(), org.together(len(rows)):
            for number, row in enumerate(rows):
                if not _wrote_row(org, job, headings, row):
                    return number
    except _ChunkLostError as lost:
        job.done, job.refused = done, refused
        for row in rows:
            cells = _padded(job, row)
            job.refused.append(Refused(_named_id(headings, cells), error_line(lost.error), cells))
    finally:
        org.bulk.writing = False
    return len(rows)


def _wrote_row(org: Org, job: Job, headings: list[Heading], row: csv_text.Row) -> bool:
    """False where the job ends at this row: what it wrote before stays."""
    try:
        _write_row(org, job, headings, row)
    except JobEndedError as ended:
        job.error = ended.message if ended.state == "Failed" else None
        life.move(org, job, "Failed" if ended.state == "Failed" else "Aborted")
        return False
    return True


def _write_row(org: Org, job: Job, headings: list[Heading], row: csv_text.Row) -> None:
    cells = row.cells or ()
    if _is_ragged(job, row):
        job.refused.append(Refused("", "INVALID_FIELD:The row's quotes or number of cells are wrong:--", _padded(job, row)))
        return
    try:
        record_id, created = _written(org, job, headings, cells)
        job.done.append(Done(record_id, created, cells))
    except NotEmulated:
        raise
    except ApiError as error:
        if error.code == "UNABLE_TO_LOCK_ROW" and org.switches[LOCK_SCOPE.name] == "chunk":
            raise _ChunkLostError(error) from error
        job.refused.append(Refused(_named_id(headings, cells), error_line(error), cells))


def _named_id(headings: list[Heading], cells: tuple[str, ...]) -> str:
    named = next((cell for heading, cell in zip(headings, cells, strict=False) if heading.name == "Id"), "")
    return to_18(named) or named


def error_line(error: ApiError) -> str:
    """CODE:message:Field,Field --"""
    named = f"{','.join(error.fields)} " if error.fields else ""
    return f"{error.code}:{error.message}:{named}--"


def _written(org: Org, job: Job, headings: list[Heading], cells: tuple[str, ...]) -> tuple[str, bool]:
    """Write one row; the record and whether it is new. Raises ApiError."""
    body = _body(org, headings, cells)
    if job.operation == "insert":
        return org.create(job.user, job.sobject, body), True
    if job.operation == "upsert":
        return _upserted(org, job, body)
    record_id = body.pop("Id", None)
    if not record_id:
        raise ApiError(400, "MISSING_ARGUMENT", f"Id not specified in {'an update' if job.operation == 'update' else 'a delete'} call", ())
    full = to_18(str(record_id)) or str(record_id)
    if job.operation == "update":
        org.update(job.user, job.sobject, full, body)
        return full, False
    org.delete(job.user, job.sobject, full)
    if job.operation == "hardDelete":
        org.remove(job.sobject, full, soft=False)
    return full, False


def _body(org: Org, headings: list[Heading], cells: tuple[str, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for column, (heading, cell) in enumerate(zip(headings, cells, strict=True)):
        if cell == "":
            continue
        if heading.parent_field is None:
            body[heading.name] = value_of(org, heading.item, cell, column)
            continue
        if cell == NULL:
            body[heading.item.name] = None
            continue
        body[heading.name] = {heading.parent_field: cell}
    return body


def _upserted(org: Org, job: Job, body: dict[str, Any]) -> tuple[str, bool]:
    field = str(job.external_id_field)
    value = body.pop(field, None)
    if field == "Id":
        if value is None:
            return org.create(job.user, job.sobject, body), True
        full = to_18(str(value)) or str(value)
        org.update(job.user, job.sobject, full, body)
        return full, False
    if value is None:
        raise ApiError(400, "MISSING_ARGUMENT", f"{field} not specified", (field,))
    written = org.upsert(job.user, job.sobject, field, value, body)
    return written.id, written.created


# --- results -------------------------------------------------------------------------------------------------------------


def require_finished(org: Org, job: Job) -> bool:
    """True where results can be read; False where there is nothing to say yet. Raises INVALIDJOBSTATE, by the switch."""
    if job.finished:
        return True
    if org.switches[EARLY.name] == "no_content":
        return False
    raise life.wrong_state(f"Results of {job.state} Job are not available")


def successful(job: Job) -> str:
    rows = [(row.id, "true" if row.created else "false", *row.cells) for row in life.unordered(job.done, job.id)]
    return _written_out(job, ("sf__Id", "sf__Created"), rows)


def failed(job: Job) -> str:
    # sf__Id came to failed results with v53.0.
    with_id = float(job.version) >= 53
    rows = [((row.id, row.error) if with_id else (row.error,)) + row.cells for row in life.unordered(job.refused, job.id)]
    return _written_out(job, ("sf__Id", "sf__Error") if with_id else ("sf__Error",), rows)


def unprocessed(org: Org, job: Job) -> str:
    text = job.unprocessed or _aborted_data(job)
    if not text:
        return _written_out(job, (), [])
    if org.switches[UNPROCESSED.name] == "as_uploaded":
        return text
    delimiter, line_ending = csv_text.DELIMITERS[job.delimiter], csv_text.LINE_ENDINGS[job.line_ending]
    try:
        rows = csv_text.read(text, delimiter, line_ending)
    except csv_text.LineEndingError:
        return text
    return csv_text.write([row.cells for row in rows if row.cells is not None], delimiter, line_ending)


def _aborted_data(job: Job) -> str:
    """What was uploaded to a job that never got to process it."""
    if job.state != "Aborted":
        return ""
    return b"".join(job.uploads).decode("utf-8", "replace")


def _written_out(job: Job, extra: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    header = (*extra, *job.header)
    delimiter, line_ending = csv_text.DELIMITERS[job.delimiter], csv_text.LINE_ENDINGS[job.line_ending]
    return csv_text.write([header, *rows], delimiter, line_ending) if header else ""
